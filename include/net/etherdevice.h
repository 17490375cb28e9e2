/* SPDX-License-Identifier: MIT */
#ifndef NET_ETHERDEVICE_H
#define NET_ETHERDEVICE_H
/* etherdevice.h -- what all Ethernet devices have in common; net/ethernet */

#include <kernel/random.h>
#include <net/netdevice.h>

extern const struct header_ops eth_header_ops;

/* Pull the header: what protocol follows (network order); sets skb->dev,
 * pkt_type and mac_header.  The packet has at least ETH_HLEN bytes. */
__be16 eth_type_trans(struct sk_buff *skb, struct net_device *dev);
void ether_setup(struct net_device *dev);
int eth_mac_addr(struct net_device *dev, void *sockaddr);
int eth_validate_addr(struct net_device *dev);
struct net_device *alloc_etherdev_mqs(int sizeof_priv, unsigned int txqs,
				      unsigned int rxqs);
#define alloc_etherdev(size) alloc_etherdev_mqs(size, 1, 1)
#define alloc_etherdev_mq(size, n) alloc_etherdev_mqs(size, n, n)

static inline struct ethhdr *eth_hdr(const struct sk_buff *skb)
{
	return (struct ethhdr *)skb_mac_header(skb);
}

static inline bool is_zero_ether_addr(const u8 *a)
{
	return !(a[0] | a[1] | a[2] | a[3] | a[4] | a[5]);
}

/* Of a packet whose first len bytes are at data: how many are headers. */
unsigned int eth_get_headlen(const struct net_device *dev, const void *data,
			     unsigned int len);

static inline bool is_multicast_ether_addr(const u8 *a)
{
	return a[0] & 1;
}

static inline bool is_broadcast_ether_addr(const u8 *a)
{
	return (a[0] & a[1] & a[2] & a[3] & a[4] & a[5]) == 0xff;
}

static inline bool is_valid_ether_addr(const u8 *a)
{
	return !is_multicast_ether_addr(a) && !is_zero_ether_addr(a);
}

static inline bool ether_addr_equal(const u8 *a, const u8 *b)
{
	return !memcmp(a, b, ETH_ALEN);
}

static inline void ether_addr_copy(u8 *dst, const u8 *src)
{
	memcpy(dst, src, ETH_ALEN);
}

static inline void eth_broadcast_addr(u8 *a)
{
	memset(a, 0xff, ETH_ALEN);
}

static inline void eth_random_addr(u8 *a)
{
	get_random_bytes(a, ETH_ALEN);
	a[0] = (a[0] & 0xfe) | 0x02;
}

static inline void eth_hw_addr_set(struct net_device *dev, const u8 *addr)
{
	memcpy(dev->dev_addr, addr, ETH_ALEN);
}

static inline void eth_hw_addr_random(struct net_device *dev)
{
	eth_random_addr(dev->dev_addr);
}

/* 01:00:5e and the low 23 bits: RFC 1112. */
static inline void ip_eth_mc_map(__be32 addr, u8 *buf)
{
	u32 a = ntohl(addr);

	buf[0] = 0x01;
	buf[1] = 0x00;
	buf[2] = 0x5e;
	buf[3] = (a >> 16) & 0x7f;
	buf[4] = a >> 8;
	buf[5] = a;
}

#endif
