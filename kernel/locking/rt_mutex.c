/* SPDX-License-Identifier: MIT */
/*
 * rt_mutex.c -- a mutex whose owner runs as urgently as its most urgent waiter
 *
 * PROMISE.  Whoever waits for a mutex waits at most for its owners' critical
 * sections, never for a task of middling priority that keeps an owner from
 * running.  An attempt that would close a ring of waiting is refused.
 *
 * IDEA.  Waiting makes a graph: a task waits for one mutex, a mutex has one
 * owner, so from each task leads one chain of arrows, and a ring is a deadlock.
 *
 *	H --waits for--> [m1] --owned by--> M --waits for--> [m2] --> L
 *
 * Urgency flows along the arrows.  Each mutex keeps its waiters in a tree, the
 * most urgent first; each task keeps, in another tree, the first waiter of each
 * mutex that it owns.  The leftmost of those lends the task its priority.  A
 * change (a waiter comes, goes, or is given another priority) repairs one mutex
 * and its owner, and goes on along the chain until nothing changes any more.
 *
 * Unlocking hands the mutex over: the first waiter is the owner before it runs.
 * So nobody can snatch it in between, and an owner is never unknown.  The price
 * is a switch for each hand-over, which is what real-time programs ask for.
 *
 * INVARIANTS, while rt_graph_lock is free:
 *   P1  a mutex with waiters has an owner.
 *   P2  w->lock is set if and only if w is in lock->waiters; then
 *       w->task->pi_blocked_on is w, and w->prio and w->deadline are what was
 *       in force for that task when the chain last passed it.
 *   P3  t->pi_waiters has the first waiter of each mutex that t owns, no other.
 *   P4  t->prio is the better of t's own and of its leftmost pi_waiter's.
 *   P5  the graph has no ring.
 *
 * LOCKING.  One lock for the whole graph: rt_graph_lock, then pi_lock, then the
 * run queue's.  A lock for each mutex would need to walk a chain hand over hand
 * against the lock order, and to start again at every surprise.  The price: two
 * programs' contended mutexes meet here, for the length of a chain at most.
 *
 * RACES.  Given the mutex while giving up (timeout, signal):
 *
 *	waiter                           owner
 *	timeout: wants to leave          hand over: w leaves the tree   [c]
 *	lock; is w->lock set?      [b]   owner = waiter, w->lock = NULL
 *
 * [b], in kernel/proc/futex_pi_state.c, and [c] are under the lock: whoever
 * finds w->lock NULL has the mutex and says so, whatever the clock says.
 *
 * NOT DONE.  Spinning on a running owner.  Locking for the kernel's own use: no
 * lock of the kernel has priority inheritance, only PI futexes come here.
 *
 * SEE docs/35-rt-mutex.md.
 *
 * EXERCISES.  1. Why must the chain be looked at for a ring before the waiter
 * is put in the tree?  2. What becomes wrong if pi_waiters kept all waiters?
 */

#include <kernel/rtmutex.h>

#include <kernel/bug.h>
#include <kernel/errno.h>
#include <kernel/sched.h>

/* Longer chains are taken for rings, as on Linux. */
#define MAX_CHAIN 1024

DEFINE_SPINLOCK(rt_graph_lock);

void rt_mutex_init_task(struct task_struct *t)
{
	t->pi_waiters = RB_ROOT_CACHED;
	t->pi_top_task = NULL;
	t->pi_blocked_on = NULL;
}

/* Is a more urgent than b?  Deadline tasks (prio -1) by their deadlines. */
static bool more_urgent(const struct rt_mutex_waiter *a,
			const struct rt_mutex_waiter *b)
{
	if (a->prio != b->prio)
		return a->prio < b->prio;
	return a->prio < 0 && (s64)(a->deadline - b->deadline) < 0;
}

static bool tree_before(struct rb_node *a, const struct rb_node *b)
{
	return more_urgent(rb_entry(a, struct rt_mutex_waiter, tree),
			   rb_entry(b, struct rt_mutex_waiter, tree));
}

static bool pi_tree_before(struct rb_node *a, const struct rb_node *b)
{
	return more_urgent(rb_entry(a, struct rt_mutex_waiter, pi_tree),
			   rb_entry(b, struct rt_mutex_waiter, pi_tree));
}

struct rt_mutex_waiter *rt_mutex_top_waiter(struct rt_mutex *m)
{
	struct rb_node *first = rb_first_cached(&m->waiters);

	return first ? rb_entry(first, struct rt_mutex_waiter, tree) : NULL;
}

static struct task_struct *lender_of(struct task_struct *t)
{
	struct rb_node *first = rb_first_cached(&t->pi_waiters);

	return first ? rb_entry(first, struct rt_mutex_waiter, pi_tree)->task
		     : NULL;
}

