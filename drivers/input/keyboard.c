/* SPDX-License-Identifier: MIT */
/*
 * keyboard.c -- keys to bytes
 *
 * IDEA.  Scan code set 1 gives each key a number below 128, and the same number
 * with bit 7 when it is let go.  The keys that came after the first PC keyboard
 * (arrows, right Ctrl and Alt) have a 0xe0 in front.  Printing keys send the
 * character of their row in the map, changed by Shift, Caps Lock and Ctrl; Alt
 * puts an ESC in front; the others send what the terminal type "linux" says.
 *
 * LOCKING.  One keyboard, one interrupt at a time: no lock.
 *
 * SEE console_codes(4), terminfo's entry `linux`; docs/61-console.md
 */

#include "keyboard.h"

#include <drivers/vt.h>
#include <kernel/ctype.h>
#include <kernel/string.h>

enum { KEY_CTRL = 0x1d, KEY_LSHIFT = 0x2a, KEY_RSHIFT = 0x36, KEY_ALT = 0x38,
       KEY_CAPS = 0x3a, KEY_F1 = 0x3b, KEY_F10 = 0x44, KEY_F11 = 0x57,
       KEY_F12 = 0x58, KEY_NUMLOCK = 0x45 };
#define RELEASED 0x80
#define EXTENDED 0xe0
#define EXTENDED_PAUSE 0xe1

static bool shift, ctrl, alt, caps;
static bool extended;
static u8 skip;                      /* rest of the Pause key's code */

static const char plain[] =
	"\0\0331234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./"
	"\0*\0 ";
static const char shifted[] =
	"\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?"
	"\0*\0 ";

/* From 0x47: the keypad with Num Lock. */
static const char keypad[] = "789-456+1230.";

/* The same keys without it, and those with the 0xe0: what they send. */
static const char *const cursor_keys[] = {
	"\033[1~", "\033[A", "\033[5~", NULL, "\033[D", "\033[G", "\033[C",
	NULL, "\033[4~", "\033[B", "\033[6~", "\033[2~", "\033[3~",
};

static const char *const function_keys[] = {
	"\033[[A", "\033[[B", "\033[[C", "\033[[D", "\033[[E", "\033[17~",
	"\033[18~", "\033[19~", "\033[20~", "\033[21~", "\033[23~",
	"\033[24~",
};

static void send(const char *text)
{
	vt_key_input((const u8 *)text, strlen(text));
}

static void send_cursor(const char *text)
{
	char app[4] = "\033O";

	if (!text)
		return;
	if (strlen(text) == 3 && text[2] >= 'A' && text[2] <= 'D' &&
	    vt_app_cursor()) {
		app[2] = text[2];
		text = app;
	}
	send(text);
}

static u8 apply_ctrl(u8 c)
{
	if (c == ' ' || c == '2')
		return 0;
	if (c == '/')
		return 0x1f;
	return c >= '@' ? c & 0x1f : c;
}

static void send_char(u8 c)
{
	u8 out[2] = { 0x1b, c };

	if (ctrl)
		out[1] = apply_ctrl(c);
	if (alt)
		vt_key_input(out, 2);
	else
		vt_key_input(out + 1, 1);
}

static void function_key(int n)
{
	if (alt && n < NR_VTS)
		vt_switch(n);
	else
		send(function_keys[n]);
}

static void printing_key(u8 key)
{
	u8 c = shift ? shifted[key] : plain[key];

	if (caps && isalpha(c))
		c ^= 0x20;
	if (c)
		send_char(c);
}

static void key_pressed(u8 key, bool ext)
{
	unsigned int pad = key - 0x47;

	if (ext && key == 0x1c)
		send_char('\r');
	else if (ext && key == 0x35)
		send_char('/');
	else if (pad < sizeof(keypad) - 1 && ext)
		send_cursor(cursor_keys[pad]);
	else if (pad < sizeof(keypad) - 1)
		send_char(keypad[pad]);
	else if (key >= KEY_F1 && key <= KEY_F10)
		function_key(key - KEY_F1);
	else if (key == KEY_F11 || key == KEY_F12)
		function_key(key - KEY_F11 + 10);
	else if (key == KEY_CAPS)
		caps = !caps;
	else if (!ext && key < sizeof(plain) - 1)
		printing_key(key);
}

void keyboard_scancode(u8 code)
{
	bool down = !(code & RELEASED), ext = extended;
	u8 key = code & ~RELEASED;

	if (skip) {
		skip--;
		return;
	}
	if (code == EXTENDED_PAUSE) {
		skip = 2;
		return;
	}
	extended = code == EXTENDED;
	if (extended)
		return;
	if (key == KEY_LSHIFT || key == KEY_RSHIFT) {
		if (!ext)                    /* 0xe0 0x2a is no Shift */
			shift = down;
	} else if (key == KEY_CTRL) {
		ctrl = down;
	} else if (key == KEY_ALT) {
		alt = down;
	} else if (down) {
		key_pressed(key, ext);
	}
}
