/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_IRQFLAGS_H
#define KERNEL_IRQFLAGS_H
/* irqflags.h -- this CPU's interrupt flag; see arch/irqflags.h */

#include <arch/irqflags.h>

#endif
