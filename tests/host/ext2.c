/* SPDX-License-Identifier: MIT */
/* ext2.c -- the parsers of ext2 as a Unix process, under ASan */

/* host-test: fs/ext2/pure_test.c fs/ext2/geometry.c fs/ext2/bitmap.c
 *  fs/ext2/inode_disk.c fs/ext2/blockpath.c fs/ext2/dirblock.c
 *  fs/ext2/nameindex.c fs/ext2/window.c fs/ext2/xattr_block.c
 *  fs/ext2/options.c kernel/lib/rbtree.c kernel/lib/bitmap.c
 *  kernel/lib/bitops.c kernel/lib/prandom.c --
 */

#include <stddef.h>

unsigned long this_cpu_off;
void *current_task;

void free(void *p);
void *malloc(size_t size);

void *kvmalloc(size_t size, unsigned int flags)
{
	return malloc(size);
}

void kvfree(const void *p)
{
	free((void *)p);
}
