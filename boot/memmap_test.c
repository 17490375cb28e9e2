/* SPDX-License-Identifier: MIT */
/* memmap_test.c -- the memory map is sorted, disjoint and cautious */

#include <arch/boot.h>

#include <kernel/selftest.h>

static bool range_is(const struct mem_range *r, u64 start, u64 end, u32 type)
{
	return r->start == start && r->end == end && r->type == type;
}

SELFTEST(memmap_sorts_and_joins_neighbours)
{
	struct mem_range r[] = {
		{ 0x3000, 0x4000, MEM_USABLE },
		{ 0x1000, 0x2000, MEM_USABLE },
		{ 0x2000, 0x3000, MEM_USABLE },
		{ 0x9000, 0x9000, MEM_USABLE },
	};

	REQUIRE(memmap_sanitize(r, ARRAY_SIZE(r), ARRAY_SIZE(r)) == 1);
	EXPECT(range_is(&r[0], 0x1000, 0x4000, MEM_USABLE));
}

SELFTEST(memmap_believes_not_ram_over_ram)
{
	struct mem_range r[5] = {
		{ 0x0, 0x10000, MEM_USABLE },
		{ 0x4000, 0x6000, MEM_RESERVED },
		{ 0x5000, 0x7000, MEM_NVS },
	};

	REQUIRE(memmap_sanitize(r, 3, ARRAY_SIZE(r)) == 4);
	EXPECT(range_is(&r[0], 0x0, 0x4000, MEM_USABLE));
	EXPECT(range_is(&r[1], 0x4000, 0x5000, MEM_RESERVED));
	EXPECT(range_is(&r[2], 0x5000, 0x7000, MEM_NVS));
	EXPECT(range_is(&r[3], 0x7000, 0x10000, MEM_USABLE));
}

SELFTEST(memmap_takes_unknown_types_for_reserved)
{
	struct mem_range r[] = {
		{ 0x1000, 0x2000, 0 },
		{ 0x2000, 0x3000, 12 },
		{ 0x3000, ~0ULL, MEM_USABLE },
	};

	REQUIRE(memmap_sanitize(r, ARRAY_SIZE(r), ARRAY_SIZE(r)) == 2);
	EXPECT(range_is(&r[0], 0x1000, 0x3000, MEM_RESERVED));
	EXPECT(r[1].end == 1ULL << 52);
}

SELFTEST(memmap_of_this_machine_is_disjoint)
{
	const struct mem_range *r = boot_info.ranges;

	EXPECT(boot_info.nr_ranges > 0);
	for (u32 i = 0; i + 1 < boot_info.nr_ranges; i++) {
		EXPECT(r[i].start < r[i].end);
		EXPECT(r[i].end <= r[i + 1].start);
	}
}
