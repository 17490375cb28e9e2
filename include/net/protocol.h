/* SPDX-License-Identifier: MIT */
#ifndef NET_PROTOCOL_H
#define NET_PROTOCOL_H
/* protocol.h -- what stands above IPv4, and how socket() finds it */

#include <kernel/list.h>
#include <net/netdevice.h>
#include <net/offload.h>
#include <net/skbuff.h>

struct proto;
struct proto_ops;

#define MAX_INET_PROTOS 256

/* A protocol number's input. */
struct net_protocol {
	/* Softirq, under RCU: data at the transport header; consumes skb. */
	int (*handler)(struct sk_buff *skb);
	/* An ICMP error came: skb->data at the IP header of *our* packet that
	 * it quotes (8 bytes of transport at least), skb_transport_header the
	 * ICMP's, info the MTU or gateway.  Does not consume skb. */
	int (*err_handler)(struct sk_buff *skb, u32 info);
	unsigned int no_policy : 1, icmp_strict_tag_validation : 1;
};

struct net_offload {
	struct offload_callbacks callbacks;
	unsigned int flags;
};

/* (type, protocol) -> what a socket of it uses. */
struct inet_protosw {
	struct list_head list;
	unsigned short type;          /* SOCK_STREAM, ... */
	unsigned short protocol;      /* IPPROTO_*; IPPROTO_IP: any */
	struct proto *prot;
	const struct proto_ops *ops;
	unsigned char flags;
};
#define INET_PROTOSW_REUSE 0x01
#define INET_PROTOSW_PERMANENT 0x02
#define INET_PROTOSW_ICSK 0x04        /* an inet_connection_sock */

extern const struct net_protocol *inet_protos[MAX_INET_PROTOS];
extern const struct net_offload *inet_offloads[MAX_INET_PROTOS];

/* 0, or -1: taken. */
int inet_add_protocol(const struct net_protocol *prot, unsigned char num);
int inet_del_protocol(const struct net_protocol *prot, unsigned char num);
int inet_add_offload(const struct net_offload *prot, unsigned char num);
void inet_register_protosw(struct inet_protosw *p);
void inet_unregister_protosw(struct inet_protosw *p);

#endif
