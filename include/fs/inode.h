/* SPDX-License-Identifier: MIT */
#ifndef FS_INODE_H
#define FS_INODE_H
/* inode.h -- a file's data and attributes; theory: fs/vfs/inode.c */

#include <fs/dcache.h>
#include <fs/mapping.h>
#include <fs/super.h>
#include <fs/types.h>
#include <kernel/atomic.h>
#include <kernel/list.h>
#include <kernel/rcupdate.h>
#include <kernel/rwsem.h>
#include <kernel/spinlock.h>

struct fileattr;
struct posix_acl;

/* i_opflags: what need not be asked again */
#define IOP_XATTR 0x0008              /* s_xattr was there at birth */

#define S_SYNC (1 << 0)
#define S_NOATIME (1 << 1)
#define S_APPEND (1 << 2)
#define S_IMMUTABLE (1 << 3)
#define S_DEAD (1 << 4)               /* a removed directory */
#define S_DIRSYNC (1 << 6)
#define S_NOCMTIME (1 << 7)
#define S_PRIVATE (1 << 9)
#define S_NOSEC (1 << 12)             /* neither set-id bits nor caps to drop */

#define IS_RDONLY(inode) ((inode)->i_sb->s_flags & SB_RDONLY)
#define IS_APPEND(inode) ((inode)->i_flags & S_APPEND)
#define IS_IMMUTABLE(inode) ((inode)->i_flags & S_IMMUTABLE)
#define IS_DEADDIR(inode) ((inode)->i_flags & S_DEAD)
#define IS_NOATIME(inode) ((inode)->i_flags & S_NOATIME)
#define IS_SYNC(inode) (((inode)->i_sb->s_flags & SB_SYNCHRONOUS) || \
			((inode)->i_flags & S_SYNC))
#define IS_DIRSYNC(inode) (((inode)->i_sb->s_flags & \
			    (SB_SYNCHRONOUS | SB_DIRSYNC)) || \
			   ((inode)->i_flags & (S_SYNC | S_DIRSYNC)))
#define IS_POSIXACL(inode) ((inode)->i_sb->s_flags & SB_POSIXACL)
#define IS_NOCMTIME(inode) ((inode)->i_flags & S_NOCMTIME)

#define I_DIRTY_SYNC (1 << 0)
#define I_DIRTY_DATASYNC (1 << 1)
#define I_DIRTY_PAGES (1 << 2)
#define I_NEW (1 << 3)
#define I_WILL_FREE (1 << 4)
#define I_FREEING (1 << 5)
#define I_CLEAR (1 << 6)
#define I_SYNC (1 << 7)
#define I_REFERENCED (1 << 8)
#define I_LINKABLE (1 << 10)           /* nameless, but may get a name */
#define I_CREATING (1 << 15)
#define I_DIRTY_INODE (I_DIRTY_SYNC | I_DIRTY_DATASYNC)
#define I_DIRTY (I_DIRTY_INODE | I_DIRTY_PAGES)
#define I_DIRTY_ALL I_DIRTY

/* Locks on one inode: fs/vfs/locks.c; leases: fs/vfs/leases.c, own lock */
struct file_lock_context {
	spinlock_t flc_lock;
	struct list_head flc_flock;
	struct list_head flc_posix;
	struct list_head flc_lease;
};

/*
 * A file's data and attributes, whatever its names.  The dentries that point
 * here hold one reference each; the last iput() of an unlinked inode evicts it.
 *
 * Field keys:
 *   [c] constant after creation     [a] atomic
 *   [L] .i_lock                     [W] .i_rwsem held for writing
 *   [S] s_inode_list_lock           [H] inode hash bucket's lock
 *   [U] the super block's inode LRU lock
 *   [B] the device's wb.list_lock, which comes before i_lock
 */
