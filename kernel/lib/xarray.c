/* SPDX-License-Identifier: MIT */
/*
 * xarray.c -- a sparse array of pointers with marks
 *
 * PROMISE.  Load, store and erase at any index in O(height), at most 11 steps;
 * the first entry, marked entry or free index of a range without looking at
 * each.  Lookups run beside changes and never wait.
 *
 * IDEA.  A radix tree with 64 slots in a node: each node consumes 6 bits of
 * the index.  The tree is only as high as its highest index needs:
 *
 *	head -> [ shift 6: . . . ]              index 0..4095
 *	              |      \
 *	        [ shift 0 ]  [ shift 0: e e . e ]
 *
 * One entry at index 0 needs no node at all: the head is the entry.  A slot
 * tells what it holds by its low bits: 00 an entry, x1 a value, 10 a node.
 *
 * Each node has a 64-bit map for each mark ("something below this slot has
 * it"), and one that says "everything below this slot is taken": a search for
 * marks follows ones, a search for a free index follows zeros.
 *
 * INVARIANTS, under xa_lock:
 *	I1  count is the number of slots that are not NULL, and is not 0
 *	I2  a mark bit is set exactly if some entry below its slot has it;
 *	    xa_marks likewise for the whole array
 *	I3  a `full` bit is set exactly if no slot below is NULL
 *	I4  the top node has an entry at an index that needs its height
 *
 * LOCKING.  xa_lock to change; RCU to read.  A node is complete before it is
 * published (release), stays readable for a grace period after it was
 * unlinked, and its slots are not cleared then: a reader inside sees what was
 * there when it came.
 *
 * MEMORY.  Under the lock a node is only taken without sleeping; if that
 * fails and the caller may sleep, the change is undone, the lock dropped, and
 * the change tried again with one more node in hand than before (struct
 * xa_reserve; xarray_calls.c): it ends, for no change needs more than 22.
 *
 * SEE docs/20-data-structures.md.
 */

#include <kernel/xarray.h>

#include <kernel/bitops.h>
#include <kernel/bug.h>
#include <kernel/export.h>
#include <kernel/math.h>
#include <mm/slab.h>

#include "xarray_impl.h"

static struct kmem_cache *xa_node_cache;

/* Before the first node is needed, after the slab is up. */
void xarray_init(void)
{
	xa_node_cache = kmem_cache_create("xa_node", sizeof(struct xa_node),
					  0, 0, NULL);
}

static void node_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(xa_node_cache,
			container_of(head, struct xa_node, rcu));
}

static struct xa_node *node_alloc(gfp_t gfp)
{
	if (WARN_ON_ONCE(!xa_node_cache))
		return NULL;
	return kmem_cache_alloc(xa_node_cache, gfp | __GFP_ZERO);
}

static struct xa_node *reserve_take(struct xa_reserve *r)
{
	struct xa_node *node = r ? r->nodes : NULL;

	if (node) {
		r->nodes = node->parent;
		r->have--;
		node->parent = NULL;
	}
	return node;
}

static struct xa_node *node_new(struct xa_reserve *r, gfp_t gfp,
				unsigned int shift)
{
	struct xa_node *node = reserve_take(r);

	if (!node)
		node = node_alloc((gfp & ~__GFP_DIRECT_RECLAIM) |
				  __GFP_NOWARN);
	if (node)
		node->shift = shift;
	return node;
}

/* Tell the nodes above that `node` has become full, or is so no longer (I3). */
static void full_up(struct xa_node *node)
{
	while (node->full == ~0UL && node->parent) {
		node->parent->full |= BIT(node->offset);
		node = node->parent;
	}
}

static void unfull_up(struct xa_node *node)
{
	while (node->parent && (node->parent->full & BIT(node->offset))) {
		node->parent->full &= ~BIT(node->offset);
		node = node->parent;
	}
}

static void mark_up(struct xarray *xa, struct xa_node *node,
		    unsigned int offset, xa_mark_t mark)
{
	for (; node; offset = node->offset, node = node->parent) {
		if (node->marks[mark] & BIT(offset))
			return;
		WRITE_ONCE(node->marks[mark],
			   node->marks[mark] | BIT(offset));
	}
	WRITE_ONCE(xa->xa_marks, xa->xa_marks | 1U << mark);
}

static void unmark_up(struct xarray *xa, struct xa_node *node,
		      unsigned int offset, xa_mark_t mark)
{
	for (; node; offset = node->offset, node = node->parent) {
		if (!(node->marks[mark] & BIT(offset)))
			return;
		WRITE_ONCE(node->marks[mark],
			   node->marks[mark] & ~BIT(offset));
		if (node->marks[mark])
			return;
	}
	WRITE_ONCE(xa->xa_marks, xa->xa_marks & ~(1U << mark));
}

