/* SPDX-License-Identifier: MIT */
/*
 * blk-stat.c -- what iostat shows: counts and times of each disk and partition
 *
 * IDEA.  Counters are per CPU and are added up when somebody reads; the one of
 * the whole disk counts along with the partition's.  io_ticks is the time with
 * anything in flight: whoever starts or ends a request adds the jiffies since
 * the last one did, if something was in flight or is ending.
 *
 * LOCKING.  Preemption off around the per-CPU counters; bd_stamp by compare and
 * swap.
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <kernel/timekeeping.h>

static long part_in_flight(const struct block_device *part)
{
	long n = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct disk_stats *s = per_cpu_ptr(part->bd_stats, cpu);

		n += READ_ONCE(s->in_flight[0]) + READ_ONCE(s->in_flight[1]);
	}
	return n;
}

static void tick_one(struct block_device *part, unsigned long now, bool end)
{
	unsigned long stamp = READ_ONCE(part->bd_stamp);

	if (!time_after(now, stamp) ||
	    !__atomic_compare_exchange_n(&part->bd_stamp, &stamp, now, false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return;
	if (end || part_in_flight(part))
		this_cpu_add(part->bd_stats->io_ticks, end ? now - stamp : 1);
}

void update_io_ticks(struct block_device *part, unsigned long now, bool end)
{
	tick_one(part, now, end);
	if (part->bd_partno)
		tick_one(bdev_whole(part), now, end);
}

#define stat_add(part, field, n) do {					\
	this_cpu_add((part)->bd_stats->field, (n));			\
	if ((part)->bd_partno)						\
		this_cpu_add(bdev_whole(part)->bd_stats->field, (n));	\
} while (0)

/* ---- requests ---- */

void blk_account_io_start(struct request *rq)
{
	if (!blk_queue_io_stat(rq->q) || blk_rq_is_passthrough(rq))
		return;
	rq->rq_flags |= RQF_IO_STAT;
	if (!rq->part)
		rq->part = rq->bio ? rq->bio->bi_bdev : rq->q->disk->part0;
	update_io_ticks(rq->part, jiffies, false);
	stat_add(rq->part, in_flight[rq_data_dir(rq)], 1);
}

void blk_account_io_completion(struct request *rq, unsigned int bytes)
{
	if (rq->part && (rq->rq_flags & RQF_IO_STAT))
		stat_add(rq->part, sectors[op_stat_group(rq->cmd_flags)],
			 bytes >> SECTOR_SHIFT);
}

void blk_account_io_done(struct request *rq, u64 now)
{
	enum stat_group g = op_stat_group(rq->cmd_flags);

	/* The steps of the flush machine: the request counts when it is
	 * done. */
	if (!rq->part || !(rq->rq_flags & RQF_IO_STAT) ||
	    (rq->rq_flags & RQF_FLUSH_SEQ))
		return;
	update_io_ticks(rq->part, jiffies, true);
	stat_add(rq->part, ios[g], 1);
	stat_add(rq->part, nsecs[g], now - rq->start_time_ns);
	stat_add(rq->part, in_flight[rq_data_dir(rq)], -1);
}

/* The flush machine's own request, once for all who waited for it. */
void blk_account_io_flush(struct request *f)
{
	struct block_device *part = f->q->disk ? f->q->disk->part0 : NULL;

	if (!part || !blk_queue_io_stat(f->q))
		return;
	this_cpu_inc(part->bd_stats->ios[STAT_FLUSH]);
	this_cpu_add(part->bd_stats->nsecs[STAT_FLUSH],
		     ktime_get_ns() - f->start_time_ns);
}

void blk_account_io_merge_bio(struct request *rq)
{
	if (rq->part && (rq->rq_flags & RQF_IO_STAT))
		stat_add(rq->part, merges[op_stat_group(rq->cmd_flags)], 1);
}

/* It is swallowed by its neighbour. */
void blk_account_io_merge_request(struct request *rq)
{
	if (!rq->part || !(rq->rq_flags & RQF_IO_STAT))
		return;
	stat_add(rq->part, merges[op_stat_group(rq->cmd_flags)], 1);
	stat_add(rq->part, in_flight[rq_data_dir(rq)], -1);
	rq->rq_flags &= ~RQF_IO_STAT;
}

/* ---- bio drivers ---- */

void bio_start_io_acct(struct bio *bio)
{
	bio->bi_start_ns = ktime_get_ns();
	update_io_ticks(bio->bi_bdev, jiffies, false);
	stat_add(bio->bi_bdev, ios[op_stat_group(bio->bi_opf)], 1);
	stat_add(bio->bi_bdev, sectors[op_stat_group(bio->bi_opf)],
		 bio_sectors(bio));
	stat_add(bio->bi_bdev, in_flight[bio_data_dir(bio)], 1);
}
EXPORT_SYMBOL(bio_start_io_acct);

void bio_end_io_acct(struct bio *bio)
{
	update_io_ticks(bio->bi_bdev, jiffies, true);
	stat_add(bio->bi_bdev, nsecs[op_stat_group(bio->bi_opf)],
		 ktime_get_ns() - bio->bi_start_ns);
	stat_add(bio->bi_bdev, in_flight[bio_data_dir(bio)], -1);
}
EXPORT_SYMBOL(bio_end_io_acct);

/* ---- reading ---- */

void part_stat_sum(const struct block_device *bdev, struct disk_stats *sum)
{
	unsigned int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct disk_stats *s = per_cpu_ptr(bdev->bd_stats, cpu);

		for (int g = 0; g < NR_STAT_GROUPS; g++) {
			sum->nsecs[g] += s->nsecs[g];
			sum->sectors[g] += s->sectors[g];
			sum->ios[g] += s->ios[g];
			sum->merges[g] += s->merges[g];
		}
		sum->io_ticks += s->io_ticks;
		sum->in_flight[0] += s->in_flight[0];
		sum->in_flight[1] += s->in_flight[1];
	}
	for (int d = 0; d < 2; d++)
		if (sum->in_flight[d] < 0)
			sum->in_flight[d] = 0;
}
