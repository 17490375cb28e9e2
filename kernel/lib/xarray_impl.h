/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_LIB_XARRAY_IMPL_H
#define KERNEL_LIB_XARRAY_IMPL_H
/* xarray_impl.h -- nodes, tags and changes: private to xarray*.c */

#include <kernel/xarray.h>

#define XA_SHIFT 6
#define XA_SLOTS (1U << XA_SHIFT)

/*
 * Field keys: [c] constant once published; [X] xa_lock; [R] xa_lock, RCU read
 */
struct xa_node {
	u8 shift;                   /* [c] index bits below this node */
	u8 offset;                  /* [X] slot in the parent */
	u8 count;                   /* [X] slots not NULL */
	u8 cursor;                  /* xa_destroy() only */
	struct xa_node *parent;     /* [X] NULL: top */
	struct rcu_head rcu;
	unsigned long full;         /* [X] bit i: nothing free below slot i */
	unsigned long marks[XA_MARK_MAX + 1];  /* [R] */
	void *slots[XA_SLOTS];      /* [R] entries (shift 0) or nodes */
};

/* Taken, but shown as NULL. */
#define XA_ZERO_ENTRY ((void *)((257UL << 2) | 2))

static inline bool xa_is_node(const void *entry)
{
	return ((unsigned long)entry & 3) == 2 &&
	       (unsigned long)entry > 4096 && !xa_is_err(entry);
}

static inline struct xa_node *xa_to_node(const void *entry)
{
	return (struct xa_node *)((unsigned long)entry - 2);
}

static inline void *xa_mk_node(const struct xa_node *node)
{
	return (void *)((unsigned long)node | 2);
}

static inline void *xa_show(void *entry)
{
	return entry == XA_ZERO_ENTRY ? NULL : entry;
}

/* The bits of an index that this node and those below it consume. */
static inline unsigned long node_mask(const struct xa_node *node)
{
	unsigned int bits = node->shift + XA_SHIFT;

	return bits >= BITS_PER_LONG ? ~0UL : (1UL << bits) - 1;
}

/* The highest index of a tree whose top this is. */
#define node_max(node) node_mask(node)

/* First and last index of the node that index leads into. */
static inline unsigned long node_start(const struct xa_node *node,
				       unsigned long index)
{
	return index & ~node_mask(node);
}

static inline unsigned long node_end(const struct xa_node *node,
				     unsigned long index)
{
	return index | node_mask(node);
}

/* Nodes in hand, for when the allocator cannot give any under the lock. */
struct xa_reserve {
	struct xa_node *nodes;      /* linked by `parent` */
	unsigned int have, want;
};

/* ---- xarray.c: changes, xa_lock held; `r` may be NULL ---- */

/* NULL erases.  The old entry, or an error entry. */
void *xa_store_locked(struct xarray *xa, unsigned long index, void *entry,
		      struct xa_reserve *r, gfp_t gfp);
void *xa_cmpxchg_locked(struct xarray *xa, unsigned long index, void *old,
			void *entry, struct xa_reserve *r, gfp_t gfp);
int xa_insert_locked(struct xarray *xa, unsigned long index, void *entry,
		     struct xa_reserve *r, gfp_t gfp);
int xa_alloc_locked(struct xarray *xa, u32 *id, void *entry,
		    struct xa_limit limit, struct xa_reserve *r, gfp_t gfp);
int xa_alloc_cyclic_locked(struct xarray *xa, u32 *id, void *entry,
			   struct xa_limit limit, u32 *next,
			   struct xa_reserve *r, gfp_t gfp);
/* Unlocked, after one of them: did it lack memory, and is there now more? */
bool xa_refill(struct xa_reserve *r, int err, gfp_t gfp);

#endif
