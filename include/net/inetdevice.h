/* SPDX-License-Identifier: MIT */
#ifndef NET_INETDEVICE_H
#define NET_INETDEVICE_H
/*
 * inetdevice.h -- IPv4 of a device: its addresses, groups and switches
 *
 * dev->ip_ptr is written under rtnl and read under RCU.  Theory:
 * net/ipv4/devinet.c.
 */

#include <net/netdevice.h>
#include <uapi/if_addr.h>

struct ip_mc_list;

/* conf/<dev>/<name>; the index is that of Linux's IPV4_DEVCONF_*, less one. */
enum {
	IPV4_DEVCONF_FORWARDING, IPV4_DEVCONF_MC_FORWARDING,
	IPV4_DEVCONF_PROXY_ARP, IPV4_DEVCONF_ACCEPT_REDIRECTS,
	IPV4_DEVCONF_SECURE_REDIRECTS, IPV4_DEVCONF_SEND_REDIRECTS,
	IPV4_DEVCONF_SHARED_MEDIA, IPV4_DEVCONF_RP_FILTER,
	IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE, IPV4_DEVCONF_LOG_MARTIANS,
	IPV4_DEVCONF_ARPFILTER, IPV4_DEVCONF_ARP_ANNOUNCE,
	IPV4_DEVCONF_ARP_IGNORE, IPV4_DEVCONF_ARP_ACCEPT,
	IPV4_DEVCONF_ARP_NOTIFY, IPV4_DEVCONF_ACCEPT_LOCAL,
	IPV4_DEVCONF_ROUTE_LOCALNET, IPV4_DEVCONF_FORCE_IGMP_VERSION,
	IPV4_DEVCONF_PROMOTE_SECONDARIES, IPV4_DEVCONF_DISABLE_POLICY,
	IPV4_DEVCONF_MAX
};

struct ipv4_devconf {
	int data[IPV4_DEVCONF_MAX];
};

/* Field keys:  [c] constant   [R] rtnl_mutex, RCU to read   [a] atomic */
struct in_device {
	struct net_device *dev;       /* [c] counted */
	refcount_t refcnt;            /* [a] */
	int dead;                     /* [R] */
	struct in_ifaddr *ifa_list;   /* [R] primaries before their secondaries */
	struct ip_mc_list *mc_list;   /* [R] groups we are in */
	int mc_count;                 /* [R] */
	struct timer_list mr_ifc_timer;
	unsigned long mr_v1_seen, mr_v2_seen; /* jiffies */
	int mr_ifc_count;
	struct ipv4_devconf cnf;
	struct rcu_head rcu_head;
};

/* One address.  Field keys: as above. */
struct in_ifaddr {
	struct hlist_node hash;       /* [R] net's table by ifa_local */
	struct in_ifaddr *ifa_next;   /* [R] */
	struct in_device *ifa_dev;    /* [c] counted */
	struct rcu_head rcu_head;
	__be32 ifa_local;             /* [c] ours */
	__be32 ifa_address;           /* [c] the peer's on a point-to-point link */
	__be32 ifa_mask;              /* [c] */
	__be32 ifa_broadcast;         /* [c] 0: none */
	u32 ifa_rt_priority;          /* metric of its prefix route */
	unsigned char ifa_scope, ifa_prefixlen, ifa_proto;
	u32 ifa_flags;                /* [R] IFA_F_* */
	char ifa_label[IFNAMSIZ];     /* [R] eth0:1 */
	u32 ifa_valid_lft, ifa_preferred_lft; /* seconds; ~0: for ever */
	unsigned long ifa_cstamp, ifa_tstamp; /* jiffies */
};

#define INFINITY_LIFE_TIME 0xffffffffu

struct in_validator_info {
	__be32 ivi_addr;
	struct in_device *ivi_dev;
	void *extack;
};

static inline __be32 inet_make_mask(int logmask)
{
	return logmask ? htonl(~((1U << (32 - logmask)) - 1)) : 0;
}

static inline int inet_mask_len(__be32 mask)
{
	return mask ? 32 - __builtin_ctz(ntohl(mask)) : 0;
}

/* Is it no mask: a 1 after a 0? */
static inline bool bad_mask(__be32 mask, __be32 addr)
{
	u32 h = ~ntohl(mask);

	return (addr & ~mask) || (h & (h + 1));
}

static inline bool inet_ifa_match(__be32 addr, const struct in_ifaddr *ifa)
{
	return !((addr ^ ifa->ifa_address) & ifa->ifa_mask);
}

static inline struct in_device *__in_dev_get_rcu(const struct net_device *dev)
{
	return rcu_dereference(dev->ip_ptr);
}

