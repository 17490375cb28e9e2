/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_HRTIMER_H
#define KERNEL_HRTIMER_H
/*
 * hrtimer.h -- timers at the resolution of the hardware (kernel/time/hrtimer.c)
 *
 * Each CPU keeps, per clock, a tree ordered by expiry; its clock event device
 * is programmed for the earliest.  The function runs in hard irq context, or in
 * the HRTIMER softirq if a _SOFT mode was asked for.
 */

#include <kernel/ktime.h>
#include <kernel/rbtree.h>
#include <kernel/types.h>

struct task_struct;
struct hrtimer_clock_base;

enum hrtimer_mode {
	HRTIMER_MODE_ABS = 0x00,
	HRTIMER_MODE_REL = 0x01,
	HRTIMER_MODE_PINNED = 0x02,
	HRTIMER_MODE_SOFT = 0x04,
	HRTIMER_MODE_HARD = 0x08,
	HRTIMER_MODE_ABS_PINNED = HRTIMER_MODE_ABS | HRTIMER_MODE_PINNED,
	HRTIMER_MODE_REL_PINNED = HRTIMER_MODE_REL | HRTIMER_MODE_PINNED,
	HRTIMER_MODE_ABS_SOFT = HRTIMER_MODE_ABS | HRTIMER_MODE_SOFT,
	HRTIMER_MODE_REL_SOFT = HRTIMER_MODE_REL | HRTIMER_MODE_SOFT,
	HRTIMER_MODE_ABS_HARD = HRTIMER_MODE_ABS | HRTIMER_MODE_HARD,
	HRTIMER_MODE_REL_HARD = HRTIMER_MODE_REL | HRTIMER_MODE_HARD,
	HRTIMER_MODE_ABS_PINNED_HARD = HRTIMER_MODE_ABS_PINNED |
				       HRTIMER_MODE_HARD,
};

enum hrtimer_restart { HRTIMER_NORESTART, HRTIMER_RESTART };

/* All fields: the lock of base->cpu_base. */
struct hrtimer {
	struct rb_node node;          /* in base->active while queued */
	ktime_t _softexpires;         /* earliest */
	ktime_t expires;              /* latest: the key of the tree */
	enum hrtimer_restart (*function)(struct hrtimer *);
	struct hrtimer_clock_base *base; /* clock and CPU it was last on */
	bool queued;
	bool is_rel, is_soft, is_hard;
};

#define hrtimer_get_expires(t) ((t)->expires)
#define hrtimer_get_softexpires(t) ((t)->_softexpires)
#define hrtimer_set_expires(t, e) ((t)->expires = (t)->_softexpires = (e))
#define hrtimer_add_expires_ns(t, ns) \
	hrtimer_set_expires(t, ktime_add_safe((t)->expires, (ns)))
#define hrtimer_is_queued(t) READ_ONCE((t)->queued)

void hrtimer_init(struct hrtimer *t, clockid_t clock, enum hrtimer_mode mode);
#define hrtimer_init_on_stack(t, c, m) hrtimer_init(t, c, m)
#define destroy_hrtimer_on_stack(t) ((void)(t))
static inline void hrtimer_setup(struct hrtimer *t,
				 enum hrtimer_restart (*fn)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(t, clock, mode);
	t->function = fn;
}

/* Any context.  An armed timer is moved. */
void hrtimer_start_range_ns(struct hrtimer *t, ktime_t tim, u64 slack_ns,
			    enum hrtimer_mode mode);
static inline void hrtimer_start(struct hrtimer *t, ktime_t tim,
				 enum hrtimer_mode mode)
{
	hrtimer_start_range_ns(t, tim, 0, mode);
}
#define hrtimer_start_expires(t, mode) hrtimer_start(t, (t)->expires, mode)
#define hrtimer_restart(t) hrtimer_start_expires(t, HRTIMER_MODE_ABS)

/* 1 it was queued, 0 not, -1 (try_) its function runs right now. */
int hrtimer_try_to_cancel(struct hrtimer *t);
int hrtimer_cancel(struct hrtimer *t);        /* waits for the function */
bool hrtimer_active(const struct hrtimer *t);
/* Time left on its clock; may be negative. */
ktime_t hrtimer_get_remaining(const struct hrtimer *t);
/* Push expiry by whole intervals beyond `now`; how many.  Not while queued. */
u64 hrtimer_forward(struct hrtimer *t, ktime_t now, ktime_t interval);
u64 hrtimer_forward_now(struct hrtimer *t, ktime_t interval);
ktime_t hrtimer_cb_get_time(const struct hrtimer *t);

/* Sleeping: set the state first, as with schedule_timeout().  NULL expires:
 * for ever.  0 when the time came, -EINTR when something else woke us. */
int schedule_hrtimeout(ktime_t *expires, enum hrtimer_mode mode);
int schedule_hrtimeout_range(ktime_t *expires, u64 delta,
			     enum hrtimer_mode mode);
int schedule_hrtimeout_range_clock(ktime_t *expires, u64 delta,
				   enum hrtimer_mode mode, clockid_t clock);

/* A timer that wakes a task; .task becomes NULL when it fires. */
struct hrtimer_sleeper {
	struct hrtimer timer;
	struct task_struct *task;
};
void hrtimer_init_sleeper(struct hrtimer_sleeper *sl, clockid_t clock,
			  enum hrtimer_mode mode);
#define hrtimer_init_sleeper_on_stack(sl, c, m) hrtimer_init_sleeper(sl, c, m)
void hrtimer_sleeper_start_expires(struct hrtimer_sleeper *sl,
				   enum hrtimer_mode mode);

void hrtimers_init(void);             /* boot, once */
void hrtimers_cpu_init(int cpu);
/* Event device of this CPU fired: hard irq. */
struct clock_event_device;
void hrtimer_interrupt(struct clock_event_device *dev);
/* Real time was set: absolute timers on it must be looked at again. */
void clock_was_set(void);
/* At boot: who wants to know when the clock has been set; may sleep there. */
void on_clock_was_set(void (*fn)(void));
/* This CPU's earliest expiry, monotonic; irqs off. */
ktime_t hrtimer_next_event(void);

#endif