struct inode {
	umode_t i_mode;               /* [W] type [c] and permissions */
	unsigned short i_opflags;
	unsigned int i_flags;         /* [W] S_* above */
	uid_t i_uid;                  /* [W] */
	gid_t i_gid;                  /* [W] */
	const struct inode_operations *i_op;   /* [c] */
	struct super_block *i_sb;     /* [c] */
	struct address_space *i_mapping; /* [c] usually &i_data */
	ino_t i_ino;                  /* [c] */
	unsigned int i_nlink;         /* [L] names on the volume */
	dev_t i_rdev;                 /* [c] of a device node */
	loff_t i_size;                /* [W] read by i_size_read() */
	struct timespec64 i_atime, i_mtime, i_ctime; /* [L] */
	spinlock_t i_lock;            /* before d_lock, after i_rwsem */
	u8 i_blkbits;
	unsigned short i_bytes;       /* [L] ... and what is beyond them */
	blkcnt_t i_blocks;            /* [L] of 512 bytes */
	unsigned int i_state;         /* [L] I_* */
	struct rw_semaphore i_rwsem;  /* read: look up in the directory; write:
				       * change the directory or the file */
	atomic_t i_count;             /* [a] holders in memory */
	atomic_t i_writecount;        /* [a] > 0 open for writing; < 0 denied */
	atomic_t i_dio_count;         /* [a] direct I/O on its way */
	u64 i_version;
	u32 i_generation;
	struct posix_acl *i_acl;      /* [L] to write, RCU to read; */
	struct posix_acl *i_default_acl; /* ... or ACL_NOT_CACHED */
	union {
		const struct file_operations *i_fop; /* [c] copied by open */
		void (*free_inode)(struct inode *); /* when it is dead */
	};
	struct file_lock_context *i_flctx; /* [L] made on first use */
	struct address_space i_data;
	struct hlist_head i_dentry;   /* [L] names in memory, by d_alias */
	struct hlist_node i_hash;     /* [H] by (super block, number) */
	struct list_head i_lru;       /* [U] */
	struct list_head i_sb_list;   /* [S] */
	struct list_head i_io_list;   /* [B] a list of the flusher's */
	unsigned long dirtied_when;   /* [B] jiffies: dirty since */
	union {
		struct pipe_inode_info *i_pipe; /* [L] a FIFO's buffer */
		struct cdev *i_cdev;
		void *i_bdev;
		char *i_link;         /* a symlink's text, if it is in memory */
	};
	u32 i_watch_mask;             /* events that somebody wants; */
	struct hlist_head i_watches;  /* ... fs/notify/inotify.c */
	void *i_private;              /* the file system's */
	struct rcu_head i_rcu;
};

static inline loff_t i_size_read(const struct inode *inode)
{
	return READ_ONCE(inode->i_size);
}

static inline void i_size_write(struct inode *inode, loff_t size)
{
	WRITE_ONCE(inode->i_size, size);
}

static inline void inode_lock(struct inode *inode)
{
	down_write(&inode->i_rwsem);
}

/* subclass: 1 the second directory of a rename, 2 a child, 3 its target. */
static inline void inode_lock_nested(struct inode *inode, unsigned subclass)
{
	down_write_nested(&inode->i_rwsem, subclass);
}

static inline void inode_unlock(struct inode *inode)
{
	up_write(&inode->i_rwsem);
}

static inline void inode_lock_shared(struct inode *inode)
{
	down_read(&inode->i_rwsem);
}

static inline void inode_unlock_shared(struct inode *inode)
{
	up_read(&inode->i_rwsem);
}

/* A cleanup that must run when the text of a symlink is no longer used. */
struct delayed_call {
	void (*fn)(void *);
	void *arg;
};

static inline void set_delayed_call(struct delayed_call *call,
				    void (*fn)(void *), void *arg)
{
	call->fn = fn;
	call->arg = arg;
}

static inline void do_delayed_call(struct delayed_call *call)
{
	if (call->fn)
		call->fn(call->arg);
	call->fn = NULL;
}

/*
 * All may sleep.  dir->i_rwsem is held: for writing by those that change it,
 * at least for reading by lookup.  lookup returns NULL after d_add(), or
 * another dentry to be used instead (with a reference), or ERR_PTR.
 */
struct inode_operations {
	struct dentry *(*lookup)(struct inode *dir, struct dentry *dentry,
				 unsigned int flags);
	/* The text of a symlink; dentry NULL: would have to sleep. */
	const char *(*get_link)(struct dentry *dentry, struct inode *inode,
				struct delayed_call *done);
	int (*permission)(struct inode *inode, int mask);
	int (*readlink)(struct dentry *dentry, char __user *buf, int len);
	int (*create)(struct inode *dir, struct dentry *d, umode_t m, bool excl);
	int (*link)(struct dentry *old, struct inode *dir, struct dentry *d);
	int (*unlink)(struct inode *dir, struct dentry *d);
	int (*symlink)(struct inode *dir, struct dentry *d, const char *text);
	int (*mkdir)(struct inode *dir, struct dentry *d, umode_t mode);
	int (*rmdir)(struct inode *dir, struct dentry *d);
	int (*mknod)(struct inode *dir, struct dentry *d, umode_t m, dev_t dev);
	int (*rename)(struct inode *old_dir, struct dentry *old,
		      struct inode *new_dir, struct dentry *new,
		      unsigned int flags);
	int (*setattr)(struct dentry *dentry, struct iattr *attr);
	int (*getattr)(const struct path *path, struct kstat *stat,
		       u32 request_mask, unsigned int query_flags);
	ssize_t (*listxattr)(struct dentry *dentry, char *buf, size_t size);
	int (*fiemap)(struct inode *inode, struct fiemap_extent_info *info,
		      u64 start, u64 len);
	int (*update_time)(struct inode *inode, struct timespec64 *t, int flags);
	int (*tmpfile)(struct inode *dir, struct file *file, umode_t mode);
	/* NULL: the file has none; rcu: may not sleep, -ECHILD. */
	struct posix_acl *(*get_acl)(struct inode *inode, int type, bool rcu);
	int (*set_acl)(struct inode *inode, struct posix_acl *acl, int type);
	int (*fileattr_get)(struct dentry *dentry, struct fileattr *fa);
	int (*fileattr_set)(struct dentry *dentry, struct fileattr *fa);
};
void inode_init_always(struct super_block *sb, struct inode *inode);
struct inode *new_inode(struct super_block *sb);      /* NULL: no memory */
struct inode *new_inode_pseudo(struct super_block *sb);
struct inode *iget_locked(struct super_block *sb, unsigned long ino);
/* By more than a number: test tells a match, set fills in a new one. */
struct inode *iget5_locked(struct super_block *sb, unsigned long hashval,
			   int (*test)(struct inode *, void *),
			   int (*set)(struct inode *, void *), void *data);
