/* SPDX-License-Identifier: MIT */
/*
 * cow_test.c -- what fork and copy on write promise, seen from inside
 *
 * A kernel thread makes an address space, forks it with dup_mm(), writes to
 * either side as a debugger would, and looks at entries and frames.
 */

#include <arch/uaccess.h>
#include <kernel/selftest.h>
#include <kernel/sched.h>
#include <kernel/string.h>

#include "internal.h"

#define BASE 0x10000000UL
enum { PAGES = 4 };
#define RW_ANON (VM_READ | VM_WRITE | VM_MAYRWX)

/* An mm with one area of PAGES pages at BASE. */
static struct mm_struct *make_mm(unsigned long vm_flags)
{
	struct mm_struct *mm = mm_alloc();
	struct vm_area_struct *vma;

	if (!mm)
		return NULL;
	vma = vm_area_alloc(mm);
	if (!vma) {
		mmput(mm);
		return NULL;
	}
	vma->vm_start = BASE;
	vma->vm_end = BASE + PAGES * PAGE_SIZE;
	vma->vm_flags = vm_flags;
	if (!(vm_flags & VM_SHARED) && !vm_enough_memory(PAGES))
		vma->vm_flags |= VM_ACCOUNT;   /* as mmap() would */
	if (vm_flags & VM_SHARED && shmem_zero_setup(vma)) {
		vm_area_free(vma);
		mmput(mm);
		return NULL;
	}
	mmap_write_lock(mm);
	insert_vm_struct(mm, vma);
	vm_stat_account(mm, vm_flags, PAGES);
	mmap_write_unlock(mm);
	return mm;
}

static unsigned long page_addr(int n)
{
	return BASE + n * PAGE_SIZE;
}

/* Write or read one word as the process would. */
static bool poke(struct mm_struct *mm, int n, long value)
{
	return access_remote_vm(mm, page_addr(n), &value, sizeof(value),
				FOLL_WRITE) == sizeof(value);
}

static long peek(struct mm_struct *mm, int n)
{
	long value = -1;

	if (access_remote_vm(mm, page_addr(n), &value, sizeof(value), 0) !=
	    sizeof(value))
		return -1;
	return value;
}

static pte_t entry_of(struct mm_struct *mm, int n)
{
	spinlock_t *ptl;
	pte_t *ptep, pte = __pte(0);

	mmap_read_lock(mm);
	ptep = walk_to_pte_locked(mm, page_addr(n), &ptl);
	if (ptep) {
		pte = ptep_get(ptep);
		pte_unmap_unlock(ptep, ptl);
	}
	mmap_read_unlock(mm);
	return pte;
}

SELFTEST(fork_shares_frames_and_protects_both_sides)
{
	struct mm_struct *mm = make_mm(RW_ANON), *child;
	pte_t a, b;

	REQUIRE(mm);
	EXPECT(poke(mm, 0, 11));
	EXPECT(pte_write(entry_of(mm, 0)));
	child = dup_mm(NULL, mm);
	REQUIRE(child);
	a = entry_of(mm, 0);
	b = entry_of(child, 0);
	EXPECT(pte_present(a) && pte_present(b));
	EXPECT(pte_pfn(a) == pte_pfn(b));
	EXPECT(!pte_write(a) && !pte_write(b));
	EXPECT(page_count(pte_page(a)) == 2);
	EXPECT(page_mapcount(pte_page(a)) == 2);
	mmput(child);
	EXPECT(page_count(pte_page(a)) == 1);
	mmput(mm);
}

SELFTEST(cow_write_is_invisible_to_the_other_side)
{
	struct mm_struct *mm = make_mm(RW_ANON), *child;
	int n;

	REQUIRE(mm);
	for (n = 0; n < PAGES; n++)
		EXPECT(poke(mm, n, 100 + n));
	child = dup_mm(NULL, mm);
	REQUIRE(child);
	EXPECT(poke(child, 1, 201));
	EXPECT(poke(mm, 2, 302));
	EXPECT(peek(mm, 1) == 101 && peek(child, 1) == 201);
	EXPECT(peek(mm, 2) == 302 && peek(child, 2) == 102);
	EXPECT(pte_pfn(entry_of(mm, 1)) != pte_pfn(entry_of(child, 1)));
	EXPECT(pte_pfn(entry_of(mm, 0)) == pte_pfn(entry_of(child, 0)));
	mmput(child);
	EXPECT(peek(mm, 0) == 100 && peek(mm, 1) == 101);
	mmput(mm);
}

