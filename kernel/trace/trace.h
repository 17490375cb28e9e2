/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TRACE_TRACE_H
#define KERNEL_TRACE_TRACE_H
/* trace.h -- what the files of kernel/trace share */

#include <kernel/mutex.h>
#include <kernel/tracepoint.h>
#include <fs/fs.h>
#include <fs/seq_file.h>

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
/*
 * KiB for each CPU; what the rings held is lost.  trace_mutex held, may sleep.
 * 0, -EINVAL (less than 8 records, more than 64 MiB), -ENOMEM: then some CPUs
 * have the new size already.
 */
int __must_check ring_resize(unsigned long kib);
unsigned long ring_kib(void);
/* Empty all rings, and forget what was overwritten; any context but NMI. */
void ring_clear(void);
/*
 * Copy a record into this CPU's ring, over the oldest one if it is full;
 * without rings it is dropped.  Any context but NMI.
 */
void ring_write(const struct trace_record *r);
/*
 * The oldest record at or behind the cursors (one per CPU, zeroed at first),
 * which move on; consume: it is taken out.  False: none.
 */
struct ring_cursor {
	u64 next[NR_CPUS];
};

bool ring_read(struct ring_cursor *c, struct trace_record *r, bool consume);
/* How many records that CPU's ring holds, and how many were overwritten. */
void ring_stats(int cpu, u64 *entries, u64 *overrun);

/* ---- events.c ---- */
struct trace_event *event_by_id(unsigned int id);
/* system NULL: the first of that name in any.  NULL: none.  trace_mutex
 * held. */
struct trace_event *event_find(const char *system, const char *name);
/* The n-th event, NULL behind the last. */
struct trace_event *event_nth(unsigned int n);
/* A kprobe's event joins; trace_mutex held.  0 or -ENOSPC. */
int event_add(struct trace_event *e);
void event_remove(struct trace_event *e);
/* trace_mutex held, may sleep.  0 or what the probe or the rings lack. */
int event_enable(struct trace_event *e, bool on);
/* "sched:*", "sched_switch", "!name": trace_mutex held.  0 or -EINVAL. */
int events_set(char *text);
void event_print(struct seq_file *m, const struct trace_record *r);

/* ---- filter.c ---- */
/*
 * "field == 3 && name ~ x || ..." for that event; text is cut into pieces.
 * The filter, the caller's until filter_free(); ERR_PTR(-EINVAL), (-ENOMEM).
 */
struct trace_filter *filter_parse(const struct trace_event *e, char *text);
void filter_free(struct trace_filter *f);
bool filter_passes(const struct trace_filter *f, const struct trace_event *e,
		   const u64 *values);
const char *filter_text(const struct trace_filter *f);

/* ---- probe_arg.c ---- */
#define PROBE_NAME 32
#define PROBE_ARGS 6
#define PROBE_STEPS 3

/* Constant once parsed. */
struct probe_arg {
	char name[16];
	char text[40];                /* as it was given */
	u8 source, nr_steps, size;
	char kind;                    /* TRACE_* */
	unsigned int offset;          /* into pt_regs, or on the stack */
	long step[PROBE_STEPS];       /* the last nr_steps of them */
};

struct probe_names {
	char group[PROBE_NAME], name[PROBE_NAME];
};

/* Where values come from. */
struct probe_context {
	const struct pt_regs *regs;   /* NULL: those are gone */
	unsigned long retval;
	long (*read)(void *to, unsigned long from, size_t n); /* 0, or not */
};

/* The nr-th argument of a line, cut into pieces; *a is zeroed.  0, -EINVAL. */
int probe_arg_parse(struct probe_arg *a, char *word, int nr, bool is_return,
		    bool is_user);
/* Its value; a string's is `text`, TRACE_STRING_BYTES, filled. */
u64 probe_arg_fetch(const struct probe_arg *a, const struct probe_context *c,
		    char *text);
/* Of "p:group/name", in pieces afterwards; no name: it stays empty. */
void probe_names_parse(struct probe_names *n, char *word, const char *group);
void probe_args_show(struct seq_file *m, const struct probe_arg *a, int n);

/* ---- probe_event.c ---- */
/* Constant while the event is in the table, but for `hits`. */
struct probe_event {
	struct trace_event event;
	struct list_head list;        /* trace_mutex */
	struct probe_names names;
	bool is_return;
	int nr_args;
	struct probe_arg arg[PROBE_ARGS];
	struct trace_field field[PROBE_ARGS + 2];
	unsigned long hits;           /* atomic; whoever is hit counts it */
};

/* What a kind of probe does its own way; trace_mutex held, may sleep. */
struct probe_kind {
	const char *group;            /* when a line names none */
	bool is_user;                 /* arguments are read in user memory */
	size_t size;                  /* of what begins with a probe_event */
	struct list_head events;      /* trace_mutex */
	/* Where it was hit; or: where a return went, and from which function. */
	struct trace_field at, to, from;
	int (*set_probe)(struct trace_event *e, bool on);
	/* 0, or what is wrong with it. */
	int (*parse_place)(struct probe_event *p, char *word);
	void (*default_name)(struct probe_event *p);
	/* The line was good: 0, or why there can be no probe. */
	int (*prepare)(struct probe_event *p);
	/* NULL: no.  Else: a call has yet to return to it. */
	bool (*is_awaited)(struct probe_event *p);
	/* NULL, or: let go what parse_place took. */
	void (*release)(struct probe_event *p);
	void (*show_place)(struct seq_file *m, const struct probe_event *p);
};

void probe_emit(struct probe_event *p, const struct probe_context *c,
		unsigned long first, unsigned long second);
/*
 * Lines that make and remove probes, cut into pieces: done up to the first that
 * fails.  0, -EINVAL, -ENOENT, -EEXIST, -EBUSY (it is on), -ENOMEM, ...;
 * trace_mutex held, may sleep.
 */
int probe_command(struct probe_kind *k, char *text);
/* The lines that would make the probes again; trace_mutex held. */
void probe_events_show(struct probe_kind *k, struct seq_file *m);

/* ---- kprobe.c, uprobe_event.c ---- */
extern struct probe_kind kprobe_kind, uprobe_kind;
/* How often each was hit, and how often a return could not be followed. */
void kprobe_profile_show(struct seq_file *m);
void uprobe_profile_show(struct seq_file *m);

/* ---- trace_pipe.c ---- */
extern const struct file_operations trace_pipe_fops;

/* ---- tracefs.c ---- */
/* A probe came or went: its directory follows. */
void tracefs_add_event(struct trace_event *e);
void tracefs_remove_event(struct trace_event *e);

#endif
