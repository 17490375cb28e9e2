/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H
/*
 * random.h -- numbers that nobody can foretell, and a quick generator for tests
 *
 * get_random_bytes() never fails, sleeps or runs dry; any context but NMI.
 * Theory: kernel/core/random.c.
 */

#include <kernel/types.h>

void random_init(void);                  /* once, early */
void get_random_bytes(void *buf, size_t len);
u64 get_random_u64(void);
u32 get_random_u32(void);
/* Uniform in 0..ceil-1; ceil > 0. */
u32 get_random_u32_below(u32 ceil);
#define get_random_long() get_random_u64()
#define get_random_int() get_random_u32()
/* Mix in something that an outsider cannot know well: it never harms. */
void add_device_randomness(const void *buf, size_t len);
void add_interrupt_randomness(int irq);
/* True once enough noise was gathered: getrandom(2) waits for it. */
bool rng_is_initialized(void);

/* Repeatable, not secret: for tests and load spreading. */
struct rnd_state {
	u64 s[2];
};
void prandom_seed_state(struct rnd_state *state, u64 seed);
u32 prandom_u32_state(struct rnd_state *state);

/* The ChaCha20 block function of RFC 8439, 2.3: 64 bytes out, counter++ . */
void chacha20_block(u32 state[16], u8 out[64]);

#endif
