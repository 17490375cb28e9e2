/* SPDX-License-Identifier: MIT */
/*
 * read_write.c -- moving data between a file and memory
 *
 * IDEA.  read, pread, readv, preadv2 and the kernel's own reads all become one
 * thing: a kiocb (file, position) and an iov_iter (memory), handed to
 * ->read_iter.  A driver that has only ->read gets its calls piece by piece.
 *
 * LOCKING.  The position of a seekable file is guarded by f_pos_lock, taken by
 * fdget_pos() when somebody else may use it.  Appends are atomic because the
 * file system takes i_rwsem before it looks at i_size.
 */

#include "internal.h"

#include <fs/fsnotify.h>

#include <arch/uaccess.h>
#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>
#include <mm/slab.h>
#include <mm/uio.h>

int rw_verify_area(int rw, struct file *file, const loff_t *ppos,
		   size_t count)
{
	if ((ssize_t)count < 0)
		return -EINVAL;
	if (ppos && !(file->f_mode & FMODE_STREAM)) {
		if (*ppos < 0)
			return -EINVAL;
		if (*ppos + (loff_t)count < 0 && rw == WRITE)
			return count >= (size_t)-*ppos ? -EOVERFLOW : -EINVAL;
	}
	return 0;
}

int kiocb_init(struct kiocb *iocb, struct file *file, int rwf)
{
	*iocb = (struct kiocb){ .ki_filp = file };
	if (rwf & ~(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_APPEND))
		return -EOPNOTSUPP;   /* RWF_NOWAIT: no file can promise it */
	if (rwf & RWF_SYNC)
		rwf |= RWF_DSYNC;
	iocb->ki_flags = rwf;
	if (file->f_flags & O_APPEND)
		iocb->ki_flags |= IOCB_APPEND;
	if (file->f_flags & O_DIRECT)
		iocb->ki_flags |= IOCB_DIRECT;
	if (file->f_flags & O_DSYNC)
		iocb->ki_flags |= IOCB_DSYNC;
	if (file->f_flags & __O_SYNC)
		iocb->ki_flags |= IOCB_SYNC;
	return 0;
}

/* For files that have only ->read or ->write: one call a segment. */
static ssize_t loop_segments(struct file *file, struct iov_iter *iter,
			     loff_t *ppos, int rw)
{
	ssize_t done = 0, n;

	while (iov_iter_count(iter)) {
		size_t len = iov_iter_single_seg_count(iter);
		char __user *buf;

		if (!user_backed_iter(iter))
			return -EINVAL;
		if (iter->iter_type == ITER_UBUF)
			buf = (char __user *)iter->ubuf + iter->iov_offset;
		else
			buf = (char __user *)iter->iov->iov_base +
			      iter->iov_offset;
		if (!len) {
			iov_iter_advance(iter, 0);
			if (iter->nr_segs <= 1)
				break;
			iter->iov++;
			iter->nr_segs--;
			iter->iov_offset = 0;
			continue;
		}
		n = rw == READ ? file->f_op->read(file, buf, len, ppos)
			       : file->f_op->write(file, buf, len, ppos);
		if (n < 0)
			return done ? done : n;
		done += n;
		iov_iter_advance(iter, n);
		if ((size_t)n < len)
			break;
	}
	return done;
}

static ssize_t do_iter(struct file *file, struct iov_iter *iter, loff_t *ppos,
		       int rw, int flags)
{
	struct kiocb iocb;
	ssize_t n;

	if (rw == READ ? !file->f_op->read_iter : !file->f_op->write_iter) {
		if (flags & ~RWF_HIPRI)
			return -EOPNOTSUPP;
		return loop_segments(file, iter, ppos, rw);
	}
	n = kiocb_init(&iocb, file, flags);
	if (n)
		return n;
	iocb.ki_pos = ppos ? *ppos : 0;
	n = rw == READ ? file->f_op->read_iter(&iocb, iter)
		       : file->f_op->write_iter(&iocb, iter);
	if (ppos)
		*ppos = iocb.ki_pos;
	return n;
}

