/* SPDX-License-Identifier: MIT */
/*
 * dst.c -- routes as packets and sockets hold them: counted, freed
 *
 * The last dst_release() frees a route after a grace period, because packets
 * within an RCU section may carry it uncounted.
 *
 * A device that goes away must not wait for idle sockets that hold a route by
 * it: dst_ops' owner keeps a list and moves such routes to loopback.
 */

#include <net/dst.h>

#include <kernel/kernel.h>
#include <net/netdevice.h>

void dst_init(struct dst_entry *dst, struct dst_ops *ops,
	      struct net_device *dev, int refs, int obsolete, u16 flags)
{
	dst->dev = dev;
	dev_hold(dev);
	dst->ops = ops;
	dst->input = dst_discard;
	dst->output = dst_discard_out;
	dst->obsolete = obsolete;
	dst->flags = flags;
	dst->lastuse = jiffies;
	atomic_set(&dst->__refcnt, refs);
}

static void dst_destroy_rcu(struct rcu_head *head)
{
	struct dst_entry *dst = container_of(head, struct dst_entry, rcu_head);

	dst->ops->destroy(dst);
}

void dst_release(struct dst_entry *dst)
{
	if (dst && atomic_dec_and_test(&dst->__refcnt))
		call_rcu(&dst->rcu_head, dst_destroy_rcu);
}

int dst_discard(struct sk_buff *skb)
{
	kfree_skb(skb);
	return 0;
}

int dst_discard_out(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	kfree_skb(skb);
	return 0;
}

struct dst_entry *__sk_dst_check(struct sock *sk, u32 cookie)
{
	struct dst_entry *dst = __sk_dst_get(sk);

	if (dst && !dst_check(dst, cookie)) {
		sk_dst_reset(sk);
		return NULL;
	}
	return dst;
}

struct dst_entry *sk_dst_check(struct sock *sk, u32 cookie)
{
	struct dst_entry *dst = sk_dst_get(sk);

	if (dst && !dst_check(dst, cookie)) {
		sk_dst_reset(sk);
		dst_release(dst);
		return NULL;
	}
	return dst;
}
