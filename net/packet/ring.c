/* SPDX-License-Identifier: MIT */
/*
 * ring.c -- packets in memory that the program maps: PACKET_RX_RING
 *
 * IDEA.  Blocks of pages, seen by both sides; a status word says whose a frame
 * is, and the other side does not touch it.  So a capture copies each packet
 * once, and makes no call while packets keep coming.
 *
 *	V1, V2:  | frame | frame | frame | ...   status in each frame
 *	V3:      | block: desc, packet, packet .. | block ...   status in each block
 *
 * A V3 block is handed over when it is full, or when its first packet has
 * waited for tp_retire_blk_tov milliseconds.
 *
 * The program may write anything into the ring at any time: nothing is read
 * from it but status words, and where we are is kept in kernel memory.
 *
 * LOCKING.  receive queue's lock: what is filled.  pg_lock: the ring's coming
 * and going; while a VMA shows it, it stays (EBUSY).
 *
 * SEE packet(7), "TPACKET".
 */

#include "packet.h"

#include <arch/barrier.h>
#include <fs/fs.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>
#include <mm/mm.h>
#include <mm/mmzone.h>
#include <mm/slab.h>
#include <net/filter.h>

#define V3_ALIGN(x) ALIGN(x, 8)
#define V3_DESC_LEN V3_ALIGN(sizeof(struct tpacket_block_desc))
#define DEFAULT_RETIRE_MS 8

/* ---- memory ---- */

static void free_blocks(struct packet_ring *r)
{
	for (unsigned int i = 0; i < r->block_nr; i++)
		if (r->blocks[i])
			__free_pages(virt_to_page(r->blocks[i]),
				     r->block_order);
	kvfree(r->blocks);
	r->blocks = NULL;
}

/* No hook fills it any more. */
void packet_ring_free(struct packet_ring *r)
{
	if (!r->blocks)
		return;
	del_timer_sync(&r->retire);
	free_blocks(r);
}

static int alloc_blocks(struct packet_ring *r)
{
	u64 pages = (u64)r->block_nr << r->block_order;

	if (pages > totalram_pages() / 4)
		return -ENOMEM;
	r->blocks = kvcalloc(r->block_nr, sizeof(*r->blocks), GFP_KERNEL);
	if (!r->blocks)
		return -ENOMEM;
	for (unsigned int i = 0; i < r->block_nr; i++) {
		struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP |
						__GFP_ZERO | __GFP_NOWARN |
						__GFP_NORETRY, r->block_order);

		if (!page) {
			free_blocks(r);
			return -ENOMEM;
		}
		r->blocks[i] = page_address(page);
	}
	return 0;
}

/* ---- whose it is ---- */

static char *frame_at(const struct packet_ring *r, unsigned int i)
{
	return r->blocks[i / r->frames_per_block] +
	       i % r->frames_per_block * r->frame_size;
}

static u32 frame_status(unsigned int version, const char *frame)
{
	smp_rmb();
	if (version == TPACKET_V1)
		return READ_ONCE(((struct tpacket_hdr *)frame)->tp_status);
	return READ_ONCE(((struct tpacket2_hdr *)frame)->tp_status);
}

static void set_frame_status(unsigned int version, char *frame, u32 status)
{
	smp_wmb();                    /* behind all that is in the frame */
	if (version == TPACKET_V1)
		WRITE_ONCE(((struct tpacket_hdr *)frame)->tp_status, status);
	else
		WRITE_ONCE(((struct tpacket2_hdr *)frame)->tp_status, status);
}

static struct tpacket_block_desc *block_at(const struct packet_ring *r,
					   unsigned int i)
{
	return (struct tpacket_block_desc *)r->blocks[i];
}

/* Is something behind us the program's to read? */
bool packet_ring_readable(struct packet_sock *po)
{
	struct packet_ring *r = &po->rx_ring;
	bool yes = false;

	spin_lock_bh(&po->sk.sk_receive_queue.lock);
	if (r->blocks && po->version == TPACKET_V3)
		yes = READ_ONCE(block_at(r, (r->head ? r->head : r->block_nr) -
				1)->block_status) != TP_STATUS_KERNEL;
	else if (r->blocks)
		yes = frame_status(po->version, frame_at(r, (r->head ? r->head :
				   r->frame_nr) - 1)) != TP_STATUS_KERNEL;
	spin_unlock_bh(&po->sk.sk_receive_queue.lock);
	return yes;
}

/* ---- V3's blocks; queue lock held ---- */

