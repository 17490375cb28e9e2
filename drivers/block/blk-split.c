/* SPDX-License-Identifier: MIT */
/*
 * blk-split.c -- cutting a bio to what the device takes in one request
 *
 * PROMISE.  What blk_bio_split_to_limits() returns keeps every limit of the
 * queue; what is left over is submitted again behind it, and the original ends
 * when all its parts have.
 *
 * IDEA.  Walk the pieces and count what the device would see: a segment is
 * memory that is contiguous, of at most max_segment_size bytes, and crosses no
 * boundary line.  Where the count or the sectors run out, cut, at a multiple of
 * the logical block.
 *
 * SEE docs/74-block-layer.md.
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/kernel.h>

/* Bytes of the segment that begins at `phys`, of at most `len`. */
static unsigned int segment_len(const struct queue_limits *lim,
				phys_addr_t phys, unsigned int len)
{
	unsigned long to_line = lim->seg_boundary_mask -
				(phys & lim->seg_boundary_mask);
	unsigned long n = min_t(unsigned long, len, lim->max_segment_size);

	return to_line >= n ? n : to_line + 1;
}

/* Must a new segment not begin or end here (NVMe's page lists)? */
static bool bvec_gap(const struct queue_limits *lim,
		     const struct bio_vec *prev, unsigned int offset)
{
	return lim->virt_boundary_mask &&
	       ((offset & lim->virt_boundary_mask) ||
		((prev->bv_offset + prev->bv_len) & lim->virt_boundary_mask));
}

/* Sectors that a read or write at the bio's place may have. */
static unsigned int max_rw_sectors(const struct request_queue *q,
				   const struct bio *bio)
{
	const struct queue_limits *lim = &q->limits;
	unsigned int pbs = lim->physical_block_size >> SECTOR_SHIFT;
	unsigned int lbs = lim->logical_block_size >> SECTOR_SHIFT;
	unsigned int start = bio->bi_iter.bi_sector & (pbs - 1);
	unsigned int n = min(lim->max_sectors, lim->max_hw_sectors);

	/* End at a physical block's end, if there is one in reach. */
	if (start + n > pbs)
		n = round_down(start + n, pbs) - start;
	return n & ~(lbs - 1);
}

/*
 * Bytes that fit in one request, counting segments in *nsegs; the whole size
 * if all do.
 */
static unsigned int rw_bytes_that_fit(struct request_queue *q,
				      struct bio *bio, unsigned int *nsegs)
{
	const struct queue_limits *lim = &q->limits;
	unsigned int max = max_rw_sectors(q, bio) << SECTOR_SHIFT;
	unsigned int bytes = 0, segs = 0;
	struct bio_vec bv, prev = { 0 };
	struct bvec_iter it;

	bio_for_each_bvec(bv, bio, it) {
		phys_addr_t phys = page_to_phys(bv.bv_page) + bv.bv_offset;
		unsigned int left = bv.bv_len;

		if (segs && bvec_gap(lim, &prev, bv.bv_offset))
			goto cut;
		while (left) {
			unsigned int n = segment_len(lim, phys, left);

			if (segs == lim->max_segments || bytes >= max)
				goto cut;
			n = min(n, max - bytes);
			segs++;
			bytes += n;
			phys += n;
			left -= n;
		}
		prev = bv;
	}
cut:
	*nsegs = segs;
	if (bytes < bio->bi_iter.bi_size)
		bytes = round_down(bytes, lim->logical_block_size);
	return bytes;
}

/* Sectors of a discard that fit, ending at a granule if it must be cut. */
static unsigned int discard_sectors_that_fit(struct request_queue *q,
					     struct bio *bio)
{
	unsigned int gran = q->limits.discard_granularity >> SECTOR_SHIFT;
	unsigned int max = q->limits.max_discard_sectors;
	unsigned int rest;

	gran = gran ? gran : 1;
	max -= max % gran;
	if (!max || bio_sectors(bio) <= max)
		return bio_sectors(bio);
	rest = (bio->bi_iter.bi_sector + max) % gran;
	return max > rest ? max - rest : max;
}

