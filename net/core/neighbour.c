/* SPDX-License-Identifier: MIT */
/*
 * neighbour.c -- who is on our links, and whether he is still there
 *
 * PROMISE.  A packet for a neighbour goes at once if his link address is
 * known, else waits while he is asked (three times), and if he does not answer
 * its sender is told. An address that is in use is checked now and then; one
 * that nobody uses is forgotten.
 *
 *	            packet               answer
 *	  NONE ----------> INCOMPLETE ----------> REACHABLE
 *	                      | 3 x no answer       | base_reachable_time
 *	                      v                     v       without a sign
 *	                    FAILED               STALE <---- heard of him
 *	                      ^                     | packet (goes out)
 *	                      | 3 x no answer       v
 *	                    PROBE <-------------- DELAY (5 s: perhaps TCP
 *	                                  no sign        confirms him)
 *
 * BOUNDS.  gc_thresh3 entries in all; above gc_thresh2 the unused are dropped
 * when one more is wanted. unres_qlen_bytes wait for an address.
 *
 * LOCKING.  n->lock (bh off) for its state; tbl->lock for the hash, taken
 * alone; lookups under RCU. References: the table's, a pending timer's, users'.
 *
 * SEE RFC 826, RFC 4861 7.3 (whose states these are); arp.c.
 */

#include <net/neighbour.h>

#include <kernel/err.h>
#include <kernel/hash.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <mm/slab.h>
#include <net/dst.h>

/* ---- the table ---- */

static struct hlist_head *neigh_bucket(struct neigh_table *tbl, u32 key,
				       const struct net_device *dev)
{
	return &tbl->buckets[jhash_2words(key, dev->ifindex, tbl->hash_rnd) &
			     ((1 << NEIGH_HASH_BITS) - 1)];
}

static u32 key_of(const void *pkey)
{
	u32 key;

	memcpy(&key, pkey, sizeof(key));
	return key;
}

struct neighbour *__neigh_lookup_noref(struct neigh_table *tbl,
				       const void *pkey, struct net_device *dev)
{
	u32 key = key_of(pkey);
	struct neighbour *n;

	hlist_for_each_entry_rcu(n, neigh_bucket(tbl, key, dev), hash)
		if (n->dev == dev && key_of(n->primary_key) == key)
			return n;
	return NULL;
}

struct neighbour *neigh_lookup(struct neigh_table *tbl, const void *pkey,
			       struct net_device *dev)
{
	struct neighbour *n;

	rcu_read_lock();
	n = __neigh_lookup_noref(tbl, pkey, dev);
	if (n && !refcount_inc_not_zero(&n->refcnt))
		n = NULL;
	rcu_read_unlock();
	return n;
}

struct neighbour *__neigh_lookup(struct neigh_table *tbl, const void *key,
				 struct net_device *dev, int creat)
{
	struct neighbour *n = neigh_lookup(tbl, key, dev);

	if (n || !creat)
		return n;
	n = neigh_create(tbl, key, dev);
	return IS_ERR(n) ? NULL : n;
}

static void neigh_timer(struct timer_list *t);

/* n->lock held. */
static void start_timer(struct neighbour *n, unsigned long when)
{
	refcount_inc(&n->refcnt);
	if (mod_timer(&n->timer, when))
		refcount_dec(&n->refcnt);
}

static void stop_timer(struct neighbour *n)
{
	if (del_timer(&n->timer))
		neigh_release(n);
}

void neigh_destroy(struct rcu_head *head)
{
	struct neighbour *n = container_of(head, struct neighbour, rcu);

	__skb_queue_purge(&n->arp_queue);
	dev_put(n->dev);
	kfree(n);
}

/* Out of use; the table's reference goes. tbl->lock held. */
static void unlink_neigh(struct neigh_table *tbl, struct neighbour *n)
{
	hlist_del_rcu(&n->hash);
	atomic_dec(&tbl->entries);
	write_lock(&n->lock);
	n->dead = 1;
	stop_timer(n);
	__skb_queue_purge(&n->arp_queue);
	n->arp_queue_len_bytes = 0;
	write_unlock(&n->lock);
	neigh_release(n);
}

