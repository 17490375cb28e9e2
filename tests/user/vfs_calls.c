/* SPDX-License-Identifier: MIT */
/*
 * vfs_calls.c -- the calls on files that are not everyday's (F03, F07, E07)
 *
 * All on /tmp, a tmpfs on both kernels.
 */

#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <time.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#define RENAME_WHITEOUT 4
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x10
#endif
#define GETFLAGS 0x80086601u
#define SETFLAGS 0x40086602u
#define APPEND_FL 0x20
#define IMMUTABLE_FL 0x10
#define NODUMP_FL 0x40

/* The library may not know statx(2). */
#define BASIC_STATS 0x7ffu
#define BTIME 0x800u
#define MNT_ID 0x1000u
#define A_NODUMP 0x40
#define A_MOUNT_ROOT 0x2000

struct xstat {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad;
	uint64_t ino, size, blocks, attributes_mask;
	struct { int64_t sec; uint32_t nsec; int32_t pad; } atime, btime,
		ctime, mtime;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t mnt_id;
	uint64_t spare[13];
};

static int xstat(int dfd, const char *name, int flags, unsigned mask,
		 struct xstat *x)
{
	return syscall(SYS_statx, dfd, name, flags, mask, x);
}

struct how {
	uint64_t flags, mode, resolve;
};

static char ground[64];

/* A tmpfs of our own, in a namespace of our own if we may. */
static void begin(void)
{
	snprintf(ground, sizeof(ground), "/tmp/calls.%d", getpid());
	NEED(mkdir(ground, 0755) == 0);
	if (geteuid() == 0 && unshare(CLONE_NEWNS) == 0) {
		NEED(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		NEED(!mount("calls", ground, "tmpfs", 0,
			    "size=4m,nr_inodes=200,mode=755"));
	}
	NEED(chdir(ground) == 0);
}

static int make(const char *name, const char *text)
{
	int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0644);

	NEED(fd >= 0);
	NEED(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return fd;
}

static int rename2(const char *a, const char *b, unsigned flags)
{
	return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, flags);
}

TEST(memfd_seals_hold)
{
	int fd, ro;
	char path[64], link[64] = "";
	void *p;

	begin();
	fd = syscall(SYS_memfd_create, "seal me", 2 /* ALLOW_SEALING */);
	NEED(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(readlink(path, link, sizeof(link) - 1) > 0);
	CHECK(!strcmp(link, "/memfd:seal me (deleted)"));
	NEED(ftruncate(fd, 8192) == 0 && write(fd, "abc", 3) == 3);
	CHECK_EQ(fcntl(fd, F_GET_SEALS), 0);
	CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0);
	CHECK_ERR(ftruncate(fd, 4096), EPERM);
	CHECK(ftruncate(fd, 12288) == 0);
	CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) == 0);
	CHECK_ERR(ftruncate(fd, 16384), EPERM);
	CHECK_ERR(pwrite(fd, "x", 1, 12288), EPERM);
	CHECK_ERR(fallocate(fd, 0, 0, 16384), EPERM);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	NEED(p != MAP_FAILED);
	CHECK_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	munmap(p, 4096);
	CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0);
	CHECK_ERR(pwrite(fd, "x", 1, 0), EPERM);
	CHECK_ERR((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
			     fd, 0), EPERM);
	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED && !memcmp(p, "abc", 3));
	CHECK_ERR(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			    4096), EPERM);
	CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) == 0);
	CHECK_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), EPERM);
	CHECK_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL | F_SEAL_SHRINK |
					 F_SEAL_GROW | F_SEAL_WRITE);
	ro = syscall(SYS_memfd_create, "plain", 0);
	CHECK_EQ(fcntl(ro, F_GET_SEALS), F_SEAL_SEAL);
	CHECK_ERR(fcntl(ro, F_ADD_SEALS, F_SEAL_GROW), EPERM);
	CHECK_ERR(syscall(SYS_memfd_create, "x", 0x80), EINVAL);
	CHECK_ERR(fcntl(0, F_GET_SEALS), EINVAL);
}

