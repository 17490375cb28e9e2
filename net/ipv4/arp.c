/* SPDX-License-Identifier: MIT */
/*
 * arp.c -- ARP: who has this address?
 *
 * A request is broadcast, an answer is not; whoever asks us is remembered
 * (STALE), since we shall answer him anyhow. What nobody asked for is believed
 * only if we know that neighbour already, or arp_accept is set.
 *
 * BAD INPUT.  Hardware and protocol type and both lengths must be Ethernet's
 * and IPv4's, the sender's address not multicast nor loopback.
 *
 * CONTEXT.  Softirq.  SEE RFC 826, RFC 5227; net/core/neighbour.c.
 */

#include <net/arp.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <net/etherdevice.h>
#include <net/inetdevice.h>
#include <net/ip.h>

#define ARP_LEN (sizeof(struct arphdr) + 2 * (ETH_ALEN + 4))

/* What an Ethernet ARP packet says, behind the header. */
struct arp_eth {
	u8 sha[ETH_ALEN];
	__be32 sip;
	u8 tha[ETH_ALEN];
	__be32 tip;
} __attribute__((packed));
static_assert(sizeof(struct arp_eth) == 20, "on the wire");

static int arp_constructor(struct neighbour *n);
static void arp_solicit(struct neighbour *n, struct sk_buff *skb);
static void arp_error_report(struct neighbour *n, struct sk_buff *skb);

struct neigh_table arp_tbl = {
	.family = AF_INET,
	.key_len = 4,
	.protocol = htons(ETH_P_IP),
	.constructor = arp_constructor,
	.solicit = arp_solicit,
	.error_report = arp_error_report,
	.parms = {
		.mcast_probes = 3, .ucast_probes = 3,
		.queue_len_bytes = 212992,
		.base_reachable_time = 30 * HZ, .retrans_time = HZ,
		.gc_staletime = 60 * HZ, .delay_probe_time = 5 * HZ,
		.gc_thresh1 = 128, .gc_thresh2 = 512, .gc_thresh3 = 1024,
	},
};

static __be32 neigh_ip(const struct neighbour *n)
{
	__be32 ip;

	memcpy(&ip, n->primary_key, sizeof(ip));
	return ip;
}

/* Broadcast and multicast addresses need nobody to be asked. */
static int arp_constructor(struct neighbour *n)
{
	struct net_device *dev = n->dev;
	__be32 ip = neigh_ip(n);

	if (!rcu_access_pointer(dev->ip_ptr))
		return -EINVAL;
	n->type = inet_addr_type(dev_net(dev), ip);
	if (n->type == RTN_MULTICAST) {
		n->nud_state = NUD_NOARP;
		ip_eth_mc_map(ip, n->ha);
	} else if (n->type == RTN_BROADCAST ||
		   (dev->flags & IFF_POINTOPOINT)) {
		n->nud_state = NUD_NOARP;
		memcpy(n->ha, dev->broadcast, dev->addr_len);
	} else if (dev->flags & (IFF_NOARP | IFF_LOOPBACK)) {
		n->nud_state = NUD_NOARP;
		memcpy(n->ha, dev->dev_addr, dev->addr_len);
	}
	return 0;
}

static void arp_error_report(struct neighbour *n, struct sk_buff *skb)
{
	dst_link_failure(skb);
	kfree_skb(skb);
}

/* ---- asking ---- */

void arp_send(int type, int ptype, __be32 dest_ip, struct net_device *dev,
	      __be32 src_ip, const unsigned char *dest_hw,
	      const unsigned char *src_hw, const unsigned char *target_hw)
{
	struct sk_buff *skb;
	struct arphdr *arp;
	struct arp_eth *eth;

	if ((dev->flags & IFF_NOARP) || dev->addr_len != ETH_ALEN)
		return;
	skb = alloc_skb(ARP_LEN + LL_RESERVED_SPACE(dev), GFP_ATOMIC);
	if (!skb)
		return;
	skb_reserve(skb, LL_RESERVED_SPACE(dev));
	skb_reset_network_header(skb);
	arp = skb_put(skb, ARP_LEN);
	skb->dev = dev;
	skb->protocol = htons(ETH_P_ARP);
	*arp = (struct arphdr){
		.ar_hrd = htons(dev->type), .ar_pro = htons(ETH_P_IP),
		.ar_hln = ETH_ALEN, .ar_pln = 4, .ar_op = htons(type),
	};
	eth = (struct arp_eth *)(arp + 1);
	memcpy(eth->sha, src_hw ? src_hw : dev->dev_addr, ETH_ALEN);
	eth->sip = src_ip;
	if (target_hw)
		memcpy(eth->tha, target_hw, ETH_ALEN);
	else
		memset(eth->tha, 0, ETH_ALEN);
	eth->tip = dest_ip;
	if (dev_hard_header(skb, dev, ptype, dest_hw ? dest_hw : dev->broadcast,
			    src_hw, skb->len) < 0) {
		kfree_skb(skb);
		return;
	}
	dev_queue_xmit(skb);
}

/* Which address of ours the question shall come from. */
static __be32 question_source(struct neighbour *n, struct sk_buff *skb)
{
	struct net *net = dev_net(n->dev);
	__be32 saddr = skb ? ip_hdr(skb)->saddr : 0;

	if (saddr && inet_addr_type(net, saddr) == RTN_LOCAL)
		return saddr;
	return inet_select_addr(n->dev, neigh_ip(n), RT_SCOPE_LINK);
}

