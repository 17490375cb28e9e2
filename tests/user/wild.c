/* SPDX-License-Identifier: MIT */
/*
 * wild.c -- every system call with arguments that nobody should pass
 *
 * A child makes a row of calls with numbers from 0 to 450, and arguments drawn
 * from the addresses, lengths, descriptors and flags that break kernels.  It
 * may fail, return, hang or die; the parent ends one that makes no progress.
 * What must hold: a child that is killed ends, and the kernel's log has no new
 * oops, warning or report of a broken rule.
 *
 * The arguments follow from a seed: WILD_SEED in the environment chooses
 * another row, WILD_CALLS its length, WILD_SHOW prints each call before it is
 * made.  Root makes half of its rows as nobody; but root on a machine that is
 * not a guest of the tests makes all of them so.
 *
 * Left out are the calls that end or multiply the caller, that reach beyond it
 * by design (reboot, the clock, the host's name), and signals to others.
 */

#define _GNU_SOURCE
#include "tap.h"
#include "harm.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#define CALLS 451
#define PAGE 4096UL
#define ROW 64                  /* calls in one child */
#define STUCK_MS 20             /* no progress for so long: end it */
#define NOBODY 65534

/* Shared with the child: what it is at. */
static volatile struct progress {
	uint32_t done;
	long nr, arg[6];
} *at;

static char *room, *wall;       /* a good page; one that none may touch */
static int fds[16], fd_count;
static int as_root;             /* what belongs to all is then left alone */

/* --- what is asked -------------------------------------------------------- */

static const short never[] = {
	SYS_exit, SYS_exit_group, SYS_fork, SYS_vfork, SYS_clone, 435, SYS_pause,
	SYS_rt_sigsuspend, SYS_rt_sigreturn, SYS_kill, SYS_tkill, SYS_tgkill,
	SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_reboot, SYS_vhangup,
	SYS_kexec_load, 320, SYS_syslog, SYS_acct, SYS_iopl, SYS_ioperm,
	424 /* pidfd_send_signal */,
};

/* Calls that change the machine if their pointers are good. */
static const short only_bad[] = {
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_sethostname,
	SYS_setdomainname, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex,
	SYS_clock_adjtime, SYS_swapon, SYS_swapoff, SYS_init_module,
	SYS_delete_module, SYS_finit_module, SYS_bpf, SYS_quotactl,
};

/* Calls that take a process first, and could take another's. */
static const short of_process[] = {
	SYS_setpriority, SYS_getpriority, SYS_sched_setparam,
	SYS_sched_setscheduler, SYS_sched_setaffinity, SYS_sched_setattr,
	SYS_prlimit64, SYS_setpgid, SYS_ptrace, SYS_process_vm_readv,
	SYS_process_vm_writev, SYS_migrate_pages, SYS_move_pages, SYS_kcmp,
	SYS_ioprio_set, 434 /* pidfd_open */, 440, 448,
};

#define HAS(list, nr) has(list, sizeof(list) / sizeof(*(list)), nr)

static int has(const short *list, int n, long nr)
{
	while (n--)
		if (list[n] == nr)
			return 1;
	return 0;
}

static long bad_pointer(void)
{
	static const uint64_t wild[] = {
		0, 8, 4095, 0xffff, 0xffff888000000000, 0xffff888000100000,
		0xffffc90000000000, 0xffffea0000000000, 0xffffffff81000000,
		0xffffffff80000000, 0xffffffffff600000, 0xfffffffffffff000,
		0xfffffffffffffff8, ~0UL, 0x8000000000000000,
		0x0000800000000000, 0x00007fffffffffff, 0x00007fffffffeff8,
		0x00007ffffffff000, 0x7fffffffffffffff, 0x4141414141414141,
	};
	uint64_t i = below(sizeof(wild) / sizeof(*wild) + 4);

	switch (i) {
	case 0:
		return (long)wall;
	case 1:
		return (long)wall - 1 - below(16);      /* ends in the wall */
	case 2:
		return (long)wall + PAGE - 1;
	case 3:
		return rnd() << 16 ^ rnd();
	default:
		return wild[i - 4];
	}
}

