/* SPDX-License-Identifier: MIT */
#ifndef NET_IPV4_TCP_IMPL_H
#define NET_IPV4_TCP_IMPL_H
/*
 * tcp_impl.h -- what TCP's files know of each other
 *
 * Everything here wants the sock's lock: owned by the caller, or the spinlock
 * with bottom halves off.
 */

#include <kernel/kernel.h>
#include <net/skb_queue.h>
#include <net/snmp.h>
#include <net/tcp.h>

#define HZ_TO_US(j) ((j) * (USEC_PER_SEC / HZ))

/* ---- settings: tcp_net(sk)->c ---- */

/* Of the machine; the others are of a network: struct tcp_sysctls. */
struct tcp_limits {
	long mem[3];                  /* pages: low, pressure, high */
	int max_orphans;
};

extern struct tcp_limits tcp_limits;
int tcp_net_register(void);

static inline const struct tcp_sysctls *tcp_net(const struct sock *sk)
{
	return &sock_net(sk)->ipv4.tcp;
}

long tcp_memory_pages(void);          /* of all socks */
extern atomic_t tcp_orphan_count;

/* ---- time ---- */

static inline u64 tcp_clock_us(void)
{
	return ktime_get_ns() / NSEC_PER_USEC;
}

static inline void tcp_mstamp_refresh(struct tcp_sock *tp)
{
	tp->tcp_mstamp = tcp_clock_us();
}

/* Our time stamps count milliseconds (RFC 7323 5.4). */
static inline u32 tcp_time_stamp(const struct tcp_sock *tp)
{
	return (u32)(tp->tcp_mstamp / USEC_PER_MSEC);
}

static inline u64 tcp_skb_sent_us(const struct sk_buff *skb)
{
	return skb->skb_mstamp_ns / NSEC_PER_USEC;
}

/* ---- arithmetic on the state ---- */

static inline u32 tcp_wnd_end(const struct tcp_sock *tp)
{
	return tp->snd_una + tp->snd_wnd;
}

/* How far beyond rcv_nxt the peer may send. */
static inline u32 tcp_receive_window(const struct tcp_sock *tp)
{
	s32 win = tp->rcv_wup + tp->rcv_wnd - tp->rcv_nxt;

	return win < 0 ? 0 : win;
}

/* Segments that we believe to be in the network (RFC 6675: pipe). */
static inline u32 tcp_packets_in_flight(const struct tcp_sock *tp)
{
	return tp->packets_out - (tp->sacked_out + tp->lost_out) +
	       tp->retrans_out;
}

static inline bool tcp_in_slow_start(const struct tcp_sock *tp)
{
	return tp->snd_cwnd < tp->snd_ssthresh;
}

#define TCP_INFINITE_SSTHRESH 0x7fffffff

static inline u32 tcp_skb_pcount(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->gso_segs;
}

static inline u32 tcp_skb_mss(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->gso_size;
}

static inline bool tcp_urg_mode(const struct tcp_sock *tp)
{
	return tp->snd_una != tp->snd_up;
}

static inline bool tcp_is_sack(const struct tcp_sock *tp)
{
	return tp->rx_opt.sack_ok;
}

static inline int keepalive_time_when(const struct tcp_sock *tp)
{
	return tp->keepalive_time ? (int)tp->keepalive_time :
	       tcp_net((const struct sock *)tp)->keepalive_time * HZ;
}

static inline int keepalive_intvl_when(const struct tcp_sock *tp)
{
	return tp->keepalive_intvl ? (int)tp->keepalive_intvl :
	       tcp_net((const struct sock *)tp)->keepalive_intvl * HZ;
}

static inline int tcp_fin_time(const struct sock *sk)
{
	int t = tcp_sk(sk)->linger2 ? tcp_sk(sk)->linger2 :
		tcp_net(sk)->fin_timeout * HZ;
	int rto = inet_csk(sk)->icsk_rto;

	return max(t, (rto << 2) - (rto >> 1));
}

/* Room in the receive buffer, as a window: half of it is overhead. */
static inline int tcp_win_from_space(const struct sock *sk, int space)
{
	int scale = READ_ONCE(tcp_net(sk)->adv_win_scale);

	return scale <= 0 ? space >> -scale : space - (space >> scale);
}

