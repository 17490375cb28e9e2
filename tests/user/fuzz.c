/* SPDX-License-Identifier: MIT */
/*
 * fuzz.c -- sensible calls in senseless order, by several processes at once
 *
 * wild.c passes what nobody should pass; most of it is refused at the door.
 * Here each call's arguments have their types, so that nine in ten get through
 * the door and meet what the other processes have left: descriptors of every
 * kind (also new ones, which calls return), names in one small directory,
 * mappings, children, signals, sizes about the limits.  One argument in ten is
 * spoilt.  Three workers share the directory and the memory; each makes rows
 * of calls in children that share descriptors or memory now and then.
 *
 * What must hold: every child ends when killed, and the log stays clean.
 *
 * FUZZ_SEED chooses the row of calls, FUZZ_SECONDS how long (1), FUZZ_CALLS a
 * number instead, FUZZ_WORKERS how many, FUZZ_SHOW=1 prints each call.  Always
 * as nobody.
 */

#define _GNU_SOURCE
#include "tap.h"
#include "harm.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#define PAGE 4096UL
#define AREA (64 * PAGE)        /* shared by all: buffers and mappings */
#define ROW 200                 /* calls in one child */
#define STUCK_MS 40
#define NOBODY 65534
#define FDS 48
#define ROOM (32UL << 20)
#define CALLS_MAX 20000         /* in the default second, on a fast machine */

struct worker {
	uint32_t done;
	long nr, arg[6];
};

static volatile struct worker *all, *me;
static char *area;
static int fds[FDS], nr_fds;

/*
 * The types of arguments, one letter each:
 *	f descriptor  d directory fd  p path  b buffer  n length  o offset
 *	v iovec  c its count  a page address  m size of mappings  P protection
 *	M map flags  O open flags  e mode  i process  s signal  t timespec
 *	k clock  w small number  x any number  A socket address  l its length
 *	Z anything   0-9 that number
 * and behind a colon what it returns: f a descriptor, a an address.
 */
