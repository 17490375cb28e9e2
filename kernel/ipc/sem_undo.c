/* SPDX-License-Identifier: MIT */
/*
 * sem_undo.c -- SEM_UNDO: what a process has taken it gives back when it ends
 *
 * PROMISE.  However a process ends, its operations with SEM_UNDO are undone,
 * and whoever waits for what it held goes on.
 *
 * IDEA.  For each set that a process used with SEM_UNDO there is one record
 * with a number for each semaphore: minus the sum of those operations.  It
 * hangs in two lists, the process's (found when the process ends) and the set's
 * (found when the set is removed, or SETVAL makes the debts void):
 *
 *	          set A        set B
 *	proc 1   [0,-1]-------[+2]
 *	proc 2     |          [-1]
 *
 * Threads share their list (CLONE_SYSVSEM); a child of fork starts without one.
 *
 * INVARIANTS
 *   I1  A record is in both lists or in none; the set's lock guards that.
 *
 * LOCKING.  The set's perm.lock, then list->lock.  Records are freed after a
 * grace period, so that one found in a process's list can be looked at while
 * its set is being removed.
 *
 * RACES.  exit_sem() and sem_forget_undos() both want to free the record:
 *
 *	exit                             removal of the set
 *	read semid from the record       lock set
 *	                                 unlink record, semid = -1
 *	lock set by id: gone, or         free it later (RCU)
 *	semid is -1: look again
 *
 * SEE semop(2), sem.c.
 *
 * EXERCISES.  1. Two processes P and V one semaphore in turn, both with
 * SEM_UNDO.  What does it hold when both have ended?  2. Why may the sum leave
 * the range of values, and what does exit_sem() do then?
 */

#include "sem.h"

#include <kernel/pid.h>
#include <kernel/rculist.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>
#include <uapi/sched.h>

/* current's list, made if there is none; NULL: no memory. */
static struct sem_undo_list *my_list(void)
{
	struct sem_undo_list *list = current->undo_list;

	if (list)
		return list;
	list = kzalloc(sizeof(*list), GFP_KERNEL);
	if (!list)
		return NULL;
	refcount_set(&list->count, 1);
	spin_lock_init(&list->lock);
	INIT_LIST_HEAD(&list->undos);
	current->undo_list = list;
	return list;
}

/* list->lock held. */
static struct sem_undo *lookup(struct sem_undo_list *list, int semid)
{
	struct sem_undo *un;

	list_for_each_entry(un, &list->undos, list_link)
		if (un->semid == semid)
			return un;
	return NULL;
}

/* An empty record for a set of that size. */
static struct sem_undo *new_undo(struct ipc_namespace *ns,
				 struct sem_undo_list *list, int semid)
{
	struct kern_ipc_perm *perm;
	struct sem_undo *un;
	int nsems;

	perm = ipc_lock_id(ipc_table(ns, IPC_SEM_IDS), semid);
	if (IS_ERR(perm))
		return ERR_CAST(perm);
	nsems = sma_of(perm)->nsems;
	ipc_unlock(perm);
	un = kvzalloc(sizeof(*un) + nsems * sizeof(short), GFP_KERNEL);
	if (!un)
		return ERR_PTR(-ENOMEM);
	un->list = list;
	un->semid = semid;
	return un;
}

/* Put it in both lists, unless another thread was faster.  RCU is held. */
static struct sem_undo *enter(struct ipc_namespace *ns, struct sem_undo *new)
{
	struct sem_undo_list *list = new->list;
	struct kern_ipc_perm *perm;
	struct sem_undo *un;

	perm = ipc_lock_id(ipc_table(ns, IPC_SEM_IDS), new->semid);
	if (IS_ERR(perm)) {
		kvfree(new);
		return ERR_CAST(perm);
	}
	spin_lock(&list->lock);
	un = lookup(list, new->semid);
	if (!un) {
		list_add_rcu(&new->list_link, &list->undos);       /* I1 */
		list_add(&new->set_link, &sma_of(perm)->undos);
	}
	spin_unlock(&list->lock);
	ipc_unlock(perm);
	if (!un)
		return new;
	kvfree(new);
	return un;
}

struct sem_undo *sem_find_undo(struct ipc_namespace *ns, int semid)
{
	struct sem_undo_list *list = my_list();
	struct sem_undo *un;

	if (!list)
		return ERR_PTR(-ENOMEM);
	rcu_read_lock();
	spin_lock(&list->lock);
	un = lookup(list, semid);
	spin_unlock(&list->lock);
	if (un)
		return un;
	rcu_read_unlock();
	un = new_undo(ns, list, semid);
	if (IS_ERR(un))
		return un;
	rcu_read_lock();
	un = enter(ns, un);
	if (IS_ERR(un))
		rcu_read_unlock();
	return un;
}

static void free_undo(struct rcu_head *rcu)
{
	kvfree(container_of(rcu, struct sem_undo, rcu));
}

/* Out of both lists; the set is locked. */
static void unlink_undo(struct sem_undo *un)
{
	list_del(&un->set_link);
	spin_lock(&un->list->lock);
	un->semid = -1;
	list_del_rcu(&un->list_link);                              /* I1 */
	spin_unlock(&un->list->lock);
	call_rcu(&un->rcu, free_undo);
}

void sem_forget_undos(struct sem_array *sma)
{
	struct sem_undo *un, *next;

	list_for_each_entry_safe(un, next, &sma->undos, set_link)
		unlink_undo(un);
}

/* Pay; the set is locked. */
static void settle(struct sem_array *sma, const struct sem_undo *un)
{
	struct pid *me = task_tgid(current);

	for (int i = 0; i < sma->nsems; i++) {
		int val = sma->sems[i].val + un->adj[i];

		if (un->adj[i])
			sem_set(&sma->sems[i], clamp(val, 0, SEMVMX), me);
	}
	sma->otime = ktime_get_real_seconds();
	sem_wake(sma);
}

/* Settle the first record of the list; false: there was none. */
static bool settle_first(struct ipc_namespace *ns, struct sem_undo_list *list)
{
	struct kern_ipc_perm *perm;
	struct sem_undo *un;
	int semid;

	rcu_read_lock();
	spin_lock(&list->lock);
	un = list_first_entry_or_null(&list->undos, struct sem_undo, list_link);
	semid = un ? un->semid : -1;
	spin_unlock(&list->lock);
	if (!un) {
		rcu_read_unlock();
		return false;
	}
	perm = ipc_lock_id(ipc_table(ns, IPC_SEM_IDS), semid);
	if (!IS_ERR(perm)) {
		if (un->semid == semid) {
			settle(sma_of(perm), un);
			unlink_undo(un);
		}
		ipc_unlock(perm);
	}
	rcu_read_unlock();
	return true;
}

void exit_sem(struct task_struct *t)
{
	struct sem_undo_list *list = t->undo_list;

	t->undo_list = NULL;
	if (!list || !refcount_dec_and_test(&list->count))
		return;
	while (settle_first(t->nsproxy->ipc_ns, list))
		cond_resched();
	kfree(list);
}

/* fork: t is a copy of current and not yet running.  0 or -ENOMEM. */
int copy_semundo(u64 clone_flags, struct task_struct *t)
{
	struct sem_undo_list *list;

	t->undo_list = NULL;
	if (!(clone_flags & CLONE_SYSVSEM))
		return 0;
	list = my_list();
	if (!list)
		return -ENOMEM;
	refcount_inc(&list->count);
	t->undo_list = list;
	return 0;
}
