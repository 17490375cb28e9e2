/* SPDX-License-Identifier: MIT */
/* uuid.c -- reading UUIDs (RFC 4122); made in kernel/core/random.c */

#include <kernel/uuid.h>

#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/export.h>

static bool is_dash_place(int i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

bool uuid_is_valid(const char *text)
{
	for (int i = 0; i < UUID_STRING_LEN; i++)
		if (is_dash_place(i) ? text[i] != '-' : !isxdigit((u8)text[i]))
			return false;
	return true;
}

int uuid_parse(const char *text, uuid_t *u)
{
	int n = 0;

	if (!uuid_is_valid(text))
		return -EINVAL;
	for (int i = 0; i < UUID_STRING_LEN; i += 2) {
		if (is_dash_place(i))
			i++;
		u->b[n++] = hex_to_bin(text[i]) << 4 | hex_to_bin(text[i + 1]);
	}
	return 0;
}
EXPORT_SYMBOL(uuid_parse);
