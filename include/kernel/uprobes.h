/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_UPROBES_H
#define KERNEL_UPROBES_H
/*
 * uprobes.h -- breakpoints of the kernel's in programs (kernel/trace/uprobe*.c)
 */

#include <arch/ptrace.h>
#include <kernel/list.h>
#include <kernel/sched.h>

struct file;
struct vm_area_struct;

/* Who wants to know.  Both are called in the task that got there; may sleep. */
struct uprobe_consumer {
	void (*handler)(struct uprobe_consumer *self, struct pt_regs *regs);
	/* The function at func, called from there, returns.  NULL: no
	 * matter. */
	void (*ret_handler)(struct uprobe_consumer *self, unsigned long func,
			    struct pt_regs *regs);
	struct list_head list;
};

/*
 * Break at that byte of a file, in every process that runs it, now and later.
 * The file stays open until it is unregistered.  0, -EINVAL (not in the file),
 * -EOPNOTSUPP (no instruction that could be carried out elsewhere), -ENOSPC,
 * -ENOMEM, -EIO.  One caller at a time; may sleep.
 */
int uprobe_register(struct file *file, loff_t offset,
		    struct uprobe_consumer *uc);
/* uc's functions are not running any more when this returns. */
void uprobe_unregister(struct file *file, loff_t offset,
		       struct uprobe_consumer *uc);

/* ---- from where programs live ------------------------------------------- */

/* An area came: set the breakpoints in it.  mmap_lock for writing. */
void uprobe_mmap(struct vm_area_struct *vma);
/*
 * A breakpoint in user mode: true if it was ours, or is there no more.  Else it
 * is a debugger's.
 */
bool uprobe_int3(struct pt_regs *regs);
/* A single step in user mode: true if nobody but us asked for it. */
bool uprobe_stepped(struct pt_regs *regs);
/* The copy faulted: the registers say that it was the instruction itself. */
void uprobe_faulted(struct pt_regs *regs);
/* Signals have to wait until the instruction is carried out. */
bool uprobe_deny_signal(struct pt_regs *regs);
/* The child returns to where current would.  0 or -ENOMEM. */
int uprobe_copy_process(struct task_struct *child, u64 flags);
/* Its program ends. */
void uprobe_free_utask(struct task_struct *t);

#endif
