/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_NSPROXY_H
#define KERNEL_NSPROXY_H
/*
 * nsproxy.h -- the worlds a task lives in
 *
 * Tasks share an nsproxy until one of them leaves a namespace; then it gets a
 * copy of its own.  Users and groups live in struct cred instead.
 */

#include <kernel/refcount.h>
#include <kernel/rwsem.h>
#include <kernel/types.h>

#define __NEW_UTS_LEN 64

/* uname(2)'s structure: six fields of 65 bytes. */
struct new_utsname {
	char sysname[__NEW_UTS_LEN + 1];
	char nodename[__NEW_UTS_LEN + 1];
	char release[__NEW_UTS_LEN + 1];
	char version[__NEW_UTS_LEN + 1];
	char machine[__NEW_UTS_LEN + 1];
	char domainname[__NEW_UTS_LEN + 1];
};

struct uts_namespace {
	refcount_t count;
	struct rw_semaphore sem;      /* guards name */
	struct new_utsname name;
};

struct ipc_namespace;
struct mnt_namespace;
struct net;
struct pid_namespace;
struct task_struct;

struct nsproxy {
	refcount_t count;
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns; /* set by fs when the root is mounted */
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
};

extern struct nsproxy init_nsproxy;
extern struct uts_namespace init_uts_ns;

static inline struct nsproxy *get_nsproxy(struct nsproxy *ns)
{
	refcount_inc(&ns->count);
	return ns;
}

/* kernel/proc/nsproxy.c; the last put may sleep. */
void put_nsproxy(struct nsproxy *ns);
/* fork: share or copy what `flags` say.  0, -EINVAL, -EPERM, -ENOMEM. */
int copy_namespaces(u64 flags, struct task_struct *t);
struct new_utsname *utsname(void);            /* current's; uts sem guards */

#endif
