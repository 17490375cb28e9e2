/* SPDX-License-Identifier: MIT */
/*
 * poll.c -- is a UNIX socket ready?
 *
 * IDEA.  Reading depends on our own queue, a stream's writing on our own
 * buffer.  A datagram's writing depends on the receiver's queue too: whoever is
 * told "not writable" for that leaves an entry (peer_wake) on the receiver's
 * peer_wait; when he reads, the entry passes the wake-up on to our own queue,
 * and goes.
 *
 *	receiver reads -> peer_wait -> our peer_wake -> our wq -> poll, epoll
 *
 * LOCKING.  peer_wait's lock guards peer_wake.private (whom we wait for), and
 * that it is on his list.
 */

#include "unix.h"

#include <fs/poll.h>

int unix_peer_wake_relay(wait_queue_entry_t *q, unsigned int mode, int flags,
			 void *key)
{
	struct unix_sock *u = container_of(q, struct unix_sock, peer_wake);
	struct socket_wq *wq;

	__remove_wait_queue(&unix_sk((struct sock *)q->private)->peer_wait, q);
	q->private = NULL;
	rcu_read_lock();
	wq = rcu_dereference(u->sk.sk_wq);
	if (wq)
		wake_up_interruptible_poll(&wq->wait, key_to_poll(key));
	rcu_read_unlock();
	return 0;
}

/* Our state lock held: we stay tied to other. */
bool unix_peer_wake_me(struct sock *sk, struct sock *other)
{
	struct unix_sock *u = unix_sk(sk), *ou = unix_sk(other);
	bool added = false;
	unsigned long flags;

	spin_lock_irqsave(&ou->peer_wait.lock, flags);
	if (!u->peer_wake.private) {
		u->peer_wake.private = other;
		__add_wait_queue(&ou->peer_wait, &u->peer_wake);
		added = true;
	}
	spin_unlock_irqrestore(&ou->peer_wait.lock, flags);
	/* Of a dead one nobody would tell us: let the write say so. */
	smp_mb();
	if (unix_recvq_full(other) && !sock_flag(other, SOCK_DEAD))
		return true;
	if (added)
		unix_peer_wake_disconnect(sk, other);
	return false;
}

void unix_peer_wake_disconnect(struct sock *sk, struct sock *other)
{
	struct unix_sock *u = unix_sk(sk), *ou = unix_sk(other);
	unsigned long flags;

	spin_lock_irqsave(&ou->peer_wait.lock, flags);
	if (u->peer_wake.private == other) {
		__remove_wait_queue(&ou->peer_wait, &u->peer_wake);
		u->peer_wake.private = NULL;
	}
	spin_unlock_irqrestore(&ou->peer_wait.lock, flags);
}

/* What reading, errors and the end have to say. */
static __poll_t common_mask(struct sock *sk)
{
	u8 shutdown = READ_ONCE(sk->sk_shutdown);
	__poll_t mask = 0;

	if (READ_ONCE(sk->sk_err))
		mask |= EPOLLERR;
	if (shutdown == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (!skb_queue_empty_lockless(&sk->sk_receive_queue))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(unix_sk(sk)->oob_skb))
		mask |= EPOLLPRI;
	/* A connection that is not, or not any more. */
	if (sk->sk_type != SOCK_DGRAM && sk->sk_state == TCP_CLOSE)
		mask |= EPOLLHUP;
	return mask;
}

__poll_t unix_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask;

	sock_poll_wait(file, sock, wait);
	mask = common_mask(sk);
	if (unix_writable(sk))
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	return mask;
}

/* Is our peer's queue full?  Then we are told when it is not. */
static bool peer_is_full(struct sock *sk)
{
	struct sock *other;
	bool full;

	unix_state_lock(sk);
	other = unix_peer(sk);
	full = other && unix_peer(other) != sk && unix_recvq_full(other) &&
	       unix_peer_wake_me(sk, other);
	unix_state_unlock(sk);
	return full;
}

__poll_t unix_dgram_poll(struct file *file, struct socket *sock,
			 poll_table *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask;

	sock_poll_wait(file, sock, wait);
	mask = common_mask(sk);
	if (!(poll_requested_events(wait) &
	      (EPOLLWRBAND | EPOLLWRNORM | EPOLLOUT)))
		return mask;
	if (unix_writable(sk) && !peer_is_full(sk))
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	else
		set_bit(SOCK_ASYNC_NOSPACE, &sock->flags);
	return mask;
}
