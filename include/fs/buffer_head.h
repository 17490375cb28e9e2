/* SPDX-License-Identifier: MIT */
#ifndef FS_BUFFER_HEAD_H
#define FS_BUFFER_HEAD_H
/*
 * buffer_head.h -- blocks of a disk inside pages of the page cache
 *
 * Theory: fs/buffer.c.  A page of 4 KiB with 1 KiB blocks has four heads in a
 * ring; page->private points at the first, PG_private says that it does:
 *
 *	page --private--> bh0 -> bh1 -> bh2 -> bh3 -+
 *	                   ^------------------------+   b_this_page
 *
 * A page of a file and a page of the disk (the block device's own cache, where
 * metadata lives) both can have them.  All may sleep unless it is said.
 */

#include <fs/fs.h>
#include <kernel/atomic.h>
#include <kernel/bitops.h>
#include <kernel/list.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>
#include <mm/page-flags.h>
#include <mm/pagemap.h>

struct bio;
struct block_device;
struct buffer_head;
struct readahead_control;
struct writeback_control;

enum bh_state_bits {
	BH_Uptodate,            /* the memory holds what the disk holds, or newer */
	BH_Dirty,               /* newer: must be written */
	BH_Lock,                /* I/O is going on; wait on it */
	BH_Req,                 /* has been submitted at least once */
	BH_Mapped,              /* b_bdev and b_blocknr say where it lives */
	BH_New,                 /* get_block has just allocated it: no old data */
	BH_Async_Read,          /* the page's read waits for it */
	BH_Async_Write,         /* the page's writeback waits for it */
	BH_Delay,               /* no place on the disk yet */
	BH_Boundary,            /* the block behind it needs a metadata read */
	BH_Write_EIO,           /* its last write failed */
	BH_Unwritten,           /* has a place, whose contents are not valid */
	BH_Quiet,               /* do not log errors */
	BH_Meta,                /* metadata */
	BH_Prio,
	BH_PrivateStart,        /* file systems' own bits from here on */
};

typedef void (bh_end_io_t)(struct buffer_head *bh, int uptodate);

/*
 * One block.
 *
 * Field keys:
 *   [a] atomic            [L] BH_Lock held           [P] page lock held
 *   [M] the mapping's private_lock                    [c] constant
 */
struct buffer_head {
	unsigned long b_state;             /* [a] bits above */
	struct buffer_head *b_this_page;   /* [P] ring of the page's blocks */
	struct page *b_page;               /* [c] */
	sector_t b_blocknr;                /* [L] or [P], in units of b_size */
	size_t b_size;                     /* [c] bytes */
	char *b_data;                      /* [c] where in memory */
	struct block_device *b_bdev;       /* [L] or [P] */
	bh_end_io_t *b_end_io;             /* [L] when the I/O is over */
	void *b_private;                   /* for b_end_io */
	struct list_head b_assoc_buffers;  /* [M] of b_assoc_map */
	struct address_space *b_assoc_map; /* [M] the file it is metadata of */
	atomic_t b_count;                  /* [a] users */
	spinlock_t b_uptodate_lock;        /* in the first of a page: I/O ends */
};

/*
 * Where is block iblock of the file?  Sets BH_Mapped, b_bdev, b_blocknr and
 * perhaps BH_New and BH_Boundary; b_size comes with the bytes that the caller
 * could use, and goes with those that lie together.  A hole without `create`
 * stays unmapped.  0 or -errno.
 */
typedef int (get_block_t)(struct inode *inode, sector_t iblock,
			  struct buffer_head *bh_result, int create);

