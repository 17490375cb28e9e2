/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H
/*
 * sched.h -- the task descriptor and the scheduler's doors
 *
 * A task is one flow of control: a process's only thread, one of several, or a
 * kernel thread.  Tasks that share a signal_struct form a thread group, which
 * is what user space calls a process.  Theory: kernel/sched/core.c (running and
 * sleeping), kernel/task/task.c (the descriptor's life).
 */

#include <arch/current.h>
#include <arch/processor.h>
#include <kernel/cpumask.h>
#include <kernel/hrtimer.h>
#include <kernel/list.h>
#include <kernel/preempt.h>
#include <kernel/rbtree.h>
#include <kernel/rcupdate.h>
#include <kernel/refcount.h>
#include <kernel/spinlock.h>
#include <kernel/task_io.h>
#include <kernel/types.h>

struct bio_list;
struct blk_plug;
struct callback_head;
struct completion;
struct cred;
struct files_struct;
struct fs_struct;
struct mm_struct;
struct nameidata;
struct nsproxy;
struct pipe_inode_info;
struct tlbflush_unmap_batch;
struct pid;
struct pt_regs;
struct rq;
struct rseq;
struct rt_mutex_waiter;
struct sched_class;
struct sighand_struct;
struct signal_struct;
struct seccomp_filter;
struct siginfo;

/*
 * Task states.  A sleeper sets its state, looks whether what it waits for has
 * come, and calls schedule(); a waker changes the condition and then calls
 * try_to_wake_up() with a mask of the states it may wake.
 */
#define TASK_RUNNING 0x0000
#define TASK_INTERRUPTIBLE 0x0001
#define TASK_UNINTERRUPTIBLE 0x0002
#define __TASK_STOPPED 0x0004
#define __TASK_TRACED 0x0008
#define EXIT_DEAD 0x0010
#define EXIT_ZOMBIE 0x0020
#define EXIT_TRACE (EXIT_ZOMBIE | EXIT_DEAD) /* its tracer waits for it first */
#define TASK_PARKED 0x0040
#define TASK_DEAD 0x0080
#define TASK_WAKEKILL 0x0100  /* a fatal signal wakes it */
#define TASK_WAKING 0x0200    /* being placed by try_to_wake_up() */
#define TASK_NOLOAD 0x0400
#define TASK_NEW 0x0800
#define TASK_KILLABLE (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_STOPPED (TASK_WAKEKILL | __TASK_STOPPED)
#define TASK_TRACED (TASK_WAKEKILL | __TASK_TRACED)
#define TASK_IDLE (TASK_UNINTERRUPTIBLE | TASK_NOLOAD)
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
#define TASK_ANY 0xffff

#define PF_IDLE 0x00000002
#define PF_POSTCOREDUMP 0x00000008 /* too late to be in a core file */
#define PF_EXITING 0x00000004
#define PF_WQ_WORKER 0x00000020  /* a workqueue's thread */
#define PF_FORKNOEXEC 0x00000040
#define PF_SUPERPRIV 0x00000100
#define PF_DUMPCORE 0x00000200
#define PF_SIGNALED 0x00000400
#define PF_MEMALLOC 0x00000800
#define PF_NOFREEZE 0x00008000
#define PF_KTHREAD 0x00200000
#define PF_RANDOMIZE 0x00400000
#define PF_NO_SETAFFINITY 0x04000000

#define TASK_COMM_LEN 16
#define MAX_NICE 19
#define MIN_NICE (-20)
#define MAX_RT_PRIO 100
#define DEFAULT_PRIO 120
#define MAX_PRIO 140
#define NICE_TO_PRIO(n) ((n) + DEFAULT_PRIO)
#define PRIO_TO_NICE(p) ((p) - DEFAULT_PRIO)

#define SCHED_NORMAL 0
#define SCHED_FIFO 1
#define SCHED_RR 2
#define SCHED_BATCH 3
#define SCHED_IDLE 5
#define SCHED_DEADLINE 6
#define SCHED_RESET_ON_FORK 0x40000000

