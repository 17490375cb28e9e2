/* SPDX-License-Identifier: MIT */
/*
 * rbtree.c -- red-black trees: insertion and removal keep them balanced
 *
 * PROMISE.  Insert, erase and step to a neighbour in O(log n): no path is
 * longer than 2 log2(n + 1).  No allocation, any context.
 *
 * IDEA.  Each node is red or black.  Read a black node together with its red
 * children as one node of a 2-3-4 tree: all leaves of that tree are equally
 * deep, and the red links are what keeps the tree from being rebuilt at each
 * change.  A rotation moves one node up and one down and keeps the order:
 *
 *	      n                 up
 *	     / \    rotate     /  \
 *	    a   up  ------>   n    c        a < n < b < up < c
 *	       /  \  (left)  / \
 *	      b    c        a   b
 *
 * Left and right are mirror images, so every case is written once, for a
 * `side`; child(n, side) is the link on that side.
 *
 * INVARIANTS, outside of the functions here:
 *	I1  an in-order walk gives the user's key order
 *	I2  a red node has no red child
 *	I3  every path from a node down to a NULL has the same number of blacks
 *	I4  the root is black
 *	I5  a child's parent link leads back
 *	I6  (augmented) each summary is what the callbacks compute
 *
 * LOCKING.  None: the owner of the root serialises.
 *
 * SEE Cormen et al., chapter 13; Guibas and Sedgewick 1978;
 * docs/20-data-structures.md.
 *
 * EXERCISES.  1. Why can case 1 of the insertion walk up to the root, but
 * case 3 never?  2. Which case of the erasure can make the tree less deep?
 */

#include <kernel/rbtree_augmented.h>

#include <kernel/export.h>

enum side { LEFT, RIGHT };

static inline struct rb_node **child(struct rb_node *n, enum side side)
{
	return side == LEFT ? &n->rb_left : &n->rb_right;
}

static inline enum side other(enum side side)
{
	return side == LEFT ? RIGHT : LEFT;
}

static inline bool is_red(const struct rb_node *n)
{
	return n && !(n->__rb_parent_color & RB_BLACK);
}

static inline void set_red(struct rb_node *n)
{
	n->__rb_parent_color &= ~1UL;
}

static inline void set_black(struct rb_node *n)
{
	n->__rb_parent_color |= RB_BLACK;
}

static inline void set_parent(struct rb_node *n, struct rb_node *parent)
{
	n->__rb_parent_color = (n->__rb_parent_color & 1) |
			       (unsigned long)parent;
}

/* Where `parent` (NULL: the root) led to `old`, let it lead to `new`. */
static inline void replace_child(struct rb_node *parent, struct rb_node *old,
				 struct rb_node *new, struct rb_root *root)
{
	struct rb_node **link = &root->rb_node;

	if (parent)
		link = parent->rb_left == old ? &parent->rb_left
					      : &parent->rb_right;
	WRITE_ONCE(*link, new);
}

/* n goes down to `side`; its child on the other side takes its place. */
static void rotate(struct rb_node *n, enum side side, struct rb_root *root,
		   const struct rb_augment_callbacks *augment)
{
	struct rb_node *up = *child(n, other(side));
	struct rb_node *inner = *child(up, side);
	struct rb_node *parent = rb_parent(n);

	WRITE_ONCE(*child(n, other(side)), inner);
	if (inner)
		set_parent(inner, n);
	WRITE_ONCE(*child(up, side), n);
	set_parent(n, up);
	set_parent(up, parent);
	replace_child(parent, n, up, root);
	if (augment)
		augment->rotate(n, up);                            /* I6 */
}

/*
 * `node` is a new red leaf, so only I2 can be broken, between it and its
 * parent.  Each turn of the loop moves the break two levels up, or ends it.
 */
void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent, *grand, *uncle;
	enum side side;

	while (is_red(parent = rb_parent(node))) {
		grand = rb_parent(parent);                         /* by I4 */
		side = parent == grand->rb_left ? LEFT : RIGHT;
		uncle = *child(grand, other(side));
		if (is_red(uncle)) {
			/* Case 1: push the blackness of grand down. */
			set_black(parent);
			set_black(uncle);
			set_red(grand);
			node = grand;
			continue;
		}
		if (node == *child(parent, other(side))) {
			/* Case 2: the inner grandchild; make it the outer. */
			rotate(parent, side, root, augment);
			parent = node;
		}
		/* Case 3: the outer grandchild; parent takes grand's place. */
		set_black(parent);
		set_red(grand);
		rotate(grand, other(side), root, augment);
		break;
	}
	set_black(root->rb_node);                                  /* I4 */
}
EXPORT_SYMBOL(rb_insert_augmented);

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	rb_insert_augmented(node, root, NULL);
}
EXPORT_SYMBOL(rb_insert_color);

/*
 * Paths through `node` (which may be NULL) below `parent` have one black too
 * few.  Make node black if it is red; else borrow from the sibling, or move
 * the lack one level up.
 */
