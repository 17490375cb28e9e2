/* SPDX-License-Identifier: MIT */
/*
 * file_storm.c -- random operations on one file, checked against a copy
 *
 * Reads, writes, stores and loads through a mapping, truncations both ways,
 * syncs and dropped caches, in random order, at random places; after each the
 * file must hold what a plain array holds.  In $TEST_DIR (or /tmp);
 * $STORM_OPS operations, $STORM_SEED.
 */

#include "faults.h"

#include <fcntl.h>
#include <sys/stat.h>

#define MOST (256 * 1024)

static unsigned char model[MOST], buf[MOST];
static long size;
static int fd;
static char path[256];
static unsigned long seed;
static unsigned char stamp;
static int zeroes;              /* behind the end, when the file grows */

static unsigned long any(unsigned long below)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return below ? (seed >> 33) % below : 0;
}

static int differs(const unsigned char *got, long at, long n, const char *how)
{
	for (long i = 0; i < n; i++)
		if (got[i] != model[at + i]) {
			printf("# %s: byte %ld is %d, not %d (size %ld)\n", how,
			       at + i, got[i], model[at + i], size);
			return 1;
		}
	return 0;
}

static int do_read(void)
{
	long at = any(size + 1), n = any(65536), want = size - at < n ?
		size - at : n;

	if (pread(fd, buf, n, at) != want) {
		printf("# read of %ld at %ld of %ld is short\n", n, at, size);
		return 1;
	}
	return differs(buf, at, want, "read");
}

static int do_write(void)
{
	long at = any(MOST - 1), n = any(any(4) ? 5000 : 60000) + 1;

	if (n > MOST - at)
		n = MOST - at;
	memset(model + at, ++stamp, n);
	if (at + n > size)
		size = at + n;
	return pwrite(fd, model + at, n, at) != n;
}

/*
 * Does this file system zero what was stored behind a file's end when the file
 * grows?  POSIX wants it; Linux's tmpfs does not before 6.15.
 */
static int end_is_kept(const char *name)
{
	char byte = 1, *p;
	int f = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	NEED(f >= 0 && write(f, "x", 1) == 1);
	p = mmap(NULL, PAGE, RW, MAP_SHARED, f, 0);
	NEED(p != MAP_FAILED);
	p[100] = 1;
	munmap(p, PAGE);
	NEED(ftruncate(f, 200) == 0 && pread(f, &byte, 1, 100) == 1);
	close(f);
	unlink(name);
	if (byte)
		printf("# what is stored behind the end shows here\n");
	return !byte;
}

static int do_map(int write)
{
	long at = any(size), n = any(20000) + 1, first = at & ~(PAGE - 1);
	unsigned char *p;
	int bad = 0;

	if (!size)
		return 0;
	if (n > size - at)
		n = size - at;
	p = mmap(NULL, at - first + n, write ? RW : PROT_READ, MAP_SHARED, fd,
		 first);
	if (p == MAP_FAILED)
		return 1;
	if (write) {
		memset(model + at, ++stamp, n);
		memset(p + at - first, stamp, n);
		/* Behind the end there is room, but no file. */
		if (at + n == size && size & (PAGE - 1) && any(2) && zeroes)
			p[at - first + n] = 0xee;
	} else {
		bad = differs(p + at - first, at, n, "mapping");
	}
	if (any(8) == 0)
		bad |= msync(p, at - first + n, any(2) ? MS_SYNC : MS_ASYNC);
	return bad | munmap(p, at - first + n);
}

static int do_truncate(void)
{
	long to = any(4) ? any(MOST) : any(size + 1);

	if (to < size)
		memset(model + to, 0, size - to);
	size = to;
	return ftruncate(fd, to);
}

static int do_sync(void)
{
	switch (any(4)) {
	case 0:
		return fsync(fd);
	case 1:
		return fdatasync(fd);
	case 2:
		return posix_fadvise(fd, any(size + 1), any(MOST),
				     POSIX_FADV_DONTNEED);
	default:
		close(fd);
		fd = open(path, O_RDWR);
		return fd < 0;
	}
}

static int check_all(void)
{
	struct stat st;

	if (fstat(fd, &st) || st.st_size != size) {
		printf("# size is %ld, not %ld\n", (long)st.st_size, size);
		return 1;
	}
	return pread(fd, buf, MOST, 0) != size || differs(buf, 0, size, "all");
}

static int one_operation(void)
{
	switch (any(16)) {
	case 0 ... 3:
		return do_read();
	case 4 ... 7:
		return do_write();
	case 8 ... 9:
		return do_map(0);
	case 10 ... 12:
		return do_map(1);
	case 13:
		return do_truncate();
	default:
		return any(4) ? 0 : do_sync();
	}
}

static void storm(unsigned long first_seed)
{
	const char *dir = getenv("TEST_DIR"), *ops = getenv("STORM_OPS");
	long n, count = ops ? atol(ops) : 3000;

	seed = first_seed + (getenv("STORM_SEED") ?
			     strtoul(getenv("STORM_SEED"), NULL, 0) : 0);
	alarm(ops ? 3600 : 60);
	snprintf(path, sizeof(path), "%s/storm.%d", dir ? dir : "/tmp",
		 getpid());
	zeroes = end_is_kept(path);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	NEED(fd >= 0);
	for (n = 0; n < count; n++) {
		if (one_operation() || (n % 64 == 0 && check_all())) {
			printf("# seed %lu: operation %ld\n", first_seed, n);
			CHECK(!"the file is the array");
			break;
		}
	}
	CHECK(!check_all());
	unlink(path);
}

TEST(a_file_holds_what_was_written)
{
	storm(1);
}

TEST(four_files_at_once)
{
	int status, bad = 0;

	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			storm(100 + i);
			fflush(stdout);
			_exit(tap_failed);
		}
	for (int i = 0; i < 4; i++)
		if (wait(&status) < 0 || status)
			bad++;
	CHECK_EQ(bad, 0);
}

TAP_MAIN()
