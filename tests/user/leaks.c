/* SPDX-License-Identifier: MIT */
/*
 * leaks.c -- what is done a thousand times leaves the machine as it was
 *
 * Each test warms the caches, looks at /proc/meminfo and /proc/slabinfo, does
 * one thing many times (LEAK_TIMES in the environment), and looks again.  A
 * leak of one object each time stands out; what caches keep does not.
 *
 * Some kernels count a slab's free objects as used ones (SLUB without its
 * debugging does), so that one more slab looks like hundreds of objects.  That
 * happens once; a leak goes on.  Hence what grew is looked at a second time,
 * and is a leak only if it grew again.
 */

#define _GNU_SOURCE
#include "tap.h"
#include "harm.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define WARM 100
#define SPARE_KB 1024           /* free memory moves that much by itself */
#define CACHES 256

struct census {
	long free_kb;
	int caches;
	char name[CACHES][32];
	long objects[CACHES];
};

static void count_caches(struct census *c)
{
	char line[256];
	FILE *f = fopen("/proc/slabinfo", "r");

	c->caches = 0;
	while (f && fgets(line, sizeof(line), f) && c->caches < CACHES) {
		if (sscanf(line, "%31s %ld", c->name[c->caches],
			   &c->objects[c->caches]) == 2)
			c->caches++;
	}
	if (f)
		fclose(f);
}

/* What dies later does so after a grace period, and a while of softirq. */
static void let_the_dead_go(void)
{
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(syscall(SYS_membarrier, 1 /* GLOBAL */, 0, 0), 0);
		usleep(20000);
	}
}

static void look(struct census *c)
{
	char line[128];
	FILE *f;

	let_the_dead_go();
	count_caches(c);
	f = fopen("/proc/meminfo", "r");
	NEED(f != NULL);
	while (fgets(line, sizeof(line), f))
		sscanf(line, "MemFree: %ld", &c->free_kb);
	fclose(f);
}

/* The places of kernel stacks are kept until enough are free to flush TLBs. */
static int lazy(const char *cache)
{
	return !strcmp(cache, "vmap_area") || !strcmp(cache, "kmalloc-96");
}

/* How many things grew by more than half of @times. */
static int grown(const struct census *a, const struct census *b, long times)
{
	int n = 0;

	if (a->free_kb - b->free_kb > SPARE_KB) {
		printf("# free memory fell from %ld to %ld kB\n", a->free_kb,
		       b->free_kb);
		n++;
	}
	for (int i = 0; i < a->caches && i < b->caches; i++) {
		long most = lazy(a->name[i]) ? 5000 : times / 2;

		if (b->objects[i] - a->objects[i] > most &&
		    strcmp(a->name[i], b->name[i]) == 0) {
			printf("# %s grew from %ld to %ld objects\n",
			       a->name[i], a->objects[i], b->objects[i]);
			n++;
		}
	}
	return n;
}

static void repeat(void (*what)(int i))
{
	static struct census at[3];
	long times = setting("LEAK_TIMES", 400);
	int i = 0;

	if (access("/etc/lantern", F_OK))
		SKIP("others use this machine, too");
	while (i < WARM)
		what(i++);
	look(&at[0]);
	for (int window = 1; window <= 2; window++) {
		while (i < WARM + window * times)
			what(i++);
		look(&at[window]);
		if (!grown(&at[window - 1], &at[window], times))
			return;
	}
	tap_failed = 1;
}

/* --- processes ------------------------------------------------------------ */

static void fork_and_exit(int i)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

TEST(fork_and_exit_leave_nothing)
{
	repeat(fork_and_exit);
}

