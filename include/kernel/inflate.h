/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_INFLATE_H
#define KERNEL_INFLATE_H
/*
 * inflate.h -- DEFLATE (RFC 1951), bare or in gzip (RFC 1952), as a stream
 *
 * The input is one block of memory; the output goes to flush() in pieces, so
 * it may be any length.  No recursion, no trust in the input, about 38 KiB of
 * work space that the caller provides.  Theory: kernel/lib/inflate.c;
 * gzip's part: gunzip.c.
 */

#include <kernel/types.h>

#define INFLATE_WINDOW 32768

/* Takes len > 0 bytes; returns 0, or -errno, which ends the decoding. */
typedef int (*inflate_flush_t)(void *ctx, const u8 *data, size_t len);

#define HUFFMAN_MAX_BITS 15
#define HUFFMAN_FAST_BITS 10
#define HUFFMAN_MAX_SYMBOLS 288

struct huffman {
	u16 count[HUFFMAN_MAX_BITS + 1];    /* codes of each length */
	u16 symbol[HUFFMAN_MAX_SYMBOLS];    /* in the order of their codes */
	u16 fast[1 << HUFFMAN_FAST_BITS];   /* next bits -> symbol << 4 | length */
};

struct inflate_state {
	const u8 *in;             /* next byte of input */
	const u8 *end;
	u64 bits;                 /* bits read and not yet used, lowest first */
	unsigned int nbits;
	unsigned int pos;         /* next place in the window */
	unsigned int flushed;     /* window bytes below this were flushed */
	u64 total;                /* bytes made */
	u64 limit;                /* -EFBIG beyond it */
	u32 crc;                  /* of what was flushed */
	inflate_flush_t flush;
	void *ctx;
	struct huffman lit, dist;
	u8 window[INFLATE_WINDOW];
};

/*
 * Decode one DEFLATE stream (one gzip member) at data.  On success 0, and
 * *used is how many bytes of input it took.  -EINVAL: malformed or damaged
 * (checksum); -ENODATA: truncated; -EFBIG: more than limit bytes; or what
 * flush() returned.  s need not be initialised.
 */
__must_check int inflate_raw(struct inflate_state *s, const u8 *data,
			     size_t len, u64 limit, inflate_flush_t flush,
			     void *ctx, size_t *used);
__must_check int inflate_gzip(struct inflate_state *s, const u8 *data,
			      size_t len, u64 limit, inflate_flush_t flush,
			      void *ctx, size_t *used);

static inline bool is_gzip(const u8 *data, size_t len)
{
	return len >= 18 && data[0] == 0x1f && data[1] == 0x8b;
}

#endif
