/* SPDX-License-Identifier: MIT */
/*
 * call_function.c -- "run this there"
 *
 * PROMISE.  func(info) runs once on each CPU asked, in hard-irq context.  With
 * `wait`, it has returned everywhere, and what it wrote is visible, when the
 * call returns.
 *
 * IDEA.  Each CPU has a list of calls to run, to which others push without a
 * lock.  Whoever finds it empty sends the interrupt; the others' calls ride
 * along.  The CPU takes the whole list with one xchg and runs it, oldest first.
 *
 *	caller                                target
 *	lock csd, fill it
 *	push on list [a]; was empty? IPI [b]
 *	                                      xchg(list, NULL) [c]
 *	                                      func(info)
 *	wait for csd unlocked  <-             unlock csd [d]
 *
 * WHY NO CALL IS LOST.  A push that finds the list not empty relies on an IPI
 * that is under way: the one of the pusher that found it empty.  That one is
 * handled after [b], hence after [a] of the first push; and [c] takes all that
 * is there, or a push after [c] finds it empty and sends its own.
 *
 * For the same reason nobody waits between [a] and [b]: others ride on the IPI
 * that he owes, and he might wait for one of them.
 *
 * WHY NOT WITH IRQS OFF.  Two CPUs that wait for each other with irqs off would
 * never run the other's call.  Nor from a softirq: it may have interrupted a
 * caller here who has locked a csd and not yet pushed it.  (Warnings say so.)
 *
 * LOCKING.  A csd is locked from filling to [d].  For the many-CPU form each
 * caller has one csd per target, so that callers do not wait for each other.
 */

#include "smp.h"

#include "../irq/irq.h"

#include <arch/atomic.h>
#include <arch/irqflags.h>
#include <arch/processor.h>
#include <kernel/bug.h>
#include <kernel/cpumask.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/irq.h>
#include <kernel/percpu.h>
#include <kernel/preempt.h>
#include <kernel/smp.h>

enum csd_flags {
	CSD_LOCK = 1,
	CSD_ASYNC = 2,          /* free again before func runs */
};

static DEFINE_PER_CPU_ALIGNED(call_single_data_t *, call_queue);
/* What this CPU sends as a caller: one for each target. */
static DEFINE_PER_CPU_ALIGNED(call_single_data_t, csd_for[NR_CPUS]);

static void csd_wait(call_single_data_t *csd)
{
	while (smp_load_acquire(&csd->flags) & CSD_LOCK)
		cpu_relax();
}

static void csd_lock(call_single_data_t *csd)
{
	csd_wait(csd);
	csd->flags = CSD_LOCK;
}

static void csd_unlock(call_single_data_t *csd)
{
	smp_store_release(&csd->flags, 0);                      /* [d] */
}

/* Push; true if the list was empty, so that its owner must be told [a]. */
static bool queue_call(int cpu, call_single_data_t *csd)
{
	call_single_data_t **head = per_cpu_ptr(&call_queue, cpu);
	call_single_data_t *first = READ_ONCE(*head);

	do {
		csd->next = first;
	} while (!try_cmpxchg(head, &first, csd));
	return first == NULL;
}

void flush_smp_call_function_queue(void)
{
	call_single_data_t *csd, *oldest = NULL;

	csd = xchg(this_cpu_ptr(&call_queue), NULL);            /* [c] */
	while (csd) {                   /* pushed newest first: turn round */
		call_single_data_t *next = csd->next;

		csd->next = oldest;
		oldest = csd;
		csd = next;
	}
	while (oldest) {
		/* Once unlocked, it is its caller's again. */
		call_single_data_t *next = oldest->next;
		smp_call_func_t func = oldest->func;
		void *info = oldest->info;

		if (oldest->flags & CSD_ASYNC) {
			csd_unlock(oldest);
			func(info);
		} else {
			func(info);
			csd_unlock(oldest);
		}
		oldest = next;
	}
}

