/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PARAMS_H
#define KERNEL_PARAMS_H
/*
 * params.h -- the boot line: name=value words, for __setup() and for init
 *
 * parse_early_params() calls the handler of each word that has one (init.h).
 * Words behind a lone `--`, and those that nobody knows, are for init: without
 * a '=' they become its arguments, with one its environment, as on Linux.
 */

#include <kernel/init.h>
#include <kernel/types.h>

#define COMMAND_LINE_SIZE 2048

extern char saved_command_line[COMMAND_LINE_SIZE]; /* /proc/cmdline */
void parse_early_params(const char *cmdline);
/* For init: NULL-ended, at most this many. */
#define MAX_INIT_ARGS 32
extern const char *argv_init[MAX_INIT_ARGS + 2];
extern const char *envp_init[MAX_INIT_ARGS + 2];

/*
 * Cut the next word off *line: param "name", val "text" or NULL, with double
 * quotes taken out.  False at the end.  Writes into the line.
 */
bool next_arg(char **line, char **param, char **val);
/* The value of the last word name=value of the boot line; NULL: none. */
const char *boot_param_value(const char *name, char *buf, size_t size);

#endif
