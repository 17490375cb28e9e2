/* SPDX-License-Identifier: MIT */
/*
 * workqueue.c -- handing work to kernel threads: queueing, flushing, cancelling
 *
 * PROMISE.  A queued work's function is called once, in a thread, where it may
 * sleep; queued while pending: still once; queued while it runs: once more,
 * after; it never runs twice at once.  A bound queue runs it on the CPU asked
 * for.  At most max_active works of one queue are in progress per pool.
 *
 * IDEA.  A workqueue has no threads.  All of them share pools of threads (see
 * worker.c); a workqueue has in each pool a share (pool_workqueue), where its
 * works are counted.
 *
 *	queue_work(wq, w)          pool of this CPU
 *	  share of wq  ----------> worklist [w3][w2][w1] <-- kworker/0:0
 *	   nr_active < max? yes                          <-- kworker/0:1
 *	   no: inactive list [w9][w8], moved over as others finish
 *
 * Flushing a queue.  Each work carries the queue's present color, 0 or 1.  The
 * flusher turns the color and waits until no work of the old one is left:
 * works queued later do not delay it.
 *
 * Flushing one work.  A barrier, a work that completes a completion, is put
 * right behind it; whoever takes the work takes the barrier too.
 *
 * Cancelling takes the PENDING bit as queueing does: who has it may change
 * the rest.  Then nobody can queue it, and a barrier waits for a run that is
 * under way.
 *
 * INVARIANTS, while pool->lock is free:
 *   Q1  QUEUED bit <=> the work is on the pool's, a worker's or a share's
 *       inactive list; QUEUED implies PENDING.
 *   Q2  nr_active <= max_active; something is inactive only if equal.
 *   Q3  nr_in_flight[c] is the number of works of color c queued or running.
 *
 * LOCKING.  pool->lock, irqs off.  work->pwq is set under it and says which
 * pool's lock covers a queued work.
 *
 * SEE docs/45-softirqs-and-workqueues.md.
 */

#include <kernel/workqueue.h>

#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

#include "wq_internal.h"

struct workqueue_struct *system_wq, *system_highpri_wq, *system_long_wq,
	*system_unbound_wq, *system_freezable_wq;

/* A flusher's work: says that its predecessor is done. */
struct wq_barrier {
	struct work_struct work;
	struct completion done;
};

static void barrier_func(struct work_struct *work)
{
	complete(&container_of(work, struct wq_barrier, work)->done);
}

static bool is_barrier(const struct work_struct *work)
{
	return work->pending & BIT(WORK_BARRIER_BIT);
}

void wq_move_linked(struct work_struct *work, struct list_head *from,
		    struct list_head *to)
{
	do {
		struct list_head *next = work->entry.next;

		list_move_tail(&work->entry, to);
		if (next == from)
			return;
		work = list_entry(next, struct work_struct, entry);
	} while (is_barrier(work));
}

/* Start what max_active held back. */
static void activate_first_inactive(struct pool_workqueue *pwq)
{
	struct work_struct *work = list_first_entry(&pwq->inactive,
						    struct work_struct, entry);

	wq_move_linked(work, &pwq->inactive, &pwq->pool->worklist);
	pwq->nr_active++;
	wq_wake_worker_if_needed(pwq->pool);
}

void pwq_work_done(struct pool_workqueue *pwq, int color, bool was_active)
{
	if (was_active) {
		pwq->nr_active--;
		if (!list_empty(&pwq->inactive) &&
		    pwq->nr_active < pwq->max_active)
			activate_first_inactive(pwq);            /* Q2 */
	}
	if (--pwq->nr_in_flight[color] == 0)                     /* Q3 */
		wake_up_all(&pwq->wq->flush_wait);
}

static struct pool_workqueue *share_for_cpu(struct workqueue_struct *wq,
					    int cpu)
{
	return wq->flags & WQ_UNBOUND ? wq->pwqs[0] : wq->pwqs[cpu];
}

/*
 * The share to queue on, its pool locked.  If the work runs somewhere now, it
 * must go there, behind itself: two pools would run it at once.  Irqs off.
 */
static struct pool_workqueue *lock_share(struct workqueue_struct *wq, int cpu,
					 struct work_struct *work)
{
	struct pool_workqueue *pwq = share_for_cpu(wq, cpu);
	struct worker_pool *last = work->pool;

	if (last && last != pwq->pool) {
		struct worker *worker;

		spin_lock(&last->lock);
		worker = wq_find_executing(last, work);
		if (worker && worker->current_pwq->wq == wq)
			return worker->current_pwq;
		spin_unlock(&last->lock);
	}
	spin_lock(&pwq->pool->lock);
	return pwq;
}

/* PENDING is ours; irqs off. */
static void __queue_work(int cpu, struct workqueue_struct *wq,
			 struct work_struct *work)
{
	struct pool_workqueue *pwq;

