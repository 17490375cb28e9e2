/* SPDX-License-Identifier: MIT */
/*
 * file_table.c -- open files: born, shared, released
 *
 * PROMISE.  ->release runs once, when the last descriptor and the last call in
 * progress are done with a file, in a context that may sleep and holds no lock.
 *
 * IDEA.  f_count counts them.  Whoever drops the last count may hold locks (a
 * mapping that is torn down holds mmap_lock), and ->release may want the same
 * ones.  So the release is put off: to the task's way back to user mode
 * (task work), or, for kernel threads and interrupts, to a worker.
 *
 *	fput -> 0 --user task--> task_works --> exit to user mode: ____fput
 *	          --others-----> delayed list -> worker
 *
 * LOCKING.  The memory of a file is freed after a grace period, for fget()
 * looks at it under RCU.
 */

#include "internal.h"

#include <fs/fsnotify.h>
#include "namespace.h"

#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/hardirq.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/rcupdate.h>
#include <kernel/task_work.h>
#include <kernel/workqueue.h>
#include <mm/pagemap.h>
#include <mm/mmzone.h>
#include <mm/slab.h>

static struct kmem_cache *file_cache __ro_after_init;
static atomic_long_t nr_files;
unsigned long files_max = 8192;

unsigned long get_nr_files(void)
{
	return atomic_long_read(&nr_files);
}

static void file_free_rcu(struct rcu_head *head)
{
	struct file *f = container_of(head, struct file, f_rcu);

	put_cred(f->f_cred);
	kmem_cache_free(file_cache, f);
}

/* A file bound to nothing; ERR_PTR(-ENFILE, -ENOMEM).  May sleep. */
struct file *alloc_empty_file(int flags, const struct cred *cred)
{
	struct file *f;

	if (get_nr_files() >= files_max && !capable(CAP_SYS_ADMIN)) {
		pr_info_once("VFS: file-max limit %lu reached\n", files_max);
		return ERR_PTR(-ENFILE);
	}
	f = kmem_cache_zalloc(file_cache, GFP_KERNEL);
	if (!f)
		return ERR_PTR(-ENOMEM);
	f->f_cred = get_cred(cred);
	atomic_long_set(&f->f_count, 1);
	spin_lock_init(&f->f_lock);
	spin_lock_init(&f->f_owner.lock);
	mutex_init(&f->f_pos_lock);
	INIT_LIST_HEAD(&f->f_ep_links);
	f->f_flags = flags;
	f->f_mode = OPEN_FMODE(flags);
	atomic_long_inc(&nr_files);
	return f;
}

/* f_path is set and counted: the file is open without asking ->open. */
static void set_opened(struct file *f, const struct file_operations *fops)
{
	f->f_inode = d_inode(f->f_path.dentry);
	f->f_mapping = f->f_inode->i_mapping;
	f->f_op = fops;
	if ((f->f_mode & FMODE_READ) && (fops->read || fops->read_iter))
		f->f_mode |= FMODE_CAN_READ;
	if ((f->f_mode & FMODE_WRITE) && (fops->write || fops->write_iter))
		f->f_mode |= FMODE_CAN_WRITE;
	if (fops->llseek)
		f->f_mode |= FMODE_LSEEK;
	file_ra_state_init(&f->f_ra, f->f_mapping);
	f->f_mode |= FMODE_OPENED;
}

/* A file on a kernel-internal mount; consumes the inode on success. */
struct file *alloc_file_pseudo(struct inode *inode, struct vfsmount *mnt,
			       const char *name, int flags,
			       const struct file_operations *fops)
{
	struct qstr q = QSTR_INIT(name, strlen(name));
	struct file *f = alloc_empty_file(flags, current_cred());

	if (IS_ERR(f))
		return f;
	f->f_path.dentry = d_alloc_pseudo(mnt->mnt_sb, &q);
	if (!f->f_path.dentry) {
		fput(f);
		return ERR_PTR(-ENOMEM);
	}
	f->f_path.mnt = mntget(mnt);
	d_instantiate(f->f_path.dentry, inode);
	set_opened(f, fops);
	return f;
}

/* Another open file on the same place. */
struct file *alloc_file_clone(struct file *base, int flags,
			      const struct file_operations *fops)
{
	struct file *f = alloc_empty_file(flags, current_cred());

	if (IS_ERR(f))
		return f;
	f->f_path = base->f_path;
	path_get(&f->f_path);
	set_opened(f, fops);
	return f;
}

/* The release itself; may sleep. */
static void __fput(struct file *f)
{
	struct inode *inode = f->f_inode;

	might_sleep();
	if (f->f_mode & FMODE_OPENED) {
		fsnotify_file(f, f->f_mode & FMODE_WRITE ? IN_CLOSE_WRITE
							 : IN_CLOSE_NOWRITE);
		if (!list_empty(&f->f_ep_links))
			eventpoll_release(f);
		locks_remove_file(f);
		if ((f->f_flags & FASYNC) && f->f_op->fasync)
			f->f_op->fasync(-1, f, 0);
		if (f->f_op->release)
			f->f_op->release(inode, f);
	}
	f_delown(f);
	if (f->f_mode & FMODE_WRITER) {
		put_write_access(inode);
		mnt_drop_write(f->f_path.mnt);
	}
	if (unlikely(f->f_mode & FMODE_NEED_UNMOUNT))
		dissolve_on_fput(f->f_path.mnt);
	path_put(&f->f_path);
	atomic_long_dec(&nr_files);
	call_rcu(&f->f_rcu, file_free_rcu);
}

/* ---- putting it off ---- */

static struct file *delayed_files;

void flush_delayed_fput(void)
{
	struct file *f = xchg(&delayed_files, NULL), *next;

	for (; f; f = next) {
		next = f->f_delayed_next;
		__fput(f);
	}
}

static void delayed_fput_work(struct work_struct *work)
{
	flush_delayed_fput();
}

static DECLARE_WORK(delayed_fput, delayed_fput_work);

static void ____fput(struct callback_head *work)
{
	__fput(container_of(work, struct file, f_task_work));
}

/* Let go of a file; any context. */
void fput(struct file *f)
{
	struct file *head;

	if (!atomic_long_dec_and_test(&f->f_count))
		return;
	if (!in_interrupt() && !(current->flags & PF_KTHREAD)) {
		f->f_task_work.func = ____fput;
		if (!task_work_add(current, &f->f_task_work))
			return;
	}
	head = READ_ONCE(delayed_files);
	do
		f->f_delayed_next = head;
	while (!try_cmpxchg(&delayed_files, &head, f));
	schedule_work(&delayed_fput);
}

/* The same, but what there is to release is released on return; may sleep. */
void __fput_sync(struct file *f)
{
	if (atomic_long_dec_and_test(&f->f_count))
		__fput(f);
}

/* ---- whom SIGIO goes to ---- */

void f_delown(struct file *f)
{
	struct pid *pid;

	spin_lock_irq(&f->f_owner.lock);
	pid = f->f_owner.pid;
	f->f_owner.pid = NULL;
	spin_unlock_irq(&f->f_owner.lock);
	put_pid(pid);
}

/* As many files as a tenth of the memory holds, at 1 KiB each; as on Linux. */
void files_init(void)
{
	files_max = max(files_max, totalram_pages() * (PAGE_SIZE / 1024) / 10);
	file_cache = KMEM_CACHE(file, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
}
