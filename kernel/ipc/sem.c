/* SPDX-License-Identifier: MIT */
/*
 * sem.c -- System V semaphores: sets of them, and operations on several at once
 *
 * PROMISE.  semop() does all its operations at one instant or none, sleeping
 * until all can be done; among those that can go on, the one that has slept
 * longest goes first.
 *
 * IDEA.  Under the set's lock the operations are tried one after the other; the
 * first that cannot be done takes the earlier ones back.  A sleeper leaves its
 * operations in the set.  Whoever changes a value does the sleepers' work for
 * them, oldest first, so that a sleeper that wakes is done:
 *
 *	values   [0] [2]
 *	pending  A: {0: -1}   B: {1: -2, 0: -1}   C: {1: wait for 0}
 *
 *	V on 0:  A is done and woken; B still lacks; C too
 *
 * After each success that may help others (a value rose, or became 0) the scan
 * starts over, for an older sleeper may be able to go on now.
 *
 * INVARIANTS, while perm.lock is free:
 *   I1  Every value is in 0..SEMVMX, every undo in -SEMAEM..SEMAEM.
 *   I2  No pending operation can be done.
 *   I3  A sleeper is on `pending` until it is answered or gives up.
 *
 * LOCKING.  perm.lock for everything in the set.
 *
 * SEE semop(2), sem_undo.c, docs/64-sysv-ipc.md.
 *
 * EXERCISES.  1. Give a schedule in which a waker that only wakes, and leaves
 * the work to the woken, starves B.  2. Why may a success that only lowered
 * values to something above 0 not help anybody?
 */

#include "sem.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/hrtimer.h>
#include <kernel/ktime.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>

#define FEW_OPS 16            /* fit on the stack */

/* ---- making one ---- */

static void sem_free(struct kern_ipc_perm *perm)
{
	struct sem_array *sma = sma_of(perm);

	for (int i = 0; i < sma->nsems; i++)
		put_pid(sma->sems[i].pid);
	kvfree(sma);
}

static int sem_create(struct ipc_namespace *ns, const struct ipc_params *p)
{
	struct sem_array *sma;
	int n = p->size, id;

	if (!n)
		return -EINVAL;
	if (ns->used_sems + n > ns->sc_semmns)
		return -ENOSPC;
	sma = kvzalloc(sizeof(*sma) + n * sizeof(sma->sems[0]), GFP_KERNEL);
	if (!sma)
		return -ENOMEM;
	sma->nsems = n;
	sma->ctime = ktime_get_real_seconds();
	INIT_LIST_HEAD(&sma->pending);
	INIT_LIST_HEAD(&sma->undos);
	sma->perm.free = sem_free;
	id = ipc_add_id(ipc_table(ns, IPC_SEM_IDS), &sma->perm, ns->sc_semmni,
			p);
	if (id < 0)
		kvfree(sma);
	else
		ns->used_sems += n;
	return id;
}

static int sem_fits(struct kern_ipc_perm *perm, const struct ipc_params *p)
{
	return p->size > (size_t)sma_of(perm)->nsems ? -EINVAL : 0;
}

SYSCALL_DEFINE3(semget, key_t, key, int, nsems, int, flags)
{
	static const struct ipc_ops ops = {
		.create = sem_create,
		.fits = sem_fits,
	};
	struct ipc_namespace *ns = current_ipc_ns();
	struct ipc_params p = { .key = key, .flags = flags };

	if (nsems < 0 || nsems > READ_ONCE(ns->sc_semmsl))
		return -EINVAL;
	p.size = nsems;
	return ipc_get(ns, ipc_table(ns, IPC_SEM_IDS), &ops, &p);
}

/* Answer a sleeper; locked. */
static void answer(struct sem_queue *q, int status)
{
	list_del_init(&q->link);
	q->status = status;
	wake_up_process(q->task);
}

void sem_destroy(struct ipc_namespace *ns, struct sem_array *sma)
{
	struct sem_queue *q, *next;

	sem_forget_undos(sma);
	list_for_each_entry_safe(q, next, &sma->pending, link)
		answer(q, -EIDRM);
	ipc_remove_id(ipc_table(ns, IPC_SEM_IDS), &sma->perm);
	ns->used_sems -= sma->nsems;
	ipc_unlock(&sma->perm);
	ipc_put(&sma->perm);
}

