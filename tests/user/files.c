/* SPDX-License-Identifier: MIT */
/* files.c -- paths, directories, descriptors and their errors, from outside */

#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

/* Each test stands in an empty directory of its own. */
static void own_directory(void)
{
	char name[] = "/tmp/files-XXXXXX";

	NEED(mkdtemp(name) != NULL);
	NEED(chdir(name) == 0);
}

static int make(const char *name, const char *text)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

TEST(write_then_read_back)
{
	char got[16] = "";

	own_directory();
	int fd = make("a", "hello, world");

	CHECK_EQ(lseek(fd, 7, SEEK_SET), 7);
	CHECK_EQ(read(fd, got, sizeof(got)), 5);
	CHECK(strcmp(got, "world") == 0);
	CHECK_EQ(read(fd, got, sizeof(got)), 0);
	CHECK_EQ(lseek(fd, -5, SEEK_END), 7);
	CHECK_ERR(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_EQ(pread(fd, got, 5, 0), 5);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 7);
}

TEST(a_hole_reads_as_zeroes)
{
	char got[8];
	struct stat st;

	own_directory();
	int fd = make("sparse", "x");

	CHECK_EQ(pwrite(fd, "end", 3, 1 << 20), 3);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, (1 << 20) + 3);
	CHECK(st.st_blocks * 512 < 64 * 1024);
	CHECK_EQ(pread(fd, got, 8, 5000), 8);
	CHECK(memcmp(got, "\0\0\0\0\0\0\0\0", 8) == 0);
	CHECK_EQ(ftruncate(fd, 1), 0);
	CHECK_EQ(ftruncate(fd, 10), 0);
	CHECK_EQ(pread(fd, got, 8, 0), 8);
	CHECK(memcmp(got, "x\0\0\0\0\0\0\0", 8) == 0);
}

