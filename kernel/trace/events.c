/* SPDX-License-Identifier: MIT */
/*
 * events.c -- turning events on, and what they write and print
 *
 * IDEA.  The sink of all tracepoints: filter, take the values and the context
 * down in a record of fixed size, put it into this CPU's ring.  Text is made
 * only when somebody reads.  The line is the one that Linux prints:
 *
 *	 comm-pid   [cpu] flags  seconds: event: field=value ...
 *
 * LOCKING.  trace_mutex for the table and for enabling; the sink runs in any
 * context and reads filters under RCU (irqs off).
 *
 * SEE docs/93-tracing.md
 */

#include "trace.h"

#include <arch/irqflags.h>
#include <fs/seq_file.h>
#include <kernel/hardirq.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/percpu.h>
#include <kernel/rcupdate.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/string.h>

#define MAX_EVENTS 128
#define PREEMPT_SHOWN 0xff       /* the part of the count that is disabling */

DEFINE_MUTEX(trace_mutex);
int tracing_on = 1;

static struct trace_event *events[MAX_EVENTS];  /* by id, from 1 */
static DEFINE_PER_CPU(bool, busy);

/* ---- writing ------------------------------------------------------------ */

static void take_values(struct trace_record *r, const struct trace_event *e,
			const u64 *values)
{
	unsigned int w = 0;

	for (unsigned int i = 0; i < e->nr_fields && w < TRACE_WORDS; i++) {
		if (!trace_is_text(&e->fields[i])) {
			r->word[w++] = values[i];
			continue;
		}
		if (w + 2 > TRACE_WORDS)
			break;
		strscpy((char *)&r->word[w], (const char *)values[i],
			TRACE_STRING_BYTES);
		w += 2;
	}
}

static void sink(struct trace_event *e, const u64 *values)
{
	const struct trace_filter *filter;
	struct trace_record r;
	unsigned long flags;

	if (!READ_ONCE(tracing_on))
		return;
	r.irqs_off = irqs_disabled();
	local_irq_save(flags);
	filter = rcu_dereference(e->filter);
	/* An event within the writing of one, a fault for instance, is lost. */
	if (!this_cpu_read(busy) &&
	    (!filter || filter_passes(filter, e, values))) {
		this_cpu_write(busy, true);
		r.when = sched_clock();
		r.pid = current->pid;
		r.event = e->id;
		r.cpu = smp_processor_id();
		r.hard = in_hardirq() != 0;
		r.soft = in_serving_softirq() != 0;
		r.preempt = min(preempt_count() & PREEMPT_SHOWN, 15);
		memcpy(r.comm, current->comm, sizeof(r.comm));
		take_values(&r, e, values);
		ring_write(&r);
		this_cpu_write(busy, false);
	}
	local_irq_restore(flags);
}

/* ---- the table ---------------------------------------------------------- */

struct trace_event *event_by_id(unsigned int id)
{
	return id < MAX_EVENTS ? READ_ONCE(events[id]) : NULL;
}

struct trace_event *event_nth(unsigned int n)
{
	for (unsigned int id = 1; id < MAX_EVENTS; id++)
		if (events[id] && n-- == 0)
			return events[id];
	return NULL;
}

struct trace_event *event_find(const char *system, const char *name)
{
	for (unsigned int id = 1; id < MAX_EVENTS; id++)
		if (events[id] && !strcmp(events[id]->name, name) &&
		    (!system || !strcmp(events[id]->system, system)))
			return events[id];
	return NULL;
}

int event_add(struct trace_event *e)
{
	for (unsigned int id = 1; id < MAX_EVENTS; id++) {
		if (events[id])
			continue;
		e->id = id;
		WRITE_ONCE(events[id], e);
		return 0;
	}
	return -ENOSPC;
}

void event_remove(struct trace_event *e)
{
	WRITE_ONCE(events[e->id], NULL);
	synchronize_rcu();
	/* Records that name it must not be printed by its successor. */
	ring_clear();
}