static void call_interrupt(struct pt_regs *regs)
{
	apic_eoi();
	inc_irq_stat(CAL);
	flush_smp_call_function_queue();
}

void call_function_init(void)
{
	set_system_vector(CALL_FUNCTION_VECTOR, call_interrupt);
	set_system_vector(CALL_FUNCTION_SINGLE_VECTOR, call_interrupt);
}

static void call_here(smp_call_func_t func, void *info)
{
	unsigned long flags;

	local_irq_save(flags);
	func(info);
	local_irq_restore(flags);
}

static void send_call(int cpu, call_single_data_t *csd)
{
	if (queue_call(cpu, csd))
		arch_send_call_function_single_ipi(cpu);        /* [b] */
}

/* Who waits for others, or shares this CPU's csds, is a task with irqs on. */
static void warn_of_context(void)
{
	WARN_ON_ONCE(irqs_disabled());
	WARN_ON_ONCE(!in_task());
}

int smp_call_function_single(int cpu, smp_call_func_t func, void *info,
			     int wait)
{
	call_single_data_t *csd;
	int err = 0;

	preempt_disable();
	if (cpu == raw_smp_processor_id()) {
		call_here(func, info);
	} else if ((unsigned)cpu >= nr_cpu_ids || !cpu_online(cpu)) {
		err = -ENXIO;
	} else {
		warn_of_context();
		csd = this_cpu_ptr(&csd_for[cpu]);
		csd_lock(csd);
		csd->func = func;
		csd->info = info;
		send_call(cpu, csd);
		if (wait)
			csd_wait(csd);
	}
	preempt_enable();
	return err;
}
EXPORT_SYMBOL(smp_call_function_single);

/* The csd is free again, and may be reused, when func starts to run. */
int smp_call_function_single_async(int cpu, call_single_data_t *csd)
{
	int err = 0;

	preempt_disable();
	if (smp_load_acquire(&csd->flags) & CSD_LOCK) {
		err = -EBUSY;
	} else if (cpu == raw_smp_processor_id()) {
		call_here(csd->func, csd->info);
	} else if ((unsigned)cpu >= nr_cpu_ids || !cpu_online(cpu)) {
		err = -ENXIO;
	} else {
		csd->flags = CSD_LOCK | CSD_ASYNC;
		send_call(cpu, csd);
	}
	preempt_enable();
	return err;
}

void smp_call_function_many(const struct cpumask *mask, smp_call_func_t func,
			    void *info, bool wait)
{
	struct cpumask targets, ring;
	unsigned cpu, self = raw_smp_processor_id();

	cpumask_and(&targets, mask, cpu_online_mask);
	__cpumask_clear_cpu(self, &targets);
	if (cpumask_empty(&targets))
		return;
	warn_of_context();
	cpumask_clear(&ring);
	for_each_cpu(cpu, &targets) {
		call_single_data_t *csd = this_cpu_ptr(&csd_for[cpu]);

		csd_lock(csd);
		csd->func = func;
		csd->info = info;
	}
	for_each_cpu(cpu, &targets)
		if (queue_call(cpu, this_cpu_ptr(&csd_for[cpu])))
			__cpumask_set_cpu(cpu, &ring);
	arch_send_call_function_ipi_mask(&ring);                /* [b] */
	if (!wait)
		return;
	for_each_cpu(cpu, &targets)
		csd_wait(this_cpu_ptr(&csd_for[cpu]));
}
EXPORT_SYMBOL(smp_call_function_many);

void on_each_cpu_mask(const struct cpumask *mask, smp_call_func_t func,
		      void *info, bool wait)
{
	preempt_disable();
	smp_call_function_many(mask, func, info, wait);
	if (cpumask_test_cpu(raw_smp_processor_id(), mask))
		call_here(func, info);
	preempt_enable();
}

void on_each_cpu(smp_call_func_t func, void *info, int wait)
{
	on_each_cpu_mask(cpu_online_mask, func, info, wait);
}
EXPORT_SYMBOL(on_each_cpu);
