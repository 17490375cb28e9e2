/* SPDX-License-Identifier: MIT */
/*
 * ahci.c -- SATA disks and CD drives behind AHCI controllers: sda, sr0, ...
 *
 * PROMISE.  A request that was started ends exactly once: by the device's
 * answer, or with an error when the device refuses it, is silent or gone.
 *
 * IDEA.  Each port has a list of up to 32 commands in our memory; a bit in PxCI
 * starts the command of that slot, and the controller clears it when it is
 * done.  So a slot is a tag, and an interrupt finds what ended by comparing the
 * bits that we set with those that still stand:
 *
 *	active  1 0 1 1       given
 *	PxCI    1 0 0 1       still out        -> slot 1 is done
 *
 * TROUBLE.  When the device refuses a command the port stops: that slot's bit
 * stands, and the other commands wait behind it.  So recovery runs in a worker:
 *
 *	quiesce -> stop the port -> (reset the link) -> the refused one fails,
 *	the others are started once more -> start the port -> go on
 *
 * A request that is out for too long has the link reset; what was out for the
 * second time then fails.  A port that does not come back is dead.
 *
 * LOCKING.  p->lock, irqs off: slots and the start of commands.  work_lock
 * (mutex): recovery and removal, one at a time.
 *
 * NOT DONE.  Native queuing: the device gets one command at a time, from the
 * list.  Plugging a drive into a running port; port multipliers; writing CDs.
 *
 * SEE AHCI 1.3.1, 10.1 (start), 6.2 (errors); docs/74-block-layer.md.
 *
 * EXERCISES.  1. Why may a flush not be in the list together with the writes
 * that it is to make lasting?  Who sees to it?
 */

#include "ahci.h"

#include <kernel/delay.h>
#include <kernel/dma-mapping.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/idr.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>

#define REQUEST_TIMEOUT (30 * HZ)
#define COMMAND_TIMEOUT_MS 5000
#define LINK_TIMEOUT_MS 1000
#define LINK_SIGN_MS 20                 /* twice what SATA gives a device */
#define SD_MAJOR 8
#define SR_MAJOR 11
#define SD_MINORS 16
#define SD_DISKS 16                     /* that have numbers of major 8 */

static DEFINE_IDA(sd_index);
static DEFINE_IDA(sr_index);
static DEFINE_SPINLOCK(users_lock);     /* port->users */

static struct ida *index_of(const struct ahci_port *p)
{
	return p->atapi ? &sr_index : &sd_index;
}

static u32 port_read(const struct ahci_port *p, unsigned int reg)
{
	return readl(p->regs + reg);
}

static void port_write(const struct ahci_port *p, unsigned int reg, u32 v)
{
	writel(v, p->regs + reg);
}

/* Until the bits of mask are as `want`: 0, -ENODEV (gone), -ETIMEDOUT. */
static int wait_bits(u8 __iomem *reg, u32 mask, u32 want, unsigned int ms)
{
	u64 end = ktime_get_ns() + (u64)ms * NSEC_PER_MSEC;

	for (;;) {
		bool late = ktime_get_ns() > end;
		u32 v = readl(reg);

		if (v == ~0u)
			return -ENODEV;
		if ((v & mask) == want)
			return 0;
		if (late)
			return -ETIMEDOUT;
		usleep_range(50, 200);
	}
}

/* ---- the port: off and on ------------------------------------------------- */

static int port_stop(struct ahci_port *p)
{
	u32 cmd = port_read(p, PORT_CMD);
	int err;

	if (cmd == ~0u)
		return -ENODEV;
	port_write(p, PORT_CMD, cmd & ~PORT_CMD_START);
	err = wait_bits(p->regs + PORT_CMD, PORT_CMD_LIST_ON, 0, 500);
	if (err)
		return err;
	port_write(p, PORT_CMD, cmd & ~(PORT_CMD_START | PORT_CMD_FIS));
	return wait_bits(p->regs + PORT_CMD, PORT_CMD_FIS_ON, 0, 500);
}

