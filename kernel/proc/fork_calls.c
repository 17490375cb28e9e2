/* SPDX-License-Identifier: MIT */
/*
 * fork_calls.c -- fork, vfork, clone and clone3: four ways to say what to share
 *
 * Each decodes its arguments into struct kernel_clone_args; fork.c does the
 * rest.
 *
 * SEE fork(2), vfork(2), clone(2).
 */

#include <kernel/proc.h>

#include <arch/page.h>
#include <arch/uaccess.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <uapi/sched.h>

SYSCALL_DEFINE0(fork)
{
	struct kernel_clone_args args = { .exit_signal = SIGCHLD };

	return kernel_clone(&args);
}

SYSCALL_DEFINE0(vfork)
{
	struct kernel_clone_args args = {
		.flags = CLONE_VFORK | CLONE_VM,
		.exit_signal = SIGCHLD,
	};

	return kernel_clone(&args);
}

SYSCALL_DEFINE5(clone, unsigned long, flags, unsigned long, newsp,
		int __user *, parent_tid, int __user *, child_tid,
		unsigned long, tls)
{
	struct kernel_clone_args args = {
		.flags = (u32)flags & ~CSIGNAL,
		.exit_signal = flags & CSIGNAL,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
		.stack = newsp,
		.tls = tls,
	};

	return kernel_clone(&args);
}

static int decode_clone3(struct kernel_clone_args *kargs,
			 const struct clone_args __user *uargs, size_t size)
{
	struct clone_args args = { 0 };

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	if (copy_from_user(&args, uargs, min(size, sizeof(args))))
		return -EFAULT;
	if (args.exit_signal > NSIG || (args.flags & (CLONE_DETACHED | CSIGNAL)))
		return -EINVAL;
	if ((args.stack == 0) != (args.stack_size == 0))
		return -EINVAL;
	if (args.set_tid_size || args.cgroup)
		return -EINVAL;
	*kargs = (struct kernel_clone_args) {
		.flags = args.flags,
		.exit_signal = args.exit_signal,
		.parent_tid = (int __user *)args.parent_tid,
		.child_tid = (int __user *)args.child_tid,
		.stack = args.stack ? args.stack + args.stack_size : 0,
		.tls = args.tls,
	};
	return 0;
}

SYSCALL_DEFINE2(clone3, struct clone_args __user *, uargs, size_t, size)
{
	struct kernel_clone_args args;
	int err = decode_clone3(&args, uargs, size);

	return err ? err : kernel_clone(&args);
}

SYSCALL_DEFINE1(set_tid_address, int __user *, tidptr)
{
	current->clear_child_tid = tidptr;
	return task_pid_vnr(current);
}
