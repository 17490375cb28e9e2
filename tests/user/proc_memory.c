/* SPDX-License-Identifier: MIT */
/* proc_memory.c -- a process looks at its memory, and others', by /proc */

#include "tap.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define PAGE 4096UL
#define PM_PRESENT (1ULL << 63)

static char text[1 << 20];

static int slurp(const char *path)
{
	int fd = open(path, O_RDONLY), total = 0, n;

	if (fd < 0)
		return -1;
	while ((n = read(fd, text + total, sizeof(text) - 1 - total)) > 0)
		total += n;
	text[total] = '\0';
	close(fd);
	return n < 0 ? -1 : total;
}

/* The number behind "name:" at or after `from`; -1. */
static long number(const char *from, const char *name)
{
	char key[64], *at;

	snprintf(key, sizeof(key), "\n%s:", name);
	at = strstr(from, key);
	return at ? strtol(at + strlen(key), NULL, 10) : -1;
}

static char *map_pages(int n, int flags)
{
	char *p = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE,
		       flags | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* The record of the area that starts at p, in text. */
static char *record_of(const void *p)
{
	char key[32];

	snprintf(key, sizeof(key), "%lx-", (unsigned long)p);
	return strstr(text, key);
}

TEST(smaps_counts_what_was_touched)
{
	char *p = map_pages(8, MAP_PRIVATE), *r;

	NEED(p);
	/* A hole before and after, so that areas are not merged. */
	CHECK_EQ(munmap(p, PAGE), 0);
	CHECK_EQ(munmap(p + 7 * PAGE, PAGE), 0);
	p += PAGE;
	p[0] = p[PAGE] = p[2 * PAGE] = 1;
	NEED(slurp("/proc/self/smaps") > 0);
	r = record_of(p);
	NEED(r);
	CHECK_EQ(number(r, "Size"), 24);
	CHECK_EQ(number(r, "Rss"), 12);
	CHECK_EQ(number(r, "Pss"), 12);
	CHECK_EQ(number(r, "Private_Dirty"), 12);
	CHECK_EQ(number(r, "Anonymous"), 12);
	CHECK_EQ(number(r, "Shared_Dirty"), 0);
	CHECK(strstr(r, "VmFlags: rd wr mr mw me ac") != NULL);
}

TEST(smaps_divides_what_is_shared)
{
	char *p = map_pages(4, MAP_SHARED), *r, c;
	int fds[2];
	pid_t pid;

	NEED(p && pipe(fds) == 0);
	memset(p, 1, 4 * PAGE);
	pid = fork();
	if (pid == 0) {
		c = p[0] + p[PAGE] + p[2 * PAGE] + p[3 * PAGE];
		close(fds[1]);
		_exit(read(fds[0], &c, 1));
	}
	close(fds[0]);
	/* The child maps them as soon as it has read them. */
	for (int i = 0; i < 1000; i++) {
		CHECK(slurp("/proc/self/smaps") > 0);
		r = record_of(p);
		NEED(r);
		if (number(r, "Shared_Dirty") == 16)
			break;
		usleep(1000);
	}
	CHECK_EQ(number(r, "Rss"), 16);
	CHECK_EQ(number(r, "Pss"), 8);
	CHECK_EQ(number(r, "Shared_Dirty"), 16);
	close(fds[1]);
	waitpid(pid, NULL, 0);
}

TEST(smaps_rollup_is_the_sum)
{
	long rss = 0;

	NEED(slurp("/proc/self/smaps") > 0);
	for (char *at = text; (at = strstr(at, "\nRss:")); at++)
		rss += strtol(at + 5, NULL, 10);
	NEED(slurp("/proc/self/smaps_rollup") > 0);
	CHECK(strstr(text, "[rollup]\nRss:") != NULL);
	CHECK(labs(number(text, "Rss") - rss) <= 64);
	CHECK(number(text, "Pss") <= number(text, "Rss"));
}

TEST(mem_is_memory_by_address)
{
	static char secret[] = "open sesame";
	int fd = open("/proc/self/mem", O_RDWR);
	const char *ro = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE |
			      MAP_ANONYMOUS, -1, 0);
	char got[16] = "";

	NEED(fd >= 0 && ro != MAP_FAILED);
	CHECK_EQ(pread(fd, got, sizeof(secret), (off_t)secret),
		 sizeof(secret));
	CHECK(strcmp(got, secret) == 0);
	CHECK_EQ(pwrite(fd, "OPEN", 4, (off_t)secret), 4);
	CHECK(memcmp(secret, "OPEN", 4) == 0);
	/* As a debugger does: the area's rights do not count. */
	CHECK_EQ(pwrite(fd, "x", 1, (off_t)ro), 1);
	CHECK_EQ(ro[0], 'x');
	CHECK_ERR(pread(fd, got, 1, 4096), EIO);
	CHECK_EQ(lseek(fd, (off_t)secret, SEEK_SET), (off_t)secret);
	CHECK_EQ(read(fd, got, 4), 4);
	close(fd);
}

