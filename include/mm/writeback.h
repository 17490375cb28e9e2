/* SPDX-License-Identifier: MIT */
#ifndef MM_WRITEBACK_H
#define MM_WRITEBACK_H
/*
 * writeback.h -- from dirty pages to the disk
 *
 * Theory: mm/virt/page_writeback.c (pages, limits), fs/fs_writeback.c (inodes,
 * the flusher).
 */

#include <fs/fs.h>
#include <mm/backing-dev.h>

struct page;

enum writeback_sync_modes {
	WB_SYNC_NONE,                 /* start what can be started */
	WB_SYNC_ALL,                  /* all that is dirty now, and wait */
};

/* What one round of writing back may do and has done. */
struct writeback_control {
	long nr_to_write;             /* pages left to write */
	long pages_skipped;           /* could not be written now */
	loff_t range_start, range_end;/* bytes, both included */
	enum writeback_sync_modes sync_mode;
	unsigned for_kupdate:1;       /* because they are old */
	unsigned for_background:1;    /* because there are many */
	unsigned tagged_writepages:1; /* only what is dirty at the start */
	unsigned for_reclaim:1;       /* memory is wanted */
	unsigned range_cyclic:1;      /* from where the last round stopped */
	unsigned for_sync:1;          /* sync(2): the data wait comes later */
};

/* REQ_SYNC for writes that somebody waits for; 0 else. */
unsigned int wbc_to_write_flags(const struct writeback_control *wbc);

/* ---- pages: mm/virt/page_writeback.c ------------------------------------- */

typedef int (*writepage_t)(struct page *page, struct writeback_control *wbc,
			   void *data);
/* Call writepage for each dirty page of the range, locked and cleaned. */
int write_cache_pages(struct address_space *mapping,
		      struct writeback_control *wbc, writepage_t writepage,
		      void *data);
int generic_writepages(struct address_space *mapping,
		       struct writeback_control *wbc);
int do_writepages(struct address_space *mapping,
		  struct writeback_control *wbc);
void tag_pages_for_writeback(struct address_space *mapping,
			     unsigned long start, unsigned long end);
/* A locked page goes out: before the bio is submitted. */
void set_page_writeback(struct page *page);
/* A dirty page that could not be written: dirty again. */
bool redirty_page_for_writepage(struct writeback_control *wbc,
				struct page *page);
/* Dirty, but not for a write: truncation. */
void cancel_dirty_page(struct page *page);
/* Wait until a page under writeback may be changed. */
void wait_for_stable_page(struct page *page);

/* Start and wait, in every combination that sync_file_range needs. */
int __filemap_fdatawrite_range(struct address_space *mapping, loff_t start,
			       loff_t end, int sync_mode);
int filemap_fdatawrite_range(struct address_space *mapping, loff_t start,
			     loff_t end);
int filemap_flush(struct address_space *mapping);
int filemap_fdatawait_range(struct address_space *mapping, loff_t start,
			    loff_t end);
int filemap_fdatawait_keep_errors(struct address_space *mapping);
#define filemap_fdatawait(mapping) \
	filemap_fdatawait_range((mapping), 0, S64_MAX)
/* The same two, and the error of this open file, told once. */
int file_write_and_wait_range(struct file *file, loff_t start, loff_t end);
int file_check_and_advance_wb_err(struct file *file);
int filemap_check_errors(struct address_space *mapping);
/* A page of the mapping could not be written.  Any context. */
void mapping_set_error(struct address_space *mapping, int error);

/* Limits in pages: background, and where writers wait. */
void global_dirty_limits(unsigned long *background, unsigned long *dirty);
/* More is dirty than the background limit. */
bool wb_over_bg_thresh(struct bdi_writeback *wb);

/* /proc/sys/vm; 0 in the _bytes form: the ratio counts. */
extern int dirty_background_ratio, vm_dirty_ratio;
extern unsigned long dirty_background_bytes, vm_dirty_bytes;
extern unsigned int dirty_writeback_interval, dirty_expire_interval;

/* ---- inodes: fs/fs_writeback.c ------------------------------------------- */

/* Write what is dirty of the volume, and wait. */
void sync_inodes_sb(struct super_block *sb);
/* Start to write what is dirty of the volume. */
void writeback_inodes_sb(struct super_block *sb);
/* One inode: pages and itself; sync: wait.  Nobody frees it meanwhile. */
int write_inode_now(struct inode *inode, int sync);
int sync_inode_metadata(struct inode *inode, int wait);
void inode_wait_for_writeback(struct inode *inode);
/* It goes: off the dirty lists. */
void inode_io_list_del(struct inode *inode);
/* All devices write all that is dirty, from now on. */
void wakeup_flusher_threads(void);
/* The flushers look at their clocks: an interval has changed. */
void wakeup_flushers_now(void);
/* /proc/sys/vm/drop_caches: 1 pages, 2 objects, 3 both.  May sleep. */
void drop_caches(int what);

/* ---- volumes: fs/vfs/sync.c ---------------------------------------------- */

/* Everything of the volume to the disk; s_umount held. */
int sync_filesystem(struct super_block *sb);
void emergency_sync(void);
void ksys_sync(void);

#endif
