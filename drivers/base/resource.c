/* SPDX-License-Identifier: MIT */
/*
 * resource.c -- who uses which addresses
 *
 * PROMISE.  No two drivers get the same addresses: the second one's request
 * fails with -EBUSY, and /proc/iomem and /proc/ioports name the first.
 *
 * IDEA.  A tree for memory addresses and one for I/O ports.  A node is a range;
 * its children lie inside it, in order of address, and do not overlap.
 *
 *	iomem  0 ............................................... max
 *	         [System RAM 100000-ffdffff]   [fec00000 IOAPIC]
 *	            [Kernel code] [Kernel data]
 *
 * Two ways in.  request_*() claims a free place below one given node.
 * insert_resource() describes: it goes as deep as it fits, and what it covers
 * becomes its children, so that the order of discovery does not matter.
 *
 * A range that says who owns addresses (a bus window, RAM) is not busy; one
 * that says who uses them is.  request_region() goes down through the first
 * kind and stops at the second.
 *
 * INVARIANTS.  For each node: I1 start <= end; I2 children lie inside it;
 * I3 children are sorted and disjoint.
 *
 * LOCKING.  resource_lock, a mutex: processes only.
 *
 * EXERCISES.  1. Insert [2,5], [0,9], [4,7] in this order: which one fails?
 * 2. Why must request_region() not go down into a busy range that contains it?
 */

#include <kernel/ioport.h>

#include <arch/io.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <mm/slab.h>

struct resource ioport_resource = {
	.name = "PCI IO", .start = 0, .end = 0xffff, .flags = IORESOURCE_IO,
};
EXPORT_SYMBOL(ioport_resource);

struct resource iomem_resource = {
	.name = "PCI mem", .start = 0, .end = ~(resource_size_t)0,
	.flags = IORESOURCE_MEM,
};
EXPORT_SYMBOL(iomem_resource);

static DEFINE_MUTEX(resource_lock);

/* The first child of root that new overlaps, or root if new is not in it. */
static struct resource *conflict_in(struct resource *root,
				    const struct resource *new)
{
	struct resource *r;

	if (new->end < new->start || new->start < root->start ||
	    new->end > root->end)
		return root;
	for (r = root->child; r && r->end < new->start; r = r->sibling)
		;
	return r && r->start <= new->end ? r : NULL;
}

/* Link new among root's children; no conflict there. */
static void link_resource(struct resource *root, struct resource *new)
{
	struct resource **at = &root->child;

	while (*at && (*at)->start < new->start)
		at = &(*at)->sibling;
	new->parent = root;
	new->sibling = *at;
	*at = new;
}

static struct resource *request_locked(struct resource *root,
				       struct resource *new)
{
	struct resource *conflict = conflict_in(root, new);

	if (!conflict)
		link_resource(root, new);
	return conflict;
}

struct resource *request_resource_conflict(struct resource *root,
					   struct resource *new)
{
	struct resource *conflict;

	mutex_lock(&resource_lock);
	conflict = request_locked(root, new);
	mutex_unlock(&resource_lock);
	return conflict;
}
EXPORT_SYMBOL(request_resource_conflict);

int request_resource(struct resource *root, struct resource *new)
{
	return request_resource_conflict(root, new) ? -EBUSY : 0;
}
EXPORT_SYMBOL(request_resource);

/* Does new cut through one of parent's children from `first` on? */
static bool cuts_a_child(const struct resource *first,
			 const struct resource *new)
{
	for (; first && first->start <= new->end; first = first->sibling)
		if (first->start < new->start || first->end > new->end)
			return true;
	return false;
}

/* Put new between parent and those of its children from `first` in it. */
static void adopt(struct resource *parent, struct resource *first,
		  struct resource *new)
{
	struct resource **at = &parent->child, *last = first;

	while (*at != first)
		at = &(*at)->sibling;
	for (;; last = last->sibling) {
		last->parent = new;
		if (!last->sibling || last->sibling->start > new->end)
			break;
	}
	new->parent = parent;
	new->child = first;
	new->sibling = last->sibling;
	last->sibling = NULL;
	*at = new;
}

int insert_resource(struct resource *parent, struct resource *new)
{
	struct resource *first;
	int err = -EBUSY;

	mutex_lock(&resource_lock);
	for (;;) {
		first = request_locked(parent, new);
		if (!first || first == parent)
			break;
		/* Equal ranges: the later is the outer, as it says less. */
		if (first->start > new->start || first->end < new->end ||
		    (first->start == new->start && first->end == new->end))
			break;
		parent = first;
	}
	if (!first) {
		err = 0;
	} else if (first != parent && !cuts_a_child(first, new)) {
		adopt(parent, first, new);
		err = 0;
	}
	mutex_unlock(&resource_lock);
	return err;
}
EXPORT_SYMBOL(insert_resource);