static inline int tcp_space(const struct sock *sk)
{
	return tcp_win_from_space(sk, READ_ONCE(sk->sk_rcvbuf) -
				  READ_ONCE(sk->sk_backlog.len) -
				  sk_rmem_alloc_get(sk));
}

static inline int tcp_full_space(const struct sock *sk)
{
	return tcp_win_from_space(sk, READ_ONCE(sk->sk_rcvbuf));
}

/* Does skb's first segment fit in the peer's window? */
static inline bool snd_wnd_room(const struct tcp_sock *tp,
				const struct sk_buff *skb, unsigned int mss)
{
	u32 end = TCP_SKB_CB(skb)->end_seq;

	if (skb->len > mss)
		end = TCP_SKB_CB(skb)->seq + mss;
	return !after(end, tcp_wnd_end(tp));
}

/* ---- queues ---- */

static inline struct sk_buff *tcp_send_head(const struct sock *sk)
{
	return skb_peek(&sk->sk_write_queue);
}

static inline struct sk_buff *tcp_rtx_head(const struct sock *sk)
{
	return skb_peek(&tcp_sk(sk)->rtx_queue);
}

static inline bool tcp_queues_empty(const struct sock *sk)
{
	return skb_queue_empty(&sk->sk_write_queue) &&
	       skb_queue_empty(&tcp_sk(sk)->rtx_queue);
}

/* The last packet of the stream, sent or not; NULL. */
static inline struct sk_buff *tcp_write_queue_tail(const struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	return skb;
}

/* ---- tcp_mem.c ---- */

bool tcp_wmem_schedule(struct sock *sk, int size);
bool tcp_rmem_schedule(struct sock *sk, int size);
void tcp_mem_reclaim(struct sock *sk);
void tcp_set_owner_r(struct sk_buff *skb, struct sock *sk);
void tcp_wmem_queued_add(struct sock *sk, int delta);
void tcp_wmem_free_skb(struct sock *sk, struct sk_buff *skb);
struct sk_buff *tcp_stream_alloc_skb(struct sock *sk, gfp_t gfp);
bool tcp_under_memory_pressure(void);
bool tcp_check_oom(struct sock *sk, int shift);
void tcp_sndbuf_expand(struct sock *sk);
void tcp_check_space(struct sock *sk);
void tcp_write_space(struct sock *sk);
bool tcp_stream_memory_free(const struct sock *sk);

/* ---- tcp.c ---- */

int tcp_init_sock(struct sock *sk);
void tcp_destroy_sock(struct sock *sk);
void tcp_done(struct sock *sk);
void tcp_reset(struct sock *sk);
void tcp_send_error(struct sock *sk, int err);
int tcp_disconnect(struct sock *sk, int flags);
void tcp_write_queue_purge(struct sock *sk);

/* ---- tcp_options.c ---- */

struct tcp_out_options {
	u16 mss;                      /* 0: none */
	u8 ws;
	bool has_ts, has_ws, sack_perm;
	u8 num_sack_blocks;
	u32 tsval, tsecr;
	struct tcp_sack_block sacks[TCP_NUM_SACKS + 1];
};

/* th with all of its doff * 4 bytes readable. */
void tcp_parse_options(const struct tcphdr *th,
		       struct tcp_options_received *opt, bool estab);
/* Bytes of options in out; a multiple of 4. */
unsigned int tcp_options_size(const struct tcp_out_options *o);
void tcp_options_write(u8 *out, const struct tcp_out_options *o);
/* Up to 4 blocks in the SACK option that opt->sack_off points at. */
int tcp_read_sacks(const struct tcphdr *th, u8 sack_off,
		   struct tcp_sack_block out[TCP_NUM_SACKS]);

/* ---- tcp_output.c, tcp_segment.c, tcp_window.c, tcp_retransmit.c ---- */

int tcp_transmit_skb(struct sock *sk, struct sk_buff *skb, bool clone,
		     gfp_t gfp);
void tcp_fill_header(struct sock *sk, struct sk_buff *skb, u32 rcv_nxt);
bool tcp_write_xmit(struct sock *sk, unsigned int mss, int nonagle,
		    int push_one, gfp_t gfp);
