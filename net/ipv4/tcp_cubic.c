/* SPDX-License-Identifier: MIT */
/*
 * tcp_cubic.c -- a window that grows with time, not with round trips
 *
 * IDEA.  RFC 9438.  After a loss at W_max the window falls to beta * W_max and
 * then follows a cubic that is flat where the loss was:
 *
 *	W(t) = C * (t - K)^3 + W_max        K = cbrt((W_max - cwnd) / C)
 *
 *	  W_max ......________........      quickly back near W_max, carefully
 *	          __--        --__  /       past it, then quickly on to look for
 *	         /                --        room that is new
 *
 * so that on long paths it finds the room again in seconds, and flows of
 * different round trips get like shares.  Where Reno would be faster (short
 * paths) it goes as fast as Reno: W_est.
 *
 * Units: time in ms, C = 0.4 segments / s^3, beta = 0.7.  The cube stays within
 * 64 bits as t - K is cut at 2^20 ms.
 */

#include "tcp_impl.h"

#include <kernel/init.h>
#include <kernel/math.h>

#define BETA_NUM 717                  /* of 1024: 0.7 */
#define MAX_T_MS (1 << 20)

/* In icsk_ca_priv. */
struct cubic {
	u32 w_max;                    /* where the last loss was, segments */
	u32 origin;                   /* the plateau of this epoch */
	u32 k_ms;                     /* when it is reached */
	u32 epoch_start_ms;           /* 0: no epoch */
	u32 cnt;                      /* ACKs for one more segment */
	u32 ack_cnt, w_est;           /* as Reno would be */
	u32 min_rtt_us;
	u32 last_ms, last_cwnd;
};

static_assert(sizeof(struct cubic) <= 13 * 8, "fits in icsk_ca_priv");

static u32 now_ms(void)
{
	u32 ms = (u32)(ktime_get_ns() / NSEC_PER_MSEC);

	return ms ? ms : 1;
}

/* The integer cube root, bit by bit. */
static u32 cube_root(u64 a)
{
	u64 y = 0;

	for (int s = 63; s >= 0; s -= 3) {
		u64 b;

		y <<= 1;
		b = 3 * y * (y + 1) + 1;
		if ((a >> s) >= b) {
			a -= b << s;
			y++;
		}
	}
	return (u32)y;
}

static void begin_epoch(struct cubic *ca, u32 cwnd, u32 ms)
{
	ca->epoch_start_ms = ms;
	ca->ack_cnt = 0;
	ca->w_est = cwnd;
	if (ca->w_max <= cwnd) {
		ca->k_ms = 0;
		ca->origin = cwnd;
	} else {
		/* K^3 = (W_max - cwnd) / 0.4 s^3, in ms^3. */
		ca->k_ms = cube_root((u64)(ca->w_max - cwnd) * 2500000000ull);
		ca->origin = ca->w_max;
	}
}

/* W(t), in segments. */
static u32 cubic_at(const struct cubic *ca, u32 t_ms)
{
	u64 d = t_ms < ca->k_ms ? ca->k_ms - t_ms : t_ms - ca->k_ms;
	u64 delta;

	d = min_t(u64, d, MAX_T_MS);
	delta = d * d * d / 2500000000ull;
	if (t_ms < ca->k_ms)
		return delta >= ca->origin ? 1 : ca->origin - (u32)delta;
	return min_t(u64, ca->origin + delta, 1u << 30);
}

/* As fast as Reno with beta 0.7: 3 (1 - b) / (1 + b) = 9 / 17 a round trip. */
static void reno_friendly(struct cubic *ca, u32 cwnd)
{
	u32 step = max(cwnd * 17 / 9, 1u);

	while (ca->ack_cnt >= step) {
		ca->ack_cnt -= step;
		ca->w_est++;
	}
	if (ca->w_est > cwnd)
		ca->cnt = min(ca->cnt, cwnd / (ca->w_est - cwnd));
}

