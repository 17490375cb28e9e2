/* SPDX-License-Identifier: MIT */
/*
 * tty_io.c -- open files of terminals, and how long a terminal lives
 *
 * PROMISE.  Opening a terminal's node gives a file whose reads and writes go
 * through the line discipline.  After a hang-up the file reads as empty and
 * cannot be written, whoever still has it open.
 *
 * IDEA.  The device number says which driver and which of its terminals; three
 * numbers are special: /dev/tty is the caller's controlling terminal,
 * /dev/console the one that the boot line named, /dev/tty0 the one on the
 * screen.  A hang-up walks the terminal's open files and gives them other
 * operations, which say "end of file" to everything.
 *
 * LIFETIME.  The terminals of real devices are made at the first open and stay,
 * with their modes.  The two of a pty are made by opening /dev/ptmx; open
 * files and sessions hold references to both at once, and the last one frees
 * them.
 *
 * LOCKING.  tty_mutex: drivers, tables, counts, lists of files.  Order:
 * tty_mutex, termios_rwsem, siglock, ctrl_lock; disc->lock, then the driver's.
 *
 * SEE docs/60-tty.md
 */

#include <drivers/tty.h>

#include <drivers/cdev.h>
#include <drivers/device.h>
#include <fs/poll.h>
#include <kernel/bitops.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kmsg.h>
#include <kernel/pid.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>
#include <mm/slab.h>

#include "n_tty.h"
#include "tty_impl.h"

DEFINE_MUTEX(tty_mutex);
static LIST_HEAD(tty_drivers);
static struct class tty_class;

const struct termios2 tty_std_termios = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD | HUPCL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE |
		   IEXTEN,
	.c_cc = {
		[VINTR] = 'C' - '@', [VQUIT] = 034, [VERASE] = 0177,
		[VKILL] = 'U' - '@', [VEOF] = 'D' - '@', [VMIN] = 1,
		[VSTART] = 'Q' - '@', [VSTOP] = 'S' - '@',
		[VSUSP] = 'Z' - '@', [VREPRINT] = 'R' - '@',
		[VDISCARD] = 'O' - '@', [VWERASE] = 'W' - '@',
		[VLNEXT] = 'V' - '@',
	},
	.c_ispeed = 38400,
	.c_ospeed = 38400,
};

const char *tty_name(const struct tty_struct *tty)
{
	return tty ? tty->name : "none";
}

dev_t tty_devnum(const struct tty_struct *tty)
{
	return MKDEV(tty->driver->major,
		     tty->driver->minor_start + tty->index);
}

/* ---- terminals ----------------------------------------------------------- */

static void free_tty(struct tty_struct *tty)
{
	if (!tty)
		return;
	n_tty_close(tty);
	put_pid(tty->pgrp);
	put_pid(tty->session);
	kfree(tty);
}

void tty_kref_put(struct tty_struct *tty)
{
	if (tty && refcount_dec_and_test(&tty->owner->kref)) {
		struct tty_struct *owner = tty->owner;

		free_tty(owner->link);
		free_tty(owner);
	}
}
EXPORT_SYMBOL(tty_kref_put);

struct tty_struct *tty_find(struct tty_driver *driver, int idx)
{
	return driver->ttys ? READ_ONCE(driver->ttys[idx]) : NULL;
}

/* One reference, which stands for the table's. */
struct tty_struct *tty_init_dev(struct tty_driver *driver, int idx)
{
	struct tty_struct *tty = driver->ttys[idx];

	if (tty)
		return tty;
	tty = kzalloc(sizeof(*tty), GFP_KERNEL);
	if (!tty)
		return ERR_PTR(-ENOMEM);
	tty->driver = driver;
	tty->ops = driver->ops;
	tty->index = idx;
	tty->owner = tty;
	refcount_set(&tty->kref, 1);
	tty->termios = driver->init_termios;
	snprintf(tty->name, sizeof(tty->name), "%s%d", driver->name,
		 driver->name_base + idx);
	INIT_LIST_HEAD(&tty->files);
	init_rwsem(&tty->termios_rwsem);
	mutex_init(&tty->winsize_mutex);
	mutex_init(&tty->write_mutex);
	spin_lock_init(&tty->ctrl_lock);
	init_waitqueue_head(&tty->read_wait);
	init_waitqueue_head(&tty->write_wait);
	if (n_tty_open(tty) < 0) {
		kfree(tty);
		return ERR_PTR(-ENOMEM);
	}
	WRITE_ONCE(driver->ttys[idx], tty);
	return tty;
}

