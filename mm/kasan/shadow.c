/* SPDX-License-Identifier: MIT */
/*
 * shadow.c -- the shadow bytes: written by allocators, read by every access
 *
 * PROMISE.  In a SAN=1 kernel a load or store, by compiled code or by memcpy
 * and its kind, of memory that nobody owns is reported at that instruction.
 *
 * IDEA.  A byte of shadow for each 8 of memory, at (address >> 3) + offset:
 *
 *	memory   | 8 bytes | 8 bytes | 8 bytes | 8 bytes |   kmalloc(13)
 *	shadow   |    0    |    5    |   0xfc  |   0xfc  |
 *	            all       first 5   a redzone: none
 *
 * The compiler puts a look at the shadow before each access, and redzones
 * around local variables and globals; the allocators tell of the rest.  What
 * the compiler cannot see, the assembly of memcpy() and of the user copies, is
 * checked by the wrappers below and by uaccess.h.
 *
 * LOCKING.  None: whoever owns the memory writes its shadow.
 *
 * NOT DONE.  Atomic operations and bit operations in assembly are not checked.
 *
 * SEE docs/92-kasan.md
 */

#include "internal.h"

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/sections.h>
#include <kernel/string.h>

void *(memcpy)(void *to, const void *from, size_t n);
void *(memmove)(void *to, const void *from, size_t n);
void *(memset)(void *to, int c, size_t n);

void kasan_poison(const void *addr, size_t size, u8 why)
{
	__memset(kasan_shadow(addr), why,
		 DIV_ROUND_UP(size, KASAN_GRANULE));
}

void kasan_unpoison(const void *addr, size_t size)
{
	s8 *shadow = kasan_shadow(addr);

	__memset(shadow, 0, size / KASAN_GRANULE);
	if (size % KASAN_GRANULE)
		shadow[size / KASAN_GRANULE] = size % KASAN_GRANULE;
}

/* ---- looking ------------------------------------------------------------- */

/* Of the granule with this shadow, may bytes up to `last` (0..7) be touched? */
static bool granule_allows(s8 shadow, unsigned long last)
{
	return shadow == 0 || (s8)last < shadow;
}

const void *kasan_first_bad(const volatile void *addr, size_t size)
{
	unsigned long at = (unsigned long)addr, end = at + size;

	if (at < KASAN_FIRST || end < at)
		return (const void *)at;
	while (at < end) {
		const s8 *shadow = kasan_shadow((void *)at);
		unsigned long next = (at | (KASAN_GRANULE - 1)) + 1;

		/* Eight granules at once, when the shadow is aligned so. */
		if (at % 64 == 0 && end - at >= 64 && !*(const u64 *)shadow) {
			at += 64;
			continue;
		}
		if (!granule_allows(*shadow, (min(next, end) - 1) % 8)) {
			/* The first bad byte itself, for the report. */
			if (*shadow > 0 && (long)(at % 8) < *shadow)
				at = (at & ~7UL) + *shadow;
			return (const void *)at;
		}
		at = next;
	}
	return NULL;
}

static __always_inline bool check(const volatile void *p, size_t size,
				  bool write, unsigned long ip)
{
	if (size == 0 || likely(!kasan_first_bad(p, size)))
		return true;
	kasan_report(p, size, write, ip);
	return false;
}

bool kasan_check_read(const volatile void *p, size_t size)
{
	return check(p, size, false, (unsigned long)__builtin_return_address(0));
}

bool kasan_check_write(const volatile void *p, size_t size)
{
	return check(p, size, true, (unsigned long)__builtin_return_address(0));
}

/* ---- what the assembly does unseen --------------------------------------- */

#define CALLER ((unsigned long)__builtin_return_address(0))

void *(memcpy)(void *to, const void *from, size_t n)
{
	check(from, n, false, CALLER);
	check(to, n, true, CALLER);
	return __memcpy(to, from, n);
}

void *(memmove)(void *to, const void *from, size_t n)
{
	check(from, n, false, CALLER);
	check(to, n, true, CALLER);
	return __memmove(to, from, n);
}

void *(memset)(void *to, int c, size_t n)
{
	check(to, n, true, CALLER);
	return __memset(to, c, n);
}

/* ---- what the compiler calls --------------------------------------------- */

#define ACCESS(kind, size, is_write)					\
	void __asan_##kind##size##_noabort(void *p);			\
	void __asan_##kind##size##_noabort(void *p)			\
	{								\
		check(p, size, is_write, CALLER);			\
	}								\
	void __asan_report_##kind##size##_noabort(void *p);		\
	void __asan_report_##kind##size##_noabort(void *p)		\
	{								\
		check(p, size, is_write, CALLER);			\
	}

#define ACCESS_N(kind, is_write)					\
	void __asan_##kind##N_noabort(void *p, size_t n);		\
	void __asan_##kind##N_noabort(void *p, size_t n)		\
	{								\
		check(p, n, is_write, CALLER);				\
	}								\
	void __asan_report_##kind##_n_noabort(void *p, size_t n);	\
	void __asan_report_##kind##_n_noabort(void *p, size_t n)	\
	{								\
		check(p, n, is_write, CALLER);				\
	}

ACCESS(load, 1, false)
ACCESS(load, 2, false)
ACCESS(load, 4, false)
ACCESS(load, 8, false)
ACCESS(load, 16, false)
ACCESS(store, 1, true)
ACCESS(store, 2, true)
ACCESS(store, 4, true)
ACCESS(store, 8, true)
ACCESS(store, 16, true)
ACCESS_N(load, false)
ACCESS_N(store, true)

/*
 * A frame that is never returned to leaves its redzones behind.  Only a dying
 * task does that, and its stack is made clean for the next one.
 */
void __asan_handle_no_return(void);
void __asan_handle_no_return(void)
{
}

/* The compilers' ABI: one variable, with the redzone that follows it. */
struct asan_global {
	const void *start;
	size_t size, size_with_redzone;
	const void *name, *module;
	unsigned long has_dynamic_init;
	const void *location;
	long odr_indicator;
};

void __asan_register_globals(struct asan_global *g, size_t n);
void __asan_register_globals(struct asan_global *g, size_t n)
{
	for (; n--; g++) {
		size_t whole = ALIGN(g->size, KASAN_GRANULE);

		kasan_unpoison(g->start, g->size);
		kasan_poison((const char *)g->start + whole,
			     g->size_with_redzone - whole,
			     KASAN_GLOBAL_REDZONE);
	}
}

void __asan_unregister_globals(void *g, size_t n);
void __asan_unregister_globals(void *g, size_t n)
{
}

/* Boot CPU, on the final tables: the globals' redzones, then open eyes. */
void kasan_start(void)
{
	depot_init();
	for (void (*const *fn)(void) = __ctors_start; fn < __ctors_end; fn++)
		(*fn)();
	kasan_ready = true;
}

/* Clang, for variables whose scope ends before their frame. */
#define SET_SHADOW(byte)						\
	void __asan_set_shadow_##byte(void *shadow, size_t n);		\
	void __asan_set_shadow_##byte(void *shadow, size_t n)		\
	{								\
		__memset(shadow, 0x##byte, n);				\
	}

SET_SHADOW(00)
SET_SHADOW(f1)
SET_SHADOW(f2)
SET_SHADOW(f3)
SET_SHADOW(f5)
SET_SHADOW(f8)
