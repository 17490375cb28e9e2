/* SPDX-License-Identifier: MIT */
/*
 * seq_file.c -- text made on the fly, read in pieces of any size
 *
 * PROMISE.  Whoever makes the text shows one record at a time and never thinks
 * of buffers, positions or short reads.
 *
 * IDEA.  A read fills a buffer with whole records and copies out what the
 * reader has room for; the rest waits for the next read.  If not even one
 * record fits, the buffer is doubled and the record shown again: so ->show may
 * run twice, and must only print.
 *
 *	record:  0     1     2     3        index = 2, count bytes from `from`
 *	reader:  -----read----->|  wait in buf
 *
 * LOCKING.  m->lock: one reader at a time.  ->start may take what ->stop gives
 * back; between them nothing of ours sleeps.
 */

#include <fs/seq_file.h>

#include "mount.h"

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <mm/uio.h>

static void set_overflow(struct seq_file *m)
{
	m->count = m->size;
}

static char *seq_buf_alloc(size_t size)
{
	return kvmalloc(size, GFP_KERNEL);
}

/* ---- printing ---- */

void seq_vprintf(struct seq_file *m, const char *fmt, va_list ap)
{
	size_t room = m->size - m->count;
	int n;

	if (!room)
		return;
	n = vsnprintf(m->buf + m->count, room, fmt, ap);
	if ((size_t)n < room)
		m->count += n;
	else
		set_overflow(m);
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	seq_vprintf(m, fmt, ap);
	va_end(ap);
}

void seq_putc(struct seq_file *m, char c)
{
	if (m->count < m->size)
		m->buf[m->count++] = c;
}

int seq_write(struct seq_file *m, const void *data, size_t len)
{
	if (m->count + len >= m->size) {
		set_overflow(m);
		return -1;
	}
	memcpy(m->buf + m->count, data, len);
	m->count += len;
	return 0;
}

void seq_puts(struct seq_file *m, const char *s)
{
	seq_write(m, s, strlen(s));
}

void seq_escape(struct seq_file *m, const char *s, const char *esc)
{
	for (; *s; s++) {
		if (strchr(esc, *s) || *s == '\\')
			seq_printf(m, "\\%03o", (unsigned char)*s);
		else
			seq_putc(m, *s);
	}
}

void seq_setwidth(struct seq_file *m, size_t size)
{
	m->pad_until = m->count + size;
}

void seq_pad(struct seq_file *m, char c)
{
	while (m->count < m->pad_until && !seq_has_overflowed(m))
		seq_putc(m, ' ');
	if (c)
		seq_putc(m, c);
}

