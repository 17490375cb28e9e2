/* SPDX-License-Identifier: MIT */
/*
 * fuzz_net.c -- any frames on the wire: from Ethernet to TCP's states
 *
 * The network itself is linked: devices and GRO, ARP and neighbours, routes,
 * IP, reassembly, ICMP, UDP, raw sockets and all of TCP.  An input is a list
 * of steps; most are frames.  Since nobody guesses a checksum or a sequence
 * number, a step may ask that they be set right.
 *
 *	[what][how][n][n bytes]
 */

/* host-fuzz: tests/host/net_world.c tests/host/net_stubs.c
 * kernel/core/notifier.c kernel/lib/bitmap.c kernel/lib/bitops.c
 * kernel/lib/cbpf.c kernel/lib/chacha20.c kernel/lib/hash.c
 * kernel/lib/rbtree.c kernel/locking/blocking_notifier.c net/core/datagram.c
 * net/core/dev.c net/core/dev_config.c net/core/dev_xmit.c net/core/dst.c
 * net/core/filter.c net/core/gro.c net/core/gso.c net/core/loopback.c
 * net/core/napi.c net/core/neighbour.c net/core/netfilter.c
 * net/core/skb_csum.c net/core/skb_data.c net/core/skb_queue.c
 * net/core/skbuff.c net/core/sock.c net/core/sock_mem.c net/core/sock_no.c
 * net/core/sock_wake.c net/core/socket.c net/ethernet/eth.c net/ipv4/af_inet.c
 * net/ipv4/arp.c net/ipv4/datagram.c net/ipv4/devinet.c
 * net/ipv4/fib_frontend.c net/ipv4/fib_semantics.c net/ipv4/fib_table.c
 * net/ipv4/icmp.c net/ipv4/igmp.c net/ipv4/inet_abort.c net/ipv4/inet_bind.c
 * net/ipv4/inet_connection_sock.c net/ipv4/inet_hashtables.c
 * net/ipv4/inet_tables.c net/ipv4/inet_timewait_sock.c net/ipv4/ip_append.c
 * net/ipv4/ip_fragment.c net/ipv4/ip_input.c net/ipv4/ip_offload.c
 * net/ipv4/ip_cmsg.c net/ipv4/ip_error_queue.c net/ipv4/inet_connect.c
 * net/ipv4/ip_options.c net/ipv4/ip_output.c net/ipv4/ip_sockglue.c
 * net/ipv4/ipv4_net.c net/ipv4/ping.c net/ipv4/raw.c net/ipv4/route.c
 * net/ipv4/route_exception.c net/ipv4/tcp.c net/ipv4/tcp_ack.c
 * net/ipv4/tcp_cong.c net/ipv4/tcp_cubic.c net/ipv4/tcp_data.c
 * net/ipv4/tcp_input.c net/ipv4/tcp_ipv4.c net/ipv4/tcp_listen.c
 * net/ipv4/tcp_mem.c net/ipv4/tcp_minisocks.c net/ipv4/tcp_offload.c
 * net/ipv4/tcp_ofo.c net/ipv4/tcp_options.c net/ipv4/tcp_output.c
 * net/ipv4/tcp_recovery.c net/ipv4/tcp_recv.c net/ipv4/tcp_retransmit.c
 * net/ipv4/tcp_rtt.c net/ipv4/tcp_sack.c net/ipv4/tcp_segment.c
 * net/ipv4/tcp_send.c net/ipv4/tcp_sockopt.c net/ipv4/tcp_syncookies.c
 * net/ipv4/tcp_sysctl.c net/ipv4/tcp_timer.c net/ipv4/tcp_window.c
 * net/ipv4/udp.c net/ipv4/udp_sock.c net/ipv4/udp_table.c
 * net/sched/sch_fifo.c
 * net/sched/sch_generic.c net/sched/sch_pfifo_fast.c
 * -- -DHOST_PAGES -fno-sanitize=alignment */

#include "net_world.h"

#include <kernel/kernel.h>
#include <kernel/net.h>
#include <net/arp.h>
#include <net/etherdevice.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/netlink.h>
#include <net/route.h>
#include <net/tcp.h>
#include <net/filter.h>
#include <uapi/fcntl.h>
#include <uapi/in.h>
#include <uapi/udp.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
void __asan_poison_memory_region(const volatile void *p, size_t n);

