/* SPDX-License-Identifier: MIT */
#ifndef ARCH_ATOMIC_H
#define ARCH_ATOMIC_H
/*
 * atomic.h -- read-modify-write that no other CPU can cut in two
 *
 * IDEA.  The compiler's __atomic builtins emit the locked instructions of
 * x86: lock add, lock xadd, lock cmpxchg, and xchg, which locks by itself.
 * Each of them is a full barrier, so one strong form serves; the names with
 * _relaxed, _acquire and _release are there for the reader's sake.
 * atomic_read and atomic_set are plain accesses and order nothing.
 *
 * Any context, NMI too.  Overflow wraps; see kernel/refcount.h for counts
 * that must not.
 */

#include <arch/barrier.h>
#include <kernel/types.h>

#define ATOMIC_INIT(i) { (i) }
#define ATOMIC64_INIT(i) { (i) }
#define ATOMIC_LONG_INIT(i) { (i) }

/* Swap *ptr with v; full barrier. */
#define xchg(ptr, v) ({							\
	__typeof__(*(ptr)) __xv = (__typeof__(*(ptr)))(v);		\
	__atomic_exchange_n((ptr), __xv, __ATOMIC_SEQ_CST); })

/* If *ptr is o, make it n.  Returns what was there. */
#define cmpxchg(ptr, o, n) ({						\
	__typeof__(*(ptr)) __co = (__typeof__(*(ptr)))(o);		\
	__atomic_compare_exchange_n((ptr), &__co,			\
		(__typeof__(*(ptr)))(n), false,				\
		__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);			\
	__co; })

