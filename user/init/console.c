/* SPDX-License-Identifier: MIT */
/*
 * console.c -- a login shell on each console
 *
 * The kernel's command line names the consoles (`console=tty0 console=ttyS0`);
 * each gets a shell of its own, in its own session, with the terminal as the
 * controlling one: without that there is no job control and Ctrl-C goes
 * nowhere.  tty0 stands for "the screen", whose first terminal is tty1.
 */

#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONSOLES 4

static struct console {
	char device[32];
	pid_t shell;            /* 0 while none runs */
	time_t since;           /* when it was started, monotonic seconds */
} consoles[MAX_CONSOLES];
static int nr_consoles;

static time_t now(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void add_console(const char *name, int length)
{
	struct console *c = &consoles[nr_consoles];
	int fd;

	if (nr_consoles == MAX_CONSOLES)
		return;
	if (length == 4 && !strncmp(name, "tty0", 4))
		name = "tty1";
	snprintf(c->device, sizeof(c->device), "/dev/%.*s", length, name);
	for (int i = 0; i < nr_consoles; i++)
		if (!strcmp(consoles[i].device, c->device))
			return;
	/* Not every console that was asked for exists. */
	fd = open(c->device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	if (isatty(fd))
		nr_consoles++;
	close(fd);
}

/* Fill the table from console=NAME[,OPTIONS] words of the command line. */
static void find_consoles(void)
{
	static char line[4096];
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		ssize_t n = read(fd, line, sizeof(line) - 1);

		line[n > 0 ? n : 0] = '\0';
		close(fd);
	}
	for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n"))
		if (!strncmp(word, "console=", 8))
			add_console(word + 8, strcspn(word + 8, ","));
	if (!nr_consoles)
		add_console("console", 7);
}

/* tools/vm knows how large the person's terminal is; a serial line doesn't. */
static void set_window_size(int fd)
{
	struct winsize size = { 0 };
	FILE *f = fopen(TASKS "/winsize", "re");

	if (!f)
		return;
	if (fscanf(f, "%hu %hu", &size.ws_row, &size.ws_col) == 2)
		ioctl(fd, TIOCSWINSZ, &size);
	fclose(f);
}

static void print_hint(const char *line)
{
	printf("%s\n", line);
}

static void greet(void)
{
	struct utsname u;

	if (uname(&u) == 0)
		printf("\n%s %s on %s.  `poweroff` switches off.\n\n", u.sysname,
		       u.release, u.machine);
	for_each_line(TASKS "/hint", print_hint);
	fflush(stdout);
}

void take_terminal(int fd)
{
	setsid();
	ioctl(fd, TIOCSCTTY, 1);
	tcsetpgrp(fd, getpid());
}

const char *shell_path(void)
{
	return access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh";
}

static void become_shell(const struct console *c)
{
	const char *shell = shell_path();
	char *const argv[] = { strstr(shell, "bash") ? "-bash" : "-sh", NULL };
	int fd = open(c->device, O_RDWR | O_NOCTTY);

	if (fd < 0)
		_exit(126);
	take_terminal(fd);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	set_window_size(0);
	reset_signals();
	greet();
	if (chdir("/root") < 0 && chdir("/") < 0)
		say("no directory to stand in: %s", strerror(errno));
	execve(shell, argv, login_environment);
	say("%s: %s", shell, strerror(errno));
	_exit(127);
}

static void start_shell(struct console *c)
{
	c->since = now();
	c->shell = fork();
	if (c->shell == 0)
		become_shell(c);
	if (c->shell < 0) {
		say("fork: %s", strerror(errno));
		c->shell = 0;
	}
}

void consoles_start(void)
{
	find_consoles();
	if (!nr_consoles)
		say("no console opens: nobody can log in");
	if (access(shell_path(), X_OK) < 0) {
		say("%s: %s; is the root file system whole?", shell_path(),
		    strerror(errno));
		return;
	}
	for (int i = 0; i < nr_consoles; i++)
		start_shell(&consoles[i]);
}

/* A shell ended: give its console a new one, but not in a mad loop. */
void console_child_died(pid_t pid, int status)
{
	for (int i = 0; i < nr_consoles; i++) {
		struct console *c = &consoles[i];

		if (c->shell != pid)
			continue;
		if (now() - c->since < 2)
			sleep(1);
		start_shell(c);
	}
}