#define OURS htonl(0x0a000001)
#define PEER htonl(0x0a000002)
#define MAX_STEPS 24
#define TAIL_GUARD 128

enum {
	HOW_HEADER = 1,         /* an Ethernet and an IP header before it */
	HOW_IP = 2,             /* version, length, checksum of IP */
	HOW_SUMS = 4,           /* the checksum of TCP, UDP, ICMP */
	HOW_TCP = 8,            /* ports and numbers of what we sent last */
	HOW_PAGES = 16,         /* all but the first bytes in a page */
	HOW_GRO = 32,
	HOW_AGAIN = 64,         /* the same frame twice */
};

static struct net_device *eth0;
static struct napi_struct napi;
static struct socket *listener, *child, *caller, *udp, *raw;

/* What TCP said last on the wire. */
static struct {
	__be16 source, dest;
	u32 seq_end, ack;
} said;

/* ---- the device ---- */

static netdev_tx_t start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	u8 buf[ETH_HLEN + 60 + 60];
	int n = min_t(int, skb->len, sizeof(buf));
	struct iphdr *iph = (struct iphdr *)(buf + ETH_HLEN);

	if (skb_copy_bits(skb, 0, buf, n))
		__builtin_trap();
	if (n >= ETH_HLEN + 40 && ((struct ethhdr *)buf)->h_proto ==
	    htons(ETH_P_IP) && iph->protocol == IPPROTO_TCP) {
		struct tcphdr *th = (struct tcphdr *)((u8 *)iph + iph->ihl * 4);

		said.source = th->source;
		said.dest = th->dest;
		said.ack = ntohl(th->ack_seq);
		said.seq_end = ntohl(th->seq) + th->syn + th->fin +
			       ntohs(iph->tot_len) - iph->ihl * 4 -
			       th->doff * 4;
	}
	consume_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops ops = { .ndo_start_xmit = start_xmit };

static int no_poll(struct napi_struct *n, int budget)
{
	return 0;
}

static void add_device(void)
{
	static const u8 mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };
	struct in_ifaddr *ifa;

	eth0 = alloc_etherdev_mqs(0, 1, 1);
	eth0->netdev_ops = &ops;
	eth0->features |= NETIF_F_GRO | NETIF_F_SG;
	eth_hw_addr_set(eth0, mac);
	netif_napi_add(eth0, &napi, no_poll);
	eth0->nd_net = &init_net;
	if (register_netdevice(eth0) || dev_open(eth0, NULL))
		__builtin_trap();
	netif_carrier_on(eth0);
	ifa = inet_alloc_ifa();
	ifa->ifa_local = ifa->ifa_address = OURS;
	ifa->ifa_prefixlen = 24;
	ifa->ifa_mask = inet_make_mask(24);
	ifa->ifa_broadcast = OURS | ~ifa->ifa_mask;
	if (inet_insert_ifa(__in_dev_get_rtnl(eth0), ifa))
		__builtin_trap();
}

/* ---- sockets ---- */

static struct socket *make_socket(int type, int protocol, u16 port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port) };
	struct socket *sock;

	if (sock_create_kern(&init_net, PF_INET, type, protocol, &sock))
		__builtin_trap();
	if (port && inet_bind(sock, (struct sockaddr *)&to, sizeof(to)))
		__builtin_trap();
	sock->sk->sk_sndbuf = sock->sk->sk_rcvbuf = 65536;
	return sock;
}

static void open_sockets(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(9), .sin_addr = { PEER } };

	listener = make_socket(SOCK_STREAM, IPPROTO_TCP, 80);
	if (inet_listen(listener, 4))
		__builtin_trap();
	udp = make_socket(SOCK_DGRAM, IPPROTO_UDP, 53);
	raw = make_socket(SOCK_RAW, IPPROTO_ICMP, 0);
	caller = make_socket(SOCK_STREAM, IPPROTO_TCP, 0);
	inet_stream_connect(caller, (struct sockaddr *)&to, sizeof(to),
			    O_NONBLOCK);
}

