/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_DIGEST_H
#define KERNEL_DIGEST_H
/*
 * digest.h -- checksums: CRC-32, MD5 (RFC 1321), SHA-1 (RFC 3174)
 *
 * MD5 and SHA-1 tell accidental damage and name things; neither keeps an
 * attacker out.
 */

#include <kernel/types.h>

/* CRC-32 of Ethernet and gzip: start with ~0, and invert the result. */
u32 crc32_le(u32 crc, const u8 *p, size_t len);
#define crc32(seed, data, len) crc32_le(seed, (const u8 *)(data), len)
/* The whole of gzip's: inverted at both ends. */
static inline u32 crc32_ieee(const void *data, size_t len)
{
	return ~crc32_le(~0U, data, len);
}
/* CRC-32C (Castagnoli), of ext4 and SCTP. */
u32 crc32c(u32 crc, const void *p, size_t len);
u16 crc16(u16 crc, const u8 *p, size_t len);

#define MD5_DIGEST_SIZE 16
struct md5_ctx {
	u32 state[4];
	u64 bytes;
	u8 block[64];
};
void md5_init(struct md5_ctx *c);
void md5_update(struct md5_ctx *c, const void *data, size_t len);
void md5_final(struct md5_ctx *c, u8 out[MD5_DIGEST_SIZE]);

#define SHA1_DIGEST_SIZE 20
struct sha1_ctx {
	u32 state[5];
	u64 bytes;
	u8 block[64];
};
void sha1_init(struct sha1_ctx *c);
void sha1_update(struct sha1_ctx *c, const void *data, size_t len);
void sha1_final(struct sha1_ctx *c, u8 out[SHA1_DIGEST_SIZE]);

#endif
