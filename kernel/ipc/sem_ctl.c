/* SPDX-License-Identifier: MIT */
/*
 * sem_ctl.c -- semctl(2): asking about semaphore sets, setting, removing them
 *
 * A value that is set makes all debts of that semaphore void (SEM_UNDO), as the
 * values they were counted from are gone.
 *
 * SEE semctl(2), sem.c.
 */

#include "sem.h"

#include <arch/uaccess.h>
#include <fs/seq_file.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>

/* What IPC_INFO says of limits that do not exist any more. */
#define SEMUSZ 20
#define SEMMNU SEMMNS

static int sem_info(struct ipc_namespace *ns, int cmd, void __user *buf)
{
	struct ipc_ids *ids = ipc_table(ns, IPC_SEM_IDS);
	struct seminfo info = {
		.semmni = ns->sc_semmni,
		.semmns = ns->sc_semmns,
		.semmsl = ns->sc_semmsl,
		.semopm = ns->sc_semopm,
		.semvmx = SEMVMX,
		.semmnu = SEMMNU,
		.semmap = SEMMNS,
		.semume = SEMOPM,
	};
	int top;

	down_read(&ids->rwsem);
	info.semusz = cmd == SEM_INFO ? ids->in_use : SEMUSZ;
	info.semaem = cmd == SEM_INFO ? ns->used_sems : SEMAEM;
	top = max(ids->max_idx, 0);
	up_read(&ids->rwsem);
	return copy_to_user(buf, &info, sizeof(info)) ? -EFAULT : top;
}

static void fill_stat(const struct kern_ipc_perm *perm, void *to)
{
	const struct sem_array *sma = sma_of((struct kern_ipc_perm *)perm);
	struct semid64_ds *out = to;

	ipc_to_user(perm, &out->sem_perm);
	out->sem_otime = sma->otime;
	out->sem_ctime = sma->ctime;
	out->sem_nsems = sma->nsems;
}

static int sem_stat(struct ipc_ids *ids, int id, int cmd, void __user *buf)
{
	struct semid64_ds out = { .sem_nsems = 0 };
	struct ipc_stat_call call = {
		.id = id, .by_slot = cmd != IPC_STAT,
		.any = cmd == SEM_STAT_ANY, .fill = fill_stat,
		.out = &out, .size = sizeof(out),
	};

	return ipc_stat(ids, &call, buf);
}

/* How many wait for the value to grow (zero false) or to become 0? */
static int count_waiters(const struct sem_array *sma, int num, bool zero)
{
	const struct sem_queue *q;
	int n = 0;

	list_for_each_entry(q, &sma->pending, link)
		n += q->blocking->sem_num == num &&
		     !q->blocking->sem_op == zero;
	return n;
}

/* GETVAL, GETPID, GETNCNT, GETZCNT. */
static int get_one(struct ipc_ids *ids, int id, int num, int cmd)
{
	struct kern_ipc_perm *perm = ipc_lock_stat(ids, id, false, false);
	struct sem_array *sma;
	int ret = -EINVAL;

	if (IS_ERR(perm))
		return PTR_ERR(perm);
	sma = sma_of(perm);
	if (num >= 0 && num < sma->nsems) {
		switch (cmd) {
		case GETVAL:
			ret = sma->sems[num].val;
			break;
		case GETPID:
			ret = pid_vnr(sma->sems[num].pid);
			break;
		default:
			ret = count_waiters(sma, num, cmd == GETZCNT);
		}
	}
	ipc_unlock(perm);
	return ret;
}

/* The set locked, if current may do that with it; ERR_PTR. */
static struct kern_ipc_perm *lock_for(struct ipc_ids *ids, int id, int access)
{
	struct kern_ipc_perm *perm = ipc_lock_id(ids, id);

	if (!IS_ERR(perm) && ipc_check(perm, access)) {
		ipc_unlock(perm);
		return ERR_PTR(-EACCES);
	}
	return perm;
}

/* An array of values as long as the set; *n says how long; ERR_PTR. */
static u16 *alloc_values(struct ipc_ids *ids, int id, int access, int *n)
{
	struct kern_ipc_perm *perm = lock_for(ids, id, access);
	u16 *values;

	if (IS_ERR(perm))
		return ERR_CAST(perm);
	*n = sma_of(perm)->nsems;
	ipc_unlock(perm);
	values = kvmalloc_array(*n, sizeof(*values), GFP_KERNEL);
	return values ? values : ERR_PTR(-ENOMEM);
}

