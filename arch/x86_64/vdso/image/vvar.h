/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_VDSO_VVAR_H
#define ARCH_X86_64_VDSO_VVAR_H
/* vvar.h -- the kernel's page of time data, as vdso.lds places it */

#include <kernel/timekeeping.h>
#include <kernel/types.h>

/* Not const, though we may only read it: of a constant the compiler believes
 * that no barrier changes it, and reads it before or behind the sequence. */
extern struct vdso_data vvar __attribute__((visibility("hidden")));

#endif
