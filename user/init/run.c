/* SPDX-License-Identifier: MIT */
/*
 * run.c -- one command instead of a shell
 *
 * tools/vm leaves a file for us (task.c): `cmd`, a line for `sh -c`, or
 * `script`, a file for `sh`.  The command's output goes to the second serial
 * port, where nobody else writes, with all translation off, so that it arrives
 * byte for byte after a line `lantern-begin` (firmware may have talked there);
 * then this line goes to the console and the machine goes off:
 *
 *	lantern-exit: STATUS
 *
 * Between init and the command stands a session leader that only waits.  When a
 * session leader ends, its terminal is hung up and what it has not yet sent is
 * thrown away: the leader must outlive the last byte, so it drains the port.
 * The first symptom of getting this wrong is a missing tail of long outputs.
 *
 * On a machine without that port the output goes to the console, and a line
 * `lantern-run: console` says from where on.  tools/guest.py is the other side.
 */

#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define CMD TASKS "/cmd"
#define SCRIPT TASKS "/script"

static pid_t command_pid;
static int port = -1;           /* where the command's output goes */

bool run_requested(void)
{
	return access(CMD, R_OK) == 0 || access(SCRIPT, R_OK) == 0;
}

/* No echo, no signals, no CR before LF: bytes go through as they are. */
static void make_raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return;
	cfmakeraw(&t);
	cfsetspeed(&t, B115200);
	tcsetattr(fd, TCSANOW, &t);
}

static int open_port(void)
{
	int fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	bool on_console = fd < 0 || !isatty(fd);

	if (!on_console) {
		fcntl(fd, F_SETFL, O_RDWR);
	} else {
		fd = dup(STDOUT_FILENO);
		dprintf(fd, "lantern-run: console\n");
	}
	tcdrain(fd);
	make_raw(fd);
	if (!on_console)
		dprintf(fd, "lantern-begin\n");
	return fd;
}

/* The whole of a small file as a string, or NULL. */
static char *read_text(const char *path)
{
	struct stat st;
	char *text = NULL;
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && fstat(fd, &st) == 0)
		text = malloc(st.st_size + 1);
	if (text)
		n = read(fd, text, st.st_size);
	if (n >= 0)
		text[n] = '\0';
	if (fd >= 0)
		close(fd);
	return n >= 0 ? text : NULL;
}

static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 128 + WTERMSIG(status);
}

static void become_command(void)
{
	char *line = read_text(CMD);
	const char *shell = shell_path();
	char *const with_line[] = { "sh", "-c", line, NULL };
	char *const with_file[] = { "sh", SCRIPT, NULL };
	int null = open("/dev/null", O_RDONLY);

	if (null >= 0)
		dup2(null, 0);
	dup2(port, 1);
	dup2(port, 2);
	if (null > 2)
		close(null);
	if (chdir("/") < 0)
		_exit(126);
	execve(shell, line ? with_line : with_file, login_environment);
	dprintf(2, "init: %s: %s\n", shell, strerror(errno));
	_exit(127);
}

/* The session leader: start the command, outlive it, pass its status on. */
static void lead_session(void)
{
	int status = 126 << 8;
	pid_t pid;

	take_terminal(port);
	reset_signals();
	pid = fork();
	if (pid == 0)
		become_command();
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	tcdrain(port);
	_exit(exit_code(status));
}

static void report(int code)
{
	dprintf(STDOUT_FILENO, "lantern-exit: %d\n", code);
	tcdrain(STDOUT_FILENO);
}

void run_give_up(int code)
{
	report(code);
	power_down(RB_POWER_OFF);
}

void run_start(void)
{
	port = open_port();
	command_pid = fork();
	if (command_pid == 0)
		lead_session();
	if (command_pid < 0) {
		say("fork: %s", strerror(errno));
		run_give_up(126);
	}
}

bool run_child_died(pid_t pid, int status)
{
	if (command_pid == 0 || pid != command_pid)
		return false;
	report(exit_code(status));
	return true;
}
