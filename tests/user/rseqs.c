/* SPDX-License-Identifier: MIT */
/* rseqs.c -- restartable sequences and membarrier */

#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

#define SYS_RSEQ 334
#define SYS_MEMBARRIER 324
#define SIG 0x53053053
#define STR_(x) #x
#define STR(x) STR_(x)

struct rseq {
	volatile uint32_t cpu_id_start, cpu_id;
	volatile uint64_t rseq_cs;
	volatile uint32_t flags;
} __attribute__((aligned(32)));

static struct rseq area;

static long rseq(struct rseq *r, unsigned len, int flags, unsigned sig)
{
	return syscall(SYS_RSEQ, r, len, flags, sig);
}

TEST(rseq_registers_once)
{
	if (rseq((void *)1, 32, 0, SIG) == -1 && errno == ENOSYS)
		SKIP("no rseq");
	CHECK_ERR(rseq(&area, 32, 2, SIG), EINVAL);
	CHECK_ERR(rseq((struct rseq *)((char *)&area + 8), 32, 0, SIG), EINVAL);
	CHECK_ERR(rseq(&area, 31, 0, SIG), EINVAL);
	CHECK_ERR(rseq((void *)-4096, 32, 0, SIG), EFAULT);
	CHECK_ERR(rseq(&area, 32, 1, SIG), EINVAL);
	area.cpu_id = -1;
	CHECK_EQ(rseq(&area, 32, 0, SIG), 0);
	CHECK(area.cpu_id < 4096);
	CHECK_EQ(area.cpu_id, area.cpu_id_start);
	CHECK_ERR(rseq(&area, 32, 0, SIG), EBUSY);
	CHECK_ERR(rseq(&area, 32, 0, SIG + 1), EPERM);
	CHECK_ERR(rseq(&area, 32, 1, SIG + 1), EPERM);
	CHECK_EQ(rseq(&area, 32, 1, SIG), 0);
	CHECK_EQ(area.cpu_id, (uint32_t)-1);
	CHECK_EQ(area.cpu_id_start, 0);
}

TEST(rseq_follows_the_cpu)
{
	cpu_set_t set, all;

	if (rseq(&area, 32, 0, SIG))
		SKIP("no rseq");
	sched_getaffinity(0, sizeof(all), &all);
	for (int cpu = 0; cpu < 64; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		CHECK_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
		CHECK_EQ(area.cpu_id, cpu);
	}
	/* A child has its parent's registration, a thread has none. */
	pid_t pid = fork();
	if (pid == 0)
		_exit(rseq(&area, 32, 0, SIG) == -1 && errno == EBUSY ? 0 : 1);
	int status;
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
}

/*
 * Spin in a critical section until thrown out of it.  How it ends: 1 by the
 * abort, 0 if 2^36 rounds went by (never).
 */
static __attribute__((noinline)) long spin_in_section(void)
{
	long aborted;

	__asm__ volatile(
		".pushsection .data.rseq, \"aw\"\n"
		".balign 32\n"
		"9: .long 0, 0\n"
		".quad 1f, 2f - 1f, 4f\n"
		".popsection\n"
		"lea 9b(%%rip), %%rax\n"
		"mov %%rax, 8(%[r])\n"
		"mov $0x1000000000, %%rcx\n"
		"1: dec %%rcx\n"
		"jnz 1b\n"
		"2: mov $0, %[out]\n"
		"jmp 5f\n"
		".long " STR(SIG) "\n"
		"4: mov $1, %[out]\n"
		"5:\n"
		: [out] "=r"(aborted)
		: [r] "r"(&area)
		: "rax", "rcx", "memory", "cc");
	return aborted;
}

static volatile int handled;

static void note(int sig)
{
	/* The word is cleared before the handler runs. */
	handled = area.rseq_cs == 0 ? 1 : 2;
}

