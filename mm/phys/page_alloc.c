/* SPDX-License-Identifier: MIT */
/*
 * page_alloc.c -- asking for frames: which CPU's, which zone's, and what if not
 *
 * PROMISE.  alloc_pages() gives 2^order frames with one reference, or NULL; it
 * leaves the reserve that its flags do not entitle it to.  A frame is given to
 * one owner at a time, and a second free is reported and ignored.
 *
 * IDEA.  Three stages, each slower and less often reached:
 *
 *	this CPU's list of single frames    no lock, newest first: cache-hot
 *	   | empty: refill a batch
 *	the zones' buddy lists              zone->lock, above the low watermark
 *	   | none
 *	slow path: background reclaim, then own reclaim, then the OOM handler
 *
 * What the slow path asks for lives above this layer and is registered by it.
 *
 * INVARIANTS
 *   I1  A free frame has no references, no mappings and no PG_ flags but
 *       PG_buddy; whoever returns it in another state is reported (bad_page),
 *       and the frame is never used again.
 *   I2  per_cpu_pages.count is the length of its list.
 *   I3  Every frame given to the allocator is free in a zone, in a CPU's list,
 *       or has a reference.
 *
 * LOCKING.  zone->lock, irqs off.  The per-CPU lists need only irqs off.  Any
 * context may allocate without __GFP_DIRECT_RECLAIM, and free.
 *
 * RACES.  Why no lock for the per-CPU list: only its CPU touches it, an
 * interrupt handler cannot come between, and drain_all_pages() does not reach
 * over but asks each CPU, by an interrupt, to empty its own.
 *
 * SEE docs/10-page-frames.md
 *
 * EXERCISES.  1. A frame freed on CPU 0 and allocated on CPU 1 travels how?
 * 2. Why may a request that finds its CPU's list non-empty skip the watermark?
 */

#include "internal.h"

#include <arch/irqflags.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/list.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <mm/kasan.h>
#include <mm/page_ref.h>
#include <mm/swap.h>
#include <mm/vmstat.h>

/* The largest request for which it pays to reclaim and to kill. */
#define PAGE_ALLOC_COSTLY_ORDER 3
#define MAX_RECLAIM_RETRIES 16

static const struct page_reclaim_ops *reclaim_ops;       /* set once */
static bool (*oom_handler)(gfp_t gfp, unsigned int order); /* set once */
static void (*lru_forget)(struct page *page);              /* set once */

unsigned long nr_bad_pages;      /* reports since boot; for the tests */
bool bad_pages_expected;

void register_page_reclaim(const struct page_reclaim_ops *ops)
{
	smp_store_release(&reclaim_ops, ops);
}

void register_lru_forget(void (*forget)(struct page *page))
{
	smp_store_release(&lru_forget, forget);
}

void register_oom_handler(bool (*handler)(gfp_t gfp, unsigned int order))
{
	smp_store_release(&oom_handler, handler);
}

void bad_page(struct page *page, const char *why)
{
	__atomic_fetch_add(&nr_bad_pages, 1, __ATOMIC_RELAXED);
	if (READ_ONCE(bad_pages_expected))
		return;
	pr_err("BUG: bad page, pfn %#lx: %s (flags %#lx count %d mapcount %d mapping %p)\n",
	       page_to_pfn(page), why, page->flags & PAGEFLAGS_MASK,
	       page_ref_count(page), page_mapcount(page), page->mapping);
	dump_stack();
}

/* ---- checks at the border (I1) ------------------------------------------- */

static bool page_is_clean(const struct page *page, unsigned long forbidden)
{
	return !(page->flags & forbidden) && page_ref_count(page) == 0 &&
	       atomic_read(&page->_mapcount) == -1;
}

static void prep_compound(struct page *page, unsigned int order)
{
	__SetPageHead(page);
	for (unsigned long i = 1; i < 1UL << order; i++)
		page[i].compound_head = (unsigned long)page | 1;
	page[1].compound_order = order;
}

/* Make the frames the caller's; false if they turn out to be in use (I1). */
static bool prep_new_page(struct page *page, gfp_t gfp, unsigned int order)
{
	if (unlikely(!page_is_clean(page, PAGEFLAGS_MASK))) {
		bad_page(page, "allocated while in use");
		return false;
	}
	page->lru.next = page->lru.prev = NULL;
	page->private = 0;
	page->index = 0;
	init_page_count(page);
	if (order && (gfp & __GFP_COMP))
		prep_compound(page, order);
	kasan_alloc_pages(page, order);
	if (gfp & __GFP_ZERO)
		for (unsigned long i = 0; i < 1UL << order; i++)
			clear_page(page_address(page + i));
	return true;
}

