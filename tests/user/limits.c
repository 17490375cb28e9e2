/* SPDX-License-Identifier: MIT */
/*
 * limits.c -- programs that want too much
 *
 * Too many tasks, files, pipes, mappings, too much memory and stack, and
 * instructions that are the kernel's: each is refused or ends the one who
 * asked, and what was taken comes back.  What could hurt a machine that is not
 * there to be tested runs only in a guest of the tests.
 */

#define _GNU_SOURCE
#include "tap.h"
#include "harm.h"

#include <grp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define PAGE 4096UL
#define SOMEBODY 4321           /* a user without other processes */

static void only_in_a_guest(void)
{
	if (access("/etc/lantern", F_OK) || geteuid() != 0)
		SKIP("only as root in a guest");
}

static void set_limit(int what, rlim_t to)
{
	struct rlimit lim = { to, to };

	NEED(setrlimit(what, &lim) == 0);
}

static rlim_t soft_limit(int what)
{
	struct rlimit lim = { 0 };

	CHECK_EQ(getrlimit(what, &lim), 0);
	return lim.rlim_cur;
}

/* The first to go when memory is short: nobody else's fault. */
static void offer_oneself(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	CHECK_EQ(write(fd, "1000", 4), 4);
	close(fd);
}

/* Run it in a child; its wait status. */
static int status_of(void (*body)(void))
{
	int status = -1;
	pid_t pid = fork();

	NEED(pid >= 0);
	if (pid == 0) {
		alarm(TAP_SECONDS);
		body();
		_exit(tap_failed);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return status;
}

/* A child that does nothing still works: the machine is usable. */
static void nothing(void)
{
}

/* --- tasks ---------------------------------------------------------------- */

/* Fork until it fails; the number of children, who all sleep. */
static int fork_until_it_fails(int most)
{
	int n;

	for (n = 0; n < most; n++) {
		pid_t pid = fork();

		if (pid < 0)
			break;
		if (pid == 0) {
			for (;;)
				pause();
		}
	}
	return n;
}

static void end_children(int n)
{
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (n > 0 && wait(NULL) > 0)
		n--;
	CHECK_EQ(n, 0);
	CHECK_ERR(wait(NULL), ECHILD);
}

TEST(a_user_has_as_many_tasks_as_the_limit_says)
{
	int n;

	if (geteuid() != 0)
		SKIP("only root becomes somebody");
	setpgid(0, 0);
	set_limit(RLIMIT_NPROC, 50);
	NEED(setgroups(0, NULL) == 0 && setgid(SOMEBODY) == 0 &&
	     setuid(SOMEBODY) == 0);
	n = fork_until_it_fails(100);
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(n, 49);                /* and this one */
	end_children(n);
	CHECK_EQ(status_of(nothing), 0);
}

TEST(a_fork_bomb_ends_in_an_error)
{
	int n, err;

	only_in_a_guest();
	setpgid(0, 0);
	n = fork_until_it_fails(40000);
	err = errno;
	printf("# %d tasks, then %s\n", n, strerror(err));
	CHECK(err == EAGAIN || err == ENOMEM);
	CHECK(n > 100);
	end_children(n);
	CHECK_EQ(status_of(nothing), 0);
}

/* --- files ---------------------------------------------------------------- */

static int open_until_it_fails(int most)
{
	int n;

	for (n = 0; n < most; n++)
		if (open("/dev/null", O_RDONLY) < 0)
			break;
	return n;
}

TEST(ten_thousand_files_are_too_many)
{
	long limit = soft_limit(RLIMIT_NOFILE);
	int n;

	if (limit > 9000) {
		set_limit(RLIMIT_NOFILE, 1024);
		limit = 1024;
	}
	n = open_until_it_fails(10000);
	CHECK_EQ(errno, EMFILE);
	CHECK(n <= limit && n > limit - 10);
	CHECK_ERR(dup(0), EMFILE);
	CHECK_ERR(pipe((int[2]){ 0 }), EMFILE);
	close(5);
	CHECK_EQ(dup(0), 5);
}

TEST(ten_thousand_files_open_where_the_limit_allows)
{
	struct rlimit lim = { 10100, 10100 };
	int n;

	if (setrlimit(RLIMIT_NOFILE, &lim))
		SKIP("the limit cannot be raised");
	n = open_until_it_fails(10000);
	CHECK_EQ(n, 10000);
	CHECK_EQ(status_of(nothing), 0);        /* a copy of the big table */
	CHECK_EQ(syscall(SYS_close_range, 100, ~0U, 0), 0);
	CHECK_EQ(open("/dev/null", O_RDONLY), 100);
}

static void fill_pipes(void)
{
	static char block[65536];

	for (;;) {
		int fd[2];

		if (pipe2(fd, O_NONBLOCK) || write(fd[1], block, sizeof(block)) < 0)
			break;
	}
	printf("# pipes: %s\n", strerror(errno));
	CHECK(errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
	      errno == EAGAIN);
}

TEST(no_limit_of_files_is_above_the_systems)
{
	struct rlimit lim, up = { 10, 0x7fffffff };

	NEED(getrlimit(RLIMIT_NOFILE, &lim) == 0);
	CHECK_ERR(setrlimit(RLIMIT_NOFILE, &up), EPERM);
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &lim), 0);
}

