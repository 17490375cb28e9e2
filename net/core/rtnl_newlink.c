/* SPDX-License-Identifier: MIT */
/*
 * rtnl_newlink.c -- RTM_NEWLINK, SETLINK and DELLINK: changing and making
 *
 * A kind of device that can be made (veth, bridge, dummy ...) registers its
 * rtnl_link_ops; `ip link add type KIND` finds it by name.
 *
 * LOCKING.  rtnl_mutex.
 */

#include "rtnl_impl.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/sock.h>

#define MAX_LINK_DATA 64              /* attributes of a kind's own */
#define MAX_QUEUES 4096

static LIST_HEAD(link_ops);           /* rtnl */

static struct rtnl_link_ops *find_ops(const char *kind)
{
	struct rtnl_link_ops *ops;

	list_for_each_entry(ops, &link_ops, list)
		if (!strcmp(ops->kind, kind))
			return ops;
	return NULL;
}

int rtnl_link_register(struct rtnl_link_ops *ops)
{
	int err = -EEXIST;

	if (WARN_ON(ops->maxtype >= MAX_LINK_DATA))
		return -EINVAL;
	rtnl_lock();
	if (!find_ops(ops->kind)) {
		list_add_tail(&ops->list, &link_ops);
		err = 0;
	}
	rtnl_unlock();
	return err;
}

void rtnl_link_unregister(struct rtnl_link_ops *ops)
{
	rtnl_lock();
	list_del(&ops->list);
	rtnl_unlock();
}

/* ---- checks that need nothing but the message ---- */

static int check_attrs(struct net_device *dev, struct nlattr **tb)
{
	if (dev && tb[IFLA_ADDRESS] &&
	    nla_len(tb[IFLA_ADDRESS]) < dev->addr_len)
		return -EINVAL;
	if (dev && tb[IFLA_BROADCAST] &&
	    nla_len(tb[IFLA_BROADCAST]) < dev->addr_len)
		return -EINVAL;
	return 0;
}

/* ---- which network ---- */

struct net *rtnl_link_get_net(struct net *src_net, struct nlattr *tb[])
{
	if (tb[IFLA_NET_NS_PID])
		return get_net_ns_by_pid(nla_get_u32(tb[IFLA_NET_NS_PID]));
	if (tb[IFLA_NET_NS_FD])
		return get_net_ns_by_fd(nla_get_u32(tb[IFLA_NET_NS_FD]));
	return get_net(src_net);
}

/* The one meant by tb, counted, where the sender may do as it likes. */
static struct net *target_net(struct sk_buff *skb, struct nlattr **tb)
{
	struct net *net = rtnl_link_get_net(sock_net(NETLINK_CB(skb).sk), tb);

	if (!IS_ERR(net) &&
	    !netlink_ns_capable(skb, net->user_ns, CAP_NET_ADMIN)) {
		put_net(net);
		return ERR_PTR(-EPERM);
	}
	return net;
}

/* To another network; its name there may be in the message. */
static int move_net(struct sk_buff *skb, struct net_device *dev,
		    struct nlattr **tb)
{
	struct net *net = target_net(skb, tb);
	char name[IFNAMSIZ] = "";
	int err;

	if (IS_ERR(net))
		return PTR_ERR(net);
	if (tb[IFLA_IFNAME])
		nla_strscpy(name, tb[IFLA_IFNAME], sizeof(name));
	err = dev_change_net_namespace(dev, net, name[0] ? name : NULL);
	put_net(net);
	return err;
}

/* ---- changes ---- */

static int set_address(struct net_device *dev, const struct nlattr *nla,
		       struct netlink_ext_ack *extack)
{
	struct sockaddr_storage ss = { .ss_family = dev->type };
	struct sockaddr *sa = (struct sockaddr *)&ss;

	memcpy(sa->sa_data, nla_data(nla), dev->addr_len);
	return dev_set_mac_address(dev, sa, extack);
}

/* Out of the bridge it is in, and into another (0: none). */
static int set_master(struct net_device *dev, int ifindex,
		      struct netlink_ext_ack *extack)
{
	int old = dev->master_ifindex, err = 0;
	struct net_device *master;

