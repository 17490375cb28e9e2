/* SPDX-License-Identifier: MIT */
#ifndef HARM_H
#define HARM_H
/*
 * harm.h -- what the tests that mistreat the kernel share: numbers that follow
 * from a seed, a parent that outlasts its child, and a look at the kernel's log
 */

#include "tap.h"

#include <fcntl.h>
#include <stdint.h>
#include <time.h>

#define END_MS 5000             /* a killed child must be gone by then */

static uint64_t state;          /* of rnd(); not zero */

static inline uint64_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1d >> 16;
}

static inline uint64_t below(uint64_t n)
{
	return rnd() % n;
}

/* A number from the environment. */
static inline long setting(const char *name, long otherwise)
{
	const char *s = getenv(name);

	return s ? strtol(s, NULL, 0) : otherwise;
}

static inline long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * Wait for a child; end it once *progress has stood still for so long.
 * False: it outlives SIGKILL.
 */
static inline int outlast(pid_t pid, const volatile uint32_t *progress,
			  int stuck_ms)
{
	long last = now_ms(), killed = 0;
	uint32_t seen = *progress;

	for (;;) {
		pid_t got = waitpid(pid, NULL, WNOHANG | __WALL);

		if (got == pid || (got < 0 && errno == ECHILD))
			return 1;
		if (*progress != seen) {
			seen = *progress;
			last = now_ms();
		}
		if (now_ms() - last > stuck_ms) {
			kill(pid, SIGKILL);
			killed = killed ? killed : now_ms();
		}
		if (killed && now_ms() - killed > END_MS)
			return 0;
		nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
	}
}

static const char *const complaints[] = {
	"BUG", "WARNING", "Oops", "UBSAN", "panic", "Call Trace", "stall",
	"lock order", "deadlock", "general protection", "hung",
};

/* Has the log said something of that kind since? Print it. */
static inline int log_complains(int log)
{
	char line[8192];
	int found = 0;
	ssize_t n;

	while ((n = read(log, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		if (n <= 0)
			continue;
		line[n] = '\0';
		if (strstr(line, "traps: "))
			continue;       /* Linux names a program's fault */
		for (unsigned i = 0;
		     i < sizeof(complaints) / sizeof(*complaints); i++) {
			if (strstr(line, complaints[i])) {
				printf("# %s", line);
				found = 1;
				break;
			}
		}
	}
	return found;
}

static inline int open_log(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (log >= 0)
		lseek(log, 0, SEEK_END);
	return log;
}

#endif
