/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H
/*
 * types.h -- the sizes that the x86-64 psABI and the Linux ABI give to names
 *
 * LP64: int 32, long and pointers 64.  Types with __ are those of the user ABI.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kernel/compiler.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef s32 __s32;
typedef s64 __s64;
typedef u16 __be16;         /* stored big-endian: the network's order */
typedef u32 __be32;
typedef u64 __be64;

typedef long ssize_t;
typedef s64 loff_t;
typedef u64 ino_t;
typedef u32 dev_t;          /* MKDEV(major, minor): 12 + 20 bits */
typedef u32 uid_t;
typedef u32 gid_t;
typedef u16 umode_t;
typedef unsigned int mode_t;
typedef int pid_t;
typedef int clockid_t;
typedef s64 time64_t;
typedef s64 ktime_t;        /* nanoseconds */
typedef u64 sector_t;
typedef u64 blkcnt_t;
typedef u64 phys_addr_t;    /* physical bytes */
typedef u64 dma_addr_t;     /* the same, as a device sees them */
typedef unsigned long pfn_t; /* physical page number */
typedef unsigned int gfp_t;
typedef unsigned int fmode_t;
typedef unsigned int __poll_t;

#define U8_MAX  ((u8)~0U)
#define U16_MAX ((u16)~0U)
#define U32_MAX ((u32)~0U)
#define U64_MAX ((u64)~0ULL)
#define S64_MAX ((s64)(U64_MAX >> 1))
#define INT_MAX ((int)(~0U >> 1))
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (~0U)
#define LONG_MAX ((long)(~0UL >> 1))
#define LONG_MIN (-LONG_MAX - 1)
#define ULONG_MAX (~0UL)
#ifndef SIZE_MAX
#define SIZE_MAX (~(size_t)0)
#endif
#define SSIZE_MAX ((ssize_t)(SIZE_MAX >> 1))
#define BITS_PER_LONG 64

/* The two list heads live here so that any header can embed them. */
struct list_head {
	struct list_head *next, *prev;
};
struct hlist_head {
	struct hlist_node *first;
};
struct hlist_node {
	struct hlist_node *next, **pprev;
};

/* An object freed after a grace period embeds one; see kernel/rcupdate.h. */
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

typedef struct {
	int counter;
} atomic_t;
typedef struct {
	s64 counter;
} atomic64_t;
typedef atomic64_t atomic_long_t;
/* A count of holders that sticks instead of wrapping; kernel/refcount.h. */
typedef struct {
	atomic_t refs;
} refcount_t;

#define MAJOR(dev) ((unsigned)((dev) >> 20))
#define MINOR(dev) ((unsigned)((dev) & 0xfffff))
#define MKDEV(ma, mi) ((dev_t)(((ma) << 20) | (mi)))

#endif