static const struct call {
	short nr;
	const char *types;
} calls[] = {
	{ SYS_read, "fbn" }, { SYS_write, "fbn" }, { SYS_openat, "dpOe:f" },
	{ SYS_close, "f" }, { SYS_fstat, "fb" }, { SYS_newfstatat, "dpbw" },
	{ SYS_poll, "bww" }, { SYS_lseek, "fow" }, { SYS_mmap, "amPMfo:a" },
	{ SYS_mmap, "0mPM-0:a" }, { SYS_mprotect, "amP" },
	{ SYS_munmap, "am" }, { SYS_brk, "0" }, { SYS_pread64, "fbno" },
	{ SYS_pwrite64, "fbno" }, { SYS_readv, "fvc" }, { SYS_writev, "fvc" },
	{ SYS_preadv, "fvco0" }, { SYS_pwritev, "fvco0" },
	{ SYS_faccessat, "dpw" }, { SYS_pipe2, "bO" }, { SYS_sched_yield, "" },
	{ SYS_mremap, "ammwa" }, { SYS_msync, "amw" }, { SYS_mincore, "amb" },
	{ SYS_madvise, "amw" }, { SYS_dup, "f:f" }, { SYS_dup3, "ffO" },
	{ SYS_fcntl, "fwx" }, { SYS_fcntl, "fwb" }, { SYS_flock, "fw" },
	{ SYS_fsync, "f" }, { SYS_ftruncate, "fo" }, { SYS_truncate, "po" },
	{ SYS_getdents64, "fbn" }, { SYS_getcwd, "bn" },
	{ SYS_renameat2, "dpdpw" }, { SYS_mkdirat, "dpe" },
	{ SYS_unlinkat, "dpw" }, { SYS_unlinkat, "dp0" },
	{ SYS_linkat, "dpdpw" }, { SYS_symlinkat, "pdp" },
	{ SYS_readlinkat, "dpbn" }, { SYS_fchmodat, "dpe" },
	{ SYS_fchownat, "dpwww" }, { SYS_mknodat, "dpe0" },
	{ SYS_utimensat, "dptw" }, { SYS_ioctl, "fxb" },
	{ SYS_getxattr, "pbbn" }, { SYS_setxattr, "pbbnw" },
	{ SYS_fsetxattr, "fbbnw" }, { SYS_flistxattr, "fbn" },
	{ SYS_fallocate, "fwoo" }, { SYS_fadvise64, "foow" },
	{ SYS_sync_file_range, "foow" }, { SYS_copy_file_range, "fbfbnw" },
	{ SYS_sendfile, "ffbn" }, { SYS_splice, "f0f0nw" },
	{ SYS_splice, "fbfbnw" }, { SYS_tee, "ffnw" },
	{ SYS_vmsplice, "fvcw" }, { SYS_statx, "dpwxb" },
	{ SYS_statfs, "pb" }, { SYS_fstatfs, "fb" }, { SYS_fchdir, "f" },
	{ SYS_umask, "e" }, { SYS_getrlimit, "wb" }, { SYS_prlimit64, "iw0b" },
	{ SYS_getrusage, "wb" }, { SYS_times, "b" }, { SYS_sysinfo, "b" },
	{ SYS_epoll_create1, "O:f" }, { SYS_epoll_ctl, "fwfb" },
	{ SYS_epoll_pwait, "fbww0w" }, { SYS_eventfd2, "wO:f" },
	{ SYS_timerfd_create, "kO:f" }, { SYS_timerfd_settime, "fwtb" },
	{ SYS_timerfd_gettime, "fb" }, { SYS_signalfd4, "fb8O:f" },
	{ SYS_inotify_init1, "O:f" }, { SYS_inotify_add_watch, "fpx" },
	{ SYS_inotify_rm_watch, "fw" }, { SYS_memfd_create, "pw:f" },
	{ SYS_socket, "www:f" }, { SYS_socket, "1w0:f" },
	{ SYS_socketpair, "1w0b" }, { SYS_bind, "fAl" },
	{ SYS_listen, "fw" }, { SYS_connect, "fAl" },
	{ SYS_accept4, "fbbO:f" }, { SYS_sendto, "fbnxAl" },
	{ SYS_recvfrom, "fbnxbb" }, { SYS_shutdown, "fw" },
	{ SYS_getsockname, "fbb" }, { SYS_getsockopt, "fwwbb" },
	{ SYS_setsockopt, "fwwbl" }, { SYS_sendmsg, "fbw" },
	{ SYS_recvmsg, "fbw" }, { SYS_rt_sigaction, "sbb8" },
	{ SYS_rt_sigprocmask, "wbb8" }, { SYS_rt_sigpending, "b8" },
	{ SYS_rt_sigtimedwait, "bbt8" }, { SYS_rt_sigqueueinfo, "isb" },
	{ SYS_kill, "is" }, { SYS_sigaltstack, "bb" },
	{ SYS_setitimer, "wtb" }, { SYS_getitimer, "wb" },
	{ SYS_timer_create, "kbb" }, { SYS_timer_settime, "wwtb" },
	{ SYS_timer_delete, "w" }, { SYS_clock_gettime, "kb" },
	{ SYS_clock_nanosleep, "kwtb" }, { SYS_nanosleep, "tb" },
	{ SYS_futex, "bwwtbw" }, { SYS_set_robust_list, "bn" },
	{ SYS_get_robust_list, "ibb" }, { SYS_sched_setaffinity, "i8b" },
	{ SYS_sched_getaffinity, "inb" }, { SYS_sched_setscheduler, "iwb" },
	{ SYS_sched_getattr, "ibnw" }, { SYS_getpriority, "wi" },
	{ SYS_setpriority, "0iw" }, { SYS_capget, "bb" },
	{ SYS_prctl, "wxxxx" }, { SYS_wait4, "ibwb" },
	{ SYS_waitid, "wibwb" }, { SYS_setpgid, "ii" }, { SYS_getsid, "i" },
	{ SYS_mlock, "am" }, { SYS_munlock, "am" },
	{ SYS_process_vm_readv, "ivcvcw" }, { SYS_process_vm_writev, "ivcvcw" },
	{ SYS_msgget, "we" }, { SYS_msgsnd, "wbnw" }, { SYS_msgrcv, "wbnww" },
	{ SYS_semget, "0we" }, { SYS_semop, "wbw" }, { SYS_shmget, "0me" },
	{ SYS_shmat, "waw" }, { SYS_shmdt, "a" }, { SYS_msgctl, "wwb" },
	{ SYS_semctl, "wwwb" }, { SYS_shmctl, "wwb" },
	{ SYS_io_setup, "wb" }, { SYS_getrandom, "bnw" },
	{ SYS_membarrier, "ww" }, { 434 /* pidfd_open */, "iw:f" },
	{ 438 /* pidfd_getfd */, "ffw:f" }, { 436 /* close_range */, "ffw" },
	{ 437 /* openat2 */, "dpb8" }, { 439 /* faccessat2 */, "dpww" },
	{ SYS_ppoll, "bwt08" }, { SYS_pselect6, "wbbbtb" },
	{ SYS_get_mempolicy, "bb0a0" }, { SYS_getcpu, "bb" },
	{ SYS_quotactl, "wpwb" }, { SYS_name_to_handle_at, "dpbbw" },
};

