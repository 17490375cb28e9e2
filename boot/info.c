/* SPDX-License-Identifier: MIT */
/*
 * info.c -- two loaders' words, one struct boot_info
 *
 * IDEA.  Multiboot2 gives a chain of tagged records, PVH a structure of
 * physical pointers.  Both lie in memory that will be handed out later, so
 * everything is copied, except the modules, whose memory is reserved.  What a
 * loader says is outside input: lengths are clipped, a malformed record ends
 * the parse.
 *
 * CONTEXT.  One CPU, interrupts off, early tables: __va() below 4 GiB only.
 *
 * SEE.  Multiboot2 1.6, 3.6; Xen docs/misc/pvh (struct hvm_start_info).
 */

#include "internal.h"

#include <arch/page.h>
#include <kernel/sections.h>

struct boot_info boot_info;

enum mb2_tag_type {
	MB2_END = 0, MB2_CMDLINE = 1, MB2_LOADER = 2, MB2_MODULE = 3,
	MB2_MMAP = 6, MB2_FRAMEBUFFER = 8, MB2_EFI32 = 11, MB2_EFI64 = 12,
	MB2_ACPI_OLD = 14, MB2_ACPI_NEW = 15,
};

struct mb2_tag {
	u32 type, size;
};

struct mb2_module {
	struct mb2_tag tag;
	u32 start, end;
	char name[];
};

struct mb2_mmap {
	struct mb2_tag tag;
	u32 entry_size, entry_version;
	/* entries: u64 base, u64 length, u32 type, u32 zero */
};

struct mb2_framebuffer {
	struct mb2_tag tag;
	u64 addr;
	u32 pitch, width, height;
	u8 bpp, kind;           /* kind 1: direct colour */
	u16 zero;
	u8 red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
} __packed;

struct e820_entry {
	u64 addr, size;
	u32 type, zero;
};

struct pvh_start_info {
	u32 magic, version, flags, nr_modules;
	u64 modules, cmdline, rsdp;
	u64 memmap;             /* version 1 and later */
	u32 nr_memmap, zero;
};

struct pvh_module {
	u64 start, size, cmdline, zero;
};

static_assert(sizeof(struct e820_entry) == 24, "as both loaders pack it");
static_assert(sizeof(struct pvh_start_info) == 56, "hvm_start_info, v1");

static __init void copy_text(char *to, size_t room, const char *from, size_t len)
{
	size_t n = 0;

	while (n < len && n + 1 < room && from[n]) {
		to[n] = from[n];
		n++;
	}
	to[n] = '\0';
}

static __init void add_range(u64 start, u64 size, u32 type)
{
	struct boot_info *b = &boot_info;

	if (b->nr_ranges == BOOT_MAX_RANGES || size == 0)
		return;
	b->ranges[b->nr_ranges].start = start;
	b->ranges[b->nr_ranges].end = start + size < start ? ~0ULL
							   : start + size;
	b->ranges[b->nr_ranges].type = type;
	b->nr_ranges++;
}

static __init void add_module(u64 start, u64 end, const char *name, size_t len)
{
	struct boot_module *m = &boot_info.modules[boot_info.nr_modules];

	if (boot_info.nr_modules == BOOT_MAX_MODULES || start >= end)
		return;
	m->start = start;
	m->end = end;
	copy_text(m->name, sizeof(m->name), name, len);
	boot_info.nr_modules++;
}

static __init void mb2_memory_map(const struct mb2_mmap *t)
{
	const char *at = (const char *)(t + 1);
	const char *end = (const char *)t + t->tag.size;

	if (t->entry_size < sizeof(struct e820_entry))
		return;
	for (; at + sizeof(struct e820_entry) <= end; at += t->entry_size) {
		const struct e820_entry *e = (const void *)at;

		add_range(e->addr, e->size, e->type);
	}
}

