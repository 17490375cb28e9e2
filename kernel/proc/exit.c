/* SPDX-License-Identifier: MIT */
/*
 * exit.c -- the end of a task
 *
 * PROMISE.  A task that ends gives back everything but its descriptor at once;
 * the descriptor stays, as a zombie, until the parent has read the status.  Its
 * children get a new parent in the same instant, so that every task always has
 * one that will reap it.
 *
 * IDEA.
 *	do_exit:  memory, files, fs, namespaces  ->  gone
 *	          children -> nearest subreaper or pid 1
 *	          parent   <- SIGCHLD, wake wait4()
 *	          state: EXIT_ZOMBIE, or EXIT_DEAD where nobody wants to know
 *	schedule() never comes back; the next task drops the last reference.
 *
 * A group's leader stays a zombie until its last thread is gone, since it
 * stands for the process (delay_group_leader).
 *
 * INVARIANTS.
 *   I1  exit_state is set once, under tasklist_lock, ZOMBIE then DEAD.
 *   I2  Whoever sets EXIT_DEAD calls release_task(), exactly once.
 *   I3  No live task has a parent with PF_EXITING after exit_notify().
 *
 * LOCKING.  tasklist_lock for the family, siglock inside it.
 *
 * SEE exit(3), wait(2), docs/47-processes.md.
 *
 * EXERCISES.  1. Why is exit_mm() done before exit_files()?  2. Where would a
 * thread group with a dead leader and a live thread leak if delay_group_leader
 * always said no?
 */

#include <kernel/proc.h>

#include <arch/uaccess.h>
#include <drivers/tty.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <fs/splice.h>
#include <kernel/bug.h>
#include <kernel/completion.h>
#include <kernel/coredump.h>
#include <kernel/cred.h>
#include <kernel/futex.h>
#include <kernel/iocontext.h>
#include <kernel/ipc_namespace.h>
#include <kernel/itimer.h>
#include <kernel/kthread.h>
#include <kernel/nsproxy.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/ptrace.h>
#include <kernel/seccomp.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/task_work.h>
#include <kernel/timer.h>
#include <kernel/trace_events.h>
#include <kernel/uprobes.h>
#include <mm/mm.h>

bool delay_group_leader(struct task_struct *t)
{
	return thread_group_leader(t) && !thread_group_empty(t);
}

/* A parent in vfork() may go on: current uses its memory no more. */
static void complete_vfork_done(struct task_struct *t)
{
	struct completion *vfork;

	task_lock(t);
	vfork = t->vfork_done;
	if (vfork) {
		t->vfork_done = NULL;
		complete(vfork);
	}
	task_unlock(t);
}

void mm_release(struct task_struct *t, struct mm_struct *mm)
{
	if (t->flags & PF_EXITING)
		futex_exit_release(t);
	else
		futex_exec_release(t);
	if (t->clear_child_tid && mm && atomic_read(&mm->mm_users) > 1) {
		put_user(0, t->clear_child_tid);
		futex_wake((u32 __user *)t->clear_child_tid, 0, 1, ~0U);
	}
	t->clear_child_tid = NULL;
	complete_vfork_done(t);
}

/* Go on with the address space borrowed, as a kernel thread does. */
static void exit_mm(void)
{
	struct mm_struct *mm = current->mm;

	mm_release(current, mm);
	if (!mm)
		return;
	update_hiwater_rss(mm);
	if (current->signal->maxrss < get_mm_hiwater_rss(mm) * (PAGE_SIZE >> 10))
		current->signal->maxrss = get_mm_hiwater_rss(mm) *
					  (PAGE_SIZE >> 10);
	mmgrab(mm);
	task_lock(current);
	local_irq_disable();
	current->mm = NULL;
	local_irq_enable();
	task_unlock(current);
	mmput(mm);
}

/* A live thread of t's group, or NULL. */
static struct task_struct *find_alive_thread(struct task_struct *t)
{
	struct task_struct *i;

