/* SPDX-License-Identifier: MIT */
#ifndef NET_INET_CONNECTION_SOCK_H
#define NET_INET_CONNECTION_SOCK_H
/*
 * inet_connection_sock.h -- a sock that connects: timers, accept queue, port
 *
 * What TCP would share with other protocols that have connections: between the
 * inet_sock (addresses) and the tcp_sock (the stream).
 */

#include <net/inet_hashtables.h>
#include <net/inet_sock.h>
#include <net/request_sock.h>

struct tcp_congestion_ops;
struct flowi;

/* What the stream asks of the network below it; a test has its own. */
struct inet_connection_sock_af_ops {
	int (*queue_xmit)(struct sock *sk, struct sk_buff *skb,
			  struct flowi *fl);
	void (*send_check)(struct sock *sk, struct sk_buff *skb);
	int (*rebuild_header)(struct sock *sk);
	u16 net_header_len;
};

/* icsk_pending: what the retransmission timer is running for */
enum { ICSK_TIME_RETRANS = 1, ICSK_TIME_DACK, ICSK_TIME_PROBE0,
       ICSK_TIME_LOSS_PROBE = 5, ICSK_TIME_REO_TIMEOUT };

/* icsk_ack.pending */
enum { ICSK_ACK_SCHED = 1, ICSK_ACK_TIMER = 2, ICSK_ACK_PUSHED = 4,
       ICSK_ACK_PUSHED2 = 8, ICSK_ACK_NOW = 16 };

/* All guarded by the sock's lock. */
struct inet_connection_sock {
	struct inet_sock icsk_inet;
	struct request_sock_queue icsk_accept_queue;
	struct inet_bind_bucket *icsk_bind_hash; /* its port; chain's lock */
	unsigned long icsk_timeout;   /* jiffies of icsk_pending's event */
	struct timer_list icsk_retransmit_timer, icsk_delack_timer;
	u32 icsk_rto;                 /* jiffies */
	const struct tcp_congestion_ops *icsk_ca_ops;
	const struct inet_connection_sock_af_ops *icsk_af_ops;
	u8 icsk_ca_state;             /* enum tcp_ca_state */
	u8 icsk_retransmits;          /* timeouts in a row */
	u8 icsk_pending;              /* ICSK_TIME_* or 0 */
	u8 icsk_backoff;              /* how often the RTO was doubled */
	u8 icsk_syn_retries;          /* TCP_SYNCNT; 0: the sysctl */
	u8 icsk_probes_out;           /* unanswered window or alive probes */
	bool icsk_rehashing;          /* has left ehash once: see tcp_ipv4.c */
	u16 icsk_ext_hdr_len;         /* IP options */
	u32 icsk_pmtu_cookie;         /* the path's MTU as we know it */
	u32 icsk_user_timeout;        /* ms; TCP_USER_TIMEOUT */
	unsigned long icsk_probes_tstamp; /* jiffies of the first probe */
	struct {
		u8 pending;           /* ICSK_ACK_* */
		u8 quick;             /* ACKs to send at once */
		u8 pingpong;          /* interactive: delay ACKs */
		u8 retry;
		u32 ato;              /* jiffies: how long to wait for data */
		unsigned long timeout;
		u32 lrcvtime;         /* jiffies of the last data */
		u16 last_seg_size, rcv_mss; /* what the peer sends */
	} icsk_ack;
	u64 icsk_ca_priv[13];         /* the congestion control's own */
};

static inline struct inet_connection_sock *inet_csk(const struct sock *sk)
{
	return (struct inet_connection_sock *)sk;
}

static inline void *inet_csk_ca(const struct sock *sk)
{
	return (void *)inet_csk(sk)->icsk_ca_priv;
}

/* ---- timers ---- */

void inet_csk_init_xmit_timers(struct sock *sk);
void inet_csk_clear_xmit_timers(struct sock *sk);
/* when: jiffies from now, cut at max_when. */
void inet_csk_reset_xmit_timer(struct sock *sk, int what, unsigned long when,
			       unsigned long max_when);
void inet_csk_clear_xmit_timer(struct sock *sk, int what);
void inet_csk_reset_keepalive_timer(struct sock *sk, unsigned long len);
void inet_csk_delete_keepalive_timer(struct sock *sk);

static inline bool inet_csk_ack_scheduled(const struct sock *sk)
{
	return inet_csk(sk)->icsk_ack.pending & ICSK_ACK_SCHED;
}

static inline void inet_csk_schedule_ack(struct sock *sk)
{
	inet_csk(sk)->icsk_ack.pending |= ICSK_ACK_SCHED;
}

/* ---- listening ---- */

int inet_csk_listen_start(struct sock *sk);  /* lock_sock: 0 or -errno */
void inet_csk_listen_stop(struct sock *sk);  /* lock_sock; may sleep */
/* The next connection; may sleep as SO_RCVTIMEO and O_NONBLOCK say. */
struct sock *inet_csk_accept(struct sock *sk, int flags, int *err, bool kern);
/* Into the accept queue; false: the listener is gone (child dies). */
bool inet_csk_reqsk_queue_add(struct sock *sk, struct request_sock *req,
			      struct sock *child);
void inet_csk_reqsk_queue_hash_add(struct sock *sk, struct request_sock *req,
				   unsigned long timeout);
/* Out of hash and timer; false: somebody else was first. */
bool inet_csk_reqsk_queue_drop(struct sock *sk, struct request_sock *req);
void inet_csk_reqsk_unlinked(struct sock *sk, struct request_sock *req,
			     bool was);
void inet_csk_destroy_sock(struct sock *sk);
void inet_csk_prepare_forced_close(struct sock *sk);

static inline int inet_csk_reqsk_queue_is_full(const struct sock *sk)
{
	return (u32)reqsk_queue_len(&inet_csk(sk)->icsk_accept_queue) >
	       READ_ONCE(sk->sk_max_ack_backlog);
}

static inline bool sk_acceptq_is_full(const struct sock *sk)
{
	return READ_ONCE(sk->sk_ack_backlog) >
	       READ_ONCE(sk->sk_max_ack_backlog);
}

#endif
