/* SPDX-License-Identifier: MIT */
/* signals.c -- sending, blocking, handling, from outside */

#include "tap.h"

#include <setjmp.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

static volatile sig_atomic_t seen, order[64], count;
static siginfo_t last_info;

static void on_signal(int sig)
{
	seen = sig;
	if (count < 64)
		order[count++] = sig;
}

static void on_info(int sig, siginfo_t *info, void *context)
{
	last_info = *info;
	on_signal(sig);
}

static void handle(int sig, int flags)
{
	struct sigaction a = { .sa_sigaction = on_info,
			       .sa_flags = SA_SIGINFO | flags };

	CHECK_EQ(sigaction(sig, &a, NULL), 0);
}

static void block(int how, int sig)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, sig);
	sigprocmask(how, &s, NULL);
}

TEST(handler_gets_the_sender)
{
	handle(SIGUSR1, 0);
	CHECK_EQ(kill(getpid(), SIGUSR1), 0);
	CHECK_EQ(seen, SIGUSR1);
	CHECK_EQ(last_info.si_signo, SIGUSR1);
	CHECK_EQ(last_info.si_code, SI_USER);
	CHECK_EQ(last_info.si_pid, getpid());
}

/* AP061: what a signal does to who never asked for it. */
static char default_action(int sig)
{
	switch (sig) {
	case SIGCHLD: case SIGCONT: case SIGURG: case SIGWINCH:
		return 'i';
	case SIGSTOP: case SIGTSTP: case SIGTTIN: case SIGTTOU:
		return 's';
	default:
		return 't';
	}
}

static char action_of(int sig)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		syscall(SYS_kill, getpid(), sig);
		_exit(0);
	}
	NEED(waitpid(pid, &status, WUNTRACED) == pid);
	if (WIFSTOPPED(status)) {
		CHECK_EQ(WSTOPSIG(status), sig);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return 's';
	}
	if (WIFEXITED(status))
		return 'i';
	CHECK_EQ(WTERMSIG(status), sig);
	return 't';
}

TEST(default_actions_end_ignore_or_stop)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	for (int sig = 1; sig <= 64; sig++) {
		char got = action_of(sig);

		if (got != default_action(sig))
			printf("# signal %d: %c\n", sig, got);
		CHECK(got == default_action(sig));
	}
}

TEST(blocked_signals_wait_and_standard_ones_merge)
{
	sigset_t pending;

	handle(SIGUSR1, 0);
	block(SIG_BLOCK, SIGUSR1);
	for (int i = 0; i < 5; i++)
		kill(getpid(), SIGUSR1);
	CHECK_EQ(count, 0);
	sigpending(&pending);
	CHECK(sigismember(&pending, SIGUSR1));
	block(SIG_UNBLOCK, SIGUSR1);
	CHECK_EQ(count, 1);
}

TEST(realtime_signals_queue_in_order)
{
	int sig = SIGRTMIN + 3;

	handle(sig, 0);
	block(SIG_BLOCK, sig);
	for (int i = 0; i < 5; i++)
		CHECK_EQ(sigqueue(getpid(), sig,
				  (union sigval){ .sival_int = i }), 0);
	block(SIG_UNBLOCK, sig);
	CHECK_EQ(count, 5);
	CHECK_EQ(last_info.si_code, SI_QUEUE);
}

TEST(sigsuspend_swaps_the_mask_and_waits)
{
	sigset_t none;

	handle(SIGUSR1, 0);
	block(SIG_BLOCK, SIGUSR1);
	kill(getpid(), SIGUSR1);
	sigemptyset(&none);
	CHECK_ERR(sigsuspend(&none), EINTR);
	CHECK_EQ(count, 1);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(count, 1);
}

TEST(sigtimedwait_takes_a_signal_or_times_out)
{
	struct timespec short_time = { 0, 20000000 };
	siginfo_t info;
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, SIGUSR2);
	block(SIG_BLOCK, SIGUSR2);
	CHECK_ERR(sigtimedwait(&s, &info, &short_time), EAGAIN);
	kill(getpid(), SIGUSR2);
	CHECK_EQ(sigtimedwait(&s, &info, &short_time), SIGUSR2);
	CHECK_EQ(info.si_pid, getpid());
}

static void send_soon(int sig)
{
	pid_t up = getpid();

	if (fork() == 0) {
		usleep(50000);
		kill(up, sig);
		_exit(0);
	}
}

TEST(read_is_interrupted_or_restarted)
{
	int fds[2];
	char c;

	NEED(pipe(fds) == 0);
	signal(SIGCHLD, SIG_IGN);
	handle(SIGUSR1, 0);
	send_soon(SIGUSR1);
	CHECK_ERR(read(fds[0], &c, 1), EINTR);

	handle(SIGUSR1, SA_RESTART);
	pid_t up = getpid();

	if (fork() == 0) {
		usleep(50000);
		kill(up, SIGUSR1);
		usleep(50000);
		_exit(write(fds[1], "x", 1) != 1);
	}
	CHECK_EQ(read(fds[0], &c, 1), 1);
	CHECK_EQ(count, 2);
}

TEST(nanosleep_says_what_is_left)
{
	struct timespec ask = { 5, 0 }, left = { 0, 0 };

	signal(SIGCHLD, SIG_IGN);
	handle(SIGUSR1, SA_RESTART);
	send_soon(SIGUSR1);
	CHECK_ERR(nanosleep(&ask, &left), EINTR);
	CHECK(left.tv_sec == 4);
}

