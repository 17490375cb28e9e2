/* SPDX-License-Identifier: MIT */
#ifndef ARCH_APIC_H
#define ARCH_APIC_H
/*
 * apic.h -- what the firmware says of the interrupt controllers, and the local
 * APIC's doors
 *
 * drivers/acpi calls arch_register_...() while it reads the MADT, before
 * arch_irq_init().  Without any of these calls the machine runs on the
 * 8259 pair and one CPU.
 */

#include <kernel/types.h>

void arch_register_lapic_base(phys_addr_t phys);
void arch_register_lapic(u32 acpi_id, u32 apic_id, bool enabled);
void arch_register_lapic_nmi(u32 acpi_id, u16 flags, u8 lint);
void arch_register_ioapic(u32 id, phys_addr_t phys, u32 gsi_base);
/*
 * ISA line `isa_irq` arrives at input `gsi`.  MADT flags: bits 0-1 polarity
 * (1 high, 3 low), bits 2-3 trigger (1 edge, 3 level); 0 the bus's default.
 */
void arch_register_irq_override(u32 isa_irq, u32 gsi, u16 flags);
/* Is there a usable local APIC on this machine? */
bool apic_available(void);
u32 apic_id_self(void);
void apic_eoi(void);

/* For PCI: where a device's message-signalled interrupt has to be written. */
struct msi_msg {
	u64 address;
	u32 data;
};

#endif
