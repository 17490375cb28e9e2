/* SPDX-License-Identifier: MIT */
/*
 * lru.c -- pages by age
 *
 * PROMISE.  Every page that may be reclaimed stands on one list of its node,
 * and the old ends of the inactive lists hold what was not used for longest,
 * near enough.
 *
 * IDEA.  True LRU would move a page at each access, which only the MMU sees.
 * So each kind of page (anonymous, file) has two lists.  A page comes on the
 * inactive one; a page that is seen used a second time goes to the active one;
 * when the active list is too long, its oldest go back:
 *
 *	new --> [ inactive ]  --old end--> used? --no--> reclaimed
 *	           ^    |                   | yes
 *	   aged    |    +-- second use --+  |
 *	           |                     v  v
 *	        [    active             ] <-+
 *
 * So a file that is read once passes through the inactive list and never
 * drives out what is used all the time.
 *
 * A new page goes first on a short list of its CPU, whose lock nobody else
 * wants, and a batch of them moves to the node's lists under one lru_lock.  The
 * page says whose list it is on (the pending field of its flags), so whoever
 * frees it finds the right lock.  Linux's batches hold a reference to each page
 * instead: then a page in one looks shared when it is not, and cannot be freed,
 * until somebody asks every CPU to empty its batch.  Here the counts stay true
 * and a batch can be emptied from anywhere.
 *
 * INVARIANTS
 *   I1  PG_lru is set if and only if page->lru is on one of the lists.
 *   I2  pending == n + 1: on CPU n's list.  pending == 0: on the node's list
 *       page_lru(page).
 *   I3  lruvec.nr[] are the lengths of the node's lists.
 *   I4  A page leaves its list before its frame is freed (__put_page).
 *
 * LOCKING.  pending[cpu].lock, then lruvec.lru_lock; both irq-safe, for pages
 * are freed by interrupts.  Flags that choose the list (active, unevictable)
 * change under the lock of the list that the page is on, or while it is on
 * none.
 *
 * RACES.  A page's pending field is read without a lock to choose one:
 *
 *	CPU 0 frees page, pending on 1    CPU 1 drains
 *	reads pending == 1 + 1            takes both locks
 *	waits for CPU 1's lock            moves page to the node's list
 *	has the lock; reads again: 0  [a]
 *	drops it, takes lru_lock
 *
 * SEE docs/57-reclaim.md.
 *
 * EXERCISES.  1. Why may lru_cache_add() not use page->_refcount to tell a
 * pending page?  2. What does a list see if PG_active changed without its lock?
 */

#include <mm/swap.h>

#include <kernel/cpumask.h>
#include <kernel/export.h>
#include <kernel/percpu.h>
#include <mm/mm.h>
#include <mm/vmstat.h>

#include "internal.h"

#define BATCH 31

/* Pages of one CPU on their way to the node's lists; newest first. */
struct lru_pending {
	spinlock_t lock;
	struct list_head pages;       /* .lock */
	unsigned int nr;              /* .lock */
};

static DEFINE_PER_CPU(struct lru_pending, pending);

static struct lruvec *lruvec_of(const struct page *page)
{
	return &NODE_DATA(page_to_nid(page))->lruvec;
}

/* ---- which list a page is on (I2) ---------------------------------------- */

static int pending_cpu(const struct page *page)
{
	return (int)(READ_ONCE(page->flags) >> PG_LRU_CPU_SHIFT &
		     PG_LRU_CPU_MASK) - 1;
}

static void set_pending(struct page *page, int cpu)
{
	__atomic_fetch_or(&page->flags, 1UL << PG_lru |
			  (unsigned long)(cpu + 1) << PG_LRU_CPU_SHIFT,
			  __ATOMIC_SEQ_CST);
}

static void clear_flags(struct page *page, unsigned long bits)
{
	__atomic_fetch_and(&page->flags, ~bits, __ATOMIC_SEQ_CST);
}

static void clear_pending(struct page *page)
{
	clear_flags(page, PG_LRU_CPU_MASK << PG_LRU_CPU_SHIFT);
}

/* ---- the node's lists.  lru_lock held ------------------------------------ */

static void count(struct lruvec *l, enum lru_list lru, long n)
{
	l->nr[lru] += n;                                           /* I3 */
	mod_node_page_state(NULL, NR_LRU_BASE + lru, n);
}

