/* SPDX-License-Identifier: MIT */
/*
 * prandom.c -- a small, quick, repeatable generator: xorshift128+ (Vigna)
 *
 * For tests and load spreading.  Who sees a few outputs can compute all
 * others: secrets come from get_random_bytes().
 */

#include <kernel/random.h>

#include <kernel/export.h>

/* splitmix64: turns any seed, 0 too, into well spread state. */
static u64 splitmix(u64 *x)
{
	u64 z = *x += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

void prandom_seed_state(struct rnd_state *state, u64 seed)
{
	state->s[0] = splitmix(&seed);
	state->s[1] = splitmix(&seed) | 1;
}
EXPORT_SYMBOL(prandom_seed_state);

u32 prandom_u32_state(struct rnd_state *state)
{
	u64 a = state->s[0], b = state->s[1];

	state->s[0] = b;
	a ^= a << 23;
	state->s[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
	return (state->s[1] + b) >> 32;
}
EXPORT_SYMBOL(prandom_u32_state);
