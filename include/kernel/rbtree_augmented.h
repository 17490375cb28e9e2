/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_RBTREE_AUGMENTED_H
#define KERNEL_RBTREE_AUGMENTED_H
/*
 * rbtree_augmented.h -- trees whose nodes summarise their subtree
 *
 * Each node keeps a value computed from its own and its children's (the
 * greatest end of an interval, the largest gap), so that a search can skip
 * subtrees.  The tree tells the user when subtrees change, by callbacks:
 *
 *	propagate(n, stop)	recompute from n upward until stop (or no change)
 *	copy(old, new)		new takes old's place and so its summary
 *	rotate(old, new)	new was rotated above old: copy, then redo old
 *
 * Insertion: update the summaries on the way down (or propagate from the
 * parent), then rb_insert_augmented().  Erasing: rb_erase_augmented().
 */

#include <kernel/rbtree.h>

struct rb_augment_callbacks {
	void (*propagate)(struct rb_node *node, struct rb_node *stop);
	void (*copy)(struct rb_node *old, struct rb_node *new);
	void (*rotate)(struct rb_node *old, struct rb_node *new);
};

void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment);
void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment);

static inline void
rb_insert_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
			   bool newleft,
			   const struct rb_augment_callbacks *augment)
{
	if (newleft)
		root->rb_leftmost = node;
	rb_insert_augmented(node, &root->rb_root, augment);
}

static inline void
rb_erase_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
			  const struct rb_augment_callbacks *augment)
{
	if (root->rb_leftmost == node)
		root->rb_leftmost = rb_next(node);
	rb_erase_augmented(node, &root->rb_root, augment);
}

/*
 * Make the callbacks of a summary `aug` of type T kept in struct S, with
 * compute(node, exit) that sets node's summary from the node and its children;
 * it returns true if exit was asked for and nothing changed.
 */
#define RB_DECLARE_CALLBACKS(STATIC, NAME, S, FIELD, AUG, COMPUTE)	\
static inline void NAME##_propagate(struct rb_node *rb, struct rb_node *stop) \
{									\
	while (rb != stop) {						\
		S *node = rb_entry(rb, S, FIELD);			\
		if (COMPUTE(node, true))				\
			break;						\
		rb = rb_parent(&node->FIELD);				\
	}								\
}									\
static inline void NAME##_copy(struct rb_node *o, struct rb_node *n)	\
{									\
	rb_entry(n, S, FIELD)->AUG = rb_entry(o, S, FIELD)->AUG;	\
}									\
static void NAME##_rotate(struct rb_node *o, struct rb_node *n)		\
{									\
	rb_entry(n, S, FIELD)->AUG = rb_entry(o, S, FIELD)->AUG;	\
	COMPUTE(rb_entry(o, S, FIELD), false);				\
}									\
STATIC const struct rb_augment_callbacks NAME = {			\
	.propagate = NAME##_propagate,					\
	.copy = NAME##_copy,						\
	.rotate = NAME##_rotate }

/* The usual summary: the greatest compute(node) of the subtree. */
#define RB_DECLARE_CALLBACKS_MAX(STATIC, NAME, S, FIELD, T, AUG, COMPUTE) \
static inline bool NAME##_compute_max(S *node, bool exit)		\
{									\
	T max = COMPUTE(node);						\
	if (node->FIELD.rb_left) {					\
		S *child = rb_entry(node->FIELD.rb_left, S, FIELD);	\
		if (child->AUG > max)					\
			max = child->AUG;				\
	}								\
	if (node->FIELD.rb_right) {					\
		S *child = rb_entry(node->FIELD.rb_right, S, FIELD);	\
		if (child->AUG > max)					\
			max = child->AUG;				\
	}								\
	if (exit && node->AUG == max)					\
		return true;						\
	node->AUG = max;						\
	return false;							\
}									\
RB_DECLARE_CALLBACKS(STATIC, NAME, S, FIELD, AUG, NAME##_compute_max)

#endif
