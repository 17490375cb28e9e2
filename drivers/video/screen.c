/* SPDX-License-Identifier: MIT */
/*
 * screen.c -- cells, a cursor, a scroll region: what a terminal remembers
 *
 * PROMISE.  After any sequence of calls the cursor is on the screen and no cell
 * outside of it was touched.
 *
 * IDEA.  A character is written where the cursor is.  In the last column the
 * cursor stays and only notes that the *next* character belongs to the next
 * line (wrap_next): so a full line does not scroll before it must, which is
 * what full-screen programs rely on to write the lower right corner.
 *
 * INVARIANTS
 *   I1  0 <= x < cols, 0 <= y < rows, 0 <= top < bottom <= rows.
 *   I2  wrap_next implies x == cols - 1.
 *
 * SEE ECMA-48; console_codes(4); docs/61-console.md
 */

#include "screen.h"

#include <kernel/bug.h>
#include <kernel/math.h>
#include <kernel/string.h>

#define CH_BLANK ' '

static void check(const struct screen *s)
{
	DEBUG_ASSERT(s->x >= 0 && s->x < s->cols);              /* I1 */
	DEBUG_ASSERT(s->y >= 0 && s->y < s->rows);
	DEBUG_ASSERT(s->top >= 0 && s->top < s->bottom &&
		     s->bottom <= s->rows);
	DEBUG_ASSERT(!s->wrap_next || s->x == s->cols - 1);     /* I2 */
}

static cell_t make_cell(const struct pen *p, u32 ch)
{
	u8 fg = p->fg, bg = p->bg;

	if (p->bold)
		fg |= 8;
	else if (p->dim)
		fg = 8;
	if (p->reverse)
		swap(fg, bg);
	return ch | (cell_t)fg << 16 | (cell_t)bg << 20 |
	       (p->underline ? CELL_UNDERLINE : 0) |
	       (p->blink ? CELL_BLINK : 0);
}

/* Erasing uses the background colour, and nothing else of the pen. */
static cell_t blank(const struct screen *s)
{
	return CH_BLANK | DEFAULT_FG << 16 | (cell_t)s->pen.bg << 20;
}

static void dirty(struct screen *s, int top, int bottom)
{
	s->dirty_top = min(s->dirty_top, top);
	s->dirty_bottom = max(s->dirty_bottom, bottom);
}

static void fill(struct screen *s, int from, int n)
{
	cell_t b = blank(s);

	for (int i = 0; i < n; i++)
		s->cells[from + i] = b;
}

void screen_erase(struct screen *s, int from, int to)
{
	from = clamp(from, 0, s->rows * s->cols);
	to = clamp(to, from, s->rows * s->cols);
	fill(s, from, to - from);
	dirty(s, from / s->cols, (to + s->cols - 1) / s->cols);
}

void screen_scroll(struct screen *s, int top, int bottom, int n)
{
	int cols = s->cols, lines = bottom - top;
	int by = clamp(n, -lines, lines), keep = lines - abs(by);
	cell_t *base = s->cells + top * cols;

	if (by > 0) {
		memmove(base, base + by * cols, keep * cols * sizeof(cell_t));
		fill(s, (top + keep) * cols, by * cols);
	} else if (by < 0) {
		memmove(base - by * cols, base, keep * cols * sizeof(cell_t));
		fill(s, top * cols, -by * cols);
	}
	dirty(s, top, bottom);
}

void screen_move(struct screen *s, int x, int y)
{
	int low = s->origin ? s->top : 0;
	int high = s->origin ? s->bottom : s->rows;

	dirty(s, s->y, s->y + 1);
	s->x = clamp(x, 0, s->cols - 1);
	s->y = clamp(y, low, high - 1);
	s->wrap_next = false;
	dirty(s, s->y, s->y + 1);
	check(s);
}

