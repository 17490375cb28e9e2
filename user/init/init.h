/* SPDX-License-Identifier: MIT */
#ifndef INIT_H
#define INIT_H
/* init.h -- what the files of this program share */

#include <stdbool.h>
#include <sys/types.h>

/* Print "init: ..." on the console. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* task.c: what this boot is asked to do, as files below TASKS. */
#define TASKS "/run/lantern"
#define PATH_SIZE 256
void tasks_collect(void);
void modules_load(void);
bool copy_file(const char *from, const char *to);
void for_each_line(const char *path, void (*use)(const char *line));

/* root.c: leave the first root file system for one on a disk. */
bool root_on_disk(void);
bool switch_root(void) __attribute__((warn_unused_result));

/* mounts.c: the file systems that every program expects. */
void mount_all(void);
void mount_shares(void);
void unmount_all(void);

/* net.c: lo at once; eth0, names and servers later, by a child that is waited
 * for on request. */
void network_prepare(void);
void network_start(bool wait_for_it);

/* console.c: a login shell, with job control, on each console. */
void consoles_start(void);
void console_child_died(pid_t pid, int status);
/* Become a session leader with fd as terminal; in a child only. */
void take_terminal(int fd);

/* run.c: one command instead of a shell, its status reported. */
bool run_requested(void);
void run_start(void);
/* Report a status without running anything, and switch off. */
void run_give_up(int code) __attribute__((noreturn));
/* True, having reported its status, if pid was the command. */
bool run_child_died(pid_t pid, int status);

/* power.c: kill everything, write everything, switch off.  Never returns. */
void power_down(int reboot_command) __attribute__((noreturn));

/* In a child: the signals as a new program expects to find them. */
void reset_signals(void);

extern char *const login_environment[];

/* bash where there is one, else sh. */
const char *shell_path(void);

#endif
