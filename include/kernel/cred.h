/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_CRED_H
#define KERNEL_CRED_H
/*
 * cred.h -- who a task is, and what it may do
 *
 * A struct cred never changes once a task carries it: to change, prepare a
 * copy, alter that, commit it.  So anyone may read under RCU without a lock.
 * Theory: kernel/task/cred.c.
 */

#include <kernel/atomic.h>
#include <kernel/rcupdate.h>
#include <kernel/refcount.h>
#include <kernel/sched.h>

#define CAP_CHOWN 0
#define CAP_DAC_OVERRIDE 1
#define CAP_DAC_READ_SEARCH 2
#define CAP_FOWNER 3
#define CAP_FSETID 4
#define CAP_KILL 5
#define CAP_SETGID 6
#define CAP_SETUID 7
#define CAP_SETPCAP 8
#define CAP_LINUX_IMMUTABLE 9
#define CAP_NET_BIND_SERVICE 10
#define CAP_NET_BROADCAST 11
#define CAP_NET_ADMIN 12
#define CAP_NET_RAW 13
#define CAP_IPC_LOCK 14
#define CAP_IPC_OWNER 15
#define CAP_SYS_MODULE 16
#define CAP_SYS_RAWIO 17
#define CAP_SYS_CHROOT 18
#define CAP_SYS_PTRACE 19
#define CAP_SYS_PACCT 20
#define CAP_SYS_ADMIN 21
#define CAP_SYS_BOOT 22
#define CAP_SYS_NICE 23
#define CAP_SYS_RESOURCE 24
#define CAP_SYS_TIME 25
#define CAP_SYS_TTY_CONFIG 26
#define CAP_MKNOD 27
#define CAP_LEASE 28
#define CAP_AUDIT_WRITE 29
#define CAP_AUDIT_CONTROL 30
#define CAP_SETFCAP 31
#define CAP_MAC_OVERRIDE 32
#define CAP_MAC_ADMIN 33
#define CAP_SYSLOG 34
#define CAP_WAKE_ALARM 35
#define CAP_BLOCK_SUSPEND 36
#define CAP_AUDIT_READ 37
#define CAP_PERFMON 38
#define CAP_BPF 39
#define CAP_CHECKPOINT_RESTORE 40
#define CAP_LAST_CAP CAP_CHECKPOINT_RESTORE

/* Securebits, capabilities(7); each has a lock bit above it. */
#define SECBIT_NOROOT (1 << 0)
#define SECBIT_NO_SETUID_FIXUP (1 << 2)
#define SECBIT_KEEP_CAPS (1 << 4)
#define SECBIT_KEEP_CAPS_LOCKED (1 << 5)
#define SECBIT_NO_CAP_AMBIENT_RAISE (1 << 6)
#define SECURE_ALL_BITS 0x55
#define SECURE_ALL_LOCKS 0xaa

typedef u64 kernel_cap_t;             /* bit n is capability n */
#define CAP_FULL_SET ((1ULL << (CAP_LAST_CAP + 1)) - 1)

#define GLOBAL_ROOT_UID 0
#define OVERFLOWUID 65534

struct user_namespace {
	refcount_t count;
	struct user_namespace *parent;
	uid_t owner;
};

extern struct user_namespace init_user_ns;

/* What one user holds in all of its processes. */
struct user_struct {
	refcount_t refs;
	uid_t uid;
	atomic_t processes;           /* RLIMIT_NPROC */
	atomic_t sigpending;          /* RLIMIT_SIGPENDING */
	atomic_long_t locked_vm;      /* RLIMIT_MEMLOCK, pages */
	atomic_long_t mq_bytes;       /* RLIMIT_MSGQUEUE */
	atomic_long_t pipe_pages;     /* fs.pipe-user-pages-soft, -hard */
	atomic_t inotify_groups;      /* fs.inotify.max_user_instances */
	atomic_t inotify_watches;     /* fs.inotify.max_user_watches */
	unsigned long unix_inflight;  /* files on their way; unix_gc_lock */
	struct hlist_node uidhash_node;
};

#define NGROUPS_MAX 65536

struct group_info {
	refcount_t usage;
	int ngroups;
	gid_t gid[];                  /* sorted */
};

struct cred {
	refcount_t usage;
	uid_t uid, euid, suid, fsuid;
	gid_t gid, egid, sgid, fsgid;
	unsigned securebits;
	kernel_cap_t cap_inheritable, cap_permitted, cap_effective, cap_bset,
		cap_ambient;
	struct user_struct *user;
	struct user_namespace *user_ns;
	struct group_info *group_info;
	struct rcu_head rcu;
};

extern struct cred init_cred;

#define current_cred() (current->cred)
#define current_uid() (current_cred()->uid)
#define current_euid() (current_cred()->euid)
#define current_gid() (current_cred()->gid)
#define current_egid() (current_cred()->egid)
#define current_fsuid() (current_cred()->fsuid)
#define current_fsgid() (current_cred()->fsgid)
#define current_user_ns() (current_cred()->user_ns)
#define current_user() (current_cred()->user)
/* Of another task: RCU read lock held while the result is used. */
#define __task_cred(t) READ_ONCE((t)->real_cred)
#define task_uid(t) (__task_cred(t)->uid)
#define task_euid(t) (__task_cred(t)->euid)

static inline const struct cred *get_cred(const struct cred *cred)
{
	refcount_inc((refcount_t *)&cred->usage);
	return cred;
}

void cred_init(void);
void put_cred(const struct cred *cred);
const struct cred *get_task_cred(struct task_struct *t);
struct cred *prepare_creds(void);             /* may sleep; NULL: no memory */
int commit_creds(struct cred *new);           /* consumes it; 0 */
void abort_creds(struct cred *new);
const struct cred *override_creds(const struct cred *new);
void revert_creds(const struct cred *old);
/* fork: share or copy, count the process.  0, -EAGAIN, -ENOMEM. */
int copy_creds(struct task_struct *t, unsigned long clone_flags);
void exit_creds(struct task_struct *t);

struct user_struct *alloc_uid(uid_t uid);     /* with a reference; may sleep */
void free_uid(struct user_struct *user);

struct group_info *groups_alloc(int n);
void put_group_info(struct group_info *gi);
bool in_group_p(gid_t gid);                   /* fsgid or supplementary */

/* Has current the capability?  Any process context. */
bool capable(int cap);
bool ns_capable(struct user_namespace *ns, int cap);
bool has_capability(struct task_struct *t, int cap);

#endif
