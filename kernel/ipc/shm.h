/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_IPC_SHM_H
#define KERNEL_IPC_SHM_H
/* shm.h -- between shm.c (segments) and shm_ctl.c (asking about them) */

#include "util.h"

struct file;
struct pid;
struct user_struct;

/* Field keys: [c] constant   [L] perm.lock   [T] the table's rwsem */
struct shmid_kernel {
	struct kern_ipc_perm perm;
	struct file *file;            /* [c] the memory; ours until destroyed */
	size_t segsz;                 /* [c] bytes */
	unsigned long nattch;         /* [L] areas and attaches in progress */
	time64_t atim, dtim, ctim;    /* [L] */
	struct pid *cpid, *lpid;      /* [L] creator, last at- or detacher */
	struct task_struct *creator;  /* [T] alive, or NULL; never followed */
	struct user_struct *locker;   /* [L] whose RLIMIT_MEMLOCK SHM_LOCK used */
};

static inline struct shmid_kernel *shm_of(struct kern_ipc_perm *perm)
{
	return container_of(perm, struct shmid_kernel, perm);
}

/* Table and object locked; the object is unlocked, and gone. */
void shm_destroy(struct ipc_namespace *ns, struct shmid_kernel *shp);
unsigned long shm_pages(const struct shmid_kernel *shp);
/* Undo SHM_LOCK; object locked. */
void shm_unlock_memory(struct shmid_kernel *shp);

#endif
