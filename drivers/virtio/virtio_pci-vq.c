/* SPDX-License-Identifier: MIT */
/*
 * virtio_pci-vq.c -- the queues of a virtio PCI function, and its interrupts
 *
 * IDEA.  Interrupts, the best that can be had: MSI-X with a vector for each
 * queue; one for the configuration and one for all queues; the INTx line.  The
 * device is told the vector of each queue, and where its three areas are; then
 * all are enabled.
 *
 * LOCKING.  The common configuration is a window on one queue at a time: its
 * users are probe, remove and reset, one at a time.  Notify and interrupts
 * touch only their own.
 *
 * SEE VIRTIO 1.1, 4.1.4.3 and 4.1.5.
 */

#include "virtio_pci.h"

#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/math.h>
#include <kernel/sprintf.h>
#include <mm/slab.h>

#define CONFIG_VECTOR 0
#define ISR_QUEUE 1
#define ISR_CONFIG 2
#define MAX_QUEUES 1024

/* --- Interrupts ---------------------------------------------------------- */

static irqreturn_t config_interrupt(int irq, void *data)
{
	struct virtio_pci *vp = data;

	virtio_config_changed(&vp->vdev);
	return IRQ_HANDLED;
}

/* One vector for all queues. */
static irqreturn_t queues_interrupt(int irq, void *data)
{
	struct virtio_pci *vp = data;
	irqreturn_t ret = IRQ_NONE;

	for (unsigned int i = 0; i < vp->nr_queues; i++)
		if (vp->queues[i].vq &&
		    vring_interrupt(irq, vp->queues[i].vq) == IRQ_HANDLED)
			ret = IRQ_HANDLED;
	return ret;
}

static irqreturn_t intx_interrupt(int irq, void *data)
{
	struct virtio_pci *vp = data;
	u8 isr = readb(vp->isr.base);

	if (!isr || isr == 0xff)        /* not ours, or gone */
		return IRQ_NONE;
	if (isr & ISR_CONFIG)
		config_interrupt(irq, data);
	if (isr & ISR_QUEUE)
		queues_interrupt(irq, data);
	return IRQ_HANDLED;
}

static void free_irqs(struct virtio_pci *vp)
{
	if (!vp->has_irqs)
		return;
	for (unsigned int i = 0; vp->per_queue && i < vp->nr_queues; i++) {
		struct queue_info *qi = &vp->queues[i];

		if (qi->vq && qi->vector != NO_VECTOR)
			free_irq(pci_irq_vector(vp->pdev, qi->vector), qi->vq);
	}
	if (vp->msix && !vp->per_queue)
		free_irq(pci_irq_vector(vp->pdev, 1), vp);
	free_irq(pci_irq_vector(vp->pdev, CONFIG_VECTOR), vp);
	pci_free_irq_vectors(vp->pdev);
	vp->has_irqs = false;
}

/* Vectors from the device: per_queue, shared (2), or the line. */
static int alloc_vectors(struct virtio_pci *vp, unsigned int wanted)
{
	struct irq_affinity affinity = { .pre_vectors = 1 };

	vp->msix = vp->per_queue = false;
	if (pci_alloc_irq_vectors_affinity(vp->pdev, wanted + 1, wanted + 1,
					   PCI_IRQ_MSIX | PCI_IRQ_AFFINITY,
					   &affinity) > 0) {
		vp->msix = vp->per_queue = true;
		return 0;
	}
	if (pci_alloc_irq_vectors(vp->pdev, 2, 2, PCI_IRQ_MSIX) > 0) {
		vp->msix = true;
		return 0;
	}
	return pci_alloc_irq_vectors(vp->pdev, 1, 1, PCI_IRQ_LEGACY) > 0
		       ? 0 : -ENOSPC;
}

static int request_irqs(struct virtio_pci *vp, unsigned int wanted)
{
	int err = alloc_vectors(vp, wanted);

	if (err)
		return err;
	snprintf(vp->config_name, sizeof(vp->config_name), "%s%s",
		 dev_name(&vp->vdev.dev), vp->msix ? "-config" : "");
	snprintf(vp->queues_name, sizeof(vp->queues_name), "%s-virtqueues",
		 dev_name(&vp->vdev.dev));
	err = request_irq(pci_irq_vector(vp->pdev, CONFIG_VECTOR),
			  vp->msix ? config_interrupt : intx_interrupt,
			  IRQF_SHARED, vp->config_name, vp);
	if (err)
		goto out_vectors;
	if (vp->msix && !vp->per_queue) {
		err = request_irq(pci_irq_vector(vp->pdev, 1),
				  queues_interrupt, IRQF_SHARED,
				  vp->queues_name, vp);
		if (err)
			goto out_config;
	}
	vp->has_irqs = true;
	if (!vp->msix)
		return 0;
	common_write16(vp, MSIX_CONFIG, CONFIG_VECTOR);
	if (common_read16(vp, MSIX_CONFIG) == CONFIG_VECTOR)
		return 0;
	free_irqs(vp);
	return -EBUSY;
out_config:
	free_irq(pci_irq_vector(vp->pdev, CONFIG_VECTOR), vp);
out_vectors:
	pci_free_irq_vectors(vp->pdev);
	return err;
}

/* --- Queues -------------------------------------------------------------- */

