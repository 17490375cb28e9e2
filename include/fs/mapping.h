/* SPDX-License-Identifier: MIT */
#ifndef FS_MAPPING_H
#define FS_MAPPING_H
/* mapping.h -- the page cache's side of an inode; theory: mm/virt/filemap.c */

#include <fs/types.h>
#include <kernel/rwsem.h>
#include <kernel/xarray.h>

#define AOP_WRITEPAGE_ACTIVATE 0x80000

struct writeback_control {
	long nr_to_write;
	loff_t range_start, range_end;
	bool sync;                    /* wait for the pages */
};

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
	void (*invalidate_folio)(struct page *page, size_t off, size_t len);
	bool (*release_folio)(struct page *page, gfp_t gfp);
	void (*free_folio)(struct page *page); /* has left the cache */
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
	struct xarray i_pages;        /* [x] struct page by page index */
	unsigned long nrpages;        /* [x] */
	struct rw_semaphore invalidate_lock; /* truncate against fault, read */
	struct rw_semaphore i_mmap_rwsem;
	struct list_head i_mmap;      /* [I] areas, by vma->i_mmap_node */
	atomic_t i_mmap_writable;     /* shared writable areas; < 0 denies them */
	const struct address_space_operations *a_ops;
	unsigned long flags;          /* [a] AS_* */
	gfp_t gfp_mask;
	int wb_err;
	void *private_data;
};

#endif
