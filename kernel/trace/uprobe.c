/* SPDX-License-Identifier: MIT */
/*
 * uprobe.c -- breakpoints in programs, by file and not by process
 *
 * PROMISE.  Every thread, of any program, that comes to a probed byte of a file
 * calls the consumers, and then goes on as if nothing were there.
 *
 * IDEA.  uprobe_set.c has put int3 into every mapping of the file.  The trap
 * finds the probe by the area at ip, calls, and has the instruction carried out
 * elsewhere (arch/uprobe.h): by the kernel, or as a copy in a slot of one page,
 * [uprobes], that is mapped wherever a probe is hit.  The copy is the same for
 * all, so it is made once; slot 0 is where functions return to whose return is
 * awaited.
 *
 *	 hit -> consumers -> emulated ------------------------> next
 *	                  \-> ip = slot, TF -> #DB -> ip put right -^
 *
 * Between the two, signals wait: a frame must not show the slot.  But a fault
 * of the copy, or a SIGKILL, takes the step back.
 *
 * An awaited return: the address on the stack becomes slot 0, and a note keeps
 * the true one, found by the place on the stack where it lay, as kprobe.c does.
 * A place where a fresh address lies again was left by longjmp.
 *
 * INVARIANTS:
 *   I1  A slot is another probe's only when no task steps through it.
 *
 * LOCKING.  Its state is the task's own; a probe that is stepped through or
 * whose return is awaited is counted.  consumers_sem within a hit.
 *
 * SEE docs/100-uprobes.md
 */

#include "uprobe.h"

#include <arch/uaccess.h>
#include <fs/fs.h>
#include <kernel/err.h>
#include <kernel/signal.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <uapi/sched.h>

#define MAX_RETURNS 64           /* of a task */
#define NO_TRAP (~0UL)           /* in thread.trap_nr while a copy is stepped */

struct return_instance {
	struct return_instance *next;
	struct uprobe *uprobe;        /* counted */
	unsigned long func, at, real; /* where the real address lay */
};

/* The task's own. */
struct uprobe_task {
	struct uprobe *active;        /* counted; its copy is being stepped */
	unsigned long vaddr;          /* where it is probed */
	unsigned long saved_trap;
	struct arch_uprobe_task arch;
	struct return_instance *returns;
	int depth;
};

static struct page *slot_pages[2];
static const struct vm_special_mapping slot_mapping = { "[uprobes]",
							slot_pages };

/* ---- a task's part ------------------------------------------------------ */

static struct uprobe_task *get_utask(void)
{
	if (!current->utask)
		current->utask = kzalloc(sizeof(struct uprobe_task),
					 GFP_KERNEL);
	return current->utask;
}

static void drop_return(struct uprobe_task *t, struct return_instance **at)
{
	struct return_instance *r = *at;

	*at = r->next;
	t->depth--;
	put_uprobe(r->uprobe);
	kfree(r);
}

void uprobe_free_utask(struct task_struct *task)
{
	struct uprobe_task *t = task->utask;

	if (!t)
		return;
	task->utask = NULL;
	while (t->returns)
		drop_return(t, &t->returns);
	if (t->active)
		put_uprobe(t->active);
	kfree(t);
}

