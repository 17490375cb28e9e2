/* SPDX-License-Identifier: MIT */
/*
 * trace_test.c -- filters, rings, and probes in functions of this file
 *
 * A filter is asked with values by hand, without an event that happens.  Probes
 * stand in functions below that nobody else calls, so what is counted is what
 * the test called.
 */

#include "trace.h"

#include <kernel/err.h>
#include <kernel/selftest.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/trace_events.h>
#include <mm/slab.h>

static bool filter_says(const char *text, const u64 *values)
{
	struct trace_event *e = event_find("sched", "sched_switch");
	char copy[128];
	struct trace_filter *f;
	bool passes;

	strscpy(copy, text, sizeof(copy));
	f = filter_parse(e, copy);
	if (IS_ERR(f))
		return false;
	passes = filter_passes(f, e, values);
	filter_free(f);
	return passes;
}

SELFTEST_SLOW(trace_filter_binds_and_closer_than_or)
{
	const u64 v[] = { (u64)"init", 1, 2, (u64)"sh", 40 };
	char bad[] = "no_such_field == 1";

	EXPECT(filter_says("prev_pid == 1", v));
	EXPECT(!filter_says("prev_pid != 1", v));
	EXPECT(filter_says("next_comm == sh && next_pid > 39", v));
	EXPECT(filter_says("next_pid < 0 && prev_pid == 1 || prev_state & 2", v));
	EXPECT(!filter_says("prev_state & 4 || prev_comm == \"sh\"", v));
	EXPECT(IS_ERR(filter_parse(event_find(NULL, "sched_switch"), bad)));
}

/* The newest record of an event of this thread since the rings were cleared. */
static bool newest(const struct trace_event *e, struct trace_record *found)
{
	struct ring_cursor *c = kzalloc(sizeof(*c), GFP_KERNEL);
	struct trace_record r;
	bool any = false;

	while (c && ring_read(c, &r, false))
		if (r.event == e->id && r.pid == current->pid) {
			*found = r;
			any = true;
		}
	kfree(c);
	return any;
}

SELFTEST_SLOW(trace_event_is_written_while_enabled_only)
{
	struct trace_event *e = event_find("signal", "signal_deliver");
	struct trace_record r;

	REQUIRE(e);
	mutex_lock(&trace_mutex);
	ring_clear();
	trace_signal_deliver(12);
	EXPECT(!newest(e, &r));
	EXPECT(event_enable(e, true) == 0);
	trace_signal_deliver(13);
	EXPECT(newest(e, &r) && r.word[0] == 13);
	EXPECT(event_enable(e, false) == 0);
	trace_signal_deliver(14);
	EXPECT(newest(e, &r) && r.word[0] == 13);
	ring_clear();
	mutex_unlock(&trace_mutex);
}

/* What the probes below stand in; its frame makes it start with a push. */
noinline long trace_test_probed(long a, long b);
noinline long trace_test_probed(long a, long b)
{
	OPTIMIZER_HIDE_VAR(a);
	return a * 100 + b;
}

SELFTEST_SLOW(kprobe_sees_arguments_and_return_value)
{
	char entry[] = "p:selftest_entry trace_test_probed a=$arg1 b=%si";
	char ret[] = "r:selftest_return trace_test_probed value=$retval";
	char gone[] = "-:selftest_entry\n-:selftest_return";
	struct trace_event *in, *out;
	struct trace_record r;

	mutex_lock(&trace_mutex);
	EXPECT(probe_command(&kprobe_kind, entry) == 0);
	in = event_find("kprobes", "selftest_entry");
	if (in) {
		EXPECT(event_enable(in, true) == 0);
		ring_clear();
		EXPECT(trace_test_probed(3, 7) == 307);
		EXPECT(newest(in, &r) && r.word[1] == 3 && r.word[2] == 7);
	}
	EXPECT(probe_command(&kprobe_kind, ret) == 0);
	out = event_find("kprobes", "selftest_return");
	if (out) {
		EXPECT(event_enable(out, true) == 0);
		EXPECT(trace_test_probed(4, 2) == 402);
		EXPECT(newest(out, &r) && r.word[2] == 402);
		EXPECT(in && newest(in, &r) && r.word[1] == 4);
		EXPECT(event_enable(out, false) == 0);
	}
	if (in)
		EXPECT(event_enable(in, false) == 0);
	EXPECT(trace_test_probed(5, 1) == 501);
	EXPECT(probe_command(&kprobe_kind, gone) == 0);
	EXPECT(!event_find("kprobes", "selftest_return"));
	mutex_unlock(&trace_mutex);
}

/* Two return probes of one function wait for the same return. */
SELFTEST_SLOW(kprobe_return_is_seen_by_each_that_waits)
{
	char lines[] = "r:selftest_a trace_test_probed value=$retval\n"
		       "r:selftest_b trace_test_probed value=$retval";
	char gone[] = "-:selftest_a\n-:selftest_b";
	struct trace_event *a, *b;
	struct trace_record r;

	mutex_lock(&trace_mutex);
	EXPECT(probe_command(&kprobe_kind, lines) == 0);
	a = event_find("kprobes", "selftest_a");
	b = event_find("kprobes", "selftest_b");
	if (a && b) {
		EXPECT(event_enable(a, true) == 0);
		EXPECT(event_enable(b, true) == 0);
		EXPECT(trace_test_probed(4, 2) == 402);
		EXPECT(newest(a, &r) && r.word[2] == 402);
		EXPECT(newest(b, &r) && r.word[2] == 402);
		EXPECT(event_enable(a, false) == 0);
		EXPECT(trace_test_probed(4, 3) == 403);
		EXPECT(newest(a, &r) && r.word[2] == 402);
		EXPECT(newest(b, &r) && r.word[2] == 403);
		EXPECT(event_enable(b, false) == 0);
	}
	EXPECT(trace_test_probed(5, 1) == 501);
	EXPECT(probe_command(&kprobe_kind, gone) == 0);
	mutex_unlock(&trace_mutex);
}

SELFTEST_SLOW(kprobe_refuses_what_it_cannot_carry_out)
{
	char none[] = "p no_such_function_anywhere";
	char own[] = "p trace_emit";
	char word[] = "p trace_test_probed x=%nothing";
	char within[] = "p trace_test_probed+2", behind[] = "p exc_nmi+65536";
	char nmi[] = "p stack_trace_save_regs";

	mutex_lock(&trace_mutex);
	EXPECT(probe_command(&kprobe_kind, none) == -ENOENT);
	EXPECT(probe_command(&kprobe_kind, own) == -EINVAL);
	EXPECT(probe_command(&kprobe_kind, word) == -EINVAL);
	EXPECT(probe_command(&kprobe_kind, within) == -EILSEQ);
	EXPECT(probe_command(&kprobe_kind, behind) == -EILSEQ);
	EXPECT(probe_command(&kprobe_kind, nmi) == -EINVAL);
	mutex_unlock(&trace_mutex);
}