/* The same; true if it was done, else *oldp is what was there. */
#define try_cmpxchg(ptr, oldp, n)					\
	__atomic_compare_exchange_n((ptr), (oldp),			\
		(__typeof__(*(ptr)))(n), false,				\
		__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#define xchg_relaxed xchg
#define xchg_acquire xchg
#define xchg_release xchg
#define cmpxchg_relaxed cmpxchg
#define cmpxchg_acquire cmpxchg
#define cmpxchg_release cmpxchg
#define cmpxchg_local cmpxchg
#define try_cmpxchg_relaxed try_cmpxchg
#define try_cmpxchg_acquire try_cmpxchg
#define try_cmpxchg_release try_cmpxchg

/* The operations of one width: A is the prefix, V the box, T the number. */
#define __ATOMIC_OPS(A, V, T)						\
static __always_inline T A##_read(const V *v)				\
{ return READ_ONCE(v->counter); }					\
static __always_inline void A##_set(V *v, T i)				\
{ WRITE_ONCE(v->counter, i); }						\
static __always_inline T A##_read_acquire(const V *v)			\
{ return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE); }		\
static __always_inline void A##_set_release(V *v, T i)			\
{ __atomic_store_n(&v->counter, i, __ATOMIC_RELEASE); }			\
static __always_inline void A##_add(T i, V *v)				\
{ __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST); }		\
static __always_inline void A##_sub(T i, V *v)				\
{ __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST); }		\
static __always_inline void A##_inc(V *v) { A##_add(1, v); }		\
static __always_inline void A##_dec(V *v) { A##_sub(1, v); }		\
static __always_inline void A##_and(T i, V *v)				\
{ __atomic_and_fetch(&v->counter, i, __ATOMIC_SEQ_CST); }		\
static __always_inline void A##_or(T i, V *v)				\
{ __atomic_or_fetch(&v->counter, i, __ATOMIC_SEQ_CST); }		\
static __always_inline void A##_xor(T i, V *v)				\
{ __atomic_xor_fetch(&v->counter, i, __ATOMIC_SEQ_CST); }		\
static __always_inline void A##_andnot(T i, V *v) { A##_and(~i, v); }	\
static __always_inline T A##_add_return(T i, V *v)			\
{ return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST); }	\
static __always_inline T A##_sub_return(T i, V *v)			\
{ return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST); }	\
static __always_inline T A##_inc_return(V *v)				\
{ return A##_add_return(1, v); }					\
static __always_inline T A##_dec_return(V *v)				\
{ return A##_sub_return(1, v); }					\
static __always_inline T A##_fetch_add(T i, V *v)			\
{ return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST); }	\
static __always_inline T A##_fetch_sub(T i, V *v)			\
{ return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST); }	\
static __always_inline T A##_fetch_inc(V *v)				\
{ return A##_fetch_add(1, v); }						\
static __always_inline T A##_fetch_dec(V *v)				\
{ return A##_fetch_sub(1, v); }						\
static __always_inline T A##_fetch_and(T i, V *v)			\
{ return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST); }	\
static __always_inline T A##_fetch_or(T i, V *v)			\
{ return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST); }		\
static __always_inline T A##_fetch_xor(T i, V *v)			\
{ return __atomic_fetch_xor(&v->counter, i, __ATOMIC_SEQ_CST); }	\
static __always_inline T A##_fetch_andnot(T i, V *v)			\
{ return A##_fetch_and(~i, v); }					\
static __always_inline bool A##_sub_and_test(T i, V *v)			\
{ return A##_sub_return(i, v) == 0; }					\
static __always_inline bool A##_dec_and_test(V *v)			\
{ return A##_sub_return(1, v) == 0; }					\
static __always_inline bool A##_inc_and_test(V *v)			\
{ return A##_add_return(1, v) == 0; }					\
static __always_inline bool A##_add_negative(T i, V *v)			\
{ return A##_add_return(i, v) < 0; }					\
static __always_inline T A##_xchg(V *v, T n)				\
{ return xchg(&v->counter, n); }					\
static __always_inline T A##_cmpxchg(V *v, T o, T n)			\
{ return cmpxchg(&v->counter, o, n); }					\
static __always_inline bool A##_try_cmpxchg(V *v, T *o, T n)		\
{ return try_cmpxchg(&v->counter, o, n); }				\
/* Add a unless the value is u; returns the old value. */		\
static __always_inline T A##_fetch_add_unless(V *v, T a, T u)		\
{									\
	T c = A##_read(v);						\
									\
	while (c != u && !A##_try_cmpxchg(v, &c, c + a))		\
		;							\
	return c;							\
}									\
static __always_inline bool A##_add_unless(V *v, T a, T u)		\
{ return A##_fetch_add_unless(v, a, u) != u; }				\
static __always_inline bool A##_inc_not_zero(V *v)			\
{ return A##_add_unless(v, 1, 0); }					\
static __always_inline bool A##_inc_unless_negative(V *v)		\
{									\
	T c = A##_read(v);						\
									\
	while (c >= 0 && !A##_try_cmpxchg(v, &c, c + 1))		\
		;							\
	return c >= 0;							\
}									\
static __always_inline bool A##_dec_unless_positive(V *v)		\
{									\
	T c = A##_read(v);						\
									\
	while (c <= 0 && !A##_try_cmpxchg(v, &c, c - 1))		\
		;							\
	return c <= 0;							\
}									\
/* Decrement unless that would go below zero; returns old - 1. */	\
static __always_inline T A##_dec_if_positive(V *v)			\
{									\
	T c = A##_read(v);						\
									\
	while (c > 0 && !A##_try_cmpxchg(v, &c, c - 1))			\
		;							\
	return c - 1;							\
}

__ATOMIC_OPS(atomic, atomic_t, int)
__ATOMIC_OPS(atomic64, atomic64_t, s64)
__ATOMIC_OPS(atomic_long, atomic_long_t, long)

#define atomic_cmpxchg_acquire atomic_cmpxchg
#define atomic_cmpxchg_release atomic_cmpxchg
#define atomic_cmpxchg_relaxed atomic_cmpxchg
#define atomic_try_cmpxchg_acquire atomic_try_cmpxchg
#define atomic_try_cmpxchg_release atomic_try_cmpxchg
#define atomic_try_cmpxchg_relaxed atomic_try_cmpxchg
#define atomic_xchg_acquire atomic_xchg
#define atomic_xchg_relaxed atomic_xchg
#define atomic_fetch_add_relaxed atomic_fetch_add
#define atomic_fetch_add_release atomic_fetch_add
#define atomic_fetch_sub_release atomic_fetch_sub
#define atomic_fetch_or_acquire atomic_fetch_or
#define atomic_sub_return_release atomic_sub_return
#define atomic_add_return_relaxed atomic_add_return

#endif
