/* SPDX-License-Identifier: MIT */
/*
 * inet_connection_sock.c -- listening, accepting, and a connection's timers
 *
 * PROMISE.  accept() gives out connections in the order in which they were
 * completed; a listener that closes leaves no peer believing that somebody
 * will answer.
 *
 * IDEA.  Requests wait in ehash, counted by the listener (qlen); completed ones
 * are chained in the accept queue (sk_ack_backlog of them), which has a lock of
 * its own.  A request that was dropped from the hash by whoever unlinked it is
 * nobody's but its timer's and its finders'.
 *
 * INVARIANTS
 *   I1  A request's reference for the chain is dropped by who unlinked it.
 *   I2  Its timer's reference is dropped by who stopped it, or by its function
 *       when it does not start again.
 *
 * CONTEXT.  The listener's lock is held wherever a request changes.
 */

#include <net/inet_connection_sock.h>

#include "tcp_impl.h"

#include <fs/fs.h>
#include <mm/slab.h>

/* ---- requests ---- */

struct request_sock *reqsk_alloc(struct sock *listener)
{
	struct request_sock *req = kzalloc(sizeof(*req), GFP_ATOMIC |
						       __GFP_NOWARN);

	if (!req)
		return NULL;
	req->__req_common.skc_state = TCP_NEW_SYN_RECV;
	req->__req_common.skc_family = listener->sk_family;
	req->__req_common.skc_net = sock_net(listener);
	req->__req_common.skc_bound_dev_if = listener->sk_bound_dev_if;
	timer_setup(&req->rsk_timer, tcp_reqsk_timer, 0);
	sock_hold(listener);
	req->rsk_listener = listener;
	refcount_set(&req->rsk_refcnt, 1);
	return req;
}

void reqsk_free(struct request_sock *req)
{
	sock_put(req->rsk_listener);
	if (req->from_cookie)         /* no table has ever shown it */
		kfree(req);
	else
		kfree_rcu(req, rcu);
}

/* The caller's reference stays; the chain and the timer get theirs. */
void inet_csk_reqsk_queue_hash_add(struct sock *sk, struct request_sock *req,
				   unsigned long timeout)
{
	reqsk_get(req);
	if (!inet_ehash_insert(req_to_sk(req), NULL)) {
		reqsk_put(req);
		return;
	}
	atomic_inc(&inet_csk(sk)->icsk_accept_queue.qlen);
	reqsk_get(req);
	mod_timer(&req->rsk_timer, jiffies + timeout);
}

bool inet_csk_reqsk_queue_drop(struct sock *sk, struct request_sock *req)
{
	bool was = inet_ehash_unlink(req_to_sk(req));

	inet_csk_reqsk_unlinked(sk, req, was);
	return was;
}

/* It was (or not) taken out of the chain: let go of what that held (I1, I2). */
void inet_csk_reqsk_unlinked(struct sock *sk, struct request_sock *req,
			     bool was)
{
	if (del_timer(&req->rsk_timer))
		reqsk_put(req);
	if (was) {
		atomic_dec(&inet_csk(sk)->icsk_accept_queue.qlen);
		reqsk_put(req);
	}
}

/* ---- the accept queue ---- */

/* Takes over the child's reference; the request gets one.  False: too late. */
bool inet_csk_reqsk_queue_add(struct sock *sk, struct request_sock *req,
			      struct sock *child)
{
	struct request_sock_queue *q = &inet_csk(sk)->icsk_accept_queue;
	bool ok = sk->sk_state == TCP_LISTEN;

	spin_lock_bh(&q->rskq_lock);
	if (ok) {
		reqsk_get(req);
		req->sk = child;
		req->dl_next = NULL;
		if (!q->rskq_accept_head)
			WRITE_ONCE(q->rskq_accept_head, req);
		else
			q->rskq_accept_tail->dl_next = req;
		q->rskq_accept_tail = req;
		WRITE_ONCE(sk->sk_ack_backlog, sk->sk_ack_backlog + 1);
	}
	spin_unlock_bh(&q->rskq_lock);
	return ok;
}

