/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_CRC32_H
#define KERNEL_CRC32_H
/* crc32.h -- see digest.h */
#include <kernel/digest.h>
#endif