	if (old == ifindex)
		return 0;
	master = old ? __dev_get_by_index(dev_net(dev), old) : NULL;
	if (master && master->netdev_ops->ndo_del_slave)
		err = master->netdev_ops->ndo_del_slave(master, dev);
	if (err || !ifindex)
		return err;
	master = __dev_get_by_index(dev_net(dev), ifindex);
	if (!master)
		return -EINVAL;
	if (!master->netdev_ops->ndo_add_slave)
		return -EOPNOTSUPP;
	return master->netdev_ops->ndo_add_slave(master, dev, extack);
}

/* Flags that the message means: all, if it says none in particular. */
static unsigned int combine_flags(const struct net_device *dev,
				  const struct ifinfomsg *ifm)
{
	unsigned int flags = ifm->ifi_flags;

	if (ifm->ifi_change)
		flags = (flags & ifm->ifi_change) |
			(dev->flags & ~ifm->ifi_change);
	return flags;
}

static int set_name(struct net_device *dev, const struct nlattr *nla)
{
	char name[IFNAMSIZ];

	nla_strscpy(name, nla, sizeof(name));
	if (!name[0] || !strcmp(name, dev->name))
		return 0;
	return dev_change_name(dev, name);
}

static int do_setlink(struct sk_buff *skb, struct net_device *dev,
		      struct ifinfomsg *ifm, struct nlattr **tb,
		      struct netlink_ext_ack *extack)
{
	int err = check_attrs(dev, tb);

	if (!err && (tb[IFLA_NET_NS_PID] || tb[IFLA_NET_NS_FD]))
		err = move_net(skb, dev, tb);
	if (!err && tb[IFLA_ADDRESS])
		err = set_address(dev, tb[IFLA_ADDRESS], extack);
	if (!err && tb[IFLA_MTU])
		err = dev_set_mtu(dev, nla_get_u32(tb[IFLA_MTU]));
	if (!err && ifm->ifi_index > 0 && tb[IFLA_IFNAME])
		err = set_name(dev, tb[IFLA_IFNAME]);
	if (!err && tb[IFLA_BROADCAST]) {
		nla_memcpy(dev->broadcast, tb[IFLA_BROADCAST], dev->addr_len);
		call_netdevice_notifiers(NETDEV_CHANGEADDR, dev);
	}
	if (!err && tb[IFLA_MASTER])
		err = set_master(dev, nla_get_u32(tb[IFLA_MASTER]), extack);
	if (!err && (ifm->ifi_flags || ifm->ifi_change))
		err = dev_change_flags(dev, combine_flags(dev, ifm), extack);
	if (!err && tb[IFLA_TXQLEN])
		err = dev_change_tx_queue_len(dev,
					      nla_get_u32(tb[IFLA_TXQLEN]));
	if (!err && tb[IFLA_GROUP])
		dev->group = nla_get_u32(tb[IFLA_GROUP]);
	if (!err && tb[IFLA_LINKMODE])
		dev->link_mode = nla_get_u8(tb[IFLA_LINKMODE]);
	return err;
}

/* What a message says (0, -EINVAL), and the device that it names: an ERR_PTR if
 * there is none. */
static int parse_link(struct sk_buff *skb, struct nlmsghdr *nlh,
		      struct nlattr **tb, struct net_device **dev,
		      struct netlink_ext_ack *extack)
{
	int err = nlmsg_parse(nlh, sizeof(struct ifinfomsg), tb, IFLA_MAX,
			      rtnl_link_policy, extack);

	int missing;

	if (err)
		return err;
	*dev = rtnl_find_dev(sock_net(NETLINK_CB(skb).sk), nlh, tb, &missing);
	if (!*dev)
		*dev = ERR_PTR(missing);
	return 0;
}

int rtnl_setlink(struct sk_buff *skb, struct nlmsghdr *nlh,
		 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IFLA_MAX + 1];
	struct net_device *dev;
	int err = parse_link(skb, nlh, tb, &dev, extack);

	if (err || IS_ERR(dev))
		return err ? err : PTR_ERR(dev);
	return do_setlink(skb, dev, nlmsg_data(nlh), tb, extack);
}

