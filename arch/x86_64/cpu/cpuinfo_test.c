/* SPDX-License-Identifier: MIT */
/* cpuinfo_test.c -- /proc/cpuinfo's text has what programs look for */

#include <arch/cpufeature.h>

#include <kernel/selftest.h>
#include <kernel/string.h>

SELFTEST(cpuinfo_text_has_the_lines_that_programs_parse)
{
	static char text[2048];
	size_t n = arch_cpuinfo_text(0, text, sizeof(text));

	EXPECT(n == strlen(text) && n < sizeof(text) - 1);
	EXPECT(strstr(text, "processor\t: 0\n") == text);
	EXPECT(strstr(text, "\nvendor_id\t: "));
	EXPECT(strstr(text, "\nflags\t\t: fpu ") && strstr(text, " lm "));
	EXPECT(text[n - 1] == '\n' && text[n - 2] == '\n');
}
