/* SPDX-License-Identifier: MIT */
/*
 * uaccess.c -- user strings, and words that several parties write
 *
 * The theory stands in include/arch/uaccess.h.  A string is read eight bytes
 * at a time: v - 0x01.. & ~v & 0x80.. has its lowest set bit in the first byte
 * of v that is zero.  Reads are aligned, so that none reaches into a page that
 * the string does not.
 */

#include <arch/uaccess.h>

#include <arch/fault.h>
#include <kernel/sched.h>
#include <kernel/string.h>

#define ONES 0x0101010101010101UL
#define HIGHS 0x8080808080808080UL

static __always_inline unsigned long zero_bytes(unsigned long v)
{
	return (v - ONES) & ~v & HIGHS;
}

unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
	unsigned long left = n;

	kasan_check_write(to, n);
	if (access_ok(from, n))
		left = raw_copy_user(to, from, n);
	if (unlikely(left))
		memset((char *)to + (n - left), 0, left);
	return left;
}

unsigned long clear_user(void __user *to, unsigned long n)
{
	return access_ok(to, n) ? __clear_user(to, n) : n;
}

unsigned long copy_from_user_nofault(void *to, const void __user *from,
				     unsigned long n)
{
	unsigned long left;

	kasan_check_write(to, n);
	pagefault_disable();
	left = access_ok(from, n) ? raw_copy_user(to, from, n) : n;
	pagefault_enable();
	return left;
}

long copy_from_kernel_nofault(void *to, const void *from, size_t n)
{
	unsigned long left;

	if ((unsigned long)from < TASK_SIZE_MAX)
		return -EFAULT;
	pagefault_disable();
	left = raw_copy_user(to, from, n);
	pagefault_enable();
	return left ? -EFAULT : 0;
}

/* Read *p, inside stac/clac; on a fault false. */
#define read_user(v, p, mov, con) ({					\
	bool __ok = true;						\
	__asm__ __volatile__("1: " mov " %2, %1\n2:\n"			\
		".pushsection .text.fixup, \"ax\"\n"			\
		"3: movb $0, %0; jmp 2b\n.popsection\n"			\
		_ASM_EXTABLE("1b", "3b")				\
		: "+q"(__ok), "=&" con(v) : "m"(*(p)));			\
	__ok; })

/* Copy by bytes: up to n, or to the NUL.  Bytes before it, n, or -EFAULT. */
static long copy_string_bytes(char *dst, const char *src, long n)
{
	for (long i = 0; i < n; i++) {
		char c;

		if (!read_user(c, src + i, "movb", "q"))
			return -EFAULT;
		dst[i] = c;
		if (!c)
			return i;
	}
	return n;
}

static long copy_string(char *dst, const char *src, long n)
{
	long i = -(unsigned long)src & 7;       /* bytes to an aligned source */
	long head = copy_string_bytes(dst, src, i < n ? i : n), tail;

	if (head != i || i >= n)
		return head;
	for (; i + 8 <= n; i += 8) {
		unsigned long v;

		if (!read_user(v, (const unsigned long *)(src + i), "movq",
			       "r"))
			return -EFAULT;
		__builtin_memcpy(dst + i, &v, 8);
		if (zero_bytes(v))
			return i + (__builtin_ctzl(zero_bytes(v)) >> 3);
	}
	tail = copy_string_bytes(dst + i, src + i, n - i);
	return tail < 0 ? tail : i + tail;
}

long strncpy_from_user(char *dst, const char __user *src, long n)
{
	unsigned long room = TASK_SIZE_MAX - (unsigned long)src;
	long len;

	if (n <= 0)
		return 0;
	if ((unsigned long)src >= TASK_SIZE_MAX)
		return -EFAULT;
	might_sleep();
	stac();
	len = copy_string(dst, src, (unsigned long)n < room ? n : (long)room);
	clac();
	/* The end of user space came before the NUL. */
	if (len >= 0 && len < n && (unsigned long)len == room)
		return -EFAULT;
	return len;
}

static long string_length(const char *s, long n)
{
	for (long i = 0; i < n; ) {
		unsigned long v;
		char c;

		if (((unsigned long)(s + i) & 7) || i + 8 > n) {
			if (!read_user(c, s + i, "movb", "q"))
				return -EFAULT;
			if (!c)
				return i;
			i++;
			continue;
		}
		if (!read_user(v, (const unsigned long *)(s + i), "movq", "r"))
			return -EFAULT;
		if (zero_bytes(v))
			return i + (__builtin_ctzl(zero_bytes(v)) >> 3);
		i += 8;
	}
	return n;
}

long strnlen_user(const char __user *s, long n)
{
	unsigned long room = TASK_SIZE_MAX - (unsigned long)s;
	long max = n, len;

	if (n <= 0 || (unsigned long)s >= TASK_SIZE_MAX)
		return 0;
	if ((unsigned long)max > room)
		max = room;
	stac();
	len = string_length(s, max);
	clac();
	if (len < 0 || (len == max && max < n))
		return 0;
	return len + 1;
}

int futex_cmpxchg_user(u32 *old, u32 __user *uaddr, u32 expect, u32 val)
{
	int err = 0;

	__asm__ __volatile__(ASM_STAC
		"1: lock cmpxchgl %4, %2\n"
		"2: " ASM_CLAC
		".pushsection .text.fixup, \"ax\"\n"
		"3: movl %5, %0; jmp 2b\n"
		".popsection\n"
		_ASM_EXTABLE("1b", "3b")
		: "+r"(err), "=a"(*old), "+m"(*uaddr)
		: "1"(expect), "r"(val), "i"(-EFAULT) : "memory");
	return err;
}

/* FUTEX_OP_*, numbered as in the ABI. */
static u32 futex_op(int op, u32 old, u32 arg)
{
	switch (op) {
	case 0: return arg;
	case 1: return old + arg;
	case 2: return old | arg;
	case 3: return old & ~arg;
	default: return old ^ arg;
	}
}

int arch_futex_atomic_op(int op, int arg, int *old, u32 __user *uaddr)
{
	u32 seen, was;

	if (op < 0 || op > 4)
		return -ENOSYS;
	if (!access_ok(uaddr, sizeof(*uaddr)) || __get_user(seen, uaddr))
		return -EFAULT;
	for (;;) {
		if (futex_cmpxchg_user(&was, uaddr, seen,
				       futex_op(op, seen, arg)))
			return -EFAULT;
		if (was == seen)
			break;
		seen = was;
	}
	*old = seen;
	return 0;
}
