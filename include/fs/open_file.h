/* SPDX-License-Identifier: MIT */
#ifndef FS_OPEN_FILE_H
#define FS_OPEN_FILE_H
/* open_file.h -- what open() makes; theory: fs/vfs/file_table.c, open.c */

#include <fs/inode.h>
#include <fs/types.h>
#include <kernel/atomic.h>
#include <kernel/err.h>
#include <kernel/mutex.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <kernel/task_work.h>
#include <uapi/poll.h>

struct fown_struct {
	spinlock_t lock;
	struct pid *pid;              /* whom SIGIO goes to */
	enum pid_type pid_type;
	uid_t uid, euid;
	int signum;
};

/* F_SETOWN, F_GETOWN: a process, or minus a group.  -ESRCH, -EINVAL. */
int f_setown(struct file *file, int who);
int f_getown(struct file *file);

struct bio_vec;
struct fasync_struct;
int fasync_helper(int fd, struct file *file, int on,
		  struct fasync_struct **list);
void f_setown_if_none(struct file *file); /* us, if it has no owner */
void send_sigio(struct fown_struct *own, int fd, int reason); /* any context */
void kill_fasync(struct fasync_struct **list, int reason); /* POLL_IN, ... */
bool send_sigurg(struct fown_struct *own); /* F_SETOWN's; any context */

/* Where read-ahead stands in this open file; mm/virt. */
struct file_ra_state {
	unsigned long start;          /* first page of the window */
	unsigned int size;            /* pages in it */
	unsigned int async_size;      /* touching these last ones: read on */
	unsigned int ra_pages;        /* largest window; 0: none */
	unsigned int mmap_miss;       /* faults that found no page */
	loff_t prev_pos;              /* where the last read ended */
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
	errseq_t f_wb_err;            /* [L] the file's errors told so far */
	errseq_t f_sb_err;            /* [L] the volume's, for syncfs */
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

/*
 * One read or write on its way; ki_pos moves on.  If it has ki_complete, what
 * waits for a disk may return -EIOCBQUEUED and call that, once, with what it
 * would have returned (any context); it must live until then.
 */
struct kiocb {
	struct file *ki_filp;
	loff_t ki_pos;
	int ki_flags;                 /* IOCB_* */
	void (*ki_complete)(struct kiocb *iocb, long ret);
};

static inline bool is_sync_kiocb(const struct kiocb *iocb)
{
	return !iocb->ki_complete;
}

/* The file's flags and RWF_* of the call: 0 or -EOPNOTSUPP. */
int kiocb_init(struct kiocb *iocb, struct file *file, int rwf);
/* May [pos, pos + count) be read or written?  0, -EINVAL, -EOVERFLOW. */
int rw_verify_area(int rw, struct file *file, const loff_t *ppos,
		   size_t count);

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

/* All may sleep but poll's callback; what is NULL gets the errno in
 * brackets. */
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
	/* Into and out of a pipe, by pages (fs/splice.h) [by copying]. */
	ssize_t (*splice_read)(struct file *, loff_t *,
			       struct pipe_inode_info *, size_t, unsigned int);
	ssize_t (*splice_write)(struct pipe_inode_info *, struct file *,
				loff_t *, size_t, unsigned int);
	/* Pieces of pages: bytes.  A taker that keeps one takes a reference;
	 * more: MSG_MORE if others follow. */
	ssize_t (*sendpages)(struct file *, const struct bio_vec *vec,
			     unsigned int nr, int more);
	void (*show_fdinfo)(struct seq_file *m, struct file *f);
};

#define fops_get(f) (f)
#define replace_fops(f, ops) ((f)->f_op = (ops))
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

/* For ->tmpfile, after d_tmpfile(). */
static inline int finish_open_simple(struct file *file, int error)
{
	return error ? error : finish_open(file, file->f_path.dentry, NULL);
}

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
/* posix_fadvise(2) on an open file: 0 or -errno.  May sleep. */
int vfs_fadvise(struct file *file, loff_t offset, loff_t len, int advice);
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

#endif
