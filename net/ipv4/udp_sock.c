/* SPDX-License-Identifier: MIT */
/*
 * udp_sock.c -- UDP's and UDP-Lite's sockets: options, ends, struct proto
 *
 * IDEA.  UDP-Lite (RFC 3828) is UDP whose checksum may cover only the beginning
 * of a datagram, for who would rather have a damaged picture than none.  The
 * header's length field says how many bytes it covers; what differs is there
 * (udp.c) and in two options.  Ports and counters are its own.
 *
 * SEE udp.c (messages), udplite(7).
 */

#include "udp_impl.h"

#include <arch/uaccess.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/inet_common.h>
#include <net/protocol.h>

static void udp_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

static void udp_destroy_sock(struct sock *sk)
{
	lock_sock(sk);
	sock_set_flag(sk, SOCK_DEAD);
	udp_flush_pending(sk);
	release_sock(sk);
}

int udp_disconnect(struct sock *sk, int flags)
{
	struct inet_sock *inet = inet_sk(sk);

	lock_sock(sk);
	sk->sk_state = TCP_CLOSE;
	inet->inet_daddr = 0;
	inet->inet_dport = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		inet->inet_rcv_saddr = inet->inet_saddr = 0;
		if (sk_is_udp(sk))
			udp_rehash(sk);
	}
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		sk->sk_prot->unhash(sk);
		inet->inet_sport = 0;
	}
	sk_dst_reset(sk);
	release_sock(sk);
	return 0;
}

static int udp_ioctl(struct sock *sk, int cmd, unsigned long arg)
{
	int n;

	switch (cmd) {
	case SIOCOUTQ:
		n = sk_wmem_alloc_get(sk);
		break;
	case SIOCINQ:
		n = udp_first_len(sk);
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return put_user(n, (int __user *)arg);
}

/* Of each datagram's checksum: bytes with the header, which it must cover. */
static int set_coverage(struct sock *sk, bool send, int val)
{
	struct udp_sock *up = udp_sk(sk);

	if (sk->sk_protocol != IPPROTO_UDPLITE)
		return -ENOPROTOOPT;
	if (val && val < (int)sizeof(struct udphdr))
		val = sizeof(struct udphdr);
	else if (val > U16_MAX)
		val = U16_MAX;
	lock_sock(sk);
	if (send) {
		up->send_cover = val;
		up->send_part = true;
	} else {
		up->recv_cover = val;
		up->recv_part = true;
	}
	release_sock(sk);
	return 0;
}

static int set_udp_option(struct sock *sk, int name, int val)
{
	struct udp_sock *up = udp_sk(sk);
	int err = 0;

	switch (name) {
	case UDP_CORK:
		lock_sock(sk);
		up->corkflag = !!val;
		if (!val && up->pending)
			err = udp_push_pending(sk);
		release_sock(sk);
		return err;
	case UDPLITE_SEND_CSCOV:
	case UDPLITE_RECV_CSCOV:
		return set_coverage(sk, name == UDPLITE_SEND_CSCOV, val);
	default:
		return -ENOPROTOOPT;
	}
}

static int udp_setsockopt(struct sock *sk, int level, int name,
			  void __user *uval, unsigned int len)
{
	int val;

	if (level != SOL_UDP && level != SOL_UDPLITE)
		return ip_setsockopt(sk, level, name, uval, len);
	if (len < sizeof(int))
		return -EINVAL;
	if (copy_from_user(&val, uval, sizeof(val)))
		return -EFAULT;
	return set_udp_option(sk, name, val);
}

static int udp_getsockopt(struct sock *sk, int level, int name,
			  char __user *uval, int __user *ulen)
{
	int len, val;

	if (level != SOL_UDP && level != SOL_UDPLITE)
		return ip_getsockopt(sk, level, name, uval, ulen);
	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (name == UDP_CORK)
		val = READ_ONCE(udp_sk(sk)->corkflag);
	else if (name == UDPLITE_SEND_CSCOV)
		val = READ_ONCE(udp_sk(sk)->send_cover);
	else if (name == UDPLITE_RECV_CSCOV)
		val = READ_ONCE(udp_sk(sk)->recv_cover);
	else
		return -ENOPROTOOPT;
	len = min_t(unsigned int, len, sizeof(int));
	if (put_user(len, ulen) || copy_to_user(uval, &val, len))
		return -EFAULT;
	return 0;
}

static int udp_init_sock(struct sock *sk)
{
	sock_set_flag(sk, SOCK_RCU_FREE);
	return 0;
}

#define UDP_PROTO(nm)				\
	.name = nm,				\
	.close = udp_close,			\
	.connect = ip4_datagram_connect,	\
	.disconnect = udp_disconnect,		\
	.ioctl = udp_ioctl,			\
	.init = udp_init_sock,			\
	.destroy = udp_destroy_sock,		\
	.setsockopt = udp_setsockopt,		\
	.getsockopt = udp_getsockopt,		\
	.sendmsg = udp_sendmsg,			\
	.recvmsg = udp_recvmsg,			\
	.unhash = udp_unhash,			\
	.get_port = udp_get_port,		\
	.obj_size = sizeof(struct udp_sock)

struct proto udp_prot = { UDP_PROTO("UDP") };
struct proto udplite_prot = { UDP_PROTO("UDP-Lite") };

static const struct net_protocol udp_protocol = {
	.handler = udp_rcv,
	.err_handler = udp_err,
};

/* The last is who gets a datagram socket without a protocol. */
static struct inet_protosw udp_protosw[] = {
	{ .type = SOCK_DGRAM, .protocol = IPPROTO_UDPLITE,
	  .prot = &udplite_prot, .ops = &inet_dgram_ops,
	  .flags = INET_PROTOSW_PERMANENT },
	{ .type = SOCK_DGRAM, .protocol = IPPROTO_UDP, .prot = &udp_prot,
	  .ops = &inet_dgram_ops, .flags = INET_PROTOSW_PERMANENT },
};

void udp4_register(void)
{
	udp_table_init();
	for (int i = 0; i < 2; i++) {
		struct inet_protosw *p = &udp_protosw[i];

		if (proto_register(p->prot, 1) ||
		    inet_add_protocol(&udp_protocol, p->protocol))
			pr_err("udp: cannot register\n");
		inet_register_protosw(p);
	}
}
