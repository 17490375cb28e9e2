/* SPDX-License-Identifier: MIT */
/*
 * serial.c -- the 16550 UART: ttyS0..3, and the kernel's console on them
 *
 * PROMISE.  Bytes written are sent in order; bytes received reach the line
 * discipline in order, in the interrupt that brought them.  A printk() gets out
 * even if interrupts are off and the machine is dying.
 *
 * IDEA.  Output goes into a ring; the chip says by an interrupt when its
 * 16-byte FIFO is empty, and gets the next 16.  The first bytes after silence
 * are written at once, so that a lone echo costs no interrupt.  The console
 * does not use the ring: it waits for the chip with interrupts masked, then
 * writes itself.
 *
 *	write() --> ring (4096) --> FIFO (16) --> line
 *	printk() ---------------------^
 *
 * LOCKING.  port->lock, irq-safe, the last in any order.  Received bytes are
 * handed up after it is dropped, for their echo comes back here.
 *
 * SEE the PC16550D data sheet; docs/60-tty.md
 */

#include <drivers/tty.h>

#include <arch/io.h>
#include <arch/irq.h>
#include <arch/processor.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/interrupt.h>
#include <kernel/ioport.h>
#include <kernel/kernel.h>
#include <kernel/kmsg.h>
#include <kernel/panic.h>

/* Registers, from the base port. */
enum {
	RBR = 0, THR = 0, DLL = 0,
	IER = 1, DLM = 1,
	IIR = 2, FCR = 2,
	LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7,
};

enum {
	IER_RDI = 0x01, IER_THRI = 0x02, IER_RLSI = 0x04,
	IIR_NONE = 0x01,
	FCR_ENABLE = 0x01, FCR_CLEAR_RX = 0x02, FCR_CLEAR_TX = 0x04,
	FCR_TRIGGER_8 = 0x80,
	LCR_WLEN8 = 0x03, LCR_STOP = 0x04, LCR_PARITY = 0x08, LCR_EVEN = 0x10,
	LCR_BREAK = 0x40, LCR_DLAB = 0x80,
	MCR_DTR = 0x01, MCR_RTS = 0x02, MCR_OUT1 = 0x04, MCR_OUT2 = 0x08,
	MCR_LOOP = 0x10,
	LSR_DR = 0x01, LSR_BI = 0x10, LSR_THRE = 0x20, LSR_TEMT = 0x40,
	MSR_CTS = 0x10, MSR_DSR = 0x20, MSR_DCD = 0x80,
};

#define NR_UARTS 4
#define NR_PORTS 8               /* of one chip */
#define FIFO 16
#define TX_RING 4096
#define BASE_BAUD 115200
#define IRQ_ROUNDS 64            /* of one interrupt: no chip loops for ever */

/*
 * Field keys:  [c] constant after probing   [L] .lock   [T] tty_mutex
 */
struct uart {
	u16 base;             /* [c] */
	u8 isa_irq;           /* [c] */
	bool present;         /* [c] */
	bool irq_taken;       /* [T] */
	spinlock_t lock;
	bool stuck;                   /* [L] it did not take a burst */
	u8 ier, mcr, lcr;     /* [L] what was last written */
	bool stopped;         /* [L] */
	unsigned int head, tail; /* [L] of the ring; they only grow */
	u8 ring[TX_RING];     /* [L] */
};

static struct uart uarts[NR_UARTS];
/* Where PCs have had them since 1981. */
static const struct { u16 base; u8 isa_irq; } uart_places[NR_UARTS] = {
	{ 0x3f8, 4 }, { 0x2f8, 3 }, { 0x3e8, 4 }, { 0x2e8, 3 },
};

static struct tty_driver serial_driver;

static u8 get(const struct uart *u, int reg)
{
	return inb(u->base + reg);
}

static void set(const struct uart *u, int reg, u8 value)
{
	outb(value, u->base + reg);
}

static void set_ier(struct uart *u, u8 value)
{
	if (u->ier != value) {
		u->ier = value;
		set(u, IER, value);
	}
}

/* ---- sending; lock held -------------------------------------------------- */