/* The block at head begins; false: the program has it still. */
static bool open_block(struct packet_sock *po)
{
	struct packet_ring *r = &po->rx_ring;
	struct tpacket_block_desc *b = block_at(r, r->head);
	struct timespec64 now;

	smp_rmb();
	if (READ_ONCE(b->block_status) != TP_STATUS_KERNEL) {
		if (!r->frozen)
			po->stats.tp_freeze_q_cnt++;
		r->frozen = true;
		return false;
	}
	r->frozen = false;
	r->fill = V3_DESC_LEN + V3_ALIGN(r->priv_size);
	r->last = NULL;
	ktime_get_real_ts64(&now);
	b->version = TPACKET_V3;
	b->offset_to_priv = V3_DESC_LEN;
	b->num_pkts = 0;
	b->offset_to_first_pkt = r->fill;
	b->blk_len = r->fill;
	b->seq_num = ++r->seq;
	b->ts_first_pkt = (struct tpacket_bd_ts){ now.tv_sec, now.tv_nsec };
	b->ts_last_pkt = b->ts_first_pkt;
	mod_timer(&r->retire, jiffies + r->retire_after);
	return true;
}

/* The block at head is the program's from now on. */
static void close_block(struct packet_sock *po, u32 status)
{
	struct packet_ring *r = &po->rx_ring;
	struct tpacket_block_desc *b = block_at(r, r->head);
	struct tpacket3_hdr *last = (struct tpacket3_hdr *)r->last;

	last->tp_next_offset = 0;
	b->blk_len = r->fill;
	b->ts_last_pkt = (struct tpacket_bd_ts){ last->tp_sec, last->tp_nsec };
	smp_wmb();                    /* behind all that is in the block */
	WRITE_ONCE(b->block_status, TP_STATUS_USER | status);
	r->fill = 0;
	r->last = NULL;
	r->head = r->head + 1 == r->block_nr ? 0 : r->head + 1;
}

/* Room for n bytes, as a packet of the open block; NULL: none. */
static char *v3_reserve(struct packet_sock *po, unsigned int n)
{
	struct packet_ring *r = &po->rx_ring;
	char *p;

	if (r->fill && r->fill + n > r->block_size)
		close_block(po, 0);
	if (!r->fill && !open_block(po))
		return NULL;
	p = (char *)block_at(r, r->head) + r->fill;
	if (r->last)
		((struct tpacket3_hdr *)r->last)->tp_next_offset = p - r->last;
	r->last = p;
	r->fill += n;
	block_at(r, r->head)->num_pkts++;
	return p;
}

/* Timer: the open block has waited long enough. */
static void retire_block(struct timer_list *t)
{
	struct packet_sock *po = container_of(t, struct packet_sock,
					      rx_ring.retire);
	struct sock *sk = &po->sk;
	bool closed = false;

	spin_lock(&sk->sk_receive_queue.lock);
	if (po->rx_ring.blocks && po->rx_ring.last) {
		close_block(po, TP_STATUS_BLK_TMO);
		closed = true;
	}
	spin_unlock(&sk->sk_receive_queue.lock);
	if (closed)
		sk->sk_data_ready(sk);
}

/* ---- a packet comes ---- */

int packet_hdrlen(unsigned int version)
{
	switch (version) {
	case TPACKET_V1:
		return sizeof(struct tpacket_hdr);
	case TPACKET_V2:
		return sizeof(struct tpacket2_hdr);
	default:
		return sizeof(struct tpacket3_hdr);
	}
}

static unsigned int header_space(const struct packet_sock *po)
{
	return TPACKET_ALIGN(packet_hdrlen(po->version)) +
	       sizeof(struct sockaddr_ll);
}

/* Where things lie in a frame. */
struct layout {
	unsigned int mac, net, snaplen, len;
	u32 status;
	struct timespec64 time;
};

static void lay_out(struct packet_sock *po, struct sk_buff *skb,
		    unsigned int keep, struct layout *l)
{
	unsigned int maclen = po->sk.sk_type == SOCK_DGRAM ? 0 :
			      skb_network_offset(skb), max;

	l->len = skb->len;
	l->net = TPACKET_ALIGN(header_space(po) + max(maclen, 16u)) +
		 po->reserve;
	l->mac = l->net - maclen;
	max = po->version == TPACKET_V3 ?
	      po->rx_ring.block_size - V3_DESC_LEN -
	      V3_ALIGN(po->rx_ring.priv_size) : po->rx_ring.frame_size;
	l->snaplen = l->mac >= max ? 0 : min(keep, max - l->mac);
	l->status = TP_STATUS_USER | TP_STATUS_TS_SOFTWARE;
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		l->status |= TP_STATUS_CSUMNOTREADY;
	else if (skb->pkt_type != PACKET_OUTGOING &&
		 skb->ip_summed == CHECKSUM_UNNECESSARY)
		l->status |= TP_STATUS_CSUM_VALID;
	if (skb->vlan_proto)
		l->status |= TP_STATUS_VLAN_VALID | TP_STATUS_VLAN_TPID_VALID;
	if (skb->tstamp)
		l->time = ktime_to_timespec64(skb->tstamp);
	else
		ktime_get_real_ts64(&l->time);
}

