/* SPDX-License-Identifier: MIT */
/*
 * vsprintf.c -- formatted text
 *
 * PROMISE.  As C's snprintf, but for floating point (absent) and %p (extended,
 * see sprintf.h).  Never writes past the buffer; with size > 0 the text is
 * ended by NUL; the result counts what would have been written.  Any context;
 * about 200 bytes of stack.
 *
 * IDEA.  Decode, then perform: parse_spec() turns "%-08.3lx" into a struct
 * spec, and one function per kind prints it.  All text goes through put(),
 * the only function that knows where the buffer ends.
 *
 * NOT DONE.  %n: it writes through a pointer that a format controls.
 */

#include <kernel/sprintf.h>

#include <kernel/bitops.h>
#include <kernel/ctype.h>
#include <kernel/export.h>
#include <kernel/kallsyms.h>
#include <kernel/math.h>
#include <kernel/string.h>

struct out {
	char *buf;
	size_t size;    /* of buf, with room for the NUL */
	size_t len;     /* characters made, written or not */
};

enum {
	F_LEFT = 1,     /* - */
	F_PLUS = 2,     /* + */
	F_SPACE = 4,    /* blank */
	F_ALT = 8,      /* # */
	F_ZERO = 16,    /* 0 */
	F_SIGNED = 32,
	F_UPPER = 64,
};

struct spec {
	unsigned int flags;
	int width;        /* 0: none */
	int precision;    /* -1: none */
	int length;       /* bytes in the integer */
	unsigned int base;
};

static inline void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void put_fill(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

/* n characters, padded to the width. */
static void put_text(struct out *o, const char *s, int n,
		     const struct spec *sp)
{
	if (!(sp->flags & F_LEFT))
		put_fill(o, ' ', sp->width - n);
	for (int i = 0; i < n; i++)
		put(o, s[i]);
	if (sp->flags & F_LEFT)
		put_fill(o, ' ', sp->width - n);
}

static void put_string(struct out *o, const char *s, const struct spec *sp)
{
	if ((unsigned long)s < 4096)
		s = s ? "(efault)" : "(null)";
	put_text(o, s, sp->precision < 0 ? strlen(s) :
		 strnlen(s, sp->precision), sp);
}

/* Digits of v, lowest first, into tmp; how many. */
static int make_digits(char *tmp, u64 v, const struct spec *sp)
{
	const char *digits = sp->flags & F_UPPER ? "0123456789ABCDEF"
						 : "0123456789abcdef";
	int n = 0;

	do {
		tmp[n++] = digits[v % sp->base];
		v /= sp->base;
	} while (v);
	return n;
}

static char sign_of(u64 *v, const struct spec *sp)
{
	if (!(sp->flags & F_SIGNED))
		return 0;
	if ((s64)*v < 0) {
		*v = -*v;
		return '-';
	}
	return sp->flags & F_PLUS ? '+' : sp->flags & F_SPACE ? ' ' : 0;
}

static void put_number(struct out *o, u64 v, const struct spec *sp)
{
	char tmp[24];
	char sign = sign_of(&v, sp);
	int n, zeros, pad;
	int prefix = !(sp->flags & F_ALT) || v == 0 ? 0 :
		     sp->base == 16 ? 2 : sp->base == 8 ? 1 : 0;

	n = v == 0 && sp->precision == 0 ? 0 : make_digits(tmp, v, sp);
	zeros = sp->precision > n ? sp->precision - n : 0;
	pad = sp->width - n - zeros - prefix - (sign != 0);
	if ((sp->flags & (F_ZERO | F_LEFT)) == F_ZERO && sp->precision < 0 &&
	    pad > 0) {
		zeros += pad;
		pad = 0;
	}
	if (!(sp->flags & F_LEFT))
		put_fill(o, ' ', pad);
	if (sign)
		put(o, sign);
	if (prefix)
		put(o, '0');
	if (prefix == 2)
		put(o, sp->flags & F_UPPER ? 'X' : 'x');
	put_fill(o, '0', zeros);
	while (n-- > 0)
		put(o, tmp[n]);
	if (sp->flags & F_LEFT)
		put_fill(o, ' ', pad);
}

static void put_hex_byte(struct out *o, u8 b)
{
	put(o, "0123456789abcdef"[b >> 4]);
	put(o, "0123456789abcdef"[b & 15]);
}

/* n bytes in hex with `sep` (0: none) between. */
static void put_hex(struct out *o, const u8 *p, int n, char sep)
{
	for (int i = 0; i < n; i++) {
		if (i > 0 && sep)
			put(o, sep);
		put_hex_byte(o, p[i]);
	}
}

static void put_decimal(struct out *o, u64 v)
{
	put_number(o, v, &(struct spec){ .precision = -1, .base = 10 });
}

static void put_ipv4(struct out *o, const u8 *a)
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			put(o, '.');
		put_decimal(o, a[i]);
	}
}

