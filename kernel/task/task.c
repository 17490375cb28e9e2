/* SPDX-License-Identifier: MIT */
/*
 * task.c -- the task descriptor: the first one, and how others come and go
 *
 * PROMISE.  Whoever holds a reference (get_task_struct) may read a task long
 * after its end; whoever finds one in a list under RCU may read it until
 * rcu_read_unlock().
 *
 * IDEA.  A task_struct is kept by two long holders, each counting one: the
 * scheduler, until the context switch that leaves the dead task for the last
 * time (finish_task_switch), and the family tree, until the parent has waited
 * for it (release_task).  The last to let go frees descriptor and kernel stack
 * after a grace period.
 *
 * All leaders of thread groups form a ring through init_task, the boot CPU's
 * idle task, whose pid is 0 and which is in no other list:
 *
 *	init_task -> init -> kthreadd -> sh -> ... -> init_task
 *
 * INVARIANTS.
 *   I1  The ring visits each live group once; each group's threads are in its
 *       signal->thread_head.
 *   I2  task->signal and task->sighand are set before a task is visible, and
 *       sighand is cleared (under siglock) when it leaves the lists.
 *
 * LOCKING.  tasklist_lock; see kernel/task.h.
 *
 * SEE docs/47-processes.md.
 */

#include <kernel/task.h>

#include <arch/boot.h>
#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/kthread.h>
#include <kernel/nsproxy.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include <mm/mmzone.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <uapi/prctl.h>

DEFINE_RWLOCK(tasklist_lock);
int nr_threads;
unsigned long total_forks;
int max_threads;

static struct kmem_cache *task_cache, *signal_cache, *sighand_cache;

static struct signal_struct init_signals = {
	.sigcnt = REFCOUNT_INIT(1),
	.live = ATOMIC_INIT(1),
	.nr_threads = 1,
	.thread_head = LIST_HEAD_INIT(init_task.thread_node),
	.wait_chldexit = __WAIT_QUEUE_HEAD_INITIALIZER(
		init_signals.wait_chldexit),
	.cred_guard_mutex = __MUTEX_INITIALIZER(init_signals.cred_guard_mutex),
	.shared_pending.list = LIST_HEAD_INIT(init_signals.shared_pending.list),
	.pids = {
		[PIDTYPE_TGID] = &init_struct_pid,
		[PIDTYPE_PGID] = &init_struct_pid,
		[PIDTYPE_SID] = &init_struct_pid,
	},
	.rlim = {
		[RLIMIT_CPU] = { RLIM_INFINITY, RLIM_INFINITY },
		[RLIMIT_FSIZE] = { RLIM_INFINITY, RLIM_INFINITY },
		[RLIMIT_DATA] = { RLIM_INFINITY, RLIM_INFINITY },
		[RLIMIT_STACK] = { 8 << 20, RLIM_INFINITY },
		[RLIMIT_CORE] = { 0, RLIM_INFINITY },
		[RLIMIT_RSS] = { RLIM_INFINITY, RLIM_INFINITY },
		[RLIMIT_NOFILE] = { 1024, 4096 },
		[RLIMIT_MEMLOCK] = { 8 << 20, 8 << 20 },
		[RLIMIT_AS] = { RLIM_INFINITY, RLIM_INFINITY },
		[RLIMIT_LOCKS] = { RLIM_INFINITY, RLIM_INFINITY },
		[RLIMIT_MSGQUEUE] = { 819200, 819200 },
		[RLIMIT_RTTIME] = { RLIM_INFINITY, RLIM_INFINITY },
	},
};

static struct sighand_struct init_sighand = {
	.count = REFCOUNT_INIT(1),
	.siglock = __SPIN_LOCK_UNLOCKED(init_sighand.siglock),
	.signalfd_wqh = __WAIT_QUEUE_HEAD_INITIALIZER(
		init_sighand.signalfd_wqh),
};

/* The boot CPU's idle task; the boot code runs on its stack. */
struct task_struct init_task = {
	.state = TASK_RUNNING,
	.flags = PF_KTHREAD,
	.stack = init_stack,
	.usage = REFCOUNT_INIT(2),
	.prio = MAX_PRIO - 20,
	.static_prio = MAX_PRIO - 20,
	.normal_prio = MAX_PRIO - 20,
	.cpus_mask = CPU_MASK_ALL,
	.active_mm = &init_mm,
	.tasks = LIST_HEAD_INIT(init_task.tasks),
	.thread_node = LIST_HEAD_INIT(init_signals.thread_head),
	.real_parent = &init_task,
	.parent = &init_task,
	.children = LIST_HEAD_INIT(init_task.children),
	.sibling = LIST_HEAD_INIT(init_task.sibling),
	.ptraced = LIST_HEAD_INIT(init_task.ptraced),
	.ptrace_entry = LIST_HEAD_INIT(init_task.ptrace_entry),
	.mce_kill = PR_MCE_KILL_DEFAULT,
	.timer_slack_ns = 50000,
	.default_timer_slack_ns = 50000,
	.group_leader = &init_task,
	.thread_pid = &init_struct_pid,
	.comm = "swapper/0",
	.cred = &init_cred,
	.real_cred = &init_cred,
	.nsproxy = &init_nsproxy,
	.signal = &init_signals,
	.sighand = &init_sighand,
	.pending.list = LIST_HEAD_INIT(init_task.pending.list),
	.pi_state_list = LIST_HEAD_INIT(init_task.pi_state_list),
	.alloc_lock = __SPIN_LOCK_UNLOCKED(init_task.alloc_lock),
	.pi_lock = __SPIN_LOCK_UNLOCKED(init_task.pi_lock),
};

