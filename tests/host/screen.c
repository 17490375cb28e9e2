/* SPDX-License-Identifier: MIT */
/* screen.c -- the console's model and its parser, under ASan */

/* host-test: drivers/video/screen.c drivers/video/screen_parse.c
 * drivers/video/screen_test.c drivers/video/font.c kernel/lib/prandom.c
 * kernel/lib/vsprintf.c kernel/lib/string.c kernel/lib/bitops.c
 * kernel/lib/kstrtox.c -- -Idrivers/video */

#include "font.h"

#include <kernel/kallsyms.h>
#include <kernel/selftest.h>
#include <kernel/sprintf.h>

int sprint_symbol(char *buf, size_t size, unsigned long addr)
{
	return scnprintf(buf, size, "symbol");
}

SELFTEST(font_has_a_glyph_for_every_code_point)
{
	u8 glyph[FONT_HEIGHT];

	for (u32 ch = 0; ch <= 0xffff; ch++)
		font_glyph(ch, glyph);
	font_glyph('A', glyph);
	EXPECT(glyph[2] && glyph[11] && !glyph[0] && !glyph[15]);
}