void tcp_push_pending_frames(struct sock *sk, unsigned int mss, int nonagle);
void tcp_push_one(struct sock *sk, unsigned int mss);
void tcp_event_new_data_sent(struct sock *sk, struct sk_buff *skb);
unsigned int tcp_current_mss(struct sock *sk);
unsigned int tcp_sync_mss(struct sock *sk, u32 pmtu);
u32 tcp_mtu_to_mss(struct sock *sk, u32 pmtu);
bool tcp_can_tso(const struct sock *sk);
int tcp_send_mss(struct sock *sk, int *size_goal, int flags);
int tcp_fragment(struct sock *sk, struct sk_buff_head *q, struct sk_buff *skb,
		 u32 len, unsigned int mss, gfp_t gfp);
int tcp_trim_head(struct sock *sk, struct sk_buff *skb, u32 len);
void tcp_set_skb_tso_segs(struct sk_buff *skb, unsigned int mss);
void tcp_send_fin(struct sock *sk);
void tcp_send_active_reset(struct sock *sk, gfp_t gfp);
void tcp_send_ack(struct sock *sk);
void tcp_send_ack_at(struct sock *sk, u32 rcv_nxt);
int tcp_write_wakeup(struct sock *sk);
void tcp_send_probe0(struct sock *sk);
void tcp_send_loss_probe(struct sock *sk);
bool tcp_schedule_loss_probe(struct sock *sk);
int tcp_connect(struct sock *sk);
int tcp_send_synack(struct sock *sk);
int tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, int segs);
void tcp_xmit_retransmit_queue(struct sock *sk);
u16 tcp_select_window(struct sock *sk);
u32 tcp_new_window(struct sock *sk);
void tcp_select_initial_window(const struct sock *sk, int space, u32 mss,
			       u32 *rcv_wnd, u32 *window_clamp, bool scaling,
			       u8 *scale);
void tcp_cleanup_rbuf(struct sock *sk, int copied);
void tcp_init_buffer_space(struct sock *sk);
void tcp_grow_window(struct sock *sk, const struct sk_buff *skb);
void tcp_rcv_space_adjust(struct sock *sk);
void tcp_clamp_window(struct sock *sk);
void tcp_rcv_rtt_measure(struct tcp_sock *tp);

/* ---- tcp_input.c and its kind ---- */

int tcp_rcv_state_process(struct sock *sk, struct sk_buff *skb);
void tcp_rcv_established(struct sock *sk, struct sk_buff *skb);
void tcp_finish_connect(struct sock *sk);
void tcp_init_transfer(struct sock *sk);
void tcp_initialize_rcv_mss(struct sock *sk);
void tcp_send_challenge_ack(struct sock *sk);
void tcp_fin(struct sock *sk);
void tcp_urg(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th);
bool tcp_oow_rate_limited(const struct net *net, const struct sk_buff *skb,
			  u32 *last);
bool tcp_paws_check(const struct tcp_options_received *o, int win);
void tcp_store_ts_recent(struct tcp_sock *tp);

enum tcp_queue_result { TCP_QUEUED, TCP_EATEN, TCP_DROPPED };

void tcp_data_queue(struct sock *sk, struct sk_buff *skb);
void tcp_data_snd_check(struct sock *sk);
void tcp_ack_snd_check(struct sock *sk);
bool tcp_try_rmem_schedule(struct sock *sk, struct sk_buff *skb);
void tcp_event_data_recv(struct sock *sk, struct sk_buff *skb);
/* Append to the receive queue; false: skb's bytes went into the last one. */
bool tcp_queue_rcv(struct sock *sk, struct sk_buff *skb);
void tcp_ofo_insert(struct sock *sk, struct sk_buff *skb);
void tcp_ofo_drain(struct sock *sk);
bool tcp_ofo_prune(struct sock *sk);
void tcp_ofo_purge(struct tcp_sock *tp);
void tcp_dsack_set(struct sock *sk, u32 seq, u32 end_seq);
void tcp_sack_new(struct sock *sk, u32 seq, u32 end_seq);
void tcp_sack_remove(struct tcp_sock *tp);

