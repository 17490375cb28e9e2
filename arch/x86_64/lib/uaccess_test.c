/* SPDX-License-Identifier: MIT */
/* uaccess_test.c -- bad pointers become errors; memory functions are exact */

#include <arch/fault.h>
#include <arch/string.h>
#include <arch/uaccess.h>
#include <kernel/selftest.h>

/* Runs without an address space: every user page is absent. */
#define ABSENT ((char __user *)0x10000000)

SELFTEST(uaccess_absent_page_is_efault)
{
	u64 v = 1;
	u8 c = 1;
	char buf[32] = "";

	EXPECT(copy_to_user(ABSENT, buf, sizeof(buf)) == sizeof(buf));
	EXPECT(get_user(v, (u64 __user *)ABSENT) == -EFAULT);
	EXPECT(v == 0);
	EXPECT(get_user(c, (u8 __user *)ABSENT) == -EFAULT);
	EXPECT(put_user(v, (u64 __user *)ABSENT) == -EFAULT);
	EXPECT(put_user(c, (u8 __user *)ABSENT) == -EFAULT);
	EXPECT(clear_user(ABSENT, 100) == 100);
	EXPECT(strncpy_from_user(buf, ABSENT, sizeof(buf)) == -EFAULT);
	EXPECT(strnlen_user(ABSENT, 100) == 0);
}

SELFTEST(uaccess_failed_copy_leaves_zeroes)
{
	char buf[100];

	memset(buf, 0x55, sizeof(buf));
	EXPECT(copy_from_user(buf, ABSENT, sizeof(buf)) == sizeof(buf));
	for (size_t i = 0; i < sizeof(buf); i++)
		EXPECT(buf[i] == 0);
}

SELFTEST(uaccess_kernel_addresses_are_refused)
{
	static char secret[8] = "kernel";
	char buf[8] = "";
	u32 v = 1;

	EXPECT(copy_from_user(buf, secret, 8) == 8);
	EXPECT(copy_to_user(secret, buf, 8) == 8);
	EXPECT(get_user(v, (u32 __user *)secret) == -EFAULT && v == 0);
	EXPECT(!access_ok(TASK_SIZE_MAX, 1));
	EXPECT(!access_ok(TASK_SIZE_MAX - 4, 5));
	EXPECT(access_ok(TASK_SIZE_MAX - 4, 4));
	EXPECT(!access_ok(0, ~0UL));
	EXPECT(secret[0] == 'k');
}

SELFTEST(nofault_reads_kernel_memory_or_fails)
{
	static const u64 known = 0x1122334455667788;
	u64 v = 0;

	EXPECT(copy_from_kernel_nofault(&v, &known, 8) == 0 && v == known);
	EXPECT(copy_from_kernel_nofault(&v, (void *)0x8000000000000000UL, 8) ==
	       -EFAULT);
	EXPECT(copy_from_kernel_nofault(&v, (void *)8, 8) == -EFAULT);
}

#define AREA 300

static bool same(const u8 *a, const u8 *b)
{
	for (int i = 0; i < AREA; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static void fill(u8 *a, u8 *b)
{
	for (int i = 0; i < AREA; i++)
		a[i] = b[i] = i * 7 + 3;
}

/* All lengths around the switch to `rep`, at all alignments. */
SELFTEST_SLOW(memcpy_and_memset_touch_exactly_n_bytes)
{
	static u8 a[AREA], b[AREA], src[AREA];

	for (int n = 0; n < 150; n += n < 20 ? 1 : 13) {
		for (int off = 0; off < 9; off++) {
			fill(a, b);
			fill(src, src);
			memcpy(a + off, src + 100 + off / 2, n);
			for (int i = 0; i < n; i++)
				b[off + i] = src[100 + off / 2 + i];
			EXPECT(same(a, b));
			memset(a + off, n, n);
			for (int i = 0; i < n; i++)
				b[off + i] = n;
			EXPECT(same(a, b));
		}
	}
}

SELFTEST_SLOW(memmove_handles_overlap_both_ways)
{
	static u8 a[AREA], b[AREA];

	for (int n = 1; n < 130; n += 7) {
		for (int d = -20; d <= 20; d += 3) {
			fill(a, b);
			memmove(a + 100 + d, a + 100, n);
			for (int i = 0; i < n; i++)
				b[100 + d + i] = (100 + i) * 7 + 3;
			EXPECT(same(a, b));
		}
	}
}
