/* SPDX-License-Identifier: MIT */
/*
 * tcp.c -- a connection's life: created, closed, reset, destroyed
 *
 * PROMISE.  What close() leaves behind is delivered if the peer lives; a peer
 * that will never be heard learns it by a reset; and nothing is kept for ever.
 *
 * IDEA.  States and who makes the transitions (RFC 9293 3.3.2):
 *
 *	CLOSE -> LISTEN           listen()          inet_csk_listen_start
 *	CLOSE -> SYN_SENT         connect()         tcp_v4_connect
 *	SYN_SENT -> ESTABLISHED   SYN-ACK comes     tcp_finish_connect
 *	(request) -> SYN_RECV -> ESTABLISHED        tcp_create_child and the ACK
 *	ESTABLISHED -> FIN_WAIT1  close(), shutdown()  tcp_close_state
 *	ESTABLISHED -> CLOSE_WAIT a FIN comes       tcp_fin
 *	CLOSE_WAIT -> LAST_ACK    close()           tcp_close_state
 *	FIN_WAIT1 -> FIN_WAIT2    our FIN is acked  tcp_rcv_state_process
 *	FIN_WAIT1 -> CLOSING      a FIN comes       tcp_fin
 *	FIN_WAIT2, CLOSING -> TIME_WAIT             tcp_time_wait
 *	any -> CLOSE              reset, timeout    tcp_done
 *
 * A sock without a file is an orphan: counted, limited (tcp_max_orphans), and
 * destroyed when it reaches CLOSE.
 *
 * LOCKING.  lock_sock() in calls, the spinlock in the softirq: see
 * net/core/sock.c.
 *
 * SEE include/net/tcp.h first; tcp_ipv4.c (in), tcp_output.c (out).
 */

#include "tcp_impl.h"

#include <arch/uaccess.h>
#include <fs/poll.h>
#include <kernel/err.h>
#include <mm/slab.h>

atomic_t tcp_orphan_count = ATOMIC_INIT(0);

/* ---- birth ---- */

/* proto.init, and of a listener's child. */
int tcp_init_sock(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	tp->out_of_order_queue = RB_ROOT;
	skb_queue_head_init(&tp->rtx_queue);
	tcp_init_xmit_timers(sk);
	spin_lock_init(&icsk->icsk_accept_queue.rskq_lock);
	icsk->icsk_rto = TCP_TIMEOUT_INIT;
	icsk->icsk_af_ops = &tcp_ipv4_ops;
	tp->mdev_us = HZ_TO_US(TCP_TIMEOUT_INIT);
	tp->rtt_min.value = ~0u;
	tp->snd_cwnd = TCP_INIT_CWND;
	tp->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	tp->snd_cwnd_clamp = ~0u;
	tp->mss_cache = TCP_MSS_DEFAULT;
	tp->reordering = READ_ONCE(tcp_net(sk)->reordering);
	tp->rack.reo_wnd_steps = 1;
	tp->app_limited = ~0u;
	sk->sk_state = TCP_CLOSE;
	sk->sk_write_space = tcp_write_space;
	sk->sk_backlog_rcv = tcp_v4_do_rcv;
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	sock_set_flag(sk, SOCK_RCU_FREE);
	tcp_assign_congestion_control(sk);
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(tcp_net(sk)->wmem[1]));
	WRITE_ONCE(sk->sk_rcvbuf, READ_ONCE(tcp_net(sk)->rmem[1]));
	return 0;
}

/* How many are up, and how those that are not ended (RFC 4022). */
static void count_state(const struct sock *sk, int old, int state)
{
	struct net *net = sock_net(sk);

	if (state == TCP_ESTABLISHED && old != TCP_ESTABLISHED)
		TCP_INC_STATS(net, CURRESTAB);
	if (state != TCP_ESTABLISHED && old == TCP_ESTABLISHED)
		TCP_ADD_STATS(net, CURRESTAB, -1);
	if (state != TCP_CLOSE)
		return;
	if (old == TCP_ESTABLISHED || old == TCP_CLOSE_WAIT)
		TCP_INC_STATS(net, ESTABRESETS);
	if (old == TCP_SYN_SENT || old == TCP_SYN_RECV)
		TCP_INC_STATS(net, ATTEMPTFAILS);
}

