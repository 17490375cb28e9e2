/* SPDX-License-Identifier: MIT */
/*
 * datagram.c -- what datagram sockets share: a fixed peer, ports, whole packets
 *
 * connect() sends nothing: it fixes the peer, finds our address for it, and
 * keeps the route. From then on only that peer's packets come in.
 *
 * LOCKING.  lock_sock to fix the peer; reading needs the queue's lock alone.
 */

#include <net/ip.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <net/inet_common.h>
#include <net/udp.h>

/* lock_sock held. */
int __ip4_datagram_connect(struct sock *sk, struct sockaddr *uaddr, int len)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sk);
	int oif = sk->sk_bound_dev_if;
	__be32 saddr = inet->inet_saddr;
	struct flowi4 fl4;
	struct rtable *rt;

	if (len < (int)sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	sk_dst_reset(sk);
	if (ipv4_is_multicast(sin->sin_addr.s_addr)) {
		if (!oif)
			oif = inet->mc_index;
		if (!saddr)
			saddr = inet->mc_addr;
	} else if (!oif) {
		oif = inet->uc_index;
	}
	rt = ip_route_connect(&fl4, sin->sin_addr.s_addr, saddr, oif,
			      sk->sk_protocol, inet->inet_sport, sin->sin_port,
			      sk);
	if (IS_ERR(rt)) {
		if (PTR_ERR(rt) == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), OUTNOROUTES);
		return PTR_ERR(rt);
	}
	if ((rt->rt_flags & RTCF_BROADCAST) && !sock_flag(sk, SOCK_BROADCAST)) {
		ip_rt_put(rt);
		return -EACCES;
	}
	if (!inet->inet_saddr)
		inet->inet_saddr = fl4.saddr;
	if (!inet->inet_rcv_saddr) {
		inet->inet_rcv_saddr = fl4.saddr;
		if (sk_is_udp(sk))
			udp_rehash(sk);
	}
	inet->inet_daddr = fl4.daddr;
	inet->inet_dport = sin->sin_port;
	sk->sk_state = TCP_ESTABLISHED;
	sk->sk_txhash = get_random_u32() | 1;
	inet->inet_id = get_random_u32();
	sk_dst_set(sk, &rt->dst);
	return 0;
}

int ip4_datagram_connect(struct sock *sk, struct sockaddr *uaddr, int len)
{
	int err;

	lock_sock(sk);
	err = __ip4_datagram_connect(sk, uaddr, len);
	release_sock(sk);
	return err;
}

/* ---- ports ---- */

void inet_get_local_port_range(struct net *net, int *low, int *high)
{
	*low = READ_ONCE(net->ipv4.sysctl_local_port_range[0]);
	*high = READ_ONCE(net->ipv4.sysctl_local_port_range[1]);
	if (*low > *high)             /* half of a change was seen */
		*high = *low;
}

void inet_sk_get_local_port_range(const struct sock *sk, int *low, int *high)
{
	u32 own = READ_ONCE(inet_sk(sk)->local_port_range);
	int lo = own & 0xffff, hi = own >> 16;

	inet_get_local_port_range(sock_net(sk), low, high);
	if (lo && lo >= *low && lo <= *high)
		*low = lo;
	if (hi && hi >= *low && hi <= *high)
		*high = hi;
}

bool inet_is_local_reserved_port(struct net *net, unsigned short port)
{
	unsigned long *map = READ_ONCE(net->ipv4.sysctl_local_reserved_ports);

	return map && test_bit(port, map);
}

bool inet_port_requires_bind_service(struct net *net, unsigned short port)
{
	return port < READ_ONCE(net->ipv4.sysctl_ip_prot_sock);
}

/* The route of a connected socket, made again if stale; lock_sock. */
int inet_sk_rebuild_header(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 fl4;
	struct rtable *rt;

	if (__sk_dst_check(sk, 0))
		return 0;
	rt = ip_route_output_ports(sock_net(sk), &fl4, sk, inet->inet_daddr,
				   inet->inet_saddr, inet->inet_dport,
				   inet->inet_sport, sk->sk_protocol,
				   inet->tos & IPTOS_TOS_MASK,
				   sk->sk_bound_dev_if);
	if (IS_ERR(rt)) {
		WRITE_ONCE(sk->sk_err_soft, -PTR_ERR(rt));
		return PTR_ERR(rt);
	}
	sk->sk_route_caps = rt->dst.dev->features;
	sk_dst_set(sk, &rt->dst);
	return 0;
}

int ip4_datagram_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
			 int flags, int *addr_len)
{
	struct sockaddr_in *sin = msg->msg_name;
	struct sk_buff *skb;
	int copied, full, err;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (flags & MSG_ERRQUEUE)
		return ip_recv_error(sk, msg, len, addr_len);
	skb = skb_recv_datagram(sk, flags, &err);
	if (!skb)
		return err;
	full = skb->len;
	copied = min_t(int, len, full);
	if (copied < full)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (!err) {
		sock_recv_cmsgs(msg, sk, skb);
		if (sin) {
			memset(sin, 0, sizeof(*sin));
			sin->sin_family = AF_INET;
			sin->sin_addr.s_addr = ip_hdr(skb)->saddr;
			*addr_len = sizeof(*sin);
		}
		if (inet_sk(sk)->cmsg_flags)
			ip_cmsg_recv_offset(msg, sk, skb, 0, 0);
		err = flags & MSG_TRUNC ? full : copied;
	}
	skb_free_datagram(sk, skb);
	return err;
}
