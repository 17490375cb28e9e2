/* SPDX-License-Identifier: MIT */
/*
 * ip_fragment.c -- a packet too long for a link is cut; its parts are joined
 *
 * JOINING.  The parts of one packet (same addresses, protocol, id) wait in a
 * queue, sorted by offset. When the last one (no MF) has come and the bytes
 * from 0 to its end are there, they become one skb.
 *
 * BAD INPUT.  A part that overlaps another throws the whole queue away (RFC
 * 5722: nobody honest sends that; an exact copy is dropped alone). Ends that
 * disagree, lengths that are not multiples of 8, more than 65535 bytes in all:
 * the same.
 *
 * BOUNDS.  ipfrag_high_thresh bytes in all of a network: above it the oldest
 * queue goes. ipfrag_time seconds a queue; then, if the first part is there,
 * its sender is told (ICMP time exceeded).
 *
 * INVARIANTS
 *   I1  fqdir.mem is the truesize of all that wait, and FQ_COST for each queue.
 *   I2  A queue's parts do not overlap and are in order of offset.
 *
 * LOCKING.  fqdir.lock for all of it, bh off: fragments are rare.
 *
 * SEE RFC 791, RFC 815, RFC 5722.
 */

#include <net/ip.h>

#include <kernel/err.h>
#include <kernel/hash.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <mm/slab.h>
#include <net/icmp.h>

#define FQ_COST 256

struct frag_queue {
	struct hlist_node hash;
	struct list_head lru;
	struct net *net;
	__be32 saddr, daddr;
	__be16 id;
	u8 protocol;
	u32 user;
	unsigned long expires;        /* jiffies */
	struct sk_buff *parts;        /* sorted, by ->next */
	int end;                      /* of the whole; -1: not known */
	int have;                     /* bytes that came */
	int mem;                      /* charged */
	int iif;
	u16 max_size;                 /* of the parts, with header */
};

/* In skb->cb of a part, behind inet_skb_parm. */
struct frag_cb {
	struct inet_skb_parm h4;
	int offset, len;
};
#define FRAG_CB(skb) ((struct frag_cb *)(skb)->cb)

/* ---- cutting ---- */

static void set_part_header(struct sk_buff *skb, const struct sk_buff *whole,
			    int hlen, int offset, bool last)
{
	struct iphdr *iph;
	u16 old = ntohs(ip_hdr(whole)->frag_off);
	u16 frag = (old & IP_OFFSET) + (offset >> 3);

	memcpy(skb_network_header(skb), skb_network_header(whole), hlen);
	iph = ip_hdr(skb);
	if (offset)
		ip_options_fragment(skb);
	if (!last || (old & IP_MF))
		frag |= IP_MF;
	iph->frag_off = htons(frag | (old & IP_DF));
	iph->tot_len = htons(skb->len);
	ip_send_check(iph);
}

