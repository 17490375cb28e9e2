/* SPDX-License-Identifier: MIT */
/*
 * n_tty.c -- read(), write() and poll() of a terminal
 *
 * PROMISE.  In canonical mode read() returns at most one line; at ^D what was
 * typed so far, or 0.  Otherwise VMIN and VTIME say when it returns:
 *
 *	VMIN VTIME	returns
 *	  0    0	at once, with what there is
 *	  0    t	with a byte, or after t/10 s
 *	  n    0	when n bytes are there (or all that was asked for)
 *	  n    t	the same, or t/10 s after the last byte
 *
 * A background process that reads is stopped by SIGTTIN first (tty_jobctrl.c).
 *
 * LOCKING.  disc->read_mutex and tty->write_mutex for the callers; disc->lock,
 * never held while copying to or from a user, around the ring.
 *
 * RACES.  A reader that finds nothing sleeps by wait_woken(), which returns at
 * once if a byte was announced after its entry went into the wait queue.
 *
 * SEE docs/60-tty.md
 */

#include "n_tty.h"

#include <arch/uaccess.h>
#include <fs/poll.h>
#include <kernel/errno.h>
#include <kernel/jiffies.h>
#include <kernel/math.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <mm/vmalloc.h>
#include <mm/slab.h>

#define CHUNK 256

int n_tty_open(struct tty_struct *tty)
{
	struct n_tty_data *d = kvzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return -ENOMEM;
	/* Two kinds of lock: a slave's may be held when its master's is
	 * taken. */
	if (tty_is_pty_master(tty))
		spin_lock_init(&d->lock);
	else
		spin_lock_init(&d->lock);
	mutex_init(&d->read_mutex);
	tty->disc = d;
	return 0;
}

void n_tty_close(struct tty_struct *tty)
{
	kvfree(tty->disc);
	tty->disc = NULL;
}

unsigned int n_tty_chars_readable(struct tty_struct *tty)
{
	struct n_tty_data *d = tty->disc;
	unsigned long flags;
	unsigned int n = 0;

	spin_lock_irqsave(&d->lock, flags);
	for (size_t p = d->tail; p != d->line; p++)
		n += !test_bit(POS(p), d->eofs);
	spin_unlock_irqrestore(&d->lock, flags);
	return n;
}

void n_tty_flush_input(struct tty_struct *tty)
{
	struct n_tty_data *d = tty->disc;
	unsigned long flags;

	spin_lock_irqsave(&d->lock, flags);
	d->tail = d->line = d->head;
	d->lnext = false;
	spin_unlock_irqrestore(&d->lock, flags);
	if (tty->ops->unthrottle)
		tty->ops->unthrottle(tty);
}

void n_tty_wakeup(struct tty_struct *tty)
{
	struct n_tty_data *d = tty->disc;
	unsigned long flags;

	spin_lock_irqsave(&d->lock, flags);
	echo_flush(tty);
	spin_unlock_irqrestore(&d->lock, flags);
}

/* Leaving canonical mode commits the line that is being edited. */
void n_tty_set_termios(struct tty_struct *tty, const struct termios2 *old)
{
	struct n_tty_data *d = tty->disc;
	unsigned long flags;

	spin_lock_irqsave(&d->lock, flags);
	if ((old->c_lflag ^ tty->termios.c_lflag) & ICANON) {
		d->line = d->head;
		d->lnext = false;
	}
	spin_unlock_irqrestore(&d->lock, flags);
	if (!I_FLAG(tty, IXON) && (old->c_iflag & IXON))
		start_tty(tty);
	wake_up_interruptible(&tty->read_wait);
}

/* ---- reading ------------------------------------------------------------- */

/*
 * Up to max committed bytes into k; how many.  *end: the line's end was among
 * them, or ^D.  In canonical mode it stops there.
 */
