/* SPDX-License-Identifier: MIT */
/*
 * raw.c -- raw sockets: whole IP packets of one protocol
 *
 * A reader gets each packet with its IP header; a writer's data gets one put
 * in front, or (IP_HDRINCL) brings it, and then only what must be right is
 * filled in: length, checksum, a source address and id if they are 0.
 *
 * LOCKING.  raw_lock for the hash by protocol number; RCU to read.
 *
 * SEE raw(7).
 */

#include <net/ip.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/icmp.h>
#include <net/igmp.h>
#include <net/inet_common.h>
#include <net/protocol.h>

#include "internal.h"
#include "udp_impl.h"

struct raw_sock {
	struct inet_sock inet;        /* first */
	struct icmp_filter filter;
};

#define raw_sk(sk) ((struct raw_sock *)(sk))

static DEFINE_SPINLOCK(raw_lock);
static struct hlist_head raw_table[MAX_INET_PROTOS];

static int raw_hash(struct sock *sk)
{
	spin_lock_bh(&raw_lock);
	sock_hold(sk);
	hlist_add_head_rcu(&sk->sk_node,
			   &raw_table[inet_sk(sk)->inet_num & 0xff]);
	spin_unlock_bh(&raw_lock);
	return 0;
}

static void raw_unhash(struct sock *sk)
{
	spin_lock_bh(&raw_lock);
	if (!hlist_unhashed(&sk->sk_node)) {
		hlist_del_init_rcu(&sk->sk_node);
		__sock_put(sk);
	}
	spin_unlock_bh(&raw_lock);
}

bool raw_bucket(unsigned int n, struct inet_bucket *b)
{
	if (n >= MAX_INET_PROTOS)
		return false;
	*b = (struct inet_bucket){ &raw_table[n], &raw_lock };
	return true;
}

/* ---- coming in: RCU ---- */

static bool raw_match(struct net *net, const struct sock *sk, int num,
		      __be32 raddr, __be32 laddr, int dif)
{
	const struct inet_sock *inet = inet_sk(sk);

	return net_eq(sock_net(sk), net) && inet->inet_num == num &&
	       !(inet->inet_daddr && inet->inet_daddr != raddr) &&
	       !(inet->inet_rcv_saddr && inet->inet_rcv_saddr != laddr) &&
	       !(sk->sk_bound_dev_if && sk->sk_bound_dev_if != dif);
}

static bool filtered(const struct sock *sk, const struct sk_buff *skb)
{
	struct icmphdr buf, *hdr;

	if (sk->sk_protocol != IPPROTO_ICMP)
		return false;
	hdr = skb_header_pointer(skb, skb_transport_offset(skb), sizeof(buf),
				 &buf);
	return !hdr || (hdr->type < 32 &&
			((1u << hdr->type) & raw_sk(sk)->filter.data));
}

static void raw_rcv(struct sock *sk, struct sk_buff *skb)
{
	skb_push(skb, skb->data - skb_network_header(skb));
	ipv4_pktinfo_prepare(sk, skb);
	if (sock_queue_rcv_skb(sk, skb))
		kfree_skb(skb);
}

/* A copy to each raw socket of the protocol; 1 if there was one. */
int raw_local_deliver(struct sk_buff *skb, int protocol)
{
	struct hlist_head *head = &raw_table[protocol & 0xff];
	const struct iphdr *iph = ip_hdr(skb);
	struct net *net = dev_net(skb->dev);
	int delivered = 0;
	struct sock *sk;

	if (likely(hlist_empty(head)))
		return 0;
	hlist_for_each_entry_rcu(sk, head, sk_node) {
		struct sk_buff *copy;

		if (!raw_match(net, sk, protocol, iph->saddr, iph->daddr,
			       IPCB(skb)->iif))
			continue;
		delivered = 1;
		if (filtered(sk, skb) ||
		    !ip_mc_sf_allow(sk, iph->daddr, iph->saddr, IPCB(skb)->iif,
				    0))
			continue;
		copy = skb_clone(skb, GFP_ATOMIC);
		if (copy)
			raw_rcv(sk, copy);
	}
	return delivered;
}

static void raw_err(struct sock *sk, struct sk_buff *skb, u32 info)
{
	int type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	struct inet_sock *inet = inet_sk(sk);
	int err, harderr;

	if (!icmp_error_meaning(skb, type, code, &err, &harderr))
		return;
	if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED) {
		ipv4_sk_update_pmtu(skb, sk, info);
		err = EMSGSIZE;
		harderr = inet->pmtudisc != IP_PMTUDISC_DONT;
	}
	if (!inet->recverr && sk->sk_state != TCP_ESTABLISHED)
		return;
	if (inet->recverr) {
		const struct iphdr *iph = (const struct iphdr *)skb->data;
		u8 *payload = skb->data + (inet->hdrincl ? 0 : iph->ihl * 4);

		ip_icmp_error(sk, skb, err, 0, info, payload);
	}
	if (inet->recverr || harderr) {
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
	}
}

