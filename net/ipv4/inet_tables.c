/* SPDX-License-Identifier: MIT */
/*
 * inet_tables.c -- all sockets of a transport, for those who list them
 *
 * IDEA.  TCP, UDP, raw and ping sockets stand in hash tables of four shapes.
 * Whoever lists (/proc/net, sock_diag) sees one row of chains, numbered from
 * 0, each with its lock; a place in the list is (chain, place in the chain).
 * A socket that comes or goes meanwhile may be missed; none is seen twice
 * unless one before it left its chain.
 */

#include "internal.h"

#include <kernel/kernel.h>
#include <net/tcp.h>
#include <net/udp.h>

static bool tcp_bucket(unsigned int n, struct inet_bucket *b)
{
	if (n < INET_LHTABLE_SIZE) {
		struct inet_listen_hashbucket *l = &tcp_hashinfo.lhash[n];

		*b = (struct inet_bucket){ &l->head, &l->lock };
		return true;
	}
	n -= INET_LHTABLE_SIZE;
	if (n > tcp_hashinfo.ehash_mask)
		return false;
	*b = (struct inet_bucket){ &tcp_hashinfo.ehash[n].chain,
				   &tcp_hashinfo.ehash[n].lock };
	return true;
}

bool inet_bucket(int protocol, unsigned int n, struct inet_bucket *b)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return tcp_bucket(n, b);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		if (n >= UDP_HTABLE_SIZE)
			return false;
		*b = (struct inet_bucket){
			&udp_table_of(protocol)->hash[n].head,
			&udp_table_of(protocol)->hash[n].lock };
		return true;
	case IPPROTO_RAW:
		return raw_bucket(n, b);
	case IPPROTO_ICMP:
		return ping_bucket(n, b);
	default:
		return false;
	}
}

void inet_timer_info(const struct sock *sk, struct inet_timer_info *t)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	int pending = READ_ONCE(icsk->icsk_pending);

	*t = (struct inet_timer_info){ .expires = jiffies };
	if (pending == ICSK_TIME_RETRANS || pending == ICSK_TIME_REO_TIMEOUT ||
	    pending == ICSK_TIME_LOSS_PROBE) {
		t->timer = INET_TIMER_RETRANS;
		t->retrans = icsk->icsk_retransmits;
		t->expires = icsk->icsk_timeout;
	} else if (pending == ICSK_TIME_PROBE0) {
		t->timer = INET_TIMER_PROBE0;
		t->retrans = icsk->icsk_probes_out;
		t->expires = icsk->icsk_timeout;
	} else if (timer_pending(&sk->sk_timer)) {
		t->timer = INET_TIMER_KEEPALIVE;
		t->retrans = icsk->icsk_probes_out;
		t->expires = sk->sk_timer.expires;
	}
	if (time_before(t->expires, jiffies))
		t->expires = jiffies;
}
