/* SPDX-License-Identifier: MIT */
/*
 * record.c -- the records of a directory
 *
 * IDEA.  A directory is a row of records.  None crosses a block; a length of 0
 * says that the rest of the block is unused.  The name is followed, at an even
 * offset, by the system use area, where Rock Ridge has its say.
 */

#include "iso.h"

#include <kernel/kernel.h>
#include <kernel/string.h>

#define NAME 33

int iso_record_at(const u8 *block, u32 offset, struct iso_record *r)
{
	const u8 *d = block + offset;
	u32 fixed;

	if (offset >= ISO_BLOCK || !d[0])
		return 0;
	if (d[0] < ISO_RECORD_MIN || d[0] > ISO_BLOCK - offset ||
	    d[0] < NAME + d[32] || !d[32])
		return -EFSCORRUPTED;
	r->length = d[0];
	r->extent = get_unaligned_le32(d + 2) + d[1];
	r->size = get_unaligned_le32(d + 10);
	r->time = iso_date7(d + 18);
	r->flags = d[25];
	r->interleaved = d[26] || d[27];
	r->name = d + NAME;
	r->name_len = d[32];
	fixed = NAME + r->name_len + !(r->name_len & 1);
	r->susp = d + min(fixed, r->length);
	r->susp_len = r->length - min(fixed, r->length);
	return 1;
}

/* Without the version and a lone dot at the end; ';' and '/' become '.'. */
u32 iso_plain_name(const struct iso_record *r, bool lower, char *out)
{
	u32 len = r->name_len, n;

	if (len > 2 && r->name[len - 2] == ';' && r->name[len - 1] == '1')
		len -= 2;
	if (len > 1 && r->name[len - 1] == '.')
		len--;
	for (n = 0; n < len; n++) {
		char c = r->name[n];

		if (lower && c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		if (c == ';' || c == '/' || !c)
			c = '.';
		out[n] = c;
	}
	return n;
}

/* A unit beyond the first plane is kept as it is: Joliet is UCS-2. */
static u32 put_utf8(u32 c, char *out)
{
	if (c < 0x80) {
		out[0] = c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = 0xc0 | c >> 6;
		out[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	out[0] = 0xe0 | c >> 12;
	out[1] = 0x80 | (c >> 6 & 0x3f);
	out[2] = 0x80 | (c & 0x3f);
	return 3;
}

u32 iso_joliet_name(const struct iso_record *r, char *out)
{
	u32 units = r->name_len / 2, n = 0, i;

	if (units > 2 && !memcmp(r->name + (units - 2) * 2, "\0;\0001", 4))
		units -= 2;
	for (i = 0; i < units && n + 3 <= ISO_NAME_MAX; i++) {
		u32 c = get_unaligned_be16(r->name + i * 2);

		n += put_utf8(c == '/' || !c ? '_' : c, out + n);
	}
	return n;
}
