/* SPDX-License-Identifier: MIT */
/*
 * nvme.c -- disks behind NVM Express controllers: nvme0n1, nvme0n2, ...
 *
 * PROMISE.  A request that was started ends exactly once: by the controller's
 * answer, or with an error when the controller is silent or gone.
 *
 * IDEA.  A controller has one admin queue, by which it is told everything else,
 * and as many I/O queues as it grants; each serves some CPUs and interrupts
 * them by a vector of its own.  A namespace is a disk; the disks of a controller
 * share its queues.
 *
 *	enable -> identify controller -> how many queues? -> create them
 *	       -> identify each namespace -> disks
 *
 * SILENCE.  A request that is out for too long is first looked for: its
 * interrupt may have been lost.  If it is really out, the controller is reset:
 * what was out is started once more, and what was out for the second time fails.
 * A controller that does not come back is dead: everything fails.
 *
 * RACES.  While the rings are taken apart nobody may be in queue_rq: the disks
 * are quiesced; nor in the interrupt: the queues are not live, under their lock.
 *
 * LOCKING.  work_lock (mutex): reset and removal, one at a time; it is taken
 * before admin_mutex.  Queues have their own lock (nvme-queue.c).
 *
 * NOT DONE.  Namespaces that come and go while it runs, several paths,
 * metadata, abort.
 *
 * SEE NVMe 1.4, 7.6 (initialisation); docs/74-block-layer.md.
 */

#include "nvme.h"

#include <kernel/delay.h>
#include <kernel/dma-mapping.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/idr.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>
#include <mm/slab.h>

#define REQUEST_TIMEOUT (30 * HZ)
#define ADMIN_TIMEOUT_MS 10000
#define MAX_NAMESPACES 32

static DEFINE_IDA(nvme_index);
static struct kmem_cache *list_cache;
static DEFINE_SPINLOCK(users_lock);     /* dev->users */

/* The last of the controller's disks to be closed frees it. */
static void dev_put(struct nvme_dev *dev)
{
	bool last;

	spin_lock(&users_lock);
	last = --dev->users == 0;
	spin_unlock(&users_lock);
	if (!last)
		return;
	ida_free(&nvme_index, dev->index);
	kfree(dev);
}

static void dev_get(struct nvme_dev *dev)
{
	spin_lock(&users_lock);
	dev->users++;
	spin_unlock(&users_lock);
}

/* ---- requests ------------------------------------------------------------- */

static blk_status_t to_blk_status(u16 status)
{
	switch (NVME_SC(status)) {
	case 0: return BLK_STS_OK;
	case NVME_SC_INVALID_OPCODE: return BLK_STS_NOTSUPP;
	case NVME_SC_WRITE_FAULT:
	case NVME_SC_READ_ERROR: return BLK_STS_MEDIUM;
	default: return BLK_STS_IOERR;
	}
}

static void end_request(struct request *rq, blk_status_t status)
{
	struct nvme_req *nr = blk_mq_rq_to_pdu(rq);

	nr->tried = false;
	blk_mq_end_request(rq, status);
}

/* Softirq: the controller has answered. */
static void nvme_complete(struct request *rq)
{
	struct nvme_req *nr = blk_mq_rq_to_pdu(rq);

	end_request(rq, to_blk_status(nr->status));
}

static u64 to_lba(const struct nvme_ns *ns, sector_t sector)
{
	return sector >> (ns->lba_shift - SECTOR_SHIFT);
}

/* First block and number of blocks, as read, write and zeroes want them. */
static void set_range(struct nvme_command *c, const struct nvme_ns *ns,
		      const struct request *rq)
{
	u64 lba = to_lba(ns, blk_rq_pos(rq));

	c->cdw10 = cpu_to_le32(lba);
	c->cdw11 = cpu_to_le32(lba >> 32);
	c->cdw12 = cpu_to_le32((blk_rq_bytes(rq) >> ns->lba_shift) - 1);
}

static blk_status_t prepare_rw(struct nvme_command *c, const struct nvme_ns *ns,
			       struct request *rq)
{
	struct scatterlist sg[NVME_LIST_ENTRIES + 2];
	struct nvme_req *nr = blk_mq_rq_to_pdu(rq);
	int n;

