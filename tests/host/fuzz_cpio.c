/* SPDX-License-Identifier: MIT */
/* fuzz_cpio.c -- any bytes as an initramfs: refused with a message, or read */

/* host-fuzz: fs/cpio.c */

#include "fs/cpio.h"

#include <kernel/string.h>

static int on_entry(void *ctx, const struct cpio_entry *e, const char *text)
{
	/* Both must be strings: ASan sees it if they are not. */
	return strlen(e->name) > CPIO_PATH_MAX ||
	       (text && strlen(text) > CPIO_PATH_MAX) ? -1 : 0;
}

static int on_data(void *ctx, const u8 *data, size_t len)
{
	volatile u8 sink = 0;

	while (len--)
		sink ^= *data++;
	return 0;
}

static int on_end(void *ctx)
{
	return 0;
}

static const struct cpio_ops ops = { on_entry, on_data, on_end };

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* The first byte says in how large pieces the rest arrives. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct cpio c;
	size_t step, used;
	int err = 0;

	if (size < 2)
		return 0;
	step = 1 + data[0];
	data++;
	size--;
	cpio_init(&c, &ops, NULL);
	while (size && !err) {
		size_t n = size < step ? size : step;

		err = cpio_feed(&c, data, n, &used);
		if (used > n)
			__builtin_trap();
		if (!err && used < n)
			return 0;
		data += n;
		size -= n;
	}
	if (!err)
		err = cpio_finish(&c);
	if (err && !c.error[0])
		__builtin_trap();
	return 0;
}
