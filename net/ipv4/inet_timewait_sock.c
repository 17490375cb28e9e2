/* SPDX-License-Identifier: MIT */
/*
 * inet_timewait_sock.c -- the minute after a connection
 *
 * PROMISE.  The four numbers of a connection that we closed first are not used
 * again while old segments may be on their way, and the peer's last FIN is
 * acknowledged as often as it comes.
 *
 * IDEA.  A small object takes the sock's place in ehash and among the owners of
 * its port, with a timer.  It counts as one reference for the chain and one for
 * the timer; who unlinks it from the chain drops the first, the timer's
 * function (or who stops it) the second.
 *
 *	sock in ehash -> hashdance: [tw in] [sock out] -> timer: [tw out]
 *
 * BOUND.  net.ipv4.tcp_max_tw_buckets; beyond, connections just end.
 *
 * SEE RFC 9293 3.6.1, RFC 1337; tcp_minisocks.c says what it answers.
 */

#include <net/inet_connection_sock.h>
#include <net/inet_timewait_sock.h>

#include "tcp_impl.h"

#include <kernel/delay.h>
#include <mm/slab.h>

/* After the last reference; readers of the chain may still look at it. */
void inet_twsk_free(struct inet_timewait_sock *tw)
{
	kfree_rcu(tw, tw_rcu);
}

/* It leaves its port. */
static void leave_port(struct inet_timewait_sock *tw)
{
	struct inet_bind_hashbucket *head = inet_bhash_bucket(tw->tw_net,
							      tw->tw_num);

	spin_lock_bh(&head->lock);
	if (tw->tw_tb) {
		hlist_del_init(&tw->__tw_common.skc_bind_node);
		inet_bind_bucket_put(tw->tw_tb);
		tw->tw_tb = NULL;
	}
	spin_unlock_bh(&head->lock);
}

/* Out of the tables. */
static void kill(struct inet_timewait_sock *tw)
{
	if (inet_ehash_unlink((struct sock *)tw))
		inet_twsk_put(tw);
	leave_port(tw);
}

/* Its time is over; the timer's reference stays. */
static void timer_ends(struct inet_timewait_sock *tw)
{
	kill(tw);
	atomic_dec(&tw->tw_net->ipv4.tw_count);
}

static void tw_timer(struct timer_list *t)
{
	struct inet_timewait_sock *tw = from_timer(tw, t, tw_timer);

	timer_ends(tw);
	inet_twsk_put(tw);
}

void inet_twsk_deschedule_put(struct inet_timewait_sock *tw)
{
	if (del_timer(&tw->tw_timer)) {
		timer_ends(tw);
		refcount_dec(&tw->tw_refcnt); /* the caller has another */
	}
	inet_twsk_put(tw);
}

void inet_twsk_reschedule(struct inet_timewait_sock *tw, int timeo)
{
	mod_timer_pending(&tw->tw_timer, jiffies + timeo);
}

struct inet_timewait_sock *inet_twsk_alloc(const struct sock *sk, u8 substate)
{
	struct inet_timewait_sock *tw;

	if (atomic_read(&sock_net(sk)->ipv4.tw_count) >=
	    READ_ONCE(tcp_net(sk)->max_tw_buckets))
		return NULL;
	tw = kzalloc(sizeof(*tw), GFP_ATOMIC);
	if (!tw)
		return NULL;
	tw->__tw_common = sk->__sk_common;
	tw->__tw_common.skc_state = TCP_TIME_WAIT;
	tw->__tw_common.skc_flags = 0;
	tw->__tw_common.skc_net_refcnt = 0;
	memset(&tw->__tw_common.skc_node, 0, sizeof(struct hlist_node));
	memset(&tw->__tw_common.skc_bind_node, 0, sizeof(struct hlist_node));
	spin_lock_init(&tw->tw_lock);
	tw->tw_substate = substate;
	tw->tw_uid = sk->sk_uid;
	tw->tw_mark = sk->sk_mark;
	tw->tw_cookie = READ_ONCE(sk->sk_cookie);
	tw->tw_tos = inet_sk(sk)->tos;
	timer_setup(&tw->tw_timer, tw_timer, 0);
	/* The chain's, the timer's, the caller's. */
	refcount_set(&tw->tw_refcnt, 3);
	return tw;
}

/* One of net in bucket b, counted; NULL: none. */
static struct inet_timewait_sock *first_of(struct inet_ehash_bucket *b,
					   const struct net *net)
{
	struct inet_timewait_sock *found = NULL;
	struct sock *sk;

	spin_lock_bh(&b->lock);
	hlist_for_each_entry(sk, &b->chain, sk_node) {
		if (sk->sk_state == TCP_TIME_WAIT && sk->sk_net == net) {
			found = inet_twsk(sk);
			refcount_inc(&found->tw_refcnt);
			break;
		}
	}
	spin_unlock_bh(&b->lock);
	return found;
}

/* A network ends: nobody is left who could make another. */
void inet_twsk_purge(struct inet_hashinfo *h, const struct net *net)
{
	struct inet_timewait_sock *tw;

	if (!atomic_read(&net->ipv4.tw_count))
		return;
	for (unsigned int i = 0; i <= h->ehash_mask; i++) {
		while ((tw = first_of(&h->ehash[i], net)))
			inet_twsk_deschedule_put(tw);
		cond_resched();
	}
	while (atomic_read(&net->ipv4.tw_count))
		msleep(1);            /* a timer is just ending one */
}

/* In the order of I2 in inet_hashtables.c; consumes the caller's reference. */
void inet_twsk_hashdance(struct inet_timewait_sock *tw, struct sock *sk,
			 int timeo)
{
	struct inet_bind_hashbucket *head = inet_bhash_bucket(sock_net(sk),
							      sk->sk_num);

	spin_lock_bh(&head->lock);
	tw->tw_tb = inet_csk(sk)->icsk_bind_hash;
	if (tw->tw_tb)
		hlist_add_head(&tw->__tw_common.skc_bind_node,
			       &tw->tw_tb->owners);
	spin_unlock_bh(&head->lock);
	atomic_inc(&sock_net(sk)->ipv4.tw_count);
	mod_timer(&tw->tw_timer, jiffies + timeo);
	if (!inet_ehash_insert((struct sock *)tw, sk))
		refcount_dec(&tw->tw_refcnt); /* the timer still has its own */
	inet_twsk_put(tw);
}
