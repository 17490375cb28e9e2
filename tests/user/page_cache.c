/* SPDX-License-Identifier: MIT */
/*
 * page_cache.c -- read, write and mappings of one file agree; syncing
 *
 * Works in the current directory, or in $TEST_DIR: so the same tests run on
 * tmpfs and on a disk.
 */

#include "faults.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#ifndef RWF_SYNC
#define RWF_DSYNC 2
#define RWF_SYNC 4
#endif

static char path[256];

/* A new file with these bytes, open for reading and writing. */
static int file_with(const void *bytes, size_t n)
{
	const char *dir = getenv("TEST_DIR");
	int fd;

	snprintf(path, sizeof(path), "%s/page_cache.%d", dir ? dir : "/tmp",
		 getpid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	NEED(fd >= 0);
	NEED(write(fd, bytes, n) == (ssize_t)n);
	return fd;
}

static int new_file(off_t size)
{
	int fd = file_with("", 0);

	NEED(ftruncate(fd, size) == 0);
	return fd;
}

static char *map_file(int fd, long pages, int prot, int flags)
{
	char *p = mmap(NULL, pages * PAGE, prot, flags, fd, 0);

	NEED(p != MAP_FAILED);
	return p;
}

TEST(a_mapping_changes_the_file)
{
	unsigned char want[6] = { 0x33, 0x32, 0x31, 0x30, 0x21, 0x0a }, got[7];
	int fd = file_with("mmap!\n", 6);
	char *p = mmap(NULL, 6, RW, MAP_SHARED, fd, 0);
	struct stat st;

	NEED(p != MAP_FAILED);
	CHECK_EQ(close(fd), 0);
	memcpy(p, "3210", 4);          /* the mapping outlives close() */
	CHECK_EQ(munmap(p, 6), 0);
	fd = open(path, O_RDONLY);
	CHECK_EQ(read(fd, got, 7), 6);
	CHECK(!memcmp(got, want, 6));
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 6);
	unlink(path);
}

TEST(read_write_and_mappings_see_one_page)
{
	int fd = new_file(2 * PAGE), status;
	char *p = map_file(fd, 2, RW, MAP_SHARED);
	char *q = map_file(fd, 2, PROT_READ, MAP_SHARED);
	char c;

	p[5] = 'm';
	CHECK_EQ(pread(fd, &c, 1, 5), 1);
	CHECK_EQ(c, 'm');
	CHECK_EQ(pwrite(fd, "w", 1, PAGE + 7), 1);
	CHECK_EQ(p[PAGE + 7], 'w');
	CHECK_EQ(q[PAGE + 7], 'w');
	if (fork() == 0) {
		p[9] = 'c';
		_exit(0);
	}
	wait(&status);
	CHECK_EQ(q[9], 'c');
	CHECK_EQ(pread(fd, &c, 1, 9), 1);
	CHECK_EQ(c, 'c');
	unlink(path);
}

TEST(a_private_mapping_keeps_its_stores)
{
	int fd = file_with("file", 4);
	char *p = map_file(fd, 1, RW, MAP_PRIVATE), buf[4];

	p[0] = 'p';
	CHECK_EQ(pread(fd, buf, 4, 0), 4);
	CHECK(!memcmp(buf, "file", 4));
	CHECK_EQ(pwrite(fd, "F", 1, 0), 1);
	CHECK_EQ(p[0], 'p');
	CHECK_EQ(msync(p, PAGE, MS_SYNC), 0);
	CHECK_EQ(pread(fd, buf, 1, 0), 1);
	CHECK_EQ(buf[0], 'F');
	unlink(path);
}

TEST(a_file_must_be_open_for_what_a_mapping_does)
{
	int fd = file_with("x", 1), ro = open(path, O_RDONLY);

	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0), EACCES);
	CHECK(mmap(NULL, PAGE, RW, MAP_PRIVATE, ro, 0) != MAP_FAILED);
	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 100), EINVAL);
	unlink(path);
}

TEST(behind_the_end_is_zero_and_then_a_bus_error)
{
	int fd = file_with("12345678", 8);
	char *p = map_file(fd, 3, RW, MAP_SHARED), buf[16] = { 1 };
	struct stat st;

	catch_faults();
	CHECK_EQ(p[8], 0);
	CHECK_EQ(p[PAGE - 1], 0);
	p[8] = 'x';                    /* into nothing: 4088 bytes are waste */
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 8);
	CHECK_EQ(touch(p + PAGE, 0), SIGBUS);
	CHECK_EQ(fault_code, BUS_ADRERR);
	CHECK(fault_address == p + PAGE);
	CHECK_EQ(touch(p + 2 * PAGE, 1), SIGBUS);
	CHECK_EQ(pread(fd, buf, 16, 0), 8);
	/* The file grows: the page is there at once. */
	CHECK_EQ(ftruncate(fd, 2 * PAGE), 0);
	CHECK_EQ(touch(p + PAGE, 1), 0);
	unlink(path);
}

