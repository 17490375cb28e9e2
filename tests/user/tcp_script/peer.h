/* SPDX-License-Identifier: MIT */
#ifndef TCP_SCRIPT_PEER_H
#define TCP_SCRIPT_PEER_H
/* peer.h -- the other end: segments made from words, and told in words */

#include "script.h"

/* ---- the peer: what it sends ---- */

struct packet {
	uint8_t b[2200];
	int len;
};

static void put16(uint8_t *p, unsigned v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static unsigned get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static uint32_t sum(const uint8_t *p, int n, uint32_t s)
{
	for (int i = 0; i < n; i++)
		s += i & 1 ? p[i] : p[i] << 8;
	return s;
}

static unsigned fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s ^ 0xffff;
}

/* Byte number i of any stream: position tells content. */
static uint8_t pattern(uint32_t i)
{
	return 'a' + (i * 7 + (i >> 8)) % 26;
}

static void ip_header(struct script *s, struct packet *p, int proto,
		      uint32_t from, int tos)
{
	uint8_t *b = p->b;

	memset(b, 0, 20);
	b[0] = 0x45;
	b[1] = tos;
	put16(b + 2, p->len);
	b[8] = 64;
	b[9] = proto;
	put32(b + 12, from);
	put32(b + 16, 0x0a4e0001);
	put16(b + 10, fold(sum(b, 20, 0)));
}

static void tcp_checksum(struct packet *p, int break_it)
{
	uint8_t *t = p->b + 20;
	int n = p->len - 20;
	uint32_t c = sum(p->b + 12, 8, 6 + n);

	put16(t + 16, 0);
	put16(t + 16, fold(sum(t, n, c)) + break_it);
}

static void send_packet(struct script *s, struct packet *p)
{
	if (write(tun, p->b, p->len) != p->len)
		say(s, "= write: errno %d\n", errno);
}

struct words {
	char *w[64];
	int n, at;
};

static void split(struct words *w, char *copy)
{
	char *save;

	w->n = w->at = 0;
	for (char *t = strtok_r(copy, " \t", &save); t && w->n < 64;
	     t = strtok_r(NULL, " \t", &save))
		w->w[w->n++] = t;
}

static long number(struct script *s, struct words *w)
{
	char *end;
	long v;

	if (w->at >= w->n)
		die(s, "number missing");
	v = strtol(w->w[w->at], &end, 0);
	if (*end)
		die(s, "no number");
	w->at++;
	return v;
}

/* The next word, if it is a number; else dflt. */
static long number_or(struct words *w, long dflt)
{
	char *end;
	long v;

	if (w->at >= w->n)
		return dflt;
	v = strtol(w->w[w->at], &end, 0);
	if (*end)
		return dflt;
	w->at++;
	return v;
}

static int parse_flags(const char *f)
{
	int v = 0;

	for (; *f && *f != '-' && *f != '.'; f++)
		v |= 1 << (strchr(flag_names, *f) - flag_names);
	return v;
}

struct segment {
	int flags, len, tos, badsum, doff, cut, wait_ipsum;
	uint32_t seq, ack, base;
	unsigned win, urg;
	uint8_t opt[80];
	int optlen;
};

static void put_ts(struct script *s, struct words *w, struct segment *g,
		   struct conn *c)
{
	long val = number(s, w);
	uint8_t *o = g->opt + g->optlen;

	o[0] = 8;
	o[1] = 10;
	put32(o + 2, val);
	put32(o + 6, c->their_ts + number_or(w, 0));
	if (!(g->flags & ACK))
		put32(o + 6, 0);
	g->optlen += 10;
}

static void put_sacks(struct script *s, struct words *w, struct segment *g,
		      struct conn *c)
{
	uint8_t *o = g->opt + g->optlen;
	int n = 2;

	while (w->at < w->n && isdigit((unsigned char)*w->w[w->at])) {
		put32(o + n, c->their_isn + number(s, w));
		n += 4;
	}
	o[0] = 5;
	o[1] = n;
	g->optlen += n;
}

static void put_raw(struct words *w, struct segment *g)
{
	const char *h = w->w[w->at++];

	for (; h[0] && h[1]; h += 2) {
		char byte[3] = { h[0], h[1], 0 };

		g->opt[g->optlen++] = strtol(byte, NULL, 16);
	}
}

static void segment_word(struct script *s, struct words *w, struct segment *g,
			 struct conn *c)
{
	const char *k = w->w[w->at++];
	uint8_t *o = g->opt + g->optlen;

