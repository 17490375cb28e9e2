/* SPDX-License-Identifier: MIT */
/*
 * diskfs.c -- a file system on a disk, from outside
 *
 * TEST_DIR names a directory on it; without one the tests run in /tmp, and
 * those that need a disk are skipped.
 */

#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>

#define EXT2_MAGIC 0xef53
#define GETFLAGS 0x80086601ul
#define SETFLAGS 0x40086602ul
#define IMMUTABLE_FL 0x10
#define APPEND_FL 0x20

static void own_directory(void)
{
	const char *base = getenv("TEST_DIR");
	char name[200];

	snprintf(name, sizeof(name), "%s/diskfs-XXXXXX", base ? base : "/tmp");
	NEED(mkdtemp(name) != NULL);
	NEED(chdir(name) == 0);
}

/* An empty directory on an ext2 volume; its block size. */
static long own_ext2(void)
{
	struct statfs fs;

	own_directory();
	NEED(statfs(".", &fs) == 0);
	if (fs.f_type != EXT2_MAGIC)
		SKIP("TEST_DIR is not on ext2");
	return fs.f_bsize;
}

static int make(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0);
	return fd;
}

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	sync();
	if (fd >= 0 && write(fd, "3", 1) < 0)
		perror("drop_caches");
	close(fd);
}

TEST(every_level_of_the_tree_is_reached)
{
	long bs = own_ext2(), p = bs / 4;
	off_t at[] = { 0, 11 * bs, 12 * bs, (12 + p) * bs, (12 + p + p * p) * bs,
		       (12 + p + p * p + 5) * bs };
	char got[8];
	struct stat st;
	int fd;

	fd = make("sparse");
	for (int i = 0; i < 6; i++)
		CHECK_EQ(pwrite(fd, "level", 5, at[i] + 3), 5);
	CHECK_EQ(fsync(fd), 0);
	drop_caches();
	for (int i = 0; i < 6; i++) {
		CHECK_EQ(pread(fd, got, 8, at[i]), 8);
		CHECK(!memcmp(got, "\0\0\0level", 8));
		if (i)
			CHECK_EQ(pread(fd, got, 8, at[i] - 8), 8);
	}
	CHECK_EQ(fstat(fd, &st), 0);
	/* six of data; 1, 2 and 3 indirect ones */
	CHECK_EQ(st.st_blocks, 12 * (bs / 512));
	CHECK_EQ(ftruncate(fd, at[3] + 1), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_blocks, 7 * (bs / 512));
	CHECK_EQ(pread(fd, got, 8, at[3]), 1);
	CHECK_EQ(ftruncate(fd, at[3] + 8), 0);
	CHECK_EQ(pread(fd, got, 8, at[3]), 8);
	CHECK(!memcmp(got, "\0\0\0\0\0\0\0\0", 8));
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_blocks, 0);
	close(fd);
}

TEST(no_file_is_longer_than_its_tree)
{
	long bs = own_ext2();
	off_t most = bs == 1024 ? 17247252480 : bs == 4096 ? 2196873666560 : 0;
	int fd;

	if (!most)
		return;
	fd = make("long");
	CHECK_ERR(pwrite(fd, "x", 1, most), EFBIG);
	CHECK_ERR(ftruncate(fd, most + 1), EFBIG);
	CHECK_EQ(pwrite(fd, "xy", 2, most - 1), 1);
	CHECK_EQ(ftruncate(fd, most), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_END), most);
	close(fd);
	unlink("long");
}

TEST(holes_and_data_are_found)
{
	long bs = own_ext2();
	int fd;

	fd = make("holes");
	CHECK_EQ(pwrite(fd, "a", 1, 4 * 4096), 1);
	CHECK_EQ(pwrite(fd, "b", 1, 400 * 4096), 1);
	CHECK_EQ(lseek(fd, 0, SEEK_HOLE), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_DATA), 4 * 4096);
	CHECK_EQ(lseek(fd, 4 * 4096, SEEK_HOLE), 4 * 4096 + bs);
	CHECK_EQ(lseek(fd, 5 * 4096, SEEK_DATA), 400 * 4096);
	CHECK_EQ(lseek(fd, 400 * 4096, SEEK_HOLE), 400 * 4096 + 1);
	CHECK_ERR(lseek(fd, 500 * 4096, SEEK_DATA), ENXIO);
	CHECK_ERR(fallocate(fd, 0, 0, 4096), EOPNOTSUPP);
	close(fd);
}

