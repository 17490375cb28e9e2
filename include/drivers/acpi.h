/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_ACPI_H
#define DRIVERS_ACPI_H
/* acpi.h -- what the firmware says of the machine (drivers/acpi) */

#include <kernel/types.h>

/*
 * Find the tables, tell arch of CPUs, interrupt controllers and timers.  Boot
 * CPU, irqs off, direct map up, before the allocators; once.
 */
void acpi_early_init(void);

/*
 * The memory window onto PCI configuration space (segment 0) and the buses
 * that it shows; false: there is none.  Process context.
 */
bool acpi_find_ecam(phys_addr_t *base, u8 *first_bus, u8 *last_bus);

#endif
