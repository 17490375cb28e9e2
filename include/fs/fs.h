/* SPDX-License-Identifier: MIT */
#ifndef FS_FS_H
#define FS_FS_H
/*
 * fs.h -- the objects of the virtual file system, and the doors to it
 *
 *	descriptor -> file -> dentry -> inode -> super_block
 *	              offset  name      data     mounted volume
 *
 * Each object has a table of operations that its file system fills.  Theory:
 * fs/vfs/inode.c, dcache.c, namei.c, namespace.c, super.c, file_table.c.
 */

#include <fs/dcache.h>
#include <kernel/atomic.h>
#include <kernel/err.h>
#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/rwsem.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <kernel/task_work.h>
#include <kernel/types.h>
#include <kernel/wait.h>
#include <kernel/xarray.h>
#include <uapi/fcntl.h>
#include <uapi/mount.h>
#include <uapi/poll.h>
#include <uapi/stat.h>
#include <uapi/statfs.h>
#include <uapi/time.h>

struct address_space;
struct cred;
struct fiemap_extent_info;
struct file;
struct file_lock;
struct inode;
struct iov_iter;
struct fs_struct;
struct kiocb;
struct kstatfs;
struct mm_struct;
struct mnt_namespace;
struct page;
struct pid;
struct pipe_inode_info;
struct poll_table_struct;
struct seq_file;
struct file_system_type;
struct super_block;
struct vfsmount;
struct vm_area_struct;
struct cdev;

#define MAY_EXEC 0x01
#define MAY_WRITE 0x02
#define MAY_READ 0x04
#define MAY_APPEND 0x08
#define MAY_ACCESS 0x10
#define MAY_OPEN 0x20
#define MAY_CHDIR 0x40
#define MAY_NOT_BLOCK 0x80

/* file->f_mode */
#define FMODE_READ 0x1u
#define FMODE_WRITE 0x2u
#define FMODE_LSEEK 0x4u
#define FMODE_PREAD 0x8u
#define FMODE_PWRITE 0x10u
#define FMODE_EXEC 0x20u
#define FMODE_PATH 0x4000u            /* opened with O_PATH */
#define FMODE_ATOMIC_POS 0x8000u      /* reads and writes take f_pos_lock */
#define FMODE_WRITER 0x10000u         /* counts in i_writecount and mnt */
#define FMODE_CAN_READ 0x20000u
#define FMODE_CAN_WRITE 0x40000u
#define FMODE_OPENED 0x80000u         /* ->open succeeded: call ->release */
#define FMODE_CREATED 0x100000u
#define FMODE_STREAM 0x200000u        /* has no position at all */
#define FMODE_NONOTIFY 0x4000000u

#define OPEN_FMODE(flag) ((fmode_t)(((flag) + 1) & O_ACCMODE))

#define MAX_LFS_FILESIZE ((loff_t)S64_MAX)
#define MAX_NON_LFS ((1UL << 31) - 1)

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

void path_get(const struct path *path);
void path_put(const struct path *path);       /* may sleep */

static inline bool path_equal(const struct path *a, const struct path *b)
{
	return a->mnt == b->mnt && a->dentry == b->dentry;
}

/* ---- attributes ---- */

#define ATTR_MODE (1 << 0)
#define ATTR_UID (1 << 1)
#define ATTR_GID (1 << 2)
#define ATTR_SIZE (1 << 3)
#define ATTR_ATIME (1 << 4)
#define ATTR_MTIME (1 << 5)
#define ATTR_CTIME (1 << 6)
#define ATTR_ATIME_SET (1 << 7)
#define ATTR_MTIME_SET (1 << 8)
#define ATTR_FORCE (1 << 9)
#define ATTR_KILL_SUID (1 << 11)
#define ATTR_KILL_SGID (1 << 12)
#define ATTR_FILE (1 << 13)
#define ATTR_OPEN (1 << 15)
#define ATTR_TIMES_SET (1 << 16)
#define ATTR_TOUCH (1 << 17)

