/* SPDX-License-Identifier: MIT */
/* buffer_test.c -- a block whose device goes while somebody asks for it */

#include <fs/buffer_head.h>

#include <kernel/errno.h>
#include <kernel/selftest.h>
#include <mm/slab.h>

SELFTEST(reading_a_block_that_went_with_its_device_is_an_error)
{
	struct buffer_head *bh = alloc_buffer_head(GFP_KERNEL);

	REQUIRE(bh != NULL);
	lock_buffer(bh);
	EXPECT(__bh_read(bh, 0, true) == -EIO);
	EXPECT(!buffer_locked(bh) && !buffer_uptodate(bh));
	free_buffer_head(bh);
}
