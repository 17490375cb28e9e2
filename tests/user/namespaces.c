/* SPDX-License-Identifier: MIT */
/* namespaces.c -- /proc/PID/ns, and leaving a tree of mounts for another */

#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#define NSFS_MAGIC 0x6e736673
#define NS_GET_USERNS 0xb701
#define NS_GET_NSTYPE 0xb703

static ino_t ns_inode(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

TEST(ns_links_name_kind_and_number)
{
	static const char *const names[] = { "mnt", "pid", "user", "uts" };
	char path[64], text[64], want[64];

	for (int i = 0; i < 4; i++) {
		int n;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		n = readlink(path, text, sizeof(text) - 1);
		NEED(n > 0);
		text[n] = '\0';
		snprintf(want, sizeof(want), "%s:[%lu]", names[i],
			 (unsigned long)ns_inode(path));
		CHECK(strcmp(text, want) == 0);
	}
	CHECK_ERR(readlink("/proc/self/ns/none", text, sizeof(text)), ENOENT);
}

TEST(ns_files_are_nsfs)
{
	int fd = open("/proc/self/ns/uts", O_RDONLY), user;
	struct statfs sf;
	char c;

	NEED(fd >= 0);
	CHECK_EQ(fstatfs(fd, &sf), 0);
	CHECK_EQ(sf.f_type, NSFS_MAGIC);
	CHECK_EQ(ioctl(fd, NS_GET_NSTYPE), CLONE_NEWUTS);
	CHECK_ERR(read(fd, &c, 1), EINVAL);
	user = ioctl(fd, NS_GET_USERNS);
	CHECK(user >= 0);
	CHECK_EQ(ioctl(user, NS_GET_NSTYPE), CLONE_NEWUSER);
	close(user);
	close(fd);
}

TEST(parent_and_child_share)
{
	char path[64];
	ino_t mine = ns_inode("/proc/self/ns/mnt");

	NEED(mine);
	if (fork() == 0)
		_exit(ns_inode("/proc/self/ns/mnt") != mine);
	int status;

	wait(&status);
	CHECK_EQ(status, 0);
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", getpid());
	CHECK_EQ(ns_inode(path), mine);
}

TEST(setns_goes_back_to_an_old_tree)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY), other;
	ino_t mine = ns_inode("/proc/self/ns/mnt"), theirs;
	struct stat before, inside;

	NEED(fd >= 0 && mine);
	NEED(mkdir("/tmp/ns-test", 0755) == 0 || errno == EEXIST);
	if (unshare(CLONE_NEWNS) < 0)
		SKIP("no right to unshare");
	theirs = ns_inode("/proc/self/ns/mnt");
	CHECK(theirs != mine);
	CHECK_EQ(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	CHECK_EQ(stat("/tmp/ns-test", &before), 0);
	CHECK_EQ(mount("t", "/tmp/ns-test", "tmpfs", 0, NULL), 0);
	CHECK_EQ(stat("/tmp/ns-test", &inside), 0);
	CHECK(before.st_dev != inside.st_dev);
	other = open("/proc/self/ns/mnt", O_RDONLY);
	CHECK(other >= 0);
	/* Out of it, and in again: the open file kept it. */
	CHECK_EQ(setns(fd, CLONE_NEWNS), 0);
	CHECK_EQ(ns_inode("/proc/self/ns/mnt"), mine);
	CHECK_EQ(stat("/tmp/ns-test", &inside), 0);
	CHECK_EQ(before.st_dev, inside.st_dev);
	CHECK_EQ(setns(other, 0), 0);
	CHECK_EQ(ns_inode("/proc/self/ns/mnt"), theirs);
	CHECK_EQ(stat("/tmp/ns-test", &inside), 0);
	CHECK(before.st_dev != inside.st_dev);
	CHECK_EQ(setns(fd, 0), 0);
	CHECK_EQ(rmdir("/tmp/ns-test"), 0);
}

TEST(setns_refuses_what_is_no_namespace)
{
	int null = open("/dev/null", O_RDONLY);
	int uts = open("/proc/self/ns/uts", O_RDONLY);
	int user = open("/proc/self/ns/user", O_RDONLY);

	NEED(null >= 0 && uts >= 0 && user >= 0);
	CHECK_ERR(setns(null, 0), EINVAL);
	CHECK_ERR(setns(-1, 0), EBADF);
	CHECK_ERR(setns(uts, CLONE_NEWNS), EINVAL);
	CHECK_ERR(setns(user, 0), EINVAL);      /* we are in it */
	if (geteuid() == 0)
		CHECK_EQ(setns(uts, CLONE_NEWUTS), 0);
}

TAP_MAIN()
