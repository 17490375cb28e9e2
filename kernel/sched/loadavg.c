/* SPDX-License-Identifier: MIT */
/*
 * loadavg.c -- the three averages of /proc/loadavg
 *
 * IDEA.  The load is the number of tasks that run, want to, or sleep
 * uninterruptibly.  An average over 1, 5, 15 minutes is kept by folding each
 * 5 seconds: avg = avg * e + load * (1 - e), with e = exp(-5 s/period), in
 * fixed point.  Each CPU tells changes of its part to a global counter when
 * its tick finds that a fold is near, and before its tick stops; so the fold
 * reads one counter and not all queues.
 *
 * An idle machine sleeps through folds: those that were missed are done at
 * once, e^n being computed by squaring.
 */

#include <kernel/loadavg.h>

#include "sched.h"

#include <kernel/kernel.h>

static unsigned long avenrun[3];
static atomic_long_t calc_load_tasks;  /* what the CPUs told */
static unsigned long calc_load_update = INITIAL_JIFFIES + LOAD_FREQ;

void get_avenrun(unsigned long loads[3])
{
	for (int i = 0; i < 3; i++)
		loads[i] = READ_ONCE(avenrun[i]);
}

/* How this CPU's part has changed since it last told. */
long calc_load_fold_active(struct rq *rq)
{
	long active = (long)rq->nr_running + rq->nr_uninterruptible;
	long delta = active - (long)rq->calc_load_active;

	rq->calc_load_active = active;
	return delta;
}

/* rq->lock held. */
void calc_global_load_tick(struct rq *rq)
{
	long delta = calc_load_fold_active(rq);

	if (delta)
		atomic_long_add(delta, &calc_load_tasks);
}

/* This CPU's tick stops, irqs off: nobody else would tell its share. */
void calc_load_idle(void)
{
	struct rq *rq = this_rq();

	spin_lock(&rq->lock);
	calc_global_load_tick(rq);
	spin_unlock(&rq->lock);
}

static unsigned long fixed_power(unsigned long x, unsigned int n)
{
	unsigned long result = FIXED_1;

	for (; n; n >>= 1) {
		if (n & 1)
			result = (result * x + FIXED_1 / 2) >> FSHIFT;
		x = (x * x + FIXED_1 / 2) >> FSHIFT;
	}
	return result;
}

/* Rounds towards the load, so that 1.00 is reached and 0.00 too. */
static unsigned long calc_load(unsigned long avg, unsigned long e,
			       unsigned long active)
{
	unsigned long new = avg * e + active * (FIXED_1 - e);

	if (active >= avg)
		new += FIXED_1 - 1;
	return new / FIXED_1;
}

/* Tick, by the one CPU that just advanced jiffies: never two at once. */
void calc_global_load(void)
{
	static const unsigned long exps[3] = { EXP_1, EXP_5, EXP_15 };
	unsigned int n;
	long active;

	if (time_before(jiffies, calc_load_update + 10))
		return;
	n = 1 + (jiffies - calc_load_update - 10) / LOAD_FREQ;
	active = atomic_long_read(&calc_load_tasks);
	active = active > 0 ? active * FIXED_1 : 0;
	for (int i = 0; i < 3; i++)
		WRITE_ONCE(avenrun[i], calc_load(avenrun[i],
						 fixed_power(exps[i], n),
						 active));
	calc_load_update += n * LOAD_FREQ;
}