TEST(truncate_takes_pages_from_mappings)
{
	int fd = new_file(4 * PAGE);
	char *p = map_file(fd, 4, RW, MAP_SHARED);

	catch_faults();
	memset(p, 'a', 4 * PAGE);
	CHECK_EQ(ftruncate(fd, PAGE + 10), 0);
	CHECK_EQ(touch(p + 2 * PAGE, 0), SIGBUS);
	CHECK_EQ(p[PAGE + 9], 'a');
	CHECK_EQ(p[PAGE + 10], 0);     /* what was cut off reads as zeroes */
	CHECK_EQ(ftruncate(fd, 4 * PAGE), 0);
	CHECK_EQ(p[PAGE + 10], 0);
	CHECK_EQ(touch(p + 2 * PAGE, 0), 0);
	CHECK_EQ(p[2 * PAGE], 0);
	CHECK_EQ(p[3 * PAGE + 100], 0);
	unlink(path);
}

static volatile int stop;

static void *cut_and_grow(void *arg)
{
	int fd = *(int *)arg;

	while (!stop) {
		if (ftruncate(fd, 0) || ftruncate(fd, 8 * PAGE))
			break;
	}
	return NULL;
}

/* Each touch finds a zero, our 1, or a bus error: never anything else. */
TEST(truncate_against_faults)
{
	int fd = new_file(8 * PAGE), strange = 0, bus = 0;
	char *p = map_file(fd, 8, RW, MAP_SHARED);
	pthread_t t;

	catch_faults();
	NEED(!pthread_create(&t, NULL, cut_and_grow, &fd));
	for (int n = 0; n < 4000; n++) {
		volatile char *at = p + n % 8 * PAGE + n % 4000;
		int sig = touch(at, n & 1);

		if (sig && sig != SIGBUS)
			strange++;
		bus += sig == SIGBUS;
		if (!(n & 7)) {
			char c = 0;

			if (pread(fd, &c, 1, n % 8 * PAGE) == 1 && c & ~1)
				strange++;
		}
	}
	stop = 1;
	pthread_join(t, NULL);
	CHECK_EQ(strange, 0);
	unlink(path);
}

TEST(writes_into_holes_leave_zeroes_around)
{
	int fd = new_file(0);
	char buf[3 * PAGE];

	CHECK_EQ(pwrite(fd, "a", 1, 2 * PAGE + 1500), 1);
	CHECK_EQ(pwrite(fd, "bc", 2, 1023), 2);
	CHECK_EQ(pread(fd, buf, sizeof(buf), 0), 2 * PAGE + 1501);
	for (int i = 0; i < 2 * PAGE + 1501; i++) {
		char want = i == 1023 ? 'b' : i == 1024 ? 'c' :
			    i == 2 * PAGE + 1500 ? 'a' : 0;

		if (buf[i] != want) {
			CHECK_EQ(i, -1);
			break;
		}
	}
	unlink(path);
}

TEST(a_write_from_a_mapping_of_the_same_page)
{
	int fd = new_file(2 * PAGE);
	char *p = map_file(fd, 2, RW, MAP_SHARED);

	strcpy(p + PAGE, "itself");
	CHECK_EQ(pwrite(fd, p + PAGE, 7, PAGE + 100), 7);
	CHECK(!strcmp(p + PAGE + 100, "itself"));
	/* Not present: the page must not be waited for while it is locked. */
	CHECK_EQ(madvise(p, 2 * PAGE, MADV_DONTNEED), 0);
	CHECK_EQ(pwrite(fd, p + PAGE, 7, PAGE + 200), 7);
	CHECK(!strcmp(p + PAGE + 200, "itself"));
	unlink(path);
}

TEST(long_reads_and_writes_are_whole)
{
	static char out[300 * 1024 + 77], in[sizeof(out)];
	int fd = new_file(0);

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 31 + (i >> 12);
	CHECK_EQ(pwrite(fd, out, sizeof(out), 4095), sizeof(out));
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	CHECK_EQ(pread(fd, in, sizeof(in), 4095), sizeof(in));
	CHECK(!memcmp(in, out, sizeof(in)));
	unlink(path);
}

