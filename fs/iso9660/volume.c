/* SPDX-License-Identifier: MIT */
/*
 * volume.c -- the volume descriptors of a CD
 *
 * IDEA.  From block 16 on there is a list of descriptors, one a block: the
 * primary one names the root directory; a supplementary one with a Joliet
 * escape names a second tree with the same files and Unicode names; the last
 * has type 255.
 */

#include "iso.h"

#include <kernel/string.h>

#define TYPE_PRIMARY 1
#define TYPE_SUPPLEMENTARY 2
#define TYPE_END 255

#define AT_BLOCKS 80
#define AT_ESCAPE 88
#define AT_BLOCK_SIZE 128
#define AT_ROOT 156

/* Days from 1970-01-01 to that day of the Gregorian calendar. */
static s64 days(s64 year, s64 month, s64 day)
{
	s64 era, of_era;

	month -= 3;                   /* March is month 0: leap days last */
	if (month < 0) {
		month += 12;
		year--;
	}
	era = (year >= 0 ? year : year - 399) / 400;
	of_era = year - era * 400;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       (153 * month + 2) / 5 + day - 1 - 719468;
}

static s64 seconds(s64 year, const u8 *rest, s8 zone)
{
	s64 t = days(year, rest[0], rest[1]) * 86400 + rest[2] * 3600 +
		rest[3] * 60 + rest[4];

	/* The zone is in quarters of an hour; nonsense is no zone. */
	if (zone >= -52 && zone <= 52)
		t -= zone * 15 * 60;
	return t;
}

s64 iso_date7(const u8 *d)
{
	if (!d[1] || d[1] > 12)
		return 0;
	return seconds(1900 + d[0], d + 1, (s8)d[6]);
}

static u32 number(const u8 *digits, u32 n)
{
	u32 value = 0;

	while (n--) {
		if (*digits < '0' || *digits > '9')
			return 0;
		value = value * 10 + (*digits++ - '0');
	}
	return value;
}

s64 iso_date17(const u8 *d)
{
	u8 rest[5];

	for (u32 i = 0; i < 5; i++)
		rest[i] = number(d + 4 + 2 * i, 2);
	if (!rest[0] || rest[0] > 12)
		return 0;
	return seconds(number(d, 4), rest, (s8)d[16]);
}

/* %/@, %/C, %/E: levels 1, 2, 3; 0: not Joliet. */
static u8 joliet_level(const u8 *escape)
{
	if (escape[0] != '%' || escape[1] != '/')
		return 0;
	switch (escape[2]) {
	case '@': return 1;
	case 'C': return 2;
	case 'E': return 3;
	default: return 0;
	}
}

static enum iso_descriptor read_volume(const u8 *block, struct iso_volume *v)
{
	const u8 *root = block + AT_ROOT;

	if (get_unaligned_le16(block + AT_BLOCK_SIZE) != ISO_BLOCK)
		return ISO_BAD;
	v->blocks = get_unaligned_le32(block + AT_BLOCKS);
	v->root = get_unaligned_le32(root + 2) + root[1];
	v->root_size = get_unaligned_le32(root + 10);
	v->joliet = 0;
	if (v->root < ISO_FIRST_DESCRIPTOR || v->root >= v->blocks)
		return ISO_BAD;
	if (block[0] == TYPE_PRIMARY)
		return ISO_PRIMARY;
	v->joliet = joliet_level(block + AT_ESCAPE);
	return v->joliet ? ISO_JOLIET : ISO_OTHER;
}

enum iso_descriptor iso_read_descriptor(const u8 *block, struct iso_volume *v)
{
	if (memcmp(block + 1, "CD001", 5))
		return ISO_BAD;
	switch (block[0]) {
	case TYPE_PRIMARY:
	case TYPE_SUPPLEMENTARY:
		return read_volume(block, v);
	case TYPE_END:
		return ISO_END;
	default:
		return ISO_OTHER;
	}
}
