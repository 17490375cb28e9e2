/* SPDX-License-Identifier: MIT */
/*
 * kstrtox.c -- numbers out of text: strict (kstrto...) and lenient (simple_...)
 *
 * Both rest on parse_number(), which reads digits as long as there are any and
 * tells whether the value overflowed 64 bits.
 */

#include <kernel/sprintf.h>

#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/string.h>

/* Base 0: hexadecimal behind 0x, octal behind 0, else decimal. */
static const char *skip_prefix(const char *s, unsigned int *base)
{
	bool hex = s[0] == '0' && tolower((u8)s[1]) == 'x' &&
		   isxdigit((u8)s[2]);

	if (*base == 0)
		*base = hex ? 16 : s[0] == '0' ? 8 : 10;
	return *base == 16 && hex ? s + 2 : s;
}

static const char *parse_number(const char *s, unsigned int base, u64 *value,
				bool *overflow)
{
	*value = 0;
	*overflow = false;
	for (;; s++) {
		int digit = isdigit((u8)*s) ? *s - '0' :
			    isalpha((u8)*s) ? tolower((u8)*s) - 'a' + 10 : 99;

		if (digit >= (int)base)
			return s;
		if (__builtin_mul_overflow(*value, (u64)base, value) ||
		    __builtin_add_overflow(*value, (u64)digit, value))
			*overflow = true;
	}
}

unsigned long long simple_strtoull(const char *s, char **end,
				   unsigned int base)
{
	bool overflow;
	u64 v;

	s = skip_prefix(s, &base);
	s = parse_number(s, base, &v, &overflow);
	if (end)
		*end = (char *)s;
	return v;
}
EXPORT_SYMBOL(simple_strtoull);

unsigned long simple_strtoul(const char *s, char **end, unsigned int base)
{
	return simple_strtoull(s, end, base);
}
EXPORT_SYMBOL(simple_strtoul);

long long simple_strtoll(const char *s, char **end, unsigned int base)
{
	if (*s == '-')
		return -simple_strtoull(s + 1, end, base);
	return simple_strtoull(s, end, base);
}

long simple_strtol(const char *s, char **end, unsigned int base)
{
	return simple_strtoll(s, end, base);
}
EXPORT_SYMBOL(simple_strtol);

static int strict_u64(const char *s, unsigned int base, u64 *res)
{
	const char *digits = skip_prefix(s, &base), *end;
	bool overflow;
	u64 v;

	end = parse_number(digits, base, &v, &overflow);
	if (end == digits)
		return -EINVAL;
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	if (overflow)
		return -ERANGE;
	*res = v;
	return 0;
}

int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
{
	u64 v;
	int err = strict_u64(*s == '+' ? s + 1 : s, base, &v);

	if (!err)
		*res = v;
	return err;
}
EXPORT_SYMBOL(kstrtoull);

int kstrtoll(const char *s, unsigned int base, long long *res)
{
	bool minus = *s == '-';
	u64 v;
	int err = strict_u64(minus || *s == '+' ? s + 1 : s, base, &v);

	if (err)
		return err;
	if (v > (u64)S64_MAX + minus)
		return -ERANGE;
	*res = minus ? (long long)-v : (long long)v;
	return 0;
}
EXPORT_SYMBOL(kstrtoll);

/* The narrower ones: read wide, refuse what does not survive the cast. */
#define __KSTRTO(name, type, wide, read)				\
int name(const char *s, unsigned int base, type *res)			\
{									\
	wide v;								\
	int err = read(s, base, &v);					\
									\
	if (err)							\
		return err;						\
	if (v != (wide)(type)v)						\
		return -ERANGE;						\
	*res = (type)v;							\
	return 0;							\
}									\
EXPORT_SYMBOL(name)

__KSTRTO(kstrtoul, unsigned long, unsigned long long, kstrtoull);
__KSTRTO(kstrtol, long, long long, kstrtoll);
__KSTRTO(kstrtouint, unsigned int, unsigned long long, kstrtoull);
__KSTRTO(kstrtoint, int, long long, kstrtoll);
__KSTRTO(kstrtou64, u64, unsigned long long, kstrtoull);
__KSTRTO(kstrtos64, s64, long long, kstrtoll);
__KSTRTO(kstrtou32, u32, unsigned long long, kstrtoull);
__KSTRTO(kstrtou16, u16, unsigned long long, kstrtoull);
__KSTRTO(kstrtou8, u8, unsigned long long, kstrtoull);

unsigned long long memparse(const char *s, char **end)
{
	static const char suffixes[] = "KMGTPE";
	char *p;
	unsigned long long v = simple_strtoull(s, &p, 0);
	const char *unit = *p ? strchr(suffixes, toupper((u8)*p)) : NULL;

	if (unit) {
		v <<= 10 * (unit - suffixes + 1);
		p++;
	}
	if (end)
		*end = p;
	return v;
}
EXPORT_SYMBOL(memparse);

int get_option(char **s, int *value)
{
	char *start = *s;

	if (!start || !*start)
		return 0;
	*value = simple_strtol(start, s, 0);
	if (*s == start)
		return 0;
	if (**s != ',')
		return 1;
	(*s)++;
	return 2;
}
EXPORT_SYMBOL(get_option);
