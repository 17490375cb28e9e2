/* SPDX-License-Identifier: MIT */
/*
 * page_writeback_test.c -- dirty pages, their marks, and a sync that ends
 *
 * The mappings (cache_fixture.h) have no disk: their writepage() ends at once,
 * or fails, or dirties a page behind the writer, and counts.  What is compared
 * are the tree's marks, the counters, and who is told of an error.
 */

#include <kernel/selftest.h>
#include <mm/filemap.h>
#include <mm/rmap.h>
#include <mm/vmstat.h>
#include <mm/writeback.h>

#include "cache_fixture.h"
#include "internal.h"

static unsigned long written, dirty_behind;

static void make_dirty(struct address_space *m, unsigned long index)
{
	struct page *page = find_or_create_page(m, index, GFP_KERNEL);

	if (!page)
		return;
	SetPageUptodate(page);
	filemap_dirty_folio(m, page);
	unlock_page(page);
	put_page(page);
}

/* A disk that is done at once, and a writer who dirties behind its back. */
static int instant_writepage(struct page *page, struct writeback_control *wbc)
{
	struct address_space *m = page->mapping;

	written++;
	set_page_writeback(page);
	unlock_page(page);
	if (dirty_behind && written < 1000)
		make_dirty(m, page->index + dirty_behind);
	end_page_writeback(page);
	return 0;
}

static int failing_writepage(struct page *page, struct writeback_control *wbc)
{
	set_page_writeback(page);
	unlock_page(page);
	mapping_set_error(page->mapping, -EIO);
	end_page_writeback(page);
	return 0;
}

static const struct address_space_operations instant_aops = {
	.writepage = instant_writepage,
};

static const struct address_space_operations failing_aops = {
	.writepage = failing_writepage,
};

SELFTEST_SLOW(sync_writes_what_was_dirty_when_it_began)
{
	struct fake_file *f = fake_file(&instant_aops, 100000);
	struct address_space *m;
	unsigned long n;

	REQUIRE(f);
	m = &f->inode.i_data;
	for (n = 0; n < 10; n++)
		make_dirty(m, n * 2);
	written = 0;
	dirty_behind = 1;
	EXPECT(!filemap_fdatawrite(m));
	EXPECT(written == 10);
	dirty_behind = 0;
	EXPECT(!filemap_fdatawrite(m));
	EXPECT(written == 20);
	EXPECT(!xa_marked(&m->i_pages, PAGECACHE_TAG_DIRTY));
	fake_file_free(f);
}

SELFTEST_SLOW(dirty_counters_return_to_where_they_were)
{
	unsigned long dirty = global_node_page_state(NR_FILE_DIRTY);
	unsigned long wb = global_node_page_state(NR_WRITEBACK), n;
	struct fake_file *f = fake_file(&instant_aops, 64);

	REQUIRE(f);
	for (n = 0; n < 8; n++)
		make_dirty(&f->inode.i_data, n);
	EXPECT(global_node_page_state(NR_FILE_DIRTY) >= dirty + 8);
	dirty_behind = 0;
	EXPECT(!filemap_write_and_wait_range(&f->inode.i_data, 0,
					     4 * PAGE_SIZE - 1));
	EXPECT(PageDirty((struct page *)xa_load(&f->inode.i_data.i_pages, 4)));
	/* The other four are truncated while dirty. */
	fake_file_free(f);
	EXPECT(global_node_page_state(NR_FILE_DIRTY) == dirty);
	EXPECT(global_node_page_state(NR_WRITEBACK) == wb);
}

SELFTEST_SLOW(stale_marks_are_taken_away)
{
	struct fake_file *f = fake_file(&instant_aops, 64);
	struct address_space *m;
	struct page *page;

	REQUIRE(f);
	m = &f->inode.i_data;
	make_dirty(m, 3);
	page = find_lock_page(m, 3);
	REQUIRE(page);
	cancel_dirty_page(page);
	unlock_page(page);
	EXPECT(xa_get_mark(&m->i_pages, 3, PAGECACHE_TAG_DIRTY));
	written = 0;
	EXPECT(!filemap_fdatawrite(m));
	EXPECT(written == 0);
	EXPECT(!xa_get_mark(&m->i_pages, 3, PAGECACHE_TAG_DIRTY));
	set_page_dirty(page);
	EXPECT(!filemap_fdatawrite(m));
	EXPECT(xa_get_mark(&m->i_pages, 3, PAGECACHE_TAG_WRITEBACK));
	EXPECT(!filemap_fdatawait(m));
	EXPECT(!xa_get_mark(&m->i_pages, 3, PAGECACHE_TAG_WRITEBACK));
	put_page(page);
	fake_file_free(f);
}

SELFTEST_SLOW(failed_write_is_told_to_each_open_file_once)
{
	struct fake_file *f = fake_file(&failing_aops, 64);
	struct file *a = kzalloc(sizeof(*a), GFP_KERNEL);
	struct file *b = kzalloc(sizeof(*b), GFP_KERNEL);

	REQUIRE(f && a && b);
	a->f_mapping = b->f_mapping = &f->inode.i_data;
	spin_lock_init(&a->f_lock);
	spin_lock_init(&b->f_lock);
	make_dirty(&f->inode.i_data, 0);
	EXPECT(file_write_and_wait_range(a, 0, S64_MAX) == -EIO);
	EXPECT(file_write_and_wait_range(a, 0, S64_MAX) == 0);
	EXPECT(file_write_and_wait_range(b, 0, S64_MAX) == -EIO);
	EXPECT(file_write_and_wait_range(b, 0, S64_MAX) == 0);
	EXPECT(!PageDirty((struct page *)xa_load(&f->inode.i_data.i_pages, 0)));
	fake_file_free(f);
	kfree(a);
	kfree(b);
}

SELFTEST_SLOW(cyclic_writing_goes_on_where_it_stopped)
{
	struct writeback_control wbc = { .nr_to_write = 4, .range_cyclic = 1,
					 .range_end = S64_MAX };
	struct fake_file *f = fake_file(&instant_aops, 64);
	struct address_space *m;
	unsigned long n;

	REQUIRE(f);
	m = &f->inode.i_data;
	for (n = 0; n < 8; n++)
		make_dirty(m, n);
	dirty_behind = 0;
	EXPECT(!do_writepages(m, &wbc) && wbc.nr_to_write == 0);
	EXPECT(m->writeback_index == 4);
	make_dirty(m, 0);
	wbc.nr_to_write = 3;
	EXPECT(!do_writepages(m, &wbc));
	EXPECT(m->writeback_index == 7);
	EXPECT(PageDirty((struct page *)xa_load(&m->i_pages, 0)));
	fake_file_free(f);
}

SELFTEST(dirty_limits_keep_their_order)
{
	unsigned long background, limit;

	global_dirty_limits(&background, &limit);
	EXPECT(background < limit);
	EXPECT(limit <= totalram_pages());
}
