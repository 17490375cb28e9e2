/* SPDX-License-Identifier: MIT */
/*
 * buddy.c -- the buddy lists against a map of every frame, under ASan
 *
 * The oracle knows nothing of orders: one byte for each of 1024 frames says who
 * has it.  Frame numbers are those of the pages' addresses, which is all that
 * buddy.c asks of them.
 */

/* host-test: mm/phys/buddy.c kernel/lib/prandom.c -- -Imm/phys */

#include "internal.h"

#include <kernel/bug.h>
#include <kernel/panic.h>
#include <kernel/random.h>
#include <kernel/selftest.h>

#define FRAMES MAX_ORDER_NR_PAGES
#define HOLDERS 200
#define ROUNDS 20000

static struct page frames[FRAMES] __attribute__((aligned(65536)));
static struct zone zone;
static unsigned char owner[FRAMES];      /* 0 free, else holder + 1 */

static struct {
	struct page *page;
	unsigned int order;
} held[HOLDERS];

static void mark(struct page *page, unsigned int order, unsigned char who,
		 unsigned char was)
{
	unsigned long first = page - frames;

	EXPECT(first % (1UL << order) == 0);
	EXPECT(first + (1UL << order) <= FRAMES);
	for (unsigned long i = 0; i < 1UL << order; i++) {
		EXPECT(owner[first + i] == was);
		owner[first + i] = who;
	}
}

static void step(int h, unsigned int order)
{
	if (held[h].page) {
		mark(held[h].page, held[h].order, 0, h + 1);
		buddy_free(&zone, held[h].page, held[h].order);
		held[h].page = NULL;
		return;
	}
	held[h].order = order;
	held[h].page = buddy_alloc(&zone, order);
	if (held[h].page)
		mark(held[h].page, order, h + 1, 0);
}

SELFTEST(buddy_agrees_with_a_map_of_all_frames)
{
	struct rnd_state rnd;

	buddy_init(&zone);
	zone.zone_start_pfn = page_to_pfn(frames);
	zone.spanned_pages = FRAMES;
	buddy_free(&zone, frames, MAX_ORDER);
	prandom_seed_state(&rnd, 2026);
	for (int i = 0; i < ROUNDS; i++) {
		u32 r = prandom_u32_state(&rnd);

		step(r % HOLDERS, (r >> 16) % 6);
		if (i % 100 == 0)
			buddy_check(&zone);
	}
	for (int h = 0; h < HOLDERS; h++)
		if (held[h].page)
			step(h, 0);
	buddy_check(&zone);
	EXPECT(zone.free_area[MAX_ORDER].nr_free == 1);
}

/* What a failed ASSERT calls. */
void bug_at(const char *file, int line, const char *func, const char *cond)
{
	panic("%s:%d: %s", file, line, cond);
}

void assert_cmp_failed(const char *file, int line, const char *expr,
		       unsigned long a, unsigned long b)
{
	panic("%s:%d: %s: %lu, %lu", file, line, expr, a, b);
}