void screen_linefeed(struct screen *s)
{
	s->wrap_next = false;
	dirty(s, s->y, s->y + 1);
	if (s->y == s->bottom - 1)
		screen_scroll(s, s->top, s->bottom, 1);
	else if (s->y < s->rows - 1)
		s->y++;
	dirty(s, s->y, s->y + 1);
	check(s);
}

void screen_reverse_linefeed(struct screen *s)
{
	s->wrap_next = false;
	dirty(s, s->y, s->y + 1);
	if (s->y == s->top)
		screen_scroll(s, s->top, s->bottom, -1);
	else if (s->y > 0)
		s->y--;
	dirty(s, s->y, s->y + 1);
	check(s);
}

void screen_tab(struct screen *s, int n)
{
	int x = s->x;

	while (n > 0 && x < s->cols - 1) {
		x++;
		n -= s->tabs[x / 8] >> (x % 8) & 1;
	}
	screen_move(s, x, s->y);
}

void screen_insert_chars(struct screen *s, int n)
{
	int at = s->y * s->cols + s->x, rest = s->cols - s->x;

	n = clamp(n, 0, rest);
	memmove(s->cells + at + n, s->cells + at,
		(rest - n) * sizeof(cell_t));
	fill(s, at, n);
	s->wrap_next = false;
	dirty(s, s->y, s->y + 1);
}

void screen_delete_chars(struct screen *s, int n)
{
	int at = s->y * s->cols + s->x, rest = s->cols - s->x;

	n = clamp(n, 0, rest);
	memmove(s->cells + at, s->cells + at + n,
		(rest - n) * sizeof(cell_t));
	fill(s, at + rest - n, n);
	s->wrap_next = false;
	dirty(s, s->y, s->y + 1);
}

/* DEC line drawing: what `_`..`~` mean in it. */
static const u16 line_drawing[] = {
	' ', 0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1,
	0x2424, 0x240b, 0x2518, 0x2510, 0x250c, 0x2514, 0x253c, 0x23ba,
	0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524, 0x2534, 0x252c,
	0x2502, 0x2264, 0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7,
};

void screen_char(struct screen *s, u32 ch)
{
	if (s->pen.graphics[s->pen.charset] && ch >= '_' && ch <= '~')
		ch = line_drawing[ch - '_'];
	if (ch > 0xffff)
		ch = 0xfffd;
	if (s->wrap_next && s->autowrap) {
		s->x = 0;
		screen_linefeed(s);
	}
	if (s->insert)
		screen_insert_chars(s, 1);
	s->cells[s->y * s->cols + s->x] = make_cell(&s->pen, ch);
	dirty(s, s->y, s->y + 1);
	if (s->x < s->cols - 1)
		s->x++;
	else
		s->wrap_next = s->autowrap;
	check(s);
}

void screen_save(struct screen *s)
{
	s->saved_x = s->x;
	s->saved_y = s->y;
	s->saved_pen = s->pen;
}

void screen_restore(struct screen *s)
{
	s->pen = s->saved_pen;
	screen_move(s, s->saved_x, s->saved_y);
}

void screen_reset(struct screen *s)
{
	s->pen = (struct pen){ .fg = DEFAULT_FG, .bg = DEFAULT_BG,
			       .graphics = { false, true } };
	s->top = 0;
	s->bottom = s->rows;
	s->autowrap = s->cursor_visible = true;
	s->origin = s->insert = s->newline_mode = false;
	s->app_cursor = s->app_keypad = false;
	memset(s->tabs, 0x01, sizeof(s->tabs));      /* each 8 columns */
	screen_erase(s, 0, s->rows * s->cols);
	screen_move(s, 0, 0);
	screen_save(s);
}

void screen_init(struct screen *s, int cols, int rows, cell_t *cells)
{
	memset(s, 0, sizeof(*s));
	s->cols = min(cols, SCREEN_MAX_COLS);
	s->rows = min(rows, SCREEN_MAX_ROWS);
	s->bottom = s->rows;
	s->cells = cells;
	screen_clean(s);
	screen_reset(s);
}
