/* SPDX-License-Identifier: MIT */
/* proc_views.c -- what /proc says of a task is what the calls say (AP099) */

#include "tap.h"

#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static char text[1 << 16];

/* A file of /proc, whole; pid 0 is this process. */
static int slurp(int pid, const char *name)
{
	char path[64];
	int fd, n, total = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid ? pid : getpid(), name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	while ((n = read(fd, text + total, sizeof(text) - 1 - total)) > 0)
		total += n;
	close(fd);
	text[total] = 0;
	return total;
}

/* The rest of the line that begins so; "" if there is none. */
static const char *line(const char *name)
{
	static char rest[200];
	char *at = text;
	size_t n = strlen(name);

	rest[0] = 0;
	while (at && (strncmp(at, name, n) || at[n] != ':')) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	if (at)
		sscanf(at + n + 1, " %199[^\n]", rest);
	return rest;
}

static long number(const char *name)
{
	return strtol(line(name), NULL, 10);
}

static unsigned long hex(const char *name)
{
	return strtoul(line(name), NULL, 16);
}

#define BIT(signal) (1ul << ((signal) - 1))

TEST(status_agrees_about_who_one_is)
{
	char name[16];
	mode_t mask = umask(027);

	prctl(PR_SET_NAME, "a new name");
	prctl(PR_GET_NAME, name);
	NEED(slurp(0, "status") > 0);
	CHECK(strcmp(line("Name"), name) == 0);
	CHECK_EQ(strtol(line("Umask"), NULL, 8), 027);
	CHECK(strcmp(line("State"), "R (running)") == 0);
	CHECK_EQ(number("Tgid"), getpid());
	CHECK_EQ(number("Pid"), getpid());
	CHECK_EQ(number("PPid"), getppid());
	CHECK_EQ(number("TracerPid"), 0);
	CHECK_EQ(number("NoNewPrivs"), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	CHECK_EQ(number("Seccomp"), prctl(PR_GET_SECCOMP));
	CHECK(number("FDSize") >= 3);
	umask(mask);
	CHECK(slurp(0, "comm") > 0 && strcmp(text, "a new name\n") == 0);
}

TEST(status_agrees_about_signals)
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, &old);
	signal(SIGWINCH, SIG_IGN);
	signal(SIGALRM, (void (*)(int))exit);
	raise(SIGUSR1);                 /* the thread's */
	kill(getpid(), SIGUSR2);        /* the process's */
	NEED(slurp(0, "status") > 0);
	CHECK_EQ(hex("SigBlk"), BIT(SIGUSR1) | BIT(SIGUSR2) |
		 BIT(SIGRTMIN + 3));
	CHECK_EQ(hex("SigPnd"), BIT(SIGUSR1));
	CHECK_EQ(hex("ShdPnd"), BIT(SIGUSR2));
	CHECK_EQ(hex("SigIgn") & BIT(SIGWINCH), BIT(SIGWINCH));
	CHECK_EQ(hex("SigCgt") & BIT(SIGALRM), BIT(SIGALRM));
	CHECK_EQ(strtol(line("SigQ"), NULL, 10) >= 2, 1);
	signal(SIGUSR1, SIG_IGN);       /* ignoring throws them away */
	signal(SIGUSR2, SIG_IGN);
	NEED(slurp(0, "status") > 0);
	CHECK_EQ(hex("SigPnd") | hex("ShdPnd"), 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

TEST(status_agrees_about_cpus)
{
	cpu_set_t set;
	unsigned long mask = 0;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	NEED(sched_setaffinity(0, sizeof(set), &set) == 0);
	NEED(slurp(0, "status") > 0);
	CHECK_EQ(hex("Cpus_allowed"), 1);
	CHECK(strcmp(line("Cpus_allowed_list"), "0") == 0);
	for (int i = 0; i < sysconf(_SC_NPROCESSORS_CONF) && i < 32; i++) {
		CPU_SET(i, &set);
		mask |= 1ul << i;
	}
	NEED(sched_setaffinity(0, sizeof(set), &set) == 0);
	NEED(slurp(0, "status") > 0);
	CHECK_EQ(hex("Cpus_allowed"), mask);
}

/* VmSize is the sum of maps, and grows by what is mapped. */
TEST(status_agrees_about_memory)
{
	long size, locked, sum = 0;
	unsigned long from, to;
	void *map;

	NEED(slurp(0, "status") > 0);
	size = number("VmSize");
	locked = number("VmLck");
	map = mmap(NULL, 1 << 22, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(map != MAP_FAILED);
	memset(map, 1, 1 << 22);
	CHECK_EQ(mlock(map, 8192), 0);
	NEED(slurp(0, "status") > 0);
	CHECK_EQ(number("VmSize"), size + 4096);
	CHECK_EQ(number("VmLck"), locked + 8);
	CHECK(number("VmPeak") >= number("VmSize"));
	/* Linux counts pages by 64 a task: so much may be untold. */
	CHECK(number("VmHWM") + 256 >= number("VmRSS"));
	CHECK(number("VmRSS") + 256 >= 4096);
	CHECK_EQ(number("VmRSS"), number("RssAnon") + number("RssFile") +
		 number("RssShmem"));
	size = number("VmSize");
	NEED(slurp(0, "maps") > 0);
	for (char *at = text; at && *at; at = strchr(at, '\n') + 1)
		if (sscanf(at, "%lx-%lx", &from, &to) == 2 && !(from >> 63))
			sum += (to - from) >> 10;
	/* The C library's own memory may have moved a little. */
	CHECK(labs(sum - size) <= 64);
	NEED(slurp(0, "statm") > 0);
	CHECK(labs(strtol(text, NULL, 10) * 4 - size) <= 64);
	munmap(map, 1 << 22);
}

static pthread_barrier_t barrier;

static void *wait_twice(void *tid)
{
	*(int *)tid = syscall(SYS_gettid);
	prctl(PR_SET_NAME, "helper");
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

TEST(a_thread_has_its_own_name_and_its_process_s_number)
{
	pthread_t threads[2];
	int tids[2];
	char path[64];

	pthread_barrier_init(&barrier, NULL, 3);
	for (int i = 0; i < 2; i++)
		NEED(!pthread_create(&threads[i], NULL, wait_twice, &tids[i]));
	pthread_barrier_wait(&barrier);
	NEED(slurp(0, "status") > 0);
	CHECK_EQ(number("Threads"), 3);
	snprintf(path, sizeof(path), "task/%d/status", tids[1]);
	NEED(slurp(0, path) > 0);
	CHECK(strcmp(line("Name"), "helper") == 0);
	CHECK_EQ(number("Pid"), tids[1]);
	CHECK_EQ(number("Tgid"), getpid());
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	/* A thread is joined when it says so, and gone a moment later. */
	for (int i = 0; i < 2000; i++) {
		NEED(slurp(0, "status") > 0);
		if (number("Threads") == 1)
			break;
		usleep(1000);
	}
	CHECK_EQ(number("Threads"), 1);
}

TEST(a_child_s_state_and_tracer_are_seen)
{
	int status, pid = fork();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(7);
	}
	NEED(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	NEED(slurp(pid, "status") > 0);
	CHECK(strcmp(line("State"), "t (tracing stop)") == 0);
	CHECK_EQ(number("TracerPid"), getpid());
	CHECK_EQ(number("PPid"), getpid());
	CHECK_EQ(ptrace(PTRACE_DETACH, pid, 0, SIGSTOP), 0);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	NEED(slurp(pid, "status") > 0);
	CHECK(strcmp(line("State"), "T (stopped)") == 0);
	CHECK_EQ(number("TracerPid"), 0);
	kill(pid, SIGCONT);
	CHECK_EQ(waitid(P_PID, pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
	NEED(slurp(pid, "status") > 0);
	CHECK(strcmp(line("State"), "Z (zombie)") == 0);
	CHECK(line("VmSize")[0] == 0);
	CHECK_EQ(slurp(pid, "cmdline"), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	CHECK_EQ(slurp(pid, "status"), -1);
}

TEST(environ_and_auxv_are_what_the_program_got)
{
	char *at = text;
	int len = slurp(0, "environ");
	unsigned long *pair = (unsigned long *)text;
	int seen = 0;

	CHECK(len >= 0);
	for (char **e = environ; *e && len > 0; e++) {
		CHECK(strcmp(at, *e) == 0);
		at += strlen(at) + 1;
	}
	CHECK_EQ(at - text, len);
	len = slurp(0, "auxv");
	CHECK(len > 0 && len % 16 == 0);
	for (; (char *)pair < text + len && pair[0] != AT_NULL; pair += 2) {
		if (pair[0] != AT_IGNORE)
			CHECK_EQ(getauxval(pair[0]), pair[1]);
		seen += pair[0] == AT_PHDR || pair[0] == AT_ENTRY ||
			pair[0] == AT_PAGESZ || pair[0] == AT_RANDOM;
	}
	CHECK_EQ(seen, 4);
}

TAP_MAIN()
