/* SPDX-License-Identifier: MIT */
/*
 * routes.c -- which way a packet goes: rules, tables
 *
 * A datagram socket's connect() asks for the route and sends nothing, so its
 * answer is the table's: 0, or what an unreachable route says.
 */

#include "rtnl.h"

#include <errno.h>

enum { MAIN = 254, TABLE = 100 };
enum { UNICAST = 1, UNREACHABLE = 7 };
enum { RTA_DST_ = 1, RTA_OIF_ = 4 };
enum { FRA_DST = 1, FRA_SRC, FRA_IIFNAME, FRA_PRIORITY = 6, FRA_FWMARK = 10,
       FRA_SUPPRESS_PREFIXLEN = 14, FRA_TABLE = 15, FRA_FWMASK = 16,
       FRA_IP_PROTO = 22, FRA_DPORT_RANGE = 24 };
enum { TO_TABLE = 1, BLACKHOLE = 6, PROHIBIT = 8 };
enum { INVERT = 2 };

struct rulemsg {
	uint8_t family, dst_len, src_len, tos, table, r1, r2, action;
	uint32_t flags;
};

static int route(int type, int table, const char *dst, int len, const char *dev)
{
	struct routemsg m = { AF_INET, len, 0, 0, table, 3,
			      dev ? 253 : 0, type, 0 };
	struct rtnl r;

	rtnl_start(&r, NEWROUTE, CREATE | EXCL, &m, sizeof(m));
	if (len)
		rtnl_put_u32(&r, RTA_DST_, inet_addr(dst));
	if (dev)
		rtnl_put_u32(&r, RTA_OIF_, if_nametoindex(dev));
	return rtnl_talk(&r);
}

/* A network with a way to everywhere in main, and none in TABLE. */
static void two_tables(void)
{
	net_new();
	CHECK_EQ(spare_add("r0"), 0);
	CHECK_EQ(addr_add("r0", "10.1.0.1", 24), 0);
	CHECK_EQ(addr_add("r0", "10.2.0.1", 24), 0);
	CHECK_EQ(link_up("r0", 1), 0);
	CHECK_EQ(route(UNICAST, MAIN, NULL, 0, "r0"), 0);
	CHECK_EQ(route(UNREACHABLE, TABLE, NULL, 0, NULL), 0);
}

/* 0 or the errno of a route to there. */
static int way(const char *to, const char *from, int mark, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port),
				 .sin_addr = { inet_addr(to) } };
	struct sockaddr_in b = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), err;

	if (from) {
		b.sin_addr.s_addr = inet_addr(from);
		CHECK_EQ(bind(fd, (void *)&b, sizeof(b)), 0);
	}
	if (mark)
		CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, 4), 0);
	err = connect(fd, (void *)&a, sizeof(a)) ? errno : 0;
	close(fd);
	return err;
}

static void rule_start(struct rtnl *r, int type, struct rulemsg m)
{
	m.family = AF_INET;
	rtnl_start(r, type, type == NEWRULE ? CREATE | EXCL : 0, &m, sizeof(m));
}

static int mark_rule(int type, int priority, uint32_t mark, int flags)
{
	struct rtnl r;

	rule_start(&r, type, (struct rulemsg){ .action = TO_TABLE,
			.table = TABLE, .flags = flags });
	rtnl_put_u32(&r, FRA_PRIORITY, priority);
	rtnl_put_u32(&r, FRA_FWMARK, mark);
	return rtnl_talk(&r);
}

TEST(rule_of_a_mark_chooses_the_table)
{
	two_tables();
	CHECK_EQ(way("9.9.9.9", NULL, 7, 9), 0);
	CHECK_EQ(mark_rule(NEWRULE, 50, 7, 0), 0);
	CHECK_EQ(way("9.9.9.9", NULL, 7, 9), EHOSTUNREACH);
	CHECK_EQ(way("9.9.9.9", NULL, 8, 9), 0);
	CHECK_EQ(way("9.9.9.9", NULL, 0, 9), 0);
	CHECK_EQ(mark_rule(NEWRULE, 50, 7, 0), -EEXIST);
	CHECK_EQ(mark_rule(DELRULE, 51, 7, 0), -ENOENT);
	CHECK_EQ(mark_rule(DELRULE, 50, 7, 0), 0);
	CHECK_EQ(way("9.9.9.9", NULL, 7, 9), 0);
}

TEST(inverted_rule_holds_for_all_others)
{
	two_tables();
	CHECK_EQ(mark_rule(NEWRULE, 50, 7, INVERT), 0);
	CHECK_EQ(way("9.9.9.9", NULL, 7, 9), 0);
	CHECK_EQ(way("9.9.9.9", NULL, 8, 9), EHOSTUNREACH);
}

