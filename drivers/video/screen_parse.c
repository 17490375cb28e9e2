/* SPDX-License-Identifier: MIT */
/*
 * screen_parse.c -- bytes to actions: controls, UTF-8, escape sequences
 *
 * PROMISE.  Any bytes whatever leave the screen in a valid state; an unknown
 * sequence is swallowed whole and shows nothing.
 *
 * IDEA.  A state machine of a byte at a time:
 *
 *	ground --ESC--> escape --[--> csi: params ; ... --letter--> act
 *	   |               |---]--> osc: text up to BEL or ESC \
 *	   |               |---( )--> charset of G0, G1
 *	   |               `--other: act, back to ground
 *	   `-- printable: a character (UTF-8 is gathered first)
 *
 * Controls (newline, backspace ...) act in every state, as on a VT100.
 *
 * SEE ECMA-48, 5.4; console_codes(4); docs/61-console.md
 */

#include "screen.h"

#include <kernel/math.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>

enum parse_state { GROUND, ESCAPE, CSI, OSC, OSC_ESCAPE, CHARSET_G0,
		   CHARSET_G1, HASH, PERCENT };

#define PARAM_MAX 9999
#define REPLACEMENT 0xfffd

/* The i-th parameter; `missing` if it was not given or is 0. */
static int param(const struct screen *s, int i, int missing)
{
	return i < s->nr_params && s->params[i] ? s->params[i] : missing;
}

static void reply(struct screen *s, const char *text)
{
	int n = strlen(text);

	if (s->reply_len + n > (int)sizeof(s->reply))
		return;
	memcpy(s->reply + s->reply_len, text, n);
	s->reply_len += n;
}

/* ---- select graphic rendition -------------------------------------------- */

/* The nearest of the 16 colours: ANSI order is red 1, green 2, blue 4. */
static u8 nearest(int r, int g, int b)
{
	int most = max3(r, g, b);
	u8 c = 0;

	if (most < 40)
		return 0;
	c |= r > most / 2 ? 1 : 0;
	c |= g > most / 2 ? 2 : 0;
	c |= b > most / 2 ? 4 : 0;
	if (c == 7)
		return most > 200 ? 15 : most > 110 ? 7 : 8;
	return most > 170 ? c | 8 : c;
}

static u8 colour_256(int n)
{
	if (n < 16)
		return n;
	if (n >= 232)
		return nearest(8 + (n - 232) * 10, 8 + (n - 232) * 10,
			       8 + (n - 232) * 10);
	n -= 16;
	return nearest(n / 36 * 51, n / 6 % 6 * 51, n % 6 * 51);
}

/* 38 or 48 at i: how many parameters follow it that belong to it. */
static int extended_colour(const struct screen *s, int i, u8 *colour)
{
	if (param(s, i + 1, 0) == 5 && i + 2 < s->nr_params) {
		*colour = colour_256(s->params[i + 2] & 255);
		return 2;
	}
	if (param(s, i + 1, 0) == 2 && i + 4 < s->nr_params) {
		*colour = nearest(s->params[i + 2], s->params[i + 3],
				  s->params[i + 4]);
		return 4;
	}
	return 0;
}

static void sgr_attribute(struct pen *p, int n)
{
	switch (n) {
	case 1:
		p->bold = true;
		break;
	case 2:
		p->dim = true;
		break;
	case 4:
		p->underline = true;
		break;
	case 5:
		p->blink = true;
		break;
	case 7:
		p->reverse = true;
		break;
	case 21:
	case 22:
		p->bold = p->dim = false;
		break;
	case 24:
		p->underline = false;
		break;
	case 25:
		p->blink = false;
		break;
	case 27:
		p->reverse = false;
		break;
	}
}

static void sgr_clear(struct pen *p)
{
	p->fg = DEFAULT_FG;
	p->bg = DEFAULT_BG;
	p->bold = p->dim = p->underline = p->blink = p->reverse = false;
}

static void sgr(struct screen *s)
{
	struct pen *p = &s->pen;

	for (int i = 0; i < max(s->nr_params, 1); i++) {
		int n = param(s, i, 0);

		if (n == 0)
			sgr_clear(p);
		else if (n >= 30 && n <= 37)
			p->fg = n - 30;
		else if (n == 38)
			i += extended_colour(s, i, &p->fg);
		else if (n == 39)
			p->fg = DEFAULT_FG;
		else if (n >= 40 && n <= 47)
			p->bg = n - 40;
		else if (n == 48)
			i += extended_colour(s, i, &p->bg);
		else if (n == 49)
			p->bg = DEFAULT_BG;
		else if (n >= 90 && n <= 97)
			p->fg = n - 90 + 8;
		else if (n >= 100 && n <= 107)
			p->bg = n - 100 + 8;
		else
			sgr_attribute(p, n);
	}
}

/* ---- control sequences --------------------------------------------------- */

