/* SPDX-License-Identifier: MIT */
/*
 * dummy.c -- a network card that swallows what it is given
 *
 * Something to hang addresses and routes on; `ip link add d0 type dummy`.
 */

#include <net/etherdevice.h>

#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/netlink.h>
#include <net/rtnetlink.h>
#include <uapi/if_link.h>

static netdev_tx_t dummy_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct pcpu_sw_netstats *st = this_cpu_ptr(dev->tstats);

	st->tx_packets++;
	st->tx_bytes += skb->len;
	consume_skb(skb);
	return NETDEV_TX_OK;
}

static int dummy_init(struct net_device *dev)
{
	dev->tstats = alloc_percpu(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

static const struct net_device_ops dummy_ops = {
	.ndo_init = dummy_init,
	.ndo_start_xmit = dummy_xmit,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = eth_mac_addr,
};

static void dummy_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &dummy_ops;
	dev->flags |= IFF_NOARP;
	dev->flags &= ~IFF_MULTICAST;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	dev->features |= NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM |
			 NETIF_F_HIGHDMA | NETIF_F_GSO_SOFTWARE | NETIF_F_LLTX;
	dev->min_mtu = 0;
	dev->max_mtu = 0;
}

static int dummy_validate(struct nlattr *tb[], struct nlattr *data[],
			  struct netlink_ext_ack *extack)
{
	if (tb[IFLA_ADDRESS] && nla_len(tb[IFLA_ADDRESS]) != ETH_ALEN)
		return -EINVAL;
	if (tb[IFLA_ADDRESS] &&
	    !is_valid_ether_addr(nla_data(tb[IFLA_ADDRESS])))
		return -EADDRNOTAVAIL;
	return 0;
}

static int dummy_newlink(struct net *src_net, struct net_device *dev,
			 struct nlattr *tb[], struct nlattr *data[],
			 struct netlink_ext_ack *extack)
{
	if (!tb[IFLA_ADDRESS])
		eth_hw_addr_random(dev);
	return register_netdevice(dev);
}

static void dummy_dellink(struct net_device *dev, struct list_head *head)
{
	unregister_netdevice(dev);
	free_netdev(dev);             /* when rtnl is dropped */
}

static struct rtnl_link_ops dummy_link_ops = {
	.kind = "dummy",
	.setup = dummy_setup,
	.validate = dummy_validate,
	.newlink = dummy_newlink,
	.dellink = dummy_dellink,
};

static int dummy_module_init(void)
{
	return rtnl_link_register(&dummy_link_ops);
}
module_init(dummy_module_init);
