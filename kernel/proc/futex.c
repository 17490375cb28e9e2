/* SPDX-License-Identifier: MIT */
/*
 * futex.c -- sleep until a word of user memory changes
 *
 * PROMISE.  FUTEX_WAIT sleeps only if the word still has the value expected,
 * and a FUTEX_WAKE after the word was changed finds every such sleeper.
 *
 * IDEA.  User code changes the word with atomic instructions and comes here
 * only when it must sleep or wake.  The kernel keeps no object per futex: a
 * hash of queues, the key being where the word lies.
 *
 *	private: (mm, address)        shared: (inode or page, offset)
 *	           \                   /
 *	            hash -> bucket: lock, waiters by priority, then arrival
 *
 * A key of file memory names the file and the place in it, not the page: the
 * page may be written out and read back while somebody waits.  The file by its
 * mapping's sequence number, not by an address: a waiter holds neither (another
 * thread may unmap and delete the file), and whose address it was may be
 * another file's by the time somebody wakes that one.  An mm lives as long as
 * those who wait in it.
 *
 * Real-time waiters come first, by the priority they had when they came; all
 * others in order of arrival.
 *
 * INVARIANTS (bucket lock held).
 *   I1  A waiter is in the bucket of its key until somebody takes it out; the
 *       taker clears q->hb last, for the waiter's stack frame may then go.
 *
 * LOCKING.  hb->lock; two buckets (requeue) in order of address.  The user's
 * word is read with faults disabled under the lock; a fault drops it, touches
 * the page and tries again.  rt_graph_lock (PI) comes inside.
 *
 * RACES.	waiter				waker
 *	[a] lock bucket			[c] change the word (user)
 *	[b] read the word; unequal ->	[d] lock bucket; wake who is there
 *	    EAGAIN; else queue; unlock
 * If [b] read the old value, it did so before [c], and so before [d] got the
 * lock: [d] finds the waiter.
 *
 * Taken out and moved at once: q->hb may change from one bucket to another, so
 * who locks a waiter's bucket looks again (futex_lock_q).
 *
 * SEE futex(2), docs/34-futex.md.
 *
 * EXERCISES.  1. Why must the word be read under the bucket lock?  2. Two
 * processes map one file at different addresses: why do they meet?
 */

#include "futex_impl.h"

#include <arch/fault.h>
#include <arch/uaccess.h>
#include <fs/mapping.h>
#include <kernel/err.h>
#include <kernel/hash.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/signal.h>
#include <mm/mm.h>
#include <mm/page-flags.h>
#include <mm/page_ref.h>

#define FUTEX_HASH_BITS 8
#define KEY_TRIES 16

static struct futex_bucket buckets[1 << FUTEX_HASH_BITS];

static int futex_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(buckets); i++) {
		spin_lock_init(&buckets[i].lock);
		INIT_LIST_HEAD(&buckets[i].waiters);
	}
	return 0;
}
core_initcall(futex_init);

struct futex_bucket *futex_bucket(const struct futex_key *key)
{
	return &buckets[hash_long(key->space ^ (key->offset >> 2) *
				  0x9e3779b97f4a7c15UL, FUTEX_HASH_BITS)];
}

/*
 * The key of a word in page-cache page `page`; false: the page is no file's
 * (any more).  A mapping's memory stays until RCU readers have gone; that it is
 * the page's, once more, says that it was not freed before we began.
 */
static bool file_key(struct page *page, unsigned long addr,
		     struct futex_key *key)
{
	struct address_space *mapping;
	u64 sequence = 0;

	rcu_read_lock();
	mapping = READ_ONCE(page->mapping);
	if (mapping)
		sequence = mapping->sequence;
	key->space = sequence;
	key->offset = (page->index << PAGE_SHIFT) | (addr & (PAGE_SIZE - 1));
	smp_rmb();
	if (READ_ONCE(page->mapping) != mapping)
		sequence = 0;
	rcu_read_unlock();
	return sequence;
}

