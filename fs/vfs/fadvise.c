/* SPDX-License-Identifier: MIT */
/*
 * fadvise.c -- hints about how a file will be read
 *
 *	NORMAL, SEQUENTIAL, RANDOM  the open file's read-ahead: usual, double, none
 *	WILLNEED, readahead(2)      read now, do not wait
 *	DONTNEED                    write what is dirty, drop what is clean
 *
 * Files that live in memory (tmpfs) have nothing to read or to drop: there a
 * valid hint changes nothing.
 *
 * SEE posix_fadvise(2), readahead(2); mm/virt/readahead.c.
 */

#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/errno.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>
#include <mm/swap.h>
#include <mm/writeback.h>

enum {
	POSIX_FADV_NORMAL, POSIX_FADV_RANDOM, POSIX_FADV_SEQUENTIAL,
	POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE,
};

static void set_window(struct file *file, unsigned factor, bool random)
{
	struct backing_dev_info *bdi = inode_to_bdi(file->f_mapping->host);

	file->f_ra.ra_pages = bdi->ra_pages * factor;
	spin_lock(&file->f_lock);
	if (random)
		file->f_mode |= FMODE_RANDOM;
	else
		file->f_mode &= ~FMODE_RANDOM;
	spin_unlock(&file->f_lock);
}

/* Bytes offset..last, the pages that lie in it wholly or in part. */
static void will_need(struct file *file, loff_t offset, loff_t last)
{
	unsigned long first = offset >> PAGE_SHIFT;
	unsigned long nr = (last >> PAGE_SHIFT) - first + 1;

	force_page_cache_readahead(file->f_mapping, file, first,
				   nr ? nr : ULONG_MAX);
}

/* Only whole pages go, but the file's last counts as whole. */
static void dont_need(struct file *file, loff_t offset, loff_t last)
{
	struct address_space *mapping = file->f_mapping;
	unsigned long first = (offset + PAGE_SIZE - 1) >> PAGE_SHIFT;
	unsigned long end = last >> PAGE_SHIFT;

	__filemap_fdatawrite_range(mapping, offset, last, WB_SYNC_NONE);
	if (offset_in_page(last) != PAGE_SIZE - 1 && last != S64_MAX &&
	    last != i_size_read(mapping->host) - 1) {
		if (!end)
			return;
		end--;
	}
	if (end < first)
		return;
	/* Pages that other CPUs are about to put on a list have one more
	 * user. */
	lru_add_drain_all();
	invalidate_mapping_pages(mapping, first, end);
}

static bool lives_in_memory(struct address_space *mapping)
{
	return !mapping->host || test_bit(AS_SWAPBACKED, &mapping->flags) ||
	       !mapping->a_ops->read_folio;
}

int vfs_fadvise(struct file *file, loff_t offset, loff_t len, int advice)
{
	loff_t last = offset + len - 1;

	if (S_ISFIFO(file_inode(file)->i_mode))
		return -ESPIPE;
	if (advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE ||
	    len < 0)
		return -EINVAL;
	if (lives_in_memory(file->f_mapping))
		return 0;
	/* A length of 0, or one that wraps: to the end of all. */
	if (!len || last < offset)
		last = S64_MAX;
	switch (advice) {
	case POSIX_FADV_NORMAL:
		set_window(file, 1, false);
		break;
	case POSIX_FADV_RANDOM:
		set_window(file, 1, true);
		break;
	case POSIX_FADV_SEQUENTIAL:
		set_window(file, 2, false);
		break;
	case POSIX_FADV_WILLNEED:
		will_need(file, offset, last);
		break;
	case POSIX_FADV_DONTNEED:
		dont_need(file, offset, last);
		break;
	}
	return 0;
}

SYSCALL_DEFINE4(fadvise64, int, fd, loff_t, offset, size_t, len, int, advice)
{
	struct fd f = fdget(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = vfs_fadvise(f.file, offset, len, advice);
	fdput(f);
	return err;
}

SYSCALL_DEFINE3(readahead, int, fd, loff_t, offset, size_t, count)
{
	struct fd f = fdget(fd);
	umode_t mode;
	int err;

	if (!f.file)
		return -EBADF;
	mode = file_inode(f.file)->i_mode;
	if (!(f.file->f_mode & FMODE_READ))
		err = -EBADF;
	else if (!S_ISREG(mode) && !S_ISBLK(mode))
		err = -EINVAL;
	else
		err = vfs_fadvise(f.file, offset, count, POSIX_FADV_WILLNEED);
	fdput(f);
	return err;
}
