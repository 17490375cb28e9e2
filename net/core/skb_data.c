/* SPDX-License-Identifier: MIT */
/*
 * skb_data.c -- the bytes of a packet, wherever they are
 *
 * IDEA.  A packet's bytes are in up to three places, in this order: the linear
 * part, the page fragments, the packets of frag_list.  skb_walk() calls a
 * function for each contiguous run within a range, and the copies, checksums
 * and comparisons are such functions.
 *
 * CONTEXT.  Any, but for the copies from and to user memory, which may sleep.
 */

#include <net/skbuff.h>

#include <kernel/kernel.h>
#include <kernel/net.h>
#include <mm/slab.h>
#include <mm/uio.h>

/* 0 to go on, -errno ends the walk. */
typedef int (*run_fn)(void *run, int len, void *arg);

/* Where a walk stands: bytes to pass over, and bytes still wanted. */
struct walk {
	int skip, left;
	run_fn fn;
	void *arg;
};

/* One run of size bytes at p: the part of it that is wanted. */
static int walk_run(struct walk *w, void *p, int size)
{
	int n, err;

	if (w->skip >= size) {
		w->skip -= size;
		return 0;
	}
	n = min(size - w->skip, w->left);
	err = w->fn((char *)p + w->skip, n, w->arg);
	w->skip = 0;
	w->left -= n;
	return err;
}

static int walk_skb(const struct sk_buff *skb, struct walk *w)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	struct sk_buff *iter;
	int err = walk_run(w, skb->data, skb_headlen(skb));

	for (int i = 0; i < shinfo->nr_frags && w->left && !err; i++)
		err = walk_run(w, skb_frag_address(&shinfo->frags[i]),
			       skb_frag_size(&shinfo->frags[i]));
	for (iter = shinfo->frag_list; iter && w->left && !err;
	     iter = iter->next)
		err = walk_skb(iter, w);       /* one level: lists of packets
						* without lists */
	return err;
}

/* All len bytes at offset; -EFAULT if there are not so many. */
static int skb_walk(const struct sk_buff *skb, int offset, int len, run_fn fn,
		    void *arg)
{
	struct walk w = { .skip = offset, .left = len, .fn = fn, .arg = arg };
	int err;

	if (offset < 0 || len < 0 || offset > (int)skb->len - len)
		return -EFAULT;
	if (!len)
		return 0;
	err = walk_skb(skb, &w);
	return err ? err : w.left ? -EFAULT : 0;
}

static int copy_out(void *run, int len, void *arg)
{
	char **to = arg;

	memcpy(*to, run, len);
	*to += len;
	return 0;
}

int skb_copy_bits(const struct sk_buff *skb, int offset, void *to, int len)
{
	return skb_walk(skb, offset, len, copy_out, &to);
}

static int copy_in(void *run, int len, void *arg)
{
	const char **from = arg;

	memcpy(run, *from, len);
	*from += len;
	return 0;
}

int skb_store_bits(struct sk_buff *skb, int offset, const void *from, int len)
{
	return skb_walk(skb, offset, len, copy_in, &from);
}

static int run_to_iter(void *run, int len, void *arg)
{
	return copy_to_iter(run, len, arg) == (size_t)len ? 0 : -EFAULT;
}

/* The iterator stands behind what was copied, or, on -EFAULT, where it was. */
int skb_copy_datagram_iter(const struct sk_buff *skb, int offset,
			   struct iov_iter *to, int len)
{
	size_t before = iov_iter_count(to);
	int err;

	if (likely(offset + len <= (int)skb_headlen(skb)))
		err = run_to_iter(skb->data + offset, len, to);
	else
		err = skb_walk(skb, offset, len, run_to_iter, to);
	if (unlikely(err))
		iov_iter_revert(to, before - iov_iter_count(to));
	return err;
}

int skb_copy_datagram_msg(const struct sk_buff *skb, int offset,
			  struct msghdr *msg, int len)
{
	return skb_copy_datagram_iter(skb, offset, &msg->msg_iter, len);
}

static int run_from_iter(void *run, int len, void *arg)
{
	return copy_from_iter(run, len, arg) == (size_t)len ? 0 : -EFAULT;
}

int skb_copy_datagram_from_iter(struct sk_buff *skb, int offset,
				struct iov_iter *from, int len)
{
	if (likely(offset + len <= (int)skb_headlen(skb)))
		return run_from_iter(skb->data + offset, len, from);
	return skb_walk(skb, offset, len, run_from_iter, from);
}

void *__skb_header_pointer(const struct sk_buff *skb, int offset, int len,
			   void *buffer)
{
	return skb_copy_bits(skb, offset, buffer, len) ? NULL : buffer;
}

/* ---- checksums: RFC 1071 ---- */