	if (cpu == WORK_CPU_UNBOUND)
		cpu = smp_processor_id();
	pwq = lock_share(wq, cpu, work);
	work->pool = pwq->pool;
	work->pwq = pwq;
	work->color = wq->color;
	pwq->nr_in_flight[work->color]++;
	set_bit(WORK_QUEUED_BIT, &work->pending);
	if (pwq->nr_active < pwq->max_active) {
		pwq->nr_active++;
		list_add_tail(&work->entry, &pwq->pool->worklist);
		wq_wake_worker_if_needed(pwq->pool);
	} else {
		list_add_tail(&work->entry, &pwq->inactive);
	}
	spin_unlock(&pwq->pool->lock);
}

bool queue_work_on(int cpu, struct workqueue_struct *wq,
		   struct work_struct *work)
{
	bool queued = false;
	unsigned long flags;

	local_irq_save(flags);
	if (!test_and_set_bit(WORK_PENDING_BIT, &work->pending)) {
		__queue_work(cpu, wq, work);
		queued = true;
	}
	local_irq_restore(flags);
	return queued;
}
EXPORT_SYMBOL(queue_work_on);

bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return queue_work_on(WORK_CPU_UNBOUND, wq, work);
}
EXPORT_SYMBOL(queue_work);

/* TIMER softirq, irqs off: the delay is over. */
void delayed_work_timer_fn(struct timer_list *t)
{
	struct delayed_work *dw = from_timer(dw, t, timer);

	__queue_work(dw->cpu, dw->wq, &dw->work);
}

/* PENDING is ours; irqs off. */
static void __queue_delayed(int cpu, struct workqueue_struct *wq,
			    struct delayed_work *dw, unsigned long delay)
{
	if (!delay) {
		__queue_work(cpu, wq, &dw->work);
		return;
	}
	dw->wq = wq;
	dw->cpu = cpu;
	dw->timer.expires = jiffies + delay;
	if (cpu == WORK_CPU_UNBOUND)
		add_timer(&dw->timer);
	else
		add_timer_on(&dw->timer, cpu);
}

bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq,
			   struct delayed_work *dw, unsigned long delay)
{
	bool queued = false;
	unsigned long flags;

	local_irq_save(flags);
	if (!test_and_set_bit(WORK_PENDING_BIT, &dw->work.pending)) {
		__queue_delayed(cpu, wq, dw, delay);
		queued = true;
	}
	local_irq_restore(flags);
	return queued;
}
EXPORT_SYMBOL(queue_delayed_work_on);

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dw,
			unsigned long delay)
{
	return queue_delayed_work_on(WORK_CPU_UNBOUND, wq, dw, delay);
}
EXPORT_SYMBOL(queue_delayed_work);

/* Is a queued work of this share held back by max_active? */
static bool is_inactive(struct work_struct *work, struct pool_workqueue *pwq)
{
	struct list_head *pos;

	list_for_each(pos, &pwq->inactive)
		if (pos == &work->entry)
			return true;
	return false;
}

/*
 * Take a queued work off its list; pool->lock held.  Who waits for it by a
 * barrier must not wait for others: a held-back barrier may run.
 */
static void dequeue_work(struct work_struct *work)
{
	struct pool_workqueue *pwq = work->pwq;
	bool inactive = is_inactive(work, pwq);
	struct list_head *next = work->entry.next;

	while (inactive && next != &pwq->inactive) {
		struct work_struct *b = list_entry(next, struct work_struct,
						   entry);

		if (!is_barrier(b))
			break;
		next = next->next;
		list_move_tail(&b->entry, &pwq->pool->worklist);
		wq_wake_worker_if_needed(pwq->pool);
	}
	list_del_init(&work->entry);
	clear_bit(WORK_QUEUED_BIT, &work->pending);
	pwq_work_done(pwq, work->color, !inactive);
}

/*
 * Get hold of the PENDING bit, off all lists.  1: it was pending; 0: it was
 * not;
 * -EAGAIN: it is just being queued or taken; -ENOENT: cancelled, perhaps for
 * long.  dw may be NULL.  Irqs off: an interrupt that wanted it would spin.
 */
static int try_to_grab(struct work_struct *work, struct delayed_work *dw)
{
	struct worker_pool *pool;
	int ret = -EAGAIN;

	if (dw && del_timer(&dw->timer))
		return 1;
	if (!test_and_set_bit(WORK_PENDING_BIT, &work->pending))
		return 0;
	if (test_bit(WORK_CANCELING_BIT, &work->pending))
		return -ENOENT;
	pool = READ_ONCE(work->pool);
	if (!pool)
		return -EAGAIN;
	spin_lock(&pool->lock);
	if (work->pool == pool && test_bit(WORK_QUEUED_BIT, &work->pending)) {
		dequeue_work(work);
		ret = 1;
	}
	spin_unlock(&pool->lock);
	return ret;
}

