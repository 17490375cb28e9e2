/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_BITOPS_H
#define KERNEL_BITOPS_H
/*
 * bitops.h -- single bits of an array of longs, and searching for bits
 *
 * set_bit() and its kind, __ffs() and its kind are in arch/bitops.h.  Bit n is
 * bit n % 64 of word n / 64.
 */

#include <arch/bitops.h>
#include <kernel/types.h>

#define assign_bit(nr, addr, v) \
	((v) ? set_bit(nr, addr) : clear_bit(nr, addr))
#define __assign_bit(nr, addr, v) \
	((v) ? __set_bit(nr, addr) : __clear_bit(nr, addr))

/* floor(log2(n)); n > 0. */
static __always_inline int ilog2(u64 n)
{
	return 63 - __builtin_clzll(n);
}

static inline bool is_power_of_2(unsigned long n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return n <= 1 ? 1 : 1UL << fls_long(n - 1);
}

static inline unsigned long rounddown_pow_of_two(unsigned long n)
{
	return 1UL << (fls_long(n) - 1);
}

/* ceil(log2(n)); 0 for n = 0 and 1. */
static inline int order_base_2(unsigned long n)
{
	return n > 1 ? ilog2(n - 1) + 1 : 0;
}

static inline u32 rol32(u32 w, unsigned int s)
{
	return (w << (s & 31)) | (w >> ((-s) & 31));
}

static inline u32 ror32(u32 w, unsigned int s)
{
	return (w >> (s & 31)) | (w << ((-s) & 31));
}

static inline u64 rol64(u64 w, unsigned int s)
{
	return (w << (s & 63)) | (w >> ((-s) & 63));
}

static inline u64 ror64(u64 w, unsigned int s)
{
	return (w >> (s & 63)) | (w << ((-s) & 63));
}

/* The first set (clear) bit at or behind `from`; `size` if there is none. */
unsigned long find_next_bit(const unsigned long *addr, unsigned long size,
			    unsigned long from);
unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size,
				 unsigned long from);
unsigned long find_next_and_bit(const unsigned long *a, const unsigned long *b,
				unsigned long size, unsigned long from);
/* The last set bit below `size`; `size` if there is none. */
unsigned long find_last_bit(const unsigned long *addr, unsigned long size);

#define find_first_bit(addr, size) find_next_bit(addr, size, 0)
#define find_first_zero_bit(addr, size) find_next_zero_bit(addr, size, 0)

#define for_each_set_bit(bit, addr, size)				\
	for ((bit) = find_first_bit(addr, size); (bit) < (size);	\
	     (bit) = find_next_bit(addr, size, (bit) + 1))
#define for_each_clear_bit(bit, addr, size)				\
	for ((bit) = find_first_zero_bit(addr, size); (bit) < (size);	\
	     (bit) = find_next_zero_bit(addr, size, (bit) + 1))

#endif
