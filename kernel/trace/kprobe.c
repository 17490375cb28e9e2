/* SPDX-License-Identifier: MIT */
/*
 * kprobe.c -- events at functions of the kernel, made at run time
 *
 *	p[:[GROUP/]EVENT] FUNCTION[+OFFSET] [NAME=%REG | NAME=$argN ...]
 *	r[:[GROUP/]EVENT] FUNCTION [NAME=$retval ...]
 *
 * IDEA.  Each line is an event like the others (probe_event.c), in group
 * kprobes unless it says otherwise, whose place is a breakpoint (arch/kprobe.h)
 * that stands only while the event is on.
 *
 * A return probe replaces the return address at the function's start.  What it
 * was is kept in a table, found again by the place on the stack where it lay.
 * Several entries share a place when several probes wait for the same return:
 * of one function, or of one that ended in a jump to another:
 *
 *	at      real             probe
 *	sp      caller + 7       r:a f         the first finds the true address,
 *	sp      caller + 7       r:b f         the second our own there
 *
 * A call from which nobody returns (do_exit) leaves its entries behind; the
 * next call at that place throws them out, as it finds a fresh address there.
 * When there is no room, calls are not followed, but counted (kprobe_profile).
 *
 * LOCKING.  trace_mutex for the lines; the table has a bare lock, irqs off.
 *
 * SEE docs/93-tracing.md
 */

#include "trace.h"

#include <arch/irqflags.h>
#include <arch/kprobe.h>
#include <arch/processor.h>
#include <arch/uaccess.h>
#include <fs/seq_file.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kallsyms.h>
#include <kernel/kernel.h>
#include <kernel/rcupdate.h>
#include <kernel/string.h>
#include <mm/slab.h>

#define RETURNS 512
#define AT_ONE 8                 /* probes that wait for the same return */

/* Constant while the event is in the table, but for the counts. */
struct probe {
	struct probe_event pe;        /* first: probe_event.c allocates us */
	struct arch_kprobe kp;
	char symbol[64];
	unsigned long offset;
	unsigned long missed;         /* atomic */
};
static_assert(offsetof(struct probe, pe) == 0, "allocated as one");

/* ---- returns that we wait for ------------------------------------------- */

static struct {
	unsigned long at, real;       /* where on which stack; 0: free */
	struct probe *probe;
} returns[RETURNS];
static bool returns_lock;

static void count(unsigned long *n)
{
	__atomic_add_fetch(n, 1, __ATOMIC_RELAXED);
}

static void lock_returns(void)
{
	while (__atomic_test_and_set(&returns_lock, __ATOMIC_ACQUIRE))
		cpu_relax();
}

static void unlock_returns(void)
{
	__atomic_clear(&returns_lock, __ATOMIC_RELEASE);
}

/* Irqs off. */
static void follow_return(struct probe *p, struct pt_regs *regs)
{
	bool hooked = arch_return_hooked(regs);
	unsigned long real = 0;
	int free = -1, n = 0;

	lock_returns();
	for (int i = 0; i < RETURNS; i++) {
		if (returns[i].at == regs->sp && hooked) {
			real = returns[i].real;
			n++;
		} else if (returns[i].at == regs->sp) {
			returns[i].at = 0;    /* nobody came back from there */
		}
		if (!returns[i].at && free < 0)
			free = i;
	}
	if (free < 0 || n == AT_ONE || (hooked && !n)) {
		count(&p->missed);
	} else {
		returns[free].real = hooked ? real : arch_hook_return(regs);
		returns[free].at = regs->sp;
		returns[free].probe = p;
	}
	unlock_returns();
}

/* They are told: now the probes may go. */
static void forget_returns(unsigned long at)
{
	lock_returns();
	for (int i = 0; i < RETURNS; i++)
		if (returns[i].at == at)
			returns[i].at = 0;
	unlock_returns();
}

static long read_kernel(void *to, unsigned long from, size_t n)
{
	return copy_from_kernel_nofault(to, (const void *)from, n);
}

static void emit(struct probe *p, const struct pt_regs *regs,
		 unsigned long first, unsigned long second,
		 unsigned long retval)
{
	struct probe_context c = { regs, retval, read_kernel };

	count(&p->pe.hits);
	probe_emit(&p->pe, &c, first, second);
}

