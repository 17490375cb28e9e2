/* SPDX-License-Identifier: MIT */
/*
 * percpu.c -- a copy of some variables for each CPU
 *
 * PROMISE.  Data that only one CPU touches needs no lock and shares no cache
 * line.  Static per-CPU variables exist from the first instruction; dynamic
 * ones can be made at any time after setup_per_cpu_areas().
 *
 * IDEA.  The linker gathers all static ones in .data..percpu, the originals.
 * Each possible CPU gets a unit: a copy of that section, then room for dynamic
 * ones.  All units have one shape, so one number a CPU, its offset, leads from
 * an original to the copy:
 *
 *	originals        unit of CPU 0                 unit of CPU 1
 *	[static]  ---->  [static | dynamic      ]      [static | dynamic      ]
 *	      \___________^ __per_cpu_offset[0]         ^
 *	       \________________________________________| __per_cpu_offset[1]
 *
 * A dynamic variable has an "original" address too, behind the section's end,
 * where there is something else: it is only ever used with an offset added.
 * The dynamic room is cut into granules of 16 bytes; one map says which are
 * taken, another where each object ends, so that freeing needs no size.
 *
 * Until the set-up the offset is 0: the boot CPU uses the originals.  Its unit
 * is copied from them then, so that nothing it has written is lost; the other
 * units get the same, and what must differ is set right below.
 *
 * INVARIANTS
 *	I1  last[] bits are a subset of taken[] bits
 *	I2  a free granule is zero in every unit (cleared when it is freed)
 *
 * LOCKING.  percpu_lock guards the two maps; any context but NMI.
 */

#include <kernel/percpu.h>

#include <kernel/bitmap.h>
#include <kernel/bug.h>
#include <kernel/cpumask.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/math.h>
#include <kernel/panic.h>
#include <kernel/sections.h>
#include <kernel/spinlock.h>
#include <mm/memblock.h>

#define GRANULE 16
#define DYNAMIC_SIZE (128 * 1024)     /* 1 KB or so for each network */
#define GRANULES (DYNAMIC_SIZE / GRANULE)
#define UNIT_ALIGN 4096

unsigned long __per_cpu_offset[NR_CPUS] __ro_after_init;
EXPORT_SYMBOL(__per_cpu_offset);

DEFINE_PER_CPU(unsigned long, this_cpu_off);
/* Preemption is off until the scheduler can run; nothing is wanted. */
DEFINE_PER_CPU(unsigned int, __preempt_count) =
	INIT_PREEMPT_COUNT | PREEMPT_NEED_RESCHED;
EXPORT_SYMBOL(this_cpu_off);
EXPORT_SYMBOL(__preempt_count);

static DEFINE_RAW_SPINLOCK(percpu_lock);
static DECLARE_BITMAP(taken, GRANULES);     /* percpu_lock */
static DECLARE_BITMAP(last, GRANULES);      /* percpu_lock */
static bool ready __ro_after_init;

static size_t static_size(void)
{
	return __per_cpu_end - __per_cpu_start;
}

static void *dynamic_original(unsigned int granule)
{
	return __per_cpu_end + (size_t)granule * GRANULE;
}

void __init setup_per_cpu_areas(void)
{
	size_t unit = ALIGN(static_size() + DYNAMIC_SIZE, UNIT_ALIGN);
	unsigned int cpu;
	char *copy;

	BUG_ON(ready || !irqs_disabled());
	for_each_possible_cpu(cpu) {
		copy = memblock_alloc(unit, UNIT_ALIGN);
		if (!copy)
			panic("per-CPU areas: no memory for CPU %u\n", cpu);
		memcpy(copy, __per_cpu_start, static_size());
		__per_cpu_offset[cpu] = copy - __per_cpu_start;
		per_cpu(cpu_number, cpu) = cpu;
		per_cpu(this_cpu_off, cpu) = __per_cpu_offset[cpu];
		if (cpu != 0)
			per_cpu(__preempt_count, cpu) =
				INIT_PREEMPT_COUNT | PREEMPT_NEED_RESCHED;
	}
	arch_set_percpu_offset(__per_cpu_offset[0]);
	ready = true;
}

void __percpu *__alloc_percpu(size_t size, size_t align)
{
	unsigned int n = DIV_ROUND_UP(size, GRANULE);
	unsigned long mask = max_t(size_t, align, GRANULE) / GRANULE - 1;
	unsigned long flags, at;

	if (WARN_ON(!ready || size == 0 || align > UNIT_ALIGN))
		return NULL;
	raw_spin_lock_irqsave(&percpu_lock, flags);
	at = bitmap_find_next_zero_area(taken, GRANULES, 0, n, mask);
	if (at < GRANULES) {
		bitmap_set(taken, at, n);
		__set_bit(at + n - 1, last);
	}
	raw_spin_unlock_irqrestore(&percpu_lock, flags);
	return at < GRANULES ? dynamic_original(at) : NULL;
}
EXPORT_SYMBOL(__alloc_percpu);

void free_percpu(void __percpu *ptr)
{
	unsigned long at, n, flags;
	unsigned int cpu;

	if (!ptr)
		return;
	at = ((char *)ptr - __per_cpu_end) / GRANULE;
	BUG_ON(at >= GRANULES);
	n = find_next_bit(last, GRANULES, at) - at + 1;
	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr((char *)ptr, cpu), 0, n * GRANULE); /* I2 */
	raw_spin_lock_irqsave(&percpu_lock, flags);
	bitmap_clear(taken, at, n);
	__clear_bit(at + n - 1, last);
	raw_spin_unlock_irqrestore(&percpu_lock, flags);
}
EXPORT_SYMBOL(free_percpu);
