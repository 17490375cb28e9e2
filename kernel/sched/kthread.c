/* SPDX-License-Identifier: MIT */
/*
 * kthread.c -- threads that live in the kernel only
 *
 * PROMISE.  kthread_create() gives a thread that has not begun, in a clean
 * context: whatever the caller's files, signals or credentials are, the thread
 * has none of them.
 *
 * IDEA.  A fork copies its parent; so all kernel threads are forked by one
 * that has nothing: kthreadd, pid 2.  Who wants a thread puts a request on a
 * list and waits.
 *
 *	creator                kthreadd               new thread
 *	request on the list
 *	wake kthreadd    ----> fork        ---------> state = UNINTERRUPTIBLE
 *	wait for done    <---------------------------  complete(done), sleep
 *	name it, return
 *	   ... kthread_bind(), wake_up_process() ---> runs fn(data)
 *
 * RACES.  The creator is killed while it waits.  Who frees the request?  Its
 * `done` pointer is exchanged with NULL by whoever comes first:
 *
 *	killed creator: xchg(done, NULL)     thread: done = xchg(done, NULL)
 *	  got the pointer: the thread will     got NULL: the creator is gone;
 *	  free the request; leave, -EINTR      free the request, exit
 *	  got NULL: the thread is done in
 *	  a moment; wait on
 *
 * Stopping: kthread_stop() sets the bit, wakes, and waits for `exited`, which
 * do_exit() completes.  A thread must test kthread_should_stop() *after*
 * setting its sleeping state.  struct kthread lives as long as the task, so the
 * stopper's reference keeps the result readable.
 *
 * LOCKING.  create_lock guards the list; flags are atomic bits.
 *
 * SEE docs/43-kernel-threads.md.
 */

#include <kernel/kthread.h>

#include "sched.h"

#include <kernel/completion.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/task.h>
#include <mm/slab.h>
#include <uapi/sched.h>

enum { KTHREAD_SHOULD_STOP, KTHREAD_SHOULD_PARK, KTHREAD_IS_PER_CPU };

/* What only kernel threads have; task->kthread_data.  Freed with the task. */
struct kthread {
	unsigned long flags;          /* atomic bits */
	unsigned int cpu;             /* constant once bound */
	int result;                   /* before `exited` completes */
	void *data;                   /* constant */
	struct completion parked;
	struct completion exited;
};

struct create_info {
	int (*fn)(void *data);        /* constant */
	void *data;
	struct task_struct *result;   /* set before done completes */
	struct completion *done;      /* exchanged with NULL: see RACES */
	struct list_head list;        /* create_lock */
};

static DEFINE_SPINLOCK(create_lock);
static LIST_HEAD(create_list);
static pid_t (*spawn_thread)(int (*fn)(void *), void *, unsigned long);
struct task_struct *kthreadd_task;

#define KTHREAD_CLONE_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD)

void kthread_set_spawn(pid_t (*spawn)(int (*fn)(void *), void *arg,
				      unsigned long flags))
{
	spawn_thread = spawn;
}

static struct kthread *to_kthread(struct task_struct *k)
{
	WARN_ON(!(k->flags & PF_KTHREAD));
	return k->kthread_data;
}

void free_kthread_struct(struct task_struct *k)
{
	kfree(k->kthread_data);
	k->kthread_data = NULL;
}

bool kthread_should_stop(void)
{
	return test_bit(KTHREAD_SHOULD_STOP, &to_kthread(current)->flags);
}
EXPORT_SYMBOL(kthread_should_stop);

bool kthread_should_park(void)
{
	return test_bit(KTHREAD_SHOULD_PARK, &to_kthread(current)->flags);
}

void *kthread_data(struct task_struct *k)
{
	return to_kthread(k)->data;
}

