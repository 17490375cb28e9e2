/* SPDX-License-Identifier: MIT */
/*
 * virtio_blk.c -- disks of virtual machines: vda, vdb, ...
 *
 * PROMISE.  A request that was started ends exactly once: by the device's
 * answer, or with an error when the device is silent for the second time, does
 * not come back from a reset, or is gone.
 *
 * IDEA.  Coming, trouble and going of a disk are here; a request's way is in
 * virtio_blk-rq.c, what the disk is like in virtio_blk-disk.c.
 *
 * SILENCE.  A request that is out for too long is first looked for: its
 * interrupt may have been lost.  If it is really out, or the device has written
 * nonsense into a ring, the device is reset, and with that lets go of all our
 * memory; what was out is started once more:
 *
 *	timeout, broken ring -> reset_work: quiesce -> reset -> take back
 *		-> features, queues anew -> go on           (blk-recover.c)
 *
 * A device that does not come back is dead: everything fails.  One that does
 * not even let go is kept from memory (virtio_pci.c), so pages can be reused.
 *
 * A host that waits for its own storage may stand still in the reset, and with
 * it the CPU that asks for it: QEMU does.  The alternative would be to let the
 * requests fail while the device still owns their pages.
 *
 * LOCKING.  work_lock (mutex): reset, resize and removal, one at a time.
 *
 * RACES.  A ring breaks while its disk is removed: `going` is set under
 * work_lock before the last cancel_work_sync(), and nobody queues a reset after
 * he has seen it.
 *
 * SEE VIRTIO 1.1, 5.2; docs/73-virtio.md.
 */

#include "virtio_blk.h"

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/idr.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/sprintf.h>
#include <mm/slab.h>

#define REQUEST_TIMEOUT (30 * HZ)

static DEFINE_IDA(vblk_index);
static int vblk_major;

/* --- Queues -------------------------------------------------------------- */

static int find_queues(struct virtio_blk *vblk)
{
	unsigned int n = vblk->nr_queues;
	struct virtqueue **vqs = kcalloc(n, sizeof(*vqs), GFP_KERNEL);
	vq_callback_t **callbacks = kcalloc(n, sizeof(*callbacks), GFP_KERNEL);
	const char **names = kcalloc(n, sizeof(*names), GFP_KERNEL);
	int err = -ENOMEM;

	if (!vqs || !callbacks || !names)
		goto out;
	for (unsigned int i = 0; i < n; i++) {
		callbacks[i] = vblk_done;
		names[i] = vblk->queues[i].name;
	}
	err = virtio_find_vqs(vblk->vdev, n, vqs, callbacks, names);
	for (unsigned int i = 0; !err && i < n; i++)
		vblk->queues[i].vq = vqs[i];
out:
	kfree(vqs);
	kfree(callbacks);
	kfree(names);
	return err;
}

static void free_queues(struct virtio_blk *vblk)
{
	for (unsigned int i = 0; vblk->queues && i < vblk->nr_queues; i++)
		kfree(vblk->queues[i].sg);
	kfree(vblk->queues);
}

static int alloc_queues(struct virtio_blk *vblk)
{
	u16 n = 1;

	if (virtio_has_feature(vblk->vdev, F_MQ))
		virtio_cread(vblk->vdev, struct vblk_config, num_queues, &n);
	vblk->nr_queues = clamp((unsigned int)n, 1u, nr_cpu_ids);
	vblk->queues = kcalloc(vblk->nr_queues, sizeof(*vblk->queues),
			       GFP_KERNEL);
	if (!vblk->queues)
		return -ENOMEM;
	for (unsigned int i = 0; i < vblk->nr_queues; i++) {
		struct vblk_queue *q = &vblk->queues[i];

		spin_lock_init(&q->lock);
		snprintf(q->name, sizeof(q->name), "req.%u", i);
		q->sg = kcalloc(VBLK_MAX_SEGMENTS + 1, sizeof(*q->sg), GFP_KERNEL);
		if (!q->sg)
			return -ENOMEM;
		sg_init_table(q->sg, VBLK_MAX_SEGMENTS + 1);
	}
	return find_queues(vblk);
}

/* --- Silence ------------------------------------------------------------- */

static bool any_broken(struct virtio_blk *vblk)
{
	for (unsigned int i = 0; i < vblk->nr_queues; i++)
		if (!vblk->queues[i].vq ||
		    virtqueue_is_broken(vblk->queues[i].vq))
			return true;
	return false;
}

