/* SPDX-License-Identifier: MIT */
/*
 * virtio_pci.c -- virtio devices that are PCI functions (the modern transport)
 *
 * IDEA.  Vendor capabilities in configuration space say in which BAR, at which
 * offset, each of four structures is: common configuration, notification,
 * interrupt status, the device's own configuration.  We map those and no more.
 *
 *	common   features, status, and a window on one queue at a time
 *	notify   a 16-bit register for each queue: writing its number kicks it
 *	isr      INTx only: bit 0 a queue, bit 1 the configuration; reading clears
 *
 * RACES.  A device that is pulled reads as all ones and takes no writes:
 * waiting for a reset then ends because the function has gone.
 *
 * LOCKING.  The common configuration is a window: its users are probe, remove
 * and reset, one at a time.  Notify and interrupts touch only their own.
 *
 * NOT DONE.  The legacy interface (virtio 0.9).  Devices that have only that
 * are refused with a message.
 *
 * SEE VIRTIO 1.1, 4.1.
 */

#include "virtio_pci.h"

#include <kernel/delay.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/bitops.h>
#include <mm/slab.h>

#define FIRST_LEGACY_ID 0x1000
#define FIRST_MODERN_ID 0x1040
#define LAST_ID 0x107f
#define RESET_TIMEOUT (5 * HZ)

/* A vendor capability (4.1.4). */
enum {
	CAP_LEN = 2, CAP_TYPE = 3, CAP_BAR = 4, CAP_OFFSET = 8,
	CAP_LENGTH = 12, CAP_NOTIFY_MULTIPLIER = 16,
};
enum { TYPE_COMMON = 1, TYPE_NOTIFY, TYPE_ISR, TYPE_DEVICE };

/* --- Registers ----------------------------------------------------------- */

static void vp_get(struct virtio_device *vdev, unsigned int offset, void *buf,
		   unsigned int len)
{
	struct virtio_pci *vp = to_vp(vdev);
	void __iomem *p = vp->device.base + offset;

	memset(buf, 0, len);
	if (!vp->device.base || offset + len > vp->device.length)
		return;
	/* Fields are read by their own width; longer ones in 32 bits. */
	if (len == 2 && !(offset & 1)) {
		*(u16 *)buf = readw(p);
	} else if (!(len & 3) && !(offset & 3)) {
		for (unsigned int i = 0; i < len; i += 4)
			*(u32 *)(buf + i) = readl(p + i);
	} else {
		for (unsigned int i = 0; i < len; i++)
			((u8 *)buf)[i] = readb(p + i);
	}
}

static void vp_set(struct virtio_device *vdev, unsigned int offset,
		   const void *buf, unsigned int len)
{
	struct virtio_pci *vp = to_vp(vdev);
	void __iomem *p = vp->device.base + offset;

	if (!vp->device.base || offset + len > vp->device.length)
		return;
	if (len == 2 && !(offset & 1)) {
		writew(*(const u16 *)buf, p);
	} else if (!(len & 3) && !(offset & 3)) {
		for (unsigned int i = 0; i < len; i += 4)
			writel(*(const u32 *)(buf + i), p + i);
	} else {
		for (unsigned int i = 0; i < len; i++)
			writeb(((const u8 *)buf)[i], p + i);
	}
}

static u32 vp_generation(struct virtio_device *vdev)
{
	return readb(to_vp(vdev)->common.base + CONFIG_GENERATION);
}

static u8 vp_get_status(struct virtio_device *vdev)
{
	return readb(to_vp(vdev)->common.base + DEVICE_STATUS);
}

static void vp_set_status(struct virtio_device *vdev, u8 status)
{
	writeb(status, to_vp(vdev)->common.base + DEVICE_STATUS);
}

/*
 * It reads 0 when it has forgotten all; a stuck or absent one never does.  The
 * stuck one is cut off from memory, for what it still has will be reused.
 */
static void vp_reset(struct virtio_device *vdev)
{
	unsigned long end = jiffies + RESET_TIMEOUT;

	vp_set_status(vdev, 0);
	while (vp_get_status(vdev)) {
		if (!pci_device_is_present(to_vp(vdev)->pdev))
			return;
		if (time_after(jiffies, end)) {
			dev_err(&vdev->dev, "does not reset\n");
			pci_clear_master(to_vp(vdev)->pdev);
			return;
		}
		msleep(1);
	}
}

static u64 vp_get_features(struct virtio_device *vdev)
{
	void __iomem *c = to_vp(vdev)->common.base;
	u64 features;

	writel(0, c + DEVICE_FEATURE_SELECT);
	features = readl(c + DEVICE_FEATURE);
	writel(1, c + DEVICE_FEATURE_SELECT);
	return features | (u64)readl(c + DEVICE_FEATURE) << 32;
}

static int vp_finalize_features(struct virtio_device *vdev)
{
	void __iomem *c = to_vp(vdev)->common.base;

	vring_transport_features(vdev);
	if (!virtio_has_feature(vdev, VIRTIO_F_VERSION_1)) {
		dev_err(&vdev->dev, "not a virtio 1 device\n");
		return -EINVAL;
	}
	writel(0, c + DRIVER_FEATURE_SELECT);
	writel(vdev->features, c + DRIVER_FEATURE);
	writel(1, c + DRIVER_FEATURE_SELECT);
	writel(vdev->features >> 32, c + DRIVER_FEATURE);
	return 0;
}

static const char *vp_bus_name(struct virtio_device *vdev)
{
	return pci_name(to_vp(vdev)->pdev);
}