#define NR_CALLS (sizeof(calls) / sizeof(*calls))

/* ---- arguments ----------------------------------------------------------- */

static long pick(const long *list, int n)
{
	return list[below(n)];
}

#define PICK(...) pick((const long[]){ __VA_ARGS__ },			\
		       sizeof((const long[]){ __VA_ARGS__ }) / sizeof(long))

static long spoilt(void)
{
	return PICK(0, -1, 1, 0xfff, 0x7fffffffffff, 0x800000000000,
		    (long)0xffff888000000000, (long)0xffffffff81000000,
		    (long)0x8000000000000000, 0x7fffffff, 0xffffffff,
		    (long)area - 1, (long)area + AREA - 3, rnd());
}

static char *buffer(void)
{
	return area + below(AREA / 8 - 1024) * 8;
}

/* Mostly small numbers and addresses, as structures hold them. */
static long filled(void)
{
	uint64_t *p = (uint64_t *)buffer();

	for (int i = 0; i < 12; i++) {
		switch (below(5)) {
		case 0: p[i] = (uint64_t)buffer(); break;
		case 1: p[i] = 0; break;
		case 2: p[i] = below(64) | below(8) << 32; break;
		case 3: p[i] = fds[below(nr_fds)]; break;
		default: break;         /* what others left there */
		}
	}
	return (long)p;
}

static long path(void)
{
	static const char *const names[] = {
		"a", "b", "c", "d", "d/a", "d/b", "d/e", "d/e/f", "l", "l/a",
		"loop", ".", "..", "d/..", "fifo", "sock", "", "a/b",
		"/proc/self/maps", "/proc/self/fd/4", "/proc/self/task",
		"/dev/null", "/dev/zero", "/proc/self/stat", "/dev/ptmx",
	};
	char *p = buffer();

	strcpy(p, names[below(sizeof(names) / sizeof(*names))]);
	return (long)p;
}

static long iovec(void)
{
	struct { long base, len; } *v = (void *)buffer();

	for (int i = 0; i < 4; i++) {
		v[i].base = below(10) ? (long)buffer() : spoilt();
		v[i].len = below(3) ? below(300) : below(20000);
	}
	return (long)v;
}

static long address(void)
{
	struct sockaddr_un *u = (void *)buffer();

	u->sun_family = below(8) ? AF_UNIX : below(20);
	strcpy(u->sun_path, below(2) ? "sock" : "\0fuzz");
	if (below(2))
		snprintf(u->sun_path + 1, 8, "f%d", (int)below(4));
	return (long)u;
}

/* Times of up to 2 ms: nobody is to wait. */
static long timespec(void)
{
	long *t = (long *)buffer();

	t[0] = t[2] = below(20) ? 0 : rnd();
	t[1] = below(2000000);
	t[3] = below(2000000);
	return below(12) ? (long)t : 0;
}

static long length(void)
{
	return PICK(0, 1, 8, 13, 64, 255, 512, 4095, 4096, 4097, 8192, 65536,
		    below(10000), below(100));
}

