/* SPDX-License-Identifier: MIT */
/*
 * randomize.c -- address-space randomisation: personality(2), proc(5)
 *
 * The program starts itself again and again; with REPORT in the environment it
 * only says where its stack, heap and mappings are.
 */

#include <fcntl.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tap.h"

#define PAGE 4096UL
#define SETTING "/proc/sys/kernel/randomize_va_space"
#define RUNS 6

struct places {
	uintptr_t stack, heap, map, vdso, auxv;
};

__attribute__((constructor(101))) static void report(void)
{
	char *fd = getenv("REPORT");
	struct places p;

	if (!fd)
		return;
	p.stack = (uintptr_t)&p;
	p.heap = syscall(SYS_brk, 0);
	p.map = (uintptr_t)mmap(NULL, PAGE, PROT_READ,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p.vdso = getauxval(AT_SYSINFO_EHDR);
	p.auxv = getauxval(AT_RANDOM);
	_exit(write(atoi(fd), &p, sizeof(p)) != sizeof(p));
}

/* Where a fresh copy of this program finds itself. */
static void look(struct places *p)
{
	char room[24];
	char *argv[] = { "randomize", NULL }, *envp[] = { room, NULL };
	int fds[2], status;
	pid_t pid;

	NEED(pipe(fds) == 0);
	snprintf(room, sizeof(room), "REPORT=%d", fds[1]);
	pid = fork();
	if (pid == 0) {
		execve("/proc/self/exe", argv, envp);
		_exit(1);
	}
	close(fds[1]);
	NEED(read(fds[0], p, sizeof(*p)) == sizeof(*p));
	close(fds[0]);
	waitpid(pid, &status, 0);
	NEED(status == 0);
}

static int setting(void)
{
	char text[8] = "";
	int fd = open(SETTING, O_RDONLY);

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0)
		return close(fd), atoi(text);
	return -1;
}

static void set(int mode)
{
	char text[2] = { '0' + mode, '\n' };
	int fd = open(SETTING, O_WRONLY);

	if (fd < 0 || write(fd, text, 2) != 2)
		SKIP("randomize_va_space cannot be set here");
	close(fd);
}

static int differ(const struct places *p, uintptr_t (*of)(const struct places *))
{
	for (int i = 1; i < RUNS; i++)
		if (of(&p[i]) != of(&p[0]))
			return 1;
	return 0;
}

static uintptr_t stack_of(const struct places *p) { return p->stack; }
static uintptr_t heap_of(const struct places *p) { return p->heap; }
static uintptr_t map_of(const struct places *p) { return p->map; }
static uintptr_t vdso_of(const struct places *p) { return p->vdso; }

TEST(each_start_places_stack_heap_maps_and_vdso_anew)
{
	struct places p[RUNS];

	if (setting() != 2)
		SKIP("randomisation is not fully on");
	for (int i = 0; i < RUNS; i++)
		look(&p[i]);
	CHECK(differ(p, stack_of));
	CHECK(differ(p, heap_of));
	CHECK(differ(p, map_of));
	if (p[0].vdso)
		CHECK(differ(p, vdso_of));
}

TEST(places_stay_within_what_is_promised)
{
	for (int i = 0; i < RUNS; i++) {
		struct places p;

		look(&p);
		CHECK(p.stack < 0x7ffffffff000 && p.stack > 0x7ff000000000);
		CHECK(p.map > 0x7e0000000000 && p.map < p.stack);
		CHECK(p.map % PAGE == 0 && p.auxv > p.stack - (1 << 20));
		/* 32 MiB at most; 1 GiB since Linux 6.9. */
		if ((uintptr_t)&report < 1UL << 32)
			CHECK(p.heap < (uintptr_t)&report + (1100UL << 20));
	}
}

TEST(the_stack_has_room_below_wherever_it_is)
{
	struct places p;
	struct rlimit lim = { 64UL << 20, 64UL << 20 };

	NEED(setrlimit(RLIMIT_STACK, &lim) == 0);
	look(&p);
	CHECK(p.stack - p.map > lim.rlim_cur);
}

TEST(setarch_r_makes_all_starts_equal)
{
	struct places p[RUNS];

	NEED(personality(ADDR_NO_RANDOMIZE) >= 0);
	for (int i = 0; i < RUNS; i++)
		look(&p[i]);
	CHECK(!differ(p, stack_of) && !differ(p, heap_of));
	CHECK(!differ(p, map_of) && !differ(p, vdso_of));
	CHECK(p[0].stack > 0x7fffff000000);
}

TEST(the_personality_is_inherited_by_fork_and_exec)
{
	pid_t pid;
	int status;

	NEED(personality(ADDR_NO_RANDOMIZE) >= 0);
	pid = fork();
	if (pid == 0)
		_exit(personality(0xffffffff) != ADDR_NO_RANDOMIZE);
	waitpid(pid, &status, 0);
	CHECK(status == 0);
	CHECK_EQ(personality(0xffffffff), ADDR_NO_RANDOMIZE);
}

TEST(mode_1_leaves_the_heap_behind_the_program_and_0_all)
{
	struct places one[RUNS], none[RUNS];
	int before = setting();

	set(1);
	for (int i = 0; i < RUNS; i++)
		look(&one[i]);
	set(0);
	for (int i = 0; i < RUNS; i++)
		look(&none[i]);
	set(before);
	CHECK(differ(one, stack_of) && differ(one, map_of));
	if ((uintptr_t)&report < 1UL << 32)
		CHECK(!differ(one, heap_of));
	CHECK(!differ(none, stack_of) && !differ(none, heap_of));
	CHECK(!differ(none, map_of) && !differ(none, vdso_of));
}

TEST(the_setting_takes_0_1_and_2_only)
{
	int before = setting(), fd = open(SETTING, O_WRONLY);

	if (fd < 0)
		SKIP("not root");
	CHECK(before >= 0 && before <= 2);
	CHECK(write(fd, "x", 1) < 0 && errno == EINVAL);
	CHECK_EQ(setting(), before);
}

TAP_MAIN()
