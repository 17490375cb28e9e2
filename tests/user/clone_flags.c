/* SPDX-License-Identifier: MIT */
/*
 * clone_flags.c -- what clone() shares, flag by flag (AP005, AP006)
 *
 * Each flag that shares something is tried with and without: the child changes
 * the thing, the parent looks.  The child runs with CLONE_VFORK where it works
 * on the parent's memory, so that only one of the two is at work at a time.
 */

#include "tap.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>


#ifndef CLONE_SYSVSEM
#define CLONE_SYSVSEM 0x00040000
#endif
#define FUTEX_WAIT 0
#ifndef CLONE_IO
#define CLONE_IO 0x80000000
#endif

static char stack[65536] __attribute__((aligned(16)));

/* Run body(arg) in a child made with these flags, to its end. */
static int in_clone(unsigned long flags, int (*body)(void *), void *arg)
{
	int status;
	pid_t pid = clone(body, stack + sizeof(stack),
			  (int)(flags | CLONE_VFORK | SIGCHLD), arg);

	if (pid < 0)
		return -1;
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
	       WEXITSTATUS(status) : -1;
}

static int open_a_file(void *arg)
{
	(void)arg;
	return open("/", O_RDONLY | O_DIRECTORY);
}

TEST(clone_files_shares_the_table)
{
	int fd = in_clone(0, open_a_file, NULL);

	CHECK(fd > 0);
	CHECK_ERR(fcntl(fd, F_GETFD), EBADF);
	fd = in_clone(CLONE_FILES, open_a_file, NULL);
	CHECK(fd > 0);
	CHECK_EQ(fcntl(fd, F_GETFD), 0);
	CHECK_EQ(close(fd), 0);
}

static int go_elsewhere(void *arg)
{
	(void)arg;
	umask(0135);
	return chdir("/proc");
}

TEST(clone_fs_shares_directory_and_umask)
{
	char cwd[PATH_MAX];

	NEED(chdir("/") == 0);
	umask(022);
	CHECK_EQ(in_clone(0, go_elsewhere, NULL), 0);
	CHECK(!strcmp(getcwd(cwd, sizeof(cwd)), "/"));
	CHECK_EQ(umask(022), 022);
	CHECK_EQ(in_clone(CLONE_FS, go_elsewhere, NULL), 0);
	CHECK(!strcmp(getcwd(cwd, sizeof(cwd)), "/proc"));
	CHECK_EQ(umask(022), 0135);
}

static int root_elsewhere(void *arg)
{
	(void)arg;
	return chroot("/proc");
}

TEST(clone_fs_shares_the_root)
{
	CHECK_EQ(in_clone(0, root_elsewhere, NULL), 0);
	CHECK_EQ(access("/proc/version", F_OK), 0);
	CHECK_EQ(in_clone(CLONE_FS, root_elsewhere, NULL), 0);
	CHECK_EQ(access("/version", F_OK), 0);
}

static void on_usr1(int sig)
{
	(void)sig;
}

static int take_usr1(void *arg)
{
	sigset_t set;

	(void)arg;
	signal(SIGUSR1, on_usr1);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return sigprocmask(SIG_BLOCK, &set, NULL);
}

TEST(clone_sighand_shares_handlers_and_never_the_mask)
{
	struct sigaction act;
	sigset_t set;

	CHECK_EQ(in_clone(CLONE_VM, take_usr1, NULL), 0);
	sigaction(SIGUSR1, NULL, &act);
	CHECK(act.sa_handler == SIG_DFL);
	CHECK_EQ(in_clone(CLONE_VM | CLONE_SIGHAND, take_usr1, NULL), 0);
	sigaction(SIGUSR1, NULL, &act);
	CHECK(act.sa_handler == on_usr1);
	sigprocmask(SIG_BLOCK, NULL, &set);
	CHECK(!sigismember(&set, SIGUSR2));
}

static int store(void *arg)
{
	*(volatile int *)arg = 42;
	return 0;
}

