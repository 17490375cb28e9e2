/* SPDX-License-Identifier: MIT */
/*
 * blocks.c -- disks from outside: schedulers, merging, queues, ioctls, loop
 *
 * BLOCK_DISK names a disk (default vdb) whose contents may be lost; without it
 * the tests are skipped. Run as root.
 */

#include "tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define BLOCK 4096
#ifndef BLKGETSIZE64
#define BLKGETSIZE64 0x80081272
#define BLKGETSIZE 0x1260
#define BLKSSZGET 0x1268
#endif
#ifndef BLKDISCARD
#define BLKDISCARD 0x1277
#define BLKZEROOUT 0x127f
#endif
#define AREA (4 << 20)

static const char *disk_name(void)
{
	const char *name = getenv("BLOCK_DISK");

	return name ? name : "vdb";
}

static int open_disk(int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", disk_name());
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		SKIP("no disk to spoil");
	return fd;
}

static int queue_file(const char *name, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/block/%s/queue/%s", disk_name(),
		 name);
	return open(path, flags | O_CLOEXEC);
}

static ssize_t read_queue(const char *name, char *buf, size_t n)
{
	int fd = queue_file(name, O_RDONLY);
	ssize_t got = fd < 0 ? -1 : read(fd, buf, n - 1);

	close(fd);
	buf[got < 0 ? 0 : got] = '\0';
	return got;
}

static int write_queue(const char *name, const char *value)
{
	int fd = queue_file(name, O_WRONLY), err;

	if (fd < 0)
		return errno;
	err = write(fd, value, strlen(value)) < 0 ? errno : 0;
	close(fd);
	return err;
}

/* Fields of /sys/block/X/stat: 0 reads, 1 merged, 4 writes, 5 merged. */
static unsigned long stat_field(int n)
{
	char path[96], text[512] = "", *p = text;
	unsigned long v = 0;
	int fd;

	snprintf(path, sizeof(path), "/sys/block/%s/stat", disk_name());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (read(fd, text, sizeof(text) - 1) < 0)
		v = 0;
	close(fd);
	for (int i = 0; i <= n; i++)
		v = strtoul(p, &p, 10);
	return v;
}

static void fill(unsigned char *buf, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		buf[i] = seed = seed * 1103515245u + 12345u, buf[i] ^= seed >> 16;
}

/* Write an area and read it back, past the cache; 0 if it is the same. */
static int write_and_compare(int fd, unsigned seed)
{
	static unsigned char out[AREA / 4] __attribute__((aligned(BLOCK)));
	static unsigned char in[AREA / 4] __attribute__((aligned(BLOCK)));

	fill(out, sizeof(out), seed);
	for (size_t at = 0; at < sizeof(out); at += BLOCK)
		if (pwrite(fd, out + at, BLOCK, at) != BLOCK)
			return -1;
	for (size_t at = 0; at < sizeof(in); at += 8 * BLOCK)
		if (pread(fd, in + at, 8 * BLOCK, at) != 8 * BLOCK)
			return -1;
	return memcmp(in, out, sizeof(in));
}

static volatile int stop_switching;

static void *switcher(void *arg)
{
	const char *const *names = arg;

	for (unsigned i = 0; !stop_switching; i = (i + 1) % 3) {
		write_queue("scheduler", names[i]);
		usleep(20000);
	}
	return NULL;
}

/* AP100 */
TEST(elevator_switch_shows_refuses_and_loses_nothing)
{
	static const char *const names[] = { "mq-deadline", "none", "cfq" };
	int fd = open_disk(O_RDWR | O_DIRECT);
	char text[128];
	pthread_t t;

	NEED(read_queue("scheduler", text, sizeof(text)) > 0);
	CHECK(strstr(text, "none") && strstr(text, "deadline"));
	CHECK(strchr(text, '[') && strchr(text, ']'));
	CHECK_EQ(write_queue("scheduler", "no-such-one"), EINVAL);
	CHECK_EQ(write_queue("scheduler", "mq-deadline"), 0);
	NEED(read_queue("scheduler", text, sizeof(text)) > 0);
	CHECK(strstr(text, "deadline]") != NULL);
	stop_switching = 0;
	NEED(!pthread_create(&t, NULL, switcher, (void *)names));
	for (unsigned i = 1; i <= 3; i++)
		CHECK_EQ(write_and_compare(fd, i), 0);
	stop_switching = 1;
	pthread_join(t, NULL);
	CHECK_EQ(write_queue("scheduler", "none"), 0);
	close(fd);
}

