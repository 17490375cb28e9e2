/* SPDX-License-Identifier: MIT */
/* nvme_test.c -- where the controller is told that the data lie */

#include "nvme.h"

#include <kernel/selftest.h>
#include <kernel/string.h>
#include <mm/slab.h>

static __le64 list[NVME_LIST_ENTRIES] __aligned(NVME_LIST_BYTES);
static struct nvme_command c;

/* Map pieces of one block of 64 pages, each {offset, length}. */
static bool map(const unsigned int (*pieces)[2], int n, u8 *block)
{
	struct scatterlist sg[NVME_LIST_ENTRIES + 2];

	memset(&c, 0, sizeof(c));
	memset(list, 0, sizeof(list));
	sg_init_table(sg, n);
	for (int i = 0; i < n; i++)
		sg_set_buf(&sg[i], block + pieces[i][0], pieces[i][1]);
	return nvme_map_prps(&c, list, sg, n);
}

SELFTEST(nvme_names_one_two_and_many_pages)
{
	u8 *block = (u8 *)__get_free_pages(GFP_KERNEL, 6);
	u64 at = __pa(block);

	REQUIRE(block);
	EXPECT(map((const unsigned int[][2]){ { 512, 1024 } }, 1, block));
	EXPECT(c.prp1 == at + 512 && c.prp2 == 0);
	EXPECT(map((const unsigned int[][2]){ { 512, 4096 } }, 1, block));
	EXPECT(c.prp1 == at + 512 && c.prp2 == at + 4096);
	EXPECT(map((const unsigned int[][2]){ { 0, 3 * 4096 } }, 1, block));
	EXPECT(c.prp1 == at && c.prp2 == __pa(list));
	EXPECT(list[0] == at + 4096 && list[1] == at + 8192 && !list[2]);
	EXPECT(map((const unsigned int[][2]){
			{ 8192 + 512, 4096 - 512 }, { 0, 4096 }, { 16384, 512 } },
		   3, block));
	EXPECT(c.prp1 == at + 8704 && list[0] == at && list[1] == at + 16384);
	EXPECT(map((const unsigned int[][2]){ { 512, 32 * 4096 } }, 1, block));
	EXPECT(list[NVME_LIST_ENTRIES - 1] == at + 32 * 4096);
	free_pages((unsigned long)block, 6);
}

SELFTEST_SLOW(nvme_refuses_gaps_and_what_is_too_long)
{
	u8 *block = (u8 *)__get_free_pages(GFP_KERNEL, 6);

	REQUIRE(block);
	EXPECT(!map((const unsigned int[][2]){ { 0, 512 }, { 4096, 512 } }, 2,
		    block));
	EXPECT(!map((const unsigned int[][2]){ { 0, 4096 }, { 8704, 512 } }, 2,
		    block));
	EXPECT(!map((const unsigned int[][2]){ { 0, 34 * 4096 } }, 1, block));
	free_pages((unsigned long)block, 6);
}
