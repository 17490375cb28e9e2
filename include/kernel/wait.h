/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_WAIT_H
#define KERNEL_WAIT_H
/*
 * wait.h -- sleeping until a condition holds
 *
 *	sleeper				waker
 *	wait_event(wq, condition);	condition = true;
 *					wake_up(&wq);
 *
 * wait_event() looks at the condition after it has announced itself, so a
 * wake-up between look and sleep is not lost.  Theory: kernel/locking/wait.c.
 *
 * Exclusive sleepers stand at the tail; wake_up() wakes all others and one of
 * them.  A sleeper may bring its own wake function (poll, epoll).
 */

#include <kernel/errno.h>
#include <kernel/list.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>

struct task_struct;
struct wait_queue_entry;

/* Returns >0 if it woke somebody, 0 if not, <0 to stop the round. */
typedef int (*wait_queue_func_t)(struct wait_queue_entry *wq_entry,
				 unsigned int mode, int flags, void *key);

#define WQ_FLAG_EXCLUSIVE 0x01
#define WQ_FLAG_WOKEN 0x02
#define WQ_FLAG_PRIORITY 0x10

/* Field keys: [H] the head's lock; [c] constant while queued */
struct wait_queue_entry {
	unsigned int flags;            /* [H] WQ_FLAG_... */
	void *private;                 /* [c] the task, for the usual functions */
	wait_queue_func_t func;        /* [c] called with the head's lock held */
	struct list_head entry;        /* [H] */
};
typedef struct wait_queue_entry wait_queue_entry_t;

struct wait_queue_head {
	spinlock_t lock;               /* interrupts off */
	struct list_head head;         /* [H] plain ones first, then exclusive */
};
typedef struct wait_queue_head wait_queue_head_t;

int default_wake_function(struct wait_queue_entry *e, unsigned int mode,
			  int flags, void *key);
/* Also takes the entry off the queue when it woke the task. */
int autoremove_wake_function(struct wait_queue_entry *e, unsigned int mode,
			     int flags, void *key);
/* For wait_woken(): remembers the wake-up in the entry. */
int woken_wake_function(struct wait_queue_entry *e, unsigned int mode,
			int flags, void *key);

#define __WAIT_QUEUE_HEAD_INITIALIZER(name) {				\
	.lock = __SPIN_LOCK_UNLOCKED((name).lock),			\
	.head = LIST_HEAD_INIT((name).head) }
#define DECLARE_WAIT_QUEUE_HEAD(name) \
	struct wait_queue_head name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) DECLARE_WAIT_QUEUE_HEAD(name)
#define init_waitqueue_head(wq) do {					\
	spin_lock_init(&(wq)->lock);					\
	INIT_LIST_HEAD(&(wq)->head);					\
} while (0)
#define DECLARE_WAITQUEUE(name, tsk)					\
	struct wait_queue_entry name = {				\
		.private = (tsk), .func = default_wake_function,	\
		.entry = LIST_HEAD_INIT((name).entry) }
#define DEFINE_WAIT_FUNC(name, function)				\
	struct wait_queue_entry name = {				\
		.private = current, .func = (function),			\
		.entry = LIST_HEAD_INIT((name).entry) }
#define DEFINE_WAIT(name) DEFINE_WAIT_FUNC(name, autoremove_wake_function)

static inline void init_waitqueue_entry(struct wait_queue_entry *e,
					struct task_struct *t)
{
	e->flags = 0;
	e->private = t;
	e->func = default_wake_function;
}

static inline void init_waitqueue_func_entry(struct wait_queue_entry *e,
					     wait_queue_func_t func)
{
	e->flags = 0;
	e->private = NULL;
	e->func = func;
}

void init_wait_entry(struct wait_queue_entry *e, int flags);

/* Somebody there?  The caller's change must be visible first: smp_mb(). */
static inline int waitqueue_active(struct wait_queue_head *wq)
{
	return !list_empty(&wq->head);
}

static inline bool wq_has_sleeper(struct wait_queue_head *wq)
{
	smp_mb();
	return waitqueue_active(wq);
}

void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *e);
void add_wait_queue_exclusive(struct wait_queue_head *wq,
			      struct wait_queue_entry *e);
void add_wait_queue_priority(struct wait_queue_head *wq,
			     struct wait_queue_entry *e);
void remove_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *e);

/* The caller holds wq->lock. */
static inline void __add_wait_queue(struct wait_queue_head *wq,
				    struct wait_queue_entry *e)
{
	list_add(&e->entry, &wq->head);
}

static inline void __add_wait_queue_entry_tail(struct wait_queue_head *wq,
					       struct wait_queue_entry *e)
{
	list_add_tail(&e->entry, &wq->head);
}

