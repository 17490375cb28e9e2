/* SPDX-License-Identifier: MIT */
/*
 * skb_splice.c -- a packet's bytes into a pipe
 *
 * IDEA.  Pages of the packet's fragments get one more reference, and the pipe
 * has them; the packet may be freed at once.  The linear part is of the slab,
 * which counts no references: its bytes are copied to pages of their own.  A
 * fragment of several pages takes a slot of the pipe for each.
 *
 * CONTEXT.  May sleep; the pipe's mutex is held.
 */

#include <net/skbuff.h>

#include <fs/splice.h>
#include <fs/pipe.h>
#include <kernel/kernel.h>

/* Where a walk stands: bytes to pass over, bytes wanted, bytes done. */
struct splice_walk {
	struct pipe_inode_info *pipe;
	int skip, left, done;
};

/* n bytes of page, whose reference moves: 0 or -errno. */
static int enter(struct splice_walk *w, struct page *page, unsigned int off,
		 unsigned int n)
{
	struct pipe_buffer buf = { .page = page, .offset = off, .len = n,
				   .ops = &default_pipe_buf_ops };
	ssize_t err = add_to_pipe(w->pipe, &buf);

	if (err < 0)
		return err;
	w->left -= n;
	w->done += n;
	return 0;
}

/* Of a run of size bytes: what of it is wanted; *off: from where. */
static int wanted(struct splice_walk *w, int size, int *off)
{
	int n;

	if (w->skip >= size) {
		w->skip -= size;
		return 0;
	}
	*off = w->skip;
	n = min(size - w->skip, w->left);
	w->skip = 0;
	return n;
}

static int splice_linear(struct splice_walk *w, const struct sk_buff *skb)
{
	int off = 0, n = wanted(w, skb_headlen(skb), &off), err = 0;

	while (n && !err) {
		int part = min_t(int, n, PAGE_SIZE);
		struct page *page = alloc_page(GFP_KERNEL);

		if (!page)
			return -ENOMEM;
		memcpy(page_address(page), skb->data + off, part);
		err = enter(w, page, 0, part);
		off += part;
		n -= part;
	}
	return err;
}

static int splice_frag(struct splice_walk *w, const skb_frag_t *f)
{
	int off = 0, n = wanted(w, skb_frag_size(f), &off), err = 0;

	off += f->bv_offset;
	while (n && !err) {
		struct page *page = f->bv_page + off / PAGE_SIZE;
		int part = min_t(int, n, PAGE_SIZE - off % PAGE_SIZE);

		get_page(page);
		err = enter(w, page, off % PAGE_SIZE, part);
		off += part;
		n -= part;
	}
	return err;
}

static int splice_packet(struct splice_walk *w, const struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	struct sk_buff *iter;
	int err = splice_linear(w, skb);

	for (int i = 0; i < shinfo->nr_frags && w->left && !err; i++)
		err = splice_frag(w, &shinfo->frags[i]);
	for (iter = shinfo->frag_list; iter && w->left && !err;
	     iter = iter->next)
		err = splice_packet(w, iter); /* one level deep */
	return err;
}

int skb_splice_bits(const struct sk_buff *skb, int offset,
		    struct pipe_inode_info *pipe, int len)
{
	struct splice_walk w = { .pipe = pipe, .skip = offset, .left = len };
	int err = splice_packet(&w, skb);

	return w.done ? w.done : err;
}
