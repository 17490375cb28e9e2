/* SPDX-License-Identifier: MIT */
/*
 * mmap_call.c -- mmap(2): from a descriptor to the file that is mapped
 *
 * Only this call of the memory subsystem knows descriptors, and those belong to
 * the file system above it; so the call is decoded here and performed by
 * mm/virt/mmap.c.
 */

#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/syscall.h>
#include <mm/mm.h>

SYSCALL_DEFINE6(mmap, unsigned long, addr, unsigned long, len,
		unsigned long, prot, unsigned long, flags, int, fd,
		unsigned long, offset)
{
	struct file *file;
	unsigned long ret;

	if (offset_in_page(offset))
		return -EINVAL;
	offset >>= PAGE_SHIFT;
	if (flags & MAP_ANONYMOUS) {
		/* There are no huge pages in any pool to give. */
		if (flags & MAP_HUGETLB)
			return -ENOMEM;
		return vm_mmap_pgoff(NULL, addr, len, prot, flags, offset);
	}
	file = fget(fd);
	if (!file)
		return -EBADF;
	if (flags & MAP_HUGETLB)
		ret = -EINVAL;
	else
		ret = vm_mmap_pgoff(file, addr, len, prot, flags, offset);
	fput(file);
	return ret;
}