	for_each_thread(t, i)
		if (!(i->flags & PF_EXITING))
			return i;
	return NULL;
}

/* Who adopts father's children: a thread of his, a subreaper, or pid 1. */
static struct task_struct *find_new_reaper(struct task_struct *father)
{
	struct task_struct *reaper = task_active_pid_ns(father)->child_reaper;
	struct task_struct *t = find_alive_thread(father), *p;

	if (t)
		return t;
	if (!father->signal->has_child_subreaper)
		return reaper;
	for (p = father->real_parent; p != reaper && p != &init_task;
	     p = p->real_parent) {
		if (!p->signal->is_child_subreaper)
			continue;
		t = find_alive_thread(p);
		if (t)
			return t;
	}
	return reaper;
}

/* Does a member of pgrp have a parent in another group of its session? */
static bool will_become_orphaned_pgrp(struct pid *pgrp,
				      struct task_struct *ignored)
{
	struct task_struct *p;

	do_each_pid_task(pgrp, PIDTYPE_PGID, p) {
		if (p == ignored || p->exit_state ||
		    is_global_init(p->real_parent))
			continue;
		if (task_pgrp(p->real_parent) != pgrp &&
		    task_session(p->real_parent) == task_session(p))
			return false;
	} while_each_pid_task(pgrp, PIDTYPE_PGID, p);
	return true;
}

bool is_current_pgrp_orphaned(void)
{
	bool orphaned;

	read_lock(&tasklist_lock);
	orphaned = will_become_orphaned_pgrp(task_pgrp(current), NULL);
	read_unlock(&tasklist_lock);
	return orphaned;
}

static bool has_stopped_jobs(struct pid *pgrp)
{
	struct task_struct *p;

	do_each_pid_task(pgrp, PIDTYPE_PGID, p) {
		if (p->signal->flags & SIGNAL_STOP_STOPPED)
			return true;
	} while_each_pid_task(pgrp, PIDTYPE_PGID, p);
	return false;
}

/*
 * POSIX 2.2.2.52: a stopped group that loses its last tie to a shell would
 * sleep for ever; it is hung up and continued.
 */
static void kill_orphaned_pgrp(struct task_struct *t, struct task_struct *parent)
{
	struct pid *pgrp = task_pgrp(t);
	struct task_struct *ignored = t;

	if (!parent)
		parent = t->real_parent;
	else
		ignored = NULL;
	if (task_pgrp(parent) != pgrp &&
	    task_session(parent) == task_session(t) &&
	    will_become_orphaned_pgrp(pgrp, ignored) &&
	    has_stopped_jobs(pgrp)) {
		struct task_struct *p;

		do_each_pid_task(pgrp, PIDTYPE_PGID, p) {
			send_sig_info(SIGHUP, SEND_SIG_PRIV, p);
			send_sig_info(SIGCONT, SEND_SIG_PRIV, p);
		} while_each_pid_task(pgrp, PIDTYPE_PGID, p);
	}
}

static void reparent_leader(struct task_struct *father, struct task_struct *p,
			    struct list_head *dead)
{
	if (p->exit_state == EXIT_DEAD)
		return;
	p->exit_signal = SIGCHLD;
	if (!p->ptrace && p->exit_state == EXIT_ZOMBIE && thread_group_empty(p) &&
	    do_notify_parent(p, p->exit_signal)) {
		p->exit_state = EXIT_DEAD;                         /* I1 */
		list_move(&p->sibling, dead);
		return;
	}
	kill_orphaned_pgrp(p, father);
}

static void forget_original_parent(struct task_struct *father,
				   struct list_head *dead)
{
	struct task_struct *reaper, *p, *n, *t;