/* task->ti_flags bits: tested at every return to user mode. */
#define TIF_SIGPENDING 2
#define TIF_NEED_RESCHED 3
#define TIF_NOTIFY_RESUME 1
#define TIF_SINGLESTEP 4
#define TIF_SYSCALL_TRACE 0
#define TIF_SYSCALL_EMU 6
#define TIF_SECCOMP 8
#define TIF_FORCED_TF 24        /* a debugger, not the program, set EFLAGS.TF */
#define TIF_NOTIFY_SIGNAL 17
#define TIF_POLLING_NRFLAG 21   /* idle, watching NEED_RESCHED: needs no IPI */
#define _TIF(bit) (1UL << (bit))
#define _TIF_WORK_MASK (_TIF(TIF_SIGPENDING) | _TIF(TIF_NEED_RESCHED) | \
			_TIF(TIF_NOTIFY_RESUME) | _TIF(TIF_NOTIFY_SIGNAL))

/* Work around a system call: kernel/proc/syscall_work.c. */
#define _TIF_SYSCALL_ENTRY (_TIF(TIF_SYSCALL_TRACE) | _TIF(TIF_SYSCALL_EMU) | \
			    _TIF(TIF_SECCOMP))
#define _TIF_SYSCALL_WORK (_TIF_SYSCALL_ENTRY | _TIF(TIF_SINGLESTEP))

enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID,
		PIDTYPE_MAX };

struct load_weight {
	unsigned long weight;
	u32 inv_weight;               /* 2^32 / weight */
};

/* What the fair class knows of a task; guarded by the run queue's lock. */
struct sched_entity {
	struct load_weight load;
	struct rb_node run_node;      /* in cfs_rq->tasks_timeline while on_rq */
	bool on_rq;
	u64 exec_start;               /* ns: when vruntime was last charged */
	u64 sum_exec_runtime;         /* ns */
	u64 prev_sum_exec_runtime;
	u64 vruntime;                 /* ns weighted by 1024/weight */
	u64 nr_migrations;
};

/*
 * What the deadline class knows of a task; guarded by the run queue's lock.
 * The first group is what sched_setattr() gave, all times in ns.
 */
struct sched_dl_entity {
	u64 dl_runtime, dl_deadline, dl_period;
	u64 dl_bw;                    /* runtime / period, 20 bits of fraction */
	u64 flags;                    /* SCHED_FLAG_*: overrun, reclaim */

	struct rb_node rb_node;       /* by deadline, while in the queue's tree */
	s64 runtime;                  /* left until `deadline` */
	u64 deadline;                 /* absolute, the run queue's clock */
	bool queued;                  /* in the tree */
	bool throttled;               /* used up: waits for its timer */
	bool yielded;                 /* gave the rest of its runtime back */
	bool boosted;                 /* lent a deadline: nothing is charged */
	u64 lent_deadline;            /* while boosted: the one in force */
	bool overrun;                 /* to be told by SIGXCPU */
	struct hrtimer timer;         /* gives new runtime */
};

/* The deadline by which a task of that class is run now: its own, or lent. */
static inline u64 dl_deadline_in_force(const struct sched_dl_entity *dl)
{
	return dl->boosted ? dl->lent_deadline : dl->deadline;
}

/* Signals that were sent and not yet taken; guarded by sighand->siglock. */
typedef struct {
	u64 sig;                      /* bit n-1 is signal n */
} sigset_t;

struct sigpending {
	struct list_head list;        /* struct sigqueue, oldest first */
	sigset_t signal;
};

/* How to go on with a system call that a signal without handler broke. */
struct restart_block {
	long (*fn)(struct restart_block *);
	union {
		struct {
			u32 __user *uaddr;
			u32 val;
			u32 flags;
			u32 bitset;
			ktime_t time;
		} futex;
		struct {
			clockid_t clockid;
			void __user *rmtp;
			ktime_t expires;
		} nanosleep;
		struct {
			void __user *ufds;
			unsigned int nfds;
			bool has_timeout;
			ktime_t expires;
		} poll;
	};
};

