/* SPDX-License-Identifier: MIT */
/*
 * vma.c -- the areas of an address space: finding, cutting, melting
 *
 * PROMISE.  find_vma() answers "which area holds this address, or which comes
 * next" in logarithmic time, with up to 65530 areas, and keeps what place.c
 * needs to answer "where is room" as fast.
 *
 * IDEA.  Each area stands in two structures: a list in address order, for
 * neighbours, and a red-black tree by address, for searching.  Every tree node
 * also knows the largest hole that lies before any area of its subtree:
 *
 *	           [40-50 | 15]              hole before an area =
 *	          /            \             its start - end of the one before
 *	   [10-20 | 10]     [65-70 | 15]
 *	   own hole 10      own hole 15      "| n": the largest in the subtree
 *
 * A search for a hole of 12 never enters the left subtree.  The price: whoever
 * moves an end must tell the *next* area, whose hole has changed.
 *
 * INVARIANTS, true whenever mmap_lock is not held for writing:
 *   I1  Areas do not overlap, and list and tree hold the same ones in order.
 *   I2  rb_subtree_gap is the largest hole of the subtree.
 *   I3  map_count is their number.
 *   I4  A file's area is in its mapping's i_mmap while it is in the tree, and
 *       whatever may hold anonymous pages in its anon_vmas (anon_vma.c).
 *
 * LOCKING.  mm->mmap_lock, read to look, write to change.  Start, end and
 * offset of a file's area are also read by unmap_mapping_range(), which holds
 * only i_mmap_rwsem: they change under both.  Order: mmap_lock, i_mmap_rwsem,
 * page_table_lock.
 *
 * SEE docs/13-address-spaces.md.
 *
 * EXERCISES.  1. Which area's hole does vma_set_range() have to recompute when
 * only the end moves?  2. Why is the area of a stack given a smaller hole
 * before it than there is?
 */

#include <kernel/err.h>
#include <kernel/export.h>
#include <kernel/rbtree_augmented.h>
#include <mm/rmap.h>
#include <mm/slab.h>

#include "internal.h"

struct kmem_cache *vm_area_cachep;
int sysctl_max_map_count = DEFAULT_MAX_MAP_COUNT;

/* ---- the tree that knows its holes --------------------------------------- */

struct vm_area_struct *vma_next(struct vm_area_struct *vma)
{
	if (list_is_last(&vma->vm_list, &vma->vm_mm->mmap))
		return NULL;
	return list_next_entry(vma, vm_list);
}

struct vm_area_struct *vma_prev(struct vm_area_struct *vma)
{
	if (vma->vm_list.prev == &vma->vm_mm->mmap)
		return NULL;
	return list_prev_entry(vma, vm_list);
}

/* The hole before vma, less what a stack must keep free below itself. */
static unsigned long vma_gap(struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma_prev(vma);
	unsigned long start = vm_start_gap(vma);
	unsigned long below = prev ? prev->vm_end : 0;

	return start > below ? start - below : 0;
}

static unsigned long compute_subtree_gap(struct vm_area_struct *vma)
{
	unsigned long gap = vma_gap(vma);
	unsigned long left = subtree_gap(vma->vm_rb.rb_left);
	unsigned long right = subtree_gap(vma->vm_rb.rb_right);

	if (left > gap)
		gap = left;
	return right > gap ? right : gap;
}

/* Recompute from n upwards until nothing changes, or `stop`. */
static void gap_propagate(struct rb_node *n, struct rb_node *stop)
{
	while (n != stop) {
		struct vm_area_struct *vma = rb_to_vma(n);
		unsigned long gap = compute_subtree_gap(vma);

		if (vma->rb_subtree_gap == gap)
			break;
		vma->rb_subtree_gap = gap;
		n = rb_parent(&vma->vm_rb);
	}
}

static void gap_copy(struct rb_node *from, struct rb_node *to)
{
	rb_to_vma(to)->rb_subtree_gap = rb_to_vma(from)->rb_subtree_gap;
}

