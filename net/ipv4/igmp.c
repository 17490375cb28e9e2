/* SPDX-License-Identifier: MIT */
/*
 * igmp.c -- multicast groups: which socket is in, which device listens, and
 * telling the routers
 *
 *	socket: inet->mc_list      who of us gets a packet to the group
 *	device: in_dev->mc_list    whether it comes up at all; users counts
 *	link:   dev_mc_add()       whether the hardware takes the frame
 *
 * Routers ask (query) who is in which group; a member answers (IGMPv2 report)
 * after a random part of the time that the query allows, unless another does
 * before. Who joins reports unasked, twice.
 *
 * LOCKING.  rtnl for both lists, RCU to read; im->lock for the report timer.
 *
 * SEE RFC 1112, RFC 2236.  NOT DONE: IGMPv3's source lists are kept for each
 * socket, but not told to routers.
 */

#include <net/igmp.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <mm/slab.h>
#include <net/etherdevice.h>
#include <net/ip.h>
#include <net/protocol.h>
#include <uapi/if_arp.h>

#include "internal.h"

#define IGMP_ALL_HOSTS htonl(INADDR_ALLHOSTS_GROUP)
#define IGMP_ALL_ROUTERS htonl(0xe0000002u)
#define IGMP_HOST_MEMBERSHIP_QUERY 0x11
#define IGMP_HOST_MEMBERSHIP_REPORT 0x12
#define IGMPV2_HOST_MEMBERSHIP_REPORT 0x16
#define IGMP_HOST_LEAVE_MESSAGE 0x17
#define UNSOLICITED (10 * HZ)
#define IGMP_TTL 1

struct igmphdr {
	u8 type, code;
	u16 csum;
	__be32 group;
};
static_assert(sizeof(struct igmphdr) == 8, "on the wire");

static const u8 router_alert[4] = { IPOPT_RA, 4, 0, 0 };

/* ---- telling ---- */

static void igmp_send(struct in_device *in_dev, int type, __be32 group)
{
	__be32 dst = type == IGMP_HOST_LEAVE_MESSAGE ? IGMP_ALL_ROUTERS : group;
	struct net_device *dev = in_dev->dev;
	struct flowi4 fl4 = {
		.flowi4_oif = dev->ifindex, .daddr = dst,
		.flowi4_proto = IPPROTO_IGMP,
	};
	struct igmphdr *ih;
	struct sk_buff *skb;
	struct iphdr *iph;
	struct rtable *rt;

	if (ipv4_is_local_multicast(group) && type != IGMP_HOST_LEAVE_MESSAGE &&
	    group == IGMP_ALL_HOSTS)
		return;
	rt = ip_route_output_key(dev_net(dev), &fl4);
	if (IS_ERR(rt))
		return;
	skb = alloc_skb(sizeof(*iph) + 4 + sizeof(*ih) + LL_RESERVED_SPACE(dev),
			GFP_ATOMIC);
	if (!skb) {
		ip_rt_put(rt);
		return;
	}
	skb_dst_set(skb, &rt->dst);
	skb_reserve(skb, LL_RESERVED_SPACE(dev));
	skb_reset_network_header(skb);
	iph = skb_put(skb, sizeof(*iph) + 4);
	*iph = (struct iphdr){
		.version = 4, .ihl = 6, .tos = 0xc0, .ttl = IGMP_TTL,
		.frag_off = htons(IP_DF), .protocol = IPPROTO_IGMP,
		.saddr = fl4.saddr, .daddr = dst,
	};
	memcpy(iph + 1, router_alert, sizeof(router_alert));
	skb->transport_header = skb->network_header + 24;
	ih = skb_put(skb, sizeof(*ih));
	*ih = (struct igmphdr){ .type = type, .group = group };
	ih->csum = ip_compute_csum(ih, sizeof(*ih));
	ip_local_out(dev_net(dev), NULL, skb);
}

static void im_put(struct ip_mc_list *im)
{
	if (refcount_dec_and_test(&im->refcnt)) {
		in_dev_put(im->interface);
		kfree_rcu(im, rcu);
	}
}

/* im->lock held. */
static void start_report(struct ip_mc_list *im, unsigned long max)
{
	im->tm_running = true;
	refcount_inc(&im->refcnt);
	if (mod_timer(&im->timer, jiffies + get_random_u32_below(max) + 2))
		refcount_dec(&im->refcnt);
}

static void report_timer(struct timer_list *t)
{
	struct ip_mc_list *im = from_timer(im, t, timer);

	spin_lock_bh(&im->lock);
	im->tm_running = false;
	im->reporter = true;
	if (im->unsolicit_count && --im->unsolicit_count)
		start_report(im, UNSOLICITED);
	spin_unlock_bh(&im->lock);
	igmp_send(im->interface, IGMPV2_HOST_MEMBERSHIP_REPORT, im->multiaddr);
	im_put(im);
}

