/* SPDX-License-Identifier: MIT */
/*
 * tcp_test.c -- streams over loopback inside the kernel, whole and lossy
 *
 * The lossy tests hook into tcp_v4_rcv() and drop, double and hold back
 * segments by a repeatable generator; the stream must arrive whole, and all
 * state must count to nothing in the end.
 */

#include "tcp_impl.h"

#include <kernel/completion.h>
#include <kernel/kthread.h>
#include <kernel/random.h>
#include <kernel/selftest.h>
#include <mm/slab.h>
#include <uapi/in.h>

/* ---- the network that is not good ---- */

static struct {
	spinlock_t lock;              /* guards all */
	struct rnd_state rnd;
	struct sk_buff *held;         /* overtaken by the next */
	int lose, doubled, reorder;   /* percent */
	int dropped;
} net;

static struct sk_buff *lossy(struct sk_buff *skb)
{
	struct sk_buff *out = skb, *copy;
	u32 dice;

	spin_lock_bh(&net.lock);
	dice = prandom_u32_state(&net.rnd) % 100;
	if (dice < (u32)net.lose) {
		net.dropped++;
		kfree_skb(skb);
		out = NULL;
	} else if (dice < (u32)(net.lose + net.doubled)) {
		copy = skb_clone(skb, GFP_ATOMIC);
		if (copy)
			skb->next = copy;
	} else if (dice < (u32)(net.lose + net.doubled + net.reorder) &&
		   !net.held) {
		net.held = skb;
		out = NULL;
	}
	if (out && net.held) {
		copy = out;
		while (copy->next)
			copy = copy->next;
		copy->next = net.held;
		net.held = NULL;
	}
	spin_unlock_bh(&net.lock);
	return out;
}

static void begin_loss(int lose, int doubled, int reorder)
{
	spin_lock_init(&net.lock);
	prandom_seed_state(&net.rnd, 20240601);
	net.lose = lose;
	net.doubled = doubled;
	net.reorder = reorder;
	net.dropped = 0;
	WRITE_ONCE(tcp_test_lossy_hook, lossy);
}

static void end_loss(void)
{
	WRITE_ONCE(tcp_test_lossy_hook, NULL);
	synchronize_rcu();
	kfree_skb(net.held);
	net.held = NULL;
}

/* ---- a stream ---- */

struct ends {
	struct socket *listener, *a, *b;
};

static void close_ends(struct ends *e)
{
	if (e->a)
		sock_release(e->a);
	if (e->b)
		sock_release(e->b);
	if (e->listener)
		sock_release(e->listener);
}

/* mss 0: as large as the device likes. */
static bool open_ends(struct ends *e, u16 mss)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_addr.s_addr = cpu_to_be32(INADDR_LOOPBACK) };
	struct sockaddr *sa = (struct sockaddr *)&addr;

	memset(e, 0, sizeof(*e));
	if (sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP,
			     &e->listener) ||
	    sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP,
			     &e->a))
		return false;
	tcp_sk(e->listener->sk)->rx_opt.user_mss = mss;
	tcp_sk(e->a->sk)->rx_opt.user_mss = mss;
	if (kernel_bind(e->listener, sa, sizeof(addr)) ||
	    kernel_listen(e->listener, 4))
		return false;
	addr.sin_port = cpu_to_be16(e->listener->sk->sk_num);
	return kernel_connect(e->a, sa, sizeof(addr), 0) == 0 &&
	       kernel_accept(e->listener, &e->b, 0) == 0;
}

struct pour {
	struct socket *sock;
	u32 bytes;
	struct completion done;
};

#define CHUNK 32768

static u8 byte_at(u32 i)
{
	return (u8)(i * 2654435761u >> 24);
}

static int pour_thread(void *arg)
{
	u8 *buf = kmalloc(CHUNK, GFP_KERNEL);
	struct pour *p = arg;
	u32 at = 0;

	while (buf && at < p->bytes) {
		struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };
		u32 n = min(p->bytes - at, (u32)CHUNK);
		struct kvec v = { buf, n };
		int sent;

		for (u32 i = 0; i < n; i++)
			buf[i] = byte_at(at + i);
		sent = kernel_sendmsg(p->sock, &msg, &v, 1, n);
		if (sent <= 0)
			break;
		at += sent;
	}
	kfree(buf);
	kernel_sock_shutdown(p->sock, SHUT_WR_CMD);
	complete(&p->done);
	return 0;
}