TEST(clone_vm_shares_memory)
{
	int word = 1;

	CHECK_EQ(in_clone(0, store, &word), 0);
	CHECK_EQ(word, 1);
	CHECK_EQ(in_clone(CLONE_VM, store, &word), 0);
	CHECK_EQ(word, 42);
}

static int take_with_undo(void *arg)
{
	struct sembuf op = { 0, -1, SEM_UNDO };

	return semop(*(int *)arg, &op, 1);
}

/* One list of undos: it is carried out when the last who shares it is gone. */
TEST(clone_sysvsem_shares_the_undo_list)
{
	int id = semget(IPC_PRIVATE, 1, 0600);
	pid_t pid;

	if (id < 0 && errno == ENOSYS)
		SKIP("no System V semaphores here");
	NEED(semctl(id, 0, SETVAL, 5) == 0);
	CHECK_EQ(in_clone(CLONE_VM, take_with_undo, &id), 0);
	CHECK_EQ(semctl(id, 0, GETVAL), 5);
	pid = fork();
	if (pid == 0) {
		int got = in_clone(CLONE_VM | CLONE_SYSVSEM, take_with_undo,
				   &id);

		_exit(got == 0 && semctl(id, 0, GETVAL) == 4 ? 0 : 1);
	}
	int status;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(semctl(id, 0, GETVAL), 5);
	semctl(id, 0, IPC_RMID);
}

#define IOPRIO_BEST_EFFORT(n) (2 << 13 | (n))

static int more_urgent_io(void *arg)
{
	(void)arg;
	return (int)syscall(SYS_ioprio_set, 1, 0, IOPRIO_BEST_EFFORT(2));
}

TEST(clone_io_shares_the_io_context)
{
	NEED(syscall(SYS_ioprio_set, 1, 0, IOPRIO_BEST_EFFORT(6)) == 0);
	CHECK_EQ(in_clone(0, more_urgent_io, NULL), 0);
	CHECK_EQ(syscall(SYS_ioprio_get, 1, 0), IOPRIO_BEST_EFFORT(6));
	CHECK_EQ(in_clone(CLONE_IO, more_urgent_io, NULL), 0);
	CHECK_EQ(syscall(SYS_ioprio_get, 1, 0), IOPRIO_BEST_EFFORT(2));
}

static int tell_parent(void *arg)
{
	*(volatile pid_t *)arg = getppid();
	return 0;
}

/* The child of a CLONE_PARENT is its maker's sibling: its maker's parent waits. */
TEST(clone_parent_makes_a_sibling)
{
	static pid_t *shared;
	pid_t self = getpid(), maker;
	int status;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(shared != MAP_FAILED);
	maker = fork();
	if (maker == 0) {
		pid_t pid = clone(tell_parent, stack + sizeof(stack),
				  CLONE_PARENT | CLONE_VFORK | SIGCHLD, shared);

		shared[1] = pid;
		_exit(waitpid(pid, NULL, 0) == -1 && errno == ECHILD ? 0 : 1);
	}
	CHECK_EQ(waitpid(maker, &status, 0), maker);
	CHECK_EQ(status, 0);
	CHECK_EQ(waitpid(shared[1], &status, 0), shared[1]);
	CHECK_EQ(shared[0], self);
}