/*
 * Field keys:
 *   [c] constant after creation     [o] the task itself only
 *   [Q] its run queue's lock        [p] pi_lock
 *   [T] tasklist_lock               [A] task->alloc_lock (task_lock)
 *   [S] sighand->siglock            [a] atomic
 *   [R] RCU to read                 [G] rt_graph_lock
 */
struct task_struct {
	/* Touched by entry code and the context switch. */
	unsigned long ti_flags;       /* [a] TIF_* */
	unsigned int state;           /* [p] TASK_*; see set_current_state() */
	unsigned int flags;           /* [o] PF_* */
	void *stack;                  /* [c] lowest address of the kernel stack */
	refcount_t usage;             /* [a] the scheduler and the list hold one */

	/* Scheduling. */
	int on_cpu;                   /* 1 while a CPU executes it */
	int on_rq;                    /* [Q] */
	int cpu;                      /* [Q] where it runs or ran */
	int wake_cpu;
	int prio, static_prio, normal_prio; /* [Q] 100..139: nice -20..19 */
	unsigned int rt_priority;     /* [Q] 1..99 */
	unsigned int policy;          /* [Q] SCHED_* */
	bool sched_reset_on_fork;
	const struct sched_class *sched_class; /* [Q] */
	struct sched_entity se;       /* [Q] */
	struct list_head rt_node;     /* [Q] in its priority's queue */
	unsigned int time_slice;      /* [Q] ticks left, SCHED_RR */
	struct sched_dl_entity dl;    /* [Q] */
	struct cpumask cpus_mask;     /* [p] where it may run */
	unsigned int migrations_pending; /* [Q] stop threads that will move it */
	spinlock_t pi_lock;           /* state changes by wakers; before rq lock */

	/* Priority inheritance: kernel/locking/rt_mutex.c. */
	struct rb_root_cached pi_waiters; /* [G] best waiter of each lock it owns */
	struct task_struct *pi_top_task; /* [G] to write, [Q]: who lends its prio */
	struct rt_mutex_waiter *pi_blocked_on; /* [G] */
	unsigned int preempt_count_saved; /* [o] while switched out */
	unsigned long nvcsw, nivcsw;  /* [o] switches: asked for, forced */
	unsigned long hung_switches, hung_since; /* hung_task.c's */
	unsigned int hung_looks;      /* hung_task.c's */
	u64 utime, stime;             /* [o] ns, sampled at ticks; see cputime.h */
	u64 prev_utime, prev_stime;   /* [p] last told: they never go back */
	struct rb_root_cached cpu_timers[3]; /* [S] armed on its CPU clocks */
	unsigned int rt_ticks;        /* [o] ticks without sleeping, RLIMIT_RTTIME */
	u64 timer_slack_ns, default_timer_slack_ns; /* [o] */
	u64 start_time, start_boottime; /* [c] ns, monotonic and boot */
	u64 min_flt, maj_flt;         /* [o] */
	unsigned int last_switch_count_pad;
	int rcu_read_lock_nesting;    /* [o] debug */
	int pagefault_disabled;       /* [o] depth of pagefault_disable() */
	unsigned int in_iowait;       /* [o] */
	unsigned int sched_contributes_to_load; /* [Q] counted as uninterruptible */

	struct uprobe_task *utask;    /* [o] kernel/trace/uprobe.c; NULL: none */

	/* Address space.  A kernel thread has mm NULL and borrows active_mm. */
	struct mm_struct *mm;         /* [A] */
	struct mm_struct *active_mm;  /* [Q] */
	u64 mempolicy;                /* [o] mm/virt/mempolicy.c; 0: default */