static void end_socket(struct socket **sock)
{
	if (!*sock)
		return;
	if ((*sock)->sk) {
		sock_set_flag((*sock)->sk, SOCK_LINGER);
		(*sock)->sk->sk_lingertime = 0;
	}
	sock_release(*sock);
	*sock = NULL;
}

static void accept_one(void)
{
	struct socket *sock;

	if (child || sock_create_lite(PF_INET, SOCK_STREAM, 0, &sock))
		return;
	sock->ops = listener->ops;
	if (inet_accept(listener, sock, O_NONBLOCK, true)) {
		sock->ops = NULL;
		sock_release(sock);
		return;
	}
	child = sock;
}

/* Nothing of this input may meet the next one. */
static void close_all(void)
{
	end_socket(&child);
	end_socket(&listener);
	end_socket(&caller);
	end_socket(&udp);
	end_socket(&raw);
	world_settle();
	inet_twsk_purge(&tcp_hashinfo, &init_net);
	ip_frag_flush(&init_net);
	neigh_ifdown(&arp_tbl, eth0);
	rt_cache_flush(&init_net);
	world_settle();
	said.source = 0;
}

/* ---- frames ---- */

static u16 sum_of(const u8 *p, unsigned int n, u32 sum)
{
	for (unsigned int i = 0; i + 1 < n; i += 2)
		sum += *(const u16 *)(p + i);
	if (n & 1)
		sum += p[n - 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void follow_tcp(struct tcphdr *th)
{
	if (!said.source)
		return;
	th->source = said.dest;
	th->dest = said.source;
	th->seq = htonl(said.ack + (s8)(ntohl(th->seq) & 0xff));
	th->ack_seq = htonl(said.seq_end + (s8)(ntohl(th->ack_seq) & 0xff));
}

static void fix_sum(struct iphdr *iph, u8 *l4, unsigned int n)
{
	u32 pseudo = (iph->saddr & 0xffff) + (iph->saddr >> 16) +
		     (iph->daddr & 0xffff) + (iph->daddr >> 16) +
		     htons(iph->protocol) + htons(n);

	if (iph->protocol == IPPROTO_TCP && n >= sizeof(struct tcphdr)) {
		((struct tcphdr *)l4)->check = 0;
		((struct tcphdr *)l4)->check = sum_of(l4, n, pseudo);
	} else if (iph->protocol == IPPROTO_UDP && n >= 8) {
		((struct udphdr *)l4)->len = htons(n);
		((struct udphdr *)l4)->check = 0;
		((struct udphdr *)l4)->check = sum_of(l4, n, pseudo);
	} else if (n >= 4) {
		*(u16 *)(l4 + 2) = 0;
		*(u16 *)(l4 + 2) = sum_of(l4, n, 0);
	}
}

static void set_right(u8 *frame, unsigned int n, u8 how)
{
	struct iphdr *iph = (struct iphdr *)(frame + ETH_HLEN);
	unsigned int hlen;

	if (n < ETH_HLEN + sizeof(*iph))
		return;
	n -= ETH_HLEN;
	if (how & HOW_IP) {
		iph->version = 4;
		iph->ihl = max_t(unsigned int, iph->ihl, 5);
		iph->tot_len = htons(n);
	}
	hlen = iph->ihl * 4;
	if (hlen < sizeof(*iph) || hlen > n)
		return;
	if ((how & HOW_TCP) && iph->protocol == IPPROTO_TCP &&
	    n - hlen >= sizeof(struct tcphdr))
		follow_tcp((struct tcphdr *)((u8 *)iph + hlen));
	if (how & HOW_SUMS)
		fix_sum(iph, (u8 *)iph + hlen, n - hlen);
	if (how & HOW_IP) {
		iph->check = 0;
		iph->check = sum_of((u8 *)iph, hlen, 0);
	}
}

/* Behind a linear packet nothing may be read.  (TCP may append the next one's
 * data to it.) */
static void guard(struct sk_buff *skb)
{
	if (skb->len <= ETH_HLEN + 40 ||
	    skb->data[ETH_HLEN + 9] != IPPROTO_TCP)
		__asan_poison_memory_region(skb_tail_pointer(skb),
					    skb_tailroom(skb));
}

/* As a driver does: exactly so much in the head, the rest in a page. */
static struct sk_buff *make_skb(const u8 *frame, unsigned int n, bool paged)
{
	unsigned int head = paged ? min(n, 14u + (n & 31)) : n;
	struct sk_buff *skb = alloc_skb(head + TAIL_GUARD, GFP_ATOMIC);
	struct page *page;

	if (!skb)
		return NULL;
	skb_put_data(skb, frame, head);
	if (head == n) {
		guard(skb);
		return skb;
	}
	page = alloc_pages(GFP_ATOMIC, 0);
	if (!page)
		return skb;
	memcpy((u8 *)page_address(page) + PAGE_SIZE - (n - head), frame + head,
	       n - head);
	skb_add_rx_frag(skb, 0, page, PAGE_SIZE - (n - head), n - head,
			PAGE_SIZE);
	return skb;
}

static void receive(const u8 *frame, unsigned int n, u8 how)
{
	struct sk_buff *skb = make_skb(frame, n, how & HOW_PAGES);

	if (!skb)
		return;
	skb->protocol = eth_type_trans(skb, eth0);
	local_bh_disable();
	if (how & HOW_GRO) {
		napi_gro_receive(&napi, skb);
		napi_gro_flush(&napi, false);
	} else {
		netif_receive_skb(skb);
	}
	local_bh_enable();
	world_settle();
}

static void step_frame(const u8 *p, unsigned int n, u8 how)
{
	static const u8 protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP,
					IPPROTO_TCP, IPPROTO_IGMP };
	u8 frame[ETH_HLEN + 20 + 255];
	unsigned int at = 0;

	if (how & HOW_HEADER) {
		struct ethhdr *eth = (struct ethhdr *)frame;
		struct iphdr *iph = (struct iphdr *)(eth + 1);

		memcpy(eth->h_dest, eth0->dev_addr, ETH_ALEN);
		memset(eth->h_source, 6, ETH_ALEN);
		eth->h_proto = htons(ETH_P_IP);
		*iph = (struct iphdr){
			.version = 4, .ihl = 5, .ttl = 64, .saddr = PEER,
			.daddr = OURS, .protocol = protocols[n % 5],
		};
		at = ETH_HLEN + sizeof(*iph);
		how |= HOW_IP;
	}
	memcpy(frame + at, p, n);
	if (at + n < ETH_HLEN)
		return;
	set_right(frame, at + n, how);
	receive(frame, at + n, how);
	if (how & HOW_AGAIN)
		receive(frame, at + n, how);
}

static void step_filter(const u8 *p, unsigned int n)
{
	struct sock_filter code[32];
	struct sock_fprog prog = { .len = n / sizeof(code[0]),
				   .filter = code };

	if (!prog.len)
		return;
	memcpy(code, p, prog.len * sizeof(code[0]));
	for (int i = 0; i < prog.len; i++)
		code[i].code &= 0xff;
	lock_sock(udp->sk);
	sk_attach_filter(&prog, sizeof(prog), udp->sk);
	release_sock(udp->sk);
}

static void step(u8 what, u8 how, const u8 *p, unsigned int n)
{
	switch (what & 15) {
	case 0:
		world_wait(n * 8 + 1);
		break;
	case 1:
		accept_one();
		break;
	case 2:
		inet_shutdown(child ? child : caller, how & 1 ? SHUT_WR
							      : SHUT_RDWR);
		world_settle();
		break;
	case 3:
		step_filter(p, n);
		break;
	case 4:
		end_socket(how & 1 ? &child : how & 2 ? &caller : &raw);
		world_settle();
		if (!caller)
			caller = make_socket(SOCK_STREAM, IPPROTO_TCP, 0);
		break;
	default:
		step_frame(p, n, how);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	world_begin();
	add_device();
	world_settle();
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	open_sockets();
	world_settle();
	for (int i = 0; i < MAX_STEPS && size >= 3; i++) {
		unsigned int n = min_t(size_t, data[2], size - 3);

		step(data[0], data[1], data + 3, n);
		data += 3 + n;
		size -= 3 + n;
	}
	close_all();
	return 0;
}
