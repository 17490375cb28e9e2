/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_VIDEO_SCREEN_H
#define DRIVERS_VIDEO_SCREEN_H
/*
 * screen.h -- a character terminal as a data structure
 *
 * Bytes go in (screen_put), cells come out.  Knows nothing of pixels or locks:
 * the caller serialises.  What TERM=linux programs send is understood.
 */

#include <kernel/types.h>

#define SCREEN_MAX_COLS 256
#define SCREEN_MAX_ROWS 128
#define CSI_MAX_PARAMS 16

/*
 * One place on the screen:
 *	31..26 unused, 25 blink, 24 underline, 23..20 background,
 *	19..16 foreground, 15..0 code point
 */
typedef u32 cell_t;
#define CELL_CHAR(c) ((c) & 0xffff)
#define CELL_FG(c) ((c) >> 16 & 15)
#define CELL_BG(c) ((c) >> 20 & 15)
#define CELL_UNDERLINE (1u << 24)
#define CELL_BLINK (1u << 25)
#define DEFAULT_FG 7
#define DEFAULT_BG 0

/* How following characters look. */
struct pen {
	u8 fg, bg;
	bool bold, dim, underline, blink, reverse;
	u8 charset;               /* 0 or 1: G0 or G1 */
	bool graphics[2];         /* that set is DEC line drawing */
};

struct screen {
	int cols, rows;
	cell_t *cells;            /* rows * cols */
	int x, y;                 /* the cursor */
	bool wrap_next;           /* beyond the last column: next one wraps */
	int top, bottom;          /* scroll region: [top, bottom) */
	struct pen pen, saved_pen;
	int saved_x, saved_y;
	u8 tabs[SCREEN_MAX_COLS / 8];

	bool autowrap, origin, insert, newline_mode, cursor_visible;
	bool app_cursor, app_keypad; /* what the keys send */

	/* The parser: screen_parse.c. */
	u8 state;                 /* enum parse_state */
	u8 prefix;                /* '?', '>' or 0 */
	int nr_params;
	int params[CSI_MAX_PARAMS];
	u32 utf8;                 /* the character so far */
	u8 utf8_left;             /* bytes it still needs */

	bool bell;                /* was asked for */
	char reply[32];           /* to be "typed" for reports */
	u8 reply_len;
	int dirty_top, dirty_bottom; /* rows changed since last looked at */
};

/* cells: room for rows * cols; not cleared by a failed init. */
void screen_init(struct screen *s, int cols, int rows, cell_t *cells);
void screen_put(struct screen *s, const u8 *buf, int n);

/* screen.c, for the parser. */
void screen_reset(struct screen *s);
void screen_char(struct screen *s, u32 ch);
void screen_move(struct screen *s, int x, int y);    /* clamped */
void screen_linefeed(struct screen *s);
void screen_reverse_linefeed(struct screen *s);
void screen_tab(struct screen *s, int n);
void screen_scroll(struct screen *s, int top, int bottom, int n); /* < 0 down */
/* Blank [from, to): positions are y * cols + x. */
void screen_erase(struct screen *s, int from, int to);
void screen_insert_chars(struct screen *s, int n);
void screen_delete_chars(struct screen *s, int n);
void screen_save(struct screen *s);
void screen_restore(struct screen *s);

static inline void screen_clean(struct screen *s)
{
	s->dirty_top = s->rows;
	s->dirty_bottom = 0;
}

#endif
