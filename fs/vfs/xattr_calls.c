/* SPDX-License-Identifier: MIT */
/*
 * xattr_calls.c -- the twelve system calls on extended attributes
 *
 * Four verbs (get, set, list, remove), each for a path, for a symlink itself
 * and for a descriptor.  One decoder brings a name or value into the kernel,
 * one function a verb does it, and the twelve doors only find the file.
 *
 * SEE getxattr(2), setxattr(2), listxattr(2), removexattr(2).
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <fs/xattr.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/slab.h>

struct xattr_name {
	char text[XATTR_NAME_MAX + 1];
};

/* 0, -EFAULT, -ERANGE: empty or too long. */
static int fetch_name(struct xattr_name *name, const char __user *from)
{
	long n = strncpy_from_user(name->text, from, sizeof(name->text));

	if (n == 0 || n == sizeof(name->text))
		return -ERANGE;
	return n < 0 ? n : 0;
}

static long do_setxattr(const struct path *path, const char __user *uname,
			const void __user *uvalue, size_t size, int flags)
{
	struct xattr_name name;
	void *value = NULL;
	int err;

	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	err = fetch_name(&name, uname);
	if (err)
		return err;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	if (size) {
		value = kvmalloc(size, GFP_KERNEL);
		if (!value)
			return -ENOMEM;
		err = copy_from_user(value, uvalue, size) ? -EFAULT : 0;
	}
	if (!err)
		err = mnt_want_write(path->mnt);
	if (!err) {
		err = vfs_setxattr(path->dentry, name.text, value, size, flags);
		mnt_drop_write(path->mnt);
	}
	kvfree(value);
	return err;
}

static ssize_t do_getxattr(const struct path *path, const char __user *uname,
			   void __user *uvalue, size_t size)
{
	struct xattr_name name;
	void *value = NULL;
	ssize_t n = fetch_name(&name, uname);

	if (n)
		return n;
	size = min(size, (size_t)XATTR_SIZE_MAX);
	if (size) {
		value = kvzalloc(size, GFP_KERNEL);
		if (!value)
			return -ENOMEM;
	}
	n = vfs_getxattr(path->dentry, name.text, value, size);
	if (n > 0 && size && copy_to_user(uvalue, value, n))
		n = -EFAULT;
	else if (n == -ERANGE && size >= XATTR_SIZE_MAX)
		n = -E2BIG;           /* no buffer will ever do */
	kvfree(value);
	return n;
}

static ssize_t do_listxattr(const struct path *path, char __user *ulist,
			    size_t size)
{
	char *list = NULL;
	ssize_t n;

	size = min(size, (size_t)XATTR_LIST_MAX);
	if (size) {
		list = kvmalloc(size, GFP_KERNEL);
		if (!list)
			return -ENOMEM;
	}
	n = vfs_listxattr(path->dentry, list, size);
	if (n > 0 && size && copy_to_user(ulist, list, n))
		n = -EFAULT;
	else if (n == -ERANGE && size >= XATTR_LIST_MAX)
		n = -E2BIG;
	kvfree(list);
	return n;
}

static long do_removexattr(const struct path *path, const char __user *uname)
{
	struct xattr_name name;
	int err = fetch_name(&name, uname);

	if (!err)
		err = mnt_want_write(path->mnt);
	if (err)
		return err;
	err = vfs_removexattr(path->dentry, name.text);
	mnt_drop_write(path->mnt);
	return err;
}

/* ---- by path, by link: LOOKUP_FOLLOW or 0 ---- */

static long set_by_path(const char __user *name, const char __user *attr,
			const void __user *value, size_t size, int flags,
			unsigned lookup)
{
	struct path path;
	long err = user_path_at(AT_FDCWD, name, lookup, &path);

	if (!err) {
		err = do_setxattr(&path, attr, value, size, flags);
		path_put(&path);
	}
	return err;
}

static long get_by_path(const char __user *name, const char __user *attr,
			void __user *value, size_t size, unsigned lookup)
{
	struct path path;
	long err = user_path_at(AT_FDCWD, name, lookup, &path);

	if (!err) {
		err = do_getxattr(&path, attr, value, size);
		path_put(&path);
	}
	return err;
}

static long list_by_path(const char __user *name, char __user *list,
			 size_t size, unsigned lookup)
{
	struct path path;
	long err = user_path_at(AT_FDCWD, name, lookup, &path);

	if (!err) {
		err = do_listxattr(&path, list, size);
		path_put(&path);
	}
	return err;
}

static long remove_by_path(const char __user *name, const char __user *attr,
			   unsigned lookup)
{
	struct path path;
	long err = user_path_at(AT_FDCWD, name, lookup, &path);

	if (!err) {
		err = do_removexattr(&path, attr);
		path_put(&path);
	}
	return err;
}

SYSCALL_DEFINE5(setxattr, const char __user *, path, const char __user *, name,
		const void __user *, value, size_t, size, int, flags)
{
	return set_by_path(path, name, value, size, flags, LOOKUP_FOLLOW);
}

SYSCALL_DEFINE5(lsetxattr, const char __user *, path, const char __user *, name,
		const void __user *, value, size_t, size, int, flags)
{
	return set_by_path(path, name, value, size, flags, 0);
}

SYSCALL_DEFINE5(fsetxattr, int, fd, const char __user *, name,
		const void __user *, value, size_t, size, int, flags)
{
	struct fd f = fdget(fd);
	long err = -EBADF;

	if (f.file) {
		err = do_setxattr(&f.file->f_path, name, value, size, flags);
		fdput(f);
	}
	return err;
}

SYSCALL_DEFINE4(getxattr, const char __user *, path, const char __user *, name,
		void __user *, value, size_t, size)
{
	return get_by_path(path, name, value, size, LOOKUP_FOLLOW);
}

SYSCALL_DEFINE4(lgetxattr, const char __user *, path, const char __user *, name,
		void __user *, value, size_t, size)
{
	return get_by_path(path, name, value, size, 0);
}

SYSCALL_DEFINE4(fgetxattr, int, fd, const char __user *, name, void __user *,
		value, size_t, size)
{
	struct fd f = fdget(fd);
	long err = -EBADF;

	if (f.file) {
		err = do_getxattr(&f.file->f_path, name, value, size);
		fdput(f);
	}
	return err;
}

SYSCALL_DEFINE3(listxattr, const char __user *, path, char __user *, list,
		size_t, size)
{
	return list_by_path(path, list, size, LOOKUP_FOLLOW);
}

SYSCALL_DEFINE3(llistxattr, const char __user *, path, char __user *, list,
		size_t, size)
{
	return list_by_path(path, list, size, 0);
}

SYSCALL_DEFINE3(flistxattr, int, fd, char __user *, list, size_t, size)
{
	struct fd f = fdget(fd);
	long err = -EBADF;

	if (f.file) {
		err = do_listxattr(&f.file->f_path, list, size);
		fdput(f);
	}
	return err;
}

SYSCALL_DEFINE2(removexattr, const char __user *, path, const char __user *,
		name)
{
	return remove_by_path(path, name, LOOKUP_FOLLOW);
}

SYSCALL_DEFINE2(lremovexattr, const char __user *, path, const char __user *,
		name)
{
	return remove_by_path(path, name, 0);
}

SYSCALL_DEFINE2(fremovexattr, int, fd, const char __user *, name)
{
	struct fd f = fdget(fd);
	long err = -EBADF;

	if (f.file) {
		err = do_removexattr(&f.file->f_path, name);
		fdput(f);
	}
	return err;
}
