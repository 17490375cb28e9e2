/* SPDX-License-Identifier: MIT */
/*
 * rcu.c -- read-copy-update: telling when nobody can hold an old pointer
 *
 * PROMISE.  A callback of call_rcu() runs after every reader that was inside
 * rcu_read_lock() when call_rcu() was called has left.  Readers pay one add and
 * one subtract on a per-CPU word, and never wait.
 *
 * IDEA.  A reader keeps preemption off and does not sleep.  So a CPU that is
 * seen to switch tasks, to run user code, to idle, or to take an interrupt out
 * of preemptible code, has no reader from before that moment: a quiescent
 * state.  When every CPU has passed one, a grace period is over.
 *
 *	CPU 0   [reader]  ......switch.............
 *	CPU 1        [reader        ]...user.......
 *	CPU 2   idle idle idle idle idle idle idle      (not waited for)
 *	        ^ grace period starts       ^ it ends: run what waited
 *
 * Grace periods are numbered; one runs at a time.  A callback that arrives
 * while number n runs may have readers that n does not wait for, so it waits
 * for n + 1.  Each CPU keeps its callbacks in three lists:
 *
 *	next  -->  wait (for grace period wait_gp)  -->  done (softirq runs them)
 *
 * INVARIANTS, with rcu_lock free
 *	I1  completed <= current <= completed + 1; equal: none is running
 *	I2  while one runs, need_qs is the set of CPUs that it still waits for,
 *	    and not empty
 *	I3  a CPU's list `wait` has a number that was asked for: it will come
 *
 * RACES.  Idle CPUs are not waited for, so the start must not overlook one
 * that is just waking.  Each side writes, has a full barrier, and reads:
 *
 *	starter				CPU going idle
 *	need_qs |= cpu		[a]	watching = 0		[c]
 *	full barrier			full barrier
 *	watching == 0 ? drop it [b]	in need_qs ? report	[d]
 *
 * At least one of them sees the other.  For a CPU leaving idle: if [b] saw it
 * idle, its later reads come after its barrier and so see the new pointers.
 *
 * LOCKING.  rcu_lock: the numbers and need_qs; interrupts off; a leaf.  The
 * lists of a CPU: that CPU, with interrupts off.
 *
 * NOT DONE.  Preemptible readers (a reader here must be short), and a tree of
 * CPUs (one lock is enough for 16).
 *
 * SEE McKenney, "Is Parallel Programming Hard", ch. 9; docs/32-rcu.md.
 */

#include <kernel/rcupdate.h>

#include <kernel/bug.h>
#include <kernel/completion.h>
#include <kernel/cpumask.h>
#include <kernel/export.h>
#include <kernel/mutex.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/softirq.h>
#include <kernel/spinlock.h>
#include <mm/slab.h>

#define BATCH 256                     /* callbacks in one softirq round */
#define STALL_NS (21UL * 1000000000)  /* a grace period this long is a bug */

struct callback_list {
	struct rcu_head *head, **tail;
	unsigned long count;
};

struct rcu_data {
	struct callback_list next, wait, done;
	unsigned long wait_gp;        /* what `wait` waits for */
	int watching;                 /* 0: idle, no readers here */
	bool irq_woke;                /* an interrupt made us watch for a while */
	struct rcu_head barrier_head;
};

static DEFINE_PER_CPU(struct rcu_data, rcu_data) = { .watching = 1 };

static DEFINE_RAW_SPINLOCK(rcu_lock);
/* All guarded by rcu_lock; read without it as hints. */
static unsigned long current_gp;      /* number of the last one started */
static unsigned long completed_gp;
static unsigned long wanted_gp;       /* the highest that somebody waits for */
static struct cpumask need_qs;
static u64 gp_started_ns;
static bool stall_reported;

static void list_init(struct callback_list *l)
{
	l->head = NULL;
	l->tail = &l->head;
	l->count = 0;
}

static void list_append(struct callback_list *l, struct rcu_head *head)
{
	head->next = NULL;
	*l->tail = head;
	l->tail = &head->next;
	l->count++;
}

/* Put all of `from` behind `to`. */
static void list_move_all(struct callback_list *to, struct callback_list *from)
{
	if (!from->head)
		return;
	*to->tail = from->head;
	to->tail = from->tail;
	to->count += from->count;
	list_init(from);
}

