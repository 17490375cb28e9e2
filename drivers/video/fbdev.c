/* SPDX-License-Identifier: MIT */
/*
 * fbdev.c -- /dev/fb0: the screen's memory for user programs
 *
 * The frame buffer that the boot loader set up, in the mode that it chose: it
 * can be read, written, mapped (write-combining, as the console's own mapping)
 * and asked for its shape; the mode cannot be changed.  The console goes on
 * drawing into it.
 *
 * SEE docs/61-console.md.
 */

#include <arch/boot.h>
#include <arch/io.h>
#include <arch/pgtable.h>
#include <arch/uaccess.h>
#include <drivers/cdev.h>
#include <drivers/device.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <mm/gfp.h>
#include <mm/mm.h>
#include <uapi/fb.h>

#define FB_MAJOR 29

static u8 *base;              /* constant once mapped */
static size_t fb_size;        /* bytes */

static struct fb_bitfield channel(u8 pos, u8 size)
{
	return (struct fb_bitfield){ .offset = pos, .length = size };
}

static struct fb_var_screeninfo var_info(void)
{
	const struct boot_framebuffer *fb = &boot_info.fb;

	return (struct fb_var_screeninfo){
		.xres = fb->width, .yres = fb->height,
		.xres_virtual = fb->width, .yres_virtual = fb->height,
		.bits_per_pixel = fb->bpp == 15 ? 16 : fb->bpp,
		.red = channel(fb->red_pos, fb->red_size),
		.green = channel(fb->green_pos, fb->green_size),
		.blue = channel(fb->blue_pos, fb->blue_size),
		.height = ~0U, .width = ~0U,          /* mm: unknown */
	};
}

static struct fb_fix_screeninfo fix_info(void)
{
	return (struct fb_fix_screeninfo){
		.id = "simple", .smem_start = boot_info.fb.phys,
		.smem_len = fb_size, .type = FB_TYPE_PACKED_PIXELS,
		.visual = FB_VISUAL_TRUECOLOR,
		.line_length = boot_info.fb.pitch,
	};
}

/* A wish for a mode is granted if it is the one there is. */
static long check_mode(const void __user *arg)
{
	struct fb_var_screeninfo now = var_info(), wish;

	if (copy_from_user(&wish, arg, sizeof(wish)))
		return -EFAULT;
	if (wish.xres != now.xres || wish.yres != now.yres ||
	    wish.bits_per_pixel != now.bits_per_pixel ||
	    wish.xoffset || wish.yoffset)
		return -EINVAL;
	return 0;
}

static long fb_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *to = (void __user *)arg;
	struct fb_var_screeninfo var = var_info();
	struct fb_fix_screeninfo fix = fix_info();

	switch (cmd) {
	case FBIOGET_VSCREENINFO:
		return copy_to_user(to, &var, sizeof(var)) ? -EFAULT : 0;
	case FBIOGET_FSCREENINFO:
		return copy_to_user(to, &fix, sizeof(fix)) ? -EFAULT : 0;
	case FBIOPUT_VSCREENINFO:
	case FBIOPAN_DISPLAY:
		return check_mode(to);
	}
	return -ENOTTY;
}

/* Device memory is copied by way of a page: user memory may fault. */
static ssize_t fb_copy(char __user *buf, size_t n, loff_t *pos, bool write)
{
	char *page = (char *)__get_free_page(GFP_KERNEL);
	size_t done = 0;
	bool fault = false;

	if (!page)
		return -ENOMEM;
	while (done < n && !fault) {
		size_t len = min(n - done, PAGE_SIZE);

		if (write) {
			fault = copy_from_user(page, buf + done, len);
			if (!fault)
				memcpy(base + *pos, page, len);
		} else {
			memcpy(page, base + *pos, len);
			fault = copy_to_user(buf + done, page, len);
		}
		if (!fault) {
			done += len;
			*pos += len;
		}
		cond_resched();
	}
	free_page((unsigned long)page);
	return done ? (ssize_t)done : fault ? -EFAULT : 0;
}