int rtnl_dellink(struct sk_buff *skb, struct nlmsghdr *nlh,
		 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IFLA_MAX + 1];
	struct net_device *dev;
	int err = parse_link(skb, nlh, tb, &dev, extack);

	if (err || IS_ERR(dev))
		return err ? err : PTR_ERR(dev);
	if (!dev->rtnl_link_ops || !dev->rtnl_link_ops->dellink)
		return -EOPNOTSUPP;
	dev->rtnl_link_ops->dellink(dev, NULL);
	return 0;
}

/* ---- making ---- */

int rtnl_nla_parse_ifla(struct nlattr **tb, const struct nlattr *head, int len,
			struct netlink_ext_ack *extack)
{
	return nla_parse(tb, IFLA_MAX, head, len, rtnl_link_policy, extack);
}

static unsigned int queues(struct nlattr *nla, unsigned int dflt)
{
	return nla ? nla_get_u32(nla) : dflt ? dflt : 1;
}

struct net_device *rtnl_create_link(struct net *net, const char *name,
				    const struct rtnl_link_ops *ops,
				    struct nlattr **tb)
{
	unsigned int tx = queues(tb[IFLA_NUM_TX_QUEUES], ops->num_tx_queues);
	unsigned int rx = queues(tb[IFLA_NUM_RX_QUEUES], ops->num_rx_queues);
	struct net_device *dev;

	if (tx < 1 || tx > MAX_QUEUES || rx < 1 || rx > MAX_QUEUES)
		return ERR_PTR(-EINVAL);
	dev = alloc_netdev_mqs(ops->priv_size, name, NET_NAME_USER, ops->setup,
			       tx, rx);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	dev->nd_net = net;
	dev->rtnl_link_ops = ops;
	if (tb[IFLA_MTU]) {
		u32 mtu = nla_get_u32(tb[IFLA_MTU]);

		if (mtu < dev->min_mtu || (dev->max_mtu && mtu > dev->max_mtu)) {
			free_netdev(dev);
			return ERR_PTR(-EINVAL);
		}
		dev->mtu = mtu;
	}
	if (tb[IFLA_ADDRESS])
		nla_memcpy(dev->dev_addr, tb[IFLA_ADDRESS], MAX_ADDR_LEN);
	if (tb[IFLA_TXQLEN])
		dev->tx_queue_len = nla_get_u32(tb[IFLA_TXQLEN]);
	return dev;
}

int rtnl_configure_link(struct net_device *dev, const struct ifinfomsg *ifm)
{
	if (!ifm || (!ifm->ifi_flags && !ifm->ifi_change))
		return 0;
	return dev_change_flags(dev, combine_flags(dev, ifm), NULL);
}

struct new_link {
	const struct rtnl_link_ops *ops;
	struct nlattr *info[IFLA_INFO_MAX + 1];
	struct nlattr *data[MAX_LINK_DATA];
};

/* In `net`, which may be another than the sender's, src_net. */
static int create(struct net *src_net, struct net *net, struct ifinfomsg *ifm,
		  struct nlattr **tb, struct new_link *nl,
		  struct netlink_ext_ack *extack)
{
	struct nlattr **data = nl->info[IFLA_INFO_DATA] ? nl->data : NULL;
	char name[IFNAMSIZ];
	struct net_device *dev;
	int err;

	if (tb[IFLA_IFNAME])
		nla_strscpy(name, tb[IFLA_IFNAME], sizeof(name));
	else
		snprintf(name, sizeof(name), "%s%%d", nl->ops->kind);
	dev = rtnl_create_link(net, name, nl->ops, tb);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	if (ifm->ifi_index)
		dev->ifindex = ifm->ifi_index;
	err = check_attrs(dev, tb);
	if (!err)
		err = nl->ops->newlink ?
		      nl->ops->newlink(src_net, dev, tb, data, extack) :
		      register_netdevice(dev);
	if (err) {
		free_netdev(dev);
		return err;
	}
	err = rtnl_configure_link(dev, ifm);
	if (!err && tb[IFLA_MASTER])
		err = set_master(dev, nla_get_u32(tb[IFLA_MASTER]), extack);
	if (err && nl->ops->dellink)
		nl->ops->dellink(dev, NULL);
	return err;
}

