/* SPDX-License-Identifier: MIT */
/*
 * tty_ioctl.c -- asking and changing a terminal's modes
 *
 * PROMISE.  TCSETSW and TCSETSF change the modes after all that was written has
 * been sent; a change by a background process stops it first (SIGTTOU).
 *
 * LOCKING.  termios_rwsem; the discipline and the driver read single words of
 * the modes without it, and hear of each change.
 *
 * A pty has one set of modes, the slave's, whichever side asks (real_tty).
 *
 * SEE POSIX.1-2017, 11.2; termios(3); docs/60-tty.md
 */

#include <drivers/tty.h>

#include <arch/uaccess.h>
#include <kernel/bitops.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/jiffies.h>
#include <kernel/math.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/string.h>

#include "n_tty.h"
#include "tty_impl.h"

static const struct {
	u32 code, baud;
} speeds[] = {
	{ B0, 0 }, { B50, 50 }, { 2, 75 }, { 3, 110 }, { 4, 134 }, { 5, 150 },
	{ 6, 200 }, { B300, 300 }, { 010, 600 }, { B1200, 1200 },
	{ 012, 1800 }, { B2400, 2400 }, { B4800, 4800 }, { B9600, 9600 },
	{ B19200, 19200 }, { B38400, 38400 }, { B57600, 57600 },
	{ B115200, 115200 }, { 010003, 230400 }, { 010004, 460800 },
	{ 010005, 500000 }, { 010006, 576000 }, { 010007, 921600 },
	{ 010010, 1000000 }, { 010011, 1152000 }, { 010012, 1500000 },
};

