/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_INTERRUPT_H
#define KERNEL_INTERRUPT_H
/*
 * interrupt.h -- what a driver needs of interrupts
 *
 * request_irq() adds a handler to a line; handlers of a shared line are all
 * called.  A handler runs in hard irq context, this line masked or not entered
 * twice, and says whether its device was the cause.
 */

#include <kernel/hardirq.h>
#include <kernel/softirq.h>
#include <kernel/types.h>

struct cpumask;
struct task_struct;

typedef enum {
	IRQ_NONE = 0,
	IRQ_HANDLED = 1,
	IRQ_WAKE_THREAD = 2,
} irqreturn_t;
#define IRQ_RETVAL(x) ((x) ? IRQ_HANDLED : IRQ_NONE)

typedef irqreturn_t (*irq_handler_t)(int irq, void *dev);

#define IRQF_TRIGGER_NONE 0x00000000
#define IRQF_TRIGGER_RISING 0x00000001
#define IRQF_TRIGGER_FALLING 0x00000002
#define IRQF_TRIGGER_HIGH 0x00000004
#define IRQF_TRIGGER_LOW 0x00000008
#define IRQF_TRIGGER_MASK 0x0000000f
#define IRQF_SHARED 0x00000080
#define IRQF_TIMER 0x00000200
#define IRQF_PERCPU 0x00000400
#define IRQF_ONESHOT 0x00002000  /* masked until the thread is done */
#define IRQF_NO_THREAD 0x00010000

/* One handler of a line; chain guarded by desc->lock, freed after a wait. */
struct irqaction {
	irq_handler_t handler;
	irq_handler_t thread_fn;
	void *dev_id;
	struct irqaction *next;
	unsigned int irq;
	unsigned int flags;
	struct task_struct *thread;
	atomic_t thread_pending;
	const char *name;
};

/* Process context, may sleep.  0, -EINVAL, -EBUSY, -ENOMEM. */
int request_threaded_irq(unsigned int irq, irq_handler_t handler,
			 irq_handler_t thread_fn, unsigned long flags,
			 const char *name, void *dev);
static inline int __must_check
request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags,
	    const char *name, void *dev)
{
	return request_threaded_irq(irq, handler, NULL, flags, name, dev);
}
/* Take dev's handler off and wait until it runs nowhere.  May sleep. */
const void *free_irq(unsigned int irq, void *dev);
/* Disabling nests.  disable_irq waits for running handlers: not from one. */
void disable_irq(unsigned int irq);
void disable_irq_nosync(unsigned int irq);
void enable_irq(unsigned int irq);
void synchronize_irq(unsigned int irq);
int irq_set_affinity(unsigned int irq, const struct cpumask *mask);

#endif
