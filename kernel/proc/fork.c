/* SPDX-License-Identifier: MIT */
/*
 * fork.c -- one function makes every task
 *
 * PROMISE.  fork, vfork, clone, clone3 and kernel threads all come through
 * kernel_clone().  Either a complete child exists and runs, or nothing is left
 * over and the caller gets an errno.
 *
 * IDEA.  A task is a descriptor and eight things it can share with its maker or
 * have copied: memory, files, file-system view, handlers, signals, namespaces,
 * credentials, registers.  Each has a copy_x(): with its CLONE_ flag it takes a
 * reference, without it makes a copy.  They run in one order and are undone in
 * the reverse:
 *
 *	dup_task_struct  creds  sched  files  fs  sighand  signal  mm
 *	   namespaces  registers  pid  |  links: cannot fail
 *
 * Only behind the bar is the child visible to anybody.
 *
 * INVARIANTS.
 *   I1  Before the bar nothing outside knows the child but counters.
 *   I2  A child that may be signalled is in all lists and has a pid: it is
 *       linked and checked against pending signals under one lock.
 *   I3  Not inherited: pending signals, timers, CPU times, memory locks.
 *
 * LOCKING.  tasklist_lock (write) and within it siglock for the linking.
 *
 * RACES.  A SIGKILL to the whole group while a thread is being added:
 *
 *	clone(CLONE_THREAD)              killer
 *	[a] lock siglock                 [b] lock siglock; mark every
 *	    signal_pending? -> start over    thread; unlock
 *	    link; unlock
 *
 * If [b] came first, [a] sees the signal that [b] gave its caller and gives up;
 * if [a] came first, [b] finds the new thread in the list.
 *
 * SEE clone(2), docs/47-processes.md.
 *
 * EXERCISES.  1. Why does copy_files come before copy_mm?  2. What would a
 * child see that was linked before its registers were set?
 */

#include <kernel/proc.h>

#include <arch/processor.h>
#include <arch/uaccess.h>
#include <drivers/tty.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/bug.h>
#include <kernel/completion.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/futex.h>
#include <kernel/iocontext.h>
#include <kernel/ipc_namespace.h>
#include <kernel/kernel.h>
#include <kernel/sprintf.h>
#include <kernel/nsproxy.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/ptrace.h>
#include <kernel/random.h>
#include <kernel/rseq.h>
#include <kernel/seccomp.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/timekeeping.h>
#include <kernel/trace_events.h>
#include <kernel/uprobes.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <uapi/sched.h>

#define STACK_END_MAGIC 0x57ac6e9dUL

static void set_stack_end_magic(struct task_struct *t)
{
	*(unsigned long *)t->stack = STACK_END_MAGIC;
}

static void init_child_fields(struct task_struct *t, struct task_struct *orig)
{
	void *stack = t->stack;

	*t = *orig;
	t->stack = stack;
	set_stack_end_magic(t);
	t->ti_flags = 0;
	t->state = TASK_NEW;
	refcount_set(&t->usage, 2);
	t->flags &= ~(PF_SUPERPRIV | PF_IDLE | PF_EXITING | PF_SIGNALED |
		      PF_DUMPCORE | PF_NO_SETAFFINITY | PF_MEMALLOC);
	t->flags |= PF_FORKNOEXEC;
	t->on_cpu = 0;
	t->on_rq = 0;
	t->exit_state = 0;
	t->exit_code = 0;
	t->pdeath_signal = 0;
	t->did_exec = 0;
	INIT_LIST_HEAD(&t->children);
	INIT_LIST_HEAD(&t->sibling);
	INIT_LIST_HEAD(&t->ptraced);
	INIT_LIST_HEAD(&t->ptrace_entry);
	INIT_LIST_HEAD(&t->thread_node);
	INIT_LIST_HEAD(&t->tasks);
	INIT_LIST_HEAD(&t->rt_node);
	spin_lock_init(&t->alloc_lock);
	spin_lock_init(&t->pi_lock);
}

