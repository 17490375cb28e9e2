/* SPDX-License-Identifier: MIT */
/*
 * tcp_mem.c -- what connections may keep in memory, one by one and all together
 *
 * PROMISE.  However many connections there are and whatever peers send, packets
 * of TCP take no more than net.ipv4.tcp_mem's third number of pages (and a
 * packet for each sock, so that none is stuck for ever).
 *
 * IDEA.  Each sock has two limits of its own (sk_sndbuf on sk_wmem_queued,
 * sk_rcvbuf on sk_rmem_alloc), and buys pages from a common account for what it
 * keeps: sk_forward_alloc is the change it has left from the last page.
 *
 *	tcp_memory_allocated + untold  ==  sum over socks of pages bought
 *	bought * PAGE_SIZE             ==  queued + received + sk_forward_alloc
 *
 * A sock keeps less than a page of change, so that thousands of idle ones hold
 * nothing.  Each CPU tells the common account only when it owes TELL pages.
 *
 * CONTEXT.  The sock's lock, any context.
 */

#include "tcp_impl.h"

#include <fs/poll.h>
#include <kernel/percpu.h>
#include <kernel/signal.h>
#include <mm/slab.h>

static atomic_long_t tcp_memory_allocated = ATOMIC_LONG_INIT(0); /* pages */

#define TELL 32                        /* pages */
static DEFINE_PER_CPU(long, untold);

/* Each flush takes from some CPU's count what it adds to the common one:
 * whoever interrupts, or where we go on, the sum stays right. */
static void account(long pages)
{
	long sum = this_cpu_add_return(untold, pages);

	if (unlikely(sum >= TELL || sum <= -TELL)) {
		this_cpu_sub(untold, sum);
		atomic_long_add(sum, &tcp_memory_allocated);
	}
}

/* What all socks have bought. */
long tcp_memory_pages(void)
{
	long sum = atomic_long_read(&tcp_memory_allocated);
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(untold, cpu));
	return max(sum, 0l);
}

bool tcp_under_memory_pressure(void)
{
	return atomic_long_read(&tcp_memory_allocated) >
	       READ_ONCE(tcp_limits.mem[1]);
}

/* Buy what is missing for size bytes; force: even beyond the limit. */
static bool buy(struct sock *sk, int size, bool force)
{
	int pages;

	if (size <= sk->sk_forward_alloc)
		return true;
	pages = (size - sk->sk_forward_alloc + PAGE_SIZE - 1) >> PAGE_SHIFT;
	if (!force && atomic_long_read(&tcp_memory_allocated) + pages >
		      READ_ONCE(tcp_limits.mem[2]))
		return false;
	account(pages);
	sk->sk_forward_alloc += pages << PAGE_SHIFT;
	return true;
}

/* A sock with nothing queued may always have one packet. */
bool tcp_wmem_schedule(struct sock *sk, int size)
{
	return buy(sk, size, sk->sk_wmem_queued < 4096);
}

bool tcp_rmem_schedule(struct sock *sk, int size)
{
	return buy(sk, size, sk_rmem_alloc_get(sk) == 0);
}

/* Sell whole pages. */
void tcp_mem_reclaim(struct sock *sk)
{
	int pages = sk->sk_forward_alloc >> PAGE_SHIFT;

	if (pages <= 0)
		return;
	sk->sk_forward_alloc -= pages << PAGE_SHIFT;
	account(-pages);
}

static void give_back(struct sock *sk, int size)
{
	sk->sk_forward_alloc += size;
	if (sk->sk_forward_alloc >= (int)PAGE_SIZE)
		tcp_mem_reclaim(sk);
}

/* ---- receiving ---- */

/* Freed under the sock's lock, as all packets of its queues are. */
static void tcp_rfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	atomic_sub(skb->truesize, &sk->sk_rmem_alloc);
	give_back(sk, skb->truesize);
}

void tcp_set_owner_r(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	buy(sk, skb->truesize, true);
	skb->sk = sk;
	skb->destructor = tcp_rfree;
	atomic_add(skb->truesize, &sk->sk_rmem_alloc);
	sk->sk_forward_alloc -= skb->truesize;
}

