/* SPDX-License-Identifier: MIT */
/*
 * dev_ioctl.c -- SIOC*: devices configured by name, as ifconfig does
 *
 * IDEA.  Any socket is a door: what its family does not know comes here.  A
 * question is answered under RCU, a change under rtnl and for CAP_NET_ADMIN,
 * both from the same tables as rtnetlink's: this is the older way to say it.
 *
 * CONTEXT.  Process, may sleep.
 *
 * SEE netdevice(7); net/ipv4/inet_ioctl.c (addresses, routes, ARP).
 */

#include "core.h"

#include <arch/uaccess.h>
#include <drivers/device.h>
#include <kernel/kernel.h>
#include <net/netdevice.h>
#include <net/rtnetlink.h>
#include <net/sock.h>
#include <uapi/sockios.h>

/* ---- questions, under RCU ---- */

static void get_hwaddr(const struct net_device *dev, struct ifreq *ifr)
{
	size_t n = min_t(size_t, sizeof(ifr->ifr_hwaddr.sa_data),
			 dev->addr_len);

	memset(&ifr->ifr_hwaddr, 0, sizeof(ifr->ifr_hwaddr));
	memcpy(ifr->ifr_hwaddr.sa_data, dev->dev_addr, n);
	ifr->ifr_hwaddr.sa_family = dev->type;
}

static int answer(struct net *net, unsigned int cmd, struct ifreq *ifr)
{
	struct net_device *dev = dev_get_by_name_rcu(net, ifr->ifr_name);

	if (!dev)
		return -ENODEV;
	switch (cmd) {
	case SIOCGIFFLAGS:
		ifr->ifr_flags = (short)dev_get_flags(dev);
		return 0;
	case SIOCGIFMETRIC:
		ifr->ifr_metric = 0;
		return 0;
	case SIOCGIFMTU:
		ifr->ifr_mtu = dev->mtu;
		return 0;
	case SIOCGIFHWADDR:
		get_hwaddr(dev, ifr);
		return 0;
	case SIOCGIFMAP:
		memset(&ifr->ifr_map, 0, sizeof(ifr->ifr_map));
		return 0;
	case SIOCGIFINDEX:
		ifr->ifr_ifindex = dev->ifindex;
		return 0;
	case SIOCGIFTXQLEN:
		ifr->ifr_qlen = dev->tx_queue_len;
		return 0;
	default:                      /* SIOCGIFSLAVE, SIOCGIFMEM */
		return -EINVAL;
	}
}

/* ---- changes, under rtnl ---- */

static int multicast(struct net_device *dev, struct ifreq *ifr, bool add)
{
	const unsigned char *mac = (void *)ifr->ifr_hwaddr.sa_data;

	if (ifr->ifr_hwaddr.sa_family != AF_UNSPEC)
		return -EINVAL;
	return add ? dev_mc_add(dev, mac) : dev_mc_del(dev, mac);
}

static int change(struct net *net, unsigned int cmd, struct ifreq *ifr)
{
	struct net_device *dev = __dev_get_by_name(net, ifr->ifr_name);

	if (!dev)
		return -ENODEV;
	switch (cmd) {
	case SIOCSIFFLAGS:            /* only the low 16 are told */
		return dev_change_flags(dev, (u16)ifr->ifr_flags |
					(dev->flags & ~0xffffu), NULL);
	case SIOCSIFMETRIC:
		return -EOPNOTSUPP;
	case SIOCSIFMTU:
		return dev_set_mtu(dev, ifr->ifr_mtu);
	case SIOCSIFHWADDR:
		if (ifr->ifr_hwaddr.sa_family != dev->type)
			return -EINVAL;
		return dev_set_mac_address(dev, &ifr->ifr_hwaddr, NULL);
	case SIOCSIFHWBROADCAST:
		if (ifr->ifr_hwaddr.sa_family != dev->type)
			return -EINVAL;
		memcpy(dev->broadcast, ifr->ifr_hwaddr.sa_data,
		       min_t(size_t, sizeof(ifr->ifr_hwaddr.sa_data),
			     dev->addr_len));
		call_netdevice_notifiers(NETDEV_CHANGEADDR, dev);
		return 0;
	case SIOCADDMULTI:
	case SIOCDELMULTI:
		return multicast(dev, ifr, cmd == SIOCADDMULTI);
	case SIOCSIFTXQLEN:
		if (ifr->ifr_qlen < 0)
			return -EINVAL;
		return dev_change_tx_queue_len(dev, ifr->ifr_qlen);
	case SIOCSIFNAME:
		ifr->ifr_newname[IFNAMSIZ - 1] = '\0';
		return dev_change_name(dev, ifr->ifr_newname);
	default:                      /* SIOCSIFMAP */
		return -EOPNOTSUPP;
	}
}

