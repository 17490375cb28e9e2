/* SPDX-License-Identifier: MIT */
/*
 * manage.c -- giving a line handlers, taking them away, switching it off
 *
 * PROMISE.  After free_irq(), synchronize_irq() or disable_irq() has returned,
 * no handler of the line that was meant runs any more, on any CPU.
 *
 * IDEA.  Handlers of a line form a chain in the order of request.  Sharing
 * needs the consent of all: IRQF_SHARED on each, and the same trigger.
 *
 * Threaded handlers: the first half says IRQ_WAKE_THREAD, a kernel thread
 * irq/N-name runs the second, which may sleep.  With IRQF_ONESHOT the line
 * stays masked until all its threads are done.
 *
 * LOCKING.  desc->lock, irqs off.  Freeing waits for IRQS_INPROGRESS to clear
 * and for the threads, then nobody has a pointer to the action.
 */

#include "internals.h"

#include <kernel/completion.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/kthread.h>
#include <kernel/sched.h>
#include <mm/slab.h>

#define IRQ_THREAD_PRIO 50

static void (*irq_observer)(unsigned int irq);

void irq_set_observer(void (*requested)(unsigned int irq))
{
	WRITE_ONCE(irq_observer, requested);
	for (unsigned int irq = 0; irq < NR_IRQS; irq++)
		if (irq_to_desc(irq)->action)
			requested(irq);
}

void irq_startup(struct irq_desc *desc)
{
	const struct irq_chip *chip = desc->irq_data.chip;

	desc->istate &= ~(IRQS_DISABLED | IRQS_PENDING |
			  IRQS_SPURIOUS_DISABLED);
	desc->depth = 0;
	if (chip && chip->irq_startup) {
		chip->irq_startup(&desc->irq_data);
		desc->istate &= ~IRQS_MASKED;
		return;
	}
	if (chip && chip->irq_enable)
		chip->irq_enable(&desc->irq_data);
	irq_chip_unmask(desc);
}

void irq_shutdown(struct irq_desc *desc)
{
	const struct irq_chip *chip = desc->irq_data.chip;

	desc->istate |= IRQS_DISABLED;
	desc->depth = 1;
	irq_chip_mask(desc);
	if (chip && chip->irq_shutdown)
		chip->irq_shutdown(&desc->irq_data);
	else if (chip && chip->irq_disable)
		chip->irq_disable(&desc->irq_data);
}

/* Hard irq: hand the rest to the action's thread. */
void irq_wake_thread(struct irq_desc *desc, struct irqaction *action)
{
	if (!action->thread)
		return;
	if (atomic_xchg(&action->thread_pending, 1) == 0)
		atomic_inc(&desc->threads_active);
	wake_up_process(action->thread);
}

static void thread_done(struct irq_desc *desc)
{
	spin_lock_irq(&desc->lock);
	if (atomic_dec_and_test(&desc->threads_active)) {
		if ((desc->istate & (IRQS_ONESHOT | IRQS_MASKED)) ==
			    (IRQS_ONESHOT | IRQS_MASKED) &&
		    !(desc->istate & IRQS_DISABLED))
			irq_chip_unmask(desc);
		wake_up(&desc->wait_for_threads);
	}
	spin_unlock_irq(&desc->lock);
}

