/* SPDX-License-Identifier: MIT */
/*
 * smp_test.c -- calls to other CPUs, and per-CPU variables
 *
 * Guards the promise of call_function.c: each call runs once on each CPU asked,
 * and is over when the caller goes on.
 */

#include <arch/atomic.h>
#include <kernel/completion.h>
#include <kernel/cpumask.h>
#include <kernel/err.h>
#include <kernel/jiffies.h>
#include <kernel/kthread.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>

static DEFINE_PER_CPU(unsigned long, counter);
static DEFINE_PER_CPU(u8, byte) = 7;
static DEFINE_PER_CPU(int, number);

static void count(void *info)
{
	this_cpu_inc(counter);
	atomic_inc((atomic_t *)info);
}

static unsigned long sum_counters(void)
{
	unsigned long sum = 0;
	unsigned cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(counter, cpu);
	return sum;
}

SELFTEST(call_function_runs_once_on_each_cpu)
{
	atomic_t hits = ATOMIC_INIT(0);
	unsigned long before = sum_counters();
	unsigned cpu;

	for (int i = 0; i < 50; i++)
		on_each_cpu(count, &hits, 1);
	EXPECT(atomic_read(&hits) == (int)(50 * num_online_cpus()));
	EXPECT(sum_counters() - before == 50UL * num_online_cpus());
	for_each_online_cpu(cpu)
		EXPECT(per_cpu(counter, cpu) > 0);
}

static void note_cpu(void *info)
{
	*(unsigned *)info = raw_smp_processor_id();
}

SELFTEST(call_function_single_runs_where_it_was_sent)
{
	unsigned cpu, at;

	for_each_online_cpu(cpu) {
		at = NR_CPUS;
		EXPECT(smp_call_function_single(cpu, note_cpu, &at, 1) == 0);
		EXPECT(at == cpu);
	}
	EXPECT(smp_call_function_single(NR_CPUS, note_cpu, &at, 1) < 0);
}

SELFTEST(percpu_copies_are_distinct_and_gs_finds_this_cpus)
{
	unsigned cpu, other;

	for_each_possible_cpu(cpu) {
		for_each_possible_cpu(other)
			EXPECT((cpu == other) ==
			       (per_cpu_ptr(&counter, cpu) ==
				per_cpu_ptr(&counter, other)));
		EXPECT(per_cpu(byte, cpu) == 7);
	}
	preempt_disable();
	EXPECT(this_cpu_ptr(&counter) ==
	       per_cpu_ptr(&counter, smp_processor_id()));
	preempt_enable();
}

SELFTEST(percpu_operations_compute)
{
	preempt_disable();
	this_cpu_write(number, 40);
	this_cpu_add(number, 2);
	EXPECT(this_cpu_read(number) == 42);
	this_cpu_sub(number, 1);
	this_cpu_dec(number);
	EXPECT(this_cpu_inc_return(number) == 41);
	EXPECT(this_cpu_xchg(number, 5) == 41);
	EXPECT(this_cpu_cmpxchg(number, 5, 6) == 5);
	EXPECT(this_cpu_cmpxchg(number, 5, 9) == 6);
	this_cpu_or(number, 9);
	this_cpu_and(number, 12);
	EXPECT(this_cpu_read(number) == 12);
	preempt_enable();
}

/* Calls, of which each CPU makes its part and each takes a word of every
 * CPU. */
/* A checked kernel takes ten times as long for each. */
#define STRESS_CALLS (IS_ENABLED(LANTERN_SAN) ? 3200 : 32000)

static DECLARE_COMPLETION(caller_done);

struct storm {
	atomic_t hits, calls;
	unsigned long end;
};

static unsigned stress_rounds(void)
{
	return STRESS_CALLS / (num_online_cpus() * num_online_cpus());
}

static void count_hit(void *info)
{
	struct storm *s = info;

	count(&s->hits);
}

/*
 * Until all rounds are made or a second is over: where the CPUs are threads of
 * a busy host, each call may wait for a turn of the other's thread.
 */
static int call_everybody(void *arg)
{
	unsigned rounds = stress_rounds();
	struct storm *s = arg;

	for (unsigned i = 0; i < rounds && time_before(jiffies, s->end); i++) {
		on_each_cpu(count_hit, s, 1);
		atomic_inc(&s->calls);
	}
	complete(&caller_done);
	return 0;
}

/* All CPUs call all CPUs at the same time: no call is lost, none deadlocks. */
SELFTEST_SLOW(call_function_from_all_cpus_at_once)
{
	struct task_struct *t[NR_CPUS] = { NULL };
	struct storm s = { .end = jiffies + HZ };
	unsigned cpu, started = 0;

	for_each_online_cpu(cpu) {
		t[cpu] = kthread_create(call_everybody, &s, "caller/%u",
					cpu);
		REQUIRE(!IS_ERR(t[cpu]));
		kthread_bind(t[cpu], cpu);
		wake_up_process(t[cpu]);
		started++;
	}
	for (unsigned i = 0; i < started; i++)
		wait_for_completion(&caller_done);
	EXPECT(atomic_read(&s.calls) > 0);
	EXPECT(atomic_read(&s.hits) ==
	       atomic_read(&s.calls) * (int)num_online_cpus());
}
