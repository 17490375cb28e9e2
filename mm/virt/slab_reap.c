/* SPDX-License-Identifier: MIT */
/*
 * slab_reap.c -- every two seconds, what lies idle in the slab caches goes back
 *
 * Each CPU drains its own arrays, if they were not touched since its last
 * visit; one of them, in turn, also empties the shared arrays and gives a few
 * empty slabs of each cache back to the page allocator.  The visits are spread
 * over the two seconds.  This stands here because slabs are below work queues.
 */

#include <kernel/cpumask.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/workqueue.h>
#include <mm/slab.h>

#define REAP_PERIOD (2 * HZ)

static DEFINE_PER_CPU(struct delayed_work, reap_work);
static atomic_t turn;                 /* visits of all CPUs */

/* Runs on its CPU: a worker bound to it. */
static void reap(struct work_struct *work)
{
	unsigned int visit = atomic_inc_return(&turn);

	slab_reap(visit % num_online_cpus() == 0);
	schedule_delayed_work_on(raw_smp_processor_id(), to_delayed_work(work),
				 REAP_PERIOD);
}

static int __init reap_init(void)
{
	int cpu;

	for_each_online_cpu(cpu) {
		struct delayed_work *dw = per_cpu_ptr(&reap_work, cpu);

		INIT_DELAYED_WORK(dw, reap);
		schedule_delayed_work_on(cpu, dw, REAP_PERIOD +
					 cpu * REAP_PERIOD / NR_CPUS);
	}
	return 0;
}
late_initcall(reap_init);
