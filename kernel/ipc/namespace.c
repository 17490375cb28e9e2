/* SPDX-License-Identifier: MIT */
/*
 * namespace.c -- an IPC namespace begins, is shared, and ends
 *
 * Tasks hold it through their nsproxy, attached segments by themselves.  With
 * the last holder every object that is left is removed, and mounted volumes of
 * queues are cut off from it.  SEE ipc_namespaces(7).
 */

#include "util.h"

#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/workqueue.h>
#include <mm/slab.h>

#define IPC_NS_INIT_INO 0xefffffffU   /* the number that Linux gives its first */
#define IPC_NS_FIRST_INO 0xe0000000U

struct ipc_namespace init_ipc_ns = {
	.count = REFCOUNT_INIT(1),
	.inum = IPC_NS_INIT_INO,
};

static atomic_t next_inum = ATOMIC_INIT((int)IPC_NS_FIRST_INO);

static int init_ns(struct ipc_namespace *ns)
{
	sem_init_ns(ns);
	msg_init_ns(ns);
	shm_init_ns(ns);
	return mq_init_ns(ns);
}

struct ipc_namespace *create_ipc_ns(void)
{
	struct ipc_namespace *ns = kzalloc(sizeof(*ns), GFP_KERNEL);
	int err;

	if (!ns)
		return ERR_PTR(-ENOMEM);
	refcount_set(&ns->count, 1);
	ns->inum = (unsigned int)atomic_inc_return(&next_inum);
	err = init_ns(ns);
	if (err) {
		kfree(ns);
		return ERR_PTR(err);
	}
	return ns;
}

void put_ipc_ns(struct ipc_namespace *ns)
{
	if (!ns || !refcount_dec_and_test(&ns->count))
		return;
	mq_exit_ns(ns);
	sem_exit_ns(ns);
	msg_exit_ns(ns);
	shm_exit_ns(ns);
	kfree(ns);
}

/* Before the first user process; every task shares init_nsproxy by then. */
static int ipc_init(void)
{
	init_nsproxy.ipc_ns = &init_ipc_ns;
	return init_ns(&init_ipc_ns);
}
fs_initcall(ipc_init);
