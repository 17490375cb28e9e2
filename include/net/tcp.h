/* SPDX-License-Identifier: MIT */
#ifndef NET_TCP_H
#define NET_TCP_H
/*
 * tcp.h -- the Transmission Control Protocol: one connection's state
 *
 * Sequence space, sender's view and receiver's:
 *
 *	   acked     | sent, unacked |  may be sent   |
 *	-------------+---------------+----------------+--->
 *	          snd_una         snd_nxt       snd_una + snd_wnd
 *
 *	  read by user | in order     | window we have promised |
 *	---------------+--------------+-------------------------+--->
 *	          copied_seq       rcv_nxt              rcv_wup + rcv_wnd
 *
 * Packets on their way through a sock, each on one queue:
 *
 *	sendmsg -> sk_write_queue -> rtx_queue -> (acked) freed
 *	            not sent yet     sent once or more; clones are in the network
 *	network -> out_of_order_queue -> sk_receive_queue -> recvmsg
 *
 * Start at net/ipv4/tcp.c; chapter docs/99-tcp.md.
 */

#include <kernel/ktime.h>
#include <kernel/timekeeping.h>
#include <net/inet_connection_sock.h>
#include <net/inet_timewait_sock.h>
#include <uapi/tcp.h>

#define MAX_TCP_HEADER 192            /* link, IP and TCP with options */
#define TCP_MAX_OPTIONS 40
#define TCP_MSS_DEFAULT 536           /* RFC 9293 3.7.1 */
#define TCP_MIN_MSS 88
#define TCP_MIN_SND_MSS 48
#define TCP_MAX_WSCALE 14
#define TCP_INIT_CWND 10              /* RFC 6928 */
#define TCP_FASTRETRANS_THRESH 3
#define TCP_MAX_REORDERING 300
/* Payload of one packet to the device: with all headers IP can say it. */
#define TCP_GSO_MAX_SIZE (65535 - 20 - 60)

#define TCP_RTO_MAX ((unsigned int)(120 * HZ))
#define TCP_RTO_MIN ((unsigned int)(HZ / 5))
#define TCP_TIMEOUT_MIN 2              /* jiffies */
#define TCP_TIMEOUT_INIT ((unsigned int)HZ) /* RFC 6298 2.1 */
#define TCP_DELACK_MAX ((unsigned int)(HZ / 5))
#define TCP_DELACK_MIN ((unsigned int)(HZ / 25))
#define TCP_ATO_MIN ((unsigned int)(HZ / 25))
#define TCP_KEEPALIVE_TIME (120 * 60 * HZ)
#define TCP_KEEPALIVE_INTVL (75 * HZ)
#define TCP_KEEPALIVE_PROBES 9
#define TCP_FIN_TIMEOUT (60 * HZ)
#define TCP_PAWS_24DAYS (60 * 60 * 24 * 24)
#define TCP_PAWS_WINDOW 1
#define TCP_PAWS_MSL 60
#define TCP_MAX_QUICKACKS 16

#define TCPOPT_EOL 0
#define TCPOPT_NOP 1
#define TCPOPT_MSS 2
#define TCPOPT_WINDOW 3
#define TCPOPT_SACK_PERM 4
#define TCPOPT_SACK 5
#define TCPOPT_TIMESTAMP 8
#define TCPOPT_MD5SIG 19
#define TCPOLEN_MSS 4
#define TCPOLEN_WINDOW 3
#define TCPOLEN_SACK_PERM 2
#define TCPOLEN_TIMESTAMP 10
#define TCPOLEN_TSTAMP_ALIGNED 12
#define TCPOLEN_SACK_BASE_ALIGNED 4
#define TCPOLEN_SACK_PERBLOCK 8

#define TCP_NUM_SACKS 4

/* tp->nonagle */
#define TCP_NAGLE_OFF 1               /* TCP_NODELAY */
#define TCP_NAGLE_CORK 2
#define TCP_NAGLE_PUSH 4              /* let the last one out now */

/* ---- sequence numbers: modulo 2^32 ---- */

static inline bool before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

#define after(a, b) before(b, a)

/* lo <= s <= hi */
static inline bool between(u32 s, u32 lo, u32 hi)
{
	return hi - lo >= s - lo;
}

/* ---- what a packet's header said, or shall say ---- */

#define TCPHDR_FIN 0x01
#define TCPHDR_SYN 0x02
#define TCPHDR_RST 0x04
#define TCPHDR_PSH 0x08
#define TCPHDR_ACK 0x10
#define TCPHDR_URG 0x20
#define TCPHDR_ECE 0x40
#define TCPHDR_CWR 0x80

/* tcp_skb_cb.sacked */
#define TCPCB_SACKED_ACKED 0x01       /* the peer has it (SACK) */
#define TCPCB_SACKED_RETRANS 0x02     /* sent again, and not lost again */
#define TCPCB_LOST 0x04               /* believed lost */
#define TCPCB_EVER_RETRANS 0x80       /* its RTT is ambiguous (Karn) */