/* One look: 0; -EFAULT; -EAGAIN, the page was just taken from its file. */
static int try_shared_key(unsigned long addr, struct futex_key *key)
{
	struct page *page;
	bool read_only = false;
	int err = 0;

	if (get_user_pages_fast(addr & PAGE_MASK, 1, FOLL_WRITE, &page) != 1) {
		if (get_user_pages_fast(addr & PAGE_MASK, 1, 0, &page) != 1)
			return -EFAULT;
		read_only = true;
	}
	if (!PageAnon(page)) {
		err = file_key(page, addr, key) ? 0 : -EAGAIN;
	} else if (read_only) {
		err = -EFAULT;        /* nobody could ever change it */
	} else {
		key->space = (unsigned long)current->mm;
		key->offset = addr;
	}
	put_page(page);
	return err;
}

/*
 * A shared word: by its page-cache page; anonymous memory by its mm.  A page
 * that was truncated or swapped out under us is found anew; the kernel's own
 * pages (the zero page, the vDSO's) are nobody's for good.
 */
static int shared_key(unsigned long addr, struct futex_key *key)
{
	for (int i = 0; i < KEY_TRIES; i++) {
		int err = try_shared_key(addr, key);

		if (err != -EAGAIN)
			return err;
		cond_resched();
	}
	return -EFAULT;
}

int get_futex_key(u32 __user *uaddr, unsigned int flags, struct futex_key *key)
{
	unsigned long addr = (unsigned long)uaddr;

	if (addr % sizeof(u32))
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(u32)))
		return -EFAULT;
	if (!(flags & FUTEX_PRIVATE_FLAG))
		return shared_key(addr, key);
	key->space = (unsigned long)current->mm;
	key->offset = addr;
	return 0;
}

void futex_wake_waiter(struct futex_q *q)
{
	struct task_struct *t = get_task_struct(q->task);

	list_del(&q->link);
	smp_store_release(&q->hb, NULL);                           /* I1 */
	wake_up_state(t, TASK_NORMAL);
	put_task_struct(t);
}

void futex_enqueue(struct futex_q *q, struct futex_bucket *hb)
{
	struct list_head *before = &hb->waiters;
	struct futex_q *other;

	if (q->prio < MAX_RT_PRIO) {
		list_for_each_entry(other, &hb->waiters, link) {
			if (other->prio > q->prio) {
				before = &other->link;
				break;
			}
		}
	}
	list_add_tail(&q->link, before);
	smp_store_release(&q->hb, hb);
}

void futex_enqueue_current(struct futex_q *q, struct futex_bucket *hb)
{
	q->prio = min(current->normal_prio, MAX_RT_PRIO);
	futex_enqueue(q, hb);
}

int futex_wake_key(const struct futex_key *key, int nr_wake, u32 bitset)
{
	struct futex_bucket *hb = futex_bucket(key);
	struct futex_q *q, *n;
	int woken = 0;

	spin_lock(&hb->lock);                                      /* [d] */
	list_for_each_entry_safe(q, n, &hb->waiters, link) {
		if (!futex_same_key(&q->key, key))
			continue;
		if (q->pi_state || q->requeue_key) {
			woken = -EINVAL;  /* it waits for a mutex, not a wake */
			break;
		}
		if (!(q->bitset & bitset))
			continue;
		futex_wake_waiter(q);
		if (++woken >= nr_wake)
			break;
	}
	spin_unlock(&hb->lock);
	return woken;
}

/* May sleep. */
int futex_wake(u32 __user *uaddr, unsigned int flags, int nr_wake, u32 bitset)
{
	struct futex_key key;
	int err;

	if (!bitset)
		return -EINVAL;
	err = get_futex_key(uaddr, flags, &key);
	return err ? err : futex_wake_key(&key, nr_wake, bitset);
}

int futex_read_nofault(u32 *val, u32 __user *uaddr)
{
	return copy_from_user_nofault(val, uaddr, sizeof(*val)) ? -EFAULT : 0;
}

int futex_cmpxchg_nofault(u32 *seen, u32 __user *uaddr, u32 old, u32 new)
{
	int err;

	pagefault_disable();
	err = futex_cmpxchg_user(seen, uaddr, old, new);
	pagefault_enable();
	return err;
}

/* An exchange of 0 for 0 changes nothing, but needs the page writable. */
int futex_fault_in(u32 __user *uaddr)
{
	u32 seen;

	return futex_cmpxchg_user(&seen, uaddr, 0, 0);
}

