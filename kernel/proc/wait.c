/* SPDX-License-Identifier: MIT */
/*
 * wait.c -- a parent learns what became of its children
 *
 * PROMISE.  Each change of a child (end, stop, continue) is reported once, to
 * one waiter of its parent's group; an ended child is reaped by that report,
 * unless WNOWAIT.  ECHILD if there is nobody to wait for.
 *
 * IDEA.  Announce, look, sleep: the waiter queues itself on its group's
 * wait_chldexit before it looks at the children, and every change of a child is
 * made before that queue is woken.
 *
 * INVARIANTS.  I1 A zombie is reaped by whoever changes its exit_state from
 * ZOMBIE to DEAD by cmpxchg; everybody else sees DEAD and passes on.
 *
 * LOCKING.  tasklist_lock (read) while looking; siglock of the child for its
 * stop state.
 *
 * RACES.	parent				child
 *	[a] add to wait_chldexit	[c] exit_state = ZOMBIE
 *	[b] look at exit_state		[d] wake wait_chldexit
 * If [b] misses [c], then [d] comes after [a] and ends the sleep.
 *
 * SEE waitid(2), docs/47-processes.md.
 */

#include <kernel/proc.h>

#include <arch/uaccess.h>
#include <kernel/cputime.h>
#include <kernel/err.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/list.h>
#include <kernel/pid.h>
#include <kernel/ptrace.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/wait.h>
#include <uapi/fcntl.h>
#include <uapi/wait.h>

struct wait_opts {
	enum pid_type type;           /* PIDTYPE_MAX: any child */
	struct pid *pid;              /* reference held */
	int flags;                    /* W* */
	bool nonblock;                /* nothing yet is -EAGAIN */
	siginfo_t *info;              /* filled for waitid; may be NULL */
	int status;                   /* as wait4 gives it */
	struct rusage *ru;
	int notask_error;             /* what to say if nothing is eligible */
	wait_queue_entry_t child_wait;
};

static bool eligible_pid(struct wait_opts *wo, struct task_struct *p)
{
	return wo->type == PIDTYPE_MAX || task_pid_type(p, wo->type) == wo->pid;
}

/* "Clone children" end with another signal than SIGCHLD, or none. */
static bool eligible_child(struct wait_opts *wo, bool ptrace,
			   struct task_struct *p)
{
	bool clone = p->exit_signal != SIGCHLD;

	if (!eligible_pid(wo, p))
		return false;
	/* A tracer waits for its tracees whatever they end with. */
	if (ptrace || (wo->flags & __WALL))
		return true;
	return clone == !!(wo->flags & __WCLONE);
}

static void fill_wait_info(struct wait_opts *wo, pid_t pid, uid_t uid, int code,
			   int status)
{
	siginfo_t *info = wo->info;

	if (!info)
		return;
	memset(info, 0, sizeof(*info));
	info->si_signo = SIGCHLD;
	info->si_code = code;
	info->si_pid = pid;
	info->si_uid = uid;
	info->si_status = status;
}

/* What p and its own reaped children used becomes ours. */
static void inherit_times(struct task_struct *p)
{
	struct signal_struct *psig = current->signal, *sig = p->signal;
	unsigned long maxrss = max(sig->maxrss, sig->cmaxrss);

	spin_lock_irq(&current->sighand->siglock);
	psig->cutime += p->utime + sig->utime + sig->cutime;
	psig->cstime += p->stime + sig->stime + sig->cstime;
	psig->cmin_flt += p->min_flt + sig->min_flt + sig->cmin_flt;
	psig->cmaj_flt += p->maj_flt + sig->maj_flt + sig->cmaj_flt;
	psig->cread_bytes += p->ioac.read_bytes + sig->ioac.read_bytes +
			     sig->cread_bytes;
	psig->cwrite_bytes += p->ioac.write_bytes + sig->ioac.write_bytes +
			      sig->cwrite_bytes;
	psig->cnvcsw += p->nvcsw + sig->nvcsw + sig->cnvcsw;
	psig->cnivcsw += p->nivcsw + sig->nivcsw + sig->cnivcsw;
	if (psig->cmaxrss < maxrss)
		psig->cmaxrss = maxrss;
	spin_unlock_irq(&current->sighand->siglock);
}

/*
 * The tracer has seen the end of a process that is another's child: now the
 * parent is told.
 */
static void hand_to_parent(struct task_struct *p)
{
	int state = EXIT_ZOMBIE;

	write_lock_irq(&tasklist_lock);
	ptrace_unlink(p);
	if (thread_group_empty(p) && do_notify_parent(p, p->exit_signal))
		state = EXIT_DEAD;
	p->exit_state = state;
	write_unlock_irq(&tasklist_lock);
	if (state == EXIT_DEAD)
		release_task(p);
}

