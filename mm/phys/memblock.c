/* SPDX-License-Identifier: MIT */
/*
 * memblock.c -- who has which bytes of RAM, before there is an allocator
 *
 * PROMISE.  From the first C line until the buddy allocator takes over, tables
 * that live for ever (page tables, the page array, per-CPU areas) can be
 * allocated, and nothing is handed out twice or from where the kernel, the
 * initramfs or the firmware lives.
 *
 * IDEA.  Two sorted lists of ranges in static arrays: the RAM there is, and
 * the part of it that is taken.  Free is the first minus the second.
 *
 *	memory    |---------|        |----------------------------|
 *	reserved     |--|                |-----|            |-----|
 *	free      |--|  |---|        |---|     |------------|
 *	                                         allocations ^ come from here
 *
 * Allocation takes the highest hole that fits, so that the low zones, which
 * devices with short addresses need, stay free.  The price is a walk over all
 * ranges for each allocation; there are some dozens of either.
 *
 * INVARIANTS
 *   I1  Ranges of a list are sorted, not empty, and do not touch.
 *   I2  What an allocation returned is in `reserved` before it is returned.
 *
 * LOCKING.  None: one CPU, irqs off, until memblock_free_all().
 */

#include <mm/memblock.h>

#include <arch/page.h>
#include <kernel/errno.h>

struct memblock memblock;
/* Allocations end at or below it. */
static phys_addr_t current_limit = MEMBLOCK_ALLOC_ANYWHERE;

/* Close the `old` entries at i and open room for `new`; -ENOSPC if full. */
static int replace(struct memblock_type *t, unsigned int i, unsigned int old,
		   const struct memblock_region *r, unsigned int new)
{
	if (t->cnt - old + new > MEMBLOCK_MAX_REGIONS)
		return -ENOSPC;
	__builtin_memmove(&t->regions[i + new], &t->regions[i + old],
		(t->cnt - i - old) * sizeof(*r));
	for (unsigned int k = 0; k < new; k++)
		t->regions[i + k] = r[k];
	t->cnt = t->cnt - old + new;
	return 0;
}

/* The first range that ends at or behind `addr`; cnt if there is none. */
static unsigned int first_ending_from(const struct memblock_type *t,
				      phys_addr_t addr)
{
	unsigned int i = 0;

	while (i < t->cnt && t->regions[i].end < addr)
		i++;
	return i;
}

/* Add [start, end), swallowing all ranges that overlap or touch it (I1). */
static int type_add(struct memblock_type *t, phys_addr_t start,
		    phys_addr_t end)
{
	struct memblock_region r = { start, end };
	unsigned int i = first_ending_from(t, start), n = 0;

	if (start >= end)
		return 0;
	for (; i + n < t->cnt && t->regions[i + n].start <= end; n++) {
		struct memblock_region *o = &t->regions[i + n];

		if (o->start < r.start)
			r.start = o->start;
		if (o->end > r.end)
			r.end = o->end;
	}
	return replace(t, i, n, &r, 1);
}

/* Take [start, end) out, splitting the ranges that it cuts. */
static int type_remove(struct memblock_type *t, phys_addr_t start,
		       phys_addr_t end)
{
	struct memblock_region rest[2];
	unsigned int i = first_ending_from(t, start + 1), n = 0, left = 0;

	if (start >= end)
		return 0;
	for (; i + n < t->cnt && t->regions[i + n].start < end; n++) {
		struct memblock_region *o = &t->regions[i + n];

		if (o->start < start)
			rest[left++] = (struct memblock_region){ o->start,
								 start };
		if (o->end > end)
			rest[left++] = (struct memblock_region){ end, o->end };
	}
	return replace(t, i, n, rest, left);
}

static phys_addr_t type_size(const struct memblock_type *t)
{
	phys_addr_t sum = 0;

	for (unsigned int i = 0; i < t->cnt; i++)
		sum += t->regions[i].end - t->regions[i].start;
	return sum;
}

int memblock_add(phys_addr_t base, phys_addr_t size)
{
	return type_add(&memblock.memory, base, base + size);
}

int memblock_remove(phys_addr_t base, phys_addr_t size)
{
	return type_remove(&memblock.memory, base, base + size);
}

int memblock_reserve(phys_addr_t base, phys_addr_t size)
{
	return type_add(&memblock.reserved, base, base + size);
}

void memblock_set_current_limit(phys_addr_t limit)
{
	current_limit = limit;
}

/* Find the first free range at or above *cursor: memory minus reserved. */
bool memblock_next_free(phys_addr_t *cursor, phys_addr_t *start,
			phys_addr_t *end)
{
	const struct memblock_type *m = &memblock.memory;
	const struct memblock_type *r = &memblock.reserved;
	phys_addr_t at = *cursor;

	for (unsigned int i = first_ending_from(m, at + 1); i < m->cnt; ) {
		unsigned int k;

		if (at < m->regions[i].start)
			at = m->regions[i].start;
		k = first_ending_from(r, at + 1);
		if (k < r->cnt && r->regions[k].start <= at) {
			at = r->regions[k].end;
			i = first_ending_from(m, at + 1);
			continue;
		}
		*start = at;
		*end = m->regions[i].end;
		if (k < r->cnt && r->regions[k].start < *end)
			*end = r->regions[k].start;
		*cursor = *end;
		return true;
	}
	return false;
}

/* The highest fitting place in [lo, hi), or 0.  Page 0 is never given. */
static phys_addr_t find_hole(phys_addr_t size, phys_addr_t align,
			     phys_addr_t lo, phys_addr_t hi)
{
	phys_addr_t cur, start, end, best = 0;

	if (lo < PAGE_SIZE)
		lo = PAGE_SIZE;
	for_each_free_mem_range(cur, start, end) {
		phys_addr_t at;

		if (start < lo)
			start = lo;
		if (end > hi)
			end = hi;
		if (end <= start || end - start < size)
			continue;
		at = (end - size) & ~(align - 1);
		if (at >= start && at > best)
			best = at;
	}
	return best;
}

phys_addr_t memblock_phys_alloc_range(phys_addr_t size, phys_addr_t align,
				      phys_addr_t start, phys_addr_t end)
{
	phys_addr_t at;

	if (align == 0)
		align = 64;
	at = find_hole(size, align, start, end);
	if (at == 0 || memblock_reserve(at, size) < 0)          /* I2 */
		return 0;
	return at;
}

phys_addr_t memblock_phys_alloc(phys_addr_t size, phys_addr_t align)
{
	return memblock_phys_alloc_range(size, align, 0, current_limit);
}

void *memblock_alloc(phys_addr_t size, phys_addr_t align)
{
	phys_addr_t at = memblock_phys_alloc(size, align);

	return at ? __builtin_memset(__va(at), 0, size) : NULL;
}

phys_addr_t memblock_phys_mem_size(void)
{
	return type_size(&memblock.memory);
}

phys_addr_t memblock_reserved_size(void)
{
	return type_size(&memblock.reserved);
}

phys_addr_t memblock_start_of_DRAM(void)
{
	return memblock.memory.cnt ? memblock.memory.regions[0].start : 0;
}

phys_addr_t memblock_end_of_DRAM(void)
{
	unsigned int n = memblock.memory.cnt;

	return n ? memblock.memory.regions[n - 1].end : 0;
}
