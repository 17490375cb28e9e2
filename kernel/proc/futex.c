/* SPDX-License-Identifier: MIT */
/*
 * futex.c -- sleep until a word of user memory changes
 *
 * PROMISE.  FUTEX_WAIT sleeps only if the word still has the value expected, and
 * a FUTEX_WAKE after the word was changed finds every such sleeper.
 *
 * IDEA.  User code changes the word with atomic instructions and comes here only
 * when it must sleep or wake.  The kernel keeps no object per futex: a hash of
 * queues, the key being where the word lies.
 *
 *	private: (mm, address)        shared: (inode or page, offset)
 *	           \                   /
 *	            hash -> bucket: lock, waiters in order of arrival
 *
 * INVARIANTS (bucket lock held).
 *   I1  A waiter is in the bucket of its key until somebody takes it out; the
 *       taker clears q->queued last, for the waiter's stack frame may then go.
 *
 * LOCKING.  hb->lock; two buckets (requeue) in order of address.  The user's
 * word is read with faults disabled under the lock; a fault drops it, touches
 * the page and tries again.
 *
 * RACES.	waiter				waker
 *	[a] lock bucket			[c] change the word (user)
 *	[b] read the word; unequal ->	[d] lock bucket; wake who is there
 *	    EAGAIN; else queue; unlock
 * If [b] read the old value, it did so before [c], and so before [d] got the
 * lock: [d] finds the waiter.
 *
 * NOT DONE.  Priority inheritance (FUTEX_LOCK_PI and kin): -ENOSYS.
 *
 * SEE futex(2), docs/34-futex.md.
 *
 * EXERCISES.  1. Why must the word be read under the bucket lock?  2. Two
 * processes map one file at different addresses: why do they meet?
 */

#include <kernel/proc.h>

#include <arch/uaccess.h>
#include <kernel/err.h>
#include <kernel/hash.h>
#include <kernel/hrtimer.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/list.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <mm/mm.h>
#include <mm/page-flags.h>
#include <mm/page_ref.h>
#include <uapi/futex.h>

#define FUTEX_HASH_BITS 8
#define ROBUST_LIST_LIMIT 2048

/* Where a word lies; both halves 0: nowhere. */
struct futex_key {
	unsigned long space;          /* mm, or mapping */
	unsigned long offset;         /* byte address there */
};

struct futex_bucket {
	spinlock_t lock;
	struct list_head waiters;     /* [lock] struct futex_q */
} __cacheline_aligned;

/* A sleeper; on its own stack. */
struct futex_q {
	struct list_head link;        /* [bucket] */
	struct task_struct *task;
	struct futex_key key;         /* [bucket] requeue changes it */
	u32 bitset;
	struct futex_bucket *hb;      /* [bucket] NULL once woken */
};

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

static struct futex_bucket *bucket_of(const struct futex_key *key)
{
	return &buckets[hash_long(key->space ^ (key->offset >> 2) *
				  0x9e3779b97f4a7c15UL, FUTEX_HASH_BITS)];
}

static bool same_key(const struct futex_key *a, const struct futex_key *b)
{
	return a->space == b->space && a->offset == b->offset;
}

/* A shared word: by its page-cache page; anonymous memory by its mm. */
static int shared_key(unsigned long addr, struct futex_key *key)
{
	struct page *page;
	struct address_space *mapping;

	if (get_user_pages_fast(addr & PAGE_MASK, 1, FOLL_WRITE, &page) != 1 &&
	    get_user_pages_fast(addr & PAGE_MASK, 1, 0, &page) != 1)
		return -EFAULT;
	mapping = PageAnon(page) ? NULL : READ_ONCE(page->mapping);
	if (mapping) {
		key->space = (unsigned long)mapping;
		key->offset = (page->index << PAGE_SHIFT) |
			      (addr & (PAGE_SIZE - 1));
	} else {
		key->space = (unsigned long)current->mm;
		key->offset = addr;
	}
	put_page(page);
	return 0;
}

static int get_futex_key(u32 __user *uaddr, unsigned int flags,
			 struct futex_key *key)
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

/* Take q out and wake its task; bucket lock held (I1). */
static void wake_waiter(struct futex_q *q)
{
	struct task_struct *t = get_task_struct(q->task);

	list_del(&q->link);
	smp_store_release(&q->hb, NULL);
	wake_up_state(t, TASK_NORMAL);
	put_task_struct(t);
}

int futex_wake(u32 __user *uaddr, unsigned int flags, int nr_wake, u32 bitset)
{
	struct futex_bucket *hb;
	struct futex_key key;
	struct futex_q *q, *n;
	int woken = 0, err;

	if (!bitset)
		return -EINVAL;
	err = get_futex_key(uaddr, flags, &key);
	if (err)
		return err;
	hb = bucket_of(&key);
	spin_lock(&hb->lock);                                      /* [d] */
	list_for_each_entry_safe(q, n, &hb->waiters, link) {
		if (!same_key(&q->key, &key) || !(q->bitset & bitset))
			continue;
		wake_waiter(q);
		if (++woken >= nr_wake)
			break;
	}
	spin_unlock(&hb->lock);
	return woken;
}

