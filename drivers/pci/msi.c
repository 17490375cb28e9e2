/* SPDX-License-Identifier: MIT */
/*
 * msi.c -- interrupts as messages: MSI and MSI-X
 *
 * PROMISE.  pci_alloc_irq_vectors() gives a function as many interrupts as it
 * and the machine can have, each with its own irq number, CPU and (MSI-X) mask.
 *
 * IDEA.  An irq here has two levels.  The inner one (arch/x86_64/irq/msi.c) has
 * a vector on a CPU and says which message reaches it; the outer one, this
 * file's irq_chip, knows where in the device that message is written:
 *
 *	MSI    a capability in configuration space: one address and data
 *	MSI-X  a table in a BAR, 16 bytes an entry: address, data, mask
 *
 * We use one message of plain MSI: more would need consecutive vectors.
 *
 * An MSI-X entry is changed while it is masked, so never torn.  Plain MSI
 * changes its address only (the vector is the same on all CPUs).
 *
 * LOCKING.  Enabling and freeing: the device's driver, one at a time.  Chip
 * operations: desc->lock, irqs off.
 *
 * SEE PCI Local Bus 3.0, 6.8; docs/72-pci.md.
 */

#include "pci_impl.h"

#include <arch/apic.h>
#include <arch/irq.h>
#include <kernel/cpumask.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/irq.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/sprintf.h>
#include <mm/slab.h>

/* One message.  All but `masked` (desc->lock) constant while it is in use. */
struct msi_desc {
	struct pci_dev *dev;
	unsigned int irq;
	unsigned int index;
	bool is_msix, can_mask, is_64, masked;
	bool spread;                  /* affinity says where */
	struct cpumask affinity;
};

static void __iomem *entry_of(const struct msi_desc *d)
{
	return d->dev->msix_base + d->index * PCI_MSIX_ENTRY_SIZE;
}

/* --- The chip ------------------------------------------------------------ */

static void write_mask(struct msi_desc *d, bool masked)
{
	int where = d->dev->msi_cap +
		    (d->is_64 ? PCI_MSI_MASK_64 : PCI_MSI_MASK_32);

	d->masked = masked;
	if (d->is_msix)
		writel(masked ? PCI_MSIX_ENTRY_CTRL_MASKBIT : 0,
		       entry_of(d) + PCI_MSIX_ENTRY_VECTOR_CTRL);
	else if (d->can_mask)
		pci_write_config_dword(d->dev, where, masked);
}

static void msi_mask(struct irq_data *data)
{
	struct msi_desc *d = data->chip_data;

	write_mask(d, true);
	if (d->is_msix)         /* posted: wait until it has arrived */
		readl(entry_of(d) + PCI_MSIX_ENTRY_VECTOR_CTRL);
}

static void msi_unmask(struct irq_data *data)
{
	write_mask(data->chip_data, false);
}

static void write_msix(struct msi_desc *d, const struct msi_msg *msg)
{
	void __iomem *e = entry_of(d);
	bool was = d->masked;

	write_mask(d, true);
	writel(msg->address, e + PCI_MSIX_ENTRY_LOWER_ADDR);
	writel(msg->address >> 32, e + PCI_MSIX_ENTRY_UPPER_ADDR);
	writel(msg->data, e + PCI_MSIX_ENTRY_DATA);
	if (!was)
		write_mask(d, false);
}

static void write_msi(struct msi_desc *d, const struct msi_msg *msg)
{
	struct pci_dev *dev = d->dev;
	int cap = dev->msi_cap;

	pci_write_config_dword(dev, cap + PCI_MSI_ADDRESS_LO, msg->address);
	if (d->is_64)
		pci_write_config_dword(dev, cap + PCI_MSI_ADDRESS_HI,
				       msg->address >> 32);
	pci_write_config_word(dev, cap + (d->is_64 ? PCI_MSI_DATA_64
						   : PCI_MSI_DATA_32),
			      msg->data);
}

static void write_message(struct msi_desc *d, const struct msi_msg *msg)
{
	if (d->is_msix)
		write_msix(d, msg);
	else
		write_msi(d, msg);
}

