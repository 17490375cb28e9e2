/* SPDX-License-Identifier: MIT */
/*
 * inet_diag.c -- `ss` asks about TCP, UDP, raw sockets
 *
 * PROMISE.  A list has the sockets that the request's states, ports and filter
 * choose; a question about one names it by addresses, ports and cookie.
 *
 * IDEA.  A list walks the chains of the protocol's tables (inet_tables.c) and
 * remembers where it was when the piece was full:
 *
 *	cb->args[0] chain   [1] place in it   [2] asker may see marks, +1
 *
 * AF_INET6 is answered too: there are no such sockets.
 *
 * LOCKING.  A chain's lock while its sockets are written down.
 *
 * SEE sock_diag(7); inet_diag_bc.c (filters), inet_diag_fill.c (messages).
 */

#include "inet_diag.h"

#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/tcp.h>
#include <net/udp.h>

#define REQLEN ((int)sizeof(struct inet_diag_req_v2))
#define TCPF(state) (1u << (state))
#define ROOM_FOR_ONE 640              /* a message with all attributes */

static const struct nlattr *req_attr(const struct nlmsghdr *nlh, int type)
{
	return nla_find(nlmsg_attrdata(nlh, REQLEN),
			nlmsg_attrlen(nlh, REQLEN), type);
}

/* IPPROTO_x of the request; -EINVAL, -ENOENT: we know none such. */
static int req_protocol(const struct nlmsghdr *nlh)
{
	const struct inet_diag_req_v2 *req = nlmsg_data(nlh);
	const struct nlattr *attr = req_attr(nlh, INET_DIAG_REQ_PROTOCOL);
	struct inet_bucket b;
	int protocol = req->sdiag_protocol;

	if (attr) {
		if (nla_len(attr) != sizeof(u32))
			return -EINVAL;
		protocol = nla_get_u32(attr);
	}
	if (protocol == IPPROTO_ICMP || !inet_bucket(protocol, 0, &b))
		return -ENOENT;
	return protocol;
}

/* ---- lists ---- */

/* What a state filter calls it. */
static int shown_state(const struct sock *sk)
{
	return sk->sk_state == TCP_TIME_WAIT ? inet_twsk(sk)->tw_substate :
	       sk->sk_state == TCP_NEW_SYN_RECV ? TCP_SYN_RECV : sk->sk_state;
}

static void fill_entry(struct inet_diag_entry *e, const struct sock *sk)
{
	*e = (struct inet_diag_entry){
		.saddr = sk->sk_rcv_saddr, .daddr = sk->sk_daddr,
		.sport = sk->sk_num, .dport = ntohs(sk->sk_dport),
		.family = sk->sk_family,
		.ifindex = sk->__sk_common.skc_bound_dev_if };
	if (sk->sk_state == TCP_TIME_WAIT) {
		e->mark = inet_twsk(sk)->tw_mark;
	} else if (sk->sk_state == TCP_NEW_SYN_RECV) {
		e->mark = ((const struct request_sock *)sk)->ir_mark;
	} else {
		e->mark = sk->sk_mark;
		e->userlocks = sk->sk_userlocks;
	}
}

static bool chosen(const struct inet_diag_req_v2 *req,
		   const struct nlattr *bc, const struct net *net,
		   const struct sock *sk)
{
	struct inet_diag_entry e;

	if (!net_eq(sk->sk_net, net) ||
	    !(req->idiag_states & TCPF(shown_state(sk))) ||
	    (req->sdiag_family != AF_UNSPEC &&
	     req->sdiag_family != sk->sk_family) ||
	    (req->id.idiag_sport && req->id.idiag_sport != htons(sk->sk_num)) ||
	    (req->id.idiag_dport && req->id.idiag_dport != sk->sk_dport))
		return false;
	fill_entry(&e, sk);
	return inet_diag_bc_run(bc, &e);
}