static int take(struct tty_struct *tty, u8 *k, int max, bool *end)
{
	struct n_tty_data *d = tty->disc;
	bool canon = L_FLAG(tty, ICANON);
	unsigned long flags;
	int n = 0;

	*end = false;
	spin_lock_irqsave(&d->lock, flags);
	while (d->tail != d->line && !(canon && *end)) {
		size_t at = POS(d->tail);

		if (test_bit(at, d->eofs)) {
			d->tail++;
			*end = true;
			continue;
		}
		if (n == max)
			break;
		k[n++] = d->buf[at];
		d->tail++;
		if (test_bit(at, d->ends))
			*end = true;
	}
	spin_unlock_irqrestore(&d->lock, flags);
	return n;
}

static bool input_available(struct tty_struct *tty)
{
	struct n_tty_data *d = tty->disc;

	return READ_ONCE(d->line) != READ_ONCE(d->tail);
}

/* Copy what is there: one line, or up to n bytes.  Count or -EFAULT. */
static ssize_t read_available(struct tty_struct *tty, u8 __user *buf, size_t n,
			      bool *end)
{
	size_t done = 0;
	u8 k[CHUNK];

	*end = false;
	while (done < n && !(*end && L_FLAG(tty, ICANON))) {
		int got = take(tty, k, min(n - done, sizeof(k)), end);

		if (got && copy_to_user(buf + done, k, got))
			return -EFAULT;
		done += got;
		if (got == 0)
			break;
	}
	if (tty->ops->unthrottle)
		tty->ops->unthrottle(tty);
	return done;
}

/* When a read that is not canonical is done. */
struct read_limits {
	size_t minimum;
	long first, between;          /* jiffies */
};

static void read_limits(const struct tty_struct *tty, struct read_limits *l)
{
	long time = tty->termios.c_cc[VTIME] * (long)HZ / 10;

	l->minimum = 1;
	l->first = l->between = MAX_SCHEDULE_TIMEOUT;
	if (L_FLAG(tty, ICANON))
		return;
	if (tty->termios.c_cc[VMIN]) {
		l->minimum = tty->termios.c_cc[VMIN];
		if (time)
			l->between = time;
	} else {
		l->first = time;
	}
}

/* There is nothing to read.  0: wait and look again, 1: return what is done. */
static int may_wait(struct tty_struct *tty, struct file *file, long timeout)
{
	if (test_bit(TTY_OTHER_CLOSED, &tty->flags))
		return -EIO;
	if (tty_hung_up_p(file) || timeout == 0)
		return 1;
	if (file->f_flags & O_NONBLOCK)
		return -EAGAIN;
	return signal_pending(current) ? -ERESTARTSYS : 0;
}

/* A pty master in packet mode: the status byte, if there is news. */
static u8 take_packet_status(struct tty_struct *tty)
{
	unsigned long flags;
	u8 status;

	if (!tty->packet || !tty->link)
		return 0;
	spin_lock_irqsave(&tty->link->ctrl_lock, flags);
	status = tty->link->pktstatus;
	tty->link->pktstatus = 0;
	spin_unlock_irqrestore(&tty->link->ctrl_lock, flags);
	return status;
}

/* The loop of read(): returns a count, or -errno if there was nothing. */
static ssize_t read_loop(struct tty_struct *tty, struct file *file,
			 u8 __user *buf, size_t n)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct read_limits lim;
	size_t done = 0;
	ssize_t ret = 0;
	long timeout;

	read_limits(tty, &lim);
	timeout = lim.first;
	add_wait_queue(&tty->read_wait, &wait);
	while (done < n) {
		bool end;
		u8 status = done ? 0 : take_packet_status(tty);

		if (status) {
			ret = put_user(status, buf) ? -EFAULT : 0;
			done = 1;
			break;
		}
		if (!input_available(tty)) {
			ret = may_wait(tty, file, timeout);
			if (ret)
				break;
			timeout = wait_woken(&wait, TASK_INTERRUPTIBLE,
					     timeout);
			continue;
		}
		if (tty->packet && done == 0) {
			if (put_user((u8)TIOCPKT_DATA, buf)) {
				ret = -EFAULT;
				break;
			}
			done++;
		}
		ret = read_available(tty, buf + done, n - done, &end);
		if (ret < 0)
			break;
		done += ret;
		ret = 0;
		if (L_FLAG(tty, ICANON) || done >= lim.minimum)
			break;
		timeout = lim.between;
	}
	remove_wait_queue(&tty->read_wait, &wait);
	if (ret == -EFAULT)
		return ret;
	return done ? (ssize_t)done : min(ret, (ssize_t)0);
}

