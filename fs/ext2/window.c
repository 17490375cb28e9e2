/* SPDX-License-Identifier: MIT */
/*
 * window.c -- room kept for files that grow
 *
 * PROBLEM.  Two files that grow at the same time would take turns block by
 * block, and both would lie in crumbs.
 *
 * IDEA.  A file that is being written has a window: blocks from which nobody
 * else takes while there are others.  Windows exist only in memory, so that a
 * power cut loses nothing.  They stand in a tree, ordered, and never overlap:
 *
 *	bitmap    ##......####..............####
 *	windows     [ a  ]    [   b    ]
 *
 * A file that uses its window up gets one twice as long, up to 1024 blocks.
 *
 * INVARIANTS
 *   I1  No two windows of a tree have a block in common.
 *
 * LOCKING.  The caller's lock guards the tree.
 */

#include "pure.h"

#include <kernel/kernel.h>

#define WINDOW_MIN 8
#define WINDOW_MAX 1024

void ext2_window_init(struct ext2_window *w)
{
	w->start = w->end = 0;
	w->want = WINDOW_MIN;
	w->hits = 0;
}

bool ext2_window_exists(const struct ext2_window *w)
{
	return w->end != 0;
}

void ext2_window_drop(struct rb_root *tree, struct ext2_window *w)
{
	if (!ext2_window_exists(w))
		return;
	rb_erase(&w->node, tree);
	w->start = w->end = 0;
	w->hits = 0;
}

static struct ext2_window *of(struct rb_node *node)
{
	return rb_entry(node, struct ext2_window, node);
}

/* The first window that ends at or behind `block`, or NULL. */
static struct ext2_window *window_from(struct rb_root *tree, u32 block)
{
	struct rb_node *node = tree->rb_node;
	struct ext2_window *best = NULL;

	while (node) {
		if (of(node)->end >= block) {
			best = of(node);
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best;
}

bool ext2_window_is_free(struct rb_root *tree, const struct ext2_window *w,
			 u32 start, u32 len, u32 *behind)
{
	struct ext2_window *other = window_from(tree, start);

	if (other && other == w) {
		struct rb_node *next = rb_next(&other->node);

		other = next ? of(next) : NULL;
	}
	if (!other || other->start > start + len - 1)
		return true;
	*behind = other->end + 1;
	return false;
}

static void insert(struct rb_root *tree, struct ext2_window *w)
{
	struct rb_node **link = &tree->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = w->start < of(parent)->start ? &parent->rb_left
						    : &parent->rb_right;
	}
	rb_link_node(&w->node, parent, link);
	rb_insert_color(&w->node, tree);
}

/*
 * Move w to the first place at or behind `goal` in the group that begins with
 * a free block; a shorter one than wanted will do.
 */
bool ext2_window_place(struct rb_root *tree, struct ext2_window *w,
		       const struct ext2_bits *bits, u32 group_first,
		       u32 group_blocks, u32 goal)
{
	u32 bit = goal - group_first, start, len;
	struct ext2_window *other;

	if (w->hits > (w->end - w->start) / 2 && ext2_window_exists(w))
		w->want = min(w->want * 2, (u32)WINDOW_MAX);
	ext2_window_drop(tree, w);
	for (;;) {
		bit = ext2_bits_find(bits, bit, group_blocks);
		if (bit >= group_blocks)
			return false;
		start = group_first + bit;
		other = window_from(tree, start);
		if (!other || other->start > start)
			break;
		bit = other->end + 1 - group_first;
	}
	len = min(w->want, group_blocks - bit);
	if (other)
		len = min(len, other->start - start);            /* I1 */
	w->start = start;
	w->end = start + len - 1;
	w->hits = 0;
	insert(tree, w);
	return true;
}
