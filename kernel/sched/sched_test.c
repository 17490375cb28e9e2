/* SPDX-License-Identifier: MIT */
/*
 * sched_test.c -- the run queues' invariants, and what the classes promise
 *
 * rq_check() looks at the queues of the running machine while threads come, go
 * and change their nice values, and at queues made for the test, whole ones
 * and broken ones: what it says of a queue is the failed test's message.
 */

#include "sched.h"

#include <kernel/completion.h>
#include <kernel/cputime.h>
#include <kernel/delay.h>
#include <kernel/kthread.h>
#include <kernel/rtmutex.h>
#include <kernel/selftest.h>
#include <kernel/timekeeping.h>

/* check.c on every queue; the name of what is broken is the failure. */
static bool check_all_queues(void)
{
	bool good = true;
	int cpu;

	for_each_online_cpu(cpu) {
		struct rq *rq = cpu_rq(cpu);
		const char *bad;
		unsigned long flags;

		spin_lock_irqsave(&rq->lock, flags);
		bad = rq_check(rq);
		spin_unlock_irqrestore(&rq->lock, flags);
		if (bad) {
			selftest_fail(__FILE__, __LINE__, bad);
			good = false;
		}
	}
	return good;
}

/* A thread that computes, sleeps and yields in turn until told to stop. */
static int restless(void *data)
{
	unsigned long seed = (unsigned long)data;

	while (!kthread_should_stop()) {
		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		switch ((seed >> 33) % 4) {
		case 0:
			yield();
			break;
		case 1:
			usleep_range(50, 200);
			break;
		case 2:
			set_user_nice(current, (int)((seed >> 40) % 20));
			break;
		default:
			udelay(20);
		}
		cond_resched();
	}
	return 0;
}

/* For so many seconds, or a few rounds when that is 0. */
static void stir_and_check(int threads, unsigned int seconds)
{
	struct task_struct *t[16];
	unsigned long end = jiffies + seconds * HZ;
	int n = 0;

	for (; n < threads; n++) {
		t[n] = kthread_run(restless, (void *)(n + 1L), "restless/%d", n);
		if (IS_ERR(t[n]))
			break;
	}
	for (int i = 0; (i < 10 || time_before(jiffies, end)) &&
			check_all_queues(); i++)
		usleep_range(50, 150);
	while (n > 0) {
		int ret = kthread_stop(t[--n]);

		/* On a busy host a round may be over before the thread
		 * began. */
		EXPECT(ret == 0 || ret == -EINTR);
	}
}

SELFTEST_SLOW(run_queue_invariants_hold_while_tasks_come_and_go)
{
	stir_and_check(3, 0);
}

SELFTEST_SLOW(run_queue_invariants_hold_under_stress)
{
	stir_and_check(16, selftest_seconds());
}

SELFTEST(classes_stand_in_the_order_stop_deadline_rt_fair_idle)
{
	static const char *const order[] = {
		"stop", "deadline", "rt", "fair", "idle",
	};

	for (int i = 0; i < NR_SCHED_CLASSES; i++) {
		EXPECT(sched_classes[i]->rank == i);
		EXPECT(!strcmp(sched_classes[i]->name, order[i]));
	}
}

SELFTEST(each_nice_level_weighs_a_quarter_more)
{
	EXPECT(sched_prio_to_weight[0] == 88761);
	EXPECT(sched_prio_to_weight[20] == 1024);
	EXPECT(sched_prio_to_weight[39] == 15);
	for (int i = 1; i < 40; i++) {
		int a = sched_prio_to_weight[i - 1];
		int b = sched_prio_to_weight[i];

		EXPECT(a * 100 >= b * 118 && a * 100 <= b * 132);
	}
	for (int i = 0; i < 40; i++) {
		u64 one = (u64)sched_prio_to_wmult[i] * sched_prio_to_weight[i];

		EXPECT(one > (1ULL << 32) - (1ULL << 17) &&
		       one < (1ULL << 32) + (1ULL << 17));
	}
}

