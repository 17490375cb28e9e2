/* SPDX-License-Identifier: MIT */
/* fuzz_inflate.c -- any bytes as a compressed initramfs: refused or decoded */

/* host-fuzz: kernel/lib/inflate.c kernel/lib/gunzip.c kernel/lib/crc32.c */

#include <kernel/errno.h>
#include <kernel/inflate.h>
#include <kernel/types.h>

enum { LIMIT = 1 << 20 };

/* Reads all of what it is given, so that ASan sees a wrong length. */
static int take(void *ctx, const u8 *data, size_t len)
{
	u64 *total = ctx;
	volatile u8 sink = 0;

	for (size_t i = 0; i < len; i++)
		sink ^= data[i];
	*total += len;
	return 0;
}

static void check(int err, u64 total, size_t used, size_t size)
{
	if (total > LIMIT + INFLATE_WINDOW || (err == 0 && used > size))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct inflate_state s;
	size_t used = 0;
	u64 total = 0;
	int err = inflate_raw(&s, data, size, LIMIT, take, &total, &used);

	check(err, total, used, size);
	total = 0;
	used = 0;
	err = inflate_gzip(&s, data, size, LIMIT, take, &total, &used);
	check(err, total, used, size);
	return 0;
}