TEST(splice_moves_and_tee_copies)
{
	int a[2], b[2], f, g;
	char buf[16] = "";
	off_t off = 2;

	begin();
	NEED(pipe(a) == 0 && pipe(b) == 0);
	f = make("f", "0123456789");
	g = make("g", "");
	CHECK_EQ(splice(f, &off, a[1], NULL, 5, 0), 5);
	CHECK_EQ(off, 7);
	CHECK_EQ(tee(a[0], b[1], 100, 0), 5);
	CHECK_EQ(splice(a[0], NULL, b[1], NULL, 100, 0), 5);
	CHECK_EQ(splice(b[0], NULL, g, NULL, 100, 0), 10);
	CHECK_EQ(pread(g, buf, 16, 0), 10);
	CHECK(!memcmp(buf, "2345623456", 10));
	CHECK_ERR(splice(a[0], NULL, g, NULL, 1, SPLICE_F_NONBLOCK), EAGAIN);
	CHECK_ERR(splice(f, NULL, g, NULL, 1, 0), EINVAL);
	CHECK_ERR(splice(f, &off, a[1], &off, 1, 0), ESPIPE);
	CHECK_ERR(splice(a[0], NULL, a[1], NULL, 1, 0), EINVAL);
	CHECK_ERR(tee(f, b[1], 1, 0), EINVAL);
	CHECK_ERR(splice(a[0], NULL, f, NULL, 1, 0x100), EINVAL);
	CHECK_EQ(splice(f, NULL, a[1], NULL, 0, 0), 0);
	close(a[1]);
	CHECK_EQ(splice(a[0], NULL, g, NULL, 1, 0), 0);
	signal(SIGPIPE, SIG_IGN);
	close(b[0]);
	lseek(f, 0, SEEK_SET);
	CHECK_ERR(splice(f, NULL, b[1], NULL, 1, 0), EPIPE);
}

TEST(vmsplice_and_sendfile_reach_a_pipe)
{
	struct iovec v[2] = { { "ab", 2 }, { "cde", 3 } };
	char buf[8] = "", got[8] = "";
	struct iovec r = { got, 8 };
	int p[2], f;

	begin();
	NEED(pipe(p) == 0);
	CHECK_EQ(vmsplice(p[1], v, 2, 0), 5);
	CHECK_EQ(vmsplice(p[0], &r, 1, 0), 5);
	CHECK(!strcmp(got, "abcde"));
	f = make("f", "xyz");
	lseek(f, 0, SEEK_SET);
	CHECK_EQ(sendfile(p[1], f, NULL, 10), 3);
	CHECK(read(p[0], buf, 8) == 3 && !strcmp(buf, "xyz"));
	CHECK_ERR(vmsplice(f, v, 2, 0), EBADF);
}

TEST(vmsplice_takes_what_fits_and_splice_empties_it_to_dev_null)
{
	static char much[100000] __attribute__((aligned(4096)));
	struct iovec v = { much, sizeof(much) };
	int p[2], null = open("/dev/null", O_RDWR);

	begin();
	NEED(pipe(p) == 0 && null >= 0);
	NEED(fcntl(p[1], F_GETPIPE_SZ) == 65536);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(vmsplice(p[1], &v, 1, 0), 65536);
		CHECK_ERR(vmsplice(p[1], &v, 1, SPLICE_F_NONBLOCK), EAGAIN);
		CHECK_EQ(splice(p[0], NULL, null, NULL, sizeof(much), 0), 65536);
	}
	CHECK_ERR(splice(p[0], NULL, null, NULL, 1, SPLICE_F_NONBLOCK), EAGAIN);
}

static volatile int got_sig, got_fd, got_code;

static void on_signal(int sig, siginfo_t *info, void *ctx)
{
	got_sig = sig;
	got_fd = info->si_fd;
	got_code = info->si_code;
}

