/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_TTY_H
#define DRIVERS_TTY_H
/*
 * tty.h -- terminals: a device, a line discipline, and a session that owns it
 *
 * Theory: drivers/tty/tty_io.c (files and lifetime), n_tty.c (editing and
 * signals), tty_jobctrl.c (controlling terminals), pty.c.
 */

#include <fs/fs.h>
#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/refcount.h>
#include <kernel/rwsem.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>
#include <kernel/wait.h>
#include <uapi/termios.h>

struct n_tty_data;
struct pid;
struct task_struct;
struct tty_driver;
struct tty_struct;

#define TTY_MAJOR 4
#define TTYAUX_MAJOR 5
#define UNIX98_PTY_MASTER_MAJOR 128
#define UNIX98_PTY_SLAVE_MAJOR 136
#define NR_UNIX98_PTY_MAX 1024

/*
 * What a driver does.  [s] may sleep; the others are called with a spinlock
 * held and interrupts off, and may be called from an interrupt.
 */
struct tty_operations {
	int (*open)(struct tty_struct *tty, struct file *file);     /* [s] */
	void (*close)(struct tty_struct *tty, struct file *file);   /* [s] */
	/* Take up to n bytes; how many.  Never waits. */
	int (*write)(struct tty_struct *tty, const u8 *buf, int n);
	unsigned int (*write_room)(struct tty_struct *tty);
	/* Bytes taken and not yet sent. */
	unsigned int (*chars_in_buffer)(struct tty_struct *tty);
	void (*flush_buffer)(struct tty_struct *tty);
	/* The reader has made room: input may come again.  No lock held. */
	void (*unthrottle)(struct tty_struct *tty);
	void (*set_termios)(struct tty_struct *tty,
			    const struct termios2 *old);            /* [s] */
	void (*stop)(struct tty_struct *tty);
	void (*start)(struct tty_struct *tty);
	void (*hangup)(struct tty_struct *tty);                     /* [s] */
	int (*break_ctl)(struct tty_struct *tty, int state);        /* [s] */
	int (*tiocmget)(struct tty_struct *tty);                    /* [s] */
	/* -ENOIOCTLCMD: not known here. */
	int (*ioctl)(struct tty_struct *tty, unsigned int cmd,
		     unsigned long arg);                            /* [s] */
	int (*resize)(struct tty_struct *tty, struct winsize *ws);  /* [s] */
};

#define TTY_DRIVER_TYPE_CONSOLE 1
#define TTY_DRIVER_TYPE_SERIAL 3
#define TTY_DRIVER_TYPE_PTY 4
#define PTY_TYPE_MASTER 1
#define PTY_TYPE_SLAVE 2

/* Constant once registered, but for ttys[] (tty_mutex). */
struct tty_driver {
	const char *driver_name;
	const char *name;             /* of the nodes: "ttyS" */
	int name_base;                /* number of the first */
	unsigned int major, minor_start, num;
	short type, subtype;
	bool no_devices;              /* the driver makes the nodes itself */
	int (*map_index)(int index);  /* which terminal a number means, or NULL */
	struct termios2 init_termios;
	const struct tty_operations *ops;
	struct tty_driver *other;     /* pty: the other side's */
	struct tty_struct **ttys;
	struct cdev *cdev;
	struct list_head link;        /* tty_mutex */
};

/* tty->flags bits, atomic */
#define TTY_IO_ERROR 1
#define TTY_OTHER_CLOSED 2            /* pty: the other side is gone */
#define TTY_EXCLUSIVE 3
#define TTY_PTY_LOCK 16               /* slave: not yet unlocked */
#define TTY_HUPPED 18

/*
 * A terminal.  Those of real devices live for ever once opened; the two of a
 * pty share one count (of the master's) and go together.
 *
 * Field keys:
 *   [c] constant    [T] tty_mutex    [t] termios_rwsem    [C] ctrl_lock
 *   [W] winsize_mutex                [a] atomic
 */
struct tty_struct {
	struct tty_driver *driver;    /* [c] */
	const struct tty_operations *ops; /* [c] */
	int index;                    /* [c] */
	char name[16];                /* [c] "ttyS0" */
	refcount_t kref;              /* [a] of ->owner */
	struct tty_struct *owner;     /* [c] whose kref counts: self, or master */
	int count;                    /* [T] open files */
	struct tty_struct *link;      /* [c] pty: the other side */
	void *driver_data;            /* [c] */
	unsigned long flags;          /* [a] TTY_* */
	struct list_head files;       /* [T] struct tty_file */

	struct rw_semaphore termios_rwsem;
	struct termios2 termios;      /* [t]; single words may be read freely */
	struct mutex winsize_mutex;
	struct winsize winsize;       /* [W] */

	spinlock_t ctrl_lock;         /* irq-safe; after siglock */
	struct pid *pgrp;             /* [C] foreground group, a reference */
	struct pid *session;          /* [C] a reference */
	bool flow_stopped;            /* [C] by ^S or tcflow */
	bool packet;                  /* [C] pty master: TIOCPKT */
	u8 pktstatus;                 /* [C] of the slave, for the master */

	wait_queue_head_t read_wait, write_wait;
	struct mutex write_mutex;     /* one write() at a time */
	struct n_tty_data *disc;      /* [c] n_tty.c */
};

