/* SPDX-License-Identifier: MIT */
/*
 * smaps.c -- how much of a process's memory is in RAM, and whose it is
 *
 * IDEA.  Each page that is mapped is counted once for RSS, and for PSS divided
 * by the number of its mappers, so that the PSS of all processes add up to the
 * memory they use.  smaps shows it area by area, smaps_rollup the sum.
 *
 * Exact at the moment when a page table is looked at, and no longer: others run
 * meanwhile.
 *
 * SEE proc(5).
 */

#include "internal.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/pagewalk.h>
#include <mm/slab.h>
#include <mm/swapops.h>

#define PSS_SHIFT 12          /* a byte's parts: pages are shared */

/* Bytes; pss in 1/4096 of a byte. */
struct mem_size_stats {
	u64 rss, shared_clean, shared_dirty, private_clean, private_dirty;
	u64 referenced, anonymous, swap;
	u64 pss, pss_anon, pss_file, pss_shmem, pss_dirty, pss_locked, swap_pss;
};

static void count_page(struct mem_size_stats *s, struct page *page, bool young,
		       bool dirty, bool locked)
{
	int mappers = max(page_mapcount(page), 1);
	u64 pss = ((u64)PAGE_SIZE << PSS_SHIFT) / mappers;

	dirty |= PageDirty(page);
	s->rss += PAGE_SIZE;
	s->pss += pss;
	if (PageAnon(page)) {
		s->anonymous += PAGE_SIZE;
		s->pss_anon += pss;
	} else if (PageSwapBacked(page)) {
		s->pss_shmem += pss;
	} else {
		s->pss_file += pss;
	}
	if (young || PageReferenced(page))
		s->referenced += PAGE_SIZE;
	if (dirty)
		s->pss_dirty += pss;
	if (locked)
		s->pss_locked += pss;
	if (mappers > 1)
		*(dirty ? &s->shared_dirty : &s->shared_clean) += PAGE_SIZE;
	else
		*(dirty ? &s->private_dirty : &s->private_clean) += PAGE_SIZE;
}

static int count_entry(pte_t *ptep, unsigned long addr, struct mm_walk *walk)
{
	struct mem_size_stats *s = walk->private;
	pte_t pte = ptep_get(ptep);

	if (pte_present(pte)) {
		if (!pte_special(pte) && !is_zero_pfn(pte_pfn(pte)))
			count_page(s, pte_page(pte), pte_young(pte),
				   pte_dirty(pte),
				   walk->vma->vm_flags & VM_LOCKED);
	} else if (is_swap_pte(pte)) {
		unsigned int n = swap_users(__pte_to_swp_entry(pte));

		s->swap += PAGE_SIZE;
		s->swap_pss += ((u64)PAGE_SIZE << PSS_SHIFT) / max(n, 1u);
	}
	return 0;
}

static const struct mm_walk_ops count_ops = { .pte_entry = count_entry };

static void count_area(struct vm_area_struct *vma, struct mem_size_stats *s)
{
	if (!(vma->vm_flags & VM_PFNMAP))
		walk_page_vma(vma, &count_ops, s);
}

/* "Rss:                   4 kB" */
static void line(struct seq_file *m, const char *name, u64 bytes)
{
	seq_printf(m, "%s:%*s%8lu kB\n", name, (int)(15 - strlen(name)), "",
		   (unsigned long)(bytes >> 10));
}

