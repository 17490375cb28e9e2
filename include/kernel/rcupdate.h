/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_RCUPDATE_H
#define KERNEL_RCUPDATE_H
/*
 * rcupdate.h -- readers without locks; writers who wait before they free
 *
 *	reader				writer (holding its own lock)
 *	rcu_read_lock();		rcu_assign_pointer(head, new);
 *	p = rcu_dereference(head);	synchronize_rcu();
 *	... use *p ...			kfree(old);
 *	rcu_read_unlock();
 *
 * A reader does not sleep and is not preempted; that is all it does.  Once
 * every CPU has switched tasks, idled or run user code since the pointer was
 * changed, no reader can still hold the old one: a grace period has passed.
 * Readers: any context.  Theory: kernel/locking/rcu.c; docs/32-rcu.md.
 */

#include <arch/barrier.h>
#include <kernel/compiler.h>
#include <kernel/preempt.h>
#include <kernel/types.h>

typedef void (*rcu_callback_t)(struct rcu_head *head);

static __always_inline void rcu_read_lock(void)
{
	preempt_disable();
}

static __always_inline void rcu_read_unlock(void)
{
	preempt_enable();
}

#define rcu_read_lock_sched() rcu_read_lock()
#define rcu_read_unlock_sched() rcu_read_unlock()
#define rcu_read_lock_bh() local_bh_disable()
#define rcu_read_unlock_bh() local_bh_enable()
/* Approximate, for assertions. */
#define rcu_read_lock_held() (preempt_count() != 0 || irqs_disabled())

/* Loads that carry order to what the pointer leads to (data dependency). */
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_dereference_raw(p) READ_ONCE(p)
#define rcu_dereference_check(p, c) READ_ONCE(p)
#define rcu_dereference_bh(p) READ_ONCE(p)
#define rcu_dereference_sched(p) READ_ONCE(p)
/* The caller holds the lock against changes, stated by c. */
#define rcu_dereference_protected(p, c) (p)
/* For comparing with NULL only. */
#define rcu_access_pointer(p) READ_ONCE(p)
/* Publish: what was written to *v before is seen by who sees v. */
#define rcu_assign_pointer(p, v) \
	__atomic_store_n(&(p), (__typeof__(p))(v), __ATOMIC_RELEASE)
#define RCU_INIT_POINTER(p, v) WRITE_ONCE(p, v)
#define rcu_replace_pointer(p, v, c) ({					\
	__typeof__(p) __old = (p);					\
	rcu_assign_pointer((p), (v));					\
	__old; })
#define rcu_pointer_handoff(p) (p)

/* func runs in softirq, after a grace period.  Any context. */
void call_rcu(struct rcu_head *head, rcu_callback_t func);
/* Wait for a grace period; may sleep. */
void synchronize_rcu(void);
/* Wait until all callbacks queued before have run; may sleep. */
void rcu_barrier(void);
#define synchronize_rcu_expedited() synchronize_rcu()
#define synchronize_sched() synchronize_rcu()
#define call_rcu_sched(h, f) call_rcu(h, f)

/* Free an object after a grace period; `field` is its rcu_head. */
#define kfree_rcu(ptr, field) do {					\
	__typeof__(ptr) __p = (ptr);					\
	if (__p)							\
		call_rcu(&__p->field, (rcu_callback_t)(unsigned long)	\
			 __builtin_offsetof(__typeof__(*__p), field));	\
} while (0)

/*
 * The hooks.  scheduler: at each switch, irqs off.  Tick: irqs off, `user` if
 * it interrupted user code or idle.  Idle loop: enter before halting, exit
 * after, irqs off; while idle an interrupt handler that reads under RCU is
 * bracketed by rcu_irq_enter/exit.
 */
void rcu_note_context_switch(void);
void rcu_sched_clock_irq(bool user);
void rcu_idle_enter(void);
void rcu_idle_exit(void);
void rcu_irq_enter(void);
void rcu_irq_exit(void);
/* The CPU runs the scheduler from now on; on that CPU, irqs off. */
void rcu_cpu_starting(unsigned int cpu);
void rcu_init(void);                /* boot CPU, before the first call_rcu() */
/* Should this CPU's tick go on for RCU's sake?  irqs off. */
bool rcu_needs_cpu(void);

#endif