/* Where the entry `index` is or would be; slot NULL: the tree is too low. */
struct place {
	struct xa_node *node;     /* NULL: the head itself */
	unsigned int offset;
	void **slot;
};

static struct place find_place(struct xarray *xa, unsigned long index)
{
	struct place p = { NULL, 0, &xa->xa_head };

	if (!xa_is_node(xa->xa_head) ||
	    index > node_max(xa_to_node(xa->xa_head))) {
		if (index > 0 || xa_is_node(xa->xa_head))
			p.slot = NULL;
		return p;
	}
	while (xa_is_node(*p.slot)) {
		p.node = xa_to_node(*p.slot);
		p.offset = (index >> p.node->shift) % XA_SLOTS;
		p.slot = &p.node->slots[p.offset];
	}
	if (p.node->shift > 0)
		p.slot = NULL;
	return p;
}

/* The first node of an empty tree is made as high as it has to be. */
static int plant(struct xarray *xa, unsigned long index, struct xa_reserve *r,
		 gfp_t gfp)
{
	unsigned int shift = 0;
	struct xa_node *top;

	while (shift + XA_SHIFT < BITS_PER_LONG &&
	       index >> (shift + XA_SHIFT))
		shift += XA_SHIFT;
	top = node_new(r, gfp, shift);
	if (!top)
		return -ENOMEM;
	rcu_assign_pointer(xa->xa_head, xa_mk_node(top));
	return 0;
}

/* Put a new top above the head, which becomes its slot 0. */
static int add_top(struct xarray *xa, struct xa_reserve *r, gfp_t gfp)
{
	void *head = xa->xa_head;
	struct xa_node *old = xa_is_node(head) ? xa_to_node(head) : NULL;
	struct xa_node *top = node_new(r, gfp, old ? old->shift + XA_SHIFT : 0);

	if (!top)
		return -ENOMEM;
	top->slots[0] = head;
	top->count = 1;
	top->full = !old || old->full == ~0UL;
	for (xa_mark_t m = 0; m <= XA_MARK_MAX; m++)
		top->marks[m] = (xa->xa_marks >> m) & 1;
	if (old) {
		old->offset = 0;
		old->parent = top;
	}
	rcu_assign_pointer(xa->xa_head, xa_mk_node(top));
	return 0;
}

/* Make the tree high enough for index; 0 or -ENOMEM. */
static int grow(struct xarray *xa, unsigned long index, struct xa_reserve *r,
		gfp_t gfp)
{
	int err = 0;

	if (!xa->xa_head)
		return plant(xa, index, r, gfp);
	while (!err && (!xa_is_node(xa->xa_head) ||
			index > node_max(xa_to_node(xa->xa_head))))
		err = add_top(xa, r, gfp);
	return err;
}

/* Unlink nodes without entries, from `node` upward (I1). */
static void prune(struct xarray *xa, struct xa_node *node)
{
	while (node && node->count == 0) {
		struct xa_node *parent = node->parent;

		if (parent) {
			WRITE_ONCE(parent->slots[node->offset], NULL);
			parent->count--;
		} else {
			WRITE_ONCE(xa->xa_head, NULL);
		}
		call_rcu(&node->rcu, node_free_rcu);
		node = parent;
	}
}

/* Take nodes off the top that only lead to their slot 0 (I4). */
static void shrink(struct xarray *xa)
{
	while (xa_is_node(xa->xa_head)) {
		struct xa_node *top = xa_to_node(xa->xa_head);
		void *first = top->slots[0];

		if (top->count != 1 || !first)
			return;
		if (xa_is_node(first))
			xa_to_node(first)->parent = NULL;
		rcu_assign_pointer(xa->xa_head, first);
		call_rcu(&top->rcu, node_free_rcu);
	}
}

/* The slot of `index`, with all nodes on the way made; 0 or -ENOMEM. */
static int make_place(struct xarray *xa, unsigned long index,
		      struct xa_reserve *r, gfp_t gfp, struct place *p)
{
	struct xa_node *node, *down;

