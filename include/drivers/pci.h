/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_PCI_H
#define DRIVERS_PCI_H
/*
 * pci.h -- functions on the PCI buses, and the drivers that want them
 *
 * A driver names the functions it can drive by a table of ids; the bus calls
 * its probe() for each that is there or comes, and remove() when one goes.
 * Theory: drivers/pci/probe.c, msi.c.  Chapter: docs/72-pci.md.
 *
 * Unless said otherwise: process context, may sleep.  Configuration accesses
 * (pci_read_config_...) are for any context.
 */

#include <arch/io.h>
#include <drivers/device.h>
#include <drivers/pci_regs.h>
#include <kernel/interrupt.h>
#include <kernel/ioport.h>
#include <kernel/list.h>
#include <kernel/types.h>

#define PCI_DEVFN(slot, func) ((((slot) & 0x1f) << 3) | ((func) & 7))
#define PCI_SLOT(devfn) (((devfn) >> 3) & 0x1f)
#define PCI_FUNC(devfn) ((devfn) & 7)
#define PCI_ANY_ID (~0u)

/* A function's regions: six BARs, the ROM, a bridge's three windows. */
enum {
	PCI_STD_RESOURCES = 0,
	PCI_STD_RESOURCE_END = 5,
	PCI_ROM_RESOURCE = 6,
	PCI_BRIDGE_RESOURCES = 7,     /* io, mem, prefetchable mem */
	PCI_BRIDGE_RESOURCE_END = 9,
	PCI_NUM_RESOURCES = 10,
};
#define PCI_STD_NUM_BARS 6

struct pci_bus;
struct pci_dev;
struct pci_driver;

/* How one reads and writes configuration space here; any context. */
struct pci_ops {
	int (*read)(struct pci_bus *bus, unsigned int devfn, int where,
		    int size, u32 *val);
	int (*write)(struct pci_bus *bus, unsigned int devfn, int where,
		     int size, u32 val);
};

/* Field keys:  [p] pci_bus_sem   [c] constant once scanned */
struct pci_bus {
	struct list_head node;        /* [p] in the parent's children */
	struct list_head children;    /* [p] buses behind bridges of this one */
	struct list_head devices;     /* [p] of pci_dev.bus_list */
	struct pci_bus *parent;       /* [c] NULL: root */
	struct pci_dev *self;         /* [c] the bridge; NULL: root */
	struct resource *resource[3]; /* [c] windows: io, mem, prefetchable */
	const struct pci_ops *ops;    /* [c] */
	void __iomem *ecam;           /* [c] its 1 MiB of it; NULL: ports */
	u8 number, primary;           /* [c] */
	u8 busn_end;                  /* [c] highest bus number behind it */
	char name[16];
};

struct msi_desc;

/*
 * Field keys:  [c] constant once added   [d] its driver's, or under device_lock
 * [p] pci_bus_sem
 */
struct pci_dev {
	struct list_head bus_list;    /* [p] */
	struct pci_bus *bus;          /* [c] */
	struct pci_bus *subordinate;  /* [p] the bus behind this bridge */
	unsigned int devfn;           /* [c] */
	u16 vendor, device;           /* [c] */
	u16 subsystem_vendor, subsystem_device; /* [c] */
	unsigned int class;           /* [c] base, sub, interface */
	u8 revision, hdr_type, pin;   /* [c] pin: 0 none, 1-4 INTA-D */
	u8 pcie_cap, msi_cap, msix_cap; /* [c] where; 0: none */
	u16 pcie_flags_reg;           /* [c] */
	bool multifunction;           /* [c] */
	bool is_added, is_busmaster;  /* [d] */
	bool msi_enabled, msix_enabled; /* [d] */
	bool removed;                 /* gone from its slot; READ_ONCE */
	int cfg_size;                 /* [c] 256 or 4096 */
	int enable_cnt;               /* [d] */
	unsigned int irq;             /* [d] INTx line, or its first MSI */
	unsigned int intx_irq;        /* [c] 0: none */
	struct msi_desc *msi_descs;   /* [d] array of msi_count */
	int msi_count;                /* [d] */
	void __iomem *msix_base;      /* [d] */
	struct pci_driver *driver;    /* [d] */
	struct resource resource[PCI_NUM_RESOURCES]; /* [c] */
	u64 dma_mask;                 /* [d] */
	struct device dev;
};

#define to_pci_dev(d) container_of(d, struct pci_dev, dev)

struct pci_device_id {
	u32 vendor, device;           /* PCI_ANY_ID: any */
	u32 subvendor, subdevice;
	u32 class, class_mask;
	unsigned long driver_data;
};