static inline struct in_device *__in_dev_get_rtnl(const struct net_device *dev)
{
	return dev->ip_ptr;
}

void in_dev_finish_destroy(struct in_device *idev);

static inline void in_dev_put(struct in_device *idev)
{
	if (refcount_dec_and_test(&idev->refcnt))
		in_dev_finish_destroy(idev);
}

static inline struct in_device *in_dev_get(const struct net_device *dev)
{
	struct in_device *idev;

	rcu_read_lock();
	idev = __in_dev_get_rcu(dev);
	if (idev)
		refcount_inc(&idev->refcnt);
	rcu_read_unlock();
	return idev;
}

#define in_dev_for_each_ifa_rcu(ifa, in_dev)				\
	for (ifa = rcu_dereference((in_dev)->ifa_list); ifa;		\
	     ifa = rcu_dereference(ifa->ifa_next))
#define in_dev_for_each_ifa_rtnl(ifa, in_dev)				\
	for (ifa = (in_dev)->ifa_list; ifa; ifa = ifa->ifa_next)

/* ---- configuration: rtnl held, may sleep (RTM_NEWADDR, SIOCSIFADDR) ---- */

/* The device's IPv4 part, made at registration; ERR_PTR. */
struct in_device *inetdev_init(struct net_device *dev);
/* Zeroed, not yet of a device.  NULL: no memory. */
struct in_ifaddr *inet_alloc_ifa(void);
void inet_free_ifa(struct in_ifaddr *ifa);
/*
 * Give ifa (ifa_local, _address, _mask, _prefixlen, _scope, _broadcast, _label
 * set; consumed in any case) to in_dev: its routes come with it, at once if the
 * device is up.  0, -EEXIST, -EINVAL, -ENOBUFS.
 */
int inet_insert_ifa(struct in_device *in_dev, struct in_ifaddr *ifa);
/* Take it away, its routes and its secondaries (or promote one). */
void inet_del_ifa(struct in_device *in_dev, struct in_ifaddr *ifa);
/* ifa with that address and mask on in_dev, or NULL. */
struct in_ifaddr *inet_find_ifa(struct in_device *in_dev, __be32 local,
				__be32 mask);
struct in_ifaddr *inet_ifa_byprefix(struct in_device *in_dev, __be32 prefix,
				    __be32 mask);

/* ---- questions, under RCU or rtnl ---- */

/* The device with that address, counted if devref; NULL. */
struct net_device *__ip_dev_find(struct net *net, __be32 addr, bool devref);
#define ip_dev_find(net, addr) __ip_dev_find(net, addr, true)
/* Our best address for talking to dst (0: anybody) by dev; 0: none. */
__be32 inet_select_addr(const struct net_device *dev, __be32 dst, int scope);
__be32 inet_confirm_addr(struct net *net, struct in_device *in_dev, __be32 dst,
			 __be32 local, int scope);
bool inet_addr_onlink(struct in_device *in_dev, __be32 a, __be32 b);

/* NETDEV_UP and NETDEV_DOWN with a struct in_ifaddr. */
int register_inetaddr_notifier(struct notifier_block *nb);
int unregister_inetaddr_notifier(struct notifier_block *nb);

static inline int ipv4_devconf_get(const struct in_device *in_dev, int i)
{
	return READ_ONCE(in_dev->cnf.data[i]);
}

#define IN_DEV_CONF_GET(in_dev, attr) \
	ipv4_devconf_get(in_dev, IPV4_DEVCONF_##attr)
#define IPV4_DEVCONF_ALL(net, attr) \
	READ_ONCE((net)->ipv4.devconf_all.data[IPV4_DEVCONF_##attr])
#define IPV4_DEVCONF_DFLT(net, attr) \
	((net)->ipv4.devconf_dflt.data[IPV4_DEVCONF_##attr])
#define __IN_DEV_NET(d) dev_net((d)->dev)
#define IN_DEV_ORCONF(d, attr) \
	(IPV4_DEVCONF_ALL(__IN_DEV_NET(d), attr) || IN_DEV_CONF_GET(d, attr))
#define IN_DEV_ANDCONF(d, attr) \
	(IPV4_DEVCONF_ALL(__IN_DEV_NET(d), attr) && IN_DEV_CONF_GET(d, attr))
#define IN_DEV_MAXCONF(d, attr) \
	max(IPV4_DEVCONF_ALL(__IN_DEV_NET(d), attr), IN_DEV_CONF_GET(d, attr))
#define IN_DEV_FORWARD(d) IN_DEV_CONF_GET(d, FORWARDING)

#endif
