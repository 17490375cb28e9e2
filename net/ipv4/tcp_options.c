/* SPDX-License-Identifier: MIT */
/*
 * tcp_options.c -- the options of a header: read and written
 *
 * PROMISE.  Any bytes may follow the header: nothing outside of them is read,
 * an option of a wrong length is as if it were not there, and an unknown one is
 * passed over (RFC 9293 3.1, MUST-6).  Pure: no state, no allocation; it runs
 * as a Unix process under a fuzzer.
 *
 * Written in an order that keeps 32-bit words aligned:
 *
 *	SYN      MSS | SACK_PERM, TS or NOP NOP TS | NOP WSCALE
 *	others   NOP NOP TS | NOP NOP SACK blocks
 *
 * SEE RFC 9293 3.1 and 3.2, RFC 7323, RFC 2018.
 */

#include "tcp_impl.h"

static void parse_wscale(struct tcp_options_received *opt, u8 scale)
{
	opt->wscale_ok = true;
	opt->snd_wscale = min_t(u8, scale, TCP_MAX_WSCALE); /* 7323 2.3 */
}

/* One option that is whole: len bytes from kind on at p. */
static void parse_one(struct tcp_options_received *opt, const u8 *p, int len,
		      bool syn, bool estab)
{
	u16 mss;

	switch (p[0]) {
	case TCPOPT_MSS:
		if (len != TCPOLEN_MSS || !syn || estab)
			break;
		mss = get_unaligned_be16(p + 2);
		if (mss) {
			if (opt->user_mss && opt->user_mss < mss)
				mss = opt->user_mss;
			opt->mss_clamp = mss;
		}
		break;
	case TCPOPT_WINDOW:
		if (len == TCPOLEN_WINDOW && syn && !estab)
			parse_wscale(opt, p[2]);
		break;
	case TCPOPT_TIMESTAMP:
		if (len == TCPOLEN_TIMESTAMP &&
		    ((estab && opt->tstamp_ok) || !estab)) {
			opt->saw_tstamp = true;
			opt->rcv_tsval = get_unaligned_be32(p + 2);
			opt->rcv_tsecr = get_unaligned_be32(p + 6);
		}
		break;
	case TCPOPT_MD5SIG:
		opt->saw_md5 = true;
		break;
	case TCPOPT_SACK_PERM:
		if (len == TCPOLEN_SACK_PERM && syn && !estab)
			opt->sack_ok = true;
		break;
	}
}

void tcp_parse_options(const struct tcphdr *th,
		       struct tcp_options_received *opt, bool estab)
{
	const u8 *start = (const u8 *)th, *p = (const u8 *)(th + 1);
	const u8 *end = start + th->doff * 4;

	opt->saw_tstamp = opt->saw_md5 = false;
	opt->sack_off = 0;
	while (p < end) {
		int len;

		if (*p == TCPOPT_EOL)
			return;
		if (*p == TCPOPT_NOP) {
			p++;
			continue;
		}
		if (end - p < 2)
			return;
		len = p[1];
		if (len < 2 || len > end - p)
			return;               /* the rest makes no sense */
		if (*p == TCPOPT_SACK && opt->sack_ok && !th->syn &&
		    len >= 2 + TCPOLEN_SACK_PERBLOCK &&
		    (len - 2) % TCPOLEN_SACK_PERBLOCK == 0)
			opt->sack_off = p - start;
		parse_one(opt, p, len, th->syn, estab);
		p += len;
	}
}

int tcp_read_sacks(const struct tcphdr *th, u8 sack_off,
		   struct tcp_sack_block out[TCP_NUM_SACKS])
{
	const u8 *p = (const u8 *)th + sack_off;
	int n = min((p[1] - 2) / TCPOLEN_SACK_PERBLOCK, TCP_NUM_SACKS);

	for (int i = 0; i < n; i++) {
		out[i].start_seq = get_unaligned_be32(p + 2 + 8 * i);
		out[i].end_seq = get_unaligned_be32(p + 6 + 8 * i);
	}
	return n;
}

unsigned int tcp_options_size(const struct tcp_out_options *o)
{
	unsigned int size = 0;

	if (o->mss)
		size += TCPOLEN_MSS;
	if (o->has_ts)
		size += TCPOLEN_TSTAMP_ALIGNED;
	else if (o->sack_perm)
		size += 4;
	if (o->has_ws)
		size += 4;
	if (o->num_sack_blocks)
		size += TCPOLEN_SACK_BASE_ALIGNED +
			o->num_sack_blocks * TCPOLEN_SACK_PERBLOCK;
	return size;
}

static u8 *put_word(u8 *p, u8 a, u8 b, u8 c, u8 d)
{
	p[0] = a;
	p[1] = b;
	p[2] = c;
	p[3] = d;
	return p + 4;
}

static u8 *put_number(u8 *p, u32 v)
{
	put_unaligned_be32(v, p);
	return p + 4;
}

void tcp_options_write(u8 *p, const struct tcp_out_options *o)
{
	u8 pad1 = o->sack_perm ? TCPOPT_SACK_PERM : TCPOPT_NOP;
	u8 pad2 = o->sack_perm ? TCPOLEN_SACK_PERM : TCPOPT_NOP;

	if (o->mss)
		p = put_word(p, TCPOPT_MSS, TCPOLEN_MSS, o->mss >> 8,
			     o->mss & 0xff);
	if (o->has_ts) {
		p = put_word(p, pad1, pad2, TCPOPT_TIMESTAMP,
			     TCPOLEN_TIMESTAMP);
		p = put_number(p, o->tsval);
		p = put_number(p, o->tsecr);
	} else if (o->sack_perm) {
		p = put_word(p, TCPOPT_NOP, TCPOPT_NOP, pad1, pad2);
	}
	if (o->has_ws)
		p = put_word(p, TCPOPT_NOP, TCPOPT_WINDOW, TCPOLEN_WINDOW,
			     o->ws);
	if (!o->num_sack_blocks)
		return;
	p = put_word(p, TCPOPT_NOP, TCPOPT_NOP, TCPOPT_SACK,
		     2 + o->num_sack_blocks * TCPOLEN_SACK_PERBLOCK);
	for (int i = 0; i < o->num_sack_blocks; i++) {
		p = put_number(p, o->sacks[i].start_seq);
		p = put_number(p, o->sacks[i].end_seq);
	}
}
