/* SPDX-License-Identifier: MIT */
/*
 * inet_diag_fill.c -- a socket of AF_INET, written down for sock_diag
 *
 * Three kinds stand in the tables: full socks, requests (SYN came) and what is
 * in TIME_WAIT.  The latter two have no file, no owner and no queues.
 *
 * LOCKING.  The caller has the chain's lock or a reference.  Numbers of a sock
 * that somebody uses meanwhile are each true of some moment.
 */

#include "inet_diag.h"

#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <net/tcp.h>
#include <net/udp.h>

static bool is_full(const struct sock *sk)
{
	return sk->sk_state != TCP_TIME_WAIT &&
	       sk->sk_state != TCP_NEW_SYN_RECV;
}

void inet_diag_cookie(struct sock *sk, u32 cookie[2])
{
	u64 real;

	if (sk->sk_state == TCP_NEW_SYN_RECV) {
		cookie[0] = inet_reqsk(sk)->snt_isn;
		cookie[1] = inet_reqsk(sk)->rcv_isn;
		return;
	}
	real = sk->sk_state == TCP_TIME_WAIT ?
	       sock_gen_cookie_at(&inet_twsk(sk)->tw_cookie) :
	       sock_gen_cookie(sk);
	cookie[0] = real;
	cookie[1] = real >> 32;
}

static void fill_id(struct inet_diag_msg *r, struct sock *sk)
{
	r->idiag_family = sk->sk_family;
	r->id.idiag_sport = htons(sk->sk_num);
	r->id.idiag_dport = sk->sk_dport;
	r->id.idiag_src[0] = sk->sk_rcv_saddr;
	r->id.idiag_dst[0] = sk->sk_daddr;
	r->id.idiag_if = sk->__sk_common.skc_bound_dev_if;
	inet_diag_cookie(sk, r->id.idiag_cookie);
}

static u32 ms_until(unsigned long when)
{
	long delta = when - jiffies;

	return delta > 0 ? jiffies_to_msecs(delta) : 0;
}

static void fill_timewait(struct inet_diag_msg *r,
			  const struct inet_timewait_sock *tw)
{
	r->idiag_state = tw->tw_substate;
	r->idiag_timer = INET_TIMER_TIMEWAIT;
	r->idiag_expires = ms_until(tw->tw_timer.expires);
}

static void fill_request(struct inet_diag_msg *r,
			 const struct request_sock *req)
{
	r->idiag_state = TCP_SYN_RECV;
	r->idiag_timer = INET_TIMER_RETRANS;
	r->idiag_retrans = req->num_timeout;
	r->idiag_expires = ms_until(req->rsk_timer.expires);
}

static void fill_queues(struct inet_diag_msg *r, struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct inet_timer_info t;
	s32 unread;

	r->idiag_rqueue = sk_rmem_alloc_get(sk);
	r->idiag_wqueue = sk_wmem_alloc_get(sk);
	if (!inet_sk(sk)->is_icsk)
		return;
	if (sk->sk_state == TCP_LISTEN) {
		r->idiag_rqueue = READ_ONCE(sk->sk_ack_backlog);
		r->idiag_wqueue = READ_ONCE(sk->sk_max_ack_backlog);
	} else {
		unread = READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);
		r->idiag_rqueue = max(unread, 0);
		r->idiag_wqueue = READ_ONCE(tp->write_seq) -
				  READ_ONCE(tp->snd_una);
	}
	inet_timer_info(sk, &t);
	r->idiag_timer = t.timer;
	r->idiag_retrans = t.retrans;
	r->idiag_expires = ms_until(t.expires);
}

static int put_sockopt(struct sk_buff *skb, const struct inet_sock *inet)
{
	struct inet_diag_sockopt o = {
		.recverr = inet->recverr, .is_icsk = inet->is_icsk,
		.freebind = inet->freebind, .hdrincl = inet->hdrincl,
		.mc_loop = inet->mc_loop, .transparent = inet->transparent,
		.mc_all = inet->mc_all, .nodefrag = inet->nodefrag,
		.bind_address_no_port = inet->bind_address_no_port,
		.recverr_rfc4884 = inet->recverr_rfc4884,
		.defer_connect = inet->defer_connect };

	return nla_put(skb, INET_DIAG_SOCKOPT, sizeof(o), &o);
}

