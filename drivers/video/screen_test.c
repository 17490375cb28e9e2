/* SPDX-License-Identifier: MIT */
/*
 * screen_test.c -- the terminal's model: what bytes do to cells
 *
 * A screen of 10 by 4, so that every edge is near.
 */

#include "screen.h"

#include <kernel/math.h>
#include <kernel/random.h>
#include <kernel/selftest.h>
#include <kernel/string.h>

#define COLS 10
#define ROWS 4

static cell_t cells[COLS * ROWS];
static struct screen scr;

static void begin(const char *text)
{
	screen_init(&scr, COLS, ROWS, cells);
	screen_put(&scr, (const u8 *)text, strlen(text));
}

/* Does the row begin with this text, blanks behind it? */
static bool row_is(int y, const char *text)
{
	int n = strlen(text);

	for (int x = 0; x < COLS; x++)
		if (CELL_CHAR(cells[y * COLS + x]) !=
		    (u32)(x < n ? text[x] : ' '))
			return false;
	return true;
}

SELFTEST(screen_last_column_wraps_only_with_the_next_character)
{
	begin("0123456789");
	EXPECT(scr.y == 0 && scr.x == COLS - 1);
	screen_put(&scr, (const u8 *)"a", 1);
	EXPECT(scr.y == 1 && scr.x == 1);
	EXPECT(row_is(0, "0123456789") && row_is(1, "a"));
}

SELFTEST_SLOW(screen_scrolls_its_region_and_nothing_else)
{
	begin("top\r\na\r\nb\r\nend\033[2;3r\033[3;1H\nc");
	EXPECT(row_is(0, "top") && row_is(1, "b"));
	EXPECT(row_is(2, "c") && row_is(3, "end"));
	screen_put(&scr, (const u8 *)"\033[2;1H\033M", 8);
	EXPECT(row_is(1, "") && row_is(2, "b") && row_is(3, "end"));
}

SELFTEST_SLOW(screen_erases_and_edits_in_line)
{
	begin("abcdefgh\033[1;4H\033[K");
	EXPECT(row_is(0, "abc"));
	begin("abcdefgh\033[1;3H\033[2P");
	EXPECT(row_is(0, "abefgh"));
	begin("abcdef\033[1;3H\033[2@");
	EXPECT(row_is(0, "ab  cdef"));
	begin("a\r\nb\r\nc\033[2;1H\033[L");
	EXPECT(row_is(0, "a") && row_is(1, "") && row_is(2, "b"));
	begin("x\033[2J");
	EXPECT(row_is(0, ""));
}

SELFTEST(screen_understands_colours_and_line_drawing)
{
	begin("\033[1;31;44mA\033[0mB\033(0q\033(Bq");
	EXPECT(CELL_FG(cells[0]) == 9 && CELL_BG(cells[0]) == 4);
	EXPECT(CELL_FG(cells[1]) == DEFAULT_FG && CELL_BG(cells[1]) == 0);
	EXPECT(CELL_CHAR(cells[2]) == 0x2500 && CELL_CHAR(cells[3]) == 'q');
	begin("\303\251");
	EXPECT(CELL_CHAR(cells[0]) == 0xe9 && scr.x == 1);
}

SELFTEST(screen_reports_where_the_cursor_is)
{
	begin("\033[3;5H\033[6n");
	EXPECT(scr.reply_len == 6 && !memcmp(scr.reply, "\033[3;5R", 6));
}

SELFTEST_SLOW(screen_survives_any_bytes)
{
	static const char hot[] = "\033[]()?;0123456789HJKLMPrmhl@ABCD\n\t\b";
	struct rnd_state rnd;

	begin("");
	prandom_seed_state(&rnd, 7);
	for (int i = 0; i < 20000; i++) {
		u32 r = prandom_u32_state(&rnd);
		u8 c = r & 1 ? (u8)hot[(r >> 8) % (sizeof(hot) - 1)] : r >> 8;

		screen_put(&scr, &c, 1);
		if (scr.x < 0 || scr.x >= COLS || scr.y < 0 || scr.y >= ROWS ||
		    scr.top < 0 || scr.top >= scr.bottom ||
		    scr.bottom > ROWS) {
			EXPECT(!"the cursor or the region left the screen");
			return;
		}
	}
}