#define PCI_DEVICE(v, d) \
	.vendor = (v), .device = (d), .subvendor = PCI_ANY_ID, \
	.subdevice = PCI_ANY_ID
#define PCI_VDEVICE(v, d) PCI_DEVICE(PCI_VENDOR_ID_##v, d)
#define PCI_DEVICE_CLASS(c, m) \
	.class = (c), .class_mask = (m), .vendor = PCI_ANY_ID, \
	.device = PCI_ANY_ID, .subvendor = PCI_ANY_ID, .subdevice = PCI_ANY_ID

/* probe: 0, or -errno; remove: the device may be gone already. */
struct pci_driver {
	const char *name;
	const struct pci_device_id *id_table; /* ends with zeros */
	int (*probe)(struct pci_dev *dev, const struct pci_device_id *id);
	void (*remove)(struct pci_dev *dev);
	void (*shutdown)(struct pci_dev *dev);
	struct device_driver driver;
};

#define to_pci_driver(d) container_of(d, struct pci_driver, driver)

extern struct bus_type pci_bus_type;

int pci_register_driver(struct pci_driver *drv);
void pci_unregister_driver(struct pci_driver *drv);
#define module_pci_driver(d)						\
static int d##_init(void) { return pci_register_driver(&d); }		\
module_init(d##_init)

static inline void *pci_get_drvdata(struct pci_dev *pdev)
{
	return dev_get_drvdata(&pdev->dev);
}

static inline void pci_set_drvdata(struct pci_dev *pdev, void *data)
{
	dev_set_drvdata(&pdev->dev, data);
}

static inline const char *pci_name(const struct pci_dev *pdev)
{
	return dev_name(&pdev->dev);
}

struct pci_dev *pci_dev_get(struct pci_dev *dev);
void pci_dev_put(struct pci_dev *dev);

/* --- Configuration space: 0 or -errno; a dead device reads as all ones. --- */
int pci_read_config_byte(const struct pci_dev *dev, int where, u8 *val);
int pci_read_config_word(const struct pci_dev *dev, int where, u16 *val);
int pci_read_config_dword(const struct pci_dev *dev, int where, u32 *val);
int pci_write_config_byte(const struct pci_dev *dev, int where, u8 val);
int pci_write_config_word(const struct pci_dev *dev, int where, u16 val);
int pci_write_config_dword(const struct pci_dev *dev, int where, u32 val);
int pci_bus_read_config(struct pci_bus *bus, unsigned int devfn, int where,
			int size, u32 *val);
int pci_bus_write_config(struct pci_bus *bus, unsigned int devfn, int where,
			 int size, u32 val);
/* Is it still in its slot?  Any context. */
bool pci_device_is_present(struct pci_dev *pdev);

/* Where a capability begins, 0: it has none.  A looping list ends. */
int pci_find_capability(struct pci_dev *dev, int cap);
int pci_find_next_capability(struct pci_dev *dev, u8 pos, int cap);
/* The extended one (PCI Express, from 0x100). */
int pci_find_ext_capability(struct pci_dev *dev, int cap);
int pcie_capability_read_word(struct pci_dev *dev, int pos, u16 *val);
int pcie_capability_read_dword(struct pci_dev *dev, int pos, u32 *val);
int pcie_capability_write_word(struct pci_dev *dev, int pos, u16 val);

static inline int pci_pcie_cap(struct pci_dev *dev)
{
	return dev->pcie_cap;
}

static inline int pci_pcie_type(const struct pci_dev *dev)
{
	return (dev->pcie_flags_reg & PCI_EXP_FLAGS_TYPE) >> 4;
}

/* --- Bringing a device into use ------------------------------------------- */
/* Decode its BARs, wake it, route its line; nests.  0, -EINVAL. */
int pci_enable_device(struct pci_dev *dev);
int pci_enable_device_mem(struct pci_dev *dev);
void pci_disable_device(struct pci_dev *dev);
void pci_set_master(struct pci_dev *dev);
void pci_clear_master(struct pci_dev *dev);
void pci_intx(struct pci_dev *dev, int enable);
int pci_is_enabled(struct pci_dev *pdev);

#define pci_resource_start(dev, bar) ((dev)->resource[bar].start)
#define pci_resource_end(dev, bar) ((dev)->resource[bar].end)
#define pci_resource_flags(dev, bar) ((dev)->resource[bar].flags)
#define pci_resource_len(dev, bar) 					\
	((dev)->resource[bar].end ? resource_size(&(dev)->resource[bar]) : 0)

/* Claim BARs for a driver: -EBUSY if another has them. */
int pci_request_region(struct pci_dev *pdev, int bar, const char *name);
void pci_release_region(struct pci_dev *pdev, int bar);
int pci_request_regions(struct pci_dev *pdev, const char *name);
void pci_release_regions(struct pci_dev *pdev);
int pci_request_selected_regions(struct pci_dev *pdev, int bars,
				 const char *name);
void pci_release_selected_regions(struct pci_dev *pdev, int bars);
int pci_select_bars(struct pci_dev *dev, unsigned long flags);

/* Map a memory BAR: maxlen 0 is all.  NULL: a port BAR, none, no room. */
void __iomem *pci_iomap(struct pci_dev *dev, int bar, unsigned long maxlen);
void __iomem *pci_iomap_range(struct pci_dev *dev, int bar,
			      unsigned long offset, unsigned long maxlen);
void __iomem *pci_ioremap_bar(struct pci_dev *pdev, int bar);
void pci_iounmap(struct pci_dev *dev, void __iomem *addr);

/* --- Interrupts ----------------------------------------------------------- */
#define PCI_IRQ_LEGACY (1 << 0)
#define PCI_IRQ_MSI (1 << 1)
#define PCI_IRQ_MSIX (1 << 2)
#define PCI_IRQ_AFFINITY (1 << 3)     /* spread over the CPUs */
#define PCI_IRQ_ALL_TYPES (PCI_IRQ_LEGACY | PCI_IRQ_MSI | PCI_IRQ_MSIX)

/* How many vectors it got, between min and max; or -ENOSPC, -EINVAL. */
int pci_alloc_irq_vectors(struct pci_dev *dev, unsigned int min_vecs,
			  unsigned int max_vecs, unsigned int flags);
/* The same; the first pre_vectors are not spread over the CPUs. */
struct irq_affinity {
	unsigned int pre_vectors, post_vectors;
};
int pci_alloc_irq_vectors_affinity(struct pci_dev *dev, unsigned int min_vecs,
				   unsigned int max_vecs, unsigned int flags,
				   const struct irq_affinity *affd);
void pci_free_irq_vectors(struct pci_dev *dev);
/* The Linux irq number of vector nr; -EINVAL. */
int pci_irq_vector(struct pci_dev *dev, unsigned int nr);
/* The CPUs that vector nr was spread to; NULL: all. */
const struct cpumask *pci_irq_get_affinity(struct pci_dev *dev, int nr);
int pci_msix_vec_count(struct pci_dev *dev);
int pci_msi_vec_count(struct pci_dev *dev);
/* request_irq() on vector nr, the name a format. */
int pci_request_irq(struct pci_dev *dev, unsigned int nr, irq_handler_t handler,
		    irq_handler_t thread_fn, void *dev_id,
		    const char *fmt, ...) __printf(6, 7);
void pci_free_irq(struct pci_dev *dev, unsigned int nr, void *dev_id);

/* --- Finding devices and buses -------------------------------------------- */
/* The next one after `from` (whose reference is dropped), with a reference. */
struct pci_dev *pci_get_device(unsigned int vendor, unsigned int device,
			       struct pci_dev *from);
struct pci_dev *pci_get_class(unsigned int class, struct pci_dev *from);
struct pci_dev *pci_get_domain_bus_and_slot(int domain, unsigned int bus,
					    unsigned int devfn);
#define for_each_pci_dev(d) \
	while ((d = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, d)) != NULL)