static struct request_sock *queue_remove(struct sock *sk)
{
	struct request_sock_queue *q = &inet_csk(sk)->icsk_accept_queue;
	struct request_sock *req;

	spin_lock_bh(&q->rskq_lock);
	req = q->rskq_accept_head;
	if (req) {
		WRITE_ONCE(sk->sk_ack_backlog, sk->sk_ack_backlog - 1);
		WRITE_ONCE(q->rskq_accept_head, req->dl_next);
		if (!req->dl_next)
			q->rskq_accept_tail = NULL;
	}
	spin_unlock_bh(&q->rskq_lock);
	return req;
}

/* lock_sock, dropped while it sleeps: 0 or -errno. */
static int wait_for_connect(struct sock *sk, long timeo)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	DEFINE_WAIT(wait);
	int err = 0;

	for (;;) {
		prepare_to_wait_exclusive(sk_sleep(sk), &wait,
					  TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (reqsk_queue_empty(&icsk->icsk_accept_queue))
			timeo = schedule_timeout(timeo);
		lock_sock(sk);
		if (!reqsk_queue_empty(&icsk->icsk_accept_queue))
			break;
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = sock_intr_errno(timeo);
		if (signal_pending(current))
			break;
		err = -EAGAIN;
		if (!timeo)
			break;
		err = 0;
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

struct sock *inet_csk_accept(struct sock *sk, int flags, int *err, bool kern)
{
	struct request_sock *req;
	struct sock *child = NULL;

	lock_sock(sk);
	*err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto out;
	*err = 0;
	while (!(req = queue_remove(sk))) {
		long timeo = sock_rcvtimeo(sk, flags & O_NONBLOCK);

		*err = timeo ? wait_for_connect(sk, timeo) : -EAGAIN;
		if (*err)
			goto out;
	}
	child = req->sk;
	reqsk_put(req);
out:
	release_sock(sk);
	return child;
}

/* ---- listening ---- */

int inet_csk_listen_start(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct request_sock_queue *q = &icsk->icsk_accept_queue;
	int err;

	spin_lock_init(&q->rskq_lock);
	atomic_set(&q->qlen, 0);
	q->rskq_accept_head = q->rskq_accept_tail = NULL;
	sk->sk_ack_backlog = 0;
	memset(&icsk->icsk_ack, 0, sizeof(icsk->icsk_ack));
	/* While we look whether others share the port they must see that we
	 * listen: of two at once, one sees the other. */
	tcp_set_state(sk, TCP_LISTEN);
	err = sk->sk_num ? inet_csk_get_port(sk, sk->sk_num) :
			   inet_csk_get_port(sk, 0);
	if (!err) {
		inet_sk(sk)->inet_sport = cpu_to_be16(sk->sk_num);
		err = sk->sk_prot->hash(sk);
	}
	if (err)
		tcp_set_state(sk, TCP_CLOSE);
	return err;
}

/* Nobody will take it: the peer learns so by a reset. */
static void end_child(struct sock *child)
{
	local_bh_disable();
	sock_hold(child);
	bh_lock_sock_nested(child);
	WARN_ON(sock_owned_by_user(child));
	tcp_disconnect(child, O_NONBLOCK);
	sock_orphan(child);
	atomic_inc(&tcp_orphan_count);
	inet_csk_destroy_sock(child);
	bh_unlock_sock(child);
	local_bh_enable();
	sock_put(child);
}

/* What waited to be accepted ends; requests end when their timers or packets
 * find that nobody listens. */
void inet_csk_listen_stop(struct sock *sk)
{
	struct request_sock *req;

	while ((req = queue_remove(sk))) {
		end_child(req->sk);
		reqsk_put(req);
		cond_resched();
	}
}

/* ---- birth and death of a connection's sock ---- */

/* It has no file (or never had one) and nothing more to say: off the tables.
 * The last reference is somebody's else, or goes here. */
void inet_csk_destroy_sock(struct sock *sk)
{
	WARN_ON(sk->sk_state != TCP_CLOSE);
	WARN_ON(!sock_flag(sk, SOCK_DEAD));
	WARN_ON(!sk_unhashed(sk));
	sk->sk_prot->destroy(sk);
	atomic_dec(&tcp_orphan_count);
	sock_put(sk);
}

/* A child that could not be set up: so that it may be destroyed. */
void inet_csk_prepare_forced_close(struct sock *sk)
{
	bh_unlock_sock(sk);
	sock_put(sk);
	sock_set_flag(sk, SOCK_DEAD);
	atomic_inc(&tcp_orphan_count);
	tcp_sk(sk)->pushed_seq = tcp_sk(sk)->write_seq;
}

/* ---- timers ---- */

static void write_timer(struct timer_list *t)
{
	struct inet_connection_sock *icsk =
		from_timer(icsk, t, icsk_retransmit_timer);
	struct sock *sk = (struct sock *)icsk;

	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk))
		tcp_write_timer_handler(sk);
	else              /* its owner is at work: look again soon */
		sk_reset_timer(sk, &icsk->icsk_retransmit_timer, jiffies + 1);
	bh_unlock_sock(sk);
	sock_put(sk);
}

