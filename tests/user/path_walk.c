/* SPDX-License-Identifier: MIT */
/* path_walk.c -- from paths to files, and the errors on the way (AP091) */

#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static char ground[64];

static void make_file(const char *name)
{
	int fd = open(name, O_CREAT | O_WRONLY, 0644);

	NEED(fd >= 0);
	close(fd);
}

/* A tree of our own:  d/ d/f d/e/ d/e/g  links: l->d  ll->l  lf->d/f  ... */
static void plant(void)
{
	snprintf(ground, sizeof(ground), "/tmp/walk.%d", getpid());
	NEED(mkdir(ground, 0755) == 0);
	NEED(chdir(ground) == 0);
	NEED(mkdir("d", 0755) == 0);
	NEED(mkdir("d/e", 0755) == 0);
	make_file("d/f");
	make_file("d/e/g");
	NEED(symlink("d", "l") == 0);
	NEED(symlink("l", "ll") == 0);
	NEED(symlink("d/f", "lf") == 0);
	NEED(symlink("d/", "lslash") == 0);
	NEED(symlink("../d/e", "d/le") == 0);
	NEED(symlink("nowhere", "dangling") == 0);
	NEED(symlink("loop", "loop") == 0);
	NEED(symlink("/", "lroot") == 0);
	NEED(symlink("/../..//etc", "letc") == 0);
	NEED(link("d/f", "hard") == 0);
}

static void uproot(void)
{
	char cmd[96];

	NEED(chdir("/") == 0);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", ground);
	NEED(system(cmd) == 0);
}

static ino_t inode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* Each path names the same file as `same`, or fails with `err`. */
static const struct {
	const char *path, *same;
	int err;
} table[] = {
	{ "d", "d", 0 }, { "./d", "d", 0 }, { "d/", "d", 0 },
	{ "d/.", "d", 0 }, { "d/./././", "d", 0 }, { "d//e//g", "d/e/g", 0 },
	{ "d/e/..", "d", 0 }, { "d/e/../f", "d/f", 0 },
	{ "d/../d/../d/f", "d/f", 0 }, { "l", "d", 0 }, { "l/", "d", 0 },
	{ "ll/f", "d/f", 0 }, { "ll/e/g", "d/e/g", 0 }, { "lf", "d/f", 0 },
	{ "lslash", "d", 0 }, { "lslash/f", "d/f", 0 },
	{ "d/le/g", "d/e/g", 0 }, { "d/le/..", "d", 0 }, { "hard", "d/f", 0 },
	{ "lroot", "/", 0 }, { "lroot/..", "/", 0 }, { "letc", "/etc", 0 },
	{ "/../../etc", "/etc", 0 }, { "/.", "/", 0 }, { "//", "/", 0 },
	{ "", NULL, ENOENT }, { "nothing", NULL, ENOENT },
	{ "d/nothing", NULL, ENOENT }, { "nothing/f", NULL, ENOENT },
	{ "d/f/", NULL, ENOTDIR }, { "d/f/x", NULL, ENOTDIR },
	{ "d/f/.", NULL, ENOTDIR }, { "d/f/..", NULL, ENOTDIR },
	{ "lf/", NULL, ENOTDIR }, { "dangling", NULL, ENOENT },
	{ "loop", NULL, ELOOP }, { "loop/x", NULL, ELOOP },
};

TEST(each_path_leads_where_linux_leads)
{
	struct stat st;
	size_t i;

	plant();
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int res = stat(table[i].path, &st);
		int bad;

		if (table[i].err)
			bad = res != -1 || errno != table[i].err;
		else
			bad = res || st.st_ino != inode_of(table[i].same);
		if (bad) {
			printf("# path \"%s\": %d errno %d\n", table[i].path,
			       res, errno);
			tap_failed = 1;
		}
	}
	uproot();
}

TEST(lstat_and_nofollow_stop_at_the_link)
{
	struct stat st;

	plant();
	CHECK(lstat("l", &st) == 0 && S_ISLNK(st.st_mode));
	CHECK_EQ(st.st_size, 1);
	CHECK(lstat("l/", &st) == 0 && S_ISDIR(st.st_mode));
	CHECK(lstat("dangling", &st) == 0);
	CHECK_ERR(open("l", O_RDONLY | O_NOFOLLOW), ELOOP);
	CHECK_ERR(open("lf", O_RDONLY | O_NOFOLLOW), ELOOP);
	CHECK(open("ll/f", O_RDONLY | O_NOFOLLOW) >= 0);
	CHECK_ERR(open("lf", O_CREAT | O_EXCL | O_WRONLY, 0600), EEXIST);
	CHECK_ERR(open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0600), EEXIST);
	CHECK(open("dangling", O_CREAT | O_WRONLY, 0600) >= 0);
	CHECK(inode_of("nowhere") != 0);
	CHECK_ERR(mkdir("dangling", 0700), EEXIST);
	uproot();
}