static unsigned int sectors_that_fit(struct request_queue *q, struct bio *bio,
				     unsigned int *nsegs)
{
	*nsegs = 1;
	switch (bio_op(bio)) {
	case REQ_OP_DISCARD:
	case REQ_OP_SECURE_ERASE:
		return discard_sectors_that_fit(q, bio);
	case REQ_OP_WRITE_ZEROES:
		*nsegs = 0;
		return min(bio_sectors(bio),
			   q->limits.max_write_zeroes_sectors);
	default:
		return rw_bytes_that_fit(q, bio, nsegs) >> SECTOR_SHIFT;
	}
}

/*
 * The part to be sent now (the bio itself if it fits whole); the rest has been
 * submitted behind it.  NULL: no cut can make it fit, it was ended.  May sleep.
 */
struct bio *blk_bio_split_to_limits(struct bio *bio, unsigned int *nsegs)
{
	struct request_queue *q = bio->bi_bdev->bd_queue;
	unsigned int n = sectors_that_fit(q, bio, nsegs);
	struct bio *split;

	if (n == bio_sectors(bio))
		return bio;
	if (WARN_ON_ONCE(!n) || (bio->bi_opf & REQ_NOWAIT)) {
		bio->bi_status = n ? BLK_STS_AGAIN : BLK_STS_IOERR;
		bio_endio(bio);
		return NULL;
	}
	split = bio_split(bio, n, GFP_NOIO, &q->bio_split);
	split->bi_opf |= REQ_NOMERGE;      /* it is as large as it can be */
	bio_chain(split, bio);
	submit_bio_noacct(bio);
	return split;
}

/* Count the segments of a request afresh, over all its bios. */
unsigned int blk_recalc_rq_segments(struct request *rq)
{
	const struct queue_limits *lim = &rq->q->limits;
	struct req_iterator it;
	struct bio_vec bv;
	unsigned int segs = 0;

	if (op_is_discard(rq->cmd_flags))
		return blk_rq_nr_discard_segments(rq);
	if (req_op(rq) == REQ_OP_WRITE_ZEROES)
		return 0;
	rq_for_each_bvec(bv, rq, it) {
		phys_addr_t phys = page_to_phys(bv.bv_page) + bv.bv_offset;
		unsigned int left = bv.bv_len;

		while (left) {
			unsigned int n = segment_len(lim, phys, left);

			phys += n;
			left -= n;
			segs++;
		}
	}
	return segs;
}

unsigned short blk_rq_nr_discard_segments(const struct request *rq)
{
	unsigned short n = 0;
	struct bio *bio;

	if (rq->q->limits.max_discard_segments <= 1)
		return 1;
	__rq_for_each_bio(bio, rq)
		n++;
	return n ? n : 1;
}
EXPORT_SYMBOL(blk_rq_nr_discard_segments);

/* May the two stand in one segment? */
static bool joins(const struct queue_limits *lim, const struct scatterlist *sg,
		  phys_addr_t phys, unsigned int len)
{
	phys_addr_t start = sg_phys(sg);

	return start + sg->length == phys &&
	       sg->length + len <= lim->max_segment_size &&
	       (start | lim->seg_boundary_mask) ==
	       ((phys + len - 1) | lim->seg_boundary_mask);
}

/*
 * Fill sg (of at least nr_phys_segments entries); memory that happens to be
 * contiguous across bios is joined.  The number of entries; the last is marked.
 */
int blk_rq_map_sg(struct request_queue *q, struct request *rq,
		  struct scatterlist *sglist)
{
	const struct queue_limits *lim = &q->limits;
	struct scatterlist *sg = NULL;
	struct req_iterator it;
	struct bio_vec bv;
	int n = 0;

	rq_for_each_bvec(bv, rq, it) {
		phys_addr_t phys = page_to_phys(bv.bv_page) + bv.bv_offset;
		unsigned int left = bv.bv_len;

		while (left) {
			unsigned int len = segment_len(lim, phys, left);

			if (sg && joins(lim, sg, phys, len)) {
				sg->length += len;
			} else {
				sg = &sglist[n++];
				sg_unmark_end(sg);
				sg_set_page(sg, phys_to_page(phys), len,
					    phys & ~PAGE_MASK);
			}
			phys += len;
			left -= len;
		}
	}
	if (sg)
		sg_mark_end(sg);
	WARN_ON_ONCE(n > rq->nr_phys_segments && rq->nr_phys_segments);
	return n;
}
EXPORT_SYMBOL(blk_rq_map_sg);
