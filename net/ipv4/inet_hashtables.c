/* SPDX-License-Identifier: MIT */
/*
 * inet_hashtables.c -- whose segment is this: connections and listeners
 *
 * PROMISE.  A segment finds its connection, request or TIME_WAIT by its four
 * numbers, and if there is none the listener that fits best, without a lock
 * that two CPUs would share.
 *
 * IDEA.  Two tables of chains: ehash by the four numbers, lhash by our port.
 * Readers walk under RCU and take a reference if there still is one to take;
 * then they look again whether what they hold is what they sought.
 *
 * INVARIANTS
 *   I1  At most one entry of ehash has given four numbers.
 *   I2  An entry that takes another's place (child for request, TIME_WAIT for
 *       sock) is in the chain before the other leaves it: no segment falls
 *       through to the listener in between.
 *
 * RACES.  A sock that leaves one chain and enters another while a reader stands
 * on it would carry the reader to the wrong chain's end.  Socks are freed after
 * a grace period (SOCK_RCU_FREE), and one that connects a second time waits for
 * one first (tcp_ipv4.c), so no reader is on it when it is hashed again.
 *
 * LOCKING.  Each chain has a lock, taken with bottom halves off; after the bind
 * table's, never two of the same table at once.
 *
 * SEE inet_bind.c (ports).
 */

#include <net/inet_connection_sock.h>
#include <net/inet_timewait_sock.h>

#include <kernel/hash.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#define EHASH_SIZE 4096

static u32 ehash_secret;

u32 inet_ehashfn(const struct net *net, const struct inet_tuple *t)
{
	return jhash_3words((u32)t->daddr, (u32)t->saddr,
			    ((u32)(u16)t->dport << 16) | t->num,
			    ehash_secret ^ net->inum);
}

struct inet_ehash_bucket *inet_ehash_bucket(struct inet_hashinfo *h, u32 hash)
{
	return &h->ehash[hash & h->ehash_mask];
}

static struct inet_listen_hashbucket *lhash_bucket(struct inet_hashinfo *h,
						   const struct net *net,
						   u16 num)
{
	return &h->lhash[jhash_2words(num, net->inum, 0) &
			 (INET_LHTABLE_SIZE - 1)];
}

void sock_gen_put(struct sock *sk)
{
	if (sk->sk_state == TCP_TIME_WAIT)
		inet_twsk_put(inet_twsk(sk));
	else if (sk->sk_state == TCP_NEW_SYN_RECV)
		reqsk_put(inet_reqsk(sk));
	else
		sock_put(sk);
}

/* ---- connections ---- */

static struct inet_tuple tuple_of(const struct sock *sk)
{
	return (struct inet_tuple){ .daddr = sk->sk_daddr,
		.saddr = sk->sk_rcv_saddr, .dport = sk->sk_dport,
		.num = sk->sk_num };
}

static bool tuple_matches(const struct sock *sk, const struct net *net,
			  const struct inet_tuple *t, int dif)
{
	int bound = READ_ONCE(sk->sk_bound_dev_if);

	return sk->sk_daddr == t->daddr && sk->sk_rcv_saddr == t->saddr &&
	       sk->sk_dport == t->dport && sk->sk_num == t->num &&
	       sk->sk_net == net && (!bound || bound == dif);
}

struct sock *__inet_lookup_established(struct net *net, struct inet_hashinfo *h,
				       const struct inet_tuple *t, int dif)
{
	u32 hash = inet_ehashfn(net, t);
	struct sock *sk, *found = NULL;

	rcu_read_lock();
	hlist_for_each_entry_rcu(sk, &inet_ehash_bucket(h, hash)->chain,
				 sk_node) {
		if (sk->sk_hash != hash || !tuple_matches(sk, net, t, dif))
			continue;
		if (!refcount_inc_not_zero(&sk->sk_refcnt))
			continue;
		if (likely(tuple_matches(sk, net, t, dif))) {
			found = sk;
			break;
		}
		sock_gen_put(sk);
	}
	rcu_read_unlock();
	return found;
}

/* Into ehash in the place of old (I2); false: the four are taken (I1). */
bool inet_ehash_insert(struct sock *sk, struct sock *old)
{
	struct inet_tuple t = tuple_of(sk);
	struct inet_ehash_bucket *b;
	struct sock *other;
	bool ok = true;

	sk->sk_hash = inet_ehashfn(sk->sk_net, &t);
	b = inet_ehash_bucket(&tcp_hashinfo, sk->sk_hash);
	spin_lock_bh(&b->lock);
	if (old && sk_unhashed(old))
		ok = false;
	hlist_for_each_entry(other, &b->chain, sk_node) {
		if (other != old && other->sk_hash == sk->sk_hash &&
		    tuple_matches(other, sk->sk_net, &t,
				  sk->sk_bound_dev_if))
			ok = false;
	}
	if (ok) {
		hlist_add_head_rcu(&sk->sk_node, &b->chain);
		if (old)
			hlist_del_init_rcu(&old->sk_node);
	}
	spin_unlock_bh(&b->lock);
	return ok;
}

