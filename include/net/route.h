/* SPDX-License-Identifier: MIT */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H
/*
 * route.h -- an IPv4 route as packets and sockets carry it
 *
 * A struct rtable is made from a lookup's result and cached at its next hop.
 * Theory: net/ipv4/route.c.
 */

#include <net/dst.h>
#include <net/flow.h>
#include <net/inet_sock.h>
#include <net/inetdevice.h>
#include <net/ip_fib.h>

#define RTCF_NOTIFY 0x00010000
#define RTCF_DOREDIRECT 0x01000000
#define RTCF_DIRECTSRC 0x04000000
#define RTCF_BROADCAST 0x10000000
#define RTCF_MULTICAST 0x20000000
#define RTCF_LOCAL 0x80000000u

#define RTO_ONLINK 0x01               /* tos: the destination is a neighbour */

/* Constant once published, but for the counts in dst. */
struct rtable {
	struct dst_entry dst;         /* first */
	int rt_genid;                 /* valid while equal to the net's */
	unsigned int rt_flags;        /* RTCF_* */
	u16 rt_type;                  /* RTN_* */
	u8 rt_is_input, rt_uses_gateway;
	int rt_iif;
	u8 rt_gw_family;              /* AF_INET: rt_gw4 */
	__be32 rt_gw4;
	u32 rt_pmtu;                  /* 0: the device's; learnt */
	u32 rt_mtu_locked;
	struct list_head rt_list;     /* all there are */
};

static inline struct rtable *skb_rtable(const struct sk_buff *skb)
{
	return (struct rtable *)skb_dst(skb);
}

static inline bool rt_is_input_route(const struct rtable *rt)
{
	return rt->rt_is_input != 0;
}

static inline bool rt_is_output_route(const struct rtable *rt)
{
	return rt->rt_is_input == 0;
}

/* The neighbour that packets to daddr go to. */
static inline __be32 rt_nexthop(const struct rtable *rt, __be32 daddr)
{
	return rt->rt_gw_family == AF_INET ? rt->rt_gw4 : daddr;
}

static inline void ip_rt_put(struct rtable *rt)
{
	dst_release(&rt->dst);
}

void ip_rt_init(void);
/*
 * The way out.  fl4->daddr, saddr, oif as far as known; on return saddr (and
 * daddr 0 -> loopback) are filled in.  Counted; ERR_PTR(-ENETUNREACH,
 * -EHOSTUNREACH, -EACCES, -EINVAL, -ENODEV).  Any context but hard irq.
 * sk may be NULL.
 */
struct rtable *ip_route_output_flow(struct net *net, struct flowi4 *flp,
				    const struct sock *sk);
struct rtable *ip_route_output_key(struct net *net, struct flowi4 *flp);
struct rtable *ip_route_output(struct net *net, __be32 daddr, __be32 saddr,
			       u8 tos, int oif);
struct rtable *ip_route_output_ports(struct net *net, struct flowi4 *fl4,
				     struct sock *sk, __be32 daddr,
				     __be32 saddr, __be16 dport, __be16 sport,
				     u8 proto, u8 tos, int oif);
/* connect(): chooses saddr first; then, with the port, the final route. */
struct rtable *ip_route_connect(struct flowi4 *fl4, __be32 dst, __be32 src,
				int oif, u8 protocol, __be16 sport,
				__be16 dport, const struct sock *sk);
struct rtable *ip_route_newports(struct flowi4 *fl4, struct rtable *rt,
				 __be16 orig_sport, __be16 orig_dport,
				 __be16 sport, __be16 dport, struct sock *sk);
/* The way in: sets skb's dst (counted, or _noref under RCU).  0, or -errno:
 * drop it. */
int ip_route_input(struct sk_buff *skb, __be32 dst, __be32 src, u8 tos,
		   struct net_device *devin);
int ip_route_input_noref(struct sk_buff *skb, __be32 dst, __be32 src, u8 tos,
			 struct net_device *devin);
/* All routes handed out are stale now. */
void rt_cache_flush(struct net *net);
/* dev goes: routes by it are moved to loopback; rtnl. */
void rt_flush_dev(struct net_device *dev);
/* An ICMP error says: at most mtu to where the quoted packet at skb->data
 * went.  sk's route is renewed. */
void ipv4_update_pmtu(struct sk_buff *skb, struct net *net, u32 mtu, int oif,
		      u8 protocol);
void ipv4_sk_update_pmtu(struct sk_buff *skb, struct sock *sk, u32 mtu);
void ipv4_redirect(struct sk_buff *skb, struct net *net, int oif, u8 protocol);
void ipv4_sk_redirect(struct sk_buff *skb, struct sock *sk);
int ip4_dst_hoplimit(const struct dst_entry *dst);
/* A route made by hand that ends nowhere in particular. */
struct rtable *rt_dst_alloc(struct net_device *dev, unsigned int flags,
			    u16 type);
__be32 inet_current_saddr(struct fib_nh *nh, int genid);

#endif
