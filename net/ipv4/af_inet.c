/* SPDX-License-Identifier: MIT */
/*
 * af_inet.c -- AF_INET: the socket calls, passed on to a protocol
 *
 * A protocol registers an inet_protosw for (type, number); socket() finds it
 * and gives the socket its proto_ops and its struct proto. What all have in
 * common is here: addresses are checked and bound; inet_connect.c is where a
 * stream's connect() waits; the rest is sk->sk_prot's.
 *
 * LOCKING.  lock_sock() around what changes an address, port or state.
 *
 * SEE include/net/inet_common.h; ip(7).
 */

#include <net/inet_common.h>

#include <fs/poll.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/panic.h>
#include <kernel/random.h>
#include <mm/slab.h>
#include <net/arp.h>
#include <net/icmp.h>
#include <net/igmp.h>
#include <net/inet_connection_sock.h>
#include <net/ip.h>
#include <net/protocol.h>
#include <net/udp.h>

#include "fib.h"
#include "internal.h"

static struct list_head inetsw[SOCK_MAX];
static DEFINE_SPINLOCK(inetsw_lock);
static inet_ioctl_fn ioctl_front;

void inet_register_ioctl(inet_ioctl_fn fn)
{
	WRITE_ONCE(ioctl_front, fn);
}

/* ---- life ---- */

void inet_sock_destruct(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	__skb_queue_purge(&sk->sk_receive_queue);
	__skb_queue_purge(&sk->sk_error_queue);
	WARN_ON_ONCE(atomic_read(&sk->sk_rmem_alloc));
	kfree(inet->inet_opt);
	sk_dst_reset(sk);
	dst_release((struct dst_entry *)xchg(&sk->sk_rx_dst, NULL));
}

void inet_sk_set_state(struct sock *sk, int state)
{
	smp_store_release(&sk->sk_state, (unsigned char)state);
}

static struct inet_protosw *find_protosw(int type, int *protocol, int *err)
{
	struct inet_protosw *p;

	*err = -ESOCKTNOSUPPORT;
	list_for_each_entry_rcu(p, &inetsw[type], list) {
		*err = 0;
		if (p->protocol == *protocol && *protocol != IPPROTO_IP)
			return p;
		if (*protocol == IPPROTO_IP && p->protocol != IPPROTO_IP) {
			*protocol = p->protocol;
			return p;
		}
		if (p->protocol == IPPROTO_IP && *protocol != IPPROTO_IP)
			return p;
		*err = -EPROTONOSUPPORT;
	}
	return NULL;
}

static void init_inet_sock(struct sock *sk, struct socket *sock, int protocol,
			   unsigned char flags)
{
	struct inet_sock *inet = inet_sk(sk);

	sk->sk_reuse = !!(flags & INET_PROTOSW_REUSE);
	inet->is_icsk = !!(flags & INET_PROTOSW_ICSK);
	if (sock->type == SOCK_RAW) {
		inet->inet_num = protocol;
		inet->hdrincl = protocol == IPPROTO_RAW;
	}
	inet->pmtudisc = READ_ONCE(sock_net(sk)->ipv4.sysctl_ip_no_pmtu_disc)
			 ? IP_PMTUDISC_DONT : IP_PMTUDISC_WANT;
	sock_init_data(sock, sk);
	sk->sk_destruct = inet_sock_destruct;
	sk->sk_protocol = protocol;
	sk->sk_backlog_rcv = sk->sk_prot->backlog_rcv;
	inet->uc_ttl = -1;
	inet->mc_loop = 1;
	inet->mc_ttl = 1;
	inet->mc_all = 1;
	inet->inet_id = get_random_u32();
}

static int inet_create(struct net *net, struct socket *sock, int protocol,
		       int kern)
{
	struct inet_protosw *p;
	struct sock *sk;
	int err;

	if (protocol < 0 || protocol >= IPPROTO_MAX)
		return -EINVAL;
	rcu_read_lock();
	p = find_protosw(sock->type, &protocol, &err);
	rcu_read_unlock();
	if (!p)
		return err ? err : -EPROTONOSUPPORT;
	if (sock->type == SOCK_RAW && !kern &&
	    !ns_capable(net->user_ns, CAP_NET_RAW))
		return -EPERM;
	sock->ops = p->ops;
	sk = sk_alloc(net, PF_INET, GFP_KERNEL, p->prot, kern);
	if (!sk)
		return -ENOBUFS;
	init_inet_sock(sk, sock, protocol, p->flags);
	if (inet_sk(sk)->inet_num) {  /* raw: it may have packets from now on */
		inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
		err = sk->sk_prot->hash(sk);
	}
	if (!err && sk->sk_prot->init)
		err = sk->sk_prot->init(sk);
	if (err) {
		sock->sk = NULL;
		sk_common_release(sk);
	}
	return err;
}

