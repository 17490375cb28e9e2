/* SPDX-License-Identifier: MIT */
/*
 * shm.c -- System V shared memory: segments, attaching and detaching
 *
 * PROMISE.  Processes that attach a segment share its bytes; it lives until
 * somebody removes it, and a removed one until the last detach.
 *
 * IDEA.  A segment is a nameless tmpfs file with an id.  shmat() maps it, but
 * through an open file of its own, so that fork, split, exit and munmap reach
 * our area operations, which count:
 *
 *	vma ---> shm_file (ours) ---> shmid_kernel ---> tmpfs file
 *	          open/close: nattch +1/-1        fault: passed on
 *
 * With IPC_RMID a segment that is attached loses its key, gets SHM_DEST, and
 * goes when nattch becomes 0; an unattached one goes at once.
 *
 * INVARIANTS
 *   I1  nattch is the number of areas that show the segment plus the shmat()
 *       calls between looking it up and mapping it.
 *   I2  A segment with SHM_DEST has nattch > 0 and no key.
 *   I3  ns->shm_tot is the sum of all segments' pages.
 *
 * LOCKING.  mmap_lock, then the table's rwsem, then perm.lock.  Whoever makes
 * nattch 0 holds the rwsem, so that two last detachers cannot both destroy.
 *
 * RACES.  shmat() against the last detach of a dying segment: the attacher
 * counts itself in under perm.lock before it maps (I1), and drops that count
 * after; so nattch cannot pass through 0 between.
 *
 * SEE shmat(2), shmget(2), docs/64-sysv-ipc.md.
 *
 * EXERCISES.  1. Why does shm_mmap() not count, though it is called for a new
 * area?  2. What keeps the namespace when the last task in it has exec'ed away
 * but the segment is still attached elsewhere?
 */

#include "shm.h"

#include <fs/fs.h>
#include <fs/shmem_fs.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/sprintf.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>
#include <uapi/resource.h>

/* private_data of the file that is mapped; one for each shmat(). */
struct shm_file {
	struct ipc_namespace *ns;     /* counted */
	struct shmid_kernel *shp;     /* counted */
	struct file *file;            /* counted: the tmpfs file */
	const struct vm_operations_struct *vm_ops; /* tmpfs's */
};

