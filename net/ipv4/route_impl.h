/* SPDX-License-Identifier: MIT */
#ifndef NET_IPV4_ROUTE_IMPL_H
#define NET_IPV4_ROUTE_IMPL_H
/* route_impl.h -- what is known of one destination: route_exception.c */

#include <net/route.h>

/* Learnt by ICMP for one destination. */
struct fnhe {
	__be32 daddr;
	__be32 gw;                    /* of a redirect; 0: none */
	u32 pmtu;                     /* 0: none */
	bool mtu_locked;
	unsigned long expires;        /* jiffies; 0: never */
};

/* A copy of what is known, if it holds still. */
bool rt_find_exception(struct net *net, __be32 daddr, struct fnhe *out);
void rt_apply_exception(struct rtable *rt, const struct fnhe *f);
void ip_rt_update_pmtu(struct dst_entry *dst, struct sock *sk,
		       struct sk_buff *skb, u32 mtu, bool confirm_neigh);
void ip_do_redirect(struct dst_entry *dst, struct sock *sk,
		    struct sk_buff *skb);
int rt_exception_net_init(struct net *net);
void rt_exception_net_exit(struct net *net);

#endif