TEST(o_async_sends_the_chosen_signal)
{
	struct sigaction sa = { .sa_sigaction = on_signal,
				.sa_flags = SA_SIGINFO };
	int p[2];

	NEED(pipe(p) == 0);
	sigaction(SIGIO, &sa, NULL);
	sigaction(SIGRTMIN, &sa, NULL);
	CHECK(fcntl(p[0], F_SETOWN, getpid()) == 0);
	CHECK_EQ(fcntl(p[0], F_GETOWN), getpid());
	CHECK(fcntl(p[0], F_SETFL, O_ASYNC) == 0);
	CHECK_EQ(fcntl(p[0], F_GETFL) & O_ASYNC, O_ASYNC);
	NEED(write(p[1], "x", 1) == 1);
	CHECK_EQ(got_sig, SIGIO);
	CHECK(fcntl(p[0], F_SETSIG, SIGRTMIN) == 0);
	CHECK_EQ(fcntl(p[0], F_GETSIG), SIGRTMIN);
	NEED(write(p[1], "y", 1) == 1);
	CHECK_EQ(got_sig, SIGRTMIN);
	CHECK_EQ(got_fd, p[0]);
	CHECK_EQ(got_code, POLL_IN);
	got_sig = 0;
	CHECK(fcntl(p[0], F_SETFL, 0) == 0);
	NEED(write(p[1], "z", 1) == 1);
	CHECK_EQ(got_sig, 0);
	CHECK_ERR(fcntl(p[0], F_SETSIG, 100), EINVAL);
	CHECK_ERR(fcntl(p[0], F_SETOWN, 999999), ESRCH);
}

TEST(attributes_on_tmpfs)
{
	char buf[64], list[64];
	int n;

	if (geteuid())
		SKIP("needs to be root");
	begin();
	close(make("f", ""));
	CHECK_ERR(setxattr("f", "user.a", "1", 1, 0), EOPNOTSUPP);
	CHECK_ERR(setxattr("f", "strange.a", "1", 1, 0), EOPNOTSUPP);
	CHECK_ERR(getxattr("f", "trusted.a", buf, 64), ENODATA);
	CHECK(setxattr("f", "trusted.a", "hello", 5, XATTR_CREATE) == 0);
	CHECK_ERR(setxattr("f", "trusted.a", "x", 1, XATTR_CREATE), EEXIST);
	CHECK_ERR(setxattr("f", "trusted.b", "x", 1, XATTR_REPLACE), ENODATA);
	CHECK_EQ(getxattr("f", "trusted.a", NULL, 0), 5);
	CHECK_ERR(getxattr("f", "trusted.a", buf, 4), ERANGE);
	CHECK(getxattr("f", "trusted.a", buf, 64) == 5 &&
	      !memcmp(buf, "hello", 5));
	CHECK(setxattr("f", "security.x", "", 0, 0) == 0);
	CHECK_EQ(getxattr("f", "security.x", buf, 64), 0);
	n = listxattr("f", list, sizeof(list));
	CHECK_EQ(n, sizeof("trusted.a") + sizeof("security.x"));
	CHECK_ERR(listxattr("f", list, 5), ERANGE);
	CHECK_ERR(setxattr("f", "trusted.", "", 0, 0), EINVAL);
	CHECK_ERR(setxattr("f", "", "", 0, 0), ERANGE);
	CHECK_ERR(setxattr("f", "trusted.a", "", 70000, 0), E2BIG);
	CHECK_ERR(setxattr("f", "trusted.a", "", 0, 8), EINVAL);
	CHECK(removexattr("f", "trusted.a") == 0);
	CHECK_ERR(removexattr("f", "trusted.a"), ENODATA);
	NEED(seteuid(1000) == 0);
	CHECK_ERR(setxattr("f", "trusted.a", "1", 1, 0), EPERM);
	CHECK_ERR(getxattr("f", "trusted.a", buf, 64), ENODATA);
	CHECK_EQ(listxattr("f", list, sizeof(list)), sizeof("security.x"));
}