/* ---- sending ---- */

/* A packet in our queues grew or shrank. */
void tcp_wmem_queued_add(struct sock *sk, int delta)
{
	if (delta > 0)
		buy(sk, delta, true);
	WRITE_ONCE(sk->sk_wmem_queued, sk->sk_wmem_queued + delta);
	if (delta > 0)
		sk->sk_forward_alloc -= delta;
	else
		give_back(sk, -delta);
}

void tcp_wmem_free_skb(struct sock *sk, struct sk_buff *skb)
{
	tcp_wmem_queued_add(sk, -(int)skb->truesize);
	__kfree_skb(skb);
}

/* An empty packet with room for headers; its bytes will be in pages. */
struct sk_buff *tcp_stream_alloc_skb(struct sock *sk, gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb_fclone(MAX_TCP_HEADER, gfp);

	if (!skb)
		return NULL;
	if (!tcp_wmem_schedule(sk, skb->truesize)) {
		__kfree_skb(skb);
		return NULL;
	}
	skb_reserve(skb, MAX_TCP_HEADER);
	skb->ip_summed = CHECKSUM_PARTIAL;
	memset(TCP_SKB_CB(skb), 0, sizeof(struct tcp_skb_cb));
	skb_shinfo(skb)->gso_segs = 1;
	return skb;
}

/* Autotuning: room for twice what the congestion window lets out, so that the
 * user fills one half while the other is under way. */
void tcp_sndbuf_expand(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u64 per_mss, nr, want;

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK)
		return;
	per_mss = SKB_TRUESIZE(max(tp->rx_opt.mss_clamp, tp->mss_cache) +
			       MAX_TCP_HEADER);
	nr = max(max(tp->snd_cwnd, (u32)TCP_INIT_CWND), tp->reordering + 1);
	want = 2 * nr * per_mss;
	want = min_t(u64, want, READ_ONCE(tcp_net(sk)->wmem[2]));
	if ((s64)want > sk->sk_sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, (int)want);
}

/* May a writer go on?  Also: is there little enough that was not yet sent? */
bool tcp_stream_memory_free(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 notsent = READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_nxt);
	u32 lowat = tp->notsent_lowat ? tp->notsent_lowat :
		    (u32)READ_ONCE(tcp_net(sk)->notsent_lowat);

	return READ_ONCE(sk->sk_wmem_queued) < READ_ONCE(sk->sk_sndbuf) &&
	       notsent < lowat;
}

/* sk_write_space: a third of the buffer is free, so that writers are woken for
 * a worthwhile amount. */
void tcp_write_space(struct sock *sk)
{
	int queued = READ_ONCE(sk->sk_wmem_queued);
	struct socket_wq *wq;

	if (READ_ONCE(sk->sk_sndbuf) - queued < queued >> 1 ||
	    !tcp_stream_memory_free(sk))
		return;
	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (wq)
		clear_bit(SOCK_NOSPACE,
			  &container_of(wq, struct socket, wq)->flags);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM |
					   EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}

/* An ACK freed something: somebody may be waiting for it.  The owner of the
 * sock comes here with bottom halves on, and a timer's would want slocks. */
void tcp_check_space(struct sock *sk)
{
	struct socket *sock;

	smp_mb();                     /* with poll_data() */
	read_lock_bh(&sk->sk_callback_lock);
	sock = sk->sk_socket;
	if (sock && test_bit(SOCK_NOSPACE, &sock->flags)) {
		if (tcp_sk(sk)->snd_cwnd > tcp_sk(sk)->snd_cwnd_used)
			tcp_sndbuf_expand(sk);
		sk->sk_write_space(sk);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

/* Too many orphans, or too much memory: this one must go at once. */
bool tcp_check_oom(struct sock *sk, int shift)
{
	if (atomic_read(&tcp_orphan_count) << shift >
	    READ_ONCE(tcp_limits.max_orphans))
		return true;
	return sk->sk_wmem_queued > 2 * 2304 &&
	       atomic_long_read(&tcp_memory_allocated) >
	       READ_ONCE(tcp_limits.mem[2]);
}
