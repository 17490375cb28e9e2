/* SPDX-License-Identifier: MIT */
/*
 * xarray_find.c -- looking into an xarray without stopping those who change it
 *
 * All functions run under rcu_read_lock(), which they take; each slot is read
 * once, so that what was tested is what is used.  Invariants: xarray.c.
 */

#include <kernel/xarray.h>

#include <kernel/bitops.h>
#include <kernel/export.h>

#include "xarray_impl.h"

static void *load(struct xarray *xa, unsigned long index)
{
	void *entry = rcu_dereference(xa->xa_head);

	if (!xa_is_node(entry))
		return index == 0 ? entry : NULL;
	if (index > node_max(xa_to_node(entry)))
		return NULL;
	while (xa_is_node(entry)) {
		struct xa_node *node = xa_to_node(entry);

		entry = rcu_dereference(
			node->slots[(index >> node->shift) % XA_SLOTS]);
		if (node->shift == 0)
			break;
	}
	return entry;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	void *entry;

	rcu_read_lock();
	entry = xa_show(load(xa, index));
	rcu_read_unlock();
	return entry;
}
EXPORT_SYMBOL(xa_load);

/* The lowest node on the way to index; NULL if there is none. */
static struct xa_node *leaf_of(struct xarray *xa, unsigned long index)
{
	void *entry = rcu_dereference(xa->xa_head);
	struct xa_node *node;

	if (!xa_is_node(entry) || index > node_max(xa_to_node(entry)))
		return NULL;
	for (;;) {
		node = xa_to_node(entry);
		if (node->shift == 0)
			return node;
		entry = rcu_dereference(
			node->slots[(index >> node->shift) % XA_SLOTS]);
		if (!xa_is_node(entry))
			return NULL;
	}
}

unsigned int xa_load_run(struct xarray *xa, unsigned long index,
			 unsigned int n, void **dst)
{
	unsigned int got = 0;

	rcu_read_lock();
	while (got < n) {
		struct xa_node *node = leaf_of(xa, index + got);
		unsigned int at = (index + got) % XA_SLOTS;

		if (!node) {
			/* A lone entry at 0 has no node. */
			dst[got] = xa_show(load(xa, index + got));
			got += dst[got] != NULL;
			break;
		}
		for (; got < n && at < XA_SLOTS; at++, got++) {
			dst[got] = xa_show(rcu_dereference(node->slots[at]));
			if (!dst[got])
				goto out;
		}
	}
out:
	rcu_read_unlock();
	return got;
}
EXPORT_SYMBOL(xa_load_run);

bool xa_get_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct xa_node *node;
	bool marked = false;
	void *entry;

	rcu_read_lock();
	entry = rcu_dereference(xa->xa_head);
	if (!xa_is_node(entry)) {
		marked = entry && index == 0 && xa_marked(xa, mark);
		goto out;
	}
	if (index > node_max(xa_to_node(entry)))
		goto out;
	while (xa_is_node(entry)) {
		unsigned int at;

		node = xa_to_node(entry);
		at = (index >> node->shift) % XA_SLOTS;
		marked = READ_ONCE(node->marks[mark]) & BIT(at);
		if (!marked || node->shift == 0)
			break;
		entry = rcu_dereference(node->slots[at]);
	}
out:
	rcu_read_unlock();
	return marked;
}
EXPORT_SYMBOL(xa_get_mark);

/* First slot >= at of the node that may lead to something with the mark. */
static unsigned int next_slot(const struct xa_node *node, unsigned int at,
			      xa_mark_t mark)
{
	if (mark == XA_PRESENT) {
		while (at < XA_SLOTS && !READ_ONCE(node->slots[at]))
			at++;
		return at;
	}
	return find_next_bit(&node->marks[mark], XA_SLOTS, at);
}

/*
 * One way down from the top.  Returns the entry and sets *index; or NULL and
 * sets *index to where the search goes on: 0 when there is nothing behind.
 */
static void *find_down(struct xarray *xa, unsigned long *index,
		       xa_mark_t mark)
{
	void *entry = rcu_dereference(xa->xa_head);
	unsigned long at = *index;

	*index = 0;
	if (!xa_is_node(entry)) {
		bool fits = at == 0 && entry &&
			    (mark == XA_PRESENT || xa_marked(xa, mark));

		return fits ? entry : NULL;
	}
	if (at > node_max(xa_to_node(entry)))
		return NULL;
	for (;;) {
		struct xa_node *node = xa_to_node(entry);
		unsigned int from = (at >> node->shift) % XA_SLOTS;
		unsigned int slot = next_slot(node, from, mark);

		if (slot == XA_SLOTS) {
			*index = node_end(node, at) + 1;
			return NULL;
		}
		if (slot > from)
			at = node_start(node, at) |
			     (unsigned long)slot << node->shift;
		entry = rcu_dereference(node->slots[slot]);
		if (node->shift == 0 || !xa_is_node(entry)) {
			*index = at;
			if (xa_show(entry) && node->shift == 0)
				return entry;
			/* It went away, or is reserved: try behind it. */
			*index = at + 1;
			return NULL;
		}
	}
}

static void *find(struct xarray *xa, unsigned long *indexp, unsigned long max,
		  xa_mark_t mark)
{
	unsigned long index = *indexp;
	void *entry;

	while (index <= max) {
		entry = find_down(xa, &index, mark);
		if (entry && index <= max) {
			*indexp = index;
			return entry;
		}
		if (entry || index == 0)
			return NULL;
	}
	return NULL;
}

void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max,
	      xa_mark_t mark)
{
	void *entry;

	rcu_read_lock();
	entry = find(xa, index, max, mark);
	rcu_read_unlock();
	return entry;
}
EXPORT_SYMBOL(xa_find);

void *xa_find_after(struct xarray *xa, unsigned long *index,
		    unsigned long max, xa_mark_t mark)
{
	unsigned long next = *index + 1;
	void *entry;

	if (next == 0)
		return NULL;
	entry = xa_find(xa, &next, max, mark);
	if (entry)
		*index = next;
	return entry;
}
EXPORT_SYMBOL(xa_find_after);

unsigned int xa_extract(struct xarray *xa, void **dst, unsigned long start,
			unsigned long max, unsigned int n, xa_mark_t mark)
{
	unsigned int got = 0;
	void *entry;

	rcu_read_lock();
	while (got < n && (entry = find(xa, &start, max, mark))) {
		dst[got++] = entry;
		if (++start == 0)
			break;
	}
	rcu_read_unlock();
	return got;
}
EXPORT_SYMBOL(xa_extract);
