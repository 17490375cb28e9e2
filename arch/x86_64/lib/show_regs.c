/* SPDX-License-Identifier: MIT */
/* show_regs.c -- the registers of an oops, as kernel people are used to them */

#include <arch/cpu.h>
#include <arch/stacktrace.h>
#include <arch/uaccess.h>
#include <kernel/printk.h>
#include <kernel/sched.h>

#define CODE_BYTES 24
#define CODE_BEFORE 8

/* The instructions around ip; <> marks the one that faulted. */
static void show_code(unsigned long ip)
{
	u8 code[CODE_BYTES];

	if (copy_from_kernel_nofault(code, (void *)(ip - CODE_BEFORE),
				     sizeof(code))) {
		printk(KERN_EMERG "Code: unreadable\n");
		return;
	}
	printk(KERN_EMERG "Code:");
	for (int i = 0; i < CODE_BYTES; i++) {
		if (i == CODE_BEFORE)
			pr_cont(" <%02x>", code[i]);
		else
			pr_cont(" %02x", code[i]);
	}
	pr_cont("\n");
}

void show_regs(struct pt_regs *r)
{
	if (user_mode(r))
		printk(KERN_EMERG "RIP: %04lx:%016lx\n", r->cs, r->ip);
	else
		printk(KERN_EMERG "RIP: %04lx:%pS\n", r->cs, (void *)r->ip);
	printk(KERN_EMERG "RSP: %04lx:%016lx EFLAGS: %08lx ORIG_RAX: %016lx\n",
	       r->ss, r->sp, r->flags, r->orig_ax);
	printk(KERN_EMERG "RAX: %016lx RBX: %016lx RCX: %016lx\n",
	       r->ax, r->bx, r->cx);
	printk(KERN_EMERG "RDX: %016lx RSI: %016lx RDI: %016lx\n",
	       r->dx, r->si, r->di);
	printk(KERN_EMERG "RBP: %016lx R08: %016lx R09: %016lx\n",
	       r->bp, r->r8, r->r9);
	printk(KERN_EMERG "R10: %016lx R11: %016lx R12: %016lx\n",
	       r->r10, r->r11, r->r12);
	printk(KERN_EMERG "R13: %016lx R14: %016lx R15: %016lx\n",
	       r->r13, r->r14, r->r15);
	printk(KERN_EMERG "CR2: %016lx CR3: %016lx CR4: %08lx FS: %016lx\n",
	       read_cr2(), read_cr3(), read_cr4(), current->thread.fsbase);
	if (!user_mode(r))
		show_code(r->ip);
}
