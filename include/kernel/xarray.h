/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_XARRAY_H
#define KERNEL_XARRAY_H
/*
 * xarray.h -- a sparse array of pointers, indexed by any unsigned long
 *
 * A tree of 64-way nodes that is as high as the highest index needs.  Each
 * entry can carry three marks; a mark on an entry is repeated in all nodes
 * above it, so that "the next dirty page" skips what is clean.
 *
 * An entry is NULL (absent), a pointer aligned to 4, or a value made by
 * xa_mk_value().  Changes take xa->xa_lock inside (plain, _bh or _irq kind,
 * or the __xa kind: the caller holds it); lookups need rcu_read_lock() or the
 * lock, and see each entry either before or after a change.  -ENOMEM comes as
 * an error entry: test with xa_is_err().  Theory: kernel/lib/xarray.c.
 */

#include <kernel/err.h>
#include <kernel/rcupdate.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>

typedef unsigned int xa_mark_t;
#define XA_MARK_0 ((xa_mark_t)0)
#define XA_MARK_1 ((xa_mark_t)1)
#define XA_MARK_2 ((xa_mark_t)2)
#define XA_MARK_MAX XA_MARK_2
#define XA_PRESENT ((xa_mark_t)8)
#define XA_FREE_MARK XA_MARK_0

#define XA_FLAGS_LOCK_IRQ 1U   /* taken in interrupts: irqs off around it */
#define XA_FLAGS_LOCK_BH 2U
#define XA_FLAGS_ALLOC 4U      /* xa_alloc() is used: index 0 first */
#define XA_FLAGS_ALLOC1 12U    /* the same, index 0 never given out */

/*
 * Field keys:  [X] xa_lock to write, RCU to read   [c] constant
 */
struct xarray {
	spinlock_t xa_lock;
	unsigned int xa_flags;   /* [c] XA_FLAGS_... */
	unsigned int xa_marks;   /* [X] bit m: some entry has mark m */
	void *xa_head;           /* [X] NULL, the entry 0, or a node */
};

#define XARRAY_INIT(name, flags) {					\
	.xa_lock = __SPIN_LOCK_UNLOCKED((name).xa_lock),		\
	.xa_flags = (flags), .xa_marks = 0, .xa_head = NULL }
#define DEFINE_XARRAY_FLAGS(name, flags) \
	struct xarray name = XARRAY_INIT(name, flags)
#define DEFINE_XARRAY(name) DEFINE_XARRAY_FLAGS(name, 0)
#define DEFINE_XARRAY_ALLOC(name) DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC)
#define DEFINE_XARRAY_ALLOC1(name) DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC1)

#define xa_init_flags(xa, flags) do {					\
	spin_lock_init(&(xa)->xa_lock);					\
	(xa)->xa_flags = (flags);					\
	(xa)->xa_marks = 0;						\
	(xa)->xa_head = NULL;						\
} while (0)
#define xa_init(xa) xa_init_flags(xa, 0)

/* Integers up to LONG_MAX as entries. */
static inline void *xa_mk_value(unsigned long v)
{
	return (void *)((v << 1) | 1);
}

static inline unsigned long xa_to_value(const void *entry)
{
	return (unsigned long)entry >> 1;
}

static inline bool xa_is_value(const void *entry)
{
	return (unsigned long)entry & 1;
}

/* What xa_store() and its kind return when they failed. */
static inline void *xa_mk_err(long error)
{
	return (void *)((unsigned long)(error << 2) | 2);
}

static inline int xa_err(const void *entry)
{
	long v = (long)entry;

	return (v & 3) == 2 && v < 0 && (v >> 2) >= -MAX_ERRNO ?
		(int)(v >> 2) : 0;
}

static inline bool xa_is_err(const void *entry)
{
	return unlikely(xa_err(entry) != 0);
}

static inline bool xa_empty(const struct xarray *xa)
{
	return READ_ONCE(xa->xa_head) == NULL;
}

static inline bool xa_marked(const struct xarray *xa, xa_mark_t mark)
{
	return READ_ONCE(xa->xa_marks) & (1U << mark);
}

