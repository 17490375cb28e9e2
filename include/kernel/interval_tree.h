/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_INTERVAL_TREE_H
#define KERNEL_INTERVAL_TREE_H
/*
 * interval_tree.h -- ranges [start, last] by what they overlap
 *
 * The caller locks.  Ranges may overlap and be equal; equal starts keep the
 * order of their insertion.  Theory: kernel/lib/interval_tree.c.
 */

#include <kernel/rbtree.h>

struct interval_tree_node {
	struct rb_node rb;
	unsigned long start, last;    /* both belong to the range */
	unsigned long subtree_last;   /* greatest `last` of the subtree */
};

void interval_tree_insert(struct interval_tree_node *node,
			  struct rb_root *root);
void interval_tree_remove(struct interval_tree_node *node,
			  struct rb_root *root);
/* The first range, by start, that overlaps [start, last]; NULL. */
struct interval_tree_node *interval_tree_iter_first(struct rb_root *root,
						    unsigned long start,
						    unsigned long last);
struct interval_tree_node *
interval_tree_iter_next(struct interval_tree_node *node, unsigned long start,
			unsigned long last);

#define interval_tree_for_each(node, root, start, last)			\
	for ((node) = interval_tree_iter_first((root), (start), (last)); \
	     (node); (node) = interval_tree_iter_next((node), (start), (last)))

#endif
