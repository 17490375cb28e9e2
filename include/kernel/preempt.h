/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PREEMPT_H
#define KERNEL_PREEMPT_H
/*
 * preempt.h -- one per-CPU word that says in which context this CPU runs
 *
 *	bits 0-7    how often preemption was disabled
 *	bits 8-15   softirq: +1 (0x100) served; +2 (0x200) disabled
 *	bits 16-19  hard interrupts nested
 *	bits 20-23  NMIs nested
 *	bit  31     no reschedule is wanted (inverted, see below)
 *
 * The wish to reschedule is in the same word, inverted: then "count is zero
 * and somebody wants this CPU" is the one test `word == 0`, and
 * preempt_enable() is a decrement and a jump.  The scheduler folds
 * TIF_NEED_RESCHED into it by set_preempt_need_resched().
 */

#include <arch/percpu.h>
#include <kernel/types.h>

#define PREEMPT_BITS 8
#define SOFTIRQ_BITS 8
#define HARDIRQ_BITS 4
#define NMI_BITS 4
#define PREEMPT_SHIFT 0
#define SOFTIRQ_SHIFT (PREEMPT_SHIFT + PREEMPT_BITS)
#define HARDIRQ_SHIFT (SOFTIRQ_SHIFT + SOFTIRQ_BITS)
#define NMI_SHIFT (HARDIRQ_SHIFT + HARDIRQ_BITS)
#define PREEMPT_MASK (((1U << PREEMPT_BITS) - 1) << PREEMPT_SHIFT)
#define SOFTIRQ_MASK (((1U << SOFTIRQ_BITS) - 1) << SOFTIRQ_SHIFT)
#define HARDIRQ_MASK (((1U << HARDIRQ_BITS) - 1) << HARDIRQ_SHIFT)
#define NMI_MASK (((1U << NMI_BITS) - 1) << NMI_SHIFT)
#define PREEMPT_OFFSET (1U << PREEMPT_SHIFT)
#define SOFTIRQ_OFFSET (1U << SOFTIRQ_SHIFT)
#define HARDIRQ_OFFSET (1U << HARDIRQ_SHIFT)
#define NMI_OFFSET (1U << NMI_SHIFT)
#define SOFTIRQ_DISABLE_OFFSET (2 * SOFTIRQ_OFFSET)
#define SOFTIRQ_LOCK_OFFSET (SOFTIRQ_DISABLE_OFFSET + PREEMPT_OFFSET)
#define PREEMPT_NEED_RESCHED 0x80000000U
/* What a CPU starts with, and a new task: preemption off until it is set up. */
#define INIT_PREEMPT_COUNT PREEMPT_OFFSET
/* schedule() is entered with this; schedule_tail() of a new task too. */
#define PREEMPT_DISABLE_OFFSET PREEMPT_OFFSET
#define FORK_PREEMPT_COUNT (2 * PREEMPT_DISABLE_OFFSET)
#define PREEMPT_ENABLED 0U

extern __section(".data..percpu") unsigned int __preempt_count;

static __always_inline unsigned int preempt_count(void)
{
	return this_cpu_read(__preempt_count) & ~PREEMPT_NEED_RESCHED;
}

/* For the scheduler's switch and the tests; keeps the inverted wish. */
static __always_inline void preempt_count_set(unsigned int pc)
{
	unsigned int wish = this_cpu_read(__preempt_count) &
			    PREEMPT_NEED_RESCHED;

	this_cpu_write(__preempt_count, pc | wish);
}

#define init_task_preempt_count(p) ((void)(p))

static __always_inline void set_preempt_need_resched(void)
{
	this_cpu_and(__preempt_count, ~PREEMPT_NEED_RESCHED);
}

static __always_inline void clear_preempt_need_resched(void)
{
	this_cpu_or(__preempt_count, PREEMPT_NEED_RESCHED);
}

static __always_inline bool test_preempt_need_resched(void)
{
	return !(this_cpu_read(__preempt_count) & PREEMPT_NEED_RESCHED);
}

static __always_inline void preempt_count_add(unsigned int n)
{
	this_cpu_add(__preempt_count, n);
}

static __always_inline void preempt_count_sub(unsigned int n)
{
	this_cpu_sub(__preempt_count, n);
}

#define __preempt_count_add preempt_count_add
#define __preempt_count_sub preempt_count_sub

/* True when preemption is enabled *and* wanted. */
static __always_inline bool should_resched(unsigned int offset)
{
	return unlikely(this_cpu_read(__preempt_count) == offset);
}

#define hardirq_count() (preempt_count() & HARDIRQ_MASK)
#define softirq_count() (preempt_count() & SOFTIRQ_MASK)
#define irq_count() (preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_MASK))
#define in_nmi() ((bool)(preempt_count() & NMI_MASK))
#define in_hardirq() ((bool)hardirq_count())
#define in_irq() in_hardirq()
#define in_serving_softirq() ((bool)(softirq_count() & SOFTIRQ_OFFSET))
#define in_softirq() ((bool)softirq_count())
#define in_interrupt() ((bool)irq_count())
#define in_task() \
	(!(preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET)))
#define in_atomic() (preempt_count() != 0)
#define preemptible() (preempt_count() == 0 && !irqs_disabled())

void preempt_schedule(void);

static __always_inline void preempt_disable(void)
{
	preempt_count_add(PREEMPT_OFFSET);
	barrier();
}

static __always_inline void preempt_enable_no_resched(void)
{
	barrier();
	preempt_count_sub(PREEMPT_OFFSET);
}

#define sched_preempt_enable_no_resched preempt_enable_no_resched

static __always_inline void preempt_enable(void)
{
	preempt_enable_no_resched();
	if (should_resched(0))
		preempt_schedule();
}

#define preempt_disable_notrace preempt_disable
#define preempt_enable_notrace preempt_enable
#define preempt_check_resched() do {					\
	if (should_resched(0))						\
		preempt_schedule();					\
} while (0)

/* Staying on this CPU is bought by not being preempted. */
#define migrate_disable() preempt_disable()
#define migrate_enable() preempt_enable()

/*
 * might_sleep(): this function may sleep; a debug build complains when the
 * context forbids it, whether or not it then does.
 */
void might_sleep_check(const char *file, int line);
#define might_sleep() do {						\
	if (IS_ENABLED(LANTERN_DEBUG))					\
		might_sleep_check(__FILE__, __LINE__);			\
	might_resched();						\
} while (0)
#define might_sleep_if(c) do { if (c) might_sleep(); } while (0)
#define might_resched() do { } while (0)
#define cant_sleep() do { } while (0)

#endif
