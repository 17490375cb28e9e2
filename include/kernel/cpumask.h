/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_CPUMASK_H
#define KERNEL_CPUMASK_H
/*
 * cpumask.h -- sets of CPUs, and which CPUs there are
 *
 *	possible  may ever run: sizes everything per-CPU; fixed early
 *	present   is plugged in, by the firmware's table
 *	online    schedules tasks
 *
 * online is within present, present within possible.  With 16 CPUs a set is
 * one word, so the operations are single instructions.  The three masks only
 * grow, and only while the machine boots.
 */

#include <arch/atomic.h>
#include <arch/bitops.h>
#include <kernel/threads.h>
#include <kernel/types.h>

struct cpumask {
	unsigned long bits[1];
};

typedef struct cpumask cpumask_t;
typedef struct cpumask cpumask_var_t[1];

static_assert(NR_CPUS <= BITS_PER_LONG, "a cpumask is one word");

extern struct cpumask __cpu_possible_mask, __cpu_present_mask,
	__cpu_online_mask;
#define cpu_possible_mask ((const struct cpumask *)&__cpu_possible_mask)
#define cpu_present_mask ((const struct cpumask *)&__cpu_present_mask)
#define cpu_online_mask ((const struct cpumask *)&__cpu_online_mask)
#define cpu_active_mask cpu_online_mask

/* CPU numbers are below this; what was found, at most NR_CPUS. */
extern unsigned int nr_cpu_ids;

#define CPU_MASK_ALL ((cpumask_t) { { GENMASK(NR_CPUS - 1, 0) } })
#define CPU_MASK_NONE ((cpumask_t) { { 0 } })

#define cpumask_bits(m) ((m)->bits)

static inline void cpumask_set_cpu(unsigned cpu, struct cpumask *m)
{
	set_bit(cpu, m->bits);
}

static inline void cpumask_clear_cpu(unsigned cpu, struct cpumask *m)
{
	clear_bit(cpu, m->bits);
}

static inline void __cpumask_set_cpu(unsigned cpu, struct cpumask *m)
{
	__set_bit(cpu, m->bits);
}

static inline void __cpumask_clear_cpu(unsigned cpu, struct cpumask *m)
{
	__clear_bit(cpu, m->bits);
}

static inline bool cpumask_test_cpu(unsigned cpu, const struct cpumask *m)
{
	return test_bit(cpu, m->bits);
}

static inline bool cpumask_test_and_set_cpu(unsigned cpu, struct cpumask *m)
{
	return test_and_set_bit(cpu, m->bits);
}

static inline bool cpumask_test_and_clear_cpu(unsigned cpu, struct cpumask *m)
{
	return test_and_clear_bit(cpu, m->bits);
}

static inline void cpumask_clear(struct cpumask *m)
{
	m->bits[0] = 0;
}

static inline void cpumask_setall(struct cpumask *m)
{
	m->bits[0] = GENMASK(NR_CPUS - 1, 0);
}

static inline void cpumask_copy(struct cpumask *d, const struct cpumask *s)
{
	WRITE_ONCE(d->bits[0], READ_ONCE(s->bits[0]));
}

/* These three tell whether the result has any CPU. */
static inline bool cpumask_and(struct cpumask *d, const struct cpumask *a,
			       const struct cpumask *b)
{
	return (d->bits[0] = a->bits[0] & b->bits[0]) != 0;
}

static inline bool cpumask_or(struct cpumask *d, const struct cpumask *a,
			      const struct cpumask *b)
{
	return (d->bits[0] = a->bits[0] | b->bits[0]) != 0;
}

static inline bool cpumask_andnot(struct cpumask *d, const struct cpumask *a,
				  const struct cpumask *b)
{
	return (d->bits[0] = a->bits[0] & ~b->bits[0]) != 0;
}

static inline bool cpumask_empty(const struct cpumask *m)
{
	return READ_ONCE(m->bits[0]) == 0;
}

static inline bool cpumask_full(const struct cpumask *m)
{
	return m->bits[0] == GENMASK(NR_CPUS - 1, 0);
}

static inline bool cpumask_equal(const struct cpumask *a,
				 const struct cpumask *b)
{
	return a->bits[0] == b->bits[0];
}

