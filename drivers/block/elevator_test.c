/* SPDX-License-Identifier: MIT */
/*
 * elevator_test.c -- in which order do requests come?
 *
 * A disk with one slot holds its first request while others queue up behind it;
 * then they are let go one at a time, and the trace shows the scheduler's
 * order.
 */

#include "testdisk.h"

#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <kernel/string.h>

static struct page *page;

static bool tune(struct testdisk *td, const char *name, const char *value)
{
	struct elevator_queue *eq = td->disk->queue->elevator;
	const struct elv_fs_entry *e = eq->type->elevator_attrs;

	for (; e->name; e++)
		if (!strcmp(e->name, name))
			return e->store(eq, value, strlen(value)) > 0;
	return false;
}

/* With one request at sector 0 held; NULL. */
static struct testdisk *begin(const char *elevator, struct td_ends *e)
{
	struct testdisk *td = td_create(1, 1);

	if (!td)
		return NULL;
	page = alloc_page(GFP_KERNEL);
	td_ends_init(e);
	if (page && !elevator_switch_name(td->disk->queue, elevator) &&
	    !blk_mq_update_nr_requests(td->disk->queue, 32)) {
		td->hold = true;
		td_submit(e, td_bio(td, REQ_OP_READ, 0, &page, 1));
		if (td_wait_seen(td, 1))
			return td;
	}
	td_destroy(td);
	return NULL;
}

static void add(struct testdisk *td, struct td_ends *e, blk_opf_t op,
		sector_t sector)
{
	td_submit(e, td_bio(td, op, sector, &page, 1));
}

/* Let go one by one; were the next n (after the first) these? */
static bool order_is(struct testdisk *td, struct td_ends *e,
		     const sector_t *want, unsigned int n)
{
	bool same = true;

	for (unsigned int i = 0; i < n; i++) {
		td_release_one(td);
		same &= td_wait_seen(td, i + 2) && td->sector[i + 1] == want[i];
	}
	td->hold = false;
	td_release_all(td);
	same &= td_wait_ends(e) && !e->errors && td->seen == n + 1;
	td_destroy(td);
	__free_page(page);
	return same;
}

SELFTEST_SLOW(deadline_sweeps_by_sector)
{
	static const sector_t want[] = { 160, 480, 800 };
	struct td_ends e;
	struct testdisk *td = begin("deadline", &e);

	REQUIRE(td);
	add(td, &e, REQ_OP_READ, 800);
	add(td, &e, REQ_OP_READ, 160);
	add(td, &e, REQ_OP_READ, 480);
	EXPECT(order_is(td, &e, want, 3));
}

SELFTEST_SLOW(deadline_serves_the_expired_first)
{
	static const sector_t want[] = { 800, 160, 480 };
	struct td_ends e;
	struct testdisk *td = begin("mq-deadline", &e);

	REQUIRE(td);
	EXPECT(tune(td, "read_expire", "0") && tune(td, "fifo_batch", "1"));
	add(td, &e, REQ_OP_READ, 800);
	add(td, &e, REQ_OP_READ, 160);
	add(td, &e, REQ_OP_READ, 480);
	EXPECT(order_is(td, &e, want, 3));
}

SELFTEST_SLOW(deadline_passes_writes_over_twice_at_most)
{
	static const sector_t want[] = { 160, 320, 16, 480, 640, 48 };
	struct td_ends e;
	struct testdisk *td = begin("deadline", &e);

	REQUIRE(td);
	EXPECT(tune(td, "fifo_batch", "1"));
	add(td, &e, REQ_OP_WRITE, 16);
	add(td, &e, REQ_OP_WRITE, 48);
	for (int i = 1; i <= 4; i++)
		add(td, &e, REQ_OP_READ, i * 160);
	EXPECT(order_is(td, &e, want, 6));
}

SELFTEST_SLOW(elevator_merges_at_both_ends_and_between)
{
	/* 80..103 from three bios, 400..415 by a front merge, 240 alone. */
	static const sector_t want[] = { 80, 240, 400 };
	struct td_ends e;
	struct testdisk *td = begin("deadline", &e);
	struct disk_stats s;

	REQUIRE(td);
	add(td, &e, REQ_OP_READ, 80);
	add(td, &e, REQ_OP_READ, 408);
	add(td, &e, REQ_OP_READ, 96);    /* not a neighbour yet */
	add(td, &e, REQ_OP_READ, 88);    /* joins the two */
	add(td, &e, REQ_OP_READ, 400);   /* front */
	add(td, &e, REQ_OP_READ, 240);
	part_stat_sum(td->disk->part0, &s);
	EXPECT(s.merges[STAT_READ] == 3);
	EXPECT(order_is(td, &e, want, 3));
}

SELFTEST_SLOW(none_keeps_the_order_of_arrival)
{
	struct testdisk *td = td_create(1, 8);
	struct td_ends e;

	REQUIRE(td);
	page = alloc_page(GFP_KERNEL);
	REQUIRE(page);
	td_ends_init(&e);
	td->busy = 1;                    /* so that they queue up */
	add(td, &e, REQ_OP_READ, 800);
	add(td, &e, REQ_OP_READ, 160);
	add(td, &e, REQ_OP_READ, 480);
	EXPECT(td_wait_ends(&e) && !e.errors);
	EXPECT(td->seen == 3);
	td_destroy(td);
	__free_page(page);
}

SELFTEST_SLOW(cfq_gives_real_time_requests_the_next_turn)
{
	static const sector_t want[] = { 1600, 160, 320 };
	struct td_ends e;
	struct testdisk *td = begin("cfq", &e);
	struct bio *bio;

	REQUIRE(td);
	add(td, &e, REQ_OP_WRITE, 160);
	add(td, &e, REQ_OP_WRITE, 320);
	/* Another queue: asynchronous, real-time. */
	bio = td_bio(td, REQ_OP_WRITE, 1600, &page, 1);
	bio->bi_ioprio = 1 << 13;
	td_submit(&e, bio);
	EXPECT(tune(td, "slice_idle", "0"));
	EXPECT(order_is(td, &e, want, 3));
}

SELFTEST_SLOW(elevator_name_that_is_not_there_is_refused)
{
	struct testdisk *td = td_create(1, 4);
	char *buf = (char *)__get_free_page(GFP_KERNEL);

	REQUIRE(td && buf);
	EXPECT(elevator_switch_name(td->disk->queue, "noop2") == -EINVAL);
	EXPECT(elv_iosched_show(td->disk->queue, buf) > 0);
	EXPECT(!strcmp(buf, "[none] deadline cfq\n"));
	EXPECT(elv_iosched_store(td->disk->queue, "cfq\n", 4) == 4);
	elv_iosched_show(td->disk->queue, buf);
	EXPECT(!strcmp(buf, "none deadline [cfq]\n"));
	free_page((unsigned long)buf);
	td_destroy(td);
}

SELFTEST_SLOW(switching_under_load_loses_nothing)
{
	static const char *const names[] = { "deadline", "cfq", "none" };
	struct testdisk *td = td_create(1, 4);
	struct td_ends e;

	REQUIRE(td);
	page = alloc_page(GFP_KERNEL);
	REQUIRE(page);
	for (int round = 0; round < 30; round++) {
		td_ends_init(&e);
		for (int i = 0; i < 40; i++)
			add(td, &e, REQ_OP_WRITE, i * 48 % 2000);
		EXPECT(!elevator_switch_name(td->disk->queue,
					     names[round % 3]));
		EXPECT(td_wait_ends(&e) && !e.errors);
	}
	td_destroy(td);
	__free_page(page);
}
