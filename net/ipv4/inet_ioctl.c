/* SPDX-License-Identifier: MIT */
/*
 * inet_ioctl.c -- SIOC* of AF_INET: addresses, routes and ARP, the older way
 *
 *	ifconfig eth0 10.0.2.15 netmask 255.255.255.0   SIOCSIFADDR, -NETMASK
 *	route add default gw 10.0.2.2                   SIOCADDRT
 *	arp -n                                          /proc, SIOCGARP
 *
 * An address is never changed in place: the old one is removed and another is
 * inserted, so that its routes follow.
 *
 * CONTEXT.  Process; takes rtnl.
 *
 * SEE netdevice(7), rtnetlink's files beside this one.
 */

#include <net/inetdevice.h>

#include <arch/uaccess.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/arp.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/ip_fib.h>
#include <net/rtnetlink.h>
#include <net/sock.h>
#include <uapi/in.h>
#include <uapi/sockios.h>

static struct sockaddr_in *sin_of(struct ifreq *ifr)
{
	return (struct sockaddr_in *)&ifr->ifr_addr;
}

/* ---- addresses ---- */

/* The address that `name` labels (eth0:1), or dev's first; NULL. */
static struct in_ifaddr *find_label(struct in_device *in_dev, const char *name,
				    __be32 addr)
{
	struct in_ifaddr *ifa;

	if (!in_dev)
		return NULL;
	if (addr)
		in_dev_for_each_ifa_rtnl(ifa, in_dev)
			if (!strcmp(name, ifa->ifa_label) &&
			    ifa->ifa_local == addr)
				return ifa;
	in_dev_for_each_ifa_rtnl(ifa, in_dev)
		if (!strcmp(name, ifa->ifa_label))
			return ifa;
	return NULL;
}

static int get_address(unsigned int cmd, struct in_ifaddr *ifa,
		       struct ifreq *ifr)
{
	struct sockaddr_in *sin = sin_of(ifr);

	if (!ifa)
		return -EADDRNOTAVAIL;
	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	switch (cmd) {
	case SIOCGIFADDR:
		sin->sin_addr.s_addr = ifa->ifa_local;
		break;
	case SIOCGIFBRDADDR:
		sin->sin_addr.s_addr = ifa->ifa_broadcast;
		break;
	case SIOCGIFDSTADDR:
		sin->sin_addr.s_addr = ifa->ifa_address;
		break;
	default:
		sin->sin_addr.s_addr = ifa->ifa_mask;
	}
	return 0;
}

/* new, or a copy of old without its place in any list; NULL: no memory. */
static struct in_ifaddr *copy_ifa(const struct in_ifaddr *old)
{
	struct in_ifaddr *ifa = inet_alloc_ifa();

	if (!ifa || !old)
		return ifa;
	ifa->ifa_local = old->ifa_local;
	ifa->ifa_address = old->ifa_address;
	ifa->ifa_mask = old->ifa_mask;
	ifa->ifa_prefixlen = old->ifa_prefixlen;
	ifa->ifa_broadcast = old->ifa_broadcast;
	ifa->ifa_scope = old->ifa_scope;
	ifa->ifa_flags = old->ifa_flags & ~IFA_F_SECONDARY;
	ifa->ifa_rt_priority = old->ifa_rt_priority;
	memcpy(ifa->ifa_label, old->ifa_label, IFNAMSIZ);
	return ifa;
}

/* The mask that goes with an address by itself: its class (RFC 791). */
static int class_prefix(__be32 addr)
{
	u32 a = ntohl(addr);

	if (!a || a == ~0u)
		return 0;
	if (a >> 31 == 0)
		return 8;
	if (a >> 30 == 2)
		return 16;
	if (a >> 29 == 6)
		return 24;
	return a >> 28 == 15 ? 32 : -1;
}

