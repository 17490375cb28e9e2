/* SPDX-License-Identifier: MIT */
/*
 * kprobe.c -- events at functions of the kernel, made at run time
 *
 *	p[:[GROUP/]EVENT] FUNCTION[+OFFSET] [NAME=%REG | NAME=$argN ...]
 *	r[:[GROUP/]EVENT] FUNCTION [NAME=$retval ...]
 *	-:[GROUP/]EVENT      remove it;  -* removes all
 *
 * IDEA.  Each line is an event like the others, in group kprobes unless it says
 * otherwise, whose place is a breakpoint (arch/kprobe.h) that stands only while
 * the event is on.
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
 * LOCKING.  trace_mutex for the list; the table has a bare lock, irqs off.
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

/* Constant while the event is in the table, but for `hits` and `missed`. */
struct probe {
	struct arch_kprobe kp;
	struct trace_event event;
	struct list_head list;        /* trace_mutex */
	struct probe_names names;
	char symbol[64];
	unsigned long offset;
	bool is_return;
	int nr_args;
	struct probe_arg arg[PROBE_ARGS];
	struct trace_field field[PROBE_ARGS + 2];
	unsigned long hits, missed;   /* atomic */
};

static LIST_HEAD(probe_list);

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
	char text[PROBE_ARGS][TRACE_STRING_BYTES];
	u64 v[PROBE_ARGS + 2];
	int n = 0;

	count(&p->hits);
	v[n++] = first;
	if (p->is_return)
		v[n++] = second;
	for (int i = 0; i < p->nr_args; i++)
		v[n++] = probe_arg_fetch(&p->arg[i], &c, text[i]);
	trace_emit(&p->event, v);
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
		if (READ_ONCE(waiting[i]->event.enabled))
			emit(waiting[i], NULL, real,
			     (unsigned long)waiting[i]->kp.addr, value);
	forget_returns(at);
	return real;
}

static void hit(struct arch_kprobe *kp, struct pt_regs *regs)
{
	struct probe *p = container_of(kp, struct probe, kp);

	if (p->is_return)
		follow_return(p, regs);
	else
		emit(p, regs, (unsigned long)kp->addr, 0, 0);
}

/* Does a call of this probe's function still have to return? */
static bool is_awaited(const struct probe *p)
{
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
	struct probe *p = container_of(e, struct probe, event);
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

static int parse_place(struct probe *p, char *word)
{
	char *plus = strchr(word, '+');
	unsigned long at, offset;

	if (plus) {
		*plus++ = '\0';
		if (p->is_return || kstrtoul(plus, 0, &p->offset))
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

static void describe(struct probe *p)
{
	int n = 0;

	p->field[n++] = (struct trace_field){ p->is_return ? "to" : "at",
					      TRACE_SYMBOL };
	if (p->is_return)
		p->field[n++] = (struct trace_field){ "from", TRACE_SYMBOL };
	for (int i = 0; i < p->nr_args; i++)
		p->field[n++] = (struct trace_field){ p->arg[i].name,
						      p->arg[i].kind };
	p->event = (struct trace_event){
		.system = p->names.group, .name = p->names.name,
		.fields = p->field, .nr_fields = n, .set_probe = set_probe,
	};
	p->kp.hit = hit;
}

static int parse_arg(struct probe *p, char *word)
{
	int err;

	if (p->nr_args == PROBE_ARGS)
		return -E2BIG;
	err = probe_arg_parse(&p->arg[p->nr_args], word, p->nr_args,
			      p->is_return, false);
	p->nr_args++;
	return err;
}

static int parse(struct probe *p, char *line)
{
	char *word = strsep(&line, " \t");
	int err;

	p->is_return = *word == 'r';
	if (word[1] && word[1] != ':')
		return -EINVAL;
	probe_names_parse(&p->names, word, "kprobes");
	word = strsep(&line, " \t");
	err = word && *word ? parse_place(p, word) : -EINVAL;
	while (!err && line && (word = strsep(&line, " \t")))
		if (*word)
			err = parse_arg(p, word);
	if (!err && !p->names.name[0])
		snprintf(p->names.name, PROBE_NAME, "%c_%.20s_%lu",
			 p->is_return ? 'r' : 'p', p->symbol, p->offset);
	return err;
}

static int add_probe(char *line)
{
	struct probe *p = kzalloc(sizeof(*p), GFP_KERNEL);
	int err;

	if (!p)
		return -ENOMEM;
	err = parse(p, line);
	if (!err && event_find(p->names.group, p->names.name))
		err = -EEXIST;
	if (!err)
		err = arch_kprobe_prepare(&p->kp);
	if (!err) {
		describe(p);
		err = event_add(&p->event);
	}
	if (err) {
		kfree(p);
		return err;
	}
	arch_return_hook = return_hook;
	list_add_tail(&p->list, &probe_list);
	tracefs_add_event(&p->event);
	return 0;
}

static int remove_probe(struct probe *p)
{
	if (p->event.enabled || is_awaited(p))
		return -EBUSY;
	list_del(&p->list);
	tracefs_remove_event(&p->event);
	event_remove(&p->event);
	filter_free(p->event.filter);
	kfree(p);
	return 0;
}

static int remove_all(void)
{
	struct probe *p, *next;
	int err = 0;

	list_for_each_entry_safe(p, next, &probe_list, list)
		err = remove_probe(p) ?: err;
	return err;
}

static int remove_named(char *word)
{
	struct probe_names key = { "", "" };
	struct probe *p;

	probe_names_parse(&key, word, "kprobes");
	list_for_each_entry(p, &probe_list, list)
		if (!strcmp(p->names.name, key.name) &&
		    !strcmp(p->names.group, key.group))
			return remove_probe(p);
	return -ENOENT;
}

/* One or more lines; trace_mutex held, may sleep. */
int kprobe_event_command(char *text)
{
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		int err = 0;

		line = strim(line);
		if (!strcmp(line, "-*"))
			err = remove_all();
		else if (*line == '-')
			err = remove_named(line);
		else if (*line == 'p' || *line == 'r')
			err = add_probe(line);
		else if (*line && *line != '#')
			err = -EINVAL;
		if (err)
			return err;
	}
	return 0;
}

void kprobe_events_show(struct seq_file *m)
{
	struct probe *p;

	list_for_each_entry(p, &probe_list, list) {
		seq_printf(m, "%c:%s/%s %s", p->is_return ? 'r' : 'p',
			   p->names.group, p->names.name, p->symbol);
		if (p->offset)
			seq_printf(m, "+%lu", p->offset);
		probe_args_show(m, p->arg, p->nr_args);
	}
}

void kprobe_profile_show(struct seq_file *m)
{
	struct probe *p;

	list_for_each_entry(p, &probe_list, list)
		seq_printf(m, "  %-44s %15lu %15lu\n", p->names.name,
			   READ_ONCE(p->hits), READ_ONCE(p->missed));
}
