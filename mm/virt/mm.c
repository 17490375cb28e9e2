/* SPDX-License-Identifier: MIT */
/*
 * mm.c -- the life of an address space
 *
 * An mm_struct has two counts, since it dies in two steps:
 *
 *	mm_users  tasks that run in it, and visitors (/proc, ptrace)
 *	   |          -> 0: exit_mmap() takes areas, pages and tables away
 *	   v
 *	mm_count  all users together count one; a kernel thread that borrowed
 *	          the page directory (active_mm) counts one more
 *	              -> 0: __mmdrop() frees page directory and structure
 *
 * So a kernel thread that still has the dead process's CR3 loaded never stands
 * on a freed page directory.
 *
 * LOCKING.  The counts are atomic.  exit_mmap() takes the mmap_lock although no
 * user is left: the OOM killer and unmap_mapping_range() may be looking.
 */

#include <arch/mmu.h>
#include <fs/aio.h>
#include <kernel/coredump.h>
#include <kernel/cpumask.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/mmzone.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/swap.h>

#include "internal.h"

static struct kmem_cache *mm_cachep;

struct mm_struct init_mm = {
	.mm_users = ATOMIC_INIT(2),
	.mm_count = ATOMIC_INIT(2),     /* itself, and init_task.active_mm */
	.mmap_lock = __RWSEM_INITIALIZER(init_mm.mmap_lock),
	.mmap = LIST_HEAD_INIT(init_mm.mmap),
	.pgd = swapper_pg_dir,
	.page_table_lock = __SPIN_LOCK_UNLOCKED(init_mm.page_table_lock),
	.task_size = TASK_SIZE,
};
EXPORT_SYMBOL(init_mm);

/* What a stack limit of 8 MiB gives; exec sets the real one. */
#define DEFAULT_STACK_LIMIT (8UL << 20)

struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = kmem_cache_zalloc(mm_cachep, GFP_KERNEL);

	if (!mm)
		return NULL;
	atomic_set(&mm->mm_users, 1);
	atomic_set(&mm->mm_count, 1);
	init_rwsem(&mm->mmap_lock);
	mm->mm_rb = RB_ROOT;
	INIT_LIST_HEAD(&mm->mmap);
	spin_lock_init(&mm->page_table_lock);
	mm->task_size = TASK_SIZE;
	mm->mmap_base = mmap_base_for(DEFAULT_STACK_LIMIT, false);
	mm->dumpable = 1;
	mm->dump_filter = current->mm ? current->mm->dump_filter :
			  DEFAULT_DUMP_FILTER;
	mm->pgd = pgd_alloc(mm);
	if (!mm->pgd) {
		kmem_cache_free(mm_cachep, mm);
		return NULL;
	}
	return mm;
}

void __mmdrop(struct mm_struct *mm)
{
	BUG_ON(mm == &init_mm);
	pgd_free(mm, mm->pgd);
	kmem_cache_free(mm_cachep, mm);
}

/* Pages that are still counted when all are gone were counted wrongly. */
static void check_counters(struct mm_struct *mm)
{
	int i;

	for (i = 0; i < NR_MM_COUNTERS; i++) {
		long n = atomic_long_read(&mm->rss[i]);

		WARN(n != 0, "mm counter %d is %ld at exit\n", i, n);
	}
}

/*
 * Detach every area, then free the tables.  The areas must be off the files'
 * lists first, or unmap_mapping_range() would walk tables being freed.
 */
static void free_areas(struct mm_struct *mm, struct mmu_gather *tlb)
{
	unsigned long first = ULONG_MAX, end = 0, accounted = 0;
	struct vm_area_struct *vma, *next;
	LIST_HEAD(gone);

	list_for_each_entry_safe(vma, next, &mm->mmap, vm_list) {
		if (vma->vm_start < first)
			first = vma->vm_start;
		end = vma->vm_end;
		if (vma->vm_flags & VM_ACCOUNT)
			accounted += vma_pages(vma);
		vma_unlink(vma);
		list_add_tail(&vma->vm_list, &gone);
	}
	if (end)
		free_pgd_range(tlb, first, end, 0, 0);
	tlb_finish_mmu(tlb);
	list_for_each_entry_safe(vma, next, &gone, vm_list)
		vma_release(vma);
	vm_unacct_memory(accounted);
}

