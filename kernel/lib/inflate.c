/* SPDX-License-Identifier: MIT */
/*
 * inflate.c -- undoing DEFLATE
 *
 * PROMISE.  Valid input gives exactly the original bytes; any other input, an
 * error, within time linear in input plus output and without touching memory
 * outside the input and *s.  Context: as flush() needs.
 *
 * IDEA.  The stream is a sequence of blocks, each stored, or coded with fixed
 * or with transmitted Huffman codes.  A symbol is a byte, the end of a block,
 * or "copy n bytes from d bytes ago"; so the last 32 KiB of output are kept in
 * a ring, the window, which is flushed each time it is full.
 *
 * A canonical Huffman code is fixed by the lengths of its codes alone: codes of
 * one length are consecutive numbers, in the order of their symbols.  Codes of
 * up to 10 bits are looked up with the next 10 bits as the index; longer ones
 * are found by walking the lengths.
 *
 * INVARIANTS
 *	I1  in <= end; nbits <= 64; the bits above nbits are zero
 *	I2  pos < INFLATE_WINDOW; window[flushed..pos) was not flushed yet
 *	I3  a copy never reaches back further than what was made (total), nor
 *	    than the window
 *	I4  a code is never over-subscribed, so decoding always stays in tables
 *
 * SEE RFC 1951; names of the fields are its.  gunzip.c for what gzip adds.
 */

#include <kernel/inflate.h>

#include <kernel/bitops.h>
#include <kernel/digest.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/math.h>
#include <kernel/string.h>

#define END_OF_BLOCK 256
#define MAX_LITERALS 286        /* symbols 286 and 287 never occur */
#define MAX_DISTANCES 30

/* Length symbols from 257 on, distance symbols from 0: base, extra bits. */
static const u16 length_base[29] = {
	3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51,
	59, 67, 83, 99, 115, 131, 163, 195, 227, 258 };
static const u8 length_extra[29] = {
	0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4,
	5, 5, 5, 5, 0 };
static const u16 dist_base[MAX_DISTANCES] = {
	1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385,
	513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385,
	24577 };
static const u8 dist_extra[MAX_DISTANCES] = {
	0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10,
	10, 11, 11, 12, 12, 13, 13 };

/* Have as many bits as the input still gives, more than 56 if it can. */
static inline void refill(struct inflate_state *s)
{
	while (s->nbits <= 56 && s->in < s->end) {
		s->bits |= (u64)*s->in++ << s->nbits;
		s->nbits += 8;
	}
}

static inline void drop_bits(struct inflate_state *s, unsigned int n)
{
	s->bits >>= n;
	s->nbits -= n;
}

/* n <= 16 bits as a number, or -ENODATA. */
static int get_bits(struct inflate_state *s, unsigned int n)
{
	int v;

	if (s->nbits < n)
		refill(s);
	if (s->nbits < n)
		return -ENODATA;
	v = s->bits & ((1UL << n) - 1);
	drop_bits(s, n);
	return v;
}

static u16 reverse_bits(u16 code, int len)
{
	u16 r = 0;

	while (len-- > 0) {
		r = (r << 1) | (code & 1);
		code >>= 1;
	}
	return r;
}

/* Enter each code of up to 10 bits wherever the index starts with it. */
static void fill_fast(struct huffman *h)
{
	u16 code = 0, index = 0;

	memset(h->fast, 0, sizeof(h->fast));
	for (int len = 1; len <= HUFFMAN_FAST_BITS; len++, code <<= 1)
		for (int i = 0; i < h->count[len]; i++, code++, index++) {
			u32 at = reverse_bits(code, len);

			for (; at < ARRAY_SIZE(h->fast); at += 1U << len)
				h->fast[at] = h->symbol[index] << 4 | len;
		}
}

/*
 * Make the code whose symbol i has length[i] bits (0: unused).  -EINVAL if the
 * lengths are no prefix code, or waste codes (I4); a lone code of one bit, and
 * no code at all, are allowed: a block may have one distance, or none.
 */
static int make_code(struct huffman *h, const u8 *length, int n)
{
	u16 offset[HUFFMAN_MAX_BITS + 2];
	int left = 1, used;

	memset(h->count, 0, sizeof(h->count));
	for (int i = 0; i < n; i++)
		h->count[length[i]]++;
	used = n - h->count[0];
	h->count[0] = 0;
	offset[1] = 0;
	for (int len = 1; len <= HUFFMAN_MAX_BITS; len++) {
		left = (left << 1) - h->count[len];
		if (left < 0)
			return -EINVAL;
		offset[len + 1] = offset[len] + h->count[len];
	}
	if (left > 0 && !(used == 0 || (used == 1 && h->count[1] == 1)))
		return -EINVAL;
	for (int i = 0; i < n; i++)
		if (length[i])
			h->symbol[offset[length[i]]++] = i;
	fill_fast(h);
	return 0;
}

