/* SPDX-License-Identifier: MIT */
/* ptrace.c -- what a debugger and its debuggee may rely on */

#include "tap.h"

#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <time.h>

#define STOPPED_BY(status, sig) \
	(WIFSTOPPED(status) && WSTOPSIG(status) == (sig))
#define EVENT_OF(status) ((status) >> 16)
#define SYSCALL_STOP (SIGTRAP | 0x80)

#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif

static volatile long watched;

static long trace(int req, pid_t pid, long addr, long data)
{
	return ptrace(req, pid, (void *)addr, (void *)data);
}

/* A child that asks to be traced and stops, then runs `body`. */
static pid_t start(void (*body)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		trace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		body();
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(STOPPED_BY(status, SIGSTOP));
	return pid;
}

/* Go on and wait for the next stop or the end. */
static int go(int req, pid_t pid, int sig)
{
	int status = 0;

	CHECK_EQ(trace(req, pid, 0, sig), 0);
	CHECK_EQ(waitpid(pid, &status, __WALL), pid);
	return status;
}

static void nothing(void)
{
}

static void sleep_long(void)
{
	for (;;)
		pause();
}

static void end(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	do {
		if (waitpid(pid, &status, __WALL) != pid)
			break;
	} while (WIFSTOPPED(status));
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(a_traced_child_stops_and_goes_on)
{
	pid_t pid = start(nothing);
	int status = go(PTRACE_CONT, pid, 0);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void raise_usr1(void)
{
	raise(SIGUSR1);
	_exit(3);
}

TEST(the_tracer_suppresses_changes_and_delivers_signals)
{
	pid_t pid = start(raise_usr1);
	int status = go(PTRACE_CONT, pid, 0);
	siginfo_t info;

	CHECK(STOPPED_BY(status, SIGUSR1));
	CHECK_EQ(trace(PTRACE_GETSIGINFO, pid, 0, (long)&info), 0);
	CHECK_EQ(info.si_signo, SIGUSR1);
	CHECK_EQ(info.si_code, SI_TKILL);
	CHECK_EQ(info.si_pid, pid);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);

	pid = start(raise_usr1);
	go(PTRACE_CONT, pid, 0);
	status = go(PTRACE_CONT, pid, SIGUSR2);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR2);
}

