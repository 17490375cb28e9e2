/* SPDX-License-Identifier: MIT */
/*
 * kallsyms.c -- from an address to a function's name, and back
 *
 * PROMISE  Any context, a panic and an NMI included: nothing is allocated,
 * locked
 *	or written but what the caller passes.
 * IDEA	The table is read-only data, packed (include/kernel/kallsyms.h says how).
 *	Entries differ in length, so there is a mark for each sixteenth: a binary
 *	search among the marks, then a walk.  A name is spelled out last, for
 *	the one entry that was looked for.
 * SEE	tools/ksyms.py, which writes it; docs/21-log-and-panic.md
 */

#include <kernel/kallsyms.h>

#include <kernel/export.h>
#include <kernel/sections.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>

#define MARK_EACH 16                  /* tools/ksyms.py has these three, too */
enum { END_STATIC = 0, END_GLOBAL = 1 };

/* Where a walk through the entries stands. */
struct entry {
	u32 offset;
	const u8 *name;               /* packed */
	const u8 *end;                /* the byte that ends it */
};

/* Stand before the first entry of a group. */
static struct entry before_group(u32 group)
{
	const struct kallsyms_mark *mark = &kallsyms_marks[group];
	const u8 *at = kallsyms_entries + mark->position;

	return (struct entry){ .offset = mark->offset, .end = at - 1 };
}

static void next_entry(struct entry *e)
{
	const u8 *at = e->end + 1;
	u32 value = 0, shift = 0;

	do {
		value |= (u32)(*at & 127) << shift;
		shift += 7;
	} while (*at++ & 128);
	e->offset += value & 1 ? value / 2 : value / 2 * 16;
	e->name = at;
	while (*at > END_GLOBAL)
		at++;
	e->end = at;
}

static char *unpack_name(const struct entry *e, char *name)
{
	char *to = name;

	for (const u8 *p = e->name; p < e->end; p++)
		for (u32 i = kallsyms_token_index[*p];
		     i < kallsyms_token_index[*p + 1]; i++)
			*to++ = kallsyms_tokens[i];
	*to = '\0';
	return name;
}

/* Most names differ in their first byte. */
static bool name_is(const struct entry *e, const char *name)
{
	for (const u8 *p = e->name; p < e->end; p++)
		for (u32 i = kallsyms_token_index[*p];
		     i < kallsyms_token_index[*p + 1]; i++)
			if (kallsyms_tokens[i] != *name++)
				return false;
	return *name == '\0';
}

/* What lies between .text and .init.text does not count in an offset. */
static unsigned long address_at(u32 offset)
{
	unsigned long text = _etext - _text;

	return offset < text ? (unsigned long)_text + offset :
			       (unsigned long)_sinittext + (offset - text);
}

static u32 offset_of(unsigned long addr)
{
	return addr < (unsigned long)_etext ?
		       addr - (unsigned long)_text :
		       addr - (unsigned long)_sinittext + (_etext - _text);
}

void kallsyms_entry(u32 i, struct ksym *sym)
{
	struct entry e = before_group(i / MARK_EACH);

	for (u32 n = 0; n <= i % MARK_EACH; n++)
		next_entry(&e);
	sym->addr = address_at(e.offset);
	sym->type = *e.end == END_GLOBAL ? 'T' : 't';
	unpack_name(&e, sym->name);
}

/* The last group whose first step starts at or below the offset. */
static u32 find_group(u32 offset)
{
	u32 low = 0, high = (kallsyms_count + MARK_EACH - 1) / MARK_EACH;

	while (high - low > 1) {
		u32 mid = low + (high - low) / 2;

		if (kallsyms_marks[mid].offset <= offset)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/*
 * The last entry at or below the offset; of several names for one address the
 * first.  The walk starts a group early: it, or the first of those names, may
 * be the last one there.  Returns the offset where the function ends.
 */
static u32 find_entry(u32 offset, struct entry *found)
{
	u32 group = find_group(offset);
	struct entry e;
	u32 i;

	group -= group > 0;
	e = before_group(group);
	next_entry(&e);
	*found = e;
	for (i = group * MARK_EACH + 1; i < kallsyms_count; i++) {
		next_entry(&e);
		if (e.offset > offset)
			return e.offset;
		if (e.offset > found->offset)
			*found = e;
	}
	return offset_of((unsigned long)_einittext);
}

static bool find_address(unsigned long addr, unsigned long *size,
			 unsigned long *offset, struct entry *e)
{
	u32 end, at;

	if (!is_kernel_text(addr))
		return false;
	at = offset_of(addr);
	end = find_entry(at, e);
	if (e->offset > at)
		return false;
	if (size)
		*size = end - e->offset;
	if (offset)
		*offset = at - e->offset;
	return true;
}

const char *kallsyms_lookup(unsigned long addr, unsigned long *size,
			    unsigned long *offset, char *name)
{
	struct entry e;

	return find_address(addr, size, offset, &e) ? unpack_name(&e, name) :
						      NULL;
}
EXPORT_SYMBOL(kallsyms_lookup);

bool kallsyms_lookup_size_offset(unsigned long addr, unsigned long *size,
				 unsigned long *offset)
{
	struct entry e;

	return find_address(addr, size, offset, &e);
}

unsigned long kallsyms_lookup_name(const char *name)
{
	struct entry e = before_group(0);

	for (u32 i = 0; i < kallsyms_count; i++) {
		next_entry(&e);
		if (name_is(&e, name))
			return address_at(e.offset);
	}
	return 0;
}
EXPORT_SYMBOL(kallsyms_lookup_name);

int sprint_symbol(char *buf, size_t size, unsigned long addr)
{
	unsigned long length, offset;
	char name[KSYM_NAME_LEN];

	if (!kallsyms_lookup(addr, &length, &offset, name))
		return scnprintf(buf, size, "0x%lx", addr);
	return scnprintf(buf, size, "%s+0x%lx/0x%lx", name, offset, length);
}
EXPORT_SYMBOL(sprint_symbol);