struct tcp_skb_cb {
	u32 seq, end_seq;             /* SYN and FIN count as one each */
	u32 ack_seq;                  /* received: its ACK field */
	u8 tcp_flags;                 /* TCPHDR_* */
	u8 sacked;                    /* sent: TCPCB_* */
	u8 ip_dsfield;
	bool eor : 1;                 /* sent: nothing may be appended */
	bool is_app_limited : 1;
	union {
		u32 delivered;        /* sent: tp->delivered at that time */
		u32 tw_isn;           /* SYN into TIME_WAIT: our ISN; 0 */
	};
	u64 delivered_mstamp, first_tx_mstamp; /* us */
};

#define TCP_SKB_CB(skb) ((struct tcp_skb_cb *)(skb)->cb)

static_assert(sizeof(struct tcp_skb_cb) <= 48, "fits in skb->cb");

struct tcp_sack_block {
	u32 start_seq, end_seq;
};

struct tcp_options_received {
	long ts_recent_stamp;         /* seconds when ts_recent was stored */
	u32 ts_recent;                /* stamp to echo */
	u32 rcv_tsval, rcv_tsecr;
	bool saw_tstamp, tstamp_ok;   /* this segment has; both agreed to */
	bool sack_ok, wscale_ok;
	bool saw_md5;                 /* RFC 2385: nobody here has a key */
	bool dsack;                   /* our next SACK reports a duplicate */
	u8 snd_wscale, rcv_wscale;
	u8 num_sacks;                 /* blocks that we shall send */
	u16 mss_clamp;                /* the peer's MSS option */
	u16 user_mss;                 /* TCP_MAXSEG */
	u8 sack_off;                  /* of the SACK option in the header; 0 */
};

/* A running minimum over a window of time. */
struct tcp_minmax {
	u32 value;
	unsigned long stamp;
};

/*
 * One connection.  All fields are guarded by the sock's lock; those marked [r]
 * are read without it (poll, TCP_INFO), so written with WRITE_ONCE where the
 * reader cares.
 */
struct tcp_sock {
	struct inet_connection_sock inet_conn;

	/* the stream, receiving */
	u32 rcv_nxt;                  /* [r] next byte we want */
	u32 copied_seq;               /* [r] next byte the user has not read */
	u32 rcv_wup;                  /* rcv_nxt when we last sent a window */
	u32 rcv_wnd;                  /* window then */
	u32 window_clamp;             /* never offer more */
	u32 rcv_ssthresh;             /* window that is safe to offer now */
	struct rb_root out_of_order_queue;
	struct sk_buff *ooo_last_skb; /* its highest */
	struct tcp_sack_block duplicate_sack, selective_acks[TCP_NUM_SACKS];
	u16 advmss;                   /* MSS that we announced */
	u32 urg_seq;                  /* [r] sequence of the urgent byte */
	u16 urg_data;                 /* [r] TCP_URG_* and the byte */
	u32 rcv_tstamp;               /* jiffies of the last segment */
	u32 last_oow_ack_time;        /* jiffies of the last challenge ACK */
	u32 bytes_received_lo;
	struct {
		u32 rtt_us, seq; u64 time;
	} rcv_rtt_est;                /* receiver's guess */
	struct {
		u32 space, seq; u64 time;
	} rcvq_space;                 /* buffer autotuning */

	/* the stream, sending */
	u32 snd_una, snd_nxt;         /* [r] */
	u32 write_seq;                /* [r] behind the last queued byte */
	u32 pushed_seq;               /* behind the last byte with PSH */
	u32 snd_wnd, max_window;      /* the peer's window; the largest yet */
	u32 snd_wl1;                  /* segment of the last window update */
	u32 snd_sml;                  /* behind the last small segment (Nagle) */
	u32 snd_up;                   /* urgent pointer; snd_una: none */
	struct sk_buff_head rtx_queue;
	struct page *frag_page;       /* where sendmsg puts bytes */
	u32 frag_off, frag_size;
	u32 mss_cache;                /* what fits in a packet now */
	u16 tcp_header_len;           /* without SACKs */
	u32 lsndtime;                 /* jiffies of the last data */
	u32 tsoffset;                 /* added to our time stamps */
	u64 tcp_mstamp;               /* us: now, as of this segment */
	struct tcp_options_received rx_opt;

