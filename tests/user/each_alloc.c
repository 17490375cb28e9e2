/* SPDX-License-Identifier: MIT */
/*
 * each_alloc.c -- each allocation of a call fails in turn, and nothing is lost
 *
 * A call is made with its first allocation failing, then with its second, and
 * so on until it comes to its end.  A call that failed must have changed
 * nothing; the one that succeeds must have done its work; and ten times all of
 * it leaves no object behind.  tests/boot/ext2.py runs it on a disk, for e2fsck
 * to judge.
 *
 * Needs a debug build's /proc/fail-nth; in $TEST_DIR (or /tmp).
 */

#include "tap.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define MOST 200                /* allocations of one call */
#define CACHES 256
#define TURNS 10
#define CALLS (sizeof(calls) / sizeof(calls[0]))
#define EXCHANGE 2
#define WHITEOUT 4

static int control;             /* /proc/fail-nth */
static char data[40000];

static void arm(int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	if (write(control, text, len) != len)
		abort();
}

/* Was the armed failure not reached? */
static int was_spared(void)
{
	char text[16] = "0";

	/* What is left is more than the reading itself takes. */
	if (pread(control, text, sizeof(text) - 1, 0) < 0)
		text[0] = '0';
	arm(0);
	return atoi(text) > 0;
}

static void begin(void)
{
	const char *base = getenv("TEST_DIR");
	char name[200];

	control = open("/proc/fail-nth", O_RDWR | O_CLOEXEC);
	if (control < 0)
		SKIP("no /proc/fail-nth: not a debug build");
	was_spared();                 /* the reading has its memory now */
	snprintf(name, sizeof(name), "%s/alloc-XXXXXX", base ? base : "/tmp");
	NEED(mkdtemp(name) != NULL && chdir(name) == 0);
}

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	sync();
	if (fd >= 0 && write(fd, "3", 1) < 0)
		printf("# caches were not dropped\n");
	close(fd);
}

struct call {
	const char *name;
	long (*make)(void);     /* -1 and errno, or not */
	int (*done)(void);      /* has it been done? */
	void (*undo)(void);
};

static int exists(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0;
}

static long size_of(const char *name)
{
	struct stat st;

	return lstat(name, &st) ? -1 : st.st_size;
}

static long make_file(void)
{
	int fd = open("d/new", O_CREAT | O_EXCL | O_WRONLY, 0644);

	return fd < 0 ? -1 : close(fd);
}

static int has_new(void) { return exists("d/new"); }
static void undo_new(void) { unlink("d/new"); }
static long make_dir(void) { return mkdir("d/new", 0755); }
static void undo_dir(void) { rmdir("d/new"); }
static long make_link(void) { return link("d/old", "d/new"); }
static long make_short(void) { return symlink("old", "d/new"); }
static long make_node(void) { return mknod("d/new", S_IFIFO | 0644, 0); }

static long make_long(void)
{
	char text[300];

	memset(text, 'l', sizeof(text));
	text[299] = 0;
	return symlink(text, "d/new");
}

static long move(void) { return rename("d/old", "d/new"); }
static void undo_move(void) { rename("d/new", "d/old"); }

static long move_dir(void) { return rename("d/sub", "e/sub"); }
static int has_moved_dir(void) { return exists("e/sub"); }
static void undo_move_dir(void) { rename("e/sub", "d/sub"); }

static long leave_whiteout(void)
{
	return syscall(SYS_renameat2, AT_FDCWD, "d/old", AT_FDCWD, "d/new",
		       WHITEOUT);
}

static long exchange(void)
{
	return syscall(SYS_renameat2, AT_FDCWD, "d/old", AT_FDCWD, "e/sub2",
		       EXCHANGE);
}

static int has_exchanged(void)
{
	struct stat st;

	return stat("d/old", &st) == 0 && S_ISDIR(st.st_mode);
}

static void undo_exchange(void) { exchange(); }

static long remove_file(void) { return unlink("d/old"); }
static int is_removed(void) { return !exists("d/old"); }

static void undo_remove(void)
{
	int fd = open("d/old", O_CREAT | O_WRONLY, 0644);

	CHECK(fd >= 0 && write(fd, data, 5000) == 5000);
	close(fd);
}