	if (!strcmp(k, "win")) {
		g->win = number(s, w);
	} else if (!strcmp(k, "urg")) {
		g->urg = number(s, w);
	} else if (!strcmp(k, "mss")) {
		o[0] = 2;
		o[1] = 4;
		put16(o + 2, number(s, w));
		g->optlen += 4;
	} else if (!strcmp(k, "ws")) {
		o[0] = 3;
		o[1] = 3;
		o[2] = number(s, w);
		g->optlen += 3;
	} else if (!strcmp(k, "sackok")) {
		o[0] = 4;
		o[1] = 2;
		g->optlen += 2;
	} else if (!strcmp(k, "ts")) {
		put_ts(s, w, g, c);
	} else if (!strcmp(k, "sack")) {
		put_sacks(s, w, g, c);
	} else if (!strcmp(k, "raw")) {
		put_raw(w, g);
	} else if (!strcmp(k, "badsum")) {
		g->badsum = 1;
	} else if (!strcmp(k, "doff")) {
		g->doff = number(s, w);
	} else if (!strcmp(k, "cut")) {
		g->cut = number(s, w);
	} else if (!strcmp(k, "tos")) {
		g->tos = number(s, w);
	} else if (!strcmp(k, "base")) {
		g->base = number(s, w);
	} else {
		die(s, k);
	}
}

/* "< FLAGS SEQ LEN ACK words": a segment from the peer. */
static void peer_sends(struct script *s, struct words *w)
{
	struct conn *c = &s->conns[s->conn];
	struct segment g = { .win = 65535 };
	struct packet p;
	uint8_t *t = p.b + 20;
	int head;

	if (w->n < 4)
		die(s, "short");
	g.flags = parse_flags(w->w[w->at++]);
	g.seq = number(s, w);
	g.len = number(s, w);
	g.ack = number_or(w, 0);
	while (w->at < w->n)
		segment_word(s, w, &g, c);
	while (g.optlen % 4)
		g.opt[g.optlen++] = 0;
	head = 20 + g.optlen;
	memset(t, 0, 20);
	put16(t, c->port);
	put16(t + 2, s->lport);
	put32(t + 4, c->isn + g.seq);
	put32(t + 8, g.flags & ACK ? c->their_isn + g.ack : g.ack);
	t[12] = (g.doff ? g.doff : head / 4) << 4;
	t[13] = g.flags;
	put16(t + 14, g.win);
	put16(t + 18, g.urg);
	memcpy(t + 20, g.opt, g.optlen);
	for (int i = 0; i < g.len; i++)
		t[head + i] = pattern(g.seq + i);
	p.len = 20 + head + g.len - g.cut;
	ip_header(s, &p, IPPROTO_TCP, s->peer, g.tos);
	tcp_checksum(&p, g.badsum);
	send_packet(s, &p);
}

/* The first part of a datagram whose rest never comes. */
static void make_fragment(struct script *s, struct packet *p, int i)
{
	memset(p->b + 20, 0, 64);
	p->len = 84;
	ip_header(s, p, IPPROTO_TCP, s->peer, 0);
	put16(p->b + 4, i);
	put16(p->b + 6, 0x2000);
	put16(p->b + 10, 0);
	put16(p->b + 10, fold(sum(p->b, 20, 0)));
}

static void make_flood_segment(struct script *s, struct packet *p, int flags,
			       int i)
{
	uint8_t *t = p->b + 20;

	memset(t, 0, 20);
	put16(t, 1024 + i % 28000);
	put16(t + 2, s->lport);
	put32(t + 4, i * 7919);
	put32(t + 8, i * 104729);
	t[12] = 5 << 4;
	t[13] = flags;
	put16(t + 14, 1000);
	p->len = 40;
	ip_header(s, p, IPPROTO_TCP, s->peer, 0);
	tcp_checksum(p, 0);
}

static void drain(void);

/* The number behind key in file; 0. */
static long number_in(const char *file, const char *key)
{
	static char buf[8192];
	int fd = open(file, O_RDONLY), n = read(fd, buf, sizeof(buf) - 1);
	char *at;

	close(fd);
	buf[n > 0 ? n : 0] = 0;
	at = strstr(buf, key);
	return at ? strtol(at + strlen(key), NULL, 10) : 0;
}

/* What floods could fill, KB: packets, requests and sockets are in the slabs;
 * fragments are counted by themselves, and so is what TCP keeps. */
static long kernel_memory(void)
{
	long fragments = number_in("/proc/net/sockstat", " memory ");
	long pages = number_in("/proc/net/sockstat", " mem ");

	return number_in("/proc/meminfo", "\nSlab:") + fragments / 1024 +
	       4 * pages;
}

/* "flood N FLAGS" or "flood N fragments": from as many ports, and whatever
 * comes of it is not looked at, but how much memory it takes. */
static void peer_floods(struct script *s, struct words *w)
{
	long n = number(s, w), before = kernel_memory(), now;
	const char *what = w->w[w->at++];
	struct packet p;

	s->flooded = 1;
	for (int i = 0; i < n; i++) {
		if (!strcmp(what, "fragments"))
			make_fragment(s, &p, i);
		else
			make_flood_segment(s, &p, parse_flags(what), i);
		send_packet(s, &p);
		if (i % 100 == 0)
			drain();
		if (i % 250 == 249) {
			now = kernel_memory() - before;
			if (now > s->flood_kb)
				s->flood_kb = now;
		}
	}
	drain();
}

