/* SPDX-License-Identifier: MIT */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H
/*
 * sched.h -- run queues and scheduling classes: private to kernel/sched
 *
 * Each CPU has one run queue.  A task is on at most one, that of its ->cpu.
 * A class decides among its own tasks; the classes stand in a fixed order, and
 * a task of a higher one always runs first:
 *
 *	stop      migration/N: moves tasks, never waits for the CPU
 *	deadline  SCHED_DEADLINE: the earliest deadline first
 *	rt        SCHED_FIFO, SCHED_RR: by priority 1..99
 *	fair      SCHED_NORMAL, SCHED_BATCH, SCHED_IDLE: by weight
 *	idle      swapper/N: when there is nothing else
 */

#include <kernel/bitmap.h>
#include <kernel/cpumask.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/list.h>
#include <kernel/percpu.h>
#include <kernel/rbtree.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>

#define TASK_ON_RQ_QUEUED 1
#define TASK_ON_RQ_MIGRATING 2 /* between two queues: neither holds it */

#define ENQUEUE_WAKEUP 0x01
#define ENQUEUE_RESTORE 0x02   /* taken off only to change an attribute */
#define ENQUEUE_INITIAL 0x04   /* a new task */
#define ENQUEUE_HEAD 0x08
#define DEQUEUE_SLEEP 0x01
#define DEQUEUE_SAVE 0x02

#define WF_TTWU 0x01           /* a sleeper wakes */
#define WF_FORK 0x02           /* a new task starts */

#define NICE_0_LOAD 1024UL
#define WEIGHT_IDLEPRIO 3
#define RR_TIMESLICE (100 * HZ / 1000)

/* The fair class's part; guarded by the run queue's lock. */
struct cfs_rq {
	struct load_weight load;      /* sum of the weights of all its tasks */
	unsigned int nr_running;      /* with the running one */
	u64 min_vruntime;             /* ns; never goes back: F2 */
	struct rb_root_cached tasks_timeline; /* all but curr, by vruntime */
	struct sched_entity *curr;    /* runs now; not in the tree: F3 */
};

/* The user's structure of sched_setattr(); its size grows with versions. */
struct sched_attr {
	u32 size;
	u32 sched_policy;
	u64 sched_flags;
	s32 sched_nice;
	u32 sched_priority;
	u64 sched_runtime, sched_deadline, sched_period;
	u32 sched_util_min, sched_util_max;
};
#define SCHED_ATTR_SIZE_VER0 48
#define SCHED_FLAG_RESET_ON_FORK 0x01
#define SCHED_FLAG_RECLAIM 0x02
#define SCHED_FLAG_DL_OVERRUN 0x04
#define SCHED_FLAG_KEEP_POLICY 0x08
#define SCHED_FLAG_KEEP_PARAMS 0x10
#define SCHED_FLAG_UTIL_CLAMP 0x60
#define SCHED_FLAG_ALL 0x7f

/* The deadline class's part. */
struct dl_rq {
	struct rb_root_cached root;   /* D1: by deadline */
	unsigned int nr_running;      /* D2 */
};

/* The real-time class's part: a list for each priority, 0 the highest. */
struct rt_rq {
	unsigned long bitmap[BITS_TO_LONGS(MAX_RT_PRIO)];
	struct list_head queue[MAX_RT_PRIO];
	unsigned int nr_running;
	u64 time;                     /* ns run in this period */
	u64 period_start;             /* the queue's clock */
	bool throttled;               /* R3: used up; nobody is picked */
	struct hrtimer timer;         /* ends that */
};

/*
 * One CPU's run queue.
 *
 * Field keys:
 *   [Q] .lock        [q] .lock to write, any reader (a hint)
 *   [c] constant     [a] atomic     [o] its own CPU, irqs off
 */
