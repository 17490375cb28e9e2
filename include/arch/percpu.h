/* SPDX-License-Identifier: MIT */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H
/*
 * percpu.h -- this CPU's copy of a per-CPU variable, in one instruction
 *
 * IDEA.  A per-CPU variable has a link address in the section of originals;
 * CPU n's copy lies __per_cpu_offset[n] further, and that offset is the GS
 * base while CPU n runs in the kernel.  So `mov %gs:var, reg` reads the right
 * copy without knowing which CPU this is, and cannot be torn by an interrupt
 * or by a migration.  Until setup_per_cpu_areas() the base is 0 and the
 * originals serve the boot CPU.
 *
 * Any context.  this_cpu_ptr() needs preemption off for as long as the
 * pointer is used; the one-instruction forms do not.
 * DEFINE_PER_CPU, per_cpu() and alloc_percpu() are in kernel/percpu.h.
 */

#include <kernel/types.h>

/* Offset of this CPU's copies: equal to the GS base. */
extern unsigned long this_cpu_off;

#define __pcpu_bad() __builtin_trap()

#define __pcpu_read(volatile_, var) ({					\
	__typeof__(var) __pr;						\
	switch (sizeof(var)) {						\
	case 1: __asm__ volatile_("movb %%gs:%1, %0"			\
			: "=q"(*(u8 *)&__pr) : "m"(var)); break;	\
	case 2: __asm__ volatile_("movw %%gs:%1, %0"			\
			: "=r"(*(u16 *)&__pr) : "m"(var)); break;	\
	case 4: __asm__ volatile_("movl %%gs:%1, %0"			\
			: "=r"(*(u32 *)&__pr) : "m"(var)); break;	\
	case 8: __asm__ volatile_("movq %%gs:%1, %0"			\
			: "=r"(*(u64 *)&__pr) : "m"(var)); break;	\
	default: __pcpu_bad();						\
	}								\
	__pr; })

/* Store, add, and, or: one read-modify-write instruction without LOCK. */
#define __pcpu_op(op, var, val) do {					\
	__typeof__(var) __pv = (__typeof__(var))(val);			\
	switch (sizeof(var)) {						\
	case 1: __asm__ __volatile__(op "b %1, %%gs:%0"			\
			: "+m"(var) : "qi"(*(u8 *)&__pv)); break;	\
	case 2: __asm__ __volatile__(op "w %1, %%gs:%0"			\
			: "+m"(var) : "ri"(*(u16 *)&__pv)); break;	\
	case 4: __asm__ __volatile__(op "l %1, %%gs:%0"			\
			: "+m"(var) : "ri"(*(u32 *)&__pv)); break;	\
	case 8: __asm__ __volatile__(op "q %1, %%gs:%0"			\
			: "+m"(var) : "re"(*(u64 *)&__pv)); break;	\
	default: __pcpu_bad();						\
	}								\
} while (0)

#define this_cpu_read(var) __pcpu_read(__volatile__, var)
/* May be cached by the compiler: for what cannot change under the reader. */
#define this_cpu_read_stable(var) __pcpu_read(, var)
#define this_cpu_write(var, val) __pcpu_op("mov", var, val)
#define this_cpu_add(var, val) __pcpu_op("add", var, val)
#define this_cpu_sub(var, val) __pcpu_op("sub", var, val)
#define this_cpu_and(var, val) __pcpu_op("and", var, val)
#define this_cpu_or(var, val) __pcpu_op("or", var, val)
#define this_cpu_inc(var) this_cpu_add(var, 1)
#define this_cpu_dec(var) this_cpu_sub(var, 1)

/* Add and tell the new value, for ints and longs; safe against interrupts. */
#define this_cpu_add_return(var, val) ({				\
	__typeof__(var) __pa = (__typeof__(var))(val), __pb = __pa;	\
	if (sizeof(var) == 4)						\
		__asm__ __volatile__("xaddl %0, %%gs:%1"		\
			: "+r"(*(u32 *)&__pa), "+m"(var) :: "memory");	\
	else								\
		__asm__ __volatile__("xaddq %0, %%gs:%1"		\
			: "+r"(*(u64 *)&__pa), "+m"(var) :: "memory");	\
	__pa + __pb; })
#define this_cpu_inc_return(var) this_cpu_add_return(var, 1)
#define this_cpu_dec_return(var) this_cpu_add_return(var, -1)

/* Swap (xchg locks the bus even without a prefix: use sparingly). */
#define this_cpu_xchg(var, val) ({					\
	__typeof__(var) __px = (__typeof__(var))(val);			\
	if (sizeof(var) == 4)						\
		__asm__ __volatile__("xchgl %0, %%gs:%1"		\
			: "+r"(*(u32 *)&__px), "+m"(var) :: "memory");	\
	else								\
		__asm__ __volatile__("xchgq %0, %%gs:%1"		\
			: "+r"(*(u64 *)&__px), "+m"(var) :: "memory");	\
	__px; })

#define this_cpu_cmpxchg(var, o, n) ({					\
	__typeof__(var) __po = (__typeof__(var))(o);			\
	__typeof__(var) __pn = (__typeof__(var))(n);			\
	if (sizeof(var) == 4)						\
		__asm__ __volatile__("cmpxchgl %2, %%gs:%1"		\
			: "+a"(*(u32 *)&__po), "+m"(var)		\
			: "r"(*(u32 *)&__pn) : "memory");		\
	else								\
		__asm__ __volatile__("cmpxchgq %2, %%gs:%1"		\
			: "+a"(*(u64 *)&__po), "+m"(var)		\
			: "r"(*(u64 *)&__pn) : "memory");		\
	__po; })

/* Address of this CPU's copy of *ptr. */
#define this_cpu_ptr(ptr) ((__typeof__(ptr))				\
	((unsigned long)(ptr) + this_cpu_read(this_cpu_off)))

#define raw_cpu_ptr this_cpu_ptr
#define raw_cpu_read this_cpu_read
#define raw_cpu_write this_cpu_write
#define raw_cpu_add this_cpu_add
#define raw_cpu_inc this_cpu_inc
#define raw_cpu_dec this_cpu_dec
#define __this_cpu_read this_cpu_read
#define __this_cpu_write this_cpu_write
#define __this_cpu_add this_cpu_add
#define __this_cpu_sub this_cpu_sub
#define __this_cpu_inc this_cpu_inc
#define __this_cpu_dec this_cpu_dec
#define __this_cpu_xchg this_cpu_xchg
#define __this_cpu_inc_return this_cpu_inc_return
#define __this_cpu_dec_return this_cpu_dec_return

/* Make `offset` this CPU's per-CPU offset; writes the GS base. */
void arch_set_percpu_offset(unsigned long offset);

#endif