/* `to` takes the place of `from`, which became its child. */
static void gap_rotate(struct rb_node *from, struct rb_node *to)
{
	gap_copy(from, to);
	rb_to_vma(from)->rb_subtree_gap = compute_subtree_gap(rb_to_vma(from));
}

static const struct rb_augment_callbacks gap_callbacks = {
	.propagate = gap_propagate, .copy = gap_copy, .rotate = gap_rotate,
};

static void gap_update(struct vm_area_struct *vma)
{
	if (vma)
		gap_propagate(&vma->vm_rb, NULL);
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct rb_node *n = mm->mm_rb.rb_node;
	struct vm_area_struct *best = NULL;

	while (n) {
		struct vm_area_struct *vma = rb_to_vma(n);

		if (vma->vm_end <= addr) {
			n = n->rb_right;
			continue;
		}
		best = vma;
		if (vma->vm_start <= addr)
			break;
		n = n->rb_left;
	}
	return best;
}
EXPORT_SYMBOL(find_vma);

struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && vma->vm_start <= addr ? vma : NULL;
}

struct vm_area_struct *find_vma_intersection(struct mm_struct *mm,
					     unsigned long start,
					     unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

/* ---- structures ---------------------------------------------------------- */

struct vm_area_struct *vm_area_alloc(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	vma = kmem_cache_zalloc(vm_area_cachep, GFP_KERNEL);
	if (!vma)
		return NULL;
	vma->vm_mm = mm;
	INIT_LIST_HEAD(&vma->vm_list);
	RB_CLEAR_NODE(&vma->i_mmap_node.rb);
	INIT_LIST_HEAD(&vma->anon_vma_chain);
	RB_CLEAR_NODE(&vma->vm_rb);
	return vma;
}

/*
 * A copy, in no structure yet, with a reference of its own to the file; who may
 * show vma's anonymous pages through it says so by anon_vma_clone().
 */
struct vm_area_struct *vm_area_dup(struct vm_area_struct *vma,
				   struct mm_struct *mm)
{
	struct vm_area_struct *new = vm_area_alloc(mm);

	if (!new)
		return NULL;
	new->vm_start = vma->vm_start;
	new->vm_end = vma->vm_end;
	new->vm_flags = vma->vm_flags;
	new->vm_pgoff = vma->vm_pgoff;
	new->vm_file = vma->vm_file;
	new->vm_ops = vma->vm_ops;
	new->vm_private_data = vma->vm_private_data;
	new->vm_policy = vma->vm_policy;
	if (new->vm_file)
		get_file(new->vm_file);
	return new;
}

void vm_area_free(struct vm_area_struct *vma)
{
	kmem_cache_free(vm_area_cachep, vma);
}

/* A copy that was never opened or linked goes. */
void vm_area_discard(struct vm_area_struct *vma)
{
	if (vma->vm_file)
		fput(vma->vm_file);
	vm_area_free(vma);
}

void vma_release(struct vm_area_struct *vma)
{
	if (vma->vm_ops && vma->vm_ops->close)
		vma->vm_ops->close(vma);
	if (vma->vm_file)
		fput(vma->vm_file);
	vm_area_free(vma);
}

/* Whose pages the area shows; NULL: only its own. */
static struct address_space *vma_mapping(struct vm_area_struct *vma)
{
	if (vma->vm_file)
		return vma->vm_file->f_mapping;
	return vma_is_shmem_anon(vma) ? shmem_anon_mapping(vma) : NULL;
}

void i_mmap_lock(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma_mapping(vma);

	if (mapping)
		down_write(&mapping->i_mmap_rwsem);
}

void i_mmap_unlock(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma_mapping(vma);

	if (mapping)
		up_write(&mapping->i_mmap_rwsem);
}

/* Enter into its file's tree of areas, or leave it; i_mmap_rwsem held. */
static void i_mmap_insert(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma_mapping(vma);

	if (!mapping)
		return;
	vma->i_mmap_node.start = vma->vm_pgoff;
	vma->i_mmap_node.last = vma->vm_pgoff + vma_pages(vma) - 1;
	interval_tree_insert(&vma->i_mmap_node, &mapping->i_mmap);
}

static void i_mmap_remove(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma_mapping(vma);

	if (mapping)
		interval_tree_remove(&vma->i_mmap_node, &mapping->i_mmap);
}

/* Enter into list and tree; the range is free (I1). */
static void link_in_mm(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct rb_node **link = &mm->mm_rb.rb_node, *parent = NULL;
	struct list_head *before = &mm->mmap;

	while (*link) {
		struct vm_area_struct *at = rb_to_vma(*link);

		parent = *link;
		if (vma->vm_end <= at->vm_start) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			before = &at->vm_list;
		}
	}
	list_add(&vma->vm_list, before);
	/* The next one's hole shrank: told before rotations copy summaries. */
	gap_update(vma_next(vma));
	rb_link_node(&vma->vm_rb, parent, link);
	vma->rb_subtree_gap = 0;
	gap_update(vma);
	rb_insert_augmented(&vma->vm_rb, &mm->mm_rb, &gap_callbacks);
	mm->map_count++;
}

