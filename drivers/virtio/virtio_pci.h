/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_VIRTIO_VIRTIO_PCI_H
#define DRIVERS_VIRTIO_VIRTIO_PCI_H
/*
 * virtio_pci.h -- what the files of the PCI transport share
 *
 * Numbers: VIRTIO 1.1, 4.1.  Theory: virtio_pci.c (finding the device, its
 * registers), virtio_pci-vq.c (queues and interrupts).
 */

#include "vring.h"

#include <arch/io.h>
#include <drivers/pci.h>

#define NO_VECTOR 0xffff

/* The common configuration (4.1.4.3). */
enum {
	DEVICE_FEATURE_SELECT = 0, DEVICE_FEATURE = 4,
	DRIVER_FEATURE_SELECT = 8, DRIVER_FEATURE = 12,
	MSIX_CONFIG = 16, NUM_QUEUES = 18, DEVICE_STATUS = 20,
	CONFIG_GENERATION = 21, QUEUE_SELECT = 22, QUEUE_SIZE = 24,
	QUEUE_MSIX_VECTOR = 26, QUEUE_ENABLE = 28, QUEUE_NOTIFY_OFF = 30,
	QUEUE_DESC = 32, QUEUE_DRIVER = 40, QUEUE_DEVICE = 48,
	COMMON_SIZE = 56,
};

/* One mapped structure. */
struct area {
	void __iomem *base;
	u32 length;
};

struct queue_info {
	struct virtqueue *vq;
	u16 vector;                   /* NO_VECTOR: shared or none */
	char name[32];                /* of the interrupt */
};

/* Constant from probe; queues: from find_vqs to del_vqs. */
struct virtio_pci {
	struct virtio_device vdev;
	struct pci_dev *pdev;
	struct area common, notify, isr, device;
	u32 notify_multiplier;
	struct queue_info *queues;
	unsigned int nr_queues;
	bool msix, per_queue;         /* how they interrupt */
	bool has_irqs;
	char config_name[32], queues_name[32];
};

#define to_vp(v) container_of(v, struct virtio_pci, vdev)

static inline u16 common_read16(struct virtio_pci *vp, int reg)
{
	return readw(vp->common.base + reg);
}

static inline void common_write16(struct virtio_pci *vp, int reg, u16 v)
{
	writew(v, vp->common.base + reg);
}

static inline void common_write64(struct virtio_pci *vp, int reg, u64 v)
{
	writel(v, vp->common.base + reg);
	writel(v >> 32, vp->common.base + reg + 4);
}

/* ---- virtio_pci-vq.c: operations of virtio_config_ops ---- */

int vp_find_vqs(struct virtio_device *vdev, unsigned int nvqs,
		struct virtqueue *vqs[], vq_callback_t *callbacks[],
		const char *const names[]);
void vp_del_vqs(struct virtio_device *vdev);
void vp_synchronize_cbs(struct virtio_device *vdev);
const struct cpumask *vp_get_vq_affinity(struct virtio_device *vdev, int index);

#endif
