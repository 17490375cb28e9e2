/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_ACPI_H
#define DRIVERS_ACPI_H
/* acpi.h -- what the firmware says of the machine (drivers/acpi) */

/*
 * Find the tables, tell arch of CPUs, interrupt controllers and timers.  Boot
 * CPU, irqs off, direct map up, before the allocators; once.
 */
void acpi_early_init(void);

#endif
