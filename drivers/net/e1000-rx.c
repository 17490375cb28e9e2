/* SPDX-License-Identifier: MIT */
/*
 * e1000-rx.c -- packets from an 8254x
 *
 * IDEA.  A ring of descriptors, each with a buffer of 2 KiB.  The card fills
 * from RDH on and says so in each descriptor's status; it stops before RDT,
 * which is ours to move.  So one slot always stays empty: RDH == RDT means that
 * the card has no buffer.
 *
 *	   rx_next (ours to read)      RDT
 *	 ... | done | done | free ... free | (empty) | done ...
 *
 * A buffer that goes up with its packet is replaced first; if there is no
 * memory the packet is dropped and its buffer used again, so that the ring is
 * never short.
 *
 * LOCKING.  All runs in the poll, or with NAPI disabled.
 */

#include "e1000.h"

#include <kernel/dma-mapping.h>
#include <kernel/kernel.h>

static void offer(struct e1000 *e, unsigned int i, void *buf)
{
	e->rx_buf[i] = buf;
	e->rx[i].addr = cpu_to_le64(dma_map_single(&e->pdev->dev, buf,
				    RX_BUF_SIZE, DMA_FROM_DEVICE));
	e->rx[i].status = 0;
}

void e1000_rx_close(struct e1000 *e)
{
	for (int i = 0; i < RING; i++)
		if (e->rx_buf[i])
			page_frag_free(e->rx_buf[i]);
	memset(e->rx_buf, 0, sizeof(e->rx_buf));
	page_frag_cache_drain(&e->frags);
	kfree_skb(e->partial);
	e->partial = NULL;
	dma_free_coherent(&e->pdev->dev, RING * sizeof(*e->rx), e->rx,
			  e->rx_dma);
	e->rx = NULL;
}

static void start_ring(struct e1000 *e)
{
	ew32(e, E1000_RDBAL, (u32)e->rx_dma);
	ew32(e, E1000_RDBAH, e->rx_dma >> 32);
	ew32(e, E1000_RDLEN, RING * sizeof(*e->rx));
	ew32(e, E1000_RDH, 0);
	ew32(e, E1000_RDT, RING - 1);
	ew32(e, E1000_RDTR, 0);
	ew32(e, E1000_RXCSUM, E1000_RXCSUM_TUOFL);
}

int e1000_rx_open(struct e1000 *e)
{
	e->rx = dma_alloc_coherent(&e->pdev->dev, RING * sizeof(*e->rx),
				   &e->rx_dma, GFP_KERNEL);
	if (!e->rx)
		return -ENOMEM;
	for (int i = 0; i < RING; i++) {
		void *buf = page_frag_alloc(&e->frags, RX_BUF_SIZE,
					    GFP_KERNEL);

		if (!buf) {
			e1000_rx_close(e);
			return -ENOMEM;
		}
		offer(e, i, buf);
	}
	e->rx_next = 0;
	e->skipping = false;
	start_ring(e);
	return 0;
}

/* The packet's first n bytes, or all, copied: they are headers. */
static struct sk_buff *begin(struct e1000 *e, const void *buf, unsigned int n,
			     unsigned int *copied)
{
	struct sk_buff *skb = napi_alloc_skb(&e->napi, RX_COPY_LEN);

	*copied = n <= RX_COPY_LEN ? n :
		  eth_get_headlen(e->dev, buf, RX_COPY_LEN);
	if (skb)
		skb_put_data(skb, buf, *copied);
	return skb;
}

/* Buffer i, with n bytes, is the next part of e->partial.  False: no memory, or
 * too many parts; the buffer stays in the ring. */
static bool take(struct e1000 *e, unsigned int i, unsigned int n)
{
	void *buf = e->rx_buf[i], *new = NULL;
	unsigned int copied = 0;
	bool first = !e->partial;

	if (first) {
		e->partial = begin(e, buf, n, &copied);
		if (!e->partial)
			return false;
	}
	if (copied == n) {
		offer(e, i, buf);
		return true;
	}
	new = page_frag_alloc(&e->frags, RX_BUF_SIZE, GFP_ATOMIC);
	if (!new)
		return false;
	offer(e, i, new);
	return skb_add_page_frag(e->partial, (char *)buf + copied, n - copied,
				 RX_BUF_SIZE);
}

static void hand_up(struct e1000 *e, const struct e1000_rx_desc *d)
{
	struct sk_buff *skb = e->partial;

	e->partial = NULL;
	e->rx_packets++;
	e->rx_bytes += skb->len;
	/* A wrong one is looked at again by who knows what it means. */
	if (!(d->status & E1000_RXD_IXSM) && (d->status & E1000_RXD_TCPCS) &&
	    !(d->errors & E1000_RXE_TCPE))
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->protocol = eth_type_trans(skb, e->dev);
	napi_gro_receive(&e->napi, skb);
}

/* Descriptor i was filled.  True: a packet is complete. */
static bool receive(struct e1000 *e, unsigned int i)
{
	struct e1000_rx_desc d = e->rx[i];
	unsigned int n = min_t(unsigned int, le16_to_cpu(d.length),
			       RX_BUF_SIZE);
	bool last = d.status & E1000_RXD_EOP;

	if (d.errors & E1000_RXE_FRAME) {
		e->rx_errors++;
		e->skipping = true;
	} else if (!e->skipping && (!n || !take(e, i, n))) {
		e->rx_drops++;
		e->skipping = true;
	}
	if (e->skipping || (last && e->partial && e->partial->len < ETH_HLEN)) {
		kfree_skb(e->partial);
		e->partial = NULL;
		if (e->rx[i].status)
			offer(e, i, e->rx_buf[i]);
	}
	if (last && e->partial)
		hand_up(e, &d);
	if (last)
		e->skipping = false;
	return last;
}

int e1000_rx_poll(struct e1000 *e, int budget)
{
	unsigned int i = e->rx_next;
	int done = 0;

	while (done < budget && (READ_ONCE(e->rx[i].status) & E1000_RXD_DD)) {
		dma_rmb();            /* the rest after the status */
		done += receive(e, i);
		i = (i + 1) % RING;
	}
	if (i != e->rx_next) {
		e->rx_next = i;
		dma_wmb();            /* buffers before the card may use them */
		ew32(e, E1000_RDT, (i + RING - 1) % RING);
	}
	return done;
}
