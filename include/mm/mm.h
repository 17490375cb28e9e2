/* SPDX-License-Identifier: MIT */
#ifndef MM_MM_H
#define MM_MM_H
/*
 * mm.h -- user address spaces: their life, areas, faults and foreign access
 *
 * Theory: areas mm/virt/vma.c, mapping calls mm/virt/mmap.c, faults
 * mm/virt/fault.c, copying at fork mm/virt/fork.c.  All of these may sleep
 * unless they say otherwise.
 */

#include <arch/pgtable.h>
#include <kernel/list.h>
#include <kernel/types.h>
#include <mm/gfp.h>
#include <mm/mm_types.h>
#include <mm/mman.h>
#include <mm/page-flags.h>
#include <mm/page_ref.h>

struct file;
struct iov_iter;
struct mmu_gather;
struct pt_regs;
struct task_struct;

/* ---- the life of an address space (mm/virt/mm.c) ------------------------- */

extern struct mm_struct init_mm;      /* of kernel threads: no user half */

/* An empty one with mm_users 1, mm_count 1; NULL: no memory. */
struct mm_struct *mm_alloc(void);
/* Let go as a user; the last one unmaps everything.  May sleep. */
void mmput(struct mm_struct *mm);
/* Let go as a holder; the last one frees page directory and structure. */
void __mmdrop(struct mm_struct *mm);
/* A copy of oldmm for fork: COW, or NULL (nothing is left over). */
struct mm_struct *dup_mm(struct task_struct *tsk, struct mm_struct *oldmm);
/* task's mm with a reference, NULL for kernel threads and the dead. */
struct mm_struct *get_task_mm(struct task_struct *task);
/*
 * A kernel thread works in mm's user half for a while, copy_from_user() and
 * all.  The caller holds a user's reference (mmget) in between.
 */
void kthread_use_mm(struct mm_struct *mm);
void kthread_unuse_mm(struct mm_struct *mm);
/* Caches of the memory subsystem; boot, before the first process. */
void mm_cache_init(void);

static inline void mmgrab(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_count);
}

static inline void mmdrop(struct mm_struct *mm)
{
	if (unlikely(atomic_dec_and_test(&mm->mm_count)))
		__mmdrop(mm);
}

static inline void mmget(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_users);
}

static inline bool mmget_not_zero(struct mm_struct *mm)
{
	return atomic_inc_not_zero(&mm->mm_users);
}

/* ---- the lock of the areas ----------------------------------------------- */

static inline void mmap_read_lock(struct mm_struct *mm)
{
	down_read(&mm->mmap_lock);
}

static inline bool mmap_read_trylock(struct mm_struct *mm)
{
	return down_read_trylock(&mm->mmap_lock);
}

/* 0, or -EINTR when the task is being killed. */
static inline int __must_check mmap_read_lock_killable(struct mm_struct *mm)
{
	return down_read_killable(&mm->mmap_lock);
}

static inline void mmap_read_unlock(struct mm_struct *mm)
{
	up_read(&mm->mmap_lock);
}

static inline void mmap_write_lock(struct mm_struct *mm)
{
	down_write(&mm->mmap_lock);
}

static inline int __must_check mmap_write_lock_killable(struct mm_struct *mm)
{
	return down_write_killable(&mm->mmap_lock);
}

static inline void mmap_write_unlock(struct mm_struct *mm)
{
	up_write(&mm->mmap_lock);
}

static inline void mmap_write_downgrade(struct mm_struct *mm)
{
	downgrade_write(&mm->mmap_lock);
}

/* ---- counters: any context ----------------------------------------------- */

static inline void add_mm_counter(struct mm_struct *mm, int member, long n)
{
	atomic_long_add(n, &mm->rss[member]);
}

#define inc_mm_counter(mm, member) add_mm_counter((mm), (member), 1)
#define dec_mm_counter(mm, member) add_mm_counter((mm), (member), -1)

static inline unsigned long get_mm_counter(struct mm_struct *mm, int member)
{
	long n = atomic_long_read(&mm->rss[member]);

	return n < 0 ? 0 : n;
}

/* Pages of the process that are in memory. */
static inline unsigned long get_mm_rss(struct mm_struct *mm)
{
	return get_mm_counter(mm, MM_FILEPAGES) +
	       get_mm_counter(mm, MM_ANONPAGES) +
	       get_mm_counter(mm, MM_SHMEMPAGES);
}

/* The largest ever, for VmHWM and ru_maxrss; pages. */
static inline unsigned long get_mm_hiwater_rss(struct mm_struct *mm)
{
	unsigned long now = get_mm_rss(mm);

	return mm->hiwater_rss > now ? mm->hiwater_rss : now;
}

void update_hiwater_rss(struct mm_struct *mm);
/* Bytes of page tables, for VmPTE. */
static inline unsigned long mm_pgtables_bytes(const struct mm_struct *mm)
{
	return atomic_long_read(&mm->pgtables_bytes);
}