static void port_receive(struct ahci_port *p)
{
	port_write(p, PORT_CLB, p->list_dma);
	port_write(p, PORT_CLBU, p->list_dma >> 32);
	port_write(p, PORT_FB, p->fis_dma);
	port_write(p, PORT_FBU, p->fis_dma >> 32);
	port_write(p, PORT_CMD, port_read(p, PORT_CMD) | PORT_CMD_FIS |
		   PORT_CMD_SPIN_UP | PORT_CMD_POWER);
}

/* COMRESET: the device begins anew.  1 ms at least (10.4.2). */
static void link_reset(struct ahci_port *p)
{
	port_write(p, PORT_SCTL, 1);
	msleep(2);
	port_write(p, PORT_SCTL, 0);
}

/* A device is there and ready for commands: 0; -ENODEV, -ETIMEDOUT. */
static int port_start(struct ahci_port *p)
{
	int err = wait_bits(p->regs + PORT_SSTS, 0xf, PORT_SSTS_PRESENT,
			    LINK_TIMEOUT_MS);

	if (err)
		return -ENODEV;
	port_write(p, PORT_SERR, ~0u);
	port_write(p, PORT_IS, ~0u);
	err = wait_bits(p->regs + PORT_TFD, PORT_TFD_BUSY, 0,
			COMMAND_TIMEOUT_MS);
	if (!err)
		port_write(p, PORT_CMD, port_read(p, PORT_CMD) |
			   PORT_CMD_START);
	return err;
}

/* ---- requests ------------------------------------------------------------- */

static void end_request(struct request *rq, blk_status_t status)
{
	struct ahci_req *ar = blk_mq_rq_to_pdu(rq);

	ar->tried = false;
	blk_mq_end_request(rq, status);
}

/* Softirq: the device has done it. */
static void ahci_complete(struct request *rq)
{
	end_request(rq, BLK_STS_OK);
}

static blk_status_t ahci_queue_rq(struct blk_mq_hw_ctx *hctx,
				  const struct blk_mq_queue_data *bd)
{
	struct ahci_port *p = hctx->queue->queuedata;
	struct request *rq = bd->rq;
	blk_status_t status = BLK_STS_OK;
	unsigned long flags;

	if (READ_ONCE(p->dead))
		return BLK_STS_IOERR;
	if (!ahci_fill_request(p, rq->tag, rq))
		return BLK_STS_NOTSUPP;
	blk_mq_start_request(rq);
	spin_lock_irqsave(&p->lock, flags);
	/* Recovery looks for started requests: it will find this one. */
	p->active |= 1u << rq->tag;
	if (!p->stopped)
		port_write(p, PORT_CI, 1u << rq->tag);
	spin_unlock_irqrestore(&p->lock, flags);
	return status;
}

/* Slots that ended well; p->lock held. */
static void take_done(struct ahci_port *p)
{
	u32 done = p->active & ~port_read(p, PORT_CI) & ~p->failed;

	p->active &= ~done;
	while (done) {
		unsigned int slot = __ffs(done);
		struct request *rq = blk_mq_tag_to_rq(p->tag_set.tags[0], slot);

		done &= done - 1;
		if (rq && blk_mq_request_started(rq))
			blk_mq_complete_request(rq);
	}
}

/* The port has stopped by itself; p->lock held. */
static void note_trouble(struct ahci_port *p, u32 status)
{
	unsigned int slot = PORT_CMD_SLOT(port_read(p, PORT_CMD));

	if (status & PORT_IS_TASK_FILE)
		p->failed |= p->active & 1u << slot;
	else
		p->reset_wanted = true;
	p->stopped = true;
	port_write(p, PORT_IE, 0);
	queue_work(system_long_wq, &p->recover_work);
}

