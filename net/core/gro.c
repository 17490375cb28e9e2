/* SPDX-License-Identifier: MIT */
/*
 * gro.c -- packets of one flow, merged before they are handed up
 *
 * PROMISE.  What goes up are the same bytes in the same order as without, in
 * fewer packets; cut again (gso.c) they would be the packets that came. A
 * packet waits here no longer than the poll that brought it.
 *
 * IDEA.  A poll brings many segments of few flows.  Each napi holds up to
 * MAX_GRO_SKBS packets a bucket; one that continues a held packet gives it its
 * pages and is gone, so one pass through IP and TCP serves up to 64 KiB:
 *
 *	held: [hdr|page]  + [hdr|page] + [hdr|page]  =>  [hdr|page|page|page]
 *
 * Who knows the protocol decides.  gro_receive() of each layer clears same_flow
 * of the held packets that are not its flow, then says of the one left: merge
 * it (the new packet is gone), or hand it up first (returned), for something
 * differs that only a packet's border can tell.  `flush` set: the new packet is
 * not to be held either.
 *
 * INVARIANTS
 *   I1  A held packet belongs to the napi's poller; none is held when
 *       napi_complete_done() has returned true.
 *   I2  Of one flow at most one packet is held, and packets of the flow that
 *       are not merged go up after it.
 *
 * NOT DONE.  Payload in a packet's linear part is not merged: Linux hangs whole
 * packets behind the first (frag_list).  Our drivers copy headers only, so it
 * would serve only packets that are small anyway.
 */

#include "dev.h"

#include <kernel/hash.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <net/etherdevice.h>
#include <net/offload.h>

/* ---- handing up ---- */

static void gro_complete(struct sk_buff *skb)
{
	const struct packet_offload *po = find_offload(skb->protocol);

	if (NAPI_GRO_CB(skb)->count == 1)
		skb_gso_reset(skb);
	else if (po && po->callbacks.gro_complete)
		po->callbacks.gro_complete(skb, 0);
	memset(skb->cb, 0, sizeof(struct napi_gro_cb));
	netif_receive_skb(skb);
}

static void unhold(struct gro_list *list, struct sk_buff *skb)
{
	list_del(&skb->list);
	skb->next = skb->prev = NULL;
	list->count--;
}

static void flush_list(struct gro_list *list, bool flush_old)
{
	struct sk_buff *skb, *next;

	list_for_each_entry_safe(skb, next, &list->list, list) {
		if (flush_old && NAPI_GRO_CB(skb)->age == jiffies)
			return;
		unhold(list, skb);
		gro_complete(skb);
	}
}

/* Hand up what is held; flush_old: only what came in an earlier tick. */
void napi_gro_flush(struct napi_struct *napi, bool flush_old)
{
	for (int i = 0; napi->gro_bitmask && i < GRO_HASH_BUCKETS; i++) {
		struct gro_list *list = &napi->gro_hash[i];

		if (!list->count)
			continue;
		flush_list(list, flush_old);
		if (!list->count)
			napi->gro_bitmask &= ~BIT(i);
	}
}

/* ---- merging ---- */

/* skb, whose headers end at gro_offset, gives its payload to p. */
int skb_gro_receive(struct sk_buff *p, struct sk_buff *skb)
{
	struct skb_shared_info *to = skb_shinfo(p), *from = skb_shinfo(skb);
	unsigned int len = skb_gro_len(skb);
	int delta = skb->truesize - SKB_TRUESIZE(skb_end_offset(skb));

	if (p->len + len > GSO_MAX_SIZE - 1 ||
	    skb_headlen(skb) != skb_gro_offset(skb) ||
	    to->nr_frags + from->nr_frags > MAX_SKB_FRAGS)
		return -E2BIG;
	memcpy(to->frags + to->nr_frags, from->frags,
	       from->nr_frags * sizeof(skb_frag_t));
	to->nr_frags += from->nr_frags;
	from->nr_frags = 0;
	p->len += len;
	p->data_len += len;
	p->truesize += delta;
	NAPI_GRO_CB(p)->count++;
	NAPI_GRO_CB(skb)->same_flow = 1;
	skb->len -= len;
	skb->data_len = 0;
	skb->truesize -= delta;
	return 0;
}

/* Addresses and ports of a header without options; only spreads. */
static unsigned int bucket(const struct sk_buff *skb)
{
	u32 w[3] = { 0 };

	if (skb_headlen(skb) >= 24)
		memcpy(w, skb->data + 12, sizeof(w));
	return hash_32(w[0] ^ w[1] ^ w[2], ilog2(GRO_HASH_BUCKETS));
}

/* Which of the held may be skb's flow, as far as the link can tell. */
static void mark_candidates(struct gro_list *list, const struct sk_buff *skb)
{
	struct sk_buff *p;

	list_for_each_entry(p, &list->list, list)
		NAPI_GRO_CB(p)->same_flow = p->protocol == skb->protocol &&
			p->vlan_tci == skb->vlan_tci &&
			!memcmp(skb_mac_header(p), skb_mac_header(skb),
				ETH_HLEN);
}

static void hold(struct gro_list *list, struct sk_buff *skb)
{
	if (list->count >= MAX_GRO_SKBS) {
		struct sk_buff *oldest = list_first_entry(&list->list,
						struct sk_buff, list);

		unhold(list, oldest);
		gro_complete(oldest);
	}
	NAPI_GRO_CB(skb)->age = jiffies;
	skb_shinfo(skb)->gso_size = skb_gro_len(skb);
	list_add_tail(&skb->list, &list->list);
	list->count++;
}

/* skb was merged or is held: true.  False: it is the caller's to hand up. */
static bool gro_take(struct napi_struct *napi, struct sk_buff *skb)
{
	const struct packet_offload *po = find_offload(skb->protocol);
	unsigned int i = bucket(skb);
	struct gro_list *list = &napi->gro_hash[i];
	struct sk_buff *done;

	if (!po || !po->callbacks.gro_receive || skb_is_gso(skb) ||
	    skb_has_frag_list(skb) || skb_cloned(skb) ||
	    !(skb->dev->features & NETIF_F_GRO))
		return false;
	memset(skb->cb, 0, sizeof(struct napi_gro_cb));
	NAPI_GRO_CB(skb)->count = 1;
	skb_reset_network_header(skb);
	mark_candidates(list, skb);
	done = po->callbacks.gro_receive(&list->list, skb);
	if (done) {                   /* I2 */
		unhold(list, done);
		gro_complete(done);
	}
	if (NAPI_GRO_CB(skb)->same_flow) {
		consume_skb(skb);
		return true;
	}
	if (NAPI_GRO_CB(skb)->flush) {
		memset(skb->cb, 0, sizeof(struct napi_gro_cb));
		return false;
	}
	hold(list, skb);
	napi->gro_bitmask |= BIT(i);
	return true;
}

int napi_gro_receive(struct napi_struct *napi, struct sk_buff *skb)
{
	return gro_take(napi, skb) ? NET_RX_SUCCESS : netif_receive_skb(skb);
}
