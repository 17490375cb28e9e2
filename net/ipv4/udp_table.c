/* SPDX-License-Identifier: MIT */
/*
 * udp_table.c -- which UDP socket has which port
 *
 * IDEA.  Two hash tables: by port (binding, and packets for many), by port and
 * own address (packets for one: a busy port with a thousand addresses is no
 * long chain). A packet scores each candidate; any mismatch rules it out, each
 * thing that is fixed and matches counts.
 *
 * SO_REUSEPORT: of sockets that score the same, the packet's addresses choose
 * one, so that a flow stays with its socket.
 *
 * UDP-Lite has ports of its own: the same tables once more.
 *
 * INVARIANTS
 *   I1  A socket with inet_num is in hash[port] and in hash2[port, address].
 *
 * LOCKING.  hash[]'s lock outside hash2[]'s, both bh off; readers use RCU, and
 * sockets are freed after a grace period (SOCK_RCU_FREE).
 */

#include "udp_impl.h"

#include <kernel/err.h>
#include <kernel/hash.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <net/igmp.h>

struct udp_table udp_table, udplite_table;
static u32 udp_secret;

void udp_table_init(void)
{
	udp_secret = get_random_u32();
	for (int i = 0; i < UDP_HTABLE_SIZE; i++) {
		spin_lock_init(&udp_table.hash[i].lock);
		spin_lock_init(&udp_table.hash2[i].lock);
		spin_lock_init(&udplite_table.hash[i].lock);
		spin_lock_init(&udplite_table.hash2[i].lock);
	}
}

struct udp_hslot *udp_slot(struct udp_table *t, unsigned int port)
{
	return &t->hash[port % UDP_HTABLE_SIZE];
}

static struct udp_hslot *slot2(struct udp_table *t, __be32 addr,
			       unsigned int port)
{
	return &t->hash2[jhash_2words(addr, port, udp_secret) %
			 UDP_HTABLE_SIZE];
}

static struct udp_table *table_of(const struct sock *sk)
{
	return udp_table_of(sk->sk_protocol);
}

/* ---- binding ---- */

static bool same_device(const struct sock *a, const struct sock *b)
{
	return !a->sk_bound_dev_if || !b->sk_bound_dev_if ||
	       a->sk_bound_dev_if == b->sk_bound_dev_if;
}

/* May sk have that port beside other? */
static bool conflicts(const struct sock *sk, const struct sock *other,
		      unsigned int port)
{
	const struct inet_sock *a = inet_sk(sk), *b = inet_sk(other);

	if (other == sk || !net_eq(sock_net(sk), sock_net(other)) ||
	    b->inet_num != port || !same_device(sk, other))
		return false;
	if (sk->sk_reuse && other->sk_reuse)
		return false;
	if (a->inet_rcv_saddr && b->inet_rcv_saddr &&
	    a->inet_rcv_saddr != b->inet_rcv_saddr)
		return false;
	return !(sk->sk_reuseport && other->sk_reuseport &&
		 sk->sk_uid == other->sk_uid);
}

static bool port_in_use(struct udp_hslot *slot, const struct sock *sk,
			unsigned int port)
{
	struct sock *other;

	hlist_for_each_entry(other, &slot->head, sk_node)
		if (conflicts(sk, other, port))
			return true;
	return false;
}

/* slot's lock held; I1. */
static void hash_sock(struct udp_hslot *slot, struct sock *sk,
		      unsigned int port)
{
	struct udp_sock *up = udp_sk(sk);
	struct udp_table *t = table_of(sk);
	struct udp_hslot *s2 = slot2(t, inet_sk(sk)->inet_rcv_saddr, port);

	inet_sk(sk)->inet_num = port;
	up->udp_port_hash = port;
	hlist_add_head_rcu(&sk->sk_node, &slot->head);
	slot->count++;
	sock_hold(sk);
	spin_lock(&s2->lock);
	hlist_add_head_rcu(&up->udp_hash2, &s2->head);
	s2->count++;
	spin_unlock(&s2->lock);
	up->udp_addr_hash = s2 - t->hash2;
}

