/* SPDX-License-Identifier: MIT */
/* wb_share_test.c -- parts of the dirty limit follow the writing, within
 * ratios */

#include <mm/backing-dev.h>

#include <kernel/errno.h>
#include <kernel/selftest.h>

static void write_pages(struct backing_dev_info *bdi, int n)
{
	while (n--)
		wb_note_completion(&bdi->wb);
}

SELFTEST(wb_share_follows_what_was_written_and_keeps_the_ratios)
{
	struct backing_dev_info *fast = bdi_alloc(0), *slow = bdi_alloc(0);

	REQUIRE(fast && slow);
	write_pages(fast, 900);
	write_pages(slow, 20);
	EXPECT(wb_calc_thresh(&fast->wb, 1000) >
	       wb_calc_thresh(&slow->wb, 1000));
	/* Who has written nothing can begin all the same. */
	EXPECT(wb_calc_thresh(&slow->wb, 1000) >= 125);
	EXPECT(wb_calc_thresh(&fast->wb, 1000) <= 1000);
	EXPECT(bdi_set_max_ratio(fast, 10) == 0);
	EXPECT(wb_calc_thresh(&fast->wb, 1000) == 100);
	EXPECT(bdi_set_min_ratio(fast, 11) == -EINVAL);
	EXPECT(bdi_set_max_ratio(slow, 101) == -EINVAL);
	EXPECT(bdi_set_min_ratio(slow, 40) == 0);
	EXPECT(wb_calc_thresh(&slow->wb, 1000) >= 400);
	EXPECT(bdi_set_min_ratio(slow, 0) == 0);
	bdi_put(fast);
	bdi_put(slow);
}
