/* SPDX-License-Identifier: MIT */
/* cap_test.c -- self-tests of cap.c: spaces as devices should not make them */

#include "cap.h"

#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <kernel/string.h>

static u8 space[PCI_CFG_SPACE_EXP_SIZE];
static int reads;

static int read_space(const void *ctx, int where, int size, u32 *val)
{
	reads++;
	EXPECT(where >= 0 && where + size <= PCI_CFG_SPACE_EXP_SIZE);
	*val = 0;
	memcpy(val, space + where, size);
	return 0;
}

static void put_cap(int at, u8 id, u8 next)
{
	space[at] = id;
	space[at + 1] = next;
}

static int find(int cap)
{
	reads = 0;
	return pci_walk_caps(read_space, NULL, PCI_CAPABILITY_LIST, cap);
}

SELFTEST(pci_capabilities_are_found_in_any_order)
{
	memset(space, 0, sizeof(space));
	space[PCI_CAPABILITY_LIST] = 0xe0;
	put_cap(0xe0, PCI_CAP_ID_MSI, 0x40);
	put_cap(0x40, PCI_CAP_ID_PM, 0x80);
	put_cap(0x80, PCI_CAP_ID_MSIX, 0);
	EXPECT(find(PCI_CAP_ID_MSI) == 0xe0);
	EXPECT(find(PCI_CAP_ID_MSIX) == 0x80);
	EXPECT(find(PCI_CAP_ID_EXP) == 0);
}

SELFTEST(pci_capability_list_that_is_a_circle_ends)
{
	memset(space, 0, sizeof(space));
	space[PCI_CAPABILITY_LIST] = 0x40;
	put_cap(0x40, PCI_CAP_ID_PM, 0x50);
	put_cap(0x50, PCI_CAP_ID_PM, 0x40);
	EXPECT(find(PCI_CAP_ID_MSI) == 0);
	EXPECT(reads < 200);
}

SELFTEST(pci_capability_pointer_into_the_header_is_refused)
{
	memset(space, PCI_CAP_ID_MSI, sizeof(space));
	space[PCI_CAPABILITY_LIST] = 0x10;
	EXPECT(find(PCI_CAP_ID_MSI) == 0);
	memset(space, 0xff, sizeof(space));     /* nobody is there */
	EXPECT(find(0xff) == 0);
}

SELFTEST(pci_extended_capability_circle_ends)
{
	u32 first = 0x1 | 0x140 << 20, second = 0x2 | 0x100u << 20;

	memset(space, 0, sizeof(space));
	memcpy(space + 0x100, &first, 4);
	memcpy(space + 0x140, &second, 4);
	EXPECT(pci_walk_ext_caps(read_space, NULL, 2) == 0x140);
	EXPECT(pci_walk_ext_caps(read_space, NULL, 9) == 0);
}

SELFTEST(pci_bar_size_is_its_lowest_settable_bit)
{
	EXPECT(pci_bar_size(0xfffff008, 0xfffffff0) == 0x1000);
	EXPECT(pci_bar_size(0xffe1, 0xfffc) == 0x20);
	EXPECT(pci_bar_size(0xffffffffffffc00cull, ~0ull << 4) == 0x4000);
	EXPECT(pci_bar_size(0xfffffff000000000ull, ~0ull << 4) == 1ull << 36);
	/* Nothing settable; a hole among the settable bits. */
	EXPECT(pci_bar_size(0, 0xfffffff0) == 0);
	EXPECT(pci_bar_size(0xff0ff000, 0xfffffff0) == 0);
}
