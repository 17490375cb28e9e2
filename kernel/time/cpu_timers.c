/* SPDX-License-Identifier: MIT */
/*
 * cpu_timers.c -- the clocks that go while a process computes, and timers on
 * them
 *
 * PROMISE.  Anybody may read the clock of any process, and arm a timer on it;
 * a thread's clock is for its own process.  What is armed on a clock that ends
 * never fires.
 *
 * IDEA.  A clock that only goes while somebody runs needs no hardware timer:
 * whoever runs looks at each tick.  The armed timers hang in the process (or
 * thread) whose clock it is, in a tree by time for each of the three ways to
 * count; the tick that finds the first one due fires it, up to one tick late.
 *
 *	process A             process B, on its CPU
 *	timer_settime ------> [prof] [virt] [sched]
 *	                            tick: the first of each is due?
 *	SIGALRM <------------------ fire, when B's lock is dropped
 *
 * The timer belongs to A, so its signal needs A's siglock, and two siglocks
 * have no order.  Hence the tick takes what is due out of the trees first
 * (`firing`), drops B's lock, and calls the functions after that.
 *
 * INVARIANTS.  I1 A timer with `firing` set is not freed: who stops it waits.
 *   I2 No timer is in a tree of a task that was reaped.
 *
 * LOCKING.  The siglock of the process whose clock it is guards the trees.
 * `firing` is set with it and cleared without, as the last touch of the tick.
 * A clock is read (run queues' locks) before the siglock is taken.
 *
 * SEE timer_create(2), clock_getcpuclockid(3), docs/44-time-and-timers.md.
 *
 * EXERCISES.  1. A tick fires 20 timers of a tree at most.  What could a
 * stranger do otherwise?  2. Why may stop() spin for a timer of another CPU,
 * and when would it spin for ever?
 */

#include "cpu_timers.h"

#include <kernel/cputime.h>
#include <kernel/errno.h>
#include <kernel/itimer.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/task.h>

#define FIRED_A_TICK 20
/* Pid 0, the caller, as a clock id has it. */
#define OWN_CLOCK (~7)

/* The callers' own clocks, spelt as the others are. */
static clockid_t spell(clockid_t clock)
{
	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		return OWN_CLOCK | CPUCLOCK_SCHED;
	if (clock == CLOCK_THREAD_CPUTIME_ID)
		return OWN_CLOCK | CPUCLOCK_SCHED | CPUCLOCK_PERTHREAD;
	return clock;
}

static u64 read_clock(struct task_struct *t, bool thread, int kind)
{
	u64 ut, st;

	if (kind == CPUCLOCK_SCHED)
		return thread ? task_sched_runtime(t)
			      : thread_group_sched_runtime(t);
	if (thread)
		task_cputime(t, &ut, &st);
	else
		thread_group_cputime(t, &ut, &st);
	return kind == 1 ? ut : ut + st;
}

/*
 * Whose clock it is, or NULL.  To read it (not for a timer) a thread may call
 * the process's clock by its own number.  RCU.
 */
static struct task_struct *clock_task(clockid_t clock, bool to_read)
{
	struct pid *pid;
	struct task_struct *t;

	if (CPUCLOCK_KIND(clock) > CPUCLOCK_SCHED)
		return NULL;
	if (!CPUCLOCK_PID(clock))
		return clock & CPUCLOCK_PERTHREAD ? current
						  : current->group_leader;
	pid = find_vpid(CPUCLOCK_PID(clock));
	if (!pid)
		return NULL;
	if (clock & CPUCLOCK_PERTHREAD) {
		t = pid_task(pid, PIDTYPE_PID);
		return t && same_thread_group(t, current) ? t : NULL;
	}
	if (to_read && pid == task_pid(current))
		return current->group_leader;
	return pid_task(pid, PIDTYPE_TGID);
}

