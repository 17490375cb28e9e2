/* SPDX-License-Identifier: MIT */
/*
 * loopback.c -- lo: what is sent comes in
 *
 * The packet is not copied and its checksum never computed: nothing can have
 * broken it (CHECKSUM_PARTIAL stays, which a receiver takes as right). It is
 * no longer charged to its sender; a reader's buffer limits it now.
 */

#include <net/etherdevice.h>

#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/dst.h>
#include <uapi/if_arp.h>

static netdev_tx_t loopback_xmit(struct sk_buff *skb, struct net_device *dev)
{
	unsigned int len = skb->len;
	struct pcpu_sw_netstats *st;

	skb->tstamp = 0;
	skb_orphan(skb);
	skb->protocol = eth_type_trans(skb, dev);
	skb->pkt_type = skb->pkt_type == PACKET_OTHERHOST ? PACKET_HOST
							  : skb->pkt_type;
	if (netif_rx(skb) == NET_RX_SUCCESS) {
		st = this_cpu_ptr(dev->tstats);
		st->rx_packets++;
		st->tx_packets++;
		st->rx_bytes += len;
		st->tx_bytes += len;
	}
	return NETDEV_TX_OK;
}

static int loopback_init(struct net_device *dev)
{
	dev->tstats = alloc_percpu(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

static const struct net_device_ops loopback_ops = {
	.ndo_init = loopback_init,
	.ndo_start_xmit = loopback_xmit,
	.ndo_set_mac_address = eth_mac_addr,
};

static void loopback_setup(struct net_device *dev)
{
	dev->mtu = 64 * 1024;
	dev->hard_header_len = ETH_HLEN;
	dev->addr_len = ETH_ALEN;
	dev->type = ARPHRD_LOOPBACK;
	dev->flags = IFF_LOOPBACK;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	netif_keep_dst(dev);          /* the way out is the way in */
	dev->tx_queue_len = DEFAULT_TX_QUEUE_LEN;
	dev->hw_features = NETIF_F_GSO_SOFTWARE;
	dev->features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM |
			NETIF_F_RXCSUM | NETIF_F_HIGHDMA | NETIF_F_LLTX |
			NETIF_F_GSO_SOFTWARE | NETIF_F_NETNS_LOCAL |
			NETIF_F_LOOPBACK;
	dev->header_ops = &eth_header_ops;
	dev->netdev_ops = &loopback_ops;
}

/* Each network has its own; it comes first: number 1. */
static int loopback_net_init(struct net *net)
{
	struct net_device *dev = alloc_netdev(0, "lo", NET_NAME_ENUM,
					      loopback_setup);
	int err;

	if (!dev)
		return -ENOMEM;
	dev->nd_net = net;
	err = register_netdev(dev);
	if (err) {
		free_netdev(dev);
		return err;
	}
	net->loopback_dev = dev;
	return 0;
}

static void loopback_net_exit(struct net *net)
{
	struct net_device *dev = net->loopback_dev;

	unregister_netdev(dev);
	free_netdev(dev);
}

static struct pernet_operations loopback_net_ops = {
	.init = loopback_net_init,
	.exit = loopback_net_exit,
};

static int loopback_module_init(void)
{
	return register_pernet_device(&loopback_net_ops);
}
fs_initcall(loopback_module_init);

/* The first network's is up from the start: no program can do without. */
static int loopback_up(void)
{
	rtnl_lock();
	dev_open(init_net.loopback_dev, NULL);
	rtnl_unlock();
	return 0;
}
late_initcall(loopback_up);
