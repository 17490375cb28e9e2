/* SPDX-License-Identifier: MIT */
/*
 * vfs_same.c -- one set of promises on every file system there is (AP090)
 *
 *	vfs_same [DIRECTORY...]
 *
 * Each test runs once in each directory: by default /tmp, /dev/shm, and, for
 * root, a ramfs; give it the mount points of disks. procfs has its own part.
 */

#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <time.h>

static const char *places[16] = { "/tmp", "/dev/shm" };
static int nr_places = 2;

/* Go to a fresh directory on places[i]; 0: it is not there. */
static int enter(int i)
{
	char dir[256];

	snprintf(dir, sizeof(dir), "%s/same.%d", places[i], getpid());
	if (mkdir(dir, 0755))
		return 0;
	NEED(chdir(dir) == 0);
	return 1;
}

static void leave(int i)
{
	char cmd[300];

	NEED(chdir("/") == 0);
	snprintf(cmd, sizeof(cmd), "rm -rf %s/same.%d", places[i], getpid());
	NEED(system(cmd) == 0);
}

#define EVERYWHERE(id)							\
	static void id##_here(void);					\
	TEST(id)							\
	{								\
		int i;							\
									\
		for (i = 0; i < nr_places; i++) {			\
			if (!enter(i))					\
				continue;				\
			id##_here();					\
			if (tap_failed) {				\
				printf("# in %s\n", places[i]);		\
				return;					\
			}						\
			leave(i);					\
		}							\
	}								\
	static void id##_here(void)

static int make(const char *name, const char *text)
{
	int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0644);

	NEED(fd >= 0);
	NEED(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return fd;
}

EVERYWHERE(what_was_written_is_read)
{
	char buf[16] = "";
	struct iovec v[2] = { { buf, 2 }, { buf + 8, 8 } };
	int fd = make("f", "hello");

	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, buf, 16), 5);
	CHECK(!memcmp(buf, "hello", 5));
	CHECK_EQ(read(fd, buf, 16), 0);
	CHECK_EQ(pread(fd, buf, 2, 3), 2);
	CHECK(!memcmp(buf, "lo", 2));
	CHECK_EQ(preadv(fd, v, 2, 0), 5);
	CHECK(!memcmp(buf, "he", 2) && !memcmp(buf + 8, "llo", 3));
	CHECK_EQ(lseek(fd, 10, SEEK_END), 15);
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(pread(fd, buf, 16, 4), 12);
	CHECK(buf[0] == 'o' && buf[1] == 0 && buf[10] == 0 && buf[11] == 'x');
	CHECK_ERR(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_ERR(lseek(fd, 0, 99), EINVAL);
	CHECK_ERR(pread(fd, buf, 1, -1), EINVAL);
	lseek(fd, 0, SEEK_SET);
	CHECK_ERR(read(fd, (void *)1, 1), EFAULT);
	CHECK_ERR(write(fd, (void *)1, 1), EFAULT);
	CHECK_ERR(read(999, buf, 1), EBADF);
	close(fd);
	fd = open("f", O_WRONLY);
	CHECK_ERR(read(fd, buf, 1), EBADF);
	close(fd);
	fd = open("f", O_RDONLY);
	CHECK_ERR(write(fd, buf, 1), EBADF);
	close(fd);
}

