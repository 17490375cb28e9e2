/* SPDX-License-Identifier: MIT */
#ifndef NET_INET_SOCK_H
#define NET_INET_SOCK_H
/*
 * inet_sock.h -- what all AF_INET sockets have: addresses, ports, IP options
 *
 * The first field of udp_sock, raw_sock, inet_connection_sock.
 */

#include <net/dst.h>
#include <net/flow.h>
#include <net/sock.h>
#include <uapi/in.h>
#include <uapi/ip.h>

struct ip_mc_socklist;

/* IP options, compiled; as they go into a packet, ip_options_bytes(). */
struct ip_options {
	__be32 faddr;                 /* the first hop of a source route */
	__be32 nexthop;
	unsigned char optlen, srr, rr, ts;
	unsigned char is_strictroute : 1, srr_is_hit : 1, is_changed : 1,
		      rr_needaddr : 1, ts_needtime : 1, ts_needaddr : 1;
	unsigned char router_alert;
};

/* What follows the header in a packet; in a sock's options, behind them. */
static inline unsigned char *ip_options_bytes(const struct ip_options *opt)
{
	return (unsigned char *)(opt + 1);
}

struct ip_options_rcu {
	struct rcu_head rcu;
	struct ip_options opt;
};

struct ip_options_data {
	struct ip_options_rcu opt;
	char data[MAX_IPOPTLEN];
};
static_assert(offsetof(struct ip_options_data, data) ==
	      sizeof(struct ip_options_rcu), "ip_options_bytes() is .data");

/* The state of one message that is being put together. */
struct inet_cork {
	unsigned int flags;           /* IPCORK_* */
	__be32 addr;
	struct ip_options_rcu *opt;   /* owned while corked */
	unsigned int fragsize;        /* MTU */
	int length;                   /* bytes queued, without the IP header */
	struct dst_entry *dst;        /* counted */
	u8 tx_flags, ttl, tos;
	s16 tos_set;
	u32 priority, mark;
	u16 gso_size;
};
#define IPCORK_OPT 1

struct inet_cork_full {
	struct inet_cork base;
	struct flowi4 fl;
};

/*
 * Field keys:  [K] lock_sock   [c] constant   [W] written whole by setsockopt
 *              [R] lock_sock to write, RCU to read
 */
struct inet_sock {
	struct sock sk;               /* first */
#define inet_daddr sk.sk_daddr
#define inet_rcv_saddr sk.sk_rcv_saddr
#define inet_dport sk.sk_dport
#define inet_num sk.sk_num
	__be32 inet_saddr;            /* [K] what packets say */
	s16 uc_ttl;                   /* [W] -1: the net's default */
	u16 cmsg_flags;               /* [W] IP_CMSG_* */
	__be16 inet_sport;            /* [K] */
	u16 inet_id;                  /* [K] */
	struct ip_options_rcu *inet_opt; /* [R] */
	int rx_dst_ifindex;
	u8 tos, min_ttl, mc_ttl, pmtudisc; /* [W] */
	/* [W] A byte each: ip_sockglue.c's table has their offsets. */
	bool recverr, freebind, hdrincl, mc_loop, transparent, nodefrag;
	bool bind_address_no_port;
	u8 mc_all, recverr_rfc4884;   /* [W] 0 or 1 */
	u8 is_icsk : 1, defer_connect : 1;
	u8 rcv_tos, convert_csum;
	int uc_index, mc_index;       /* [W] */
	__be32 mc_addr;               /* [W] */
	u32 local_port_range;         /* [W] low in the lower half; 0: the net's */
	struct ip_mc_socklist *mc_list; /* [R] */
	struct inet_cork_full cork;   /* [K] */
};

#define IP_CMSG_PKTINFO (1 << 0)
#define IP_CMSG_TTL (1 << 1)
#define IP_CMSG_TOS (1 << 2)
#define IP_CMSG_RECVOPTS (1 << 3)
#define IP_CMSG_RETOPTS (1 << 4)
#define IP_CMSG_PASSSEC (1 << 5)
#define IP_CMSG_ORIGDSTADDR (1 << 6)
#define IP_CMSG_CHECKSUM (1 << 7)
#define IP_CMSG_RECVFRAGSIZE (1 << 8)

static inline struct inet_sock *inet_sk(const struct sock *sk)
{
	return (struct inet_sock *)sk;
}

/* May bind() say an address that is not ours? */
static inline bool inet_can_nonlocal_bind(struct net *net,
					  const struct inet_sock *inet)
{
	return READ_ONCE(net->ipv4.sysctl_ip_nonlocal_bind) ||
	       inet->freebind || inet->transparent;
}

static inline u8 inet_sk_flowi_flags(const struct sock *sk)
{
	return inet_sk(sk)->transparent ? FLOWI_FLAG_ANYSRC : 0;
}

static inline u8 ip_sock_rt_tos(const struct sock *sk)
{
	return inet_sk(sk)->tos & IPTOS_TOS_MASK;
}

static inline u8 ip_sock_rt_scope(const struct sock *sk)
{
	return sock_flag(sk, SOCK_LOCALROUTE) ? RT_SCOPE_LINK
					      : RT_SCOPE_UNIVERSE;
}

/* The ports that autobind and connect may take: [*low, *high]. */
void inet_get_local_port_range(struct net *net, int *low, int *high);
void inet_sk_get_local_port_range(const struct sock *sk, int *low, int *high);
bool inet_is_local_reserved_port(struct net *net, unsigned short port);
bool inet_port_requires_bind_service(struct net *net, unsigned short port);
/* sk->sk_destruct of AF_INET: queues emptied, options and routes dropped. */
void inet_sock_destruct(struct sock *sk);
void inet_sk_set_state(struct sock *sk, int state);
#define inet_sk_state_store(sk, s) inet_sk_set_state(sk, s)
/* The route of a connected socket, looked up again if stale; ERR_PTR. */
int inet_sk_rebuild_header(struct sock *sk);

#endif