int inet_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	long timeout = 0;

	if (!sk)
		return 0;
	ip_mc_drop_socket(sk);
	if (sock_flag(sk, SOCK_LINGER) && !(current->flags & PF_EXITING))
		timeout = sk->sk_lingertime;
	sock->sk = NULL;
	sk->sk_prot->close(sk, timeout);
	return 0;
}

/* ---- names ---- */

static int check_bind_addr(struct sock *sk, struct sockaddr_in *addr)
{
	struct inet_sock *inet = inet_sk(sk);
	struct net *net = sock_net(sk);
	unsigned int type;

	if (addr->sin_family != AF_INET &&
	    (addr->sin_family != AF_UNSPEC ||
	     addr->sin_addr.s_addr != htonl(INADDR_ANY)))
		return -EAFNOSUPPORT;
	type = inet_addr_type(net, addr->sin_addr.s_addr);
	if (!inet_can_nonlocal_bind(net, inet) &&
	    addr->sin_addr.s_addr != htonl(INADDR_ANY) &&
	    type != RTN_LOCAL && type != RTN_MULTICAST && type != RTN_BROADCAST)
		return -EADDRNOTAVAIL;
	return 0;
}

/* lock_sock held. */
static int bind_locked(struct sock *sk, struct sockaddr_in *addr, u32 flags)
{
	struct inet_sock *inet = inet_sk(sk);
	unsigned short snum = ntohs(addr->sin_port);
	unsigned int type = inet_addr_type(sock_net(sk), addr->sin_addr.s_addr);

	if (sk->sk_state != TCP_CLOSE || inet->inet_num)
		return -EINVAL;
	inet->inet_rcv_saddr = inet->inet_saddr = addr->sin_addr.s_addr;
	if (type == RTN_MULTICAST || type == RTN_BROADCAST)
		inet->inet_saddr = 0; /* packets say the device's */
	if (snum || !(inet->bind_address_no_port ||
		      (flags & BIND_FORCE_ADDRESS_NO_PORT))) {
		int err = sk->sk_prot->get_port(sk, snum);

		if (err) {
			inet->inet_saddr = inet->inet_rcv_saddr = 0;
			return err < 0 ? err : -EADDRINUSE;
		}
	}
	if (inet->inet_rcv_saddr)
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	if (snum)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	inet->inet_sport = htons(inet->inet_num);
	inet->inet_daddr = 0;
	inet->inet_dport = 0;
	sk_dst_reset(sk);
	return 0;
}

int __inet_bind(struct sock *sk, struct sockaddr *uaddr, int addr_len,
		u32 flags)
{
	struct sockaddr_in *addr = (struct sockaddr_in *)uaddr;
	unsigned short snum = ntohs(addr->sin_port);
	int err = check_bind_addr(sk, addr);

	if (err)
		return err;
	if (snum && inet_port_requires_bind_service(sock_net(sk), snum) &&
	    !(flags & BIND_NO_CAP_NET_BIND_SERVICE) &&
	    !ns_capable(sock_net(sk)->user_ns, CAP_NET_BIND_SERVICE))
		return -EACCES;
	lock_sock(sk);
	err = bind_locked(sk, addr, flags);
	release_sock(sk);
	return err;
}

int inet_bind(struct socket *sock, struct sockaddr *uaddr, int addr_len)
{
	struct sock *sk = sock->sk;

	if (sk->sk_prot->bind)        /* raw, ping: no ports as here */
		return sk->sk_prot->bind(sk, uaddr, addr_len);
	if (addr_len < (int)sizeof(struct sockaddr_in))
		return -EINVAL;
	return __inet_bind(sk, uaddr, addr_len, 0);
}

int inet_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sock->sk);
	struct sock *sk = sock->sk;

	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	if (peer) {
		if (!inet->inet_dport ||
		    (((1 << sk->sk_state) & ((1 << TCP_CLOSE) |
					     (1 << TCP_SYN_SENT))) && peer == 1))
			return -ENOTCONN;
		sin->sin_port = inet->inet_dport;
		sin->sin_addr.s_addr = inet->inet_daddr;
	} else {
		sin->sin_port = inet->inet_sport;
		sin->sin_addr.s_addr = inet->inet_rcv_saddr
				       ? inet->inet_rcv_saddr
				       : inet->inet_saddr;
	}
	return sizeof(*sin);
}

/* A sender without a port gets one. */
int inet_autobind(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	int err = 0;

	lock_sock(sk);
	if (!inet->inet_num) {
		if (sk->sk_prot->get_port(sk, 0))
			err = -EAGAIN;
		else
			inet->inet_sport = htons(inet->inet_num);
	}
	release_sock(sk);
	return err;
}

/* ---- data ---- */

int inet_send_prepare(struct sock *sk)
{
	if (!inet_sk(sk)->inet_num && !sk->sk_prot->no_autobind &&
	    inet_autobind(sk))
		return -EAGAIN;
	return 0;
}