struct futex_bucket *futex_lock_q(struct futex_q *q)
{
	struct futex_bucket *hb;

	for (;;) {
		hb = smp_load_acquire(&q->hb);
		if (!hb)
			return NULL;
		spin_lock(&hb->lock);
		if (q->hb == hb)
			return hb;
		spin_unlock(&hb->lock); /* requeued meanwhile */
	}
}

struct futex_q *futex_first_waiter(struct futex_bucket *hb,
				   const struct futex_key *key)
{
	struct futex_q *q;

	list_for_each_entry(q, &hb->waiters, link)
		if (futex_same_key(&q->key, key))
			return q;
	return NULL;
}

bool futex_unqueue(struct futex_q *q)
{
	struct futex_bucket *hb = futex_lock_q(q);

	if (!hb)
		return false;
	list_del(&q->link);
	q->hb = NULL;
	spin_unlock(&hb->lock);
	return true;
}

int futex_queue_if_equal(struct futex_q *q, u32 __user *uaddr, u32 val)
{
	struct futex_bucket *hb = futex_bucket(&q->key);
	u32 now;
	int err;

	for (;;) {
		spin_lock(&hb->lock);                              /* [a] */
		err = futex_read_nofault(&now, uaddr);             /* [b] */
		if (!err)
			break;
		spin_unlock(&hb->lock);
		if (get_user(now, uaddr))
			return -EFAULT;
	}
	if (now != val) {
		spin_unlock(&hb->lock);
		return -EAGAIN;
	}
	futex_enqueue_current(q, hb);
	spin_unlock(&hb->lock);
	return 0;
}

void futex_timeout_start(struct futex_timeout *t, const ktime_t *time,
			 clockid_t clock)
{
	t->armed = time;
	if (!time)
		return;
	hrtimer_init_sleeper_on_stack(&t->sleeper, clock, HRTIMER_MODE_ABS);
	hrtimer_set_expires(&t->sleeper.timer, *time);
	hrtimer_sleeper_start_expires(&t->sleeper, HRTIMER_MODE_ABS);
}

void futex_timeout_stop(struct futex_timeout *t)
{
	if (t->armed)
		hrtimer_cancel(&t->sleeper.timer);
}

/* Sleep until woken, timed out or signalled. */
static int wait_queued(struct futex_q *q, const ktime_t *time, clockid_t clock)
{
	struct futex_timeout timeout;

	futex_timeout_start(&timeout, time, clock);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!smp_load_acquire(&q->hb) || signal_pending(current) ||
		    futex_timed_out(&timeout))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	futex_timeout_stop(&timeout);
	if (!futex_unqueue(q))
		return 0;
	return futex_timed_out(&timeout) ? -ETIMEDOUT : -ERESTARTSYS;
}

static long futex_wait_restart(struct restart_block *restart);

int futex_wait(u32 __user *uaddr, unsigned int flags, u32 val,
	       const ktime_t *timeout, u32 bitset)
{
	struct futex_q q = { .task = current, .bitset = bitset };
	struct restart_block *restart;
	int err;

	if (!bitset)
		return -EINVAL;
	err = get_futex_key(uaddr, flags, &q.key);
	if (!err)
		err = futex_queue_if_equal(&q, uaddr, val);
	if (err)
		return err;
	err = wait_queued(&q, timeout, futex_clock(flags));
	if (err != -ERESTARTSYS || !timeout)
		return err;
	restart = &current->restart_block;
	restart->fn = futex_wait_restart;
	restart->futex.uaddr = uaddr;
	restart->futex.val = val;
	restart->futex.bitset = bitset;
	restart->futex.flags = flags;
	restart->futex.time = *timeout;
	return -ERESTART_RESTARTBLOCK;
}

static long futex_wait_restart(struct restart_block *restart)
{
	ktime_t time = restart->futex.time;

	restart->fn = NULL;
	return futex_wait(restart->futex.uaddr, restart->futex.flags,
			  restart->futex.val, &time, restart->futex.bitset);
}

void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock_nested(&b->lock, 1);
}

void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}
