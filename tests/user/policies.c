/* SPDX-License-Identifier: MIT */
/* policies.c -- scheduling policies: what each call refuses, and what runs
 * when */

#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

enum { DEADLINE = 6, RESET = 1, OVERRUN = 4, KEEP_POLICY = 8, KEEP_PARAMS = 16 };
#define MS 1000000ULL

static long setattr(pid_t pid, const struct attr *a)
{
	return syscall(SYS_sched_setattr, pid, a, 0);
}

static long getattr(pid_t pid, struct attr *a)
{
	return syscall(SYS_sched_getattr, pid, a, 48, 0);
}

static struct attr deadline(uint64_t run, uint64_t dl, uint64_t period)
{
	return (struct attr){ .size = 48, .policy = DEADLINE, .runtime = run,
			      .deadline = dl, .period = period };
}

/* musl has only refusals for these. */
static long setscheduler(pid_t pid, int policy, int prio)
{
	struct sched_param p = { .sched_priority = prio };

	return syscall(SYS_sched_setscheduler, pid, policy, &p);
}

static long now_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void pin_to_first(void)
{
	cpu_set_t all, one;
	int cpu = 0;

	sched_getaffinity(0, sizeof(all), &all);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	CHECK_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
}

static void need_root(void)
{
	if (geteuid() || setscheduler(0, SCHED_RR, 1))
		SKIP("may not set policies");
	setscheduler(0, SCHED_OTHER, 0);
}

TEST(priorities_have_their_range)
{
	need_root();
	CHECK_ERR(setscheduler(0, SCHED_FIFO, 0), EINVAL);
	CHECK_ERR(setscheduler(0, SCHED_FIFO, 100), EINVAL);
	CHECK_ERR(setscheduler(0, SCHED_OTHER, 1), EINVAL);
	CHECK_ERR(setscheduler(0, DEADLINE, 0), EINVAL);
	CHECK_ERR(setscheduler(0, 77, 0), EINVAL);
	CHECK_ERR(setscheduler(0x3fffffff, SCHED_FIFO, 1), ESRCH);
	CHECK_EQ(setscheduler(0, SCHED_FIFO, 99), 0);
	CHECK_EQ(syscall(SYS_sched_getscheduler, 0), SCHED_FIFO);
	CHECK_EQ(setscheduler(0, SCHED_BATCH, 0), 0);
	CHECK_EQ(setscheduler(0, SCHED_IDLE, 0), 0);
	CHECK_EQ(syscall(SYS_sched_getscheduler, 0), SCHED_IDLE);
	CHECK_EQ(syscall(SYS_sched_get_priority_max, DEADLINE), 0);
	CHECK_EQ(syscall(SYS_sched_get_priority_max, SCHED_RR), 99);
}

static void write_slice(const char *ms)
{
	int fd = open("/proc/sys/kernel/sched_rr_timeslice_ms", O_WRONLY);

	CHECK_EQ(write(fd, ms, strlen(ms)), strlen(ms));
	close(fd);
}

TEST(rr_interval_is_a_tenth_of_a_second_if_nothing_else_is_said)
{
	struct timespec t;

	need_root();
	setscheduler(0, SCHED_RR, 5);
	CHECK_EQ(syscall(SYS_sched_rr_get_interval, 0, &t), 0);
	CHECK_EQ(t.tv_sec * 1000 + t.tv_nsec / 1000000, 100);
	write_slice("0");
	CHECK_EQ(syscall(SYS_sched_rr_get_interval, 0, &t), 0);
	CHECK_EQ(t.tv_sec * 1000 + t.tv_nsec / 1000000, 100);
	write_slice("40");
	CHECK_EQ(syscall(SYS_sched_rr_get_interval, 0, &t), 0);
	CHECK_EQ(t.tv_sec * 1000 + t.tv_nsec / 1000000, 40);
	write_slice("100");
	setscheduler(0, SCHED_FIFO, 5);
	CHECK_EQ(syscall(SYS_sched_rr_get_interval, 0, &t), 0);
	CHECK_EQ(t.tv_sec + t.tv_nsec, 0);
}

