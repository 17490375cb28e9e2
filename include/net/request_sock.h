/* SPDX-License-Identifier: MIT */
#ifndef NET_REQUEST_SOCK_H
#define NET_REQUEST_SOCK_H
/*
 * request_sock.h -- a connection that is still being asked for
 *
 * A SYN makes a request_sock of some 200 bytes and not a whole sock: that is
 * what a flood of SYNs can cost.  It stands in the table of connections (its
 * first field is a sock_common) until the third packet of the handshake comes;
 * then a full sock takes its place there and the request waits, with the child
 * in it, in the listener's accept queue.
 *
 *	SYN -> request in ehash -> ACK -> child in ehash, request in the queue
 *	                                    -> accept() takes the child
 *
 * LOCKING.  A request in the hash belongs to its listener's lock; the accept
 * queue has a lock of its own, so that accept() does not stop the softirq.
 * LIFE.  One reference for the hash, one for its timer while pending.
 */

#include <net/sock.h>

/*
 * Field keys:  [c] constant once hashed   [K] the listener's lock
 *              [A] the accept queue's lock
 */
struct request_sock {
	struct sock_common __req_common; /* [c] state TCP_NEW_SYN_RECV */
#define rsk_refcnt __req_common.skc_refcnt
	struct sock *rsk_listener;    /* [c] counted */
	struct request_sock *dl_next; /* [A] behind it in the accept queue */
	struct sock *sk;              /* [A] the child, counted */
	struct timer_list rsk_timer;  /* SYN-ACK again */
	u32 rcv_isn, snt_isn;         /* [c] both initial sequence numbers */
	u32 rcv_nxt;                  /* [c] */
	u32 ts_recent;                /* [K] the peer's clock */
	u32 ts_off;                   /* [c] what is added to ours */
	u32 rsk_rcv_wnd;              /* [c] window that the SYN-ACK offers */
	u32 rsk_window_clamp;         /* [c] */
	u16 rsk_advmss;               /* [c] MSS that we announce */
	u64 snt_synack_us;            /* [K] when; 0: more than once */
	u32 last_oow_ack_time;        /* [K] ms of the last challenge ACK */
	u16 mss;                      /* [c] the peer's */
	u8 num_timeout;               /* [K] SYN-ACKs that stayed unanswered */
	u8 snd_wscale : 4, rcv_wscale : 4; /* [c] */
	bool tstamp_ok : 1, sack_ok : 1, wscale_ok : 1, ecn_ok : 1; /* [c] */
	bool acked : 1;               /* [K] TCP_DEFER_ACCEPT: ACK was seen */
	bool from_cookie : 1;         /* [c] never was in the hash */
	int ir_iif;                   /* [c] device of the SYN */
	u8 ir_tos;
	u32 ir_mark;
	struct rcu_head rcu;
};

#define ireq_loc_addr(r) ((r)->__req_common.skc_rcv_saddr)
#define ireq_rmt_addr(r) ((r)->__req_common.skc_daddr)
#define ireq_loc_port(r) ((r)->__req_common.skc_num)
#define ireq_rmt_port(r) ((r)->__req_common.skc_dport)

static inline struct request_sock *inet_reqsk(struct sock *sk)
{
	return (struct request_sock *)sk;
}

static inline struct sock *req_to_sk(struct request_sock *req)
{
	return (struct sock *)req;
}

/* What a listener keeps. */
struct request_sock_queue {
	spinlock_t rskq_lock;
	u8 rskq_defer_accept;         /* [K] SYN-ACKs to wait for data; 0: no */
	atomic_t qlen;                /* [a] requests in the hash */
	u32 synflood_warned;
	struct request_sock *rskq_accept_head, *rskq_accept_tail; /* [A] */
};

static inline bool reqsk_queue_empty(const struct request_sock_queue *q)
{
	return READ_ONCE(q->rskq_accept_head) == NULL;
}

static inline int reqsk_queue_len(const struct request_sock_queue *q)
{
	return atomic_read(&q->qlen);
}

struct request_sock *reqsk_alloc(struct sock *listener); /* NULL: no memory */
void reqsk_free(struct request_sock *req);

static inline void reqsk_get(struct request_sock *req)
{
	refcount_inc(&req->rsk_refcnt);
}

static inline void reqsk_put(struct request_sock *req)
{
	if (refcount_dec_and_test(&req->rsk_refcnt))
		reqsk_free(req);
}

#endif
