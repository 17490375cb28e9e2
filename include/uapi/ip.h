/* SPDX-License-Identifier: MIT */
#ifndef UAPI_IP_H
#define UAPI_IP_H
/* ip.h -- the IPv4 header, RFC 791 */

#include <kernel/types.h>

#define IPVERSION 4
#define MAXTTL 255
#define IPDEFTTL 64

#define IPTOS_TOS_MASK 0x1e
#define IPTOS_TOS(tos) ((tos) & IPTOS_TOS_MASK)
#define IPTOS_LOWDELAY 0x10
#define IPTOS_THROUGHPUT 0x08
#define IPTOS_RELIABILITY 0x04
#define IPTOS_MINCOST 0x02

#define IPOPT_COPY 0x80
#define IPOPT_COPIED(o) ((o) & IPOPT_COPY)
#define IPOPT_END 0
#define IPOPT_NOOP 1
#define IPOPT_RR 7
#define IPOPT_TIMESTAMP 68
#define IPOPT_LSRR 131
#define IPOPT_CIPSO 134
#define IPOPT_SSRR 137
#define IPOPT_RA 148
#define MAX_IPOPTLEN 40

/* frag_off */
#define IP_CE 0x8000
#define IP_DF 0x4000
#define IP_MF 0x2000
#define IP_OFFSET 0x1fff

struct iphdr {
	u8 ihl : 4, version : 4;      /* little-endian bit order */
	u8 tos;
	__be16 tot_len;
	__be16 id;
	__be16 frag_off;
	u8 ttl;
	u8 protocol;
	u16 check;
	__be32 saddr, daddr;
};
static_assert(sizeof(struct iphdr) == 20, "on the wire");

#endif
