/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_KMSG_H
#define KERNEL_KMSG_H
/*
 * kmsg.h -- the kernel's log: reading it, and the consoles that show it
 *
 * A reader holds nothing but the sequence number of the next record it wants.
 * When the ring has overwritten that record, the reader learns how many it
 * missed.  All functions here work in any context and never sleep; waiting is
 * the business of /dev/kmsg and syslog(2), which are told through
 * kmsg_register_listener().
 */

#include <kernel/list.h>
#include <kernel/types.h>

#define LOG_LINE_MAX 1000        /* longest text of a record, without NUL */

struct kmsg_record {
	u64 seq;                 /* 0, 1, 2, ... since boot */
	u64 ts_nsec;             /* since boot */
	u16 len;                 /* of text */
	u8 level;                /* LOGLEVEL_... */
	u8 facility;             /* 0 kernel; others were written by users */
	u8 cont;                 /* 1: continues the record before */
	u32 caller;              /* thread id, or CPU | 0x80000000 */
	char text[LOG_LINE_MAX + 1];
};

/*
 * Copy the first record numbered >= *seq and set *seq behind it.  0, -EAGAIN
 * when there is none yet, -EPIPE when *seq was overwritten: *seq then is the
 * oldest one that exists.
 */
int kmsg_read(u64 *seq, struct kmsg_record *r);
u64 kmsg_first_seq(void);        /* the oldest record kept */
u64 kmsg_next_seq(void);         /* what the next record will be numbered */
/* A record of its own, from a user through /dev/kmsg. */
void kmsg_emit(unsigned int facility, unsigned int level, const char *text,
	       size_t len);

/* syslog(2)'s view: where SYSLOG_ACTION_CLEAR was done, ring size, reader. */
u64 kmsg_clear_seq(void);
void kmsg_clear(void);
size_t kmsg_buffer_size(void);
/* "<6>[    1.234567] text\n" of a record; the length, without NUL. */
int kmsg_format_syslog(const struct kmsg_record *r, char *buf, size_t size,
		       bool with_level);

/*
 * fn runs when there are new records, soon but not at once: with interrupts
 * off, in an interrupt's tail or a task, with no lock held.  One listener.
 */
void kmsg_register_listener(void (*fn)(void));
/* Called at each interrupt's end and before idling: tells the listener. */
void kmsg_flush_deferred(void);

/*
 * A place that shows the log.  write() may be called in any context, with
 * interrupts off or on, by one CPU at a time (in a panic: by the one CPU left).
 */
#define CON_PRINTBUFFER (1 << 0)  /* show what was logged before it came */
#define CON_CONSDEV (1 << 1)      /* /dev/console is this one's device */
#define CON_ENABLED (1 << 2)
#define CON_BOOT (1 << 3)         /* leaves when a real console comes */

struct tty_driver;

struct console {
	char name[16];
	void (*write)(struct console *con, const char *s, unsigned int n);
	int (*setup)(struct console *con, char *options);
	struct tty_driver *(*device)(struct console *con, int *index);
	short flags;
	short index;
	void *data;
	u64 seq;                  /* next record to show */
	struct list_head link;
};

void register_console(struct console *con);
int unregister_console(struct console *con);
/* The console that `console=` named last, or the first registered; NULL. */
struct console *console_preferred(void);
/* fn for each, console_lock held: it must not print.  May sleep. */
void console_for_each(void (*fn)(struct console *con, void *arg), void *arg);
/* Print what is still unprinted, busting locks: for panic only. */
void console_flush_on_panic(void);
/* Give up quietness: show every message from now on. */
void console_verbose(void);

/* The lock that serialises the consoles' output; sleeps. */
void console_lock(void);
void console_unlock(void);

#endif