static __init void mb2_framebuffer(const struct mb2_framebuffer *t)
{
	if (t->tag.size < sizeof(*t) || t->kind != 1)
		return;         /* a palette or text mode: not for us */
	boot_info.fb = (struct boot_framebuffer){
		.phys = t->addr, .pitch = t->pitch,
		.width = t->width, .height = t->height, .bpp = t->bpp,
		.red_pos = t->red_pos, .red_size = t->red_size,
		.green_pos = t->green_pos, .green_size = t->green_size,
		.blue_pos = t->blue_pos, .blue_size = t->blue_size,
	};
}

/* The newer root pointer (36 bytes, with the XSDT) replaces the old one. */
static __init void mb2_rsdp(const struct mb2_tag *t)
{
	const u8 *from = (const u8 *)(t + 1);
	size_t len = t->size - sizeof(*t);

	if (boot_info.rsdp && t->type == MB2_ACPI_OLD)
		return;
	if (len > sizeof(boot_info.rsdp_copy))
		len = sizeof(boot_info.rsdp_copy);
	for (size_t i = 0; i < len; i++)
		boot_info.rsdp_copy[i] = from[i];
	boot_info.rsdp = __pa_symbol(boot_info.rsdp_copy);
}

static __init void mb2_tag(const struct mb2_tag *t)
{
	const struct mb2_module *module = (const void *)t;
	const char *text = (const char *)(t + 1);
	size_t len = t->size - sizeof(*t);

	switch (t->type) {
	case MB2_CMDLINE:
		copy_text(boot_info.cmdline, COMMAND_LINE_SIZE, text, len);
		break;
	case MB2_LOADER:
		copy_text(boot_info.loader, sizeof(boot_info.loader), text,
			  len);
		break;
	case MB2_MODULE:
		add_module(module->start, module->end, module->name,
			   t->size - sizeof(*module));
		break;
	case MB2_MMAP:
		mb2_memory_map((const void *)t);
		break;
	case MB2_FRAMEBUFFER:
		mb2_framebuffer((const void *)t);
		break;
	case MB2_EFI32:
	case MB2_EFI64:
		boot_info.efi = true;
		break;
	case MB2_ACPI_OLD:
	case MB2_ACPI_NEW:
		mb2_rsdp(t);
		break;
	}
}

static __init bool parse_multiboot2(u64 info)
{
	const char *start = __va(info);
	const char *end = start + *(const u32 *)start;
	const struct mb2_tag *t = (const void *)(start + 8);

	while ((const char *)(t + 1) <= end && t->type != MB2_END) {
		if (t->size < sizeof(*t) || (const char *)t + t->size > end)
			return false;
		mb2_tag(t);
		t = (const void *)((const char *)t + ((t->size + 7) & ~7u));
	}
	return true;
}

static __init bool parse_pvh(u64 info)
{
	const struct pvh_start_info *s = __va(info);
	const struct pvh_module *m = __va(s->modules);
	const struct e820_entry *e;

	if (s->magic != PVH_MAGIC || s->version < 1)
		return false;
	copy_text(boot_info.loader, sizeof(boot_info.loader), "PVH", 3);
	if (s->cmdline)
		copy_text(boot_info.cmdline, COMMAND_LINE_SIZE,
			  __va(s->cmdline), COMMAND_LINE_SIZE);
	for (u32 i = 0; i < s->nr_modules; i++) {
		const char *name = m[i].cmdline ? __va(m[i].cmdline) : "";

		add_module(m[i].start, m[i].start + m[i].size, name,
			   sizeof(boot_info.modules[0].name));
	}
	e = __va(s->memmap);
	for (u32 i = 0; i < s->nr_memmap; i++)
		add_range(e[i].addr, e[i].size, e[i].type);
	boot_info.rsdp = s->rsdp;
	return true;
}

__init bool boot_info_parse(u32 magic, u64 info)
{
	struct boot_info *b = &boot_info;
	bool ok = false;

	if (magic == MULTIBOOT2_MAGIC)
		ok = parse_multiboot2(info);
	else if (magic == PVH_MAGIC)
		ok = parse_pvh(info);
	if (!ok)
		return false;
	b->nr_ranges = memmap_sanitize(b->ranges, b->nr_ranges,
				       BOOT_MAX_RANGES);
	b->kernel_start = __pa_symbol(_text);
	b->kernel_end = __pa_symbol(_end);
	return true;
}
