/* SPDX-License-Identifier: MIT */
/*
 * copy.c -- sendfile and copy_file_range: from file to file inside the kernel
 *
 * IDEA.  A page-sized buffer, read and written in turn.  What was read and not
 * written is given back by not moving the position.
 *
 * NOT DONE.  Splicing page references through a pipe (Linux): later.
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <mm/gfp.h>
#include <mm/uio.h>

#define CHUNK (4 * PAGE_SIZE)
#define CHUNK_ORDER 2

/* Copy up to count bytes; positions move; bytes copied or -errno. */
static ssize_t copy_through_buffer(struct file *in, loff_t *ipos,
				   struct file *out, loff_t *opos, size_t count)
{
	char *buf = (char *)__get_free_pages(GFP_KERNEL, CHUNK_ORDER);
	ssize_t done = 0, n = 0, w = 0;
	loff_t rpos;

	if (!buf)
		return -ENOMEM;
	while (count && !signal_pending(current)) {
		rpos = *ipos;
		n = kernel_read(in, buf, min(count, (size_t)CHUNK), &rpos);
		if (n <= 0)
			break;
		w = kernel_write(out, buf, n, opos);
		if (w <= 0)
			break;
		*ipos += w;
		done += w;
		count -= w;
		if (w < n)
			break;
		cond_resched();
	}
	free_pages((unsigned long)buf, CHUNK_ORDER);
	if (done)
		return done;
	if (n < 0)
		return n;
	if (w < 0)
		return w;
	return count && signal_pending(current) ? -ERESTARTSYS : 0;
}

static int check_ends(struct file *in, struct file *out)
{
	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!in->f_op->read_iter || !out->f_op->write_iter)
		return -EINVAL;
	return 0;
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
	n = copy_through_buffer(in.file, &pos, out.file, &opos, count);
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
	n = copy_through_buffer(in.file, &ipos, out.file, &opos, len);
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