/* Nobody uses it, and it need not be kept. */
static bool may_forget(const struct neighbour *n, unsigned long unused)
{
	u8 state = READ_ONCE(n->nud_state);

	if (state & (NUD_PERMANENT | NUD_IN_TIMER))
		return false;
	return refcount_read(&n->refcnt) == 1 &&
	       (state == NUD_FAILED || time_after(jiffies, n->used + unused));
}

static void forget_unused(struct neigh_table *tbl, unsigned long unused)
{
	struct hlist_node *next;
	struct neighbour *n;

	spin_lock_bh(&tbl->lock);
	for (int i = 0; i < 1 << NEIGH_HASH_BITS; i++)
		hlist_for_each_entry_safe(n, next, &tbl->buckets[i], hash)
			if (may_forget(n, unused))
				unlink_neigh(tbl, n);
	spin_unlock_bh(&tbl->lock);
}

static void periodic(struct timer_list *t)
{
	struct neigh_table *tbl = from_timer(tbl, t, gc_timer);

	if (atomic_read(&tbl->entries) >= READ_ONCE(tbl->parms.gc_thresh1))
		forget_unused(tbl, tbl->parms.gc_staletime);
	mod_timer(&tbl->gc_timer, jiffies +
		  max(tbl->parms.base_reachable_time / 2, HZ));
}

static bool table_full(struct neigh_table *tbl)
{
	if (atomic_read(&tbl->entries) < READ_ONCE(tbl->parms.gc_thresh2))
		return false;
	forget_unused(tbl, 5 * HZ);
	return atomic_read(&tbl->entries) >= READ_ONCE(tbl->parms.gc_thresh3);
}

static struct neighbour *neigh_alloc(struct neigh_table *tbl, const void *pkey,
				     struct net_device *dev)
{
	struct neighbour *n = kzalloc(sizeof(*n), GFP_ATOMIC);

	if (!n)
		return NULL;
	__skb_queue_head_init(&n->arp_queue);
	rwlock_init(&n->lock);
	seqlock_init(&n->ha_lock);
	n->nud_state = NUD_NONE;
	n->updated = n->used = n->confirmed = jiffies;
	n->confirmed -= 2 * tbl->parms.base_reachable_time;
	timer_setup(&n->timer, neigh_timer, 0);
	refcount_set(&n->refcnt, 1);
	n->tbl = tbl;
	n->dev = dev;
	dev_hold(dev);
	memcpy(n->primary_key, pkey, tbl->key_len);
	return n;
}

struct neighbour *neigh_create(struct neigh_table *tbl, const void *pkey,
			       struct net_device *dev)
{
	struct neighbour *n, *other;
	int err;

	if (table_full(tbl))
		return ERR_PTR(-ENOBUFS);
	n = neigh_alloc(tbl, pkey, dev);
	if (!n)
		return ERR_PTR(-ENOBUFS);
	err = tbl->constructor(n);
	if (err) {
		neigh_release(n);
		return ERR_PTR(err);
	}
	spin_lock_bh(&tbl->lock);
	other = __neigh_lookup_noref(tbl, pkey, dev);
	if (other) {
		refcount_inc(&other->refcnt);
	} else {
		hlist_add_head_rcu(&n->hash,
				   neigh_bucket(tbl, key_of(pkey), dev));
		atomic_inc(&tbl->entries);
		refcount_inc(&n->refcnt); /* the caller's; 1 is the table's */
	}
	spin_unlock_bh(&tbl->lock);
	if (other) {
		neigh_release(n);
		return other;
	}
	return n;
}