/* ---- areas (mm/virt/vma.c, place.c): caller holds mmap_lock -------------- */

#define DEFAULT_MAX_MAP_COUNT 65530
#define STACK_GUARD_GAP (256UL << PAGE_SHIFT)
extern int sysctl_max_map_count;
extern unsigned long mmap_min_addr;   /* lowest that a user may map: 65536 */

/* In address order.  `vma` is the cursor. */
#define for_each_vma(mm, vma) \
	list_for_each_entry(vma, &(mm)->mmap, vm_list)

/* The first area that ends above addr (addr may lie before it), or NULL. */
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);
/* The area that contains addr, or NULL. */
struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr);
/* The first area that has a byte of [start, end), or NULL. */
struct vm_area_struct *find_vma_intersection(struct mm_struct *mm,
					     unsigned long start,
					     unsigned long end);
struct vm_area_struct *vma_next(struct vm_area_struct *vma);
struct vm_area_struct *vma_prev(struct vm_area_struct *vma);
struct vm_area_struct *vm_area_alloc(struct mm_struct *mm);
void vm_area_free(struct vm_area_struct *vma);
/* Put a filled-in area where none is: 0, -ENOMEM; write lock. */
int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma);
/* Free room of len bytes for a mapping; the address or -errno. */
unsigned long get_unmapped_area(struct file *file, unsigned long addr,
				unsigned long len, unsigned long pgoff,
				unsigned long flags);
/*
 * Where downward search starts (exec), given the stack's limit; `random`: the
 * stack's top was moved down by chance, and the base shall be too.
 */
unsigned long mmap_base_for(unsigned long stack_rlimit, bool random);

static inline bool vma_is_anonymous(const struct vm_area_struct *vma)
{
	return !vma->vm_ops;
}

static inline unsigned long vma_pages(const struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

/* Page index in the file (or, anonymous, in the area's own count). */
static inline unsigned long linear_page_index(const struct vm_area_struct *vma,
					      unsigned long addr)
{
	return ((addr - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
}

/* ---- mapping (mm/virt/mmap.c and neighbours) ----------------------------- */

/* Caller holds the write lock.  The address or -errno. */
unsigned long do_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags,
		      unsigned long pgoff, unsigned long *populate);
int do_munmap(struct mm_struct *mm, unsigned long start, size_t len);
/* These take the lock of current->mm themselves. */
unsigned long vm_mmap_pgoff(struct file *file, unsigned long addr,
			    unsigned long len, unsigned long prot,
			    unsigned long flags, unsigned long pgoff);
/* offset in bytes; -EINVAL if not page-aligned. */
unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags,
		      unsigned long offset);
int vm_munmap(unsigned long start, size_t len);
/* Anonymous zeroed memory exactly there: 0 or -errno (exec's bss). */
int vm_brk_flags(unsigned long addr, unsigned long len, unsigned long flags);
#define vm_brk(addr, len) vm_brk_flags((addr), (len), 0)
/* Would `pages` more stay within RLIMIT_AS and RLIMIT_DATA? */
bool may_expand_vm(struct mm_struct *mm, unsigned long vm_flags,
		   unsigned long pages);
void vm_stat_account(struct mm_struct *mm, unsigned long vm_flags, long pages);
/* Change rights of [start, end): write lock held. */
int mprotect_range(struct mm_struct *mm, unsigned long start,
		   unsigned long end, unsigned long prot);
/* Make all pages present, as if touched; lock not held; 0 or -errno. */
int mm_populate_range(unsigned long start, unsigned long len,
		      bool ignore_errors);
#define mm_populate(start, len) ((void)mm_populate_range((start), (len), true))

/* Promise of memory: Committed_AS. */
int __must_check vm_enough_memory(long pages);
void vm_acct_memory(long pages);
#define vm_unacct_memory(pages) vm_acct_memory(-(long)(pages))
unsigned long vm_memory_committed(void);
unsigned long vm_commit_limit(void);
extern int sysctl_overcommit_memory, sysctl_overcommit_ratio;
extern int sysctl_overcommit_kbytes;

/* ---- chance places (mm/virt/randomize.c) --------------------------------- */

extern int randomize_va_space;        /* 0 none, 1 all but the heap, 2 all */
#define ADDR_NO_RANDOMIZE 0x0040000UL /* personality(2) */
#define STICKY_TIMEOUTS 0x4000000UL   /* the same: select() and its timeout */
/* What a program that gains privileges does not inherit of it. */
#define PER_CLEAR_ON_SETID (ADDR_NO_RANDOMIZE | 0x0400000UL | 0x0100000UL | \
			    0x0200000UL)
/* Does an exec by current place things by chance? */
bool exec_randomizes(bool privileged);
unsigned long randomize_stack_top(unsigned long top);
unsigned long stack_random_size(void);
unsigned long arch_mmap_rnd(void);    /* bytes, whole pages */
unsigned long randomize_brk(unsigned long brk);

