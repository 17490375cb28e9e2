/* SPDX-License-Identifier: MIT */
/*
 * anon_vma.c -- who may map an anonymous page
 *
 * PROMISE.  From an anonymous page one comes to every area that may show it, in
 * a time that depends on how many those are, not on how many areas there are.
 *
 * IDEA.  A file's page names its file, and the file knows its areas.  An
 * anonymous page has no file; what takes its place is an anon_vma, made when an
 * area's first page is.  The page points to it for life.  Areas come and go,
 * but only in ways that we see: fork copies one, mremap copies one and empties
 * the old, munmap and mprotect cut one, merging joins two.  Each copy may show
 * the pages of the original: so it is entered in the same anon_vma, and in all
 * that the original was entered in.  A child's area puts what *it* touches
 * first under an anon_vma of its own, for the parent can never map that:
 *
 *	parent's area  ---+--- A           pages from before the fork: A
 *	                  |   /            A knows both areas
 *	child's area   ---+--+
 *	                  +--- B           pages that the child made: B
 *	                                   B knows the child's area only
 *
 * The lines are anon_vma_chains: each is in its area's list, and in its
 * anon_vma's interval tree by page index.  A page keeps its index through
 * split, merge and move, since vm_pgoff moves with the area.
 *
 * A child gets its own anon_vma when it first writes (__anon_vma_prepare),
 * which a child that calls execve() never does.  If its ancestor's anon_vma has
 * no area left that adds to it, and at most one child, it takes that one over:
 * so a program that forks and exits for ever does not drag a growing chain
 * behind.
 *
 * INVARIANTS
 *   I1  If area V maps anonymous page P, V's chain leads to P->anon_vma.
 *   I2  An anon_vma lives as long as an area is in its tree, a descendant uses
 *       its lock, or a walker holds a reference.
 *   I3  A chain entry's [start, last] are the page indices of its area, but
 *       while the area's bounds are being moved.
 *
 * LOCKING.  root->rwsem, one for an anon_vma and its descendants, guards the
 * trees; the areas' mmap_lock for writing the chains, or, as the first fault
 * comes with the mmap_lock for reading, page_table_lock too.  Order: mmap_lock,
 * i_mmap_rwsem, root->rwsem, page table's lock.
 *
 * RACES.  While an area's bounds move, a walker may compute a wrong address, or
 * miss the area.  It compares the frame number at the address, so it never acts
 * on a wrong entry; and who misses one sees that the page is still mapped, and
 * leaves the page alone.  Files cannot afford that (truncation must reach all):
 * their trees change under one hold of i_mmap_rwsem.
 *
 * SEE docs/56-reverse-mapping.md.
 *
 * EXERCISES.  1. Why must the child be entered in all anon_vmas of its parent,
 * not just in the newest?  2. What keeps the page tables under a walker's feet?
 */

#include <mm/rmap.h>

#include <kernel/export.h>
#include <mm/slab.h>

#include "internal.h"

static struct kmem_cache *anon_vma_cachep, *avc_cachep;

/* ---- structures ---------------------------------------------------------- */

static void anon_vma_ctor(void *data)
{
	struct anon_vma *a = data;

	init_rwsem(&a->rwsem);
	atomic_set(&a->refcount, 0);
	a->rb_root = RB_ROOT;
}

void anon_vma_init(void)
{
	/* By RCU: page_get_anon_vma() may look at a freed one. */
	anon_vma_cachep = kmem_cache_create("anon_vma", sizeof(struct anon_vma),
					    0, SLAB_TYPESAFE_BY_RCU | SLAB_PANIC |
					    SLAB_ACCOUNT, anon_vma_ctor);
	avc_cachep = KMEM_CACHE(anon_vma_chain, SLAB_PANIC | SLAB_ACCOUNT);
}

/* A child of parent (NULL: a new family). */
static struct anon_vma *anon_vma_alloc(struct anon_vma *parent)
{
	struct anon_vma *a = kmem_cache_alloc(anon_vma_cachep, GFP_KERNEL);

