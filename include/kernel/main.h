/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H
/* main.h -- the kernel's first functions, and those that only boot calls */

struct boot_info;

void kmain(struct boot_info *info);
/* A started CPU, its idle task current, interrupts off; never returns. */
void kmain_ap(unsigned int cpu);
/* Run the tests that the boot line's selftest= chooses; may sleep. */
void selftest_run(void);

#endif