SELFTEST_SLOW(cow_copies_once_and_the_last_owner_reuses)
{
	struct mm_struct *mm = make_mm(RW_ANON), *child;
	pfn_t before;

	REQUIRE(mm);
	EXPECT(poke(mm, 0, 1));
	before = pte_pfn(entry_of(mm, 0));
	child = dup_mm(NULL, mm);
	REQUIRE(child);
	EXPECT(poke(child, 0, 2));
	EXPECT(pte_write(entry_of(child, 0)));
	/* The copy was the child's; the frame is the parent's alone again. */
	EXPECT(page_count(pfn_to_page(before)) == 1);
	EXPECT(poke(mm, 0, 3));
	EXPECT(pte_pfn(entry_of(mm, 0)) == before);
	EXPECT(peek(mm, 0) == 3 && peek(child, 0) == 2);
	mmput(child);
	mmput(mm);
}

SELFTEST_SLOW(cow_copies_a_page_that_somebody_else_holds)
{
	struct mm_struct *mm = make_mm(RW_ANON), *child;
	struct page *held;

	REQUIRE(mm);
	EXPECT(poke(mm, 0, 5));
	child = dup_mm(NULL, mm);
	REQUIRE(child);
	mmap_read_lock(child);
	EXPECT(get_user_pages_remote(child, BASE, 1, 0, &held) == 1);
	mmap_read_unlock(child);
	mmput(child);
	/* Two references: the entry's and the visitor's. */
	EXPECT(page_count(held) == 2);
	EXPECT(poke(mm, 0, 6));
	EXPECT(*(long *)page_address(held) == 5);
	EXPECT(page_count(held) == 1);
	put_page(held);
	mmput(mm);
}

SELFTEST_SLOW(shared_memory_is_exempt_from_cow)
{
	struct mm_struct *mm = make_mm(RW_ANON | VM_SHARED | VM_MAYSHARE);
	struct mm_struct *child;

	REQUIRE(mm);
	EXPECT(poke(mm, 0, 7));
	child = dup_mm(NULL, mm);
	REQUIRE(child);
	EXPECT(peek(child, 0) == 7);
	EXPECT(poke(child, 0, 8));
	EXPECT(peek(mm, 0) == 8);
	EXPECT(pte_pfn(entry_of(mm, 0)) == pte_pfn(entry_of(child, 0)));
	EXPECT(poke(mm, 3, 9) && peek(child, 3) == 9);
	mmput(mm);
	EXPECT(peek(child, 0) == 8);
	mmput(child);
}

SELFTEST_SLOW(reading_untouched_memory_costs_no_frame)
{
	struct mm_struct *mm = make_mm(RW_ANON);
	pte_t pte;

	REQUIRE(mm);
	EXPECT(peek(mm, 0) == 0);
	pte = entry_of(mm, 0);
	EXPECT(is_zero_pfn(pte_pfn(pte)) && !pte_write(pte));
	EXPECT(get_mm_rss(mm) == 0);
	EXPECT(poke(mm, 0, 1));
	EXPECT(!is_zero_pfn(pte_pfn(entry_of(mm, 0))));
	EXPECT(get_mm_rss(mm) == 1);
	EXPECT(*(long *)empty_zero_page == 0);
	mmput(mm);
}

