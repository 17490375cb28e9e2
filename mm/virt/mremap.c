/* SPDX-License-Identifier: MIT */
/*
 * mremap.c -- growing, shrinking and moving a mapping
 *
 * PROMISE.  The contents stay: pages are not copied, their entries move.  If a
 * move fails half-way for want of a page table, the entries move back.
 *
 *	shrink          [=====xxx]      the tail is unmapped
 *	grow in place   [========]++    if the room behind is free
 *	move            [========] -> somewhere  [==========]
 *	old_len 0       a second mapping of the same shared pages
 *
 * LOCKING.  mmap_lock for writing; i_mmap_rwsem while a file's entries move.
 */

#include <kernel/export.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>
#include <mm/rmap.h>

#include "internal.h"

/* What the caller asked for, checked and aligned. */
struct remap {
	unsigned long addr, old_len, new_len, flags, new_addr;
	unsigned long populate_from, populate_len;
};

/* Where the entries of one pair of page tables lie, before and after. */
struct move {
	struct vm_area_struct *from, *to;
	unsigned long old, new, len;  /* within one table on either side */
	pmd_t *old_pmd, *new_pmd;
};

/*
 * Move the entries of one pair of tables; those of the target exist.  The old
 * addresses are flushed before the locks are dropped: from then on reclaim may
 * take a page away at its new address, and would flush only that.
 */
static void move_entries(struct mm_struct *mm, struct move *m)
{
	spinlock_t *old_ptl = pte_lockptr(mm, m->old_pmd);
	spinlock_t *new_ptl = pte_lockptr(mm, m->new_pmd);
	pte_t *from = pte_offset_map(m->old_pmd, m->old);
	pte_t *to = pte_offset_map(m->new_pmd, m->new);
	unsigned long done;
	bool moved = false;

	spin_lock(old_ptl);
	if (new_ptl != old_ptl)
		spin_lock_nested(new_ptl, 1);
	flush_tlb_batched_pending(mm);
	for (done = 0; done < m->len; done += PAGE_SIZE, from++, to++) {
		pte_t pte;

		if (pte_none(ptep_get(from)))
			continue;
		pte = ptep_get_and_clear(mm, m->old + done, from);
		set_pte_at(mm, m->new + done, to, pte);
		moved = true;
	}
	if (moved)
		flush_tlb_range(m->from, m->old, m->old + m->len);
	if (new_ptl != old_ptl)
		spin_unlock(new_ptl);
	spin_unlock(old_ptl);
}

/* How far from `old` and `new` both stay in one page table each. */
static unsigned long table_rest(unsigned long old, unsigned long new,
				unsigned long len)
{
	unsigned long old_rest = pmd_addr_end(old, old + len) - old;
	unsigned long new_rest = pmd_addr_end(new, new + len) - new;

	return old_rest < new_rest ? old_rest : new_rest;
}

unsigned long move_page_tables(struct vm_area_struct *from, unsigned long old,
			       struct vm_area_struct *to, unsigned long new,
			       unsigned long len)
{
	struct mm_struct *mm = from->vm_mm;
	struct move m = { .from = from, .to = to };
	unsigned long done;

	for (done = 0; done < len; done += m.len) {
		m.old = old + done;
		m.new = new + done;
		m.len = table_rest(m.old, m.new, len - done);
		m.old_pmd = walk_to_pmd(mm, m.old);
		if (!m.old_pmd)
			continue;
		m.new_pmd = walk_alloc_pmd(mm, m.new);
		if (!m.new_pmd || pte_alloc(mm, m.new_pmd))
			break;
		/*
		 * A file's truncation must not miss a page on the move: it
		 * waits.  Who looks for an anonymous one may (anon_vma.c).
		 */
		i_mmap_lock(from);
		move_entries(mm, &m);
		i_mmap_unlock(from);
		cond_resched();
	}
	return done;
}

