/* SPDX-License-Identifier: MIT */
/*
 * uprobe_event.c -- events at places of programs, made at run time
 *
 *	p[:[GROUP/]EVENT] PATH:OFFSET [ARG ...]
 *	r[:[GROUP/]EVENT] PATH:OFFSET [ARG ...]     PATH:OFFSET%return is the same
 *
 * IDEA.  The text half of uprobe.c, as kprobe.c is for the kernel: OFFSET is
 * the byte in the file, as `nm` and `readelf -l` give it; what an ARG is,
 * probe_arg.c says, and what becomes of a line, probe_event.c.  The file is
 * held open while the line stands.
 *
 * LOCKING.  trace_mutex.  A hit runs in its task's context, and reads user
 * memory, so it may sleep.
 *
 * SEE docs/100-uprobes.md
 */

#include "trace.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <kernel/uprobes.h>
#include <mm/slab.h>

/* Constant while the event is in the table. */
struct uprobe_event {
	struct probe_event pe;        /* first: probe_event.c allocates us */
	struct uprobe_consumer uc;
	char *path;                   /* as it was given */
	struct file *file;
	loff_t offset;
};
static_assert(offsetof(struct uprobe_event, pe) == 0, "allocated as one");

/* ---- hits --------------------------------------------------------------- */

static long read_user(void *to, unsigned long from, size_t n)
{
	return copy_from_user(to, (const void __user *)from, n);
}

static void emit(struct uprobe_event *u, const struct pt_regs *regs,
		 unsigned long func)
{
	struct probe_context c = { regs, regs->ax, read_user };

	probe_emit(&u->pe, &c, regs->ip, func);
}

/* The profile counts the calls of those that wait for the return, too. */
static void hit(struct uprobe_consumer *uc, struct pt_regs *regs)
{
	struct uprobe_event *u = container_of(uc, struct uprobe_event, uc);

	__atomic_add_fetch(&u->pe.hits, 1, __ATOMIC_RELAXED);
	if (!u->pe.is_return)
		emit(u, regs, 0);
}

static void returned(struct uprobe_consumer *uc, unsigned long func,
		     struct pt_regs *regs)
{
	emit(container_of(uc, struct uprobe_event, uc), regs, func);
}

static int set_probe(struct trace_event *e, bool on)
{
	struct uprobe_event *u = container_of(e, struct uprobe_event, pe.event);

	if (on)
		return uprobe_register(u->file, u->offset, &u->uc);
	uprobe_unregister(u->file, u->offset, &u->uc);
	return 0;
}

/* ---- the lines ---------------------------------------------------------- */

static int open_file(struct uprobe_event *u)
{
	struct file *file = filp_open(u->path, O_RDONLY | O_LARGEFILE, 0);

	if (IS_ERR(file))
		return PTR_ERR(file);
	u->file = file;
	return S_ISREG(file_inode(file)->i_mode) ? 0 : -EINVAL;
}

/* "/bin/sh:0x1234", "/bin/sh:0x1234%return" */
static int parse_place(struct probe_event *pe, char *word)
{
	struct uprobe_event *u = container_of(pe, struct uprobe_event, pe);
	char *colon = strrchr(word, ':'), *suffix;
	unsigned long offset;

	if (!colon || *word != '/')
		return -EINVAL;
	*colon++ = '\0';
	suffix = strchr(colon, '%');
	if (suffix) {
		if (strcmp(suffix, "%return"))
			return -EINVAL;
		pe->is_return = true;
		*suffix = '\0';
	}
	if (kstrtoul(colon, 0, &offset))
		return -EINVAL;
	u->offset = offset;
	u->path = kstrdup(word, GFP_KERNEL);
	return u->path ? open_file(u) : -ENOMEM;
}

/* "p_name_0x1234": of the file's name, up to what no name may have. */
static void default_name(struct probe_event *pe)
{
	struct uprobe_event *u = container_of(pe, struct uprobe_event, pe);
	char base[20], *c;

	strscpy(base, kbasename(u->path), sizeof(base));
	for (c = base; (*c >= '0' && *c <= '9') || *c == '_' ||
	     ((*c | 32) >= 'a' && (*c | 32) <= 'z'); c++)
		;
	*c = '\0';
	snprintf(pe->names.name, PROBE_NAME, "%c_%s_0x%llx",
		 pe->is_return ? 'r' : 'p', base, (unsigned long long)u->offset);
}

static int prepare(struct probe_event *pe)
{
	struct uprobe_event *u = container_of(pe, struct uprobe_event, pe);

	u->uc.handler = hit;
	if (pe->is_return)
		u->uc.ret_handler = returned;
	return 0;
}

static void release(struct probe_event *pe)
{
	struct uprobe_event *u = container_of(pe, struct uprobe_event, pe);

	if (u->file)
		fput(u->file);
	kfree(u->path);
}

static void show_place(struct seq_file *m, const struct probe_event *pe)
{
	const struct uprobe_event *u =
		container_of(pe, struct uprobe_event, pe);

	seq_printf(m, "%s:0x%016llx", u->path, (unsigned long long)u->offset);
}

struct probe_kind uprobe_kind = {
	.group = "uprobes",
	.is_user = true,
	.size = sizeof(struct uprobe_event),
	.events = LIST_HEAD_INIT(uprobe_kind.events),
	.at = { "__probe_ip", TRACE_AT },
	.to = { "__probe_ret_ip", TRACE_TO },
	.from = { "__probe_func", TRACE_FROM },
	.set_probe = set_probe,
	.parse_place = parse_place,
	.default_name = default_name,
	.prepare = prepare,
	.release = release,
	.show_place = show_place,
};

void uprobe_profile_show(struct seq_file *m)
{
	struct uprobe_event *u;

	list_for_each_entry(u, &uprobe_kind.events, pe.list)
		seq_printf(m, "  %s %-44s %15lu\n", u->path, u->pe.names.name,
			   READ_ONCE(u->pe.hits));
}