static void fill_header(unsigned int version, char *frame,
			const struct layout *l, const struct sk_buff *skb)
{
	struct tpacket_hdr *h1 = (void *)frame;
	struct tpacket2_hdr *h2 = (void *)frame;
	struct tpacket3_hdr *h3 = (void *)frame;

	if (version == TPACKET_V1) {
		h1->tp_len = l->len;
		h1->tp_snaplen = l->snaplen;
		h1->tp_mac = l->mac;
		h1->tp_net = l->net;
		h1->tp_sec = l->time.tv_sec;
		h1->tp_usec = l->time.tv_nsec / 1000;
	} else if (version == TPACKET_V2) {
		h2->tp_len = l->len;
		h2->tp_snaplen = l->snaplen;
		h2->tp_mac = l->mac;
		h2->tp_net = l->net;
		h2->tp_sec = l->time.tv_sec;
		h2->tp_nsec = l->time.tv_nsec;
		h2->tp_vlan_tci = skb->vlan_tci;
		h2->tp_vlan_tpid = ntohs(skb->vlan_proto);
	} else {
		*h3 = (struct tpacket3_hdr){
			.tp_len = l->len, .tp_snaplen = l->snaplen,
			.tp_mac = l->mac, .tp_net = l->net,
			.tp_sec = l->time.tv_sec, .tp_nsec = l->time.tv_nsec,
			.tp_rxhash = skb->hash, .tp_vlan_tci = skb->vlan_tci,
			.tp_vlan_tpid = ntohs(skb->vlan_proto),
			.tp_status = l->status };
	}
}

/* A frame for the packet, ours to fill; NULL: the program is too slow. */
static char *take_frame(struct packet_sock *po, const struct layout *l)
{
	struct packet_ring *r = &po->rx_ring;
	char *frame;

	if (po->version == TPACKET_V3)
		return v3_reserve(po, V3_ALIGN(l->mac + l->snaplen));
	frame = frame_at(r, r->head);
	if (frame_status(po->version, frame) != TP_STATUS_KERNEL)
		return NULL;
	r->head = r->head + 1 == r->frame_nr ? 0 : r->head + 1;
	return frame;
}

/* All under the queue's lock: a block is not closed under a half copy. */
static bool put_in_ring(struct packet_sock *po, struct sk_buff *skb,
			unsigned int keep, struct net_device *dev,
			struct net_device *orig_dev)
{
	unsigned int hdr = TPACKET_ALIGN(packet_hdrlen(po->version));
	struct sockaddr_ll sll;
	struct layout l;
	char *frame;

	lay_out(po, skb, keep, &l);
	frame = take_frame(po, &l);
	po->stats.tp_packets++;
	if (!frame) {
		po->stats.tp_drops++;
		return false;
	}
	if (skb_copy_bits(skb, 0, frame + l.mac, l.snaplen))
		memset(frame + l.mac, 0, l.snaplen);
	packet_fill_sll(&sll, skb, dev, orig_dev, po);
	memcpy(frame + hdr, &sll, sizeof(sll));
	fill_header(po->version, frame, &l, skb);
	if (po->version != TPACKET_V3)
		set_frame_status(po->version, frame, l.status);
	return true;
}

/* The hook, while there is a ring. */
int packet_ring_rcv(struct sk_buff *skb, struct net_device *dev,
		    struct packet_type *pt, struct net_device *orig_dev)
{
	struct sock *sk = pt->af_packet_priv;
	struct packet_sock *po = pkt_sk(sk);
	unsigned char *data = skb->data;
	unsigned int keep, len = skb->len;
	struct sk_filter *f;
	bool done = false;

	if (!packet_wanted(skb, dev, sk)) {
		consume_skb(skb);
		return 0;
	}
	packet_restore_header(skb, dev, sk);
	f = rcu_dereference(sk->sk_filter);
	keep = f ? min(sk_filter_run(f, skb), skb->len) : skb->len;
	if (keep) {
		spin_lock(&sk->sk_receive_queue.lock);
		if (po->rx_ring.blocks)
			done = put_in_ring(po, skb, keep, dev, orig_dev);
		spin_unlock(&sk->sk_receive_queue.lock);
	}
	if (done && po->version != TPACKET_V3)
		sk->sk_data_ready(sk);
	else if (done && packet_ring_readable(po))
		sk->sk_data_ready(sk);
	skb->data = data;
	skb->len = len;
	consume_skb(skb);
	return 0;
}

/* ---- setting it up ---- */

static int check_request(struct packet_sock *po, struct tpacket_req3 *req,
			 struct packet_ring *r)
{
	unsigned int min = header_space(po) + po->reserve;

