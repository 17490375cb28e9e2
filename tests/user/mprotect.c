/* SPDX-License-Identifier: MIT */
/* mprotect.c -- rights: who is refused what, and that it holds at once */

#include "faults.h"

#include <pthread.h>
#include <sched.h>

TEST(rights_are_enforced_with_code_and_address)
{
	char *p = map(1, PROT_READ, PRIVATE);

	catch_faults();
	CHECK_EQ(touch((char *)8, 1), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_MAPERR);
	CHECK(fault_address == (char *)8);
	CHECK_EQ(touch(p + 9, 1), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_ACCERR);
	CHECK(fault_address == p + 9);
	CHECK_EQ(touch((char *)0xffffffff80000000, 1), SIGSEGV);
	CHECK_EQ(mprotect(p, PAGE, PROT_NONE), 0);
	CHECK_EQ(touch(p, 0), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_ACCERR);
}

TEST(contents_survive_a_time_without_rights)
{
	char *p = map(4, RW, PRIVATE);

	memset(p, 'k', 4 * PAGE);
	CHECK_EQ(mprotect(p, 4 * PAGE, PROT_NONE), 0);
	CHECK_EQ(mprotect(p, 4 * PAGE, PROT_READ), 0);
	for (int i = 0; i < 4 * PAGE; i++)
		NEED(p[i] == 'k');
	CHECK_EQ(mprotect(p, 4 * PAGE, RW), 0);
	p[0] = 'w';
}

TEST(code_runs_only_where_it_may)
{
	/* mov $42, %eax; ret */
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	char *p = map(1, RW, PRIVATE);
	int (*f)(void) = (int (*)(void))p;

	memcpy(p, code, sizeof(code));
	catch_faults();
	if (sigsetjmp(after_fault, 1) == 0) {
		f();
		CHECK(!"executed data");
	}
	CHECK_EQ(fault_signal, SIGSEGV);
	CHECK_EQ(fault_code, SEGV_ACCERR);
	CHECK_EQ(mprotect(p, PAGE, PROT_READ | PROT_EXEC), 0);
	CHECK_EQ(f(), 42);
}

TEST(arguments_are_checked)
{
	char *p = map(3, RW, PRIVATE);

	CHECK_ERR(syscall(SYS_mprotect, p + 1, PAGE, RW), EINVAL);
	CHECK_ERR(syscall(SYS_mprotect, p, PAGE, 0x40), EINVAL);
	CHECK_ERR(syscall(SYS_mprotect, p, PAGE, PROT_GROWSDOWN | PROT_GROWSUP),
		  EINVAL);
	CHECK_ERR(syscall(SYS_mprotect, p, PAGE, RW | PROT_GROWSDOWN), EINVAL);
	CHECK_ERR(syscall(SYS_mprotect, p, -PAGE, RW), ENOMEM);
	CHECK_EQ(syscall(SYS_mprotect, p, 0, RW), 0);
	munmap(p + PAGE, PAGE);
	CHECK_ERR(mprotect(p, 3 * PAGE, PROT_READ), ENOMEM);
	/* What came before the hole has changed all the same. */
	catch_faults();
	CHECK_EQ(touch(p, 1), SIGSEGV);
	CHECK_EQ(touch(p + 2 * PAGE, 1), 0);
}

/* ---- another CPU's stale translations ------------------------------------ */

static char *volatile shared_page;
static volatile long touched, stop;
static volatile int worker_signal;
static sigjmp_buf worker_jump;

static void on_worker_fault(int sig)
{
	worker_signal = sig;
	siglongjmp(worker_jump, 1);
}

static void *hammer(void *unused)
{
	if (sigsetjmp(worker_jump, 1) == 0)
		while (!stop) {
			*shared_page = 1;
			touched++;
		}
	return NULL;
}

static void wait_for_touches(void)
{
	long seen = touched;

	while (touched == seen && !worker_signal)
		sched_yield();
}

TEST(a_running_thread_loses_rights_at_once)
{
	pthread_t t;

	shared_page = map(1, RW, PRIVATE);
	signal(SIGSEGV, on_worker_fault);
	NEED(pthread_create(&t, NULL, hammer, NULL) == 0);
	wait_for_touches();
	CHECK_EQ(mprotect(shared_page, PAGE, PROT_READ), 0);
	pthread_join(t, NULL);
	CHECK_EQ(worker_signal, SIGSEGV);
}

TEST(an_unmapped_page_is_gone_for_a_running_thread)
{
	pthread_t t;

	shared_page = map(1, RW, PRIVATE);
	signal(SIGSEGV, on_worker_fault);
	NEED(pthread_create(&t, NULL, hammer, NULL) == 0);
	wait_for_touches();
	CHECK_EQ(munmap(shared_page, PAGE), 0);
	pthread_join(t, NULL);
	CHECK_EQ(worker_signal, SIGSEGV);
}

static void *reader(void *want)
{
	while (!stop)
		if (*(volatile char *)shared_page == *(char *)want)
			return want;
	return NULL;
}

TEST(a_remapped_page_shows_new_data_to_a_running_thread)
{
	char want = 'n';
	void *saw = NULL;
	pthread_t t;

	shared_page = map(1, RW, PRIVATE);
	*shared_page = 'o';
	NEED(pthread_create(&t, NULL, reader, &want) == 0);
	usleep(10000);
	char *p = map(1, RW, PRIVATE);

	*p = 'n';
	CHECK(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		     shared_page) == shared_page);
	pthread_join(t, &saw);
	CHECK(saw == &want);
}

TAP_MAIN()