/* What a child starts without: times, signals, tids to clear (I3). */
static void clear_inherited(struct task_struct *t)
{
	t->utime = 0;
	t->stime = 0;
	t->nvcsw = 0;
	t->nivcsw = 0;
	t->min_flt = 0;
	t->ioac = (struct task_io_accounting){ 0 };
	t->maj_flt = 0;
	t->start_time = ktime_get_ns();
	t->start_boottime = ktime_get_boottime_ns();
	t->pending.signal.sig = 0;
	INIT_LIST_HEAD(&t->pending.list);
	t->jobctl = 0;
	t->ptrace = 0;
	t->ptracer_cred = NULL;
	t->ptrace_message = 0;
	t->last_siginfo = NULL;
	memset(&t->seccomp, 0, sizeof(t->seccomp));
	t->rt_ticks = 0;
	memset(t->cpu_timers, 0, sizeof(t->cpu_timers));
	t->default_timer_slack_ns = t->timer_slack_ns;
	t->restore_sigmask = false;
	t->restart_block.fn = NULL;
	t->vfork_done = NULL;
	t->splice_pipe = NULL;
	t->tlb_ubc = NULL;
	t->undo_list = NULL;
	t->made_shm = false;
	futex_init_task(t);
	t->set_child_tid = NULL;
	t->clear_child_tid = NULL;
	t->in_iowait = 0;
	t->blocked_on = NULL;
	lockdep_init_task(t);
	t->rcu_read_lock_nesting = 0;
	t->bio_list = NULL;
	t->plug = NULL;
	t->task_works = NULL;
	t->worker_private = NULL;
	t->kthread_data = NULL;
	t->utask = NULL;
	t->mm = NULL;
	t->active_mm = NULL;
	t->thread_pid = NULL;
	t->signal = NULL;
	t->sighand = NULL;
}

static struct task_struct *dup_task_struct(struct task_struct *orig)
{
	struct task_struct *t = alloc_task_struct();

	if (!t)
		return NULL;
	init_child_fields(t, orig);
	clear_inherited(t);
	return t;
}

static int copy_sighand(u64 flags, struct task_struct *t)
{
	struct sighand_struct *sig;

	if (flags & CLONE_SIGHAND) {
		refcount_inc(&current->sighand->count);
		t->sighand = current->sighand;
		return 0;
	}
	sig = alloc_sighand_struct();
	if (!sig)
		return -ENOMEM;
	refcount_set(&sig->count, 1);
	spin_lock_init(&sig->siglock);
	init_waitqueue_head(&sig->signalfd_wqh);
	spin_lock_irq(&current->sighand->siglock);
	memcpy(sig->action, current->sighand->action, sizeof(sig->action));
	spin_unlock_irq(&current->sighand->siglock);
	t->sighand = sig;
	if (flags & CLONE_CLEAR_SIGHAND)
		flush_signal_handlers(t, false);
	return 0;
}

static int copy_signal(u64 flags, struct task_struct *t)
{
	struct signal_struct *sig;

	if (flags & CLONE_THREAD) {
		t->signal = current->signal;
		return 0;
	}
	sig = alloc_signal_struct();
	if (!sig)
		return -ENOMEM;
	t->signal = sig;
	refcount_set(&sig->sigcnt, 1);
	atomic_set(&sig->live, 1);
	sig->nr_threads = 1;
	INIT_LIST_HEAD(&sig->thread_head);
	init_waitqueue_head(&sig->wait_chldexit);
	mutex_init(&sig->cred_guard_mutex);
	INIT_LIST_HEAD(&sig->shared_pending.list);
	sig->oom_score_adj = current->signal->oom_score_adj;
	task_lock(current->group_leader);
	memcpy(sig->rlim, current->signal->rlim, sizeof(sig->rlim));
	task_unlock(current->group_leader);
	sig->has_child_subreaper = current->signal->has_child_subreaper ||
				   current->signal->is_child_subreaper;
	return 0;
}

