/* SPDX-License-Identifier: MIT */
#ifndef MM_PAGEMAP_H
#define MM_PAGEMAP_H
/*
 * pagemap.h -- the page cache: pages of files, found by (mapping, index)
 *
 * Theory: mm/virt/filemap.c.  struct address_space is in fs/fs.h.  A page in
 * the cache holds one reference for being there; every function that returns a
 * page adds one for the caller, who puts it.
 */

#include <fs/fs.h>
#include <mm/mm.h>
#include <mm/page-flags.h>

/* What its pages may be allocated with; the volume may forbid FS and IO. */
#define mapping_gfp_mask(mapping) ((mapping)->gfp_mask)
#define mapping_gfp_constraint(mapping, gfp) ((mapping)->gfp_mask & (gfp))

/* Look only; any context.  NULL if the page is not there. */
struct page *find_get_page(struct address_space *mapping, unsigned long index);
/* And lock it; may sleep.  The page is still in the mapping then. */
/* A number that no mapping had before.  Any context. */
u64 mapping_new_sequence(void);
struct page *find_lock_page(struct address_space *mapping,
			    unsigned long index);
/* Or make a new one, not up to date, locked.  NULL: no memory. */
struct page *find_or_create_page(struct address_space *mapping,
				 unsigned long index, gfp_t gfp);
#define grab_cache_page(mapping, index) \
	find_or_create_page((mapping), (index), mapping_gfp_mask(mapping))
struct page *grab_cache_page_write_begin(struct address_space *mapping,
					 unsigned long index);
/* Up to nr pages from *index on, in order; *index moves behind the last. */
unsigned find_get_pages(struct address_space *mapping, unsigned long *index,
			unsigned long end, unsigned nr, struct page **pages);
/* Enter a new page, locked on success: 0, -EEXIST, -ENOMEM. */
int add_to_page_cache(struct page *page, struct address_space *mapping,
		      unsigned long index, gfp_t gfp);
#define add_to_page_cache_lru add_to_page_cache
/* Take a locked page out; the cache's reference goes. */
void delete_from_page_cache(struct page *page);
/* Found or read by a_ops->read_folio, up to date, unlocked; or ERR_PTR. */
struct page *read_mapping_page(struct address_space *mapping,
			       unsigned long index, struct file *file);

/* The file's pages that this one belongs to: NULL for anonymous memory. */
static inline struct address_space *page_mapping(struct page *page)
{
	return PageAnon(page) ? NULL : READ_ONCE(page->mapping);
}

/* ---- the page lock (mm/virt/page_wait.c): may sleep ---------------------- */

void __lock_page(struct page *page);
int __lock_page_killable(struct page *page);
void unlock_page(struct page *page);
void wait_on_page_bit(struct page *page, int bit);
void end_page_writeback(struct page *page);

static inline bool trylock_page(struct page *page)
{
	return !test_and_set_bit_lock(PG_locked, &page->flags);
}

static inline void lock_page(struct page *page)
{
	if (!trylock_page(page))
		__lock_page(page);
}

/* 0, or -EINTR when a fatal signal came. */
static inline int lock_page_killable(struct page *page)
{
	return trylock_page(page) ? 0 : __lock_page_killable(page);
}

static inline void wait_on_page_locked(struct page *page)
{
	if (test_bit(PG_locked, &page->flags))
		wait_on_page_bit(page, PG_locked);
}

static inline void wait_on_page_writeback(struct page *page)
{
	if (test_bit(PG_writeback, &page->flags))
		wait_on_page_bit(page, PG_writeback);
}

static inline loff_t page_offset(const struct page *page)
{
	return (loff_t)page->index << PAGE_SHIFT;
}

/* ---- reading ahead (mm/virt/readahead.c) --------------------------------- */

/*
 * Consecutive new pages, locked and in the cache, that a_ops->readahead is to
 * read: it takes them with readahead_page() and unlocks each when it is there.
 */
struct readahead_control {
	struct file *file;
	struct address_space *mapping;
	struct file_ra_state *ra;
	unsigned long _index;         /* the next page */
	unsigned int _nr_pages;       /* left */
};

#define DEFINE_READAHEAD(ractl, f, r, m, i)				\
	struct readahead_control ractl = {				\
		.file = (f), .mapping = (m), .ra = (r), ._index = (i) }

#define readahead_count(rac) ((rac)->_nr_pages)
#define readahead_index(rac) ((rac)->_index)
#define readahead_pos(rac) ((loff_t)(rac)->_index << PAGE_SHIFT)
#define readahead_length(rac) ((size_t)(rac)->_nr_pages << PAGE_SHIFT)

/* The next page, locked, with a reference for the caller; NULL at the end. */
static inline struct page *readahead_page(struct readahead_control *rac)
{
	struct page *page;

	if (!rac->_nr_pages)
		return NULL;
	/* Locked and entered by us: it cannot go away. */
	page = find_get_page(rac->mapping, rac->_index);
	rac->_index++;
	rac->_nr_pages--;
	return page;
}

/* A new open file; f_mapping is set. */
void file_ra_state_init(struct file_ra_state *ra,
			struct address_space *mapping);
/* The page is not in memory, and will be needed; req_count pages are wanted. */
void page_cache_sync_readahead(struct address_space *mapping,
			       struct file_ra_state *ra, struct file *file,
			       unsigned long index, unsigned long req_count);
/* The page is there and has PG_readahead: read on. */
void page_cache_async_readahead(struct address_space *mapping,
				struct file_ra_state *ra, struct file *file,
				struct page *page, unsigned long index,
				unsigned long req_count);
/* Read nr pages from index on, whatever the pattern. */
void force_page_cache_readahead(struct address_space *mapping,
				struct file *file, unsigned long index,
				unsigned long nr);
/* Read exactly these, of which the last lookahead ones are to trigger more. */
void page_cache_ra_unbounded(struct readahead_control *rac, unsigned long nr,
			     unsigned long lookahead);

#endif
