/* SPDX-License-Identifier: MIT */
/*
 * ip_offload.c -- IPv4's part in cutting big packets and merging small ones
 *
 * Cutting: each segment gets its length, the next number, and the sum of that.
 * Merging: same addresses and protocol are a candidate; a packet that differs
 * in what every segment of one packet would share (TTL, TOS, DF), or whose
 * number is not the next, is none.  The number of a packet that may not be
 * fragmented means nothing (RFC 6864 4.1) and is not looked at.
 *
 * SEE net/core/gso.c, net/core/gro.c.
 */

#include "internal.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <net/ip.h>
#include <net/offload.h>
#include <net/protocol.h>

static void fix_segment(struct sk_buff *seg, u16 id)
{
	struct iphdr *iph = ip_hdr(seg);

	iph->id = htons(id);
	iph->tot_len = htons(seg->len - skb_network_offset(seg));
	ip_send_check(iph);
}

static struct sk_buff *inet_gso_segment(struct sk_buff *skb,
					netdev_features_t features)
{
	const struct net_offload *ops;
	struct sk_buff *segs, *seg;
	struct iphdr *iph;
	unsigned int ihl;
	u16 id;

	skb_reset_network_header(skb);
	if (!pskb_may_pull(skb, sizeof(*iph)))
		return ERR_PTR(-EINVAL);
	ihl = ip_hdr(skb)->ihl * 4;
	if (ihl < sizeof(*iph) || !pskb_may_pull(skb, ihl))
		return ERR_PTR(-EINVAL);
	iph = ip_hdr(skb);
	ops = rcu_dereference(inet_offloads[iph->protocol]);
	if (!ops || !ops->callbacks.gso_segment ||
	    (iph->frag_off & htons(IP_MF | IP_OFFSET)))
		return ERR_PTR(-EPROTONOSUPPORT);
	id = ntohs(iph->id);
	__skb_pull(skb, ihl);
	skb_reset_transport_header(skb);
	segs = ops->callbacks.gso_segment(skb, features);
	if (IS_ERR(segs))
		return segs;
	for (seg = segs; seg; seg = seg->next)
		fix_segment(seg, id++);
	return segs;
}

static bool good_header(const struct sk_buff *skb, const struct iphdr *iph)
{
	return iph->version == 4 && iph->ihl == 5 &&
	       !(iph->frag_off & htons(IP_MF | IP_OFFSET)) &&
	       ntohs(iph->tot_len) > sizeof(*iph) &&
	       ntohs(iph->tot_len) <= skb_gro_len(skb) &&
	       !ip_fast_csum(iph, 5);
}

/* May a packet with b come right after p's segments? */
static bool continues(const struct sk_buff *p, const struct iphdr *a,
		      const struct iphdr *b)
{
	u16 next = ntohs(a->id) + NAPI_GRO_CB(p)->count;

	return a->ttl == b->ttl && a->tos == b->tos &&
	       a->frag_off == b->frag_off &&
	       ((b->frag_off & htons(IP_DF)) || ntohs(b->id) == next);
}

static struct sk_buff *inet_gro_receive(struct list_head *head,
					struct sk_buff *skb)
{
	const struct net_offload *ops;
	const struct iphdr *iph, *other;
	struct sk_buff *p;

	NAPI_GRO_CB(skb)->flush = 1;
	if (!pskb_may_pull(skb, sizeof(*iph)))
		return NULL;
	iph = ip_hdr(skb);
	ops = rcu_dereference(inet_offloads[iph->protocol]);
	if (!ops || !ops->callbacks.gro_receive || !good_header(skb, iph))
		return NULL;
	/* A link pads short packets. */
	if (pskb_trim_rcsum(skb, ntohs(iph->tot_len)))
		return NULL;
	iph = ip_hdr(skb);
	list_for_each_entry(p, head, list) {
		if (!NAPI_GRO_CB(p)->same_flow)
			continue;
		other = ip_hdr(p);
		if (iph->saddr != other->saddr || iph->daddr != other->daddr ||
		    iph->protocol != other->protocol)
			NAPI_GRO_CB(p)->same_flow = 0;
		else
			NAPI_GRO_CB(p)->flush = !continues(p, other, iph);
	}
	NAPI_GRO_CB(skb)->flush = 0;
	skb_gro_pull(skb, sizeof(*iph));
	return ops->callbacks.gro_receive(head, skb);
}

static int inet_gro_complete(struct sk_buff *skb, int nhoff)
{
	struct iphdr *iph = (struct iphdr *)(skb->data + nhoff);
	const struct net_offload *ops = inet_offloads[iph->protocol];

	iph->tot_len = htons(skb->len - nhoff);
	ip_send_check(iph);
	return ops->callbacks.gro_complete(skb, nhoff + sizeof(*iph));
}

static struct packet_offload ip_packet_offload = {
	.type = htons(ETH_P_IP),
	.callbacks = {
		.gso_segment = inet_gso_segment,
		.gro_receive = inet_gro_receive,
		.gro_complete = inet_gro_complete,
	},
};

void ip_offload_init(void)
{
	tcp4_offload_init();
	dev_add_offload(&ip_packet_offload);
}
