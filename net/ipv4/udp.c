/* SPDX-License-Identifier: MIT */
/*
 * udp.c -- UDP: datagrams between ports
 *
 * PROMISE.  A datagram comes whole or not at all, to the socket that matches it
 * best: one that is connected to its sender before one that is bound to its
 * address, before one bound to any. A socket's queue is bounded by SO_RCVBUF.
 *
 * SENDING needs no lock unless data is gathered (UDP_CORK, MSG_MORE): route,
 * skb and headers are the sender's alone.
 *
 * RECEIVING.  Softirq puts the packet on sk_receive_queue under that queue's
 * lock; recvmsg() takes it off. The checksum is verified before a reader sees
 * the packet, in the softirq.
 *
 * LOCKING.  lock_sock for names and the cork; tables: udp_table.c.
 *
 * SEE RFC 768, RFC 1122 4.1; udp(7).
 */

#include <net/udp.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/icmp.h>
#include <net/igmp.h>
#include <net/inet_common.h>

#include "udp_impl.h"

/* ---- sending ---- */

static bool is_lite(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_UDPLITE;
}

/* How much of len bytes UDP-Lite's checksum covers, which the header says. */
static int fill_coverage(struct udphdr *uh, const struct udp_sock *up, int len)
{
	if (!up->send_part || up->send_cover >= len)
		return len;
	uh->len = htons(up->send_cover); /* 0: all */
	return up->send_cover ? up->send_cover : len;
}

static void udp_fill_header(struct sk_buff *skb, struct flowi4 *fl4,
			    struct sock *sk)
{
	int offset = skb_transport_offset(skb), len = skb->len - offset;
	struct udphdr *uh = udp_hdr(skb);
	int cover;

	uh->source = inet_sk(sk)->inet_sport;
	uh->dest = fl4->fl4_dport;
	uh->len = htons(len);
	uh->check = 0;
	skb->ip_summed = CHECKSUM_NONE;
	if (is_lite(sk)) {
		cover = fill_coverage(uh, udp_sk(sk), len);
		uh->check = csum_tcpudp_magic(fl4->saddr, fl4->daddr, len,
				IPPROTO_UDPLITE,
				skb_checksum(skb, offset, cover, 0));
		if (!uh->check)
			uh->check = CSUM_MANGLED_0;
	} else if (!sk->sk_no_check_tx) {
		/* Who cuts it, or sends it by a device that cannot, adds the
		 * rest. */
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = __builtin_offsetof(struct udphdr, check);
		uh->check = tcp_udp_v4_pseudo(fl4->saddr, fl4->daddr, len,
					      IPPROTO_UDP);
	}
}

static int udp_send_skb(struct sk_buff *skb, struct flowi4 *fl4)
{
	struct sock *sk = skb->sk;
	int err;

	udp_fill_header(skb, fl4, sk);
	err = ip_send_skb(sock_net(sk), skb);
	if (!err)
		UDP_INC_STATS(sock_net(sk), OUTDATAGRAMS, is_lite(sk));
	else if (err == -ENOBUFS && !inet_sk(sk)->recverr)
		err = 0;
	return err;
}

int udp_push_pending(struct sock *sk)
{
	struct udp_sock *up = udp_sk(sk);
	struct flowi4 *fl4 = &inet_sk(sk)->cork.fl;
	struct sk_buff *skb = ip_finish_skb(sk, fl4);

	up->pending = 0;
	if (IS_ERR_OR_NULL(skb))
		return PTR_ERR_OR_ZERO(skb);
	return udp_send_skb(skb, fl4);
}

void udp_flush_pending(struct sock *sk)
{
	if (udp_sk(sk)->pending) {
		udp_sk(sk)->pending = 0;
		ip_flush_pending_frames(sk);
	}
}

/* What one sendmsg() is about. */
struct udp_send {
	struct ipcm_cookie ipc;
	struct ip_options_data opt_copy;
	struct flowi4 fl4;
	struct rtable *rt;            /* counted, or NULL */
	__be32 daddr, faddr;
	__be16 dport;
	bool connected;               /* the socket's route may serve */
};

/* To whom: 0 or -errno. */
static int decode_dest(struct sock *sk, struct msghdr *msg, struct udp_send *s)
{
	struct sockaddr_in *sin = msg->msg_name;
	struct inet_sock *inet = inet_sk(sk);

	if (sin) {
		if (msg->msg_namelen < (int)sizeof(*sin))
			return -EINVAL;
		if (sin->sin_family != AF_INET && sin->sin_family != AF_UNSPEC)
			return -EAFNOSUPPORT;
		s->daddr = sin->sin_addr.s_addr;
		s->dport = sin->sin_port;
		return s->dport ? 0 : -EINVAL;
	}
	if (sk->sk_state != TCP_ESTABLISHED)
		return -EDESTADDRREQ;
	s->daddr = inet->inet_daddr;
	s->dport = inet->inet_dport;
	s->connected = true;
	return 0;
}

