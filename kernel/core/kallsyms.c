/* SPDX-License-Identifier: MIT */
/* kallsyms.c -- from an address to a function's name; format: kallsyms.h */

#include <kernel/kallsyms.h>

#include <kernel/export.h>
#include <kernel/sections.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>

#define MARK_EACH 16                  /* tools/ksyms.py has it, too */

const char *kallsyms_entry(u32 i)
{
	const char *p = kallsyms_names + kallsyms_marks[i / MARK_EACH];

	for (i %= MARK_EACH; i; i--)
		p += strlen(p) + 1;
	return p;
}

/* Index of the last symbol at or below the offset; there is at least one. */
static u32 find_symbol(u64 offset)
{
	u32 low = 0, high = kallsyms_count;

	while (high - low > 1) {
		u32 mid = low + (high - low) / 2;

		if (kallsyms_offsets[mid] <= offset)
			low = mid;
		else
			high = mid;
	}
	/* Of several names for one address, take the first. */
	while (low > 0 && kallsyms_offsets[low - 1] == kallsyms_offsets[low])
		low--;
	return low;
}

static u64 symbol_end(u32 i)
{
	u32 next = i + 1;

	while (next < kallsyms_count &&
	       kallsyms_offsets[next] == kallsyms_offsets[i])
		next++;
	if (next < kallsyms_count)
		return kallsyms_base + kallsyms_offsets[next];
	return (u64)_etext;
}

const char *kallsyms_lookup(unsigned long addr, unsigned long *size,
			    unsigned long *offset)
{
	u64 start, end;
	u32 i;

	if (kallsyms_count == 0 || addr < kallsyms_base ||
	    !is_kernel_text(addr))
		return NULL;
	i = find_symbol(addr - kallsyms_base);
	start = kallsyms_base + kallsyms_offsets[i];
	end = symbol_end(i);
	if (size)
		*size = end > start ? end - start : 0;
	if (offset)
		*offset = addr - start;
	return kallsyms_entry(i) + 1;
}
EXPORT_SYMBOL(kallsyms_lookup);

unsigned long kallsyms_lookup_name(const char *name)
{
	const char *p = kallsyms_names;

	for (u32 i = 0; i < kallsyms_count; i++, p += strlen(p) + 1)
		if (strcmp(p + 1, name) == 0)
			return kallsyms_base + kallsyms_offsets[i];
	return 0;
}
EXPORT_SYMBOL(kallsyms_lookup_name);

int sprint_symbol(char *buf, size_t size, unsigned long addr)
{
	unsigned long length, offset;
	const char *name = kallsyms_lookup(addr, &length, &offset);

	if (!name)
		return scnprintf(buf, size, "0x%lx", addr);
	return scnprintf(buf, size, "%s+0x%lx/0x%lx", name, offset, length);
}
EXPORT_SYMBOL(sprint_symbol);
