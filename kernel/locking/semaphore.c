/* SPDX-License-Identifier: MIT */
/*
 * semaphore.c -- counting semaphores that serve their callers in order
 *
 * PROMISE.  A box of tickets: down() takes one out, sleeping while there is
 * none; up() puts one in.  Whoever found the box empty first is served first,
 * and nobody who comes later can take that ticket.
 *
 * IDEA.  If up() only added one and woke a sleeper, a third task could take
 * the ticket before the sleeper runs, again and again.  So a ticket that
 * somebody waits for never enters the box: up() gives it by name.  The price:
 * until the new owner runs, nobody can use that ticket.
 *
 * INVARIANTS, with lock free
 *	I1  if the box holds a ticket, nobody waits
 *	I2  a waiter is queued until it is granted a ticket or gives up
 *	I3  tickets are conserved: who gives up takes none along
 *
 * LOCKING.  sem->lock, interrupts off; inside it the waker's run-queue locks.
 *
 * RACES.  A grant between the waiter's look and its sleep: set_current_state()
 * [a] comes before the look [b]; the grant [c] is made before the wake-up.
 */

#include <kernel/semaphore.h>

#include <kernel/bug.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/sched.h>

struct semaphore_waiter {
	struct list_head link;       /* sem->lock */
	struct task_struct *task;    /* constant */
	bool granted;                /* sem->lock */
};

static void sem_check(const struct semaphore *sem)
{
	DEBUG_ASSERT(sem->count == 0 || list_empty(&sem->wait_list)); /* I1 */
}

void sema_init(struct semaphore *sem, int tickets)
{
	raw_spin_lock_init(&sem->lock);
	sem->count = tickets;
	INIT_LIST_HEAD(&sem->wait_list);
}
EXPORT_SYMBOL(sema_init);

/* Called and returns with sem->lock held, irqs off. */
static int wait_for_ticket(struct semaphore *sem, unsigned int state,
			   long timeout)
{
	struct semaphore_waiter self = { .task = current };
	int err = 0;

	list_add_tail(&self.link, &sem->wait_list);
	while (!err) {
		set_current_state(state);                          /* [a] */
		if (self.granted)                                  /* [b] */
			break;
		if (signal_pending_state(state, current)) {
			err = -EINTR;
		} else if (timeout <= 0) {
			err = -ETIME;
		} else {
			raw_spin_unlock_irq(&sem->lock);
			timeout = schedule_timeout(timeout);
			raw_spin_lock_irq(&sem->lock);
		}
	}
	__set_current_state(TASK_RUNNING);
	if (err)
		list_del(&self.link);                          /* I2, I3 */
	return err;
}

static int down_common(struct semaphore *sem, unsigned int state, long timeout)
{
	int err = 0;

	might_sleep();
	raw_spin_lock_irq(&sem->lock);
	if (sem->count > 0)
		sem->count--;
	else
		err = wait_for_ticket(sem, state, timeout);
	sem_check(sem);
	raw_spin_unlock_irq(&sem->lock);
	return err;
}

void down(struct semaphore *sem)
{
	int err = down_common(sem, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);

	BUG_ON(err);
}
EXPORT_SYMBOL(down);

int down_interruptible(struct semaphore *sem)
{
	return down_common(sem, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}
EXPORT_SYMBOL(down_interruptible);

int down_killable(struct semaphore *sem)
{
	return down_common(sem, TASK_KILLABLE, MAX_SCHEDULE_TIMEOUT);
}
EXPORT_SYMBOL(down_killable);

int down_timeout(struct semaphore *sem, long jiffies)
{
	return down_common(sem, TASK_UNINTERRUPTIBLE, jiffies);
}
EXPORT_SYMBOL(down_timeout);

int down_trylock(struct semaphore *sem)
{
	unsigned long flags;
	int busy;

	raw_spin_lock_irqsave(&sem->lock, flags);
	busy = sem->count == 0;
	if (!busy)
		sem->count--;
	raw_spin_unlock_irqrestore(&sem->lock, flags);
	return busy;
}
EXPORT_SYMBOL(down_trylock);

void up(struct semaphore *sem)
{
	struct semaphore_waiter *oldest;
	unsigned long flags;

	raw_spin_lock_irqsave(&sem->lock, flags);
	oldest = list_first_entry_or_null(&sem->wait_list,
					  struct semaphore_waiter, link);
	if (!oldest) {
		sem->count++;
	} else {
		list_del(&oldest->link);                           /* I2 */
		oldest->granted = true;                            /* [c] */
		wake_up_process(oldest->task);
	}
	sem_check(sem);
	raw_spin_unlock_irqrestore(&sem->lock, flags);
}
EXPORT_SYMBOL(up);