static int copy_mm(u64 flags, struct task_struct *t)
{
	struct mm_struct *mm = current->mm;

	if (!mm)
		return 0;             /* a kernel thread makes another */
	if (flags & CLONE_VM) {
		mmget(mm);
	} else {
		mm = dup_mm(t, mm);
		if (!mm)
			return -ENOMEM;
	}
	t->mm = mm;
	t->active_mm = mm;
	return 0;
}

static int copy_fs(u64 flags, struct task_struct *t)
{
	struct fs_struct *fs = current->fs;

	if (!fs)
		return 0;
	if (flags & CLONE_FS) {
		int err = -EAGAIN;

		spin_lock(&fs->lock);
		if (!fs->in_exec) {
			fs->users++;
			err = 0;
		}
		spin_unlock(&fs->lock);
		return err;
	}
	t->fs = copy_fs_struct(fs);
	return t->fs ? 0 : -ENOMEM;
}

/* On failure exit_files() must not find the parent's table. */
static int copy_files(u64 flags, struct task_struct *t)
{
	struct files_struct *old = current->files;

	if (!old)
		return 0;
	if (flags & CLONE_FILES) {
		atomic_inc(&old->count);
		return 0;
	}
	t->files = dup_fd(old, sysctl_nr_open);
	return PTR_ERR_OR_ZERO(t->files);
}

static int copy_registers(struct kernel_clone_args *args, struct task_struct *t)
{
	if (args->fn) {
		t->flags |= PF_KTHREAD;
		return copy_thread_kernel(t, args->fn, args->fn_arg);
	}
	t->flags &= ~PF_KTHREAD;
	return copy_thread(t, args->flags, args->stack, args->tls);
}

static void exit_signal_struct(u64 flags, struct task_struct *t)
{
	if (!(flags & CLONE_THREAD))
		put_signal_struct(t->signal);
	t->signal = NULL;
}

/* Everything that can fail; undone in reverse order on failure. */
static int copy_parts(struct kernel_clone_args *args, struct task_struct *t)
{
	u64 flags = args->flags;
	int err = sched_fork(flags, t);

	if (err)
		return err;
	err = copy_semundo(flags, t);
	if (err)
		return err;
	err = copy_io(flags, t);
	if (err)
		goto out_semundo;
	err = copy_files(flags, t);
	if (err)
		goto out_io;
	err = copy_fs(flags, t);
	if (err)
		goto out_files;
	err = copy_sighand(flags, t);
	if (err)
		goto out_fs;
	err = copy_signal(flags, t);
	if (err)
		goto out_sighand;
	err = copy_mm(flags, t);
	if (err)
		goto out_signal;
	err = copy_namespaces(flags, t);
	if (err)
		goto out_mm;
	err = uprobe_copy_process(t, flags);
	if (err)
		goto out_namespaces;
	err = copy_registers(args, t);
	if (!err) {
		rseq_fork(t, flags & CLONE_VM);
		return 0;
	}
	uprobe_free_utask(t);
out_namespaces:
	put_nsproxy(t->nsproxy);
out_mm:
	if (t->mm)
		mmput(t->mm);
out_signal:
	exit_signal_struct(flags, t);
out_sighand:
	__cleanup_sighand(t->sighand);
out_fs:
	exit_fs(t);
out_files:
	exit_files(t);
out_io:
	exit_io_context(t);
out_semundo:
	exit_sem(t);
	return err;
}

static void drop_parts(u64 flags, struct task_struct *t)
{
	exit_thread(t);
	uprobe_free_utask(t);
	put_nsproxy(t->nsproxy);
	if (t->mm)
		mmput(t->mm);
	exit_signal_struct(flags, t);
	__cleanup_sighand(t->sighand);
	exit_fs(t);
	exit_files(t);
	exit_io_context(t);
	exit_sem(t);
}