static void put_uuid(struct out *o, const u8 *b)
{
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			put(o, '-');
		put_hex_byte(o, b[i]);
	}
}

/* "0-3,7": the bits set among the first n. */
static void put_bitlist(struct out *o, const unsigned long *map, int n)
{
	unsigned long from, to;
	bool first = true;

	for (from = find_next_bit(map, n, 0); from < (unsigned long)n;
	     from = find_next_bit(map, n, to)) {
		to = find_next_zero_bit(map, n, from);
		if (!first)
			put(o, ',');
		first = false;
		put_decimal(o, from);
		if (to - from > 1) {
			put(o, '-');
			put_decimal(o, to - 1);
		}
	}
}

static void put_symbol(struct out *o, unsigned long addr, bool offset,
		       const struct spec *sp)
{
	char name[KSYM_SYMBOL_LEN];
	int n = sprint_symbol(name, sizeof(name), addr);

	if (!offset) {
		char *plus = strchr(name, '+');

		if (plus)
			n = plus - name;
	}
	put_text(o, name, n, sp);
}

static void put_format(struct out *o, const char *fmt, va_list args);

/* What stands behind %p decides; returns how many letters it took. */
static int put_pointer(struct out *o, const char *ext, const void *ptr,
		       struct spec *sp)
{
	switch (ext[0]) {
	case 'S':
	case 'B':
		put_symbol(o, (unsigned long)ptr, true, sp);
		return 1;
	case 's':
		put_symbol(o, (unsigned long)ptr, false, sp);
		return 1;
	case 'M':
		put_hex(o, ptr, 6, ':');
		return 1;
	case 'U':
		put_uuid(o, ptr);
		return 1;
	case 'I':
		if (ext[1] != '4')
			break;
		put_ipv4(o, ptr);
		return 2;
	case 'h':
		put_hex(o, ptr, clamp(sp->width, 1, 64), ext[1] == 'C' ? ':' :
			ext[1] == 'D' ? '-' : ext[1] == 'N' ? 0 : ' ');
		return ext[1] == 'C' || ext[1] == 'D' || ext[1] == 'N' ? 2 : 1;
	case 'b':
		if (ext[1] != 'l')
			break;
		put_bitlist(o, ptr, sp->width);
		return 2;
	case 'V': {
		const struct va_format *vaf = ptr;
		va_list copy;

		va_copy(copy, *vaf->va);
		put_format(o, vaf->fmt, copy);
		va_end(copy);
		return 1;
	}
	case 'K':
		ptr = NULL;
		break;
	}
	sp->base = 16;
	if (sp->width == 0) {
		sp->width = 2 * sizeof(ptr);
		sp->flags |= F_ZERO;
	}
	put_number(o, (u64)(uintptr_t)ptr, sp);
	return ext[0] == 'K' || ext[0] == 'x';
}

static const char *parse_flags(const char *f, struct spec *sp)
{
	for (;; f++) {
		switch (*f) {
		case '-': sp->flags |= F_LEFT; break;
		case '+': sp->flags |= F_PLUS; break;
		case ' ': sp->flags |= F_SPACE; break;
		case '#': sp->flags |= F_ALT; break;
		case '0': sp->flags |= F_ZERO; break;
		default: return f;
		}
	}
}

/* A number or a star; a bound keeps a hostile width from hanging us. */
static const char *parse_count(const char *f, int *n, va_list *args)
{
	*n = 0;
	if (*f == '*') {
		*n = va_arg(*args, int);
		return f + 1;
	}
	for (; isdigit((u8)*f); f++)
		if (*n < 100000)
			*n = *n * 10 + (*f - '0');
	return f;
}

