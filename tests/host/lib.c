/* SPDX-License-Identifier: MIT */
/* host-test:
 * kernel/lib/rbtree.c kernel/lib/rbtree_test.c kernel/lib/list_test.c
 * kernel/lib/kfifo.c kernel/lib/kfifo_test.c kernel/lib/bitops.c
 * kernel/lib/bitmap.c kernel/lib/vsprintf.c kernel/lib/kstrtox.c
 * kernel/lib/sscanf.c kernel/lib/string.c kernel/lib/text_test.c
 * kernel/lib/crc32.c kernel/lib/md5.c kernel/lib/sha1.c
 * kernel/lib/chacha20.c kernel/lib/prandom.c kernel/lib/math.c
 * kernel/lib/sort.c kernel/lib/digest_test.c kernel/lib/inflate.c
 * kernel/lib/inflate_test.c kernel/lib/xarray.c kernel/lib/xarray_calls.c
 * kernel/lib/xarray_find.c kernel/lib/gunzip.c
 * kernel/lib/idr.c kernel/lib/xarray_test.c kernel/lib/hash.c
 * -- */
/*
 * lib.c -- all of kernel/lib as a process, under the sanitizers
 *
 * What the library needs from above is small enough to stand here: nodes from
 * malloc, freed at once instead of after a grace period, for nobody else reads.
 */

#include <kernel/bug.h>
#include <kernel/kallsyms.h>
#include <kernel/preempt.h>
#include <kernel/rcupdate.h>
#include <kernel/spinlock.h>
#include <kernel/sprintf.h>
#include <kernel/xarray.h>
#include <mm/slab.h>

unsigned int __preempt_count = PREEMPT_NEED_RESCHED;

void preempt_schedule(void)
{
}

void local_bh_enable(void)
{
}

void spin_lock_slow(arch_spinlock_t *lock)
{
	BUG();                  /* one thread: nobody can hold it */
}

void warn_at(const char *file, int line, const char *func, const char *cond)
{
	__builtin_trap();
}

void bug_at(const char *file, int line, const char *func, const char *cond)
{
	__builtin_trap();
}

int sprint_symbol(char *buf, size_t size, unsigned long addr)
{
	return scnprintf(buf, size, "0x%lx", addr);
}

static size_t node_size;

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *))
{
	node_size = size;
	return (struct kmem_cache *)&node_size;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	static unsigned int calls;

	/* Every fifth time, make the caller use its reserve. */
	if (!(gfp & __GFP_DIRECT_RECLAIM) && ++calls % 5 == 0)
		return NULL;
	return kzalloc(node_size, gfp);
}

void kmem_cache_free(struct kmem_cache *cache, void *obj)
{
	kfree(obj);
}

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	func(head);
}

static __attribute__((constructor)) void start(void)
{
	xarray_init();
}