/* From place cb->args[1]; -EMSGSIZE: the piece is full, args say where. */
static int dump_chain(struct inet_diag_out *o, struct netlink_callback *cb,
		      const struct nlattr *bc, struct inet_bucket *b)
{
	const struct inet_diag_req_v2 *req = nlmsg_data(cb->nlh);
	const struct net *net = sock_net(o->skb->sk);
	long place = 0;
	struct sock *sk;
	int err = 0;

	spin_lock_bh(b->lock);
	hlist_for_each_entry(sk, b->head, sk_node) {
		if (place >= cb->args[1] && chosen(req, bc, net, sk))
			err = inet_diag_fill(o, sk);
		if (err)
			break;
		place++;
	}
	spin_unlock_bh(b->lock);
	cb->args[1] = err ? place : 0;
	return err;
}

static int inet_diag_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct inet_diag_req_v2 *req = nlmsg_data(cb->nlh);
	const struct nlattr *bc = req_attr(cb->nlh, INET_DIAG_REQ_BYTECODE);
	int protocol = req_protocol(cb->nlh);
	struct inet_diag_out o = {
		.skb = skb, .portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq, .flags = NLM_F_MULTI,
		.ext = req->idiag_ext };
	struct inet_bucket b;

	if (!cb->args[2]) {           /* the asker is still there */
		cb->args[2] = 1 + netlink_net_capable(cb->skb, CAP_NET_ADMIN);
		if (protocol == IPPROTO_TCP &&
		    (!(req->idiag_states & TCPF(TCP_LISTEN)) ||
		     req->id.idiag_dport))
			cb->args[0] = INET_FIRST_EHASH;
	}
	o.admin = cb->args[2] > 1;
	for (; inet_bucket(protocol, cb->args[0], &b); cb->args[0]++) {
		if (protocol == IPPROTO_TCP && cb->args[0] >= INET_FIRST_EHASH &&
		    !(req->idiag_states & ~TCPF(TCP_LISTEN)))
			break;
		if (!hlist_empty(b.head) && dump_chain(&o, cb, bc, &b))
			return skb->len;
	}
	return 0;
}

/* ---- one socket ---- */

static struct sock *find_udp(struct net *net, struct udp_table *t,
			     const struct inet_diag_sockid *id, bool destroy)
{
	struct sock *sk;

	rcu_read_lock();
	/* A question has them the wrong way round; that is the ABI. */
	sk = destroy ? __udp4_lib_lookup(net, id->idiag_dst[0],
				id->idiag_dport, id->idiag_src[0],
				id->idiag_sport, id->idiag_if, 0, t, NULL)
		     : __udp4_lib_lookup(net, id->idiag_src[0],
				id->idiag_sport, id->idiag_dst[0],
				id->idiag_dport, id->idiag_if, 0, t, NULL);
	if (sk && !refcount_inc_not_zero(&sk->sk_refcnt))
		sk = NULL;
	rcu_read_unlock();
	return sk;
}

/* The raw socket that has all the numbers of id, counted. */
static struct sock *find_raw(struct net *net, const struct inet_diag_sockid *id)
{
	struct sock *sk, *found = NULL;
	struct inet_bucket b;

	if (!raw_bucket(ntohs(id->idiag_sport), &b))
		return NULL;
	spin_lock_bh(b.lock);
	hlist_for_each_entry(sk, b.head, sk_node) {
		if (net_eq(sock_net(sk), net) &&
		    sk->sk_daddr == id->idiag_dst[0] &&
		    sk->sk_rcv_saddr == id->idiag_src[0] &&
		    sk->sk_bound_dev_if == (int)id->idiag_if &&
		    refcount_inc_not_zero(&sk->sk_refcnt)) {
			found = sk;
			break;
		}
	}
	spin_unlock_bh(b.lock);
	return found;
}

