/* SPDX-License-Identifier: MIT */
#ifndef NET_INET_COMMON_H
#define NET_INET_COMMON_H
/*
 * inet_common.h -- the socket calls of AF_INET, which pass on to sk->sk_prot
 *
 * inet_stream_ops is TCP's table, inet_dgram_ops UDP's and ping's.  Theory:
 * net/ipv4/af_inet.c.
 */

#include <kernel/net.h>

extern const struct proto_ops inet_stream_ops, inet_dgram_ops;

/* struct proto's hooks that they call, for TCP:
 *	connect(sk, addr, len)	begin; SS_CONNECTING, then waited for here
 *	accept(sk, flags, &err, kern), hash, get_port, close(sk, timeout)
 *	inet_csk_listen_start() is called by inet_listen() */
int inet_release(struct socket *sock);
int inet_bind(struct socket *sock, struct sockaddr *uaddr, int addr_len);
int __inet_bind(struct sock *sk, struct sockaddr *uaddr, int addr_len,
		u32 flags);
#define BIND_FORCE_ADDRESS_NO_PORT 1
#define BIND_WITH_LOCK 2
#define BIND_NO_CAP_NET_BIND_SERVICE 8
int inet_dgram_connect(struct socket *sock, struct sockaddr *uaddr,
		       int addr_len, int flags);
int inet_stream_connect(struct socket *sock, struct sockaddr *uaddr,
			int addr_len, int flags);
int __inet_stream_connect(struct socket *sock, struct sockaddr *uaddr,
			  int addr_len, int flags, int is_sendmsg);
int inet_accept(struct socket *sock, struct socket *newsock, int flags,
		bool kern);
int inet_getname(struct socket *sock, struct sockaddr *uaddr, int peer);
int inet_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
int inet_listen(struct socket *sock, int backlog);
int inet_shutdown(struct socket *sock, int how);
int inet_sendmsg(struct socket *sock, struct msghdr *msg, size_t size);
int inet_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
		 int flags);
int inet_send_prepare(struct sock *sk);
int inet_autobind(struct sock *sk);
int inet_ctl_sock_create(struct sock **sk, unsigned short family,
			 unsigned short type, unsigned char protocol,
			 struct net *net);
int inet_recv_error(struct sock *sk, struct msghdr *msg, int len,
		    int *addr_len);
/* SIOCSIFADDR and its kind, SIOCADDRT, SIOCSARP: registered from where they
 * are written.  -ENOIOCTLCMD: not mine. */
typedef int (*inet_ioctl_fn)(struct net *net, unsigned int cmd,
			     unsigned long arg);
void inet_register_ioctl(inet_ioctl_fn fn);

#endif
