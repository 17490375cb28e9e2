/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_EXPORT_H
#define KERNEL_EXPORT_H
/*
 * export.h -- symbols that a loadable module may use
 *
 * EXPORT_SYMBOL leaves the symbol's address in the table .ksymtab; its name is
 * kallsyms' (kernel/core/kallsyms.c).  Nothing loads modules yet, so the table
 * stays in the image's file and takes no memory (linker.ld).
 */

#define EXPORT_SYMBOL(sym)						\
	static const void *const __ksymtab_##sym			\
	__attribute__((used, section(".ksymtab"), aligned(8))) =	\
	(const void *)&sym

#endif