static long good_pointer(void)
{
	static const char *const names[] = {
		".", "a", "b", "dir", "dir/a", "link", "loop", "a/b", "none",
		"", "/proc/self/maps", "/proc/self/exe", "/dev/null",
		"/proc/self/fd/0", "/proc/self/status",
	};
	int relative = 10, all = sizeof(names) / sizeof(*names);
	char *p = room + below(PAGE - 64);

	switch (below(4)) {
	case 0:
		strcpy(p, names[below(as_root ? relative : all)]);
		break;
	case 1:
		for (int i = 0; i < 8; i++)
			((uint64_t *)room)[i] = below(2) ? bad_pointer()
							 : (long)below(64);
		return (long)room;
	case 2:
		memset(room, below(2) ? 0 : below(256), PAGE);
		break;
	}
	return (long)p;
}

static long number(void)
{
	switch (below(7)) {
	case 0:
		return -1;
	case 1:
		return (int)rnd();
	case 2:
		return 1L << below(64);
	case 3:
		return (1L << below(64)) - 1;
	case 4:
		return PAGE * below(1 << 20);
	default:
		return below(40);
	}
}

static long argument(long nr, int i)
{
	if (i == 0 && HAS(of_process, nr))
		return below(2) ? getpid() : 1 << 30 | (int)below(1000);
	if (i == 1 && (nr == SYS_setpriority || nr == SYS_ioprio_set))
		return getpid();
	if (HAS(only_bad, nr))
		return bad_pointer();
	switch (below(8)) {
	case 0: case 1: case 2:
		return bad_pointer();
	case 3:
		return good_pointer();
	case 4: case 5:
		return fds[below(fd_count)];
	default:
		return number();
	}
}

/* --- the child ------------------------------------------------------------ */

static long raw(long nr, volatile long *arg)
{
	register long r10 __asm__("r10") = arg[3];
	register long r8 __asm__("r8") = arg[4];
	register long r9 __asm__("r9") = arg[5];
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "0"(nr), "D"(arg[0]), "S"(arg[1]), "d"(arg[2]),
			   "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* Descriptors of every kind, none of which reaches the terminal or a disk. */
static void open_descriptors(void)
{
	static const char *const names[] = {
		"a", "dir", "fifo", "/proc/self/status", "/proc/self/mem",
		"/dev/null", "/dev/zero", "/dev/full", "/proc",
	};
	unsigned int most = as_root ? 5 : sizeof(names) / sizeof(*names);
	int pair[2], null = open("/dev/null", O_RDWR);

	for (int i = 0; i < 3; i++)
		dup2(null, i);
	fd_count = 0;
	for (unsigned int i = 0; i < most; i++) {
		int fd = open(names[i], O_RDWR | O_NONBLOCK);

		if (fd < 0)
			fd = open(names[i], O_RDONLY | O_NONBLOCK);
		if (fd >= 0)
			fds[fd_count++] = fd;
	}
	if (pipe2(pair, O_NONBLOCK) == 0) {
		fds[fd_count++] = pair[0];
		fds[fd_count++] = pair[1];
	}
	fds[fd_count] = eventfd(0, EFD_NONBLOCK);
	fd_count += fds[fd_count] >= 0;
	fds[fd_count] = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	fd_count += fds[fd_count] >= 0;
	fds[fd_count++] = 99;                   /* not open */
}

static void row_of_calls(int root, int show)
{
	as_root = root;
	setsid();
	if (!as_root && geteuid() == 0) {
		setgroups(0, NULL);
		setgid(NOBODY);
		setuid(NOBODY);
	}
	if (!show)
		open_descriptors();
	else
		fds[fd_count++] = open("/dev/zero", O_RDWR);
	for (int i = 0; i < ROW; i++) {
		long nr = below(CALLS);

		if (HAS(never, nr))
			continue;
		at->nr = nr;
		for (int k = 0; k < 6; k++)
			at->arg[k] = argument(nr, k);
		if (show)
			fprintf(stderr, "# %ld(%lx, %lx, %lx, %lx, %lx, %lx)\n",
				nr, at->arg[0], at->arg[1], at->arg[2],
				at->arg[3], at->arg[4], at->arg[5]);
		raw(nr, at->arg);
		at->done++;
	}
	_exit(0);
}

/* --- the parent ----------------------------------------------------------- */

static void prepare(void)
{
	at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		  -1, 0);
	room = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	NEED(at != MAP_FAILED && room != MAP_FAILED);
	wall = room + PAGE;
	NEED(mprotect(wall, PAGE, PROT_NONE) == 0);
	NEED(mkdir("wild.d", 0777) == 0 || errno == EEXIST);
	NEED(chdir("wild.d") == 0);
	chmod(".", 0777);
	umask(0);
	close(open("a", O_CREAT | O_RDWR, 0666));
	close(open("b", O_CREAT | O_RDWR, 0666));
	mkdir("dir", 0777);
	symlink("a", "link");
	symlink("loop", "loop");
	mkfifo("fifo", 0666);
}

