/* SPDX-License-Identifier: MIT */
/*
 * veth.c -- a cable with a network card at each end, and no hardware
 *
 * PROMISE.  What is sent into one end comes out of the other, which may be in
 * another network.  The link is up while both ends are.  With one end the other
 * goes too.
 *
 * IDEA.  Sending is receiving: the packet loses what it knew of the sender's
 * network (its route, its socket's charge stays until it is read), gets the
 * other device, and is queued as if a card had put it there.  Nothing is
 * copied, and a checksum that was not computed yet never will be.
 *
 * LOCKING.  rtnl makes and breaks pairs; a sender reads its peer under RCU.
 * unregister_netdevice() waits for such readers before the memory goes.
 *
 * SEE veth(4); docs/109-veth-and-bridge.md.
 */

#include <net/etherdevice.h>

#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/dst.h>
#include <net/netlink.h>
#include <net/rtnetlink.h>
#include <uapi/if_link.h>

struct veth {
	struct net_device *peer;      /* rtnl, RCU to read; NULL: being ended */
};

#define VETH_FEATURES (NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | \
		       NETIF_F_RXCSUM | NETIF_F_HIGHDMA | NETIF_F_GSO_SOFTWARE)

static struct net_device *peer_of(const struct net_device *dev)
{
	struct veth *v = netdev_priv(dev);

	return rcu_dereference(v->peer);
}

/* ---- packets ---- */

