/* SPDX-License-Identifier: MIT */
/*
 * xattr.c -- named values beside a file's data
 *
 * PROMISE.  A value is set and removed as a whole: a reader sees the old or the
 * new one.  A file system without attributes answers EOPNOTSUPP, and its files
 * list none; ls, cp and tar take that for an answer and go on.
 *
 * IDEA.  The part of a name before its first dot says who rules over it:
 *
 *	user.*      whoever may read or write the file; files and directories
 *	trusted.*   CAP_SYS_ADMIN only, not even listed for others
 *	security.*  the file system and its security model
 *	system.*    the kernel's own formats: access control lists
 *
 * The VFS checks that rule; the volume's table of handlers, chosen by the same
 * prefix, reads and writes.
 *
 * LOCKING.  Changes hold the inode's i_rwsem for writing; readers none: the
 * handler has its own lock.
 *
 * SEE xattr(7), docs/86-xattrs-and-acls.md; the calls are in xattr_calls.c.
 */

#include "internal.h"

#include <fs/fsnotify.h>
#include <fs/xattr.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>

static bool has_prefix(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

/* May current read or write that attribute?  0 or -errno. */
static int xattr_permission(struct inode *inode, const char *name, int mask)
{
	int refused = mask & MAY_WRITE ? -EPERM : -ENODATA;

	if ((mask & MAY_WRITE) && (IS_IMMUTABLE(inode) || IS_APPEND(inode)))
		return -EPERM;
	if (has_prefix(name, XATTR_SECURITY_PREFIX) ||
	    has_prefix(name, XATTR_SYSTEM_PREFIX))
		return 0;
	if (has_prefix(name, XATTR_TRUSTED_PREFIX))
		return capable(CAP_SYS_ADMIN) ? 0 : refused;
	if (has_prefix(name, XATTR_USER_PREFIX)) {
		if (!S_ISREG(inode->i_mode) && !S_ISDIR(inode->i_mode))
			return refused;
		if (S_ISDIR(inode->i_mode) && (inode->i_mode & S_ISVTX) &&
		    (mask & MAY_WRITE) && !inode_owner_or_capable(inode))
			return -EPERM;
	}
	return inode_permission(inode, mask);
}

/* What follows h's prefix in name, or NULL: not h's.  Whole names: "". */
static const char *behind_prefix(const struct xattr_handler *h,
				 const char *name)
{
	const char *prefix = xattr_prefix(h);

	return has_prefix(name, prefix) ? name + strlen(prefix) : NULL;
}

/* The handler for *name, which moves behind the prefix; ERR_PTR. */
static const struct xattr_handler *xattr_resolve_name(struct inode *inode,
						      const char **name)
{
	const struct xattr_handler *const *p = inode->i_sb->s_xattr;
	const char *rest;

	if (!(inode->i_opflags & IOP_XATTR))
		return ERR_PTR(is_bad_inode(inode) ? -EIO : -EOPNOTSUPP);
	for (; *p; p++) {
		rest = behind_prefix(*p, *name);
		if (!rest)
			continue;
		if (!(*p)->prefix ^ !*rest) {
			if (*rest)
				continue;
			return ERR_PTR(-EINVAL);      /* "user." alone */
		}
		*name = rest;
		return *p;
	}
	return ERR_PTR(-EOPNOTSUPP);
}

/* A handler got the rest of a name: the whole again, from the same memory. */
const char *xattr_full_name(const struct xattr_handler *h, const char *name)
{
	return name - strlen(xattr_prefix(h));
}

/* ---- reading ---- */

ssize_t __vfs_getxattr(struct dentry *d, struct inode *inode, const char *name,
		       void *value, size_t size)
{
	const struct xattr_handler *h = xattr_resolve_name(inode, &name);

	if (IS_ERR(h))
		return PTR_ERR(h);
	if (!h->get)
		return -EOPNOTSUPP;
	return h->get(h, d, inode, name, value, size);
}

/* The value's length; value is filled if size is not 0.  May sleep. */
ssize_t vfs_getxattr(struct dentry *d, const char *name, void *value,
		     size_t size)
{
	int err = xattr_permission(d_inode(d), name, MAY_READ);

	return err ? err : __vfs_getxattr(d, d_inode(d), name, value, size);
}

/* The names, each with its NUL, one behind the other. */
ssize_t vfs_listxattr(struct dentry *d, char *list, size_t size)
{
	struct inode *inode = d_inode(d);

	if (!inode->i_op->listxattr || !(inode->i_opflags & IOP_XATTR))
		return 0;
	return inode->i_op->listxattr(d, list, size);
}

ssize_t generic_listxattr(struct dentry *d, char *buffer, size_t size)
{
	const struct xattr_handler *const *p = d->d_sb->s_xattr;
	size_t used = 0;

	for (; p && *p; p++) {
		size_t len;

		if (!(*p)->name || ((*p)->list && !(*p)->list(d)))
			continue;
		len = strlen((*p)->name) + 1;
		if (buffer && used + len > size)
			return -ERANGE;
		if (buffer)
			memcpy(buffer + used, (*p)->name, len);
		used += len;
	}
	return used;
}

/* ---- writing; value NULL removes ---- */

static int change_xattr(struct dentry *d, struct inode *inode,
			const char *name, const void *value, size_t size,
			int flags)
{
	const struct xattr_handler *h = xattr_resolve_name(inode, &name);

	if (IS_ERR(h))
		return PTR_ERR(h);
	if (!h->set)
		return -EOPNOTSUPP;
	return h->set(h, d, inode, name, value, size, flags);
}

int __vfs_setxattr(struct dentry *d, struct inode *inode, const char *name,
		   const void *value, size_t size, int flags)
{
	/* An empty value is not the same as none. */
	return change_xattr(d, inode, name, value ? value : "", size, flags);
}

int __vfs_removexattr(struct dentry *d, const char *name)
{
	return change_xattr(d, d_inode(d), name, NULL, 0, XATTR_REPLACE);
}

int vfs_setxattr(struct dentry *d, const char *name, const void *value,
		 size_t size, int flags)
{
	struct inode *inode = d_inode(d);
	int err;

	inode_lock(inode);
	err = xattr_permission(inode, name, MAY_WRITE);
	if (!err && has_prefix(name, XATTR_SECURITY_PREFIX))
		inode->i_flags &= ~S_NOSEC;
	if (!err)
		err = __vfs_setxattr(d, inode, name, value, size, flags);
	inode_unlock(inode);
	if (!err)
		fsnotify_dentry(d, IN_ATTRIB);
	return err;
}

int vfs_removexattr(struct dentry *d, const char *name)
{
	struct inode *inode = d_inode(d);
	int err;

	inode_lock(inode);
	err = xattr_permission(inode, name, MAY_WRITE);
	if (!err)
		err = __vfs_removexattr(d, name);
	inode_unlock(inode);
	if (!err)
		fsnotify_dentry(d, IN_ATTRIB);
	return err;
}
