/* SPDX-License-Identifier: MIT */
/* pid_test.c -- self-tests of pid.c and of the list of tasks (KT02, KT21) */

#include <kernel/pid.h>

#include <kernel/err.h>
#include <kernel/kthread.h>
#include <kernel/selftest.h>
#include <kernel/task.h>

#define NR_TEST_PIDS 64

SELFTEST(pid_numbers_are_unique_and_never_zero)            /* promise, I3 */
{
	struct pid *pids[NR_TEST_PIDS];
	int n;

	for (n = 0; n < NR_TEST_PIDS; n++) {
		pids[n] = alloc_pid(&init_pid_ns);
		if (IS_ERR(pids[n]))
			break;
		EXPECT(pid_nr_ns(pids[n], &init_pid_ns) > 0);
		EXPECT(pid_nr_ns(pids[n], &init_pid_ns) < init_pid_ns.pid_max);
	}
	EXPECT(n == NR_TEST_PIDS);
	rcu_read_lock();
	for (int i = 0; i < n; i++)                                 /* I1 */
		EXPECT(find_pid_ns(pid_nr_ns(pids[i], &init_pid_ns),
				   &init_pid_ns) == pids[i]);
	rcu_read_unlock();
	for (int i = 0; i < n; i++)
		free_pid(pids[i]);
}

SELFTEST(pid_just_freed_is_not_given_out_next)             /* promise */
{
	struct pid *first = alloc_pid(&init_pid_ns), *second;
	int nr;

	REQUIRE(!IS_ERR(first));
	nr = pid_nr_ns(first, &init_pid_ns);
	free_pid(first);
	rcu_read_lock();
	EXPECT(!find_pid_ns(nr, &init_pid_ns));
	rcu_read_unlock();
	second = alloc_pid(&init_pid_ns);
	REQUIRE(!IS_ERR(second));
	EXPECT(pid_nr_ns(second, &init_pid_ns) != nr);
	free_pid(second);
}

SELFTEST(pid_search_wraps_to_the_reserved_end)             /* promise */
{
	int last = init_pid_ns.last_pid;
	struct pid *pid;

	init_pid_ns.last_pid = init_pid_ns.pid_max - 1;
	pid = alloc_pid(&init_pid_ns);
	REQUIRE(!IS_ERR(pid));
	EXPECT(pid_nr_ns(pid, &init_pid_ns) >= 300);
	EXPECT(pid_nr_ns(pid, &init_pid_ns) < init_pid_ns.pid_max - 1);
	free_pid(pid);
	init_pid_ns.last_pid = last;
}

SELFTEST(task_list_visits_each_live_task_once)             /* task.c I1 */
{
	struct task_struct *p, *t;
	bool saw_self = false, saw_init = false;
	int n = 0;

	read_lock(&tasklist_lock);
	for_each_process_thread(p, t) {
		n++;
		EXPECT(t != &init_task);
		EXPECT(t->signal == p->signal);
		EXPECT(pid_task(t->thread_pid, PIDTYPE_PID) == t);
		saw_self |= t == current;
		saw_init |= t->pid == 1;
	}
	EXPECT(n == nr_threads);
	read_unlock(&tasklist_lock);
	EXPECT(saw_self);
	EXPECT(saw_init);
}

SELFTEST(current_is_found_by_its_own_number)
{
	rcu_read_lock();
	EXPECT(find_task_by_pid_ns(current->pid, &init_pid_ns) == current);
	EXPECT(task_pid_nr_ns(current, &init_pid_ns) == current->pid);
	rcu_read_unlock();
	EXPECT(current->group_leader == current);
	EXPECT(current->real_parent->pid == 2);        /* kthreadd's child */
}