static void set_identity(struct kernel_clone_args *args, struct task_struct *t,
			 struct pid *pid)
{
	t->pid = pid->numbers[0].nr;
	if (args->flags & CLONE_THREAD) {
		t->group_leader = current->group_leader;
		t->tgid = current->tgid;
		t->exit_signal = -1;
	} else {
		t->group_leader = t;
		t->tgid = t->pid;
		t->exit_signal = args->flags & CLONE_PARENT ?
			current->group_leader->exit_signal : args->exit_signal;
	}
	if (args->flags & CLONE_CHILD_SETTID)
		t->set_child_tid = args->child_tid;
	if (args->flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = args->child_tid;
	/* A thread that shares memory cannot share an alternate stack. */
	if ((args->flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM) {
		t->sas_ss_sp = 0;
		t->sas_ss_size = 0;
		t->sas_ss_flags = SS_DISABLE;
	}
}

static void link_process(struct task_struct *t, struct pid *pid)
{
	struct signal_struct *sig = t->signal;

	sig->pids[PIDTYPE_TGID] = pid;
	sig->pids[PIDTYPE_PGID] = task_pgrp(current);
	sig->pids[PIDTYPE_SID] = task_session(current);
	sig->tty = tty_kref_get(current->signal->tty);
	if (pid->numbers[pid->level].nr == 1) {
		pid->numbers[pid->level].ns->child_reaper = t;
		sig->flags |= SIGNAL_UNKILLABLE;
	}
	list_add_tail(&t->sibling, &t->real_parent->children);
	list_add_tail_rcu(&t->tasks, &init_task.tasks);
	list_add_tail_rcu(&t->thread_node, &sig->thread_head);
	attach_pid(t, PIDTYPE_TGID);
	attach_pid(t, PIDTYPE_PGID);
	attach_pid(t, PIDTYPE_SID);
}

static void link_thread(struct task_struct *t)
{
	struct signal_struct *sig = current->signal;

	refcount_inc(&sig->sigcnt);
	atomic_inc(&sig->live);
	sig->nr_threads++;
	list_add_tail_rcu(&t->thread_node, &sig->thread_head);
}

/* Make the child visible; 0, or -EINTR if a signal for all came first. */
static int link_task(struct kernel_clone_args *args, struct task_struct *t,
		     struct pid *pid)
{
	int err = 0;

	write_lock_irq(&tasklist_lock);
	if (args->flags & (CLONE_PARENT | CLONE_THREAD))
		t->real_parent = current->real_parent;
	else
		t->real_parent = current;
	t->parent = t->real_parent;
	spin_lock(&current->sighand->siglock);                     /* [a] */
	recalc_sigpending();
	if (signal_pending(current) && (args->flags & CLONE_THREAD ||
					fatal_signal_pending(current))) {
		err = -ERESTARTNOINTR;
	} else {
		t->thread_pid = pid;
		if (args->flags & CLONE_THREAD)
			link_thread(t);
		else
			link_process(t, pid);
		attach_pid(t, PIDTYPE_PID);
		ptrace_init_task(t, args->trace ||
				 (args->flags & CLONE_PTRACE));
		seccomp_fork(t);
		nr_threads++;
		total_forks++;
	}
	spin_unlock(&current->sighand->siglock);
	write_unlock_irq(&tasklist_lock);
	return err;
}

/*
 * A complete child, linked but not yet running; or ERR_PTR.  Not inlined,
 * though called once: it is where people stop the debugger.
 */
static noinline struct task_struct *
copy_process(struct kernel_clone_args *args)
{
	struct pidfd_slot pidfd = { .file = NULL };
	struct task_struct *t;
	struct pid *pid;
	int err = check_clone_flags(args->flags);

	if (err)
		return ERR_PTR(err);
	if (signal_pending(current) && fatal_signal_pending(current))
		return ERR_PTR(-ERESTARTNOINTR);
	t = dup_task_struct(current);
	if (!t)
		return ERR_PTR(-ENOMEM);
	err = copy_creds(t, args->flags);
	if (err)
		goto out_free;
	err = -EAGAIN;
	if (READ_ONCE(nr_threads) >= max_threads)
		goto out_creds;
	err = copy_parts(args, t);
	if (err)
		goto out_creds;
	pid = alloc_pid_at(t->nsproxy->pid_ns_for_children, args->set_tid,
			   args->set_tid_size);
	if (IS_ERR(pid)) {
		err = PTR_ERR(pid);
		goto out_parts;
	}
	err = pidfd_reserve(args, pid, &pidfd);
	if (err)
		goto out_pid;
	set_identity(args, t, pid);
	err = link_task(args, t, pid);
	if (!err) {
		pidfd_publish(&pidfd);
		return t;
	}
	pidfd_drop(&pidfd);
out_pid:
	free_pid(pid);
out_parts:
	drop_parts(args->flags, t);
out_creds:
	atomic_dec(&t->cred->user->processes);
	exit_creds(t);
out_free:
	free_task_struct(t);
	return ERR_PTR(err);
}

/* Which event of this clone, if any, does current's tracer ask for? */
static int event_of_clone(const struct kernel_clone_args *args)
{
	int event = PTRACE_EVENT_FORK;

	if ((args->flags & CLONE_UNTRACED) || !current->ptrace)
		return 0;
	if (args->flags & CLONE_VFORK)
		event = PTRACE_EVENT_VFORK;
	else if (args->exit_signal != SIGCHLD)
		event = PTRACE_EVENT_CLONE;
	return ptrace_event_enabled(current, event) ? event : 0;
}

/* True: the child has let go of our memory. */
static bool wait_for_vfork_done(struct task_struct *child,
				struct completion *done)
{
	bool killed = wait_for_completion_killable(done);

	if (killed) {
		/* The child may still run: it must not touch our stack. */
		task_lock(child);
		child->vfork_done = NULL;
		task_unlock(child);
	}
	put_task_struct(child);
	return !killed;
}

pid_t kernel_clone(struct kernel_clone_args *args)
{
	struct completion vfork;
	struct task_struct *t;
	pid_t nr;

	/* clone() has one word for both numbers. */
	if ((args->flags & CLONE_PIDFD) && (args->flags & CLONE_PARENT_SETTID) &&
	    args->pidfd == args->parent_tid)
		return -EINVAL;
	args->trace = event_of_clone(args);
	t = copy_process(args);
	if (IS_ERR(t))
		return PTR_ERR(t);
	nr = pid_vnr(t->thread_pid);
	if (args->flags & CLONE_PARENT_SETTID)
		put_user(nr, args->parent_tid);
	if (args->flags & CLONE_VFORK) {
		init_completion(&vfork);
		t->vfork_done = &vfork;
		get_task_struct(t);
	}
	trace_sched_process_fork(current, t);
	wake_up_new_task(t);
	if (unlikely(args->trace))
		ptrace_event(args->trace, nr);
	if ((args->flags & CLONE_VFORK) && wait_for_vfork_done(t, &vfork))
		ptrace_event(PTRACE_EVENT_VFORK_DONE, nr);
	return nr;
}

pid_t kernel_thread(int (*fn)(void *), void *arg, unsigned long flags)
{
	struct kernel_clone_args args = {
		.flags = ((flags | CLONE_VM | CLONE_UNTRACED) & ~CSIGNAL),
		.exit_signal = flags & CSIGNAL,
		.fn = fn,
		.fn_arg = arg,
	};

	return kernel_clone(&args);
}

/*
 * The idle task of another CPU: a copy of init_task outside all lists.  Only
 * registers, stack and scheduler state are its own.
 */
struct task_struct *fork_idle(int cpu)
{
	struct task_struct *t = alloc_task_struct();

	if (!t)
		return ERR_PTR(-ENOMEM);
	init_child_fields(t, &init_task);
	clear_inherited(t);
	t->signal = init_task.signal;
	t->sighand = init_task.sighand;
	t->thread_pid = &init_struct_pid;
	t->group_leader = t;
	t->real_parent = &init_task;
	t->parent = &init_task;
	t->flags |= PF_KTHREAD;
	t->active_mm = &init_mm;
	mmgrab(&init_mm);
	snprintf(t->comm, sizeof(t->comm), "swapper/%d", cpu);
	if (copy_thread_kernel(t, NULL, NULL)) {
		free_task_struct(t);
		return ERR_PTR(-ENOMEM);
	}
	init_idle(t, cpu);
	return t;
}
