/* SPDX-License-Identifier: MIT */
/*
 * credentials.c -- who a process is, and what it may become
 *
 * Needs root; each test runs in a child of its own and gives its ids up there.
 */
#define _GNU_SOURCE
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <grp.h>

#include "tap.h"

static void need_root(void)
{
	if (geteuid() != 0)
		SKIP("needs root");
}

static void check_uids(uid_t real, uid_t effective, uid_t saved)
{
	uid_t r, e, s;

	CHECK_EQ(getresuid(&r, &e, &s), 0);
	CHECK_EQ(r, real);
	CHECK_EQ(e, effective);
	CHECK_EQ(s, saved);
}

TEST(root_gives_all_three_ids_up_for_good)
{
	need_root();
	CHECK_EQ(setuid(1000), 0);
	check_uids(1000, 1000, 1000);
	CHECK_ERR(setuid(0), EPERM);
	CHECK_ERR(setresuid(-1, 0, -1), EPERM);
	CHECK_ERR(setgid(5), EPERM);
}

TEST(the_saved_id_is_the_way_back)
{
	need_root();
	CHECK_EQ(setresuid(1000, 1000, 0), 0);
	check_uids(1000, 1000, 0);
	CHECK_EQ(seteuid(0), 0);
	check_uids(1000, 0, 0);
	CHECK_EQ(setresuid(-1, -1, 2000), 0);
	check_uids(1000, 0, 2000);
}

TEST(setreuid_moves_the_saved_id_with_the_real_one)
{
	need_root();
	CHECK_EQ(setreuid(1000, 2000), 0);
	check_uids(1000, 2000, 2000);
	CHECK_EQ(setreuid(2000, 1000), 0);
	check_uids(2000, 1000, 1000);
	CHECK_ERR(setreuid(3000, -1), EPERM);
	CHECK_EQ(setreuid(-1, 1000), 0);
	check_uids(2000, 1000, 1000);
}

TEST(fsuid_follows_the_effective_id_and_can_leave_it)
{
	need_root();
	CHECK_EQ(setfsuid(1000), 0);
	CHECK_EQ(setfsuid(-1), 1000);
	CHECK_EQ(seteuid(2000), 0);
	CHECK_EQ(setfsuid(-1), 2000);
}

TEST(groups_are_kept_in_order_and_counted)
{
	gid_t set[3] = { 30, 10, 20 }, got[3];

	need_root();
	CHECK_EQ(setgroups(3, set), 0);
	CHECK_EQ(getgroups(0, NULL), 3);
	CHECK_ERR(getgroups(2, got), EINVAL);
	CHECK_EQ(getgroups(3, got), 3);
	CHECK_EQ(got[0] + got[1] + got[2], 60);
	CHECK_ERR(setgroups(65537, set), EINVAL);
	CHECK_EQ(setresuid(1000, 1000, 1000), 0);
	CHECK_ERR(setgroups(1, set), EPERM);
}

TEST(a_group_opens_what_the_owner_left_to_it)
{
	char name[] = "/tmp/cred.XXXXXX";
	gid_t group = 4321;
	int fd;

	need_root();
	fd = mkstemp(name);
	NEED(fd >= 0);
	CHECK_EQ(fchown(fd, 0, group), 0);
	CHECK_EQ(fchmod(fd, 0640), 0);
	CHECK_EQ(setgroups(1, &group), 0);
	CHECK_EQ(seteuid(1000), 0);
	CHECK(open(name, O_RDONLY) >= 0);
	CHECK_ERR(open(name, O_RDWR), EACCES);
	CHECK_EQ(seteuid(0), 0);
	unlink(name);
}

TEST(strangers_cannot_be_signalled)
{
	pid_t child;
	int status;

	need_root();
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	CHECK_EQ(seteuid(1000), 0);
	CHECK_EQ(setresuid(1000, 1000, 0), 0);
	CHECK_ERR(kill(child, SIGTERM), EPERM);
	CHECK_ERR(kill(1, 0), EPERM);
	CHECK_EQ(kill(getpid(), 0), 0);
	CHECK_EQ(seteuid(0), 0);
	CHECK_EQ(kill(child, SIGKILL), 0);
	CHECK_EQ(waitpid(child, &status, 0), child);
}

TEST(a_user_has_no_more_processes_than_allowed)
{
	struct rlimit one = { 1, 1 };

	need_root();
	CHECK_EQ(setrlimit(RLIMIT_NPROC, &one), 0);
	CHECK_EQ(setresuid(54321, 54321, 54321), 0);
	CHECK_ERR(fork(), EAGAIN);
}

TEST(no_new_privileges_is_a_one_way_street)
{
	CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	CHECK_ERR(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	CHECK_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}

TAP_MAIN()