TEST(attributes_are_kept_on_the_disk)
{
	static char big[60000];
	char got[300], list[100];
	int fd;

	own_ext2();
	fd = make("x");
	CHECK_EQ(fsetxattr(fd, "user.one", "1", 1, 0), 0);
	CHECK_EQ(fsetxattr(fd, "user.two", "22", 2, XATTR_CREATE), 0);
	CHECK_ERR(fsetxattr(fd, "user.two", "2", 1, XATTR_CREATE), EEXIST);
	CHECK_ERR(fsetxattr(fd, "user.no", "2", 1, XATTR_REPLACE), ENODATA);
	CHECK_EQ(fsetxattr(fd, "trusted.t", "three", 5, 0), 0);
	CHECK_EQ(link("x", "y"), 0);
	fsync(fd);
	close(fd);
	drop_caches();
	CHECK_EQ(getxattr("y", "user.two", got, sizeof(got)), 2);
	CHECK(!memcmp(got, "22", 2));
	CHECK_EQ(getxattr("y", "trusted.t", got, 0), 5);
	CHECK_ERR(getxattr("y", "trusted.t", got, 3), ERANGE);
	CHECK_ERR(getxattr("y", "user.none", got, 3), ENODATA);
	CHECK_EQ(listxattr("y", list, sizeof(list)), 9 + 9 + 10);
	CHECK_EQ(removexattr("y", "user.one"), 0);
	CHECK_ERR(removexattr("y", "user.one"), ENODATA);
	CHECK_EQ(listxattr("y", list, sizeof(list)), 9 + 10);
	CHECK_ERR(setxattr("y", "user.big", big, sizeof(big), 0), ENOSPC);
}

TEST(immutable_and_append_only_files_are_kept)
{
	long flags;
	int fd, f2;

	own_ext2();
	fd = make("fixed");
	CHECK_EQ(write(fd, "abc", 3), 3);
	CHECK_EQ(ioctl(fd, GETFLAGS, &flags), 0);
	flags |= IMMUTABLE_FL;
	CHECK_EQ(ioctl(fd, SETFLAGS, &flags), 0);
	CHECK_ERR(open("fixed", O_WRONLY), EPERM);
	CHECK_ERR(unlink("fixed"), EPERM);
	CHECK_ERR(rename("fixed", "other"), EPERM);
	CHECK_ERR(chmod("fixed", 0600), EPERM);
	flags = (flags & ~IMMUTABLE_FL) | APPEND_FL;
	CHECK_EQ(ioctl(fd, SETFLAGS, &flags), 0);
	CHECK_ERR(open("fixed", O_WRONLY), EPERM);
	f2 = open("fixed", O_WRONLY | O_APPEND);
	CHECK(f2 >= 0);
	CHECK_EQ(write(f2, "d", 1), 1);
	CHECK_ERR(ftruncate(f2, 0), EPERM);
	flags &= ~APPEND_FL;
	CHECK_EQ(ioctl(fd, SETFLAGS, &flags), 0);
	CHECK_EQ(unlink("fixed"), 0);
}