	/* Life. */
	int exit_state;               /* [T] EXIT_ZOMBIE, EXIT_DEAD or 0 */
	int exit_code, exit_signal;   /* [T] */
	int pdeath_signal;            /* [o] */
	unsigned long personality;    /* [o] */
	unsigned int did_exec : 1;    /* [o] */
	bool no_new_privs;            /* [o] or siglock: never cleared */
	u8 mce_kill;                  /* [o] PR_MCE_KILL's policy: remembered */

	/* Family. */
	pid_t pid, tgid;              /* [c] numbers in the initial namespace */
	struct pid *thread_pid;       /* [T][R] */
	struct hlist_node pid_links[PIDTYPE_MAX]; /* [T] in struct pid */
	struct task_struct *real_parent; /* [T][R] who forked it */
	struct task_struct *parent;   /* [T][R] who is told of its end: the tracer */
	struct list_head children;    /* [T] */
	struct list_head sibling;     /* [T] */
	struct task_struct *group_leader; /* [T] */
	struct list_head thread_node; /* [T][R] in signal->thread_head */
	struct list_head tasks;       /* [T][R] leaders, from init_task on */

	struct completion *vfork_done; /* [o] told when mm is let go */
	int __user *set_child_tid;    /* [o] CLONE_CHILD_SETTID */
	int __user *clear_child_tid;  /* [o] zeroed and woken at exit */
	void __user *robust_list;     /* [o] */
	struct list_head pi_state_list; /* [G] PI futexes it owns */
	unsigned int futex_state;     /* [G] FUTEX_STATE_* */
	struct rseq __user *rseq;     /* [o] kernel/proc/rseq.c */
	u32 rseq_len, rseq_sig;       /* [o] */
	bool rseq_event;              /* [o] preempted, moved or signalled */

	u32 self_exec_id;             /* [o] execs before: whose asked for what */
	char comm[TASK_COMM_LEN];     /* [A] */

	const struct cred *cred;      /* [o] changed; [R] read by others */
	const struct cred *real_cred;

	struct fs_struct *fs;         /* [A] root, cwd, umask */
	struct files_struct *files;   /* [A] open files */
	struct tlbflush_unmap_batch *tlb_ubc; /* [o] while it reclaims */
	struct pipe_inode_info *splice_pipe; /* [o] sendfile's, kept for next */
	struct nsproxy *nsproxy;      /* [A] */
	struct sem_undo_list *undo_list; /* [o] kernel/ipc/sem_undo.c */
	bool made_shm;                /* [o] segments whose .creator is this */

	/* Signals. */
	struct signal_struct *signal; /* [T] shared by the thread group */
	struct sighand_struct *sighand; /* [T][R] */
	sigset_t blocked;             /* [S] */
	sigset_t real_blocked;        /* [S] */
	sigset_t saved_sigmask;       /* [o] restored if no handler runs */
	bool restore_sigmask;         /* [o] */
	struct sigpending pending;    /* [S] sent to this thread alone */
	unsigned long sas_ss_sp;      /* [o] alternate stack */
	size_t sas_ss_size;
	unsigned int sas_ss_flags;
	unsigned int jobctl;          /* [S] JOBCTL_* */
	unsigned int ptrace;          /* [T] PT_*; 0: not traced */
	struct list_head ptraced;     /* [T] whom it traces, by ptrace_entry */
	struct list_head ptrace_entry; /* [T] in its tracer's ptraced */
	const struct cred *ptracer_cred; /* [T][R] the tracer's, as it attached */
	unsigned long ptrace_message; /* [S] of the last event */
	struct siginfo *last_siginfo;      /* [S] why it stopped; NULL: group stop */
	struct {
		int mode;             /* [o] SECCOMP_MODE_* */
		int filter_count;     /* [o] */
		struct seccomp_filter *filter; /* [S] of the group; counted */
	} seccomp;
	struct restart_block restart_block; /* [o] */
	struct callback_head *task_works; /* [a] run on the way to user mode */