TEST(even_ignored_signals_are_seen)
{
	pid_t pid = start(raise_usr1);
	int status;

	end(pid);
	signal(SIGUSR1, SIG_IGN);
	pid = start(raise_usr1);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(STOPPED_BY(status, SIGUSR1));
	status = go(PTRACE_CONT, pid, SIGUSR1);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

TEST(requests_need_a_stopped_tracee_of_ours)
{
	pid_t pid = fork();
	long word;
	int status;

	if (!pid) {
		sleep_long();
		_exit(0);
	}
	CHECK_ERR(trace(PTRACE_CONT, pid, 0, 0), ESRCH);
	CHECK_ERR(trace(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
	CHECK_ERR(trace(PTRACE_ATTACH, 999999, 0, 0), ESRCH);
	CHECK_EQ(trace(PTRACE_ATTACH, pid, 0, 0), 0);
	CHECK_ERR(trace(PTRACE_ATTACH, pid, 0, 0), EPERM);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(STOPPED_BY(status, SIGSTOP));
	CHECK_ERR(trace(PTRACE_CONT, pid, 0, 65), EIO);
	CHECK_ERR(trace(9999, pid, 0, 0), EIO);
	CHECK_ERR(trace(PTRACE_SETOPTIONS, pid, 0, 1L << 40), EINVAL);
	CHECK_ERR(syscall(SYS_ptrace, PTRACE_PEEKDATA, pid, 8, &word), EIO);
	CHECK_ERR(trace(PTRACE_PEEKUSER, pid, 3, 0), EIO);
	CHECK_ERR(trace(PTRACE_PEEKUSER, pid, 100000, 0), EIO);
	CHECK_ERR(trace(PTRACE_GETREGS, pid, 0, 8), EFAULT);
	CHECK_ERR(trace(PTRACE_INTERRUPT, pid, 0, 0), EIO);
	CHECK_EQ(trace(PTRACE_DETACH, pid, 0, 0), 0);
	CHECK_ERR(trace(PTRACE_CONT, pid, 0, 0), ESRCH);
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
}

TEST(attaching_to_a_stopped_process_traps_it)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		sleep_long();
	kill(pid, SIGSTOP);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK_EQ(trace(PTRACE_ATTACH, pid, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(STOPPED_BY(status, SIGSTOP));
	end(pid);
}

static long poked = 1;

static void wait_for_poke(void)
{
	_exit(poked == 0x1122334455667788 ? 7 : 8);
}

TEST(memory_is_read_and_written)
{
	pid_t pid = start(wait_for_poke);
	int status;

	errno = 0;
	CHECK_EQ(trace(PTRACE_PEEKDATA, pid, (long)&poked, 0), 1);
	CHECK_EQ(trace(PTRACE_POKEDATA, pid, (long)&poked,
		       0x1122334455667788), 0);
	/* Text is read-only, but not for a debugger. */
	long word = trace(PTRACE_PEEKTEXT, pid, (long)nothing, 0);
	CHECK_EQ(trace(PTRACE_POKETEXT, pid, (long)nothing, word), 0);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	CHECK_EQ(poked, 1);
}

static void call_getppid(void)
{
	_exit(syscall(SYS_getppid) == 42 ? 5 : 6);
}

TEST(system_calls_are_seen_and_changed)
{
	pid_t pid = start(call_getppid);
	struct user_regs_struct regs;
	int status, entries = 0, seen = 0;

	CHECK_EQ(trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD), 0);
	for (;;) {
		status = go(PTRACE_SYSCALL, pid, 0);
		if (!STOPPED_BY(status, SYSCALL_STOP))
			break;
		CHECK_EQ(trace(PTRACE_GETREGS, pid, 0, (long)&regs), 0);
		if (++entries % 2) {
			CHECK_EQ((long)regs.rax, -ENOSYS);
			continue;
		}
		if (regs.orig_rax == SYS_getppid) {
			CHECK_EQ(regs.rax, getpid());
			CHECK_EQ(trace(PTRACE_POKEUSER, pid,
				       offsetof(struct user, regs.rax), 42),
				 0);
			seen++;
		}
	}
	CHECK_EQ(seen, 1);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}

static void make_file(void)
{
	errno = 0;
	_exit(syscall(SYS_mkdir, "never-made", 0700) == -1 && errno == ENOSYS);
}

TEST(a_system_call_can_be_forbidden)
{
	pid_t pid = start(make_file);
	int status;

	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
	do {
		status = go(PTRACE_SYSCALL, pid, 0);
		if (!WIFSTOPPED(status))
			break;
	} while (trace(PTRACE_PEEKUSER, pid,
		       offsetof(struct user, regs.orig_rax), 0) != SYS_mkdir);
	CHECK_EQ(trace(PTRACE_POKEUSER, pid,
		       offsetof(struct user, regs.orig_rax), -1), 0);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	CHECK_ERR(rmdir("never-made"), ENOENT);
}

struct syscall_info {
	uint8_t op;
	uint8_t pad[3];
	uint32_t arch;
	uint64_t ip, sp;
	union {
		struct {
			uint64_t nr, args[6];
		} entry;
		struct {
			int64_t rval;
			uint8_t is_error;
		} exit;
	} u;
};

static void close_wrong(void)
{
	syscall(SYS_close, 12345, 2, 3, 4, 5, 6);
}

TEST(get_syscall_info_tells_entry_and_exit)
{
	pid_t pid = start(close_wrong);
	struct syscall_info info;
	int status;

	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
	CHECK_EQ(trace(0x420e, pid, sizeof(info), (long)&info), 24);
	CHECK_EQ(info.op, 0);
	do {
		status = go(PTRACE_SYSCALL, pid, 0);
		if (!WIFSTOPPED(status))
			break;
		CHECK(trace(0x420e, pid, sizeof(info), (long)&info) > 24);
	} while (info.op != 1 || info.u.entry.nr != SYS_close);
	CHECK_EQ(info.arch, 0xc000003e);
	CHECK_EQ(info.u.entry.args[0], 12345);
	CHECK_EQ(info.u.entry.args[5], 6);
	go(PTRACE_SYSCALL, pid, 0);
	CHECK_EQ(trace(0x420e, pid, sizeof(info), (long)&info), 33);
	CHECK_EQ(info.op, 2);
	CHECK_EQ(info.u.exit.rval, -EBADF);
	CHECK_EQ(info.u.exit.is_error, 1);
	end(pid);
}

static void few_instructions(void)
{
	__asm__ volatile("nop; nop; nop; mov $39, %%eax; syscall; nop; nop"
			 ::: "rax", "rcx", "r11", "memory");
}

TEST(single_steps_move_by_one_instruction)
{
	pid_t pid = start(few_instructions);
	struct user_regs_struct regs;
	siginfo_t info;
	int steps = 0, status = 0, over = 0;
	unsigned long at_call = 0;

	while (steps++ < 5000) {
		trace(PTRACE_GETREGS, pid, 0, (long)&regs);
		CHECK(!(regs.eflags & 0x100));
		long word = trace(PTRACE_PEEKTEXT, pid, regs.rip, 0);
		if ((word & 0xffff) == 0x050f && regs.rax == 39)
			at_call = regs.rip;
		status = go(PTRACE_SINGLESTEP, pid, 0);
		if (!WIFSTOPPED(status))
			break;
		CHECK_EQ(WSTOPSIG(status), SIGTRAP);
		trace(PTRACE_GETREGS, pid, 0, (long)&regs);
		if (at_call) {
			trace(PTRACE_GETSIGINFO, pid, 0, (long)&info);
			CHECK_EQ(regs.rip, at_call + 2);
			CHECK_EQ(regs.rax, pid);
			over = 1;
			break;
		}
	}
	CHECK(over);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(WIFEXITED(status));
}

static long debugreg(int n)
{
	return offsetof(struct user, u_debugreg) + n * sizeof(long);
}

static void touch(void)
{
	watched = 1;
	watched = 2;
	_exit(watched);
}

TEST(a_watchpoint_stops_at_the_write)
{
	pid_t pid = start(touch);
	int status;

	CHECK_EQ(trace(PTRACE_POKEUSER, pid, debugreg(0), (long)&watched), 0);
	/* L0, write, eight bytes. */
	CHECK_EQ(trace(PTRACE_POKEUSER, pid, debugreg(7), 0x90001), 0);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(STOPPED_BY(status, SIGTRAP));
	CHECK_EQ(trace(PTRACE_PEEKUSER, pid, debugreg(6), 0) & 0xf, 1);
	CHECK_EQ(trace(PTRACE_PEEKDATA, pid, (long)&watched, 0), 1);
	CHECK_EQ(trace(PTRACE_POKEUSER, pid, debugreg(6), 0), 0);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(STOPPED_BY(status, SIGTRAP));
	CHECK_EQ(trace(PTRACE_PEEKDATA, pid, (long)&watched, 0), 2);
	CHECK_EQ(trace(PTRACE_POKEUSER, pid, debugreg(7), 0), 0);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 2);
}

static __attribute__((noinline)) void landmark(void)
{
	__asm__ volatile("" ::: "memory");
}

static void pass_landmark(void)
{
	landmark();
}

TEST(a_hardware_breakpoint_stops_before_and_lets_by)
{
	pid_t pid = start(pass_landmark);
	struct user_regs_struct regs;
	siginfo_t info;
	int status;

	CHECK_EQ(trace(PTRACE_POKEUSER, pid, debugreg(1), (long)landmark), 0);
	CHECK_EQ(trace(PTRACE_POKEUSER, pid, debugreg(7), 0x4), 0);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(STOPPED_BY(status, SIGTRAP));
	trace(PTRACE_GETREGS, pid, 0, (long)&regs);
	CHECK_EQ(regs.rip, landmark);
	trace(PTRACE_GETSIGINFO, pid, 0, (long)&info);
	CHECK_EQ(info.si_code, 4);      /* TRAP_HWBKPT */
	status = go(PTRACE_CONT, pid, 0);
	CHECK(WIFEXITED(status));
}

TEST(bad_breakpoints_are_refused)
{
	pid_t pid = start(sleep_long);

	CHECK(trace(PTRACE_POKEUSER, pid, debugreg(0), -4096) == -1);
	CHECK_EQ(trace(PTRACE_POKEUSER, pid, debugreg(0), 0x10001), 0);
	/* Eight bytes at an odd address. */
	CHECK(trace(PTRACE_POKEUSER, pid, debugreg(7), 0x90001) == -1);
	CHECK(trace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.fs_base),
		    1L << 62) == -1);
	CHECK(trace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.cs),
		    0x10) == -1);
	end(pid);
}

