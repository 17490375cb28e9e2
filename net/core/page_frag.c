/* SPDX-License-Identifier: MIT */
/*
 * page_frag.c -- receive buffers, cut from blocks of 32 KiB
 *
 * IDEA.  A buffer of 2 KiB is no page and shall not come from the slab: the
 * stack takes pages over as fragments, and gives them back one by one.  So a
 * block of pages is cut up front to back, and each piece counts as a holder of
 * the block, which is freed when the last piece is.  Neighbours in memory
 * become one fragment again when a packet fills several.
 *
 *	block: | buf0 | buf1 | buf2 | buf3 | ...      cache: 1 reference, offset
 *	packet in buf1..buf3: one fragment
 *
 * The price: one piece that lives long keeps 32 KiB; truesize says how much a
 * packet may use, not how much it may keep from others.
 */

#include <net/skbuff.h>

#include <kernel/kernel.h>

#define BLOCK_ORDER 3

void page_frag_cache_drain(struct page_frag_cache *nc)
{
	if (nc->page)
		put_page(nc->page);
	nc->page = NULL;
}

static bool refill(struct page_frag_cache *nc, gfp_t gfp)
{
	nc->size = PAGE_SIZE << BLOCK_ORDER;
	nc->page = alloc_pages(gfp | __GFP_COMP | __GFP_NOWARN |
			       __GFP_NORETRY, BLOCK_ORDER);
	if (!nc->page) {
		nc->size = PAGE_SIZE;
		nc->page = alloc_pages(gfp, 0);
	}
	nc->offset = 0;
	return nc->page;
}

void *page_frag_alloc(struct page_frag_cache *nc, unsigned int size, gfp_t gfp)
{
	void *p;

	if (nc->page && nc->offset + size > nc->size)
		page_frag_cache_drain(nc);
	if (!nc->page && !refill(nc, gfp))
		return NULL;
	p = (char *)page_address(nc->page) + nc->offset;
	nc->offset += size;
	get_page(nc->page);
	return p;
}

bool skb_add_page_frag(struct sk_buff *skb, void *p, unsigned int n,
		       unsigned int size)
{
	unsigned int nr = skb_shinfo(skb)->nr_frags, at;
	skb_frag_t *last = nr ? &skb_shinfo(skb)->frags[nr - 1] : NULL;
	struct page *page = virt_to_head_page(p);

	at = (char *)p - (char *)page_address(page);
	if (last && last->bv_page == page &&
	    last->bv_offset + last->bv_len == at) {
		skb_frag_size_set(last, last->bv_len + n);
		skb->len += n;
		skb->data_len += n;
		skb->truesize += size;
		put_page(page);       /* the fragment holds the block already */
		return true;
	}
	if (nr == MAX_SKB_FRAGS) {
		put_page(page);
		return false;
	}
	skb_add_rx_frag(skb, nr, page, at, n, size);
	return true;
}
