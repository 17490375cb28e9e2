/* SPDX-License-Identifier: MIT */
/*
 * wait.c -- wait queues: the one way to sleep until something happens
 *
 * PROMISE.  A wake_up() that comes after the condition was made true is never
 * lost.  Plain sleepers are all woken, of the exclusive ones the first nr.
 *
 * IDEA.  A queue of entries; each has a function that wakes its sleeper, or
 * does something else (poll marks a file ready).  New plain entries go to the
 * head, exclusive ones to the tail, so a walk from the head meets all plain
 * ones before it stops at the nr-th exclusive one.
 *
 * RACES.  The wrong interleaving:
 *
 *	sleeper				waker
 *	looks: false
 *					makes it true
 *					wakes: nobody sleeps
 *	sleeps for ever
 *
 * So the sleeper announces itself before it looks:
 *
 *	prepare_to_wait()	[a]	make it true		[c]
 *	look			[b]	wake_up()		[d]
 *	schedule()
 *
 * [a] queues the entry and sets the task's state; set_current_state() is a
 * full barrier, so if [b] misses [c], then [d] comes after [a], finds the entry
 * under the queue's lock and puts the task back to running: schedule() then
 * returns at once.
 *
 * INVARIANTS, with the queue's lock held
 *	I1  no plain entry stands behind an exclusive one
 *	I2  an entry whose function removes it is unlinked before its sleeper
 *	    can see that it was woken (autoremove: del_init under the lock)
 *
 * LOCKING.  wq->lock, interrupts off; inside it the wake functions take the
 * sleeper's pi_lock and a run queue's lock.
 */

#include <kernel/wait.h>

#include <arch/current.h>
#include <kernel/export.h>
#include <kernel/sched.h>

void init_wait_entry(struct wait_queue_entry *e, int flags)
{
	e->flags = flags;
	e->private = current;
	e->func = autoremove_wake_function;
	INIT_LIST_HEAD(&e->entry);
}
EXPORT_SYMBOL(init_wait_entry);

void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *e)
{
	unsigned long flags;

	e->flags &= ~WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	__add_wait_queue(wq, e);
	spin_unlock_irqrestore(&wq->lock, flags);
}
EXPORT_SYMBOL(add_wait_queue);

void add_wait_queue_exclusive(struct wait_queue_head *wq,
			      struct wait_queue_entry *e)
{
	unsigned long flags;

	e->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	__add_wait_queue_entry_tail(wq, e);
	spin_unlock_irqrestore(&wq->lock, flags);
}
EXPORT_SYMBOL(add_wait_queue_exclusive);

void add_wait_queue_priority(struct wait_queue_head *wq,
			     struct wait_queue_entry *e)
{
	unsigned long flags;

	e->flags |= WQ_FLAG_PRIORITY;
	spin_lock_irqsave(&wq->lock, flags);
	__add_wait_queue(wq, e);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void remove_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *e)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	__remove_wait_queue(wq, e);
	spin_unlock_irqrestore(&wq->lock, flags);
}
EXPORT_SYMBOL(remove_wait_queue);

/* The walk; the caller holds the lock.  How many exclusive ones were left. */
static int wake_locked(struct wait_queue_head *wq, unsigned int mode, int nr,
		       int flags, void *key)
{
	struct wait_queue_entry *e, *next;

	list_for_each_entry_safe(e, next, &wq->head, entry) {
		unsigned int entry_flags = e->flags;
		int ret = e->func(e, mode, flags, key);

		if (ret < 0)
			break;
		if (ret && (entry_flags & WQ_FLAG_EXCLUSIVE) && --nr == 0)
			break;
	}
	return nr;
}

int __wake_up(struct wait_queue_head *wq, unsigned int mode, int nr, void *key)
{
	unsigned long flags;
	int left;

	spin_lock_irqsave(&wq->lock, flags);
	left = wake_locked(wq, mode, nr, 0, key);
	spin_unlock_irqrestore(&wq->lock, flags);
	return nr - left;
}
EXPORT_SYMBOL(__wake_up);

void __wake_up_locked(struct wait_queue_head *wq, unsigned int mode, int nr)
{
	wake_locked(wq, mode, nr, 0, NULL);
}
EXPORT_SYMBOL(__wake_up_locked);

void __wake_up_locked_key(struct wait_queue_head *wq, unsigned int mode,
			  void *key)
{
	wake_locked(wq, mode, 1, 0, key);
}
EXPORT_SYMBOL(__wake_up_locked_key);