	spinlock_t alloc_lock;        /* mm, files, fs, comm */

	/* RCU, locks and debugging. */
	struct rcu_head rcu;
	void *blocked_on;             /* lock it waits for */
	struct lockdep_task lockdep;  /* [o] debug build: what it holds */
	struct bio_list *bio_list;    /* [o] bios that submitting one made */
	struct blk_plug *plug;        /* [o] requests gathered, not yet sent */
	struct io_context *io_context; /* [A], and [o] without: its priority */
	struct task_io_accounting ioac; /* [o] what it read and wrote */
	unsigned int fail_nth;        /* [o] debug: n-th allocation fails */
	struct vfork_pad *reserved;
	struct nameidata *nameidata;  /* [o] the path walk in progress */
	void *kthread_data;           /* [o] kernel/sched/kthread.c */
	void *worker_private;         /* [o] kernel/irq/workqueue.c */

	/* Registers; last, for its size varies with the CPU. */
	struct thread_struct thread;
};

extern struct task_struct init_task;

#define task_stack_end(t) ((unsigned long)(t)->stack)
#define task_pt_regs(t) \
	((struct pt_regs *)((unsigned long)(t)->stack + THREAD_SIZE) - 1)

/*
 * set_current_state() has a full barrier: what the task looks at next is read
 * after the state is visible to wakers.  __set_current_state() has none.
 */
#define __set_current_state(s) WRITE_ONCE(current->state, (s))
#define set_current_state(s)						\
	do {								\
		WRITE_ONCE(current->state, (s));			\
		smp_mb();						\
	} while (0)

/*
 * For states that a waker must not mistake for an earlier wait's (stopped,
 * traced, dead): pi_lock orders this against a wake-up that is under way.
 */
#define set_special_state(s)						\
	do {								\
		unsigned long __ssf;					\
									\
		spin_lock_irqsave(&current->pi_lock, __ssf);		\
		WRITE_ONCE(current->state, (s));			\
		spin_unlock_irqrestore(&current->pi_lock, __ssf);	\
	} while (0)
#define get_current_state() READ_ONCE(current->state)
#define task_is_running(t) (READ_ONCE((t)->state) == TASK_RUNNING)

static inline bool test_ti_flag(struct task_struct *t, int bit)
{
	return READ_ONCE(t->ti_flags) & _TIF(bit);
}

static inline void set_ti_flag(struct task_struct *t, int bit)
{
	__atomic_fetch_or(&t->ti_flags, _TIF(bit), __ATOMIC_SEQ_CST);
}

static inline void clear_ti_flag(struct task_struct *t, int bit)
{
	__atomic_fetch_and(&t->ti_flags, ~_TIF(bit), __ATOMIC_SEQ_CST);
}

#define need_resched() unlikely(test_ti_flag(current, TIF_NEED_RESCHED))
#define signal_pending(t) unlikely(test_ti_flag(t, TIF_SIGPENDING))
/* A SIGKILL waits for t: it will never return to user mode. */
bool fatal_signal_pending(struct task_struct *t);

/* May a task that sleeps in `state` go on sleeping?  If not: true. */
static inline bool signal_pending_state(unsigned int state,
					struct task_struct *t)
{
	if (!(state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)) ||
	    !signal_pending(t))
		return false;
	return (state & TASK_INTERRUPTIBLE) || fatal_signal_pending(t);
}

/* kernel/sched/core.c.  All but schedule() and its kin: any context. */
void sched_init(void);
void schedule(void);                          /* may sleep */
void schedule_preempt_disabled(void);
void preempt_schedule(void);
void preempt_schedule_irq(void);
void schedule_tail(struct task_struct *prev);
int wake_up_process(struct task_struct *t);   /* 1 if it slept */
int wake_up_state(struct task_struct *t, unsigned int state);
int try_to_wake_up(struct task_struct *t, unsigned int state, int flags);
void wake_up_new_task(struct task_struct *t);
int sched_fork(unsigned long clone_flags, struct task_struct *t);
/* The very end of do_exit(): never scheduled again. */
__noreturn void do_task_dead(void);
void resched_curr(struct rq *rq);
void yield(void);
int __cond_resched(void);
#define cond_resched() __cond_resched()       /* may sleep */
/* May sleep; 0 or -EINVAL.  A task on a forbidden CPU is moved before
 * return. */