int inet_sendmsg(struct socket *sock, struct msghdr *msg, size_t size)
{
	struct sock *sk = sock->sk;

	if (inet_send_prepare(sk))
		return -EAGAIN;
	return sk->sk_prot->sendmsg(sk, msg, size);
}

int inet_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
		 int flags)
{
	struct sock *sk = sock->sk;
	int addr_len = 0;
	int n = sk->sk_prot->recvmsg(sk, msg, size, flags, &addr_len);

	if (n >= 0)
		msg->msg_namelen = addr_len;
	return n;
}

int inet_recv_error(struct sock *sk, struct msghdr *msg, int len, int *addr_len)
{
	return ip_recv_error(sk, msg, len, addr_len);
}

int inet_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	inet_ioctl_fn front = READ_ONCE(ioctl_front);
	struct sock *sk = sock->sk;
	int err = front ? front(sock_net(sk), cmd, arg) : -ENOIOCTLCMD;

	if (err == -ENOIOCTLCMD && sk->sk_prot->ioctl)
		err = sk->sk_prot->ioctl(sk, cmd, arg);
	return err;
}

static int inet_setsockopt(struct socket *sock, int level, int name,
			   void __user *val, unsigned int len)
{
	return sock->sk->sk_prot->setsockopt(sock->sk, level, name, val, len);
}

static int inet_getsockopt(struct socket *sock, int level, int name,
			   char __user *val, int __user *len)
{
	return sock->sk->sk_prot->getsockopt(sock->sk, level, name, val, len);
}

static int set_peek_off(struct sock *sk, int val)
{
	WRITE_ONCE(sk->sk_peek_off, val);
	return 0;
}

#define COMMON_OPS							\
	.family = PF_INET,						\
	.release = inet_release,					\
	.bind = inet_bind,						\
	.socketpair = sock_no_socketpair,				\
	.getname = inet_getname,					\
	.ioctl = inet_ioctl,						\
	.shutdown = inet_shutdown,					\
	.setsockopt = inet_setsockopt,					\
	.getsockopt = inet_getsockopt,					\
	.sendmsg = inet_sendmsg,					\
	.recvmsg = inet_recvmsg,					\
	.mmap = sock_no_mmap

const struct proto_ops inet_dgram_ops = {
	COMMON_OPS,
	.connect = inet_dgram_connect,
	.accept = sock_no_accept,
	.listen = sock_no_listen,
	.poll = datagram_poll,
	.set_peek_off = set_peek_off,
};

const struct proto_ops inet_sockraw_ops = {
	COMMON_OPS,
	.connect = inet_dgram_connect,
	.accept = sock_no_accept,
	.listen = sock_no_listen,
	.poll = datagram_poll,
};

/* ---- registration ---- */

/* A protocol's own entry goes before the one for any number. */
void inet_register_protosw(struct inet_protosw *p)
{
	if (WARN_ON_ONCE(p->type >= SOCK_MAX))
		return;
	spin_lock_bh(&inetsw_lock);
	if (p->protocol == IPPROTO_IP || !(p->flags & INET_PROTOSW_PERMANENT))
		list_add_tail_rcu(&p->list, &inetsw[p->type]);
	else
		list_add_rcu(&p->list, &inetsw[p->type]);
	spin_unlock_bh(&inetsw_lock);
}

void inet_unregister_protosw(struct inet_protosw *p)
{
	spin_lock_bh(&inetsw_lock);
	list_del_rcu(&p->list);
	spin_unlock_bh(&inetsw_lock);
	synchronize_rcu();
}

/* A socket of the kernel's own, that no packet is looked up for. */
int inet_ctl_sock_create(struct sock **sk, unsigned short family,
			 unsigned short type, unsigned char protocol,
			 struct net *net)
{
	struct socket *sock;
	int err = sock_create_kern(net, family, type, protocol, &sock);

	if (err)
		return err;
	*sk = sock->sk;
	(*sk)->sk_allocation = GFP_ATOMIC;
	if ((*sk)->sk_prot->unhash)
		(*sk)->sk_prot->unhash(*sk);
	return 0;
}

static const struct net_proto_family inet_family_ops = {
	.family = PF_INET,
	.create = inet_create,
};

static struct packet_type ip_packet_type = {
	.type = htons(ETH_P_IP),
	.func = ip_rcv,
};

static int inet_init(void)
{
	for (int i = 0; i < SOCK_MAX; i++)
		INIT_LIST_HEAD(&inetsw[i]);
	ip_rt_init();
	if (ipv4_net_register())
		panic("ipv4: no memory");
	arp_init();
	devinet_init();
	if (fib_frontend_init())
		panic("ipv4: no memory for routes");
	ip4_frags_init();
	raw_init();
	udp4_register();
	ping_init();
	sock_register(&inet_family_ops);
	if (icmp_init())
		panic("ipv4: no memory for ICMP");
	igmp_init();
	ip_offload_init();
	dev_add_pack(&ip_packet_type);
	return 0;
}
fs_initcall(inet_init);