/* Fill the FIFO if it is empty; ask for an interrupt if there is more. */
static void transmit(struct uart *u)
{
	bool more;

	if (!u->stopped && u->head != u->tail && (get(u, LSR) & LSR_THRE))
		for (int i = 0; i < FIFO && u->tail != u->head; i++)
			set(u, THR, u->ring[u->tail++ % TX_RING]);
	more = u->head != u->tail && !u->stopped;
	set_ier(u, more ? u->ier | IER_THRI : u->ier & ~IER_THRI);
}

static int serial_write(struct tty_struct *tty, const u8 *buf, int n)
{
	struct uart *u = tty->driver_data;
	unsigned long flags;
	int i;

	spin_lock_irqsave(&u->lock, flags);
	for (i = 0; i < n && u->head - u->tail < TX_RING; i++)
		u->ring[u->head++ % TX_RING] = buf[i];
	if (!(u->ier & IER_THRI))
		transmit(u);
	spin_unlock_irqrestore(&u->lock, flags);
	return i;
}

static unsigned int serial_write_room(struct tty_struct *tty)
{
	struct uart *u = tty->driver_data;

	return TX_RING - (READ_ONCE(u->head) - READ_ONCE(u->tail));
}

static unsigned int serial_chars_in_buffer(struct tty_struct *tty)
{
	struct uart *u = tty->driver_data;
	unsigned int n = READ_ONCE(u->head) - READ_ONCE(u->tail);

	if (u->present && !(get(u, LSR) & LSR_TEMT))
		n++;
	return n;
}

static void serial_flush_buffer(struct tty_struct *tty)
{
	struct uart *u = tty->driver_data;
	unsigned long flags;

	spin_lock_irqsave(&u->lock, flags);
	u->tail = u->head;
	spin_unlock_irqrestore(&u->lock, flags);
}

static void set_stopped(struct tty_struct *tty, bool stopped)
{
	struct uart *u = tty->driver_data;
	unsigned long flags;

	spin_lock_irqsave(&u->lock, flags);
	u->stopped = stopped;
	if (u->present)
		transmit(u);
	spin_unlock_irqrestore(&u->lock, flags);
}

static void serial_stop(struct tty_struct *tty)
{
	set_stopped(tty, true);
}

static void serial_start(struct tty_struct *tty)
{
	set_stopped(tty, false);
}

/* ---- receiving ----------------------------------------------------------- */

/* What an interrupt found, to be handed up without the lock. */
struct received {
	u8 buf[FIFO * 4];
	int n;
	bool line_break;
	bool room;
};

/* Serve the chip once; false if it has nothing.  Lock held. */
static bool service(struct uart *u, struct received *r)
{
	u8 lsr;

	if (get(u, IIR) & IIR_NONE)
		return false;
	lsr = get(u, LSR);
	while ((lsr & (LSR_DR | LSR_BI)) && r->n < (int)sizeof(r->buf)) {
		u8 c = get(u, RBR);

		if (lsr & LSR_BI)
			r->line_break = true;
		else
			r->buf[r->n++] = c;
		lsr = get(u, LSR);
	}
	get(u, MSR);
	if (u->ier & IER_THRI) {
		transmit(u);
		r->room = u->head - u->tail < TX_RING / 2;
	}
	return true;
}

static irqreturn_t serial_irq(int irq, void *dev)
{
	struct uart *u = dev;
	struct tty_struct *tty = tty_find(&serial_driver, u - uarts);
	irqreturn_t ret = IRQ_NONE;

	for (int round = 0; round < IRQ_ROUNDS; round++) {
		struct received r = { .n = 0 };
		bool busy;

		spin_lock(&u->lock);
		busy = service(u, &r);
		spin_unlock(&u->lock);
		if (!busy)
			break;
		ret = IRQ_HANDLED;
		if (tty && r.line_break)
			tty_receive_break(tty);
		if (tty && r.n)
			tty_receive(tty, r.buf, r.n);
		if (tty && r.room)
			tty_wakeup(tty);
	}
	return ret;
}

/* ---- opening, modes ------------------------------------------------------ */

