/* SPDX-License-Identifier: MIT */
/*
 * string.S -- memcpy, memset, memmove, and the copies to and from user memory
 *
 * IDEA.  Small sizes by plain moves: `rep` costs tens of cycles to start.
 * From 64 bytes on `rep movsq`, which real CPUs run a cache line at a time.
 *
 * The user variants are the same code with an exception table entry for each
 * instruction that touches memory.  A fault in the word loop goes on byte by
 * byte, so that the count of bytes not copied is exact.
 *
 * The plain names are weak: a SAN=1 kernel has checked ones (mm/kasan).
 */

#include "../entry/calling.h"

#define SMALL 64
#define ALIAS(name) .weak name; .type name, @function; .set name, __##name

.macro EXTABLE insn, fixup
	.pushsection __ex_table, "aw"
	.balign	8
	.quad	\insn, \fixup
	.popsection
.endm

	.text

/* void *memcpy(void *to, const void *from, size_t n) */
FUNC(__memcpy)
	movq	%rdi, %rax
	cmpq	$SMALL, %rdx
	jae	3f
1:	cmpq	$8, %rdx
	jb	2f
	movq	(%rsi), %rcx
	movq	%rcx, (%rdi)
	addq	$8, %rsi
	addq	$8, %rdi
	subq	$8, %rdx
	jmp	1b
2:	testq	%rdx, %rdx
	jz	4f
	movb	(%rsi), %cl
	movb	%cl, (%rdi)
	incq	%rsi
	incq	%rdi
	decq	%rdx
	jmp	2b
3:	movq	%rdx, %rcx
	shrq	$3, %rcx
	andl	$7, %edx
	rep movsq
	jmp	2b
4:	ret
END(__memcpy)
ALIAS(memcpy)

/* Overlap with `to` behind `from`: copy from the end. */
FUNC(__memmove)
	movq	%rdi, %rax
	subq	%rsi, %rax
	cmpq	%rdx, %rax              /* unsigned: to - from >= n? */
	jae	__memcpy
	movq	%rdi, %rax
1:	cmpq	$8, %rdx
	jb	2f
	movq	-8(%rsi, %rdx), %rcx
	movq	%rcx, -8(%rdi, %rdx)
	subq	$8, %rdx
	jmp	1b
2:	testq	%rdx, %rdx
	jz	3f
	movb	-1(%rsi, %rdx), %cl
	movb	%cl, -1(%rdi, %rdx)
	decq	%rdx
	jmp	2b
3:	ret
END(__memmove)
ALIAS(memmove)

/*
 * int memcmp(a, b, n): eight bytes at a time; of two words that differ, the
 * first byte that differs decides, so they are compared as big-endian numbers.
 */
FUNC(memcmp)
	cmpq	$8, %rdx
	jb	2f
1:	movq	(%rdi), %rax
	movq	(%rsi), %rcx
	cmpq	%rcx, %rax
	jne	5f
	addq	$8, %rdi
	addq	$8, %rsi
	subq	$8, %rdx
	cmpq	$8, %rdx
	jae	1b
2:	testq	%rdx, %rdx
	jz	4f
3:	movzbl	(%rdi), %eax
	movzbl	(%rsi), %ecx
	subl	%ecx, %eax
	jnz	6f
	incq	%rdi
	incq	%rsi
	decq	%rdx
	jnz	3b
4:	xorl	%eax, %eax
6:	ret
5:	bswapq	%rax
	bswapq	%rcx
	cmpq	%rcx, %rax
	sbbl	%eax, %eax
	orl	$1, %eax
	ret
END(memcmp)

/* void *memset(void *to, int c, size_t n) */
FUNC(__memset)
	movq	%rdi, %r8
	movzbl	%sil, %eax
	movabsq	$0x0101010101010101, %rcx
	imulq	%rcx, %rax
	movq	%rdx, %rcx
	shrq	$3, %rcx
	andl	$7, %edx
	cmpq	$(SMALL / 8), %rcx
	jae	3f
1:	testq	%rcx, %rcx
	jz	2f
	movq	%rax, (%rdi)
	addq	$8, %rdi
	decq	%rcx
	jmp	1b
3:	rep stosq
2:	testl	%edx, %edx
	jz	4f
	movb	%al, (%rdi)
	incq	%rdi
	decl	%edx
	jmp	2b
4:	movq	%r8, %rax
	ret
END(__memset)
ALIAS(memset)

/* unsigned long raw_copy_user(to, from, n): bytes not copied. */
FUNC(raw_copy_user)
	ASM_STAC
	cmpq	$SMALL, %rdx
	jae	5f
1:	cmpq	$8, %rdx
	jb	4f
2:	movq	(%rsi), %rax
3:	movq	%rax, (%rdi)
	addq	$8, %rsi
	addq	$8, %rdi
	subq	$8, %rdx
	jmp	1b
4:	testq	%rdx, %rdx
	jz	8f
6:	movb	(%rsi), %al
7:	movb	%al, (%rdi)
	incq	%rsi
	incq	%rdi
	decq	%rdx
	jmp	4b
5:	movq	%rdx, %rcx
	shrq	$3, %rcx
	andl	$7, %edx
9:	rep movsq
	jmp	4b
10:	leaq	(%rdx, %rcx, 8), %rdx   /* 9 faulted: rcx words are left */
	jmp	4b
8:	movq	%rdx, %rax
	ASM_CLAC
	ret
	EXTABLE	2b, 4b
	EXTABLE	3b, 4b
	EXTABLE	6b, 8b
	EXTABLE	7b, 8b
	EXTABLE	9b, 10b
END(raw_copy_user)

/* unsigned long __clear_user(to, n): bytes not cleared. */
FUNC(__clear_user)
	ASM_STAC
	xorl	%eax, %eax
	movq	%rsi, %rcx
	shrq	$3, %rcx
	andl	$7, %esi
1:	rep stosq
2:	testq	%rsi, %rsi
	jz	4f
3:	movb	%al, (%rdi)
	incq	%rdi
	decq	%rsi
	jmp	2b
5:	leaq	(%rsi, %rcx, 8), %rsi
	jmp	2b
4:	movq	%rsi, %rax
	ASM_CLAC
	ret
	EXTABLE	1b, 5b
	EXTABLE	3b, 4b
END(__clear_user)
