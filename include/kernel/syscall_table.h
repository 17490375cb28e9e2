/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SYSCALL_TABLE_H
#define KERNEL_SYSCALL_TABLE_H
/* syscall_table.h -- the table of calls (kernel/syscall/table.c) */

#include <kernel/syscall.h>

void syscall_table_init(void);                /* once, early */
/* For tracers; NULL where there is no such call.  Any context. */
const struct syscall_entry *syscall_entry(unsigned int nr);

#endif
