/* SPDX-License-Identifier: MIT */
#ifndef FS_MAPPING_H
#define FS_MAPPING_H
/* mapping.h -- the page cache's side of an inode; theory: mm/virt/filemap.c */

#include <fs/types.h>
#include <kernel/errseq.h>
#include <kernel/list.h>
#include <kernel/rbtree.h>
#include <kernel/rwsem.h>
#include <kernel/spinlock.h>
#include <kernel/xarray.h>

#define AOP_WRITEPAGE_ACTIVATE 0x80000
#define AOP_TRUNCATED_PAGE 0x80001    /* try again: the page has gone */

/* What tags a page in i_pages: hints, the bits in page->flags decide. */
#define PAGECACHE_TAG_DIRTY XA_MARK_0
#define PAGECACHE_TAG_WRITEBACK XA_MARK_1
#define PAGECACHE_TAG_TOWRITE XA_MARK_2   /* chosen by this sync */

/* All may sleep.  Pages come locked; read_folio unlocks when it has them. */
struct address_space_operations {
	int (*read_folio)(struct file *file, struct page *page);
	int (*writepage)(struct page *page, struct writeback_control *wbc);
	int (*writepages)(struct address_space *m, struct writeback_control *wbc);
	bool (*dirty_folio)(struct address_space *mapping, struct page *page);
	int (*write_begin)(struct file *file, struct address_space *mapping,
			   loff_t pos, unsigned len, struct page **pagep,
			   void **fsdata);
	int (*write_end)(struct file *file, struct address_space *mapping,
			 loff_t pos, unsigned len, unsigned copied,
			 struct page *page, void *fsdata);
	/* Read pages that nobody waits for yet; see mm/virt/readahead.c. */
	void (*readahead)(struct readahead_control *rac);
	sector_t (*bmap)(struct address_space *mapping, sector_t block);
	void (*invalidate_folio)(struct page *page, size_t off, size_t len);
	bool (*release_folio)(struct page *page, gfp_t gfp);
	void (*free_folio)(struct page *page); /* has left the cache */
	/* tmpfs: it is back from swap, locked; a page ended there. */
	void (*swapped_in)(struct page *page);
	void (*swap_freed)(struct address_space *mapping);
	ssize_t (*direct_IO)(struct kiocb *iocb, struct iov_iter *iter);
};

/* address_space.flags bits */
#define AS_EIO 0
#define AS_ENOSPC 1
#define AS_UNEVICTABLE 3
#define AS_SWAPBACKED 4         /* tmpfs and its like: memory is all there is */

/*
 * The pages of one object.
 *
 * Field keys:
 *   [x] i_pages' own lock to write, RCU to read
 *   [I] i_mmap_rwsem        [V] invalidate_lock        [a] atomic bits
 */
struct address_space {
	struct inode *host;           /* owner, or NULL */
	u64 sequence;                 /* [c] no other ever has it; 0: none */
	struct xarray i_pages;        /* [x] struct page by page index */
	unsigned long nrpages;        /* [x] */
	struct rw_semaphore invalidate_lock; /* truncate against fault, read */
	struct rw_semaphore i_mmap_rwsem;
	struct rb_root i_mmap;        /* [I] areas, by vma->i_mmap_node */
	atomic_t i_mmap_writable;     /* shared writable areas; < 0 denies them */
	const struct address_space_operations *a_ops;
	unsigned long flags;          /* [a] AS_* */
	gfp_t gfp_mask;
	unsigned long writeback_index; /* where range_cyclic goes on */
	errseq_t wb_err;              /* [a] the last failed write */
	struct backing_dev_info *backing_dev_info; /* NULL: the volume's */
	spinlock_t private_lock;      /* buffer heads; before i_pages' lock */
	struct list_head private_list; /* metadata blocks of this file; under
					* the private_lock of where they live */
	void *private_data;           /* that mapping */
};

#endif
