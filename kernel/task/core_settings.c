/* SPDX-License-Identifier: MIT */
/*
 * core_settings.c -- what /proc/sys says of core files
 *
 * Words that the dumper (kernel/proc/coredump.c) reads once per dump. They
 * stand down here since /proc and the credentials set them, and know nothing of
 * dumps.
 */

#include <kernel/coredump.h>

char core_pattern[CORENAME_MAX_SIZE] = "core";
int core_uses_pid;
int core_pipe_limit;
/* What becomes of `dumpable` when a program's ids are not its caller's. */
int suid_dumpable;
