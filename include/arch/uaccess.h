/* SPDX-License-Identifier: MIT */
#ifndef ARCH_UACCESS_H
#define ARCH_UACCESS_H
/*
 * uaccess.h -- the only way to touch a user's memory
 *
 * PROMISE.  A bad pointer costs the caller -EFAULT, never an oops.
 *
 * IDEA.  First the range must lie in the user half (access_ok).  Then the
 * access is simply made, by an instruction whose address stands in the
 * exception table next to that of a fixup: if the page fault handler finds no
 * mapping behind the address, it resumes at the fixup instead.  So the good
 * case pays nothing for the check.  With SMAP, STAC opens the window and CLAC
 * shuts it; both are patched in at boot on CPUs that know them.
 *
 * Process context, may sleep (the page may have to be read from a disk),
 * unless pagefault_disable() holds: then an absent page is -EFAULT as well.
 */

#include <arch/processor.h>
#include <kernel/errno.h>
#include <kernel/types.h>
#include <mm/kasan.h>

struct exception_table_entry {
	unsigned long insn;     /* an instruction that may fault */
	unsigned long fixup;    /* where to go on if it did */
};

/* Put `insn` and `fixup`, labels of this asm, in the exception table. */
#define _ASM_EXTABLE(insn, fixup)					\
	".pushsection __ex_table, \"aw\"\n"				\
	".balign 8\n"							\
	".quad " insn ", " fixup "\n"					\
	".popsection\n"

/* A place for a 3-byte instruction that needs SMAP; see lib/smap.c. */
#define __SMAP_INSN(kind)						\
	"661: .byte 0x0f, 0x1f, 0x00\n"					\
	".pushsection smap_patch, \"aw\"\n"				\
	".balign 8\n"							\
	".quad 661b, " kind "\n"					\
	".popsection\n"
/* A 3-byte no-op at `at`; kind 1: stac, 0: clac. */
struct smap_patch {
	u8 *at;
	unsigned long kind;
};

extern struct smap_patch __start_smap_patch[], __stop_smap_patch[];

#define ASM_STAC __SMAP_INSN("1")
#define ASM_CLAC __SMAP_INSN("0")

static __always_inline void stac(void)
{
	__asm__ __volatile__(ASM_STAC ::: "memory");
}

static __always_inline void clac(void)
{
	__asm__ __volatile__(ASM_CLAC ::: "memory");
}

/* Does [addr, addr + size) lie wholly in the user half? */
static __always_inline bool __access_ok(unsigned long addr, unsigned long size)
{
	return size <= TASK_SIZE_MAX && addr <= TASK_SIZE_MAX - size;
}

#define access_ok(addr, size) \
	likely(__access_ok((unsigned long)(addr), (size)))

/* All of these return how many bytes were *not* done: 0 is success. */
unsigned long raw_copy_user(void *to, const void *from, unsigned long n);
unsigned long clear_user(void __user *to, unsigned long n);
unsigned long __clear_user(void __user *to, unsigned long n);

static inline __must_check unsigned long
__copy_from_user(void *to, const void __user *from, unsigned long n)
{
	kasan_check_write(to, n);
	return raw_copy_user(to, from, n);
}

static inline __must_check unsigned long
__copy_to_user(void __user *to, const void *from, unsigned long n)
{
	kasan_check_read(from, n);
	return raw_copy_user(to, from, n);
}

/* What could not be read is filled with zeroes: nothing stale leaks. */
unsigned long __must_check copy_from_user(void *to, const void __user *from,
					  unsigned long n);
static inline __must_check unsigned long
copy_to_user(void __user *to, const void *from, unsigned long n)
{
	kasan_check_read(from, n);
	return access_ok(to, n) ? raw_copy_user(to, from, n) : n;
}

/* The same with page faults off: for callers that hold a spinlock. */
unsigned long copy_from_user_nofault(void *to, const void __user *from,
				     unsigned long n);
/* Read kernel memory that may not be mapped; 0 or -EFAULT; any context. */
long copy_from_kernel_nofault(void *to, const void *from, size_t n);

/*
 * Copy a string of at most n bytes with its NUL.  Returns its length without
 * the NUL, n if there is none in n bytes, or -EFAULT.
 */
long strncpy_from_user(char *dst, const char __user *src, long n);
/* Length with the NUL; more than n if there is none in n; 0 on a fault. */
long strnlen_user(const char __user *s, long n);