TEST(mem_ends_at_a_hole)
{
	int fd = open("/proc/self/mem", O_RDONLY);
	char *p = map_pages(2, MAP_PRIVATE), buf[64];

	NEED(fd >= 0 && p);
	p[PAGE - 1] = 7;
	CHECK_EQ(munmap(p + PAGE, PAGE), 0);
	CHECK_EQ(pread(fd, buf, sizeof(buf), (off_t)(p + PAGE - 10)), 10);
	CHECK_EQ(buf[9], 7);
	close(fd);
}

TEST(pagemap_has_eight_bytes_a_page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	char *p = map_pages(4, MAP_PRIVATE);
	uint64_t e[4] = { 0 };

	NEED(fd >= 0 && p);
	p[PAGE] = 1;
	CHECK_EQ(pread(fd, e, sizeof(e), (uintptr_t)p / PAGE * 8), 32);
	CHECK(!(e[0] & PM_PRESENT) && (e[1] & PM_PRESENT));
	CHECK(!(e[2] & PM_PRESENT) && !(e[3] & PM_PRESENT));
	if (geteuid() == 0)
		CHECK((e[1] & ((1ULL << 55) - 1)) != 0);
	CHECK_EQ(pread(fd, e, 8, 0), 8);
	CHECK_EQ(e[0], 0);
	CHECK_ERR(pread(fd, e, 7, 0), EINVAL);
	CHECK_ERR(pread(fd, e, 8, 4), EINVAL);
	CHECK_EQ(pread(fd, e, 8, (off_t)1 << 60), 0);
	close(fd);
}

TEST(clear_refs_makes_pages_look_unused)
{
	char *p = map_pages(6, MAP_PRIVATE), *r;
	int fd = open("/proc/self/clear_refs", O_WRONLY);

	NEED(p && fd >= 0);
	munmap(p, PAGE);
	munmap(p + 5 * PAGE, PAGE);
	p += PAGE;
	memset(p, 1, 4 * PAGE);
	NEED(slurp("/proc/self/smaps") > 0);
	r = record_of(p);
	NEED(r);
	CHECK_EQ(number(r, "Referenced"), 16);
	CHECK_EQ(write(fd, "1", 1), 1);
	NEED(slurp("/proc/self/smaps") > 0);
	CHECK_EQ(number(record_of(p), "Referenced"), 0);
	/* Linux leaves the TLB as it is; taking a right away empties it. */
	NEED(mprotect(p, PAGE, PROT_READ) == 0);
	NEED(mprotect(p, PAGE, PROT_READ | PROT_WRITE) == 0);
	p[0] = 2;
	NEED(slurp("/proc/self/smaps") > 0);
	CHECK_EQ(number(record_of(p), "Referenced"), 4);
	CHECK_ERR(write(fd, "9", 1), EINVAL);
	CHECK_ERR(write(fd, "x", 1), EINVAL);
	close(fd);
}

/* ---- counts ---- */

