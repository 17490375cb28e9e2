/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_ENTRY_ENTRY_H
#define ARCH_X86_64_ENTRY_ENTRY_H
/* entry.h -- what the assembly and the C half of the entry code share */

#include <arch/ptrace.h>
#include <kernel/types.h>

struct task_struct;

/* syscall.S, traps.S, switch.S: code addresses, never called from C. */
void entry_syscall(void);
void entry_int80(void);
void ret_from_fork(void);
extern char user_iret[];
extern char irq_stubs[];                /* 8 bytes each, from vector 0x20 */
void call_on_stack(struct pt_regs *regs, void *top,
		   void (*fn)(struct pt_regs *));

/* common.c: called by the assembly. */
bool syscall_enter(struct pt_regs *regs);
void int80_enter(struct pt_regs *regs);
void trap_leave(struct pt_regs *regs);
void fork_leave(struct pt_regs *regs);
struct pt_regs *move_regs_to_task_stack(struct pt_regs *regs);
struct pt_regs *fixup_bad_iret(struct pt_regs *bad);
/* irq/entry.c */
void irq_entry(struct pt_regs *regs);
/* process.c */
void save_current_segments(void);
struct task_struct *__switch_to(struct task_struct *prev,
				struct task_struct *next);

/* Exceptions: name, vector, IST stack, lowest ring that may INT it. */
#define FOR_EACH_TRAP(T)						\
	T(divide_error, 0, IST_NONE, 0)					\
	T(debug, 1, IST_DB, 0)						\
	T(nmi, 2, IST_NMI, 0)						\
	T(int3, 3, IST_NONE, 3)						\
	T(overflow, 4, IST_NONE, 3)					\
	T(bounds, 5, IST_NONE, 0)					\
	T(invalid_op, 6, IST_NONE, 0)					\
	T(device_not_available, 7, IST_NONE, 0)				\
	T(double_fault, 8, IST_DF, 0)					\
	T(coproc_segment_overrun, 9, IST_NONE, 0)			\
	T(invalid_tss, 10, IST_NONE, 0)					\
	T(segment_not_present, 11, IST_NONE, 0)				\
	T(stack_segment, 12, IST_NONE, 0)				\
	T(general_protection, 13, IST_NONE, 0)				\
	T(page_fault, 14, IST_NONE, 0)					\
	T(reserved, 15, IST_NONE, 0)					\
	T(coprocessor_error, 16, IST_NONE, 0)				\
	T(alignment_check, 17, IST_NONE, 0)				\
	T(machine_check, 18, IST_MCE, 0)				\
	T(simd_error, 19, IST_NONE, 0)					\
	T(control_protection, 21, IST_NONE, 0)

#define DECLARE_TRAP(name, vector, ist, dpl)				\
	void trap_##name(void);						\
	void exc_##name(struct pt_regs *regs, unsigned long error_code);
FOR_EACH_TRAP(DECLARE_TRAP)

#endif