#define __get_user_asm(sfx, con, x, ptr, err)				\
	__asm__ __volatile__(ASM_STAC					\
		"1: mov" sfx " %2, %1\n"				\
		"2: " ASM_CLAC						\
		".pushsection .text.fixup, \"ax\"\n"			\
		"3: movl %3, %0; xorl %k1, %k1; jmp 2b\n"		\
		".popsection\n"						\
		_ASM_EXTABLE("1b", "3b")				\
		: "+r"(err), "=&" con(x)				\
		: "m"(*(ptr)), "i"(-EFAULT))

#define __put_user_asm(sfx, con, x, ptr, err)				\
	__asm__ __volatile__(ASM_STAC					\
		"1: mov" sfx " %2, %1\n"				\
		"2: " ASM_CLAC						\
		".pushsection .text.fixup, \"ax\"\n"			\
		"3: movl %3, %0; jmp 2b\n"				\
		".popsection\n"						\
		_ASM_EXTABLE("1b", "3b")				\
		: "+r"(err), "=m"(*(ptr))				\
		: con(x), "i"(-EFAULT))

/* x = *ptr without the range check: 0, or -EFAULT and x = 0. */
#define __get_user(x, ptr) ({						\
	int __ge = 0;							\
	u64 __gv;							\
	const void *__gp = (const void *)(ptr);				\
	switch (sizeof(*(ptr))) {					\
	case 1: { u8 __g1;						\
		__get_user_asm("b", "q", __g1, (const u8 *)__gp, __ge);	\
		__gv = __g1; break; }					\
	case 2: { u16 __g2;						\
		__get_user_asm("w", "r", __g2, (const u16 *)__gp, __ge); \
		__gv = __g2; break; }					\
	case 4: { u32 __g4;						\
		__get_user_asm("l", "r", __g4, (const u32 *)__gp, __ge); \
		__gv = __g4; break; }					\
	case 8: __get_user_asm("q", "r", __gv, (const u64 *)__gp, __ge); \
		break;							\
	default: __builtin_trap();					\
	}								\
	(x) = (__typeof__(*(ptr)))__gv;					\
	__ge; })

#define __put_user(x, ptr) ({						\
	int __pe = 0;							\
	__typeof__(*(ptr)) __px = (x);					\
	void *__pp = (void *)(ptr);					\
	switch (sizeof(*(ptr))) {					\
	case 1: __put_user_asm("b", "q", (u8)(unsigned long)__px,	\
			       (u8 *)__pp, __pe); break;		\
	case 2: __put_user_asm("w", "r", (u16)(unsigned long)__px,	\
			       (u16 *)__pp, __pe); break;		\
	case 4: __put_user_asm("l", "r", (u32)(unsigned long)__px,	\
			       (u32 *)__pp, __pe); break;		\
	case 8: __put_user_asm("q", "r", (u64)(unsigned long)__px,	\
			       (u64 *)__pp, __pe); break;		\
	default: __builtin_trap();					\
	}								\
	__pe; })

#define get_user(x, ptr) ({						\
	__typeof__(ptr) __gup = (ptr);					\
	access_ok(__gup, sizeof(*__gup)) ? __get_user(x, __gup)		\
		: ((x) = (__typeof__(*(ptr)))0, -EFAULT); })

#define put_user(x, ptr) ({						\
	__typeof__(ptr) __pup = (ptr);					\
	__typeof__(*(ptr)) __puv = (x);					\
	access_ok(__pup, sizeof(*__pup)) ? __put_user(__puv, __pup)	\
		: -EFAULT; })

/*
 * Compare-and-swap on a user's word, for futexes: 0 and the old value in
 * *old, or -EFAULT.  Range already checked; page faults may be off.
 */
int futex_cmpxchg_user(u32 *old, u32 __user *uaddr, u32 expect, u32 val);
/* *uaddr = op(*uaddr, arg) atomically for FUTEX_WAKE_OP; old value out. */
int arch_futex_atomic_op(int op, int arg, int *old, u32 __user *uaddr);

/* The entry of the instruction at ip, or NULL. */
const struct exception_table_entry *search_exception_table(unsigned long ip);
/* If a table entry covers regs->ip, go to its fixup and say true. */
bool fixup_exception(struct pt_regs *regs);
/* Sort the exception table and patch STAC/CLAC in; once, boot CPU. */
void uaccess_init(void);

#endif
