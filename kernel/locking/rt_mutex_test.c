/* SPDX-License-Identifier: MIT */
/*
 * rt_mutex_test.c -- urgency flows along the chain, and back
 *
 * Three threads that only exist, a (nice 10), b (0) and c (-10), stand for
 * owners and waiters: the graph is built by the test, so nothing depends on
 * time.
 *
 *	c --waits--> [m2] --> b --waits--> [m1] --> a
 */

#include <kernel/rtmutex.h>

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/kthread.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>

static int wait_for_stop(void *unused)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

struct graph {
	struct task_struct *t[3];
	struct rt_mutex m1, m2;
	struct rt_mutex_waiter wb, wc, wa;
};

/* The three threads and their mutexes; false: no memory. */
static bool build(struct graph *g)
{
	for (int i = 0; i < 3; i++) {
		g->t[i] = kthread_run(wait_for_stop, NULL, "rtm/%d", i);
		if (IS_ERR(g->t[i]))
			return false;
		set_user_nice(g->t[i], 10 - 10 * i);
	}
	rt_mutex_init(&g->m1);
	rt_mutex_init(&g->m2);
	spin_lock(&rt_graph_lock);
	rt_mutex_set_owner(&g->m1, g->t[0]);
	rt_mutex_set_owner(&g->m2, g->t[1]);
	spin_unlock(&rt_graph_lock);
	return true;
}

static void dissolve(struct graph *g)
{
	for (int i = 0; i < 3; i++)
		kthread_stop(g->t[i]);
}

SELFTEST_SLOW(rt_mutex_lends_along_the_chain_and_takes_back)
{
	struct graph g = { .m1 = { .owner = NULL } };

	REQUIRE(build(&g));
	spin_lock(&rt_graph_lock);
	EXPECT(rt_mutex_enqueue(&g.m1, &g.wb, g.t[1]) == 0);
	EXPECT(g.t[0]->prio == 120);
	EXPECT(rt_mutex_enqueue(&g.m2, &g.wc, g.t[2]) == 0);
	EXPECT(g.t[1]->prio == 110);
	EXPECT(g.t[0]->prio == 110);
	/* a waiting for m2 would close the ring. */
	EXPECT(rt_mutex_enqueue(&g.m2, &g.wa, g.t[0]) == -EDEADLK);
	rt_mutex_dequeue(&g.wc);
	EXPECT(g.t[1]->prio == 120);
	EXPECT(g.t[0]->prio == 120);
	EXPECT(rt_mutex_hand_over(&g.m1) == g.t[1]);
	EXPECT(g.m1.owner == g.t[1] && !g.wb.lock);
	EXPECT(g.t[0]->prio == 130);
	spin_unlock(&rt_graph_lock);
	dissolve(&g);
}

SELFTEST_SLOW(rt_mutex_serves_the_most_urgent_first)
{
	struct graph g = { .m1 = { .owner = NULL } };

	REQUIRE(build(&g));
	spin_lock(&rt_graph_lock);
	g.m2.owner = NULL;
	EXPECT(rt_mutex_enqueue(&g.m1, &g.wb, g.t[1]) == 0);
	EXPECT(rt_mutex_enqueue(&g.m1, &g.wc, g.t[2]) == 0);
	EXPECT(rt_mutex_top_waiter(&g.m1) == &g.wc);
	EXPECT(g.t[0]->prio == 110);
	EXPECT(rt_mutex_hand_over(&g.m1) == g.t[2]);
	EXPECT(g.t[0]->prio == 130 && g.t[2]->prio == 110);
	EXPECT(rt_mutex_hand_over(&g.m1) == g.t[1]);
	EXPECT(rt_mutex_hand_over(&g.m1) == NULL);
	spin_unlock(&rt_graph_lock);
	dissolve(&g);
}