static const char *parse_length(const char *f, struct spec *sp)
{
	sp->length = sizeof(int);
	switch (*f) {
	case 'h':
		sp->length = f[1] == 'h' ? sizeof(char) : sizeof(short);
		return f + (f[1] == 'h' ? 2 : 1);
	case 'l':
		sp->length = sizeof(long);
		return f + (f[1] == 'l' ? 2 : 1);
	case 'L':
	case 'z':
	case 't':
	case 'j':
		sp->length = sizeof(long);
		return f + 1;
	}
	return f;
}

/* Everything between the % and the conversion letter. */
static const char *parse_spec(const char *f, struct spec *sp, va_list *args)
{
	*sp = (struct spec){ .precision = -1, .base = 10 };
	f = parse_flags(f, sp);
	f = parse_count(f, &sp->width, args);
	if (sp->width < 0) {
		sp->flags |= F_LEFT;
		sp->width = -(unsigned int)sp->width;
	}
	if (*f == '.') {
		f = parse_count(f + 1, &sp->precision, args);
		if (sp->precision < 0)
			sp->precision = -1;
	}
	sp->width = clamp(sp->width, 0, 100000);
	sp->precision = min(sp->precision, 100000);
	return parse_length(f, sp);
}

/* Fetch an integer of the length and sign that the spec says. */
static u64 get_integer(const struct spec *sp, va_list *args)
{
	bool is_signed = sp->flags & F_SIGNED;
	u64 v;

	if (sp->length == sizeof(long))
		return va_arg(*args, u64);
	v = va_arg(*args, unsigned int);
	switch (sp->length) {
	case sizeof(char):
		return is_signed ? (u64)(s64)(s8)v : (u8)v;
	case sizeof(short):
		return is_signed ? (u64)(s64)(s16)v : (u16)v;
	}
	return is_signed ? (u64)(s64)(s32)v : v;
}

/* One conversion; `f` is its letter.  Returns what stands behind it. */
static const char *put_conversion(struct out *o, const char *f,
				  struct spec *sp, va_list *args)
{
	char c;

	switch (*f) {
	case 'd':
	case 'i':
		sp->flags |= F_SIGNED;
		break;
	case 'u':
		break;
	case 'X':
		sp->flags |= F_UPPER;
		fallthrough;
	case 'x':
		sp->base = 16;
		break;
	case 'o':
		sp->base = 8;
		break;
	case 'c':
		c = va_arg(*args, int);
		put_text(o, &c, 1, sp);
		return f + 1;
	case 's':
		put_string(o, va_arg(*args, const char *), sp);
		return f + 1;
	case 'p':
		f++;
		return f + put_pointer(o, f, va_arg(*args, void *), sp);
	case '%':
		put(o, '%');
		return f + 1;
	case '\0':
		return f;
	default:                /* unknown: show it, and take no argument */
		put(o, '%');
		put(o, *f);
		return f + 1;
	}
	put_number(o, get_integer(sp, args), sp);
	return f + 1;
}

static void put_format(struct out *o, const char *fmt, va_list args_in)
{
	struct spec sp;
	va_list args;

	va_copy(args, args_in);
	while (*fmt) {
		if (*fmt != '%') {
			put(o, *fmt++);
			continue;
		}
		fmt = parse_spec(fmt + 1, &sp, &args);
		fmt = put_conversion(o, fmt, &sp, &args);
	}
	va_end(args);
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { buf, size, 0 };

	put_format(&o, fmt, args);
	if (size > 0)
		buf[min(o.len, size - 1)] = '\0';
	return o.len > INT_MAX ? INT_MAX : (int)o.len;
}
EXPORT_SYMBOL(vsnprintf);

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}
EXPORT_SYMBOL(snprintf);

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int n = vsnprintf(buf, size, fmt, args);

	if ((size_t)n < size)
		return n;
	return size ? size - 1 : 0;
}
EXPORT_SYMBOL(vscnprintf);

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}
EXPORT_SYMBOL(scnprintf);

int vsprintf(char *buf, const char *fmt, va_list args)
{
	return vsnprintf(buf, INT_MAX, fmt, args);
}

int sprintf(char *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsprintf(buf, fmt, args);
	va_end(args);
	return n;
}
EXPORT_SYMBOL(sprintf);
