/* SPDX-License-Identifier: MIT */
/*
 * skbuff.c -- packets: made, shared, copied, freed
 *
 * PROMISE.  A packet passes all layers without its bytes being moved: headers
 * are pushed in front and pulled off by moving one pointer, and several holders
 * (a capture, a retransmission queue) share the bytes.
 *
 * IDEA.  Two things are counted, each by itself:
 *
 *	sk_buff A --+                     users: holders of this descriptor
 *	            +--> head ... end | shared info (dataref) --> pages
 *	sk_buff B --+   (B is a clone)    dataref: descriptors of these bytes
 *
 * A descriptor is changed by who is alone in holding it; the bytes are changed
 * by whose descriptor is the only one (skb_cloned() says no).
 *
 * The high half of dataref counts holders that look at the payload only
 * (nohdr): TCP keeps such a clone while the original's headers are rewritten.
 *
 * truesize is what the packet costs, descriptor and all: what is charged to
 * its socket, so that tiny packets cannot eat the machine.
 *
 * A clone that was foreseen (alloc_skb_fclone) lives beside its original, in
 * one object of two, with a count of how many of the two are in use.
 *
 * CONTEXT.  Any, with GFP_ATOMIC; freeing too, but for interrupts off where a
 * destructor takes bh locks.
 *
 * SEE skb_data.c (its bytes), skb_queue.c, docs/95-unix-sockets.md.
 */

#include <net/skbuff.h>

#include <kernel/kernel.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <mm/slab.h>
#include <net/dst.h>

/* An original and room for its clone. */
struct sk_buff_fclones {
	struct sk_buff skb1, skb2;
	refcount_t fclone_ref;        /* [a] how many of the two are in use */
};

static struct kmem_cache *skb_cache, *fclone_cache;