static int new_address(struct in_ifaddr *ifa, const struct net_device *dev,
		       __be32 addr)
{
	int plen = class_prefix(addr);

	if (plen < 0)
		return -EINVAL;
	ifa->ifa_broadcast = 0;
	ifa->ifa_scope = ipv4_is_loopback(addr) ? RT_SCOPE_HOST
						: RT_SCOPE_UNIVERSE;
	ifa->ifa_address = ifa->ifa_local = addr;
	if (dev->flags & IFF_POINTOPOINT) {
		ifa->ifa_prefixlen = 32;
		ifa->ifa_mask = inet_make_mask(32);
		return 0;
	}
	ifa->ifa_prefixlen = plen;
	ifa->ifa_mask = inet_make_mask(plen);
	if ((dev->flags & IFF_BROADCAST) && plen < 31)
		ifa->ifa_broadcast = addr | ~ifa->ifa_mask;
	return 0;
}

static int new_mask(struct in_ifaddr *ifa, const struct net_device *dev,
		    __be32 mask)
{
	__be32 old = ifa->ifa_mask;

	if (bad_mask(mask, 0))
		return -EINVAL;
	ifa->ifa_mask = mask;
	ifa->ifa_prefixlen = inet_mask_len(mask);
	/* The broadcast address follows, if it was what the mask gave. */
	if ((dev->flags & IFF_BROADCAST) && ifa->ifa_prefixlen < 31 &&
	    ifa->ifa_broadcast == (ifa->ifa_local | ~old))
		ifa->ifa_broadcast = ifa->ifa_local | ~mask;
	return 0;
}

/* rtnl held. */
static int set_address(unsigned int cmd, struct net_device *dev,
		       struct in_ifaddr *old, struct ifreq *ifr)
{
	struct in_device *in_dev = __in_dev_get_rtnl(dev);
	__be32 addr = sin_of(ifr)->sin_addr.s_addr;
	struct in_ifaddr *ifa;
	int err = 0;

	if (!in_dev)
		return -ENOBUFS;
	if (cmd == SIOCSIFADDR && !addr) { /* take it away */
		if (old)
			inet_del_ifa(in_dev, old);
		return 0;
	}
	if (!old && cmd != SIOCSIFADDR)
		return -EADDRNOTAVAIL;
	ifa = copy_ifa(old);
	if (!ifa)
		return -ENOBUFS;
	switch (cmd) {
	case SIOCSIFADDR:
		memcpy(ifa->ifa_label, ifr->ifr_name, IFNAMSIZ);
		err = new_address(ifa, dev, addr);
		break;
	case SIOCSIFBRDADDR:
		ifa->ifa_broadcast = addr;
		break;
	case SIOCSIFDSTADDR:
		ifa->ifa_address = addr;
		break;
	default:
		err = new_mask(ifa, dev, addr);
	}
	if (err) {
		inet_free_ifa(ifa);
		return err;
	}
	ifa->ifa_flags |= IFA_F_PERMANENT;
	ifa->ifa_valid_lft = ifa->ifa_preferred_lft = INFINITY_LIFE_TIME;
	if (old)
		inet_del_ifa(in_dev, old);
	return inet_insert_ifa(in_dev, ifa);
}

static int address_locked(struct net *net, unsigned int cmd, struct ifreq *ifr,
			  bool get)
{
	__be32 addr = get && sin_of(ifr)->sin_family == AF_INET ?
		      sin_of(ifr)->sin_addr.s_addr : 0;
	char base[IFNAMSIZ], *colon;
	struct net_device *dev;
	struct in_ifaddr *ifa;

	memcpy(base, ifr->ifr_name, IFNAMSIZ);
	colon = strchr(base, ':');
	if (colon)
		*colon = '\0';
	dev = __dev_get_by_name(net, base);
	if (!dev)
		return -ENODEV;
	ifa = find_label(__in_dev_get_rtnl(dev), ifr->ifr_name, addr);
	if (get)
		return get_address(cmd, ifa, ifr);
	if (sin_of(ifr)->sin_family != AF_INET)
		return -EINVAL;
	return set_address(cmd, dev, ifa, ifr);
}

