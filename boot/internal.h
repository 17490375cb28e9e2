/* SPDX-License-Identifier: MIT */
#ifndef BOOT_INTERNAL_H
#define BOOT_INTERNAL_H
/* internal.h -- what the files of boot/ share among themselves */

#include <arch/boot.h>

#define MULTIBOOT2_MAGIC 0x36d76289
#define PVH_MAGIC 0x336ec578

/* info.c: fill boot_info from the structure at physical `info`; irqs off. */
bool boot_info_parse(u32 magic, u64 info);
/* trap.c: say which exception came, until the real IDT is loaded. */
void early_idt_load(void);
/* Called by entry.S. */
void boot_main(u32 magic, u64 info);
void early_puthex(unsigned long v);

/* trap_stubs.S */
struct early_frame {
	u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi,
		rdi;
	u64 vector, error, rip, cs, rflags, rsp, ss;
};
void early_trap(struct early_frame *f);
extern char early_trap_stubs[];

#endif
