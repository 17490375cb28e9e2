/* SPDX-License-Identifier: MIT */
#ifndef UAPI_IF_ARP_H
#define UAPI_IF_ARP_H
/* if_arp.h -- hardware types, ARP's header and the ARP ioctls (Linux ABI) */

#include <uapi/socket.h>

#define ARPHRD_ETHER 1
#define ARPHRD_TUNNEL 768
#define ARPHRD_LOOPBACK 772
#define ARPHRD_NONE 0xfffe
#define ARPHRD_VOID 0xffff

#define ARPOP_REQUEST 1
#define ARPOP_REPLY 2
#define ARPOP_RREQUEST 3
#define ARPOP_RREPLY 4

/* RFC 826; the four addresses follow. */
struct arphdr {
	__be16 ar_hrd, ar_pro;
	unsigned char ar_hln, ar_pln;
	__be16 ar_op;
};
static_assert(sizeof(struct arphdr) == 8, "on the wire");

struct arpreq {
	struct sockaddr arp_pa, arp_ha;
	int arp_flags;
	struct sockaddr arp_netmask;
	char arp_dev[16];
};

#define ATF_COM 0x02
#define ATF_PERM 0x04
#define ATF_PUBL 0x08
#define ATF_USETRAILERS 0x10
#define ATF_NETMASK 0x20
#define ATF_DONTPUB 0x40

#endif