int cpu_clock_get(clockid_t clock, ktime_t *now)
{
	struct task_struct *t;

	clock = spell(clock);
	rcu_read_lock();
	t = clock_task(clock, true);
	if (t)
		*now = read_clock(t, clock & CPUCLOCK_PERTHREAD,
				  CPUCLOCK_KIND(clock));
	rcu_read_unlock();
	return t ? 0 : -EINVAL;
}

bool cpu_clock_exists(clockid_t clock)
{
	bool exists;

	rcu_read_lock();
	exists = clock_task(spell(clock), false) != NULL;
	rcu_read_unlock();
	return exists;
}

int cpu_timer_init(struct cpu_timer *ct, clockid_t clock)
{
	struct task_struct *t;

	clock = spell(clock);
	*ct = (struct cpu_timer){ .kind = CPUCLOCK_KIND(clock),
				  .thread = clock & CPUCLOCK_PERTHREAD };
	rcu_read_lock();
	t = clock_task(clock, false);
	if (t)
		ct->target = get_pid(ct->thread ? task_pid(t) : task_tgid(t));
	rcu_read_unlock();
	return t ? 0 : -EINVAL;
}

/* RCU; NULL: reaped, and its timers with it (I2). */
static struct task_struct *timer_task(const struct cpu_timer *ct)
{
	return pid_task(ct->target, ct->thread ? PIDTYPE_PID : PIDTYPE_TGID);
}

static struct rb_root_cached *queue_of(struct task_struct *t,
				       const struct cpu_timer *ct)
{
	return &(ct->thread ? t->cpu_timers : t->signal->cpu_timers)[ct->kind];
}

static bool earlier(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct cpu_timer, node)->expires <
	       rb_entry(b, struct cpu_timer, node)->expires;
}

/* siglock held, as for the next three. */
static void dequeue(struct cpu_timer *ct, struct rb_root_cached *queue)
{
	rb_erase_cached(&ct->node, queue);
	ct->armed = false;
}

static void enqueue(struct cpu_timer *ct, struct rb_root_cached *queue)
{
	rb_add_cached(&ct->node, queue, earlier);
	ct->armed = true;
}

/* It is due, in no tree: to be fired by the caller; a periodic one goes on. */
static void start_firing(struct cpu_timer *ct, struct rb_root_cached *queue,
			 u64 now)
{
	ct->firing = true;
	ct->more = 0;
	if (!ct->interval)
		return;
	ct->more = (now - ct->expires) / ct->interval;
	ct->expires += (ct->more + 1) * ct->interval;
	enqueue(ct, queue);
}

void cpu_timers_drop(struct rb_root_cached *queues)
{
	struct rb_node *node;
	int kind;

	for (kind = 0; kind <= CPUCLOCK_SCHED; kind++)
		while ((node = rb_first_cached(&queues[kind])))    /* I2 */
			dequeue(rb_entry(node, struct cpu_timer, node),
				&queues[kind]);
}

/* Irqs off, no lock held; the timer may be gone afterwards.  I1 */
static void fire(struct cpu_timer *ct)
{
	ct->fire(ct, ct->more);
	smp_store_release(&ct->firing, false);
}

/* Whose clock it is, siglock held; NULL: reaped.  RCU. */
static struct task_struct *lock_timer_task(struct cpu_timer *ct,
					   unsigned long *flags)
{
	struct task_struct *t = timer_task(ct);

	return t && lock_task_sighand(t, flags) ? t : NULL;
}

void cpu_timer_stop(struct cpu_timer *ct)
{
	struct task_struct *t;
	unsigned long flags;

	rcu_read_lock();
	t = lock_timer_task(ct, &flags);
	if (t) {
		if (ct->armed)
			dequeue(ct, queue_of(t, ct));
		unlock_task_sighand(t, &flags);
	}
	rcu_read_unlock();
	while (smp_load_acquire(&ct->firing))                      /* I1 */
		cpu_relax();
}

