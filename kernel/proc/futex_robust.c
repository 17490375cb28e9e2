/* SPDX-License-Identifier: MIT */
/*
 * futex_robust.c -- locks whose owner dies are not locked for ever
 *
 * PROMISE.  When a thread ends, or runs another program, each futex on its list
 * whose word holds its number becomes FUTEX_OWNER_DIED, and one waiter is
 * woken; the mutexes it held by FUTEX_LOCK_PI go to their first waiters.
 *
 * IDEA.  The C library keeps a list of held locks in user memory and tells the
 * kernel where, once per thread.  The list may be anything: the walk is
 * bounded, and every step reads user memory that may be wrong.
 *
 *	head -> [lock a] -> [lock b] -> head     word = entry + futex_offset
 *	bit 0 of a link: that lock is a PI one
 *	list_op_pending: being locked or unlocked just now
 *
 * RACES.  Died between unlocking (word 0) and waking: pending says so, and the
 * wake-up is made up for.
 *
 * SEE set_robust_list(2), docs/34-futex.md.
 */

#include "futex_impl.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/ptrace.h>
#include <kernel/syscall.h>

#define ROBUST_LIST_LIMIT 2048

struct robust_list {
	struct robust_list __user *next;
};

struct robust_list_head {
	struct robust_list list;
	long futex_offset;
	struct robust_list __user *list_op_pending;
};

SYSCALL_DEFINE2(set_robust_list, struct robust_list_head __user *, head,
		size_t, len)
{
	if (len != sizeof(*head))
		return -EINVAL;
	current->robust_list = head;
	return 0;
}

SYSCALL_DEFINE3(get_robust_list, int, pid,
		struct robust_list_head __user *__user *, head,
		size_t __user *, len)
{
	struct task_struct *t;
	void __user *list;
	bool allowed;

	t = pid ? find_get_task_by_vpid(pid) : get_task_struct(current);
	if (!t)
		return -ESRCH;
	list = t->robust_list;
	allowed = ptrace_may_access(t, PTRACE_MODE_READ |
					PTRACE_MODE_REALCREDS);
	put_task_struct(t);
	if (!allowed)
		return -EPERM;
	if (put_user(sizeof(struct robust_list_head), len) ||
	    put_user((unsigned long)list, (unsigned long __user *)head))
		return -EFAULT;
	return 0;
}

/*
 * t held the lock at entry (bit 0: a PI lock): mark it, wake one who waits.
 * PI waiters are served by exit_pi_state_list().
 */
static int mark_owner_died(unsigned long entry, long offset,
			   struct task_struct *t, bool pending)
{
	u32 __user *uaddr = (u32 __user *)((entry & ~1UL) + offset);
	bool pi = entry & 1;
	u32 word, seen;

	if ((unsigned long)uaddr % sizeof(u32))
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(*uaddr)) || get_user(word, uaddr))
		return -EFAULT;
	for (;;) {
		if (pending && !pi && !word) {
			/* Unlocked, but died before it could wake anybody. */
			futex_wake(uaddr, 0, 1, FUTEX_BITSET_MATCH_ANY);
			return 0;
		}
		if ((word & FUTEX_TID_MASK) != (u32)task_pid_vnr(t))
			return 0;
		if (futex_cmpxchg_user(&seen, uaddr, word,
				       (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED))
			return -EFAULT;
		if (seen == word)
			break;
		word = seen;
	}
	if (!pi && (word & FUTEX_WAITERS))
		futex_wake(uaddr, 0, 1, FUTEX_BITSET_MATCH_ANY);
	return 0;
}

void exit_robust_list(struct task_struct *t)
{
	struct robust_list_head __user *head = t->robust_list;
	unsigned long entry, next, pending;
	long offset;

	t->robust_list = NULL;
	if (!head || get_user(entry, (unsigned long __user *)&head->list.next) ||
	    get_user(offset, &head->futex_offset) ||
	    get_user(pending, (unsigned long __user *)&head->list_op_pending))
		return;
	for (int limit = ROBUST_LIST_LIMIT;
	     limit && (entry & ~1UL) != (unsigned long)&head->list; limit--) {
		if (get_user(next, (unsigned long __user *)(entry & ~1UL)))
			return;
		if ((entry & ~1UL) != (pending & ~1UL) &&
		    mark_owner_died(entry, offset, t, false))
			return;
		entry = next;
		cond_resched();
	}
	if (pending)
		mark_owner_died(pending, offset, t, true);
}

static void set_futex_state(struct task_struct *t, unsigned int state)
{
	spin_lock(&rt_graph_lock);
	t->futex_state = state;
	spin_unlock(&rt_graph_lock);
}

/* EXITING holds back new waiters: none may come behind the walk's back. */
static void release_all(struct task_struct *t)
{
	set_futex_state(t, FUTEX_STATE_EXITING);
	exit_robust_list(t);
	exit_pi_state_list(t);
}

void futex_exit_release(struct task_struct *t)
{
	release_all(t);
	set_futex_state(t, FUTEX_STATE_DEAD);
}

void futex_exec_release(struct task_struct *t)
{
	release_all(t);
	set_futex_state(t, FUTEX_STATE_OK);
}

void futex_init_task(struct task_struct *t)
{
	t->robust_list = NULL;
	t->futex_state = FUTEX_STATE_OK;
	INIT_LIST_HEAD(&t->pi_state_list);
}