TEST(deadline_parameters_are_checked)
{
	struct attr a, got = { 0 };

	need_root();
	a = deadline(0, 10 * MS, 10 * MS);
	CHECK_ERR(setattr(0, &a), EINVAL);
	a = deadline(1000, 10 * MS, 10 * MS);   /* below 1024 ns */
	CHECK_ERR(setattr(0, &a), EINVAL);
	a = deadline(2 * MS, 1 * MS, 10 * MS);
	CHECK_ERR(setattr(0, &a), EINVAL);
	a = deadline(2 * MS, 20 * MS, 10 * MS);
	CHECK_ERR(setattr(0, &a), EINVAL);
	a = deadline(2 * MS, 1ULL << 63, 0);
	CHECK_ERR(setattr(0, &a), EINVAL);
	a = deadline(2000, 50000, 50000);       /* period below 100 us */
	CHECK_ERR(setattr(0, &a), EINVAL);
	a = deadline(1 * MS, 10 * MS, 10 * MS);
	a.priority = 1;
	CHECK_ERR(setattr(0, &a), EINVAL);
	a = deadline(1 * MS, 10 * MS, 10 * MS);
	a.flags = 1 << 20;
	CHECK_ERR(setattr(0, &a), EINVAL);
	a = deadline(1 * MS, 10 * MS, 20 * MS);
	CHECK_EQ(setattr(0, &a), 0);
	CHECK_EQ(getattr(0, &got), 0);
	CHECK_EQ(got.policy, DEADLINE);
	CHECK_EQ(got.runtime, 1 * MS);
	CHECK_EQ(got.deadline, 10 * MS);
	CHECK_EQ(got.period, 20 * MS);
	CHECK_ERR(fork(), EAGAIN);
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		CHECK_ERR(sched_setaffinity(0, sizeof(one), &one), EBUSY);
	a.flags = RESET;
	CHECK_EQ(setattr(0, &a), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(syscall(SYS_sched_getscheduler, 0));
	int status;
	waitpid(pid, &status, 0);
	CHECK_EQ(WEXITSTATUS(status), SCHED_OTHER);
	CHECK_EQ(setscheduler(0, SCHED_OTHER, 0), 0);
}

TEST(deadline_wants_all_cpus)
{
	struct attr a = deadline(1 * MS, 10 * MS, 10 * MS);

	need_root();
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP("one CPU");
	pin_to_first();
	CHECK_ERR(setattr(0, &a), EPERM);
}

TEST(deadline_overload_is_refused)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct attr a = deadline(90 * MS, 100 * MS, 100 * MS);
	int p[2], in = 0, refused = 0;
	char c;

	need_root();
	setpgid(0, 0);
	NEED(pipe(p) == 0);
	for (long i = 0; i < cpus + 2; i++) {
		if (fork() == 0) {
			long err = setattr(0, &a);
			char c = err == 0 ? 'y' : errno == EBUSY ? 'b' : '?';

			close(p[0]);
			write(p[1], &c, 1);
			pause();
			_exit(0);
		}
	}
	for (long i = 0; i < cpus + 2; i++) {
		CHECK_EQ(read(p[0], &c, 1), 1);
		in += c == 'y';
		refused += c == 'b';
	}
	CHECK(in >= 1 && in <= cpus);
	CHECK_EQ(in + refused, cpus + 2);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
	/* What the dead had booked is free again. */
	CHECK_EQ(setattr(0, &a), 0);
}

static volatile int told;

static void overrun(int sig)
{
	told = 1;
}

TEST(deadline_hog_is_throttled_and_told)
{
	struct attr a = deadline(10 * MS, 100 * MS, 100 * MS);
	long wall, cpu;

	need_root();
	signal(SIGXCPU, overrun);
	a.flags = OVERRUN;
	if (setattr(0, &a))
		SKIP("no deadline class");
	wall = now_us(CLOCK_MONOTONIC);
	cpu = now_us(CLOCK_THREAD_CPUTIME_ID);
	while (now_us(CLOCK_MONOTONIC) - wall < 500000)
		;
	wall = now_us(CLOCK_MONOTONIC) - wall;
	cpu = now_us(CLOCK_THREAD_CPUTIME_ID) - cpu;
	CHECK(cpu < wall / 2);
	CHECK_EQ(told, 1);
}