static inline bool cpumask_intersects(const struct cpumask *a,
				      const struct cpumask *b)
{
	return a->bits[0] & b->bits[0];
}

static inline bool cpumask_subset(const struct cpumask *a,
				  const struct cpumask *b)
{
	return !(a->bits[0] & ~b->bits[0]);
}

static inline unsigned cpumask_weight(const struct cpumask *m)
{
	return hweight_long(READ_ONCE(m->bits[0]));
}

/* The lowest CPU of the mask above n (-1: from the start); nr_cpu_ids: none. */
static inline unsigned cpumask_next(int n, const struct cpumask *m)
{
	unsigned long rest = READ_ONCE(m->bits[0]);

	rest = n + 1 >= BITS_PER_LONG ? 0 : rest & (~0UL << (n + 1));
	return rest ? __ffs(rest) : nr_cpu_ids;
}

static inline unsigned cpumask_first(const struct cpumask *m)
{
	return cpumask_next(-1, m);
}

static inline unsigned cpumask_next_and(int n, const struct cpumask *a,
					const struct cpumask *b)
{
	struct cpumask both;

	cpumask_and(&both, a, b);
	return cpumask_next(n, &both);
}

static inline unsigned cpumask_first_and(const struct cpumask *a,
					 const struct cpumask *b)
{
	return cpumask_next_and(-1, a, b);
}

static inline unsigned cpumask_any_but(const struct cpumask *m, unsigned cpu)
{
	unsigned i = cpumask_first(m);

	return i == cpu ? cpumask_next(i, m) : i;
}

#define cpumask_any(m) cpumask_first(m)
#define cpumask_any_and(a, b) cpumask_first_and(a, b)

/* The set of one CPU, constant. */
extern const struct cpumask cpu_bit_mask[NR_CPUS];
#define cpumask_of(cpu) (&cpu_bit_mask[cpu])

#define for_each_cpu(cpu, mask)						\
	for ((cpu) = cpumask_first(mask); (cpu) < nr_cpu_ids;		\
	     (cpu) = cpumask_next((cpu), (mask)))
#define for_each_cpu_and(cpu, a, b)					\
	for ((cpu) = cpumask_first_and(a, b); (cpu) < nr_cpu_ids;	\
	     (cpu) = cpumask_next_and((cpu), (a), (b)))
/* Round the set once, from `start` on; `break` leaves it. */
#define for_each_cpu_wrap(cpu, mask, start)				\
	for (unsigned int __i = 0; __i < nr_cpu_ids; __i++)		\
		if ((cpu) = ((start) + __i) % nr_cpu_ids,		\
		    cpumask_test_cpu((cpu), (mask)))
#define for_each_possible_cpu(cpu) for_each_cpu(cpu, cpu_possible_mask)
#define for_each_present_cpu(cpu) for_each_cpu(cpu, cpu_present_mask)
#define for_each_online_cpu(cpu) for_each_cpu(cpu, cpu_online_mask)

#define cpu_possible(cpu) cpumask_test_cpu(cpu, cpu_possible_mask)
#define cpu_present(cpu) cpumask_test_cpu(cpu, cpu_present_mask)
#define cpu_online(cpu) cpumask_test_cpu(cpu, cpu_online_mask)
#define cpu_active(cpu) cpu_online(cpu)
#define num_possible_cpus() cpumask_weight(cpu_possible_mask)
#define num_present_cpus() cpumask_weight(cpu_present_mask)
#define num_online_cpus() cpumask_weight(cpu_online_mask)
#define num_active_cpus() num_online_cpus()

static inline void set_cpu_possible(unsigned cpu)
{
	cpumask_set_cpu(cpu, &__cpu_possible_mask);
}

static inline void set_cpu_present(unsigned cpu)
{
	cpumask_set_cpu(cpu, &__cpu_present_mask);
}

static inline void set_cpu_online(unsigned cpu, bool online)
{
	if (online)
		cpumask_set_cpu(cpu, &__cpu_online_mask);
	else
		cpumask_clear_cpu(cpu, &__cpu_online_mask);
}

#endif