/* What kind is asked for, and its own attributes: 0 or -errno. */
static int parse_kind(struct nlattr **tb, struct new_link *nl,
		      struct netlink_ext_ack *extack)
{
	char kind[IFNAMSIZ];
	int err;

	memset(nl, 0, sizeof(*nl));
	if (!tb[IFLA_LINKINFO])
		return 0;
	err = nla_parse_nested(nl->info, IFLA_INFO_MAX, tb[IFLA_LINKINFO],
			       NULL, extack);
	if (err || !nl->info[IFLA_INFO_KIND])
		return err;
	nla_strscpy(kind, nl->info[IFLA_INFO_KIND], sizeof(kind));
	nl->ops = find_ops(kind);
	if (!nl->ops)
		return 0;
	if (nl->info[IFLA_INFO_DATA])
		err = nla_parse_nested(nl->data, nl->ops->maxtype,
				       nl->info[IFLA_INFO_DATA], NULL, extack);
	if (!err && nl->ops->validate)
		err = nl->ops->validate(tb, nl->data, extack);
	return err;
}

/* What concerns the kind only: `ip link set br0 type bridge ...`. */
static int change_kind(struct net_device *dev, struct nlattr **tb,
		       struct netlink_ext_ack *extack)
{
	const struct rtnl_link_ops *ops = dev->rtnl_link_ops;
	struct new_link *nl;
	int err;

	if (!tb[IFLA_LINKINFO])
		return 0;
	nl = kmalloc(sizeof(*nl), GFP_KERNEL);
	if (!nl)
		return -ENOMEM;
	err = parse_kind(tb, nl, extack);
	if (!err && nl->info[IFLA_INFO_DATA])
		err = nl->ops && nl->ops == ops && ops->changelink ?
		      ops->changelink(dev, tb, nl->data, extack) : -EOPNOTSUPP;
	kfree(nl);
	return err;
}

static int make_link(struct sk_buff *skb, struct nlmsghdr *nlh,
		     struct nlattr **tb, struct netlink_ext_ack *extack)
{
	struct new_link *nl = kmalloc(sizeof(*nl), GFP_KERNEL);
	struct net *net;
	int err;

	if (!nl)
		return -ENOMEM;
	err = parse_kind(tb, nl, extack);
	if (!err && !nl->ops) {
		NL_SET_ERR_MSG(extack, "Unknown device type");
		err = -EOPNOTSUPP;
	}
	if (err)
		goto out;
	net = target_net(skb, tb);
	err = PTR_ERR_OR_ZERO(net);
	if (err)
		goto out;
	err = create(sock_net(NETLINK_CB(skb).sk), net, nlmsg_data(nlh), tb,
		     nl, extack);
	put_net(net);
out:
	kfree(nl);
	return err;
}

int rtnl_newlink(struct sk_buff *skb, struct nlmsghdr *nlh,
		 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IFLA_MAX + 1];
	struct ifinfomsg *ifm = nlmsg_data(nlh);
	struct net_device *dev;
	int err = parse_link(skb, nlh, tb, &dev, extack);

	if (err)
		return err;
	if (!IS_ERR(dev)) {
		if (nlh->nlmsg_flags & NLM_F_EXCL)
			return -EEXIST;
		if (nlh->nlmsg_flags & NLM_F_REPLACE)
			return -EOPNOTSUPP;
		err = change_kind(dev, tb, extack);
		return err ? err : do_setlink(skb, dev, ifm, tb, extack);
	}
	if (ifm->ifi_index < 0)
		return -EINVAL;
	if (!(nlh->nlmsg_flags & NLM_F_CREATE))
		return -ENODEV;
	return make_link(skb, nlh, tb, extack);
}