int event_enable(struct trace_event *e, bool on)
{
	int err;

	if (e->enabled == on)
		return 0;
	err = on ? ring_create() : 0;
	if (!err && e->set_probe)
		err = e->set_probe(e, on);
	if (!err)
		WRITE_ONCE(e->enabled, on);
	return err;
}

/* "*", "sched", "sched_*": a star at the end stands for anything. */
static bool matches(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '*')
		return !strncmp(pattern, name, n - 1);
	return !strcmp(pattern, name);
}

static int set_one(char *word)
{
	bool on = *word != '!';
	char *system = on ? word : word + 1, *name = strchr(system, ':');
	int err = -EINVAL;

	if (name)
		*name++ = '\0';
	for (unsigned int id = 1; id < MAX_EVENTS; id++) {
		struct trace_event *e = events[id];
		bool hit;

		if (!e)
			continue;
		if (name)
			hit = (!*system || matches(system, e->system)) &&
			      (!*name || matches(name, e->name));
		else
			hit = matches(system, e->name) ||
			      matches(system, e->system);
		if (hit)
			err = event_enable(e, on);
	}
	return err;
}

int events_set(char *text)
{
	char *word;

	while ((word = strsep(&text, " \t\n,")) != NULL) {
		int err = *word ? set_one(word) : 0;

		if (err)
			return err;
	}
	return 0;
}

/* ---- reading ------------------------------------------------------------ */

static void print_field(struct seq_file *m, const struct trace_field *f,
			const u64 *word)
{
	const char *quote;

	switch (f->kind) {
	case TRACE_STRING:
		seq_printf(m, " %s=%.15s", f->name, (const char *)word);
		break;
	case TRACE_QUOTED:
		quote = strcmp((const char *)word, "(fault)") ? "\"" : "";
		seq_printf(m, " %s=%s%.15s%s", f->name, quote,
			   (const char *)word, quote);
		break;
	case TRACE_SIGNED:
		seq_printf(m, " %s=%lld", f->name, (long long)*word);
		break;
	case TRACE_SYMBOL:
		seq_printf(m, " %s=%pS", f->name, (void *)*word);
		break;
	case TRACE_HEX:
		seq_printf(m, " %s=%#llx", f->name, (unsigned long long)*word);
		break;
	case TRACE_AT:
		seq_printf(m, " (0x%llx)", (unsigned long long)*word);
		break;
	case TRACE_TO:
		seq_printf(m, " (0x%llx", (unsigned long long)*word);
		break;
	case TRACE_FROM:
		seq_printf(m, " <- 0x%llx)", (unsigned long long)*word);
		break;
	default:
		seq_printf(m, " %s=%llu", f->name, (unsigned long long)*word);
	}
}

void event_print(struct seq_file *m, const struct trace_record *r)
{
	const struct trace_event *e = event_by_id(r->event);
	char irq = r->hard ? (r->soft ? 'H' : 'h') : r->soft ? 's' : '.';
	unsigned int w = 0;

	if (!e)
		return;
	seq_printf(m, "%16.15s-%-7d [%03d] %c.%c%x. %5llu.%06llu: %s:",
		   r->comm, r->pid, r->cpu, r->irqs_off ? 'd' : '.', irq,
		   r->preempt, (unsigned long long)r->when / 1000000000,
		   (unsigned long long)r->when / 1000 % 1000000, e->name);
	for (unsigned int i = 0; i < e->nr_fields && w < TRACE_WORDS; i++) {
		print_field(m, &e->fields[i], &r->word[w]);
		w += trace_is_text(&e->fields[i]) ? 2 : 1;
	}
	seq_putc(m, '\n');
}

static int trace_events_init(void)
{
	struct trace_event *const *e;

	mutex_lock(&trace_mutex);
	for (e = __tracepoints_start; e < __tracepoints_end; e++)
		event_add(*e);
	mutex_unlock(&trace_mutex);
	trace_set_sink(sink);
	return 0;
}
subsys_initcall(trace_events_init);
