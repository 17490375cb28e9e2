/* SPDX-License-Identifier: MIT */
/*
 * families.c -- parents, children and what passes between them
 * (AP002, AP003, AP011-AP015, AP019)
 */

#include "tap.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

static void rest(int milliseconds)
{
	struct timespec t = { milliseconds / 1000,
			      milliseconds % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

/* A page that a family shares. */
static volatile int *shared_page(void)
{
	volatile int *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	NEED(page != MAP_FAILED);
	return page;
}

/* The words of /proc/PID/stat behind the name; word 0 is the state. */
static int stat_words(pid_t pid, char *state, long *words, int n)
{
	char path[64], text[1024], *p;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return -1;
	text[len] = 0;
	p = strrchr(text, ')') + 2;
	*state = *p++;
	for (int i = 0; i < n; i++)
		words[i] = strtol(p, &p, 10);
	return 0;
}

static char state_of(pid_t pid)
{
	char state = '?';

	stat_words(pid, &state, NULL, 0);
	return state;
}

static int reaches(pid_t pid, char state)
{
	for (int i = 0; i < 2000 && state_of(pid) != state; i++)
		rest(2);
	return state_of(pid) == state;
}

static pid_t ppid_of(pid_t pid)
{
	char state;
	long ppid = -1;

	stat_words(pid, &state, &ppid, 1);
	return (pid_t)ppid;
}

/* AP002: all of a loop of forks fork on: 2 to the 5th. */
TEST(five_forks_in_a_loop_make_thirty_two)
{
	volatile int *count = shared_page();
	pid_t top = getpid(), parent = 0;
	int status;

	for (int depth = 0; depth < 5; depth++) {
		pid_t self = getpid(), pid = fork();

		NEED(pid >= 0);
		if (pid == 0) {
			parent = self;
			if (getppid() != parent)
				__sync_fetch_and_add(&count[1], 1);
		}
	}
	__sync_fetch_and_add(&count[0], 1);
	while (wait(&status) > 0)
		;
	if (getpid() != top)
		_exit(0);
	CHECK_EQ(count[0], 32);
	CHECK_EQ(count[1], 0);
}

/* AP003 */
TEST(a_child_does_not_inherit_what_is_the_parents_own)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
			      .l_len = 10 };
	struct rusage use;
	sigset_t set;
	int status, fd = open("inherit", O_RDWR | O_CREAT, 0600);
	pid_t pid;

	NEED(fd >= 0 && write(fd, "0123456789", 10) == 10);
	NEED(fcntl(fd, F_SETLK, &lock) == 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	alarm(100);
	CHECK_EQ(mlock((void *)&stat_words, 1), 0);
	pid = fork();
	if (pid == 0) {
		sigpending(&set);
		CHECK(!sigismember(&set, SIGUSR1));
		sigprocmask(SIG_BLOCK, NULL, &set);
		CHECK(sigismember(&set, SIGUSR1));
		CHECK_EQ(alarm(0), 0);
		getrusage(RUSAGE_SELF, &use);
		CHECK(use.ru_utime.tv_sec == 0 && use.ru_stime.tv_sec == 0);
		getrusage(RUSAGE_CHILDREN, &use);
		CHECK(use.ru_utime.tv_sec == 0 && use.ru_minflt == 0);
		CHECK_EQ(fcntl(fd, F_GETLK, &lock), 0);
		CHECK_EQ(lock.l_pid, getppid());
		CHECK_EQ(lseek(fd, 3, SEEK_SET), 3);
		fflush(stdout);
		_exit(tap_failed);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 3);
	CHECK(alarm(TAP_SECONDS) > 95);
	sigpending(&set);
	CHECK(sigismember(&set, SIGUSR1));
	unlink("inherit");
}

static long vm_locked(void)
{
	char line[128];
	long kb = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "VmLck: %ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

TEST(locks_on_memory_are_not_inherited)
{
	int status;
	void *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(page != MAP_FAILED && mlock(page, 8192) == 0);
	CHECK_EQ(vm_locked(), 8);
	pid_t pid = fork();

	if (pid == 0)
		_exit(vm_locked() == 0 ? 0 : 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* AP011: what a zombie shows, and who buries it in the end. */
TEST(zombies_show_as_such_until_their_parent_dies)
{
	volatile int *page = shared_page();
	pid_t factory;
	int status;

	NEED(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
	factory = fork();
	if (factory == 0) {
		for (int i = 0; i < 3; i++) {
			pid_t pid = fork();

			if (pid == 0)
				_exit(7);
			page[i] = pid;
		}
		page[3] = 1;
		for (;;)
			pause();
	}
	while (!page[3])
		rest(1);
	for (int i = 0; i < 3; i++) {
		long words[22] = { 0 };
		char state, path[64];

		CHECK(reaches(page[i], 'Z'));
		NEED(stat_words(page[i], &state, words, 22) == 0);
		CHECK_EQ(words[0], factory);
		CHECK_EQ(words[19], 0);         /* vsize */
		CHECK_EQ(words[20], 0);         /* rss */
		CHECK_EQ(kill(page[i], SIGKILL), 0);
		CHECK_EQ(state_of(page[i]), 'Z');
		snprintf(path, sizeof(path), "/proc/%d/cmdline", page[i]);
		int fd = open(path, O_RDONLY);

		CHECK_EQ(read(fd, path, sizeof(path)), 0);
		close(fd);
	}
	kill(factory, SIGKILL);
	CHECK_EQ(waitpid(factory, &status, 0), factory);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(waitpid(page[i], &status, 0), page[i]);
		CHECK_EQ(WEXITSTATUS(status), 7);
		CHECK_ERR(kill(page[i], 0), ESRCH);
	}
}

/* AP012: who looks after three workers sees each death, and makes another. */
TEST(a_supervisor_replaces_who_died)
{
	enum { WORKERS = 3, DEATHS = 9 };
	pid_t workers[WORKERS];
	int replaced = 0;

	for (int i = 0; i < WORKERS; i++) {
		workers[i] = fork();
		if (workers[i] == 0)
			for (;;)
				pause();
	}
	while (replaced < DEATHS) {
		pid_t dead;

		kill(workers[replaced % WORKERS], SIGKILL);
		while ((dead = waitpid(-1, NULL, WNOHANG)) == 0)
			rest(1);
		CHECK_EQ(dead, workers[replaced % WORKERS]);
		workers[replaced % WORKERS] = fork();
		if (workers[replaced % WORKERS] == 0)
			for (;;)
				pause();
		replaced++;
	}
	for (int i = 0; i < WORKERS; i++) {
		CHECK_EQ(state_of(workers[i]) == 'Z', 0);
		kill(workers[i], SIGKILL);
		CHECK_EQ(waitpid(workers[i], NULL, 0), workers[i]);
	}
	CHECK_ERR(waitpid(-1, NULL, WNOHANG), ECHILD);
}

/* AP013 */
TEST(a_daemon_forks_twice_and_belongs_to_the_reaper)
{
	volatile int *page = shared_page();
	pid_t self = getpid(), middle;

	NEED(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
	middle = fork();
	if (middle == 0) {
		setsid();
		pid_t pid = fork();

		if (pid == 0) {
			while (!page[1] || getppid() == page[1])
				rest(1);
			page[2] = getppid();
			page[3] = getpgrp();
			page[4] = getsid(0);
			_exit(chdir("/"));
		}
		page[0] = pid;
		page[1] = getpid();
		_exit(0);
	}
	CHECK_EQ(waitpid(middle, NULL, 0), middle);
	CHECK_EQ(waitpid(page[0], NULL, 0), page[0]);
	CHECK_EQ(page[2], self);
	CHECK_EQ(page[3], middle);
	CHECK_EQ(page[4], middle);
}

static long read_number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	return n > 0 ? atol(text) : -1;
}

static int write_number(const char *path, long n)
{
	char text[32];
	int fd = open(path, O_WRONLY), err = 0;

	snprintf(text, sizeof(text), "%ld", n);
	if (write(fd, text, strlen(text)) < 0)
		err = errno;
	close(fd);
	return err;
}

#define PID_MAX "/proc/sys/kernel/pid_max"

/* AP014: numbers come round below the limit, none twice among the living. */
TEST(process_numbers_wrap_below_their_limit)
{
	long old = read_number(PID_MAX);
	int wraps = 0;
	pid_t keep, last = 0;

	CHECK(old >= 32768);
	CHECK_EQ(write_number(PID_MAX, 4194304), 0);
	CHECK_EQ(write_number(PID_MAX, 4194305), EINVAL);
	CHECK_EQ(write_number(PID_MAX, 0), EINVAL);
	keep = fork();
	if (keep == 0)
		for (;;)
			pause();
	if (write_number(PID_MAX, 1500) == 0) {
		for (int i = 0; i < 1600; i++) {
			pid_t pid = vfork();

			if (pid == 0)
				_exit(0);
			if (pid < 0)
				break;
			CHECK(pid < 1500 && pid != keep && pid != getpid());
			wraps += pid < last;
			last = pid;
			waitpid(pid, NULL, 0);
		}
		CHECK(wraps >= 1);
	}
	CHECK_EQ(write_number(PID_MAX, old), 0);
	kill(keep, SIGKILL);
	waitpid(keep, NULL, 0);
}

static int is_kernel_thread(pid_t pid)
{
	char path[64], byte;
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	fd = open(path, O_RDONLY);
	n = read(fd, &byte, 1);
	close(fd);
	return n == 0 && state_of(pid) != 'Z';
}

/* AP015 */
TEST(each_process_has_a_parent_that_is_there)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;

	if (getppid() == 0 || ppid_of(2) != 0)
		SKIP("a namespace of its own: no kthreadd");
	CHECK_EQ(ppid_of(1), 0);
	while ((d = readdir(proc))) {
		pid_t pid = atoi(d->d_name), parent;

		if (!isdigit((unsigned char)d->d_name[0]) || pid <= 2)
			continue;
		parent = ppid_of(pid);
		if (parent < 0)
			continue;               /* it has ended meanwhile */
		if (is_kernel_thread(pid))
			CHECK_EQ(parent, 2);
		else
			CHECK(parent > 0 && kill(parent, 0) == 0);
	}
	closedir(proc);
}

/* AP019 */
TEST(state_letters_say_what_a_process_does)
{
	int status, pipe_ends[2];
	pid_t spinner = fork(), sleeper, stopped, traced;

	if (spinner == 0)
		for (;;)
			;
	CHECK(reaches(spinner, 'R'));
	kill(spinner, SIGKILL);
	waitpid(spinner, NULL, 0);
	NEED(pipe(pipe_ends) == 0);
	sleeper = fork();
	if (sleeper == 0)
		_exit((int)read(pipe_ends[0], &status, 1));
	CHECK(reaches(sleeper, 'S'));
	CHECK_EQ(write(pipe_ends[1], "x", 1), 1);
	CHECK_EQ(waitpid(sleeper, NULL, 0), sleeper);
	for (int i = 0; i < 4; i++) {
		static const int stops[] = { SIGSTOP, SIGTSTP, SIGTTIN,
					     SIGTTOU };

		stopped = fork();
		if (stopped == 0) {
			/* TSTP and its kind do not stop an orphaned group. */
			setpgid(0, 0);
			for (;;)
				pause();
		}
		setpgid(stopped, stopped);
		kill(stopped, stops[i]);
		CHECK_EQ(waitpid(stopped, &status, WUNTRACED), stopped);
		CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == stops[i]);
		CHECK_EQ(state_of(stopped), 'T');
		kill(stopped, SIGKILL);
		waitpid(stopped, NULL, 0);
	}
	traced = fork();
	if (traced == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGUSR1);
		_exit(0);
	}
	CHECK_EQ(waitpid(traced, &status, 0), traced);
	CHECK_EQ(state_of(traced), 't');
	kill(traced, SIGKILL);
	CHECK(reaches(traced, 'Z'));
	waitpid(traced, NULL, 0);
}

static volatile int *heard;

static void hear(int sig)
{
	*heard = sig;
}

/* vfork's parent waits as a disk's reader does: D, and no handler runs. */
TEST(a_process_in_d_hears_no_signal)
{
	volatile int *page = shared_page();
	pid_t parent = fork();

	heard = page + 3;
	if (parent == 0) {
		signal(SIGUSR1, hear);
		if (vfork() == 0) {
			page[0] = getpid();
			while (!page[1])
				rest(1);
			_exit(0);
		}
		page[2] = 1;
		_exit(0);
	}
	CHECK(reaches(parent, 'D'));
	kill(parent, SIGUSR1);
	rest(5);
	CHECK_EQ(state_of(parent), 'D');
	CHECK_EQ(page[2], 0);
	CHECK_EQ(*heard, 0);
	page[1] = 1;
	CHECK_EQ(waitpid(parent, NULL, 0), parent);
	CHECK_EQ(*heard, SIGUSR1);
}

TAP_MAIN()