static bool try_port(struct sock *sk, unsigned int port)
{
	struct udp_hslot *slot = udp_slot(table_of(sk), port);
	bool ok;

	spin_lock_bh(&slot->lock);
	ok = !port_in_use(slot, sk, port);
	if (ok)
		hash_sock(slot, sk, port);
	spin_unlock_bh(&slot->lock);
	return ok;
}

/* lock_sock held.  snum 0: any.  0, 1: in use. */
int udp_get_port(struct sock *sk, unsigned short snum)
{
	int low, high, n, at;

	if (snum)
		return try_port(sk, snum) ? 0 : 1;
	inet_sk_get_local_port_range(sk, &low, &high);
	n = high - low + 1;
	at = get_random_u32_below(n);
	for (int i = 0; i < n; i++) {
		int port = low + (at + i) % n;

		if (!inet_is_local_reserved_port(sock_net(sk), port) &&
		    try_port(sk, port))
			return 0;
	}
	return 1;
}

void udp_unhash(struct sock *sk)
{
	struct udp_sock *up = udp_sk(sk);
	struct udp_hslot *slot, *s2;

	if (!inet_sk(sk)->inet_num)
		return;
	slot = udp_slot(table_of(sk), inet_sk(sk)->inet_num);
	s2 = &table_of(sk)->hash2[up->udp_addr_hash];
	spin_lock_bh(&slot->lock);
	if (!hlist_unhashed(&sk->sk_node)) {
		hlist_del_init_rcu(&sk->sk_node);
		slot->count--;
		inet_sk(sk)->inet_num = 0;
		spin_lock(&s2->lock);
		hlist_del_init_rcu(&up->udp_hash2);
		s2->count--;
		spin_unlock(&s2->lock);
		__sock_put(sk);
	}
	spin_unlock_bh(&slot->lock);
}

/* The socket's own address changed: another place in hash2. */
void udp_rehash(struct sock *sk)
{
	unsigned int port = inet_sk(sk)->inet_num;
	struct udp_table *t = table_of(sk);
	struct udp_sock *up = udp_sk(sk);
	struct udp_hslot *slot, *old, *new;

	if (!port)
		return;
	slot = udp_slot(t, port);
	spin_lock_bh(&slot->lock);
	old = &t->hash2[up->udp_addr_hash];
	new = slot2(t, inet_sk(sk)->inet_rcv_saddr, port);
	if (old != new && !hlist_unhashed(&sk->sk_node)) {
		spin_lock(&old->lock);
		hlist_del_init_rcu(&up->udp_hash2);
		old->count--;
		spin_unlock(&old->lock);
		spin_lock(&new->lock);
		hlist_add_head_rcu(&up->udp_hash2, &new->head);
		new->count++;
		spin_unlock(&new->lock);
		up->udp_addr_hash = new - t->hash2;
	}
	spin_unlock_bh(&slot->lock);
}

/* ---- looking up ---- */

struct packet_id {
	struct net *net;
	__be32 saddr, daddr;
	__be16 sport;
	unsigned short hnum;
	int dif;
};

/* -1: not for it; the higher the better. */
static int score(const struct sock *sk, const struct packet_id *id)
{
	const struct inet_sock *inet = inet_sk(sk);
	int points = 1;

	if (!net_eq(sock_net(sk), id->net) || inet->inet_num != id->hnum)
		return -1;
	if (inet->inet_rcv_saddr) {
		if (inet->inet_rcv_saddr != id->daddr)
			return -1;
		points += 4;
	}
	if (inet->inet_daddr) {
		if (inet->inet_daddr != id->saddr)
			return -1;
		points += 4;
	}
	if (inet->inet_dport) {
		if (inet->inet_dport != id->sport)
			return -1;
		points += 4;
	}
	if (sk->sk_bound_dev_if) {
		if (sk->sk_bound_dev_if != id->dif)
			return -1;
		points += 4;
	}
	return points;
}

