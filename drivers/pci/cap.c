/* SPDX-License-Identifier: MIT */
/*
 * cap.c -- what a configuration space says of itself, not taken at its word
 *
 * Capabilities are linked by offsets that the device gives.  A broken device
 * may give any: too low, not aligned, or a circle.  The walk ends after as
 * many steps as there are places for entries.
 *
 * Pure: the space is read through a function, so that the host's tests and
 * the fuzzer run this file as it is.
 *
 * SEE PCI Local Bus 3.0, 6.2.5.1 (BAR sizing), 6.7; PCI Express 4.0, 7.6.3.
 */

#include "cap.h"

#define EXT_CAP_ID(h) ((h) & 0xffff)
#define EXT_CAP_NEXT(h) ((h) >> 20 & 0xffc)
#define DEAD 0xffffffffu

int pci_walk_caps(pci_cfg_read_t read, const void *ctx, int pos, int cap)
{
	int steps = (PCI_CFG_SPACE_SIZE - PCI_STD_HEADER_SIZEOF) / 4;
	u32 v;

	while (steps-- > 0) {
		if (read(ctx, pos, 1, &v))
			return 0;
		pos = v & 0xfc;
		if (pos < PCI_STD_HEADER_SIZEOF || read(ctx, pos, 2, &v) ||
		    (v & 0xff) == 0xff)
			return 0;
		if ((v & 0xff) == (u32)cap)
			return pos;
		pos += PCI_CAP_LIST_NEXT;
	}
	return 0;
}

int pci_walk_ext_caps(pci_cfg_read_t read, const void *ctx, int cap)
{
	int steps = (PCI_CFG_SPACE_EXP_SIZE - PCI_CFG_SPACE_SIZE) / 8;
	int pos = PCI_CFG_SPACE_SIZE;
	u32 h;

	while (steps-- > 0) {
		if (read(ctx, pos, 4, &h) || h == 0 || h == DEAD)
			return 0;
		if (EXT_CAP_ID(h) == (u32)cap)
			return pos;
		pos = EXT_CAP_NEXT(h);
		if (pos < PCI_CFG_SPACE_SIZE)
			return 0;
	}
	return 0;
}

/*
 * Address bits that cannot be set read as zero: the lowest that can is the
 * size.  All above it must be settable too, or it is no BAR at all.
 */
u64 pci_bar_size(u64 sz, u64 mask)
{
	u64 bits = sz & mask, size = bits & -bits;

	if (!bits || (bits | (size - 1)) != (mask | (size - 1)))
		return 0;
	return size;
}
