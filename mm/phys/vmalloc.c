/* SPDX-License-Identifier: MIT */
/*
 * vmalloc.c -- contiguous in addresses, scattered in memory
 *
 * PROMISE.  vmalloc(n) needs n bytes of frames but no two of them adjacent, so
 * it succeeds where kmalloc fails.  The page behind each area is never mapped:
 * an overrun faults instead of hitting a neighbour.
 *
 * IDEA.  The region [VMALLOC_START, VMALLOC_END) holds areas, sorted by address
 * in a red-black tree; a new one goes into the lowest hole that is big enough,
 * and each frame gets its own page-table entry.
 *
 *	addresses  |AAAA|g|BB|g|        hole         |CCCCCC|g|
 *	frames       7 2 9 4  31 8                    1 5 ...
 *
 * Finding the hole does not start at the bottom each time: below `hint` there
 * is no hole of `hint_hole` bytes or more, so a request that large starts
 * there.
 *
 * What is unmapped stays in other CPUs' TLBs until they are told, which costs
 * an interrupt on each.  So freed areas wait, unmapped but not reusable, on a
 * purge list; when a lot of address space hangs there, or memory is short, one
 * flush frees all of it.
 *
 * INVARIANTS
 *   I1  Areas in the tree do not overlap, guard pages included.
 *   I2  An address is reused only after a flush that followed its unmapping.
 *   I3  No hole below hint is as large as hint_hole.
 *
 * LOCKING.  vmap_lock, irq-safe, guards tree, lists and hint.  Freeing works in
 * any context; allocating may sleep.
 *
 * SEE docs/12-vmalloc.md
 *
 * EXERCISES.  1. Why may frames be given back before the flush?  Who could
 * still reach them?  2. What would go wrong without I2?
 */

#include <mm/vmalloc.h>

#include <arch/mmu.h>
#include <arch/tlb.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <mm/kasan.h>
#include <mm/mmzone.h>
#include <mm/page_ref.h>
#include <mm/shrinker.h>
#include <mm/slab.h>

#define PURGE_PAGES 8192         /* 32 MiB of addresses wait at most */

static DEFINE_SPINLOCK(vmap_lock);
static struct rb_root vmap_tree = RB_ROOT;
static LIST_HEAD(purge_list);    /* unmapped, not flushed */
static unsigned long purge_pages;
static unsigned long vmalloc_pages;
static unsigned long hint = VMALLOC_START, hint_hole;

#define area_start(vm) ((unsigned long)(vm)->addr)
#define area_end(vm) (area_start(vm) + (vm)->size)

/* ---- the tree.  vmap_lock held ------------------------------------------- */

/* The lowest area that ends above addr: covers it, or lies behind; NULL. */
static struct vm_struct *first_above(unsigned long addr)
{
	struct rb_node *n = vmap_tree.rb_node;
	struct vm_struct *best = NULL;

