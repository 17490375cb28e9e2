/* SPDX-License-Identifier: MIT */
/* mmap.c -- mapping and unmapping: places, refusals, merging, files */

#include "faults.h"

#include <fcntl.h>
#include <sys/stat.h>

TEST(equal_neighbours_are_one_area)
{
	char *base = map(8, PROT_NONE, PRIVATE);
	char *p = base + 2 * PAGE;

	/* Room around, so that nothing else can merge with it. */
	CHECK(mmap(p, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0) == p);
	CHECK(mmap(p + PAGE, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0) ==
	      p + PAGE);
	CHECK_EQ(lines_in_maps(p, 2 * PAGE), 1);
	CHECK_EQ(mprotect(p + PAGE, PAGE, PROT_READ), 0);
	CHECK_EQ(lines_in_maps(p, 2 * PAGE), 2);
	CHECK_EQ(mprotect(p + PAGE, PAGE, RW), 0);
	CHECK_EQ(lines_in_maps(p, 2 * PAGE), 1);
}

TEST(a_hole_faults_and_its_sides_live)
{
	char *p = map(5, RW, PRIVATE);

	catch_faults();
	for (int i = 0; i < 5; i++)
		p[i * PAGE] = i + 1;
	CHECK_EQ(munmap(p + 2 * PAGE, PAGE), 0);
	CHECK_EQ(touch(p + 2 * PAGE, 0), SIGSEGV);
	CHECK_EQ(fault_code, SEGV_MAPERR);
	CHECK(fault_address == p + 2 * PAGE);
	CHECK(p[PAGE] == 2 && p[3 * PAGE] == 4);
	/* Over holes and the ends of areas at once. */
	CHECK_EQ(munmap(p + PAGE, 3 * PAGE), 0);
	CHECK(p[0] == 1 && p[4 * PAGE] == 5);
	CHECK_EQ(touch(p + 3 * PAGE, 0), SIGSEGV);
}

TEST(munmap_checks_its_range)
{
	char *p = map(1, RW, PRIVATE);

	CHECK_ERR(munmap(p + 1, PAGE), EINVAL);
	CHECK_ERR(munmap(p, 0), EINVAL);
	CHECK_ERR(munmap((void *)0x7ffffffff000, 1L << 47), EINVAL);
	CHECK_ERR(munmap((void *)-PAGE, PAGE), EINVAL);
	CHECK_EQ(munmap((void *)(1L << 40), PAGE), 0);
	CHECK_EQ(munmap(p, 1), 0);
	catch_faults();
	CHECK_EQ(touch(p + PAGE - 1, 0), SIGSEGV);
}

TEST(mmap_checks_its_arguments)
{
	CHECK_ERR(mmap(NULL, 0, RW, PRIVATE, -1, 0), EINVAL);
	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_ANONYMOUS | MAP_SHARED_VALIDATE,
		       -1, 0), EINVAL);
	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0), EBADF);
	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_PRIVATE, 4711, 0), EBADF);
	CHECK_ERR(syscall(SYS_mmap, 0, PAGE, RW, PRIVATE, -1, 1), EINVAL);
	CHECK_ERR(syscall(SYS_mmap, 0, -1L, RW, PRIVATE, -1, 0), ENOMEM);
	CHECK_ERR(syscall(SYS_mmap, 0, 1L << 47, RW, PRIVATE, -1, 0), ENOMEM);
	CHECK_ERR(mmap((void *)1, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0),
		  EINVAL);
	CHECK_ERR(mmap((void *)(1L << 47), PAGE, RW, PRIVATE | MAP_FIXED, -1,
		       0), ENOMEM);
	CHECK_ERR(mmap(NULL, PAGE, RW, SHARED | MAP_GROWSDOWN, -1, 0), EINVAL);
}

TEST(file_offsets_may_not_overflow)
{
	int fd = temporary("x", 1);

	CHECK_ERR(syscall(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, fd, 100),
		  EINVAL);
	CHECK_ERR(syscall(SYS_mmap, 0, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd,
			  0x7ffffffffffff000L), EOVERFLOW);
	CHECK_ERR(syscall(SYS_mmap, 0, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd,
			  -PAGE), EOVERFLOW);
}

