/* SPDX-License-Identifier: MIT */
/* old_calls.c -- ustat, sysfs and vhangup */

#include "tap.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

struct ustat {
	int f_tfree;
	uint64_t f_tinode;
	char f_fname[6], f_fpack[6];
};

TEST(ustat_finds_a_mounted_volume_by_its_device)
{
	struct ustat u = { -1, -1, "?", "?" };
	struct stat st;

	NEED(stat("/proc", &st) == 0);
	CHECK_EQ(syscall(SYS_ustat, (unsigned int)st.st_dev, &u), 0);
	CHECK(u.f_tfree == 0 && !u.f_fname[0]);
	CHECK_ERR(syscall(SYS_ustat, (unsigned int)st.st_dev, (void *)8),
		  EFAULT);
	CHECK_ERR(syscall(SYS_ustat, -1, &u), EINVAL);
}

TEST(sysfs_numbers_the_file_systems)
{
	long n = syscall(SYS_sysfs, 3);
	char name[256];

	CHECK(n > 0);
	for (long i = 0; i < n; i++) {
		CHECK_EQ(syscall(SYS_sysfs, 2, i, name), 0);
		CHECK_EQ(syscall(SYS_sysfs, 1, name), i);
	}
	CHECK_ERR(syscall(SYS_sysfs, 2, n, name), EINVAL);
	CHECK_ERR(syscall(SYS_sysfs, 2, 0, (void *)8), EFAULT);
	CHECK_ERR(syscall(SYS_sysfs, 1, "nosuchfs"), EINVAL);
	CHECK_ERR(syscall(SYS_sysfs, 1, ""), ENOENT);
	CHECK_ERR(syscall(SYS_sysfs, 1, (void *)8), EFAULT);
	CHECK_ERR(syscall(SYS_sysfs, 4), EINVAL);
}

static int on_a_terminal(int master)
{
	int slave;

	setsid();
	slave = open(ptsname(master), O_RDWR);
	if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) < 0)
		return -1;
	return slave;
}

TEST(vhangup_ends_the_terminal_of_the_session)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), status;
	pid_t pid;
	char c;

	if (geteuid())
		SKIP("not root");
	NEED(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	pid = fork();
	if (!pid) {
		int slave = on_a_terminal(master);

		signal(SIGHUP, SIG_IGN);
		_exit(slave < 0 || syscall(SYS_vhangup) != 0 ||
		      read(slave, &c, 1) != 0 || write(slave, "x", 1) != -1 ||
		      errno != EIO || open("/dev/tty", O_RDWR) != -1);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
	pid = fork();
	if (!pid) {
		if (setuid(12345) < 0)
			_exit(2);
		_exit(syscall(SYS_vhangup) != -1 || errno != EPERM);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
}

TAP_MAIN()
