/* SPDX-License-Identifier: MIT */
/*
 * socket.c -- the door to the address families
 *
 * No family is here yet, and that is what a caller is told: EAFNOSUPPORT, from
 * which programs with a choice (PAM's audit, Python, glibc's name service) go
 * on.  ENOSYS would read "a kernel that nobody can know" and stops some of them.
 */

#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>

enum { SOCK_TYPE_MASK = 0xf, SOCK_MAX = 11, SOCK_FLAGS = 02004000 };

static int check_type(int type)
{
	int kind = type & SOCK_TYPE_MASK;

	if ((type & ~SOCK_TYPE_MASK & ~SOCK_FLAGS) || kind >= SOCK_MAX)
		return -EINVAL;
	return -EAFNOSUPPORT;
}

SYSCALL_DEFINE3(socket, int, family, int, type, int, protocol)
{
	return check_type(type);
}

SYSCALL_DEFINE4(socketpair, int, family, int, type, int, protocol,
		int __user *, fds)
{
	return check_type(type);
}
