/* SPDX-License-Identifier: MIT */
#ifndef NET_INET_HASHTABLES_H
#define NET_INET_HASHTABLES_H
/*
 * inet_hashtables.h -- whose segment is this, and which ports are taken
 *
 *	ehash   by (their address, port, our address, port): connections,
 *	        requests (TCP_NEW_SYN_RECV) and what is in TIME_WAIT
 *	lhash   by our port: listeners
 *	bhash   by our port: who has bound it, connected or not
 *
 * What stands in ehash and lhash begins with struct sock_common.  Lookups walk
 * under RCU and take a reference with refcount_inc_not_zero().  To see all of
 * them (/proc/net/tcp, sock_diag), walk a chain under its lock, or with RCU:
 *
 *	hlist_for_each_entry_rcu(sk, &h->ehash[i].chain, sk_node)
 *		switch (sk->sk_state) { case TCP_TIME_WAIT: inet_twsk(sk) ...
 *			case TCP_NEW_SYN_RECV: inet_reqsk(sk) ... }
 */

#include <net/net_namespace.h>
#include <net/sock.h>

struct request_sock;

/* Field keys:  [L] .lock to write, RCU to read */
struct inet_ehash_bucket {
	struct hlist_head chain;      /* [L] by sk_node */
	spinlock_t lock;
};

struct inet_listen_hashbucket {
	struct hlist_head head;       /* [L] by sk_node */
	spinlock_t lock;
};

/* One port that is taken.  Guarded by its chain's lock. */
struct inet_bind_bucket {
	struct net *net;
	unsigned short port;
	signed char fastreuse, fastreuseport; /* all owners allow sharing */
	uid_t fastuid;
	struct hlist_node node;
	struct hlist_head owners;     /* by sk_bind_node; TIME_WAIT too */
};

struct inet_bind_hashbucket {
	spinlock_t lock;
	struct hlist_head chain;      /* [L] struct inet_bind_bucket */
};

#define INET_LHTABLE_SIZE 256
#define INET_BHTABLE_SIZE 4096

struct inet_hashinfo {
	struct inet_ehash_bucket *ehash; /* [c] */
	unsigned int ehash_mask;      /* [c] buckets - 1 */
	struct kmem_cache *bind_bucket_cachep;
	struct inet_bind_hashbucket *bhash; /* [c] INET_BHTABLE_SIZE */
	struct inet_listen_hashbucket *lhash; /* [c] INET_LHTABLE_SIZE */
};

extern struct inet_hashinfo tcp_hashinfo;

/* A connection's four numbers; ports: theirs as on the wire, ours not. */
struct inet_tuple {
	__be32 daddr, saddr;          /* theirs, ours */
	__be16 dport;                 /* theirs */
	u16 num;                      /* ours */
};

int inet_hashtables_init(struct inet_hashinfo *h); /* boot: 0, -ENOMEM */
u32 inet_ehashfn(const struct net *net, const struct inet_tuple *t);
struct inet_ehash_bucket *inet_ehash_bucket(struct inet_hashinfo *h, u32 hash);

/*
 * Counted; NULL: nobody.  What they send from saddr:sport to daddr:hnum.  Any
 * context.  The result may be a request or in TIME_WAIT: look at sk_state, and
 * let go with sock_gen_put().
 */
struct sock *__inet_lookup_established(struct net *net, struct inet_hashinfo *h,
				       const struct inet_tuple *t, int dif);
struct sock *__inet_lookup_listener(struct net *net, struct inet_hashinfo *h,
				    const struct inet_tuple *t, int dif);
/* The two in turn; saddr and sport are the sender's, as on the wire. */
struct sock *inet_lookup(struct net *net, struct inet_hashinfo *h,
			 __be32 saddr, __be16 sport, __be32 daddr, __be16 dport,
			 int dif);
void sock_gen_put(struct sock *sk);

int inet_hash(struct sock *sk);       /* into lhash or ehash */
void inet_unhash(struct sock *sk);
/* Into ehash, in the place of old if given; false: the four are taken. */
bool inet_ehash_insert(struct sock *sk, struct sock *old);
bool inet_ehash_unlink(struct sock *sk); /* false: was not there */

/* ---- ports: inet_bind.c ---- */

int inet_csk_get_port(struct sock *sk, unsigned short snum);
void inet_put_port(struct sock *sk);
int inet_inherit_port(const struct sock *sk, struct sock *child);
/* A port for connect(), and into ehash: 0, -EADDRNOTAVAIL. */
int inet_hash_connect(struct sock *sk);
void inet_get_local_port_range(struct net *net, int *low, int *high);
struct inet_bind_hashbucket *inet_bhash_bucket(struct net *net, u16 port);
void inet_bind_bucket_put(struct inet_bind_bucket *tb); /* chain's lock */

#endif