static int address_ioctl(struct net *net, unsigned int cmd, void __user *arg)
{
	bool get = cmd == SIOCGIFADDR || cmd == SIOCGIFBRDADDR ||
		   cmd == SIOCGIFDSTADDR || cmd == SIOCGIFNETMASK;
	struct ifreq ifr;
	int err;

	if (copy_from_user(&ifr, arg, sizeof(ifr)))
		return -EFAULT;
	ifr.ifr_name[IFNAMSIZ - 1] = '\0';
	if (!get && !ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	rtnl_lock();
	err = address_locked(net, cmd, &ifr, get);
	rtnl_unlock();
	if (!err && get && copy_to_user(arg, &ifr, sizeof(ifr)))
		err = -EFAULT;
	return err;
}

/* `eth0:1 down` takes that address away; all else is the device's. */
static int flags_ioctl(struct net *net, void __user *arg)
{
	struct in_ifaddr *ifa = NULL;
	struct net_device *dev;
	struct ifreq ifr;
	char base[IFNAMSIZ], *colon;

	if (copy_from_user(&ifr, arg, sizeof(ifr)))
		return -EFAULT;
	ifr.ifr_name[IFNAMSIZ - 1] = '\0';
	memcpy(base, ifr.ifr_name, IFNAMSIZ);
	colon = strchr(base, ':');
	if (!colon)
		return -ENOIOCTLCMD;
	*colon = '\0';
	if (!ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	rtnl_lock();
	dev = __dev_get_by_name(net, base);
	if (dev)
		ifa = find_label(__in_dev_get_rtnl(dev), ifr.ifr_name, 0);
	if (ifa && !(ifr.ifr_flags & IFF_UP))
		inet_del_ifa(ifa->ifa_dev, ifa);
	rtnl_unlock();
	return !dev ? -ENODEV : ifa ? 0 : -EADDRNOTAVAIL;
}

/* ---- SIOCGIFCONF: all addresses ---- */

/* One entry for each; counts only if there is no buffer.  rtnl held. */
static int list_dev(struct in_device *in_dev, struct ifconf *ifc, int *used)
{
	struct in_ifaddr *ifa;
	struct ifreq ifr;

	in_dev_for_each_ifa_rtnl(ifa, in_dev) {
		if (ifc->ifc_buf) {
			if (ifc->ifc_len - *used < (int)sizeof(ifr))
				return 0;
			memset(&ifr, 0, sizeof(ifr));
			memcpy(ifr.ifr_name, ifa->ifa_label, IFNAMSIZ);
			sin_of(&ifr)->sin_family = AF_INET;
			sin_of(&ifr)->sin_addr.s_addr = ifa->ifa_local;
			if (copy_to_user(ifc->ifc_buf + *used, &ifr,
					 sizeof(ifr)))
				return -EFAULT;
		}
		*used += sizeof(ifr);
	}
	return 0;
}

static int ifconf_ioctl(struct net *net, void __user *arg)
{
	struct net_device *dev;
	struct ifconf ifc;
	int used = 0, err = 0;

	if (copy_from_user(&ifc, arg, sizeof(ifc)))
		return -EFAULT;
	rtnl_lock();
	for_each_netdev(net, dev) {
		if (__in_dev_get_rtnl(dev))
			err = list_dev(__in_dev_get_rtnl(dev), &ifc, &used);
		if (err)
			break;
	}
	rtnl_unlock();
	ifc.ifc_len = used;
	if (!err && copy_to_user(arg, &ifc, sizeof(ifc)))
		err = -EFAULT;
	return err;
}

/* ---- routes ---- */

static __be32 addr_of(const struct sockaddr *sa)
{
	return ((const struct sockaddr_in *)sa)->sin_addr.s_addr;
}

/* rt_dev: a device, or a label that says an address of it too. */
static int route_device(struct net *net, const struct rtentry *rt,
			struct fib_config *cfg)
{
	char name[IFNAMSIZ], base[IFNAMSIZ], *colon;
	struct net_device *dev;
	struct in_ifaddr *ifa;

	if (!rt->rt_dev)
		return 0;
	if (copy_from_user(name, rt->rt_dev, IFNAMSIZ - 1))
		return -EFAULT;
	name[IFNAMSIZ - 1] = '\0';
	memcpy(base, name, IFNAMSIZ);
	colon = strchr(base, ':');
	if (colon)
		*colon = '\0';
	dev = __dev_get_by_name(net, base);
	if (!dev)
		return -ENODEV;
	cfg->fc_oif = dev->ifindex;
	if (!colon)
		return 0;
	ifa = find_label(__in_dev_get_rtnl(dev), name, 0);
	if (!ifa)
		return -ENODEV;
	cfg->fc_prefsrc = ifa->ifa_local;
	return 0;
}

static int route_config(struct net *net, const struct rtentry *rt,
			struct fib_config *cfg, bool add)
{
	int plen = 32, err;

	memset(cfg, 0, sizeof(*cfg));
	if (rt->rt_dst.sa_family != AF_INET)
		return -EAFNOSUPPORT;
	cfg->fc_dst = addr_of(&rt->rt_dst);
	if (!(rt->rt_flags & RTF_HOST)) {
		__be32 mask = addr_of(&rt->rt_genmask);

		if (rt->rt_genmask.sa_family != AF_INET &&
		    (mask || rt->rt_genmask.sa_family))
			return -EAFNOSUPPORT;
		if (bad_mask(mask, cfg->fc_dst))
			return -EINVAL;
		plen = inet_mask_len(mask);
	}
	cfg->fc_dst_len = plen;
	cfg->fc_priority = rt->rt_metric ? rt->rt_metric - 1 : 0;
	cfg->fc_table = RT_TABLE_MAIN;
	cfg->fc_nlflags = add ? FIB_NLM_F_CREATE | FIB_NLM_F_EXCL : 0;
	cfg->fc_protocol = add ? RTPROT_BOOT : 0;
	if (rt->rt_flags & RTF_REJECT) {
		cfg->fc_scope = RT_SCOPE_HOST;
		cfg->fc_type = RTN_UNREACHABLE;
		return 0;
	}
	cfg->fc_scope = RT_SCOPE_NOWHERE;
	cfg->fc_type = RTN_UNICAST;
	err = route_device(net, rt, cfg);
	if (err)
		return err;
	if (rt->rt_gateway.sa_family == AF_INET && addr_of(&rt->rt_gateway)) {
		cfg->fc_gw4 = addr_of(&rt->rt_gateway);
		cfg->fc_gw_family = AF_INET;
		if (rt->rt_flags & RTF_GATEWAY)
			cfg->fc_scope = RT_SCOPE_UNIVERSE;
	}
	if (!add)
		return 0;
	if ((rt->rt_flags & RTF_GATEWAY) && !cfg->fc_gw_family)
		return -EINVAL;
	if (cfg->fc_scope == RT_SCOPE_NOWHERE)
		cfg->fc_scope = RT_SCOPE_LINK;
	if (rt->rt_flags & RTF_MTU)
		cfg->fc_mx[RTAX_ADVMSS - 1] = rt->rt_mtu - 40;
	if (rt->rt_flags & RTF_WINDOW)
		cfg->fc_mx[RTAX_WINDOW - 1] = rt->rt_window;
	return 0;
}

static int route_ioctl(struct net *net, unsigned int cmd, void __user *arg)
{
	bool add = cmd == SIOCADDRT;
	struct fib_config cfg;
	struct fib_table *tb;
	struct rtentry rt;
	int err;

	if (!ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (copy_from_user(&rt, arg, sizeof(rt)))
		return -EFAULT;
	rtnl_lock();
	err = route_config(net, &rt, &cfg, add);
	if (!err && add) {
		tb = fib_new_table(net, cfg.fc_table);
		err = tb ? fib_table_insert(net, tb, &cfg, NULL) : -ENOBUFS;
	} else if (!err) {
		tb = fib_get_table(net, cfg.fc_table);
		err = tb ? fib_table_delete(net, tb, &cfg, NULL) : -ESRCH;
	}
	rtnl_unlock();
	return err;
}

/* ---- ARP ---- */

static int get_arp(struct arpreq *r, struct net_device *dev, __be32 ip)
{
	struct neighbour *n = neigh_lookup(&arp_tbl, &ip, dev);
	unsigned char ha[MAX_ADDR_LEN];
	int err = -ENXIO;
	u8 state;

	if (!n)
		return err;
	state = neigh_snapshot(n, ha);
	if (state & NUD_VALID) {
		memcpy(r->arp_ha.sa_data, ha,
		       min_t(size_t, dev->addr_len, sizeof(r->arp_ha.sa_data)));
		r->arp_ha.sa_family = dev->type;
		r->arp_flags = ATF_COM |
			       (state & NUD_PERMANENT ? ATF_PERM : 0);
		strscpy(r->arp_dev, dev->name, sizeof(r->arp_dev));
		err = 0;
	}
	neigh_release(n);
	return err;
}

static int set_arp(struct arpreq *r, struct net_device *dev, __be32 ip)
{
	bool com = r->arp_flags & ATF_COM;
	struct neighbour *n;
	int err;

	if (r->arp_ha.sa_family != dev->type)
		return -EINVAL;
	n = __neigh_lookup(&arp_tbl, &ip, dev, 1);
	if (IS_ERR_OR_NULL(n))
		return n ? PTR_ERR(n) : -ENOBUFS;
	err = neigh_update(n, com ? (u8 *)r->arp_ha.sa_data : NULL,
			   r->arp_flags & ATF_PERM ? NUD_PERMANENT : NUD_STALE,
			   NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN, 0);
	neigh_release(n);
	return err;
}

/* The link that ip is on, if the program names none.  rtnl held. */
static struct net_device *link_of(struct net *net, __be32 ip)
{
	struct net_device *dev;
	struct in_ifaddr *ifa;

	for_each_netdev(net, dev) {
		if (!__in_dev_get_rtnl(dev) || (dev->flags & IFF_LOOPBACK))
			continue;
		in_dev_for_each_ifa_rtnl(ifa, __in_dev_get_rtnl(dev))
			if (inet_ifa_match(ip, ifa))
				return dev;
	}
	return NULL;
}

static int arp_locked(struct net *net, unsigned int cmd, struct arpreq *r)
{
	__be32 ip = addr_of(&r->arp_pa);
	struct net_device *dev;

	if (r->arp_dev[0]) {
		dev = __dev_get_by_name(net, r->arp_dev);
		if (!dev)
			return -ENODEV;
		if (!r->arp_ha.sa_family)
			r->arp_ha.sa_family = dev->type;
	} else {
		if (cmd == SIOCGARP)
			return -ENODEV;
		dev = link_of(net, ip);
		if (!dev)
			return -ENXIO;
	}
	if (dev->flags & (IFF_NOARP | IFF_LOOPBACK))
		return cmd == SIOCGARP ? -ENXIO : -EINVAL;
	switch (cmd) {
	case SIOCDARP:
		return arp_invalidate(dev, ip, true);
	case SIOCSARP:
		return set_arp(r, dev, ip);
	default:
		return get_arp(r, dev, ip);
	}
}

static int arp_ioctl(struct net *net, unsigned int cmd, void __user *arg)
{
	struct arpreq r;
	int err;

	if (cmd != SIOCGARP && !ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.arp_pa.sa_family != AF_INET)
		return -EPFNOSUPPORT;
	if (r.arp_flags & ATF_PUBL)
		return -EOPNOTSUPP;
	r.arp_dev[sizeof(r.arp_dev) - 1] = '\0';
	rtnl_lock();
	err = arp_locked(net, cmd, &r);
	rtnl_unlock();
	if (!err && cmd == SIOCGARP && copy_to_user(arg, &r, sizeof(r)))
		err = -EFAULT;
	return err;
}

static int inet_sioc(struct net *net, unsigned int cmd, unsigned long uarg)
{
	void __user *arg = (void __user *)uarg;

	switch (cmd) {
	case SIOCGIFADDR: case SIOCGIFBRDADDR: case SIOCGIFDSTADDR:
	case SIOCGIFNETMASK: case SIOCSIFADDR: case SIOCSIFBRDADDR:
	case SIOCSIFDSTADDR: case SIOCSIFNETMASK:
		return address_ioctl(net, cmd, arg);
	case SIOCSIFFLAGS:
		return flags_ioctl(net, arg);
	case SIOCGIFCONF:
		return ifconf_ioctl(net, arg);
	case SIOCADDRT: case SIOCDELRT:
		return route_ioctl(net, cmd, arg);
	case SIOCDARP: case SIOCGARP: case SIOCSARP:
		return arp_ioctl(net, cmd, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

static int inet_sioc_init(void)
{
	inet_register_ioctl(inet_sioc);
	return 0;
}
fs_initcall(inet_sioc_init);