struct iattr {
	unsigned int ia_valid;        /* ATTR_* */
	umode_t ia_mode;
	uid_t ia_uid;
	gid_t ia_gid;
	loff_t ia_size;
	struct timespec64 ia_atime;
	struct timespec64 ia_mtime;
	struct timespec64 ia_ctime;
	struct file *ia_file;
};

struct kstat {
	u32 result_mask;
	umode_t mode;
	unsigned int nlink;
	u32 blksize;
	u64 attributes;
	u64 attributes_mask;
	u64 ino;
	dev_t dev;
	dev_t rdev;
	uid_t uid;
	gid_t gid;
	loff_t size;
	struct timespec64 atime, mtime, ctime, btime;
	u64 blocks;
	u64 mnt_id;
};

/* ---- the page cache's side of an inode; theory: mm/virt/filemap.c ---- */

#define AOP_WRITEPAGE_ACTIVATE 0x80000

struct writeback_control {
	long nr_to_write;
	loff_t range_start, range_end;
	bool sync;                    /* wait for the pages */
};

/* All may sleep.  Pages come locked; read_folio unlocks when it has them. */
struct address_space_operations {
	int (*read_folio)(struct file *file, struct page *page);
	int (*writepage)(struct page *page, struct writeback_control *wbc);
	int (*writepages)(struct address_space *m, struct writeback_control *wbc);
	bool (*dirty_folio)(struct address_space *mapping, struct page *page);
	int (*write_begin)(struct file *file, struct address_space *mapping,
			   loff_t pos, unsigned len, struct page **pagep,
			   void **fsdata);
	int (*write_end)(struct file *file, struct address_space *mapping,
			 loff_t pos, unsigned len, unsigned copied,
			 struct page *page, void *fsdata);
	void (*invalidate_folio)(struct page *page, size_t off, size_t len);
	bool (*release_folio)(struct page *page, gfp_t gfp);
	void (*free_folio)(struct page *page); /* has left the cache */
	ssize_t (*direct_IO)(struct kiocb *iocb, struct iov_iter *iter);
};

/* address_space.flags bits */
#define AS_EIO 0
#define AS_ENOSPC 1
#define AS_UNEVICTABLE 3
#define AS_SWAPBACKED 4         /* tmpfs and its like: memory is all there is */

/*
 * The pages of one object.
 *
 * Field keys:
 *   [x] i_pages' own lock to write, RCU to read
 *   [I] i_mmap_rwsem        [V] invalidate_lock        [a] atomic bits
 */
struct address_space {
	struct inode *host;           /* owner, or NULL */
	struct xarray i_pages;        /* [x] struct page by page index */
	unsigned long nrpages;        /* [x] */
	struct rw_semaphore invalidate_lock; /* truncate against fault, read */
	struct rw_semaphore i_mmap_rwsem;
	struct list_head i_mmap;      /* [I] areas, by vma->i_mmap_node */
	atomic_t i_mmap_writable;     /* shared writable areas; < 0 denies them */
	const struct address_space_operations *a_ops;
	unsigned long flags;          /* [a] AS_* */
	gfp_t gfp_mask;
	int wb_err;
	void *private_data;
};

/* ---- inode ---- */

#define S_SYNC (1 << 0)
#define S_NOATIME (1 << 1)
#define S_APPEND (1 << 2)
#define S_IMMUTABLE (1 << 3)
#define S_DEAD (1 << 4)               /* a removed directory */
#define S_PRIVATE (1 << 9)
#define S_NOCMTIME (1 << 7)

#define IS_RDONLY(inode) ((inode)->i_sb->s_flags & SB_RDONLY)
#define IS_APPEND(inode) ((inode)->i_flags & S_APPEND)
#define IS_IMMUTABLE(inode) ((inode)->i_flags & S_IMMUTABLE)
#define IS_DEADDIR(inode) ((inode)->i_flags & S_DEAD)
#define IS_NOATIME(inode) ((inode)->i_flags & S_NOATIME)

