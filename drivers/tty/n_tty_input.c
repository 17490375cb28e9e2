/* SPDX-License-Identifier: MIT */
/*
 * n_tty_input.c -- what a typed byte goes through before a program reads it
 *
 * PROMISE.  A program in canonical mode reads whole lines that the user could
 * edit: erase a character, a word, the line.  ^C, ^\ and ^Z signal the
 * foreground group without any program reading.  What is on the screen is at
 * all times what is in the line.
 *
 * IDEA.  A byte passes, in this order: stripping, flow control (^S ^Q),
 * signals, carriage-return mapping, line editing, echo, the ring (n_tty.h has
 * its picture). Erasing on the screen goes by columns: the width of what is
 * left of the line is computed anew, and the cursor steps back from where it is
 * to there.
 *
 * INVARIANTS
 *   I1  tail <= line <= head <= tail + N_TTY_SIZE.
 *   I2  Not canonical: line == head.
 *   I3  Editing never moves head below line: what is committed is not ours.
 *
 * LOCKING.  disc->lock, irqs off: bytes come from interrupts.  Signals are sent
 * after it is dropped.
 *
 * SEE POSIX.1-2017, 11.1 "Interface Characteristics"; docs/60-tty.md.
 *
 * EXERCISES.  1. Type `a`, Tab, `b`, then Erase twice.  Which columns does the
 * cursor pass?  2. Why may a full canonical buffer without a newline not simply
 * stop taking bytes?
 */

#include "n_tty.h"

#include <kernel/ctype.h>
#include <kernel/math.h>
#include <kernel/pid.h>
#include <kernel/signal.h>

/* ---- the ring ------------------------------------------------------------ */

static size_t used(const struct n_tty_data *d)
{
	return d->head - d->tail;
}

static void bell(struct tty_struct *tty)
{
	if (I_FLAG(tty, IMAXBEL))
		echo_byte(tty, '\a');
}

static void put(struct n_tty_data *d, u8 c)
{
	clear_bit(POS(d->head), d->ends);
	clear_bit(POS(d->head), d->eofs);
	d->buf[POS(d->head)] = c;
	d->head++;
}

/* An ordinary byte; the last free place is kept for the line's end. */
static void put_data(struct tty_struct *tty, u8 c)
{
	struct n_tty_data *d = tty->disc;

	if (used(d) >= N_TTY_SIZE - 1) {
		bell(tty);
		return;
	}
	if (I_FLAG(tty, PARMRK) && c == 0xff && used(d) < N_TTY_SIZE - 2)
		put(d, 0xff);
	put(d, c);
	if (!L_FLAG(tty, ICANON))
		d->line = d->head;                                /* I2 */
}

static void end_line(struct n_tty_data *d, u8 c, bool eof)
{
	put(d, c);
	set_bit(POS(d->head - 1), eof ? d->eofs : d->ends);
	d->line = d->head;
}

/* ---- erasing ------------------------------------------------------------- */

/* The cursor's column if the edited line were echoed up to `end`. */
static unsigned int column_at(struct tty_struct *tty, size_t end)
{
	struct n_tty_data *d = tty->disc;
	unsigned int col = d->line_column;

	for (size_t p = d->line; p != end; p++) {
		u8 c = d->buf[POS(p)];

		if (c == '\t')
			col = (col | 7) + 1;
		else if (c < ' ' || c == 0x7f)
			col += L_FLAG(tty, ECHOCTL) ? 2 : 0;
		else if (!is_continuation(tty, c))
			col++;
	}
	return col;
}

/* Take from the screen what c, now beyond head, had put there. */
static void unecho(struct tty_struct *tty, u8 c)
{
	struct n_tty_data *d = tty->disc;
	unsigned int target = column_at(tty, d->head);
	unsigned int width = d->column > target ? d->column - target : 0;

	for (width = min(width, 8U); width; width--) {
		echo_byte(tty, '\b');
		if (c != '\t') {
			echo_byte(tty, ' ');
			echo_byte(tty, '\b');
		}
		d->column--;
	}
}

/* Drop the last character of the edited line; its first byte. */
static u8 drop_char(struct tty_struct *tty)
{
	struct n_tty_data *d = tty->disc;
	u8 c;

	do {
		c = d->buf[POS(--d->head)];
	} while (is_continuation(tty, c) && d->head != d->line);    /* I3 */
	return c;
}

