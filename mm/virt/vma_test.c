/* SPDX-License-Identifier: MIT */
/*
 * vma_test.c -- the area tree against a plain array
 *
 * Nothing here needs page tables, so the same tests run as a Unix process.
 */

#include <kernel/selftest.h>
#include <kernel/string.h>
#include <mm/slab.h>

#include "internal.h"

/* An mm that only the tree code may look at. */
static void tree_init(struct mm_struct *mm)
{
	memset(mm, 0, sizeof(*mm));
	mm->mm_rb = RB_ROOT;
	INIT_LIST_HEAD(&mm->mmap);
	mm->task_size = TASK_SIZE;
}

static struct vm_area_struct *add(struct mm_struct *mm, unsigned long first,
				  unsigned long pages, unsigned long flags)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);

	if (!vma)
		return NULL;
	vma->vm_start = first << PAGE_SHIFT;
	vma->vm_end = (first + pages) << PAGE_SHIFT;
	vma->vm_flags = flags;
	vma->vm_pgoff = first;
	vma_link(mm, vma);
	return vma;
}

static void tree_free(struct mm_struct *mm)
{
	struct vm_area_struct *vma, *next;

	list_for_each_entry_safe(vma, next, &mm->mmap, vm_list) {
		vma_unlink(vma);
		vm_area_free(vma);
	}
}

static struct mm_struct *new_tree(void)
{
	struct mm_struct *mm = kzalloc(sizeof(*mm), GFP_KERNEL);

	if (mm)
		tree_init(mm);
	return mm;
}

SELFTEST(find_vma_finds_the_area_or_the_next)
{
	struct mm_struct *mm = new_tree();
	struct vm_area_struct *a, *b;

	REQUIRE(mm);
	a = add(mm, 16, 4, VM_READ);
	b = add(mm, 32, 1, VM_READ);
	REQUIRE(a && b);
	EXPECT(find_vma(mm, 0) == a);
	EXPECT(find_vma(mm, a->vm_start) == a);
	EXPECT(find_vma(mm, a->vm_end - 1) == a);
	EXPECT(find_vma(mm, a->vm_end) == b);
	EXPECT(find_vma(mm, b->vm_end) == NULL);
	EXPECT(vma_lookup(mm, a->vm_end) == NULL);
	EXPECT(find_vma_intersection(mm, a->vm_end, b->vm_start) == NULL);
	EXPECT(find_vma_intersection(mm, a->vm_end, b->vm_start + 1) == b);
	EXPECT(vma_next(a) == b && vma_prev(b) == a && !vma_prev(a));
	tree_free(mm);
	kfree(mm);
}

SELFTEST_SLOW(vma_split_and_merge_restore_the_area)
{
	struct mm_struct *mm = new_tree();
	struct vm_area_struct *vma;

	REQUIRE(mm);
	vma = add(mm, 100, 10, VM_READ | VM_WRITE);
	REQUIRE(vma);
	REQUIRE(!IS_ERR(vma_isolate(vma, 103UL << PAGE_SHIFT,
				    105UL << PAGE_SHIFT)));
	EXPECT(mm->map_count == 3 && vma_tree_ok(mm));
	vma = vma_lookup(mm, 104UL << PAGE_SHIFT);
	REQUIRE(vma);
	EXPECT(vma_pages(vma) == 2 && vma->vm_pgoff == 103);
	vma = vma_merge_neighbours(vma);
	EXPECT(mm->map_count == 1 && vma_pages(vma) == 10);
	EXPECT(vma->vm_pgoff == 100 && vma_tree_ok(mm));
	tree_free(mm);
	kfree(mm);
}

SELFTEST_SLOW(vma_merge_needs_equal_rights_and_offsets)
{
	struct mm_struct *mm = new_tree();
	struct vm_area_struct *a, *b;

	REQUIRE(mm);
	a = add(mm, 10, 2, VM_READ);
	b = add(mm, 12, 2, VM_READ | VM_WRITE);
	REQUIRE(a && b);
	vma_merge_neighbours(a);
	EXPECT(mm->map_count == 2);
	b->vm_flags = VM_READ;
	b->vm_pgoff = 99;
	vma_merge_neighbours(a);
	EXPECT(mm->map_count == 2);
	b->vm_pgoff = 12;
	vma_merge_neighbours(a);
	EXPECT(mm->map_count == 1 && vma_tree_ok(mm));
	tree_free(mm);
	kfree(mm);
}

