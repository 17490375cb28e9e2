/* SPDX-License-Identifier: MIT */
/*
 * membarrier.c -- a memory barrier on all CPUs that run threads of a process
 *
 * PROMISE.  When the call returns, every thread concerned has executed a full
 * barrier since it began; with SYNC_CORE also one that instructions fetched
 * before do not survive; with RSEQ any critical section was left.
 *
 * IDEA.  Two threads that each write one word and read the other's need a
 * barrier each.  If one of them is rare, it can make both barriers itself: it
 * interrupts the CPUs on which the other may be running.
 *
 *	frequent (no barrier)     rare
 *	x = 1                     y = 1
 *	(compiler barrier)        membarrier(): barrier here AND there
 *	read y                    read x
 *
 * Who does not run now passed the run queue's lock in schedule(), which is such
 * a barrier, and takes it again before it runs.
 *
 * A process registers for the private commands first: then a library cannot
 * call them by mistake before it has said that it will.
 *
 * SEE membarrier(2), docs/37-threads.md.
 */

#include "sched.h"

#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/rcupdate.h>
#include <kernel/rseq.h>
#include <kernel/syscall.h>
#include <mm/mm.h>

enum {
	CMD_QUERY = 0,
	CMD_GLOBAL = 1 << 0,
	CMD_GLOBAL_EXPEDITED = 1 << 1,
	CMD_REGISTER_GLOBAL_EXPEDITED = 1 << 2,
	CMD_PRIVATE_EXPEDITED = 1 << 3,
	CMD_REGISTER_PRIVATE_EXPEDITED = 1 << 4,
	CMD_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 5,
	CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 6,
	CMD_PRIVATE_EXPEDITED_RSEQ = 1 << 7,
	CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ = 1 << 8,
	CMD_ALL = (1 << 9) - 1,
};
#define CMD_FLAG_CPU 1

/* The interrupt is the barrier, and its return fetches instructions anew. */
static void barrier_here(void *unused)
{
	smp_mb();
}

static void leave_section_here(void *unused)
{
	smp_mb();
	rseq_note_event(current);
}

/* The CPUs, but this one, whose running task is of mm; NULL: of any user. */
static void cpus_running(struct cpumask *mask, const struct mm_struct *mm)
{
	int cpu;

	cpumask_clear(mask);
	rcu_read_lock();
	for_each_online_cpu(cpu) {
		struct task_struct *t = READ_ONCE(cpu_rq(cpu)->curr);
		struct mm_struct *its = READ_ONCE(t->mm);

		if (mm ? its == mm : its != NULL)
			cpumask_set_cpu(cpu, mask);
	}
	rcu_read_unlock();
}

/* Run fn on those CPUs, or on `only` if it is one of them. */
static void interrupt(const struct mm_struct *mm, int only, void (*fn)(void *))
{
	struct cpumask mask;

	smp_mb();                     /* the caller's stores, then the look */
	preempt_disable();
	cpus_running(&mask, mm);
	if (only >= 0)
		cpumask_and(&mask, &mask, cpumask_of(only));
	smp_call_function_many(&mask, fn, NULL, true);
	if (cpumask_test_cpu(smp_processor_id(), &mask))
		fn(NULL);
	preempt_enable();
	smp_mb();
}

/* -EPERM: the process never said that it would ask. */
static long private_expedited(int registration, int cpu, void (*fn)(void *))
{
	struct mm_struct *mm = current->mm;

	if (!(atomic_read(&mm->membarrier_state) & registration))
		return -EPERM;
	if (cpu >= 0 && ((unsigned int)cpu >= nr_cpu_ids || !cpu_online(cpu)))
		return 0;
	interrupt(mm, cpu, fn);
	return 0;
}

static long sync_core_everywhere(void)
{
	if (!(atomic_read(&current->mm->membarrier_state) &
	      CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE))
		return -EPERM;
	/* All CPUs: one that runs a kernel thread may keep our page tables and
	 * come back to us without any serialising instruction. */
	on_each_cpu(barrier_here, NULL, true);
	return 0;
}

static long register_for(int cmd)
{
	atomic_or(cmd, &current->mm->membarrier_state);
	/* Threads that run already are seen by cpus_running() from now on. */
	smp_mb();
	return 0;
}

SYSCALL_DEFINE3(membarrier, int, cmd, unsigned int, flags, int, cpu)
{
	if (cmd == CMD_PRIVATE_EXPEDITED_RSEQ) {
		if (flags & ~CMD_FLAG_CPU)
			return -EINVAL;
	} else if (flags) {
		return -EINVAL;
	}
	switch (cmd) {
	case CMD_QUERY:
		return CMD_ALL;
	case CMD_GLOBAL:
		if (num_online_cpus() > 1)
			synchronize_rcu();
		return 0;
	case CMD_GLOBAL_EXPEDITED:
		interrupt(NULL, -1, barrier_here);
		return 0;
	case CMD_PRIVATE_EXPEDITED:
		return private_expedited(CMD_REGISTER_PRIVATE_EXPEDITED, -1,
					 barrier_here);
	case CMD_PRIVATE_EXPEDITED_SYNC_CORE:
		return sync_core_everywhere();
	case CMD_PRIVATE_EXPEDITED_RSEQ:
		return private_expedited(CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ,
					 flags & CMD_FLAG_CPU ? cpu : -1,
					 leave_section_here);
	case CMD_REGISTER_GLOBAL_EXPEDITED:
	case CMD_REGISTER_PRIVATE_EXPEDITED:
	case CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
	case CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		return register_for(cmd);
	}
	return -EINVAL;
}
