/* SPDX-License-Identifier: MIT */
/* attributes.c -- mode, owner, times, size, and what writing changes */

#include "tap.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <time.h>

static char name[64];

static int own_file(mode_t mode)
{
	int fd;

	snprintf(name, sizeof(name), "/tmp/attr.%d", getpid());
	umask(0);
	fd = open(name, O_CREAT | O_EXCL | O_RDWR, mode);
	NEED(fd >= 0);
	return fd;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0xffff;
}

TEST(umask_takes_bits_away)
{
	umask(027);
	snprintf(name, sizeof(name), "/tmp/attr.%d", getpid());
	close(open(name, O_CREAT | O_WRONLY, 0666));
	CHECK_EQ(mode_of(name), 0640);
	CHECK(unlink(name) == 0 && mkdir(name, 0777) == 0);
	CHECK_EQ(mode_of(name), 0750);
	CHECK_EQ(umask(0), 027);
	rmdir(name);
}

TEST(a_stranger_makes_no_setgid_file_of_the_groups)
{
	char file[80];

	if (geteuid())
		SKIP("needs to be root");
	snprintf(name, sizeof(name), "/tmp/attr.%d", getpid());
	umask(0);
	NEED(mkdir(name, 0777) == 0 && chown(name, 0, 77) == 0 &&
	     chmod(name, 02777) == 0);
	snprintf(file, sizeof(file), "%s/f", name);
	NEED(setgid(1000) == 0 && setresuid(1000, 1000, 1000) == 0);
	close(open(file, O_CREAT | O_WRONLY, 02775));
	CHECK_EQ(mode_of(file), 0775);
	CHECK(unlink(file) == 0);
	umask(010);             /* what it takes away does not help */
	close(open(file, O_CREAT | O_WRONLY, 02775));
	CHECK_EQ(mode_of(file), 0765);
}

TEST(only_the_owner_changes_the_mode)
{
	close(own_file(0600));
	CHECK(chmod(name, 04755) == 0);
	CHECK_EQ(mode_of(name), 04755);
	if (geteuid() == 0) {
		NEED(setresuid(1000, 1000, 1000) == 0);
		CHECK_ERR(chmod(name, 0777), EPERM);
		CHECK_ERR(chown(name, 1000, -1), EPERM);
		CHECK_ERR(truncate(name, 0), EACCES);
		CHECK_ERR(utimensat(AT_FDCWD, name, NULL, 0), EACCES);
		CHECK_ERR(open(name, O_RDWR), EACCES);
		CHECK_ERR(unlink(name), EPERM);       /* /tmp is sticky */
		CHECK(access(name, R_OK | X_OK) == 0);
		CHECK_ERR(access(name, W_OK), EACCES);
	}
}

TEST(a_write_by_another_drops_set_id)
{
	int fd = own_file(06777), status;
	pid_t pid;

	if (geteuid())
		SKIP("needs root");
	CHECK_EQ(mode_of(name), 06777);
	pid = fork();
	if (pid == 0) {
		if (setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 1000))
			_exit(1);
		_exit(write(fd, "x", 1) != 1);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	CHECK_EQ(mode_of(name), 0777);
	CHECK(chmod(name, 06755) == 0);
	CHECK(chown(name, 1000, 1000) == 0);
	CHECK_EQ(mode_of(name), 0755);
	unlink(name);
}

TEST(times_follow_what_happens)
{
	struct timespec t[2] = { { 1000, 5 }, { 2000, 7 } };
	int fd = own_file(0600);
	struct stat st;
	char c;

	CHECK(futimens(fd, t) == 0);
	CHECK(fstat(fd, &st) == 0);
	CHECK(st.st_atim.tv_sec == 1000 && st.st_atim.tv_nsec == 5);
	CHECK(st.st_mtim.tv_sec == 2000 && st.st_mtim.tv_nsec == 7);
	CHECK(st.st_ctim.tv_sec > 1000000);
	t[0].tv_nsec = UTIME_OMIT;
	t[1].tv_sec = 3000;
	CHECK(futimens(fd, t) == 0 && fstat(fd, &st) == 0);
	CHECK(st.st_atim.tv_sec == 1000 && st.st_mtim.tv_sec == 3000);
	t[1].tv_nsec = 1000000000;
	CHECK_ERR(futimens(fd, t), EINVAL);
	CHECK(write(fd, "x", 1) == 1 && fstat(fd, &st) == 0);
	CHECK(st.st_mtim.tv_sec > 1000000);
	CHECK(pread(fd, &c, 1, 0) == 1 && fstat(fd, &st) == 0);
	CHECK(st.st_atim.tv_sec > 1000000);
	unlink(name);
}

