/* SPDX-License-Identifier: MIT */
/*
 * skb_queue.c -- queues of packets
 *
 * IDEA.  A ring through the packets and the queue's head, which has the same
 * first two fields.  A packet is on one queue at most.  Who has the queue to
 * himself, or holds its lock, uses the __ functions of the header; here the
 * lock is taken, with interrupts off, so that any context may call.
 */

#include <net/skbuff.h>

void skb_queue_head(struct sk_buff_head *q, struct sk_buff *skb)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	__skb_queue_head(q, skb);
	spin_unlock_irqrestore(&q->lock, flags);
}

void skb_queue_tail(struct sk_buff_head *q, struct sk_buff *skb)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	__skb_queue_tail(q, skb);
	spin_unlock_irqrestore(&q->lock, flags);
}

struct sk_buff *skb_dequeue(struct sk_buff_head *q)
{
	struct sk_buff *skb;
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	skb = __skb_dequeue(q);
	spin_unlock_irqrestore(&q->lock, flags);
	return skb;
}

struct sk_buff *skb_dequeue_tail(struct sk_buff_head *q)
{
	struct sk_buff *skb;
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	skb = __skb_dequeue_tail(q);
	spin_unlock_irqrestore(&q->lock, flags);
	return skb;
}

void skb_unlink(struct sk_buff *skb, struct sk_buff_head *q)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	__skb_unlink(skb, q);
	spin_unlock_irqrestore(&q->lock, flags);
}

void skb_append(struct sk_buff *old, struct sk_buff *new,
		struct sk_buff_head *q)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	__skb_queue_after(q, old, new);
	spin_unlock_irqrestore(&q->lock, flags);
}

/* Put all of list, which has something, between prev and next. */
static void splice(struct sk_buff_head *list, struct sk_buff *prev,
		   struct sk_buff *next)
{
	struct sk_buff *first = list->next, *last = list->prev;

	first->prev = prev;
	prev->next = first;
	last->next = next;
	next->prev = last;
}

void skb_queue_splice_tail_init(struct sk_buff_head *list,
				struct sk_buff_head *head)
{
	if (skb_queue_empty(list))
		return;
	splice(list, head->prev, (struct sk_buff *)head);
	head->qlen += list->qlen;
	__skb_queue_head_init(list);
}

void skb_queue_splice_init(struct sk_buff_head *list,
			   struct sk_buff_head *head)
{
	if (skb_queue_empty(list))
		return;
	splice(list, (struct sk_buff *)head, head->next);
	head->qlen += list->qlen;
	__skb_queue_head_init(list);
}

void __skb_queue_purge(struct sk_buff_head *q)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(q)))
		kfree_skb(skb);
}

void skb_queue_purge(struct sk_buff_head *q)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(q)))
		kfree_skb(skb);
}