struct rq {
	spinlock_t lock;
	int cpu;                      /* [c] */
	unsigned int nr_running;      /* [q] tasks queued, the running one too */
	struct task_struct *curr;     /* [q] who runs; changed by its CPU only */
	struct task_struct *idle;     /* [c] */
	struct task_struct *stop;     /* [c] migration/N, once it exists */
	struct cfs_rq cfs;            /* [Q] */
	struct dl_rq dl;              /* [Q] */
	struct rt_rq rt;              /* [Q] */
	u64 clock;                    /* [Q] ns, never goes back */
	u64 nr_switches;              /* [o] */
	long nr_uninterruptible;      /* [Q] may be negative: only the sum counts */
	atomic_t nr_iowait;           /* [a] sleepers that wait for a disk */
	struct mm_struct *prev_mm;    /* [o] to drop after the switch */
	unsigned long next_balance;   /* [o] jiffies */
	unsigned int nohz_kick;       /* [a] come and pull: sent to an idle CPU */
	unsigned long calc_load_active; /* [o] what this CPU told loadavg */
	u64 pulled, pushed;           /* [Q] tasks that balancing moved */
} __cacheline_aligned;

DECLARE_PER_CPU_ALIGNED(struct rq, runqueues);

#define cpu_rq(n) (&per_cpu(runqueues, n))
#define this_rq() this_cpu_ptr(&runqueues)
#define task_rq(p) cpu_rq(task_cpu(p))

/*
 * What a class does.  All are called with rq->lock held (select_task_rq,
 * task_fork: p->pi_lock), irqs off.
 */
struct sched_class {
	const char *name;
	int rank;                     /* place in the order; lower runs first */
	void (*enqueue_task)(struct rq *rq, struct task_struct *p, int flags);
	void (*dequeue_task)(struct rq *rq, struct task_struct *p, int flags);
	void (*yield_task)(struct rq *rq);
	/* p became runnable while a task of the same class runs. */
	void (*check_preempt_curr)(struct rq *rq, struct task_struct *p,
				   int flags);
	/* The best task, or NULL.  It is not yet set. */
	struct task_struct *(*pick_task)(struct rq *rq);
	/* p stops being, starts being the running task. */
	void (*put_prev_task)(struct rq *rq, struct task_struct *p);
	void (*set_next_task)(struct rq *rq, struct task_struct *p);
	int (*select_task_rq)(struct task_struct *p, int cpu, int flags);
	/* p, which is on no queue, gets another CPU. */
	void (*migrate_task_rq)(struct task_struct *p, int new_cpu);
	void (*task_tick)(struct rq *rq, struct task_struct *p);
	void (*update_curr)(struct rq *rq);
	unsigned int (*get_rr_interval)(struct rq *rq, struct task_struct *p);
};

extern const struct sched_class stop_sched_class, dl_sched_class,
	rt_sched_class, fair_sched_class, idle_sched_class;
extern const struct sched_class *const sched_classes[];
#define NR_SCHED_CLASSES 5

/* A deadline task's, its own or lent. */
static inline bool dl_prio(int prio)
{
	return prio < 0;
}

static inline bool rt_prio(int prio)
{
	return prio >= 0 && prio < MAX_RT_PRIO;
}

