/* SPDX-License-Identifier: MIT */
/*
 * place.c -- where a new mapping goes
 *
 * PROMISE.  The highest free range below mmap_base that is long enough, found
 * in logarithmic time; MAP_FIXED, hints and MAP_32BIT as on Linux.
 *
 * IDEA.  Each node of the area tree knows the largest hole before any area of
 * its subtree (vma.c), so a search never enters a subtree that has no hole of
 * the length.  It prefers the right subtree, which is the higher one.  Only on
 * the edge of the window can a hole that is long enough turn out to lie
 * outside: so a search turns back at most once for each level.
 *
 * LOCKING.  mmap_lock for reading to ask, for writing to use the answer.
 *
 * SEE docs/13-address-spaces.md.
 */

#include <kernel/sched.h>
#include <kernel/signal.h>

#include "internal.h"

unsigned long mmap_min_addr = MMAP_MIN_ADDR;

struct room {
	unsigned long low, high;      /* within [low, high) */
	unsigned long len;
};

/* The hole before vma, cut to the limits: does len fit? */
static bool room_before(struct vm_area_struct *vma, const struct room *r,
			unsigned long *start, unsigned long *end)
{
	struct vm_area_struct *prev = vma_prev(vma);

	*start = prev ? prev->vm_end : 0;
	*end = vm_start_gap(vma);
	if (*start < r->low)
		*start = r->low;
	if (*end > r->high)
		*end = r->high;
	return *end >= *start && *end - *start >= r->len;
}

/*
 * The highest hole in the subtree, its top `len` bytes; 0: none.  The tree is
 * at most 2 log2(65530) = 32 deep, and so is the recursion.
 */
static unsigned long highest_room(struct rb_node *n, const struct room *r)
{
	struct vm_area_struct *vma;
	unsigned long start, end, found;

	if (subtree_gap(n) < r->len)
		return 0;
	vma = rb_to_vma(n);
	if (vma->vm_end < r->high) {
		found = highest_room(n->rb_right, r);
		if (found)
			return found;
	}
	if (room_before(vma, r, &start, &end))
		return end - r->len;
	return vma->vm_start > r->low ? highest_room(n->rb_left, r) : 0;
}

static unsigned long lowest_room(struct rb_node *n, const struct room *r)
{
	struct vm_area_struct *vma;
	unsigned long start, end, found;

	if (subtree_gap(n) < r->len)
		return 0;
	vma = rb_to_vma(n);
	if (vma->vm_start > r->low) {
		found = lowest_room(n->rb_left, r);
		if (found)
			return found;
	}
	if (room_before(vma, r, &start, &end))
		return start;
	return vma->vm_end < r->high ? lowest_room(n->rb_right, r) : 0;
}

/* The room above the last area belongs to no node: [end of last, high). */
static unsigned long room_above(struct mm_struct *mm, const struct room *r)
{
	unsigned long start = r->low;

	if (!list_empty(&mm->mmap)) {
		struct vm_area_struct *last =
			list_last_entry(&mm->mmap, struct vm_area_struct,
					vm_list);
		if (last->vm_end > start)
			start = last->vm_end;
	}
	return r->high > start && r->high - start >= r->len ? start : 0;
}

/*
 * A free range of len bytes inside [low, high): the highest, or the lowest.
 * 0: there is none.
 */
unsigned long find_room(struct mm_struct *mm, unsigned long low,
			unsigned long high, unsigned long len, bool highest)
{
	struct room r = { low, high, len };
	unsigned long found;

	if (highest)
		return room_above(mm, &r) ? high - len
					  : highest_room(mm->mm_rb.rb_node, &r);
	found = lowest_room(mm->mm_rb.rb_node, &r);
	return found ? found : room_above(mm, &r);
}

/* MAP_32BIT's window: what Linux gives programs that keep 31-bit pointers. */
#define MAP_32BIT_LOW 0x40000000UL
#define MAP_32BIT_HIGH 0x80000000UL

static unsigned long place_mapping(struct mm_struct *mm, unsigned long len,
				   unsigned long flags)
{
	unsigned long found;

	if (flags & MAP_32BIT)
		return find_room(mm, MAP_32BIT_LOW, MAP_32BIT_HIGH, len,
				 false);
	found = find_room(mm, mmap_min_addr, mm->mmap_base, len, true);
	if (found)
		return found;
	/* Below the base all is taken: the stack's reserve is next. */
	return find_room(mm, TASK_UNMAPPED_BASE, mm->task_size, len, false);
}

/*
 * Where to put a mapping of len bytes (page-aligned, not 0).  A hint is taken
 * if nothing is in its way.  -ENOMEM: no room; -EINVAL: MAP_FIXED and not
 * page-aligned; -EPERM: below mmap_min_addr.
 */
unsigned long get_unmapped_area(struct file *file, unsigned long addr,
				unsigned long len, unsigned long pgoff,
				unsigned long flags)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	(void)file, (void)pgoff;
	if (len > mm->task_size)
		return -ENOMEM;
	if (!(flags & MAP_FIXED)) {
		addr &= PAGE_MASK;
		if (!addr || addr > mm->task_size - len ||
		    (flags & MAP_32BIT && addr > MAP_32BIT_HIGH - len))
			goto search;
		vma = find_vma(mm, addr);
		if (vma && addr + len > vm_start_gap(vma))
			goto search;
	}
	if (addr > mm->task_size - len)
		return -ENOMEM;
	if (offset_in_page(addr))
		return -EINVAL;
	return addr < mmap_min_addr ? (unsigned long)-EPERM : addr;
search:
	addr = place_mapping(mm, len, flags);
	return addr ? addr : (unsigned long)-ENOMEM;
}

/* The stack keeps its limit and 1 MiB, at least 128 MiB, at most 5/6 of all. */
#define MIN_STACK_RESERVE (128UL << 20)
#define MAX_STACK_RESERVE (TASK_SIZE / 6 * 5)
#define STACK_RESERVE_PAD (STACK_GUARD_GAP + (16UL << 20))

unsigned long mmap_base_for(unsigned long stack_rlimit, bool random)
{
	unsigned long gap = stack_rlimit, pad = STACK_RESERVE_PAD;

	if (random)
		pad += stack_random_size();
	if (gap + pad > gap)
		gap += pad;
	if (gap < MIN_STACK_RESERVE)
		gap = MIN_STACK_RESERVE;
	if (gap > MAX_STACK_RESERVE)
		gap = MAX_STACK_RESERVE;
	return PAGE_ALIGN(TASK_SIZE - gap - (random ? arch_mmap_rnd() : 0));
}
