/* SPDX-License-Identifier: MIT */
/*
 * ip_error_queue.c -- errors that are kept until the program reads them
 *
 * PROMISE.  With IP_RECVERR each ICMP error is kept, with what it quotes, on
 * sk_error_queue; recvmsg(MSG_ERRQUEUE) reads them in order.  SO_RCVBUF bounds
 * them: what does not fit is lost.
 *
 * IDEA.  An error is the ICMP packet itself, cut down to the quoted payload,
 * with a sock_exterr_skb in its cb.  sk_err is the first one's, so that poll()
 * and the next call see it.
 *
 * LOCKING.  The queue's own lock.  Softirq queues, processes read.
 *
 * SEE ip(7), IP_RECVERR; icmp.c.
 */

#include <net/ip.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/icmp.h>
#include <net/scm.h>

/* In skb->cb on the error queue. */
struct sock_exterr_skb {
	struct inet_skb_parm h4;   /* .iif: where an in_pktinfo has its index */
	struct sock_extended_err ee;
	u16 addr_offset;              /* of the address we sent to */
	__be16 port;
};
static_assert(sizeof(struct sock_exterr_skb) <= sizeof(((struct sk_buff *)0)->cb),
	      "fits");
#define SKB_EXT_ERR(skb) ((struct sock_exterr_skb *)((skb)->cb))

static void queue_error(struct sock *sk, struct sk_buff *skb)
{
	if (atomic_read(&sk->sk_rmem_alloc) + skb->truesize >=
	    (unsigned int)READ_ONCE(sk->sk_rcvbuf)) {
		kfree_skb(skb);
		return;
	}
	skb_set_owner_r(skb, sk);
	skb_queue_tail(&sk->sk_error_queue, skb);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
}

void ip_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port,
		   u32 info, u8 *payload)
{
	struct sock_exterr_skb *serr;

	skb = skb_clone(skb, GFP_ATOMIC);
	if (!skb)
		return;
	skb_dst_drop(skb);
	serr = SKB_EXT_ERR(skb);
	serr->ee = (struct sock_extended_err){
		.ee_errno = err, .ee_origin = SO_EE_ORIGIN_ICMP,
		.ee_type = icmp_hdr(skb)->type, .ee_code = icmp_hdr(skb)->code,
		.ee_info = info,
	};
	serr->addr_offset = (u8 *)&((struct iphdr *)(icmp_hdr(skb) + 1))->daddr -
			    skb_network_header(skb);
	serr->port = port;
	if (!skb_pull(skb, payload - skb->data)) {
		kfree_skb(skb);
		return;
	}
	skb_reset_transport_header(skb);
	queue_error(sk, skb);
}

/* An error that we found ourselves: the packet was too big. */
void ip_local_error(struct sock *sk, int err, __be32 daddr, __be16 port,
		    u32 info)
{
	struct sock_exterr_skb *serr;
	struct sk_buff *skb;
	struct iphdr *iph;

	if (!inet_sk(sk)->recverr)
		return;
	skb = alloc_skb(sizeof(struct iphdr), GFP_ATOMIC);
	if (!skb)
		return;
	iph = skb_put(skb, sizeof(*iph));
	memset(iph, 0, sizeof(*iph));
	skb_reset_network_header(skb);
	iph->daddr = daddr;
	serr = SKB_EXT_ERR(skb);
	memset(serr, 0, sizeof(*serr));
	serr->ee.ee_errno = err;
	serr->ee.ee_origin = SO_EE_ORIGIN_LOCAL;
	serr->ee.ee_info = info;
	serr->addr_offset = __builtin_offsetof(struct iphdr, daddr);
	serr->port = port;
	__skb_pull(skb, skb->len);
	skb_reset_transport_header(skb);
	queue_error(sk, skb);
}

static struct sk_buff *dequeue_error(struct sock *sk)
{
	struct sk_buff_head *q = &sk->sk_error_queue;
	struct sk_buff *skb, *next;
	unsigned long irq;
	int err = 0;

	spin_lock_irqsave(&q->lock, irq);
	skb = __skb_dequeue(q);
	next = skb ? skb_peek(q) : NULL;
	if (next)
		err = SKB_EXT_ERR(next)->ee.ee_errno;
	spin_unlock_irqrestore(&q->lock, irq);
	if (skb) {
		WRITE_ONCE(sk->sk_err, err);
		if (err)
			sk_error_report(sk);
	}
	return skb;
}

static void tell_error(struct sock *sk, struct msghdr *msg, struct sk_buff *skb)
{
	struct sock_exterr_skb *serr = SKB_EXT_ERR(skb);
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in offender;
	} out = { .ee = serr->ee };

	if (serr->ee.ee_origin == SO_EE_ORIGIN_ICMP) {
		out.offender.sin_family = AF_INET;
		out.offender.sin_addr.s_addr = ip_hdr(skb)->saddr;
		ip_cmsg_recv_offset(msg, sk, skb, 0, 0);
	}
	put_cmsg(msg, SOL_IP, IP_RECVERR, sizeof(out), &out);
}

int ip_recv_error(struct sock *sk, struct msghdr *msg, int len, int *addr_len)
{
	struct sk_buff *skb = dequeue_error(sk);
	struct sockaddr_in *sin = msg->msg_name;
	int copied, err;

	if (!skb)
		return -EAGAIN;
	copied = skb->len;
	if (copied > len) {
		msg->msg_flags |= MSG_TRUNC;
		copied = len;
	}
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err)
		goto out;
	sock_recv_timestamp(msg, sk, skb);
	if (sin) {
		memset(sin, 0, sizeof(*sin));
		sin->sin_family = AF_INET;
		memcpy(&sin->sin_addr, skb_network_header(skb) +
		       SKB_EXT_ERR(skb)->addr_offset, 4);
		sin->sin_port = SKB_EXT_ERR(skb)->port;
		*addr_len = sizeof(*sin);
	}
	tell_error(sk, msg, skb);
	msg->msg_flags |= MSG_ERRQUEUE;
	err = copied;
out:
	consume_skb(skb);
	return err;
}
