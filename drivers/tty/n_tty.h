/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_TTY_N_TTY_H
#define DRIVERS_TTY_N_TTY_H
/* n_tty.h -- the line discipline's own state, shared by its three files */

#include <drivers/tty.h>
#include <kernel/bitmap.h>
#include <kernel/mutex.h>
#include <kernel/spinlock.h>

#define N_TTY_SIZE 4096          /* MAX_CANON is 4095, and its newline */
#define N_TTY_ECHO 4096

/*
 * Input lies in a ring; the three positions only ever grow:
 *
 *	tail            line             head
 *	 |  committed    |  being edited  |   free
 *	 | "ls -l\n"     | "cat fo"       |
 *
 * A reader gets what is committed.  In canonical mode a line is committed by
 * its end; else each byte at once (line == head always).  `ends` marks the last
 * byte of a line, `eofs` a place where ^D was typed: a byte that is never
 * delivered.
 *
 * Field keys:  [L] .lock   [r] read_mutex   [c] constant
 */
struct n_tty_data {
	spinlock_t lock;              /* irq-safe; then the driver's own */
	size_t tail, line, head;      /* [L] */
	bool lnext;                   /* [L] the next byte is taken literally */
	unsigned int column;          /* [L] of the cursor */
	unsigned int line_column;     /* [L] where the edited line began */
	size_t echo_tail, echo_head;  /* [L] echoes that the device must take */
	struct mutex read_mutex;      /* one reader at a time */
	DECLARE_BITMAP(ends, N_TTY_SIZE); /* [L] */
	DECLARE_BITMAP(eofs, N_TTY_SIZE); /* [L] */
	u8 buf[N_TTY_SIZE];           /* [L] */
	u8 echo[N_TTY_ECHO];          /* [L] */
};

#define POS(p) ((p) % N_TTY_SIZE)
#define IS_CC(tty, which, c) \
	((c) != 0 && (tty)->termios.c_cc[which] == (c))

/* A byte of UTF-8 that continues a character: it has no width. */
static inline bool is_continuation(const struct tty_struct *tty, u8 c)
{
	return I_FLAG(tty, IUTF8) && (c & 0xc0) == 0x80;
}

static inline bool tty_is_pty_master(const struct tty_struct *tty)
{
	return tty->driver->type == TTY_DRIVER_TYPE_PTY &&
	       tty->driver->subtype == PTY_TYPE_MASTER;
}

/* tty_io.c: stop or go on with output; any context, lock held or not. */
void __tty_set_flow(struct tty_struct *tty, bool stopped);

/* n_tty_output.c; lock held. */
/* Translate c as OPOST says into out[8], move the column; how many bytes. */
int opost_char(struct tty_struct *tty, u8 c, u8 *out);
void echo_byte(struct tty_struct *tty, u8 c);     /* as it is */
void echo_char(struct tty_struct *tty, u8 c);     /* through OPOST */
void echo_visible(struct tty_struct *tty, u8 c);  /* controls as ^X */
void echo_flush(struct tty_struct *tty);          /* to the device */
/* Lock not held: up to n bytes to the device; how many it took. */
int output_some(struct tty_struct *tty, const u8 *buf, int n);

#endif
