/* SPDX-License-Identifier: MIT */
/*
 * stream.c -- bytes over a connection
 *
 * IDEA.  The sender cuts his bytes into packets and puts each into the peer's
 * queue; the reader takes bytes off the first packets, and notes in the packet
 * how far he has come.
 *
 * INVARIANTS
 *   I1  A read never joins bytes of two senders whose credentials differ, if
 *       it was asked to tell them, nor passes a packet with files: what came
 *       with a byte is told with that byte.
 *   I2  Files and credentials go with the first packet of a send.
 *
 * LOCKING.  iolock: one reader at a time, so that a packet's `consumed` is his.
 * The peer's state lock while a packet is queued: after SOCK_DEAD is set no
 * packet comes any more.
 */

#include "unix.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>

/* Bytes in pages that one packet may have; and in what blocks. */
#define FRAG_BYTES 32768
#define FRAG_ORDER 3

/* ---- sending ---- */

/* A packet with the next bytes of msg, at most size; ERR_PTR. */
static struct sk_buff *make_packet(struct sock *sk, struct msghdr *msg,
				   size_t size, struct scm_cookie *scm,
				   bool first)
{
	size_t in_pages = 0;
	struct sk_buff *skb;
	int err;

	/* Two packets fit into the buffer, so that both sides can work. */
	size = min_t(size_t, size, (READ_ONCE(sk->sk_sndbuf) >> 1) - 64);
	size = min_t(size_t, size, SKB_MAX_HEAD(0) + FRAG_BYTES);
	if (size > SKB_MAX_HEAD(0))
		in_pages = min(size, PAGE_ALIGN(size - SKB_MAX_HEAD(0)));
	skb = sock_alloc_send_pskb(sk, size - in_pages, in_pages,
				   msg->msg_flags & MSG_DONTWAIT, &err,
				   FRAG_ORDER);
	if (!skb)
		return ERR_PTR(err);
	err = unix_scm_to_skb(scm, skb, first);                 /* I2 */
	if (err)
		goto out;
	skb_put(skb, size - in_pages);
	skb->data_len = in_pages;
	skb->len = size;
	err = skb_copy_datagram_from_iter(skb, 0, &msg->msg_iter, size);
	if (!err)
		return skb;
out:
	kfree_skb(skb);
	return ERR_PTR(err);
}

/* Into the peer's queue; false: he reads no more. */
static bool deliver(struct socket *sock, struct sock *other,
		    struct sk_buff *skb, bool urgent)
{
	unix_state_lock(other);
	if (sock_flag(other, SOCK_DEAD) ||
	    (other->sk_shutdown & RCV_SHUTDOWN)) {
		unix_state_unlock(other);
		return false;
	}
	unix_add_creds(skb, sock, other);
	if (urgent)
		unix_oob_queued(other, skb);
	skb_queue_tail(&other->sk_receive_queue, skb);
	if (urgent)
		sk_send_sigurg(other);
	unix_state_unlock(other);
	other->sk_data_ready(other);
	return true;
}

/*
 * All of msg, the last byte apart if it is urgent, or as much as went before an
 * error: bytes or -errno.
 */
static ssize_t send_all(struct socket *sock, struct sock *other,
			struct msghdr *msg, size_t len, struct scm_cookie *scm)
{
	bool oob = msg->msg_flags & MSG_OOB;
	size_t sent = 0;

	while (sent < len) {
		bool urgent = oob && sent == len - 1;
		struct sk_buff *skb = make_packet(sock->sk, msg,
				len - sent - (oob && !urgent), scm, !sent);
		size_t size;

		if (IS_ERR(skb))
			return sent ? (ssize_t)sent : PTR_ERR(skb);
		size = skb->len;
		if (!deliver(sock, other, skb, urgent)) {
			kfree_skb(skb);
			break;
		}
		sent += size;
	}
	if (sent || !len)
		return sent;
	if (!(msg->msg_flags & MSG_NOSIGNAL))
		send_sig(SIGPIPE, current, 0);
	return -EPIPE;
}

