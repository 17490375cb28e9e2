/* SPDX-License-Identifier: MIT */
/*
 * tcp_sockopt.c -- SOL_TCP options, and what TCP_INFO tells
 *
 * Numbers are decoded first, then set under lock_sock().  Levels below are IP's
 * (ip_setsockopt).  SEE tcp(7).
 */

#include "tcp_impl.h"

#include <arch/uaccess.h>
#include <net/ip.h>

#define MAX_TCP_KEEPIDLE 32767
#define MAX_TCP_KEEPINTVL 32767
#define MAX_TCP_KEEPCNT 127
#define MAX_TCP_SYNCNT 127
#define TCP_FIN_TIMEOUT_MAX (120 * HZ)

/* ---- TCP_DEFER_ACCEPT: seconds as a number of SYN-ACKs, and back ---- */

static u8 seconds_to_retries(int seconds)
{
	int timeout = 1, period = 1;
	u8 n = 0;

	if (seconds <= 0)
		return 0;
	for (n = 1; period < seconds && n < 255; n++) {
		timeout = min(timeout << 1, (int)(TCP_RTO_MAX / HZ));
		period += timeout;
	}
	return n;
}

static int retries_to_seconds(u8 retries)
{
	int timeout = 1, period = retries ? 1 : 0;

	while (retries > 1) {
		retries--;
		timeout = min(timeout << 1, (int)(TCP_RTO_MAX / HZ));
		period += timeout;
	}
	return period;
}

/* ---- set ---- */

static void set_nodelay(struct sock *sk, bool on)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!on) {
		tp->nonagle &= ~TCP_NAGLE_OFF;
		return;
	}
	tp->nonagle |= TCP_NAGLE_OFF | TCP_NAGLE_PUSH;
	tcp_push_pending_frames(sk, tcp_current_mss(sk), tp->nonagle);
}

static void set_cork(struct sock *sk, bool on)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (on) {
		tp->nonagle |= TCP_NAGLE_CORK;
		return;
	}
	tp->nonagle &= ~TCP_NAGLE_CORK;
	if (tp->nonagle & TCP_NAGLE_OFF)
		tp->nonagle |= TCP_NAGLE_PUSH;
	tcp_push_pending_frames(sk, tcp_current_mss(sk), tp->nonagle);
}

static int set_keepidle(struct sock *sk, int val)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (val < 1 || val > MAX_TCP_KEEPIDLE)
		return -EINVAL;
	tp->keepalive_time = val * HZ;
	if (sock_flag(sk, SOCK_KEEPOPEN) &&
	    !((1 << sk->sk_state) & (1 << TCP_CLOSE | 1 << TCP_LISTEN))) {
		u32 elapsed = min((u32)jiffies -
				  inet_csk(sk)->icsk_ack.lrcvtime,
				  (u32)jiffies - tp->rcv_tstamp);

		inet_csk_reset_keepalive_timer(sk,
			tp->keepalive_time > elapsed ?
			tp->keepalive_time - elapsed : 0);
	}
	return 0;
}

static void set_quickack(struct sock *sk, int val)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	if (!val) {
		icsk->icsk_ack.pingpong = 1;
		return;
	}
	icsk->icsk_ack.pingpong = 0;
	if (((1 << sk->sk_state) & (1 << TCP_ESTABLISHED |
				    1 << TCP_CLOSE_WAIT)) &&
	    inet_csk_ack_scheduled(sk)) {
		icsk->icsk_ack.pending |= ICSK_ACK_PUSHED;
		tcp_cleanup_rbuf(sk, 1);
		if (!(val & 1))
			icsk->icsk_ack.pingpong = 1;
	}
}

static int set_window_clamp(struct sock *sk, int val)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!val) {
		if (sk->sk_state != TCP_CLOSE)
			return -EINVAL;
		tp->window_clamp = 0;
		return 0;
	}
	tp->window_clamp = max(val, SOCK_MIN_RCVBUF / 2);
	tp->rcv_ssthresh = min(tp->rcv_wnd, tp->window_clamp);
	return 0;
}

