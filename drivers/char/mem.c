/* SPDX-License-Identifier: MIT */
/*
 * mem.c -- the devices without hardware: null, zero, full, random, urandom
 *
 *	         read               write
 *	null     end of file        takes all
 *	zero     zeroes             takes all
 *	full     zeroes             ENOSPC
 *	random   random bytes, once the generator is seeded; writes mix in
 *	urandom  random bytes at once
 *
 * All share major 1; open() puts the minor's own operations into the file.
 */

#include "mem.h"

#include <arch/uaccess.h>
#include <drivers/cdev.h>
#include <drivers/device.h>
#include <fs/poll.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/math.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <mm/gfp.h>
#include <mm/mm.h>
#include <mm/uio.h>

#define MEM_MAJOR 1
#define RANDOM_CHUNK 256

static ssize_t read_null(struct file *file, char __user *buf, size_t n,
			 loff_t *pos)
{
	return 0;
}

static ssize_t write_null(struct file *file, const char __user *buf, size_t n,
			  loff_t *pos)
{
	return n;
}

/* For splice(2), which has no user memory to write from. */
static ssize_t write_iter_null(struct kiocb *iocb, struct iov_iter *from)
{
	size_t n = iov_iter_count(from);

	iov_iter_advance(from, n);
	return n;
}

static ssize_t read_iter_null(struct kiocb *iocb, struct iov_iter *to)
{
	return 0;
}

static ssize_t write_full(struct file *file, const char __user *buf, size_t n,
			  loff_t *pos)
{
	return -ENOSPC;
}

/* Large reads go a page at a time, so that a signal can end them. */
static ssize_t read_zero(struct file *file, char __user *buf, size_t n,
			 loff_t *pos)
{
	size_t done = 0;

	while (done < n) {
		size_t len = min(n - done, PAGE_SIZE);
		size_t left = clear_user(buf + done, len);

		done += len - left;
		if (left)
			return done ? (ssize_t)done : -EFAULT;
		if (signal_pending(current))
			return done ? (ssize_t)done : -ERESTARTSYS;
		cond_resched();
	}
	return done;
}

static ssize_t read_random(struct file *file, char __user *buf, size_t n,
			   loff_t *pos)
{
	size_t done = 0;
	u8 k[RANDOM_CHUNK];

	while (done < n) {
		size_t len = min(n - done, sizeof(k));

		get_random_bytes(k, len);
		if (copy_to_user(buf + done, k, len))
			return done ? (ssize_t)done : -EFAULT;
		done += len;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

static ssize_t write_random(struct file *file, const char __user *buf,
			    size_t n, loff_t *pos)
{
	size_t done = 0;
	u8 k[RANDOM_CHUNK];

	while (done < n) {
		size_t len = min(n - done, sizeof(k));

		if (copy_from_user(k, buf + done, len))
			return done ? (ssize_t)done : -EFAULT;
		add_device_randomness(k, len);
		done += len;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

static __poll_t poll_random(struct file *file, struct poll_table_struct *pt)
{
	return EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM;
}

#define RNDGETENTCNT 0x80045200
#define RNDADDTOENTCNT 0x40045201
#define RNDADDENTROPY 0x40085203

static long ioctl_random(struct file *file, unsigned int cmd,
			 unsigned long arg)
{
	if (cmd == RNDGETENTCNT)
		return put_user(rng_is_initialized() ? 256 : 0,
				(int __user *)arg);
	return -ENOTTY;
}

/* A private mapping is memory like any other: without a backer, anonymous. */
static int mmap_zero(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_SHARED)
		return shmem_zero_setup(vma);
	vma->vm_ops = NULL;
	return 0;
}

static loff_t mem_llseek(struct file *file, loff_t offset, int whence)
{
	return file->f_pos = 0;
}

static const struct file_operations null_fops = {
	.llseek = mem_llseek, .read = read_null, .write = write_null,
	.read_iter = read_iter_null, .write_iter = write_iter_null,
};
static const struct file_operations zero_fops = {
	.llseek = mem_llseek, .read = read_zero, .write = write_null,
	.mmap = mmap_zero,
};
static const struct file_operations full_fops = {
	.llseek = mem_llseek, .read = read_zero, .write = write_full,
};
static const struct file_operations random_fops = {
	.llseek = noop_llseek, .read = read_random, .write = write_random,
	.poll = poll_random, .unlocked_ioctl = ioctl_random,
};

static const struct mem_device {
	unsigned int minor;
	const char *name;
	const struct file_operations *fops;
	umode_t mode;
} mem_devices[] = {
	{ 3, "null", &null_fops, 0666 },   { 5, "zero", &zero_fops, 0666 },
	{ 7, "full", &full_fops, 0666 },   { 8, "random", &random_fops, 0666 },
	{ 9, "urandom", &random_fops, 0666 },
};
#define NR_MEM_DEVICES (sizeof(mem_devices) / sizeof(mem_devices[0]))

static int mem_open(struct inode *inode, struct file *file)
{
	for (unsigned int i = 0; i < NR_MEM_DEVICES; i++) {
		if (mem_devices[i].minor != iminor(inode))
			continue;
		file->f_op = mem_devices[i].fops;
		return 0;
	}
	return -ENXIO;
}

static const char *mem_devnode(const struct device *dev, umode_t *mode)
{
	const struct mem_device *m = dev->driver_data;

	if (m)
		*mode = m->mode;
	return NULL;
}

struct class mem_class = { .name = "mem", .devnode = mem_devnode };

static const struct file_operations mem_fops = {
	.open = mem_open,
	.llseek = noop_llseek,
};

/* Before kmsg.c, which has a device of the class, too. */
static int mem_class_init(void)
{
	return class_register(&mem_class);
}
subsys_initcall(mem_class_init);

/* Minors 0..10; 11 is /dev/kmsg's, see kmsg.c. */
static int mem_init(void)
{
	static struct cdev cdev;
	int err;

	err = register_chrdev_region(MKDEV(MEM_MAJOR, 0), 256, "mem");
	cdev_init(&cdev, &mem_fops);
	if (!err)
		err = cdev_add(&cdev, MKDEV(MEM_MAJOR, 0), 11);
	for (unsigned int i = 0; !err && i < NR_MEM_DEVICES; i++)
		device_create(&mem_class, NULL,
			      MKDEV(MEM_MAJOR, mem_devices[i].minor),
			      (void *)&mem_devices[i], "%s",
			      mem_devices[i].name);
	return err;
}
fs_initcall(mem_init);
