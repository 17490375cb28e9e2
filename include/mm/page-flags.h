/* SPDX-License-Identifier: MIT */
#ifndef MM_PAGE_FLAGS_H
#define MM_PAGE_FLAGS_H
/*
 * page-flags.h -- the state bits of a page frame, and where it belongs
 *
 *	63   62 61    56 55   48 47         NR_PAGEFLAGS             0
 *	+------+--------+-------+-----------+------------------------+
 *	| zone |  node  |pending|  unused   | PG_* of mm_types.h     |
 *	+------+--------+-------+-----------+------------------------+
 *
 * pending: 1 + the CPU on whose list the page waits to be sorted by age
 * (mm/virt/lru.c), or 0.
 *
 * Any context.  SetPageX and ClearPageX are atomic; the __ forms are not, and
 * are for a page that nobody else can see.  All of them act on the page given;
 * of a compound page that should be the head: see compound_head().
 */

#include <kernel/atomic.h>
#include <mm/mm_types.h>

#define PG_LRU_CPU_SHIFT 48
#define PG_NODE_SHIFT 56
#define PG_ZONE_SHIFT 62
#define PG_LRU_CPU_MASK 0xffUL
#define PG_NODE_MASK 0x3fUL
#define PG_ZONE_MASK 0x3UL
#define PAGEFLAGS_MASK ((1UL << NR_PAGEFLAGS) - 1)

static inline unsigned int page_zonenum(const struct page *page)
{
	return page->flags >> PG_ZONE_SHIFT & PG_ZONE_MASK;
}

static inline int page_to_nid(const struct page *page)
{
	return page->flags >> PG_NODE_SHIFT & PG_NODE_MASK;
}

#define __PAGEFLAG(Name, bit)						\
static inline bool Page##Name(const struct page *page)			\
{									\
	return READ_ONCE(page->flags) & (1UL << (bit));			\
}									\
static inline void SetPage##Name(struct page *page)			\
{									\
	__atomic_fetch_or(&page->flags, 1UL << (bit), __ATOMIC_SEQ_CST); \
}									\
static inline void ClearPage##Name(struct page *page)			\
{									\
	__atomic_fetch_and(&page->flags, ~(1UL << (bit)), __ATOMIC_SEQ_CST); \
}									\
static inline void __SetPage##Name(struct page *page)			\
{									\
	page->flags |= 1UL << (bit);					\
}									\
static inline void __ClearPage##Name(struct page *page)			\
{									\
	page->flags &= ~(1UL << (bit));					\
}									\
/* Set or clear it; true if it was set before. */			\
static inline bool TestSetPage##Name(struct page *page)			\
{									\
	return __atomic_fetch_or(&page->flags, 1UL << (bit),		\
				 __ATOMIC_SEQ_CST) & (1UL << (bit));	\
}									\
static inline bool TestClearPage##Name(struct page *page)		\
{									\
	return __atomic_fetch_and(&page->flags, ~(1UL << (bit)),	\
				  __ATOMIC_SEQ_CST) & (1UL << (bit));	\
}

__PAGEFLAG(Locked, PG_locked)
__PAGEFLAG(Referenced, PG_referenced)
__PAGEFLAG(Uptodate, PG_uptodate)
__PAGEFLAG(Dirty, PG_dirty)
__PAGEFLAG(Writeback, PG_writeback)
__PAGEFLAG(LRU, PG_lru)
__PAGEFLAG(Active, PG_active)
__PAGEFLAG(Slab, PG_slab)
__PAGEFLAG(Buddy, PG_buddy)
__PAGEFLAG(Head, PG_head)
__PAGEFLAG(Reserved, PG_reserved)
__PAGEFLAG(Private, PG_private)
__PAGEFLAG(SwapBacked, PG_swapbacked)
__PAGEFLAG(Anon, PG_anon)
__PAGEFLAG(Table, PG_table)
__PAGEFLAG(Readahead, PG_readahead)
__PAGEFLAG(SwapCache, PG_swapcache)
__PAGEFLAG(Reclaim, PG_reclaim)
__PAGEFLAG(Unevictable, PG_unevictable)

/* A page that goes back with one of these set was freed while in use. */
#define PAGE_FLAGS_CHECK_AT_FREE					\
	(1UL << PG_locked | 1UL << PG_writeback | 1UL << PG_lru |	\
	 1UL << PG_active | 1UL << PG_slab | 1UL << PG_buddy |		\
	 1UL << PG_reserved | 1UL << PG_private | 1UL << PG_table |	\
	 1UL << PG_swapcache | 1UL << PG_unevictable)

/* ---- compound pages ------------------------------------------------------ */

static inline bool PageTail(const struct page *page)
{
	return READ_ONCE(page->compound_head) & 1;
}

static inline bool PageCompound(const struct page *page)
{
	return PageHead(page) || PageTail(page);
}

static inline struct page *compound_head(const struct page *page)
{
	unsigned long head = READ_ONCE(page->compound_head);

	return head & 1 ? (struct page *)(head - 1) : (struct page *)page;
}

static inline unsigned int compound_order(const struct page *head)
{
	return PageHead(head) ? head[1].compound_order : 0;
}

static inline unsigned long compound_nr(const struct page *head)
{
	return 1UL << compound_order(head);
}

#define page_size(head) (PAGE_SIZE << compound_order(head))
#define virt_to_head_page(v) compound_head(virt_to_page(v))

/* ---- page-table entries that map it -------------------------------------- */

static inline void page_mapcount_reset(struct page *page)
{
	atomic_set(&page->_mapcount, -1);
}

static inline int page_mapcount(const struct page *page)
{
	return atomic_read(&page->_mapcount) + 1;
}

static inline bool page_mapped(const struct page *page)
{
	return page_mapcount(page) > 0;
}

/* ---- its address --------------------------------------------------------- */

/* All RAM is in the direct map, so every page always has an address. */
#define page_address(page) page_to_virt(page)
#define kmap(page) page_address(page)
#define kunmap(page) ((void)(page))
#define kmap_local_page(page) page_address(page)
#define kunmap_local(addr) ((void)(addr))
#define kmap_atomic(page) page_address(page)
#define kunmap_atomic(addr) ((void)(addr))
#define clear_highpage(page) clear_page(page_address(page))
#define copy_highpage(to, from) \
	copy_page(page_address(to), page_address(from))

#endif
