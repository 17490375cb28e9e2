/* SPDX-License-Identifier: MIT */
/*
 * blk-settings.c -- what a device says it can take
 *
 * A driver calls these before device_add_disk(), or with its queue frozen.
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/kernel.h>

void blk_set_default_limits(struct queue_limits *lim)
{
	*lim = (struct queue_limits){
		.max_segments = BLK_MAX_SEGMENTS,
		.max_discard_segments = 1,
		.seg_boundary_mask = ~0UL,
		.max_sectors = BLK_SAFE_MAX_SECTORS,
		.max_hw_sectors = BLK_SAFE_MAX_SECTORS,
		.max_segment_size = BLK_MAX_SEGMENT_SIZE,
		.logical_block_size = 512,
		.physical_block_size = 512,
		.io_min = 512,
	};
}

/* Blocks are at least 512 bytes, a power of two. */
void blk_queue_logical_block_size(struct request_queue *q, unsigned int size)
{
	struct queue_limits *lim = &q->limits;

	lim->logical_block_size = size;
	if (lim->physical_block_size < size)
		lim->physical_block_size = size;
	if (lim->io_min < lim->physical_block_size)
		lim->io_min = lim->physical_block_size;
	lim->max_hw_sectors = round_down(lim->max_hw_sectors, size >> 9);
	lim->max_sectors = round_down(lim->max_sectors, size >> 9);
}
EXPORT_SYMBOL(blk_queue_logical_block_size);

void blk_queue_physical_block_size(struct request_queue *q, unsigned int size)
{
	struct queue_limits *lim = &q->limits;

	lim->physical_block_size = max(size, lim->logical_block_size);
	if (lim->io_min < lim->physical_block_size)
		lim->io_min = lim->physical_block_size;
}
EXPORT_SYMBOL(blk_queue_physical_block_size);

void blk_queue_max_hw_sectors(struct request_queue *q, unsigned int n)
{
	unsigned int lbs = q->limits.logical_block_size >> SECTOR_SHIFT;

	n = round_down(max(n, (unsigned int)PAGE_SECTORS), lbs);
	q->limits.max_hw_sectors = n;
	q->limits.max_sectors = min(n, BLK_DEF_MAX_SECTORS);
}
EXPORT_SYMBOL(blk_queue_max_hw_sectors);

void blk_queue_max_segments(struct request_queue *q, unsigned short n)
{
	q->limits.max_segments = n ? n : 1;
}
EXPORT_SYMBOL(blk_queue_max_segments);

void blk_queue_max_segment_size(struct request_queue *q, unsigned int bytes)
{
	q->limits.max_segment_size = bytes < PAGE_SIZE ? PAGE_SIZE : bytes;
}
EXPORT_SYMBOL(blk_queue_max_segment_size);

void blk_queue_max_discard_sectors(struct request_queue *q, unsigned int n)
{
	q->limits.max_hw_discard_sectors = n;
	q->limits.max_discard_sectors = n;
}
EXPORT_SYMBOL(blk_queue_max_discard_sectors);

void blk_queue_max_discard_segments(struct request_queue *q, unsigned short n)
{
	q->limits.max_discard_segments = n;
}
EXPORT_SYMBOL(blk_queue_max_discard_segments);

void blk_queue_max_write_zeroes_sectors(struct request_queue *q,
					unsigned int n)
{
	q->limits.max_write_zeroes_sectors = n;
}
EXPORT_SYMBOL(blk_queue_max_write_zeroes_sectors);

void blk_queue_alignment_offset(struct request_queue *q, unsigned int n)
{
	q->limits.discard_alignment = n;
}
EXPORT_SYMBOL(blk_queue_alignment_offset);

void blk_queue_io_min(struct request_queue *q, unsigned int n)
{
	q->limits.io_min = max(n, q->limits.physical_block_size);
}
EXPORT_SYMBOL(blk_queue_io_min);

void blk_queue_io_opt(struct request_queue *q, unsigned int n)
{
	q->limits.io_opt = n;
}
EXPORT_SYMBOL(blk_queue_io_opt);

void blk_queue_segment_boundary(struct request_queue *q, unsigned long mask)
{
	q->limits.seg_boundary_mask = mask | (PAGE_SIZE - 1);
}
EXPORT_SYMBOL(blk_queue_segment_boundary);

void blk_queue_virt_boundary(struct request_queue *q, unsigned long mask)
{
	q->limits.virt_boundary_mask = mask;
	if (mask)
		q->limits.max_segment_size = UINT_MAX;
}
EXPORT_SYMBOL(blk_queue_virt_boundary);

void blk_queue_write_cache(struct request_queue *q, bool wc, bool fua)
{
	assign_bit(QUEUE_FLAG_WC, &q->queue_flags, wc);
	assign_bit(QUEUE_FLAG_FUA, &q->queue_flags, fua);
}
EXPORT_SYMBOL(blk_queue_write_cache);
