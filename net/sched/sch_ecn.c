/* SPDX-License-Identifier: MIT */
/*
 * sch_ecn.c -- marking a packet in place of dropping it
 *
 * The header may be shared with the sender's copy, which must stay as it was.
 */

#include <net/inet_ecn.h>

#include <net/ip.h>
#include <uapi/if_ether.h>

bool INET_ECN_set_ce(struct sk_buff *skb)
{
	struct iphdr *iph;

	if (skb->protocol != htons(ETH_P_IP) ||
	    skb_ensure_writable(skb, skb_network_offset(skb) + sizeof(*iph)))
		return false;
	iph = ip_hdr(skb);
	if ((iph->tos & INET_ECN_MASK) == INET_ECN_NOT_ECT)
		return false;
	iph->tos |= INET_ECN_CE;
	ip_send_check(iph);
	return true;
}
