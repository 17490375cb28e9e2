/* SPDX-License-Identifier: MIT */
/*
 * fdcalls.c -- dup, close_range, close-on-exec: what is done with descriptors
 *
 * LOCKING.  As fdtable.c: file_lock for each change of the table.
 */

#include "fdtable.h"

#include <kernel/bitmap.h>
#include <kernel/kernel.h>
#include <kernel/rcupdate.h>
#include <kernel/syscall.h>

/* ---- close-on-exec ---- */

void set_close_on_exec(unsigned int fd, int flag)
{
	struct files_struct *files = current->files;

	spin_lock(&files->file_lock);
	if (fd < files->fdt->max_fds)
		__assign_bit(fd, files->fdt->close_on_exec, flag);
	spin_unlock(&files->file_lock);
}

bool get_close_on_exec(unsigned int fd)
{
	struct fdtable *fdt;
	bool res;

	rcu_read_lock();
	fdt = rcu_dereference(current->files->fdt);
	res = fd < fdt->max_fds && test_bit(fd, fdt->close_on_exec);
	rcu_read_unlock();
	return res;
}

/* execve: current's table is its own by now. */
void do_close_on_exec(struct files_struct *files)
{
	unsigned int fd = 0;
	struct file *file;

	spin_lock(&files->file_lock);
	for (;;) {
		fd = find_next_bit(files->fdt->close_on_exec,
				   files->fdt->max_fds, fd);
		if (fd >= files->fdt->max_fds)
			break;
		__clear_bit(fd, files->fdt->close_on_exec);
		file = take_fd_locked(files, fd);
		if (!file)
			continue;
		spin_unlock(&files->file_lock);
		filp_close(file, files);
		cond_resched();
		spin_lock(&files->file_lock);
	}
	spin_unlock(&files->file_lock);
}

/* ---- duplicating ---- */

/* Put file (not consumed) at fd, closing what is there; file_lock held. */
static int do_dup2(struct files_struct *files, struct file *file,
		   unsigned int fd, unsigned int flags)
{
	struct fdtable *fdt = files->fdt;
	struct file *victim = fdt->fd[fd];

	/* Taken but not installed: an open in another thread is under way. */
	if (!victim && test_bit(fd, fdt->open_fds)) {
		spin_unlock(&files->file_lock);
		return -EBUSY;
	}
	get_file(file);
	rcu_assign_pointer(fdt->fd[fd], file);
	__set_bit(fd, fdt->open_fds);
	__assign_bit(fd, fdt->close_on_exec, flags & O_CLOEXEC);
	spin_unlock(&files->file_lock);
	if (victim)
		filp_close(victim, files);
	return fd;
}

int replace_fd(unsigned int fd, struct file *file, unsigned int flags)
{
	struct files_struct *files = current->files;
	int err = 0;

	if (!file)
		return close_fd(fd);
	if (fd >= rlimit(RLIMIT_NOFILE))
		return -EBADF;
	spin_lock(&files->file_lock);
	while (fd >= files->fdt->max_fds && !err)
		err = expand_files(files, fd);
	if (err) {
		spin_unlock(&files->file_lock);
		return err;
	}
	return do_dup2(files, file, fd, flags);
}

int f_dupfd(unsigned int from, struct file *file, unsigned int flags)
{
	unsigned long nofile = rlimit(RLIMIT_NOFILE);
	int fd;

	if (from >= nofile)
		return -EINVAL;
	fd = alloc_fd(from, min(nofile, (unsigned long)INT_MAX), flags);
	if (fd >= 0)
		fd_install(fd, get_file(file));
	return fd;
}

int receive_fd(struct file *file, unsigned int o_flags)
{
	int fd = get_unused_fd_flags(o_flags);

	if (fd >= 0)
		fd_install(fd, get_file(file));
	return fd;
}

static long ksys_dup3(unsigned int oldfd, unsigned int newfd, int flags)
{
	struct file *file;
	long res;

	if (newfd >= rlimit(RLIMIT_NOFILE))
		return -EBADF;
	file = fget_raw(oldfd);
	if (!file)
		return -EBADF;
	res = replace_fd(newfd, file, flags);
	fput(file);
	return res;
}

SYSCALL_DEFINE3(dup3, unsigned int, oldfd, unsigned int, newfd, int, flags)
{
	if ((flags & ~O_CLOEXEC) || oldfd == newfd)
		return -EINVAL;
	return ksys_dup3(oldfd, newfd, flags);
}

SYSCALL_DEFINE2(dup2, unsigned int, oldfd, unsigned int, newfd)
{
	struct fd f;

	if (oldfd != newfd)
		return ksys_dup3(oldfd, newfd, 0);
	f = fdget_raw(oldfd);
	fdput(f);
	return f.file ? (long)oldfd : -EBADF;
}

SYSCALL_DEFINE1(dup, unsigned int, fildes)
{
	struct file *file = fget_raw(fildes);
	long fd = -EBADF;

	if (file) {
		fd = get_unused_fd_flags(0);
		if (fd >= 0)
			fd_install(fd, file);
		else
			fput(file);
	}
	return fd;
}

static void cloexec_range(struct files_struct *files, unsigned int fd,
			  unsigned int max_fd)
{
	spin_lock(&files->file_lock);
	max_fd = min(max_fd, files->fdt->max_fds - 1);
	if (fd <= max_fd)
		bitmap_set(files->fdt->close_on_exec, fd, max_fd - fd + 1);
	spin_unlock(&files->file_lock);
}

SYSCALL_DEFINE3(close_range, unsigned int, fd, unsigned int, max_fd,
		unsigned int, flags)
{
	struct files_struct *files;
	struct file *file;
	int err;

	if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) ||
	    fd > max_fd)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE) {
		err = unshare_files();
		if (err)
			return err;
	}
	files = current->files;
	if (flags & CLOSE_RANGE_CLOEXEC) {
		cloexec_range(files, fd, max_fd);
		return 0;
	}
	for (; fd <= max_fd && fd < READ_ONCE(files->fdt)->max_fds; fd++) {
		file = close_fd_get_file(fd);
		if (file)
			filp_close(file, files);
		if (fd == UINT_MAX)
			break;
	}
	return 0;
}