/* Called with tasklist_lock read-held; drops it if it returns non-zero. */
static int wait_task_zombie(struct wait_opts *wo, struct task_struct *p)
{
	pid_t pid = task_pid_vnr(p);
	uid_t uid = task_uid(p);
	int status = p->signal->flags & SIGNAL_GROUP_EXIT ?
		p->signal->group_exit_code : p->exit_code;
	int old = EXIT_ZOMBIE, state = EXIT_DEAD;

	if (!(wo->flags & WEXITED))
		return 0;
	if (thread_group_leader(p) && p->ptrace && ptrace_reparented(p))
		state = EXIT_TRACE;
	if (!(wo->flags & WNOWAIT) &&
	    !__atomic_compare_exchange_n(&p->exit_state, &old, state, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return 0;                                          /* I1 */
	get_task_struct(p);
	read_unlock(&tasklist_lock);
	wo->status = status;
	if (wo->ru)
		getrusage(p, RUSAGE_BOTH, wo->ru);
	fill_wait_info(wo, pid, uid, status & 0x7f ?
		       (status & 0x80 ? CLD_DUMPED : CLD_KILLED) : CLD_EXITED,
		       status & 0x7f ? status & 0x7f : status >> 8);
	if (wo->flags & WNOWAIT) {
		;
	} else if (state == EXIT_TRACE) {
		hand_to_parent(p);
	} else {
		if (thread_group_leader(p))
			inherit_times(p);
		release_task(p);
	}
	put_task_struct(p);
	return pid;
}

static int report_stop(struct wait_opts *wo, struct task_struct *p, int code,
		       int why, int status)
{
	pid_t pid = task_pid_vnr(p);
	uid_t uid = task_uid(p);

	get_task_struct(p);
	read_unlock(&tasklist_lock);
	if (wo->ru)
		getrusage(p, RUSAGE_BOTH, wo->ru);
	wo->status = status;
	fill_wait_info(wo, pid, uid, why, code);
	put_task_struct(p);
	return pid;
}

/* Where a stop that is not yet told of has its code, or NULL; siglock held. */
static int *stopped_code(struct task_struct *p, bool ptrace)
{
	if (ptrace)
		return task_is_traced(p) && !(p->jobctl & JOBCTL_LISTENING) ?
			&p->exit_code : NULL;
	return p->signal->flags & SIGNAL_STOP_STOPPED ?
		&p->signal->group_exit_code : NULL;
}

static int wait_task_stopped(struct wait_opts *wo, bool ptrace,
			     struct task_struct *p)
{
	int code = 0, *from;

	if (!ptrace && !(wo->flags & WSTOPPED))
		return 0;
	if (!stopped_code(p, ptrace))
		return 0;
	spin_lock_irq(&p->sighand->siglock);
	from = stopped_code(p, ptrace);
	if (from) {
		code = *from;
		if (!(wo->flags & WNOWAIT))
			*from = 0;
	}
	spin_unlock_irq(&p->sighand->siglock);
	if (!code)
		return 0;
	return report_stop(wo, p, code, ptrace ? CLD_TRAPPED : CLD_STOPPED,
			   (code << 8) | 0x7f);
}

static int wait_task_continued(struct wait_opts *wo, struct task_struct *p)
{
	bool continued;

	if (!(wo->flags & WCONTINUED) ||
	    !(p->signal->flags & SIGNAL_STOP_CONTINUED))
		return 0;
	spin_lock_irq(&p->sighand->siglock);
	continued = p->signal->flags & SIGNAL_STOP_CONTINUED;
	if (continued && !(wo->flags & WNOWAIT))
		p->signal->flags &= ~SIGNAL_STOP_CONTINUED;
	spin_unlock_irq(&p->sighand->siglock);
	if (!continued)
		return 0;
	return report_stop(wo, p, SIGCONT, CLD_CONTINUED, 0xffff);
}

/*
 * Look at one child, or (ptrace) tracee; tasklist_lock read-held.  Non-zero:
 * the search is over and the lock is dropped.
 */
static int consider_child(struct wait_opts *wo, bool ptrace,
			  struct task_struct *p)
{
	int exit_state = READ_ONCE(p->exit_state), ret;

	if (exit_state == EXIT_DEAD || !eligible_child(wo, ptrace, p))
		return 0;
	if (exit_state == EXIT_TRACE) {
		/* Its tracer is just reaping it; our turn comes. */
		if (!ptrace)
			wo->notask_error = 0;
		return 0;
	}
	/* A child that we trace ourselves is reported as a tracee alone. */
	if (!ptrace && p->ptrace && !ptrace_reparented(p))
		ptrace = true;
	if (exit_state == EXIT_ZOMBIE) {
		/* Even if WEXITED is not asked: it will never stop again. */
		if (!delay_group_leader(p) && (ptrace || !p->ptrace)) {
			if (!(wo->flags & WEXITED))
				return 0;
			wo->notask_error = 0;
			return wait_task_zombie(wo, p);
		}
		if (!ptrace || (wo->flags & (WCONTINUED | WEXITED)))
			wo->notask_error = 0;
	} else {
		wo->notask_error = 0;
	}
	ret = wait_task_stopped(wo, ptrace, p);
	return ret ? ret : wait_task_continued(wo, p);
}

/* All children and tracees of one thread. */
static int consider_children(struct wait_opts *wo, struct task_struct *t)
{
	struct task_struct *p;
	int ret;

	list_for_each_entry(p, &t->ptraced, ptrace_entry) {
		ret = consider_child(wo, true, p);
		if (ret)
			return ret;
	}
	list_for_each_entry(p, &t->children, sibling) {
		ret = consider_child(wo, false, p);

		if (ret)
			return ret;
	}
	return 0;
}

static int scan_children(struct wait_opts *wo)
{
	struct task_struct *t;
	int ret;

	wo->notask_error = -ECHILD;
	read_lock(&tasklist_lock);
	for_each_thread(current, t) {
		ret = consider_children(wo, t);
		if (ret)
			return ret;
		if (wo->flags & __WNOTHREAD)
			break;
	}
	read_unlock(&tasklist_lock);
	if (!wo->notask_error && !(wo->flags & WNOHANG))
		return -ERESTARTSYS;  /* sleep, then look again */
	return wo->notask_error;
}

/* The child's pid, 0 (WNOHANG), or -errno. */
static long do_wait(struct wait_opts *wo)
{
	wait_queue_head_t *wq = &current->signal->wait_chldexit;
	long ret;

	init_waitqueue_entry(&wo->child_wait, current);
	add_wait_queue(wq, &wo->child_wait);                       /* [a] */
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		ret = scan_children(wo);                           /* [b] */
		if (ret != -ERESTARTSYS || signal_pending(current))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(wq, &wo->child_wait);
	return ret;
}

/* wait4's pid argument: >0 process, 0 own group, -1 any, <-1 that group. */
static int decode_wait4_pid(struct wait_opts *wo, pid_t upid)
{
	wo->type = PIDTYPE_MAX;
	if (upid == INT_MIN)
		return -ESRCH;
	if (upid == -1)
		return 0;
	if (upid < 0) {
		wo->type = PIDTYPE_PGID;
		wo->pid = find_get_pid(-upid);
	} else if (upid == 0) {
		wo->type = PIDTYPE_PGID;
		wo->pid = get_task_pid(current, PIDTYPE_PGID);
	} else {
		wo->type = PIDTYPE_PID;
		wo->pid = find_get_pid(upid);
	}
	return 0;
}

SYSCALL_DEFINE4(wait4, pid_t, upid, int __user *, stat_addr, int, options,
		struct rusage __user *, ru)
{
	struct wait_opts wo = { .flags = options | WEXITED };
	struct rusage r;
	long ret;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD |
			__WCLONE | __WALL))
		return -EINVAL;
	wo.ru = ru ? &r : NULL;
	ret = decode_wait4_pid(&wo, upid);
	if (ret)
		return ret;
	ret = do_wait(&wo);
	put_pid(wo.pid);
	if (ret <= 0)
		return ret;
	if (stat_addr && put_user(wo.status, stat_addr))
		return -EFAULT;
	if (ru && copy_to_user(ru, &r, sizeof(r)))
		return -EFAULT;
	return ret;
}

