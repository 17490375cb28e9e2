/* SPDX-License-Identifier: MIT */
/*
 * fdtable.c -- small numbers for open files
 *
 * PROMISE.  A new descriptor is the lowest free one (POSIX).  Looking one up
 * takes no lock; while a table is used by one task alone, not even a count.
 *
 * IDEA.  The table is an array of pointers with two bitmaps, replaced as a
 * whole when it must grow.  Readers follow files->fdt under RCU.
 *
 *	files_struct -> fdt -> fd[]   0 1 2 3 ...     64 inline, then doubled
 *	                       open_fds      bit: number taken
 *	                       close_on_exec bit: closed by execve
 *
 * INVARIANTS
 *   I1  fd[n] set implies open_fds bit n.  (The converse waits for fd_install.)
 *   I2  All numbers below next_fd are taken.
 *
 * RACES.  fget against close on another CPU:
 *
 *	fget                              close
 *	file = fd[n]
 *	                                  fd[n] = NULL; count 1 -> 0; freed [a]
 *	inc_not_zero(f_count)  [b] fails: 0, so EBADF
 *
 * The memory is still a struct file at [b], because it is freed after a grace
 * period.  If it was reused as another file, fd[n] != file shows it [c].
 */

#include "fdtable.h"

#include <kernel/bitmap.h>
#include <kernel/bug.h>
#include <kernel/kernel.h>
#include <kernel/rcupdate.h>
#include <mm/slab.h>

unsigned int sysctl_nr_open = 1024 * 1024;
static struct kmem_cache *files_cache __ro_after_init;

struct files_struct init_files = {
	.count = ATOMIC_INIT(1),
	.fdt = &init_files.fdtab,
	.fdtab = {
		.max_fds = NR_OPEN_DEFAULT,
		.fd = init_files.fd_array,
		.close_on_exec = init_files.close_on_exec_init,
		.open_fds = init_files.open_fds_init,
	},
	.file_lock = __SPIN_LOCK_UNLOCKED(init_files.file_lock),
	.resize_wait = __WAIT_QUEUE_HEAD_INITIALIZER(init_files.resize_wait),
};

static struct fdtable *files_fdtable(struct files_struct *files)
{
	return rcu_dereference(files->fdt);
}

/* ---- the table as a whole ---- */

static void free_fdtable(struct fdtable *fdt)
{
	kvfree(fdt->fd);
	kvfree(fdt->open_fds);
	kfree(fdt);
}

/* Room for at least nr descriptors; NULL: no memory. */
static struct fdtable *alloc_fdtable(unsigned int nr)
{
	struct fdtable *fdt = kzalloc(sizeof(*fdt), GFP_KERNEL);
	unsigned int max = NR_OPEN_DEFAULT;
	size_t words;

	if (!fdt)
		return NULL;
	while (max < nr)
		max *= 2;
	words = max / BITS_PER_LONG;
	fdt->max_fds = max;
	fdt->fd = kvmalloc(max * sizeof(struct file *),
			   GFP_KERNEL | __GFP_ZERO);
	fdt->open_fds = kvmalloc(2 * words * sizeof(long),
				 GFP_KERNEL | __GFP_ZERO);
	if (!fdt->fd || !fdt->open_fds) {
		free_fdtable(fdt);
		return NULL;
	}
	fdt->close_on_exec = fdt->open_fds + words;
	return fdt;
}

static void copy_fdtable(struct fdtable *to, struct fdtable *from,
			 unsigned int nr)
{
	size_t words = BITS_TO_LONGS(nr);

	memcpy(to->fd, from->fd, nr * sizeof(struct file *));
	memcpy(to->open_fds, from->open_fds, words * sizeof(long));
	memcpy(to->close_on_exec, from->close_on_exec, words * sizeof(long));
}

/*
 * Grow the table so that nr fits.  file_lock is held, and dropped meanwhile.
 * 0 or -EMFILE, -ENOMEM.
 */
int expand_files(struct files_struct *files, unsigned int nr)
{
	struct fdtable *new, *old;

	if (nr >= sysctl_nr_open)
		return -EMFILE;
	spin_unlock(&files->file_lock);
	new = alloc_fdtable(nr + 1);
	spin_lock(&files->file_lock);
	if (!new)
		return -ENOMEM;
	old = files->fdt;
	if (nr < old->max_fds) {      /* somebody else has grown it */
		spin_unlock(&files->file_lock);
		free_fdtable(new);
		spin_lock(&files->file_lock);
		return 0;
	}
	copy_fdtable(new, old, old->max_fds);
	rcu_assign_pointer(files->fdt, new);
	if (old == &files->fdtab)
		return 0;
	spin_unlock(&files->file_lock);
	synchronize_rcu();
	free_fdtable(old);
	spin_lock(&files->file_lock);
	return 0;
}

/* ---- taking and giving back numbers ---- */

