/* SPDX-License-Identifier: MIT */
/*
 * depot.c -- every call chain once
 *
 * PROMISE.  depot_save() gives a 32-bit number for the caller's call chain, the
 * same for the same chain; the chain can be printed for ever after.
 *
 * IDEA.  A kernel allocates from a few thousand places.  So chains are kept in
 * a table by their hash, never freed, and an object needs 4 bytes instead of
 * a hundred.  The pool is one block from boot; when it is full, new chains get
 * number 0, "not known".
 *
 * LOCKING.  Chains are only ever added, each published by one store: finding
 * takes no lock; adding takes a bare spin lock, irqs off, because this runs
 * below everything that could check locks.
 */

#include "internal.h"

#include <arch/irqflags.h>
#include <arch/processor.h>
#include <arch/stacktrace.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <mm/memblock.h>

#define DEPTH 14
#define SKIP 2                   /* the checker's own functions */
#define BUCKETS 8192
#define POOL_BYTES (6UL << 20)

struct chain {
	u32 next;                /* handle; 0: end */
	u32 hash;
	unsigned long n;
	unsigned long addr[];
};

static u32 bucket[BUCKETS];
static unsigned long *pool;      /* a handle is an index into it */
static unsigned long used = 1, limit;
static bool lock;

void depot_init(void)
{
	unsigned long bytes = min(POOL_BYTES, memblock_phys_mem_size() / 32);

	pool = memblock_alloc(bytes, 4096);
	limit = pool ? bytes / sizeof(*pool) : 0;
}

static u32 hash_of(const unsigned long *addr, unsigned int n)
{
	u64 h = n;

	while (n--)
		h = (h ^ *addr++) * 0x9e3779b97f4a7c15ULL;
	return h >> 32;
}

static u32 find(u32 from, u32 hash, const unsigned long *addr, unsigned int n)
{
	while (from) {
		struct chain *c = (struct chain *)(pool + from);

		if (c->hash == hash && c->n == n &&
		    !memcmp(c->addr, addr, n * sizeof(*addr)))
			return from;
		from = READ_ONCE(c->next);
	}
	return 0;
}

static u32 add(u32 *head, u32 hash, const unsigned long *addr, unsigned int n)
{
	unsigned long words = sizeof(struct chain) / sizeof(*pool) + n;
	struct chain *c = (struct chain *)(pool + used);
	u32 handle = used;

	if (used + words > limit)
		return 0;
	used += words;
	c->next = *head;
	c->hash = hash;
	c->n = n;
	__memcpy(c->addr, addr, n * sizeof(*addr));
	__atomic_store_n(head, handle, __ATOMIC_RELEASE);
	return handle;
}

u32 depot_save(void)
{
	unsigned long addr[DEPTH], flags;
	unsigned int n = stack_trace_save(addr, DEPTH, SKIP);
	u32 hash = hash_of(addr, n);
	u32 *head = &bucket[hash % BUCKETS];
	u32 handle = find(__atomic_load_n(head, __ATOMIC_ACQUIRE), hash, addr,
			  n);

	if (handle || !n || !limit)
		return handle;
	local_irq_save(flags);
	while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
		cpu_relax();
	handle = find(*head, hash, addr, n);
	if (!handle)
		handle = add(head, hash, addr, n);
	__atomic_clear(&lock, __ATOMIC_RELEASE);
	local_irq_restore(flags);
	return handle;
}

void depot_print(u32 handle)
{
	const struct chain *c = (const struct chain *)(pool + handle);

	if (!handle) {
		pr_err(" (call chain not known)\n");
		return;
	}
	for (unsigned long i = 0; i < c->n; i++)
		pr_err(" %pS\n", (void *)c->addr[i]);
}