static const struct virtio_config_ops vp_ops = {
	.get = vp_get,
	.set = vp_set,
	.generation = vp_generation,
	.get_status = vp_get_status,
	.set_status = vp_set_status,
	.reset = vp_reset,
	.find_vqs = vp_find_vqs,
	.del_vqs = vp_del_vqs,
	.synchronize_cbs = vp_synchronize_cbs,
	.get_features = vp_get_features,
	.finalize_features = vp_finalize_features,
	.bus_name = vp_bus_name,
	.get_vq_affinity = vp_get_vq_affinity,
};

/* --- Finding and mapping the structures ---------------------------------- */

/* Map the first usable structure of this type; its capability, or 0. */
static int map_area(struct virtio_pci *vp, u8 type, u32 min, struct area *a)
{
	struct pci_dev *pdev = vp->pdev;
	u32 offset, length;
	u8 t, bar;
	int pos = pci_find_capability(pdev, PCI_CAP_ID_VNDR);

	/* A broken list may be a circle: as many as fit in the space. */
	for (int n = 0; pos && n < PCI_CFG_SPACE_SIZE / CAP_NOTIFY_MULTIPLIER;
	     n++) {
		pci_read_config_byte(pdev, pos + CAP_TYPE, &t);
		pci_read_config_byte(pdev, pos + CAP_BAR, &bar);
		pci_read_config_dword(pdev, pos + CAP_OFFSET, &offset);
		pci_read_config_dword(pdev, pos + CAP_LENGTH, &length);
		if (t == type && bar <= PCI_STD_RESOURCE_END && length >= min &&
		    (u64)offset + length <= pci_resource_len(pdev, bar)) {
			a->base = pci_iomap_range(pdev, bar, offset, length);
			a->length = length;
			if (a->base)
				return pos;
		}
		pos = pci_find_next_capability(pdev, pos, PCI_CAP_ID_VNDR);
	}
	return 0;
}

static void unmap_areas(struct virtio_pci *vp)
{
	pci_iounmap(vp->pdev, vp->common.base);
	pci_iounmap(vp->pdev, vp->notify.base);
	pci_iounmap(vp->pdev, vp->isr.base);
	pci_iounmap(vp->pdev, vp->device.base);
}

static int map_areas(struct virtio_pci *vp)
{
	int notify;

	if (!map_area(vp, TYPE_COMMON, COMMON_SIZE, &vp->common) ||
	    !map_area(vp, TYPE_ISR, 1, &vp->isr)) {
		pci_err(vp->pdev, "virtio without the modern interface\n");
		return -ENODEV;
	}
	notify = map_area(vp, TYPE_NOTIFY, sizeof(u16), &vp->notify);
	if (!notify)
		return -ENODEV;
	pci_read_config_dword(vp->pdev, notify + CAP_NOTIFY_MULTIPLIER,
			      &vp->notify_multiplier);
	map_area(vp, TYPE_DEVICE, 1, &vp->device);   /* not all have one */
	return 0;
}

static void vp_release(struct device *d)
{
	kfree(to_vp(dev_to_virtio(d)));
}

/* A transitional device says its type in its subsystem id. */
static u32 type_of(const struct pci_dev *pdev)
{
	return pdev->device < FIRST_MODERN_ID
		       ? pdev->subsystem_device
		       : pdev->device - FIRST_MODERN_ID;
}

static int vp_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct virtio_pci *vp;
	int err;

	if (pdev->device < FIRST_LEGACY_ID || pdev->device > LAST_ID)
		return -ENODEV;
	vp = kzalloc(sizeof(*vp), GFP_KERNEL);
	if (!vp)
		return -ENOMEM;
	vp->pdev = pdev;
	vp->vdev.config = &vp_ops;
	vp->vdev.id.device = type_of(pdev);
	vp->vdev.id.vendor = pdev->subsystem_vendor;
	vp->vdev.dev.parent = &pdev->dev;
	vp->vdev.dev.release = vp_release;
	err = pci_enable_device(pdev);
	if (err)
		goto out_free;
	err = pci_request_regions(pdev, "virtio-pci");
	if (err)
		goto out_disable;
	err = map_areas(vp);
	if (err)
		goto out_unmap;
	pci_set_master(pdev);
	pci_set_drvdata(pdev, vp);
	err = register_virtio_device(&vp->vdev);
	if (!err)
		return 0;
	pci_set_drvdata(pdev, NULL);
	unmap_areas(vp);
	pci_release_regions(pdev);
	pci_disable_device(pdev);
	put_device(&vp->vdev.dev);
	return err;
out_unmap:
	unmap_areas(vp);
	pci_release_regions(pdev);
out_disable:
	pci_disable_device(pdev);
out_free:
	kfree(vp);
	return err;
}

static void vp_remove(struct pci_dev *pdev)
{
	struct virtio_pci *vp = pci_get_drvdata(pdev);
	struct device *dev = get_device(&vp->vdev.dev);

	/* Pulled without a word: nothing that is out will come back. */
	if (!pci_device_is_present(pdev))
		virtio_break_device(&vp->vdev);
	unregister_virtio_device(&vp->vdev);
	unmap_areas(vp);
	pci_release_regions(pdev);
	pci_disable_device(pdev);
	put_device(dev);
}

static const struct pci_device_id vp_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_REDHAT_QUMRANET, PCI_ANY_ID) },
	{ 0 },
};

static struct pci_driver vp_driver = {
	.name = "virtio-pci",
	.id_table = vp_ids,
	.probe = vp_probe,
	.remove = vp_remove,
};
module_pci_driver(vp_driver);
