/* SPDX-License-Identifier: MIT */
/*
 * page_wait.c -- sleeping until a bit of a page is clear
 *
 * PG_locked and PG_writeback are held for as long as a disk takes, so waiters
 * sleep.  A wait queue in each struct page would cost 24 bytes for every frame
 * of the machine, nearly all of them empty: instead 256 queues are shared by
 * hash.  A waker wakes the whole queue, and who waited for another page goes
 * back to sleep.
 *
 * RACES.  Why unlock_page() may skip an empty queue:
 *
 *	waiter                            unlocker
 *	enters the queue        [a]       clears the bit          [c]
 *	tests the bit           [b]       looks for waiters       [d]
 *	sleeps
 *
 * Between [a] and [b], and between [c] and [d], stands a full barrier (setting
 * the task state; the locked instruction).  So if [b] saw the bit still set,
 * [d] sees the waiter.
 *
 * LOCKING.  Any context may unlock; waiting is for tasks.
 */

#include <kernel/export.h>
#include <kernel/hash.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <mm/pagemap.h>
#include <mm/swap.h>

#include "reclaim.h"

#define WAIT_TABLE_BITS 8

static struct wait_queue_head wait_table[1 << WAIT_TABLE_BITS];

/* Once, before the first page is locked. */
void page_wait_init(void)
{
	unsigned n;

	for (n = 0; n < ARRAY_SIZE(wait_table); n++)
		init_waitqueue_head(&wait_table[n]);
}

static struct wait_queue_head *queue_of(const struct page *page)
{
	return &wait_table[hash_64(page_to_pfn(page), WAIT_TABLE_BITS)];
}

void wait_on_page_bit(struct page *page, int bit)
{
	might_sleep();
	io_wait_event(*queue_of(page), !test_bit(bit, &page->flags));
}
EXPORT_SYMBOL(wait_on_page_bit);

void __lock_page(struct page *page)
{
	might_sleep();
	io_wait_event(*queue_of(page), trylock_page(page));
}
EXPORT_SYMBOL(__lock_page);

int __lock_page_killable(struct page *page)
{
	might_sleep();
	return wait_event_killable(*queue_of(page), trylock_page(page))
		? -EINTR : 0;
}
EXPORT_SYMBOL(__lock_page_killable);

static void wake_page(struct page *page)
{
	struct wait_queue_head *wq = queue_of(page);

	smp_mb();
	if (waitqueue_active(wq))                              /* [d] */
		wake_up_all(wq);
}

void unlock_page(struct page *page)
{
	VM_BUG_ON(!PageLocked(page));
	clear_bit_unlock(PG_locked, &page->flags);             /* [c] */
	wake_page(page);
}
EXPORT_SYMBOL(unlock_page);

/* Reclaim waits for the disk: until one page that it wants is written. */
static DECLARE_WAIT_QUEUE_HEAD(reclaim_wait);

void reclaim_wait_for_writeback(long timeout)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(&reclaim_wait, &wait, TASK_UNINTERRUPTIBLE);
	io_schedule_timeout(timeout);
	finish_wait(&reclaim_wait, &wait);
}

/* The end of end_page_writeback(); the page may be gone on return. */
void clear_page_writeback_and_wake(struct page *page)
{
	bool reclaim = TestClearPageReclaim(page);

	if (reclaim)
		rotate_reclaimable_page(page);
	clear_bit_unlock(PG_writeback, &page->flags);
	wake_page(page);
	if (reclaim && waitqueue_active(&reclaim_wait))
		wake_up_all(&reclaim_wait);
}
