/* SPDX-License-Identifier: MIT */
/*
 * n_tty_output.c -- what is written, and what is echoed, on its way out
 *
 * PROMISE.  With OPOST a newline also returns the carriage (ONLCR), tabs may
 * become spaces, and the discipline always knows the cursor's column, so that
 * erasing a tab or a ^X on the screen takes back as much as it printed.
 *
 * IDEA.  Written bytes are translated as many at a time as the device has room
 * for.  Echoes arise in interrupts, where nobody can wait for room, so they are
 * translated at once into a ring and leave it when the device can take them;
 * written bytes wait until that ring is empty, so the order on the screen is
 * the order in time.
 *
 * LOCKING.  All with disc->lock, under which the driver's write() is called.
 */

#include "n_tty.h"

#include <kernel/ctype.h>
#include <kernel/math.h>
#include <kernel/string.h>

#define TAB 8
#define OUT_CHUNK 256

static int opost_newline(struct tty_struct *tty, u8 *out)
{
	struct n_tty_data *d = tty->disc;
	int n = 0;

	if (O_FLAG(tty, ONLCR)) {
		out[n++] = '\r';
		d->column = 0;
	} else if (O_FLAG(tty, ONLRET)) {
		d->column = 0;
	}
	out[n++] = '\n';
	return n;
}

static int opost_return(struct tty_struct *tty, u8 *out)
{
	struct n_tty_data *d = tty->disc;

	if (O_FLAG(tty, ONOCR) && d->column == 0)
		return 0;
	if (O_FLAG(tty, OCRNL)) {
		out[0] = '\n';
		if (O_FLAG(tty, ONLRET))
			d->column = 0;
		return 1;
	}
	out[0] = '\r';
	d->column = 0;
	return 1;
}

static int opost_tab(struct tty_struct *tty, u8 *out)
{
	struct n_tty_data *d = tty->disc;
	unsigned int width = TAB - d->column % TAB;

	d->column += width;
	if ((tty->termios.c_oflag & TABDLY) == XTABS) {
		memset(out, ' ', width);
		return width;
	}
	out[0] = '\t';
	return 1;
}

int opost_char(struct tty_struct *tty, u8 c, u8 *out)
{
	struct n_tty_data *d = tty->disc;

	switch (c) {
	case '\n':
		return opost_newline(tty, out);
	case '\r':
		return opost_return(tty, out);
	case '\t':
		return opost_tab(tty, out);
	case '\b':
		if (d->column > 0)
			d->column--;
		break;
	default:
		if (c < ' ' || c == 0x7f || is_continuation(tty, c))
			break;
		if (O_FLAG(tty, OLCUC))
			c = toupper(c);
		d->column++;
	}
	out[0] = c;
	return 1;
}

void echo_byte(struct tty_struct *tty, u8 c)
{
	struct n_tty_data *d = tty->disc;

	if (d->echo_head - d->echo_tail < N_TTY_ECHO)
		d->echo[d->echo_head++ % N_TTY_ECHO] = c;
}

void echo_char(struct tty_struct *tty, u8 c)
{
	u8 out[TAB];
	int n = 1;

	out[0] = c;
	if (O_FLAG(tty, OPOST))
		n = opost_char(tty, c, out);
	for (int i = 0; i < n; i++)
		echo_byte(tty, out[i]);
}

void echo_visible(struct tty_struct *tty, u8 c)
{
	struct n_tty_data *d = tty->disc;

	if (L_FLAG(tty, ECHOCTL) && (c < ' ' || c == 0x7f) && c != '\t') {
		echo_byte(tty, '^');
		echo_byte(tty, c ^ 0x40);
		d->column += 2;
	} else {
		echo_char(tty, c);
	}
}

void echo_flush(struct tty_struct *tty)
{
	struct n_tty_data *d = tty->disc;

	while (d->echo_tail != d->echo_head && !READ_ONCE(tty->flow_stopped)) {
		size_t at = d->echo_tail % N_TTY_ECHO;
		size_t n = min(d->echo_head - d->echo_tail, N_TTY_ECHO - at);
		int took = tty->ops->write(tty, d->echo + at, n);

		if (took <= 0)
			break;
		d->echo_tail += took;
	}
}

/* Translate into pieces that the device has room for. */
static int output_translated(struct tty_struct *tty, const u8 *buf, int n)
{
	int done = 0;

	while (done < n) {
		u8 out[OUT_CHUNK];
		int room = min(tty->ops->write_room(tty), (unsigned)OUT_CHUNK);
		int len = 0, first = done;

		while (done < n && len + TAB <= room)
			len += opost_char(tty, buf[done++], out + len);
		if (done == first)
			break;
		tty->ops->write(tty, out, len);
	}
	return done;
}

int output_some(struct tty_struct *tty, const u8 *buf, int n)
{
	struct n_tty_data *d = tty->disc;
	unsigned long flags;

	/* It has neither OPOST nor echoes, and its lock comes last: pty.c. */
	if (tty_is_pty_master(tty))
		return tty->ops->write(tty, buf, n);
	spin_lock_irqsave(&d->lock, flags);
	echo_flush(tty);
	if (d->echo_tail != d->echo_head || READ_ONCE(tty->flow_stopped))
		n = 0;
	else if (O_FLAG(tty, OPOST))
		n = output_translated(tty, buf, n);
	else
		n = tty->ops->write(tty, buf, n);
	spin_unlock_irqrestore(&d->lock, flags);
	return n;
}
