/* SPDX-License-Identifier: MIT */
/* memory.c -- mappings, protection, copy on write, faults, from outside */

#include "tap.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define PAGE 4096L

static char *map(long pages, int prot, int flags)
{
	char *p = mmap(NULL, pages * PAGE, prot, flags, -1, 0);

	NEED(p != MAP_FAILED);
	return p;
}

#define RW (PROT_READ | PROT_WRITE)
#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED (MAP_SHARED | MAP_ANONYMOUS)

static sigjmp_buf after_fault;
static volatile int fault_signal, fault_code;
static void *volatile fault_address;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	fault_signal = sig;
	fault_code = info->si_code;
	fault_address = info->si_addr;
	siglongjmp(after_fault, 1);
}

static void catch_faults(void)
{
	struct sigaction a = {
		.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER,
	};

	sigaction(SIGSEGV, &a, NULL);
	sigaction(SIGBUS, &a, NULL);
}

/* Does a store (or load) at p fault, and how?  Returns the signal or 0. */
static int touch(volatile char *p, int write)
{
	fault_signal = 0;
	if (sigsetjmp(after_fault, 1) == 0) {
		if (write)
			*p = 1;
		else
			(void)*p;
	}
	return fault_signal;
}

TEST(fresh_memory_is_zero)
{
	char *p = map(64, RW, PRIVATE);

	for (long i = 0; i < 64 * PAGE; i += 512)
		CHECK(p[i] == 0);
	memset(p, 0xff, 64 * PAGE);
	munmap(p, 64 * PAGE);
	p = map(64, RW, PRIVATE);
	for (long i = 0; i < 64 * PAGE; i++)
		NEED(p[i] == 0);
}

TEST(memory_is_given_on_first_touch)
{
	struct rusage before, after;
	char *p = map(100, RW, PRIVATE);

	getrusage(RUSAGE_SELF, &before);
	for (int i = 0; i < 100; i++)
		p[i * PAGE] = 1;
	getrusage(RUSAGE_SELF, &after);
	long faults = after.ru_minflt - before.ru_minflt;

	CHECK(faults >= 1 && faults <= 110);
}

TEST(a_wild_store_is_sigsegv_with_its_address)
{
	char *p = map(1, PROT_READ, PRIVATE);

	catch_faults();
	CHECK_EQ(touch((char *)8, 1), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_MAPERR);
	CHECK_EQ(fault_address, 8);
	CHECK_EQ(touch(p, 0), 0);
	CHECK_EQ(touch(p + 5, 1), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_ACCERR);
	CHECK_EQ(fault_address, p + 5);
	CHECK_EQ(touch((char *)0xffffffff80000000, 0), SIGSEGV);
}