static bool talks(const struct in_device *in_dev)
{
	return !(in_dev->dev->flags & IFF_LOOPBACK) && !in_dev->dead;
}

static void group_up(struct ip_mc_list *im)
{
	struct in_device *in_dev = im->interface;
	u8 mac[ETH_ALEN];

	if (!im->loaded && in_dev->dev->type == ARPHRD_ETHER) {
		ip_eth_mc_map(im->multiaddr, mac);
		dev_mc_add(in_dev->dev, mac);
	}
	im->loaded = true;
	if (!talks(in_dev) || im->multiaddr == IGMP_ALL_HOSTS)
		return;
	spin_lock_bh(&im->lock);
	im->unsolicit_count = 2;
	start_report(im, HZ);
	spin_unlock_bh(&im->lock);
}

static void group_down(struct ip_mc_list *im)
{
	struct in_device *in_dev = im->interface;
	u8 mac[ETH_ALEN];
	bool reporter;

	if (im->loaded && in_dev->dev->type == ARPHRD_ETHER) {
		ip_eth_mc_map(im->multiaddr, mac);
		dev_mc_del(in_dev->dev, mac);
	}
	im->loaded = false;
	spin_lock_bh(&im->lock);
	if (del_timer(&im->timer))
		refcount_dec(&im->refcnt);
	im->tm_running = false;
	reporter = im->reporter;
	im->reporter = false;
	spin_unlock_bh(&im->lock);
	if (reporter && talks(in_dev) && (in_dev->dev->flags & IFF_UP))
		igmp_send(in_dev, IGMP_HOST_LEAVE_MESSAGE, im->multiaddr);
}

/* ---- a device's groups; rtnl ---- */

void ip_mc_inc_group(struct in_device *in_dev, __be32 addr)
{
	struct ip_mc_list *im;

	for (im = in_dev->mc_list; im; im = im->next_rcu) {
		if (im->multiaddr == addr) {
			im->users++;
			return;
		}
	}
	im = kzalloc(sizeof(*im), GFP_KERNEL);
	if (!im)
		return;
	im->users = 1;
	im->interface = in_dev;
	refcount_inc(&in_dev->refcnt);
	im->multiaddr = addr;
	refcount_set(&im->refcnt, 1);
	spin_lock_init(&im->lock);
	timer_setup(&im->timer, report_timer, 0);
	im->next_rcu = in_dev->mc_list;
	in_dev->mc_count++;
	rcu_assign_pointer(in_dev->mc_list, im);
	if (in_dev->dev->flags & IFF_UP)
		group_up(im);
}

void ip_mc_dec_group(struct in_device *in_dev, __be32 addr)
{
	struct ip_mc_list **at, *im;

	for (at = &in_dev->mc_list; (im = *at); at = &im->next_rcu) {
		if (im->multiaddr != addr)
			continue;
		if (--im->users)
			return;
		*at = im->next_rcu;
		in_dev->mc_count--;
		group_down(im);
		im_put(im);
		return;
	}
}

void ip_mc_init_dev(struct in_device *in_dev)
{
}

void ip_mc_up(struct in_device *in_dev)
{
	ip_mc_inc_group(in_dev, IGMP_ALL_HOSTS);
	for (struct ip_mc_list *im = in_dev->mc_list; im; im = im->next_rcu)
		if (!im->loaded)
			group_up(im);
}

void ip_mc_down(struct in_device *in_dev)
{
	for (struct ip_mc_list *im = in_dev->mc_list; im; im = im->next_rcu)
		group_down(im);
	ip_mc_dec_group(in_dev, IGMP_ALL_HOSTS);
}

void ip_mc_destroy_dev(struct in_device *in_dev)
{
	struct ip_mc_list *im;

	while ((im = in_dev->mc_list)) {
		in_dev->mc_list = im->next_rcu;
		in_dev->mc_count--;
		group_down(im);
		im_put(im);
	}
}

int ip_check_mc_rcu(struct in_device *in_dev, __be32 mc_addr, __be32 src,
		    u8 proto)
{
	struct ip_mc_list *im;

	for (im = rcu_dereference(in_dev->mc_list); im;
	     im = rcu_dereference(im->next_rcu))
		if (im->multiaddr == mc_addr)
			return 1;
	return proto == IPPROTO_IGMP;
}

/* ---- a socket's memberships; rtnl and lock_sock ---- */

static struct in_device *find_in_dev(struct net *net, struct ip_mreqn *imr)
{
	struct net_device *dev = NULL;

