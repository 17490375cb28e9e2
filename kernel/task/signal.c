/* SPDX-License-Identifier: MIT */
/*
 * signal.c -- sending a signal
 *
 * PROMISE.  A standard signal (1..31) that is sent while one of its kind waits
 * is absorbed; real-time signals (32..64) are all kept, in order, with payload,
 * up to RLIMIT_SIGPENDING.  SIGKILL and SIGSTOP always arrive.  A signal for a
 * process goes to one thread that does not block it.
 *
 * IDEA.  Sending only records and wakes; the receiver acts, on its own way back
 * to user mode (kernel/proc/signal_deliver.c).  Each thread has a private
 * queue, each thread group a shared one:
 *
 *	tgkill, faults --> t->pending          \
 *	                                        >  dequeue_signal() in the thread
 *	kill, SIGCHLD  --> signal->shared_pending /
 *
 * A queue is a bit mask and a list of struct sigqueue with the infos; a
 * standard signal without memory for an info is still recorded as a bit.
 *
 * INVARIANTS (siglock held).
 *   I1  A set bit in pending.signal without an entry in the list means "sent
 *       without details"; an entry in the list has its bit set.
 *   I2  TIF_SIGPENDING is set whenever a thread has an unblocked signal waiting.
 *       It may be set without one (recalc_sigpending clears it).
 *   I3  SIGCONT waiting excludes a stop signal waiting, and the reverse.
 *
 * Taking one off the queue is in signal_take.c, telling parents in
 * signal_parent.c, the faults of current's own in signal_force.c.
 *
 * LOCKING.  sighand->siglock (irqs off) guards queues, handlers and masks.  A
 * task that is not current may lose its sighand as it exits: lock_task_sighand.
 * Order: tasklist_lock, siglock, pi_lock (wake-up).
 *
 * RACES.  Blocked-mask change against a sender:
 *
 *	receiver                          sender
 *	[a] lock; blocked = new           [b] lock; record; look at blocked
 *	    recalc_sigpending; unlock         wake if unblocked; unlock
 *
 * Both happen under siglock, so either [b] sees the new mask or [a] sees the
 * new signal.
 *
 * SEE POSIX 2.4, signal(7), docs/48-signals.md.
 *
 * EXERCISES.  1. Why must prepare_signal() also empty the private queues?
 * 2. Where does a fork bomb of signals stop?
 */

#include "signal_internal.h"

#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/list.h>
#include <kernel/pid.h>
#include <kernel/ptrace.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/trace_events.h>
#include <mm/slab.h>

bool fatal_signal_pending(struct task_struct *t)
{
	return signal_pending(t) && sigismember(&t->pending.signal, SIGKILL);
}

struct sighand_struct *lock_task_sighand(struct task_struct *t,
					 unsigned long *flags)
{
	struct sighand_struct *sighand;

	rcu_read_lock();
	for (;;) {
		sighand = rcu_dereference(t->sighand);
		if (!sighand)
			break;
		spin_lock_irqsave(&sighand->siglock, *flags);
		if (likely(sighand == t->sighand))
			break;
		spin_unlock_irqrestore(&sighand->siglock, *flags);
	}
	rcu_read_unlock();
	return sighand;
}

void unlock_task_sighand(struct task_struct *t, unsigned long *flags)
{
	spin_unlock_irqrestore(&t->sighand->siglock, *flags);
}

static bool has_pending_signals(struct task_struct *t)
{
	u64 wait = t->pending.signal.sig | t->signal->shared_pending.signal.sig;

	return (wait & ~t->blocked.sig) != 0 ||
	       (t->jobctl & JOBCTL_PENDING_MASK);
}

/* siglock held; current only. */
void recalc_sigpending(void)
{
	if (has_pending_signals(current))
		set_ti_flag(current, TIF_SIGPENDING);
	else
		clear_ti_flag(current, TIF_SIGPENDING);
}

