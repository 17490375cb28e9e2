/* SPDX-License-Identifier: MIT */
/*
 * memory_calls.c -- the rarer calls on memory: policies and nodes, protection
 * keys, remap_file_pages, mlock2, madvise's orders
 *
 * Of nodes, this speaks of machines that have one: with more, those tests skip.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tap.h"

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define WILD ((void *)0xdeadbeef000)

enum { DEFAULT, PREFERRED, BIND, INTERLEAVE, LOCAL, MANY };
#define F_STATIC (1 << 15)
#define F_RELATIVE (1 << 14)
#define F_NODE 1
#define F_ADDR 2
#define F_MEMS 4

#define MADV_REMOVE_ 9
#define MADV_WIPEONFORK_ 18
#define MADV_KEEPONFORK_ 19
#define MADV_COLD_ 20
#define MADV_PAGEOUT_ 21
#define MADV_POPULATE_READ_ 22
#define MADV_POPULATE_WRITE_ 23
#define MLOCK_ONFAULT_ 1
#define MCL_ONFAULT_ 4

static unsigned long one[16] = { 1 }, none[16], other[16] = { 2 };

static char *map(int pages)
{
	char *p = mmap(NULL, pages * PAGE, RW, ANON, -1, 0);

	NEED(p != MAP_FAILED);
	return p;
}

static int present(char *p)
{
	unsigned char vec = 0;

	NEED(mincore(p, PAGE, &vec) == 0);
	return vec & 1;
}

#define FAILS(call, e) do {						\
	errno = 0;							\
	CHECK((call) == -1);						\
	CHECK_EQ(errno, (e));						\
} while (0)

/* ---- policies ------------------------------------------------------------ */

#define set_pol(m, n, max) syscall(SYS_set_mempolicy, (m), (n), (max))
#define get_pol(p, n, max, a, f) \
	syscall(SYS_get_mempolicy, (p), (n), (max), (a), (f))
#define bind(p, l, m, n, max, f) \
	syscall(SYS_mbind, (p), (l), (m), (n), (max), (f))

static void need_one_node(void)
{
	unsigned long mask[16] = { 0 };

	if (get_pol(NULL, mask, 1024, 0, F_MEMS) && errno == ENOSYS)
		SKIP("a kernel without CONFIG_NUMA");
	if (mask[0] != 1)
		SKIP("more than one node");
}

TEST(policy_that_was_set_is_read_back_and_inherited)
{
	unsigned long mask[16] = { 7 };
	int pol = 99, status;

	need_one_node();
	CHECK(get_pol(&pol, mask, 1024, 0, 0) == 0);
	CHECK(pol == DEFAULT && mask[0] == 0);
	CHECK(set_pol(BIND, one, 1024) == 0);
	CHECK(get_pol(&pol, mask, 1024, 0, 0) == 0);
	CHECK(pol == BIND && mask[0] == 1);
	pid_t pid = fork();
	if (pid == 0)
		_exit(get_pol(&pol, NULL, 0, 0, 0) || pol != BIND);
	waitpid(pid, &status, 0);
	CHECK(status == 0);
	CHECK(set_pol(PREFERRED, none, 1024) == 0);
	CHECK(get_pol(&pol, mask, 1024, 0, 0) == 0);
	CHECK(pol == LOCAL && mask[0] == 0);
	CHECK(set_pol(INTERLEAVE, one, 1024) == 0);
	CHECK(get_pol(&pol, NULL, 0, 0, F_NODE) == 0 && pol == 0);
	CHECK(set_pol(DEFAULT, NULL, 0) == 0);
}

TEST(policies_that_cannot_be_are_refused)
{
	unsigned long far[64] = { 0 };

	need_one_node();
	far[63] = 1;
	FAILS(set_pol(7, one, 64), EINVAL);
	FAILS(set_pol(-1, one, 64), EINVAL);
	FAILS(set_pol(DEFAULT, one, 64), EINVAL);
	FAILS(set_pol(LOCAL, one, 64), EINVAL);
	FAILS(set_pol(BIND, none, 64), EINVAL);
	FAILS(set_pol(BIND, NULL, 0), EINVAL);
	FAILS(set_pol(BIND, other, 64), EINVAL);
	FAILS(set_pol(BIND | F_STATIC | F_RELATIVE, one, 64), EINVAL);
	FAILS(set_pol(BIND, WILD, 64), EFAULT);
	FAILS(set_pol(BIND, far, 4096), EINVAL);
	FAILS(set_pol(BIND, one, 1UL << 40), EINVAL);
	FAILS(get_pol(NULL, none, 0, 0, 0), EINVAL);
	FAILS(get_pol(NULL, NULL, 0, map(1), 0), EINVAL);
	FAILS(get_pol(NULL, NULL, 0, 0, 64), EINVAL);
	FAILS(get_pol(NULL, NULL, 0, 0, F_NODE), EINVAL);
	FAILS(get_pol(NULL, NULL, 0, 0, F_MEMS | F_NODE), EINVAL);
	FAILS(get_pol(NULL, NULL, 0, WILD, F_ADDR), EFAULT);
	FAILS(get_pol(WILD, NULL, 0, 0, 0), EFAULT);
}

