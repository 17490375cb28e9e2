/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H
/*
 * panic.h -- what happens when the kernel finds itself broken
 *
 * panic(): nothing can be trusted; say why, stop the other CPUs, stop or
 * reboot.  oops: the current task did something impossible; say all that is
 * known and kill the task, if the context allows it, else panic.
 */

#include <kernel/types.h>

struct pt_regs;

__printf(1, 2) __noreturn void panic(const char *fmt, ...);

extern int panic_timeout;    /* panic=N: reboot after N s; 0 never; <0 at once */
extern int panic_on_oops;
extern int oops_in_progress; /* locks of consoles are not to be trusted */

/*
 * For arch: an exception in the kernel that has no fix-up.  Prints registers,
 * backtrace and task.  Returns only if the caller may kill the task; then the
 * caller calls make_task_dead() or do_exit(SIGSEGV).
 */
void die(const char *what, struct pt_regs *regs, long err);
void oops_enter(void);
void oops_exit(void);

/* Bits of the taint word, printed with each oops. */
#define TAINT_WARN 9
#define TAINT_DIE 7
void add_taint(unsigned int flag);
const char *print_tainted(void);
unsigned long get_taint(void);

/*
 * The architecture's part: show_regs() and arch_stack_walk() of
 * arch/stacktrace.h, smp_send_stop() of arch/smp.h, machine_restart() and
 * stop_this_cpu() of arch/reboot.h.
 */

#endif
