/* SPDX-License-Identifier: MIT */
/* fuzz_printf.c -- any format: bounded output, and the same for each size */

/* host-fuzz: kernel/lib/vsprintf.c kernel/lib/kstrtox.c kernel/lib/sscanf.c
 * kernel/lib/string.c kernel/lib/bitops.c */

#include <kernel/kallsyms.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>

#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

int sprint_symbol(char *buf, size_t size, unsigned long addr)
{
	return scnprintf(buf, size, "symbol");
}

/* Conversions that read through a pointer are not for random arguments. */
static bool follows_pointers(const char *fmt)
{
	return strpbrk(fmt, "spn*") != NULL;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static char fmt[64], small[8], large[256];
	unsigned long long v;
	int n, a = 0, b = 0;
	long l;

	size = size < sizeof(fmt) - 1 ? size : sizeof(fmt) - 1;
	memcpy(fmt, data, size);
	fmt[size] = '\0';
	if (fmt[0] != '+' && kstrtoull(fmt, 0, &v) == 0 &&
	    v != simple_strtoull(fmt, NULL, 0))
		__builtin_trap();
	l = simple_strtol(fmt, NULL, 0);
	sscanf(fmt, "%d:%x %7s", &a, &b, small);
	if (follows_pointers(fmt))
		return 0;
	n = snprintf(small, sizeof(small), fmt, l, 2L, 3L, 4L, 5L, 6L, 7L, 8L,
		     9L, 10L, 11L, 12L, 13L, 14L, 15L, 16L, 17L, 18L, 19L, 20L,
		     21L, 22L, 23L, 24L, 25L, 26L, 27L, 28L, 29L, 30L, 31L);
	if (strnlen(small, sizeof(small)) >= sizeof(small) ||
	    n != snprintf(large, sizeof(large), fmt, l, 2L, 3L, 4L, 5L, 6L, 7L,
			  8L, 9L, 10L, 11L, 12L, 13L, 14L, 15L, 16L, 17L, 18L,
			  19L, 20L, 21L, 22L, 23L, 24L, 25L, 26L, 27L, 28L,
			  29L, 30L, 31L) ||
	    strncmp(small, large, strlen(small)) != 0)
		__builtin_trap();
	return 0;
}