/* A hooked function returns; irqs off. */
static unsigned long return_hook(unsigned long at, unsigned long value)
{
	struct probe *waiting[AT_ONE];
	unsigned long real = 0;
	int n = 0;

	lock_returns();
	for (int i = 0; i < RETURNS && n < AT_ONE; i++) {
		if (returns[i].at != at)
			continue;
		real = returns[i].real;
		waiting[n++] = returns[i].probe;
	}
	unlock_returns();
	for (int i = 0; i < n; i++)
		if (READ_ONCE(waiting[i]->pe.event.enabled))
			emit(waiting[i], NULL, real,
			     (unsigned long)waiting[i]->kp.addr, value);
	forget_returns(at);
	return real;
}

static void hit(struct arch_kprobe *kp, struct pt_regs *regs)
{
	struct probe *p = container_of(kp, struct probe, kp);

	if (p->pe.is_return)
		follow_return(p, regs);
	else
		emit(p, regs, (unsigned long)kp->addr, 0, 0);
}

/* Does a call of this probe's function still have to return? */
static bool is_awaited(struct probe_event *pe)
{
	struct probe *p = container_of(pe, struct probe, pe);
	bool found = false;
	unsigned long flags;

	local_irq_save(flags);
	lock_returns();
	for (int i = 0; i < RETURNS && !found; i++)
		found = returns[i].at && returns[i].probe == p;
	unlock_returns();
	local_irq_restore(flags);
	return found;
}

static int set_probe(struct trace_event *e, bool on)
{
	struct probe *p = container_of(e, struct probe, pe.event);
	int err;

	if (!on) {
		arch_kprobe_disarm(&p->kp);
		return 0;
	}
	err = arch_kprobe_prepare(&p->kp);
	if (!err)
		arch_kprobe_arm(&p->kp);
	return err;
}

/* ---- the lines ---------------------------------------------------------- */

static int parse_place(struct probe_event *pe, char *word)
{
	struct probe *p = container_of(pe, struct probe, pe);
	char *plus = strchr(word, '+');
	unsigned long at, offset;

	if (plus) {
		*plus++ = '\0';
		if (pe->is_return || kstrtoul(plus, 0, &p->offset))
			return -EINVAL;
	}
	strscpy(p->symbol, word, sizeof(p->symbol));
	at = kallsyms_lookup_name(word);
	if (!at)
		return -ENOENT;
	p->kp.addr = (void *)(at + p->offset);
	/* Beyond its end it is another function's. */
	if (!kallsyms_lookup_size_offset((unsigned long)p->kp.addr, NULL,
					 &offset) || offset != p->offset)
		return -EILSEQ;
	return 0;
}

static void default_name(struct probe_event *pe)
{
	struct probe *p = container_of(pe, struct probe, pe);

	snprintf(pe->names.name, PROBE_NAME, "%c_%.20s_%lu",
		 pe->is_return ? 'r' : 'p', p->symbol, p->offset);
}

static int prepare(struct probe_event *pe)
{
	struct probe *p = container_of(pe, struct probe, pe);

	p->kp.hit = hit;
	arch_return_hook = return_hook;
	return arch_kprobe_prepare(&p->kp);
}

static void show_place(struct seq_file *m, const struct probe_event *pe)
{
	const struct probe *p = container_of(pe, struct probe, pe);

	seq_puts(m, p->symbol);
	if (p->offset)
		seq_printf(m, "+%lu", p->offset);
}

struct probe_kind kprobe_kind = {
	.group = "kprobes",
	.size = sizeof(struct probe),
	.events = LIST_HEAD_INIT(kprobe_kind.events),
	.at = { "at", TRACE_SYMBOL },
	.to = { "to", TRACE_SYMBOL },
	.from = { "from", TRACE_SYMBOL },
	.set_probe = set_probe,
	.parse_place = parse_place,
	.default_name = default_name,
	.prepare = prepare,
	.is_awaited = is_awaited,
	.show_place = show_place,
};

void kprobe_profile_show(struct seq_file *m)
{
	struct probe *p;

	list_for_each_entry(p, &kprobe_kind.events, pe.list)
		seq_printf(m, "  %-44s %15lu %15lu\n", p->pe.names.name,
			   READ_ONCE(p->pe.hits), READ_ONCE(p->missed));
}
