/* SPDX-License-Identifier: MIT */
/*
 * gunzip.c -- a member of a gzip file: a header, DEFLATE, a sum and a length
 *
 * PROMISE.  As inflate.c; and what was made has the sum that the trailer says.
 *
 * SEE RFC 1952; names of the fields are its.
 */

#include <kernel/inflate.h>

#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/string.h>

enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, FRESERVED = 0xe0 };
#define GZIP_HEADER 10
#define GZIP_TRAILER 8

/* Step over n bytes, or over a string with its NUL; false at the end. */
static bool skip(const u8 **p, const u8 *end, size_t n)
{
	if (n > (size_t)(end - *p))
		return false;
	*p += n;
	return true;
}

static bool skip_text(const u8 **p, const u8 *end)
{
	const u8 *nul = memchr(*p, 0, end - *p);

	if (!nul)
		return false;
	*p = nul + 1;
	return true;
}

/* Length of the header of RFC 1952, 2.3, or -errno. */
static ssize_t gzip_header(const u8 *data, size_t len)
{
	const u8 *p = data, *end = data + len;
	u8 flags;

	if (!skip(&p, end, GZIP_HEADER))
		return -ENODATA;
	flags = data[3];
	if (data[0] != 0x1f || data[1] != 0x8b || data[2] != 8 ||
	    (flags & FRESERVED))
		return -EINVAL;
	if (flags & FEXTRA) {
		if (end - p < 2 || !skip(&p, end, 2 + (p[0] | p[1] << 8)))
			return -ENODATA;
	}
	if ((flags & FNAME) && !skip_text(&p, end))
		return -ENODATA;
	if ((flags & FCOMMENT) && !skip_text(&p, end))
		return -ENODATA;
	if ((flags & FHCRC) && !skip(&p, end, 2))
		return -ENODATA;
	return p - data;
}

static u32 load_le32(const u8 *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (u32)p[3] << 24;
}

int inflate_gzip(struct inflate_state *s, const u8 *data, size_t len,
		 u64 limit, inflate_flush_t flush, void *ctx, size_t *used)
{
	ssize_t header = gzip_header(data, len);
	const u8 *trailer;
	size_t body;
	int err;

	*used = 0;
	if (header < 0)
		return header;
	err = inflate_raw(s, data + header, len - header, limit, flush, ctx,
			  &body);
	*used = header + body;
	if (err)
		return err;
	if (len - *used < GZIP_TRAILER)
		return -ENODATA;
	trailer = data + *used;
	*used += GZIP_TRAILER;
	if (load_le32(trailer) != ~s->crc ||
	    load_le32(trailer + 4) != (u32)s->total)
		return -EINVAL;
	return 0;
}
EXPORT_SYMBOL(inflate_gzip);
