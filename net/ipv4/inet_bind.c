/* SPDX-License-Identifier: MIT */
/*
 * inet_bind.c -- who may have which port
 *
 * PROMISE.  Two socks share a port only if it cannot matter (different own
 * addresses), if both said SO_REUSEADDR and neither listens, or if both said
 * SO_REUSEPORT and belong to the same user.  A connection that picks its own
 * port may share it with others to other places: only the four numbers must
 * differ.
 *
 * IDEA.  One bucket for each port that is taken lists its owners: bound socks,
 * listeners, connections, TIME_WAITs.  fastreuse is -1 if all of them came by
 * connect(): then a further connect() may use the port, and bind() asks each.
 *
 * LOCKING.  A chain's lock guards its buckets and their owners; the lock of an
 * ehash chain nests inside.  Bottom halves off.
 *
 * SEE bind(2), ip(7), RFC 6056 (choosing ports).
 */

#include <net/inet_connection_sock.h>
#include <net/inet_timewait_sock.h>

#include "tcp_impl.h"

#include <kernel/hash.h>
#include <kernel/random.h>
#include <mm/slab.h>

/* fastreuse: all owners came by connect() */
#define BY_CONNECT (-1)

struct inet_bind_hashbucket *inet_bhash_bucket(struct net *net, u16 port)
{
	return &tcp_hashinfo.bhash[(port + net->inum) &
				   (INET_BHTABLE_SIZE - 1)];
}

static struct inet_bind_bucket *find_bucket(struct inet_bind_hashbucket *head,
					    struct net *net, u16 port)
{
	struct inet_bind_bucket *tb;

	hlist_for_each_entry(tb, &head->chain, node) {
		if (tb->port == port && tb->net == net)
			return tb;
	}
	return NULL;
}

static struct inet_bind_bucket *new_bucket(struct inet_bind_hashbucket *head,
					   struct net *net, u16 port)
{
	struct inet_bind_bucket *tb =
		kmem_cache_zalloc(tcp_hashinfo.bind_bucket_cachep, GFP_ATOMIC);

	if (tb) {
		tb->net = net;
		tb->port = port;
		hlist_add_head(&tb->node, &head->chain);
	}
	return tb;
}

void inet_bind_bucket_put(struct inet_bind_bucket *tb)
{
	if (hlist_empty(&tb->owners)) {
		hlist_del(&tb->node);
		kmem_cache_free(tcp_hashinfo.bind_bucket_cachep, tb);
	}
}

static void become_owner(struct sock *sk, struct inet_bind_bucket *tb, u16 port)
{
	sk->sk_num = port;
	hlist_add_head(&sk->sk_bind_node, &tb->owners);
	inet_csk(sk)->icsk_bind_hash = tb;
}

/* sk lets go of its port; its lock held. */
void inet_put_port(struct sock *sk)
{
	struct inet_bind_hashbucket *head;
	struct inet_bind_bucket *tb;

	if (!inet_csk(sk)->icsk_bind_hash)
		return;
	head = inet_bhash_bucket(sock_net(sk), sk->sk_num);
	spin_lock_bh(&head->lock);
	tb = inet_csk(sk)->icsk_bind_hash;
	hlist_del_init(&sk->sk_bind_node);
	inet_csk(sk)->icsk_bind_hash = NULL;
	inet_bind_bucket_put(tb);
	spin_unlock_bh(&head->lock);
	sk->sk_num = 0;
}

/* A listener's child stands on the same port: 0 or -ENOMEM. */
int inet_inherit_port(const struct sock *sk, struct sock *child)
{
	u16 port = child->sk_num;
	struct inet_bind_hashbucket *head =
		inet_bhash_bucket(sock_net(sk), port);
	struct inet_bind_bucket *tb;

	spin_lock_bh(&head->lock);
	tb = inet_csk(sk)->icsk_bind_hash;
	if (tb)
		become_owner(child, tb, port);
	spin_unlock_bh(&head->lock);
	return tb ? 0 : -ENOMEM;
}

/* ---- bind() ---- */

static bool same_address(const struct sock *a, const struct sock *b)
{
	return !a->sk_rcv_saddr || !b->sk_rcv_saddr ||
	       a->sk_rcv_saddr == b->sk_rcv_saddr;
}

/* May both have the port if their addresses are the same?  relax: sk asked for
 * just this port. */
static bool may_share(const struct sock *sk, const struct sock *other,
		      bool relax)
{
	bool tw = other->sk_state == TCP_TIME_WAIT;
	uid_t uid = tw ? inet_twsk(other)->tw_uid : other->sk_uid;

	if (sk->sk_reuse && other->sk_reuse && other->sk_state != TCP_LISTEN)
		return relax;
	return sk->sk_reuseport && other->sk_reuseport &&
	       (tw || uid == sk->sk_uid);
}

static bool conflicts(const struct sock *sk, const struct inet_bind_bucket *tb,
		      bool relax)
{
	const struct sock *other;

	hlist_for_each_entry(other, &tb->owners, sk_bind_node) {
		if (other == sk)
			continue;
		if (sk->sk_bound_dev_if && other->sk_bound_dev_if &&
		    sk->sk_bound_dev_if != other->sk_bound_dev_if)
			continue;
		if (same_address(sk, other) && !may_share(sk, other, relax))
			return true;
	}
	return false;
}