	*p = find_place(xa, index);
	if (p->slot)
		return 0;
	if (grow(xa, index, r, gfp))
		goto out_prune;
	for (node = xa_to_node(xa->xa_head);; node = down) {
		unsigned int offset = (index >> node->shift) % XA_SLOTS;

		if (node->shift == 0) {
			*p = (struct place){ node, offset,
					     &node->slots[offset] };
			return 0;
		}
		if (node->slots[offset]) {
			down = xa_to_node(node->slots[offset]);
			continue;
		}
		down = node_new(r, gfp, node->shift - XA_SHIFT);
		if (!down) {
			prune(xa, node);
			goto out_prune;
		}
		down->parent = node;
		down->offset = offset;
		node->count++;
		rcu_assign_pointer(node->slots[offset], xa_mk_node(down));
	}
out_prune:
	if (xa_is_node(xa->xa_head))
		prune(xa, xa_to_node(xa->xa_head));
	shrink(xa);
	return -ENOMEM;
}

/* Put a non-NULL entry into a place that exists. */
static void fill(struct place *p, void *entry)
{
	bool was_empty = *p->slot == NULL;

	rcu_assign_pointer(*p->slot, entry);
	if (was_empty && p->node) {
		p->node->count++;
		p->node->full |= BIT(p->offset);
		full_up(p->node);
	}
}

/* Make a place NULL, with all that follows from it. */
static void vacate(struct xarray *xa, struct place *p)
{
	for (xa_mark_t m = 0; m <= XA_MARK_MAX; m++)
		unmark_up(xa, p->node, p->offset, m);
	if (!p->node) {
		xa->xa_marks = 0;
		WRITE_ONCE(xa->xa_head, NULL);
		return;
	}
	WRITE_ONCE(*p->slot, NULL);
	p->node->full &= ~BIT(p->offset);
	unfull_up(p->node);
	p->node->count--;
	prune(xa, p->node);
	shrink(xa);
}

/* The change under the lock, once; NULL erases.  The old entry or an error. */
void *xa_store_locked(struct xarray *xa, unsigned long index, void *entry,
		      struct xa_reserve *r, gfp_t gfp)
{
	struct place p;
	void *old;

	if (!entry) {
		p = find_place(xa, index);
		old = p.slot ? *p.slot : NULL;
		if (old)
			vacate(xa, &p);
		return old;
	}
	if (make_place(xa, index, r, gfp, &p))
		return xa_mk_err(-ENOMEM);
	old = *p.slot;
	fill(&p, entry);
	return old;
}

static void *entry_at(struct xarray *xa, unsigned long index)
{
	struct place p = find_place(xa, index);

	return p.slot ? *p.slot : NULL;
}

/* Marks of the entry at index; the head alone keeps them in xa_marks. */
static bool marked_at(struct xarray *xa, const struct place *p, xa_mark_t mark)
{
	return p->node ? p->node->marks[mark] & BIT(p->offset)
		       : xa_marked(xa, mark);
}

void *__xa_store(struct xarray *xa, unsigned long index, void *entry,
		 gfp_t gfp)
{
	return xa_show(xa_store_locked(xa, index, entry, NULL, gfp));
}
EXPORT_SYMBOL(__xa_store);

void *__xa_erase(struct xarray *xa, unsigned long index)
{
	return xa_show(xa_store_locked(xa, index, NULL, NULL, 0));
}
EXPORT_SYMBOL(__xa_erase);

void *xa_cmpxchg_locked(struct xarray *xa, unsigned long index, void *old,
			void *entry, struct xa_reserve *r, gfp_t gfp)
{
	void *now = xa_show(entry_at(xa, index));

	if (now != old)
		return now;
	return xa_show(xa_store_locked(xa, index, entry, r, gfp));
}

void *__xa_cmpxchg(struct xarray *xa, unsigned long index, void *old,
		   void *entry, gfp_t gfp)
{
	return xa_cmpxchg_locked(xa, index, old, entry, NULL, gfp);
}
EXPORT_SYMBOL(__xa_cmpxchg);

/* NULL reserves the index: loads say NULL, but it is taken. */
int xa_insert_locked(struct xarray *xa, unsigned long index, void *entry,
		     struct xa_reserve *r, gfp_t gfp)
{
	if (entry_at(xa, index))
		return -EBUSY;
	return xa_err(xa_store_locked(xa, index, entry ? entry : XA_ZERO_ENTRY,
				      r, gfp));
}

int __xa_insert(struct xarray *xa, unsigned long index, void *entry,
		gfp_t gfp)
{
	return xa_insert_locked(xa, index, entry, NULL, gfp);
}
EXPORT_SYMBOL(__xa_insert);