/* Counted; ERR_PTR(-ENOENT, -ESTALE: the cookie is another's). */
static struct sock *find_sock(struct net *net, const struct nlmsghdr *nlh,
			      int protocol, bool destroy)
{
	const struct inet_diag_req_v2 *req = nlmsg_data(nlh);
	const struct inet_diag_sockid *id = &req->id;
	struct sock *sk = NULL;
	u32 cookie[2];

	if (req->sdiag_family != AF_INET)
		return ERR_PTR(-ENOENT);
	if (protocol == IPPROTO_TCP)
		sk = inet_lookup(net, &tcp_hashinfo, id->idiag_dst[0],
				 id->idiag_dport, id->idiag_src[0],
				 id->idiag_sport, id->idiag_if);
	else if (protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE)
		sk = find_udp(net, udp_table_of(protocol), id, destroy);
	else
		sk = find_raw(net, id);
	if (!sk)
		return ERR_PTR(-ENOENT);
	inet_diag_cookie(sk, cookie);
	if ((id->idiag_cookie[0] != SOCK_DIAG_NOCOOKIE ||
	     id->idiag_cookie[1] != SOCK_DIAG_NOCOOKIE) &&
	    memcmp(cookie, id->idiag_cookie, sizeof(cookie))) {
		sock_gen_put(sk);
		/* TCP and the others differ, on Linux too. */
		return ERR_PTR(protocol == IPPROTO_TCP ? -ENOENT : -ESTALE);
	}
	return sk;
}

static int dump_one(struct sk_buff *in, const struct nlmsghdr *nlh,
		    int protocol)
{
	const struct inet_diag_req_v2 *req = nlmsg_data(nlh);
	struct net *net = sock_net(NETLINK_CB(in).sk);
	struct inet_diag_out o = {
		.portid = NETLINK_CB(in).portid, .seq = nlh->nlmsg_seq,
		.ext = req->idiag_ext,
		.admin = netlink_net_capable(in, CAP_NET_ADMIN) };
	struct sock *sk = find_sock(net, nlh, protocol, false);
	int err;

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	err = -ENOMEM;
	o.skb = nlmsg_new(ROOM_FOR_ONE, GFP_KERNEL);
	if (o.skb)
		err = inet_diag_fill(&o, sk);
	sock_gen_put(sk);
	if (err) {
		kfree_skb(o.skb);
		return err;
	}
	err = netlink_unicast(net->diag_nlsk, o.skb, o.portid, MSG_DONTWAIT);
	return err > 0 ? 0 : err;
}

/* ---- requests ---- */

static int inet_diag_request(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	int protocol, err;

	if (nlmsg_len(nlh) < REQLEN)
		return -EINVAL;
	protocol = req_protocol(nlh);
	if (!(nlh->nlmsg_flags & NLM_F_DUMP))
		return protocol < 0 ? protocol : dump_one(skb, nlh, protocol);
	err = inet_diag_bc_audit(req_attr(nlh, INET_DIAG_REQ_BYTECODE),
				 netlink_net_capable(skb, CAP_NET_ADMIN));
	if (!err && protocol < 0)
		err = protocol;
	return err ? err : sock_diag_start_dump(skb, nlh, REQLEN,
						inet_diag_dump);
}

static int inet_diag_destroy(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	struct sock *sk;
	int protocol, err;

	if (nlmsg_len(nlh) < REQLEN)
		return -EINVAL;
	if (!netlink_net_capable(skb, CAP_NET_ADMIN))
		return -EPERM;
	protocol = req_protocol(nlh);
	if (protocol < 0)
		return protocol;
	sk = find_sock(sock_net(NETLINK_CB(skb).sk), nlh, protocol, true);
	if (IS_ERR(sk))
		return PTR_ERR(sk);
	err = protocol == IPPROTO_TCP ? tcp_abort(sk, ECONNABORTED) :
	      udp_abort(sk, ECONNABORTED);
	sock_gen_put(sk);
	return err;
}

static const struct sock_diag_handler inet_handler = {
	.family = AF_INET, .dump = inet_diag_request,
	.destroy = inet_diag_destroy,
};

static const struct sock_diag_handler inet6_handler = {
	.family = AF_INET6, .dump = inet_diag_request,
	.destroy = inet_diag_destroy,
};

static int inet_diag_init(void)
{
	int err = sock_diag_register(&inet_handler);

	return err ? err : sock_diag_register(&inet6_handler);
}
device_initcall(inet_diag_init);