static int put_meminfo(struct sk_buff *skb, struct sock *sk)
{
	struct inet_diag_meminfo m = {
		.idiag_rmem = sk_rmem_alloc_get(sk),
		.idiag_wmem = READ_ONCE(sk->sk_wmem_queued),
		.idiag_fmem = sk->sk_forward_alloc,
		.idiag_tmem = sk_wmem_alloc_get(sk) };

	return nla_put(skb, INET_DIAG_MEMINFO, sizeof(m), &m);
}

static bool wants(const struct inet_diag_out *o, int attr)
{
	return o->ext & 1 << (attr - 1);
}

static int put_tcp(struct inet_diag_out *o, struct sock *sk)
{
	struct nlattr *nla;

	if (wants(o, INET_DIAG_INFO)) {
		nla = nla_reserve_64bit(o->skb, INET_DIAG_INFO,
					sizeof(struct tcp_info),
					INET_DIAG_PAD);
		if (!nla)
			return -EMSGSIZE;
		tcp_get_info(sk, nla_data(nla));
	}
	return wants(o, INET_DIAG_CONG) ?
	       nla_put_string(o->skb, INET_DIAG_CONG,
			      inet_csk(sk)->icsk_ca_ops->name) : 0;
}

static int put_attrs(struct inet_diag_out *o, struct sock *sk)
{
	struct sk_buff *skb = o->skb;
	const struct inet_sock *inet = inet_sk(sk);

	if (nla_put_u8(skb, INET_DIAG_SHUTDOWN, sk->sk_shutdown) ||
	    (wants(o, INET_DIAG_TOS) &&
	     nla_put_u8(skb, INET_DIAG_TOS, inet->tos)) ||
	    (o->admin && nla_put_u32(skb, INET_DIAG_MARK, sk->sk_mark)) ||
	    (wants(o, INET_DIAG_TCLASS) &&
	     nla_put_u32(skb, INET_DIAG_CLASS_ID, sk->sk_priority)) ||
	    put_sockopt(skb, inet) ||
	    (wants(o, INET_DIAG_MEMINFO) && put_meminfo(skb, sk)) ||
	    (wants(o, INET_DIAG_SKMEMINFO) &&
	     sock_diag_put_meminfo(sk, skb, INET_DIAG_SKMEMINFO)))
		return -EMSGSIZE;
	return inet->is_icsk ? put_tcp(o, sk) : 0;
}

int inet_diag_fill(struct inet_diag_out *o, struct sock *sk)
{
	struct nlmsghdr *nlh = nlmsg_put(o->skb, o->portid, o->seq,
					 SOCK_DIAG_BY_FAMILY,
					 sizeof(struct inet_diag_msg),
					 o->flags);
	struct inet_diag_msg *r;
	int err = 0;

	if (!nlh)
		return -EMSGSIZE;
	r = nlmsg_data(nlh);
	memset(r, 0, sizeof(*r));
	fill_id(r, sk);
	if (sk->sk_state == TCP_TIME_WAIT) {
		fill_timewait(r, inet_twsk(sk));
	} else if (sk->sk_state == TCP_NEW_SYN_RECV) {
		fill_request(r, inet_reqsk(sk));
		if (o->admin)
			err = nla_put_u32(o->skb, INET_DIAG_MARK,
					  inet_reqsk(sk)->ir_mark);
	}
	if (is_full(sk)) {
		r->idiag_state = sk->sk_state;
		r->idiag_uid = sk->sk_uid;
		r->idiag_inode = sock_i_ino(sk);
		fill_queues(r, sk);
		err = put_attrs(o, sk);
	}
	if (err)
		nlmsg_cancel(o->skb, nlh);
	else
		nlmsg_end(o->skb, nlh);
	return err;
}
