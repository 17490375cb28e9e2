/* SPDX-License-Identifier: MIT */
#ifndef MM_FILEMAP_H
#define MM_FILEMAP_H
/*
 * filemap.h -- reading, writing, mapping and truncating files by their pages
 *
 * Theory: mm/virt/filemap.c (read, fault), filemap_write.c, truncate.c.
 * All may sleep.
 */

#include <mm/pagemap.h>
#include <mm/uio.h>

/* f_op->read_iter and write_iter of a file whose a_ops serve pages. */
ssize_t generic_file_read_iter(struct kiocb *iocb, struct iov_iter *to);
ssize_t generic_file_write_iter(struct kiocb *iocb, struct iov_iter *from);
/* The copying alone: the inode's lock is held, limits were checked. */
ssize_t generic_perform_write(struct kiocb *iocb, struct iov_iter *from);
ssize_t __generic_file_write_iter(struct kiocb *iocb, struct iov_iter *from);

/*
 * For a reader that takes pages instead of bytes: those under len > 0 bytes
 * from iocb->ki_pos on, up to date and with a reference each, at most max, as
 * many as there are in a row; NULL alone: a hole.  How many (> 0), or -errno.
 */
int filemap_get_read_pages(struct kiocb *iocb, size_t len, struct page **pages,
			   unsigned max);

/* f_op->mmap; 0 or -ENOEXEC if the file system cannot read pages. */
int generic_file_mmap(struct file *file, struct vm_area_struct *vma);
int generic_file_readonly_mmap(struct file *file, struct vm_area_struct *vma);
vm_fault_t filemap_fault(struct vm_fault *vmf);
vm_fault_t filemap_page_mkwrite(struct vm_fault *vmf);
extern const struct vm_operations_struct generic_file_vm_ops;

/*
 * a_ops for file systems that live in the page cache (tmpfs): a missing page
 * is a hole and reads as zeroes; what was written stays dirty and in memory.
 */
int simple_read_folio(struct file *file, struct page *page);
int simple_write_begin(struct file *file, struct address_space *mapping,
		       loff_t pos, unsigned len, struct page **pagep,
		       void **fsdata);
int simple_write_end(struct file *file, struct address_space *mapping,
		     loff_t pos, unsigned len, unsigned copied,
		     struct page *page, void *fsdata);
/* Bring back what the file has in swap: 0 or -ENOMEM, -EIO. */
int shmem_swap_in_all(struct address_space *mapping);
bool noop_dirty_folio(struct address_space *mapping, struct page *page);

/* Mark dirty, for a page of the cache; true if it was clean.  Any context. */
bool set_page_dirty(struct page *page);
bool filemap_dirty_folio(struct address_space *mapping, struct page *page);
bool clear_page_dirty_for_io(struct page *page);
/* For ->dirty_folio: PG_dirty has just been set by the caller. */
void __set_page_dirty(struct page *page, struct address_space *mapping);
/* The same for a page that the caller does not hold locked; may sleep. */
int set_page_dirty_lock(struct page *page);
/* Write dirty pages of [start, end] (bytes) and wait: 0 or -EIO, -ENOSPC. */
int filemap_write_and_wait_range(struct address_space *mapping, loff_t start,
				 loff_t end);
int filemap_fdatawrite(struct address_space *mapping);
#define filemap_write_and_wait(mapping) \
	filemap_write_and_wait_range((mapping), 0, S64_MAX)

/* Throw away all pages from byte `start` on; the rest of its page is zeroed. */
void truncate_inode_pages(struct address_space *mapping, loff_t start);
/* Bytes start..end, both included; end -1 is the end of all. */
void truncate_inode_pages_range(struct address_space *mapping, loff_t start,
				loff_t end);
/* At an inode's end: nobody else can reach the mapping. */
void truncate_inode_pages_final(struct address_space *mapping);
/* After i_size shrank: unmap what is behind it everywhere, then truncate. */
void truncate_pagecache(struct inode *inode, loff_t newsize);
/* i_size has grown from `from` by a write at `to`: see mm/virt/truncate.c. */
void pagecache_isize_extended(struct inode *inode, loff_t from, loff_t to);
/* Remove the mappings of [start, start + len) (len 0: to the end). */
void unmap_mapping_range(struct address_space *mapping, loff_t start,
			 loff_t len, int even_cows);
/* Drop clean unmapped pages, indices; returns how many went. */
unsigned long invalidate_mapping_pages(struct address_space *mapping,
				       unsigned long start, unsigned long end);
/* All pages of first..last, mapped ones too: 0, -EBUSY if one is dirty. */
int invalidate_inode_pages2_range(struct address_space *mapping,
				  unsigned long first, unsigned long last);
int invalidate_inode_pages2(struct address_space *mapping);
void truncate_setsize(struct inode *inode, loff_t newsize);
/* Like find_get_pages(), those with the mark only. */
unsigned find_get_pages_tag(struct address_space *mapping,
			    unsigned long *index, unsigned long end,
			    xa_mark_t mark, unsigned nr, struct page **pages);
void balance_dirty_pages_ratelimited(struct address_space *mapping);
/* Pages in all page caches, and of them tmpfs; for /proc/meminfo. */
unsigned long nr_file_pages(void);
unsigned long nr_shmem_pages(void);
unsigned long nr_anon_pages(void);
unsigned long nr_mapped_pages(void);

#endif