	set_range(c, ns, rq);
	if (rq->cmd_flags & REQ_FUA)
		c->cdw12 |= cpu_to_le32(NVME_RW_FUA);
	sg_init_table(sg, ARRAY_SIZE(sg));
	n = blk_rq_map_sg(rq->q, rq, sg);
	return nvme_map_prps(c, nr->list, sg, n) ? BLK_STS_OK : BLK_STS_IOERR;
}

static void prepare_discard(struct nvme_command *c, const struct nvme_ns *ns,
			    struct request *rq)
{
	struct nvme_req *nr = blk_mq_rq_to_pdu(rq);

	nr->range.attributes = 0;
	nr->range.blocks = cpu_to_le32(blk_rq_bytes(rq) >> ns->lba_shift);
	nr->range.lba = cpu_to_le64(to_lba(ns, blk_rq_pos(rq)));
	/* The list is not in use; 16 bytes of it cross no page. */
	memcpy(nr->list, &nr->range, sizeof(nr->range));
	c->prp1 = cpu_to_le64(__pa(nr->list));
	c->cdw10 = 0;                           /* one range */
	c->cdw11 = cpu_to_le32(NVME_DSM_DEALLOCATE);
}

static blk_status_t prepare(struct nvme_command *c, const struct nvme_ns *ns,
			    struct request *rq)
{
	memset(c, 0, sizeof(*c));
	c->cid = cpu_to_le16(rq->tag);
	c->nsid = cpu_to_le32(ns->nsid);
	switch (req_op(rq)) {
	case REQ_OP_READ:
		c->opcode = NVME_READ;
		return prepare_rw(c, ns, rq);
	case REQ_OP_WRITE:
		c->opcode = NVME_WRITE;
		return prepare_rw(c, ns, rq);
	case REQ_OP_FLUSH:
		c->opcode = NVME_FLUSH;
		return BLK_STS_OK;
	case REQ_OP_DISCARD:
		c->opcode = NVME_DSM;
		prepare_discard(c, ns, rq);
		return BLK_STS_OK;
	case REQ_OP_WRITE_ZEROES:
		c->opcode = NVME_WRITE_ZEROES;
		set_range(c, ns, rq);
		if (!(rq->cmd_flags & REQ_NOUNMAP))
			c->cdw12 |= cpu_to_le32(NVME_ZEROES_DEALLOCATE);
		return BLK_STS_OK;
	default:
		return BLK_STS_NOTSUPP;
	}
}

static blk_status_t nvme_queue_rq(struct blk_mq_hw_ctx *hctx,
				  const struct blk_mq_queue_data *bd)
{
	struct nvme_ns *ns = hctx->queue->queuedata;
	struct nvme_queue *q = hctx->driver_data;
	struct nvme_command c;
	blk_status_t status;

	if (READ_ONCE(ns->dev->dead))
		return BLK_STS_IOERR;
	status = prepare(&c, ns, bd->rq);
	if (status)
		return status;
	blk_mq_start_request(bd->rq);
	/* Not live outside of a reset, which quiesces: the device is going. */
	return nvme_submit(q, &c, bd->last) ? BLK_STS_IOERR : BLK_STS_OK;
}

static void nvme_commit(struct blk_mq_hw_ctx *hctx)
{
	nvme_ring(hctx->driver_data);
}

static int nvme_init_hctx(struct blk_mq_hw_ctx *hctx, void *driver_data,
			  unsigned int index)
{
	struct nvme_dev *dev = driver_data;
	struct nvme_queue *q = &dev->queues[index + 1];

	q->tags = dev->tag_set.tags[index];
	hctx->driver_data = q;
	return 0;
}

static int nvme_init_request(struct blk_mq_tag_set *set, struct request *rq,
			     unsigned int hctx, unsigned int node)
{
	struct nvme_req *nr = blk_mq_rq_to_pdu(rq);

	nr->list = kmem_cache_alloc(list_cache, GFP_KERNEL);
	return nr->list ? 0 : -ENOMEM;
}

