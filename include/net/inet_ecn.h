/* SPDX-License-Identifier: MIT */
#ifndef NET_INET_ECN_H
#define NET_INET_ECN_H
/* inet_ecn.h -- "the road is congested", told in the IP header (RFC 3168) */

#include <net/skbuff.h>

enum {
	INET_ECN_NOT_ECT, INET_ECN_ECT_1, INET_ECN_ECT_0, INET_ECN_CE,
	INET_ECN_MASK = 3
};

/*
 * Mark an IPv4 packet.  false: its ends do not speak ECN, or there is no
 * memory; drop it then.  Any context.
 */
bool INET_ECN_set_ce(struct sk_buff *skb);

#endif