int unix_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk, *other;
	struct scm_cookie scm;
	ssize_t n;

	wait_for_unix_gc();
	n = scm_send(sock, msg, &scm, false);
	if (n < 0)
		return n;
	n = -EOPNOTSUPP;
	if ((msg->msg_flags & MSG_OOB) && !len)
		goto out;
	if (msg->msg_namelen) {
		if (sk->sk_state == TCP_ESTABLISHED)
			n = -EISCONN;
		goto out;
	}
	n = -ENOTCONN;
	other = unix_peer(sk);        /* stays while our file is open */
	if (!other)
		goto out;
	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN) {
		n = -EPIPE;
		if (!(msg->msg_flags & MSG_NOSIGNAL))
			send_sig(SIGPIPE, current, 0);
		goto out;
	}
	n = send_all(sock, other, msg, len, &scm);
out:
	scm_destroy(&scm);
	return n;
}

/* ---- receiving ---- */

/* One recvmsg on its way. */
struct reading {
	struct socket *sock;
	struct msghdr *msg;
	struct scm_cookie scm;        /* what came along */
	size_t size;                  /* bytes still wanted */
	ssize_t copied;
	int target;                   /* enough: do not wait for more */
	int flags, skip;              /* skip: bytes that a peek passes */
	long timeo;
	bool creds;                   /* scm's are those of the first bytes */
};

static unsigned int unread(const struct sk_buff *skb)
{
	return skb->len - UNIXCB(skb).consumed;
}

/*
 * The packet from skb on in which byte *skip lies, *skip then counted from its
 * unread bytes; NULL: it has not come.  State locked.
 */
static struct sk_buff *pass_bytes(struct sock *sk, struct sk_buff *skb,
				  int *skip)
{
	for (; skb; skb = skb_peek_next(skb, &sk->sk_receive_queue)) {
		if (!unread(skb) || unix_oob_hides(sk, skb))
			continue;
		if (*skip < (int)unread(skb))
			break;
		*skip -= unread(skb);
	}
	return skb;
}