/* Bytes that came, in order and right. */
static u32 drain(struct socket *sock)
{
	u8 *buf = kmalloc(CHUNK, GFP_KERNEL);
	u32 at = 0;

	for (;;) {
		struct msghdr msg = { 0 };
		struct kvec v = { buf, CHUNK };
		int n = buf ? kernel_recvmsg(sock, &msg, &v, 1, CHUNK, 0) : 0;

		if (n <= 0)
			break;
		for (int i = 0; i < n; i++) {
			if (buf[i] != byte_at(at + i)) {
				kfree(buf);
				return at + i;
			}
		}
		at += n;
	}
	kfree(buf);
	return at;
}

static void transfer(u32 bytes, u16 mss)
{
	struct pour p = { .bytes = bytes };
	struct ends e;

	if (!open_ends(&e, mss)) {
		EXPECT(!"no connection");
		close_ends(&e);
		return;
	}
	e.b->sk->sk_rcvtimeo = 20 * HZ;
	e.a->sk->sk_sndtimeo = 20 * HZ;
	init_completion(&p.done);
	p.sock = e.a;
	if (!IS_ERR(kthread_run(pour_thread, &p, "tcp_test"))) {
		EXPECT(drain(e.b) == bytes);
		wait_for_completion(&p.done);
	}
	close_ends(&e);
}

SELFTEST_SLOW(tcp_stream_arrives_whole_over_loopback)
{
	transfer(64 * 1024, 0);
}

SELFTEST_SLOW(tcp_stream_survives_loss_and_reordering)
{
	begin_loss(5, 5, 10);
	transfer(32 * 1024, 1400);
	EXPECT(net.dropped > 0);
	end_loss();
}

/* ---- options ---- */

static struct tcp_options_received parse(const u8 *opts, int len, bool syn)
{
	struct {
		struct tcphdr th;
		u8 opts[40];
	} seg = { .th = { .doff = 5 + len / 4, .syn = syn } };
	struct tcp_options_received o = { .sack_ok = !syn, .tstamp_ok = true };

	memcpy(seg.opts, opts, len);
	tcp_parse_options(&seg.th, &o, !syn);
	return o;
}

SELFTEST(tcp_options_written_are_read_back)
{
	struct tcp_out_options w = { .mss = 1460, .ws = 7, .has_ts = true,
		.has_ws = true, .sack_perm = true, .tsval = 1, .tsecr = 2 };
	struct tcp_options_received o;
	u8 buf[40];

	EXPECT(tcp_options_size(&w) == 20);
	tcp_options_write(buf, &w);
	o = parse(buf, 20, true);
	EXPECT(o.mss_clamp == 1460 && o.wscale_ok && o.snd_wscale == 7);
	EXPECT(o.sack_ok && o.saw_tstamp);
	EXPECT(o.rcv_tsval == 1 && o.rcv_tsecr == 2);
}

SELFTEST(tcp_options_of_a_wrong_length_are_ignored)
{
	static const u8 zero[4] = { TCPOPT_MSS, 0, 1, 1 };
	static const u8 beyond[4] = { TCPOPT_TIMESTAMP, 10, 0, 0 };
	static const u8 cut[4] = { 1, 1, 1, TCPOPT_SACK };
	static const u8 wide[4] = { TCPOPT_WINDOW, 3, 200, 0 };

	EXPECT(parse(zero, 4, true).mss_clamp == 0);
	EXPECT(!parse(beyond, 4, false).saw_tstamp);
	EXPECT(!parse(cut, 4, false).sack_off);
	EXPECT(parse(wide, 4, true).snd_wscale == TCP_MAX_WSCALE);
}

/* ---- SACK ranges that we report ---- */

SELFTEST(tcp_sack_ranges_that_touch_become_one)
{
	struct tcp_sock *tp = kzalloc(sizeof(*tp), GFP_KERNEL);
	struct sock *sk = (struct sock *)tp;

	REQUIRE(tp);
	tp->rx_opt.sack_ok = true;
	tcp_sack_new(sk, 100, 200);
	tcp_sack_new(sk, 300, 400);
	EXPECT(tp->rx_opt.num_sacks == 2);
	EXPECT(tp->selective_acks[0].start_seq == 300);
	tcp_sack_new(sk, 200, 300);
	EXPECT(tp->rx_opt.num_sacks == 1);
	EXPECT(tp->selective_acks[0].start_seq == 100 &&
	       tp->selective_acks[0].end_seq == 400);
	for (u32 i = 0; i < 6; i++)
		tcp_sack_new(sk, 1000 + 100 * i, 1050 + 100 * i);
	EXPECT(tp->rx_opt.num_sacks == TCP_NUM_SACKS);
	EXPECT(tp->selective_acks[0].start_seq == 1500);
	kfree(tp);
}
