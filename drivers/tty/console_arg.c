/* SPDX-License-Identifier: MIT */
/*
 * console_arg.c -- does the boot line want the log on this console?
 *
 * As on Linux: without any console= word every console shows the log; with
 * some, those that are named, and the last one is /dev/console (that choice
 * is kernel/core/console.c's).
 */

#include <drivers/tty.h>

#include <kernel/params.h>
#include <kernel/string.h>

bool console_wanted(const char *name)
{
	static char words[COMMAND_LINE_SIZE];   /* initcalls run one by one */
	char *at = words, *param, *val;
	bool any = false;

	strscpy(words, saved_command_line, sizeof(words));
	while (next_arg(&at, &param, &val)) {
		if (strcmp(param, "console") || !val)
			continue;
		any = true;
		if (!strncmp(val, name, strlen(name)))
			return true;
	}
	return !any;
}
