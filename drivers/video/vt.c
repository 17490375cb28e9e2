/* SPDX-License-Identifier: MIT */
/*
 * vt.c -- the virtual terminals tty1..tty6, and the kernel's log on tty1
 *
 * PROMISE.  What is written to a terminal is on its screen a fiftieth of a
 * second later, if it is the one in front; Alt-F1..F6 choose it.  Where drawing
 * is slow it takes longer, up to a fifth of a second, so that a program that
 * floods the screen leaves most of the CPU to others.
 *
 * IDEA.  Writing only changes the model (screen.c), which is quick, and marks
 * rows as dirty.  A work item, at most 50 times a second, compares the model's
 * dirty rows with what the display shows and draws the cells that differ.  So a
 * program that prints a thousand lines causes twenty redraws, not a thousand.
 *
 *	write() --> model --> dirty rows --(20 ms)--> draw what differs
 *
 * A panic draws at once, without locks: nothing else runs then.
 *
 * LOCKING.  vt_lock, irq-safe, guards models and `front`; render_mutex the
 * display and `shown`.  printk() may come here with any lock held, so that path
 * neither schedules work nor wakes anybody: vt_log_news() does, a little later.
 *
 * SEE docs/61-console.md
 */

#include <drivers/vt.h>

#include "display.h"

#include <arch/uaccess.h>
#include <drivers/tty.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/kmsg.h>
#include <kernel/math.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/timekeeping.h>
#include <kernel/workqueue.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#define RENDER_INTERVAL (HZ > 50 ? HZ / 50 : 1)
#define RENDER_INTERVAL_MAX (HZ / 5)
#define RENDER_SHARE 5          /* drawing takes at most one part in so many */
#define SHOWN_CURSOR (1u << 31)

struct vt {
	struct screen scr;            /* vt_lock */
	bool ready;                   /* vt_lock: scr has its cells */
};

static struct vt vts[NR_VTS];
static int front;                     /* vt_lock: in vts[] */
static DEFINE_SPINLOCK(vt_lock);
static const struct display *display; /* constant once found */
static cell_t *shown;                 /* render_mutex: cells on the glass */
static DEFINE_MUTEX(render_mutex);
static unsigned long render_interval = RENDER_INTERVAL; /* atomic; jiffies */
static bool redraw_all;               /* vt_lock */
static bool log_pending;              /* atomic */

static struct tty_driver vt_driver;

static void render_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(render, render_work);

/* ---- drawing ------------------------------------------------------------- */

/* Draw the cells of one row that differ from the glass. */
static void draw_row(int y, const cell_t *row, int cursor_x)
{
	cell_t *old = shown + y * display->cols;

	for (int x = 0; x < display->cols; x++) {
		cell_t c = row[x] | (x == cursor_x ? SHOWN_CURSOR : 0);

		if (old[x] == c)
			continue;
		old[x] = c;
		display->draw(x, y, row[x], x == cursor_x);
	}
}

/* Take the range of rows to look at, and mark the model clean. */
static void take_dirty(int *top, int *bottom)
{
	struct screen *s = &vts[front].scr;

	*top = redraw_all ? 0 : s->dirty_top;
	*bottom = redraw_all ? s->rows : s->dirty_bottom;
	redraw_all = false;
	screen_clean(s);
}

static void copy_row(cell_t *row, int y, int *cursor_x)
{
	struct screen *s = &vts[front].scr;

	memcpy(row, s->cells + y * s->cols, s->cols * sizeof(cell_t));
	*cursor_x = s->cursor_visible && s->y == y ? s->x : -1;
}

/* Type in what a program asked to be told (a cursor report). */
static void deliver_replies(void)
{
	for (int i = 0; i < NR_VTS; i++) {
		struct tty_struct *tty = tty_find(&vt_driver, i + 1);
		struct screen *s = &vts[i].scr;
		char text[sizeof(s->reply)];
		unsigned long flags;
		int n;

		if (!READ_ONCE(s->reply_len) || !tty)
			continue;
		spin_lock_irqsave(&vt_lock, flags);
		n = s->reply_len;
		memcpy(text, s->reply, n);
		s->reply_len = 0;
		spin_unlock_irqrestore(&vt_lock, flags);
		tty_receive(tty, (const u8 *)text, n);
	}
}

