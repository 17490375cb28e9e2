/* SPDX-License-Identifier: MIT */
/* cow.c -- demand paging and copy on write, counted in faults */

#include "faults.h"

enum { N = 100 };

/* Faults of the C library's own are allowed for. */
#define NEAR(got, want) CHECK((got) >= (want) && (got) <= (want) + 8)

static long read_all(volatile char *p)
{
	long before = minor_faults(), sum = 0;

	for (int i = 0; i < N; i++)
		sum += p[i * PAGE];
	return minor_faults() - before + (sum & 0);
}

static long write_all(volatile char *p, char value)
{
	long before = minor_faults();

	for (int i = 0; i < N; i++)
		p[i * PAGE] = value;
	return minor_faults() - before;
}

static char *small_pages(long pages, int flags)
{
	char *p = map(pages, RW, flags);

	/* Not transparent huge ones, which Linux would count as one fault. */
	madvise(p, pages * PAGE, MADV_NOHUGEPAGE);
	return p;
}

TEST(each_first_write_is_one_fault)
{
	char *p = small_pages(N, PRIVATE);

	NEAR(write_all(p, 1), N);
	CHECK(write_all(p, 2) < 8);
}

TEST(after_fork_reads_are_free_and_writes_fault)
{
	char *p = small_pages(N, PRIVATE);
	int status, fds[2];
	char c;

	NEED(pipe(fds) == 0);
	write_all(p, 'p');
	pid_t pid = fork();

	if (pid == 0) {
		if (read(fds[0], &c, 1) != 1)
			_exit(3);
		for (int i = 0; i < N; i++)
			if (p[i * PAGE] != 'p')
				_exit(1);
		_exit(0);
	}
	CHECK(read_all(p) < 8);
	NEAR(write_all(p, 'q'), N);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
}

TEST(both_sides_have_their_own_after_fork)
{
	char *p = small_pages(N, PRIVATE);
	int status;

	write_all(p, 'a');
	pid_t pid = fork();

	if (pid == 0) {
		write_all(p, 'b');
		for (int i = 0; i < N; i++)
			if (p[i * PAGE] != 'b')
				_exit(1);
		pid_t grandchild = fork();

		if (grandchild == 0) {
			write_all(p, 'c');
			_exit(p[0] == 'c' ? 0 : 2);
		}
		waitpid(grandchild, &status, 0);
		_exit(status || p[N / 2 * PAGE] != 'b');
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	for (int i = 0; i < N; i++)
		NEED(p[i * PAGE] == 'a');
}

TEST(killing_one_leaves_the_other)
{
	char *p = small_pages(N, PRIVATE);
	int status;

	write_all(p, 'x');
	pid_t pid = fork();

	if (pid == 0) {
		write_all(p, 'y');
		for (;;)
			pause();
	}
	usleep(20000);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status));
	for (int i = 0; i < N; i++)
		NEED(p[i * PAGE] == 'x');
	CHECK_EQ(touch(p, 1), 0);
}

TEST(the_kernels_writes_break_cow_too)
{
	char *p = small_pages(1, PRIVATE);
	int fds[2], status;

	NEED(pipe(fds) == 0);
	strcpy(p, "parent");
	pid_t pid = fork();

	if (pid == 0) {
		/* read() stores into a page that is shared with the parent. */
		if (write(fds[1], "child", 6) != 6 || read(fds[0], p, 6) != 6)
			_exit(1);
		_exit(strcmp(p, "child") ? 2 : 0);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	CHECK(!strcmp(p, "parent"));
}

TEST(a_private_file_page_is_copied_on_write)
{
	char page[PAGE], got[8] = "";
	memset(page, 'f', PAGE);
	int fd = temporary(page, PAGE), status;
	char *p = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);

	NEED(p != MAP_FAILED);
	CHECK(p[1] == 'f');
	p[0] = 'g';
	CHECK_EQ(pread(fd, got, 2, 0), 2);
	CHECK(got[0] == 'f');
	CHECK_EQ(pwrite(fd, "zz", 2, 0), 2);
	CHECK(p[0] == 'g' && p[1] == 'f');
	pid_t pid = fork();

	if (pid == 0) {
		p[1] = 'c';
		_exit(p[0] == 'g' ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	CHECK(p[1] == 'f');
}

TEST(shared_memory_is_not_copied)
{
	char *p = small_pages(N, SHARED);
	int status;

	write_all(p, 'a');
	pid_t pid = fork();

	if (pid == 0) {
		write_all(p, 'b');
		_exit(0);
	}
	waitpid(pid, &status, 0);
	for (int i = 0; i < N; i++)
		NEED(p[i * PAGE] == 'b');
}

TEST(a_thread_sees_no_stale_page_after_cow)
{
	volatile long *p = (long *)small_pages(1, PRIVATE);

	/* Many forks, a write after each: the value never goes backwards. */
	for (long i = 1; i <= 50; i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			_exit(*p == i - 1 ? 0 : 1);
		*p = i;
		waitpid(pid, &status, 0);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
		CHECK_EQ(*p, i);
	}
}

TEST(wipe_and_dont_fork_are_obeyed)
{
	char *wiped = small_pages(1, PRIVATE), *gone = small_pages(1, PRIVATE);
	int status;

	wiped[0] = gone[0] = 1;
	CHECK_EQ(madvise(wiped, PAGE, 18 /* MADV_WIPEONFORK */), 0);
	CHECK_EQ(madvise(gone, PAGE, MADV_DONTFORK), 0);
	pid_t pid = fork();

	if (pid == 0) {
		catch_faults();
		_exit(wiped[0] != 0 || touch(gone, 0) != SIGSEGV);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	CHECK(wiped[0] == 1 && gone[0] == 1);
}

TAP_MAIN()
