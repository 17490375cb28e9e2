/* SPDX-License-Identifier: MIT */
/*
 * n_tty_test.c -- the line discipline on a device that only notes its output
 *
 * type() is the keyboard, shown() the screen, ready() the reading program.
 */

#include "n_tty.h"

#include <kernel/err.h>
#include <kernel/selftest.h>
#include <kernel/string.h>

#define OUT_SIZE 512

static char out[OUT_SIZE];
static int out_len;
static int out_room = OUT_SIZE;      /* how much the device takes now */

static int note_write(struct tty_struct *tty, const u8 *buf, int n)
{
	if (n > out_room)
		n = out_room;
	if (n > OUT_SIZE - out_len)
		n = OUT_SIZE - out_len;
	memcpy(out + out_len, buf, n);
	out_len += n;
	out_room -= n;
	return n;
}

static unsigned int note_room(struct tty_struct *tty)
{
	return out_room;
}

static const struct tty_operations note_ops = {
	.write = note_write,
	.write_room = note_room,
};

static struct tty_struct *slots[1];
static struct tty_driver note_driver = {
	.driver_name = "selftest", .name = "test", .num = 1, .ttys = slots,
	.type = TTY_DRIVER_TYPE_SERIAL, .ops = &note_ops,
};

static struct tty_struct *begin(void)
{
	struct tty_struct *tty;

	note_driver.init_termios = tty_std_termios;
	slots[0] = NULL;
	tty = tty_init_dev(&note_driver, 0);
	out_len = 0;
	out_room = OUT_SIZE;
	return IS_ERR(tty) ? NULL : tty;
}

static void type(struct tty_struct *tty, const char *text)
{
	tty_receive(tty, (const u8 *)text, strlen(text));
}

/* Was exactly this sent to the device since the last time? */
static bool shown(const char *text)
{
	bool same = out_len == (int)strlen(text) &&
		    !memcmp(out, text, out_len);

	out_len = 0;
	return same;
}

/* Is exactly this ready for a reader?  It is taken. */
static bool ready(struct tty_struct *tty, const char *text)
{
	struct n_tty_data *d = tty->disc;
	size_t n = strlen(text);
	bool same = d->line - d->tail == n;

	for (size_t i = 0; same && i < n; i++)
		same = d->buf[POS(d->tail + i)] == (u8)text[i];
	d->tail = d->line;
	return same;
}

SELFTEST(tty_line_is_ready_only_when_it_ends)
{
	struct tty_struct *tty = begin();

	REQUIRE(tty);
	type(tty, "ls");
	EXPECT(n_tty_chars_readable(tty) == 0);
	type(tty, "\r");
	EXPECT(n_tty_chars_readable(tty) == 3);
	EXPECT(ready(tty, "ls\n"));
	EXPECT(shown("ls\r\n"));
	tty_kref_put(tty);
}

SELFTEST(tty_erase_takes_back_what_was_shown)
{
	struct tty_struct *tty = begin();

	REQUIRE(tty);
	type(tty, "ab\177c\n");
	EXPECT(ready(tty, "ac\n"));
	EXPECT(shown("ab\b \bc\r\n"));
	/* A tab from column 1 is seven wide, a control character two. */
	type(tty, "a\t\177");
	EXPECT(shown("a\t\b\b\b\b\b\b\b"));
	type(tty, "\001\177\n");
	EXPECT(shown("^A\b \b\b \b\r\n"));
	EXPECT(ready(tty, "a\n"));
	/* Nothing before the line's begin is touched. */
	type(tty, "\177\177");
	EXPECT(shown(""));
	tty_kref_put(tty);
}

SELFTEST_SLOW(tty_erases_a_utf8_character_whole)
{
	struct tty_struct *tty = begin();

	REQUIRE(tty);
	tty->termios.c_iflag |= IUTF8;
	type(tty, "x\303\244\177\n");
	EXPECT(shown("x\303\244\b \b\r\n"));
	EXPECT(ready(tty, "x\n"));
	tty_kref_put(tty);
}

