/* SPDX-License-Identifier: MIT */
/*
 * exec_thread.c -- a process of many threads becomes one of one thread
 *
 * PROMISE.  After kill_other_threads() current is alone in its group and is its
 * leader, with the leader's pid: execve() keeps the process's number whichever
 * thread calls it.
 *
 * IDEA.  Every other thread gets SIGKILL; signal->notify_count says for how
 * many the caller still waits.  A leader cannot be reaped before its threads,
 * so if the caller is not the leader it waits until that one is a zombie,
 * changes numbers and places in all lists with it, and buries it:
 *
 *	before:  leader pid 10 (zombie)   caller pid 12
 *	after:   leader pid 12 (dead)     caller pid 10, leader of the group
 *
 * LOCKING.  siglock for group_exit_task and notify_count; tasklist_lock for the
 * exchange.
 *
 * SEE execve(2) "Effect on threads".
 */

#include "exec_internal.h"

#include <kernel/err.h>
#include <kernel/list.h>
#include <kernel/proc.h>
#include <kernel/rculist.h>
#include <kernel/string.h>
#include <kernel/task.h>

static void swap_leader_links(struct task_struct *leader)
{
	struct task_struct *t = current;

	t->start_time = leader->start_time;
	t->start_boottime = leader->start_boottime;
	exchange_tids(t, leader);
	transfer_pid(leader, t, PIDTYPE_TGID);
	transfer_pid(leader, t, PIDTYPE_PGID);
	transfer_pid(leader, t, PIDTYPE_SID);
	list_replace_rcu(&leader->tasks, &t->tasks);
	list_replace_init(&leader->sibling, &t->sibling);
	t->group_leader = t;
	leader->group_leader = t;
	t->exit_signal = SIGCHLD;
	leader->exit_signal = -1;
	leader->exit_state = EXIT_DEAD;
}

/* The leader has ended too: take its place and its pid (I2). */
static int replace_leader(void)
{
	struct task_struct *leader = current->group_leader;
	struct signal_struct *sig = current->signal;

	for (;;) {
		write_lock_irq(&tasklist_lock);
		sig->notify_count = -1;
		if (leader->exit_state)
			break;
		__set_current_state(TASK_KILLABLE);
		write_unlock_irq(&tasklist_lock);
		schedule();
		if (fatal_signal_pending(current))
			return -EAGAIN;
	}
	swap_leader_links(leader);
	/* Its tracer may wait for it, and nobody else will tell him. */
	if (leader->ptrace)
		wake_up_interruptible_sync(
			&leader->parent->signal->wait_chldexit);
	write_unlock_irq(&tasklist_lock);
	release_task(leader);
	return 0;
}

static int wait_for_other_threads(struct sighand_struct *sighand)
{
	struct signal_struct *sig = current->signal;

	while (sig->notify_count) {
		__set_current_state(TASK_KILLABLE);
		spin_unlock_irq(&sighand->siglock);
		schedule();
		if (fatal_signal_pending(current))
			return -EAGAIN;
		spin_lock_irq(&sighand->siglock);
	}
	spin_unlock_irq(&sighand->siglock);
	return 0;
}

int kill_other_threads(void)
{
	struct sighand_struct *sighand = current->sighand;
	struct signal_struct *sig = current->signal;
	int err;

	spin_lock_irq(&sighand->siglock);
	if ((sig->flags & SIGNAL_GROUP_EXIT) || sig->group_exit_task) {
		spin_unlock_irq(&sighand->siglock);
		return -EAGAIN;
	}
	sig->group_exit_task = current;
	zap_other_threads(current);
	sig->notify_count = sig->nr_threads - 1;
	if (!thread_group_leader(current))
		sig->notify_count--;
	err = wait_for_other_threads(sighand);
	if (!err && !thread_group_leader(current))
		err = replace_leader();
	write_lock_irq(&tasklist_lock);
	sig->group_exit_task = NULL;
	sig->notify_count = 0;
	write_unlock_irq(&tasklist_lock);
	return err;
}

/* Handlers shared with another process by CLONE_SIGHAND become our own. */
int unshare_sighand(void)
{
	struct sighand_struct *old = current->sighand, *new;

	if (refcount_read(&old->count) == 1)
		return 0;
	new = alloc_sighand_struct();
	if (!new)
		return -ENOMEM;
	refcount_set(&new->count, 1);
	spin_lock_init(&new->siglock);
	init_waitqueue_head(&new->signalfd_wqh);
	write_lock_irq(&tasklist_lock);
	spin_lock(&old->siglock);
	memcpy(new->action, old->action, sizeof(new->action));
	rcu_assign_pointer(current->sighand, new);
	spin_unlock(&old->siglock);
	write_unlock_irq(&tasklist_lock);
	__cleanup_sighand(old);
	return 0;
}
