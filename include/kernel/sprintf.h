/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SPRINTF_H
#define KERNEL_SPRINTF_H
/*
 * sprintf.h -- formatted text, and numbers read from text
 *
 * Formats are C's without floating point, and these pointers:
 *	%p	as an address, 16 digits	%pK	the same, hidden as 0
 *	%pS	symbol+offset/size		%ps	symbol
 *	%pI4	an IPv4 address, dotted		%pM	a MAC address, with colons
 *	%pU	a UUID				%*ph	up to 64 bytes in hex (the * is
 *						their count), %*phC :, %*phN none
 *	%*pbl	a bitmap as a list		%pV	struct va_format, nested
 */

#include <kernel/types.h>

struct va_format {
	const char *fmt;
	va_list *va;
};

/* What would have been written with room enough, as in C. */
__printf(3, 4) int snprintf(char *buf, size_t size, const char *fmt, ...);
__printf(3, 0) int vsnprintf(char *buf, size_t size, const char *fmt,
			     va_list args);
/* What was written, without the NUL. */
__printf(3, 4) int scnprintf(char *buf, size_t size, const char *fmt, ...);
__printf(3, 0) int vscnprintf(char *buf, size_t size, const char *fmt,
			      va_list args);
__printf(2, 3) int sprintf(char *buf, const char *fmt, ...);
__printf(2, 0) int vsprintf(char *buf, const char *fmt, va_list args);
/* Allocated; NULL without memory.  The caller frees with kfree(). */
__printf(2, 3) char *kasprintf(gfp_t gfp, const char *fmt, ...);
__printf(2, 0) char *kvasprintf(gfp_t gfp, const char *fmt, va_list args);
/* %d %i %u %x %o %s %c %n %[..], with widths and h, l, ll, z. */
__attribute__((format(scanf, 2, 3)))
int sscanf(const char *buf, const char *fmt, ...);
int vsscanf(const char *buf, const char *fmt, va_list args);

/* Base 0 takes 0x and 0 prefixes.  They stop where the number stops. */
unsigned long long simple_strtoull(const char *s, char **end,
				   unsigned int base);
unsigned long simple_strtoul(const char *s, char **end, unsigned int base);
long simple_strtol(const char *s, char **end, unsigned int base);
long long simple_strtoll(const char *s, char **end, unsigned int base);

/*
 * The whole string is the number, but for one newline at its end: else
 * -EINVAL.  -ERANGE if it does not fit the type.
 */
__must_check int kstrtoull(const char *s, unsigned int base,
			   unsigned long long *res);
__must_check int kstrtoll(const char *s, unsigned int base, long long *res);
__must_check int kstrtoul(const char *s, unsigned int base,
			  unsigned long *res);
__must_check int kstrtol(const char *s, unsigned int base, long *res);
__must_check int kstrtouint(const char *s, unsigned int base,
			    unsigned int *res);
__must_check int kstrtoint(const char *s, unsigned int base, int *res);
__must_check int kstrtou64(const char *s, unsigned int base, u64 *res);
__must_check int kstrtos64(const char *s, unsigned int base, s64 *res);
__must_check int kstrtou32(const char *s, unsigned int base, u32 *res);
__must_check int kstrtou16(const char *s, unsigned int base, u16 *res);
__must_check int kstrtou8(const char *s, unsigned int base, u8 *res);

/* A number with an optional K, M, G, T, P or E (powers of 1024) behind it. */
unsigned long long memparse(const char *s, char **end);
/* The next comma-separated int of a list: 0 none, 1 last, 2 more follow. */
int get_option(char **s, int *value);

#endif
