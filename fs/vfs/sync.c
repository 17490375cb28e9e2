/* SPDX-License-Identifier: MIT */
/* sync.c -- making sure that what was written is on the disk */

#include "internal.h"

#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>

int vfs_fsync_range(struct file *file, loff_t start, loff_t end, int datasync)
{
	if (!file->f_op->fsync)
		return -EINVAL;
	return file->f_op->fsync(file, start, end, datasync);
}

int vfs_fsync(struct file *file, int datasync)
{
	return vfs_fsync_range(file, 0, S64_MAX, datasync);
}

static long do_fsync(unsigned int fd, int datasync)
{
	struct fd f = fdget(fd);
	long err = -EBADF;

	if (f.file) {
		err = vfs_fsync(f.file, datasync);
		fdput(f);
	}
	return err;
}

SYSCALL_DEFINE1(fsync, unsigned int, fd)
{
	return do_fsync(fd, 0);
}

SYSCALL_DEFINE1(fdatasync, unsigned int, fd)
{
	return do_fsync(fd, 1);
}

static void sync_one_sb(struct super_block *sb, void *arg)
{
	if (!(sb->s_flags & SB_RDONLY) && sb->s_op->sync_fs)
		sb->s_op->sync_fs(sb, 1);
}

SYSCALL_DEFINE0(sync)
{
	iterate_supers(sync_one_sb, NULL);
	return 0;
}

SYSCALL_DEFINE1(syncfs, int, fd)
{
	struct fd f = fdget(fd);
	struct super_block *sb;

	if (!f.file)
		return -EBADF;
	sb = file_dentry(f.file)->d_sb;
	down_read(&sb->s_umount);
	sync_one_sb(sb, NULL);
	up_read(&sb->s_umount);
	fdput(f);
	return 0;
}