static void waiter_refresh(struct rt_mutex_waiter *w)
{
	w->prio = w->task->prio;
	w->deadline = dl_deadline_in_force(&w->task->dl);
}

static bool waiter_is_stale(const struct rt_mutex_waiter *w)
{
	return w->prio != w->task->prio ||
	       (w->prio < 0 &&
		w->deadline != dl_deadline_in_force(&w->task->dl));
}

static void owner_add(struct task_struct *owner, struct rt_mutex_waiter *w)
{
	if (owner && w)
		rb_add_cached(&w->pi_tree, &owner->pi_waiters, pi_tree_before);
}

static void owner_remove(struct task_struct *owner, struct rt_mutex_waiter *w)
{
	if (owner && w)
		rb_erase_cached(&w->pi_tree, &owner->pi_waiters);
}

/* Does the chain from m lead to t? */
static bool closes_ring(struct rt_mutex *m, struct task_struct *t)
{
	for (int depth = 0; depth < MAX_CHAIN; depth++) {
		struct task_struct *owner = m->owner;

		if (!owner)
			return false;
		if (owner == t)
			return true;
		if (!owner->pi_blocked_on)
			return false;
		m = owner->pi_blocked_on->lock;
	}
	return true;
}

/* The waiters or the urgency of t's mutexes changed: P4, along the chain. */
static void adjust_chain(struct task_struct *t)
{
	while (t) {
		struct rt_mutex_waiter *w, *top;
		struct task_struct *owner;

		rt_mutex_setprio(t, lender_of(t));
		w = t->pi_blocked_on;
		if (!w || !waiter_is_stale(w))
			return;
		owner = w->lock->owner;
		top = rt_mutex_top_waiter(w->lock);
		rb_erase_cached(&w->tree, &w->lock->waiters);
		owner_remove(owner, top);
		waiter_refresh(w);
		rb_add_cached(&w->tree, &w->lock->waiters, tree_before);
		owner_add(owner, rt_mutex_top_waiter(w->lock));
		t = owner;
	}
}

int rt_mutex_enqueue(struct rt_mutex *m, struct rt_mutex_waiter *w,
		     struct task_struct *t)
{
	struct rt_mutex_waiter *top = rt_mutex_top_waiter(m);

	if (closes_ring(m, t))
		return -EDEADLK;
	w->task = t;
	w->lock = m;
	waiter_refresh(w);
	t->pi_blocked_on = w;
	rb_add_cached(&w->tree, &m->waiters, tree_before);
	if (rt_mutex_top_waiter(m) == w) {
		owner_remove(m->owner, top);
		owner_add(m->owner, w);
		adjust_chain(m->owner);
	}
	return 0;
}

/* Out of the tree; the owner's priority is left as it is. */
static void unlink_waiter(struct rt_mutex_waiter *w)
{
	struct rt_mutex *m = w->lock;
	bool was_top = rt_mutex_top_waiter(m) == w;

	if (was_top)
		owner_remove(m->owner, w);
	rb_erase_cached(&w->tree, &m->waiters);
	if (was_top)
		owner_add(m->owner, rt_mutex_top_waiter(m));
	w->task->pi_blocked_on = NULL;
	WRITE_ONCE(w->lock, NULL);
}

void rt_mutex_dequeue(struct rt_mutex_waiter *w)
{
	struct task_struct *owner = w->lock->owner;

	unlink_waiter(w);
	adjust_chain(owner);
}

void rt_mutex_set_owner(struct rt_mutex *m, struct task_struct *t)
{
	BUG_ON(m->owner || rt_mutex_top_waiter(m));
	m->owner = t;
}

struct task_struct *rt_mutex_hand_over(struct rt_mutex *m)
{
	struct rt_mutex_waiter *w = rt_mutex_top_waiter(m);
	struct task_struct *old = m->owner, *next = w ? w->task : NULL;

	if (next) {
		owner_remove(old, w);
		m->owner = NULL;
		get_task_struct(next);
		unlink_waiter(w);                                  /* [c] */
		m->owner = next;
		owner_add(next, rt_mutex_top_waiter(m));
		adjust_chain(next);
		wake_up_process(next);
		put_task_struct(next);
	} else {
		m->owner = NULL;
	}
	/* Last: until here the old owner runs at the waiters' urgency. */
	if (old)
		adjust_chain(old);
	return next;
}

/* Somebody changed t's own priority (no graph lock held). */
void rt_mutex_adjust_pi(struct task_struct *t)
{
	if (!READ_ONCE(t->pi_blocked_on))
		return;
	spin_lock(&rt_graph_lock);
	adjust_chain(t);
	spin_unlock(&rt_graph_lock);
}
