/* SPDX-License-Identifier: MIT */
/*
 * proc_sockets.c -- /proc/net/tcp, raw, icmp: sockets for `netstat`
 *
 * Formats are Linux's to the column.  `ss` asks sock_diag instead, which can
 * choose, and tells more.
 *
 * IDEA.  A record's position is (chain, place in it), see inet_tables.c; the
 * chain's lock is held from one record of a buffer to the next.
 *
 * LOCKING.  A chain's lock, bottom halves off, between start and stop.
 */

#include "tcp_impl.h"
#include "internal.h"

#include <fs/proc_fs.h>
#include <fs/seq_file.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/tcp.h>

#define PLACE_BITS 32
#define TCP_LINE 149
#define RAW_LINE 127

/* m->private while between start and stop: the chain we hold, or NULL. */
static struct sock *hold_from(struct seq_file *m, int protocol, loff_t *pos)
{
	unsigned long at = *pos - 1, place = at & ((1ul << PLACE_BITS) - 1);
	struct inet_bucket b;
	struct sock *sk;

	m->private = NULL;
	for (unsigned long n = at >> PLACE_BITS; inet_bucket(protocol, n, &b);
	     n++, place = 0) {
		unsigned long i = 0;

		if (hlist_empty(b.head))
			continue;
		spin_lock_bh(b.lock);
		hlist_for_each_entry(sk, b.head, sk_node) {
			if (i++ < place ||
			    !net_eq(sk->sk_net, seq_file_net(m)))
				continue;
			*pos = ((loff_t)n << PLACE_BITS) + i;
			m->private = b.lock;
			return sk;
		}
		spin_unlock_bh(b.lock);
	}
	return NULL;
}

static void let_go(struct seq_file *m)
{
	if (m->private)
		spin_unlock_bh((spinlock_t *)m->private);
	m->private = NULL;
}

static void *start(struct seq_file *m, loff_t *pos, int protocol)
{
	m->private = NULL;
	return *pos ? hold_from(m, protocol, pos) : SEQ_START_TOKEN;
}

static void *next(struct seq_file *m, loff_t *pos, int protocol)
{
	++*pos;
	let_go(m);
	return hold_from(m, protocol, pos);
}

static void inet_seq_stop(struct seq_file *m, void *v)
{
	let_go(m);
}

/* One of how many; Linux counts lines, we know the place only. */
static int slot(const struct seq_file *m)
{
	return ((m->index - 1) >> PLACE_BITS) % 10000;
}

static unsigned long clock_t_until(unsigned long when)
{
	long delta = when - jiffies;

	return delta > 0 ? jiffies_to_clock_t(delta) : 0;
}

/* ---- tcp ---- */

static void show_addresses(struct seq_file *m, const struct sock *sk,
			   int state)
{
	seq_printf(m, "%4d: %08X:%04X %08X:%04X %02X ", slot(m),
		   sk->sk_rcv_saddr, sk->sk_num, sk->sk_daddr,
		   ntohs(sk->sk_dport), state);
}

static void show_tcp(struct seq_file *m, struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	struct inet_timer_info t;
	s32 unread = READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);
	int rx = sk->sk_state == TCP_LISTEN ?
		 (int)READ_ONCE(sk->sk_ack_backlog) : max(unread, 0);
	int ssthresh = tp->snd_ssthresh >= TCP_INFINITE_SSTHRESH ? -1 :
		       (int)tp->snd_ssthresh;

	inet_timer_info(sk, &t);
	show_addresses(m, sk, sk->sk_state);
	seq_printf(m, "%08X:%08X %02X:%08lX %08X %5u %8d %lu %d %016lx "
		   "%lu %lu %u %u %d",
		   READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_una), rx,
		   t.timer, clock_t_until(t.expires), icsk->icsk_retransmits,
		   sk->sk_uid, icsk->icsk_probes_out, sock_i_ino(sk),
		   refcount_read(&sk->sk_refcnt), 0ul,
		   (unsigned long)jiffies_to_clock_t(icsk->icsk_rto),
		   (unsigned long)jiffies_to_clock_t(icsk->icsk_ack.ato),
		   icsk->icsk_ack.quick << 1 | !!icsk->icsk_ack.pingpong,
		   tp->snd_cwnd, sk->sk_state == TCP_LISTEN ? 0 : ssthresh);
}

