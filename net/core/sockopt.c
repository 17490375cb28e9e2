/* SPDX-License-Identifier: MIT */
/*
 * sockopt.c -- options that every socket has: SOL_SOCKET
 *
 * IDEA.  Most options are a bit of sk_flags: a table.  The others are a case
 * each.  A buffer's size is doubled, since truesize counts what packets cost
 * and not what they carry, and what getsockopt() says is the doubled one.
 *
 * LOCKING.  lock_sock() around a change; a reader of one word needs no lock.
 *
 * SEE socket(7).
 */

#include <net/dst.h>
#include <net/filter.h>
#include <net/netdevice.h>

#include <arch/uaccess.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <mm/slab.h>

#define NO_FLAG (-1)
#define MAX_BUF_ASKED (INT_MAX / 2)
#define TC_PRIO_MAX 6

/* Options that are one bit of sk_flags (or, passed, of socket.flags). */
static const struct flag_option {
	int name, flag, sock_flag;
} flag_options[] = {
	{ SO_DEBUG, SOCK_DBG, NO_FLAG },
	{ SO_DONTROUTE, SOCK_LOCALROUTE, NO_FLAG },
	{ SO_BROADCAST, SOCK_BROADCAST, NO_FLAG },
	{ SO_KEEPALIVE, SOCK_KEEPOPEN, NO_FLAG },
	{ SO_OOBINLINE, SOCK_URGINLINE, NO_FLAG },
	{ SO_RXQ_OVFL, SOCK_RXQ_OVFL, NO_FLAG },
	{ SO_NOFCS, SOCK_NOFCS, NO_FLAG },
	{ SO_WIFI_STATUS, SOCK_WIFI_STATUS, NO_FLAG },
	{ SO_SELECT_ERR_QUEUE, SOCK_SELECT_ERR_QUEUE, NO_FLAG },
	{ SO_RCVMARK, SOCK_RCVMARK, NO_FLAG },
	{ SO_PASSCRED, NO_FLAG, SOCK_PASSCRED },
	{ SO_PASSSEC, NO_FLAG, SOCK_PASSSEC },
};

static const struct flag_option *find_flag(int name)
{
	for (size_t i = 0; i < ARRAY_SIZE(flag_options); i++)
		if (flag_options[i].name == name)
			return &flag_options[i];
	return NULL;
}

bool sock_capable_net_admin(const struct sock *sk)
{
	return ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN);
}

static void set_flag_option(struct socket *sock, const struct flag_option *o,
			    bool on)
{
	if (o->name == SO_KEEPALIVE && sock->sk->sk_prot->keepalive)
		sock->sk->sk_prot->keepalive(sock->sk, on);
	if (o->flag != NO_FLAG)
		sock_valbool_flag(sock->sk, o->flag, on);
	else if (on)
		set_bit(o->sock_flag, &sock->flags);
	else
		clear_bit(o->sock_flag, &sock->flags);
}

static bool get_flag_option(struct socket *sock, const struct flag_option *o)
{
	if (o->flag != NO_FLAG)
		return sock_flag(sock->sk, o->flag);
	return test_bit(o->sock_flag, &sock->flags);
}

/* ---- setting ---- */

static void set_sndbuf(struct sock *sk, int val)
{
	sk->sk_userlocks |= SOCK_SNDBUF_LOCK;
	WRITE_ONCE(sk->sk_sndbuf, max_t(int, min(val, MAX_BUF_ASKED) * 2,
					SOCK_MIN_SNDBUF));
	sk->sk_write_space(sk);
}

static void set_rcvbuf(struct sock *sk, int val)
{
	sk->sk_userlocks |= SOCK_RCVBUF_LOCK;
	WRITE_ONCE(sk->sk_rcvbuf, max_t(int, min(val, MAX_BUF_ASKED) * 2,
					SOCK_MIN_RCVBUF));
}

static int set_buffer(struct sock *sk, int op, int val)
{
	switch (op) {
	case SO_SNDBUF:
		set_sndbuf(sk, min_t(u32, val, READ_ONCE(sysctl_wmem_max)));
		return 0;
	case SO_RCVBUF:
		set_rcvbuf(sk, min_t(u32, val, READ_ONCE(sysctl_rmem_max)));
		return 0;
	}
	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (op == SO_SNDBUFFORCE)
		set_sndbuf(sk, max(val, 0));
	else
		set_rcvbuf(sk, max(val, 0));
	return 0;
}

