/* SPDX-License-Identifier: MIT */
/*
 * swap_test.c -- pages go out and come back, on a disk made of memory
 *
 * An area whose transfers are memcpy() shows the path without a disk: contents,
 * counts of slots, and what fork, COW and exit do to entries.
 */

#include <mm/swapops.h>

#include <kernel/selftest.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/filemap.h>
#include <mm/rmap.h>
#include <mm/vmalloc.h>
#include <mm/vmstat.h>

#include "reclaim.h"

#define BASE 0x10000000UL
enum { PAGES = 4, SLOTS = 16 };
#define RW_ANON (VM_READ | VM_WRITE | VM_MAYRWX)

static char *store;

static void submit(struct swap_info_struct *si, struct page *page,
		   unsigned long slot, bool write)
{
	char *at = store + slot * PAGE_SIZE;

	(void)si;
	if (write)
		memcpy(at, page_address(page), PAGE_SIZE);
	else
		memcpy(page_address(page), at, PAGE_SIZE);
	swap_io_done(page, write, false);
}

static const struct swap_io_ops memory_ops = { .submit = submit };

static struct swap_info_struct *new_area(void)
{
	struct swap_info_struct *si = swap_area_alloc();
	u32 *map = vzalloc(SLOTS * sizeof(u32));

	store = vmalloc(SLOTS * PAGE_SIZE);
	if (!si || !map || !store)
		return NULL;
	si->ops = &memory_ops;
	/* Above whatever the system swaps to. */
	swap_area_enable(si, map, SLOTS, SLOTS - 1, 32767);
	return si;
}

static bool end_area(struct swap_info_struct *si)
{
	bool ok = !swap_area_disable(si) && si->inuse_pages == 0;

	swap_area_release(si);
	vfree(store);
	return ok;
}

static struct mm_struct *make_mm(void)
{
	struct mm_struct *mm = mm_alloc();
	struct vm_area_struct *vma = mm ? vm_area_alloc(mm) : NULL;

	if (!vma)
		return NULL;
	vma->vm_start = BASE;
	vma->vm_end = BASE + PAGES * PAGE_SIZE;
	vma->vm_flags = RW_ANON;
	mmap_write_lock(mm);
	insert_vm_struct(mm, vma);
	vm_stat_account(mm, RW_ANON, PAGES);
	mmap_write_unlock(mm);
	return mm;
}

static bool poke(struct mm_struct *mm, int n, long value)
{
	return access_remote_vm(mm, BASE + n * PAGE_SIZE, &value,
				sizeof(value), FOLL_WRITE) == sizeof(value);
}

static long peek(struct mm_struct *mm, int n)
{
	long value = -1;

	access_remote_vm(mm, BASE + n * PAGE_SIZE, &value, sizeof(value), 0);
	return value;
}

static pte_t entry_of(struct mm_struct *mm, int n)
{
	spinlock_t *ptl;
	pte_t *ptep = walk_to_pte_locked(mm, BASE + n * PAGE_SIZE, &ptl);
	pte_t pte = ptep ? ptep_get(ptep) : __pte(0);

	if (ptep)
		pte_unmap_unlock(ptep, ptl);
	return pte;
}

/* One round of reclaim over page n of mm, as kswapd in need would. */
static unsigned long push_out(struct mm_struct *mm, int n)
{
	struct scan_control sc = { .gfp = GFP_KERNEL, .kswapd = true,
				   .may_swap = true };
	struct page *page = NULL, *next;
	unsigned long freed = 0, flags;
	LIST_HEAD(list);
	int round;

	/* First it loses its A bit, then it is written, then it goes. */
	for (round = 0; round < 4 && !freed; round++) {
		if (pte_present(entry_of(mm, n)))
			page = pte_page(entry_of(mm, n));
		if (!page || isolate_lru_page(page))
			return 0;
		page_referenced(page, 0, &flags);
		ClearPageReferenced(page);
		ClearPageActive(page);
		list_add(&page->lru, &list);
		freed = shrink_page_list(&list, &sc);
		list_for_each_entry_safe(page, next, &list, lru) {
			list_del(&page->lru);
			putback_lru_page(page);
		}
		page = freed || pte_present(entry_of(mm, n)) ? NULL :
			lookup_swap_cache(pte_to_swp_entry(entry_of(mm, n)));
		if (page)
			put_page(page);
	}
	return freed;
}