unsigned int tty_termios_baud_rate(const struct termios2 *t)
{
	u32 code = t->c_cflag & CBAUD;

	if (code == BOTHER)
		return t->c_ospeed;
	for (unsigned int i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		if (speeds[i].code == code)
			return speeds[i].baud;
	return 9600;
}

int tty_wait_until_sent(struct tty_struct *tty)
{
	while (tty->ops->chars_in_buffer && tty->ops->chars_in_buffer(tty)) {
		if (signal_pending(current))
			return -ERESTARTSYS;
		schedule_timeout_interruptible(max(HZ / 100, 1));
	}
	return 0;
}

int tty_set_termios(struct tty_struct *tty, const struct termios2 *new)
{
	struct termios2 old;

	down_write(&tty->termios_rwsem);
	old = tty->termios;
	tty->termios = *new;
	if (tty->driver->type == TTY_DRIVER_TYPE_PTY) {
		tty->termios.c_cflag &= ~(CSIZE | PARENB);
		tty->termios.c_cflag |= CS8 | CREAD;
	}
	if ((tty->termios.c_cflag & CBAUD) != BOTHER)
		tty->termios.c_ispeed = tty->termios.c_ospeed =
			tty_termios_baud_rate(&tty->termios);
	n_tty_set_termios(tty, &old);
	if (tty->ops->set_termios)
		tty->ops->set_termios(tty, &old);
	up_write(&tty->termios_rwsem);
	return 0;
}

static int get_termios(struct tty_struct *tty, void __user *arg, size_t size)
{
	struct termios2 t;

	down_read(&tty->termios_rwsem);
	t = tty->termios;
	up_read(&tty->termios_rwsem);
	return copy_to_user(arg, &t, size) ? -EFAULT : 0;
}

/* The same in System V's form. */
static int get_termio(struct tty_struct *tty, void __user *arg)
{
	struct termio old = { 0 };
	struct termios2 *t = &tty->termios;

	down_read(&tty->termios_rwsem);
	old.c_iflag = t->c_iflag;
	old.c_oflag = t->c_oflag;
	old.c_cflag = t->c_cflag;
	old.c_lflag = t->c_lflag;
	old.c_line = t->c_line;
	memcpy(old.c_cc, t->c_cc, NCC);
	up_read(&tty->termios_rwsem);
	return copy_to_user(arg, &old, sizeof(old)) ? -EFAULT : 0;
}

/* What a struct termio has no room for stays as it is. */
static int read_termio(struct termios2 *t, const void __user *arg)
{
	struct termio old;

	if (copy_from_user(&old, arg, sizeof(old)))
		return -EFAULT;
	t->c_iflag = (t->c_iflag & ~0xffffu) | old.c_iflag;
	t->c_oflag = (t->c_oflag & ~0xffffu) | old.c_oflag;
	t->c_cflag = (t->c_cflag & ~0xffffu) | old.c_cflag;
	t->c_lflag = (t->c_lflag & ~0xffffu) | old.c_lflag;
	t->c_line = old.c_line;
	memcpy(t->c_cc, old.c_cc, NCC);
	return 0;
}

enum { DRAIN = 1, FLUSH = 2 };

/* size says which of the three structures arg is. */
static int change_termios(struct tty_struct *tty, const void __user *arg,
			  size_t size, int how)
{
	struct termios2 t;
	int err = tty_check_change(tty);

	if (err)
		return err;
	down_read(&tty->termios_rwsem);
	t = tty->termios;
	up_read(&tty->termios_rwsem);
	if (size == sizeof(struct termio))
		err = read_termio(&t, arg);
	else if (copy_from_user(&t, arg, size))
		err = -EFAULT;
	if (err)
		return err;
	if (how & FLUSH)
		n_tty_flush_input(tty);
	if (how & DRAIN) {
		err = tty_wait_until_sent(tty);
		if (err)
			return err;
	}
	return tty_set_termios(tty, &t);
}

static int flush(struct tty_struct *tty, unsigned long what)
{
	int err = tty_check_change(tty);

	if (err)
		return err;
	if (what > TCIOFLUSH)
		return -EINVAL;
	if (what != TCOFLUSH)
		n_tty_flush_input(tty);
	if (what != TCIFLUSH && tty->ops->flush_buffer) {
		unsigned long flags;

		spin_lock_irqsave(&tty->disc->lock, flags);
		tty->disc->echo_tail = tty->disc->echo_head;
		tty->ops->flush_buffer(tty);
		spin_unlock_irqrestore(&tty->disc->lock, flags);
		tty_wakeup(tty);
	}
	return 0;
}

static int flow(struct tty_struct *tty, unsigned long what)
{
	int err = tty_check_change(tty);
	u8 c;

	if (err)
		return err;
	switch (what) {
	case TCOOFF:
		stop_tty(tty);
		return 0;
	case TCOON:
		start_tty(tty);
		return 0;
	case TCIOFF:
	case TCION:
		c = tty->termios.c_cc[what == TCIOFF ? VSTOP : VSTART];
		if (c)
			output_some(tty, &c, 1);
		return 0;
	}
	return -EINVAL;
}

static int send_break(struct tty_struct *tty, unsigned int ms)
{
	int err = 0;

	if (!tty->ops->break_ctl)
		return 0;
	err = tty->ops->break_ctl(tty, -1);
	if (!err) {
		schedule_timeout_interruptible(msecs_to_jiffies(ms));
		err = tty->ops->break_ctl(tty, 0);
	}
	return signal_pending(current) ? -EINTR : err;
}

/* TCSBRK: arg 0 a break, else only wait.  TCSBRKP: tenths of a second. */
static int drain_or_break(struct tty_struct *tty, unsigned int cmd,
			  unsigned long arg)
{
	int err = tty_check_change(tty);

	if (!err)
		err = tty_wait_until_sent(tty);
	if (err)
		return err;
	if (cmd == TCSBRKP)
		return send_break(tty, arg ? min(arg, 100UL) * 100 : 250);
	return arg ? 0 : send_break(tty, 250);
}

int tty_do_resize(struct tty_struct *tty, struct winsize *ws)
{
	struct pid *pgrp, *other = NULL;

	mutex_lock(&tty->winsize_mutex);
	if (!memcmp(ws, &tty->winsize, sizeof(*ws))) {
		mutex_unlock(&tty->winsize_mutex);
		return 0;
	}
	tty->winsize = *ws;
	if (tty->link)
		tty->link->winsize = *ws;
	mutex_unlock(&tty->winsize_mutex);
	pgrp = tty_get_pgrp(tty);
	if (tty->link)
		other = tty_get_pgrp(tty->link);
	if (pgrp)
		kill_pgrp(pgrp, SIGWINCH, 1);
	if (other && other != pgrp)
		kill_pgrp(other, SIGWINCH, 1);
	put_pid(pgrp);
	put_pid(other);
	return 0;
}

static int winsize_ioctl(struct tty_struct *tty, unsigned int cmd,
			 struct winsize __user *arg)
{
	struct winsize ws;

	if (cmd == TIOCGWINSZ) {
		mutex_lock(&tty->winsize_mutex);
		ws = tty->winsize;
		mutex_unlock(&tty->winsize_mutex);
		return copy_to_user(arg, &ws, sizeof(ws)) ? -EFAULT : 0;
	}
	if (copy_from_user(&ws, arg, sizeof(ws)))
		return -EFAULT;
	return tty->ops->resize ? tty->ops->resize(tty, &ws)
				: tty_do_resize(tty, &ws);
}

/* Act as if the byte had been typed. */
static int simulate_input(struct tty_struct *tty, const u8 __user *arg)
{
	u8 c;

	if (current->signal->tty != tty && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(c, arg))
		return -EFAULT;
	tty_receive(tty, &c, 1);
	return 0;
}

int tty_mode_ioctl(struct tty_struct *tty, struct file *file, unsigned int cmd,
		   unsigned long arg)
{
	void __user *p = (void __user *)arg;
	const size_t size1 = sizeof(struct termio);
	const size_t size = sizeof(struct termios);
	const size_t size2 = sizeof(struct termios2);

	switch (cmd) {
	case TCGETS:
		return get_termios(tty, p, size);
	case TCGETS2:
		return get_termios(tty, p, size2);
	case TCGETA:
		return get_termio(tty, p);
	case TCSETA:
		return change_termios(tty, p, size1, 0);
	case TCSETAW:
		return change_termios(tty, p, size1, DRAIN);
	case TCSETAF:
		return change_termios(tty, p, size1, DRAIN | FLUSH);
	case TCSETS:
		return change_termios(tty, p, size, 0);
	case TCSETSW:
		return change_termios(tty, p, size, DRAIN);
	case TCSETSF:
		return change_termios(tty, p, size, DRAIN | FLUSH);
	case TCSETS2:
		return change_termios(tty, p, size2, 0);
	case TCSETSW2:
		return change_termios(tty, p, size2, DRAIN);
	case TCSETSF2:
		return change_termios(tty, p, size2, DRAIN | FLUSH);
	case TCFLSH:
		return flush(tty, arg);
	case TCXONC:
		return flow(tty, arg);
	case TCSBRK:
	case TCSBRKP:
		return drain_or_break(tty, cmd, arg);
	}
	return -ENOIOCTLCMD;
}

/* Those that concern this side of a pty and not the other. */
static int side_ioctl(struct tty_struct *tty, struct file *file,
		      unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case FIONREAD:
		return put_user((int)n_tty_chars_readable(tty),
				(int __user *)arg);
	case TIOCOUTQ:
		return put_user(tty->ops->chars_in_buffer ?
				(int)tty->ops->chars_in_buffer(tty) : 0,
				(int __user *)arg);
	case TIOCEXCL:
		set_bit(TTY_EXCLUSIVE, &tty->flags);
		return 0;
	case TIOCNXCL:
		clear_bit(TTY_EXCLUSIVE, &tty->flags);
		return 0;
	case TIOCGEXCL:
		return put_user(!!test_bit(TTY_EXCLUSIVE, &tty->flags),
				(int __user *)arg);
	case TIOCGETD:
		return put_user(N_TTY, (int __user *)arg);
	case TIOCGDEV:
		return put_user((unsigned int)new_encode_dev(tty_devnum(tty)),
				(unsigned int __user *)arg);
	case TIOCSTI:
		return simulate_input(tty, (const u8 __user *)arg);
	case TIOCVHANGUP:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		tty_hangup(tty);
		return 0;
	case TIOCSBRK:
	case TIOCCBRK:
		return tty->ops->break_ctl ?
			tty->ops->break_ctl(tty, cmd == TIOCSBRK ? -1 : 0) :
			-ENOTTY;
	case TIOCMGET:
		if (!tty->ops->tiocmget)
			return -ENOTTY;
		return put_user(tty->ops->tiocmget(tty), (int __user *)arg);
	}
	return -ENOIOCTLCMD;
}

