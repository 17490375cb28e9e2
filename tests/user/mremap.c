/* SPDX-License-Identifier: MIT */
/* mremap.c -- growing, shrinking and moving mappings; advice; locks */

#include "faults.h"

TEST(growing_keeps_contents_and_adds_zeroes)
{
	char *p = map(2, RW, PRIVATE), *q;

	strcpy(p, "first");
	strcpy(p + PAGE, "second");
	q = mremap(p, 2 * PAGE, 300 * PAGE, MREMAP_MAYMOVE);
	NEED(q != MAP_FAILED);
	CHECK(!strcmp(q, "first") && !strcmp(q + PAGE, "second"));
	for (int i = 2; i < 300; i++)
		NEED(q[i * PAGE] == 0);
	if (q != p) {
		catch_faults();
		CHECK_EQ(touch(p, 0), SIGSEGV);
	}
}

TEST(growing_in_place_needs_room)
{
	char *p = map(4, RW, PRIVATE);

	CHECK_ERR(mremap(p, PAGE, 2 * PAGE, 0), ENOMEM);
	CHECK_EQ(munmap(p + 2 * PAGE, 2 * PAGE), 0);
	CHECK(mremap(p, 2 * PAGE, 4 * PAGE, 0) == p);
	p[4 * PAGE - 1] = 1;
}

TEST(shrinking_unmaps_the_tail)
{
	char *p = map(4, RW, PRIVATE);

	p[0] = 7;
	CHECK(mremap(p, 4 * PAGE, PAGE, 0) == p);
	catch_faults();
	CHECK_EQ(touch(p + PAGE, 0), SIGSEGV);
	CHECK(p[0] == 7);
	CHECK(mremap(p, PAGE, PAGE, 0) == p);
}

TEST(moving_to_a_fixed_place_replaces_what_is_there)
{
	char *p = map(2, RW, PRIVATE), *q = map(2, RW, PRIVATE);

	strcpy(p, "moved");
	strcpy(q, "gone");
	strcpy(q + PAGE, "stays");
	CHECK(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
	CHECK(!strcmp(q, "moved") && !strcmp(q + PAGE, "stays"));
	catch_faults();
	CHECK_EQ(touch(p, 0), SIGSEGV);
	CHECK_EQ(touch(p + PAGE, 0), 0);
}

TEST(shared_memory_can_be_mapped_twice)
{
	char *p = map(2, RW, SHARED), *q;

	q = mremap(p, 0, 2 * PAGE, MREMAP_MAYMOVE);
	NEED(q != MAP_FAILED);
	strcpy(p + PAGE, "one page");
	CHECK(!strcmp(q + PAGE, "one page"));
	char *r = map(1, RW, PRIVATE);

	CHECK_ERR(mremap(r, 0, PAGE, MREMAP_MAYMOVE), EINVAL);
}

TEST(mremap_checks_its_arguments)
{
	char *p = map(3, RW, PRIVATE), *hole;

	CHECK_ERR(mremap(p + 1, PAGE, PAGE, 0), EINVAL);
	CHECK_ERR(mremap(p, PAGE, 0, 0), EINVAL);
	CHECK_ERR(mremap(p, PAGE, PAGE, 64), EINVAL);
	CHECK_ERR(mremap(p, PAGE, PAGE, MREMAP_FIXED, p + PAGE), EINVAL);
	CHECK_ERR(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			 p + PAGE), EINVAL);
	CHECK_ERR(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 1),
		  EINVAL);
	hole = p + 2 * PAGE;
	munmap(hole, PAGE);
	CHECK_ERR(mremap(hole, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
	CHECK_ERR(mremap(p, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE), EFAULT);
}

TEST(a_file_mapping_moves_with_its_offset)
{
	char bytes[3 * PAGE], *p, *q;

	for (int i = 0; i < 3; i++)
		memset(bytes + i * PAGE, 'a' + i, PAGE);
	int fd = temporary(bytes, sizeof(bytes));

	p = mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0);
	NEED(p != MAP_FAILED);
	q = mremap(p + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	NEED(q != MAP_FAILED);
	CHECK(q[0] == 'b' && q[PAGE] == 'c' && p[0] == 'a');
	q[0] = 'B';
	CHECK_EQ(pread(fd, bytes, 1, PAGE), 1);
	CHECK(bytes[0] == 'B');
}

/* ---- advice -------------------------------------------------------------- */

TEST(dontneed_gives_zeroes_or_the_file_back)
{
	char *p = map(3, RW, PRIVATE), *f;
	int fd = temporary("from the file", 13);

	memset(p, 3, 3 * PAGE);
	CHECK_EQ(madvise(p + PAGE, PAGE, MADV_DONTNEED), 0);
	CHECK(p[0] == 3 && p[PAGE] == 0 && p[2 * PAGE] == 3);
	f = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	NEED(f != MAP_FAILED);
	f[0] = 'X';
	CHECK_EQ(madvise(f, PAGE, MADV_DONTNEED), 0);
	CHECK(f[0] == 'f');
}

TEST(advice_is_checked)
{
	char *p = map(4, RW, PRIVATE);

	CHECK_ERR(madvise(p, PAGE, 4711), EINVAL);
	CHECK_ERR(madvise(p + 1, PAGE, MADV_NORMAL), EINVAL);
	CHECK_ERR(madvise(p, -1L, MADV_NORMAL), EINVAL);
	CHECK_EQ(madvise(p, 0, MADV_DONTNEED), 0);
	CHECK_EQ(madvise(p, 4 * PAGE, MADV_SEQUENTIAL), 0);
	CHECK_EQ(madvise(p, 4 * PAGE, MADV_WILLNEED), 0);
	memset(p, 1, 4 * PAGE);
	munmap(p + PAGE, PAGE);
	CHECK_ERR(madvise(p, 4 * PAGE, MADV_DONTNEED), ENOMEM);
	CHECK(p[0] == 0 && p[2 * PAGE] == 0);
}

TEST(locked_memory_is_counted_and_limited)
{
	struct rlimit few = { 8 * PAGE, 8 * PAGE };
	char *p = map(16, RW, PRIVATE);
	unsigned char vec[4];

	CHECK_EQ(mlock(p, 4 * PAGE), 0);
	CHECK_EQ(mincore(p, 4 * PAGE, vec), 0);
	CHECK(vec[0] & vec[1] & vec[2] & vec[3] & 1);
	CHECK_ERR(madvise(p, PAGE, MADV_DONTNEED), EINVAL);
	CHECK_EQ(munlock(p, 4 * PAGE), 0);
	CHECK_EQ(madvise(p, PAGE, MADV_DONTNEED), 0);
	CHECK_ERR(munlock((void *)(1L << 40), PAGE), ENOMEM);
	CHECK_ERR(mlockall(0), EINVAL);
	NEED(setrlimit(RLIMIT_MEMLOCK, &few) == 0);
	if (geteuid() == 0 && setuid(65534))
		SKIP("cannot give up the right to lock");
	CHECK_EQ(mlock(p, 8 * PAGE), 0);
	CHECK_ERR(mlock(p + 8 * PAGE, PAGE), ENOMEM);
	CHECK_EQ(mlock(p, 8 * PAGE), 0);
	CHECK_ERR(mmap(NULL, PAGE, RW, PRIVATE | MAP_LOCKED, -1, 0), EAGAIN);
}

TAP_MAIN()
