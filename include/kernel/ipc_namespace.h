/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_IPC_NAMESPACE_H
#define KERNEL_IPC_NAMESPACE_H
/*
 * ipc_namespace.h -- the objects that System V and POSIX IPC find by name
 *
 * A namespace has three tables of System V objects, a file system of POSIX
 * message queues, and the limits of all of them.  Theory: kernel/ipc/util.c.
 */

#include <kernel/atomic.h>
#include <kernel/idr.h>
#include <kernel/refcount.h>
#include <kernel/rwsem.h>
#include <kernel/types.h>
#include <kernel/xarray.h>

struct task_struct;
struct vfsmount;

enum { IPC_SEM_IDS, IPC_MSG_IDS, IPC_SHM_IDS, IPC_KINDS };

/* Field keys: [W] rwsem, for writing   [R] rwsem to write, RCU to read */
struct ipc_ids {
	struct rw_semaphore rwsem;
	int in_use;                   /* [W] */
	unsigned short seq;           /* [W] of the next round of slots */
	int last_idx;                 /* [W] */
	int max_idx;                  /* [W] -1: none in use */
	struct idr slots;             /* [R] slot -> kern_ipc_perm */
	struct xarray keys;           /* [R] key -> kern_ipc_perm */
};

/* Field keys: [c] constant   [a] atomic   [S] a sysctl: one word, read once */
struct ipc_namespace {
	refcount_t count;             /* nsproxies, segments, open files of it */
	unsigned int inum;            /* [c] /proc/PID/ns/ipc */
	struct ipc_ids ids[IPC_KINDS];

	int sem_ctls[4];              /* [S] semmsl, semmns, semopm, semmni */
	int used_sems;                /* ids[SEM].rwsem: in all sets */

	int msg_ctlmax, msg_ctlmnb, msg_ctlmni; /* [S] */
	atomic_long_t msg_bytes;      /* [a] in all queues */
	atomic_t msg_hdrs;            /* [a] messages in all queues */

	size_t shm_ctlmax, shm_ctlall; /* [S] bytes, pages */
	int shm_ctlmni;               /* [S] */
	int shm_rmid_forced;          /* [S] unattached segments die with us */
	unsigned long shm_tot;        /* ids[SHM].rwsem: pages in all */

	struct vfsmount *mq_mnt;      /* [c] where mq_open() looks */
	atomic_t mq_queues_count;     /* [a] */
	int mq_queues_max;            /* [S] */
	int mq_msg_max, mq_msgsize_max, mq_msg_default, mq_msgsize_default;
};

#define sc_semmsl sem_ctls[0]
#define sc_semmns sem_ctls[1]
#define sc_semopm sem_ctls[2]
#define sc_semmni sem_ctls[3]

extern struct ipc_namespace init_ipc_ns;

static inline struct ipc_namespace *get_ipc_ns(struct ipc_namespace *ns)
{
	if (ns)
		refcount_inc(&ns->count);
	return ns;
}

/* The last one removes all objects; may sleep.  NULL is fine. */
void put_ipc_ns(struct ipc_namespace *ns);
/* A new, empty one; ERR_PTR(-ENOMEM).  May sleep. */
struct ipc_namespace *create_ipc_ns(void);

/* fork, exit and unshare(CLONE_SYSVSEM); process context, may sleep. */
int copy_semundo(u64 clone_flags, struct task_struct *t);
void exit_sem(struct task_struct *t);
void exit_shm(struct task_struct *t);
/* shm_rmid_forced has become 1: remove what it says.  May sleep. */
void shm_destroy_orphaned(struct ipc_namespace *ns);

#endif