	if (imr->imr_ifindex) {
		dev = __dev_get_by_index(net, imr->imr_ifindex);
	} else if (imr->imr_address.s_addr) {
		dev = __ip_dev_find(net, imr->imr_address.s_addr, false);
		if (!dev)
			return NULL;
	} else {
		struct rtable *rt = ip_route_output(net,
					imr->imr_multiaddr.s_addr, 0, 0, 0);

		if (!IS_ERR(rt)) {
			dev = rt->dst.dev;
			ip_rt_put(rt);
		}
	}
	if (!dev)
		return NULL;
	imr->imr_ifindex = dev->ifindex;
	return __in_dev_get_rtnl(dev);
}

static int join(struct sock *sk, struct ip_mreqn *imr, unsigned int mode)
{
	struct inet_sock *inet = inet_sk(sk);
	struct net *net = sock_net(sk);
	struct in_device *in_dev;
	struct ip_mc_socklist *m;
	int count = 0;

	if (!ipv4_is_multicast(imr->imr_multiaddr.s_addr))
		return -EINVAL;
	in_dev = find_in_dev(net, imr);
	if (!in_dev)
		return -ENODEV;
	for (m = inet->mc_list; m; m = m->next_rcu) {
		if (m->multi.imr_multiaddr.s_addr == imr->imr_multiaddr.s_addr
		    && m->multi.imr_ifindex == imr->imr_ifindex)
			return -EADDRINUSE;
		count++;
	}
	if (count >= READ_ONCE(net->ipv4.sysctl_igmp_max_memberships))
		return -ENOBUFS;
	m = sock_kmalloc(sk, sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOBUFS;
	memset(m, 0, sizeof(*m));
	m->multi = *imr;
	m->sfmode = mode;
	m->next_rcu = inet->mc_list;
	rcu_assign_pointer(inet->mc_list, m);
	ip_mc_inc_group(in_dev, imr->imr_multiaddr.s_addr);
	return 0;
}

int ip_mc_join_group(struct sock *sk, struct ip_mreqn *imr)
{
	return join(sk, imr, MCAST_EXCLUDE);
}

static void leave(struct sock *sk, struct ip_mc_socklist **at)
{
	struct ip_mc_socklist *m = *at;
	struct net_device *dev = __dev_get_by_index(sock_net(sk),
						    m->multi.imr_ifindex);
	struct in_device *in_dev = dev ? __in_dev_get_rtnl(dev) : NULL;

	rcu_assign_pointer(*at, m->next_rcu);
	if (in_dev)
		ip_mc_dec_group(in_dev, m->multi.imr_multiaddr.s_addr);
	atomic_sub(sizeof(*m), &sk->sk_omem_alloc);
	kfree_rcu(m, rcu);
}

int ip_mc_leave_group(struct sock *sk, struct ip_mreqn *imr)
{
	struct in_device *in_dev = find_in_dev(sock_net(sk), imr);
	struct ip_mc_socklist **at, *m;

	if (!imr->imr_ifindex && !imr->imr_address.s_addr && !in_dev)
		return -ENODEV;
	for (at = &inet_sk(sk)->mc_list; (m = *at); at = &m->next_rcu) {
		if (m->multi.imr_multiaddr.s_addr !=
		    imr->imr_multiaddr.s_addr ||
		    (imr->imr_ifindex &&
		     m->multi.imr_ifindex != imr->imr_ifindex))
			continue;
		leave(sk, at);
		return 0;
	}
	return -EADDRNOTAVAIL;
}

static int change_sources(struct ip_mc_socklist *m, __be32 source, bool add,
			  int max)
{
	unsigned int i = 0;

	while (i < m->sl_count && m->sl_addr[i] != source)
		i++;
	if (!add) {
		if (i == m->sl_count)
			return -EADDRNOTAVAIL;
		m->sl_addr[i] = m->sl_addr[m->sl_count - 1];
		WRITE_ONCE(m->sl_count, m->sl_count - 1);
		return 0;
	}
	if (i < m->sl_count)
		return -EADDRNOTAVAIL;
	if (m->sl_count >= min_t(unsigned int, max, IP_MAX_SOURCES))
		return -ENOBUFS;
	m->sl_addr[i] = source;
	WRITE_ONCE(m->sl_count, i + 1);
	return 0;
}

/* One source of a group: only it (include), or all but it (exclude). */
int ip_mc_source(int add, int omode, struct sock *sk,
		 struct ip_mreq_source *mreqs, int ifindex)
{
	struct ip_mreqn imr = {
		.imr_multiaddr.s_addr = mreqs->imr_multiaddr,
		.imr_address.s_addr = mreqs->imr_interface,
		.imr_ifindex = ifindex,
	};
	struct net *net = sock_net(sk);
	struct ip_mc_socklist **at, *m;
	int err;

	if (!ipv4_is_multicast(mreqs->imr_multiaddr))
		return -EINVAL;
	if (!find_in_dev(net, &imr))
		return -ENODEV;
	if (omode == MCAST_INCLUDE && add) {
		err = join(sk, &imr, MCAST_INCLUDE);
		if (err && err != -EADDRINUSE)
			return err;
	}
	for (at = &inet_sk(sk)->mc_list; (m = *at); at = &m->next_rcu)
		if (m->multi.imr_multiaddr.s_addr == mreqs->imr_multiaddr &&
		    m->multi.imr_ifindex == imr.imr_ifindex)
			break;
	if (!m || m->sfmode != (unsigned int)omode)
		return -EINVAL;
	err = change_sources(m, mreqs->imr_sourceaddr, add,
			     READ_ONCE(net->ipv4.sysctl_igmp_max_msf));
	if (!err && omode == MCAST_INCLUDE && !m->sl_count)
		leave(sk, at);
	return err;
}

void ip_mc_drop_socket(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	if (!inet->mc_list)
		return;
	rtnl_lock();
	lock_sock(sk);
	while (inet->mc_list)
		leave(sk, &inet->mc_list);
	release_sock(sk);
	rtnl_unlock();
}

bool ip_mc_sf_allow(const struct sock *sk, __be32 local, __be32 rmt, int dif,
		    int sdif)
{
	struct ip_mc_socklist *m;

	if (!ipv4_is_multicast(local))
		return true;
	for (m = rcu_dereference(inet_sk(sk)->mc_list); m;
	     m = rcu_dereference(m->next_rcu)) {
		bool listed = false;

		if (m->multi.imr_multiaddr.s_addr != local ||
		    m->multi.imr_ifindex != dif)
			continue;
		for (unsigned int i = 0; i < READ_ONCE(m->sl_count); i++)
			listed = listed || m->sl_addr[i] == rmt;
		return listed == (m->sfmode == MCAST_INCLUDE);
	}
	return inet_sk(sk)->mc_all;
}

/* ---- what routers and other members say ---- */

static void heard_query(struct in_device *in_dev, __be32 group, u8 code)
{
	unsigned long max = code ? code * (HZ / 10) : UNSOLICITED;
	struct ip_mc_list *im;

	for (im = rcu_dereference(in_dev->mc_list); im;
	     im = rcu_dereference(im->next_rcu)) {
		if ((group && group != im->multiaddr) ||
		    im->multiaddr == IGMP_ALL_HOSTS)
			continue;
		spin_lock_bh(&im->lock);
		if (!im->tm_running || time_after(im->timer.expires,
						  jiffies + max))
			start_report(im, max);
		spin_unlock_bh(&im->lock);
	}
}

/* Somebody else has reported: we need not. */
static void heard_report(struct in_device *in_dev, __be32 group)
{
	struct ip_mc_list *im;

	for (im = rcu_dereference(in_dev->mc_list); im;
	     im = rcu_dereference(im->next_rcu)) {
		if (im->multiaddr != group)
			continue;
		spin_lock_bh(&im->lock);
		if (del_timer(&im->timer))
			refcount_dec(&im->refcnt);
		im->tm_running = false;
		im->reporter = false;
		spin_unlock_bh(&im->lock);
	}
}

int igmp_rcv(struct sk_buff *skb)
{
	struct in_device *in_dev = __in_dev_get_rcu(skb->dev);
	struct igmphdr *ih;

	if (!in_dev || !pskb_may_pull(skb, sizeof(*ih)) ||
	    csum_fold(skb_checksum(skb, 0, skb->len, 0)))
		goto out;
	ih = (struct igmphdr *)skb_transport_header(skb);
	switch (ih->type) {
	case IGMP_HOST_MEMBERSHIP_QUERY:
		if (talks(in_dev))
			heard_query(in_dev, ih->group, ih->code);
		break;
	case IGMP_HOST_MEMBERSHIP_REPORT:
	case IGMPV2_HOST_MEMBERSHIP_REPORT:
		if (skb->pkt_type == PACKET_MULTICAST ||
		    skb->pkt_type == PACKET_BROADCAST)
			heard_report(in_dev, ih->group);
		break;
	}
out:
	kfree_skb(skb);
	return 0;
}

static const struct net_protocol igmp_protocol = { .handler = igmp_rcv };

void igmp_init(void)
{
	inet_add_protocol(&igmp_protocol, IPPROTO_IGMP);
}