#define I_DIRTY_SYNC (1 << 0)
#define I_DIRTY_DATASYNC (1 << 1)
#define I_DIRTY_PAGES (1 << 2)
#define I_NEW (1 << 3)
#define I_WILL_FREE (1 << 4)
#define I_FREEING (1 << 5)
#define I_CLEAR (1 << 6)
#define I_SYNC (1 << 7)
#define I_REFERENCED (1 << 8)
#define I_CREATING (1 << 15)
#define I_DIRTY (I_DIRTY_SYNC | I_DIRTY_DATASYNC | I_DIRTY_PAGES)

/* flock, POSIX and OFD locks on one inode; fs/vfs/locks.c */
struct file_lock_context {
	spinlock_t flc_lock;
	struct list_head flc_flock;
	struct list_head flc_posix;
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
	blkcnt_t i_blocks;            /* [L] of 512 bytes */
	unsigned int i_state;         /* [L] I_* */
	struct rw_semaphore i_rwsem;  /* read: look up in the directory; write:
				       * change the directory or the file */
	atomic_t i_count;             /* [a] holders in memory */
	atomic_t i_writecount;        /* [a] > 0 open for writing; < 0 denied */
	u64 i_version;
	u32 i_generation;
	const struct file_operations *i_fop; /* [c] copied by open */
	struct file_lock_context *i_flctx; /* [L] made on first use */
	struct address_space i_data;
	struct hlist_head i_dentry;   /* [L] names in memory, by d_alias */
	struct hlist_node i_hash;     /* [H] by (super block, number) */
	struct list_head i_lru;       /* [U] */
	struct list_head i_sb_list;   /* [S] */
	struct list_head i_io_list;   /* dirty, write-back's */
	unsigned long dirtied_when;   /* jiffies */
	union {
		struct pipe_inode_info *i_pipe; /* [L] a FIFO's buffer */
		struct cdev *i_cdev;
		void *i_bdev;
		char *i_link;         /* a symlink's text, if it is in memory */
	};
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
};

/* ---- file ---- */

struct fown_struct {
	spinlock_t lock;
	struct pid *pid;              /* whom SIGIO goes to */
	enum pid_type pid_type;
	uid_t uid, euid;
	int signum;
};

/* Where read-ahead stands in this open file; mm/virt. */
struct file_ra_state {
	unsigned long start;
	unsigned int size;
	unsigned int async_size;
	unsigned int ra_pages;
	loff_t prev_pos;
};

/*
 * One open(): position, mode and a table of operations.  dup() and fork()
 * share it.  The last fput() releases it, in task context.
 *
 * Field keys:  [c] constant after open   [a] atomic   [L] .f_lock
 *              [P] .f_pos_lock if FMODE_ATOMIC_POS
 */
struct file {
	atomic_long_t f_count;        /* [a] descriptors and calls in progress */
	fmode_t f_mode;               /* [c] FMODE_* */
	unsigned int f_flags;         /* [L] O_*; F_SETFL changes a few */
	const struct file_operations *f_op; /* [c] */
	struct path f_path;           /* [c] counted */
	struct inode *f_inode;        /* [c] f_path.dentry's */
	struct address_space *f_mapping; /* [c] */
	loff_t f_pos;                 /* [P] */
	struct mutex f_pos_lock;
	spinlock_t f_lock;
	const struct cred *f_cred;    /* [c] who opened it */
	void *private_data;           /* the driver's or file system's */
	struct fown_struct f_owner;
	struct file_ra_state f_ra;
	u64 f_version;
	int f_wb_err;
	struct list_head f_ep_links;  /* [L] epoll items that watch it */
	union {                       /* at the end of its life: */
		struct callback_head f_task_work; /* release on the way out */
		struct file *f_delayed_next; /* or in a worker */
		struct rcu_head f_rcu;       /* then free */
	};
};

static inline struct inode *file_inode(const struct file *file)
{
	return file->f_inode;
}

static inline struct dentry *file_dentry(const struct file *file)
{
	return file->f_path.dentry;
}

