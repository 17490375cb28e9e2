/* SPDX-License-Identifier: MIT */
/*
 * brd.c -- disks made of memory: /dev/ram0 ...
 *
 * IDEA.  An xarray of pages by their number on the disk; what was never written
 * has no page and reads as zeroes.  A bio driver: there is nothing to queue
 * for, so each bio is done in the submitter's context, before submit_bio()
 * returns.
 *
 * LOCKING.  The xarray's.  A page that is in stays in until the disk is flushed
 * (BLKFLSBUF by its only opener) or discarded; a discard that runs while the
 * same sectors are read or written waits for them (brd->rwsem).
 */

#include <drivers/blkdev.h>

#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/rwsem.h>
#include <kernel/string.h>
#include <mm/slab.h>

#include "blk.h"

#define RAMDISK_MAJOR 1
#define RD_NR 4
#define RD_SIZE_KB 16384

struct brd_device {
	struct gendisk *disk;
	struct xarray pages;
	struct rw_semaphore rwsem;    /* pages go: for writing */
};

static unsigned long rd_size = RD_SIZE_KB;
static unsigned long rd_nr = RD_NR;

/* The page of a sector, made if wanted; NULL: none, or no memory. */
static struct page *brd_page(struct brd_device *brd, sector_t sector,
			     bool create)
{
	unsigned long n = sector >> PAGE_SECTORS_SHIFT;
	struct page *page = xa_load(&brd->pages, n), *new;

	if (page || !create)
		return page;
	new = alloc_page(GFP_NOIO | __GFP_ZERO);
	if (!new)
		return NULL;
	page = xa_cmpxchg(&brd->pages, n, NULL, new, GFP_NOIO);
	if (!page)
		return new;
	__free_page(new);        /* another was faster, or no memory */
	return xa_is_err(page) ? NULL : page;
}

/* One piece within one page of memory; it may touch two of the disk. */
static blk_status_t do_bvec(struct brd_device *brd, struct bio_vec bv,
			    bool write, sector_t sector)
{
	void *mem = bvec_virt(&bv);
	unsigned int left = bv.bv_len;

	while (left) {
		unsigned int off = (sector & (PAGE_SECTORS - 1)) <<
				   SECTOR_SHIFT;
		unsigned int n = min(left, (unsigned)PAGE_SIZE - off);
		struct page *page = brd_page(brd, sector, write);

		if (!page && write)
			return BLK_STS_NOSPC;
		if (write)
			memcpy(page_address(page) + off, mem, n);
		else if (page)
			memcpy(mem, page_address(page) + off, n);
		else
			memset(mem, 0, n);
		mem += n;
		left -= n;
		sector += n >> SECTOR_SHIFT;
	}
	return BLK_STS_OK;
}

/* Forget whole pages of the range; what is left of pages at its ends stays. */
static void do_discard(struct brd_device *brd, struct bio *bio)
{
	sector_t first = round_up(bio->bi_iter.bi_sector, PAGE_SECTORS);
	sector_t end = round_down(bio_end_sector(bio), PAGE_SECTORS);

	down_write(&brd->rwsem);
	for (; first < end; first += PAGE_SECTORS) {
		struct page *page = xa_erase(&brd->pages,
					     first >> PAGE_SECTORS_SHIFT);

		if (page)
			__free_page(page);
	}
	up_write(&brd->rwsem);
}

static void brd_submit_bio(struct bio *bio)
{
	struct brd_device *brd = bio->bi_bdev->bd_disk->private_data;
	struct bvec_iter it;
	struct bio_vec bv;

	bio_start_io_acct(bio);
	if (bio_op(bio) == REQ_OP_DISCARD) {
		do_discard(brd, bio);
		goto out;
	}
	down_read(&brd->rwsem);
	bio_for_each_segment(bv, bio, it) {
		bio->bi_status = do_bvec(brd, bv, op_is_write(bio->bi_opf),
					 it.bi_sector);
		if (bio->bi_status)
			break;
	}
	up_read(&brd->rwsem);
out:
	bio_end_io_acct(bio);
	bio_endio(bio);
}

static const struct block_device_operations brd_fops = {
	.submit_bio = brd_submit_bio,
};

static int brd_make(unsigned int n)
{
	struct brd_device *brd = kzalloc(sizeof(*brd), GFP_KERNEL);
	struct gendisk *disk;
	int err = -ENOMEM;

	if (!brd)
		return err;
	xa_init(&brd->pages);
	init_rwsem(&brd->rwsem);
	disk = blk_alloc_disk(-1);
	if (!disk)
		goto out_free;
	brd->disk = disk;
	disk->major = RAMDISK_MAJOR;
	disk->first_minor = n;
	disk->minors = 1;
	disk->fops = &brd_fops;
	disk->private_data = brd;
	disk->flags = GENHD_FL_NO_PART;
	snprintf(disk->disk_name, DISK_NAME_LEN, "ram%u", n);
	set_capacity(disk, rd_size * 2);
	blk_queue_physical_block_size(disk->queue, PAGE_SIZE);
	blk_queue_max_discard_sectors(disk->queue, UINT_MAX);
	disk->queue->limits.discard_granularity = PAGE_SIZE;
	blk_queue_flag_set(QUEUE_FLAG_NONROT, disk->queue);
	err = add_disk(disk);
	if (!err)
		return 0;
	put_disk(disk);
out_free:
	kfree(brd);
	return err;
}

static int parse_rd_size(char *value)
{
	return kstrtoul(value, 10, &rd_size) ? -EINVAL : 0;
}
__setup("ramdisk_size=", parse_rd_size);

static int parse_rd_nr(char *value)
{
	return kstrtoul(value, 10, &rd_nr) || rd_nr > 256 ? -EINVAL : 0;
}
__setup("brd.rd_nr=", parse_rd_nr);

static int brd_init(void)
{
	int err = register_blkdev(RAMDISK_MAJOR, "ramdisk");

	for (unsigned int n = 0; !err && n < rd_nr; n++)
		err = brd_make(n);
	return err;
}
module_init(brd_init);