static int irq_thread(void *data)
{
	struct irqaction *action = data;
	struct irq_desc *desc = irq_to_desc(action->irq);

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (atomic_xchg(&action->thread_pending, 0)) {
			__set_current_state(TASK_RUNNING);
			action->thread_fn(action->irq, action->dev_id);
			thread_done(desc);
			continue;
		}
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* For a request without first half: the thread does it all. */
static irqreturn_t wake_thread_only(int irq, void *dev)
{
	return IRQ_WAKE_THREAD;
}

static int start_thread_of(struct irqaction *action)
{
	struct task_struct *t;

	if (!action->thread_fn)
		return 0;
	t = kthread_create(irq_thread, action, "irq/%u-%s", action->irq,
			   action->name);
	if (IS_ERR(t))
		return PTR_ERR(t);
	action->thread = get_task_struct(t);
	wake_up_process(t);
	return 0;
}

static void stop_thread_of(struct irqaction *action)
{
	if (!action->thread)
		return;
	kthread_stop(action->thread);
	put_task_struct(action->thread);
}

/* Do the handlers that are there let another one in? */
static bool sharing_allowed(struct irq_desc *desc, struct irqaction *new)
{
	struct irqaction *old = desc->action;
	unsigned int trigger = new->flags & IRQF_TRIGGER_MASK;

	return (old->flags & new->flags & IRQF_SHARED) &&
	       !((old->flags ^ new->flags) & IRQF_ONESHOT) &&
	       (!trigger || trigger == desc->trigger);
}

/* desc->lock held. */
static int add_action(struct irq_desc *desc, struct irqaction *new)
{
	struct irqaction **link = &desc->action;
	unsigned int trigger = new->flags & IRQF_TRIGGER_MASK;

	if (*link) {
		if (!sharing_allowed(desc, new))
			return -EBUSY;
		while (*link)
			link = &(*link)->next;
		WRITE_ONCE(*link, new);
		return 0;
	}
	if (trigger && desc->irq_data.chip->irq_set_type) {
		int err = desc->irq_data.chip->irq_set_type(&desc->irq_data,
							    trigger);
		if (err)
			return err;
		desc->trigger = trigger;
	}
	desc->istate &= ~IRQS_ONESHOT;
	if (new->flags & IRQF_ONESHOT)
		desc->istate |= IRQS_ONESHOT;
	desc->irq_count = desc->irqs_unhandled = 0;
	WRITE_ONCE(*link, new);
	irq_startup(desc);
	return 0;
}

int request_threaded_irq(unsigned int irq, irq_handler_t handler,
			 irq_handler_t thread_fn, unsigned long irqflags,
			 const char *name, void *dev)
{
	struct irq_desc *desc = irq_to_desc(irq);
	struct irqaction *action;
	unsigned long flags;
	int err;

	if (!desc || !desc->irq_data.chip || (!handler && !thread_fn) ||
	    ((irqflags & IRQF_SHARED) && !dev))
		return -EINVAL;
	action = kzalloc(sizeof(*action), GFP_KERNEL);
	if (!action)
		return -ENOMEM;
	action->handler = handler ? handler : wake_thread_only;
	action->thread_fn = thread_fn;
	action->flags = irqflags;
	action->name = name;
	action->dev_id = dev;
	action->irq = irq;
	err = start_thread_of(action);
	if (err)
		goto out_free;
	spin_lock_irqsave(&desc->lock, flags);
	err = add_action(desc, action);
	spin_unlock_irqrestore(&desc->lock, flags);
	if (!err) {
		if (READ_ONCE(irq_observer))
			irq_observer(irq);
		return 0;
	}
	stop_thread_of(action);
out_free:
	kfree(action);
	return err;
}
EXPORT_SYMBOL(request_threaded_irq);

/* Wait for handlers of the line that run on other CPUs.  May sleep. */
void synchronize_irq(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);
	unsigned long flags;
	bool busy;

	if (!desc)
		return;
	do {
		while (READ_ONCE(desc->istate) & IRQS_INPROGRESS)
			cpu_relax();
		/* Under the lock, so that what it did is seen here. */
		spin_lock_irqsave(&desc->lock, flags);
		busy = desc->istate & IRQS_INPROGRESS;
		spin_unlock_irqrestore(&desc->lock, flags);
	} while (busy);
	wait_event(desc->wait_for_threads,
		   !atomic_read(&desc->threads_active));
}
EXPORT_SYMBOL(synchronize_irq);

const void *free_irq(unsigned int irq, void *dev)
{
	struct irq_desc *desc = irq_to_desc(irq);
	struct irqaction **link, *action;
	unsigned long flags;
	const char *name;

	if (!desc)
		return NULL;
	spin_lock_irqsave(&desc->lock, flags);
	for (link = &desc->action; *link; link = &(*link)->next)
		if ((*link)->dev_id == dev)
			break;
	action = *link;
	if (action) {
		WRITE_ONCE(*link, action->next);
		if (!desc->action)
			irq_shutdown(desc);
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	if (WARN(!action, "irq %u: freeing a handler that is not there\n", irq))
		return NULL;
	synchronize_irq(irq);
	stop_thread_of(action);
	name = action->name;
	kfree(action);
	return name;
}
EXPORT_SYMBOL(free_irq);

void disable_irq_nosync(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);
	unsigned long flags;

	if (!desc)
		return;
	spin_lock_irqsave(&desc->lock, flags);
	if (desc->depth++ == 0) {                                /* L2 */
		desc->istate |= IRQS_DISABLED;
		irq_chip_mask(desc);
	}
	spin_unlock_irqrestore(&desc->lock, flags);
}
EXPORT_SYMBOL(disable_irq_nosync);

void disable_irq(unsigned int irq)
{
	disable_irq_nosync(irq);
	synchronize_irq(irq);
}
EXPORT_SYMBOL(disable_irq);

/* An edge that came while the line was off is raised again by the chip. */
void enable_irq(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);
	unsigned long flags;

	if (!desc)
		return;
	spin_lock_irqsave(&desc->lock, flags);
	if (WARN(desc->depth == 0, "irq %u: unbalanced enable\n", irq))
		goto out;
	if (--desc->depth == 0) {
		const struct irq_chip *chip = desc->irq_data.chip;

		desc->istate &= ~(IRQS_DISABLED | IRQS_SPURIOUS_DISABLED);
		irq_chip_unmask(desc);
		if ((desc->istate & IRQS_PENDING) && chip &&
		    chip->irq_retrigger) {
			desc->istate &= ~IRQS_PENDING;
			chip->irq_retrigger(&desc->irq_data);
		}
	}
out:
	spin_unlock_irqrestore(&desc->lock, flags);
}
EXPORT_SYMBOL(enable_irq);

int irq_set_affinity(unsigned int irq, const struct cpumask *mask)
{
	struct irq_desc *desc = irq_to_desc(irq);
	unsigned long flags;
	int err = -EINVAL;

	if (!desc || !cpumask_intersects(mask, cpu_online_mask))
		return -EINVAL;
	spin_lock_irqsave(&desc->lock, flags);
	if (desc->irq_data.chip && desc->irq_data.chip->irq_set_affinity)
		err = desc->irq_data.chip->irq_set_affinity(&desc->irq_data,
							    mask, false);
	if (err >= 0) {
		cpumask_copy(&desc->irq_data.affinity, mask);
		err = 0;
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	return err;
}
