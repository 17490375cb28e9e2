/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_BUG_H
#define KERNEL_BUG_H
/*
 * bug.h -- statements about the program that must be true
 *
 * BUG_ON: going on would destroy data; the task dies or the kernel panics.
 * WARN_ON: wrong, but we can go on; logged with a backtrace, and a failed
 * self-test when one is running.  ASSERT_CMP prints both operands.  VM_BUG_ON
 * and DEBUG_ASSERT cost nothing outside of DEBUG=1.
 */

#include <kernel/compiler.h>
#include <kernel/printk.h>
#include <kernel/types.h>

__noreturn void bug_at(const char *file, int line, const char *func,
		       const char *cond);
void warn_at(const char *file, int line, const char *func, const char *cond);
__printf(4, 5) void warn_fmt_at(const char *file, int line, const char *func,
				const char *fmt, ...);
__noreturn void assert_cmp_failed(const char *file, int line,
				  const char *expr, unsigned long a,
				  unsigned long b);

/* The self-test runner's ear: called for each warning; NULL most of the
 * time. */
extern void (*warn_hook)(const char *file, int line, const char *what);

#define BUG() bug_at(__FILE__, __LINE__, __func__, "BUG()")
#define BUG_ON(c) do {							\
	if (unlikely(c))						\
		bug_at(__FILE__, __LINE__, __func__, #c);		\
} while (0)
#define WARN_ON(c) ({							\
	bool __c = !!(c);						\
	if (unlikely(__c))						\
		warn_at(__FILE__, __LINE__, __func__, #c);		\
	unlikely(__c); })
#define WARN(c, fmt, ...) ({						\
	bool __c = !!(c);						\
	if (unlikely(__c))						\
		warn_fmt_at(__FILE__, __LINE__, __func__, fmt,		\
			    ##__VA_ARGS__);				\
	unlikely(__c); })
#define __once_if(c) ({							\
	static bool __warned;						\
	unlikely(c) &&							\
		!__atomic_exchange_n(&__warned, true, __ATOMIC_RELAXED); })
#define WARN_ON_ONCE(c) ({						\
	bool __cond = !!(c);						\
	if (__once_if(__cond))						\
		warn_at(__FILE__, __LINE__, __func__, #c);		\
	unlikely(__cond); })
#define WARN_ONCE(c, fmt, ...) ({					\
	bool __cond = !!(c);						\
	if (__once_if(__cond))						\
		warn_fmt_at(__FILE__, __LINE__, __func__, fmt,		\
			    ##__VA_ARGS__);				\
	unlikely(__cond); })

#define ASSERT(c) BUG_ON(!(c))
#define ASSERT_CMP(a, op, b) do {					\
	__auto_type __l = (a);						\
	__auto_type __r = (b);						\
	if (unlikely(!(__l op __r)))					\
		assert_cmp_failed(__FILE__, __LINE__, #a " " #op " " #b, \
				  (unsigned long)__l,			\
				  (unsigned long)__r);			\
} while (0)
#define DEBUG_ASSERT(c) do {						\
	if (IS_ENABLED(LANTERN_DEBUG))					\
		BUG_ON(!(c));						\
} while (0)
#define VM_BUG_ON(c) DEBUG_ASSERT(!(c))
#define VM_WARN_ON(c) ((void)(IS_ENABLED(LANTERN_DEBUG) && WARN_ON(c)))
#define BUILD_BUG_ON(c) static_assert(!(c), "BUILD_BUG_ON: " #c)
#ifndef static_assert
#define static_assert _Static_assert
#endif

#endif
