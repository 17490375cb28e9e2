/* SPDX-License-Identifier: MIT */
/* options.c -- the text behind mount -o; the words are Linux's */

#include "pure.h"

#include <kernel/kernel.h>
#include <kernel/string.h>

/* Words that set a byte of struct ext2_options. */
static const struct flag_word {
	const char *word;
	u32 offset;
	u8 value;
	u32 noted;                    /* a second one that becomes true, or 0 */
} flag_words[] = {
#define FIELD(f) offsetof(struct ext2_options, f)
	{ "minixdf", FIELD(minixdf), 1, 0 },
	{ "bsddf", FIELD(minixdf), 0, 0 },
	{ "grpid", FIELD(grpid), 1, FIELD(grpid_set) },
	{ "bsdgroups", FIELD(grpid), 1, FIELD(grpid_set) },
	{ "nogrpid", FIELD(grpid), 0, FIELD(grpid_set) },
	{ "sysvgroups", FIELD(grpid), 0, FIELD(grpid_set) },
	{ "nouid32", FIELD(nouid32), 1, 0 },
	{ "debug", FIELD(debug), 1, 0 },
	{ "user_xattr", FIELD(user_xattr), 1, FIELD(user_xattr_set) },
	{ "nouser_xattr", FIELD(user_xattr), 0, FIELD(user_xattr_set) },
	{ "acl", FIELD(acl), 1, FIELD(acl_set) },
	{ "noacl", FIELD(acl), 0, FIELD(acl_set) },
	{ "reservation", FIELD(noreservation), 0, 0 },
	{ "noreservation", FIELD(noreservation), 1, 0 },
	{ "errors=continue", FIELD(errors), EXT2_ERRORS_CONTINUE, 0 },
	{ "errors=remount-ro", FIELD(errors), EXT2_ERRORS_RO, 0 },
	{ "errors=panic", FIELD(errors), EXT2_ERRORS_PANIC, 0 },
#undef FIELD
};

static bool set_flag(const char *word, struct ext2_options *o)
{
	for (u32 i = 0; i < ARRAY_SIZE(flag_words); i++) {
		const struct flag_word *f = &flag_words[i];

		if (strcmp(word, f->word))
			continue;
		((u8 *)o)[f->offset] = f->value;
		if (f->noted)
			((u8 *)o)[f->noted] = 1;
		return true;
	}
	return !strcmp(word, "check=none") || !strcmp(word, "nocheck");
}

/* A decimal number that ends the word. */
static bool set_number(const char *text, u32 *to)
{
	u64 n = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (*text - '0');
		if (n > U32_MAX)
			return false;
	}
	*to = n;
	return true;
}

static bool parse_word(char *word, struct ext2_options *o)
{
	char *value;

	if (set_flag(word, o))
		return true;
	value = strchr(word, '=');
	if (!value)
		return false;
	if (!strncmp(word, "sb=", 3))
		return set_number(value + 1, &o->sb_block);
	if (!strncmp(word, "resuid=", 7))
		return set_number(value + 1, &o->resuid);
	if (!strncmp(word, "resgid=", 7))
		return set_number(value + 1, &o->resgid);
	return false;
}

int ext2_parse_options(char *text, struct ext2_options *o, const char **bad)
{
	char *word;

	while ((word = strsep(&text, ",")) != NULL) {
		if (*word && !parse_word(word, o)) {
			*bad = word;
			return -EINVAL;
		}
	}
	return 0;
}
