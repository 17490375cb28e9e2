/* SPDX-License-Identifier: MIT */
/* uuid.c -- reading and making UUIDs (RFC 4122) */

#include <kernel/uuid.h>

#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/random.h>

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

void generate_random_uuid(u8 uuid[UUID_SIZE])
{
	get_random_bytes(uuid, UUID_SIZE);
	uuid[6] = (uuid[6] & 0x0f) | 0x40;      /* version 4: random */
	uuid[8] = (uuid[8] & 0x3f) | 0x80;      /* variant 1 */
}
EXPORT_SYMBOL(generate_random_uuid);