static void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	struct mmu_gather tlb;

	mmap_write_lock(mm);
	tlb_gather_mmu_fullmm(&tlb, mm);
	for_each_vma(mm, vma)
		unmap_page_range(&tlb, vma, vma->vm_start, vma->vm_end, NULL);
	free_areas(mm, &tlb);
	mm->total_vm = 0;
	mm->locked_vm = 0;
	mmap_write_unlock(mm);
	check_counters(mm);
}

void mmput(struct mm_struct *mm)
{
	might_sleep();
	if (!atomic_dec_and_test(&mm->mm_users))
		return;
	exit_aio(mm);
	exit_mmap(mm);
	if (mm->exe_file) {
		allow_write_access(mm->exe_file);
		fput(mm->exe_file);
		mm->exe_file = NULL;
	}
	mmdrop(mm);
}
EXPORT_SYMBOL(mmput);

struct mm_struct *get_task_mm(struct task_struct *task)
{
	struct mm_struct *mm;

	task_lock(task);
	mm = task->mm;
	if (mm) {
		if (task->flags & PF_KTHREAD)
			mm = NULL;
		else
			mmget(mm);
	}
	task_unlock(task);
	return mm;
}
EXPORT_SYMBOL(get_task_mm);

/* ---- a kernel thread visits ---------------------------------------------- */

void kthread_use_mm(struct mm_struct *mm)
{
	struct task_struct *t = current;
	struct mm_struct *borrowed;

	task_lock(t);
	local_irq_disable();
	borrowed = t->active_mm;
	if (borrowed != mm) {
		mmgrab(mm);
		t->active_mm = mm;
	}
	t->mm = mm;
	switch_mm_irqs_off(borrowed, mm, t);
	local_irq_enable();
	task_unlock(t);
	if (borrowed != mm && borrowed)
		mmdrop(borrowed);
}
EXPORT_SYMBOL(kthread_use_mm);

void kthread_unuse_mm(struct mm_struct *mm)
{
	struct task_struct *t = current;

	task_lock(t);
	local_irq_disable();
	t->mm = NULL;
	enter_lazy_tlb(mm, t);
	local_irq_enable();
	task_unlock(t);
}
EXPORT_SYMBOL(kthread_unuse_mm);

void update_hiwater_rss(struct mm_struct *mm)
{
	unsigned long rss = get_mm_rss(mm);

	if (mm->hiwater_rss < rss)
		mm->hiwater_rss = rss;
}

void mm_cache_init(void)
{
	if (mm_cachep)
		return;
	page_wait_init();
	/* Pins of the page of zeroes come and go; it is never freed. */
	get_page(pfn_to_page(zero_pfn()));
	mm_cachep = KMEM_CACHE(mm_struct, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
	anon_vma_init();
	lru_init();
	vm_area_cachep = KMEM_CACHE(vm_area_struct, SLAB_PANIC | SLAB_ACCOUNT);
}

static int __init mm_cache_initcall(void)
{
	mm_cache_init();
	return 0;
}
core_initcall(mm_cache_initcall);

/* ---- promised memory ----------------------------------------------------- */

static atomic_long_t committed;

void vm_acct_memory(long pages)
{
	atomic_long_add(pages, &committed);
}

unsigned long vm_memory_committed(void)
{
	long n = atomic_long_read(&committed);

	return n < 0 ? 0 : n;
}

int sysctl_overcommit_memory;         /* 0 guess, 1 always, 2 never */
int sysctl_overcommit_ratio = 50;     /* per cent of memory, for 2 */
int sysctl_overcommit_kbytes;         /* instead of the ratio, if not 0 */

unsigned long vm_commit_limit(void)
{
	unsigned long pages = sysctl_overcommit_kbytes >> (PAGE_SHIFT - 10);

	if (!sysctl_overcommit_kbytes)
		pages = totalram_pages() * sysctl_overcommit_ratio / 100;
	return pages + total_swap_pages;
}

/*
 * By vm.overcommit_memory: a single request that is larger than all memory and
 * swap is refused, and everything else is promised (0); everything is (1); no
 * more is promised than the limit (2).  Accounts the pages on success.
 */
int vm_enough_memory(long pages)
{
	int mode = READ_ONCE(sysctl_overcommit_memory);

	vm_acct_memory(pages);
	if (mode == 1 || pages <= 0)
		return 0;
	if (mode == 0 && (unsigned long)pages <= totalram_pages() +
						  total_swap_pages)
		return 0;
	if (mode == 2 && vm_memory_committed() < vm_commit_limit())
		return 0;
	vm_unacct_memory(pages);
	return -ENOMEM;
}