TEST(forty_links_are_followed_and_not_one_more)
{
	char name[16], to[16];
	int i;

	plant();
	make_file("c0");
	for (i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		snprintf(to, sizeof(to), "c%d", i - 1);
		NEED(symlink(to, name) == 0);
	}
	CHECK(inode_of("c40") == inode_of("c0"));
	CHECK_ERR(open("c41", O_RDONLY), ELOOP);
	uproot();
}

TEST(names_of_255_fit_and_of_256_do_not)
{
	char name[PATH_MAX + 8];

	plant();
	memset(name, 'n', sizeof(name));
	name[255] = 0;
	make_file(name);
	CHECK(inode_of(name) != 0);
	CHECK(unlink(name) == 0);
	name[255] = 'n';
	name[256] = 0;
	CHECK_ERR(open(name, O_RDONLY), ENAMETOOLONG);
	CHECK_ERR(mkdir(name, 0700), ENAMETOOLONG);
	memset(name, '/', sizeof(name));
	name[PATH_MAX - 1] = 0;
	CHECK(inode_of(name) == inode_of("/"));
	name[PATH_MAX - 1] = '/';
	name[PATH_MAX] = 0;
	CHECK_ERR(open(name, O_RDONLY), ENAMETOOLONG);
	uproot();
}