/* After how many ACKs shall there be one segment more? */
static void update(struct cubic *ca, u32 cwnd, u32 acked)
{
	u32 ms = now_ms(), t, target;

	ca->ack_cnt += acked;
	if (ca->last_cwnd == cwnd && ms - ca->last_ms <= 30 &&
	    ca->epoch_start_ms)
		goto friendly;
	if (!ca->epoch_start_ms)
		begin_epoch(ca, cwnd, ms);
	ca->last_cwnd = cwnd;
	ca->last_ms = ms;
	/* Where shall we be a round trip from now? */
	t = ms - ca->epoch_start_ms + ca->min_rtt_us / 1000;
	target = cubic_at(ca, t);
	ca->cnt = target > cwnd ? cwnd / (target - cwnd) : 100 * cwnd;
	/* Before any loss there is no plateau to be careful about. */
	if (!ca->w_max && ca->cnt > 20)
		ca->cnt = 20;
friendly:
	reno_friendly(ca, cwnd);
	ca->cnt = max(ca->cnt, 2u);
}

static void cubic_cong_avoid(struct sock *sk, u32 ack, u32 acked)
{
	struct cubic *ca = inet_csk_ca(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	acked = tcp_open_window(sk, acked);
	if (!acked)
		return;
	update(ca, tp->snd_cwnd, acked);
	tcp_cong_avoid_ai(tp, ca->cnt, acked);
}

static u32 cubic_ssthresh(struct sock *sk)
{
	struct cubic *ca = inet_csk_ca(sk);
	u32 cwnd = tcp_sk(sk)->snd_cwnd;

	ca->epoch_start_ms = 0;
	/* Lost below the last plateau: somebody new wants room (4.7). */
	if (cwnd < ca->w_max)
		ca->w_max = (u32)((u64)cwnd * (1024 + BETA_NUM) / 2048);
	else
		ca->w_max = cwnd;
	return max((u32)((u64)cwnd * BETA_NUM / 1024), 2u);
}

static void cubic_init(struct sock *sk)
{
	memset(inet_csk_ca(sk), 0, sizeof(struct cubic));
}

static void cubic_set_state(struct sock *sk, u8 state)
{
	if (state == TCP_CA_Loss)
		cubic_init(sk);
}

/* Time spent idle is not time in which the window grew. */
static void cubic_event(struct sock *sk, enum tcp_ca_event ev)
{
	struct cubic *ca = inet_csk_ca(sk);
	u32 idle;

	if (ev != CA_EVENT_TX_START || !ca->epoch_start_ms)
		return;
	idle = jiffies_to_msecs((u32)jiffies - tcp_sk(sk)->lsndtime);
	if ((s32)idle > 0) {
		ca->epoch_start_ms += idle;
		if ((s32)(now_ms() - ca->epoch_start_ms) < 0)
			ca->epoch_start_ms = now_ms();
	}
}

static void cubic_acked(struct sock *sk, const struct ack_sample *s)
{
	struct cubic *ca = inet_csk_ca(sk);

	if (s->rtt_us > 0 && (!ca->min_rtt_us ||
			      (u32)s->rtt_us < ca->min_rtt_us))
		ca->min_rtt_us = s->rtt_us;
}

static struct tcp_congestion_ops cubic = {
	.name = "cubic",
	.init = cubic_init,
	.ssthresh = cubic_ssthresh,
	.cong_avoid = cubic_cong_avoid,
	.set_state = cubic_set_state,
	.undo_cwnd = tcp_reno_undo_cwnd,
	.cwnd_event = cubic_event,
	.pkts_acked = cubic_acked,
};

static int cubic_register(void)
{
	tcp_register_congestion_control(&tcp_reno);
	tcp_register_congestion_control(&cubic);
	return tcp_set_default_congestion_control(&init_net, "cubic");
}
fs_initcall(cubic_register);