static inline struct file *get_file(struct file *file)
{
	atomic_long_inc(&file->f_count);
	return file;
}

#define file_count(f) atomic_long_read(&(f)->f_count)
void fput(struct file *file);                 /* any context but hard irq off */
void __fput_sync(struct file *file);          /* releases before it returns */
void flush_delayed_fput(void);                /* may sleep */

/* One read or write on its way; ki_pos moves on. */
struct kiocb {
	struct file *ki_filp;
	loff_t ki_pos;
	int ki_flags;                 /* IOCB_* */
};

#define IOCB_HIPRI RWF_HIPRI
#define IOCB_DSYNC RWF_DSYNC
#define IOCB_SYNC RWF_SYNC
#define IOCB_NOWAIT RWF_NOWAIT
#define IOCB_APPEND RWF_APPEND
#define IOCB_DIRECT (1 << 17)
#define IOCB_WRITE (1 << 18)

/* Receives the names of a directory, one call each; false: enough. */
struct dir_context;
typedef bool (*filldir_t)(struct dir_context *ctx, const char *name, int len,
			  loff_t pos, u64 ino, unsigned type);

struct dir_context {
	filldir_t actor;
	loff_t pos;
};

static inline bool dir_emit(struct dir_context *ctx, const char *name, int len,
			    u64 ino, unsigned type)
{
	return ctx->actor(ctx, name, len, ctx->pos, ino, type);
}

bool dir_emit_dots(struct file *file, struct dir_context *ctx);

/* All may sleep but poll's callback; what is NULL gets the errno in brackets. */
struct file_operations {
	loff_t (*llseek)(struct file *, loff_t, int);          /* [ESPIPE] */
	ssize_t (*read)(struct file *, char __user *, size_t, loff_t *);
	ssize_t (*write)(struct file *, const char __user *, size_t, loff_t *);
	ssize_t (*read_iter)(struct kiocb *, struct iov_iter *); /* [EINVAL] */
	ssize_t (*write_iter)(struct kiocb *, struct iov_iter *);/* [EINVAL] */
	int (*iterate_shared)(struct file *, struct dir_context *);/* [ENOTDIR] */
	__poll_t (*poll)(struct file *, struct poll_table_struct *); /* always */
	long (*unlocked_ioctl)(struct file *, unsigned int, unsigned long);
	int (*mmap)(struct file *, struct vm_area_struct *);   /* [ENODEV] */
	unsigned long (*get_unmapped_area)(struct file *, unsigned long,
					   unsigned long, unsigned long,
					   unsigned long);
	int (*open)(struct inode *, struct file *);
	int (*flush)(struct file *, void *owner);  /* on each close() */
	int (*release)(struct inode *, struct file *); /* on the last */
	int (*fsync)(struct file *, loff_t, loff_t, int datasync); /* [EINVAL] */
	int (*fasync)(int, struct file *, int);
	int (*lock)(struct file *, int cmd, struct file_lock *);
	int (*flock)(struct file *, int cmd, struct file_lock *);
	long (*fallocate)(struct file *, int mode, loff_t off, loff_t len);
	void (*show_fdinfo)(struct seq_file *m, struct file *f);
};

#define fops_get(f) (f)
#define replace_fops(f, ops) ((f)->f_op = (ops))

/* ---- super block ---- */