TEST(links_of_all_lengths_and_devices_of_all_numbers)
{
	static const int lengths[] = { 1, 59, 60, 200, 1000 };
	static const unsigned majors[] = { 1, 255, 256, 4000 };
	char text[1100], got[1100], name[20];
	struct stat st;

	own_ext2();
	for (int i = 0; i < 5; i++) {
		memset(text, 'l', sizeof(text));
		text[lengths[i]] = 0;
		snprintf(name, sizeof(name), "l%d", i);
		CHECK_EQ(symlink(text, name), 0);
	}
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		CHECK_EQ(mknod(name, S_IFCHR | 0600,
			       makedev(majors[i], 70000 % (i * 99999 + 200))),
			 0);
	}
	drop_caches();
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		CHECK_EQ(readlink(name, got, sizeof(got)), lengths[i]);
		CHECK_EQ(lstat(name, &st), 0);
		CHECK_EQ(st.st_size, lengths[i]);
	}
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		CHECK_EQ(stat(name, &st), 0);
		CHECK_EQ(st.st_rdev,
			 makedev(majors[i], 70000 % (i * 99999 + 200)));
	}
}

TEST(times_and_modes_survive)
{
	struct timespec t[2] = { { 1234567890, 0 }, { 987654321, 0 } };
	struct stat st;
	int fd;

	own_ext2();
	fd = make("t");
	CHECK_EQ(fchown(fd, 70000, 80000), 0);
	CHECK_EQ(fchmod(fd, 06751), 0);
	CHECK_EQ(futimens(fd, t), 0);
	close(fd);
	drop_caches();
	CHECK_EQ(stat("t", &st), 0);
	CHECK_EQ(st.st_uid, 70000);
	CHECK_EQ(st.st_gid, 80000);
	CHECK_EQ(st.st_mode, S_IFREG | 06751);
	CHECK_EQ(st.st_atim.tv_sec, 1234567890);
	CHECK_EQ(st.st_mtim.tv_sec, 987654321);
}

TEST(directories_are_counted)
{
	struct stat st;

	own_directory();
	CHECK_EQ(mkdir("a", 0755), 0);
	CHECK_EQ(mkdir("a/b", 0755), 0);
	CHECK_EQ(mkdir("c", 0755), 0);
	CHECK_EQ(stat("a", &st), 0);
	CHECK_EQ(st.st_nlink, 3);
	CHECK_ERR(rmdir("a"), ENOTEMPTY);
	CHECK_ERR(rename("c", "a"), ENOTEMPTY);
	CHECK_EQ(rename("a/b", "c/b"), 0);
	CHECK_EQ(rename("c", "a"), 0);
	CHECK_EQ(stat("a", &st), 0);
	CHECK_EQ(st.st_nlink, 3);
	CHECK_ERR(rename("a", "a/b/x"), EINVAL);
	CHECK_EQ(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "z", 1), 0);
	close(make("f"));
	CHECK_ERR(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "z", 1),
		  EEXIST);
	CHECK_EQ(stat(".", &st), 0);
	CHECK_EQ(st.st_nlink, 3);
}

TEST(an_unlinked_file_lives_until_it_is_closed)
{
	struct stat st;
	char got[5];
	int fd;

	own_directory();
	fd = make("gone");
	CHECK_EQ(write(fd, "still", 5), 5);
	CHECK_EQ(unlink("gone"), 0);
	drop_caches();
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_nlink, 0);
	CHECK_EQ(pread(fd, got, 5, 0), 5);
	CHECK(!memcmp(got, "still", 5));
	CHECK_EQ(ftruncate(fd, 100000), 0);
	close(fd);
}

/* Every name once, whatever comes and goes meanwhile. */
static int count_names(const char *prefix)
{
	DIR *d = opendir(".");
	struct dirent *e;
	int n = 0;

	CHECK(d != NULL);
	while ((e = readdir(d)))
		n += !strncmp(e->d_name, prefix, strlen(prefix));
	closedir(d);
	return n;
}

TEST(a_large_directory_finds_each_name)
{
	struct stat st;
	char name[64];
	int i;

	own_directory();
	for (i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "file-with-a-long-name-%d", i);
		close(make(name));
	}
	CHECK_EQ(count_names("file"), 2000);
	drop_caches();
	for (i = 0; i < 2000; i += 7) {
		snprintf(name, sizeof(name), "file-with-a-long-name-%d", i);
		CHECK_EQ(stat(name, &st), 0);
	}
	for (i = 0; i < 2000; i += 2) {
		snprintf(name, sizeof(name), "file-with-a-long-name-%d", i);
		CHECK_EQ(unlink(name), 0);
		CHECK_ERR(stat(name, &st), ENOENT);
	}
	CHECK_EQ(count_names("file"), 1000);
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "new%d", i);
		close(make(name));
	}
	CHECK_EQ(count_names(""), 2002);
	for (i = 1; i < 2000; i += 2) {
		snprintf(name, sizeof(name), "file-with-a-long-name-%d", i);
		CHECK_EQ(stat(name, &st), 0);
	}
}