static struct sk_buff *make_part(struct sk_buff *whole, int hlen, int offset,
				 int len, bool last)
{
	int room = LL_RESERVED_SPACE(skb_dst(whole)->dev) + 16;
	struct sk_buff *skb = alloc_skb(room + hlen + len, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	skb_put(skb, hlen + len);
	skb_reset_network_header(skb);
	skb->transport_header = skb->network_header + hlen;
	skb_copy_bits(whole, hlen + offset, skb->data + hlen, len);
	if (whole->sk)
		skb_set_owner_w(skb, whole->sk);
	skb->pkt_type = whole->pkt_type;
	skb->priority = whole->priority;
	skb->mark = whole->mark;
	skb->protocol = whole->protocol;
	skb->dev = whole->dev;
	skb_dst_copy(skb, whole);
	memcpy(IPCB(skb), IPCB(whole), sizeof(struct inet_skb_parm));
	set_part_header(skb, whole, hlen, offset, last);
	return skb;
}

/* Cut skb so that each part fits; output gets each. */
int ip_do_fragment(struct net *net, struct sock *sk, struct sk_buff *skb,
		   int (*output)(struct net *, struct sock *, struct sk_buff *))
{
	unsigned int mtu = ip_skb_dst_mtu(sk, skb), hlen = ip_hdrlen(skb);
	int total = skb->len - hlen, step = (mtu - hlen) & ~7, err = 0;

	if (mtu < hlen + 8) {
		kfree_skb(skb);
		return -EMSGSIZE;
	}
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	for (int offset = 0; offset < total; offset += step) {
		int len = min(step, total - offset);
		bool last = offset + len == total;
		struct sk_buff *part = make_part(skb, hlen, offset, len, last);

		if (!part) {
			err = -ENOMEM;
			break;
		}
		err = output(net, sk, part);
		if (err)
			break;
		IP_INC_STATS(net, FRAGCREATES);
	}
	if (err) {
		IP_INC_STATS(net, FRAGFAILS);
		kfree_skb(skb);
	} else {
		IP_INC_STATS(net, FRAGOKS);
		consume_skb(skb);
	}
	return err;
}

/* ---- waiting parts; all with fqdir.lock held ---- */

static void frag_timer_fn(struct timer_list *t);
static DEFINE_TIMER(frag_timer, frag_timer_fn);

static void drop_parts(struct sk_buff *skb)
{
	kfree_skb_list(skb);
}

/* Out of the tables; its parts are the caller's. */
static struct sk_buff *remove_queue(struct fqdir *fqdir, struct frag_queue *q)
{
	struct sk_buff *parts = q->parts;

	hlist_del(&q->hash);
	list_del(&q->lru);
	atomic_long_sub(q->mem, &fqdir->mem);
	kfree(q);
	return parts;
}

static struct hlist_head *frag_bucket(struct fqdir *f, const struct iphdr *iph)
{
	return &f->hash[jhash_3words(iph->saddr, iph->daddr,
				     ((u32)iph->id << 16) | iph->protocol,
				     f->rnd) % FRAG_HASHSZ];
}

static struct frag_queue *find_queue(struct net *net, const struct iphdr *iph,
				     u32 user)
{
	struct fqdir *f = &net->ipv4.fqdir;
	struct frag_queue *q;

	hlist_for_each_entry(q, frag_bucket(f, iph), hash)
		if (q->id == iph->id && q->saddr == iph->saddr &&
		    q->daddr == iph->daddr && q->protocol == iph->protocol &&
		    q->user == user)
			return q;
	q = kzalloc(sizeof(*q), GFP_ATOMIC);
	if (!q)
		return NULL;
	q->net = net;
	q->saddr = iph->saddr;
	q->daddr = iph->daddr;
	q->id = iph->id;
	q->protocol = iph->protocol;
	q->user = user;
	q->end = -1;
	q->expires = jiffies + READ_ONCE(f->timeout);
	q->mem = FQ_COST;
	atomic_long_add(FQ_COST, &f->mem);
	hlist_add_head(&q->hash, frag_bucket(f, iph));
	list_add_tail(&q->lru, &f->lru);
	return q;
}

/* Offset and length of a part, checked against what is known: 0, -EINVAL. */
static int note_end(struct frag_queue *q, struct sk_buff *skb)
{
	u16 frag = ntohs(ip_hdr(skb)->frag_off);
	int offset = (frag & IP_OFFSET) << 3;
	int len = skb->len - ip_hdrlen(skb), end = offset + len;

	FRAG_CB(skb)->offset = offset;
	FRAG_CB(skb)->len = len;
	if (end + (int)ip_hdrlen(skb) > 65535 || len <= 0)
		return -EINVAL;
	if (frag & IP_MF) {
		if (len & 7)
			return -EINVAL;
		return q->end >= 0 && end > q->end ? -EINVAL : 0;
	}
	if (q->end >= 0 && q->end != end)
		return -EINVAL;
	for (struct sk_buff *p = q->parts; p; p = p->next)
		if (FRAG_CB(p)->offset + FRAG_CB(p)->len > end)
			return -EINVAL;
	q->end = end;
	return 0;
}

/* I2.  0; 1: a copy of what is there; -EINVAL: overlaps. */
static int insert_part(struct frag_queue *q, struct sk_buff *skb)
{
	int offset = FRAG_CB(skb)->offset, end = offset + FRAG_CB(skb)->len;
	struct sk_buff **at = &q->parts, *p;

	for (; (p = *at); at = &p->next) {
		int poff = FRAG_CB(p)->offset, pend = poff + FRAG_CB(p)->len;

		if (pend <= offset)
			continue;
		if (poff >= end)
			break;
		return poff <= offset && end <= pend ? 1 : -EINVAL;
	}
	skb->next = *at;
	*at = skb;
	q->have += FRAG_CB(skb)->len;
	q->mem += skb->truesize;
	atomic_long_add(skb->truesize, &q->net->ipv4.fqdir.mem);
	return 0;
}

/* Take out queues, oldest first: those that are due, and while there is too
 * much.  Their parts, chained, are to be freed; *timeouts how many. */
static struct sk_buff *shrink(struct fqdir *f, int *timeouts)
{
	struct sk_buff *gone = NULL, *parts, *last;

	while (!list_empty(&f->lru)) {
		struct frag_queue *q = list_first_entry(&f->lru,
						struct frag_queue, lru);
		bool due = time_after_eq(jiffies, q->expires);

		if (!due && atomic_long_read(&f->mem) <=
			    READ_ONCE(f->high_thresh))
			break;
		*timeouts += due;
		parts = remove_queue(f, q);
		if (!parts)
			continue;
		for (last = parts; last->next;)
			last = last->next;
		last->next = gone;
		gone = parts;
	}
	return gone;
}

/* ---- joining ---- */

/* p's payload to offset `at` of skb: 0, -EFAULT. */
static int copy_part(struct sk_buff *skb, int at, const struct sk_buff *p)
{
	int hlen = ip_hdrlen(p), err = 0;
	u8 buf[256];

	for (int done = 0; done < FRAG_CB(p)->len && !err;) {
		int n = min_t(int, sizeof(buf), FRAG_CB(p)->len - done);

		err = skb_copy_bits(p, hlen + done, buf, n);
		if (!err)
			err = skb_store_bits(skb, at + done, buf, n);
		done += n;
	}
	return err;
}

/* What was said of the first part holds for the whole. */
static void describe(struct sk_buff *skb, struct sk_buff *first, u16 max_size)
{
	struct iphdr *iph = ip_hdr(skb);

	skb->dev = first->dev;
	skb->protocol = first->protocol;
	skb->pkt_type = first->pkt_type;
	skb->skb_iif = first->skb_iif;
	skb->tstamp = first->tstamp;
	skb->mark = first->mark;
	skb_dst_copy(skb, first);
	memcpy(IPCB(skb), IPCB(first), sizeof(struct inet_skb_parm));
	IPCB(skb)->flags |= IPSKB_FRAG_COMPLETE;
	IPCB(skb)->frag_max_size = max_size;
	iph->tot_len = htons(skb->len);
	iph->frag_off = 0;
	ip_send_check(iph);
}

/* The parts, in order and complete, as one packet in `first`'s place. */
static struct sk_buff *join(struct sk_buff *parts, int total, u16 max_size)
{
	struct sk_buff *first = parts, *skb, *p;
	int hlen = ip_hdrlen(first), room = skb_headroom(first), err;

	skb = alloc_skb_with_frags(room + hlen, total, 3, &err, GFP_ATOMIC);
	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	skb_put(skb, hlen);
	skb->len += total;
	skb->data_len = total;
	memcpy(skb->data, skb_network_header(first), hlen);
	skb_reset_network_header(skb);
	skb->transport_header = skb->network_header + hlen;
	skb->mac_header = skb->network_header;
	for (p = parts; p; p = p->next) {
		if (copy_part(skb, hlen + FRAG_CB(p)->offset, p)) {
			kfree_skb(skb);
			return NULL;
		}
	}
	describe(skb, first, max_size);
	return skb;
}

/* One more part: the parts of the whole if it is complete, else NULL. */
static struct sk_buff *add_part(struct net *net, struct sk_buff *skb, u32 user,
				struct sk_buff **gone, int *total,
				u16 *max_size)
{
	struct fqdir *f = &net->ipv4.fqdir;
	struct frag_queue *q = find_queue(net, ip_hdr(skb), user);
	int err;

	if (!q) {
		*gone = skb;
		return NULL;
	}
	err = note_end(q, skb);
	if (!err)
		err = insert_part(q, skb);
	if (err) {
		*gone = skb;
		if (err < 0)
			skb->next = remove_queue(f, q);
		return NULL;
	}
	q->max_size = max_t(u16, q->max_size, skb->len);
	if (q->end < 0 || q->have != q->end)
		return NULL;
	*total = q->end;
	*max_size = q->max_size;
	return remove_queue(f, q);
}

int ip_defrag(struct net *net, struct sk_buff *skb, u32 user)
{
	struct sk_buff *parts, *gone = NULL, *old, *whole;
	struct fqdir *f = &net->ipv4.fqdir;
	int total = 0, timeouts = 0;
	u16 max_size = 0;

	IP_INC_STATS(net, REASMREQDS);
	skb_orphan(skb);
	skb_dst_force(skb);
	skb->next = NULL;
	spin_lock_bh(&f->lock);
	old = shrink(f, &timeouts);
	parts = add_part(net, skb, user, &gone, &total, &max_size);
	spin_unlock_bh(&f->lock);
	if (!parts && !timer_pending(&frag_timer))
		mod_timer(&frag_timer, jiffies + HZ);
	if (timeouts)
		IP_ADD_STATS(net, REASMTIMEOUT, timeouts);
	if (old || gone)
		IP_INC_STATS(net, REASMFAILS);
	drop_parts(old);
	drop_parts(gone);
	if (!parts)
		return -EINPROGRESS;
	whole = join(parts, total, max_size);
	drop_parts(parts);
	if (!whole) {
		IP_INC_STATS(net, REASMFAILS);
		return -ENOMEM;
	}
	IP_INC_STATS(net, REASMOKS);
	rcu_read_lock();
	ip_local_deliver(whole);
	rcu_read_unlock();
	return -EINPROGRESS;
}

/* ---- time ---- */

static void expire_one(struct net *net, struct sk_buff *parts)
{
	IP_INC_STATS(net, REASMTIMEOUT);
	IP_INC_STATS(net, REASMFAILS);
	if (parts && !FRAG_CB(parts)->offset && skb_dst(parts))
		icmp_send(parts, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0);
	drop_parts(parts);
}

/* True: some wait on. */
static bool expire_net(struct net *net)
{
	struct fqdir *f = &net->ipv4.fqdir;
	struct frag_queue *q;
	struct sk_buff *parts;

	for (;;) {
		spin_lock_bh(&f->lock);
		q = list_first_entry_or_null(&f->lru, struct frag_queue, lru);
		if (!q || time_before(jiffies, q->expires)) {
			spin_unlock_bh(&f->lock);
			return q;
		}
		parts = remove_queue(f, q);
		spin_unlock_bh(&f->lock);
		expire_one(net, parts);
	}
}

/* Runs while something waits: ip_defrag() starts it. */
static void frag_timer_fn(struct timer_list *t)
{
	bool more = false;
	struct net *net;

	rcu_read_lock();
	for_each_net_rcu(net)
		more |= expire_net(net);
	rcu_read_unlock();
	if (more)
		mod_timer(t, jiffies + HZ);
}

static int frag_net_init(struct net *net)
{
	struct fqdir *f = &net->ipv4.fqdir;

	f->hash = kcalloc(FRAG_HASHSZ, sizeof(*f->hash), GFP_KERNEL);
	if (!f->hash)
		return -ENOMEM;
	spin_lock_init(&f->lock);
	INIT_LIST_HEAD(&f->lru);
	f->rnd = get_random_u32();
	f->high_thresh = 4 << 20;
	f->low_thresh = 3 << 20;
	f->timeout = 30 * HZ;
	f->max_dist = 64;
	return 0;
}

/* A device goes, by which some may have come: what waits is lost, as IP may. */
void ip_frag_flush(struct net *net)
{
	struct fqdir *f = &net->ipv4.fqdir;

	spin_lock_bh(&f->lock);
	while (!list_empty(&f->lru))
		drop_parts(remove_queue(f, list_first_entry(&f->lru,
						struct frag_queue, lru)));
	spin_unlock_bh(&f->lock);
}

static void frag_net_exit(struct net *net)
{
	ip_frag_flush(net);
	kfree(net->ipv4.fqdir.hash);
}

static struct pernet_operations frag_net_ops = {
	.init = frag_net_init,
	.exit = frag_net_exit,
};

void ip4_frags_init(void)
{
	if (register_pernet_subsys(&frag_net_ops))
		pr_err("ipv4: no memory for fragments\n");
}