#define SB_RDONLY 1
#define SB_NOSUID 2
#define SB_NODEV 4
#define SB_NOEXEC 8
#define SB_SYNCHRONOUS 16
#define SB_NOATIME 1024
#define SB_SILENT 32768
#define SB_KERNMOUNT (1 << 22)
#define SB_ACTIVE (1 << 30)
#define SB_NOUSER (1U << 31)

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
	dev_t s_dev;                  /* [c] what stat() reports */
	unsigned char s_blocksize_bits;
	unsigned long s_blocksize;
	loff_t s_maxbytes;            /* largest file */
	struct file_system_type *s_type; /* [c] */
	const struct super_operations *s_op; /* [c] */
	const struct dentry_operations *s_d_op; /* [c] default for its dentries */
	unsigned long s_flags;        /* [M] SB_* */
	unsigned long s_magic;
	struct dentry *s_root;        /* [M] */
	struct rw_semaphore s_umount;
	int s_count;                  /* [G] holders of the structure */
	atomic_t s_active;            /* [a] */
	void *s_bdev;
	void *s_fs_info;              /* the file system's */
	u32 s_time_gran;              /* ns: unit of the stored times */
	char s_id[32];
	struct mutex s_vfs_rename_mutex; /* renames between directories */
	struct hlist_node s_instances;/* [G] in s_type->fs_supers */
	spinlock_t s_inode_list_lock;
	struct list_head s_inodes;    /* [S] */
	spinlock_t s_inode_lru_lock;
	struct list_head s_inode_lru;
	spinlock_t s_dentry_lru_lock;
	struct list_head s_dentry_lru;/* [D] unused dentries, oldest first */
	long s_nr_dentry_unused;      /* [D] */
	struct rcu_head rcu;
};

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
void iterate_supers(void (*fn)(struct super_block *, void *), void *arg);

/* ---- mounts: a super block's tree seen at a place ---- */

#define MNT_NOSUID 0x01
#define MNT_NODEV 0x02
#define MNT_NOEXEC 0x04
#define MNT_NOATIME 0x08
#define MNT_NODIRATIME 0x10
#define MNT_RELATIME 0x20
#define MNT_READONLY 0x40
#define MNT_NOSYMFOLLOW 0x80
#define MNT_INTERNAL 0x4000

struct vfsmount {
	struct dentry *mnt_root;      /* constant */
	struct super_block *mnt_sb;   /* constant */
	int mnt_flags;                /* mount lock */
};

struct vfsmount *mntget(struct vfsmount *mnt);
void mntput(struct vfsmount *mnt);            /* may sleep */
struct vfsmount *kern_mount(struct file_system_type *type);
struct vfsmount *vfs_kern_mount(struct file_system_type *type, int flags,
				const char *name, void *data);
int mnt_want_write(struct vfsmount *mnt);     /* -EROFS */
void mnt_drop_write(struct vfsmount *mnt);
int mnt_want_write_file(struct file *file);
void mnt_drop_write_file(struct file *file);
bool __mnt_is_readonly(struct vfsmount *mnt);
long path_mount(const char *dev_name, struct path *path, const char *type,
		unsigned long flags, void *data);
void put_mnt_ns(struct mnt_namespace *ns);
struct mnt_namespace *copy_mnt_ns(unsigned long flags, struct mnt_namespace *ns,
				  struct fs_struct *new_fs);
void mnt_init(void);                          /* makes rootfs and mounts it */
void vfs_caches_init(void);                   /* all of fs/vfs, once, early */

/* ---- a task's root, working directory and umask ---- */

/* Field keys: [L] .lock   [a] atomic */
struct fs_struct {
	int users;                    /* [L] tasks that share it */
	spinlock_t lock;
	int umask;                    /* [L] */
	int in_exec;                  /* [L] */
	struct path root, pwd;        /* [L] counted */
};

extern struct fs_struct init_fs;
struct fs_struct *copy_fs_struct(struct fs_struct *old); /* NULL: no memory */
void exit_fs(struct task_struct *t);
void set_fs_root(struct fs_struct *fs, const struct path *path);
void set_fs_pwd(struct fs_struct *fs, const struct path *path);
int unshare_fs_struct(void);
void get_fs_root(struct fs_struct *fs, struct path *root);
void get_fs_pwd(struct fs_struct *fs, struct path *pwd);
#define current_umask() (current->fs->umask)

/* ---- path walk (fs/vfs/namei.c) ---- */

