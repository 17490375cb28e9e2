/* SPDX-License-Identifier: MIT */
#ifndef UAPI_UDP_H
#define UAPI_UDP_H
/* udp.h -- the UDP header, RFC 768, and its socket options */

#include <kernel/types.h>

struct udphdr {
	__be16 source, dest;
	__be16 len;
	u16 check;
};
static_assert(sizeof(struct udphdr) == 8, "on the wire");

#define UDP_CORK 1
#define UDPLITE_SEND_CSCOV 10
#define UDPLITE_RECV_CSCOV 11
#define UDP_ENCAP 100
#define UDP_NO_CHECK6_TX 101
#define UDP_NO_CHECK6_RX 102
#define UDP_SEGMENT 103
#define UDP_GRO 104

#endif
