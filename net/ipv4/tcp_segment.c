/* SPDX-License-Identifier: MIT */
/*
 * tcp_segment.c -- how big a segment may be, and cutting packets into them
 *
 * IDEA.  mss_cache is what fits in one IP packet on the path as we know it,
 * less the options that every segment carries; tcp_current_mss() takes off what
 * this one carries besides (SACK blocks).  The path's MTU comes with the route:
 * a router's "fragmentation needed" changes the route, and the next look here
 * finds it (RFC 1191).
 *
 * INVARIANT.  I1: of each queued packet, gso_segs is len / gso_size rounded up,
 * and 1 for one without data; the sums in tp count in those.
 *
 * SEE RFC 9293 3.7.1, RFC 6691.
 */

#include "tcp_impl.h"

#include <net/ip.h>
#include <net/netdevice.h>

void tcp_set_skb_tso_segs(struct sk_buff *skb, unsigned int mss)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	shinfo->gso_size = mss;
	shinfo->gso_segs = skb->len <= mss ? 1 :
			   (skb->len + mss - 1) / mss;
}

/* Without options that only some segments have. */
u32 tcp_mtu_to_mss(struct sock *sk, u32 pmtu)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	int mss = (int)pmtu - icsk->icsk_af_ops->net_header_len -
		  (int)sizeof(struct tcphdr);

	if (mss > tp->rx_opt.mss_clamp)
		mss = tp->rx_opt.mss_clamp;
	mss -= icsk->icsk_ext_hdr_len;
	mss = max(mss, TCP_MIN_SND_MSS);
	return mss - (tp->tcp_header_len - sizeof(struct tcphdr));
}

/* No more than half of a small window (RFC 9293 3.8.6.2.1); a tiny one is
 * filled, or nothing would ever go. */
static u32 bound_to_window(const struct tcp_sock *tp, u32 size)
{
	u32 most = tp->max_window;

	if (most > TCP_MSS_DEFAULT)
		most >>= 1;
	return most && size > most ? max(most, 68u - tp->tcp_header_len) : size;
}

/* The path's MTU is (now) this. */
unsigned int tcp_sync_mss(struct sock *sk, u32 pmtu)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mss = bound_to_window(tp, tcp_mtu_to_mss(sk, pmtu));

	inet_csk(sk)->icsk_pmtu_cookie = pmtu;
	tp->mss_cache = mss;
	return mss;
}

unsigned int tcp_current_mss(struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mss = tp->mss_cache;
	int blocks;

	if (dst) {
		u32 mtu = dst_mtu(dst);

		if (mtu != inet_csk(sk)->icsk_pmtu_cookie)
			mss = tcp_sync_mss(sk, mtu);
	}
	blocks = tp->rx_opt.num_sacks + tp->rx_opt.dsack;
	if (blocks)
		mss -= TCPOLEN_SACK_BASE_ALIGNED +
		       min(blocks, 3) * TCPOLEN_SACK_PERBLOCK;
	return mss;
}

/* May packets be of many segments?  The device cuts them, or gso.c does. */
bool tcp_can_tso(const struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);

	return dst && dst->dev && (dst->dev->features & NETIF_F_GSO);
}

/* And how much a packet of the queue shall hold: many segments, if whoever
 * stands below cuts them, but at most half of the peer's window. */
int tcp_send_mss(struct sock *sk, int *size_goal, int flags)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mss = tcp_current_mss(sk);
	u32 goal = bound_to_window(tp, TCP_GSO_MAX_SIZE);

	if (!tcp_can_tso(sk))
		goal = mss;
	goal = max(goal / mss, 1u) * mss;
	*size_goal = flags & MSG_OOB ? mss : goal;
	return mss;
}

/* I1 changed for a packet that was sent: the counts follow. */
static void adjust_counts(struct tcp_sock *tp, const struct sk_buff *skb,
			  int lost)
{
	u8 sacked = TCP_SKB_CB(skb)->sacked;

	tp->packets_out -= lost;
	if (sacked & TCPCB_SACKED_ACKED)
		tp->sacked_out -= lost;
	if (sacked & TCPCB_SACKED_RETRANS)
		tp->retrans_out -= lost;
	if (sacked & TCPCB_LOST)
		tp->lost_out -= lost;
}