/* A struct timeval: 0 is for ever, negative is at once. */
static int set_timeout(long *timeo, void __user *val, unsigned int len)
{
	struct timeval tv;

	if (len < sizeof(tv))
		return -EINVAL;
	if (copy_from_user(&tv, val, sizeof(tv)))
		return -EFAULT;
	if (tv.tv_usec < 0 || tv.tv_usec >= USEC_PER_SEC)
		return -EDOM;
	if (tv.tv_sec < 0) {
		WRITE_ONCE(*timeo, 0);
		return 0;
	}
	WRITE_ONCE(*timeo, MAX_SCHEDULE_TIMEOUT);
	if ((tv.tv_sec || tv.tv_usec) &&
	    tv.tv_sec < MAX_SCHEDULE_TIMEOUT / HZ - 1)
		WRITE_ONCE(*timeo, tv.tv_sec * HZ +
				   (long)usecs_to_jiffies(tv.tv_usec));
	return 0;
}

static int set_linger(struct sock *sk, void __user *val, unsigned int len)
{
	struct linger ling;

	if (len < sizeof(ling))
		return -EINVAL;
	if (copy_from_user(&ling, val, sizeof(ling)))
		return -EFAULT;
	if (!ling.l_onoff) {
		sock_reset_flag(sk, SOCK_LINGER);
		return 0;
	}
	sk->sk_lingertime = (unsigned long)(unsigned int)ling.l_linger * HZ;
	sock_set_flag(sk, SOCK_LINGER);
	return 0;
}

static int set_busy_poll(struct sock *sk, int val)
{
	if (val < 0)
		return -EINVAL;
	if (val > (int)sk->sk_ll_usec && !capable(CAP_NET_ADMIN))
		return -EPERM;
	WRITE_ONCE(sk->sk_ll_usec, val);
	return 0;
}

static int set_buf_lock(struct sock *sk, int val)
{
	if (val & ~SOCK_BUF_LOCK_MASK)
		return -EINVAL;
	sk->sk_userlocks = val | (sk->sk_userlocks & ~SOCK_BUF_LOCK_MASK);
	return 0;
}

static int set_timestamp(struct sock *sk, int op, bool on)
{
	bool ns = op == SO_TIMESTAMPNS || op == SO_TIMESTAMPNS_NEW;

	sock_valbool_flag(sk, SOCK_RCVTSTAMPNS, on && ns);
	sock_valbool_flag(sk, SOCK_RCVTSTAMP, on);
	sock_valbool_flag(sk, SOCK_TSTAMP_NEW, on && op >= SO_TIMESTAMP_NEW);
	return 0;
}

static int set_number(struct socket *sock, int op, int val)
{ /* long on purpose: a case for each option */
	const struct flag_option *flag = find_flag(op);
	struct sock *sk = sock->sk;
	bool admin = sock_capable_net_admin(sk);
	bool raw = ns_capable(sock_net(sk)->user_ns, CAP_NET_RAW);

	if (flag) {
		if (op == SO_DEBUG && val && !admin)
			return -EACCES;
		set_flag_option(sock, flag, val);
		return 0;
	}
	switch (op) {
	case SO_REUSEADDR:
		sk->sk_reuse = val ? 1 : 0;
		return 0;
	case SO_REUSEPORT:
		sk->sk_reuseport = val != 0;
		return 0;
	case SO_SNDBUF: case SO_SNDBUFFORCE: case SO_RCVBUF: case SO_RCVBUFFORCE:
		return set_buffer(sk, op, val);
	case SO_NO_CHECK:
		sk->sk_no_check_tx = val != 0;
		return 0;
	case SO_PRIORITY:
		if ((val < 0 || val > TC_PRIO_MAX) && !admin && !raw)
			return -EPERM;
		WRITE_ONCE(sk->sk_priority, val);
		return 0;
	case SO_MARK:
		if (!admin && !raw)
			return -EPERM;
		WRITE_ONCE(sk->sk_mark, val);
		sk_dst_reset(sk);     /* a rule may look at it */
		return 0;
	case SO_BSDCOMPAT:
		return 0;
	case SO_RCVLOWAT:
		WRITE_ONCE(sk->sk_rcvlowat, val < 0 ? INT_MAX : val ? val : 1);
		return 0;
	case SO_TIMESTAMP: case SO_TIMESTAMPNS: case SO_TIMESTAMP_NEW:
	case SO_TIMESTAMPNS_NEW:
		return set_timestamp(sk, op, val);
	case SO_BUSY_POLL:
		return set_busy_poll(sk, val);
	case SO_PEEK_OFF:
		return sock->ops->set_peek_off ?
		       sock->ops->set_peek_off(sk, val) : -EOPNOTSUPP;
	case SO_BUF_LOCK:
		return set_buf_lock(sk, val);
	case SO_DETACH_FILTER:
		return sk_detach_filter(sk);
	case SO_LOCK_FILTER:
		if (sock_flag(sk, SOCK_FILTER_LOCKED) && !val)
			return -EPERM;
		sock_valbool_flag(sk, SOCK_FILTER_LOCKED, val != 0);
		return 0;
	case SO_ZEROCOPY:
		return -EOPNOTSUPP;
	case SO_PEERSEC: case SO_TYPE: case SO_PROTOCOL: case SO_DOMAIN:
	case SO_ERROR: default:
		return -ENOPROTOOPT;
	}
}