SELFTEST_SLOW(swap_brings_back_what_went_out)
{
	struct swap_info_struct *si = new_area();
	struct mm_struct *mm = make_mm();
	u64 in = vm_event_count(PSWPIN), out = vm_event_count(PSWPOUT);

	REQUIRE(si && mm && poke(mm, 0, 11) && poke(mm, 1, 22));
	EXPECT(push_out(mm, 0) == 1);
	EXPECT(is_swap_pte(entry_of(mm, 0)) && si->inuse_pages == 1);
	EXPECT(get_mm_counter(mm, MM_SWAPENTS) == 1);
	EXPECT(get_mm_counter(mm, MM_ANONPAGES) == 1);
	EXPECT(peek(mm, 0) == 11 && peek(mm, 1) == 22);
	EXPECT(pte_present(entry_of(mm, 0)));
	EXPECT(vm_event_count(PSWPIN) == in + 1);
	EXPECT(vm_event_count(PSWPOUT) == out + 1);
	/* Unchanged, it goes out again without being written. */
	EXPECT(push_out(mm, 0) == 1 || vm_swap_full());
	EXPECT(poke(mm, 0, 33) && peek(mm, 0) == 33);
	EXPECT(get_mm_counter(mm, MM_SWAPENTS) == 0);
	mmput(mm);
	EXPECT(si->inuse_pages == 0);
	EXPECT(end_area(si));
}

SELFTEST_SLOW(swap_entry_is_shared_by_fork_and_copied_on_write)
{
	struct swap_info_struct *si = new_area();
	struct mm_struct *mm = make_mm(), *child;

	REQUIRE(si && mm && poke(mm, 0, 1));
	EXPECT(push_out(mm, 0) == 1);
	child = dup_mm(current, mm);
	REQUIRE(child);
	EXPECT(pte_same(entry_of(mm, 0), entry_of(child, 0)));
	EXPECT(swap_users(pte_to_swp_entry(entry_of(mm, 0))) == 2);
	EXPECT(poke(child, 0, 2));
	EXPECT(peek(child, 0) == 2 && peek(mm, 0) == 1);
	EXPECT(poke(mm, 0, 3));
	EXPECT(peek(child, 0) == 2 && peek(mm, 0) == 3);
	mmput(mm);
	mmput(child);
	EXPECT(si->inuse_pages == 0);
	EXPECT(end_area(si));
}

SELFTEST_SLOW(swap_slot_is_free_when_its_last_user_exits)
{
	struct swap_info_struct *si = new_area();
	struct mm_struct *mm = make_mm(), *child;

	REQUIRE(si && mm && poke(mm, 0, 1) && poke(mm, 3, 4));
	EXPECT(push_out(mm, 0) == 1 && push_out(mm, 3) == 1);
	child = dup_mm(current, mm);
	REQUIRE(child);
	mmput(mm);
	EXPECT(si->inuse_pages == 2);
	EXPECT(peek(child, 3) == 4);
	mmput(child);
	EXPECT(si->inuse_pages == 0);
	EXPECT(end_area(si));
}

SELFTEST_SLOW(swap_area_that_is_gone_has_no_slots)
{
	struct swap_info_struct *si = new_area();
	swp_entry_t entry;

	REQUIRE(si);
	entry = swp_entry(si->type, 1);
	EXPECT(!swap_to_be_read(entry));
	si->swap_map[1] = 1;
	EXPECT(swap_to_be_read(entry));
	EXPECT(!swap_to_be_read(swp_entry(si->type, SLOTS)));
	si->swap_map[1] = 0;
	EXPECT(end_area(si));
	EXPECT(!swap_to_be_read(entry));
	EXPECT(swapcache_prepare(entry) == -ENOENT);
}

/* Touch the pages in order: how many of them had to be read by their fault? */
static u64 sequential_reads(struct mm_struct *mm, struct swap_info_struct *si)
{
	u64 ahead = vm_event_count(SWAP_RA), in = vm_event_count(PSWPIN);

	si->ra_size = si->ra_hits = si->ra_slot = 0;
	for (int i = 0; i < PAGES; i++)
		if (peek(mm, i) != i + 1)
			return 0;
	return vm_event_count(PSWPIN) - in - (vm_event_count(SWAP_RA) - ahead);
}

SELFTEST_SLOW(swap_reads_ahead_where_faults_follow_each_other)
{
	struct swap_info_struct *si = new_area();
	struct mm_struct *mm = make_mm();
	int before = page_cluster, out = 0;

	REQUIRE(si && mm);
	for (int i = 0; i < PAGES; i++)
		REQUIRE(poke(mm, i, i + 1));
	for (int i = 0; i < PAGES; i++)
		out += push_out(mm, i);
	EXPECT(out == PAGES);
	page_cluster = 3;
	EXPECT(sequential_reads(mm, si) < PAGES);
	out = 0;
	for (int i = 0; i < PAGES; i++)
		out += push_out(mm, i);
	page_cluster = 0;
	EXPECT(sequential_reads(mm, si) == (u64)out);
	page_cluster = before;
	mmput(mm);
	EXPECT(si->inuse_pages == 0);
	EXPECT(end_area(si));
}
