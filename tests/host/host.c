/* SPDX-License-Identifier: MIT */
/*
 * host.c -- run kernel self-tests as an ordinary process
 *
 * tools/suites.py compiles kernel files with the kernel's own headers, under
 * ASan and UBSan, and links them with this file, which alone sees the C
 * library.  The list of tests is the same linker section that the kernel walks
 * at boot.  What a pure kernel file may need of its surroundings stands here,
 * weak, so that a test can bring its own.
 */

#include "host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool failed, skipped;
static char why_skipped[128];
static jmp_buf out_of_test;

void selftest_fail(const char *file, int line, const char *what)
{
	printf("# %s:%d: %s\n", file, line, what);
	failed = true;
}

void selftest_skip(const char *why)
{
	skipped = true;
	snprintf(why_skipped, sizeof(why_skipped), "%s", why);
}

#define weak __attribute__((weak))

weak int _printk(const char *format, ...)
{
	va_list args;

	/* Kernel messages may begin with SOH and a level. */
	if (format[0] == '\001')
		format += 2;
	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	return 0;
}

weak void panic(const char *format, ...)
{
	va_list args;

	printf("# panic: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	failed = true;
	longjmp(out_of_test, 1);
}

#define GFP_ZERO 0x08u          /* __GFP_ZERO of mm/gfp.h */

weak void *kmalloc(size_t size, unsigned int flags)
{
	return flags & GFP_ZERO ? calloc(1, size) : malloc(size);
}

weak void *kzalloc(size_t size, unsigned int flags)
{
	return calloc(1, size);
}

weak void kfree(const void *p)
{
	free((void *)p);
}

static void run(const struct selftest *t, int number)
{
	failed = skipped = false;
	if (setjmp(out_of_test) == 0)
		t->run();
	printf("%s %d - %s%s%s\n", failed ? "not ok" : "ok", number, t->name,
	       skipped ? " # SKIP " : "", skipped ? why_skipped : "");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int count = __stop_selftests - __start_selftests;
	int any_failed = 0;

	printf("1..%d\n", count);
	for (int i = 0; i < count; i++) {
		run(&__start_selftests[i], i + 1);
		any_failed |= failed;
	}
	return any_failed;
}
