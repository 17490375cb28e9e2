/* SPDX-License-Identifier: MIT */
/*
 * rtnl.c -- the one lock of all network configuration
 *
 * Devices, addresses and routes refer to each other, and change seldom: one
 * mutex for all changes keeps their order simple.  Whoever only reads (each
 * packet does) uses RCU.
 */

#include "dev.h"

#include <net/rtnetlink.h>

#include <kernel/export.h>
#include <kernel/mutex.h>

static DEFINE_MUTEX(rtnl_mutex);

void rtnl_lock(void)
{
	mutex_lock(&rtnl_mutex);
}
EXPORT_SYMBOL(rtnl_lock);

void rtnl_unlock(void)
{
	LIST_HEAD(todo);

	netdev_take_todo(&todo);
	mutex_unlock(&rtnl_mutex);
	netdev_finish_todo(&todo);
}
EXPORT_SYMBOL(rtnl_unlock);

int rtnl_trylock(void)
{
	return mutex_trylock(&rtnl_mutex);
}

int rtnl_lock_killable(void)
{
	return mutex_lock_killable(&rtnl_mutex);
}

bool rtnl_is_locked(void)
{
	return mutex_is_locked(&rtnl_mutex);
}
