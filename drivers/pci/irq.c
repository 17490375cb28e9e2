/* SPDX-License-Identifier: MIT */
/*
 * irq.c -- where a function's INTx pin arrives
 *
 * Pins A-D of all slots are wired together, rotated by the slot, into a few
 * lines of the chipset.  Behind a bridge they come out at the bridge's own
 * pins, rotated once more ("swizzled").  Which interrupt a line then is, ACPI
 * says in bytecode (_PRT) that we have no interpreter for.  What can be read:
 *
 *	ICH9 (QEMU's q35) with an I/O APIC   its PIRQA-H are inputs 16-23; slots
 *	        25-31 have routing registers, the others rotate over PIRQE-H
 *	any other                            the firmware wrote the ISA line into
 *	        the function's Interrupt Line register
 *
 * Lines are level-triggered, active low, and shared.
 *
 * SEE PCI-to-PCI Bridge 1.2, 9.1; Intel ICH9 data sheet, 10.1.45 (D31IR ...).
 */

#include "pci_impl.h"

#include <arch/apic.h>
#include <arch/irq.h>
#include <arch/page.h>
#include <kernel/errno.h>

#define ICH9_LPC 0x2918
#define ICH9_RCBA 0xf0                /* of the LPC bridge: chipset registers */
#define ICH9_RCBA_ENABLE 1
#define ICH9_IR_BASE 0x3140
#define ICH9_IR_SIZE 0x20
#define ICH9_FIRST_ROUTED_SLOT 25
#define ICH9_P2P_SLOT 30
#define PIRQ_E 4
#define FIRST_PIRQ_GSI 16

static u8 ich9_pirq[32][4];           /* slot, pin - 1 -> PIRQ */
static bool have_ich9;

/* Offset of a slot's routing register from D31IR; they go downwards. */
static int ir_offset(int slot)
{
	static const u8 offset[] = { 0x10, 0x0c, 0x08, 0x06, 0x04, 0, 0x00 };

	return offset[slot - ICH9_FIRST_ROUTED_SLOT];
}

static void read_routes(const void __iomem *ir)
{
	for (int slot = 0; slot < 32; slot++) {
		for (int pin = 0; pin < 4; pin++) {
			u8 pirq = (slot + pin) % 4 + PIRQ_E;

			if (slot == ICH9_P2P_SLOT)
				pirq = pin + PIRQ_E;
			else if (slot >= ICH9_FIRST_ROUTED_SLOT)
				pirq = readw(ir + ir_offset(slot)) >>
				       4 * pin & 7;
			ich9_pirq[slot][pin] = pirq;
		}
	}
}

/* The function's own pin, seen on the root bus: slot there and pin 1-4. */
static int root_pin(struct pci_dev *dev, int *slot)
{
	int pin = dev->pin;

	while (dev->bus->self) {
		pin = (pin - 1 + PCI_SLOT(dev->devfn)) % 4 + 1;
		dev = dev->bus->self;
	}
	*slot = PCI_SLOT(dev->devfn);
	return pin;
}

void pci_assign_irq(struct pci_dev *dev)
{
	int slot, pin, irq = -EINVAL;
	u8 line;

	if (!dev->pin)
		return;
	pin = root_pin(dev, &slot);
	if (have_ich9)
		irq = acpi_register_gsi(FIRST_PIRQ_GSI +
					ich9_pirq[slot][pin - 1], true, true);
	if (irq < 0) {
		pci_read_config_byte(dev, PCI_INTERRUPT_LINE, &line);
		irq = line && line < NR_ISA_IRQS ? isa_irq_to_irq(line) : 0;
	}
	dev->intx_irq = dev->irq = irq;
}

/* Once the root bus is known; assigns what was found before. */
static void reassign(struct pci_bus *bus)
{
	struct pci_bus *child;
	struct pci_dev *dev;

	list_for_each_entry(dev, &bus->devices, bus_list)
		pci_assign_irq(dev);
	list_for_each_entry(child, &bus->children, node)
		reassign(child);
}

void pci_irq_route_init(void)
{
	struct pci_dev *lpc = pci_get_device(PCI_VENDOR_ID_INTEL, ICH9_LPC,
					     NULL);
	void __iomem *ir;
	u32 rcba;

	if (!lpc)
		return;
	pci_read_config_dword(lpc, ICH9_RCBA, &rcba);
	pci_dev_put(lpc);
	if (!(rcba & ICH9_RCBA_ENABLE) || !apic_available() ||
	    acpi_register_gsi(FIRST_PIRQ_GSI, true, true) < 0)
		return;
	ir = ioremap((rcba & ~0x3fff) + ICH9_IR_BASE, ICH9_IR_SIZE);
	if (!ir)
		return;
	read_routes(ir);
	iounmap(ir);
	have_ich9 = true;
	reassign(list_first_entry(&pci_root_buses, struct pci_bus, node));
}