int uprobe_copy_process(struct task_struct *child, u64 flags)
{
	struct uprobe_task *from = current->utask, *t;
	struct return_instance *r, **end;

	/* A thread begins on a stack of its own. */
	if (!from || !from->returns ||
	    (flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM)
		return 0;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	child->utask = t;
	end = &t->returns;
	for (r = from->returns; r; r = r->next) {
		*end = kmalloc(sizeof(*r), GFP_KERNEL);
		if (!*end) {
			uprobe_free_utask(child);
			return -ENOMEM;
		}
		**end = *r;
		(*end)->next = NULL;
		refcount_inc(&r->uprobe->ref);
		t->depth++;
		end = &(*end)->next;
	}
	return 0;
}

/* Where the slots are in this address space; 0: there is no room. */
static unsigned long slots_address(struct mm_struct *mm)
{
	unsigned long addr;

	if (READ_ONCE(mm->uprobe_slots))
		return mm->uprobe_slots;
	if (mmap_write_lock_killable(mm))
		return 0;
	slot_pages[0] = virt_to_page(uprobe_slot_page);
	addr = mm->uprobe_slots;
	if (!addr) {
		addr = get_unmapped_area(NULL, 0, PAGE_SIZE, 0, 0);
		if (!IS_ERR((void *)addr) &&
		    !IS_ERR(_install_special_mapping(mm, addr, PAGE_SIZE,
				VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYEXEC |
				VM_DONTDUMP, &slot_mapping)))
			WRITE_ONCE(mm->uprobe_slots, addr);
	}
	mmap_write_unlock(mm);
	return mm->uprobe_slots;
}

/* ---- awaited returns ---------------------------------------------------- */

/*
 * Forget the calls from this place that ended otherwise, all of them, or, if
 * the table is full, of the places that were given up below it.
 */
static void forget_stale(struct uprobe_task *t, unsigned long sp, bool full)
{
	struct return_instance **at = &t->returns;

	while (*at)
		if ((*at)->at == sp || (full && (*at)->at < sp))
			drop_return(t, at);
		else
			at = &(*at)->next;
}

static struct return_instance *find_return(struct uprobe_task *t,
					   unsigned long at)
{
	struct return_instance *r = t->returns;

	while (r && r->at != at)
		r = r->next;
	return r;
}

static void await_return(struct uprobe *u, struct pt_regs *regs)
{
	unsigned long real, hook = slots_address(current->mm);
	struct uprobe_task *t = get_utask();
	struct return_instance *r, *below;

	if (!t || !hook || !arch_uprobe_return(regs, &real, 0))
		return;
	below = find_return(t, regs->sp);
	if (real == hook && !below)
		return;                   /* not ours: a copied stack */
	if (real != hook)
		forget_stale(t, regs->sp, t->depth >= MAX_RETURNS);
	if (t->depth >= MAX_RETURNS)
		return;
	r = kmalloc(sizeof(*r), GFP_KERNEL);
	if (!r || (real != hook && !arch_uprobe_return(regs, NULL, hook))) {
		kfree(r);
		return;
	}
	refcount_inc(&u->ref);
	*r = (struct return_instance){
		.next = t->returns, .uprobe = u, .func = regs->ip,
		.at = regs->sp, .real = real == hook ? below->real : real,
	};
	t->returns = r;
	t->depth++;
}

static void tell_return(struct return_instance *r, struct pt_regs *regs)
{
	struct uprobe_consumer *uc;

	down_read(&r->uprobe->consumers_sem);
	list_for_each_entry(uc, &r->uprobe->consumers, list)
		if (uc->ret_handler)
			uc->ret_handler(uc, r->func, regs);
	up_read(&r->uprobe->consumers_sem);
}

/* ip is behind slot 0's breakpoint: tell all who wait, and go to the caller. */
static bool handle_return(struct pt_regs *regs)
{
	unsigned long at = regs->sp - sizeof(long);
	struct uprobe_task *t = current->utask;
	struct return_instance **r, *first = t ? find_return(t, at) : NULL;

	if (!first) {
		force_sig(SIGILL);
		return true;
	}
	regs->ip = first->real;
	for (r = &t->returns; *r;)
		if ((*r)->at == at) {
			tell_return(*r, regs);
			drop_return(t, r);
		} else {
			r = &(*r)->next;
		}
	return true;
}

/* ---- the traps ---------------------------------------------------------- */

static struct uprobe *find_active(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	struct uprobe *u = NULL;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (vma && uprobe_takes(vma))
		u = find_uprobe(file_inode(vma->vm_file), addr - vma->vm_start +
				((loff_t)vma->vm_pgoff << PAGE_SHIFT));
	mmap_read_unlock(mm);
	return u;
}

static void tell_hit(struct uprobe *u, struct pt_regs *regs)
{
	struct uprobe_consumer *uc;
	bool await = false;

	down_read(&u->consumers_sem);
	list_for_each_entry(uc, &u->consumers, list) {
		if (uc->handler)
			uc->handler(uc, regs);
		await |= uc->ret_handler != NULL;
	}
	up_read(&u->consumers_sem);
	if (await)
		await_return(u, regs);
}

/* Go on behind it; u's count goes with the step. */
static void carry_out(struct uprobe *u, struct pt_regs *regs)
{
	unsigned long base;
	struct uprobe_task *t;

	if (arch_uprobe_emulate(&u->arch, regs)) {
		put_uprobe(u);
		if (regs->flags & X86_EFLAGS_TF)
			force_sig_fault(SIGTRAP, TRAP_TRACE,
					(void __user *)regs->ip);
		return;
	}
	base = slots_address(current->mm);
	t = get_utask();
	if (!base || !t) {
		put_uprobe(u);
		force_sig(SIGKILL);       /* it cannot go on, nor stay here */
		return;
	}
	t->active = u;
	t->vaddr = regs->ip;
	t->saved_trap = current->thread.trap_nr;
	current->thread.trap_nr = NO_TRAP;
	arch_uprobe_begin(&u->arch, &t->arch, regs,
			  base + u->slot * UPROBE_SLOT);
}

bool uprobe_int3(struct pt_regs *regs)
{
	struct mm_struct *mm = current->mm;
	unsigned long at = regs->ip - 1;
	struct uprobe *u;
	int byte;

	if (!mm || !(mm->has_uprobes || mm->uprobe_slots))
		return false;
	if (at == mm->uprobe_slots)
		return handle_return(regs);
	u = find_active(mm, at);
	if (!u) {
		mmap_read_lock(mm);
		byte = uprobe_read_byte(mm, at);
		mmap_read_unlock(mm);
		if (byte == UPROBE_BREAKPOINT)
			return false;
		regs->ip = at;            /* it was taken away meanwhile */
		return true;
	}
	regs->ip = at;
	tell_hit(u, regs);
	carry_out(u, regs);
	return true;
}

static void end_step(struct uprobe_task *t)
{
	put_uprobe(t->active);
	t->active = NULL;
}

bool uprobe_stepped(struct pt_regs *regs)
{
	struct uprobe_task *t = current->utask;
	struct uprobe *u = t ? t->active : NULL;

	if (!u)
		return false;
	if (!arch_uprobe_end(&u->arch, &t->arch, regs, current->mm->uprobe_slots
			     + u->slot * UPROBE_SLOT, t->vaddr))
		return true;
	current->thread.trap_nr = t->saved_trap;
	end_step(t);
	return !t->arch.user_steps;
}

void uprobe_faulted(struct pt_regs *regs)
{
	struct uprobe_task *t = current->utask;

	if (!t || !t->active)
		return;
	arch_uprobe_abort(&t->active->arch, &t->arch, regs, t->vaddr);
	end_step(t);
}

bool uprobe_deny_signal(struct pt_regs *regs)
{
	struct uprobe_task *t = current->utask;

	if (!t->active)
		return false;
	if (current->thread.trap_nr == NO_TRAP && !fatal_signal_pending(current))
		return true;
	uprobe_faulted(regs);
	return false;
}