	exit_ptrace(father, dead);
	if (list_empty(&father->children))
		return;
	reaper = find_new_reaper(father);
	list_for_each_entry_safe(p, n, &father->children, sibling) {
		for_each_thread(p, t) {
			rcu_assign_pointer(t->real_parent, reaper);
			if (!t->ptrace && t->parent == father)
				t->parent = reaper;
			if (t->pdeath_signal)
				group_send_sig_info(t->pdeath_signal,
						    SEND_SIG_PRIV, t,
						    PIDTYPE_TGID);
		}
		list_move_tail(&p->sibling, &reaper->children);
		if (!same_thread_group(reaper, father))
			reparent_leader(father, p, dead);
	}
}

static void unlink_process(struct task_struct *t)
{
	detach_pid(t, PIDTYPE_TGID);
	detach_pid(t, PIDTYPE_PGID);
	detach_pid(t, PIDTYPE_SID);
	list_del_rcu(&t->tasks);
	list_del_init(&t->sibling);
}

/* The times of a thread live on in its group's. */
static void add_thread_times(struct task_struct *t)
{
	struct signal_struct *sig = t->signal;

	sig->utime += t->utime;
	sig->stime += t->stime;
	sig->nvcsw += t->nvcsw;
	sig->nivcsw += t->nivcsw;
	sig->min_flt += t->min_flt;
	sig->maj_flt += t->maj_flt;
	sig->sum_sched_runtime += t->se.sum_exec_runtime;
	task_io_add(&sig->ioac, &t->ioac);
}

/*
 * tasklist_lock held for writing.  The process's terminal, whose reference the
 * caller drops, if this was its last thread.
 */
static struct tty_struct *__exit_signal(struct task_struct *t)
{
	struct sighand_struct *sighand = t->sighand;
	struct signal_struct *sig = t->signal;
	struct tty_struct *tty = NULL;
	bool group_dead = thread_group_leader(t);

	flush_signals(t);
	spin_lock(&sighand->siglock);
	cpu_timers_drop(t->cpu_timers);
	if (!group_dead) {
		add_thread_times(t);
		if (sig->notify_count > 0 && !--sig->notify_count)
			wake_up_process(sig->group_exit_task);
	}
	sig->nr_threads--;
	nr_threads--;
	detach_pid(t, PIDTYPE_PID);
	if (group_dead) {
		cpu_timers_drop(sig->cpu_timers);
		unlink_process(t);
		tty = sig->tty;
		sig->tty = NULL;
	}
	list_del_rcu(&t->thread_node);
	t->sighand = NULL;
	spin_unlock(&sighand->siglock);
	__cleanup_sighand(sighand);
	return tty;
}

void release_task(struct task_struct *t)
{
	struct task_struct *leader;
	struct tty_struct *tty;
	bool zap;

repeat:
	zap = false;
	rcu_read_lock();
	atomic_dec(&__task_cred(t)->user->processes);
	rcu_read_unlock();
	write_lock_irq(&tasklist_lock);
	if (unlikely(t->ptrace))
		ptrace_unlink(t);
	leader = t->group_leader;
	tty = __exit_signal(t);
	/* The last thread goes: the leader's end can be told now. */
	if (leader != t && thread_group_empty(leader) &&
	    leader->exit_state == EXIT_ZOMBIE) {
		zap = do_notify_parent(leader, leader->exit_signal);
		if (zap)
			leader->exit_state = EXIT_DEAD;
	}
	write_unlock_irq(&tasklist_lock);
	tty_kref_put(tty);
	put_task_struct(t);
	if (zap) {
		t = leader;
		goto repeat;
	}
}

/* A tracer hears of any end by SIGCHLD; a parent that traces, as agreed. */
static int signal_for_tracer(struct task_struct *t)
{
	if (thread_group_leader(t) && thread_group_empty(t) &&
	    !ptrace_reparented(t))
		return t->exit_signal;
	return SIGCHLD;
}

