/* SPDX-License-Identifier: MIT */
/*
 * reclaim.c -- what happens when memory is short
 *
 * A hog is killed and nobody else; a working set of more than the memory lives
 * in swap, if there is a disk for it (SWAP_DISK in the environment names one
 * that may be overwritten; AP050).  The hogs make themselves the likeliest
 * victims.
 */

#define _GNU_SOURCE
#include "tap.h"
#include "harm.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/sysinfo.h>

#define PAGE 4096UL

static long field(const char *file, const char *name)
{
	char line[256];
	long value = -1;
	FILE *f = fopen(file, "r");

	while (f && fgets(line, sizeof(line), f)) {
		size_t n = strlen(name);

		if (!strncmp(line, name, n) && (line[n] == ' ' || line[n] == ':'))
			sscanf(line + n + 1, "%ld", &value);
	}
	if (f)
		fclose(f);
	return value;
}

static int put(const char *file, const char *text)
{
	ssize_t n = strlen(text);
	int fd = open(file, O_WRONLY), ok;

	ok = fd >= 0 && write(fd, text, n) == n;
	if (fd >= 0)
		close(fd);
	return ok;
}

static void volunteer(void)
{
	NEED(put("/proc/self/oom_score_adj", "1000"));
}

TEST(a_memory_hog_is_killed_and_its_parent_lives)
{
	long kills = field("/proc/vmstat", "oom_kill");
	pid_t pid = fork();
	int status;

	NEED(pid >= 0);
	if (!pid) {
		volunteer();
		for (;;) {
			char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			if (p == MAP_FAILED)
				_exit(1);
			memset(p, 1, 1 << 20);
		}
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CHECK(field("/proc/vmstat", "oom_kill") == kills + 1);
}

TEST(oom_score_grows_with_the_adjustment)
{
	long before = -1, after = -1;
	FILE *f = fopen("/proc/self/oom_score", "r");

	NEED(f && fscanf(f, "%ld", &before) == 1);
	fclose(f);
	volunteer();
	f = fopen("/proc/self/oom_score", "r");
	NEED(f && fscanf(f, "%ld", &after) == 1);
	fclose(f);
	CHECK(before >= 0 && after > before + 500);
}

TEST(watermarks_stand_in_order_and_follow_the_sysctl)
{
	long min = 0, low = 0, high = 0, more = 0, v;
	char line[128], was[32] = "", text[32];
	FILE *f;
	int fd = open("/proc/sys/vm/min_free_kbytes", O_RDONLY);

	NEED(fd >= 0 && read(fd, was, sizeof(was) - 1) > 0);
	close(fd);
	/* Setting it also ends what Linux adds for a while (a boost). */
	CHECK(put("/proc/sys/vm/min_free_kbytes", was));
	f = fopen("/proc/zoneinfo", "r");
	NEED(f != NULL);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " min %ld", &v) == 1)
			min += v;
		else if (sscanf(line, " low %ld", &v) == 1)
			low += v;
		else if (sscanf(line, " high %ld", &v) == 1)
			high += v;
	}
	fclose(f);
	CHECK(0 < min && min < low && low < high);
	snprintf(text, sizeof(text), "%ld\n", 2 * atol(was));
	CHECK(put("/proc/sys/vm/min_free_kbytes", text));
	f = fopen("/proc/zoneinfo", "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, " min %ld", &v) == 1)
			more += v;
	if (f)
		fclose(f);
	CHECK(put("/proc/sys/vm/min_free_kbytes", was));
	CHECK(more > min);
}

/* ---- swap ---------------------------------------------------------------- */