static void nvme_exit_request(struct blk_mq_tag_set *set, struct request *rq,
			      unsigned int hctx)
{
	struct nvme_req *nr = blk_mq_rq_to_pdu(rq);

	kmem_cache_free(list_cache, nr->list);
}

static void nvme_map_queues(struct blk_mq_tag_set *set)
{
	struct nvme_dev *dev = set->driver_data;
	struct blk_mq_queue_map *map = &set->map[HCTX_TYPE_DEFAULT];
	unsigned int cpu;

	blk_mq_map_queues(map);
	if (dev->nr_vectors <= dev->nr_io)
		return;                 /* they share vectors */
	for (unsigned int i = 0; i < map->nr_queues; i++) {
		const struct cpumask *m = pci_irq_get_affinity(dev->pdev, i + 1);

		if (!m)
			return;
		for_each_cpu(cpu, m)
			map->mq_map[cpu] = i;
	}
}

static enum blk_eh_timer_return nvme_timeout(struct request *rq)
{
	struct nvme_ns *ns = rq->q->queuedata;
	struct nvme_queue *q = rq->mq_hctx->driver_data;

	if (nvme_poll(q) && blk_mq_request_completed(rq)) {
		pci_warn(ns->dev->pdev, "%s: an interrupt was lost\n",
			 ns->disk->disk_name);
		return BLK_EH_DONE;
	}
	queue_work(system_long_wq, &ns->dev->reset_work);
	return BLK_EH_RESET_TIMER;
}

static const struct blk_mq_ops nvme_mq_ops = {
	.queue_rq = nvme_queue_rq,
	.commit_rqs = nvme_commit,
	.complete = nvme_complete,
	.timeout = nvme_timeout,
	.init_hctx = nvme_init_hctx,
	.init_request = nvme_init_request,
	.exit_request = nvme_exit_request,
	.map_queues = nvme_map_queues,
};

/* Hard irq: of one vector, and all queues that use it. */
static irqreturn_t nvme_irq(int irq, void *data)
{
	struct nvme_queue *q = data;
	struct nvme_dev *dev = q->dev;
	bool any = nvme_poll(q);

	if (dev->nr_vectors == 1)
		for (unsigned int i = 1; i <= dev->nr_io; i++)
			any |= nvme_poll(&dev->queues[i]);
	return any ? IRQ_HANDLED : IRQ_NONE;
}

/* ---- the controller ------------------------------------------------------- */

/* Wait until the ready bit is as `want`: 0, -ENODEV (gone), -EIO, -ETIMEDOUT. */
static int wait_ready(struct nvme_dev *dev, bool want)
{
	unsigned long end = jiffies +
		(NVME_CAP_TIMEOUT(dev->cap) + 1) * (HZ / 2) + 1;

	for (;;) {
		u32 csts = readl(dev->bar + NVME_CSTS);

		if (csts == ~0u)
			return -ENODEV;
		if (!!(csts & NVME_CSTS_READY) == want)
			return 0;
		if (want && csts & NVME_CSTS_FATAL)
			return -EIO;
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		msleep(1);
	}
}

static int disable(struct nvme_dev *dev)
{
	u32 cc = readl(dev->bar + NVME_CC);

	if (cc == ~0u)
		return -ENODEV;
	for (unsigned int i = 0; i <= dev->nr_io; i++)
		if (dev->queues[i].dev)
			nvme_queue_reset(&dev->queues[i]);
	writel(cc & ~NVME_CC_ENABLE, dev->bar + NVME_CC);
	return wait_ready(dev, false);
}

/* Off and on again, with an empty admin queue. */
static int enable(struct nvme_dev *dev)
{
	struct nvme_queue *q = &dev->queues[0];
	int err = disable(dev);

	if (err)
		return err;
	writel((q->depth - 1) << 16 | (q->depth - 1), dev->bar + NVME_AQA);
	writeq(q->sq_dma, dev->bar + NVME_ASQ);
	writeq(q->cq_dma, dev->bar + NVME_ACQ);
	writel(NVME_CC_ENABLE | NVME_CC_IOSQES | NVME_CC_IOCQES,
	       dev->bar + NVME_CC);
	err = wait_ready(dev, true);
	spin_lock_irq(&q->lock);
	q->live = !err;
	spin_unlock_irq(&q->lock);
	return err;
}

