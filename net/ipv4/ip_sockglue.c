/* SPDX-License-Identifier: MIT */
/*
 * ip_sockglue.c -- SOL_IP: options, control messages, the error queue
 *
 * IDEA.  Options that are one number are a table (offset or bit each would
 * hide the bits: a case each instead). What a receiver asked to be told of
 * each packet is a bit of cmsg_flags, and a control message.
 *
 * ERRORS.  With IP_RECVERR each ICMP error is kept, with what it quotes, on
 * sk_error_queue; recvmsg(MSG_ERRQUEUE) reads it. Bounded by SO_RCVBUF.
 *
 * LOCKING.  lock_sock for changes (rtnl before it for memberships).
 *
 * SEE ip(7).
 */

#include <net/ip.h>

#include <arch/uaccess.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/icmp.h>
#include <net/igmp.h>
#include <net/scm.h>

/* In skb->cb on the error queue. */
struct sock_exterr_skb {
	struct inet_skb_parm h4;      /* .iif: where an in_pktinfo has its index */
	struct sock_extended_err ee;
	u16 addr_offset;              /* of the address we sent to */
	__be16 port;
};
static_assert(sizeof(struct sock_exterr_skb) <= sizeof(((struct sk_buff *)0)->cb),
	      "fits");
#define SKB_EXT_ERR(skb) ((struct sock_exterr_skb *)((skb)->cb))

/* ---- control messages of a sender ---- */

static int send_pktinfo(struct cmsghdr *c, struct ipcm_cookie *ipc)
{
	struct in_pktinfo *info = CMSG_DATA(c);

	if (c->cmsg_len != CMSG_LEN(sizeof(*info)))
		return -EINVAL;
	if (info->ipi_ifindex)
		ipc->oif = info->ipi_ifindex;
	ipc->addr = info->ipi_spec_dst.s_addr;
	return 0;
}

static int send_number(struct cmsghdr *c, struct ipcm_cookie *ipc)
{
	int val;

	if (c->cmsg_type == IP_TOS && c->cmsg_len == CMSG_LEN(1)) {
		val = *(u8 *)CMSG_DATA(c);
	} else if (c->cmsg_len == CMSG_LEN(sizeof(int))) {
		val = *(int *)CMSG_DATA(c);
	} else {
		return -EINVAL;
	}
	if (c->cmsg_type == IP_TTL) {
		if (val < 1 || val > 255)
			return -EINVAL;
		ipc->ttl = val;
		return 0;
	}
	if (val < 0 || val > 255)
		return -EINVAL;
	ipc->tos = val;
	return 0;
}

static int send_one(struct sock *sk, struct cmsghdr *c, struct ipcm_cookie *ipc)
{
	if (c->cmsg_level != SOL_IP)
		return 0;
	switch (c->cmsg_type) {
	case IP_PKTINFO:
		return send_pktinfo(c, ipc);
	case IP_TTL:
	case IP_TOS:
		return send_number(c, ipc);
	case IP_RETOPTS:
		kfree(ipc->opt);
		return ip_options_get(sock_net(sk), &ipc->opt, NULL,
				      min_t(int, c->cmsg_len - CMSG_LEN(0), 41),
				      CMSG_DATA(c));
	default:
		return -EINVAL;
	}
}

/* ipc->opt, if set, is the caller's to kfree(), on error too. */
int ip_cmsg_send(struct sock *sk, struct msghdr *msg, struct ipcm_cookie *ipc,
		 bool allow_ipv6)
{
	char *p = msg->msg_control;
	size_t left = msg->msg_controllen;

	while (left >= sizeof(struct cmsghdr)) {
		struct cmsghdr *c = (struct cmsghdr *)p;
		size_t step;
		int err;

		if (c->cmsg_len < sizeof(*c) || c->cmsg_len > left)
			return -EINVAL;
		err = send_one(sk, c, ipc);
		if (err)
			return err;
		step = CMSG_ALIGN(c->cmsg_len);
		if (step >= left)
			break;
		p += step;
		left -= step;
	}
	return 0;
}

/* ---- control messages for a receiver ---- */

