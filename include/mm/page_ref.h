/* SPDX-License-Identifier: MIT */
#ifndef MM_PAGE_REF_H
#define MM_PAGE_REF_H
/*
 * page_ref.h -- who still uses a page frame
 *
 * A frame is allocated with one reference; each user holds one (the page
 * cache, each page-table entry, each I/O in flight), and whoever drops the last
 * frees it.  Of a compound page the head counts for all.  Any context, but the
 * last put of a page on an LRU list takes that list's lock.
 */

#include <mm/page-flags.h>

static inline int page_ref_count(const struct page *page)
{
	return atomic_read(&page->_refcount);
}

static inline int page_count(const struct page *page)
{
	return page_ref_count(compound_head(page));
}

static inline void set_page_count(struct page *page, int v)
{
	atomic_set(&page->_refcount, v);
}

#define init_page_count(page) set_page_count((page), 1)
#define page_ref_add(page, n) atomic_add((n), &(page)->_refcount)
#define page_ref_sub(page, n) atomic_sub((n), &(page)->_refcount)
#define page_ref_inc(page) atomic_inc(&(page)->_refcount)
#define page_ref_dec(page) atomic_dec(&(page)->_refcount)

/* Take all references at once if there are exactly n: nobody else has any. */
static inline bool page_ref_freeze(struct page *page, int n)
{
	return atomic_cmpxchg(&page->_refcount, n, 0) == n;
}

static inline void page_ref_unfreeze(struct page *page, int n)
{
	atomic_set_release(&page->_refcount, n);
}

/* For a page found without a lock: false if it is being freed. */
static inline bool get_page_unless_zero(struct page *page)
{
	return atomic_inc_not_zero(&page->_refcount);
}

/* mm/phys/page_alloc.c: an impossible reference count or state; log, go on. */
void bad_page(struct page *page, const char *why);
/* The last reference is gone. */
void __put_page(struct page *page);

/* Drop one; true if it was the last.  A count that was 0 is a double free. */
static inline bool put_page_testzero(struct page *page)
{
	int left = atomic_dec_return(&page->_refcount);

	if (unlikely(left < 0)) {
		atomic_inc(&page->_refcount);
		bad_page(page, "freed twice");
		return false;
	}
	return left == 0;
}

static inline void get_page(struct page *page)
{
	page_ref_inc(compound_head(page));
}

static inline bool try_get_page(struct page *page)
{
	return get_page_unless_zero(compound_head(page));
}

static inline void put_page(struct page *page)
{
	page = compound_head(page);
	if (put_page_testzero(page))
		__put_page(page);
}

#endif
