/* SPDX-License-Identifier: MIT */
/*
 * idr.c -- small integers for objects, on top of the xarray
 *
 * An ida keeps one bit per id, in chunks of 1024 bits that are the entries of
 * an xarray: 128 bytes for 1024 ids instead of 8 bytes for each.
 */

#include <kernel/idr.h>

#include <kernel/bitmap.h>
#include <kernel/export.h>
#include <mm/slab.h>

static int idr_errno(int err)
{
	return err == -EBUSY ? -ENOSPC : err;
}

static struct xa_limit idr_limit(int start, int end)
{
	return XA_LIMIT(start, end > 0 ? end - 1 : INT_MAX);
}

int idr_alloc(struct idr *idr, void *ptr, int start, int end, gfp_t gfp)
{
	u32 id;
	int err = xa_alloc(&idr->xa, &id, ptr, idr_limit(start, end), gfp);

	return err ? idr_errno(err) : (int)id;
}
EXPORT_SYMBOL(idr_alloc);

int idr_alloc_cyclic(struct idr *idr, void *ptr, int start, int end,
		     gfp_t gfp)
{
	u32 id;
	int err = xa_alloc_cyclic(&idr->xa, &id, ptr, idr_limit(start, end),
				  &idr->next, gfp);

	return err < 0 ? idr_errno(err) : (int)id;
}
EXPORT_SYMBOL(idr_alloc_cyclic);

void *idr_remove(struct idr *idr, unsigned long id)
{
	return xa_erase(&idr->xa, id);
}
EXPORT_SYMBOL(idr_remove);

void *idr_find(const struct idr *idr, unsigned long id)
{
	return xa_load((struct xarray *)&idr->xa, id);
}
EXPORT_SYMBOL(idr_find);

/* The id must be allocated; the old pointer, or an ERR_PTR. */
void *idr_replace(struct idr *idr, void *ptr, unsigned long id)
{
	void *old = xa_store(&idr->xa, id, ptr, GFP_NOWAIT);

	return xa_is_err(old) ? ERR_PTR(xa_err(old)) : old;
}
EXPORT_SYMBOL(idr_replace);

void *idr_get_next(struct idr *idr, int *nextid)
{
	unsigned long id = *nextid;
	void *entry = *nextid < 0 ? NULL :
		      xa_find(&idr->xa, &id, INT_MAX, XA_PRESENT);

	*nextid = id;
	return entry;
}
EXPORT_SYMBOL(idr_get_next);

void idr_destroy(struct idr *idr)
{
	xa_destroy(&idr->xa);
}
EXPORT_SYMBOL(idr_destroy);

#define IDA_BITS 1024

struct ida_chunk {
	DECLARE_BITMAP(map, IDA_BITS);
};

/*
 * Take the first free id of min..max in the chunks that exist.  Returns it, or
 * -EAGAIN with *missing set to the chunk to be added, or -ENOSPC.
 */
static int ida_take(struct ida *ida, unsigned int min, unsigned int max,
		    unsigned int *missing)
{
	for (unsigned int at = min; at <= max;) {
		unsigned int index = at / IDA_BITS, bit;
		struct ida_chunk *chunk = xa_load(&ida->xa, index);

		if (!chunk) {
			*missing = index;
			return -EAGAIN;
		}
		bit = find_next_zero_bit(chunk->map, IDA_BITS, at % IDA_BITS);
		if (bit < IDA_BITS) {
			at = index * IDA_BITS + bit;
			if (at > max)
				return -ENOSPC;
			__set_bit(bit, chunk->map);
			return at;
		}
		at = (index + 1) * IDA_BITS;
	}
	return -ENOSPC;
}

int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max,
		    gfp_t gfp)
{
	struct ida_chunk *spare = NULL;
	unsigned int missing = 0;
	unsigned long flags;
	int id;

	for (;;) {
		xa_lock_irqsave(&ida->xa, flags);
		id = ida_take(ida, min, max, &missing);
		if (id == -EAGAIN && spare) {
			id = __xa_insert(&ida->xa, missing, spare, GFP_NOWAIT);
			if (id == 0) {
				spare = NULL;
				id = ida_take(ida, min, max, &missing);
			}
		}
		xa_unlock_irqrestore(&ida->xa, flags);
		if (id != -EAGAIN)
			break;
		if (!spare)
			spare = kzalloc(sizeof(*spare), gfp);
		if (!spare)
			return -ENOMEM;
	}
	kfree(spare);
	return id;
}
EXPORT_SYMBOL(ida_alloc_range);

void ida_free(struct ida *ida, unsigned int id)
{
	struct ida_chunk *chunk;
	unsigned long flags;

	xa_lock_irqsave(&ida->xa, flags);
	chunk = xa_load(&ida->xa, id / IDA_BITS);
	if (!WARN_ON(!chunk || !test_bit(id % IDA_BITS, chunk->map))) {
		__clear_bit(id % IDA_BITS, chunk->map);
		if (bitmap_empty(chunk->map, IDA_BITS)) {
			__xa_erase(&ida->xa, id / IDA_BITS);
			kfree(chunk);
		}
	}
	xa_unlock_irqrestore(&ida->xa, flags);
}
EXPORT_SYMBOL(ida_free);

void ida_destroy(struct ida *ida)
{
	unsigned long index;
	struct ida_chunk *chunk;

	xa_for_each(&ida->xa, index, chunk)
		kfree(chunk);
	xa_destroy(&ida->xa);
}
EXPORT_SYMBOL(ida_destroy);