static void unlink_from_mm(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *next = vma_next(vma);

	rb_erase_augmented(&vma->vm_rb, &mm->mm_rb, &gap_callbacks);
	RB_CLEAR_NODE(&vma->vm_rb);
	list_del_init(&vma->vm_list);
	gap_update(next);
	mm->map_count--;
}

void vma_link(struct mm_struct *mm, struct vm_area_struct *vma)
{
	i_mmap_lock(vma);
	link_in_mm(mm, vma);
	i_mmap_insert(vma);
	i_mmap_unlock(vma);
}

void vma_unlink(struct vm_area_struct *vma)
{
	i_mmap_lock(vma);
	i_mmap_remove(vma);
	unlink_from_mm(vma->vm_mm, vma);
	i_mmap_unlock(vma);
	unlink_anon_vmas(vma);
}

static void set_range_locked(struct vm_area_struct *vma, unsigned long start,
			     unsigned long end, unsigned long pgoff)
{
	bool end_moved = vma->vm_end != end;

	vma->vm_start = start;
	vma->vm_end = end;
	vma->vm_pgoff = pgoff;
	gap_update(vma);
	if (end_moved)
		gap_update(vma_next(vma));
}

/* Move the borders of an area that is in the tree; its neighbours allow it. */
void vma_set_range(struct vm_area_struct *vma, unsigned long start,
		   unsigned long end, unsigned long pgoff)
{
	i_mmap_lock(vma);
	i_mmap_remove(vma);
	set_range_locked(vma, start, end, pgoff);
	i_mmap_insert(vma);
	i_mmap_unlock(vma);
	anon_vma_moved(vma);
}

int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma)
{
	if (find_vma_intersection(mm, vma->vm_start, vma->vm_end))
		return -ENOMEM;
	if (mm->map_count >= sysctl_max_map_count)
		return -ENOMEM;
	if (vma_is_anonymous(vma))
		vma->vm_pgoff = vma->vm_start >> PAGE_SHIFT;
	vma_link(mm, vma);
	return 0;
}

/* ---- cutting and melting ------------------------------------------------- */

int __split_vma(struct mm_struct *mm, struct vm_area_struct *vma,
		unsigned long addr, bool new_below)
{
	unsigned long pages_below = (addr - vma->vm_start) >> PAGE_SHIFT;
	struct vm_area_struct *new = vm_area_dup(vma, mm);

	if (!new)
		return -ENOMEM;
	if (new_below)
		new->vm_end = addr;
	else
		new->vm_start = addr;
	if (!new_below)
		new->vm_pgoff += pages_below;
	if (anon_vma_clone(new, vma)) {
		vm_area_discard(new);
		return -ENOMEM;
	}
	if (new->vm_ops && new->vm_ops->open)
		new->vm_ops->open(new);

	i_mmap_lock(vma);
	i_mmap_remove(vma);
	if (new_below)
		set_range_locked(vma, addr, vma->vm_end,
				 vma->vm_pgoff + pages_below);
	else
		set_range_locked(vma, vma->vm_start, addr, vma->vm_pgoff);
	link_in_mm(mm, new);
	i_mmap_insert(vma);
	i_mmap_insert(new);
	i_mmap_unlock(vma);
	anon_vma_moved(vma);
	return 0;
}