static void port_irq(struct ahci_port *p)
{
	u32 status;

	spin_lock(&p->lock);
	status = port_read(p, PORT_IS);
	port_write(p, PORT_IS, status);
	if (!p->stopped && status != ~0u) {
		bool trouble = status & (PORT_IS_TASK_FILE | PORT_IS_FATAL |
					 PORT_IS_GONE);

		if (trouble)
			note_trouble(p, status);
		take_done(p);
	}
	spin_unlock(&p->lock);
}

static irqreturn_t ahci_irq(int irq, void *data)
{
	struct ahci_host *host = data;
	u32 ports = readl(host->bar + HOST_IS);

	if (!ports || ports == ~0u)
		return IRQ_NONE;
	for (unsigned int n = 0; n < AHCI_MAX_PORTS; n++)
		if (ports & 1u << n && host->ports[n])
			port_irq(host->ports[n]);
	writel(ports, host->bar + HOST_IS);
	return IRQ_HANDLED;
}

static enum blk_eh_timer_return ahci_timeout(struct request *rq)
{
	struct ahci_port *p = rq->q->queuedata;

	spin_lock_irq(&p->lock);
	if (!p->stopped)
		take_done(p);
	p->reset_wanted = true;
	spin_unlock_irq(&p->lock);
	if (blk_mq_request_completed(rq))
		return BLK_EH_DONE;     /* its interrupt was lost */
	queue_work(system_long_wq, &p->recover_work);
	return BLK_EH_RESET_TIMER;
}

static const struct blk_mq_ops ahci_mq_ops = {
	.queue_rq = ahci_queue_rq,
	.complete = ahci_complete,
	.timeout = ahci_timeout,
};

/* ---- trouble -------------------------------------------------------------- */

static bool take_back(struct request *rq, void *data)
{
	struct ahci_port *p = data;
	struct ahci_req *ar = blk_mq_rq_to_pdu(rq);
	bool refused = p->failed & 1u << rq->tag;

	if (blk_mq_request_completed(rq))
		return true;
	if (refused || p->dead || (p->reset_wanted && ar->tried)) {
		end_request(rq, refused ? BLK_STS_MEDIUM : BLK_STS_IOERR);
		return true;
	}
	ar->tried |= p->reset_wanted;
	blk_mq_requeue_request(rq, false);
	return true;
}

/* No command is out, nobody is in queue_rq, the port is stopped. */
static void hand_back(struct ahci_port *p)
{
	blk_mq_tagset_busy_iter(&p->tag_set, take_back, p);
	spin_lock_irq(&p->lock);
	p->active = p->failed = 0;
	p->reset_wanted = false;
	p->stopped = p->dead;
	spin_unlock_irq(&p->lock);
}

static int port_restart(struct ahci_port *p)
{
	int err = port_stop(p);

	if (err == -ENODEV)
		return err;
	if (err || port_read(p, PORT_TFD) & PORT_TFD_BUSY)
		p->reset_wanted = true;
	port_receive(p);
	if (p->reset_wanted) {
		pci_warn(p->host->pdev, "%s: resetting the link\n",
			 p->disk->disk_name);
		link_reset(p);
	}
	return port_start(p);
}

static void ahci_recover_work(struct work_struct *work)
{
	struct ahci_port *p = container_of(work, struct ahci_port,
					   recover_work);
	struct request_queue *q = p->disk->queue;
	int err;

	mutex_lock(&p->work_lock);
	if (p->removed || p->dead)
		goto out;
	blk_mq_quiesce_queue(q);
	spin_lock_irq(&p->lock);
	if (!p->stopped)
		take_done(p);
	p->stopped = true;
	spin_unlock_irq(&p->lock);
	err = port_restart(p);
	if (err) {
		pci_err(p->host->pdev, "%s: given up: %d\n",
			p->disk->disk_name, err);
		WRITE_ONCE(p->dead, true);
	}
	hand_back(p);
	if (!p->dead)
		port_write(p, PORT_IE, PORT_IS_DONE | PORT_IS_TASK_FILE |
			   PORT_IS_FATAL | PORT_IS_GONE);
	blk_mq_unquiesce_queue(q);
	blk_mq_kick_requeue_list(q);
out:
	mutex_unlock(&p->work_lock);
}