/* The next drawing waits in proportion to how long this one took. */
static void choose_interval(u64 took_ns)
{
	unsigned long wait = nsecs_to_jiffies(took_ns * (RENDER_SHARE - 1));

	wait = clamp(wait, (unsigned long)RENDER_INTERVAL,
		     (unsigned long)RENDER_INTERVAL_MAX);
	WRITE_ONCE(render_interval, wait);
}

static void render_work(struct work_struct *work)
{
	cell_t row[SCREEN_MAX_COLS];
	unsigned long flags;
	int y, bottom, cursor_x;
	u64 start;

	mutex_lock(&render_mutex);
	start = ktime_get_ns();
	spin_lock_irqsave(&vt_lock, flags);
	take_dirty(&y, &bottom);
	spin_unlock_irqrestore(&vt_lock, flags);
	for (; y < bottom; y++) {
		spin_lock_irqsave(&vt_lock, flags);
		copy_row(row, y, &cursor_x);
		spin_unlock_irqrestore(&vt_lock, flags);
		draw_row(y, row, cursor_x);
	}
	choose_interval(ktime_get_ns() - start);
	mutex_unlock(&render_mutex);
	deliver_replies();
}

/* The machine is dying: draw now, whoever holds what. */
static void render_now(void)
{
	cell_t *row;
	int y, bottom, cursor_x;

	take_dirty(&y, &bottom);
	for (; y < bottom; y++) {
		row = vts[front].scr.cells + y * display->cols;
		cursor_x = -1;
		draw_row(y, row, cursor_x);
	}
}

static void render_soon(void)
{
	if (display && system_wq)
		schedule_delayed_work(&render, READ_ONCE(render_interval));
}

/* ---- the terminal driver ------------------------------------------------- */

/* Give the terminal its screen; may sleep. */
static int vt_make_ready(int n)
{
	cell_t *cells;
	unsigned long flags;

	if (READ_ONCE(vts[n].ready))
		return 0;
	cells = kvmalloc_array(display->rows * display->cols, sizeof(cell_t),
			       GFP_KERNEL);
	if (!cells)
		return -ENOMEM;
	spin_lock_irqsave(&vt_lock, flags);
	if (!vts[n].ready) {
		screen_init(&vts[n].scr, display->cols, display->rows, cells);
		vts[n].ready = true;
		cells = NULL;
	}
	spin_unlock_irqrestore(&vt_lock, flags);
	kvfree(cells);
	return 0;
}

static int vt_open(struct tty_struct *tty, struct file *file)
{
	int n = tty->index - 1, err;

	if (n < 0 || n >= NR_VTS || !display)
		return -ENXIO;
	err = vt_make_ready(n);
	if (err)
		return err;
	tty->driver_data = &vts[n];
	if (!tty->winsize.ws_row) {
		tty->winsize.ws_row = display->rows;
		tty->winsize.ws_col = display->cols;
	}
	return 0;
}

static int vt_write(struct tty_struct *tty, const u8 *buf, int n)
{
	struct vt *vt = tty->driver_data;
	unsigned long flags;

	if (READ_ONCE(tty->flow_stopped))
		return 0;
	spin_lock_irqsave(&vt_lock, flags);
	screen_put(&vt->scr, buf, n);
	spin_unlock_irqrestore(&vt_lock, flags);
	render_soon();
	return n;
}

static unsigned int vt_write_room(struct tty_struct *tty)
{
	return READ_ONCE(tty->flow_stopped) ? 0 : 4096;
}

static int vt_get_state(struct vt_stat __user *arg)
{
	struct vt_stat st = { .v_active = READ_ONCE(front) + 1 };

	for (int i = 0; i < NR_VTS; i++)
		st.v_state |= vts[i].ready ? 2 << i : 0;
	return copy_to_user(arg, &st, sizeof(st)) ? -EFAULT : 0;
}

static int vt_ioctl(struct tty_struct *tty, unsigned int cmd,
		    unsigned long arg)
{
	switch (cmd) {
	case KDGKBTYPE:
		return put_user((u8)KB_101, (u8 __user *)arg);
	case KDGETMODE:
		return put_user(KD_TEXT, (int __user *)arg);
	case KDSETMODE:
		return arg == KD_TEXT ? 0 : -EINVAL;
	case KDGKBMODE:
		return put_user(K_UNICODE, (int __user *)arg);
	case KDSKBMODE:
		return arg == K_UNICODE || arg == K_XLATE ? 0 : -EINVAL;
	case VT_GETSTATE:
		return vt_get_state((struct vt_stat __user *)arg);
	case VT_ACTIVATE:
		if (arg < 1 || arg > NR_VTS)
			return -ENXIO;
		if (vt_make_ready(arg - 1))
			return -ENOMEM;
		vt_switch(arg - 1);
		return 0;
	case VT_WAITACTIVE:
		return 0;
	}
	return -ENOIOCTLCMD;
}

