/* SPDX-License-Identifier: MIT */
/*
 * slab_debug.c -- catching those who misuse an object
 *
 * PROMISE.  In a cache with debug flags, a write behind an object's end, a
 * write to a freed object, a second free and a free of something that is no
 * object are reported, with who had it, not later than at its next alloc or
 * free.
 *
 * IDEA.  An object is followed by a red zone, whose bytes say whether it is
 * allocated, and by the address of who allocated or freed it last:
 *
 *	| object_size bytes | red zone, to 8 and 8 more | caller |  next ...
 *	  free: 6b 6b .. a5   free: bb  allocated: cc
 *	  new:  5a 5a ..
 *
 * A free object's bytes are known (6b ... a5), so a write to it shows when it
 * is next allocated.  Objects with a constructor, and those whose memory
 * readers may still see under RCU, keep their contents and get red zones only.
 *
 * With DEBUG=1 each cache whose objects do not grow too much has all of it.
 * failslab=interval,probability,space,times makes allocations fail on purpose,
 * as Linux does; a task may also ask for its n-th to fail (fail_nth).
 *
 * SEE docs/11-slab.md
 */

#include "internal.h"
#include "slab_impl.h"

#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>

#define POISON_NEW 0x5a
#define POISON_FREE 0x6b
#define POISON_END 0xa5
#define RED_INACTIVE 0xbb
#define RED_ACTIVE 0xcc
#define RED_ZONE_MAX_OBJECT 1024

unsigned long slab_errors;
bool slab_errors_expected;

u32 slab_debug_flags(u32 flags, u32 object_size, u32 align, bool has_ctor)
{
	if (IS_ENABLED(LANTERN_DEBUG)) {
		flags |= SLAB_POISON;
		if (object_size <= RED_ZONE_MAX_OBJECT)
			flags |= SLAB_RED_ZONE | SLAB_STORE_USER;
	}
	if (has_ctor || (flags & SLAB_TYPESAFE_BY_RCU))
		flags &= ~SLAB_POISON;
	return flags;
}

/* Where the red zone ends, from the start of the object. */
static u32 red_end(u32 object_size)
{
	return ALIGN(object_size, 8) + 8;
}

u32 slab_debug_size(u32 flags, u32 object_size)
{
	if (!(flags & (SLAB_RED_ZONE | SLAB_STORE_USER)))
		return object_size;
	return red_end(object_size) + 8;
}

static void **owner_of(const struct kmem_cache *c, void *obj)
{
	return (void **)((char *)obj + red_end(c->object_size));
}

void slab_error(struct kmem_cache *c, const void *obj, const char *what)
{
	__atomic_fetch_add(&slab_errors, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&c->errors, 1, __ATOMIC_RELAXED);
	if (READ_ONCE(slab_errors_expected))
		return;
	pr_err("BUG: slab %s: object %p: %s\n", c->name, obj, what);
	if (obj && (c->flags & SLAB_STORE_USER))
		pr_err("  last allocated or freed by %pS\n",
		       *owner_of(c, (void *)obj));
	dump_stack();
}

static void set_red(struct kmem_cache *c, void *obj, u8 value)
{
	memset((char *)obj + c->object_size, value,
	       red_end(c->object_size) - c->object_size);
}

static bool all_bytes(const void *p, size_t n, u8 value)
{
	const u8 *b = p;

	while (n && *b == value)
		b++, n--;
	return n == 0;
}

static bool red_is(const struct kmem_cache *c, const void *obj, u8 value)
{
	return all_bytes((const char *)obj + c->object_size,
			 red_end(c->object_size) - c->object_size, value);
}

static void poison_free(struct kmem_cache *c, void *obj)
{
	memset(obj, POISON_FREE, c->object_size - 1);
	((u8 *)obj)[c->object_size - 1] = POISON_END;
}

static bool is_poisoned_free(const struct kmem_cache *c, const void *obj)
{
	return all_bytes(obj, c->object_size - 1, POISON_FREE) &&
	       ((const u8 *)obj)[c->object_size - 1] == POISON_END;
}

