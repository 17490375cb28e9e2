/* SPDX-License-Identifier: MIT */
/*
 * virtio_net-rx.c -- packets from the device
 *
 * IDEA.  The receive queue is kept full of buffers of 2 KiB (page_frag.c).  A
 * packet that needs more takes the next ones of the ring, which are neighbours
 * in memory, so 64 KiB become two or three fragments of the skb.
 *
 * Each poll tells the device of what it put back: one that found the ring empty
 * waits for that, and a burst of small packets uses up the ring and fills it
 * again without ever leaving a hole to fill.
 *
 * The headers are copied into the linear part, for that is where protocols
 * look; the payload stays where the device put it.  A small packet is copied
 * whole, and its buffer goes back into the ring.
 *
 * What the device says is not believed: lengths are cut to the buffer's size,
 * and a packet whose parts do not add up is dropped.
 *
 * LOCKING.  All runs in the queue's poll, or with NAPI disabled.
 */

#include "virtio_net.h"

#include <kernel/kernel.h>
#include <mm/mm.h>

/* ---- buffers ---- */

/* Offer buf to the device; it is freed if the queue is full or broken. */
static int offer(struct receive_queue *rq, void *buf, gfp_t gfp)
{
	struct scatterlist sg;
	int err;

	sg_init_one(&sg, buf, RX_BUF_SIZE);
	err = virtqueue_add_inbuf(rq->vq, &sg, 1, buf, gfp);
	if (err < 0)
		page_frag_free(buf);
	return err;
}

/* Fill the ring.  False: memory ran out with the ring (nearly) empty. */
bool virtnet_fill(struct virtnet_info *vi, struct receive_queue *rq, gfp_t gfp)
{
	bool oom = false;

	while (rq->vq->num_free) {
		void *buf = page_frag_alloc(&rq->frags, RX_BUF_SIZE, gfp);

		oom = !buf;
		if (oom || offer(rq, buf, gfp) < 0)
			break;
	}
	virtqueue_kick(rq->vq);
	return !oom;
}

/* Memory was short in softirq: here we may wait for it. */
void virtnet_refill_work(struct work_struct *work)
{
	struct receive_queue *rq = container_of(to_delayed_work(work),
						struct receive_queue, refill);
	struct virtnet_info *vi = rq->vq->vdev->priv;
	bool full;

	if (READ_ONCE(vi->closing))
		return;
	napi_disable(&rq->napi);
	full = virtnet_fill(vi, rq, GFP_KERNEL);
	napi_enable(&rq->napi);
	local_bh_disable();
	virtnet_schedule(&rq->napi, rq->vq);
	local_bh_enable();
	if (!full)
		schedule_delayed_work(&rq->refill, HZ / 2);
}

void virtnet_rx_open(struct virtnet_info *vi, struct receive_queue *rq)
{
	if (!virtnet_fill(vi, rq, GFP_KERNEL))
		schedule_delayed_work(&rq->refill, 0);
	napi_enable(&rq->napi);
	/* What came while nobody looked made its interrupt already. */
	local_bh_disable();
	virtnet_schedule(&rq->napi, rq->vq);
	local_bh_enable();
}

void virtnet_rx_free(struct receive_queue *rq)
{
	void *buf;

	while ((buf = virtqueue_detach_unused_buf(rq->vq)))
		page_frag_free(buf);
	page_frag_cache_drain(&rq->frags);
}

/* ---- from buffers to packets ---- */

/* A packet's first buffer, of n bytes with the header; consumes buf. */
static struct sk_buff *first_part(struct virtnet_info *vi,
				  struct receive_queue *rq, void *buf,
				  unsigned int n)
{
	unsigned int hlen = vi->hdr_len, copy;
	struct sk_buff *skb;

	n -= hlen;
	copy = n;
	if (n > RX_COPY_LEN)          /* GRO merges payload that is in pages */
		copy = eth_get_headlen(vi->dev, (char *)buf + hlen,
				       RX_COPY_LEN);
	skb = napi_alloc_skb(&rq->napi, RX_COPY_LEN);
	if (!skb) {
		page_frag_free(buf);
		return NULL;
	}
	skb_put_data(skb, (char *)buf + hlen, copy);
	if (n > copy)
		skb_add_page_frag(skb, (char *)buf + hlen + copy, n - copy,
				  RX_BUF_SIZE);
	else
		offer(rq, buf, GFP_ATOMIC);
	return skb;
}