	if (!req->tp_block_size || !PAGE_ALIGNED(req->tp_block_size) ||
	    (int)req->tp_block_size <= 0)
		return -EINVAL;
	if (po->version == TPACKET_V3 &&
	    (req->tp_sizeof_priv > req->tp_block_size ||
	     req->tp_block_size <= V3_DESC_LEN + min +
				   V3_ALIGN((u64)req->tp_sizeof_priv)))
		return -EINVAL;
	if (req->tp_frame_size < min ||
	    (req->tp_frame_size & (TPACKET_ALIGNMENT - 1)))
		return -EINVAL;
	r->frames_per_block = req->tp_block_size / req->tp_frame_size;
	if (!r->frames_per_block ||
	    req->tp_block_nr > UINT_MAX / req->tp_block_size ||
	    (u64)r->frames_per_block * req->tp_block_nr != req->tp_frame_nr)
		return -EINVAL;
	r->block_size = req->tp_block_size;
	r->block_nr = req->tp_block_nr;
	r->block_order = get_order(req->tp_block_size);
	r->frame_size = req->tp_frame_size;
	r->frame_nr = req->tp_frame_nr;
	if (po->version == TPACKET_V3) {
		r->priv_size = req->tp_sizeof_priv;
		r->retire_after = msecs_to_jiffies(req->tp_retire_blk_tov ?
				  req->tp_retire_blk_tov : DEFAULT_RETIRE_MS);
		r->retire_after = clamp_t(unsigned long, r->retire_after, 1,
					  60 * HZ);
	}
	return 0;
}

/* Exchange the ring while no hook runs; old gets what was there. */
static void swap_rings(struct sock *sk, struct packet_ring *new)
{
	struct packet_sock *po = pkt_sk(sk);
	struct packet_ring old;
	bool was = packet_unhook(po);

	del_timer_sync(&po->rx_ring.retire);
	spin_lock_bh(&sk->sk_receive_queue.lock);
	old = po->rx_ring;
	po->rx_ring = *new;
	timer_setup(&po->rx_ring.retire, retire_block, 0);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	po->hook.func = new->blocks ? packet_ring_rcv : packet_rcv;
	skb_queue_purge(&sk->sk_receive_queue);
	if (was)
		packet_rehook(po);
	if (old.blocks)
		free_blocks(&old);
}

/* lock_sock held.  block_nr 0: no ring any more. */
int packet_set_ring(struct sock *sk, struct tpacket_req3 *req)
{
	struct packet_sock *po = pkt_sk(sk);
	struct packet_ring new = { 0 };
	int err = -EBUSY;

	mutex_lock(&po->pg_lock);
	if (atomic_read(&po->mapped) || (req->tp_block_nr && po->rx_ring.blocks))
		goto out;
	if (req->tp_block_nr) {
		err = check_request(po, req, &new);
		if (!err)
			err = alloc_blocks(&new);
	} else {
		err = req->tp_frame_nr ? -EINVAL : 0;
	}
	if (!err && (new.blocks || po->rx_ring.blocks))
		swap_rings(sk, &new);
out:
	mutex_unlock(&po->pg_lock);
	return err;
}

/* ---- mapping it ---- */

static void ring_vm_open(struct vm_area_struct *vma)
{
	struct socket *sock = vma->vm_file->private_data;

	if (sock->sk)
		atomic_inc(&pkt_sk(sock->sk)->mapped);
}

static void ring_vm_close(struct vm_area_struct *vma)
{
	struct socket *sock = vma->vm_file->private_data;

	if (sock->sk)
		atomic_dec(&pkt_sk(sock->sk)->mapped);
}

static const struct vm_operations_struct ring_vm_ops = {
	.open = ring_vm_open,
	.close = ring_vm_close,
};

static int map_blocks(const struct packet_ring *r, struct vm_area_struct *vma)
{
	unsigned long addr = vma->vm_start;

	for (unsigned int i = 0; i < r->block_nr; i++)
		for (unsigned int off = 0; off < r->block_size;
		     off += PAGE_SIZE, addr += PAGE_SIZE) {
			int err = vm_insert_page(vma, addr, virt_to_page(
						 r->blocks[i] + off));

			if (err)
				return err;
		}
	return 0;
}

int packet_mmap(struct file *file, struct socket *sock,
		struct vm_area_struct *vma)
{
	struct packet_sock *po = pkt_sk(sock->sk);
	struct packet_ring *r = &po->rx_ring;
	int err = -EINVAL;

	if (vma->vm_pgoff)
		return -EINVAL;
	mutex_lock(&po->pg_lock);
	if (r->blocks && vma->vm_end - vma->vm_start ==
			 (unsigned long)r->block_nr * r->block_size)
		err = map_blocks(r, vma);
	if (!err) {
		atomic_inc(&po->mapped);
		vma->vm_ops = &ring_vm_ops;
	}
	mutex_unlock(&po->pg_lock);
	return err;
}