TEST(copy_on_write_keeps_both_sides_apart)
{
	char *p = map(16, RW, PRIVATE);
	int status;

	memset(p, 'a', 16 * PAGE);
	pid_t pid = fork();

	if (pid == 0) {
		for (int i = 0; i < 16; i++) {
			if (p[i * PAGE] != 'a')
				_exit(1);
			p[i * PAGE] = 'b';
		}
		_exit(p[15 * PAGE + 1] == 'a' ? 0 : 2);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	for (int i = 0; i < 16; i++)
		CHECK(p[i * PAGE] == 'a');
}

TEST(shared_memory_is_shared_over_fork)
{
	int *p = (int *)map(1, RW, SHARED);
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		p[1] = 77;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(p[1], 77);
}

TEST(mprotect_splits_and_takes_effect)
{
	char *p = map(3, RW, PRIVATE);

	catch_faults();
	memset(p, 1, 3 * PAGE);
	CHECK_EQ(mprotect(p + PAGE, PAGE, PROT_READ), 0);
	CHECK_EQ(touch(p, 1), 0);
	CHECK_EQ(touch(p + PAGE, 1), SIGSEGV);
	CHECK_EQ(touch(p + PAGE, 0), 0);
	CHECK_EQ(touch(p + 2 * PAGE, 1), 0);
	CHECK_EQ(mprotect(p + PAGE, PAGE, PROT_NONE), 0);
	CHECK_EQ(touch(p + PAGE, 0), SIGSEGV);
	CHECK_EQ(mprotect(p, 3 * PAGE, RW), 0);
	CHECK_EQ(touch(p + PAGE, 1), 0);
	CHECK_ERR(syscall(SYS_mprotect, p + 1, PAGE, RW), EINVAL);
	munmap(p + PAGE, PAGE);
	CHECK_ERR(mprotect(p, 3 * PAGE, RW), ENOMEM);
}

TEST(munmap_makes_a_hole)
{
	char *p = map(3, RW, PRIVATE);

	catch_faults();
	p[0] = p[2 * PAGE] = 5;
	CHECK_EQ(munmap(p + PAGE, PAGE), 0);
	CHECK_EQ(touch(p + PAGE, 0), SIGSEGV);
	CHECK(p[0] == 5 && p[2 * PAGE] == 5);
	CHECK_EQ(munmap(p + PAGE, PAGE), 0);
	CHECK_ERR(munmap(p + 1, PAGE), EINVAL);
	CHECK_ERR(munmap(p, 0), EINVAL);
}

TEST(mmap_places_and_refuses)
{
	char *p = map(4, RW, PRIVATE);
	char *q = mmap(p + PAGE, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0);

	CHECK(q == p + PAGE);
	CHECK_ERR(mmap(p, PAGE, RW, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0),
		  EEXIST);
	CHECK_ERR(mmap(NULL, 0, RW, PRIVATE, -1, 0), EINVAL);
	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0), EBADF);
	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
	CHECK_ERR(mmap(NULL, 1L << 60, RW, PRIVATE, -1, 0), ENOMEM);
	CHECK_ERR(mmap((void *)1, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0), EINVAL);
}

TEST(mremap_grows_moves_and_shrinks)
{
	char *p = map(2, RW, PRIVATE), *q;

	strcpy(p, "kept");
	q = mremap(p, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	NEED(q != MAP_FAILED);
	CHECK(strcmp(q, "kept") == 0 && q[63 * PAGE] == 0);
	CHECK(mremap(q, 64 * PAGE, PAGE, 0) == q);
	catch_faults();
	CHECK_EQ(touch(q + PAGE, 0), SIGSEGV);
	char *r = map(1, RW, PRIVATE);

	CHECK(mremap(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, r) == r);
	CHECK(strcmp(r, "kept") == 0);
	CHECK_ERR(mremap(q, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
}

TEST(dontneed_gives_zeroes_back)
{
	char *p = map(2, RW, PRIVATE);

	memset(p, 3, 2 * PAGE);
	CHECK_EQ(madvise(p, PAGE, MADV_DONTNEED), 0);
	CHECK(p[0] == 0 && p[PAGE] == 3);
	CHECK_ERR(madvise(p, PAGE, 4711), EINVAL);
}

static int temporary(const char *text)
{
	char name[] = "/tmp/memory-XXXXXX";
	int fd = mkstemp(name);

	NEED(fd >= 0);
	unlink(name);
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

TEST(shared_file_mapping_is_the_file)
{
	int fd = temporary("mmap!\n");
	char got[8] = "";
	char *p = mmap(NULL, 6, RW, MAP_SHARED, fd, 0);

	NEED(p != MAP_FAILED);
	CHECK(memcmp(p, "mmap!\n", 6) == 0);
	memcpy(p, "3210!\n", 6);
	CHECK_EQ(pread(fd, got, 7, 0), 6);
	CHECK(memcmp(got, "3210!\n", 6) == 0);
	CHECK_EQ(pwrite(fd, "X", 1, 0), 1);
	CHECK(p[0] == 'X');
	close(fd);
	CHECK(p[5] == '\n' && p[6] == 0);
	CHECK_EQ(msync(p, PAGE, MS_SYNC), 0);
}

TEST(private_file_mapping_keeps_writes_to_itself)
{
	int fd = temporary("original");
	char got[9] = "";
	char *p = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);

	NEED(p != MAP_FAILED);
	p[0] = 'O';
	CHECK_EQ(pread(fd, got, 8, 0), 8);
	CHECK(memcmp(got, "original", 8) == 0);
}

TEST(beyond_the_end_of_a_file_is_sigbus)
{
	int fd = temporary("short");
	char *p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);

	NEED(p != MAP_FAILED);
	catch_faults();
	CHECK_EQ(touch(p + PAGE - 1, 0), 0);
	CHECK_EQ(touch(p + PAGE, 0), SIGBUS);
	CHECK_EQ(fault_code, BUS_ADRERR);
	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 100), EINVAL);
	int ro = open("/etc/passwd", O_RDONLY);

	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0), EACCES);
}