/* "bounded KB": did the flood at no time take more? */
static void tell_bounded(struct script *s, struct words *w)
{
	long limit = number(s, w);

	if (s->flood_kb <= limit)
		say(s, "= yes\n");
	else
		say(s, "= no: %ld KB\n", s->flood_kb);
}

/* "icmp TYPE CODE SEQ [mtu]": a router answers one of their segments. */
static void router_says(struct script *s, struct words *w)
{
	struct conn *c = &s->conns[s->conn];
	struct packet p;
	uint8_t *i = p.b + 20, *q = i + 8;
	long type = number(s, w), code = number(s, w), seq = number(s, w);

	memset(i, 0, 36 + 20);
	i[0] = type;
	i[1] = code;
	put16(i + 6, number_or(w, 0));
	q[0] = 0x45;
	put16(q + 2, 40);
	q[8] = 63;
	q[9] = IPPROTO_TCP;
	put32(q + 12, 0x0a4e0001);
	put32(q + 16, s->peer);
	put16(q + 10, fold(sum(q, 20, 0)));
	put16(q + 20, s->lport);
	put16(q + 22, c->port);
	put32(q + 24, c->their_isn + seq);
	p.len = 20 + 8 + 28;
	put16(i + 2, fold(sum(i, 36, 0)));
	ip_header(s, &p, IPPROTO_ICMP, 0x0a4effff, 0);
	send_packet(s, &p);
}

/* ---- what this end sends, in words ---- */

static void tell_options(struct script *s, struct conn *c, const uint8_t *o,
			 int n)
{
	while (n > 0) {
		int len = *o < 2 ? 1 : o[1];

		if (*o == 2)
			say(s, " mss %u", get16(o + 2));
		else if (*o == 3)
			say(s, " ws");
		else if (*o == 4)
			say(s, " sackok");
		else if (*o == 8) {
			c->their_ts = get32(o + 2);
			say(s, " ts %u", get32(o + 6));
		} else if (*o == 5) {
			say(s, " sack");
			for (int k = 2; k < len; k += 4)
				say(s, " %d", (int)(get32(o + k) - c->isn));
		} else if (*o > 1)
			say(s, " opt%d", *o);
		o += len;
		n -= len;
	}
}

static struct conn *conn_of(struct script *s, unsigned port)
{
	for (int i = 0; i < s->nconns; i++)
		if (s->conns[i].port == port)
			return &s->conns[i];
	return NULL;
}

static void tell_flags(struct script *s, int flags)
{
	char f[9];
	int n = 0;

	for (int i = 0; i < 8; i++)
		if (flags & 1 << i && (1 << i != PSH || s->show_push))
			f[n++] = flag_names[i];
	f[n] = 0;
	say(s, "> %s", n ? f : "-");
}

static void tell_segment(struct script *s, const uint8_t *b, int n)
{
	const uint8_t *t = b + 20;
	struct conn *c = conn_of(s, get16(t + 2));
	int flags = t[13], head = (t[12] >> 4) * 4, len = n - 20 - head;
	uint32_t seq = get32(t + 4), rel;

	if (!c) {
		if (!s->flooded)
			say(s, "> port?\n");
		return;
	}
	if ((flags & SYN) && !c->have_isn) {
		c->have_isn = 1;
		c->their_isn = seq;
	}
	rel = seq - c->their_isn;
	if (c != &s->conns[s->conn])
		say(s, "[%d] ", (int)(c - s->conns));
	tell_flags(s, flags);
	if ((flags & RST) && !seq)
		rel = 0;              /* it had no number to go by */
	say(s, " %d %d %d", (int)rel, len,
	    flags & ACK ? (int)(get32(t + 8) - c->isn) : 0);
	if (s->show_win || !get16(t + 14) || ((flags & SYN) && !(flags & RST)))
		if (!(flags & RST))
			say(s, " win %u", get16(t + 14));
	if (flags & URG)
		say(s, " urg %u", get16(t + 18));
	tell_options(s, c, t + 20, head - 20);
	if (b[1])
		say(s, " tos %d", b[1]);
	if (!(b[6] & 0x40))
		say(s, " nodf");
	for (int i = 0; i < len; i++) {
		if (t[head + i] != pattern(rel + i)) {
			say(s, " BAD");
			break;
		}
	}
	say(s, "\n");
	s->got++;
}

/* Read what there is on the wire, and give it to those whose it is. */
static void drain(void)
{
	uint8_t b[70000];
	ssize_t n;

	while ((n = read(tun, b, sizeof(b))) > 0) {
		if (n < 40 || b[0] != 0x45 || b[9] != IPPROTO_TCP)
			continue;
		for (int i = 0; i < ncases; i++) {
			struct script *s = &cases[i];

			if (s->peer == get32(b + 16) && !s->done &&
			    s->lport == get16(b + 20))
				tell_segment(s, b, n);
		}
	}
}

#endif
