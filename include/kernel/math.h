/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_MATH_H
#define KERNEL_MATH_H
/* math.h -- rounding, comparing, and products wider than a register */

#include <kernel/types.h>

#define __cmp_once(op, a, b) ({						\
	__auto_type __a = (a);						\
	__auto_type __b = (b);						\
	__a op __b ? __a : __b; })
#define min(a, b) __cmp_once(<, a, b)
#define max(a, b) __cmp_once(>, a, b)
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))
#define min3(a, b, c) min(min(a, b), c)
#define max3(a, b, c) max(max(a, b), c)
#define min_not_zero(x, y) ({						\
	__auto_type __x = (x);						\
	__auto_type __y = (y);						\
	__x == 0 ? __y : (__y == 0 ? __x : min(__x, __y)); })
#define clamp(v, lo, hi) min(max(v, lo), hi)
#define clamp_t(type, v, lo, hi) min_t(type, max_t(type, v, lo), hi)
#define clamp_val(v, lo, hi) clamp_t(__typeof__(v), v, lo, hi)
#define swap(a, b) do {							\
	__typeof__(a) __tmp = (a);					\
	(a) = (b);							\
	(b) = __tmp;							\
} while (0)
#define abs(x) ({ __auto_type __x = (x); __x < 0 ? -__x : __x; })

/* The mask kinds need a power of two; the others take any divisor. */
#define __round_mask(x, y) ((__typeof__(x))((y) - 1))
#define round_up(x, y) ((((x) - 1) | __round_mask(x, y)) + 1)
#define round_down(x, y) ((x) & ~__round_mask(x, y))
#define roundup(x, y) ({						\
	__typeof__(y) __y = (y);					\
	(((x) + (__y - 1)) / __y) * __y; })
#define rounddown(x, y) ({						\
	__typeof__(x) __x = (x);					\
	__x - (__x % (y)); })
#define ALIGN(x, a) round_up(x, a)
#define ALIGN_DOWN(x, a) round_down(x, a)
#define PTR_ALIGN(p, a) ((__typeof__(p))ALIGN((unsigned long)(p), (a)))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_UP_ULL(n, d) DIV_ROUND_UP((unsigned long long)(n), (d))
#define DIV_ROUND_CLOSEST(x, d) (((x) + (d) / 2) / (d))

#define upper_32_bits(n) ((u32)((u64)(n) >> 32))
#define lower_32_bits(n) ((u32)((n) & 0xffffffffU))

/* The exact 128-bit product, shifted; the caller knows that it then fits. */
static inline u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift)
{
	return (u64)(((unsigned __int128)a * b) >> shift);
}

static inline u64 mul_u64_u32_shr(u64 a, u32 b, unsigned int shift)
{
	return mul_u64_u64_shr(a, b, shift);
}

/* a * b / c without losing the high half of the product. */
u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 c);

static inline u64 mul_u64_u32_div(u64 a, u32 b, u32 c)
{
	return mul_u64_u64_div_u64(a, b, c);
}

static inline u64 div_u64_rem(u64 n, u32 d, u32 *rem)
{
	*rem = (u32)(n % d);
	return n / d;
}

static inline u64 div64_u64_rem(u64 n, u64 d, u64 *rem)
{
	*rem = n % d;
	return n / d;
}

static inline u64 div_u64(u64 n, u32 d)
{
	return n / d;
}

static inline s64 div_s64(s64 n, s32 d)
{
	return n / d;
}

static inline u64 div64_u64(u64 n, u64 d)
{
	return n / d;
}

static inline s64 div64_s64(s64 n, s64 d)
{
	return n / d;
}

/* Divide the lvalue n by d in place; the value is the remainder. */
#define do_div(n, d) ({							\
	u32 __d = (d);							\
	u32 __rem = (u32)((u64)(n) % __d);				\
	(n) = (u64)(n) / __d;						\
	__rem; })

/* The largest r with r * r <= x. */
unsigned long int_sqrt(unsigned long x);
unsigned long gcd(unsigned long a, unsigned long b);

#define check_add_overflow(a, b, d) __builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d) __builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d) __builtin_mul_overflow(a, b, d)

/* Sizes for allocations: SIZE_MAX, which no allocator grants, on overflow. */
static inline size_t size_mul(size_t a, size_t b)
{
	size_t r;

	return __builtin_mul_overflow(a, b, &r) ? SIZE_MAX : r;
}

static inline size_t size_add(size_t a, size_t b)
{
	size_t r;

	return __builtin_add_overflow(a, b, &r) ? SIZE_MAX : r;
}

static inline size_t array_size(size_t a, size_t b)
{
	return size_mul(a, b);
}

#define struct_size(p, member, n) \
	size_add(sizeof(*(p)), size_mul(n, sizeof(*(p)->member)))

#endif