/* Options: the message's, or a copy of the socket's. */
static void take_options(struct inet_sock *inet, struct udp_send *s)
{
	struct ip_options_rcu *opt;

	if (!s->ipc.opt) {
		rcu_read_lock();
		opt = rcu_dereference(inet->inet_opt);
		if (opt) {
			memcpy(&s->opt_copy, opt,
			       sizeof(*opt) + opt->opt.optlen);
			s->ipc.opt = &s->opt_copy.opt;
		}
		rcu_read_unlock();
	}
	s->faddr = s->daddr;
	if (s->ipc.opt && s->ipc.opt->opt.srr && s->daddr) {
		s->faddr = s->ipc.opt->opt.faddr;
		s->connected = false;
	}
}

static void choose_interface(struct inet_sock *inet, struct udp_send *s)
{
	if (ipv4_is_multicast(s->daddr)) {
		if (!s->ipc.oif)
			s->ipc.oif = inet->mc_index;
		if (!s->fl4.saddr)
			s->fl4.saddr = inet->mc_addr;
		s->connected = false;
	} else if (!s->ipc.oif) {
		s->ipc.oif = inet->uc_index;
	}
}

static int find_route(struct sock *sk, struct udp_send *s, unsigned int flags)
{
	struct inet_sock *inet = inet_sk(sk);
	__be32 saddr = s->ipc.addr;
	u8 tos = s->ipc.tos >= 0 ? s->ipc.tos : inet->tos;
	bool onlink = sock_flag(sk, SOCK_LOCALROUTE) ||
		      (flags & MSG_DONTROUTE) ||
		      (s->ipc.opt && s->ipc.opt->opt.is_strictroute);

	s->fl4.saddr = saddr;
	choose_interface(inet, s);
	saddr = s->fl4.saddr;
	flowi4_init_output(&s->fl4, s->ipc.oif, s->ipc.mark,
			   (tos & IPTOS_TOS_MASK) | (onlink ? RTO_ONLINK : 0),
			   RT_SCOPE_UNIVERSE, sk->sk_protocol,
			   inet_sk_flowi_flags(sk), s->faddr, saddr, s->dport,
			   inet->inet_sport);
	if (s->connected && !onlink) {
		s->rt = (struct rtable *)sk_dst_check(sk, 0);
		if (s->rt) {
			s->fl4.saddr = inet->inet_saddr;
			return 0;
		}
	}
	s->rt = ip_route_output_flow(sock_net(sk), &s->fl4, sk);
	if (IS_ERR(s->rt)) {
		int err = PTR_ERR(s->rt);

		s->rt = NULL;
		if (err == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), OUTNOROUTES);
		return err;
	}
	if ((s->rt->rt_flags & RTCF_BROADCAST) &&
	    !sock_flag(sk, SOCK_BROADCAST))
		return -EACCES;
	if (s->connected)
		sk_dst_set(sk, dst_clone(&s->rt->dst));
	return 0;
}

/* More of a datagram that is gathered, or its beginning; lock_sock. */
static int append(struct sock *sk, struct msghdr *msg, size_t len,
		  struct udp_send *s, bool corkreq)
{
	struct udp_sock *up = udp_sk(sk);
	struct inet_sock *inet = inet_sk(sk);
	bool first = !up->pending;
	int err;

	if (first) {
		inet->cork.fl = s->fl4;
		inet->cork.fl.daddr = s->daddr;
		up->pending = AF_INET;
	}
	err = ip_append_data(sk, &inet->cork.fl, ip_generic_getfrag, msg,
			     len + (first ? sizeof(struct udphdr) : 0),
			     first ? sizeof(struct udphdr) : 0, &s->ipc, &s->rt,
			     corkreq ? msg->msg_flags | MSG_MORE
				     : msg->msg_flags);
	if (err)
		udp_flush_pending(sk);
	else if (!corkreq)
		err = udp_push_pending(sk);
	return err;
}

static int send_gathered(struct sock *sk, struct msghdr *msg, size_t len,
			 struct udp_send *s, bool corkreq)
{
	int err;

	lock_sock(sk);
	err = append(sk, msg, len, s, corkreq);
	release_sock(sk);
	return err;
}

static int send_at_once(struct sock *sk, struct msghdr *msg, size_t len,
			struct udp_send *s)
{
	struct inet_cork cork;
	struct sk_buff *skb;

	s->fl4.daddr = s->daddr;
	skb = ip_make_skb(sk, &s->fl4, ip_generic_getfrag, msg,
			  len + sizeof(struct udphdr), sizeof(struct udphdr),
			  &s->ipc, &s->rt, &cork, msg->msg_flags);
	if (IS_ERR_OR_NULL(skb))
		return PTR_ERR_OR_ZERO(skb);
	return udp_send_skb(skb, &s->fl4);
}

