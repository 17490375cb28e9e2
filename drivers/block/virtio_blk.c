/* SPDX-License-Identifier: MIT */
/*
 * virtio_blk.c -- disks of virtual machines: vda, vdb, ...
 *
 * PROMISE.  A request that was started ends exactly once: by the device's
 * answer, or with an error when the device is broken, silent or gone.
 *
 * IDEA.  A request is a header (what, where), the data's pages, and one status
 * byte that the device writes last:
 *
 *	[ type, ioprio, sector ]  ->  out
 *	[ pages of the request ]  ->  out or in
 *	[ status ]                ->  in: 0 done, 1 error, 2 cannot
 *
 * All of it becomes one entry of a virtqueue.  The device has several queues;
 * each serves some CPUs, whose requests complete by its own interrupt.
 *
 * SILENCE.  A request that is in the device for too long makes the disk be given
 * up: everything that is out or comes later fails.  The device is not reset, for
 * a host that cannot answer a request cannot answer a reset either, and would
 * stop the whole machine in it.  So it still owns what is in the ring, and may
 * write there any time: the pages of what was out stay pinned until it answers
 * or is taken away.
 *
 *	timeout -> give_up_work: quiesce -> dead -> pin, end with EIO -> unquiesce
 *
 * RACES.  An answer may come while the disk is given up: `dead` is set under
 * every queue's lock, and the interrupt, under the same lock, ends a request
 * only if it is not set.  So one of the two ends it.
 *
 * LOCKING.  q->lock, irqs off: the virtqueue and its scratch list.  work_lock
 * (mutex): giving up, resize and removal, one at a time.
 *
 * SEE VIRTIO 1.1, 5.2; docs/73-virtio.md.
 */

#include <drivers/blk-mq.h>
#include <drivers/virtio.h>
#include <kernel/byteorder.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/idr.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/sprintf.h>
#include <kernel/workqueue.h>
#include <mm/slab.h>

#define PART_BITS 4
#define MAX_DEPTH 128
#define MAX_SEGMENTS 126
#define SERIAL_LEN 20
#define REQUEST_TIMEOUT (30 * HZ)

/* Feature bits (5.2.3). */
enum {
	F_SIZE_MAX = 1, F_SEG_MAX = 2, F_GEOMETRY = 4, F_RO = 5,
	F_BLK_SIZE = 6, F_FLUSH = 9, F_TOPOLOGY = 10, F_CONFIG_WCE = 11,
	F_MQ = 12, F_DISCARD = 13, F_WRITE_ZEROES = 14,
};

/* Request types and their ends (5.2.6). */
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8, T_DISCARD = 11,
       T_WRITE_ZEROES = 13 };
enum { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2, S_NOT_ANSWERED = 0xff };
#define WRITE_ZEROES_UNMAP 1

/* The device's configuration (5.2.4). */
struct vblk_config {
	__le64 capacity;              /* of 512 bytes, whatever blk_size */
	__le32 size_max, seg_max;
	__le16 cylinders;
	u8 heads, sectors;
	__le32 blk_size;
	u8 physical_block_exp, alignment_offset;
	__le16 min_io_size;
	__le32 opt_io_size;
	u8 writeback, unused;
	__le16 num_queues;
	__le32 max_discard_sectors, max_discard_seg, discard_alignment;
	__le32 max_write_zeroes_sectors, max_write_zeroes_seg;
	u8 write_zeroes_may_unmap;
} __packed;

static_assert(offsetof(struct vblk_config, num_queues) == 34, "5.2.4");

struct vblk_header {
	__le32 type, ioprio;
	__le64 sector;
};

struct vblk_range {
	__le64 sector;
	__le32 nr_sectors, flags;
};

/* One queue and what is needed to fill it. */
struct vblk_queue {
	spinlock_t lock;
	struct virtqueue *vq;         /* .lock */
	struct scatterlist *sg;       /* .lock: scratch, MAX_SEGMENTS */
	char name[16];
} __aligned(64);

/*
 * Field keys:  [c] constant   [w] work_lock   [q] set while quiesced
 */
struct virtio_blk {
	struct virtio_device *vdev;   /* [w] NULL: removed */
	struct gendisk *disk;         /* [c] */
	struct blk_mq_tag_set tag_set;
	struct vblk_queue *queues;    /* [c] */
	unsigned int nr_queues;       /* [c] */
	int index;                    /* [c] 0: vda */
	bool dead;                    /* set under all q->lock: given up */
	struct mutex work_lock;
	struct work_struct config_work, give_up_work;
};

/* Lies behind each struct request. */
struct vblk_req {
	struct vblk_header header;
	struct vblk_range range;
	u8 status;
	bool given_up;                /* ended without an answer */
	struct page **pinned;         /* what the device may still write to */
	unsigned int nr_pinned;
};

