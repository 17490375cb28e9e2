/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_WORKQUEUE_H
#define KERNEL_WORKQUEUE_H
/*
 * workqueue.h -- functions that kernel threads run for you and that may sleep
 *
 * Theory: kernel/irq/workqueue.c.
 */

#include <kernel/atomic.h>
#include <kernel/list.h>
#include <kernel/timer.h>
#include <kernel/types.h>

struct task_struct;
struct workqueue_struct;
struct work_struct;

typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	unsigned long pending;        /* atomic: WORK_* bits */
	struct list_head entry;       /* pool lock */
	struct worker_pool *pool;     /* pool lock; where it was queued last */
	struct pool_workqueue *pwq;   /* pool lock; valid while queued */
	work_func_t func;
	u8 color;                     /* pool lock; see flush_workqueue() */
};

#define WORK_PENDING_BIT 0     /* queued, or being cancelled */
#define WORK_BARRIER_BIT 1     /* a flusher's: stays behind its predecessor */
#define WORK_QUEUED_BIT 2      /* on a list: .entry is linked */
#define WORK_CANCELING_BIT 3   /* who has PENDING waits for a run to end */

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq;
	int cpu;
};

enum {
	WQ_UNBOUND = 1 << 1,          /* no CPU; may move */
	WQ_FREEZABLE = 1 << 2,
	WQ_MEM_RECLAIM = 1 << 3,      /* has a rescuer thread */
	WQ_HIGHPRI = 1 << 4,          /* workers at nice -20 */
	WQ_CPU_INTENSIVE = 1 << 5,    /* does not hold others back */
	WQ_SYSFS = 1 << 6,
	__WQ_ORDERED = 1 << 17,
	WQ_MAX_ACTIVE = 512,
	WQ_DFL_ACTIVE = 256,
};
#define WORK_CPU_UNBOUND NR_CPUS

#define INIT_WORK(w, f) do {						\
	(w)->pending = 0;						\
	(w)->pool = NULL;						\
	(w)->pwq = NULL;						\
	INIT_LIST_HEAD(&(w)->entry);					\
	(w)->func = (f);						\
} while (0)
#define INIT_WORK_ONSTACK(w, f) INIT_WORK(w, f)
#define INIT_DELAYED_WORK(dw, f) do {					\
	INIT_WORK(&(dw)->work, f);					\
	timer_setup(&(dw)->timer, delayed_work_timer_fn, TIMER_IRQSAFE); \
} while (0)
#define __WORK_INITIALIZER(n, f) \
	{ .entry = { &(n).entry, &(n).entry }, .func = (f) }
#define DECLARE_WORK(n, f) struct work_struct n = __WORK_INITIALIZER(n, f)
#define DECLARE_DELAYED_WORK(n, f) struct delayed_work n = {		\
	.work = __WORK_INITIALIZER((n).work, f),			\
	.timer = __TIMER_INITIALIZER(delayed_work_timer_fn, TIMER_IRQSAFE) }
#define to_delayed_work(w) container_of(w, struct delayed_work, work)
#define work_pending(w) (READ_ONCE((w)->pending) & 1)
#define delayed_work_pending(dw) work_pending(&(dw)->work)

/* May sleep.  NULL: no memory.  name is a format. */
struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
					 int max_active, ...) __printf(1, 4);
#define alloc_ordered_workqueue(fmt, flags, args...) \
	alloc_workqueue(fmt, WQ_UNBOUND | __WQ_ORDERED | (flags), 1, ##args)
#define create_singlethread_workqueue(n) \
	alloc_ordered_workqueue("%s", WQ_MEM_RECLAIM, n)
void destroy_workqueue(struct workqueue_struct *wq);

/* Any context.  false: it was queued already and still is. */
bool queue_work_on(int cpu, struct workqueue_struct *wq,
		   struct work_struct *work);
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq,
			   struct delayed_work *dw, unsigned long delay);
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dw,
			unsigned long delay);
/* Queued or not before: the timer now ends after delay.  true: was pending. */
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dw,
		      unsigned long delay);
void delayed_work_timer_fn(struct timer_list *t);

/* May sleep; not from the work itself. */
bool flush_work(struct work_struct *work);
bool flush_delayed_work(struct delayed_work *dw);
bool cancel_work_sync(struct work_struct *work);
bool cancel_delayed_work_sync(struct delayed_work *dw);
void flush_workqueue(struct workqueue_struct *wq);
void drain_workqueue(struct workqueue_struct *wq);
/* Any context; the work may still be running. */
bool cancel_delayed_work(struct delayed_work *dw);

extern struct workqueue_struct *system_wq, *system_highpri_wq,
	*system_long_wq, *system_unbound_wq, *system_freezable_wq;

static inline bool schedule_work(struct work_struct *work)
{
	return queue_work(system_wq, work);
}

static inline bool schedule_work_on(int cpu, struct work_struct *work)
{
	return queue_work_on(cpu, system_wq, work);
}

static inline bool schedule_delayed_work(struct delayed_work *dw,
					 unsigned long delay)
{
	return queue_delayed_work(system_wq, dw, delay);
}

static inline bool schedule_delayed_work_on(int cpu, struct delayed_work *dw,
					    unsigned long delay)
{
	return queue_delayed_work_on(cpu, system_wq, dw, delay);
}

#define flush_scheduled_work() flush_workqueue(system_wq)
int schedule_on_each_cpu(work_func_t func);

/* The scheduler's hooks for PF_WQ_WORKER tasks: rq lock not held. */
void wq_worker_sleeping(struct task_struct *task);
void wq_worker_running(struct task_struct *task);
/* Boot: early makes queueing legal, late starts the workers. */
void workqueue_init_early(void);
void workqueue_init(void);

#endif