/* A code longer than the fast table's, or one that does not exist. */
static int decode_slow(struct inflate_state *s, const struct huffman *h)
{
	int code = 0, first = 0, index = 0;

	for (unsigned int len = 1; len <= HUFFMAN_MAX_BITS; len++) {
		if (len > s->nbits)
			return -ENODATA;
		code |= (s->bits >> (len - 1)) & 1;
		if (code - first < h->count[len]) {
			drop_bits(s, len);
			return h->symbol[index + (code - first)];
		}
		index += h->count[len];
		first = (first + h->count[len]) << 1;
		code <<= 1;
	}
	return -EINVAL;
}

static inline int decode(struct inflate_state *s, const struct huffman *h)
{
	unsigned int entry, len;

	if (s->nbits < HUFFMAN_MAX_BITS)
		refill(s);
	entry = h->fast[s->bits & (ARRAY_SIZE(h->fast) - 1)];
	len = entry & 15;
	if (len == 0 || len > s->nbits)
		return decode_slow(s, h);
	drop_bits(s, len);
	return entry >> 4;
}

/* Hand out what the window holds. */
static int flush_window(struct inflate_state *s)
{
	const u8 *data = s->window + s->flushed;
	size_t len = s->pos - s->flushed;

	if (len == 0)
		return 0;
	s->crc = crc32_le(s->crc, data, len);
	s->flushed = s->pos;
	return s->flush(s->ctx, data, len);
}

/* n bytes were put at pos, not beyond the window's end. */
static int advance(struct inflate_state *s, unsigned int n)
{
	int err = 0;

	s->pos += n;
	s->total += n;
	if (s->pos == INFLATE_WINDOW) {
		err = flush_window(s);
		s->pos = s->flushed = 0;                           /* I2 */
	}
	return err;
}

/* n bytes that do not overlap, eight at a time; n is small. */
static inline void copy_bytes(u8 *to, const u8 *from, unsigned int n)
{
	u64 word;

	for (; n >= sizeof(word); n -= sizeof(word)) {
		memcpy(&word, from, sizeof(word));
		memcpy(to, &word, sizeof(word));
		to += sizeof(word);
		from += sizeof(word);
	}
	while (n-- > 0)
		*to++ = *from++;
}

/*
 * Repeat n bytes from dist bytes ago.  The two may overlap: each step copies
 * at most dist bytes, and none over the window's end.
 */
static int copy_match(struct inflate_state *s, unsigned int dist,
		      unsigned int n)
{
	if (dist > s->total)                                       /* I3 */
		return -EINVAL;
	if (n > s->limit - s->total)
		return -EFBIG;
	while (n > 0) {
		unsigned int from = (s->pos - dist) % INFLATE_WINDOW;
		unsigned int step = min3(n, dist,
					 (unsigned int)INFLATE_WINDOW -
					 max(from, s->pos));
		int err;

		copy_bytes(s->window + s->pos, s->window + from, step);
		n -= step;
		err = advance(s, step);
		if (err)
			return err;
	}
	return 0;
}

static int put_literal(struct inflate_state *s, u8 byte)
{
	if (s->total == s->limit)
		return -EFBIG;
	s->window[s->pos] = byte;
	return advance(s, 1);
}

/* The rest of a "copy" whose length symbol was read. */
static int get_match(struct inflate_state *s, int symbol)
{
	int extra, length, dist;

	symbol -= END_OF_BLOCK + 1;
	if (symbol >= (int)ARRAY_SIZE(length_base))
		return -EINVAL;
	extra = get_bits(s, length_extra[symbol]);
	if (extra < 0)
		return extra;
	length = length_base[symbol] + extra;
	symbol = decode(s, &s->dist);
	if (symbol < 0)
		return symbol;
	if (symbol >= MAX_DISTANCES)
		return -EINVAL;
	extra = get_bits(s, dist_extra[symbol]);
	if (extra < 0)
		return extra;
	dist = dist_base[symbol] + extra;
	return copy_match(s, dist, length);
}

/* The decoder's state while it is kept in registers. */
struct fast {
	const u8 *in;
	u64 bits;
	unsigned int nbits;
	unsigned int pos;
};