/* In skb->cb from ipv4_pktinfo_prepare() on: overlays inet_skb_parm. */
void ipv4_pktinfo_prepare(const struct sock *sk, struct sk_buff *skb)
{
	struct in_pktinfo *info = (struct in_pktinfo *)skb->cb;
	struct rtable *rt = skb_rtable(skb);

	if ((inet_sk(sk)->cmsg_flags & IP_CMSG_PKTINFO) && rt) {
		int iif = IPCB(skb)->iif;

		info->ipi_ifindex = iif;
		if (rt->rt_type == RTN_LOCAL || rt->rt_type == RTN_UNICAST ||
		    !skb->dev)
			info->ipi_spec_dst.s_addr = ip_hdr(skb)->daddr;
		else
			info->ipi_spec_dst.s_addr =
				inet_select_addr(skb->dev, ip_hdr(skb)->saddr,
						 RT_SCOPE_UNIVERSE);
	} else {
		info->ipi_ifindex = 0;
		info->ipi_spec_dst.s_addr = 0;
	}
	skb_dst_drop(skb);
}

static void recv_origdst(struct msghdr *msg, struct sk_buff *skb)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	__be16 buf[2], *ports;

	ports = skb_header_pointer(skb, skb_transport_offset(skb), 4, buf);
	if (!ports)
		return;
	sin.sin_addr.s_addr = ip_hdr(skb)->daddr;
	sin.sin_port = ports[1];
	put_cmsg(msg, SOL_IP, IP_RECVORIGDSTADDR, sizeof(sin), &sin);
}

void ip_cmsg_recv_offset(struct msghdr *msg, struct sock *sk,
			 struct sk_buff *skb, int tlen, int offset)
{
	unsigned int flags = inet_sk(sk)->cmsg_flags;
	const struct iphdr *iph = ip_hdr(skb);
	int ttl = iph->ttl;

	if (flags & IP_CMSG_PKTINFO) {
		struct in_pktinfo info = *(struct in_pktinfo *)skb->cb;

		info.ipi_addr.s_addr = iph->daddr;
		put_cmsg(msg, SOL_IP, IP_PKTINFO, sizeof(info), &info);
	}
	if (flags & IP_CMSG_TTL)
		put_cmsg(msg, SOL_IP, IP_TTL, sizeof(int), &ttl);
	if (flags & IP_CMSG_TOS)
		put_cmsg(msg, SOL_IP, IP_TOS, 1, (void *)&iph->tos);
	if ((flags & (IP_CMSG_RECVOPTS | IP_CMSG_RETOPTS)) && iph->ihl > 5)
		put_cmsg(msg, SOL_IP, flags & IP_CMSG_RECVOPTS ? IP_RECVOPTS
							       : IP_RETOPTS,
			 iph->ihl * 4 - sizeof(*iph), (void *)(iph + 1));
	if (flags & IP_CMSG_ORIGDSTADDR)
		recv_origdst(msg, skb);
}

/* ---- the error queue ---- */

static void queue_error(struct sock *sk, struct sk_buff *skb)
{
	if (atomic_read(&sk->sk_rmem_alloc) + skb->truesize >=
	    (unsigned int)READ_ONCE(sk->sk_rcvbuf)) {
		kfree_skb(skb);
		return;
	}
	skb_set_owner_r(skb, sk);
	skb_queue_tail(&sk->sk_error_queue, skb);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
}

void ip_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port,
		   u32 info, u8 *payload)
{
	struct sock_exterr_skb *serr;

	skb = skb_clone(skb, GFP_ATOMIC);
	if (!skb)
		return;
	skb_dst_drop(skb);
	serr = SKB_EXT_ERR(skb);
	serr->ee = (struct sock_extended_err){
		.ee_errno = err, .ee_origin = SO_EE_ORIGIN_ICMP,
		.ee_type = icmp_hdr(skb)->type, .ee_code = icmp_hdr(skb)->code,
		.ee_info = info,
	};
	serr->addr_offset = (u8 *)&((struct iphdr *)(icmp_hdr(skb) + 1))->daddr -
			    skb_network_header(skb);
	serr->port = port;
	if (!skb_pull(skb, payload - skb->data)) {
		kfree_skb(skb);
		return;
	}
	skb_reset_transport_header(skb);
	queue_error(sk, skb);
}

