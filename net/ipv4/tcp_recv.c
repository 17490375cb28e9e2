/* SPDX-License-Identifier: MIT */
/*
 * tcp_recv.c -- recvmsg(): the stream to the user
 *
 * IDEA.  copied_seq is the next byte that the user wants; the queue's packets
 * are in order, but may begin before it.  Bytes are copied out packet by packet
 * until the buffer is full, the stream ends, the urgent byte stands in the way,
 * or nothing more is there and enough was read: SO_RCVLOWAT, or all for
 * MSG_WAITALL.  A reader that waits first works off the backlog.
 *
 * URGENT.  The byte at urg_seq is skipped (unless SO_OOBINLINE), and a read
 * stops in front of it, so that SIOCATMARK can find it.
 *
 * SPLICE.  The same, but the bytes go into a pipe: skb_splice_bits() gives it
 * references to the pages where they are.
 *
 * MSG_TRUNC throws bytes away instead of copying them; MSG_PEEK leaves them.
 */

#include "tcp_impl.h"

#include <fs/fs.h>
#include <mm/uio.h>
#include <net/inet_common.h>
#include <net/scm.h>

/* ---- MSG_OOB ---- */

static int recv_urgent(struct sock *sk, struct msghdr *msg, size_t len,
		       int flags)
{
	struct tcp_sock *tp = tcp_sk(sk);
	char c;

	if (sock_flag(sk, SOCK_URGINLINE) || !tp->urg_data ||
	    tp->urg_data == TCP_URG_READ)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (tp->urg_data & TCP_URG_VALID) {
		c = (char)tp->urg_data;
		if (!(flags & MSG_PEEK))
			WRITE_ONCE(tp->urg_data, TCP_URG_READ);
		msg->msg_flags |= MSG_OOB;
		if (len == 0) {
			msg->msg_flags |= MSG_TRUNC;
			return 0;
		}
		if (!(flags & MSG_TRUNC) &&
		    copy_to_iter(&c, 1, &msg->msg_iter) != 1)
			return -EFAULT;
		return 1;
	}
	if (sk->sk_state == TCP_CLOSE || (sk->sk_shutdown & RCV_SHUTDOWN))
		return 0;
	return -EAGAIN;
}

/* ---- the stream ---- */

struct reader {
	u32 *seq;                     /* &copied_seq, or a peeker's own */
	u32 peek_seq;
	size_t len;                   /* bytes still wanted */
	int copied, target, flags;
	struct pipe_inode_info *pipe; /* where the bytes go, or NULL: a msg */
};

/* The packet with byte *seq, and where in it; a packet that was read wholly is
 * freed on the way.  NULL: not there yet.  fin: it stands at a FIN. */
static struct sk_buff *find(struct sock *sk, struct reader *r, u32 *offset,
			    bool *fin)
{
	struct sk_buff *skb;

	*fin = false;
	skb_queue_walk(&sk->sk_receive_queue, skb) {
		u32 off = *r->seq - TCP_SKB_CB(skb)->seq;

		if ((s32)off < 0)
			return NULL;  /* a hole: cannot be */
		if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_SYN)
			off--;
		if (off < skb->len) {
			*offset = off;
			return skb;
		}
		if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN) {
			*fin = true;
			return skb;
		}
	}
	return NULL;
}

static void eat(struct sock *sk, struct sk_buff *skb)
{
	__skb_unlink(skb, &sk->sk_receive_queue);
	__kfree_skb(skb);
}

/* How many of n bytes may be read before the urgent one; *skip: it is the
 * first, and not to be read here. */
static u32 up_to_urgent(struct sock *sk, const struct reader *r, u32 n,
			bool *skip)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 dist;

	*skip = false;
	if (likely(!tp->urg_data))
		return n;
	dist = tp->urg_seq - *r->seq;
	if (dist >= n)
		return n;
	if (dist)
		return dist;
	if (!sock_flag(sk, SOCK_URGINLINE)) {
		*skip = true;
		return n;
	}
	return n;
}

static void urgent_passed(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->urg_data && after(tp->copied_seq, tp->urg_seq))
		WRITE_ONCE(tp->urg_data, 0);
}

/* The stream has ended at *seq.  The FIN goes with the last byte before it: a
 * reader who asked for just those has read all, and its close() is no abort. */
static void take_fin(struct sock *sk, struct reader *r, struct sk_buff *skb)
{
	WRITE_ONCE(*r->seq, *r->seq + 1);
	if (!(r->flags & MSG_PEEK))
		eat(sk, skb);
}

/* From skb at offset: 0 go on, 1 stop; -errno. */
static int take(struct sock *sk, struct msghdr *msg, struct reader *r,
		struct sk_buff *skb, u32 offset)
{
	u32 used = min_t(size_t, skb->len - offset, r->len);
	bool skip;
	int err;

	used = up_to_urgent(sk, r, used, &skip);
	if (skip) {
		WRITE_ONCE(*r->seq, *r->seq + 1);
		offset++;
		used--;
	}
	if (used && r->pipe) {
		err = skb_splice_bits(skb, offset, r->pipe, used);
		if (err <= 0)
			return r->copied ? 1 : err;
		used = err;
	} else if (used && !(r->flags & MSG_TRUNC)) {
		err = skb_copy_datagram_msg(skb, offset, msg, used);
		if (err)
			return r->copied ? 1 : -EFAULT;
	}
	WRITE_ONCE(*r->seq, *r->seq + used);
	r->copied += used;
	r->len -= used;
	if (!(r->flags & MSG_PEEK))
		urgent_passed(sk);
	if (offset + used < skb->len)
		return 0;
	if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN) {
		take_fin(sk, r, skb);
		return 1;
	}
	if (!(r->flags & MSG_PEEK)) {
		tcp_rcv_space_adjust(sk);
		eat(sk, skb);
	}
	return 0;
}