static netdev_tx_t veth_xmit(struct sk_buff *skb, struct net_device *dev)
{
	unsigned int len = skb->len;
	struct pcpu_sw_netstats *st;
	struct net_device *peer;

	rcu_read_lock();
	peer = peer_of(dev);
	if (!peer || dev_forward_skb(peer, skb) != NET_RX_SUCCESS) {
		atomic_long_inc(&dev->tx_dropped);
		goto out;
	}
	st = this_cpu_ptr(dev->tstats);
	st->tx_packets++;
	st->tx_bytes += len;
	st = this_cpu_ptr(peer->tstats);
	st->rx_packets++;
	st->rx_bytes += len;
out:
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

/* ---- up and down ---- */

static int veth_open(struct net_device *dev)
{
	struct net_device *peer = peer_of(dev);

	if (!peer)
		return -ENOTCONN;
	if (peer->flags & IFF_UP) {
		netif_carrier_on(dev);
		netif_carrier_on(peer);
	}
	return 0;
}

static int veth_stop(struct net_device *dev)
{
	struct net_device *peer = peer_of(dev);

	netif_carrier_off(dev);
	if (peer)
		netif_carrier_off(peer);
	return 0;
}

static int veth_init(struct net_device *dev)
{
	dev->tstats = alloc_percpu(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

static int veth_iflink(const struct net_device *dev)
{
	struct net_device *peer = peer_of(dev);

	return peer ? peer->ifindex : 0;
}

static const struct net_device_ops veth_ops = {
	.ndo_init = veth_init,
	.ndo_open = veth_open,
	.ndo_stop = veth_stop,
	.ndo_start_xmit = veth_xmit,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_get_iflink = veth_iflink,
};

/* ---- made and ended in pairs; rtnl ---- */

static struct rtnl_link_ops veth_link_ops;

static void veth_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &veth_ops;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	dev->features |= VETH_FEATURES | NETIF_F_LLTX;
	dev->hw_features = VETH_FEATURES;
	dev->max_mtu = ETH_MAX_MTU;
}

static int veth_validate(struct nlattr *tb[], struct nlattr *data[],
			 struct netlink_ext_ack *extack)
{
	if (tb[IFLA_ADDRESS] &&
	    (nla_len(tb[IFLA_ADDRESS]) != ETH_ALEN ||
	     !is_valid_ether_addr(nla_data(tb[IFLA_ADDRESS]))))
		return -EADDRNOTAVAIL;
	if (tb[IFLA_MTU] && (nla_get_u32(tb[IFLA_MTU]) < ETH_MIN_MTU ||
			     nla_get_u32(tb[IFLA_MTU]) > ETH_MAX_MTU))
		return -EINVAL;
	return 0;
}

/* What is asked of the other end: *ifm NULL, it is to be like this one. */
static int parse_peer(struct nlattr *data[], struct nlattr *ptb[],
		      struct ifinfomsg **ifm, struct netlink_ext_ack *extack)
{
	struct nlattr *info = data ? data[VETH_INFO_PEER] : NULL;
	int err;

	*ifm = NULL;
	memset(ptb, 0, (IFLA_MAX + 1) * sizeof(*ptb));
	if (!info)
		return 0;
	if (nla_len(info) < (int)sizeof(**ifm))
		return -EINVAL;
	*ifm = nla_data(info);
	err = rtnl_nla_parse_ifla(ptb, nla_data(info) + sizeof(**ifm),
				  nla_len(info) - sizeof(**ifm), extack);
	return err ? err : veth_validate(ptb, NULL, extack);
}

static struct net_device *create_peer(struct net *src_net,
				      struct nlattr *ptb[])
{
	struct net *net = rtnl_link_get_net(src_net, ptb);
	char name[IFNAMSIZ] = "veth%d";
	struct net_device *peer;

	if (IS_ERR(net))
		return (void *)net;
	if (ptb[IFLA_IFNAME])
		nla_strscpy(name, ptb[IFLA_IFNAME], sizeof(name));
	peer = rtnl_create_link(net, name, &veth_link_ops, ptb);
	put_net(net);                 /* its devices do not count */
	return peer;
}

static int register_end(struct net_device *dev, const struct nlattr *address)
{
	if (!address)
		eth_hw_addr_random(dev);
	netif_carrier_off(dev);
	return register_netdevice(dev);
}

static int veth_newlink(struct net *src_net, struct net_device *dev,
			struct nlattr *tb[], struct nlattr *data[],
			struct netlink_ext_ack *extack)
{
	struct nlattr *ptb[IFLA_MAX + 1];
	struct net_device *peer;
	struct ifinfomsg *ifm;
	int err = parse_peer(data, ptb, &ifm, extack);

	if (err)
		return err;
	peer = create_peer(src_net, ptb);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	if (ifm && ifm->ifi_index > 0)
		peer->ifindex = ifm->ifi_index;
	err = register_end(peer, ptb[IFLA_ADDRESS]);
	if (err) {
		free_netdev(peer);
		return err;
	}
	err = rtnl_configure_link(peer, ifm);
	if (!err)
		err = register_end(dev, tb[IFLA_ADDRESS]);
	if (err) {
		unregister_netdevice(peer);
		free_netdev(peer);
		return err;
	}
	rcu_assign_pointer(((struct veth *)netdev_priv(dev))->peer, peer);
	rcu_assign_pointer(((struct veth *)netdev_priv(peer))->peer, dev);
	return 0;
}

static void end_one(struct net_device *dev)
{
	RCU_INIT_POINTER(((struct veth *)netdev_priv(dev))->peer, NULL);
	unregister_netdevice(dev);
	free_netdev(dev);             /* when rtnl is dropped */
}

static void veth_dellink(struct net_device *dev, struct list_head *head)
{
	struct net_device *peer = peer_of(dev);

	end_one(dev);
	if (peer)
		end_one(peer);
}

/* Where the other end is. */
static struct net *veth_link_net(const struct net_device *dev)
{
	struct net_device *peer = peer_of(dev);

	return dev_net(peer ? peer : dev);
}

static struct rtnl_link_ops veth_link_ops = {
	.kind = "veth",
	.priv_size = sizeof(struct veth),
	.setup = veth_setup,
	.validate = veth_validate,
	.newlink = veth_newlink,
	.dellink = veth_dellink,
	.get_link_net = veth_link_net,
	.maxtype = VETH_INFO_MAX,
};

static int veth_module_init(void)
{
	return rtnl_link_register(&veth_link_ops);
}
module_init(veth_module_init);
