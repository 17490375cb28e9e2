/* SPDX-License-Identifier: MIT */
#ifndef NET_ARP_H
#define NET_ARP_H
/* arp.h -- from an IPv4 address to a link address; net/ipv4/arp.c */

#include <net/neighbour.h>
#include <uapi/if_arp.h>

extern struct neigh_table arp_tbl;

void arp_init(void);
/* Any context.  dest_hw NULL: to all. */
void arp_send(int type, int ptype, __be32 dest_ip, struct net_device *dev,
	      __be32 src_ip, const unsigned char *dest_hw,
	      const unsigned char *src_hw, const unsigned char *target_hw);
/* Remove an entry: 0, -ENXIO. */
int arp_invalidate(struct net_device *dev, __be32 ip, bool force);

#endif