/* Make t look at its signals: it stops sleeping, or is kicked out of user
 * mode. */
void signal_wake_up(struct task_struct *t, bool fatal)
{
	unsigned int state = TASK_INTERRUPTIBLE;

	/* Held still by its tracer: who lets it go looks for SIGKILL. */
	if (fatal && !(t->jobctl & JOBCTL_PTRACE_FROZEN))
		state |= TASK_WAKEKILL;
	set_ti_flag(t, TIF_SIGPENDING);
	if (!wake_up_state(t, state))
		kick_process(t);
}

/* For the tracer: look at your jobctl; out of the traced stop, if `resume`. */
void ptrace_signal_wake_up(struct task_struct *t, bool resume)
{
	unsigned int state = TASK_INTERRUPTIBLE | (resume ? __TASK_TRACED : 0);

	set_ti_flag(t, TIF_SIGPENDING);
	if (!wake_up_state(t, state))
		kick_process(t);
}

/* False: it is dying, and stops for nothing. */
bool task_set_jobctl_pending(struct task_struct *t, unsigned int mask)
{
	if (fatal_signal_pending(t) || (t->flags & PF_EXITING))
		return false;
	if (mask & JOBCTL_STOP_SIGMASK)
		t->jobctl &= ~JOBCTL_STOP_SIGMASK;
	t->jobctl |= mask;
	return true;
}

void task_clear_jobctl_pending(struct task_struct *t, unsigned int mask)
{
	if (mask & JOBCTL_STOP_PENDING)
		mask |= JOBCTL_STOP_CONSUME | JOBCTL_STOP_DEQUEUED;
	t->jobctl &= ~mask;
	if (!(t->jobctl & JOBCTL_PENDING_MASK))
		t->jobctl &= ~JOBCTL_TRAPPING;
}

/* A group stop began or ended: a tracer that seized t wants to know. */
static void ptrace_trap_notify(struct task_struct *t)
{
	task_set_jobctl_pending(t, JOBCTL_TRAP_NOTIFY);
	ptrace_signal_wake_up(t, t->jobctl & JOBCTL_LISTENING);
}

static struct k_sigaction *action_of(struct task_struct *t, int sig)
{
	return t->sighand->action + (sig - 1);
}

static void *sig_handler(struct task_struct *t, int sig)
{
	return action_of(t, sig)->sa.sa_handler;
}

/* Would delivery do nothing, so that nothing need be queued? */
static bool sig_ignored(struct task_struct *t, int sig, bool force)
{
	void *handler = sig_handler(t, sig);

	/* A blocked one may find a handler when it is unblocked. */
	if (sigismember(&t->blocked, sig) || sigismember(&t->real_blocked, sig))
		return false;
	/* A tracer may want to see even what would be ignored. */
	if (t->ptrace && sig != SIGKILL)
		return false;
	if ((t->signal->flags & SIGNAL_UNKILLABLE) && handler == SIG_DFL &&
	    !(force && (sigmask(sig) & SIG_KERNEL_ONLY_MASK)))
		return true;
	if (t->flags & PF_KTHREAD)
		return handler == SIG_DFL || handler == SIG_IGN;
	return handler == SIG_IGN ||
	       (handler == SIG_DFL && (sigmask(sig) & SIG_KERNEL_IGNORE_MASK));
}

/* Take all signals of `mask` off a queue; siglock held. */
static void flush_sigqueue_mask(u64 mask, struct sigpending *pending)
{
	struct sigqueue *q, *n;

	pending->signal.sig &= ~mask;
	list_for_each_entry_safe(q, n, &pending->list, list) {
		if (mask & sigmask(q->info.si_signo)) {
			list_del(&q->list);
			sigqueue_free(q);
		}
	}
}

void flush_group_mask(struct task_struct *p, u64 mask)
{
	struct task_struct *t;

	flush_sigqueue_mask(mask, &p->signal->shared_pending);
	for_each_thread(p, t)
		flush_sigqueue_mask(mask, &t->pending);
}

