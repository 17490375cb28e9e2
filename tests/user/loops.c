/* SPDX-License-Identifier: MIT */
/* loops.c -- /dev/loopN: a file as a disk, as losetup uses it */

#include "tap.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define LOOP_SET_FD 0x4c00
#define LOOP_CLR_FD 0x4c01
#define LOOP_GET_STATUS64 0x4c05
#define LOOP_CHANGE_FD 0x4c06
#define LOOP_SET_CAPACITY 0x4c07
#define LOOP_CONFIGURE 0x4c0a
#define LOOP_CTL_GET_FREE 0x4c82
#define LO_FLAGS_READ_ONLY 1

struct loop_info64 {
	unsigned long lo_device, lo_inode, lo_rdevice, lo_offset, lo_sizelimit;
	unsigned int lo_number, lo_encrypt_type, lo_encrypt_key_size, lo_flags;
	unsigned char names[64 + 64 + 32];
	unsigned long lo_init[2];
};

struct loop_config {
	unsigned int fd, block_size;
	struct loop_info64 info;
	unsigned long reserved[8];
};

static char device[32];

/* A folder of our own: another test's file may have the name. */
static void begin(void)
{
	char ground[] = "/tmp/loopsXXXXXX";

	NEED(mkdtemp(ground) && chdir(ground) == 0);
}

/* A file of n KiB, each byte the given one; open. */
static int file_of(const char *name, int kib, int byte)
{
	static char block[1024];
	int fd = open(name, O_CREAT | O_TRUNC | O_RDWR, 0600);

	memset(block, byte, sizeof(block));
	for (int i = 0; i < kib; i++)
		if (write(fd, block, sizeof(block)) != sizeof(block))
			return -1;
	return fd;
}

/* A device that nobody uses, open. */
static int free_loop(void)
{
	int n, control = open("/dev/loop-control", O_RDWR);
	char path[64];

	if (control < 0)
		SKIP("no /dev/loop-control");
	n = ioctl(control, LOOP_CTL_GET_FREE);
	close(control);
	NEED(n >= 0);
	snprintf(device, sizeof(device), "loop%d", n);
	snprintf(path, sizeof(path), "/dev/%s", device);
	n = open(path, O_RDWR);
	if (n < 0)
		SKIP("no device node");
	return n;
}

/* A line of /sys/block/loopN. */
static const char *sys(const char *name)
{
	static char text[200];
	char path[100];
	int fd, n;

	snprintf(path, sizeof(path), "/sys/block/%s/%s", device, name);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n - 1 : 0] = 0;
	return text;
}

TEST(a_file_is_a_disk)
{
	struct loop_info64 info;
	char got[4] = "";
	int lo, fd;

	begin();
	fd = file_of("a", 64, 'a');
	lo = free_loop();
	CHECK_ERR(ioctl(lo, LOOP_GET_STATUS64, &info), ENXIO);
	CHECK_ERR(ioctl(lo, LOOP_SET_FD, -1), EBADF);
	NEED(ioctl(lo, LOOP_SET_FD, fd) == 0);
	CHECK_ERR(ioctl(lo, LOOP_SET_FD, fd), EBUSY);
	CHECK_EQ(ioctl(lo, LOOP_GET_STATUS64, &info), 0);
	CHECK_EQ(info.lo_flags, 0);
	CHECK_EQ(atoi(sys("size")), 128);
	CHECK_EQ(pwrite(lo, "xyz", 3, 5000), 3);
	CHECK_EQ(fsync(lo), 0);
	CHECK_EQ(pread(fd, got, 3, 5000), 3);
	CHECK(strcmp(got, "xyz") == 0);
	CHECK_EQ(ioctl(lo, LOOP_CLR_FD), 0);
	close(lo);
	close(fd);
}

TEST(a_disk_is_as_large_as_its_file_when_it_is_told)
{
	static char data[10240];
	int lo, fd;

	begin();
	fd = file_of("b", 10, 'b');
	lo = free_loop();
	NEED(ioctl(lo, LOOP_SET_FD, fd) == 0);
	CHECK_EQ(atoi(sys("size")), 20);
	CHECK_EQ(ftruncate(fd, 5120), 0);
	CHECK_EQ(atoi(sys("size")), 20);
	CHECK_EQ(ioctl(lo, LOOP_SET_CAPACITY), 0);
	CHECK_EQ(atoi(sys("size")), 10);
	CHECK_EQ(write(lo, data, sizeof(data)), 5120);
	CHECK_EQ(fsync(lo), 0);
	CHECK_EQ(ioctl(lo, LOOP_CLR_FD), 0);
	close(lo);
	close(fd);
}

/* LOOP_CHANGE_FD: the same size, and nobody may write. */
TEST(a_read_only_disk_goes_over_to_another_file)
{
	struct loop_config c = { .info.lo_flags = LO_FLAGS_READ_ONLY };
	int lo, a, b, longer;
	char got = 0;

	begin();
	a = file_of("a", 10, 'a');
	b = file_of("b", 10, 'b');
	longer = file_of("c", 20, 'c');
	lo = free_loop();
	c.fd = a;
	NEED(ioctl(lo, LOOP_CONFIGURE, &c) == 0);
	CHECK_EQ(atoi(sys("ro")), 1);
	CHECK_ERR(write(lo, "x", 1), EPERM);
	CHECK_EQ(pread(lo, &got, 1, 0), 1);
	CHECK_EQ(got, 'a');
	CHECK_EQ(ioctl(lo, LOOP_CHANGE_FD, b), 0);
	CHECK(strstr(sys("loop/backing_file"), "/b") != NULL);
	CHECK_EQ(atoi(sys("ro")), 1);
	CHECK_EQ(pread(lo, &got, 1, 8192), 1);
	CHECK(got == 'a' || got == 'b');        /* it may be in the cache */
	CHECK_EQ(ioctl(lo, BLKFLSBUF), 0);
	CHECK_EQ(pread(lo, &got, 1, 0), 1);
	CHECK_EQ(got, 'b');
	CHECK_ERR(ioctl(lo, LOOP_CHANGE_FD, longer), EINVAL);
	CHECK_ERR(ioctl(lo, LOOP_CHANGE_FD, -1), EBADF);
	CHECK_EQ(ioctl(lo, LOOP_CLR_FD), 0);
	close(lo);
	lo = free_loop();
	NEED(ioctl(lo, LOOP_SET_FD, a) == 0);
	CHECK_ERR(ioctl(lo, LOOP_CHANGE_FD, b), EINVAL);
	CHECK_EQ(ioctl(lo, LOOP_CLR_FD), 0);
	close(lo);
	close(a);
	close(b);
	close(longer);
}

TAP_MAIN()
