/* SPDX-License-Identifier: MIT */
/*
 * offload_test.c -- big packets cut, small ones merged: the bytes stay
 *
 * What GRO hands up is caught by a packet handler on lo; the packets are for
 * another host, so that IP itself drops them.
 */

#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <net/checksum.h>
#include <net/etherdevice.h>
#include <net/ip.h>
#include <net/offload.h>
#include <net/tcp.h>
#include <mm/slab.h>
#include <kernel/err.h>

enum {
	IP_AT = ETH_HLEN, TCP_AT = IP_AT + 20, OPTS = 12,
	HEADERS = TCP_AT + 20 + OPTS, MSS = 100
};

/* What a segment is like; the checksum is spoiled by xor. */
struct seg {
	u32 at;                       /* its first byte of the stream */
	u16 len, id, port, df, spoil;
	u8 flags, ttl, option;
	u32 ack;
};

static u8 byte_at(u32 pos)
{
	return pos * 7 + (pos >> 8);
}

static void put_ip(struct sk_buff *skb, const struct seg *s)
{
	struct iphdr *ip = skb_put(skb, sizeof(*ip));

	memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = htons(20 + 20 + OPTS + s->len);
	ip->id = htons(s->id);
	ip->frag_off = s->df ? htons(IP_DF) : 0;
	ip->ttl = s->ttl;
	ip->protocol = IPPROTO_TCP;
	ip->saddr = htonl(0x0a000001);
	ip->daddr = htonl(0x0a000002);
	ip_send_check(ip);
}

static void put_tcp(struct sk_buff *skb, const struct seg *s)
{
	struct tcphdr *th = skb_put(skb, sizeof(*th) + OPTS);

	memset(th, 0, sizeof(*th) + OPTS);
	th->source = htons(s->port);
	th->dest = htons(80);
	th->seq = htonl(1000 + s->at);
	th->ack_seq = htonl(s->ack);
	th->doff = (20 + OPTS) / 4;
	((u8 *)th)[13] = s->flags | TCPHDR_ACK;
	memset(th + 1, s->option ? s->option : 1, OPTS);
}

/* A packet with the payload in a page, data at the link's header. */
static struct sk_buff *make(const struct seg *s)
{
	struct sk_buff *skb = alloc_skb(64 + HEADERS, GFP_KERNEL);
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP,
					get_order(max_t(u32, s->len, 1)));
	struct tcphdr *th;

	if (!skb || !page) {
		kfree_skb(skb);
		return NULL;
	}
	for (u32 i = 0; i < s->len; i++)
		((u8 *)page_address(page))[i] = byte_at(s->at + i);
	skb_reserve(skb, 64);
	memset(skb_put(skb, ETH_HLEN), 2, ETH_HLEN);
	((struct ethhdr *)skb->data)->h_proto = htons(ETH_P_IP);
	put_ip(skb, s);
	put_tcp(skb, s);
	skb_add_rx_frag(skb, 0, page, 0, s->len, PAGE_SIZE);
	th = (struct tcphdr *)(skb->data + TCP_AT);
	th->check = csum_tcpudp_magic(htonl(0x0a000001), htonl(0x0a000002),
				      skb->len - TCP_AT, IPPROTO_TCP,
				      skb_checksum(skb, TCP_AT,
						   skb->len - TCP_AT, 0));
	th->check ^= s->spoil;
	return skb;
}

/* Do skb's bytes from off on go on as the stream's from pos on? */
static bool carries(const struct sk_buff *skb, int off, u32 pos, u32 len)
{
	u8 b;

	for (u32 i = 0; i < len; i++)
		if (skb_copy_bits(skb, off + i, &b, 1) || b != byte_at(pos + i))
			return false;
	return skb->len == off + len;
}

/* ---- GSO ---- */

static int freed_owner;

static void owner_gone(struct sk_buff *skb)
{
	freed_owner++;
	skb->sk = NULL;
}

static struct sk_buff *big_packet(struct sock *owner)
{
	struct seg s = { .len = 350, .id = 7, .port = 5, .df = 1, .ttl = 64,
			 .flags = TCPHDR_PSH | TCPHDR_FIN | TCPHDR_CWR };
	struct sk_buff *skb = make(&s);

	if (!skb)
		return NULL;
	skb->protocol = htons(ETH_P_IP);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, IP_AT);
	skb_set_transport_header(skb, TCP_AT);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb_shinfo(skb)->gso_size = MSS;
	skb_shinfo(skb)->gso_segs = 4;
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	skb->sk = owner;
	skb->destructor = owner_gone;
	return skb;
}