/* The lowest free number from `start` on, below `end`; reserved. */
int alloc_fd(unsigned int start, unsigned int end, unsigned int flags)
{
	struct files_struct *files = current->files;
	struct fdtable *fdt;
	unsigned int fd;
	int err;

	spin_lock(&files->file_lock);
	for (;;) {
		fdt = files->fdt;
		fd = max(start, files->next_fd);
		if (fd < fdt->max_fds)
			fd = find_next_zero_bit(fdt->open_fds, fdt->max_fds,
						fd);
		err = -EMFILE;
		if (fd >= end)
			goto out_unlock;
		if (fd < fdt->max_fds)
			break;
		err = expand_files(files, fd);
		if (err)
			goto out_unlock;
	}
	if (start <= files->next_fd)
		files->next_fd = fd + 1;                         /* I2 */
	__set_bit(fd, fdt->open_fds);
	__assign_bit(fd, fdt->close_on_exec, flags & O_CLOEXEC);
	err = fd;
out_unlock:
	spin_unlock(&files->file_lock);
	return err;
}

int __get_unused_fd_flags(unsigned int flags, unsigned long nofile)
{
	return alloc_fd(0, min(nofile, (unsigned long)INT_MAX), flags);
}

int get_unused_fd_flags(unsigned int flags)
{
	return __get_unused_fd_flags(flags, rlimit(RLIMIT_NOFILE));
}

static void put_fd_locked(struct files_struct *files, unsigned int fd)
{
	__clear_bit(fd, files->fdt->open_fds);
	if (fd < files->next_fd)
		files->next_fd = fd;
}

void put_unused_fd(unsigned int fd)
{
	struct files_struct *files = current->files;

	spin_lock(&files->file_lock);
	put_fd_locked(files, fd);
	spin_unlock(&files->file_lock);
}

/* Make a reserved number stand for file, consuming the reference. */
void fd_install(unsigned int fd, struct file *file)
{
	struct files_struct *files = current->files;

	spin_lock(&files->file_lock);
	BUG_ON(files->fdt->fd[fd]);
	rcu_assign_pointer(files->fdt->fd[fd], file);
	spin_unlock(&files->file_lock);
}

/* Take fd out of the table; the file with its count, or NULL. */
struct file *take_fd_locked(struct files_struct *files, unsigned int fd)
{
	struct fdtable *fdt = files->fdt;
	struct file *file;

	if (fd >= fdt->max_fds)
		return NULL;
	file = fdt->fd[fd];
	if (file) {
		rcu_assign_pointer(fdt->fd[fd], NULL);           /* [a] */
		put_fd_locked(files, fd);
	}
	return file;
}

struct file *close_fd_get_file(unsigned int fd)
{
	struct files_struct *files = current->files;
	struct file *file;

	spin_lock(&files->file_lock);
	file = take_fd_locked(files, fd);
	spin_unlock(&files->file_lock);
	return file;
}

int close_fd(unsigned int fd)
{
	struct file *file = close_fd_get_file(fd);

	return file ? filp_close(file, current->files) : -EBADF;
}

/* ---- looking up ---- */

static struct file *fget_files(struct files_struct *files, unsigned int fd,
			       fmode_t refuse)
{
	struct fdtable *fdt;
	struct file *file;

	rcu_read_lock();
	for (;;) {
		fdt = files_fdtable(files);
		file = fd < fdt->max_fds ? rcu_dereference(fdt->fd[fd]) : NULL;
		if (!file || (file->f_mode & refuse)) {
			file = NULL;
			break;
		}
		if (!atomic_long_inc_not_zero(&file->f_count))   /* [b] */
			continue;
		if (file == READ_ONCE(fdt->fd[fd]) &&
		    fdt == READ_ONCE(files->fdt))
			break;
		fput(file);                                      /* [c] */
	}
	rcu_read_unlock();
	return file;
}

struct file *fget(unsigned int fd)
{
	return fget_files(current->files, fd, FMODE_PATH);
}

struct file *fget_raw(unsigned int fd)
{
	return fget_files(current->files, fd, 0);
}

struct file *fget_task(struct task_struct *t, unsigned int fd)
{
	struct file *file = NULL;

	task_lock(t);
	if (t->files)
		file = fget_files(t->files, fd, 0);
	task_unlock(t);
	return file;
}

struct file *task_lookup_next_fd(struct task_struct *t, unsigned int *fd)
{
	struct file *file = NULL;

	task_lock(t);
	if (t->files) {
		for (; *fd < READ_ONCE(t->files->fdt)->max_fds; ++*fd) {
			file = fget_files(t->files, *fd, 0);
			if (file)
				break;
		}
	}
	task_unlock(t);
	return file;
}

/* Borrow: nobody else can close it while we run, if the table is ours alone. */
static struct fd fdget_mode(unsigned int fd, fmode_t refuse)
{
	struct files_struct *files = current->files;
	struct file *file;

	if (atomic_read(&files->count) == 1) {
		struct fdtable *fdt = files->fdt;

		file = fd < fdt->max_fds ? fdt->fd[fd] : NULL;
		if (!file || (file->f_mode & refuse))
			return (struct fd){ NULL, 0 };
		return (struct fd){ file, 0 };
	}
	file = fget_files(files, fd, refuse);
	return (struct fd){ file, file ? FDPUT_FPUT : 0 };
}