static inline bool rt_policy(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static inline bool dl_policy(int policy)
{
	return policy == SCHED_DEADLINE;
}

static inline bool dl_time_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

static inline bool fair_policy(int policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH ||
	       policy == SCHED_IDLE;
}

static inline bool task_has_idle_policy(const struct task_struct *p)
{
	return p->policy == SCHED_IDLE;
}

static inline bool task_on_rq_queued(const struct task_struct *p)
{
	return p->on_rq == TASK_ON_RQ_QUEUED;
}

static inline bool task_on_rq_migrating(const struct task_struct *p)
{
	return READ_ONCE(p->on_rq) == TASK_ON_RQ_MIGRATING;
}

static inline bool task_current(const struct rq *rq,
				const struct task_struct *p)
{
	return rq->curr == p;
}

static inline struct rq *rq_of(struct cfs_rq *cfs)
{
	return container_of(cfs, struct rq, cfs);
}

static inline struct task_struct *task_of(struct sched_entity *se)
{
	return container_of(se, struct task_struct, se);
}

/* core.c */
void update_rq_clock(struct rq *rq);
void activate_task(struct rq *rq, struct task_struct *p, int flags);
void deactivate_task(struct rq *rq, struct task_struct *p, int flags);
void enqueue_task(struct rq *rq, struct task_struct *p, int flags);
void dequeue_task(struct rq *rq, struct task_struct *p, int flags);
void check_preempt_curr(struct rq *rq, struct task_struct *p, int flags);
/* The rq of p, locked; the first also takes pi_lock and saves irqs. */
struct rq *task_rq_lock(struct task_struct *p, unsigned long *flags);
void task_rq_unlock(struct rq *rq, struct task_struct *p,
		    unsigned long *flags);
struct rq *__task_rq_lock(struct task_struct *p);
void resched_cpu(int cpu);

/*
 * The lock is taken by one task and dropped by the next: the validator, which
 * keeps its list per task, is told of both ends.
 */
#define rq_lock_hand_over(lock) dep_release(lock)
#define rq_lock_take_over(lock) dep_acquire(lock, 0, LOCK_TRY)

void schedule_idle(void);

/* wake.c */
void set_task_cpu(struct task_struct *p, int new_cpu);
int select_fallback_cpu(struct task_struct *p, int cpu);
bool cpu_is_idle(int cpu);

/* idle.c */
bool set_nr_and_not_polling(struct task_struct *p);

/* fair.c */
extern const int sched_prio_to_weight[40];
extern const u32 sched_prio_to_wmult[40];
void set_load_weight(struct task_struct *p);
void init_cfs_rq(struct cfs_rq *cfs);
void fair_tune(unsigned int cpus);
u64 sched_slice_ns(struct cfs_rq *cfs, struct sched_entity *se);

/* rt.c */
void init_rt_rq(struct rt_rq *rt);
int rt_highest_prio(const struct rt_rq *rt);

/* deadline.c, deadline_bw.c */
void init_dl_rq(struct dl_rq *q);
void init_dl_task(struct task_struct *p);
bool dl_params_valid(const struct sched_attr *a);
int set_cpus_allowed_begin(struct task_struct *p, const struct cpumask *mask,
			   int *cpu);
int set_cpus_allowed_end(struct task_struct *p, int cpu);
int dl_bw_change(struct task_struct *p, const struct sched_attr *attr);
/* p is run by donor's deadline; and no longer.  p is off its queue. */
void dl_boost(struct task_struct *p, const struct task_struct *donor);
void dl_boost_ends(struct rq *rq, struct task_struct *p);

/* urgent.c */
int find_less_urgent_cpu(struct task_struct *p);
bool pull_urgent_task(struct rq *rq);
void __push_urgent_tasks(struct rq *rq);

/* Does such a task have to wait here?  A hint, without the lock. */
static inline bool urgent_task_waits(const struct rq *rq)
{
	unsigned int rt = READ_ONCE(rq->rt.nr_running);

	return rt + READ_ONCE(rq->dl.nr_running) > 1 ||
	       (rt && READ_ONCE(rq->rt.throttled));
}

/* After a switch; preemption off, no lock. */
static inline void push_urgent_tasks(struct rq *rq)
{
	if (unlikely(urgent_task_waits(rq)))
		__push_urgent_tasks(rq);
}

/* balance.c */
/* No fair task here: fetch one.  rq->lock is dropped and taken again. */
bool newidle_balance(struct rq *rq);
void trigger_load_balance(struct rq *rq);
void sched_balance_init(void);
int find_idlest_cpu(struct task_struct *p, int cpu);

/* stop.c */
typedef int (*cpu_stop_fn_t)(void *arg);
int stop_one_cpu(int cpu, cpu_stop_fn_t fn, void *arg);

/* priority.c: attributes change while p is off its queue. */
struct sched_change {
	struct rq *rq;
	bool queued, running;
	int flags_on;                 /* ENQUEUE_* for the way back */
	unsigned long flags;
};
struct sched_change sched_change_begin(struct task_struct *p);
void sched_change_end(struct task_struct *p, struct sched_change *c);
void set_task_policy(struct task_struct *p, int policy, int nice,
		     unsigned int rt_priority);
/* The same with a deadline's parameters; nothing can fail any more. */
void set_task_attr(struct task_struct *p, const struct sched_attr *attr);
const struct sched_class *class_of_prio(int prio, int policy);
int normal_prio(const struct task_struct *p);

/* loadavg.c, cputime.c */
long calc_load_fold_active(struct rq *rq);
void calc_global_load_tick(struct rq *rq);

/* watchdog.c */
void watchdog_tick(struct rq *rq);

/* check.c: NULL, or the name of the invariant that does not hold. */
const char *rq_check(struct rq *rq);

#endif
