/* SPDX-License-Identifier: MIT */
/*
 * filter.c -- which events are worth writing down
 *
 * IDEA.  "next_pid == 17 && prev_comm != sh || prev_state & 2" becomes an array
 * of comparisons, each with the operator in front of it; && binds closer than
 * ||, and there are no parentheses: so the array is a list of alternatives,
 * each a list of conditions.  common_pid is a field of all events: who did it.
 *
 * LOCKING.  A filter is constant; events point to it under RCU.
 */

#include "trace.h"

#include <kernel/ctype.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/slab.h>

#define MAX_TERMS 8
#define MAX_TEXT 256
#define COMMON_PID 255           /* instead of a field: who did it */

enum op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_AND };

static const struct {
	const char *text;
	enum op op;
} ops[] = {                           /* the longer ones first */
	{ "==", OP_EQ }, { "!=", OP_NE }, { "<=", OP_LE }, { ">=", OP_GE },
	{ "<", OP_LT }, { ">", OP_GT }, { "&", OP_AND },
};

struct term {
	u8 field;
	u8 op;
	bool begins;                  /* a new alternative: after || */
	s64 number;
	char string[TRACE_STRING_BYTES];
};

struct trace_filter {
	char text[MAX_TEXT];
	int n;
	struct term term[MAX_TERMS];
};

static int find_field(const struct trace_event *e, const char *s, size_t len)
{
	if (len == 10 && !strncmp(s, "common_pid", len))
		return COMMON_PID;
	for (int i = 0; i < e->nr_fields; i++)
		if (strlen(e->fields[i].name) == len &&
		    !strncmp(e->fields[i].name, s, len))
			return i;
	return -EINVAL;
}

static size_t word_length(const char *s)
{
	size_t n = 0;

	while (isalnum(s[n]) || (s[n] && strchr("_-./*:", s[n])))
		n++;
	return n;
}

/* A value: a number, or text with or without quotes. */
static char *parse_value(struct term *t, bool string, char *s)
{
	char quote = *s == '"' || *s == '\'' ? *s : 0;
	char word[64];
	size_t n;

	s += quote != 0;
	n = quote ? strcspn(s, quote == '"' ? "\"" : "'") : word_length(s);
	if (n == 0 || n >= sizeof(word) || (quote && s[n] != quote))
		return NULL;
	memcpy(word, s, n);
	word[n] = '\0';
	s += n + (quote != 0);
	if (string)
		strscpy(t->string, word, sizeof(t->string));
	else if (kstrtos64(word, 0, &t->number) &&
		 kstrtou64(word, 0, (u64 *)&t->number))
		return NULL;
	return s;
}

/* One comparison; where it ends, or NULL. */
static char *parse_term(const struct trace_event *e, struct term *t, char *s)
{
	size_t len = word_length(s);
	int field = find_field(e, s, len);
	bool string;

	if (field < 0)
		return NULL;
	t->field = field;
	string = field != COMMON_PID &&
		 trace_is_text(&e->fields[field]);
	s = skip_spaces(s + len);
	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		if (!str_has_prefix(s, ops[i].text))
			continue;
		t->op = ops[i].op;
		if (string && t->op > OP_NE)
			return NULL;
		return parse_value(t, string,
				   skip_spaces(s + strlen(ops[i].text)));
	}
	return NULL;
}

struct trace_filter *filter_parse(const struct trace_event *e, char *text)
{
	struct trace_filter *f = kzalloc(sizeof(*f), GFP_KERNEL);
	char *s = skip_spaces(text);
	bool begins = true;

	if (!f)
		return ERR_PTR(-ENOMEM);
	strscpy(f->text, text, sizeof(f->text));
	while (f->n < MAX_TERMS) {
		struct term *t = &f->term[f->n++];

		t->begins = begins;
		s = parse_term(e, t, s);
		if (!s)
			break;
		s = skip_spaces(s);
		if (!*s)
			return f;
		if (strncmp(s, "&&", 2) && strncmp(s, "||", 2))
			break;
		begins = *s == '|';
		s = skip_spaces(s + 2);
	}
	kfree(f);
	return ERR_PTR(-EINVAL);
}

void filter_free(struct trace_filter *f)
{
	kfree(f);
}

const char *filter_text(const struct trace_filter *f)
{
	return f ? f->text : "none";
}

static bool term_passes(const struct term *t, bool is_text, u64 value)
{
	s64 v = value;

	if (is_text) {
		bool same = !strncmp((const char *)value, t->string,
				     TRACE_STRING_BYTES - 1);

		return same == (t->op == OP_EQ);
	}
	switch (t->op) {
	case OP_EQ: return v == t->number;
	case OP_NE: return v != t->number;
	case OP_LT: return v < t->number;
	case OP_LE: return v <= t->number;
	case OP_GT: return v > t->number;
	case OP_GE: return v >= t->number;
	default:    return v & t->number;
	}
}

bool filter_passes(const struct trace_filter *f, const struct trace_event *e,
		   const u64 *values)
{
	bool all = false;

	for (int i = 0; i < f->n; i++) {
		const struct term *t = &f->term[i];

		if (t->begins) {
			if (all)
				return true;
			all = true;
		}
		if (t->field == COMMON_PID)
			all = all && term_passes(t, false, current->pid);
		else
			all = all && term_passes(t,
					trace_is_text(&e->fields[t->field]),
					values[t->field]);
	}
	return all;
}