struct acl_entry {
	uint16_t tag, perm;
	uint32_t id;
};

struct acl {
	uint32_t version;
	struct acl_entry e[8];
};

static int set_acl(const char *name, const char *which, struct acl_entry *e,
		   int n)
{
	struct acl acl = { .version = 2 };

	memcpy(acl.e, e, n * sizeof(*e));
	return setxattr(name, which, &acl, 4 + n * sizeof(*e), 0);
}

#define ACCESS "system.posix_acl_access"
#define DEFAULT "system.posix_acl_default"

TEST(access_control_lists_grant_and_mask)
{
	struct acl_entry e[] = {
		{ 1, 6, -1u }, { 2, 6, 1000 }, { 4, 0, -1u }, { 0x10, 6, -1u },
		{ 0x20, 0, -1u } };
	struct acl got;
	struct stat st;

	if (geteuid())
		SKIP("needs to be root");
	begin();
	close(make("f", "x"));
	CHECK(set_acl("f", ACCESS, e, 5) == 0);
	NEED(stat("f", &st) == 0);
	CHECK_EQ(st.st_mode & 0777, 0660);
	CHECK_EQ(getxattr("f", ACCESS, &got, sizeof(got)), 4 + 5 * 8);
	NEED(seteuid(1000) == 0);
	CHECK(access("f", F_OK) == 0);
	CHECK(open("f", O_RDWR) >= 0);
	NEED(seteuid(0) == 0 && chmod("f", 0640) == 0 && seteuid(1000) == 0);
	CHECK_ERR(open("f", O_RDWR), EACCES);    /* the mask says r-- now */
	CHECK(open("f", O_RDONLY) >= 0);
	NEED(seteuid(0) == 0 && seteuid(1001) == 0);
	CHECK_ERR(open("f", O_RDONLY), EACCES);
	CHECK_ERR(set_acl("f", ACCESS, e, 5), EPERM);
	NEED(seteuid(0) == 0);
	CHECK_ERR(set_acl("f", DEFAULT, e, 5), EACCES);
	CHECK_ERR(set_acl("f", ACCESS, e, 4), EINVAL);
	CHECK_ERR(set_acl("f", ACCESS, e + 1, 4), EINVAL);
	/* A default list is inherited instead of the umask. */
	NEED(mkdir("d", 0755) == 0);
	e[4].perm = 4;
	CHECK(set_acl("d", DEFAULT, e, 5) == 0);
	umask(077);
	close(open("d/new", O_CREAT | O_WRONLY, 0666));
	NEED(stat("d/new", &st) == 0);
	CHECK_EQ(st.st_mode & 0777, 0664);
	NEED(mkdir("d/sub", 0777) == 0);
	CHECK_EQ(getxattr("d/sub", DEFAULT, &got, sizeof(got)), 4 + 5 * 8);
	CHECK(removexattr("f", ACCESS) == 0);
	CHECK_ERR(getxattr("f", ACCESS, &got, sizeof(got)), ENODATA);
}

TEST(rename_flags)
{
	struct stat st;

	begin();
	close(make("a", "a"));
	close(make("b", "bb"));
	CHECK_ERR(rename2("a", "b", RENAME_NOREPLACE), EEXIST);
	CHECK(rename2("a", "c", RENAME_NOREPLACE) == 0);
	CHECK(rename2("b", "c", RENAME_EXCHANGE) == 0);
	CHECK(stat("b", &st) == 0 && st.st_size == 1);
	CHECK_ERR(rename2("b", "none", RENAME_EXCHANGE), ENOENT);
	CHECK_ERR(rename2("b", "c", RENAME_EXCHANGE | RENAME_NOREPLACE),
		  EINVAL);
	CHECK_ERR(rename2("b", "c", 8), EINVAL);
	NEED(mkdir("d", 0755) == 0);
	CHECK_ERR(rename2("d", "d/e", 0), EINVAL);
	CHECK(rename2("b", "d", RENAME_EXCHANGE) == 0);
	CHECK(stat("b", &st) == 0 && S_ISDIR(st.st_mode));
	if (geteuid() == 0) {
		CHECK(rename2("d", "w", RENAME_WHITEOUT) == 0);
		CHECK(stat("d", &st) == 0 && S_ISCHR(st.st_mode) &&
		      st.st_rdev == 0);
	}
}

