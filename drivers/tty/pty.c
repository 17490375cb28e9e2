/* SPDX-License-Identifier: MIT */
/*
 * pty.c -- pseudo-terminals: a terminal whose cable ends in a program
 *
 * PROMISE.  What is written to the master is typed at the slave; what is
 * written to the slave is read from the master.  The slave is a full terminal,
 * with editing, echo and signals, and hangs up when the master is closed.
 *
 *	xterm, sshd                                    sh
 *	  | write      +--------+      +-------+        | read
 *	  +----------->| master |----->| slave |------->+
 *	  +<-----------|  (raw) |<-----| N_TTY |<-------+
 *	    read       +--------+      +-------+          write
 *
 * IDEA.  Both sides are ordinary terminals with the line discipline, the
 * master's switched to raw; each one's "device" is the other's input.  A write
 * takes as much as the other side's ring has room for; the reader there wakes
 * the writer.
 *
 * Opening /dev/ptmx makes a pair, and devpts a node /dev/pts/N for the slave.
 * The slave cannot be opened until TIOCSPTLCK unlocks it (unlockpt).
 *
 * LOCKING.  tty_mutex for the pairs.  The slave's disc->lock may be held when
 * the master's is taken (echo); never the other way round: the master, being
 * raw, never echoes.  unthrottle runs without any.
 *
 * SEE pty(7); docs/60-tty.md
 */

#include <drivers/tty.h>

#include <arch/uaccess.h>
#include <drivers/cdev.h>
#include <kernel/bitmap.h>
#include <kernel/bitops.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/kernel.h>

#include "n_tty.h"
#include "tty_impl.h"

#define PTMX_DEV MKDEV(TTYAUX_MAJOR, 2)

static const struct tty_operations pty_ops;
static struct tty_driver pty_master = {
	.driver_name = "pty_master", .name = "ptm",
	.major = UNIX98_PTY_MASTER_MAJOR, .num = NR_UNIX98_PTY_MAX,
	.type = TTY_DRIVER_TYPE_PTY, .subtype = PTY_TYPE_MASTER,
	.no_devices = true, .ops = &pty_ops,
};
static struct tty_driver pty_slave = {
	.driver_name = "pty_slave", .name = "pts/",
	.major = UNIX98_PTY_SLAVE_MAJOR, .num = NR_UNIX98_PTY_MAX,
	.type = TTY_DRIVER_TYPE_PTY, .subtype = PTY_TYPE_SLAVE,
	.no_devices = true, .ops = &pty_ops,
};

static DECLARE_BITMAP(indices, NR_UNIX98_PTY_MAX);   /* tty_mutex */
static const struct devpts_ops *devpts;              /* set once */

void devpts_register(const struct devpts_ops *ops)
{
	WRITE_ONCE(devpts, ops);
}

static bool is_master(const struct tty_struct *tty)
{
	return tty->driver == &pty_master;
}

/* ---- bytes --------------------------------------------------------------- */

static unsigned int pty_room(struct tty_struct *tty)
{
	struct n_tty_data *d = tty->link->disc;
	size_t used = READ_ONCE(d->head) - READ_ONCE(d->tail);

	if (READ_ONCE(tty->flow_stopped))
		return 0;
	return used < N_TTY_SIZE - 1 ? N_TTY_SIZE - 1 - used : 0;
}

static int pty_write(struct tty_struct *tty, const u8 *buf, int n)
{
	if (READ_ONCE(tty->flow_stopped) || n <= 0)
		return 0;
	/* The master may offer more than fits: an edited line discards. */
	return tty_receive(tty->link, buf, n);
}

/* The reader of this side has made room: the other side may write. */
static void pty_unthrottle(struct tty_struct *tty)
{
	tty_wakeup(tty->link);
}

static unsigned int pty_chars_in_buffer(struct tty_struct *tty)
{
	return 0;
}

static void pty_flush_buffer(struct tty_struct *tty)
{
	struct tty_struct *to = tty->link;
	unsigned long flags;

	/* Only slave to master: the lock order forbids the reverse. */
	if (is_master(tty))
		return;
	spin_lock_irqsave(&to->disc->lock, flags);
	to->disc->tail = to->disc->line = to->disc->head;
	spin_unlock_irqrestore(&to->disc->lock, flags);
	if (to->packet) {
		spin_lock_irqsave(&tty->ctrl_lock, flags);
		tty->pktstatus |= TIOCPKT_FLUSHWRITE;
		spin_unlock_irqrestore(&tty->ctrl_lock, flags);
		wake_up_interruptible(&to->read_wait);
	}
}

/* Tell a master in packet mode whether ^S and ^Q are ours. */
static void pty_set_termios(struct tty_struct *tty, const struct termios2 *old)
{
	bool was = old->c_iflag & IXON, now = I_FLAG(tty, IXON);
	unsigned long flags;

	if (is_master(tty) || !tty->link->packet || was == now)
		return;
	spin_lock_irqsave(&tty->ctrl_lock, flags);
	tty->pktstatus &= ~(TIOCPKT_DOSTOP | TIOCPKT_NOSTOP);
	tty->pktstatus |= now ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP;
	spin_unlock_irqrestore(&tty->ctrl_lock, flags);
	wake_up_interruptible(&tty->link->read_wait);
}

/* ---- opening and closing; tty_mutex held --------------------------------- */

static int pty_open(struct tty_struct *tty, struct file *file)
{
	if (is_master(tty))
		return tty->count ? -EIO : 0;
	if (test_bit(TTY_PTY_LOCK, &tty->flags) ||
	    test_bit(TTY_OTHER_CLOSED, &tty->flags))
		return -EIO;
	clear_bit(TTY_OTHER_CLOSED, &tty->link->flags);
	return 0;
}

