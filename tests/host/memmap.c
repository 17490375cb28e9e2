/* SPDX-License-Identifier: MIT */
/* host-test: boot/memmap.c boot/memmap_test.c -- */
/*
 * memmap.c -- the firmware's memory map against an oracle, byte for byte
 *
 * Random maps over 64 units of memory: for each unit the answer must be the
 * highest type of all entries that cover it, which a loop can tell without
 * any cleverness.
 */

#include <arch/boot.h>
#include <kernel/selftest.h>

struct boot_info boot_info = {
	.nr_ranges = 2,
	.ranges = {
		{ 0x0, 0x9fc00, MEM_USABLE },
		{ 0x100000, 0x8000000, MEM_USABLE },
	},
};

enum { UNITS = 64, ENTRIES = 12, ROUNDS = 20000 };

static unsigned rnd(unsigned below)
{
	static u64 x = 88172645463325252ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (unsigned)(x % below);
}

static u32 type_at(const struct mem_range *r, unsigned n, unsigned unit)
{
	u32 type = 0;

	for (unsigned i = 0; i < n; i++)
		if (r[i].start <= unit && unit < r[i].end && r[i].type > type)
			type = r[i].type;
	return type;
}

SELFTEST(memmap_agrees_with_an_oracle_on_random_maps)
{
	struct mem_range r[BOOT_MAX_RANGES];
	u32 want[UNITS];

	for (int round = 0; round < ROUNDS; round++) {
		unsigned n = rnd(ENTRIES);

		for (unsigned i = 0; i < n; i++) {
			r[i].start = rnd(UNITS);
			r[i].end = r[i].start + rnd(UNITS + 1 - r[i].start);
			r[i].type = 1 + rnd(5);
		}
		for (unsigned u = 0; u < UNITS; u++)
			want[u] = type_at(r, n, u);
		n = memmap_sanitize(r, n, BOOT_MAX_RANGES);
		for (unsigned u = 0; u < UNITS; u++)
			REQUIRE(type_at(r, n, u) == want[u]);
		for (unsigned i = 1; i < n; i++) {
			REQUIRE(r[i - 1].end <= r[i].start);
			REQUIRE(r[i - 1].end < r[i].start ||
				r[i - 1].type != r[i].type);
		}
	}
}

SELFTEST(memmap_fits_where_there_is_little_room)
{
	struct mem_range r[3] = {
		{ 0, 100, MEM_USABLE }, { 10, 20, MEM_RESERVED },
		{ 30, 40, MEM_RESERVED },
	};

	EXPECT(memmap_sanitize(r, 3, 3) == 3);
	EXPECT(r[2].end == 30 && r[2].type == MEM_USABLE);
}
