/* SPDX-License-Identifier: MIT */
/* codel_test.c -- the law of Controlled Delay, with time made to go by */

#include <net/codel.h>

#include <kernel/kernel.h>
#include <kernel/selftest.h>

#define MS(n) US_TO_CODEL((n) * 1000)

static const struct codel_params params = {
	.target = US_TO_CODEL(5000), .interval = US_TO_CODEL(100000),
	.mtu = 1500,
};

/* A packet leaves at now, having waited for delay, with a queue behind it. */
static bool dropped(struct codel_vars *v, codel_time_t delay, codel_time_t now)
{
	bool should = codel_should_drop(v, &params, delay, 100000, now);

	return codel_decide(v, &params, should, now) == CODEL_DROP;
}

SELFTEST(codel_lets_bursts_pass)
{
	struct codel_vars v = { 0 };
	int drops = 0;

	/* Long waits, but each 90 ms one that is short. */
	for (u32 ms = 1; ms < 2000; ms++)
		drops += dropped(&v, ms % 90 ? MS(50) : MS(1), MS(ms));
	EXPECT(drops == 0);
}

SELFTEST(codel_needs_a_whole_interval_above_target)
{
	struct codel_vars v = { 0 };
	u32 ms = 1;

	while (!dropped(&v, MS(20), MS(ms)) && ms < 1000)
		ms++;
	EXPECT(ms >= 100 && ms <= 103);
	EXPECT(v.dropping && v.count == 1);
}

SELFTEST(codel_drops_ever_faster_by_the_square_root)
{
	struct codel_vars v = { 0 };
	u32 at[4] = { 0 }, n = 0;

	for (u32 ms = 1; ms < 1000 && n < 4; ms++)
		if (dropped(&v, MS(20), MS(ms)))
			at[n++] = ms;
	/* 100/sqrt(1), then 100/sqrt(2), 100/sqrt(3). */
	EXPECT(n == 4);
	EXPECT(at[1] - at[0] >= 99 && at[1] - at[0] <= 102);
	EXPECT(at[2] - at[1] >= 69 && at[2] - at[1] <= 72);
	EXPECT(at[3] - at[2] >= 56 && at[3] - at[2] <= 59);
}

SELFTEST(codel_stops_when_the_queue_is_short_again)
{
	struct codel_vars v = { 0 };
	u32 ms = 1;

	while (!dropped(&v, MS(20), MS(ms)) && ms < 1000)
		ms++;
	EXPECT(!dropped(&v, MS(1), MS(ms + 1)));
	EXPECT(!v.dropping);
	EXPECT(!dropped(&v, MS(20), MS(ms + 2)));
}

SELFTEST(codel_remembers_how_fast_it_dropped)
{
	struct codel_vars v = { 0 };
	u32 ms = 1, count;

	for (; ms < 1000; ms++)
		dropped(&v, MS(20), MS(ms));
	count = v.count;
	EXPECT(count > 5);
	dropped(&v, MS(1), MS(ms++));
	while (!dropped(&v, MS(20), MS(ms)) && ms < 2000)
		ms++;
	EXPECT(v.count == count - 1);
}

SELFTEST(codel_leaves_a_last_packet_alone)
{
	struct codel_vars v = { 0 };

	for (u32 ms = 1; ms < 1000; ms++)
		EXPECT(!codel_should_drop(&v, &params, MS(500), params.mtu,
					  MS(ms)));
}

SELFTEST(codel_time_wraps)
{
	struct codel_vars v = { 0 };
	codel_time_t start = 0u - MS(50);
	u32 ms = 0;

	while (!dropped(&v, MS(20), start + MS(ms)) && ms < 1000)
		ms++;
	EXPECT(ms >= 99 && ms <= 103);
}