/* An error that we found ourselves: the packet was too big. */
void ip_local_error(struct sock *sk, int err, __be32 daddr, __be16 port,
		    u32 info)
{
	struct sock_exterr_skb *serr;
	struct sk_buff *skb;
	struct iphdr *iph;

	if (!inet_sk(sk)->recverr)
		return;
	skb = alloc_skb(sizeof(struct iphdr), GFP_ATOMIC);
	if (!skb)
		return;
	iph = skb_put(skb, sizeof(*iph));
	memset(iph, 0, sizeof(*iph));
	skb_reset_network_header(skb);
	iph->daddr = daddr;
	serr = SKB_EXT_ERR(skb);
	memset(serr, 0, sizeof(*serr));
	serr->ee.ee_errno = err;
	serr->ee.ee_origin = SO_EE_ORIGIN_LOCAL;
	serr->ee.ee_info = info;
	serr->addr_offset = __builtin_offsetof(struct iphdr, daddr);
	serr->port = port;
	__skb_pull(skb, skb->len);
	skb_reset_transport_header(skb);
	queue_error(sk, skb);
}

static struct sk_buff *dequeue_error(struct sock *sk)
{
	struct sk_buff_head *q = &sk->sk_error_queue;
	struct sk_buff *skb, *next;
	unsigned long irq;
	int err = 0;

	spin_lock_irqsave(&q->lock, irq);
	skb = __skb_dequeue(q);
	next = skb ? skb_peek(q) : NULL;
	if (next)
		err = SKB_EXT_ERR(next)->ee.ee_errno;
	spin_unlock_irqrestore(&q->lock, irq);
	if (skb) {
		WRITE_ONCE(sk->sk_err, err);
		if (err)
			sk_error_report(sk);
	}
	return skb;
}

static void tell_error(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	struct sock_exterr_skb *serr = SKB_EXT_ERR(skb);
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in offender;
	} out = { .ee = serr->ee };

	if (serr->ee.ee_origin == SO_EE_ORIGIN_ICMP) {
		out.offender.sin_family = AF_INET;
		out.offender.sin_addr.s_addr = ip_hdr(skb)->saddr;
		ip_cmsg_recv_offset(msg, sk, skb, 0, 0);
	}
	put_cmsg(msg, SOL_IP, IP_RECVERR, sizeof(out), &out);
}

int ip_recv_error(struct sock *sk, struct msghdr *msg, int len, int *addr_len)
{
	struct sk_buff *skb = dequeue_error(sk);
	struct sockaddr_in *sin = msg->msg_name;
	int copied, err;

	if (!skb)
		return -EAGAIN;
	copied = skb->len;
	if (copied > len) {
		msg->msg_flags |= MSG_TRUNC;
		copied = len;
	}
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err)
		goto out;
	sock_recv_timestamp(msg, sk, skb);
	if (sin) {
		memset(sin, 0, sizeof(*sin));
		sin->sin_family = AF_INET;
		memcpy(&sin->sin_addr, skb_network_header(skb) +
		       SKB_EXT_ERR(skb)->addr_offset, 4);
		sin->sin_port = SKB_EXT_ERR(skb)->port;
		*addr_len = sizeof(*sin);
	}
	tell_error(sk, msg, skb);
	msg->msg_flags |= MSG_ERRQUEUE;
	err = copied;
out:
	consume_skb(skb);
	return err;
}

/* ---- options: a number each ---- */

/* What of cmsg_flags an option stands for; 0: none. */
static u16 cmsg_bit(int name)
{
	switch (name) {
	case IP_PKTINFO: return IP_CMSG_PKTINFO;
	case IP_RECVTTL: return IP_CMSG_TTL;
	case IP_RECVTOS: return IP_CMSG_TOS;
	case IP_RECVOPTS: return IP_CMSG_RECVOPTS;
	case IP_RETOPTS: return IP_CMSG_RETOPTS;
	case IP_PASSSEC: return IP_CMSG_PASSSEC;
	case IP_RECVORIGDSTADDR: return IP_CMSG_ORIGDSTADDR;
	case IP_CHECKSUM: return IP_CMSG_CHECKSUM;
	case IP_RECVFRAGSIZE: return IP_CMSG_RECVFRAGSIZE;
	default: return 0;
	}
}

static int set_ttl(struct inet_sock *inet, int len, int val)
{
	if (len < 1 || (val != -1 && (val < 1 || val > 255)))
		return -EINVAL;
	inet->uc_ttl = val;
	return 0;
}

static int set_mc_ttl(struct inet_sock *inet, int len, int val)
{
	if (inet->sk.sk_type == SOCK_STREAM || len < 1 || val < -1 || val > 255)
		return -EINVAL;
	inet->mc_ttl = val == -1 ? 1 : val;
	return 0;
}

