/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PROC_USERMODE_HELPER_H
#define KERNEL_PROC_USERMODE_HELPER_H
/* usermode_helper.h -- programs that the kernel starts; usermode_helper.c */

struct file;

/*
 * Run argv[0] as root with `in` as its standard input: 0 when it runs, or
 * execve's errors.  Whoever it was must not hold what exec takes.  May sleep.
 */
int start_usermode_helper(const char *const *argv, struct file *in);

#endif
