/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SMP_H
#define KERNEL_SMP_H
/*
 * smp.h -- running a function on other CPUs
 *
 * func(info) runs there in hard-irq context with irqs off: short, no sleep.
 * Callers that wait must have irqs on, or two CPUs that call each other would
 * wait for ever.  Theory: arch/x86_64/smp/call_function.c.
 */

#include <arch/smp.h>
#include <kernel/cpumask.h>
#include <kernel/preempt.h>

typedef void (*smp_call_func_t)(void *info);

/* One queued call; the caller's own until csd_wait() or func has run. */
typedef struct __call_single_data {
	struct __call_single_data *next;
	unsigned int flags;           /* CSD_*; released by the target */
	smp_call_func_t func;
	void *info;
} call_single_data_t __aligned(32);

/* On one CPU (this one too).  0, or -ENXIO if it is not online. */
int smp_call_function_single(int cpu, smp_call_func_t func, void *info,
			     int wait);
/* The same without waiting, csd given by the caller; any context. */
int smp_call_function_single_async(int cpu, call_single_data_t *csd);
/* On the online CPUs of the mask except this one; preemption off. */
void smp_call_function_many(const struct cpumask *mask, smp_call_func_t func,
			    void *info, bool wait);
/* On all. */
void on_each_cpu(smp_call_func_t func, void *info, int wait);
void on_each_cpu_mask(const struct cpumask *mask, smp_call_func_t func,
		      void *info, bool wait);
/* Run what other CPUs have queued for this one; irqs off. */
void flush_smp_call_function_queue(void);

#define get_cpu() ({ preempt_disable(); smp_processor_id(); })
#define put_cpu() preempt_enable()

#endif
