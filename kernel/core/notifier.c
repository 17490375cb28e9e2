/* SPDX-License-Identifier: MIT */
/*
 * notifier.c -- chains of callbacks; the blocking kind is in
 * kernel/locking/blocking_notifier.c, above the locks that it uses
 *
 * The chain is a singly linked list in falling priority.  Insertion publishes
 * a complete block, so a walk under RCU sees the chain before or after it.
 */

#include <kernel/notifier.h>

#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/rcupdate.h>

int raw_notifier_chain_register(struct raw_notifier_head *nh,
				struct notifier_block *nb)
{
	struct notifier_block **link = &nh->head;

	while (*link && (*link)->priority >= nb->priority) {
		if (*link == nb)
			return -EEXIST;
		link = &(*link)->next;
	}
	nb->next = *link;
	rcu_assign_pointer(*link, nb);
	return 0;
}
EXPORT_SYMBOL(raw_notifier_chain_register);

int raw_notifier_chain_unregister(struct raw_notifier_head *nh,
				  struct notifier_block *nb)
{
	for (struct notifier_block **link = &nh->head; *link;
	     link = &(*link)->next)
		if (*link == nb) {
			rcu_assign_pointer(*link, nb->next);
			return 0;
		}
	return -ENOENT;
}
EXPORT_SYMBOL(raw_notifier_chain_unregister);

int raw_notifier_call_chain(struct raw_notifier_head *nh,
			    unsigned long action, void *data)
{
	struct notifier_block *nb = rcu_dereference(nh->head), *next;
	int ret = NOTIFY_DONE;

	for (; nb && !(ret & NOTIFY_STOP_MASK); nb = next) {
		next = rcu_dereference(nb->next);
		ret = nb->notifier_call(nb, action, data);
	}
	return ret;
}
EXPORT_SYMBOL(raw_notifier_call_chain);

/* The three heads have their first block in a pointer; lend it as a raw one. */
#define AS_RAW(nh) ((struct raw_notifier_head *)&(nh)->head)

int atomic_notifier_chain_register(struct atomic_notifier_head *nh,
				   struct notifier_block *nb)
{
	unsigned long flags;
	int err;

	spin_lock_irqsave(&nh->lock, flags);
	err = raw_notifier_chain_register(AS_RAW(nh), nb);
	spin_unlock_irqrestore(&nh->lock, flags);
	return err;
}
EXPORT_SYMBOL(atomic_notifier_chain_register);

/* May sleep: when it returns, nobody is in nb's callback any more. */
int atomic_notifier_chain_unregister(struct atomic_notifier_head *nh,
				     struct notifier_block *nb)
{
	unsigned long flags;
	int err;

	spin_lock_irqsave(&nh->lock, flags);
	err = raw_notifier_chain_unregister(AS_RAW(nh), nb);
	spin_unlock_irqrestore(&nh->lock, flags);
	synchronize_rcu();
	return err;
}
EXPORT_SYMBOL(atomic_notifier_chain_unregister);

int atomic_notifier_call_chain(struct atomic_notifier_head *nh,
			       unsigned long action, void *data)
{
	int ret;

	rcu_read_lock();
	ret = raw_notifier_call_chain(AS_RAW(nh), action, data);
	rcu_read_unlock();
	return ret;
}
EXPORT_SYMBOL(atomic_notifier_call_chain);