void tty_wakeup(struct tty_struct *tty)
{
	n_tty_wakeup(tty);
	wake_up_interruptible_poll(&tty->write_wait, EPOLLOUT | EPOLLWRNORM);
}
EXPORT_SYMBOL(tty_wakeup);

void __tty_set_flow(struct tty_struct *tty, bool stopped)
{
	unsigned long flags;
	bool changed;

	spin_lock_irqsave(&tty->ctrl_lock, flags);
	changed = tty->flow_stopped != stopped;
	tty->flow_stopped = stopped;
	if (changed && tty->link && tty->link->packet)
		tty->pktstatus = (tty->pktstatus &
				  ~(TIOCPKT_STOP | TIOCPKT_START)) |
				 (stopped ? TIOCPKT_STOP : TIOCPKT_START);
	spin_unlock_irqrestore(&tty->ctrl_lock, flags);
	if (!changed)
		return;
	if (stopped && tty->ops->stop)
		tty->ops->stop(tty);
	if (!stopped && tty->ops->start)
		tty->ops->start(tty);
	if (!stopped)
		wake_up_interruptible(&tty->write_wait);
	if (tty->link)
		wake_up_interruptible(&tty->link->read_wait);
}

void stop_tty(struct tty_struct *tty)
{
	__tty_set_flow(tty, true);
}

void start_tty(struct tty_struct *tty)
{
	__tty_set_flow(tty, false);
	tty_wakeup(tty);
}

/* ---- hang-up ------------------------------------------------------------- */

static ssize_t hung_up_read(struct file *file, char __user *buf, size_t n,
			    loff_t *pos)
{
	return 0;
}

static ssize_t hung_up_write(struct file *file, const char __user *buf,
			     size_t n, loff_t *pos)
{
	return -EIO;
}

static __poll_t hung_up_poll(struct file *file, struct poll_table_struct *pt)
{
	return EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLRDNORM |
	       EPOLLWRNORM;
}

static long hung_up_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
}

static int tty_release(struct inode *inode, struct file *file);

static const struct file_operations hung_up_fops = {
	.llseek = no_llseek,
	.read = hung_up_read,
	.write = hung_up_write,
	.poll = hung_up_poll,
	.unlocked_ioctl = hung_up_ioctl,
	.release = tty_release,
};

bool tty_hung_up_p(struct file *file)
{
	return READ_ONCE(file->f_op) == &hung_up_fops;
}

/* exit_session: the session's leader dies, rather than the line. */
static void hang_up(struct tty_struct *tty, bool exit_session)
{
	struct tty_file *tf;
	int n;

	mutex_lock(&tty_mutex);
	list_for_each_entry(tf, &tty->files, link)
		WRITE_ONCE(tf->file->f_op, &hung_up_fops);
	mutex_unlock(&tty_mutex);
	n_tty_flush_input(tty);
	wake_up_interruptible_all(&tty->read_wait);
	wake_up_interruptible_all(&tty->write_wait);
	n = tty_signal_session_leader(tty, exit_session);
	(void)n;
	down_write(&tty->termios_rwsem);
	if (tty->driver->type != TTY_DRIVER_TYPE_PTY)
		tty->termios = tty->driver->init_termios;
	up_write(&tty->termios_rwsem);
	if (tty->ops->hangup)
		tty->ops->hangup(tty);
}

void tty_hangup(struct tty_struct *tty)
{
	hang_up(tty, false);
}
EXPORT_SYMBOL(tty_hangup);

void tty_vhangup_session(struct tty_struct *tty)
{
	hang_up(tty, true);
}

/* ---- files --------------------------------------------------------------- */

static struct tty_driver *find_driver(dev_t dev, int *index)
{
	struct tty_driver *drv;

	list_for_each_entry(drv, &tty_drivers, link) {
		dev_t base = MKDEV(drv->major, drv->minor_start);

		if (dev >= base && dev - base < drv->num) {
			*index = dev - base;
			return drv;
		}
	}
	return NULL;
}

struct tty_driver *console_device(int *index)
{
	struct console *con = console_preferred();

