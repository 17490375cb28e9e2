/* SPDX-License-Identifier: MIT */
#ifndef WQ_INTERNAL_H
#define WQ_INTERNAL_H
/* wq_internal.h -- pools, workers, queues: private to workqueue.c, worker.c */

#include <kernel/completion.h>
#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <kernel/wait.h>
#include <kernel/workqueue.h>

/*
 * A set of threads that take works from one list.  Each CPU has two (normal,
 * high priority); two more are bound to no CPU.
 *
 * Field keys:  [P] .lock   [c] constant
 */
struct worker_pool {
	spinlock_t lock;              /* irqs off */
	int cpu;                      /* [c] -1: unbound */
	int id, nice;                 /* [c] */
	struct list_head worklist;    /* [P] works that may run, in order */
	struct list_head workers;     /* [P] all of them */
	struct list_head idle_list;   /* [P] those without work, newest first */
	int nr_workers, nr_idle;      /* [P] */
	int nr_running;               /* [P] executing and not asleep: C1 */
	bool managing;                /* [P] somebody makes a worker */
	int next_worker_id;           /* [P] */
	struct timer_list mayday_timer;
};

struct worker {
	struct list_head node;        /* [P] in pool->workers */
	struct list_head idle_node;   /* [P] in pool->idle_list, or empty */
	struct list_head scheduled;   /* [P] works that must run on this one */
	struct worker_pool *pool;     /* [c]; a rescuer's changes */
	struct task_struct *task;     /* [c] */
	struct work_struct *current_work; /* [P] */
	work_func_t current_func;     /* [P] */
	struct pool_workqueue *current_pwq; /* [P] */
	bool counted;                 /* [P] it is in pool->nr_running */
	bool sleeping;                /* [P] it was counted, but waits */
	bool is_rescuer;              /* [c] */
};

/* One workqueue's share of one pool. */
struct pool_workqueue {
	struct worker_pool *pool;     /* [c] */
	struct workqueue_struct *wq;  /* [c] */
	int nr_active, max_active;    /* [P] on the worklist or running */
	int nr_in_flight[2];          /* [P] queued and not finished, by color */
	struct list_head inactive;    /* [P] beyond max_active */
	struct list_head mayday_node; /* wq_mayday_lock */
};

struct workqueue_struct {
	char name[24];
	unsigned int flags;
	struct mutex flush_mutex;     /* one flusher at a time */
	u8 color;                     /* flush_mutex writes; pool locks read */
	wait_queue_head_t flush_wait; /* a color of a share ran out */
	struct worker *rescuer;
	struct list_head maydays;     /* wq_mayday_lock */
	struct pool_workqueue *pwqs[NR_CPUS]; /* unbound: [0] only */
};

struct worker_pool *wq_cpu_pool(int cpu, bool highpri);
struct worker_pool *wq_unbound_pool(bool highpri);
void wq_pools_init(void);
int wq_pools_start(void);
/* A thread to take the first work, if none runs; pool->lock held. */
void wq_wake_worker_if_needed(struct worker_pool *pool);
/* The worker that is in `work`, or NULL; pool->lock held. */
struct worker *wq_find_executing(struct worker_pool *pool,
				 struct work_struct *work);
int wq_start_rescuer(struct workqueue_struct *wq);
void wq_stop_rescuer(struct workqueue_struct *wq);
/* A work of the share ended or was taken off; pool->lock held. */
void pwq_work_done(struct pool_workqueue *pwq, int color, bool was_active);
/* Take `work` and the barriers behind it off the list `from`, onto `to`. */
void wq_move_linked(struct work_struct *work, struct list_head *from,
		    struct list_head *to);
/* Tests: make the creation of workers fail. */
extern bool wq_fail_worker_creation;

#endif