static bool vp_notify(struct virtqueue *vq)
{
	writew(vq->index, vq->priv);
	return true;
}

/* Where this queue is kicked; NULL: the device says nonsense. */
static void __iomem *notify_address(struct virtio_pci *vp)
{
	u64 off = (u64)common_read16(vp, QUEUE_NOTIFY_OFF) *
		  vp->notify_multiplier;

	if (off + sizeof(u16) > vp->notify.length)
		return NULL;
	return vp->notify.base + off;
}

/* The vector that this queue gets, its handler installed; or -errno. */
static int bind_vector(struct virtio_pci *vp, struct queue_info *qi,
		       unsigned int *next)
{
	int err;

	qi->vector = NO_VECTOR;
	if (!vp->msix || !qi->vq->callback)
		return NO_VECTOR;
	if (!vp->per_queue)
		return 1;
	snprintf(qi->name, sizeof(qi->name), "%s-%s",
		 dev_name(&vp->vdev.dev), qi->vq->name);
	err = request_irq(pci_irq_vector(vp->pdev, *next), vring_interrupt, 0,
			  qi->name, qi->vq);
	if (err)
		return err;
	qi->vector = (*next)++;
	return qi->vector;
}

static int setup_queue(struct virtio_pci *vp, struct queue_info *qi,
		       unsigned int index, vq_callback_t *callback,
		       const char *name, unsigned int *next_vector)
{
	struct vring_addresses a;
	u16 num;
	int vector;

	common_write16(vp, QUEUE_SELECT, index);
	num = common_read16(vp, QUEUE_SIZE);
	if (!num || common_read16(vp, QUEUE_ENABLE))
		return -ENOENT;
	num = rounddown_pow_of_two(num);
	qi->vq = vring_create_virtqueue(index, num, &vp->vdev, vp_notify,
					callback, name);
	if (!qi->vq)
		return -ENOMEM;
	qi->vq->priv = notify_address(vp);
	if (!qi->vq->priv)
		return -EINVAL;
	vector = bind_vector(vp, qi, next_vector);
	if (vector < 0)
		return vector;
	vring_get_addresses(qi->vq, &a);
	common_write16(vp, QUEUE_SIZE, num);
	common_write64(vp, QUEUE_DESC, a.desc);
	common_write64(vp, QUEUE_DRIVER, a.avail);
	common_write64(vp, QUEUE_DEVICE, a.used);
	if (vp->msix) {
		common_write16(vp, QUEUE_MSIX_VECTOR, vector);
		if (common_read16(vp, QUEUE_MSIX_VECTOR) != vector)
			return -EBUSY;
	}
	return 0;
}

/* The device was reset before, or is broken: it looks at none of this. */
void vp_del_vqs(struct virtio_device *vdev)
{
	struct virtio_pci *vp = to_vp(vdev);

	free_irqs(vp);
	for (unsigned int i = 0; i < vp->nr_queues; i++)
		if (vp->queues[i].vq)
			vring_del_virtqueue(vp->queues[i].vq);
	kfree(vp->queues);
	vp->queues = NULL;
	vp->nr_queues = 0;
}

int vp_find_vqs(struct virtio_device *vdev, unsigned int nvqs,
		struct virtqueue *vqs[], vq_callback_t *callbacks[],
		const char *const names[])
{
	struct virtio_pci *vp = to_vp(vdev);
	unsigned int wanted = 0, next = 1;
	int err;

	if (nvqs > MAX_QUEUES || nvqs > common_read16(vp, NUM_QUEUES))
		return -ENOENT;
	vp->queues = kcalloc(nvqs, sizeof(*vp->queues), GFP_KERNEL);
	if (!vp->queues)
		return -ENOMEM;
	for (unsigned int i = 0; i < nvqs; i++)
		wanted += names[i] && callbacks[i];
	err = request_irqs(vp, wanted);
	if (err)
		goto out;
	vp->nr_queues = nvqs;
	for (unsigned int i = 0; i < nvqs; i++) {
		vqs[i] = NULL;
		if (!names[i])
			continue;
		err = setup_queue(vp, &vp->queues[i], i, callbacks[i],
				  names[i], &next);
		if (err)
			goto out;
		vqs[i] = vp->queues[i].vq;
	}
	/* All are there: from now on they may be used. */
	for (unsigned int i = 0; i < nvqs; i++) {
		if (!vqs[i])
			continue;
		common_write16(vp, QUEUE_SELECT, i);
		common_write16(vp, QUEUE_ENABLE, 1);
	}
	return 0;
out:
	vp_del_vqs(vdev);
	return err;
}

void vp_synchronize_cbs(struct virtio_device *vdev)
{
	struct virtio_pci *vp = to_vp(vdev);
	int irq;

	if (!vp->has_irqs)
		return;
	for (unsigned int i = 0; ; i++) {
		irq = pci_irq_vector(vp->pdev, i);
		if (irq < 0)
			break;
		synchronize_irq(irq);
	}
}

const struct cpumask *vp_get_vq_affinity(struct virtio_device *vdev, int index)
{
	struct virtio_pci *vp = to_vp(vdev);

	if (!vp->per_queue || index < 0 ||
	    (unsigned int)index >= vp->nr_queues ||
	    vp->queues[index].vector == NO_VECTOR)
		return NULL;
	return pci_irq_get_affinity(vp->pdev, vp->queues[index].vector);
}
