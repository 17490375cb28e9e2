/* SPDX-License-Identifier: MIT */
/*
 * mempolicy.c -- from which node memory comes, where there is only one
 *
 * PROMISE.  set_mempolicy(2), mbind(2) and get_mempolicy(2) answer as a Linux
 * with NUMA does on a machine with one node: every check, every errno, and what
 * was set is read back.
 *
 * IDEA.  With one node no policy changes where a page comes from.  So a policy
 * is not an object that allocation consults but a value, small enough for one
 * word in the task and in each area; equal words are equal policies, which is
 * all that merging areas has to know:
 *
 *	 63                        6 5     3 2    0
 *	+--------------------------+--------+------+
 *	| nodes as the user gave   | flags  | mode |    0: the default policy
 *	+--------------------------+--------+------+
 *
 * The nodes that count are the given ones that exist: node 0 or none.  The
 * given ones are kept because a policy with static nodes reports them.
 *
 * LOCKING.  A task's word is its own; an area's is under mmap_lock.
 *
 * SEE move_pages.c; set_mempolicy(2).
 *
 * EXERCISE.  What else would the word have to hold for two nodes, and where
 * would alloc_pages() look at it?
 */

#include "mempolicy.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>
#include <uapi/mempolicy.h>

#include "internal.h"

#define NODE_BITS 58            /* of the given nodes, those that are kept */
#define FLAG_SHIFT 3
#define NODE_SHIFT 6

/* ---- the word ------------------------------------------------------------ */

static u64 pack(unsigned int mode, unsigned int flags, u64 nodes)
{
	return mode | (u64)(flags >> 13) << FLAG_SHIFT | nodes << NODE_SHIFT;
}

static unsigned int mode_of(u64 pol)
{
	return pol & 7;
}

static unsigned int flags_of(u64 pol)
{
	return (pol >> FLAG_SHIFT & 7) << 13;
}

static u64 nodes_of(u64 pol)
{
	return pol >> NODE_SHIFT;
}

/* ---- sets of nodes from and to users ------------------------------------- */

/* 0, -EFAULT, or -EINVAL: a bit for a node that no kernel could have. */
int get_nodes(u64 *nodes, const unsigned long __user *nmask,
	      unsigned long maxnode)
{
	unsigned long i, word;

	*nodes = 0;
	--maxnode;
	if (!maxnode || !nmask)
		return 0;
	if (maxnode > PAGE_SIZE * BITS_PER_BYTE)
		return -EINVAL;
	for (i = 0; i * BITS_PER_LONG < maxnode; i++) {
		unsigned long left = maxnode - i * BITS_PER_LONG;

		if (get_user(word, nmask + i))
			return -EFAULT;
		if (left < BITS_PER_LONG)
			word &= (1UL << left) - 1;
		if (i >= MASK_NODES / BITS_PER_LONG && word)
			return -EINVAL;
		if (i == 0)
			*nodes = word;
		else if (word)
			*nodes |= 1UL << (NODE_BITS - 1);
	}
	return 0;
}

static int copy_nodes_to_user(unsigned long __user *nmask,
			      unsigned long maxnode, u64 nodes)
{
	unsigned long copy = ALIGN(maxnode - 1, BITS_PER_LONG) / BITS_PER_BYTE;

	if (copy > sizeof(nodes)) {
		if (copy > PAGE_SIZE)
			return -EINVAL;
		if (clear_user((char __user *)nmask + sizeof(nodes),
			       copy - sizeof(nodes)))
			return -EFAULT;
		copy = sizeof(nodes);
	}
	return copy_to_user(nmask, &nodes, copy) ? -EFAULT : 0;
}

/* ---- a policy from what a user says -------------------------------------- */

