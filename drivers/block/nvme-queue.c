/* SPDX-License-Identifier: MIT */
/*
 * nvme-queue.c -- pairs of rings between the kernel and an NVMe controller
 *
 * IDEA.  Commands go into a submission ring, answers come in a completion ring;
 * both lie in our memory.  The controller hears of new commands when we write
 * the ring's tail into its doorbell; we hear of answers by an interrupt, and
 * recognise a new one by its phase bit, which changes each time the ring wraps:
 *
 *	cq:  [1][1][1][0][0][0][0][0]      phase 1 is new on this round
 *	               ^ head: 3 answers were taken, none is waiting
 *
 * So no register is read to take an answer.  A command is named by its cid; for
 * disks' requests that is the request's tag.
 *
 * WHERE THE DATA LIE.  PRP 1 is the first page, and may begin within it.  PRP 2
 * is the second, if that is the last; else the address of a list of all others,
 * which begin where a page begins.
 *
 * INVARIANTS
 *   I1  At most depth - 1 commands are out, so the tail never meets the head:
 *       there are fewer tags than entries.
 *   I2  An answer whose cid nobody waits for is logged and dropped.
 *
 * LOCKING.  q->lock, irqs off.
 *
 * SEE NVMe 1.4, 4.1, 4.3, 4.6; docs/73-virtio.md for the other way to do this.
 *
 * EXERCISES.  1. What would an answer without a phase bit cost?  2. Why does
 * the controller tell sq_head in each answer, and why do we not look?
 */

#include "nvme.h"

#include <kernel/delay.h>
#include <kernel/dma-mapping.h>
#include <kernel/errno.h>
#include <kernel/jiffies.h>
#include <kernel/string.h>
#include <mm/slab.h>

int nvme_queue_alloc(struct nvme_dev *dev, u16 id, u16 depth)
{
	struct nvme_queue *q = &dev->queues[id];
	u8 __iomem *bell = dev->bar + NVME_DOORBELLS + 2 * id * dev->stride;

	spin_lock_init(&q->lock);
	q->dev = dev;
	q->id = id;
	q->depth = depth;
	q->doorbell = (u32 __iomem *)bell;
	q->cq_doorbell = (u32 __iomem *)(bell + dev->stride);
	q->sq = dma_alloc_coherent(&dev->pdev->dev, depth * sizeof(*q->sq),
				   &q->sq_dma, GFP_KERNEL);
	q->cq = dma_alloc_coherent(&dev->pdev->dev, depth * sizeof(*q->cq),
				   &q->cq_dma, GFP_KERNEL);
	if (!q->sq || !q->cq) {
		nvme_queue_free(q);
		return -ENOMEM;
	}
	nvme_queue_reset(q);
	return 0;
}

void nvme_queue_free(struct nvme_queue *q)
{
	if (!q->dev)
		return;
	dma_free_coherent(&q->dev->pdev->dev, q->depth * sizeof(*q->sq), q->sq,
			  q->sq_dma);
	dma_free_coherent(&q->dev->pdev->dev, q->depth * sizeof(*q->cq), q->cq,
			  q->cq_dma);
	q->sq = NULL;
	q->cq = NULL;
}

void nvme_queue_reset(struct nvme_queue *q)
{
	spin_lock_irq(&q->lock);
	memset(q->cq, 0, q->depth * sizeof(*q->cq));
	q->sq_tail = q->cq_head = 0;
	q->phase = 1;
	q->live = false;
	spin_unlock_irq(&q->lock);
}

int nvme_submit(struct nvme_queue *q, const struct nvme_command *c, bool last)
{
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&q->lock, flags);
	if (q->live) {
		q->sq[q->sq_tail] = *c;
		q->sq_tail = q->sq_tail + 1 == q->depth ? 0 : q->sq_tail + 1;
		if (last)
			writel(q->sq_tail, q->doorbell);
	} else {
		err = -ENODEV;
	}
	spin_unlock_irqrestore(&q->lock, flags);
	return err;
}