	if (!a)
		return NULL;
	a->parent = parent;
	a->root = parent ? parent->root : a;
	a->num_children = 0;
	a->num_active_vmas = 0;
	if (parent)
		atomic_inc(&a->root->refcount);                    /* I2 */
	atomic_set(&a->refcount, 1);
	return a;
}

void put_anon_vma(struct anon_vma *a)
{
	struct anon_vma *root = a->root;

	if (!atomic_dec_and_test(&a->refcount))
		return;
	kmem_cache_free(anon_vma_cachep, a);
	if (root != a)
		put_anon_vma(root);
}

static struct anon_vma_chain *avc_alloc(void)
{
	return kmem_cache_alloc(avc_cachep, GFP_KERNEL);
}

/* ---- linking ------------------------------------------------------------- */

static void set_interval(struct anon_vma_chain *avc)
{
	avc->shared.start = avc->vma->vm_pgoff;                    /* I3 */
	avc->shared.last = avc->vma->vm_pgoff + vma_pages(avc->vma) - 1;
}

/* The root's lock is held for writing. */
static void chain_link(struct anon_vma_chain *avc, struct vm_area_struct *vma,
		       struct anon_vma *a)
{
	avc->vma = vma;
	avc->anon_vma = a;
	list_add_tail(&avc->same_vma, &vma->anon_vma_chain);
	set_interval(avc);
	interval_tree_insert(&avc->shared, &a->rb_root);
}

/*
 * Step from one lock to the next: entries of one chain mostly share a root.
 * *held: the root whose lock we have, or NULL.
 */
static void lock_root(struct anon_vma **held, struct anon_vma *a)
{
	struct anon_vma *root = a ? a->root : NULL;

	if (*held == root)
		return;
	if (*held)
		up_write(&(*held)->rwsem);
	if (root)
		down_write(&root->rwsem);
	*held = root;
}

/* The first area that touches its pages decides for all its threads. */
static bool install_anon_vma(struct vm_area_struct *vma, struct anon_vma *a,
			     struct anon_vma_chain *avc)
{
	struct mm_struct *mm = vma->vm_mm;
	bool mine;

	down_write(&a->root->rwsem);
	spin_lock(&mm->page_table_lock);
	mine = !vma->anon_vma;
	if (mine) {
		vma->anon_vma = a;
		a->num_active_vmas++;
		if (avc && a->parent && RB_EMPTY_ROOT(&a->rb_root))
			a->parent->num_children++;
		if (avc)
			chain_link(avc, vma, a);
	}
	spin_unlock(&mm->page_table_lock);
	up_write(&a->root->rwsem);
	return mine;
}

/* An anon_vma of the chain that its makers have left; NULL: none. */
static struct anon_vma *find_deserted(struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc;
	struct anon_vma *found = NULL;

	spin_lock(&vma->vm_mm->page_table_lock);
	list_for_each_entry(avc, &vma->anon_vma_chain, same_vma)
		if (READ_ONCE(avc->anon_vma->num_active_vmas) == 0 &&
		    READ_ONCE(avc->anon_vma->num_children) <= 1) {
			found = avc->anon_vma;
			break;
		}
	spin_unlock(&vma->vm_mm->page_table_lock);
	return found;
}

/* The parent of vma's own anon_vma to be: the youngest in its chain. */
static struct anon_vma *youngest(struct vm_area_struct *vma)
{
	struct anon_vma *found = NULL;

	spin_lock(&vma->vm_mm->page_table_lock);
	if (!list_empty(&vma->anon_vma_chain))
		found = list_last_entry(&vma->anon_vma_chain,
					struct anon_vma_chain,
					same_vma)->anon_vma;
	spin_unlock(&vma->vm_mm->page_table_lock);
	return found;
}