/* gdb takes a task for 64-bit only if its cs is this one. */
TEST(the_selectors_are_those_that_debuggers_know)
{
	pid_t pid = start(sleep_long);
	struct user_regs_struct regs;

	CHECK_EQ(trace(PTRACE_GETREGS, pid, 0, (long)&regs), 0);
	CHECK_EQ(regs.cs, 0x33);
	CHECK_EQ(regs.ss, 0x2b);
	end(pid);
}

/* gdbserver finds threads so. */
TEST(the_segment_bases_are_read_and_set)
{
	enum { SET_GS = 0x1001, SET_FS, GET_FS, GET_GS, ARCH_PRCTL = 30 };
	pid_t pid = start(sleep_long);
	struct user_regs_struct regs;
	unsigned long base = 0;

	NEED(trace(PTRACE_GETREGS, pid, 0, (long)&regs) == 0);
	CHECK(regs.fs_base != 0);
	CHECK_EQ(trace(ARCH_PRCTL, pid, (long)&base, GET_FS), 0);
	CHECK_EQ(base, regs.fs_base);
	CHECK_EQ(trace(ARCH_PRCTL, pid, 0x123000, SET_GS), 0);
	CHECK_EQ(trace(ARCH_PRCTL, pid, (long)&base, GET_GS), 0);
	CHECK_EQ(base, 0x123000);
	CHECK_ERR(trace(ARCH_PRCTL, pid, 1L << 62, SET_GS), EPERM);
	CHECK_ERR(trace(ARCH_PRCTL, pid, 8, GET_FS), EFAULT);
	CHECK_ERR(trace(ARCH_PRCTL, pid, 0, 77), EINVAL);
	end(pid);
}