void tcp_set_state(struct sock *sk, int state)
{
	count_state(sk, sk->sk_state, state);
	if (state == TCP_CLOSE) {
		sk->sk_prot->unhash(sk);
		if (inet_csk(sk)->icsk_bind_hash &&
		    !(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
			inet_put_port(sk);
	}
	smp_wmb();
	WRITE_ONCE(sk->sk_state, state);
}

/* ---- death ---- */

void tcp_write_queue_purge(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&sk->sk_write_queue)))
		tcp_wmem_free_skb(sk, skb);
	while ((skb = __skb_dequeue(&tp->rtx_queue)))
		tcp_wmem_free_skb(sk, skb);
	tp->packets_out = tp->sacked_out = tp->lost_out = tp->retrans_out = 0;
	inet_csk(sk)->icsk_backoff = 0;
}

/* proto.destroy: give up all that it holds but its memory. */
void tcp_destroy_sock(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	inet_csk_clear_xmit_timers(sk);
	tcp_cleanup_congestion_control(sk);
	tcp_write_queue_purge(sk);
	__skb_queue_purge(&sk->sk_receive_queue);
	tcp_ofo_purge(tp);
	if (tp->frag_page) {
		put_page(tp->frag_page);
		tp->frag_page = NULL;
	}
	inet_put_port(sk);
	tcp_mem_reclaim(sk);
	WARN_ON_ONCE(sk->sk_forward_alloc); /* all bought was given back */
}

/* The connection is over, for whatever reason. */
void tcp_done(struct sock *sk)
{
	tcp_set_state(sk, TCP_CLOSE);
	inet_csk_clear_xmit_timers(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
	else
		inet_csk_destroy_sock(sk);
}

/* It is over because of an error, which the user shall hear of. */
void tcp_send_error(struct sock *sk, int err)
{
	WRITE_ONCE(sk->sk_err, err);
	smp_wmb();
	tcp_write_queue_purge(sk);
	tcp_done(sk);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
}

/* The peer reset it. */
void tcp_reset(struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_SYN_SENT:
		tcp_send_error(sk, ECONNREFUSED);
		break;
	case TCP_CLOSE_WAIT:
		tcp_send_error(sk, EPIPE);
		break;
	case TCP_CLOSE:
		break;
	default:
		tcp_send_error(sk, ECONNRESET);
	}
}

/* ---- closing ---- */

/* Where a state goes when we have no more to send; and must a FIN be sent? */
static const struct {
	u8 next;
	bool fin;
} close_states[TCP_MAX_STATES] = {
	[TCP_ESTABLISHED] = { TCP_FIN_WAIT1, true },
	[TCP_SYN_SENT] = { TCP_CLOSE, false },
	[TCP_SYN_RECV] = { TCP_FIN_WAIT1, true },
	[TCP_FIN_WAIT1] = { TCP_FIN_WAIT1, false },
	[TCP_FIN_WAIT2] = { TCP_FIN_WAIT2, false },
	[TCP_CLOSE] = { TCP_CLOSE, false },
	[TCP_CLOSE_WAIT] = { TCP_LAST_ACK, true },
	[TCP_LAST_ACK] = { TCP_LAST_ACK, false },
	[TCP_LISTEN] = { TCP_CLOSE, false },
	[TCP_CLOSING] = { TCP_CLOSING, false },
};

static bool tcp_close_state(struct sock *sk)
{
	int old = sk->sk_state;

	tcp_set_state(sk, close_states[old].next);
	return close_states[old].fin;
}

static void tcp_shutdown(struct sock *sk, int how)
{
	static const int have_fin = 1 << TCP_ESTABLISHED | 1 << TCP_SYN_SENT |
				    1 << TCP_CLOSE_WAIT;

	if (!(how & SEND_SHUTDOWN))
		return;
	if ((1 << sk->sk_state) & have_fin && tcp_close_state(sk))
		tcp_send_fin(sk);
}