/* Might these two, side by side, be one area one day?  mprotect does that. */
static bool may_merge_later(const struct vm_area_struct *a,
			    const struct vm_area_struct *b)
{
	return a->vm_end == b->vm_start && a->vm_file == b->vm_file &&
	       a->vm_ops == b->vm_ops &&
	       !((a->vm_flags ^ b->vm_flags) & ~VM_RWX) &&
	       a->vm_pgoff + vma_pages(a) == b->vm_pgoff;
}

/* Its anon_vma if that is all it has, as a new family would be. */
static struct anon_vma *only_anon_vma(struct vm_area_struct *vma)
{
	struct anon_vma *a = READ_ONCE(vma->anon_vma);

	return a && a->root == a && list_is_singular(&vma->anon_vma_chain)
		? a : NULL;
}

/*
 * A neighbour's anon_vma for an area that has none yet: so the two can be
 * merged.  The neighbour stays: we hold the mmap_lock.
 */
static struct anon_vma *find_neighbours(struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma_prev(vma), *next = vma_next(vma);
	struct anon_vma *a = NULL;

	if (vma_has_anon(vma))
		return NULL;
	spin_lock(&vma->vm_mm->page_table_lock);
	if (prev && may_merge_later(prev, vma))
		a = only_anon_vma(prev);
	if (!a && next && may_merge_later(vma, next))
		a = only_anon_vma(next);
	spin_unlock(&vma->vm_mm->page_table_lock);
	return a;
}

int __anon_vma_prepare(struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc;
	struct anon_vma *a;

	might_sleep();
	a = find_deserted(vma);
	if (a) {
		install_anon_vma(vma, a, NULL);
		return 0;
	}
	avc = avc_alloc();
	if (!avc)
		return -ENOMEM;
	a = find_neighbours(vma);
	if (a) {
		if (!install_anon_vma(vma, a, avc))
			kmem_cache_free(avc_cachep, avc);
		return 0;
	}
	a = anon_vma_alloc(youngest(vma));
	if (!a) {
		kmem_cache_free(avc_cachep, avc);
		return -ENOMEM;
	}
	if (!install_anon_vma(vma, a, avc)) {
		kmem_cache_free(avc_cachep, avc);
		put_anon_vma(a);
	}
	return 0;
}

/* Enter dst wherever src is; what dst has on failure is unlinked. */
static int clone_chain(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	struct anon_vma_chain *avc, *new;
	struct anon_vma *held = NULL;

	list_for_each_entry(avc, &src->anon_vma_chain, same_vma) {
		lock_root(&held, NULL);
		new = avc_alloc();
		if (!new) {
			unlink_anon_vmas(dst);
			return -ENOMEM;
		}
		lock_root(&held, avc->anon_vma);
		chain_link(new, dst, avc->anon_vma);
	}
	lock_root(&held, NULL);
	return 0;
}

int anon_vma_clone(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	int err = clone_chain(dst, src);

	if (err || !src->anon_vma)
		return err;
	down_write(&src->anon_vma->root->rwsem);
	src->anon_vma->num_active_vmas++;
	up_write(&src->anon_vma->root->rwsem);
	dst->anon_vma = src->anon_vma;
	return 0;
}

int anon_vma_fork(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	return clone_chain(dst, src);
}

/* Take one entry out of its tree; the last one's anon_vma goes. */
static void chain_unlink(struct anon_vma_chain *avc, struct anon_vma **held)
{
	struct anon_vma *a = avc->anon_vma;
	bool last;

	lock_root(held, a);
	interval_tree_remove(&avc->shared, &a->rb_root);
	last = RB_EMPTY_ROOT(&a->rb_root);
	if (last && a->parent)
		a->parent->num_children--;
	list_del(&avc->same_vma);
	kmem_cache_free(avc_cachep, avc);
	if (!last)
		return;
	lock_root(held, NULL);
	put_anon_vma(a);
}

static void leave_own(struct vm_area_struct *vma)
{
	struct anon_vma *own = vma->anon_vma;

	if (!own)
		return;
	down_write(&own->root->rwsem);
	own->num_active_vmas--;
	up_write(&own->root->rwsem);
	vma->anon_vma = NULL;
}

