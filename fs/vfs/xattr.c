/* SPDX-License-Identifier: MIT */
/*
 * xattr.c -- extended attributes: the calls, before a file system keeps any
 *
 * PROMISE.  The path and the descriptor are checked as for any other call; then
 * reading and writing an attribute say EOPNOTSUPP, as Linux does on a file
 * system without them, and the list of a file's attributes is empty.  ls, cp
 * and tar take that for an answer and go on.
 *
 * SEE xattr(7), getxattr(2).
 */

#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/errno.h>
#include <kernel/syscall.h>
#include <uapi/fcntl.h>

#define XATTR_NAME_MAX 255

/* A name is there and neither empty nor too long. */
static int check_name(const char __user *name)
{
	long len = strnlen_user(name, XATTR_NAME_MAX + 1);

	if (!len)
		return -EFAULT;
	if (len == 1 || len > XATTR_NAME_MAX + 1)
		return -ERANGE;
	return 0;
}

static int check_path(const char __user *path, unsigned int lookup)
{
	struct path p;
	int err = user_path_at(AT_FDCWD, path, lookup, &p);

	if (!err)
		path_put(&p);
	return err;
}

static int check_fd(int fd)
{
	struct fd f = fdget(fd);

	if (!f.file)
		return -EBADF;
	fdput(f);
	return 0;
}

/* What a call about one attribute ends in, its file having been found or not. */
static long one_attribute(int file_error, const char __user *name)
{
	int err = check_name(name);

	return err ? err : file_error ? file_error : -EOPNOTSUPP;
}

SYSCALL_DEFINE4(getxattr, const char __user *, path, const char __user *, name,
		void __user *, value, size_t, size)
{
	return one_attribute(check_path(path, LOOKUP_FOLLOW), name);
}

SYSCALL_DEFINE4(lgetxattr, const char __user *, path, const char __user *, name,
		void __user *, value, size_t, size)
{
	return one_attribute(check_path(path, 0), name);
}

SYSCALL_DEFINE4(fgetxattr, int, fd, const char __user *, name, void __user *,
		value, size_t, size)
{
	return one_attribute(check_fd(fd), name);
}

SYSCALL_DEFINE5(setxattr, const char __user *, path, const char __user *, name,
		const void __user *, value, size_t, size, int, flags)
{
	return one_attribute(check_path(path, LOOKUP_FOLLOW), name);
}

SYSCALL_DEFINE5(lsetxattr, const char __user *, path, const char __user *, name,
		const void __user *, value, size_t, size, int, flags)
{
	return one_attribute(check_path(path, 0), name);
}

SYSCALL_DEFINE5(fsetxattr, int, fd, const char __user *, name,
		const void __user *, value, size_t, size, int, flags)
{
	return one_attribute(check_fd(fd), name);
}

SYSCALL_DEFINE2(removexattr, const char __user *, path, const char __user *,
		name)
{
	return one_attribute(check_path(path, LOOKUP_FOLLOW), name);
}

SYSCALL_DEFINE2(lremovexattr, const char __user *, path, const char __user *,
		name)
{
	return one_attribute(check_path(path, 0), name);
}

SYSCALL_DEFINE2(fremovexattr, int, fd, const char __user *, name)
{
	return one_attribute(check_fd(fd), name);
}

SYSCALL_DEFINE3(listxattr, const char __user *, path, char __user *, list,
		size_t, size)
{
	return check_path(path, LOOKUP_FOLLOW);
}

SYSCALL_DEFINE3(llistxattr, const char __user *, path, char __user *, list,
		size_t, size)
{
	return check_path(path, 0);
}

SYSCALL_DEFINE3(flistxattr, int, fd, char __user *, list, size_t, size)
{
	return check_fd(fd);
}
