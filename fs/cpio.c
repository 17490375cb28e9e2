/* SPDX-License-Identifier: MIT */
/*
 * cpio.c -- reading a "newc" cpio archive that arrives in pieces
 *
 * PROMISE.  Any bytes may be fed in, in pieces of any size: the reader never
 * looks outside of them, never overflows its buffers, and names the entry that
 * is wrong.
 *
 * IDEA.  A state machine that eats bytes; each state wants a known number.
 *
 *	HEADER 110 bytes -> NAME namesize -> pad to 4 -> DATA filesize -> pad
 *	   ^                  "TRAILER!!!" -> TRAILER: zeroes until the next
 *	   +------------------------------------------------ archive begins
 *
 * A header is "070701" and thirteen 8-digit hexadecimal numbers.
 *
 * SEE docs/52-tmpfs-and-initramfs.md.
 */

#include "cpio.h"

#include <kernel/errno.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>

#define S_IFMT_BITS 0170000u
#define S_IFLNK_BITS 0120000u
#define S_IFREG_BITS 0100000u

static void expect(struct cpio *c, enum cpio_state state, u32 want)
{
	c->state = state;
	c->have = 0;
	c->want = want;
}

void cpio_init(struct cpio *c, const struct cpio_ops *ops, void *ctx)
{
	memset(c, 0, sizeof(*c));
	c->ops = ops;
	c->ctx = ctx;
	expect(c, CPIO_HEADER, CPIO_HEADER_SIZE);
}

static int fail(struct cpio *c, int err, const char *what)
{
	const char *name = c->e.name ? c->e.name : "(nothing)";

	snprintf(c->error, sizeof(c->error), "%s at byte %llu, %s \"%.60s\"",
		 what, (unsigned long long)c->total,
		 c->state == CPIO_HEADER ? "behind entry" : "entry", name);
	return err;
}

/* Eight hexadecimal digits; false if they are none. */
static bool parse_hex8(const u8 *p, u32 *value)
{
	u32 v = 0;
	int i;

	for (i = 0; i < 8; i++) {
		u8 ch = p[i];

		if (ch >= '0' && ch <= '9')
			v = v << 4 | (ch - '0');
		else if ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'f')
			v = v << 4 | ((ch | 0x20) - 'a' + 10);
		else
			return false;
	}
	*value = v;
	return true;
}

static int got_header(struct cpio *c)
{
	u32 *const fields[13] = {
		&c->e.ino, &c->e.mode, &c->e.uid, &c->e.gid, &c->e.nlink,
		&c->e.mtime, &c->e.size, &c->e.major, &c->e.minor,
		&c->e.rmajor, &c->e.rminor, &c->e.namesize, NULL };
	u32 unused;
	int i;

	if (memcmp(c->header, "070701", 6) && memcmp(c->header, "070702", 6))
		return fail(c, -EINVAL, "no cpio header");
	for (i = 0; i < 13; i++) {
		if (!parse_hex8(c->header + 6 + 8 * i,
				fields[i] ? fields[i] : &unused))
			return fail(c, -EINVAL, "bad number in header");
	}
	if (c->e.namesize == 0 || c->e.namesize > CPIO_PATH_MAX)
		return fail(c, -EINVAL, "bad name length");
	expect(c, CPIO_NAME, c->e.namesize);
	return 0;
}

/* Skip to a multiple of four, then go on as planned. */
static void pad_then(struct cpio *c, enum cpio_state next)
{
	u32 pad = -c->offset & 3;

	c->next = next;
	expect(c, CPIO_SKIP, pad);
}

