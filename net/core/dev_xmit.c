/* SPDX-License-Identifier: MIT */
/*
 * dev_xmit.c -- a packet leaves by a device
 *
 *	dev_queue_xmit: choose a tx queue
 *	    has a qdisc: enqueue; whoever runs the qdisc sends (sch_generic.c)
 *	    none (lo, bridges): straight to the driver, under the queue's lock
 *	validate_xmit_skb: what the device cannot do is done here: segments,
 *	    checksums, one piece
 *	dev_hard_start_xmit: taps see a clone, then the driver
 *
 * RECURSION.  A device on top of another (bridge, veth) sends within a send;
 * a loop of them would eat the stack: XMIT_RECURSION_LIMIT on each CPU.
 *
 * LOCKING.  bh off throughout; _xmit_lock around ndo_start_xmit unless the
 * device has NETIF_F_LLTX.
 */

#include "dev.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/checksum.h>
#include <net/dst.h>
#include <net/etherdevice.h>
#include <net/offload.h>
#include <net/sch_generic.h>
#include <net/tx_queue.h>

#define XMIT_RECURSION_LIMIT 8

bool netdev_xmit_more(void)
{
	return this_cpu_read(softnet_data.more);
}

/* ---- making it fit ---- */

netdev_features_t netif_skb_features(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	netdev_features_t features = dev->features;

	if (skb_is_gso(skb) &&
	    (skb_shinfo(skb)->gso_segs > READ_ONCE(dev->gso_max_segs) ||
	     skb->len > GSO_MAX_SIZE + MAX_HEADER))
		features &= ~(NETIF_F_ALL_TSO | NETIF_F_GSO_UDP_L4);
	if (dev->netdev_ops->ndo_features_check)
		features &= dev->netdev_ops->ndo_features_check(skb, dev,
								features);
	return features;
}

static bool must_segment(struct sk_buff *skb, netdev_features_t features)
{
	unsigned int type = skb_shinfo(skb)->gso_type;
	netdev_features_t need = 0;

	if (!skb_is_gso(skb))
		return false;
	if (type & SKB_GSO_TCPV4)
		need |= NETIF_F_TSO;
	if (type & SKB_GSO_TCP_ECN)
		need |= NETIF_F_TSO_ECN;
	if (type & SKB_GSO_TCPV6)
		need |= NETIF_F_TSO6;
	if (type & SKB_GSO_UDP_L4)
		need |= NETIF_F_GSO_UDP_L4;
	return !need || (features & need) != need ||
	       skb->ip_summed != CHECKSUM_PARTIAL;
}

static bool can_checksum(struct sk_buff *skb, netdev_features_t features)
{
	return (features & NETIF_F_HW_CSUM) ||
	       ((features & NETIF_F_IP_CSUM) &&
		skb->protocol == htons(ETH_P_IP)) ||
	       ((features & NETIF_F_IPV6_CSUM) &&
		skb->protocol == htons(ETH_P_IPV6));
}

static struct sk_buff *drop_tx(struct sk_buff *skb, struct net_device *dev)
{
	atomic_long_inc(&dev->tx_dropped);
	kfree_skb_list(skb);
	return NULL;
}

static struct sk_buff *validate_segments(struct sk_buff *segs,
					 struct net_device *dev)
{
	struct sk_buff *head = NULL, **tail = &head, *next;

	for (; segs; segs = next) {
		next = segs->next;
		segs->next = NULL;
		segs = validate_xmit_skb(segs, dev);
		*tail = segs;
		if (segs)
			tail = &segs->next;
	}
	return head;
}

struct sk_buff *validate_xmit_skb(struct sk_buff *skb, struct net_device *dev)
{
	netdev_features_t features = netif_skb_features(skb);
	struct sk_buff *segs;

	if (must_segment(skb, features)) {
		segs = skb_gso_segment(skb, features);
		if (IS_ERR(segs))
			return drop_tx(skb, dev);
		if (segs) {
			consume_skb(skb);
			return validate_segments(segs, dev);
		}
	}
	if (skb_is_nonlinear(skb) &&
	    ((!(features & NETIF_F_SG) && skb_shinfo(skb)->nr_frags) ||
	     (!(features & NETIF_F_FRAGLIST) && skb_has_frag_list(skb))) &&
	    skb_linearize(skb))
		return drop_tx(skb, dev);
	if (skb->ip_summed == CHECKSUM_PARTIAL && !can_checksum(skb, features) &&
	    skb_checksum_help(skb))
		return drop_tx(skb, dev);
	return skb;
}

/* ---- to the driver ---- */

static int xmit_one(struct sk_buff *skb, struct net_device *dev,
		    struct netdev_queue *txq, bool more)
{
	int rc;

	dev_queue_xmit_nit(skb, dev);
	this_cpu_write(softnet_data.more, more);
	rc = dev->netdev_ops->ndo_start_xmit(skb, dev);
	if (rc == NETDEV_TX_OK)
		txq_trans_update(txq);
	return rc;
}

struct sk_buff *dev_hard_start_xmit(struct sk_buff *skb, struct net_device *dev,
				    struct netdev_queue *txq, int *ret)
{
	int rc = NETDEV_TX_OK;