/* Nothing is there: is there a reason not to wait?  0: wait; 1: return what
 * there is; -errno. */
static int reason_to_stop(struct sock *sk, const struct reader *r, long timeo)
{
	int err;

	if (r->copied) {
		if (sk->sk_err || sk->sk_state == TCP_CLOSE ||
		    (sk->sk_shutdown & RCV_SHUTDOWN) || !timeo ||
		    signal_pending(current))
			return 1;
		return 0;
	}
	if (sock_flag(sk, SOCK_DONE))
		return 1;
	err = sock_error(sk);
	if (err)
		return err;
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 1;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!timeo)
		return -EAGAIN;
	return signal_pending(current) ? sock_intr_errno(timeo) : 0;
}

static bool at_urgent(const struct sock *sk, const struct reader *r)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return unlikely(tp->urg_data) && tp->urg_seq == *r->seq && r->copied;
}

/* 0 or -errno; r->copied bytes were read. */
static int read_stream(struct sock *sk, struct msghdr *msg, struct reader *r,
		       long timeo)
{
	do {
		struct sk_buff *skb, *last;
		u32 offset;
		bool fin;
		int err;

		if (at_urgent(sk, r))
			return 0;
		skb = find(sk, r, &offset, &fin);
		if (skb && fin) {
			take_fin(sk, r, skb);
			return 0;
		}
		if (skb) {
			err = take(sk, msg, r, skb, offset);
			if (err)
				return err < 0 ? err : 0;
			continue;
		}
		if (r->copied >= r->target && !READ_ONCE(sk->sk_backlog.tail))
			return 0;
		err = reason_to_stop(sk, r, timeo);
		if (err)
			return err < 0 ? err : 0;
		tcp_cleanup_rbuf(sk, r->copied);
		if (r->copied >= r->target) {
			__sk_flush_backlog(sk);
			if (skb_queue_empty(&sk->sk_receive_queue) ||
			    !find(sk, r, &offset, &fin))
				return 0;
			continue;
		}
		last = skb_peek_tail(&sk->sk_receive_queue);
		sk_wait_data(sk, &timeo, last);
		if ((r->flags & MSG_PEEK) && r->copied == 0)
			r->peek_seq = tcp_sk(sk)->copied_seq +
				      sk_peek_offset(sk, r->flags);
	} while (r->len > 0);
	return 0;
}

/* TCP_INQ: how much more there is. */
static void put_inq(struct sock *sk, struct msghdr *msg)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int inq = tp->rcv_nxt - tp->copied_seq;

	if (inq && sock_flag(sk, SOCK_DONE))
		inq--;
	put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(inq), &inq);
}

static int recvmsg_locked(struct sock *sk, struct msghdr *msg, size_t len,
			  int flags)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct reader r = { .seq = &tp->copied_seq, .len = len,
			    .flags = flags };
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	int err;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	if (flags & MSG_OOB)
		return recv_urgent(sk, msg, len, flags);
	if (flags & MSG_PEEK) {
		r.peek_seq = tp->copied_seq + sk_peek_offset(sk, flags);
		r.seq = &r.peek_seq;
	}
	r.target = sock_rcvlowat(sk, flags & MSG_WAITALL, len);
	err = len ? read_stream(sk, msg, &r, timeo) : 0;
	if (err && !r.copied)
		return err;
	if (!(flags & MSG_PEEK))
		tcp_cleanup_rbuf(sk, r.copied);
	if (flags & MSG_PEEK)
		sk_peek_offset_fwd(sk, r.copied);
	else
		sk_peek_offset_bwd(sk, r.copied);
	if (tp->recvmsg_inq)
		put_inq(sk, msg);
	return r.copied;
}

/* proto.recvmsg */
int tcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		int *addr_len)
{
	int n;

	if (flags & MSG_ERRQUEUE)
		return inet_recv_error(sk, msg, len, addr_len);
	lock_sock(sk);
	n = recvmsg_locked(sk, msg, len, flags);
	release_sock(sk);
	return n;
}

/* proto_ops.splice_read: what there is, up to len and the pipe's room; waits
 * for the first byte only. */
ssize_t tcp_splice_read(struct socket *sock, loff_t *ppos,
			struct pipe_inode_info *pipe, size_t len,
			unsigned int flags)
{
	struct sock *sk = sock->sk;
	struct tcp_sock *tp = tcp_sk(sk);
	struct reader r = { .seq = &tp->copied_seq, .target = 1, .pipe = pipe,
			    .len = min_t(size_t, len, INT_MAX) };
	int err = -ENOTCONN;
	long timeo;

	lock_sock(sk);
	timeo = sock_rcvtimeo(sk, sock->file->f_flags & O_NONBLOCK);
	if (sk->sk_state != TCP_LISTEN)
		err = r.len ? read_stream(sk, NULL, &r, timeo) : 0;
	if (r.copied)
		tcp_cleanup_rbuf(sk, r.copied);
	release_sock(sk);
	return r.copied ? r.copied : err;
}