/* Linux counts calls, too, that moved nothing. */
static void account_io(int rw, ssize_t n)
{
	struct task_io_accounting *io = &current->ioac;

	if (rw == READ) {
		io->rchar += max(n, 0L);
		io->syscr++;
	} else {
		io->wchar += max(n, 0L);
		io->syscw++;
	}
}

static ssize_t checked_iter(struct file *file, struct iov_iter *iter,
			    loff_t *ppos, int rw, int flags)
{
	size_t count = iov_iter_count(iter);
	ssize_t n;
	int err;

	if (!(file->f_mode & (rw == READ ? FMODE_READ : FMODE_WRITE)))
		return -EBADF;
	if (!(file->f_mode & (rw == READ ? FMODE_CAN_READ : FMODE_CAN_WRITE)))
		return -EINVAL;
	err = rw_verify_area(rw, file, ppos, count);
	if (err)
		return err;
	if (!count && (file->f_op->read_iter || rw == WRITE) &&
	    S_ISREG(file_inode(file)->i_mode))
		return 0;
	iov_iter_truncate(iter, MAX_RW_COUNT);
	n = do_iter(file, iter, ppos, rw, flags);
	account_io(rw, n);
	if (n > 0)
		fsnotify_file(file, rw == READ ? IN_ACCESS : IN_MODIFY);
	return n;
}

ssize_t vfs_iter_read(struct file *file, struct iov_iter *iter, loff_t *ppos)
{
	return checked_iter(file, iter, ppos, READ, 0);
}

ssize_t vfs_iter_write(struct file *file, struct iov_iter *iter, loff_t *ppos)
{
	return checked_iter(file, iter, ppos, WRITE, 0);
}

static ssize_t vfs_rw(struct file *file, char __user *buf, size_t count,
		      loff_t *ppos, int rw)
{
	struct iov_iter iter;

	if (!(file->f_mode & (rw == READ ? FMODE_READ : FMODE_WRITE)))
		return -EBADF;
	if (!(file->f_mode & (rw == READ ? FMODE_CAN_READ : FMODE_CAN_WRITE)))
		return -EINVAL;
	if (!access_ok(buf, count))
		return -EFAULT;
	if (count > MAX_RW_COUNT)
		count = MAX_RW_COUNT;
	iov_iter_ubuf(&iter, rw, buf, count);
	return checked_iter(file, &iter, ppos, rw, 0);
}

ssize_t vfs_read(struct file *file, char __user *buf, size_t n, loff_t *pos)
{
	return vfs_rw(file, buf, n, pos, READ);
}

ssize_t vfs_write(struct file *file, const char __user *buf, size_t n,
		  loff_t *pos)
{
	return vfs_rw(file, (char __user *)buf, n, pos, WRITE);
}

/* For exec and its kin; only files with ->read_iter. */
ssize_t kernel_read(struct file *file, void *buf, size_t n, loff_t *pos)
{
	struct kvec vec = { .iov_base = buf, .iov_len = n };
	struct iov_iter iter;

	if (!file->f_op->read_iter)
		return -EINVAL;
	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, n);
	return checked_iter(file, &iter, pos, READ, 0);
}

ssize_t kernel_write(struct file *file, const void *buf, size_t n, loff_t *pos)
{
	struct kvec vec = { .iov_base = (void *)buf, .iov_len = n };
	struct iov_iter iter;

	if (!file->f_op->write_iter)
		return -EINVAL;
	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, n);
	return checked_iter(file, &iter, pos, WRITE, 0);
}

/*
 * What ->write_iter checks first: the position of an append, RLIMIT_FSIZE and
 * the volume's limit.  The inode is locked.  Bytes that may be written, or
 * -errno (0: nothing to do).
 */