TEST(removing_while_reading_misses_nothing)
{
	struct dirent *e;
	char name[20];
	DIR *d;

	own_directory();
	for (int i = 0; i < 700; i++) {
		snprintf(name, sizeof(name), "r%d", i);
		close(make(name));
	}
	d = opendir(".");
	NEED(d != NULL);
	while ((e = readdir(d)))
		if (e->d_name[0] == 'r')
			CHECK_EQ(unlink(e->d_name), 0);
	closedir(d);
	CHECK_EQ(count_names("r"), 0);
}

static int by_number(const void *a, const void *b)
{
	ino_t x = *(const ino_t *)a, y = *(const ino_t *)b;

	return x < y ? -1 : x > y;
}

/* AP095 */
TEST(inodes_that_four_make_at_once_are_unique)
{
	static ino_t inos[4000];
	struct stat st;
	char name[20];

	own_directory();
	for (int p = 0; p < 4; p++) {
		if (fork())
			continue;
		for (int i = 0; i < 1000; i++) {
			snprintf(name, sizeof(name), "s%d-%d", p, i);
			close(open(name, O_CREAT | O_WRONLY, 0644));
		}
		_exit(0);
	}
	for (int p = 0; p < 4; p++)
		wait(NULL);
	for (int i = 0; i < 4000; i++) {
		snprintf(name, sizeof(name), "s%d-%d", i / 1000, i % 1000);
		CHECK_EQ(stat(name, &st), 0);
		CHECK(st.st_ino >= 11);
		inos[i] = st.st_ino;
	}
	qsort(inos, 4000, sizeof(inos[0]), by_number);
	for (int i = 1; i < 4000; i++)
		CHECK(inos[i] != inos[i - 1]);
}

TEST(what_is_mapped_is_what_is_read)
{
	char got[16];
	char *map;
	int fd;

	own_directory();
	fd = make("m");
	CHECK_EQ(ftruncate(fd, 5 * 4096 + 100), 0);
	map = mmap(NULL, 6 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	NEED(map != MAP_FAILED);
	memcpy(map + 3 * 4096 + 5, "through the map", 15);
	CHECK_EQ(pread(fd, got, 15, 3 * 4096 + 5), 15);
	CHECK(!memcmp(got, "through the map", 15));
	CHECK_EQ(msync(map, 6 * 4096, MS_SYNC), 0);
	munmap(map, 6 * 4096);
	drop_caches();
	CHECK_EQ(pread(fd, got, 15, 3 * 4096 + 5), 15);
	CHECK(!memcmp(got, "through the map", 15));
	close(fd);
}

TEST(direct_io_sees_what_was_written)
{
	static char buf[8192] __attribute__((aligned(4096)));
	int fd, direct;

	own_ext2();
	fd = make("o");
	memset(buf, 'd', sizeof(buf));
	CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	direct = open("o", O_RDWR | O_DIRECT);
	CHECK(direct >= 0);
	memset(buf, 0, sizeof(buf));
	CHECK_EQ(pread(direct, buf, 4096, 4096), 4096);
	CHECK(buf[0] == 'd' && buf[4095] == 'd');
	memset(buf, 'e', sizeof(buf));
	CHECK_EQ(pwrite(direct, buf, 4096, 8192), 4096);
	CHECK_EQ(pread(fd, buf, 8192, 4096), 8192);
	CHECK(buf[0] == 'd' && buf[4096] == 'e');
	CHECK_ERR(pwrite(direct, buf + 1, 100, 0), EINVAL);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 3 * 4096);
}

TAP_MAIN()
