/* SPDX-License-Identifier: MIT */
#ifndef NET_IPV4_INTERNAL_H
#define NET_IPV4_INTERNAL_H
/* internal.h -- what the files of net/ipv4 share: how they come alive */

#include <net/inet_sock.h>

extern const struct proto_ops inet_sockraw_ops;

int ipv4_net_register(void);
void raw_init(void);
int icmp_init(void);
void igmp_init(void);

#endif
