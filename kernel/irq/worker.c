/* SPDX-License-Identifier: MIT */
/*
 * worker.c -- the threads behind the workqueues: just enough of them
 *
 * IDEA.  A pool needs one thread that runs.  While it computes, a second would
 * only compete with it; but when it sleeps in a work, the other works should
 * not wait.  So the scheduler tells the pool when a worker goes to sleep; was
 * it the last running one, another is woken:
 *
 *	kworker/0:0   work A ... sleeps -----------> runs A on ... next work
 *	                          | nr_running 1 -> 0
 *	kworker/0:1               +--> wakes, work B, work C
 *
 * Before a worker starts on works it makes sure that an idle one is left, or
 * makes one: so there is always somebody to be woken.
 *
 * Making a thread needs memory.  If that fails, and the memory would come from
 * a work in the list, everything waits for itself; a workqueue that says
 * WQ_MEM_RECLAIM therefore has a rescuer, a thread made beforehand, which is
 * called (mayday) when making a worker takes long, and runs its works alone.
 *
 * INVARIANTS, while pool->lock is free:
 *   C1  nr_running is the number of workers with `counted` set.
 *   C2  works in the list, nobody running: an idle worker has been woken, or
 *       one is being made.
 *
 * LOCKING.  pool->lock, irqs off, dropped around works.  wq_mayday_lock inside
 * it.
 */

#include "wq_internal.h"

#include <kernel/err.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/kthread.h>
#include <mm/slab.h>

#define IDLE_TIMEOUT (300 * HZ)
#define KEEP_IDLE 2
#define MAYDAY_INITIAL (HZ / 100 ? HZ / 100 : 1)
#define MAYDAY_INTERVAL (HZ / 10)
#define CREATE_RETRY HZ

static DEFINE_PER_CPU(struct worker_pool, cpu_pools)[2];
static struct worker_pool unbound_pools[2];
static DEFINE_SPINLOCK(wq_mayday_lock);
bool wq_fail_worker_creation;

struct worker_pool *wq_cpu_pool(int cpu, bool highpri)
{
	return &per_cpu(cpu_pools, cpu)[highpri];
}

struct worker_pool *wq_unbound_pool(bool highpri)
{
	return &unbound_pools[highpri];
}

struct worker *wq_find_executing(struct worker_pool *pool,
				 struct work_struct *work)
{
	struct worker *w;

	list_for_each_entry(w, &pool->workers, node)
		if (w->current_work == work && w->current_func == work->func)
			return w;
	return NULL;
}

/* Works wait and nobody runs: an unbound pool may always run one more. */
static bool need_more_worker(struct worker_pool *pool)
{
	return !list_empty(&pool->worklist) &&
	       (pool->nr_running == 0 || pool->cpu < 0);
}

void wq_wake_worker_if_needed(struct worker_pool *pool)
{
	struct worker *w;

	if (!need_more_worker(pool) || list_empty(&pool->idle_list))
		return;
	w = list_first_entry(&pool->idle_list, struct worker, idle_node);
	wake_up_process(w->task);
}

/* Once only: the bodies below run on the worker's own thread. */
static void set_counted(struct worker *w, bool counted)
{
	if (w->counted == counted)
		return;
	w->counted = counted;
	w->pool->nr_running += counted ? 1 : -1;                 /* C1 */
}

/* schedule(): the worker goes to sleep in the middle of a work. */
void wq_worker_sleeping(struct task_struct *task)
{
	struct worker *w = task->worker_private;
	unsigned long flags;

	if (!w || !w->counted)
		return;
	spin_lock_irqsave(&w->pool->lock, flags);
	set_counted(w, false);
	w->sleeping = true;
	wq_wake_worker_if_needed(w->pool);
	spin_unlock_irqrestore(&w->pool->lock, flags);
}

/* schedule() returned. */
void wq_worker_running(struct task_struct *task)
{
	struct worker *w = task->worker_private;
	unsigned long flags;

	if (!w || !w->sleeping)
		return;
	spin_lock_irqsave(&w->pool->lock, flags);
	w->sleeping = false;
	set_counted(w, true);
	spin_unlock_irqrestore(&w->pool->lock, flags);
}