/* A request, or in TIME_WAIT: no file, no queues. */
static void show_mini(struct seq_file *m, struct sock *sk)
{
	bool tw = sk->sk_state == TCP_TIME_WAIT;
	unsigned long when = tw ? inet_twsk(sk)->tw_timer.expires :
			     inet_reqsk(sk)->rsk_timer.expires;

	show_addresses(m, sk, tw ? inet_twsk(sk)->tw_substate : TCP_SYN_RECV);
	seq_printf(m, "%08X:%08X %02X:%08lX %08X %5d %8d %d %d %016lx", 0, 0,
		   tw ? INET_TIMER_TIMEWAIT : INET_TIMER_RETRANS,
		   clock_t_until(when),
		   tw ? 0 : inet_reqsk(sk)->num_timeout, 0, 0, 0,
		   refcount_read(&sk->sk_refcnt), 0ul);
}

static int tcp_seq_show(struct seq_file *m, void *v)
{
	struct sock *sk = v;

	seq_setwidth(m, TCP_LINE);
	if (v == SEQ_START_TOKEN)
		seq_puts(m, "  sl  local_address rem_address   st tx_queue "
			 "rx_queue tr tm->when retrnsmt   uid  timeout "
			 "inode");
	else if (sk->sk_state == TCP_TIME_WAIT ||
		 sk->sk_state == TCP_NEW_SYN_RECV)
		show_mini(m, sk);
	else
		show_tcp(m, sk);
	seq_pad(m, '\n');
	return 0;
}

/* ---- raw, icmp (the sockets of ping) ---- */

static void show_raw(struct seq_file *m, struct sock *sk)
{
	show_addresses(m, sk, sk->sk_state);
	seq_printf(m, "%08X:%08X %02X:%08lX %08X %5u %8d %lu %d %016lx %u",
		   sk_wmem_alloc_get(sk), sk_rmem_alloc_get(sk), 0, 0ul, 0,
		   sk->sk_uid, 0, sock_i_ino(sk),
		   refcount_read(&sk->sk_refcnt), 0ul,
		   atomic_read(&sk->sk_drops));
}

static int raw_seq_show(struct seq_file *m, void *v)
{
	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "  sl  local_address rem_address   st tx_queue "
			 "rx_queue tr tm->when retrnsmt   uid  timeout "
			 "inode ref pointer drops\n");
		return 0;
	}
	show_raw(m, v);
	seq_putc(m, '\n');
	return 0;
}

static int icmp_seq_show(struct seq_file *m, void *v)
{
	seq_setwidth(m, RAW_LINE);
	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "  sl  local_address rem_address   st tx_queue "
			 "rx_queue tr tm->when retrnsmt   uid  timeout "
			 "inode ref pointer drops");
	} else {
		seq_putc(m, ' ');     /* one column more than raw has */
		show_raw(m, v);
	}
	seq_pad(m, '\n');
	return 0;
}

#define INET_SEQ(name, protocol)					\
static void *name##_seq_start(struct seq_file *m, loff_t *pos)		\
{									\
	return start(m, pos, protocol);					\
}									\
static void *name##_seq_next(struct seq_file *m, void *v, loff_t *pos)	\
{									\
	return next(m, pos, protocol);					\
}									\
static const struct seq_operations name##_seq_ops = {			\
	.start = name##_seq_start, .next = name##_seq_next,		\
	.stop = inet_seq_stop, .show = name##_seq_show,			\
}

INET_SEQ(tcp, IPPROTO_TCP);
INET_SEQ(raw, IPPROTO_RAW);
INET_SEQ(icmp, IPPROTO_ICMP);

static int proc_sockets_init(void)
{
	struct proc_dir_entry *dir = init_net.proc_net;

	return proc_create_seq("tcp", 0444, dir, &tcp_seq_ops) &&
	       proc_create_seq("raw", 0444, dir, &raw_seq_ops) &&
	       proc_create_seq("icmp", 0444, dir, &icmp_seq_ops) ?
	       0 : -ENOMEM;
}
fs_initcall(proc_sockets_init);
