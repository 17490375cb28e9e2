/* SPDX-License-Identifier: MIT */
/*
 * e1000-tx.c -- packets to an 8254x
 *
 * IDEA.  A ring of descriptors; the card sends from TDH up to TDT, which is
 * ours.  A packet whose checksum or cutting is the card's takes a context
 * descriptor that says where the headers are, then one for each run of at most
 * 8 KiB.  Only the last asks for a report (RS); when its DD bit is set all of
 * the packet was read and it is freed.
 *
 *	| context | linear | frag | frag, RS+EOP |   tx_skb[] set at the last
 *
 * CUTTING.  For a packet of many segments the card wants IP's length and sum
 * zero, and TCP's field to hold a pseudo header's sum without the length: it
 * adds the length of each segment.
 *
 * BACK-PRESSURE.  Stopped when the largest packet might not fit; woken by the
 * poll when there is room for it again.
 *
 * LOCKING.  The tx queue's lock (_xmit_lock).
 */

#include "e1000.h"

#include <kernel/dma-mapping.h>
#include <kernel/kernel.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/offload.h>
#include <net/tcp.h>
#include <net/tx_queue.h>

static unsigned int room(const struct e1000 *e)
{
	return (e->tx_tail + RING - e->tx_head - 1) % RING;
}

static struct e1000_tx_desc *next_desc(struct e1000 *e)
{
	struct e1000_tx_desc *d = &e->tx[e->tx_head];

	e->tx_head = (e->tx_head + 1) % RING;
	return d;
}

void e1000_tx_close(struct e1000 *e)
{
	for (int i = 0; i < RING; i++)
		kfree_skb(e->tx_skb[i]);
	memset(e->tx_skb, 0, sizeof(e->tx_skb));
	dma_free_coherent(&e->pdev->dev, RING * sizeof(*e->tx), e->tx,
			  e->tx_dma);
	e->tx = NULL;
}

int e1000_tx_open(struct e1000 *e)
{
	e->tx = dma_alloc_coherent(&e->pdev->dev, RING * sizeof(*e->tx),
				   &e->tx_dma, GFP_KERNEL);
	if (!e->tx)
		return -ENOMEM;
	e->tx_head = e->tx_tail = 0;
	ew32(e, E1000_TDBAL, (u32)e->tx_dma);
	ew32(e, E1000_TDBAH, e->tx_dma >> 32);
	ew32(e, E1000_TDLEN, RING * sizeof(*e->tx));
	ew32(e, E1000_TDH, 0);
	ew32(e, E1000_TDT, 0);
	ew32(e, E1000_TIDV, 0);
	ew32(e, E1000_TIPG, E1000_TIPG_COPPER);
	return 0;
}

/* ---- giving back ---- */

static void reap(struct e1000 *e)
{
	unsigned int i = e->tx_tail;

	for (; i != e->tx_head; i = (i + 1) % RING) {
		struct sk_buff *skb = e->tx_skb[i];

		if (!skb)
			continue;     /* decided at the packet's last */
		if (!(READ_ONCE(e->tx[i].high) & cpu_to_le32(E1000_TXD_DD)))
			return;
		e->tx_packets++;
		e->tx_bytes += skb->len;
		e->tx_skb[i] = NULL;
		consume_skb(skb);
		e->tx_tail = (i + 1) % RING;
	}
}

void e1000_tx_poll(struct e1000 *e)
{
	struct netdev_queue *txq = netdev_get_tx_queue(e->dev, 0);

	__netif_tx_lock(txq, smp_processor_id());
	reap(e);
	if (room(e) >= TX_MAX_DESCS)
		netif_tx_wake_queue(txq);
	__netif_tx_unlock(txq);
}

/* ---- sending ---- */

/* Where the bytes that are summed begin: the transport's header. */
static struct tcphdr *summed_header(const struct sk_buff *skb)
{
	return (struct tcphdr *)(skb->head + skb->csum_start);
}

