/* SPDX-License-Identifier: MIT */
#ifndef ARCH_VDSO_H
#define ARCH_VDSO_H
/* vdso.h -- the library that the kernel maps into each process */

struct mm_struct;

extern char vdso_start[], vdso_end[];   /* the ELF image, whole pages */

/*
 * Map it into current's new address space (exec); may sleep.  The address of
 * its ELF header, for AT_SYSINFO_EHDR; 0 if there was no room: programs then
 * make system calls instead.
 */
unsigned long arch_setup_vdso(struct mm_struct *mm);

#endif