/* The control block of what is cut off behind skb's first len bytes. */
static void split_cb(struct sk_buff *skb, struct sk_buff *rest, u32 len)
{
	struct tcp_skb_cb *a = TCP_SKB_CB(skb), *b = TCP_SKB_CB(rest);

	*b = *a;
	b->seq = a->seq + len;
	a->end_seq = b->seq;
	b->tcp_flags = a->tcp_flags;
	a->tcp_flags &= ~(TCPHDR_FIN | TCPHDR_PSH);
	a->eor = false;
	rest->tstamp = skb->tstamp;
	rest->ip_summed = CHECKSUM_PARTIAL;
}

/*
 * Cut skb, which is on q, behind its first len bytes; the rest follows it
 * there. 0 or -ENOMEM (nothing has changed).
 */
int tcp_fragment(struct sock *sk, struct sk_buff_head *q, struct sk_buff *skb,
		 u32 len, unsigned int mss, gfp_t gfp)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int old = tcp_skb_pcount(skb), truesize;
	struct sk_buff *rest;
	u32 moved = skb->len - len, head = skb_headlen(skb);

	if (WARN_ON_ONCE(len >= skb->len))
		return -ENOMEM;
	/* The peer's SACKs make us cut what it likes: bounded. */
	if (sk->sk_wmem_queued >> 1 > sk->sk_sndbuf + 2 * 65536 &&
	    q == &tp->rtx_queue && skb != tcp_rtx_head(sk))
		return -ENOMEM;
	if (skb_cloned(skb) && pskb_expand_head(skb, 0, 0, gfp))
		return -ENOMEM;
	rest = alloc_skb_fclone(MAX_TCP_HEADER + (head > len ? head - len : 0),
				gfp);
	if (!rest)
		return -ENOMEM;
	skb_reserve(rest, MAX_TCP_HEADER);
	split_cb(skb, rest, len);
	truesize = skb->truesize;
	skb_split(skb, rest, len);
	skb->truesize -= min_t(u32, moved, skb->truesize / 2);
	rest->truesize += truesize - skb->truesize;
	tcp_wmem_queued_add(sk, skb->truesize + rest->truesize - truesize);
	tcp_set_skb_tso_segs(skb, mss);
	tcp_set_skb_tso_segs(rest, mss);
	if (q == &tp->rtx_queue)
		adjust_counts(tp, skb, old - (int)tcp_skb_pcount(skb) -
				       (int)tcp_skb_pcount(rest));
	__skb_queue_after(q, skb, rest);
	return 0;
}

/* The first n of the bytes in frags are not wanted any more. */
static void eat_frags(struct sk_buff *skb, u32 n)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	int kept = 0;

	for (int i = 0; i < shinfo->nr_frags; i++) {
		skb_frag_t f = shinfo->frags[i];
		u32 take = min(n, skb_frag_size(&f));

		n -= take;
		if (take == skb_frag_size(&f)) {
			put_page(f.bv_page);
			continue;
		}
		skb_frag_off_add(&f, take);
		skb_frag_size_sub(&f, take);
		shinfo->frags[kept++] = f;
	}
	shinfo->nr_frags = kept;
}

/* The peer has acknowledged the first len bytes of skb: 0 or -ENOMEM. */
int tcp_trim_head(struct sock *sk, struct sk_buff *skb, u32 len)
{
	u32 head = min(len, skb_headlen(skb)), tail = len - head;
	int old = tcp_skb_pcount(skb);

	if (skb_cloned(skb) && pskb_expand_head(skb, 0, 0, GFP_ATOMIC))
		return -ENOMEM;
	if (head)
		__skb_pull(skb, head);
	if (tail) {
		eat_frags(skb, tail);
		skb->data_len -= tail;
		skb->len -= tail;
	}
	TCP_SKB_CB(skb)->seq += len;
	if (tcp_skb_mss(skb))
		tcp_set_skb_tso_segs(skb, tcp_skb_mss(skb));
	adjust_counts(tcp_sk(sk), skb, old - (int)tcp_skb_pcount(skb));
	return 0;
}
