/* SPDX-License-Identifier: MIT */
#ifndef FS_VFS_INTERNAL_H
#define FS_VFS_INTERNAL_H
/* internal.h -- what the files of fs/ share among themselves */

#include <fs/file.h>
#include <fs/fs.h>

/* What open(2) asked for, decoded once (open.c) and obeyed by the walk. */
struct open_flags {
	int open_flag;                /* O_*, cleaned */
	umode_t mode;                 /* of a file that is created */
	int acc_mode;                 /* MAY_*: what the opener needs */
	int intent;                   /* LOOKUP_OPEN, _CREATE, _EXCL */
	int lookup_flags;
};

int build_open_flags(const struct open_how *how, struct open_flags *op);
struct file *do_filp_open(int dfd, struct filename *name,
			  const struct open_flags *op);
struct file *do_file_open_root(const struct path *root, const char *name,
			       const struct open_flags *op);
int vfs_open(const struct path *path, struct file *file);
int do_dentry_open(struct file *file, int (*open)(struct inode *, struct file *));
int may_open_dev(const struct path *path);

/* Directory changes, by path; the doors of system calls and init_*(). */
int do_mkdirat(int dfd, struct filename *name, umode_t mode);
int do_mknodat(int dfd, struct filename *name, umode_t mode, unsigned int dev);
int do_symlinkat(struct filename *from, int dfd, struct filename *to);
int do_linkat(int odfd, struct filename *old, int ndfd, struct filename *new,
	      int flags);
int do_unlinkat(int dfd, struct filename *name);
int do_rmdir(int dfd, struct filename *name);
int do_renameat2(int odfd, struct filename *from, int ndfd,
		 struct filename *to, unsigned int flags);
struct dentry *filename_create(int dfd, struct filename *name,
			       struct path *path, unsigned int flags);

/* times.c: would touch_atime() write? */
bool atime_needs_update(const struct path *path, struct inode *inode);

/* chmod and chown by path; times NULL: now. */
int chmod_common(const struct path *path, umode_t mode);
int chown_common(const struct path *path, uid_t uid, gid_t gid);
int vfs_utimes(const struct path *path, struct timespec64 *times);

/* dcache.c */
struct dentry *__d_lookup(const struct dentry *parent, const struct qstr *name);
struct dentry *__d_lookup_rcu(const struct dentry *parent,
			      const struct qstr *name, unsigned *seqp);
void d_count_mount(struct dentry *dentry, int change);
long prune_all_dcache(long nr);
long nr_dentry_total(void);
long nr_dentry_unused(void);

/* inode.c, inode_hash.c */
void wake_new_inode_waiters(void);
void __insert_inode_hash(struct inode *inode, unsigned long hashval);
void inode_caches_init(void);
void inode_sb_list_del(struct inode *inode);
long nr_inodes_total(void);
long nr_inodes_unused(void);

/* file_table.c, fdtable.c, locks.c, pipe.c */
void files_init(void);
void fdtable_init(void);
void locks_remove_posix(struct file *file, void *owner);
void locks_remove_file(struct file *file);
void locks_free_inode(struct inode *inode);
void locks_cache_init(void);
long do_fcntl_lock(unsigned int fd, struct file *file, unsigned int cmd,
		   unsigned long arg);
long memfd_fcntl(struct file *file, unsigned int cmd, unsigned long arg);
void eventpoll_release(struct file *file);
long do_vfs_ioctl(struct file *file, unsigned int fd, unsigned int cmd,
		  unsigned long arg);
void f_delown(struct file *file);

/* An inode's lists of locks and leases, made if need be; NULL: no memory. */
struct file_lock_context *locks_get_lock_context(struct inode *inode);

/* leases.c */
extern int lease_break_time;           /* fs.lease-break-time, in seconds */
int fcntl_setlease(unsigned int fd, struct file *file, int type);
int fcntl_getlease(struct file *file);
void leases_remove_file(struct file *file);
/* 0; -EWOULDBLOCK if O_NONBLOCK, -ERESTARTSYS. */
int break_lease(struct inode *inode, unsigned int flags);

/* What a test can see of it: /proc/sys/fs/path-walk. */
struct walk_stat {
	unsigned long rcu;            /* walks that ended without a lock */
	unsigned long unlazied;       /* that took references on the way */
	unsigned long again;          /* that had to begin anew */
	unsigned long asked;          /* components: file system asked */
};

void walk_stat_sum(struct walk_stat *sum);

/* super.c, namespace.c */
extern struct list_head super_blocks;
extern unsigned int sysctl_mount_max;  /* fs.mount-max */
/* dirops.c, namei.c: others' links are not to be trusted (fs.protected_*). */
extern int sysctl_protected_hardlinks, sysctl_protected_symlinks;
/* fs_struct.c */
void chroot_fs_refs(const struct path *old, const struct path *new);
struct mount;
int sb_prepare_remount_readonly(struct super_block *sb);
int do_remount_sb(struct super_block *sb, int flags, void *data);
int rootfs_register(void);
struct seq_file;
void show_filesystems(struct seq_file *m);

#endif
