/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H
/*
 * timer.h -- coarse timeouts that usually do not happen (kernel/time/timer.c)
 *
 * The function runs in the TIMER softirq of the CPU that armed it, at or after
 * `expires` jiffies: up to 1/8 of the span late for long spans.  It may re-arm.
 */

#include <kernel/jiffies.h>
#include <kernel/list.h>
#include <kernel/types.h>

struct timer_list {
	struct hlist_node entry;      /* base lock; in a bucket while pending */
	unsigned long expires;        /* jiffies */
	void (*function)(struct timer_list *);
	u32 flags;                    /* CPU, bucket, TIMER_* */
};

#define TIMER_CPUMASK 0x0003ffffu
#define TIMER_MIGRATING 0x00040000u
#define TIMER_PINNED 0x00100000u
#define TIMER_DEFERRABLE 0x00080000u
#define TIMER_IRQSAFE 0x00200000u     /* called with irqs off */
#define TIMER_ARRAYSHIFT 22

#define __TIMER_INITIALIZER(fn, fl) { .function = (fn), .flags = (fl) }
#define DEFINE_TIMER(name, fn) \
	struct timer_list name = __TIMER_INITIALIZER(fn, 0)

void timer_setup(struct timer_list *t, void (*fn)(struct timer_list *),
		 unsigned int flags);
#define timer_setup_on_stack(t, fn, fl) timer_setup(t, fn, fl)
#define destroy_timer_on_stack(t) ((void)(t))
#define from_timer(var, callback_timer, field) \
	container_of(callback_timer, __typeof__(*var), field)

static inline bool timer_pending(const struct timer_list *t)
{
	return READ_ONCE(t->entry.pprev) != NULL;
}

/* Any context.  1 if it was pending, else 0. */
int mod_timer(struct timer_list *t, unsigned long expires);
int mod_timer_pending(struct timer_list *t, unsigned long expires);
void add_timer(struct timer_list *t);
void add_timer_on(struct timer_list *t, int cpu);
int del_timer(struct timer_list *t);
/* Also waits until the function is not running; not from hard irqs, nor
 * holding a lock that the function takes. */
int del_timer_sync(struct timer_list *t);
int try_to_del_timer_sync(struct timer_list *t);
#define timer_delete(t) del_timer(t)
#define timer_delete_sync(t) del_timer_sync(t)
#define timer_shutdown_sync(t) del_timer_sync(t)

unsigned long round_jiffies(unsigned long j);
unsigned long round_jiffies_relative(unsigned long j);

void timers_init(void);               /* boot, once */
void run_local_timers(void);          /* tick, irqs off */
/* Monotonic time of this CPU's next wheel timer, KTIME_MAX: none. */
ktime_t get_next_timer_interrupt(unsigned long basej, ktime_t basem);
void timer_clear_idle(void);

#endif
