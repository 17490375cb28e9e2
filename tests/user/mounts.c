/* SPDX-License-Identifier: MIT */
/* mounts.c -- mount, umount, bind, move, remount in a namespace of our own */

#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static void own_namespace(void)
{
	char dir[64];

	if (geteuid() || unshare(CLONE_NEWNS))
		SKIP("needs root and mount namespaces");
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	snprintf(dir, sizeof(dir), "/tmp/mnt.%d", getpid());
	NEED(mkdir(dir, 0755) == 0);
	if (mount("ground", dir, "tmpfs", 0, "size=1m,mode=755"))
		SKIP("cannot mount here");
	NEED(chdir(dir) == 0);
	NEED(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0);
}

static int exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void touch(const char *path)
{
	close(open(path, O_CREAT | O_WRONLY, 0644));
}

TEST(a_mount_hides_and_umount_shows_again)
{
	struct stat before, on, after;

	own_namespace();
	touch("a/below");
	NEED(stat("a", &before) == 0);
	CHECK(mount("x", "a", "tmpfs", 0, NULL) == 0);
	CHECK(stat("a", &on) == 0 && on.st_dev != before.st_dev);
	CHECK(!exists("a/below"));
	CHECK(stat("a/..", &after) == 0 && after.st_dev == before.st_dev);
	CHECK(mount("y", "a", "tmpfs", 0, NULL) == 0);       /* stacked */
	CHECK(umount("a") == 0 && umount("a") == 0);
	CHECK(exists("a/below"));
	CHECK_ERR(umount("a"), EINVAL);
}

TEST(errors_of_mount)
{
	own_namespace();
	CHECK_ERR(mount("x", "a", "nosuchfs", 0, NULL), ENODEV);
	CHECK_ERR(mount("x", "none", "tmpfs", 0, NULL), ENOENT);
	touch("f");
	CHECK_ERR(mount("x", "f", "tmpfs", 0, NULL), ENOTDIR);
	CHECK_ERR(mount("x", "a", "tmpfs", 0, "size=bogus"), EINVAL);
	CHECK_ERR(mount("none", "a", NULL, MS_BIND, NULL), ENOENT);
	NEED(setresuid(1000, 1000, 1000) == 0);
	CHECK_ERR(mount("x", "a", "tmpfs", 0, NULL), EPERM);
	CHECK_ERR(umount("/"), EPERM);
}

TEST(a_busy_mount_stays_unless_detached)
{
	int fd;

	own_namespace();
	NEED(mount("x", "a", "tmpfs", 0, NULL) == 0);
	fd = open("a/f", O_CREAT | O_RDWR, 0600);
	CHECK_ERR(umount("a"), EBUSY);
	CHECK(umount2("a", MNT_DETACH) == 0);
	CHECK(!exists("a/f"));
	CHECK_EQ(write(fd, "still", 5), 5);
	close(fd);
	NEED(mount("x", "a", "tmpfs", 0, NULL) == 0);
	NEED(chdir("a") == 0);
	CHECK_ERR(umount("../a"), EBUSY);
	NEED(chdir("..") == 0);
	CHECK(umount("a") == 0);
	CHECK_ERR(rmdir("/proc"), EBUSY);
}

TEST(bind_shows_one_tree_twice)
{
	struct stat x, y;

	own_namespace();
	touch("a/f");
	CHECK(mount("a", "b", NULL, MS_BIND, NULL) == 0);
	CHECK(stat("a/f", &x) == 0 && stat("b/f", &y) == 0);
	CHECK(x.st_ino == y.st_ino && x.st_dev == y.st_dev);
	touch("b/g");
	CHECK(exists("a/g"));
	CHECK(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL)
	      == 0);
	CHECK_ERR(open("b/h", O_CREAT | O_WRONLY, 0600), EROFS);
	CHECK(open("a/h", O_CREAT | O_WRONLY, 0600) >= 0);
	CHECK_ERR(rename("a/f", "b/x"), EXDEV);
	CHECK(umount("b") == 0);
	touch("file");
	CHECK(mount("a/f", "file", NULL, MS_BIND, NULL) == 0);
	CHECK(stat("file", &y) == 0 && x.st_ino == y.st_ino);
	CHECK_ERR(unlink("file"), EBUSY);
	CHECK(umount("file") == 0 && unlink("file") == 0);
}

TEST(move_takes_the_mount_elsewhere)
{
	own_namespace();
	NEED(mount("x", "a", "tmpfs", 0, NULL) == 0);
	touch("a/f");
	NEED(mkdir("a/sub", 0755) == 0);
	NEED(mount("y", "a/sub", "tmpfs", 0, NULL) == 0);
	touch("a/sub/g");
	CHECK_ERR(mount("a", "a/sub", NULL, MS_MOVE, NULL), ELOOP);
	CHECK(mount("a", "b", NULL, MS_MOVE, NULL) == 0);
	CHECK(exists("b/f") && exists("b/sub/g") && !exists("a/f"));
	CHECK_ERR(umount("b"), EBUSY);
	CHECK(umount("b/sub") == 0 && umount("b") == 0);
}