/* The area of the old range, if it may become new_len long; ERR_PTR. */
static struct vm_area_struct *area_to_resize(struct mm_struct *mm,
					     const struct remap *r)
{
	unsigned long grow = r->new_len - r->old_len, pgoff;
	struct vm_area_struct *vma = vma_lookup(mm, r->addr);

	if (!vma)
		return ERR_PTR(-EFAULT);
	if (!r->old_len && !(vma->vm_flags & (VM_SHARED | VM_MAYSHARE)))
		return ERR_PTR(-EINVAL);
	if (r->flags & MREMAP_DONTUNMAP &&
	    vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
		return ERR_PTR(-EINVAL);
	if (r->old_len > vma->vm_end - r->addr)
		return ERR_PTR(-EFAULT);
	if (r->new_len == r->old_len)
		return vma;
	pgoff = linear_page_index(vma, r->addr);
	if (pgoff + (r->new_len >> PAGE_SHIFT) < pgoff)
		return ERR_PTR(-EINVAL);
	if (vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
		return ERR_PTR(-EFAULT);
	if (mlock_future_check(mm, vma->vm_flags, grow))
		return ERR_PTR(-EAGAIN);
	if (!may_expand_vm(mm, vma->vm_flags, grow >> PAGE_SHIFT))
		return ERR_PTR(-ENOMEM);
	return vma;
}

/* Take the old range away after a move.  Its pages have left already. */
static void unmap_old(struct mm_struct *mm, struct vm_area_struct *vma,
		      struct remap *r)
{
	if (r->flags & MREMAP_DONTUNMAP) {
		if (vma->vm_start == r->addr &&
		    vma->vm_end == r->addr + r->old_len)
			unlink_anon_vmas(vma);
		return;
	}
	if (r->old_len && do_munmap(mm, r->addr, r->old_len))
		pr_warn("mremap: the old range stays mapped\n");
}

static void account_new(struct mm_struct *mm, struct vm_area_struct *new,
			struct remap *r)
{
	unsigned long pages = vma_pages(new);

	vm_stat_account(mm, new->vm_flags, pages);
	if (new->vm_flags & VM_LOCKED) {
		mm->locked_vm += pages;
		r->populate_from = new->vm_start + r->old_len;
		r->populate_len = r->new_len - r->old_len;
	}
}

static unsigned long move_area(struct mm_struct *mm, struct vm_area_struct *vma,
			       struct remap *r, unsigned long target)
{
	struct vm_area_struct *new;
	unsigned long moved;

	if (mm->map_count >= sysctl_max_map_count - 3)
		return -ENOMEM;
	if (vma->vm_flags & VM_ACCOUNT &&
	    vm_enough_memory(r->new_len >> PAGE_SHIFT))
		return -ENOMEM;
	new = vm_area_dup(vma, mm);
	if (!new)
		goto out_unacct;
	new->vm_pgoff = linear_page_index(vma, r->addr);
	new->vm_start = target;
	new->vm_end = target + r->new_len;
	if (anon_vma_clone(new, vma)) {
		vm_area_discard(new);
		goto out_unacct;
	}
	if (new->vm_ops && new->vm_ops->open)
		new->vm_ops->open(new);
	vma_link(mm, new);
	moved = move_page_tables(vma, r->addr, new, target, r->old_len);
	if (moved < r->old_len) {
		move_page_tables(new, target, vma, r->addr, moved);
		vma_unlink(new);
		vma_release(new);
		goto out_unacct;
	}
	account_new(mm, new, r);
	unmap_old(mm, vma, r);
	vma_merge_neighbours(new);
	return target;

out_unacct:
	if (vma->vm_flags & VM_ACCOUNT)
		vm_unacct_memory(r->new_len >> PAGE_SHIFT);
	return -ENOMEM;
}

static unsigned long find_target(struct vm_area_struct *vma, struct remap *r,
				 unsigned long hint, unsigned long map_flags)
{
	if (vma->vm_flags & VM_MAYSHARE)
		map_flags |= MAP_SHARED;
	return get_unmapped_area(vma->vm_file, hint, r->new_len,
				 linear_page_index(vma, r->addr), map_flags);
}

/* MREMAP_FIXED or MREMAP_DONTUNMAP. */
static unsigned long remap_to(struct mm_struct *mm, struct remap *r)
{
	struct vm_area_struct *vma;
	unsigned long target;
	int err = 0;

	if (offset_in_page(r->new_addr))
		return -EINVAL;
	if (r->new_len > TASK_SIZE || r->new_addr > TASK_SIZE - r->new_len)
		return -EINVAL;
	if (r->addr + r->old_len > r->new_addr &&
	    r->new_addr + r->new_len > r->addr)
		return -EINVAL;
	/* Cuts at both places may cost three more areas. */
	if (mm->map_count + 2 >= sysctl_max_map_count - 3)
		return -ENOMEM;
	if (r->flags & MREMAP_FIXED)
		err = do_munmap(mm, r->new_addr, r->new_len);
	if (!err && r->old_len > r->new_len) {
		err = do_munmap(mm, r->addr + r->new_len,
				r->old_len - r->new_len);
		r->old_len = r->new_len;
	}
	if (err)
		return err;
	vma = area_to_resize(mm, r);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	if (r->flags & MREMAP_DONTUNMAP &&
	    !may_expand_vm(mm, vma->vm_flags, r->old_len >> PAGE_SHIFT))
		return -ENOMEM;
	target = find_target(vma, r, r->new_addr,
			     r->flags & MREMAP_FIXED ? MAP_FIXED : 0);
	if (IS_ERR((void *)target))
		return target;
	return move_area(mm, vma, r, target);
}

/* Is [end, end + delta) free, and below the top? */
static bool can_grow_in_place(struct vm_area_struct *vma, unsigned long delta)
{
	struct vm_area_struct *next = vma_next(vma);
	unsigned long end = vma->vm_end + delta;

	if (end < vma->vm_end || end > TASK_SIZE)
		return false;
	return !next || next->vm_start >= end;
}

static unsigned long grow_in_place(struct mm_struct *mm,
				   struct vm_area_struct *vma, struct remap *r)
{
	unsigned long pages = (r->new_len - r->old_len) >> PAGE_SHIFT;

	if (vma->vm_flags & VM_ACCOUNT && vm_enough_memory(pages))
		return -ENOMEM;
	vma_set_range(vma, vma->vm_start, r->addr + r->new_len, vma->vm_pgoff);
	vm_stat_account(mm, vma->vm_flags, pages);
	if (vma->vm_flags & VM_LOCKED) {
		mm->locked_vm += pages;
		r->populate_from = r->addr + r->old_len;
		r->populate_len = r->new_len - r->old_len;
	}
	vma_merge_neighbours(vma);
	return r->addr;
}

static unsigned long remap_locked(struct mm_struct *mm, struct remap *r)
{
	struct vm_area_struct *vma = vma_lookup(mm, r->addr);
	unsigned long target;
	int err;

	if (!vma)
		return -EFAULT;
	if (r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return remap_to(mm, r);
	if (r->old_len == r->new_len)
		return r->addr;
	if (r->old_len > r->new_len) {
		err = do_munmap(mm, r->addr + r->new_len,
				r->old_len - r->new_len);
		return err ? (unsigned long)err : r->addr;
	}
	vma = area_to_resize(mm, r);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	if (r->old_len == vma->vm_end - r->addr &&
	    can_grow_in_place(vma, r->new_len - r->old_len))
		return grow_in_place(mm, vma, r);
	if (!(r->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	target = find_target(vma, r, 0, 0);
	if (IS_ERR((void *)target))
		return target;
	return move_area(mm, vma, r, target);
}

SYSCALL_DEFINE5(mremap, unsigned long, addr, unsigned long, old_len,
		unsigned long, new_len, unsigned long, flags,
		unsigned long, new_addr)
{
	struct mm_struct *mm = current->mm;
	struct remap r = { addr, PAGE_ALIGN(old_len), PAGE_ALIGN(new_len),
			   flags, new_addr, 0, 0 };
	unsigned long ret;

	if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if (flags & MREMAP_FIXED && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if (flags & MREMAP_DONTUNMAP &&
	    (!(flags & MREMAP_MAYMOVE) || old_len != new_len))
		return -EINVAL;
	if (offset_in_page(addr) || !r.new_len)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = remap_locked(mm, &r);
	mmap_write_unlock(mm);
	if (r.populate_len && !IS_ERR((void *)ret))
		mm_populate(r.populate_from, r.populate_len);
	return ret;
}
