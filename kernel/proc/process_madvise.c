/* SPDX-License-Identifier: MIT */
/*
 * process_madvise.c -- advice about another process's memory
 *
 * process_madvise() lets a manager of many programs say which memory of which
 * will not be used soon; only advice that changes no contents is taken.
 * process_mrelease() takes the memory of one that was killed, without waiting
 * for it to run and die.
 *
 * CONTEXT.  May sleep.  A mm is held by a reference, not by its task.
 *
 * SEE process_madvise(2), pidfd_open(2), docs/59-process-memory-calls.md.
 */

#include <fs/file.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/pid.h>
#include <kernel/proc.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uio.h>

static struct task_struct *pidfd_task(int pidfd)
{
	struct task_struct *t;
	unsigned int flags;
	struct pid *pid = pidfd_get_pid(pidfd, &flags);

	if (IS_ERR(pid))
		return ERR_CAST(pid);
	t = get_pid_task(pid, PIDTYPE_TGID);
	put_pid(pid);
	return t ? t : ERR_PTR(-ESRCH);
}

static bool keeps_contents(int advice)
{
	return advice == MADV_COLD || advice == MADV_PAGEOUT ||
	       advice == MADV_WILLNEED;
}

/* The mm that current may advise about, with a reference; ERR_PTR. */
static struct mm_struct *mm_to_advise(struct task_struct *t)
{
	struct mm_struct *mm;

	if (!ptrace_may_access(t, PTRACE_MODE_READ | PTRACE_MODE_FSCREDS))
		return ERR_PTR(-EACCES);
	mm = get_task_mm(t);
	if (!mm)
		return ERR_PTR(-ESRCH);
	/* Paging another out slows it down. */
	if (mm != current->mm && !capable(CAP_SYS_NICE)) {
		mmput(mm);
		return ERR_PTR(-EPERM);
	}
	return mm;
}

static ssize_t advise(struct mm_struct *mm, struct iov_iter *iter, int advice)
{
	ssize_t done = 0;
	int err = 0;

	while (!err && iov_iter_count(iter)) {
		unsigned long addr;
		size_t len = iov_iter_single_seg(iter, &addr);

		err = do_madvise(mm, addr, len, advice);
		if (err)
			break;
		iov_iter_advance(iter, len);
		done += len;
	}
	return done ? done : err;
}

SYSCALL_DEFINE5(process_madvise, int, pidfd, const struct iovec __user *, uvec,
		size_t, nr, int, advice, unsigned int, flags)
{
	struct iovec fast[UIO_FASTIOV], *vec = fast;
	struct task_struct *t;
	struct iov_iter iter;
	struct mm_struct *mm;
	ssize_t n;

	if (flags)
		return -EINVAL;
	n = import_iovec(ITER_DEST, uvec, nr, UIO_FASTIOV, &vec, &iter);
	if (n < 0)
		return n;
	t = pidfd_task(pidfd);
	n = PTR_ERR_OR_ZERO(t);
	if (n)
		goto out;
	mm = keeps_contents(advice) ? mm_to_advise(t) : ERR_PTR(-EINVAL);
	put_task_struct(t);
	n = PTR_ERR_OR_ZERO(mm);
	if (n)
		goto out;
	n = advise(mm, &iter, advice);
	mmput(mm);
out:
	kfree(vec);
	return n;
}

/* Will nobody run in mm again?  All of its threads are of a killed process. */
static bool is_dying(struct task_struct *t)
{
	return READ_ONCE(t->signal->flags) & SIGNAL_GROUP_EXIT;
}

static bool uses(struct task_struct *p, const struct mm_struct *mm)
{
	struct task_struct *t;

	for_each_thread(p, t)
		if (READ_ONCE(t->mm) == mm)
			return true;
	return false;
}

/* Does a process that goes on living run in mm?  (vfork, CLONE_VM) */
static bool is_shared_with_living(const struct mm_struct *mm)
{
	struct task_struct *p;
	bool found = false;

	rcu_read_lock();
	for_each_process(p)
		if (!found && !is_dying(p) && uses(p, mm))
			found = true;
	rcu_read_unlock();
	return found;
}

SYSCALL_DEFINE2(process_mrelease, int, pidfd, unsigned int, flags)
{
	struct task_struct *t;
	struct mm_struct *mm;
	int err = -EINVAL;

	if (flags)
		return -EINVAL;
	t = pidfd_task(pidfd);
	if (IS_ERR(t))
		return PTR_ERR(t);
	mm = get_task_mm(t);
	if (!mm) {
		err = -ESRCH;
	} else {
		if (is_dying(t) && !is_shared_with_living(mm))
			err = mm->oom_skip ? 0 : oom_reap_mm(mm);
		mmput(mm);
	}
	put_task_struct(t);
	return err;
}