	return con && con->device ? con->device(con, index) : NULL;
}

/*
 * The terminal that a node means, with a reference.  *noctty: it does not
 * become the opener's controlling terminal.
 */
static struct tty_struct *open_by_number(dev_t dev, bool *noctty)
{
	struct tty_driver *drv;
	struct tty_struct *tty;
	int index = -1;

	if (dev == MKDEV(TTYAUX_MAJOR, 0)) {
		*noctty = true;
		tty = get_current_tty();
		return tty ? tty : ERR_PTR(-ENXIO);
	}
	if (dev == MKDEV(TTYAUX_MAJOR, 1)) {
		*noctty = true;
		drv = console_device(&index);
	} else {
		drv = find_driver(dev, &index);
	}
	if (!drv)
		return ERR_PTR(-ENODEV);
	if (drv->map_index)
		index = drv->map_index(index);
	if (drv->type == TTY_DRIVER_TYPE_PTY) {
		tty = drv->ttys[index];
		if (!tty)
			return ERR_PTR(-EIO);
	} else {
		tty = tty_init_dev(drv, index);
	}
	return IS_ERR(tty) ? tty : tty_kref_get(tty);
}

/* Count the file in; tty_mutex held.  Takes over the caller's reference. */
static int attach_file(struct tty_struct *tty, struct file *file)
{
	struct tty_file *tf = kzalloc(sizeof(*tf), GFP_KERNEL);
	int err = 0;

	if (!tf)
		return -ENOMEM;
	if (test_bit(TTY_EXCLUSIVE, &tty->flags) && !capable(CAP_SYS_ADMIN))
		err = -EBUSY;
	if (!err && tty->ops->open)
		err = tty->ops->open(tty, file);
	if (err) {
		kfree(tf);
		return err;
	}
	tf->tty = tty;
	tf->file = file;
	list_add(&tf->link, &tty->files);
	tty->count++;
	file->private_data = tf;
	return 0;
}

static int tty_open(struct inode *inode, struct file *file)
{
	bool noctty = file->f_flags & O_NOCTTY;
	struct tty_struct *tty;
	int err;

	nonseekable_open(inode, file);
	mutex_lock(&tty_mutex);
	tty = open_by_number(inode->i_rdev, &noctty);
	err = PTR_ERR_OR_ZERO(tty);
	if (!err) {
		err = attach_file(tty, file);
		if (err)
			tty_kref_put(tty);
	}
	mutex_unlock(&tty_mutex);
	if (err)
		return err;
	if (!noctty && !tty_is_pty_master(tty))
		tty_open_proc_set_tty(file, tty);
	return 0;
}

/* For pty.c: the file of a terminal that was just made.  tty_mutex held. */
int tty_attach_file(struct tty_struct *tty, struct file *file)
{
	int err;

	tty_kref_get(tty);
	err = attach_file(tty, file);
	if (err)
		tty_kref_put(tty);
	return err;
}

static int tty_release(struct inode *inode, struct file *file)
{
	struct tty_file *tf = file->private_data;
	struct tty_struct *tty = tf->tty;

	mutex_lock(&tty_mutex);
	list_del(&tf->link);
	tty->count--;
	if (tty->count == 0)
		clear_bit(TTY_EXCLUSIVE, &tty->flags);
	if (tty->ops->close)
		tty->ops->close(tty, file);
	mutex_unlock(&tty_mutex);
	kfree(tf);
	tty_kref_put(tty);
	return 0;
}

static ssize_t tty_read(struct file *file, char __user *buf, size_t n,
			loff_t *pos)
{
	struct tty_struct *tty = file_tty(file);

	if (test_bit(TTY_IO_ERROR, &tty->flags))
		return -EIO;
	return n_tty_read(tty, file, buf, n);
}

static ssize_t tty_write(struct file *file, const char __user *buf, size_t n,
			 loff_t *pos)
{
	struct tty_struct *tty = file_tty(file);

	if (test_bit(TTY_IO_ERROR, &tty->flags))
		return -EIO;
	return n_tty_write(tty, file, buf, n);
}

static __poll_t tty_poll(struct file *file, struct poll_table_struct *pt)
{
	return n_tty_poll(file_tty(file), file, pt);
}

