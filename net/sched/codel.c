/* SPDX-License-Identifier: MIT */
/*
 * codel.c -- the law of Controlled Delay; theory: include/net/codel.h
 *
 * Pure: time comes as an argument, so that a test can make it go by.
 */

#include <net/codel.h>

#include <kernel/kernel.h>
#include <kernel/math.h>

/* Dropping again within so many intervals goes on where it stopped. */
#define MEMORY_INTERVALS 16

codel_time_t codel_control_law(codel_time_t t, codel_time_t interval,
			       u32 count)
{
	/* sqrt(count) in units of 2^-16. */
	u64 root = int_sqrt((u64)count << 32);

	return t + (u32)(((u64)interval << 16) / root);
}

bool codel_should_drop(struct codel_vars *v, const struct codel_params *p,
		       codel_time_t delay, u32 backlog, codel_time_t now)
{
	v->ldelay = delay;
	if (!codel_time_after_eq(delay, p->target) || backlog <= p->mtu) {
		v->first_above_time = 0;
		return false;
	}
	if (!v->first_above_time) {
		v->first_above_time = (now + p->interval) | 1; /* never 0 */
		return false;
	}
	return codel_time_after(now, v->first_above_time);
}

/* The first drop: begin where the last time ended, if that was just now. */
static void begin_dropping(struct codel_vars *v, const struct codel_params *p,
			   codel_time_t now)
{
	u32 delta = v->count - v->lastcount;

	v->dropping = true;
	v->count = delta > 1 && !codel_time_after_eq(now - v->drop_next,
				    MEMORY_INTERVALS * p->interval) ?
		   delta : 1;
	v->lastcount = v->count;
	v->drop_next = codel_control_law(now, p->interval, v->count);
}

enum codel_verdict codel_decide(struct codel_vars *v,
				const struct codel_params *p,
				bool should_drop, codel_time_t now)
{
	if (!should_drop) {
		v->dropping = false;
		return CODEL_SEND;
	}
	if (!v->dropping) {
		begin_dropping(v, p, now);
		return CODEL_DROP;
	}
	if (!codel_time_after_eq(now, v->drop_next))
		return CODEL_SEND;
	v->count++;
	v->drop_next = codel_control_law(v->drop_next, p->interval, v->count);
	return CODEL_DROP;
}