static DEFINE_IDA(vblk_index);
static int vblk_major;

/* --- Requests ------------------------------------------------------------ */

static blk_status_t to_blk_status(u8 status)
{
	switch (status) {
	case S_OK: return BLK_STS_OK;
	case S_UNSUPP: return BLK_STS_NOTSUPP;
	default: return BLK_STS_IOERR;
	}
}

/* Softirq: the device has answered. */
static void vblk_complete(struct request *rq)
{
	struct vblk_req *vr = blk_mq_rq_to_pdu(rq);

	blk_mq_end_request(rq, vr->given_up ? BLK_STS_IOERR
					    : to_blk_status(vr->status));
}

/* The device has let go of a request that was given up.  Any context. */
static void unpin(struct vblk_req *vr)
{
	while (vr->nr_pinned > 0)
		put_page(vr->pinned[--vr->nr_pinned]);
	kfree(vr->pinned);
	vr->pinned = NULL;
}

/* Hard irq: a queue has something done. */
static void vblk_done(struct virtqueue *vq)
{
	struct virtio_blk *vblk = vq->vdev->priv;
	struct vblk_queue *q = &vblk->queues[vq->index];
	unsigned long flags;
	bool any = false;
	unsigned int len;
	struct vblk_req *vr;

	spin_lock_irqsave(&q->lock, flags);
	do {
		virtqueue_disable_cb(vq);
		while ((vr = virtqueue_get_buf(vq, &len)) != NULL) {
			if (vblk->dead)
				unpin(vr);
			else
				blk_mq_complete_request(blk_mq_rq_from_pdu(vr));
			any = true;
		}
	} while (!virtqueue_enable_cb(vq));
	spin_unlock_irqrestore(&q->lock, flags);
	if (any)
		blk_mq_start_stopped_hw_queues(vblk->disk->queue, true);
}

/* Header and, for those that have one, range; BLK_STS_OK. */
static blk_status_t prepare(struct request *rq, struct vblk_req *vr)
{
	u64 sector = 0;
	u32 type, flags = 0;

	switch (req_op(rq)) {
	case REQ_OP_READ:
		type = T_IN;
		sector = blk_rq_pos(rq);
		break;
	case REQ_OP_WRITE:
		type = T_OUT;
		sector = blk_rq_pos(rq);
		break;
	case REQ_OP_FLUSH:
		type = T_FLUSH;
		break;
	case REQ_OP_DISCARD:
		type = T_DISCARD;
		break;
	case REQ_OP_WRITE_ZEROES:
		type = T_WRITE_ZEROES;
		if (!(rq->cmd_flags & REQ_NOUNMAP))
			flags = WRITE_ZEROES_UNMAP;
		break;
	case REQ_OP_DRV_IN:
		type = T_GET_ID;
		break;
	default:
		return BLK_STS_NOTSUPP;
	}
	vr->header.type = cpu_to_le32(type);
	vr->header.ioprio = 0;
	vr->header.sector = cpu_to_le64(sector);
	vr->range.sector = cpu_to_le64(blk_rq_pos(rq));
	vr->range.nr_sectors = cpu_to_le32(blk_rq_sectors(rq));
	vr->range.flags = cpu_to_le32(flags);
	vr->status = S_NOT_ANSWERED;
	return BLK_STS_OK;
}

/* Into the ring; q->lock held. */
static int add_request(struct vblk_queue *q, struct request *rq,
		       struct vblk_req *vr)
{
	struct scatterlist head, range, tail, *sgs[3];
	unsigned int out = 0, in = 0;

	sg_init_one(&head, &vr->header, sizeof(vr->header));
	sgs[out++] = &head;
	if (req_op(rq) == REQ_OP_DISCARD || req_op(rq) == REQ_OP_WRITE_ZEROES) {
		sg_init_one(&range, &vr->range, sizeof(vr->range));
		sgs[out++] = &range;
	} else if (blk_rq_nr_phys_segments(rq)) {
		if (!blk_rq_map_sg(rq->q, rq, q->sg))
			return -EIO;
		if (rq_data_dir(rq))
			sgs[out++] = q->sg;
		else
			sgs[out + in++] = q->sg;
	}
	sg_init_one(&tail, &vr->status, sizeof(vr->status));
	sgs[out + in++] = &tail;
	return virtqueue_add_sgs(q->vq, sgs, out, in, vr, GFP_ATOMIC);
}