/* The tails' flags go too: a mapping of each frame may have set Referenced. */
static void undo_compound(struct page *page, unsigned int order)
{
	for (unsigned long i = 1; i < 1UL << order; i++) {
		page[i].compound_head = 0;
		page[i].flags &= ~PAGEFLAGS_MASK;
	}
}

/* Check and clean what comes back; false: keep it out of the lists (I1). */
static bool free_prepare(struct page *page, unsigned int order)
{
	if (PageHead(page)) {
		if (unlikely(compound_order(page) != order)) {
			bad_page(page, "freed with another order");
			return false;
		}
		undo_compound(page, order);
	}
	if (unlikely(!page_is_clean(page, PAGE_FLAGS_CHECK_AT_FREE) ||
		     (page->mapping && !PageAnon(page)))) {
		bad_page(page, "freed while in use");
		return false;
	}
	page->flags &= ~PAGEFLAGS_MASK;
	page->mapping = NULL;
	kasan_free_pages(page, order);
	return true;
}

/* ---- this CPU's single frames -------------------------------------------- */

void init_per_cpu_pages(struct zone *zone)
{
	int batch = clamp(zone->present_pages >> 12, 1UL, 63UL);

	for (int cpu = 0; cpu < NR_CPUS; cpu++) {
		INIT_LIST_HEAD(&zone->pcp[cpu].list);
		zone->pcp[cpu].batch = batch;
		zone->pcp[cpu].high = 6 * batch;
	}
}

/* Take a batch from the buddy lists.  Irqs off. */
static void pcp_refill(struct zone *zone, struct per_cpu_pages *pcp)
{
	spin_lock(&zone->lock);
	for (int i = 0; i < pcp->batch; i++) {
		struct page *page = buddy_alloc(zone, 0);

		if (!page)
			break;
		list_add_tail(&page->lru, &pcp->list);
		pcp->count++;                                     /* I2 */
	}
	spin_unlock(&zone->lock);
	pcp->refills++;
}

/* Give the n coldest frames to the buddy lists.  Irqs off. */
static void pcp_shrink(struct zone *zone, struct per_cpu_pages *pcp, int n)
{
	spin_lock(&zone->lock);
	while (n-- > 0 && pcp->count > 0) {
		struct page *page = list_last_entry(&pcp->list, struct page,
						    lru);

		list_del(&page->lru);
		pcp->count--;
		buddy_free(zone, page, 0);
	}
	spin_unlock(&zone->lock);
}

static struct page *pcp_alloc(struct zone *zone, bool may_refill)
{
	struct per_cpu_pages *pcp;
	struct page *page = NULL;
	unsigned long flags;

	local_irq_save(flags);
	pcp = &zone->pcp[smp_processor_id()];
	if (pcp->count == 0 && may_refill)
		pcp_refill(zone, pcp);
	if (pcp->count > 0) {
		page = list_first_entry(&pcp->list, struct page, lru);
		list_del(&page->lru);
		pcp->count--;
		pcp->allocs++;
	}
	local_irq_restore(flags);
	return page;
}

static void pcp_free(struct zone *zone, struct page *page)
{
	struct per_cpu_pages *pcp;
	unsigned long flags;

	local_irq_save(flags);
	pcp = &zone->pcp[smp_processor_id()];
	list_add(&page->lru, &pcp->list);
	pcp->frees++;
	if (++pcp->count > pcp->high)
		pcp_shrink(zone, pcp, pcp->batch);
	local_irq_restore(flags);
}

void drain_local_pages(void)
{
	struct zone *zone;
	unsigned long flags;

	local_irq_save(flags);
	for_each_populated_zone(zone) {
		struct per_cpu_pages *pcp = &zone->pcp[smp_processor_id()];

		pcp_shrink(zone, pcp, pcp->count);
	}
	local_irq_restore(flags);
}

static void drain_ipi(void *unused)
{
	drain_local_pages();
}

void drain_all_pages(void)
{
	if (num_online_cpus() <= 1)
		drain_local_pages();
	else
		on_each_cpu(drain_ipi, NULL, 1);
}

/* ---- the zones ----------------------------------------------------------- */

static bool has_block(const struct zone *z, unsigned int order)
{
	for (; order <= MAX_ORDER; order++)
		if (READ_ONCE(z->free_area[order].nr_free))
			return true;
	return false;
}

bool zone_watermark_ok(struct zone *z, unsigned int order, unsigned long mark,
		       enum zone_type highest_idx, unsigned int alloc_flags)
{
	unsigned long need = 1UL << order;
	unsigned long free = READ_ONCE(z->nr_free_pages);