/* At least 56 bits; there are eight bytes of input. */
static inline void fast_refill(struct fast *f)
{
	u64 word;

	memcpy(&word, f->in, sizeof(word));
	f->bits |= word << f->nbits;
	f->in += (63 - f->nbits) / 8;
	f->nbits |= 56;
}

static inline unsigned int fast_bits(struct fast *f, unsigned int n)
{
	unsigned int v = f->bits & ((1UL << n) - 1);

	f->bits >>= n;
	f->nbits -= n;
	return v;
}

/* A symbol of at most 10 bits, or -1: nothing is consumed then. */
static inline int fast_decode(struct fast *f, const struct huffman *h)
{
	unsigned int entry = h->fast[f->bits & (ARRAY_SIZE(h->fast) - 1)];

	if ((entry & 15) == 0)
		return -1;
	fast_bits(f, entry & 15);
	return entry >> 4;
}

/*
 * The rest of a copy, if nothing about it is special: a short distance code,
 * source and target within the window and apart.  It needs at most 33 of the
 * 46 bits that are left.  False: nothing is consumed.
 */
static inline bool fast_match(struct inflate_state *s, struct fast *f,
			      unsigned int symbol, u64 made, unsigned int last)
{
	struct fast try = *f;
	unsigned int length, dist;
	int code;

	symbol -= END_OF_BLOCK + 1;
	if (symbol >= ARRAY_SIZE(length_base))
		return false;
	length = length_base[symbol] + fast_bits(&try, length_extra[symbol]);
	code = fast_decode(&try, &s->dist);
	if (code < 0 || code >= MAX_DISTANCES)
		return false;
	dist = dist_base[code] + fast_bits(&try, dist_extra[code]);
	if (dist > try.pos || dist > made || dist < length ||
	    length > last - try.pos)
		return false;
	copy_bytes(s->window + try.pos, s->window + try.pos - dist, length);
	try.pos += length;
	*f = try;
	return true;
}

/*
 * Symbols, as long as they are plain: this loop keeps its state in registers,
 * asks once for room in the window (up to `last`) and for eight bytes of input
 * at a time.  Returns a symbol that the careful functions have to finish, or
 * -EAGAIN when they have to take the next one themselves.
 */
static int decode_fast(struct inflate_state *s)
{
	u64 room = min(s->limit - s->total, (u64)INFLATE_WINDOW - 1 - s->pos);
	struct fast f = { s->in, s->bits, s->nbits, s->pos };
	unsigned int start = s->pos, last = start + room;
	int symbol = -EAGAIN;

	while (f.pos < last && s->end - f.in >= (long)sizeof(u64)) {
		fast_refill(&f);
		symbol = fast_decode(&f, &s->lit);
		if (symbol < 0)
			symbol = -EAGAIN;
		else if (symbol < END_OF_BLOCK)
			s->window[f.pos++] = symbol;
		if (symbol < 0 || symbol == END_OF_BLOCK ||
		    (symbol > END_OF_BLOCK &&
		     !fast_match(s, &f, symbol, s->total + f.pos - start,
				 last)))
			break;
		symbol = -EAGAIN;
	}
	s->total += f.pos - start;
	s->pos = f.pos;
	s->in = f.in;
	s->nbits = f.nbits;
	s->bits = f.bits & ((1UL << f.nbits) - 1);          /* I1 */
	return symbol;
}

static int coded_block(struct inflate_state *s)
{
	for (;;) {
		int symbol = decode_fast(s), err;

		if (symbol == -EAGAIN)
			symbol = decode(s, &s->lit);
		if (symbol < 0)
			return symbol;
		if (symbol == END_OF_BLOCK)
			return 0;
		err = symbol < END_OF_BLOCK ? put_literal(s, symbol)
					    : get_match(s, symbol);
		if (err)
			return err;
	}
}

static int stored_block(struct inflate_state *s)
{
	int len, inverted, err = 0;

	drop_bits(s, s->nbits % 8);
	len = get_bits(s, 16);
	inverted = get_bits(s, 16);
	if (len < 0 || inverted < 0)
		return -ENODATA;
	if ((len ^ inverted) != 0xffff)
		return -EINVAL;
	s->in -= s->nbits / 8;          /* whole bytes go back */
	s->bits = s->nbits = 0;
	if (len > s->end - s->in)
		return -ENODATA;
	if ((u64)len > s->limit - s->total)
		return -EFBIG;
	while (len > 0 && !err) {
		unsigned int n = min((unsigned int)len, INFLATE_WINDOW - s->pos);

		memcpy(s->window + s->pos, s->in, n);
		s->in += n;
		len -= n;
		err = advance(s, n);
	}
	return err;
}

