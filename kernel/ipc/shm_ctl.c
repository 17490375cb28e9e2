/* SPDX-License-Identifier: MIT */
/*
 * shm_ctl.c -- shmctl(2): asking about segments, changing and removing them
 *
 * SHM_LOCK keeps a segment's pages out of swap: its mapping is marked
 * AS_UNEVICTABLE, which reclaim obeys, and its size is charged to the locker's
 * RLIMIT_MEMLOCK until SHM_UNLOCK or the segment's end.
 *
 * SEE shmctl(2), shm.c.
 */

#include "shm.h"

#include <arch/uaccess.h>
#include <fs/fs.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <mm/swap.h>
#include <uapi/resource.h>

/* ---- locking in memory ---- */

static int lock_memory(struct shmid_kernel *shp)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	struct user_struct *user = current_user();
	long pages = shm_pages(shp);

	if (shp->perm.mode & SHM_LOCKED)
		return 0;
	if (atomic_long_add_return(pages, &user->locked_vm) > (long)limit &&
	    rlimit(RLIMIT_MEMLOCK) != RLIM_INFINITY && !capable(CAP_IPC_LOCK)) {
		atomic_long_sub(pages, &user->locked_vm);
		return -ENOMEM;
	}
	refcount_inc(&user->refs);
	shp->locker = user;
	shp->perm.mode |= SHM_LOCKED;
	set_bit(AS_UNEVICTABLE, &shp->file->f_mapping->flags);
	return 0;
}

void shm_unlock_memory(struct shmid_kernel *shp)
{
	atomic_long_sub(shm_pages(shp), &shp->locker->locked_vm);
	free_uid(shp->locker);
	shp->locker = NULL;
	shp->perm.mode &= ~SHM_LOCKED;
	if (shp->file)
		clear_bit(AS_UNEVICTABLE, &shp->file->f_mapping->flags);
}

/* SHM_LOCK and SHM_UNLOCK: for the owner within RLIMIT_MEMLOCK. */
static int shm_lock_call(struct ipc_ids *ids, int id, bool lock)
{
	struct kern_ipc_perm *perm = ipc_lock_id(ids, id);
	struct shmid_kernel *shp;
	uid_t euid = current_euid();
	int err = 0;

	if (IS_ERR(perm))
		return PTR_ERR(perm);
	shp = shm_of(perm);
	if (euid != perm->uid && euid != perm->cuid && !capable(CAP_IPC_LOCK))
		err = -EPERM;
	else if (lock && !rlimit(RLIMIT_MEMLOCK) && !capable(CAP_IPC_LOCK))
		err = -EPERM;
	else if (lock)
		err = lock_memory(shp);
	else if (shp->locker)
		shm_unlock_memory(shp);
	ipc_unlock(perm);
	return err;
}

/* ---- asking ---- */

static int shm_limits(struct ipc_namespace *ns, void __user *buf)
{
	struct shminfo64 info = {
		.shmmax = ns->shm_ctlmax,
		.shmmin = SHMMIN,
		.shmmni = ns->shm_ctlmni,
		.shmseg = ns->shm_ctlmni,
		.shmall = ns->shm_ctlall,
	};
	struct ipc_ids *ids = ipc_table(ns, IPC_SHM_IDS);

	if (copy_to_user(buf, &info, sizeof(info)))
		return -EFAULT;
	return max(READ_ONCE(ids->max_idx), 0);
}

static int shm_usage(struct ipc_namespace *ns, void __user *buf)
{
	struct ipc_ids *ids = ipc_table(ns, IPC_SHM_IDS);
	struct shm_info info = { .shm_tot = 0 };
	struct kern_ipc_perm *perm;
	int idx, top;

	down_read(&ids->rwsem);
	info.used_ids = ids->in_use;
	info.shm_tot = ns->shm_tot;
	idr_for_each_entry(&ids->slots, perm, idx)
		info.shm_rss += shm_of(perm)->file->f_mapping->nrpages;
	top = max(ids->max_idx, 0);
	up_read(&ids->rwsem);
	return copy_to_user(buf, &info, sizeof(info)) ? -EFAULT : top;
}

