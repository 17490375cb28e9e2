/* SPDX-License-Identifier: MIT */
/*
 * net_namespace.c -- networks, and what each protocol keeps in them
 *
 * A protocol registers what is to be done for each network (pernet_operations):
 * at registration for those that exist, then for each new one, in the order of
 * registration; backwards when a network ends.
 *
 * nsproxy gets the initial network here because nsproxy lies below net.
 *
 * LOCKING.  pernet_mutex for both lists.
 */

#include <net/net_namespace.h>

#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <uapi/socket.h>

static DEFINE_MUTEX(pernet_mutex);
static LIST_HEAD(pernet_list);
LIST_HEAD(net_namespace_list);

struct net init_net = {
	.count = REFCOUNT_INIT(1),
	.list = LIST_HEAD_INIT(init_net.list),
	.user_ns = &init_user_ns,
	.inum = 0xf0000098,           /* what Linux's first one has */
	.net_cookie = 1,
	.dev_base_head = LIST_HEAD_INIT(init_net.dev_base_head),
	.core = { .sysctl_somaxconn = SOMAXCONN },
	.unx = { .sysctl_max_dgram_qlen = 10 },
};

int register_pernet_subsys(struct pernet_operations *ops)
{
	struct net *net;
	int err = 0;

	mutex_lock(&pernet_mutex);
	list_add_tail(&ops->list, &pernet_list);
	list_for_each_entry(net, &net_namespace_list, list) {
		err = ops->init ? ops->init(net) : 0;
		if (err) {
			list_del(&ops->list);
			break;
		}
	}
	mutex_unlock(&pernet_mutex);
	return err;
}

void unregister_pernet_subsys(struct pernet_operations *ops)
{
	struct net *net;

	mutex_lock(&pernet_mutex);
	list_del(&ops->list);
	list_for_each_entry(net, &net_namespace_list, list)
		if (ops->exit)
			ops->exit(net);
	mutex_unlock(&pernet_mutex);
}

static int net_ns_init(void)
{
	init_nsproxy.net_ns = &init_net;
	list_add(&init_net.list, &net_namespace_list);
	return 0;
}
core_initcall(net_ns_init);