/* SO_BINDTODEVICE: the name of the only device to use; none: all. */
static int set_device(struct sock *sk, void __user *optval, unsigned int len)
{
	struct net_device *dev = NULL;
	char name[IFNAMSIZ] = "";
	int index = 0;

	if ((int)len < 0)
		return -EINVAL;
	len = min_t(unsigned int, len, IFNAMSIZ - 1);
	if (copy_from_user(name, optval, len))
		return -EFAULT;
	if (name[0]) {
		rcu_read_lock();
		dev = dev_get_by_name_rcu(sock_net(sk), name);
		index = dev ? dev->ifindex : 0;
		rcu_read_unlock();
		if (!index)
			return -ENODEV;
	}
	lock_sock(sk);
	if (sk->sk_bound_dev_if &&
	    !ns_capable(sock_net(sk)->user_ns, CAP_NET_RAW)) {
		release_sock(sk);
		return -EPERM;
	}
	WRITE_ONCE(sk->sk_bound_dev_if, index);
	release_sock(sk);
	return 0;
}

int sock_setsockopt(struct socket *sock, int level, int op, void __user *optval,
		    unsigned int len)
{
	struct sock *sk = sock->sk;
	int val, err;

	if (op == SO_BINDTODEVICE)
		return set_device(sk, optval, len);
	if (len < sizeof(int))
		return -EINVAL;
	if (get_user(val, (int __user *)optval))
		return -EFAULT;
	lock_sock(sk);
	switch (op) {
	case SO_LINGER:
		err = set_linger(sk, optval, len);
		break;
	case SO_RCVTIMEO: case SO_RCVTIMEO_NEW:
		err = set_timeout(&sk->sk_rcvtimeo, optval, len);
		break;
	case SO_SNDTIMEO: case SO_SNDTIMEO_NEW:
		err = set_timeout(&sk->sk_sndtimeo, optval, len);
		break;
	case SO_ATTACH_FILTER:
		err = sk_attach_filter(optval, len, sk);
		break;
	default:
		err = set_number(sock, op, val);
	}
	release_sock(sk);
	return err;
}

/* ---- getting ---- */

union answer {
	int val;
	u64 val64;
	struct linger ling;
	struct timeval tv;
	struct ucred ucred;
	u32 mem[SK_MEMINFO_VARS];
	struct sockaddr_storage addr;
};

static int get_timeout(union answer *a, long timeo)
{
	if (timeo == MAX_SCHEDULE_TIMEOUT)
		a->tv = (struct timeval){ 0, 0 };
	else
		a->tv = (struct timeval){ timeo / HZ,
			(timeo % HZ) * USEC_PER_SEC / HZ };
	return sizeof(a->tv);
}

