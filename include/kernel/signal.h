/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SIGNAL_H
#define KERNEL_SIGNAL_H
/*
 * signal.h -- signals: what is shared by a thread group, sending, delivering
 *
 * Theory: kernel/task/signal.c (sending), kernel/proc/signal_deliver.c (taking
 * one at the return to user mode), arch/x86_64/entry/signal_frame.c (the
 * frame).
 */

#include <kernel/mutex.h>
#include <kernel/rbtree.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <uapi/resource.h>
#include <uapi/signal.h>

struct tty_struct;
struct hrtimer;

struct k_sigaction {
	struct sigaction sa;          /* uapi layout */
};

/* One queued signal with its payload. */
struct sigqueue {
	struct list_head list;        /* [S] in a struct sigpending */
	siginfo_t info;
	struct user_struct *user;     /* charged for it */
	bool kept;                    /* [S] a timer's: not freed when taken */
};

/* Handlers; shared by CLONE_SIGHAND.  siglock guards all signal state. */
struct sighand_struct {
	refcount_t count;
	spinlock_t siglock;           /* irq-safe */
	wait_queue_head_t signalfd_wqh;
	struct k_sigaction action[NSIG]; /* [S] signal n is action[n - 1] */
	struct rcu_head rcu;
};

#define SIGNAL_STOP_STOPPED 0x00000001
#define SIGNAL_STOP_CONTINUED 0x00000002
#define SIGNAL_GROUP_EXIT 0x00000004
#define SIGNAL_CLD_STOPPED 0x00000010
#define SIGNAL_CLD_CONTINUED 0x00000020
#define SIGNAL_UNKILLABLE 0x00000040   /* init: unhandled signals do nothing */

#define JOBCTL_STOP_SIGMASK 0xffff
#define JOBCTL_STOP_DEQUEUED (1u << 16) /* a stop signal was taken; no SIGCONT since */
#define JOBCTL_STOP_PENDING (1u << 17)  /* shall take part in a group stop */
#define JOBCTL_STOP_CONSUME (1u << 18)  /* and is counted in group_stop_count */
#define JOBCTL_TRAP_STOP (1u << 19)     /* stop for the tracer */
#define JOBCTL_TRAP_NOTIFY (1u << 20)   /* tell a seizing tracer of a change */
#define JOBCTL_TRAPPING (1u << 21)      /* on its way from stopped to traced */
#define JOBCTL_LISTENING (1u << 22)     /* PTRACE_LISTEN */
#define JOBCTL_PTRACE_FROZEN (1u << 24) /* a tracer looks: not even SIGKILL wakes it */
#define JOBCTL_TRAP_MASK (JOBCTL_TRAP_STOP | JOBCTL_TRAP_NOTIFY)
#define JOBCTL_PENDING_MASK (JOBCTL_STOP_PENDING | JOBCTL_TRAP_MASK)

struct core_state;

/*
 * What the threads of a process share beyond memory.
 *
 * Field keys:
 *   [S] sighand->siglock   [T] tasklist_lock   [a] atomic
 */
struct signal_struct {
	refcount_t sigcnt;            /* [a] tasks that point here */
	atomic_t live;                /* [a] threads not yet exiting */
	int nr_threads;               /* [S] */
	struct list_head thread_head; /* [T] */
	wait_queue_head_t wait_chldexit; /* parents in wait4() sleep here */
	struct sigpending shared_pending; /* [S] sent to the process */
	int group_exit_code;          /* [S] */
	struct task_struct *group_exit_task; /* [S] execve waits for others */
	int notify_count;             /* [S] */
	int group_stop_count;         /* [S] threads still to stop */
	unsigned int flags;           /* [S] SIGNAL_* */
	struct core_state *core_state; /* [S] a core dump is being written */
	struct mutex cred_guard_mutex; /* execve against attaching, TSYNC */
	bool is_child_subreaper, has_child_subreaper; /* [T] */
	struct pid *pids[PIDTYPE_MAX]; /* [T] TGID, PGID, SID */
	bool leader;                  /* [T] session leader */
	struct tty_struct *tty;       /* [S] controlling terminal, counted */
	struct pid *tty_old_pgrp;
	u64 utime, stime, cutime, cstime; /* [S] ns of dead threads, children */
	unsigned long nvcsw, nivcsw, cnvcsw, cnivcsw;
	u64 min_flt, maj_flt, cmin_flt, cmaj_flt;
	unsigned long maxrss, cmaxrss; /* KiB */
	u64 sum_sched_runtime;        /* ns of dead threads */
	struct task_io_accounting ioac; /* [S] of dead threads */
	u64 cread_bytes, cwrite_bytes; /* [S] of dead children, to disks */
	struct rlimit rlim[RLIM_NLIMITS]; /* [A] of the leader */
	void *itimers;                /* [S] kernel/time/itimer.c */
	void *posix_timers;
	struct rb_root_cached cpu_timers[3]; /* [S] armed on its CPU clocks */
	short oom_score_adj;
};

static inline unsigned long rlimit(unsigned int limit)
{
	return READ_ONCE(current->signal->rlim[limit].rlim_cur);
}

static inline unsigned long task_rlimit(const struct task_struct *t,
					unsigned int limit)
{
	return READ_ONCE(t->signal->rlim[limit].rlim_cur);
}