int set_cpus_allowed_ptr(struct task_struct *t, const struct cpumask *mask);
/* /proc/sys/kernel/sched_*: us of each period for real-time tasks (-1: all). */
extern int sysctl_sched_rt_period, sysctl_sched_rt_runtime;
extern int sysctl_sched_rr_timeslice;         /* ms */
/* Would these break a promise given to deadline tasks?  -EBUSY, or 0. */
int dl_bw_check_limit(long runtime_us, long period_us);
/* t is dead, or gone: its bandwidth is free.  Any context; again does no
 * harm. */
void dl_task_dead(struct task_struct *t);
/* Any context.  A deadline or real-time task keeps it for later. */
void set_user_nice(struct task_struct *t, long nice);
/* t runs at donor's priority if that is better; NULL: at its own.  [G] held. */
void rt_mutex_setprio(struct task_struct *t, struct task_struct *donor);
int task_nice(const struct task_struct *t);
int task_prio(const struct task_struct *t);
/* Wait until t is off its CPU (in `state` if not 0); false if it changed. */
bool wait_task_inactive(struct task_struct *t, unsigned int state);
/* If t runs in user mode elsewhere, make it enter the kernel now. */
void kick_process(struct task_struct *t);
int idle_cpu(int cpu);
/* Make t look for signals soon; any context. */
void kick_process(struct task_struct *t);
int can_nice(const struct task_struct *t, int nice);
#define WF_SYNC 0x10          /* try_to_wake_up: the waker is about to sleep */
bool task_curr(const struct task_struct *t);
void init_idle(struct task_struct *idle, int cpu);
__noreturn void cpu_startup_entry(void);      /* the idle loop */
void scheduler_tick(void);                    /* hard irq, each tick */
u64 sched_clock(void);                        /* ns since boot, any context */
unsigned long nr_running(void);
unsigned long nr_iowait(void);
u64 nr_context_switches(void);
void get_avenrun(unsigned long loads[3]);     /* fixed point, 11 bits */
void io_schedule(void);
/* drivers/block: send what the task has gathered. */
void blk_flush_plug(struct blk_plug *plug, bool from_schedule);
long io_schedule_timeout(long timeout);

/* kernel/time/timer.c: sleeping with a limit; jiffies in, jiffies left out. */
#define MAX_SCHEDULE_TIMEOUT LONG_MAX
long schedule_timeout(long timeout);
long schedule_timeout_interruptible(long timeout);
long schedule_timeout_uninterruptible(long timeout);
long schedule_timeout_killable(long timeout);

static inline struct task_struct *get_task_struct(struct task_struct *t)
{
	refcount_inc(&t->usage);
	return t;
}

void __put_task_struct(struct task_struct *t);

static inline void put_task_struct(struct task_struct *t)
{
	if (refcount_dec_and_test(&t->usage))
		__put_task_struct(t);
}

static inline void task_lock(struct task_struct *t)
{
	spin_lock(&t->alloc_lock);
}

static inline void task_unlock(struct task_struct *t)
{
	spin_unlock(&t->alloc_lock);
}

static inline int task_cpu(const struct task_struct *t)
{
	return READ_ONCE(t->cpu);
}

static inline bool thread_group_leader(const struct task_struct *t)
{
	return t->exit_signal >= 0;
}

#define same_thread_group(a, b) ((a)->signal == (b)->signal)

__noreturn void do_exit(long code);           /* kernel/proc/exit.c */

#endif
