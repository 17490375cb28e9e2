/* SPDX-License-Identifier: MIT */
/*
 * oob.c -- MSG_OOB over a stream: one byte that is urgent
 *
 * PROMISE.  The last byte of a send with MSG_OOB can be read by MSG_OOB before
 * what was sent earlier.  The owner of the file gets SIGURG, pollers EPOLLPRI.
 * The byte's place in the stream is the mark: an ordinary read stops there,
 * SIOCATMARK tells that it has, and the next read steps over the byte, or gives
 * it if the reader has set SO_OOBINLINE.
 *
 *	queue   [h e l l o] [!] [w o r l d]
 *	                     ^
 *	                  u->oob_skb, counted twice: by queue and pointer
 *
 * INVARIANTS
 *   I1  oob_skb is NULL, or a packet of one byte that is or was in the queue and
 *       whose byte was not read by MSG_OOB.
 *   I2  A second urgent byte takes the first one's place as oob_skb; the first
 *       stays in the stream as an ordinary byte.
 *
 * LOCKING.  The receiver's state lock for oob_skb; iolock for reading.
 *
 * SEE unix(7), "Sockets API"; stream.c.
 */

#include "unix.h"

#include <arch/uaccess.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>

/* other's state lock is held; skb, of one byte, is about to be queued. */
void unix_oob_queued(struct sock *other, struct sk_buff *skb)
{
	struct unix_sock *u = unix_sk(other);

	if (u->oob_skb)
		consume_skb(u->oob_skb);                         /* I2 */
	WRITE_ONCE(u->oob_skb, skb_get(skb));
}

/*
 * sk is closed; its state lock is held.  Not left to the end of its memory: the
 * byte holds who sent it, and may be waiting at both ends of a pair.
 */
void unix_oob_release(struct sock *sk)
{
	struct unix_sock *u = unix_sk(sk);

	if (u->oob_skb)
		kfree_skb(u->oob_skb);
	u->oob_skb = NULL;
}

/* The pointer's reference goes.  State lock held. */
static void forget(struct unix_sock *u)
{
	struct sk_buff *skb = u->oob_skb;

	WRITE_ONCE(u->oob_skb, NULL);
	consume_skb(skb);
}

/* recvmsg with MSG_OOB, iolock held: 1, or -EINVAL: there is no such byte. */
int unix_oob_recv(struct sock *sk, struct msghdr *msg, int flags)
{
	struct unix_sock *u = unix_sk(sk);
	struct sk_buff *skb = NULL;
	int err;

	unix_state_lock(sk);
	if (!sock_flag(sk, SOCK_URGINLINE) && u->oob_skb)
		skb = skb_get(u->oob_skb);
	if (skb && !(flags & MSG_PEEK)) {
		UNIXCB(skb).consumed++;     /* readers of the stream skip it */
		forget(u);
	}
	unix_state_unlock(sk);
	if (!skb)
		return -EINVAL;
	err = skb_copy_datagram_msg(skb, 0, msg, 1);
	consume_skb(skb);
	if (err)
		return -EFAULT;
	msg->msg_flags |= MSG_OOB;
	return 1;
}

/*
 * The stream's reader is at skb; iolock and the state lock are held.  What to
 * read: skb, a later packet, or NULL: there is nothing, or the mark, and the
 * reader stops at it because it has `copied` something.
 */
struct sk_buff *unix_oob_at(struct sock *sk, struct sk_buff *skb, int flags,
			    bool copied)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct unix_sock *u = unix_sk(sk);

	while (skb) {
		struct sk_buff *next = skb_peek_next(skb, q);

		if (skb == u->oob_skb) {
			if (copied)
				return NULL;
			if (sock_flag(sk, SOCK_URGINLINE)) {
				if (!(flags & MSG_PEEK))
					forget(u);
				return skb;
			}
			if (!(flags & MSG_PEEK))
				forget(u);
		} else if (skb->len != UNIXCB(skb).consumed) {
			return skb;
		}
		/* An urgent byte that was read, or that nobody wants. */
		if (!(flags & MSG_PEEK)) {
			skb_unlink(skb, q);
			consume_skb(skb);
		}
		skb = next;
	}
	return NULL;
}

/* SIOCATMARK: is the next byte the urgent one? */
int unix_oob_atmark(struct sock *sk, int __user *arg)
{
	struct sk_buff *skb;
	int at;

	unix_state_lock(sk);
	skb = skb_peek(&sk->sk_receive_queue);
	at = skb && skb == unix_sk(sk)->oob_skb;
	unix_state_unlock(sk);
	return put_user(at, arg) ? -EFAULT : 0;
}
