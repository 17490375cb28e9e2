/* SPDX-License-Identifier: MIT */
/*
 * tcp_offload.c -- TCP's part in cutting big packets and merging small ones
 *
 * Cutting: sequence numbers go on by gso_size; FIN and PSH belong to the last
 * segment, CWR to the first; the field of the checksum holds the pseudo
 * header's sum, and the device, or skb_checksum_help(), adds the rest.
 *
 * Merging: a segment continues the held one if its sequence number does, and
 * ACK, flags and options are the same.  What ends a packet: a segment shorter
 * than the first, PSH, FIN.  A segment whose checksum is wrong is not merged:
 * TCP sees it alone, and drops and counts it.
 *
 * INVARIANT.  I1: all segments of a held packet but the last have gso_size
 * bytes, so that cutting it gives the same segments again.
 *
 * SEE net/core/gso.c, net/core/gro.c.
 */

#include "internal.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/offload.h>
#include <net/protocol.h>
#include <net/tcp.h>

#define FLAGS_BYTE 13

static unsigned int header_len(const struct tcphdr *th)
{
	return th->doff * 4;
}

/* ---- cutting ---- */

static void fix_segment(struct sk_buff *seg, u32 seq, u8 clear)
{
	const struct iphdr *iph = ip_hdr(seg);
	struct tcphdr *th = tcp_hdr(seg);
	unsigned int len = seg->len - skb_transport_offset(seg);

	th->seq = cpu_to_be32(seq);
	((u8 *)th)[FLAGS_BYTE] &= ~clear;
	th->check = tcp_udp_v4_pseudo(iph->saddr, iph->daddr, len,
				      IPPROTO_TCP);
	seg->ip_summed = CHECKSUM_PARTIAL;
	seg->csum_start = seg->transport_header;
	seg->csum_offset = offsetof(struct tcphdr, check);
}

static struct sk_buff *tcp4_gso_segment(struct sk_buff *skb,
					netdev_features_t features)
{
	unsigned int mss = skb_shinfo(skb)->gso_size, thlen;
	struct sk_buff *segs, *seg;
	u32 seq;

	if (!(skb_shinfo(skb)->gso_type & SKB_GSO_TCPV4) ||
	    !pskb_may_pull(skb, sizeof(struct tcphdr)))
		return ERR_PTR(-EINVAL);
	thlen = header_len(tcp_hdr(skb));
	if (thlen < sizeof(struct tcphdr) || !pskb_may_pull(skb, thlen))
		return ERR_PTR(-EINVAL);
	seq = be32_to_cpu(tcp_hdr(skb)->seq);
	__skb_pull(skb, thlen);
	segs = skb_segment(skb, features);
	if (IS_ERR(segs))
		return segs;
	for (seg = segs; seg; seg = seg->next, seq += mss) {
		u8 clear = seg == segs ? 0 : TCPHDR_CWR;

		if (seg->next)
			clear |= TCPHDR_FIN | TCPHDR_PSH;
		fix_segment(seg, seq, clear);
	}
	return segs;
}

/* ---- merging ---- */

/* Is the checksum right?  A right one is remembered. */
static bool checksum_right(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	unsigned int off = skb_gro_offset(skb), len = skb_gro_len(skb);
	__wsum pseudo;

	if (skb_csum_unnecessary(skb))
		return true;
	pseudo = csum_tcpudp_nofold(iph->saddr, iph->daddr, len, IPPROTO_TCP,
				    0);
	if (csum_fold(skb_checksum(skb, off, len, pseudo)))
		return false;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return true;
}

static const struct tcphdr *held_header(const struct sk_buff *p)
{
	return (const struct tcphdr *)(ip_hdr(p) + 1);
}

/* Where p's payload begins. */
static unsigned int held_offset(const struct sk_buff *p)
{
	return sizeof(struct iphdr) + header_len(held_header(p));
}