/* ---- finding out what is there -------------------------------------------- */

/* One command into a page, before interrupts are on.  0, -EIO, -ETIMEDOUT. */
static int internal(struct ahci_port *p, u8 command, const u8 *cdb, void *page,
		    u32 len)
{
	u64 end;
	int err;

	ahci_fill_internal(p, 0, command, cdb, __pa(page), len);
	port_write(p, PORT_CI, 1);
	end = ktime_get_ns() + COMMAND_TIMEOUT_MS * NSEC_PER_MSEC;
	while (ktime_get_ns() < end) {
		if (port_read(p, PORT_IS) & (PORT_IS_TASK_FILE | PORT_IS_FATAL)) {
			err = port_stop(p);
			port_receive(p);
			return err ? err : port_start(p) ?: -EIO;
		}
		if (!(port_read(p, PORT_CI) & 1))
			return 0;
		usleep_range(50, 200);
	}
	return -ETIMEDOUT;
}

static int ask_capacity(struct ahci_port *p, u8 *page)
{
	static const u8 cdb[CDB_LEN] = { SCSI_READ_CAPACITY };
	int err = -EIO;

	/* A drive first answers that its medium may have changed. */
	for (int i = 0; i < 3 && err == -EIO; i++)
		err = internal(p, ATA_PACKET, cdb, page, 8);
	return err ? err : ahci_parse_capacity(p, page);
}

static int identify(struct ahci_port *p)
{
	void *page = (void *)get_zeroed_page(GFP_KERNEL);
	int err;

	if (!page)
		return -ENOMEM;
	p->atapi = port_read(p, PORT_SIG) == PORT_SIG_ATAPI;
	err = internal(p, p->atapi ? ATA_IDENTIFY_PACKET : ATA_IDENTIFY, NULL,
		       page, 512);
	if (!err)
		err = ahci_parse_identify(p, page);
	if (!err && p->atapi && ask_capacity(p, page))
		p->blocks = 0;          /* no medium: a disk of no size */
	free_page((unsigned long)page);
	return err;
}

/* ---- disks ---------------------------------------------------------------- */

static void port_put(struct ahci_port *p)
{
	bool last;

	spin_lock(&users_lock);
	last = --p->users == 0;
	spin_unlock(&users_lock);
	if (!last)
		return;
	if (p->index >= 0)
		ida_free(index_of(p), p->index);
	kfree(p);
}

static void ahci_free_disk(struct gendisk *disk)
{
	port_put(disk->private_data);
}

static const struct block_device_operations ahci_fops = {
	.free_disk = ahci_free_disk,
};

static ssize_t serial_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct ahci_port *p = dev_to_disk(dev)->private_data;

	return sysfs_emit(buf, "%s\n", p->serial);
}
static DEVICE_ATTR_RO(serial);

static ssize_t model_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct ahci_port *p = dev_to_disk(dev)->private_data;

	return sysfs_emit(buf, "%s\n", p->model);
}
static DEVICE_ATTR_RO(model);

static struct attribute *ahci_attrs[] = {
	&dev_attr_serial.attr, &dev_attr_model.attr, NULL,
};
static const struct attribute_group ahci_group = { .attrs = ahci_attrs };
static const struct attribute_group *ahci_groups[] = { &ahci_group, NULL };

