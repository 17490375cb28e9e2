/* SPDX-License-Identifier: MIT */
#ifndef NET_IPV4_INTERNAL_H
#define NET_IPV4_INTERNAL_H
/* internal.h -- what the files of net/ipv4 share: how they come alive */

#include <net/inet_hashtables.h>
#include <net/inet_sock.h>

extern const struct proto_ops inet_sockraw_ops;

int ipv4_net_register(void);
void raw_init(void);
int icmp_init(void);
void igmp_init(void);
void ip_offload_init(void);
void tcp4_offload_init(void);

/*
 * One chain of the tables where a protocol's sockets stand, by sk_node; walk
 * it with its lock, bottom halves off.  Of TCP: the listeners' chains first,
 * then INET_FIRST_EHASH ... with connections, requests and TIME_WAIT.
 */
struct inet_bucket {
	struct hlist_head *head;
	spinlock_t *lock;
};

#define INET_FIRST_EHASH INET_LHTABLE_SIZE

/* The n-th of IPPROTO_x; false: there are no more, or no such tables. */
bool inet_bucket(int protocol, unsigned int n, struct inet_bucket *b);
bool raw_bucket(unsigned int n, struct inet_bucket *b);
bool ping_bucket(unsigned int n, struct inet_bucket *b);

/* What TCP waits for, as /proc/net/tcp and sock_diag number it. */
enum { INET_TIMER_NONE, INET_TIMER_RETRANS, INET_TIMER_KEEPALIVE,
       INET_TIMER_TIMEWAIT, INET_TIMER_PROBE0 };

struct inet_timer_info {
	u8 timer, retrans;
	unsigned long expires;        /* jiffies */
};

/* Of a full TCP sock; a moment's truth, no lock. */
void inet_timer_info(const struct sock *sk, struct inet_timer_info *t);
/* An end to it, whatever state: 0, -EOPNOTSUPP.  May sleep. */
int tcp_abort(struct sock *sk, int err);
int udp_abort(struct sock *sk, int err);

#endif
