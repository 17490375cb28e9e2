/* SPDX-License-Identifier: MIT */
#ifndef NET_FILTER_H
#define NET_FILTER_H
/*
 * filter.h -- a socket's own choice of packets: SO_ATTACH_FILTER
 *
 * Theory: net/core/filter.c; the machine: kernel/lib/cbpf.c.
 */

#include <kernel/cbpf.h>
#include <net/sock.h>

/* Offsets beyond any packet: what is known about it, and its headers. */
#define SKF_AD_OFF (-0x1000)
#define SKF_AD_PROTOCOL 0
#define SKF_AD_PKTTYPE 4
#define SKF_AD_IFINDEX 8
#define SKF_AD_MARK 20
#define SKF_AD_QUEUE 24
#define SKF_AD_HATYPE 28
#define SKF_AD_RXHASH 32
#define SKF_AD_CPU 36
#define SKF_AD_VLAN_TAG 44
#define SKF_AD_VLAN_TAG_PRESENT 48
#define SKF_AD_RANDOM 56
#define SKF_AD_VLAN_TPID 60
#define SKF_NET_OFF (-0x100000)
#define SKF_LL_OFF (-0x200000)

/* Shared by a listener and the sockets that it accepts. */
struct sk_filter {
	refcount_t refcnt;
	struct rcu_head rcu;
	unsigned int len;
	struct sock_filter insns[];   /* constant */
};

/* How many bytes of skb the program keeps; 0: none.  Under RCU. */
u32 sk_filter_run(const struct sk_filter *f, struct sk_buff *skb);
/* lock_sock held.  0, -EINVAL, -ENOMEM, -EFAULT, -EPERM (locked), -ENOENT. */
int sk_attach_filter(struct sock_fprog __user *ufprog, unsigned int len,
		     struct sock *sk);
int sk_detach_filter(struct sock *sk);
/* SO_GET_FILTER: instructions, or -errno; len: room for so many. */
int sk_get_filter(struct sock *sk, struct sock_filter __user *to,
		  unsigned int len);
/* sk goes. */
void sk_filter_drop(struct sock *sk);
/* sk was copied from another that had this filter. */
void sk_filter_share(struct sock *sk);

#endif