/* A new inode with its number: 0, or -EBUSY if the number is in use. */
int insert_inode_locked(struct inode *inode);
void discard_new_inode(struct inode *inode);  /* it did not come to be */
void make_bad_inode(struct inode *inode);     /* every operation is EIO */
bool is_bad_inode(struct inode *inode);
void inode_set_flags(struct inode *inode, unsigned int flags, unsigned mask);
void inode_add_bytes(struct inode *inode, loff_t bytes);
void inode_sub_bytes(struct inode *inode, loff_t bytes);
loff_t inode_get_bytes(struct inode *inode);
void inode_set_bytes(struct inode *inode, loff_t bytes);
void inode_dio_wait(struct inode *inode);     /* may sleep */
int bmap(struct inode *inode, sector_t *block);
void unlock_new_inode(struct inode *inode);
void iget_failed(struct inode *inode);
struct inode *igrab(struct inode *inode);
void ihold(struct inode *inode);
void iput(struct inode *inode);               /* may sleep */
void clear_inode(struct inode *inode);
void evict_inodes(struct super_block *sb);
void remove_inode_hash(struct inode *inode);
void inode_init_owner(struct inode *inode, const struct inode *dir, umode_t m);
void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev);
void inode_init_once(struct inode *inode);
void inc_nlink(struct inode *inode);
void drop_nlink(struct inode *inode);
void clear_nlink(struct inode *inode);
void set_nlink(struct inode *inode, unsigned int nlink);
unsigned int get_next_ino(void);
int generic_delete_inode(struct inode *inode);
bool inode_needs_sync(struct inode *inode);
int generic_update_time(struct inode *inode, struct timespec64 *t, int flags);
struct timespec64 timestamp_truncate(struct timespec64 t, struct inode *inode);
void __mark_inode_dirty(struct inode *inode, int flags);
#define mark_inode_dirty(i) __mark_inode_dirty(i, I_DIRTY)
#define mark_inode_dirty_sync(i) __mark_inode_dirty(i, I_DIRTY_SYNC)
void address_space_init_once(struct address_space *mapping);

static inline void inode_dio_begin(struct inode *inode)
{
	atomic_inc(&inode->i_dio_count);
}

void inode_dio_end(struct inode *inode);      /* any context */

static inline void inode_inc_iversion(struct inode *inode)
{
	__atomic_fetch_add(&inode->i_version, 1, __ATOMIC_RELAXED);
}

static inline u64 inode_peek_iversion(const struct inode *inode)
{
	return READ_ONCE(inode->i_version);
}

static inline void i_uid_write(struct inode *inode, uid_t uid)
{
	inode->i_uid = uid;
}

static inline void i_gid_write(struct inode *inode, gid_t gid)
{
	inode->i_gid = gid;
}

static inline uid_t i_uid_read(const struct inode *inode)
{
	return inode->i_uid;
}

static inline gid_t i_gid_read(const struct inode *inode)
{
	return inode->i_gid;
}

static inline unsigned int i_blocksize(const struct inode *inode)
{
	return 1u << inode->i_blkbits;
}

static inline bool inode_trylock(struct inode *inode)
{
	return down_write_trylock(&inode->i_rwsem);
}

static inline void inode_inc_link_count(struct inode *inode)
{
	inc_nlink(inode);
	mark_inode_dirty(inode);
}

static inline void inode_dec_link_count(struct inode *inode)
{
	drop_nlink(inode);
	mark_inode_dirty(inode);
}

static inline bool d_is_dir(const struct dentry *dentry)
{
	return d_inode(dentry) && S_ISDIR(d_inode(dentry)->i_mode);
}

static inline unsigned iminor(const struct inode *inode)
{
	return MINOR(inode->i_rdev);
}

static inline unsigned imajor(const struct inode *inode)
{
	return MAJOR(inode->i_rdev);
}

/* dev_t as stat(2) and mknod(2) spell it: major in bits 8..19, minor around. */
static inline u64 new_encode_dev(dev_t dev)
{
	u64 minor = MINOR(dev);

	return (minor & 0xff) | ((u64)MAJOR(dev) << 8) | ((minor & ~0xffULL) << 12);
}

static inline dev_t new_decode_dev(u32 dev)
{
	return MKDEV((dev & 0xfff00) >> 8,
		     (dev & 0xff) | ((dev >> 12) & 0xfff00));
}

#endif
