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

int check_clone_flags(u64 flags)
{
	if ((flags & (CLONE_NEWNS | CLONE_FS)) == (CLONE_NEWNS | CLONE_FS))
		return -EINVAL;
	if ((flags & (CLONE_NEWUSER | CLONE_FS)) == (CLONE_NEWUSER | CLONE_FS))
		return -EINVAL;
	if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
		return -EINVAL;
	if ((flags & CLONE_PARENT) &&
	    (current->signal->flags & SIGNAL_UNKILLABLE))
		return -EINVAL;
	if ((flags & CLONE_CLEAR_SIGHAND) && (flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_PIDFD) && (flags & (CLONE_DETACHED | CLONE_THREAD)))
		return -EINVAL;
	if (flags & CLONE_INTO_CGROUP)
		return -EBADF;        /* no file is a control group's */
	return 0;
}

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
		.pidfd = parent_tid,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
		.stack = newsp,
		.tls = tls,
	};

	return kernel_clone(&args);
}

/* Copy the user's structure of whatever size: what we do not know must be 0. */
static int copy_clone_args(struct clone_args *args,
			   const struct clone_args __user *uargs, size_t size)
{
	const u8 __user *end = (const u8 __user *)uargs;
	u8 byte;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	for (size_t i = sizeof(*args); i < size; i++) {
		if (get_user(byte, end + i))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	if (copy_from_user(args, uargs, min(size, sizeof(*args))))
		return -EFAULT;
	return 0;
}

static bool stack_valid(const struct clone_args *a)
{
	if (!a->stack)
		return !a->stack_size;
	return a->stack_size && access_ok(a->stack, a->stack_size);
}

static int check_clone3(const struct clone_args *a, size_t size)
{
	if (a->set_tid_size > MAX_PID_NS_LEVEL ||
	    !a->set_tid != !a->set_tid_size)
		return -EINVAL;
	if ((a->exit_signal & ~(u64)CSIGNAL) || a->exit_signal > NSIG)
		return -EINVAL;
	if ((a->flags & CLONE_INTO_CGROUP) &&
	    (a->cgroup > INT_MAX || size < CLONE_ARGS_SIZE_VER2))
		return -EINVAL;
	if (a->flags & ~(0xffffffffULL | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP))
		return -EINVAL;
	if (a->flags & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME)))
		return -EINVAL;
	if ((a->flags & (CLONE_THREAD | CLONE_PARENT)) && a->exit_signal)
		return -EINVAL;
	return stack_valid(a) ? 0 : -EINVAL;
}

/* set_tid: room for the numbers wished, in the caller's frame. */
static int decode_clone3(struct kernel_clone_args *kargs,
			 const struct clone_args __user *uargs, size_t size,
			 pid_t set_tid[MAX_PID_NS_LEVEL])
{
	struct clone_args args = { 0 };
	int err = copy_clone_args(&args, uargs, size);

	if (!err)
		err = check_clone3(&args, size);
	if (err)
		return err;
	if (copy_from_user(set_tid, (void __user *)args.set_tid,
			   args.set_tid_size * sizeof(*set_tid)))
		return -EFAULT;
	*kargs = (struct kernel_clone_args) {
		.flags = args.flags,
		.exit_signal = args.exit_signal,
		.pidfd = (int __user *)args.pidfd,
		.parent_tid = (int __user *)args.parent_tid,
		.child_tid = (int __user *)args.child_tid,
		.stack = args.stack ? args.stack + args.stack_size : 0,
		.tls = args.tls,
		.set_tid = set_tid,
		.set_tid_size = args.set_tid_size,
	};
	return 0;
}

SYSCALL_DEFINE2(clone3, struct clone_args __user *, uargs, size_t, size)
{
	struct kernel_clone_args args;
	pid_t set_tid[MAX_PID_NS_LEVEL];
	int err = decode_clone3(&args, uargs, size, set_tid);

	return err ? err : kernel_clone(&args);
}

SYSCALL_DEFINE1(set_tid_address, int __user *, tidptr)
{
	current->clear_child_tid = tidptr;
	return task_pid_vnr(current);
}
