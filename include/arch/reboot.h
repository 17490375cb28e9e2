/* SPDX-License-Identifier: MIT */
#ifndef ARCH_REBOOT_H
#define ARCH_REBOOT_H
/* reboot.h -- the last thing a machine does */

#include <kernel/compiler.h>

/* ACPI's ways, if it found any: tried first.  They return if they fail. */
extern void (*acpi_reset_hook)(void);
extern void (*acpi_power_off_hook)(void);

/* Any context; the other CPUs are stopped first. */
__noreturn void machine_restart(void);
__noreturn void machine_power_off(void);
__noreturn void machine_halt(void);
/* This CPU alone, for good. */
__noreturn void stop_this_cpu(void);

#endif
