/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_BYTEORDER_H
#define KERNEL_BYTEORDER_H
/*
 * byteorder.h -- numbers as disks, devices and networks order their bytes
 *
 * __le32 and its kind say which order a field has; reading one without its
 * conversion is a bug that only a big-endian machine would show.
 */

#include <kernel/types.h>

typedef u16 __le16;
typedef u32 __le32;
typedef u64 __le64;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define __to_le(bits, x) ((u##bits)(x))
#define __to_be(bits, x) ((u##bits)__builtin_bswap##bits((u##bits)(x)))
#else
#define __to_le(bits, x) ((u##bits)__builtin_bswap##bits((u##bits)(x)))
#define __to_be(bits, x) ((u##bits)(x))
#endif

#define cpu_to_le16(x) __to_le(16, x)
#define cpu_to_le32(x) __to_le(32, x)
#define cpu_to_le64(x) __to_le(64, x)
#define le16_to_cpu(x) __to_le(16, x)
#define le32_to_cpu(x) __to_le(32, x)
#define le64_to_cpu(x) __to_le(64, x)
#define cpu_to_be16(x) __to_be(16, x)
#define cpu_to_be32(x) __to_be(32, x)
#define cpu_to_be64(x) __to_be(64, x)
#define be16_to_cpu(x) __to_be(16, x)
#define be32_to_cpu(x) __to_be(32, x)
#define be64_to_cpu(x) __to_be(64, x)

/* The network's order is big-endian. */
#define htons(x) cpu_to_be16(x)
#define htonl(x) cpu_to_be32(x)
#define ntohs(x) be16_to_cpu(x)
#define ntohl(x) be32_to_cpu(x)

static inline void le16_add_cpu(__le16 *p, u16 n)
{
	*p = cpu_to_le16(le16_to_cpu(*p) + n);
}

static inline void le32_add_cpu(__le32 *p, u32 n)
{
	*p = cpu_to_le32(le32_to_cpu(*p) + n);
}

/* From any address: a byte stream has no alignment. */
#define __unaligned(bits, name, conv)					\
static inline u##bits get_unaligned_##name##bits(const void *p)	\
{									\
	u##bits v;							\
									\
	__builtin_memcpy(&v, p, sizeof(v));				\
	return conv(bits, v);						\
}									\
									\
static inline void put_unaligned_##name##bits(u##bits v, void *p)	\
{									\
	v = conv(bits, v);						\
	__builtin_memcpy(p, &v, sizeof(v));				\
}
__unaligned(16, le, __to_le)
__unaligned(32, le, __to_le)
__unaligned(64, le, __to_le)
__unaligned(16, be, __to_be)
__unaligned(32, be, __to_be)
__unaligned(64, be, __to_be)
#undef __unaligned

#endif