/* What one ACK told us; filled by its steps, used by the last. */
struct tcp_ack_state {
	u32 ack, ack_seq;             /* of the segment */
	u32 prior_snd_una, prior_packets, prior_in_flight, prior_delivered;
	u32 fack_rexmit_end;
	u32 acked_sacked;             /* newly delivered */
	u32 lost_before;
	u32 pkts_acked;               /* newly acked, cumulatively */
	s32 seq_rtt_us, sack_rtt_us, ca_rtt_us; /* -1: none */
	u64 newest_us;                /* sent last of what was delivered */
	u32 newest_end_seq;
	bool newest_retrans;
	u32 reord;                    /* lowest late arrival; or write_seq */
	bool data_acked, syn_acked, fin_acked, retrans_acked, orig_sacked;
	bool dsack, snd_una_advanced, win_updated, data_sacked, ece;
	bool lost_retrans;
};

int tcp_ack(struct sock *sk, struct sk_buff *skb, bool slowpath);
bool tcp_may_update_window(const struct tcp_sock *tp, u32 ack, u32 ack_seq,
			   u32 window);
void tcp_sacktag(struct sock *sk, struct sk_buff *skb,
		 struct tcp_ack_state *st);
void tcp_rate_delivered(struct sock *sk, struct sk_buff *skb,
			struct tcp_ack_state *st);
bool tcp_rack_sent_after(u64 t1, u64 t2, u32 end1, u32 end2);
void tcp_rack_update(struct sock *sk, const struct tcp_ack_state *st);
bool tcp_rack_mark_lost(struct sock *sk);
void tcp_rack_reo_timeout(struct sock *sk);
void tcp_mark_skb_lost(struct sock *sk, struct sk_buff *skb);
void tcp_check_reordering(struct sock *sk, u32 low_seq, bool ts);
void tcp_fastretrans_alert(struct sock *sk, struct tcp_ack_state *st);
void tcp_cong_control(struct sock *sk, struct tcp_ack_state *st);
void tcp_enter_loss(struct sock *sk);
void tcp_enter_cwr(struct sock *sk);
void tcp_enter_recovery(struct sock *sk);
void tcp_simple_retransmit(struct sock *sk);
void tcp_clear_retrans(struct tcp_sock *tp);
void tcp_rearm_rto(struct sock *sk);
void tcp_rtt_sample(struct sock *sk, s32 seq_rtt_us, s32 sack_rtt_us,
		    bool flag_acked, struct tcp_ack_state *st);
void tcp_rtt_init(struct sock *sk);
u32 tcp_min_rtt(const struct tcp_sock *tp);
void tcp_synack_rtt(struct sock *sk, struct request_sock *req);
void tcp_set_rto(struct sock *sk);

/* ---- congestion control ---- */

void tcp_assign_congestion_control(struct sock *sk);
void tcp_init_congestion_control(struct sock *sk);
void tcp_cleanup_congestion_control(struct sock *sk);
void tcp_set_ca_state(struct sock *sk, u8 state);
u32 tcp_slow_start(struct tcp_sock *tp, u32 acked);
u32 tcp_open_window(struct sock *sk, u32 acked);
void tcp_cong_avoid_ai(struct tcp_sock *tp, u32 w, u32 acked);
u32 tcp_reno_ssthresh(struct sock *sk);
u32 tcp_reno_undo_cwnd(struct sock *sk);
bool tcp_is_cwnd_limited(const struct sock *sk);
void tcp_cwnd_validate(struct sock *sk, bool is_cwnd_limited);
void tcp_cwnd_restart(struct sock *sk, s32 idle);

static inline void tcp_ca_event(struct sock *sk, enum tcp_ca_event ev)
{
	const struct tcp_congestion_ops *ca = inet_csk(sk)->icsk_ca_ops;

	if (ca->cwnd_event)
		ca->cwnd_event(sk, ev);
}

extern struct tcp_congestion_ops tcp_reno;

/* ---- timers ---- */

void tcp_init_xmit_timers(struct sock *sk);
void tcp_retransmit_timer(struct sock *sk);
void tcp_write_timer_handler(struct sock *sk);
void tcp_delack_timer_handler(struct sock *sk);
void tcp_set_keepalive(struct sock *sk, int val);
unsigned long tcp_probe0_when(const struct sock *sk);
void tcp_check_probe_timer(struct sock *sk);