void slab_debug_new(struct kmem_cache *c, void *obj)
{
	if (c->flags & SLAB_RED_ZONE)
		set_red(c, obj, RED_INACTIVE);
	if (c->flags & SLAB_STORE_USER)
		*owner_of(c, obj) = NULL;
	if (c->flags & SLAB_POISON)
		poison_free(c, obj);
}

void slab_debug_alloc(struct kmem_cache *c, void *obj, void *caller)
{
	if ((c->flags & SLAB_RED_ZONE) && !red_is(c, obj, RED_INACTIVE))
		slab_error(c, obj, "red zone overwritten while free");
	if ((c->flags & SLAB_POISON) && !is_poisoned_free(c, obj))
		slab_error(c, obj, "written to after it was freed");
	if (c->flags & SLAB_RED_ZONE)
		set_red(c, obj, RED_ACTIVE);
	if (c->flags & SLAB_STORE_USER)
		*owner_of(c, obj) = caller;
	if (c->flags & SLAB_POISON)
		memset(obj, POISON_NEW, c->object_size);
}

bool slab_debug_free(struct kmem_cache *c, void *obj, void *caller)
{
	struct page *slab = virt_to_head_page(obj);

	if (slab->slab_cache != c ||
	    index_obj(c, slab, obj_index(c, slab, obj)) != obj) {
		slab_error(c, obj, "freed, but is no object of this cache");
		return false;
	}
	if ((c->flags & SLAB_RED_ZONE) && red_is(c, obj, RED_INACTIVE)) {
		slab_error(c, obj, "freed twice");
		return false;
	}
	if ((c->flags & SLAB_RED_ZONE) && !red_is(c, obj, RED_ACTIVE))
		slab_error(c, obj, "written to behind its end");
	if (!(c->flags & SLAB_RED_ZONE) && (c->flags & SLAB_POISON) &&
	    is_poisoned_free(c, obj)) {
		slab_error(c, obj, "freed twice");
		return false;
	}
	if (c->flags & SLAB_STORE_USER)
		*owner_of(c, obj) = caller;
	if (c->flags & SLAB_RED_ZONE)
		set_red(c, obj, RED_INACTIVE);
	if (c->flags & SLAB_POISON)
		poison_free(c, obj);
	return true;
}

/* ---- failslab: making allocations fail ----------------------------------- */

/* interval: each n-th; probability: percent of those; space: bytes first. */
static struct {
	unsigned int interval, probability;
	long space, times;       /* times: how often at most; -1 always */
	unsigned int count;
	u32 seed;
} failslab = { .interval = 0, .probability = 100, .times = -1, .seed = 1 };

static int failslab_setup(char *value)
{
	unsigned long v[4] = { 1, 100, 0, -1UL };

	for (int i = 0; i < 4 && *value; i++) {
		bool minus = *value == '-';

		v[i] = simple_strtoul(value + minus, &value, 0);
		if (minus)
			v[i] = -v[i];
		if (*value == ',')
			value++;
	}
	failslab.interval = v[0];
	failslab.probability = v[1];
	failslab.space = v[2];
	failslab.times = v[3];
	return 0;
}
__setup("failslab=", failslab_setup);

/* The n-th allocation of this task is to fail: is it this one? */
static bool fail_nth(void)
{
	if (in_interrupt() || current->fail_nth == 0)
		return false;
	return --current->fail_nth == 0;
}

bool should_failslab(gfp_t gfp)
{
	if (!IS_ENABLED(LANTERN_DEBUG) || (gfp & __GFP_NOFAIL))
		return false;
	if (fail_nth())
		return true;
	if (failslab.interval == 0 || failslab.times == 0 || in_interrupt() ||
	    (current->flags & PF_KTHREAD))
		return false;
	if (++failslab.count % failslab.interval)
		return false;
	failslab.seed = failslab.seed * 1664525 + 1013904223;
	if ((failslab.seed >> 16) % 100 >= failslab.probability)
		return false;
	if (failslab.times > 0)
		failslab.times--;
	return true;
}

bool should_fail_alloc_page(gfp_t gfp)
{
	return !(gfp & __GFP_NOFAIL) && fail_nth();
}