static void set_line(struct uart *u, const struct termios2 *t)
{
	unsigned int baud = tty_termios_baud_rate(t);
	unsigned int divisor = baud ? max(BASE_BAUD / baud, 1U) : 1;
	u8 lcr = (t->c_cflag & CSIZE) >> 4;

	if (t->c_cflag & CSTOPB)
		lcr |= LCR_STOP;
	if (t->c_cflag & PARENB)
		lcr |= LCR_PARITY | (t->c_cflag & PARODD ? 0 : LCR_EVEN);
	u->lcr = lcr;
	u->mcr = baud ? u->mcr | MCR_DTR | MCR_RTS
		      : u->mcr & ~(MCR_DTR | MCR_RTS);
	set(u, LCR, lcr | LCR_DLAB);
	set(u, DLL, divisor & 0xff);
	set(u, DLM, divisor >> 8);
	set(u, LCR, lcr);
	set(u, MCR, u->mcr);
}

static void serial_set_termios(struct tty_struct *tty,
			       const struct termios2 *old)
{
	struct uart *u = tty->driver_data;
	unsigned long flags;

	if (!u->present || old->c_cflag == tty->termios.c_cflag)
		return;
	spin_lock_irqsave(&u->lock, flags);
	set_line(u, &tty->termios);
	spin_unlock_irqrestore(&u->lock, flags);
}

static int serial_open(struct tty_struct *tty, struct file *file)
{
	struct uart *u = &uarts[tty->index];
	unsigned long flags;
	int err;

	tty->driver_data = u;
	if (!u->present) {
		set_bit(TTY_IO_ERROR, &tty->flags);
		return 0;
	}
	if (!u->irq_taken) {
		err = request_irq(isa_irq_to_irq(u->isa_irq), serial_irq,
				  IRQF_SHARED, tty->name, u);
		if (err)
			return err;
		u->irq_taken = true;
	}
	if (tty->count > 0)
		return 0;
	spin_lock_irqsave(&u->lock, flags);
	u->mcr = MCR_DTR | MCR_RTS | MCR_OUT2;
	set_line(u, &tty->termios);
	set(u, FCR, FCR_ENABLE | FCR_TRIGGER_8);
	set_ier(u, u->ier | IER_RDI | IER_RLSI);
	spin_unlock_irqrestore(&u->lock, flags);
	return 0;
}

/* The last one: deaf, but what was written still goes out. */
static void serial_close(struct tty_struct *tty, struct file *file)
{
	struct uart *u = tty->driver_data;
	unsigned long flags;

	if (tty->count > 0 || !u->present)
		return;
	spin_lock_irqsave(&u->lock, flags);
	set_ier(u, u->ier & ~(IER_RDI | IER_RLSI));
	spin_unlock_irqrestore(&u->lock, flags);
}

static int serial_break(struct tty_struct *tty, int state)
{
	struct uart *u = tty->driver_data;
	unsigned long flags;

	spin_lock_irqsave(&u->lock, flags);
	u->lcr = state ? u->lcr | LCR_BREAK : u->lcr & ~LCR_BREAK;
	set(u, LCR, u->lcr);
	spin_unlock_irqrestore(&u->lock, flags);
	return 0;
}

static int serial_tiocmget(struct tty_struct *tty)
{
	struct uart *u = tty->driver_data;
	u8 msr = get(u, MSR);

	return (u->mcr & MCR_DTR ? TIOCM_DTR : 0) |
	       (u->mcr & MCR_RTS ? TIOCM_RTS : 0) |
	       (msr & MSR_CTS ? TIOCM_CTS : 0) |
	       (msr & MSR_DSR ? TIOCM_DSR : 0) |
	       (msr & MSR_DCD ? TIOCM_CAR : 0);
}

static const struct tty_operations serial_ops = {
	.open = serial_open,
	.close = serial_close,
	.write = serial_write,
	.write_room = serial_write_room,
	.chars_in_buffer = serial_chars_in_buffer,
	.flush_buffer = serial_flush_buffer,
	.set_termios = serial_set_termios,
	.stop = serial_stop,
	.start = serial_start,
	.break_ctl = serial_break,
	.tiocmget = serial_tiocmget,
};

static struct tty_driver serial_driver = {
	.driver_name = "serial",
	.name = "ttyS",
	.major = TTY_MAJOR,
	.minor_start = 64,
	.num = NR_UARTS,
	.type = TTY_DRIVER_TYPE_SERIAL,
	.ops = &serial_ops,
};

