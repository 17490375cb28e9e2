/* SPDX-License-Identifier: MIT */
/* filemap_test.c -- the page cache of an object without an inode */

#include <kernel/selftest.h>
#include <kernel/string.h>
#include <mm/filemap.h>
#include <mm/slab.h>

#include "internal.h"

static const struct address_space_operations test_aops = {
	.dirty_folio = noop_dirty_folio,
};

static struct address_space *new_mapping(void)
{
	struct address_space *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return NULL;
	xa_init(&m->i_pages);
	init_rwsem(&m->i_mmap_rwsem);
	m->i_mmap = RB_ROOT;
	m->a_ops = &test_aops;
	return m;
}

SELFTEST(page_cache_has_each_page_once)
{
	struct address_space *m = new_mapping();
	struct page *a, *b;

	REQUIRE(m);
	EXPECT(!find_get_page(m, 7));
	a = find_or_create_page(m, 7, GFP_KERNEL);
	REQUIRE(a);
	EXPECT(PageLocked(a) && !PageUptodate(a) && a->index == 7);
	EXPECT(page_count(a) == 2 && m->nrpages == 1);
	EXPECT(!trylock_page(a));
	unlock_page(a);
	b = find_or_create_page(m, 7, GFP_KERNEL);
	EXPECT(a == b && page_count(a) == 3);
	unlock_page(b);
	put_page(b);
	put_page(a);
	truncate_inode_pages_final(m);
	EXPECT(m->nrpages == 0);
	kfree(m);
}

SELFTEST(add_to_page_cache_refuses_a_second_page)
{
	struct address_space *m = new_mapping();
	struct page *a = alloc_page(GFP_KERNEL), *b = alloc_page(GFP_KERNEL);

	REQUIRE(m && a && b);
	EXPECT(!add_to_page_cache(a, m, 1, GFP_KERNEL));
	EXPECT(add_to_page_cache(b, m, 1, GFP_KERNEL) == -EEXIST);
	EXPECT(!b->mapping && !PageLocked(b) && page_count(b) == 1);
	unlock_page(a);
	put_page(a);
	put_page(b);
	truncate_inode_pages_final(m);
	kfree(m);
}

SELFTEST(truncation_zeroes_the_rest_of_the_last_page)
{
	struct address_space *m = new_mapping();
	struct page *page[4];
	int i;

	REQUIRE(m);
	for (i = 0; i < 4; i++) {
		page[i] = find_or_create_page(m, i, GFP_KERNEL);
		REQUIRE(page[i]);
		memset(page_address(page[i]), 'x', PAGE_SIZE);
		SetPageUptodate(page[i]);
		unlock_page(page[i]);
	}
	truncate_inode_pages(m, PAGE_SIZE + 100);
	EXPECT(m->nrpages == 2);
	EXPECT(page[1]->mapping == m && !page[2]->mapping);
	EXPECT(((char *)page_address(page[1]))[99] == 'x');
	EXPECT(((char *)page_address(page[1]))[100] == 0);
	EXPECT(((char *)page_address(page[1]))[PAGE_SIZE - 1] == 0);
	EXPECT(page_count(page[3]) == 1);
	for (i = 0; i < 4; i++)
		put_page(page[i]);
	truncate_inode_pages_final(m);
	kfree(m);
}

SELFTEST_SLOW(clean_unmapped_pages_can_be_invalidated)
{
	struct address_space *m = new_mapping();
	struct page *page;
	int i;

	REQUIRE(m);
	for (i = 0; i < 3; i++) {
		page = find_or_create_page(m, i, GFP_KERNEL);
		REQUIRE(page);
		SetPageUptodate(page);
		if (i == 1)
			set_page_dirty(page);
		unlock_page(page);
		put_page(page);
	}
	EXPECT(invalidate_mapping_pages(m, 0, ULONG_MAX) == 2);
	EXPECT(m->nrpages == 1);
	truncate_inode_pages_final(m);
	kfree(m);
}
