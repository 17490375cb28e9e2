/* SPDX-License-Identifier: MIT */
/* disks.c -- /proc/diskstats and /proc/partitions */

#include "internal.h"

#include <drivers/blkdev.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>

#define NS_PER_MS 1000000UL

static unsigned int ms(u64 ns)
{
	return ns / NS_PER_MS;
}

/* The twenty columns of Documentation/admin-guide/iostats. */
static void show_disk(struct block_device *bdev, void *arg)
{
	struct seq_file *m = arg;
	char name[DISK_NAME_LEN];
	struct disk_stats s;

	if (!bdev_nr_sectors(bdev) && bdev_is_partition(bdev))
		return;
	if (atomic_read(&bdev->bd_openers))
		update_io_ticks(bdev, jiffies, false);
	part_stat_sum(bdev, &s);
	seq_printf(m, "%4d %7d %s %lu %lu %lu %u %lu %lu %lu %u %u %u %u "
		   "%lu %lu %lu %u %lu %u\n",
		   MAJOR(bdev->bd_dev), MINOR(bdev->bd_dev),
		   bdev_name_of(bdev, name),
		   s.ios[STAT_READ], s.merges[STAT_READ],
		   s.sectors[STAT_READ], ms(s.nsecs[STAT_READ]),
		   s.ios[STAT_WRITE], s.merges[STAT_WRITE],
		   s.sectors[STAT_WRITE], ms(s.nsecs[STAT_WRITE]),
		   (unsigned)(s.in_flight[0] + s.in_flight[1]),
		   jiffies_to_msecs(s.io_ticks),
		   ms(s.nsecs[STAT_READ] + s.nsecs[STAT_WRITE] +
		      s.nsecs[STAT_DISCARD] + s.nsecs[STAT_FLUSH]),
		   s.ios[STAT_DISCARD], s.merges[STAT_DISCARD],
		   s.sectors[STAT_DISCARD], ms(s.nsecs[STAT_DISCARD]),
		   s.ios[STAT_FLUSH], ms(s.nsecs[STAT_FLUSH]));
}

static int show_diskstats(struct seq_file *m, void *v)
{
	(void)v;
	bdev_for_each(show_disk, m);
	return 0;
}

static void show_partition(struct block_device *bdev, void *arg)
{
	char name[DISK_NAME_LEN];

	if (!bdev_nr_sectors(bdev) ||
	    (bdev->bd_disk->flags & GENHD_FL_HIDDEN))
		return;
	seq_printf(arg, "%4d  %7d %10lu %s\n", MAJOR(bdev->bd_dev),
		   MINOR(bdev->bd_dev), (u64)bdev_nr_sectors(bdev) >> 1,
		   bdev_name_of(bdev, name));
}

static int show_partitions(struct seq_file *m, void *v)
{
	(void)v;
	seq_puts(m, "major minor  #blocks  name\n\n");
	bdev_for_each(show_partition, m);
	return 0;
}

static int init_disks(void)
{
	proc_create_single("diskstats", 0444, NULL, show_diskstats);
	proc_create_single("partitions", 0444, NULL, show_partitions);
	return 0;
}
late_initcall(init_disks);