TEST(deadline_tasks_meet_their_deadlines)
{
	/* Less work than runtime, then asleep until the next period. */
	struct attr a = deadline(6 * MS, 20 * MS, 20 * MS);

	need_root();
	if (setattr(0, &a))
		SKIP("no deadline class");
	for (int i = 0; i < 10; i++) {
		long c = now_us(CLOCK_THREAD_CPUTIME_ID);

		while (now_us(CLOCK_THREAD_CPUTIME_ID) - c < 1000)
			;
		sched_yield();        /* until the next period */
	}
	CHECK(1);
}

/* Shared with a child. */
static volatile int *flag;

static void share_flag(void)
{
	flag = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(flag != MAP_FAILED);
}

TEST(fifo_keeps_normal_tasks_off_its_cpu)
{
	long start;

	need_root();
	share_flag();
	pin_to_first();
	setscheduler(0, SCHED_FIFO, 20);
	if (fork() == 0) {
		setscheduler(0, SCHED_OTHER, 0);
		*flag = 1;
		_exit(0);
	}
	start = now_us(CLOCK_THREAD_CPUTIME_ID);
	while (now_us(CLOCK_THREAD_CPUTIME_ID) - start < 30000)
		;
	CHECK_EQ(*flag, 0);
	wait(NULL);
	CHECK_EQ(*flag, 1);
}

TEST(fifo_gives_way_to_higher_only)
{
	need_root();
	share_flag();
	pin_to_first();
	setscheduler(0, SCHED_FIFO, 20);
	if (fork() == 0) {
		*flag = 1;            /* same priority: waits */
		_exit(0);
	}
	CHECK_EQ(*flag, 0);
	sched_yield();
	CHECK_EQ(*flag, 1);
	wait(NULL);
	*flag = 0;
	setscheduler(0, SCHED_FIFO, 10);
	pid_t pid = fork();
	if (pid == 0) {
		pause();
		*flag = 2;
		_exit(0);
	}
	CHECK_EQ(setscheduler(pid, SCHED_FIFO, 30), 0);
	usleep(20000);                /* it reaches pause() */
	*flag = 3;
	kill(pid, SIGKILL);           /* runs at once, though it only dies */
	waitpid(pid, NULL, 0);
	CHECK_EQ(*flag, 3);
}

static int write_number(const char *name, long value)
{
	char path[80], text[20];
	int fd, n, ok;

	snprintf(path, sizeof(path), "/proc/sys/kernel/%s", name);
	n = snprintf(text, sizeof(text), "%ld", value);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	ok = write(fd, text, n) == n ? 0 : -1;
	close(fd);
	return ok;
}

static long read_number(const char *name)
{
	char path[80], text[20] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/kernel/%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return -2;
	close(fd);
	return atol(text);
}

TEST(rt_hogs_leave_something_for_others)
{
	long period = read_number("sched_rt_period_us");
	long runtime = read_number("sched_rt_runtime_us");
	pid_t hog;

	need_root();
	CHECK_EQ(period, 1000000);
	CHECK(runtime == 950000 || runtime == -1);
	CHECK_ERR(write_number("sched_rt_runtime_us", period + 1), EINVAL);
	CHECK_ERR(write_number("sched_rt_period_us", 0), EINVAL);
	share_flag();
	pin_to_first();
	if (write_number("sched_rt_runtime_us", 50000) ||
	    write_number("sched_rt_period_us", 100000))
		SKIP("limits are fixed");
	hog = fork();
	if (hog == 0) {
		setscheduler(0, SCHED_FIFO, 50);
		while (!*flag && now_us(CLOCK_THREAD_CPUTIME_ID) < 3000000)
			;
		_exit(*flag ? 0 : 1);
	}
	/* On the hog's CPU, without its priority: gets there nevertheless. */
	usleep(150000);
	*flag = 1;
	int status;
	waitpid(hog, &status, 0);
	CHECK_EQ(status, 0);
	write_number("sched_rt_period_us", period);
	write_number("sched_rt_runtime_us", runtime);
}

TAP_MAIN()
