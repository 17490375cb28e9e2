/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_CHAR_MEM_H
#define DRIVERS_CHAR_MEM_H
/* mem.h -- the class of the devices with major number 1 */

#include <drivers/device.h>

extern struct class mem_class;        /* registered by a subsys_initcall */

#endif