EVERYWHERE(open_flags_are_obeyed)
{
	struct stat st;
	int fd;

	close(make("f", "12345"));
	NEED(mkdir("d", 0755) == 0 && symlink("f", "l") == 0);
	CHECK_ERR(open("f", O_CREAT | O_EXCL, 0644), EEXIST);
	CHECK_ERR(open("l", O_CREAT | O_EXCL, 0644), EEXIST);
	CHECK_ERR(open("none", O_RDONLY), ENOENT);
	CHECK_ERR(open("f/x", O_RDONLY), ENOTDIR);
	CHECK_ERR(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_ERR(open("f/", O_RDONLY), ENOTDIR);
	CHECK_ERR(open("d", O_WRONLY), EISDIR);
	CHECK_ERR(open("d", O_CREAT | O_RDWR, 0644), EISDIR);
	CHECK_ERR(open("l", O_RDONLY | O_NOFOLLOW), ELOOP);
	fd = open("d", O_RDONLY);
	CHECK_ERR(read(fd, &st, 1), EISDIR);
	close(fd);
	fd = open("f", O_WRONLY | O_APPEND);
	CHECK(lseek(fd, 0, SEEK_SET) == 0 && write(fd, "6", 1) == 1);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 6);
	close(fd);
	fd = open("f", O_RDONLY | O_TRUNC);
	CHECK(fd >= 0 && fstat(fd, &st) == 0 && st.st_size == 0);
	close(fd);
	umask(027);
	fd = open("m", O_CREAT | O_WRONLY, 0666);
	CHECK(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0640);
	close(fd);
	umask(022);
}

EVERYWHERE(names_are_made_and_removed)
{
	struct stat a, b;

	close(make("f", "x"));
	CHECK(link("f", "g") == 0);
	CHECK(stat("f", &a) == 0 && stat("g", &b) == 0);
	CHECK(a.st_ino == b.st_ino && a.st_nlink == 2);
	CHECK(unlink("f") == 0 && stat("g", &b) == 0 && b.st_nlink == 1);
	CHECK_ERR(unlink("f"), ENOENT);
	CHECK_ERR(link("none", "h"), ENOENT);
	CHECK_ERR(link("g", "g"), EEXIST);
	NEED(mkdir("d", 0755) == 0);
	CHECK(stat("d", &a) == 0 && a.st_nlink == 2);
	CHECK_ERR(mkdir("d", 0755), EEXIST);
	CHECK_ERR(link("d", "e"), EPERM);
	CHECK_ERR(unlink("d"), EISDIR);
	CHECK_ERR(rmdir("g"), ENOTDIR);
	CHECK(mkdir("d/e", 0755) == 0 && stat("d", &a) == 0 && a.st_nlink == 3);
	CHECK_ERR(rmdir("d"), ENOTEMPTY);
	CHECK_ERR(rmdir("d/."), EINVAL);
	CHECK_ERR(rmdir("d/e/.."), ENOTEMPTY);
	CHECK(rmdir("d/e") == 0 && rmdir("d") == 0);
	CHECK_ERR(mkdir("none/x", 0755), ENOENT);
	CHECK(mkfifo("p", 0644) == 0 && stat("p", &a) == 0 &&
	      S_ISFIFO(a.st_mode));
}

EVERYWHERE(rename_moves_and_replaces)
{
	struct stat a, b;

	close(make("f", "1"));
	close(make("g", "22"));
	NEED(!mkdir("d", 0755) && !mkdir("d/e", 0755) && !mkdir("h", 0755));
	NEED(stat("f", &a) == 0);
	CHECK(rename("f", "g") == 0 && stat("g", &b) == 0);
	CHECK(a.st_ino == b.st_ino && b.st_size == 1);
	CHECK_ERR(rename("f", "x"), ENOENT);
	CHECK_ERR(rename("g", "d"), EISDIR);
	CHECK_ERR(rename("d", "g"), ENOTDIR);
	CHECK_ERR(rename("d", "d/e/f"), EINVAL);
	CHECK_ERR(rename("h", "d"), ENOTEMPTY);
	CHECK(rename("d/e", "h") == 0);
	CHECK(stat("d", &a) == 0 && a.st_nlink == 2);
	CHECK(rename("h", "d/h") == 0);
	CHECK(stat("d/h/..", &a) == 0 && stat("d", &b) == 0 &&
	      a.st_ino == b.st_ino && b.st_nlink == 3);
	CHECK(rename("g", "g") == 0);
	CHECK(link("g", "g2") == 0 && rename("g", "g2") == 0);
	CHECK(access("g", F_OK) == 0);         /* two names of one file */
}

