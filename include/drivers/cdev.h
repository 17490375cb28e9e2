/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_CDEV_H
#define DRIVERS_CDEV_H
/*
 * cdev.h -- which driver serves a character device number
 *
 * Theory: drivers/base/chrdev.c.
 */

#include <fs/fs.h>
#include <kernel/list.h>
#include <kernel/types.h>

#define CHRDEV_MAJOR_DYN_START 234   /* given out downwards from here */
#define CHRDEV_MAJOR_MAX 512

/* Constant once added. */
struct cdev {
	const struct file_operations *ops;
	dev_t dev;                    /* first number */
	unsigned int count;
	const char *name;             /* NULL: of the region */
	struct list_head link;        /* chrdev_lock; RCU to read */
};

void cdev_init(struct cdev *cdev, const struct file_operations *fops);
/* 0, or -EBUSY if a number is served already. */
int cdev_add(struct cdev *cdev, dev_t dev, unsigned int count);
void cdev_del(struct cdev *cdev);

/* Claim numbers by name, for /proc/devices.  0, -EBUSY, -ENOMEM, -EINVAL. */
int register_chrdev_region(dev_t first, unsigned int count, const char *name);
int alloc_chrdev_region(dev_t *dev, unsigned int baseminor,
			unsigned int count, const char *name);
void unregister_chrdev_region(dev_t first, unsigned int count);
/* Claim and serve minors 0..255; major 0: any, which is returned. */
int register_chrdev(unsigned int major, const char *name,
		    const struct file_operations *fops);
void unregister_chrdev(unsigned int major, const char *name);

/* The "Character devices:" lines of /proc/devices; may sleep. */
void chrdev_for_each(void (*fn)(unsigned int major, const char *name,
				void *arg), void *arg);

/* Small devices that share major 10. */
#define MISC_MAJOR 10
#define MISC_DYNAMIC_MINOR 255

struct device;
struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	struct list_head list;
	struct device *this_device;
	const char *nodename;         /* below /dev, if not name */
	umode_t mode;                 /* 0: 0600 */
};

int misc_register(struct miscdevice *misc);
void misc_deregister(struct miscdevice *misc);
/* The lines of /proc/misc; may sleep. */
void misc_for_each(void (*fn)(const struct miscdevice *misc, void *arg),
		   void *arg);

#endif