void flush_signals(struct task_struct *t)
{
	unsigned long flags;

	if (!lock_task_sighand(t, &flags))
		return;
	clear_ti_flag(t, TIF_SIGPENDING);
	flush_sigqueue_mask(~0UL, &t->pending);
	if (thread_group_leader(t))
		flush_sigqueue_mask(~0UL, &t->signal->shared_pending);
	unlock_task_sighand(t, &flags);
}

void ignore_signals(struct task_struct *t)
{
	for (int i = 0; i < NSIG; i++)
		t->sighand->action[i].sa.sa_handler = SIG_IGN;
	flush_signals(t);
}

void flush_signal_handlers(struct task_struct *t, bool force_default)
{
	for (int i = 0; i < NSIG; i++) {
		struct sigaction *sa = &t->sighand->action[i].sa;

		if (force_default || sa->sa_handler != SIG_IGN)
			sa->sa_handler = SIG_DFL;
		sa->sa_flags = 0;
		sa->sa_restorer = NULL;
		sa->sa_mask = 0;
	}
}

/* SIGCONT: whatever the thread was stopping for is called off; wake it. */
static void continue_group(struct task_struct *p)
{
	struct signal_struct *sig = p->signal;
	struct task_struct *t;
	unsigned int why = 0;

	flush_group_mask(p, SIG_KERNEL_STOP_MASK);                 /* I3 */
	for_each_thread(p, t) {
		task_clear_jobctl_pending(t, JOBCTL_STOP_PENDING);
		if (t->ptrace & PT_SEIZED)
			ptrace_trap_notify(t);
		else
			wake_up_state(t, __TASK_STOPPED);
	}
	if (sig->flags & SIGNAL_STOP_STOPPED)
		why = SIGNAL_CLD_CONTINUED;
	else if (sig->group_stop_count)
		why = SIGNAL_CLD_STOPPED;
	if (why) {
		/* The first thread that runs tells the parent. */
		sig->flags = (sig->flags & ~(SIGNAL_STOP_STOPPED |
					     SIGNAL_CLD_STOPPED |
					     SIGNAL_CLD_CONTINUED)) |
			     why | SIGNAL_STOP_CONTINUED;
		sig->group_stop_count = 0;
		sig->group_exit_code = 0;
	}
}

/*
 * What a signal does as it is sent, whoever will take it: stop and continue
 * cancel each other.  False: it need not be queued.
 */
static bool prepare_signal(int sig, struct task_struct *p, bool force)
{
	if (p->signal->flags & SIGNAL_GROUP_EXIT)
		return sig == SIGKILL;
	if (sigmask(sig) & SIG_KERNEL_STOP_MASK)
		flush_group_mask(p, sigmask(SIGCONT));             /* I3 */
	else if (sig == SIGCONT)
		continue_group(p);
	return !sig_ignored(p, sig, force);
}

static bool wants_signal(int sig, struct task_struct *t)
{
	if (sigismember(&t->blocked, sig) || (t->flags & PF_EXITING))
		return false;
	if (sig == SIGKILL)
		return true;
	if (t->state & (__TASK_STOPPED | __TASK_TRACED))
		return false;
	return task_curr(t) || !signal_pending(t);
}

static bool sig_fatal(struct task_struct *p, int sig)
{
	return !(sigmask(sig) & (SIG_KERNEL_IGNORE_MASK | SIG_KERNEL_STOP_MASK)) &&
	       sig_handler(p, sig) == SIG_DFL;
}

static bool sig_dumps_core(int sig)
{
	return sigmask(sig) & (SYNCHRONOUS_MASK | sigmask(SIGQUIT) |
			       sigmask(SIGABRT) | sigmask(SIGXCPU) |
			       sigmask(SIGXFSZ));
}

