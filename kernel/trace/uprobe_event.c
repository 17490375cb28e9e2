/* SPDX-License-Identifier: MIT */
/*
 * uprobe_event.c -- events at places of programs, made at run time
 *
 *	p[:[GROUP/]EVENT] PATH:OFFSET [ARG ...]
 *	r[:[GROUP/]EVENT] PATH:OFFSET [ARG ...]     PATH:OFFSET%return is the same
 *	-:[GROUP/]EVENT      remove it;  -* removes all
 *
 * IDEA.  The text half of uprobe.c, as kprobe.c is for the kernel: OFFSET is
 * the byte in the file, as `nm` and `readelf -l` give it; what an ARG is,
 * probe_arg.c says.  The file is held open while the line stands.
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

/* Constant while the event is in the table, but for `hits`. */
struct uprobe_event {
	struct uprobe_consumer uc;
	struct trace_event event;
	struct list_head list;        /* trace_mutex */
	struct probe_names names;
	char *path;                   /* as it was given */
	struct file *file;
	loff_t offset;
	bool is_return;
	int nr_args;
	struct probe_arg arg[PROBE_ARGS];
	struct trace_field field[PROBE_ARGS + 2];
	unsigned long hits;           /* atomic */
};

static LIST_HEAD(event_list);

/* ---- hits --------------------------------------------------------------- */

static long read_user(void *to, unsigned long from, size_t n)
{
	return copy_from_user(to, (const void __user *)from, n);
}

static void emit(struct uprobe_event *u, const struct pt_regs *regs, u64 *v,
		 int n)
{
	struct probe_context c = { regs, regs->ax, read_user };
	char text[PROBE_ARGS][TRACE_STRING_BYTES];

	for (int i = 0; i < u->nr_args; i++)
		v[n++] = probe_arg_fetch(&u->arg[i], &c, text[i]);
	trace_emit(&u->event, v);
}

/* The profile counts the calls of those that wait for the return, too. */
static void hit(struct uprobe_consumer *uc, struct pt_regs *regs)
{
	struct uprobe_event *u = container_of(uc, struct uprobe_event, uc);
	u64 v[PROBE_ARGS + 2] = { regs->ip };

	__atomic_add_fetch(&u->hits, 1, __ATOMIC_RELAXED);
	if (!u->is_return)
		emit(u, regs, v, 1);
}

static void returned(struct uprobe_consumer *uc, unsigned long func,
		     struct pt_regs *regs)
{
	u64 v[PROBE_ARGS + 2] = { regs->ip, func };

	emit(container_of(uc, struct uprobe_event, uc), regs, v, 2);
}