static int get_peercred(struct sock *sk, union answer *a)
{
	a->ucred = (struct ucred){ .pid = 0, .uid = -1, .gid = -1 };
	spin_lock(&sk->sk_peer_lock);
	if (sk->sk_peer_cred) {
		a->ucred.pid = sk->sk_peer_pid ? pid_vnr(sk->sk_peer_pid) : 0;
		a->ucred.uid = sk->sk_peer_cred->euid;
		a->ucred.gid = sk->sk_peer_cred->egid;
	}
	spin_unlock(&sk->sk_peer_lock);
	return sizeof(a->ucred);
}

/* A number: true with *val, or it is none of these. */
static bool get_number(struct socket *sock, int op, int *val)
{
	const struct flag_option *flag = find_flag(op);
	struct sock *sk = sock->sk;
	bool stamp = sock_flag(sk, SOCK_RCVTSTAMP);
	bool ns = sock_flag(sk, SOCK_RCVTSTAMPNS);

	if (flag) {
		*val = get_flag_option(sock, flag);
		return true;
	}
	switch (op) {
	case SO_SNDBUF: *val = READ_ONCE(sk->sk_sndbuf); break;
	case SO_RCVBUF: *val = READ_ONCE(sk->sk_rcvbuf); break;
	case SO_REUSEADDR: *val = sk->sk_reuse; break;
	case SO_REUSEPORT: *val = sk->sk_reuseport; break;
	case SO_TYPE: *val = sk->sk_type; break;
	case SO_PROTOCOL: *val = sk->sk_protocol; break;
	case SO_DOMAIN: *val = sk->sk_family; break;
	case SO_ERROR:
		*val = -sock_error(sk);
		if (!*val)
			*val = xchg(&sk->sk_err_soft, 0);
		break;
	case SO_NO_CHECK: *val = sk->sk_no_check_tx; break;
	case SO_PRIORITY: *val = READ_ONCE(sk->sk_priority); break;
	case SO_BSDCOMPAT: *val = 0; break;
	case SO_TIMESTAMP:
		*val = stamp && !ns && !sock_flag(sk, SOCK_TSTAMP_NEW);
		break;
	case SO_TIMESTAMPNS:
		*val = ns && !sock_flag(sk, SOCK_TSTAMP_NEW);
		break;
	case SO_TIMESTAMP_NEW:
		*val = stamp && !ns && sock_flag(sk, SOCK_TSTAMP_NEW);
		break;
	case SO_TIMESTAMPNS_NEW:
		*val = ns && sock_flag(sk, SOCK_TSTAMP_NEW);
		break;
	case SO_RCVLOWAT: *val = READ_ONCE(sk->sk_rcvlowat); break;
	case SO_SNDLOWAT: *val = 1; break;
	case SO_ACCEPTCONN: *val = sk->sk_state == TCP_LISTEN; break;
	case SO_MARK: *val = READ_ONCE(sk->sk_mark); break;
	case SO_BUSY_POLL: *val = READ_ONCE(sk->sk_ll_usec); break;
	case SO_LOCK_FILTER: *val = sock_flag(sk, SOCK_FILTER_LOCKED); break;
	case SO_INCOMING_CPU: *val = -1; break;
	case SO_ZEROCOPY: *val = sock_flag(sk, SOCK_ZEROCOPY); break;
	case SO_BUF_LOCK:
		*val = sk->sk_userlocks & SOCK_BUF_LOCK_MASK;
		break;
	default: return false;
	}
	return true;
}

/* Copy the peer's groups out; the length goes to *ulen here. */
static int get_peergroups(struct sock *sk, char __user *uval, int len,
			  int __user *ulen)
{
	const struct cred *cred = NULL;
	int size, err = 0;

	spin_lock(&sk->sk_peer_lock);
	if (sk->sk_peer_cred)
		cred = get_cred(sk->sk_peer_cred);
	spin_unlock(&sk->sk_peer_lock);
	if (!cred)
		return -ENODATA;
	size = cred->group_info->ngroups * sizeof(gid_t);
	if (len < size)
		err = put_user(size, ulen) ? -EFAULT : -ERANGE;
	else if (copy_to_user(uval, cred->group_info->gid, size) ||
		 put_user(size, ulen))
		err = -EFAULT;
	put_cred(cred);
	return err;
}

