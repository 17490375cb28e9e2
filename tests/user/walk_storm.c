/* SPDX-License-Identifier: MIT */
/*
 * walk_storm.c -- walks while the tree changes under them
 *
 * Readers walk paths that other processes rename, remove, mount over and link
 * anew.  What a walk may find is known: one of a few inodes, or ENOENT; never
 * a third thing.  Named after the invariants of fs/vfs/rcu_walk.c.
 */

#include "tap.h"
#include "harm.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>


#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

static char ground[64];

struct shared {
	volatile int stop;
	volatile long walks, missed, wrong;
};

static struct shared *sh;

static void begin(void)
{
	sh = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(sh != MAP_FAILED);
	snprintf(ground, sizeof(ground), "/tmp/storm.%d", getpid());
	NEED(mkdir(ground, 0755) == 0);
	NEED(chdir(ground) == 0);
}

static void end(void)
{
	char cmd[96];

	NEED(chdir("/") == 0);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", ground);
	NEED(system(cmd) == 0);
}

static void put(const char *name, const char *text)
{
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0644);

	NEED(fd >= 0);
	NEED(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* Looks until it is told to stop, or the test has given up. */
static pid_t reader(void (*look)(void))
{
	pid_t parent = getpid(), pid = fork();

	NEED(pid >= 0);
	if (pid)
		return pid;
	while (!sh->stop && getppid() == parent)
		look();
	_exit(0);
}

/* WALK_MS milliseconds after the first question. */
static int time_is_up(long *t0)
{
	if (!*t0)
		*t0 = now_ms();
	return now_ms() - *t0 >= setting("WALK_MS", 600);
}

static void finish(pid_t *pids, int n)
{
	int i, status;

	sh->stop = 1;
	for (i = 0; i < n; i++) {
		CHECK(waitpid(pids[i], &status, 0) == pids[i]);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	CHECK(sh->walks > 0);
	CHECK_EQ(sh->wrong, 0);
}

/* The file's size must be 1 or 2; anything else was never there. */
static void expect_size(const char *path, int a, int b)
{
	struct stat st;

	__atomic_fetch_add(&sh->walks, 1, __ATOMIC_RELAXED);
	if (stat(path, &st) == 0) {
		if (st.st_size != a && st.st_size != b)
			__atomic_fetch_add(&sh->wrong, 1, __ATOMIC_RELAXED);
	} else if (errno == ENOENT) {
		__atomic_fetch_add(&sh->missed, 1, __ATOMIC_RELAXED);
	} else {
		printf("# stat %s: errno %d\n", path, errno);
		__atomic_fetch_add(&sh->wrong, 1, __ATOMIC_RELAXED);
	}
}

static void look_exchanged(void)
{
	expect_size("a/x/f", 1, 2);
	expect_size("b/../a/./x/f", 1, 2);
}

/* a/x and b/x change places: a/x is always there. */
TEST(an_exchanged_name_is_never_missed)
{
	pid_t pids[2];
	long t0 = 0;

	begin();
	NEED(!mkdir("a", 0755) && !mkdir("b", 0755));
	NEED(!mkdir("a/x", 0755) && !mkdir("b/x", 0755));
	put("a/x/f", "1");
	put("b/x/f", "22");
	if (syscall(SYS_renameat2, AT_FDCWD, "a/x", AT_FDCWD, "b/x",
		    RENAME_EXCHANGE) && errno == EINVAL)
		SKIP("this file system cannot exchange");
	pids[0] = reader(look_exchanged);
	pids[1] = reader(look_exchanged);
	while (!time_is_up(&t0))
		NEED(syscall(SYS_renameat2, AT_FDCWD, "a/x", AT_FDCWD,
			     "b/x", RENAME_EXCHANGE) == 0);
	finish(pids, 2);
	CHECK_EQ(sh->missed, 0);
	end();
}

static void look_replaced(void)
{
	expect_size("d/f", 1, 2);
}

TEST(a_replaced_file_is_the_old_or_the_new)
{
	pid_t pids[2];
	long t0 = 0;

	begin();
	NEED(!mkdir("d", 0755));
	put("d/f", "1");
	pids[0] = reader(look_replaced);
	pids[1] = reader(look_replaced);
	while (!time_is_up(&t0)) {
		put("d/g", "22");
		NEED(rename("d/g", "d/f") == 0);
		put("d/g", "1");
		NEED(rename("d/g", "d/f") == 0);
	}
	finish(pids, 2);
	CHECK_EQ(sh->missed, 0);
	end();
}

static void look_deep(void)
{
	expect_size("p/q/r/s/f", 0, 1);
	expect_size("link/q/r/../r/s/f", 0, 1);
}

/* Whole branches come and go: found or not, but never another file. */
TEST(a_removed_branch_is_there_or_not)
{
	pid_t pids[2];
	long t0 = 0;

	begin();
	NEED(!symlink("p", "link"));
	pids[0] = reader(look_deep);
	pids[1] = reader(look_deep);
	while (!time_is_up(&t0)) {
		NEED(!mkdir("p", 0755) && !mkdir("p/q", 0755) &&
		     !mkdir("p/q/r", 0755) && !mkdir("p/q/r/s", 0755));
		put("p/q/r/s/f", "1");
		NEED(!rename("p/q/r", "p/q/rr") && !rename("p/q/rr", "p/q/r"));
		NEED(!unlink("p/q/r/s/f") && !rmdir("p/q/r/s") &&
		     !rmdir("p/q/r") && !rmdir("p/q") && !rmdir("p"));
	}
	finish(pids, 2);
	end();
}

static void look_mounted(void)
{
	expect_size("m/f", 1, 2);
	/* Who stands in a volume that is taken away finds no way out of it. */
	if (access("m/../m/f", F_OK) && errno != ENOENT)
		__atomic_fetch_add(&sh->wrong, 1, __ATOMIC_RELAXED);
}

/* A volume is mounted over m and taken away: m/f is one of two files. */
TEST(a_mount_is_crossed_or_not)
{
	pid_t pids[2];
	long t0 = 0;
	int err;

	if (geteuid() != 0 || unshare(CLONE_NEWNS))
		SKIP("needs to be root");
	begin();
	NEED(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	NEED(!mkdir("m", 0755) && !mkdir("n", 0755));
	put("m/f", "1");
	put("n/f", "22");
	pids[0] = reader(look_mounted);
	pids[1] = reader(look_mounted);
	while (!time_is_up(&t0)) {
		NEED(mount("n", "m", NULL, MS_BIND, NULL) == 0);
		do {
			err = umount2("m", 0) ? errno : 0;
		} while (err == EBUSY);
		CHECK_EQ(err, 0);
		NEED(mount("n", "m", NULL, MS_BIND, NULL) == 0);
		NEED(umount2("m", MNT_DETACH) == 0);
	}
	finish(pids, 2);
	CHECK_EQ(sh->missed, 0);
	end();
}

static void look_permitted(void)
{
	struct stat st;

	__atomic_fetch_add(&sh->walks, 1, __ATOMIC_RELAXED);
	if (stat("shut/f", &st) && errno != EACCES)
		__atomic_fetch_add(&sh->wrong, 1, __ATOMIC_RELAXED);
}

TEST(permissions_are_obeyed_while_they_change)
{
	pid_t pids[2];
	long t0 = 0;
	int i;

	if (geteuid() != 0)
		SKIP("needs to be root");
	begin();
	NEED(!mkdir("shut", 0755));
	put("shut/f", "1");
	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		NEED(setuid(1000) == 0);
		while (!sh->stop && getppid() != 1)
			look_permitted();
		_exit(0);
	}
	while (!time_is_up(&t0))
		NEED(!chmod("shut", 0700) && !chmod("shut", 0755));
	finish(pids, 2);
	end();
}

static long field(const char *name)
{
	FILE *f = fopen("/proc/sys/fs/path-walk", "r");
	char word[32];
	long n, found = -1;

	if (!f)
		return -1;
	while (fscanf(f, "%31s %ld", word, &n) == 2)
		if (!strcmp(word, name))
			found = n;
	fclose(f);
	return found;
}

/* F04: the second stat asks neither a lock nor the file system. */
TEST(a_second_stat_only_reads)
{
	struct stat st;
	long rcu, asked;
	int i;

	if (field("rcu") < 0)
		SKIP("this kernel does not count its walks");
	begin();
	NEED(!mkdir("w", 0755));
	put("w/f", "1");
	NEED(stat("w/f", &st) == 0);
	asked = field("asked");
	rcu = field("rcu");
	for (i = 0; i < 1000; i++)
		NEED(stat("w/f", &st) == 0);
	CHECK(field("rcu") - rcu >= 1000);
	CHECK(field("asked") - asked < 100);
	end();
}

TAP_MAIN()
