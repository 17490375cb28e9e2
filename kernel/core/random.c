/* SPDX-License-Identifier: MIT */
/*
 * random.c -- numbers that nobody can foretell
 *
 * PROMISE.  Who does not know the state cannot tell the output from noise;
 * who learns the state later cannot compute what was put out before.
 *
 * IDEA.  The state is one ChaCha20 key.  Each request runs one block: half of
 * it becomes the next key, which forgets the old one, the other half is the
 * key of this request alone, with which the bytes are made, outside the lock
 * (Bernstein, "fast-key-erasure random-number generators", 2017).
 *
 * Mixing something in: xor it into the key, run a block, keep half as the key.
 * The block function cannot be inverted without the key, so even input chosen
 * by an attacker cannot cancel what was there.  Sources: RDRAND, the cycle
 * counter at boot and at each 64th interrupt, and what drivers offer.
 *
 * LOCKING.  rng_lock guards key and counts; any context but NMI.
 *
 * SEE RFC 8439; NOT DONE: a health test of the sources.
 */

#include <kernel/random.h>

#include <arch/time.h>
#include <kernel/export.h>
#include <kernel/math.h>
#include <kernel/percpu.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/uuid.h>

#define KEY_WORDS 8
#define KEY_SIZE 32
#define BITS_NEEDED 256

static DEFINE_RAW_SPINLOCK(rng_lock);
static u32 key[KEY_WORDS];       /* rng_lock */
static unsigned int credit;      /* rng_lock: bits of noise, cautiously */

/* Cycle counts of interrupts, gathered before they go into the key. */
struct fast_pool {
	u64 mix;
	unsigned int count;
};
static DEFINE_PER_CPU(struct fast_pool, fast_pool);

static void chacha_start(u32 state[16], const u32 k[KEY_WORDS])
{
	static const u32 constants[4] = { 0x61707865, 0x3320646e, 0x79622d32,
					  0x6b206574 };

	memcpy(state, constants, sizeof(constants));
	memcpy(state + 4, k, KEY_SIZE);
	memset(state + 12, 0, 16);
}

/* key := first half of a block; out := its other half.  Lock held. */
static void step_key(u8 out[KEY_SIZE])
{
	u32 state[16];
	u8 block[64];

	chacha_start(state, key);
	chacha20_block(state, block);
	memcpy(key, block, KEY_SIZE);
	memcpy(out, block + KEY_SIZE, KEY_SIZE);
	memzero_explicit(block, sizeof(block));
	memzero_explicit(state, sizeof(state));
}

static void mix_in(const void *buf, size_t len, unsigned int bits)
{
	const u8 *p = buf;
	u8 unused[KEY_SIZE];
	unsigned long flags;

	raw_spin_lock_irqsave(&rng_lock, flags);
	while (len > 0) {
		size_t n = min(len, (size_t)KEY_SIZE);

		for (size_t i = 0; i < n; i++)
			((u8 *)key)[i] ^= p[i];
		step_key(unused);
		p += n;
		len -= n;
	}
	credit = min(credit + bits, 2U * BITS_NEEDED);
	raw_spin_unlock_irqrestore(&rng_lock, flags);
}

void add_device_randomness(const void *buf, size_t len)
{
	u64 now = get_cycles();

	mix_in(&now, sizeof(now), 0);
	mix_in(buf, len, 0);
}
EXPORT_SYMBOL(add_device_randomness);

void add_interrupt_randomness(int irq)
{
	struct fast_pool *f = this_cpu_ptr(&fast_pool);
	u64 now = get_cycles();

	f->mix = (f->mix << 13 | f->mix >> 51) ^ now ^ ((u64)irq << 56);
	if (++f->count % 64 == 0)
		mix_in(&f->mix, sizeof(f->mix), 8);
}

void random_init(void)
{
	for (int i = 0; i < 8; i++) {
		unsigned long v = 0;
		bool good = arch_get_random_long(&v);

		mix_in(&v, sizeof(v), good ? 64 : 0);
		v = get_cycles();
		mix_in(&v, sizeof(v), 1);
	}
}

bool rng_is_initialized(void)
{
	return READ_ONCE(credit) >= BITS_NEEDED;
}

void get_random_bytes(void *buf, size_t len)
{
	u32 state[16], request[KEY_WORDS];
	u8 block[64], *p = buf;
	unsigned long flags;

	raw_spin_lock_irqsave(&rng_lock, flags);
	step_key((u8 *)request);
	raw_spin_unlock_irqrestore(&rng_lock, flags);

	if (len <= KEY_SIZE) {
		memcpy(p, request, len);
		memzero_explicit(request, sizeof(request));
		return;
	}
	chacha_start(state, request);
	while (len > 0) {
		size_t n = min(len, sizeof(block));

		chacha20_block(state, block);
		memcpy(p, block, n);
		p += n;
		len -= n;
	}
	memzero_explicit(request, sizeof(request));
	memzero_explicit(state, sizeof(state));
	memzero_explicit(block, sizeof(block));
}
EXPORT_SYMBOL(get_random_bytes);

u64 get_random_u64(void)
{
	u64 v;

	get_random_bytes(&v, sizeof(v));
	return v;
}
EXPORT_SYMBOL(get_random_u64);

u32 get_random_u32(void)
{
	return get_random_u64();
}
EXPORT_SYMBOL(get_random_u32);

/* Multiply and take the high half; reject the few that would be unfair. */
u32 get_random_u32_below(u32 ceil)
{
	u32 unfair = -ceil % ceil;
	u64 product;

	do {
		product = (u64)get_random_u32() * ceil;
	} while ((u32)product < unfair);
	return product >> 32;
}
EXPORT_SYMBOL(get_random_u32_below);

void generate_random_uuid(u8 uuid[UUID_SIZE])
{
	get_random_bytes(uuid, UUID_SIZE);
	uuid[6] = (uuid[6] & 0x0f) | 0x40;      /* version 4: random */
	uuid[8] = (uuid[8] & 0x3f) | 0x80;      /* variant 1 */
}
EXPORT_SYMBOL(generate_random_uuid);