static int got_name(struct cpio *c)
{
	u32 type = c->e.mode & S_IFMT_BITS;
	int err;

	c->name[c->e.namesize] = 0;
	c->e.name = c->name;
	if (c->name[c->e.namesize - 1])
		return fail(c, -EINVAL, "name without end");
	if (!strcmp(c->name, "TRAILER!!!")) {
		expect(c, CPIO_TRAILER, 0);
		return 0;
	}
	if (type == S_IFLNK_BITS) {
		if (c->e.size > CPIO_PATH_MAX)
			return fail(c, -EINVAL, "symlink too long");
		pad_then(c, CPIO_TEXT);
		return 0;
	}
	err = c->ops->entry(c->ctx, &c->e, NULL);
	if (err)
		return fail(c, err, "cannot make file");
	c->in_file = type == S_IFREG_BITS;
	pad_then(c, CPIO_DATA);
	return 0;
}

static int got_text(struct cpio *c)
{
	int err;

	c->text[c->e.size] = 0;
	err = c->ops->entry(c->ctx, &c->e, c->text);
	if (err)
		return fail(c, err, "cannot make symlink");
	pad_then(c, CPIO_HEADER);
	return 0;
}

static int got_data(struct cpio *c)
{
	int err = 0;

	if (c->in_file)
		err = c->ops->end(c->ctx);
	c->in_file = false;
	if (err)
		return fail(c, err, "cannot finish file");
	pad_then(c, CPIO_HEADER);
	return 0;
}

static void after_padding(struct cpio *c)
{
	switch (c->next) {
	case CPIO_DATA:
	case CPIO_TEXT:
		expect(c, c->next, c->e.size);
		break;
	default:
		expect(c, CPIO_HEADER, CPIO_HEADER_SIZE);
		break;
	}
}

/* The current part is complete. */
static int part_done(struct cpio *c)
{
	switch (c->state) {
	case CPIO_HEADER:
		return got_header(c);
	case CPIO_NAME:
		return got_name(c);
	case CPIO_DATA:
		return got_data(c);
	case CPIO_TEXT:
		return got_text(c);
	case CPIO_SKIP:
		after_padding(c);
		return 0;
	case CPIO_TRAILER:
		break;
	}
	return 0;
}

static int take(struct cpio *c, const u8 *data, u32 n)
{
	int err = 0;

	switch (c->state) {
	case CPIO_HEADER:
		memcpy(c->header + c->have, data, n);
		break;
	case CPIO_NAME:
		memcpy(c->name + c->have, data, n);
		break;
	case CPIO_TEXT:
		memcpy(c->text + c->have, data, n);
		break;
	case CPIO_DATA:
		if (c->in_file)
			err = c->ops->data(c->ctx, data, n);
		break;
	default:
		break;
	}
	c->have += n;
	c->offset += n;
	c->total += n;
	return err ? fail(c, err, "cannot write file") : 0;
}

/* Zeroes behind the trailer; a '0' starts another archive. */
static void skip_trailer(struct cpio *c, const u8 **data, const u8 *end)
{
	while (*data < end && **data == 0) {
		++*data;
		c->total++;
	}
	if (*data < end && **data == '0') {
		c->offset = 0;
		expect(c, CPIO_HEADER, CPIO_HEADER_SIZE);
	}
}

int cpio_feed(struct cpio *c, const u8 *data, size_t len, size_t *used)
{
	const u8 *start = data, *end = data + len;
	int err;

	for (;;) {
		size_t n;

		*used = data - start;
		if (c->state == CPIO_TRAILER) {
			skip_trailer(c, &data, end);
			*used = data - start;
			if (c->state == CPIO_TRAILER)
				return 0;
		}
		n = c->want - c->have;
		if (n > (size_t)(end - data))
			n = end - data;
		if (n) {
			err = take(c, data, n);
			if (err)
				return err;
			data += n;
		}
		if (c->have < c->want)
			break;
		err = part_done(c);
		if (err)
			return err;
	}
	*used = data - start;
	return 0;
}

int cpio_finish(struct cpio *c)
{
	if (cpio_at_boundary(c))
		return 0;
	return fail(c, -EINVAL, "archive is cut short");
}