TEST(a_breakpoint_instruction_traps)
{
	pid_t pid = start(pass_landmark);
	struct user_regs_struct regs;
	long word = trace(PTRACE_PEEKTEXT, pid, (long)landmark, 0);
	int status;

	trace(PTRACE_POKETEXT, pid, (long)landmark, (word & ~0xffL) | 0xcc);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(STOPPED_BY(status, SIGTRAP));
	trace(PTRACE_GETREGS, pid, 0, (long)&regs);
	CHECK_EQ(regs.rip, (long)landmark + 1);
	trace(PTRACE_POKETEXT, pid, (long)landmark, word);
	regs.rip--;
	trace(PTRACE_SETREGS, pid, 0, (long)&regs);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(WIFEXITED(status));
}

static void fork_once(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(9);
	waitpid(pid, &status, 0);
	_exit(WEXITSTATUS(status));
}

TEST(fork_and_exit_are_events)
{
	pid_t pid = start(fork_once), child;
	unsigned long msg = 0;
	int status;

	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK |
					 PTRACE_O_TRACEEXIT);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(STOPPED_BY(status, SIGTRAP));
	CHECK_EQ(EVENT_OF(status), PTRACE_EVENT_FORK);
	CHECK_EQ(trace(PTRACE_GETEVENTMSG, pid, 0, (long)&msg), 0);
	child = msg;
	CHECK_EQ(waitpid(child, &status, __WALL), child);
	CHECK(STOPPED_BY(status, SIGSTOP));
	trace(PTRACE_CONT, pid, 0, 0);
	status = go(PTRACE_CONT, child, 0);
	CHECK_EQ(EVENT_OF(status), PTRACE_EVENT_EXIT);
	trace(PTRACE_GETEVENTMSG, child, 0, (long)&msg);
	CHECK_EQ(msg, 9 << 8);
	status = go(PTRACE_CONT, child, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
	/* The parent learns of it only now: SIGCHLD is seen by us first. */
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (STOPPED_BY(status, SIGCHLD))
		status = go(PTRACE_CONT, pid, SIGCHLD);
	CHECK_EQ(EVENT_OF(status), PTRACE_EVENT_EXIT);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
}

