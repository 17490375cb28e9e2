/* SPDX-License-Identifier: MIT */
/*
 * chacha20.c -- the ChaCha20 block function; names as in RFC 8439, 2.1-2.3
 *
 * Additions, rotations and xors on 16 words: no table, so no cache line tells
 * an observer about the key.
 */

#include <kernel/random.h>

#include <kernel/bitops.h>
#include <kernel/export.h>
#include <kernel/string.h>

static inline void quarter_round(u32 *x, int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = rol32(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rol32(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rol32(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rol32(x[b] ^ x[c], 7);
}

void chacha20_block(u32 state[16], u8 out[64])
{
	u32 x[16];

	memcpy(x, state, sizeof(x));
	for (int i = 0; i < 10; i++) {
		quarter_round(x, 0, 4, 8, 12);
		quarter_round(x, 1, 5, 9, 13);
		quarter_round(x, 2, 6, 10, 14);
		quarter_round(x, 3, 7, 11, 15);
		quarter_round(x, 0, 5, 10, 15);
		quarter_round(x, 1, 6, 11, 12);
		quarter_round(x, 2, 7, 8, 13);
		quarter_round(x, 3, 4, 9, 14);
	}
	for (int i = 0; i < 16; i++)
		x[i] += state[i];
	memcpy(out, x, sizeof(x));
	memzero_explicit(x, sizeof(x));
	state[12]++;
}
EXPORT_SYMBOL(chacha20_block);
