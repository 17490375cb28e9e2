/* SPDX-License-Identifier: MIT */
/*
 * inet_connect.c -- connect(), listen(), accept() and shutdown() of AF_INET
 *
 * IDEA.  The protocol's state (sk_state, TCP's names) moves with the packets;
 * the socket's (sock->state) with what the program was told:
 *
 *	UNCONNECTED -- connect() --> CONNECTING -- told: 0 --> CONNECTED
 *	     ^                           | SYN_SENT is over, but not well
 *	     `------- told: an error ----'
 *
 * so that a second connect() on a socket that does not block learns once how
 * the first one ended.
 *
 * LOCKING.  lock_sock() around all; dropped while connect() waits.
 *
 * SEE connect(2), tcp(7); af_inet.c.
 */

#include <net/inet_common.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <net/inet_connection_sock.h>
#include <uapi/fcntl.h>

int inet_dgram_connect(struct socket *sock, struct sockaddr *uaddr,
		       int addr_len, int flags)
{
	struct sock *sk = sock->sk;

	if (addr_len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;
	if (uaddr->sa_family == AF_UNSPEC)
		return sk->sk_prot->disconnect(sk, flags);
	if (!inet_sk(sk)->inet_num && !sk->sk_prot->no_autobind &&
	    sk->sk_prot->get_port && inet_autobind(sk))
		return -EAGAIN;
	return sk->sk_prot->connect(sk, uaddr, addr_len);
}

/* lock_sock held, dropped meanwhile: until SYN_SENT is over. */
static long wait_for_connect(struct sock *sk, long timeo)
{
	DEFINE_WAIT(wait);

	while ((1 << sk->sk_state) &
	       ((1 << TCP_SYN_SENT) | (1 << TCP_SYN_RECV))) {
		prepare_to_wait(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (((1 << sk->sk_state) & ((1 << TCP_SYN_SENT) |
					    (1 << TCP_SYN_RECV))))
			timeo = schedule_timeout(timeo);
		lock_sock(sk);
		if (signal_pending(current) || !timeo)
			break;
	}
	finish_wait(sk_sleep(sk), &wait);
	return timeo;
}

static int start_connect(struct socket *sock, struct sockaddr *uaddr,
			 int addr_len)
{
	struct sock *sk = sock->sk;
	int err;

	switch (sock->state) {
	case SS_CONNECTED:
		return -EISCONN;
	case SS_CONNECTING:
		return inet_sk(sk)->defer_connect ? 0 : -EALREADY;
	case SS_UNCONNECTED:
		break;
	default:
		return -EINVAL;
	}
	if (sk->sk_state != TCP_CLOSE)
		return -EISCONN;
	err = sk->sk_prot->connect(sk, uaddr, addr_len);
	if (err < 0)
		return err;
	sock->state = SS_CONNECTING;
	return 1;                     /* begun just now */
}

static int connect_failed(struct socket *sock, struct sock *sk)
{
	int err = sock_error(sk);

	sock->state = SS_UNCONNECTED;
	if (sk->sk_prot->disconnect(sk, 0))
		sock->state = SS_DISCONNECTING;
	return err ? err : -ECONNABORTED;
}

static int disconnect(struct socket *sock, int flags)
{
	int err = sock->sk->sk_prot->disconnect(sock->sk, flags);

	sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
	return err;
}

int __inet_stream_connect(struct socket *sock, struct sockaddr *uaddr,
			  int addr_len, int flags, int is_sendmsg)
{
	const unsigned int waiting = (1 << TCP_SYN_SENT) | (1 << TCP_SYN_RECV);
	struct sock *sk = sock->sk;
	long timeo;
	int err;

	if (uaddr) {
		if (addr_len < (int)sizeof(uaddr->sa_family))
			return -EINVAL;
		if (uaddr->sa_family == AF_UNSPEC)
			return disconnect(sock, flags);
	}
	err = start_connect(sock, uaddr, addr_len);
	/* Who asks again while it is under way, and it has ended: see below. */
	if (err < 0 && !(err == -EALREADY && !((1 << sk->sk_state) & waiting)))
		return err;
	timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	if ((1 << sk->sk_state) & waiting) {
		if (!timeo || err == -EALREADY)
			return err == 1 ? -EINPROGRESS : -EALREADY;
		timeo = wait_for_connect(sk, timeo);
		if ((1 << sk->sk_state) & waiting) {
			if (!timeo)
				return -EINPROGRESS;
			return sock_intr_errno(timeo);
		}
	}
	if (sk->sk_state == TCP_CLOSE)
		return connect_failed(sock, sk);
	sock->state = SS_CONNECTED;
	return 0;
}

int inet_stream_connect(struct socket *sock, struct sockaddr *uaddr,
			int addr_len, int flags)
{
	int err;

	lock_sock(sock->sk);
	err = __inet_stream_connect(sock, uaddr, addr_len, flags, 0);
	release_sock(sock->sk);
	return err;
}

int inet_accept(struct socket *sock, struct socket *newsock, int flags,
		bool kern)
{
	int err = -EINVAL;
	struct sock *sk;

	if (!sock->sk->sk_prot->accept)
		return -EOPNOTSUPP;
	sk = sock->sk->sk_prot->accept(sock->sk, flags, &err, kern);
	if (!sk)
		return err;
	lock_sock(sk);
	sock_graft(sk, newsock);
	newsock->state = SS_CONNECTED;
	release_sock(sk);
	return 0;
}

int inet_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	unsigned char old;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED || sock->type != SOCK_STREAM)
		goto out;
	old = sk->sk_state;
	if (!((1 << old) & ((1 << TCP_CLOSE) | (1 << TCP_LISTEN))))
		goto out;
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	err = old == TCP_LISTEN ? 0 : inet_csk_listen_start(sk);
out:
	release_sock(sk);
	return err;
}

int inet_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err = 0;

	how++;                        /* 0, 1, 2 -> RCV 1, SEND 2, both 3 */
	if ((how & ~SHUTDOWN_MASK) || !how)
		return -EINVAL;
	lock_sock(sk);
	if (sock->state == SS_CONNECTING)
		sock->state = (1 << sk->sk_state) &
			      ((1 << TCP_SYN_SENT) | (1 << TCP_SYN_RECV) |
			       (1 << TCP_CLOSE)) ? SS_DISCONNECTING
						 : SS_CONNECTED;
	switch (sk->sk_state) {
	case TCP_CLOSE:
		err = -ENOTCONN;
		fallthrough;
	default:
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
		if (sk->sk_prot->shutdown)
			sk->sk_prot->shutdown(sk, how);
		break;
	case TCP_LISTEN:
		if (!(how & RCV_SHUTDOWN))
			break;
		fallthrough;
	case TCP_SYN_SENT:
		err = sk->sk_prot->disconnect(sk, O_NONBLOCK);
		sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
		break;
	}
	sk->sk_state_change(sk);
	release_sock(sk);
	return err;
}