/* The answer's size, or -errno. */
static int get_answer(struct socket *sock, int op, union answer *a, int len)
{
	struct sock *sk = sock->sk;
	int n;

	if (get_number(sock, op, &a->val))
		return sizeof(int);
	switch (op) {
	case SO_LINGER:
		a->ling.l_onoff = sock_flag(sk, SOCK_LINGER);
		a->ling.l_linger = sk->sk_lingertime / HZ;
		return sizeof(a->ling);
	case SO_RCVTIMEO: case SO_RCVTIMEO_NEW:
		return get_timeout(a, READ_ONCE(sk->sk_rcvtimeo));
	case SO_SNDTIMEO: case SO_SNDTIMEO_NEW:
		return get_timeout(a, READ_ONCE(sk->sk_sndtimeo));
	case SO_PEERCRED:
		return get_peercred(sk, a);
	case SO_PEERNAME:
		n = sock->ops->getname(sock, (struct sockaddr *)&a->addr, 2);
		if (n < 0)
			return -ENOTCONN;
		return n < len ? -EINVAL : n;
	case SO_PEEK_OFF:
		if (!sock->ops->set_peek_off)
			return -EOPNOTSUPP;
		a->val = READ_ONCE(sk->sk_peek_off);
		return sizeof(int);
	case SO_MEMINFO:
		sk_get_meminfo(sk, a->mem);
		return sizeof(a->mem);
	case SO_COOKIE:
		a->val64 = sock_gen_cookie(sk);
		return len < (int)sizeof(u64) ? -EINVAL : (int)sizeof(u64);
	case SO_NETNS_COOKIE:
		a->val64 = sock_net(sk)->net_cookie;
		return len != sizeof(u64) ? -EINVAL : (int)sizeof(u64);
	default:                      /* SO_PEERSEC too: nobody labels us */
		return -ENOPROTOOPT;
	}
}

static int get_filter(struct sock *sk, char __user *uval, int len,
		      int __user *ulen)
{
	int n;

	lock_sock(sk);
	n = sk_get_filter(sk, (struct sock_filter __user *)uval, len);
	release_sock(sk);
	if (n < 0)
		return n;
	return put_user(n, ulen) ? -EFAULT : 0;
}

static int get_device(struct sock *sk, char __user *uval, int len,
		      int __user *ulen)
{
	int index = READ_ONCE(sk->sk_bound_dev_if), n = 0;
	char name[IFNAMSIZ] = "";
	struct net_device *dev;

	if (index) {
		if (len < IFNAMSIZ)
			return -EINVAL;
		rcu_read_lock();
		dev = dev_get_by_index_rcu(sock_net(sk), index);
		if (dev)
			memcpy(name, dev->name, IFNAMSIZ);
		rcu_read_unlock();
		if (!dev)
			return -ENODEV;
		n = strlen(name) + 1;
	}
	if (copy_to_user(uval, name, n) || put_user(n, ulen))
		return -EFAULT;
	return 0;
}

int sock_getsockopt(struct socket *sock, int level, int op, char __user *uval,
		    int __user *ulen)
{
	union answer a;
	int len, n;

	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (op == SO_PEERGROUPS)
		return get_peergroups(sock->sk, uval, len, ulen);
	if (op == SO_ATTACH_FILTER)   /* whose other name is SO_GET_FILTER */
		return get_filter(sock->sk, uval, len, ulen);
	if (op == SO_BINDTODEVICE)
		return get_device(sock->sk, uval, len, ulen);
	memset(&a, 0, sizeof(a));
	n = get_answer(sock, op, &a, len);
	if (n < 0)
		return n;
	len = min(len, n);
	if (copy_to_user(uval, &a, len) || put_user(len, ulen))
		return -EFAULT;
	return 0;
}

/* ---- families that pass everything on to struct proto ---- */

int sock_common_getsockopt(struct socket *sock, int level, int name,
			   char __user *val, int __user *len)
{
	return sock->sk->sk_prot->getsockopt(sock->sk, level, name, val, len);
}

int sock_common_setsockopt(struct socket *sock, int level, int name,
			   void __user *val, unsigned int len)
{
	return sock->sk->sk_prot->setsockopt(sock->sk, level, name, val, len);
}

int sock_common_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
			int flags)
{
	int addr_len = 0;
	int n = sock->sk->sk_prot->recvmsg(sock->sk, msg, size, flags,
					   &addr_len);

	if (n >= 0)
		msg->msg_namelen = addr_len;
	return n;
}
