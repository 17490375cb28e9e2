/* SPDX-License-Identifier: MIT */
/*
 * tracepoint.c -- the table of tracepoints, and the wire to whoever listens
 *
 * Each line of trace_events.h makes an event here and a pointer to it in the
 * section .tracepoints.  The places lie in all layers, the listener in a high
 * one: it registers itself.
 */

#include <kernel/trace_events.h>

#include <kernel/export.h>
#include <kernel/kernel.h>

static void (*trace_sink)(struct trace_event *, const u64 *);

void trace_set_sink(void (*sink)(struct trace_event *, const u64 *))
{
	__atomic_store_n(&trace_sink, sink, __ATOMIC_RELEASE);
}

void trace_emit(struct trace_event *e, const u64 *values)
{
	void (*sink)(struct trace_event *, const u64 *) =
		__atomic_load_n(&trace_sink, __ATOMIC_ACQUIRE);

	if (sink)
		sink(e, values);
}
EXPORT_SYMBOL(trace_emit);

#undef TRACE_EVENT
#undef F
#define F(field, how, value) { #field, how }
#define TRACE_EVENT(sys, nm, proto, ...)				\
	static const struct trace_field __fields_##nm[] = { __VA_ARGS__ }; \
	struct trace_event __trace_event_##nm = {			\
		.system = #sys, .name = #nm, .fields = __fields_##nm,	\
		.nr_fields = ARRAY_SIZE(__fields_##nm),			\
	};								\
	static struct trace_event *const __entry_##nm			\
	__section(".tracepoints") __used = &__trace_event_##nm;

#define TRACE_TABLES
#include <kernel/trace_events.h>