TEST(vfork_holds_the_parent_and_its_absence_does_not)
{
	int pipe_ends[2], status;
	char byte;
	pid_t pid;

	NEED(pipe(pipe_ends) == 0);
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(read(pipe_ends[0], &byte, 1) == 1 ? 0 : 1);
	CHECK_EQ(write(pipe_ends[1], "x", 1), 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

TEST(exit_signal_is_the_one_asked_for)
{
	sigset_t set;
	siginfo_t info;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pid = (pid_t)syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0);
	if (pid == 0)
		_exit(3);
	CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
	CHECK_EQ(info.si_pid, pid);
	CHECK_EQ(info.si_status, 3);
	CHECK_ERR(waitpid(pid, NULL, 0), ECHILD);
	CHECK_EQ(waitpid(pid, NULL, __WCLONE), pid);
	pid = (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	CHECK_EQ(waitpid(pid, NULL, __WALL), pid);
	sigpending(&set);
	CHECK(!sigismember(&set, SIGCHLD));
}

TEST(numbers_are_written_where_asked)
{
	static volatile pid_t *words;
	pid_t pid;

	words = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(words != MAP_FAILED);
	pid = (pid_t)syscall(SYS_clone, CLONE_PARENT_SETTID |
			     CLONE_CHILD_SETTID | SIGCHLD, 0, &words[0],
			     &words[1], 0);
	if (pid == 0)
		_exit(words[1] == getpid() ? 0 : 1);
	CHECK_EQ(words[0], pid);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK_EQ(words[1], pid);
	/* A bad word for the child is the child's trouble: it goes without. */
	pid = (pid_t)syscall(SYS_clone, CLONE_CHILD_SETTID | SIGCHLD, 0, 0,
			     (void *)8, 0);
	if (pid == 0)
		_exit(0);
	int status;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

#define RAW_THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
		    CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID | \
		    CLONE_CHILD_CLEARTID)

static volatile int thread_word, thread_pid, thread_tid;
static volatile int tid_word;

static int raw_thread(void *arg)
{
	(void)arg;
	thread_word = 42;
	thread_pid = (int)syscall(SYS_getpid);
	thread_tid = (int)syscall(SYS_gettid);
	syscall(SYS_exit, 0);
	return 0;
}

/* AP006: no library's thread, only the kernel's. */
TEST(a_raw_thread_clears_its_word_and_wakes_who_waits)
{
	pid_t tid = clone(raw_thread, stack + sizeof(stack), RAW_THREAD, NULL,
			  &tid_word, NULL, &tid_word);
	int now;

	NEED(tid > 0);
	while ((now = tid_word) != 0) {
		CHECK_EQ(now, tid);
		syscall(SYS_futex, &tid_word, FUTEX_WAIT, now, NULL, NULL, 0);
	}
	CHECK_EQ(thread_word, 42);
	CHECK_EQ(thread_pid, getpid());
	CHECK_EQ(thread_tid, tid);
	CHECK(tid != getpid());
}

TEST(flags_that_contradict_are_refused)
{
	static const unsigned long bad[] = {
		CLONE_SIGHAND,
		CLONE_THREAD,
		CLONE_THREAD | CLONE_VM,
		CLONE_THREAD | CLONE_SIGHAND,
		CLONE_NEWNS | CLONE_FS,
		CLONE_NEWUSER | CLONE_FS,
		CLONE_NEWIPC | CLONE_SYSVSEM,
		CLONE_NEWPID | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
		CLONE_PIDFD | CLONE_PARENT_SETTID,
		CLONE_PIDFD | CLONE_DETACHED,
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		pid_t pid = (pid_t)syscall(SYS_clone, bad[i] | SIGCHLD, 0, 0,
					   0, 0);

		if (pid == 0)
			_exit(0);
		if (pid > 0)
			printf("# flags %lx were taken\n", bad[i]);
		CHECK_EQ(pid, -1);
		CHECK_EQ(errno, EINVAL);
	}
}

/* A tracer's child may forbid that its own children are traced along. */
TEST(clone_untraced_escapes_the_tracer)
{
	int status, event;
	pid_t pid = fork();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		pid_t free_one = (pid_t)syscall(SYS_clone, CLONE_UNTRACED |
						SIGCHLD, 0, 0, 0, 0);
		if (free_one == 0)
			_exit(0);
		waitpid(free_one, NULL, 0);
		_exit(5);
	}
	NEED(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	NEED(ptrace(PTRACE_SETOPTIONS, pid, 0, (void *)(uintptr_t)
		    (PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE)) == 0);
	ptrace(PTRACE_CONT, pid, 0, 0);
	for (event = 0; waitpid(pid, &status, 0) == pid && !WIFEXITED(status);
	     ptrace(PTRACE_CONT, pid, 0, 0))
		event |= status >> 16;
	CHECK_EQ(event, 0);
	CHECK_EQ(WEXITSTATUS(status), 5);
}

TAP_MAIN()