/* A path that some function writes at the end of our buffer. */
static int put_path(struct seq_file *m, char *text, const char *esc)
{
	size_t before;

	if (IS_ERR(text)) {
		set_overflow(m);
		return PTR_ERR(text);
	}
	/* The text lies behind what we write, and escaping may catch up. */
	text = kstrdup(text, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	before = m->count;
	seq_escape(m, text, esc);
	kfree(text);
	return m->count - before;
}

int seq_path(struct seq_file *m, const struct path *path, const char *esc)
{
	return put_path(m, d_path(path, m->buf + m->count, m->size - m->count),
			esc);
}

/* 0, or 1 if path cannot be reached from root: nothing is shown then. */
int seq_path_root(struct seq_file *m, const struct path *path,
		  const struct path *root, const char *esc)
{
	char *text = path_below(path, root, m->buf + m->count,
				m->size - m->count);

	if (!text)
		return 1;
	put_path(m, text, esc);
	return 0;
}

int seq_dentry(struct seq_file *m, struct dentry *dentry, const char *esc)
{
	return put_path(m, dentry_path_raw(dentry, m->buf + m->count,
					   m->size - m->count), esc);
}

/* ---- reading ---- */

/* Show records until the buffer has enough or there are no more. */
static int fill(struct seq_file *m, size_t wanted)
{
	void *p = m->op->start(m, &m->index);
	int err = 0;

	while (p) {
		size_t before = m->count;

		err = PTR_ERR_OR_ZERO(p);
		if (err)
			break;
		err = m->op->show(m, p);
		if (err < 0)
			break;
		if (err) {
			m->count = before;    /* SEQ_SKIP */
			err = 0;
		}
		if (seq_has_overflowed(m)) {
			m->count = before;
			if (before)           /* whole records are there */
				break;
			m->op->stop(m, p);
			kvfree(m->buf);
			m->size *= 2;
			m->buf = seq_buf_alloc(m->size);
			if (!m->buf) {
				m->size = 0;
				return -ENOMEM;
			}
			p = m->op->start(m, &m->index);
			continue;
		}
		p = m->op->next(m, p, &m->index);
		if (m->count >= wanted)
			break;
	}
	m->op->stop(m, p);
	return err;
}

static int make_buffer(struct seq_file *m)
{
	if (m->buf)
		return 0;
	m->size = PAGE_SIZE;
	m->buf = seq_buf_alloc(m->size);
	return m->buf ? 0 : -ENOMEM;
}

/* Start over and drop `offset` bytes: the reader has moved. */
static int traverse(struct seq_file *m, loff_t offset)
{
	loff_t pos = 0;
	int err;

	m->index = 0;
	m->count = m->from = 0;
	err = make_buffer(m);
	while (!err && pos < offset) {
		m->count = 0;
		err = fill(m, 1);
		if (err || !m->count)
			break;
		if (pos + (loff_t)m->count > offset) {
			m->from = offset - pos;
			m->count -= m->from;
			pos = offset;
			break;
		}
		pos += m->count;
		m->count = 0;
	}
	return err;
}

ssize_t seq_read_iter(struct kiocb *iocb, struct iov_iter *iter)
{
	struct seq_file *m = iocb->ki_filp->private_data;
	size_t done = 0, n;
	int err = 0;

	if (!iov_iter_count(iter))
		return 0;
	mutex_lock(&m->lock);
	if (iocb->ki_pos == 0) {
		m->index = 0;
		m->count = m->from = 0;
	} else if (iocb->ki_pos != m->read_pos) {
		err = traverse(m, iocb->ki_pos);
		if (err) {
			m->read_pos = 0;
			m->index = 0;
			m->count = 0;
			goto out;
		}
		m->read_pos = iocb->ki_pos;
	}
	err = make_buffer(m);
	while (!err && iov_iter_count(iter)) {
		if (!m->count) {
			m->from = 0;
			err = fill(m, iov_iter_count(iter));
			if (err || !m->count)
				break;
		}
		n = min(m->count, iov_iter_count(iter));
		n = copy_to_iter(m->buf + m->from, n, iter);
		if (!n) {
			err = -EFAULT;
			break;
		}
		m->from += n;
		m->count -= n;
		done += n;
		if (m->count)
			break;
		/* One page's worth a call is what Linux gives, too. */
		if (done >= PAGE_SIZE)
			break;
	}
	iocb->ki_pos += done;
	m->read_pos = iocb->ki_pos;
out:
	mutex_unlock(&m->lock);
	return done ? (ssize_t)done : err;
}

loff_t seq_lseek(struct file *file, loff_t offset, int whence)
{
	struct seq_file *m = file->private_data;

	mutex_lock(&m->lock);
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		offset = -EINVAL;
	if (offset < 0)
		offset = -EINVAL;
	else
		file->f_pos = offset; /* the next read finds its place */
	mutex_unlock(&m->lock);
	return offset;
}

/* ---- opening ---- */

int seq_open(struct file *file, const struct seq_operations *op)
{
	struct seq_file *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	mutex_init(&m->lock);
	m->op = op;
	m->file = file;
	file->private_data = m;
	file->f_mode &= ~FMODE_PWRITE;
	return 0;
}
EXPORT_SYMBOL(seq_open);

void *__seq_open_private(struct file *f, const struct seq_operations *op, int n)
{
	void *priv = kzalloc(n, GFP_KERNEL);

	if (!priv)
		return NULL;
	if (seq_open(f, op)) {
		kfree(priv);
		return NULL;
	}
	((struct seq_file *)f->private_data)->private = priv;
	return priv;
}

int seq_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	kvfree(m->buf);
	kfree(m);
	return 0;
}

int seq_release_private(struct inode *inode, struct file *file)
{
	kfree(((struct seq_file *)file->private_data)->private);
	return seq_release(inode, file);
}

/* A file of one record. */
static void *single_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? NULL : SEQ_START_TOKEN;
}

static void *single_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return NULL;
}

static void single_stop(struct seq_file *m, void *v)
{
}

int single_open(struct file *file, int (*show)(struct seq_file *, void *),
		void *data)
{
	struct seq_operations *op = kmalloc(sizeof(*op), GFP_KERNEL);
	int err;

	if (!op)
		return -ENOMEM;
	*op = (struct seq_operations){ .start = single_start,
		.next = single_next, .stop = single_stop, .show = show };
	err = seq_open(file, op);
	if (err)
		kfree(op);
	else
		((struct seq_file *)file->private_data)->private = data;
	return err;
}

int single_release(struct inode *inode, struct file *file)
{
	const struct seq_operations *op =
		((struct seq_file *)file->private_data)->op;

	seq_release(inode, file);
	kfree(op);
	return 0;
}