/* The first index >= from that holds nothing; false if there is none. */
static bool find_free(struct xarray *xa, unsigned long *from)
{
	unsigned long index = *from;
	struct xa_node *node;

restart:
	if (!xa_is_node(xa->xa_head)) {
		*from = index == 0 && xa->xa_head ? 1 : index;
		return true;
	}
	*from = index;
	node = xa_to_node(xa->xa_head);
	if (index > node_max(node))
		return true;
	for (;;) {
		unsigned int at = (index >> node->shift) % XA_SLOTS;
		unsigned int free = find_next_zero_bit(&node->full, XA_SLOTS,
						       at);

		if (free == XA_SLOTS) {
			/* Nothing here: go on behind this node. */
			unsigned long next = node_end(node, index) + 1;

			if (next == 0)
				return false;
			index = next;
			goto restart;
		}
		if (free > at)
			index = node_start(node, index) |
				(unsigned long)free << node->shift;
		*from = index;
		if (!node->slots[free] || node->shift == 0)
			return true;
		node = xa_to_node(node->slots[free]);
	}
}

int xa_alloc_locked(struct xarray *xa, u32 *id, void *entry,
		    struct xa_limit limit, struct xa_reserve *r, gfp_t gfp)
{
	unsigned long index = limit.min;
	int err;

	if (index == 0 && xa->xa_flags & (XA_FLAGS_ALLOC1 & ~XA_FLAGS_ALLOC))
		index = 1;
	if (!find_free(xa, &index) || index > limit.max)
		return -EBUSY;
	err = xa_err(xa_store_locked(xa, index, entry ? entry : XA_ZERO_ENTRY,
				     r, gfp));
	if (!err)
		*id = index;
	return err;
}

int __xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit,
	       gfp_t gfp)
{
	return xa_alloc_locked(xa, id, entry, limit, NULL, gfp);
}
EXPORT_SYMBOL(__xa_alloc);

int xa_alloc_cyclic_locked(struct xarray *xa, u32 *id, void *entry,
			   struct xa_limit limit, u32 *next,
			   struct xa_reserve *r, gfp_t gfp)
{
	struct xa_limit upper = { .max = limit.max,
				  .min = max(limit.min, *next) };
	int err = xa_alloc_locked(xa, id, entry, upper, r, gfp);
	int around = 0;

	if (err == -EBUSY && upper.min > limit.min) {
		err = xa_alloc_locked(xa, id, entry, limit, r, gfp);
		around = 1;
	}
	if (err)
		return err;
	*next = *id == UINT_MAX ? 0 : *id + 1;
	return around;
}

int __xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
		      struct xa_limit limit, u32 *next, gfp_t gfp)
{
	return xa_alloc_cyclic_locked(xa, id, entry, limit, next, NULL, gfp);
}
EXPORT_SYMBOL(__xa_alloc_cyclic);

/* Only real entries carry marks. */
void __xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct place p = find_place(xa, index);

	if (p.slot && *p.slot)
		mark_up(xa, p.node, p.offset, mark);
}
EXPORT_SYMBOL(__xa_set_mark);

void __xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct place p = find_place(xa, index);

	if (p.slot && *p.slot && marked_at(xa, &p, mark))
		unmark_up(xa, p.node, p.offset, mark);
}
EXPORT_SYMBOL(__xa_clear_mark);

/* After -ENOMEM, unlocked: is it worth another try?  At the end: tidy up. */
bool xa_refill(struct xa_reserve *r, int err, gfp_t gfp)
{
	struct xa_node *node;

	if (err == -ENOMEM && (gfp & __GFP_DIRECT_RECLAIM)) {
		for (r->want++; r->have < r->want; r->have++) {
			node = node_alloc(gfp);
			if (!node)
				break;
			node->parent = r->nodes;
			r->nodes = node;
		}
		if (r->have == r->want)
			return true;
	}
	while ((node = reserve_take(r)))
		kmem_cache_free(xa_node_cache, node);
	return false;
}

/* Leaves first; nobody reads any more, but old readers may be inside. */
void xa_destroy(struct xarray *xa)
{
	void *head = xa->xa_head;
	struct xa_node *node;

	xa->xa_head = NULL;
	xa->xa_marks = 0;
	node = xa_is_node(head) ? xa_to_node(head) : NULL;
	while (node) {
		struct xa_node *parent = node->parent;
		unsigned int i = node->cursor;

		while (i < XA_SLOTS && !xa_is_node(node->slots[i]))
			i++;
		if (i < XA_SLOTS) {
			node->cursor = i + 1;
			node = xa_to_node(node->slots[i]);
			continue;
		}
		call_rcu(&node->rcu, node_free_rcu);
		node = parent;
	}
}
EXPORT_SYMBOL(xa_destroy);
