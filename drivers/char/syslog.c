/* SPDX-License-Identifier: MIT */
/*
 * syslog.c -- syslog(2): the log as dmesg and klogd read it
 *
 * IDEA.  READ consumes records in order, one reader for all, and sleeps when
 * there is none; READ_ALL copies the tail that fits, from the last CLEAR on.
 *
 * LOCKING.  syslog_mutex guards the consuming reader's position.
 *
 * SEE syslog(2).
 */

#include <drivers/syslog.h>

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/kmsg.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/syscall.h>
#include <mm/slab.h>

enum {
	SYSLOG_CLOSE, SYSLOG_OPEN, SYSLOG_READ, SYSLOG_READ_ALL,
	SYSLOG_READ_CLEAR, SYSLOG_CLEAR, SYSLOG_CONSOLE_OFF,
	SYSLOG_CONSOLE_ON, SYSLOG_CONSOLE_LEVEL, SYSLOG_SIZE_UNREAD,
	SYSLOG_SIZE_BUFFER,
};

#define LINE_ROOM (LOG_LINE_MAX + 64)

static DEFINE_MUTEX(syslog_mutex);
static u64 syslog_seq;                /* next record to READ */
static int saved_loglevel = -1;

/* A record and its line, too big for the stack. */
struct scratch {
	struct kmsg_record rec;
	char line[LINE_ROOM];
};

/* Format the record at or behind *seq; its length, or 0: none. */
static int next_line(struct scratch *s, u64 *seq)
{
	int err = kmsg_read(seq, &s->rec);

	if (err == -EPIPE)
		err = kmsg_read(seq, &s->rec);
	return err ? 0 : kmsg_format_syslog(&s->rec, s->line, LINE_ROOM, true);
}

/* At least one record, as many as fit; sleeps for the first. */
static int syslog_read(struct scratch *s, char __user *buf, int room)
{
	int done = 0, len, err;
	u64 seq;

	err = wait_event_interruptible(kmsg_wait,
				       READ_ONCE(syslog_seq) < kmsg_next_seq());
	if (err)
		return err;
	mutex_lock(&syslog_mutex);
	for (;;) {
		seq = syslog_seq;
		len = next_line(s, &seq);
		if (!len || len > room - done)
			break;
		if (copy_to_user(buf + done, s->line, len)) {
			done = done ? done : -EFAULT;
			break;
		}
		syslog_seq = seq;
		done += len;
	}
	mutex_unlock(&syslog_mutex);
	return done;
}

/* The first record from which on everything fits into room bytes. */
static u64 find_tail(struct scratch *s, int room)
{
	u64 seq = max(kmsg_clear_seq(), kmsg_first_seq()), end = kmsg_next_seq();
	u64 first = seq, i;
	long total = 0;

	for (i = seq; i < end; )
		total += next_line(s, &i);
	while (total > room && first < end)
		total -= next_line(s, &first);
	return first;
}

static int syslog_read_all(struct scratch *s, char __user *buf, int room,
			   bool clear)
{
	u64 seq = find_tail(s, room);
	int done = 0, len;

	while ((len = next_line(s, &seq)) && len <= room - done) {
		if (copy_to_user(buf + done, s->line, len))
			return -EFAULT;
		done += len;
		cond_resched();
	}
	if (clear)
		kmsg_clear();
	return done;
}

static int syslog_unread(struct scratch *s)
{
	u64 seq = READ_ONCE(syslog_seq);
	int total = 0, len;

	while ((len = next_line(s, &seq)))
		total += len;
	return total;
}

static int set_console_level(int level)
{
	if (level < 1 || level > 8)
		return -EINVAL;
	console_loglevel = level;
	saved_loglevel = -1;
	return 0;
}

int syslog_consume(char __user *buf, int room)
{
	struct scratch *s = kmalloc(sizeof(*s), GFP_KERNEL);
	int ret = s ? syslog_read(s, buf, room) : -ENOMEM;

	kfree(s);
	return ret;
}

bool syslog_unread_any(void)
{
	return READ_ONCE(syslog_seq) < kmsg_next_seq();
}

static int do_syslog(struct scratch *s, int type, char __user *buf, int len)
{
	switch (type) {
	case SYSLOG_CLOSE:
	case SYSLOG_OPEN:
		return 0;
	case SYSLOG_READ:
		return syslog_read(s, buf, len);
	case SYSLOG_READ_ALL:
	case SYSLOG_READ_CLEAR:
		return syslog_read_all(s, buf, len, type == SYSLOG_READ_CLEAR);
	case SYSLOG_CLEAR:
		kmsg_clear();
		return 0;
	case SYSLOG_CONSOLE_OFF:
		if (saved_loglevel < 0)
			saved_loglevel = console_loglevel;
		console_loglevel = 1;
		return 0;
	case SYSLOG_CONSOLE_ON:
		if (saved_loglevel >= 0)
			console_loglevel = saved_loglevel;
		saved_loglevel = -1;
		return 0;
	case SYSLOG_CONSOLE_LEVEL:
		return set_console_level(len);
	case SYSLOG_SIZE_UNREAD:
		return syslog_unread(s);
	case SYSLOG_SIZE_BUFFER:
		return kmsg_buffer_size();
	}
	return -EINVAL;
}

static bool needs_buffer(int type)
{
	return type == SYSLOG_READ || type == SYSLOG_READ_ALL ||
	       type == SYSLOG_READ_CLEAR;
}

SYSCALL_DEFINE3(syslog, int, type, char __user *, buf, int, len)
{
	struct scratch *s;
	int ret;

	if (type != SYSLOG_READ_ALL && type != SYSLOG_SIZE_BUFFER &&
	    !capable(CAP_SYSLOG))
		return -EPERM;
	if (needs_buffer(type)) {
		if (!buf || len < 0)
			return -EINVAL;
		if (!len)
			return 0;
		if (!access_ok(buf, len))
			return -EFAULT;
	}
	s = kmalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	ret = do_syslog(s, type, buf, len);
	kfree(s);
	return ret;
}