static char alternate[65536];
static volatile int on_alternate;

static void on_stack(int sig)
{
	char here;

	on_alternate = &here > alternate && &here < alternate + sizeof(alternate);
}

TEST(handler_can_have_its_own_stack)
{
	stack_t s = { .ss_sp = alternate, .ss_size = sizeof(alternate) }, old;
	struct sigaction a = { .sa_handler = on_stack, .sa_flags = SA_ONSTACK };

	CHECK_EQ(sigaltstack(&s, NULL), 0);
	sigaction(SIGUSR1, &a, NULL);
	kill(getpid(), SIGUSR1);
	CHECK(on_alternate);
	CHECK_EQ(sigaltstack(NULL, &old), 0);
	CHECK(old.ss_sp == alternate && old.ss_flags == 0);
	s.ss_size = 16;
	CHECK_ERR(sigaltstack(&s, NULL), ENOMEM);
}

static void on_context(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	/* Step over the two bytes of ud2. */
	u->uc_mcontext.gregs[REG_RIP] += 2;
	seen = sig;
}

TEST(handler_can_change_the_registers)
{
	struct sigaction a = { .sa_sigaction = on_context, .sa_flags = SA_SIGINFO };

	sigaction(SIGILL, &a, NULL);
	__asm__ volatile("ud2");
	CHECK_EQ(seen, SIGILL);
}

TEST(floating_point_state_survives_a_handler)
{
	volatile double x = 1.0;
	double before = x / 3.0, sum = 0;

	handle(SIGUSR1, 0);
	for (int i = 0; i < 100; i++) {
		double y = i / 7.0;

		kill(getpid(), SIGUSR1);
		sum += y * before;
	}
	CHECK(sum > 235.7 && sum < 235.72);
}

static int dies_by(void (*what)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		what();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void divide(void)
{
	__asm__ volatile("xor %%eax, %%eax; div %%eax" ::: "eax", "edx");
}

static void breakpoint(void)
{
	__asm__ volatile("int3");
}

static void undefined(void)
{
	__asm__ volatile("ud2");
}

static void cli(void)
{
	__asm__ volatile("cli");
}

static void hlt(void)
{
	__asm__ volatile("hlt");
}

static void in(void)
{
	__asm__ volatile("in $0x80, %%al" ::: "eax");
}

static void wild_jump(void)
{
	((void (*)(void))(uintptr_t)0xdead000000000000)();
}

static void wild_store(void)
{
	volatile uintptr_t where = 0x123;

	*(volatile int *)where = 1;
}

TEST(exceptions_become_signals)
{
	CHECK_EQ(dies_by(divide), SIGFPE);
	CHECK_EQ(dies_by(breakpoint), SIGTRAP);
	CHECK_EQ(dies_by(undefined), SIGILL);
	CHECK_EQ(dies_by(cli), SIGSEGV);
	CHECK_EQ(dies_by(hlt), SIGSEGV);
	CHECK_EQ(dies_by(in), SIGSEGV);
	CHECK_EQ(dies_by(wild_jump), SIGSEGV);
	CHECK_EQ(dies_by(wild_store), SIGSEGV);
}

TEST(kill_and_stop_cannot_be_caught)
{
	struct sigaction a = { .sa_handler = on_signal };

	CHECK_ERR(sigaction(SIGKILL, &a, NULL), EINVAL);
	CHECK_ERR(sigaction(SIGSTOP, &a, NULL), EINVAL);
	CHECK_ERR(kill(getpid(), 65), EINVAL);
	CHECK_ERR(kill(999999, SIGTERM), ESRCH);
	CHECK_EQ(kill(getpid(), 0), 0);
}

TEST(resethand_and_nodefer)
{
	handle(SIGUSR1, SA_RESETHAND);
	kill(getpid(), SIGUSR1);
	struct sigaction now;

	sigaction(SIGUSR1, NULL, &now);
	CHECK(now.sa_handler == SIG_DFL);
}

TEST(alarm_counts_and_fires)
{
	handle(SIGALRM, 0);
	alarm(10);
	CHECK_EQ(alarm(1), 10);
	CHECK_EQ(pause(), -1);
	CHECK_EQ(seen, SIGALRM);
	CHECK_EQ(alarm(0), 0);
}

TEST(interval_timer_repeats)
{
	struct itimerval t = { { 0, 10000 }, { 0, 10000 } };

	handle(SIGALRM, 0);
	setitimer(ITIMER_REAL, &t, NULL);
	while (count < 5)
		pause();
	t = (struct itimerval){ 0 };
	setitimer(ITIMER_REAL, &t, NULL);
	CHECK(count >= 5);
}

TEST(a_dead_childs_parent_is_told)
{
	handle(SIGCHLD, 0);
	pid_t pid = fork();

	if (pid == 0)
		_exit(5);
	while (!seen)
		pause();
	CHECK_EQ(last_info.si_pid, pid);
	CHECK_EQ(last_info.si_code, CLD_EXITED);
	CHECK_EQ(last_info.si_status, 5);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

TEST(ignored_sigchld_leaves_no_zombie)
{
	signal(SIGCHLD, SIG_IGN);
	if (fork() == 0)
		_exit(0);
	CHECK_ERR(waitpid(-1, NULL, 0), ECHILD);
}

TAP_MAIN()
