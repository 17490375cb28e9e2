/* SPDX-License-Identifier: MIT */
/*
 * probe_arg.c -- what a probe writes down besides that it was hit
 *
 *	[NAME=]FETCH[:TYPE]
 *	FETCH	%REG  $argN  $retval  $stack  $stackN  $comm  +|-OFFSET(FETCH)
 *	TYPE	u8 to u64, s8 to s64, x8 to x64 (that is how it is printed), string
 *
 * IDEA.  A value, then up to PROBE_STEPS times the word at an offset from it,
 * the last one in the type's size: +8(+0(%si)):string.  Memory that is not
 * there gives 0, or "(fault)".  Whose memory it is, the caller's read() knows.
 *
 * SEE docs/93-tracing.md, docs/100-uprobes.md
 */

#include "trace.h"

#include <arch/kprobe.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/string.h>

enum source { FROM_REGISTER, FROM_STACK, FROM_RETVAL, FROM_COMM };

static bool set_register(struct probe_arg *a, const char *name)
{
	a->source = FROM_REGISTER;
	return arch_probe_register(name, &a->offset);
}

/* "$...": 0 or -EINVAL. */
static int parse_variable(struct probe_arg *a, const char *v, bool is_return,
			  bool is_user)
{
	static const char *const args[] = { "di", "si", "dx", "cx", "r8",
					    "r9" };
	unsigned int n;

	if (!strcmp(v, "retval")) {
		a->source = FROM_RETVAL;
		return is_return ? 0 : -EINVAL;
	}
	if (!strcmp(v, "comm")) {
		a->source = FROM_COMM;
		a->kind = TRACE_QUOTED;
		return 0;
	}
	if (!strcmp(v, "stack"))
		return !is_return && set_register(a, "sp") ? 0 : -EINVAL;
	if (str_has_prefix(v, "stack") && !is_return &&
	    !kstrtouint(v + 5, 10, &n) && n < 512) {
		a->source = FROM_STACK;
		a->offset = n * sizeof(long);
		return 0;
	}
	if (str_has_prefix(v, "arg") && !is_return && !is_user &&
	    !kstrtouint(v + 3, 10, &n) && n >= 1 && n <= 6 &&
	    set_register(a, args[n - 1]))
		return 0;
	return -EINVAL;
}

/* "+8(...)": its offset is noted, and what is within the brackets left. */
static char *parse_step(struct probe_arg *a, char *text)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	long offset;

	if (!open || !close || close[1] || a->nr_steps == PROBE_STEPS)
		return NULL;
	*open = *close = '\0';
	if (kstrtol(*text == '+' ? text + 1 : text, 0, &offset))
		return NULL;
	/* The innermost is read first. */
	a->step[PROBE_STEPS - ++a->nr_steps] = offset;
	return open + 1;
}

static int parse_type(struct probe_arg *a, const char *type)
{
	unsigned int bits;

	if (!strcmp(type, "string") || !strcmp(type, "ustring")) {
		a->kind = TRACE_QUOTED;
		return a->nr_steps || a->source == FROM_COMM ? 0 : -EINVAL;
	}
	if (kstrtouint(type + 1, 10, &bits) ||
	    (bits != 8 && bits != 16 && bits != 32 && bits != 64))
		return -EINVAL;
	a->size = bits / 8;
	switch (*type) {
	case 'u': a->kind = TRACE_UNSIGNED; return 0;
	case 's': a->kind = TRACE_SIGNED; return 0;
	case 'x': a->kind = TRACE_HEX; return 0;
	default: return -EINVAL;
	}
}

int probe_arg_parse(struct probe_arg *a, char *word, int nr, bool is_return,
		    bool is_user)
{
	char *value = strchr(word, '='), *type;
	int err;

	a->size = sizeof(u64);
	a->kind = TRACE_HEX;
	if (value)
		*value++ = '\0';
	else
		value = word;
	if (value == word)
		snprintf(a->name, sizeof(a->name), "arg%d", nr + 1);
	else if (!*word || strscpy(a->name, word, sizeof(a->name)) < 0)
		return -EINVAL;
	if (strscpy(a->text, value, sizeof(a->text)) < 0)
		return -EINVAL;
	type = strrchr(value, ':');
	if (type)
		*type++ = '\0';
	while (value && (*value == '+' || *value == '-'))
		value = parse_step(a, value);
	if (!value)
		return -EINVAL;
	if (*value == '$')
		err = parse_variable(a, value + 1, is_return, is_user);
	else
		err = *value == '%' && (is_user || !is_return) &&
		      set_register(a, value + 1) ? 0 : -EINVAL;
	return err || !type ? err : parse_type(a, type);
}

/* The first value, before any step. */
static unsigned long first_value(const struct probe_arg *a,
				 const struct probe_context *c)
{
	unsigned long value = 0;

	switch (a->source) {
	case FROM_REGISTER:
		return c->regs ? *(const unsigned long *)
				 ((const char *)c->regs + a->offset) : 0;
	case FROM_STACK:
		return c->regs && !c->read(&value, c->regs->sp + a->offset,
					   sizeof(value)) ? value : 0;
	default:
		return c->retval;
	}
}

static u64 in_size(const struct probe_arg *a, u64 value)
{
	unsigned int shift = 64 - 8 * a->size;

	if (a->kind == TRACE_SIGNED)
		return (s64)(value << shift) >> shift;
	return value << shift >> shift;
}

static u64 fetch_string(const struct probe_context *c, unsigned long from,
			char *text)
{
	int n;

	for (n = 0; n < TRACE_STRING_BYTES - 1; n++) {
		if (c->read(text + n, from + n, 1)) {
			strscpy(text, "(fault)", TRACE_STRING_BYTES);
			return (u64)text;
		}
		if (!text[n])
			break;
	}
	text[n] = '\0';
	return (u64)text;
}

u64 probe_arg_fetch(const struct probe_arg *a, const struct probe_context *c,
		    char *text)
{
	unsigned long value;

	if (a->source == FROM_COMM)
		return (u64)current->comm;
	value = first_value(a, c);
	for (int i = PROBE_STEPS - a->nr_steps; i < PROBE_STEPS; i++) {
		bool last = i == PROBE_STEPS - 1;
		unsigned long at = value + a->step[i];

		if (last && a->kind == TRACE_QUOTED)
			return fetch_string(c, at, text);
		value = 0;
		if (c->read(&value, at, last ? a->size : sizeof(value)))
			return 0;
	}
	return in_size(a, value);
}

void probe_names_parse(struct probe_names *n, char *word, const char *group)
{
	char *name = strchr(word, ':'), *slash;

	strscpy(n->group, group, sizeof(n->group));
	if (!name)
		return;
	slash = strchr(++name, '/');
	if (slash) {
		*slash = '\0';
		strscpy(n->group, name, sizeof(n->group));
		name = slash + 1;
	}
	strscpy(n->name, name, sizeof(n->name));
}

/* The line's end, as it was given. */
void probe_args_show(struct seq_file *m, const struct probe_arg *a, int n)
{
	for (; n > 0; n--, a++)
		seq_printf(m, " %s=%s", a->name, a->text);
	seq_putc(m, '\n');
}
