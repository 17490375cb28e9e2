/* SPDX-License-Identifier: MIT */
#ifndef NET_INET_TIMEWAIT_SOCK_H
#define NET_INET_TIMEWAIT_SOCK_H
/*
 * inet_timewait_sock.h -- what is left of a connection that we closed first
 *
 * For a minute somebody must acknowledge the peer's FIN again and keep old
 * segments out of a new connection of the same four numbers (RFC 9293 3.6.1).
 * That takes a few numbers, not a sock.  Also used for FIN_WAIT2 without a
 * file (tw_substate).  Theory: net/ipv4/inet_timewait_sock.c.
 */

#include <net/sock.h>

#define TCP_TIMEWAIT_LEN (60 * HZ)

struct inet_bind_bucket;

/* LIFE.  References: the hash, the pending timer, lookups. */
struct inet_timewait_sock {
	struct sock_common __tw_common; /* state TCP_TIME_WAIT */
#define tw_refcnt __tw_common.skc_refcnt
#define tw_net __tw_common.skc_net
#define tw_daddr __tw_common.skc_daddr
#define tw_rcv_saddr __tw_common.skc_rcv_saddr
#define tw_dport __tw_common.skc_dport
#define tw_num __tw_common.skc_num
	spinlock_t tw_lock;           /* guards what changes below */
	u8 tw_substate;               /* TCP_TIME_WAIT or TCP_FIN_WAIT2 */
	u8 tw_tos;
	bool tw_ts_ok;
	u8 tw_rcv_wscale;
	u32 tw_rcv_nxt, tw_snd_nxt, tw_rcv_wnd;
	u32 tw_ts_recent, tw_ts_offset;
	long tw_ts_recent_stamp;      /* seconds */
	u32 tw_last_oow_ack_time;
	u32 tw_mark;
	uid_t tw_uid;
	u64 tw_cookie;
	struct inet_bind_bucket *tw_tb; /* bucket's lock */
	struct timer_list tw_timer;
	struct rcu_head tw_rcu;
};

#define tcp_timewait_sock inet_timewait_sock

static inline struct inet_timewait_sock *inet_twsk(const struct sock *sk)
{
	return (struct inet_timewait_sock *)sk;
}

void inet_twsk_free(struct inet_timewait_sock *tw);

static inline void inet_twsk_put(struct inet_timewait_sock *tw)
{
	if (refcount_dec_and_test(&tw->tw_refcnt))
		inet_twsk_free(tw);
}

/* NULL: no memory, or as many as tcp_max_tw_buckets allows. */
struct inet_timewait_sock *inet_twsk_alloc(const struct sock *sk, u8 substate);
/* Put it where sk stands in the tables, and start its clock.  BH off. */
void inet_twsk_hashdance(struct inet_timewait_sock *tw, struct sock *sk,
			 int timeo);
void inet_twsk_reschedule(struct inet_timewait_sock *tw, int timeo);
struct inet_hashinfo;
void inet_twsk_purge(struct inet_hashinfo *h, const struct net *net);
/* Out of the tables; drops their reference and the timer's, not the caller's */
void inet_twsk_deschedule_put(struct inet_timewait_sock *tw);

#endif