TEST(neighbours_in_the_cache_are_few_requests)
{
	static char block[BLOCK];
	int fd = open_disk(O_RDWR);
	unsigned long ios, sectors;

	fsync(fd);
	ios = stat_field(4);
	sectors = stat_field(6);
	for (int i = 0; i < 256; i++)
		CHECK_EQ(pwrite(fd, block, BLOCK, (off_t)i * BLOCK), BLOCK);
	CHECK_EQ(fsync(fd), 0);
	CHECK(stat_field(4) - ios < 30);
	CHECK_EQ(stat_field(6) - sectors, 256 * BLOCK / 512);
	close(fd);
}

/* As <linux/aio_abi.h> has them; the C library has none of it. */
struct iocb {
	unsigned long aio_data;
	unsigned int aio_key, aio_rw_flags;
	unsigned short aio_lio_opcode;
	short aio_reqprio;
	unsigned int aio_fildes;
	unsigned long aio_buf, aio_nbytes;
	long aio_offset;
	unsigned long aio_reserved2;
	unsigned int aio_flags, aio_resfd;
};

struct io_event { unsigned long data, obj; long res, res2; };

#define IOCB_CMD_PWRITE 1

/* AP101 */
TEST(merge_count_of_256_submitted_blocks)
{
	static char block[BLOCK] __attribute__((aligned(BLOCK)));
	static struct iocb cb[256], *list[256];
	static struct io_event events[256];
	int fd = open_disk(O_RDWR | O_DIRECT), done = 0;
	unsigned long context = 0, ios, merges;
	long n;

	if (syscall(SYS_io_setup, 256, &context) && errno == ENOSYS)
		SKIP("no native AIO");
	ios = stat_field(4);
	merges = stat_field(5);
	for (int i = 0; i < 256; i++) {
		cb[i] = (struct iocb){
			.aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = fd,
			.aio_buf = (unsigned long)block, .aio_nbytes = BLOCK,
			.aio_offset = (long)i * BLOCK };
		list[i] = &cb[i];
	}
	CHECK_EQ(syscall(SYS_io_submit, context, 256, list), 256);
	while (done < 256) {
		n = syscall(SYS_io_getevents, context, 1, 256, events, NULL);
		NEED(n > 0);
		for (int i = 0; i < n; i++)
			CHECK_EQ(events[i].res, BLOCK);
		done += n;
	}
	CHECK(stat_field(4) - ios < 30);
	CHECK(stat_field(5) - merges > 200);
	CHECK_EQ(syscall(SYS_io_destroy, context), 0);
	close(fd);
}

struct pinned {
	pthread_t t;
	int cpu, err;
};

static void *pinned_writer(void *arg)
{
	static char block[BLOCK] __attribute__((aligned(BLOCK)));
	struct pinned *p = arg;
	cpu_set_t set;
	int fd;

	CPU_ZERO(&set);
	CPU_SET(p->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return NULL;
	fd = open_disk(O_RDWR | O_DIRECT);
	for (int i = 0; i < 64; i++)
		if (pwrite(fd, block, BLOCK,
			   (p->cpu * 1024L + i) * BLOCK) != BLOCK)
			p->err = 1;
	close(fd);
	return NULL;
}

/* AP102 */
TEST(mq_spread_over_all_cpus)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct pinned p[16] = { 0 };
	unsigned long before;

	close(open_disk(O_RDONLY));
	before = stat_field(4);
	for (int i = 0; i < cpus && i < 16; i++) {
		p[i].cpu = i;
		NEED(!pthread_create(&p[i].t, NULL, pinned_writer, &p[i]));
	}
	for (int i = 0; i < cpus && i < 16; i++) {
		pthread_join(p[i].t, NULL);
		CHECK_EQ(p[i].err, 0);
	}
	CHECK(stat_field(4) - before >= 64ul * (cpus < 16 ? cpus : 16));
}