/* The work's function may free the work: what is needed is copied before. */
static void call_work(struct work_struct *work, work_func_t func)
{
	unsigned int before = preempt_count();

	func(work);
	if (WARN_ONCE(before != preempt_count(),
		      "work %p changed the preempt count\n", (void *)func))
		preempt_count_set(before);
}

/* Run one work that is on w->scheduled.  pool->lock held, dropped meanwhile. */
static void process_one(struct worker *w, struct work_struct *work)
{
	struct pool_workqueue *pwq = work->pwq;
	struct worker_pool *pool = w->pool;
	bool barrier = work->pending & BIT(WORK_BARRIER_BIT);
	bool hog = pwq->wq->flags & WQ_CPU_INTENSIVE;
	int color = work->color;
	work_func_t func = work->func;

	list_del_init(&work->entry);
	w->current_work = work;
	w->current_func = func;
	w->current_pwq = pwq;
	if (hog)
		set_counted(w, false);
	wq_wake_worker_if_needed(pool);
	clear_bit(WORK_QUEUED_BIT, &work->pending);
	smp_mb__before_atomic();
	clear_bit(WORK_PENDING_BIT, &work->pending);
	spin_unlock_irq(&pool->lock);
	call_work(work, func);
	cond_resched();
	spin_lock_irq(&pool->lock);
	if (hog)
		set_counted(w, !w->is_rescuer);
	w->current_work = NULL;
	w->current_func = NULL;
	w->current_pwq = NULL;
	if (!barrier)
		pwq_work_done(pwq, color, true);
}

static void process_scheduled(struct worker *w)
{
	while (!list_empty(&w->scheduled))
		process_one(w, list_first_entry(&w->scheduled,
						struct work_struct, entry));
}

/*
 * Take the first work: ours, unless another worker is just in the same work,
 * which then does it again after.
 */
static void take_work(struct worker *w, struct work_struct *work)
{
	struct worker *other = wq_find_executing(w->pool, work);

	wq_move_linked(work, &w->pool->worklist,
		       other ? &other->scheduled : &w->scheduled);
}

static bool keep_working(struct worker_pool *pool)
{
	return !list_empty(&pool->worklist) &&
	       (pool->nr_running <= 1 || pool->cpu < 0);
}

static int worker_thread(void *data);

/* May sleep, no lock held.  NULL: no memory. */
static struct worker *create_worker(struct worker_pool *pool, int id)
{
	const char *high = pool->nice < 0 ? "H" : "";
	struct worker *w;

	if (READ_ONCE(wq_fail_worker_creation))
		return NULL;
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return NULL;
	w->pool = pool;
	INIT_LIST_HEAD(&w->node);
	INIT_LIST_HEAD(&w->idle_node);
	INIT_LIST_HEAD(&w->scheduled);
	if (pool->cpu >= 0)
		w->task = kthread_create(worker_thread, w, "kworker/%d:%d%s",
					 pool->cpu, id, high);
	else
		w->task = kthread_create(worker_thread, w, "kworker/u%d:%d",
					 pool->id, id);
	if (IS_ERR(w->task)) {
		kfree(w);
		return NULL;
	}
	set_user_nice(w->task, pool->nice);
	if (pool->cpu >= 0)
		kthread_bind(w->task, pool->cpu);
	w->task->worker_private = w;
	return w;
}

/* pool->lock held, dropped meanwhile.  False: no worker could be made. */
static bool add_worker(struct worker_pool *pool)
{
	int id = pool->next_worker_id++;
	struct worker *w;

	spin_unlock_irq(&pool->lock);
	w = create_worker(pool, id);
	spin_lock_irq(&pool->lock);
	if (!w)
		return false;
	list_add_tail(&w->node, &pool->workers);
	list_add(&w->idle_node, &pool->idle_list);
	pool->nr_workers++;
	pool->nr_idle++;
	wake_up_process(w->task);
	return true;
}

