/* SPDX-License-Identifier: MIT */
#include <fs/aio.h>

unsigned long aio_max_nr = 0x10000;

unsigned long aio_nr_read(void)
{
	return 0;
}