static int msi_set_affinity(struct irq_data *data, const struct cpumask *mask,
			    bool force)
{
	unsigned int cpu = cpumask_first_and(mask, cpu_online_mask);
	struct msi_msg msg;
	int err;

	if (cpu >= nr_cpu_ids)
		return -EINVAL;
	err = arch_move_msi(data->irq, cpu, &msg);
	if (!err)
		write_message(data->chip_data, &msg);
	return err;
}

static const struct irq_chip msi_chip = {
	.name = "PCI-MSI",
	.irq_mask = msi_mask,
	.irq_unmask = msi_unmask,
	.irq_ack = arch_msi_ack,
	.irq_set_affinity = msi_set_affinity,
	.irq_retrigger = arch_msi_retrigger,
};

/* --- Setting up ---------------------------------------------------------- */

/* Which CPUs vector i of n serves: CPUs in equal groups. */
static void spread(struct cpumask *mask, unsigned int i, unsigned int n)
{
	unsigned int cpu, at = 0, cpus = num_online_cpus();

	cpumask_clear(mask);
	for_each_online_cpu(cpu) {
		if (n >= cpus ? i % cpus == at : at * n / cpus == i)
			cpumask_set_cpu(cpu, mask);
		at++;
	}
}

static int setup_desc(struct pci_dev *dev, unsigned int i, bool msix,
		      unsigned int cpu)
{
	struct msi_desc *d = &dev->msi_descs[i];
	struct msi_msg msg;
	u16 flags = 0;
	int irq = arch_alloc_msi(&msg, cpu, msix);

	if (irq < 0)
		return irq;
	if (!msix)
		pci_read_config_word(dev, dev->msi_cap + PCI_MSI_FLAGS, &flags);
	d->dev = dev;
	d->irq = irq;
	d->index = i;
	d->is_msix = msix;
	d->is_64 = flags & PCI_MSI_FLAGS_64BIT;
	d->can_mask = flags & PCI_MSI_FLAGS_MASKBIT;
	d->masked = true;
	if (d->spread)
		cpumask_copy(&irq_to_desc(irq)->irq_data.affinity,
			     &d->affinity);
	irq_set_chip_data(irq, d);
	irq_set_chip_and_handler_name(irq, &msi_chip, handle_edge_irq, "edge");
	write_mask(d, true);
	write_message(d, &msg);
	return 0;
}

static void free_descs(struct pci_dev *dev)
{
	for (int i = 0; i < dev->msi_count; i++)
		if (dev->msi_descs[i].irq)
			arch_free_msi(dev->msi_descs[i].irq);
	kfree(dev->msi_descs);
	dev->msi_descs = NULL;
	dev->msi_count = 0;
}

static int setup_descs(struct pci_dev *dev, unsigned int n, bool msix,
		       unsigned int flags, unsigned int pre)
{
	int err;

	dev->msi_descs = kcalloc(n, sizeof(*dev->msi_descs), GFP_KERNEL);
	if (!dev->msi_descs)
		return -ENOMEM;
	dev->msi_count = n;
	for (unsigned int i = 0; i < n; i++) {
		struct msi_desc *d = &dev->msi_descs[i];
		unsigned int cpu = cpumask_first(cpu_online_mask);

		if ((flags & PCI_IRQ_AFFINITY) && i >= pre && n > pre) {
			spread(&d->affinity, i - pre, n - pre);
			d->spread = !cpumask_empty(&d->affinity);
			if (d->spread)
				cpu = cpumask_first(&d->affinity);
		}
		err = setup_desc(dev, i, msix, cpu);
		if (err) {
			free_descs(dev);
			return err;
		}
	}
	return 0;
}

/* The table must lie in a memory BAR that is there.  NULL if it does not. */
static void __iomem *map_table(struct pci_dev *dev, int entries)
{
	unsigned long size = (unsigned long)entries * PCI_MSIX_ENTRY_SIZE;
	u32 where;
	int bar;

	pci_read_config_dword(dev, dev->msix_cap + PCI_MSIX_TABLE, &where);
	bar = where & PCI_MSIX_BIR;
	where &= ~PCI_MSIX_BIR;
	if (bar > PCI_STD_RESOURCE_END || !dev->resource[bar].parent ||
	    !(dev->resource[bar].flags & IORESOURCE_MEM) ||
	    where + size > pci_resource_len(dev, bar)) {
		pci_warn(dev, "its MSI-X table is nowhere\n");
		return NULL;
	}
	return ioremap(pci_resource_start(dev, bar) + where, size);
}

