/* SPDX-License-Identifier: MIT */
/*
 * rmap_test.c -- does a page find all its entries, and only those?
 *
 * Address spaces without a process are made, forked, cut and moved; then a walk
 * from the page counts the entries that it finds, and must find _mapcount.
 */

#include <mm/rmap.h>

#include <kernel/selftest.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/filemap.h>
#include <mm/slab.h>

#include "reclaim.h"

#define BASE 0x10000000UL
#define FAR 0x40000000UL
enum { PAGES = 8 };
#define RW_ANON (VM_READ | VM_WRITE | VM_MAYRWX)

static struct mm_struct *make_mm(unsigned long flags)
{
	struct mm_struct *mm = mm_alloc();
	struct vm_area_struct *vma = mm ? vm_area_alloc(mm) : NULL;

	if (!vma)
		return NULL;
	vma->vm_start = BASE;
	vma->vm_end = BASE + PAGES * PAGE_SIZE;
	vma->vm_flags = flags;
	if (flags & VM_SHARED && shmem_zero_setup(vma))
		return NULL;
	mmap_write_lock(mm);
	insert_vm_struct(mm, vma);
	vm_stat_account(mm, flags, PAGES);
	mmap_write_unlock(mm);
	return mm;
}

static bool poke(struct mm_struct *mm, unsigned long addr, long value)
{
	return access_remote_vm(mm, addr, &value, sizeof(value), FOLL_WRITE) ==
	       sizeof(value);
}

static long peek(struct mm_struct *mm, unsigned long addr)
{
	long value = -1;

	access_remote_vm(mm, addr, &value, sizeof(value), 0);
	return value;
}

/* The page that mm shows at addr, with a reference. */
static struct page *page_at(struct mm_struct *mm, unsigned long addr)
{
	struct page *page = NULL;

	mmap_read_lock(mm);
	if (get_user_pages_remote(mm, addr, 1, 0, &page) != 1)
		page = NULL;
	mmap_read_unlock(mm);
	return page;
}

struct census {
	int areas, entries;
};

static bool count_entry(struct page *page, struct vm_area_struct *vma,
			unsigned long addr, void *arg)
{
	struct census *c = arg;
	spinlock_t *ptl;
	pte_t *ptep = walk_to_pte_locked(vma->vm_mm, addr, &ptl);

	c->areas++;
	if (!ptep)
		return true;
	if (pte_present(ptep_get(ptep)) &&
	    pte_pfn(ptep_get(ptep)) == page_to_pfn(page))
		c->entries++;
	pte_unmap_unlock(ptep, ptl);
	return true;
}

static struct census census_of(struct page *page)
{
	struct census c = { 0, 0 };
	struct rmap_walk_control rwc = { .rmap_one = count_entry, .arg = &c };

	lock_page(page);
	rmap_walk(page, &rwc);
	unlock_page(page);
	return c;
}

static bool finds_all(struct page *page, int entries)
{
	return page && page_mapcount(page) == entries &&
	       census_of(page).entries == entries;
}

SELFTEST_SLOW(rmap_finds_a_page_in_parent_and_child)
{
	struct mm_struct *mm = make_mm(RW_ANON), *child, *grandchild;
	struct page *old, *own;

	REQUIRE(mm && poke(mm, BASE, 1));
	old = page_at(mm, BASE);
	EXPECT(finds_all(old, 1));
	child = dup_mm(current, mm);
	REQUIRE(child);
	EXPECT(finds_all(old, 2));
	/* What the child writes is the child's: the walk does not ask
	 * others. */
	EXPECT(poke(child, BASE, 2));
	EXPECT(finds_all(old, 1));
	own = page_at(child, BASE);
	EXPECT(own != old && finds_all(own, 1) && census_of(own).areas == 1);
	grandchild = dup_mm(current, child);
	REQUIRE(grandchild);
	EXPECT(finds_all(own, 2) && census_of(own).areas == 2);
	mmput(child);
	EXPECT(finds_all(own, 1));
	mmput(mm);
	EXPECT(page_mapcount(old) == 0 && page_count(old) == 1);
	mmput(grandchild);
	EXPECT(page_mapcount(own) == 0 && page_count(own) == 1);
	put_page(old);
	put_page(own);
}