/* Nobody is left in reserve: make one, calling the rescuers if it takes
 * long. */
static void manage_workers(struct worker_pool *pool)
{
	if (pool->managing)
		return;
	pool->managing = true;
	mod_timer(&pool->mayday_timer, jiffies + MAYDAY_INITIAL);
	while (!pool->nr_idle && !add_worker(pool)) {
		spin_unlock_irq(&pool->lock);
		schedule_timeout_interruptible(CREATE_RETRY);
		spin_lock_irq(&pool->lock);
	}
	pool->managing = false;
	spin_unlock_irq(&pool->lock);
	del_timer_sync(&pool->mayday_timer);
	spin_lock_irq(&pool->lock);
}

static void enter_idle(struct worker *w)
{
	if (!list_empty(&w->idle_node))
		return;
	list_add(&w->idle_node, &w->pool->idle_list);
	w->pool->nr_idle++;
}

static void leave_idle(struct worker *w)
{
	if (list_empty(&w->idle_node))
		return;
	list_del_init(&w->idle_node);
	w->pool->nr_idle--;
}

/*
 * Idle until woken, or too long.  pool->lock held, dropped meanwhile; true if
 * this worker is one too many.
 */
static bool worker_idle(struct worker *w)
{
	struct worker_pool *pool = w->pool;
	bool spare;
	long left = 1;

	enter_idle(w);
	spare = pool->nr_idle > KEEP_IDLE;
	set_current_state(TASK_IDLE);
	spin_unlock_irq(&pool->lock);
	if (spare)
		left = schedule_timeout(IDLE_TIMEOUT);
	else
		schedule();
	spin_lock_irq(&pool->lock);
	return !left && pool->nr_idle > KEEP_IDLE &&
	       list_empty(&pool->worklist);
}

static void work_while_needed(struct worker *w)
{
	struct worker_pool *pool = w->pool;

	set_counted(w, true);
	do {
		take_work(w, list_first_entry(&pool->worklist,
					      struct work_struct, entry));
		process_scheduled(w);
	} while (keep_working(pool));
	set_counted(w, false);
}

static int worker_thread(void *data)
{
	struct worker *w = data;
	struct worker_pool *pool = w->pool;

	current->flags |= PF_WQ_WORKER;
	spin_lock_irq(&pool->lock);
	for (;;) {
		leave_idle(w);
		if (need_more_worker(pool)) {
			if (!pool->nr_idle)
				manage_workers(pool);
			if (need_more_worker(pool))
				work_while_needed(w);
			continue;
		}
		if (worker_idle(w))
			break;
	}
	leave_idle(w);
	list_del(&w->node);
	pool->nr_workers--;
	spin_unlock_irq(&pool->lock);
	current->flags &= ~PF_WQ_WORKER;
	current->worker_private = NULL;
	kfree(w);
	return 0;
}

/* TIMER softirq: making a worker takes long; call the rescuers concerned. */
static void pool_mayday(struct timer_list *t)
{
	struct worker_pool *pool = from_timer(pool, t, mayday_timer);
	struct work_struct *work;

	spin_lock_irq(&pool->lock);
	spin_lock(&wq_mayday_lock);
	if (pool->managing) {
		list_for_each_entry(work, &pool->worklist, entry) {
			struct pool_workqueue *pwq = work->pwq;

			if (!pwq->wq->rescuer)
				continue;
			if (list_empty(&pwq->mayday_node))
				list_add_tail(&pwq->mayday_node,
					      &pwq->wq->maydays);
			wake_up_process(pwq->wq->rescuer->task);
		}
		mod_timer(&pool->mayday_timer, jiffies + MAYDAY_INTERVAL);
	}
	spin_unlock(&wq_mayday_lock);
	spin_unlock_irq(&pool->lock);
}