/*
 * Any context: 1 or 0 with irqs off, or -ENOENT with irqs as they were.  Who
 * queues it, be it the timer, has irqs off too: he is quick, and not here.
 */
static int grab(struct work_struct *work, struct delayed_work *dw,
		unsigned long *flags)
{
	for (;;) {
		int ret;

		local_irq_save(*flags);
		ret = try_to_grab(work, dw);
		if (ret >= 0)
			return ret;
		local_irq_restore(*flags);
		if (ret == -ENOENT)
			return ret;
		cpu_relax();
	}
}

static int grab_sync(struct work_struct *work, struct delayed_work *dw)
{
	unsigned long flags;
	int ret;

	might_sleep();
	while ((ret = grab(work, dw, &flags)) < 0)
		schedule_timeout_uninterruptible(1);
	set_bit(WORK_CANCELING_BIT, &work->pending);
	local_irq_restore(flags);
	return ret;
}

static void release_pending(struct work_struct *work)
{
	/* Both at once: an interrupt between them would spin in grab(). */
	__atomic_and_fetch(&work->pending, ~(BIT(WORK_CANCELING_BIT) |
			   BIT(WORK_PENDING_BIT)), __ATOMIC_RELEASE);
}

/* Being cancelled, it is not queued. */
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dw,
		      unsigned long delay)
{
	unsigned long flags;
	int was = grab(&dw->work, dw, &flags);

	if (was < 0)
		return false;
	__queue_delayed(WORK_CPU_UNBOUND, wq, dw, delay);
	local_irq_restore(flags);
	return was;
}

/* Off its list, if it is on one; a run that is under way goes on. */
static bool cancel_now(struct work_struct *work, struct delayed_work *dw)
{
	unsigned long flags;
	int was = grab(work, dw, &flags);

	if (was < 0)
		return false;
	release_pending(work);
	local_irq_restore(flags);
	return was;
}

bool cancel_delayed_work(struct delayed_work *dw)
{
	return cancel_now(&dw->work, dw);
}

static void init_barrier(struct wq_barrier *b, struct pool_workqueue *pwq)
{
	INIT_WORK_ONSTACK(&b->work, barrier_func);
	b->work.pending = BIT(WORK_PENDING_BIT) | BIT(WORK_BARRIER_BIT) |
			  BIT(WORK_QUEUED_BIT);
	b->work.pool = pwq->pool;
	b->work.pwq = pwq;
	init_completion(&b->done);
}

/* Put a barrier behind `work`; false if it is neither queued nor running. */
static bool start_barrier(struct work_struct *work, struct wq_barrier *b)
{
	struct worker_pool *pool = READ_ONCE(work->pool);
	struct worker *worker;
	bool started = true;

	if (!pool)
		return false;
	spin_lock_irq(&pool->lock);
	worker = wq_find_executing(pool, work);
	if (work->pool == pool && test_bit(WORK_QUEUED_BIT, &work->pending)) {
		init_barrier(b, work->pwq);
		list_add(&b->work.entry, &work->entry);
	} else if (worker) {
		init_barrier(b, worker->current_pwq);
		list_add(&b->work.entry, &worker->scheduled);
	} else {
		started = false;
	}
	spin_unlock_irq(&pool->lock);
	return started;
}

bool flush_work(struct work_struct *work)
{
	struct wq_barrier b;

	might_sleep();
	if (!start_barrier(work, &b))
		return false;
	wait_for_completion(&b.done);
	return true;
}
EXPORT_SYMBOL(flush_work);

bool flush_delayed_work(struct delayed_work *dw)
{
	unsigned long flags;

	local_irq_save(flags);
	if (del_timer_sync(&dw->timer))
		__queue_work(dw->cpu, dw->wq, &dw->work);
	local_irq_restore(flags);
	return flush_work(&dw->work);
}

static bool cancel_sync(struct work_struct *work, struct delayed_work *dw)
{
	int was = grab_sync(work, dw);

	flush_work(work);             /* not queued: only a run is waited for */
	release_pending(work);
	return was;
}

bool cancel_work_sync(struct work_struct *work)
{
	return cancel_sync(work, NULL);
}
EXPORT_SYMBOL(cancel_work_sync);

bool cancel_delayed_work_sync(struct delayed_work *dw)
{
	return cancel_sync(&dw->work, dw);
}
EXPORT_SYMBOL(cancel_delayed_work_sync);

static int nr_shares(struct workqueue_struct *wq)
{
	return wq->flags & WQ_UNBOUND ? 1 : nr_cpu_ids;
}

