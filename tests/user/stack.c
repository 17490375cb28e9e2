/* SPDX-License-Identifier: MIT */
/* stack.c -- the user stack: growth, its limit, guards; and the heap's end */

#include "faults.h"

#include <pthread.h>

/* ---- stack --------------------------------------------------------------- */

static char *volatile lowest;

static __attribute__((noinline)) long deep(long n)
{
	volatile char frame[1024];

	frame[0] = n;
	lowest = (char *)__builtin_frame_address(0);
	return n ? deep(n - 1) + frame[0] : 0;
}

TEST(the_stack_grows_as_it_is_used)
{
	char here;

	deep(4000);
	CHECK(&here - lowest > 4000 * 1024L);
}

TEST(beyond_its_limit_the_stack_faults)
{
	struct rlimit limit = { 1 << 20, RLIM_INFINITY };
	char here;

	NEED(getrlimit(RLIMIT_STACK, &limit) == 0);
	limit.rlim_cur = 1 << 20;
	NEED(setrlimit(RLIMIT_STACK, &limit) == 0);
	catch_faults();
	if (sigsetjmp(after_fault, 1) == 0) {
		deep(20000);
		CHECK(!"the stack has no limit");
	}
	CHECK_EQ(fault_signal, SIGSEGV);
	CHECK(&here - lowest > 700L << 10 && &here - lowest < 1100L << 10);
}

TEST(a_growsdown_area_grows_down_but_not_into_others)
{
	long room = 600;
	char *p = map(room, PROT_NONE, PRIVATE), *top;

	/* An area with free space below it, and one page at the bottom. */
	CHECK_EQ(munmap(p, room * PAGE), 0);
	top = mmap(p + (room - 1) * PAGE, PAGE, RW,
		   PRIVATE | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
	NEED(top != MAP_FAILED);
	CHECK(mmap(p, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0) == p);
	catch_faults();
	CHECK_EQ(touch(top - 1, 1), 0);
	CHECK_EQ(touch(top - 20 * PAGE, 1), 0);
	/* 256 pages above the neighbour stay free. */
	CHECK_EQ(touch(p + 100 * PAGE, 1), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_MAPERR);
}

static void *overflow(void *unused)
{
	catch_faults();
	if (sigsetjmp(after_fault, 1) == 0)
		deep(100000);
	return NULL;
}

TEST(a_threads_stack_ends_in_its_guard)
{
	long size = 64 * PAGE;
	char *stack = map(64 + 1, RW, PRIVATE);
	pthread_attr_t attr;
	pthread_t t;

	CHECK_EQ(mprotect(stack, PAGE, PROT_NONE), 0);
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack + PAGE, size);
	NEED(pthread_create(&t, &attr, overflow, NULL) == 0);
	pthread_join(t, NULL);
	CHECK_EQ(fault_signal, SIGSEGV);
	CHECK_EQ(fault_code, SEGV_ACCERR);
	CHECK(fault_address >= stack && fault_address < stack + PAGE);
}

/* ---- heap ---------------------------------------------------------------- */

static long brk_to(long end)
{
	return syscall(SYS_brk, end);
}

TEST(brk_moves_by_bytes_and_returns_the_end)
{
	long old = brk_to(0);

	CHECK_EQ(brk_to(old + 8192), old + 8192);
	CHECK_EQ(brk_to(0), old + 8192);
	memset((char *)old, 1, 8192);
	CHECK_EQ(brk_to(old + 8193), old + 8193);
	CHECK(*(char *)(old + 8192) == 0);
}

TEST(what_brk_gives_back_faults_and_comes_back_zero)
{
	long old = (brk_to(0) + PAGE - 1) & -PAGE;
	char *p = (char *)old;

	CHECK_EQ(brk_to(old + 4 * PAGE), old + 4 * PAGE);
	memset(p, 5, 4 * PAGE);
	CHECK_EQ(brk_to(old + PAGE), old + PAGE);
	catch_faults();
	CHECK_EQ(touch(p + PAGE, 0), SIGSEGV);
	CHECK(p[PAGE - 1] == 5);
	CHECK_EQ(brk_to(old + 4 * PAGE), old + 4 * PAGE);
	CHECK(p[PAGE] == 0 && p[4 * PAGE - 1] == 0);
}

TEST(brk_refuses_by_staying)
{
	struct rlimit few = { 4 << 20, 4 << 20 };
	long old = brk_to(0);

	CHECK_EQ(brk_to(1), old);
	CHECK_EQ(brk_to(-1), old);
	NEED(setrlimit(RLIMIT_DATA, &few) == 0);
	CHECK_EQ(brk_to(old + (8 << 20)), old);
	char *wall = (char *)((old + 16 * PAGE) & -PAGE);

	CHECK(mmap(wall, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0) == wall);
	CHECK_EQ(brk_to(old + 32 * PAGE), old);
	CHECK(brk_to(0) == old);
}

TAP_MAIN()
