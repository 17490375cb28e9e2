/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_EXPORT_H
#define KERNEL_EXPORT_H
/* export.h -- symbols that a loadable module may use */

struct kernel_symbol {
	const void *value;
	const char *name;
};

#define EXPORT_SYMBOL(sym)						\
	static const struct kernel_symbol __ksymtab_##sym		\
	__attribute__((used, section(".ksymtab"), aligned(8))) =	\
	{ (const void *)&sym, #sym }

#endif