static void erase_char(struct tty_struct *tty, u8 typed)
{
	struct n_tty_data *d = tty->disc;
	u8 c;

	if (d->head == d->line)
		return;
	c = drop_char(tty);
	if (!L_FLAG(tty, ECHO))
		return;
	if (L_FLAG(tty, ECHOE))
		unecho(tty, c);
	else
		echo_visible(tty, typed);
}

static void erase_word(struct tty_struct *tty, u8 typed)
{
	struct n_tty_data *d = tty->disc;
	bool in_word = false;

	while (d->head != d->line) {
		size_t p = d->head - 1;
		u8 c;

		while (is_continuation(tty, d->buf[POS(p)]) && p != d->line)
			p--;
		c = d->buf[POS(p)];
		if (isalnum(c) || c == '_' || c >= 0x80)
			in_word = true;
		else if (in_word)
			break;
		erase_char(tty, typed);
	}
}

static void kill_line(struct tty_struct *tty, u8 typed)
{
	struct n_tty_data *d = tty->disc;
	u32 visual = ECHO | ECHOE | ECHOK | ECHOKE;

	if (L_FLAG(tty, ECHO) && (tty->termios.c_lflag & visual) == visual) {
		while (d->head != d->line)
			erase_char(tty, typed);
		return;
	}
	d->head = d->line;
	if (L_FLAG(tty, ECHO)) {
		echo_visible(tty, typed);
		if (L_FLAG(tty, ECHOK))
			echo_char(tty, '\n');
	}
}

static void reprint(struct tty_struct *tty, u8 typed)
{
	struct n_tty_data *d = tty->disc;

	echo_visible(tty, typed);
	echo_char(tty, '\n');
	d->line_column = d->column;
	for (size_t p = d->line; p != d->head; p++)
		echo_visible(tty, d->buf[POS(p)]);
}

/* ---- one byte ------------------------------------------------------------ */

static void echo_input(struct tty_struct *tty, u8 c)
{
	struct n_tty_data *d = tty->disc;

	if (!L_FLAG(tty, ECHO))
		return;
	if (d->head == d->line)
		d->line_column = d->column;
	if (c == '\n')
		echo_char(tty, c);
	else
		echo_visible(tty, c);
}

/* A byte that edits or ends the line; false if it is an ordinary one. */
static bool canon_byte(struct tty_struct *tty, u8 c)
{
	struct n_tty_data *d = tty->disc;
	bool ext = L_FLAG(tty, IEXTEN);

	if (IS_CC(tty, VERASE, c)) {
		erase_char(tty, c);
	} else if (IS_CC(tty, VKILL, c)) {
		kill_line(tty, c);
	} else if (ext && IS_CC(tty, VWERASE, c)) {
		erase_word(tty, c);
	} else if (ext && IS_CC(tty, VLNEXT, c)) {
		d->lnext = true;
		if (L_FLAG(tty, ECHO) && L_FLAG(tty, ECHOCTL)) {
			echo_byte(tty, '^');
			echo_byte(tty, '\b');
		}
	} else if (ext && L_FLAG(tty, ECHO) && IS_CC(tty, VREPRINT, c)) {
		reprint(tty, c);
	} else if (c == '\n') {
		if (L_FLAG(tty, ECHO) || L_FLAG(tty, ECHONL))
			echo_char(tty, '\n');
		end_line(d, c, false);
	} else if (IS_CC(tty, VEOF, c)) {
		end_line(d, 0, true);
	} else if (IS_CC(tty, VEOL, c) || (ext && IS_CC(tty, VEOL2, c))) {
		echo_input(tty, c);
		end_line(d, c, false);
	} else {
		return false;
	}
	return true;
}

/* The signal that c sends, or 0. */
static int signal_of(const struct tty_struct *tty, u8 c)
{
	if (!L_FLAG(tty, ISIG))
		return 0;
	if (IS_CC(tty, VINTR, c))
		return SIGINT;
	if (IS_CC(tty, VQUIT, c))
		return SIGQUIT;
	return IS_CC(tty, VSUSP, c) ? SIGTSTP : 0;
}