TEST(mbind_gives_a_range_a_policy_of_its_own)
{
	unsigned long mask[16] = { 0 };
	char *p = map(8);
	int pol;

	need_one_node();
	CHECK(bind(p + 2 * PAGE, 2 * PAGE, BIND, one, 64, 0) == 0);
	CHECK(get_pol(&pol, mask, 1024, p + 2 * PAGE, F_ADDR) == 0);
	CHECK(pol == BIND && mask[0] == 1);
	CHECK(get_pol(&pol, mask, 1024, p, F_ADDR) == 0 && pol == DEFAULT);
	CHECK(get_pol(&pol, mask, 1024, p + 4 * PAGE, F_ADDR) == 0);
	CHECK(pol == DEFAULT && mask[0] == 0);
	CHECK(get_pol(&pol, NULL, 0, p + 3 * PAGE, F_ADDR | F_NODE) == 0);
	CHECK(pol == 0);
	p[3 * PAGE] = 1;
	CHECK(bind(p, 8 * PAGE, DEFAULT, NULL, 0, 0) == 0);
	CHECK(get_pol(&pol, NULL, 0, p + 2 * PAGE, F_ADDR) == 0);
	CHECK(pol == DEFAULT && p[3 * PAGE] == 1);
	FAILS(bind(p + 1, PAGE, BIND, one, 64, 0), EINVAL);
	FAILS(bind(p, PAGE, BIND, one, 64, 64), EINVAL);
	munmap(p + 4 * PAGE, PAGE);
	FAILS(bind(p, 8 * PAGE, BIND, one, 64, 0), EFAULT);
	CHECK(bind(p, 0, BIND, one, 64, 0) == 0);
}

TEST(move_pages_tells_where_pages_are)
{
	char *p = map(2);
	void *pages[3] = { p, p + PAGE, WILD };
	int status[3] = { 9, 9, 9 }, nodes[3] = { 0, 0, 0 };

	need_one_node();
	*p = 1;
	CHECK(syscall(SYS_move_pages, 0, 3L, pages, NULL, status, 0) == 0);
	CHECK_EQ(status[0], 0);
	/* Linux says EFAULT where not even a page table is. */
	CHECK(status[1] == -ENOENT || status[1] == -EFAULT);
	CHECK_EQ(status[2], -EFAULT);
	CHECK(syscall(SYS_move_pages, 0, 1L, pages, nodes, status, 2) == 0);
	CHECK_EQ(status[0], 0);
	nodes[0] = 5000;
	FAILS(syscall(SYS_move_pages, 0, 1L, pages, nodes, status, 2), ENODEV);
	FAILS(syscall(SYS_move_pages, 0, 1L, WILD, NULL, status, 0), EFAULT);
	FAILS(syscall(SYS_move_pages, 0, 1L, pages, NULL, status, 64), EINVAL);
	FAILS(syscall(SYS_move_pages, 0x3fffff, 1L, pages, NULL, status, 0),
	      ESRCH);
	CHECK(syscall(SYS_migrate_pages, 0, 64L, one, one) == 0);
	FAILS(syscall(SYS_migrate_pages, 0, 64L, one, other), EINVAL);
	FAILS(syscall(SYS_migrate_pages, 0, 64L, WILD, one), EFAULT);
}

/* ---- protection keys ----------------------------------------------------- */

TEST(protection_keys_are_refused_or_work)
{
	char *p = map(1);
	long key = syscall(SYS_pkey_alloc, 0L, 0L);

	if (key < 0)
		CHECK(errno == ENOSPC || errno == EINVAL);
	else
		CHECK(syscall(SYS_pkey_free, key) == 0);
	FAILS(syscall(SYS_pkey_alloc, 1L, 0L), EINVAL);
	FAILS(syscall(SYS_pkey_alloc, 0L, 4L), EINVAL);
	FAILS(syscall(SYS_pkey_free, 14L), EINVAL);
	CHECK(syscall(SYS_pkey_mprotect, p, PAGE, PROT_READ, -1L) == 0);
	FAILS(syscall(SYS_pkey_mprotect, p, PAGE, PROT_READ, 14L), EINVAL);
}

