/* SPDX-License-Identifier: MIT */
/*
 * sysctl_dirty.c -- /proc/sys/vm/dirty_*: the limits of dirty memory
 *
 * Each limit has two forms, a ratio and a number of bytes; the one that was set
 * last counts, and the other then reads 0.
 *
 * SEE mm/virt/dirty_limits.c.
 */

#include "internal.h"

#include <fs/seq_file.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <mm/mm.h>
#include <mm/writeback.h>

static int parse(const char *text, unsigned long min, unsigned long max,
		 unsigned long *value)
{
	unsigned long v;

	if (kstrtoul(text, 0, &v) || v < min || v > max)
		return -EINVAL;
	*value = v;
	return 0;
}

/* The ratio counts from now on. */
static int set_ratio(const char *text, int *ratio, unsigned long *bytes)
{
	unsigned long v;
	int err = parse(text, 0, 100, &v);

	if (err)
		return err;
	WRITE_ONCE(*ratio, v);
	WRITE_ONCE(*bytes, 0);
	return 0;
}

static int set_bytes(const char *text, unsigned long min, int *ratio,
		     unsigned long *bytes)
{
	unsigned long v;
	int err = parse(text, min, LONG_MAX, &v);

	if (err)
		return err;
	WRITE_ONCE(*bytes, v);
	WRITE_ONCE(*ratio, 0);
	return 0;
}

int show_dirty_ratio(struct seq_file *m)
{
	seq_printf(m, "%d\n", READ_ONCE(vm_dirty_ratio));
	return 0;
}

int set_dirty_ratio(char *text)
{
	return set_ratio(text, &vm_dirty_ratio, &vm_dirty_bytes);
}

int show_dirty_bytes(struct seq_file *m)
{
	seq_printf(m, "%lu\n", READ_ONCE(vm_dirty_bytes));
	return 0;
}

int set_dirty_bytes(char *text)
{
	return set_bytes(text, 2 * PAGE_SIZE, &vm_dirty_ratio, &vm_dirty_bytes);
}

int show_dirty_background_ratio(struct seq_file *m)
{
	seq_printf(m, "%d\n", READ_ONCE(dirty_background_ratio));
	return 0;
}

int set_dirty_background_ratio(char *text)
{
	return set_ratio(text, &dirty_background_ratio,
			 &dirty_background_bytes);
}

int show_dirty_background_bytes(struct seq_file *m)
{
	seq_printf(m, "%lu\n", READ_ONCE(dirty_background_bytes));
	return 0;
}

int set_dirty_background_bytes(char *text)
{
	return set_bytes(text, 1, &dirty_background_ratio,
			 &dirty_background_bytes);
}
