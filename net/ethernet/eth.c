/* SPDX-License-Identifier: MIT */
/*
 * eth.c -- the Ethernet header, and what all Ethernet devices start with
 *
 *	6 bytes to | 6 bytes from | 2 bytes protocol | up to 1500 bytes
 *
 * A number below 0x600 in the third field is a length (802.3), not a protocol.
 */

#include <net/etherdevice.h>

#include <kernel/kernel.h>
#include <uapi/if_arp.h>
#include <uapi/in.h>
#include <uapi/ip.h>
#include <uapi/tcp.h>
#include <uapi/udp.h>

static int eth_header(struct sk_buff *skb, struct net_device *dev,
		      unsigned short type, const void *daddr,
		      const void *saddr, unsigned int len)
{
	struct ethhdr *eth = skb_push(skb, ETH_HLEN);

	eth->h_proto = type == ETH_P_802_3 || type == ETH_P_802_2 ? htons(len)
								  : htons(type);
	memcpy(eth->h_source, saddr ? saddr : dev->dev_addr, ETH_ALEN);
	if (daddr) {
		memcpy(eth->h_dest, daddr, ETH_ALEN);
		return ETH_HLEN;
	}
	memset(eth->h_dest, 0, ETH_ALEN);
	return dev->flags & (IFF_LOOPBACK | IFF_NOARP) ? ETH_HLEN : -ETH_HLEN;
}

static int eth_header_parse(const struct sk_buff *skb, unsigned char *haddr)
{
	memcpy(haddr, eth_hdr(skb)->h_source, ETH_ALEN);
	return ETH_ALEN;
}

const struct header_ops eth_header_ops = {
	.create = eth_header,
	.parse = eth_header_parse,
};

static void classify(struct sk_buff *skb, const struct ethhdr *eth,
		     const struct net_device *dev)
{
	if (is_multicast_ether_addr(eth->h_dest))
		skb->pkt_type = ether_addr_equal(eth->h_dest, dev->broadcast)
				? PACKET_BROADCAST : PACKET_MULTICAST;
	else if (!ether_addr_equal(eth->h_dest, dev->dev_addr))
		skb->pkt_type = PACKET_OTHERHOST;
	else
		skb->pkt_type = PACKET_HOST;
}

__be16 eth_type_trans(struct sk_buff *skb, struct net_device *dev)
{
	const struct ethhdr *eth;

	skb->dev = dev;
	skb_reset_mac_header(skb);
	eth = (struct ethhdr *)skb->data;
	__skb_pull(skb, ETH_HLEN);
	classify(skb, eth, dev);
	if (ntohs(eth->h_proto) >= ETH_P_802_3_MIN)
		return eth->h_proto;
	return htons(ETH_P_802_2);
}

int eth_mac_addr(struct net_device *dev, void *p)
{
	struct sockaddr *sa = p;

	if (netif_running(dev) && !(dev->priv_flags & IFF_LIVE_ADDR_CHANGE))
		return -EBUSY;
	if (!is_valid_ether_addr((u8 *)sa->sa_data))
		return -EADDRNOTAVAIL;
	eth_hw_addr_set(dev, (u8 *)sa->sa_data);
	return 0;
}

int eth_validate_addr(struct net_device *dev)
{
	return is_valid_ether_addr(dev->dev_addr) ? 0 : -EADDRNOTAVAIL;
}

void ether_setup(struct net_device *dev)
{
	dev->header_ops = &eth_header_ops;
	dev->type = ARPHRD_ETHER;
	dev->hard_header_len = ETH_HLEN;
	dev->mtu = ETH_DATA_LEN;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = ETH_DATA_LEN;
	dev->addr_len = ETH_ALEN;
	dev->tx_queue_len = DEFAULT_TX_QUEUE_LEN;
	dev->flags = IFF_BROADCAST | IFF_MULTICAST;
	eth_broadcast_addr(dev->broadcast);
}

struct net_device *alloc_etherdev_mqs(int sizeof_priv, unsigned int txqs,
				      unsigned int rxqs)
{
	return alloc_netdev_mqs(sizeof_priv, "eth%d", NET_NAME_ENUM,
				ether_setup, txqs, rxqs);
}

/* Ethernet, IPv4, TCP or UDP; of anything else what is known to be header. */
unsigned int eth_get_headlen(const struct net_device *dev, const void *data,
			     unsigned int len)
{
	const struct ethhdr *eth = data;
	const struct iphdr *ip = (const void *)(eth + 1);
	unsigned int at = ETH_HLEN;

	if (len < at + sizeof(*ip) || eth->h_proto != htons(ETH_P_IP))
		return min(at, len);
	at += ip->ihl * 4;
	if (ip->frag_off & htons(IP_OFFSET))
		return min(at, len);
	if (ip->protocol == IPPROTO_TCP && len >= at + sizeof(struct tcphdr))
		at += ((const struct tcphdr *)((const u8 *)data + at))->doff * 4;
	else if (ip->protocol == IPPROTO_UDP)
		at += sizeof(struct udphdr);
	return min(at, len);
}