	if (alloc_flags & ALLOC_NO_WATERMARKS)
		return free >= need;
	if (alloc_flags & ALLOC_HIGH)
		mark -= mark / 2;
	if (alloc_flags & ALLOC_HARDER)
		mark -= mark / 4;
	if (free < mark + z->lowmem_reserve[highest_idx] + need)
		return false;
	return order == 0 || has_block(z, order);
}

static enum zone_type gfp_zone(gfp_t gfp)
{
	if (gfp & __GFP_DMA)
		return ZONE_DMA;
	return gfp & __GFP_DMA32 ? ZONE_DMA32 : ZONE_NORMAL;
}

static struct page *zone_alloc(struct zone *z, unsigned int order)
{
	struct page *page;
	unsigned long flags;

	if (order == 0)
		return pcp_alloc(z, true);
	spin_lock_irqsave(&z->lock, flags);
	page = buddy_alloc(z, order);
	spin_unlock_irqrestore(&z->lock, flags);
	return page;
}

/* The best zone that has what is asked for and stays above its watermark. */
static struct page *get_page_from_zones(gfp_t gfp, unsigned int order,
					enum zone_watermarks wmark,
					unsigned int alloc_flags)
{
	enum zone_type top = gfp_zone(gfp);
	struct zone **zp = NODE_DATA(0)->node_zonelist[top];

	if (order == 0 && *zp) {
		struct page *page = pcp_alloc(*zp, false);

		if (likely(page))
			return page;
	}
	for (; *zp; zp++) {
		struct page *page;

		if (!zone_watermark_ok(*zp, order, (*zp)->watermark[wmark],
				       top, alloc_flags))
			continue;
		page = zone_alloc(*zp, order);
		if (page)
			return page;
	}
	return NULL;
}

/* ---- when there is none -------------------------------------------------- */

static unsigned int slow_alloc_flags(gfp_t gfp)
{
	unsigned int flags = 0;

	if (gfp & __GFP_HIGH)
		flags |= ALLOC_HIGH;
	if (!gfpflags_allow_blocking(gfp))
		flags |= ALLOC_HARDER;
	if (!in_interrupt() && (current->flags & PF_MEMALLOC))
		flags |= ALLOC_NO_WATERMARKS;
	return flags;
}

/* Reclaim some frames ourselves and look again.  May sleep. */
static struct page *reclaim_and_retry(gfp_t gfp, unsigned int order,
				      unsigned int alloc_flags,
				      unsigned long *progress)
{
	const struct page_reclaim_ops *ops = smp_load_acquire(&reclaim_ops);
	struct page *page;

	*progress = 0;
	if (ops && ops->try_to_free_pages)
		*progress = ops->try_to_free_pages(gfp, order);
	page = get_page_from_zones(gfp, order, WMARK_MIN, alloc_flags);
	if (!page) {
		drain_all_pages();
		page = get_page_from_zones(gfp, order, WMARK_MIN, alloc_flags);
	}
	return page;
}

/* Would it help if everything that can be reclaimed were? */
static bool reclaim_could_help(gfp_t gfp, unsigned int alloc_flags)
{
	const struct page_reclaim_ops *ops = smp_load_acquire(&reclaim_ops);
	enum zone_type top = gfp_zone(gfp);
	struct zone **zp = NODE_DATA(0)->node_zonelist[top];
	unsigned long more = ops && ops->reclaimable ? ops->reclaimable() : 0;

	for (; *zp; zp++)
		if (READ_ONCE((*zp)->nr_free_pages) + more >
		    min_wmark_pages(*zp) + (*zp)->lowmem_reserve[top])
			return more > 0;
	return false;
}

static bool out_of_memory(gfp_t gfp, unsigned int order)
{
	bool (*handler)(gfp_t, unsigned int) = smp_load_acquire(&oom_handler);

	return handler && handler(gfp, order);
}

static struct page *alloc_slowpath(gfp_t gfp, unsigned int order)
{
	const struct page_reclaim_ops *ops = smp_load_acquire(&reclaim_ops);
	unsigned int alloc_flags = slow_alloc_flags(gfp);
	bool nofail = gfp & __GFP_NOFAIL;
	struct page *page;
	int tries = 0;

