/* SPDX-License-Identifier: MIT */
/*
 * serial.c -- the first voice: a polled 16550 at port 3f8
 *
 * entry.S has set the port up.  Each byte waits until the transmitter has room,
 * at most a few milliseconds, so that a machine without a port is not held up
 * for long: it answers 0xff, which says "room".  Any context; two CPUs that
 * speak at once mix their bytes, no worse.
 *
 * Until a driver registers a real console, the log is shown here too.
 */

#include "internal.h"

#include <arch/io.h>
#include <kernel/kmsg.h>

enum { COM1 = 0x3f8, LINE_STATUS = 5, TRANSMITTER_EMPTY = 0x20 };

void early_putc(char c)
{
	if (c == '\n')
		early_putc('\r');
	for (int spin = 0; spin < 100000; spin++)
		if (inb(COM1 + LINE_STATUS) & TRANSMITTER_EMPTY)
			break;
	outb((u8)c, COM1);
}

void early_puts(const char *s)
{
	while (*s)
		early_putc(*s++);
}

void early_puthex(unsigned long v)
{
	static const char digits[] = "0123456789abcdef";

	for (int shift = 60; shift >= 0; shift -= 4)
		early_putc(digits[v >> shift & 15]);
}

static void boot_console_write(struct console *con, const char *s,
			       unsigned int n)
{
	(void)con;
	for (unsigned int i = 0; i < n; i++)
		early_putc(s[i]);
}

static struct console boot_console = {
	.name = "boot",
	.write = boot_console_write,
	.flags = CON_BOOT | CON_PRINTBUFFER | CON_ENABLED,
};

void early_console_init(void)
{
	register_console(&boot_console);
}