/* ---- trying ---- */

void sem_set(struct sem *sem, int val, struct pid *pid)
{
	sem->val = val;
	if (sem->pid != pid) {
		put_pid(sem->pid);
		sem->pid = get_pid(pid);
	}
}

/* Take the operations before `end` back. */
static void take_back(struct sem_array *sma, struct sem_queue *q, int end)
{
	while (--end >= 0) {
		const struct sembuf *op = &q->sops[end];

		sma->sems[op->sem_num].val -= op->sem_op;
		if (op->sem_flg & SEM_UNDO)
			q->undo->adj[op->sem_num] += op->sem_op;
	}
}

/* One operation: 0 done, 1 it would have to wait, -ERANGE. */
static int do_one(struct sem_array *sma, struct sem_queue *q,
		  const struct sembuf *op)
{
	struct sem *sem = &sma->sems[op->sem_num];
	int val = sem->val + op->sem_op;

	if ((!op->sem_op && sem->val) || val < 0)
		return 1;
	if (val > SEMVMX)
		return -ERANGE;
	if (op->sem_flg & SEM_UNDO) {
		int undo = q->undo->adj[op->sem_num] - op->sem_op;

		if (undo < -SEMAEM - 1 || undo > SEMAEM)
			return -ERANGE;
		q->undo->adj[op->sem_num] = undo;
	}
	sem->val = val;
	return 0;
}

/* All or nothing: 0 done, 1 it has to wait (q->blocking), -ERANGE, -EAGAIN. */
static int try_ops(struct sem_array *sma, struct sem_queue *q)
{
	int ret = 0, i;

	for (i = 0; i < q->nsops && !ret; i++)
		ret = do_one(sma, q, &q->sops[i]);
	if (ret) {
		take_back(sma, q, i - 1);
		q->blocking = &q->sops[i - 1];
		if (ret > 0 && (q->blocking->sem_flg & IPC_NOWAIT))
			ret = -EAGAIN;
		return ret;
	}
	for (i = 0; i < q->nsops; i++) {
		struct sem *sem = &sma->sems[q->sops[i].sem_num];

		sem_set(sem, sem->val, q->pid);
	}
	return 0;
}

/* Can what q did let a sleeper go on? */
static bool may_help(const struct sem_array *sma, const struct sem_queue *q)
{
	for (int i = 0; i < q->nsops; i++) {
		const struct sembuf *op = &q->sops[i];

		if (op->sem_op > 0 ||
		    (op->sem_op && !sma->sems[op->sem_num].val))
			return true;
	}
	return false;
}

/* Do what sleepers wait for, oldest first, as long as any can go on (I2). */
void sem_wake(struct sem_array *sma)
{
	struct sem_queue *q, *next;
again:
	list_for_each_entry_safe(q, next, &sma->pending, link) {
		int ret = try_ops(sma, q);
		bool over;

		if (ret > 0)
			continue;
		over = !ret && may_help(sma, q);
		answer(q, ret);
		if (over)
			goto again;
	}
}

/* ---- semop ---- */

/*
 * Sleep until answered, a signal, or *expires (NULL: for ever).  Locked before
 * and after.
 */
static int wait_for_turn(struct sem_array *sma, struct sem_queue *q,
			 ktime_t *expires)
{
	int timed_out = 0;

	list_add_tail(&q->link, &sma->pending);
	ipc_ref(&sma->perm);
	while (!list_empty(&q->link) && !signal_pending(current) &&
	       !timed_out) {
		__set_current_state(TASK_INTERRUPTIBLE);
		ipc_unlock(&sma->perm);
		timed_out = !schedule_hrtimeout(expires, HRTIMER_MODE_ABS);
		spin_lock(&sma->perm.lock);
	}
	if (list_empty(&q->link))
		return q->status;
	list_del_init(&q->link);                                   /* I3 */
	return signal_pending(current) ? -EINTR : -EAGAIN;
}

/* Set locked; unlocks it. */
static long semop_locked(struct sem_array *sma, struct sem_queue *q,
			 ktime_t *expires)
{
	int ret = try_ops(sma, q);

	if (!ret) {
		sma->otime = ktime_get_real_seconds();
		if (!list_empty(&sma->pending) && may_help(sma, q))
			sem_wake(sma);
	}
	if (ret <= 0) {
		ipc_unlock(&sma->perm);
		return ret;
	}
	ret = wait_for_turn(sma, q, expires);
	if (!ret)
		sma->otime = ktime_get_real_seconds();
	ipc_unlock(&sma->perm);
	ipc_put(&sma->perm);
	return ret;
}