static int identify(struct nvme_dev *dev, u32 nsid, u32 what, void *page)
{
	struct nvme_command c = {
		.opcode = NVME_ADMIN_IDENTIFY, .nsid = cpu_to_le32(nsid),
		.prp1 = cpu_to_le64(__pa(page)), .cdw10 = cpu_to_le32(what),
	};

	return nvme_admin(dev, &c, NULL, ADMIN_TIMEOUT_MS);
}

/* A field of text, padded with blanks. */
static void copy_text(char *to, const u8 *from, size_t n)
{
	memcpy(to, from, n);
	to[n] = '\0';
	while (n && (to[n - 1] == ' ' || !to[n - 1]))
		to[--n] = '\0';
}

/* What it is and can do.  *nn: namespaces. */
static int identify_controller(struct nvme_dev *dev, u32 *nn)
{
	u8 *id = (u8 *)get_zeroed_page(GFP_KERNEL);
	u32 sectors = NVME_MAX_SECTORS;
	int err;

	if (!id)
		return -ENOMEM;
	err = identify(dev, 0, NVME_IDENTIFY_CONTROLLER, id);
	if (!err) {
		copy_text(dev->serial, id + 4, 20);
		copy_text(dev->model, id + 24, 40);
		copy_text(dev->firmware, id + 64, 8);
		if (id[77] && id[77] < 12)
			sectors = 8u << (NVME_CAP_MPSMIN(dev->cap) + id[77]);
		dev->max_sectors = min(sectors, NVME_MAX_SECTORS);
		*nn = le32_to_cpu(*(__le32 *)(id + 516));
		dev->oncs = le16_to_cpu(*(__le16 *)(id + 520));
		dev->write_cache = id[525] & 1;
	}
	free_page((unsigned long)id);
	return err;
}

static unsigned int vector_of(const struct nvme_dev *dev, unsigned int id)
{
	return dev->nr_vectors == 1 ? 0 : id;
}

/* Both rings of one I/O queue, at the controller. */
static int create_queue(struct nvme_dev *dev, struct nvme_queue *q)
{
	u32 size_id = (u32)(q->depth - 1) << 16 | q->id;
	struct nvme_command cq = {
		.opcode = NVME_ADMIN_CREATE_CQ,
		.prp1 = cpu_to_le64(q->cq_dma), .cdw10 = cpu_to_le32(size_id),
		/* contiguous, with interrupts, by this vector */
		.cdw11 = cpu_to_le32(vector_of(dev, q->id) << 16 | 3),
	};
	struct nvme_command sq = {
		.opcode = NVME_ADMIN_CREATE_SQ,
		.prp1 = cpu_to_le64(q->sq_dma), .cdw10 = cpu_to_le32(size_id),
		.cdw11 = cpu_to_le32((u32)q->id << 16 | 1),
	};
	int err = nvme_admin(dev, &cq, NULL, ADMIN_TIMEOUT_MS);

	if (!err)
		err = nvme_admin(dev, &sq, NULL, ADMIN_TIMEOUT_MS);
	spin_lock_irq(&q->lock);
	q->live = !err;
	spin_unlock_irq(&q->lock);
	return err;
}

/* How many I/O queues it grants of `want`, or -errno. */
static int ask_queues(struct nvme_dev *dev, unsigned int want)
{
	struct nvme_command c = {
		.opcode = NVME_ADMIN_SET_FEATURES,
		.cdw10 = cpu_to_le32(NVME_FEAT_NUM_QUEUES),
		.cdw11 = cpu_to_le32((want - 1) << 16 | (want - 1)),
	};
	u32 got = 0;
	int err = nvme_admin(dev, &c, &got, ADMIN_TIMEOUT_MS);

	if (err)
		return err;
	return min3(want, (got & 0xffff) + 1, (got >> 16) + 1);
}