static void set_limits(struct ahci_port *p)
{
	struct request_queue *q = p->disk->queue;
	u32 block = 1u << p->block_shift;

	blk_queue_logical_block_size(q, block);
	blk_queue_physical_block_size(q, block << p->phys_exp);
	blk_queue_max_hw_sectors(q, 0xffff);
	blk_queue_max_segments(q, AHCI_MAX_PRDS);
	blk_queue_max_segment_size(q, 64u << 10);
	blk_queue_write_cache(q, p->write_cache, p->fua);
	if (!p->rotates)
		blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	if (p->trim && p->block_shift == SECTOR_SHIFT) {
		q->limits.discard_granularity = block;
		/* 64 ranges of 65535 blocks fill one sector. */
		blk_queue_max_discard_sectors(q, 64 * 0xffff);
		blk_queue_max_discard_segments(q, 1);
	}
}

static void name_the_disk(struct ahci_port *p)
{
	struct gendisk *d = p->disk;

	if (p->atapi) {
		snprintf(d->disk_name, sizeof(d->disk_name), "sr%d", p->index);
		d->major = SR_MAJOR;
		d->first_minor = p->index;
		d->minors = 1;
		d->flags |= GENHD_FL_REMOVABLE | GENHD_FL_NO_PART;
		return;
	}
	disk_name_letters(d->disk_name, "sd", p->index);
	if (p->index >= SD_DISKS)
		return;                 /* numbers are found for it */
	d->major = SD_MAJOR;
	d->first_minor = p->index * SD_MINORS;
	d->minors = SD_MINORS;
}

static int make_disk(struct ahci_port *p)
{
	struct blk_mq_tag_set *set = &p->tag_set;
	int err;

	set->ops = &ahci_mq_ops;
	set->nr_hw_queues = set->map[0].nr_queues = 1;
	set->nr_maps = 1;
	set->queue_depth = p->host->nr_slots;
	set->cmd_size = sizeof(struct ahci_req);
	set->flags = BLK_MQ_F_SHOULD_MERGE;
	set->timeout = REQUEST_TIMEOUT;
	set->numa_node = -1;
	set->driver_data = p;
	err = blk_mq_alloc_tag_set(set);
	if (err)
		return err;
	p->disk = blk_mq_alloc_disk(set, p);
	if (IS_ERR(p->disk)) {
		blk_mq_free_tag_set(set);
		return PTR_ERR(p->disk);
	}
	p->users++;
	p->disk->private_data = p;
	p->disk->fops = &ahci_fops;
	name_the_disk(p);
	set_limits(p);
	set_capacity(p->disk, p->blocks << (p->block_shift - SECTOR_SHIFT));
	if (p->atapi)
		set_disk_ro(p->disk, true);
	return 0;
}

/* ---- ports: coming and going ---------------------------------------------- */

static void port_free_memory(struct ahci_port *p)
{
	struct device *dev = &p->host->pdev->dev;

	dma_free_coherent(dev, PAGE_SIZE, p->list, p->list_dma);
	dma_free_coherent(dev, AHCI_SLOTS * sizeof(*p->tables), p->tables,
			  p->tables_dma);
}

/* The command list and, behind it in the same page, the answers. */
static int port_alloc_memory(struct ahci_port *p)
{
	struct device *dev = &p->host->pdev->dev;

	p->list = dma_alloc_coherent(dev, PAGE_SIZE, &p->list_dma, GFP_KERNEL);
	p->tables = dma_alloc_coherent(dev, AHCI_SLOTS * sizeof(*p->tables),
				       &p->tables_dma, GFP_KERNEL);
	if (!p->list || !p->tables) {
		port_free_memory(p);
		return -ENOMEM;
	}
	p->fis = (u8 *)p->list + 1024;
	p->fis_dma = p->list_dma + 1024;
	return 0;
}

static struct ahci_port *port_alloc(struct ahci_host *host, unsigned int nr)
{
	struct ahci_port *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	p->host = host;
	p->nr = nr;
	p->regs = host->bar + PORT_BASE(nr);
	p->index = -1;
	p->users = 1;
	p->block_shift = 11;
	spin_lock_init(&p->lock);
	mutex_init(&p->work_lock);
	INIT_WORK(&p->recover_work, ahci_recover_work);
	if (!port_alloc_memory(p))
		return p;
	kfree(p);
	return NULL;
}

