/* SPDX-License-Identifier: MIT */
#ifndef FS_SYSCTL_H
#define FS_SYSCTL_H
/* sysctl.h -- files of /proc/sys; theory: fs/proc/sysctl.c */

#include <fs/seq_file.h>

struct ctl_entry {
	const char *dir, *name;       /* "net/core", "somaxconn" */
	umode_t mode;
	int *number;                  /* or the two functions */
	size_t ipc_number;            /* or its place in the IPC namespace */
	size_t net_number;            /* or its place in struct net */
	long min, max;                /* of the number */
	int (*show)(struct seq_file *m);
	int (*set)(char *text);       /* 0 or -errno; may sleep */
	void (*changed)(void);        /* after a new number */
};

/* Constant and for ever.  From an initcall; fs_initcall at the earliest. */
void register_sysctls(const struct ctl_entry *entries, size_t n);

#endif
