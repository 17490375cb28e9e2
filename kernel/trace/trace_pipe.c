/* SPDX-License-Identifier: MIT */
/*
 * trace_pipe.c -- events taken out as they are read
 *
 * IDEA.  Each reader has its place in the rings, and the rest of a line that
 * did not fit in the last read.  A record is written where nobody can be woken
 * (the scheduler, interrupts), so a reader that has nothing looks again every
 * 50 ms.
 *
 * LOCKING.  The reader's own mutex; the rings guard themselves.
 */

#include "trace.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <mm/slab.h>

#define PIPE_POLL (HZ / 20)

/* ---- trace_pipe --------------------------------------------------------- */

/* A reader: where it is, and the rest of a line that did not fit. */
struct pipe_reader {
	struct mutex lock;
	struct ring_cursor cursor;
	struct seq_file line;
	char room[512];
};

static int pipe_open(struct inode *inode, struct file *file)
{
	struct pipe_reader *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	mutex_init(&p->lock);
	p->line.buf = p->room;
	p->line.size = sizeof(p->room);
	file->private_data = p;
	return nonseekable_open(inode, file);
}

static int pipe_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

/* Have a line to give: 0, or why there is none.  p->lock held. */
static int next_line(struct pipe_reader *p, bool wait)
{
	struct trace_record r;

	while (p->line.from == p->line.count) {
		if (ring_read(&p->cursor, &r, true)) {
			p->line.from = p->line.count = 0;
			event_print(&p->line, &r);
			continue;
		}
		if (!wait)
			return -EAGAIN;
		/* Records come from where nobody can be woken: so look. */
		schedule_timeout_interruptible(PIPE_POLL);
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
	return 0;
}

static ssize_t pipe_read(struct file *file, char __user *buf, size_t count,
			 loff_t *pos)
{
	struct pipe_reader *p = file->private_data;
	size_t done = 0;
	int err = mutex_lock_interruptible(&p->lock);

	if (err)
		return err;
	while (done < count) {
		size_t n;

		err = next_line(p, !done && !(file->f_flags & O_NONBLOCK));
		if (err)
			break;
		n = min(count - done, p->line.count - p->line.from);
		if (copy_to_user(buf + done, p->line.buf + p->line.from, n)) {
			err = -EFAULT;
			break;
		}
		p->line.from += n;
		done += n;
	}
	mutex_unlock(&p->lock);
	return done ? (ssize_t)done : err;
}

const struct file_operations trace_pipe_fops = {
	.open = pipe_open,
	.read = pipe_read,
	.llseek = no_llseek,
	.release = pipe_release,
};