static bool closing(const struct sock *sk)
{
	return (1 << sk->sk_state) & (1 << TCP_FIN_WAIT1 | 1 << TCP_CLOSING |
				      1 << TCP_LAST_ACK);
}

/* SO_LINGER: until the peer has acknowledged all.  lock_sock. */
static void wait_for_close(struct sock *sk, long timeout)
{
	DEFINE_WAIT(wait);

	if (!timeout)
		return;
	for (;;) {
		prepare_to_wait(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
		if (!closing(sk) || signal_pending(current) || !timeout)
			break;
		release_sock(sk);
		timeout = schedule_timeout(timeout);
		lock_sock(sk);
	}
	finish_wait(sk_sleep(sk), &wait);
}

/* Free what was not read; bytes of it.  A peer that sent them must learn that
 * nobody got them: RFC 2525 2.17. */
static u32 drop_unread(struct sock *sk)
{
	struct sk_buff *skb;
	u32 unread = 0;

	while ((skb = __skb_dequeue(&sk->sk_receive_queue))) {
		u32 len = TCP_SKB_CB(skb)->end_seq - TCP_SKB_CB(skb)->seq;

		if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN)
			len--;
		if (after(TCP_SKB_CB(skb)->end_seq, tcp_sk(sk)->copied_seq))
			unread += len;
		__kfree_skb(skb);
	}
	return unread;
}

/* Say goodbye, in the way that the state and the options ask for. */
static void say_goodbye(struct sock *sk)
{
	if (sk->sk_state == TCP_LISTEN) {
		tcp_set_state(sk, TCP_CLOSE);
		inet_csk_listen_stop(sk);
		return;
	}
	if (drop_unread(sk) && sk->sk_state != TCP_CLOSE) {
		tcp_set_state(sk, TCP_CLOSE);
		tcp_send_active_reset(sk, sk->sk_allocation);
	} else if (sk->sk_state == TCP_CLOSE) {
		return;
	} else if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		tcp_disconnect(sk, 0);
	} else if (tcp_close_state(sk)) {
		tcp_send_fin(sk);
	}
}

static void reset_and_close(struct sock *sk)
{
	tcp_set_state(sk, TCP_CLOSE);
	tcp_send_active_reset(sk, GFP_ATOMIC);
}

/* An orphan waits for the peer's FIN: not longer than so. */
static void orphan_fin_wait2(struct sock *sk)
{
	int timeo = tcp_fin_time(sk);

	if (tcp_sk(sk)->linger2 < 0)
		reset_and_close(sk);
	else if (timeo > TCP_TIMEWAIT_LEN)
		inet_csk_reset_keepalive_timer(sk, timeo - TCP_TIMEWAIT_LEN);
	else
		tcp_time_wait(sk, TCP_FIN_WAIT2, timeo);
}

/* proto.close: the file is gone.  Sleeps for SO_LINGER only. */
static void tcp_close(struct sock *sk, long timeout)
{
	int state;

	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	say_goodbye(sk);
	wait_for_close(sk, timeout);
	state = sk->sk_state;
	sock_hold(sk);
	local_bh_disable();
	atomic_inc(&tcp_orphan_count);
	sock_orphan(sk);
	local_bh_enable();
	__sk_flush_backlog(sk);
	/* The backlog may have ended and destroyed it. */
	if (state != TCP_CLOSE && sk->sk_state == TCP_CLOSE)
		goto out;
	local_bh_disable();
	if (sk->sk_state == TCP_FIN_WAIT2) {
		orphan_fin_wait2(sk);
		if (sk->sk_state == TCP_CLOSE && tcp_sk(sk)->linger2 >= 0)
			goto out_bh;   /* tcp_time_wait() destroyed it */
	}
	if (sk->sk_state != TCP_CLOSE && tcp_check_oom(sk, 0))
		reset_and_close(sk);
	if (sk->sk_state == TCP_CLOSE)
		inet_csk_destroy_sock(sk);
out_bh:
	local_bh_enable();
out:
	release_sock(sk);
	sock_put(sk);
}

/* ---- connect(AF_UNSPEC), an abortive close, a killed child ---- */