/* Forget all input, and what was not yet sent. */
static void flush_for_signal(struct tty_struct *tty)
{
	struct n_tty_data *d = tty->disc;

	if (L_FLAG(tty, NOFLSH))
		return;
	echo_flush(tty);
	d->tail = d->line = d->head;
	d->echo_tail = d->echo_head;
	if (tty->ops->flush_buffer)
		tty->ops->flush_buffer(tty);
}

/* Returns a signal that is to be sent, or 0. */
static int receive_byte(struct tty_struct *tty, u8 c)
{
	struct n_tty_data *d = tty->disc;
	int sig;

	if (I_FLAG(tty, ISTRIP))
		c &= 0x7f;
	if (I_FLAG(tty, IUCLC) && L_FLAG(tty, IEXTEN))
		c = tolower(c);
	if (d->lnext) {
		d->lnext = false;
		echo_input(tty, c);
		put_data(tty, c);
		return 0;
	}
	if (I_FLAG(tty, IXON)) {
		if (IS_CC(tty, VSTART, c) || IS_CC(tty, VSTOP, c)) {
			__tty_set_flow(tty, !IS_CC(tty, VSTART, c));
			return 0;
		}
		if (I_FLAG(tty, IXANY))
			__tty_set_flow(tty, false);
	}
	sig = signal_of(tty, c);
	if (sig) {
		flush_for_signal(tty);
		if (I_FLAG(tty, IXON))
			__tty_set_flow(tty, false);
		if (L_FLAG(tty, ECHO))
			echo_visible(tty, c);
		return sig;
	}
	if (c == '\r') {
		if (I_FLAG(tty, IGNCR))
			return 0;
		if (I_FLAG(tty, ICRNL))
			c = '\n';
	} else if (c == '\n' && I_FLAG(tty, INLCR)) {
		c = '\r';
	}
	if (L_FLAG(tty, ICANON) && canon_byte(tty, c))
		return 0;
	echo_input(tty, c);
	put_data(tty, c);
	return 0;
}

/* ---- from the driver ----------------------------------------------------- */

/* Is there a place for one more byte, or may one be thrown away? */
static bool can_take(const struct tty_struct *tty)
{
	const struct n_tty_data *d = tty->disc;

	if (used(d) < N_TTY_SIZE - 1)
		return true;
	return L_FLAG(tty, ICANON) && d->line == d->tail &&
	       used(d) < N_TTY_SIZE;
}

static void signal_foreground(struct tty_struct *tty, int sig)
{
	struct pid *pgrp = tty_get_pgrp(tty);

	if (pgrp)
		kill_pgrp(pgrp, sig, 1);
	put_pid(pgrp);
}

/* After disc->lock is dropped: tell whom it concerns. */
static void announce(struct tty_struct *tty, u32 signals, bool readable)
{
	for (int sig = 1; signals >> sig; sig++)
		if (signals & (1U << sig))
			signal_foreground(tty, sig);
	if (readable)
		wake_up_interruptible_poll(&tty->read_wait,
					   EPOLLIN | EPOLLRDNORM);
}

int tty_receive(struct tty_struct *tty, const u8 *buf, int n)
{
	struct n_tty_data *d = tty->disc;
	unsigned long flags;
	u32 signals = 0;
	bool readable;
	int i;

	spin_lock_irqsave(&d->lock, flags);
	for (i = 0; i < n && can_take(tty); i++)
		signals |= 1U << receive_byte(tty, buf[i]);
	if (i < n)
		bell(tty);
	echo_flush(tty);
	readable = d->line != d->tail;
	spin_unlock_irqrestore(&d->lock, flags);
	announce(tty, signals & ~1U, readable);
	return i;
}

void tty_receive_break(struct tty_struct *tty)
{
	struct n_tty_data *d = tty->disc;
	unsigned long flags;
	u32 signals = 0;

	if (I_FLAG(tty, IGNBRK))
		return;
	spin_lock_irqsave(&d->lock, flags);
	if (I_FLAG(tty, BRKINT)) {
		flush_for_signal(tty);
		signals = 1U << SIGINT;
	} else {
		if (I_FLAG(tty, PARMRK)) {
			put_data(tty, 0xff);
			put_data(tty, 0);
		}
		put_data(tty, 0);
	}
	spin_unlock_irqrestore(&d->lock, flags);
	announce(tty, signals, true);
}
