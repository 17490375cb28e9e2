/* SPDX-License-Identifier: MIT */
#ifndef ARCH_BOOT_H
#define ARCH_BOOT_H
/*
 * boot.h -- what the loader told us, in one form whatever the protocol
 *
 * Filled by boot/info.c from multiboot2 (GRUB) or PVH (qemu -kernel), copied
 * out of the loader's memory, so nothing in it needs to be kept but the
 * modules.
 */

#include <kernel/types.h>

/* The numbers are those of the INT 15h E820 interface. */
enum mem_type {
	MEM_USABLE = 1,
	MEM_RESERVED = 2,
	MEM_ACPI = 3,          /* tables; ours once they are read */
	MEM_NVS = 4,           /* the firmware's, across sleep */
	MEM_BAD = 5,
};

struct mem_range {
	u64 start, end;        /* bytes, end excluded */
	u32 type;              /* enum mem_type */
};

struct boot_module {
	u64 start, end;        /* physical bytes; start page-aligned by GRUB */
	char name[64];         /* the loader's string for it; may be empty */
};

struct boot_framebuffer {
	u64 phys;              /* 0: there is none */
	u32 pitch;             /* bytes from one line to the next */
	u32 width, height;     /* pixels */
	u8 bpp;                /* bits a pixel: 15, 16, 24 or 32 */
	u8 red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
};

#define COMMAND_LINE_SIZE 2048
#define BOOT_MAX_RANGES 256
#define BOOT_MAX_MODULES 4

/* All [c]: constant once kmain() runs. */
struct boot_info {
	u32 nr_ranges;
	u32 nr_modules;
	struct mem_range ranges[BOOT_MAX_RANGES]; /* sorted, disjoint, merged */
	struct boot_module modules[BOOT_MAX_MODULES];
	struct boot_framebuffer fb;
	u64 rsdp;              /* physical, 0 = search for it */
	u64 kernel_start, kernel_end; /* physical, page-aligned */
	bool efi;              /* the firmware is UEFI */
	char loader[64];
	char cmdline[COMMAND_LINE_SIZE];
	u8 rsdp_copy[40];      /* the RSDP itself if the loader gave a copy */
};

extern struct boot_info boot_info;

/* The boot CPU's first stack, later its idle task's; a guard page below. */
extern char init_stack[], init_stack_guard[];

/* The C world begins here: high addresses, early tables, irqs off, one CPU. */
void kmain(struct boot_info *info);

/*
 * Sort, resolve overlaps (the higher type wins: whoever says "not RAM" is
 * believed) and merge neighbours of one type.  Returns the new count, at most
 * max; pure.  See boot/memmap.c.
 */
unsigned memmap_sanitize(struct mem_range *r, unsigned n, unsigned max);

/*
 * The steps of early memory, in this order, from kmain():
 *   cpu_features_init(), cpu_enable_features()
 *   boot_memory_init()  tells memblock of RAM, kernel and modules
 *   paging_init()       the final kernel page tables (needs memblock)
 */
void boot_memory_init(void);
void paging_init(void);
/* Log the memory map; after the console is up. */
void boot_memory_report(void);

/* Give .init.text and .init.data back; once, when nothing of them can run. */
void free_initmem(void);
/* Give a module's memory back (the initramfs, once it is unpacked). */
void free_boot_module(struct boot_module *m);

/* 16550 at 3f8, polled: works from the first instruction on. */
void early_putc(char c);
void early_puts(const char *s);
/* Show the log there until a real console is registered; boot CPU, once. */
void early_console_init(void);

#endif
