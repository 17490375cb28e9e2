/* SPDX-License-Identifier: MIT */
/*
 * kmsg.c -- /dev/kmsg: the log, a record at a time
 *
 * PROMISE.  Each read() returns one whole record,
 *
 *	6,339,5140900,-;text of the message\n
 *	priority, sequence number, microseconds since boot, flag
 *
 * and waits for the next one at the end; -EPIPE once if records were
 * overwritten before this file had read them.  A write() is a record of user
 * space, with an optional "<priority>" in front.
 *
 * LOCKING.  A mutex for each open file, around its position.
 *
 * SEE Linux's Documentation/ABI/testing/dev-kmsg; docs/21-log-and-panic.md
 */

#include "mem.h"

#include <arch/uaccess.h>
#include <drivers/cdev.h>
#include <drivers/device.h>
#include <drivers/syslog.h>
#include <drivers/vt.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/kmsg.h>
#include <kernel/mutex.h>
#include <kernel/wait.h>
#include <mm/slab.h>

#define LINE_MAX (LOG_LINE_MAX * 4 + 64)     /* each byte may become \xNN */
#define DEFAULT_FACILITY 1                   /* "user" */

struct kmsg_reader {
	struct mutex lock;
	u64 seq;                     /* lock: the next record */
	struct kmsg_record rec;      /* lock */
	char line[LINE_MAX];         /* lock */
};

DECLARE_WAIT_QUEUE_HEAD(kmsg_wait);

/* Registered with the log: there is news. */
static void kmsg_news(void)
{
	vt_log_news();
	wake_up_interruptible_all(&kmsg_wait);
}

/* One record as a line; bytes that are no text as \xNN. */
static int format(struct kmsg_reader *r)
{
	const struct kmsg_record *rec = &r->rec;
	int n = scnprintf(r->line, LINE_MAX, "%u,%lu,%lu,%c;",
			  rec->facility << 3 | rec->level,
			  (unsigned long)rec->seq,
			  (unsigned long)(rec->ts_nsec / 1000),
			  rec->cont ? 'c' : '-');

	for (int i = 0; i < rec->len; i++) {
		u8 c = rec->text[i];

		if (c < ' ' || c >= 127 || c == '\\')
			n += scnprintf(r->line + n, LINE_MAX - n, "\\x%02x",
				       c);
		else if (n < LINE_MAX - 2)
			r->line[n++] = c;
	}
	r->line[n++] = '\n';
	return n;
}

static ssize_t kmsg_read_file(struct file *file, char __user *buf, size_t n,
			      loff_t *pos)
{
	struct kmsg_reader *r = file->private_data;
	ssize_t len;
	u64 before;
	int err;

	if (mutex_lock_interruptible(&r->lock))
		return -ERESTARTSYS;
	before = r->seq;
	err = kmsg_read(&r->seq, &r->rec);
	while (err == -EAGAIN && !(file->f_flags & O_NONBLOCK)) {
		err = wait_event_interruptible(kmsg_wait,
				kmsg_next_seq() != READ_ONCE(r->seq));
		if (err)
			break;
		before = r->seq;
		err = kmsg_read(&r->seq, &r->rec);
	}
	len = err;
	if (!err) {
		len = format(r);
		if ((size_t)len > n) {
			r->seq = before;
			len = -EINVAL;
		} else if (copy_to_user(buf, r->line, len)) {
			len = -EFAULT;
		}
	}
	mutex_unlock(&r->lock);
	return len;
}

static ssize_t kmsg_write_file(struct file *file, const char __user *buf,
			       size_t n, loff_t *pos)
{
	unsigned int level = LOGLEVEL_DEFAULT, facility = DEFAULT_FACILITY;
	char *text, *at, *end;

	if (n > LOG_LINE_MAX)
		return -EINVAL;
	text = memdup_user_nul(buf, n);
	if (IS_ERR(text))
		return PTR_ERR(text);
	at = text;
	if (at[0] == '<' && isdigit(at[1])) {
		unsigned long prio = simple_strtoul(at + 1, &end, 10);

		if (*end == '>') {
			level = prio & 7;
			if (prio >> 3)
				facility = prio >> 3;
			at = end + 1;
		}
	}
	end = text + n;
	if (end > at && end[-1] == '\n')
		end--;
	kmsg_emit(facility, level, at, end - at);
	kfree(text);
	return n;
}

static loff_t kmsg_llseek(struct file *file, loff_t offset, int whence)
{
	struct kmsg_reader *r = file->private_data;

	if (!r)
		return -EBADF;
	if (offset)
		return -ESPIPE;
	mutex_lock(&r->lock);
	switch (whence) {
	case 0:                      /* SEEK_SET: the oldest */
		r->seq = kmsg_first_seq();
		break;
	case 2:                      /* SEEK_END: only what is to come */
		r->seq = kmsg_next_seq();
		break;
	case 3:                      /* SEEK_DATA: behind the last clear */
		r->seq = kmsg_clear_seq();
		break;
	default:
		mutex_unlock(&r->lock);
		return -EINVAL;
	}
	mutex_unlock(&r->lock);
	return 0;
}

static __poll_t kmsg_poll(struct file *file, struct poll_table_struct *pt)
{
	struct kmsg_reader *r = file->private_data;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM;

	if (!r)
		return mask;
	poll_wait(file, &kmsg_wait, pt);
	if (kmsg_next_seq() != READ_ONCE(r->seq))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (kmsg_first_seq() > READ_ONCE(r->seq))
		mask |= EPOLLERR | EPOLLPRI;
	return mask;
}

static int kmsg_open(struct inode *inode, struct file *file)
{
	struct kmsg_reader *r = NULL;

	if ((file->f_flags & O_ACCMODE) != O_WRONLY) {
		r = kzalloc(sizeof(*r), GFP_KERNEL);
		if (!r)
			return -ENOMEM;
		mutex_init(&r->lock);
		r->seq = kmsg_first_seq();
	}
	file->private_data = r;
	return 0;
}

static int kmsg_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static const struct file_operations kmsg_fops = {
	.open = kmsg_open,
	.release = kmsg_release,
	.read = kmsg_read_file,
	.write = kmsg_write_file,
	.llseek = kmsg_llseek,
	.poll = kmsg_poll,
};

static int kmsg_init(void)
{
	static struct cdev cdev;
	dev_t dev = MKDEV(1, 11);
	int err;

	cdev_init(&cdev, &kmsg_fops);
	err = cdev_add(&cdev, dev, 1);
	if (!err)
		device_create_mode(&mem_class, NULL, dev, 0020000 | 0644, NULL,
				   "kmsg");
	kmsg_register_listener(kmsg_news);
	return err;
}
fs_initcall(kmsg_init);