struct fd fdget(unsigned int fd)
{
	return fdget_mode(fd, FMODE_PATH);
}

struct fd fdget_raw(unsigned int fd)
{
	return fdget_mode(fd, 0);
}

/* For what moves the position: locked, if anybody else may move it too. */
struct fd fdget_pos(unsigned int fd)
{
	struct fd f = fdget(fd);

	if (f.file && (f.file->f_mode & FMODE_ATOMIC_POS) &&
	    (file_count(f.file) > 1 || S_ISDIR(file_inode(f.file)->i_mode))) {
		f.flags |= FDPUT_POS_UNLOCK;
		mutex_lock(&f.file->f_pos_lock);
	}
	return f;
}

void fdput_pos(struct fd f)
{
	if (f.flags & FDPUT_POS_UNLOCK)
		mutex_unlock(&f.file->f_pos_lock);
	fdput(f);
}

/* ---- fork and exit ---- */

static struct files_struct *alloc_files(void)
{
	struct files_struct *files = kmem_cache_zalloc(files_cache, GFP_KERNEL);

	if (!files)
		return NULL;
	atomic_set(&files->count, 1);
	spin_lock_init(&files->file_lock);
	init_waitqueue_head(&files->resize_wait);
	files->fdtab = (struct fdtable){
		.max_fds = NR_OPEN_DEFAULT,
		.fd = files->fd_array,
		.close_on_exec = files->close_on_exec_init,
		.open_fds = files->open_fds_init,
	};
	files->fdt = &files->fdtab;
	return files;
}

/* Slots that a copy needs: up to the highest taken one, at most max_fds. */
static unsigned int slots_in_use(struct fdtable *fdt, unsigned int max_fds)
{
	unsigned int n = find_last_bit(fdt->open_fds, fdt->max_fds);

	n = n >= fdt->max_fds ? 0 : n + 1;
	n = min(n, max_fds);
	return max(ALIGN(n, (unsigned int)BITS_PER_LONG),
		   (unsigned int)NR_OPEN_DEFAULT);
}

/* A copy of the table for fork; ERR_PTR(-ENOMEM). */
struct files_struct *dup_fd(struct files_struct *old, unsigned int max_fds)
{
	struct files_struct *new = alloc_files();
	struct fdtable *from, *to;
	unsigned int n, i;

	if (!new)
		return ERR_PTR(-ENOMEM);
	to = new->fdt;
	spin_lock(&old->file_lock);
	for (;;) {
		from = old->fdt;
		n = slots_in_use(from, max_fds);
		if (n <= to->max_fds)
			break;
		spin_unlock(&old->file_lock);
		if (to != &new->fdtab)
			free_fdtable(to);
		to = alloc_fdtable(n);
		if (!to) {
			kmem_cache_free(files_cache, new);
			return ERR_PTR(-ENOMEM);
		}
		spin_lock(&old->file_lock);
	}
	copy_fdtable(to, from, n);
	for (i = 0; i < n; i++) {
		if (to->fd[i])
			get_file(to->fd[i]);
		else
			__clear_bit(i, to->open_fds);
	}
	new->next_fd = min(old->next_fd, n);
	spin_unlock(&old->file_lock);
	new->next_fd = find_first_zero_bit(to->open_fds, to->max_fds);
	new->fdt = to;
	return new;
}

static void close_files(struct files_struct *files)
{
	struct fdtable *fdt = files->fdt;
	unsigned int fd = 0;

	for (;; fd++) {
		struct file *file;

		fd = find_next_bit(fdt->open_fds, fdt->max_fds, fd);
		if (fd >= fdt->max_fds)
			break;
		file = xchg(&fdt->fd[fd], NULL);
		if (file) {
			filp_close(file, files);
			cond_resched();
		}
	}
}

void put_files_struct(struct files_struct *files)
{
	if (!atomic_dec_and_test(&files->count))
		return;
	close_files(files);
	if (files->fdt != &files->fdtab)
		free_fdtable(files->fdt);
	kmem_cache_free(files_cache, files);
}

void exit_files(struct task_struct *t)
{
	struct files_struct *files = t->files;

	if (!files)
		return;
	task_lock(t);
	t->files = NULL;
	task_unlock(t);
	put_files_struct(files);
}

/* exec, unshare(CLONE_FILES): current gets a table of its own. */
int unshare_files(void)
{
	struct files_struct *old = current->files, *copy;

	if (atomic_read(&old->count) == 1)
		return 0;
	copy = dup_fd(old, NR_OPEN_MAX);
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	task_lock(current);
	current->files = copy;
	task_unlock(current);
	put_files_struct(old);
	return 0;
}

void fdtable_init(void)
{
	files_cache = KMEM_CACHE(files_struct,
				 SLAB_HWCACHE_ALIGN | SLAB_PANIC);
}