void raw_icmp_error(struct sk_buff *skb, int protocol, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct net *net = dev_net(skb->dev);
	struct sock *sk;

	hlist_for_each_entry_rcu(sk, &raw_table[protocol & 0xff], sk_node)
		if (raw_match(net, sk, protocol, iph->daddr, iph->saddr,
			      skb->dev->ifindex))
			raw_err(sk, skb, info);
}

/* ---- sending ---- */

/* The user's own header: 0 or -errno; consumes rt's reference on success. */
static int send_hdrincl(struct sock *sk, struct flowi4 *fl4, struct msghdr *msg,
			size_t len, struct rtable *rt, unsigned int flags)
{
	int room = LL_RESERVED_SPACE(rt->dst.dev) + 16, err;
	struct net *net = sock_net(sk);
	struct sk_buff *skb;
	struct iphdr *iph;

	if (len > READ_ONCE(rt->dst.dev->mtu)) {
		ip_local_error(sk, EMSGSIZE, fl4->daddr, 0, rt->dst.dev->mtu);
		return -EMSGSIZE;
	}
	if (len < sizeof(*iph))
		return -EINVAL;
	skb = sock_alloc_send_pskb(sk, len + room, 0, flags & MSG_DONTWAIT,
				   &err, 0);
	if (!skb)
		return err;
	skb_reserve(skb, room);
	skb_reset_network_header(skb);
	iph = skb_put(skb, len);
	if (!copy_from_iter_full(iph, len, &msg->msg_iter)) {
		kfree_skb(skb);
		return -EFAULT;
	}
	if (iph->ihl * 4u < sizeof(*iph) || iph->ihl * 4u > len) {
		kfree_skb(skb);
		return -EINVAL;
	}
	skb->priority = sk->sk_priority;
	skb->mark = sk->sk_mark;
	skb_dst_set(skb, dst_clone(&rt->dst));
	if (!iph->saddr)
		iph->saddr = fl4->saddr;
	skb->transport_header = skb->network_header + iph->ihl * 4;
	if (!iph->id)
		ip_select_ident(net, skb, NULL);
	if (iph->protocol == IPPROTO_ICMP && len >= iph->ihl * 4u + 8)
		icmp_out_count(net, icmp_hdr(skb)->type);
	err = ip_local_out(net, sk, skb);
	return err > 0 ? net_xmit_errno(err) : err;
}

static int raw_dest(struct sock *sk, struct msghdr *msg, __be32 *daddr)
{
	struct sockaddr_in *sin = msg->msg_name;

	if (!sin) {
		if (sk->sk_state != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		*daddr = inet_sk(sk)->inet_daddr;
		return 0;
	}
	if (msg->msg_namelen < (int)sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family && sin->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	*daddr = sin->sin_addr.s_addr;
	return 0;
}

static struct rtable *raw_route(struct sock *sk, struct flowi4 *fl4,
				struct ipcm_cookie *ipc, __be32 daddr,
				bool onlink)
{
	struct inet_sock *inet = inet_sk(sk);
	u8 tos = ipc->tos >= 0 ? ipc->tos : inet->tos;
	__be32 saddr = ipc->addr;

	if (ipv4_is_multicast(daddr)) {
		if (!ipc->oif)
			ipc->oif = inet->mc_index;
		if (!saddr)
			saddr = inet->mc_addr;
	} else if (!ipc->oif) {
		ipc->oif = inet->uc_index;
	}
	flowi4_init_output(fl4, ipc->oif, ipc->mark, (tos & IPTOS_TOS_MASK) |
			   (onlink ? RTO_ONLINK : 0), RT_SCOPE_UNIVERSE,
			   inet->hdrincl ? IPPROTO_RAW : sk->sk_protocol,
			   inet_sk_flowi_flags(sk) |
			   (inet->hdrincl ? FLOWI_FLAG_ANYSRC : 0), daddr,
			   saddr, 0, 0);
	return ip_route_output_flow(sock_net(sk), fl4, sk);
}

static int raw_send_routed(struct sock *sk, struct flowi4 *fl4,
			   struct msghdr *msg, size_t len,
			   struct ipcm_cookie *ipc, struct rtable **rt)
{
	struct inet_cork cork;
	struct sk_buff *skb;

	if (((*rt)->rt_flags & RTCF_BROADCAST) && !sock_flag(sk, SOCK_BROADCAST))
		return -EACCES;
	if (inet_sk(sk)->hdrincl)
		return send_hdrincl(sk, fl4, msg, len, *rt, msg->msg_flags);
	skb = ip_make_skb(sk, fl4, ip_generic_getfrag, msg, len, 0, ipc, rt,
			  &cork, msg->msg_flags);
	if (IS_ERR_OR_NULL(skb))
		return PTR_ERR_OR_ZERO(skb);
	return ip_send_skb(sock_net(sk), skb);
}

static int raw_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct inet_sock *inet = inet_sk(sk);
	struct ipcm_cookie ipc;
	struct flowi4 fl4;
	struct rtable *rt;
	__be32 daddr;
	int err;

	if (len > 0xffff)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = raw_dest(sk, msg, &daddr);
	if (err)
		return err;
	ipcm_init_sk(&ipc, inet);
	if (msg->msg_controllen)
		err = ip_cmsg_send(sk, msg, &ipc, false);
	if (!err) {
		rt = raw_route(sk, &fl4, &ipc, daddr,
			       sock_flag(sk, SOCK_LOCALROUTE) ||
			       (msg->msg_flags & MSG_DONTROUTE));
		err = PTR_ERR_OR_ZERO(rt);
	}
	if (!err) {
		err = raw_send_routed(sk, &fl4, msg, len, &ipc, &rt);
		if (rt)
			ip_rt_put(rt);
	}
	kfree(ipc.opt);
	return err ? err : (int)len;
}

/* ---- reading, and the rest ---- */

static int raw_bind(struct sock *sk, struct sockaddr *uaddr, int len)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sk);
	unsigned int type;
	int err = -EINVAL;

	lock_sock(sk);
	if (sk->sk_state != TCP_CLOSE || len < (int)sizeof(*sin))
		goto out;
	type = inet_addr_type(sock_net(sk), sin->sin_addr.s_addr);
	err = -EADDRNOTAVAIL;
	if (!inet_can_nonlocal_bind(sock_net(sk), inet) &&
	    sin->sin_addr.s_addr && type != RTN_LOCAL &&
	    type != RTN_MULTICAST && type != RTN_BROADCAST)
		goto out;
	inet->inet_rcv_saddr = inet->inet_saddr = sin->sin_addr.s_addr;
	if (type == RTN_MULTICAST || type == RTN_BROADCAST)
		inet->inet_saddr = 0;
	sk_dst_reset(sk);
	err = 0;
