/* SPDX-License-Identifier: MIT */
/*
 * trace_events.h -- every tracepoint: its arguments, and what it tells of them
 *
 *	TRACE_EVENT(system, name, (arguments), F(field, kind, value), ...)
 *
 * Read once by each user, and once more by kernel/core/tracepoint.c, which
 * makes the tables from the same lines.
 */
#if !defined(KERNEL_TRACE_EVENTS_H) || defined(TRACE_TABLES)
#define KERNEL_TRACE_EVENTS_H

#include <kernel/sched.h>
#include <kernel/tracepoint.h>

TRACE_EVENT(sched, sched_switch,
	(const struct task_struct *prev, const struct task_struct *next,
	 unsigned int state),
	F(prev_comm, 's', prev->comm), F(prev_pid, 'd', prev->pid),
	F(prev_state, 'x', state), F(next_comm, 's', next->comm),
	F(next_pid, 'd', next->pid))
TRACE_EVENT(sched, sched_wakeup,
	(const struct task_struct *p, int cpu),
	F(comm, 's', p->comm), F(pid, 'd', p->pid), F(target_cpu, 'd', cpu))
TRACE_EVENT(sched, sched_process_fork,
	(const struct task_struct *parent, const struct task_struct *child),
	F(parent_pid, 'd', parent->pid), F(child_pid, 'd', child->pid))
TRACE_EVENT(sched, sched_process_exit,
	(const struct task_struct *p, long code),
	F(comm, 's', p->comm), F(pid, 'd', p->pid), F(code, 'x', code))

TRACE_EVENT(raw_syscalls, sys_enter,
	(long id, unsigned long a0, unsigned long a1, unsigned long a2,
	 unsigned long a3, unsigned long a4, unsigned long a5),
	F(id, 'd', id), F(a0, 'x', a0), F(a1, 'x', a1), F(a2, 'x', a2),
	F(a3, 'x', a3), F(a4, 'x', a4), F(a5, 'x', a5))
TRACE_EVENT(raw_syscalls, sys_exit, (long id, long ret),
	F(id, 'd', id), F(ret, 'd', ret))

TRACE_EVENT(irq, irq_handler_entry, (int irq, const char *name),
	F(irq, 'd', irq), F(name, 's', name ? name : ""))
TRACE_EVENT(irq, irq_handler_exit, (int irq, int ret),
	F(irq, 'd', irq), F(ret, 'd', ret))
TRACE_EVENT(irq, softirq_entry, (unsigned int nr), F(vec, 'u', nr))
TRACE_EVENT(irq, softirq_exit, (unsigned int nr), F(vec, 'u', nr))

TRACE_EVENT(exceptions, page_fault,
	(unsigned long address, unsigned long ip, unsigned long error),
	F(address, 'x', address), F(ip, 'x', ip), F(error_code, 'x', error))

TRACE_EVENT(block, block_rq_issue,
	(unsigned int dev, u64 sector, unsigned int bytes, unsigned int op),
	F(dev, 'x', dev), F(sector, 'u', sector), F(bytes, 'u', bytes),
	F(op, 'u', op))
TRACE_EVENT(block, block_rq_complete, (unsigned int dev, u64 sector, int error),
	F(dev, 'x', dev), F(sector, 'u', sector), F(error, 'd', error))

TRACE_EVENT(signal, signal_generate,
	(int sig, const struct task_struct *t, int result),
	F(sig, 'd', sig), F(comm, 's', t->comm), F(pid, 'd', t->pid),
	F(res, 'd', result))
TRACE_EVENT(signal, signal_deliver, (int sig), F(sig, 'd', sig))

TRACE_EVENT(epoll, epoll_callback, (unsigned long ep, u64 data, unsigned mask),
	F(ep, 'x', ep), F(data, 'x', data), F(mask, 'x', mask))
TRACE_EVENT(epoll, epoll_wakeup, (unsigned long ep), F(ep, 'x', ep))
TRACE_EVENT(epoll, epoll_return, (unsigned long ep, int events),
	F(ep, 'x', ep), F(events, 'd', events))

#endif