TEST(truncation_forgets_and_growth_is_zero)
{
	int fd = own_file(0600), i, zero = 0;
	char buf[5000];
	struct stat st;

	memset(buf, 'x', sizeof(buf));
	NEED(write(fd, buf, sizeof(buf)) == sizeof(buf));
	CHECK(ftruncate(fd, 4100) == 0);
	CHECK(ftruncate(fd, 100) == 0 && ftruncate(fd, 5000) == 0);
	CHECK_EQ(pread(fd, buf, sizeof(buf), 0), 5000);
	for (i = 0; i < 5000; i++)
		zero += buf[i] == (i < 100 ? 'x' : 0);
	CHECK_EQ(zero, 5000);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 5000);
	CHECK_ERR(ftruncate(fd, -1), EINVAL);
	CHECK_ERR(truncate("/", 0), EISDIR);
	unlink(name);
}

TEST(fallocate_reserves_and_punches)
{
	int fd = own_file(0600);
	char buf[4096];
	struct stat st;

	if (syscall(SYS_fallocate, fd, 0, 0L, 16384L)) {
		CHECK_EQ(errno, EOPNOTSUPP);
		return;
	}
	CHECK(fstat(fd, &st) == 0 && st.st_size == 16384);
	CHECK(st.st_blocks >= 32);
	memset(buf, 'y', sizeof(buf));
	NEED(pwrite(fd, buf, 4096, 4096) == 4096);
	CHECK(syscall(SYS_fallocate, fd, 3, 4096L, 4096L) == 0);
	CHECK(pread(fd, buf, 1, 5000) == 1 && buf[0] == 0);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 16384);
	CHECK(syscall(SYS_fallocate, fd, 1, 0L, 65536L) == 0);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 16384);
	CHECK_ERR(syscall(SYS_fallocate, fd, 0, 0L, 0L), EINVAL);
	unlink(name);
}

TEST(stat_and_statx_agree)
{
	int fd = own_file(0640);
	struct statx_abi {
		unsigned mask, blksize;
		unsigned long long attributes;
		unsigned nlink, uid, gid;
		unsigned short mode, pad;
		unsigned long long ino, size, blocks, attributes_mask;
		char rest[176];
	} sx;
	struct stat st;

	NEED(write(fd, "12345", 5) == 5);
	NEED(fstat(fd, &st) == 0);
	memset(&sx, 0, sizeof(sx));
	CHECK(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, 0x7ff, &sx) == 0);
	CHECK((sx.mask & 0x7ff) == 0x7ff);
	CHECK(sx.size == 5 && sx.ino == st.st_ino && sx.mode == st.st_mode);
	CHECK(sx.nlink == 1 && sx.blksize == (unsigned)st.st_blksize);
	CHECK_ERR(syscall(SYS_statx, fd, "", 0, 0x7ff, &sx), ENOENT);
	CHECK_ERR(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, 1u << 31, &sx),
		  EINVAL);
	unlink(name);
}

TEST(statfs_names_the_kind)
{
	struct statfs s;

	CHECK(statfs("/proc", &s) == 0 && s.f_type == 0x9fa0);
	CHECK(statfs("/", &s) == 0 && s.f_namelen == 255);
	CHECK_ERR(statfs("/none", &s), ENOENT);
}

TEST(a_running_program_cannot_be_written)
{
	int fd;

	CHECK_ERR(open("/proc/self/exe", O_WRONLY), ETXTBSY);
	fd = open("/proc/self/exe", O_RDONLY);
	CHECK(fd >= 0);
}

TEST(link_counts_of_directories)
{
	struct stat st;

	snprintf(name, sizeof(name), "/tmp/attr.%d", getpid());
	NEED(mkdir(name, 0755) == 0 && chdir(name) == 0);
	NEED(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0);
	CHECK(stat(".", &st) == 0);
	CHECK(st.st_nlink == 4 || st.st_nlink == 1);
	CHECK(rename("a", "b/a") == 0 && stat(".", &st) == 0);
	CHECK(st.st_nlink == 3 || st.st_nlink == 1);
	CHECK(rmdir("b/a") == 0 && rmdir("b") == 0);
	chdir("/");
	CHECK(rmdir(name) == 0);
}

TEST(a_shared_mapping_and_write_see_each_other)
{
	int fd = own_file(0600);
	char *p, c;

	NEED(ftruncate(fd, 4096) == 0);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	NEED(p != MAP_FAILED);
	p[10] = 'm';
	CHECK(pread(fd, &c, 1, 10) == 1 && c == 'm');
	CHECK(pwrite(fd, "w", 1, 20) == 1 && p[20] == 'w');
	CHECK(msync(p, 4096, MS_SYNC) == 0 && fsync(fd) == 0);
	unlink(name);
	CHECK(p[10] == 'm');
}

TAP_MAIN()