static int prepare(struct sock *sk, struct msghdr *msg, struct udp_send *s)
{
	int err = decode_dest(sk, msg, s);

	if (err)
		return err;
	ipcm_init_sk(&s->ipc, inet_sk(sk));
	if (msg->msg_controllen) {
		err = ip_cmsg_send(sk, msg, &s->ipc, false);
		if (err)
			return err;
		s->connected = false;
	}
	return 0;
}

int udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct udp_sock *up = udp_sk(sk);
	bool corkreq = READ_ONCE(up->corkflag) || (msg->msg_flags & MSG_MORE);
	struct udp_send s = { 0 };
	struct ip_options_rcu *own;
	int err;

	if (len > 0xffff)
		return -EMSGSIZE;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (READ_ONCE(up->pending)) {
		lock_sock(sk);
		if (up->pending) {
			err = append(sk, msg, len, &s, corkreq);
			release_sock(sk);
			return err ? err : (int)len;
		}
		release_sock(sk);
	}
	err = prepare(sk, msg, &s);
	own = s.ipc.opt;
	if (err)
		goto out;
	take_options(inet_sk(sk), &s);
	err = find_route(sk, &s, msg->msg_flags);
	if (err)
		goto out;
	if (!s.daddr)
		s.daddr = s.fl4.daddr;
	if (corkreq)
		err = send_gathered(sk, msg, len, &s, corkreq);
	else
		err = send_at_once(sk, msg, len, &s);
out:
	if (s.rt)
		ip_rt_put(s.rt);
	kfree(own);
	if (err == -ENOBUFS)
		UDP_INC_STATS(sock_net(sk), SNDBUFERRORS, is_lite(sk));
	return err ? err : (int)len;
}

/* ---- reading ---- */

static void fill_name(struct msghdr *msg, struct sk_buff *skb, int *addr_len)
{
	struct sockaddr_in *sin = msg->msg_name;

	if (!sin)
		return;
	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	sin->sin_port = udp_hdr(skb)->source;
	sin->sin_addr.s_addr = ip_hdr(skb)->saddr;
	*addr_len = sizeof(*sin);
}

int udp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		int *addr_len)
{
	int ulen, off, copied, err;
	struct sk_buff *skb;

	if (flags & MSG_ERRQUEUE)
		return ip_recv_error(sk, msg, len, addr_len);
	off = sk_peek_offset(sk, flags);
	skb = udp_dequeue(sk, flags, &off, &err);
	if (!skb)
		return err;
	ulen = skb->len - sizeof(struct udphdr);
	copied = min_t(int, len, ulen - off);
	if (copied < ulen - off)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_msg(skb, sizeof(struct udphdr) + off, msg,
				    copied);
	if (err) {
		consume_skb(skb);
		return err;
	}
	sock_recv_cmsgs(msg, sk, skb);
	fill_name(msg, skb, addr_len);
	if (inet_sk(sk)->cmsg_flags)
		ip_cmsg_recv_offset(msg, sk, skb, sizeof(struct udphdr), off);
	err = flags & MSG_TRUNC ? ulen : copied;
	if (flags & MSG_PEEK)
		sk_peek_offset_fwd(sk, copied);
	else
		sk_peek_offset_bwd(sk, ulen);
	consume_skb(skb);
	return err;
}

/* ---- coming in ---- */

/* Is as much of it covered by the checksum as its reader wants? */
static bool covered(struct sock *sk, const struct sk_buff *skb)
{
	const struct udp_sock *up = udp_sk(sk);
	u32 cover = ntohs(udp_hdr(skb)->len);

	return !up->recv_part || !cover || cover >= skb->len ||
	       (up->recv_cover && cover >= up->recv_cover);
}

int udp_queue_rcv_skb(struct sock *sk, struct sk_buff *skb)
{
	struct net *net = sock_net(sk);
	bool lite = is_lite(sk);
	int rc;

	if (lite && !covered(sk, skb)) {
		UDP_INC_STATS(net, INERRORS, lite);
		kfree_skb(skb);
		return -1;
	}
	ipv4_pktinfo_prepare(sk, skb);
	rc = sk_filter_trim_cap(sk, skb, sizeof(struct udphdr));
	if (!rc)
		rc = __sock_queue_rcv_skb(sk, skb);
	if (rc < 0) {
		if (rc == -ENOMEM)
			UDP_INC_STATS(net, RCVBUFERRORS, lite);
		UDP_INC_STATS(net, INERRORS, lite);
		kfree_skb(skb);
		return -1;
	}
	UDP_INC_STATS(net, INDATAGRAMS, lite);
	return 0;
}