static long argument(char type)
{
	if (type != '0' && below(10) == 0)
		return spoilt();
	switch (type) {
	case 'f': return fds[below(nr_fds)];
	case 'd': return below(3) ? AT_FDCWD : fds[below(nr_fds)];
	case 'p': return path();
	case 'b': return filled();
	case 'n': return length();
	case 'o': return PICK(0, 1, 4095, 4096, 65535, 1 << 20, -1,
			      below(100000), below(8) << 12);
	case 'v': return iovec();
	case 'c': return below(5);
	case 'a': return (long)area + AREA + below(16) * PAGE;
	case 'm': return below(8) * PAGE + (below(8) ? 0 : below(PAGE));
	case 'P': return below(4) ? PROT_READ | PROT_WRITE : below(8);
	case 'M': return (below(2) ? MAP_PRIVATE : MAP_SHARED) |
			 (below(2) ? MAP_ANONYMOUS : 0) |
			 (below(3) ? 0 : MAP_POPULATE) |
			 (below(4) ? 0 : MAP_NORESERVE);
	case 'O': return O_NONBLOCK | PICK(O_RDONLY, O_RDWR, O_WRONLY,
			      O_CREAT | O_RDWR, O_CREAT | O_EXCL | O_RDWR,
			      O_TRUNC | O_RDWR, O_DIRECTORY, O_PATH, O_CLOEXEC,
			      O_APPEND | O_WRONLY, O_TMPFILE | O_RDWR, O_SYNC);
	case 'e': return PICK(0666, 0777, 0, 0400, S_IFREG | 0666,
			      S_IFIFO | 0666, S_IFSOCK | 0666, 01777);
	case 'i': return below(4) ? getpid() : 0x3ffffff0 + (int)below(9);
	case 's': return below(3) ? PICK(SIGUSR1, SIGUSR2, SIGCHLD, SIGURG,
					 SIGWINCH, 34, 40, 64, 0)
				  : (long)below(66);
	case 't': return timespec();
	case 'k': return below(10);
	case 'w': return below(4) ? (long)below(6) : 1L << below(13);
	case 'A': return address();
	case 'l': return PICK(2, 3, 8, 16, 110, 4);
	case '-': return -1;
	case 'x': return below(2) ? 1L << below(32) : (long)below(0x6000);
	}
	return type >= '0' && type <= '9' ? type - '0' : (long)rnd();
}

/* ---- a row --------------------------------------------------------------- */

static void remember(int fd)
{
	if (fd < 3 || fd > 1000)
		return;
	if (nr_fds < FDS)
		fds[nr_fds++] = fd;
	else
		fds[4 + below(FDS - 4)] = fd;
}

