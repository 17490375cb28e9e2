/* SPDX-License-Identifier: MIT */
/*
 * text_test.c -- self-tests for vsprintf.c, kstrtox.c, sscanf.c, string.c
 *
 * Tables of call and text, as C and the kernel's own extensions (%pS and its
 * kind) define them; for each, that nothing is written behind a short buffer
 * and that the length told is the one it would have had.
 */

#include <kernel/bitmap.h>
#include <kernel/errno.h>
#include <kernel/selftest.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>

static char buf[64];

/* The text is `want`, and the result its length. */
#define FORMATS(want, ...)						\
	EXPECT(snprintf(buf, sizeof(buf), __VA_ARGS__) ==		\
	       (int)strlen(want) && strcmp(buf, want) == 0)

SELFTEST_SLOW(printf_prints_as_c_says)
{
	const char *volatile none = NULL;     /* hidden from -Wformat */

	FORMATS("-5 7 abc %", "%d %u %s %%", -5, 7, "abc");
	FORMATS("[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42);
	FORMATS("0xff FF 0377", "%#x %X %#o", 255, 255, 255);
	FORMATS("+1  1 -0007", "%+d % d %.4d", 1, 1, -7);
	FORMATS("abc|ab |  a", "%s|%-3.2s|%3.1s", "abc", "abc", "abc");
	FORMATS("-9223372036854775808", "%ld", LONG_MIN);
	FORMATS("ffffffffffffffff", "%lx", ~0UL);
	FORMATS("-1 255 65535", "%hhd %hhu %hu", (signed char)255,
		(unsigned char)255, (unsigned short)65535);
	FORMATS("(null)", "%s", none);
	FORMATS("[    x]", "[%*c]", 5, 'x');
}

SELFTEST(printf_knows_kernel_pointers)
{
	u8 mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
	u8 ip[4] = { 10, 0, 2, 15 };
	DECLARE_BITMAP(map, 70) = { 0x8f, 0x3 };

	FORMATS("0000000000001234", "%p", (void *)0x1234);
	FORMATS("0000000000000000", "%pK", (void *)0x1234);
	FORMATS("52:54:00:12:34:56", "%pM", mac);
	FORMATS("10.0.2.15", "%pI4", ip);
	FORMATS("0a 00 02 0f", "%*ph", 4, ip);
	FORMATS("0a00020f", "%*phN", 4, ip);
	FORMATS("0-3,7,64-65", "%*pbl", 70, map);
}

SELFTEST(printf_never_writes_past_the_end)
{
	memset(buf, 'x', sizeof(buf));
	EXPECT(snprintf(buf, 4, "%d", 123456) == 6);
	EXPECT(strcmp(buf, "123") == 0 && buf[4] == 'x');
	EXPECT(snprintf(NULL, 0, "%s", "hello") == 5);
	EXPECT(scnprintf(buf, 4, "%s", "hello") == 3);
	EXPECT(snprintf(buf, 1, "x") == 1 && buf[0] == '\0');
}

SELFTEST(strtol_is_strict_about_the_whole_string)
{
	unsigned long long v = 0;
	int i = 0;
	u8 b = 0;

	EXPECT(kstrtoull("18446744073709551615", 10, &v) == 0 && v == U64_MAX);
	EXPECT(kstrtoull("18446744073709551616", 10, &v) == -ERANGE);
	EXPECT(kstrtoull("12x", 10, &v) == -EINVAL);
	EXPECT(kstrtoull("", 10, &v) == -EINVAL);
	EXPECT(kstrtoull("0x1f\n", 0, &v) == 0 && v == 31);
	EXPECT(kstrtoull("-1", 10, &v) == -EINVAL);
	EXPECT(kstrtoint("-2147483648", 10, &i) == 0 && i == INT_MIN);
	EXPECT(kstrtoint("2147483648", 10, &i) == -ERANGE);
	EXPECT(kstrtou8("256", 10, &b) == -ERANGE);
	EXPECT(memparse("64M", NULL) == 64ull << 20);
}

SELFTEST(scanf_reads_what_printf_wrote)
{
	int a = 0, b = 0, n = 0;
	char word[8] = "";

	EXPECT(sscanf("12:0x1f rest", "%d:%x %n%4s", &a, &b, &n, word) == 3);
	EXPECT(a == 12 && b == 31 && n == 8 && strcmp(word, "rest") == 0);
	EXPECT(sscanf("7 x", "%d %d", &a, &b) == 1 && a == 7);
	EXPECT(sscanf("", "%d", &a) == 0);
}

SELFTEST(strings_are_cut_and_found)
{
	char s[16] = "  a,b  ", *p = s;

	EXPECT(strscpy(buf, "hello", 4) == -E2BIG && strcmp(buf, "hel") == 0);
	EXPECT(strscpy(buf, "hey", 4) == 3);
	p = strim(s);
	EXPECT(strcmp(p, "a,b") == 0);
	EXPECT(strcmp(strsep(&p, ","), "a") == 0 && strcmp(p, "b") == 0);
	EXPECT(strcmp(strstr("one two", "tw"), "two") == 0);
	EXPECT(strstr("aab", "ab") != NULL && strstr("ab", "abc") == NULL);
	EXPECT(strrchr("a/b/c", '/')[1] == 'c' && !strchr("abc", 'x'));
	EXPECT(sysfs_streq("on\n", "on") && !sysfs_streq("on", "off"));
	EXPECT(strncasecmp("HeLLo", "hEllO!", 5) == 0);
	EXPECT(memchr_inv("aaab", 'a', 4) != NULL);
	EXPECT(strspn("aabc", "ab") == 3 && strcspn("abc", "c") == 2);
}

SELFTEST(bitmaps_do_set_algebra)
{
	DECLARE_BITMAP(a, 130) = { 0 };
	DECLARE_BITMAP(b, 130) = { 0 };

	bitmap_set(a, 60, 10);
	EXPECT(bitmap_weight(a, 130) == 10);
	EXPECT(find_next_bit(a, 130, 0) == 60);
	EXPECT(find_next_zero_bit(a, 130, 60) == 70);
	EXPECT(find_last_bit(a, 130) == 69);
	EXPECT(find_next_bit(a, 130, 70) == 130);
	bitmap_clear(a, 62, 3);
	EXPECT(bitmap_weight(a, 130) == 7);
	EXPECT(bitmap_find_next_zero_area(a, 130, 61, 4, 0) == 70);
	EXPECT(bitmap_find_next_zero_area(a, 130, 1, 32, 31) == 96);
	EXPECT(bitmap_parselist("1-3,129", b, 130) == 0);
	EXPECT(bitmap_weight(b, 130) == 4 && test_bit(129, b));
	EXPECT(bitmap_parselist("130", b, 130) == -ERANGE);
	EXPECT(bitmap_parselist("3-1", b, 130) == -EINVAL);
	bitmap_fill(a, 130);
	EXPECT(bitmap_full(a, 130) && !bitmap_empty(a, 130));
}
