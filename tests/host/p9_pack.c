/* SPDX-License-Identifier: MIT */
/* p9_pack.c -- 9P messages as a Unix process, under ASan */

/* host-test: fs/9p/pack.c fs/9p/pack_test.c -- */

#include <stddef.h>

unsigned long this_cpu_off;
void *current_task;
