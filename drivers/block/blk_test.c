/* SPDX-License-Identifier: MIT */
/* blk_test.c -- bios and requests: split, merge, fail, hang, flush, vanish */

#include "testdisk.h"

#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <kernel/string.h>

#define PAGES 16

static struct page *pages[PAGES];

static bool get_pages(void)
{
	for (int i = 0; i < PAGES; i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		if (!pages[i])
			return false;
		memset(page_address(pages[i]), 'a' + i, PAGE_SIZE);
	}
	return true;
}

static void put_pages(void)
{
	for (int i = 0; i < PAGES; i++) {
		if (pages[i])
			__free_page(pages[i]);
		pages[i] = NULL;
	}
}

static int transfer(struct testdisk *td, blk_opf_t opf, sector_t sector, int n)
{
	struct bio *bio = td_bio(td, opf, sector, pages, n);
	int err = submit_bio_wait(bio);

	bio_put(bio);
	return err;
}

SELFTEST_SLOW(bio_scattered_over_three_pages_is_one_request)
{
	struct testdisk *td = td_create(1, 4);

	REQUIRE(td && get_pages());
	swap(pages[1], pages[2]);        /* certainly not contiguous */
	EXPECT(transfer(td, REQ_OP_WRITE, 8, 3) == 0);
	EXPECT(td->seen == 1 && td->sector[0] == 8);
	EXPECT(td->data[8 * 512] == 'a' && td->data[16 * 512] == 'c' &&
	       td->data[24 * 512] == 'b');
	memset(page_address(pages[1]), 0, PAGE_SIZE);
	EXPECT(transfer(td, REQ_OP_READ, 8, 3) == 0);
	EXPECT(td->seen == 2);
	EXPECT(*(u8 *)page_address(pages[1]) == 'c');
	put_pages();
	td_destroy(td);
}

SELFTEST_SLOW(bio_too_large_is_split_and_ends_once)
{
	struct testdisk *td = td_create(1, 4);
	struct td_ends e;

	REQUIRE(td && get_pages());
	blk_queue_max_hw_sectors(td->disk->queue, 16);
	td_ends_init(&e);
	td_submit(&e, td_bio(td, REQ_OP_WRITE, 0, pages, 8));
	EXPECT(td_wait_ends(&e) && !e.errors);
	EXPECT(td->seen == 4);
	for (int i = 0; i < 8; i++)
		EXPECT(td->data[i * PAGE_SIZE] == 'a' + i);
	/* One bad part: the whole has failed. */
	td->bad = 40;
	EXPECT(transfer(td, REQ_OP_READ, 0, 8) == -EIO);
	put_pages();
	td_destroy(td);
}

SELFTEST_SLOW(bio_outside_the_device_fails)
{
	struct testdisk *td = td_create(1, 4);

	REQUIRE(td && get_pages());
	EXPECT(transfer(td, REQ_OP_READ, TD_SECTORS, 1) == -EIO);
	EXPECT(transfer(td, REQ_OP_READ, TD_SECTORS - 7, 1) == -EIO);
	EXPECT(transfer(td, REQ_OP_READ, TD_SECTORS - 8, 1) == 0);
	EXPECT(transfer(td, REQ_OP_READ, ~0ULL - 3, 1) == -EIO);
	EXPECT(td->seen == 1);
	put_pages();
	td_destroy(td);
}

SELFTEST_SLOW(bio_for_a_partition_is_moved_once)
{
	struct testdisk *td = td_create(1, 4);
	struct block_device *part;
	struct bio *bio;

	REQUIRE(td && get_pages());
	EXPECT(bdev_add_partition(td->disk, 1, 1024, 64) == 0);
	EXPECT(bdev_add_partition(td->disk, 2, 1080, 64) == -EBUSY);
	part = xa_load(&td->disk->part_tbl, 1);
	REQUIRE(part);
	blk_queue_max_hw_sectors(td->disk->queue, 8);
	bio = td_bio(td, REQ_OP_WRITE, 8, pages, 2);
	bio_set_dev(bio, part);
	EXPECT(submit_bio_wait(bio) == 0);
	bio_put(bio);
	EXPECT(td->seen == 2 && td->sector[0] == 1032 &&
	       td->sector[1] == 1040);
	bio = td_bio(td, REQ_OP_READ, 64, pages, 1);
	bio_set_dev(bio, part);
	EXPECT(submit_bio_wait(bio) == -EIO);
	bio_put(bio);
	EXPECT(bdev_del_partition(td->disk, 1) == 0);
	put_pages();
	td_destroy(td);
}

SELFTEST_SLOW(plug_joins_neighbours_into_one_request)
{
	struct testdisk *td = td_create(1, 32);
	struct blk_plug plug;
	struct disk_stats s;
	struct td_ends e;

	REQUIRE(td && get_pages());
	td_ends_init(&e);
	blk_start_plug(&plug);
	for (int i = 0; i < PAGES; i++)
		td_submit(&e, td_bio(td, REQ_OP_WRITE, i * 8, pages + i, 1));
	EXPECT(td->seen == 0);
	blk_finish_plug(&plug);
	EXPECT(td_wait_ends(&e) && !e.errors);
	EXPECT(td->seen == 1);
	part_stat_sum(td->disk->part0, &s);
	EXPECT(s.merges[STAT_WRITE] == PAGES - 1);
	EXPECT(s.ios[STAT_WRITE] == 1 && s.sectors[STAT_WRITE] == PAGES * 8);
	EXPECT(s.in_flight[0] == 0 && s.in_flight[1] == 0);
	put_pages();
	td_destroy(td);
}