/* Tell everybody; decides between zombie and gone. */
static void exit_notify(struct task_struct *t, bool group_dead)
{
	struct task_struct *p, *n;
	bool autoreap = false;
	LIST_HEAD(dead);

	write_lock_irq(&tasklist_lock);
	forget_original_parent(t, &dead);                          /* I3 */
	if (group_dead)
		kill_orphaned_pgrp(t->group_leader, NULL);
	t->exit_state = EXIT_ZOMBIE;
	if (unlikely(t->ptrace))
		autoreap = do_notify_parent(t, signal_for_tracer(t));
	else if (thread_group_leader(t))
		autoreap = thread_group_empty(t) &&
			   do_notify_parent(t, t->exit_signal);
	else
		autoreap = true;
	if (autoreap) {
		t->exit_state = EXIT_DEAD;                         /* I2 */
		list_move(&t->sibling, &dead);
	}
	if (t->signal->notify_count < 0)
		wake_up_process(t->signal->group_exit_task);
	write_unlock_irq(&tasklist_lock);

	list_for_each_entry_safe(p, n, &dead, sibling) {
		list_del_init(&p->sibling);
		release_task(p);
	}
}

static void check_exit_allowed(long code)
{
	if (in_interrupt())
		panic("Attempted to kill the idle task or exit in an interrupt");
	if (!current->pid)
		panic("Attempted to kill the idle task!");
	if (is_global_init(current) && atomic_read(&current->signal->live) == 1)
		panic("Attempted to kill init! exitcode=0x%08lx", code);
}

__noreturn void do_exit(long code)
{
	struct task_struct *t = current;
	bool group_dead;

	check_exit_allowed(code);
	if (unlikely(t->flags & PF_EXITING)) {
		pr_alert("Fixing recursive fault but reboot is needed!\n");
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	}
	if (t->kthread_data)
		kthread_exit_notify(t, code);
	coredump_task_exit();
	if (unlikely(t->ptrace))
		ptrace_event(PTRACE_EVENT_EXIT, code);
	spin_lock_irq(&t->sighand->siglock);
	t->flags |= PF_EXITING;
	spin_unlock_irq(&t->sighand->siglock);
	t->exit_code = code;
	trace_sched_process_exit(t, code);
	group_dead = atomic_dec_and_test(&t->signal->live);
	if (group_dead)
		exit_itimers(t);
	uprobe_free_utask(t);
	exit_mm();
	exit_sem(t);
	exit_shm(t);
	exit_files(t);
	exit_fs(t);
	exit_splice(t);
	exit_task_work(t);
	exit_io_context(t);
	if (group_dead && t->signal->leader)
		disassociate_ctty(true);
	if (group_dead)
		proc_clear_tty(t);    /* its reference, counted by fork */
	exit_thread(t);
	seccomp_exit(t);
	exit_notify(t, group_dead);
	put_nsproxy(t->nsproxy);
	t->nsproxy = NULL;
	do_task_dead();               /* the last schedule() */
}

/* End all threads of the process with this status; current's call. */
__noreturn void do_group_exit(int code)
{
	struct signal_struct *sig = current->signal;
	struct sighand_struct *sighand = current->sighand;

	if (sig->flags & SIGNAL_GROUP_EXIT) {
		code = sig->group_exit_code;
	} else if (!thread_group_empty(current)) {
		spin_lock_irq(&sighand->siglock);
		if (sig->flags & SIGNAL_GROUP_EXIT) {
			code = sig->group_exit_code;
		} else if (sig->group_exit_task) {
			code = 0;     /* another thread is in execve */
		} else {
			sig->group_exit_code = code;
			sig->flags = SIGNAL_GROUP_EXIT;
			zap_other_threads(current);
		}
		spin_unlock_irq(&sighand->siglock);
	} else {
		sig->group_exit_code = code;
	}
	do_exit(code);
}

SYSCALL_DEFINE1(exit, int, code)
{
	do_exit((code & 0xff) << 8);
}

SYSCALL_DEFINE1(exit_group, int, code)
{
	do_group_exit((code & 0xff) << 8);
}