/* To all that want it: a broadcast, or a group. */
static int deliver_many(struct net *net, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct sock *sk, *last = NULL;
	struct udp_hslot *slot = udp_slot(udp_table_of(iph->protocol),
					  ntohs(udp_hdr(skb)->dest));

	hlist_for_each_entry_rcu(sk, &slot->head, sk_node) {
		struct sk_buff *copy;

		if (!udp_mcast_match(net, sk, skb, iph))
			continue;
		if (last) {
			copy = skb_clone(skb, GFP_ATOMIC);
			if (copy)
				udp_queue_rcv_skb(last, copy);
		}
		last = sk;
	}
	if (last) {
		udp_queue_rcv_skb(last, skb);
	} else {
		UDP_INC_STATS(net, IGNOREDMULTI,
			      iph->protocol == IPPROTO_UDPLITE);
		kfree_skb(skb);
	}
	return 0;
}

/* Length and checksum: 0, or wrong (1: the checksum). */
static int check_udp(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct udphdr *uh = udp_hdr(skb);
	u32 ulen;

	ulen = ntohs(uh->len);
	if (ulen > skb->len || ulen < sizeof(*uh) || pskb_trim_rcsum(skb, ulen))
		return -1;
	uh = udp_hdr(skb);
	iph = ip_hdr(skb);
	if (!uh->check) {             /* the sender computed none */
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		return 0;
	}
	if (skb_checksum_init(skb, csum_tcpudp_nofold(iph->saddr, iph->daddr,
						      ulen, IPPROTO_UDP, 0)))
		return 1;
	return skb_checksum_complete(skb) ? 1 : 0;
}

/* The same of UDP-Lite, whose checksum is never left out: RFC 3828 3.1. */
static int check_lite(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct udphdr *uh = udp_hdr(skb);
	u32 cover = ntohs(uh->len);

	if (!cover)
		cover = skb->len;
	if (!uh->check || cover < sizeof(*uh) || cover > skb->len)
		return -1;
	if (csum_tcpudp_magic(iph->saddr, iph->daddr, skb->len, IPPROTO_UDPLITE,
			      skb_checksum(skb, 0, cover, 0)))
		return 1;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return 0;
}

int udp_rcv(struct sk_buff *skb)
{
	const struct rtable *rt = skb_rtable(skb);
	struct net *net = dev_net(skb->dev);
	bool lite = ip_hdr(skb)->protocol == IPPROTO_UDPLITE;
	const struct iphdr *iph;
	struct sock *sk;
	int bad = -1;

	if (pskb_may_pull(skb, sizeof(struct udphdr)))
		bad = lite ? check_lite(skb) : check_udp(skb);
	if (bad)
		goto wrong;
	iph = ip_hdr(skb);
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST))
		return deliver_many(net, skb);
	sk = __udp4_lib_lookup(net, iph->saddr, udp_hdr(skb)->source,
			       iph->daddr, udp_hdr(skb)->dest,
			       IPCB(skb)->iif, 0, udp_table_of(iph->protocol), skb);
	if (sk) {
		udp_queue_rcv_skb(sk, skb);
		return 0;
	}
	UDP_INC_STATS(net, NOPORTS, lite);
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	kfree_skb(skb);
	return 0;
wrong:
	if (bad > 0)
		UDP_INC_STATS(net, CSUMERRORS, lite);
	UDP_INC_STATS(net, INERRORS, lite);
	kfree_skb(skb);
	return 0;
}

/* An ICMP error about a datagram of ours, which skb->data quotes. */
int udp_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct udphdr *uh = (struct udphdr *)(skb->data + iph->ihl * 4);
	int type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	struct net *net = dev_net(skb->dev);
	struct inet_sock *inet;
	struct sock *sk;
	int harderr, err;

	sk = __udp4_lib_lookup(net, iph->daddr, uh->dest, iph->saddr,
			       uh->source, skb->dev->ifindex, 0,
			       udp_table_of(iph->protocol), NULL);
	if (!sk)
		return -ENOENT;
	inet = inet_sk(sk);
	if (!icmp_error_meaning(skb, type, code, &err, &harderr))
		return 0;
	if (type == ICMP_REDIRECT) {
		ipv4_sk_redirect(skb, sk);
		return 0;
	}
	if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED) {
		ipv4_sk_update_pmtu(skb, sk, info);
		if (inet->pmtudisc == IP_PMTUDISC_DONT)
			return 0;
		err = EMSGSIZE;
		harderr = 1;
	}
	if (!inet->recverr) {
		if (!harderr || sk->sk_state != TCP_ESTABLISHED)
			return 0;
	} else {
		ip_icmp_error(sk, skb, err, uh->dest, info, (u8 *)(uh + 1));
	}
	WRITE_ONCE(sk->sk_err, err);
	sk_error_report(sk);
	return 0;
}
