/* SPDX-License-Identifier: MIT */
/*
 * virtio_blk-disk.c -- what a virtual disk is like: limits, size, cache, serial
 *
 * All of it comes from the device's configuration.  Each field counts only if
 * its feature was agreed on, and none is believed beyond what the block layer
 * can take.  The size may change while the disk is in use; the device then
 * interrupts, and a worker looks.
 *
 * LOCKING.  work_lock (virtio_blk.c): the device is still there.
 *
 * SEE VIRTIO 1.1, 5.2.4 and 5.2.5.
 */

#include "virtio_blk.h"

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

#define SERIAL_LEN 20

/* --- What /sys shows: serial, cache_type --------------------------------- */

static ssize_t serial_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct gendisk *disk = dev_to_disk(dev);
	struct request *rq;
	char *id;
	int err;

	id = kzalloc(SERIAL_LEN + 1, GFP_KERNEL);
	if (!id)
		return -ENOMEM;
	rq = blk_mq_alloc_request(disk->queue, REQ_OP_DRV_IN, 0);
	if (IS_ERR(rq)) {
		kfree(id);
		return PTR_ERR(rq);
	}
	err = blk_rq_map_kern(disk->queue, rq, id, SERIAL_LEN, GFP_KERNEL);
	if (!err)
		err = blk_status_to_errno(blk_execute_rq(rq, false));
	blk_mq_free_request(rq);
	if (!err)
		err = sysfs_emit(buf, "%s", id);
	else if (err == -EIO)   /* it has none */
		err = 0;
	kfree(id);
	return err;
}
static DEVICE_ATTR_RO(serial);

static const char *const cache_types[] = { "write through", "write back" };

bool vblk_is_writeback(struct virtio_blk *vblk)
{
	u8 on = virtio_has_feature(vblk->vdev, F_FLUSH);

	if (virtio_has_feature(vblk->vdev, F_CONFIG_WCE))
		virtio_cread(vblk->vdev, struct vblk_config, writeback, &on);
	return on;
}

static ssize_t cache_type_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct virtio_blk *vblk = dev_to_disk(dev)->private_data;
	ssize_t n = -ENODEV;

	mutex_lock(&vblk->work_lock);
	if (vblk->vdev)
		n = sysfs_emit(buf, "%s\n", cache_types[vblk_is_writeback(vblk)]);
	mutex_unlock(&vblk->work_lock);
	return n;
}

static ssize_t cache_type_store(struct device *dev,
				struct device_attribute *attr, const char *buf,
				size_t n)
{
	struct virtio_blk *vblk = dev_to_disk(dev)->private_data;
	u8 on = sysfs_streq(buf, cache_types[1]);
	ssize_t ret = -EINVAL;

	if (!on && !sysfs_streq(buf, cache_types[0]))
		return -EINVAL;
	mutex_lock(&vblk->work_lock);
	if (vblk->vdev && virtio_has_feature(vblk->vdev, F_CONFIG_WCE)) {
		virtio_cwrite(vblk->vdev, struct vblk_config, writeback, &on);
		vblk->writeback = on;
		blk_queue_write_cache(vblk->disk->queue, on, false);
		ret = n;
	}
	mutex_unlock(&vblk->work_lock);
	return ret;
}
static DEVICE_ATTR_RW(cache_type);

static struct attribute *vblk_attrs[] = {
	&dev_attr_serial.attr,
	&dev_attr_cache_type.attr,
	NULL,
};
static const struct attribute_group vblk_group = { .attrs = vblk_attrs };
const struct attribute_group *vblk_groups[] = { &vblk_group, NULL };

/* --- Limits and size ----------------------------------------------------- */

