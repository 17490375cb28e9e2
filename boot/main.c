/* SPDX-License-Identifier: MIT */
/*
 * main.c -- the first C function: read what the loader says, hand over
 *
 * Runs on init_stack with the early tables; __va() reaches physical 0..4 GiB.
 * Nothing here may use the log, which kmain() brings up.
 */

#include "internal.h"

#include <arch/cpu.h>
#include <mm/kasan.h>

static __noreturn void stop(const char *why)
{
	early_puts("Lantern: ");
	early_puts(why);
	early_puts("\n");
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* Stands in until kernel/init/main.c is linked: show what was found. */
__weak void kmain(struct boot_info *info)
{
	for (unsigned i = 0; i < info->nr_ranges; i++) {
		early_puthex(info->ranges[i].start);
		early_putc('-');
		early_puthex(info->ranges[i].end);
		early_putc(' ');
		early_putc('0' + (int)info->ranges[i].type);
		early_putc('\n');
	}
	early_puts(info->cmdline);
	stop("no kmain() in this image");
}

void boot_main(u32 magic, u64 info)
{
	kasan_early_init();
	early_idt_load();
	if (!boot_info_parse(magic, info))
		stop("started by an unknown loader; use GRUB or PVH");
	kmain(&boot_info);
	stop("kmain() returned");
}