	while (n) {
		struct vm_struct *vm = rb_entry(n, struct vm_struct, node);

		if (area_end(vm) > addr) {
			best = vm;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return best;
}

static void tree_insert(struct vm_struct *vm)
{
	struct rb_node **link = &vmap_tree.rb_node, *parent = NULL;

	while (*link) {
		struct vm_struct *o = rb_entry(*link, struct vm_struct, node);

		parent = *link;
		link = area_start(vm) < area_start(o) ? &parent->rb_left
						      : &parent->rb_right;
	}
	rb_link_node(&vm->node, parent, link);
	rb_insert_color(&vm->node, &vmap_tree);
}

/* Lowest place for size bytes, or 0.  Keeps the hint right (I3). */
static unsigned long find_place(unsigned long size, unsigned long align)
{
	bool from_hint = size >= hint_hole;
	unsigned long at = from_hint ? hint : VMALLOC_START;
	unsigned long largest = 0;
	struct vm_struct *vm;

	at = ALIGN(at, align);
	vm = first_above(at);
	while (vm && at + size > area_start(vm)) {
		if (area_start(vm) > at)
			largest = max(largest, area_start(vm) - at);
		at = max(at, ALIGN(area_end(vm), align));
		vm = rb_entry_safe(rb_next(&vm->node), struct vm_struct, node);
	}
	if (at + size > VMALLOC_END || at + size < at)
		return 0;
	if (align == PAGE_SIZE && from_hint) {
		hint = at + size;
		hint_hole = max(hint_hole, largest + 1);
	}
	return at;
}

static void hint_freed(unsigned long addr)
{
	if (addr < hint) {
		hint = addr;
		hint_hole = 0;
	}
}

/* ---- areas --------------------------------------------------------------- */

/* Flush all CPUs once, then make the purged addresses usable (I2). */
static void purge(void)
{
	struct vm_struct *vm, *next;
	unsigned long start = ~0UL, end = 0, flags;
	LIST_HEAD(batch);

	spin_lock_irqsave(&vmap_lock, flags);
	list_splice_init(&purge_list, &batch);
	purge_pages = 0;
	spin_unlock_irqrestore(&vmap_lock, flags);

	list_for_each_entry(vm, &batch, purge) {
		start = min(start, area_start(vm));
		end = max(end, area_end(vm));
	}
	if (start >= end)
		return;
	flush_tlb_kernel_range(start, end);

	spin_lock_irqsave(&vmap_lock, flags);
	list_for_each_entry(vm, &batch, purge) {
		rb_erase(&vm->node, &vmap_tree);
		hint_freed(area_start(vm));
	}
	spin_unlock_irqrestore(&vmap_lock, flags);
	list_for_each_entry_safe(vm, next, &batch, purge)
		kfree(vm);
}

void vm_unmap_aliases(void)
{
	purge();
}

/*
 * Under pressure the purge list goes at once: what it holds are vm_structs, few
 * bytes each, but each may be the last object of a slab.
 */
static unsigned long purge_count(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long pages = READ_ONCE(purge_pages);

	(void)s, (void)sc;
	return pages ? pages : SHRINK_EMPTY;
}

static unsigned long purge_scan(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long pages = READ_ONCE(purge_pages);

	(void)s, (void)sc;
	if (!pages || irqs_disabled())
		return SHRINK_STOP;
	purge();
	return pages;
}

static struct shrinker purge_shrinker = {
	.count_objects = purge_count,
	.scan_objects = purge_scan,
	.seeks = DEFAULT_SEEKS,
};

unsigned long vmalloc_lazy_pages(void)
{
	return READ_ONCE(purge_pages);
}

struct vm_struct *__get_vm_area(unsigned long size, unsigned long align,
				unsigned long flags, gfp_t gfp,
				const void *caller)
{
	struct vm_struct *vm;
	unsigned long irq, at;

	size = PAGE_ALIGN(size);
	if (size == 0 || size > VMALLOC_END - VMALLOC_START)
		return NULL;
	if (READ_ONCE(purge_pages) > PURGE_PAGES &&
	    gfpflags_allow_blocking(gfp) && !irqs_disabled())
		purge();
	vm = kzalloc(sizeof(*vm), gfp & ~(__GFP_DMA | __GFP_DMA32));
	if (!vm)
		return NULL;
	vm->size = size + PAGE_SIZE;             /* the guard */
	vm->flags = flags;
	vm->caller = caller;
	spin_lock_irqsave(&vmap_lock, irq);
	at = find_place(vm->size, max(align, PAGE_SIZE));
	if (at) {
		vm->addr = (void *)at;
		tree_insert(vm);                 /* I1 */
	}
	spin_unlock_irqrestore(&vmap_lock, irq);
	if (!at) {
		kfree(vm);
		return NULL;
	}
	if (kasan_populate_vmalloc(vm->addr, vm->size)) {
		spin_lock_irqsave(&vmap_lock, irq);
		rb_erase(&vm->node, &vmap_tree);
		hint_freed(at);
		spin_unlock_irqrestore(&vmap_lock, irq);
		kfree(vm);
		return NULL;
	}
	kasan_unpoison_vmalloc(vm->addr, size);
	return vm;
}

struct vm_struct *get_vm_area(unsigned long size, unsigned long flags)
{
	return __get_vm_area(size, PAGE_SIZE, flags, GFP_KERNEL,
			     __builtin_return_address(0));
}

/* Purged areas are in the tree, but are nobody's. */
static bool area_in_use(const struct vm_struct *vm)
{
	return vm->flags != 0;
}

struct vm_struct *find_vm_area(const void *addr)
{
	struct vm_struct *vm;
	unsigned long flags;

	spin_lock_irqsave(&vmap_lock, flags);
	vm = first_above((unsigned long)addr);
	if (vm && (area_start(vm) > (unsigned long)addr || !area_in_use(vm)))
		vm = NULL;
	spin_unlock_irqrestore(&vmap_lock, flags);
	return vm;
}

/* Unmap and put on the purge list; the frames in *copy are the caller's. */
static bool unmap_area(const void *addr, struct vm_struct *copy)
{
	struct vm_struct *vm = find_vm_area(addr);
	unsigned long flags;

	if (WARN(!vm || vm->addr != addr, "no vmalloc area at %p", addr))
		return false;
	unmap_kernel_range_noflush(area_start(vm), vm->size - PAGE_SIZE);
	kasan_poison_vmalloc(vm->addr, vm->size);
	*copy = *vm;
	spin_lock_irqsave(&vmap_lock, flags);
	vm->flags = 0;
	list_add(&vm->purge, &purge_list);
	purge_pages += vm->size >> PAGE_SHIFT;
	spin_unlock_irqrestore(&vmap_lock, flags);
	return true;
}

void free_vm_area(struct vm_struct *vm)
{
	struct vm_struct copy;

	if (vm)
		unmap_area(vm->addr, &copy);
}

/* ---- memory -------------------------------------------------------------- */

static void free_pages_of(struct page **pages, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		__free_page(pages[i]);
	if (pages)
		__atomic_fetch_sub(&vmalloc_pages, n, __ATOMIC_RELAXED);
	kvfree(pages);
}

/* n single frames and the array that names them; NULL. */
static struct page **alloc_pages_for(unsigned int n, gfp_t gfp)
{
	struct page **pages = kvmalloc_array(n, sizeof(*pages),
					     gfp & ~__GFP_ZERO);

	if (!pages)
		return NULL;
	__atomic_fetch_add(&vmalloc_pages, n, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < n; i++) {
		pages[i] = alloc_page(gfp);
		if (pages[i])
			continue;
		__atomic_fetch_sub(&vmalloc_pages, n - i, __ATOMIC_RELAXED);
		free_pages_of(pages, i);
		return NULL;
	}
	return pages;
}

static void *alloc_area(unsigned long size, unsigned long flags, gfp_t gfp,
			pgprot_t prot, const void *caller)
{
	unsigned int n = PAGE_ALIGN(size) >> PAGE_SHIFT;
	struct vm_struct *vm;

	if (size == 0 || size >> PAGE_SHIFT > totalram_pages())
		return NULL;
	vm = __get_vm_area(size, PAGE_SIZE, flags, gfp & ~__GFP_ZERO, caller);
	if (!vm)
		return NULL;
	vm->pages = alloc_pages_for(n, gfp);
	if (!vm->pages)
		goto out_area;
	vm->nr_pages = n;
	if (map_kernel_pages(area_start(vm), (unsigned long)n << PAGE_SHIFT,
			     prot, vm->pages))
		goto out_pages;
	kasan_poison_vmalloc(vm->addr, (size_t)n << PAGE_SHIFT);
	kasan_unpoison_vmalloc(vm->addr, size);
	return vm->addr;

out_pages:
	free_pages_of(vm->pages, n);
	vm->pages = NULL;
out_area:
	free_vm_area(vm);
	return NULL;
}

void *__vmalloc_prot(unsigned long size, gfp_t gfp, pgprot_t prot)
{
	return alloc_area(size, VM_ALLOC, gfp, prot,
			  __builtin_return_address(0));
}
EXPORT_SYMBOL(__vmalloc_prot);

void *__vmalloc(unsigned long size, gfp_t gfp)
{
	return alloc_area(size, VM_ALLOC, gfp, PAGE_KERNEL,
			  __builtin_return_address(0));
}
EXPORT_SYMBOL(__vmalloc);

void *vmalloc(unsigned long size)
{
	return alloc_area(size, VM_ALLOC, GFP_KERNEL, PAGE_KERNEL,
			  __builtin_return_address(0));
}
EXPORT_SYMBOL(vmalloc);

void *vzalloc(unsigned long size)
{
	return alloc_area(size, VM_ALLOC, GFP_KERNEL | __GFP_ZERO, PAGE_KERNEL,
			  __builtin_return_address(0));
}
EXPORT_SYMBOL(vzalloc);

void vfree(const void *addr)
{
	struct vm_struct vm;

	if (addr && unmap_area(addr, &vm))
		free_pages_of(vm.pages, vm.nr_pages);
}
EXPORT_SYMBOL(vfree);

void *vmap(struct page **pages, unsigned int count, unsigned long flags,
	   pgprot_t prot)
{
	unsigned long size = (unsigned long)count << PAGE_SHIFT;
	struct vm_struct *vm;

	vm = __get_vm_area(size, PAGE_SIZE, flags | VM_MAP, GFP_KERNEL,
			   __builtin_return_address(0));
	if (!vm)
		return NULL;
	if (map_kernel_pages(area_start(vm), size, prot, pages)) {
		free_vm_area(vm);
		return NULL;
	}
	return vm->addr;
}
EXPORT_SYMBOL(vmap);

void vunmap(const void *addr)
{
	struct vm_struct vm;

	if (addr)
		unmap_area(addr, &vm);
}
EXPORT_SYMBOL(vunmap);

/* ---- kernel stacks ------------------------------------------------------- */

#define STACKS_KEPT 4

/* Stacks that dead tasks left, still mapped; irqs off on their CPU. */
struct stack_cache {
	unsigned int n;
	void *stack[STACKS_KEPT];
};

static DEFINE_PER_CPU(struct stack_cache, stack_cache);

void *alloc_thread_stack(void)
{
	struct stack_cache *kept;
	void *stack = NULL;
	unsigned long flags;

	local_irq_save(flags);
	kept = this_cpu_ptr(&stack_cache);
	if (kept->n)
		stack = kept->stack[--kept->n];
	local_irq_restore(flags);
	if (stack) {
		kasan_unpoison(stack, THREAD_SIZE);   /* the dead one's frames */
		return stack;
	}
	/*
	 * The stack grows downwards, so its guard must lie below: that of the
	 * area in front, or, for the first area, the page before the region.
	 */
	return alloc_area(THREAD_SIZE, VM_ALLOC | VM_STACK_AREA, GFP_KERNEL,
			  PAGE_KERNEL, __builtin_return_address(0));
}

void free_thread_stack(void *stack)
{
	struct stack_cache *kept;
	unsigned long flags;

	local_irq_save(flags);
	kept = this_cpu_ptr(&stack_cache);
	if (kept->n < STACKS_KEPT) {
		kept->stack[kept->n++] = stack;
		stack = NULL;
	}
	local_irq_restore(flags);
	vfree(stack);
}

/* ---- telling ------------------------------------------------------------- */

void vmalloc_for_each(void (*fn)(const struct vm_struct *vm, void *arg),
		      void *arg)
{
	struct rb_node *n;
	unsigned long flags;

	spin_lock_irqsave(&vmap_lock, flags);
	for (n = rb_first(&vmap_tree); n; n = rb_next(n)) {
		struct vm_struct *vm = rb_entry(n, struct vm_struct, node);

		if (area_in_use(vm))
			fn(vm, arg);
	}
	spin_unlock_irqrestore(&vmap_lock, flags);
}

unsigned long vmalloc_nr_pages(void)
{
	return READ_ONCE(vmalloc_pages);
}

void vmalloc_init(void)
{
	BUILD_BUG_ON(VMALLOC_START % PAGE_SIZE);
}

static int __init vmalloc_shrinker_init(void)
{
	return register_shrinker(&purge_shrinker, "vmap-areas");
}
subsys_initcall(vmalloc_shrinker_init);
