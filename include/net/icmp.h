/* SPDX-License-Identifier: MIT */
#ifndef NET_ICMP_H
#define NET_ICMP_H
/* icmp.h -- ICMP: errors and echo; theory: net/ipv4/icmp.c */

#include <net/ip.h>

struct icmp_err {
	int errno;
	unsigned fatal : 1;
};
/* What each code of ICMP_DEST_UNREACH means for a socket. */
extern const struct icmp_err icmp_err_convert[];

/* Tell skb_in's sender what was wrong with it, if RFC 1122 and the rate
 * limits allow.  Does not consume it.  bh off or process context. */
void icmp_send(struct sk_buff *skb_in, int type, int code, __be32 info);
int icmp_rcv(struct sk_buff *skb);
void icmp_out_count(struct net *net, unsigned char type);
/* Global token bucket. */
bool icmp_global_allow(void);

static inline struct icmphdr *icmp_hdr(const struct sk_buff *skb)
{
	return (struct icmphdr *)skb_transport_header(skb);
}

/* ping sockets: net/ipv4/ping.c */
bool ping_rcv(struct sk_buff *skb);   /* false: no socket wanted it */
void ping_err(struct sk_buff *skb, int offset, u32 info);
int ping_init(void);
int raw_local_deliver(struct sk_buff *skb, int protocol);
void raw_icmp_error(struct sk_buff *skb, int protocol, u32 info);

#endif
