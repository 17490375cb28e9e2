/* SPDX-License-Identifier: MIT */
/*
 * signal_take.c -- taking signals off the queues, masks and handlers
 *
 * PROMISE.  Faults come first, then the lowest number; of one real-time number,
 * the oldest.  A thread that blocks a signal hands those that wait for the
 * process to a thread that does not.
 *
 * Invariants I1-I3, the locking and the race of mask against sender are
 * signal.c's; [a] here is its step [a].
 *
 * SEE POSIX 2.4.1, sigprocmask(2).
 */

#include "signal_internal.h"

#include <arch/uaccess.h>
#include <kernel/errno.h>
#include <kernel/list.h>
#include <kernel/string.h>
#include <kernel/itimer.h>
#include <kernel/task.h>

/* The lowest waiting signal that mask lets through, faults first; 0: none. */
static int next_signal(struct sigpending *pending, const sigset_t *mask)
{
	u64 ready = pending->signal.sig & ~mask->sig;

	if (ready & SYNCHRONOUS_MASK)
		ready &= SYNCHRONOUS_MASK;
	return ready ? __builtin_ctzll(ready) + 1 : 0;
}

/* Take sig off the queue; its bit stays while another of its kind waits. */
static void collect_signal(int sig, struct sigpending *pending, siginfo_t *info)
{
	struct sigqueue *q, *first = NULL;
	bool more = false;

	list_for_each_entry(q, &pending->list, list) {
		if (q->info.si_signo != sig)
			continue;
		if (first) {
			more = true;
			break;
		}
		first = q;
	}
	if (!more)
		sigdelset(&pending->signal, sig);                  /* I1 */
	if (first) {
		list_del(&first->list);
		*info = first->info;
		sigqueue_free(first);
	} else {
		memset(info, 0, sizeof(*info));
		info->si_signo = sig;
	}
}

int dequeue_signal(struct task_struct *t, sigset_t *mask, siginfo_t *info)
{
	struct sigpending *pending = &t->pending;
	int sig = next_signal(pending, mask);

	if (!sig) {
		pending = &t->signal->shared_pending;
		sig = next_signal(pending, mask);
	}
	if (sig) {
		collect_signal(sig, pending, info);
		if (info->si_code == SI_TIMER)
			posix_timer_taken(info);
	}
	recalc_sigpending();
	if (sig && (sigmask(sig) & SIG_KERNEL_STOP_MASK))
		t->jobctl |= JOBCTL_STOP_DEQUEUED;
	return sig;
}

/* Threads that could take what the caller now blocks are woken instead. */
static void retarget_shared_pending(struct task_struct *t, u64 newly_blocked)
{
	u64 retarget = t->signal->shared_pending.signal.sig & newly_blocked;
	struct task_struct *i;

	if (!retarget || thread_group_empty(t))
		return;
	for_each_thread(t, i) {
		if (i == t || (i->flags & PF_EXITING) ||
		    !(retarget & ~i->blocked.sig))
			continue;
		retarget &= i->blocked.sig;
		signal_wake_up(i, false);
		if (!retarget)
			break;
	}
}

void set_current_blocked(sigset_t *set)
{
	struct task_struct *t = current;
	u64 old;

	set->sig &= ~SIG_KERNEL_ONLY_MASK;
	spin_lock_irq(&t->sighand->siglock);
	old = t->blocked.sig;
	if (signal_pending(t))
		retarget_shared_pending(t, set->sig & ~old);
	t->blocked = *set;                                         /* [a] */
	recalc_sigpending();
	spin_unlock_irq(&t->sighand->siglock);
}

int sigprocmask(int how, sigset_t *set, sigset_t *oldset)
{
	sigset_t new = current->blocked;

	if (oldset)
		*oldset = new;
	switch (how) {
	case SIG_BLOCK:
		new.sig |= set->sig;
		break;
	case SIG_UNBLOCK:
		new.sig &= ~set->sig;
		break;
	case SIG_SETMASK:
		new = *set;
		break;
	default:
		return -EINVAL;
	}
	set_current_blocked(&new);
	return 0;
}

/*
 * Set one handler; what was ignored is thrown away if it waits (POSIX
 * 2.4.3).  siglock is taken here.
 */
void do_sigaction_set(int sig, const struct k_sigaction *act,
		      struct k_sigaction *old)
{
	struct task_struct *p = current;
	struct k_sigaction *k = &p->sighand->action[sig - 1];

	spin_lock_irq(&p->sighand->siglock);
	if (old)
		*old = *k;
	if (act) {
		*k = *act;
		k->sa.sa_mask &= ~SIG_KERNEL_ONLY_MASK;
		if (k->sa.sa_handler == SIG_IGN ||
		    (k->sa.sa_handler == SIG_DFL &&
		     (sigmask(sig) & SIG_KERNEL_IGNORE_MASK)))
			flush_group_mask(p, sigmask(sig));
	}
	spin_unlock_irq(&p->sighand->siglock);
}

/* Give back the mask that a call had replaced, if no handler did. */
void restore_saved_sigmask(void)
{
	if (current->restore_sigmask) {
		current->restore_sigmask = false;
		set_current_blocked(&current->saved_sigmask);
	}
}

void restore_saved_sigmask_unless(bool interrupted)
{
	/* Interrupted: the frame must hold the old mask; delivery restores. */
	if (!interrupted)
		restore_saved_sigmask();
}

int set_user_sigmask(const sigset_t __user *umask, size_t sigsetsize)
{
	sigset_t mask;

	if (!umask)
		return 0;
	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (copy_from_user(&mask, umask, sizeof(mask)))
		return -EFAULT;
	current->saved_sigmask = current->blocked;
	current->restore_sigmask = true;
	set_current_blocked(&mask);
	return 0;
}