static long remove_dir(void) { return rmdir("d/empty"); }
static int is_dir_removed(void) { return !exists("d/empty"); }
static void undo_remove_dir(void) { mkdir("d/empty", 0755); }

static long set_attr(void) { return setxattr("d/old", "user.a", data, 500, 0); }
static int has_attr(void) { return getxattr("d/old", "user.a", 0, 0) == 500; }
static void undo_attr(void) { removexattr("d/old", "user.a"); }

static long shorten(void) { return truncate("d/big", 15000); }
static int is_short(void) { return size_of("d/big") == 15000; }

static void undo_shorten(void)
{
	int fd = open("d/big", O_CREAT | O_WRONLY, 0644);

	CHECK(fd >= 0 && pwrite(fd, data, sizeof(data), 0) == sizeof(data));
	CHECK(pwrite(fd, data, 100, 500000) == 100);
	close(fd);
}

/* All or nothing of it: it is less than a page. */
static long append(void)
{
	int fd = open("d/old", O_WRONLY), err;
	long n = fd < 0 ? -1 : pwrite(fd, data, 2000, 5000);

	err = errno;
	if (fd >= 0)
		close(fd);
	errno = err;
	return n == 2000 ? 0 : -1;
}

static int is_appended(void) { return size_of("d/old") == 7000; }
static void undo_append(void) { CHECK_EQ(truncate("d/old", 5000), 0); }

static long look_up(void)
{
	struct stat st;

	return stat("d/sub/deep/file", &st);
}

/*
 * The raw call: a C library would ask for memory of its own, and a page fault
 * has nobody to tell.
 */
static long list(void)
{
	int fd = open("d/sub", O_RDONLY | O_DIRECTORY), err;
	long n = fd < 0 ? -1 : syscall(SYS_getdents64, fd, data, sizeof(data));

	err = errno;
	if (fd >= 0)
		close(fd);
	errno = err;
	return n < 0 ? -1 : 0;
}

/* What was read in is right, however little memory there was before. */
static long load(void)
{
	int fd = open("d/big", O_RDONLY), err;
	long n = fd < 0 ? -1 : pread(fd, data, 100, 500000);

	err = errno;
	if (fd >= 0)
		close(fd);
	errno = err;
	return n == 100 ? 0 : -1;
}

/* New blocks behind an indirect one, and their way to the disk. */
static long store(void)
{
	int fd = open("d/far", O_CREAT | O_WRONLY, 0644), err;
	long n = fd < 0 ? -1 : pwrite(fd, data, 1000, 300000);

	if (n == 1000 && fsync(fd))
		n = -1;
	err = errno;
	if (fd >= 0)
		close(fd);
	errno = err;
	return n == 1000 ? 0 : -1;
}

static void undo_store(void) { unlink("d/far"); }

static long map(void)
{
	int fd = open("d/big", O_RDWR), err;
	void *at = fd < 0 ? MAP_FAILED : mmap(NULL, 40000, PROT_READ,
					      MAP_SHARED, fd, 0);

	err = errno;
	if (at != MAP_FAILED)
		munmap(at, 40000);
	if (fd >= 0)
		close(fd);
	errno = err;
	return at == MAP_FAILED ? -1 : 0;
}

static int no_trace(void) { return 0; }
static void no_undo(void) { }

static const struct call calls[] = {
	{ "create", make_file, has_new, undo_new },
	{ "mkdir", make_dir, has_new, undo_dir },
	{ "link", make_link, has_new, undo_new },
	{ "symlink", make_short, has_new, undo_new },
	{ "long symlink", make_long, has_new, undo_new },
	{ "mknod", make_node, has_new, undo_new },
	{ "rename", move, has_new, undo_move },
	{ "rename of a directory", move_dir, has_moved_dir, undo_move_dir },
	{ "rename with a whiteout", leave_whiteout, has_new, undo_move },
	{ "exchange", exchange, has_exchanged, undo_exchange },
	{ "unlink", remove_file, is_removed, undo_remove },
	{ "rmdir", remove_dir, is_dir_removed, undo_remove_dir },
	{ "setxattr", set_attr, has_attr, undo_attr },
	{ "truncate", shorten, is_short, undo_shorten },
	{ "append", append, is_appended, undo_append },
	{ "lookup", look_up, no_trace, no_undo },
	{ "readdir", list, no_trace, no_undo },
	{ "read", load, no_trace, no_undo },
	{ "mmap", map, no_trace, no_undo },
	{ "write and fsync", store, no_trace, undo_store },
};