static void set_block_size(struct virtio_blk *vblk, struct request_queue *q)
{
	struct virtio_device *vdev = vblk->vdev;
	u32 size, opt;
	u8 exp, align;
	u16 min;

	if (virtio_cread_feature(vdev, F_BLK_SIZE, struct vblk_config, blk_size,
				 &size) ||
	    size < SECTOR_SIZE || size > PAGE_SIZE || !is_power_of_2(size))
		size = SECTOR_SIZE;
	blk_queue_logical_block_size(q, size);
	if (!virtio_has_feature(vdev, F_TOPOLOGY))
		return;
	virtio_cread(vdev, struct vblk_config, physical_block_exp, &exp);
	virtio_cread(vdev, struct vblk_config, alignment_offset, &align);
	virtio_cread(vdev, struct vblk_config, min_io_size, &min);
	virtio_cread(vdev, struct vblk_config, opt_io_size, &opt);
	if (exp && exp < 12)
		blk_queue_physical_block_size(q, size << exp);
	if (align && align < 1u << min(exp, (u8)12))
		blk_queue_alignment_offset(q, size * align);
	if (min)
		blk_queue_io_min(q, size * min);
	if (opt && opt < 1u << 16)
		blk_queue_io_opt(q, size * opt);
}

static void set_discard(struct virtio_blk *vblk, struct request_queue *q)
{
	struct virtio_device *vdev = vblk->vdev;
	u32 n;

	if (!virtio_cread_feature(vdev, F_DISCARD, struct vblk_config,
				  discard_alignment, &n)) {
		q->limits.discard_granularity =
			n && n < 1u << 20 ? n << SECTOR_SHIFT
					  : queue_logical_block_size(q);
		virtio_cread(vdev, struct vblk_config, max_discard_sectors, &n);
		blk_queue_max_discard_sectors(q, n ? n : UINT_MAX >> 9);
		blk_queue_max_discard_segments(q, 1);
	}
	if (!virtio_cread_feature(vdev, F_WRITE_ZEROES, struct vblk_config,
				  max_write_zeroes_sectors, &n))
		blk_queue_max_write_zeroes_sectors(q, n ? n : UINT_MAX >> 9);
}

void vblk_set_limits(struct virtio_blk *vblk)
{
	struct request_queue *q = vblk->disk->queue;
	struct virtio_device *vdev = vblk->vdev;
	u32 n;

	/* Header and status take two pieces of what one buffer may have. */
	if (virtio_cread_feature(vdev, F_SEG_MAX, struct vblk_config, seg_max,
				 &n) || !n)
		n = 1;
	if (!virtio_has_feature(vdev, VIRTIO_RING_F_INDIRECT_DESC))
		n = min(n, virtqueue_get_vring_size(vblk->queues[0].vq) - 2);
	blk_queue_max_segments(q, min(n, (u32)VBLK_MAX_SEGMENTS));
	if (virtio_cread_feature(vdev, F_SIZE_MAX, struct vblk_config, size_max,
				 &n) || n < PAGE_SIZE)
		n = UINT_MAX;
	blk_queue_max_segment_size(q, n);
	blk_queue_max_hw_sectors(q, UINT_MAX >> 9);
	set_block_size(vblk, q);
	set_discard(vblk, q);
	vblk->writeback = vblk_is_writeback(vblk);
	blk_queue_write_cache(q, vblk->writeback, false);
	blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	if (virtio_has_feature(vdev, F_RO))
		set_disk_ro(vblk->disk, true);
}

u64 vblk_capacity(struct virtio_blk *vblk)
{
	u64 sectors;

	virtio_cread(vblk->vdev, struct vblk_config, capacity, &sectors);
	return sectors;
}

void vblk_config_work(struct work_struct *work)
{
	struct virtio_blk *vblk = container_of(work, struct virtio_blk,
					       config_work);

	mutex_lock(&vblk->work_lock);
	if (vblk->vdev && !vblk->dead)
		set_capacity_and_notify(vblk->disk, vblk_capacity(vblk));
	mutex_unlock(&vblk->work_lock);
}

/* Hard irq. */
void vblk_config_changed(struct virtio_device *vdev)
{
	struct virtio_blk *vblk = vdev->priv;

	queue_work(system_long_wq, &vblk->config_work);
}
