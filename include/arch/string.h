/* SPDX-License-Identifier: MIT */
#ifndef ARCH_STRING_H
#define ARCH_STRING_H
/*
 * string.h -- the four memory functions, in arch/x86_64/lib/string.S
 *
 * Any context.  GCC and Clang call these on their own for big assignments.
 */

#include <kernel/types.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif
