/* SPDX-License-Identifier: MIT */
#ifndef NET_UDP_H
#define NET_UDP_H
/* udp.h -- UDP sockets; theory: net/ipv4/udp.c */

#include <net/inet_sock.h>
#include <net/ip.h>
#include <uapi/udp.h>

/* Field keys: [K] lock_sock  [H] its bucket's lock, RCU to read */
struct udp_sock {
	struct inet_sock inet;        /* first */
	struct hlist_node udp_hash2;  /* [H] by address and port */
	unsigned int udp_port_hash;   /* [H] */
	unsigned int udp_addr_hash;   /* [H] */
	int pending;                  /* [K] AF_INET: a datagram is gathered */
	unsigned int corkflag;        /* [K] */
	u16 send_cover, recv_cover;   /* [K] UDP-Lite: bytes, 0: all */
	bool send_part, recv_part;    /* [K] and were they asked for? */
	u16 gso_size;
	u8 no_check6_tx;
	struct sock_reuseport *reuse_group;
};

static inline struct udp_sock *udp_sk(const struct sock *sk)
{
	return (struct udp_sock *)sk;
}

static inline struct udphdr *udp_hdr(const struct sk_buff *skb)
{
	return (struct udphdr *)skb_transport_header(skb);
}

/* In skb->cb while it waits to be read; begins like inet_skb_parm. */
struct udp_skb_cb {
	struct inet_skb_parm h4;
};

#define UDP_HTABLE_SIZE 256

/* Two tables: by port, and by port and address. */
struct udp_hslot {
	struct hlist_head head;
	int count;
	spinlock_t lock;
};

struct udp_table {
	struct udp_hslot hash[UDP_HTABLE_SIZE], hash2[UDP_HTABLE_SIZE];
};

extern struct udp_table udp_table, udplite_table;
extern struct proto udp_prot, udplite_prot;

static inline struct udp_table *udp_table_of(int protocol)
{
	return protocol == IPPROTO_UDPLITE ? &udplite_table : &udp_table;
}

/* Is it UDP's, or UDP-Lite's? */
static inline bool sk_is_udp(const struct sock *sk)
{
	return sk->sk_prot == &udp_prot || sk->sk_prot == &udplite_prot;
}

/* The best match for a packet, under RCU, not counted; NULL. */
struct sock *__udp4_lib_lookup(struct net *net, __be32 saddr, __be16 sport,
			       __be32 daddr, __be16 dport, int dif, int sdif,
			       struct udp_table *tbl, struct sk_buff *skb);
void udp_rehash(struct sock *sk);     /* its own address changed; lock_sock */
void udp4_register(void);

#endif