/* Read the word under a spin lock: -EFAULT means touch it and come again. */
static int read_word_locked(u32 *val, u32 __user *uaddr)
{
	return copy_from_user_nofault(val, uaddr, sizeof(*val)) ? -EFAULT : 0;
}

/* Take q out of its bucket; false if a waker did already. */
static bool unqueue(struct futex_q *q)
{
	struct futex_bucket *hb;

	for (;;) {
		hb = smp_load_acquire(&q->hb);
		if (!hb)
			return false;
		spin_lock(&hb->lock);
		if (q->hb == hb)
			break;
		spin_unlock(&hb->lock); /* requeued meanwhile */
	}
	list_del(&q->link);
	spin_unlock(&hb->lock);
	return true;
}

/* Queue current if the word is still val; 0, -EAGAIN, -EFAULT. */
static int queue_if_equal(struct futex_q *q, u32 __user *uaddr, u32 val)
{
	struct futex_bucket *hb = bucket_of(&q->key);
	u32 now;
	int err;

	for (;;) {
		spin_lock(&hb->lock);                              /* [a] */
		err = read_word_locked(&now, uaddr);               /* [b] */
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
	q->hb = hb;
	list_add_tail(&q->link, &hb->waiters);
	set_current_state(TASK_INTERRUPTIBLE);
	spin_unlock(&hb->lock);
	return 0;
}

/* Sleep until woken, timed out or signalled; timeout absolute, or NULL. */
static int wait_queued(struct futex_q *q, const ktime_t *timeout,
		       clockid_t clock)
{
	struct hrtimer_sleeper sleeper;

	if (timeout) {
		hrtimer_init_sleeper_on_stack(&sleeper, clock,
					      HRTIMER_MODE_ABS);
		hrtimer_set_expires(&sleeper.timer, *timeout);
		hrtimer_sleeper_start_expires(&sleeper, HRTIMER_MODE_ABS);
	}
	for (;;) {
		if (!smp_load_acquire(&q->hb) || signal_pending(current) ||
		    (timeout && !sleeper.task))
			break;
		schedule();
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	if (timeout)
		hrtimer_cancel(&sleeper.timer);
	if (!unqueue(q))
		return 0;
	return timeout && !sleeper.task ? -ETIMEDOUT : -ERESTARTSYS;
}

static long futex_wait_restart(struct restart_block *restart);

static int futex_wait(u32 __user *uaddr, unsigned int flags, u32 val,
		      const ktime_t *timeout, u32 bitset)
{
	struct futex_q q = { .task = current, .bitset = bitset };
	clockid_t clock = flags & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME :
		CLOCK_MONOTONIC;
	struct restart_block *restart;
	int err;

	if (!bitset)
		return -EINVAL;
	err = get_futex_key(uaddr, flags, &q.key);
	if (!err)
		err = queue_if_equal(&q, uaddr, val);
	if (err)
		return err;
	err = wait_queued(&q, timeout, clock);
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

static void lock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock_nested(&b->lock, 1);
}

static void unlock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

struct requeue_args {
	u32 __user *from, *to;
	unsigned int flags;
	int nr_wake, nr_requeue;
	const u32 *expected;          /* FUTEX_CMP_REQUEUE, or NULL */
};

/* Wake some waiters of `from` and let others wait on `to` instead. */
static int futex_requeue(const struct requeue_args *a)
{
	struct futex_bucket *hb1, *hb2;
	struct futex_key k1, k2;
	struct futex_q *q, *n;
	int err, done = 0, woken = 0;
	u32 now;

	if (a->nr_wake < 0 || a->nr_requeue < 0)
		return -EINVAL;
	err = get_futex_key(a->from, a->flags, &k1);
	if (!err)
		err = get_futex_key(a->to, a->flags, &k2);
	if (err)
		return err;
	hb1 = bucket_of(&k1);
	hb2 = bucket_of(&k2);
	for (;;) {
		lock_two(hb1, hb2);
		if (!a->expected || !read_word_locked(&now, a->from))
			break;
		unlock_two(hb1, hb2);
		if (get_user(now, a->from))
			return -EFAULT;
	}
	if (a->expected && now != *a->expected) {
		unlock_two(hb1, hb2);
		return -EAGAIN;
	}
	list_for_each_entry_safe(q, n, &hb1->waiters, link) {
		if (!same_key(&q->key, &k1))
			continue;
		if (woken < a->nr_wake) {
			wake_waiter(q);
			woken++;
		} else if (done - woken < a->nr_requeue) {
			q->key = k2;
			list_move_tail(&q->link, &hb2->waiters);
			smp_store_release(&q->hb, hb2);
		} else {
			break;
		}
		done++;
	}
	unlock_two(hb1, hb2);
	return done;
}

/* FUTEX_WAKE_OP's little program: change *uaddr, compare its old value. */
static int futex_atomic_op(u32 encoded, u32 __user *uaddr, bool *hit)
{
	int op = encoded >> 28 & 7, cmp = encoded >> 24 & 15;
	int oparg = (int)(encoded << 8) >> 20, cmparg = (int)(encoded << 20) >> 20;
	int old, err;

	if (encoded & (8u << 28))
		oparg = 1 << (oparg & 31);
	err = arch_futex_atomic_op(op, oparg, &old, uaddr);
	if (err)
		return err;
	switch (cmp) {
	case 0: *hit = old == cmparg; return 0;
	case 1: *hit = old != cmparg; return 0;
	case 2: *hit = old < cmparg; return 0;
	case 3: *hit = old <= cmparg; return 0;
	case 4: *hit = old > cmparg; return 0;
	case 5: *hit = old >= cmparg; return 0;
	}
	return -ENOSYS;
}

static int futex_wake_op(u32 __user *uaddr1, unsigned int flags,
			 u32 __user *uaddr2, int nr1, int nr2, u32 op)
{
	bool hit = false;
	int err, woken;

	/* The change comes first: a waiter who looks later does not sleep. */
	err = futex_atomic_op(op, uaddr2, &hit);
	if (err)
		return err;
	woken = futex_wake(uaddr1, flags, nr1, FUTEX_BITSET_MATCH_ANY);
	if (woken < 0 || !hit)
		return woken;
	err = futex_wake(uaddr2, flags, nr2, FUTEX_BITSET_MATCH_ANY);
	return err < 0 ? err : woken + err;
}

static int decode_timeout(int cmd, const struct timespec64 __user *uts,
			  ktime_t *t)
{
	struct timespec64 ts;

	if (copy_from_user(&ts, uts, sizeof(ts)))
		return -EFAULT;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	*t = timespec64_to_ktime(ts);
	if (cmd == FUTEX_WAIT)
		*t = ktime_add_safe(ktime_get(), *t); /* it is relative */
	return 0;
}

SYSCALL_DEFINE6(futex, u32 __user *, uaddr, int, op, u32, val,
		const struct timespec64 __user *, uts, u32 __user *, uaddr2,
		u32, val3)
{
	int cmd = op & FUTEX_CMD_MASK;
	unsigned int flags = op & (FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
	struct requeue_args rq = {
		.from = uaddr, .to = uaddr2, .flags = flags, .nr_wake = val,
		.nr_requeue = (int)(long)uts,
	};
	ktime_t t, *tp = NULL;
	int err;

	if ((flags & FUTEX_CLOCK_REALTIME) && cmd != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	if (uts && (cmd == FUTEX_WAIT || cmd == FUTEX_WAIT_BITSET)) {
		err = decode_timeout(cmd, uts, &t);
		if (err)
			return err;
		tp = &t;
	}
	switch (cmd) {
	case FUTEX_WAIT:
		return futex_wait(uaddr, flags, val, tp, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return futex_wait(uaddr, flags, val, tp, val3);
	case FUTEX_WAKE:
		return futex_wake(uaddr, flags, val, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(uaddr, flags, val, val3);
	case FUTEX_REQUEUE:
		return futex_requeue(&rq);
	case FUTEX_CMP_REQUEUE:
		rq.expected = &val3;
		return futex_requeue(&rq);
	case FUTEX_WAKE_OP:
		return futex_wake_op(uaddr, flags, uaddr2, val, rq.nr_requeue,
				     val3);
	}
	return -ENOSYS;
}

/* ---- robust lists: locks whose owner died ---------------------------------- */

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

	t = pid ? find_get_task_by_vpid(pid) : get_task_struct(current);
	if (!t)
		return -ESRCH;
	list = t->robust_list;
	put_task_struct(t);
	if (put_user(sizeof(struct robust_list_head), len) ||
	    put_user((unsigned long)list, (unsigned long __user *)head))
		return -EFAULT;
	return 0;
}

/* The dead task held this lock: mark it, wake one who waits. */
static int mark_owner_died(u32 __user *uaddr, struct task_struct *t,
			   bool pending)
{
	u32 word, seen;

	if ((unsigned long)uaddr % sizeof(u32))
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(*uaddr)) || get_user(word, uaddr))
		return -EFAULT;
	for (;;) {
		if (pending && !word) {
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
	if (word & FUTEX_WAITERS)
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
		if (entry != pending &&
		    mark_owner_died((u32 __user *)((entry & ~1UL) + offset), t,
				    false))
			return;
		entry = next;
		cond_resched();
	}
	if (pending)
		mark_owner_died((u32 __user *)((pending & ~1UL) + offset), t,
				true);
}
