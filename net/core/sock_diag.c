/* SPDX-License-Identifier: MIT */
/*
 * sock_diag.c -- NETLINK_SOCK_DIAG: questions about sockets
 *
 * PROMISE.  A program gets the sockets of its own network, family by family,
 * in pieces; a socket that exists for the whole time of the list is in it once.
 *
 * IDEA.  The first byte of a request names the family, and the family answers:
 * here is only the switchboard, and what all families say in the same way.
 *
 *	SOCK_DIAG_BY_FAMILY, NLM_F_DUMP   a list: handler->dump
 *	SOCK_DIAG_BY_FAMILY               one socket: handler->dump too
 *	SOCK_DESTROY                      end that one: handler->destroy
 *
 * A socket is named by its cookie, a number that is never given twice; so what
 * is asked about, or destroyed, is not another that has its address by now.
 *
 * LOCKING.  Handlers register at boot and stay; each family locks its tables.
 *
 * SEE sock_diag(7); docs/112-sock-diag.md.
 */

#include <net/sock_diag.h>

#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/sock.h>

static const struct sock_diag_handler *handlers[AF_MAX];

int sock_diag_register(const struct sock_diag_handler *h)
{
	if (h->family >= AF_MAX)
		return -EINVAL;
	return cmpxchg(&handlers[h->family], NULL, h) ? -EBUSY : 0;
}
EXPORT_SYMBOL(sock_diag_register);

int sock_diag_check_cookie(struct sock *sk, const u32 *cookie)
{
	u64 real;

	if (cookie[0] == SOCK_DIAG_NOCOOKIE && cookie[1] == SOCK_DIAG_NOCOOKIE)
		return 0;
	real = sock_gen_cookie(sk);
	return (u32)real == cookie[0] && (u32)(real >> 32) == cookie[1] ?
	       0 : -ESTALE;
}

void sock_diag_save_cookie(struct sock *sk, u32 *cookie)
{
	u64 real = sock_gen_cookie(sk);

	cookie[0] = real;
	cookie[1] = real >> 32;
}

int sock_diag_put_meminfo(struct sock *sk, struct sk_buff *skb, int attr)
{
	u32 mem[SK_MEMINFO_VARS];

	sk_get_meminfo(sk, mem);
	return nla_put(skb, attr, sizeof(mem), mem);
}

int sock_diag_start_dump(struct sk_buff *skb, struct nlmsghdr *nlh,
			 size_t reqlen,
			 int (*fn)(struct sk_buff *, struct netlink_callback *))
{
	struct netlink_dump_control c = { .dump = fn };

	if (nlmsg_len(nlh) < (int)reqlen)
		return -EINVAL;
	return netlink_dump_start(sock_net(NETLINK_CB(skb).sk)->diag_nlsk, skb,
				  nlh, &c);
}

static int sock_diag_rcv_msg(struct sk_buff *skb, struct nlmsghdr *nlh,
			     struct netlink_ext_ack *extack)
{
	const struct sock_diag_req *req = nlmsg_data(nlh);
	const struct sock_diag_handler *h;

	if (nlh->nlmsg_type == TCPDIAG_GETSOCK ||
	    nlh->nlmsg_type == DCCPDIAG_GETSOCK)
		return -EOPNOTSUPP;   /* the way of before Linux 3.3 */
	if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY &&
	    nlh->nlmsg_type != SOCK_DESTROY)
		return -EINVAL;
	if (nlmsg_len(nlh) < (int)sizeof(*req) || req->sdiag_family >= AF_MAX)
		return -EINVAL;
	h = READ_ONCE(handlers[req->sdiag_family]);
	if (!h)
		return -ENOENT;
	if (nlh->nlmsg_type == SOCK_DIAG_BY_FAMILY)
		return h->dump(skb, nlh);
	return h->destroy ? h->destroy(skb, nlh) : -EOPNOTSUPP;
}

static void sock_diag_rcv(struct sk_buff *skb)
{
	netlink_rcv_skb(skb, sock_diag_rcv_msg);
}

static int diag_net_init(struct net *net)
{
	struct netlink_kernel_cfg cfg = {
		.groups = SKNLGRP_MAX, .flags = NL_CFG_F_NONROOT_RECV,
		.input = sock_diag_rcv };

	net->diag_nlsk = netlink_kernel_create(net, NETLINK_SOCK_DIAG, &cfg);
	return net->diag_nlsk ? 0 : -ENOMEM;
}

static void diag_net_exit(struct net *net)
{
	netlink_kernel_release(net->diag_nlsk);
}

static struct pernet_operations diag_net_ops = {
	.init = diag_net_init,
	.exit = diag_net_exit,
};

static int sock_diag_init(void)
{
	return register_pernet_subsys(&diag_net_ops);
}
device_initcall(sock_diag_init);
