/* SPDX-License-Identifier: MIT */
#ifndef FS_EXT2_EXT2_H
#define FS_EXT2_EXT2_H
/*
 * ext2.h -- a mounted ext2 volume in memory
 *
 * LOCKING, outermost first:
 *   i_rwsem of directories and files (the VFS takes it)
 *   xattr_sem            the volume's attribute blocks
 *   page lock
 *   i_tree               which blocks a file has; its window
 *   group lock           bitmaps and descriptor of one group
 *   window_lock          the tree of windows
 *   sbi->lock            fields of the super block
 */

#include "pure.h"

#include <fs/buffer_head.h>
#include <fs/fs.h>
#include <kernel/atomic.h>
#include <kernel/mutex.h>
#include <kernel/rwsem.h>
#include <kernel/spinlock.h>
#include <kernel/workqueue.h>

#define XATTR_CACHE_SIZE 256

/* What was checked of a group when the volume was mounted, and its lock. */
struct ext2_group_info {
	spinlock_t lock;
	struct ext2_group_desc place; /* constant: the counts in it are old */
	u8 debt;                      /* [lock] directories lately put here */
	/* [lock] lately freed, see freed.c; NULL: none */
	unsigned long *freed_blocks[2], *freed_inodes[2];
};

struct ext2_xattr_hint {
	u32 hash, block;
};

/*
 * Field keys:  [c] constant while mounted   [a] atomic   [L] .lock
 *              [W] .window_lock             [X] .xattr_sem   [M] s_umount
 */
struct ext2_sb_info {
	struct ext2_geometry geo;     /* [c] */
	struct ext2_super_block *es;  /* [L] in sbh's data */
	struct buffer_head *sbh;      /* [c] */
	struct buffer_head **desc;    /* [c] descriptors' blocks */
	struct ext2_group_info *groups; /* [c] */
	struct ext2_options opts;     /* [M] */
	bool writing;                 /* [M] the disk says "not clean" */
	u32 reserved;                 /* [c] blocks for root */
	u32 overhead;                 /* [c] */
	u32 dir_blocks_goal;          /* [c] */
	atomic_long_t free_blocks, free_inodes, dirs; /* [a] */
	atomic_t errors;              /* [a] seen so far */
	atomic_t next_generation;     /* [a] */
	spinlock_t lock;
	u16 mount_state;              /* [L] s_state to leave behind */
	struct super_block *sb;       /* [c] */
	struct delayed_work settle;   /* freed.c */
	spinlock_t window_lock;
	struct rb_root windows;       /* [W] */
	struct rw_semaphore xattr_sem;
	struct ext2_xattr_hint xattr_cache[XATTR_CACHE_SIZE]; /* [X] */
};

/* ext2_inode_info.state bits */
#define EXT2_STATE_NEW 0              /* its bytes on the disk are another's */
#define EXT2_STATE_NEW_ENTRY 1        /* its name may not be on the disk */
#define EXT2_STATE_TAIL_XATTR 2       /* has attributes in its tail */
#define EXT2_STATE_REUSED 3           /* has what another may claim on the disk */

/*
 * Field keys:  [T] .i_tree   [R] i_rwsem   [X] volume's xattr_sem
 *              [I] .index_mutex to make it, i_rwsem held for writing to change
 */
struct ext2_inode_info {
	__le32 i_data[EXT2_N_BLOCKS]; /* [T] as on the disk */
	u32 flags;                    /* [R] EXT2_*_FL */
	u32 file_acl;                 /* [X] attribute block, or 0 */
	u32 dtime;
	u16 extra_isize;              /* constant */
	u32 group;                    /* constant: where its inode is */
	unsigned long state;          /* atomic bits */
	struct ext2_time crtime;      /* constant */
	struct rw_semaphore i_tree;
	struct ext2_window window;    /* [T] and window_lock */
	u64 last_logical;             /* [T] the block allocated last ... */
	u32 last_physical;            /* [T] ... and where */
	u32 find_hint;                /* [R] block where the last name was */
	u32 room_hint;                /* [R] no room before this block */
	u32 name_block;               /* of the disk: where its name was put */
	struct mutex index_mutex;
	struct ext2_nameindex *index; /* [I] */
	struct inode vfs_inode;
};

static inline struct ext2_inode_info *EXT2_I(const struct inode *inode)
{
	return container_of(inode, struct ext2_inode_info, vfs_inode);
}

static inline struct ext2_sb_info *EXT2_SB(const struct super_block *sb)
{
	return sb->s_fs_info;
}

static inline const struct ext2_geometry *EXT2_GEO(const struct super_block *sb)
{
	return &EXT2_SB(sb)->geo;
}

/* ---- super.c ---- */

/* The volume contradicts itself or cannot be read: log, note, obey errors=. */
void ext2_error(struct super_block *sb, const char *where, const char *fmt, ...)
	__printf(3, 4);
void ext2_msg(struct super_block *sb, const char *level, const char *fmt, ...)
	__printf(3, 4);
int ext2_write_super(struct super_block *sb, bool clean, int wait);
/* The volume has something from now on that it may not have had. */
void ext2_set_feature(struct super_block *sb, u32 compat, u32 ro_compat);

/* ---- groups.c ---- */

/* The descriptor on the disk, and its block if `bh` is not NULL. */
struct ext2_group_desc *ext2_group_desc(struct super_block *sb, u32 group,
					struct buffer_head **bh);