/* On, with all its queues; nr_io must not change any more (a reset). */
static int start(struct nvme_dev *dev)
{
	int err = enable(dev);

	if (!err)
		err = ask_queues(dev, dev->nr_io);
	if (err >= 0)
		err = (unsigned int)err < dev->nr_io ? -EIO : 0;
	for (unsigned int i = 1; !err && i <= dev->nr_io; i++)
		err = create_queue(dev, &dev->queues[i]);
	return err;
}

/* ---- silence -------------------------------------------------------------- */

static bool take_back(struct request *rq, void *retry)
{
	struct nvme_req *nr = blk_mq_rq_to_pdu(rq);

	if (blk_mq_request_completed(rq))
		return true;
	if (retry && !nr->tried) {
		nr->tried = true;
		blk_mq_requeue_request(rq, false);
	} else {
		end_request(rq, BLK_STS_IOERR);
	}
	return true;
}

static void quiesce_all(struct nvme_dev *dev)
{
	struct nvme_ns *ns;

	list_for_each_entry(ns, &dev->namespaces, link)
		blk_mq_quiesce_queue(ns->disk->queue);
}

static void go_on_all(struct nvme_dev *dev)
{
	struct nvme_ns *ns;

	list_for_each_entry(ns, &dev->namespaces, link) {
		blk_mq_unquiesce_queue(ns->disk->queue);
		blk_mq_kick_requeue_list(ns->disk->queue);
	}
}

static void nvme_reset_work(struct work_struct *work)
{
	struct nvme_dev *dev = container_of(work, struct nvme_dev, reset_work);
	int err;

	mutex_lock(&dev->work_lock);
	if (dev->removed || dev->dead)
		goto out;
	pci_warn(dev->pdev, "nvme%d: no answer, resetting the controller\n",
		 dev->index);
	quiesce_all(dev);
	err = disable(dev);
	/* Disabled or gone: it touches nothing of ours any more. */
	blk_mq_tagset_busy_iter(&dev->tag_set, take_back, err ? NULL : dev);
	if (!err)
		err = start(dev);
	if (err) {
		pci_err(dev->pdev, "nvme%d: given up: %d\n", dev->index, err);
		WRITE_ONCE(dev->dead, true);
	}
	go_on_all(dev);
out:
	mutex_unlock(&dev->work_lock);
}

/* ---- disks ---------------------------------------------------------------- */

static void nvme_free_disk(struct gendisk *disk)
{
	struct nvme_ns *ns = disk->private_data;

	dev_put(ns->dev);
	kfree(ns);
}

static const struct block_device_operations nvme_fops = {
	.free_disk = nvme_free_disk,
};

static void set_limits(struct nvme_ns *ns)
{
	struct request_queue *q = ns->disk->queue;
	u32 block = 1u << ns->lba_shift;

	blk_queue_logical_block_size(q, block);
	blk_queue_physical_block_size(q, block);
	blk_queue_max_hw_sectors(q, ns->dev->max_sectors);
	blk_queue_max_segments(q, NVME_LIST_ENTRIES + 1);
	blk_queue_virt_boundary(q, PAGE_SIZE - 1);
	blk_queue_write_cache(q, ns->dev->write_cache, true);
	blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	if (ns->dev->oncs & NVME_ONCS_DSM) {
		q->limits.discard_granularity = block;
		blk_queue_max_discard_sectors(q, UINT_MAX >> 9);
		blk_queue_max_discard_segments(q, 1);
	}
	if (ns->dev->oncs & NVME_ONCS_WRITE_ZEROES)
		blk_queue_max_write_zeroes_sectors(q, 0x10000 <<
						   (ns->lba_shift - 9));
}

static ssize_t serial_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct nvme_ns *ns = dev_to_disk(dev)->private_data;

	return sysfs_emit(buf, "%s\n", ns->dev->serial);
}
static DEVICE_ATTR_RO(serial);

static ssize_t model_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct nvme_ns *ns = dev_to_disk(dev)->private_data;

	return sysfs_emit(buf, "%s\n", ns->dev->model);
}
static DEVICE_ATTR_RO(model);

static ssize_t nsid_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct nvme_ns *ns = dev_to_disk(dev)->private_data;

	return sysfs_emit(buf, "%u\n", ns->nsid);
}
static DEVICE_ATTR_RO(nsid);

