/* SPDX-License-Identifier: MIT */
#ifndef FS_SUPER_H
#define FS_SUPER_H
/* super.h -- file system types and mounted volumes; theory: fs/vfs/super.c */

#include <fs/types.h>
#include <kernel/atomic.h>
#include <kernel/errseq.h>
#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/rcupdate.h>
#include <kernel/rwsem.h>
#include <kernel/spinlock.h>
#include <uapi/statfs.h>

#define SB_RDONLY 1
#define SB_NOSUID 2
#define SB_NODEV 4
#define SB_NOEXEC 8
#define SB_SYNCHRONOUS 16
#define SB_DIRSYNC 128
#define SB_NOATIME 1024
#define SB_NODIRATIME 2048
#define SB_SILENT 32768
#define SB_POSIXACL (1 << 16)
#define SB_I_VERSION (1 << 23)
#define SB_LAZYTIME (1 << 25)
#define SB_KERNMOUNT (1 << 22)
#define SB_ACTIVE (1 << 30)
#define SB_NOUSER (1U << 31)

struct export_operations;
struct xattr_handler;

struct super_operations {
	struct inode *(*alloc_inode)(struct super_block *sb);
	void (*free_inode)(struct inode *inode);      /* after a grace period */
	void (*destroy_inode)(struct inode *inode);
	void (*dirty_inode)(struct inode *inode, int flags);
	int (*write_inode)(struct inode *inode, struct writeback_control *wbc);
	int (*drop_inode)(struct inode *inode);       /* 1: do not cache */
	void (*evict_inode)(struct inode *inode);
	void (*put_super)(struct super_block *sb);
	int (*sync_fs)(struct super_block *sb, int wait);
	int (*statfs)(struct dentry *dentry, struct kstatfs *buf);
	int (*remount_fs)(struct super_block *sb, int *flags, char *data);
	int (*show_options)(struct seq_file *m, struct dentry *root);
	int (*show_devname)(struct seq_file *m, struct dentry *root);
	int (*show_path)(struct seq_file *m, struct dentry *root);
	int (*show_stats)(struct seq_file *m, struct dentry *root);
	void (*umount_begin)(struct super_block *sb); /* umount -f */
};

/*
 * A mounted volume, however often it is mounted.  s_active counts mounts and
 * openers; with the last the volume is shut down.
 *
 * Field keys:  [c] constant   [G] sb_lock   [M] .s_umount   [a] atomic
 *              [S] .s_inode_list_lock       [D] .s_dentry_lru_lock
 */
struct super_block {
	struct list_head s_list;      /* [G] all super blocks */
	struct list_head s_mounts;    /* mount_lock: its mounts, anywhere */
	dev_t s_dev;                  /* [c] what stat() reports */
	unsigned char s_blocksize_bits;
	unsigned long s_blocksize;
	loff_t s_maxbytes;            /* largest file */
	struct file_system_type *s_type; /* [c] */
	const struct super_operations *s_op; /* [c] */
	const struct dentry_operations *s_d_op; /* [c] default for its dentries */
	const struct xattr_handler **s_xattr; /* [c] NULL: has none */
	const struct export_operations *s_export_op; /* [c] handles of files */
	unsigned long s_flags;        /* [M] SB_* */
	unsigned long s_magic;
	struct dentry *s_root;        /* [M] */
	struct rw_semaphore s_umount;
	int s_count;                  /* [G] holders of the structure */
	atomic_t s_active;            /* [a] */
	struct block_device *s_bdev;  /* [c] NULL: no disk */
	struct backing_dev_info *s_bdi; /* [c] never NULL */
	errseq_t s_wb_err;            /* [a] last failed write, for syncfs */
	struct mutex s_sync_lock;     /* one sync at a time looks at all */
	void *s_fs_info;              /* the file system's */
	u32 s_time_gran;              /* ns: unit of the stored times */
	s64 s_time_min, s_time_max;   /* seconds that can be stored */
	unsigned int s_max_links;     /* 0: no limit */
	u8 s_uuid[16];
	char s_id[32];
	struct mutex s_vfs_rename_mutex; /* renames between directories */
	struct hlist_node s_instances;/* [G] in s_type->fs_supers */
	spinlock_t s_inode_list_lock;
	struct list_head s_inodes;    /* [S] */
	spinlock_t s_inode_lru_lock;
	struct list_head s_inode_lru; /* unused inodes, under the lock above */
	long s_nr_inode_unused;       /* their number */
	spinlock_t s_dentry_lru_lock;
	struct list_head s_dentry_lru;/* [D] unused dentries, oldest first */
	long s_nr_dentry_unused;      /* [D] */
	struct rcu_head rcu;
};

static inline bool sb_rdonly(const struct super_block *sb)
{
	return READ_ONCE(sb->s_flags) & SB_RDONLY;
}

struct kstatfs {
	long f_type;
	long f_bsize;
	u64 f_blocks, f_bfree, f_bavail, f_files, f_ffree;
	int f_fsid[2];
	long f_namelen;
	long f_frsize;
	long f_flags;
};

#define FS_REQUIRES_DEV 1
#define FS_USERNS_MOUNT 8

struct file_system_type {
	const char *name;
	int fs_flags;
	/* The root of a new or shared super block, s_umount held; ERR_PTR. */
	struct dentry *(*mount)(struct file_system_type *type, int flags,
				const char *dev_name, void *data);
	void (*kill_sb)(struct super_block *sb);
	struct file_system_type *next;
	struct hlist_head fs_supers;
};

int register_filesystem(struct file_system_type *fs);
int unregister_filesystem(struct file_system_type *fs);
void show_filesystems(struct seq_file *m);    /* /proc/filesystems */
struct file_system_type *get_fs_type(const char *name);
struct file_system_type *nth_fs_type(unsigned int n); /* from 0; or NULL */
struct super_block *sget(struct file_system_type *type,
			 int (*test)(struct super_block *, void *),
			 int (*set)(struct super_block *, void *),
			 int flags, void *data);
int set_anon_super(struct super_block *sb, void *data);
void deactivate_super(struct super_block *sb);
void deactivate_locked_super(struct super_block *sb);
void generic_shutdown_super(struct super_block *sb);
void kill_anon_super(struct super_block *sb);
void kill_litter_super(struct super_block *sb);
struct dentry *mount_nodev(struct file_system_type *type, int flags, void *data,
			   int (*fill)(struct super_block *, void *, int));
struct dentry *mount_single(struct file_system_type *type, int flags,
			    void *data,
			    int (*fill)(struct super_block *, void *, int));
struct dentry *mount_pseudo(struct file_system_type *type, const char *name,
			    const struct super_operations *ops,
			    const struct dentry_operations *dops,
			    unsigned long magic);
/* For memory pressure: how many went.  May sleep (inodes). */
long prune_dcache_sb(struct super_block *sb, long nr);
long prune_icache_sb(struct super_block *sb, long nr);
void iterate_supers(void (*fn)(struct super_block *, void *), void *arg);
void iterate_supers_trylock(void (*fn)(struct super_block *, void *),
			    void *arg);

#endif
