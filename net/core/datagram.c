/* SPDX-License-Identifier: MIT */
/*
 * datagram.c -- taking whole packets off a receive queue
 *
 * IDEA.  The usual receiver: look at the queue; nothing there: an error, the
 * end, or sleep until the queue changes.  A peek takes a reference and leaves
 * the packet where it is; with SO_PEEK_OFF it passes packets that lie before.
 *
 * CONTEXT.  Process, no locks; the queue's lock is taken inside.
 */

#include <net/sock.h>

#include <fs/poll.h>
#include <kernel/kernel.h>

/* The packet that a peek at *off means, and where in it; queue lock held. */
static struct sk_buff *find_peeked(struct sk_buff_head *q, int *off)
{
	struct sk_buff *skb;

	skb_queue_walk(q, skb) {
		if (*off >= (int)skb->len && (skb->len || *off)) {
			*off -= skb->len;
			continue;
		}
		skb->peeked = 1;
		refcount_inc(&skb->users);
		return skb;
	}
	return NULL;
}

struct sk_buff *skb_try_recv(struct sock *sk, unsigned int flags, int *off,
			     struct sk_buff **last)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb;
	unsigned long irq;

	spin_lock_irqsave(&q->lock, irq);
	if (flags & MSG_PEEK)
		skb = find_peeked(q, off);
	else
		skb = __skb_dequeue(q);
	if (!skb)
		*last = skb_peek_tail(q);
	spin_unlock_irqrestore(&q->lock, irq);
	return skb;
}

static bool queue_unchanged(struct sock *sk, const struct sk_buff *last)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;

	return READ_ONCE(q->prev) == (last ? last : (struct sk_buff *)q);
}

/* May a receiver sleep now?  0, or what to say: 1 is the end. */
static int reason_not_to_wait(struct sock *sk, long timeo)
{
	int err = sock_error(sk);

	if (err)
		return err;
	if (READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN)
		return 1;
	if (sk->sk_type == SOCK_SEQPACKET && sk->sk_state != TCP_ESTABLISHED &&
	    sk->sk_state != TCP_LISTEN)
		return -ENOTCONN;
	return signal_pending(current) ? sock_intr_errno(timeo) : 0;
}

/* For our exclusive sleepers: a wake-up that is not about reading is not
 * theirs to eat. */
static int receiver_wake(wait_queue_entry_t *wait, unsigned int mode, int sync,
			 void *key)
{
	if (key && !(key_to_poll(key) & (EPOLLIN | EPOLLERR)))
		return 0;
	return autoremove_wake_function(wait, mode, sync, key);
}

/* Until the queue ends in another packet than last: 0, 1 the end, -errno. */
int skb_wait_for_more(struct sock *sk, long *timeo, const struct sk_buff *last)
{
	DEFINE_WAIT_FUNC(wait, receiver_wake);
	int err = 0;

	prepare_to_wait_exclusive(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
	if (queue_unchanged(sk, last)) {
		err = reason_not_to_wait(sk, *timeo);
		if (!err)
			*timeo = schedule_timeout(*timeo);
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

struct sk_buff *skb_recv_datagram(struct sock *sk, unsigned int flags, int *err)
{
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	struct sk_buff *skb, *last;
	int off = 0;

	*err = sock_error(sk);
	if (*err)
		return NULL;
	for (;;) {
		skb = skb_try_recv(sk, flags, &off, &last);
		if (skb)
			return skb;
		*err = -EAGAIN;
		if (!timeo)
			return NULL;
		*err = skb_wait_for_more(sk, &timeo, last);
		if (*err) {
			*err = *err > 0 ? 0 : *err;
			return NULL;
		}
	}
}

void skb_free_datagram(struct sock *sk, struct sk_buff *skb)
{
	consume_skb(skb);
}

/* Readiness of a socket whose only states are bound and connected. */
__poll_t datagram_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	struct sock *sk = sock->sk;
	u8 shutdown;
	__poll_t mask = 0;

	sock_poll_wait(file, sock, wait);
	shutdown = READ_ONCE(sk->sk_shutdown);
	if (READ_ONCE(sk->sk_err) ||
	    !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (shutdown == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (!skb_queue_empty_lockless(&sk->sk_receive_queue))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (sock_writeable(sk))
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	else
		set_bit(SOCK_ASYNC_NOSPACE, &sk->sk_socket->flags);
	return mask;
}

/* ---- SO_PEEK_OFF ---- */

void sk_peek_offset_bwd(struct sock *sk, int val)
{
	int off = READ_ONCE(sk->sk_peek_off);

	if (off >= 0)
		WRITE_ONCE(sk->sk_peek_off, max(off - val, 0));
}

void sk_peek_offset_fwd(struct sock *sk, int val)
{
	int off = READ_ONCE(sk->sk_peek_off);

	if (off >= 0)
		WRITE_ONCE(sk->sk_peek_off, off + val);
}