static struct attribute *nvme_attrs[] = {
	&dev_attr_serial.attr, &dev_attr_model.attr, &dev_attr_nsid.attr, NULL,
};
static const struct attribute_group nvme_group = { .attrs = nvme_attrs };
static const struct attribute_group *nvme_groups[] = { &nvme_group, NULL };

/* The identify page of a namespace: its size and the size of its blocks. */
static int add_disk_of(struct nvme_dev *dev, u32 nsid, const u8 *id)
{
	u64 blocks = le64_to_cpu(*(const __le64 *)id);
	const u8 *format = id + 128 + 4 * (id[26] & 0xf);
	u8 shift = format[2];
	struct nvme_ns *ns;
	int err;

	if (!blocks)
		return 0;               /* there is none of this number */
	if (shift < SECTOR_SHIFT || shift > PAGE_SHIFT || format[0] || format[1] ||
	    blocks >> (63 - shift)) {
		pci_warn(dev->pdev, "nvme%dn%u: blocks of 2^%u bytes with %u of metadata\n",
			 dev->index, nsid, shift, format[0] | format[1] << 8);
		return 0;
	}
	ns = kzalloc(sizeof(*ns), GFP_KERNEL);
	if (!ns)
		return -ENOMEM;
	ns->dev = dev;
	ns->nsid = nsid;
	ns->lba_shift = shift;
	ns->disk = blk_mq_alloc_disk(&dev->tag_set, ns);
	if (IS_ERR(ns->disk)) {
		err = PTR_ERR(ns->disk);
		kfree(ns);
		return err;
	}
	dev_get(dev);
	snprintf(ns->disk->disk_name, sizeof(ns->disk->disk_name), "nvme%dn%u",
		 dev->index, nsid);
	ns->disk->private_data = ns;
	ns->disk->fops = &nvme_fops;
	set_limits(ns);
	set_capacity(ns->disk, blocks << (shift - SECTOR_SHIFT));
	mutex_lock(&dev->work_lock);
	list_add_tail(&ns->link, &dev->namespaces);
	mutex_unlock(&dev->work_lock);
	err = device_add_disk(&dev->pdev->dev, ns->disk, nvme_groups);
	if (err) {
		mutex_lock(&dev->work_lock);
		list_del(&ns->link);
		mutex_unlock(&dev->work_lock);
		put_disk(ns->disk);     /* frees ns */
	}
	return err;
}

/* What cannot be used is logged and left out. */
static int add_disks(struct nvme_dev *dev, u32 nn)
{
	u8 *id = (u8 *)get_zeroed_page(GFP_KERNEL);
	int err = 0;

	if (!id)
		return -ENOMEM;
	if (nn > MAX_NAMESPACES)
		nn = MAX_NAMESPACES;
	for (u32 nsid = 1; nsid <= nn; nsid++) {
		memset(id, 0, PAGE_SIZE);
		if (identify(dev, nsid, NVME_IDENTIFY_NAMESPACE, id))
			continue;
		err = add_disk_of(dev, nsid, id);
		if (err)
			pci_err(dev->pdev, "nvme%dn%u: %d\n", dev->index, nsid,
				err);
	}
	free_page((unsigned long)id);
	return err;
}

/* ---- coming and going ----------------------------------------------------- */

static void free_irqs(struct nvme_dev *dev)
{
	for (unsigned int i = 0; i <= dev->nr_io; i++)
		if (dev->queues[i].has_irq)
			pci_free_irq(dev->pdev, i, &dev->queues[i]);
	pci_free_irq_vectors(dev->pdev);
}

static int request_vector(struct nvme_dev *dev, unsigned int i)
{
	struct nvme_queue *q = &dev->queues[i];
	int err = pci_request_irq(dev->pdev, i, nvme_irq, NULL, q, "nvme%dq%u",
				  dev->index, i);

	q->has_irq = !err;
	return err;
}

