/* SPDX-License-Identifier: MIT */
/* kfifo_test.c -- self-tests for kfifo.c (KT03) */

#include <kernel/kfifo.h>
#include <kernel/random.h>
#include <kernel/selftest.h>
#include <kernel/string.h>

/* I1 across the wrap of the indices themselves. */
SELFTEST(kfifo_indices_wrap)
{
	u8 store[16], in[32], out[32];
	struct kfifo f;

	for (int i = 0; i < 32; i++)
		in[i] = i;
	EXPECT(kfifo_init(&f, store, sizeof(store)) == 0);
	f.kfifo.in = f.kfifo.out = 0xfffffff8;
	EXPECT(kfifo_in(&f, in, 20) == 16);
	EXPECT(kfifo_is_full(&f) && kfifo_in(&f, in, 1) == 0);
	EXPECT(kfifo_out(&f, out, 32) == 16);
	EXPECT(memcmp(in, out, 16) == 0);
	EXPECT(f.kfifo.in == 8 && f.kfifo.out == 8 && kfifo_is_empty(&f));
}

SELFTEST_SLOW(kfifo_keeps_a_random_stream_intact)
{
	static u16 store[64];
	struct rnd_state rnd;
	u16 put = 0, got = 0, chunk[80];
	STRUCT_KFIFO_PTR(u16) f;
	bool intact = true;

	prandom_seed_state(&rnd, 3);
	EXPECT(kfifo_init(&f, store, sizeof(store)) == 0);
	for (int round = 0; round < 2000; round++) {
		unsigned int n = prandom_u32_state(&rnd) % 80;

		for (unsigned int i = 0; i < n; i++)
			chunk[i] = put + i;
		put += kfifo_in(&f, chunk, n);
		n = kfifo_out(&f, chunk, prandom_u32_state(&rnd) % 80);
		for (unsigned int i = 0; i < n; i++)
			intact &= chunk[i] == got++;
		intact &= kfifo_len(&f) == (u16)(put - got);
	}
	EXPECT(intact);
}

SELFTEST(kfifo_peek_takes_nothing)
{
	int store[4], v = 0;
	STRUCT_KFIFO_PTR(int) f;

	EXPECT(kfifo_init(&f, store, sizeof(store)) == 0);
	EXPECT(kfifo_put(&f, 7) == 1 && kfifo_put(&f, 8) == 1);
	EXPECT(kfifo_peek(&f, &v) == 1 && v == 7 && kfifo_len(&f) == 2);
	EXPECT(kfifo_get(&f, &v) == 1 && v == 7);
	EXPECT(kfifo_get(&f, &v) == 1 && v == 8);
	EXPECT(kfifo_get(&f, &v) == 0);
}
