/* SPDX-License-Identifier: MIT */
/*
 * tcp_send.c -- sendmsg(): the user's bytes into the write queue
 *
 * IDEA.  Bytes are copied once, into pages that the sock fills one after the
 * other (up to 32 KiB a block); the queue's last packet describes them as
 * fragments, and takes more until it is as large as the device likes.  So small
 * writes cost no packet each, and a large one is a few 64-KiB packets.
 *
 * sendfile() and splice() bring pages of files instead of bytes: the fragment
 * is then a reference to the page, and nothing is copied at all.  What the
 * file's writers change before the device or the reader takes it is sent
 * changed.
 *
 * When to push: at the end of the call, as Nagle and TCP_CORK let; when half of
 * the largest window is queued, at once (PSH).
 *
 * A full buffer: what fits was sent, and the caller waits for more room, or
 * gets what was sent so far, or -EAGAIN.
 */

#include "tcp_impl.h"

#include <drivers/blk_types.h>
#include <kernel/random.h>
#include <mm/gfp.h>
#include <mm/uio.h>

#define FRAG_ORDER 3

/* What is to be sent: the rest of a message, or of pieces of pages. */
struct source {
	struct iov_iter *iter;        /* NULL: the pieces */
	const struct bio_vec *piece;
	unsigned int done;            /* bytes of *piece */
	size_t left;                  /* bytes of this and the next ones */
};

static size_t bytes_left(const struct source *src)
{
	return src->iter ? iov_iter_count(src->iter) : src->left;
}

/* n more bytes of the piece are sent, at most all of it. */
static void advance(struct source *src, unsigned int n)
{
	src->left -= n;
	src->done += n;
	if (src->done == src->piece->bv_len) {
		src->piece++;
		src->done = 0;
	}
}

/* ---- where the bytes go ---- */

/* Room for at least a byte at frag_page + frag_off. */
static bool refill_frag(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	gfp_t gfp = sk->sk_allocation;
	struct page *page;

	if (tp->frag_page) {
		if (tp->frag_off < tp->frag_size)
			return true;
		put_page(tp->frag_page);
		tp->frag_page = NULL;
	}
	page = alloc_pages((gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_COMP |
			   __GFP_NOWARN | __GFP_NORETRY, FRAG_ORDER);
	tp->frag_size = PAGE_SIZE << FRAG_ORDER;
	if (!page) {
		page = alloc_pages(gfp, 0);
		tp->frag_size = PAGE_SIZE;
	}
	tp->frag_page = page;
	tp->frag_off = 0;
	return page != NULL;
}

/* skb's last piece, if what is at off of page goes on from there; NULL. */
static skb_frag_t *neighbour(struct sk_buff *skb, struct page *page,
			     unsigned int off)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	skb_frag_t *last = &shinfo->frags[shinfo->nr_frags - 1];

	return shinfo->nr_frags && last->bv_page == page &&
	       last->bv_offset + last->bv_len == off ? last : NULL;
}

static void describe(struct sk_buff *skb, struct page *page, unsigned int off,
		     unsigned int n)
{
	skb_frag_t *last = neighbour(skb, page, off);

	if (last) {
		last->bv_len += n;
		return;
	}
	get_page(page);
	skb_fill_page_desc(skb, skb_shinfo(skb)->nr_frags, page, off, n);
}

/* Up to n bytes of the source go behind skb's last: bytes taken, or -errno; 0:
 * skb can describe no more pieces. */
static int append(struct sock *sk, struct sk_buff *skb, struct source *src,
		  unsigned int n)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct page *page = src->iter ? tp->frag_page : src->piece->bv_page;
	unsigned int off = src->iter ? tp->frag_off :
				       src->piece->bv_offset + src->done;

	n = min(n, src->iter ? tp->frag_size - off :
			       src->piece->bv_len - src->done);
	if (skb_shinfo(skb)->nr_frags == MAX_SKB_FRAGS &&
	    !neighbour(skb, page, off))
		return 0;
	if (!tcp_wmem_schedule(sk, n))
		return -ENOBUFS;
	if (!src->iter) {
		advance(src, n);
	} else if (copy_from_iter((char *)page_address(page) + off, n,
				  src->iter) != n) {
		return -EFAULT;
	} else {
		tp->frag_off += n;
	}
	describe(skb, page, off, n);
	skb->len += n;
	skb->data_len += n;
	skb->truesize += n;
	tcp_wmem_queued_add(sk, n);
	return n;
}

/* ---- pushing ---- */

static void mark_push(struct tcp_sock *tp, struct sk_buff *skb)
{
	TCP_SKB_CB(skb)->tcp_flags |= TCPHDR_PSH;
	tp->pushed_seq = tp->write_seq;
}

static bool forced_push(const struct tcp_sock *tp)
{
	return after(tp->write_seq, tp->pushed_seq + (tp->max_window >> 1));
}