/* Vectors: 0 is the admin queue's, the others are spread over the CPUs. */
static int setup_irqs(struct nvme_dev *dev, unsigned int queues)
{
	struct irq_affinity affd = { .pre_vectors = 1 };
	int n = pci_alloc_irq_vectors_affinity(dev->pdev, 1, queues + 1,
					       PCI_IRQ_ALL_TYPES |
					       PCI_IRQ_AFFINITY, &affd);

	if (n < 0)
		return n;
	dev->nr_vectors = n;
	dev->nr_io = n > 1 ? (unsigned int)n - 1 : 1;
	return request_vector(dev, 0);
}

static int setup_tags(struct nvme_dev *dev)
{
	struct blk_mq_tag_set *set = &dev->tag_set;

	set->ops = &nvme_mq_ops;
	set->nr_hw_queues = set->map[0].nr_queues = dev->nr_io;
	set->nr_maps = 1;
	set->queue_depth = dev->queues[1].depth - 1;    /* I1 of nvme-queue.c */
	set->cmd_size = sizeof(struct nvme_req);
	set->flags = BLK_MQ_F_SHOULD_MERGE;
	set->timeout = REQUEST_TIMEOUT;
	set->numa_node = -1;
	set->driver_data = dev;
	return blk_mq_alloc_tag_set(set);
}

static int setup_queues(struct nvme_dev *dev)
{
	u16 depth = min(NVME_CAP_MQES(dev->cap), (u32)NVME_DEPTH);
	int err, got;

	got = ask_queues(dev, dev->nr_io);
	if (got < 0)
		return got;
	dev->nr_io = got;
	for (unsigned int i = 1; i <= dev->nr_io; i++) {
		err = nvme_queue_alloc(dev, i, depth);
		if (!err && dev->nr_vectors > 1)
			err = request_vector(dev, i);
		if (!err)
			err = create_queue(dev, &dev->queues[i]);
		if (err)
			return err;
	}
	return setup_tags(dev);
}

static int map_bar(struct nvme_dev *dev)
{
	dev->bar = pci_iomap(dev->pdev, 0, 0);
	if (!dev->bar)
		return -ENOMEM;
	if (readl(dev->bar + NVME_CSTS) == ~0u)
		return -ENODEV;
	dev->cap = readq(dev->bar + NVME_CAP);
	dev->stride = 4u << NVME_CAP_STRIDE(dev->cap);
	if (NVME_CAP_MPSMIN(dev->cap) || NVME_CAP_MQES(dev->cap) < NVME_ADMIN_DEPTH) {
		pci_err(dev->pdev, "wants larger pages, or has tiny queues\n");
		return -ENODEV;
	}
	/* The last doorbell that we may ring must be there. */
	if (pci_resource_len(dev->pdev, 0) <
	    NVME_DOORBELLS + 2 * (dev->nr_io + 1) * dev->stride)
		dev->nr_io = 1;
	return 0;
}

/* Whatever bring_up() had done is undone, in reverse order. */
static void tear_down(struct nvme_dev *dev)
{
	if (dev->bar && dev->queues[0].dev)
		disable(dev);
	free_irqs(dev);
	for (unsigned int i = 0; i <= dev->nr_io; i++)
		nvme_queue_free(&dev->queues[i]);
	if (dev->bar)
		pci_iounmap(dev->pdev, dev->bar);
	pci_release_regions(dev->pdev);
	pci_disable_device(dev->pdev);
	kfree(dev->queues);
}

static int bring_up(struct nvme_dev *dev, u32 *nn)
{
	int err = map_bar(dev);

	if (!err)
		err = setup_irqs(dev, dev->nr_io);
	if (!err)
		err = nvme_queue_alloc(dev, 0, NVME_ADMIN_DEPTH);
	if (!err)
		err = enable(dev);
	if (!err)
		err = identify_controller(dev, nn);
	if (!err)
		err = setup_queues(dev);
	return err;
}

static struct nvme_dev *alloc_dev(struct pci_dev *pdev)
{
	struct nvme_dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	dev->nr_io = nr_cpu_ids;
	dev->queues = kcalloc(dev->nr_io + 1, sizeof(*dev->queues), GFP_KERNEL);
	dev->index = dev->queues ? ida_alloc(&nvme_index, GFP_KERNEL) : -1;
	if (dev->index < 0) {
		kfree(dev->queues);
		kfree(dev);
		return NULL;
	}
	dev->pdev = pdev;
	dev->users = 1;
	INIT_LIST_HEAD(&dev->namespaces);
	mutex_init(&dev->admin_mutex);
	mutex_init(&dev->work_lock);
	init_completion(&dev->admin_done);
	INIT_WORK(&dev->reset_work, nvme_reset_work);
	return dev;
}

