/* SPDX-License-Identifier: MIT */
#ifndef NET_NETLINK_NETLINK_H
#define NET_NETLINK_NETLINK_H
/* netlink.h -- what the files of net/netlink know of each other */

#include <kernel/mutex.h>
#include <net/netlink.h>
#include <net/sock.h>

#define NETLINK_MAX_GROUPS 128
#define NETLINK_BUCKETS 64
#define MAX_RECVMSG_LEN 32768         /* that a dump's piece is made for */

/* nlk->flags */
enum {
	NETLINK_F_KERNEL_SOCKET = 1 << 0, NETLINK_F_RECV_PKTINFO = 1 << 1,
	NETLINK_F_BROADCAST_SEND_ERROR = 1 << 2,
	NETLINK_F_RECV_NO_ENOBUFS = 1 << 3, NETLINK_F_LISTEN_ALL_NSID = 1 << 4,
	NETLINK_F_CAP_ACK = 1 << 5, NETLINK_F_EXT_ACK = 1 << 6,
	NETLINK_F_STRICT_CHK = 1 << 7,
};

/* Bit of nlk->state: it lost something, and has not yet emptied its queue. */
#define NETLINK_S_CONGESTED 0

/*
 * Field keys:  [K] lock_sock   [T] the table's lock   [a] atomic
 *   [D] .dump_mutex
 */
struct netlink_sock {
	struct sock sk;
	u32 portid;                   /* [K] its address, once bound */
	bool bound;                   /* [T] in the table under portid */
	u32 dst_portid, dst_group;    /* [K] connect()'s */
	u32 flags;                    /* [K] NETLINK_F_* */
	unsigned long state;          /* [a] */
	unsigned long groups[BITS_TO_LONGS(NETLINK_MAX_GROUPS)]; /* [T] */
	unsigned int subscriptions;   /* [T] bits in groups */
	wait_queue_head_t wait;       /* senders that wait for room */
	struct mutex dump_mutex;
	bool cb_running;              /* [D] a dump goes on: */
	int dump_done_errno;          /* [D] > 0: more to come */
	size_t max_recvmsg_len;       /* [D] the reader's buffer */
	struct netlink_callback cb;   /* [D] */
	void (*netlink_rcv)(struct sk_buff *skb); /* [c] the kernel's */
};

/*
 * One protocol of one network.
 * Field keys:  [c] constant once registered   [L] .lock, bottom halves off
 */
struct netlink_table {
	rwlock_t lock;
	bool registered;              /* [c] */
	unsigned int groups;          /* [c] */
	unsigned int flags;           /* [c] NL_CFG_F_* */
	struct hlist_head hash[NETLINK_BUCKETS]; /* [L] by portid */
	struct hlist_head mc_list;    /* [L] those with subscriptions */
	unsigned int listeners[NETLINK_MAX_GROUPS]; /* [L] per group */
};

static inline struct netlink_sock *nlk_sk(struct sock *sk)
{
	return container_of(sk, struct netlink_sock, sk);
}

static inline bool netlink_is_kernel(struct sock *sk)
{
	return nlk_sk(sk)->flags & NETLINK_F_KERNEL_SOCKET;
}

static inline struct netlink_table *netlink_table(struct net *net, int protocol)
{
	return &net->netlink_tables[protocol];
}

static inline struct netlink_table *netlink_table_of(const struct sock *sk)
{
	return netlink_table(sock_net(sk), sk->sk_protocol);
}

/* The socket of a port, counted; NULL. */
struct sock *netlink_lookup(struct net *net, int protocol, u32 portid);
void netlink_overrun(struct sock *sk);
int netlink_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		    int flags);
/* Write the next piece of a running dump: 0 or -errno. */
int netlink_dump(struct sock *sk);
/* The socket goes: so does its dump. */
void netlink_dump_end(struct sock *sk);
int netlink_change_membership(struct sock *sk, unsigned int group, bool join);
bool netlink_allowed(const struct socket *sock, unsigned int flag);

int netlink_setsockopt(struct socket *sock, int level, int name,
		       void __user *val, unsigned int len);
int netlink_getsockopt(struct socket *sock, int level, int name,
		       char __user *val, int __user *len);
int netlink_proc_init(void);

#endif