static void set_msix_flags(struct pci_dev *dev, u16 clear, u16 set)
{
	u16 v;

	pci_read_config_word(dev, dev->msix_cap + PCI_MSIX_FLAGS, &v);
	pci_write_config_word(dev, dev->msix_cap + PCI_MSIX_FLAGS,
			      (v & ~clear) | set);
}

static int enable_msix(struct pci_dev *dev, unsigned int n, unsigned int flags,
		       unsigned int pre)
{
	int all = pci_msix_vec_count(dev), err;

	dev->msix_base = map_table(dev, all);
	if (!dev->msix_base)
		return -ENOSPC;
	/* All masked while the entries are written; INTx is silent then. */
	set_msix_flags(dev, 0, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	for (int i = 0; i < all; i++)
		writel(PCI_MSIX_ENTRY_CTRL_MASKBIT, dev->msix_base +
		       i * PCI_MSIX_ENTRY_SIZE + PCI_MSIX_ENTRY_VECTOR_CTRL);
	err = setup_descs(dev, n, true, flags, pre);
	if (err) {
		set_msix_flags(dev, PCI_MSIX_FLAGS_ENABLE |
			       PCI_MSIX_FLAGS_MASKALL, 0);
		iounmap(dev->msix_base);
		dev->msix_base = NULL;
		return err;
	}
	pci_intx(dev, 0);
	set_msix_flags(dev, PCI_MSIX_FLAGS_MASKALL, 0);
	dev->msix_enabled = true;
	return n;
}

static int enable_msi(struct pci_dev *dev)
{
	int err = setup_descs(dev, 1, false, 0, 0);
	u16 v;

	if (err)
		return err;
	pci_intx(dev, 0);
	pci_read_config_word(dev, dev->msi_cap + PCI_MSI_FLAGS, &v);
	pci_write_config_word(dev, dev->msi_cap + PCI_MSI_FLAGS,
			      (v & ~PCI_MSI_FLAGS_QSIZE) |
			      PCI_MSI_FLAGS_ENABLE);
	dev->msi_enabled = true;
	dev->irq = dev->msi_descs[0].irq;
	return 1;
}

int pci_alloc_irq_vectors_affinity(struct pci_dev *dev, unsigned int min_vecs,
				   unsigned int max_vecs, unsigned int flags,
				   const struct irq_affinity *affd)
{
	unsigned int pre = affd ? affd->pre_vectors : 0;
	int n;

	if (!min_vecs || min_vecs > max_vecs || dev->msi_descs)
		return -EINVAL;
	if ((flags & PCI_IRQ_MSIX) && dev->msix_cap && apic_available()) {
		n = min(pci_msix_vec_count(dev), (int)max_vecs);
		if (n >= (int)min_vecs) {
			n = enable_msix(dev, n, flags, pre);
			if (n < 0 && min_vecs < max_vecs)
				n = enable_msix(dev, min_vecs, flags, pre);
			if (n > 0)
				return n;
		}
	}
	if ((flags & PCI_IRQ_MSI) && dev->msi_cap && min_vecs == 1 &&
	    apic_available() && enable_msi(dev) == 1)
		return 1;
	if ((flags & PCI_IRQ_LEGACY) && min_vecs == 1 && dev->intx_irq) {
		pci_intx(dev, 1);
		return 1;
	}
	return -ENOSPC;
}
EXPORT_SYMBOL(pci_alloc_irq_vectors_affinity);

int pci_alloc_irq_vectors(struct pci_dev *dev, unsigned int min_vecs,
			  unsigned int max_vecs, unsigned int flags)
{
	return pci_alloc_irq_vectors_affinity(dev, min_vecs, max_vecs, flags,
					      NULL);
}
EXPORT_SYMBOL(pci_alloc_irq_vectors);

void pci_free_irq_vectors(struct pci_dev *dev)
{
	u16 v;

	if (!dev->msi_descs)
		return;
	if (dev->msix_enabled) {
		set_msix_flags(dev, PCI_MSIX_FLAGS_ENABLE, 0);
	} else {
		pci_read_config_word(dev, dev->msi_cap + PCI_MSI_FLAGS, &v);
		pci_write_config_word(dev, dev->msi_cap + PCI_MSI_FLAGS,
				      v & ~PCI_MSI_FLAGS_ENABLE);
	}
	free_descs(dev);
	if (dev->msix_base)
		iounmap(dev->msix_base);
	dev->msix_base = NULL;
	dev->msix_enabled = dev->msi_enabled = false;
	dev->irq = dev->intx_irq;
	pci_intx(dev, 1);
}
EXPORT_SYMBOL(pci_free_irq_vectors);

int pci_irq_vector(struct pci_dev *dev, unsigned int nr)
{
	if (dev->msi_descs)
		return nr < (unsigned int)dev->msi_count
			       ? (int)dev->msi_descs[nr].irq : -EINVAL;
	return nr == 0 && dev->intx_irq ? (int)dev->intx_irq : -EINVAL;
}
EXPORT_SYMBOL(pci_irq_vector);

const struct cpumask *pci_irq_get_affinity(struct pci_dev *dev, int nr)
{
	if (!dev->msi_descs)
		return cpu_possible_mask;
	if (nr < 0 || nr >= dev->msi_count || !dev->msi_descs[nr].spread)
		return NULL;
	return &dev->msi_descs[nr].affinity;
}
EXPORT_SYMBOL(pci_irq_get_affinity);

int pci_msix_vec_count(struct pci_dev *dev)
{
	u16 v;

	if (!dev->msix_cap)
		return -EINVAL;
	pci_read_config_word(dev, dev->msix_cap + PCI_MSIX_FLAGS, &v);
	return (v & PCI_MSIX_FLAGS_QSIZE) + 1;
}
EXPORT_SYMBOL(pci_msix_vec_count);

int pci_msi_vec_count(struct pci_dev *dev)
{
	u16 v;

	if (!dev->msi_cap)
		return -EINVAL;
	pci_read_config_word(dev, dev->msi_cap + PCI_MSI_FLAGS, &v);
	return 1 << (v & PCI_MSI_FLAGS_QMASK) / 2;
}
EXPORT_SYMBOL(pci_msi_vec_count);

/* A new function: silent until a driver asks. */
void pci_msi_init_device(struct pci_dev *dev)
{
	u16 v;

	dev->msi_cap = pci_find_capability(dev, PCI_CAP_ID_MSI);
	dev->msix_cap = pci_find_capability(dev, PCI_CAP_ID_MSIX);
	if (dev->msi_cap) {
		pci_read_config_word(dev, dev->msi_cap + PCI_MSI_FLAGS, &v);
		pci_write_config_word(dev, dev->msi_cap + PCI_MSI_FLAGS,
				      v & ~PCI_MSI_FLAGS_ENABLE);
	}
	if (dev->msix_cap)
		set_msix_flags(dev, PCI_MSIX_FLAGS_ENABLE, 0);
}

int pci_request_irq(struct pci_dev *dev, unsigned int nr, irq_handler_t handler,
		    irq_handler_t thread_fn, void *dev_id, const char *fmt, ...)
{
	int irq = pci_irq_vector(dev, nr), err;
	va_list args;
	char *name;

	if (irq < 0)
		return irq;
	va_start(args, fmt);
	name = kvasprintf(GFP_KERNEL, fmt, args);
	va_end(args);
	if (!name)
		return -ENOMEM;
	err = request_threaded_irq(irq, handler, thread_fn, IRQF_SHARED, name,
				   dev_id);
	if (err)
		kfree(name);
	return err;
}
EXPORT_SYMBOL(pci_request_irq);

void pci_free_irq(struct pci_dev *dev, unsigned int nr, void *dev_id)
{
	int irq = pci_irq_vector(dev, nr);

	if (irq >= 0)
		kfree(free_irq(irq, dev_id));
}
EXPORT_SYMBOL(pci_free_irq);