/* Begin the next grace period; lock held, none running. */
static void start_gp(void)
{
	unsigned int cpu;

	current_gp++;
	gp_started_ns = sched_clock();
	stall_reported = false;
	cpumask_copy(&need_qs, cpu_online_mask);                   /* [a] */
	smp_mb();
	for_each_online_cpu(cpu)
		if (!READ_ONCE(per_cpu(rcu_data, cpu).watching))   /* [b] */
			__cpumask_clear_cpu(cpu, &need_qs);
}

/* End grace periods that wait for nobody, and begin what is wanted. */
static void advance_gp(void)
{
	if (current_gp != completed_gp && cpumask_empty(&need_qs))
		WRITE_ONCE(completed_gp, current_gp);
	while (current_gp == completed_gp && wanted_gp > completed_gp) {
		start_gp();
		if (!cpumask_empty(&need_qs))
			break;
		WRITE_ONCE(completed_gp, current_gp);
	}
}

static bool list_due(const struct rcu_data *rdp)
{
	return rdp->done.head ||
	       (rdp->wait.head && READ_ONCE(completed_gp) >= rdp->wait_gp);
}

/* This CPU is in a quiescent state; irqs off. */
static void report_qs(struct rcu_data *rdp)
{
	unsigned int cpu = smp_processor_id();

	if (likely(!cpumask_test_cpu(cpu, &need_qs)))
		return;
	raw_spin_lock(&rcu_lock);
	__cpumask_clear_cpu(cpu, &need_qs);
	advance_gp();
	arch_spin_unlock(&rcu_lock.raw_lock);
	preempt_enable_no_resched();
	if (list_due(rdp))
		__raise_softirq_irqoff(RCU_SOFTIRQ);
}

/* Move this CPU's callbacks along as far as the numbers allow; irqs off. */
static void advance_lists(struct rcu_data *rdp)
{
	if (rdp->wait.head && READ_ONCE(completed_gp) >= rdp->wait_gp)
		list_move_all(&rdp->done, &rdp->wait);
	if (rdp->wait.head || !rdp->next.head)
		return;
	list_move_all(&rdp->wait, &rdp->next);
	raw_spin_lock(&rcu_lock);
	rdp->wait_gp = current_gp + 1;
	if (wanted_gp < rdp->wait_gp)
		wanted_gp = rdp->wait_gp;                          /* I3 */
	advance_gp();
	arch_spin_unlock(&rcu_lock.raw_lock);
	preempt_enable_no_resched();
}

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	struct rcu_data *rdp;
	unsigned long flags;

	head->func = func;
	local_irq_save(flags);
	rdp = this_cpu_ptr(&rcu_data);
	list_append(&rdp->next, head);
	if (!rdp->wait.head)
		advance_lists(rdp);
	local_irq_restore(flags);
}
EXPORT_SYMBOL(call_rcu);

/* A small "function" is the offset that kfree_rcu() left. */
static void run_callback(struct rcu_head *head)
{
	unsigned long offset = (unsigned long)head->func;

	if (offset < 4096)
		kfree((char *)head - offset);
	else
		head->func(head);
}

/* Up to BATCH callbacks; the rest at the next round. */
static void rcu_softirq(struct softirq_action *unused)
{
	struct rcu_data *rdp;
	struct rcu_head *head;

	for (int n = 0; n < BATCH; n++) {
		local_irq_disable();
		rdp = this_cpu_ptr(&rcu_data);
		if (!rdp->done.head)
			advance_lists(rdp);
		head = rdp->done.head;
		if (head) {
			rdp->done.head = head->next;
			rdp->done.count--;
			if (!head->next)
				list_init(&rdp->done);
		}
		local_irq_enable();
		if (!head)
			return;
		run_callback(head);
	}
	raise_softirq(RCU_SOFTIRQ);
}

/*
 * The culprits by name.  Only a CPU that ticks in a reader gets here, so that a
 * stall seen is in the guest, not in its host.
 */
