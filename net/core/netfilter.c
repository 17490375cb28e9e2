/* SPDX-License-Identifier: MIT */
/*
 * netfilter.c -- the five places where a filter may look at a packet
 *
 * Each place is a list in order of priority, changed under nf_mutex and walked
 * under RCU. While it is empty nobody comes here: include/net/netfilter.h.
 */

#include <net/netfilter.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/rcupdate.h>

static DEFINE_MUTEX(nf_mutex);

int nf_register_net_hook(struct net *net, struct nf_hook_ops *ops)
{
	struct nf_hook_ops **at;

	if (ops->pf != NFPROTO_IPV4 || ops->hooknum >= NF_INET_NUMHOOKS)
		return -EINVAL;
	mutex_lock(&nf_mutex);
	at = &net->nf_hooks_ipv4[ops->hooknum];
	while (*at && (*at)->priority <= ops->priority)
		at = &(*at)->next;
	ops->next = *at;
	rcu_assign_pointer(*at, ops);
	mutex_unlock(&nf_mutex);
	return 0;
}

/* Afterwards no CPU is in the hook.  May sleep. */
void nf_unregister_net_hook(struct net *net, struct nf_hook_ops *ops)
{
	struct nf_hook_ops **at;

	mutex_lock(&nf_mutex);
	at = &net->nf_hooks_ipv4[ops->hooknum];
	while (*at && *at != ops)
		at = &(*at)->next;
	if (*at)
		rcu_assign_pointer(*at, ops->next);
	mutex_unlock(&nf_mutex);
	synchronize_rcu();
}

int nf_hook_slow(struct sk_buff *skb, struct nf_hook_state *state,
		 struct nf_hook_ops *first)
{
	int ret = 1;

	rcu_read_lock();
	for (struct nf_hook_ops *o = first; o && ret == 1;
	     o = rcu_dereference(o->next)) {
		unsigned int verdict = o->hook(o->priv, skb, state);

		if (verdict == NF_STOLEN)
			ret = 0;
		else if (verdict != NF_ACCEPT)
			ret = -EPERM;
	}
	rcu_read_unlock();
	if (ret == -EPERM)
		kfree_skb(skb);
	return ret;
}
