/* SPDX-License-Identifier: MIT */
/* cpio.c -- the archive reader as a Unix process, under ASan */

/* host-test: fs/cpio.c fs/cpio_test.c -- */

#include <stddef.h>

unsigned long this_cpu_off;
void *current_task;