static void erase_fixup(struct rb_node *node, struct rb_node *parent,
			struct rb_root *root,
			const struct rb_augment_callbacks *augment)
{
	struct rb_node *sib, *near, *far;
	enum side side;

	while (node != root->rb_node && !is_red(node)) {
		side = node == parent->rb_left ? LEFT : RIGHT;
		sib = *child(parent, other(side));   /* not NULL, by I3 */
		if (is_red(sib)) {
			/* Case 1: make the sibling a black one. */
			set_black(sib);
			set_red(parent);
			rotate(parent, side, root, augment);
			sib = *child(parent, other(side));
		}
		near = *child(sib, side);
		far = *child(sib, other(side));
		if (!is_red(near) && !is_red(far)) {
			/* Case 2: let the sibling lack one as well. */
			set_red(sib);
			node = parent;
			parent = rb_parent(node);
			continue;
		}
		if (!is_red(far)) {
			/* Case 3: the red nephew is the near one; turn it. */
			set_black(near);
			set_red(sib);
			rotate(sib, other(side), root, augment);
			far = sib;
			sib = near;
		}
		/* Case 4: the far nephew's red becomes the missing black. */
		if (is_red(parent))
			set_red(sib);
		else
			set_black(sib);
		set_black(parent);
		set_black(far);
		rotate(parent, side, root, augment);
		return;
	}
	if (node)
		set_black(node);
}

/* Unlink a node with at most one child; that child takes its place. */
static struct rb_node *unlink_outer(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *only = node->rb_left ? node->rb_left : node->rb_right;
	struct rb_node *parent = rb_parent(node);

	replace_child(parent, node, only, root);
	if (only)
		set_parent(only, parent);
	return only;
}

/* Put `heir`, which is in no tree, in the place and colour of `node`. */
static void take_place(struct rb_node *node, struct rb_node *heir,
		       struct rb_root *root)
{
	*heir = *node;
	replace_child(rb_parent(node), node, heir, root);
	if (heir->rb_left)
		set_parent(heir->rb_left, heir);
	if (heir->rb_right)
		set_parent(heir->rb_right, heir);
}

void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment)
{
	struct rb_node *gone = node, *orphan, *parent;
	bool lost_black;

	/* With two children, it is the successor's old place that vanishes. */
	if (node->rb_left && node->rb_right)
		for (gone = node->rb_right; gone->rb_left;)
			gone = gone->rb_left;
	lost_black = !is_red(gone);
	parent = rb_parent(gone);
	orphan = unlink_outer(gone, root);
	if (gone != node) {
		if (parent == node)
			parent = gone;
		take_place(node, gone, root);
	}
	if (augment) {
		if (gone != node) {
			augment->copy(node, gone);
			augment->propagate(parent, gone);
			augment->propagate(gone, NULL);
		} else {
			augment->propagate(parent, NULL);
		}
	}
	if (lost_black)
		erase_fixup(orphan, parent, root, augment);
}
EXPORT_SYMBOL(rb_erase_augmented);

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	rb_erase_augmented(node, root, NULL);
}
EXPORT_SYMBOL(rb_erase);

void rb_replace_node(struct rb_node *victim, struct rb_node *new,
		     struct rb_root *root)
{
	take_place(victim, new, root);
}
EXPORT_SYMBOL(rb_replace_node);

static struct rb_node *outermost(struct rb_node *n, enum side side)
{
	while (n && *child(n, side))
		n = *child(n, side);
	return n;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return outermost(root->rb_node, LEFT);
}
EXPORT_SYMBOL(rb_first);

struct rb_node *rb_last(const struct rb_root *root)
{
	return outermost(root->rb_node, RIGHT);
}
EXPORT_SYMBOL(rb_last);

/*
 * The neighbour on `side`: the other-most node of that subtree, or, without
 * one, the first ancestor that we reach from its other side.
 */
static struct rb_node *neighbour(const struct rb_node *node, enum side side)
{
	struct rb_node *n = (struct rb_node *)node, *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (*child(n, side))
		return outermost(*child(n, side), other(side));
	while ((parent = rb_parent(n)) && n == *child(parent, side))
		n = parent;
	return parent;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return neighbour(node, RIGHT);
}
EXPORT_SYMBOL(rb_next);

struct rb_node *rb_prev(const struct rb_node *node)
{
	return neighbour(node, LEFT);
}
EXPORT_SYMBOL(rb_prev);

/* The leaf that a postorder walk of n's subtree visits first. */
static struct rb_node *deepest(struct rb_node *n)
{
	while (n->rb_left || n->rb_right)
		n = n->rb_left ? n->rb_left : n->rb_right;
	return n;
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return root->rb_node ? deepest(root->rb_node) : NULL;
}
EXPORT_SYMBOL(rb_first_postorder);

struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent;

	if (!node)
		return NULL;
	parent = rb_parent(node);
	if (parent && node == parent->rb_left && parent->rb_right)
		return deepest(parent->rb_right);
	return parent;
}
EXPORT_SYMBOL(rb_next_postorder);
