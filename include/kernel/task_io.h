/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TASK_IO_H
#define KERNEL_TASK_IO_H
/*
 * task_io.h -- what a task read and wrote: /proc/PID/io, getrusage()
 *
 * A task counts its own, without a lock; readers may see the last call or not.
 */

#include <kernel/types.h>

/* Field keys:  [o] the owning task; in signal_struct: siglock */
struct task_io_accounting {
	u64 rchar, wchar;             /* bytes that read() and write() moved */
	u64 syscr, syscw;             /* how many such calls */
	u64 read_bytes;               /* asked of disks */
	u64 write_bytes;              /* made dirty, to be written to disks */
	u64 cancelled_write_bytes;    /* of those, truncated before */
};

static inline void task_io_add(struct task_io_accounting *to,
			       const struct task_io_accounting *from)
{
	to->rchar += from->rchar;
	to->wchar += from->wchar;
	to->syscr += from->syscr;
	to->syscw += from->syscw;
	to->read_bytes += from->read_bytes;
	to->write_bytes += from->write_bytes;
	to->cancelled_write_bytes += from->cancelled_write_bytes;
}

#endif
