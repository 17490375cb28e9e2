/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PROC_SECCOMP_IMPL_H
#define KERNEL_PROC_SECCOMP_IMPL_H
/* seccomp_impl.h -- what seccomp.c (filters) and seccomp_notify.c share */

#include <kernel/seccomp.h>

#include <kernel/cbpf.h>
#include <kernel/refcount.h>
#include <uapi/seccomp.h>

struct file;
struct seccomp_listener;

/* Constant once attached, but for the counts. */
struct seccomp_filter {
	refcount_t refs;              /* users, and the listener's file */
	refcount_t users;             /* tasks and younger filters */
	struct seccomp_filter *prev;  /* counted; NULL: the first */
	bool log;                     /* what it forbids is logged */
	bool wait_killable;           /* once received, only SIGKILL breaks it */
	struct seccomp_listener *notif; /* NULL: there never was one */
	unsigned int len;
	struct sock_filter insns[];
};

/* seccomp.c: what a filter sees of a call; a reference is given back. */
void seccomp_fill_data(struct seccomp_data *data, struct pt_regs *regs);
void seccomp_put_ref(struct seccomp_filter *f);

/*
 * Give a filter that is not yet attached its listener: a file that counts the
 * filter, or ERR_PTR.  Dropping the file undoes it.
 */
struct file *seccomp_make_listener(struct seccomp_filter *f);
/* Ask it about current's call: 0, or -1 if it must not run (ax is set). */
int seccomp_ask_listener(struct pt_regs *regs, struct seccomp_filter *f);
/* Nobody uses the filter any more; any context but NMI. */
void seccomp_hang_up(struct seccomp_filter *f);
/* Any context. */
bool seccomp_has_listener(const struct seccomp_filter *f);

#endif