/* Run the share's works of this pool, as a worker of the pool. */
static void rescue(struct worker *rescuer, struct pool_workqueue *pwq)
{
	struct worker_pool *pool = pwq->pool;
	struct work_struct *work, *next;

	set_cpus_allowed_ptr(current, pool->cpu >= 0 ? cpumask_of(pool->cpu)
						     : cpu_possible_mask);
	spin_lock_irq(&pool->lock);
	rescuer->pool = pool;
	list_add_tail(&rescuer->node, &pool->workers);
	do {
		struct work_struct *found = NULL;

		list_for_each_entry_safe(work, next, &pool->worklist, entry) {
			if (work->pwq == pwq) {
				found = work;
				break;
			}
		}
		if (!found)
			break;
		take_work(rescuer, found);
		process_scheduled(rescuer);
	} while (true);
	list_del_init(&rescuer->node);
	spin_unlock_irq(&pool->lock);
}

static struct pool_workqueue *next_mayday(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;

	spin_lock_irq(&wq_mayday_lock);
	pwq = list_first_entry_or_null(&wq->maydays, struct pool_workqueue,
				       mayday_node);
	if (pwq)
		list_del_init(&pwq->mayday_node);
	spin_unlock_irq(&wq_mayday_lock);
	return pwq;
}

static int rescuer_thread(void *data)
{
	struct workqueue_struct *wq = data;

	current->flags |= PF_WQ_WORKER;
	current->worker_private = wq->rescuer;
	set_user_nice(current, MIN_NICE);
	for (;;) {
		struct pool_workqueue *pwq;

		set_current_state(TASK_IDLE);
		pwq = next_mayday(wq);
		if (pwq) {
			__set_current_state(TASK_RUNNING);
			rescue(wq->rescuer, pwq);
			continue;
		}
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	current->flags &= ~PF_WQ_WORKER;
	current->worker_private = NULL;
	return 0;
}

int wq_start_rescuer(struct workqueue_struct *wq)
{
	struct worker *w = kzalloc(sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	w->is_rescuer = true;
	INIT_LIST_HEAD(&w->node);
	INIT_LIST_HEAD(&w->idle_node);
	INIT_LIST_HEAD(&w->scheduled);
	wq->rescuer = w;
	w->task = kthread_create(rescuer_thread, wq, "%s", wq->name);
	if (IS_ERR(w->task)) {
		wq->rescuer = NULL;
		kfree(w);
		return -ENOMEM;
	}
	wake_up_process(w->task);
	return 0;
}

void wq_stop_rescuer(struct workqueue_struct *wq)
{
	if (!wq->rescuer)
		return;
	kthread_stop(wq->rescuer->task);
	kfree(wq->rescuer);
	wq->rescuer = NULL;
}

static void init_pool(struct worker_pool *pool, int cpu, int id, bool high)
{
	spin_lock_init(&pool->lock);
	pool->cpu = cpu;
	pool->id = id;
	pool->nice = high ? MIN_NICE : 0;
	INIT_LIST_HEAD(&pool->worklist);
	INIT_LIST_HEAD(&pool->workers);
	INIT_LIST_HEAD(&pool->idle_list);
	timer_setup(&pool->mayday_timer, pool_mayday, 0);
}

void wq_pools_init(void)
{
	int cpu, id = 0;

	for_each_possible_cpu(cpu)
		for (int high = 0; high < 2; high++)
			init_pool(wq_cpu_pool(cpu, high), cpu, id++, high);
	for (int high = 0; high < 2; high++)
		init_pool(wq_unbound_pool(high), -1, id++, high);
}

static bool start_pool(struct worker_pool *pool)
{
	bool ok;

	spin_lock_irq(&pool->lock);
	ok = add_worker(pool);
	spin_unlock_irq(&pool->lock);
	return ok;
}

/* kthreadd exists and all CPUs are up: a worker for each pool. */
int wq_pools_start(void)
{
	bool ok = true;
	int cpu;

	for (int high = 0; high < 2; high++) {
		for_each_online_cpu(cpu)
			ok &= start_pool(wq_cpu_pool(cpu, high));
		ok &= start_pool(wq_unbound_pool(high));
	}
	return ok ? 0 : -ENOMEM;
}
