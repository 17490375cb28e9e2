/* SPDX-License-Identifier: MIT */
/*
 * ip_sockglue.c -- SOL_IP: a socket's options
 *
 * IDEA.  Options that are one number are a table: where in inet_sock it lies,
 * its bounds, or the functions that know better.  What a receiver asked to be
 * told of each packet is a bit of cmsg_flags, and a control message
 * (ip_cmsg.c).
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

/* ---- options that are a number: setting what is not just stored ---- */

static int set_ttl(struct sock *sk, int val, int len)
{
	if (len < 1 || (val != -1 && (val < 1 || val > 255)))
		return -EINVAL;
	inet_sk(sk)->uc_ttl = val;
	return 0;
}

static int set_mc_ttl(struct sock *sk, int val, int len)
{
	if (sk->sk_type == SOCK_STREAM || len < 1 || val < -1 || val > 255)
		return -EINVAL;
	inet_sk(sk)->mc_ttl = val == -1 ? 1 : val;
	return 0;
}

static int set_transparent(struct sock *sk, int val, int len)
{
	if (val && !ns_capable(sock_net(sk)->user_ns, CAP_NET_RAW) &&
	    !ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	inet_sk(sk)->transparent = !!val;
	return 0;
}

static int set_port_range(struct sock *sk, int val, int len)
{
	u16 low = val, high = (u32)val >> 16;

	if (len != 4 || (low && high && low > high))
		return -EINVAL;
	inet_sk(sk)->local_port_range = val;
	return 0;
}

static int set_unicast_if(struct sock *sk, int val, int len)
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

static int set_tos(struct sock *sk, int val, int len)
{
	inet_sk(sk)->tos = val;
	sk_dst_reset(sk);
	return 0;
}

static int set_recverr(struct sock *sk, int val, int len)
{
	inet_sk(sk)->recverr = !!val;
	if (!val)
		skb_queue_purge(&sk->sk_error_queue);
	return 0;
}

/* ---- ... reading what is not just stored ---- */

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

static int get_unicast_if(struct sock *sk)
{
	return htonl(inet_sk(sk)->uc_index);
}

/* ---- ... and the table ---- */

/* What an option is, and who may set it to what. */
enum {
	NOTE = 1 << 0,                /* a bit of cmsg_flags */
	FLAG = 1 << 1,                /* a bool */
	BYTE = 1 << 2,                /* lo..hi in a u8 */
	WORD = 1 << 3,                /* 32 bits */
	RAW_ONLY = 1 << 4,            /* ENOPROTOOPT for others */
	NOT_EMPTY = 1 << 5,           /* EINVAL for no bytes at all */
	READ_ONLY = 1 << 6,
};

struct ip_option {
	u8 name, what, lo, hi;
	u16 place;                    /* in inet_sock, or a NOTE's bit */
	int (*set)(struct sock *sk, int val, int len); /* NULL: store it */
	int (*get)(struct sock *sk);  /* NULL: load it */
};

#define AT(field) .place = offsetof(struct inet_sock, field)

static const struct ip_option ip_options[] = {
	{ IP_PKTINFO, NOTE, .place = IP_CMSG_PKTINFO },
	{ IP_RECVTTL, NOTE, .place = IP_CMSG_TTL },
	{ IP_RECVTOS, NOTE, .place = IP_CMSG_TOS },
	{ IP_RECVOPTS, NOTE, .place = IP_CMSG_RECVOPTS },
	{ IP_RETOPTS, NOTE, .place = IP_CMSG_RETOPTS },
	{ IP_PASSSEC, NOTE, .place = IP_CMSG_PASSSEC },
	{ IP_RECVORIGDSTADDR, NOTE, .place = IP_CMSG_ORIGDSTADDR },
	{ IP_CHECKSUM, NOTE, .place = IP_CMSG_CHECKSUM },
	{ IP_RECVFRAGSIZE, NOTE, .place = IP_CMSG_RECVFRAGSIZE },
	{ IP_TOS, BYTE, AT(tos), .set = set_tos },
	{ IP_TTL, .set = set_ttl, .get = get_ttl },
	{ IP_HDRINCL, FLAG | RAW_ONLY, AT(hdrincl) },
	{ IP_MTU_DISCOVER, BYTE, 0, IP_PMTUDISC_OMIT, AT(pmtudisc) },
	{ IP_MTU, READ_ONLY, .get = get_mtu },
	{ IP_RECVERR, FLAG, AT(recverr), .set = set_recverr },
	{ IP_RECVERR_RFC4884, BYTE, 0, 1, AT(recverr_rfc4884) },
	{ IP_FREEBIND, FLAG | NOT_EMPTY, AT(freebind) },
	{ IP_TRANSPARENT, FLAG, AT(transparent), .set = set_transparent },
	{ IP_BIND_ADDRESS_NO_PORT, FLAG, AT(bind_address_no_port) },
	{ IP_LOCAL_PORT_RANGE, WORD, AT(local_port_range),
	  .set = set_port_range },
	{ IP_MINTTL, BYTE | NOT_EMPTY, 0, 255, AT(min_ttl) },
	{ IP_NODEFRAG, FLAG | RAW_ONLY, AT(nodefrag) },
	{ IP_MULTICAST_TTL, BYTE, AT(mc_ttl), .set = set_mc_ttl },
	{ IP_MULTICAST_LOOP, FLAG | NOT_EMPTY, AT(mc_loop) },
	{ IP_MULTICAST_ALL, BYTE | NOT_EMPTY, 0, 1, AT(mc_all) },
	{ IP_MULTICAST_IF, WORD | READ_ONLY, AT(mc_addr) },
	{ IP_UNICAST_IF, .set = set_unicast_if, .get = get_unicast_if },
};

static const struct ip_option *find_option(int name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(ip_options); i++)
		if (ip_options[i].name == name)
			return &ip_options[i];
	return NULL;
}

/* lock_sock held. */
static int set_number(struct sock *sk, int name, int val, int len)
{
	const struct ip_option *o = find_option(name);
	struct inet_sock *inet = inet_sk(sk);
	u8 *place;

	if (!o || (o->what & READ_ONLY) ||
	    ((o->what & RAW_ONLY) && sk->sk_type != SOCK_RAW))
		return -ENOPROTOOPT;
	if ((o->what & NOT_EMPTY) && len < 1)
		return -EINVAL;
	if (o->set)
		return o->set(sk, val, len);
	if (o->what & NOTE) {
		inet->cmsg_flags = val ? inet->cmsg_flags | o->place
				       : inet->cmsg_flags & ~o->place;
		return 0;
	}
	place = (u8 *)inet + o->place;
	if (o->what & FLAG)
		*place = !!val;
	else if (val < o->lo || val > o->hi)
		return -EINVAL;
	else
		*place = val;
	return 0;
}

/* lock_sock held: the number, 0; or -ENOPROTOOPT, -ENOTCONN (IP_MTU). */
static int get_number(struct sock *sk, int name, int *val)
{
	const struct ip_option *o = find_option(name);
	struct inet_sock *inet = inet_sk(sk);

	if (!o)
		return -ENOPROTOOPT;
	if (o->get)
		*val = o->get(sk);
	else if (o->what & NOTE)
		*val = !!(inet->cmsg_flags & o->place);
	else if (o->what & WORD)
		*val = *(u32 *)((u8 *)inet + o->place);
	else
		*val = *((u8 *)inet + o->place);
	return name == IP_MTU ? min(*val, 0) : 0;
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
