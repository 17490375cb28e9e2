/* SPDX-License-Identifier: MIT */
/*
 * virtio_net-tx.c -- packets to the device
 *
 * IDEA.  A packet is one chain in the ring: the device's header, the linear
 * part, the fragments.  The header is put into the packet's own headroom if
 * that is ours to write, and costs no descriptor then; else it lies in skb->cb.
 *
 * BACK-PRESSURE.  When the ring may not hold another packet the queue is
 * stopped, and the packets wait in the qdisc; sent ones are taken back by the
 * next sender, by the receive poll in passing, or by the tx interrupt, which
 * the device sends when most of the ring is done.  Room again: wake the queue.
 *
 * LOCKING.  The tx queue's lock (_xmit_lock) around all uses of the ring.
 */

#include "virtio_net.h"

#include <kernel/kernel.h>
#include <net/tx_queue.h>

#define ROOM_FOR_ONE (2 + MAX_SKB_FRAGS)

void virtnet_reap_tx(struct send_queue *sq)
{
	struct sk_buff *skb;
	unsigned int len;

	while ((skb = virtqueue_get_buf(sq->vq, &len))) {
		sq->packets++;
		sq->bytes += skb->len;
		consume_skb(skb);
	}
}

static void wake_if_room(struct virtnet_info *vi, struct send_queue *sq,
			 struct netdev_queue *txq)
{
	if (sq->vq->num_free >= ROOM_FOR_ONE)
		netif_tx_wake_queue(txq);
}

/* In passing, from the receive poll: softirq. */
void virtnet_tx_try_reap(struct virtnet_info *vi, unsigned int i)
{
	struct netdev_queue *txq = netdev_get_tx_queue(vi->dev, i);
	struct send_queue *sq = &vi->sq[i];

	if (!spin_trylock(&txq->_xmit_lock))
		return;
	WRITE_ONCE(txq->xmit_lock_owner, smp_processor_id());
	virtqueue_disable_cb(sq->vq);
	do {
		virtnet_reap_tx(sq);
	} while (!virtqueue_enable_cb_delayed(sq->vq));
	wake_if_room(vi, sq, txq);
	__netif_tx_unlock(txq);
}

void virtnet_tx_done(struct virtqueue *vq)
{
	virtnet_schedule(&virtnet_sq(vq)->napi, vq);
}

int virtnet_poll_tx(struct napi_struct *napi, int budget)
{
	struct send_queue *sq = container_of(napi, struct send_queue, napi);
	struct virtnet_info *vi = sq->vq->vdev->priv;
	struct netdev_queue *txq = netdev_get_tx_queue(vi->dev, sq - vi->sq);
	unsigned int seen;
	bool again = false;

	__netif_tx_lock(txq, smp_processor_id());
	virtqueue_disable_cb(sq->vq);
	virtnet_reap_tx(sq);
	wake_if_room(vi, sq, txq);
	seen = virtqueue_enable_cb_prepare(sq->vq);
	if (napi_complete_done(napi, 0))
		again = virtqueue_poll(sq->vq, seen);
	else
		virtqueue_disable_cb(sq->vq);
	__netif_tx_unlock(txq);
	if (again)
		virtnet_schedule(napi, sq->vq);
	return 0;
}

static void make_header(struct virtio_net_hdr *h, const struct sk_buff *skb)
{
	const struct skb_shared_info *si = skb_shinfo(skb);

	memset(h, 0, sizeof(*h));
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		h->csum_start = cpu_to_le16(skb->csum_start -
					    skb_headroom(skb));
		h->csum_offset = cpu_to_le16(skb->csum_offset);
	}
	if (!si->gso_size)
		return;
	h->hdr_len = cpu_to_le16(skb_headlen(skb));
	h->gso_size = cpu_to_le16(si->gso_size);
	h->gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	if (si->gso_type & SKB_GSO_TCP_ECN)
		h->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
}

/* The pieces of skb in sq->sg: how many. */
static unsigned int gather(struct virtnet_info *vi, struct send_queue *sq,
			   struct sk_buff *skb)
{
	bool push = !skb_header_cloned(skb) &&
		    skb_headroom(skb) >= vi->hdr_len;
	struct skb_shared_info *si = skb_shinfo(skb);
	struct virtio_net_hdr h;
	unsigned int n = 0;

	make_header(&h, skb);
	sg_init_table(sq->sg, si->nr_frags + (push ? 1 : 2));
	if (push) {
		memcpy(skb->data - vi->hdr_len, &h, vi->hdr_len);
		sg_set_buf(&sq->sg[n++], skb->data - vi->hdr_len,
			   skb_headlen(skb) + vi->hdr_len);
	} else {
		memcpy(skb->cb, &h, vi->hdr_len);
		sg_set_buf(&sq->sg[n++], skb->cb, vi->hdr_len);
		sg_set_buf(&sq->sg[n++], skb->data, skb_headlen(skb));
	}
	for (int i = 0; i < si->nr_frags; i++)
		sg_set_page(&sq->sg[n++], si->frags[i].bv_page,
			    si->frags[i].bv_len, si->frags[i].bv_offset);
	return n;
}

/* The ring is nearly full: stop, unless the device finished some meanwhile. */
static void stop_if_full(struct virtnet_info *vi, struct send_queue *sq,
			 struct netdev_queue *txq)
{
	if (sq->vq->num_free >= ROOM_FOR_ONE)
		return;
	netif_tx_stop_queue(txq);
	if (!virtqueue_enable_cb_delayed(sq->vq)) {
		virtnet_reap_tx(sq);
		if (sq->vq->num_free >= ROOM_FOR_ONE) {
			netif_tx_start_queue(txq);
			virtqueue_disable_cb(sq->vq);
		} else {
			virtnet_schedule(&sq->napi, sq->vq);
		}
	}
}

netdev_tx_t virtnet_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct virtnet_info *vi = netdev_priv(dev);
	unsigned int qnum = skb_get_queue_mapping(skb);
	struct netdev_queue *txq = netdev_get_tx_queue(dev, qnum);
	struct send_queue *sq = &vi->sq[qnum];
	bool kick = !netdev_xmit_more();
	unsigned int n;
	int err;

	do {
		virtqueue_disable_cb(sq->vq);
		virtnet_reap_tx(sq);
	} while (kick && !virtqueue_enable_cb_delayed(sq->vq));

	n = gather(vi, sq, skb);
	err = virtqueue_add_outbuf(sq->vq, sq->sg, n, skb, GFP_ATOMIC);
	if (unlikely(err)) {          /* broken, or no memory for a table */
		sq->drops++;
		dev_kfree_skb_any(skb);
		virtqueue_kick(sq->vq);
		return NETDEV_TX_OK;
	}
	stop_if_full(vi, sq, txq);
	if (kick || netif_xmit_frozen_or_stopped(txq))
		virtqueue_kick(sq->vq);
	return NETDEV_TX_OK;
}

void virtnet_tx_free(struct send_queue *sq)
{
	struct sk_buff *skb;

	while ((skb = virtqueue_detach_unused_buf(sq->vq)))
		kfree_skb(skb);
}