TEST(rseq_signal_aborts_the_section)
{
	timer_t timer;
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
			       .sigev_signo = SIGUSR1 };
	struct itimerspec in = { .it_value = { 0, 20000000 } };

	if (rseq(&area, 32, 0, SIG))
		SKIP("no rseq");
	signal(SIGUSR1, note);
	NEED(timer_create(CLOCK_MONOTONIC, &ev, &timer) == 0);
	timer_settime(timer, 0, &in, NULL);
	CHECK_EQ(spin_in_section(), 1);
	CHECK_EQ(area.rseq_cs, 0);
	while (!handled)
		;
	CHECK_EQ(handled, 1);
}

static void *burn(void *stop)
{
	while (!*(volatile int *)stop)
		;
	return NULL;
}

TEST(rseq_preemption_aborts_the_section)
{
	cpu_set_t set, all;
	pthread_t t;
	int stop = 0, cpu = 0;

	if (rseq(&area, 32, 0, SIG))
		SKIP("no rseq");
	sched_getaffinity(0, sizeof(all), &all);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	NEED(pthread_create(&t, NULL, burn, &stop) == 0);
	CHECK_EQ(spin_in_section(), 1);
	stop = 1;
	pthread_join(t, NULL);
}

TEST(rseq_wrong_signature_kills)
{
	int status;
	pid_t pid;

	if (rseq((void *)1, 32, 0, SIG) == -1 && errno == ENOSYS)
		SKIP("no rseq");
	pid = fork();
	if (pid == 0) {
		rseq(&area, 32, 0, SIG + 7);
		alarm(1);
		signal(SIGALRM, note);
		spin_in_section();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static long membarrier(int cmd, unsigned flags, int cpu)
{
	return syscall(SYS_MEMBARRIER, cmd, flags, cpu);
}

TEST(membarrier_commands)
{
	long all = membarrier(0, 0, 0);

	if (all == -1 && errno == ENOSYS)
		SKIP("no membarrier");
	CHECK_EQ(all & 0x1ff, 0x1ff);
	CHECK_ERR(membarrier(0, 1, 0), EINVAL);
	CHECK_ERR(membarrier(3, 0, 0), EINVAL);
	CHECK_ERR(membarrier(1 << 20, 0, 0), EINVAL);
	CHECK_ERR(membarrier(8, 0, 0), EPERM);
	CHECK_ERR(membarrier(32, 0, 0), EPERM);
	CHECK_ERR(membarrier(128, 0, 0), EPERM);
	CHECK_EQ(membarrier(1, 0, 0), 0);
	CHECK_EQ(membarrier(4, 0, 0), 0);
	CHECK_EQ(membarrier(2, 0, 0), 0);
	CHECK_EQ(membarrier(16, 0, 0), 0);
	CHECK_EQ(membarrier(8, 0, 0), 0);
	CHECK_ERR(membarrier(8, 1, 0), EINVAL);
	CHECK_EQ(membarrier(64, 0, 0), 0);
	CHECK_EQ(membarrier(32, 0, 0), 0);
	CHECK_EQ(membarrier(256, 0, 0), 0);
	CHECK_EQ(membarrier(128, 0, 0), 0);
	CHECK_EQ(membarrier(128, 1, 0), 0);
	CHECK_ERR(membarrier(128, 2, 0), EINVAL);
}

static volatile int x, y, stop_now;

/* The frequent side: no barrier but the compiler's. */
static void *frequent(void *arg)
{
	while (!stop_now) {
		x = 1;
		__asm__ volatile("" ::: "memory");
		y++;
	}
	return NULL;
}

TEST(membarrier_reaches_running_threads)
{
	pthread_t t;

	if (membarrier(16, 0, 0))
		SKIP("no membarrier");
	NEED(pthread_create(&t, NULL, frequent, NULL) == 0);
	for (int i = 0; i < 300; i++)
		CHECK_EQ(membarrier(8, 0, 0), 0);
	stop_now = 1;
	pthread_join(t, NULL);
}

TAP_MAIN()
