/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SECTIONS_H
#define KERNEL_SECTIONS_H
/*
 * sections.h -- the symbols that linker.ld puts at the edges of the sections
 *
 *	_text   .text                                   R X   _etext
 *	_rodata .rodata and all tables below            R     _erodata
 *	_data   .data, percpu, ro_after_init            RW    _edata
 *	__init_begin  .init.text  (R X), .init.data, .init.bss RW  __init_end
 *	__bss_start   (.init.bss, then) .bss            RW    __bss_stop, _end
 *
 * .data..ro_after_init, at the end of .data, turns R in mark_rodata_ro().
 * The addresses are what counts, not the contents; each edge is page-aligned.
 */

#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/selftest.h>
#include <kernel/syscall.h>
#include <kernel/types.h>

extern char _text[], _etext[], _rodata[], _erodata[], _data[], _edata[];
extern char __start_ro_after_init[], __end_ro_after_init[];
extern char __init_begin[], __init_end[], _sinittext[], _einittext[];
extern char __bss_start[], __bss_stop[], _end[];
extern char __per_cpu_start[], __per_cpu_end[];

/* Tables in .rodata: arrays of the type named. */
extern const struct syscall_entry __syscalls_start[], __syscalls_end[];
extern const struct selftest __selftests_start[], __selftests_end[];
extern const struct initcall __initcall1_start[], __initcall2_start[],
	__initcall3_start[], __initcall4_start[], __initcall5_start[],
	__initcall_end[];
extern const struct boot_param __boot_params_start[], __boot_params_end[];
/* Incomplete here: the layout is arch/extable.h's. */
extern const char __ex_table_start[], __ex_table_end[];

static inline bool is_kernel_text(unsigned long addr)
{
	return (addr >= (unsigned long)_text &&
		addr < (unsigned long)_etext) ||
	       (addr >= (unsigned long)_sinittext &&
		addr < (unsigned long)_einittext);
}

/* SAN=1: the compiler's functions that register global variables. */
extern void (*const __ctors_start[])(void), (*const __ctors_end[])(void);

#endif