static ssize_t fb_read(struct file *file, char __user *buf, size_t n,
		       loff_t *pos)
{
	if (*pos < 0)
		return -EINVAL;
	if (*pos >= (loff_t)fb_size)
		return 0;
	return fb_copy(buf, min(n, fb_size - (size_t)*pos), pos, false);
}

static ssize_t fb_write(struct file *file, const char __user *buf, size_t n,
			loff_t *pos)
{
	if (*pos < 0)
		return -EINVAL;
	if (*pos > (loff_t)fb_size)
		return -EFBIG;
	if (*pos == (loff_t)fb_size)
		return n ? -ENOSPC : 0;
	return fb_copy((char __user *)buf, min(n, fb_size - (size_t)*pos), pos,
		       true);
}

static int fb_mmap(struct file *file, struct vm_area_struct *vma)
{
	size_t len = vma->vm_end - vma->vm_start;
	size_t pages = PAGE_ALIGN(offset_in_page(boot_info.fb.phys) + fb_size);

	if (vma->vm_pgoff > pages >> PAGE_SHIFT ||
	    len > pages - (vma->vm_pgoff << PAGE_SHIFT))
		return -EINVAL;
	return remap_pfn_range(vma, vma->vm_start,
			       (boot_info.fb.phys >> PAGE_SHIFT) +
			       vma->vm_pgoff, len,
			       pgprot_writecombine(
				       vm_get_page_prot(vma->vm_flags)));
}

static loff_t fb_llseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence == SEEK_END)
		offset += fb_size;
	if (offset < 0)
		return -EINVAL;
	return file->f_pos = offset;
}

static const struct file_operations fb_fops = {
	.read = fb_read, .write = fb_write, .mmap = fb_mmap,
	.unlocked_ioctl = fb_ioctl, .llseek = fb_llseek,
};

/* Minor 0 is the one there is. */
static int fb_open(struct inode *inode, struct file *file)
{
	if (iminor(inode))
		return -ENODEV;
	file->f_op = &fb_fops;
	return 0;
}

static const struct file_operations fb_open_fops = { .open = fb_open };

/* ---- /sys/class/graphics/fb0 ---- */

static ssize_t name_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%s\n", fix_info().id);
}

static ssize_t bits_per_pixel_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", var_info().bits_per_pixel);
}

static ssize_t virtual_size_show(struct device *dev,
				 struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u,%u\n", boot_info.fb.width,
			  boot_info.fb.height);
}

static ssize_t stride_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%u\n", boot_info.fb.pitch);
}

static DEVICE_ATTR_RO(name);
static DEVICE_ATTR_RO(bits_per_pixel);
static DEVICE_ATTR_RO(virtual_size);
static DEVICE_ATTR_RO(stride);
static struct attribute *fb_attrs[] = {
	&dev_attr_name.attr, &dev_attr_bits_per_pixel.attr,
	&dev_attr_virtual_size.attr, &dev_attr_stride.attr, NULL,
};
ATTRIBUTE_GROUPS(fb);

static struct class graphics_class = { .name = "graphics" };

static int fbdev_init(void)
{
	const struct boot_framebuffer *fb = &boot_info.fb;
	struct device *dev;
	int err;

	if (!fb->phys)
		return 0;
	fb_size = (size_t)fb->pitch * fb->height;
	base = ioremap_wc(fb->phys, fb_size);
	if (!base)
		return -ENOMEM;
	err = class_register(&graphics_class);
	if (!err)
		err = register_chrdev(FB_MAJOR, "fb", &fb_open_fops);
	if (err)
		return err;
	dev = device_create_with_groups(&graphics_class, NULL,
					MKDEV(FB_MAJOR, 0), NULL, fb_groups,
					"fb0");
	return PTR_ERR_OR_ZERO(dev);
}
module_init(fbdev_init);
