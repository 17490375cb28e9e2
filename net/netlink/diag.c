/* SPDX-License-Identifier: MIT */
/*
 * diag.c -- `ss` asks about netlink's own sockets
 *
 * A place in the list is (protocol, bucket, place in its chain).
 *
 * LOCKING.  The table's read lock while a bucket is written down.
 */

#include "netlink.h"

#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/sock_diag.h>

static u32 diag_flags(const struct netlink_sock *nlk)
{
	static const struct { u32 ours, shown; } map[] = {
		{ NETLINK_F_RECV_PKTINFO, NDIAG_FLAG_PKTINFO },
		{ NETLINK_F_BROADCAST_SEND_ERROR, NDIAG_FLAG_BROADCAST_ERROR },
		{ NETLINK_F_RECV_NO_ENOBUFS, NDIAG_FLAG_NO_ENOBUFS },
		{ NETLINK_F_LISTEN_ALL_NSID, NDIAG_FLAG_LISTEN_ALL_NSID },
		{ NETLINK_F_CAP_ACK, NDIAG_FLAG_CAP_ACK },
	};
	u32 shown = READ_ONCE(nlk->cb_running) ? NDIAG_FLAG_CB_RUNNING : 0;

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (nlk->flags & map[i].ours)
			shown |= map[i].shown;
	return shown;
}

static int put_attrs(struct sk_buff *skb, struct sock *sk, u32 show)
{
	struct netlink_sock *nlk = nlk_sk(sk);

	if ((show & NDIAG_SHOW_GROUPS) && nlk->subscriptions &&
	    nla_put(skb, NETLINK_DIAG_GROUPS, sizeof(nlk->groups), nlk->groups))
		return -EMSGSIZE;
	if ((show & NDIAG_SHOW_MEMINFO) &&
	    sock_diag_put_meminfo(sk, skb, NETLINK_DIAG_MEMINFO))
		return -EMSGSIZE;
	return show & NDIAG_SHOW_FLAGS ?
	       nla_put_u32(skb, NETLINK_DIAG_FLAGS, diag_flags(nlk)) : 0;
}

static int fill(struct sk_buff *skb, struct netlink_callback *cb,
		struct sock *sk)
{
	const struct netlink_diag_req *req = nlmsg_data(cb->nlh);
	struct netlink_sock *nlk = nlk_sk(sk);
	struct netlink_diag_msg *msg;
	struct nlmsghdr *nlh;

	nlh = nlmsg_put_answer(skb, cb, SOCK_DIAG_BY_FAMILY, sizeof(*msg),
			       NLM_F_MULTI);
	if (!nlh)
		return -EMSGSIZE;
	msg = nlmsg_data(nlh);
	*msg = (struct netlink_diag_msg){
		.ndiag_family = AF_NETLINK, .ndiag_type = sk->sk_type,
		.ndiag_protocol = sk->sk_protocol, .ndiag_state = sk->sk_state,
		.ndiag_portid = nlk->portid,
		.ndiag_dst_portid = nlk->dst_portid,
		.ndiag_dst_group = nlk->dst_group,
		.ndiag_ino = sock_i_ino(sk) };
	sock_diag_save_cookie(sk, msg->ndiag_cookie);
	if (put_attrs(skb, sk, req->ndiag_show)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

/* One protocol; args[1]: bucket, [2]: place in it. */
static int dump_table(struct sk_buff *skb, struct netlink_callback *cb,
		      struct netlink_table *t)
{
	struct sock *sk;
	int err = 0;

	read_lock_bh(&t->lock);
	for (; cb->args[1] < NETLINK_BUCKETS && !err; cb->args[1]++) {
		long place = 0;

		hlist_for_each_entry(sk, &t->hash[cb->args[1]], sk_node) {
			if (place >= cb->args[2])
				err = fill(skb, cb, sk);
			if (err)
				break;
			place++;
		}
		cb->args[2] = err ? place : 0;
		if (err)
			break;
	}
	read_unlock_bh(&t->lock);
	if (!err)
		cb->args[1] = 0;
	return err;
}

static int netlink_diag_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct netlink_diag_req *req = nlmsg_data(cb->nlh);
	struct net *net = sock_net(skb->sk);

	for (; cb->args[0] < MAX_LINKS; cb->args[0]++) {
		struct netlink_table *t = netlink_table(net, cb->args[0]);

		if (req->sdiag_protocol != NDIAG_PROTO_ALL &&
		    req->sdiag_protocol != cb->args[0])
			continue;
		if (dump_table(skb, cb, t))
			return skb->len;
	}
	return 0;
}

static int netlink_diag_request(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	const struct netlink_diag_req *req = nlmsg_data(nlh);

	if (nlmsg_len(nlh) < (int)sizeof(*req))
		return -EINVAL;
	if (!(nlh->nlmsg_flags & NLM_F_DUMP))
		return -EOPNOTSUPP;
	if (req->sdiag_protocol != NDIAG_PROTO_ALL &&
	    req->sdiag_protocol >= MAX_LINKS)
		return -ENOENT;
	return sock_diag_start_dump(skb, nlh, sizeof(*req), netlink_diag_dump);
}

static const struct sock_diag_handler netlink_handler = {
	.family = AF_NETLINK, .dump = netlink_diag_request,
};

static int netlink_diag_init(void)
{
	return sock_diag_register(&netlink_handler);
}
device_initcall(netlink_diag_init);
