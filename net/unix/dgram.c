/* SPDX-License-Identifier: MIT */
/*
 * dgram.c -- messages: SOCK_DGRAM, SOCK_SEQPACKET
 *
 * PROMISE.  A message arrives whole or not at all, in order; a receiver that
 * does not keep up makes his senders wait (or EAGAIN), he loses nothing.
 *
 * IDEA.  One packet a message.  A receiver's queue holds net.unix.
 * max_dgram_qlen messages of those that are not his peer; a peer is limited by
 * his own send buffer alone.
 *
 * Who is connected hears from his peer only: others get EPERM.  When a
 * datagram peer dies the sender learns it by ECONNREFUSED, and is unconnected.
 *
 * LOCKING.  The receiver's state lock while a message is queued; both, when it
 * may have to note that we wait for room (poll.c).
 */

#include "unix.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>

#define FRAG_ORDER 3

/* May sk send to other? */
static bool may_send(struct sock *sk, struct sock *other)
{
	struct sock *peer = unix_peer(other);

	return !peer || peer == sk;
}

/* What old, no longer our peer, had sent is of no use. */
static void disconnected(struct sock *sk, struct sock *old)
{
	if (!skb_queue_empty(&sk->sk_receive_queue)) {
		skb_queue_purge(&sk->sk_receive_queue);
		wake_up_interruptible_all(&unix_sk(sk)->peer_wait);
		if (!sock_flag(old, SOCK_DEAD) && unix_peer(old) == sk) {
			WRITE_ONCE(old->sk_err, ECONNRESET);
			sk_error_report(old);
		}
	}
	old->sk_state = TCP_CLOSE;
}

/* Off old's list of waiters; who polls us looks again. */
static void stop_waiting_for(struct sock *sk, struct sock *old)
{
	unix_peer_wake_disconnect(sk, old);
	wake_up_interruptible_poll(sk_sleep(sk), EPOLLOUT | EPOLLWRNORM |
				   EPOLLWRBAND);
}

/* ---- connecting: only a note of whom to send to ---- */

/* The sock of that name, and its state lock and sk's; ERR_PTR. */
static struct sock *lock_receiver(struct sock *sk, struct sockaddr_un *name,
				  int len)
{
	struct sock *other;

	for (;;) {
		other = unix_find_other(sock_net(sk), name, len, sk->sk_type);
		if (IS_ERR(other))
			return other;
		unix_state_double_lock(sk, other);
		if (!sock_flag(other, SOCK_DEAD))
			break;
		unix_state_double_unlock(sk, other);
		sock_put(other);
	}
	if (may_send(sk, other))
		return other;
	unix_state_double_unlock(sk, other);
	sock_put(other);
	return ERR_PTR(-EPERM);
}

