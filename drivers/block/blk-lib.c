/* SPDX-License-Identifier: MIT */
/*
 * blk-lib.c -- whole operations: flush, discard, write zeroes
 *
 * Each cuts a range of any length into bios of the size that the device takes,
 * chains them, and waits for the last.  All may sleep.
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/kernel.h>

/*
 * A new bio behind `bio`, which is submitted; it ends with the new one.  NULL:
 * no memory (gfp may not sleep), and `bio` is still the caller's.
 */
struct bio *blk_next_bio(struct bio *bio, struct block_device *bdev,
			 unsigned int nr_pages, blk_opf_t opf, gfp_t gfp)
{
	struct bio *new = bio_alloc(bdev, nr_pages, opf, gfp);

	if (bio && new) {
		bio_chain(bio, new);
		submit_bio(bio);
	}
	return new;
}
EXPORT_SYMBOL(blk_next_bio);

int blkdev_issue_flush(struct block_device *bdev)
{
	struct bio bio;

	bio_init(&bio, bdev, NULL, 0, REQ_OP_WRITE | REQ_PREFLUSH);
	return submit_bio_wait(&bio);
}
EXPORT_SYMBOL(blkdev_issue_flush);

/* Is the range whole logical blocks of the device? */
static int check_range(struct block_device *bdev, sector_t sector, sector_t n)
{
	sector_t mask = (bdev_logical_block_size(bdev) >> SECTOR_SHIFT) - 1;

	if (bdev_read_only(bdev))
		return -EPERM;
	return (sector | n) & mask ? -EINVAL : 0;
}

/*
 * Bios without memory over the range, of at most `max` sectors each, behind
 * *biop, which becomes the last.  -ENOMEM, if gfp may not sleep: *biop is to be
 * waited for all the same.
 */
static int cover(struct block_device *bdev, struct bio **biop,
		 sector_t sector, sector_t n, unsigned int max,
		 blk_opf_t opf, gfp_t gfp)
{
	max = min(max, UINT_MAX >> SECTOR_SHIFT);
	max = round_down(max, bdev_logical_block_size(bdev) >> SECTOR_SHIFT);
	while (n && max) {
		unsigned int len = min_t(sector_t, n, max);
		struct bio *bio = blk_next_bio(*biop, bdev, 0, opf, gfp);

		if (!bio)
			return -ENOMEM;
		bio->bi_iter.bi_sector = sector;
		bio->bi_iter.bi_size = len << SECTOR_SHIFT;
		*biop = bio;
		sector += len;
		n -= len;
		cond_resched();
	}
	return 0;
}

/* Submit and wait; the first error of its chain, or else err. */
static int wait_for(struct bio *bio, int err)
{
	int its;

	if (!bio)
		return err;
	its = submit_bio_wait(bio);
	bio_put(bio);
	return its ? its : err;
}

int __blkdev_issue_discard(struct block_device *bdev, sector_t sector,
			   sector_t nr_sects, gfp_t gfp, struct bio **biop)
{
	int err = check_range(bdev, sector, nr_sects);

	if (err)
		return err;
	if (!bdev_max_discard_sectors(bdev))
		return -EOPNOTSUPP;
	return cover(bdev, biop, sector, nr_sects, UINT_MAX, REQ_OP_DISCARD,
		     gfp);
}
EXPORT_SYMBOL(__blkdev_issue_discard);

int blkdev_issue_discard(struct block_device *bdev, sector_t sector,
			 sector_t nr_sects, gfp_t gfp)
{
	struct bio *bio = NULL;
	struct blk_plug plug;
	int err;

	blk_start_plug(&plug);
	err = __blkdev_issue_discard(bdev, sector, nr_sects, gfp, &bio);
	if (bio) {
		err = wait_for(bio, err);
		if (err == -EOPNOTSUPP)
			err = 0;         /* a hint that nobody took */
	}
	blk_finish_plug(&plug);
	return err;
}
EXPORT_SYMBOL(blkdev_issue_discard);

/* Write the zero page over the range. */
static int write_zero_pages(struct block_device *bdev, sector_t sector,
			    sector_t n, gfp_t gfp)
{
	struct bio *bio = NULL, *next;

	while (n) {
		unsigned int pages = min_t(sector_t, BIO_MAX_VECS,
			DIV_ROUND_UP(n, (sector_t)PAGE_SECTORS));

		next = blk_next_bio(bio, bdev, pages, REQ_OP_WRITE, gfp);
		if (!next)
			return wait_for(bio, -ENOMEM);
		bio = next;
		bio->bi_iter.bi_sector = sector;
		while (n && pages--) {
			unsigned int len = min_t(sector_t, n, PAGE_SECTORS);

			__bio_add_page(bio, ZERO_PAGE(0), len << SECTOR_SHIFT,
				       0);
			n -= len;
			sector += len;
		}
		cond_resched();
	}
	return wait_for(bio, 0);
}

int blkdev_issue_zeroout(struct block_device *bdev, sector_t sector,
			 sector_t nr_sects, gfp_t gfp, unsigned int flags)
{
	unsigned int max = bdev_write_zeroes_sectors(bdev);
	blk_opf_t opf = REQ_OP_WRITE_ZEROES;
	struct blk_plug plug;
	int err = check_range(bdev, sector, nr_sects);

	if (err)
		return err;
	if (flags & BLKDEV_ZERO_NOUNMAP)
		opf |= REQ_NOUNMAP;
	blk_start_plug(&plug);
	err = -EOPNOTSUPP;
	if (max) {
		struct bio *bio = NULL;

		err = cover(bdev, &bio, sector, nr_sects, max, opf, gfp);
		err = wait_for(bio, err);
	}
	if (err && !(flags & BLKDEV_ZERO_NOFALLBACK))
		err = write_zero_pages(bdev, sector, nr_sects, gfp);
	blk_finish_plug(&plug);
	return err;
}
EXPORT_SYMBOL(blkdev_issue_zeroout);
