/* SPDX-License-Identifier: MIT */
/* framebuffer.c -- /dev/fb0: its shape, its memory, its ends */

#include "tap.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* As in Linux's <linux/fb.h>, which musl does not bring. */
#define FBIOGET_VSCREENINFO 0x4600
#define FBIOPUT_VSCREENINFO 0x4601
#define FBIOGET_FSCREENINFO 0x4602

struct fb_bitfield {
	uint32_t offset, length, msb_right;
};

struct fb_fix_screeninfo {
	char id[16];
	unsigned long smem_start;
	uint32_t smem_len, type, type_aux, visual;
	uint16_t steps[3];
	uint32_t line_length;
	unsigned long mmio_start;
	uint32_t mmio_len, accel;
	uint16_t capabilities, reserved[2];
};

struct fb_var_screeninfo {
	uint32_t xres, yres, xres_virtual, yres_virtual, xoffset, yoffset;
	uint32_t bits_per_pixel, grayscale;
	struct fb_bitfield red, green, blue, transp;
	uint32_t rest[20];
};

static int open_fb(void)
{
	int fd = open("/dev/fb0", O_RDWR);

	if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == EACCES))
		SKIP("there is no frame buffer");
	return fd;
}

TEST(fb_tells_its_shape)
{
	struct fb_var_screeninfo v;
	struct fb_fix_screeninfo f;
	int fd = open_fb();

	NEED(fd >= 0);
	CHECK_EQ(ioctl(fd, FBIOGET_VSCREENINFO, &v), 0);
	CHECK_EQ(ioctl(fd, FBIOGET_FSCREENINFO, &f), 0);
	CHECK(v.xres >= 320 && v.yres >= 200);
	CHECK(f.line_length >= v.xres * v.bits_per_pixel / 8);
	CHECK(f.smem_len >= f.line_length * v.yres);
	CHECK(v.red.length && v.green.length && v.blue.length);
	CHECK_EQ(ioctl(fd, FBIOPUT_VSCREENINFO, &v), 0);
	CHECK_ERR(ioctl(fd, 0x46fe, &v), ENOTTY);
	CHECK_ERR(ioctl(fd, FBIOGET_VSCREENINFO, (void *)1), EFAULT);
	close(fd);
}

TEST(fb_memory_is_one_by_all_ways)
{
	struct fb_fix_screeninfo f;
	uint32_t got = 0, old;
	int fd = open_fb();
	off_t at;
	char *p;

	NEED(fd >= 0 && ioctl(fd, FBIOGET_FSCREENINFO, &f) == 0);
	at = f.smem_len / 8 * 4;
	p = mmap(NULL, f.smem_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	NEED(p != MAP_FAILED);
	old = *(volatile uint32_t *)(p + at);
	*(volatile uint32_t *)(p + at) = 0x00345678;
	CHECK_EQ(pread(fd, &got, 4, at), 4);
	CHECK_EQ(got, 0x00345678);
	got = 0x00abcdef;
	CHECK_EQ(pwrite(fd, &got, 4, at), 4);
	CHECK_EQ(*(volatile uint32_t *)(p + at), 0x00abcdef);
	*(volatile uint32_t *)(p + at) = old;
	munmap(p, f.smem_len);
	close(fd);
}

TEST(fb_has_an_end)
{
	struct fb_fix_screeninfo f;
	int fd = open_fb();
	char c = 0, two[2] = { 0 };

	NEED(fd >= 0 && ioctl(fd, FBIOGET_FSCREENINFO, &f) == 0);
	CHECK_EQ(pread(fd, &c, 1, f.smem_len), 0);
	CHECK_EQ(pread(fd, two, 2, f.smem_len - 1), 1);
	CHECK_ERR(pwrite(fd, &c, 1, f.smem_len), ENOSPC);
	CHECK_ERR(pwrite(fd, &c, 1, f.smem_len + 1), EFBIG);
	CHECK(mmap(NULL, 2UL * f.smem_len, PROT_READ, MAP_SHARED, fd, 0) ==
	      MAP_FAILED);
	CHECK_EQ(errno, EINVAL);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 1L << 40) ==
	      MAP_FAILED);
	CHECK_EQ(errno, EINVAL);
	close(fd);
}

TAP_MAIN()
