/* SPDX-License-Identifier: MIT */
/*
 * virtio_blk-rq.c -- requests to virtual disks
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
 * LOCKING.  q->lock, irqs off: the virtqueue and its scratch list.
 *
 * SEE VIRTIO 1.1, 5.2.6; virtio_blk.c for what happens when no answer comes.
 */

#include "virtio_blk.h"

#include <kernel/errno.h>
#include <kernel/kernel.h>

/* Request types and their ends (5.2.6). */
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8, T_DISCARD = 11,
       T_WRITE_ZEROES = 13 };
enum { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2, S_NOT_ANSWERED = 0xff };
#define WRITE_ZEROES_UNMAP 1

struct vblk_header {
	__le32 type, ioprio;
	__le64 sector;
};

struct vblk_range {
	__le64 sector;
	__le32 nr_sectors, flags;
};

/* Lies behind each struct request. */
struct vblk_req {
	struct vblk_header header;
	struct vblk_range range;
	u8 status;
};

const unsigned int vblk_cmd_size = sizeof(struct vblk_req);

/* --- From the device ----------------------------------------------------- */

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

	blk_mq_end_request(rq, to_blk_status(vr->status));
}

/* What the device has done; q->lock held.  True: there was something. */
static bool take_done(struct virtqueue *vq)
{
	struct vblk_req *vr;
	unsigned int len;
	bool any = false;

	do {
		virtqueue_disable_cb(vq);
		while ((vr = virtqueue_get_buf(vq, &len)) != NULL) {
			blk_mq_complete_request(blk_mq_rq_from_pdu(vr));
			any = true;
		}
	} while (!virtqueue_enable_cb(vq));
	return any;
}

static void poll_queue(struct virtio_blk *vblk, struct vblk_queue *q)
{
	unsigned long flags;
	bool any = false;

	spin_lock_irqsave(&q->lock, flags);
	if (q->vq) {                    /* else a reset is under way */
		any = take_done(q->vq);
		if (virtqueue_is_broken(q->vq))
			vblk_want_reset(vblk);
	}
	spin_unlock_irqrestore(&q->lock, flags);
	if (any)
		blk_mq_start_stopped_hw_queues(vblk->disk->queue, true);
}

void vblk_done(struct virtqueue *vq)
{
	struct virtio_blk *vblk = vq->vdev->priv;

	poll_queue(vblk, &vblk->queues[vq->index]);
}

/* --- To the device ------------------------------------------------------- */

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

/* The ring takes nothing any more: after a reset it will, if one comes. */
static blk_status_t broken_ring(struct virtio_blk *vblk)
{
	if (READ_ONCE(vblk->going))
		return BLK_STS_IOERR;
	vblk_want_reset(vblk);
	return BLK_STS_RESOURCE;
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
	return broken_ring(vblk);
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

/* It may have been done, and the interrupt been lost. */
static enum blk_eh_timer_return vblk_timeout(struct request *rq)
{
	struct virtio_blk *vblk = rq->q->queuedata;

	poll_queue(vblk, &vblk->queues[rq->mq_hctx->queue_num]);
	if (blk_mq_request_completed(rq))
		return BLK_EH_DONE;
	vblk_want_reset(vblk);
	return BLK_EH_RESET_TIMER;
}

const struct blk_mq_ops vblk_mq_ops = {
	.queue_rq = vblk_queue_rq,
	.commit_rqs = vblk_commit,
	.complete = vblk_complete,
	.timeout = vblk_timeout,
	.map_queues = vblk_map_queues,
};