/* Segment number i of the four is as TCP would have sent it. */
static void check_segment(struct sk_buff *seg, int i)
{
	const struct iphdr *ip = ip_hdr(seg);
	u32 len = i < 3 ? MSS : 50;
	u8 flags = TCPHDR_ACK;

	flags |= i == 0 ? TCPHDR_CWR : i == 3 ? TCPHDR_PSH | TCPHDR_FIN : 0;
	EXPECT(carries(seg, HEADERS, i * MSS, len));
	EXPECT(ntohs(ip->tot_len) == seg->len - IP_AT);
	EXPECT(ntohs(ip->id) == 7 + i && !ip_fast_csum(ip, 5));
	EXPECT(ntohl(tcp_hdr(seg)->seq) == 1000u + i * MSS);
	EXPECT(((u8 *)tcp_hdr(seg))[13] == flags);
	EXPECT(!skb_is_gso(seg) && seg->ip_summed == CHECKSUM_PARTIAL);
	EXPECT(!skb_checksum_help(seg));
	ip = ip_hdr(seg);             /* it may have moved */
	EXPECT(!csum_tcpudp_magic(ip->saddr, ip->daddr, seg->len - TCP_AT,
				  IPPROTO_TCP,
				  skb_checksum(seg, TCP_AT, seg->len - TCP_AT,
					       0)));
}

static void cut_and_check(netdev_features_t how)
{
	struct sock *owner = (struct sock *)&freed_owner; /* never looked at */
	struct sk_buff *skb = big_packet(owner), *segs, *seg;
	int n = 0;

	REQUIRE(skb);
	freed_owner = 0;
	segs = skb_gso_segment(skb, how);
	REQUIRE(!IS_ERR_OR_NULL(segs));
	EXPECT(carries(skb, HEADERS, 0, 350));
	consume_skb(skb);
	EXPECT(freed_owner == 0);
	EXPECT(!!skb_is_nonlinear(segs) == (how != 0));
	for (seg = segs; seg; seg = seg->next)
		check_segment(seg, n++);
	EXPECT(n == 4);
	kfree_skb_list(segs);
	EXPECT(freed_owner == 1);
}

SELFTEST_SLOW(gso_segments_are_what_tcp_would_have_sent)
{
	cut_and_check(NETIF_F_SG | NETIF_F_HW_CSUM);
	cut_and_check(0);
}

SELFTEST(gso_refuses_what_it_cannot_cut)
{
	struct sk_buff *skb = big_packet(NULL);

	REQUIRE(skb);
	skb->destructor = NULL;
	EXPECT(skb_gso_validate_network_len(skb, 20 + 20 + OPTS + MSS));
	EXPECT(!skb_gso_validate_network_len(skb, 20 + 20 + OPTS + MSS - 1));
	skb_shinfo(skb)->gso_type = 0;
	EXPECT(IS_ERR(skb_gso_segment(skb, 0)));
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	tcp_hdr(skb)->doff = 4;
	EXPECT(IS_ERR(skb_gso_segment(skb, 0)));
	skb->protocol = htons(ETH_P_ARP);
	EXPECT(IS_ERR(skb_gso_segment(skb, 0)));
	EXPECT(skb->len == HEADERS + 350);
	kfree_skb(skb);
}

/* ---- GRO ---- */

#define MAX_UP 24

static struct sk_buff *up[MAX_UP];
static int nr_up;

static int catch(struct sk_buff *skb, struct net_device *dev,
		 struct packet_type *pt, struct net_device *orig)
{
	if (nr_up < MAX_UP)
		up[nr_up++] = skb;
	else
		kfree_skb(skb);
	return 0;
}

static struct packet_type catcher = {
	.type = htons(ETH_P_IP), .func = catch,
};

/* Feed n segments to a napi of its own: how many packets come up. */
static int feed(const struct seg *s, int n)
{
	struct net_device *lo = init_net.loopback_dev;
	struct napi_struct *napi = kzalloc(sizeof(*napi), GFP_KERNEL);

	if (!napi)
		return -1;
	for (int i = 0; i < GRO_HASH_BUCKETS; i++)
		INIT_LIST_HEAD(&napi->gro_hash[i].list);
	catcher.dev = lo;
	nr_up = 0;
	dev_add_pack(&catcher);
	local_bh_disable();
	rcu_read_lock();
	for (int i = 0; i < n; i++) {
		struct sk_buff *skb = make(&s[i]);

		if (!skb)
			break;
		skb->protocol = eth_type_trans(skb, lo);
		napi_gro_receive(napi, skb);
	}
	napi_gro_flush(napi, false);
	rcu_read_unlock();
	local_bh_enable();
	__dev_remove_pack(&catcher);  /* static: nobody else frees it */
	kfree(napi);
	return nr_up;
}