/* buffer_x(), set_buffer_x(), clear_buffer_x(): atomic, any context. */
#define BUFFER_FNS(bit, name)						\
static inline void set_buffer_##name(struct buffer_head *bh)		\
{									\
	if (!test_bit(BH_##bit, &bh->b_state))				\
		set_bit(BH_##bit, &bh->b_state);			\
}									\
static inline void clear_buffer_##name(struct buffer_head *bh)		\
{									\
	clear_bit(BH_##bit, &bh->b_state);				\
}									\
static inline int buffer_##name(const struct buffer_head *bh)		\
{									\
	return test_bit(BH_##bit, &bh->b_state);			\
}
#define TAS_BUFFER_FNS(bit, name)					\
static inline int test_set_buffer_##name(struct buffer_head *bh)	\
{									\
	return test_and_set_bit(BH_##bit, &bh->b_state);		\
}									\
static inline int test_clear_buffer_##name(struct buffer_head *bh)	\
{									\
	return test_and_clear_bit(BH_##bit, &bh->b_state);		\
}

BUFFER_FNS(Dirty, dirty)
TAS_BUFFER_FNS(Dirty, dirty)
BUFFER_FNS(Lock, locked)
BUFFER_FNS(Req, req)
TAS_BUFFER_FNS(Req, req)
BUFFER_FNS(Mapped, mapped)
BUFFER_FNS(New, new)
BUFFER_FNS(Async_Read, async_read)
BUFFER_FNS(Async_Write, async_write)
BUFFER_FNS(Delay, delay)
BUFFER_FNS(Boundary, boundary)
BUFFER_FNS(Write_EIO, write_io_error)
BUFFER_FNS(Unwritten, unwritten)
BUFFER_FNS(Meta, meta)
BUFFER_FNS(Prio, prio)

/* The bytes must be there before the flag that says so, on every CPU. */
static inline void set_buffer_uptodate(struct buffer_head *bh)
{
	if (test_bit(BH_Uptodate, &bh->b_state))
		return;
	smp_mb();
	set_bit(BH_Uptodate, &bh->b_state);
}

static inline void clear_buffer_uptodate(struct buffer_head *bh)
{
	clear_bit(BH_Uptodate, &bh->b_state);
}

static inline int buffer_uptodate(const struct buffer_head *bh)
{
	return (smp_load_acquire(&bh->b_state) & (1UL << BH_Uptodate)) != 0;
}

#define bh_offset(bh) ((unsigned long)(bh)->b_data & ~PAGE_MASK)
#define page_has_buffers(page) PagePrivate(page)
#define page_buffers(page) ((struct buffer_head *)(page)->private)
#define MAX_BUF_PER_PAGE (PAGE_SIZE / 512)

/* ---- blocks of a device, in its own cache -------------------------------- */

/* Found or made, not read; with a reference.  NULL: no memory, bad size. */
struct buffer_head *__getblk_gfp(struct block_device *bdev, sector_t block,
				 unsigned size, gfp_t gfp);
/* The same, and read: NULL also when the disk cannot. */
struct buffer_head *__bread_gfp(struct block_device *bdev, sector_t block,
				unsigned size, gfp_t gfp);
/* Only if it is in memory. */
struct buffer_head *__find_get_block(struct block_device *bdev, sector_t block,
				     unsigned size);
/* Start reading a block that will be wanted soon. */
void __breadahead(struct block_device *bdev, sector_t block, unsigned size);
void __brelse(struct buffer_head *bh);   /* any context */
/* Give it up with what was changed in it. */
void __bforget(struct buffer_head *bh);

static inline struct buffer_head *__getblk(struct block_device *bdev,
					   sector_t block, unsigned size)
{
	return __getblk_gfp(bdev, block, size, __GFP_MOVABLE);
}

static inline struct buffer_head *__bread(struct block_device *bdev,
					  sector_t block, unsigned size)
{
	return __bread_gfp(bdev, block, size, __GFP_MOVABLE);
}

#define sb_bread(sb, block) \
	__bread((sb)->s_bdev, (block), (sb)->s_blocksize)
#define sb_getblk(sb, block) \
	__getblk((sb)->s_bdev, (block), (sb)->s_blocksize)
#define sb_find_get_block(sb, block) \
	__find_get_block((sb)->s_bdev, (block), (sb)->s_blocksize)
#define sb_breadahead(sb, block) \
	__breadahead((sb)->s_bdev, (block), (sb)->s_blocksize)

static inline void get_bh(struct buffer_head *bh)
{
	atomic_inc(&bh->b_count);
}

static inline void put_bh(struct buffer_head *bh)
{
	atomic_dec(&bh->b_count);
}

static inline void brelse(struct buffer_head *bh)
{
	if (bh)
		__brelse(bh);
}

static inline void bforget(struct buffer_head *bh)
{
	if (bh)
		__bforget(bh);
}

/* Say where a block of a file lives. */
static inline void map_bh(struct buffer_head *bh, struct super_block *sb,
			  sector_t block)
{
	set_buffer_mapped(bh);
	bh->b_bdev = sb->s_bdev;
	bh->b_blocknr = block;
	bh->b_size = sb->s_blocksize;
}

/* ---- locking, reading, writing one block --------------------------------- */

void __lock_buffer(struct buffer_head *bh);
void unlock_buffer(struct buffer_head *bh);     /* any context */
void __wait_on_buffer(struct buffer_head *bh);

static inline int trylock_buffer(struct buffer_head *bh)
{
	return !test_and_set_bit_lock(BH_Lock, &bh->b_state);
}

static inline void lock_buffer(struct buffer_head *bh)
{
	if (!trylock_buffer(bh))
		__lock_buffer(bh);
}

static inline void wait_on_buffer(struct buffer_head *bh)
{
	if (buffer_locked(bh))
		__wait_on_buffer(bh);
}

/* Submit a locked, mapped block with b_end_io set; opf: REQ_OP_* | flags. */
void submit_bh(unsigned int opf, struct buffer_head *bh);
void end_buffer_read_sync(struct buffer_head *bh, int uptodate);
void end_buffer_write_sync(struct buffer_head *bh, int uptodate);
/* Read a locked block and wait: 0 or -EIO. */
int __bh_read(struct buffer_head *bh, unsigned int opf, bool wait);
void __bh_read_batch(int nr, struct buffer_head *bhs[], unsigned int opf,
		     bool force_lock);
int bh_uptodate_or_lock(struct buffer_head *bh);

/* Make it up to date: 1 it was, 0 it is now, -EIO. */
static inline int bh_read(struct buffer_head *bh, unsigned int opf)
{
	return bh_uptodate_or_lock(bh) ? 1 : __bh_read(bh, opf, true);
}

static inline void bh_read_nowait(struct buffer_head *bh, unsigned int opf)
{
	if (!bh_uptodate_or_lock(bh))
		__bh_read(bh, opf, false);
}

static inline void bh_readahead(struct buffer_head *bh, unsigned int opf)
{
	if (!buffer_uptodate(bh) && trylock_buffer(bh)) {
		if (!buffer_uptodate(bh))
			__bh_read(bh, opf, false);
		else
			unlock_buffer(bh);
	}
}

static inline void bh_readahead_batch(int nr, struct buffer_head *bhs[],
				      unsigned int opf)
{
	__bh_read_batch(nr, bhs, opf, false);
}

/* It differs from the disk now: the flusher will write it.  Any context. */
void mark_buffer_dirty(struct buffer_head *bh);
/* The same, and fsync() of that inode writes it. */
void mark_buffer_dirty_inode(struct buffer_head *bh, struct inode *inode);
/* Its write failed; any context. */
void mark_buffer_write_io_error(struct buffer_head *bh);
void mark_buffer_async_write(struct buffer_head *bh);
/* Start the write if it is dirty, after any that is going on. */
void write_dirty_buffer(struct buffer_head *bh, unsigned int opf);
/* Write it if it is dirty, and wait: 0 or -EIO. */
int sync_dirty_buffer(struct buffer_head *bh);
int __sync_dirty_buffer(struct buffer_head *bh, unsigned int opf);
/* Write the blocks marked with mark_buffer_dirty_inode(), and wait. */
int sync_mapping_buffers(struct address_space *mapping);
/* Forget them: the inode ends. */
void invalidate_inode_buffers(struct inode *inode);
/* Forget them if they are clean: 1, or 0 if some are not. */
int remove_inode_buffers(struct inode *inode);
int inode_has_buffers(struct inode *inode);

/* ---- pages of files; a_ops are made of these ----------------------------- */

/* Give a page its heads; locked.  b_state: their first bits. */
void create_empty_buffers(struct page *page, unsigned long blocksize,
			  unsigned long b_state);
struct buffer_head *alloc_page_buffers(struct page *page, unsigned long size,
				       bool retry);
struct buffer_head *alloc_buffer_head(gfp_t gfp);
void free_buffer_head(struct buffer_head *bh);
/* Take the heads off a locked page, if none is used or dirty. */
bool try_to_free_buffers(struct page *page);
bool block_dirty_folio(struct address_space *mapping, struct page *page);
void block_invalidate_folio(struct page *page, size_t offset, size_t length);
int block_read_full_folio(struct page *page, get_block_t *get_block);
int block_write_full_page(struct page *page, get_block_t *get_block,
			  struct writeback_control *wbc);
int __block_write_full_page(struct inode *inode, struct page *page,
			    get_block_t *get_block,
			    struct writeback_control *wbc, bh_end_io_t *handler);
/* Prepare [pos, pos + len) of a locked page: map, and read what stays. */
int __block_write_begin(struct page *page, loff_t pos, unsigned len,
			get_block_t *get_block);
int block_write_begin(struct address_space *mapping, loff_t pos, unsigned len,
		      struct page **pagep, get_block_t *get_block);
int block_write_end(struct file *file, struct address_space *mapping,
		    loff_t pos, unsigned len, unsigned copied,
		    struct page *page, void *fsdata);
/* And the size, unlock, put. */
int generic_write_end(struct file *file, struct address_space *mapping,
		      loff_t pos, unsigned len, unsigned copied,
		      struct page *page, void *fsdata);
void page_zero_new_buffers(struct page *page, unsigned from, unsigned to);
/* Bytes from..to of a locked page are new: blocks dirty and up to date. */
int block_commit_write(struct page *page, unsigned from, unsigned to);
int block_page_mkwrite(struct vm_area_struct *vma, struct vm_fault *vmf,
		       get_block_t *get_block);
/* -errno as a fault: -ENOMEM, -ENOSPC, -EFAULT ... */
vm_fault_t block_page_mkwrite_return(int err);
/* Zero from `from` to the end of its block, on the way to a smaller size. */
int block_truncate_page(struct address_space *mapping, loff_t from,
			get_block_t *get_block);
int generic_cont_expand_simple(struct inode *inode, loff_t size);
sector_t generic_block_bmap(struct address_space *mapping, sector_t block,
			    get_block_t *get_block);
/* A file takes these blocks: what the device's cache has of them is void. */
void clean_bdev_aliases(struct block_device *bdev, sector_t block,
			sector_t len);

static inline void clean_bdev_bh_alias(struct buffer_head *bh)
{
	clean_bdev_aliases(bh->b_bdev, bh->b_blocknr, 1);
}

/* Everything that is cached of a device is void; its users are gone. */
void invalidate_bdev(struct block_device *bdev);
/* The per-CPU memory of recent lookups. */
void invalidate_bh_lrus(void);
long nr_blockdev_pages(void);           /* "Buffers" of /proc/meminfo */

/* ---- fs/mpage.c: many pages, few bios ------------------------------------ */

void mpage_readahead(struct readahead_control *rac, get_block_t *get_block);
int mpage_read_folio(struct page *page, get_block_t *get_block);
int mpage_writepages(struct address_space *mapping,
		     struct writeback_control *wbc, get_block_t *get_block);

/* ---- fsync for file systems without a journal ---------------------------- */

/* Data, the inode's metadata blocks, the inode; no flush of the disk. */
int __generic_file_fsync(struct file *file, loff_t start, loff_t end,
			 int datasync);
/* And the flush: f_op->fsync of ext2. */
int generic_buffers_fsync(struct file *file, loff_t start, loff_t end,
			  bool datasync);

#endif