static void one_call(void)
{
	const struct call *c = &calls[below(NR_CALLS)];
	const char *t = c->types;
	long arg[6] = { 0 }, ret;

	for (int i = 0; i < 6 && *t && *t != ':'; i++)
		arg[i] = argument(*t++);
	/* Others are not ours to hit; nor is everybody at once. */
	if ((c->nr == SYS_kill || c->nr == SYS_rt_sigqueueinfo ||
	     c->nr == SYS_prlimit64 || c->nr == SYS_setpgid ||
	     c->nr == SYS_sched_setaffinity ||
	     c->nr == SYS_sched_setscheduler) && arg[0] != getpid())
		arg[0] = 0x3ffffff0;
	if (c->nr == SYS_setpriority)
		arg[1] = getpid();
	if (c->nr == SYS_fcntl && (arg[1] == F_SETOWN || arg[1] == F_SETOWN_EX))
		arg[1] = F_GETOWN;
	if (c->nr == SYS_umask)
		arg[0] &= 077;
	if ((c->nr == SYS_munmap || c->nr == SYS_mprotect ||
	     c->nr == SYS_mmap || c->nr == SYS_mremap) &&
	    (unsigned long)arg[0] < (unsigned long)area + AREA && arg[0])
		arg[0] = (long)area + AREA;      /* keep what we stand on */
	me->nr = c->nr;
	memcpy((void *)me->arg, arg, sizeof(arg));
	if (getenv("FUZZ_SHOW"))
		dprintf(2, "# %d(%lx, %lx, %lx, %lx, %lx, %lx)\n", c->nr,
			arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
	ret = syscall(c->nr, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
	if (*t == ':' && t[1] == 'f' && ret >= 0)
		remember(ret);
	me->done++;
}

static void open_descriptors(void)
{
	static const char *const names[] = {
		"a", "b", "d", "fifo", "/dev/zero", "/proc/self/status",
	};
	int pair[2];

	nr_fds = 0;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		int fd = open(names[i], O_RDWR | O_NONBLOCK);

		remember(fd < 0 ? open(names[i], O_RDONLY | O_NONBLOCK) : fd);
	}
	if (pipe2(pair, O_NONBLOCK) == 0) {
		remember(pair[0]);
		remember(pair[1]);
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0) {
		remember(pair[0]);
		remember(pair[1]);
	}
	remember(epoll_create1(0));
	remember(inotify_init1(IN_NONBLOCK));
	if (!nr_fds)
		fds[nr_fds++] = 99;
}

static int rest_of_row(void *unused)
{
	for (int i = 0; i < ROW; i++)
		one_call();
	_exit(0);
}

static void row(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	struct rlimit core = { 0, 0 }, room = { ROOM, ROOM };
	int null = open("/dev/null", O_RDWR);

	setsid();
	setrlimit(RLIMIT_CORE, &core);
	/* Memory may run out in its own test: no victims are wanted here. */
	setrlimit(RLIMIT_AS, &room);
	setrlimit(RLIMIT_FSIZE, &room);
	unshare(CLONE_NEWIPC);          /* root's segments go with us */
	for (int i = 0; i < 3 && !getenv("FUZZ_SHOW"); i++)
		dup2(null, i);
	/* What was left open for us is not ours to write to. */
	for (int i = 3; i < 256; i++)
		close(i);
	/* Root would rightly take descriptors from the shell, or its
	 * priority. */
	if (geteuid() == 0) {
		setgroups(0, NULL);
		setgid(NOBODY);
		setuid(NOBODY);
	}
	open_descriptors();
	/* Now and then a twin that shares descriptors, or memory too. */
	if (below(3) == 0)
		clone(rest_of_row, stack + sizeof(stack),
		      SIGCHLD | CLONE_FILES | (below(2) ? CLONE_FS : 0), NULL);
	else if (below(4) == 0 && fork() == 0)
		state ^= 0x5555;
	rest_of_row(NULL);
}

/* Who got away into groups of their own; not on a machine that others use. */
static void end_strays(void)
{
	int status;
	pid_t pid;

	if (access("/etc/lantern", F_OK) || geteuid())
		return;
	pid = fork();
	if (pid == 0) {
		if (setuid(NOBODY) == 0)
			kill(-1, SIGKILL);
		_exit(0);
	}
	waitpid(pid, &status, 0);
}

/* ---- workers ------------------------------------------------------------- */

static int work(int n, long seed, long end, long most)
{
	me = &all[n];
	for (long r = 0; now_ms() < end && me->done < most; r++) {
		pid_t pid;

		state = (seed * 1000003 + n * 7919 + r + 1) *
			0x9e3779b97f4a7c15;
		pid = fork();
		if (pid < 0)
			continue;
		if (pid == 0)
			row();
		if (!outlast(pid, &me->done, STUCK_MS)) {
			printf("# worker %d row %ld: call %ld(%lx, %lx, %lx, "
			       "%lx) outlives SIGKILL\n", n, r, me->nr,
			       me->arg[0], me->arg[1], me->arg[2], me->arg[3]);
			fflush(stdout);
			return 1;
		}
		kill(-pid, SIGKILL);    /* its twin */
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
	}
	return 0;
}

static void prepare(int workers)
{
	/* Low, where no stack or buffer that a signal frame could hit is. */
	all = mmap((void *)0x10000000, PAGE, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	area = mmap(NULL, AREA + 32 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(all != MAP_FAILED && area != MAP_FAILED);
	NEED(workers * sizeof(*all) <= PAGE);
	NEED(mkdir("fuzz.d", 0777) == 0 || errno == EEXIST);
	NEED(chdir("fuzz.d") == 0);
	umask(0);
	chmod(".", 0777);
	close(open("a", O_CREAT | O_RDWR, 0666));
	close(open("b", O_CREAT | O_RDWR, 0666));
	mkdir("d", 0777);
	mkdir("d/e", 0777);
	symlink("d", "l");
	symlink("loop", "loop");
	mkfifo("fifo", 0666);
}

TEST(no_sequence_of_typed_calls_harms_the_kernel)
{
	long seed = setting("FUZZ_SEED", 1);
	long seconds = setting("FUZZ_SECONDS", 1);
	long most = setting("FUZZ_CALLS", seconds > 1 ? INT32_MAX : CALLS_MAX);
	int workers = setting("FUZZ_WORKERS", 3), status;
	int log = open_log();
	long end = now_ms() + seconds * 1000;
	uint32_t sum = 0;

	alarm(seconds + TAP_SECONDS);
	prepare(workers);
	fflush(stdout);
	for (int n = 0; n < workers; n++) {
		pid_t pid = fork();

		NEED(pid >= 0);
		if (pid == 0)
			_exit(work(n, seed, end, most / workers));
	}
	while (wait(&status) > 0)
		CHECK_EQ(status, 0);
	end_strays();
	for (int n = 0; n < workers; n++)
		sum += all[n].done;
	CHECK(sum > 0);
	if (log_complains(log)) {
		for (int n = 0; n < workers; n++)
			printf("# worker %d's last: %ld(%lx, %lx, %lx)\n", n,
			       all[n].nr, all[n].arg[0], all[n].arg[1],
			       all[n].arg[2]);
		tap_failed = 1;
	}
	printf("# %u calls of seed %ld came back\n", sum, seed);
}

TAP_MAIN()