static int set_transparent(struct sock *sk, int val)
{
	if (val && !ns_capable(sock_net(sk)->user_ns, CAP_NET_RAW) &&
	    !ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	inet_sk(sk)->transparent = !!val;
	return 0;
}

static int set_port_range(struct inet_sock *inet, u32 val)
{
	u16 low = val, high = val >> 16;

	if (low && high && low > high)
		return -EINVAL;
	inet->local_port_range = val;
	return 0;
}

static int set_unicast_if(struct sock *sk, int len, int val)
{
	int ifindex = ntohl(val);

	if (len != sizeof(int))
		return -EINVAL;
	if (ifindex) {
		struct net_device *dev = dev_get_by_index(sock_net(sk), ifindex);

		if (!dev)
			return -EADDRNOTAVAIL;
		dev_put(dev);
		if (sk->sk_bound_dev_if && sk->sk_bound_dev_if != ifindex)
			return -EINVAL;
	}
	inet_sk(sk)->uc_index = ifindex;
	return 0;
}

/* lock_sock held.  long on purpose: a case for each option */
static int set_number(struct sock *sk, int name, int val, int len)
{
	struct inet_sock *inet = inet_sk(sk);
	u16 bit = cmsg_bit(name);

	if (bit) {
		inet->cmsg_flags = val ? inet->cmsg_flags | bit
				       : inet->cmsg_flags & ~bit;
		return 0;
	}
	switch (name) {
	case IP_TOS:
		inet->tos = val;
		sk_dst_reset(sk);
		return 0;
	case IP_TTL:
		return set_ttl(inet, len, val);
	case IP_HDRINCL:
		if (sk->sk_type != SOCK_RAW)
			return -ENOPROTOOPT;
		inet->hdrincl = !!val;
		return 0;
	case IP_MTU_DISCOVER:
		if (val < IP_PMTUDISC_DONT || val > IP_PMTUDISC_OMIT)
			return -EINVAL;
		inet->pmtudisc = val;
		return 0;
	case IP_RECVERR:
		inet->recverr = !!val;
		if (!val)
			skb_queue_purge(&sk->sk_error_queue);
		return 0;
	case IP_RECVERR_RFC4884:
		if (val < 0 || val > 1)
			return -EINVAL;
		inet->recverr_rfc4884 = val;
		return 0;
	case IP_FREEBIND:
		if (len < 1)
			return -EINVAL;
		inet->freebind = !!val;
		return 0;
	case IP_TRANSPARENT:
		return set_transparent(sk, val);
	case IP_BIND_ADDRESS_NO_PORT:
		inet->bind_address_no_port = !!val;
		return 0;
	case IP_LOCAL_PORT_RANGE:
		return len == 4 ? set_port_range(inet, val) : -EINVAL;
	case IP_MINTTL:
		if (len < 1 || val < 0 || val > 255)
			return -EINVAL;
		inet->min_ttl = val;
		return 0;
	case IP_NODEFRAG:
		if (sk->sk_type != SOCK_RAW)
			return -ENOPROTOOPT;
		inet->nodefrag = !!val;
		return 0;
	case IP_MULTICAST_TTL:
		return set_mc_ttl(inet, len, val);
	case IP_MULTICAST_LOOP:
		if (len < 1)
			return -EINVAL;
		inet->mc_loop = !!val;
		return 0;
	case IP_MULTICAST_ALL:
		if (len < 1 || (val != 0 && val != 1))
			return -EINVAL;
		inet->mc_all = val;
		return 0;
	case IP_UNICAST_IF:
		return set_unicast_if(sk, len, val);
	default:
		return -ENOPROTOOPT;
	}
}

/* ---- options: structures ---- */

/* An ip_mreqn, or its shorter forms. */
static int copy_mreq(struct ip_mreqn *m, void __user *val, unsigned int len,
		     bool address_alone)
{
	memset(m, 0, sizeof(*m));
	if (len >= sizeof(*m))
		return copy_from_user(m, val, sizeof(*m)) ? -EFAULT : 0;
	if (len >= sizeof(struct ip_mreq))
		return copy_from_user(m, val, sizeof(struct ip_mreq)) ? -EFAULT
								      : 0;
	if (!address_alone || len < sizeof(struct in_addr))
		return -EINVAL;
	return copy_from_user(&m->imr_address, val, sizeof(struct in_addr))
	       ? -EFAULT : 0;
}

static int set_multicast_if(struct sock *sk, struct ip_mreqn *m)
{
	struct inet_sock *inet = inet_sk(sk);
	struct net_device *dev;
	int err = -EINVAL;

	if (sk->sk_type == SOCK_STREAM)
		return -EINVAL;
	if (!m->imr_ifindex && !m->imr_address.s_addr) {
		inet->mc_index = 0;
		inet->mc_addr = 0;
		return 0;
	}
	dev = m->imr_ifindex ? dev_get_by_index(sock_net(sk), m->imr_ifindex)
			     : ip_dev_find(sock_net(sk), m->imr_address.s_addr);
	if (!dev)
		return -EADDRNOTAVAIL;
	if (!sk->sk_bound_dev_if || sk->sk_bound_dev_if == dev->ifindex) {
		inet->mc_index = dev->ifindex;
		inet->mc_addr = m->imr_address.s_addr;
		err = 0;
	}
	dev_put(dev);
	return err;
}

static int set_membership(struct sock *sk, int name, void __user *val,
			  unsigned int len)
{
	struct ip_mreqn m;
	int err;

	if (inet_sk(sk)->is_icsk)
		return -EPROTO;
	err = copy_mreq(&m, val, len, name == IP_MULTICAST_IF);
	if (err)
		return err;
	rtnl_lock();
	lock_sock(sk);
	if (name == IP_MULTICAST_IF)
		err = set_multicast_if(sk, &m);
	else if (name == IP_ADD_MEMBERSHIP)
		err = ip_mc_join_group(sk, &m);
	else
		err = ip_mc_leave_group(sk, &m);
	release_sock(sk);
	rtnl_unlock();
	return err;
}

static int set_group(struct sock *sk, int name, void __user *val,
		     unsigned int len)
{
	struct sockaddr_in *sin;
	struct ip_mreqn m = { 0 };
	struct group_req g;
	int err;

	if (len < sizeof(g))
		return -EINVAL;
	if (copy_from_user(&g, val, sizeof(g)))
		return -EFAULT;
	sin = (struct sockaddr_in *)&g.gr_group;
	if (sin->sin_family != AF_INET)
		return -EINVAL;
	m.imr_multiaddr = sin->sin_addr;
	m.imr_ifindex = g.gr_interface;
	rtnl_lock();
	lock_sock(sk);
	err = name == MCAST_JOIN_GROUP ? ip_mc_join_group(sk, &m)
				       : ip_mc_leave_group(sk, &m);
	release_sock(sk);
	rtnl_unlock();
	return err;
}

static int set_source(struct sock *sk, int name, void __user *val,
		      unsigned int len)
{
	bool add = name == IP_BLOCK_SOURCE || name == IP_ADD_SOURCE_MEMBERSHIP;
	bool include = name == IP_ADD_SOURCE_MEMBERSHIP ||
		       name == IP_DROP_SOURCE_MEMBERSHIP;
	struct ip_mreq_source m;
	int err;

	if (len != sizeof(m))
		return -EINVAL;
	if (copy_from_user(&m, val, sizeof(m)))
		return -EFAULT;
	rtnl_lock();
	lock_sock(sk);
	err = ip_mc_source(add, include ? MCAST_INCLUDE : MCAST_EXCLUDE, sk,
			   &m, 0);
	release_sock(sk);
	rtnl_unlock();
	return err;
}

static int set_options(struct sock *sk, void __user *val, unsigned int len)
{
	struct ip_options_rcu *opt, *old;
	int err;

	if (len > MAX_IPOPTLEN)
		return -EINVAL;
	err = ip_options_get(sock_net(sk), &opt, val, len, NULL);
	if (err)
		return err;
	lock_sock(sk);
	old = inet_sk(sk)->inet_opt;
	rcu_assign_pointer(inet_sk(sk)->inet_opt, opt);
	release_sock(sk);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

int ip_setsockopt(struct sock *sk, int level, int name, void __user *uval,
		  unsigned int len)
{
	int val = 0, err;
	u8 byte;

	if (level != SOL_IP)
		return -ENOPROTOOPT;
	switch (name) {
	case IP_OPTIONS:
		return set_options(sk, uval, len);
	case IP_MULTICAST_IF:
	case IP_ADD_MEMBERSHIP:
	case IP_DROP_MEMBERSHIP:
		return set_membership(sk, name, uval, len);
	case IP_BLOCK_SOURCE:
	case IP_UNBLOCK_SOURCE:
	case IP_ADD_SOURCE_MEMBERSHIP:
	case IP_DROP_SOURCE_MEMBERSHIP:
		return set_source(sk, name, uval, len);
	case MCAST_JOIN_GROUP:
	case MCAST_LEAVE_GROUP:
		return set_group(sk, name, uval, len);
	}
	if (len >= sizeof(int)) {
		if (copy_from_user(&val, uval, sizeof(val)))
			return -EFAULT;
	} else if (len >= 1) {
		if (copy_from_user(&byte, uval, 1))
			return -EFAULT;
		val = byte;
	}
	lock_sock(sk);
	err = set_number(sk, name, val, len);
	release_sock(sk);
	return err;
}

/* ---- reading options ---- */

static int get_mtu(struct sock *sk)
{
	struct dst_entry *dst = sk_dst_get(sk);
	int mtu = 0;

	if (dst) {
		mtu = dst_mtu(dst);
		dst_release(dst);
	}
	return mtu ? mtu : -ENOTCONN;
}

static int get_ttl(struct sock *sk)
{
	int ttl = inet_sk(sk)->uc_ttl;

	return ttl < 0 ? READ_ONCE(sock_net(sk)->ipv4.sysctl_ip_default_ttl)
		       : ttl;
}

static int get_number(struct sock *sk, int name, int *val)
{
	struct inet_sock *inet = inet_sk(sk);
	u16 bit = cmsg_bit(name);

	if (bit) {
		*val = !!(inet->cmsg_flags & bit);
		return 0;
	}
	switch (name) {
	case IP_TOS: *val = inet->tos; break;
	case IP_TTL: *val = get_ttl(sk); break;
	case IP_HDRINCL: *val = inet->hdrincl; break;
	case IP_MTU_DISCOVER: *val = inet->pmtudisc; break;
	case IP_MTU:
		*val = get_mtu(sk);
		return min(*val, 0);
	case IP_RECVERR: *val = inet->recverr; break;
	case IP_RECVERR_RFC4884: *val = inet->recverr_rfc4884; break;
	case IP_FREEBIND: *val = inet->freebind; break;
	case IP_TRANSPARENT: *val = inet->transparent; break;
	case IP_BIND_ADDRESS_NO_PORT: *val = inet->bind_address_no_port; break;
	case IP_LOCAL_PORT_RANGE: *val = inet->local_port_range; break;
	case IP_MINTTL: *val = inet->min_ttl; break;
	case IP_NODEFRAG: *val = inet->nodefrag; break;
	case IP_MULTICAST_TTL: *val = inet->mc_ttl; break;
	case IP_MULTICAST_LOOP: *val = inet->mc_loop; break;
	case IP_MULTICAST_ALL: *val = inet->mc_all; break;
	case IP_MULTICAST_IF: *val = inet->mc_addr; break;
	case IP_UNICAST_IF: *val = htonl(inet->uc_index); break;
	default:
		return -ENOPROTOOPT;
	}
	return 0;
}

static int get_options(struct sock *sk, char __user *uval, int len,
		       int __user *ulen)
{
	char data[MAX_IPOPTLEN];
	struct ip_options_rcu *opt;
	int n = 0;

	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	if (opt) {
		n = opt->opt.optlen;
		memcpy(data, ip_options_bytes(&opt->opt), n);
	}
	rcu_read_unlock();
	len = min(len, n);
	if (put_user(len, ulen) || copy_to_user(uval, data, len))
		return -EFAULT;
	return 0;
}

int ip_getsockopt(struct sock *sk, int level, int name, char __user *uval,
		  int __user *ulen)
{
	int len, val = 0, err;
	u8 byte;

	if (level != SOL_IP)
		return -EOPNOTSUPP;
	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (name == IP_OPTIONS)
		return get_options(sk, uval, len, ulen);
	lock_sock(sk);
	err = get_number(sk, name, &val);
	release_sock(sk);
	if (err)
		return err;
	if (len < (int)sizeof(int) && len > 0 && val >= 0 && val <= 255) {
		byte = val;
		if (put_user(1, ulen) || copy_to_user(uval, &byte, 1))
			return -EFAULT;
		return 0;
	}
	len = min_t(unsigned int, len, sizeof(int));
	if (put_user(len, ulen) || copy_to_user(uval, &val, len))
		return -EFAULT;
	return 0;
}
