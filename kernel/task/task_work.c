/* SPDX-License-Identifier: MIT */
/*
 * task_work.c -- work that a task does for itself before it next sees user mode
 *
 * IDEA.  A lock-free stack of callbacks in the task: adders push by cmpxchg,
 * the task takes the whole stack by xchg and turns it round, so that work runs
 * in the order in which it came.
 *
 * INVARIANTS.  I1 Once the stack's head is `exited`, nothing is added.
 *
 * RACES.	adder			do_exit
 *	push by cmpxchg [a]	head = exited, if empty [b]
 * Both are one atomic instruction on the same word: either [b] fails and runs
 * the work, or [a] sees `exited` and says -ESRCH.
 */

#include <kernel/task_work.h>

#include <kernel/errno.h>
#include <kernel/sched.h>

static struct callback_head exited;

int task_work_add(struct task_struct *t, struct callback_head *work)
{
	struct callback_head *head = READ_ONCE(t->task_works);

	do {
		if (head == &exited)
			return -ESRCH;
		work->next = head;
	} while (!__atomic_compare_exchange_n(&t->task_works, &head, work,
					      false, __ATOMIC_SEQ_CST,
					      __ATOMIC_SEQ_CST)); /* [a] */
	set_ti_flag(t, TIF_NOTIFY_RESUME);
	return 0;
}

static void run_all(struct callback_head *head)
{
	struct callback_head *next, *first = NULL;

	for (; head; head = next) {
		next = head->next;
		head->next = first;
		first = head;
	}
	for (; first; first = next) {
		next = first->next;
		first->func(first);
	}
}

void task_work_run(void)
{
	struct callback_head *head;

	do {
		head = __atomic_exchange_n(&current->task_works, NULL,
					   __ATOMIC_SEQ_CST);
		run_all(head);
	} while (READ_ONCE(current->task_works));
}

void exit_task_work(struct task_struct *t)
{
	struct callback_head *none = NULL;

	while (!__atomic_compare_exchange_n(&t->task_works, &none, &exited,
					    false, __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST)) { /* I1 [b] */
		run_all(__atomic_exchange_n(&t->task_works, NULL,
					    __ATOMIC_SEQ_CST));
		none = NULL;
	}
}