SELFTEST_SLOW(tty_kills_lines_and_words)
{
	struct tty_struct *tty = begin();

	REQUIRE(tty);
	type(tty, "one two \027x\n");
	EXPECT(ready(tty, "one x\n"));
	out_len = 0;
	type(tty, "abc\025d\n");
	EXPECT(ready(tty, "d\n"));
	EXPECT(shown("abc\b \b\b \b\b \bd\r\n"));
	type(tty, "\026\003z\n");            /* ^V: the next one literally */
	EXPECT(ready(tty, "\003z\n"));
	EXPECT(shown("^\b^Cz\r\n"));
	tty_kref_put(tty);
}

SELFTEST_SLOW(tty_end_of_file_delivers_what_was_typed)
{
	struct tty_struct *tty = begin();
	struct n_tty_data *d;

	REQUIRE(tty);
	d = tty->disc;
	type(tty, "ab\004");
	EXPECT(n_tty_chars_readable(tty) == 2);
	EXPECT(test_bit(POS(d->tail + 2), d->eofs));
	EXPECT(shown("ab"));
	tty_kref_put(tty);
}

SELFTEST_SLOW(tty_interrupt_forgets_the_input)
{
	struct tty_struct *tty = begin();

	REQUIRE(tty);
	type(tty, "rm -rf\003");
	EXPECT(shown("rm -rf^C"));
	type(tty, "ls\n");
	EXPECT(ready(tty, "ls\n"));
	out_len = 0;
	tty->termios.c_lflag &= ~ISIG;
	type(tty, "\003\n");
	EXPECT(ready(tty, "\003\n"));
	tty_kref_put(tty);
}

SELFTEST_SLOW(tty_raw_mode_delivers_each_byte)
{
	struct tty_struct *tty = begin();
	struct termios2 old;

	REQUIRE(tty);
	type(tty, "ab");
	old = tty->termios;
	tty->termios.c_lflag = 0;
	tty->termios.c_iflag = 0;
	n_tty_set_termios(tty, &old);
	EXPECT(ready(tty, "ab"));            /* the edited line is let go */
	out_len = 0;
	type(tty, "\003\r\177");
	EXPECT(ready(tty, "\003\r\177"));
	EXPECT(shown(""));
	tty_kref_put(tty);
}

SELFTEST_SLOW(tty_full_line_keeps_room_for_its_end)
{
	struct tty_struct *tty = begin();
	char x = 'x';

	REQUIRE(tty);
	tty->termios.c_lflag &= ~ECHO;
	for (int i = 0; i < N_TTY_SIZE + 50; i++)
		EXPECT(tty_receive(tty, (const u8 *)&x, 1) == 1);
	type(tty, "\n");
	EXPECT(n_tty_chars_readable(tty) == N_TTY_SIZE);
	/* Nobody reads: now it does not take any more. */
	EXPECT(tty_receive(tty, (const u8 *)&x, 1) == 0);
	tty_kref_put(tty);
}

SELFTEST_SLOW(tty_output_is_translated_and_stops_at_the_devices_room)
{
	struct tty_struct *tty = begin();

	REQUIRE(tty);
	EXPECT(output_some(tty, (const u8 *)"a\nb", 3) == 3);
	EXPECT(shown("a\r\nb"));
	tty->termios.c_oflag |= XTABS;
	EXPECT(output_some(tty, (const u8 *)"\r\tx", 3) == 3);
	EXPECT(shown("\r        x"));
	out_room = 9;
	EXPECT(output_some(tty, (const u8 *)"0123456789", 10) == 2);
	tty_kref_put(tty);
}

SELFTEST_SLOW(tty_stopped_output_waits_and_echoes_follow_in_order)
{
	struct tty_struct *tty = begin();

	REQUIRE(tty);
	type(tty, "\023ab");                 /* ^S */
	EXPECT(shown(""));
	EXPECT(output_some(tty, (const u8 *)"z", 1) == 0);
	type(tty, "\021");                   /* ^Q */
	EXPECT(shown("ab"));
	EXPECT(output_some(tty, (const u8 *)"z", 1) == 1);
	EXPECT(shown("z"));
	tty_kref_put(tty);
}