bool inet_ehash_unlink(struct sock *sk)
{
	struct inet_ehash_bucket *b = inet_ehash_bucket(&tcp_hashinfo,
							sk->sk_hash);
	bool was;

	spin_lock_bh(&b->lock);
	was = !sk_unhashed(sk);
	hlist_del_init_rcu(&sk->sk_node);
	spin_unlock_bh(&b->lock);
	return was;
}

/* ---- listeners ---- */

/* How well a listener fits; -1: not at all. */
static int listener_score(const struct sock *sk, const struct net *net,
			  const struct inet_tuple *t, int dif)
{
	int bound = READ_ONCE(sk->sk_bound_dev_if), score = 1;

	if (sk->sk_net != net || sk->sk_num != t->num ||
	    sk->sk_state != TCP_LISTEN)
		return -1;
	if (sk->sk_rcv_saddr && sk->sk_rcv_saddr != t->saddr)
		return -1;
	if (bound && bound != dif)
		return -1;
	return score + (sk->sk_rcv_saddr ? 2 : 0) + (bound ? 1 : 0);
}

/* Of equals with SO_REUSEPORT, the same four numbers always find the same. */
struct sock *__inet_lookup_listener(struct net *net, struct inet_hashinfo *h,
				    const struct inet_tuple *t, int dif)
{
	struct inet_listen_hashbucket *b = lhash_bucket(h, net, t->num);
	u32 hash = inet_ehashfn(net, t), equals = 0;
	struct sock *sk, *best = NULL;
	int best_score = 0, score;

	rcu_read_lock();
	hlist_for_each_entry_rcu(sk, &b->head, sk_node) {
		score = listener_score(sk, net, t, dif);
		if (score > best_score) {
			best_score = score;
			best = sk;
			equals = 1;
		} else if (score == best_score && best && sk->sk_reuseport) {
			equals++;
			if (((u64)jhash_1word(hash, equals) * equals) >> 32 ==
			    0)
				best = sk;
		}
	}
	if (best && !refcount_inc_not_zero(&best->sk_refcnt))
		best = NULL;
	rcu_read_unlock();
	return best;
}

struct sock *inet_lookup(struct net *net, struct inet_hashinfo *h,
			 __be32 saddr, __be16 sport, __be32 daddr, __be16 dport,
			 int dif)
{
	struct inet_tuple t = { .daddr = saddr, .dport = sport,
		.saddr = daddr, .num = be16_to_cpu(dport) };
	struct sock *sk = __inet_lookup_established(net, h, &t, dif);

	return sk ? sk : __inet_lookup_listener(net, h, &t, dif);
}

int inet_hash(struct sock *sk)
{
	struct inet_listen_hashbucket *b;

	if (sk->sk_state != TCP_LISTEN)
		return inet_ehash_insert(sk, NULL) ? 0 : -EADDRNOTAVAIL;
	b = lhash_bucket(&tcp_hashinfo, sk->sk_net, sk->sk_num);
	spin_lock_bh(&b->lock);
	hlist_add_head_rcu(&sk->sk_node, &b->head);
	spin_unlock_bh(&b->lock);
	return 0;
}

void inet_unhash(struct sock *sk)
{
	struct inet_listen_hashbucket *b;

	if (sk_unhashed(sk))
		return;
	if (sk->sk_state != TCP_LISTEN) {
		inet_ehash_unlink(sk);
		return;
	}
	b = lhash_bucket(&tcp_hashinfo, sk->sk_net, sk->sk_num);
	spin_lock_bh(&b->lock);
	hlist_del_init_rcu(&sk->sk_node);
	spin_unlock_bh(&b->lock);
}

/* ---- boot ---- */

int inet_hashtables_init(struct inet_hashinfo *h)
{
	ehash_secret = get_random_u32();
	h->ehash_mask = EHASH_SIZE - 1;
	h->ehash = vzalloc(EHASH_SIZE * sizeof(*h->ehash));
	h->bhash = vzalloc(INET_BHTABLE_SIZE * sizeof(*h->bhash));
	h->lhash = vzalloc(INET_LHTABLE_SIZE * sizeof(*h->lhash));
	h->bind_bucket_cachep = kmem_cache_create("tcp_bind_bucket",
		sizeof(struct inet_bind_bucket), 0, SLAB_HWCACHE_ALIGN, NULL);
	if (!h->ehash || !h->bhash || !h->lhash || !h->bind_bucket_cachep)
		return -ENOMEM;
	for (int i = 0; i < EHASH_SIZE; i++)
		spin_lock_init(&h->ehash[i].lock);
	for (int i = 0; i < INET_BHTABLE_SIZE; i++)
		spin_lock_init(&h->bhash[i].lock);
	for (int i = 0; i < INET_LHTABLE_SIZE; i++)
		spin_lock_init(&h->lhash[i].lock);
	return 0;
}