static void set_mode(struct screen *s, int n, bool on)
{
	if (s->prefix == '?') {
		switch (n) {
		case 1:
			s->app_cursor = on;
			break;
		case 6:
			s->origin = on;
			screen_move(s, 0, on ? s->top : 0);
			break;
		case 7:
			s->autowrap = on;
			s->wrap_next = false;
			break;
		case 25:
			s->cursor_visible = on;
			screen_move(s, s->x, s->y);
			break;
		}
	} else if (n == 4) {
		s->insert = on;
	} else if (n == 20) {
		s->newline_mode = on;
	}
}

static void erase_display(struct screen *s, int how)
{
	int here = s->y * s->cols + s->x, all = s->rows * s->cols;

	if (how == 0)
		screen_erase(s, here, all);
	else if (how == 1)
		screen_erase(s, 0, here + 1);
	else if (how == 2 || how == 3)
		screen_erase(s, 0, all);
	s->wrap_next = false;
}

static void erase_line(struct screen *s, int how)
{
	int line = s->y * s->cols;

	if (how == 0)
		screen_erase(s, line + s->x, line + s->cols);
	else if (how == 1)
		screen_erase(s, line, line + s->x + 1);
	else if (how == 2)
		screen_erase(s, line, line + s->cols);
	s->wrap_next = false;
}

static void set_region(struct screen *s)
{
	int top = param(s, 0, 1) - 1;
	int bottom = min(param(s, 1, s->rows), s->rows);

	if (top + 1 >= bottom)
		return;
	s->top = top;
	s->bottom = bottom;
	screen_move(s, 0, s->origin ? top : 0);
}

static void report(struct screen *s, int what)
{
	char text[24];

	if (what == 5) {
		reply(s, "\033[0n");
	} else if (what == 6) {
		snprintf(text, sizeof(text), "\033[%d;%dR",
			 s->y + 1 - (s->origin ? s->top : 0), s->x + 1);
		reply(s, text);
	}
}

static void clear_tabs(struct screen *s, int how)
{
	if (how == 0)
		s->tabs[s->x / 8] &= ~(1 << s->x % 8);
	else if (how == 3)
		memset(s->tabs, 0, sizeof(s->tabs));
}

/* Insert (n > 0) or delete lines at the cursor, inside the region. */
static void move_lines(struct screen *s, int n)
{
	if (s->y >= s->top && s->y < s->bottom)
		screen_scroll(s, s->y, s->bottom, -n);
	s->wrap_next = false;
}

/* Those that move the cursor; false: another one. */
static bool csi_move(struct screen *s, u8 c)
{
	int n = param(s, 0, 1), base = s->origin ? s->top : 0;

	switch (c) {
	case 'A':
		screen_move(s, s->x, max(s->y - n, s->y >= s->top ? s->top : 0));
		return true;
	case 'B':
	case 'e':
		screen_move(s, s->x, min(s->y + n, s->y < s->bottom ?
					 s->bottom - 1 : s->rows - 1));
		return true;
	case 'C':
	case 'a':
		screen_move(s, s->x + n, s->y);
		return true;
	case 'D':
		screen_move(s, s->x - n, s->y);
		return true;
	case 'E':
		screen_move(s, 0, s->y + n);
		return true;
	case 'F':
		screen_move(s, 0, s->y - n);
		return true;
	case 'G':
	case '`':
		screen_move(s, n - 1, s->y);
		return true;
	case 'H':
	case 'f':
		screen_move(s, param(s, 1, 1) - 1, base + n - 1);
		return true;
	case 'd':
		screen_move(s, s->x, base + n - 1);
		return true;
	case 'I':
		screen_tab(s, n);
		return true;
	}
	return false;
}

static void csi_edit(struct screen *s, u8 c)
{
	int n = param(s, 0, 1), here = s->y * s->cols + s->x;

	switch (c) {
	case '@':
		screen_insert_chars(s, n);
		break;
	case 'J':
		erase_display(s, param(s, 0, 0));
		break;
	case 'K':
		erase_line(s, param(s, 0, 0));
		break;
	case 'L':
		move_lines(s, n);
		break;
	case 'M':
		move_lines(s, -n);
		break;
	case 'P':
		screen_delete_chars(s, n);
		break;
	case 'S':
		screen_scroll(s, s->top, s->bottom, n);
		break;
	case 'T':
		screen_scroll(s, s->top, s->bottom, -n);
		break;
	case 'X':
		screen_erase(s, here, here + min(n, s->cols - s->x));
		break;
	}
}

static void csi_set(struct screen *s, u8 c)
{
	switch (c) {
	case 'c':
		if (!s->prefix)
			reply(s, "\033[?6c");
		break;
	case 'g':
		clear_tabs(s, param(s, 0, 0));
		break;
	case 'h':
	case 'l':
		for (int i = 0; i < s->nr_params; i++)
			set_mode(s, s->params[i], c == 'h');
		break;
	case 'm':
		if (!s->prefix)
			sgr(s);
		break;
	case 'n':
		if (!s->prefix)
			report(s, param(s, 0, 0));
		break;
	case 'r':
		if (!s->prefix)
			set_region(s);
		break;
	case 's':
		screen_save(s);
		break;
	case 'u':
		screen_restore(s);
		break;
	}
}