	/* congestion and loss */
	u32 snd_cwnd, snd_cwnd_cnt, snd_cwnd_clamp, snd_ssthresh;
	u32 snd_cwnd_stamp;           /* jiffies of the last change */
	u32 snd_cwnd_used;            /* how much of it was really used */
	u32 prior_cwnd, prior_ssthresh; /* before the reduction: to undo */
	u32 prr_delivered, prr_out;   /* RFC 6937, in this recovery */
	u32 packets_out;              /* segments sent and not yet acked */
	u32 retrans_out, sacked_out, lost_out; /* of those */
	u32 max_packets_out, max_packets_seq;
	bool is_cwnd_limited;
	u32 reordering;               /* duplicate ACKs before it is a loss */
	u32 reord_seen;
	u32 highest_sack;             /* behind it, if sacked_out */
	u32 high_seq;                 /* snd_nxt when recovery began */
	u32 undo_marker;              /* snd_una then; 0: no way back */
	int undo_retrans;             /* retransmissions not yet known needless */
	u32 retrans_stamp;            /* ts of the first retransmission */
	u32 total_retrans;
	u32 tlp_high_seq;             /* snd_nxt at a tail loss probe; 0 */
	struct {
		u64 mstamp;           /* us: sending time of the newest */
		u32 rtt_us, end_seq;  /* segment that was delivered */
		u32 reo_wnd_steps, last_delivered;
		bool advanced, dsack_seen;
	} rack;
	bool frto;                    /* the timeout may have been spurious */
	u32 delivered, lost, app_limited;
	u64 first_tx_mstamp, delivered_mstamp; /* us */

	/* round trips, us; srtt is 8 times it, mdev 4 times */
	u32 srtt_us, mdev_us, mdev_max_us, rttvar_us, rtt_seq;
	struct tcp_minmax rtt_min;

	/* what the user asked for */
	u8 nonagle;                   /* TCP_NAGLE_* */
	u8 keepalive_probes;          /* 0: the sysctl; likewise below */
	u32 keepalive_time, keepalive_intvl; /* jiffies */
	int linger2;                  /* jiffies in FIN_WAIT2; -1: none */
	u32 notsent_lowat;
	bool recvmsg_inq;             /* TCP_INQ */
	bool ecn_ok, ecn_demand_cwr, ecn_queue_cwr;
	bool ecn_seen, ecn_mark;      /* peer marks; this packet of ours */
	bool save_syn, repair;

	/* counters for TCP_INFO */
	u64 bytes_received, bytes_acked, bytes_sent, bytes_retrans;
	u32 segs_in, segs_out, data_segs_in, data_segs_out;
	u32 dsack_dups, rcv_ooopack;
};

#define TCP_URG_VALID 0x0100          /* the byte is here */
#define TCP_URG_NOTYET 0x0200         /* announced, has not come */
#define TCP_URG_READ 0x0400           /* was read */

static inline struct tcp_sock *tcp_sk(const struct sock *sk)
{
	return (struct tcp_sock *)sk;
}

static inline struct tcphdr *tcp_hdr(const struct sk_buff *skb)
{
	return (struct tcphdr *)skb_transport_header(skb);
}

static inline unsigned int tcp_hdrlen(const struct sk_buff *skb)
{
	return tcp_hdr(skb)->doff * 4;
}

/* ---- congestion control: a policy for snd_cwnd ---- */

struct ack_sample {
	u32 pkts_acked;
	s32 rtt_us;                   /* -1: none */
};

enum tcp_ca_event {
	CA_EVENT_TX_START, CA_EVENT_CWND_RESTART, CA_EVENT_COMPLETE_CWR,
	CA_EVENT_LOSS
};

#define TCP_CA_NAME_MAX 16

/* Called with the sock's lock, in any context. */
struct tcp_congestion_ops {
	u32 (*ssthresh)(struct sock *sk);      /* after a loss */
	void (*cong_avoid)(struct sock *sk, u32 ack, u32 acked);
	u32 (*undo_cwnd)(struct sock *sk);     /* the loss was none */
	void (*init)(struct sock *sk);         /* NULL: nothing to do */
	void (*set_state)(struct sock *sk, u8 new_state);
	void (*cwnd_event)(struct sock *sk, enum tcp_ca_event ev);
	void (*pkts_acked)(struct sock *sk, const struct ack_sample *sample);
	char name[TCP_CA_NAME_MAX];
	struct list_head list;
};

int tcp_register_congestion_control(struct tcp_congestion_ops *ca);
int tcp_set_congestion_control(struct sock *sk, const char *name);
int tcp_set_default_congestion_control(struct net *net, const char *name);
void tcp_get_default_congestion_control(const struct net *net, char *name);
void tcp_get_available_congestion_control(char *buf, size_t len);

/* ---- doors ---- */

extern struct proto tcp_prot;

int tcp_v4_rcv(struct sk_buff *skb);  /* softirq, RCU; consumes skb */
int tcp_v4_err(struct sk_buff *skb, u32 info); /* ICMP about our packet */
__poll_t tcp_poll(struct file *file, struct socket *sock,
		  struct poll_table_struct *wait);
void tcp_set_state(struct sock *sk, int state);
void tcp_get_info(struct sock *sk, struct tcp_info *info);
/* For tests: what arrives instead of skb, chained by next (NULL: nothing). */
extern struct sk_buff *(*tcp_test_lossy_hook)(struct sk_buff *skb);

#endif
