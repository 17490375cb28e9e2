/* SPDX-License-Identifier: MIT */
/*
 * gso.c -- a big packet, cut into such as a wire takes
 *
 * PROMISE.  The segments carry the packet's bytes in order, each gso_size of
 * them and the last what is left, each behind a header of its own; the packet
 * itself is not changed, and its owner is charged for it until the last
 * segment is gone.
 *
 * IDEA.  TCP hands down up to 64 KiB with one header, so that the way down
 * (routes, filters, queues) is gone once and not 45 times.  A device that cuts
 * by itself (NETIF_F_TSO) gets it as it is; for others it is cut here, at the
 * last moment.  The cut knows no protocol: all headers are copied, and each
 * layer's gso_segment() then corrects its own in every segment:
 *
 *	link | IP | TCP | payload ..............................
 *	skb_gso_segment -> inet_gso_segment -> tcp4_gso_segment -> skb_segment
 *	     IP: length, id, sum <-     TCP: seq, flags, sum <-
 *
 * Pages are shared, not copied, if the device gathers; without checksums of
 * its own it does not, for then the bytes must be read anyway and must not
 * change afterwards.
 *
 * CONTEXT.  Softirq or process; the packet is ours alone to read.
 */

#include "dev.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <net/dst.h>
#include <net/sock.h>

#include <net/offload.h>
#include <net/tcp.h>
#include <uapi/udp.h>

static LIST_HEAD(offloads);           /* written at boot only */

void dev_add_offload(struct packet_offload *po)
{
	list_add_tail_rcu(&po->list, &offloads);
}

const struct packet_offload *find_offload(__be16 type)
{
	struct packet_offload *po;

	list_for_each_entry_rcu(po, &offloads, list)
		if (po->type == type)
			return po;
	return NULL;
}

/* Where the next segment's bytes begin, in the packet's parts. */
struct cut {
	const struct sk_buff *skb;
	unsigned int off;             /* payload bytes taken */
	int frag;                     /* the first not wholly taken */
	unsigned int frag_off;        /* how much of that is */
};

/* n bytes from the cursor's fragments become seg's: none is copied. */
static void share_pages(struct cut *c, struct sk_buff *seg, unsigned int n)
{
	const struct skb_shared_info *from = skb_shinfo(c->skb);

	while (n) {
		const skb_frag_t *f = &from->frags[c->frag];
		unsigned int take = min(n, skb_frag_size(f) - c->frag_off);

		get_page(f->bv_page);
		skb_add_rx_frag(seg, skb_shinfo(seg)->nr_frags, f->bv_page,
				f->bv_offset + c->frag_off, take, take);
		n -= take;
		c->frag_off += take;
		if (c->frag_off == skb_frag_size(f)) {
			c->frag++;
			c->frag_off = 0;
		}
	}
}

/* The segment with the next n bytes of payload; NULL: no memory. */
static struct sk_buff *cut_one(struct cut *c, unsigned int n, bool share)
{
	const struct sk_buff *skb = c->skb;
	unsigned int room = skb->mac_header, head = skb_headlen(skb), copy;
	unsigned int hlen = skb->data - skb_mac_header(skb);
	struct sk_buff *seg;

	copy = !share ? n : c->off < head ? min(n, head - c->off) : 0;
	seg = alloc_skb(room + hlen + copy, GFP_ATOMIC);
	if (!seg)
		return NULL;
	skb_reserve(seg, room);       /* the same: header offsets stay right */
	skb_put_data(seg, skb_mac_header(skb), hlen);
	skb_copy_header(seg, skb);
	skb_gso_reset(seg);
	BUG_ON(copy && skb_copy_bits(skb, c->off, skb_put(seg, copy), copy));
	share_pages(c, seg, n - copy);
	c->off += n;
	return seg;
}

/* The last segment's end is the packet's: the sender's account is told then. */
static void move_owner(struct sk_buff *skb, struct sk_buff *last)
{
	if (!skb->sk || !skb->destructor)
		return;
	swap(skb->truesize, last->truesize);
	swap(skb->sk, last->sk);
	swap(skb->destructor, last->destructor);
}

struct sk_buff *skb_segment(struct sk_buff *skb, netdev_features_t features)
{
	unsigned int mss = skb_shinfo(skb)->gso_size;
	struct sk_buff *segs = NULL, **end = &segs, *last = NULL;
	struct cut c = { .skb = skb };
	bool share = (features & NETIF_F_SG) && !skb_has_frag_list(skb) &&
		     (features & NETIF_F_CSUM_MASK);

	if (unlikely(!mss || !skb->len))
		return ERR_PTR(-EINVAL);
	while (c.off < skb->len) {
		last = cut_one(&c, min(mss, skb->len - c.off), share);
		if (!last) {
			kfree_skb_list(segs);
			return ERR_PTR(-ENOMEM);
		}
		*end = last;
		end = &last->next;
	}
	move_owner(skb, last);
	return segs;
}

/* Cut behind skb's first header, which is at skb->data: a list, ERR_PTR. */
struct sk_buff *skb_gso_segment(struct sk_buff *skb, netdev_features_t features)
{
	const struct packet_offload *po = find_offload(skb->protocol);
	unsigned int len = skb_network_offset(skb);
	struct sk_buff *segs;

	if (!po || !po->callbacks.gso_segment || !pskb_may_pull(skb, len))
		return ERR_PTR(-EPROTONOSUPPORT);
	skb_reset_mac_header(skb);
	skb->mac_len = len;
	__skb_pull(skb, len);
	segs = po->callbacks.gso_segment(skb, features);
	__skb_push(skb, skb->data - skb_mac_header(skb));
	return segs;
}

bool skb_gso_validate_network_len(const struct sk_buff *skb, unsigned int mtu)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	unsigned int len = skb->transport_header - skb->network_header;

	if (si->gso_type & SKB_GSO_UDP_L4)
		len += sizeof(struct udphdr);
	else
		len += tcp_hdr(skb)->doff * 4;
	return len + si->gso_size <= mtu;
}
