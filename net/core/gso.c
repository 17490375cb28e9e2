/* SPDX-License-Identifier: MIT */
/* gso.c -- a big packet, cut into such as a wire takes */

#include <net/netdevice.h>

#include <kernel/err.h>

struct sk_buff *skb_gso_segment(struct sk_buff *skb, netdev_features_t features)
{
	return ERR_PTR(-EOPNOTSUPP);
}