SELFTEST_SLOW(fork_obeys_dontcopy_and_wipeonfork)
{
	struct mm_struct *mm = make_mm(RW_ANON | VM_WIPEONFORK), *child;

	REQUIRE(mm);
	EXPECT(poke(mm, 0, 1));
	child = dup_mm(NULL, mm);
	REQUIRE(child);
	EXPECT(peek(child, 0) == 0 && peek(mm, 0) == 1);
	mmput(child);
	mmput(mm);

	mm = make_mm(RW_ANON | VM_DONTCOPY);
	REQUIRE(mm);
	EXPECT(poke(mm, 0, 1));
	child = dup_mm(NULL, mm);
	REQUIRE(child);
	EXPECT(child->map_count == 0 && child->total_vm == 0);
	mmput(child);
	mmput(mm);
}

SELFTEST_SLOW(mprotect_takes_rights_from_present_pages)
{
	struct mm_struct *mm = make_mm(RW_ANON);
	pfn_t before;

	REQUIRE(mm);
	EXPECT(poke(mm, 1, 4));
	before = pte_pfn(entry_of(mm, 1));
	mmap_write_lock(mm);
	EXPECT(!mprotect_range(mm, page_addr(1), page_addr(2), PROT_NONE));
	EXPECT(mm->map_count == 3 && vma_tree_ok(mm));
	mmap_write_unlock(mm);
	EXPECT(pte_protnone(entry_of(mm, 1)));
	EXPECT(peek(mm, 1) == -1 && !poke(mm, 1, 5));
	mmap_write_lock(mm);
	EXPECT(!mprotect_range(mm, page_addr(1), page_addr(2),
			       PROT_READ | PROT_WRITE));
	EXPECT(mm->map_count == 1 && vma_tree_ok(mm));
	mmap_write_unlock(mm);
	EXPECT(peek(mm, 1) == 4 && pte_pfn(entry_of(mm, 1)) == before);
	EXPECT(poke(mm, 1, 6) && pte_pfn(entry_of(mm, 1)) == before);
	mmput(mm);
}

SELFTEST_SLOW(munmap_leaves_no_page_and_no_area)
{
	struct mm_struct *mm = make_mm(RW_ANON);
	struct page *page;

	REQUIRE(mm);
	EXPECT(poke(mm, 1, 1) && poke(mm, 2, 2));
	page = pte_page(entry_of(mm, 1));
	get_page(page);
	mmap_write_lock(mm);
	EXPECT(!do_munmap(mm, page_addr(1), PAGE_SIZE));
	EXPECT(mm->map_count == 2 && vma_tree_ok(mm));
	mmap_write_unlock(mm);
	EXPECT(page_count(page) == 1 && page_mapcount(page) == 0);
	put_page(page);
	EXPECT(pte_none(entry_of(mm, 1)) && peek(mm, 1) == -1);
	EXPECT(peek(mm, 2) == 2);
	EXPECT(get_mm_rss(mm) == 1 && mm->total_vm == PAGES - 1);
	mmput(mm);
}

SELFTEST_SLOW(user_access_through_the_mmu_faults_pages_in)
{
	struct mm_struct *mm = make_mm(RW_ANON);
	long __user *p = (long __user *)BASE;
	long got = -1;

	REQUIRE(mm);
	kthread_use_mm(mm);
	EXPECT(!put_user(42L, p));
	EXPECT(!get_user(got, p) && got == 42);
	EXPECT(!get_user(got, p + PAGE_SIZE / 8) && got == 0);
	EXPECT(get_user(got, (long __user *)(BASE - 8)) == -EFAULT);
	EXPECT(put_user(1L, p + PAGES * PAGE_SIZE / 8) == -EFAULT);
	kthread_unuse_mm(mm);
	EXPECT(peek(mm, 0) == 42);
	mmput(mm);
}

SELFTEST_SLOW(a_thousand_forks_leak_no_frame)
{
	struct mm_struct *mm = make_mm(RW_ANON);
	struct page *page;
	int i;

	REQUIRE(mm);
	EXPECT(poke(mm, 0, 1));
	page = pte_page(entry_of(mm, 0));
	for (i = 0; i < 1000; i++) {
		struct mm_struct *child = dup_mm(NULL, mm);

		REQUIRE(child);
		EXPECT(poke(child, 0, i));
		mmput(child);
	}
	EXPECT(page_count(page) == 1 && peek(mm, 0) == 1);
	mmput(mm);
}
