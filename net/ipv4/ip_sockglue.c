/* SPDX-License-Identifier: MIT */
/*
 * ip_sockglue.c -- SOL_IP: a socket's options
 *
 * IDEA.  Options that are one number are a case each, since most are a bit of
 * inet_sock.  What a receiver asked to be told of each packet is a bit of
 * cmsg_flags, and a control message (ip_cmsg.c).
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