void skb_init(void)
{
	skb_cache = kmem_cache_create("skbuff_head_cache",
				      sizeof(struct sk_buff), 0,
				      SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	fclone_cache = kmem_cache_create("skbuff_fclone_cache",
					 sizeof(struct sk_buff_fclones), 0,
					 SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
}

static void skb_panic(const struct sk_buff *skb, unsigned int len,
		      const char *what)
{
	panic("skb %p: %s by %u: len %u data_len %u head %p data %p tail %u end %u",
	      skb, what, len, skb->len, skb->data_len, skb->head, skb->data,
	      skb->tail, skb->end);
}

void __noreturn skb_over_panic(const struct sk_buff *skb, unsigned int len)
{
	skb_panic(skb, len, "put beyond its end");
	__builtin_unreachable();
}

void __noreturn skb_under_panic(const struct sk_buff *skb, unsigned int len)
{
	skb_panic(skb, len, "pushed before its head");
	__builtin_unreachable();
}

/* ---- birth ---- */

/* A zeroed descriptor gets its data: size bytes at head, shared info behind. */
static void attach_data(struct sk_buff *skb, void *head, unsigned int size)
{
	struct skb_shared_info *shinfo;

	skb->truesize = SKB_TRUESIZE(size);
	refcount_set(&skb->users, 1);
	skb->head = skb->data = head;
	skb->tail = 0;
	skb->end = size;
	skb->mac_header = skb->transport_header = (u16)~0;
	shinfo = skb_shinfo(skb);
	memset(shinfo, 0, offsetof(struct skb_shared_info, frags));
	atomic_set(&shinfo->dataref, 1);
}

/* size bytes (or more: *size) and a shared info, in one piece; NULL. */
static void *alloc_data(unsigned int *size, gfp_t gfp)
{
	size_t want = SKB_DATA_ALIGN((size_t)*size) +
		      SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	void *data = kmalloc(want, gfp);

	if (data)
		*size = SKB_WITH_OVERHEAD(ksize(data));
	return data;
}

struct sk_buff *__alloc_skb(unsigned int size, gfp_t gfp, int flags, int node)
{
	bool fclone = flags & SKB_ALLOC_FCLONE;
	struct kmem_cache *cache = fclone ? fclone_cache : skb_cache;
	struct sk_buff *skb;
	void *data;

	if (unlikely(size > KMALLOC_MAX_SIZE / 2))
		return NULL;
	skb = kmem_cache_alloc(cache, gfp & ~(__GFP_DMA | __GFP_DMA32));
	if (unlikely(!skb))
		return NULL;
	data = alloc_data(&size, gfp);
	if (unlikely(!data)) {
		kmem_cache_free(cache, skb);
		return NULL;
	}
	memset(skb, 0, sizeof(*skb));
	attach_data(skb, data, size);
	if (fclone) {
		struct sk_buff_fclones *f =
			container_of(skb, struct sk_buff_fclones, skb1);

		skb->fclone = SKB_FCLONE_ORIG;
		refcount_set(&f->fclone_ref, 1);
	}
	return skb;
}

/* A packet around data that the caller got by kmalloc(frag_size). */
struct sk_buff *build_skb(void *data, unsigned int frag_size)
{
	struct sk_buff *skb = kmem_cache_zalloc(skb_cache, GFP_ATOMIC);

	if (!skb)
		return NULL;
	attach_data(skb, data, SKB_WITH_OVERHEAD(frag_size));
	return skb;
}

struct sk_buff *__netdev_alloc_skb(struct net_device *dev, unsigned int len,
				   gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb(len + NET_SKB_PAD, gfp);

	if (likely(skb)) {
		skb_reserve(skb, NET_SKB_PAD);
		skb->dev = dev;
	}
	return skb;
}

/* One block of at most 2^max_order pages for `want` bytes; *order of it. */
static struct page *alloc_frag(unsigned long want, int max_order, gfp_t gfp,
			       int *order)
{
	int o = min_t(int, max_order, want < PAGE_SIZE ? 0 :
		      BITS_PER_LONG - 1 - __builtin_clzl(want >> PAGE_SHIFT));

	for (; o > 0; o--) {
		struct page *page = alloc_pages((gfp & ~__GFP_DIRECT_RECLAIM) |
						__GFP_COMP | __GFP_NOWARN |
						__GFP_NORETRY, o);

		if (page) {
			*order = o;
			return page;
		}
	}
	*order = 0;
	return alloc_page(gfp);
}

/* The pages are there, described and counted in truesize; len is not set. */
struct sk_buff *alloc_skb_with_frags(unsigned long header_len,
				     unsigned long data_len, int max_order,
				     int *err, gfp_t gfp)
{
	struct sk_buff *skb;

	*err = -EMSGSIZE;
	if (data_len > (unsigned long)MAX_SKB_FRAGS << (PAGE_SHIFT + max_order))
		return NULL;
	*err = -ENOBUFS;
	skb = alloc_skb(header_len, gfp);
	if (!skb)
		return NULL;
	for (int i = 0; data_len; i++) {
		struct page *page = NULL;
		unsigned long chunk;
		int order;

		if (i < MAX_SKB_FRAGS)
			page = alloc_frag(data_len, max_order, gfp, &order);
		if (!page) {
			kfree_skb(skb);
			return NULL;
		}
		chunk = min(data_len, PAGE_SIZE << order);
		skb_fill_page_desc(skb, i, page, 0, chunk);
		skb->truesize += PAGE_SIZE << order;
		data_len -= chunk;
	}
	return skb;
}

/* ---- death ---- */

/* Drop our hold on the bytes; the last one frees them. */
static void release_data(struct sk_buff *skb)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	int part = skb->nohdr ? (1 << SKB_DATAREF_SHIFT) + 1 : 1;

	if (skb->cloned && atomic_sub_return(part, &shinfo->dataref))
		return;
	for (int i = 0; i < shinfo->nr_frags; i++)
		put_page(shinfo->frags[i].bv_page);
	if (shinfo->frag_list)
		kfree_skb_list(shinfo->frag_list);
	kfree(skb->head);
}

void skb_release_head_state(struct sk_buff *skb)
{
	skb_dst_drop(skb);
	if (skb->destructor)
		skb->destructor(skb);
}

/* Free the descriptor: one of a pair goes with its other half. */
static void free_descriptor(struct sk_buff *skb)
{
	struct sk_buff_fclones *f;

	switch (skb->fclone) {
	case SKB_FCLONE_UNAVAILABLE:
		kmem_cache_free(skb_cache, skb);
		return;
	case SKB_FCLONE_ORIG:
		f = container_of(skb, struct sk_buff_fclones, skb1);
		break;
	default:
		f = container_of(skb, struct sk_buff_fclones, skb2);
		break;
	}
	if (refcount_dec_and_test(&f->fclone_ref))
		kmem_cache_free(fclone_cache, f);
}

void __kfree_skb(struct sk_buff *skb)
{
	skb_release_head_state(skb);
	if (likely(skb->head))
		release_data(skb);
	free_descriptor(skb);
}

void kfree_skb(struct sk_buff *skb)
{
	if (skb_unref(skb))
		__kfree_skb(skb);
}

void consume_skb(struct sk_buff *skb)
{
	if (skb_unref(skb))
		__kfree_skb(skb);
}

void kfree_skb_list(struct sk_buff *segs)
{
	while (segs) {
		struct sk_buff *next = segs->next;

		kfree_skb(segs);
		segs = next;
	}
}

/* ---- sharing and copying ---- */

/* What describes the packet, but not where its bytes are. */
static void copy_description(struct sk_buff *new, const struct sk_buff *old)
{
	new->tstamp = old->tstamp;
	new->dev = old->dev;
	memcpy(new->cb, old->cb, sizeof(old->cb));
	skb_dst_copy(new, old);
	new->mac_len = old->mac_len;
	new->queue_mapping = old->queue_mapping;
	new->pkt_type = old->pkt_type;
	new->ignore_df = old->ignore_df;
	new->ip_summed = old->ip_summed;
	new->csum_level = old->csum_level;
	new->csum_valid = old->csum_valid;
	new->l4_hash = old->l4_hash;
	new->sw_hash = old->sw_hash;
	new->csum = old->csum;
	new->priority = old->priority;
	new->skb_iif = old->skb_iif;
	new->hash = old->hash;
	new->vlan_proto = old->vlan_proto;
	new->vlan_tci = old->vlan_tci;
	new->mark = old->mark;
	new->protocol = old->protocol;
	new->transport_header = old->transport_header;
	new->network_header = old->network_header;
	new->mac_header = old->mac_header;
}

void skb_copy_header(struct sk_buff *new, const struct sk_buff *old)
{
	copy_description(new, old);
	skb_shinfo(new)->gso_size = skb_shinfo(old)->gso_size;
	skb_shinfo(new)->gso_segs = skb_shinfo(old)->gso_segs;
	skb_shinfo(new)->gso_type = skb_shinfo(old)->gso_type;
}

/* A descriptor for a clone: the pair's second half if it is free. */
static struct sk_buff *clone_descriptor(struct sk_buff *skb, gfp_t gfp)
{
	struct sk_buff_fclones *f;
	struct sk_buff *n;

	f = container_of(skb, struct sk_buff_fclones, skb1);
	if (skb->fclone == SKB_FCLONE_ORIG &&
	    refcount_read(&f->fclone_ref) == 1) {
		n = &f->skb2;
		refcount_set(&f->fclone_ref, 2);
		memset(n, 0, sizeof(*n));
		n->fclone = SKB_FCLONE_CLONE;
		return n;
	}
	return kmem_cache_zalloc(skb_cache, gfp);
}

/* A second descriptor of the same bytes, without an owner. */
struct sk_buff *skb_clone(struct sk_buff *skb, gfp_t gfp)
{
	struct sk_buff *n = clone_descriptor(skb, gfp);

	if (!n)
		return NULL;
	copy_description(n, skb);
	n->len = skb->len;
	n->data_len = skb->data_len;
	n->hdr_len = skb->nohdr ? skb_headroom(skb) : skb->hdr_len;
	n->cloned = 1;
	n->tail = skb->tail;
	n->end = skb->end;
	n->head = skb->head;
	n->data = skb->data;
	n->truesize = skb->truesize;
	refcount_set(&n->users, 1);
	atomic_inc(&skb_shinfo(skb)->dataref);
	skb->cloned = 1;
	return n;
}

/* The frags and the frag list of skb are n's as well. */
static void share_frags(struct sk_buff *n, const struct sk_buff *skb)
{
	const struct skb_shared_info *from = skb_shinfo(skb);
	struct skb_shared_info *to = skb_shinfo(n);
	struct sk_buff *iter;

	for (int i = 0; i < from->nr_frags; i++) {
		to->frags[i] = from->frags[i];
		get_page(to->frags[i].bv_page);
	}
	to->nr_frags = from->nr_frags;
	to->frag_list = from->frag_list;
	for (iter = to->frag_list; iter; iter = iter->next)
		skb_get(iter);
}

static void shift_headers(struct sk_buff *skb, int by)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		skb->csum_start += by;
	if (skb_transport_header_was_set(skb))
		skb->transport_header += by;
	skb->network_header += by;
	if (skb_mac_header_was_set(skb))
		skb->mac_header += by;
}