void cpu_timer_free(struct cpu_timer *ct)
{
	cpu_timer_stop(ct);
	put_pid(ct->target);
}

int cpu_timer_set(struct cpu_timer *ct, bool absolute, u64 expires,
		  u64 interval)
{
	struct rb_root_cached *queue;
	struct task_struct *t;
	unsigned long flags;
	u64 now = 0;

	rcu_read_lock();
	t = timer_task(ct);
	if (t)
		now = read_clock(t, ct->thread, ct->kind);
	t = lock_timer_task(ct, &flags);
	if (t && expires) {
		queue = queue_of(t, ct);
		ct->interval = interval;
		ct->expires = absolute ? expires : now + expires;
		if (ct->expires <= now)
			start_firing(ct, queue, now);
		else
			enqueue(ct, queue);
	}
	if (t)
		spin_unlock(&t->sighand->siglock);
	rcu_read_unlock();
	if (!t)
		return -ESRCH;
	if (expires && ct->firing)
		fire(ct);
	local_irq_restore(flags);
	return 0;
}

u64 cpu_timer_left(struct cpu_timer *ct)
{
	struct task_struct *t;
	unsigned long flags;
	u64 now = 0, left = 0;

	rcu_read_lock();
	t = timer_task(ct);
	if (t)
		now = read_clock(t, ct->thread, ct->kind);
	t = lock_timer_task(ct, &flags);
	if (t) {
		if (ct->armed)
			left = ct->expires > now ? ct->expires - now : 1;
		unlock_task_sighand(t, &flags);
	}
	rcu_read_unlock();
	return left;
}

/* Take from one tree what is due. */
static void collect(struct task_struct *t, struct rb_root_cached *queue,
		    u64 now, struct list_head *due)
{
	struct cpu_timer *ct;
	int n;

	spin_lock(&t->sighand->siglock);
	for (n = 0; n < FIRED_A_TICK; n++) {
		ct = rb_entry_safe(rb_first_cached(queue), struct cpu_timer,
				   node);
		if (!ct || ct->expires > now || ct->firing)
			break;
		dequeue(ct, queue);
		list_add_tail(&ct->due, due);
		start_firing(ct, queue, now);
	}
	spin_unlock(&t->sighand->siglock);
}

void run_posix_cpu_timers(struct task_struct *t)
{
	struct rb_root_cached *queues[] = { t->signal->cpu_timers,
					    t->cpu_timers };
	struct cpu_timer *ct, *next;
	LIST_HEAD(due);
	int i, kind;

	for (i = 0; i < 2; i++)
		for (kind = 0; kind <= CPUCLOCK_SCHED; kind++)
			if (READ_ONCE(queues[i][kind].rb_leftmost))
				collect(t, &queues[i][kind],
					read_clock(t, i == 1, kind), &due);
	list_for_each_entry_safe(ct, next, &due, due)
		fire(ct);
}

struct sleeper {
	struct cpu_timer timer;
	struct task_struct *task;
	bool woken;
};

static void wake_sleeper(struct cpu_timer *ct, u64 more)
{
	struct sleeper *s = container_of(ct, struct sleeper, timer);

	WRITE_ONCE(s->woken, true);
	wake_up_process(s->task);
}

/* Whose clock ends meanwhile never gets there: only a signal helps. */
int cpu_clock_sleep(clockid_t clock, ktime_t expires)
{
	struct sleeper s;
	int err = cpu_timer_init(&s.timer, clock);

	if (err)
		return err;
	s.timer.fire = wake_sleeper;
	s.task = current;
	s.woken = false;
	err = cpu_timer_set(&s.timer, true, max(expires, (ktime_t)1), 0);
	while (!err) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (READ_ONCE(s.woken))
			break;
		if (signal_pending(current))
			err = -EINTR;
		else
			schedule();
	}
	__set_current_state(TASK_RUNNING);
	cpu_timer_free(&s.timer);
	return err;
}