/* ---- the console --------------------------------------------------------- */

/*
 * A burst is gone in 2 ms, but whoever reads the line may be slow, and what is
 * written into a full FIFO is lost: wait for a second or two.  A line that has
 * kept us waiting for so long is not waited for again until it moves.
 */
static void wait_for(struct uart *u, u8 bits)
{
	int spins = u->stuck ? 1000 : 2000000;

	while ((get(u, LSR) & bits) != bits) {
		if (!spins--) {
			u->stuck = true;
			return;
		}
		cpu_relax();
	}
	u->stuck = false;
}

/* Burst by burst, as the FIFO empties.  Lock held, or panicking. */
static void put_polled(struct uart *u, const char *s, unsigned int n)
{
	int room = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (room < 2) {
			wait_for(u, LSR_THRE);
			room = FIFO;
		}
		if (s[i] == '\n') {
			set(u, THR, '\r');
			room--;
		}
		set(u, THR, s[i]);
		room--;
	}
}

static void serial_console_write(struct console *con, const char *s,
				 unsigned int n)
{
	struct uart *u = con->data;
	unsigned long flags;
	bool locked = true;

	if (READ_ONCE(oops_in_progress))
		locked = spin_trylock_irqsave(&u->lock, flags);
	else
		spin_lock_irqsave(&u->lock, flags);
	if (u->ier)
		set(u, IER, 0);
	put_polled(u, s, n);
	if (u->ier)
		set(u, IER, u->ier);
	if (locked)
		spin_unlock_irqrestore(&u->lock, flags);
}

static struct tty_driver *serial_console_device(struct console *con,
						int *index)
{
	*index = con->index;
	return &serial_driver;
}

static struct console serial_consoles[NR_UARTS];

static void console_add(int i)
{
	struct console *con = &serial_consoles[i];

	snprintf(con->name, sizeof(con->name), "ttyS%d", i);
	if (!console_wanted(con->name))
		return;
	con->write = serial_console_write;
	con->device = serial_console_device;
	con->index = i;
	con->data = &uarts[i];
	register_console(con);
}

/* ---- finding the ports --------------------------------------------------- */

/* In loop-back the chip's outputs come back as its inputs. */
static bool probe(struct uart *u)
{
	u8 mcr = get(u, MCR), status;

	set(u, SCR, 0x5a);
	if (get(u, SCR) != 0x5a)
		return false;
	set(u, MCR, MCR_LOOP | MCR_OUT2 | MCR_RTS);
	status = get(u, MSR) & 0xf0;
	set(u, MCR, mcr);
	return status == (MSR_DCD | MSR_CTS);
}

static void reset(struct uart *u)
{
	struct termios2 t = serial_driver.init_termios;

	set(u, IER, 0);
	set(u, FCR, FCR_ENABLE | FCR_CLEAR_RX | FCR_CLEAR_TX);
	set(u, FCR, FCR_ENABLE);
	u->mcr = MCR_DTR | MCR_RTS | MCR_OUT2;
	set_line(u, &t);
}

static int serial_init(void)
{
	serial_driver.init_termios = tty_std_termios;
	serial_driver.init_termios.c_cflag = B115200 | CS8 | CREAD | HUPCL |
					     CLOCAL;
	serial_driver.init_termios.c_ispeed = BASE_BAUD;
	serial_driver.init_termios.c_ospeed = BASE_BAUD;
	for (int i = 0; i < NR_UARTS; i++) {
		struct uart *u = &uarts[i];

		spin_lock_init(&u->lock);
		u->base = uart_places[i].base;
		u->isa_irq = uart_places[i].isa_irq;
		u->present = probe(u) &&
			     request_region(u->base, NR_PORTS, "serial");
		if (!u->present)
			continue;
		reset(u);
		console_add(i);
		pr_info("ttyS%d at port %#x (irq %d) is a 16550\n", i, u->base,
			u->isa_irq);
	}
	return 0;
}
subsys_initcall(serial_init);

static int serial_register(void)
{
	return tty_register_driver(&serial_driver);
}
module_init(serial_register);