int unix_dgram_connect(struct socket *sock, struct sockaddr *uaddr, int len,
		       int flags)
{
	struct sockaddr_un *name = (struct sockaddr_un *)uaddr;
	struct sock *sk = sock->sk, *other = NULL, *old;
	int err;

	if (len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;
	if (uaddr->sa_family != AF_UNSPEC) {
		err = unix_validate_addr(name, len);
		if (err)
			return err;
		if (test_bit(SOCK_PASSCRED, &sock->flags) && !unix_addr(sk)) {
			err = unix_autobind(sk);
			if (err)
				return err;
		}
		other = lock_receiver(sk, name, len);
		if (IS_ERR(other))
			return PTR_ERR(other);
		sk->sk_state = other->sk_state = TCP_ESTABLISHED;
	} else {
		unix_state_lock(sk);
	}
	old = unix_peer(sk);
	unix_peer(sk) = other;
	if (old && !other)
		sk->sk_state = TCP_CLOSE;
	if (old)
		stop_waiting_for(sk, old);
	unix_state_double_unlock(sk, other);
	if (old) {
		if (old != other)
			disconnected(sk, old);
		sock_put(old);
	}
	return 0;
}

/* ---- sending ---- */

/* A packet with the whole message; ERR_PTR. */
static struct sk_buff *make_packet(struct sock *sk, struct msghdr *msg,
				   size_t len, struct scm_cookie *scm)
{
	size_t in_pages = 0;
	struct sk_buff *skb;
	int err;

	if (len > (size_t)READ_ONCE(sk->sk_sndbuf) - 32)
		return ERR_PTR(-EMSGSIZE);
	if (len > SKB_MAX_ALLOC)
		in_pages = min(len, PAGE_ALIGN(len - SKB_MAX_ALLOC));
	skb = sock_alloc_send_pskb(sk, len - in_pages, in_pages,
				   msg->msg_flags & MSG_DONTWAIT, &err,
				   FRAG_ORDER);
	if (!skb)
		return ERR_PTR(err);
	err = unix_scm_to_skb(scm, skb, true);
	if (err)
		goto out;
	skb_put(skb, len - in_pages);
	skb->data_len = in_pages;
	skb->len = len;
	err = skb_copy_datagram_from_iter(skb, 0, &msg->msg_iter, len);
	if (!err)
		return skb;
out:
	kfree_skb(skb);
	return ERR_PTR(err);
}

/*
 * other (reference consumed) is dead.  -EPIPE, -ECONNREFUSED if it was our
 * peer; 0: look its name up again.
 */
static int receiver_is_dead(struct sock *sk, struct sock *other)
{
	int err = 0;

	unix_state_lock(sk);
	if (sk->sk_type == SOCK_SEQPACKET) {
		unix_state_unlock(sk);
		err = -EPIPE;
	} else if (unix_peer(sk) == other) {
		unix_peer(sk) = NULL;
		stop_waiting_for(sk, other);
		sk->sk_state = TCP_CLOSE;
		unix_state_unlock(sk);
		disconnected(sk, other);
		sock_put(other);
		err = -ECONNREFUSED;
	} else {
		unix_state_unlock(sk);
	}
	sock_put(other);
	return err;
}

/* Both state locks are to be held: note that we wait.  True: there is room. */
static bool room_after_all(struct sock *sk, struct sock *other)
{
	bool room;

	unix_state_double_lock(sk, other);
	room = unix_peer(sk) == other && !unix_peer_wake_me(sk, other);
	unix_state_double_unlock(sk, other);
	return room;
}

enum { LOOK_AGAIN = 1, IS_DEAD = 2 };

/* One try to queue skb at other, whose reference is kept: 0, -errno, or one
 * of the above. */
static int try_deliver(struct socket *sock, struct sock *other,
		       struct sk_buff *skb, long *timeo)
{
	struct sock *sk = sock->sk;
	int err;

	unix_state_lock(other);
	err = -EPERM;
	if (!may_send(sk, other))
		goto out;
	err = IS_DEAD;
	if (sock_flag(other, SOCK_DEAD))
		goto out;
	err = -EPIPE;
	if (other->sk_shutdown & RCV_SHUTDOWN)
		goto out;
	if (other != sk && unix_peer(other) != sk && unix_recvq_full(other)) {
		if (!*timeo) {
			unix_state_unlock(other);
			return room_after_all(sk, other) ? LOOK_AGAIN :
							  -EAGAIN;
		}
		*timeo = unix_wait_for_peer(other, *timeo);
		return signal_pending(current) ? sock_intr_errno(*timeo)
					       : LOOK_AGAIN;
	}
	if (sock_flag(other, SOCK_RCVTSTAMP))
		skb->tstamp = ktime_get_real();
	unix_add_creds(skb, sock, other);
	skb_queue_tail(&other->sk_receive_queue, skb);
	unix_state_unlock(other);
	other->sk_data_ready(other);
	return 0;
out:
	unix_state_unlock(other);
	return err;
}

/* A message on its way to a name, or to the peer. */
struct sending {
	struct sock *other;           /* counted; NULL: look the name up */
	struct sockaddr_un *name;     /* NULL: to the peer */
	int namelen;
	long timeo;
};

/* 0: it is delivered; other's reference is consumed in any case. */
static int deliver(struct socket *sock, struct sending *s, struct sk_buff *skb)
{
	struct sock *sk = sock->sk;
	int err;

	for (;;) {
		if (!s->other && !s->name)
			return -ECONNRESET;
		if (!s->other)
			s->other = unix_find_other(sock_net(sk), s->name,
						   s->namelen, sk->sk_type);
		if (IS_ERR(s->other))
			return PTR_ERR(s->other);
		err = try_deliver(sock, s->other, skb, &s->timeo);
		if (err == LOOK_AGAIN)
			continue;
		if (err != IS_DEAD)
			break;
		err = receiver_is_dead(sk, s->other);
		s->other = NULL;
		if (err)
			return err;
	}
	sock_put(s->other);
	return err;
}

/* Whom to send to, and what we must be called for that. */
static int find_target(struct socket *sock, struct msghdr *msg,
		       struct sending *s)
{
	struct sock *sk = sock->sk;
	int err;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	s->timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	if (msg->msg_namelen) {
		s->name = msg->msg_name;
		s->namelen = msg->msg_namelen;
		err = unix_validate_addr(s->name, s->namelen);
		if (err)
			return err;
	} else {
		s->other = unix_peer_get(sk);
		if (!s->other)
			return -ENOTCONN;
	}
	if (!test_bit(SOCK_PASSCRED, &sock->flags) || unix_addr(sk))
		return 0;
	return unix_autobind(sk);
}

int unix_dgram_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sending s = { 0 };
	struct scm_cookie scm;
	struct sk_buff *skb;
	int err;

	wait_for_unix_gc();
	err = scm_send(sock, msg, &scm, false);
	if (err < 0)
		return err;
	err = find_target(sock, msg, &s);
	if (err)
		goto out;
	skb = make_packet(sock->sk, msg, len, &scm);
	if (IS_ERR(skb)) {
		err = PTR_ERR(skb);
		goto out;
	}
	err = deliver(sock, &s, skb);
	s.other = NULL;
	if (err)
		kfree_skb(skb);
out:
	if (s.other)
		sock_put(s.other);
	scm_destroy(&scm);
	return err ? err : (int)len;
}

