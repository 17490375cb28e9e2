/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_REFCOUNT_H
#define KERNEL_REFCOUNT_H
/*
 * refcount.h -- a count of holders that cannot be wrapped into a use-after-free
 *
 * A count that runs over the top, or is raised from zero, or drops below zero,
 * sticks at REFCOUNT_SATURATED: the object leaks, which is a bug report instead
 * of an attack.  refcount_dec_and_test() orders everything before it in all
 * CPUs before the freeing by the last one.
 */

#include <kernel/atomic.h>
#include <kernel/bug.h>

#define REFCOUNT_INIT(n) { .refs = { n } }
#define REFCOUNT_SATURATED (INT_MIN / 2)

static inline void refcount_set(refcount_t *r, int n)
{
	__atomic_store_n(&r->refs.counter, n, __ATOMIC_RELAXED);
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return __atomic_load_n(&r->refs.counter, __ATOMIC_RELAXED);
}

static inline void refcount_saturate(refcount_t *r)
{
	refcount_set(r, REFCOUNT_SATURATED);
	WARN_ONCE(true, "refcount_t: misused, object leaked\n");
}

/* The caller already holds a reference. */
static inline void refcount_add(int i, refcount_t *r)
{
	int old = __atomic_fetch_add(&r->refs.counter, i, __ATOMIC_RELAXED);

	if (unlikely(old <= 0 || old + i < 0))
		refcount_saturate(r);
}

static inline void refcount_inc(refcount_t *r)
{
	refcount_add(1, r);
}

/* For RCU and hash lookups: false if the object is already on its way out. */
__must_check static inline bool refcount_inc_not_zero(refcount_t *r)
{
	int old = refcount_read(r);

	do {
		if (old == 0)
			return false;
	} while (!__atomic_compare_exchange_n(&r->refs.counter, &old, old + 1,
					      true, __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	if (unlikely(old < 0 || old + 1 < 0))
		refcount_saturate(r);
	return true;
}

/* True for the caller that dropped the last one. */
__must_check static inline bool refcount_sub_and_test(int i, refcount_t *r)
{
	int old = __atomic_fetch_sub(&r->refs.counter, i, __ATOMIC_ACQ_REL);

	if (old == i)
		return true;
	if (unlikely(old - i < 0))
		refcount_saturate(r);
	return false;
}

__must_check static inline bool refcount_dec_and_test(refcount_t *r)
{
	return refcount_sub_and_test(1, r);
}

static inline void refcount_dec(refcount_t *r)
{
	if (unlikely(refcount_sub_and_test(1, r)))
		refcount_saturate(r);
}

/* Drop one unless it is the last; false then. */
__must_check static inline bool refcount_dec_not_one(refcount_t *r)
{
	int old = refcount_read(r);

	do {
		if (old == 1)
			return false;
		if (unlikely(old <= 0))
			return true;
	} while (!__atomic_compare_exchange_n(&r->refs.counter, &old, old - 1,
					      true, __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	return true;
}

__must_check static inline bool refcount_dec_if_one(refcount_t *r)
{
	int one = 1;

	return __atomic_compare_exchange_n(&r->refs.counter, &one, 0, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Drop one; if it was the last, return true with the lock held. */
#define refcount_dec_and_lock(r, lock) ({				\
	bool __last = false;						\
	if (!refcount_dec_not_one(r)) {					\
		spin_lock(lock);					\
		__last = refcount_dec_and_test(r);			\
		if (!__last)						\
			spin_unlock(lock);				\
	}								\
	__last; })
#define refcount_dec_and_mutex_lock(r, lock) ({				\
	bool __last = false;						\
	if (!refcount_dec_not_one(r)) {					\
		mutex_lock(lock);					\
		__last = refcount_dec_and_test(r);			\
		if (!__last)						\
			mutex_unlock(lock);				\
	}								\
	__last; })

/* The usual pair around a structure that embeds a count. */
struct kref {
	refcount_t refcount;
};

static inline void kref_init(struct kref *k)
{
	refcount_set(&k->refcount, 1);
}

static inline void kref_get(struct kref *k)
{
	refcount_inc(&k->refcount);
}

static inline int kref_put(struct kref *k, void (*release)(struct kref *k))
{
	if (!refcount_dec_and_test(&k->refcount))
		return 0;
	release(k);
	return 1;
}

__must_check static inline bool kref_get_unless_zero(struct kref *k)
{
	return refcount_inc_not_zero(&k->refcount);
}

#endif
