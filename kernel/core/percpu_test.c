/* SPDX-License-Identifier: MIT */
/* percpu_test.c -- self-tests for percpu.c (KT18) */

#include <kernel/cpumask.h>
#include <kernel/percpu.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>

static DEFINE_PER_CPU(int, initialised) = 42;
static DEFINE_PER_CPU(unsigned long, count);

SELFTEST(percpu_copies_start_with_the_initial_value)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		EXPECT(per_cpu(initialised, cpu) == 42);
}

SELFTEST(percpu_copies_lie_one_offset_apart)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		EXPECT((unsigned long)&per_cpu(count, cpu) -
		       (unsigned long)&count == per_cpu_offset(cpu));
		EXPECT(per_cpu(cpu_number, cpu) == cpu);
		EXPECT(per_cpu(this_cpu_off, cpu) == per_cpu_offset(cpu));
	}
}

static void add_here(void *amount)
{
	this_cpu_add(count, (unsigned long)amount);
}

SELFTEST(percpu_sum_is_exact_without_locks)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(count, cpu) = 0;
	for (int i = 0; i < 10; i++)
		on_each_cpu(add_here, (void *)3UL, 1);
	for_each_possible_cpu(cpu)
		sum += per_cpu(count, cpu);
	EXPECT(sum == 30UL * num_online_cpus());
}

SELFTEST(percpu_dynamic_copies_are_zero_and_apart)
{
	u64 *a = alloc_percpu(u64), *b = alloc_percpu(u64), *again;
	unsigned int cpu;

	REQUIRE(a && b && a != b);
	for_each_possible_cpu(cpu) {
		EXPECT(*per_cpu_ptr(a, cpu) == 0 && *per_cpu_ptr(b, cpu) == 0);
		*per_cpu_ptr(a, cpu) = cpu + 1;
	}
	for_each_possible_cpu(cpu)
		EXPECT(*per_cpu_ptr(a, cpu) == cpu + 1 &&
		       *per_cpu_ptr(b, cpu) == 0);
	free_percpu(a);
	again = alloc_percpu(u64);
	for_each_possible_cpu(cpu)
		EXPECT(*per_cpu_ptr(again, cpu) == 0);             /* I2 */
	free_percpu(again);
	free_percpu(b);
}
