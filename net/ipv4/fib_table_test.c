/* SPDX-License-Identifier: MIT */
/* fib_table_test.c -- the longest prefix wins, and what is deleted is no more.
 * Slow: an end of a table waits for its readers. */

#include <net/ip_fib.h>

#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <net/flow.h>
#include <net/rtnetlink.h>

#include "fib.h"

#define UNUSED_TABLE 77               /* in no network's list */

/* A route that needs no device: what a packet gets tells which was found. */
static struct fib_config route(u32 dst, int len, int type)
{
	return (struct fib_config){
		.fc_dst = htonl(dst), .fc_dst_len = len, .fc_type = type,
		.fc_table = UNUSED_TABLE, .fc_protocol = RTPROT_STATIC,
		.fc_scope = RT_SCOPE_UNIVERSE,
		.fc_nlflags = FIB_NLM_F_CREATE | FIB_NLM_F_EXCL };
}

static int ask(struct fib_table *tb, u32 dst)
{
	struct flowi4 fl4 = { .daddr = htonl(dst) };
	struct fib_result res;
	int err;

	rcu_read_lock();
	err = fib_table_lookup(tb, &fl4, &res, 0);
	rcu_read_unlock();
	return err;
}

SELFTEST_SLOW(fib_longest_prefix_wins)
{
	struct fib_config wide = route(0x0a000000, 8, RTN_UNREACHABLE);
	struct fib_config mid = route(0x0a010000, 16, RTN_PROHIBIT);
	struct fib_config host = route(0x0a010203, 32, RTN_UNREACHABLE);
	struct fib_table *tb = fib_alloc_table(&init_net, UNUSED_TABLE);

	REQUIRE(tb);
	rtnl_lock();
	EXPECT(ask(tb, 0x0a010203) == -EAGAIN);
	EXPECT(!fib_table_insert(&init_net, tb, &mid, NULL));
	EXPECT(!fib_table_insert(&init_net, tb, &wide, NULL));
	EXPECT(!fib_table_insert(&init_net, tb, &host, NULL));
	EXPECT(fib_table_insert(&init_net, tb, &host, NULL) == -EEXIST);
	EXPECT(ask(tb, 0x0a020000) == -EHOSTUNREACH);
	EXPECT(ask(tb, 0x0a01ffff) == -EACCES);
	EXPECT(ask(tb, 0x0a010203) == -EHOSTUNREACH);
	EXPECT(ask(tb, 0x0b000000) == -EAGAIN);
	EXPECT(!fib_table_delete(&init_net, tb, &host, NULL));
	EXPECT(fib_table_delete(&init_net, tb, &host, NULL) == -ESRCH);
	EXPECT(ask(tb, 0x0a010203) == -EACCES);
	EXPECT(!fib_table_delete(&init_net, tb, &mid, NULL));
	EXPECT(ask(tb, 0x0a010203) == -EHOSTUNREACH);
	fib_table_flush_all(tb);
	fib_free_table(tb);
	rtnl_unlock();
}