/* End the whole group now: every thread gets SIGKILL. */
static void start_group_exit(struct task_struct *p, int sig)
{
	struct task_struct *t;

	p->signal->flags = SIGNAL_GROUP_EXIT;
	p->signal->group_exit_code = sig;
	p->signal->group_stop_count = 0;
	for_each_thread(p, t) {
		task_clear_jobctl_pending(t, JOBCTL_PENDING_MASK);
		sigaddset(&t->pending.signal, SIGKILL);
		signal_wake_up(t, true);
	}
}

/* Choose a thread for a signal that was just queued, and wake it. */
static void complete_signal(int sig, struct task_struct *p, enum pid_type type)
{
	struct task_struct *t = NULL, *i;

	if (wants_signal(sig, p))
		t = p;
	else if (type != PIDTYPE_PID)
		for_each_thread(p, i)
			if (wants_signal(sig, i)) {
				t = i;
				break;
			}
	if (!t)
		return;               /* stays until somebody unblocks it */
	/*
	 * A signal whose end is certain need not wait for its taker to run:
	 * the other threads stop at once.  One that dumps core is left to the
	 * taker, whose registers are wanted.
	 */
	if (sig_fatal(p, sig) && !(p->signal->flags & SIGNAL_UNKILLABLE) &&
	    !sigismember(&t->real_blocked, sig) &&
	    (sig == SIGKILL || !p->ptrace) && !sig_dumps_core(sig)) {
		start_group_exit(p, sig);
		return;
	}
	signal_wake_up(t, sig == SIGKILL);
}

static void fill_info(siginfo_t *to, int sig, const siginfo_t *info)
{
	if (info != SEND_SIG_NOINFO && info != SEND_SIG_PRIV) {
		*to = *info;
		return;
	}
	memset(to, 0, sizeof(*to));
	to->si_signo = sig;
	if (info == SEND_SIG_PRIV) {
		to->si_code = SI_KERNEL;
	} else {
		to->si_code = SI_USER;
		to->si_pid = task_tgid_vnr(current);
		to->si_uid = current_uid();
	}
}

static bool legacy_queued(struct sigpending *pending, int sig)
{
	return sig < SIGRTMIN && sigismember(&pending->signal, sig);
}

/* siglock held.  0, or -EAGAIN for a real-time signal over the limit. */
int send_signal_locked(int sig, siginfo_t *info, struct task_struct *t,
		       enum pid_type type)
{
	struct sigpending *pending = type == PIDTYPE_PID ?
		&t->pending : &t->signal->shared_pending;
	bool from_kernel = info == SEND_SIG_PRIV ||
		(info != SEND_SIG_NOINFO && info->si_code > SI_USER);
	struct sigqueue *q = NULL;

	if (!prepare_signal(sig, t, from_kernel))
		return 0;
	if (legacy_queued(pending, sig))
		return 0;
	if (sig != SIGKILL && !(t->flags & PF_KTHREAD))
		q = sigqueue_alloc(t, GFP_ATOMIC, sig < SIGRTMIN);
	if (q) {
		fill_info(&q->info, sig, info);
		list_add_tail(&q->list, &pending->list);
	} else if (sig >= SIGRTMIN && info != SEND_SIG_NOINFO &&
		   info != SEND_SIG_PRIV && info->si_code != SI_USER) {
		return -EAGAIN;
	}
	trace_signal_generate(sig, t, 0);
	sigaddset(&pending->signal, sig);                          /* I1 [b] */
	/* A blocked one may be read from a signalfd. */
	if (waitqueue_active(&t->sighand->signalfd_wqh))
		wake_up(&t->sighand->signalfd_wqh);
	complete_signal(sig, t, type);
	return 0;
}

