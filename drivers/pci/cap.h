/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_PCI_CAP_H
#define DRIVERS_PCI_CAP_H
/* cap.h -- reading a configuration space that may lie; theory: cap.c */

#include <drivers/pci_regs.h>
#include <kernel/types.h>

/* Reads `size` bytes of a configuration space into *val; 0 or -errno. */
typedef int (*pci_cfg_read_t)(const void *ctx, int where, int size, u32 *val);
/* Walk the list whose pointer is at `pos`; the capability's place, or 0. */
int pci_walk_caps(pci_cfg_read_t read, const void *ctx, int pos, int cap);
int pci_walk_ext_caps(pci_cfg_read_t read, const void *ctx, int cap);
/*
 * What a BAR says after all ones were written to it.  `sz` is what reads back
 * (64 bits for a 64-bit memory BAR); its size, or 0: not there or nonsense.
 */
u64 pci_bar_size(u64 sz, u64 mask);

#endif
