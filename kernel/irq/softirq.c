/* SPDX-License-Identifier: MIT */
/*
 * softirq.c -- work that interrupts put off, done with interrupts on
 *
 * PROMISE.  A raised softirq runs on the CPU that raised it, soon, in the order
 * of the numbers; never inside itself on one CPU.  A flood of softirqs does
 * not stop user programs.
 *
 * IDEA.  A handler with interrupts off should only save what the device would
 * lose.  The rest is marked by a bit in a per-CPU mask, and served when the
 * outermost interrupt ends, with interrupts on:
 *
 *	hard irq:   raise(NET_RX) ----> mask [........1.]
 *	irq_exit:   take the mask, clear it, irqs on,
 *	            call the lowest first; new bits? again
 *
 * Serving goes on for at most 10 rounds or 2 ms; what is raised beyond that
 * is left to ksoftirqd/N, an ordinary thread, which competes with others by
 * the scheduler's rules.
 *
 * Contexts (preempt.h): serving adds SOFTIRQ_OFFSET, local_bh_disable() twice
 * that: so "is being served" and "must not be served" can be told apart.
 *
 * INVARIANTS.
 *   S1  The mask is changed by its own CPU only, irqs off.
 *   S2  Bits are cleared before their functions run: raised during the
 *       function means run once more.
 *
 * RACES.  raise_softirq() in process context: no interrupt may come for long,
 * so nobody would serve; it wakes ksoftirqd.  In an interrupt or with bottom
 * halves disabled the way out serves.
 *
 * SEE docs/45-softirqs-and-workqueues.md.
 */

#include <kernel/interrupt.h>

#include <kernel/cputime.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/kmsg.h>
#include <kernel/kthread.h>
#include <kernel/percpu.h>
#include <kernel/rcupdate.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/tick.h>
#include <kernel/trace_events.h>

#define MAX_SOFTIRQ_NS 2000000
#define MAX_SOFTIRQ_ROUNDS 10

const char *const softirq_to_name[NR_SOFTIRQS] = {
	"HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET",
	"SCHED", "HRTIMER", "RCU",
};

static struct softirq_action softirq_vec[NR_SOFTIRQS];

struct softirq_cpu {
	u32 pending;                  /* S1 */
	struct task_struct *ksoftirqd;
	unsigned int counts[NR_SOFTIRQS];
};

static DEFINE_PER_CPU(struct softirq_cpu, softirq_cpu);
DEFINE_PER_CPU(struct pt_regs *, __irq_regs);

void open_softirq(int nr, void (*action)(struct softirq_action *))
{
	softirq_vec[nr].action = action;
}

u32 local_softirq_pending(void)
{
	return this_cpu_read(softirq_cpu.pending);
}

unsigned int kstat_softirqs_cpu(unsigned int nr, int cpu)
{
	return READ_ONCE(per_cpu(softirq_cpu, cpu).counts[nr]);
}

struct task_struct *this_cpu_ksoftirqd(void)
{
	return this_cpu_read(softirq_cpu.ksoftirqd);
}

static void wake_ksoftirqd(void)
{
	struct task_struct *t = this_cpu_ksoftirqd();

	if (t)
		wake_up_process(t);
}

/* Serve the bits of one mask; irqs on. */
static void run_softirqs(u32 pending)
{
	while (pending) {
		unsigned int nr = __ffs(pending);
		unsigned int before = preempt_count();

		pending &= pending - 1;
		this_cpu_inc(softirq_cpu.counts[nr]);
		trace_softirq_entry(nr);
		softirq_vec[nr].action(&softirq_vec[nr]);
		trace_softirq_exit(nr);
		if (WARN_ONCE(before != preempt_count(),
			      "softirq %s changed the preempt count\n",
			      softirq_to_name[nr]))
			preempt_count_set(before);
	}
}

/* Irqs off on entry and return; not nested (the callers look). */
void __do_softirq(void)
{
	u64 end = sched_clock() + MAX_SOFTIRQ_NS;
	int rounds = MAX_SOFTIRQ_ROUNDS;
	u32 pending = local_softirq_pending();

	preempt_count_add(SOFTIRQ_OFFSET);
	while (pending) {
		this_cpu_write(softirq_cpu.pending, 0);          /* S2 */
		local_irq_enable();
		run_softirqs(pending);
		local_irq_disable();
		pending = local_softirq_pending();
		if (pending && (--rounds == 0 || sched_clock() > end ||
				need_resched())) {
			wake_ksoftirqd();
			break;
		}
	}
	preempt_count_sub(SOFTIRQ_OFFSET);
}

void do_softirq(void)
{
	unsigned long flags;

	if (in_interrupt())
		return;
	local_irq_save(flags);
	if (local_softirq_pending())
		__do_softirq();
	local_irq_restore(flags);
}

void local_bh_enable(void)
{
	WARN_ON_ONCE(in_hardirq());
	/* Keep preemption off until the softirqs have run. */
	preempt_count_sub(SOFTIRQ_DISABLE_OFFSET - 1);
	if (unlikely(!in_interrupt() && local_softirq_pending()))
		do_softirq();
	preempt_count_sub(1);
	preempt_check_resched();
}
EXPORT_SYMBOL(local_bh_enable);

void _local_bh_enable(void)
{
	preempt_count_sub(SOFTIRQ_DISABLE_OFFSET);
}

void __raise_softirq_irqoff(unsigned int nr)
{
	this_cpu_or(softirq_cpu.pending, 1U << nr);
}

void raise_softirq_irqoff(unsigned int nr)
{
	__raise_softirq_irqoff(nr);
	if (!in_interrupt())
		wake_ksoftirqd();
}

void raise_softirq(unsigned int nr)
{
	unsigned long flags;

	local_irq_save(flags);
	raise_softirq_irqoff(nr);
	local_irq_restore(flags);
}
EXPORT_SYMBOL(raise_softirq);

void irq_enter_rcu(void)
{
	preempt_count_add(HARDIRQ_OFFSET);
	/* The halt is over: jiffies must be right for the handlers. */
	if (unlikely(current->flags & PF_IDLE) &&
	    irq_count() == HARDIRQ_OFFSET)
		tick_irq_enter();
}

void irq_enter(void)
{
	rcu_irq_enter();
	irq_enter_rcu();
}

void irq_exit_rcu(void)
{
	preempt_count_sub(HARDIRQ_OFFSET);
	if (!in_interrupt() && local_softirq_pending())
		__do_softirq();
}

/* Irqs off.  The outermost exit serves softirqs. */
void irq_exit(void)
{
	irq_exit_rcu();
	if (!in_interrupt())
		kmsg_flush_deferred();
	rcu_irq_exit();
}

static int ksoftirqd(void *unused)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		local_irq_disable();
		if (!local_softirq_pending()) {
			local_irq_enable();
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		__do_softirq();
		local_irq_enable();
		cond_resched();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int spawn_ksoftirqd(void)
{
	int cpu;

	for_each_online_cpu(cpu) {
		struct task_struct *t = kthread_create_on_cpu(ksoftirqd, NULL,
							cpu, "ksoftirqd/%u");

		if (IS_ERR(t))
			return PTR_ERR(t);
		per_cpu(softirq_cpu, cpu).ksoftirqd = t;
		wake_up_process(t);
	}
	return 0;
}
core_initcall(spawn_ksoftirqd);

/* A number without a user yet: raising it is counted and does nothing. */
static void no_action(struct softirq_action *a)
{
}

void softirq_init(void)
{
	for (int i = 0; i < NR_SOFTIRQS; i++)
		if (!softirq_vec[i].action)
			softirq_vec[i].action = no_action;
}