static void drop_up(void)
{
	for (int i = 0; i < nr_up; i++)
		kfree_skb(up[i]);
	nr_up = 0;
}

/* n segments that go on from one another. */
static void stream(struct seg *s, int n)
{
	for (int i = 0; i < n; i++)
		s[i] = (struct seg){ .at = i * MSS, .len = MSS, .id = 30 + i,
				     .port = 5, .ttl = 64, .ack = 1 };
}

SELFTEST(gro_merges_what_goes_on)
{
	struct seg s[4];

	stream(s, 4);
	s[3].len = 30;
	s[3].flags = TCPHDR_PSH;
	EXPECT(feed(s, 4) == 1);
	if (nr_up == 1) {
		struct sk_buff *skb = up[0];

		EXPECT(carries(skb, HEADERS - ETH_HLEN, 0, 330));
		EXPECT(skb_shinfo(skb)->gso_size == MSS);
		EXPECT(skb_shinfo(skb)->gso_segs == 4);
		EXPECT(skb_shinfo(skb)->gso_type == SKB_GSO_TCPV4);
		EXPECT(ntohs(ip_hdr(skb)->tot_len) == skb->len);
		EXPECT(!ip_fast_csum(ip_hdr(skb), 5));
		EXPECT(skb->ip_summed == CHECKSUM_PARTIAL);
		EXPECT(((u8 *)(ip_hdr(skb) + 1))[13] ==
		       (TCPHDR_ACK | TCPHDR_PSH));
	}
	drop_up();
}

/* Change one thing in the middle one of three, and count what comes up. */
static int with_middle(void (*change)(struct seg *s))
{
	struct seg s[3];
	int n;

	stream(s, 3);
	change(&s[1]);
	n = feed(s, 3);
	drop_up();
	return n;
}

static void to_psh(struct seg *s) { s->flags = TCPHDR_PSH; }
static void to_rst(struct seg *s) { s->flags = TCPHDR_RST; }
static void to_hole(struct seg *s) { s->at += 1; }
static void to_ack(struct seg *s) { s->ack = 2; }
static void to_option(struct seg *s) { s->option = 3; }
static void to_ttl(struct seg *s) { s->ttl = 63; }
static void to_id(struct seg *s) { s->id = 99; }
static void to_df(struct seg *s) { s->df = 1; }
static void to_short(struct seg *s) { s->len = 40; }
static void to_long(struct seg *s) { s->len = 140; }
static void to_empty(struct seg *s) { s->len = 0; }
static void to_port(struct seg *s) { s->port = 6; }

SELFTEST_SLOW(gro_keeps_borders_that_mean_something)
{
	EXPECT(with_middle(to_psh) == 2);     /* it ends the packet */
	EXPECT(with_middle(to_short) == 2);
	EXPECT(with_middle(to_rst) == 3);
	EXPECT(with_middle(to_hole) == 3);
	EXPECT(with_middle(to_ack) == 3);
	EXPECT(with_middle(to_option) == 3);
	EXPECT(with_middle(to_ttl) == 3);
	EXPECT(with_middle(to_id) == 3);
	EXPECT(with_middle(to_df) == 3);
	EXPECT(with_middle(to_long) == 3);
	EXPECT(with_middle(to_empty) == 3);
	EXPECT(with_middle(to_port) == 3);
}

SELFTEST(gro_does_not_merge_a_wrong_checksum)
{
	struct seg s[2];

	stream(s, 2);
	s[1].spoil = 1;
	EXPECT(feed(s, 2) == 2);
	if (nr_up == 2) {             /* it goes up as it came, at once */
		EXPECT(carries(up[0], HEADERS - ETH_HLEN, MSS, MSS));
		EXPECT(up[0]->ip_summed == CHECKSUM_NONE);
		EXPECT(carries(up[1], HEADERS - ETH_HLEN, 0, MSS));
	}
	drop_up();
}

SELFTEST_SLOW(gro_tells_flows_apart_and_is_bounded)
{
	static struct seg s[20];

	stream(s, 20);
	for (int i = 1; i < 20; i += 2) {     /* two flows in turn */
		s[i] = s[i - 1];
		s[i].port = 6;
	}
	for (int i = 0; i < 20; i++) {
		s[i].at = i / 2 * MSS;
		s[i].id = i / 2;
	}
	EXPECT(feed(s, 20) == 2);
	EXPECT(nr_up != 2 || carries(up[1], HEADERS - ETH_HLEN, 0, 10 * MSS));
	drop_up();
	stream(s, 20);
	EXPECT(feed(s, 20) == 2);     /* MAX_SKB_FRAGS in the first */
	EXPECT(nr_up != 2 || skb_shinfo(up[0])->nr_frags == MAX_SKB_FRAGS);
	drop_up();
}
