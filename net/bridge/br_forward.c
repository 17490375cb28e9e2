/* SPDX-License-Identifier: MIT */
/*
 * br_forward.c -- a frame comes by a port, or from the machine: where does it
 * go
 *
 *	               by a port                     from the machine
 *	                   |                                |
 *	      learn: its sender is behind this port          |
 *	                   |                                |
 *	 to all or many -> every other port, and us      every port
 *	 to us          -> up, as come by the bridge         -
 *	 to somebody known  -> his port, if it is another    his port
 *	 to nobody known    -> every other port              every port
 *
 * A frame goes by a port only if that is FORWARDING, and never back where it
 * came from.  A copy shares the bytes; only the last port gets the frame
 * itself.
 *
 * 01:80:c2:00:00:0X is link-local (802.1D 7.12.6): pause frames are dropped,
 * others go to the port itself, except that of the spanning tree (00), which is
 * forwarded as long as no bridge here speaks it.
 *
 * CONTEXT.  Bottom halves off, RCU.
 *
 * NOT DONE.  Spanning tree, VLANs, snooping of multicast groups.
 */

#include "bridge.h"

#include <kernel/kernel.h>
#include <net/dst.h>
#include <net/offload.h>

/* ---- out ---- */

static bool may_go(const struct net_bridge_port *p,
		   const struct net_bridge_port *from,
		   const struct sk_buff *skb)
{
	return p != from && READ_ONCE(p->state) == BR_STATE_FORWARDING &&
	       (skb_is_gso(skb) ||
		skb->len <= READ_ONCE(p->dev->mtu) + ETH_HLEN);
}

/* By p, header and all; consumes skb. */
static void send_by(struct net_bridge_port *p, struct sk_buff *skb)
{
	skb->dev = p->dev;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	skb_dst_drop(skb);
	dev_queue_xmit(skb);
}

/* To one port, or nowhere; consumes skb. */
static void forward(struct net_bridge_port *to,
		    const struct net_bridge_port *from, struct sk_buff *skb)
{
	if (to && may_go(to, from, skb))
		send_by(to, skb);
	else
		kfree_skb(skb);
}

/* unknown: nobody is known by that address.  Consumes skb. */
static void flood(struct net_bridge *br, const struct net_bridge_port *from,
		  struct sk_buff *skb, bool unknown)
{
	struct net_bridge_port *p, *last = NULL;

	list_for_each_entry_rcu(p, &br->port_list, list) {
		struct sk_buff *copy;

		if (!may_go(p, from, skb) ||
		    (unknown && !(READ_ONCE(p->flags) & BR_FLOOD)))
			continue;
		if (last) {
			copy = skb_clone(skb, GFP_ATOMIC);
			if (copy)
				send_by(last, copy);
			else
				atomic_long_inc(&br->dev->tx_dropped);
		}
		last = p;
	}
	forward(last, from, skb);
}

/* ---- in ---- */

static void count(struct net_device *dev, unsigned int len, bool rx)
{
	struct pcpu_sw_netstats *st = this_cpu_ptr(dev->tstats);

	if (rx) {
		st->rx_packets++;
		st->rx_bytes += len;
	} else {
		st->tx_packets++;
		st->tx_bytes += len;
	}
}

/* To the machine, as if it had come by the bridge; data at the payload. */
static void pass_up(struct net_bridge *br, struct sk_buff *skb)
{
	if (!(br->dev->flags & IFF_UP)) {
		kfree_skb(skb);
		return;
	}
	count(br->dev, skb->len, true);
	skb->dev = br->dev;
	netif_receive_skb(skb);
}

/* p is FORWARDING; consumes skb. */
static void handle(struct net_bridge_port *p, struct sk_buff *skb)
{
	const u8 *dest = eth_hdr(skb)->h_dest;
	struct net_bridge_fdb_entry *dst = NULL;
	struct net_bridge *br = p->br;
	bool many = is_multicast_ether_addr(dest), ours;
	struct sk_buff *up;

	if (!many)
		dst = br_fdb_find(br, dest);
	ours = dst && dst->is_local;
	if (ours) {
		skb->pkt_type = PACKET_HOST;
		pass_up(br, skb);
		return;
	}
	if (many || (br->dev->flags & IFF_PROMISC)) {
		up = skb_clone(skb, GFP_ATOMIC);
		if (up)
			pass_up(br, up);
	}
	skb_push(skb, ETH_HLEN);
	if (dst) {
		WRITE_ONCE(dst->used, jiffies);
		forward(READ_ONCE(dst->dst), p, skb);
	} else {
		flood(br, p, skb, !many);
	}
}

/* true: the frame is for the port itself, or nobody (*drop). */
static bool link_local(const u8 *dest, bool *drop)
{
	static const u8 group[5] = { 0x01, 0x80, 0xc2, 0x00, 0x00 };

	*drop = false;
	if (memcmp(dest, group, sizeof(group)) || (dest[5] & 0xf0))
		return false;
	*drop = dest[5] == 0x01;      /* pause */
	return dest[5] != 0x00;
}

rx_handler_result_t br_handle_frame(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct net_bridge_port *p;
	u8 state;
	bool drop;

	if (skb->pkt_type == PACKET_LOOPBACK)
		return RX_HANDLER_PASS;
	if (!is_valid_ether_addr(eth_hdr(skb)->h_source))
		goto drop;
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return RX_HANDLER_CONSUMED;
	*pskb = skb;
	if (link_local(eth_hdr(skb)->h_dest, &drop)) {
		if (drop)
			goto drop;
		return RX_HANDLER_PASS;
	}
	p = br_port_get(skb->dev);
	state = p ? READ_ONCE(p->state) : BR_STATE_DISABLED;
	if ((state == BR_STATE_FORWARDING || state == BR_STATE_LEARNING) &&
	    (READ_ONCE(p->flags) & BR_LEARNING))
		br_fdb_learn(p, eth_hdr(skb)->h_source);
	if (state != BR_STATE_FORWARDING)
		goto drop;
	skb_orphan(skb);
	handle(p, skb);
	return RX_HANDLER_CONSUMED;
drop:
	kfree_skb(skb);
	return RX_HANDLER_CONSUMED;
}

/* ---- from the machine ---- */

netdev_tx_t br_dev_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct net_bridge *br = br_of(dev);
	struct net_bridge_fdb_entry *dst;
	const u8 *dest;

	if (skb_headlen(skb) < ETH_HLEN) {
		kfree_skb(skb);
		return NETDEV_TX_OK;
	}
	count(dev, skb->len, false);
	skb_reset_mac_header(skb);
	dest = eth_hdr(skb)->h_dest;
	rcu_read_lock();
	if (is_multicast_ether_addr(dest)) {
		flood(br, NULL, skb, false);
	} else {
		dst = br_fdb_find(br, dest);
		if (dst)
			forward(READ_ONCE(dst->dst), NULL, skb);
		else
			flood(br, NULL, skb, true);
	}
	rcu_read_unlock();
	return NETDEV_TX_OK;
}
