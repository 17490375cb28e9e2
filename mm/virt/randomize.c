/* SPDX-License-Identifier: MIT */
/*
 * randomize.c -- no two runs of a program look alike
 *
 * PROBLEM.  Who can make a program jump where he likes still has to know where.
 * With everything in the same place at each run, one look at his own copy of
 * the program tells him.
 *
 * IDEA.  Each of the four things that exec places is moved by an amount of its
 * own, so that one address that leaks betrays one region:
 *
 *	7ffffffff000 -+- - - - - - -
 *	              |  up to 16 GiB of nothing         22 bits of pages
 *	              | [stack]
 *	              |  reserve
 *	              |  up to 1 TiB of nothing          28 bits
 *	mmap_base     | loader, libraries, vDSO, mmap()
 *	              |    ...
 *	              | [heap]
 *	              |  up to 32 MiB of nothing         13 bits
 *	              | program, if it is position-independent
 *	              |  up to 1 TiB of nothing          28 bits
 *	555555554000 -+- - - - - - -
 *
 * kernel.randomize_va_space says how much of this: 0 nothing, 1 all but the
 * heap, 2 all.  A task whose personality has ADDR_NO_RANDOMIZE (setarch -R,
 * gdb) gets nothing; a program that gains privileges does not inherit that
 * wish, or it would be a way round.
 *
 * LOCKING.  None: values of the caller's new mm.
 *
 * SEE docs/49-exec.md, setarch(8), proc(5).
 *
 * EXERCISE.  A server forks a child for each request and restarts children that
 * crash.  How many guesses at the stack's place does an attacker need?
 */

#include <mm/mm.h>

#include <kernel/random.h>
#include <kernel/sched.h>

#define STACK_RND_PAGES (1UL << 22)
#define MMAP_RND_BITS 28
#define BRK_RND_PAGES (32UL << 20 >> PAGE_SHIFT)

int randomize_va_space = 2;

bool exec_randomizes(bool privileged)
{
	if (!READ_ONCE(randomize_va_space))
		return false;
	return privileged || !(current->personality & ADDR_NO_RANDOMIZE);
}

unsigned long randomize_stack_top(unsigned long top)
{
	return top - ((get_random_u64() & (STACK_RND_PAGES - 1)) << PAGE_SHIFT);
}

/* All that randomize_stack_top() and the bytes below it may take. */
unsigned long stack_random_size(void)
{
	return STACK_RND_PAGES << PAGE_SHIFT;
}

unsigned long arch_mmap_rnd(void)
{
	return (get_random_u64() & ((1UL << MMAP_RND_BITS) - 1)) << PAGE_SHIFT;
}

unsigned long randomize_brk(unsigned long brk)
{
	if (READ_ONCE(randomize_va_space) < 2)
		return brk;
	return brk + ((get_random_u64() & (BRK_RND_PAGES - 1)) << PAGE_SHIFT);
}