SELFTEST_SLOW(request_refused_for_want_of_room_is_sent_again)
{
	struct testdisk *td = td_create(1, 2);
	struct td_ends e;

	REQUIRE(td && get_pages());
	td->busy = 3;
	EXPECT(transfer(td, REQ_OP_WRITE, 0, 1) == 0);
	EXPECT(td->busy == 0 && td->seen == 1);
	/* More than there are tags: each waits, none is lost. */
	td_ends_init(&e);
	for (int i = 0; i < PAGES; i++)
		td_submit(&e, td_bio(td, REQ_OP_READ, i * 64, pages + i, 1));
	EXPECT(td_wait_ends(&e) && !e.errors);
	EXPECT(td->seen == 1 + PAGES);
	put_pages();
	td_destroy(td);
}

SELFTEST_SLOW(flush_machine_takes_its_steps_in_order)
{
	struct testdisk *td = td_create(1, 4);

	REQUIRE(td && get_pages());
	/* No cache: a flush is nothing, FUA a plain write. */
	EXPECT(blkdev_issue_flush(td->disk->part0) == 0);
	EXPECT(td->seen == 0);
	EXPECT(transfer(td, REQ_OP_WRITE | REQ_PREFLUSH | REQ_FUA, 0, 1) == 0);
	EXPECT(td->seen == 1 && td->op[0] == REQ_OP_WRITE);
	td_forget(td);
	blk_queue_write_cache(td->disk->queue, true, false);
	EXPECT(transfer(td, REQ_OP_WRITE | REQ_PREFLUSH | REQ_FUA, 0, 1) == 0);
	EXPECT(td->seen == 3 && td->op[0] == REQ_OP_FLUSH &&
	       td->op[1] == REQ_OP_WRITE && td->op[2] == REQ_OP_FLUSH);
	td_forget(td);
	EXPECT(blkdev_issue_flush(td->disk->part0) == 0);
	EXPECT(td->seen == 1 && td->op[0] == REQ_OP_FLUSH);
	td_forget(td);
	blk_queue_write_cache(td->disk->queue, true, true);
	EXPECT(transfer(td, REQ_OP_WRITE | REQ_PREFLUSH | REQ_FUA, 0, 1) == 0);
	EXPECT(td->seen == 2 && td->op[0] == REQ_OP_FLUSH &&
	       td->op[1] == REQ_OP_WRITE);
	put_pages();
	td_destroy(td);
}

SELFTEST_SLOW(flush_works_with_one_tag_and_with_an_elevator)
{
	struct testdisk *td = td_create(1, 1);

	REQUIRE(td && get_pages());
	blk_queue_write_cache(td->disk->queue, true, false);
	for (int round = 0; round < 2; round++) {
		struct td_ends e;

		td_ends_init(&e);
		for (int i = 0; i < 4; i++)
			td_submit(&e, td_bio(td, REQ_OP_WRITE | REQ_FUA |
					     REQ_PREFLUSH, i * 64, pages, 1));
		EXPECT(td_wait_ends(&e) && !e.errors);
		EXPECT(!elevator_switch_name(td->disk->queue, "deadline"));
	}
	put_pages();
	td_destroy(td);
}

SELFTEST_SLOW(disk_that_vanishes_fails_everybody)
{
	struct testdisk *td = td_create(1, 2);
	struct td_ends e;

	REQUIRE(td && get_pages());
	EXPECT(!elevator_switch_name(td->disk->queue, "deadline"));
	td->hold = true;
	td_ends_init(&e);
	for (int i = 0; i < 3; i++)
		td_submit(&e, td_bio(td, REQ_OP_READ, i * 64, pages + i, 1));
	EXPECT(td_wait_seen(td, 2));
	blk_mark_disk_dead(td->disk);
	/* Two are in the driver, which gives them up; one waits. */
	INIT_LIST_HEAD(&td->held);
	blk_mq_tagset_busy_iter(&td->set, blk_mq_cancel_request, NULL);
	EXPECT(td_wait_ends(&e) && e.errors == 3);
	EXPECT(transfer(td, REQ_OP_READ, 0, 1) == -EIO);
	put_pages();
	td_destroy(td);
}

SELFTEST_SLOW(tags_are_unique_and_none_is_lost)
{
	struct testdisk *td = td_create(1, 70);
	struct blk_mq_tags *tags;
	int got[70], n = 0;

	REQUIRE(td);
	tags = td->set.tags[0];
	while (n < 70 && (got[n] = blk_mq_get_tag(tags, 0, 70)) >= 0)
		n++;
	EXPECT(n == 70);
	EXPECT(blk_mq_get_tag(tags, 0, 70) < 0);
	for (int i = 0; i < n; i++)
		for (int k = 0; k < i; k++)
			EXPECT(got[i] != got[k]);
	while (n--)
		blk_mq_put_tag(tags, got[n]);
	EXPECT(blk_mq_get_tag(tags, 64, 70) >= 64);
	td->set.tags[0]->map[1].used = 0;
	td_destroy(td);
}

SELFTEST_SLOW(disk_that_hangs_gives_a_timeout)
{
	struct testdisk *td = td_create(1, 2);

	REQUIRE(td && get_pages());
	td->disk->queue->rq_timeout = HZ / 10;
	td->hang = true;
	EXPECT(transfer(td, REQ_OP_READ, 0, 1) == -ETIMEDOUT);
	EXPECT(td->timeouts == 1);
	td->hang = false;
	EXPECT(transfer(td, REQ_OP_READ, 0, 1) == 0);
	put_pages();
	td_destroy(td);
}
