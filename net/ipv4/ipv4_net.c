/* SPDX-License-Identifier: MIT */
/*
 * ipv4_net.c -- what IPv4 keeps for each network: counters, settings; and the
 * files of /proc/sys/net/ipv4 that are IP's, ICMP's and UDP's
 */

#include <net/ip.h>

#include <fs/sysctl.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/arp.h>
#include <net/net_namespace.h>
#include <net/snmp.h>

#include "internal.h"
#include "route_impl.h"

u64 snmp_fold(void __percpu *mib, size_t off)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*(u64 *)((char *)per_cpu_ptr(mib, cpu) + off));
	return sum;
}

static void default_settings(struct netns_ipv4 *v4)
{
	v4->sysctl_ip_default_ttl = IPDEFTTL;
	v4->sysctl_ip_prot_sock = 1024;
	v4->sysctl_local_port_range[0] = 32768;
	v4->sysctl_local_port_range[1] = 60999;
	v4->sysctl_icmp_echo_ignore_broadcasts = 1;
	v4->sysctl_icmp_ignore_bogus_error_responses = 1;
	v4->sysctl_icmp_ratelimit = 1000;
	v4->sysctl_icmp_ratemask = 0x1818;
	v4->sysctl_igmp_max_memberships = 20;
	v4->sysctl_igmp_max_msf = 10;
	v4->sysctl_igmp_qrv = 2;
	v4->sysctl_udp_rmem_min = v4->sysctl_udp_wmem_min = 4096;
	v4->sysctl_min_pmtu = 552;
	v4->sysctl_min_adv_mss = 256;
	v4->sysctl_mtu_expires = 600 * HZ;
	v4->ping_group_range[0] = 1;  /* nobody */
	v4->ping_group_range[1] = 0;
}

/* Also of one that was made in part. */
static void ipv4_net_exit(struct net *net)
{
	rt_exception_net_exit(net);
	free_percpu(net->mib_ip);
	free_percpu(net->mib_icmp);
	free_percpu(net->mib_udp);
	free_percpu(net->mib_tcp);
	kfree(net->mib_icmpmsg);
	kfree(net->ipv4.sysctl_local_reserved_ports);
}

static int ipv4_net_init(struct net *net)
{
	default_settings(&net->ipv4);
	net->mib_ip = alloc_percpu(struct ipstats_mib);
	net->mib_icmp = alloc_percpu(struct icmp_mib);
	net->mib_udp = alloc_percpu(struct udp_mib);
	net->mib_tcp = alloc_percpu(struct tcp_mib);
	net->mib_icmpmsg = kcalloc(ICMPMSG_MIB_MAX, sizeof(atomic_long_t),
				   GFP_KERNEL);
	net->ipv4.sysctl_local_reserved_ports = kzalloc(65536 / 8, GFP_KERNEL);
	if (net->mib_ip && net->mib_icmp && net->mib_udp && net->mib_tcp &&
	    net->mib_icmpmsg && net->ipv4.sysctl_local_reserved_ports &&
	    !rt_exception_net_init(net))
		return 0;
	ipv4_net_exit(net);
	return -ENOMEM;
}

static struct pernet_operations ipv4_net_ops = {
	.init = ipv4_net_init,
	.exit = ipv4_net_exit,
};

int ipv4_net_register(void)
{
	return register_pernet_subsys(&ipv4_net_ops);
}

/* ---- /proc/sys/net ---- */

static int show_pair(struct seq_file *m, const int *pair)
{
	seq_printf(m, "%d\t%d\n", READ_ONCE(pair[0]), READ_ONCE(pair[1]));
	return 0;
}

static int show_port_range(struct seq_file *m)
{
	return show_pair(m, current_net()->ipv4.sysctl_local_port_range);
}

static int set_port_range(char *text)
{
	int low, high;

	if (sscanf(text, "%d %d", &low, &high) != 2 || low < 1 ||
	    high > 65535 || low > high)
		return -EINVAL;
	WRITE_ONCE(current_net()->ipv4.sysctl_local_port_range[0], low);
	WRITE_ONCE(current_net()->ipv4.sysctl_local_port_range[1], high);
	return 0;
}

static int show_ping_range(struct seq_file *m)
{
	return show_pair(m, current_net()->ipv4.ping_group_range);
}

static int set_ping_range(char *text)
{
	int low, high;

	if (sscanf(text, "%d %d", &low, &high) != 2 || low < 0)
		return -EINVAL;
	WRITE_ONCE(current_net()->ipv4.ping_group_range[0], low);
	WRITE_ONCE(current_net()->ipv4.ping_group_range[1], high);
	return 0;
}

