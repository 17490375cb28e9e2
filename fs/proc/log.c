/* SPDX-License-Identifier: MIT */
/*
 * log.c -- /proc/kmsg and /proc/kallsyms
 *
 * kmsg is syslog(2) as a file: reading takes records away, one reader for all,
 * and waits for the next.  kallsyms shows zeroes for addresses to those who may
 * not read the log.
 */

#include "internal.h"

#include <drivers/syslog.h>
#include <fs/poll.h>
#include <kernel/init.h>
#include <kernel/kallsyms.h>
#include <kernel/kernel.h>
#include <uapi/fcntl.h>

static int kmsg_open(struct inode *inode, struct file *file)
{
	return capable(CAP_SYSLOG) ? 0 : -EPERM;
}

static ssize_t kmsg_read(struct file *file, char __user *buf, size_t n,
			 loff_t *pos)
{
	if ((file->f_flags & O_NONBLOCK) && !syslog_unread_any())
		return -EAGAIN;
	return syslog_consume(buf, min_t(size_t, n, INT_MAX));
}

static __poll_t kmsg_poll(struct file *file, struct poll_table_struct *pt)
{
	poll_wait(file, &kmsg_wait, pt);
	return syslog_unread_any() ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations kmsg_fops = {
	.open = kmsg_open,
	.read = kmsg_read,
	.poll = kmsg_poll,
	.llseek = no_llseek,
};

/* ---- names of functions ---- */

static void *ksym_start(struct seq_file *m, loff_t *pos)
{
	return *pos < kallsyms_count ? pos : NULL;
}

static void *ksym_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return ksym_start(m, pos);
}

static void ksym_stop(struct seq_file *m, void *v)
{
}

static int ksym_show(struct seq_file *m, void *v)
{
	struct ksym sym;

	kallsyms_entry(*(loff_t *)v, &sym);
	if (!proc_opener_capable(m->file, CAP_SYSLOG))
		sym.addr = 0;
	seq_printf(m, "%016lx %c %s\n", sym.addr, sym.type, sym.name);
	return 0;
}

static const struct seq_operations ksym_ops = {
	.start = ksym_start, .next = ksym_next, .stop = ksym_stop,
	.show = ksym_show,
};

static int log_files_init(void)
{
	proc_create("kmsg", 0400, NULL, &kmsg_fops);
	proc_create_seq("kallsyms", 0, NULL, &ksym_ops);
	return 0;
}
fs_initcall(log_files_init);