/* The code lengths that RFC 1951, 3.2.6 fixes. */
static int fixed_codes(struct inflate_state *s)
{
	u8 length[HUFFMAN_MAX_SYMBOLS];
	int err;

	memset(length, 8, 144);
	memset(length + 144, 9, 112);
	memset(length + 256, 7, 24);
	memset(length + 280, 8, 8);
	err = make_code(&s->lit, length, HUFFMAN_MAX_SYMBOLS);
	if (err)
		return err;
	memset(length, 5, 32);          /* 30 and 31 complete the code */
	return make_code(&s->dist, length, 32);
}

/* A symbol of the code-length code above 15: repeat something. */
static int repeat_count(struct inflate_state *s, int symbol)
{
	int extra = get_bits(s, symbol == 16 ? 2 : symbol == 17 ? 3 : 7);

	return extra < 0 ? extra : extra + (symbol == 18 ? 11 : 3);
}

/* The n lengths of both codes, themselves coded with s->lit. */
static int read_lengths(struct inflate_state *s, u8 *length, int n)
{
	int at = 0;

	while (at < n) {
		int symbol = decode(s, &s->lit), repeat = 1;
		u8 value = symbol;

		if (symbol < 0)
			return symbol;
		if (symbol >= 16) {
			if (symbol == 16 && at == 0)
				return -EINVAL;
			value = symbol == 16 ? length[at - 1] : 0;
			repeat = repeat_count(s, symbol);
			if (repeat < 0)
				return repeat;
		}
		if (repeat > n - at)
			return -EINVAL;
		memset(length + at, value, repeat);
		at += repeat;
	}
	return 0;
}

/* RFC 1951, 3.2.7. */
static int dynamic_codes(struct inflate_state *s)
{
	static const u8 order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4,
				      12, 3, 13, 2, 14, 1, 15 };
	u8 length[MAX_LITERALS + 32 + 2] = { 0 };
	int nlit = get_bits(s, 5), ndist = get_bits(s, 5), ncode = get_bits(s, 4);
	int err;

	if (nlit < 0 || ndist < 0 || ncode < 0)
		return -ENODATA;
	nlit += 257;
	ndist += 1;
	if (nlit > MAX_LITERALS || ndist > MAX_DISTANCES)
		return -EINVAL;
	for (int i = 0; i < ncode + 4; i++) {
		int len = get_bits(s, 3);

		if (len < 0)
			return len;
		length[order[i]] = len;
	}
	err = make_code(&s->lit, length, ARRAY_SIZE(order));
	if (!err)
		err = read_lengths(s, length, nlit + ndist);
	if (err)
		return err;
	if (length[END_OF_BLOCK] == 0)
		return -EINVAL;
	err = make_code(&s->dist, length + nlit, ndist);
	return err ? err : make_code(&s->lit, length, nlit);
}

static int one_block(struct inflate_state *s, int type)
{
	int err;

	switch (type) {
	case 0:
		return stored_block(s);
	case 1:
		err = fixed_codes(s);
		break;
	case 2:
		err = dynamic_codes(s);
		break;
	default:
		return -EINVAL;
	}
	return err ? err : coded_block(s);
}

/* All blocks; then the unused whole bytes go back to the input. */
static int inflate_blocks(struct inflate_state *s)
{
	int last, type, err;

	do {
		last = get_bits(s, 1);
		type = get_bits(s, 2);
		if (last < 0 || type < 0)
			return -ENODATA;
		err = one_block(s, type);
		if (err)
			return err;
	} while (!last);
	s->in -= s->nbits / 8;
	s->bits = s->nbits = 0;
	return flush_window(s);
}

static void start(struct inflate_state *s, const u8 *data, size_t len,
		  u64 limit, inflate_flush_t flush, void *ctx)
{
	s->in = data;
	s->end = data + len;
	s->bits = s->nbits = 0;
	s->pos = s->flushed = 0;
	s->total = 0;
	s->limit = limit;
	s->crc = ~0U;
	s->flush = flush;
	s->ctx = ctx;
}

int inflate_raw(struct inflate_state *s, const u8 *data, size_t len,
		u64 limit, inflate_flush_t flush, void *ctx, size_t *used)
{
	int err;

	start(s, data, len, limit, flush, ctx);
	err = inflate_blocks(s);
	*used = s->in - data;
	return err;
}
EXPORT_SYMBOL(inflate_raw);
