/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PROC_H
#define KERNEL_PROC_H
/*
 * proc.h -- making, replacing and ending processes
 *
 * Theory: kernel/proc/fork.c, exec.c, exit.c, wait.c.  All may sleep.
 */

#include <kernel/sched.h>
#include <kernel/types.h>

/* What clone() and its kin ask for. */
struct kernel_clone_args {
	u64 flags;                    /* CLONE_*, without the signal */
	int __user *parent_tid;
	int __user *child_tid;
	int exit_signal;
	unsigned long stack;          /* the child's initial stack pointer; 0: same */
	unsigned long tls;
	int __user *pidfd;            /* CLONE_PIDFD: where the number goes */
	const pid_t *set_tid;         /* numbers wished, innermost first */
	size_t set_tid_size;
	int trace;                    /* PTRACE_EVENT_* to report, or 0 */
	int (*fn)(void *);            /* a kernel thread's body, else NULL */
	void *fn_arg;
};

/* The child's pid in current's namespace, or -errno. */
/* Combinations that make no sense: clone(2), ERRORS.  fork_calls.c */
int check_clone_flags(u64 flags);
pid_t kernel_clone(struct kernel_clone_args *args);
/* A kernel thread that shares with its maker what `flags` say. */
pid_t kernel_thread(int (*fn)(void *), void *arg, unsigned long flags);
/* An idle task for a CPU that is not up yet; ERR_PTR(-ENOMEM). */
struct task_struct *fork_idle(int cpu);

/* Let go of current's address space; wakes a parent in vfork(). */
void mm_release(struct task_struct *t, struct mm_struct *mm);

/* Replace current's program; argv and envp are kernel strings. */
int kernel_execve(const char *path, const char *const *argv,
		  const char *const *envp);

__noreturn void do_group_exit(int code);
/* Remove a dead task from all lists; takes tasklist_lock. */
void release_task(struct task_struct *t);
/* Is t the last thread but zombies, so that its parent may reap it? */
bool delay_group_leader(struct task_struct *t);

/* who: RUSAGE_*; rcu protects the walk over threads. */
struct rusage;
void getrusage(struct task_struct *t, int who, struct rusage *r);

/* A file that stands for a process; ERR_PTR.  pid may be anyone's. */
struct file;
struct pid;
struct file *pidfd_getfile(struct pid *pid, unsigned int flags);
/* The pid behind such a file, without a reference; ERR_PTR(-EBADF). */
struct pid *pidfd_pid(const struct file *file);
/* The pid of an open pidfd, with a reference; ERR_PTR(-EBADF). */
struct pid *pidfd_get_pid(unsigned int fd, unsigned int *flags);

/* CLONE_PIDFD's descriptor: seen by the parent once the child is linked. */
struct pidfd_slot {
	struct file *file;            /* NULL: none was asked for */
	int fd;
};
int pidfd_reserve(struct kernel_clone_args *args, struct pid *pid,
		  struct pidfd_slot *slot);
void pidfd_publish(struct pidfd_slot *slot);
void pidfd_drop(struct pidfd_slot *slot);

#endif