TEST(syncing_calls_check_their_arguments)
{
	int fd = file_with("x", 1), pipes[2];

	NEED(pipe(pipes) == 0);
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(fdatasync(fd), 0);
	CHECK_EQ(syncfs(fd), 0);
	CHECK_ERR(fsync(-1), EBADF);
	CHECK_ERR(fdatasync(1000), EBADF);
	CHECK_ERR(syncfs(-1), EBADF);
	CHECK_ERR(fsync(pipes[0]), EINVAL);
	CHECK_EQ(syscall(SYS_sync_file_range, fd, 0L, 0L, 7), 0);
	CHECK_ERR(syscall(SYS_sync_file_range, fd, 0L, 0L, 8), EINVAL);
	CHECK_ERR(syscall(SYS_sync_file_range, fd, -1L, 0L, 2), EINVAL);
	CHECK_ERR(syscall(SYS_sync_file_range, fd, 1L, -2L, 2), EINVAL);
	CHECK_ERR(syscall(SYS_sync_file_range, pipes[0], 0L, 0L, 2), ESPIPE);
	CHECK_ERR(syscall(SYS_sync_file_range, -1, 0L, 0L, 2), EBADF);
	sync();
	unlink(path);
}

TEST(hints_check_their_arguments)
{
	int fd = file_with("x", 1), pipes[2], wo = open(path, O_WRONLY);

	NEED(pipe(pipes) == 0);
	for (int advice = 0; advice < 6; advice++)
		CHECK_EQ(posix_fadvise(fd, 0, 0, advice), 0);
	CHECK_EQ(posix_fadvise(fd, 0, 0, 6), EINVAL);
	CHECK_EQ(posix_fadvise(fd, 0, -1, 0), EINVAL);
	CHECK_EQ(posix_fadvise(pipes[0], 0, 0, 0), ESPIPE);
	CHECK_EQ(posix_fadvise(-1, 0, 0, 0), EBADF);
	CHECK_EQ(readahead(fd, 0, 4096), 0);
	CHECK_ERR(readahead(wo, 0, 4096), EBADF);
	CHECK_ERR(readahead(pipes[0], 0, 4096), EINVAL);
	unlink(path);
}

TEST(writes_that_wait_for_the_disk)
{
	struct iovec v = { "abc", 3 };
	int fd = new_file(0), sync;

	sync = open(path, O_WRONLY | O_SYNC);
	CHECK_EQ(write(sync, "123456", 6), 6);
	CHECK_EQ(syscall(SYS_pwritev2, fd, &v, 1, 1L, 0L, RWF_SYNC), 3);
	CHECK_EQ(syscall(SYS_pwritev2, fd, &v, 1, 3L, 0L, RWF_DSYNC), 3);
	CHECK_EQ(close(sync), 0);
	unlink(path);
}

/* The sysctl's value after a write of text: its errno, or 0. */
static int set(const char *name, const char *text)
{
	char file[128];
	int fd, err = 0;

	snprintf(file, sizeof(file), "/proc/sys/vm/%s", name);
	fd = open(file, O_WRONLY);
	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		err = errno;
	close(fd);
	return err;
}

static long get(const char *name)
{
	char file[128], text[32] = "";
	int fd;

	snprintf(file, sizeof(file), "/proc/sys/vm/%s", name);
	fd = open(file, O_RDONLY);
	NEED(fd >= 0);
	CHECK(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return atol(text);
}

TEST(limits_of_dirty_memory_have_ranges)
{
	char old[32], oldbg[32];

	if (geteuid() || access("/proc/sys/vm/dirty_ratio", W_OK))
		SKIP("not root, or /proc/sys is read-only");
	snprintf(old, sizeof(old), "%ld", get("dirty_ratio"));
	snprintf(oldbg, sizeof(oldbg), "%ld", get("dirty_background_ratio"));
	if (!get("dirty_ratio") || !get("dirty_background_ratio"))
		SKIP("somebody has set limits in bytes");
	CHECK_EQ(set("dirty_ratio", "101"), EINVAL);
	CHECK_EQ(set("dirty_ratio", "-1"), EINVAL);
	CHECK_EQ(set("dirty_background_ratio", "101"), EINVAL);
	CHECK_EQ(set("dirty_bytes", "100"), EINVAL);
	CHECK_EQ(set("drop_caches", "0"), EINVAL);
	CHECK_EQ(get("dirty_ratio"), atol(old));
	CHECK_EQ(set("dirty_bytes", "1048576"), 0);
	CHECK_EQ(get("dirty_ratio"), 0);
	CHECK_EQ(get("dirty_bytes"), 1048576);
	CHECK_EQ(set("dirty_ratio", old), 0);
	CHECK_EQ(get("dirty_bytes"), 0);
	CHECK_EQ(set("dirty_background_bytes", "65536"), 0);
	CHECK_EQ(get("dirty_background_ratio"), 0);
	CHECK_EQ(set("dirty_background_ratio", oldbg), 0);
	CHECK_EQ(get("dirty_background_bytes"), 0);
	CHECK(get("dirty_writeback_centisecs") >= 0);
	CHECK(get("dirty_expire_centisecs") >= 0);
}

TAP_MAIN()