static void orphan(int i)
{
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		if (fork() == 0)
			_exit(0);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

TEST(orphans_leave_nothing)
{
	repeat(orphan);
}

static void exec_true(int i)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

TEST(exec_leaves_nothing)
{
	repeat(exec_true);
}

static void exec_nothing(int i)
{
	static char text[] = "#!/no/such/reader with an argument\n";
	char *argv[] = { "x", "y", NULL };

	if (i == 0) {
		int fd = open("leak.sh", O_CREAT | O_TRUNC | O_WRONLY, 0755);

		CHECK_EQ(write(fd, text, strlen(text)), (long)strlen(text));
		close(fd);
		close(open("leak.empty", O_CREAT | O_TRUNC | O_WRONLY, 0755));
	}
	CHECK_ERR(execv("./leak.sh", argv), ENOENT);
	CHECK_ERR(execv("./leak.empty", argv), ENOEXEC);
	CHECK_ERR(execv("./leak.none", argv), ENOENT);
	CHECK_ERR(execv("/", argv), EACCES);
}

TEST(refused_exec_leaves_nothing)
{
	repeat(exec_nothing);
}

static void *thread_body(void *arg)
{
	return arg;
}

static void thread(int i)
{
	pthread_t t;

	CHECK_EQ(pthread_create(&t, NULL, thread_body, NULL), 0);
	pthread_join(t, NULL);
}

TEST(threads_leave_nothing)
{
	repeat(thread);
}

static void killed_with_signals(int i)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	sigqueue(pid, SIGRTMIN, (union sigval){ .sival_int = 1 });
	kill(pid, SIGSTOP);
	for (int k = 0; k < 5; k++)
		sigqueue(pid, SIGRTMIN + 1, (union sigval){ .sival_int = k });
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

TEST(signals_to_the_dead_leave_nothing)
{
	repeat(killed_with_signals);
}

/* --- files ---------------------------------------------------------------- */

static void open_and_close(int i)
{
	int fd = open("/dev/null", O_RDWR), two = dup(fd);

	close(fd);
	close(two);
	fd = open("/proc/self/status", O_RDONLY);
	char block[64];

	CHECK(read(fd, block, sizeof(block)) > 0);
	close(fd);
	close(open("/proc/self/fd", O_RDONLY | O_DIRECTORY));
	close(eventfd(0, 0));
}

TEST(open_and_close_leave_nothing)
{
	repeat(open_and_close);
}

static void names(int i)
{
	char name[32], other[32];
	struct stat st;
	int fd;

	snprintf(name, sizeof(name), "leak.%d", i);
	snprintf(other, sizeof(other), "leak-to.%d", i);
	fd = open(name, O_CREAT | O_RDWR, 0600);
	CHECK_EQ(write(fd, name, sizeof(name)), (long)sizeof(name));
	CHECK_EQ(rename(name, other), 0);
	CHECK_EQ(link(other, name), 0);
	unlink(name);
	unlink(other);
	close(fd);
	CHECK_EQ(mkdir(name, 0700), 0);
	CHECK_EQ(rmdir(name), 0);
	CHECK_EQ(symlink("nowhere", name), 0);
	unlink(name);
	CHECK_ERR(stat(other, &st), ENOENT);
}

TEST(names_that_go_leave_nothing)
{
	repeat(names);
}

static void pipes(int i)
{
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(write(fd[1], "abc", 3), 3);
	close(fd[0]);
	close(fd[1]);
}

TEST(pipes_leave_nothing)
{
	repeat(pipes);
}

/* Each end's memory is held by what the other has not read, urgent or not. */
static void socket_pairs(int i)
{
	int fd[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	for (int k = 0; k < 2; k++) {
		CHECK_EQ(send(fd[k], "ab", 2, 0), 2);
		CHECK_EQ(send(fd[k], "c", 1, MSG_OOB), 1);
	}
	close(fd[0]);
	close(fd[1]);
}

TEST(socket_pairs_leave_nothing)
{
	repeat(socket_pairs);
}

static void terminal(int i)
{
	int m = posix_openpt(O_RDWR | O_NOCTTY), s;
	pid_t pid;

	CHECK(m >= 0);
	grantpt(m);
	unlockpt(m);
	s = open(ptsname(m), O_RDWR | O_NOCTTY);
	CHECK(s >= 0);
	if (i % 8 == 0) {
		pid = fork();
		if (pid == 0) {
			setsid();
			close(s);
			s = open(ptsname(m), O_RDWR);
			if (fork() == 0)
				_exit(0);
			_exit(0);
		}
		CHECK_EQ(waitpid(pid, NULL, 0), pid);
	}
	CHECK_EQ(write(s, "x\n", 2), 2);
	close(m);
	close(s);
}

TEST(terminals_leave_nothing)
{
	repeat(terminal);
}

/* --- memory --------------------------------------------------------------- */

static void mappings(int i)
{
	const size_t size = 64 << 10;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *q = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *moved;

	CHECK(p != MAP_FAILED && q != MAP_FAILED);
	for (size_t k = 0; k < size; k += 4096)
		p[k] = q[k] = 1;
	mprotect(p + 4096, 4096, PROT_READ);
	moved = mremap(p, 4096, 24 * 4096, MREMAP_MAYMOVE);
	CHECK(moved != MAP_FAILED && moved != p);
	munmap(moved, 24 * 4096);
	munmap(p, size);
	munmap(q, size);
}

TEST(mappings_leave_nothing)
{
	repeat(mappings);
}

/* Memory that two share, copied on write, and let go by both. */
static void copies(int i)
{
	static char room[1 << 16];
	pid_t pid;

	if (i % 4)
		return;
	memset(room, i, sizeof(room));
	pid = fork();
	if (pid == 0) {
		memset(room, i + 1, sizeof(room));
		_exit(0);
	}
	memset(room, i + 2, sizeof(room));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

TEST(copies_on_write_leave_nothing)
{
	repeat(copies);
}

/* --- the rest ------------------------------------------------------------- */

static void timers(int i)
{
	struct sigevent none = { .sigev_notify = SIGEV_NONE };
	struct itimerspec soon = { .it_value.tv_sec = 1000 };
	struct pollfd pfd[80] = { { .fd = -1 } };
	timer_t t;

	CHECK_EQ(timer_create(CLOCK_MONOTONIC, &none, &t), 0);
	CHECK_EQ(timer_settime(t, 0, &soon, NULL), 0);
	CHECK_EQ(timer_delete(t), 0);
	CHECK(poll(pfd, 80, 0) >= 0);
	CHECK_ERR(syscall(SYS_timer_create, CLOCK_MONOTONIC, 8, 8), EFAULT);
}

TEST(timers_leave_nothing)
{
	repeat(timers);
}

static void mistakes(int i)
{
	CHECK_ERR(open((char *)8 + i % 2, O_RDONLY), EFAULT);
	CHECK_ERR(syscall(SYS_pipe, 8), EFAULT);
	CHECK_ERR(syscall(SYS_rename, "leak.none", 8), EFAULT);
	CHECK_ERR(syscall(SYS_poll, 8, 100, 0), EFAULT);
	CHECK_ERR(syscall(SYS_writev, 1, 8, 100), EFAULT);
	CHECK_ERR(syscall(SYS_execve, "/bin/true", 8, 0), EFAULT);
}

TEST(mistakes_leave_nothing)
{
	repeat(mistakes);
}

TAP_MAIN()