#define LOOKUP_FOLLOW 0x0001
#define LOOKUP_DIRECTORY 0x0002
#define LOOKUP_AUTOMOUNT 0x0004
#define LOOKUP_EMPTY 0x4000
#define LOOKUP_DOWN 0x8000
#define LOOKUP_REVAL 0x0020
#define LOOKUP_RCU 0x0040
#define LOOKUP_OPEN 0x0100
#define LOOKUP_CREATE 0x0200
#define LOOKUP_EXCL 0x0400
#define LOOKUP_RENAME_TARGET 0x0800
#define LOOKUP_PARENT 0x0010
#define LOOKUP_NO_SYMLINKS 0x010000
#define LOOKUP_NO_MAGICLINKS 0x020000
#define LOOKUP_NO_XDEV 0x040000
#define LOOKUP_BENEATH 0x080000
#define LOOKUP_IN_ROOT 0x100000

/* A path copied from the user, in one page. */
struct filename {
	const char *name;
	const char __user *uptr;
	int refcnt;
	char iname[];
};

struct filename *getname(const char __user *name);
struct filename *getname_flags(const char __user *name, int flags);
struct filename *getname_kernel(const char *name);
void putname(struct filename *name);

int kern_path(const char *name, unsigned flags, struct path *path);
int user_path_at(int dfd, const char __user *name, unsigned flags,
		 struct path *path);
int filename_lookup(int dfd, struct filename *name, unsigned flags,
		    struct path *path, const struct path *root);
int vfs_path_lookup(struct dentry *dentry, struct vfsmount *mnt,
		    const char *name, unsigned flags, struct path *path);
struct dentry *kern_path_create(int dfd, const char *name, struct path *path,
				unsigned flags);
void done_path_create(struct path *path, struct dentry *dentry);
struct dentry *lookup_one_len(const char *name, struct dentry *base, int len);
int inode_permission(struct inode *inode, int mask);
int generic_permission(struct inode *inode, int mask);
int file_permission(struct file *file, int mask);
/* For ->get_link of magic links: the walk jumps to path. */
int nd_jump_link(const struct path *path);
int follow_up(struct path *path);
int follow_down(struct path *path);

int vfs_create(struct inode *dir, struct dentry *d, umode_t mode, bool excl);
int vfs_mkdir(struct inode *dir, struct dentry *d, umode_t mode);
int vfs_mknod(struct inode *dir, struct dentry *d, umode_t mode, dev_t dev);
int vfs_symlink(struct inode *dir, struct dentry *d, const char *text);
int vfs_link(struct dentry *old, struct inode *dir, struct dentry *d);
int vfs_unlink(struct inode *dir, struct dentry *d);
int vfs_rmdir(struct inode *dir, struct dentry *d);
int vfs_rename(struct inode *odir, struct dentry *old, struct inode *ndir,
	       struct dentry *new, unsigned int flags);
int vfs_readlink(struct dentry *dentry, char __user *buf, int len);
const char *page_get_link(struct dentry *d, struct inode *i,
			  struct delayed_call *done);
const char *simple_get_link(struct dentry *d, struct inode *i,
			    struct delayed_call *done);

/* ---- opening and using files from the kernel; all may sleep ---- */

struct file *filp_open(const char *name, int flags, umode_t mode);
struct file *file_open_root(const struct path *root, const char *name,
			    int flags, umode_t mode);
struct file *dentry_open(const struct path *path, int flags,
			 const struct cred *cred);
struct file *open_exec(const char *name);     /* +x, denies writing */
struct file *do_open_execat(int fd, struct filename *name, int flags);
int filp_close(struct file *file, void *owner);
int finish_open(struct file *file, struct dentry *dentry,
		int (*open)(struct inode *, struct file *));
ssize_t kernel_read(struct file *file, void *buf, size_t n, loff_t *pos);
ssize_t kernel_write(struct file *file, const void *buf, size_t n, loff_t *pos);
ssize_t vfs_read(struct file *file, char __user *buf, size_t n, loff_t *pos);
ssize_t vfs_write(struct file *file, const char __user *buf, size_t n,
		  loff_t *pos);