/* What mkswap(8) would write. */
static int make_swap(const char *disk, long pages)
{
	static char page[PAGE];
	uint32_t *info = (uint32_t *)(page + 1024);
	int fd = open(disk, O_RDWR);

	if (fd < 0)
		return -1;
	if (pages <= 0)
		pages = lseek(fd, 0, SEEK_END) / PAGE;
	memset(page, 0, sizeof(page));
	info[0] = 1;
	info[1] = pages - 1;
	memcpy(page + PAGE - 10, "SWAPSPACE2", 10);
	if (pwrite(fd, page, PAGE, 0) != (ssize_t)PAGE || fsync(fd)) {
		close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

static unsigned long mix(unsigned long x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdUL;
	return x ^ x >> 29;
}

/* Bytes that are twice what is free, or most of it and all swap. */
static size_t large_working_set(void)
{
	struct sysinfo si;
	size_t want, most;

	sysinfo(&si);
	want = 2 * si.totalram;
	most = (si.freeram + si.freeswap) / 8 * 7;
	return (want < most ? want : most) & ~(PAGE - 1);
}

TEST(a_working_set_of_twice_the_memory_keeps_its_contents)
{
	const char *disk = getenv("SWAP_DISK");
	unsigned long *p, n, pages, bad = 0;
	long out = field("/proc/vmstat", "pswpout");
	long in = field("/proc/vmstat", "pswpin");
	struct rusage use;
	size_t bytes;

	if (!disk)
		SKIP("SWAP_DISK is not set");
	NEED(!make_swap(disk, 0));
	NEED(!swapon(disk, 0));
	CHECK(field("/proc/meminfo", "SwapTotal") > 0);
	bytes = large_working_set();
	pages = bytes / PAGE;
	alarm(600);
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	NEED(p != MAP_FAILED);
	for (n = 0; n < pages; n++)
		p[n * PAGE / 8 + n % 512] = mix(n);
	for (n = 0; n < pages; n++)
		bad += p[n * PAGE / 8 + n % 512] != mix(n);
	CHECK_EQ(bad, 0);
	CHECK(field("/proc/vmstat", "pswpout") > out);
	CHECK(field("/proc/vmstat", "pswpin") > in);
	CHECK(field("/proc/meminfo", "SwapFree") <
	      field("/proc/meminfo", "SwapTotal"));
	getrusage(RUSAGE_SELF, &use);
	CHECK(use.ru_majflt > 0);
	munmap(p, bytes);
	CHECK(!swapoff(disk));
	CHECK_EQ(field("/proc/meminfo", "SwapTotal"), 0);
}

TEST(swapoff_brings_everything_back)
{
	const char *disk = getenv("SWAP_DISK");
	unsigned long *p, n, pages, bad = 0;
	struct sysinfo si;
	size_t bytes;

	if (!disk)
		SKIP("SWAP_DISK is not set");
	NEED(!make_swap(disk, 0) && !swapon(disk, 0));
	sysinfo(&si);
	bytes = si.totalram / 2;
	pages = bytes / PAGE;
	alarm(600);
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(p != MAP_FAILED);
	for (n = 0; n < pages; n++)
		p[n * PAGE / 8] = mix(n);
	madvise(p, bytes, MADV_PAGEOUT);
	CHECK(!swapoff(disk));
	for (n = 0; n < pages; n++)
		bad += p[n * PAGE / 8] != mix(n);
	CHECK_EQ(bad, 0);
}

TEST(shared_memory_and_tmpfs_files_go_to_swap_and_back)
{
	const char *disk = getenv("SWAP_DISK");
	unsigned long *p, *q, n, pages, bad = 0;
	char name[] = "/tmp/swappedXXXXXX";
	struct sysinfo si;
	size_t bytes;
	int fd;

	if (!disk)
		SKIP("SWAP_DISK is not set");
	NEED(!make_swap(disk, 0) && !swapon(disk, 0));
	sysinfo(&si);
	bytes = si.totalram / 4 & ~(PAGE - 1);
	pages = bytes / PAGE;
	alarm(600);
	fd = mkstemp(name);
	NEED(fd >= 0 && !unlink(name) && !ftruncate(fd, bytes));
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	q = mmap(NULL, 4 * bytes, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(p != MAP_FAILED && q != MAP_FAILED);
	for (n = 0; n < pages; n++)
		p[n * PAGE / 8] = mix(n);
	for (n = 0; n < 4 * pages; n++)
		q[n * PAGE / 8] = mix(~n);
	for (n = 0; n < pages; n++) {
		unsigned long v = 0;

		/* By read() and by the mapping in turn. */
		if (n % 2 && pread(fd, &v, 8, n * PAGE) != 8)
			bad++;
		bad += (n % 2 ? v : p[n * PAGE / 8]) != mix(n);
	}
	for (n = 0; n < 4 * pages; n++)
		bad += q[n * PAGE / 8] != mix(~n);
	CHECK_EQ(bad, 0);
	CHECK(lseek(fd, 0, SEEK_HOLE) == (off_t)bytes);
	munmap(q, 4 * bytes);
	CHECK(!ftruncate(fd, bytes / 2));
	CHECK(!swapoff(disk));
	for (n = 0; n < pages / 2; n++)
		bad += p[n * PAGE / 8] != mix(n);
	CHECK_EQ(bad, 0);
}

TEST(swapon_refuses_what_is_no_swap_area)
{
	char name[] = "/tmp/noswapXXXXXX";
	int fd = mkstemp(name);

	NEED(fd >= 0 && !ftruncate(fd, 16 * PAGE));
	CHECK(swapon(name, 0) == -1 && errno == EINVAL);
	CHECK(swapoff(name) == -1 && errno == EINVAL);
	CHECK(swapon("/nowhere", 0) == -1 && errno == ENOENT);
	CHECK(swapon(name, 0x40000000) == -1 && errno == EINVAL);
	unlink(name);
	close(fd);
}

TAP_MAIN()