/* Everything copied, all bytes in the linear part, with room around them. */
struct sk_buff *skb_copy_expand(const struct sk_buff *skb, int headroom,
				int tailroom, gfp_t gfp)
{
	struct sk_buff *n = alloc_skb(headroom + skb->len + tailroom, gfp);
	int old = skb_headroom(skb), keep = min(old, headroom);

	if (!n)
		return NULL;
	skb_reserve(n, headroom);
	skb_put(n, skb->len);
	BUG_ON(skb_copy_bits(skb, 0, n->data, skb->len));
	memcpy(n->data - keep, skb->data - keep, keep);
	skb_copy_header(n, skb);
	shift_headers(n, headroom - old);
	return n;
}

struct sk_buff *skb_copy(const struct sk_buff *skb, gfp_t gfp)
{
	return skb_copy_expand(skb, skb_headroom(skb),
			       skb->end - skb->tail, gfp);
}

/* The linear part copied, the pages shared. */
struct sk_buff *__pskb_copy(struct sk_buff *skb, int headroom, gfp_t gfp)
{
	struct sk_buff *n = alloc_skb(headroom + skb_headlen(skb), gfp);

	if (!n)
		return NULL;
	skb_reserve(n, headroom);
	skb_put_data(n, skb->data, skb_headlen(skb));
	n->truesize += skb->data_len;
	n->data_len = skb->data_len;
	n->len = skb->len;
	share_frags(n, skb);
	skb_copy_header(n, skb);
	shift_headers(n, headroom - (int)skb_headroom(skb));
	return n;
}

