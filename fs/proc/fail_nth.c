/* SPDX-License-Identifier: MIT */
/*
 * fail_nth.c -- /proc/fail-nth: the n-th allocation of this task is to fail
 *
 * For tests that let each allocation of a system call fail in turn.  Writing n
 * arms it for the calling task; reading tells how many allocations are left
 * before the failure, and 0 once it has come.  Linux has /proc/PID/fail-nth,
 * if it was built with fault injection; here only a debug build has it.
 */

#include <fs/proc_fs.h>

#include <arch/uaccess.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/string.h>

static int show_fail_nth(struct seq_file *m, void *v)
{
	seq_printf(m, "%u\n", current->fail_nth);
	return 0;
}

static int open_fail_nth(struct inode *inode, struct file *file)
{
	return single_open(file, show_fail_nth, NULL);
}

static ssize_t write_fail_nth(struct file *file, const char __user *buf,
			      size_t count, loff_t *pos)
{
	char text[16] = { 0 };
	int value;

	if (copy_from_user(text, buf, min(count, sizeof(text) - 1)))
		return -EFAULT;
	if (kstrtoint(strim(text), 0, &value) || value < 0)
		return -EINVAL;
	current->fail_nth = value;
	return count;
}

static const struct file_operations fail_nth_operations = {
	.open = open_fail_nth,
	.read_iter = seq_read_iter,
	.write = write_fail_nth,
	.llseek = seq_lseek,
	.release = single_release,
};

static int fail_nth_init(void)
{
	if (IS_ENABLED(LANTERN_DEBUG))
		proc_create("fail-nth", 0600, NULL, &fail_nth_operations);
	return 0;
}
late_initcall(fail_nth_init);