/* lo..hi, into a byte. */
static int set_byte(u8 *to, int val, int lo, int hi)
{
	if (val < lo || val > hi)
		return -EINVAL;
	*to = val;
	return 0;
}

static int set_keeping(struct sock *sk, int name, int val)
{
	struct tcp_sock *tp = tcp_sk(sk);

	switch (name) {
	case TCP_KEEPIDLE:
		return set_keepidle(sk, val);
	case TCP_KEEPINTVL:
		if (val < 1 || val > MAX_TCP_KEEPINTVL)
			return -EINVAL;
		tp->keepalive_intvl = val * HZ;
		return 0;
	case TCP_KEEPCNT:
		return set_byte(&tp->keepalive_probes, val, 1,
				MAX_TCP_KEEPCNT);
	case TCP_SYNCNT:
		return set_byte(&inet_csk(sk)->icsk_syn_retries, val, 1,
				MAX_TCP_SYNCNT);
	case TCP_USER_TIMEOUT:
		if (val < 0)
			return -EINVAL;
		inet_csk(sk)->icsk_user_timeout = val;
		return 0;
	default:                      /* TCP_LINGER2 */
		if (val < 0)
			tp->linger2 = -1;
		else if (val > (int)(TCP_FIN_TIMEOUT_MAX / HZ))
			tp->linger2 = TCP_FIN_TIMEOUT_MAX;
		else
			tp->linger2 = val * HZ;
		return 0;
	}
}

