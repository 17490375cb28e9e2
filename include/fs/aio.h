/* SPDX-License-Identifier: MIT */
#ifndef FS_AIO_H
#define FS_AIO_H
/* aio.h -- native asynchronous I/O; theory: fs/aio.c */

struct mm_struct;

extern unsigned long aio_max_nr;      /* sysctl: requests of all contexts */
unsigned long aio_nr_read(void);      /* promised to contexts now */
/* An address space ends: so do its contexts.  May sleep. */
void exit_aio(struct mm_struct *mm);

#endif
