/* SPDX-License-Identifier: MIT */
/* br_fdb_test.c -- the database learns, follows who moves, forgets, is
 * bounded */

#include "bridge.h"

#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <mm/slab.h>

static const u8 someone[ETH_ALEN] = { 2, 0, 0, 0, 0, 7 };

static struct net_bridge_port *where(struct net_bridge *br)
{
	struct net_bridge_fdb_entry *f;
	struct net_bridge_port *p;

	rcu_read_lock();
	f = br_fdb_find(br, someone);
	p = f ? f->dst : NULL;
	rcu_read_unlock();
	return p;
}

SELFTEST(bridge_learns_follows_and_forgets)
{
	struct net_bridge *br = kzalloc(sizeof(*br), GFP_KERNEL);
	struct net_bridge_port a = { .br = br }, b = { .br = br };

	REQUIRE(br);
	br_fdb_init(br);
	EXPECT(!where(br));
	br_fdb_learn(&a, someone);
	EXPECT(where(br) == &a && br->learned == 1);
	br_fdb_learn(&b, someone);
	EXPECT(where(br) == &b && br->learned == 1);
	br_fdb_flush(br, &a, true);
	REQUIRE(where(br) == &b);
	br->ageing_time = -1ul / 4;   /* as if long ago */
	br_fdb_find(br, someone)->updated = jiffies - br->ageing_time - 1;
	EXPECT(!where(br));
	br_fdb_flush(br, &b, true);
	EXPECT(br->learned == 0);
	EXPECT(!br_fdb_add(br, &a, someone, false, false));
	br_fdb_learn(&b, someone);    /* an administrator knows better */
	EXPECT(where(br) == &a);
	EXPECT(br_fdb_add(br, &b, someone, false, false) == -EEXIST);
	EXPECT(!br_fdb_delete(br, someone));
	br->learned = BR_MAX_LEARNED;
	br_fdb_learn(&a, someone);
	EXPECT(!where(br));
	br_fdb_flush(br, NULL, false);
	kfree(br);
}
