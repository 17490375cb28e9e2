/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SYSCALL_H
#define KERNEL_SYSCALL_H
/*
 * syscall.h -- how a system call is declared
 *
 *	SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf, size_t, n)
 *	{ ... }
 *
 * defines the body and, in the section .syscalls, an entry that says number,
 * name and argument names and types; the table that the entry path indexes is
 * built from these at boot (kernel/syscall/table.c), and tracers print from
 * them. A new call needs one such definition and its number in
 * uapi/asm/unistd.h.
 */

#include <kernel/types.h>
#include <uapi/asm/unistd.h>

typedef long (*syscall_fn_t)(unsigned long, unsigned long, unsigned long,
			     unsigned long, unsigned long, unsigned long);

struct syscall_entry {
	unsigned nr;
	unsigned nargs;
	const char *name;
	syscall_fn_t fn;
	const char *const *types;   /* nargs strings */
	const char *const *args;    /* nargs strings */
};

#define __SC_MAP0(m, ...)
#define __SC_MAP1(m, t, a) m(t, a)
#define __SC_MAP2(m, t, a, ...) m(t, a), __SC_MAP1(m, __VA_ARGS__)
#define __SC_MAP3(m, t, a, ...) m(t, a), __SC_MAP2(m, __VA_ARGS__)
#define __SC_MAP4(m, t, a, ...) m(t, a), __SC_MAP3(m, __VA_ARGS__)
#define __SC_MAP5(m, t, a, ...) m(t, a), __SC_MAP4(m, __VA_ARGS__)
#define __SC_MAP6(m, t, a, ...) m(t, a), __SC_MAP5(m, __VA_ARGS__)
#define __SC_DECL(t, a) t a
#define __SC_LONG(t, a) unsigned long a
#define __SC_CAST(t, a) (t)a
#define __SC_TYPE(t, a) #t
#define __SC_NAME(t, a) #a
#define __SC_REST0 unsigned long u1, unsigned long u2, unsigned long u3, \
	unsigned long u4, unsigned long u5, unsigned long u6
#define __SC_REST1 , unsigned long u2, unsigned long u3, unsigned long u4, \
	unsigned long u5, unsigned long u6
#define __SC_REST2 , unsigned long u3, unsigned long u4, unsigned long u5, \
	unsigned long u6
#define __SC_REST3 , unsigned long u4, unsigned long u5, unsigned long u6
#define __SC_REST4 , unsigned long u5, unsigned long u6
#define __SC_REST5 , unsigned long u6
#define __SC_REST6

#define __SYSCALL_ENTRY(x, sname)					\
	static const struct syscall_entry __syscall_entry_##sname	\
	__attribute__((used, section(".syscalls"), aligned(8))) = {	\
		.nr = __NR_##sname, .nargs = x, .name = #sname,		\
		.fn = __se_sys_##sname, .types = __sc_types_##sname,	\
		.args = __sc_args_##sname }

#define SYSCALL_DEFINEx(x, sname, ...)					\
	static long __do_sys_##sname(__SC_MAP##x(__SC_DECL, __VA_ARGS__)); \
	static long __se_sys_##sname(__SC_MAP##x(__SC_LONG, __VA_ARGS__) \
				     __SC_REST##x)			\
	{								\
		return __do_sys_##sname(				\
			__SC_MAP##x(__SC_CAST, __VA_ARGS__));		\
	}								\
	static const char *const __sc_types_##sname[] = {		\
		__SC_MAP##x(__SC_TYPE, __VA_ARGS__) };			\
	static const char *const __sc_args_##sname[] = {		\
		__SC_MAP##x(__SC_NAME, __VA_ARGS__) };			\
	__SYSCALL_ENTRY(x, sname);					\
	static long __do_sys_##sname(__SC_MAP##x(__SC_DECL, __VA_ARGS__))

#define SYSCALL_DEFINE0(sname)						\
	static long __do_sys_##sname(void);				\
	static long __se_sys_##sname(__SC_REST0)			\
	{								\
		return __do_sys_##sname();				\
	}								\
	static const char *const __sc_types_##sname[1];			\
	static const char *const __sc_args_##sname[1];			\
	__SYSCALL_ENTRY(0, sname);					\
	static long __do_sys_##sname(void)

#define SYSCALL_DEFINE1(n, ...) SYSCALL_DEFINEx(1, n, __VA_ARGS__)
#define SYSCALL_DEFINE2(n, ...) SYSCALL_DEFINEx(2, n, __VA_ARGS__)
#define SYSCALL_DEFINE3(n, ...) SYSCALL_DEFINEx(3, n, __VA_ARGS__)
#define SYSCALL_DEFINE4(n, ...) SYSCALL_DEFINEx(4, n, __VA_ARGS__)
#define SYSCALL_DEFINE5(n, ...) SYSCALL_DEFINEx(5, n, __VA_ARGS__)
#define SYSCALL_DEFINE6(n, ...) SYSCALL_DEFINEx(6, n, __VA_ARGS__)

#endif