/* 0, or -EADDRINUSE, -ENOMEM. */
static int take_port(struct sock *sk, u16 port, bool relax)
{
	struct net *net = sock_net(sk);
	struct inet_bind_hashbucket *head = inet_bhash_bucket(net, port);
	struct inet_bind_bucket *tb;
	int err = 0;

	spin_lock_bh(&head->lock);
	tb = find_bucket(head, net, port);
	if (tb && conflicts(sk, tb, relax))
		err = -EADDRINUSE;
	else if (!tb)
		tb = new_bucket(head, net, port);
	if (!tb)
		err = -ENOMEM;
	if (!err && inet_csk(sk)->icsk_bind_hash != tb)
		become_owner(sk, tb, port);
	if (!err)
		tb->fastreuse = sk->sk_reuse;
	spin_unlock_bh(&head->lock);
	return err;
}

/* lock_sock.  snum 0: any that is free. */
int inet_csk_get_port(struct sock *sk, unsigned short snum)
{
	int low, high, range, start;

	if (snum)
		return take_port(sk, snum, true);
	inet_get_local_port_range(sock_net(sk), &low, &high);
	range = high - low + 1;
	start = get_random_u32_below(range);
	for (int i = 0; i < range; i++) {
		int err = take_port(sk, low + (start + i) % range, false);

		if (err != -EADDRINUSE)
			return err;
	}
	return -EADDRINUSE;
}

/* ---- connect() ---- */

/* Is the old connection with our numbers in TIME_WAIT, and may go?  RFC 6191:
 * its clock tells its segments from ours, if a second has passed. */
static bool timewait_may_go(struct sock *sk, struct inet_timewait_sock *tw)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tw->tw_ts_ok || READ_ONCE(tcp_net(sk)->tw_reuse) == 0)
		return false;
	if (READ_ONCE(tcp_net(sk)->tw_reuse) == 2 &&
	    (be32_to_cpu(sk->sk_daddr) >> 24) != 127)
		return false;
	if (ktime_get_seconds() - tw->tw_ts_recent_stamp < 1)
		return false;
	tp->write_seq = tw->tw_snd_nxt + 65535 + 2;
	if (!tp->write_seq)
		tp->write_seq = 1;
	tp->rx_opt.ts_recent = tw->tw_ts_recent;
	tp->rx_opt.ts_recent_stamp = tw->tw_ts_recent_stamp;
	return true;
}

/* Into ehash with the port that sk has: 0 or -EADDRNOTAVAIL. */
static int hash_unique(struct sock *sk)
{
	struct inet_tuple t = { .daddr = sk->sk_daddr,
		.saddr = sk->sk_rcv_saddr, .dport = sk->sk_dport,
		.num = sk->sk_num };
	struct sock *old;

	if (inet_ehash_insert(sk, NULL))
		return 0;
	old = __inet_lookup_established(sock_net(sk), &tcp_hashinfo, &t,
					sk->sk_bound_dev_if);
	if (!old)
		return inet_ehash_insert(sk, NULL) ? 0 : -EADDRNOTAVAIL;
	if (old->sk_state == TCP_TIME_WAIT &&
	    timewait_may_go(sk, inet_twsk(old)) &&
	    inet_ehash_insert(sk, old)) {
		/* The chain's reference now is ours to drop; its port and its
		 * timer are dropped when that fires. */
		inet_twsk_put(inet_twsk(old));
		inet_twsk_put(inet_twsk(old));
		return 0;
	}
	sock_gen_put(old);
	return -EADDRNOTAVAIL;
}

/* One port: 0, -EADDRNOTAVAIL (try another), -ENOMEM. */
static int try_port(struct sock *sk, u16 port)
{
	struct net *net = sock_net(sk);
	struct inet_bind_hashbucket *head = inet_bhash_bucket(net, port);
	struct inet_bind_bucket *tb;
	int err = -EADDRNOTAVAIL;

	spin_lock_bh(&head->lock);
	tb = find_bucket(head, net, port);
	if (tb && tb->fastreuse != BY_CONNECT)
		goto out;
	if (!tb) {
		tb = new_bucket(head, net, port);
		err = -ENOMEM;
		if (!tb)
			goto out;
		tb->fastreuse = BY_CONNECT;
	}
	sk->sk_num = port;
	err = hash_unique(sk);
	if (!err) {
		become_owner(sk, tb, port);
	} else {
		sk->sk_num = 0;
		inet_bind_bucket_put(tb);
	}
out:
	spin_unlock_bh(&head->lock);
	return err;
}

/* Start where the three known numbers say, so that a port is not soon used
 * again to the same place, and nobody else can tell which comes next. */
int inet_hash_connect(struct sock *sk)
{
	static atomic_t step = ATOMIC_INIT(0);
	static u32 secret;
	int low, high, range, err;
	u32 start;

	if (sk->sk_num)
		return hash_unique(sk);
	if (!READ_ONCE(secret))
		WRITE_ONCE(secret, get_random_u32() | 1);
	inet_get_local_port_range(sock_net(sk), &low, &high);
	range = high - low + 1;
	start = jhash_3words((u32)sk->sk_daddr, (u32)sk->sk_rcv_saddr,
			     (u32)sk->sk_dport, secret) +
		(u32)atomic_inc_return(&step);
	for (int i = 0; i < range; i++) {
		err = try_port(sk, low + (start + i) % range);
		if (err != -EADDRNOTAVAIL)
			return err;
	}
	return -EADDRNOTAVAIL;
}
