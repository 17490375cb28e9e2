/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TRACE_TRACE_H
#define KERNEL_TRACE_TRACE_H
/* trace.h -- what the files of kernel/trace share */

#include <kernel/mutex.h>
#include <kernel/tracepoint.h>
#include <fs/fs.h>

#define TRACE_STRING_BYTES 16
#define TRACE_WORDS 12           /* of a record: a string takes two */

/* What happened: fixed size, so that a ring can be read from either end. */
struct trace_record {
	u64 when;                /* sched_clock() ns */
	s32 pid;
	u16 event, cpu;
	u8 irqs_off, hard, soft, preempt;
	char comm[TRACE_STRING_BYTES];
	u64 word[TRACE_WORDS];
};

/* All changes of events, filters, probes and buffers. */
extern struct mutex trace_mutex;
extern int tracing_on;           /* 0: events are dropped */

/* ---- ring.c ---- */
/* Make the buffers, once; trace_mutex held.  0 or -ENOMEM. */
int ring_create(void);
int ring_resize(unsigned long kib);
unsigned long ring_kib(void);
void ring_clear(void);
void ring_write(const struct trace_record *r);
/*
 * The oldest record at or behind the cursors (one per CPU, zeroed at first),
 * which move on; consume: it is taken out.  False: none.
 */
struct ring_cursor {
	u64 next[NR_CPUS];
};

bool ring_read(struct ring_cursor *c, struct trace_record *r, bool consume);
void ring_stats(int cpu, u64 *entries, u64 *overrun);

/* ---- events.c ---- */
struct trace_event *event_by_id(unsigned int id);
struct trace_event *event_find(const char *system, const char *name);
/* The n-th event, NULL behind the last. */
struct trace_event *event_nth(unsigned int n);
/* A kprobe's event joins; trace_mutex held.  0 or -ENOSPC. */
int event_add(struct trace_event *e);
void event_remove(struct trace_event *e);
int event_enable(struct trace_event *e, bool on);
/* "sched:*", "sched_switch", "!name": trace_mutex held.  0 or -EINVAL. */
int events_set(char *text);
void event_print(struct seq_file *m, const struct trace_record *r);

/* ---- filter.c ---- */
struct trace_filter *filter_parse(const struct trace_event *e, char *text);
void filter_free(struct trace_filter *f);
bool filter_passes(const struct trace_filter *f, const struct trace_event *e,
		   const u64 *values);
const char *filter_text(const struct trace_filter *f);

/* ---- kprobe.c ---- */
int kprobe_event_command(char *line);
void kprobe_events_show(struct seq_file *m);
int kprobe_event_enable(struct trace_event *e, bool on);

/* ---- tracefs.c ---- */
/* A probe came or went: its directory follows. */
void tracefs_add_event(struct trace_event *e);
void tracefs_remove_event(struct trace_event *e);

#endif
