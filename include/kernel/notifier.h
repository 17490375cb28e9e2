/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_NOTIFIER_H
#define KERNEL_NOTIFIER_H
/*
 * notifier.h -- "call me when this happens", in order of priority
 *
 * The publisher owns a chain; subscribers bring their own struct
 * notifier_block, register it, and are called with an event number and data.
 * NOTIFY_STOP ends the round.  Two kinds:
 *	raw, atomic	called in any context, must not sleep; the chain is
 *			changed under a spinlock and walked under RCU
 *	blocking	called in a task, may sleep; guarded by a rwsem
 */

#include <kernel/rwsem.h>
#include <kernel/spinlock.h>

struct notifier_block;
typedef int (*notifier_fn_t)(struct notifier_block *nb, unsigned long action,
			     void *data);

struct notifier_block {
	notifier_fn_t notifier_call;
	struct notifier_block *next;   /* the chain's lock; RCU to read */
	int priority;                  /* higher first */
};

struct atomic_notifier_head {
	spinlock_t lock;
	struct notifier_block *head;
};
struct blocking_notifier_head {
	struct rw_semaphore rwsem;
	struct notifier_block *head;
};
struct raw_notifier_head {
	struct notifier_block *head;
};

#define ATOMIC_NOTIFIER_HEAD(name)					\
	struct atomic_notifier_head name = {				\
		.lock = __SPIN_LOCK_UNLOCKED((name).lock), .head = NULL }
#define BLOCKING_NOTIFIER_HEAD(name)					\
	struct blocking_notifier_head name = {				\
		.rwsem = __RWSEM_INITIALIZER((name).rwsem), .head = NULL }
#define RAW_NOTIFIER_HEAD(name) struct raw_notifier_head name = { NULL }
#define ATOMIC_INIT_NOTIFIER_HEAD(n) do {				\
	spin_lock_init(&(n)->lock);					\
	(n)->head = NULL;						\
} while (0)
#define BLOCKING_INIT_NOTIFIER_HEAD(n) do {				\
	init_rwsem(&(n)->rwsem);					\
	(n)->head = NULL;						\
} while (0)

#define NOTIFY_DONE 0x0000
#define NOTIFY_OK 0x0001
#define NOTIFY_STOP_MASK 0x8000
#define NOTIFY_BAD (NOTIFY_STOP_MASK | 0x0002)
#define NOTIFY_STOP (NOTIFY_OK | NOTIFY_STOP_MASK)

static inline int notifier_from_errno(int err)
{
	return err ? NOTIFY_STOP_MASK | (NOTIFY_OK - err) : NOTIFY_OK;
}

static inline int notifier_to_errno(int ret)
{
	ret &= ~NOTIFY_STOP_MASK;
	return ret > NOTIFY_OK ? NOTIFY_OK - ret : 0;
}

/* register: 0, or -EEXIST.  unregister: 0, or -ENOENT. */
int atomic_notifier_chain_register(struct atomic_notifier_head *nh,
				   struct notifier_block *nb);
int atomic_notifier_chain_unregister(struct atomic_notifier_head *nh,
				     struct notifier_block *nb);
int atomic_notifier_call_chain(struct atomic_notifier_head *nh,
			       unsigned long action, void *data);
int blocking_notifier_chain_register(struct blocking_notifier_head *nh,
				     struct notifier_block *nb);
int blocking_notifier_chain_unregister(struct blocking_notifier_head *nh,
				       struct notifier_block *nb);
int blocking_notifier_call_chain(struct blocking_notifier_head *nh,
				 unsigned long action, void *data);
int raw_notifier_chain_register(struct raw_notifier_head *nh,
				struct notifier_block *nb);
int raw_notifier_chain_unregister(struct raw_notifier_head *nh,
				  struct notifier_block *nb);
int raw_notifier_call_chain(struct raw_notifier_head *nh,
			    unsigned long action, void *data);

/* Told by panic(), before the machine stops. */
extern struct atomic_notifier_head panic_notifier_list;

#endif
