/* SPDX-License-Identifier: MIT */
/*
 * mount_api.c -- fsopen, fsconfig, fsmount, fspick, open_tree, move_mount,
 * mount_setattr
 *
 * In a mount namespace of its own, on volumes in memory.
 */

#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#define OPEN_TREE 428
#define MOVE_MOUNT 429
#define FSOPEN 430
#define FSCONFIG 431
#define FSMOUNT 432
#define FSPICK 433
#define MOUNT_SETATTR 442

#define SET_FLAG 0
#define SET_STRING 1
#define SET_FD 5
#define CMD_CREATE 6
#define CMD_RECONFIGURE 7

#define CLONE_TREE 1
#define RECURSIVE 0x8000
#define FROM_EMPTY 4
#define SET_GROUP 0x100

#define RDONLY 1
#define NOSUID 2
#define NOEXEC 8
#define ATIME 0x70
#define NOATIME 0x10

struct attr { unsigned long long set, clear, propagation, user; };

static void begin(void)
{
	if (geteuid())
		SKIP("needs root");
	if (unshare(CLONE_NEWNS))
		SKIP("no mount namespaces");
	NEED(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	NEED(mount("t", "/tmp", "tmpfs", 0, NULL) == 0);
	NEED(chdir("/tmp") == 0);
	NEED(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0);
}

static long config(int fd, unsigned cmd, const char *key, const void *value,
		   int aux)
{
	return syscall(FSCONFIG, fd, cmd, key, value, aux);
}

static long move_mount(int from, const char *name, const char *to,
		       unsigned flags)
{
	return syscall(MOVE_MOUNT, from, name, AT_FDCWD, to, flags);
}

static long setattr(int fd, const char *name, unsigned flags, struct attr a)
{
	return syscall(MOUNT_SETATTR, fd, name, flags, &a, sizeof(a));
}

static int exists(const char *name)
{
	return access(name, F_OK) == 0;
}

/* A tmpfs that is mounted nowhere; its O_PATH descriptor. */
static int new_tmpfs(void)
{
	int fs = syscall(FSOPEN, "tmpfs", 0), mnt;

	NEED(fs >= 0);
	CHECK_EQ(config(fs, SET_STRING, "source", "new", 0), 0);
	CHECK_EQ(config(fs, SET_STRING, "size", "1m", 0), 0);
	CHECK_EQ(config(fs, CMD_CREATE, NULL, NULL, 0), 0);
	mnt = syscall(FSMOUNT, fs, 0, 0);
	CHECK(mnt >= 0);
	close(fs);
	return mnt;
}

TEST(a_volume_is_made_step_by_step)
{
	struct statvfs st;
	int mnt;

	begin();
	mnt = new_tmpfs();
	CHECK(fcntl(mnt, F_GETFL) & O_PATH);
	CHECK_EQ(mkdirat(mnt, "inside", 0755), 0);
	CHECK(!exists("a/inside"));
	CHECK_EQ(move_mount(mnt, "", "a", FROM_EMPTY), 0);
	CHECK(exists("a/inside"));
	CHECK_EQ(statvfs("a", &st), 0);
	CHECK_EQ(st.f_blocks * st.f_frsize, 1 << 20);
	CHECK_EQ(close(mnt), 0);
	CHECK(exists("a/inside"));
	/* It is a mount like any other now: it can be moved on. */
	CHECK_EQ(move_mount(AT_FDCWD, "a", "b", 0), 0);
	CHECK(exists("b/inside") && !exists("a/inside"));
	CHECK_EQ(umount("b"), 0);
}

TEST(a_tree_that_nobody_hangs_goes_with_its_file)
{
	int mnt, dir;

	begin();
	mnt = new_tmpfs();
	CHECK_EQ(mkdirat(mnt, "x", 0755), 0);
	dir = openat(mnt, "x", O_RDONLY | O_DIRECTORY);
	CHECK(dir >= 0);
	close(mnt);
	/* Who is in it stays in it, but it can be hung no more. */
	CHECK_EQ(mkdirat(dir, "y", 0755), 0);
	CHECK_ERR(move_mount(dir, "", "a", FROM_EMPTY), EINVAL);
	close(dir);
}

TEST(steps_have_an_order)
{
	char text[100];
	int fs, mnt;

	begin();
	fs = syscall(FSOPEN, "tmpfs", 1);
	NEED(fs >= 0);
	CHECK_EQ(fcntl(fs, F_GETFD), FD_CLOEXEC);
	CHECK_ERR(syscall(FSMOUNT, fs, 0, 0), EINVAL);
	CHECK_ERR(config(fs, CMD_RECONFIGURE, NULL, NULL, 0), EBUSY);
	CHECK_ERR(read(fs, text, sizeof(text)), ENODATA);
	CHECK_EQ(config(fs, SET_FLAG, "ro", NULL, 0), 0);
	CHECK_EQ(config(fs, CMD_CREATE, NULL, NULL, 0), 0);
	CHECK_ERR(config(fs, CMD_CREATE, NULL, NULL, 0), EBUSY);
	CHECK_ERR(config(fs, SET_STRING, "size", "2m", 0), EBUSY);
	mnt = syscall(FSMOUNT, fs, 1, NOSUID | NOEXEC);
	CHECK(mnt >= 0);
	CHECK_EQ(fcntl(mnt, F_GETFD), FD_CLOEXEC);
	CHECK_ERR(syscall(FSMOUNT, fs, 0, 0), EBUSY);
	CHECK_ERR(mkdirat(mnt, "x", 0755), EROFS);
	/* The same descriptor changes what it has made. */
	CHECK_EQ(config(fs, SET_FLAG, "rw", NULL, 0), 0);
	CHECK_EQ(config(fs, CMD_RECONFIGURE, NULL, NULL, 0), 0);
	CHECK_EQ(mkdirat(mnt, "x", 0755), 0);
	close(fs);
	close(mnt);
}

TEST(what_makes_no_sense_is_refused)
{
	int fs, fd;

	begin();
	CHECK_ERR(syscall(FSOPEN, "no-such-fs", 0), ENODEV);
	CHECK_ERR(syscall(FSOPEN, "tmpfs", 2), EINVAL);
	CHECK_ERR(syscall(FSOPEN, (void *)1, 0), EFAULT);
	fs = syscall(FSOPEN, "tmpfs", 0);
	fd = open(".", O_RDONLY);
	NEED(fs >= 0 && fd >= 0);
	CHECK_ERR(config(-1, CMD_CREATE, NULL, NULL, 0), EINVAL);
	CHECK_ERR(config(999, CMD_CREATE, NULL, NULL, 0), EBADF);
	CHECK_ERR(config(fd, CMD_CREATE, NULL, NULL, 0), EINVAL);
	CHECK_ERR(config(fs, CMD_CREATE, "x", NULL, 0), EINVAL);
	CHECK_ERR(config(fs, SET_FLAG, NULL, NULL, 0), EINVAL);
	CHECK_ERR(config(fs, SET_FLAG, "ro", "x", 0), EINVAL);
	CHECK_ERR(config(fs, SET_STRING, "size", NULL, 0), EINVAL);
	CHECK_ERR(config(fs, SET_STRING, "size", "1m", 1), EINVAL);
	CHECK_ERR(config(fs, SET_STRING, (void *)1, "1m", 0), EFAULT);
	CHECK_ERR(config(fs, SET_STRING, "size", (void *)1, 0), EFAULT);
	CHECK_ERR(config(fs, 99, NULL, NULL, 0), EOPNOTSUPP);
	CHECK_EQ(config(fs, SET_STRING, "source", "a", 0), 0);
	CHECK_ERR(config(fs, SET_STRING, "source", "b", 0), EINVAL);
	CHECK_ERR(syscall(FSMOUNT, fd, 0, 0), EINVAL);
	CHECK_ERR(syscall(FSMOUNT, 999, 0, 0), EBADF);
	CHECK_ERR(syscall(FSMOUNT, fs, 2, 0), EINVAL);
	CHECK_ERR(syscall(FSMOUNT, fs, 0, 0x30), EINVAL);
	CHECK_ERR(syscall(FSMOUNT, fs, 0, 1u << 30), EINVAL);
	CHECK_ERR(syscall(OPEN_TREE, AT_FDCWD, ".", 2), EINVAL);
	CHECK_ERR(syscall(OPEN_TREE, AT_FDCWD, ".", RECURSIVE), EINVAL);
	CHECK_ERR(syscall(OPEN_TREE, AT_FDCWD, "none", 0), ENOENT);
	CHECK_ERR(syscall(FSPICK, AT_FDCWD, "a", 0), EINVAL);
	CHECK_ERR(syscall(FSPICK, AT_FDCWD, ".", 16), EINVAL);
	CHECK_ERR(move_mount(AT_FDCWD, "a", "b", 0), EINVAL);
	CHECK_ERR(move_mount(AT_FDCWD, ".", "b", 8), EINVAL);
	CHECK_ERR(move_mount(AT_FDCWD, "", "b", 0), ENOENT);
	CHECK_ERR(move_mount(AT_FDCWD, ".", "a", 0), ELOOP);
	close(fs);
}

TEST(a_copy_of_a_tree_is_made_where_nobody_sees_it)
{
	int tree, alone, plain;

	begin();
	NEED(mount("t2", "a", "tmpfs", 0, NULL) == 0);
	NEED(mkdir("a/deep", 0755) == 0);
	alone = syscall(OPEN_TREE, AT_FDCWD, ".", CLONE_TREE);
	tree = syscall(OPEN_TREE, AT_FDCWD, ".", CLONE_TREE | RECURSIVE |
		       O_CLOEXEC);
	plain = syscall(OPEN_TREE, AT_FDCWD, "a", 0);
	NEED(alone >= 0 && tree >= 0 && plain >= 0);
	CHECK(faccessat(alone, "a/deep", F_OK, 0) < 0);
	CHECK_EQ(faccessat(tree, "a/deep", F_OK, 0), 0);
	CHECK_EQ(faccessat(plain, "deep", F_OK, 0), 0);
	CHECK_EQ(move_mount(tree, "", "b", FROM_EMPTY), 0);
	CHECK(exists("b/a/deep"));
	/* Below the top of a detached tree nothing can be taken out. */
	close(alone);
	alone = syscall(OPEN_TREE, AT_FDCWD, ".", CLONE_TREE | RECURSIVE);
	CHECK_ERR(move_mount(alone, "a", "a/deep", 0), EINVAL);
	close(plain);
	close(tree);
	CHECK_ERR(umount("b"), EBUSY);
	CHECK_EQ(umount2("b", MNT_DETACH), 0);
	CHECK(!exists("b/a"));
}

TEST(a_mounted_volume_is_reconfigured)
{
	struct statvfs st;
	int fs;

	begin();
	fs = syscall(FSPICK, AT_FDCWD, ".", 1);
	NEED(fs >= 0);
	CHECK_EQ(config(fs, SET_STRING, "size", "3m", 0), 0);
	CHECK_EQ(config(fs, CMD_RECONFIGURE, NULL, NULL, 0), 0);
	CHECK_EQ(statvfs(".", &st), 0);
	CHECK_EQ(st.f_blocks * st.f_frsize, 3 << 20);
	CHECK_EQ(config(fs, SET_FLAG, "ro", NULL, 0), 0);
	CHECK_EQ(config(fs, CMD_RECONFIGURE, NULL, NULL, 0), 0);
	CHECK_ERR(mkdir("x", 0755), EROFS);
	CHECK_ERR(config(fs, CMD_CREATE, NULL, NULL, 0), EBUSY);
	close(fs);
}

TEST(flags_of_a_whole_tree_change_or_none_does)
{
	struct attr ro = { .set = RDONLY }, rw = { .clear = RDONLY };
	int fd;

	begin();
	NEED(mount("t2", "a", "tmpfs", 0, NULL) == 0);
	fd = open("a/file", O_CREAT | O_WRONLY, 0644);
	NEED(fd >= 0);
	CHECK_ERR(setattr(AT_FDCWD, ".", RECURSIVE, ro), EBUSY);
	CHECK_EQ(mkdir("still-writable", 0755), 0);
	CHECK_EQ(setattr(AT_FDCWD, ".", 0, ro), 0);
	CHECK_ERR(mkdir("x", 0755), EROFS);
	CHECK_EQ(mkdir("a/x", 0755), 0);
	CHECK_EQ(setattr(AT_FDCWD, ".", 0, rw), 0);
	CHECK_EQ(mkdir("x", 0755), 0);
	close(fd);
	CHECK_EQ(setattr(AT_FDCWD, ".", RECURSIVE, ro), 0);
	CHECK_ERR(mkdir("a/y", 0755), EROFS);
	CHECK_EQ(setattr(AT_FDCWD, ".", RECURSIVE, rw), 0);
}

TEST(attributes_that_contradict_each_other)
{
	char long_attr[100] = { 0 };
	struct statvfs st;

	begin();
#define SET(...) setattr(AT_FDCWD, ".", 0, (struct attr){ __VA_ARGS__ })
	CHECK_EQ(SET(0), 0);
	CHECK_EQ(SET(.set = NOATIME | NOSUID, .clear = ATIME), 0);
	CHECK_EQ(statvfs(".", &st), 0);
	CHECK(st.f_flag & ST_NOATIME && st.f_flag & ST_NOSUID);
	CHECK_EQ(SET(.set = NOEXEC, .clear = NOSUID), 0);
	CHECK_EQ(statvfs(".", &st), 0);
	CHECK(st.f_flag & ST_NOATIME && !(st.f_flag & ST_NOSUID));
	CHECK(st.f_flag & ST_NOEXEC);
	CHECK_ERR(SET(.set = NOATIME), EINVAL);
	CHECK_ERR(SET(.clear = NOATIME), EINVAL);
	CHECK_ERR(SET(.set = 0x30, .clear = ATIME), EINVAL);
	CHECK_ERR(SET(.set = 1ull << 40), EINVAL);
	CHECK_ERR(SET(.propagation = MS_SHARED | MS_SLAVE), EINVAL);
	CHECK_ERR(SET(.propagation = 1), EINVAL);
	CHECK_EQ(SET(.propagation = MS_SHARED), 0);
	CHECK_ERR(syscall(MOUNT_SETATTR, AT_FDCWD, ".", 0, long_attr, 31),
		  EINVAL);
	CHECK_ERR(syscall(MOUNT_SETATTR, AT_FDCWD, ".", 0, long_attr, 5000),
		  E2BIG);
	CHECK_EQ(syscall(MOUNT_SETATTR, AT_FDCWD, ".", 0, long_attr, 100), 0);
	long_attr[60] = 1;
	CHECK_ERR(syscall(MOUNT_SETATTR, AT_FDCWD, ".", 0, long_attr, 100),
		  E2BIG);
	CHECK_ERR(syscall(MOUNT_SETATTR, AT_FDCWD, ".", 0, (void *)1, 32),
		  EFAULT);
	CHECK_ERR(syscall(MOUNT_SETATTR, AT_FDCWD, ".", 2, long_attr, 32),
		  EINVAL);
	CHECK_ERR(setattr(AT_FDCWD, "a", 0, (struct attr){ .set = NOSUID }),
		  EINVAL);
}

TEST(a_mount_joins_the_group_of_another)
{
	begin();
	NEED(mount("t2", "a", "tmpfs", 0, NULL) == 0);
	NEED(mkdir("a/dir", 0755) == 0);
	NEED(mount("a", "b", NULL, MS_BIND, NULL) == 0);
	CHECK_ERR(move_mount(AT_FDCWD, "a", "b", SET_GROUP), EINVAL);
	CHECK_EQ(mount(NULL, "a", NULL, MS_SHARED, NULL), 0);
	CHECK_EQ(move_mount(AT_FDCWD, "a", "b", SET_GROUP), 0);
	CHECK_EQ(mount("t3", "a/dir", "tmpfs", 0, NULL), 0);
	CHECK_EQ(mkdir("a/dir/seen", 0755), 0);
	CHECK(exists("b/dir/seen"));
	CHECK_ERR(move_mount(AT_FDCWD, "a", "b", SET_GROUP), EINVAL);
}

/* What `cmd` gives in a process without rights that got the descriptor. */
static int config_without_rights(int fs, unsigned cmd)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(setuid(1000) ? 255 :
		      config(fs, cmd, NULL, NULL, 0) ? errno : 0);
	NEED(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST(an_inherited_context_gives_no_rights)
{
	int fs;

	begin();
	fs = syscall(FSOPEN, "tmpfs", 0);
	NEED(fs >= 0);
	CHECK_EQ(config_without_rights(fs, CMD_RECONFIGURE), EBUSY);
	CHECK_EQ(config_without_rights(fs, CMD_CREATE), EPERM);
	CHECK_EQ(config(fs, CMD_CREATE, NULL, NULL, 0), 0);
	close(fs);
	fs = syscall(FSPICK, AT_FDCWD, ".", 0);
	NEED(fs >= 0);
	CHECK_EQ(config(fs, SET_FLAG, "ro", NULL, 0), 0);
	CHECK_EQ(config_without_rights(fs, CMD_RECONFIGURE), EPERM);
	CHECK_EQ(mkdir("still-writable", 0755), 0);
	CHECK_ERR(config(fs, CMD_RECONFIGURE, NULL, NULL, 0), EBUSY);
	close(fs);
}

TEST(only_root_mounts)
{
	struct attr a = { 0 };

	begin();
	NEED(setuid(1000) == 0);
	CHECK_ERR(syscall(FSOPEN, "tmpfs", 0), EPERM);
	CHECK_ERR(syscall(FSPICK, AT_FDCWD, ".", 0), EPERM);
	CHECK_ERR(syscall(FSMOUNT, 0, 0, 0), EPERM);
	CHECK_ERR(syscall(OPEN_TREE, AT_FDCWD, "/", CLONE_TREE), EPERM);
	CHECK_ERR(move_mount(AT_FDCWD, ".", "a", 0), EPERM);
	CHECK_ERR(setattr(AT_FDCWD, ".", 0, a), EPERM);
	CHECK(syscall(OPEN_TREE, AT_FDCWD, "/", 0) >= 0);
}

TAP_MAIN()
