/* SPDX-License-Identifier: MIT */
/*
 * ip_append.c -- a datagram from a user's data, in one go or gathered
 *
 * IDEA.  A datagram is one skb, however long: header and the first bytes in
 * the linear part, the rest in page fragments; ip_do_fragment() cuts it if it
 * must. With MSG_MORE (or UDP_CORK) each call's data is such an skb on
 * sk_write_queue, without headers; the last call joins them.
 *
 * LOCKING.  ip_make_skb() needs none: all state is on the stack. Gathering
 * needs lock_sock.
 */

#include <net/ip.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

#define LINEAR_MAX 2048               /* more goes to pages */
#define FRAG_ORDER 3

/* skb's checksum is done late (CHECKSUM_PARTIAL): only copy. */
int ip_generic_getfrag(void *from, char *to, int offset, int len, int odd,
		       struct sk_buff *skb)
{
	struct msghdr *msg = from;

	return copy_from_iter_full(to, len, &msg->msg_iter) ? 0 : -EFAULT;
}

/* Fill skb, which has room for hdr + length bytes from its tail on. */
static int fill(struct sk_buff *skb, int hdr, int length, int linear,
		ip_getfrag_t *getfrag, void *from)
{
	int done = linear, err;

	skb_put(skb, hdr + linear);
	if (linear) {
		err = getfrag(from, (char *)skb->data + hdr, 0, linear, 0, skb);
		if (err)
			return err;
	}
	skb->len += length - linear;
	skb->data_len = length - linear;
	for (int i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		skb_frag_t *f = &skb_shinfo(skb)->frags[i];
		int n = skb_frag_size(f);

		err = getfrag(from, skb_frag_address(f), done, n, done & 1, skb);
		if (err)
			return err;
		done += n;
	}
	return 0;
}

/* An skb with hdr bytes of room for headers and length bytes of data. */
static struct sk_buff *data_skb(struct sock *sk, struct rtable *rt, int hdr,
				int length, ip_getfrag_t *getfrag, void *from,
				unsigned int flags)
{
	int linear = length <= LINEAR_MAX ? length : 0, err;
	int room = LL_RESERVED_SPACE(rt->dst.dev) + 16;
	struct sk_buff *skb;

	skb = sock_alloc_send_pskb(sk, room + hdr + linear, length - linear,
				   flags & MSG_DONTWAIT, &err, FRAG_ORDER);
	if (!skb)
		return ERR_PTR(err);
	skb_reserve(skb, room);
	err = fill(skb, hdr, length, linear, getfrag, from);
	if (err) {
		kfree_skb(skb);
		return ERR_PTR(err);
	}
	return skb;
}

/* ---- what the message says ---- */

static int setup_cork(struct sock *sk, struct inet_cork *cork,
		      struct ipcm_cookie *ipc, struct rtable *rt)
{
	struct ip_options_rcu *opt = ipc->opt;

	cork->flags = 0;
	cork->opt = NULL;
	if (opt) {
		cork->opt = kmemdup(opt, sizeof(*opt) + opt->opt.optlen,
				    sk->sk_allocation);
		if (!cork->opt)
			return -ENOBUFS;
		cork->flags |= IPCORK_OPT;
		cork->addr = ipc->addr;
	}
	cork->fragsize = ip_sk_use_pmtu(sk) ? dst_mtu(&rt->dst)
					    : READ_ONCE(rt->dst.dev->mtu);
	cork->gso_size = ipc->gso_size;
	cork->length = 0;
	cork->ttl = ipc->ttl;
	cork->tos = ipc->tos < 0 ? inet_sk(sk)->tos : ipc->tos;
	cork->tos_set = ipc->tos;
	cork->mark = ipc->mark;
	cork->priority = ipc->priority;
	cork->dst = &rt->dst;
	return 0;
}

static void cork_release(struct inet_cork *cork)
{
	cork->flags &= ~IPCORK_OPT;
	kfree(cork->opt);
	cork->opt = NULL;
	dst_release(cork->dst);
	cork->dst = NULL;
}

static int header_len(const struct inet_cork *cork)
{
	return sizeof(struct iphdr) + (cork->opt ? cork->opt->opt.optlen : 0);
}

/* May a datagram of so many bytes (all, without IP header) be sent? */
static int check_length(struct sock *sk, struct flowi4 *fl4,
			const struct inet_cork *cork, int total)
{
	u32 max = ip_sk_ignore_df(sk) ? 0xffff : cork->fragsize;

	if (total > (int)max - header_len(cork)) {
		ip_local_error(sk, EMSGSIZE, fl4->daddr, inet_sk(sk)->inet_dport,
			       cork->fragsize);
		return -EMSGSIZE;
	}
	return 0;
}

/* The IP header before skb->data's transport header; takes cork's route. */
static void build_header(struct sock *sk, struct flowi4 *fl4,
			 struct inet_cork *cork, struct sk_buff *skb)
{
	struct inet_sock *inet = inet_sk(sk);
	struct rtable *rt = (struct rtable *)cork->dst;
	struct iphdr *iph = ip_hdr(skb);
	__be16 df = 0;
	u8 ttl;

