/* SPDX-License-Identifier: MIT */
/* pci_cap.c -- the reader of configuration spaces as a Unix process */

/* host-test: drivers/pci/cap.c drivers/pci/cap_test.c -- */

#include <stddef.h>

unsigned long this_cpu_off;
void *current_task;
