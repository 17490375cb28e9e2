/* SPDX-License-Identifier: MIT */
#ifndef ARCH_BARRIER_H
#define ARCH_BARRIER_H
/*
 * barrier.h -- order between memory accesses, as other CPUs and devices see it
 *
 * IDEA.  x86 is TSO: loads stay in order, stores stay in order, and a store
 * is never seen before an earlier load.  The one reordering that shows is
 * store-then-load, through the store buffer.  So between CPUs smp_rmb and
 * smp_wmb only have to stop the compiler; smp_mb needs an instruction, and a
 * locked add to the stack's own line is cheaper there than mfence.
 *
 * mb/rmb/wmb also order accesses to devices and to write-combining memory,
 * which TSO does not cover.
 */

#include <kernel/compiler.h>

#define mb() __asm__ __volatile__("mfence" ::: "memory")
#define rmb() __asm__ __volatile__("lfence" ::: "memory")
#define wmb() __asm__ __volatile__("sfence" ::: "memory")
#define dma_rmb() barrier()
#define dma_wmb() barrier()

#define smp_mb() __asm__ __volatile__("lock addl $0, -4(%%rsp)" ::: "memory", "cc")
#define smp_rmb() barrier()
#define smp_wmb() barrier()
/* Locked instructions are full barriers already. */
#define smp_mb__before_atomic() barrier()
#define smp_mb__after_atomic() barrier()
#define smp_mb__after_spinlock() barrier()

#define smp_store_mb(var, value) do {					\
	WRITE_ONCE(var, value);						\
	smp_mb();							\
} while (0)

#define smp_store_release(p, v) do {					\
	barrier();							\
	WRITE_ONCE(*(p), (v));						\
} while (0)

#define smp_load_acquire(p) ({						\
	__typeof__(*(p)) ___v = READ_ONCE(*(p));			\
	barrier();							\
	___v; })

/* Spin until `cond`, an expression of VAL (the value at ptr), holds. */
#define smp_cond_load_relaxed(ptr, cond) ({				\
	__typeof__(*(ptr)) VAL;						\
	for (;;) {							\
		VAL = READ_ONCE(*(ptr));				\
		if (cond)						\
			break;						\
		__asm__ __volatile__("pause" ::: "memory");		\
	}								\
	VAL; })
#define smp_cond_load_acquire(ptr, cond) ({				\
	__typeof__(*(ptr)) ___c = smp_cond_load_relaxed(ptr, cond);	\
	barrier();							\
	___c; })

#endif