static void exec_shell(void)
{
	char *argv[] = { "sh", "-c", "exit 11", NULL };

	execve("/bin/sh", argv, argv + 3);
	_exit(99);
}

TEST(execve_is_an_event_or_a_sigtrap)
{
	pid_t pid = start(exec_shell);
	int status = go(PTRACE_CONT, pid, 0);

	CHECK(STOPPED_BY(status, SIGTRAP));
	CHECK_EQ(EVENT_OF(status), 0);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 11);

	pid = start(exec_shell);
	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC);
	status = go(PTRACE_CONT, pid, 0);
	CHECK_EQ(EVENT_OF(status), PTRACE_EVENT_EXEC);
	status = go(PTRACE_CONT, pid, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 11);
}

static void *thread_body(void *arg)
{
	return arg;
}

static void make_thread(void)
{
	pthread_t t;

	pthread_create(&t, NULL, thread_body, NULL);
	pthread_join(t, NULL);
	_exit(0);
}

TEST(threads_are_traced_by_their_ids)
{
	pid_t pid = start(make_thread), tid;
	unsigned long msg = 0;
	int status;

	trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE);
	status = go(PTRACE_CONT, pid, 0);
	CHECK_EQ(EVENT_OF(status), PTRACE_EVENT_CLONE);
	trace(PTRACE_GETEVENTMSG, pid, 0, (long)&msg);
	tid = msg;
	CHECK(tid != pid);
	CHECK_EQ(waitpid(tid, &status, __WALL), tid);
	CHECK(STOPPED_BY(status, SIGSTOP));
	trace(PTRACE_CONT, pid, 0, 0);
	status = go(PTRACE_CONT, tid, 0);
	CHECK(WIFEXITED(status));
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
}

static void *exec_true(void *ready)
{
	while (!*(volatile int *)ready)
		;
	execl("/bin/true", "true", (char *)NULL);
	_exit(1);
}

/* The thread that calls execve() takes the traced leader's place. */
TEST(a_tracer_is_told_that_its_tracee_was_replaced)
{
	volatile int *ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = fork(), tracer;
	pthread_t t;
	int status;

	if (!child) {
		pthread_create(&t, NULL, exec_true, (void *)ready);
		sleep_long();
	}
	tracer = fork();
	if (!tracer) {
		if (trace(PTRACE_SEIZE, child, 0, 0))
			_exit(errno == EPERM ? 77 : 1);
		*ready = 1;
		alarm(10);
		_exit(waitpid(-1, &status, __WALL) < 0 && errno == ECHILD ?
		      0 : 2);
	}
	CHECK_EQ(waitpid(tracer, &status, 0), tracer);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		kill(child, SIGKILL);
		SKIP("may not trace a sibling");
	}
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	kill(child, SIGKILL);
	CHECK_EQ(waitpid(child, &status, 0), child);
}

