/* SPDX-License-Identifier: MIT */
/*
 * probe_event.c -- events that a line of text makes and another removes
 *
 *	p[:[GROUP/]EVENT] PLACE [ARG ...]      r: when PLACE's function returns
 *	-:[GROUP/]EVENT      remove it;  -* removes all
 *
 * IDEA.  A probe of the kernel (kprobe.c) and one of programs (uprobe_event.c)
 * differ in what a PLACE is and how one stands there; that is their probe_kind.
 * The rest, from the line to the event's fields and its directory, is here.
 *
 * INVARIANTS.  I1 A probe_event in its kind's list is an event, and has a
 * directory; but for `hits` and the event's own state it is constant.
 *
 * LOCKING.  trace_mutex.  probe_emit() runs wherever the probe was hit.
 *
 * SEE docs/93-tracing.md, docs/100-uprobes.md
 */

#include "trace.h"

#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/slab.h>

/* The probe was hit: `second` is a return's only. */
void probe_emit(struct probe_event *p, const struct probe_context *c,
		unsigned long first, unsigned long second)
{
	char text[PROBE_ARGS][TRACE_STRING_BYTES];
	u64 v[PROBE_ARGS + 2];
	int n = 0;

	v[n++] = first;
	if (p->is_return)
		v[n++] = second;
	for (int i = 0; i < p->nr_args; i++)
		v[n++] = probe_arg_fetch(&p->arg[i], c, text[i]);
	trace_emit(&p->event, v);
}

static int parse_arg(const struct probe_kind *k, struct probe_event *p,
		     char *word)
{
	int err;

	if (p->nr_args == PROBE_ARGS)
		return -E2BIG;
	err = probe_arg_parse(&p->arg[p->nr_args], word, p->nr_args,
			      p->is_return, k->is_user);
	p->nr_args++;
	return err;
}

static int parse(const struct probe_kind *k, struct probe_event *p, char *line)
{
	char *word = strsep(&line, " \t");
	int err;

	p->is_return = *word == 'r';
	if (word[1] && word[1] != ':')
		return -EINVAL;
	probe_names_parse(&p->names, word, k->group);
	word = line ? strsep(&line, " \t") : NULL;
	err = word && *word ? k->parse_place(p, word) : -EINVAL;
	while (!err && line && (word = strsep(&line, " \t")))
		if (*word)
			err = parse_arg(k, p, word);
	if (!err && !p->names.name[0])
		k->default_name(p);
	return err;
}

static void describe(const struct probe_kind *k, struct probe_event *p)
{
	int n = 0;

	p->field[n++] = p->is_return ? k->to : k->at;
	if (p->is_return)
		p->field[n++] = k->from;
	for (int i = 0; i < p->nr_args; i++)
		p->field[n++] = (struct trace_field){ p->arg[i].name,
						      p->arg[i].kind };
	p->event = (struct trace_event){
		.system = p->names.group, .name = p->names.name,
		.fields = p->field, .nr_fields = n, .set_probe = k->set_probe,
	};
}

static void free_probe(const struct probe_kind *k, struct probe_event *p)
{
	filter_free(p->event.filter);
	if (k->release)
		k->release(p);
	kfree(p);
}

static int add_probe(struct probe_kind *k, char *line)
{
	struct probe_event *p = kzalloc(k->size, GFP_KERNEL);
	int err;

	if (!p)
		return -ENOMEM;
	err = parse(k, p, line);
	if (!err && event_find(p->names.group, p->names.name))
		err = -EEXIST;
	if (!err)
		err = k->prepare(p);
	if (!err) {
		describe(k, p);
		err = event_add(&p->event);
	}
	if (err) {
		free_probe(k, p);
		return err;
	}
	list_add_tail(&p->list, &k->events);                    /* I1 */
	tracefs_add_event(&p->event);
	return 0;
}

static int remove_probe(struct probe_kind *k, struct probe_event *p)
{
	if (p->event.enabled || (k->is_awaited && k->is_awaited(p)))
		return -EBUSY;
	list_del(&p->list);
	tracefs_remove_event(&p->event);
	event_remove(&p->event);
	free_probe(k, p);
	return 0;
}

static int remove_all(struct probe_kind *k)
{
	struct probe_event *p, *next;
	int err = 0;

	list_for_each_entry_safe(p, next, &k->events, list)
		err = remove_probe(k, p) ?: err;
	return err;
}

static int remove_named(struct probe_kind *k, char *word)
{
	struct probe_names key = { "", "" };
	struct probe_event *p;

	probe_names_parse(&key, word, k->group);
	list_for_each_entry(p, &k->events, list)
		if (!strcmp(p->names.name, key.name) &&
		    !strcmp(p->names.group, key.group))
			return remove_probe(k, p);
	return -ENOENT;
}

int probe_command(struct probe_kind *k, char *text)
{
	char *line;
	int err = 0;

	while (!err && (line = strsep(&text, "\n")) != NULL) {
		line = strim(line);
		if (!strcmp(line, "-*"))
			err = remove_all(k);
		else if (*line == '-')
			err = remove_named(k, line);
		else if (*line == 'p' || *line == 'r')
			err = add_probe(k, line);
		else if (*line && *line != '#')
			err = -EINVAL;
	}
	return err;
}

void probe_events_show(struct probe_kind *k, struct seq_file *m)
{
	struct probe_event *p;

	list_for_each_entry(p, &k->events, list) {
		seq_printf(m, "%c:%s/%s ", p->is_return ? 'r' : 'p',
			   p->names.group, p->names.name);
		k->show_place(m, p);
		probe_args_show(m, p->arg, p->nr_args);
	}
}
