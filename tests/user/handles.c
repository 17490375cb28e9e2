/* SPDX-License-Identifier: MIT */
/*
 * handles.c -- files by handle: name_to_handle_at, open_by_handle_at
 *
 * In $TEST_DIR (or /tmp), which may be on ext2 or tmpfs.
 */

#include "tap.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>

struct handle {
	unsigned bytes;
	int type;
	unsigned char data[128];
};

static long name_to_handle(int fd, const char *name, struct handle *h,
			   int flags)
{
	int mnt;

	return syscall(SYS_name_to_handle_at, fd, name, h, &mnt, flags);
}

static long open_handle(int mount, const struct handle *h, int flags)
{
	return syscall(SYS_open_by_handle_at, mount, h, flags);
}

static int mount_fd;

static void begin(void)
{
	const char *base = getenv("TEST_DIR");
	struct handle h = { .bytes = 128 };
	char name[200];

	snprintf(name, sizeof(name), "%s/handles-XXXXXX", base ? base : "/tmp");
	NEED(mkdtemp(name) != NULL && chdir(name) == 0);
	mount_fd = open(".", O_RDONLY | O_DIRECTORY);
	NEED(mount_fd >= 0);
	if (name_to_handle(AT_FDCWD, ".", &h, 0) && errno == EOPNOTSUPP)
		SKIP("this file system has no handles");
	if (geteuid())
		SKIP("needs root");
}

static struct handle handle_of(const char *name)
{
	struct handle h = { .bytes = 128 };

	CHECK_EQ(name_to_handle(AT_FDCWD, name, &h, 0), 0);
	return h;
}

static void make(const char *name, const char *text)
{
	int fd = open(name, O_CREAT | O_WRONLY, 0644);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), (long)strlen(text));
	close(fd);
}

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	sync();
	if (fd >= 0 && write(fd, "3", 1) < 0)
		printf("# caches were not dropped\n");
	close(fd);
}

static void check_text(int fd, const char *text)
{
	char got[32] = "";

	CHECK(fd >= 0);
	CHECK_EQ(read(fd, got, sizeof(got) - 1), (long)strlen(text));
	CHECK(!strcmp(got, text));
	close(fd);
}

TEST(a_file_is_found_under_whatever_name)
{
	struct handle h;

	begin();
	make("a", "hello");
	h = handle_of("a");
	check_text(open_handle(mount_fd, &h, O_RDONLY), "hello");
	CHECK_EQ(mkdir("d", 0755), 0);
	CHECK_EQ(rename("a", "d/b"), 0);
	drop_caches();
	check_text(open_handle(mount_fd, &h, O_RDONLY), "hello");
	check_text(open_handle(AT_FDCWD, &h, O_RDONLY), "hello");
	unlink("d/b");
	CHECK_ERR(open_handle(mount_fd, &h, O_RDONLY), ESTALE);
	/* Whoever takes its number is another file. */
	for (int i = 0; i < 20; i++) {
		char name[20];

		sprintf(name, "new%d", i);
		make(name, "other");
	}
	CHECK_ERR(open_handle(mount_fd, &h, O_RDONLY), ESTALE);
}

TEST(a_directory_that_nobody_has_open_is_found_in_its_tree)
{
	struct stat there, up;
	struct handle h;
	char path[PATH_MAX];
	int fd;

	begin();
	CHECK_EQ(mkdir("1", 0755), 0);
	CHECK_EQ(mkdir("1/2", 0755), 0);
	CHECK_EQ(mkdir("1/2/3", 0755), 0);
	make("1/2/3/file", "deep");
	CHECK_EQ(stat("1/2", &up), 0);
	h = handle_of("1/2/3");
	drop_caches();
	fd = open_handle(mount_fd, &h, O_RDONLY | O_DIRECTORY);
	CHECK(fd >= 0);
	check_text(openat(fd, "file", O_RDONLY), "deep");
	CHECK_EQ(fstatat(fd, "..", &there, 0), 0);
	CHECK_EQ(there.st_ino, up.st_ino);
	CHECK_EQ(fchdir(fd), 0);
	CHECK(getcwd(path, sizeof(path)) != NULL);
	CHECK(strstr(path, "/1/2/3") != NULL);
	CHECK_EQ(mkdir("4", 0755), 0);
	close(fd);
	CHECK_EQ(chdir("../../.."), 0);
	CHECK_EQ(access("1/2/3/4", F_OK), 0);
}

TEST(the_flags_of_open_hold)
{
	struct handle h;
	int fd;

	begin();
	make("a", "12345");
	h = handle_of("a");
	CHECK_ERR(open_handle(mount_fd, &h, O_RDONLY | O_DIRECTORY), ENOTDIR);
	fd = open_handle(mount_fd, &h, O_RDWR | O_TRUNC | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	close(fd);
	fd = open_handle(mount_fd, &h, O_PATH);
	CHECK(fd >= 0);
	CHECK_ERR(read(fd, &h, 1), EBADF);
	close(fd);
}

TEST(links_and_empty_paths)
{
	struct handle link, file, again = { .bytes = 128 };
	int fd;

	begin();
	make("a", "x");
	CHECK_EQ(symlink("a", "l"), 0);
	link = handle_of("l");
	file = handle_of("a");
	CHECK(memcmp(link.data, file.data, link.bytes));
	CHECK_EQ(name_to_handle(AT_FDCWD, "l", &again, AT_SYMLINK_FOLLOW), 0);
	CHECK(!memcmp(again.data, file.data, file.bytes));
	CHECK_ERR(open_handle(mount_fd, &link, O_RDONLY), ELOOP);
	fd = open("a", O_PATH);
	again.bytes = 128;
	CHECK_EQ(name_to_handle(fd, "", &again, AT_EMPTY_PATH), 0);
	CHECK(!memcmp(again.data, file.data, file.bytes));
	CHECK_ERR(name_to_handle(fd, "", &again, 0), ENOENT);
}

TEST(sizes_and_errors)
{
	struct handle h = { .bytes = 0 };
	unsigned need;

	begin();
	make("a", "x");
	CHECK_ERR(name_to_handle(AT_FDCWD, "a", &h, 0), EOVERFLOW);
	need = h.bytes;
	CHECK(need >= 8 && need <= 128);
	h.bytes = need;
	CHECK_EQ(name_to_handle(AT_FDCWD, "a", &h, 0), 0);
	h.bytes = 129;
	CHECK_ERR(name_to_handle(AT_FDCWD, "a", &h, 0), EINVAL);
	CHECK_ERR(open_handle(mount_fd, &h, 0), EINVAL);
	h.bytes = 0;
	CHECK_ERR(open_handle(mount_fd, &h, 0), EINVAL);
	h = handle_of("a");
	CHECK_ERR(open_handle(999, &h, 0), EBADF);
	CHECK_ERR(name_to_handle(AT_FDCWD, "none", &h, 0), ENOENT);
	CHECK_ERR(name_to_handle(AT_FDCWD, "a", (void *)1, 0), EFAULT);
	CHECK_ERR(open_handle(mount_fd, (void *)1, 0), EFAULT);
	CHECK_ERR(name_to_handle(AT_FDCWD, "a", &h, 0x10), EINVAL);
	memset(h.data, 0xff, sizeof(h.data));
	CHECK_ERR(open_handle(mount_fd, &h, 0), ESTALE);
	NEED(setuid(1000) == 0);
	CHECK_ERR(open_handle(mount_fd, &h, 0), EPERM);
}

TAP_MAIN()
