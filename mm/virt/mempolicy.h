/* SPDX-License-Identifier: MIT */
#ifndef MM_VIRT_MEMPOLICY_H
#define MM_VIRT_MEMPOLICY_H
/* mempolicy.h -- sets of nodes as users give them */

#include <kernel/compiler.h>
#include <kernel/types.h>

/* Highest number of nodes that a mask may speak of, as in Debian's kernels. */
#define MASK_NODES 1024UL

/* Bit n: node n was named; 0, -EFAULT, -EINVAL. */
int get_nodes(u64 *nodes, const unsigned long __user *nmask,
	      unsigned long maxnode);

#endif
