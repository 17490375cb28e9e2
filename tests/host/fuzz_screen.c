/* SPDX-License-Identifier: MIT */
/* fuzz_screen.c -- any bytes leave the screen in a valid state */

/* host-fuzz: drivers/video/screen.c drivers/video/screen_parse.c
 * kernel/lib/vsprintf.c kernel/lib/string.c kernel/lib/bitops.c
 * kernel/lib/kstrtox.c */

#include "../../drivers/video/screen.h"

#include <kernel/kallsyms.h>
#include <kernel/sprintf.h>

enum { COLS = 20, ROWS = 6 };

int sprint_symbol(char *buf, size_t size, unsigned long addr)
{
	return scnprintf(buf, size, "symbol");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static cell_t cells[COLS * ROWS];
	struct screen s;

	screen_init(&s, COLS, ROWS, cells);
	screen_put(&s, data, size);
	if (s.x < 0 || s.x >= COLS || s.y < 0 || s.y >= ROWS ||
	    s.top < 0 || s.top >= s.bottom || s.bottom > ROWS ||
	    s.reply_len > sizeof(s.reply))
		__builtin_trap();
	return 0;
}