TEST(a_hint_is_taken_if_it_is_free)
{
	char *p = map(4, RW, PRIVATE);

	CHECK_EQ(munmap(p, 4 * PAGE), 0);
	CHECK(mmap(p + PAGE, PAGE, RW, PRIVATE, -1, 0) == p + PAGE);
	char *q = mmap(p + PAGE, PAGE, RW, PRIVATE, -1, 0);

	CHECK(q != MAP_FAILED && q != p + PAGE);
	/* A hint need not be aligned. */
	CHECK(mmap(p + 2 * PAGE + 123, PAGE, RW, PRIVATE, -1, 0) ==
	      p + 2 * PAGE);
}

TEST(fixed_replaces_and_noreplace_refuses)
{
	char *p = map(3, RW, PRIVATE);

	memset(p, 'a', 3 * PAGE);
	CHECK(mmap(p + PAGE, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0) ==
	      p + PAGE);
	CHECK(p[PAGE - 1] == 'a' && p[PAGE] == 0 && p[2 * PAGE] == 'a');
	CHECK_ERR(mmap(p, PAGE, RW, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0),
		  EEXIST);
	CHECK_EQ(munmap(p, PAGE), 0);
	CHECK(mmap(p, PAGE, RW, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0) == p);
}

TEST(map_32bit_stays_below_2_gib)
{
	char *p = map(16, RW, PRIVATE | MAP_32BIT);

	CHECK((unsigned long)p + 16 * PAGE <= 1UL << 31);
	p[0] = 1;
}

TEST(big_mappings_are_lazy_and_zero)
{
	long len = 1L << 30, before = minor_faults();
	char *p = mmap(NULL, len, RW, PRIVATE | MAP_NORESERVE, -1, 0);

	NEED(p != MAP_FAILED);
	CHECK(minor_faults() - before < 8);
	for (long i = 0; i < 64; i++)
		CHECK(p[i * (len / 64) + 77] == 0);
	for (long i = 0; i < 64; i++)
		p[i * (len / 64)] = 1;
	CHECK_EQ(munmap(p, len), 0);
}

TEST(populate_makes_pages_present)
{
	char *p = map(50, RW, PRIVATE | MAP_POPULATE);
	long before = minor_faults();

	for (int i = 0; i < 50; i++)
		p[i * PAGE] = 1;
	CHECK(minor_faults() - before < 5);
}

TEST(data_limit_refuses_private_memory_only)
{
	struct rlimit few = { 16 << 20, 16 << 20 };

	NEED(setrlimit(RLIMIT_DATA, &few) == 0);
	CHECK_ERR(mmap(NULL, 32 << 20, RW, PRIVATE, -1, 0), ENOMEM);
	CHECK(mmap(NULL, 32 << 20, PROT_READ, PRIVATE, -1, 0) != MAP_FAILED);
	CHECK(mmap(NULL, 32 << 20, RW, SHARED, -1, 0) != MAP_FAILED);
}

/* ---- files --------------------------------------------------------------- */

TEST(a_file_changes_through_memory_after_close)
{
	int fd = temporary("mmap!\n", 6), again;
	char path[64], got[16] = "";
	char *p = mmap(NULL, 6, RW, MAP_SHARED, fd, 0);
	struct stat st;

	NEED(p != MAP_FAILED);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = dup(fd);
	close(fd);
	memcpy(p, "3210!\n", 6);
	CHECK_EQ(munmap(p, 6), 0);
	CHECK_EQ(pread(again, got, sizeof(got), 0), 6);
	CHECK(!memcmp(got, "3210!\n", 6));
	CHECK_EQ(fstat(again, &st), 0);
	CHECK_EQ(st.st_size, 6);
}

TEST(the_tail_of_the_last_page_is_zero_and_not_written)
{
	int fd = temporary("12345678", 8);
	char got[16] = "";
	char *p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);

	NEED(p != MAP_FAILED);
	for (int i = 8; i < PAGE; i++)
		NEED(p[i] == 0);
	p[8] = 'x';
	CHECK_EQ(pread(fd, got, 16, 0), 8);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 8);
}

TEST(a_mapping_and_write_see_each_other)
{
	int fd = temporary("", 0);
	char *p, *q;

	NEED(ftruncate(fd, 3 * PAGE) == 0);
	p = mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0);
	q = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, PAGE);
	NEED(p != MAP_FAILED && q != MAP_FAILED);
	CHECK_EQ(pwrite(fd, "two", 3, PAGE), 3);
	CHECK(!memcmp(p + PAGE, "two", 3) && !memcmp(q, "two", 3));
	memcpy(p + PAGE, "TWO", 3);
	CHECK(!memcmp(q, "TWO", 3));
	int status;

	if (fork() == 0) {
		p[2 * PAGE] = 'c';
		_exit(0);
	}
	wait(&status);
	CHECK(p[2 * PAGE] == 'c');
	CHECK_EQ(msync(p, 3 * PAGE, MS_SYNC), 0);
}