/* ip_forward is conf/all's: told to all devices. */
static void forwarding_changed(void)
{
	struct net *net = current_net();
	int on = net->ipv4.devconf_all.data[IPV4_DEVCONF_FORWARDING];
	struct net_device *dev;

	rtnl_lock();
	net->ipv4.devconf_dflt.data[IPV4_DEVCONF_FORWARDING] = on;
	for_each_netdev(net, dev) {
		struct in_device *in_dev = __in_dev_get_rtnl(dev);

		if (in_dev)
			WRITE_ONCE(in_dev->cnf.data[IPV4_DEVCONF_FORWARDING], on);
	}
	rt_cache_flush(net);
	rtnl_unlock();
}

#define NUMBER(dir_, name_, var, lo, hi) \
	{ dir_, name_, 0644, .number = &(var), .min = (lo), .max = (hi) }
#define PER_NET(name_, field, lo, hi) \
	{ IPV4, name_, 0644, .net_number = NET_OFFSET(ipv4.sysctl_##field), \
	  .min = (lo), .max = (hi) }
#define IPV4 "net/ipv4"
#define NEIGH "net/ipv4/neigh/default"

static const struct ctl_entry ipv4_sysctls[] = {
	{ IPV4, "ip_forward", 0644, .min = 0, .max = 1,
	  .net_number = NET_OFFSET(
		  ipv4.devconf_all.data[IPV4_DEVCONF_FORWARDING]),
	  .changed = forwarding_changed },
	{ IPV4, "ip_local_port_range", 0644, .show = show_port_range,
	  .set = set_port_range },
	{ IPV4, "ping_group_range", 0644, .show = show_ping_range,
	  .set = set_ping_range },
	PER_NET("ip_default_ttl", ip_default_ttl, 1, 255),
	PER_NET("ip_no_pmtu_disc", ip_no_pmtu_disc, 0, 3),
	PER_NET("ip_nonlocal_bind", ip_nonlocal_bind, 0, 1),
	PER_NET("ip_unprivileged_port_start", ip_prot_sock, 0, 65535),
	PER_NET("icmp_echo_ignore_all", icmp_echo_ignore_all, 0, 1),
	PER_NET("icmp_echo_ignore_broadcasts", icmp_echo_ignore_broadcasts,
		0, 1),
	PER_NET("icmp_ignore_bogus_error_responses",
		icmp_ignore_bogus_error_responses, 0, 1),
	PER_NET("icmp_ratelimit", icmp_ratelimit, 0, INT_MAX),
	PER_NET("icmp_ratemask", icmp_ratemask, 0, INT_MAX),
	PER_NET("igmp_max_memberships", igmp_max_memberships, 0, INT_MAX),
	PER_NET("udp_rmem_min", udp_rmem_min, 1, INT_MAX),
	PER_NET("udp_wmem_min", udp_wmem_min, 1, INT_MAX),
	{ IPV4 "/route", "min_pmtu", 0644,
	  .net_number = NET_OFFSET(ipv4.sysctl_min_pmtu), .min = 68,
	  .max = 65535 },
	{ IPV4 "/route", "min_adv_mss", 0644,
	  .net_number = NET_OFFSET(ipv4.sysctl_min_adv_mss), .max = 65535 },
	NUMBER(NEIGH, "gc_thresh1", arp_tbl.parms.gc_thresh1, 0, INT_MAX),
	NUMBER(NEIGH, "gc_thresh2", arp_tbl.parms.gc_thresh2, 0, INT_MAX),
	NUMBER(NEIGH, "gc_thresh3", arp_tbl.parms.gc_thresh3, 0, INT_MAX),
	NUMBER(NEIGH, "mcast_solicit", arp_tbl.parms.mcast_probes, 0, INT_MAX),
	NUMBER(NEIGH, "ucast_solicit", arp_tbl.parms.ucast_probes, 0, INT_MAX),
	NUMBER("net/core", "netdev_max_backlog", netdev_max_backlog, 0,
	       INT_MAX),
	NUMBER("net/core", "netdev_budget", netdev_budget, 1, INT_MAX),
	NUMBER("net/core", "dev_weight", dev_weight, 1, INT_MAX),
};

static int ipv4_sysctl_init(void)
{
	register_sysctls(ipv4_sysctls, ARRAY_SIZE(ipv4_sysctls));
	return 0;
}
device_initcall(ipv4_sysctl_init);