void lruvec_add(struct lruvec *l, struct page *page)
{
	enum lru_list lru = page_lru(page);

	list_add(&page->lru, &l->lists[lru]);
	count(l, lru, 1);
}

void lruvec_del(struct lruvec *l, struct page *page)
{
	list_del(&page->lru);
	count(l, page_lru(page), -1);
}

/* ---- pending ones -------------------------------------------------------- */

/* p's lock is held, irqs are off. */
static void drain(struct lru_pending *p)
{
	struct page *page, *next;
	struct lruvec *l = &NODE_DATA(0)->lruvec;

	if (!p->nr)
		return;
	spin_lock(&l->lru_lock);
	list_for_each_entry_safe_reverse(page, next, &p->pages, lru) {
		clear_pending(page);                               /* I2 */
		list_del(&page->lru);
		lruvec_add(l, page);
	}
	spin_unlock(&l->lru_lock);
	p->nr = 0;
}

void lru_cache_add(struct page *page)
{
	struct lru_pending *p;
	unsigned long flags;

	VM_BUG_ON(PageLRU(page));
	local_irq_save(flags);
	p = this_cpu_ptr(&pending);
	spin_lock(&p->lock);
	list_add(&page->lru, &p->pages);
	set_pending(page, smp_processor_id());                     /* I1 */
	if (++p->nr >= BATCH)
		drain(p);
	spin_unlock(&p->lock);
	local_irq_restore(flags);
}
EXPORT_SYMBOL(lru_cache_add);

void lru_cache_add_inactive_or_unevictable(struct page *page,
					   struct vm_area_struct *vma)
{
	(void)vma;
	lru_cache_add(page);
}

static void drain_cpu(int cpu)
{
	struct lru_pending *p = per_cpu_ptr(&pending, cpu);
	unsigned long flags;

	if (!READ_ONCE(p->nr))
		return;
	spin_lock_irqsave(&p->lock, flags);
	drain(p);
	spin_unlock_irqrestore(&p->lock, flags);
}

void lru_add_drain(void)
{
	drain_cpu(raw_smp_processor_id());
}
EXPORT_SYMBOL(lru_add_drain);

void lru_add_drain_all(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		drain_cpu(cpu);
}
EXPORT_SYMBOL(lru_add_drain_all);

/* ---- one page ------------------------------------------------------------ */

/* A page's list, locked. */
struct locked_list {
	struct lru_pending *pending;  /* or NULL: the node's */
	struct lruvec *lruvec;
	unsigned long irqflags;
};

/* Lock the list that the page is on; false: it is on none. */
static bool lock_list_of(struct page *page, struct locked_list *at)
{
	for (;;) {
		int cpu = pending_cpu(page);
		spinlock_t *lock;

		if (!PageLRU(page))
			return false;
		at->lruvec = lruvec_of(page);
		at->pending = cpu < 0 ? NULL : per_cpu_ptr(&pending, cpu);
		lock = cpu < 0 ? &at->lruvec->lru_lock : &at->pending->lock;
		spin_lock_irqsave(lock, at->irqflags);
		if (PageLRU(page) && pending_cpu(page) == cpu)     /* [a] */
			return true;
		spin_unlock_irqrestore(lock, at->irqflags);
	}
}

static void unlock_list(struct locked_list *at)
{
	spin_unlock_irqrestore(at->pending ? &at->pending->lock
					   : &at->lruvec->lru_lock,
			       at->irqflags);
}

static void take_off(struct page *page, struct locked_list *at)
{
	if (at->pending) {
		list_del(&page->lru);
		at->pending->nr--;
		clear_pending(page);
	} else {
		lruvec_del(at->lruvec, page);
	}
	ClearPageLRU(page);
}

/* The last reference is gone (I4). */
void lru_forget(struct page *page)
{
	struct locked_list at;

	if (!lock_list_of(page, &at))
		return;
	take_off(page, &at);
	unlock_list(&at);
	clear_flags(page, 1UL << PG_active | 1UL << PG_unevictable);
}

int isolate_lru_page(struct page *page)
{
	struct locked_list at;

	if (!lock_list_of(page, &at))
		return -EBUSY;
	get_page(page);
	take_off(page, &at);
	unlock_list(&at);
	return 0;
}
EXPORT_SYMBOL(isolate_lru_page);

