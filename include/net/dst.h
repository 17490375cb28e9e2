/* SPDX-License-Identifier: MIT */
#ifndef NET_DST_H
#define NET_DST_H
/*
 * dst.h -- where a packet goes next: the part of a route that is for all
 * protocols
 *
 * A packet and a socket each hold a reference (skb_dst(), sk->sk_dst_cache); a
 * packet that stays within one RCU section may carry an uncounted one
 * (skb_dst_set_noref(); skb_dst_force() counts it before the packet is queued).
 * A route never changes: when tables do, it becomes stale, and whoever keeps
 * one asks dst_check() first.  Theory: net/core/dst.c.
 */

#include <kernel/atomic.h>
#include <kernel/jiffies.h>
#include <kernel/rcupdate.h>
#include <net/skbuff.h>
#include <net/sock.h>
#include <uapi/rtnetlink.h>

struct dst_entry;
struct neighbour;
struct net;

struct dst_ops {
	unsigned short family;
	/* dst, or NULL: stale. */
	struct dst_entry *(*check)(struct dst_entry *dst, u32 cookie);
	unsigned int (*default_advmss)(const struct dst_entry *dst);
	unsigned int (*mtu)(const struct dst_entry *dst);
	void (*destroy)(struct dst_entry *dst);
	/* A sender gets no answers over it: another one, or NULL. */
	struct dst_entry *(*negative_advice)(struct dst_entry *dst);
	void (*link_failure)(struct sk_buff *skb);
	/* A router on the way wants at most mtu bytes. */
	void (*update_pmtu)(struct dst_entry *dst, struct sock *sk,
			    struct sk_buff *skb, u32 mtu, bool confirm_neigh);
	void (*redirect)(struct dst_entry *dst, struct sock *sk,
			 struct sk_buff *skb);
	struct neighbour *(*neigh_lookup)(const struct dst_entry *dst,
					  struct sk_buff *skb,
					  const void *daddr);
};

#define DST_NOXFRM 2
#define DST_NOPOLICY 4
#define DST_NOCOUNT 8

#define DST_OBSOLETE_NONE 0
#define DST_OBSOLETE_DEAD 2
#define DST_OBSOLETE_FORCE_CHK (-1)
#define DST_OBSOLETE_KILL (-2)

/* Field keys:  [c] constant once published   [a] atomic */
struct dst_entry {
	struct net_device *dev;       /* [c] counted; lo when it went away */
	struct dst_ops *ops;          /* [c] */
	int (*input)(struct sk_buff *skb);   /* [c] */
	int (*output)(struct net *net, struct sock *sk, struct sk_buff *skb);
	unsigned long expires;        /* jiffies; 0: never */
	u16 flags;                    /* [c] */
	short obsolete;               /* DST_OBSOLETE_* */
	short error;                  /* [c] what input and output answer */
	atomic_t __refcnt;            /* [a] */
	unsigned long lastuse;
	u32 metrics[RTAX_MAX];        /* [c] RTAX_x at [x - 1] */
	struct rcu_head rcu_head;
};

#define SKB_DST_NOREF 1UL

void dst_init(struct dst_entry *dst, struct dst_ops *ops,
	      struct net_device *dev, int refs, int obsolete, u16 flags);
/* Any context.  The last one frees it after a grace period; NULL is fine. */
void dst_release(struct dst_entry *dst);
/* The inputs and outputs of a route that is none: frees the packet. */
int dst_discard(struct sk_buff *skb);
int dst_discard_out(struct net *net, struct sock *sk, struct sk_buff *skb);

static inline void dst_hold(struct dst_entry *dst)
{
	atomic_inc(&dst->__refcnt);
}

/* false: it is being freed. */
static inline bool dst_hold_safe(struct dst_entry *dst)
{
	return atomic_inc_not_zero(&dst->__refcnt);
}

static inline struct dst_entry *dst_clone(struct dst_entry *dst)
{
	if (dst)
		dst_hold(dst);
	return dst;
}

static inline u32 dst_metric_raw(const struct dst_entry *dst, int metric)
{
	return dst->metrics[metric - 1];
}

static inline u32 dst_metric(const struct dst_entry *dst, int metric)
{
	return dst_metric_raw(dst, metric);
}

static inline bool dst_metric_locked(const struct dst_entry *dst, int metric)
{
	return dst_metric_raw(dst, RTAX_LOCK) & (1u << metric);
}

static inline u32 dst_metric_advmss(const struct dst_entry *dst)
{
	u32 advmss = dst_metric_raw(dst, RTAX_ADVMSS);

	return advmss ? advmss : dst->ops->default_advmss(dst);
}

