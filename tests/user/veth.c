/* SPDX-License-Identifier: MIT */
/*
 * veth.c -- a cable between two networks: frames, link state, life in pairs
 */

#include "rtnl.h"

TEST(ends_come_and_go_together)
{
	net_new();
	pair("v0", "v1", -1);
	CHECK(if_nametoindex("v0") && if_nametoindex("v1"));
	CHECK_EQ(veth_add("v0", "v2", -1), -EEXIST);
	CHECK_EQ(if_nametoindex("v2"), 0);
	CHECK_EQ(veth_add("v2", "v1", -1), -EEXIST);
	CHECK_EQ(if_nametoindex("v2"), 0);
	CHECK_EQ(link_del("v1"), 0);
	CHECK_EQ(if_nametoindex("v0"), 0);
}

TEST(peer_may_be_elsewhere)
{
	int there = net_new();

	net_new();
	pair("v0", "v1", there);
	CHECK_EQ(if_nametoindex("v1"), 0);
	net_enter(there);
	CHECK(if_nametoindex("v1") > 0);
	CHECK_EQ(if_nametoindex("v0"), 0);
	CHECK_EQ(link_del("v1"), 0);
}

TEST(link_is_up_while_both_ends_are)
{
	net_new();
	pair("v0", "v1", -1);
	CHECK_EQ(link_up("v0", 1), 0);
	CHECK(link_flags("v0") & IFF_UP);
	CHECK(link_runs("v0", 0));
	CHECK_EQ(link_up("v1", 1), 0);
	CHECK(link_runs("v0", 1) && link_runs("v1", 1));
	CHECK_EQ(link_up("v1", 0), 0);
	CHECK(link_runs("v0", 0));
}

TEST(datagrams_pass_both_ways)
{
	int here, there;

	cable(&here, &there);
	CHECK(udp_reaches(here, there, "10.9.0.2"));
	CHECK(udp_reaches(there, here, "10.9.0.1"));
}

TEST(stream_passes_whole)
{
	int here, there, c, s;

	cable(&here, &there);
	stream_between(here, there, "10.9.0.2", &c, &s);
	pump(c, s, 1 << 20);
}

/* Moving an end takes its addresses away, and leaves the pair whole. */
TEST(end_moves_with_its_cable)
{
	int here, there;

	cable(&here, &there);
	net_enter(there);
	CHECK_EQ(link_set("v1", IFLA_NET_NS_FD, here), 0);
	CHECK_EQ(if_nametoindex("v1"), 0);
	net_enter(here);
	CHECK(if_nametoindex("v1") > 0);
	CHECK_EQ(link_flags("v1") & IFF_UP, 0);
	CHECK_EQ(addr_add("v1", "10.9.0.2", 24), 0);
	CHECK_EQ(link_up("v1", 1), 0);
	CHECK(link_runs("v0", 1));
}

TEST(network_that_ends_takes_the_other_end_along)
{
	int here = net_new();

	close(net_new());
	pair("v0", "v1", here);
	net_enter(here);
	for (int i = 0; i < 400 && if_nametoindex("v1"); i++)
		usleep(5000);
	CHECK_EQ(if_nametoindex("v1"), 0);
}

TEST(impossible_pairs_are_refused)
{
	struct rtnl r;
	int info, data;

	net_new();
	pair("v0", "v1", -1);
	CHECK_EQ(link_del("v0"), 0);
	CHECK_EQ(veth_add("v0", "v0", -1), -EEXIST);
	CHECK_EQ(veth_add("v0", "v1", 1000), -EBADF);
	CHECK_EQ(if_nametoindex("v0"), 0);
	rtnl_link(&r, NEWLINK, CREATE | EXCL, 0);
	info = rtnl_nest(&r, IFLA_LINKINFO);
	rtnl_put_str(&r, INFO_KIND, "veth");
	data = rtnl_nest(&r, INFO_DATA);
	rtnl_put_u32(&r, VETH_PEER, 0); /* too short for its head */
	rtnl_end(&r, data);
	rtnl_end(&r, info);
	CHECK(rtnl_talk(&r) < 0);
}

TAP_MAIN()
