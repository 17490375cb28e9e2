/* SPDX-License-Identifier: MIT */
#ifndef NET_SKB_QUEUE_H
#define NET_SKB_QUEUE_H
/*
 * skb_queue.h -- packets in a row
 *
 * A ring through the packets' first two fields; the head is laid out alike, so
 * that no end is special.  What begins with __ wants the queue's lock held (or
 * nobody else to know the queue); the others take it, interrupts off, and may
 * be called from any context.  A packet on a queue belongs to the queue.
 *
 * Comes with skbuff.h.  SEE net/core/skb_queue.c.
 */

#include <net/skbuff.h>

static inline void __skb_queue_head_init(struct sk_buff_head *q)
{
	q->next = q->prev = (struct sk_buff *)q;
	q->qlen = 0;
}

#define skb_queue_head_init(q) do {					\
	spin_lock_init(&(q)->lock);					\
	__skb_queue_head_init(q);					\
} while (0)

static inline bool skb_queue_empty(const struct sk_buff_head *q)
{
	return q->next == (const struct sk_buff *)q;
}

static inline bool skb_queue_empty_lockless(const struct sk_buff_head *q)
{
	return READ_ONCE(q->next) == (const struct sk_buff *)q;
}

static inline u32 skb_queue_len(const struct sk_buff_head *q)
{
	return q->qlen;
}

static inline u32 skb_queue_len_lockless(const struct sk_buff_head *q)
{
	return READ_ONCE(q->qlen);
}

static inline struct sk_buff *skb_peek(const struct sk_buff_head *q)
{
	struct sk_buff *skb = READ_ONCE(q->next);

	return skb == (const struct sk_buff *)q ? NULL : skb;
}

static inline struct sk_buff *skb_peek_next(struct sk_buff *skb,
					    const struct sk_buff_head *q)
{
	return skb->next == (const struct sk_buff *)q ? NULL : skb->next;
}

static inline struct sk_buff *skb_peek_tail(const struct sk_buff_head *q)
{
	struct sk_buff *skb = READ_ONCE(q->prev);

	return skb == (const struct sk_buff *)q ? NULL : skb;
}

static inline void __skb_insert(struct sk_buff *new, struct sk_buff *prev,
				struct sk_buff *next, struct sk_buff_head *q)
{
	WRITE_ONCE(new->next, next);
	WRITE_ONCE(new->prev, prev);
	WRITE_ONCE(next->prev, new);
	WRITE_ONCE(prev->next, new);
	WRITE_ONCE(q->qlen, q->qlen + 1);
}

static inline void __skb_queue_after(struct sk_buff_head *q,
				     struct sk_buff *prev, struct sk_buff *new)
{
	__skb_insert(new, prev, prev->next, q);
}

static inline void __skb_queue_before(struct sk_buff_head *q,
				      struct sk_buff *next, struct sk_buff *new)
{
	__skb_insert(new, next->prev, next, q);
}

static inline void __skb_queue_head(struct sk_buff_head *q, struct sk_buff *new)
{
	__skb_queue_after(q, (struct sk_buff *)q, new);
}

static inline void __skb_queue_tail(struct sk_buff_head *q, struct sk_buff *new)
{
	__skb_queue_before(q, (struct sk_buff *)q, new);
}

static inline void __skb_unlink(struct sk_buff *skb, struct sk_buff_head *q)
{
	struct sk_buff *next = skb->next, *prev = skb->prev;

	WRITE_ONCE(q->qlen, q->qlen - 1);
	skb->next = skb->prev = NULL;
	WRITE_ONCE(next->prev, prev);
	WRITE_ONCE(prev->next, next);
}

static inline struct sk_buff *__skb_dequeue(struct sk_buff_head *q)
{
	struct sk_buff *skb = skb_peek(q);

	if (skb)
		__skb_unlink(skb, q);
	return skb;
}

static inline struct sk_buff *__skb_dequeue_tail(struct sk_buff_head *q)
{
	struct sk_buff *skb = skb_peek_tail(q);

	if (skb)
		__skb_unlink(skb, q);
	return skb;
}

/* Move all of list to the end of head (splice_tail) or its front. */
void skb_queue_splice_tail_init(struct sk_buff_head *list,
				struct sk_buff_head *head);
void skb_queue_splice_init(struct sk_buff_head *list,
			   struct sk_buff_head *head);
/* Any context: the lock is taken with interrupts off. */
void skb_queue_head(struct sk_buff_head *q, struct sk_buff *skb);
void skb_queue_tail(struct sk_buff_head *q, struct sk_buff *skb);
struct sk_buff *skb_dequeue(struct sk_buff_head *q);
struct sk_buff *skb_dequeue_tail(struct sk_buff_head *q);
void skb_unlink(struct sk_buff *skb, struct sk_buff_head *q);
void skb_append(struct sk_buff *old, struct sk_buff *new,
		struct sk_buff_head *q);
void skb_queue_purge(struct sk_buff_head *q);
void __skb_queue_purge(struct sk_buff_head *q);

#define skb_queue_walk(q, skb)						\
	for (skb = (q)->next; skb != (struct sk_buff *)(q); skb = skb->next)
#define skb_queue_walk_safe(q, skb, tmp)				\
	for (skb = (q)->next, tmp = skb->next;				\
	     skb != (struct sk_buff *)(q); skb = tmp, tmp = skb->next)

#endif