TEST(truncation_takes_mapped_pages_away)
{
	int fd = temporary("", 0);
	char *p, *q;

	NEED(ftruncate(fd, 2 * PAGE) == 0);
	p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
	q = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	NEED(p != MAP_FAILED && q != MAP_FAILED);
	memset(p, 'x', 2 * PAGE);
	q[PAGE] = 'y';
	catch_faults();
	NEED(ftruncate(fd, 10) == 0);
	CHECK_EQ(touch(p + PAGE, 0), SIGBUS);
	CHECK_EQ(fault_code, BUS_ADRERR);
	CHECK_EQ(touch(q + PAGE, 0), SIGBUS);
	CHECK(p[9] == 'x' && p[10] == 0);
	NEED(ftruncate(fd, 2 * PAGE) == 0);
	CHECK_EQ(touch(p + PAGE, 0), 0);
	CHECK(p[PAGE] == 0 && p[10] == 0);
}

TEST(open_mode_limits_a_mapping)
{
	char name[] = "/tmp/mmap-mode-XXXXXX";
	int fd = mkstemp(name), ro = open(name, O_RDONLY);
	int wo = open(name, O_WRONLY);

	NEED(fd >= 0 && ro >= 0 && wo >= 0);
	unlink(name);
	CHECK_EQ(write(fd, "hello", 5), 5);
	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0), EACCES);
	CHECK_ERR(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, wo, 0), EACCES);
	CHECK_ERR(mmap(NULL, PAGE, PROT_WRITE, MAP_PRIVATE, wo, 0), EACCES);
	char *p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ro, 0);

	NEED(p != MAP_FAILED);
	CHECK_ERR(mprotect(p, PAGE, RW), EACCES);
	char *q = mmap(NULL, PAGE, RW, MAP_PRIVATE, ro, 0);

	NEED(q != MAP_FAILED);
	q[0] = 'J';
	CHECK(p[0] == 'h');
}

TEST(what_cannot_be_mapped_is_enodev)
{
	int fds[2], dir = open("/", O_RDONLY);

	NEED(pipe(fds) == 0 && dir >= 0);
	CHECK_ERR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fds[0], 0), ENODEV);
	CHECK_ERR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, dir, 0), ENODEV);
}

TEST(msync_checks_its_arguments)
{
	char *p = map(2, RW, PRIVATE);

	CHECK_ERR(msync(p + 1, PAGE, MS_SYNC), EINVAL);
	CHECK_ERR(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
	CHECK_ERR(msync(p, PAGE, 0x100), EINVAL);
	CHECK_EQ(msync(p, 2 * PAGE, MS_ASYNC), 0);
	munmap(p + PAGE, PAGE);
	CHECK_ERR(msync(p, 2 * PAGE, MS_SYNC), ENOMEM);
}

TEST(mincore_shows_what_is_there)
{
	char *p = map(4, RW, PRIVATE);
	unsigned char vec[4];

	p[PAGE] = 1;
	CHECK_EQ(mincore(p, 4 * PAGE, vec), 0);
	CHECK(!(vec[0] & 1) && (vec[1] & 1) && !(vec[2] & 1));
	CHECK_ERR(mincore(p + 1, PAGE, vec), EINVAL);
	CHECK_ERR(mincore(p, PAGE, (void *)8), EFAULT);
	munmap(p + 3 * PAGE, PAGE);
	CHECK_ERR(mincore(p, 4 * PAGE, vec), ENOMEM);
}

TEST(a_program_cannot_map_too_many_areas)
{
	char *p = mmap(NULL, 140000 * PAGE, PROT_NONE,
		       PRIVATE | MAP_NORESERVE, -1, 0);
	long n;

	NEED(p != MAP_FAILED);
	for (n = 0; n < 70000; n++)
		if (mprotect(p + 2 * n * PAGE, PAGE, PROT_READ))
			break;
	CHECK(n < 70000 && errno == ENOMEM);
	CHECK(n > 30000);
}

TAP_MAIN()
