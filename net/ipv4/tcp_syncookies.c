/* SPDX-License-Identifier: MIT */
/*
 * tcp_syncookies.c -- connections that nobody remembers until they are real
 *
 * PROMISE.  A flood of SYNs from forged addresses costs no memory, and others
 * can still connect.
 *
 * IDEA.  Our initial sequence number is itself the request (RFC 4987 3.6):
 *
 *	cookie = H1(4-tuple) + their ISN + (minute << 24)
 *	         + ((H2(4-tuple, minute) + which MSS) & 0xffffff)
 *
 * The ACK brings it back, plus one.  A minute later than allowed, or not ours:
 * the low 24 bits give no small number, and the ACK is answered by a reset.
 * Window scale and SACK go into the low six bits of the time stamp that the
 * peer echoes; without time stamps they are lost.
 *
 * The hash is ChaCha20 keyed with a secret: others cannot make cookies.
 *
 * A cookie is only believed if one was sent in the last minutes.
 */

#include "tcp_impl.h"

#include <kernel/init.h>
#include <kernel/random.h>
#include <net/ip.h>

#define COOKIE_BITS 24
#define COOKIE_MASK ((1u << COOKIE_BITS) - 1)
#define MAX_AGE 2                     /* minutes */
#define TS_BITS 6
#define TS_WSCALE_MASK 0xfu
#define TS_NO_WSCALE 0xfu
#define TS_SACK (1u << 4)

static const u16 mss_table[] = { 536, 1300, 1440, 1460, 8960, 16344, 32728,
				 65483 };
static u32 secret[2][8];
static unsigned long last_sent;       /* jiffies; 0: never */

static u32 hash(const struct sk_buff *skb, u32 count, int which)
{
	const struct tcphdr *th = tcp_hdr(skb);
	const struct iphdr *iph = ip_hdr(skb);
	u32 state[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	u8 out[64];
	u32 word;

	memcpy(&state[4], secret[which], sizeof(secret[which]));
	state[12] = (u32)iph->saddr;
	state[13] = (u32)iph->daddr;
	state[14] = ((u32)(u16)th->source << 16) | (u16)th->dest;
	state[15] = count;
	chacha20_block(state, out);
	memcpy(&word, out, sizeof(word));
	return word;
}

static u32 minute(void)
{
	return (u32)(ktime_get_seconds() / 60);
}

/* *mss becomes the largest of the table that is not above it. */
u32 tcp_cookie_make(const struct sk_buff *skb, u16 *mss)
{
	u32 count = minute(), seq = be32_to_cpu(tcp_hdr(skb)->seq);
	u32 i = ARRAY_SIZE(mss_table) - 1;

	while (i > 0 && mss_table[i] > *mss)
		i--;
	*mss = mss_table[i];
	return hash(skb, 0, 0) + seq + (count << COOKIE_BITS) +
	       ((hash(skb, count, 1) + i) & COOKIE_MASK);
}

u16 tcp_cookie_check(const struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	u32 cookie = be32_to_cpu(th->ack_seq) - 1;
	u32 count = minute(), age, data;

	cookie -= hash(skb, 0, 0) + be32_to_cpu(th->seq) - 1;
	age = (count - (cookie >> COOKIE_BITS)) & 0xff;
	if (age >= MAX_AGE)
		return 0;
	data = (cookie - hash(skb, count - age, 1)) & COOKIE_MASK;
	return data < ARRAY_SIZE(mss_table) ? mss_table[data] : 0;
}

/* Our time stamp with the options in its low bits, not later than now. */
u32 tcp_cookie_ts(const struct request_sock *req, u32 now_ms)
{
	u32 bits = req->wscale_ok ? req->snd_wscale : TS_NO_WSCALE, ts;

	if (req->sack_ok)
		bits |= TS_SACK;
	ts = (now_ms & ~((1u << TS_BITS) - 1)) | bits;
	return after(ts, now_ms) ? ts - (1u << TS_BITS) : ts;
}

/* And back: what the peer's echo says. */
static bool decode_ts(const struct sock *sk, struct request_sock *req,
		      const struct tcp_options_received *o)
{
	u32 bits;

	if (!o->saw_tstamp)
		return true;
	if (!tcp_net(sk)->timestamps)
		return false;
	bits = o->rcv_tsecr - req->ts_off;
	req->tstamp_ok = 1;
	req->ts_recent = o->rcv_tsval;
	req->sack_ok = (bits & TS_SACK) && tcp_net(sk)->sack;
	if ((bits & TS_WSCALE_MASK) != TS_NO_WSCALE) {
		req->wscale_ok = 1;
		req->snd_wscale = min(bits & TS_WSCALE_MASK,
				      (u32)TCP_MAX_WSCALE);
	}
	return true;
}

bool tcp_cookies_wanted(struct sock *sk)
{
	return READ_ONCE(tcp_net(sk)->syncookies) == 2 ||
	       inet_csk_reqsk_queue_is_full(sk) ||
	       reqsk_queue_len(&inet_csk(sk)->icsk_accept_queue) >=
	       READ_ONCE(tcp_net(sk)->max_syn_backlog);
}

void tcp_cookies_sent(void)
{
	WRITE_ONCE(last_sent, jiffies | 1);
}

bool tcp_cookies_recent(void)
{
	unsigned long last = READ_ONCE(last_sent);

	return last && time_before(jiffies, last + MAX_AGE * 60 * HZ);
}

/* Is this ACK for nobody a cookie come back?  A child, as tcp_create_child()
 * gives it, already in the accept queue; sk: it is no cookie, answer with a
 * reset; NULL: there was no room, the peer tries again. */
struct sock *tcp_cookie_ack(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_options_received o = { 0 };
	const struct tcphdr *th = tcp_hdr(skb);
	struct request_sock *req;
	struct sock *child = NULL;
	u16 mss;

	if (!READ_ONCE(tcp_net(sk)->syncookies) || !tcp_cookies_recent())
		return sk;
	mss = tcp_cookie_check(skb);
	if (!mss)
		return sk;
	req = reqsk_alloc(sk);
	if (!req)
		return NULL;
	tcp_parse_options(th, &o, false);
	req->__req_common.skc_daddr = ip_hdr(skb)->saddr;
	req->__req_common.skc_rcv_saddr = ip_hdr(skb)->daddr;
	req->__req_common.skc_dport = th->source;
	req->__req_common.skc_num = be16_to_cpu(th->dest);
	req->rcv_isn = be32_to_cpu(th->seq) - 1;
	req->rcv_nxt = req->rcv_isn + 1;
	req->snt_isn = be32_to_cpu(th->ack_seq) - 1;
	req->mss = mss;
	req->ir_iif = skb->skb_iif;
	req->ir_tos = inet_sk(sk)->tos;
	req->ir_mark = sk->sk_mark;
	req->from_cookie = 1;
	req->ts_off = !o.saw_tstamp ? 0 :
		tcp_v4_init_ts_off(sock_net(sk), ip_hdr(skb)->daddr,
				   ip_hdr(skb)->saddr);
	if (!decode_ts(sk, req, &o)) {
		reqsk_put(req);
		return sk;
	}
	tcp_request_window(sk, req);
	child = tcp_create_child(sk, skb, req);
	if (child && !inet_csk_reqsk_queue_add(sk, req, child)) {
		inet_csk_prepare_forced_close(child);
		tcp_done(child);
		child = NULL;
	}
	reqsk_put(req);
	return child;
}

static int cookies_init(void)
{
	get_random_bytes(secret, sizeof(secret));
	return 0;
}
fs_initcall(cookies_init);