static void master_closed(struct tty_struct *master)
{
	struct tty_struct *slave = master->link;

	set_bit(TTY_OTHER_CLOSED, &slave->flags);
	pty_master.ttys[master->index] = NULL;
	pty_slave.ttys[master->index] = NULL;
	if (devpts)
		devpts->kill_node(master->index);
	clear_bit(master->index, indices);
	mutex_unlock(&tty_mutex);
	tty_hangup(slave);
	mutex_lock(&tty_mutex);
	tty_kref_put(master);                    /* the tables' */
}

static void pty_close(struct tty_struct *tty, struct file *file)
{
	if (tty->count > 0)
		return;
	if (is_master(tty)) {
		master_closed(tty);
		return;
	}
	set_bit(TTY_OTHER_CLOSED, &tty->link->flags);
	wake_up_interruptible(&tty->link->read_wait);
	wake_up_interruptible(&tty->link->write_wait);
}

/* A new pair at a free index; master, or ERR_PTR. */
static struct tty_struct *make_pair(void)
{
	unsigned int i = find_first_zero_bit(indices, NR_UNIX98_PTY_MAX);
	struct tty_struct *master, *slave;

	if (i >= NR_UNIX98_PTY_MAX)
		return ERR_PTR(-ENOSPC);
	master = tty_init_dev(&pty_master, i);
	if (IS_ERR(master))
		return master;
	slave = tty_init_dev(&pty_slave, i);
	if (IS_ERR(slave)) {
		pty_master.ttys[i] = NULL;
		tty_kref_put(master);
		return slave;
	}
	master->link = slave;
	slave->link = master;
	slave->owner = master;
	set_bit(TTY_PTY_LOCK, &slave->flags);
	set_bit(i, indices);
	return master;
}

static void unmake_pair(struct tty_struct *master)
{
	int i = master->index;

	pty_master.ttys[i] = pty_slave.ttys[i] = NULL;
	clear_bit(i, indices);
	tty_kref_put(master);
}

static int ptmx_open(struct inode *inode, struct file *file)
{
	struct tty_struct *master;
	int err;

	nonseekable_open(inode, file);
	file->f_op = &tty_fops;
	mutex_lock(&tty_mutex);
	master = make_pair();
	err = PTR_ERR_OR_ZERO(master);
	if (!err) {
		err = tty_attach_file(master, file);
		if (err)
			unmake_pair(master);
	}
	mutex_unlock(&tty_mutex);
	if (err)
		return err;
	if (devpts)
		err = devpts->new_node(master->index);
	if (err)
		tty_fops.release(inode, file);
	return err;
}

static const struct file_operations ptmx_fops = {
	.open = ptmx_open,
	.llseek = no_llseek,
};

/* ---- ioctls -------------------------------------------------------------- */

static int set_lock(struct tty_struct *slave, const int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	if (on)
		set_bit(TTY_PTY_LOCK, &slave->flags);
	else
		clear_bit(TTY_PTY_LOCK, &slave->flags);
	return 0;
}

static int set_packet(struct tty_struct *tty, const int __user *arg)
{
	unsigned long flags;
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	spin_lock_irqsave(&tty->link->ctrl_lock, flags);
	if (on && !tty->packet)
		tty->link->pktstatus = 0;
	tty->packet = on;
	spin_unlock_irqrestore(&tty->link->ctrl_lock, flags);
	return 0;
}

int pty_ioctl(struct tty_struct *tty, struct file *file, unsigned int cmd,
	      unsigned long arg)
{
	int __user *p = (int __user *)arg;

	if (!is_master(tty))
		return -ENOIOCTLCMD;
	switch (cmd) {
	case TIOCGPTN:
		return put_user(tty->index, p);
	case TIOCSPTLCK:
		return set_lock(tty->link, p);
	case TIOCGPTLCK:
		return put_user(!!test_bit(TTY_PTY_LOCK, &tty->link->flags),
				p);
	case TIOCPKT:
		return set_packet(tty, p);
	case TIOCGPKT:
		return put_user((int)tty->packet, p);
	case TIOCGPTPEER:
		return devpts ? devpts->open_peer(tty->index, arg) : -EIO;
	}
	return -ENOIOCTLCMD;
}

static const struct tty_operations pty_ops = {
	.open = pty_open,
	.close = pty_close,
	.write = pty_write,
	.write_room = pty_room,
	.chars_in_buffer = pty_chars_in_buffer,
	.flush_buffer = pty_flush_buffer,
	.unthrottle = pty_unthrottle,
	.set_termios = pty_set_termios,
};

static int pty_init(void)
{
	static struct cdev ptmx_cdev;
	int err;

	pty_slave.init_termios = tty_std_termios;
	pty_slave.init_termios.c_cflag = B38400 | CS8 | CREAD;
	pty_master.init_termios = tty_std_termios;
	pty_master.init_termios.c_iflag = 0;
	pty_master.init_termios.c_oflag = 0;
	pty_master.init_termios.c_lflag = 0;
	pty_master.other = &pty_slave;
	pty_slave.other = &pty_master;
	err = tty_register_driver(&pty_master);
	if (!err)
		err = tty_register_driver(&pty_slave);
	cdev_init(&ptmx_cdev, &ptmx_fops);
	if (!err)
		err = cdev_add(&ptmx_cdev, PTMX_DEV, 1);
	if (!err)
		err = register_chrdev_region(PTMX_DEV, 1, "/dev/ptmx");
	if (!err)
		tty_create_aux_device(PTMX_DEV, "ptmx");
	return err;
}
module_init(pty_init);
