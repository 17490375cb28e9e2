/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_COREDUMP_H
#define KERNEL_COREDUMP_H
/* coredump.h -- a process that dies of a fault leaves its memory in a file */

#include <kernel/completion.h>
#include <kernel/sched.h>
#include <kernel/signal.h>

/* A thread parked in do_exit() until the file is written; on its stack. */
struct core_thread {
	struct task_struct *task;     /* NULL: go on */
	struct core_thread *next;
};

struct core_state {
	atomic_t nr_threads;          /* still to arrive */
	struct core_thread dumper;    /* head of the list of arrived ones */
	struct completion startup;    /* all have arrived */
};

#define SUID_DUMP_DISABLE 0
#define SUID_DUMP_USER 1
#define SUID_DUMP_ROOT 2
#define DEFAULT_DUMP_FILTER 0x33    /* private, shared-anonymous, ELF, huge */
#define CORENAME_MAX_SIZE 128

extern char core_pattern[CORENAME_MAX_SIZE];
extern int core_uses_pid, suid_dumpable, core_pipe_limit;

/* current dies of info->si_signo: write a core file if it may. May sleep. */
void do_coredump(const siginfo_t *info);
/* do_exit(): wait here while another thread dumps the process. */
void coredump_task_exit(void);

#endif
