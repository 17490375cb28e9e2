/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_VERSION_H
#define KERNEL_VERSION_H
/*
 * version.h -- what uname(2) says
 *
 * User programs take sysname and release as the ABI's: "Linux" and the release
 * whose interface is offered, so that the C library uses the calls of that one.
 */

#define LANTERN_RELEASE "6.1.0-lantern"
#define LANTERN_VERSION "#1 SMP PREEMPT Lantern 0.1"

#endif
