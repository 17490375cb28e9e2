/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TRACEPOINT_H
#define KERNEL_TRACEPOINT_H
/*
 * tracepoint.h -- places in the kernel that can tell what happens there
 *
 * trace_sched_switch(prev, next) costs a load and a branch that is never taken
 * until somebody turns the event on under /sys/kernel/tracing.  All events are
 * listed in trace_events.h; what becomes of them is kernel/trace's business.
 */

#include <kernel/compiler.h>
#include <kernel/types.h>

#define TRACE_MAX_FIELDS 8

/* How a value is printed: a number, or the text at that address. */
enum trace_kind {
	TRACE_SIGNED = 'd',
	TRACE_UNSIGNED = 'u',
	TRACE_HEX = 'x',
	TRACE_SYMBOL = 'S',           /* a code address, by name */
	TRACE_STRING = 's',           /* up to 15 bytes, copied at once */
	TRACE_QUOTED = '"',           /* the same, printed in quotes */
	TRACE_AT = '(',               /* a program's address, "(0x1234)" */
	TRACE_TO = '<',               /* and "(0x1234 <- 0x5678)", two fields */
	TRACE_FROM = ')',
};

struct trace_field {
	const char *name;
	char kind;
};

static inline bool trace_is_text(const struct trace_field *f)
{
	return f->kind == TRACE_STRING || f->kind == TRACE_QUOTED;
}

/*
 * Field keys:  [c] constant   [m] kernel/trace's mutex
 */
struct trace_event {
	const char *system, *name;    /* [c] */
	const struct trace_field *fields; /* [c] */
	u8 nr_fields;                 /* [c] */
	u8 enabled;                   /* [m] read without: one step late is fine */
	u16 id;                       /* [c] given at boot, or to a kprobe */
	struct trace_filter *filter;  /* [m] RCU to read; NULL: all */
	/*
	 * [c] A probe's: set or take its breakpoint.  0 or why not; taking it
	 * does not fail.  NULL: a place in the source.
	 */
	int (*set_probe)(struct trace_event *e, bool on);
};

/* Write the event down; any context but NMI. */
void trace_emit(struct trace_event *e, const u64 *values);
/* kernel/trace says where events go. */
void trace_set_sink(void (*sink)(struct trace_event *, const u64 *));
/* All events of the source: pointers in a section of their own. */
extern struct trace_event *const __tracepoints_start[], *const __tracepoints_end[];

#define TRACE_EVENT(sys, nm, proto, ...)				\
	extern struct trace_event __trace_event_##nm;			\
	static __always_inline void trace_##nm proto			\
	{								\
		if (unlikely(READ_ONCE(__trace_event_##nm.enabled))) {	\
			const u64 __v[] = { __VA_ARGS__ };		\
			trace_emit(&__trace_event_##nm, __v);		\
		}							\
	}
#define trace_enabled(nm) READ_ONCE(__trace_event_##nm.enabled)
#define F(name, kind, value) (u64)(value)

#endif
