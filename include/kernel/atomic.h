/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_ATOMIC_H
#define KERNEL_ATOMIC_H
/*
 * atomic.h -- integers that several CPUs change at once
 *
 * Operations that return a value are full barriers; those that return none,
 * atomic_read() and atomic_set() order nothing.  _acquire, _release and
 * _relaxed kinds say what they order.  The architecture supplies them all.
 */

#include <arch/atomic.h>
#include <arch/barrier.h>
#include <kernel/types.h>

#endif