/*
 * Give skb a linear part of its own, with nhead more bytes in front and ntail
 * behind.  Pointers into the old one are stale after.  0 or -ENOMEM.
 */
int pskb_expand_head(struct sk_buff *skb, int nhead, int ntail, gfp_t gfp)
{
	unsigned int size = nhead + skb_end_offset(skb) + ntail;
	long off = nhead + skb_headroom(skb);
	void *data;

	BUG_ON(nhead < 0 || skb_shared(skb));
	data = alloc_data(&size, gfp);
	if (!data)
		return -ENOMEM;
	memcpy((char *)data + nhead, skb->head, skb->tail);
	memcpy((char *)data + size, skb_shinfo(skb),
	       sizeof(struct skb_shared_info));
	if (skb_cloned(skb)) {
		struct skb_shared_info *shinfo = skb_shinfo(skb);
		struct sk_buff *iter;

		for (int i = 0; i < shinfo->nr_frags; i++)
			get_page(shinfo->frags[i].bv_page);
		skb_walk_frags(skb, iter)
			skb_get(iter);
		release_data(skb);
	} else {
		kfree(skb->head);
	}
	skb->head = data;
	skb->data = skb->head + off;
	skb->tail += nhead;
	skb->end = size;
	shift_headers(skb, nhead);
	skb->cloned = 0;
	skb->hdr_len = 0;
	skb->nohdr = 0;
	atomic_set(&skb_shinfo(skb)->dataref, 1);
	return 0;
}

struct sk_buff *skb_realloc_headroom(struct sk_buff *skb, unsigned headroom)
{
	int delta = headroom - skb_headroom(skb);
	struct sk_buff *n;

	if (delta <= 0)
		return __pskb_copy(skb, skb_headroom(skb), GFP_ATOMIC);
	n = skb_clone(skb, GFP_ATOMIC);
	if (n && pskb_expand_head(n, SKB_DATA_ALIGN(delta), 0, GFP_ATOMIC)) {
		kfree_skb(n);
		n = NULL;
	}
	return n;
}

static int cow(struct sk_buff *skb, unsigned int headroom, bool cloned)
{
	int delta = 0;

	if (headroom > skb_headroom(skb))
		delta = headroom - skb_headroom(skb);
	if (!delta && !cloned)
		return 0;
	return pskb_expand_head(skb, SKB_DATA_ALIGN(delta), 0, GFP_ATOMIC);
}

int skb_cow(struct sk_buff *skb, unsigned int headroom)
{
	return cow(skb, headroom, skb_cloned(skb));
}

int skb_cow_head(struct sk_buff *skb, unsigned int headroom)
{
	return cow(skb, headroom, skb_header_cloned(skb));
}

int skb_ensure_writable(struct sk_buff *skb, unsigned int write_len)
{
	if (!pskb_may_pull(skb, write_len))
		return -ENOMEM;
	return skb_cloned(skb) ? pskb_expand_head(skb, 0, 0, GFP_ATOMIC) : 0;
}

/* A descriptor that is ours alone, or NULL; the hold on skb is consumed. */
struct sk_buff *skb_share_check(struct sk_buff *skb, gfp_t gfp)
{
	struct sk_buff *n;

	if (!skb_shared(skb))
		return skb;
	n = skb_clone(skb, gfp);
	kfree_skb(skb);
	return n;
}

/* The same for the bytes. */
struct sk_buff *skb_unshare(struct sk_buff *skb, gfp_t gfp)
{
	struct sk_buff *n;

	if (!skb_cloned(skb))
		return skb;
	n = skb_copy(skb, gfp);
	kfree_skb(skb);
	return n;
}
