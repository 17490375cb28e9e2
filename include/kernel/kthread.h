/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_KTHREAD_H
#define KERNEL_KTHREAD_H
/*
 * kthread.h -- threads that live in the kernel only (kernel/sched/kthread.c)
 *
 * All are children of kthreadd, pid 2, whoever asks.  Process context.
 */

#include <kernel/err.h>
#include <kernel/sched.h>

struct completion;

/*
 * A thread that has not begun: wake_up_process() starts fn(data).  Returns
 * ERR_PTR(-ENOMEM), or -EINTR if the caller was killed while waiting.
 */
struct task_struct *kthread_create_on_node(int (*fn)(void *data), void *data,
					   int node, const char *fmt, ...)
	__printf(4, 5);
#define kthread_create(fn, data, fmt, args...) \
	kthread_create_on_node(fn, data, -1, fmt, ##args)
/* Bound to `cpu`; the format's only argument is its number. */
struct task_struct *kthread_create_on_cpu(int (*fn)(void *data), void *data,
					  unsigned int cpu, const char *fmt);
#define kthread_run(fn, data, fmt, args...) ({				\
	struct task_struct *__k = kthread_create(fn, data, fmt, ##args); \
	if (!IS_ERR(__k))						\
		wake_up_process(__k);					\
	__k; })

/* Before the first wake-up only. */
void kthread_bind(struct task_struct *k, unsigned int cpu);
void kthread_bind_mask(struct task_struct *k, const struct cpumask *mask);
/* Ask it to end, wait, return fn's value; -EINTR if fn never ran.  The task
 * must not have ended by itself unless the caller holds a reference. */
int kthread_stop(struct task_struct *k);
bool kthread_should_stop(void);
/* Parked threads wait in kthread_parkme(); park returns when it is there. */
int kthread_park(struct task_struct *k);
void kthread_unpark(struct task_struct *k);
bool kthread_should_park(void);
void kthread_parkme(void);
void *kthread_data(struct task_struct *k);
__noreturn void kthread_exit(long result);
__noreturn void kthread_complete_and_exit(struct completion *c, long code);
/* do_exit() of a kernel thread: tells who waits in kthread_stop(). */
void kthread_exit_notify(struct task_struct *k, long code);
/* __put_task_struct() of a kernel thread. */
void free_kthread_struct(struct task_struct *k);

/* The body of pid 2; kernel/init starts it by kernel_thread(kthreadd, ...). */
int kthreadd(void *unused);
extern struct task_struct *kthreadd_task;
/* How kthreadd makes a thread: kernel/init registers kernel_thread() here. */
void kthread_set_spawn(pid_t (*spawn)(int (*fn)(void *), void *arg,
				      unsigned long flags));

#endif