int split_vma(struct mm_struct *mm, struct vm_area_struct *vma,
	      unsigned long addr, bool new_below)
{
	if (mm->map_count >= sysctl_max_map_count)
		return -ENOMEM;
	return __split_vma(mm, vma, addr, new_below);
}

struct vm_area_struct *vma_isolate(struct vm_area_struct *vma,
				   unsigned long start, unsigned long end)
{
	int err;

	if (start > vma->vm_start) {
		err = split_vma(vma->vm_mm, vma, start, true);
		if (err)
			return ERR_PTR(err);
	}
	if (end < vma->vm_end) {
		err = split_vma(vma->vm_mm, vma, end, false);
		if (err)
			return ERR_PTR(err);
	}
	return vma;
}

/* Would one area do for both?  a ends where b begins. */
static bool can_merge(const struct vm_area_struct *a,
		      const struct vm_area_struct *b)
{
	return a->vm_end == b->vm_start && a->vm_flags == b->vm_flags &&
	       a->vm_file == b->vm_file && a->vm_ops == b->vm_ops &&
	       a->vm_private_data == b->vm_private_data &&
	       a->vm_policy == b->vm_policy &&
	       !(a->vm_flags & VM_SPECIAL) &&
	       !(a->vm_ops && a->vm_ops->close) &&
	       a->vm_pgoff + vma_pages(a) == b->vm_pgoff;
}

/* a swallows b. */
static void absorb(struct vm_area_struct *a, struct vm_area_struct *b)
{
	unsigned long end = b->vm_end;

	anon_vma_absorb(a, b);
	/* In one hold, so that a truncation misses neither. */
	i_mmap_lock(a);
	i_mmap_remove(a);
	i_mmap_remove(b);
	unlink_from_mm(b->vm_mm, b);
	set_range_locked(a, a->vm_start, end, a->vm_pgoff);
	i_mmap_insert(a);
	i_mmap_unlock(a);
	anon_vma_moved(a);
	if (b->vm_file)
		fput(b->vm_file);
	vm_area_free(b);
}

struct vm_area_struct *vma_merge_neighbours(struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma_prev(vma), *next = vma_next(vma);

	if (next && can_merge(vma, next) && anon_vma_compatible(vma, next))
		absorb(vma, next);
	if (prev && can_merge(prev, vma) && anon_vma_compatible(prev, vma)) {
		absorb(prev, vma);
		vma = prev;
	}
	return vma;
}

/* For anonymous memory only: the common case of a heap that grows. */
struct vm_area_struct *vma_extend(struct mm_struct *mm, unsigned long addr,
				  unsigned long end, unsigned long vm_flags)
{
	struct vm_area_struct *vma = find_vma(mm, addr - 1);

	if (!vma || vma->vm_end != addr || vma->vm_flags != vm_flags ||
	    vma->vm_file || vma->vm_ops || vma->vm_policy ||
	    vma->vm_pgoff + vma_pages(vma) != addr >> PAGE_SHIFT)
		return NULL;
	vma_set_range(vma, vma->vm_start, end, vma->vm_pgoff);
	return vma_merge_neighbours(vma);
}

/* ---- the invariants, for tests ------------------------------------------- */

bool vma_tree_ok(struct mm_struct *mm)
{
	struct rb_node *n = rb_first(&mm->mm_rb);
	struct vm_area_struct *vma;
	unsigned long end = 0;
	int count = 0;

	for_each_vma(mm, vma) {
		if (vma->vm_start < end || vma->vm_start >= vma->vm_end)
			return false;                              /* I1 */
		if (n != &vma->vm_rb)
			return false;                              /* I1 */
		if (vma->rb_subtree_gap != compute_subtree_gap(vma))
			return false;                              /* I2 */
		end = vma->vm_end;
		n = rb_next(n);
		count++;
	}
	return !n && count == mm->map_count;                       /* I3 */
}
