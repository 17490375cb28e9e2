/* SPDX-License-Identifier: MIT */
/* io_ports.c -- ioperm and iopl: who may talk to which port */

#define _GNU_SOURCE
#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <sys/io.h>
#include <sys/syscall.h>

#define POST 0x80               /* takes what the firmware wants to show */

static int iopl_raw(long level)
{
	return syscall(SYS_iopl, level);
}

static int ioperm_raw(unsigned long from, unsigned long num, int on)
{
	return syscall(SYS_ioperm, from, num, on);
}

static void touch(int port)
{
	outb(1, port);
}

static void touch_two(int port)
{
	outw(1, port);
}

static void cli(int port)
{
	__asm__ volatile("cli; sti");
}

/* What a child dies of that does so; 0: nothing. */
static int fatal(void (*what)(int), int port)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		what(port);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

/* execve() of this very program comes by here. */
__attribute__((constructor)) static void probe(void)
{
	if (!getenv("IO_PROBE"))
		return;
	touch(POST);
	_exit(0);
}

static void probe_by_exec(int port)
{
	setenv("IO_PROBE", "1", 1);
	execl("/proc/self/exe", "io_ports", NULL);
	_exit(2);
}

TEST(a_port_is_forbidden_until_it_is_asked_for)
{
	NEED(getuid() == 0);
	CHECK_EQ(fatal(touch, POST), SIGSEGV);
	CHECK_EQ(ioperm_raw(POST, 1, 1), 0);
	CHECK_EQ(fatal(touch, POST), 0);
	CHECK_EQ(fatal(touch, POST - 1), SIGSEGV);
	CHECK_EQ(fatal(touch, POST + 1), SIGSEGV);
	CHECK_EQ(fatal(touch_two, POST), SIGSEGV);
	CHECK_EQ(fatal(probe_by_exec, 0), 0);
	CHECK_EQ(fatal(cli, 0), SIGSEGV);
	CHECK_EQ(ioperm_raw(0, 65536, 0), 0);
	CHECK_EQ(fatal(touch, POST), SIGSEGV);
	CHECK_EQ(fatal(probe_by_exec, 0), SIGSEGV);
}

TEST(the_last_port_is_one_too)
{
	NEED(getuid() == 0);
	CHECK_EQ(ioperm_raw(65535, 1, 1), 0);
	CHECK_EQ(fatal(touch, 65535), 0);
	CHECK_EQ(fatal(touch, 65534), SIGSEGV);
}

TEST(iopl_opens_all_ports_but_not_the_interrupt_flag)
{
	NEED(getuid() == 0);
	CHECK_EQ(iopl_raw(1), 0);
	CHECK_EQ(fatal(touch, POST), SIGSEGV);
	CHECK_EQ(iopl_raw(3), 0);
	CHECK_EQ(fatal(touch, POST), 0);
	CHECK_EQ(fatal(touch_two, POST), 0);
	CHECK_EQ(fatal(cli, 0), 0);   /* does nothing */
	CHECK_EQ(fatal(probe_by_exec, 0), 0);
	CHECK_EQ(ioperm_raw(POST, 1, 1), 0);
	CHECK_EQ(iopl_raw(0), 0);
	CHECK_EQ(fatal(touch, POST), 0);
	CHECK_EQ(fatal(touch, POST + 1), SIGSEGV);
}

TEST(only_the_privileged_get_ports_and_all_may_give_up)
{
	NEED(getuid() == 0);
	CHECK_EQ(ioperm_raw(POST, 2, 1), 0);
	CHECK_EQ(iopl_raw(2), 0);
	NEED(setuid(1000) == 0);
	CHECK_ERR(ioperm_raw(POST, 1, 1), EPERM);
	CHECK_ERR(iopl_raw(3), EPERM);
	CHECK_EQ(fatal(touch, POST), 0);
	CHECK_EQ(ioperm_raw(POST, 1, 0), 0);
	CHECK_EQ(iopl_raw(1), 0);
	CHECK_ERR(iopl_raw(2), EPERM);
	CHECK_EQ(fatal(touch, POST), SIGSEGV);
	CHECK_EQ(fatal(touch, POST + 1), 0);
}

TEST(impossible_ports_are_refused)
{
	CHECK_ERR(ioperm_raw(65536, 1, 1), EINVAL);
	CHECK_ERR(ioperm_raw(65535, 2, 1), EINVAL);
	CHECK_ERR(ioperm_raw(0, 0, 1), EINVAL);
	CHECK_ERR(ioperm_raw(1, -1UL, 1), EINVAL);
	CHECK_ERR(ioperm_raw(-1UL, 2, 0), EINVAL);
	CHECK_ERR(iopl_raw(4), EINVAL);
	CHECK_ERR(iopl_raw(-1), EINVAL);
	CHECK_EQ(ioperm_raw(POST, 1, 0), 0);
}

static void *try_it(void *arg)
{
	return (void *)(long)fatal(touch, POST);
}

TEST(threads_and_children_go_their_own_ways)
{
	pthread_t thread;
	void *died;
	int i, status;
	pid_t pid;

	NEED(getuid() == 0);
	pid = fork();                 /* without, and it stays so */
	if (pid == 0) {
		for (i = 0; i < 300; i++)
			sched_yield();
		touch(POST);
		_exit(0);
	}
	CHECK_EQ(ioperm_raw(POST, 1, 1), 0);
	for (i = 0; i < 300; i++) {
		touch(POST);
		sched_yield();
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	pthread_create(&thread, NULL, try_it, NULL);
	pthread_join(thread, &died);
	CHECK_EQ((long)died, 0);      /* begun with ours */
	pid = fork();
	if (pid == 0)
		_exit(ioperm_raw(POST, 1, 0));
	waitpid(pid, &status, 0);
	touch(POST);
}

TAP_MAIN()