/* The best of one chain; among equals of a reuseport group the hash says. */
static struct sock *best_of(struct udp_hslot *slot, const struct packet_id *id,
			    int *best)
{
	u32 hash = 0, matches = 0;
	struct sock *found = NULL;
	struct udp_sock *up;

	hlist_for_each_entry_rcu(up, &slot->head, udp_hash2) {
		struct sock *sk = &up->inet.sk;
		int points = score(sk, id);

		if (points > *best) {
			found = sk;
			*best = points;
			matches = 1;
			if (sk->sk_reuseport)
				hash = jhash_3words(id->saddr, id->daddr,
						    ((u32)id->sport << 16) |
						    id->hnum, udp_secret);
		} else if (points == *best && found && found->sk_reuseport &&
			   sk->sk_reuseport) {
			/* The n-th replaces with probability 1/n. */
			matches++;
			hash = hash * 1664525 + 1013904223;
			if (((u64)hash * matches) >> 32 == 0)
				found = sk;
		}
	}
	return found;
}

struct sock *__udp4_lib_lookup(struct net *net, __be32 saddr, __be16 sport,
			       __be32 daddr, __be16 dport, int dif, int sdif,
			       struct udp_table *tbl, struct sk_buff *skb)
{
	struct packet_id id = {
		.net = net, .saddr = saddr, .daddr = daddr, .sport = sport,
		.hnum = ntohs(dport), .dif = dif,
	};
	struct sock *sk, *any;
	int best = 0;

	sk = best_of(slot2(tbl, daddr, id.hnum), &id, &best);
	any = best_of(slot2(tbl, 0, id.hnum), &id, &best);
	return any ? any : sk;
}

bool udp_mcast_match(struct net *net, struct sock *sk, struct sk_buff *skb,
		     const struct iphdr *iph)
{
	struct packet_id id = {
		.net = net, .saddr = iph->saddr, .daddr = iph->daddr,
		.sport = udp_hdr(skb)->source, .hnum = ntohs(udp_hdr(skb)->dest),
		.dif = IPCB(skb)->iif,
	};

	return score(sk, &id) > 0 &&
	       ip_mc_sf_allow(sk, iph->daddr, iph->saddr, id.dif, 0);
}

/* ---- the receive queue ---- */

/* The datagram that a peek at *off means: payload counts, not headers. */
static struct sk_buff *peek_at(struct sk_buff_head *q, int *off)
{
	struct sk_buff *skb;

	skb_queue_walk(q, skb) {
		int len = skb->len - sizeof(struct udphdr);

		if (*off >= len && (len || *off)) {
			*off -= len;
			continue;
		}
		return skb_get(skb);
	}
	return NULL;
}

static struct sk_buff *try_dequeue(struct sock *sk, int flags, int *off)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb;
	unsigned long irq;

	spin_lock_irqsave(&q->lock, irq);
	skb = flags & MSG_PEEK ? peek_at(q, off) : __skb_dequeue(q);
	spin_unlock_irqrestore(&q->lock, irq);
	return skb;
}

struct sk_buff *udp_dequeue(struct sock *sk, int flags, int *off, int *err)
{
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	struct sk_buff *skb, *last;
	int start = *off;

	for (;;) {
		*err = sock_error(sk);
		if (*err)
			return NULL;
		*off = start;
		last = skb_peek_tail(&sk->sk_receive_queue);
		skb = try_dequeue(sk, flags, off);
		if (skb)
			return skb;
		*err = -EAGAIN;
		if (!timeo)
			return NULL;
		*err = skb_wait_for_more(sk, &timeo, last);
		if (*err) {
			*err = min(*err, 0);
			return NULL;
		}
	}
}

int udp_first_len(struct sock *sk)
{
	struct sk_buff_head *q = &sk->sk_receive_queue;
	struct sk_buff *skb;
	unsigned long irq;
	int n;

	spin_lock_irqsave(&q->lock, irq);
	skb = skb_peek(q);
	n = skb ? skb->len - sizeof(struct udphdr) : 0;
	spin_unlock_irqrestore(&q->lock, irq);
	return n;
}