void unlink_anon_vmas(struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc, *next;
	struct anon_vma *held = NULL;

	leave_own(vma);
	/* Youngest first: a child goes before the parent that it counts in. */
	list_for_each_entry_safe_reverse(avc, next, &vma->anon_vma_chain,
					 same_vma)
		chain_unlink(avc, &held);
	lock_root(&held, NULL);
}

/* ---- areas change -------------------------------------------------------- */

/* vma's bounds have moved: restore I3. */
void anon_vma_moved(struct vm_area_struct *vma)
{
	struct anon_vma *held = NULL;
	struct anon_vma_chain *avc;

	list_for_each_entry(avc, &vma->anon_vma_chain, same_vma) {
		lock_root(&held, avc->anon_vma);
		interval_tree_remove(&avc->shared, &avc->anon_vma->rb_root);
		set_interval(avc);
		interval_tree_insert(&avc->shared, &avc->anon_vma->rb_root);
	}
	lock_root(&held, NULL);
}

static bool chain_leads_to(struct vm_area_struct *vma, struct anon_vma *a)
{
	struct anon_vma_chain *avc;

	list_for_each_entry(avc, &vma->anon_vma_chain, same_vma)
		if (avc->anon_vma == a)
			return true;
	return false;
}

/*
 * Area a will show what b shows, and b ends: a inherits the entries that it
 * lacks.  Nothing is allocated, so merging cannot fail.  The caller gives a its
 * new bounds next.
 */
void anon_vma_absorb(struct vm_area_struct *a, struct vm_area_struct *b)
{
	struct anon_vma *held = NULL;
	struct anon_vma_chain *avc, *next;

	if (!a->anon_vma) {
		a->anon_vma = b->anon_vma;
		b->anon_vma = NULL;
	}
	list_for_each_entry_safe(avc, next, &b->anon_vma_chain, same_vma) {
		if (chain_leads_to(a, avc->anon_vma))
			continue;
		lock_root(&held, avc->anon_vma);
		interval_tree_remove(&avc->shared, &avc->anon_vma->rb_root);
		avc->vma = a;
		list_move_tail(&avc->same_vma, &a->anon_vma_chain);
		set_interval(avc);
		interval_tree_insert(&avc->shared, &avc->anon_vma->rb_root);
	}
	lock_root(&held, NULL);
	unlink_anon_vmas(b);
}

/*
 * The oldest of vma's family.  Every area that may show a page which vma may
 * show is entered in it: chains are copied whole, so each has its members'
 * root.
 */
struct anon_vma *anon_vma_root(struct vm_area_struct *vma)
{
	struct anon_vma_chain *first;

	/* Under the mmap_lock a chain only grows, at its end: no lock here. */
	first = list_first_entry_or_null(&vma->anon_vma_chain,
					 struct anon_vma_chain, same_vma);
	return first ? first->anon_vma->root : NULL;
}

/* May one area show what both show?  Only within a family: see there. */
bool anon_vma_compatible(struct vm_area_struct *a, struct vm_area_struct *b)
{
	struct anon_vma *x = anon_vma_root(a), *y = anon_vma_root(b);

	return !x || !y || x == y;
}

/* ---- from a page --------------------------------------------------------- */

/*
 * The anon_vma of a locked, mapped page, with a reference; NULL if the page is
 * not mapped any more.  A page that is mapped keeps its anon_vma alive (I1,
 * I2); as it is locked, no new entry can come up once the last has gone: so if
 * it is mapped after we took the reference, it was mapped all the time.
 */
struct anon_vma *page_get_anon_vma(struct page *page)
{
	struct anon_vma *a;

	VM_BUG_ON(!PageLocked(page));
	rcu_read_lock();
	a = page->anon_vma;
	if (!a || !page_mapped(page) || !atomic_inc_not_zero(&a->refcount)) {
		rcu_read_unlock();
		return NULL;
	}
	rcu_read_unlock();
	if (page_mapped(page))
		return a;
	put_anon_vma(a);
	return NULL;
}
