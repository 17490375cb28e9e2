/* SPDX-License-Identifier: MIT */
/*
 * fadvise.c -- hints about how a file will be read
 *
 * Every file so far lies whole in memory, so that there is nothing to read
 * ahead or to drop: a valid hint is taken and changes nothing, as the calls
 * allow.
 *
 * SEE posix_fadvise(2), readahead(2).
 */

#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/errno.h>
#include <kernel/syscall.h>

#define POSIX_FADV_NOREUSE 5          /* the last of the six */

SYSCALL_DEFINE4(fadvise64, int, fd, loff_t, offset, size_t, len, int, advice)
{
	struct fd f = fdget(fd);
	int err = 0;

	if (!f.file)
		return -EBADF;
	if (S_ISFIFO(file_inode(f.file)->i_mode))
		err = -ESPIPE;
	else if (advice < 0 || advice > POSIX_FADV_NOREUSE || (ssize_t)len < 0)
		err = -EINVAL;
	fdput(f);
	return err;
}

SYSCALL_DEFINE3(readahead, int, fd, loff_t, offset, size_t, count)
{
	struct fd f = fdget(fd);
	int err = 0;

	if (!f.file || !(f.file->f_mode & FMODE_READ))
		err = -EBADF;
	else if (!S_ISREG(file_inode(f.file)->i_mode))
		err = -EINVAL;
	if (f.file)
		fdput(f);
	return err;
}