static void show_stats(struct seq_file *m, const struct mem_size_stats *s,
		       bool rollup)
{
	line(m, "Rss", s->rss);
	line(m, "Pss", s->pss >> PSS_SHIFT);
	line(m, "Pss_Dirty", s->pss_dirty >> PSS_SHIFT);
	if (rollup) {
		line(m, "Pss_Anon", s->pss_anon >> PSS_SHIFT);
		line(m, "Pss_File", s->pss_file >> PSS_SHIFT);
		line(m, "Pss_Shmem", s->pss_shmem >> PSS_SHIFT);
	}
	line(m, "Shared_Clean", s->shared_clean);
	line(m, "Shared_Dirty", s->shared_dirty);
	line(m, "Private_Clean", s->private_clean);
	line(m, "Private_Dirty", s->private_dirty);
	line(m, "Referenced", s->referenced);
	line(m, "Anonymous", s->anonymous);
	line(m, "LazyFree", 0);
	line(m, "AnonHugePages", 0);
	line(m, "ShmemPmdMapped", 0);
	line(m, "FilePmdMapped", 0);
	line(m, "Shared_Hugetlb", 0);
	line(m, "Private_Hugetlb", 0);
	line(m, "Swap", s->swap);
	line(m, "SwapPss", s->swap_pss >> PSS_SHIFT);
	line(m, "Locked", s->pss_locked >> PSS_SHIFT);
}

static void show_flags(struct seq_file *m, unsigned long flags)
{
	static const struct {
		unsigned long flag;
		char name[4];
	} names[] = {
		{ VM_READ, "rd" }, { VM_WRITE, "wr" }, { VM_EXEC, "ex" },
		{ VM_SHARED, "sh" }, { VM_MAYREAD, "mr" },
		{ VM_MAYWRITE, "mw" }, { VM_MAYEXEC, "me" },
		{ VM_MAYSHARE, "ms" }, { VM_GROWSDOWN, "gd" },
		{ VM_PFNMAP, "pf" }, { VM_LOCKED, "lo" }, { VM_IO, "io" },
		{ VM_SEQ_READ, "sr" }, { VM_RAND_READ, "rr" },
		{ VM_DONTCOPY, "dc" }, { VM_DONTEXPAND, "de" },
		{ VM_ACCOUNT, "ac" }, { VM_NORESERVE, "nr" },
		{ VM_WIPEONFORK, "wf" }, { VM_DONTDUMP, "dd" },
	};

	seq_puts(m, "VmFlags: ");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			seq_printf(m, "%s ", names[i].name);
	seq_putc(m, '\n');
}

static int smaps_show(struct seq_file *m, void *v)
{
	struct vm_area_struct *vma = v;
	struct mem_size_stats s = { 0 };

	count_area(vma, &s);
	proc_show_area(m, vma);
	line(m, "Size", vma->vm_end - vma->vm_start);
	line(m, "KernelPageSize", PAGE_SIZE);
	line(m, "MMUPageSize", PAGE_SIZE);
	show_stats(m, &s, false);
	seq_puts(m, "THPeligible:    0\n");
	show_flags(m, vma->vm_flags);
	return 0;
}

static const struct seq_operations smaps_ops = {
	.start = proc_maps_start,
	.next = proc_maps_next,
	.stop = proc_maps_stop,
	.show = smaps_show,
};

static int smaps_open(struct inode *inode, struct file *file)
{
	return proc_maps_open(inode, file, &smaps_ops);
}

const struct file_operations proc_pid_smaps_operations = {
	.open = smaps_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = proc_maps_release,
};

int proc_pid_smaps_rollup(struct seq_file *m, struct task_struct *task)
{
	struct mem_size_stats s = { 0 };
	struct vm_area_struct *vma;
	unsigned long first = 0, last = 0;
	struct mm_struct *mm;

	if (!proc_may_access(task))
		return -EACCES;
	mm = get_task_mm(task);
	if (!mm)
		return -ESRCH;
	mmap_read_lock(mm);
	vma = find_vma(mm, 0);
	first = vma ? vma->vm_start : 0;
	for (; vma; vma = vma_next(vma)) {
		count_area(vma, &s);
		last = vma->vm_end;
	}
	mmap_read_unlock(mm);
	mmput(mm);
	seq_setwidth(m, 25 + sizeof(void *) * 6 - 1);
	seq_printf(m, "%08lx-%08lx ---p 00000000 00:00 0 ", first, last);
	seq_pad(m, ' ');
	seq_puts(m, "[rollup]\n");
	show_stats(m, &s, true);
	return 0;
}