static int set_probe(struct trace_event *e, bool on)
{
	struct uprobe_event *u = container_of(e, struct uprobe_event, event);

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
static int parse_place(struct uprobe_event *u, char *word)
{
	char *colon = strrchr(word, ':'), *suffix;
	unsigned long offset;

	if (!colon || *word != '/')
		return -EINVAL;
	*colon++ = '\0';
	suffix = strchr(colon, '%');
	if (suffix) {
		if (strcmp(suffix, "%return"))
			return -EINVAL;
		u->is_return = true;
		*suffix = '\0';
	}
	if (kstrtoul(colon, 0, &offset))
		return -EINVAL;
	u->offset = offset;
	u->path = kstrdup(word, GFP_KERNEL);
	return u->path ? open_file(u) : -ENOMEM;
}

static int parse_arg(struct uprobe_event *u, char *word)
{
	int err;

	if (u->nr_args == PROBE_ARGS)
		return -E2BIG;
	err = probe_arg_parse(&u->arg[u->nr_args], word, u->nr_args,
			      u->is_return, true);
	u->nr_args++;
	return err;
}

/* "p_name_0x1234": of the file's name, up to what no name may have. */
static void default_name(struct uprobe_event *u)
{
	char base[20], *c;

	strscpy(base, kbasename(u->path), sizeof(base));
	for (c = base; (*c >= '0' && *c <= '9') || *c == '_' ||
	     ((*c | 32) >= 'a' && (*c | 32) <= 'z'); c++)
		;
	*c = '\0';
	snprintf(u->names.name, PROBE_NAME, "%c_%s_0x%llx",
		 u->is_return ? 'r' : 'p', base, (unsigned long long)u->offset);
}

static int parse(struct uprobe_event *u, char *line)
{
	char *word = strsep(&line, " \t");
	int err;

	u->is_return = *word == 'r';
	if (word[1] && word[1] != ':')
		return -EINVAL;
	probe_names_parse(&u->names, word, "uprobes");
	word = line ? strsep(&line, " \t") : NULL;
	err = word && *word ? parse_place(u, word) : -EINVAL;
	while (!err && line && (word = strsep(&line, " \t")))
		if (*word)
			err = parse_arg(u, word);
	if (!err && !u->names.name[0])
		default_name(u);
	return err;
}

static void describe(struct uprobe_event *u)
{
	int n = 0;

	if (u->is_return) {
		u->field[n++] = (struct trace_field){ "__probe_ret_ip",
						      TRACE_TO };
		u->field[n++] = (struct trace_field){ "__probe_func",
						      TRACE_FROM };
		u->uc.ret_handler = returned;
	} else {
		u->field[n++] = (struct trace_field){ "__probe_ip", TRACE_AT };
	}
	u->uc.handler = hit;
	for (int i = 0; i < u->nr_args; i++)
		u->field[n++] = (struct trace_field){ u->arg[i].name,
						      u->arg[i].kind };
	u->event = (struct trace_event){
		.system = u->names.group, .name = u->names.name,
		.fields = u->field, .nr_fields = n, .set_probe = set_probe,
	};
}

static void free_event(struct uprobe_event *u)
{
	filter_free(u->event.filter);
	if (u->file)
		fput(u->file);
	kfree(u->path);
	kfree(u);
}

static int add_event(char *line)
{
	struct uprobe_event *u = kzalloc(sizeof(*u), GFP_KERNEL);
	int err;

	if (!u)
		return -ENOMEM;
	err = parse(u, line);
	if (!err && event_find(u->names.group, u->names.name))
		err = -EEXIST;
	if (!err) {
		describe(u);
		err = event_add(&u->event);
	}
	if (err) {
		free_event(u);
		return err;
	}
	list_add_tail(&u->list, &event_list);
	tracefs_add_event(&u->event);
	return 0;
}

static int remove_event(struct uprobe_event *u)
{
	if (u->event.enabled)
		return -EBUSY;
	list_del(&u->list);
	tracefs_remove_event(&u->event);
	event_remove(&u->event);
	free_event(u);
	return 0;
}

static int remove_all(void)
{
	struct uprobe_event *u, *next;
	int err = 0;

	list_for_each_entry_safe(u, next, &event_list, list)
		err = remove_event(u) ?: err;
	return err;
}

static int remove_named(char *word)
{
	struct probe_names key = { "", "" };
	struct uprobe_event *u;

	probe_names_parse(&key, word, "uprobes");
	list_for_each_entry(u, &event_list, list)
		if (!strcmp(u->names.name, key.name) &&
		    !strcmp(u->names.group, key.group))
			return remove_event(u);
	return -ENOENT;
}

/* One or more lines; trace_mutex held, may sleep. */
int uprobe_event_command(char *text)
{
	char *line;
	int err = 0;

	while (!err && (line = strsep(&text, "\n")) != NULL) {
		line = strim(line);
		if (!strcmp(line, "-*"))
			err = remove_all();
		else if (*line == '-')
			err = remove_named(line);
		else if (*line == 'p' || *line == 'r')
			err = add_event(line);
		else if (*line && *line != '#')
			err = -EINVAL;
	}
	return err;
}

void uprobe_events_show(struct seq_file *m)
{
	struct uprobe_event *u;

	list_for_each_entry(u, &event_list, list) {
		seq_printf(m, "%c:%s/%s %s:0x%016llx",
			   u->is_return ? 'r' : 'p', u->names.group,
			   u->names.name, u->path,
			   (unsigned long long)u->offset);
		probe_args_show(m, u->arg, u->nr_args);
	}
}

void uprobe_profile_show(struct seq_file *m)
{
	struct uprobe_event *u;

	list_for_each_entry(u, &event_list, list)
		seq_printf(m, "  %s %-44s %15lu\n", u->path, u->names.name,
			   READ_ONCE(u->hits));
}