static blk_status_t vblk_queue_rq(struct blk_mq_hw_ctx *hctx,
				  const struct blk_mq_queue_data *bd)
{
	struct virtio_blk *vblk = hctx->queue->queuedata;
	struct vblk_queue *q = &vblk->queues[hctx->queue_num];
	struct request *rq = bd->rq;
	struct vblk_req *vr = blk_mq_rq_to_pdu(rq);
	unsigned long flags;
	bool notify = false;
	blk_status_t status;
	int err;

	if (READ_ONCE(vblk->dead))
		return BLK_STS_IOERR;
	status = prepare(rq, vr);
	if (status)
		return status;
	blk_mq_start_request(rq);
	spin_lock_irqsave(&q->lock, flags);
	err = add_request(q, rq, vr);
	if (err == -ENOSPC)     /* a completion starts it again */
		blk_mq_stop_hw_queue(hctx);
	if ((bd->last || err) && virtqueue_kick_prepare(q->vq))
		notify = true;
	spin_unlock_irqrestore(&q->lock, flags);
	if (notify)
		virtqueue_notify(q->vq);
	switch (err) {
	case 0: return BLK_STS_OK;
	case -ENOSPC: return BLK_STS_DEV_RESOURCE;
	case -ENOMEM: return BLK_STS_RESOURCE;
	}
	return BLK_STS_IOERR;
}

static void vblk_commit(struct blk_mq_hw_ctx *hctx)
{
	struct virtio_blk *vblk = hctx->queue->queuedata;
	struct vblk_queue *q = &vblk->queues[hctx->queue_num];
	unsigned long flags;
	bool notify;

	if (READ_ONCE(vblk->dead))
		return;
	spin_lock_irqsave(&q->lock, flags);
	notify = virtqueue_kick_prepare(q->vq);
	spin_unlock_irqrestore(&q->lock, flags);
	if (notify)
		virtqueue_notify(q->vq);
}

/* As the transport has spread the vectors; else evenly. */
static void vblk_map_queues(struct blk_mq_tag_set *set)
{
	struct virtio_blk *vblk = set->driver_data;
	struct blk_mq_queue_map *map = &set->map[HCTX_TYPE_DEFAULT];
	const struct virtio_config_ops *ops = vblk->vdev->config;
	unsigned int cpu;

	blk_mq_map_queues(map);
	if (!ops->get_vq_affinity)
		return;
	for (unsigned int i = 0; i < map->nr_queues; i++) {
		const struct cpumask *m = ops->get_vq_affinity(vblk->vdev, i);

		if (!m)
			return;
		for_each_cpu(cpu, m)
			map->mq_map[cpu] = i;
	}
}

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
		q->sg = kcalloc(MAX_SEGMENTS + 1, sizeof(*q->sg), GFP_KERNEL);
		if (!q->sg)
			return -ENOMEM;
		sg_init_table(q->sg, MAX_SEGMENTS + 1);
	}
	return find_queues(vblk);
}

/* --- Silence: given up --------------------------------------------------- */

static bool any_broken(struct virtio_blk *vblk)
{
	for (unsigned int i = 0; i < vblk->nr_queues; i++)
		if (virtqueue_is_broken(vblk->queues[i].vq))
			return true;
	return false;
}

/* Hold the pages of rq's data.  Out of memory they are lost to it for good. */
static void pin(struct request *rq, struct vblk_req *vr)
{
	struct req_iterator it;
	struct bio_vec bv;
	unsigned int nr = 0;

	rq_for_each_segment(bv, rq, it)
		nr++;
	vr->pinned = nr ? kmalloc_array(nr, sizeof(*vr->pinned), GFP_NOFS)
			: NULL;
	rq_for_each_segment(bv, rq, it) {
		get_page(bv.bv_page);
		if (vr->pinned)
			vr->pinned[vr->nr_pinned++] = bv.bv_page;
	}
}

static bool give_up_request(struct request *rq, void *data)
{
	struct vblk_req *vr = blk_mq_rq_to_pdu(rq);

	if (!blk_mq_request_started(rq) || blk_mq_request_completed(rq))
		return true;
	pin(rq, vr);
	vr->given_up = true;
	blk_mq_complete_request(rq);
	return true;
}

/* Everything fails from now on.  work_lock held. */
static void give_up(struct virtio_blk *vblk)
{
	struct request_queue *q = vblk->disk->queue;

	blk_mq_quiesce_queue(q);
	for (unsigned int i = 0; i < vblk->nr_queues; i++) {
		spin_lock_irq(&vblk->queues[i].lock);
		WRITE_ONCE(vblk->dead, true);
		spin_unlock_irq(&vblk->queues[i].lock);
	}
	blk_mq_tagset_busy_iter(&vblk->tag_set, give_up_request, NULL);
	blk_mq_unquiesce_queue(q);
	blk_mq_start_stopped_hw_queues(q, true);
}