TEST(recursive_bind_brings_the_children)
{
	own_namespace();
	NEED(mount("x", "a", "tmpfs", 0, NULL) == 0);
	NEED(mkdir("a/p", 0755) == 0 && mkdir("a/q", 0755) == 0);
	NEED(mount("y", "a/p", "tmpfs", 0, NULL) == 0);
	NEED(mkdir("a/p/deep", 0755) == 0);
	NEED(mount("z", "a/p/deep", "tmpfs", 0, NULL) == 0);
	NEED(mount("w", "a/q", "tmpfs", 0, NULL) == 0);
	touch("a/p/1");
	touch("a/p/deep/2");
	touch("a/q/3");
	CHECK(mount("a", "b", NULL, MS_BIND, NULL) == 0);
	CHECK(!exists("b/p/1"));
	CHECK(umount("b") == 0);
	CHECK(mount("a", "b", NULL, MS_BIND | MS_REC, NULL) == 0);
	CHECK(exists("b/p/1") && exists("b/p/deep/2") && exists("b/q/3"));
	CHECK(umount2("b", MNT_DETACH) == 0);
	CHECK(exists("a/p/deep/2"));
}

TEST(read_only_needs_that_nobody_writes)
{
	int fd;

	own_namespace();
	NEED(mount("x", "a", "tmpfs", 0, NULL) == 0);
	fd = open("a/f", O_CREAT | O_WRONLY, 0600);
	CHECK_ERR(mount(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, NULL), EBUSY);
	close(fd);
	CHECK(mount(NULL, "a", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	CHECK_ERR(open("a/f", O_WRONLY), EROFS);
	CHECK_ERR(mkdir("a/d", 0755), EROFS);
	CHECK_ERR(unlink("a/f"), EROFS);
	CHECK_ERR(chmod("a/f", 0644), EROFS);
	CHECK_ERR(access("a/f", W_OK), EROFS);
	CHECK(open("a/f", O_RDONLY) >= 0);
	CHECK(mount(NULL, "a", NULL, MS_REMOUNT, NULL) == 0);
	CHECK(open("a/f", O_WRONLY) >= 0);
}

TEST(tmpfs_stops_at_its_size)
{
	static char buf[65536];
	int fd, n, total = 0;

	own_namespace();
	fd = open("full", O_CREAT | O_WRONLY, 0600);
	while ((n = write(fd, buf, sizeof(buf))) > 0)
		total += n;
	CHECK_EQ(errno, ENOSPC);
	CHECK(total > 900 * 1024 && total <= 1024 * 1024);
	close(fd);
	CHECK(unlink("full") == 0);
	fd = open("again", O_CREAT | O_WRONLY, 0600);
	CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
}

TEST(nodev_and_noexec_count)
{
	own_namespace();
	NEED(mount("x", "a", "tmpfs", MS_NODEV | MS_NOEXEC, NULL) == 0);
	NEED(mknod("a/null", S_IFCHR | 0666, 1 << 8 | 3) == 0);
	CHECK_ERR(open("a/null", O_RDWR), EACCES);
	NEED(mknod("b/null", S_IFCHR | 0666, 1 << 8 | 3) == 0);
	CHECK(open("b/null", O_RDWR) >= 0);
	touch("a/prog");
	NEED(chmod("a/prog", 0755) == 0);
	CHECK_ERR(execl("a/prog", "prog", NULL), EACCES);
}

TEST(a_poll_of_the_mounts_tells_each_change_once)
{
	struct pollfd p = { .events = POLLPRI };

	own_namespace();
	p.fd = open("/proc/self/mountinfo", O_RDONLY);
	NEED(p.fd >= 0);
	CHECK_EQ(poll(&p, 1, 0), 0);
	NEED(mount("x", "a", "tmpfs", 0, NULL) == 0);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLPRI | POLLERR);
	CHECK_EQ(poll(&p, 1, 0), 0);
	NEED(mount(NULL, "a", NULL, MS_REMOUNT | MS_BIND | MS_NODEV, NULL) == 0);
	CHECK_EQ(poll(&p, 1, 0), 1);
	NEED(umount("a") == 0);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(poll(&p, 1, 0), 0);
}

TEST(pivot_root_exchanges_the_roots)
{
	own_namespace();
	NEED(mount("new", "a", "tmpfs", 0, NULL) == 0);
	NEED(mkdir("a/old", 0755) == 0);
	touch("a/here");
	if (syscall(SYS_pivot_root, "a", "a/old")) {
		CHECK_EQ(errno, EINVAL);      /* the root is rootfs itself */
		return;
	}
	NEED(chdir("/") == 0);
	CHECK(exists("/here") && exists("/old/proc"));
	CHECK(umount2("/old", MNT_DETACH) == 0);
	CHECK(!exists("/old/proc"));
}

TAP_MAIN()