TEST(size_block_size_and_end_of_a_device)
{
	static char block[BLOCK] __attribute__((aligned(BLOCK)));
	int fd = open_disk(O_RDWR), sector = 0;
	unsigned long long bytes = 0;
	unsigned long sectors = 0;

	CHECK_EQ(ioctl(fd, BLKGETSIZE64, &bytes), 0);
	CHECK_EQ(ioctl(fd, BLKGETSIZE, &sectors), 0);
	CHECK_EQ(sectors, bytes / 512);
	CHECK_EQ(ioctl(fd, BLKSSZGET, &sector), 0);
	CHECK(sector >= 512 && bytes % sector == 0);
	CHECK_EQ((unsigned long long)lseek(fd, 0, SEEK_END), bytes);
	CHECK_EQ(read(fd, block, 1), 0);
	CHECK_EQ(write(fd, block, 1), -1);
	CHECK_EQ(errno, ENOSPC);
	CHECK_EQ(lseek(fd, 1, SEEK_END), -1);
	CHECK_EQ(errno, EINVAL);
	CHECK_EQ(ioctl(fd, 0x12345678, 0), -1);
	CHECK_EQ(errno, ENOTTY);
	close(fd);
}

TEST(direct_io_must_be_aligned_and_agrees_with_the_cache)
{
	static char block[2 * BLOCK] __attribute__((aligned(BLOCK)));
	int fd = open_disk(O_RDWR), direct = open_disk(O_RDWR | O_DIRECT);

	CHECK_EQ(pread(direct, block + 1, BLOCK, 0), -1);
	CHECK_EQ(errno, EINVAL);
	CHECK_EQ(pread(direct, block, BLOCK, 1), -1);
	CHECK_EQ(errno, EINVAL);
	memset(block, 'c', BLOCK);
	CHECK_EQ(pwrite(fd, block, BLOCK, 8 * BLOCK), BLOCK);
	memset(block, 0, BLOCK);
	CHECK_EQ(pread(direct, block, BLOCK, 8 * BLOCK), BLOCK);
	CHECK_EQ(block[100], 'c');
	memset(block, 'd', BLOCK);
	CHECK_EQ(pwrite(direct, block, BLOCK, 8 * BLOCK), BLOCK);
	memset(block, 0, BLOCK);
	CHECK_EQ(pread(fd, block, BLOCK, 8 * BLOCK), BLOCK);
	CHECK_EQ(block[100], 'd');
	close(fd);
	close(direct);
}

TEST(exclusive_openers_keep_each_other_out)
{
	int a = open_disk(O_RDWR | O_EXCL), b;
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", disk_name());
	b = open(path, O_RDWR | O_EXCL);
	CHECK_EQ(b, -1);
	CHECK_EQ(errno, EBUSY);
	b = open(path, O_RDONLY);
	CHECK(b >= 0);
	close(b);
	close(a);
	b = open(path, O_RDWR | O_EXCL);
	CHECK(b >= 0);
	close(b);
}

TEST(io_priorities_are_kept_and_checked)
{
	enum { WHO_PROCESS = 1, BE = 2 << 13 };
	long old = syscall(SYS_ioprio_get, WHO_PROCESS, 0);

	CHECK(old >= 0);
	CHECK_EQ(syscall(SYS_ioprio_set, WHO_PROCESS, 0, BE | 6), 0);
	CHECK_EQ(syscall(SYS_ioprio_get, WHO_PROCESS, 0), BE | 6);
	CHECK_EQ(syscall(SYS_ioprio_set, WHO_PROCESS, 0, 5 << 13), -1);
	CHECK_EQ(errno, EINVAL);
	CHECK_EQ(syscall(SYS_ioprio_get, 9, 0), -1);
	CHECK_EQ(errno, EINVAL);
	CHECK_EQ(syscall(SYS_ioprio_set, WHO_PROCESS, 0, 0), 0);
	CHECK_EQ(syscall(SYS_ioprio_get, WHO_PROCESS, 0), 0);
}