static int set_number(struct sock *sk, int name, int val)
{
	struct tcp_sock *tp = tcp_sk(sk);

	switch (name) {
	case TCP_MAXSEG:
		if (val && (val < TCP_MIN_MSS || val > 32767))
			return -EINVAL;
		tp->rx_opt.user_mss = val;
		return 0;
	case TCP_NODELAY:
		set_nodelay(sk, val);
		return 0;
	case TCP_CORK:
		set_cork(sk, val);
		return 0;
	case TCP_KEEPIDLE: case TCP_KEEPINTVL: case TCP_KEEPCNT:
	case TCP_SYNCNT: case TCP_USER_TIMEOUT: case TCP_LINGER2:
		return set_keeping(sk, name, val);
	case TCP_DEFER_ACCEPT:
		inet_csk(sk)->icsk_accept_queue.rskq_defer_accept =
			seconds_to_retries(val);
		return 0;
	case TCP_WINDOW_CLAMP:
		return set_window_clamp(sk, val);
	case TCP_QUICKACK:
		set_quickack(sk, val);
		return 0;
	case TCP_NOTSENT_LOWAT:
		tp->notsent_lowat = val;
		sk->sk_write_space(sk);
		return 0;
	case TCP_INQ:
		if (val < 0 || val > 1)
			return -EINVAL;
		tp->recvmsg_inq = val;
		return 0;
	case TCP_THIN_LINEAR_TIMEOUTS: case TCP_THIN_DUPACK:
		return val < 0 || val > 1 ? -EINVAL : 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int set_congestion(struct sock *sk, void __user *val, unsigned int len)
{
	char name[TCP_CA_NAME_MAX];
	long n;
	int err;

	if (len < 1)
		return -EINVAL;
	n = strncpy_from_user(name, val, min(len, TCP_CA_NAME_MAX - 1u));
	if (n < 0)
		return -EFAULT;
	name[n] = '\0';
	lock_sock(sk);
	err = tcp_set_congestion_control(sk, name);
	release_sock(sk);
	return err;
}

/* What might stand between TCP and its user (TLS): there is nothing. */
static int refuse_ulp(void __user *val, unsigned int len)
{
	char name[16];

	if (len < 1)
		return -EINVAL;
	return strncpy_from_user(name, val, min(len, 15u)) < 0 ? -EFAULT
								: -ENOENT;
}

int tcp_setsockopt(struct sock *sk, int level, int name, void __user *optval,
		   unsigned int len)
{
	int val, err;

	if (level != SOL_TCP)
		return ip_setsockopt(sk, level, name, optval, len);
	if (name == TCP_CONGESTION)
		return set_congestion(sk, optval, len);
	if (name == TCP_ULP)
		return refuse_ulp(optval, len);
	if (len < sizeof(int))
		return -EINVAL;
	if (get_user(val, (int __user *)optval))
		return -EFAULT;
	lock_sock(sk);
	err = set_number(sk, name, val);
	release_sock(sk);
	return err;
}

/* ---- get ---- */

static u8 info_options(const struct tcp_sock *tp)
{
	return (tp->rx_opt.tstamp_ok ? TCPI_OPT_TIMESTAMPS : 0) |
	       (tcp_is_sack(tp) ? TCPI_OPT_SACK : 0) |
	       (tp->rx_opt.wscale_ok ? TCPI_OPT_WSCALE : 0);
}

static u32 ms_since(u32 then)
{
	return jiffies_to_msecs((u32)jiffies - then);
}

static void info_paths(struct sock *sk, struct tcp_info *info)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	info->tcpi_rto = jiffies_to_usecs(icsk->icsk_rto);
	info->tcpi_ato = jiffies_to_usecs(icsk->icsk_ack.ato);
	info->tcpi_snd_mss = tp->mss_cache;
	info->tcpi_rcv_mss = icsk->icsk_ack.rcv_mss;
	info->tcpi_advmss = tp->advmss;
	info->tcpi_pmtu = icsk->icsk_pmtu_cookie;
	info->tcpi_rcv_ssthresh = tp->rcv_ssthresh;
	info->tcpi_rtt = tp->srtt_us >> 3;
	info->tcpi_rttvar = tp->mdev_us >> 2;
	info->tcpi_min_rtt = tcp_min_rtt(tp);
	info->tcpi_rcv_rtt = tp->rcv_rtt_est.rtt_us >> 3;
	info->tcpi_rcv_space = tp->rcvq_space.space;
	info->tcpi_snd_ssthresh = tp->snd_ssthresh;
	info->tcpi_snd_cwnd = tp->snd_cwnd;
	info->tcpi_reordering = tp->reordering;
	info->tcpi_reord_seen = tp->reord_seen;
	info->tcpi_snd_wnd = tp->snd_wnd;
	info->tcpi_pacing_rate = sk->sk_pacing_rate;
	info->tcpi_max_pacing_rate = sk->sk_max_pacing_rate;
	info->tcpi_last_data_sent = ms_since(tp->lsndtime);
	info->tcpi_last_data_recv = ms_since(icsk->icsk_ack.lrcvtime);
	info->tcpi_last_ack_recv = ms_since(tp->rcv_tstamp);
}

static void info_counts(struct sock *sk, struct tcp_info *info)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	info->tcpi_unacked = tp->packets_out;
	info->tcpi_sacked = tp->sacked_out;
	info->tcpi_lost = tp->lost_out;
	info->tcpi_retrans = tp->retrans_out;
	info->tcpi_total_retrans = tp->total_retrans;
	info->tcpi_bytes_acked = tp->bytes_acked;
	info->tcpi_bytes_received = tp->bytes_received;
	info->tcpi_bytes_sent = tp->bytes_sent;
	info->tcpi_bytes_retrans = tp->bytes_retrans;
	info->tcpi_segs_out = tp->segs_out;
	info->tcpi_segs_in = tp->segs_in;
	info->tcpi_data_segs_in = tp->data_segs_in;
	info->tcpi_data_segs_out = tp->data_segs_out;
	info->tcpi_notsent_bytes = tp->write_seq - tp->snd_nxt;
	info->tcpi_delivered = tp->delivered;
	info->tcpi_dsack_dups = tp->dsack_dups;
	info->tcpi_rcv_ooopack = tp->rcv_ooopack;
}

