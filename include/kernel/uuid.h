/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_UUID_H
#define KERNEL_UUID_H
/* uuid.h -- 128-bit names (RFC 4122), bytes in the order they are printed */

#include <kernel/string.h>
#include <kernel/types.h>

#define UUID_SIZE 16
#define UUID_STRING_LEN 36

typedef struct {
	u8 b[UUID_SIZE];
} uuid_t;

/* A random one, version 4. */
void generate_random_uuid(u8 uuid[UUID_SIZE]);
#define uuid_gen(u) generate_random_uuid((u)->b)
bool uuid_is_valid(const char *text);
/* 0, or -EINVAL. */
int uuid_parse(const char *text, uuid_t *u);

static inline bool uuid_equal(const uuid_t *a, const uuid_t *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline bool uuid_is_null(const uuid_t *u)
{
	return memchr_inv(u->b, 0, UUID_SIZE) == NULL;
}

#endif