#define MIB (1ul << 20)
#define FL_KEEP_SIZE 1
#define FL_PUNCH_HOLE 2
#define FL_ZERO_RANGE 0x10

static int range_ioctl(int fd, unsigned long cmd, unsigned long start,
		       unsigned long length)
{
	unsigned long long range[2] = { start, length };

	return ioctl(fd, cmd, range);
}

/* Is a MiB of the disk, read past the cache, all zero (1) or not at all (0)? */
static int is_zero_at(int fd, unsigned long mib)
{
	static unsigned char buf[1 << 20] __attribute__((aligned(BLOCK)));
	size_t zeros = 0;

	if (pread(fd, buf, sizeof(buf), mib * MIB) != sizeof(buf))
		return -1;
	for (size_t i = 0; i < sizeof(buf); i++)
		zeros += !buf[i];
	return zeros == sizeof(buf) ? 1 : zeros > sizeof(buf) / 2 ? -1 : 0;
}

TEST(discard_and_zeroes_check_their_range)
{
	int fd = open_disk(O_RDWR), ro = open_disk(O_RDONLY);
	unsigned long long size;

	NEED(ioctl(fd, BLKGETSIZE64, &size) == 0);
	CHECK_ERR(range_ioctl(ro, BLKZEROOUT, 0, BLOCK), EBADF);
	CHECK_ERR(range_ioctl(ro, BLKDISCARD, 0, BLOCK), EBADF);
	CHECK_ERR(ioctl(fd, BLKZEROOUT, (void *)16), EFAULT);
	CHECK_ERR(range_ioctl(fd, BLKZEROOUT, 1, BLOCK), EINVAL);
	CHECK_ERR(range_ioctl(fd, BLKZEROOUT, 0, 511), EINVAL);
	CHECK_ERR(range_ioctl(fd, BLKZEROOUT, size, BLOCK), EINVAL);
	CHECK_ERR(range_ioctl(fd, BLKZEROOUT, size - BLOCK, 2 * BLOCK), EINVAL);
	CHECK_ERR(range_ioctl(fd, BLKZEROOUT, -BLOCK, 2 * BLOCK), EINVAL);
	CHECK_ERR(fallocate(fd, 0, 0, BLOCK), EOPNOTSUPP);
	CHECK_ERR(fallocate(fd, FL_PUNCH_HOLE | FL_KEEP_SIZE, 1, BLOCK), EINVAL);
	close(fd);
	close(ro);
}

/* tests/boot/disks.py looks at the image afterwards. */
TEST(discard_and_zeroes_reach_the_disk)
{
	static unsigned char buf[MIB] __attribute__((aligned(BLOCK)));
	int fd = open_disk(O_RDWR), direct = open_disk(O_RDWR | O_DIRECT);
	char text[32];

	fill(buf, sizeof(buf), 7);
	for (unsigned long mib = 0; mib < 16; mib++)
		NEED(pwrite(fd, buf, MIB, mib * MIB) == (ssize_t)MIB);
	/* Dirty in the cache: a range that is zeroed must not come back. */
	CHECK_EQ(range_ioctl(fd, BLKZEROOUT, 8 * MIB, MIB), 0);
	CHECK_EQ(fallocate(fd, FL_ZERO_RANGE | FL_KEEP_SIZE, 10 * MIB, MIB), 0);
	NEED(read_queue("discard_max_bytes", text, sizeof(text)) > 0);
	if (strtoul(text, NULL, 10)) {
		CHECK_EQ(range_ioctl(fd, BLKDISCARD, 4 * MIB, 4 * MIB), 0);
		CHECK_EQ(fallocate(fd, FL_PUNCH_HOLE | FL_KEEP_SIZE, 12 * MIB,
				   MIB), 0);
	}
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(is_zero_at(direct, 8), 1);
	CHECK_EQ(is_zero_at(direct, 9), 0);
	CHECK_EQ(is_zero_at(direct, 10), 1);
	CHECK_EQ(is_zero_at(direct, 11), 0);
	CHECK_EQ(is_zero_at(fd, 8), 1);
	CHECK_EQ(is_zero_at(fd, 7) >= 0, 1);
	close(fd);
	close(direct);
}

TAP_MAIN()