TEST(brk_moves_the_end_of_the_heap)
{
	long old = syscall(SYS_brk, 0);

	CHECK_EQ(syscall(SYS_brk, old + 2 * PAGE), old + 2 * PAGE);
	((char *)old)[2 * PAGE - 1] = 1;
	CHECK_EQ(syscall(SYS_brk, old), old);
	catch_faults();
	CHECK_EQ(touch((char *)((old + PAGE - 1) & -PAGE), 0), SIGSEGV);
	CHECK_EQ(syscall(SYS_brk, 1), old);
}

static long deep(int n)
{
	volatile char frame[1024];

	frame[0] = n;
	return n ? deep(n - 1) + frame[0] : 0;
}

TEST(stack_grows_to_its_limit_and_no_further)
{
	static char alternate[65536];
	stack_t s = { .ss_sp = alternate, .ss_size = sizeof(alternate) };
	struct sigaction a = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
	};

	deep(4000);             /* 4 MiB of the usual 8 */
	CHECK_EQ(sigaltstack(&s, NULL), 0);
	sigaction(SIGSEGV, &a, NULL);
	if (sigsetjmp(after_fault, 1) == 0) {
		deep(20000);
		CHECK(!"the stack has no limit");
	}
	CHECK_EQ(fault_signal, SIGSEGV);
}

TEST(address_space_limit_is_enomem)
{
	struct rlimit few = { 64 << 20, 64 << 20 };

	NEED(setrlimit(RLIMIT_AS, &few) == 0);
	CHECK_ERR(mmap(NULL, 128 << 20, RW, PRIVATE, -1, 0), ENOMEM);
	CHECK(mmap(NULL, 1 << 20, RW, PRIVATE, -1, 0) != MAP_FAILED);
}

TEST(kernel_addresses_are_efault_not_death)
{
	int fds[2];
	char *kernel[] = { (char *)0xffffffff81000000, (char *)0xffff888000000000,
			   (char *)0x7fffffffffff, (char *)0x8000000000000000,
			   NULL };

	NEED(pipe(fds) == 0);
	for (int i = 0; kernel[i]; i++) {
		CHECK_ERR(write(fds[1], kernel[i], 16), EFAULT);
		CHECK_EQ(write(fds[1], "x", 1), 1);
		CHECK_ERR(read(fds[0], kernel[i], 1), EFAULT);
	}
}

TEST(maps_lists_what_is_mapped)
{
	char line[256], want[64];
	char *p = map(3, PROT_READ, SHARED);
	FILE *f = fopen("/proc/self/maps", "r");
	int found = 0, stack = 0;

	NEED(f != NULL);
	snprintf(want, sizeof(want), "%lx-%lx r--s", (long)p, (long)p + 3 * PAGE);
	while (fgets(line, sizeof(line), f)) {
		found |= !strncmp(line, want, strlen(want));
		stack |= strstr(line, "[stack]") != NULL;
	}
	CHECK(found);
	CHECK(stack);
}

TAP_MAIN()