SELFTEST_SLOW(rmap_follows_split_merge_and_move)
{
	struct mm_struct *mm = make_mm(RW_ANON);
	unsigned long mid = BASE + 3 * PAGE_SIZE;
	struct vm_area_struct *vma, *new;
	struct page *page;

	REQUIRE(mm && poke(mm, mid, 7));
	page = page_at(mm, mid);
	mmap_write_lock(mm);
	vma = vma_lookup(mm, mid);
	EXPECT(!split_vma(mm, vma, mid, true));
	EXPECT(vma->vm_start == mid && finds_all(page, 1));
	EXPECT(census_of(page).areas == 1);
	vma = vma_merge_neighbours(vma);
	EXPECT(mm->map_count == 1 && finds_all(page, 1));
	/* Another area takes the upper half's entries, far away. */
	EXPECT(!split_vma(mm, vma, mid, true));
	vma = vma_lookup(mm, mid);
	new = vm_area_dup(vma, mm);
	REQUIRE(new);
	new->vm_start = FAR;
	new->vm_end = FAR + (vma->vm_end - vma->vm_start);
	EXPECT(!anon_vma_clone(new, vma));
	vma_link(mm, new);
	EXPECT(move_page_tables(vma, mid, new, FAR, 5 * PAGE_SIZE) ==
	       5 * PAGE_SIZE);
	vm_stat_account(mm, new->vm_flags, vma_pages(new));
	EXPECT(finds_all(page, 1) && census_of(page).areas == 2);
	EXPECT(vma_tree_ok(mm));
	mmap_write_unlock(mm);
	EXPECT(peek(mm, FAR) == 7);
	mmput(mm);
	EXPECT(page_mapcount(page) == 0);
	put_page(page);
}

SELFTEST_SLOW(rmap_finds_shared_pages_in_each_area)
{
	struct mm_struct *mm = make_mm(RW_ANON | VM_SHARED | VM_MAYSHARE);
	struct mm_struct *child;
	struct page *page;

	REQUIRE(mm && poke(mm, BASE, 5));
	child = dup_mm(current, mm);
	REQUIRE(child && peek(child, BASE) == 5);
	page = page_at(mm, BASE);
	EXPECT(finds_all(page, 2));
	lock_page(page);
	EXPECT(page_mkclean(page) >= 1);
	EXPECT(page_mkclean(page) == 0);
	EXPECT(try_to_unmap(page, 0) && !page_mapped(page));
	unlock_page(page);
	/* The object still has it: a fault brings it back. */
	EXPECT(peek(mm, BASE) == 5 && finds_all(page, 1));
	put_page(page);
	mmput(mm);
	mmput(child);
}

/* Unmapped in a batch: no flush yet, and others of the mm are told so. */
SELFTEST_SLOW(rmap_batched_unmap_is_flushed_once_or_by_who_meets_it)
{
	struct tlbflush_unmap_batch ubc = { .flush_required = false };
	struct mm_struct *mm = make_mm(RW_ANON | VM_SHARED | VM_MAYSHARE);
	struct page *page;
	int i;

	REQUIRE(mm && poke(mm, BASE, 1) && poke(mm, BASE + PAGE_SIZE, 2));
	current->tlb_ubc = &ubc;
	for (i = 0; i < 2; i++) {
		page = page_at(mm, BASE + i * PAGE_SIZE);
		lock_page(page);
		EXPECT(try_to_unmap(page, TTU_BATCH_FLUSH));
		unlock_page(page);
		put_page(page);
	}
	EXPECT(ubc.flush_required);
	EXPECT(atomic_read(&mm->tlb_batch_pending) == 2);
	EXPECT(atomic_read(&mm->tlb_batch_flushed) == 0);
	zap_page_range(vma_lookup(mm, BASE), BASE, PAGE_SIZE);   /* empty */
	EXPECT(atomic_read(&mm->tlb_batch_flushed) == 2);
	try_to_unmap_flush();
	EXPECT(!ubc.flush_required);
	current->tlb_ubc = NULL;
	EXPECT(peek(mm, BASE + PAGE_SIZE) == 2);
	mmput(mm);
}