SELFTEST_SLOW(the_fair_tree_keeps_its_order_and_its_leftmost)
{
	static struct rq rq;          /* ours alone: nobody runs from it */
	static struct task_struct tasks[8];
	struct task_struct *best;

	memset(&rq, 0, sizeof(rq));
	spin_lock_init(&rq.lock);
	rq.cpu = 0;
	rq.curr = rq.idle = &tasks[7];
	init_cfs_rq(&rq.cfs);
	init_rt_rq(&rq.rt);
	for (int i = 0; i < 7; i++) {
		struct task_struct *p = &tasks[i];

		memset(p, 0, sizeof(*p));
		p->static_prio = p->prio = NICE_TO_PRIO(i * 5 - 15);
		p->sched_class = &fair_sched_class;
		set_load_weight(p);
		p->se.vruntime = rq.cfs.min_vruntime + (i * 37 % 7) * 1000;
		activate_task(&rq, p, 0);
		EXPECT(rq_check(&rq) == NULL);
	}
	best = fair_sched_class.pick_task(&rq);
	EXPECT(best == &tasks[0]);
	fair_sched_class.set_next_task(&rq, best);
	rq.curr = best;
	EXPECT(rq_check(&rq) == NULL);
	EXPECT(fair_sched_class.pick_task(&rq) != NULL);
	fair_sched_class.put_prev_task(&rq, best);
	rq.curr = rq.idle;
	for (int i = 0; i < 7; i++) {
		deactivate_task(&rq, &tasks[i], DEQUEUE_SLEEP);
		EXPECT(rq_check(&rq) == NULL);
	}
	EXPECT(rq.cfs.load.weight == 0);
}

SELFTEST(a_broken_run_queue_is_noticed_and_named)
{
	static struct rq rq;
	static struct task_struct idle, p;

	memset(&rq, 0, sizeof(rq));
	memset(&p, 0, sizeof(p));
	spin_lock_init(&rq.lock);
	rq.curr = rq.idle = &idle;
	init_cfs_rq(&rq.cfs);
	init_rt_rq(&rq.rt);
	p.static_prio = p.prio = DEFAULT_PRIO;
	p.sched_class = &fair_sched_class;
	set_load_weight(&p);
	p.se.vruntime = rq.cfs.min_vruntime;
	activate_task(&rq, &p, 0);
	rq.nr_running++;
	EXPECT(rq_check(&rq) && rq_check(&rq)[1] == '1');
	rq.nr_running--;
	rq.cfs.load.weight++;
	EXPECT(rq_check(&rq) && !strncmp(rq_check(&rq), "F1", 2));
	rq.cfs.load.weight--;
	rq.cfs.tasks_timeline.rb_leftmost = NULL;
	EXPECT(rq_check(&rq) && !strncmp(rq_check(&rq), "F4", 2));
}


/* Note which CPU it runs on. */
static int note_cpu(void *data)
{
	int *cpu = data;

	*cpu = raw_smp_processor_id();
	return 0;
}

SELFTEST_SLOW(a_bound_thread_runs_on_its_cpu_only)
{
	int cpu;

	for_each_online_cpu(cpu) {
		int ran = -1;
		struct task_struct *t = kthread_create(note_cpu, &ran,
						       "bound/%d", cpu);

		REQUIRE(!IS_ERR(t));
		kthread_bind(t, cpu);
		get_task_struct(t);
		wake_up_process(t);
		while (!(READ_ONCE(t->flags) & PF_EXITING))
			usleep_range(50, 100);
		put_task_struct(t);
		EXPECT(ran == cpu);
	}
}

SELFTEST_SLOW(a_running_task_moves_at_once_when_its_cpu_is_forbidden)
{
	struct cpumask old;
	int cpu;

	cpumask_copy(&old, &current->cpus_mask);
	for_each_online_cpu(cpu) {
		EXPECT(set_cpus_allowed_ptr(current, cpumask_of(cpu)) == 0);
		EXPECT(raw_smp_processor_id() == cpu);
	}
	EXPECT(set_cpus_allowed_ptr(current, &CPU_MASK_NONE) == -EINVAL);
	EXPECT(set_cpus_allowed_ptr(current, &old) == 0);
}

static int rt_mark;

static int rt_stepper(void *data)
{
	rt_mark = rt_mark * 10 + (int)(long)data;
	return 0;
}

