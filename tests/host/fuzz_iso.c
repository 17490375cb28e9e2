/* SPDX-License-Identifier: MIT */
/* fuzz_iso.c -- any bytes as a block of a CD: refused, or read */

/* host-fuzz: fs/iso9660/volume.c fs/iso9660/record.c fs/iso9660/rock.c */

#include "fs/iso9660/iso.h"

#include <kernel/string.h>

void *malloc(size_t size);
void free(void *p);

static volatile u64 sink;

static void touch(const void *p, size_t n)
{
	const u8 *bytes = p;

	while (n--)
		sink += *bytes++;
}

/* Any block that a list goes on in is the one that we have. */
static const u8 *read_same(void *arg, u32 block)
{
	return block & 0x80 ? NULL : arg;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct rock_info rock;
	struct iso_volume v;
	struct iso_record r;
	char name[ISO_NAME_MAX + 1] = { 0 };
	u8 *block;
	u32 at = 0, skip;

	if (size < 2)
		return 0;
	block = malloc(ISO_BLOCK);
	memset(block, 0, ISO_BLOCK);
	memcpy(block, data + 1, size - 1 < ISO_BLOCK ? size - 1 : ISO_BLOCK);
	iso_read_descriptor(block, &v);
	while (iso_record_at(block, at, &r) > 0) {
		touch(r.name, r.name_len);
		touch(r.susp, r.susp_len);
		touch(name, iso_plain_name(&r, true, name));
		touch(name, iso_joliet_name(&r, name));
		rock_is_announced(&r, &skip);
		rock_read(&r, data[0] % 4, read_same, block, &rock);
		if (rock.name_len > ISO_NAME_MAX ||
		    rock.link_len > ROCK_LINK_MAX)
			__builtin_trap();
		at += r.length;
	}
	free(block);
	return 0;
}
