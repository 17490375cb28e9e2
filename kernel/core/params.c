/* SPDX-License-Identifier: MIT */
/*
 * params.c -- the boot line
 *
 * IDEA.  The line is cut into words once, into a private copy.  Each word is
 * offered to the handlers that __setup() gathered: "name=" takes what follows,
 * "name" without = matches the whole word.  A word that nobody takes is
 * init's, unless it has a dot, which is for a module that may come later.
 *
 * CONTEXT.  Boot CPU, before there is an allocator.
 */

#include <kernel/params.h>

#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/printk.h>
#include <kernel/sections.h>
#include <kernel/string.h>

char saved_command_line[COMMAND_LINE_SIZE];
static char words[COMMAND_LINE_SIZE];    /* what argv_init points into */

const char *argv_init[MAX_INIT_ARGS + 2] = { "init" };
const char *envp_init[MAX_INIT_ARGS + 2] = { "HOME=/", "TERM=linux" };

bool next_arg(char **linep, char **param, char **val)
{
	char *in = skip_spaces(*linep), *out = in;
	bool quoted = false;

	if (!*in)
		return false;
	*param = in;
	*val = NULL;
	for (; *in && (quoted || !isspace((u8)*in)); in++) {
		if (*in == '"') {
			quoted = !quoted;
			continue;
		}
		if (*in == '=' && !*val && !quoted) {
			*out++ = '\0';
			*val = out;
			continue;
		}
		*out++ = *in;
	}
	*linep = *in ? in + 1 : in;
	*out = '\0';
	return true;
}

/* "quiet" matches the word, "loglevel=" the word up to its value. */
static bool handler_matches(const struct boot_param *p, const char *param,
			    const char *val)
{
	size_t n = strlen(param);

	if (strncmp(p->name, param, n) != 0)
		return false;
	return val ? strcmp(p->name + n, "=") == 0
		   : p->name[n] == '\0';
}

/* True if somebody knows the word. */
static bool offer(const char *param, char *val)
{
	const struct boot_param *p;
	bool known = false;

	for (p = __boot_params_start; p < __boot_params_end; p++) {
		if (!handler_matches(p, param, val))
			continue;
		known = true;
		if (p->fn(val))
			pr_warn("boot line: bad value in '%s%s%s'\n", param,
				val ? "=" : "", val ? val : "");
	}
	return known;
}

static void append(const char **list, const char *word)
{
	for (int i = 0; i < MAX_INIT_ARGS + 1; i++)
		if (!list[i]) {
			list[i] = word;
			return;
		}
	pr_warn("boot line: too many words for init\n");
}

/* A later NAME=x replaces an earlier one. */
static void set_env(const char *word, size_t name_len)
{
	for (int i = 0; envp_init[i]; i++)
		if (strncmp(envp_init[i], word, name_len + 1) == 0) {
			envp_init[i] = word;
			return;
		}
	append(envp_init, word);
}

static void give_to_init(char *param, char *val)
{
	if (strchr(param, '.') && !strchr(param, '/'))
		return;
	if (!val) {
		append(argv_init, param);
		return;
	}
	val[-1] = '=';                  /* next_arg() put a NUL there */
	set_env(param, val - 1 - param);
}

void parse_early_params(const char *cmdline)
{
	char *line = words, *param, *val;
	bool rest_is_init = false;

	strscpy(saved_command_line, cmdline, sizeof(saved_command_line));
	strim(saved_command_line);
	strscpy(words, cmdline, sizeof(words));
	while (next_arg(&line, &param, &val)) {
		if (rest_is_init && val)
			val[-1] = '=';
		if (rest_is_init)
			append(argv_init, param);
		else if (!val && strcmp(param, "--") == 0)
			rest_is_init = true;
		else if (!offer(param, val))
			give_to_init(param, val);
	}
}

const char *boot_param_value(const char *name, char *buf, size_t size)
{
	static char copy[COMMAND_LINE_SIZE];
	char *line = copy, *param, *val;
	const char *found = NULL;

	strscpy(copy, saved_command_line, sizeof(copy));
	while (next_arg(&line, &param, &val))
		if (val && strcmp(param, name) == 0) {
			strscpy(buf, val, size);
			found = buf;
		}
	return found;
}