static int nvme_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct nvme_dev *dev = alloc_dev(pdev);
	u32 nn = 0;
	int err;

	if (!dev)
		return -ENOMEM;
	pci_set_drvdata(pdev, dev);
	err = pci_enable_device(pdev);
	if (err)
		goto out_free;
	err = pci_request_regions(pdev, "nvme");
	if (err)
		goto out_disable;
	pci_set_master(pdev);
	err = bring_up(dev, &nn);
	if (err) {
		tear_down(dev);
		dev_put(dev);
		return err;
	}
	pci_info(pdev, "nvme%d: %s, %u queues of %u\n", dev->index, dev->model,
		 dev->nr_io, dev->queues[1].depth);
	add_disks(dev, nn);
	return 0;
out_disable:
	pci_disable_device(pdev);
out_free:
	kfree(dev->queues);
	dev_put(dev);
	return err;
}

/* Pulled out without a word: what is out will not come back. */
static void fail_all(struct nvme_dev *dev)
{
	struct nvme_ns *ns;

	WRITE_ONCE(dev->dead, true);
	list_for_each_entry(ns, &dev->namespaces, link)
		blk_mark_disk_dead(ns->disk);
	quiesce_all(dev);
	for (unsigned int i = 0; i <= dev->nr_io; i++)
		nvme_queue_reset(&dev->queues[i]);
	blk_mq_tagset_busy_iter(&dev->tag_set, take_back, NULL);
	go_on_all(dev);
}

static void nvme_remove(struct pci_dev *pdev)
{
	struct nvme_dev *dev = pci_get_drvdata(pdev);
	struct nvme_ns *ns, *next;

	mutex_lock(&dev->work_lock);
	if (!pci_device_is_present(pdev) && !dev->dead)
		fail_all(dev);
	mutex_unlock(&dev->work_lock);
	list_for_each_entry(ns, &dev->namespaces, link)
		del_gendisk(ns->disk);
	mutex_lock(&dev->work_lock);
	dev->removed = true;
	mutex_unlock(&dev->work_lock);
	cancel_work_sync(&dev->reset_work);
	tear_down(dev);
	list_for_each_entry_safe(ns, next, &dev->namespaces, link)
		put_disk(ns->disk);     /* frees ns with its last opener */
	blk_mq_free_tag_set(&dev->tag_set);
	dev_put(dev);
}

/* Off in order: the controller writes its cache out. */
static void nvme_shutdown(struct pci_dev *pdev)
{
	struct nvme_dev *dev = pci_get_drvdata(pdev);
	u32 cc = readl(dev->bar + NVME_CC);

	if (dev->dead || cc == ~0u)
		return;
	writel(cc | NVME_CC_SHN_NORMAL, dev->bar + NVME_CC);
	for (int i = 0; i < 1000; i++) {
		if ((readl(dev->bar + NVME_CSTS) & NVME_CSTS_SHST_MASK) ==
		    NVME_CSTS_SHST_DONE)
			return;
		msleep(1);
	}
}

static const struct pci_device_id nvme_ids[] = {
	{ PCI_DEVICE_CLASS(0x010802, 0xffffff) },
	{ 0 },
};

static struct pci_driver nvme_driver = {
	.name = "nvme",
	.id_table = nvme_ids,
	.probe = nvme_probe,
	.remove = nvme_remove,
	.shutdown = nvme_shutdown,
};

static int nvme_init(void)
{
	/* Aligned to its size: no list crosses a page. */
	list_cache = kmem_cache_create("nvme_list", NVME_LIST_BYTES,
				       NVME_LIST_BYTES, 0, NULL);
	if (!list_cache)
		return -ENOMEM;
	return pci_register_driver(&nvme_driver);
}
module_init(nvme_init);
