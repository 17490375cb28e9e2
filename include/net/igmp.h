/* SPDX-License-Identifier: MIT */
#ifndef NET_IGMP_H
#define NET_IGMP_H
/* igmp.h -- multicast groups, RFC 2236 and 3376; theory: net/ipv4/igmp.c */

#include <net/inetdevice.h>
#include <net/inet_sock.h>
#include <uapi/in.h>

/* A socket's membership: lock_sock and rtnl to change, RCU to read. */
struct ip_mc_socklist {
	struct ip_mc_socklist *next_rcu;
	struct ip_mreqn multi;
	unsigned int sfmode;          /* MCAST_EXCLUDE: all but; or only */
	unsigned int sl_count;
	struct rcu_head rcu;
	__be32 sl_addr[64];
};
#define MCAST_EXCLUDE 0
#define MCAST_INCLUDE 1
#define IP_MAX_SOURCES 64

/* A device's: rtnl to change, RCU to read. */
struct ip_mc_list {
	struct in_device *interface;
	__be32 multiaddr;
	int users;                    /* sockets and the stack itself */
	struct ip_mc_list *next_rcu;
	struct timer_list timer;      /* a report is due */
	refcount_t refcnt;
	spinlock_t lock;
	bool tm_running, reporter, loaded;
	int unsolicit_count;
	struct rcu_head rcu;
};

int ip_mc_join_group(struct sock *sk, struct ip_mreqn *imr);
int ip_mc_leave_group(struct sock *sk, struct ip_mreqn *imr);
int ip_mc_source(int add, int omode, struct sock *sk,
		 struct ip_mreq_source *mreqs, int ifindex);
void ip_mc_drop_socket(struct sock *sk);      /* may sleep */
/* May this socket have a packet to that group by that device?  RCU. */
bool ip_mc_sf_allow(const struct sock *sk, __be32 local, __be32 rmt, int dif,
		    int sdif);
/* Is the device in the group (for the protocol)?  RCU. */
int ip_check_mc_rcu(struct in_device *in_dev, __be32 mc_addr, __be32 src,
		    u8 proto);
void ip_mc_inc_group(struct in_device *in_dev, __be32 addr); /* rtnl */
void ip_mc_dec_group(struct in_device *in_dev, __be32 addr);
void ip_mc_up(struct in_device *in_dev);
void ip_mc_down(struct in_device *in_dev);
void ip_mc_init_dev(struct in_device *in_dev);
void ip_mc_destroy_dev(struct in_device *in_dev);
int igmp_rcv(struct sk_buff *skb);

#endif
