/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_IDR_H
#define KERNEL_IDR_H
/*
 * idr.h -- small numbers for objects (idr) or for nothing (ida)
 *
 * Both are thin clothes over an xarray.  idr: the caller serialises changes;
 * lookups under RCU.  ida: any context with GFP_ATOMIC, locks inside.
 */

#include <kernel/xarray.h>

struct idr {
	struct xarray xa;
	u32 next;                 /* caller's lock: where cyclic goes on */
};

#define IDR_INIT(name) { .xa = XARRAY_INIT((name).xa, XA_FLAGS_ALLOC) }
#define DEFINE_IDR(name) struct idr name = IDR_INIT(name)
#define idr_init(idr) do {						\
	xa_init_flags(&(idr)->xa, XA_FLAGS_ALLOC);			\
	(idr)->next = 0;						\
} while (0)

/* An id in start..end-1 (end <= 0: no limit); -ENOSPC, -ENOMEM. */
int idr_alloc(struct idr *idr, void *ptr, int start, int end, gfp_t gfp);
int idr_alloc_cyclic(struct idr *idr, void *ptr, int start, int end,
		     gfp_t gfp);
void *idr_remove(struct idr *idr, unsigned long id);
void *idr_find(const struct idr *idr, unsigned long id);
void *idr_replace(struct idr *idr, void *ptr, unsigned long id);
void *idr_get_next(struct idr *idr, int *nextid);
void idr_destroy(struct idr *idr);
#define idr_is_empty(idr) xa_empty(&(idr)->xa)
#define idr_preload(gfp) ((void)(gfp))
#define idr_preload_end() do { } while (0)
#define idr_for_each_entry(idr, entry, id)				\
	for ((id) = 0; ((entry) = idr_get_next((idr), &(id))) != NULL; (id)++)

struct ida {
	struct xarray xa;         /* of bitmaps, 1024 ids each */
};

#define IDA_INIT(name) { .xa = XARRAY_INIT((name).xa, XA_FLAGS_LOCK_IRQ) }
#define DEFINE_IDA(name) struct ida name = IDA_INIT(name)
#define ida_init(ida) xa_init_flags(&(ida)->xa, XA_FLAGS_LOCK_IRQ)

int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max,
		    gfp_t gfp);
void ida_free(struct ida *ida, unsigned int id);
void ida_destroy(struct ida *ida);
#define ida_alloc(ida, gfp) ida_alloc_range(ida, 0, INT_MAX, gfp)
#define ida_alloc_min(ida, min, gfp) ida_alloc_range(ida, min, INT_MAX, gfp)
#define ida_alloc_max(ida, max, gfp) ida_alloc_range(ida, 0, max, gfp)

#endif