	skb->ignore_df = ip_sk_ignore_df(sk);
	if (inet->pmtudisc == IP_PMTUDISC_DO ||
	    inet->pmtudisc == IP_PMTUDISC_PROBE ||
	    (skb->len <= dst_mtu(&rt->dst) && ip_dont_fragment(sk, &rt->dst)))
		df = htons(IP_DF);
	if (cork->ttl)
		ttl = cork->ttl;
	else if (rt->rt_type == RTN_MULTICAST)
		ttl = inet->mc_ttl;
	else
		ttl = inet->uc_ttl < 0 ? ip4_dst_hoplimit(&rt->dst)
				       : inet->uc_ttl;
	*iph = (struct iphdr){
		.version = 4, .ihl = 5, .tos = cork->tos, .frag_off = df,
		.ttl = ttl, .protocol = sk->sk_protocol,
		.saddr = fl4->saddr, .daddr = fl4->daddr,
	};
	ip_select_ident(sock_net(sk), skb, sk);
	if (cork->opt) {
		iph->ihl += cork->opt->opt.optlen >> 2;
		ip_options_build(skb, &cork->opt->opt, cork->addr, rt);
	}
	skb->priority = cork->tos_set >= 0 ? cork->priority : sk->sk_priority;
	skb->mark = cork->mark;
	cork->dst = NULL;
	skb_dst_set(skb, &rt->dst);
}

static void set_headers(struct sk_buff *skb, const struct inet_cork *cork)
{
	skb_reset_network_header(skb);
	skb->transport_header = skb->network_header + header_len(cork);
}

/* ---- in one go ---- */

/* transhdrlen of length are the transport header, filled in by the caller. */
struct sk_buff *ip_make_skb(struct sock *sk, struct flowi4 *fl4,
			    ip_getfrag_t *getfrag, void *from, int length,
			    int transhdrlen, struct ipcm_cookie *ipc,
			    struct rtable **rtp, struct inet_cork *cork,
			    unsigned int flags)
{
	struct sk_buff *skb;
	int err;

	if (flags & MSG_PROBE)
		return NULL;
	err = setup_cork(sk, cork, ipc, *rtp);
	if (err)
		return ERR_PTR(err);
	*rtp = NULL;                  /* it is the cork's now */
	err = check_length(sk, fl4, cork, length);
	skb = err ? ERR_PTR(err)
		  : data_skb(sk, (struct rtable *)cork->dst,
			     header_len(cork) + transhdrlen,
			     length - transhdrlen, getfrag, from, flags);
	if (!IS_ERR(skb)) {
		set_headers(skb, cork);
		build_header(sk, fl4, cork, skb);
	}
	cork_release(cork);
	return skb;
}

/* ---- gathered: lock_sock ---- */

int ip_append_data(struct sock *sk, struct flowi4 *fl4, ip_getfrag_t *getfrag,
		   void *from, int len, int transhdrlen,
		   struct ipcm_cookie *ipc, struct rtable **rtp,
		   unsigned int flags)
{
	struct inet_cork *cork = &inet_sk(sk)->cork.base;
	struct sk_buff *skb;
	int err;

	if (flags & MSG_PROBE)
		return 0;
	if (skb_queue_empty(&sk->sk_write_queue) && !cork->dst) {
		err = setup_cork(sk, cork, ipc, *rtp);
		if (err)
			return err;
		*rtp = NULL;
		cork->length = transhdrlen;
	}
	len -= transhdrlen;
	err = check_length(sk, fl4, cork, cork->length + len);
	if (err)
		return err;
	skb = data_skb(sk, (struct rtable *)cork->dst, 0, len, getfrag, from,
		       flags);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	cork->length += len;
	__skb_queue_tail(&sk->sk_write_queue, skb);
	return 0;
}

/* All pieces as one datagram; the transport header is still to be filled. */
static struct sk_buff *join(struct sock *sk, struct inet_cork *cork)
{
	struct rtable *rt = (struct rtable *)cork->dst;
	int hdr = header_len(cork), room = LL_RESERVED_SPACE(rt->dst.dev) + 16;
	struct sk_buff *skb, *piece;
	int at = 0, total = 0;

	skb_queue_walk(&sk->sk_write_queue, piece)
		total += piece->len;
	skb = sock_wmalloc(sk, room + hdr + cork->length, 1, sk->sk_allocation);
	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	skb_put(skb, hdr + cork->length);
	at = hdr + cork->length - total;
	skb_queue_walk(&sk->sk_write_queue, piece) {
		skb_copy_bits(piece, 0, skb->data + at, piece->len);
		at += piece->len;
	}
	return skb;
}

struct sk_buff *ip_finish_skb(struct sock *sk, struct flowi4 *fl4)
{
	struct inet_cork *cork = &inet_sk(sk)->cork.base;
	struct sk_buff *skb;

	if (skb_queue_empty(&sk->sk_write_queue))
		return NULL;
	skb = join(sk, cork);
	if (skb) {
		set_headers(skb, cork);
		build_header(sk, fl4, cork, skb);
	}
	ip_flush_pending_frames(sk);
	return skb ? skb : ERR_PTR(-ENOBUFS);
}

int ip_push_pending_frames(struct sock *sk, struct flowi4 *fl4)
{
	struct sk_buff *skb = ip_finish_skb(sk, fl4);

	if (IS_ERR_OR_NULL(skb))
		return PTR_ERR_OR_ZERO(skb);
	return ip_send_skb(sock_net(sk), skb);
}

void ip_flush_pending_frames(struct sock *sk)
{
	__skb_queue_purge(&sk->sk_write_queue);
	cork_release(&inet_sk(sk)->cork.base);
}