ssize_t vfs_iter_read(struct file *file, struct iov_iter *iter, loff_t *pos);
ssize_t vfs_iter_write(struct file *file, struct iov_iter *iter, loff_t *pos);
loff_t vfs_llseek(struct file *file, loff_t offset, int whence);
long vfs_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
int vfs_fsync(struct file *file, int datasync);
int vfs_fsync_range(struct file *file, loff_t start, loff_t end, int datasync);
long vfs_truncate(const struct path *path, loff_t length);
int do_truncate(struct dentry *dentry, loff_t length, unsigned int time_attrs,
		struct file *file);
int vfs_fallocate(struct file *file, int mode, loff_t offset, loff_t len);
int vfs_getattr(const struct path *path, struct kstat *stat, u32 mask,
		unsigned int flags);
int vfs_statfs(const struct path *path, struct kstatfs *buf);
int iterate_dir(struct file *file, struct dir_context *ctx);
int notify_change(struct dentry *dentry, struct iattr *attr);
int setattr_prepare(struct dentry *dentry, struct iattr *attr);
void setattr_copy(struct inode *inode, const struct iattr *attr);
int inode_newsize_ok(const struct inode *inode, loff_t size);
bool inode_owner_or_capable(const struct inode *inode);
int file_remove_privs(struct file *file);     /* a write drops setuid */
int file_update_time(struct file *file);      /* a write moves mtime */
void file_accessed(struct file *file);        /* a read moves atime */
void touch_atime(const struct path *path);
struct timespec64 current_time(struct inode *inode);
ssize_t generic_write_checks(struct kiocb *iocb, struct iov_iter *from);
ssize_t generic_write_sync(struct kiocb *iocb, ssize_t count);

/* exec: nobody may write to what runs (ETXTBSY), and the other way round. */
static inline int get_write_access(struct inode *inode)
{
	return atomic_inc_unless_negative(&inode->i_writecount) ? 0 : -ETXTBSY;
}

static inline int deny_write_access(struct file *file)
{
	return atomic_dec_unless_positive(&file_inode(file)->i_writecount)
		? 0 : -ETXTBSY;
}

static inline void put_write_access(struct inode *inode)
{
	atomic_dec(&inode->i_writecount);
}

static inline void allow_write_access(struct file *file)
{
	if (file)
		atomic_inc(&file_inode(file)->i_writecount);
}

/* ---- inodes ---- */

void inode_init_always(struct super_block *sb, struct inode *inode);
struct inode *new_inode(struct super_block *sb);      /* NULL: no memory */
struct inode *new_inode_pseudo(struct super_block *sb);
struct inode *iget_locked(struct super_block *sb, unsigned long ino);
struct inode *ilookup(struct super_block *sb, unsigned long ino);
void unlock_new_inode(struct inode *inode);
void iget_failed(struct inode *inode);
struct inode *igrab(struct inode *inode);
void ihold(struct inode *inode);
void iput(struct inode *inode);               /* may sleep */
void clear_inode(struct inode *inode);
void evict_inodes(struct super_block *sb);
void insert_inode_hash(struct inode *inode);
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
void __mark_inode_dirty(struct inode *inode, int flags);
#define mark_inode_dirty(i) __mark_inode_dirty(i, I_DIRTY)
#define mark_inode_dirty_sync(i) __mark_inode_dirty(i, I_DIRTY_SYNC)
void address_space_init_once(struct address_space *mapping);

/* ---- ready-made operations (fs/vfs/libfs.c) ---- */

extern const struct file_operations simple_dir_operations;
extern const struct inode_operations simple_dir_inode_operations;
extern const struct inode_operations simple_symlink_inode_operations;
extern const struct inode_operations page_symlink_inode_operations;
extern const struct dentry_operations simple_dentry_operations;
extern const struct file_operations pipefifo_fops;
/* Character devices: drivers/base fills this (open looks up the driver). */
extern const struct file_operations def_chr_fops;
struct dentry *simple_lookup(struct inode *dir, struct dentry *d, unsigned f);
int simple_getattr(const struct path *path, struct kstat *stat, u32 mask,
		   unsigned int flags);
