/* SPDX-License-Identifier: MIT */
#ifndef FS_XATTR_H
#define FS_XATTR_H
/*
 * xattr.h -- named values that hang on a file beside its data
 *
 * A file system puts a NULL-terminated table of handlers into sb->s_xattr; the
 * prefix of a name chooses one.  Theory: fs/vfs/xattr.c.
 */

#include <fs/types.h>
#include <kernel/list.h>
#include <kernel/spinlock.h>

#define XATTR_CREATE 0x1              /* -EEXIST if it is there */
#define XATTR_REPLACE 0x2             /* -ENODATA if it is not */

#define XATTR_NAME_MAX 255
#define XATTR_SIZE_MAX 65536
#define XATTR_LIST_MAX 65536

#define XATTR_SYSTEM_PREFIX "system."
#define XATTR_SYSTEM_PREFIX_LEN (sizeof(XATTR_SYSTEM_PREFIX) - 1)
#define XATTR_SECURITY_PREFIX "security."
#define XATTR_SECURITY_PREFIX_LEN (sizeof(XATTR_SECURITY_PREFIX) - 1)
#define XATTR_TRUSTED_PREFIX "trusted."
#define XATTR_TRUSTED_PREFIX_LEN (sizeof(XATTR_TRUSTED_PREFIX) - 1)
#define XATTR_USER_PREFIX "user."
#define XATTR_USER_PREFIX_LEN (sizeof(XATTR_USER_PREFIX) - 1)
#define XATTR_NAME_POSIX_ACL_ACCESS "system.posix_acl_access"
#define XATTR_NAME_POSIX_ACL_DEFAULT "system.posix_acl_default"

/*
 * One of name (the whole name) and prefix (get and set see what is behind it).
 * All may sleep; set has the inode locked for writing.  get with size 0: only
 * how long the value is; else -ERANGE if it does not fit, -ENODATA if there is
 * none.  set with value NULL removes.
 */
struct xattr_handler {
	const char *name;
	const char *prefix;
	int flags;                    /* the file system's own */
	bool (*list)(struct dentry *dentry); /* NULL: list all */
	int (*get)(const struct xattr_handler *h, struct dentry *dentry,
		   struct inode *inode, const char *name, void *buffer,
		   size_t size);
	int (*set)(const struct xattr_handler *h, struct dentry *dentry,
		   struct inode *inode, const char *name, const void *buffer,
		   size_t size, int flags);
};

const char *xattr_full_name(const struct xattr_handler *h, const char *name);

static inline const char *xattr_prefix(const struct xattr_handler *h)
{
	return h->prefix ? h->prefix : h->name;
}

/* For the kernel; names whole.  __: neither permission nor lock. */
ssize_t __vfs_getxattr(struct dentry *d, struct inode *inode, const char *name,
		       void *value, size_t size);
int __vfs_setxattr(struct dentry *d, struct inode *inode, const char *name,
		   const void *value, size_t size, int flags);
int __vfs_removexattr(struct dentry *d, const char *name);
ssize_t vfs_getxattr(struct dentry *d, const char *name, void *value,
		     size_t size);
int vfs_setxattr(struct dentry *d, const char *name, const void *value,
		 size_t size, int flags);
int vfs_removexattr(struct dentry *d, const char *name);
ssize_t vfs_listxattr(struct dentry *d, char *list, size_t size);
/* ->listxattr for who keeps no names but what the handlers stand for. */
ssize_t generic_listxattr(struct dentry *d, char *buffer, size_t size);

/* Attributes in memory, for tmpfs and its like; fs/vfs/simple_xattr.c. */
struct simple_xattrs {
	spinlock_t lock;
	struct list_head head;        /* [lock] */
};

void simple_xattrs_init(struct simple_xattrs *xattrs);
void simple_xattrs_free(struct simple_xattrs *xattrs);
int simple_xattr_get(struct simple_xattrs *xattrs, const char *name,
		     void *buffer, size_t size);
int simple_xattr_set(struct simple_xattrs *xattrs, const char *name,
		     const void *value, size_t size, int flags);
ssize_t simple_xattr_list(struct inode *inode, struct simple_xattrs *xattrs,
			  char *buffer, size_t size);

#endif