TEST(last_components_that_are_none)
{
	plant();
	CHECK_ERR(mkdir(".", 0700), EEXIST);
	CHECK_ERR(mkdir("/", 0700), EEXIST);
	CHECK_ERR(mkdir("d/..", 0700), EEXIST);
	CHECK_ERR(rmdir("d/e/."), EINVAL);
	CHECK_ERR(rmdir("d/e/.."), ENOTEMPTY);
	CHECK_ERR(rmdir("/"), EBUSY);
	CHECK_ERR(rmdir("d"), ENOTEMPTY);
	CHECK_ERR(rmdir("d/f"), ENOTDIR);
	CHECK_ERR(rmdir("l"), ENOTDIR);
	CHECK_ERR(unlink("d"), EISDIR);
	CHECK_ERR(unlink("d/f/"), ENOTDIR);
	CHECK_ERR(unlink("nothing"), ENOENT);
	CHECK_ERR(open("d/", O_CREAT | O_WRONLY, 0600), EISDIR);
	CHECK_ERR(open("new/", O_CREAT | O_WRONLY, 0600), EISDIR);
	CHECK_ERR(open("d", O_WRONLY), EISDIR);
	CHECK_ERR(open("d/f", O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_ERR(rename(".", "x"), EBUSY);
	CHECK_ERR(rename("d", "d/e/x"), EINVAL);
	CHECK_ERR(rename("d/e", "d"), ENOTEMPTY);
	CHECK_ERR(rename("d", "hard"), ENOTDIR);
	CHECK_ERR(rename("hard", "d"), EISDIR);
	CHECK_ERR(symlink("", "x"), ENOENT);
	CHECK(mkdir("new/", 0700) == 0);
	uproot();
}

/* What `> /dev/stdout` does. */
TEST(a_magic_link_can_be_opened_for_creating)
{
	char link[64];
	int p[2], fd;

	NEED(pipe(p) == 0);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", p[1]);
	fd = open(link, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && write(fd, "x", 1) == 1);
	CHECK(open("/proc/self/exe", O_RDONLY | O_CREAT, 0600) >= 0);
	CHECK_ERR(open("/proc/self/cwd", O_RDONLY | O_CREAT, 0600), EISDIR);
	CHECK_ERR(open("/", O_RDONLY | O_CREAT, 0600), EISDIR);
	CHECK_ERR(open(".", O_RDONLY | O_CREAT, 0600), EISDIR);
}

TEST(a_chroot_is_the_top)
{
	struct stat a, b;

	if (geteuid())
		SKIP("needs root");
	plant();
	NEED(stat("d", &a) == 0);
	NEED(chroot("d") == 0);
	NEED(chdir("/") == 0);
	CHECK(stat("/", &b) == 0 && a.st_ino == b.st_ino);
	CHECK(stat("/../..", &b) == 0 && a.st_ino == b.st_ino);
	CHECK(stat("/e", &b) == 0);
	CHECK_ERR(stat("/etc", &b), ENOENT);
}

TEST(getcwd_tells_how_one_came_here)
{
	char buf[PATH_MAX], want[96];

	plant();
	NEED(chdir("ll/e") == 0);
	snprintf(want, sizeof(want), "%s/d/e", ground);
	CHECK(getcwd(buf, sizeof(buf)) && strcmp(buf, want) == 0);
	CHECK_ERR(syscall(SYS_getcwd, buf, 3), ERANGE);
	NEED(rename("../../d", "../../moved") == 0);
	snprintf(want, sizeof(want), "%s/moved/e", ground);
	CHECK(getcwd(buf, sizeof(buf)) && strcmp(buf, want) == 0);
	NEED(mkdir("gone", 0700) == 0);
	NEED(chdir("gone") == 0);
	NEED(rmdir("../gone") == 0);
	CHECK_ERR(syscall(SYS_getcwd, buf, sizeof(buf)), ENOENT);
	CHECK_ERR(open("x", O_CREAT | O_WRONLY, 0600), ENOENT);
	CHECK(chdir("..") == 0);
	uproot();
}

TEST(descriptors_are_starting_points)
{
	struct stat a, b;
	int fd, pfd;

	plant();
	fd = open("d", O_RDONLY | O_DIRECTORY);
	pfd = open("d/f", O_PATH);
	NEED(fd >= 0 && pfd >= 0);
	CHECK(fstatat(fd, "f", &a, 0) == 0);
	CHECK(fstatat(pfd, "", &b, AT_EMPTY_PATH) == 0);
	CHECK(a.st_ino == b.st_ino);
	CHECK_ERR(fstatat(pfd, "x", &b, 0), ENOTDIR);
	CHECK_ERR(fstatat(999, "x", &b, 0), EBADF);
	CHECK_ERR(fstatat(fd, "", &b, 0), ENOENT);
	CHECK(fstatat(999, "/", &b, 0) == 0);
	CHECK_ERR(read(pfd, &a, 1), EBADF);
	CHECK_ERR(syscall(SYS_fchmod, pfd, 0600), EBADF);
	CHECK_EQ(fcntl(pfd, F_GETFL) & O_PATH, O_PATH);
	CHECK(mkdirat(fd, "made", 0700) == 0);
	CHECK(unlinkat(fd, "made", AT_REMOVEDIR) == 0);
	CHECK(renameat(fd, "f", AT_FDCWD, "f2") == 0);
	CHECK(inode_of("f2") == a.st_ino);
	CHECK(fchdir(fd) == 0 && inode_of("e") != 0);
	CHECK_ERR(fchdir(pfd), ENOTDIR);
	uproot();
}

static volatile int *stop;

static void rename_for_ever(const char *a, const char *b)
{
	while (!*stop) {
		if (rename(a, b))
			_exit(1);
		if (rename(b, a))
			_exit(2);
	}
	_exit(0);
}

/* One of two names is there at any time; a reader of both finds one. */
TEST(renames_and_lookups_at_once)
{
	int i, j, found, status;
	pid_t pid;

	plant();
	stop = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	make_file("one");
	pid = fork();
	if (pid == 0)
		rename_for_ever("one", "d/two");
	for (i = 0; i < 500; i++) {
		for (j = found = 0; j < 1000 && !found; j++)
			found = !access("one", F_OK) || !access("d/two", F_OK);
		CHECK(found);
		CHECK(inode_of("d/e/g") != 0);
	}
	*stop = 1;
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	uproot();
}

TEST(exchange_and_noreplace)
{
	ino_t d, f;

	plant();
	d = inode_of("d");
	f = inode_of("hard");
	CHECK_ERR(syscall(SYS_renameat2, AT_FDCWD, "d", AT_FDCWD, "hard", 1),
		  EEXIST);
	CHECK(syscall(SYS_renameat2, AT_FDCWD, "d", AT_FDCWD, "hard", 2) == 0);
	CHECK(inode_of("hard") == d && inode_of("d") == f);
	CHECK(inode_of("hard/e/g") != 0);
	CHECK_ERR(syscall(SYS_renameat2, AT_FDCWD, "d", AT_FDCWD, "none", 2),
		  ENOENT);
	CHECK_ERR(syscall(SYS_renameat2, AT_FDCWD, "d", AT_FDCWD, "hard", 3),
		  EINVAL);
	CHECK(syscall(SYS_renameat2, AT_FDCWD, "d", AT_FDCWD, "none", 1) == 0);
	uproot();
}

struct open_how_abi {
	unsigned long long flags, mode, resolve;
};

TEST(openat2_resolves_as_told)
{
	struct open_how_abi how = { .flags = O_RDONLY };
	int dfd, fd;

	plant();
	dfd = open("d", O_RDONLY);
	fd = syscall(SYS_openat2, dfd, "f", &how, sizeof(how));
	if (fd < 0 && errno == ENOSYS)
		SKIP("no openat2");
	CHECK(fd >= 0);
	how.resolve = 0x08;           /* BENEATH */
	CHECK(syscall(SYS_openat2, dfd, "e/../f", &how, sizeof(how)) >= 0);
	CHECK_ERR(syscall(SYS_openat2, dfd, "../hard", &how, sizeof(how)),
		  EXDEV);
	CHECK_ERR(syscall(SYS_openat2, dfd, "/etc", &how, sizeof(how)), EXDEV);
	how.resolve = 0x10;           /* IN_ROOT */
	CHECK(syscall(SYS_openat2, dfd, "/../f", &how, sizeof(how)) >= 0);
	CHECK_ERR(syscall(SYS_openat2, dfd, "/etc", &how, sizeof(how)),
		  ENOENT);
	how.resolve = 0x04;           /* NO_SYMLINKS */
	CHECK_ERR(syscall(SYS_openat2, AT_FDCWD, "l/f", &how, sizeof(how)),
		  ELOOP);
	how.resolve = 0x80;
	CHECK_ERR(syscall(SYS_openat2, dfd, "f", &how, sizeof(how)), EINVAL);
	uproot();
}

TAP_MAIN()