/* Until there are more than skip bytes, or there is news. */
static long wait_for_data(struct sock *sk, long timeo, int skip)
{
	DEFINE_WAIT(wait);

	unix_state_lock(sk);
	for (;;) {
		int passed = skip;

		prepare_to_wait(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
		if (pass_bytes(sk, skb_peek(&sk->sk_receive_queue), &passed) ||
		    sk->sk_err ||
		    (sk->sk_shutdown & RCV_SHUTDOWN) ||
		    signal_pending(current) || !timeo)
			break;
		set_bit(SOCK_ASYNC_WAITDATA, &sk->sk_socket->flags);
		unix_state_unlock(sk);
		timeo = schedule_timeout(timeo);
		unix_state_lock(sk);
		clear_bit(SOCK_ASYNC_WAITDATA, &sk->sk_socket->flags);
	}
	finish_wait(sk_sleep(sk), &wait);
	unix_state_unlock(sk);
	return timeo;
}

/* The packet to read next, r->skip passed, or NULL: *err says why. */
static struct sk_buff *next_packet(struct reading *r, struct sk_buff *after,
				   int *err)
{
	struct sock *sk = r->sock->sk;
	struct sk_buff *skb;

	*err = 0;
	unix_state_lock(sk);
	skb = after ? skb_peek_next(after, &sk->sk_receive_queue)
		    : skb_peek(&sk->sk_receive_queue);
	if (skb) {
		bool mark = unix_sk(sk)->oob_skb;

		skb = unix_oob_at(sk, skb, r->flags, r->copied);
		if (!skb && mark && r->copied)
			r->target = r->copied;   /* a read ends at the mark */
		skb = pass_bytes(sk, skb, &r->skip);
	}
	if (!skb && r->copied < r->target) {
		*err = sock_error(sk);
		if (!*err && !(sk->sk_shutdown & RCV_SHUTDOWN))
			*err = -EAGAIN;
	}
	unix_state_unlock(sk);
	return skb;
}

/* Does skb come from whom the bytes before came? */
static bool same_sender(const struct sk_buff *skb, const struct scm_cookie *scm)
{
	return UNIXCB(skb).pid == scm->pid && UNIXCB(skb).uid == scm->creds.uid &&
	       UNIXCB(skb).gid == scm->creds.gid;
}

static void copy_name(struct msghdr *msg, const struct sock *sk)
{
	struct unix_address *addr = unix_addr(sk);

	if (addr) {
		msg->msg_namelen = addr->len;
		memcpy(msg->msg_name, addr->name, addr->len);
	}
}

/* Copy from skb: true to go on with the next packet. */
static bool read_packet(struct reading *r, struct sk_buff *skb)
{
	struct sock *sk = r->sock->sk;
	int n = min_t(size_t, unread(skb) - r->skip, r->size);

	if (skb_copy_datagram_msg(skb, UNIXCB(skb).consumed + r->skip, r->msg,
				  n)) {
		if (!r->copied)
			r->copied = -EFAULT;
		return false;
	}
	r->copied += n;
	r->size -= n;
	r->skip = 0;
	if (r->flags & MSG_PEEK) {
		if (UNIXCB(skb).fp)
			unix_peek_fds(&r->scm, skb);
		sk_peek_offset_fwd(sk, n);
		return r->size && !UNIXCB(skb).fp;              /* I1 */
	}
	UNIXCB(skb).consumed += n;
	sk_peek_offset_bwd(sk, n);
	if (UNIXCB(skb).fp)
		unix_detach_fds(&r->scm, skb);
	if (unread(skb))
		return false;
	skb_unlink(skb, &sk->sk_receive_queue);
	consume_skb(skb);
	return r->size && !r->scm.fp;                           /* I1 */
}

/* Tell whom the first bytes are from; false: skb is another's. */
static bool check_sender(struct reading *r, struct sk_buff *skb)
{
	if (r->creds)
		return same_sender(skb, &r->scm);                /* I1 */
	if (test_bit(SOCK_PASSCRED, &r->sock->flags)) {
		scm_set_cred(&r->scm, UNIXCB(skb).pid, UNIXCB(skb).uid,
			     UNIXCB(skb).gid);
		r->creds = true;
	}
	if (r->msg->msg_name && !r->copied)
		copy_name(r->msg, skb->sk);
	return true;
}

/* iolock held, dropped while it waits.  0, or why nothing more comes. */
static int read_all(struct reading *r)
{
	struct mutex *iolock = &unix_sk(r->sock->sk)->iolock;
	struct sock *sk = r->sock->sk;
	struct sk_buff *skb = NULL;
	int err;

	for (;;) {
		/* A peek goes on behind what it has seen. */
		skb = next_packet(r, r->flags & MSG_PEEK ? skb : NULL, &err);
		if (skb) {
			if (!check_sender(r, skb) || !read_packet(r, skb))
				return 0;
			continue;
		}
		if (err != -EAGAIN || !r->timeo)
			return err;
		if ((r->flags & MSG_PEEK) && r->copied)
			return 0;
		mutex_unlock(iolock);
		r->timeo = wait_for_data(sk, r->timeo,
					 sk_peek_offset(sk, r->flags));
		err = signal_pending(current) ? sock_intr_errno(r->timeo) : 0;
		mutex_lock(iolock);
		if (err)
			return err;
		if (r->flags & MSG_PEEK)
			r->skip = sk_peek_offset(sk, r->flags);
	}
}

int unix_stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t size,
			int flags)
{
	struct unix_sock *u = unix_sk(sock->sk);
	struct reading r = {
		.sock = sock, .msg = msg, .size = size, .flags = flags,
		.target = sock_rcvlowat(sock->sk, flags & MSG_WAITALL, size),
		.timeo = sock_rcvtimeo(sock->sk, flags & MSG_DONTWAIT),
	};
	int err;

	if (sock->sk->sk_state != TCP_ESTABLISHED)
		return -EINVAL;
	if (flags & MSG_OOB) {
		mutex_lock(&u->iolock);
		err = size ? unix_oob_recv(sock->sk, msg, flags) : -EINVAL;
		mutex_unlock(&u->iolock);
		return err;
	}
	/* Of no size: a byte is awaited all the same, and brings its files. */
	mutex_lock(&u->iolock);
	r.skip = sk_peek_offset(sock->sk, flags);
	err = read_all(&r);
	mutex_unlock(&u->iolock);
	scm_recv(sock, msg, &r.scm, flags);
	return r.copied ? r.copied : err;
}