void vblk_want_reset(struct virtio_blk *vblk)
{
	if (READ_ONCE(vblk->going) || READ_ONCE(vblk->dead))
		return;
	WRITE_ONCE(vblk->reset_wanted, true);
	queue_work(system_long_wq, &vblk->reset_work);
}

static enum blk_verdict verdict(struct request *rq, void *usable)
{
	return usable ? BLK_ONCE_MORE : BLK_FAILS;
}

static void del_queues(struct virtio_blk *vblk)
{
	for (unsigned int i = 0; i < vblk->nr_queues; i++) {
		spin_lock_irq(&vblk->queues[i].lock);
		vblk->queues[i].vq = NULL;
		spin_unlock_irq(&vblk->queues[i].lock);
	}
	vblk->vdev->config->del_vqs(vblk->vdev);
}

/* After a reset: as probe() had left it.  0 or -errno. */
static int start_anew(struct virtio_blk *vblk)
{
	struct virtio_device *vdev = vblk->vdev;
	u8 on = vblk->writeback;
	int err = virtio_restart_device(vdev);

	if (!err)
		err = find_queues(vblk);
	if (err)
		return err;
	virtio_device_ready(vdev);
	if (virtio_has_feature(vdev, F_CONFIG_WCE))
		virtio_cwrite(vdev, struct vblk_config, writeback, &on);
	return 0;
}

/*
 * work_lock held, quiesced.  Memory for the queues must not be had by writing
 * to this very disk: so without reclaim.
 */
static void reset_device(struct virtio_blk *vblk)
{
	unsigned int nested = current->flags & PF_MEMALLOC;
	struct virtio_device *vdev = vblk->vdev;
	int err;

	dev_err(&vdev->dev, "%s: no answer, resetting the device\n",
		vblk->disk->disk_name);
	virtio_config_disable(vdev);
	virtio_reset_device(vdev);
	del_queues(vblk);
	WRITE_ONCE(vblk->reset_wanted, false);  /* all that was seen so far */
	current->flags |= PF_MEMALLOC;
	err = start_anew(vblk);
	if (!nested)
		current->flags &= ~PF_MEMALLOC;
	if (err) {
		dev_err(&vdev->dev, "%s: given up: %d\n",
			vblk->disk->disk_name, err);
		WRITE_ONCE(vblk->dead, true);
	}
	virtio_config_enable(vdev);
	blk_mq_take_back(&vblk->tag_set, verdict, err ? NULL : vblk);
}

static void vblk_reset_work(struct work_struct *work)
{
	struct virtio_blk *vblk = container_of(work, struct virtio_blk,
					       reset_work);

	mutex_lock(&vblk->work_lock);
	if (vblk->reset_wanted && !vblk->dead && !vblk->going) {
		blk_mq_quiesce_tagset(&vblk->tag_set);
		reset_device(vblk);
		blk_mq_go_on_tagset(&vblk->tag_set);
	}
	mutex_unlock(&vblk->work_lock);
}

/* --- The disk ------------------------------------------------------------ */

static int vblk_getgeo(struct block_device *bdev, struct hd_geometry *geo)
{
	geo->heads = 64;
	geo->sectors = 32;
	geo->cylinders = get_capacity(bdev->bd_disk) >> 11;
	return 0;
}

/* The last who had it open is gone. */
static void vblk_free_disk(struct gendisk *disk)
{
	struct virtio_blk *vblk = disk->private_data;

	ida_free(&vblk_index, vblk->index);
	kfree(vblk);
}

static const struct block_device_operations vblk_fops = {
	.getgeo = vblk_getgeo,
	.free_disk = vblk_free_disk,
};

static int make_disk(struct virtio_blk *vblk)
{
	struct blk_mq_tag_set *set = &vblk->tag_set;
	int err;

	set->ops = &vblk_mq_ops;
	set->nr_hw_queues = set->map[0].nr_queues = vblk->nr_queues;
	set->nr_maps = 1;
	set->queue_depth = min(virtqueue_get_vring_size(vblk->queues[0].vq),
			       (unsigned int)VBLK_MAX_DEPTH);
	set->cmd_size = vblk_cmd_size;
	set->flags = BLK_MQ_F_SHOULD_MERGE;
	set->timeout = REQUEST_TIMEOUT;
	set->numa_node = -1;
	set->driver_data = vblk;
	err = blk_mq_alloc_tag_set(set);
	if (err)
		return err;
	vblk->disk = blk_mq_alloc_disk(set, vblk);
	if (IS_ERR(vblk->disk)) {
		blk_mq_free_tag_set(set);
		return PTR_ERR(vblk->disk);
	}
	disk_name_letters(vblk->disk->disk_name, "vd", vblk->index);
	vblk->disk->major = vblk_major;
	vblk->disk->first_minor = vblk->index << VBLK_PART_BITS;
	vblk->disk->minors = 1 << VBLK_PART_BITS;
	vblk->disk->private_data = vblk;
	vblk->disk->fops = &vblk_fops;
	return 0;
}