static int release_locked(struct resource *old)
{
	struct resource **at;

	if (!old->parent)
		return -EINVAL;
	for (at = &old->parent->child; *at; at = &(*at)->sibling) {
		if (*at != old)
			continue;
		*at = old->sibling;
		old->parent = old->sibling = NULL;
		return 0;
	}
	return -EINVAL;
}

int release_resource(struct resource *old)
{
	int err;

	mutex_lock(&resource_lock);
	err = release_locked(old);
	mutex_unlock(&resource_lock);
	return err;
}
EXPORT_SYMBOL(release_resource);

/* Try each gap between root's children, the lowest first. */
static int allocate_locked(struct resource *root, struct resource *new,
			   resource_size_t size, resource_size_t min,
			   resource_size_t max, resource_size_t align)
{
	struct resource *next = root->child;
	resource_size_t from = max_t(resource_size_t, min, root->start);
	resource_size_t to, start;

	for (;;) {
		start = ALIGN(from, align);
		to = next ? next->start - 1 : root->end;
		if (next && next->start == 0)
			to = 0;
		if (start >= from && start + (size - 1) >= start &&
		    start + (size - 1) <= min_t(resource_size_t, to, max) &&
		    !(next && next->start == 0)) {
			new->start = start;
			new->end = start + size - 1;
			return request_locked(root, new) ? -EBUSY : 0;
		}
		if (!next || next->end == ~(resource_size_t)0)
			return -EBUSY;
		from = max_t(resource_size_t, from, next->end + 1);
		next = next->sibling;
	}
}

int allocate_resource(struct resource *root, struct resource *new,
		      resource_size_t size, resource_size_t min,
		      resource_size_t max, resource_size_t align)
{
	int err;

	if (!size)
		return -EINVAL;
	mutex_lock(&resource_lock);
	err = allocate_locked(root, new, size, min, max, align ? align : 1);
	mutex_unlock(&resource_lock);
	return err;
}
EXPORT_SYMBOL(allocate_resource);

struct resource *lookup_resource(struct resource *root, resource_size_t start)
{
	struct resource *r;

	mutex_lock(&resource_lock);
	for (r = root->child; r; r = r->sibling)
		if (r->start == start)
			break;
	mutex_unlock(&resource_lock);
	return r;
}
EXPORT_SYMBOL(lookup_resource);

struct resource *__request_region(struct resource *root, resource_size_t start,
				  resource_size_t n, const char *name,
				  int flags)
{
	struct resource *new = kzalloc(sizeof(*new), GFP_KERNEL), *conflict;

	if (!new)
		return NULL;
	new->name = name;
	new->start = start;
	new->end = start + n - 1;
	new->flags = resource_type(root) | IORESOURCE_BUSY | IORESOURCE_AUTO |
		     flags;
	mutex_lock(&resource_lock);
	while ((conflict = request_locked(root, new))) {
		if (conflict == root || (conflict->flags & IORESOURCE_BUSY))
			break;
		root = conflict;
	}
	mutex_unlock(&resource_lock);
	if (conflict) {
		kfree(new);
		return NULL;
	}
	return new;
}
EXPORT_SYMBOL(__request_region);

void __release_region(struct resource *root, resource_size_t start,
		      resource_size_t n)
{
	resource_size_t end = start + n - 1;
	struct resource *r;

	mutex_lock(&resource_lock);
	r = root->child;
	while (r && !(r->start == start && r->end == end &&
		      (r->flags & IORESOURCE_AUTO)))
		r = r->start <= start && r->end >= end ? r->child : r->sibling;
	if (r)
		release_locked(r);
	mutex_unlock(&resource_lock);
	if (r)
		kfree(r);
	else
		pr_warn("resource: nobody has %lx-%lx\n", (unsigned long)start,
			(unsigned long)end);
}
EXPORT_SYMBOL(__release_region);

/* The next one in print order, and how much deeper it is. */
static struct resource *next_resource(struct resource *r,
				      const struct resource *root, int *depth)
{
	if (r->child) {
		++*depth;
		return r->child;
	}
	while (!r->sibling) {
		r = r->parent;
		if (!r || r == root)
			return NULL;
		--*depth;
	}
	return r->sibling;
}

void resource_for_each(struct resource *root,
		       void (*fn)(const struct resource *r, int depth,
				  void *arg), void *arg)
{
	struct resource *r;
	int depth = 0;

	mutex_lock(&resource_lock);
	for (r = root->child; r; r = next_resource(r, root, &depth))
		fn(r, depth, arg);
	mutex_unlock(&resource_lock);
}
EXPORT_SYMBOL(resource_for_each);
