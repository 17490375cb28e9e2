/* SPDX-License-Identifier: MIT */
#ifndef NET_CODEL_H
#define NET_CODEL_H
/*
 * codel.h -- Controlled Delay: when to drop from a queue (RFC 8289)
 *
 * PROMISE.  A queue whose packets all wait longer than `target` for a whole
 * `interval` loses packets, one at first, then ever faster, until the senders
 * slow down; a burst that drains within an interval loses none.
 *
 * IDEA.  What is bad is not a long queue but a standing one.  Its sign is the
 * *least* time that packets waited: a burst brings it down to nothing now and
 * then, a standing queue never.  Once that was above target for an interval:
 *
 *	drop, and again after interval/sqrt(1), interval/sqrt(2), .../sqrt(3)
 *
 * since TCP's rate goes with 1/sqrt(loss), that lowers it in a straight line.
 * Who comes back soon to dropping begins with nearly the count it had.
 *
 * Times are in units of 1024 ns and 32 bits, compared modulo 2^32: a queue
 * whose packets wait for 36 minutes is beyond help.
 *
 * LOCKING.  The caller's queue lock.
 */

#include <kernel/types.h>

typedef u32 codel_time_t;

#define CODEL_SHIFT 10
#define NS_TO_CODEL(ns) ((codel_time_t)((u64)(ns) >> CODEL_SHIFT))
#define CODEL_TO_US(t) ((u32)(((u64)(t) << CODEL_SHIFT) / 1000))
#define US_TO_CODEL(us) ((codel_time_t)(((u64)(us) * 1000) >> CODEL_SHIFT))

static inline bool codel_time_after(codel_time_t a, codel_time_t b)
{
	return (s32)(a - b) > 0;
}

static inline bool codel_time_after_eq(codel_time_t a, codel_time_t b)
{
	return (s32)(a - b) >= 0;
}

struct codel_params {
	codel_time_t target;          /* 5 ms: what waiting is fine */
	codel_time_t interval;        /* 100 ms: a round trip, nearly */
	u32 mtu;                      /* so little is no standing queue */
};

/* One queue's state. */
struct codel_vars {
	u32 count;                    /* drops since dropping began */
	u32 lastcount;                /* count when it began */
	bool dropping;
	codel_time_t first_above_time; /* 0: below target; else when to act */
	codel_time_t drop_next;       /* while dropping */
	codel_time_t ldelay;          /* how long the last packet waited */
};

/* When the next drop is due, count having been dropped. */
codel_time_t codel_control_law(codel_time_t t, codel_time_t interval,
			       u32 count);

/*
 * Of the packet that is leaving: it waited so long, and leaves backlog bytes
 * behind it.  True: it has been above target for an interval.
 */
bool codel_should_drop(struct codel_vars *v, const struct codel_params *p,
		       codel_time_t delay, u32 backlog, codel_time_t now);

/*
 * What to do with the packet that is leaving, should_drop as above.  After
 * CODEL_DROP ask about the packet behind it, unless you marked this one.
 */
enum codel_verdict { CODEL_SEND, CODEL_DROP };

enum codel_verdict codel_decide(struct codel_vars *v,
				const struct codel_params *p,
				bool should_drop, codel_time_t now);

#endif