SELFTEST(a_stack_keeps_its_guard_gap_free)
{
	struct mm_struct *mm = new_tree();
	unsigned long low = 1UL << PAGE_SHIFT, at;

	REQUIRE(mm);
	REQUIRE(add(mm, 1000, 10, VM_READ | VM_GROWSDOWN));
	at = find_room(mm, low, 1000UL << PAGE_SHIFT, PAGE_SIZE, true);
	EXPECT(at == ((1000UL << PAGE_SHIFT) - STACK_GUARD_GAP - PAGE_SIZE));
	tree_free(mm);
	kfree(mm);
}

/* ---- random operations against an array of pages ------------------------- */

enum { WINDOW = 512, LOW = 16 };

struct model {
	unsigned char used[WINDOW];
	u64 seed;
};

static unsigned rnd(struct model *m, unsigned below)
{
	m->seed = m->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (m->seed >> 33) % below;
}

static unsigned long model_room(const struct model *m, unsigned pages,
				bool highest)
{
	unsigned long found = 0;
	unsigned run = 0, i;

	for (i = LOW; i < WINDOW; i++) {
		run = m->used[i] ? 0 : run + 1;
		if (run < pages)
			continue;
		found = i + 1 - pages;
		if (!highest)
			break;
	}
	return found << PAGE_SHIFT;
}

static void random_add(struct mm_struct *mm, struct model *m)
{
	unsigned pages = 1 + rnd(m, 12);
	bool highest = rnd(m, 2);
	unsigned long at;

	at = find_room(mm, (unsigned long)LOW << PAGE_SHIFT,
		       (unsigned long)WINDOW << PAGE_SHIFT,
		       (unsigned long)pages << PAGE_SHIFT, highest);
	EXPECT(at == model_room(m, pages, highest));
	if (!at || !add(mm, at >> PAGE_SHIFT, pages, VM_READ))
		return;
	memset(m->used + (at >> PAGE_SHIFT), 1, pages);
	if (rnd(m, 2))
		vma_merge_neighbours(vma_lookup(mm, at));
}

static void random_remove(struct mm_struct *mm, struct model *m)
{
	unsigned long page = LOW + rnd(m, WINDOW - LOW);
	struct vm_area_struct *vma = vma_lookup(mm, page << PAGE_SHIFT);
	unsigned long start, end;

	EXPECT(!!vma == m->used[page]);
	if (!vma)
		return;
	start = page;
	end = start + 1 + rnd(m, vma_pages(vma));
	if (end << PAGE_SHIFT > vma->vm_end)
		end = vma->vm_end >> PAGE_SHIFT;
	vma = vma_isolate(vma, start << PAGE_SHIFT, end << PAGE_SHIFT);
	if (IS_ERR(vma))
		return;
	vma_unlink(vma);
	vm_area_free(vma);
	memset(m->used + start, 0, end - start);
}

static void random_walk(unsigned steps)
{
	struct mm_struct *mm = new_tree();
	struct model *m = kzalloc(sizeof(*m), GFP_KERNEL);
	unsigned i;

	REQUIRE(mm && m);
	m->seed = 42;
	for (i = 0; i < steps; i++) {
		if (rnd(m, 5) < 3)
			random_add(mm, m);
		else
			random_remove(mm, m);
		if (i % 8 == 0)
			EXPECT(vma_tree_ok(mm));
	}
	EXPECT(vma_tree_ok(mm));
	tree_free(mm);
	EXPECT(mm->map_count == 0);
	kfree(m);
	kfree(mm);
}

SELFTEST_SLOW(vma_tree_finds_the_room_that_an_array_finds)
{
	random_walk(300);
}

SELFTEST_SLOW(vma_tree_survives_a_long_random_walk)
{
	random_walk(50000);
}
