/* SPDX-License-Identifier: MIT */
/*
 * sscanf.c -- text taken apart by a format
 *
 * As C's, for integers, characters, strings and %n.  A blank in the format
 * matches any white space; any other character matches itself.  Stops at the
 * first mismatch; the result is the number of conversions stored.
 */

#include <kernel/sprintf.h>

#include <kernel/ctype.h>
#include <kernel/export.h>
#include <kernel/string.h>

struct scan_spec {
	bool suppress;      /* %*d: read, do not store */
	int width;          /* -1: none */
	int length;         /* bytes in the integer */
};

static const char *parse_scan_spec(const char *f, struct scan_spec *sp)
{
	*sp = (struct scan_spec){ .width = -1, .length = sizeof(int) };
	if (*f == '*') {
		sp->suppress = true;
		f++;
	}
	if (isdigit((u8)*f)) {
		sp->width = 0;
		for (; isdigit((u8)*f); f++)
			if (sp->width < 100000)
				sp->width = sp->width * 10 + (*f - '0');
	}
	if (*f == 'h') {
		sp->length = *++f == 'h' ? sizeof(char) : sizeof(short);
		return sp->length == sizeof(char) ? f + 1 : f;
	}
	while (*f == 'l' || *f == 'z' || *f == 'L') {
		sp->length = sizeof(long);
		f++;
	}
	return f;
}

static void store_integer(void *to, u64 v, int length)
{
	switch (length) {
	case sizeof(char): *(u8 *)to = v; break;
	case sizeof(short): *(u16 *)to = v; break;
	case sizeof(int): *(u32 *)to = v; break;
	default: *(u64 *)to = v;
	}
}

/* NULL if there is no number. */
static const char *scan_integer(const char *s, unsigned int base, int width,
				u64 *v)
{
	char tmp[68], *digits = tmp, *end;
	size_t n = sizeof(tmp) - 1;

	if (width >= 0 && (size_t)width < n)
		n = width;
	n = strnlen(s, n);
	memcpy(tmp, s, n);
	tmp[n] = '\0';
	if (*digits == '-' || *digits == '+')
		digits++;
	*v = simple_strtoull(digits, &end, base);
	if (end == digits)
		return NULL;
	if (*tmp == '-')
		*v = -*v;
	return s + (end - tmp);
}

/* Copy up to width characters that are not white space, and a NUL. */
static const char *scan_word(const char *s, int width, char *to)
{
	while (*s && !isspace((u8)*s) && width-- != 0) {
		if (to)
			*to++ = *s;
		s++;
	}
	if (to)
		*to = '\0';
	return s;
}

static int scan_base(char letter)
{
	return letter == 'x' || letter == 'X' ? 16 : letter == 'o' ? 8 :
	       letter == 'i' ? 0 : 10;
}

/* One conversion.  Where the text goes on, or NULL at a mismatch. */
static const char *scan_one(const char *start, const char *s, char letter,
			    const struct scan_spec *sp, va_list *args,
			    int *stored)
{
	void *to = sp->suppress ? NULL : va_arg(*args, void *);
	u64 v;

	if (letter == 'n') {
		if (to)
			store_integer(to, s - start, sp->length);
		return s;
	}
	if (letter != 'c')
		s = skip_spaces(s);
	if (!*s)
		return NULL;
	if (letter == 'c') {
		for (int n = sp->width < 0 ? 1 : sp->width; n > 0 && *s; n--)
			if (to)
				*(char *)to = *s++, to = (char *)to + 1;
			else
				s++;
	} else if (letter == 's') {
		s = scan_word(s, sp->width, to);
	} else {
		s = scan_integer(s, scan_base(letter), sp->width, &v);
		if (s && to)
			store_integer(to, v, sp->length);
	}
	*stored += s && !sp->suppress;
	return s;
}

int vsscanf(const char *buf, const char *fmt, va_list args_in)
{
	const char *s = buf;
	struct scan_spec sp;
	int stored = 0;
	va_list args;

	va_copy(args, args_in);
	while (*fmt && s) {
		if (isspace((u8)*fmt)) {
			fmt = skip_spaces(fmt);
			s = skip_spaces(s);
		} else if (*fmt != '%' || fmt[1] == '%') {
			fmt += *fmt == '%';
			s = *s == *fmt++ ? s + 1 : NULL;
		} else {
			fmt = parse_scan_spec(fmt + 1, &sp);
			if (!*fmt)
				break;
			s = scan_one(buf, s, *fmt++, &sp, &args, &stored);
		}
	}
	va_end(args);
	return stored;
}
EXPORT_SYMBOL(vsscanf);

int sscanf(const char *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsscanf(buf, fmt, args);
	va_end(args);
	return n;
}
EXPORT_SYMBOL(sscanf);
