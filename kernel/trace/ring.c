/* SPDX-License-Identifier: MIT */
/*
 * ring.c -- where records wait: a ring for each CPU
 *
 * PROMISE.  Writing costs a copy and never waits for a reader; the newest
 * records survive, and how many were overwritten is known.
 *
 * IDEA.  A ring of n records and a number that only grows: record i lies in
 * slot i mod n, and those from head - n on are still there.  A reader keeps the
 * number of the next record that it wants; if the ring has passed it, it goes
 * on at the oldest.  The rings of all CPUs are merged by time.
 *
 *	slots   | 8 | 9 | 10 | 3 | 4 | 5 | 6 | 7 |      head = 11
 *	                       ^ oldest: 3
 *
 * LOCKING.  Each ring has a bare spin lock, irqs off: records come from under
 * run queue locks, and a lock that could be traced or checked would recurse.
 */

#include "trace.h"

#include <arch/irqflags.h>
#include <arch/processor.h>
#include <kernel/cpumask.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <mm/vmalloc.h>

#define DEFAULT_KIB 512

struct ring {
	bool lock;
	struct trace_record *slot;    /* NULL: not made yet */
	u64 size;                     /* slots */
	u64 head;                     /* the next record's number */
	u64 first;                    /* the oldest not taken out or cleared */
	u64 overrun;
};

static DEFINE_PER_CPU(struct ring, ring);
static unsigned long kib = DEFAULT_KIB;

static void lock_ring(struct ring *r, unsigned long *flags)
{
	local_irq_save(*flags);
	while (__atomic_test_and_set(&r->lock, __ATOMIC_ACQUIRE))
		cpu_relax();
}

static void unlock_ring(struct ring *r, unsigned long flags)
{
	__atomic_clear(&r->lock, __ATOMIC_RELEASE);
	local_irq_restore(flags);
}

/* Give CPU's ring other slots; what was in it is lost. */
static int replace(int cpu, u64 size)
{
	struct ring *r = &per_cpu(ring, cpu);
	struct trace_record *new = vmalloc(size * sizeof(*new)), *old;
	unsigned long flags;

	if (!new)
		return -ENOMEM;
	lock_ring(r, &flags);
	old = r->slot;
	r->slot = new;
	r->size = size;
	r->head = r->first = r->overrun = 0;
	unlock_ring(r, flags);
	vfree(old);
	return 0;
}

int ring_resize(unsigned long new_kib)
{
	u64 size = new_kib * 1024 / sizeof(struct trace_record);
	unsigned int cpu;

	if (size < 8 || new_kib > 65536)
		return -EINVAL;
	for_each_possible_cpu(cpu) {
		int err = replace(cpu, size);

		if (err)
			return err;
	}
	kib = new_kib;
	return 0;
}

int ring_create(void)
{
	return per_cpu(ring, 0).slot ? 0 : ring_resize(kib);
}

unsigned long ring_kib(void)
{
	return kib;
}

void ring_clear(void)
{
	unsigned long flags;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct ring *r = &per_cpu(ring, cpu);

		lock_ring(r, &flags);
		r->first = r->head;
		r->overrun = 0;
		unlock_ring(r, flags);
	}
}

void ring_write(const struct trace_record *record)
{
	struct ring *r;
	unsigned long flags, irq;

	local_irq_save(irq);          /* stay on this CPU */
	r = this_cpu_ptr(&ring);
	lock_ring(r, &flags);
	if (r->slot) {
		r->slot[r->head++ % r->size] = *record;
		if (r->head - r->first > r->size) {
			r->first = r->head - r->size;
			r->overrun++;
		}
	}
	unlock_ring(r, flags);
	local_irq_restore(irq);
}

/* Copy CPU's first record at or behind *next; false: none. */
static bool peek(int cpu, u64 *next, struct trace_record *to)
{
	struct ring *r = &per_cpu(ring, cpu);
	unsigned long flags;
	bool found;

	lock_ring(r, &flags);
	*next = max(*next, r->first);
	found = r->slot && *next < r->head;
	if (found)
		*to = r->slot[*next % r->size];
	unlock_ring(r, flags);
	return found;
}

bool ring_read(struct ring_cursor *c, struct trace_record *best, bool consume)
{
	struct trace_record one;
	unsigned long flags;
	int from = -1;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (!peek(cpu, &c->next[cpu], &one))
			continue;
		if (from < 0 || one.when < best->when) {
			from = cpu;
			*best = one;
		}
	}
	if (from < 0)
		return false;
	c->next[from]++;
	if (consume) {
		struct ring *r = &per_cpu(ring, from);

		lock_ring(r, &flags);
		r->first = max(r->first, min(c->next[from], r->head));
		unlock_ring(r, flags);
	}
	return true;
}

void ring_stats(int cpu, u64 *entries, u64 *overrun)
{
	struct ring *r = &per_cpu(ring, cpu);
	unsigned long flags;

	lock_ring(r, &flags);
	*entries = r->head - r->first;
	*overrun = r->overrun;
	unlock_ring(r, flags);
}
