/* SPDX-License-Identifier: MIT */
/*
 * tcp_cong.c -- congestion control: the list of policies, and Reno
 *
 * IDEA.  snd_cwnd bounds what is in the network.  Below ssthresh it grows by
 * one for each segment acked (slow start: doubling each round trip), above it
 * as the policy says (Reno: by one each round trip); a loss sets ssthresh to a
 * part of it.  A policy is a tcp_congestion_ops; TCP_CONGESTION and
 * net.ipv4.tcp_congestion_control choose by name.
 *
 * A window that was not used is no evidence: it grows only while the sender was
 * held back by it (RFC 7661 in spirit), and after an idle time begins small
 * again (RFC 5681 4.1).
 *
 * LOCKING.  The list: ca_lock to change; entries are never removed.
 *
 * SEE RFC 5681; tcp_cubic.c; tcp_recovery.c says when there was a loss.
 */

#include "tcp_impl.h"

static LIST_HEAD(ca_list);
static DEFINE_SPINLOCK(ca_lock);

static struct tcp_congestion_ops *find(const char *name)
{
	struct tcp_congestion_ops *ca;

	list_for_each_entry_rcu(ca, &ca_list, list) {
		if (!strcmp(ca->name, name))
			return ca;
	}
	return NULL;
}

int tcp_register_congestion_control(struct tcp_congestion_ops *ca)
{
	int err = 0;

	if (!ca->ssthresh || !ca->undo_cwnd || !ca->cong_avoid)
		return -EINVAL;
	spin_lock(&ca_lock);
	if (find(ca->name))
		err = -EEXIST;
	else
		list_add_tail_rcu(&ca->list, &ca_list);
	spin_unlock(&ca_lock);
	return err;
}

int tcp_set_default_congestion_control(struct net *net, const char *name)
{
	struct tcp_congestion_ops *ca = find(name);

	if (!ca)
		return -ENOENT;
	WRITE_ONCE(net->ipv4.tcp_congestion_control, ca);
	return 0;
}

void tcp_get_default_congestion_control(const struct net *net, char *name)
{
	strscpy(name, READ_ONCE(net->ipv4.tcp_congestion_control)->name,
		TCP_CA_NAME_MAX);
}

void tcp_get_available_congestion_control(char *buf, size_t len)
{
	struct tcp_congestion_ops *ca;
	size_t at = 0;

	buf[0] = '\0';
	list_for_each_entry_rcu(ca, &ca_list, list)
		at += scnprintf(buf + at, len - at, "%s%s", at ? " " : "",
				ca->name);
}

void tcp_assign_congestion_control(struct sock *sk)
{
	inet_csk(sk)->icsk_ca_ops =
		READ_ONCE(sock_net(sk)->ipv4.tcp_congestion_control);
	memset(inet_csk(sk)->icsk_ca_priv, 0,
	       sizeof(inet_csk(sk)->icsk_ca_priv));
}

void tcp_init_congestion_control(struct sock *sk)
{
	tcp_sk(sk)->prior_ssthresh = 0;
	if (inet_csk(sk)->icsk_ca_ops->init)
		inet_csk(sk)->icsk_ca_ops->init(sk);
}

void tcp_cleanup_congestion_control(struct sock *sk)
{
	inet_csk(sk)->icsk_ca_ops = &tcp_reno;
}

int tcp_set_congestion_control(struct sock *sk, const char *name)
{
	struct tcp_congestion_ops *ca = find(name);

	if (!ca)
		return -ENOENT;
	if (ca == inet_csk(sk)->icsk_ca_ops)
		return 0;
	inet_csk(sk)->icsk_ca_ops = ca;
	memset(inet_csk(sk)->icsk_ca_priv, 0,
	       sizeof(inet_csk(sk)->icsk_ca_priv));
	if (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN)
		tcp_init_congestion_control(sk);
	return 0;
}

void tcp_set_ca_state(struct sock *sk, u8 state)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	if (icsk->icsk_ca_ops && icsk->icsk_ca_ops->set_state)
		icsk->icsk_ca_ops->set_state(sk, state);
	icsk->icsk_ca_state = state;
}

/* ---- growing ---- */

/* What of acked is left when ssthresh is reached. */
u32 tcp_slow_start(struct tcp_sock *tp, u32 acked)
{
	u32 cwnd = min(tp->snd_cwnd + acked, tp->snd_ssthresh);

	acked -= cwnd - tp->snd_cwnd;
	tp->snd_cwnd = min(cwnd, tp->snd_cwnd_clamp);
	return acked;
}

/* One more for each w segments acked. */
void tcp_cong_avoid_ai(struct tcp_sock *tp, u32 w, u32 acked)
{
	if (tp->snd_cwnd_cnt >= w) {
		tp->snd_cwnd_cnt = 0;
		tp->snd_cwnd++;
	}
	tp->snd_cwnd_cnt += acked;
	if (tp->snd_cwnd_cnt >= w) {
		u32 delta = tp->snd_cwnd_cnt / w;

		tp->snd_cwnd_cnt -= delta * w;
		tp->snd_cwnd += delta;
	}
	tp->snd_cwnd = min(tp->snd_cwnd, tp->snd_cwnd_clamp);
}