/* What a call that met the failure, or not, has left: as it says? */
static void judge(const struct call *c, int n, long got, int err)
{
	int done = c->done();

	if (got == 0 && c->done != no_trace && !done) {
		printf("# %s, allocation %d: it is not done\n", c->name, n);
		CHECK(!"what succeeds is done");
	}
	if (got < 0 && done) {
		printf("# %s, allocation %d: errno %d, but it is done\n",
		       c->name, n, err);
		CHECK(!"what fails is not done");
	}
	if (got < 0 && err != ENOMEM && err != ENOSPC) {
		printf("# %s, allocation %d: errno %d\n", c->name, n, err);
		CHECK(!"it says that memory is out");
	}
	if (done || c->done == no_trace)
		c->undo();
}

/*
 * The call with its n-th allocation failing, from 1 until none is left to fail:
 * with names and blocks in memory, or cold.  Returns the number of sites.
 */
static int try_each_site(const struct call *c, int cold)
{
	int n, err, spared = 0;
	long got;

	for (n = 1; n < MOST && !spared; n++) {
		if (cold)
			drop_caches();
		arm(n);
		errno = 0;
		got = c->make();
		err = errno;
		spared = was_spared();
		if (got < 0 && (err == EOPNOTSUPP || err == EINVAL))
			return 0;
		judge(c, n, got, err);
	}
	CHECK(n < MOST);
	return n - 2;
}

static void plant(void)
{
	begin();
	memset(data, 'd', sizeof(data));        /* no fault on it later */
	NEED(mkdir("d", 0755) == 0 && mkdir("e", 0755) == 0);
	NEED(mkdir("d/sub", 0755) == 0 && mkdir("d/sub/deep", 0755) == 0);
	NEED(mkdir("d/empty", 0755) == 0 && mkdir("e/sub2", 0755) == 0);
	close(open("d/sub/deep/file", O_CREAT | O_WRONLY, 0644));
	undo_remove();
	undo_shorten();
}

TEST(a_call_without_memory_changes_nothing)
{
	int sites, sum = 0;

	plant();
	for (unsigned i = 0; i < CALLS; i++)
		for (int cold = 0; cold < 2; cold++) {
			sites = try_each_site(&calls[i], cold);
			printf("# %s%s: %d sites\n", calls[i].name,
			       cold ? ", cold" : "", sites);
			sum += sites;
		}
	CHECK(sum > (int)CALLS);        /* something did fail */
}

/* Objects in use of all caches, once nothing is kept for later. */
static long count_objects(long *each, int most)
{
	char line[256];
	long sum = 0;
	int n = 0;
	FILE *f;

	drop_caches();
	usleep(100000);                 /* what dies later has died */
	drop_caches();
	f = fopen("/proc/slabinfo", "r");
	NEED(f != NULL);
	while (fgets(line, sizeof(line), f) && n < most)
		if (sscanf(line, "%*s %ld", &each[n]) == 1)
			sum += each[n++];
	fclose(f);
	return sum;
}

TEST(a_call_without_memory_leaks_nothing)
{
	static long before[CACHES], after[CACHES];

	plant();
	for (int turn = -1; turn < TURNS; turn++) {
		if (turn == 0)
			count_objects(before, CACHES);
		for (unsigned i = 0; i < CALLS; i++)
			try_each_site(&calls[i], 0);
	}
	count_objects(after, CACHES);
	for (int i = 0; i < CACHES; i++)
		if (after[i] - before[i] >= TURNS) {
			printf("# cache %d: from %ld to %ld objects\n", i,
			       before[i], after[i]);
			CHECK(!"as many objects as before");
		}
}

TAP_MAIN()