int simple_setattr(struct dentry *dentry, struct iattr *attr);
int simple_statfs(struct dentry *dentry, struct kstatfs *buf);
int simple_link(struct dentry *old, struct inode *dir, struct dentry *d);
int simple_unlink(struct inode *dir, struct dentry *d);
int simple_rmdir(struct inode *dir, struct dentry *d);
int simple_rename(struct inode *od, struct dentry *o, struct inode *nd,
		  struct dentry *n, unsigned int flags);
bool simple_empty(struct dentry *dentry);
int simple_open(struct inode *inode, struct file *file);
ssize_t simple_read_from_buffer(void __user *to, size_t count, loff_t *ppos,
				const void *from, size_t available);
ssize_t simple_write_to_buffer(void *to, size_t available, loff_t *ppos,
			       const void __user *from, size_t count);
int dcache_readdir(struct file *file, struct dir_context *ctx);
int dcache_dir_open(struct inode *inode, struct file *file);
int dcache_dir_close(struct inode *inode, struct file *file);
loff_t dcache_dir_lseek(struct file *file, loff_t offset, int whence);
loff_t generic_file_llseek(struct file *file, loff_t offset, int whence);
loff_t default_llseek(struct file *file, loff_t offset, int whence);
loff_t fixed_size_llseek(struct file *file, loff_t off, int whence, loff_t size);
ssize_t generic_read_dir(struct file *f, char __user *b, size_t n, loff_t *p);
int generic_file_open(struct inode *inode, struct file *file);
int noop_fsync(struct file *file, loff_t start, loff_t end, int datasync);
void generic_fillattr(struct inode *inode, struct kstat *stat);

/* Small enough to be used by drivers, which lie below fs/. */
static inline loff_t no_llseek(struct file *file, loff_t offset, int whence)
{
	return -ESPIPE;
}

static inline loff_t noop_llseek(struct file *file, loff_t offset, int whence)
{
	return file->f_pos;
}

/* For ->open of what has no seekable position, or none at all. */
static inline int nonseekable_open(struct inode *inode, struct file *file)
{
	file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
	return 0;
}

static inline int stream_open(struct inode *inode, struct file *file)
{
	file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE |
			  FMODE_ATOMIC_POS);
	file->f_mode |= FMODE_STREAM;
	return 0;
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

/* ---- anonymous inodes: files without a place in any tree ---- */

struct file *anon_inode_getfile(const char *name,
				const struct file_operations *fops,
				void *priv, int flags);
int anon_inode_getfd(const char *name, const struct file_operations *fops,
		     void *priv, int flags);
struct file *alloc_file_pseudo(struct inode *inode, struct vfsmount *mnt,
			       const char *name, int flags,
			       const struct file_operations *fops);
struct file *alloc_file_clone(struct file *base, int flags,
			      const struct file_operations *fops);
struct file *alloc_empty_file(int flags, const struct cred *cred);

/* ---- the kernel's own hands on the root, before init runs ---- */

int init_mkdir(const char *name, umode_t mode);
int init_mknod(const char *name, umode_t mode, unsigned int dev);
int init_symlink(const char *text, const char *name);
int init_link(const char *old, const char *new);
int init_unlink(const char *name);
int init_rmdir(const char *name);
int init_chdir(const char *name);
int init_chroot(const char *name);
int init_chown(const char *name, uid_t uid, gid_t gid, int flags);
int init_chmod(const char *name, umode_t mode);
int init_utimes(const char *name, struct timespec64 ts[2]);
int init_eaccess(const char *name);
int init_stat(const char *name, struct kstat *stat, int flags);
int init_mount(const char *dev, const char *dir, const char *type,
	       unsigned long flags, void *data);
int init_umount(const char *name, int flags);
int init_dup(struct file *file);

/*
 * Unpack cpio archives, plain or gzip, one after another, into the root:
 * NULL, or what was wrong and where, as text.  fs/initramfs.c.
 */
const char *unpack_to_rootfs(const void *buf, size_t len);

#endif