/* What the card fills in must be empty: 0 or -ENOMEM. */
static int prepare_headers(struct sk_buff *skb)
{
	struct iphdr *ip;

	if (skb_cow_head(skb, 0))
		return -ENOMEM;
	ip = ip_hdr(skb);
	ip->tot_len = 0;
	ip->check = 0;
	summed_header(skb)->check = tcp_udp_v4_pseudo(ip->saddr, ip->daddr, 0,
						      IPPROTO_TCP);
	return 0;
}

static void put_context(struct e1000 *e, const struct sk_buff *skb, bool cut)
{
	struct e1000_tx_context *c = (void *)next_desc(e);
	unsigned int start = skb->csum_start - skb_headroom(skb);
	u32 low = E1000_TXD_DEXT;

	memset(c, 0, sizeof(*c));
	c->tucss = start;
	c->tucso = start + skb->csum_offset;
	if (cut) {
		unsigned int ip = skb_network_offset(skb);
		unsigned int hlen = start + summed_header(skb)->doff * 4;

		c->ipcss = ip;
		c->ipcso = ip + offsetof(struct iphdr, check);
		c->ipcse = cpu_to_le16(start - 1);
		c->hdr_len = hlen;
		c->mss = cpu_to_le16(skb_shinfo(skb)->gso_size);
		low |= E1000_TXD_TSE | E1000_TXD_IP | E1000_TXD_TCP |
		       (skb->len - hlen);
	} else if (skb->csum_offset == offsetof(struct tcphdr, check)) {
		low |= E1000_TXD_TCP;
	}
	c->low = cpu_to_le32(low);
}

/* Descriptors for n bytes at addr; how they are to be treated. */
static struct e1000_tx_desc *put_run(struct e1000 *e, dma_addr_t addr,
				     unsigned int n, u32 low, u32 high)
{
	struct e1000_tx_desc *d = NULL;

	while (n) {
		unsigned int len = min_t(unsigned int, n, TX_MAX_LEN);

		d = next_desc(e);
		d->addr = cpu_to_le64(addr);
		d->low = cpu_to_le32(low | len);
		d->high = cpu_to_le32(high);
		addr += len;
		n -= len;
	}
	return d;
}

static void put_packet(struct e1000 *e, struct sk_buff *skb, bool cut)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	u32 low = E1000_TXD_DEXT | E1000_TXD_DATA | E1000_TXD_IFCS, high = 0;
	struct e1000_tx_desc *last;

	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		put_context(e, skb, cut);
		high = E1000_TXD_TXSM;
	}
	if (cut) {
		low |= E1000_TXD_TSE;
		high |= E1000_TXD_IXSM;
	}
	last = put_run(e, dma_map_single(&e->pdev->dev, skb->data,
		       skb_headlen(skb), DMA_TO_DEVICE), skb_headlen(skb), low,
		       high);
	for (int i = 0; i < si->nr_frags; i++) {
		const skb_frag_t *f = &si->frags[i];

		last = put_run(e, dma_map_page(&e->pdev->dev, f->bv_page,
			       f->bv_offset, f->bv_len, DMA_TO_DEVICE),
			       f->bv_len, low, high);
	}
	last->low |= cpu_to_le32(E1000_TXD_EOP | E1000_TXD_RS);
	e->tx_skb[last - e->tx] = skb;
}

/* _xmit_lock held. */
netdev_tx_t e1000_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct netdev_queue *txq = netdev_get_tx_queue(dev, 0);
	struct e1000 *e = netdev_priv(dev);
	bool cut = skb_is_gso(skb);

	if (room(e) < TX_MAX_DESCS)
		reap(e);
	if (unlikely(room(e) < TX_MAX_DESCS)) {
		netif_tx_stop_queue(txq);
		return NETDEV_TX_BUSY;
	}
	if (cut && prepare_headers(skb)) {
		kfree_skb(skb);
		dev->stats.tx_dropped++;
	} else {
		put_packet(e, skb, cut);
	}
	if (room(e) < TX_MAX_DESCS)
		netif_tx_stop_queue(txq); /* the poll sees room and wakes it */
	if (!netdev_xmit_more() || netif_tx_queue_stopped(txq)) {
		dma_wmb();            /* descriptors before the doorbell */
		ew32(e, E1000_TDT, e->tx_head);
	}
	return NETDEV_TX_OK;
}
