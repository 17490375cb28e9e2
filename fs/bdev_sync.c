/* SPDX-License-Identifier: MIT */
/*
 * bdev_sync.c -- a device's own cached blocks: write them, forget them
 *
 * The blocks of metadata are pages of the device (buffer_dev.c), dirty ones
 * like those of any file.  A volume's sync ends with them, since what comes
 * before (inodes, bitmaps) makes them dirty.
 */

#include <fs/buffer_head.h>

#include <drivers/blkdev.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/slab.h>
#include <mm/swap.h>
#include <mm/writeback.h>

int sync_blockdev_nowait(struct block_device *bdev)
{
	if (!bdev || !bdev->bd_inode)
		return 0;
	return filemap_flush(bdev->bd_inode->i_mapping);
}
EXPORT_SYMBOL(sync_blockdev_nowait);

int sync_blockdev(struct block_device *bdev)
{
	if (!bdev || !bdev->bd_inode)
		return 0;
	return filemap_write_and_wait(bdev->bd_inode->i_mapping);
}
EXPORT_SYMBOL(sync_blockdev);

int sync_blockdev_range(struct block_device *bdev, loff_t start, loff_t end)
{
	if (!bdev->bd_inode)
		return 0;
	return filemap_write_and_wait_range(bdev->bd_inode->i_mapping, start,
					    end);
}
EXPORT_SYMBOL(sync_blockdev_range);

/* The list of disks is locked while it is walked, and must not wait for one. */
struct grabbed {
	struct inode *inodes[60];
	unsigned n;
};

static void grab(struct block_device *bdev, void *arg)
{
	struct inode *inode = READ_ONCE(bdev->bd_inode);
	struct grabbed *g = arg;

	if (!inode || !inode->i_data.nrpages || g->n == ARRAY_SIZE(g->inodes))
		return;
	inode = igrab(inode);
	if (inode)
		g->inodes[g->n++] = inode;
}

void sync_bdevs(bool wait)
{
	struct grabbed *g = kzalloc(sizeof(*g), GFP_KERNEL | __GFP_NOFAIL);
	unsigned i;

	bdev_for_each(grab, g);
	for (i = 0; i < g->n; i++) {
		struct address_space *mapping = g->inodes[i]->i_mapping;

		if (wait)
			filemap_fdatawait_keep_errors(mapping);
		else
			filemap_fdatawrite(mapping);
		iput(g->inodes[i]);
	}
	kfree(g);
}

void invalidate_bdev(struct block_device *bdev)
{
	struct address_space *mapping;

	if (!bdev->bd_inode || !bdev->bd_inode->i_data.nrpages)
		return;
	mapping = bdev->bd_inode->i_mapping;
	invalidate_bh_lrus();
	lru_add_drain_all();
	invalidate_mapping_pages(mapping, 0, ULONG_MAX);
}
EXPORT_SYMBOL(invalidate_bdev);