TEST(a_tmpfile_gets_a_name_by_linkat)
{
	char proc[64];
	struct stat st;
	int fd;

	begin();
	fd = open(".", O_TMPFILE | O_RDWR, 0600);
	NEED(fd >= 0);
	CHECK(write(fd, "abc", 3) == 3);
	CHECK(fstat(fd, &st) == 0 && st.st_nlink == 0);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	CHECK(linkat(AT_FDCWD, proc, AT_FDCWD, "named",
		     AT_SYMLINK_FOLLOW) == 0);
	CHECK(stat("named", &st) == 0 && st.st_size == 3 && st.st_nlink == 1);
	if (geteuid() == 0)
		CHECK(linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH) == 0);
	close(fd);
	fd = open(".", O_TMPFILE | O_EXCL | O_RDWR, 0600);
	NEED(fd >= 0);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	CHECK_ERR(linkat(AT_FDCWD, proc, AT_FDCWD, "never",
			 AT_SYMLINK_FOLLOW), ENOENT);
	CHECK_ERR(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
	/* Unlinked is unlinked: it does not come back. */
	fd = make("gone", "");
	NEED(unlink("gone") == 0);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	CHECK_ERR(linkat(AT_FDCWD, proc, AT_FDCWD, "back",
			 AT_SYMLINK_FOLLOW), ENOENT);
}

TEST(statx_tells_birth_mount_and_flags)
{
	const unsigned all = BASIC_STATS | BTIME | MNT_ID;
	struct xstat x;
	int fd, flags;

	begin();
	fd = make("f", "x");
	NEED(xstat(AT_FDCWD, "f", 0, all, &x) == 0);
	CHECK_EQ(x.mask & all, all);
	CHECK(x.btime.sec > 0 && x.mnt_id > 0);
	CHECK(!(x.attributes & A_MOUNT_ROOT));
	NEED(xstat(AT_FDCWD, "/", 0, BASIC_STATS, &x) == 0);
	CHECK(x.attributes & A_MOUNT_ROOT);
	CHECK(ioctl(fd, GETFLAGS, &flags) == 0 && flags == 0);
	flags = NODUMP_FL;
	CHECK(ioctl(fd, SETFLAGS, &flags) == 0);
	NEED(xstat(fd, "", AT_EMPTY_PATH, BASIC_STATS, &x) == 0);
	CHECK(x.attributes & A_NODUMP);
	CHECK_ERR(xstat(AT_FDCWD, "f", 0, 0x80000000, &x), EINVAL);
	CHECK_ERR(xstat(AT_FDCWD, "f", 0x8000, 0, &x), EINVAL);
	CHECK_ERR(xstat(AT_FDCWD, "f", 0x6000, 0, &x), EINVAL);
}

TEST(immutable_and_append_only_are_obeyed)
{
	int fd, flags = IMMUTABLE_FL;

	if (geteuid())
		SKIP("needs to be root");
	begin();
	fd = make("f", "x");
	CHECK(ioctl(fd, SETFLAGS, &flags) == 0);
	CHECK_ERR(open("f", O_WRONLY), EPERM);
	CHECK_ERR(unlink("f"), EPERM);
	CHECK_ERR(chmod("f", 0600), EPERM);
	CHECK_ERR(link("f", "g"), EPERM);
	CHECK_ERR(rename("f", "g"), EPERM);
	CHECK_ERR(setxattr("f", "trusted.a", "1", 1, 0), EPERM);
	flags = APPEND_FL;
	CHECK(ioctl(fd, SETFLAGS, &flags) == 0);
	CHECK_ERR(open("f", O_WRONLY), EPERM);
	CHECK(open("f", O_WRONLY | O_APPEND) >= 0);
	CHECK_ERR(open("f", O_WRONLY | O_APPEND | O_TRUNC), EPERM);
	CHECK_ERR(truncate("f", 0), EPERM);
	flags = 0;
	CHECK(ioctl(fd, SETFLAGS, &flags) == 0);
	CHECK(unlink("f") == 0);
	flags = 0x1000;
	CHECK_ERR(ioctl(fd, SETFLAGS, &flags), EOPNOTSUPP);
}

