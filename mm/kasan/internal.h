/* SPDX-License-Identifier: MIT */
#ifndef MM_KASAN_INTERNAL_H
#define MM_KASAN_INTERNAL_H
/* internal.h -- what the files of mm/kasan share */

#include <arch/kernel-layout.h>
#include <kernel/types.h>
#include <mm/kasan.h>

struct kmem_cache;

/* The compiler knows the same number: -fasan-shadow-offset in the Makefile. */
#define KASAN_SHADOW_OFFSET 0xdffffc0000000000UL
/* The kernel's half begins here; what is below has no shadow. */
#define KASAN_FIRST 0xffff800000000000UL

static inline s8 *kasan_shadow(const volatile void *addr)
{
	return (s8 *)(((unsigned long)addr >> 3) + KASAN_SHADOW_OFFSET);
}

/* The first byte in the range that may not be touched; NULL: all may be. */
const void *kasan_first_bad(const volatile void *addr, size_t size);

/* depot.c: a call chain once in memory, and a number for it; 0: none. */
void depot_init(void);
u32 depot_save(void);
void depot_print(u32 handle);

/* Who allocated and freed an object; lies in the end of its slot. */
struct kasan_meta {
	u32 alloc_stack, free_stack;
	s32 alloc_pid, free_pid;
};

/* slab.c: NULL when the cache's objects carry none. */
struct kasan_meta *kasan_meta_of(const struct kmem_cache *c, const void *obj);

/* report.c */
extern bool kasan_ready;         /* the shadow is true: reports make sense */
void kasan_report(const volatile void *addr, size_t size, bool write,
		  unsigned long ip);
void kasan_report_free(const void *obj, unsigned long ip);

/* A self-test's trap: the report that it provokes is kept, not printed. */
struct kasan_expectation {
	const void *task;        /* whose reports; NULL: nobody waits */
	unsigned int reports;
	const void *addr;        /* of the last one */
	size_t size;
	bool write;
	const char *kind;
};

extern struct kasan_expectation kasan_expected;

#endif
