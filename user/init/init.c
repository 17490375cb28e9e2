/* SPDX-License-Identifier: MIT */
/*
 * init.c -- process 1: the first program, and the parent of orphans
 *
 * PROMISE.  The usual file systems are mounted, and "/" is on the disk that
 * root= names (root.c), or in memory where there is no root=; a shell waits on
 * each console, and a new one replaces it when it ends; or one command runs
 * (run.c) and the machine goes off.  No zombie is left lying about.  poweroff,
 * reboot and halt work as busybox sends them: SIGUSR2, SIGTERM, SIGUSR1 to
 * process 1.
 *
 * IDEA.  Signals stay blocked except inside sigsuspend(), so everything that
 * happens, happens at one place in the loop below and no wake-up is lost:
 *
 *	reap all dead children --> act on the requests --> sigsuspend()
 *	         ^                                              |
 *	         +----------------------------------------------+
 *
 * With plain pause() instead, a child that dies between the reaping and the
 * pause would be noticed only when the next one dies.
 *
 * It uses nothing but Linux system calls, and runs on Linux unchanged.
 *
 * EXERCISES.  1. Replace sigsuspend() by pause() and unblock the signals: how
 * would you show the lost wake-up?  2. Why must process 1 install a handler
 * for SIGTERM to be able to see it at all?
 */

#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

/* A command's status when its root file system could not be had. */
enum { NO_ROOT = 125 };

/* What the signals ask for: a reboot(2) command, or 0.  One writer at a time:
 * the handler, which runs only inside sigsuspend(). */
static volatile sig_atomic_t power_request;

char *const login_environment[] = {
	"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/root", "USER=root",
	"LOGNAME=root", "SHELL=/bin/sh", "TERM=linux", NULL,
};

void say(const char *format, ...)
{
	char line[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n] = '\n';
	line[n + 1] = '\0';
	dprintf(STDERR_FILENO, "init: %s", line);
}

static void on_signal(int sig)
{
	switch (sig) {
	case SIGUSR1:
		power_request = RB_HALT_SYSTEM;
		break;
	case SIGUSR2:
		power_request = RB_POWER_OFF;
		break;
	case SIGTERM:
	case SIGINT:            /* Ctrl-Alt-Del, where the kernel sends it */
		power_request = RB_AUTOBOOT;
		break;
	}
}

static void catch_signals(void)
{
	static const int caught[] = {
		SIGCHLD, SIGUSR1, SIGUSR2, SIGTERM, SIGINT,
	};
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t all;

	sigfillset(&action.sa_mask);
	for (unsigned i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		sigaction(caught[i], &action, NULL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

void reset_signals(void)
{
	sigset_t none;

	/* exec keeps the mask, and turns handlers into SIG_DFL by itself. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Stand on the console, whatever the kernel opened for us before /dev. */
static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	if (fd < 0)
		return;
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static void set_hostname(void)
{
	char name[64] = "lantern";
	int fd = open("/etc/hostname", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		ssize_t n = read(fd, name, sizeof(name) - 1);

		name[n > 0 ? n : 0] = '\0';
		close(fd);
	}
	name[strcspn(name, "\n")] = '\0';
	if (sethostname(name, strlen(name)) < 0)
		say("sethostname: %s", strerror(errno));
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (run_child_died(pid, status))
			power_down(RB_POWER_OFF);
		console_child_died(pid, status);
	}
}

int main(void)
{
	sigset_t none;

	if (getpid() != 1) {
		say("must be process 1; use poweroff or reboot instead");
		return 1;
	}
	catch_signals();
	mount_all();
	open_console();
	tasks_collect();
	modules_load();
	network_prepare();
	if (!switch_root() && run_requested())
		run_give_up(NO_ROOT);
	mount_shares();
	set_hostname();
	network_start(run_requested());
	reboot(RB_DISABLE_CAD);
	if (run_requested())
		run_start();
	else
		consoles_start();

	sigemptyset(&none);
	for (;;) {
		reap();
		if (power_request)
			power_down(power_request);
		sigsuspend(&none);
	}
}