static int split_mode(int *mode, unsigned int *flags)
{
	*flags = *mode & MPOL_MODE_FLAGS;
	*mode &= ~MPOL_MODE_FLAGS;
	if ((unsigned int)*mode >= MPOL_MAX)
		return -EINVAL;
	if (*flags & MPOL_F_STATIC_NODES && *flags & MPOL_F_RELATIVE_NODES)
		return -EINVAL;
	if (*flags & MPOL_F_NUMA_BALANCING && *mode != MPOL_BIND)
		return -EINVAL;
	return 0;
}

/* *pol: the word; 0 or -EINVAL. */
static int make_policy(int mode, unsigned int flags, u64 nodes, u64 *pol)
{
	unsigned int whose = flags &
		(MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES);

	*pol = 0;
	if (mode == MPOL_DEFAULT)
		return nodes ? -EINVAL : 0;
	if (mode == MPOL_PREFERRED && !nodes)
		mode = MPOL_LOCAL;
	if (mode == MPOL_LOCAL) {
		if (nodes || whose)
			return -EINVAL;
	} else if (!nodes) {
		return -EINVAL;
	} else if (!(flags & MPOL_F_RELATIVE_NODES) && !(nodes & 1)) {
		return -EINVAL;        /* none of them exists */
	}
	*pol = pack(mode, flags, nodes);
	return 0;
}

/* What get_mempolicy() says of a policy's nodes. */
static u64 shown_nodes(u64 pol)
{
	if (flags_of(pol) & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES))
		return nodes_of(pol);
	return mode_of(pol) == MPOL_DEFAULT || mode_of(pol) == MPOL_LOCAL ? 0
									  : 1;
}

SYSCALL_DEFINE3(set_mempolicy, int, mode, const unsigned long __user *, nmask,
		unsigned long, maxnode)
{
	unsigned int flags;
	u64 nodes, pol;
	int err = split_mode(&mode, &flags);

	if (!err)
		err = get_nodes(&nodes, nmask, maxnode);
	if (!err)
		err = make_policy(mode, flags, nodes, &pol);
	if (!err)
		current->mempolicy = pol;
	return err;
}

/* ---- ranges -------------------------------------------------------------- */

/* Is all of [start, end) mapped?  mmap_lock held. */
static bool range_is_mapped(struct mm_struct *mm, unsigned long start,
			    unsigned long end)
{
	struct vm_area_struct *vma;

	while (start < end) {
		vma = vma_lookup(mm, start);
		if (!vma)
			return false;
		start = vma->vm_end;
	}
	return true;
}

/* A later part may fail to split; the earlier ones keep theirs, as on Linux. */
static int bind_range(struct mm_struct *mm, unsigned long start,
		      unsigned long end, u64 pol)
{
	while (start < end) {
		struct vm_area_struct *vma = vma_lookup(mm, start);
		unsigned long stop = min(vma->vm_end, end);

		if (vma->vm_policy != pol) {
			vma = vma_isolate(vma, start, stop);
			if (IS_ERR(vma))
				return PTR_ERR(vma);
			vma->vm_policy = pol;
			vma_merge_neighbours(vma);
		}
		start = stop;
	}
	return 0;
}