void nvme_ring(struct nvme_queue *q)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	if (q->live)
		writel(q->sq_tail, q->doorbell);
	spin_unlock_irqrestore(&q->lock, flags);
}

/* One answer; q->lock held. */
static void take_answer(struct nvme_queue *q, const struct nvme_completion *c)
{
	u16 cid = le16_to_cpu(READ_ONCE(c->cid));
	struct request *rq;
	struct nvme_req *nr;

	if (!q->id) {
		q->dev->admin_answer = *c;
		complete(&q->dev->admin_done);
		return;
	}
	rq = q->tags ? blk_mq_tag_to_rq(q->tags, cid) : NULL;
	if (!rq || !blk_mq_request_started(rq) ||
	    blk_mq_request_completed(rq)) {             /* I2 */
		pci_warn(q->dev->pdev, "nvme%d: queue %u answers %u, which nobody asked\n",
			 q->dev->index, q->id, cid);
		return;
	}
	nr = blk_mq_rq_to_pdu(rq);
	nr->status = le16_to_cpu(c->status);
	blk_mq_complete_request(rq);
}

bool nvme_poll(struct nvme_queue *q)
{
	unsigned long flags;
	bool any = false;

	spin_lock_irqsave(&q->lock, flags);
	while (q->live) {
		struct nvme_completion *c = &q->cq[q->cq_head];

		if ((le16_to_cpu(READ_ONCE(c->status)) & 1) != q->phase)
			break;
		dma_rmb();
		take_answer(q, c);
		if (++q->cq_head == q->depth) {
			q->cq_head = 0;
			q->phase ^= 1;
		}
		any = true;
	}
	if (any)
		writel(q->cq_head, q->cq_doorbell);
	spin_unlock_irqrestore(&q->lock, flags);
	return any;
}

int nvme_admin(struct nvme_dev *dev, struct nvme_command *c, u32 *result,
	       unsigned int ms)
{
	struct nvme_queue *q = &dev->queues[0];
	int err;

	mutex_lock(&dev->admin_mutex);
	reinit_completion(&dev->admin_done);
	c->cid = 0;
	err = nvme_submit(q, c, true);
	if (err)
		goto out;
	if (!wait_for_completion_timeout(&dev->admin_done,
					 msecs_to_jiffies(ms)) &&
	    !nvme_poll(q)) {
		/* It may still answer, into what we no longer look at. */
		spin_lock_irq(&q->lock);
		q->live = false;
		spin_unlock_irq(&q->lock);
		err = -ETIMEDOUT;
		goto out;
	}
	if (NVME_SC(le16_to_cpu(dev->admin_answer.status)))
		err = -EIO;
	else if (result)
		*result = le32_to_cpu(dev->admin_answer.result);
out:
	mutex_unlock(&dev->admin_mutex);
	return err;
}

bool nvme_map_prps(struct nvme_command *c, __le64 *list, struct scatterlist *sg,
		   int nents)
{
	unsigned int pages = 0;

	for (int i = 0; i < nents; i++, sg = sg_next(sg)) {
		dma_addr_t at = sg_phys(sg), end = at + sg->length;

		/* A gap inside can only be at the two ends of all. */
		if ((i && offset_in_page(at)) ||
		    (i < nents - 1 && offset_in_page(end)))
			return false;
		while (at < end) {
			if (!pages)
				c->prp1 = cpu_to_le64(at);
			else if (pages <= NVME_LIST_ENTRIES)
				list[pages - 1] = cpu_to_le64(at);
			else
				return false;
			pages++;
			at = (at & PAGE_MASK) + PAGE_SIZE;
		}
	}
	if (pages == 2)
		c->prp2 = list[0];
	else if (pages > 2)
		c->prp2 = cpu_to_le64(__pa(list));
	return pages > 0;
}
