/* SPDX-License-Identifier: MIT */
/*
 * sync.c -- making sure that what was written is on the disk
 *
 * PROMISE.  Each call names what it waits for, and has it when it returns:
 *
 *	fsync            the file's data, its inode, the disk's own cache
 *	fdatasync        the data and what is needed to find it: not the times
 *	sync_file_range  pages of a range: no inode, no flush of the disk
 *	syncfs           all of one volume
 *	sync             all volumes
 *	msync(MS_SYNC)   the file behind a mapping, like fdatasync of the range
 *
 * ORDER.  Data, then inodes, then the volume's own blocks (sync_fs), then what
 * is dirty in the device's cache, then the flush: each may dirty what comes
 * next. Everything is started before anything is waited for, so that the disk
 * can sort.
 *
 * ERRORS.  A write that failed is told by errseq to each open file once, by
 * syncfs() to each open file of the volume once.  sync() has nobody to tell.
 *
 * LOCKING.  s_umount for reading, against umount and remount.
 */

#include "internal.h"

#include <drivers/blkdev.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <kernel/workqueue.h>
#include <mm/filemap.h>
#include <mm/slab.h>
#include <mm/writeback.h>

#define VALID_RANGE_FLAGS (SYNC_FILE_RANGE_WAIT_BEFORE | \
			   SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER)

/* ---- one volume ---------------------------------------------------------- */

static int flush_disk(struct super_block *sb)
{
	return sb->s_bdev ? blkdev_issue_flush(sb->s_bdev) : 0;
}

/* s_umount is held.  0, or the first error. */
int sync_filesystem(struct super_block *sb)
{
	int err = 0, err2;

	if (sb->s_flags & SB_RDONLY)
		return 0;
	writeback_inodes_sb(sb);
	if (sb->s_op->sync_fs)
		err = sb->s_op->sync_fs(sb, 0);
	if (sb->s_bdev)
		sync_blockdev_nowait(sb->s_bdev);
	sync_inodes_sb(sb);
	if (sb->s_op->sync_fs) {
		err2 = sb->s_op->sync_fs(sb, 1);
		err = err ? err : err2;
	}
	if (sb->s_bdev) {
		err2 = sync_blockdev(sb->s_bdev);
		err = err ? err : err2;
		err2 = flush_disk(sb);
		err = err ? err : err2;
	}
	return err;
}

SYSCALL_DEFINE1(syncfs, int, fd)
{
	struct fd f = fdget(fd);
	struct super_block *sb;
	int err, err2;

	if (!f.file)
		return -EBADF;
	sb = file_dentry(f.file)->d_sb;
	down_read(&sb->s_umount);
	err = sync_filesystem(sb);
	up_read(&sb->s_umount);
	spin_lock(&f.file->f_lock);
	err2 = errseq_check_and_advance(&sb->s_wb_err, &f.file->f_sb_err);
	spin_unlock(&f.file->f_lock);
	fdput(f);
	return err ? err : err2;
}

/* ---- all of them --------------------------------------------------------- */

static void sync_inodes_of(struct super_block *sb, void *arg)
{
	if (!(sb->s_flags & SB_RDONLY))
		sync_inodes_sb(sb);
}

static void sync_fs_of(struct super_block *sb, void *wait)
{
	if (!(sb->s_flags & SB_RDONLY) && sb->s_op->sync_fs)
		sb->s_op->sync_fs(sb, *(int *)wait);
}

static void flush_disk_of(struct super_block *sb, void *arg)
{
	if (!(sb->s_flags & SB_RDONLY))
		flush_disk(sb);
}

void ksys_sync(void)
{
	int nowait = 0, wait = 1;

	wakeup_flusher_threads();
	iterate_supers(sync_inodes_of, NULL);
	iterate_supers(sync_fs_of, &nowait);
	iterate_supers(sync_fs_of, &wait);
	sync_bdevs(false);
	sync_bdevs(true);
	iterate_supers(flush_disk_of, NULL);
}

SYSCALL_DEFINE0(sync)
{
	ksys_sync();
	return 0;
}

static void do_emergency_sync(struct work_struct *work)
{
	ksys_sync();
	ksys_sync();
	pr_info("Emergency Sync complete\n");
	kfree(work);
}

/* SysRq-S: any context. */
void emergency_sync(void)
{
	struct work_struct *work = kmalloc(sizeof(*work), GFP_ATOMIC);

	if (!work)
		return;
	INIT_WORK(work, do_emergency_sync);
	schedule_work(work);
}

/* ---- one file ------------------------------------------------------------ */

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

/* ---- a range of pages ---------------------------------------------------- */

static int sync_pages(struct file *file, loff_t from, loff_t last,
		      unsigned int flags)
{
	struct address_space *mapping = file->f_mapping;
	int err;

	if (flags & SYNC_FILE_RANGE_WAIT_BEFORE) {
		err = filemap_fdatawait_range(mapping, from, last);
		if (err)
			return err;
	}
	if (flags & SYNC_FILE_RANGE_WRITE) {
		bool all = (flags & VALID_RANGE_FLAGS) == VALID_RANGE_FLAGS;

		err = __filemap_fdatawrite_range(mapping, from, last,
						 all ? WB_SYNC_ALL
						     : WB_SYNC_NONE);
		if (err)
			return err;
	}
	if (flags & SYNC_FILE_RANGE_WAIT_AFTER)
		return filemap_fdatawait_range(mapping, from, last);
	return 0;
}

static int check_range(loff_t offset, loff_t nbytes, unsigned int flags,
		       loff_t *last)
{
	if (flags & ~VALID_RANGE_FLAGS || offset < 0 || nbytes < 0 ||
	    nbytes > S64_MAX - offset)
		return -EINVAL;
	*last = nbytes ? offset + nbytes - 1 : S64_MAX;
	return 0;
}

SYSCALL_DEFINE4(sync_file_range, int, fd, loff_t, offset, loff_t, nbytes,
		unsigned int, flags)
{
	struct fd f = fdget(fd);
	umode_t mode;
	loff_t last;
	int err;

	if (!f.file)
		return -EBADF;
	mode = file_inode(f.file)->i_mode;
	err = check_range(offset, nbytes, flags, &last);
	if (!err && !S_ISREG(mode) && !S_ISBLK(mode) && !S_ISDIR(mode) &&
	    !S_ISLNK(mode))
		err = -ESPIPE;
	if (!err)
		err = sync_pages(f.file, offset, last, flags);
	fdput(f);
	return err;
}
