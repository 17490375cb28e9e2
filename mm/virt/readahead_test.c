/* SPDX-License-Identifier: MIT */
/* readahead_test.c -- what is read for which reader */

#include <kernel/selftest.h>
#include <mm/filemap.h>

#include "cache_fixture.h"

static unsigned long pages_read, largest_run;

/* A disk that is there at once. */
static void instant_readahead(struct readahead_control *rac)
{
	struct page *page;

	if (readahead_count(rac) > largest_run)
		largest_run = readahead_count(rac);
	while ((page = readahead_page(rac))) {
		SetPageUptodate(page);
		unlock_page(page);
		put_page(page);
		pages_read++;
	}
}

static const struct address_space_operations instant_aops = {
	.readahead = instant_readahead,
};

struct reader {
	struct fake_file *f;
	struct file_ra_state ra;
	unsigned long waits;          /* pages that were not there */
};

static bool start(struct reader *r, unsigned long pages)
{
	*r = (struct reader){ .f = fake_file(&instant_aops, pages) };
	pages_read = largest_run = 0;
	if (r->f)
		file_ra_state_init(&r->ra, &r->f->inode.i_data);
	return r->f;
}

/* Read one page as read() does, in a read of `want` pages. */
static void read_at(struct reader *r, unsigned long index, unsigned long want)
{
	struct address_space *m = &r->f->inode.i_data;
	struct page *page = find_get_page(m, index);

	if (!page) {
		r->waits++;
		page_cache_sync_readahead(m, &r->ra, NULL, index, want);
		page = find_get_page(m, index);
	} else if (PageReadahead(page)) {
		page_cache_async_readahead(m, &r->ra, NULL, page, index, want);
	}
	EXPECT(page && PageUptodate(page));
	if (page)
		put_page(page);
	r->ra.prev_pos = ((loff_t)(index + 1) << PAGE_SHIFT) - 1;
}

SELFTEST_SLOW(readahead_sequential_reader_waits_once)
{
	struct reader r;
	unsigned long n;

	REQUIRE(start(&r, 300));
	for (n = 0; n < 300; n++)
		read_at(&r, n, 1);
	EXPECT(r.waits == 1);
	EXPECT(pages_read == 300);
	EXPECT(largest_run == VM_READAHEAD_PAGES);
	fake_file_free(r.f);
}

SELFTEST_SLOW(readahead_random_reader_gets_what_it_asks_for)
{
	struct reader r;
	unsigned long n;

	REQUIRE(start(&r, 100000));
	for (n = 1; n <= 50; n++)
		read_at(&r, n * 7919 % 100000, 1);
	EXPECT(r.waits == 50);
	EXPECT(pages_read == 50);
	fake_file_free(r.f);
}

SELFTEST_SLOW(readahead_interleaved_streams_are_both_seen)
{
	struct reader r;
	unsigned long n;

	REQUIRE(start(&r, 4000));
	for (n = 0; n < 200; n++) {
		read_at(&r, n, 1);
		read_at(&r, 2000 + n, 1);
	}
	/* Each stream may stumble at its start, not on its way. */
	EXPECT(r.waits < 20);
	EXPECT(pages_read < 600);
	fake_file_free(r.f);
}

SELFTEST_SLOW(readahead_stops_at_the_end_of_the_file)
{
	struct reader r;

	REQUIRE(start(&r, 3));
	read_at(&r, 0, 1);
	EXPECT(pages_read == 3 && r.f->inode.i_data.nrpages == 3);
	page_cache_sync_readahead(&r.f->inode.i_data, &r.ra, NULL, 50, 4);
	EXPECT(pages_read == 3);
	fake_file_free(r.f);
}
