/* SPDX-License-Identifier: MIT */
/*
 * completion.c -- one task tells others that something is done
 *
 * PROMISE.  N calls of complete() let exactly N waits return, in any order of
 * coming; complete_all() all, for ever.  When a wait has returned, the
 * completer touches the completion no more: it may live on a stack.
 *
 * IDEA.  `done` counts completes that no waiter has used up; UINT_MAX means
 * "all".  It is looked at under the queue's lock only, so a waiter that sees it
 * has waited for the completer to leave the lock.
 */

#include <kernel/completion.h>

#include <kernel/export.h>
#include <kernel/sched.h>

#define ALL (~0U)

void complete(struct completion *x)
{
	unsigned long flags;

	spin_lock_irqsave(&x->wait.lock, flags);
	if (x->done != ALL)
		x->done++;
	wake_up_locked(&x->wait);
	spin_unlock_irqrestore(&x->wait.lock, flags);
}
EXPORT_SYMBOL(complete);

void complete_all(struct completion *x)
{
	unsigned long flags;

	spin_lock_irqsave(&x->wait.lock, flags);
	x->done = ALL;
	wake_up_all_locked(&x->wait);
	spin_unlock_irqrestore(&x->wait.lock, flags);
}
EXPORT_SYMBOL(complete_all);

/* Sleep until done or the time is up; wait.lock held, irqs off. */
static long wait_locked(struct completion *x, long timeout, unsigned int state,
			bool io)
{
	DEFINE_WAIT_FUNC(self, default_wake_function);
	long ret = timeout;

	self.flags = WQ_FLAG_EXCLUSIVE;
	__add_wait_queue_entry_tail(&x->wait, &self);
	do {
		if (signal_pending_state(state, current)) {
			ret = -ERESTARTSYS;
			break;
		}
		set_current_state(state);
		spin_unlock_irq(&x->wait.lock);
		ret = io ? io_schedule_timeout(ret) : schedule_timeout(ret);
		spin_lock_irq(&x->wait.lock);
	} while (!x->done && ret);
	__set_current_state(TASK_RUNNING);
	__remove_wait_queue(&x->wait, &self);
	return ret;
}

/* Jiffies left, at least 1; 0: time is up; -ERESTARTSYS. */
static long wait_common(struct completion *x, long timeout, unsigned int state,
			bool io)
{
	long ret = timeout;

	might_sleep();
	spin_lock_irq(&x->wait.lock);
	if (!x->done)
		ret = wait_locked(x, timeout, state, io);
	if (x->done) {
		if (x->done != ALL)
			x->done--;
		ret = ret > 0 ? ret : 1;
	}
	spin_unlock_irq(&x->wait.lock);
	return ret;
}

void wait_for_completion(struct completion *x)
{
	wait_common(x, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE, false);
}
EXPORT_SYMBOL(wait_for_completion);

void wait_for_completion_io(struct completion *x)
{
	wait_common(x, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE, true);
}
EXPORT_SYMBOL(wait_for_completion_io);

int wait_for_completion_state(struct completion *x, unsigned int state)
{
	long ret = wait_common(x, MAX_SCHEDULE_TIMEOUT, state, false);

	return ret < 0 ? ret : 0;
}
EXPORT_SYMBOL(wait_for_completion_state);

int wait_for_completion_interruptible(struct completion *x)
{
	return wait_for_completion_state(x, TASK_INTERRUPTIBLE);
}
EXPORT_SYMBOL(wait_for_completion_interruptible);

int wait_for_completion_killable(struct completion *x)
{
	return wait_for_completion_state(x, TASK_KILLABLE);
}
EXPORT_SYMBOL(wait_for_completion_killable);

unsigned long wait_for_completion_timeout(struct completion *x,
					  unsigned long timeout)
{
	return wait_common(x, timeout, TASK_UNINTERRUPTIBLE, false);
}
EXPORT_SYMBOL(wait_for_completion_timeout);

long wait_for_completion_interruptible_timeout(struct completion *x,
					       unsigned long timeout)
{
	return wait_common(x, timeout, TASK_INTERRUPTIBLE, false);
}
EXPORT_SYMBOL(wait_for_completion_interruptible_timeout);

long wait_for_completion_killable_timeout(struct completion *x,
					  unsigned long timeout)
{
	return wait_common(x, timeout, TASK_KILLABLE, false);
}
EXPORT_SYMBOL(wait_for_completion_killable_timeout);

bool try_wait_for_completion(struct completion *x)
{
	unsigned long flags;
	bool done;

	spin_lock_irqsave(&x->wait.lock, flags);
	done = x->done != 0;
	if (done && x->done != ALL)
		x->done--;
	spin_unlock_irqrestore(&x->wait.lock, flags);
	return done;
}
EXPORT_SYMBOL(try_wait_for_completion);

bool completion_done(struct completion *x)
{
	unsigned long flags;
	bool done;

	spin_lock_irqsave(&x->wait.lock, flags);
	done = x->done != 0;
	spin_unlock_irqrestore(&x->wait.lock, flags);
	return done;
}
EXPORT_SYMBOL(completion_done);