EVERYWHERE(symlinks_hold_text)
{
	char buf[300], text[256];
	struct stat st;

	memset(text, 'a', 255);
	text[255] = 0;
	CHECK(symlink("some/where", "l") == 0);
	CHECK_EQ(readlink("l", buf, sizeof(buf)), 10);
	CHECK_EQ(readlink("l", buf, 4), 4);
	CHECK(lstat("l", &st) == 0 && S_ISLNK(st.st_mode) && st.st_size == 10);
	CHECK_ERR(stat("l", &st), ENOENT);
	CHECK_ERR(symlink("x", "l"), EEXIST);
	CHECK_ERR(symlink("", "e"), ENOENT);
	CHECK_ERR(readlink(".", buf, 10), EINVAL);
	CHECK(symlink(text, "long") == 0);
	CHECK_EQ(readlink("long", buf, sizeof(buf)), 255);
	CHECK_ERR(open("long", O_RDONLY), ENOENT);
	text[0] = 'l';
	memset(text, 'b', 255);
	CHECK(mkdir(text, 0755) == 0);         /* a name of 255 */
	CHECK(rmdir(text) == 0);
}

EVERYWHERE(attributes_change)
{
	struct timespec t[2] = { { 1000000000, 0 }, { 1100000000, 0 } };
	struct stat st;
	int fd = make("f", "hello");

	CHECK(chmod("f", 04711) == 0 && stat("f", &st) == 0);
	CHECK_EQ(st.st_mode & 07777, 04711);
	CHECK(utimensat(AT_FDCWD, "f", t, 0) == 0 && stat("f", &st) == 0);
	CHECK(st.st_atime == 1000000000 && st.st_mtime == 1100000000);
	CHECK(ftruncate(fd, 2) == 0 && fstat(fd, &st) == 0 && st.st_size == 2);
	CHECK(st.st_mtime > 1100000000);
	CHECK(truncate("f", 100000) == 0 && fstat(fd, &st) == 0);
	CHECK_EQ(st.st_size, 100000);
	CHECK_ERR(truncate("f", -1), EINVAL);
	CHECK_ERR(truncate(".", 0), EISDIR);
	if (geteuid())
		return;
	CHECK(chmod("f", 06755) == 0 && chown("f", 12, 34) == 0);
	CHECK(stat("f", &st) == 0 && st.st_uid == 12 && st.st_gid == 34);
	CHECK_EQ(st.st_mode & 07777, 0755);    /* chown drops set-id */
	CHECK(chmod("f", 04777) == 0);
	NEED(setegid(99) == 0 && seteuid(99) == 0);
	CHECK_ERR(chmod("f", 0), EPERM);
	CHECK_ERR(chown("f", 99, -1), EPERM);
	fd = open("f", O_WRONLY);
	CHECK(fd >= 0 && write(fd, "x", 1) == 1);
	NEED(seteuid(0) == 0 && setegid(0) == 0);
	CHECK(stat("f", &st) == 0);
	CHECK_EQ(st.st_mode & 07777, 0777);    /* a write drops it, too */
}

EVERYWHERE(a_directory_lists_each_name_once)
{
	char name[32];
	int seen[300] = { 0 }, i, n, others = 0;
	struct dirent *e;
	DIR *d;

	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "name-%03d", i);
		close(make(name, ""));
	}
	d = opendir(".");
	NEED(d);
	/* Half of them go while we read. */
	for (n = 0; (e = readdir(d)); n++) {
		if (sscanf(e->d_name, "name-%d", &i) == 1)
			seen[i]++;
		else
			others++;
		if (n == 50) {
			for (i = 0; i < 300; i += 2) {
				snprintf(name, sizeof(name), "name-%03d", i);
				if (!seen[i])
					NEED(unlink(name) == 0);
			}
		}
	}
	CHECK_EQ(others, 2);                   /* . and .. */
	for (i = 0; i < 300; i++)
		CHECK(i % 2 ? seen[i] == 1 : seen[i] <= 1);
	rewinddir(d);
	for (n = 0; readdir(d); n++)
		;
	CHECK(n >= 152);
	closedir(d);
}