/* Throw away the rest of a packet. */
static void skip_parts(struct receive_queue *rq, unsigned int parts)
{
	unsigned int len;
	void *buf;

	while (parts-- && (buf = virtqueue_get_buf(rq->vq, &len)))
		page_frag_free(buf);
}

/* The other buffers of a packet: false, it is not whole. */
static bool more_parts(struct receive_queue *rq, struct sk_buff *skb,
		       unsigned int parts)
{
	unsigned int len;
	void *buf;

	for (; parts; parts--) {
		buf = virtqueue_get_buf(rq->vq, &len);
		if (!buf)
			return false;
		if (!skb_add_page_frag(skb, buf, min_t(unsigned int, len,
					RX_BUF_SIZE), RX_BUF_SIZE)) {
			skip_parts(rq, parts - 1);
			return false;
		}
	}
	return true;
}

/* What the header says about checksum and segments: false: nonsense. */
static bool apply_header(struct sk_buff *skb, const struct virtio_net_hdr *h)
{
	unsigned int start = le16_to_cpu(h->csum_start);
	unsigned int off = le16_to_cpu(h->csum_offset);

	if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		if (start + off + sizeof(u16) > skb_headlen(skb))
			return false;
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_headroom(skb) + start;
		skb->csum_offset = off;
		skb->transport_header = skb->csum_start;
	} else if (h->flags & VIRTIO_NET_HDR_F_DATA_VALID) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	}
	if (h->gso_type == VIRTIO_NET_HDR_GSO_NONE)
		return true;
	if ((h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) !=
	    VIRTIO_NET_HDR_GSO_TCPV4 || !h->gso_size)
		return false;
	skb_shinfo(skb)->gso_size = le16_to_cpu(h->gso_size);
	skb_shinfo(skb)->gso_segs = 0; /* not believed: counted when cut */
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4 | SKB_GSO_DODGY;
	if (h->gso_type & VIRTIO_NET_HDR_GSO_ECN)
		skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_ECN;
	return true;
}

static void receive(struct virtnet_info *vi, struct receive_queue *rq,
		    void *buf, unsigned int len)
{
	struct virtio_net_hdr h = { 0 };
	unsigned int parts = 1;
	struct sk_buff *skb;

	len = min_t(unsigned int, len, RX_BUF_SIZE);
	if (len < vi->hdr_len + ETH_HLEN) {
		page_frag_free(buf);
		rq->drops++;
		return;
	}
	memcpy(&h, buf, vi->hdr_len);
	if (vi->mergeable)
		parts = max_t(unsigned int, le16_to_cpu(h.num_buffers), 1);
	skb = first_part(vi, rq, buf, len);
	if (!skb) {
		skip_parts(rq, parts - 1);
		rq->drops++;
		return;
	}
	if (!more_parts(rq, skb, parts - 1) || !apply_header(skb, &h)) {
		kfree_skb(skb);
		rq->drops++;
		return;
	}
	rq->packets++;
	rq->bytes += skb->len;
	skb->protocol = eth_type_trans(skb, vi->dev);
	napi_gro_receive(&rq->napi, skb);
}

void virtnet_rx_done(struct virtqueue *vq)
{
	virtnet_schedule(&virtnet_rq(vq)->napi, vq);
}

int virtnet_poll_rx(struct napi_struct *napi, int budget)
{
	struct receive_queue *rq = container_of(napi, struct receive_queue,
						napi);
	struct virtnet_info *vi = rq->vq->vdev->priv;
	unsigned int len;
	int done = 0;
	void *buf;

	virtnet_tx_try_reap(vi, rq - vi->rq);
	while (done < budget && (buf = virtqueue_get_buf(rq->vq, &len))) {
		receive(vi, rq, buf, len);
		done++;
	}
	if (rq->vq->num_free <= virtqueue_get_vring_size(rq->vq) / 4)
		virtqueue_kick(rq->vq);
	else if (!virtnet_fill(vi, rq, GFP_ATOMIC) && !READ_ONCE(vi->closing))
		schedule_delayed_work(&rq->refill, 0);
	if (done < budget)
		virtnet_complete(napi, rq->vq, done);
	return done;
}