void tcp_push(struct sock *sk, int flags, int mss, int nonagle, int goal)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = tcp_write_queue_tail(sk);

	if (!skb)
		return;
	if (!(flags & MSG_MORE) || forced_push(tp))
		mark_push(tp, skb);
	if (flags & MSG_OOB)
		tp->snd_up = tp->write_seq;
	if (flags & MSG_MORE)
		nonagle = TCP_NAGLE_CORK;
	tcp_push_pending_frames(sk, mss, nonagle);
}

/* ---- waiting ---- */

/* Until it is connected: 0 or -errno.  lock_sock, dropped while it sleeps. */
int tcp_connect_wait(struct sock *sk, long *timeo)
{
	DEFINE_WAIT(wait);
	int err;

	for (;;) {
		err = sock_error(sk);
		if (err)
			return err;
		if ((1 << sk->sk_state) &
		    ~(1 << TCP_SYN_SENT | 1 << TCP_SYN_RECV))
			break;
		if (!*timeo)
			return -EAGAIN;
		if (signal_pending(current))
			return sock_intr_errno(*timeo);
		prepare_to_wait(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
		sk->sk_write_pending++;
		release_sock(sk);
		if ((1 << READ_ONCE(sk->sk_state)) &
		    (1 << TCP_SYN_SENT | 1 << TCP_SYN_RECV))
			*timeo = schedule_timeout(*timeo);
		lock_sock(sk);
		finish_wait(sk_sleep(sk), &wait);
		sk->sk_write_pending--;
	}
	return (1 << sk->sk_state) & (1 << TCP_ESTABLISHED |
				      1 << TCP_CLOSE_WAIT) ? 0 : -EPIPE;
}

/* Sleep for up to pause of the timeo jiffies: what is left of them. */
static long pause_within(long pause, long timeo)
{
	pause = min(pause, timeo);
	if (timeo == MAX_SCHEDULE_TIMEOUT) {
		schedule_timeout(pause);
		return timeo;
	}
	return timeo - pause + schedule_timeout(pause);
}

/*
 * Until there is room: 0 or -errno.  If our own buffer has room all of TCP has
 * none (tcp_mem): nobody will wake us, so look again soon; and meanwhile the
 * lock is free for the ACKs that make room.
 */
static int wait_memory(struct sock *sk, long *timeo)
{
	long pause = tcp_stream_memory_free(sk) ?
		     2 + get_random_u32_below(HZ / 5) : 0;
	DEFINE_WAIT(wait);
	int err = 0;

	for (;;) {
		set_bit(SOCK_ASYNC_NOSPACE, &sk->sk_socket->flags);
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		prepare_to_wait(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
		if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN)) {
			err = -EPIPE;
			break;
		}
		if (!*timeo) {
			err = -EAGAIN;
			break;
		}
		if (signal_pending(current)) {
			err = sock_intr_errno(*timeo);
			break;
		}
		clear_bit(SOCK_ASYNC_NOSPACE, &sk->sk_socket->flags);
		if (!pause && tcp_stream_memory_free(sk))
			break;
		sk->sk_write_pending++;
		release_sock(sk);
		if (pause)
			*timeo = pause_within(pause, *timeo);
		else if (!tcp_stream_memory_free(sk))
			*timeo = schedule_timeout(*timeo);
		lock_sock(sk);
		sk->sk_write_pending--;
		pause = 0;
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/* ---- sendmsg() ---- */

/* The packet that takes the next bytes; NULL: no room now. */
static struct sk_buff *open_packet(struct sock *sk, int goal)
{
	struct sk_buff *skb = tcp_write_queue_tail(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	if (skb && !TCP_SKB_CB(skb)->eor && (int)skb->len < goal &&
	    !(TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN))
		return skb;
	if (!tcp_stream_memory_free(sk))
		return NULL;
	skb = tcp_stream_alloc_skb(sk, sk->sk_allocation);
	if (!skb)
		return NULL;
	TCP_SKB_CB(skb)->tcp_flags = TCPHDR_ACK;
	TCP_SKB_CB(skb)->seq = TCP_SKB_CB(skb)->end_seq = tp->write_seq;
	__skb_queue_tail(&sk->sk_write_queue, skb);
	tcp_wmem_queued_add(sk, skb->truesize);
	if (tp->nonagle & TCP_NAGLE_PUSH)
		tp->nonagle &= ~TCP_NAGLE_PUSH;
	return skb;
}

/* An empty packet at the queue's end says nothing. */
static void remove_empty(struct sock *sk)
{
	struct sk_buff *skb = tcp_write_queue_tail(sk);

	if (skb && TCP_SKB_CB(skb)->seq == TCP_SKB_CB(skb)->end_seq) {
		__skb_unlink(skb, &sk->sk_write_queue);
		tcp_wmem_free_skb(sk, skb);
	}
}

/* Idle for longer than an RTO: what we know of the path is old. */
static void slow_start_after_idle(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	s32 idle = (u32)jiffies - tp->lsndtime;

	if (READ_ONCE(tcp_net(sk)->slow_start_after_idle) && !tp->packets_out &&
	    idle > (s32)inet_csk(sk)->icsk_rto)
		tcp_cwnd_restart(sk, idle);
}

/* Some of the source into the queue: bytes (more than 0), or -errno; -ENOSPC:
 * wait for room. */
static int send_some(struct sock *sk, struct source *src, int mss, int goal)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = open_packet(sk, goal);
	int n;

	if (!skb || (src->iter && !refill_frag(sk)))
		return -ENOSPC;
	n = append(sk, skb, src, min_t(size_t, goal - skb->len,
				       bytes_left(src)));
	if (n == -ENOBUFS)
		return -ENOSPC;
	if (n < 0)
		return n;
	if (n == 0) {                 /* it is full, in pieces */
		TCP_SKB_CB(skb)->eor = true;
		mark_push(tp, skb);
		return 0;
	}
	WRITE_ONCE(tp->write_seq, tp->write_seq + n);
	TCP_SKB_CB(skb)->end_seq += n;
	tcp_set_skb_tso_segs(skb, mss);
	return n;
}

/* Enough is queued to send some of it while we copy on. */
static void push_on_the_way(struct sock *sk, struct sk_buff *skb, int mss,
			    int goal)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if ((int)skb->len < goal && !TCP_SKB_CB(skb)->eor)
		return;
	if (forced_push(tp)) {
		mark_push(tp, skb);
		tcp_push_pending_frames(sk, mss, TCP_NAGLE_PUSH);
	} else if (skb == tcp_send_head(sk)) {
		tcp_push_one(sk, mss);
	}
}

/* 0: may send; or -errno. */
static int may_send(struct sock *sk, long *timeo)
{
	int err;

	if ((1 << sk->sk_state) & ~(1 << TCP_ESTABLISHED |
				    1 << TCP_CLOSE_WAIT)) {
		err = tcp_connect_wait(sk, timeo);
		if (err)
			return err;
	}
	if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN))
		return -EPIPE;
	return 0;
}