/* ---- exec's needs (mm/virt/exec_mm.c) ------------------------------------ */

/*
 * Give a new mm its stack: one page, below STACK_TOP or, `random`, a chance
 * place some way down (mm->start_stack says where), that grows down as
 * copy_to_mm() writes the arguments.  The place is final, so nothing has to be
 * moved later.  0 or -errno.
 */
int mm_create_stack(struct mm_struct *mm, bool random);
/*
 * The arguments are in: give the stack its rights (vm_flags: VM_EXEC or 0) and
 * 128 KiB of room below.  0 or -errno.
 */
int setup_arg_pages(struct mm_struct *mm, unsigned long vm_flags);
/* Pages that the kernel provides (vdso): no file, no growth. */
struct vm_special_mapping {
	const char *name;             /* as in /proc/PID/maps */
	struct page **pages;          /* NULL-terminated */
};
struct vm_area_struct *_install_special_mapping(struct mm_struct *mm,
		unsigned long addr, unsigned long len, unsigned long flags,
		const struct vm_special_mapping *spec);

/* ---- faults (mm/virt/fault.c) -------------------------------------------- */

/*
 * The page-fault trap, for an address in the user half and a task with an mm:
 * flags are FAULT_FLAG_WRITE, _USER, _INSTRUCTION.  Returns 0 if the
 * instruction is to be tried again, or if a signal has been queued for a fault
 * in user mode; -EFAULT if it was the kernel's access and nothing is there: the
 * caller looks in the exception table.  Interrupts on; may sleep.
 */
int mm_handle_fault(struct pt_regs *regs, unsigned long address,
		    unsigned int flags);
/* Make the page at address present for such an access; read lock held. */
vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
			   unsigned int flags);
/* Let a stack area reach down to address: 0 or -ENOMEM. */
int expand_stack(struct vm_area_struct *vma, unsigned long address);

#define FOLL_WRITE 0x01       /* the page will be written to */
#define FOLL_GET 0x04
#define FOLL_FORCE 0x10       /* against the area's rights (ptrace) */
#define FOLL_REMOTE 0x2000    /* not current's own mm */
/*
 * Pin pages of mm: each has a reference that the caller puts.  Read lock held.
 * Returns how many, or -EFAULT, -ENOMEM if not even the first.
 */
long get_user_pages_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, unsigned int flags,
			   struct page **pages);
/* current's mm; takes the lock itself. */
int get_user_pages_fast(unsigned long start, int nr_pages, unsigned int flags,
			struct page **pages);
/* Copy from or (FOLL_WRITE) to another process's memory; bytes done. */
int access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf,
		     int len, unsigned int flags);
int access_process_vm(struct task_struct *tsk, unsigned long addr, void *buf,
		      int len, unsigned int flags);
/* Write into an mm that nobody runs in yet (exec): 0 or -errno. */
int copy_to_mm(struct mm_struct *mm, unsigned long addr, const void *src,
	       size_t len);

/* madvise(2) on mm; POPULATE for current's own only. */
int do_madvise(struct mm_struct *mm, unsigned long start, size_t len,
	       int advice);
/* Take the private pages of a dying mm away: 0, -EAGAIN (its lock is busy). */
int oom_reap_mm(struct mm_struct *mm);

/* ---- page tables (mm/virt/unmap.c) --------------------------------------- */

/* The frame behind an entry, NULL if it has no struct page duties. */
struct page *vm_normal_page(struct vm_area_struct *vma, unsigned long addr,
			    pte_t pte);
/* Drop the pages of [start, end) of one area; read lock suffices. */
void zap_page_range(struct vm_area_struct *vma, unsigned long start,
		    unsigned long size);
/* For drivers' mmap: map frames that are no memory of ours.  0 or -errno. */
int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr, pfn_t pfn,
		    unsigned long size, pgprot_t prot);
int vm_insert_page(struct vm_area_struct *vma, unsigned long addr,
		   struct page *page);
/* The page of zeroes that read faults of untouched memory share. */
extern unsigned char empty_zero_page[PAGE_SIZE];
#define ZERO_PAGE(addr) ((void)(addr), pfn_to_page(zero_pfn()))
pfn_t zero_pfn(void);
static inline bool is_zero_pfn(pfn_t pfn)
{
	return pfn == zero_pfn();
}

/* OOM killer (mm/virt/oom.c)
 * ------------------------------------------------ */
#define OOM_SCORE_ADJ_MIN (-1000)
#define OOM_SCORE_ADJ_MAX 1000
/* What /proc/PID/oom_score shows: 0..2000; tasklist or RCU held. */
long oom_badness(struct task_struct *p, unsigned long totalpages);
/* Kill somebody; true if memory will come back, so try again.  May sleep. */
bool out_of_memory(gfp_t gfp, unsigned int order);

/* Back a shared mapping without a file by an unnamed tmpfs file.  0, -errno. */
int shmem_zero_setup(struct vm_area_struct *vma);

#endif
