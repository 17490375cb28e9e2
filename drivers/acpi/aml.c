/* SPDX-License-Identifier: MIT */
/*
 * aml.c -- the one thing we read in ACPI's bytecode: how to enter S5
 *
 * The DSDT names a package \_S5_ of four bytes; the first two go into the
 * SLP_TYP fields of PM1a and PM1b control.  Without an interpreter we look for
 *
 *	08 ['\'] "_S5_" 12 pkglen count (0a byte | 00 | 01)...
 *
 * which is how every compiler encodes it.  Pure; runs under ASan on the host.
 *
 * SEE ACPI 6.4, 20.2 (encoding), 7.4.2.6 (\_S5).
 */

#include "tables.h"

#include <kernel/string.h>

#define AML_ZERO 0x00
#define AML_ONE 0x01
#define AML_NAME 0x08
#define AML_BYTE 0x0a
#define AML_PACKAGE 0x12

/* One small integer at p[*i]; advances *i; false if it is something else. */
static bool read_integer(const u8 *p, size_t len, size_t *i, u8 *value)
{
	if (*i >= len)
		return false;
	if (p[*i] == AML_ZERO || p[*i] == AML_ONE) {
		*value = p[(*i)++];
		return true;
	}
	if (p[*i] != AML_BYTE || *i + 1 >= len)
		return false;
	*value = p[*i + 1];
	*i += 2;
	return true;
}

/* Is there a NameOp before the name at p[i], a root prefix between allowed? */
static bool is_defined_here(const u8 *p, size_t i)
{
	if (i >= 1 && p[i - 1] == AML_NAME)
		return true;
	return i >= 2 && p[i - 1] == '\\' && p[i - 2] == AML_NAME;
}

bool acpi_find_s5(const u8 *p, size_t len, u8 *type_a, u8 *type_b)
{
	for (size_t i = 1; i + 7 < len; i++) {
		size_t at = i + 5;

		if (memcmp(p + i, "_S5_", 4) || p[i + 4] != AML_PACKAGE ||
		    !is_defined_here(p, i))
			continue;
		at += 1 + (p[at] >> 6); /* pkglen: 1 to 4 bytes */
		at++;                   /* count */
		if (!read_integer(p, len, &at, type_a))
			continue;
		if (!read_integer(p, len, &at, type_b))
			*type_b = *type_a;
		return true;
	}
	return false;
}