/* Sum 16-bit words in memory order; an odd byte at the end is a low half. */
u32 csum_partial(const void *buf, int len, u32 sum)
{
	const u8 *p = buf;
	u64 s = sum;

	for (; len >= 4; len -= 4, p += 4) {
		u32 word;

		memcpy(&word, p, 4);
		s += word;
	}
	if (len >= 2) {
		u16 half;

		memcpy(&half, p, 2);
		s += half;
		p += 2;
		len -= 2;
	}
	if (len)
		s += *p;
	s = (s & 0xffffffff) + (s >> 32);
	return (u32)(s + (s >> 32));
}

struct csum_state {
	u32 sum;
	bool odd;                     /* the runs so far had an odd length */
};

static int sum_run(void *run, int len, void *arg)
{
	struct csum_state *st = arg;
	u32 part = csum_partial(run, len, 0);
	u64 s;

	if (st->odd)                  /* its bytes are in the other halves */
		part = (part << 8) | (part >> 24);
	s = (u64)st->sum + part;
	st->sum = (u32)(s + (s >> 32));
	st->odd ^= len & 1;
	return 0;
}

u32 skb_checksum(const struct sk_buff *skb, int offset, int len, u32 csum)
{
	struct csum_state st = { .sum = csum };

	BUG_ON(skb_walk(skb, offset, len, sum_run, &st));
	return st.sum;
}

/* ---- moving bytes between the parts ---- */

/* Drop the first n bytes behind the linear part: they are elsewhere now. */
static void eat_frags(struct sk_buff *skb, int n)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	int kept = 0;

	for (int i = 0; i < shinfo->nr_frags; i++) {
		skb_frag_t *f = &shinfo->frags[i];
		int take = min(n, (int)skb_frag_size(f));

		n -= take;
		skb_frag_size_sub(f, take);
		skb_frag_off_add(f, take);
		if (skb_frag_size(f))
			shinfo->frags[kept++] = *f;
		else
			put_page(f->bv_page);
	}
	shinfo->nr_frags = kept;
}

/*
 * delta bytes behind the linear part are to go: *keep is the first list member
 * that stays whole, *cut one before it that stays in part, and is cut now.  A
 * member that another packet has too is left to it, and *cut a clone of it.
 * -ENOMEM: nothing has changed.
 */
static int cut_list(struct sk_buff *skb, int delta, struct sk_buff **keep,
		    struct sk_buff **cut)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	struct sk_buff *m = shinfo->frag_list;

	for (int i = 0; i < shinfo->nr_frags; i++)
		delta -= skb_frag_size(&shinfo->frags[i]);
	for (; m && delta > 0 && delta >= (int)m->len; m = m->next)
		delta -= m->len;
	*keep = m;
	*cut = NULL;
	if (!m || delta <= 0)
		return 0;
	*keep = m->next;
	*cut = skb_shared(m) ? skb_clone(m, GFP_ATOMIC) : m;
	if (*cut && pskb_pull(*cut, delta))
		return 0;
	if (*cut != m)
		kfree_skb(*cut);
	return -ENOMEM;
}

/* Drop the members before keep, and put cut, if any, there. */
static void eat_list(struct sk_buff *skb, struct sk_buff *keep,
		     struct sk_buff *cut)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	while (shinfo->frag_list != keep) {
		struct sk_buff *first = shinfo->frag_list;

		shinfo->frag_list = first->next;
		if (first != cut)     /* its next may be another's too */
			consume_skb(first);
	}
	if (cut) {
		cut->next = keep;
		shinfo->frag_list = cut;
	}
}

void *__pskb_pull_tail(struct sk_buff *skb, int delta)
{
	int room = (int)(skb->end - skb->tail) - delta;
	struct sk_buff *keep, *cut;

	if ((room < 0 || skb_cloned(skb)) &&
	    pskb_expand_head(skb, 0, room < 0 ? 128 - room : 0, GFP_ATOMIC))
		return NULL;
	BUG_ON(skb_copy_bits(skb, skb_headlen(skb), skb_tail_pointer(skb),
			     delta));
	if (cut_list(skb, delta, &keep, &cut))
		return NULL;
	eat_frags(skb, delta);
	eat_list(skb, keep, cut);
	skb->tail += delta;
	skb->data_len -= delta;
	return skb_tail_pointer(skb);
}

int skb_linearize(struct sk_buff *skb)
{
	if (!skb_is_nonlinear(skb))
		return 0;
	return __pskb_pull_tail(skb, skb->data_len) ? 0 : -ENOMEM;
}

