/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_IPC_SEM_H
#define KERNEL_IPC_SEM_H
/* sem.h -- between sem.c (operations), sem_undo.c and sem_ctl.c */

#include "util.h"

#include <kernel/list.h>

struct pid;

struct sem {
	int val;
	struct pid *pid;              /* who changed it last */
};

/* Field keys: [c] constant   [L] perm.lock */
struct sem_array {
	struct kern_ipc_perm perm;
	time64_t otime, ctime;        /* [L] last semop, last change */
	struct list_head pending;     /* [L] struct sem_queue, oldest first */
	struct list_head undos;       /* [L] struct sem_undo, by .set_link */
	int nsems;                    /* [c] */
	struct sem sems[];            /* [L] */
};

/* A sleeping semop(), on its caller's stack. */
struct sem_queue {
	struct list_head link;        /* [L] empty: answered */
	struct task_struct *task;     /* [c] */
	struct pid *pid;              /* [c] */
	struct sem_undo *undo;        /* [L] NULL: no SEM_UNDO */
	const struct sembuf *sops;    /* [c] */
	const struct sembuf *blocking; /* [L] the one that cannot go on */
	int nsops;                    /* [c] */
	int status;                   /* [L] the answer */
};

/*
 * What a process owes one set when it ends.
 *
 * Field keys: [L] the set's perm.lock   [U] the list's lock   [c] constant
 */
struct sem_undo {
	struct list_head list_link;   /* [U] */
	struct list_head set_link;    /* [L] */
	struct sem_undo_list *list;   /* [c] */
	struct rcu_head rcu;
	int semid;                    /* [L] -1: the set is gone */
	short adj[];                  /* [L] one a semaphore */
};

/* Of a process, or of all tasks that clone with CLONE_SYSVSEM. */
struct sem_undo_list {
	refcount_t count;             /* tasks */
	spinlock_t lock;
	struct list_head undos;       /* [lock], RCU to read */
};

static inline struct sem_array *sma_of(struct kern_ipc_perm *perm)
{
	return container_of(perm, struct sem_array, perm);
}

/* Set a value; locked. */
void sem_set(struct sem *sem, int val, struct pid *pid);
/* Values have risen or become 0: let sleepers go on.  Locked. */
void sem_wake(struct sem_array *sma);
/* Table and object locked; the object is unlocked, and gone. */
void sem_destroy(struct ipc_namespace *ns, struct sem_array *sma);
/*
 * The set's undo of current, made if need be; or ERR_PTR.  On success RCU is
 * read-locked: until the caller unlocks that, or has the set, it stays.
 */
struct sem_undo *sem_find_undo(struct ipc_namespace *ns, int semid);
/* The set has gone: nobody owes it anything more; locked. */
void sem_forget_undos(struct sem_array *sma);

#endif