static inline void __remove_wait_queue(struct wait_queue_head *wq,
				       struct wait_queue_entry *e)
{
	list_del(&e->entry);
}

/* Any context.  nr: how many exclusive ones, 0 for all; mode: states. */
int __wake_up(struct wait_queue_head *wq, unsigned int mode, int nr,
	      void *key);
void __wake_up_locked(struct wait_queue_head *wq, unsigned int mode, int nr);
void __wake_up_locked_key(struct wait_queue_head *wq, unsigned int mode,
			  void *key);
/* The waker is about to sleep: do not preempt it for the woken. */
void __wake_up_sync_key(struct wait_queue_head *wq, unsigned int mode,
			void *key);

#define wake_up(x) __wake_up(x, TASK_NORMAL, 1, NULL)
#define wake_up_nr(x, nr) __wake_up(x, TASK_NORMAL, nr, NULL)
#define wake_up_all(x) __wake_up(x, TASK_NORMAL, 0, NULL)
#define wake_up_locked(x) __wake_up_locked((x), TASK_NORMAL, 1)
#define wake_up_all_locked(x) __wake_up_locked((x), TASK_NORMAL, 0)
#define wake_up_sync(x) __wake_up_sync_key(x, TASK_NORMAL, NULL)
#define wake_up_interruptible(x) __wake_up(x, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_interruptible_nr(x, nr) \
	__wake_up(x, TASK_INTERRUPTIBLE, nr, NULL)
#define wake_up_interruptible_all(x) __wake_up(x, TASK_INTERRUPTIBLE, 0, NULL)
#define wake_up_interruptible_sync(x) \
	__wake_up_sync_key((x), TASK_INTERRUPTIBLE, NULL)

/* Wake-ups that say what happened, in EPOLL bits, to pollers. */
#define poll_to_key(m) ((void *)(uintptr_t)(__poll_t)(m))
#define key_to_poll(m) ((__poll_t)(uintptr_t)(void *)(m))
/*
 * The queue is about to be freed, by RCU: those in it by a wake function leave
 * it there and then, and store that they have (smp_store_release) last.
 */
#define POLLFREE ((__poll_t)0x4000)
#define wake_up_pollfree(x) __wake_up(x, TASK_NORMAL, 0, poll_to_key(POLLFREE))
#define wake_up_poll(x, m) __wake_up(x, TASK_NORMAL, 1, poll_to_key(m))
#define wake_up_locked_poll(x, m) \
	__wake_up_locked_key((x), TASK_NORMAL, poll_to_key(m))
#define wake_up_interruptible_poll(x, m) \
	__wake_up(x, TASK_INTERRUPTIBLE, 1, poll_to_key(m))
#define wake_up_interruptible_sync_poll(x, m) \
	__wake_up_sync_key((x), TASK_INTERRUPTIBLE, poll_to_key(m))

/* Queue (once) and set the state; then look; then schedule(). */
void prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *e,
		     int state);
/* True if the queue was empty. */
bool prepare_to_wait_exclusive(struct wait_queue_head *wq,
			       struct wait_queue_entry *e, int state);
/* -ERESTARTSYS if a signal ends a wait in this state; else 0 and queued. */
long prepare_to_wait_event(struct wait_queue_head *wq,
			   struct wait_queue_entry *e, int state);
/* Running again, and off the queue. */
void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *e);
/* schedule_timeout() for entries with woken_wake_function. */
long wait_woken(struct wait_queue_entry *e, unsigned int mode, long timeout);

/*
 * All macros below evaluate the condition several times.  `cmd` sleeps.
 */
#define ___wait_is_interruptible(state) \
	((state) & (TASK_INTERRUPTIBLE | TASK_WAKEKILL))
#define ___wait_event(wq, condition, state, exclusive, ret, cmd) ({	\
	__label__ __out;						\
	struct wait_queue_entry __wq_entry;				\
	__typeof__(ret) __ret = (ret);					\
									\
	init_wait_entry(&__wq_entry, (exclusive) ? WQ_FLAG_EXCLUSIVE : 0); \
	for (;;) {							\
		long __int = prepare_to_wait_event(&(wq), &__wq_entry,	\
						   (state));		\
		if (condition)						\
			break;						\
		if (___wait_is_interruptible(state) && __int) {		\
			__ret = (__typeof__(ret))__int;			\
			goto __out;					\
		}							\
		cmd;							\
	}								\
	finish_wait(&(wq), &__wq_entry);				\
__out:	__ret; })

/* The condition, and "time is up" turned into 1 if it holds at the end. */
#define ___wait_cond_timeout(condition) ({				\
	bool __cond = (condition);					\
	if (__cond && !__ret)						\
		__ret = 1;						\
	__cond || !__ret; })