#define pci_domain_nr(bus) 0
#define pci_is_bridge(d) ((d)->hdr_type == PCI_HEADER_TYPE_BRIDGE)

/* Take a function and all behind it out of the system; then it is gone. */
void pci_stop_and_remove_bus_device(struct pci_dev *dev);
void pci_stop_and_remove_bus_device_locked(struct pci_dev *dev);
/* Look for what is new on a bus and below, and bind drivers to it. */
unsigned int pci_rescan_bus(struct pci_bus *bus);
/* Held while the tree of buses changes. */
void pci_lock_rescan_remove(void);
void pci_unlock_rescan_remove(void);
const struct pci_device_id *pci_match_id(const struct pci_device_id *ids,
					 struct pci_dev *dev);

/* From above (/proc): hears of each function that comes and goes; may sleep. */
struct pci_observer {
	void (*added)(struct pci_dev *dev);
	void (*removed)(struct pci_dev *dev);
};
/* The one there is; it hears at once of those that are there. */
void pci_set_observer(const struct pci_observer *o);

/* For log lines: "pci 0000:00:02.0: ..." comes from dev_info() and its kin. */
#define pci_info(pdev, fmt, args...) dev_info(&(pdev)->dev, fmt, ##args)
#define pci_warn(pdev, fmt, args...) dev_warn(&(pdev)->dev, fmt, ##args)
#define pci_err(pdev, fmt, args...) dev_err(&(pdev)->dev, fmt, ##args)

#endif