int unix_seqpacket_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	int err = sock_error(sock->sk);

	if (err)
		return err;
	if (sock->sk->sk_state != TCP_ESTABLISHED)
		return -ENOTCONN;
	msg->msg_namelen = 0;
	return unix_dgram_sendmsg(sock, msg, len);
}

/* ---- receiving ---- */

/*
 * The next message, with iolock held; NULL without it, and *err.  skip: where
 * in the message a peek begins.
 */
static struct sk_buff *next_message(struct sock *sk, int flags, int *skip,
				    int *err)
{
	struct mutex *iolock = &unix_sk(sk)->iolock;
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	struct sk_buff *skb, *last;

	for (;;) {
		mutex_lock(iolock);
		*skip = sk_peek_offset(sk, flags);
		*err = sock_error(sk);
		skb = *err ? NULL : skb_try_recv(sk, flags, skip, &last);
		if (skb)
			return skb;
		mutex_unlock(iolock);
		if (*err)
			return NULL;
		*err = -EAGAIN;
		if (!timeo)
			break;
		*err = skb_wait_for_more(sk, &timeo, last);
		if (*err)
			break;
	}
	if (*err > 0)                 /* shut down */
		*err = 0;
	if (*err == -EAGAIN && sk->sk_type == SOCK_SEQPACKET &&
	    (READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN))
		*err = 0;
	return NULL;
}

/* Give skb's data, from skip on, and its passengers to the user. */
static int read_message(struct socket *sock, struct msghdr *msg,
			struct sk_buff *skb, int skip, int flags)
{
	struct scm_cookie scm = { 0 };
	struct sock *sk = sock->sk;
	int left = skb->len - skip, size, err;

	size = min_t(size_t, iov_iter_count(&msg->msg_iter), left);
	if (size < left)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_msg(skb, skip, msg, size);
	if (err)
		return err;
	sock_recv_timestamp(msg, sk, skb);
	scm_set_cred(&scm, UNIXCB(skb).pid, UNIXCB(skb).uid, UNIXCB(skb).gid);
	if (flags & MSG_PEEK) {
		sk_peek_offset_fwd(sk, size);
		if (UNIXCB(skb).fp)
			unix_peek_fds(&scm, skb);
	} else {
		sk_peek_offset_bwd(sk, skb->len);
		if (UNIXCB(skb).fp)
			unix_detach_fds(&scm, skb);
	}
	scm_recv(sock, msg, &scm, flags);
	return flags & MSG_TRUNC ? left : size;
}

int unix_dgram_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
		       int flags)
{
	struct unix_sock *u = unix_sk(sock->sk);
	struct unix_address *addr;
	struct sk_buff *skb;
	int skip, err;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	skb = next_message(sock->sk, flags, &skip, &err);
	if (!skb)
		return err;
	if (wq_has_sleeper(&u->peer_wait))
		wake_up_interruptible_sync_poll(&u->peer_wait, EPOLLOUT |
						EPOLLWRNORM | EPOLLWRBAND);
	addr = unix_addr(skb->sk);
	if (msg->msg_name && addr) {
		msg->msg_namelen = addr->len;
		memcpy(msg->msg_name, addr->name, addr->len);
	}
	err = read_message(sock, msg, skb, skip, flags);
	skb_free_datagram(sock->sk, skb);
	mutex_unlock(&u->iolock);
	return err;
}

int unix_seqpacket_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
			   int flags)
{
	if (sock->sk->sk_state != TCP_ESTABLISHED)
		return -ENOTCONN;
	return unix_dgram_recvmsg(sock, msg, size, flags);
}