bool neigh_remove_one(struct neighbour *n, struct neigh_table *tbl)
{
	bool was;

	spin_lock_bh(&tbl->lock);
	was = !n->dead;
	if (was)
		unlink_neigh(tbl, n);
	spin_unlock_bh(&tbl->lock);
	return was;
}

void neigh_for_each(struct neigh_table *tbl,
		    void (*cb)(struct neighbour *n, void *arg), void *arg)
{
	struct neighbour *n;

	spin_lock_bh(&tbl->lock);
	for (int i = 0; i < 1 << NEIGH_HASH_BITS; i++)
		hlist_for_each_entry(n, &tbl->buckets[i], hash)
			cb(n, arg);
	spin_unlock_bh(&tbl->lock);
}

u8 neigh_snapshot(struct neighbour *n, unsigned char *ha)
{
	unsigned int seq;

	do {
		seq = read_seqbegin(&n->ha_lock);
		memcpy(ha, n->ha, MAX_ADDR_LEN);
	} while (read_seqretry(&n->ha_lock, seq));
	return READ_ONCE(n->nud_state);
}

static void flush_dev(struct neigh_table *tbl, struct net_device *dev,
		      bool keep_permanent)
{
	struct hlist_node *next;
	struct neighbour *n;

	spin_lock_bh(&tbl->lock);
	for (int i = 0; i < 1 << NEIGH_HASH_BITS; i++) {
		hlist_for_each_entry_safe(n, next, &tbl->buckets[i], hash) {
			if (dev && n->dev != dev)
				continue;
			if (keep_permanent && (n->nud_state & NUD_PERMANENT))
				continue;
			unlink_neigh(tbl, n);
		}
	}
	spin_unlock_bh(&tbl->lock);
}

int neigh_ifdown(struct neigh_table *tbl, struct net_device *dev)
{
	flush_dev(tbl, dev, false);
	return 0;
}

void neigh_changeaddr(struct neigh_table *tbl, struct net_device *dev)
{
	flush_dev(tbl, dev, true);
}

/* ---- sending ---- */

/* The link's header, and off. */
static int send_to(struct neighbour *n, struct sk_buff *skb)
{
	struct net_device *dev = n->dev;
	unsigned char ha[MAX_ADDR_LEN];
	unsigned int seq;
	int err;

	__skb_pull(skb, skb_network_offset(skb));
	do {
		seq = read_seqbegin(&n->ha_lock);
		memcpy(ha, n->ha, 8);
	} while (read_seqretry(&n->ha_lock, seq));
	skb->dev = dev;
	err = dev_hard_header(skb, dev, ntohs(skb->protocol), ha, NULL,
			      skb->len);
	if (err >= 0)
		return dev_queue_xmit(skb);
	kfree_skb(skb);
	return -EINVAL;
}

/* Keep it until the address is known; the oldest go if it is too much.
 * n->lock held. */
static void queue_unresolved(struct neighbour *n, struct sk_buff *skb)
{
	unsigned int max = READ_ONCE(n->tbl->parms.queue_len_bytes);

	while (n->arp_queue_len_bytes + skb->truesize > max) {
		struct sk_buff *old = __skb_dequeue(&n->arp_queue);

		if (!old)
			break;
		n->arp_queue_len_bytes -= old->truesize;
		kfree_skb(old);
	}
	skb_dst_force(skb);
	__skb_queue_tail(&n->arp_queue, skb);
	n->arp_queue_len_bytes += skb->truesize;
}

static int max_probes(const struct neighbour *n)
{
	const struct neigh_parms *p = &n->tbl->parms;

	return n->nud_state == NUD_PROBE ? p->ucast_probes
					 : p->ucast_probes + p->mcast_probes;
}

/* n->lock held, dropped here. */
static void probe_and_unlock(struct neighbour *n)
{
	struct sk_buff *skb = skb_peek_tail(&n->arp_queue);

	if (skb)
		skb = skb_clone(skb, GFP_ATOMIC);
	atomic_inc(&n->probes);
	write_unlock_bh(&n->lock);
	n->tbl->solicit(n, skb);
	consume_skb(skb);
}