static void check_stall(void)
{
	unsigned int cpu;

	if (likely(current_gp == completed_gp || stall_reported ||
		   sched_clock() - gp_started_ns < STALL_NS))
		return;
	stall_reported = true;
	pr_err("rcu: INFO: CPUs %*pbl keep grace period %lu from ending\n",
	       NR_CPUS, cpumask_bits(&need_qs), current_gp);
	for_each_online_cpu(cpu) {
		if (!cpumask_test_cpu(cpu, &need_qs))
			continue;
		if (cpu == smp_processor_id())
			dump_stack();
		else
			arch_cpu_backtrace(cpu, false);
	}
}

void rcu_note_context_switch(void)
{
	report_qs(this_cpu_ptr(&rcu_data));
}

/*
 * From the tick.  Code that could have been preempted (count 0 under this
 * interrupt) was not in a reader.
 */
void rcu_sched_clock_irq(bool user)
{
	struct rcu_data *rdp = this_cpu_ptr(&rcu_data);

	if (user || preempt_count() == HARDIRQ_OFFSET)
		report_qs(rdp);
	else
		check_stall();
	if (list_due(rdp))
		__raise_softirq_irqoff(RCU_SOFTIRQ);
}

/* Irqs off. */
void rcu_idle_enter(void)
{
	struct rcu_data *rdp = this_cpu_ptr(&rcu_data);

	xchg(&rdp->watching, 0);                                   /* [c] */
	report_qs(rdp);                                            /* [d] */
}

void rcu_idle_exit(void)
{
	struct rcu_data *rdp = this_cpu_ptr(&rcu_data);

	xchg(&rdp->watching, 1);
	rdp->irq_woke = false;
}

/* An interrupt begins, irqs off: if it struck the idle loop, watch. */
void rcu_irq_enter(void)
{
	struct rcu_data *rdp = this_cpu_ptr(&rcu_data);

	if (likely(rdp->watching))
		return;
	xchg(&rdp->watching, 1);
	rdp->irq_woke = true;
}

/* An interrupt ends; the outermost one, its softirqs done, goes back to
 * idle. */
void rcu_irq_exit(void)
{
	struct rcu_data *rdp = this_cpu_ptr(&rcu_data);

	if (likely(!rdp->irq_woke) || in_interrupt())
		return;
	rdp->irq_woke = false;
	rcu_idle_enter();
}

bool rcu_needs_cpu(void)
{
	struct rcu_data *rdp = this_cpu_ptr(&rcu_data);

	return rdp->next.head || rdp->wait.head || rdp->done.head;
}

struct waiter {
	struct rcu_head head;
	struct completion done;
};

static void wake_waiter(struct rcu_head *head)
{
	complete(&container_of(head, struct waiter, head)->done);
}

void synchronize_rcu(void)
{
	struct waiter w;

	might_sleep();
	/* With one CPU, the caller itself, which may sleep, is no reader. */
	if (num_online_cpus() == 1)
		return;
	init_completion(&w.done);
	call_rcu(&w.head, wake_waiter);
	wait_for_completion(&w.done);
}
EXPORT_SYMBOL(synchronize_rcu);

static DEFINE_MUTEX(barrier_mutex);
static DECLARE_COMPLETION(barrier_done);
static atomic_t barrier_left;

static void barrier_reached(struct rcu_head *head)
{
	if (atomic_dec_and_test(&barrier_left))
		complete(&barrier_done);
}

/* On each CPU: a callback behind all that are there. */
static void queue_barrier(void *unused)
{
	atomic_inc(&barrier_left);
	call_rcu(&this_cpu_ptr(&rcu_data)->barrier_head, barrier_reached);
}

void rcu_barrier(void)
{
	mutex_lock(&barrier_mutex);
	reinit_completion(&barrier_done);
	atomic_set(&barrier_left, 1);   /* ours: not done before all are queued */
	on_each_cpu(queue_barrier, NULL, 1);
	if (atomic_dec_and_test(&barrier_left))
		complete(&barrier_done);
	wait_for_completion(&barrier_done);
	mutex_unlock(&barrier_mutex);
}
EXPORT_SYMBOL(rcu_barrier);

void rcu_cpu_starting(unsigned int cpu)
{
	WRITE_ONCE(per_cpu(rcu_data, cpu).watching, 1);
}

void rcu_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct rcu_data *rdp = &per_cpu(rcu_data, cpu);

		list_init(&rdp->next);
		list_init(&rdp->wait);
		list_init(&rdp->done);
	}
	open_softirq(RCU_SOFTIRQ, rcu_softirq);
}