static void csi_byte(struct screen *s, u8 c)
{
	if (c >= '0' && c <= '9') {
		int *p = &s->params[s->nr_params - 1];

		*p = min(*p * 10 + c - '0', PARAM_MAX);
	} else if (c == ';' || c == ':') {
		if (s->nr_params < CSI_MAX_PARAMS)
			s->params[s->nr_params++] = 0;
	} else if (c >= '<' && c <= '?') {
		s->prefix = c;
	} else if (c >= '@' && c <= '~') {
		s->state = GROUND;
		if (!csi_move(s, c)) {
			csi_edit(s, c);
			csi_set(s, c);
		}
	}
}

/* ---- escape sequences, controls, characters ------------------------------ */

static void csi_begin(struct screen *s)
{
	s->state = CSI;
	s->prefix = 0;
	s->nr_params = 1;
	memset(s->params, 0, sizeof(s->params));
}

static void escape_byte(struct screen *s, u8 c)
{
	s->state = GROUND;
	switch (c) {
	case '[':
		csi_begin(s);
		break;
	case ']':
	case 'P':
	case '^':
	case '_':
		s->state = OSC;
		break;
	case '(':
		s->state = CHARSET_G0;
		break;
	case ')':
		s->state = CHARSET_G1;
		break;
	case '#':
		s->state = HASH;
		break;
	case '%':
		s->state = PERCENT;
		break;
	case '7':
		screen_save(s);
		break;
	case '8':
		screen_restore(s);
		break;
	case 'D':
		screen_linefeed(s);
		break;
	case 'E':
		screen_move(s, 0, s->y);
		screen_linefeed(s);
		break;
	case 'M':
		screen_reverse_linefeed(s);
		break;
	case 'H':
		s->tabs[s->x / 8] |= 1 << s->x % 8;
		break;
	case 'Z':
		reply(s, "\033[?6c");
		break;
	case '=':
	case '>':
		s->app_keypad = c == '=';
		break;
	case 'c':
		screen_reset(s);
		break;
	}
}

static void control(struct screen *s, u8 c)
{
	switch (c) {
	case '\a':
		s->bell = true;
		break;
	case '\b':
		screen_move(s, s->x - 1, s->y);
		break;
	case '\t':
		screen_tab(s, 1);
		break;
	case '\n':
	case '\v':
	case '\f':
		if (s->newline_mode)
			screen_move(s, 0, s->y);
		screen_linefeed(s);
		break;
	case '\r':
		screen_move(s, 0, s->y);
		break;
	case 0x0e:
		s->pen.charset = 1;
		break;
	case 0x0f:
		s->pen.charset = 0;
		break;
	case 0x18:
	case 0x1a:
		s->state = GROUND;
		break;
	case 0x1b:
		s->state = ESCAPE;
		break;
	}
}

/* Gather UTF-8; what is malformed shows as U+FFFD, one for each start. */
static void text_byte(struct screen *s, u8 c)
{
	if (s->utf8_left && (c & 0xc0) == 0x80) {
		s->utf8 = s->utf8 << 6 | (c & 0x3f);
		if (--s->utf8_left == 0)
			screen_char(s, s->utf8);
		return;
	}
	if (s->utf8_left) {
		s->utf8_left = 0;
		screen_char(s, REPLACEMENT);
	}
	if (c < 0x80) {
		screen_char(s, c);
	} else if (c >= 0xc2 && c <= 0xf4) {
		s->utf8_left = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
		s->utf8 = c & (0x3f >> s->utf8_left);
	} else {
		screen_char(s, REPLACEMENT);
	}
}

static void osc_byte(struct screen *s, u8 c)
{
	if (c == '\a' || (s->state == OSC_ESCAPE && c == '\\'))
		s->state = GROUND;
	else
		s->state = c == 0x1b ? OSC_ESCAPE : OSC;
}

static void put_byte(struct screen *s, u8 c)
{
	if (s->state == OSC || s->state == OSC_ESCAPE) {
		osc_byte(s, c);
		return;
	}
	if (c < ' ') {
		control(s, c);
		return;
	}
	if (c == 0x7f)
		return;
	switch (s->state) {
	case GROUND:
		text_byte(s, c);
		break;
	case ESCAPE:
		escape_byte(s, c);
		break;
	case CSI:
		csi_byte(s, c);
		break;
	case CHARSET_G0:
	case CHARSET_G1:
		s->pen.graphics[s->state == CHARSET_G1] = c == '0';
		s->state = GROUND;
		break;
	default:
		s->state = GROUND;
	}
}

void screen_put(struct screen *s, const u8 *buf, int n)
{
	for (int i = 0; i < n; i++)
		put_byte(s, buf[i]);
}
