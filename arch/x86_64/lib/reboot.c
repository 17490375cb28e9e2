/* SPDX-License-Identifier: MIT */
/*
 * reboot.c -- the ways to reset, switch off or stop a PC, the best first
 *
 * Reset: ACPI's reset register; the reset control register at port 0xcf9; the
 * keyboard controller's line to the CPU; and a triple fault, which cannot fail:
 * an exception with no IDT, and none for that one, resets the CPU.
 */

#include <arch/reboot.h>

#include "../cpu/cpu.h"

#include <arch/io.h>
#include <arch/irqflags.h>
#include <arch/processor.h>
#include <arch/smp.h>

#define RESET_CONTROL 0xcf9
#define RESET_FULL 0x0e
#define KBD_COMMAND 0x64
#define KBD_INPUT_FULL 0x02
#define KBD_PULSE_RESET 0xfe

void (*acpi_reset_hook)(void);
void (*acpi_power_off_hook)(void);

__noreturn void stop_this_cpu(void)
{
	local_irq_disable();
	for (;;)
		halt();
}

static void spin(void)
{
	for (int i = 0; i < 100000; i++)
		io_delay();
}

static void keyboard_reset(void)
{
	for (int i = 0; i < 10000 && inb(KBD_COMMAND) & KBD_INPUT_FULL; i++)
		io_delay();
	outb(KBD_PULSE_RESET, KBD_COMMAND);
	spin();
}

static void triple_fault(void)
{
	struct desc_ptr none = { 0, 0 };

	__asm__ __volatile__("lidt %0; int3" :: "m"(none));
}

__noreturn void machine_restart(void)
{
	smp_send_stop();
	local_irq_disable();
	if (acpi_reset_hook)
		acpi_reset_hook();
	outb(RESET_FULL, RESET_CONTROL);
	spin();
	keyboard_reset();
	triple_fault();
	stop_this_cpu();
}

__noreturn void machine_power_off(void)
{
	smp_send_stop();
	local_irq_disable();
	if (acpi_power_off_hook)
		acpi_power_off_hook();
	stop_this_cpu();
}

__noreturn void machine_halt(void)
{
	smp_send_stop();
	stop_this_cpu();
}
