/* SPDX-License-Identifier: MIT */
/*
 * br_fdb.c -- the forwarding database: behind which port an address is
 *
 * PROMISE.  An address is found where its last frame came from, for ageing_time
 * (300 s) after it; our own addresses and an administrator's entries stay.
 *
 * IDEA.  A hash of addresses.  Each frame writes the time into its sender's
 * entry, and only a new address or another port takes the lock.  A timer walks
 * the table and forgets the old; a lookup does not believe an entry that is too
 * old either, so the timer may be slow.
 *
 * BOUND.  BR_MAX_LEARNED entries are learned, beyond that frames are flooded:
 * who invents senders' addresses gets no more memory.
 *
 * LOCKING.  hash_lock to change, RCU to read.
 */

#include "bridge.h"

#include <kernel/hash.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

static struct hlist_head *bucket(struct net_bridge *br, const u8 *addr)
{
	return &br->hash[jhash(addr, ETH_ALEN, 0) & (BR_HASH_SIZE - 1)];
}

static struct net_bridge_fdb_entry *find(struct net_bridge *br, const u8 *addr)
{
	struct net_bridge_fdb_entry *f;

	hlist_for_each_entry_rcu(f, bucket(br, addr), node)
		if (ether_addr_equal(f->addr, addr))
			return f;
	return NULL;
}

static bool stays(const struct net_bridge_fdb_entry *f)
{
	return f->is_local || f->is_static;
}

static bool too_old(const struct net_bridge *br,
		    const struct net_bridge_fdb_entry *f)
{
	return !stays(f) && time_after(jiffies, READ_ONCE(f->updated) +
				       READ_ONCE(br->ageing_time));
}

struct net_bridge_fdb_entry *br_fdb_find(struct net_bridge *br, const u8 *addr)
{
	struct net_bridge_fdb_entry *f = find(br, addr);

	return f && !too_old(br, f) ? f : NULL;
}

/* hash_lock held. */
static void forget(struct net_bridge *br, struct net_bridge_fdb_entry *f)
{
	hlist_del_rcu(&f->node);
	if (!stays(f))
		br->learned--;
	kfree_rcu(f, rcu);
}

static struct net_bridge_fdb_entry *add(struct net_bridge *br,
					struct net_bridge_port *p,
					const u8 *addr, bool local,
					bool is_static)
{
	struct net_bridge_fdb_entry *f = kzalloc(sizeof(*f), GFP_ATOMIC);

	if (!f)
		return NULL;
	ether_addr_copy(f->addr, addr);
	f->dst = p;
	f->is_local = local;
	f->is_static = is_static;
	f->updated = f->used = jiffies;
	hlist_add_head_rcu(&f->node, bucket(br, addr));
	return f;
}

void br_fdb_learn(struct net_bridge_port *p, const u8 *addr)
{
	struct net_bridge *br = p->br;
	struct net_bridge_fdb_entry *f = find(br, addr);

	if (f && (stays(f) || READ_ONCE(f->dst) == p)) {
		if (READ_ONCE(f->updated) != jiffies)
			WRITE_ONCE(f->updated, jiffies);
		return;
	}
	spin_lock_bh(&br->hash_lock);
	f = find(br, addr);
	if (f && !stays(f)) {
		WRITE_ONCE(f->dst, p); /* he moved */
		WRITE_ONCE(f->updated, jiffies);
	} else if (!f && br->learned < BR_MAX_LEARNED &&
		   add(br, p, addr, false, false)) {
		br->learned++;
	}
	spin_unlock_bh(&br->hash_lock);
}

int br_fdb_add(struct net_bridge *br, struct net_bridge_port *p, const u8 *addr,
	       bool local, bool replace)
{
	struct net_bridge_fdb_entry *f;
	int err = 0;

	if (!is_valid_ether_addr(addr))
		return -EADDRNOTAVAIL;
	spin_lock_bh(&br->hash_lock);
	f = find(br, addr);
	if (f && f->is_local) {
		err = local ? 0 : -EEXIST; /* two ports may share theirs */
		goto out;
	}
	if (f && !local && !replace) {
		err = -EEXIST;
		goto out;
	}
	if (f)
		forget(br, f);
	if (!add(br, p, addr, local, true))
		err = -ENOMEM;
out:
	spin_unlock_bh(&br->hash_lock);
	return err;
}

int br_fdb_delete(struct net_bridge *br, const u8 *addr)
{
	struct net_bridge_fdb_entry *f;

	spin_lock_bh(&br->hash_lock);
	f = find(br, addr);
	if (f)
		forget(br, f);
	spin_unlock_bh(&br->hash_lock);
	return f ? 0 : -ENOENT;
}

void br_fdb_flush(struct net_bridge *br, const struct net_bridge_port *p,
		  bool learned_only)
{
	struct net_bridge_fdb_entry *f;
	struct hlist_node *next;

	spin_lock_bh(&br->hash_lock);
	for (int i = 0; i < BR_HASH_SIZE; i++)
		hlist_for_each_entry_safe(f, next, &br->hash[i], node)
			if ((!p || f->dst == p) && !(learned_only && stays(f)))
				forget(br, f);
	spin_unlock_bh(&br->hash_lock);
}

static void forget_old(struct timer_list *t)
{
	struct net_bridge *br = from_timer(br, t, gc_timer);
	struct net_bridge_fdb_entry *f;
	struct hlist_node *next;

	spin_lock_bh(&br->hash_lock);
	for (int i = 0; i < BR_HASH_SIZE; i++)
		hlist_for_each_entry_safe(f, next, &br->hash[i], node)
			if (too_old(br, f))
				forget(br, f);
	spin_unlock_bh(&br->hash_lock);
	mod_timer(&br->gc_timer, jiffies + 10 * HZ);
}

void br_fdb_init(struct net_bridge *br)
{
	spin_lock_init(&br->hash_lock);
	br->ageing_time = 300 * HZ;
	timer_setup(&br->gc_timer, forget_old, TIMER_DEFERRABLE);
}
