/* SPDX-License-Identifier: MIT */
/*
 * move_pages.c -- moving a process's pages between nodes, of which there is one
 *
 * Every page is where it is asked to be, or is asked to be where nothing is.
 * So move_pages(2) and migrate_pages(2) check, look, and report.
 *
 * A page's status is its node or an errno: -ENOENT, nothing is there yet;
 * -EFAULT, no area, or the page of zeroes, which is nobody's.
 *
 * LOCKING.  mmap_lock for reading; user memory is not touched under it.
 */

#include "mempolicy.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/filemap.h>
#include <uapi/mempolicy.h>

#include "internal.h"

/* The address space of pid (0: ours), with a reference; ERR_PTR. */
static struct mm_struct *mm_of_pid(pid_t pid)
{
	struct task_struct *task;
	struct mm_struct *mm;

	if (!pid) {
		mmget(current->mm);
		return current->mm;
	}
	task = find_get_task_by_vpid(pid);
	if (!task)
		return ERR_PTR(-ESRCH);
	mm = ptrace_may_access(task, PTRACE_MODE_READ | PTRACE_MODE_REALCREDS) ?
		get_task_mm(task) : ERR_PTR(-EPERM);
	put_task_struct(task);
	return mm ? mm : ERR_PTR(-EINVAL);
}

static int page_status(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	int status = -EFAULT;
	spinlock_t *ptl;
	pte_t *ptep;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (vma && !(vma->vm_flags & (VM_IO | VM_PFNMAP))) {
		status = -ENOENT;
		ptep = walk_to_pte_locked(mm, addr & PAGE_MASK, &ptl);
		if (ptep) {
			pte_t pte = ptep_get(ptep);

			if (pte_present(pte))
				status = is_zero_pfn(pte_pfn(pte)) ? -EFAULT
								   : 0;
			pte_unmap_unlock(ptep, ptl);
		}
	}
	mmap_read_unlock(mm);
	return status;
}

/* 0, or why a page cannot go to the node. */
static int check_target(int node)
{
	return node ? -ENODEV : 0;
}

SYSCALL_DEFINE6(move_pages, pid_t, pid, unsigned long, nr_pages,
		const void __user *__user *, pages, const int __user *, nodes,
		int __user *, status, int, flags)
{
	struct mm_struct *mm;
	unsigned long i;
	int err = 0;

	if (flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	if (flags & MPOL_MF_MOVE_ALL && !capable(CAP_SYS_NICE))
		return -EPERM;
	mm = mm_of_pid(pid);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	for (i = 0; i < nr_pages && !err; i++) {
		const void __user *addr;
		int node = 0;

		if (fatal_signal_pending(current))
			err = -EINTR;
		else if (get_user(addr, pages + i) ||
			 (nodes && get_user(node, nodes + i)))
			err = -EFAULT;
		else
			err = check_target(node);
		if (!err && put_user(page_status(mm, (unsigned long)addr),
				     status + i))
			err = -EFAULT;
		cond_resched();
	}
	mmput(mm);
	return err;
}

SYSCALL_DEFINE4(migrate_pages, pid_t, pid, unsigned long, maxnode,
		const unsigned long __user *, old_nodes,
		const unsigned long __user *, new_nodes)
{
	struct mm_struct *mm;
	u64 from, to;
	int err = get_nodes(&from, old_nodes, maxnode);

	if (!err)
		err = get_nodes(&to, new_nodes, maxnode);
	if (err)
		return err;
	mm = mm_of_pid(pid);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	/* All pages are on node 0 already. */
	if (to & ~1UL && !capable(CAP_SYS_NICE))
		err = -EPERM;
	else if (!(to & 1))
		err = -EINVAL;
	mmput(mm);
	return err;
}