static int set_discipline(const int __user *arg)
{
	int disc;

	if (get_user(disc, arg))
		return -EFAULT;
	return disc == N_TTY ? 0 : -EINVAL;
}

long tty_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct tty_struct *tty = file_tty(file), *real_tty = tty;
	int ret;

	if (tty_is_pty_master(tty))
		real_tty = tty->link;
	if (cmd == TIOCGWINSZ || cmd == TIOCSWINSZ)
		return winsize_ioctl(real_tty, cmd,
				     (struct winsize __user *)arg);
	if (cmd == TIOCSETD)
		return set_discipline((const int __user *)arg);
	ret = tty_jobctrl_ioctl(tty, real_tty, file, cmd, arg);
	if (ret == -ENOIOCTLCMD)
		ret = side_ioctl(tty, file, cmd, arg);
	if (ret == -ENOIOCTLCMD && tty->driver->type == TTY_DRIVER_TYPE_PTY)
		ret = pty_ioctl(tty, file, cmd, arg);
	if (ret == -ENOIOCTLCMD && tty->ops->ioctl)
		ret = tty->ops->ioctl(tty, cmd, arg);
	if (ret == -ENOIOCTLCMD)
		ret = tty_mode_ioctl(real_tty, file, cmd, arg);
	return ret == -ENOIOCTLCMD ? -ENOTTY : ret;
}