static int vblk_probe(struct virtio_device *vdev)
{
	struct virtio_blk *vblk = kzalloc(sizeof(*vblk), GFP_KERNEL);
	int err;

	if (!vblk)
		return -ENOMEM;
	vdev->priv = vblk;
	vblk->vdev = vdev;
	mutex_init(&vblk->work_lock);
	INIT_WORK(&vblk->config_work, vblk_config_work);
	INIT_WORK(&vblk->reset_work, vblk_reset_work);
	vblk->index = err = ida_alloc(&vblk_index, GFP_KERNEL);
	if (err < 0)
		goto out_free;
	err = alloc_queues(vblk);
	if (err)
		goto out_index;
	err = make_disk(vblk);
	if (err)
		goto out_vqs;
	vblk_set_limits(vblk);
	set_capacity(vblk->disk, vblk_capacity(vblk));
	virtio_device_ready(vdev);
	err = device_add_disk(&vdev->dev, vblk->disk, vblk_groups);
	if (!err)
		return 0;
	/* It was never added: what del_gendisk() and free_disk() do is ours. */
	WRITE_ONCE(vblk->going, true);
	cancel_work_sync(&vblk->reset_work);
	blk_mq_destroy_queue(vblk->disk->queue);
	blk_mq_free_tag_set(&vblk->tag_set);
	put_disk(vblk->disk);
	virtio_reset_device(vdev);
out_vqs:
	vdev->config->del_vqs(vdev);
out_index:
	free_queues(vblk);
	ida_free(&vblk_index, vblk->index);
out_free:
	kfree(vblk);
	return err;
}

/* Pulled out without a word: what is out will not come back. */
static void fail_all(struct virtio_blk *vblk)
{
	blk_mark_disk_dead(vblk->disk);
	blk_mq_quiesce_tagset(&vblk->tag_set);
	WRITE_ONCE(vblk->dead, true);
	if (vblk->vdev->config->synchronize_cbs)
		vblk->vdev->config->synchronize_cbs(vblk->vdev);
	blk_mq_take_back(&vblk->tag_set, verdict, NULL);
	blk_mq_go_on_tagset(&vblk->tag_set);
}

static void vblk_remove(struct virtio_device *vdev)
{
	struct virtio_blk *vblk = vdev->priv;

	mutex_lock(&vblk->work_lock);
	if (vblk->dead || any_broken(vblk))
		fail_all(vblk);
	mutex_unlock(&vblk->work_lock);
	/* While it works it may still be reset: what is dirty goes out. */
	del_gendisk(vblk->disk);
	mutex_lock(&vblk->work_lock);
	WRITE_ONCE(vblk->going, true);
	mutex_unlock(&vblk->work_lock);
	cancel_work_sync(&vblk->reset_work);
	virtio_config_disable(vdev);    /* a reset had enabled it again */
	cancel_work_sync(&vblk->config_work);
	mutex_lock(&vblk->work_lock);
	virtio_reset_device(vdev);
	del_queues(vblk);
	vblk->vdev = NULL;
	mutex_unlock(&vblk->work_lock);
	blk_mq_free_tag_set(&vblk->tag_set);
	free_queues(vblk);
	put_disk(vblk->disk);           /* frees vblk with the last opener */
}

static const struct virtio_device_id vblk_ids[] = {
	{ VIRTIO_ID_BLOCK, VIRTIO_DEV_ANY_ID },
	{ 0 },
};

static const unsigned int vblk_features[] = {
	F_SIZE_MAX, F_SEG_MAX, F_RO, F_BLK_SIZE, F_FLUSH, F_TOPOLOGY,
	F_CONFIG_WCE, F_MQ, F_DISCARD, F_WRITE_ZEROES,
};

static struct virtio_driver vblk_driver = {
	.name = "virtio_blk",
	.id_table = vblk_ids,
	.feature_table = vblk_features,
	.feature_table_size = ARRAY_SIZE(vblk_features),
	.probe = vblk_probe,
	.remove = vblk_remove,
	.config_changed = vblk_config_changed,
};

static int vblk_init(void)
{
	vblk_major = register_blkdev(0, "virtblk");
	if (vblk_major < 0)
		return vblk_major;
	return register_virtio_driver(&vblk_driver);
}
module_init(vblk_init);
