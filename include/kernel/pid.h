/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PID_H
#define KERNEL_PID_H
/*
 * pid.h -- process numbers, and the sets of tasks that share one
 *
 * Theory: kernel/task/pid.c.  A struct pid outlives its tasks, so that whoever
 * keeps one can never signal a stranger who got the same number later.
 */

#include <kernel/atomic.h>
#include <kernel/rculist.h>
#include <kernel/rcupdate.h>
#include <kernel/refcount.h>
#include <kernel/sched.h>
#include <kernel/wait.h>

struct pid_namespace;

/* A pid's number in one namespace. */
struct upid {
	int nr;
	struct pid_namespace *ns;
	struct hlist_node hash_node;  /* [P] pid_lock to change, RCU to read */
};

/*
 * Field keys:  [a] atomic  [c] constant  [T] tasklist_lock, RCU to read
 */
struct pid {
	refcount_t count;             /* [a] attached tasks count one each */
	unsigned int level;           /* [c] depth of the innermost namespace */
	struct hlist_head tasks[PIDTYPE_MAX]; /* [T] by pid_links */
	wait_queue_head_t wait_pidfd;
	struct rcu_head rcu;
	struct upid numbers[];        /* [c] level + 1 of them, outermost first */
};

#define PID_MAX_DEFAULT 32768
#define PID_MAX_LIMIT 4194304

struct pid_namespace {
	refcount_t count;
	unsigned long *bitmap;        /* [P] PID_MAX_LIMIT bits, grown in pages */
	int last_pid;                 /* [P] the search goes on behind it */
	int pid_max;                  /* numbers are below it */
	unsigned int nr_pids;         /* [P] */
	unsigned int level;           /* [c] */
	struct pid_namespace *parent; /* [c] */
	struct task_struct *child_reaper; /* [T] adopts orphans */
};

extern struct pid_namespace init_pid_ns;
extern struct pid init_struct_pid;

void pid_init(void);
/* May sleep.  ERR_PTR(-EAGAIN: no number free, -ENOMEM). */
struct pid *alloc_pid(struct pid_namespace *ns);
/* The same with the first n numbers chosen; -EINVAL, -EPERM, -EEXIST too. */
struct pid *alloc_pid_at(struct pid_namespace *ns, const pid_t *set_tid,
			 size_t n);
void free_pid(struct pid *pid);       /* number reusable; drops a reference */

static inline struct pid *get_pid(struct pid *pid)
{
	if (pid)
		refcount_inc(&pid->count);
	return pid;
}

void put_pid(struct pid *pid);

/* tasklist_lock held for writing. */
void attach_pid(struct task_struct *t, enum pid_type type);
void detach_pid(struct task_struct *t, enum pid_type type);
void change_pid(struct task_struct *t, enum pid_type type, struct pid *pid);

/* RCU read lock or tasklist_lock held while the result is used. */
struct pid *find_pid_ns(int nr, struct pid_namespace *ns);
struct pid *find_vpid(int nr);
struct task_struct *pid_task(struct pid *pid, enum pid_type type);
struct task_struct *find_task_by_pid_ns(pid_t nr, struct pid_namespace *ns);
struct task_struct *find_task_by_vpid(pid_t nr);
/* The next pid in use at or above nr (for /proc); NULL at the end. */
struct pid *find_ge_pid(int nr, struct pid_namespace *ns);
/* With a reference; any context. */
struct task_struct *get_pid_task(struct pid *pid, enum pid_type type);
struct pid *get_task_pid(struct task_struct *t, enum pid_type type);
struct pid *find_get_pid(int nr);
struct task_struct *find_get_task_by_vpid(pid_t nr);

/* execve in a thread: swap the numbers, hand groups over; tasklist_lock. */
void exchange_tids(struct task_struct *a, struct task_struct *b);
void transfer_pid(struct task_struct *old, struct task_struct *new,
		  enum pid_type type);

pid_t pid_nr_ns(const struct pid *pid, const struct pid_namespace *ns);
pid_t pid_vnr(const struct pid *pid);         /* as current's namespace sees it */

struct pid_namespace *task_active_pid_ns(const struct task_struct *t);
/* The pid of `type` of t; RCU or tasklist_lock held. */
struct pid *task_pid_type(const struct task_struct *t, enum pid_type type);
#define task_pid(t) ((t)->thread_pid)
#define task_pgrp(t) task_pid_type(t, PIDTYPE_PGID)
#define task_session(t) task_pid_type(t, PIDTYPE_SID)
#define task_tgid(t) task_pid_type(t, PIDTYPE_TGID)

/* Numbers of t's pids in ns (NULL: current's); 0 if gone.  Any context. */
pid_t __task_pid_nr_ns(struct task_struct *t, enum pid_type type,
		       struct pid_namespace *ns);
#define task_pid_vnr(t) __task_pid_nr_ns(t, PIDTYPE_PID, NULL)
#define task_tgid_vnr(t) __task_pid_nr_ns(t, PIDTYPE_TGID, NULL)
#define task_pgrp_vnr(t) __task_pid_nr_ns(t, PIDTYPE_PGID, NULL)
#define task_session_vnr(t) __task_pid_nr_ns(t, PIDTYPE_SID, NULL)
#define task_pid_nr_ns(t, ns) __task_pid_nr_ns(t, PIDTYPE_PID, ns)
#define task_tgid_nr_ns(t, ns) __task_pid_nr_ns(t, PIDTYPE_TGID, ns)
#define task_pgrp_nr_ns(t, ns) __task_pid_nr_ns(t, PIDTYPE_PGID, ns)
#define task_session_nr_ns(t, ns) __task_pid_nr_ns(t, PIDTYPE_SID, ns)
#define task_pid_nr(t) ((t)->pid)
#define task_tgid_nr(t) ((t)->tgid)

static inline bool is_global_init(const struct task_struct *t)
{
	return t->tgid == 1;
}

#define do_each_pid_task(pid, type, task)				\
	do {								\
		if ((pid) != NULL)					\
			hlist_for_each_entry_rcu((task),		\
				&(pid)->tasks[type], pid_links[type]) {

#define while_each_pid_task(pid, type, task)				\
			}						\
	} while (0)

#endif
