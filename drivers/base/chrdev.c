/* SPDX-License-Identifier: MIT */
/*
 * chrdev.c -- from a device number to the driver that serves it
 *
 * PROMISE.  Opening a character device node calls the driver that added the
 * number, or fails with -ENXIO.
 *
 * IDEA.  A node holds nothing but a number: major (which driver) and minor
 * (which of its devices).  The inode's own operations have only an open(),
 * which looks the number up, puts the driver's operations into the file in
 * their place, and calls the driver's open().  Drivers are few: a list will do.
 *
 * Regions are names for ranges of numbers, shown by /proc/devices; a driver may
 * claim a range and serve only part of it.
 *
 * LOCKING.  chrdev_lock for both lists; cdevs are never freed while a file can
 * be opened on them (drivers that come and go unregister first).
 */

#include <drivers/cdev.h>

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/mutex.h>
#include <kernel/string.h>
#include <mm/slab.h>

struct chrdev_region {
	struct list_head link;
	unsigned int major, minor, count;
	char name[32];
};

static DEFINE_MUTEX(chrdev_lock);
static LIST_HEAD(cdevs);
static LIST_HEAD(regions);       /* by number */

static bool overlap(dev_t a, unsigned int na, dev_t b, unsigned int nb)
{
	return a < b + nb && b < a + na;
}

void cdev_init(struct cdev *cdev, const struct file_operations *fops)
{
	memset(cdev, 0, sizeof(*cdev));
	cdev->ops = fops;
	INIT_LIST_HEAD(&cdev->link);
}
EXPORT_SYMBOL(cdev_init);

int cdev_add(struct cdev *cdev, dev_t dev, unsigned int count)
{
	struct cdev *c;
	int err = 0;

	mutex_lock(&chrdev_lock);
	list_for_each_entry(c, &cdevs, link)
		if (overlap(c->dev, c->count, dev, count))
			err = -EBUSY;
	if (!err) {
		cdev->dev = dev;
		cdev->count = count;
		list_add(&cdev->link, &cdevs);
	}
	mutex_unlock(&chrdev_lock);
	return err;
}
EXPORT_SYMBOL(cdev_add);

void cdev_del(struct cdev *cdev)
{
	mutex_lock(&chrdev_lock);
	list_del_init(&cdev->link);
	mutex_unlock(&chrdev_lock);
}
EXPORT_SYMBOL(cdev_del);

/* Insert in order of number.  chrdev_lock held. */
static int insert_region(struct chrdev_region *r)
{
	struct list_head *before = &regions;
	struct chrdev_region *o;

	list_for_each_entry(o, &regions, link) {
		if (overlap(MKDEV(o->major, o->minor), o->count,
			    MKDEV(r->major, r->minor), r->count))
			return -EBUSY;
		if (MKDEV(o->major, o->minor) < MKDEV(r->major, r->minor))
			before = &o->link;
	}
	list_add(&r->link, before);
	return 0;
}

/* The highest unused dynamic major, or 0.  chrdev_lock held. */
static unsigned int free_major(void)
{
	for (unsigned int m = CHRDEV_MAJOR_DYN_START + 20; m > 233; m--) {
		struct chrdev_region *r;
		bool used = false;

		list_for_each_entry(r, &regions, link)
			used |= r->major == m;
		if (!used)
			return m;
	}
	return 0;
}

/* major 0: choose one.  Returns the major or -errno. */
static int add_region(unsigned int major, unsigned int minor,
		      unsigned int count, const char *name)
{
	struct chrdev_region *r;
	int err;

	if (major >= CHRDEV_MAJOR_MAX)
		return -EINVAL;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	mutex_lock(&chrdev_lock);
	r->major = major ? major : free_major();
	r->minor = minor;
	r->count = count;
	strscpy(r->name, name, sizeof(r->name));
	err = r->major ? insert_region(r) : -EBUSY;
	mutex_unlock(&chrdev_lock);
	if (err) {
		kfree(r);
		return err;
	}
	return r->major;
}

int register_chrdev_region(dev_t first, unsigned int count, const char *name)
{
	int m = add_region(MAJOR(first), MINOR(first), count, name);

	return m < 0 ? m : 0;
}
EXPORT_SYMBOL(register_chrdev_region);

int alloc_chrdev_region(dev_t *dev, unsigned int baseminor,
			unsigned int count, const char *name)
{
	int m = add_region(0, baseminor, count, name);

	if (m < 0)
		return m;
	*dev = MKDEV(m, baseminor);
	return 0;
}
EXPORT_SYMBOL(alloc_chrdev_region);

void unregister_chrdev_region(dev_t first, unsigned int count)
{
	struct chrdev_region *r, *next;

	mutex_lock(&chrdev_lock);
	list_for_each_entry_safe(r, next, &regions, link) {
		if (MKDEV(r->major, r->minor) != first || r->count != count)
			continue;
		list_del(&r->link);
		kfree(r);
	}
	mutex_unlock(&chrdev_lock);
}
EXPORT_SYMBOL(unregister_chrdev_region);

int register_chrdev(unsigned int major, const char *name,
		    const struct file_operations *fops)
{
	struct cdev *cdev = kzalloc(sizeof(*cdev), GFP_KERNEL);
	int m, err;

	if (!cdev)
		return -ENOMEM;
	m = add_region(major, 0, 256, name);
	if (m < 0) {
		kfree(cdev);
		return m;
	}
	cdev_init(cdev, fops);
	cdev->name = name;
	err = cdev_add(cdev, MKDEV(m, 0), 256);
	if (err) {
		unregister_chrdev_region(MKDEV(m, 0), 256);
		kfree(cdev);
		return err;
	}
	return major ? 0 : m;
}
EXPORT_SYMBOL(register_chrdev);

void unregister_chrdev(unsigned int major, const char *name)
{
	struct cdev *c, *found = NULL;

	mutex_lock(&chrdev_lock);
	list_for_each_entry(c, &cdevs, link)
		if (c->dev == MKDEV(major, 0) && c->count == 256)
			found = c;
	if (found)
		list_del(&found->link);
	mutex_unlock(&chrdev_lock);
	kfree(found);
	unregister_chrdev_region(MKDEV(major, 0), 256);
}
EXPORT_SYMBOL(unregister_chrdev);

void chrdev_for_each(void (*fn)(unsigned int major, const char *name,
				void *arg), void *arg)
{
	struct chrdev_region *r;
	unsigned int last = 0;

	mutex_lock(&chrdev_lock);
	list_for_each_entry(r, &regions, link) {
		if (r->major != last || r->minor)
			fn(r->major, r->name, arg);
		last = r->major;
	}
	mutex_unlock(&chrdev_lock);
}

static const struct file_operations *find_ops(dev_t dev)
{
	const struct file_operations *ops = NULL;
	struct cdev *c;

	mutex_lock(&chrdev_lock);
	list_for_each_entry(c, &cdevs, link)
		if (dev >= c->dev && dev - c->dev < c->count)
			ops = c->ops;
	mutex_unlock(&chrdev_lock);
	return ops;
}

static int chrdev_open(struct inode *inode, struct file *file)
{
	const struct file_operations *ops = find_ops(inode->i_rdev);

	if (!ops)
		return -ENXIO;
	file->f_op = ops;
	return ops->open ? ops->open(inode, file) : 0;
}

const struct file_operations def_chr_fops = {
	.open = chrdev_open,
	.llseek = noop_llseek,
};