static long do_mbind(unsigned long start, unsigned long len, int mode,
		     unsigned int mode_flags, u64 nodes, unsigned int flags)
{
	struct mm_struct *mm = current->mm;
	unsigned long end;
	u64 pol;
	int err;

	if (flags & ~(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	if (flags & MPOL_MF_MOVE_ALL && !capable(CAP_SYS_NICE))
		return -EPERM;
	if (offset_in_page(start))
		return -EINVAL;
	end = start + PAGE_ALIGN(len);
	if (end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	err = make_policy(mode, mode_flags, nodes, &pol);
	if (err)
		return err;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = range_is_mapped(mm, start, end) ? bind_range(mm, start, end, pol)
					      : -EFAULT;
	mmap_write_unlock(mm);
	return err;
}

SYSCALL_DEFINE6(mbind, unsigned long, start, unsigned long, len, int, mode,
		const unsigned long __user *, nmask, unsigned long, maxnode,
		unsigned int, flags)
{
	unsigned int mode_flags;
	u64 nodes;
	int err = split_mode(&mode, &mode_flags);

	if (!err)
		err = get_nodes(&nodes, nmask, maxnode);
	return err ? err : do_mbind(start, len, mode, mode_flags, nodes, flags);
}

/* The node of the page at addr, faulted in if need be; -EFAULT. */
static int node_at(struct mm_struct *mm, unsigned long addr)
{
	struct page *page;
	long n = get_user_pages_remote(mm, addr & PAGE_MASK, 1, 0, &page);

	if (n != 1)
		return n < 0 ? n : -EFAULT;
	n = page_to_nid(page);
	put_page(page);
	return n;
}

/* The policy of the area at addr; with MPOL_F_NODE *node is its page's. */
static int policy_at(unsigned long addr, unsigned long flags, u64 *pol,
		     int *node)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int err = 0;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (!vma)
		err = -EFAULT;
	else
		*pol = vma->vm_policy;
	if (!err && flags & MPOL_F_NODE) {
		*node = node_at(mm, addr);
		err = *node < 0 ? *node : 0;
	}
	mmap_read_unlock(mm);
	return err;
}

static int do_get_mempolicy(int *policy, u64 *nodes, unsigned long addr,
			    unsigned long flags)
{
	u64 pol = current->mempolicy;
	int err;

	if (flags & ~(unsigned long)(MPOL_F_NODE | MPOL_F_ADDR |
				     MPOL_F_MEMS_ALLOWED))
		return -EINVAL;
	if (flags & MPOL_F_MEMS_ALLOWED) {
		if (flags & (MPOL_F_NODE | MPOL_F_ADDR))
			return -EINVAL;
		*policy = 0;
		*nodes = 1;
		return 0;
	}
	*policy = 0;
	if (flags & MPOL_F_ADDR) {
		err = policy_at(addr, flags, &pol, policy);
		if (err)
			return err;
	} else if (addr) {
		return -EINVAL;
	} else if (flags & MPOL_F_NODE && mode_of(pol) != MPOL_INTERLEAVE) {
		return -EINVAL;        /* only interleaving has a next node */
	}
	if (!(flags & MPOL_F_NODE))
		*policy = mode_of(pol) | flags_of(pol);
	*nodes = shown_nodes(pol);
	return 0;
}

SYSCALL_DEFINE5(get_mempolicy, int __user *, policy, unsigned long __user *,
		nmask, unsigned long, maxnode, unsigned long, addr,
		unsigned long, flags)
{
	int pol, err;
	u64 nodes;

	if (nmask && maxnode < 1)
		return -EINVAL;
	err = do_get_mempolicy(&pol, &nodes, addr, flags);
	if (err)
		return err;
	if (policy && put_user(pol, policy))
		return -EFAULT;
	return nmask ? copy_nodes_to_user(nmask, maxnode, nodes) : 0;
}

/* The only node there is can be everybody's home, but needs a policy. */
SYSCALL_DEFINE4(set_mempolicy_home_node, unsigned long, start, unsigned long,
		len, unsigned long, home_node, unsigned long, flags)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long end;
	int err = -ENOENT;

	if (offset_in_page(start) || flags || home_node)
		return -EINVAL;
	end = start + PAGE_ALIGN(len);
	if (end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	mmap_read_lock(mm);
	vma = find_vma(mm, start);
	for (; vma && vma->vm_start < end; vma = vma_next(vma)) {
		unsigned int mode = mode_of(vma->vm_policy);

		if (mode == MPOL_DEFAULT)
			continue;
		err = mode == MPOL_BIND || mode == MPOL_PREFERRED_MANY ?
			0 : -EOPNOTSUPP;
		if (err)
			break;
	}
	mmap_read_unlock(mm);
	return err;
}