TEST(no_call_with_wild_arguments_harms_the_kernel)
{
	long seed = setting("WILD_SEED", 1), calls = setting("WILD_CALLS", 20000);
	int guest = access("/etc/lantern", F_OK) == 0;
	int show = getenv("WILD_SHOW") != NULL;
	int log = open_log();

	prepare();
	for (long row = 0; row < calls / ROW; row++) {
		pid_t pid;

		state = (seed * 1000003 + row + 1) * 0x9e3779b97f4a7c15;
		fflush(stdout);
		pid = fork();
		NEED(pid >= 0);
		if (pid == 0)
			row_of_calls(guest && row % 2, show);
		if (!outlast(pid, &at->done, STUCK_MS)) {
			printf("# row %ld: call %ld(%#lx, %#lx, %#lx, %#lx, %#lx,"
			       " %#lx) outlives SIGKILL\n", row, at->nr,
			       at->arg[0], at->arg[1], at->arg[2], at->arg[3],
			       at->arg[4], at->arg[5]);
			tap_failed = 1;
		}
		if (log_complains(log)) {
			printf("# in row %ld of seed %ld; last: %ld(%#lx, %#lx, "
			       "%#lx, %#lx, %#lx, %#lx)\n", row, seed, at->nr,
			       at->arg[0], at->arg[1], at->arg[2], at->arg[3],
			       at->arg[4], at->arg[5]);
			tap_failed = 1;
			break;
		}
	}
	printf("# %u calls came back\n", at->done);
}

/* --- clone ---------------------------------------------------------------- */

/* The new task, if there is one, ends at once: it may have no stack. */
static long wild_clone(long nr, const long *arg)
{
	register long r10 __asm__("r10") = arg[3];
	register long r8 __asm__("r8") = arg[4];
	long ret;

	__asm__ volatile("syscall\n\ttestq %%rax, %%rax\n\tjnz 1f\n\t"
			 "movl $60, %%eax\n\txorl %%edi, %%edi\n\tsyscall\n"
			 "1:" : "=a"(ret)
			 : "0"(nr), "D"(arg[0]), "S"(arg[1]), "d"(arg[2]),
			   "r"(r10), "r"(r8) : "rcx", "r11", "memory");
	return ret;
}

TEST(clone_with_wild_arguments_harms_nothing)
{
	int log = open_log();

	prepare();
	for (int i = 0; i < 150; i++) {
		pid_t pid;

		state = (setting("WILD_SEED", 1) * 7919 + i + 1) *
			0x9e3779b97f4a7c15;
		pid = fork();
		NEED(pid >= 0);
		if (pid == 0) {
			setsid();
			signal(SIGCHLD, SIG_IGN);
			for (int k = 0; k < 8; k++) {
				long nr = below(3) ? SYS_clone : 435, arg[5];

				for (int a = 0; a < 5; a++)
					arg[a] = below(3) ? bad_pointer()
							  : number();
				if (nr == SYS_clone)
					arg[0] = (below(2) ? number() : (long)rnd()) &
						 ~0x4000L; /* CLONE_VFORK */
				else
					arg[0] = good_pointer();
				wild_clone(nr, arg);
				at->done++;
			}
			_exit(0);
		}
		CHECK(outlast(pid, &at->done, STUCK_MS));
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		if (log_complains(log)) {
			tap_failed = 1;
			break;
		}
	}
}

TAP_MAIN()
