/* SPDX-License-Identifier: MIT */
/*
 * permission.c -- who may do what with a file; and paths from user space
 *
 * IDEA.  One of the three groups of mode bits applies: the owner's, the
 * group's, or the others'.  What it does not grant, a capability may; the file
 * system may have a rule of its own in front (->permission).
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <fs/posix_acl.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

#define FILENAME_ROOM (PATH_MAX)

static struct filename *filename_alloc(void)
{
	struct filename *f = kmalloc(sizeof(*f) + FILENAME_ROOM, GFP_KERNEL);

	if (!f)
		return ERR_PTR(-ENOMEM);
	f->name = f->iname;
	f->uptr = NULL;
	f->refcnt = 1;
	return f;
}

/* Copy a path; -EFAULT, -ENAMETOOLONG, -ENOENT ("" without LOOKUP_EMPTY). */
struct filename *getname_flags(const char __user *name, int flags)
{
	struct filename *f = filename_alloc();
	long len;

	if (IS_ERR(f))
		return f;
	f->uptr = name;
	len = strncpy_from_user(f->iname, name, PATH_MAX);
	if (len == PATH_MAX)
		len = -ENAMETOOLONG;
	if (len == 0 && !(flags & LOOKUP_EMPTY))
		len = -ENOENT;
	if (len < 0) {
		kfree(f);
		return ERR_PTR(len);
	}
	return f;
}

struct filename *getname(const char __user *name)
{
	return getname_flags(name, 0);
}

struct filename *getname_kernel(const char *name)
{
	size_t len = strlen(name);
	struct filename *f;

	if (len >= PATH_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	f = filename_alloc();
	if (!IS_ERR(f))
		memcpy(f->iname, name, len + 1);
	return f;
}

void putname(struct filename *name)
{
	if (!IS_ERR_OR_NULL(name) && --name->refcnt == 0)
		kfree(name);
}

/* ---- permission ---- */

/* The rights bits of inode that apply to us, as rwx in the low three. */
static unsigned applicable_bits(struct inode *inode)
{
	if (inode->i_uid == current_fsuid())
		return inode->i_mode >> 6;
	if (in_group_p(inode->i_gid))
		return inode->i_mode >> 3;
	return inode->i_mode;
}

/*
 * By the access control list: 0, -EACCES, or -EAGAIN: there is none.  In a walk
 * under RCU -ECHILD: it is not in memory, ask again when you may sleep.
 */
static int check_acl(struct inode *inode, int mask)
{
	struct posix_acl *acl;
	int err;

	if (mask & MAY_NOT_BLOCK) {
		acl = get_cached_acl_rcu(inode, ACL_TYPE_ACCESS);
		if (!acl)
			return -EAGAIN;
		if (acl == ACL_NOT_CACHED)
			return -ECHILD;
		return posix_acl_permission(inode, acl, mask);
	}
	acl = get_acl(inode, ACL_TYPE_ACCESS);
	if (IS_ERR_OR_NULL(acl))
		return acl ? PTR_ERR(acl) : -EAGAIN;
	err = posix_acl_permission(inode, acl, mask);
	posix_acl_release(acl);
	return err;
}

/* The list is asked only if its mask, in the group bits, leaves anything. */
static int check_rights(struct inode *inode, int mask)
{
	int rwx = mask & (MAY_READ | MAY_WRITE | MAY_EXEC), err;

	if (inode->i_uid != current_fsuid() && IS_POSIXACL(inode) &&
	    (inode->i_mode & S_IRWXG)) {
		err = check_acl(inode, mask);
		if (err != -EAGAIN)
			return err;
	}
	return rwx & ~applicable_bits(inode) ? -EACCES : 0;
}

/* Owner, group, others; then the capabilities that overrule them. */
int generic_permission(struct inode *inode, int mask)
{
	int err = check_rights(inode, mask);

	if (err != -EACCES)
		return err;
	mask &= MAY_READ | MAY_WRITE | MAY_EXEC;
	if (S_ISDIR(inode->i_mode)) {
		if (!(mask & MAY_WRITE) && capable(CAP_DAC_READ_SEARCH))
			return 0;
		return capable(CAP_DAC_OVERRIDE) ? 0 : -EACCES;
	}
	if (mask == MAY_READ && capable(CAP_DAC_READ_SEARCH))
		return 0;
	/* Even root needs one x bit to execute. */
	if (!(mask & MAY_EXEC) || (inode->i_mode & S_IXUGO))
		if (capable(CAP_DAC_OVERRIDE))
			return 0;
	return -EACCES;
}

int inode_permission(struct inode *inode, int mask)
{
	if (mask & MAY_WRITE) {
		umode_t mode = inode->i_mode;

		if (IS_RDONLY(inode) &&
		    (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode)))
			return -EROFS;
		if (IS_IMMUTABLE(inode))
			return -EPERM;
	}
	if (inode->i_op->permission)
		return inode->i_op->permission(inode, mask);
	return generic_permission(inode, mask);
}

int file_permission(struct file *file, int mask)
{
	return inode_permission(file_inode(file), mask);
}