/* What the operations need: rights, an undo, the highest number. */
struct demands {
	int access;
	bool undo;
	int top;
};

static struct demands examine(const struct sembuf *sops, int n)
{
	struct demands d = { .access = S_IRUGO };

	for (int i = 0; i < n; i++) {
		d.top = max(d.top, (int)sops[i].sem_num);
		if (sops[i].sem_flg & SEM_UNDO)
			d.undo = true;
		if (sops[i].sem_op)
			d.access = S_IWUGO;
	}
	return d;
}

/* The set, locked, and in q->undo what current owes it, if q needs that. */
static struct kern_ipc_perm *lock_set(struct sem_queue *q, int id, bool undo)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct kern_ipc_perm *perm;

	if (!undo)
		return ipc_lock_id(ipc_table(ns, IPC_SEM_IDS), id);
	q->undo = sem_find_undo(ns, id);
	if (IS_ERR(q->undo))
		return ERR_CAST(q->undo);
	perm = ipc_lock_id(ipc_table(ns, IPC_SEM_IDS), id);
	rcu_read_unlock();
	return perm;
}

static long do_semop(int id, const struct sembuf *sops, int n, ktime_t *expires)
{
	struct demands d = examine(sops, n);
	struct sem_queue q = { .task = current, .sops = sops, .nsops = n };
	struct kern_ipc_perm *perm = lock_set(&q, id, d.undo);
	long ret;

	if (IS_ERR(perm))
		return PTR_ERR(perm);
	ret = d.top >= sma_of(perm)->nsems ? -EFBIG
					   : ipc_check(perm, d.access);
	/* A set that lives keeps its undos: q.undo is good until it is gone. */
	if (ret) {
		ipc_unlock(perm);
		return ret;
	}
	q.pid = task_tgid(current);
	return semop_locked(sma_of(perm), &q, expires);
}

static long semop_user(int id, const struct sembuf __user *usops, unsigned int n,
		       ktime_t *expires)
{
	struct sembuf few[FEW_OPS], *sops = few;
	long ret = -EFAULT;

	if (n > (unsigned int)READ_ONCE(current_ipc_ns()->sc_semopm))
		return -E2BIG;
	if (n < 1)
		return -EINVAL;
	if (n > FEW_OPS) {
		sops = kvmalloc_array(n, sizeof(*sops), GFP_KERNEL);
		if (!sops)
			return -ENOMEM;
	}
	if (!copy_from_user(sops, usops, n * sizeof(*sops)))
		ret = id < 0 ? -EINVAL : do_semop(id, sops, n, expires);
	if (sops != few)
		kvfree(sops);
	return ret;
}

SYSCALL_DEFINE3(semop, int, id, struct sembuf __user *, sops, unsigned int, n)
{
	return semop_user(id, sops, n, NULL);
}

SYSCALL_DEFINE4(semtimedop, int, id, struct sembuf __user *, sops,
		unsigned int, n, const struct timespec64 __user *, timeout)
{
	struct timespec64 ts;
	ktime_t expires;

	if (!timeout)
		return semop_user(id, sops, n, NULL);
	if (get_timespec64(&ts, timeout))
		return -EFAULT;
	if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= NSEC_PER_SEC)
		return -EINVAL;
	expires = ktime_add_safe(ktime_get(), timespec64_to_ktime(ts));
	return semop_user(id, sops, n, &expires);
}

/* ---- namespaces ---- */

void sem_init_ns(struct ipc_namespace *ns)
{
	ns->sc_semmsl = SEMMSL;
	ns->sc_semmns = SEMMNS;
	ns->sc_semopm = SEMOPM;
	ns->sc_semmni = SEMMNI;
	ns->used_sems = 0;
	ipc_init_ids(ipc_table(ns, IPC_SEM_IDS));
}

static void remove_set(struct ipc_namespace *ns, struct kern_ipc_perm *perm)
{
	sem_destroy(ns, sma_of(perm));
}

void sem_exit_ns(struct ipc_namespace *ns)
{
	ipc_remove_all(ipc_table(ns, IPC_SEM_IDS), remove_set, ns);
}