/* ---- remap_file_pages ---------------------------------------------------- */

#define remap(p, l, prot, off, f) \
	syscall(SYS_remap_file_pages, (p), (l), (long)(prot), (long)(off), \
		(long)(f))

TEST(remap_file_pages_turns_a_window_round)
{
	FILE *f = tmpfile();
	char *p;

	NEED(f && ftruncate(fileno(f), 4 * PAGE) == 0);
	p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fileno(f), 0);
	NEED(p != MAP_FAILED);
	for (int i = 0; i < 4; i++)
		p[i * PAGE] = 'a' + i;
	for (int i = 0; i < 4; i++)
		NEED(remap(p + i * PAGE, PAGE, 0, 3 - i, 0) == 0);
	for (int i = 0; i < 4; i++)
		CHECK(p[i * PAGE] == 'd' - i);
	p[0] = 'z';
	CHECK(pread(fileno(f), p + 1, 1, 3 * PAGE) == 1 && p[1] == 'z');
	FAILS(remap(p, PAGE, PROT_READ, 0, 0), EINVAL);
	FAILS(remap(p, 0, 0, 0, 0), EINVAL);
	FAILS(remap(map(1), PAGE, 0, 0, 0), EINVAL);
	FAILS(remap(WILD, PAGE, 0, 0, 0), EINVAL);
}

/* The same, of memory that is shared and has no file. */
TEST(remap_file_pages_turns_shared_memory_round)
{
	char *p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	NEED(p != MAP_FAILED);
	for (int i = 0; i < 4; i++)
		p[i * PAGE] = 'a' + i;
	for (int i = 0; i < 4; i++)
		NEED(remap(p + i * PAGE, PAGE, 0, 3 - i, 0) == 0);
	for (int i = 0; i < 4; i++)
		CHECK(p[i * PAGE] == 'd' - i);
	FAILS(remap(p, 8 * PAGE, 0, 0, 0), EINVAL);
	NEED(mlock(p, 4 * PAGE) == 0);
	NEED(remap(p, 2 * PAGE, 0, 0, MAP_NONBLOCK) == 0);
	CHECK(p[0] == 'a' && p[PAGE] == 'b' && p[2 * PAGE] == 'b');
	p[PAGE] = 'z';
	CHECK(p[2 * PAGE] == 'z');
	NEED(remap(p, 4 * PAGE, 0, 0, 0) == 0);
	CHECK(p[0] == 'a' && p[PAGE] == 'z' && p[3 * PAGE] == 'd');
	munmap(p, 4 * PAGE);
}

/* ---- locking ------------------------------------------------------------- */

static long locked_kb(void)
{
	char line[128];
	long kb = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "VmLck: %ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

TEST(mlock_makes_present_and_mlock_onfault_does_not)
{
	char *p = map(4);

	NEED(mlock(p, 2 * PAGE) == 0);
	CHECK(present(p) && present(p + PAGE));
	CHECK_EQ(locked_kb(), 8);
	NEED(syscall(SYS_mlock2, p + 2 * PAGE, 2 * PAGE, MLOCK_ONFAULT_) == 0);
	CHECK(!present(p + 2 * PAGE));
	CHECK_EQ(locked_kb(), 16);
	p[3 * PAGE] = 1;
	CHECK(present(p + 3 * PAGE) && !present(p + 2 * PAGE));
	NEED(mlock(p, 4 * PAGE) == 0);
	CHECK(present(p + 2 * PAGE));
	CHECK_EQ(locked_kb(), 16);
	NEED(munlock(p, 4 * PAGE) == 0);
	CHECK_EQ(locked_kb(), 0);
	FAILS(syscall(SYS_mlock2, p, PAGE, 2), EINVAL);
	FAILS(mlock(WILD, PAGE), ENOMEM);
}

TEST(mlockall_onfault_locks_what_comes_when_it_is_touched)
{
	char *p;

	FAILS(mlockall(MCL_ONFAULT_), EINVAL);
	FAILS(mlockall(8), EINVAL);
	FAILS(mlockall(0), EINVAL);
	NEED(mlockall(MCL_FUTURE | MCL_ONFAULT_) == 0);
	p = map(2);
	CHECK(!present(p));
	NEED(mlockall(MCL_FUTURE) == 0);
	p = map(2);
	CHECK(present(p) && present(p + PAGE));
	NEED(munlockall() == 0);
	CHECK_EQ(locked_kb(), 0);
}

TEST(locking_is_limited_for_users)
{
	struct rlimit lim = { 4 * PAGE, 4 * PAGE };
	char *p;

	NEED(setrlimit(RLIMIT_MEMLOCK, &lim) == 0);
	if (setuid(1000))
		SKIP("not root");
	p = map(8);
	CHECK(mlock(p, 4 * PAGE) == 0);
	CHECK(mlock(p, 4 * PAGE) == 0);
	FAILS(mlock(p, 5 * PAGE), ENOMEM);
	FAILS(mlockall(MCL_CURRENT), ENOMEM);
	CHECK(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0) == MAP_FAILED);
	CHECK_EQ(errno, EAGAIN);
	lim = (struct rlimit){ 0, 0 };
	NEED(setrlimit(RLIMIT_MEMLOCK, &lim) == 0);
	FAILS(mlock(p + 6 * PAGE, PAGE), EPERM);
	CHECK(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0) == MAP_FAILED);
	CHECK(errno == EPERM || errno == ENOMEM);       /* musl says the latter */
}

