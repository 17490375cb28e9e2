/* SPDX-License-Identifier: MIT */
/*
 * file.c -- attributes as files
 *
 * PROMISE.  A read from the start asks the driver anew; one that goes on after
 * it gives the rest of the same answer.  A write is handed over whole, up to a
 * page.  When the object is gone, an open file says ENODEV.
 *
 * IDEA.  An open file has one page.  show() fills it, pieces are read from it.
 * Between the calls the file holds the node alone; around each it takes an
 * active reference (drivers/base/knode.c), which keeps object and attribute.
 *
 * poll() waits for sysfs_notify(): the node counts notes, the file remembers
 * the count of its last read, and POLLPRI | POLLERR says that they differ.  As
 * in Linux a file that was never read differs at once.
 *
 * LOCKING.  The open file's mutex guards its page.
 *
 * NOT DONE.  A mapping of a binary attribute outlasts the attribute; who
 * offers one must give memory that stays.
 *
 * EXERCISES.  1. Why is the note counted before show() and not after?
 */

#include "sysfs.h"

#include <arch/page.h>
#include <fs/poll.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <mm/slab.h>
#include <mm/uio.h>

struct sysfs_file {
	struct mutex lock;
	char *page;                   /* lock: the last answer; NULL: none */
	size_t len;                   /* lock: bytes in it */
	loff_t next;                  /* lock: where reading goes on */
	int event;                    /* lock: notes up to that answer */
};

static int open_node(struct inode *inode, struct file *file, bool can_read,
		     bool can_write)
{
	umode_t mode = inode->i_mode;
	struct sysfs_file *f;

	/* Root may pass the mode; not what the attribute cannot do. */
	if ((file->f_mode & FMODE_WRITE) && (!(mode & 0222) || !can_write))
		return -EACCES;
	if ((file->f_mode & FMODE_READ) && (!(mode & 0444) || !can_read))
		return -EACCES;
	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	mutex_init(&f->lock);
	f->event = atomic_read(&sysfs_node(inode)->event) - 1;
	file->private_data = f;
	return 0;
}

static int sysfs_open_text(struct inode *inode, struct file *file)
{
	struct knode *kn = sysfs_node(inode);
	const struct sysfs_ops *ops;
	int err;

	if (!knode_get_active(kn))
		return -ENODEV;
	ops = kn->kobj->ktype->sysfs_ops;
	err = ops ? open_node(inode, file, ops->show, ops->store) : -EACCES;
	knode_put_active(kn);
	return err;
}

static int sysfs_open_bin(struct inode *inode, struct file *file)
{
	struct knode *kn = sysfs_node(inode);
	int err;

	if (!knode_get_active(kn))
		return -ENODEV;
	err = open_node(inode, file, kn->battr->read || kn->battr->mmap,
			kn->battr->write || kn->battr->mmap);
	knode_put_active(kn);
	return err;
}

static int sysfs_release(struct inode *inode, struct file *file)
{
	struct sysfs_file *f = file->private_data;

	kfree(f->page);
	kfree(f);
	return 0;
}

/* ---- text ---- */

/* Ask show().  The file's lock is held. */
static int fill_page(struct sysfs_file *f, struct knode *kn)
{
	ssize_t n;

	if (!f->page)
		f->page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!f->page)
		return -ENOMEM;
	memset(f->page, 0, PAGE_SIZE);
	if (!knode_get_active(kn))
		return -ENODEV;
	f->event = atomic_read(&kn->event);
	n = kn->kobj->ktype->sysfs_ops->show(kn->kobj,
					     (struct attribute *)kn->attr,
					     f->page);
	knode_put_active(kn);
	if (n < 0)
		return n;
	if (n >= (ssize_t)PAGE_SIZE) {
		pr_warn("sysfs: %s shows more than a page\n", kn->name);
		n = PAGE_SIZE - 1;
	}
	f->len = n;
	f->next = 0;
	return 0;
}

/* What of `from` lies at *pos and fits; *pos moves on. */
static ssize_t give(struct iov_iter *to, const char *from, size_t len,
		    loff_t *pos)
{
	size_t n = iov_iter_count(to), done;

	if (*pos >= (loff_t)len || !n)
		return 0;
	n = min(n, len - (size_t)*pos);
	done = copy_to_iter(from + *pos, n, to);
	*pos += done;
	return done ? (ssize_t)done : -EFAULT;
}

static ssize_t sysfs_read_text(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;
	struct sysfs_file *f = file->private_data;
	ssize_t ret = 0;

	mutex_lock(&f->lock);
	if (iocb->ki_pos == 0 || iocb->ki_pos != f->next)
		ret = fill_page(f, sysfs_node(file_inode(file)));
	if (!ret) {
		ret = give(to, f->page, f->len, &iocb->ki_pos);
		f->next = iocb->ki_pos;
		/* The end of an answer is no answer about what is gone. */
		if (!ret && READ_ONCE(sysfs_node(file_inode(file))->removed))
			ret = -ENODEV;
	}
	mutex_unlock(&f->lock);
	return ret;
}