/* A pidfd opened with O_NONBLOCK asks as WNOHANG does, but fails. */
static int decode_pidfd(struct wait_opts *wo, int fd)
{
	unsigned int f_flags;
	struct pid *pid;

	if (fd < 0)
		return -EINVAL;
	pid = pidfd_get_pid(fd, &f_flags);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	wo->type = PIDTYPE_TGID;
	wo->pid = pid;
	wo->nonblock = f_flags & O_NONBLOCK && !(wo->flags & WNOHANG);
	if (wo->nonblock)
		wo->flags |= WNOHANG;
	return 0;
}

static int decode_waitid(struct wait_opts *wo, int which, pid_t upid)
{
	if (wo->flags & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED |
			  __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (!(wo->flags & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	switch (which) {
	case P_ALL:
		wo->type = PIDTYPE_MAX;
		return 0;
	case P_PID:
		if (upid <= 0)
			return -EINVAL;
		wo->type = PIDTYPE_PID;
		wo->pid = find_get_pid(upid);
		return 0;
	case P_PGID:
		if (upid < 0)
			return -EINVAL;
		wo->type = PIDTYPE_PGID;
		wo->pid = upid ? find_get_pid(upid) :
			get_task_pid(current, PIDTYPE_PGID);
		return 0;
	case P_PIDFD:
		return decode_pidfd(wo, upid);
	}
	return -EINVAL;
}

SYSCALL_DEFINE5(waitid, int, which, pid_t, upid, siginfo_t __user *, infop,
		int, options, struct rusage __user *, ru)
{
	siginfo_t info = { 0 };
	struct rusage r;
	struct wait_opts wo = {
		.flags = options, .info = &info, .ru = ru ? &r : NULL,
	};
	long ret = decode_waitid(&wo, which, upid);

	if (ret)
		return ret;
	ret = do_wait(&wo);
	put_pid(wo.pid);
	if (!ret && wo.nonblock)
		return -EAGAIN;
	if (ret < 0)
		return ret;
	if (ret > 0 && ru && copy_to_user(ru, &r, sizeof(r)))
		return -EFAULT;
	if (infop && copy_to_user(infop, &info, sizeof(info)))
		return -EFAULT;
	return 0;
}