unsigned long shm_pages(const struct shmid_kernel *shp)
{
	return (shp->segsz + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

static void shm_free(struct kern_ipc_perm *perm)
{
	struct shmid_kernel *shp = shm_of(perm);

	put_pid(shp->cpid);
	put_pid(shp->lpid);
	kfree(shp);
}

/* Table and object locked; unlocks it.  May sleep afterwards. */
void shm_destroy(struct ipc_namespace *ns, struct shmid_kernel *shp)
{
	struct file *file = shp->file;

	shp->file = NULL;
	ns->shm_tot -= shm_pages(shp);                             /* I3 */
	if (shp->locker)
		shm_unlock_memory(shp);
	ipc_remove_id(ipc_table(ns, IPC_SHM_IDS), &shp->perm);
	ipc_unlock(&shp->perm);
	fput(file);
	ipc_put(&shp->perm);
}

/* ---- making one ---- */

static unsigned long flags_to_vm(int flags)
{
	return flags & SHM_NORESERVE ? VM_NORESERVE : 0;
}

/* There are no huge pages in any pool; Linux's errors for that. */
static int check_huge(int flags)
{
	int log = (flags >> SHM_HUGE_SHIFT) & SHM_HUGE_MASK;

	if (!(flags & SHM_HUGETLB))
		return 0;
	if (log && log != 21 && log != 30)
		return -EINVAL;
	return capable(CAP_IPC_LOCK) ? -ENOMEM : -EPERM;
}

static int check_size(struct ipc_namespace *ns, const struct ipc_params *p)
{
	unsigned long pages = (p->size + PAGE_SIZE - 1) >> PAGE_SHIFT;

	if (p->size < SHMMIN || p->size > ns->shm_ctlmax)
		return -EINVAL;
	if (pages << PAGE_SHIFT < p->size)
		return -ENOSPC;
	if (ns->shm_tot + pages < ns->shm_tot ||
	    ns->shm_tot + pages > ns->shm_ctlall)
		return -ENOSPC;
	return check_huge(p->flags);
}

static struct shmid_kernel *alloc_segment(const struct ipc_params *p)
{
	struct shmid_kernel *shp = kzalloc(sizeof(*shp), GFP_KERNEL);
	char name[16];

	if (!shp)
		return ERR_PTR(-ENOMEM);
	snprintf(name, sizeof(name), "SYSV%08x", p->key);
	shp->file = shmem_file_setup(name, p->size, flags_to_vm(p->flags));
	if (IS_ERR(shp->file)) {
		long err = PTR_ERR(shp->file);

		kfree(shp);
		return ERR_PTR(err);
	}
	shp->segsz = p->size;
	shp->ctim = ktime_get_real_seconds();
	shp->cpid = get_task_pid(current, PIDTYPE_TGID);
	shp->perm.free = shm_free;
	return shp;
}

static int shm_create(struct ipc_namespace *ns, const struct ipc_params *p)
{
	struct shmid_kernel *shp;
	int err = check_size(ns, p), id;

	if (err)
		return err;
	shp = alloc_segment(p);
	if (IS_ERR(shp))
		return PTR_ERR(shp);
	shp->creator = current;
	id = ipc_add_id(ipc_table(ns, IPC_SHM_IDS), &shp->perm, ns->shm_ctlmni,
			p);
	if (id < 0) {
		fput(shp->file);
		shm_free(&shp->perm);
		return id;
	}
	/* /proc/PID/maps shows the id as the inode's number. */
	file_inode(shp->file)->i_ino = id;
	ns->shm_tot += shm_pages(shp);
	current->made_shm = true;
	return id;
}

static int shm_fits(struct kern_ipc_perm *perm, const struct ipc_params *p)
{
	return shm_of(perm)->segsz < p->size ? -EINVAL : 0;
}

SYSCALL_DEFINE3(shmget, key_t, key, size_t, size, int, flags)
{
	static const struct ipc_ops ops = {
		.create = shm_create,
		.fits = shm_fits,
	};
	const struct ipc_params p = { .key = key, .flags = flags, .size = size };
	struct ipc_namespace *ns = current_ipc_ns();

	return ipc_get(ns, ipc_table(ns, IPC_SHM_IDS), &ops, &p);
}

/* ---- counting attaches ---- */

/* Object locked. */
static void note_user(struct shmid_kernel *shp, time64_t *when)
{
	struct pid *old = shp->lpid;

	*when = ktime_get_real_seconds();
	shp->lpid = get_task_pid(current, PIDTYPE_TGID);
	put_pid(old);
}

static bool may_destroy(struct ipc_namespace *ns, struct shmid_kernel *shp)
{
	return !shp->nattch && (shp->perm.mode & SHM_DEST ||
				(READ_ONCE(ns->shm_rmid_forced) &&
				 !shp->creator));
}

/* One attach less, which may be the segment's end.  May sleep. */
static void drop_attach(struct ipc_namespace *ns, struct shmid_kernel *shp,
			bool detached)
{
	struct ipc_ids *ids = ipc_table(ns, IPC_SHM_IDS);

	down_write(&ids->rwsem);
	spin_lock(&shp->perm.lock);
	if (detached)
		note_user(shp, &shp->dtim);
	shp->nattch--;
	if (may_destroy(ns, shp))
		shm_destroy(ns, shp);                              /* I2 */
	else
		spin_unlock(&shp->perm.lock);
	up_write(&ids->rwsem);
}

static void shm_open(struct vm_area_struct *vma)
{
	struct shm_file *sf = vma->vm_file->private_data;

	spin_lock(&sf->shp->perm.lock);
	sf->shp->nattch++;
	note_user(sf->shp, &sf->shp->atim);
	spin_unlock(&sf->shp->perm.lock);
}

static void shm_close(struct vm_area_struct *vma)
{
	struct shm_file *sf = vma->vm_file->private_data;

	drop_attach(sf->ns, sf->shp, true);
}

static vm_fault_t shm_fault(struct vm_fault *vmf)
{
	struct shm_file *sf = vmf->vma->vm_file->private_data;

	return sf->vm_ops->fault(vmf);
}

static const struct vm_operations_struct shm_vm_ops = {
	.open = shm_open,
	.close = shm_close,
	.fault = shm_fault,
};

/*
 * A new area, of shmat() or of remap_file_pages(). The latter has unmapped the
 * old one by now: if that was the last of a dying segment, there is none.
 */
static int shm_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct shm_file *sf = file->private_data;
	struct shmid_kernel *shp = sf->shp;
	int err = 0;

	spin_lock(&shp->perm.lock);
	if (shp->perm.deleted)
		err = -EIDRM;
	else
		shp->nattch++;                                     /* I1 */
	spin_unlock(&shp->perm.lock);
	if (err)
		return err;
	err = sf->file->f_op->mmap(sf->file, vma);
	if (err) {
		drop_attach(sf->ns, shp, false);
		return err;
	}
	sf->vm_ops = vma->vm_ops;
	vma->vm_ops = &shm_vm_ops;
	spin_lock(&shp->perm.lock);
	note_user(shp, &shp->atim);
	spin_unlock(&shp->perm.lock);
	return 0;
}

static int shm_release(struct inode *inode, struct file *file)
{
	struct shm_file *sf = file->private_data;

	fput(sf->file);
	ipc_put(&sf->shp->perm);
	put_ipc_ns(sf->ns);
	kfree(sf);
	return 0;
}

static int shm_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct shm_file *sf = file->private_data;

	return vfs_fsync_range(sf->file, start, end, datasync);
}

