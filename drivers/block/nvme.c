/* SPDX-License-Identifier: MIT */
/*
 * nvme.c -- NVM Express controllers: nvme0, nvme1, ...
 *
 * PROMISE.  A request that was started ends exactly once: by the controller's
 * answer, or with an error when the controller is silent or gone.
 *
 * IDEA.  A controller has one admin queue, by which it is told everything else,
 * and as many I/O queues as it grants; each serves some CPUs and interrupts
 * them by a vector of its own.  A namespace is a disk; the disks of a
 * controller share its queues.
 *
 *	enable -> identify controller -> how many queues? -> create them
 *	       -> identify each namespace -> disks
 *
 * SILENCE.  A request that is out for too long is first looked for: its
 * interrupt may have been lost.  If it is really out, the controller is reset:
 * what was out is started once more, and what was out for the second time
 * fails. A controller that does not come back is dead: everything fails.
 *
 * RACES.  While the rings are taken apart nobody may be in queue_rq: the disks
 * are quiesced; nor in the interrupt: the queues are not live, under their
 * lock.
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

#define ADMIN_TIMEOUT_MS 10000
#define MAX_NAMESPACES 32

static DEFINE_IDA(nvme_index);
static DEFINE_SPINLOCK(users_lock);     /* dev->users */

/* The last of the controller's disks to be closed frees it. */
void nvme_put(struct nvme_dev *dev)
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

void nvme_get(struct nvme_dev *dev)
{
	spin_lock(&users_lock);
	dev->users++;
	spin_unlock(&users_lock);
}

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

/* ---- the controller ------------------------------------------------------ */

/* Wait until the ready bit is as `want`: 0, -ENODEV (gone), -EIO,
 * -ETIMEDOUT. */
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

/* ---- silence ------------------------------------------------------------- */

/* What was out for the second time fails; all of it without a controller. */
static enum blk_verdict verdict(struct request *rq, void *usable)
{
	return usable ? BLK_ONCE_MORE : BLK_FAILS;
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
	blk_mq_quiesce_tagset(&dev->tag_set);
	err = disable(dev);
	/* Disabled or gone: it touches nothing of ours any more. */
	blk_mq_take_back(&dev->tag_set, verdict, err ? NULL : dev);
	if (!err)
		err = start(dev);
	if (err) {
		pci_err(dev->pdev, "nvme%d: given up: %d\n", dev->index, err);
		WRITE_ONCE(dev->dead, true);
	}
	blk_mq_go_on_tagset(&dev->tag_set);
out:
	mutex_unlock(&dev->work_lock);
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
		err = nvme_add_disk(dev, nsid, id);
		if (err)
			pci_err(dev->pdev, "nvme%dn%u: %d\n", dev->index, nsid,
				err);
	}
	free_page((unsigned long)id);
	return err;
}

/* ---- coming and going ---------------------------------------------------- */

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
	return nvme_setup_tags(dev);
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
		nvme_put(dev);
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
	nvme_put(dev);
	return err;
}

/* Pulled out without a word: what is out will not come back. */
static void fail_all(struct nvme_dev *dev)
{
	struct nvme_ns *ns;

	WRITE_ONCE(dev->dead, true);
	list_for_each_entry(ns, &dev->namespaces, link)
		blk_mark_disk_dead(ns->disk);
	blk_mq_quiesce_tagset(&dev->tag_set);
	for (unsigned int i = 0; i <= dev->nr_io; i++)
		nvme_queue_reset(&dev->queues[i]);
	blk_mq_take_back(&dev->tag_set, verdict, NULL);
	blk_mq_go_on_tagset(&dev->tag_set);
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
	nvme_put(dev);
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
	int err = nvme_disk_init();

	return err ? err : pci_register_driver(&nvme_driver);
}
module_init(nvme_init);