ssize_t generic_write_checks(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = iocb->ki_filp->f_mapping->host;
	unsigned long limit = rlimit(RLIMIT_FSIZE);

	if (!iov_iter_count(from))
		return 0;
	if (iocb->ki_flags & IOCB_APPEND)
		iocb->ki_pos = i_size_read(inode);
	if (limit != RLIM_INFINITY) {
		if (iocb->ki_pos >= (loff_t)limit) {
			send_sig(SIGXFSZ, current, 0);
			return -EFBIG;
		}
		iov_iter_truncate(from, limit - iocb->ki_pos);
	}
	if (iocb->ki_pos >= inode->i_sb->s_maxbytes)
		return -EFBIG;
	iov_iter_truncate(from, inode->i_sb->s_maxbytes - iocb->ki_pos);
	return iov_iter_count(from);
}

/* After a write: O_SYNC and O_DSYNC wait for the disk. */
ssize_t generic_write_sync(struct kiocb *iocb, ssize_t count)
{
	int err;

	if (count <= 0 || (!(iocb->ki_flags & (IOCB_DSYNC | IOCB_SYNC)) &&
			   !IS_SYNC(iocb->ki_filp->f_mapping->host)))
		return count;
	err = vfs_fsync_range(iocb->ki_filp, iocb->ki_pos - count,
			      iocb->ki_pos - 1,
			      !(iocb->ki_flags & IOCB_SYNC));
	return err ? err : count;
}

/* ---- position ---- */

static loff_t set_pos(struct file *file, loff_t offset, loff_t max)
{
	if (offset < 0 || offset > max)
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

static loff_t seek_in(struct file *file, loff_t offset, int whence, loff_t max,
		      loff_t eof)
{
	switch (whence) {
	case SEEK_END:
		offset += eof;
		break;
	case SEEK_CUR:
		if (!offset)
			return file->f_pos;
		offset += file->f_pos;
		break;
	case SEEK_DATA:       /* without holes all is data */
		if (offset < 0 || offset >= eof)
			return -ENXIO;
		break;
	case SEEK_HOLE:
		if (offset < 0 || offset >= eof)
			return -ENXIO;
		offset = eof;
		break;
	case SEEK_SET:
		break;
	default:
		return -EINVAL;
	}
	return set_pos(file, offset, max);
}

loff_t generic_file_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file->f_mapping->host;

	return seek_in(file, offset, whence, inode->i_sb->s_maxbytes,
		       i_size_read(inode));
}

loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence,
			 loff_t size)
{
	if (whence > SEEK_END)
		return -EINVAL;
	return seek_in(file, offset, whence, size, size);
}

loff_t default_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file_inode(file);
	loff_t res;

	inode_lock(inode);
	res = seek_in(file, offset, whence, S64_MAX, i_size_read(inode));
	inode_unlock(inode);
	return res;
}

loff_t vfs_llseek(struct file *file, loff_t offset, int whence)
{
	if (!(file->f_mode & FMODE_LSEEK))
		return -ESPIPE;
	return file->f_op->llseek(file, offset, whence);
}

SYSCALL_DEFINE3(lseek, unsigned int, fd, long, offset, unsigned int, whence)
{
	struct fd f = fdget_pos(fd);
	loff_t res = -EBADF;

	if (!f.file)
		return res;
	res = whence > SEEK_HOLE ? -EINVAL
				 : vfs_llseek(f.file, offset, whence);
	fdput_pos(f);
	return res;
}

/* ---- read and write ---- */

static loff_t *file_ppos(struct file *file)
{
	return file->f_mode & FMODE_STREAM ? NULL : &file->f_pos;
}

static long do_rw(unsigned int fd, char __user *buf, size_t count, int rw)
{
	struct fd f = fdget_pos(fd);
	ssize_t n = -EBADF;
	loff_t pos, *ppos;

	if (!f.file)
		return n;
	ppos = file_ppos(f.file);
	if (ppos) {
		pos = *ppos;
		ppos = &pos;
	}
	n = vfs_rw(f.file, buf, count, ppos, rw);
	if (n >= 0 && ppos)
		f.file->f_pos = pos;
	fdput_pos(f);
	return n;
}

SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf, size_t, count)
{
	return do_rw(fd, buf, count, READ);
}

