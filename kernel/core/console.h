/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_CONSOLE_H
#define KERNEL_CORE_CONSOLE_H
/* console.h -- private to kernel/core: printk.c and panic.c drive console.c */

#include <kernel/types.h>

/* Bring all consoles up to date, unless another CPU is at it. */
void console_flush(void);
/* Show again, on all consoles, what levels >= hidden kept from them lately. */
void console_show_tail(int hidden, unsigned int records);

#endif