int send_sigqueue(struct sigqueue *q, struct task_struct *t, enum pid_type type)
{
	struct sigpending *pending = type == PIDTYPE_PID ?
		&t->pending : &t->signal->shared_pending;
	int sig = q->info.si_signo;

	if (!prepare_signal(sig, t, false))
		return 1;
	if (!list_empty(&q->list)) {
		if (q->info.si_overrun < INT_MAX)
			q->info.si_overrun++;
		return 0;
	}
	q->info.si_overrun = 0;
	trace_signal_generate(sig, t, 0);
	list_add_tail(&q->list, &pending->list);
	sigaddset(&pending->signal, sig);                          /* I1 */
	if (waitqueue_active(&t->sighand->signalfd_wqh))
		wake_up(&t->sighand->signalfd_wqh);
	complete_signal(sig, t, type);
	return 0;
}

int do_send_sig_info(int sig, siginfo_t *info, struct task_struct *t,
		     enum pid_type type)
{
	unsigned long flags;
	int err;

	if (!lock_task_sighand(t, &flags))
		return -ESRCH;
	err = send_signal_locked(sig, info, t, type);
	unlock_task_sighand(t, &flags);
	return err;
}

int send_sig_info(int sig, siginfo_t *info, struct task_struct *t)
{
	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	return sig ? do_send_sig_info(sig, info, t, PIDTYPE_PID) : 0;
}

int send_sig(int sig, struct task_struct *t, int priv)
{
	return send_sig_info(sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO, t);
}

/* May current signal t?  kill(2)'s rule; RCU read lock held. */
static bool kill_ok_by_cred(struct task_struct *t)
{
	const struct cred *cred = current_cred(), *tcred = __task_cred(t);

	return cred->euid == tcred->suid || cred->euid == tcred->uid ||
	       cred->uid == tcred->suid || cred->uid == tcred->uid ||
	       capable(CAP_KILL);
}

static int check_kill_permission(int sig, siginfo_t *info,
				 struct task_struct *t)
{
	bool from_user = info == SEND_SIG_NOINFO ||
		(info != SEND_SIG_PRIV && info->si_code <= SI_USER);

	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	if (!from_user || same_thread_group(current, t) || kill_ok_by_cred(t))
		return 0;
	if (sig == SIGCONT && task_session(current) == task_session(t))
		return 0;
	return -EPERM;
}

int group_send_sig_info(int sig, siginfo_t *info, struct task_struct *t,
			enum pid_type type)
{
	int err;

	rcu_read_lock();
	err = check_kill_permission(sig, info, t);
	rcu_read_unlock();
	if (!err && sig)
		err = do_send_sig_info(sig, info, t, type);
	return err;
}

int kill_pid_info(int sig, siginfo_t *info, struct pid *pid)
{
	struct task_struct *t;
	int err = -ESRCH;

	rcu_read_lock();
	t = pid_task(pid, PIDTYPE_PID);
	if (t)
		err = group_send_sig_info(sig, info, t, PIDTYPE_TGID);
	rcu_read_unlock();
	return err;
}

/* Every member gets it; success if one did, else the last error. */
int kill_pgrp_info(int sig, siginfo_t *info, struct pid *pgrp)
{
	struct task_struct *t;
	int err = -ESRCH;
	bool success = false;

	read_lock(&tasklist_lock);
	do_each_pid_task(pgrp, PIDTYPE_PGID, t) {
		int e = group_send_sig_info(sig, info, t, PIDTYPE_PGID);

		success |= !e;
		err = e;
	} while_each_pid_task(pgrp, PIDTYPE_PGID, t);
	read_unlock(&tasklist_lock);
	return success ? 0 : err;
}

int kill_pgrp(struct pid *pid, int sig, int priv)
{
	return kill_pgrp_info(sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO, pid);
}

/* All other threads of current's group must end; siglock held. */
void zap_other_threads(struct task_struct *p)
{
	struct task_struct *t;

	p->signal->group_stop_count = 0;
	for_each_thread(p, t) {
		if (t == p)
			continue;
		task_clear_jobctl_pending(t, JOBCTL_PENDING_MASK);
		if (t->exit_state)
			continue;
		sigaddset(&t->pending.signal, SIGKILL);
		signal_wake_up(t, true);
	}
}