#define xa_lock(xa) spin_lock(&(xa)->xa_lock)
#define xa_unlock(xa) spin_unlock(&(xa)->xa_lock)
#define xa_lock_bh(xa) spin_lock_bh(&(xa)->xa_lock)
#define xa_unlock_bh(xa) spin_unlock_bh(&(xa)->xa_lock)
#define xa_lock_irq(xa) spin_lock_irq(&(xa)->xa_lock)
#define xa_unlock_irq(xa) spin_unlock_irq(&(xa)->xa_lock)
#define xa_lock_irqsave(xa, flags) spin_lock_irqsave(&(xa)->xa_lock, flags)
#define xa_unlock_irqrestore(xa, flags) \
	spin_unlock_irqrestore(&(xa)->xa_lock, flags)

/* Once, when the slab is up and before the first store. */
void xarray_init(void);

/* Lookups: RCU or the lock; they take rcu_read_lock() themselves. */
void *xa_load(struct xarray *xa, unsigned long index);
bool xa_get_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
/* First entry at *index..max having the mark (XA_PRESENT: any); sets *index. */
void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max,
	      xa_mark_t mark);
/* The same behind *index. */
void *xa_find_after(struct xarray *xa, unsigned long *index,
		    unsigned long max, xa_mark_t mark);
/* Up to n entries from start..max into dst; how many. */
unsigned int xa_extract(struct xarray *xa, void **dst, unsigned long start,
			unsigned long max, unsigned int n, xa_mark_t mark);

/* The entries at index, index + 1, ... until one is missing, at most n. */
unsigned int xa_load_run(struct xarray *xa, unsigned long index,
			 unsigned int n, void **dst);

/* Changes.  Each returns what was there before, or an error entry. */
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_erase(struct xarray *xa, unsigned long index);
void *xa_cmpxchg(struct xarray *xa, unsigned long index, void *old,
		 void *entry, gfp_t gfp);
/* 0, -EBUSY if there was an entry, -ENOMEM. */
__must_check int xa_insert(struct xarray *xa, unsigned long index, void *entry,
			   gfp_t gfp);
/* Store at a free index of min..max; 0, -EBUSY when full, -ENOMEM. */
struct xa_limit {
	u32 max, min;
};
#define XA_LIMIT(_min, _max) ((struct xa_limit){ .min = (_min), .max = (_max) })
#define xa_limit_32b XA_LIMIT(0, UINT_MAX)
#define xa_limit_31b XA_LIMIT(0, INT_MAX)
#define xa_limit_16b XA_LIMIT(0, 65535)
__must_check int xa_alloc(struct xarray *xa, u32 *id, void *entry,
			  struct xa_limit limit, gfp_t gfp);
/* The same, from *next on and then around; 1 if it went around. */
__must_check int xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
				 struct xa_limit limit, u32 *next, gfp_t gfp);
void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
/* Free all nodes; the entries are the caller's.  Nobody else may look. */
void xa_destroy(struct xarray *xa);

/* The caller holds xa_lock.  Allocation inside must not sleep: GFP_ATOMIC. */
void *__xa_store(struct xarray *xa, unsigned long index, void *entry,
		 gfp_t gfp);
void *__xa_erase(struct xarray *xa, unsigned long index);
void *__xa_cmpxchg(struct xarray *xa, unsigned long index, void *old,
		   void *entry, gfp_t gfp);
int __xa_insert(struct xarray *xa, unsigned long index, void *entry,
		gfp_t gfp);
int __xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit,
	       gfp_t gfp);
int __xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry,
		      struct xa_limit limit, u32 *next, gfp_t gfp);
void __xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
void __xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);

#define xa_for_each_range(xa, index, entry, start, last)		\
	for ((index) = (start),						\
	     (entry) = xa_find((xa), &(index), (last), XA_PRESENT);	\
	     (entry);							\
	     (entry) = xa_find_after((xa), &(index), (last), XA_PRESENT))
#define xa_for_each_start(xa, index, entry, start) \
	xa_for_each_range(xa, index, entry, start, ULONG_MAX)
#define xa_for_each(xa, index, entry) xa_for_each_start(xa, index, entry, 0)
#define xa_for_each_marked(xa, index, entry, filter)			\
	for ((index) = 0,						\
	     (entry) = xa_find((xa), &(index), ULONG_MAX, (filter));	\
	     (entry);							\
	     (entry) = xa_find_after((xa), &(index), ULONG_MAX, (filter)))

#endif
