/* SPDX-License-Identifier: MIT */
#ifndef NET_NETFILTER_H
#define NET_NETFILTER_H
/*
 * netfilter.h -- the five places where a filter may look at IPv4 packets
 *
 *	in -> PRE_ROUTING -> (route) -> LOCAL_IN -> sockets
 *	                        |
 *	                     FORWARD -> POST_ROUTING -> out
 *	                                    |
 *	      sockets -> LOCAL_OUT -> (route)
 *
 * While nobody has registered, a place costs one load and one branch.
 */

#include <net/net_namespace.h>
#include <net/skbuff.h>

#define NF_DROP 0
#define NF_ACCEPT 1
#define NF_STOLEN 2
#define NF_QUEUE 3

#define NFPROTO_IPV4 2

enum nf_inet_hooks {
	NF_INET_PRE_ROUTING, NF_INET_LOCAL_IN, NF_INET_FORWARD,
	NF_INET_LOCAL_OUT, NF_INET_POST_ROUTING, NF_INET_NUMHOOKS
};

typedef int (*nf_okfn_t)(struct net *net, struct sock *sk, struct sk_buff *skb);

struct nf_hook_state {
	u8 hook, pf;
	struct net_device *in, *out;
	struct sock *sk;
	struct net *net;
	nf_okfn_t okfn;
};

/* NF_ACCEPT, NF_DROP, ... of one filter; softirq or process, under RCU. */
typedef unsigned int nf_hookfn(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state);

struct nf_hook_ops {
	nf_hookfn *hook;
	void *priv;
	u8 pf;
	u8 hooknum;
	int priority;                 /* lowest first */
	struct nf_hook_ops *next;     /* the place's list; RCU to read */
};

int nf_register_net_hook(struct net *net, struct nf_hook_ops *ops);
void nf_unregister_net_hook(struct net *net, struct nf_hook_ops *ops);
/* 1: go on; else the packet is gone: 0, -EPERM. */
int nf_hook_slow(struct sk_buff *skb, struct nf_hook_state *state,
		 struct nf_hook_ops *first);

static inline int nf_hook(u8 pf, unsigned int hook, struct net *net,
			  struct sock *sk, struct sk_buff *skb,
			  struct net_device *in, struct net_device *out,
			  nf_okfn_t okfn)
{
	struct nf_hook_ops *first = READ_ONCE(net->nf_hooks_ipv4[hook]);
	struct nf_hook_state state;

	if (likely(!first))
		return 1;
	state = (struct nf_hook_state){ hook, pf, in, out, sk, net, okfn };
	return nf_hook_slow(skb, &state, first);
}

static inline int NF_HOOK(u8 pf, unsigned int hook, struct net *net,
			  struct sock *sk, struct sk_buff *skb,
			  struct net_device *in, struct net_device *out,
			  nf_okfn_t okfn)
{
	int ret = nf_hook(pf, hook, net, sk, skb, in, out, okfn);

	return ret == 1 ? okfn(net, sk, skb) : ret;
}

#endif
