/* SPDX-License-Identifier: MIT */
/* fuzz_part.c -- any bytes as a partition table: refused, or inside the disk */

/* host-fuzz: drivers/block/part-msdos.c drivers/block/part-gpt.c
 * kernel/lib/crc32.c */

#include "drivers/block/partitions.h"

#include <kernel/digest.h>
#include <kernel/string.h>

#define BLOCK 512
#define DISK_BLOCKS 64

void *malloc(size_t size);
void free(void *p);

static u8 disk[DISK_BLOCKS * BLOCK];

static int read_block(void *ctx, u64 lba, void *block)
{
	(void)ctx;
	if (lba >= DISK_BLOCKS)
		__builtin_trap();        /* it was to be checked */
	memcpy(block, disk + lba * BLOCK, BLOCK);
	return 0;
}

static void put32(u8 *p, u32 v)
{
	for (int i = 0; i < 4; i++)
		p[i] = v >> 8 * i;
}

/* Sums that hold good: else nothing behind them would ever be reached. */
static void mend_sums(u8 *header)
{
	u32 n = header[80] | header[81] << 8, size = header[12];
	u64 at = header[72];

	if (size < 92)
		size = header[12] = 92;
	if (n * 128 <= (DISK_BLOCKS - at % DISK_BLOCKS) * BLOCK)
		put32(header + 88, ~crc32_le(~0u, disk + at % DISK_BLOCKS *
					     BLOCK, n * 128));
	memset(header + 16, 0, 4);
	put32(header + 16, ~crc32_le(~0u, header, size));
}

static void check_inside(const struct part_found *parts)
{
	for (int i = 0; i < PART_MAX; i++) {
		if (!parts[i].size)
			continue;
		if (i == 0 || parts[i].from >= DISK_BLOCKS ||
		    parts[i].size > DISK_BLOCKS - parts[i].from)
			__builtin_trap();
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct part_table t = { .read_block = read_block, .block_size = BLOCK,
				.nr_blocks = DISK_BLOCKS };
	size_t n = size < sizeof(disk) ? size : sizeof(disk);

	if (size < 1)
		return 0;
	memset(disk, 0, sizeof(disk));
	memcpy(disk, data, n);
	if (data[0] & 1) {
		memcpy(disk + BLOCK, "EFI PART", 8);
		mend_sums(disk + BLOCK);
	}
	t.block = malloc(BLOCK);
	t.block2 = malloc(BLOCK);
	t.parts = malloc(PART_MAX * sizeof(*t.parts));
	memset(t.parts, 0, PART_MAX * sizeof(*t.parts));
	part_read_gpt(&t);
	check_inside(t.parts);
	memset(t.parts, 0, PART_MAX * sizeof(*t.parts));
	part_read_msdos(&t);
	check_inside(t.parts);
	free(t.block);
	free(t.block2);
	free(t.parts);
	return 0;
}