static void arp_solicit(struct neighbour *n, struct sk_buff *skb)
{
	__be32 saddr = question_source(n, skb);
	unsigned char ha[MAX_ADDR_LEN];
	u8 state = neigh_snapshot(n, ha);
	/* The one we knew first, then all. */
	bool ask_him = (state & NUD_VALID) &&
		       atomic_read(&n->probes) <= n->tbl->parms.ucast_probes;

	arp_send(ARPOP_REQUEST, ETH_P_ARP, neigh_ip(n), n->dev, saddr,
		 ask_him ? ha : NULL, NULL, NULL);
}

int arp_invalidate(struct net_device *dev, __be32 ip, bool force)
{
	struct neighbour *n = neigh_lookup(&arp_tbl, &ip, dev);
	bool gone;

	if (!n)
		return -ENXIO;
	gone = neigh_remove_one(n, &arp_tbl);
	neigh_release(n);
	return gone ? 0 : -ENXIO;
}

/* ---- being asked, and answered ---- */

/* arp_ignore: may we answer for tip on this device? */
static bool may_answer(struct in_device *in_dev, __be32 sip, __be32 tip)
{
	int ignore = IN_DEV_MAXCONF(in_dev, ARP_IGNORE);
	struct net *net = dev_net(in_dev->dev);

	switch (ignore) {
	case 0:
		return true;
	case 1:
		return inet_confirm_addr(net, in_dev, 0, tip, RT_SCOPE_HOST);
	case 2:
		return inet_confirm_addr(net, in_dev, sip, tip, RT_SCOPE_HOST);
	default:
		return ignore != 8;
	}
}

static void answer(struct net_device *dev, struct in_device *in_dev,
		   struct arp_eth *arp)
{
	struct neighbour *n;

	if (!arp->sip) {              /* is it taken? RFC 5227 */
		if (inet_addr_type(dev_net(dev), arp->tip) == RTN_LOCAL &&
		    may_answer(in_dev, arp->sip, arp->tip))
			arp_send(ARPOP_REPLY, ETH_P_ARP, arp->sip, dev,
				 arp->tip, arp->sha, NULL, arp->sha);
		return;
	}
	if (inet_addr_type(dev_net(dev), arp->tip) != RTN_LOCAL ||
	    !may_answer(in_dev, arp->sip, arp->tip))
		return;
	n = neigh_event_ns(&arp_tbl, arp->sha, &arp->sip, dev);
	arp_send(ARPOP_REPLY, ETH_P_ARP, arp->sip, dev, arp->tip, arp->sha,
		 NULL, arp->sha);
	if (n)
		neigh_release(n);
}

/* A neighbour that we know says something of himself. */
static void heard(struct sk_buff *skb, struct net_device *dev,
		  struct in_device *in_dev, struct arp_eth *arp, bool reply)
{
	bool create = IN_DEV_ORCONF(in_dev, ARP_ACCEPT) &&
		      inet_addr_type(dev_net(dev), arp->sip) == RTN_UNICAST;
	struct neighbour *n = __neigh_lookup(&arp_tbl, &arp->sip, dev, create);
	bool to_us = reply && skb->pkt_type == PACKET_HOST;
	bool fresh;

	if (!n)
		return;
	/* A second answer within a second does not replace the first. */
	fresh = time_after(jiffies, n->updated + HZ) || create;
	neigh_update(n, arp->sha, to_us ? NUD_REACHABLE : NUD_STALE,
		     fresh ? NEIGH_UPDATE_F_OVERRIDE : 0, 0);
	neigh_release(n);
}

static void arp_process(struct sk_buff *skb, struct net_device *dev)
{
	struct in_device *in_dev = __in_dev_get_rcu(dev);
	struct arphdr *hdr = (struct arphdr *)skb_network_header(skb);
	u16 op = ntohs(hdr->ar_op);
	struct arp_eth arp;

	memcpy(&arp, hdr + 1, sizeof(arp));
	if (!in_dev || (op != ARPOP_REQUEST && op != ARPOP_REPLY) ||
	    hdr->ar_pro != htons(ETH_P_IP) || hdr->ar_hrd != htons(dev->type))
		return;
	if (ipv4_is_multicast(arp.tip) || ipv4_is_multicast(arp.sip) ||
	    ipv4_is_lbcast(arp.sip) || is_multicast_ether_addr(arp.sha) ||
	    (!IN_DEV_ORCONF(in_dev, ROUTE_LOCALNET) &&
	     (ipv4_is_loopback(arp.tip) || ipv4_is_loopback(arp.sip))))
		return;
	if (inet_addr_type(dev_net(dev), arp.sip) == RTN_LOCAL)
		return;               /* our own, or somebody takes it */
	if (op == ARPOP_REQUEST &&
	    inet_addr_type(dev_net(dev), arp.tip) == RTN_LOCAL)
		answer(dev, in_dev, &arp);
	else if (arp.sip)
		heard(skb, dev, in_dev, &arp, op == ARPOP_REPLY);
}

static int arp_rcv(struct sk_buff *skb, struct net_device *dev,
		   struct packet_type *pt, struct net_device *orig_dev)
{
	struct arphdr *hdr;

	if ((dev->flags & (IFF_NOARP | IFF_LOOPBACK)) ||
	    dev->addr_len != ETH_ALEN || skb->pkt_type == PACKET_OTHERHOST ||
	    skb->pkt_type == PACKET_LOOPBACK)
		goto out;
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb || !pskb_may_pull(skb, ARP_LEN))
		goto out;
	hdr = (struct arphdr *)skb_network_header(skb);
	if (hdr->ar_hln == ETH_ALEN && hdr->ar_pln == 4)
		arp_process(skb, dev);
out:
	consume_skb(skb);
	return NET_RX_SUCCESS;
}

static struct packet_type arp_packet_type = {
	.type = htons(ETH_P_ARP),
	.func = arp_rcv,
};

void arp_init(void)
{
	neigh_table_init(&arp_tbl);
	dev_add_pack(&arp_packet_type);
}
