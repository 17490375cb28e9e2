/* SPDX-License-Identifier: MIT */
/*
 * spinlock.c -- queued locks: spinning in order, each on a line of its own
 *
 * PROMISE.  One holder at a time; who asked first is served first (but see
 * VIRTUAL MACHINES); taking a free lock is one locked instruction, releasing it
 * a plain store of a byte.  A lock is four bytes.
 *
 * IDEA.  A lock of one bit is won by whoever is luckiest, again and again: on
 * two sockets a CPU can starve.  Tickets put an end to that, but all who wait
 * read one word, and each release takes it out of all their caches.  In a queue
 * (Mellor-Crummey and Scott) everybody waits on a variable of its own, and a
 * release writes one of them.  The nodes of the queue are too large for a lock;
 * they are per CPU, and the lock names the last one by 16 bits:
 *
 *	 31         16 15      8 7       0
 *	[    tail     | pending | locked  ]       free: all of it 0
 *
 *	lock:    free: 0 -> locked, one compare-and-exchange
 *	         held, nobody waits: set `pending`, wait for `locked` to go.
 *	           The second CPU needs no node: two are the common crowd
 *	         else: put a node of this CPU at the tail; wait until the one
 *	           before passes the turn, then for locked and pending to go
 *	unlock:  locked = 0 (only the holder: no locked instruction)
 *
 *	[tail 3.0 | pending | locked ]     holder     CPU 0
 *	     |                             pending    CPU 1 spins on the lock
 *	     |   node 2.0 --next--> node 3.0
 *	     +---------------------^       CPU 2, the head, spins on the lock,
 *	                                   CPU 3 on its node's `turn`
 *
 * How many nodes does a CPU need?  A waiter is not preempted, but a softirq may
 * strike it and want another lock, an interrupt the softirq, an NMI that one:
 * four contexts, four nodes, used as a stack.  A cache line holds them.
 *
 * VIRTUAL MACHINES.  Order has a price: the CPU whose turn it is must run.  If
 * the host has descheduled it, all behind it wait for the host, and with more
 * virtual CPUs than cores nearly every hand-over hits one that sleeps: sixteen
 * on two cores come to a stand (a lock convoy).  So under a hypervisor nobody
 * queues: whoever runs and finds the lock free takes it.  Fairness is the
 * host's there anyway.  The boot line decides otherwise by qspinlock=on or off.
 * Both ways may meet on one lock: a lucky one takes only a word that is 0.
 *
 * INVARIANTS
 *	I1  locked is set by one CPU, from 0; only that one clears it
 *	I2  pending is set by one CPU at a time, while no tail is; it goes when
 *	    locked passes to that CPU.  (One that sets it too late, when there
 *	    is a tail, takes it back and queues.)
 *	I3  tail is 0 or names the last node; its owner, and nobody else, may
 *	    make it 0, together with taking the lock
 *	I4  only the head of the queue and the pending CPU wait for `locked`, the
 *	    head for both bytes: nobody passes the pending CPU
 *
 * RACES.  The head sees its own node as the tail and wants to leave with
 * "locked, no tail"; meanwhile
 *	another CPU queues	the exchange of the whole word fails [a]; that CPU
 *				got our node as `before` and sets its `next`,
 *				for which we wait [b]
 *	another sets pending,	it fails, too; that CPU sees the tail, takes
 *	having seen no tail	pending back and queues behind us: again [b]
 *
 * CONTEXT.  The holder is not preempted and does not sleep.  If an interrupt
 * handler takes the lock too, everybody else takes it with interrupts off, or
 * the handler may spin for a lock that the code under it holds.
 *
 * The fast paths are in include/kernel/spinlock.h; the tests in
 * spinlock_test.c; docs/30-spinlocks.md.
 *
 * EXERCISES.  1. Make unlock a `lock andb`: what is measurably slower, and why
 * is it not more right?  2. Why does the head wait for `pending` to go and not
 * only for `locked`?  3. Why may pass_the_turn() not be left out when `next` is
 * still NULL?
 */

#include <kernel/spinlock.h>

#include <arch/cpufeature.h>
#include <arch/processor.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/percpu.h>
#include <kernel/string.h>

#define CONTEXTS 4                     /* task, softirq, interrupt, NMI */
#define CONTEXT_BITS 2

/* Written by its owner before it is the tail, then by the neighbours. */
struct queue_node {
	struct queue_node *next;       /* by the one behind */
	u32 turn;                      /* by the one before: 1, it is ours */
};

static DEFINE_PER_CPU_ALIGNED(struct queue_node[CONTEXTS], nodes);
static DEFINE_PER_CPU(u32, nodes_used);