const struct file_operations tty_fops = {
	.llseek = no_llseek,
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.unlocked_ioctl = tty_ioctl,
	.open = tty_open,
	.release = tty_release,
};

/* ---- drivers ------------------------------------------------------------- */

/* Numbers are claimed by the nodes' name: "ttyS"; "pts" for "pts/". */
static int claim_numbers(const struct tty_driver *driver, dev_t base)
{
	char name[16];

	strscpy(name, driver->name, sizeof(name));
	name[strcspn(name, "/")] = 0;
	return register_chrdev_region(base, driver->num, name);
}

int tty_register_driver(struct tty_driver *driver)
{
	struct cdev *cdev = kzalloc(sizeof(*cdev), GFP_KERNEL);
	dev_t base = MKDEV(driver->major, driver->minor_start);
	int err = -ENOMEM;

	driver->ttys = kcalloc(driver->num, sizeof(*driver->ttys), GFP_KERNEL);
	if (!driver->ttys || !cdev)
		goto out_free;
	err = claim_numbers(driver, base);
	if (err)
		goto out_free;
	cdev_init(cdev, &tty_fops);
	err = cdev_add(cdev, base, driver->num);
	if (err)
		goto out_region;
	driver->cdev = cdev;
	mutex_lock(&tty_mutex);
	list_add_tail(&driver->link, &tty_drivers);
	mutex_unlock(&tty_mutex);
	for (unsigned int i = 0; i < driver->num && !driver->no_devices; i++)
		device_create(&tty_class, NULL, base + i, NULL, "%s%d",
			      driver->name, driver->name_base + i);
	return 0;

out_region:
	unregister_chrdev_region(base, driver->num);
out_free:
	kfree(driver->ttys);
	kfree(cdev);
	return err;
}
EXPORT_SYMBOL(tty_register_driver);

void tty_driver_for_each(void (*fn)(const struct tty_driver *drv, void *arg),
			 void *arg)
{
	struct tty_driver *drv;

	mutex_lock(&tty_mutex);
	list_for_each_entry(drv, &tty_drivers, link)
		fn(drv, arg);
	mutex_unlock(&tty_mutex);
}

static const char *tty_devnode(const struct device *dev, umode_t *mode)
{
	if (dev->devt == MKDEV(TTYAUX_MAJOR, 0) ||
	    dev->devt == MKDEV(TTYAUX_MAJOR, 2))
		*mode = 0666;
	else
		*mode = MAJOR(dev->devt) == TTYAUX_MAJOR ? 0600 : 0620;
	return NULL;
}

static struct class tty_class = { .name = "tty", .devnode = tty_devnode };

/* The terminals that show the log, the first of them last. */
static void add_console_name(struct console *con, void *arg)
{
	char *buf = arg, line[PAGE_SIZE / 8];

	scnprintf(line, sizeof(line), "%s%s%s", con->name, buf[0] ? " " : "",
		  buf);
	strscpy(buf, line, sizeof(line));
}

static ssize_t active_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	console_for_each(add_console_name, buf);
	return strlcat(buf, "\n", PAGE_SIZE);
}

static DEVICE_ATTR_RO(active);
static struct attribute *console_attrs[] = { &dev_attr_active.attr, NULL };
ATTRIBUTE_GROUPS(console);

static int aux_node(struct cdev *cdev, unsigned int minor, const char *name)
{
	dev_t dev = MKDEV(TTYAUX_MAJOR, minor);
	int err;

	cdev_init(cdev, &tty_fops);
	err = cdev_add(cdev, dev, 1);
	if (!err)
		err = register_chrdev_region(dev, 1, name);
	if (!err)
		device_create_with_groups(&tty_class, NULL, dev, NULL,
					  minor == 1 ? console_groups : NULL,
					  "%s", name + 5);
	return err;
}

/* For pty.c: /dev/ptmx belongs to the class too. */
void tty_create_aux_device(dev_t dev, const char *name)
{
	device_create(&tty_class, NULL, dev, NULL, "%s", name);
}

static int tty_init(void)
{
	static struct cdev tty_cdev, console_cdev;

	class_register(&tty_class);
	if (aux_node(&tty_cdev, 0, "/dev/tty"))
		return -EBUSY;
	return aux_node(&console_cdev, 1, "/dev/console");
}
subsys_initcall(tty_init);