#define sigmask(sig) (1UL << ((sig) - 1))
/* Those that stop a process, and those that are nothing to it, by default. */
#define SIG_KERNEL_STOP_MASK (sigmask(SIGSTOP) | sigmask(SIGTSTP) | \
			      sigmask(SIGTTIN) | sigmask(SIGTTOU))
#define SIG_KERNEL_IGNORE_MASK (sigmask(SIGCONT) | sigmask(SIGCHLD) | \
				sigmask(SIGWINCH) | sigmask(SIGURG))

static inline void sigaddset(sigset_t *set, int sig)
{
	set->sig |= sigmask(sig);
}

static inline void sigdelset(sigset_t *set, int sig)
{
	set->sig &= ~sigmask(sig);
}

static inline bool sigismember(const sigset_t *set, int sig)
{
	return set->sig & sigmask(sig);
}

static inline void sigemptyset(sigset_t *set)
{
	set->sig = 0;
}

/* A signal about to be delivered: made by get_signal(). */
struct ksignal {
	struct k_sigaction ka;
	siginfo_t info;
	int sig;
};

/* Special infos: from the kernel, or an ordinary kill(). */
#define SEND_SIG_NOINFO ((siginfo_t *)0)
#define SEND_SIG_PRIV ((siginfo_t *)1)

/* kernel/task/signal.c -- any context unless said. 0 or -errno. */
int send_sig_info(int sig, siginfo_t *info, struct task_struct *t);
int send_sig(int sig, struct task_struct *t, int priv);
/* Without asking whether current may.  -ESRCH: t is dead. */
int do_send_sig_info(int sig, siginfo_t *info, struct task_struct *t,
		     enum pid_type type);
int group_send_sig_info(int sig, siginfo_t *info, struct task_struct *t,
			enum pid_type type);
int kill_pgrp(struct pid *pid, int sig, int priv);
int kill_pid_info(int sig, siginfo_t *info, struct pid *pid);
/* Cannot be blocked or ignored: the fault belongs to current. */
void force_sig(int sig);
void force_sig_fault(int sig, int code, void __user *addr);
void force_sigsegv(int sig);
/* Kill, whatever handlers and masks say. */
void force_fatal_sig(int sig);
void recalc_sigpending(void);
void signal_wake_up(struct task_struct *t, bool fatal);
/* siglock of t held in these four. */
void ptrace_signal_wake_up(struct task_struct *t, bool resume);
bool task_set_jobctl_pending(struct task_struct *t, unsigned int mask);
void task_clear_jobctl_pending(struct task_struct *t, unsigned int mask);
int send_signal_locked(int sig, siginfo_t *info, struct task_struct *t,
		       enum pid_type type);
/*
 * kernel/task/sigqueue.c.  A timer's own entry, charged to current's user: NULL
 * over RLIMIT_SIGPENDING; released by a thread of the process that made it, at
 * once or, if it waits, when it is taken.  May sleep.
 */
struct sigqueue *sigqueue_keep(void);
void sigqueue_release(struct sigqueue *q);
/* execve: what timers of the old program have sent; siglock held. */
void flush_timer_signals(struct task_struct *t);
/* Queue it with q->info filled in; siglock of t held.  0: it will be taken (if
 * it waited already, once); 1: nobody wants it. */
int send_sigqueue(struct sigqueue *q, struct task_struct *t,
		  enum pid_type type);
/* Like force_sig_fault, with all of the info given. */
void force_sig_info(siginfo_t *info);
void flush_signals(struct task_struct *t);
void ignore_signals(struct task_struct *t);
void flush_signal_handlers(struct task_struct *t, bool force_default);
/* Block/unblock for current, process context. */
void set_current_blocked(sigset_t *set);
int sigprocmask(int how, sigset_t *set, sigset_t *oldset);
/* Take one pending signal not in mask; 0 if none.  siglock held. */
int dequeue_signal(struct task_struct *t, sigset_t *mask, siginfo_t *info);
/* ppoll, pselect, epoll_pwait: install `set` until the call returns. */
int set_user_sigmask(const sigset_t __user *umask, size_t sigsetsize);
void restore_saved_sigmask(void);
void restore_saved_sigmask_unless(bool interrupted);
struct sighand_struct *lock_task_sighand(struct task_struct *t,
					 unsigned long *flags);
void unlock_task_sighand(struct task_struct *t, unsigned long *flags);
/* Is every member of the group in a session without a parent outside it? */
bool is_current_pgrp_orphaned(void);
void zap_other_threads(struct task_struct *t);
bool do_notify_parent(struct task_struct *t, int sig);
/* for_ptracer: tell whoever traces t, else the group's real parent. */
void do_notify_parent_cldstop(struct task_struct *t, bool for_ptracer, int why);
int kill_pgrp_info(int sig, siginfo_t *info, struct pid *pgrp);
void do_sigaction_set(int sig, const struct k_sigaction *act,
		      struct k_sigaction *old);

/* kernel/proc/signal_deliver.c: process context, on the way to user mode. */
bool get_signal(struct ksignal *ksig);

/* arch: build or unwind a frame on the user's stack. 0 or -EFAULT. */
struct pt_regs;
int arch_setup_rt_frame(struct ksignal *ksig, struct pt_regs *regs);

#endif