TEST(seize_interrupt_and_listen)
{
	pid_t pid = fork();
	siginfo_t info;
	int status;

	if (!pid)
		sleep_long();
	CHECK_ERR(trace(PTRACE_SEIZE, pid, 1, 0), EIO);
	CHECK_EQ(trace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD), 0);
	CHECK_ERR(trace(PTRACE_CONT, pid, 0, 0), ESRCH);
	CHECK_EQ(trace(PTRACE_INTERRUPT, pid, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(STOPPED_BY(status, SIGTRAP));
	CHECK_EQ(EVENT_OF(status), PTRACE_EVENT_STOP);
	CHECK_EQ(trace(PTRACE_CONT, pid, 0, 0), 0);

	/* A group stop, in which it stays though we listen. */
	kill(pid, SIGSTOP);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(STOPPED_BY(status, SIGSTOP));
	CHECK_EQ(EVENT_OF(status), 0);
	status = go(PTRACE_CONT, pid, SIGSTOP);
	CHECK(STOPPED_BY(status, SIGSTOP));
	CHECK_EQ(EVENT_OF(status), PTRACE_EVENT_STOP);
	CHECK_EQ(trace(PTRACE_LISTEN, pid, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK_ERR(trace(PTRACE_GETSIGINFO, pid, 0, (long)&info), ESRCH);
	kill(pid, SIGCONT);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(STOPPED_BY(status, SIGTRAP));
	CHECK_EQ(EVENT_OF(status), PTRACE_EVENT_STOP);
	end(pid);
}

static void sleep_shortly(void)
{
	struct timespec ts = { 0, 300000000 };

	_exit(nanosleep(&ts, NULL) == 0 ? 0 : errno);
}

/* A trap that ends at the exit stop must not let ERESTART* through. */
TEST(an_interrupted_call_goes_on_after_detaching)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		sleep_shortly();
	usleep(20000);
	CHECK_EQ(trace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD), 0);
	CHECK_EQ(trace(PTRACE_INTERRUPT, pid, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	status = go(PTRACE_SYSCALL, pid, 0);    /* restart_syscall's entry */
	CHECK(STOPPED_BY(status, SYSCALL_STOP));
	CHECK_EQ(trace(PTRACE_SYSCALL, pid, 0, 0), 0);
	CHECK_EQ(trace(PTRACE_INTERRUPT, pid, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(trace(PTRACE_DETACH, pid, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(the_tracees_of_a_dead_tracer_go_on)
{
	int ready[2], go_on[2], status;
	pid_t pid, tracer;
	char c;

	CHECK_EQ(pipe(ready), 0);
	CHECK_EQ(pipe(go_on), 0);
	pid = fork();
	if (!pid) {
		read(go_on[0], &c, 1);
		_exit(4);
	}
	tracer = fork();
	if (!tracer) {
		trace(PTRACE_ATTACH, pid, 0, 0);
		waitpid(pid, &status, 0);
		write(ready[1], "r", 1);
		_exit(0);
	}
	read(ready[0], &c, 1);
	CHECK_EQ(waitpid(tracer, &status, 0), tracer);
	write(go_on[1], "g", 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 4);
}

TEST(exitkill_takes_the_tracees_along)
{
	pid_t pid = fork(), tracer;
	int status;

	if (!pid)
		sleep_long();
	tracer = fork();
	if (!tracer) {
		trace(PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL);
		_exit(0);
	}
	CHECK_EQ(waitpid(tracer, &status, 0), tracer);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(floating_point_registers_are_read_and_written)
{
	pid_t pid = start(sleep_long);
	struct user_fpregs_struct fp, again;
	static char big[8192];
	struct iovec iov = { big, sizeof(big) };

	CHECK_EQ(trace(PTRACE_GETFPREGS, pid, 0, (long)&fp), 0);
	CHECK_EQ(fp.mxcsr, 0x1f80);
	memset(fp.xmm_space, 0x5a, 16);
	CHECK_EQ(trace(PTRACE_SETFPREGS, pid, 0, (long)&fp), 0);
	CHECK_EQ(trace(PTRACE_GETFPREGS, pid, 0, (long)&again), 0);
	CHECK(!memcmp(fp.xmm_space, again.xmm_space, sizeof(fp.xmm_space)));
	CHECK_EQ(trace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, (long)&iov), 0);
	CHECK(iov.iov_len >= 512);
	CHECK_EQ(big[160], 0x5a);
	iov.iov_len = sizeof(big);
	CHECK_EQ(trace(PTRACE_GETREGSET, pid, NT_PRSTATUS, (long)&iov), 0);
	CHECK_EQ(iov.iov_len, sizeof(struct user_regs_struct));
	CHECK_ERR(trace(PTRACE_GETREGSET, pid, 77, (long)&iov), EINVAL);
	end(pid);
}

TEST(queued_signals_and_masks_can_be_seen)
{
	pid_t pid = start(sleep_long);
	struct { uint64_t off; uint32_t flags; int32_t nr; } args = { 0, 1, 4 };
	siginfo_t infos[4];
	uint64_t mask = 0;

	kill(pid, SIGUSR1);
	kill(pid, SIGUSR2);
	CHECK_EQ(trace(0x4209, pid, (long)&args, (long)infos), 2);
	CHECK_EQ(infos[0].si_signo, SIGUSR1);
	CHECK_EQ(infos[1].si_signo, SIGUSR2);
	mask = 1 << (SIGUSR1 - 1) | 1 << (SIGUSR2 - 1) | 1 << (SIGKILL - 1);
	CHECK_EQ(trace(0x420b, pid, 8, (long)&mask), 0);
	mask = 0;
	CHECK_EQ(trace(0x420a, pid, 8, (long)&mask), 0);
	CHECK_EQ(mask, 1 << (SIGUSR1 - 1) | 1 << (SIGUSR2 - 1));
	CHECK_ERR(trace(0x420a, pid, 4, (long)&mask), EINVAL);
	end(pid);
}

TEST(proc_names_tracer_and_state)
{
	pid_t pid = start(sleep_long);
	char path[64], text[4096] = { 0 }, want[32];
	int fd;

	sprintf(path, "/proc/%d/status", pid);
	fd = open(path, O_RDONLY);
	CHECK(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	CHECK(strstr(text, "State:\tt"));
	sprintf(want, "TracerPid:\t%d\n", getpid());
	CHECK(strstr(text, want));
	end(pid);
}

/* Attach, look, detach and kill a busy process's threads, all at once. */
TEST(attach_detach_and_kill_race)
{
	for (int round = 0; round < 20; round++) {
		pid_t pid = fork(), other;
		int status;

		if (!pid)
			for (;;)
				getppid();
		other = fork();
		if (!other) {
			for (int i = 0; i < 10; i++) {
				if (trace(PTRACE_ATTACH, pid, 0, 0))
					continue;
				waitpid(pid, &status, 0);
				trace(PTRACE_DETACH, pid, 0, 0);
			}
			_exit(0);
		}
		for (int i = 0; i < 10; i++) {
			if (trace(PTRACE_SEIZE, pid, 0, 0))
				continue;
			trace(PTRACE_INTERRUPT, pid, 0, 0);
			if (i == 5)
				kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			if (!WIFSTOPPED(status))
				break;
			trace(PTRACE_DETACH, pid, 0, 0);
		}
		kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
			;
		CHECK_EQ(waitpid(other, &status, 0), other);
	}
}

TAP_MAIN()
