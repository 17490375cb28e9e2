/* SPDX-License-Identifier: MIT */
/*
 * ahci.c -- SATA disks and CD drives behind AHCI controllers: sda, sr0, ...
 *
 * PROMISE.  A request that was started ends exactly once: by the device's
 * answer, or with an error when the device refuses it, is silent or gone.
 *
 * IDEA.  A controller has up to 32 ports, each with one device, that have
 * nothing to do with each other but the interrupt.  Here they come and go; how
 * a port works is in ahci-port.c, what is said to a device in ahci-cmd.c, the
 * disk that the kernel makes of it in ahci-disk.c.
 *
 * LOCKING.  A port's work_lock (mutex): recovery and removal, one at a time.
 *
 * NOT DONE.  Plugging a drive into a running port (QEMU's SATA drives cannot be
 * plugged, so nobody could try it); port multipliers; writing CDs.
 *
 * SEE AHCI 1.3.1, 10.1; docs/74-block-layer.md.
 */

#include "ahci.h"

#include <kernel/delay.h>
#include <kernel/dma-mapping.h>
#include <kernel/errno.h>
#include <kernel/idr.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>

#define LINK_SIGN_MS 20                 /* twice what SATA gives a device */

/* ---- finding out what is there ------------------------------------------- */

static int ask_capacity(struct ahci_port *p, u8 *page)
{
	static const u8 cdb[CDB_LEN] = { SCSI_READ_CAPACITY };
	int err = -EIO;

	/* A drive first answers that its medium may have changed. */
	for (int i = 0; i < 3 && err == -EIO; i++)
		err = ahci_internal(p, ATA_PACKET, cdb, __pa(page), 8);
	return err ? err : ahci_parse_capacity(p, page);
}

static int identify(struct ahci_port *p)
{
	void *page = (void *)get_zeroed_page(GFP_KERNEL);
	int err;

	if (!page)
		return -ENOMEM;
	p->atapi = ahci_read(p, PORT_SIG) == PORT_SIG_ATAPI;
	err = ahci_internal(p, p->atapi ? ATA_IDENTIFY_PACKET : ATA_IDENTIFY,
			    NULL, __pa(page), 512);
	if (!err)
		err = ahci_parse_identify(p, page);
	if (!p->host->ncq)
		p->queue_depth = 0;
	if (!err && p->atapi && ask_capacity(p, page))
		p->blocks = 0;          /* no medium: a disk of no size */
	free_page((unsigned long)page);
	return err;
}

/* ---- ports: coming and going --------------------------------------------- */

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
	int err = ahci_port_stop(p);

	if (err)
		return err;
	ahci_write(p, PORT_IE, 0);
	ahci_port_receive(p);
	err = ahci_port_start(p);
	if (!err)
		err = identify(p);
	if (err)
		return err;
	p->index = ida_alloc(ahci_index_of(p), GFP_KERNEL);
	return p->index < 0 ? p->index : ahci_make_disk(p);
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

/* Its disk could not be added: del_gendisk() and free_disk() are ours. */
static void port_undo(struct ahci_port *p)
{
	struct ahci_host *host = p->host;

	ahci_write(p, PORT_IE, 0);
	host->ports[p->nr] = NULL;
	synchronize_irq(pci_irq_vector(host->pdev, 0));
	cancel_work_sync(&p->recover_work);
	blk_mq_destroy_queue(p->disk->queue);
	ahci_port_stop(p);
	port_free_memory(p);
	blk_mq_free_tag_set(&p->tag_set);
	put_disk(p->disk);
	ahci_port_put(p);               /* the disk's hold */
	ahci_port_put(p);
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
		ahci_port_stop(p);
		port_free_memory(p);
		ahci_port_put(p);
		return;
	}
	host->ports[nr] = p;
	ahci_write(p, PORT_IS, ~0u);
	ahci_write(p, PORT_IE, PORT_IS_DONE | PORT_IS_TASK_FILE |
		   PORT_IS_FATAL | PORT_IS_GONE);
	pci_info(host->pdev, "port %u: %s is %s\n", nr, p->disk->disk_name,
		 p->model);
	err = device_add_disk(&host->pdev->dev, p->disk, ahci_groups);
	if (err) {
		pci_err(host->pdev, "%s: %d\n", p->disk->disk_name, err);
		port_undo(p);
	}
}

static void port_remove(struct ahci_port *p)
{
	bool gone = ahci_read(p, PORT_CMD) == ~0u;

	mutex_lock(&p->work_lock);
	if (gone && !p->dead) {
		WRITE_ONCE(p->dead, true);
		blk_mark_disk_dead(p->disk);
		blk_mq_quiesce_tagset(&p->tag_set);
		ahci_hand_back(p);
		blk_mq_go_on_tagset(&p->tag_set);
	}
	mutex_unlock(&p->work_lock);
	del_gendisk(p->disk);
	mutex_lock(&p->work_lock);
	p->removed = true;
	mutex_unlock(&p->work_lock);
	cancel_work_sync(&p->recover_work);
	if (!gone) {
		ahci_write(p, PORT_IE, 0);
		ahci_port_stop(p);
	}
}

static void port_release(struct ahci_port *p)
{
	port_free_memory(p);
	blk_mq_free_tag_set(&p->tag_set);
	put_disk(p->disk);              /* and its hold on p */
	ahci_port_put(p);
}

/* ---- the controller ------------------------------------------------------ */

static int host_reset(struct ahci_host *host)
{
	u8 __iomem *ghc = host->bar + HOST_GHC;
	int err;

	writel(HOST_GHC_AHCI, ghc);
	writel(HOST_GHC_AHCI | HOST_GHC_RESET, ghc);
	err = ahci_wait(ghc, HOST_GHC_RESET, 0, 1000);
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
	host->ncq = cap & HOST_CAP_NCQ;
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
