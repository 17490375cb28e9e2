/* SPDX-License-Identifier: MIT */
#ifndef FS_NAMEI_H
#define FS_NAMEI_H
/* namei.h -- from a path to a file; theory: fs/vfs/namei.c */

#include <fs/dcache.h>
#include <fs/types.h>

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
#define LOOKUP_CACHED 0x200000        /* -EAGAIN rather than sleep */
#define LOOKUP_IS_SCOPED (LOOKUP_BENEATH | LOOKUP_IN_ROOT)

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

#endif
