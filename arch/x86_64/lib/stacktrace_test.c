/* SPDX-License-Identifier: MIT */
/* stacktrace_test.c -- the walker names its callers, in order */

#include <arch/stacktrace.h>
#include <kernel/kallsyms.h>
#include <kernel/preempt.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/string.h>

#define DEPTH 16

struct trace {
	unsigned long addr[DEPTH];
	unsigned int n;
};

/* The barriers keep calls from becoming jumps, which leave no frame. */
static noinline void inner(struct trace *t)
{
	t->n = stack_trace_save(t->addr, DEPTH, 0);
	barrier();
}

static noinline void outer(struct trace *t)
{
	inner(t);
	barrier();
}

/* Position of the function in the trace; -1: not there. */
static int find(const struct trace *t, const char *name)
{
	for (unsigned i = 0; i < t->n; i++) {
		char name_there[KSYM_NAME_LEN];
		const char *s = kallsyms_lookup(t->addr[i], NULL, NULL,
						name_there);

		if (s && strcmp(s, name) == 0)
			return i;
	}
	return -1;
}

SELFTEST(stacktrace_lists_callers_innermost_first)
{
	struct trace t;
	int in, out;

	outer(&t);
	if (!kallsyms_lookup_size_offset((unsigned long)outer, NULL, NULL)) {
		selftest_skip("no symbol table");
		return;
	}
	in = find(&t, "inner");
	out = find(&t, "outer");
	EXPECT(in >= 0 && out == in + 1);
	EXPECT(t.n > (unsigned)out + 1);
	EXPECT(find(&t, "ret_from_fork") == (int)t.n - 1);
}

static void trace_in_irq(void *arg)
{
	inner(arg);
	barrier();
}

/* From the handler, over the irq stack's edge, to what was interrupted. */
SELFTEST_SLOW(stacktrace_crosses_an_interrupt)
{
	struct trace t = { .n = 0 };
	unsigned cpu;

	preempt_disable();
	cpu = cpumask_any_but(cpu_online_mask, smp_processor_id());
	if (cpu < nr_cpu_ids)
		smp_call_function_single(cpu, trace_in_irq, &t, 1);
	preempt_enable();
	if (cpu >= nr_cpu_ids) {
		selftest_skip("one CPU");
		return;
	}
	EXPECT(find(&t, "trace_in_irq") >= 0);
	EXPECT(find(&t, "irq_entry") > find(&t, "trace_in_irq"));
	EXPECT(find(&t, "common_irq") > find(&t, "irq_entry"));
	EXPECT(t.n > (unsigned)find(&t, "common_irq") + 1);
}