static bool needs_reset(int state)
{
	return (1 << state) & (1 << TCP_ESTABLISHED | 1 << TCP_CLOSE_WAIT |
			       1 << TCP_FIN_WAIT1 | 1 << TCP_FIN_WAIT2 |
			       1 << TCP_SYN_RECV);
}

/* Forget the connection, so that the sock may make another. */
static void forget(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	inet_csk_clear_xmit_timers(sk);
	__skb_queue_purge(&sk->sk_receive_queue);
	tcp_write_queue_purge(sk);
	tcp_ofo_purge(tp);
	tp->copied_seq = tp->rcv_nxt;
	tp->urg_data = 0;
	tp->write_seq += tp->max_window + 2;
	if (!tp->write_seq)
		tp->write_seq = 1;
	tp->snd_una = tp->snd_nxt = tp->write_seq;
	icsk->icsk_probes_out = icsk->icsk_backoff = icsk->icsk_retransmits = 0;
	icsk->icsk_rto = TCP_TIMEOUT_INIT;
	tp->srtt_us = 0;
	tp->mdev_us = HZ_TO_US(TCP_TIMEOUT_INIT);
	tp->rtt_min.value = ~0u;
	tp->snd_cwnd = TCP_INIT_CWND;
	tp->snd_cwnd_cnt = 0;
	tp->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	tcp_set_ca_state(sk, TCP_CA_Open);
	tcp_clear_retrans(tp);
	tp->total_retrans = tp->tlp_high_seq = 0;
	tp->frto = tp->ecn_demand_cwr = tp->ecn_queue_cwr = tp->ecn_seen = false;
	memset(&tp->rack, 0, sizeof(tp->rack));
	tp->rack.reo_wnd_steps = 1;
	tp->rcv_wnd = tp->max_window = tp->window_clamp = 0;
	tp->duplicate_sack.start_seq = tp->duplicate_sack.end_seq = 0;
	memset(&tp->rx_opt, 0, offsetof(struct tcp_options_received, user_mss));
	memset(&icsk->icsk_ack, 0, sizeof(icsk->icsk_ack));
	tp->bytes_acked = tp->bytes_received = tp->bytes_sent = 0;
	tp->segs_in = tp->segs_out = 0;
}

int tcp_disconnect(struct sock *sk, int flags)
{
	int old = sk->sk_state;

	if (old != TCP_CLOSE)
		tcp_set_state(sk, TCP_CLOSE);
	if (old == TCP_LISTEN)
		inet_csk_listen_stop(sk);
	else if (needs_reset(old) ||
		 (tcp_sk(sk)->snd_nxt != tcp_sk(sk)->write_seq &&
		  (old == TCP_CLOSING || old == TCP_LAST_ACK))) {
		tcp_send_active_reset(sk, GFP_ATOMIC);
		WRITE_ONCE(sk->sk_err, ECONNRESET);
	} else if (old == TCP_SYN_SENT) {
		WRITE_ONCE(sk->sk_err, ECONNRESET);
	}
	forget(sk);
	inet_sk(sk)->inet_dport = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		inet_sk(sk)->inet_saddr = inet_sk(sk)->inet_rcv_saddr = 0;
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	__sk_dst_reset(sk);
	sk_error_report(sk);
	return 0;
}

/* ---- readiness ---- */

static bool readable(struct sock *sk, int target)
{
	int avail = (int)(READ_ONCE(tcp_sk(sk)->rcv_nxt) -
			  READ_ONCE(tcp_sk(sk)->copied_seq));

	if (avail <= 0)
		return false;
	return avail >= target ||
	       sk_rmem_alloc_get(sk) > READ_ONCE(sk->sk_rcvbuf) ||
	       tcp_under_memory_pressure();
}

static bool writeable(const struct sock *sk)
{
	int queued = READ_ONCE(sk->sk_wmem_queued);

	return READ_ONCE(sk->sk_sndbuf) - queued >= queued >> 1 &&
	       tcp_stream_memory_free(sk);
}