static int open2(const char *name, uint64_t flags, uint64_t resolve)
{
	struct how how = { flags, 0, resolve };

	return syscall(SYS_openat2, AT_FDCWD, name, &how, sizeof(how));
}

TEST(openat2_stays_where_it_is_told)
{
	struct how how = { O_RDONLY, 0, 0 };
	struct { struct how how; uint64_t more; } big = { how, 0 };

	begin();
	NEED(mkdir("d", 0755) == 0);
	close(make("d/f", "x"));
	NEED(!symlink("../d/f", "d/up") && !symlink("/d/f", "d/abs") &&
	     !symlink("f", "d/l"));
	NEED(chdir("d") == 0);
	CHECK(open2("l", 0, 8) >= 0);
	CHECK_ERR(open2("l", 0, 4), ELOOP);
	CHECK_ERR(open2("up", 0, 8), EXDEV);
	CHECK_ERR(open2("abs", 0, 8), EXDEV);
	CHECK_ERR(open2("/proc", 0, 8), EXDEV);
	CHECK_ERR(open2("../x", 0, 8), EXDEV);
	CHECK(open2("../../../f", 0, 0x10) >= 0);
	CHECK(open2("/f", 0, 0x10) >= 0);
	CHECK_ERR(open2("/proc/self/exe", 0, 2), ELOOP);
	CHECK(open2("/proc/self/exe", 0, 0) >= 0);
	CHECK_ERR(open2("/proc/version", 0, 1), EXDEV);
	CHECK(open2("f", 0, 0x20) >= 0);                 /* it is cached */
	CHECK_ERR(open2("nothere-yet", O_CREAT, 0x20), EAGAIN);
	CHECK_ERR(open2("f", 0, 0x18), EINVAL);
	CHECK_ERR(open2("f", 0, 0x100), EINVAL);
	CHECK_ERR(open2("f", 1ull << 40, 0), EINVAL);
	CHECK_ERR(syscall(SYS_openat2, AT_FDCWD, "f", &how, 8), EINVAL);
	CHECK(syscall(SYS_openat2, AT_FDCWD, "f", &big, sizeof(big)) >= 0);
	big.more = 1;
	CHECK_ERR(syscall(SYS_openat2, AT_FDCWD, "f", &big, sizeof(big)),
		  E2BIG);
}

TEST(o_path_names_and_no_more)
{
	struct stat st;
	char buf[8];
	int fd, dir;

	begin();
	close(make("f", "abc"));
	NEED(symlink("f", "l") == 0);
	fd = open("f", O_PATH);
	CHECK(fd >= 0 && fstat(fd, &st) == 0 && st.st_size == 3);
	CHECK_ERR(read(fd, buf, 1), EBADF);
	CHECK_ERR(syscall(SYS_fchmod, fd, 0600), EBADF);
	CHECK_ERR(ioctl(fd, FIONREAD, buf), EBADF);
	CHECK_ERR(fcntl(fd, F_SETFL, 0), EBADF);
	CHECK_EQ(fcntl(fd, F_GETFL) & O_PATH, O_PATH);
	CHECK_ERR((long)mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0), EBADF);
	CHECK(fchownat(fd, "", -1, -1, AT_EMPTY_PATH) == 0);
	fd = open("l", O_PATH | O_NOFOLLOW);
	CHECK(fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode));
	CHECK_EQ(readlinkat(fd, "", buf, 8), 1);
	CHECK_ERR(open("l", O_RDONLY | O_NOFOLLOW), ELOOP);
	dir = open(".", O_PATH | O_DIRECTORY);
	CHECK(openat(dir, "f", O_RDONLY) >= 0);
	CHECK(fchdir(dir) == 0);
}