static const struct file_operations shm_fops = {
	.mmap = shm_mmap,
	.fsync = shm_fsync,
	.release = shm_release,
	.llseek = noop_llseek,
};

/* ---- shmat ---- */

/* What the flags of shmat() mean for mmap and for the permission check. */
struct attach {
	unsigned long addr, prot, map_flags;
	int access;
	fmode_t mode;
};

static int decode_attach(unsigned long addr, int flags, struct attach *a)
{
	if (addr) {
		if (addr & (SHMLBA - 1)) {
			if (!(flags & SHM_RND))
				return -EINVAL;
			addr &= ~(SHMLBA - 1);
			if (!addr && (flags & SHM_REMAP))
				return -EINVAL;
		}
		a->map_flags = MAP_SHARED | MAP_FIXED;
	} else {
		if (flags & SHM_REMAP)
			return -EINVAL;
		a->map_flags = MAP_SHARED;
	}
	a->addr = addr;
	a->prot = PROT_READ;
	a->access = S_IRUGO;
	a->mode = FMODE_READ;
	if (!(flags & SHM_RDONLY)) {
		a->prot |= PROT_WRITE;
		a->access |= S_IWUGO;
		a->mode |= FMODE_WRITE;
	}
	if (flags & SHM_EXEC) {
		a->prot |= PROT_EXEC;
		a->access |= S_IXUGO;
	}
	return 0;
}

/* Find it and count ourselves in; ERR_PTR. */
static struct shmid_kernel *begin_attach(struct ipc_namespace *ns, int id,
					 int access)
{
	struct kern_ipc_perm *perm;
	int err;

	perm = ipc_lock_id(ipc_table(ns, IPC_SHM_IDS), id);
	if (IS_ERR(perm))
		return ERR_CAST(perm);
	err = ipc_check(perm, access);
	if (!err) {
		shm_of(perm)->nattch++;                            /* I1 */
		ipc_ref(perm);
	}
	ipc_unlock(perm);
	return err ? ERR_PTR(err) : shm_of(perm);
}

/* An open file of our own onto the segment's memory. */
static struct file *attach_file(struct ipc_namespace *ns,
				struct shmid_kernel *shp, fmode_t mode)
{
	struct shm_file *sf = kzalloc(sizeof(*sf), GFP_KERNEL);
	struct file *file;

	if (!sf)
		return ERR_PTR(-ENOMEM);
	file = alloc_file_clone(shp->file, mode & FMODE_WRITE ? O_RDWR
							      : O_RDONLY,
				&shm_fops);
	if (IS_ERR(file)) {
		kfree(sf);
		return file;
	}
	ipc_ref(&shp->perm);
	sf->ns = get_ipc_ns(ns);
	sf->shp = shp;
	sf->file = get_file(shp->file);
	file->private_data = sf;
	return file;
}

/* Is the place free, if the caller chose it?  mmap_lock held for writing. */
static int place_is_free(const struct attach *a, size_t size, int flags)
{
	if (!a->addr || (flags & SHM_REMAP))
		return 0;
	if (a->addr + size < a->addr)
		return -EINVAL;
	if (find_vma_intersection(current->mm, a->addr, a->addr + size))
		return -EINVAL;
	return 0;
}

static long map_segment(struct file *file, const struct attach *a, size_t size,
			int flags)
{
	unsigned long populate = 0;
	long ret;

	if (mmap_write_lock_killable(current->mm))
		return -EINTR;
	ret = place_is_free(a, size, flags);
	if (!ret)
		ret = do_mmap(file, a->addr, size, a->prot, a->map_flags, 0,
			      &populate);
	mmap_write_unlock(current->mm);
	if (populate)
		mm_populate(ret, populate);
	return ret;
}