SELFTEST_SLOW(reclaim_sets_locked_pages_aside_until_they_are_unlocked)
{
	struct mm_struct *mm = make_mm(RW_ANON | VM_LOCKED);
	struct vm_area_struct *vma;
	struct page *page;
	LIST_HEAD(list);

	REQUIRE(mm && poke(mm, BASE, 1));
	vma = vma_lookup(mm, BASE);
	page = page_at(mm, BASE);
	lru_add_drain_all();
	REQUIRE(!isolate_lru_page(page));
	list_add(&page->lru, &list);
	EXPECT(reclaim_pages(&list) == 0);
	EXPECT(PageUnevictable(page) && PageLRU(page));
	EXPECT(page_lru(page) == LRU_UNEVICTABLE && finds_all(page, 1));
	activate_page(page);            /* it stays where it is */
	EXPECT(PageUnevictable(page));
	vma->vm_flags &= ~VM_LOCKED;
	zap_page_range(vma, BASE, PAGE_SIZE);
	EXPECT(!PageUnevictable(page) && page_mapcount(page) == 0);
	put_page(page);
	mmput(mm);
}

static unsigned long reclaim_one(struct page *page)
{
	unsigned long freed;
	LIST_HEAD(list);

	lru_add_drain_all();
	if (isolate_lru_page(page))
		return -1;
	list_add(&page->lru, &list);
	put_page(page);                 /* reclaim alone has one now */
	freed = reclaim_pages(&list);
	return freed;
}

SELFTEST_SLOW(madvise_free_drops_what_is_not_written_again)
{
	struct mm_struct *mm = make_mm(RW_ANON);
	struct vm_area_struct *vma;

	REQUIRE(mm && poke(mm, BASE, 1) && poke(mm, BASE + PAGE_SIZE, 2));
	vma = vma_lookup(mm, BASE);
	lru_add_drain_all();
	mmap_read_lock(mm);
	madvise_free(vma, BASE, BASE + 2 * PAGE_SIZE);
	mmap_read_unlock(mm);
	EXPECT(peek(mm, BASE) == 1);            /* nobody needs it yet */
	EXPECT(poke(mm, BASE + PAGE_SIZE, 3));
	/* The first look finds it used: peek() was. */
	reclaim_one(page_at(mm, BASE));
	reclaim_one(page_at(mm, BASE + PAGE_SIZE));
	reclaim_one(page_at(mm, BASE));
	reclaim_one(page_at(mm, BASE + PAGE_SIZE));
	EXPECT(peek(mm, BASE) == 0);
	EXPECT(peek(mm, BASE + PAGE_SIZE) == 3);
	mmput(mm);
}

SELFTEST_SLOW(page_referenced_sees_each_use_once)
{
	struct mm_struct *mm = make_mm(RW_ANON);
	unsigned long flags;
	struct page *page;

	REQUIRE(mm && poke(mm, BASE, 1));
	page = page_at(mm, BASE);
	page_referenced(page, 0, &flags);
	EXPECT(page_referenced(page, 0, &flags) == 0);
	mmap_read_lock(mm);
	handle_mm_fault(vma_lookup(mm, BASE), BASE, FAULT_FLAG_WRITE);
	mmap_read_unlock(mm);
	EXPECT(page_referenced(page, 0, &flags) == 1 && flags & VM_WRITE);
	EXPECT(page_referenced(page, 0, &flags) == 0);
	put_page(page);
	mmput(mm);
}

/* A child that forks and exits, again and again: its chain must not grow. */
SELFTEST(anon_vma_chain_stays_short_over_generations)
{
	struct mm_struct *mm = make_mm(RW_ANON), *next;
	struct anon_vma_chain *avc;
	int generation, length = 0;

	REQUIRE(mm && poke(mm, BASE, 0));
	for (generation = 1; generation < 12; generation++) {
		next = dup_mm(current, mm);
		REQUIRE(next && poke(next, BASE, generation));
		mmput(mm);
		mm = next;
	}
	list_for_each_entry(avc, &vma_lookup(mm, BASE)->anon_vma_chain,
			    same_vma)
		length++;
	EXPECT(length <= 3);
	EXPECT(peek(mm, BASE) == generation - 1);
	mmput(mm);
}