	while (skb) {
		struct sk_buff *next = skb->next;

		skb->next = NULL;
		rc = xmit_one(skb, dev, txq, next != NULL);
		if (rc != NETDEV_TX_OK) {
			skb->next = next;
			break;
		}
		skb = next;
		if (skb && netif_tx_queue_stopped(txq)) {
			rc = NETDEV_TX_BUSY;
			break;
		}
	}
	*ret = rc;
	return skb;
}

/* Equal flows go by the same queue, so that they stay in order. */
static u16 pick_tx(struct net_device *dev, struct sk_buff *skb)
{
	unsigned int n = READ_ONCE(dev->real_num_tx_queues);

	if (n == 1)
		return 0;
	if (dev->netdev_ops->ndo_select_queue)
		return dev->netdev_ops->ndo_select_queue(dev, skb, NULL) % n;
	if (skb->sk && skb->sk->sk_hash)
		return hash_32(skb->sk->sk_hash, 16) % n;
	return smp_processor_id() % n;
}

/* A device without a queue: bh off. */
static int xmit_direct(struct sk_buff *skb, struct net_device *dev,
		       struct netdev_queue *txq)
{
	struct softnet_data *sd = this_cpu_ptr(&softnet_data);
	bool lock = !(dev->features & NETIF_F_LLTX);
	int cpu = smp_processor_id(), rc = -ENETDOWN;

	if (!(dev->flags & IFF_UP) || sd->recursion > XMIT_RECURSION_LIMIT ||
	    (lock && READ_ONCE(txq->xmit_lock_owner) == cpu))
		goto drop;
	skb = validate_xmit_skb(skb, dev);
	if (!skb)
		return -ENOMEM;
	if (lock)
		__netif_tx_lock(txq, cpu);
	rc = -ENETDOWN;
	if (!netif_xmit_frozen_or_stopped(txq)) {
		sd->recursion++;
		skb = dev_hard_start_xmit(skb, dev, txq, &rc);
		sd->recursion--;
	}
	if (lock)
		__netif_tx_unlock(txq);
	if (!skb)
		return rc;
	rc = -ENETDOWN;
drop:
	drop_tx(skb, dev);
	return rc;
}

int dev_queue_xmit(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	struct netdev_queue *txq;
	struct Qdisc *q;
	int rc;

	skb_reset_mac_header(skb);
	local_bh_disable();
	skb->queue_mapping = pick_tx(dev, skb);
	txq = skb_get_tx_queue(dev, skb);
	q = rcu_dereference_bh(txq->qdisc);
	if (dev->priv_flags & IFF_XMIT_DST_RELEASE)
		skb_dst_drop(skb);
	else
		skb_dst_force(skb);
	rc = q->ops->enqueue ? dev_xmit_skb(skb, q, dev, txq)
			     : xmit_direct(skb, dev, txq);
	local_bh_enable();
	return rc;
}

/* ---- to ourselves ---- */

/* A copy of what we send to many comes in again as if from the wire. */
int dev_loopback_xmit(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	skb_reset_mac_header(skb);
	__skb_pull(skb, skb_network_offset(skb));
	skb->pkt_type = PACKET_LOOPBACK;
	if (skb->ip_summed == CHECKSUM_NONE)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb_dst_force(skb);
	netif_rx(skb);
	return 0;
}

/* What the sender's network and layers noted is nothing to the receiver. */
static void scrub(struct sk_buff *skb)
{
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb->tstamp = 0;
	skb->pkt_type = PACKET_HOST;
	skb->skb_iif = 0;
	skb->ignore_df = 0;
	skb->priority = 0;
	skb->mark = 0;
}

/* A frame comes in by dev as if from the wire: what veth is made of.  Consumes
 * skb; NET_RX_DROP: dev is down, or the frame too long for it. */
int dev_forward_skb(struct net_device *dev, struct sk_buff *skb)
{
	if (!(dev->flags & IFF_UP) ||
	    (!skb_is_gso(skb) && skb->len > dev->mtu + dev->hard_header_len)) {
		atomic_long_inc(&dev->rx_dropped);
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	scrub(skb);
	skb->protocol = eth_type_trans(skb, dev);
	return netif_rx(skb);
}

/* ---- queues ---- */

void netif_tx_start_all_queues(struct net_device *dev)
{
	for (unsigned int i = 0; i < dev->num_tx_queues; i++)
		netif_tx_start_queue(&dev->_tx[i]);
}

void netif_tx_stop_all_queues(struct net_device *dev)
{
	for (unsigned int i = 0; i < dev->num_tx_queues; i++)
		netif_tx_stop_queue(&dev->_tx[i]);
}

void netif_tx_wake_all_queues(struct net_device *dev)
{
	for (unsigned int i = 0; i < dev->num_tx_queues; i++)
		netif_tx_wake_queue(&dev->_tx[i]);
}

void netif_tx_disable(struct net_device *dev)
{
	for (unsigned int i = 0; i < dev->num_tx_queues; i++) {
		struct netdev_queue *txq = &dev->_tx[i];

		__netif_tx_lock_bh(txq);
		netif_tx_stop_queue(txq);
		__netif_tx_unlock_bh(txq);
	}
}
