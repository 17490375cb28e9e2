/* SPDX-License-Identifier: MIT */
/*
 * crc32.c -- cyclic redundancy checks
 *
 * The message, read as a polynomial over GF(2), modulo a fixed one, lowest bit
 * first.  entry[0] holds the remainder of each byte; entry[k] that of a byte
 * followed by k zero bytes, so that eight bytes of the message are eight
 * independent look-ups ("slicing by 8", Kounavis and Berry 2005).  The tables
 * are computed on first use, by whoever comes first: all write the same
 * values, so no lock.
 */

#include <kernel/digest.h>

#include <kernel/export.h>
#include <kernel/string.h>

#define POLY_IEEE 0xEDB88320U
#define POLY_CASTAGNOLI 0x82F63B78U

struct crc_table {
	u32 entry[8][256];
	bool ready;
};

static struct crc_table ieee, castagnoli;

static void make_table(struct crc_table *t, u32 poly)
{
	for (u32 byte = 0; byte < 256; byte++) {
		u32 crc = byte;

		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? poly : 0);
		t->entry[0][byte] = crc;
	}
	for (int k = 1; k < 8; k++)
		for (u32 byte = 0; byte < 256; byte++) {
			u32 crc = t->entry[k - 1][byte];

			t->entry[k][byte] = (crc >> 8) ^
					    t->entry[0][crc & 0xff];
		}
	__atomic_store_n(&t->ready, true, __ATOMIC_RELEASE);
}

static u32 crc_bytes(struct crc_table *t, u32 poly, u32 crc, const u8 *p,
		     size_t len)
{
	if (unlikely(!__atomic_load_n(&t->ready, __ATOMIC_ACQUIRE)))
		make_table(t, poly);
	for (; len >= 8; len -= 8, p += 8) {
		u64 word;

		memcpy(&word, p, sizeof(word));
		word ^= crc;
		crc = 0;
		for (int k = 0; k < 8; k++)
			crc ^= t->entry[7 - k][(word >> (8 * k)) & 0xff];
	}
	while (len-- > 0)
		crc = (crc >> 8) ^ t->entry[0][(crc ^ *p++) & 0xff];
	return crc;
}

u32 crc32_le(u32 crc, const u8 *p, size_t len)
{
	return crc_bytes(&ieee, POLY_IEEE, crc, p, len);
}
EXPORT_SYMBOL(crc32_le);

u32 crc32c(u32 crc, const void *p, size_t len)
{
	return crc_bytes(&castagnoli, POLY_CASTAGNOLI, crc, p, len);
}
EXPORT_SYMBOL(crc32c);

/* CRC-16 (ARC), of the group descriptors of ext4: rare, so bit by bit. */
u16 crc16(u16 crc, const u8 *p, size_t len)
{
	while (len-- > 0) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? 0xA001 : 0);
	}
	return crc;
}
EXPORT_SYMBOL(crc16);