/* What the call returns: bytes if any; a broken stream is a SIGPIPE. */
static int result(struct sock *sk, int flags, int copied, int err)
{
	remove_empty(sk);
	if (copied)
		return copied;
	return sk_stream_error(sk, flags, err);
}

/* lock_sock held, dropped while it waits: bytes or -errno. */
static int send_source(struct sock *sk, struct source *src, int flags)
{
	long timeo = sock_sndtimeo(sk, flags & MSG_DONTWAIT);
	struct tcp_sock *tp = tcp_sk(sk);
	int copied = 0, mss, goal, err, n;

	err = may_send(sk, &timeo);
	if (err)
		return result(sk, flags, 0, err);
	if (sk->sk_socket)
		clear_bit(SOCK_ASYNC_NOSPACE, &sk->sk_socket->flags);
	slow_start_after_idle(sk);
	mss = tcp_send_mss(sk, &goal, flags);
	while (bytes_left(src)) {
		if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN)) {
			err = -EPIPE;
			break;
		}
		n = send_some(sk, src, mss, goal);
		if (n == -ENOSPC) {
			remove_empty(sk);
			/* Pages of a call before this may be corked. */
			if (copied || !src->iter)
				tcp_push(sk, flags & ~MSG_MORE, mss,
					 TCP_NAGLE_PUSH, goal);
			err = wait_memory(sk, &timeo);
			if (err)
				break;
			mss = tcp_send_mss(sk, &goal, flags);
			continue;
		}
		if (n < 0) {
			err = n;
			break;
		}
		copied += n;
		if (bytes_left(src) && !(flags & MSG_OOB) &&
		    tcp_write_queue_tail(sk))
			push_on_the_way(sk, tcp_write_queue_tail(sk), mss,
					goal);
	}
	if (copied) {
		if ((flags & MSG_EOR) && tcp_write_queue_tail(sk))
			TCP_SKB_CB(tcp_write_queue_tail(sk))->eor = true;
		tcp_push(sk, flags, mss, tp->nonagle, goal);
	}
	return result(sk, flags, copied, err);
}

int tcp_sendmsg_locked(struct sock *sk, struct msghdr *msg, size_t size)
{
	struct source src = { .iter = &msg->msg_iter };

	return send_source(sk, &src, msg->msg_flags);
}

/* proto.sendmsg */
int tcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size)
{
	int n;

	lock_sock(sk);
	n = tcp_sendmsg_locked(sk, msg, size);
	release_sock(sk);
	return n;
}

/* proto_ops.sendpages: the stream gets references to the pages. */
ssize_t tcp_sendpages(struct socket *sock, const struct bio_vec *vec,
		      unsigned int nr, int flags)
{
	struct source src = { .piece = vec };
	struct sock *sk = sock->sk;
	int n;

	for (unsigned int i = 0; i < nr; i++)
		src.left += vec[i].bv_len;
	lock_sock(sk);
	n = send_source(sk, &src, flags);
	release_sock(sk);
	return n;
}
