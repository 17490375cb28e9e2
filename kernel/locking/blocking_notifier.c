/* SPDX-License-Identifier: MIT */
/* blocking_notifier.c -- chains whose callbacks may sleep; see notifier.h */

#include <kernel/notifier.h>

#include <kernel/export.h>

#define AS_RAW(nh) ((struct raw_notifier_head *)&(nh)->head)

int blocking_notifier_chain_register(struct blocking_notifier_head *nh,
				     struct notifier_block *nb)
{
	int err;

	down_write(&nh->rwsem);
	err = raw_notifier_chain_register(AS_RAW(nh), nb);
	up_write(&nh->rwsem);
	return err;
}
EXPORT_SYMBOL(blocking_notifier_chain_register);

int blocking_notifier_chain_unregister(struct blocking_notifier_head *nh,
				       struct notifier_block *nb)
{
	int err;

	down_write(&nh->rwsem);
	err = raw_notifier_chain_unregister(AS_RAW(nh), nb);
	up_write(&nh->rwsem);
	return err;
}
EXPORT_SYMBOL(blocking_notifier_chain_unregister);

int blocking_notifier_call_chain(struct blocking_notifier_head *nh,
				 unsigned long action, void *data)
{
	int ret;

	down_read(&nh->rwsem);
	ret = raw_notifier_call_chain(AS_RAW(nh), action, data);
	up_read(&nh->rwsem);
	return ret;
}
EXPORT_SYMBOL(blocking_notifier_call_chain);