/* Works of this color, in all shares. */
static int in_flight(struct workqueue_struct *wq, int color)
{
	int sum = 0;

	for (int i = 0; i < nr_shares(wq); i++) {
		struct worker_pool *pool = wq->pwqs[i]->pool;

		spin_lock_irq(&pool->lock);
		sum += wq->pwqs[i]->nr_in_flight[color];
		spin_unlock_irq(&pool->lock);
	}
	return sum;
}

void flush_workqueue(struct workqueue_struct *wq)
{
	u8 old;

	might_sleep();
	mutex_lock(&wq->flush_mutex);
	old = wq->color;
	WRITE_ONCE(wq->color, !old);
	/* in_flight() takes each lock after this: who queued with the old
	 * color has been counted by then. */
	wait_event(wq->flush_wait, in_flight(wq, old) == 0);
	mutex_unlock(&wq->flush_mutex);
}
EXPORT_SYMBOL(flush_workqueue);

/* Until it stays empty: works may queue further works. */
void drain_workqueue(struct workqueue_struct *wq)
{
	do {
		flush_workqueue(wq);
	} while (in_flight(wq, 0) || in_flight(wq, 1));
}

static void free_workqueue(struct workqueue_struct *wq)
{
	for (int i = 0; i < nr_shares(wq); i++)
		kfree(wq->pwqs[i]);
	kfree(wq);
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	drain_workqueue(wq);
	wq_stop_rescuer(wq);
	free_workqueue(wq);
}
EXPORT_SYMBOL(destroy_workqueue);

static struct pool_workqueue *make_share(struct workqueue_struct *wq, int i,
					 int max_active)
{
	struct pool_workqueue *pwq = kzalloc(sizeof(*pwq), GFP_KERNEL);
	bool high = wq->flags & WQ_HIGHPRI;

	if (!pwq)
		return NULL;
	pwq->wq = wq;
	pwq->pool = wq->flags & WQ_UNBOUND ? wq_unbound_pool(high)
					   : wq_cpu_pool(i, high);
	pwq->max_active = max_active;
	INIT_LIST_HEAD(&pwq->inactive);
	INIT_LIST_HEAD(&pwq->mayday_node);
	return pwq;
}

struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
					 int max_active, ...)
{
	struct workqueue_struct *wq = kzalloc(sizeof(*wq), GFP_KERNEL);
	va_list args;

	if (!wq)
		return NULL;
	va_start(args, max_active);
	vsnprintf(wq->name, sizeof(wq->name), fmt, args);
	va_end(args);
	wq->flags = flags;
	mutex_init(&wq->flush_mutex);
	init_waitqueue_head(&wq->flush_wait);
	INIT_LIST_HEAD(&wq->maydays);
	max_active = max_active ? clamp(max_active, 1, (int)WQ_MAX_ACTIVE)
				: (int)WQ_DFL_ACTIVE;
	for (int i = 0; i < nr_shares(wq); i++) {
		wq->pwqs[i] = make_share(wq, i, max_active);
		if (!wq->pwqs[i])
			goto out_free;
	}
	if ((flags & WQ_MEM_RECLAIM) && wq_start_rescuer(wq))
		goto out_free;
	return wq;
out_free:
	free_workqueue(wq);
	return NULL;
}
EXPORT_SYMBOL(alloc_workqueue);

/* One work on each CPU, and wait for all.  May sleep; 0 or -ENOMEM. */
int schedule_on_each_cpu(work_func_t func)
{
	struct work_struct *works = kcalloc(nr_cpu_ids, sizeof(*works),
					    GFP_KERNEL);
	int cpu;

	if (!works)
		return -ENOMEM;
	for_each_online_cpu(cpu) {
		INIT_WORK(&works[cpu], func);
		schedule_work_on(cpu, &works[cpu]);
	}
	for_each_online_cpu(cpu)
		flush_work(&works[cpu]);
	kfree(works);
	return 0;
}

void workqueue_init_early(void)
{
	wq_pools_init();
	system_wq = alloc_workqueue("events", 0, 0);
	system_highpri_wq = alloc_workqueue("events_highpri", WQ_HIGHPRI, 0);
	system_long_wq = alloc_workqueue("events_long", 0, 0);
	system_unbound_wq = alloc_workqueue("events_unbound", WQ_UNBOUND,
					    WQ_MAX_ACTIVE);
	system_freezable_wq = alloc_workqueue("events_freezable",
					      WQ_FREEZABLE, 0);
	BUG_ON(!system_wq || !system_highpri_wq || !system_long_wq ||
	       !system_unbound_wq || !system_freezable_wq);
}

/* Boot, after the slab: works may be queued, and wait for the workers. */
void workqueue_init(void)
{
	workqueue_init_early();
}

static int workqueue_start(void)
{
	return wq_pools_start();
}
core_initcall(workqueue_start);