static_assert((NR_CPUS + 1) << CONTEXT_BITS <= 0x10000,
	      "a tail has 16 bits");
static_assert(sizeof(struct queue_node[CONTEXTS]) <= 64,
	      "one cache line");

/* CPU 0's first node must not look like no tail at all. */
static u16 tail_of(unsigned int cpu, u32 depth)
{
	return (cpu + 1) << CONTEXT_BITS | depth;
}

static struct queue_node *node_of(u16 tail)
{
	struct queue_node *first = per_cpu_ptr(&nodes[0],
					       (tail >> CONTEXT_BITS) - 1);

	return first + tail % CONTEXTS;
}

/* The second in line: true if that is what we were, and we hold it now. */
static bool lock_as_pending(arch_spinlock_t *lock)
{
	u32 old = READ_ONCE(lock->val);

	if (old & ~SPIN_LOCKED)
		return false;
	old = __atomic_fetch_or(&lock->val, SPIN_PENDING, __ATOMIC_ACQUIRE);
	if (unlikely(old & ~SPIN_LOCKED)) {
		if (!(old & SPIN_PENDING))      /* I2: it was ours, too late */
			__atomic_store_n(&lock->pending, 0, __ATOMIC_RELAXED);
		return false;
	}
	while (__atomic_load_n(&lock->locked, __ATOMIC_ACQUIRE))
		cpu_relax();
	__atomic_store_n(&lock->locked_pending, SPIN_LOCKED, __ATOMIC_RELAXED);
	return true;
}

/* Tell the one behind; it may be about to say who it is. */
static void pass_the_turn(struct queue_node *node)
{
	struct queue_node *next;

	while (!(next = READ_ONCE(node->next)))         /* [b] */
		cpu_relax();
	__atomic_store_n(&next->turn, 1, __ATOMIC_RELEASE);
}

/* At the head: wait for the lock and take it; leave the queue. */
static void lock_as_head(arch_spinlock_t *lock, struct queue_node *node,
			 u16 tail)
{
	u32 old;

	while ((old = __atomic_load_n(&lock->val, __ATOMIC_ACQUIRE)) &
	       (SPIN_LOCKED | SPIN_PENDING))            /* I4 */
		cpu_relax();
	if (old >> SPIN_TAIL_SHIFT == tail &&           /* [a] I3 */
	    try_cmpxchg(&lock->val, &old, SPIN_LOCKED))
		return;
	/* Only who finds 0 or is the head sets it: no tail, no race. */
	__atomic_store_n(&lock->locked, SPIN_LOCKED, __ATOMIC_RELAXED);
	pass_the_turn(node);
}

static void lock_in_queue(arch_spinlock_t *lock, u32 depth)
{
	struct queue_node *node = this_cpu_ptr(&nodes[0]) + depth;
	u16 tail = tail_of(raw_smp_processor_id(), depth), before;

	node->next = NULL;
	node->turn = 0;
	before = xchg(&lock->tail, tail);
	if (before) {
		WRITE_ONCE(node_of(before)->next, node);
		while (!__atomic_load_n(&node->turn, __ATOMIC_ACQUIRE))
			cpu_relax();
	}
	lock_as_head(lock, node, tail);
}

void unfair_lock(arch_spinlock_t *lock)
{
	while (!arch_spin_trylock(lock))
		cpu_relax();
}

void queued_lock(arch_spinlock_t *lock)
{
	u32 depth;

	if (arch_spin_trylock(lock) || lock_as_pending(lock))
		return;
	/* What interrupts us between the two puts back what it adds. */
	depth = this_cpu_read(nodes_used);
	this_cpu_add(nodes_used, 1);
	barrier();
	/* An exception inside an NMI, say: out of nodes, so out of order. */
	if (likely(depth < CONTEXTS))
		lock_in_queue(lock, depth);
	else
		unfair_lock(lock);
	barrier();
	this_cpu_sub(nodes_used, 1);
}

static enum { BY_HYPERVISOR, QUEUED, UNFAIR } how __ro_after_init;

static int __init qspinlock_setup(char *value)
{
	if (strcmp(value, "on") == 0)
		how = QUEUED;
	else if (strcmp(value, "off") == 0)
		how = UNFAIR;
	else
		return -EINVAL;
	return 0;
}
__setup("qspinlock=", qspinlock_setup);

void spin_lock_slow(arch_spinlock_t *lock)
{
	if (how == QUEUED || (how == BY_HYPERVISOR &&
			      !boot_cpu_has(X86_FEATURE_HYPERVISOR)))
		queued_lock(lock);
	else
		unfair_lock(lock);
}
EXPORT_SYMBOL(spin_lock_slow);
