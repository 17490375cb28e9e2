/* SPDX-License-Identifier: MIT */
/*
 * inet_abort.c -- an administrator ends a socket (SOCK_DESTROY, `ss -K`)
 *
 * The program that has it learns by ECONNABORTED, the peer by a RST.
 *
 * LOCKING.  lock_sock, as if its owner had called.
 */

#include "tcp_impl.h"
#include "internal.h"

#include <net/udp.h>

static bool peer_must_hear(int state)
{
	return (1 << state) & (1 << TCP_ESTABLISHED | 1 << TCP_CLOSE_WAIT |
			       1 << TCP_FIN_WAIT1 | 1 << TCP_FIN_WAIT2 |
			       1 << TCP_SYN_RECV);
}

static void abort_full(struct sock *sk, int err)
{
	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN) {
		tcp_set_state(sk, TCP_CLOSE);
		inet_csk_listen_stop(sk);
	}
	local_bh_disable();
	bh_lock_sock(sk);
	if (!sock_flag(sk, SOCK_DEAD)) {
		if (peer_must_hear(sk->sk_state))
			tcp_send_active_reset(sk, GFP_ATOMIC);
		tcp_send_error(sk, err);
	}
	bh_unlock_sock(sk);
	local_bh_enable();
	release_sock(sk);
}

int tcp_abort(struct sock *sk, int err)
{
	if (sk->sk_state == TCP_TIME_WAIT) {
		refcount_inc(&inet_twsk(sk)->tw_refcnt); /* the caller's stays */
		inet_twsk_deschedule_put(inet_twsk(sk));
	} else if (sk->sk_state == TCP_NEW_SYN_RECV) {
		struct request_sock *req = inet_reqsk(sk);

		local_bh_disable();
		inet_csk_reqsk_queue_drop(req->rsk_listener, req);
		local_bh_enable();
	} else {
		abort_full(sk, err);
	}
	return 0;
}

/* Raw sockets too. */
int udp_abort(struct sock *sk, int err)
{
	lock_sock(sk);
	WRITE_ONCE(sk->sk_err, err);
	sk_error_report(sk);
	release_sock(sk);
	return sk->sk_prot->disconnect(sk, 0);
}