/* Was it the window that held us back? */
bool tcp_is_cwnd_limited(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tp->is_cwnd_limited)
		return true;
	return tcp_in_slow_start(tp) && tp->snd_cwnd < 2 * tp->max_packets_out;
}

/* Something was sent: how much of the window is in use? */
void tcp_cwnd_validate(struct sock *sk, bool is_cwnd_limited)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!before(tp->snd_una, tp->max_packets_seq) || is_cwnd_limited ||
	    (!tp->is_cwnd_limited && tp->packets_out > tp->max_packets_out)) {
		tp->is_cwnd_limited = is_cwnd_limited;
		tp->max_packets_out = tp->packets_out;
		tp->max_packets_seq = tp->snd_nxt;
	}
	if (tp->packets_out > tp->snd_cwnd_used)
		tp->snd_cwnd_used = tp->packets_out;
	if (tcp_is_cwnd_limited(sk)) {
		tp->snd_cwnd_used = 0;
		tp->snd_cwnd_stamp = jiffies;
	}
}

/* Idle for so many jiffies: halve it for each RTO of those. */
void tcp_cwnd_restart(struct sock *sk, s32 idle)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 restart = min((u32)TCP_INIT_CWND, tp->snd_cwnd);
	u32 cwnd = tp->snd_cwnd;

	tcp_ca_event(sk, CA_EVENT_CWND_RESTART);
	tp->snd_ssthresh = max(tp->snd_ssthresh, (cwnd >> 1) + (cwnd >> 2));
	while ((idle -= inet_csk(sk)->icsk_rto) > 0 && cwnd > restart)
		cwnd >>= 1;
	tp->snd_cwnd = max(cwnd, restart);
	tp->snd_cwnd_stamp = jiffies;
	tp->snd_cwnd_used = 0;
}

/* ---- shrinking: RFC 6937 ---- */

static void cwnd_reduction(struct sock *sk, const struct tcp_ack_state *st)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 pipe = tcp_packets_in_flight(tp);
	int room = (int)tp->snd_ssthresh - (int)pipe, send;

	if (!st->acked_sacked || !tp->prior_cwnd)
		return;
	tp->prr_delivered += st->acked_sacked;
	if (room < 0)
		send = (int)(((u64)tp->snd_ssthresh * tp->prr_delivered +
			      tp->prior_cwnd - 1) / tp->prior_cwnd) -
		       (int)tp->prr_out;
	else
		send = min(room, max((int)(tp->prr_delivered - tp->prr_out),
				     (int)st->acked_sacked) + 1);
	/* The first retransmission goes in any case. */
	send = max(send, tp->prr_out ? 0 : 1);
	tp->snd_cwnd = pipe + send;
}

/* At the end of each ACK. */
void tcp_cong_control(struct sock *sk, struct tcp_ack_state *st)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	if (icsk->icsk_ca_state == TCP_CA_CWR ||
	    icsk->icsk_ca_state == TCP_CA_Recovery) {
		cwnd_reduction(sk, st);
		return;
	}
	/* While packets come out of order, what arrives counts as much. */
	if (st->acked_sacked &&
	    (st->snd_una_advanced || tp->reordering > TCP_FASTRETRANS_THRESH)) {
		icsk->icsk_ca_ops->cong_avoid(sk, st->ack, st->acked_sacked);
		tp->snd_cwnd_stamp = jiffies;
	}
}

/* ---- Reno ---- */

/* What every policy begins with: slow start, and only if the window was used.
 * The segments acked that are left for congestion avoidance. */
u32 tcp_open_window(struct sock *sk, u32 acked)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_is_cwnd_limited(sk))
		return 0;
	return tcp_in_slow_start(tp) ? tcp_slow_start(tp, acked) : acked;
}

static void reno_cong_avoid(struct sock *sk, u32 ack, u32 acked)
{
	struct tcp_sock *tp = tcp_sk(sk);

	acked = tcp_open_window(sk, acked);
	if (acked)
		tcp_cong_avoid_ai(tp, tp->snd_cwnd, acked);
}

u32 tcp_reno_ssthresh(struct sock *sk)
{
	return max(tcp_sk(sk)->snd_cwnd >> 1, 2u);
}

u32 tcp_reno_undo_cwnd(struct sock *sk)
{
	return max(tcp_sk(sk)->snd_cwnd, tcp_sk(sk)->prior_cwnd);
}

struct tcp_congestion_ops tcp_reno = {
	.name = "reno",
	.ssthresh = tcp_reno_ssthresh,
	.cong_avoid = reno_cong_avoid,
	.undo_cwnd = tcp_reno_undo_cwnd,
};