out:
	release_sock(sk);
	return err;
}

static int raw_disconnect(struct sock *sk, int flags)
{
	struct inet_sock *inet = inet_sk(sk);

	lock_sock(sk);
	sk->sk_state = TCP_CLOSE;
	inet->inet_daddr = 0;
	inet->inet_dport = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		inet->inet_rcv_saddr = inet->inet_saddr = 0;
	sk_dst_reset(sk);
	release_sock(sk);
	return 0;
}

static int raw_setsockopt(struct sock *sk, int level, int name,
			  void __user *val, unsigned int len)
{
	if (level != SOL_RAW)
		return ip_setsockopt(sk, level, name, val, len);
	if (name != ICMP_FILTER)
		return -ENOPROTOOPT;
	if (inet_sk(sk)->inet_num != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	len = min_t(unsigned int, len, sizeof(struct icmp_filter));
	return copy_from_user(&raw_sk(sk)->filter, val, len) ? -EFAULT : 0;
}

static int raw_getsockopt(struct sock *sk, int level, int name,
			  char __user *val, int __user *ulen)
{
	int len;

	if (level != SOL_RAW)
		return ip_getsockopt(sk, level, name, val, ulen);
	if (name != ICMP_FILTER)
		return -ENOPROTOOPT;
	if (inet_sk(sk)->inet_num != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = min_t(unsigned int, len, sizeof(struct icmp_filter));
	if (put_user(len, ulen) || copy_to_user(val, &raw_sk(sk)->filter, len))
		return -EFAULT;
	return 0;
}

static int raw_ioctl(struct sock *sk, int cmd, unsigned long arg)
{
	struct sk_buff *skb;
	unsigned long irq;
	int n = 0;

	switch (cmd) {
	case SIOCOUTQ:
		n = sk_wmem_alloc_get(sk);
		break;
	case SIOCINQ:
		spin_lock_irqsave(&sk->sk_receive_queue.lock, irq);
		skb = skb_peek(&sk->sk_receive_queue);
		n = skb ? skb->len : 0;
		spin_unlock_irqrestore(&sk->sk_receive_queue.lock, irq);
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return put_user(n, (int __user *)arg);
}

static int raw_init_sock(struct sock *sk)
{
	sock_set_flag(sk, SOCK_RCU_FREE);
	return 0;
}

static void raw_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

static struct proto raw_prot = {
	.name = "RAW",
	.close = raw_close,
	.connect = ip4_datagram_connect,
	.disconnect = raw_disconnect,
	.ioctl = raw_ioctl,
	.init = raw_init_sock,
	.setsockopt = raw_setsockopt,
	.getsockopt = raw_getsockopt,
	.sendmsg = raw_sendmsg,
	.recvmsg = ip4_datagram_recvmsg,
	.bind = raw_bind,
	.hash = raw_hash,
	.unhash = raw_unhash,
	.no_autobind = true,
	.obj_size = sizeof(struct raw_sock),
};

static struct inet_protosw raw_protosw = {
	.type = SOCK_RAW,
	.protocol = IPPROTO_IP,
	.prot = &raw_prot,
	.ops = &inet_sockraw_ops,
	.flags = INET_PROTOSW_REUSE,
};

void raw_init(void)
{
	if (proto_register(&raw_prot, 1))
		pr_err("raw: no memory\n");
	inet_register_protosw(&raw_protosw);
}
