/* SPDX-License-Identifier: MIT */
/*
 * futex_pi_state.c -- the kernel's half of a PI mutex, and the death of owners
 *
 * IDEA.  While nobody waits, a PI mutex is its word alone: 0, or the owner's
 * number.  The first waiter makes a futex_pi_state, whose rt_mutex is owned by
 * the task that the word names; the last waiter to leave drops it.
 *
 *	word: WAITERS | 42        futex_q futex_q futex_q  (bucket)
 *	                              \     |     /
 *	                            futex_pi_state
 *	                               rt_mutex --owner--> task 42
 *	                               list ------------>  .pi_state_list
 *
 * INVARIANTS (bucket lock and G held).
 *   S1  the state is in the pi_state_list of its rt_mutex's owner.
 *   S2  each futex_q with this state waits in the rt_mutex, or its task owns it
 *       and has not yet left the queue.
 *   S3  the word names the owner, but while owner_died is set.
 *
 * The dead write nothing: the word may lie at an address that only the waiters
 * know.  So the waiter that inherits writes the word itself, when it runs.
 *
 * LOCKING.  The key's bucket, then rt_graph_lock (G).
 *
 * SEE docs/35-rt-mutex.md.
 */

#include "futex_impl.h"

#include <arch/uaccess.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <mm/slab.h>

struct futex_pi_state *futex_pi_state_create(const struct futex_key *key,
					     struct task_struct *owner)
{
	struct futex_pi_state *s = kzalloc(sizeof(*s), GFP_ATOMIC);
	int err = 0;

	if (!s)
		return ERR_PTR(-ENOMEM);
	rt_mutex_init(&s->mutex);
	refcount_set(&s->refs, 1);
	s->key = *key;
	spin_lock(&rt_graph_lock);
	if (owner->futex_state == FUTEX_STATE_OK) {
		rt_mutex_set_owner(&s->mutex, owner);
		list_add(&s->list, &owner->pi_state_list);         /* S1 */
	} else {
		err = owner->futex_state == FUTEX_STATE_DEAD ? -ESRCH : -EBUSY;
	}
	spin_unlock(&rt_graph_lock);
	if (!err)
		return s;
	kfree(s);
	return ERR_PTR(err);
}

void futex_pi_state_put(struct futex_pi_state *s)
{
	if (!refcount_dec_and_test(&s->refs))
		return;
	spin_lock(&rt_graph_lock);
	list_del(&s->list);
	s->mutex.owner = NULL;
	spin_unlock(&rt_graph_lock);
	kfree(s);
}

void futex_pi_hand_over(struct futex_pi_state *s)
{
	struct task_struct *next = rt_mutex_hand_over(&s->mutex);

	list_del_init(&s->list);
	if (next)
		list_add(&s->list, &next->pi_state_list);          /* S1 */
}

/* t ends: each mutex that it owns and somebody waits for goes to that one. */
void exit_pi_state_list(struct task_struct *t)
{
	for (;;) {
		struct futex_pi_state *s;
		struct futex_bucket *hb;

		spin_lock(&rt_graph_lock);
		s = list_first_entry_or_null(&t->pi_state_list,
					     struct futex_pi_state, list);
		hb = s ? futex_bucket(&s->key) : NULL;
		spin_unlock(&rt_graph_lock);
		if (!s)
			return;
		/* s may go now: it is looked at only if still on the list. */
		spin_lock(&hb->lock);
		spin_lock(&rt_graph_lock);
		if (!list_empty(&t->pi_state_list) &&
		    list_first_entry(&t->pi_state_list, struct futex_pi_state,
				     list) == s &&
		    futex_bucket(&s->key) == hb) {
			s->owner_died = true;
			futex_pi_hand_over(s);
		}
		spin_unlock(&rt_graph_lock);
		spin_unlock(&hb->lock);
	}
}

/*
 * current inherited from a dead owner: write the word, S3.  Bucket locked; it
 * is dropped to touch the page.  -EFAULT: the word is gone.
 */
static int write_inherited_word(struct futex_pi_state *s,
				struct futex_bucket *hb, u32 __user *uaddr)
{
	u32 mine = task_pid_vnr(current) | FUTEX_WAITERS | FUTEX_OWNER_DIED;
	u32 word, seen;

	for (;;) {
		int err = futex_read_nofault(&word, uaddr);

		if (!err)
			err = futex_cmpxchg_nofault(&seen, uaddr, word, mine);
		if (!err && seen == word)
			break;
		if (!err)
			continue;
		spin_unlock(&hb->lock);
		err = futex_fault_in(uaddr);
		spin_lock(&hb->lock);
		if (err)
			return -EFAULT;
	}
	s->owner_died = false;
	return 0;
}

int futex_pi_finish(struct futex_q *q, u32 __user *uaddr, int err)
{
	struct futex_bucket *hb = futex_lock_q(q);
	struct futex_pi_state *s = q->pi_state;

	spin_lock(&rt_graph_lock);
	if (q->waiter.lock)
		rt_mutex_dequeue(&q->waiter);
	else
		err = 0;
	spin_unlock(&rt_graph_lock);
	if (!err && s->owner_died) {
		err = write_inherited_word(s, hb, uaddr);
		if (err) {
			spin_lock(&rt_graph_lock);
			futex_pi_hand_over(s);
			spin_unlock(&rt_graph_lock);
		}
	}
	list_del(&q->link);
	q->hb = NULL;
	futex_pi_state_put(s);
	spin_unlock(&hb->lock);
	return err;
}
