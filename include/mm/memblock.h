/* SPDX-License-Identifier: MIT */
#ifndef MM_MEMBLOCK_H
#define MM_MEMBLOCK_H
/*
 * memblock.h -- memory before there is an allocator (mm/phys/memblock.c)
 *
 * Boot CPU only, irqs off, until memblock_free_all() hands what is left to
 * the buddy allocator; nothing but the readers may be called after that.
 * Addresses are physical, in bytes; sizes in bytes.
 */

#include <kernel/types.h>

/* [start, end) of RAM, or of RAM that is taken. */
struct memblock_region {
	phys_addr_t start, end;
};

#define MEMBLOCK_MAX_REGIONS 512

/* Sorted by address, disjoint, neighbours merged. */
struct memblock_type {
	unsigned int cnt;
	struct memblock_region regions[MEMBLOCK_MAX_REGIONS];
};

struct memblock {
	struct memblock_type memory;   /* all usable RAM */
	struct memblock_type reserved; /* of it, what is taken */
};

extern struct memblock memblock;

#define MEMBLOCK_ALLOC_ANYWHERE (~(phys_addr_t)0)

/* There is RAM here.  Ranges may overlap what is known. 0, or -ENOSPC. */
int memblock_add(phys_addr_t base, phys_addr_t size);
/* This RAM is not ours after all. */
int memblock_remove(phys_addr_t base, phys_addr_t size);
/* Never hand this out (RAM or not). */
int memblock_reserve(phys_addr_t base, phys_addr_t size);
/* Only memory below `limit` is reachable for now. */
void memblock_set_current_limit(phys_addr_t limit);

/*
 * Take the highest free range that fits, aligned to `align` (a power of two;
 * 0: a cache line).  The phys ones return 0, memblock_alloc NULL when there is
 * none; memblock_alloc's memory is zeroed and lies in the direct map, which
 * must cover it.
 */
phys_addr_t memblock_phys_alloc(phys_addr_t size, phys_addr_t align);
phys_addr_t memblock_phys_alloc_range(phys_addr_t size, phys_addr_t align,
				      phys_addr_t start, phys_addr_t end);
void *memblock_alloc(phys_addr_t size, phys_addr_t align);

phys_addr_t memblock_phys_mem_size(void);
phys_addr_t memblock_reserved_size(void);
phys_addr_t memblock_start_of_DRAM(void);
/* First byte behind the last RAM. */
phys_addr_t memblock_end_of_DRAM(void);

/*
 * Step through the free ranges (memory that is not reserved), lowest first.
 * *cursor is where to go on: start with 0.  False at the end.
 */
bool memblock_next_free(phys_addr_t *cursor, phys_addr_t *start,
			phys_addr_t *end);
#define for_each_free_mem_range(cur, start, end)			\
	for ((cur) = 0; memblock_next_free(&(cur), &(start), &(end)); )

/* Give every free page to the buddy allocator; returns how many. */
unsigned long memblock_free_all(void);

#endif
