/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SOFTIRQ_H
#define KERNEL_SOFTIRQ_H
/*
 * softirq.h -- work put off from interrupt handlers, irqs on, not sleeping
 *
 * Theory: kernel/irq/softirq.c, tasklet.c.  Lowest number first.
 */

#include <kernel/atomic.h>
#include <kernel/bottom_half.h>
#include <kernel/types.h>

enum {
	HI_SOFTIRQ,
	TIMER_SOFTIRQ,
	NET_TX_SOFTIRQ,
	NET_RX_SOFTIRQ,
	BLOCK_SOFTIRQ,
	IRQ_POLL_SOFTIRQ,
	TASKLET_SOFTIRQ,
	SCHED_SOFTIRQ,
	HRTIMER_SOFTIRQ,
	RCU_SOFTIRQ,
	NR_SOFTIRQS
};

struct softirq_action {
	void (*action)(struct softirq_action *);
};

extern const char *const softirq_to_name[NR_SOFTIRQS];

/* At boot only: there is one function per number, for ever. */
void open_softirq(int nr, void (*action)(struct softirq_action *));
/* Mark for this CPU; it runs at the next interrupt exit, local_bh_enable() or
 * in ksoftirqd.  raise_softirq: any context; the other: irqs off. */
void raise_softirq(unsigned int nr);
void raise_softirq_irqoff(unsigned int nr);
void __raise_softirq_irqoff(unsigned int nr);
u32 local_softirq_pending(void);
/* Run what is pending, if the context allows: local_bh_enable(), irq_exit(). */
void do_softirq(void);
void __do_softirq(void);
void softirq_init(void);
unsigned int kstat_softirqs_cpu(unsigned int nr, int cpu);
struct task_struct *this_cpu_ksoftirqd(void);

/* A tasklet: a function that runs once for any number of schedulings, on the
 * CPU that scheduled it, never on two CPUs at once. */
struct tasklet_struct {
	struct tasklet_struct *next;  /* owner of TASKLET_STATE_SCHED */
	unsigned long state;          /* atomic bits */
	atomic_t count;               /* disabled while > 0 */
	bool use_callback;
	union {
		void (*func)(unsigned long data);
		void (*callback)(struct tasklet_struct *t);
	};
	unsigned long data;
};

enum { TASKLET_STATE_SCHED, TASKLET_STATE_RUN };

#define DECLARE_TASKLET(name, _cb) \
	struct tasklet_struct name = { .use_callback = true, .callback = (_cb) }
#define from_tasklet(var, t, field) container_of(t, __typeof__(*var), field)

void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long),
		  unsigned long data);
void tasklet_setup(struct tasklet_struct *t,
		   void (*callback)(struct tasklet_struct *));
void tasklet_schedule(struct tasklet_struct *t);      /* any context */
void tasklet_hi_schedule(struct tasklet_struct *t);
void tasklet_kill(struct tasklet_struct *t);          /* may sleep */
void tasklet_disable(struct tasklet_struct *t);       /* waits if it runs */
void tasklet_disable_nosync(struct tasklet_struct *t);
void tasklet_enable(struct tasklet_struct *t);
void tasklet_subsys_init(void);

#endif