static void fill_stat(const struct kern_ipc_perm *perm, void *to)
{
	const struct shmid_kernel *shp = shm_of((struct kern_ipc_perm *)perm);
	struct shmid64_ds *out = to;

	ipc_to_user(perm, &out->shm_perm);
	out->shm_segsz = shp->segsz;
	out->shm_atime = shp->atim;
	out->shm_dtime = shp->dtim;
	out->shm_ctime = shp->ctim;
	out->shm_cpid = pid_vnr(shp->cpid);
	out->shm_lpid = pid_vnr(shp->lpid);
	out->shm_nattch = shp->nattch;
}

static int shm_stat(struct ipc_ids *ids, int id, int cmd, void __user *buf)
{
	struct shmid64_ds out = { .shm_segsz = 0 };
	struct ipc_stat_call call = {
		.id = id, .by_slot = cmd != IPC_STAT,
		.any = cmd == SHM_STAT_ANY, .fill = fill_stat,
		.out = &out, .size = sizeof(out),
	};

	return ipc_stat(ids, &call, buf);
}

/* ---- changing ---- */

static int change(struct ipc_namespace *ns, struct kern_ipc_perm *perm,
		  const void *arg)
{
	const struct shmid64_ds *in = arg;
	int err = ipc_set_owner(perm, &in->shm_perm);

	if (!err)
		shm_of(perm)->ctim = ktime_get_real_seconds();
	ipc_unlock(perm);
	return err;
}

static int destroy(struct ipc_namespace *ns, struct kern_ipc_perm *perm,
		   const void *unused)
{
	if (shm_of(perm)->nattch) {
		perm->mode |= SHM_DEST;
		ipc_forget_key(ipc_table(ns, IPC_SHM_IDS), perm);
		ipc_unlock(perm);
	} else {
		shm_destroy(ns, shm_of(perm));
	}
	return 0;
}

SYSCALL_DEFINE3(shmctl, int, id, int, cmd, void __user *, buf)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct ipc_ids *ids = ipc_table(ns, IPC_SHM_IDS);
	struct shmid64_ds in;

	if (id < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
		return shm_limits(ns, buf);
	case SHM_INFO:
		return shm_usage(ns, buf);
	case IPC_STAT:
	case SHM_STAT:
	case SHM_STAT_ANY:
		return shm_stat(ids, id, cmd, buf);
	case IPC_SET:
		if (copy_from_user(&in, buf, sizeof(in)))
			return -EFAULT;
		return ipc_change(ns, IPC_SHM_IDS, id, change, &in);
	case IPC_RMID:
		return ipc_change(ns, IPC_SHM_IDS, id, destroy, NULL);
	case SHM_LOCK:
	case SHM_UNLOCK:
		return shm_lock_call(ids, id, cmd == SHM_LOCK);
	}
	return -EINVAL;
}

/* /proc/sysvipc/shm; NULL: the heading. */
void shm_show(struct seq_file *m, struct kern_ipc_perm *perm)
{
	struct shmid_kernel *shp;

	if (!perm) {
		seq_puts(m, "       key      shmid perms                  size"
			 "  cpid  lpid nattch   uid   gid  cuid  cgid"
			 "      atime      dtime      ctime"
			 "                   rss                  swap\n");
		return;
	}
	shp = shm_of(perm);
	seq_printf(m, "%10d %10d  %4o %21lu %5u %5u  "
		   "%5lu %5u %5u %5u %5u %10lu %10lu %10lu %21lu %21lu\n",
		   perm->key, perm->id, perm->mode, shp->segsz,
		   pid_vnr(shp->cpid), pid_vnr(shp->lpid), shp->nattch,
		   perm->uid, perm->gid, perm->cuid, perm->cgid,
		   (u64)shp->atim, (u64)shp->dtim, (u64)shp->ctim,
		   shp->file->f_mapping->nrpages << PAGE_SHIFT, 0UL);
}