/* ---- those with another argument ---- */

static int name_of_index(struct net *net, struct ifreq *ifr)
{
	struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, ifr->ifr_ifindex);
	if (dev)
		memcpy(ifr->ifr_name, dev->name, IFNAMSIZ);
	rcu_read_unlock();
	return dev ? 0 : -ENODEV;
}

static int driver_info(struct net_device *dev, void __user *to)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct device *parent = dev->parent;

	if (!parent || !parent->driver)
		return -EOPNOTSUPP;
	strscpy(info.driver, parent->driver->name, sizeof(info.driver));
	strscpy(info.bus_info, dev_name(parent), sizeof(info.bus_info));
	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : 0;
}

/* rtnl held. */
static int ethtool(struct net *net, struct ifreq *ifr)
{
	struct net_device *dev = __dev_get_by_name(net, ifr->ifr_name);
	void __user *data = ifr->ifr_data;
	struct ethtool_value v;
	u32 cmd;

	if (!dev)
		return -ENODEV;
	if (get_user(cmd, (u32 __user *)data))
		return -EFAULT;
	switch (cmd) {
	case ETHTOOL_GDRVINFO:
		return driver_info(dev, data);
	case ETHTOOL_GLINK:
		v = (struct ethtool_value){ cmd, netif_running(dev) &&
						 netif_carrier_ok(dev) };
		return copy_to_user(data, &v, sizeof(v)) ? -EFAULT : 0;
	default:
		return -EOPNOTSUPP;
	}
}

/* Does cmd ask, or change?  Its answer is in the ifreq. */
static bool is_question(unsigned int cmd)
{
	switch (cmd) {
	case SIOCGIFFLAGS: case SIOCGIFMETRIC: case SIOCGIFMTU:
	case SIOCGIFHWADDR: case SIOCGIFSLAVE: case SIOCGIFMAP:
	case SIOCGIFINDEX: case SIOCGIFTXQLEN: case SIOCGIFMEM:
		return true;
	default:
		return false;
	}
}

static bool is_change(unsigned int cmd)
{
	switch (cmd) {
	case SIOCSIFFLAGS: case SIOCSIFMETRIC: case SIOCSIFMTU:
	case SIOCSIFHWADDR: case SIOCSIFHWBROADCAST: case SIOCSIFMAP:
	case SIOCADDMULTI: case SIOCDELMULTI: case SIOCSIFTXQLEN:
	case SIOCSIFNAME:
		return true;
	default:
		return false;
	}
}

static int perform(struct net *net, unsigned int cmd, struct ifreq *ifr,
		   bool *copy_back)
{
	int err;

	*copy_back = false;
	if (cmd == SIOCGIFNAME) {
		*copy_back = true;
		return name_of_index(net, ifr);
	}
	if (is_question(cmd)) {
		rcu_read_lock();
		err = answer(net, cmd, ifr);
		rcu_read_unlock();
		*copy_back = true;
		return err;
	}
	if (cmd != SIOCETHTOOL && !is_change(cmd))
		return -ENOTTY;
	if (cmd != SIOCETHTOOL && !ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	rtnl_lock();
	err = cmd == SIOCETHTOOL ? ethtool(net, ifr) : change(net, cmd, ifr);
	rtnl_unlock();
	return err;
}

static int (*br_ioctl)(struct net *net, unsigned int cmd, void __user *arg);

void brioctl_set(int (*hook)(struct net *net, unsigned int cmd,
			     void __user *arg))
{
	WRITE_ONCE(br_ioctl, hook);
}

int dev_ioctl(struct net *net, unsigned int cmd, void __user *arg)
{
	struct ifreq ifr;
	bool copy_back;
	char *colon;
	int err;

	if (cmd >> 8 != 0x89)         /* not one of ours at all */
		return -ENOTTY;
	if (cmd >= SIOCBRADDBR && cmd <= SIOCBRDELIF && READ_ONCE(br_ioctl))
		return br_ioctl(net, cmd, arg);
	if (copy_from_user(&ifr, arg, sizeof(ifr)))
		return -EFAULT;
	ifr.ifr_name[IFNAMSIZ - 1] = '\0';
	/* eth0:1 is an address of eth0. */
	colon = strchr(ifr.ifr_name, ':');
	if (colon && cmd != SIOCGIFNAME && cmd != SIOCSIFNAME)
		*colon = '\0';
	err = perform(net, cmd, &ifr, &copy_back);
	if (colon && cmd != SIOCGIFNAME && cmd != SIOCSIFNAME)
		*colon = ':';
	if (!err && copy_back && copy_to_user(arg, &ifr, sizeof(ifr)))
		err = -EFAULT;
	return err;
}