TEST(full_pipes_end_in_an_error)
{
	int status;

	status = status_of(fill_pipes);
	CHECK(status == 0 || WTERMSIG(status) == SIGKILL);
	CHECK_EQ(status_of(nothing), 0);
}

static void all_pipes_of_the_machine(void)
{
	offer_oneself();
	set_limit(RLIMIT_NOFILE, 200000);
	fill_pipes();
}

TEST(pipes_that_fill_the_memory_end_their_owner)
{
	int status;

	only_in_a_guest();
	status = status_of(all_pipes_of_the_machine);
	CHECK(status == 0 || WTERMSIG(status) == SIGKILL);
	CHECK_EQ(status_of(nothing), 0);
}

TEST(seeking_in_a_huge_hole_takes_no_time)
{
	int fd = open("hole", O_CREAT | O_RDWR | O_TRUNC, 0600);
	long most = 1L << 42, start = now_ms();

	NEED(fd >= 0);
	unlink("hole");
	NEED(ftruncate(fd, most) == 0);
	CHECK_ERR(lseek(fd, 5, SEEK_DATA), ENXIO);
	CHECK_EQ(lseek(fd, 5, SEEK_HOLE), 5);
	CHECK_EQ(pwrite(fd, "x", 1, most / 2), 1);
	CHECK_EQ(lseek(fd, 5, SEEK_DATA), most / 2);
	CHECK_EQ(lseek(fd, most / 2, SEEK_HOLE), most / 2 + (long)PAGE);
	CHECK(now_ms() - start < 1000);
}

/* --- memory --------------------------------------------------------------- */

static void hog(void)
{
	offer_oneself();
	for (;;) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED) {
			CHECK_EQ(errno, ENOMEM);
			return;
		}
		for (unsigned long i = 0; i < 1 << 20; i += PAGE)
			p[i] = 1;
	}
}

TEST(a_memory_hog_is_refused_or_killed)
{
	only_in_a_guest();
	for (int i = 0; i < 3; i++) {
		int status = status_of(hog);

		CHECK(status == 0 || WTERMSIG(status) == SIGKILL);
	}
	CHECK_EQ(status_of(nothing), 0);
}

static void fill_a_file(void)
{
	static char block[65536];
	int fd = open("big", O_CREAT | O_WRONLY | O_TRUNC, 0600);

	offer_oneself();
	unlink("big");
	while (write(fd, block, sizeof(block)) > 0)
		;
	CHECK(errno == ENOSPC || errno == ENOMEM);
}

TEST(a_file_that_fills_memory_is_refused)
{
	int status;

	only_in_a_guest();
	status = status_of(fill_a_file);
	CHECK(status == 0 || WTERMSIG(status) == SIGKILL);
	CHECK_EQ(status_of(nothing), 0);
}

TEST(mappings_too_large_are_refused)
{
	const int prot = PROT_READ | PROT_WRITE;
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

	CHECK_ERR(mmap(NULL, 1UL << 47, prot, flags, -1, 0), ENOMEM);
	CHECK_ERR(mmap(NULL, 1UL << 62, prot, flags, -1, 0), ENOMEM);
	CHECK_ERR(mmap(NULL, -PAGE, prot, flags, -1, 0), ENOMEM);
	CHECK_ERR(mmap(NULL, -1UL, prot, flags, -1, 0), ENOMEM);
	CHECK_ERR(mmap(NULL, 0, prot, flags, -1, 0), EINVAL);
	CHECK_ERR(mmap((void *)0xffffffffff0000, 0x10000, prot,
		       flags | MAP_FIXED, -1, 0), ENOMEM);
	/* Much address space without memory behind it is allowed. */
	CHECK(mmap(NULL, 1UL << 40, PROT_NONE, flags, -1, 0) != MAP_FAILED);
}

TEST(mappings_too_many_are_refused)
{
	char *p = mmap(NULL, 140000 * PAGE, PROT_READ, MAP_PRIVATE |
		       MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	long i;

	NEED(p != MAP_FAILED);
	for (i = 0; i < 70000; i++)
		if (mprotect(p + 2 * i * PAGE, PAGE, PROT_NONE))
			break;
	CHECK_EQ(errno, ENOMEM);
	CHECK(i > 30000 && i < 33000);          /* each makes two more */
	CHECK_EQ(status_of(nothing), 0);
	CHECK_EQ(munmap(p, 140000 * PAGE), 0);
}

static volatile int endless = 1;

static int deeper(volatile char *above)
{
	volatile char here[2000];

	here[0] = *above;
	return (endless ? deeper(here) : 0) + here[0];
}

static void recurse(void)
{
	static char stack[16384];
	stack_t alt = { .ss_sp = stack, .ss_size = sizeof(stack) };

	sigaltstack(&alt, NULL);
	_exit(deeper(stack));
}

TEST(endless_recursion_is_a_segmentation_fault)
{
	CHECK_EQ(WTERMSIG(status_of(recurse)), SIGSEGV);
}

/* --- instructions --------------------------------------------------------- */

/* Do this in a child, which ends by one of these signals (0: not by one). */
#define DIES_OF(a, b, c, text) do {					\
	pid_t dies_pid = fork();					\
	int dies_of = 0;						\
									\
	if (dies_pid == 0) {						\
		__asm__ volatile(text ::: "rax", "rcx", "rdx", "memory"); \
		_exit(0);						\
	}								\
	waitpid(dies_pid, &dies_of, 0);					\
	dies_of &= 0x7f;						\
	if (dies_of != (a) && dies_of != (b) && dies_of != (c)) {	\
		printf("# %s: ended by %d\n", text, dies_of);		\
		tap_failed = 1;						\
	}								\
} while (0)

