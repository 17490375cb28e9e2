/* SPDX-License-Identifier: MIT */
/*
 * table.c -- from a number to a system call
 *
 * PROMISE.  Every number a user can put into rax leads to a function: the call
 * that carries it, or sys_ni_syscall, which says ENOSYS and names the missing
 * call in the log, once.
 *
 * IDEA.  SYSCALL_DEFINE leaves an entry in the section .syscalls; at boot the
 * entries are sorted into an array by number.  A call that two files define is
 * a bug found at once.
 *
 * INVARIANTS.  I1 syscall_table is constant after syscall_table_init().
 *
 * SEE kernel/syscall.h, docs/06-system-call-entry.md.
 */

#include <arch/syscall.h>
#include <kernel/bitops.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/sections.h>
#include <kernel/syscall.h>
#include <kernel/syscall_table.h>
#include <kernel/trace_events.h>

static const struct syscall_entry *syscall_table[NR_SYSCALLS] __ro_after_init;
/* Which missing calls have been named already. */
static unsigned long reported[BITS_TO_LONGS(NR_SYSCALLS)];

static const char *const call_names[NR_SYSCALLS] = {
#include "names.inc"
};

const struct syscall_entry *syscall_entry(unsigned int nr)
{
	return nr < NR_SYSCALLS ? syscall_table[nr] : NULL;
}

void syscall_table_init(void)
{
	const struct syscall_entry *e;
	unsigned int n = 0;

	for (e = __syscalls_start; e < __syscalls_end; e++, n++) {
		if (e->nr >= NR_SYSCALLS || syscall_table[e->nr])
			panic("syscall %s is defined twice", e->name);
		syscall_table[e->nr] = e;
	}
	pr_info("syscall: %u calls\n", n);
}

static long ni_syscall(unsigned long nr)
{
	if (nr < NR_SYSCALLS && !test_and_set_bit(nr, reported))
		printk(KERN_DEBUG "syscall: %s (%lu) is missing, wanted by %s\n",
		       call_names[nr] ? call_names[nr] : "?", nr,
		       current->comm);
	return -ENOSYS;
}

/* A call that somebody watches; apart, so that others pay for two looks
 * only. */
static noinline __cold void traced_call(const struct syscall_entry *e,
					struct pt_regs *regs)
{
	trace_sys_enter(e->nr, regs->di, regs->si, regs->dx, regs->r10,
			regs->r8, regs->r9);
	regs->ax = e->fn(regs->di, regs->si, regs->dx, regs->r10, regs->r8,
			 regs->r9);
	trace_sys_exit(e->nr, regs->ax);
}

static __always_inline void run_syscall(struct pt_regs *regs, unsigned int nr)
{
	const struct syscall_entry *e;

	if (likely(nr < NR_SYSCALLS)) {
		e = syscall_table[nr];
		if (likely(e)) {
			if (unlikely(trace_enabled(sys_enter) |
				     trace_enabled(sys_exit)))
				traced_call(e, regs);
			else
				regs->ax = e->fn(regs->di, regs->si, regs->dx,
						 regs->r10, regs->r8, regs->r9);
			return;
		}
	}
	regs->ax = ni_syscall(nr);
}

/* A debugger or a filter wants to know: see kernel/proc/syscall_work.c. */
static noinline void run_watched_syscall(struct pt_regs *regs)
{
	long nr = syscall_trace_enter(regs);

	if (nr != -1)
		run_syscall(regs, nr);
	syscall_trace_exit(regs);
}

/* The door: interrupts are on, regs are current's, all saved. */
void do_syscall(struct pt_regs *regs)
{
	if (unlikely(READ_ONCE(current->ti_flags) & _TIF_SYSCALL_WORK))
		run_watched_syscall(regs);
	else
		run_syscall(regs, regs->orig_ax); /* the low half, as Linux */
}

/* The few i386 calls that old start-up code makes through int 0x80. */
static const short i386_to_native[] = {
	[1] = __NR_exit, [3] = __NR_read, [4] = __NR_write, [6] = __NR_close,
	[20] = __NR_getpid, [24] = __NR_getuid, [47] = __NR_getgid,
	[64] = __NR_getppid, [158] = __NR_sched_yield, [224] = __NR_gettid,
	[252] = __NR_exit_group,
};

/*
 * int 0x80: i386 numbers, arguments in ebx, ecx, edx, esi, edi, ebp, all cut to
 * 32 bits.  Only calls whose arguments are no structures.
 */
void do_int80(struct pt_regs *regs)
{
	unsigned int nr = regs->orig_ax;
	const struct syscall_entry *e = NULL;

	if (nr < ARRAY_SIZE(i386_to_native) && i386_to_native[nr])
		e = syscall_table[i386_to_native[nr]];
	/* read and write are 0 and 1 natively: the table's holes are 0 too. */
	if (nr == 3)
		e = syscall_table[__NR_read];
	/* What a filter of native calls lets through it cannot know. */
	if (!e || test_ti_flag(current, TIF_SECCOMP)) {
		regs->ax = -ENOSYS;
		return;
	}
	regs->ax = e->fn((u32)regs->bx, (u32)regs->cx, (u32)regs->dx,
			 (u32)regs->si, (u32)regs->di, (u32)regs->bp);
}
