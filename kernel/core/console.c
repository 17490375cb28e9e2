/* SPDX-License-Identifier: MIT */
/*
 * console.c -- the places that show the log
 *
 * PROMISE.  Each console shows each record whose level is below
 * console_loglevel, once, in order; if it is so slow that the ring overtook
 * it, it says how many it missed, and the ring still has the newest.
 *
 * IDEA.  Every console has the sequence number of its next record.  One CPU at
 * a time, the owner, brings them all up to date.  A CPU that finds an owner
 * leaves: the owner will see the new record.
 *
 * RACES.  The wrong interleaving:
 *
 *	owner				other CPU
 *	sees no more records
 *					stores a record
 *					finds an owner, leaves
 *	gives up ownership		-- and nobody prints the record
 *
 * So the owner, having let go, looks once more [a], and begins again if
 * there is something new.  The barrier of the exchange [b] orders the two.
 *
 * LOCKING.  `owner` (0 or 1) is taken by an atomic exchange, with preemption
 * off.  It guards the list of consoles, their seq, and `line`.  A write() may
 * run with interrupts on or off, as the printk() was.
 */

#include "console.h"

#include <arch/processor.h>
#include <kernel/atomic.h>
#include <kernel/bug.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kmsg.h>
#include <kernel/list.h>
#include <kernel/math.h>
#include <kernel/preempt.h>
#include <kernel/printk.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>

#include "printk_ring.h"

int console_loglevel = 7;
int default_message_loglevel = LOGLEVEL_DEFAULT;
int minimum_console_loglevel = 1;
int default_console_loglevel = 7;

static int owner;
static LIST_HEAD(consoles);                     /* owner */
static struct kmsg_record record;               /* owner */
static char line[LOG_LINE_MAX * 2];             /* owner */
static char preferred_name[16];                 /* of the last console= */

static bool try_own(void)
{
	preempt_disable();
	if (!__atomic_exchange_n(&owner, 1, __ATOMIC_ACQUIRE))
		return true;
	preempt_enable_no_resched();
	return false;
}

static void disown(void)
{
	__atomic_exchange_n(&owner, 0, __ATOMIC_SEQ_CST);          /* [b] */
	preempt_enable_no_resched();
}

void console_lock(void)
{
	while (!try_own())
		cpu_relax();
}
EXPORT_SYMBOL(console_lock);

void console_unlock(void)
{
	disown();
	console_flush();
}
EXPORT_SYMBOL(console_unlock);

/* "[   12.345678] " before each line of the text. */
int kmsg_format_syslog(const struct kmsg_record *r, char *buf, size_t size,
		       bool with_level)
{
	const char *text = r->text, *end = r->text + r->len, *nl;
	u64 us = r->ts_nsec / 1000;
	size_t at = 0;

	do {
		nl = memchr(text, '\n', end - text);
		if (!nl)
			nl = end;
		if (with_level)
			at += scnprintf(buf + at, size - at, "<%u>",
					r->facility << 3 | r->level);
		at += scnprintf(buf + at, size - at, "[%5lu.%06lu] %.*s\n",
				us / 1000000, us % 1000000, (int)(nl - text),
				text);
		text = nl + 1;
	} while (text < end);
	return at;
}
EXPORT_SYMBOL(kmsg_format_syslog);

static void write_record(struct console *con, const struct kmsg_record *r)
{
	con->write(con, line, kmsg_format_syslog(r, line, sizeof(line), false));
}

static void write_missed(struct console *con, u64 missed)
{
	con->write(con, line, scnprintf(line, sizeof(line),
					"** %lu messages dropped **\n", missed));
}

static bool wants(const struct kmsg_record *r)
{
	return r->level < console_loglevel && r->facility == 0;
}

/* All records that the console has not seen; the owner calls. */
static void catch_up(struct console *con)
{
	u64 expected = con->seq;
	int err;

	while ((err = kmsg_read(&con->seq, &record)) != -EAGAIN) {
		if (err == -EPIPE) {
			write_missed(con, con->seq - expected);
			continue;
		}
		expected = con->seq;
		if ((con->flags & CON_ENABLED) && wants(&record))
			write_record(con, &record);
	}
}

