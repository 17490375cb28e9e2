/* SPDX-License-Identifier: MIT */
/*
 * interval_tree.c -- which ranges overlap this one?
 *
 * IDEA.  A tree ordered by where ranges start finds those that start inside the
 * question, but not those that started earlier and reach into it.  So each node
 * also knows the greatest end of its subtree, and a search enters a subtree
 * only if something in it ends late enough:
 *
 *	             [20-29 | 45]           start-last | greatest last below
 *	            /            \
 *	    [10-45 | 45]      [30-33 | 40]
 *	     /                      \
 *	 [5-8 | 8]               [38-40 | 40]
 *
 *	overlaps 42?  20: left subtree reaches 45: go left.  10-45: its left
 *	subtree ends at 8: no; itself: yes.
 *
 * Finding the first costs O(log n), each further one O(log n) at most.
 *
 * INVARIANTS
 *   I1  subtree_last is the greatest last of node and both subtrees.
 *   I2  Nodes stand by start; of equal ones, the older stands first.
 *
 * LOCKING.  The caller's.
 */

#include <kernel/interval_tree.h>

#include <kernel/rbtree_augmented.h>
#include <kernel/types.h>

#define to_node(n) rb_entry(n, struct interval_tree_node, rb)
#define OWN_LAST(n) ((n)->last)

RB_DECLARE_CALLBACKS_MAX(static, last_callbacks, struct interval_tree_node, rb,
			 unsigned long, subtree_last, OWN_LAST);

void interval_tree_insert(struct interval_tree_node *node, struct rb_root *root)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		struct interval_tree_node *at = to_node(*link);

		parent = *link;
		if (at->subtree_last < node->last)
			at->subtree_last = node->last;             /* I1 */
		link = node->start < at->start ? &parent->rb_left
					       : &parent->rb_right; /* I2 */
	}
	node->subtree_last = node->last;
	rb_link_node(&node->rb, parent, link);
	rb_insert_augmented(&node->rb, root, &last_callbacks);
}

void interval_tree_remove(struct interval_tree_node *node, struct rb_root *root)
{
	rb_erase_augmented(&node->rb, root, &last_callbacks);
	RB_CLEAR_NODE(&node->rb);
}

/* The first of n's subtree that overlaps; n's subtree_last reaches `start`. */
static struct interval_tree_node *first_below(struct interval_tree_node *n,
					      unsigned long start,
					      unsigned long last)
{
	for (;;) {
		struct rb_node *left = n->rb.rb_left;

		if (left && to_node(left)->subtree_last >= start) {
			/* What reaches far enough there also starts first. */
			n = to_node(left);
			continue;
		}
		if (n->start > last)
			return NULL;
		if (n->last >= start)
			return n;
		if (!n->rb.rb_right)
			return NULL;
		n = to_node(n->rb.rb_right);
		if (n->subtree_last < start)
			return NULL;
	}
}

struct interval_tree_node *interval_tree_iter_first(struct rb_root *root,
						    unsigned long start,
						    unsigned long last)
{
	struct interval_tree_node *top;

	if (!root->rb_node)
		return NULL;
	top = to_node(root->rb_node);
	return top->subtree_last < start ? NULL
					 : first_below(top, start, last);
}

struct interval_tree_node *
interval_tree_iter_next(struct interval_tree_node *node, unsigned long start,
			unsigned long last)
{
	struct rb_node *n = node->rb.rb_right, *from;

	for (;;) {
		if (n && to_node(n)->subtree_last >= start)
			return first_below(to_node(n), start, last);
		/* Up, until we come from the left. */
		n = &node->rb;
		do {
			from = n;
			n = rb_parent(from);
			if (!n)
				return NULL;
		} while (n->rb_right == from);
		node = to_node(n);
		if (node->start > last)
			return NULL;
		if (node->last >= start)
			return node;
		n = node->rb.rb_right;
	}
}