#define DIES(sig, text) DIES_OF(sig, sig, sig, text)

/* QEMU's TCG raises other faults here than a CPU, and Linux kills for them. */
#define DIES_SOMEHOW(text) DIES_OF(SIGSEGV, SIGBUS, SIGKILL, text)

TEST(instructions_of_the_kernel_are_refused)
{
	DIES(SIGSEGV, "cli");
	DIES(SIGSEGV, "sti");
	DIES(SIGSEGV, "hlt");
	DIES(SIGSEGV, "inb $0x60, %%al");
	DIES(SIGSEGV, "outb %%al, $0x64");
	DIES(SIGSEGV, "movw $0xcf9, %%dx; movb $6, %%al; outb %%al, %%dx");
	DIES(SIGSEGV, "movl $0x1b, %%ecx; rdmsr");
	DIES(SIGSEGV, "movl $0xc0000080, %%ecx; xorl %%eax, %%eax; wrmsr");
	DIES(SIGSEGV, "movq %%cr0, %%rax");
	DIES(SIGSEGV, "xorl %%eax, %%eax; movq %%rax, %%cr3");
	DIES(SIGSEGV, "xorl %%eax, %%eax; movq %%rax, %%cr4");
	DIES(SIGSEGV, "movq %%dr7, %%rax");
	DIES(SIGSEGV, "clts");
	DIES(SIGSEGV, "wbinvd");
	DIES(SIGSEGV, "invlpg (%%rsp)");
	DIES(SIGSEGV, "lgdt (%%rsp)");
	DIES(SIGSEGV, "lidt (%%rsp)");
	DIES(SIGSEGV, "movl $0x40, %%eax; ltr %%ax");
	DIES(SIGSEGV, "movl $1, %%eax; lmsw %%ax");
	DIES(SIGSEGV, "swapgs");
	DIES(SIGSEGV, "sysretq");
	DIES(SIGILL, "ud2");
}

TEST(returns_to_nowhere_are_refused)
{
	/* iret with the kernel's segments, to its text, and to no address. */
	DIES_SOMEHOW("pushq $0x18; pushq %%rsp; pushfq; pushq $0x10; "
		      "leaq 1f(%%rip), %%rax; pushq %%rax; iretq; 1:");
	DIES_SOMEHOW("movl %%ss, %%eax; movq %%rsp, %%rcx; pushq %%rax; "
		      "pushq %%rcx; pushfq; movl %%cs, %%eax; pushq %%rax; "
		      "movq $0xffffffff81000000, %%rax; pushq %%rax; iretq");
	DIES_SOMEHOW("movl %%ss, %%eax; movq %%rsp, %%rcx; pushq %%rax; "
		      "pushq %%rcx; pushfq; movl %%cs, %%eax; pushq %%rax; "
		      "movq $0x8000000000000000, %%rax; pushq %%rax; iretq");
	DIES(SIGSEGV, "movq $0xffffffff81000000, %%rax; jmp *%%rax");
	DIES_SOMEHOW("movq $0x8000000000000000, %%rax; jmp *%%rax");
	DIES_SOMEHOW("pushq $0x10; leaq 1f(%%rip), %%rax; pushq %%rax; lretq;"
		      "1:");
	DIES_SOMEHOW("movq $0x8000000000000000, %%rax; movq %%rax, %%rsp; "
		     "pushq %%rax");
	DIES(SIGSEGV, "movq $0xffff888000001000, %%rsp; pushq %%rax");
	/* A call into the kernel is not the stack's business. */
	DIES(0, "xorl %%esp, %%esp; movl $39, %%eax; syscall; "
		   "movl $231, %%eax; xorl %%edi, %%edi; syscall");
}

TEST(call_from_the_last_bytes_of_the_address_space)
{
	unsigned char *last = (unsigned char *)0x7fffffffe000;
	int status = 0;
	pid_t pid = fork();

	NEED(pid >= 0);
	if (pid == 0) {
		if (mmap(last, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != last)
			_exit(77);
		last[4094] = 0x0f;              /* syscall; then no address */
		last[4095] = 0x05;
		__asm__ volatile("movl $39, %%eax; jmp *%0" :: "r"(last + 4094)
				 : "rax", "rcx", "r11", "memory");
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		SKIP("the stack is there");
	CHECK_EQ(WTERMSIG(status), SIGSEGV);
}

TAP_MAIN()
