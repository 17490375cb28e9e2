/* SPDX-License-Identifier: MIT */
/*
 * net_namespace.c -- the initial network
 *
 * There is one; others would come with CLONE_NEWNET.  nsproxy gets it here
 * because nsproxy lies below net.
 */

#include <net/net_namespace.h>

#include <kernel/cred.h>
#include <kernel/init.h>
#include <uapi/socket.h>

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

static int net_ns_init(void)
{
	init_nsproxy.net_ns = &init_net;
	return 0;
}
core_initcall(net_ns_init);