SYSCALL_DEFINE3(shmat, int, id, char __user *, addr, int, flags)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct shmid_kernel *shp;
	struct attach a;
	struct file *file;
	long ret;

	if (id < 0)
		return -EINVAL;
	ret = decode_attach((unsigned long)addr, flags, &a);
	if (ret)
		return ret;
	shp = begin_attach(ns, id, a.access);
	if (IS_ERR(shp))
		return PTR_ERR(shp);
	file = attach_file(ns, shp, a.mode);
	ret = PTR_ERR_OR_ZERO(file);
	if (!ret) {
		ret = map_segment(file, &a, shp->segsz, flags);
		fput(file);
	}
	drop_attach(ns, shp, false);
	ipc_put(&shp->perm);
	return ret;
}

/* ---- shmdt ---- */

static bool is_attach(const struct vm_area_struct *vma, unsigned long addr)
{
	return vma->vm_ops == &shm_vm_ops &&
	       vma->vm_start - addr == vma->vm_pgoff << PAGE_SHIFT;
}

/*
 * Unmap what is left of the attach that began at addr: areas that show the
 * same segment, each at the place that its offset says.  mmap_lock held.
 */
static int detach_areas(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma, *next;
	struct inode *inode = NULL;
	unsigned long end = ULONG_MAX;
	int err = -EINVAL;

	for (vma = find_vma(mm, addr); vma && vma->vm_end <= end; vma = next) {
		next = vma_next(vma);
		if (!is_attach(vma, addr) ||
		    (inode && file_inode(vma->vm_file) != inode))
			continue;
		if (!inode) {
			struct shm_file *sf = vma->vm_file->private_data;

			inode = file_inode(vma->vm_file);
			end = addr + PAGE_ALIGN(sf->shp->segsz);
			err = 0;
		}
		do_munmap(mm, vma->vm_start, vma->vm_end - vma->vm_start);
	}
	return err;
}

SYSCALL_DEFINE1(shmdt, char __user *, uaddr)
{
	unsigned long addr = (unsigned long)uaddr;
	struct mm_struct *mm = current->mm;
	int err;

	if (addr & ~PAGE_MASK)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = detach_areas(mm, addr);
	mmap_write_unlock(mm);
	return err;
}

/* ---- ends ---- */

/* A task ends or leaves the namespace: its segments have no creator more. */
void exit_shm(struct task_struct *t)
{
	struct ipc_namespace *ns;
	struct kern_ipc_perm *perm;
	struct ipc_ids *ids;
	int idx;

	if (!t->made_shm)
		return;
	ns = t->nsproxy->ipc_ns;
	ids = ipc_table(ns, IPC_SHM_IDS);
	down_write(&ids->rwsem);
	idr_for_each_entry(&ids->slots, perm, idx) {
		struct shmid_kernel *shp = shm_of(perm);

		if (shp->creator != t)
			continue;
		spin_lock(&perm->lock);
		shp->creator = NULL;
		if (may_destroy(ns, shp))
			shm_destroy(ns, shp);
		else
			spin_unlock(&perm->lock);
	}
	up_write(&ids->rwsem);
	t->made_shm = false;
}

void shm_destroy_orphaned(struct ipc_namespace *ns)
{
	struct ipc_ids *ids = ipc_table(ns, IPC_SHM_IDS);
	struct kern_ipc_perm *perm;
	int idx;

	down_write(&ids->rwsem);
	idr_for_each_entry(&ids->slots, perm, idx) {
		spin_lock(&perm->lock);
		if (may_destroy(ns, shm_of(perm)))
			shm_destroy(ns, shm_of(perm));
		else
			spin_unlock(&perm->lock);
	}
	up_write(&ids->rwsem);
}

void shm_init_ns(struct ipc_namespace *ns)
{
	ns->shm_ctlmax = SHMMAX;
	ns->shm_ctlall = SHMALL;
	ns->shm_ctlmni = SHMMNI;
	ns->shm_rmid_forced = 0;
	ns->shm_tot = 0;
	ipc_init_ids(ipc_table(ns, IPC_SHM_IDS));
}

/* Nothing is attached: each attach holds the namespace. */
static void remove_segment(struct ipc_namespace *ns, struct kern_ipc_perm *perm)
{
	shm_destroy(ns, shm_of(perm));
}

void shm_exit_ns(struct ipc_namespace *ns)
{
	ipc_remove_all(ipc_table(ns, IPC_SHM_IDS), remove_segment, ns);
}
