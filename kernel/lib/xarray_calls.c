/* SPDX-License-Identifier: MIT */
/*
 * xarray_calls.c -- changes of an xarray by callers who do not hold its lock
 *
 * IDEA.  Each takes the lock in the way that the array's flags ask for, and
 * makes the change of xarray.c.  If that wants memory which is not to be had
 * under a lock, the change was undone: nodes are got without it, and it is
 * tried again (MEMORY, in xarray.c).
 *
 * CONTEXT.  May sleep if gfp says so; with the flags LOCK_IRQ or LOCK_BH from
 * where such locks are taken, else from process context.
 */

#include <kernel/xarray.h>

#include <kernel/export.h>

#include "xarray_impl.h"

/* Take and drop the lock in the way that the array's flags ask for. */
static void lock_flagged(struct xarray *xa)
{
	if (xa->xa_flags & XA_FLAGS_LOCK_IRQ)
		xa_lock_irq(xa);
	else if (xa->xa_flags & XA_FLAGS_LOCK_BH)
		xa_lock_bh(xa);
	else
		xa_lock(xa);
}

static void unlock_flagged(struct xarray *xa)
{
	if (xa->xa_flags & XA_FLAGS_LOCK_IRQ)
		xa_unlock_irq(xa);
	else if (xa->xa_flags & XA_FLAGS_LOCK_BH)
		xa_unlock_bh(xa);
	else
		xa_unlock(xa);
}

/* Run `expr` (an int) under the lock, again while xa_refill() says so. */
#define retrying(xa, gfp, r, expr) ({					\
	struct xa_reserve r = { NULL, 0, 0 };				\
	int __err;							\
	do {								\
		lock_flagged(xa);					\
		__err = (expr);						\
		unlock_flagged(xa);					\
	} while (xa_refill(&r, __err, gfp));				\
	__err; })

void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	void *old;

	retrying(xa, gfp, r,
		 xa_err(old = xa_store_locked(xa, index, entry, &r, gfp)));
	return xa_show(old);
}
EXPORT_SYMBOL(xa_store);

void *xa_erase(struct xarray *xa, unsigned long index)
{
	return xa_store(xa, index, NULL, 0);
}
EXPORT_SYMBOL(xa_erase);

void *xa_cmpxchg(struct xarray *xa, unsigned long index, void *old,
		 void *entry, gfp_t gfp)
{
	void *was;

	retrying(xa, gfp, r, xa_err(was = xa_cmpxchg_locked(xa, index, old,
							    entry, &r, gfp)));
	return was;
}
EXPORT_SYMBOL(xa_cmpxchg);

int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	return retrying(xa, gfp, r,
			xa_insert_locked(xa, index, entry, &r, gfp));
}
EXPORT_SYMBOL(xa_insert);

int xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit,
	     gfp_t gfp)
{
	return retrying(xa, gfp, r,
			xa_alloc_locked(xa, id, entry, limit, &r, gfp));
}
EXPORT_SYMBOL(xa_alloc);

int xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
		    struct xa_limit limit, u32 *next, gfp_t gfp)
{
	return retrying(xa, gfp, r,
			xa_alloc_cyclic_locked(xa, id, entry, limit, next, &r,
					       gfp));
}
EXPORT_SYMBOL(xa_alloc_cyclic);

void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	lock_flagged(xa);
	__xa_set_mark(xa, index, mark);
	unlock_flagged(xa);
}
EXPORT_SYMBOL(xa_set_mark);

void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	lock_flagged(xa);
	__xa_clear_mark(xa, index, mark);
	unlock_flagged(xa);
}
EXPORT_SYMBOL(xa_clear_mark);