TEST(map_populate_and_map_locked_make_present)
{
	char *p = mmap(NULL, 4 * PAGE, RW, ANON | MAP_POPULATE, -1, 0);

	NEED(p != MAP_FAILED);
	CHECK(present(p) && present(p + 3 * PAGE));
	p = mmap(NULL, 2 * PAGE, RW, ANON | MAP_LOCKED, -1, 0);
	NEED(p != MAP_FAILED);
	CHECK(present(p + PAGE) && locked_kb() == 8);
}

/* ---- advice that is an order --------------------------------------------- */

TEST(madvise_remove_punches_a_hole_into_the_file)
{
	FILE *f = tmpfile();
	char c = 9, *p;

	NEED(f && ftruncate(fileno(f), 4 * PAGE) == 0);
	p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fileno(f), 0);
	NEED(p != MAP_FAILED);
	memset(p, 'x', 4 * PAGE);
	if (madvise(p + PAGE, 2 * PAGE, MADV_REMOVE_) && errno == EOPNOTSUPP)
		SKIP("no holes in this file system");
	CHECK(p[0] == 'x' && p[PAGE] == 0 && p[3 * PAGE - 1] == 0);
	CHECK(p[3 * PAGE] == 'x');
	CHECK(pread(fileno(f), &c, 1, PAGE) == 1 && c == 0);
	FAILS(madvise(map(1), PAGE, MADV_REMOVE_), EINVAL);
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE, fileno(f), 0);
	FAILS(madvise(p, PAGE, MADV_REMOVE_), EACCES);
}

TEST(populate_makes_present_for_reading_or_writing)
{
	char *p = map(4);

	if (madvise(p, PAGE, MADV_POPULATE_WRITE_) && errno == EINVAL)
		SKIP("older than Linux 5.14");
	CHECK(present(p) && !present(p + PAGE));
	CHECK(madvise(p + PAGE, PAGE, MADV_POPULATE_READ_) == 0);
	NEED(mprotect(p + 2 * PAGE, PAGE, PROT_READ) == 0);
	FAILS(madvise(p + 2 * PAGE, PAGE, MADV_POPULATE_WRITE_), EINVAL);
	FAILS(madvise(WILD, PAGE, MADV_POPULATE_READ_), ENOMEM);
}

TEST(cold_and_pageout_keep_the_contents)
{
	char *p = map(8);

	for (int i = 0; i < 8; i++)
		p[i * PAGE] = 'a' + i;
	CHECK(madvise(p, 4 * PAGE, MADV_COLD_) == 0);
	CHECK(madvise(p, 8 * PAGE, MADV_PAGEOUT_) == 0);
	for (int i = 0; i < 8; i++)
		CHECK(p[i * PAGE] == 'a' + i);
	if (mlock(p, PAGE) == 0)
		FAILS(madvise(p, PAGE, MADV_COLD_), EINVAL);
}

TEST(dontfork_and_wipeonfork_decide_what_a_child_sees)
{
	char *wiped = map(1), *gone = map(1), *kept = map(1);
	int status;

	*wiped = *gone = *kept = 'x';
	NEED(madvise(wiped, PAGE, MADV_WIPEONFORK_) == 0);
	NEED(madvise(kept, PAGE, MADV_WIPEONFORK_) == 0);
	NEED(madvise(kept, PAGE, MADV_KEEPONFORK_) == 0);
	NEED(madvise(gone, PAGE, MADV_DONTFORK) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		unsigned char vec;

		if (*wiped != 0 || *kept != 'x')
			_exit(1);
		_exit(mincore(gone, PAGE, &vec) == 0 || errno != ENOMEM);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	CHECK(*wiped == 'x' && *gone == 'x');
}

TAP_MAIN()