/* Bytes of the largest IP packet that gets through unbroken. */
static inline u32 dst_mtu(const struct dst_entry *dst)
{
	return dst->ops->mtu(dst);
}

static inline unsigned long dst_metric_rtt(const struct dst_entry *dst, int m)
{
	return msecs_to_jiffies(dst_metric(dst, m));
}

static inline struct dst_entry *dst_check(struct dst_entry *dst, u32 cookie)
{
	return dst->obsolete ? dst->ops->check(dst, cookie) : dst;
}

static inline void dst_link_failure(struct sk_buff *skb);

/* ---- a packet's ---- */

static inline struct dst_entry *skb_dst(const struct sk_buff *skb)
{
	return (struct dst_entry *)(skb->_skb_refdst & ~SKB_DST_NOREF);
}

static inline void skb_dst_drop(struct sk_buff *skb)
{
	if (skb->_skb_refdst && !(skb->_skb_refdst & SKB_DST_NOREF))
		dst_release(skb_dst(skb));
	skb->_skb_refdst = 0;
}

/* The packet takes over the caller's reference. */
static inline void skb_dst_set(struct sk_buff *skb, struct dst_entry *dst)
{
	skb->_skb_refdst = (unsigned long)dst;
}

/* Not counted: under rcu_read_lock() until dropped or forced. */
static inline void skb_dst_set_noref(struct sk_buff *skb,
				     struct dst_entry *dst)
{
	skb->_skb_refdst = (unsigned long)dst | SKB_DST_NOREF;
}

static inline bool skb_dst_is_noref(const struct sk_buff *skb)
{
	return skb->_skb_refdst & SKB_DST_NOREF;
}

/* Count an uncounted one; false: it has gone, the packet has none now. */
static inline bool skb_dst_force(struct sk_buff *skb)
{
	if (skb_dst_is_noref(skb)) {
		struct dst_entry *dst = skb_dst(skb);

		if (!dst_hold_safe(dst))
			dst = NULL;
		skb->_skb_refdst = (unsigned long)dst;
	}
	return skb->_skb_refdst != 0;
}

static inline void skb_dst_copy(struct sk_buff *new, const struct sk_buff *old)
{
	skb_dst_set(new, dst_clone(skb_dst(old)));
}

/* Consumes the packet: 0, NET_XMIT_*, -errno.  bh off or process context. */
static inline int dst_output(struct net *net, struct sock *sk,
			     struct sk_buff *skb)
{
	return skb_dst(skb)->output(net, sk, skb);
}

static inline int dst_input(struct sk_buff *skb)
{
	return skb_dst(skb)->input(skb);
}

static inline void dst_link_failure(struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb);

	if (dst && dst->ops->link_failure)
		dst->ops->link_failure(skb);
}

static inline void skb_dst_update_pmtu(struct sk_buff *skb, u32 mtu)
{
	struct dst_entry *dst = skb_dst(skb);

	if (dst && dst->ops->update_pmtu)
		dst->ops->update_pmtu(dst, NULL, skb, mtu, true);
}

/* ---- a socket's: sk_dst_cache, changed by xchg, read under RCU ---- */

static inline struct dst_entry *__sk_dst_get(const struct sock *sk)
{
	return (struct dst_entry *)rcu_dereference_raw(sk->sk_dst_cache);
}

/* Counted; NULL: none. */
static inline struct dst_entry *sk_dst_get(const struct sock *sk)
{
	struct dst_entry *dst;

	rcu_read_lock();
	dst = __sk_dst_get(sk);
	if (dst && !dst_hold_safe(dst))
		dst = NULL;
	rcu_read_unlock();
	return dst;
}

/* The socket takes over the reference. */
static inline void sk_dst_set(struct sock *sk, struct dst_entry *dst)
{
	dst_release((struct dst_entry *)xchg(&sk->sk_dst_cache, (void *)dst));
}

static inline void __sk_dst_set(struct sock *sk, struct dst_entry *dst)
{
	sk_dst_set(sk, dst);
}

static inline void sk_dst_reset(struct sock *sk)
{
	sk_dst_set(sk, NULL);
}

static inline void __sk_dst_reset(struct sock *sk)
{
	sk_dst_set(sk, NULL);
}

/* The route if it still holds, else NULL and it is forgotten.  The first
 * wants lock_sock and gives no reference; the second is counted. */
struct dst_entry *__sk_dst_check(struct sock *sk, u32 cookie);
struct dst_entry *sk_dst_check(struct sock *sk, u32 cookie);

#endif