static long tmpfs_free(const char *at)
{
	struct statfs s;

	return statfs(at, &s) ? -1 : (long)s.f_bfree;
}

TEST(tmpfs_limits_hold_and_change)
{
	struct statfs s;
	char name[16];
	int fd, i, err = 0;

	if (geteuid())
		SKIP("needs to be root");
	begin();
	NEED(mkdir("m", 0700) == 0);
	NEED(!mount("x", "m", "tmpfs", 0,
		    "size=64k,nr_inodes=10,mode=711,uid=5,gid=6"));
	CHECK(statfs("m", &s) == 0 && s.f_blocks == 16 && s.f_files == 10 &&
	      s.f_ffree == 9);
	fd = open("m/f", O_CREAT | O_RDWR, 0644);
	CHECK(fallocate(fd, 0, 0, 65536) == 0);
	CHECK_EQ(tmpfs_free("m"), 0);
	CHECK_ERR(fallocate(fd, 0, 0, 65537), ENOSPC);
	CHECK_ERR(pwrite(fd, "x", 1, 65536), ENOSPC);
	for (i = 0; i < 65536; i += 4096)
		CHECK_EQ(pwrite(fd, "x", 1, i), 1);
	CHECK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096,
			8192) == 0);
	CHECK_EQ(tmpfs_free("m"), 2);
	CHECK_ERR(fallocate(fd, 0x10, 0, 4096), EOPNOTSUPP);
	CHECK_ERR(fallocate(fd, 8, 0, 4096),
		  EOPNOTSUPP);
	CHECK_EQ(lseek(fd, 0, SEEK_HOLE), 4096);
	CHECK_EQ(lseek(fd, 5000, SEEK_DATA), 12288);
	for (i = 0; i < 10 && !err; i++) {
		snprintf(name, sizeof(name), "m/%d", i);
		err = mkdir(name, 0755) ? errno : 0;
	}
	CHECK_EQ(err, ENOSPC);
	CHECK_ERR(link("m/f", "m/g"), ENOSPC);     /* names cost, too */
	CHECK_ERR(mount("x", "m", NULL, MS_REMOUNT, "size=4k"), EINVAL);
	CHECK(mount("x", "m", NULL, MS_REMOUNT, "size=1m,nr_inodes=50") == 0);
	CHECK(statfs("m", &s) == 0 && s.f_blocks == 256 && s.f_files == 50);
	CHECK(link("m/f", "m/g") == 0);
	CHECK_ERR(mount("x", "m", NULL, MS_REMOUNT, "nonsense"), EINVAL);
	CHECK_ERR(mount("x", "m", "tmpfs", 0, "size=x"), EINVAL);
	CHECK_ERR(mount("x", "m", "tmpfs", 0, "huge=perhaps"), EINVAL);
	close(fd);
	CHECK(umount("m") == 0);
	CHECK(mount("x", "m", "ramfs", 0, NULL) == 0);
	CHECK(statfs("m", &s) == 0 && s.f_type == 0x858458f6);
}

TEST(times_by_now_and_omit)
{
	struct timespec t[2] = { { 100, 5 }, { 200, 6 } };
	struct stat st;

	begin();
	close(make("f", "x"));
	CHECK(utimensat(AT_FDCWD, "f", t, 0) == 0);
	CHECK(stat("f", &st) == 0 && st.st_atim.tv_sec == 100 &&
	      st.st_mtim.tv_nsec == 6);
	t[0].tv_nsec = UTIME_OMIT;
	t[1].tv_nsec = UTIME_NOW;
	CHECK(utimensat(AT_FDCWD, "f", t, 0) == 0);
	CHECK(stat("f", &st) == 0 && st.st_atim.tv_sec == 100 &&
	      st.st_mtim.tv_sec > 200);
	t[0].tv_nsec = 1000000000;
	CHECK_ERR(utimensat(AT_FDCWD, "f", t, 0), EINVAL);
	CHECK_ERR(utimensat(AT_FDCWD, "f", NULL, 0x8000), EINVAL);
	if (geteuid() == 0) {
		NEED(seteuid(1000) == 0);
		CHECK_ERR(utimensat(AT_FDCWD, "f", NULL, 0), EACCES);
		t[0].tv_nsec = 1;
		CHECK_ERR(utimensat(AT_FDCWD, "f", t, 0), EPERM);
	}
}