static bool all_shown(void)
{
	u64 next = kmsg_next_seq();
	struct console *con;

	list_for_each_entry(con, &consoles, link)
		if (con->seq < next)
			return false;
	return true;
}

void console_flush(void)
{
	struct console *con;

	do {
		if (list_empty(&consoles) || !try_own())
			return;
		list_for_each_entry(con, &consoles, link)
			catch_up(con);
		disown();
	} while (!all_shown());                                    /* [a] */
}

static bool is_preferred(const struct console *con)
{
	return preferred_name[0] &&
	       strncmp(preferred_name, con->name, strlen(con->name)) == 0;
}

/* Boot consoles leave when the first real one comes. */
static void drop_boot_consoles(void)
{
	struct console *con, *n;

	list_for_each_entry_safe(con, n, &consoles, link)
		if (con->flags & CON_BOOT)
			list_del_init(&con->link);
}

void register_console(struct console *con)
{
	struct console *boot;

	console_lock();
	con->seq = con->flags & CON_PRINTBUFFER ? kmsg_first_seq()
						: kmsg_next_seq();
	/* What a boot console has shown need not be shown again. */
	list_for_each_entry(boot, &consoles, link)
		if ((boot->flags & CON_BOOT) && !(con->flags & CON_BOOT) &&
		    !(con->flags & CON_PRINTBUFFER))
			con->seq = boot->seq;
	if (!(con->flags & CON_BOOT))
		drop_boot_consoles();
	con->flags |= CON_ENABLED;
	if (is_preferred(con))
		con->flags |= CON_CONSDEV;
	if (con->flags & CON_CONSDEV)
		list_add(&con->link, &consoles);
	else
		list_add_tail(&con->link, &consoles);
	console_unlock();
}
EXPORT_SYMBOL(register_console);

int unregister_console(struct console *con)
{
	struct console *c;
	int err = -ENODEV;

	console_lock();
	list_for_each_entry(c, &consoles, link)
		if (c == con) {
			list_del_init(&con->link);
			err = 0;
			break;
		}
	console_unlock();
	return err;
}
EXPORT_SYMBOL(unregister_console);

struct console *console_preferred(void)
{
	struct console *con;

	console_lock();
	con = list_first_entry_or_null(&consoles, struct console, link);
	console_unlock();
	return con;
}
EXPORT_SYMBOL(console_preferred);

void console_verbose(void)
{
	console_loglevel = 15;
}

/* The other CPUs are halted, perhaps in the middle of a write(). */
void console_flush_on_panic(void)
{
	ring_panic();
	ring_close();
	WRITE_ONCE(owner, 0);
	console_flush();
}

void console_show_tail(int hidden, unsigned int records)
{
	u64 end = kmsg_next_seq(), seq;
	struct console *con;

	if (!try_own())
		return;
	list_for_each_entry(con, &consoles, link) {
		seq = end > records ? end - records : 0;
		seq = max(seq, kmsg_first_seq());
		while (seq < end && kmsg_read(&seq, &record) == 0)
			if (record.level >= hidden)
				write_record(con, &record);
	}
	disown();
}

static int set_loglevel(char *value)
{
	int level;

	if (kstrtoint(value, 0, &level) || level < 0)
		return -EINVAL;
	console_loglevel = clamp(level, minimum_console_loglevel, 15);
	return 0;
}
__setup("loglevel=", set_loglevel);

static int set_quiet(char *value)
{
	console_loglevel = 4;
	return 0;
}
__setup("quiet", set_quiet);

static int set_debug(char *value)
{
	console_loglevel = 10;
	return 0;
}
__setup("debug", set_debug);

static int set_console(char *value)
{
	strscpy(preferred_name, value, sizeof(preferred_name));
	return 0;
}
__setup("console=", set_console);

void console_for_each(void (*fn)(struct console *con, void *arg), void *arg)
{
	struct console *con;

	console_lock();
	list_for_each_entry(con, &consoles, link)
		fn(con, arg);
	console_unlock();
}