/* 0: send it now; 1: it was taken.  */
static int event_send(struct neighbour *n, struct sk_buff *skb)
{
	bool ask = false;

	write_lock_bh(&n->lock);
	if (n->nud_state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE))
		goto now;
	if (n->dead) {
		write_unlock_bh(&n->lock);
		kfree_skb(skb);
		return 1;
	}
	if (n->nud_state & NUD_STALE) {
		n->nud_state = NUD_DELAY;
		n->updated = jiffies;
		start_timer(n, jiffies + n->tbl->parms.delay_probe_time);
		goto now;
	}
	if (n->nud_state != NUD_INCOMPLETE) {
		atomic_set(&n->probes, n->tbl->parms.ucast_probes);
		n->nud_state = NUD_INCOMPLETE;
		n->updated = jiffies;
		start_timer(n, jiffies + n->tbl->parms.retrans_time);
		ask = true;
	}
	queue_unresolved(n, skb);
	if (ask)
		probe_and_unlock(n);
	else
		write_unlock_bh(&n->lock);
	return 1;
now:
	write_unlock_bh(&n->lock);
	return 0;
}

int neigh_output(struct neighbour *n, struct sk_buff *skb)
{
	unsigned long now = jiffies;

	if (READ_ONCE(n->used) != now)
		WRITE_ONCE(n->used, now);
	if (likely(READ_ONCE(n->nud_state) & NUD_CONNECTED))
		return send_to(n, skb);
	return event_send(n, skb) ? 0 : send_to(n, skb);
}

/* ---- time ---- */

/* He does not answer: tell all who waited.  n->lock held, dropped for each. */
static void invalidate(struct neighbour *n)
{
	struct sk_buff *skb;

	n->updated = jiffies;
	while (n->nud_state == NUD_FAILED &&
	       (skb = __skb_dequeue(&n->arp_queue))) {
		write_unlock_bh(&n->lock);
		n->tbl->error_report(n, skb);
		write_lock_bh(&n->lock);
	}
	__skb_queue_purge(&n->arp_queue);
	n->arp_queue_len_bytes = 0;
}

/* The state after a timeout, and when the next one is; 0: never. */
static unsigned long next_state(struct neighbour *n)
{
	struct neigh_parms *p = &n->tbl->parms;
	unsigned long now = jiffies;
	unsigned long good = n->confirmed + p->base_reachable_time;

	switch (n->nud_state) {
	case NUD_REACHABLE:
		if (time_before_eq(now, good))
			return good;
		if (time_before_eq(now, n->used + p->delay_probe_time)) {
			n->nud_state = NUD_DELAY;
			n->updated = now;
			return now + p->delay_probe_time;
		}
		n->nud_state = NUD_STALE;
		n->updated = now;
		return 0;
	case NUD_DELAY:
		if (time_before_eq(now, n->confirmed + p->delay_probe_time)) {
			n->nud_state = NUD_REACHABLE;
			n->updated = now;
			return good;
		}
		n->nud_state = NUD_PROBE;
		n->updated = now;
		atomic_set(&n->probes, 0);
		return now + p->retrans_time;
	default:
		return now + p->retrans_time;
	}
}

static void neigh_timer(struct timer_list *t)
{
	struct neighbour *n = from_timer(n, t, timer);
	unsigned long next;

	write_lock_bh(&n->lock);
	if (n->dead || !(n->nud_state & NUD_IN_TIMER))
		goto out;
	next = next_state(n);
	if ((n->nud_state & (NUD_INCOMPLETE | NUD_PROBE)) &&
	    atomic_read(&n->probes) >= max_probes(n)) {
		n->nud_state = NUD_FAILED;
		invalidate(n);
		goto out;
	}
	if (next)
		start_timer(n, max(next, jiffies + HZ / 100));
	if (n->nud_state & (NUD_INCOMPLETE | NUD_PROBE)) {
		probe_and_unlock(n);
		neigh_release(n);
		return;
	}
out:
	write_unlock_bh(&n->lock);
	neigh_release(n);
}