static void vblk_give_up_work(struct work_struct *work)
{
	struct virtio_blk *vblk = container_of(work, struct virtio_blk,
					       give_up_work);

	mutex_lock(&vblk->work_lock);
	if (vblk->vdev && !vblk->dead) {
		dev_err(&vblk->vdev->dev, "%s: no answer, given up\n",
			vblk->disk->disk_name);
		give_up(vblk);
	}
	mutex_unlock(&vblk->work_lock);
}

static enum blk_eh_timer_return vblk_timeout(struct request *rq)
{
	struct virtio_blk *vblk = rq->q->queuedata;

	queue_work(system_long_wq, &vblk->give_up_work);
	return BLK_EH_RESET_TIMER;
}

static const struct blk_mq_ops vblk_mq_ops = {
	.queue_rq = vblk_queue_rq,
	.commit_rqs = vblk_commit,
	.complete = vblk_complete,
	.timeout = vblk_timeout,
	.map_queues = vblk_map_queues,
};

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

static bool is_writeback(struct virtio_blk *vblk)
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
		n = sysfs_emit(buf, "%s\n", cache_types[is_writeback(vblk)]);
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
ATTRIBUTE_GROUPS(vblk);

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

static void set_limits(struct virtio_blk *vblk)
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
	blk_queue_max_segments(q, min(n, (u32)MAX_SEGMENTS));
	if (virtio_cread_feature(vdev, F_SIZE_MAX, struct vblk_config, size_max,
				 &n) || n < PAGE_SIZE)
		n = UINT_MAX;
	blk_queue_max_segment_size(q, n);
	blk_queue_max_hw_sectors(q, UINT_MAX >> 9);
	set_block_size(vblk, q);
	set_discard(vblk, q);
	blk_queue_write_cache(q, is_writeback(vblk), false);
	blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	if (virtio_has_feature(vdev, F_RO))
		set_disk_ro(vblk->disk, true);
}

static u64 capacity_of(struct virtio_blk *vblk)
{
	u64 sectors;

	virtio_cread(vblk->vdev, struct vblk_config, capacity, &sectors);
	return sectors;
}

static void vblk_config_work(struct work_struct *work)
{
	struct virtio_blk *vblk = container_of(work, struct virtio_blk,
					       config_work);

	mutex_lock(&vblk->work_lock);
	if (vblk->vdev && !vblk->dead)
		set_capacity_and_notify(vblk->disk, capacity_of(vblk));
	mutex_unlock(&vblk->work_lock);
}

/* Hard irq. */
static void vblk_config_changed(struct virtio_device *vdev)
{
	struct virtio_blk *vblk = vdev->priv;

	queue_work(system_long_wq, &vblk->config_work);
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
			       (unsigned int)MAX_DEPTH);
	set->cmd_size = sizeof(struct vblk_req);
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
	vblk->disk->first_minor = vblk->index << PART_BITS;
	vblk->disk->minors = 1 << PART_BITS;
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
	INIT_WORK(&vblk->give_up_work, vblk_give_up_work);
	vblk->index = err = ida_alloc(&vblk_index, GFP_KERNEL);
	if (err < 0)
		goto out_free;
	err = alloc_queues(vblk);
	if (err)
		goto out_index;
	err = make_disk(vblk);
	if (err)
		goto out_vqs;
	set_limits(vblk);
	set_capacity(vblk->disk, capacity_of(vblk));
	virtio_device_ready(vdev);
	err = device_add_disk(&vdev->dev, vblk->disk, vblk_groups);
	if (!err)
		return 0;
	virtio_reset_device(vdev);
	vdev->config->del_vqs(vdev);
	free_queues(vblk);
	put_disk(vblk->disk);           /* frees vblk */
	return err;
out_vqs:
	vdev->config->del_vqs(vdev);
out_index:
	free_queues(vblk);
	ida_free(&vblk_index, vblk->index);
out_free:
	kfree(vblk);
	return err;
}

static void vblk_remove(struct virtio_device *vdev)
{
	struct virtio_blk *vblk = vdev->priv;
	struct vblk_req *vr;

	cancel_work_sync(&vblk->config_work);
	cancel_work_sync(&vblk->give_up_work);
	mutex_lock(&vblk->work_lock);
	if (vblk->dead || any_broken(vblk)) {
		blk_mark_disk_dead(vblk->disk);
		if (!vblk->dead)
			give_up(vblk);  /* gone without a word */
	}
	mutex_unlock(&vblk->work_lock);
	del_gendisk(vblk->disk);
	cancel_work_sync(&vblk->give_up_work);
	mutex_lock(&vblk->work_lock);
	virtio_reset_device(vdev);
	for (unsigned int i = 0; i < vblk->nr_queues; i++)
		while ((vr = virtqueue_detach_unused_buf(
				vblk->queues[i].vq)) != NULL)
			unpin(vr);
	vblk->vdev = NULL;
	mutex_unlock(&vblk->work_lock);
	vdev->config->del_vqs(vdev);
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
