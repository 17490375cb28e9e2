/* SPDX-License-Identifier: MIT */
/*
 * copy.c -- sendfile and copy_file_range: from file to file inside the kernel
 *
 * IDEA.  A splice into a pipe of the task's own and out of it, in turn
 * (fs/splice.c).  What was not taken is given back by not moving the position.
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <fs/splice.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/uio.h>

static int check_ends(struct file *in, struct file *out)
{
	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!in->f_op->read_iter ||
	    (!out->f_op->write_iter && !out->f_op->splice_write))
		return -EINVAL;
	return 0;
}

static ssize_t send(struct file *in, loff_t *pos, struct file *out,
		    loff_t *opos, size_t count)
{
	struct pipe_inode_info *pipe = get_pipe_info(out);
	unsigned int flags;

	if (!pipe)
		return do_splice_direct(in, pos, out, opos, count, 0);
	flags = out->f_flags & O_NONBLOCK ? SPLICE_F_NONBLOCK : 0;
	return splice_file_to_pipe(in, pipe, pos, count, flags);
}

static long do_sendfile(int out_fd, int in_fd, loff_t *ppos, size_t count)
{
	struct fd in = fdget(in_fd), out = fdget(out_fd);
	loff_t pos, opos;
	ssize_t n = -EBADF;

	if (!in.file || !out.file)
		goto out;
	n = check_ends(in.file, out.file);
	if (n)
		goto out;
	n = -ESPIPE;
	if (ppos && !(in.file->f_mode & FMODE_PREAD))
		goto out;
	n = -EINVAL;
	if (out.file->f_flags & O_APPEND)
		goto out;
	if (!S_ISREG(file_inode(in.file)->i_mode) &&
	    !S_ISBLK(file_inode(in.file)->i_mode))
		goto out;
	pos = ppos ? *ppos : in.file->f_pos;
	if (pos < 0)
		goto out;
	opos = out.file->f_pos;
	count = min(count, (size_t)MAX_RW_COUNT);
	n = send(in.file, &pos, out.file, &opos, count);
	if (n > 0) {
		if (ppos)
			*ppos = pos;
		else
			in.file->f_pos = pos;
		out.file->f_pos = opos;
	}
out:
	fdput(out);
	fdput(in);
	return n;
}

SYSCALL_DEFINE4(sendfile, int, out_fd, int, in_fd, long __user *, offset,
		size_t, count)
{
	loff_t pos;
	ssize_t n;

	if (!offset)
		return do_sendfile(out_fd, in_fd, NULL, count);
	if (get_user(pos, offset))
		return -EFAULT;
	n = do_sendfile(out_fd, in_fd, &pos, count);
	if (put_user(pos, offset))
		return -EFAULT;
	return n;
}

static int check_copy_range(struct file *in, loff_t ipos, struct file *out,
			    loff_t opos, size_t len)
{
	umode_t im = file_inode(in)->i_mode, om = file_inode(out)->i_mode;

	if (S_ISDIR(im) || S_ISDIR(om))
		return -EISDIR;
	if (!S_ISREG(im) || !S_ISREG(om))
		return -EINVAL;
	if (out->f_flags & O_APPEND)
		return -EBADF;
	if (ipos < 0 || opos < 0)
		return -EINVAL;
	if (file_inode(in) == file_inode(out) &&
	    opos + (loff_t)len > ipos && opos < ipos + (loff_t)len)
		return -EINVAL;
	return 0;
}

SYSCALL_DEFINE6(copy_file_range, int, fd_in, loff_t __user *, off_in,
		int, fd_out, loff_t __user *, off_out, size_t, len,
		unsigned int, flags)
{
	struct fd in = fdget(fd_in), out = fdget(fd_out);
	loff_t ipos, opos;
	ssize_t n = -EBADF;

	if (!in.file || !out.file)
		goto out;
	n = -EFAULT;
	ipos = in.file->f_pos;
	opos = out.file->f_pos;
	if ((off_in && get_user(ipos, off_in)) ||
	    (off_out && get_user(opos, off_out)))
		goto out;
	n = -EINVAL;
	if (flags)
		goto out;
	n = check_ends(in.file, out.file);
	if (n)
		goto out;
	len = min(len, (size_t)MAX_RW_COUNT);
	n = check_copy_range(in.file, ipos, out.file, opos, len);
	if (n)
		goto out;
	n = do_splice_direct(in.file, &ipos, out.file, &opos, len, 0);
	if (n <= 0)
		goto out;
	if (!off_in)
		in.file->f_pos = ipos;
	else if (put_user(ipos, off_in))
		n = -EFAULT;
	if (!off_out)
		out.file->f_pos = opos;
	else if (put_user(opos, off_out))
		n = -EFAULT;
out:
	fdput(out);
	fdput(in);
	return n;
}