EVERYWHERE(an_open_file_outlives_its_name)
{
	char buf[4] = "";
	struct stat st;
	int fd = make("f", "abc");

	CHECK(unlink("f") == 0 && fstat(fd, &st) == 0 && st.st_nlink == 0);
	CHECK(pread(fd, buf, 3, 0) == 3 && !strcmp(buf, "abc"));
	CHECK(pwrite(fd, "z", 1, 0) == 1);
	close(fd);
	NEED(mkdir("d", 0755) == 0 && chdir("d") == 0);
	NEED(rmdir("../d") == 0);
	CHECK_ERR(open("x", O_CREAT | O_WRONLY, 0644), ENOENT);
	CHECK_ERR(mkdir("x", 0755), ENOENT);
	NEED(chdir("..") == 0);
}

EVERYWHERE(memory_and_file_are_one)
{
	int fd = make("f", "0123456789");
	char buf[4] = "", *p;

	p = mmap(NULL, 10, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	NEED(p != MAP_FAILED);
	CHECK(!memcmp(p, "0123", 4));
	CHECK(pwrite(fd, "X", 1, 1) == 1 && p[1] == 'X');
	p[2] = 'Y';
	CHECK(pread(fd, buf, 3, 0) == 3 && !memcmp(buf, "0XY", 3));
	CHECK(msync(p, 10, MS_SYNC) == 0);
	CHECK(fsync(fd) == 0 && fdatasync(fd) == 0);
	munmap(p, 10);
}

EVERYWHERE(limits_of_names_and_sizes)
{
	struct rlimit r = { 4096, RLIM_INFINITY };
	char name[300];
	struct statvfs s;
	int fd;

	CHECK(statvfs(".", &s) == 0 && s.f_namemax == 255);
	memset(name, 'n', 256);
	name[256] = 0;
	CHECK_ERR(open(name, O_CREAT | O_WRONLY, 0644), ENAMETOOLONG);
	CHECK_ERR(mkdir(name, 0755), ENAMETOOLONG);
	fd = make("f", "");
	signal(SIGXFSZ, SIG_IGN);
	NEED(setrlimit(RLIMIT_FSIZE, &r) == 0);
	CHECK_EQ(pwrite(fd, name, 200, 4000), 96);
	CHECK_ERR(pwrite(fd, name, 1, 4096), EFBIG);
	CHECK_ERR(ftruncate(fd, 5000), EFBIG);
	r.rlim_cur = RLIM_INFINITY;
	NEED(setrlimit(RLIMIT_FSIZE, &r) == 0);
}

TEST(procfs_is_read_like_any_other)
{
	char buf[64];
	int fd = open("/proc/version", O_RDONLY);

	CHECK(fd >= 0 && read(fd, buf, 5) == 5 && !memcmp(buf, "Linux", 5));
	CHECK_ERR(write(fd, "x", 1), EBADF);
	CHECK_ERR(open("/proc/self", O_WRONLY), EISDIR);
	CHECK_ERR(mkdir("/proc/x", 0755), ENOENT);
	CHECK_ERR(open("/proc/version/x", O_RDONLY), ENOTDIR);
	fd = open("/proc", O_RDONLY);
	CHECK_ERR(read(fd, buf, 1), EISDIR);
}

int main(int argc, char **argv)
{
	int i;

	if (argc > 1) {
		nr_places = argc > 16 ? 16 : argc - 1;
		for (i = 0; i < nr_places; i++)
			places[i] = argv[i + 1];
	} else if (geteuid() == 0 && unshare(CLONE_NEWNS) == 0) {
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
		mkdir("/tmp/same.ramfs", 0755);
		if (!mount("same", "/tmp/same.ramfs", "ramfs", 0, "mode=777"))
			places[nr_places++] = "/tmp/same.ramfs";
	}
	return tap_main();
}
