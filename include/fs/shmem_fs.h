/* SPDX-License-Identifier: MIT */
#ifndef FS_SHMEM_FS_H
#define FS_SHMEM_FS_H
/*
 * shmem_fs.h -- files in memory without a name, for the kernel's own use
 *
 * Theory: fs/tmpfs/memfd.c.  All may sleep.
 */

#include <fs/fs.h>

/*
 * A new file of `size` bytes, open for reading and writing, shown as
 * "/NAME (deleted)".  Without VM_NORESERVE in vm_flags its memory is promised
 * (Committed_AS).  The caller owns a reference; ERR_PTR(-EINVAL, -ENOMEM).
 */
struct file *shmem_file_setup(const char *name, loff_t size,
			      unsigned long vm_flags);

#endif