/* The held packet that is of th's connection; the others are not candidates. */
static struct sk_buff *find_flow(struct list_head *head,
				 const struct tcphdr *th)
{
	struct sk_buff *p, *found = NULL;

	list_for_each_entry(p, head, list) {
		const struct tcphdr *other = held_header(p);

		if (!NAPI_GRO_CB(p)->same_flow)
			continue;
		if (th->source == other->source && th->dest == other->dest)
			found = p;
		else
			NAPI_GRO_CB(p)->same_flow = 0;
	}
	return found;
}

/* Does the segment of th, with len bytes, go right behind what p holds? */
static bool continues(const struct sk_buff *p, const struct tcphdr *th,
		      unsigned int len)
{
	const struct tcphdr *a = held_header(p);
	u8 differ = ((const u8 *)a)[FLAGS_BYTE] ^ ((const u8 *)th)[FLAGS_BYTE];
	u32 next = be32_to_cpu(a->seq) + p->len - held_offset(p);

	return !NAPI_GRO_CB(p)->flush && be32_to_cpu(th->seq) == next &&
	       !(differ & ~(TCPHDR_FIN | TCPHDR_PSH)) &&
	       a->ack_seq == th->ack_seq && a->doff == th->doff &&
	       !memcmp(a + 1, th + 1, header_len(th) - sizeof(*th)) &&
	       len && len <= skb_shinfo(p)->gso_size;
}

/* Nothing may be merged behind such a segment, or nothing into it. */
static bool ends_packet(const struct tcphdr *th)
{
	return ((const u8 *)th)[FLAGS_BYTE] & (TCPHDR_FIN | TCPHDR_SYN |
		TCPHDR_RST | TCPHDR_PSH | TCPHDR_URG | TCPHDR_CWR);
}

static struct sk_buff *tcp4_gro_receive(struct list_head *head,
					struct sk_buff *skb)
{
	unsigned int off = skb_gro_offset(skb), thlen, len;
	const struct tcphdr *th;
	struct sk_buff *p;

	NAPI_GRO_CB(skb)->flush = 1;
	if (!pskb_may_pull(skb, off + sizeof(*th)))
		return NULL;
	thlen = header_len((struct tcphdr *)(skb->data + off));
	if (thlen < sizeof(*th) || !pskb_may_pull(skb, off + thlen) ||
	    !checksum_right(skb))
		return NULL;
	th = (struct tcphdr *)(skb->data + off);
	skb_gro_pull(skb, thlen);
	len = skb_gro_len(skb);
	p = find_flow(head, th);
	NAPI_GRO_CB(skb)->flush = !len || ends_packet(th);
	if (!p)
		return NULL;
	if (!continues(p, th, len) || skb_gro_receive(p, skb))
		return p;
	((u8 *)held_header(p))[FLAGS_BYTE] |= ((const u8 *)th)[FLAGS_BYTE];
	return len < skb_shinfo(p)->gso_size || ends_packet(th) ? p : NULL;
}

static int tcp4_gro_complete(struct sk_buff *skb, int thoff)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct tcphdr *th = (struct tcphdr *)(skb->data + thoff);

	th->check = tcp_udp_v4_pseudo(iph->saddr, iph->daddr,
				      skb->len - thoff, IPPROTO_TCP);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + thoff;
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb->transport_header = skb->csum_start;
	skb_shinfo(skb)->gso_type |= SKB_GSO_TCPV4;
	skb_shinfo(skb)->gso_segs = NAPI_GRO_CB(skb)->count;
	return 0;
}

static const struct net_offload tcp4_offload = {
	.callbacks = {
		.gso_segment = tcp4_gso_segment,
		.gro_receive = tcp4_gro_receive,
		.gro_complete = tcp4_gro_complete,
	},
};

void tcp4_offload_init(void)
{
	inet_add_offload(&tcp4_offload, IPPROTO_TCP);
}
