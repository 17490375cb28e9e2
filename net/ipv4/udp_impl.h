/* SPDX-License-Identifier: MIT */
#ifndef NET_IPV4_UDP_IMPL_H
#define NET_IPV4_UDP_IMPL_H
/* udp_impl.h -- udp.c (messages), udp_table.c (who gets
 * them), udp_sock.c (options) */

#include <net/udp.h>

void udp_table_init(void);
struct udp_hslot *udp_slot(struct udp_table *t, unsigned int port);
int udp_get_port(struct sock *sk, unsigned short snum);
void udp_unhash(struct sock *sk);
/* Is sk one that a packet for many goes to?  RCU. */
bool udp_mcast_match(struct net *net, struct sock *sk, struct sk_buff *skb,
		     const struct iphdr *iph);
/* skb_recv_datagram() that knows of the header in front; *off in payload. */
struct sk_buff *udp_dequeue(struct sock *sk, int flags, int *off, int *err);
int udp_first_len(struct sock *sk);   /* of the first datagram; 0: none */
int udp_push_pending(struct sock *sk);    /* lock_sock */
void udp_flush_pending(struct sock *sk);
int udp_rcv(struct sk_buff *skb);     /* softirq; consumes skb */
int udp_err(struct sk_buff *skb, u32 info);
int udp_queue_rcv_skb(struct sock *sk, struct sk_buff *skb);
int udp_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
int udp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		int *addr_len);
int udp_disconnect(struct sock *sk, int flags);
/* errno of an ICMP error, and if it ends a wait; false: it means nothing. */
bool icmp_error_meaning(const struct sk_buff *skb, int type, int code, int *err,
			int *harderr);

#endif