static void delack_timer(struct timer_list *t)
{
	struct inet_connection_sock *icsk =
		from_timer(icsk, t, icsk_delack_timer);
	struct sock *sk = (struct sock *)icsk;

	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk))
		tcp_delack_timer_handler(sk);
	else
		sk_reset_timer(sk, &icsk->icsk_delack_timer, jiffies + 1);
	bh_unlock_sock(sk);
	sock_put(sk);
}

void inet_csk_init_xmit_timers(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	timer_setup(&icsk->icsk_retransmit_timer, write_timer, 0);
	timer_setup(&icsk->icsk_delack_timer, delack_timer, 0);
	icsk->icsk_pending = icsk->icsk_ack.pending = 0;
}

void inet_csk_clear_xmit_timers(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	icsk->icsk_pending = icsk->icsk_ack.pending = 0;
	icsk->icsk_ack.retry = 0;
	sk_stop_timer(sk, &icsk->icsk_retransmit_timer);
	sk_stop_timer(sk, &icsk->icsk_delack_timer);
	sk_stop_timer(sk, &sk->sk_timer);
}

/* Clearing only notes it: the timer finds nothing pending, and a timer that
 * is armed again soon costs less than one that is stopped each time. */
void inet_csk_clear_xmit_timer(struct sock *sk, int what)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	if (what == ICSK_TIME_DACK) {
		icsk->icsk_ack.pending = 0;
		icsk->icsk_ack.retry = 0;
	} else {
		icsk->icsk_pending = 0;
	}
}

void inet_csk_reset_xmit_timer(struct sock *sk, int what, unsigned long when,
			       unsigned long max_when)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	when = jiffies + min(when, max_when);
	if (what == ICSK_TIME_DACK) {
		icsk->icsk_ack.pending |= ICSK_ACK_TIMER;
		icsk->icsk_ack.timeout = when;
		sk_reset_timer(sk, &icsk->icsk_delack_timer, when);
		return;
	}
	icsk->icsk_pending = what;
	icsk->icsk_timeout = when;
	sk_reset_timer(sk, &icsk->icsk_retransmit_timer, when);
}

void inet_csk_reset_keepalive_timer(struct sock *sk, unsigned long len)
{
	sk_reset_timer(sk, &sk->sk_timer, jiffies + len);
}

void inet_csk_delete_keepalive_timer(struct sock *sk)
{
	sk_stop_timer(sk, &sk->sk_timer);
}