/* Sleep here until unparked; nothing if parking is not asked for. */
void kthread_parkme(void)
{
	struct kthread *self = to_kthread(current);

	for (;;) {
		set_special_state(TASK_PARKED);
		if (!test_bit(KTHREAD_SHOULD_PARK, &self->flags))
			break;
		complete(&self->parked);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

/* Wait until k is in kthread_parkme(); -ENOSYS if it has exited. */
int kthread_park(struct task_struct *k)
{
	struct kthread *kt = to_kthread(k);

	if (k->flags & PF_EXITING)
		return -ENOSYS;
	if (test_and_set_bit(KTHREAD_SHOULD_PARK, &kt->flags))
		return -EBUSY;
	if (k != current) {
		wake_up_process(k);
		wait_for_completion(&kt->parked);
	}
	return 0;
}

void kthread_unpark(struct task_struct *k)
{
	clear_bit(KTHREAD_SHOULD_PARK, &to_kthread(k)->flags);
	wake_up_state(k, TASK_PARKED);
}

/* do_exit() of a kernel thread. */
void kthread_exit_notify(struct task_struct *k, long code)
{
	struct kthread *kt = to_kthread(k);

	if (!kt)
		return;
	kt->result = code;
	complete_all(&kt->exited);
}

void kthread_exit(long result)
{
	to_kthread(current)->result = result;
	do_exit(result);
}

void kthread_complete_and_exit(struct completion *c, long code)
{
	if (c)
		complete(c);
	kthread_exit(code);
}

/* First function of every kernel thread that was asked for here. */
static int kthread(void *arg)
{
	struct create_info *create = arg;
	int (*fn)(void *) = create->fn;
	void *data = create->data;
	struct kthread *self = kzalloc(sizeof(*self), GFP_KERNEL);
	struct completion *done = xchg(&create->done, NULL);

	if (self) {                     /* do_exit() completes `exited` */
		init_completion(&self->parked);
		init_completion(&self->exited);
		self->data = data;
	}
	current->kthread_data = self;
	if (!done) {                  /* the creator was killed */
		kfree(create);
		do_exit(-EINTR);
	}
	if (!self) {
		create->result = ERR_PTR(-ENOMEM);
		complete(done);
		do_exit(-ENOMEM);
	}
	set_current_state(TASK_UNINTERRUPTIBLE);
	create->result = current;
	/* `create` is the creator's again from here. */
	preempt_disable();
	complete(done);
	schedule_preempt_disabled();
	preempt_enable();
	if (test_bit(KTHREAD_SHOULD_STOP, &self->flags))
		kthread_exit(-EINTR);
	if (test_bit(KTHREAD_SHOULD_PARK, &self->flags))
		kthread_parkme();
	kthread_exit(fn(data));
}

/* kthreadd: fork one thread for the request, or tell the creator why not. */
static void create_kthread(struct create_info *create)
{
	pid_t pid = spawn_thread(kthread, create, KTHREAD_CLONE_FLAGS);
	struct completion *done;

	if (pid >= 0)
		return;
	done = xchg(&create->done, NULL);
	if (!done) {
		kfree(create);
		return;
	}
	create->result = ERR_PTR(pid);
	complete(done);
}

static struct create_info *next_request(void)
{
	struct create_info *create;

	spin_lock(&create_lock);
	create = list_first_entry_or_null(&create_list, struct create_info,
					  list);
	if (create)
		list_del_init(&create->list);
	spin_unlock(&create_lock);
	return create;
}

/* The body of pid 2. */
int kthreadd(void *unused)
{
	set_task_comm(current, "kthreadd");
	ignore_signals(current);
	for (;;) {
		struct create_info *create;

		set_current_state(TASK_INTERRUPTIBLE);
		create = next_request();
		if (!create) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		create_kthread(create);
	}
	return 0;
}

/* Ask kthreadd and wait; the request is freed by us or by the thread. */
static struct task_struct *request_thread(int (*fn)(void *), void *data)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct create_info *create = kmalloc(sizeof(*create), GFP_KERNEL);
	struct task_struct *t;

	if (!create)
		return ERR_PTR(-ENOMEM);
	create->fn = fn;
	create->data = data;
	create->result = NULL;
	create->done = &done;
	spin_lock(&create_lock);
	list_add_tail(&create->list, &create_list);
	spin_unlock(&create_lock);
	wake_up_process(kthreadd_task);
	if (wait_for_completion_killable(&done)) {
		if (xchg(&create->done, NULL))
			return ERR_PTR(-EINTR);
		wait_for_completion(&done);
	}
	t = create->result;
	kfree(create);
	return t;
}

struct task_struct *kthread_create_on_node(int (*fn)(void *data), void *data,
					   int node, const char *fmt, ...)
{
	struct task_struct *t = request_thread(fn, data);
	char name[TASK_COMM_LEN];
	va_list args;

	if (IS_ERR(t))
		return t;
	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	set_task_comm(t, name);
	/* kthreadd may have been reniced: its children start afresh. */
	set_task_policy(t, SCHED_NORMAL, 0, 0);
	set_cpus_allowed_ptr(t, cpu_possible_mask);
	return t;
}
EXPORT_SYMBOL(kthread_create_on_node);

/* k sleeps in its creation; once it is off its CPU nobody looks at these. */
void kthread_bind_mask(struct task_struct *k, const struct cpumask *mask)
{
	unsigned long flags;

	if (!wait_task_inactive(k, TASK_UNINTERRUPTIBLE)) {
		WARN_ON(1);
		return;
	}
	spin_lock_irqsave(&k->pi_lock, flags);
	cpumask_copy(&k->cpus_mask, mask);
	k->flags |= PF_NO_SETAFFINITY;
	spin_unlock_irqrestore(&k->pi_lock, flags);
}

void kthread_bind(struct task_struct *k, unsigned int cpu)
{
	kthread_bind_mask(k, cpumask_of(cpu));
	k->wake_cpu = cpu;
}

struct task_struct *kthread_create_on_cpu(int (*fn)(void *data), void *data,
					  unsigned int cpu, const char *fmt)
{
	char name[TASK_COMM_LEN];
	struct task_struct *t;

	snprintf(name, sizeof(name), fmt, cpu);
	t = kthread_create(fn, data, "%s", name);
	if (IS_ERR(t))
		return t;
	kthread_bind(t, cpu);
	set_bit(KTHREAD_IS_PER_CPU, &to_kthread(t)->flags);
	to_kthread(t)->cpu = cpu;
	return t;
}

int kthread_stop(struct task_struct *k)
{
	struct kthread *kt = to_kthread(k);
	int result;

	get_task_struct(k);
	set_bit(KTHREAD_SHOULD_STOP, &kt->flags);
	kthread_unpark(k);
	wake_up_process(k);
	wait_for_completion(&kt->exited);
	result = kt->result;
	put_task_struct(k);
	return result;
}
EXPORT_SYMBOL(kthread_stop);