/* Cut the frags to their first n bytes. */
static void trim_frags(struct skb_shared_info *shinfo, int n)
{
	int i = 0;

	for (; i < shinfo->nr_frags && n; i++) {
		skb_frag_t *f = &shinfo->frags[i];
		int size = min(n, (int)skb_frag_size(f));

		skb_frag_size_set(f, size);
		n -= size;
	}
	for (int j = i; j < shinfo->nr_frags; j++)
		put_page(shinfo->frags[j].bv_page);
	shinfo->nr_frags = i;
}

/* Cut to len bytes: 0 or -ENOMEM. */
int ___pskb_trim(struct sk_buff *skb, unsigned int len)
{
	int err = 0;

	if (skb_has_frag_list(skb))
		err = skb_linearize(skb);
	else if (skb_cloned(skb))
		err = pskb_expand_head(skb, 0, 0, GFP_ATOMIC);
	if (err)
		return err;
	if (len <= skb_headlen(skb)) {
		trim_frags(skb_shinfo(skb), 0);
		skb->data_len = 0;
		__skb_set_length(skb, len);
		return 0;
	}
	trim_frags(skb_shinfo(skb), len - skb_headlen(skb));
	skb->data_len -= skb->len - len;
	skb->len = len;
	return 0;
}

/* pad more bytes of zero behind the data.  -ENOMEM: skb is freed. */
int skb_pad(struct sk_buff *skb, int pad)
{
	int err = skb_linearize(skb); /* before: it eats tailroom */

	if (!err && (skb_cloned(skb) || skb_tailroom(skb) < pad))
		err = pskb_expand_head(skb, 0, pad, GFP_ATOMIC);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	memset(skb_tail_pointer(skb), 0, pad);
	return 0;
}

/* The pages behind byte len (counted behind skb's linear part) go to rest. */
static void split_frags(struct sk_buff *skb, struct sk_buff *rest, int len)
{
	struct skb_shared_info *from = skb_shinfo(skb), *to = skb_shinfo(rest);
	int nr = from->nr_frags;

	from->nr_frags = 0;
	for (int i = 0; i < nr; i++) {
		skb_frag_t f = from->frags[i];
		int size = skb_frag_size(&f);

		if (len >= size) {
			from->frags[from->nr_frags++] = f;
		} else if (len <= 0) {
			to->frags[to->nr_frags++] = f;
		} else {
			to->frags[to->nr_frags] = f;
			skb_frag_off_add(&to->frags[to->nr_frags], len);
			skb_frag_size_sub(&to->frags[to->nr_frags++], len);
			get_page(f.bv_page);
			skb_frag_size_set(&f, len);
			from->frags[from->nr_frags++] = f;
		}
		len -= size;
	}
}

/*
 * Leave the first len bytes in skb; the others go to rest, which is empty and
 * whose linear part has room for what of skb's lies behind len.
 */
void skb_split(struct sk_buff *skb, struct sk_buff *rest, const u32 len)
{
	int head = skb_headlen(skb), moved = skb->len - len;

	if ((int)len < head) {
		skb_put_data(rest, skb->data + len, head - len);
		split_frags(skb, rest, 0);
		rest->data_len = skb->data_len;
		rest->len += skb->data_len;
		skb->data_len = 0;
		__skb_set_length(skb, len);
		return;
	}
	split_frags(skb, rest, len - head);
	rest->len = rest->data_len = moved;
	skb->len -= moved;
	skb->data_len -= moved;
}

/*
 * Append from's bytes to to: copied if to has tailroom, else its pages move
 * over.  True: from is empty (its descriptor is still the caller's).
 */
bool skb_try_coalesce(struct sk_buff *to, struct sk_buff *from,
		      bool *fragstolen, int *delta_truesize)
{
	struct skb_shared_info *ti = skb_shinfo(to), *fi = skb_shinfo(from);
	int len = from->len;

	*fragstolen = false;
	if (skb_cloned(to) || fi->frag_list || ti->frag_list)
		return false;
	if (!len) {                   /* of pages, to has no tailroom for 0 */
		*delta_truesize = 0;
		return true;
	}
	if (len <= skb_tailroom(to)) {
		BUG_ON(skb_copy_bits(from, 0, skb_put(to, len), len));
		*delta_truesize = 0;
		return true;
	}
	if (skb_headlen(from) || skb_cloned(from) ||
	    ti->nr_frags + fi->nr_frags > MAX_SKB_FRAGS)
		return false;
	memcpy(ti->frags + ti->nr_frags, fi->frags,
	       fi->nr_frags * sizeof(skb_frag_t));
	ti->nr_frags += fi->nr_frags;
	fi->nr_frags = 0;
	*delta_truesize = from->truesize -
			  SKB_TRUESIZE(skb_end_offset(from));
	to->truesize += *delta_truesize;
	to->len += len;
	to->data_len += len;
	from->len = from->data_len = 0;
	return true;
}
