/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H
/* kernel.h -- what nearly every file needs: types, rounding, text, asserts */

#include <kernel/bitops.h>
#include <kernel/bug.h>
#include <kernel/compiler.h>
#include <kernel/ctype.h>
#include <kernel/err.h>
#include <kernel/math.h>
#include <kernel/printk.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>
#include <kernel/types.h>

#define offsetofend(type, member) \
	(offsetof(type, member) + sizeof(((type *)0)->member))
#endif