struct tty_file {
	struct tty_struct *tty;
	struct file *file;
	struct list_head link;        /* [T] */
};

#define I_FLAG(tty, f) ((tty)->termios.c_iflag & (f))
#define O_FLAG(tty, f) ((tty)->termios.c_oflag & (f))
#define C_FLAG(tty, f) ((tty)->termios.c_cflag & (f))
#define L_FLAG(tty, f) ((tty)->termios.c_lflag & (f))

extern const struct termios2 tty_std_termios;
extern struct mutex tty_mutex;

/* ---- for drivers --------------------------------------------------------- */

/* Nodes, numbers; may sleep.  0 or -errno. */
int tty_register_driver(struct tty_driver *driver);
/* A terminal of the driver, made if it is not there; tty_mutex held. */
struct tty_struct *tty_init_dev(struct tty_driver *driver, int idx);
/* The terminal if somebody ever opened it; NULL.  Any context. */
struct tty_struct *tty_find(struct tty_driver *driver, int idx);
/*
 * Input from the device; any context.  How many bytes were taken: fewer than n
 * only when the reader is slow (a pty then waits, a line loses them).
 */
int tty_receive(struct tty_struct *tty, const u8 *buf, int n);
/* The line was held low: a break.  Any context. */
void tty_receive_break(struct tty_struct *tty);
/* There is room for output again.  Any context. */
void tty_wakeup(struct tty_struct *tty);
void tty_hangup(struct tty_struct *tty);      /* may sleep */
unsigned int tty_termios_baud_rate(const struct termios2 *t);
bool tty_hung_up_p(struct file *file);
/* fn for each driver, for /proc/tty/drivers; may sleep. */
void tty_driver_for_each(void (*fn)(const struct tty_driver *drv, void *arg),
			 void *arg);
int tty_do_resize(struct tty_struct *tty, struct winsize *ws);
const char *tty_name(const struct tty_struct *tty);
dev_t tty_devnum(const struct tty_struct *tty);

static inline struct tty_struct *tty_kref_get(struct tty_struct *tty)
{
	if (tty)
		refcount_inc(&tty->owner->kref);
	return tty;
}

void tty_kref_put(struct tty_struct *tty);    /* NULL is fine; any context */

static inline struct tty_struct *file_tty(const struct file *file)
{
	return ((struct tty_file *)file->private_data)->tty;
}

/* ---- job control --------------------------------------------------------- */

/* May current read, write or change it now?  0, -EIO, -ERESTARTSYS. */
int __tty_check_change(struct tty_struct *tty, int sig);
int tty_check_change(struct tty_struct *tty);
/* The controlling terminal of current with a reference, or NULL. */
struct tty_struct *get_current_tty(void);
/* setsid() and the end of a session leader.  May sleep. */
void proc_clear_tty(struct task_struct *t);
void disassociate_ctty(int on_exit);
void no_tty(void);
void tty_open_proc_set_tty(struct file *file, struct tty_struct *tty);
void session_clear_tty(struct pid *session);
/* SIGHUP and SIGCONT to the session; how many tasks.  tty_mutex not held. */
int tty_signal_session_leader(struct tty_struct *tty, bool exit_session);
int tty_jobctrl_ioctl(struct tty_struct *tty, struct tty_struct *real_tty,
		      struct file *file, unsigned int cmd, unsigned long arg);
struct pid *tty_get_pgrp(struct tty_struct *tty);

/* ---- the line discipline (n_tty.c) --------------------------------------- */

int n_tty_open(struct tty_struct *tty);
void n_tty_close(struct tty_struct *tty);
ssize_t n_tty_read(struct tty_struct *tty, struct file *file, char __user *buf,
		   size_t n);
ssize_t n_tty_write(struct tty_struct *tty, struct file *file,
		    const char __user *buf, size_t n);
struct poll_table_struct;
__poll_t n_tty_poll(struct tty_struct *tty, struct file *file,
		    struct poll_table_struct *pt);
void n_tty_set_termios(struct tty_struct *tty, const struct termios2 *old);
void n_tty_flush_input(struct tty_struct *tty);
unsigned int n_tty_chars_readable(struct tty_struct *tty);
void n_tty_wakeup(struct tty_struct *tty);
void stop_tty(struct tty_struct *tty);
void start_tty(struct tty_struct *tty);

/* ---- ioctls (tty_ioctl.c) ------------------------------------------------ */

long tty_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
int tty_mode_ioctl(struct tty_struct *tty, struct file *file, unsigned int cmd,
		   unsigned long arg);
/* Wait until all output is sent; 0 or -ERESTARTSYS. */
int tty_wait_until_sent(struct tty_struct *tty);
int tty_set_termios(struct tty_struct *tty, const struct termios2 *new);

/* ---- devpts registers itself --------------------------------------------- */

struct devpts_ops {
	int (*new_node)(int index);   /* 0 or -errno; may sleep */
	void (*kill_node)(int index);
	int (*open_peer)(int index, int flags); /* a descriptor, or -errno */
};

void devpts_register(const struct devpts_ops *ops);

/* ---- the console (tty_console.c) ----------------------------------------- */

/* Does the boot line send the log to "ttyS0", "tty0"?  Initcalls only. */
bool console_wanted(const char *name);
/* The terminal of /dev/console now: driver and index; NULL. */
struct tty_driver *console_device(int *index);

#endif