/* ---- what is heard, or configured ---- */

/* n->lock held, dropped for each packet that waited. */
static void send_waiting(struct neighbour *n)
{
	struct sk_buff *skb;

	while (n->nud_state & NUD_VALID && (skb = __skb_dequeue(&n->arp_queue))) {
		write_unlock_bh(&n->lock);
		send_to(n, skb);
		write_lock_bh(&n->lock);
	}
	if (n->nud_state & NUD_VALID)
		n->arp_queue_len_bytes = 0;
}

static void set_address(struct neighbour *n, const u8 *lladdr)
{
	write_seqlock(&n->ha_lock);
	memcpy(n->ha, lladdr, n->dev->addr_len);
	write_sequnlock(&n->ha_lock);
}

/* Another address than we knew.  false: keep what we have. */
static bool may_override(struct neighbour *n, const u8 **lladdr, u8 *new,
			 u32 flags)
{
	if (!*lladdr || !(n->nud_state & NUD_VALID) ||
	    !memcmp(*lladdr, n->ha, n->dev->addr_len))
		return true;
	if (flags & NEIGH_UPDATE_F_OVERRIDE)
		return true;
	if ((flags & NEIGH_UPDATE_F_WEAK_OVERRIDE) &&
	    (n->nud_state & NUD_CONNECTED)) {
		*lladdr = n->ha;
		*new = NUD_STALE;
		return true;
	}
	return false;
}

int neigh_update(struct neighbour *n, const u8 *lladdr, u8 new, u32 flags,
		 u32 nlmsg_pid)
{
	u8 old;
	int err = 0;

	write_lock_bh(&n->lock);
	old = n->nud_state;
	if (n->dead || (!(flags & NEIGH_UPDATE_F_ADMIN) &&
			(old & (NUD_NOARP | NUD_PERMANENT)))) {
		err = n->dead ? -EINVAL : -EPERM;
		goto out;
	}
	if (!(new & NUD_VALID)) {
		stop_timer(n);
		n->nud_state = new;
		if (new & NUD_FAILED)
			invalidate(n);
		goto out;
	}
	if (!lladdr && !(old & NUD_VALID)) {
		err = -EINVAL;
		goto out;
	}
	if (!may_override(n, &lladdr, &new, flags))
		goto out;
	if (new & NUD_CONNECTED)
		n->confirmed = jiffies;
	if (new == NUD_STALE && (old & NUD_CONNECTED) &&
	    (!lladdr || !memcmp(lladdr, n->ha, n->dev->addr_len)))
		goto out;             /* what we know is better */
	if (lladdr && lladdr != n->ha)
		set_address(n, lladdr);
	stop_timer(n);
	n->nud_state = new;
	n->updated = jiffies;
	if (new & NUD_IN_TIMER)
		start_timer(n, jiffies + (new & NUD_REACHABLE
					  ? n->tbl->parms.base_reachable_time
					  : 1));
	send_waiting(n);
out:
	write_unlock_bh(&n->lock);
	return err;
}

struct neighbour *neigh_event_ns(struct neigh_table *tbl, u8 *lladdr,
				 void *saddr, struct net_device *dev)
{
	struct neighbour *n = __neigh_lookup(tbl, saddr, dev, 1);

	if (n)
		neigh_update(n, lladdr, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE, 0);
	return n;
}

void neigh_table_init(struct neigh_table *tbl)
{
	spin_lock_init(&tbl->lock);
	tbl->hash_rnd = get_random_u32();
	timer_setup(&tbl->gc_timer, periodic, TIMER_DEFERRABLE);
	mod_timer(&tbl->gc_timer, jiffies + tbl->parms.base_reachable_time);
}
