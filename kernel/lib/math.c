/* SPDX-License-Identifier: MIT */
/* math.c -- the few functions of whole numbers that are not one instruction */

#include <kernel/math.h>

#include <kernel/bitops.h>
#include <kernel/export.h>

/*
 * The 128-bit product divided bit by bit: rare, and a call to the compiler's
 * own 128-bit division would need its run-time library.  The quotient is cut
 * to 64 bits.
 */
u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 c)
{
	unsigned __int128 product = (unsigned __int128)a * b;
	u64 hi = product >> 64, lo = (u64)product;

	if (hi == 0)
		return lo / c;
	hi %= c;
	for (int bit = 0; bit < 64; bit++) {
		bool carry = hi >> 63;

		hi = (hi << 1) | (lo >> 63);
		lo <<= 1;
		if (carry || hi >= c) {
			hi -= c;
			lo |= 1;
		}
	}
	return lo;
}
EXPORT_SYMBOL(mul_u64_u64_div_u64);

/* One bit of the root at a time, from the highest that can be in it. */
unsigned long int_sqrt(unsigned long x)
{
	unsigned long root = 0;

	if (x == 0)
		return 0;
	for (unsigned long bit = 1UL << (__fls(x) & ~1UL); bit; bit >>= 2) {
		if (x >= root + bit) {
			x -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}
EXPORT_SYMBOL(int_sqrt);

unsigned long gcd(unsigned long a, unsigned long b)
{
	while (b) {
		unsigned long r = a % b;

		a = b;
		b = r;
	}
	return a;
}
EXPORT_SYMBOL(gcd);