/* A ready port whose device has said what it is, or -errno. */
static int port_bring_up(struct ahci_port *p)
{
	int err = port_stop(p);

	if (err)
		return err;
	port_write(p, PORT_IE, 0);
	port_receive(p);
	err = port_start(p);
	if (!err)
		err = identify(p);
	if (err)
		return err;
	p->index = ida_alloc(index_of(p), GFP_KERNEL);
	return p->index < 0 ? p->index : make_disk(p);
}

/*
 * All ports are told at once to look for a device; one that is there shows it
 * within 10 ms.  So the empty ports cost no time of their own.
 */
static u32 ports_with_devices(struct ahci_host *host, u32 ports)
{
	u32 found = 0;

	for (unsigned int n = 0; n < AHCI_MAX_PORTS; n++) {
		u8 __iomem *regs = host->bar + PORT_BASE(n);

		if (ports & 1u << n)
			writel(readl(regs + PORT_CMD) | PORT_CMD_SPIN_UP |
			       PORT_CMD_POWER, regs + PORT_CMD);
	}
	msleep(LINK_SIGN_MS);
	for (unsigned int n = 0; n < AHCI_MAX_PORTS; n++) {
		u8 __iomem *regs = host->bar + PORT_BASE(n);

		if (ports & 1u << n && PORT_SSTS_DET(readl(regs + PORT_SSTS)))
			found |= 1u << n;
	}
	return found;
}

/* Those that the register says are there, and the BAR has room for. */
static u32 ports_there(struct ahci_host *host)
{
	size_t room = pci_resource_len(host->pdev, AHCI_BAR);
	u32 ports = readl(host->bar + HOST_PI);

	for (unsigned int n = 0; n < AHCI_MAX_PORTS; n++)
		if (PORT_BASE(n + 1) > room)
			ports &= ~(1u << n);
	return ports_with_devices(host, ports);
}

static void port_add(struct ahci_host *host, unsigned int nr)
{
	struct ahci_port *p = port_alloc(host, nr);
	int err;

	if (!p)
		return;
	err = port_bring_up(p);
	if (err) {
		if (err != -ENODEV)     /* else nothing is plugged in */
			pci_err(host->pdev, "port %u: %d\n", nr, err);
		port_stop(p);
		port_free_memory(p);
		port_put(p);
		return;
	}
	host->ports[nr] = p;
	port_write(p, PORT_IS, ~0u);
	port_write(p, PORT_IE, PORT_IS_DONE | PORT_IS_TASK_FILE |
		   PORT_IS_FATAL | PORT_IS_GONE);
	pci_info(host->pdev, "port %u: %s is %s\n", nr, p->disk->disk_name,
		 p->model);
	err = device_add_disk(&host->pdev->dev, p->disk, ahci_groups);
	if (err)
		pci_err(host->pdev, "%s: %d\n", p->disk->disk_name, err);
}

static void port_remove(struct ahci_port *p)
{
	bool gone = port_read(p, PORT_CMD) == ~0u;

	mutex_lock(&p->work_lock);
	if (gone && !p->dead) {
		WRITE_ONCE(p->dead, true);
		blk_mark_disk_dead(p->disk);
		blk_mq_quiesce_queue(p->disk->queue);
		hand_back(p);
		blk_mq_unquiesce_queue(p->disk->queue);
		blk_mq_kick_requeue_list(p->disk->queue);
	}
	mutex_unlock(&p->work_lock);
	del_gendisk(p->disk);
	mutex_lock(&p->work_lock);
	p->removed = true;
	mutex_unlock(&p->work_lock);
	cancel_work_sync(&p->recover_work);
	if (!gone) {
		port_write(p, PORT_IE, 0);
		port_stop(p);
	}
}