SELFTEST_SLOW(the_higher_realtime_priority_runs_first)
{
	struct task_struct *t[3];
	struct cpumask old;
	int cpu = raw_smp_processor_id();

	cpumask_copy(&old, &current->cpus_mask);
	EXPECT(set_cpus_allowed_ptr(current, cpumask_of(cpu)) == 0);
	rt_mark = 0;
	for (long i = 0; i < 3; i++) {
		t[i] = kthread_create(rt_stepper, (void *)(i + 1), "rt/%ld", i);
		REQUIRE(!IS_ERR(t[i]));
		kthread_bind(t[i], cpu);
		get_task_struct(t[i]);
		set_task_policy(t[i], SCHED_FIFO, 0, 10 + i * 10);
	}
	preempt_disable();            /* all queued before any runs */
	for (int i = 0; i < 3; i++)
		wake_up_process(t[i]);
	EXPECT(rt_mark == 0);
	preempt_enable();
	EXPECT(rt_mark == 321);
	for (int i = 0; i < 3; i++)
		put_task_struct(t[i]);
	set_cpus_allowed_ptr(current, &old);
}

SELFTEST_SLOW(a_sleep_is_voluntary_and_costs_no_cpu)
{
	unsigned long nvcsw = current->nvcsw;
	u64 before = task_sched_runtime(current), used;
	ktime_t start = ktime_get();

	usleep_range(3000, 3100);
	used = task_sched_runtime(current) - before;
	EXPECT(current->nvcsw > nvcsw);
	EXPECT(used < (u64)(ktime_get() - start) / 2);
}

static int spin_until_stopped(void *data)
{
	while (!kthread_should_stop())
		cond_resched();
	return 0;
}

/* Two hogs on one CPU for a while: how their CPU times relate, in percent. */
static unsigned int share_percent(int nice_a, int nice_b)
{
	struct task_struct *a, *b;
	int cpu = cpumask_first(cpu_online_mask);
	u64 ta, tb;

	a = kthread_create(spin_until_stopped, NULL, "hog/a");
	b = kthread_create(spin_until_stopped, NULL, "hog/b");
	if (IS_ERR(a) || IS_ERR(b))
		return 0;
	kthread_bind(a, cpu);
	kthread_bind(b, cpu);
	set_user_nice(a, nice_a);
	set_user_nice(b, nice_b);
	wake_up_process(a);
	wake_up_process(b);
	msleep(2000);
	ta = task_sched_runtime(a);
	tb = task_sched_runtime(b);
	kthread_stop(a);
	kthread_stop(b);
	return tb ? ta * 100 / tb : 0;
}

SELFTEST_SHARES(equal_hogs_share_equally)
{
	unsigned int ratio = share_percent(0, 0);

	EXPECT(ratio >= 90 && ratio <= 110);
}

/* 3.05 by weight; a virtual CPU's pause near the end costs some percent. */
SELFTEST_SHARES(five_nice_levels_are_a_factor_of_three)
{
	unsigned int ratio = share_percent(0, 5);

	EXPECT(ratio >= 270 && ratio <= 340);
	ratio = share_percent(10, 15);
	EXPECT(ratio >= 270 && ratio <= 340);
}

static unsigned int count_idle_cpus(void)
{
	unsigned int n = 0;
	int cpu;

	for_each_online_cpu(cpu)
		n += cpu_is_idle(cpu);
	return n;
}

/* How soon depends on when the idle CPUs get to run: give them 5 s. */
SELFTEST_SHARES(hogs_spread_over_the_cpus)
{
	struct task_struct *t[NR_CPUS];
	unsigned int n = num_online_cpus();
	int patience = 500;

	if (n < 2) {
		selftest_skip("one CPU");
		return;
	}
	for (unsigned int i = 0; i < n; i++) {
		t[i] = kthread_create(spin_until_stopped, NULL, "hog/%u", i);
		REQUIRE(!IS_ERR(t[i]));
		set_cpus_allowed_ptr(t[i], cpumask_of(0));
		wake_up_process(t[i]);
	}
	for (unsigned int i = 0; i < n; i++)
		set_cpus_allowed_ptr(t[i], cpu_possible_mask);
	while (count_idle_cpus() && --patience)
		msleep(10);
	EXPECT(!count_idle_cpus());
	for (unsigned int i = 0; i < n; i++)
		kthread_stop(t[i]);
}