static int get_all(struct ipc_ids *ids, int id, u16 __user *out)
{
	struct kern_ipc_perm *perm;
	int n, err = -EFAULT;
	u16 *values = alloc_values(ids, id, S_IRUGO, &n);

	if (IS_ERR(values))
		return PTR_ERR(values);
	perm = ipc_lock_id(ids, id);
	if (IS_ERR(perm)) {
		kvfree(values);
		return -EIDRM;
	}
	for (int i = 0; i < n; i++)
		values[i] = sma_of(perm)->sems[i].val;
	ipc_unlock(perm);
	if (!copy_to_user(out, values, n * sizeof(*values)))
		err = 0;
	kvfree(values);
	return err;
}

/* Values num..num+n-1 become these, and nobody owes them anything; locked. */
static void assign(struct sem_array *sma, int num, const u16 *values, int n)
{
	struct pid *me = task_tgid(current);
	struct sem_undo *un;

	for (int i = 0; i < n; i++)
		sem_set(&sma->sems[num + i], values[i], me);
	list_for_each_entry(un, &sma->undos, set_link)
		memset(&un->adj[num], 0, n * sizeof(un->adj[0]));
	sma->ctime = ktime_get_real_seconds();
	sem_wake(sma);
}

static int set_all(struct ipc_ids *ids, int id, const u16 __user *in)
{
	struct kern_ipc_perm *perm;
	int n, err = 0;
	u16 *values = alloc_values(ids, id, S_IWUGO, &n);

	if (IS_ERR(values))
		return PTR_ERR(values);
	if (copy_from_user(values, in, n * sizeof(*values)))
		err = -EFAULT;
	for (int i = 0; i < n && !err; i++)
		if (values[i] > SEMVMX)
			err = -ERANGE;
	if (!err) {
		perm = ipc_lock_id(ids, id);
		if (IS_ERR(perm)) {
			err = -EIDRM;
		} else {
			assign(sma_of(perm), 0, values, n);
			ipc_unlock(perm);
		}
	}
	kvfree(values);
	return err;
}

static int set_one(struct ipc_ids *ids, int id, int num, int value)
{
	struct kern_ipc_perm *perm;
	u16 v = value;
	int err = 0;

	if (value < 0 || value > SEMVMX)
		return -ERANGE;
	perm = ipc_lock_id(ids, id);
	if (IS_ERR(perm))
		return PTR_ERR(perm);
	if (num < 0 || num >= sma_of(perm)->nsems)
		err = -EINVAL;
	else
		err = ipc_check(perm, S_IWUGO);
	if (!err)
		assign(sma_of(perm), num, &v, 1);
	ipc_unlock(perm);
	return err;
}

static int change(struct ipc_namespace *ns, struct kern_ipc_perm *perm,
		  const void *arg)
{
	const struct semid64_ds *in = arg;
	int err = ipc_set_owner(perm, &in->sem_perm);

	if (!err)
		sma_of(perm)->ctime = ktime_get_real_seconds();
	ipc_unlock(perm);
	return err;
}

static int destroy(struct ipc_namespace *ns, struct kern_ipc_perm *perm,
		   const void *unused)
{
	sem_destroy(ns, sma_of(perm));
	return 0;
}

SYSCALL_DEFINE4(semctl, int, id, int, num, int, cmd, unsigned long, arg)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct ipc_ids *ids = ipc_table(ns, IPC_SEM_IDS);
	void __user *buf = (void __user *)arg;
	struct semid64_ds in;

	if (id < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case SEM_INFO:
		return sem_info(ns, cmd, buf);
	case IPC_STAT:
	case SEM_STAT:
	case SEM_STAT_ANY:
		return sem_stat(ids, id, cmd, buf);
	case GETVAL:
	case GETPID:
	case GETNCNT:
	case GETZCNT:
		return get_one(ids, id, num, cmd);
	case GETALL:
		return get_all(ids, id, buf);
	case SETALL:
		return set_all(ids, id, buf);
	case SETVAL:
		return set_one(ids, id, num, (int)arg);
	case IPC_SET:
		if (copy_from_user(&in, buf, sizeof(in)))
			return -EFAULT;
		return ipc_change(ns, IPC_SEM_IDS, id, change, &in);
	case IPC_RMID:
		return ipc_change(ns, IPC_SEM_IDS, id, destroy, NULL);
	}
	return -EINVAL;
}

/* /proc/sysvipc/sem; NULL: the heading. */
void sem_show(struct seq_file *m, struct kern_ipc_perm *perm)
{
	struct sem_array *sma;

	if (!perm) {
		seq_puts(m, "       key      semid perms      nsems   uid   gid"
			 "  cuid  cgid      otime      ctime\n");
		return;
	}
	sma = sma_of(perm);
	seq_printf(m, "%10d %10d  %4o %10lu %5u %5u %5u %5u %10lu %10lu\n",
		   perm->key, perm->id, perm->mode, (unsigned long)sma->nsems,
		   perm->uid, perm->gid, perm->cuid, perm->cgid,
		   (u64)sma->otime, (u64)sma->ctime);
}