/* ---- handshakes and ends: tcp_listen.c, tcp_minisocks.c, cookies ---- */

int tcp_listen_rcv(struct sock *sk, struct sk_buff *skb);
struct sock *tcp_check_req(struct sock *sk, struct sk_buff *skb,
			   struct request_sock *req);
struct sock *tcp_create_child(struct sock *sk, struct sk_buff *skb,
			      struct request_sock *req);
int tcp_child_process(struct sock *parent, struct sock *child,
		      struct sk_buff *skb);
void tcp_request_window(struct sock *sk, struct request_sock *req);
bool tcp_rtx_synack(struct sock *sk, struct request_sock *req);
void tcp_reqsk_timer(struct timer_list *t);
void tcp_time_wait(struct sock *sk, int state, int timeo);

enum tcp_tw_status {
	TCP_TW_SUCCESS, TCP_TW_ACK,   /* it lives on */
	TCP_TW_RST, TCP_TW_SYN, TCP_TW_GONE /* it has ended */
};

enum tcp_tw_status tcp_timewait_state_process(struct inet_timewait_sock *tw,
					      struct sk_buff *skb, u32 *isn);
u32 tcp_cookie_make(const struct sk_buff *skb, u16 *mss);
/* The MSS in it, 0: it is none of ours. */
u16 tcp_cookie_check(const struct sk_buff *skb);
u32 tcp_cookie_ts(const struct request_sock *req, u32 now_ms);
struct sock *tcp_cookie_ack(struct sock *sk, struct sk_buff *skb);
bool tcp_cookies_wanted(struct sock *sk);
bool tcp_cookies_recent(void);
void tcp_cookies_sent(void);

/* The sock is owned: keep skb for release_sock(), or drop it. */
void tcp_add_backlog(struct sock *sk, struct sk_buff *skb);

#define bh_lock_sock_nested(sk) \
	spin_lock_nested(&(sk)->sk_lock.slock, SINGLE_DEPTH_NESTING)
#define bh_unlock_sock(sk) spin_unlock(&(sk)->sk_lock.slock)

/* ---- tcp_ipv4.c: the way to the network below ---- */

extern const struct inet_connection_sock_af_ops tcp_ipv4_ops;

int tcp_v4_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len);
int tcp_v4_do_rcv(struct sock *sk, struct sk_buff *skb);
u32 tcp_v4_init_seq(const struct sk_buff *skb);
u32 tcp_v4_init_ts_off(const struct net *net, __be32 saddr, __be32 daddr);
/* An answer to skb from nobody's sock. */
void tcp_v4_send_reset(const struct sock *sk, struct sk_buff *skb);

/* A segment without a sock of its own. */
struct tcp_reply {
	__be32 saddr, daddr;
	__be16 sport, dport;
	u32 seq, ack;
	u8 flags;                     /* TCPHDR_* */
	u8 tos;
	u16 window;
	int oif;
	u32 mark;
	struct tcp_out_options opts;
};

int tcp_v4_send_reply(struct net *net, const struct tcp_reply *r);
u32 tcp_v4_route_mtu(struct net *net, const struct request_sock *req);
void tcp_v4_child_route(struct sock *child, struct request_sock *req);

/* ---- the calls ---- */

int tcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);
int tcp_sendmsg_locked(struct sock *sk, struct msghdr *msg, size_t size);
ssize_t tcp_sendpages(struct socket *sock, const struct bio_vec *vec,
		      unsigned int nr, int flags);
ssize_t tcp_splice_read(struct socket *sock, loff_t *ppos,
			struct pipe_inode_info *pipe, size_t len,
			unsigned int flags);
int tcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		int *addr_len);
int tcp_setsockopt(struct sock *sk, int level, int name, void __user *val,
		   unsigned int len);
int tcp_getsockopt(struct sock *sk, int level, int name, char __user *val,
		   int __user *len);
void tcp_push(struct sock *sk, int flags, int mss, int nonagle, int goal);
int tcp_connect_wait(struct sock *sk, long *timeo);

#endif