/* n bytes, with a NUL behind them.  ERR_PTR. */
static char *copy_in(struct iov_iter *from, size_t n)
{
	char *text = kmalloc(n + 1, GFP_KERNEL);

	if (!text)
		return ERR_PTR(-ENOMEM);
	if (copy_from_iter(text, n, from) != n) {
		kfree(text);
		return ERR_PTR(-EFAULT);
	}
	text[n] = 0;
	return text;
}

static ssize_t sysfs_write_text(struct kiocb *iocb, struct iov_iter *from)
{
	struct knode *kn = sysfs_node(file_inode(iocb->ki_filp));
	size_t n = min(iov_iter_count(from), PAGE_SIZE);
	ssize_t ret = -ENODEV;
	char *text;

	if (!n)
		return 0;
	text = copy_in(from, n);
	if (IS_ERR(text))
		return PTR_ERR(text);
	if (knode_get_active(kn)) {
		ret = kn->kobj->ktype->sysfs_ops->store(kn->kobj,
				(struct attribute *)kn->attr, text, n);
		knode_put_active(kn);
	}
	kfree(text);
	if (ret > 0)
		iocb->ki_pos += ret;
	return ret;
}

static loff_t sysfs_llseek_text(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	return file->f_pos = offset;
}

static __poll_t sysfs_poll(struct file *file, struct poll_table_struct *pt)
{
	struct knode *kn = sysfs_node(file_inode(file));
	struct sysfs_file *f = file->private_data;
	__poll_t ready = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;

	poll_wait(file, &kn->poll, pt);
	if (READ_ONCE(kn->removed) ||
	    READ_ONCE(f->event) != atomic_read(&kn->event))
		ready |= EPOLLERR | EPOLLPRI;
	return ready;
}

const struct file_operations sysfs_text_fops = {
	.open = sysfs_open_text,
	.release = sysfs_release,
	.read_iter = sysfs_read_text,
	.write_iter = sysfs_write_text,
	.llseek = sysfs_llseek_text,
	.poll = sysfs_poll,
	.fsync = noop_fsync,
};

/* ---- bytes ---- */

static ssize_t call_read(struct file *file, char *page, loff_t pos, size_t n)
{
	struct knode *kn = sysfs_node(file_inode(file));
	const struct bin_attribute *a;
	ssize_t ret = -EIO;

	if (!knode_get_active(kn))
		return -ENODEV;
	a = kn->battr;
	if (a->read)
		ret = a->read(file, kn->kobj, (struct bin_attribute *)a, page,
			      pos, n);
	knode_put_active(kn);
	return ret;
}

static ssize_t call_write(struct file *file, char *bytes, loff_t pos, size_t n)
{
	struct knode *kn = sysfs_node(file_inode(file));
	const struct bin_attribute *a;
	ssize_t ret = -EIO;

	if (!knode_get_active(kn))
		return -ENODEV;
	a = kn->battr;
	if (a->write)
		ret = a->write(file, kn->kobj, (struct bin_attribute *)a, bytes,
			       pos, n);
	knode_put_active(kn);
	return ret;
}

/* A page at most at once, and nothing behind the size if it is known. */
static size_t clip(const struct file *file, loff_t pos, size_t n)
{
	loff_t size = i_size_read(file_inode(file));

	n = min(n, PAGE_SIZE);
	if (!size)
		return n;
	return pos < size ? min_t(loff_t, n, size - pos) : 0;
}

static ssize_t sysfs_read_bin(struct kiocb *iocb, struct iov_iter *to)
{
	size_t n = clip(iocb->ki_filp, iocb->ki_pos, iov_iter_count(to));
	char *page;
	ssize_t ret;

	if (!n)
		return 0;
	page = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	ret = call_read(iocb->ki_filp, page, iocb->ki_pos, n);
	if (ret > 0) {
		ret = copy_to_iter(page, ret, to);
		iocb->ki_pos += ret;
		if (!ret)
			ret = -EFAULT;
	}
	kfree(page);
	return ret;
}

static ssize_t sysfs_write_bin(struct kiocb *iocb, struct iov_iter *from)
{
	size_t n = clip(iocb->ki_filp, iocb->ki_pos, iov_iter_count(from));
	char *bytes;
	ssize_t ret;

	if (!n)
		return iov_iter_count(from) ? -EFBIG : 0;
	bytes = copy_in(from, n);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	ret = call_write(iocb->ki_filp, bytes, iocb->ki_pos, n);
	if (ret > 0)
		iocb->ki_pos += ret;
	kfree(bytes);
	return ret;
}

static int sysfs_mmap_bin(struct file *file, struct vm_area_struct *vma)
{
	struct knode *kn = sysfs_node(file_inode(file));
	int ret;

	if (!knode_get_active(kn))
		return -ENODEV;
	ret = kn->battr->mmap
		? kn->battr->mmap(file, kn->kobj,
				  (struct bin_attribute *)kn->battr, vma)
		: -ENODEV;
	knode_put_active(kn);
	return ret;
}

const struct file_operations sysfs_bin_fops = {
	.open = sysfs_open_bin,
	.release = sysfs_release,
	.read_iter = sysfs_read_bin,
	.write_iter = sysfs_write_bin,
	.mmap = sysfs_mmap_bin,
	.llseek = generic_file_llseek,
	.fsync = noop_fsync,
};
