/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_KALLSYMS_H
#define KERNEL_KALLSYMS_H
/*
 * kallsyms.h -- the names of the kernel's functions, linked into the kernel
 *
 * A backtrace is numbers until somebody holds the map.  tools/ksyms.py reads
 * the linked image with nm and writes the map as data in .rodata; the image is
 * then linked again with it (Makefile).  It needs no allocator and no lock, so
 * the very first panic can use it.
 *
 *	kallsyms_base		address of the first function
 *	kallsyms_count		number of entries, 0 in the first link
 *	kallsyms_offsets[i]	address of entry i minus kallsyms_base, ascending
 *	kallsyms_marks[i]	where entry 16 * i's text starts in kallsyms_names[]
 *	kallsyms_names[]	per entry: nm's type letter (`t` or `T`: static
 *				or global), the name, a NUL
 *
 * Entry i ends where entry i + 1 starts; the last one ends at _etext or, for
 * __init code, never: look at the section before you trust it.
 */

#include <kernel/types.h>

extern const u64 kallsyms_base;
extern const u32 kallsyms_count;
extern const u32 kallsyms_offsets[];
extern const u32 kallsyms_marks[];
extern const char kallsyms_names[];

/* Long enough for "name+0x1234/0x5678". */
#define KSYM_SYMBOL_LEN 128

/* Entry i's type letter, and behind it the name.  Any context. */
const char *kallsyms_entry(u32 i);

/*
 * The function that contains `addr`, or NULL.  Sets, where the pointer is not
 * NULL, the bytes from its start to addr and its size.  Any context.
 */
const char *kallsyms_lookup(unsigned long addr, unsigned long *size,
			    unsigned long *offset);

/* The address of the function called `name`, or 0.  Slow: it reads all names. */
unsigned long kallsyms_lookup_name(const char *name);

/* Print "name+0x12/0x34" or "0xffff..." into buf; return its length. */
int sprint_symbol(char *buf, size_t size, unsigned long addr);

#endif