TEST(mark_is_compared_under_its_mask)
{
	struct rtnl r;

	two_tables();
	rule_start(&r, NEWRULE, (struct rulemsg){ .action = TO_TABLE,
						  .table = TABLE });
	rtnl_put_u32(&r, FRA_FWMARK, 0x10);
	rtnl_put_u32(&r, FRA_FWMASK, 0xf0);
	CHECK_EQ(rtnl_talk(&r), 0);
	CHECK_EQ(way("9.9.9.9", NULL, 0x13, 9), EHOSTUNREACH);
	CHECK_EQ(way("9.9.9.9", NULL, 0x23, 9), 0);
}

TEST(socket_that_is_marked_later_goes_the_other_way)
{
	int fd, mark = 7;

	two_tables();
	CHECK_EQ(mark_rule(NEWRULE, 50, 7, 0), 0);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK_EQ(connect(fd, (void *)&(struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(9),
		.sin_addr = { inet_addr("9.9.9.9") } },
		sizeof(struct sockaddr_in)), 0);
	CHECK_EQ(send(fd, "x", 1, 0), 1);
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, 4), 0);
	CHECK_ERR(send(fd, "x", 1, 0), EHOSTUNREACH);
	close(fd);
}

TEST(rules_of_addresses)
{
	struct rtnl r;

	two_tables();
	rule_start(&r, NEWRULE, (struct rulemsg){ .action = TO_TABLE,
			.table = TABLE, .src_len = 24 });
	rtnl_put_u32(&r, FRA_SRC, inet_addr("10.2.0.0"));
	CHECK_EQ(rtnl_talk(&r), 0);
	CHECK_EQ(way("9.9.9.9", "10.2.0.1", 0, 9), EHOSTUNREACH);
	CHECK_EQ(way("9.9.9.9", "10.1.0.1", 0, 9), 0);
	rule_start(&r, NEWRULE, (struct rulemsg){ .action = TO_TABLE,
			.table = TABLE, .src_len = 24 });
	rtnl_put_u32(&r, FRA_SRC, inet_addr("10.1.0.0"));
	CHECK_EQ(rtnl_talk(&r), 0);
	/* Also of the address that the first answer would give. */
	CHECK_EQ(way("9.9.9.9", NULL, 0, 9), EHOSTUNREACH);
	rule_start(&r, NEWRULE, (struct rulemsg){ .action = PROHIBIT,
						  .dst_len = 16 });
	rtnl_put_u32(&r, FRA_DST, inet_addr("9.8.0.0"));
	CHECK_EQ(rtnl_talk(&r), 0);
	CHECK_EQ(way("9.8.1.1", NULL, 0, 9), EACCES);
}

TEST(rule_of_a_protocol_and_its_ports)
{
	uint16_t ports[2] = { 80, 90 };
	struct rtnl r;

	two_tables();
	rule_start(&r, NEWRULE, (struct rulemsg){ .action = TO_TABLE,
						  .table = TABLE });
	rtnl_put(&r, FRA_IP_PROTO, "\021", 1);
	rtnl_put(&r, FRA_DPORT_RANGE, ports, sizeof(ports));
	CHECK_EQ(rtnl_talk(&r), 0);
	CHECK_EQ(way("9.9.9.9", NULL, 0, 85), EHOSTUNREACH);
	CHECK_EQ(way("9.9.9.9", NULL, 0, 91), 0);
}

TEST(suppressed_prefix_is_no_answer)
{
	struct rtnl r;

	two_tables();
	CHECK_EQ(mark_rule(NEWRULE, 60, 7, 0), 0);
	rule_start(&r, NEWRULE, (struct rulemsg){ .action = TO_TABLE,
						  .table = MAIN });
	rtnl_put_u32(&r, FRA_PRIORITY, 50);
	rtnl_put_u32(&r, FRA_SUPPRESS_PREFIXLEN, 0);
	CHECK_EQ(rtnl_talk(&r), 0);
	/* main's default does not count: the next rule's turn. */
	CHECK_EQ(way("9.9.9.9", NULL, 7, 9), EHOSTUNREACH);
	CHECK_EQ(way("10.1.0.9", NULL, 7, 9), 0);
}

TEST(impossible_rules_are_refused)
{
	uint16_t ports[2] = { 90, 80 };
	struct rtnl r;

	two_tables();
	rule_start(&r, NEWRULE, (struct rulemsg){ .action = TO_TABLE,
			.table = TABLE, .src_len = 33 });
	rtnl_put_u32(&r, FRA_SRC, inet_addr("10.2.0.0"));
	CHECK_EQ(rtnl_talk(&r), -EINVAL);
	rule_start(&r, NEWRULE, (struct rulemsg){ .action = TO_TABLE,
			.table = TABLE, .dst_len = 8 });
	CHECK_EQ(rtnl_talk(&r), -EINVAL);
	rule_start(&r, NEWRULE, (struct rulemsg){ .action = TO_TABLE,
						  .table = TABLE });
	rtnl_put(&r, FRA_DPORT_RANGE, ports, sizeof(ports));
	CHECK_EQ(rtnl_talk(&r), -EINVAL);
	CHECK_EQ(way("9.9.9.9", NULL, 0, 85), 0);
}

TAP_MAIN()
