/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_REBOOT_H
#define KERNEL_REBOOT_H
/* reboot.h -- ending the machine's run (kernel/proc/reboot.c) */

#include <kernel/types.h>

extern bool ctrl_alt_del_reboots;     /* else it sends SIGINT to pid 1 */

/* Process context. */
__noreturn void kernel_restart(void);
__noreturn void kernel_halt(void);
__noreturn void kernel_power_off(void);
/* The keyboard's three keys; any context. */
void ctrl_alt_del(void);

#endif