static int count_lines_of(ino_t ino, const char *word)
{
	char line[128], want[32];
	FILE *f = fopen("/proc/locks", "r");
	int n = 0;

	snprintf(want, sizeof(want), ":%lu ", (unsigned long)ino);
	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, want) && strstr(line, word);
	if (f)
		fclose(f);
	return n;
}

TEST(locks_are_listed_and_deadlock_is_told)
{
	struct flock w = { .l_type = F_WRLCK, .l_len = 10 };
	int fd, fd2, status, sync[2];
	struct stat st;
	char c;

	begin();
	fd = make("f", "x");
	fd2 = open("f", O_RDWR);
	NEED(fstat(fd, &st) == 0 && pipe(sync) == 0);
	CHECK(flock(fd, LOCK_EX) == 0);
	CHECK_EQ(count_lines_of(st.st_ino, "FLOCK  ADVISORY  WRITE"), 1);
	CHECK_ERR(flock(fd2, LOCK_SH | LOCK_NB), EWOULDBLOCK);
	CHECK(flock(fd, LOCK_UN) == 0);
	CHECK(fcntl(fd, F_SETLK, &w) == 0);
	CHECK_EQ(count_lines_of(st.st_ino, "POSIX  ADVISORY  WRITE"), 1);
	if (fork() == 0) {
		w.l_start = 20;
		NEED(fcntl(fd, F_SETLK, &w) == 0);
		NEED(write(sync[1], "a", 1) == 1);
		w.l_start = 0;
		/* One of us gets EDEADLK, then the other goes on. */
		status = fcntl(fd, F_SETLKW, &w) ? errno : 0;
		_exit(status == EDEADLK ? 1 : status ? 2 : 0);
	}
	NEED(read(sync[0], &c, 1) == 1);
	usleep(100000);
	CHECK_EQ(count_lines_of(st.st_ino, "->"), 1);
	w.l_start = 20;
	CHECK_ERR(fcntl(fd, F_SETLKW, &w), EDEADLK);
	w.l_start = 0;
	w.l_type = F_UNLCK;
	CHECK(fcntl(fd, F_SETLK, &w) == 0);
	CHECK(wait(&status) > 0 && status == 0);
}

TEST(links_of_others_are_not_trusted_in_tmp)
{
	int on = -1, fd = open("/proc/sys/fs/protected_symlinks", O_RDONLY);
	char c;

	if (geteuid() || fd < 0 || read(fd, &c, 1) != 1)
		SKIP("needs to be root");
	on = c == '1';
	if (!on)
		SKIP("protection is off");
	begin();
	NEED(mkdir("t", 0) == 0 && chmod("t", 01777) == 0);
	close(make("t/f", "secret"));
	NEED(chmod("t/f", 0600) == 0);
	NEED(setegid(1000) == 0 && seteuid(1000) == 0);
	NEED(symlink("../open", "t/l") == 0);
	CHECK_ERR(link("t/f", "t/g"), EPERM);
	NEED(seteuid(0) == 0 && setegid(0) == 0);
	close(make("open", "x"));
	CHECK_ERR(open("t/l", O_RDONLY), EACCES);
	CHECK(link("t/f", "t/g") == 0);
}

TEST(unknown_commands_are_refused)
{
	CHECK_ERR(fcntl(0, F_SETLEASE, 77), EINVAL);
	CHECK_ERR(fcntl(0, 9999, 0), EINVAL);
}

TAP_MAIN()
