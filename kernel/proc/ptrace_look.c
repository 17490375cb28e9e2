/* SPDX-License-Identifier: MIT */
/*
 * ptrace_look.c -- registers, signals and messages of a stopped tracee
 *
 * The caller (ptrace.c) holds the tracee still. Register sets go to and from
 * user space whole or from their beginning on, by an iovec that is told how
 * much there was.
 *
 * SEE ptrace(2), docs/67-ptrace.md.
 */

#include "ptrace_internal.h"

#include <arch/regset.h>
#include <arch/syscall.h>
#include <arch/uaccess.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/ptrace.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <mm/slab.h>
#include <mm/uio.h>

/* ---- registers ---- */

static int copy_regs_out(struct task_struct *t, void __user *to, size_t n)
{
	struct user_regs_struct regs;

	arch_get_regs(t, &regs);
	return copy_to_user(to, &regs, n) ? -EFAULT : 0;
}

static int copy_regs_in(struct task_struct *t, const void __user *from,
			size_t n)
{
	struct user_regs_struct regs;

	arch_get_regs(t, &regs);
	if (copy_from_user(&regs, from, n))
		return -EFAULT;
	return arch_set_regs(t, &regs);
}

static int copy_xstate(struct task_struct *t, void __user *user, size_t n,
		       bool in)
{
	char *image = kzalloc(arch_xstate_size(), GFP_KERNEL);
	int err = 0;

	if (!image)
		return -ENOMEM;
	arch_get_xstate(t, image);
	if (!in)
		err = copy_to_user(user, image, n) ? -EFAULT : 0;
	else if (copy_from_user(image, user, n))
		err = -EFAULT;
	else
		err = arch_set_xstate(t, image, n);
	kfree(image);
	return err;
}

static int regset(struct task_struct *t, unsigned long type,
		  struct iovec __user *uiov, bool in)
{
	struct iovec iov;
	size_t size;
	int err;

	if (copy_from_user(&iov, uiov, sizeof(iov)))
		return -EFAULT;
	switch (type) {
	case NT_PRSTATUS:
		size = sizeof(struct user_regs_struct);
		break;
	case NT_PRFPREG:
		size = FXSAVE_SIZE;
		break;
	case NT_X86_XSTATE:
		size = arch_xstate_size();
		break;
	default:
		return -EINVAL;
	}
	if (iov.iov_len % sizeof(long))
		return -EINVAL;
	size = min(size, iov.iov_len);
	if (type != NT_PRSTATUS)
		err = copy_xstate(t, iov.iov_base, size, in);
	else if (in)
		err = copy_regs_in(t, iov.iov_base, size);
	else
		err = copy_regs_out(t, iov.iov_base, size);
	return err ? err : put_user(size, &uiov->iov_len);
}

/* ---- signals ---- */

static int get_siginfo(struct task_struct *t, siginfo_t __user *to)
{
	siginfo_t info;
	bool have;

	spin_lock_irq(&t->sighand->siglock);
	have = t->last_siginfo;
	if (have)
		info = *t->last_siginfo;
	spin_unlock_irq(&t->sighand->siglock);
	if (!have)
		return -EINVAL;
	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : 0;
}

static int set_siginfo(struct task_struct *t, const siginfo_t __user *from)
{
	siginfo_t info;
	int err = -EINVAL;

	if (copy_from_user(&info, from, sizeof(info)))
		return -EFAULT;
	spin_lock_irq(&t->sighand->siglock);
	if (t->last_siginfo) {
		*t->last_siginfo = info;
		err = 0;
	}
	spin_unlock_irq(&t->sighand->siglock);
	return err;
}

/* The n-th waiting signal of a queue; siglock taken here. */
static bool nth_pending(struct task_struct *t, bool shared, u64 n,
			siginfo_t *info)
{
	struct sigpending *p = shared ? &t->signal->shared_pending :
			       &t->pending;
	struct sigqueue *q;
	bool found = false;

	spin_lock_irq(&t->sighand->siglock);
	list_for_each_entry(q, &p->list, list) {
		if (n--)
			continue;
		*info = q->info;
		found = true;
		break;
	}
	spin_unlock_irq(&t->sighand->siglock);
	return found;
}

static int peek_siginfo(struct task_struct *t,
			const struct ptrace_peeksiginfo_args __user *uargs,
			siginfo_t __user *to)
{
	struct ptrace_peeksiginfo_args args;
	siginfo_t info;
	int i;

	if (copy_from_user(&args, uargs, sizeof(args)))
		return -EFAULT;
	if ((args.flags & ~PTRACE_PEEKSIGINFO_SHARED) || args.nr < 0)
		return -EINVAL;
	for (i = 0; i < args.nr && !signal_pending(current); i++) {
		if (args.off + i < args.off)
			break;
		if (!nth_pending(t, args.flags & PTRACE_PEEKSIGINFO_SHARED,
				 args.off + i, &info))
			break;
		if (copy_to_user(to + i, &info, sizeof(info)))
			return i ? i : -EFAULT;
		cond_resched();
	}
	return i;
}