TEST(open_flags_mean_what_they_say)
{
	own_directory();
	close(make("a", "abc"));
	CHECK_ERR(open("a", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
	CHECK_ERR(open("none", O_RDONLY), ENOENT);
	CHECK_ERR(open("a/b", O_RDONLY), ENOTDIR);
	CHECK_ERR(open("a", O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_ERR(open(".", O_WRONLY), EISDIR);
	int fd = open("a", O_WRONLY | O_APPEND);

	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(write(fd, "d", 1), 1);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 4);
	CHECK_ERR(read(fd, "", 1), EBADF);
	close(fd);
	fd = open("a", O_RDONLY | O_TRUNC);
	struct stat st;

	fstat(fd, &st);
	CHECK_EQ(st.st_size, 0);
	CHECK_ERR(write(fd, "x", 1), EBADF);
	CHECK_ERR(close(987), EBADF);
}

/* Whether a file system can do it is its own affair; a file that was opened and
 * then refused has to be let go as any other. */
TEST(a_nameless_file_may_be_refused_direct_io)
{
	for (int i = 0; i < 20; i++) {
		int fd = open(".", O_TMPFILE | O_RDWR | O_DIRECT, 0600);

		CHECK(fd >= 0 || errno == EINVAL || errno == EOPNOTSUPP);
		if (fd >= 0)
			close(fd);
	}
}

TEST(links_count_and_outlive_names)
{
	struct stat st;
	char c;

	own_directory();
	int fd = make("a", "z");

	CHECK_EQ(link("a", "b"), 0);
	CHECK_EQ(stat("b", &st), 0);
	CHECK_EQ(st.st_nlink, 2);
	CHECK_ERR(link("a", "b"), EEXIST);
	CHECK_EQ(unlink("a"), 0);
	CHECK_EQ(unlink("b"), 0);
	CHECK_ERR(unlink("b"), ENOENT);
	fstat(fd, &st);
	CHECK_EQ(st.st_nlink, 0);
	CHECK_EQ(pread(fd, &c, 1, 0), 1);
	CHECK_ERR(link(".", "d"), EPERM);
}

TEST(symlinks_are_followed_but_not_for_ever)
{
	char got[64] = "";
	struct stat st;

	own_directory();
	close(make("target", "t"));
	CHECK_EQ(symlink("target", "s"), 0);
	CHECK_EQ(readlink("s", got, sizeof(got)), 6);
	CHECK(memcmp(got, "target", 6) == 0);
	CHECK_ERR(readlink("target", got, sizeof(got)), EINVAL);
	CHECK_EQ(lstat("s", &st), 0);
	CHECK(S_ISLNK(st.st_mode));
	CHECK_EQ(stat("s", &st), 0);
	CHECK(S_ISREG(st.st_mode));
	CHECK_EQ(symlink("loop", "loop"), 0);
	CHECK_ERR(open("loop", O_RDONLY), ELOOP);
	CHECK_ERR(open("s", O_RDONLY | O_NOFOLLOW), ELOOP);
	CHECK_EQ(symlink("nowhere", "dangling"), 0);
	CHECK_ERR(open("dangling", O_RDONLY), ENOENT);
	CHECK(open("dangling", O_CREAT | O_WRONLY, 0600) >= 0);
	CHECK_EQ(access("nowhere", F_OK), 0);
}

TEST(directories_list_what_is_in_them)
{
	int found = 0, dots = 0, other = 0;

	own_directory();
	mkdir("d", 0755);
	for (int i = 0; i < 200; i++) {
		char name[32];

		snprintf(name, sizeof(name), "d/file%03d", i);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	DIR *d = opendir("d");

	NEED(d != NULL);
	for (struct dirent *e; (e = readdir(d));) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			dots++;
		else if (!strncmp(e->d_name, "file", 4) && e->d_type == DT_REG)
			found++;
		else
			other++;
	}
	CHECK_EQ(dots, 2);
	CHECK_EQ(found, 200);
	CHECK_EQ(other, 0);
	closedir(d);
}

TEST(directories_nest_and_refuse)
{
	char cwd[PATH_MAX], inside[PATH_MAX];
	struct stat st;

	own_directory();
	CHECK_EQ(mkdir("a", 0755), 0);
	CHECK_ERR(mkdir("a", 0755), EEXIST);
	CHECK_EQ(mkdir("a/b", 0755), 0);
	CHECK_ERR(rmdir("a"), ENOTEMPTY);
	stat("a", &st);
	CHECK_EQ(st.st_nlink, 3);
	CHECK_ERR(unlink("a"), EISDIR);
	CHECK_ERR(rename("a", "a/b/c"), EINVAL);
	CHECK(getcwd(cwd, sizeof(cwd)) != NULL);
	CHECK_EQ(chdir("a/b/../b"), 0);
	CHECK(getcwd(inside, sizeof(inside)) != NULL);
	CHECK(strncmp(inside, cwd, strlen(cwd)) == 0 &&
	      strcmp(inside + strlen(cwd), "/a/b") == 0);
	CHECK_EQ(rmdir("../b"), 0);
	CHECK(getcwd(cwd, sizeof(cwd)) == NULL && errno == ENOENT);
	CHECK_ERR(open("x", O_CREAT | O_WRONLY, 0600), ENOENT);
}

TEST(rename_replaces_in_one_step)
{
	char c;

	own_directory();
	close(make("a", "A"));
	int old = make("b", "B");

	CHECK_EQ(rename("a", "b"), 0);
	CHECK_ERR(access("a", F_OK), ENOENT);
	int fd = open("b", O_RDONLY);

	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 'A');
	CHECK_EQ(pread(old, &c, 1, 0), 1);
	CHECK_EQ(c, 'B');
	mkdir("d", 0755);
	CHECK_ERR(rename("b", "d"), EISDIR);
	CHECK_ERR(rename("d", "b"), ENOTDIR);
	CHECK_ERR(rename("none", "x"), ENOENT);
}

TEST(names_and_paths_have_limits)
{
	char name[300], path[5000];

	own_directory();
	memset(name, 'n', 255);
	name[255] = '\0';
	CHECK(open(name, O_CREAT | O_WRONLY, 0600) >= 0);
	memset(name, 'n', 256);
	name[256] = '\0';
	CHECK_ERR(open(name, O_CREAT | O_WRONLY, 0600), ENAMETOOLONG);
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	CHECK_ERR(open(path, O_RDONLY), ENAMETOOLONG);
	CHECK_ERR(open("", O_RDONLY), ENOENT);
	CHECK_ERR(syscall(SYS_open, 8L, O_RDONLY), EFAULT);
}

TEST(descriptors_are_the_lowest_free)
{
	int a = open("/dev/null", O_RDWR);
	int b = dup(a);

	CHECK_EQ(b, a + 1);
	close(a);
	CHECK_EQ(dup(b), a);
	CHECK_EQ(dup2(b, 100), 100);
	CHECK_EQ(fcntl(b, F_DUPFD, 50), 50);
	CHECK_EQ(fcntl(b, F_GETFD), 0);
	CHECK_EQ(fcntl(b, F_DUPFD_CLOEXEC, 60), 60);
	CHECK_EQ(fcntl(60, F_GETFD), FD_CLOEXEC);
	CHECK_ERR(dup(77), EBADF);
	CHECK_ERR(dup2(b, 1 << 30), EBADF);
	CHECK_EQ(fcntl(b, F_GETFL) & O_ACCMODE, O_RDWR);
}

TEST(ten_thousand_files_end_in_emfile)
{
	struct rlimit r = { 1000, 1000 };
	int n = 0, fd;

	NEED(setrlimit(RLIMIT_NOFILE, &r) == 0);
	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		n++;
	CHECK_EQ(errno, EMFILE);
	CHECK(n > 980 && n < 1000);
	int fds[2];

	CHECK_ERR(pipe(fds), EMFILE);
}

TEST(modes_are_enforced_for_others_than_root)
{
	int status;

	own_directory();
	umask(027);
	close(make("secret", "s"));
	struct stat st;

	stat("secret", &st);
	CHECK_EQ(st.st_mode & 0777, 0640);
	CHECK_EQ(chmod("secret", 0600), 0);
	chmod(".", 0755);
	pid_t pid = fork();

	if (pid == 0) {
		if (setgid(1000) < 0 || setuid(1000) < 0)
			_exit(1);
		if (open("secret", O_RDONLY) >= 0 || errno != EACCES)
			_exit(2);
		if (unlink("secret") == 0 || errno != EACCES)
			_exit(3);
		if (chmod("secret", 0777) == 0 || errno != EPERM)
			_exit(4);
		_exit(setuid(0) == 0 ? 5 : 0);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(WEXITSTATUS(status), 0);
}

TEST(vectors_scatter_and_gather)
{
	char a[4] = "", b[4] = "";
	struct iovec out[2] = { { "abc", 3 }, { "def", 3 } };
	struct iovec in[2] = { { a, 2 }, { b, 3 } };

	own_directory();
	int fd = make("v", "");

	CHECK_EQ(writev(fd, out, 2), 6);
	lseek(fd, 0, SEEK_SET);
	CHECK_EQ(readv(fd, in, 2), 5);
	CHECK(strcmp(a, "ab") == 0 && strcmp(b, "cde") == 0);
	CHECK_ERR(writev(fd, out, -1), EINVAL);
}

TEST(the_small_devices_behave)
{
	char buf[64];
	int zero = open("/dev/zero", O_RDWR), null = open("/dev/null", O_RDWR);
	int full = open("/dev/full", O_RDWR), random = open("/dev/urandom", O_RDONLY);

	memset(buf, 1, sizeof(buf));
	CHECK_EQ(read(zero, buf, sizeof(buf)), sizeof(buf));
	CHECK(buf[0] == 0 && buf[63] == 0);
	CHECK_EQ(read(null, buf, sizeof(buf)), 0);
	CHECK_EQ(write(null, buf, 5), 5);
	CHECK_ERR(write(full, buf, 5), ENOSPC);
	CHECK_EQ(read(random, buf, sizeof(buf)), sizeof(buf));
	int sum = 0;

	for (int i = 0; i < 64; i++)
		sum |= buf[i];
	CHECK(sum != 0);
	struct stat st;

	CHECK_EQ(fstat(null, &st), 0);
	CHECK(S_ISCHR(st.st_mode) && st.st_rdev == 0x103);
}

TEST(times_move_forward)
{
	struct stat a, b;
	struct timespec set[2] = { { 1000, 5 }, { 2000, 7 } };

	own_directory();
	int fd = make("t", "x");

	fstat(fd, &a);
	usleep(20000);
	CHECK_EQ(write(fd, "y", 1), 1);
	fstat(fd, &b);
	CHECK(b.st_mtim.tv_sec > a.st_mtim.tv_sec ||
	      b.st_mtim.tv_nsec > a.st_mtim.tv_nsec);
	CHECK_EQ(futimens(fd, set), 0);
	fstat(fd, &b);
	CHECK_EQ(b.st_mtim.tv_sec, 2000);
	CHECK_EQ(b.st_atim.tv_nsec, 5);
}

TEST(at_calls_start_at_a_directory)
{
	struct stat st;

	own_directory();
	mkdir("d", 0755);
	int d = open("d", O_RDONLY | O_DIRECTORY);
	int fd = openat(d, "f", O_CREAT | O_WRONLY, 0600);

	CHECK(fd >= 0);
	CHECK_EQ(fstatat(d, "f", &st, 0), 0);
	CHECK_EQ(access("d/f", F_OK), 0);
	CHECK_ERR(openat(fd, "x", O_RDONLY), ENOTDIR);
	CHECK_EQ(unlinkat(d, "f", 0), 0);
	CHECK_EQ(unlinkat(AT_FDCWD, "d", AT_REMOVEDIR), 0);
}

TEST(a_mount_covers_and_uncovers)
{
	struct stat st;

	if (getuid() != 0)
		SKIP("needs root");
	own_directory();
	mkdir("m", 0755);
	close(make("m/below", ""));
	NEED(mount("tmpfs", "m", "tmpfs", 0, "") == 0);
	CHECK_ERR(stat("m/below", &st), ENOENT);
	close(make("m/above", "x"));
	CHECK_ERR(rmdir("m"), EBUSY);
	int fd = open("m/above", O_RDONLY);

	CHECK_ERR(umount("m"), EBUSY);
	close(fd);
	CHECK_EQ(umount("m"), 0);
	CHECK_EQ(stat("m/below", &st), 0);
	CHECK_ERR(mount("x", "m", "nosuchfs", 0, ""), ENODEV);
	CHECK_ERR(umount("m"), EINVAL);
}

TAP_MAIN()
