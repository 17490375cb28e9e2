/* SPDX-License-Identifier: MIT */
/*
 * printk.c -- writing to the log
 *
 * PROMISE.  printk() works from the first instruction to the last, in every
 * context, and never waits for a console or a reader.
 *
 * IDEA.  A message passes three stations:
 *
 *	printk()  --format-->  ring  --console_flush()-->  consoles
 *	                         \---kmsg_read()-------->  /dev/kmsg, syslog(2)
 *
 * 1. It is formatted into a buffer of this CPU, interrupts off.  What
 *    interrupts that (NMI, a fault in a %s) nests into a buffer of its own.
 * 2. It is stored as one record (printk_ring.c).  From here on it is safe.
 * 3. Whoever stored a record tries to become the one CPU that writes to the
 *    consoles (console.c); if another CPU is at it, that one prints ours too.
 * Readers sleep; waking them takes locks that our caller may hold.  So they
 * are told at once only from a plain task, else at the next interrupt's end.
 *
 * CONTEXT.  Any, with any lock held but a console's own.
 *
 * SEE docs/21-log-and-panic.md.
 */

#include <kernel/printk.h>

#include <arch/current.h>
#include <arch/irqflags.h>
#include <kernel/ctype.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kmsg.h>
#include <kernel/math.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>

#include "console.h"
#include "printk_ring.h"

#define NESTING 4       /* task or irq, NMI, and a fault in either */

struct printk_cpu {
	int depth;
	char text[NESTING][LOG_LINE_MAX + 24];
};
static DEFINE_PER_CPU(struct printk_cpu, printk_cpu);

static DEFINE_PER_CPU(bool, listener_due);
static void (*listener)(void);

/* Take the "\001x" off the front; -1 if there is none, 'c' for KERN_CONT. */
static int take_level(const char **text, size_t *len)
{
	int level;

	if (*len < 2 || (*text)[0] != KERN_SOH[0])
		return -1;
	level = (*text)[1];
	*text += 2;
	*len -= 2;
	return isdigit(level) ? level - '0' : level;
}

static u32 caller_id(void)
{
	if (in_task() && current)
		return current->pid;
	return 0x80000000U | raw_smp_processor_id();
}

static void store(const char *text, size_t len)
{
	int level = take_level(&text, &len);
	bool cont = level == 'c';
	bool ends = len > 0 && text[len - 1] == '\n';
	struct kmsg_record r = {
		.ts_nsec = sched_clock(),
		.level = level < 0 || cont ? default_message_loglevel : level,
		.caller = caller_id(),
	};

	ring_store(&r, text, len - ends, cont, ends);
}

/* Wake readers now if no lock can be held here, else soon. */
static void tell_listener(void)
{
	if (!READ_ONCE(listener))
		return;
	if (preempt_count() == 0 && !irqs_disabled() &&
	    current->state == TASK_RUNNING)
		listener();
	else
		this_cpu_write(listener_due, true);
}

int vprintk(const char *fmt, va_list args)
{
	unsigned long flags = arch_local_irq_save();
	struct printk_cpu *pc = this_cpu_ptr(&printk_cpu);
	int len = 0;

	if (pc->depth < NESTING) {
		char *buf = pc->text[pc->depth++];

		barrier();
		len = vscnprintf(buf, sizeof(pc->text[0]), fmt, args);
		store(buf, len);
		barrier();
		pc->depth--;
	}
	local_irq_restore(flags);
	console_flush();
	tell_listener();
	return len;
}
EXPORT_SYMBOL(vprintk);

int printk(const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vprintk(fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL(printk);

void kmsg_emit(unsigned int facility, unsigned int level, const char *text,
	       size_t len)
{
	struct kmsg_record r = {
		.ts_nsec = sched_clock(), .level = level & 7,
		.facility = facility, .caller = caller_id(),
	};

	ring_store(&r, text, len, false, true);
	console_flush();
	tell_listener();
}

void kmsg_register_listener(void (*fn)(void))
{
	WRITE_ONCE(listener, fn);
}

void kmsg_flush_deferred(void)
{
	if (likely(!this_cpu_read(listener_due)))
		return;
	this_cpu_write(listener_due, false);
	listener();
}

bool ___ratelimit(struct ratelimit_state *rs, const char *func)
{
	u64 now = sched_clock() / 1000000;
	u64 start = READ_ONCE(rs->window_start);
	unsigned int missed;

	if (now - start >= rs->interval &&
	    __atomic_compare_exchange_n(&rs->window_start, &start, now, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		__atomic_store_n(&rs->printed, 0, __ATOMIC_RELAXED);
		missed = __atomic_exchange_n(&rs->missed, 0, __ATOMIC_RELAXED);
		if (missed)
			printk(KERN_WARNING "%s: %u messages suppressed\n",
			       func, missed);
	}
	if (__atomic_fetch_add(&rs->printed, 1, __ATOMIC_RELAXED) < rs->burst)
		return true;
	__atomic_fetch_add(&rs->missed, 1, __ATOMIC_RELAXED);
	return false;
}
EXPORT_SYMBOL(___ratelimit);

/* Up to 16 bytes as "%02x ..." and, if asked for, as characters. */
static void hex_line(char *line, size_t size, const u8 *p, size_t n,
		     int rowsize, bool ascii)
{
	size_t at = 0;

	for (size_t i = 0; i < (size_t)rowsize; i++)
		at += i < n ? scnprintf(line + at, size - at, "%02x ", p[i])
			    : scnprintf(line + at, size - at, "   ");
	for (size_t i = 0; ascii && i < n; i++)
		at += scnprintf(line + at, size - at, "%c",
				isprint(p[i]) ? p[i] : '.');
}

void print_hex_dump(const char *level, const char *prefix, int prefix_type,
		    int rowsize, int groupsize, const void *buf, size_t len,
		    bool ascii)
{
	const u8 *p = buf;
	char line[32 * 4 + 1];

	(void)groupsize;
	rowsize = clamp(rowsize, 1, 32);
	for (size_t i = 0; i < len; i += rowsize) {
		hex_line(line, sizeof(line), p + i, min(len - i, (size_t)rowsize),
			 rowsize, ascii);
		if (prefix_type == DUMP_PREFIX_ADDRESS)
			printk("%s%s%p: %s\n", level, prefix, p + i, line);
		else if (prefix_type == DUMP_PREFIX_OFFSET)
			printk("%s%s%.8zx: %s\n", level, prefix, i, line);
		else
			printk("%s%s%s\n", level, prefix, line);
	}
}
EXPORT_SYMBOL(print_hex_dump);