/*
 * As many tasks as an eighth of the memory can hold kernel stacks for; a user
 * may have half of them.
 */
static void set_max_threads(void)
{
	unsigned long threads = totalram_pages() * PAGE_SIZE / (8 * THREAD_SIZE);

	max_threads = clamp(threads, 64UL, (unsigned long)PID_MAX_LIMIT);
	for (int i = RLIMIT_NPROC; i <= RLIMIT_SIGPENDING;
	     i += RLIMIT_SIGPENDING - RLIMIT_NPROC) {
		init_signals.rlim[i].rlim_cur = max_threads / 2;
		init_signals.rlim[i].rlim_max = max_threads / 2;
	}
}

void task_init(void)
{
	unsigned int flags = SLAB_HWCACHE_ALIGN | SLAB_PANIC;

	task_cache = kmem_cache_create("task_struct", sizeof(struct task_struct),
				       64, flags, NULL);
	signal_cache = KMEM_CACHE(signal_struct, flags);
	sighand_cache = kmem_cache_create("sighand_cache",
					  sizeof(struct sighand_struct), 0,
					  flags, NULL);
	set_max_threads();
}

struct task_struct *alloc_task_struct(void)
{
	struct task_struct *t = kmem_cache_alloc(task_cache, GFP_KERNEL);

	if (!t)
		return NULL;
	memset(t, 0, sizeof(*t));
	t->stack = alloc_thread_stack();
	if (!t->stack) {
		kmem_cache_free(task_cache, t);
		return NULL;
	}
	return t;
}

void free_task_struct(struct task_struct *t)
{
	free_thread_stack(t->stack);
	kmem_cache_free(task_cache, t);
}

static void free_task_rcu(struct rcu_head *head)
{
	struct task_struct *t = container_of(head, struct task_struct, rcu);

	if (t->flags & PF_KTHREAD)
		free_kthread_struct(t);
	dl_task_dead(t);
	exit_creds(t);
	put_signal_struct(t->signal);
	free_task_struct(t);
}

void __put_task_struct(struct task_struct *t)
{
	WARN_ON(t == current || t->on_cpu);
	call_rcu(&t->rcu, free_task_rcu);
}

struct signal_struct *alloc_signal_struct(void)
{
	return kmem_cache_zalloc(signal_cache, GFP_KERNEL);
}

void put_signal_struct(struct signal_struct *sig)
{
	if (!sig || !refcount_dec_and_test(&sig->sigcnt))
		return;
	put_pid(sig->tty_old_pgrp);
	kmem_cache_free(signal_cache, sig);
}

struct sighand_struct *alloc_sighand_struct(void)
{
	return kmem_cache_alloc(sighand_cache, GFP_KERNEL);
}

static void free_sighand_rcu(struct rcu_head *head)
{
	kmem_cache_free(sighand_cache,
			container_of(head, struct sighand_struct, rcu));
}

void __cleanup_sighand(struct sighand_struct *sighand)
{
	if (!refcount_dec_and_test(&sighand->count))
		return;
	/* An epoll set may have been told of a signalfd here. */
	if (wq_has_sleeper(&sighand->signalfd_wqh))
		wake_up_pollfree(&sighand->signalfd_wqh);
	call_rcu(&sighand->rcu, free_sighand_rcu);
}

void set_task_comm(struct task_struct *t, const char *name)
{
	task_lock(t);
	strscpy(t->comm, name, sizeof(t->comm));
	task_unlock(t);
}

void get_task_comm(char buf[TASK_COMM_LEN], struct task_struct *t)
{
	task_lock(t);
	strscpy(buf, t->comm, TASK_COMM_LEN);
	task_unlock(t);
}

char task_state_char(struct task_struct *t)
{
	unsigned int state = READ_ONCE(t->state);
	int exit = READ_ONCE(t->exit_state);

	if (exit)
		return exit & EXIT_DEAD ? 'X' : 'Z';
	if ((state & TASK_IDLE) == TASK_IDLE)
		return 'I';
	if (state & TASK_UNINTERRUPTIBLE)
		return 'D';
	if (state & TASK_INTERRUPTIBLE)
		return 'S';
	if (state & __TASK_STOPPED)
		return 'T';
	if (state & __TASK_TRACED)
		return 't';
	if (state & TASK_PARKED)
		return 'P';
	return 'R';
}
