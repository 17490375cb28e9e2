/* SPDX-License-Identifier: MIT */
/*
 * entry.S -- from 32-bit protected mode to C at the kernel's own address
 *
 * PROMISE.  boot_main(magic, info) runs in 64-bit mode at its linked address, on
 * init_stack, interrupts off, bss zeroed, GS base 0 (so that the per-CPU
 * section works in place), supervisor write protection and NX on.
 *
 * IDEA.  Both loaders leave us in flat 32-bit code with paging off, at the
 * physical address; the linker gave every symbol its high address.  So until
 * the jump at [c] all addresses here are written PHYS(symbol).
 *
 *	[a] zero bss, check A20 and the CPU
 *	[b] early tables: 2 MiB pages, physical 0..4 GiB in three places
 *	        pml4[0]    identity, for the instructions around [c]
 *	        pml4[273]  ffff888000000000, so that __va() works from the start
 *	        pml4[511]  ffffffff80000000, the first GiB: the kernel's home
 *	    all but the first 16 MiB no-execute
 *	[c] PAE, CR3, EFER.LME, CR0.PG, far jump: 64-bit code
 *	[d] jump up, drop the 32-bit GDT's low address, call C
 *
 * A failure is said on the serial port and by `hlt`: there is no log yet.
 *
 * EXERCISES.  1. Why must the identity mapping exist for a few instructions
 * only?  2. What would go wrong if the stack were used before [a]?
 */

#include <arch/cpu.h>
#include <arch/kernel-layout.h>
#include <arch/msr.h>

#define X86_EFLAGS_FIXED 2
#define PHYS(x) ((x) - KERNEL_IMAGE_BASE)
#define PVH_MAGIC 0x336ec578
#define COM1 0x3f8
#define TABLE_BITS 0x003            /* present, writable */
#define LARGE_BITS 0x083            /* and 2 MiB */
#define NX_HIGH 0x80000000          /* bit 63, in the entry's high half */
#define PGD_OF_DIRECT_MAP 273       /* (PAGE_OFFSET >> 39) & 511 */
#define PUD_OF_IMAGE 510            /* (KERNEL_IMAGE_BASE >> 30) & 511 */
#ifdef LANTERN_SAN
#define EXEC_LARGE_PAGES 16         /* 32 MiB: checked code is larger */
#else
#define EXEC_LARGE_PAGES 8          /* 16 MiB: linker.ld asserts _end */
#endif

	.section .head.text, "ax"
	.code32
	.globl boot_entry_pvh, boot_entry_multiboot
boot_entry_pvh:
	movl $PVH_MAGIC, %eax
boot_entry_multiboot:
	cli
	cld
	movl %eax, %esi             /* protocol; esi, ebx live until [d] */

	movl $PHYS(__bss_start), %edi                               /* [a] */
	movl $PHYS(__bss_stop), %ecx
	subl %edi, %ecx
	shrl $2, %ecx
	xorl %eax, %eax
	rep stosl
	movl $PHYS(init_stack + THREAD_SIZE), %esp
	call serial_init

	/* A20 closed would make 1 MiB + x the same byte as x. */
	movl 0x500, %eax
	movl 0x100500, %ecx
	notl 0x500
	cmpl 0x100500, %ecx
	movl %eax, 0x500
	movl $PHYS(msg_a20), %edi
	jne die

	pushl %ebx                  /* cpuid overwrites it */
	movl $0x80000000, %eax
	cpuid
	cmpl $0x80000001, %eax
	movl $PHYS(msg_long_mode), %edi
	jb die
	movl $0x80000001, %eax
	cpuid
	popl %ebx
	movl $PHYS(msg_long_mode), %edi
	btl $29, %edx
	jnc die
	movl $PHYS(msg_no_execute), %edi
	btl $20, %edx
	jnc die
	movl $PHYS(early_pud_low) + TABLE_BITS, %eax                /* [b] */
	movl %eax, PHYS(early_pgd)
	movl %eax, PHYS(early_pgd) + PGD_OF_DIRECT_MAP * 8
	movl $PHYS(early_pud_high) + TABLE_BITS, PHYS(early_pgd) + 511 * 8
	movl $PHYS(early_pmd) + TABLE_BITS, \
		PHYS(early_pud_high) + PUD_OF_IMAGE * 8
	movl $PHYS(early_pmd) + TABLE_BITS, %eax
	xorl %ecx, %ecx