static int die_at_once(void *data)
{
	(void)data;
	return 0;
}

/* Has the scheduler dropped its reference to a dead task, and no more? */
static bool only_ours_is_left(struct task_struct *t)
{
	int tries = 2000;

	while (refcount_read(&t->usage) > 1 && tries--)
		usleep_range(50, 100);
	return refcount_read(&t->usage) == 1;
}

/*
 * A task that is preempted when it is TASK_DEAD, but has not called the last
 * schedule(), would be taken for gone: its reference is dropped then, and once
 * more at the end.  So threads die while their CPU is told all the time to look
 * for something better to run.
 */
SELFTEST_SLOW(a_dying_task_loses_the_scheduler_reference_once)
{
	int here = raw_smp_processor_id(), cpu, i;

	for_each_online_cpu(cpu) {
		for (i = 0; i < 15 * (int)selftest_seconds(); i++) {
			struct task_struct *t;

			t = kthread_create(die_at_once, NULL, "dying/%d", i);
			REQUIRE(!IS_ERR(t));
			kthread_bind(t, cpu);
			get_task_struct(t);
			wake_up_process(t);
			while (cpu != here &&
			       !(READ_ONCE(t->state) & TASK_DEAD))
				resched_cpu(cpu);
			EXPECT(only_ours_is_left(t));
			put_task_struct(t);
		}
	}
}

/* A sleeping thread of the deadline class, its deadline `in` ns from now. */
static struct task_struct *deadline_sleeper(u64 in)
{
	const struct sched_attr attr = {
		.sched_policy = SCHED_DEADLINE,
		.sched_runtime = 1000000,
		.sched_deadline = 10000000,
		.sched_period = 10000000,
	};
	struct task_struct *t = kthread_create(die_at_once, NULL, "dl/test");

	if (IS_ERR(t))
		return NULL;
	set_task_attr(t, &attr);
	t->dl.runtime = 1000000;
	t->dl.deadline = sched_clock() + in;
	return t;
}

SELFTEST_SLOW(a_deadline_is_lent_and_the_own_one_kept)
{
	struct task_struct *owner = deadline_sleeper(20000000000);
	struct task_struct *waiter = deadline_sleeper(10000000000);
	struct rt_mutex_waiter w;
	struct rt_mutex m;
	u64 own;

	REQUIRE(owner && waiter);
	rt_mutex_init(&m);
	own = owner->dl.deadline;
	spin_lock(&rt_graph_lock);
	rt_mutex_set_owner(&m, owner);
	EXPECT(rt_mutex_enqueue(&m, &w, waiter) == 0);
	EXPECT(dl_deadline_in_force(&owner->dl) == waiter->dl.deadline);
	EXPECT(owner->dl.boosted && owner->dl.deadline == own);
	rt_mutex_dequeue(&w);
	EXPECT(!owner->dl.boosted && owner->dl.deadline == own);
	/* One without runtime is lent any deadline. */
	waiter->dl.deadline = own + 1;
	owner->dl.throttled = true;
	EXPECT(rt_mutex_enqueue(&m, &w, waiter) == 0);
	EXPECT(dl_deadline_in_force(&owner->dl) == own + 1);
	rt_mutex_dequeue(&w);
	EXPECT(!owner->dl.boosted && owner->dl.throttled);
	owner->dl.throttled = false;
	EXPECT(rt_mutex_hand_over(&m) == NULL);
	spin_unlock(&rt_graph_lock);
	kthread_stop(owner);
	kthread_stop(waiter);
}

SELFTEST_SLOW(a_nice_value_takes_no_task_out_of_its_class)
{
	struct task_struct *stop = cpu_rq(0)->stop;
	int old = task_nice(stop);

	set_user_nice(stop, old + 1);
	EXPECT(stop->sched_class == &stop_sched_class);
	EXPECT(task_nice(stop) == old + 1);
	set_user_nice(stop, old);
}