ssize_t n_tty_read(struct tty_struct *tty, struct file *file, char __user *buf,
		   size_t n)
{
	struct n_tty_data *d = tty->disc;
	ssize_t ret;

	ret = __tty_check_change(tty, SIGTTIN);
	if (ret)
		return ret;
	if (file->f_flags & O_NONBLOCK) {
		if (!mutex_trylock(&d->read_mutex))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&d->read_mutex)) {
		return -ERESTARTSYS;
	}
	ret = read_loop(tty, file, (u8 __user *)buf, n);
	mutex_unlock(&d->read_mutex);
	return ret;
}

/* ---- writing ------------------------------------------------------------- */

/* All of k to the device; 0 with *done counting, or -errno. */
static int write_chunk(struct tty_struct *tty, struct file *file, const u8 *k,
		       size_t n, size_t *done)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = 0;

	add_wait_queue(&tty->write_wait, &wait);
	while (n) {
		int took;

		if (tty_hung_up_p(file) ||
		    (tty->link && test_bit(TTY_OTHER_CLOSED, &tty->flags))) {
			err = -EIO;
			break;
		}
		took = output_some(tty, k, n);
		*done += took;
		k += took;
		n -= took;
		if (n == 0)
			break;
		if (file->f_flags & O_NONBLOCK)
			err = -EAGAIN;
		else if (signal_pending(current))
			err = -ERESTARTSYS;
		if (err)
			break;
		wait_woken(&wait, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
	}
	remove_wait_queue(&tty->write_wait, &wait);
	return err;
}

ssize_t n_tty_write(struct tty_struct *tty, struct file *file,
		    const char __user *buf, size_t n)
{
	size_t done = 0;
	int err = 0;
	u8 k[CHUNK];

	if (L_FLAG(tty, TOSTOP)) {
		err = tty_check_change(tty);
		if (err)
			return err;
	}
	if (mutex_lock_interruptible(&tty->write_mutex))
		return -ERESTARTSYS;
	while (!err && done < n) {
		size_t len = min(n - done, sizeof(k));

		if (copy_from_user(k, buf + done, len))
			err = -EFAULT;
		else
			err = write_chunk(tty, file, k, len, &done);
	}
	mutex_unlock(&tty->write_mutex);
	return done ? (ssize_t)done : err;
}

/* ---- readiness ----------------------------------------------------------- */

__poll_t n_tty_poll(struct tty_struct *tty, struct file *file,
		    struct poll_table_struct *pt)
{
	unsigned int least = 1;
	__poll_t mask = 0;

	poll_wait(file, &tty->read_wait, pt);
	poll_wait(file, &tty->write_wait, pt);
	if (!L_FLAG(tty, ICANON) && !tty->termios.c_cc[VTIME])
		least = max(tty->termios.c_cc[VMIN], (u8)1);
	if (input_available(tty) &&
	    (least == 1 || n_tty_chars_readable(tty) >= least))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (tty->packet && tty->link && READ_ONCE(tty->link->pktstatus))
		mask |= EPOLLPRI | EPOLLIN | EPOLLRDNORM;
	if (test_bit(TTY_OTHER_CLOSED, &tty->flags) || tty_hung_up_p(file))
		mask |= EPOLLHUP | EPOLLIN | EPOLLRDNORM;
	if (!READ_ONCE(tty->flow_stopped) && tty->ops->write_room(tty) > 0)
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}