SYSCALL_DEFINE3(write, unsigned int, fd, const char __user *, buf, size_t,
		count)
{
	return do_rw(fd, (char __user *)buf, count, WRITE);
}

static long do_prw(unsigned int fd, char __user *buf, size_t count, loff_t pos,
		   int rw)
{
	struct fd f;
	ssize_t n = -ESPIPE;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (f.file->f_mode & (rw == READ ? FMODE_PREAD : FMODE_PWRITE))
		n = vfs_rw(f.file, buf, count, &pos, rw);
	fdput(f);
	return n;
}

SYSCALL_DEFINE4(pread64, unsigned int, fd, char __user *, buf, size_t, count,
		loff_t, pos)
{
	return do_prw(fd, buf, count, pos, READ);
}

SYSCALL_DEFINE4(pwrite64, unsigned int, fd, const char __user *, buf, size_t,
		count, loff_t, pos)
{
	return do_prw(fd, (char __user *)buf, count, pos, WRITE);
}

/* pos NULL: use and move the file's own. */
static long do_rwv(unsigned int fd, const struct iovec __user *vec,
		   unsigned long vlen, const loff_t *at, int rw, int flags)
{
	struct iovec fast[UIO_FASTIOV], *iov = fast;
	struct iov_iter iter;
	struct fd f;
	loff_t pos, *ppos;
	ssize_t n;

	if (at && *at < 0)
		return -EINVAL;
	f = at ? fdget(fd) : fdget_pos(fd);
	if (!f.file)
		return -EBADF;
	n = -ESPIPE;
	if (at && !(f.file->f_mode & (rw == READ ? FMODE_PREAD : FMODE_PWRITE)))
		goto out_fd;
	n = import_iovec(rw, vec, vlen, UIO_FASTIOV, &iov, &iter);
	if (n < 0)
		goto out_fd;
	ppos = at ? &pos : file_ppos(f.file);
	if (ppos) {
		pos = at ? *at : *ppos;
		ppos = &pos;
	}
	n = checked_iter(f.file, &iter, ppos, rw, flags);
	if (n >= 0 && !at && ppos)
		f.file->f_pos = pos;
	kfree(iov);
out_fd:
	if (at)
		fdput(f);
	else
		fdput_pos(f);
	return n;
}

SYSCALL_DEFINE3(readv, unsigned long, fd, const struct iovec __user *, vec,
		unsigned long, vlen)
{
	return do_rwv(fd, vec, vlen, NULL, READ, 0);
}

SYSCALL_DEFINE3(writev, unsigned long, fd, const struct iovec __user *, vec,
		unsigned long, vlen)
{
	return do_rwv(fd, vec, vlen, NULL, WRITE, 0);
}

SYSCALL_DEFINE5(preadv, unsigned long, fd, const struct iovec __user *, vec,
		unsigned long, vlen, unsigned long, pos_l, unsigned long, pos_h)
{
	loff_t pos = pos_l;

	return do_rwv(fd, vec, vlen, &pos, READ, 0);
}

SYSCALL_DEFINE5(pwritev, unsigned long, fd, const struct iovec __user *, vec,
		unsigned long, vlen, unsigned long, pos_l, unsigned long, pos_h)
{
	loff_t pos = pos_l;

	return do_rwv(fd, vec, vlen, &pos, WRITE, 0);
}

SYSCALL_DEFINE6(preadv2, unsigned long, fd, const struct iovec __user *, vec,
		unsigned long, vlen, unsigned long, pos_l, unsigned long, pos_h,
		int, flags)
{
	loff_t pos = pos_l;

	return do_rwv(fd, vec, vlen, pos == -1 ? NULL : &pos, READ, flags);
}

SYSCALL_DEFINE6(pwritev2, unsigned long, fd, const struct iovec __user *, vec,
		unsigned long, vlen, unsigned long, pos_l, unsigned long, pos_h,
		int, flags)
{
	loff_t pos = pos_l;

	return do_rwv(fd, vec, vlen, pos == -1 ? NULL : &pos, WRITE, flags);
}
