/* SPDX-License-Identifier: MIT */
/*
 * stacktrace.c -- who called whom, read off the stack
 *
 * IDEA.  Each function begins with push %rbp; mov %rsp, %rbp: rbp points to a
 * pair (caller's rbp, return address), and so on outward.  Entry stubs put
 * "address of the pt_regs, plus one" into rbp; an odd frame pointer therefore
 * means "here is a pt_regs", and the chain goes on with its ip and bp.
 *
 *	rbp -> [ rbp' | return ]  ->  [ rbp'' | return ]  ->  regs + 1
 *
 * A stack may be overwritten by the very bug that we report: every pair is
 * checked to lie on a stack that we know, and every step to go towards older
 * frames, except onto another stack, which may happen only a few times.
 */

#include <arch/stacktrace.h>

#include "../cpu/cpu.h"

#include <arch/current.h>
#include <arch/irq.h>
#include <kernel/kallsyms.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/sections.h>

#define MAX_STACK_CHANGES 6

struct frame {
	unsigned long next;     /* the caller's frame pointer */
	unsigned long ret;
};

/* The stacks that a walk may be on: [low, high). */
struct stack {
	unsigned long low, high;
};

static bool stack_has(const struct stack *s, unsigned long addr, size_t size)
{
	return addr >= s->low && addr + size <= s->high && !(addr & 7);
}

/* Find the stack around addr: the task's, this CPU's irq or IST stacks. */
static bool find_stack(struct task_struct *task, unsigned long addr,
		       struct stack *s)
{
	unsigned long ist = this_cpu_read(ist_base);

	s->low = (unsigned long)task->stack;
	s->high = s->low + THREAD_SIZE;
	if (addr >= s->low && addr < s->high)
		return true;
	if (task != current)
		return false;
	if (irq_stack_of(addr, &s->low, &s->high))
		return true;
	s->low = ist;
	s->high = ist + NR_IST * IST_SIZE;
	return ist && addr >= s->low && addr < s->high;
}

struct walk {
	struct task_struct *task;
	struct stack stack;
	unsigned long last;     /* the frame before */
	int changes;
};

/* Is fp a believable next step?  Then remember it. */
static bool step_to(struct walk *w, unsigned long fp, size_t size)
{
	if (stack_has(&w->stack, fp, size) && fp > w->last) {
		w->last = fp;
		return true;
	}
	if (w->changes++ >= MAX_STACK_CHANGES ||
	    !find_stack(w->task, fp, &w->stack) ||
	    !stack_has(&w->stack, fp, size))
		return false;
	w->last = fp;
	return true;
}

static void walk_frames(struct walk *w, unsigned long fp,
			stack_trace_consume_fn consume, void *cookie)
{
	for (;;) {
		if (fp & 1) {
			struct pt_regs *regs = (struct pt_regs *)(fp - 1);

			if (!step_to(w, fp - 1, sizeof(*regs)) ||
			    user_mode(regs) || !is_kernel_text(regs->ip) ||
			    !consume(cookie, regs->ip))
				return;
			fp = regs->bp;
			continue;
		}
		struct frame *f = (struct frame *)fp;

		if (!step_to(w, fp, sizeof(*f)) || !is_kernel_text(f->ret) ||
		    !consume(cookie, f->ret))
			return;
		fp = f->next;
	}
}

void arch_stack_walk(stack_trace_consume_fn consume, void *cookie,
		     struct task_struct *task, struct pt_regs *regs)
{
	struct walk w = { .task = task ? task : current };
	unsigned long fp;

	if (regs) {
		if (user_mode(regs) || !consume(cookie, regs->ip))
			return;
		fp = regs->bp;
	} else if (w.task == current) {
		fp = (unsigned long)__builtin_frame_address(0);
	} else {
		/* __switch_to_asm(): five registers, then rbp and return. */
		struct stack *s = &w.stack;
		unsigned long sp = READ_ONCE(w.task->thread.sp);

		if (!find_stack(w.task, sp, s) || !stack_has(s, sp, 56))
			return;
		fp = sp + 40;
	}
	walk_frames(&w, fp, consume, cookie);
}

struct saved {
	unsigned long *store;
	unsigned int size, skip, n;
};

static bool save_one(void *cookie, unsigned long addr)
{
	struct saved *s = cookie;

	if (s->skip) {
		s->skip--;
		return true;
	}
	if (s->n < s->size)
		s->store[s->n++] = addr;
	return s->n < s->size;
}

unsigned int stack_trace_save(unsigned long *store, unsigned int size,
			      unsigned int skip)
{
	struct saved s = { store, size, skip + 1, 0 };

	arch_stack_walk(save_one, &s, current, NULL);
	return s.n;
}

unsigned int stack_trace_save_tsk(struct task_struct *task,
				  unsigned long *store, unsigned int size,
				  unsigned int skip)
{
	struct saved s = { store, size, skip, 0 };

	arch_stack_walk(save_one, &s, task, NULL);
	return s.n;
}

unsigned int stack_trace_save_regs(struct pt_regs *regs, unsigned long *store,
				   unsigned int size, unsigned int skip)
{
	struct saved s = { store, size, skip, 0 };

	arch_stack_walk(save_one, &s, current, regs);
	return s.n;
}