	if (ops && ops->wake_kswapd)
		ops->wake_kswapd(gfp, order);
	page = get_page_from_zones(gfp, order, WMARK_MIN, alloc_flags);
	if (page || !gfpflags_allow_blocking(gfp) ||
	    (alloc_flags & ALLOC_NO_WATERMARKS))
		return page;
	for (;;) {
		unsigned long progress;

		page = reclaim_and_retry(gfp, order, alloc_flags, &progress);
		if (page)
			return page;
		if (((gfp & __GFP_NORETRY) || order > PAGE_ALLOC_COSTLY_ORDER)
		    && !nofail)
			return NULL;
		/* Others may take what we free: that is progress too. */
		tries = progress ? 0 : tries + 1;
		if (tries < MAX_RECLAIM_RETRIES &&
		    (progress || reclaim_could_help(gfp, alloc_flags)))
			continue;
		if (!out_of_memory(gfp, order) && !nofail)
			return NULL;
		tries = 0;
	}
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (unlikely(order > MAX_ORDER)) {
		WARN_ON_ONCE(!(gfp & __GFP_NOWARN));
		return NULL;
	}
	if (IS_ENABLED(LANTERN_DEBUG) && should_fail_alloc_page(gfp))
		return NULL;
	do {
		page = get_page_from_zones(gfp, order, WMARK_LOW, 0);
		if (unlikely(!page))
			page = alloc_slowpath(gfp, order);
	} while (page && unlikely(!prep_new_page(page, gfp, order)));
	if (likely(page))
		count_vm_events(PGALLOC, 1UL << order);
	else if (!(gfp & __GFP_NOWARN))
		pr_warn_ratelimited("%s: out of frames: order %u, gfp %#x\n",
				    current->comm, order, gfp);
	return page;
}
EXPORT_SYMBOL(alloc_pages);

/* ---- giving back --------------------------------------------------------- */

/* The last reference is gone: to the lists.  Any context. */
static void free_frames(struct page *page, unsigned int order)
{
	struct zone *zone = page_zone(page);
	unsigned long flags;

	if (!free_prepare(page, order))
		return;
	count_vm_events(PGFREE, 1UL << order);
	if (order == 0) {
		pcp_free(zone, page);
		return;
	}
	spin_lock_irqsave(&zone->lock, flags);
	buddy_free(zone, page, order);
	spin_unlock_irqrestore(&zone->lock, flags);
}

void __free_pages(struct page *page, unsigned int order)
{
	if (put_page_testzero(page))
		free_frames(page, order);
}
EXPORT_SYMBOL(__free_pages);

void __put_page(struct page *page)
{
	if (PageLRU(page))
		lru_forget(page);
	free_frames(page, compound_order(page));
}
EXPORT_SYMBOL(__put_page);

void release_pages(struct page **pages, int nr)
{
	for (int i = 0; i < nr; i++)
		put_page(pages[i]);
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp, order);

	return page ? (unsigned long)page_address(page) : 0;
}
EXPORT_SYMBOL(__get_free_pages);

unsigned long get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}
EXPORT_SYMBOL(get_zeroed_page);

void free_pages(unsigned long addr, unsigned int order)
{
	if (addr)
		__free_pages(virt_to_page(addr), order);
}
EXPORT_SYMBOL(free_pages);

void split_page(struct page *page, unsigned int order)
{
	BUG_ON(PageCompound(page));
	for (unsigned long i = 1; i < 1UL << order; i++) {
		page[i].lru.next = page[i].lru.prev = NULL;
		page[i].private = page[i].index = 0;
		init_page_count(page + i);
	}
}

void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	unsigned int order = get_order(size);
	unsigned long used = PAGE_ALIGN(size) >> PAGE_SHIFT;
	struct page *page = alloc_pages(gfp & ~__GFP_COMP, order);

	if (!page)
		return NULL;
	split_page(page, order);
	for (unsigned long i = used; i < 1UL << order; i++)
		__free_page(page + i);
	return page_address(page);
}

void free_pages_exact(void *addr, size_t size)
{
	for (unsigned long off = 0; off < size; off += PAGE_SIZE)
		free_page((unsigned long)addr + off);
}

/* Boot: no reference was ever counted. */
void __free_pages_boot(struct page *page, unsigned int order)
{
	buddy_free(page_zone(page), page, order);
}

unsigned long free_reserved_area(void *start, void *end, int poison,
				 const char *what)
{
	pfn_t pfn = PFN_UP(__pa(start)), last = PFN_DOWN(__pa(end));
	unsigned long n = 0;

	for (; pfn < last; pfn++, n++) {
		struct page *page = pfn_to_page(pfn);
		struct zone *zone = page_zone(page);

		if (WARN_ON_ONCE(!PageReserved(page)))
			continue;
		if (poison >= 0)
			memset(page_address(page), poison, PAGE_SIZE);
		ClearPageReserved(page);
		__atomic_fetch_add(&zone->managed_pages, 1, __ATOMIC_RELAXED);
		__free_page(page);
	}
	if (n && what)
		pr_info("Freeing %s memory: %luK\n", what,
			n << (PAGE_SHIFT - 10));
	return n;
}
