/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PERCPU_H
#define KERNEL_PERCPU_H
/*
 * percpu.h -- variables of which each CPU has its own
 *
 * The address of a per-CPU variable is that of its original in .data..percpu;
 * adding __per_cpu_offset[cpu] gives a CPU's copy.  this_cpu_*() act on the
 * copy of the CPU that runs them, each as one instruction, so that neither an
 * interrupt nor a migration can split it.  A pointer from this_cpu_ptr() stays
 * right only while preemption is off: get_cpu_var() ... put_cpu_var().
 * Theory: kernel/core/percpu.c.
 */

#include <arch/percpu.h>
#include <arch/smp.h>
#include <kernel/preempt.h>
#include <kernel/threads.h>
#include <kernel/types.h>

#ifndef DEFINE_PER_CPU
#define DECLARE_PER_CPU(type, name) \
	extern __section(".data..percpu") __typeof__(type) name
#define DEFINE_PER_CPU(type, name) \
	__section(".data..percpu") __typeof__(type) name
#endif
#ifndef DEFINE_PER_CPU_ALIGNED
#define DECLARE_PER_CPU_ALIGNED(type, name) \
	extern __section(".data..percpu") __cacheline_aligned	\
	__typeof__(type) name
#define DEFINE_PER_CPU_ALIGNED(type, name) \
	__section(".data..percpu") __cacheline_aligned __typeof__(type) name
#endif
#ifndef DEFINE_PER_CPU_SHARED_ALIGNED
#define DECLARE_PER_CPU_SHARED_ALIGNED DECLARE_PER_CPU_ALIGNED
#define DEFINE_PER_CPU_SHARED_ALIGNED DEFINE_PER_CPU_ALIGNED
#endif
#define EXPORT_PER_CPU_SYMBOL(var) EXPORT_SYMBOL(var)

extern unsigned long __per_cpu_offset[NR_CPUS];
#ifndef per_cpu_offset
#define per_cpu_offset(cpu) (__per_cpu_offset[cpu])
#endif

#ifndef per_cpu_ptr
#define per_cpu_ptr(ptr, cpu) \
	((__typeof__(ptr))((unsigned long)(ptr) + per_cpu_offset(cpu)))
#endif
#ifndef per_cpu
#define per_cpu(var, cpu) (*per_cpu_ptr(&(var), cpu))
#endif
#ifndef raw_cpu_ptr
#define raw_cpu_ptr(ptr) this_cpu_ptr(ptr)
#endif

/* The copy of this CPU, with preemption off until put. */
#define get_cpu_var(var) (*({ preempt_disable(); this_cpu_ptr(&(var)); }))
#define put_cpu_var(var) do { (void)&(var); preempt_enable(); } while (0)
#define get_cpu_ptr(ptr) ({ preempt_disable(); this_cpu_ptr(ptr); })
#define put_cpu_ptr(ptr) do { (void)(ptr); preempt_enable(); } while (0)

/* Number of this CPU, with preemption off until put_cpu(). */
#define get_cpu() ({ preempt_disable(); smp_processor_id(); })
#define put_cpu() preempt_enable()

/*
 * Give every possible CPU its copy of the section and room for dynamic ones.
 * Once, on the boot CPU, when the possible CPUs are known and before any other
 * starts; uses the early allocator.  The boot CPU's copy carries over what its
 * originals hold.
 */
void setup_per_cpu_areas(void);

/* Zeroed; NULL without room.  May sleep not: any context but NMI. */
void __percpu *__alloc_percpu(size_t size, size_t align);
void free_percpu(void __percpu *ptr);
#define alloc_percpu(type) \
	((__typeof__(type) __percpu *)__alloc_percpu(sizeof(type),	\
						     __alignof__(type)))
#define alloc_percpu_gfp(type, gfp) ((void)(gfp), alloc_percpu(type))

#endif