int ext2_read_groups(struct super_block *sb, u32 sb_block);
void ext2_put_groups(struct super_block *sb);
/* With a reference; ERR_PTR(-EIO, -EFSCORRUPTED). */
struct buffer_head *ext2_block_bitmap(struct super_block *sb, u32 group);
struct buffer_head *ext2_inode_bitmap(struct super_block *sb, u32 group);
void ext2_sum_groups(struct super_block *sb, u64 *blocks, u64 *inodes,
		     u64 *dirs);

/* ---- freed.c ---- */

/* Make room to note freed bits of a group; before its lock is taken. */
void ext2_prepare_freed(struct super_block *sb, unsigned long **maps);
void ext2_settle_work(struct work_struct *work);
void ext2_stop_settling(struct super_block *sb);

/* ---- balloc.c ---- */

/*
 * Take up to *count blocks in a row near `goal`; use_window: i_tree is held
 * for writing.  0, -ENOSPC, -EIO.
 */
int ext2_new_blocks(struct inode *inode, u32 goal, bool use_window, u32 *count,
		    u32 *block);
int ext2_free_blocks(struct super_block *sb, u32 block, u32 count);
void ext2_drop_window(struct inode *inode);

/* ---- ialloc.c ---- */

struct inode *ext2_new_inode(struct inode *dir, umode_t mode);
void ext2_free_inode(struct inode *inode);

/* ---- tree.c ---- */

/* What ext2_map_blocks() says of a range. */
struct ext2_mapping {
	u32 block;                    /* 0: a hole */
	u64 count;                    /* blocks in a row, or in the hole */
	bool fresh;                   /* just allocated */
	bool boundary;                /* behind it comes another leaf */
};

int ext2_map_blocks(struct inode *inode, u64 iblock, u32 max, bool create,
		    struct ext2_mapping *map);
int ext2_get_block(struct inode *inode, sector_t iblock,
		   struct buffer_head *bh, int create);

/* ---- truncate.c ---- */

void ext2_truncate_blocks(struct inode *inode, loff_t size);
int ext2_setsize(struct inode *inode, loff_t size);

/* ---- inode.c ---- */

struct inode *ext2_iget(struct super_block *sb, unsigned long ino);
int ext2_write_inode(struct inode *inode, struct writeback_control *wbc);
void ext2_evict_inode(struct inode *inode);
void ext2_set_inode_flags(struct inode *inode);
void ext2_set_inode_ops(struct inode *inode);
/* The buffer with the inode's bytes, *raw in it; ERR_PTR. */
struct buffer_head *ext2_read_raw_inode(struct super_block *sb, u32 ino,
					void **raw);
int ext2_setattr(struct dentry *dentry, struct iattr *attr);
int ext2_getattr(const struct path *path, struct kstat *stat, u32 mask,
		 unsigned int flags);
extern const struct address_space_operations ext2_aops;

/* ---- dir.c ---- */

struct ext2_found {
	struct buffer_head *bh;       /* to be released */
	u32 block, offset;
	u32 ino;
};

int ext2_find_entry(struct inode *dir, const struct qstr *name,
		    struct ext2_found *found);
int ext2_add_entry(struct inode *dir, const struct qstr *name,
		   struct inode *inode);
int ext2_remove_entry(struct inode *dir, const struct qstr *name,
		      struct ext2_found *found);
int ext2_set_entry(struct inode *dir, struct ext2_found *found,
		   struct inode *inode, bool update_times);
int ext2_make_empty(struct inode *dir, struct inode *parent);
int ext2_dir_empty(struct inode *dir);        /* 1, 0 or -errno */
extern const struct file_operations ext2_dir_operations;

/* ---- namei.c, symlink.c, file.c ---- */

extern const struct inode_operations ext2_dir_inode_operations;
extern const struct inode_operations ext2_special_inode_operations;
extern const struct inode_operations ext2_file_inode_operations;
extern const struct file_operations ext2_file_operations;
extern const struct inode_operations ext2_symlink_inode_operations;
int ext2_write_symlink(struct inode *inode, const char *text, u32 len);
int ext2_fsync(struct file *file, loff_t start, loff_t end, int datasync);
int ext2_fileattr_get(struct dentry *dentry, struct fileattr *fa);
int ext2_fileattr_set(struct dentry *dentry, struct fileattr *fa);
long ext2_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
int ext2_fiemap(struct inode *inode, struct fiemap_extent_info *info,
		u64 start, u64 len);

/* ---- xattr.c, acl.c ---- */

extern const struct xattr_handler *ext2_xattr_handlers[];

/* ---- export.c ---- */
extern const struct export_operations ext2_export_ops;
int ext2_xattr_get(struct inode *inode, u8 index, const char *name,
		   void *buffer, size_t size);
int ext2_xattr_set(struct inode *inode, u8 index, const char *name,
		   const void *value, size_t size, int flags);
ssize_t ext2_listxattr(struct dentry *dentry, char *buffer, size_t size);
void ext2_xattr_delete_inode(struct inode *inode);
struct posix_acl *ext2_get_acl(struct inode *inode, int type, bool rcu);
int ext2_set_acl(struct inode *inode, struct posix_acl *acl, int type);
int ext2_init_acl(struct inode *inode, struct inode *dir);

#endif
