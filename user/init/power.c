/* SPDX-License-Identifier: MIT */
/*
 * power.c -- the orderly end: tell, kill, write, unmount, switch off
 *
 * Every process is a descendant of process 1, or an orphan that it adopted, so
 * "no children left" (ECHILD) means "nobody left but kernel threads".
 */

#include "init.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Reap for up to `tenths` of a second; true when no process is left. */
static bool wait_for_all(int tenths)
{
	const struct timespec nap = { .tv_nsec = 10 * 1000 * 1000 };

	for (int i = 0; i < tenths * 10; i++) {
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0 && errno == ECHILD)
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}

void power_down(int reboot_command)
{
	if (kill(-1, SIGTERM) == 0) {
		kill(-1, SIGCONT);
		if (!wait_for_all(10)) {
			kill(-1, SIGKILL);
			wait_for_all(20);
		}
	}
	sync();
	unmount_all();
	sync();
	reboot(reboot_command);
	say("reboot: %s", strerror(errno));
	for (;;)
		pause();
}