/* lock_sock, or a moment's truth without (sock_diag). */
void tcp_get_info(struct sock *sk, struct tcp_info *info)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);

	memset(info, 0, sizeof(*info));
	info->tcpi_state = sk->sk_state;
	if (sk->sk_state == TCP_LISTEN) {
		info->tcpi_unacked = READ_ONCE(sk->sk_ack_backlog);
		info->tcpi_sacked = sk->sk_max_ack_backlog;
		info->tcpi_reordering = tp->reordering;
		info->tcpi_snd_cwnd = tp->snd_cwnd;
		return;
	}
	info->tcpi_ca_state = icsk->icsk_ca_state;
	info->tcpi_retransmits = icsk->icsk_retransmits;
	info->tcpi_probes = icsk->icsk_probes_out;
	info->tcpi_backoff = icsk->icsk_backoff;
	info->tcpi_options = info_options(tp);
	info->tcpi_snd_wscale = tp->rx_opt.snd_wscale;
	info->tcpi_rcv_wscale = tp->rx_opt.rcv_wscale;
	info_paths(sk, info);
	info_counts(sk, info);
}

/* A number: true with *val. */
static bool get_number(struct sock *sk, int name, int *val)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	bool idle = (1 << sk->sk_state) & (1 << TCP_CLOSE | 1 << TCP_LISTEN);

	switch (name) {
	case TCP_MAXSEG:
		*val = idle && tp->rx_opt.user_mss ? tp->rx_opt.user_mss :
		       (int)tp->mss_cache;
		break;
	case TCP_NODELAY: *val = !!(tp->nonagle & TCP_NAGLE_OFF); break;
	case TCP_CORK: *val = !!(tp->nonagle & TCP_NAGLE_CORK); break;
	case TCP_KEEPIDLE: *val = keepalive_time_when(tp) / HZ; break;
	case TCP_KEEPINTVL: *val = keepalive_intvl_when(tp) / HZ; break;
	case TCP_KEEPCNT:
		*val = tp->keepalive_probes ? tp->keepalive_probes :
		       tcp_net(sk)->keepalive_probes;
		break;
	case TCP_SYNCNT:
		*val = icsk->icsk_syn_retries ? icsk->icsk_syn_retries :
		       tcp_net(sk)->syn_retries;
		break;
	case TCP_LINGER2:
		*val = tp->linger2 < 0 ? -1 : tp->linger2 ?
		       tp->linger2 / HZ : tcp_net(sk)->fin_timeout;
		break;
	case TCP_DEFER_ACCEPT:
		*val = retries_to_seconds(
			icsk->icsk_accept_queue.rskq_defer_accept);
		break;
	case TCP_WINDOW_CLAMP: *val = tp->window_clamp; break;
	case TCP_QUICKACK: *val = !icsk->icsk_ack.pingpong; break;
	case TCP_USER_TIMEOUT: *val = icsk->icsk_user_timeout; break;
	case TCP_NOTSENT_LOWAT: *val = tp->notsent_lowat; break;
	case TCP_INQ: *val = tp->recvmsg_inq; break;
	case TCP_THIN_LINEAR_TIMEOUTS: case TCP_THIN_DUPACK: case TCP_REPAIR:
		*val = 0;
		break;
	default: return false;
	}
	return true;
}

int tcp_getsockopt(struct sock *sk, int level, int name, char __user *optval,
		   int __user *optlen)
{
	union {
		int val;
		struct tcp_info info;
		char name[TCP_CA_NAME_MAX];
	} a;
	int len, size;

	if (level != SOL_TCP)
		return ip_getsockopt(sk, level, name, optval, optlen);
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	memset(&a, 0, sizeof(a));
	lock_sock(sk);
	if (name == TCP_INFO) {
		tcp_get_info(sk, &a.info);
		size = sizeof(a.info);
	} else if (name == TCP_CONGESTION) {
		strscpy(a.name, inet_csk(sk)->icsk_ca_ops->name,
			sizeof(a.name));
		size = sizeof(a.name);
	} else if (name == TCP_ULP) {
		size = 0;             /* none */
	} else {
		size = get_number(sk, name, &a.val) ? (int)sizeof(int) :
		       -ENOPROTOOPT;
	}
	release_sock(sk);
	if (size < 0)
		return size;
	len = min(len, size);
	if (put_user(len, optlen) || copy_to_user(optval, &a, len))
		return -EFAULT;
	return 0;
}
