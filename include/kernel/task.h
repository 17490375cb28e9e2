/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TASK_H
#define KERNEL_TASK_H
/*
 * task.h -- the list of all tasks, and the life of their descriptors
 *
 * Theory: kernel/task/task.c.
 */

#include <kernel/pid.h>
#include <kernel/rculist.h>
#include <kernel/rwlock.h>
#include <kernel/sched.h>
#include <kernel/signal.h>

/*
 * Guards the family tree, the list of tasks and the pid links.  Readers in any
 * context; writers with interrupts off.  Order: tasklist_lock, then siglock.
 */
extern rwlock_t tasklist_lock;

void task_init(void);                         /* after the slab is up */
struct task_struct *alloc_task_struct(void);  /* may sleep; uninitialised */
void free_task_struct(struct task_struct *t); /* stack included */
struct signal_struct *alloc_signal_struct(void);
struct sighand_struct *alloc_sighand_struct(void);
void put_signal_struct(struct signal_struct *sig);
void __cleanup_sighand(struct sighand_struct *sighand);
void set_task_comm(struct task_struct *t, const char *name);
void get_task_comm(char buf[TASK_COMM_LEN], struct task_struct *t);
/* The state letter of /proc/PID/stat: R S D T t X Z P I. */
char task_state_char(struct task_struct *t);

extern unsigned long total_forks;             /* tasklist_lock to write */
extern int nr_threads;                        /* tasklist_lock to write */
extern int max_threads;

#define next_task(p) \
	list_entry_rcu((p)->tasks.next, struct task_struct, tasks)
/* All thread-group leaders but init_task; RCU or tasklist_lock held. */
#define for_each_process(p)						\
	for ((p) = next_task(&init_task); (p) != &init_task; (p) = next_task(p))
#define for_each_thread(p, t)						\
	list_for_each_entry_rcu((t), &(p)->signal->thread_head, thread_node)
#define for_each_process_thread(p, t) for_each_process(p) for_each_thread(p, t)

static inline bool thread_group_empty(const struct task_struct *t)
{
	return list_is_singular(&t->signal->thread_head);
}

static inline int get_nr_threads(const struct task_struct *t)
{
	return t->signal->nr_threads;
}

#endif
