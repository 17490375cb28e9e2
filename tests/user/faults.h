/* SPDX-License-Identifier: MIT */
#ifndef FAULTS_H
#define FAULTS_H
/* faults.h -- for the tests of memory: pages, touching them, surviving it */

#include "tap.h"

#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)
#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED (MAP_SHARED | MAP_ANONYMOUS)

static sigjmp_buf after_fault;
static volatile int fault_signal, fault_code;
static char *volatile fault_address;

__attribute__((unused))
static char *map(long pages, int prot, int flags)
{
	char *p = mmap(NULL, pages * PAGE, prot, flags, -1, 0);

	NEED(p != MAP_FAILED);
	return p;
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)context;
	fault_signal = sig;
	fault_code = info->si_code;
	fault_address = info->si_addr;
	siglongjmp(after_fault, 1);
}

/* On an alternate stack, so that a full stack can be told of. */
__attribute__((unused))
static void catch_faults(void)
{
	static char alternate[65536];
	stack_t s = { .ss_sp = alternate, .ss_size = sizeof(alternate) };
	struct sigaction a = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK,
	};

	sigaltstack(&s, NULL);
	sigaction(SIGSEGV, &a, NULL);
	sigaction(SIGBUS, &a, NULL);
}

/* The signal that a load or store at p costs; 0: none. */
__attribute__((unused))
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

__attribute__((unused))
static long minor_faults(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_minflt;
}

/* How many lines of /proc/self/maps lie inside [p, p + len)? */
__attribute__((unused))
static int lines_in_maps(char *p, long len)
{
	unsigned long start, end, low = (unsigned long)p;
	FILE *f = fopen("/proc/self/maps", "r");
	char line[256];
	int lines = 0;

	NEED(f != NULL);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx", &start, &end) == 2 &&
		    end > low && start < low + len)
			lines++;
	fclose(f);
	return lines;
}

/* A file of these bytes that has no name any more. */
__attribute__((unused))
static int temporary(const void *bytes, size_t n)
{
	char name[] = "/tmp/faults-XXXXXX";
	int fd = mkstemp(name);

	NEED(fd >= 0);
	unlink(name);
	CHECK_EQ(write(fd, bytes, n), n);
	return fd;
}

#endif