static __poll_t poll_data(struct sock *sk, u8 shutdown)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int target = sock_rcvlowat(sk, 0, INT_MAX);
	u16 urg = READ_ONCE(tp->urg_data);
	__poll_t mask = 0;

	if (urg && !sock_flag(sk, SOCK_URGINLINE) &&
	    READ_ONCE(tp->urg_seq) == READ_ONCE(tp->copied_seq))
		target++;
	if (readable(sk, target))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (urg & TCP_URG_VALID)
		mask |= EPOLLPRI;
	if ((shutdown & SEND_SHUTDOWN) || writeable(sk))
		return mask | EPOLLOUT | EPOLLWRNORM;
	/* Ask to be told, then look again: room may have come in between. */
	set_bit(SOCK_ASYNC_NOSPACE, &sk->sk_socket->flags);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	smp_mb();
	return writeable(sk) ? mask | EPOLLOUT | EPOLLWRNORM : mask;
}

__poll_t tcp_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u8 shutdown;
	int state;

	sock_poll_wait(file, sock, wait);
	state = READ_ONCE(sk->sk_state);
	if (state == TCP_LISTEN)
		return reqsk_queue_empty(&inet_csk(sk)->icsk_accept_queue) ?
		       0 : EPOLLIN | EPOLLRDNORM;
	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state != TCP_SYN_SENT && state != TCP_SYN_RECV)
		mask |= poll_data(sk, shutdown);
	smp_rmb();
	if (READ_ONCE(sk->sk_err) ||
	    !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}

/* Bytes that a read would give now: up to the urgent one. */
static int bytes_readable(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if ((1 << sk->sk_state) & (1 << TCP_SYN_SENT | 1 << TCP_SYN_RECV))
		return 0;
	if (!sock_flag(sk, SOCK_URGINLINE) && tp->urg_data &&
	    !before(tp->urg_seq, tp->copied_seq) &&
	    before(tp->urg_seq, tp->rcv_nxt))
		return tp->urg_seq - tp->copied_seq;
	/* The FIN counts as one, but is no byte. */
	return tp->rcv_nxt - tp->copied_seq -
	       (tp->rcv_nxt != tp->copied_seq && sock_flag(sk, SOCK_DONE));
}

static int tcp_ioctl(struct sock *sk, int cmd, unsigned long arg)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int answer = 0;

	if (cmd != SIOCINQ && cmd != SIOCATMARK && cmd != SIOCOUTQ &&
	    cmd != SIOCOUTQNSD)
		return -ENOIOCTLCMD;
	if (cmd == SIOCATMARK) {
		answer = tp->urg_data && tp->urg_seq == tp->copied_seq;
		return put_user(answer, (int __user *)arg) ? -EFAULT : 0;
	}
	if (sk->sk_state == TCP_LISTEN)
		return -EINVAL;
	lock_sock(sk);
	if (cmd == SIOCINQ)
		answer = bytes_readable(sk);
	else if (!((1 << sk->sk_state) &
		   (1 << TCP_SYN_SENT | 1 << TCP_SYN_RECV)))
		answer = tp->write_seq -
			 (cmd == SIOCOUTQ ? tp->snd_una : tp->snd_nxt);
	release_sock(sk);
	return put_user(answer, (int __user *)arg) ? -EFAULT : 0;
}

struct proto tcp_prot = {
	.name = "TCP",
	.close = tcp_close,
	.connect = tcp_v4_connect,
	.disconnect = tcp_disconnect,
	.accept = inet_csk_accept,
	.ioctl = tcp_ioctl,
	.init = tcp_init_sock,
	.destroy = tcp_destroy_sock,
	.shutdown = tcp_shutdown,
	.keepalive = tcp_set_keepalive,
	.setsockopt = tcp_setsockopt,
	.getsockopt = tcp_getsockopt,
	.sendmsg = tcp_sendmsg,
	.recvmsg = tcp_recvmsg,
	.backlog_rcv = tcp_v4_do_rcv,
	.hash = inet_hash,
	.unhash = inet_unhash,
	.get_port = inet_csk_get_port,
	.stream_memory_free = NULL,
	.sysctl_mem = tcp_limits.mem,
	.max_header = MAX_TCP_HEADER,
	.obj_size = sizeof(struct tcp_sock),
};
