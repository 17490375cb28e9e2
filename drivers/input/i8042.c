/* SPDX-License-Identifier: MIT */
/*
 * i8042.c -- the keyboard controller of the PC
 *
 * Two ports: 0x60 for data both ways, 0x64 for status and commands.  The
 * controller raises ISA interrupt 1 for each byte from the keyboard, which it
 * translates to scan code set 1.  All waiting is bounded: a machine without a
 * controller answers 0xff for ever.
 */

#include "keyboard.h"

#include <arch/io.h>
#include <arch/irq.h>
#include <arch/processor.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/interrupt.h>
#include <kernel/ioport.h>
#include <kernel/printk.h>

enum { DATA = 0x60, STATUS = 0x64, COMMAND = 0x64 };
enum { STATUS_OUTPUT = 0x01, STATUS_INPUT = 0x02, STATUS_AUX = 0x20 };
enum { CMD_READ_CONFIG = 0x20, CMD_WRITE_CONFIG = 0x60, CMD_ENABLE = 0xae };
enum { CONFIG_IRQ1 = 0x01, CONFIG_CLOCK_OFF = 0x10, CONFIG_TRANSLATE = 0x40 };
#define KEYBOARD_ENABLE 0xf4
#define KEYBOARD_ISA_IRQ 1
#define SPINS 10000
#define BYTES_PER_IRQ 16

static irqreturn_t keyboard_irq(int irq, void *dev)
{
	irqreturn_t ret = IRQ_NONE;

	for (int i = 0; i < BYTES_PER_IRQ; i++) {
		u8 status = inb(STATUS), code;

		if (!(status & STATUS_OUTPUT))
			break;
		code = inb(DATA);
		ret = IRQ_HANDLED;
		if (!(status & STATUS_AUX))
			keyboard_scancode(code);
	}
	return ret;
}

static bool wait_status(u8 mask, u8 value)
{
	for (int i = 0; i < SPINS; i++) {
		if ((inb(STATUS) & mask) == value)
			return true;
		cpu_relax();
	}
	return false;
}

static bool send(u16 port, u8 byte)
{
	if (!wait_status(STATUS_INPUT, 0))
		return false;
	outb(byte, port);
	return true;
}

static void drain(void)
{
	for (int i = 0; i < BYTES_PER_IRQ; i++) {
		if (!(inb(STATUS) & STATUS_OUTPUT))
			return;
		inb(DATA);
	}
}

/* Interrupt on, translation on, clock running. */
static bool configure(void)
{
	u8 config;

	drain();
	if (!send(COMMAND, CMD_READ_CONFIG) ||
	    !wait_status(STATUS_OUTPUT, STATUS_OUTPUT))
		return false;
	config = inb(DATA);
	config |= CONFIG_IRQ1 | CONFIG_TRANSLATE;
	config &= ~CONFIG_CLOCK_OFF;
	return send(COMMAND, CMD_WRITE_CONFIG) && send(DATA, config) &&
	       send(COMMAND, CMD_ENABLE) && send(DATA, KEYBOARD_ENABLE);
}

static int i8042_init(void)
{
	int err;

	if (inb(STATUS) == 0xff || !configure())
		return 0;                    /* no such controller: no fault */
	err = request_irq(isa_irq_to_irq(KEYBOARD_ISA_IRQ), keyboard_irq, 0,
			  "i8042", NULL);
	if (err)
		return err;
	if (!request_region(DATA, 1, "keyboard") ||
	    !request_region(STATUS, 1, "keyboard"))
		pr_warn("input: the keyboard's ports are taken\n");
	drain();
	pr_info("input: PS/2 keyboard\n");
	return 0;
}
module_init(i8042_init);