static long io_field(const char *name)
{
	char *at;

	if (slurp("/proc/self/io") <= 0)
		return -1;
	at = strstr(text, name);
	return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

TEST(io_counts_bytes_and_calls)
{
	int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null",
							    O_WRONLY);
	static char buf[10000];
	long rchar, wchar, syscw;

	NEED(zero >= 0 && null >= 0);
	rchar = io_field("rchar: ");
	wchar = io_field("wchar: ");
	syscw = io_field("syscw: ");
	NEED(rchar >= 0 && wchar >= 0);
	CHECK_EQ(read(zero, buf, sizeof(buf)), sizeof(buf));
	CHECK_EQ(write(null, buf, 5000), 5000);
	CHECK_EQ(io_field("wchar: ") - wchar, 5000);
	CHECK_EQ(io_field("syscw: ") - syscw, 1);
	CHECK(io_field("rchar: ") - rchar >= 10000);
	CHECK(io_field("cancelled_write_bytes: ") >= 0);
}

TEST(a_child_begins_with_no_counts)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(io_field("rchar: ") < 4096 ? 0 : 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

TEST(children_names_them)
{
	char path[64];
	int fds[2];
	pid_t pid;
	char c;

	NEED(pipe(fds) == 0);
	snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
		 syscall(SYS_gettid));
	if (access(path, R_OK) < 0)
		SKIP("this kernel has no children file");
	pid = fork();
	if (pid == 0) {
		close(fds[1]);
		_exit(read(fds[0], &c, 1));
	}
	NEED(slurp(path) > 0);
	CHECK_EQ(atoi(text), pid);
	close(fds[1]);
	waitpid(pid, NULL, 0);
	CHECK_EQ(slurp(path), 0);
}

TEST(syscall_names_the_call_that_waits)
{
	unsigned long nr, a0, a1, a2;
	char path[64];
	int fds[2], tries;
	pid_t pid;

	NEED(pipe(fds) == 0);
	pid = fork();
	if (pid == 0) {
		char c;

		close(fds[1]);
		_exit(read(fds[0], &c, 1));
	}
	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	for (tries = 0; tries < 1000; tries++) {
		NEED(slurp(path) > 0);
		if (sscanf(text, "%lu 0x%lx 0x%lx 0x%lx", &nr, &a0, &a1, &a2)
		    == 4 && nr == SYS_read)
			break;
		usleep(1000);
	}
	CHECK_EQ(nr, SYS_read);
	CHECK_EQ(a0, fds[0]);
	CHECK_EQ(a2, 1);
	snprintf(path, sizeof(path), "/proc/%d/stack", pid);
	if (geteuid() == 0 && access(path, R_OK) == 0) {
		CHECK(slurp(path) > 0);
		CHECK(strncmp(text, "[<0>] ", 6) == 0);
	}
	close(fds[1]);
	waitpid(pid, NULL, 0);
}

TEST(others_may_not_look)
{
	char path[64];
	pid_t pid = getpid();

	NEED(geteuid() == 0);
	if (fork() == 0) {
		const char *const files[] = {
			"mem", "smaps", "smaps_rollup", "pagemap", "io",
		};

		CHECK_EQ(setgid(65534), 0);
		CHECK_EQ(setuid(65534), 0);
		for (int i = 0; i < 5; i++) {
			snprintf(path, sizeof(path), "/proc/%d/%s", pid,
				 files[i]);
			CHECK(slurp(path) < 0 && errno == EACCES);
		}
		fflush(stdout);
		_exit(tap_failed);
	}
	int status;

	wait(&status);
	CHECK_EQ(status, 0);
}

TEST(oom_score_is_a_number_that_adj_moves)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);
	long before;

	NEED(fd >= 0 && slurp("/proc/self/oom_score") > 0);
	before = atol(text);
	CHECK(before >= 0 && before <= 2000);
	CHECK_EQ(write(fd, "1000", 4), 4);
	CHECK(slurp("/proc/self/oom_score") > 0);
	CHECK(atol(text) > before);
	close(fd);
}

TAP_MAIN()