void putback_lru_page(struct page *page)
{
	struct lruvec *l = lruvec_of(page);
	unsigned long flags;

	spin_lock_irqsave(&l->lru_lock, flags);
	SetPageLRU(page);
	lruvec_add(l, page);
	spin_unlock_irqrestore(&l->lru_lock, flags);
	put_page(page);
}
EXPORT_SYMBOL(putback_lru_page);

/*
 * Isolated, it has no list to leave: who puts it back looks at the flag, under
 * the same lock.
 */
void make_evictable(struct page *page)
{
	struct lruvec *l = lruvec_of(page);
	unsigned long flags;
	bool listed;

	if (likely(!PageUnevictable(page)))
		return;
	spin_lock_irqsave(&l->lru_lock, flags);
	listed = PageLRU(page);
	if (PageUnevictable(page)) {
		if (listed)
			lruvec_del(l, page);
		ClearPageUnevictable(page);
		if (listed)
			lruvec_add(l, page);
	}
	spin_unlock_irqrestore(&l->lru_lock, flags);
}

/* ---- ageing -------------------------------------------------------------- */

/* Move the page to the list that it belongs on with PG_active set or not. */
static bool set_active(struct page *page, bool active)
{
	struct locked_list at;
	bool changed;

	if (PageUnevictable(page) || !lock_list_of(page, &at))
		return false;
	changed = PageActive(page) != active;
	if (changed && !at.pending)
		lruvec_del(at.lruvec, page);
	if (changed && active)
		SetPageActive(page);
	else if (changed)
		ClearPageActive(page);
	if (changed && !at.pending)
		lruvec_add(at.lruvec, page);
	unlock_list(&at);
	return changed;
}

void mark_page_lazyfree(struct page *page)
{
	struct locked_list at;

	if (PageUnevictable(page) || !lock_list_of(page, &at))
		return;
	if (!at.pending)
		lruvec_del(at.lruvec, page);
	clear_flags(page, 1UL << PG_active | 1UL << PG_referenced |
		    1UL << PG_swapbacked);
	if (!at.pending)
		lruvec_add(at.lruvec, page);
	unlock_list(&at);
}

void activate_page(struct page *page)
{
	page = compound_head(page);
	if (!PageActive(page) && set_active(page, true))
		count_vm_event(PGACTIVATE);
}
EXPORT_SYMBOL(activate_page);

void deactivate_page(struct page *page)
{
	page = compound_head(page);
	if (PageActive(page) && set_active(page, false))
		count_vm_event(PGDEACTIVATE);
	ClearPageReferenced(page);
}
EXPORT_SYMBOL(deactivate_page);

void mark_page_accessed(struct page *page)
{
	page = compound_head(page);
	if (!PageReferenced(page)) {
		SetPageReferenced(page);
	} else if (!PageActive(page) && PageLRU(page)) {
		activate_page(page);
		ClearPageReferenced(page);
	}
}
EXPORT_SYMBOL(mark_page_accessed);

void rotate_reclaimable_page(struct page *page)
{
	struct locked_list at;

	if (PageLocked(page) || PageDirty(page) || PageUnevictable(page) ||
	    PageActive(page) || !lock_list_of(page, &at))
		return;
	if (!at.pending) {
		list_move_tail(&page->lru,
			       &at.lruvec->lists[page_lru(page)]);
		count_vm_event(PGROTATED);
	}
	unlock_list(&at);
}
EXPORT_SYMBOL(rotate_reclaimable_page);

/* Once, before the first page. */
void lru_init(void)
{
	struct pglist_data *node;
	int cpu, lru;

	for_each_online_pgdat(node) {
		spin_lock_init(&node->lruvec.lru_lock);
		for (lru = 0; lru < NR_LRU_LISTS; lru++)
			INIT_LIST_HEAD(&node->lruvec.lists[lru]);
	}
	for_each_possible_cpu(cpu) {
		struct lru_pending *p = per_cpu_ptr(&pending, cpu);

		spin_lock_init(&p->lock);
		INIT_LIST_HEAD(&p->pages);
	}
	register_lru_forget(lru_forget);
}
