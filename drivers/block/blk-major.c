/* SPDX-License-Identifier: MIT */
/*
 * blk-major.c -- which driver owns which numbers
 *
 * PROMISE.  A major number has one owner, named in /proc/devices.  An owner may
 * be asked to make a device that is opened before it exists (loop).
 *
 * LOCKING.  major_mutex.
 */

#include "blk.h"
#include "genhd.h"

#include <kernel/bitmap.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/string.h>
#include <mm/slab.h>

#define DYNAMIC_TOP 254          /* given out downwards from here */
#define EXT_MINORS 1024

struct blk_major_name {
	struct list_head link;        /* by number */
	unsigned int major;
	char name[16];
	void (*probe)(dev_t devt);
};

static LIST_HEAD(majors);
static DEFINE_MUTEX(major_mutex);
static DECLARE_BITMAP(ext_minors, EXT_MINORS);   /* major_mutex */

static struct blk_major_name *find_major(unsigned int major)
{
	struct blk_major_name *m;

	list_for_each_entry(m, &majors, link)
		if (m->major == major)
			return m;
	return NULL;
}

static unsigned int free_major(void)
{
	for (unsigned int m = DYNAMIC_TOP; m > 0; m--)
		if (!find_major(m))
			return m;
	return 0;
}

static void insert_major(struct blk_major_name *new)
{
	struct list_head *behind = &majors;
	struct blk_major_name *m;

	list_for_each_entry(m, &majors, link)
		if (m->major < new->major)
			behind = &m->link;
	list_add(&new->link, behind);
}

/* major 0: any, which is returned; else 0.  -EBUSY, -EINVAL, -ENOMEM. */
int __register_blkdev(unsigned int major, const char *name,
		      void (*probe)(dev_t devt))
{
	struct blk_major_name *m;
	int ret = major ? 0 : -EBUSY;

	if (major >= BLKDEV_MAJOR_MAX)
		return -EINVAL;
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	strscpy(m->name, name, sizeof(m->name));
	m->probe = probe;
	mutex_lock(&major_mutex);
	m->major = major ? major : free_major();
	if (!m->major || find_major(m->major)) {
		kfree(m);
		ret = -EBUSY;
	} else {
		insert_major(m);
		if (!major)
			ret = m->major;
	}
	mutex_unlock(&major_mutex);
	return ret;
}
EXPORT_SYMBOL(__register_blkdev);

int register_blkdev(unsigned int major, const char *name)
{
	return __register_blkdev(major, name, NULL);
}
EXPORT_SYMBOL(register_blkdev);

void blkdev_for_each(void (*fn)(unsigned int major, const char *name,
				void *arg), void *arg)
{
	struct blk_major_name *m;

	mutex_lock(&major_mutex);
	list_for_each_entry(m, &majors, link)
		fn(m->major, m->name, arg);
	mutex_unlock(&major_mutex);
}

/* Somebody opens a number that no disk has: its owner may make one. */
void blk_request_module(dev_t devt)
{
	void (*probe)(dev_t devt) = NULL;
	struct blk_major_name *m;

	mutex_lock(&major_mutex);
	m = find_major(MAJOR(devt));
	if (m)
		probe = m->probe;
	mutex_unlock(&major_mutex);
	if (probe)
		probe(devt);
}

int part_devt_alloc(void)
{
	unsigned long n;

	mutex_lock(&major_mutex);
	n = find_next_zero_bit(ext_minors, EXT_MINORS, 0);
	if (n < EXT_MINORS)
		__set_bit(n, ext_minors);
	mutex_unlock(&major_mutex);
	return n < EXT_MINORS ? (int)n : -EBUSY;
}

void part_devt_free(dev_t dev)
{
	if (MAJOR(dev) != BLOCK_EXT_MAJOR)
		return;
	mutex_lock(&major_mutex);
	__clear_bit(MINOR(dev), ext_minors);
	mutex_unlock(&major_mutex);
}

static int init_blk_major(void)
{
	return register_blkdev(BLOCK_EXT_MAJOR, "blkext");
}
subsys_initcall(init_blk_major);