2:	movl %eax, PHYS(early_pud_low)(, %ecx, 8)
	addl $0x1000, %eax
	incl %ecx
	cmpl $4, %ecx
	jb 2b
	movl $LARGE_BITS, %eax
	xorl %ecx, %ecx
3:	movl %eax, PHYS(early_pmd)(, %ecx, 8)
	cmpl $EXEC_LARGE_PAGES, %ecx
	jb 4f
	movl $NX_HIGH, PHYS(early_pmd) + 4(, %ecx, 8)
4:	addl $0x200000, %eax
	incl %ecx
	cmpl $4 * 512, %ecx
	jb 3b

	movl %cr4, %eax                                             /* [c] */
	orl $X86_CR4_PAE, %eax
	movl %eax, %cr4
	movl $PHYS(early_pgd), %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $(EFER_LME | EFER_NX), %eax
	wrmsr
	movl $(X86_CR0_PG | X86_CR0_WP | X86_CR0_NE | X86_CR0_ET | \
	       X86_CR0_MP | X86_CR0_PE), %eax
	movl %eax, %cr0
	lgdt PHYS(early_gdt_low)
	ljmp $__KERNEL_CS, $PHYS(long_mode)

/* Say the line at edi and stop for ever. */
die:
	movb (%edi), %al
	testb %al, %al
	jz 5f
	movl $COM1, %edx
	outb %al, %dx
	/* Wait for room, but not for ever: the port may be absent. */
	movl $100000, %ecx
6:	movl $COM1 + 5, %edx
	inb %dx, %al
	testb $0x20, %al
	loopz 6b
	incl %edi
	jmp die
5:	cli
	hlt
	jmp 5b

/* 16550: 115200 baud, 8N1, FIFO on, interrupts off.  Clobbers eax, edx. */
serial_init:
	.irp pair, 0x0001, 0x8003, 0x0100, 0x0001, 0x0303, 0xc702, 0x0304
	movl $COM1 + (\pair & 0xff), %edx
	movb $(\pair >> 8), %al
	outb %al, %dx
	.endr
	ret

	.code64
long_mode:
	movq $high_half, %rax                                       /* [d] */
	jmp *%rax

	.text
high_half:
	lgdt early_gdt_high
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	movl $__KERNEL_DS, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movq $init_stack + THREAD_SIZE, %rsp
	pushq $X86_EFLAGS_FIXED     /* no flag of the loader's survives */
	popfq
	movl $MSR_GS_BASE, %ecx
	xorl %eax, %eax
	xorl %edx, %edx
	wrmsr
	movl %esi, %edi
	movl %ebx, %esi
	xorl %ebp, %ebp
	pushq $0                    /* the end of every backtrace */
	pushq $0
	movq %rsp, %rbp
	call boot_main
7:	cli
	hlt
	jmp 7b

	.section .rodata
msg_long_mode:
	.asciz "Lantern: this CPU has no 64-bit long mode\r\n"
msg_no_execute:
	.asciz "Lantern: this CPU cannot make pages non-executable (NX)\r\n"
msg_a20:
	.asciz "Lantern: address line A20 is closed\r\n"

/* Replaced by cpu/gdt.c's, whose selectors are the same. */
	.balign 16
early_gdt:
	.quad 0
	.quad 0x00af9b000000ffff    /* code: long, present, accessed */
	.quad 0x00cf93000000ffff    /* data */
early_gdt_end:
early_gdt_low:
	.short early_gdt_end - early_gdt - 1
	.long PHYS(early_gdt)
early_gdt_high:
	.short early_gdt_end - early_gdt - 1
	.quad early_gdt

/* Given back with the other init memory: paging_init() makes better ones. */
	.section .init.bss, "aw", @nobits
	.balign 4096
	.globl early_pgd            /* kasan_init.c adds to it */
early_pgd:      .skip 4096
early_pud_low:  .skip 4096
early_pud_high: .skip 4096
early_pmd:      .skip 4 * 4096

	.section .bss..page_aligned, "aw", @nobits
	.balign 4096
	.globl init_stack, init_stack_guard
/* paging_init() unmaps the guard: an overflow of the boot stack faults. */
init_stack_guard: .skip 4096
	.balign THREAD_SIZE
init_stack:     .skip THREAD_SIZE
