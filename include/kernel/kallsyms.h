/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_KALLSYMS_H
#define KERNEL_KALLSYMS_H
/*
 * kallsyms.h -- the names of the kernel's functions, linked into the kernel
 *
 * A backtrace is numbers until somebody holds the map.  The image is linked
 * once without it; tools/ksyms.py reads that image with nm and writes the map
 * as data for .rodata; the second link has it (Makefile).  It needs no
 * allocator and no lock, so the very first panic can use it.
 *
 * Names are long, and there are thousands: as text they would be a twentieth of
 * the image.  So a byte of a packed name stands for a token, one to some dozens
 * of characters, and the pieces of names seen most often have one (byte-pair
 * encoding).
 *
 *	kallsyms_count		number of entries
 *	kallsyms_entries[]	per entry, by ascending address: its step, the
 *				name's bytes, and 0 (static) or 1 (global)
 *	kallsyms_marks[i]	where entry 16 * i starts, and what its step is
 *				to be added to
 *	kallsyms_tokens[]	the text of byte b's token is there from
 *	kallsyms_token_index[]	index[b] up to index[b + 1]
 *
 * A step is the distance from the entry before, seven bits a byte, the low ones
 * first: 2n says n times 16 bytes, 2n + 1 says n bytes.  Steps add up to the
 * offset from _text; .init.text counts as if it began at _etext, so that its
 * offsets are settled before the size of what lies between is.
 *
 *	entry 17   04                 73 9a c1         01
 *	           2 sixteens on      s  ched _clock   global: T sched_clock
 *
 * An entry ends where the next one starts, the last one at _einittext;
 * .init.text is gone once init is over: look at the section before you trust
 * it.
 */

#include <kernel/types.h>

struct kallsyms_mark {
	u32 offset, position;
};

/* In the first link linker.ld stands in for these. */
extern const u32 kallsyms_count;
extern const struct kallsyms_mark kallsyms_marks[];
extern const u16 kallsyms_token_index[257];
extern const char kallsyms_tokens[];
extern const u8 kallsyms_entries[];

/* No name is longer, its NUL included: tools/ksyms.py sees to that. */
#define KSYM_NAME_LEN 128
/* Long enough for "name+0x1234/0x5678". */
#define KSYM_SYMBOL_LEN 128

struct ksym {
	unsigned long addr;
	char type;              /* nm's letter, `t` or `T`: static or global */
	char name[KSYM_NAME_LEN];
};

/* Spell out entry i, which is less than kallsyms_count.  Any context. */
void kallsyms_entry(u32 i, struct ksym *sym);

/*
 * The function that contains `addr`, or NULL.  The name is written to name[],
 * of KSYM_NAME_LEN bytes, and returned.  Sets, where the pointer is not NULL,
 * the bytes from its start to addr and its size.  Any context.
 */
const char *kallsyms_lookup(unsigned long addr, unsigned long *size,
			    unsigned long *offset, char *name);

/* The same without the name: is there one?  Any context. */
bool kallsyms_lookup_size_offset(unsigned long addr, unsigned long *size,
				 unsigned long *offset);

/* The address of the function called `name`, or 0.  Slow: it reads all
 * names. */
unsigned long kallsyms_lookup_name(const char *name);

/* Print "name+0x12/0x34" or "0xffff..." into buf; return its length. */
int sprint_symbol(char *buf, size_t size, unsigned long addr);

#endif
