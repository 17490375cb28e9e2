/* SPDX-License-Identifier: MIT */
/*
 * nvme-disk.c -- the namespaces of an NVMe controller as disks
 *
 * A namespace is a range of blocks with a number.  All of a controller share
 * its I/O queues and their tags; each has a request queue of its own, so that
 * the block layer schedules and counts them apart.
 *
 * A request becomes one command of 64 bytes: what, where (block and count), and
 * where the data lie (nvme-queue.c).  Blocks are 512 to 4096 bytes; requests
 * count in 512.
 *
 * LOCKING.  nvme.c's.  queue_rq and complete do not sleep.
 *
 * SEE NVMe 1.4, 6 (commands); nvme.c.
 */

#include "nvme.h"

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>
#include <mm/slab.h>

#define REQUEST_TIMEOUT (30 * HZ)

static struct kmem_cache *list_cache;

/* ---- requests ------------------------------------------------------------ */

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

/* Softirq: the controller has answered. */
static void nvme_complete(struct request *rq)
{
	struct nvme_req *nr = blk_mq_rq_to_pdu(rq);

	blk_mq_end_request(rq, to_blk_status(nr->status));
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

int nvme_setup_tags(struct nvme_dev *dev)
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

/* ---- disks --------------------------------------------------------------- */

static void nvme_free_disk(struct gendisk *disk)
{
	struct nvme_ns *ns = disk->private_data;

	nvme_put(ns->dev);
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
int nvme_add_disk(struct nvme_dev *dev, u32 nsid, const u8 *id)
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
	nvme_get(dev);
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
		put_disk(ns->disk);     /* never added: free_disk() is ours */
		nvme_put(dev);
		kfree(ns);
	}
	return err;
}

int nvme_disk_init(void)
{
	/* Aligned to its size: no list crosses a page. */
	list_cache = kmem_cache_create("nvme_list", NVME_LIST_BYTES,
				       NVME_LIST_BYTES, 0, NULL);
	return list_cache ? 0 : -ENOMEM;
}