void __wake_up_sync_key(struct wait_queue_head *wq, unsigned int mode,
			void *key)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	wake_locked(wq, mode, 1, WF_SYNC, key);
	spin_unlock_irqrestore(&wq->lock, flags);
}
EXPORT_SYMBOL(__wake_up_sync_key);

int default_wake_function(struct wait_queue_entry *e, unsigned int mode,
			  int flags, void *key)
{
	return try_to_wake_up(e->private, mode, flags);
}
EXPORT_SYMBOL(default_wake_function);

int autoremove_wake_function(struct wait_queue_entry *e, unsigned int mode,
			     int flags, void *key)
{
	int woken = default_wake_function(e, mode, flags, key);

	if (woken)
		list_del_init_careful(&e->entry);                /* I2 */
	return woken;
}
EXPORT_SYMBOL(autoremove_wake_function);

void prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *e,
		     int state)
{
	unsigned long flags;

	e->flags &= ~WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	if (list_empty(&e->entry))
		__add_wait_queue(wq, e);
	set_current_state(state);                                /* [a] */
	spin_unlock_irqrestore(&wq->lock, flags);
}
EXPORT_SYMBOL(prepare_to_wait);

bool prepare_to_wait_exclusive(struct wait_queue_head *wq,
			       struct wait_queue_entry *e, int state)
{
	unsigned long flags;
	bool was_empty = false;

	e->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	if (list_empty(&e->entry)) {
		was_empty = list_empty(&wq->head);
		__add_wait_queue_entry_tail(wq, e);
	}
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
	return was_empty;
}
EXPORT_SYMBOL(prepare_to_wait_exclusive);

/*
 * An exclusive sleeper that a signal ends must not swallow a wake-up: it takes
 * itself off the queue here, under the lock, so a wake-up either found it
 * before (then the caller's look at the condition sees why) or passes to the
 * next one.
 */
long prepare_to_wait_event(struct wait_queue_head *wq,
			   struct wait_queue_entry *e, int state)
{
	unsigned long flags;
	long ret = 0;

	spin_lock_irqsave(&wq->lock, flags);
	if (signal_pending_state(state, current)) {
		list_del_init(&e->entry);
		ret = -ERESTARTSYS;
	} else {
		if (list_empty(&e->entry)) {
			if (e->flags & WQ_FLAG_EXCLUSIVE)
				__add_wait_queue_entry_tail(wq, e);
			else
				__add_wait_queue(wq, e);
		}
		set_current_state(state);
	}
	spin_unlock_irqrestore(&wq->lock, flags);
	return ret;
}
EXPORT_SYMBOL(prepare_to_wait_event);

/*
 * The entry is on our stack: a waker that still holds the queue's lock may be
 * about to touch it, so an entry that looks queued is removed under the lock;
 * list_empty_careful() sees "unlinked" only when the waker has let go of it.
 */
void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *e)
{
	unsigned long flags;

	__set_current_state(TASK_RUNNING);
	if (list_empty_careful(&e->entry))
		return;
	spin_lock_irqsave(&wq->lock, flags);
	list_del_init(&e->entry);
	spin_unlock_irqrestore(&wq->lock, flags);
}
EXPORT_SYMBOL(finish_wait);

/* One round of waiting with wq->lock held by the caller (irqs off). */
int do_wait_intr_irq(struct wait_queue_head *wq, struct wait_queue_entry *e)
{
	if (list_empty(&e->entry))
		__add_wait_queue_entry_tail(wq, e);
	set_current_state(TASK_INTERRUPTIBLE);
	if (signal_pending(current))
		return -ERESTARTSYS;
	spin_unlock_irq(&wq->lock);
	schedule();
	spin_lock_irq(&wq->lock);
	return 0;
}
EXPORT_SYMBOL(do_wait_intr_irq);

int woken_wake_function(struct wait_queue_entry *e, unsigned int mode,
			int flags, void *key)
{
	smp_mb();       /* the condition before the flag; pairs with wait_woken */
	e->flags |= WQ_FLAG_WOKEN;
	return default_wake_function(e, mode, flags, key);
}
EXPORT_SYMBOL(woken_wake_function);

long wait_woken(struct wait_queue_entry *e, unsigned int mode, long timeout)
{
	set_current_state(mode);
	if (!(READ_ONCE(e->flags) & WQ_FLAG_WOKEN))
		timeout = schedule_timeout(timeout);
	__set_current_state(TASK_RUNNING);
	e->flags &= ~WQ_FLAG_WOKEN;
	smp_mb();       /* the flag before the caller's look at the condition */
	return timeout;
}
EXPORT_SYMBOL(wait_woken);