static void port_release(struct ahci_port *p)
{
	port_free_memory(p);
	blk_mq_free_tag_set(&p->tag_set);
	put_disk(p->disk);              /* and its hold on p */
	port_put(p);
}

/* ---- the controller ------------------------------------------------------- */

static int host_reset(struct ahci_host *host)
{
	u8 __iomem *ghc = host->bar + HOST_GHC;
	int err;

	writel(HOST_GHC_AHCI, ghc);
	writel(HOST_GHC_AHCI | HOST_GHC_RESET, ghc);
	err = wait_bits(ghc, HOST_GHC_RESET, 0, 1000);
	if (!err)
		writel(HOST_GHC_AHCI, ghc);
	return err;
}

static int host_start(struct ahci_host *host)
{
	struct pci_dev *pdev = host->pdev;
	u32 cap, ports;
	int err;

	host->bar = pci_iomap(pdev, AHCI_BAR, 0);
	if (!host->bar)
		return -ENOMEM;
	err = host_reset(host);
	if (err)
		return err;
	cap = readl(host->bar + HOST_CAP);
	if (!(cap & HOST_CAP_64))
		return -ENODEV;         /* memory above 4 GiB is beyond it */
	host->nr_slots = HOST_CAP_SLOTS(cap);
	err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (err < 0)
		return err;
	err = pci_request_irq(pdev, 0, ahci_irq, NULL, host, "ahci");
	if (err)
		return err;
	host->has_irq = true;
	writel(~0u, host->bar + HOST_IS);
	writel(HOST_GHC_AHCI | HOST_GHC_IRQ, host->bar + HOST_GHC);
	ports = ports_there(host);
	for (unsigned int n = 0; n < AHCI_MAX_PORTS; n++)
		if (ports & 1u << n)
			port_add(host, n);
	return 0;
}

static void host_stop(struct ahci_host *host)
{
	for (unsigned int n = 0; n < AHCI_MAX_PORTS; n++)
		if (host->ports[n])
			port_remove(host->ports[n]);
	if (host->has_irq)
		pci_free_irq(host->pdev, 0, host);
	pci_free_irq_vectors(host->pdev);
	for (unsigned int n = 0; n < AHCI_MAX_PORTS; n++)
		if (host->ports[n])
			port_release(host->ports[n]);
	if (host->bar)
		pci_iounmap(host->pdev, host->bar);
	pci_release_regions(host->pdev);
	pci_disable_device(host->pdev);
	kfree(host);
}

static int ahci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct ahci_host *host = kzalloc(sizeof(*host), GFP_KERNEL);
	int err;

	if (!host)
		return -ENOMEM;
	host->pdev = pdev;
	pci_set_drvdata(pdev, host);
	err = pci_enable_device(pdev);
	if (err)
		goto out_free;
	err = pci_request_regions(pdev, "ahci");
	if (err)
		goto out_disable;
	pci_set_master(pdev);
	err = host_start(host);
	if (err)
		host_stop(host);
	return err;
out_disable:
	pci_disable_device(pdev);
out_free:
	kfree(host);
	return err;
}

static void ahci_remove(struct pci_dev *pdev)
{
	host_stop(pci_get_drvdata(pdev));
}

static const struct pci_device_id ahci_ids[] = {
	{ PCI_DEVICE_CLASS(PCI_CLASS_STORAGE_SATA_AHCI, 0xffffff) },
	{ 0 },
};

static struct pci_driver ahci_driver = {
	.name = "ahci",
	.id_table = ahci_ids,
	.probe = ahci_probe,
	.remove = ahci_remove,
};

static int ahci_init(void)
{
	int err = register_blkdev(SD_MAJOR, "sd");

	if (!err)
		err = register_blkdev(SR_MAJOR, "sr");
	return err ? err : pci_register_driver(&ahci_driver);
}
module_init(ahci_init);
