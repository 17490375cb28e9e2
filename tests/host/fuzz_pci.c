/* SPDX-License-Identifier: MIT */
/* fuzz_pci.c -- any bytes as a configuration space: read inside, and ends */

/* host-fuzz: drivers/pci/cap.c */

#include "drivers/pci/cap.h"

#include <kernel/errno.h>
#include <kernel/string.h>

struct space {
	const u8 *data;
	size_t size;
};

static int reads;

static int read_space(const void *ctx, int where, int size, u32 *val)
{
	const struct space *s = ctx;

	if (++reads > 2000 || where < 0 ||
	    where + size > PCI_CFG_SPACE_EXP_SIZE)
		__builtin_trap();
	*val = 0;
	if ((size_t)where + size > s->size)
		return -EINVAL;
	memcpy(val, s->data + where, size);
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct space s = { data, size };
	u64 words[2] = { 0, 0 };
	int pos;
	u64 bar;

	for (int cap = 0; cap < 256; cap += 17) {
		reads = 0;
		pos = pci_walk_caps(read_space, &s, PCI_CAPABILITY_LIST, cap);
		if (pos && (pos < PCI_STD_HEADER_SIZEOF || pos > 0xfc))
			__builtin_trap();
		reads = 0;
		pos = pci_walk_ext_caps(read_space, &s, cap);
		if (pos && pos < PCI_CFG_SPACE_SIZE)
			__builtin_trap();
	}
	memcpy(words, data, size < sizeof(words) ? size : sizeof(words));
	bar = pci_bar_size(words[0], words[1]);
	if (bar & (bar - 1))
		__builtin_trap();
	return 0;
}