static int get_sigmask(struct task_struct *t, unsigned long size,
		       sigset_t __user *to)
{
	sigset_t mask;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	mask = t->restore_sigmask ? t->saved_sigmask : t->blocked;
	return copy_to_user(to, &mask, sizeof(mask)) ? -EFAULT : 0;
}

static int set_sigmask(struct task_struct *t, unsigned long size,
		       const sigset_t __user *from)
{
	sigset_t mask;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (copy_from_user(&mask, from, sizeof(mask)))
		return -EFAULT;
	mask.sig &= ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
	spin_lock_irq(&t->sighand->siglock);
	t->blocked = mask;      /* it looks for signals as it goes on */
	t->restore_sigmask = false;
	spin_unlock_irq(&t->sighand->siglock);
	return 0;
}

/* ---- the system call ---- */

static size_t describe_entry(const struct pt_regs *regs,
			     struct ptrace_syscall_info *info)
{
	unsigned long args[6];

	info->entry.nr = syscall_get_nr(regs);
	syscall_get_arguments(regs, args);
	for (int i = 0; i < 6; i++)
		info->entry.args[i] = args[i];
	return offsetofend(struct ptrace_syscall_info, entry);
}

static size_t describe_exit(const struct pt_regs *regs,
			    struct ptrace_syscall_info *info)
{
	long ax = syscall_get_return_value(regs);

	info->exit.rval = ax;
	info->exit.is_error = ax < 0 && ax >= -4095;
	return offsetof(struct ptrace_syscall_info, exit.is_error) + 1;
}

/* Fills the part that this stop has; its length. */
static size_t describe_call(struct task_struct *t,
			    struct ptrace_syscall_info *info)
{
	struct pt_regs *regs = task_pt_regs(t);
	int code = t->last_siginfo ? t->last_siginfo->si_code : 0;

	info->arch = AUDIT_ARCH_X86_64;
	info->instruction_pointer = instruction_pointer(regs);
	info->stack_pointer = user_stack_pointer(regs);
	if (code == (SIGTRAP | 0x80)) {
		if (t->ptrace_message == PTRACE_EVENTMSG_SYSCALL_ENTRY) {
			info->op = PTRACE_SYSCALL_INFO_ENTRY;
			return describe_entry(regs, info);
		}
		if (t->ptrace_message == PTRACE_EVENTMSG_SYSCALL_EXIT) {
			info->op = PTRACE_SYSCALL_INFO_EXIT;
			return describe_exit(regs, info);
		}
	} else if (code == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
		info->op = PTRACE_SYSCALL_INFO_SECCOMP;
		describe_entry(regs, info);
		info->seccomp.ret_data = t->ptrace_message;
		return offsetofend(struct ptrace_syscall_info,
				   seccomp.ret_data);
	}
	return offsetof(struct ptrace_syscall_info, entry);
}

/* The bytes that there are, however many fit. */
static long get_syscall_info(struct task_struct *t, unsigned long size,
			     void __user *to)
{
	struct ptrace_syscall_info info;
	size_t have;

	memset(&info, 0, sizeof(info));
	have = describe_call(t, &info);
	if (copy_to_user(to, &info, min(have, size)))
		return -EFAULT;
	return have;
}

long ptrace_look(struct task_struct *t, long request, unsigned long addr,
		 unsigned long data)
{
	void __user *user = (void __user *)data;

	switch (request) {
	case PTRACE_GETREGS:
		return copy_regs_out(t, user, sizeof(struct user_regs_struct));
	case PTRACE_SETREGS:
		return copy_regs_in(t, user, sizeof(struct user_regs_struct));
	case PTRACE_GETFPREGS:
		return copy_xstate(t, user, FXSAVE_SIZE, false);
	case PTRACE_SETFPREGS:
		return copy_xstate(t, user, FXSAVE_SIZE, true);
	case PTRACE_GETREGSET:
	case PTRACE_SETREGSET:
		return regset(t, addr, user, request == PTRACE_SETREGSET);
	case PTRACE_GETEVENTMSG:
		return put_user(t->ptrace_message,
				(unsigned long __user *)user);
	case PTRACE_GETSIGINFO:
		return get_siginfo(t, user);
	case PTRACE_SETSIGINFO:
		return set_siginfo(t, user);
	case PTRACE_PEEKSIGINFO:
		return peek_siginfo(t, (void __user *)addr, user);
	case PTRACE_GETSIGMASK:
		return get_sigmask(t, addr, user);
	case PTRACE_SETSIGMASK:
		return set_sigmask(t, addr, user);
	case PTRACE_GET_SYSCALL_INFO:
		return get_syscall_info(t, addr, user);
	}
	return -EIO;
}