/* tty0 is whichever is in front. */
static int vt_map_index(int index)
{
	return index ? index : READ_ONCE(front) + 1;
}

static const struct tty_operations vt_ops = {
	.open = vt_open,
	.write = vt_write,
	.write_room = vt_write_room,
	.ioctl = vt_ioctl,
};

static struct tty_driver vt_driver = {
	.driver_name = "console",
	.name = "tty",
	.major = TTY_MAJOR,
	.num = NR_VTS + 1,
	.type = TTY_DRIVER_TYPE_CONSOLE,
	.ops = &vt_ops,
	.map_index = vt_map_index,
};

/* ---- for the keyboard ---------------------------------------------------- */

void vt_key_input(const u8 *buf, int n)
{
	struct tty_struct *tty = tty_find(&vt_driver, READ_ONCE(front) + 1);

	if (tty && tty->count)
		tty_receive(tty, buf, n);
}

void vt_switch(int n)
{
	unsigned long flags;

	if (n < 0 || n >= NR_VTS)
		return;
	spin_lock_irqsave(&vt_lock, flags);
	if (vts[n].ready && n != front) {
		front = n;
		redraw_all = true;
	}
	spin_unlock_irqrestore(&vt_lock, flags);
	render_soon();
}

bool vt_app_cursor(void)
{
	return READ_ONCE(vts[READ_ONCE(front)].scr.app_cursor);
}

/* ---- the log ------------------------------------------------------------- */

static void put_log(const char *s, unsigned int n)
{
	struct screen *scr = &vts[0].scr;

	for (unsigned int i = 0; i < n; i++) {
		if (s[i] == '\n')
			screen_put(scr, (const u8 *)"\r", 1);
		screen_put(scr, (const u8 *)s + i, 1);
	}
}

static void vt_console_write(struct console *con, const char *s,
			     unsigned int n)
{
	unsigned long flags;
	bool locked = true;

	if (READ_ONCE(oops_in_progress))
		locked = spin_trylock_irqsave(&vt_lock, flags);
	else
		spin_lock_irqsave(&vt_lock, flags);
	put_log(s, n);
	if (READ_ONCE(oops_in_progress) && front == 0)
		render_now();
	if (locked)
		spin_unlock_irqrestore(&vt_lock, flags);
	WRITE_ONCE(log_pending, true);
}

void vt_log_news(void)
{
	if (READ_ONCE(log_pending)) {
		WRITE_ONCE(log_pending, false);
		render_soon();
	}
}

static struct tty_driver *vt_console_device(struct console *con, int *index)
{
	*index = con->index;
	return &vt_driver;
}

static struct console vt_console = {
	.name = "tty0",
	.write = vt_console_write,
	.device = vt_console_device,
	.flags = CON_PRINTBUFFER,
};

static void console_add(void)
{
	bool any = console_wanted("tty0");

	if (!any && console_wanted("tty1")) {
		strscpy(vt_console.name, "tty1", sizeof(vt_console.name));
		vt_console.index = 1;
		any = true;
	}
	if (any)
		register_console(&vt_console);
}

static int vt_init(void)
{
	int err;

	display = fbcon_probe();
	if (!display)
		display = vgacon_probe();
	if (!display)
		return 0;
	shown = kvmalloc_array(display->rows * display->cols, sizeof(cell_t),
			       GFP_KERNEL);
	if (!shown || vt_make_ready(0)) {
		display = NULL;
		return -ENOMEM;
	}
	memset(shown, 0xff, display->rows * display->cols * sizeof(cell_t));
	vt_driver.init_termios = tty_std_termios;
	vt_driver.init_termios.c_iflag |= IUTF8;
	err = tty_register_driver(&vt_driver);
	if (err)
		return err;
	console_add();
	render_soon();
	return 0;
}
module_init(vt_init);