#define wait_event(wq, condition) do {					\
	might_sleep();							\
	if (condition)							\
		break;							\
	(void)___wait_event(wq, condition, TASK_UNINTERRUPTIBLE, 0, 0,	\
			    schedule());				\
} while (0)
#define io_wait_event(wq, condition) do {				\
	might_sleep();							\
	if (condition)							\
		break;							\
	(void)___wait_event(wq, condition, TASK_UNINTERRUPTIBLE, 0, 0,	\
			    io_schedule());				\
} while (0)
/* 0, or -ERESTARTSYS. */
#define __wait_event_state(wq, condition, state, excl) ({		\
	int __ret0 = 0;							\
	might_sleep();							\
	if (!(condition))						\
		__ret0 = ___wait_event(wq, condition, state, excl, 0,	\
				       schedule());			\
	__ret0; })
#define wait_event_interruptible(wq, condition) \
	__wait_event_state(wq, condition, TASK_INTERRUPTIBLE, 0)
#define wait_event_interruptible_exclusive(wq, condition) \
	__wait_event_state(wq, condition, TASK_INTERRUPTIBLE, 1)
#define wait_event_killable(wq, condition) \
	__wait_event_state(wq, condition, TASK_KILLABLE, 0)
#define wait_event_killable_exclusive(wq, condition) \
	__wait_event_state(wq, condition, TASK_KILLABLE, 1)
#define wait_event_state(wq, condition, state) \
	__wait_event_state(wq, condition, state, 0)
#define wait_event_idle(wq, condition) \
	((void)__wait_event_state(wq, condition, TASK_IDLE, 0))
#define wait_event_idle_exclusive(wq, condition) \
	((void)__wait_event_state(wq, condition, TASK_IDLE, 1))
#define wait_event_freezable(wq, condition) \
	wait_event_interruptible(wq, condition)

/* Jiffies left (at least 1), 0 when the time is up, or -ERESTARTSYS. */
#define __wait_event_timeout(wq, condition, timeout, state) ({		\
	long __ret = (timeout);						\
	might_sleep();							\
	if (!___wait_cond_timeout(condition))				\
		__ret = ___wait_event(wq, ___wait_cond_timeout(condition), \
				      state, 0, timeout,		\
				      __ret = schedule_timeout(__ret));	\
	__ret; })
#define wait_event_timeout(wq, condition, timeout) \
	__wait_event_timeout(wq, condition, timeout, TASK_UNINTERRUPTIBLE)
#define wait_event_interruptible_timeout(wq, condition, timeout) \
	__wait_event_timeout(wq, condition, timeout, TASK_INTERRUPTIBLE)
#define wait_event_killable_timeout(wq, condition, timeout) \
	__wait_event_timeout(wq, condition, timeout, TASK_KILLABLE)
#define wait_event_idle_timeout(wq, condition, timeout) \
	__wait_event_timeout(wq, condition, timeout, TASK_IDLE)

/* The condition is looked at with `lock` held; it is dropped to sleep. */
#define __wait_event_lock(wq, condition, lock, state, LOCK, UNLOCK) ({	\
	int __ret0 = 0;							\
	if (!(condition))						\
		__ret0 = ___wait_event(wq, condition, state, 0, 0,	\
				       UNLOCK(&(lock)); schedule();	\
				       LOCK(&(lock)));			\
	__ret0; })
#define wait_event_lock_irq(wq, condition, lock)			\
	((void)__wait_event_lock(wq, condition, lock, TASK_UNINTERRUPTIBLE, \
				 spin_lock_irq, spin_unlock_irq))
#define wait_event_interruptible_lock_irq(wq, condition, lock)		\
	__wait_event_lock(wq, condition, lock, TASK_INTERRUPTIBLE,	\
			  spin_lock_irq, spin_unlock_irq)

/*
 * The condition is looked at with wq.lock held, irqs as the caller has them;
 * returns holding it.  0 or -ERESTARTSYS.
 */
int do_wait_intr_irq(struct wait_queue_head *wq, struct wait_queue_entry *e);
#define wait_event_interruptible_locked_irq(wq, condition) ({		\
	int __ret0 = 0;							\
	if (!(condition)) {						\
		DEFINE_WAIT(__e);					\
		do {							\
			__ret0 = do_wait_intr_irq(&(wq), &__e);		\
			if (__ret0)					\
				break;					\
		} while (!(condition));					\
		__remove_wait_queue(&(wq), &__e);			\
		__set_current_state(TASK_RUNNING);			\
	}								\
	__ret0; })

#include <kernel/sched.h>

#endif
