/* SPDX-License-Identifier: MIT */
#ifndef MM_PHYS_SLAB_IMPL_H
#define MM_PHYS_SLAB_IMPL_H
/* slab_impl.h -- what slab.c, slab_debug.c and slab_info.c share */

#include <kernel/spinlock.h>
#include <kernel/threads.h>
#include <mm/mmzone.h>
#include <mm/slab.h>

/*
 * Objects that one CPU keeps at hand: a stack.  Only that CPU, irqs off.
 * An array fills one object of 512 bytes.
 */
struct array_cache {
	u32 avail;            /* objects in entry[] */
	u32 limit;            /* at most this many */
	u32 batch;            /* moved to or from the slabs at once */
	u32 touched;          /* used since the last reap */
	unsigned long allocs, frees;
	void *entry[];
};

#define ARRAY_CACHE_BYTES 512
#define ARRAY_CACHE_MAX \
	((ARRAY_CACHE_BYTES - sizeof(struct array_cache)) / sizeof(void *))

/* The slabs of a cache, by how full they are. */
struct kmem_cache_node {
	spinlock_t lock;      /* irq-safe; innermost */
	struct list_head partial, full, free;
	unsigned long nr_slabs, nr_free_slabs;
	unsigned long free_objects; /* in slabs, not in arrays */
	unsigned int colour_next;
	unsigned long slow_allocs, slow_frees; /* past the arrays */
	struct array_cache *shared; /* between the CPUs' arrays, or NULL */
};

/*
 * Field keys:  [c] constant after creation   [n] .node.lock
 *              [i] that CPU only, irqs off    [G] slab_lock
 */
struct kmem_cache {
	struct array_cache *cpu[NR_CPUS]; /* [i] made at first use */
	u32 size;             /* [c] distance of objects */
	u32 recip;            /* [c] 2^32 / size, rounded up */
	u32 object_size;      /* [c] what the owner may use */
	u32 flags;            /* [c] SLAB_* */
	u32 num;              /* [c] objects in a slab */
	u32 order;            /* [c] pages in a slab, log 2 */
	u32 align;            /* [c] */
	u32 colours;          /* [c] different places for the first object */
	u32 colour_off;       /* [c] bytes between them */
	u32 limit, batch;     /* [c] of the arrays */
	bool off_slab;        /* [c] the index list lies elsewhere */
	bool no_arrays;       /* [c] serves the arrays themselves */
	void (*ctor)(void *); /* [c] */
	struct kmem_cache_node node; /* [n] */
	unsigned long errors; /* atomic */
	struct list_head list; /* [G] in slab_caches */
	char name[32];        /* [c] */
};

extern struct kmem_cache *const slab_array_cache; /* of array_cache */
extern struct list_head slab_caches;
extern spinlock_t slab_lock;    /* the list of caches */
extern unsigned long slab_pages; /* atomic */

/* The number of the object that begins at obj, by reciprocal. */
static inline unsigned int obj_index(const struct kmem_cache *c,
				     const struct page *slab, const void *obj)
{
	u64 off = (unsigned long)obj - (unsigned long)slab->s_mem;

	return off * c->recip >> 32;
}

static inline void *index_obj(const struct kmem_cache *c,
			      const struct page *slab, unsigned int i)
{
	return (char *)slab->s_mem + (size_t)c->size * i;
}

/* slab_layout.c: 0, or -EINVAL: too large.  align: at least that. */
int slab_cache_init(struct kmem_cache *c, const char *name, u32 size,
		    u32 align, u32 flags, void (*ctor)(void *));
/* Bytes in front of the objects if n of them are in a slab. */
size_t slab_index_bytes(const struct kmem_cache *c, unsigned int n);
/* Empty this CPU's array of c (all of it, or what reap thinks). Irqs off. */
void slab_drain_local(struct kmem_cache *c);
/* Put one object into its slab; node.lock held. */
void put_into_slab(struct kmem_cache *c, void *obj);
/* slab_shared.c: node.lock held, but for shared_drain. */
bool slab_wants_shared(const struct kmem_cache *c);
/* Irqs off; takes node.lock. */
void slab_make_shared(struct kmem_cache *c);
u32 shared_take(struct kmem_cache *c, void **p, u32 n);
u32 shared_give(struct kmem_cache *c, void **p, u32 n);
/* All of it to the slabs, or only if it lies idle.  Any context. */
void shared_drain(struct kmem_cache *c, bool only_idle);
/* Give up to n free slabs back; pages freed.  Any context. */
unsigned long slab_free_empty(struct kmem_cache *c, unsigned long n);

/* slab_debug.c: all of them cost nothing for a cache without debug flags. */
#define SLAB_DEBUG_FLAGS (SLAB_POISON | SLAB_RED_ZONE | SLAB_STORE_USER)
#define slab_debugged(c) unlikely((c)->flags & SLAB_DEBUG_FLAGS)

/* Which checks a new cache gets, and how many bytes an object then takes. */
u32 slab_debug_flags(u32 flags, u32 object_size, u32 align, bool has_ctor);
u32 slab_debug_size(u32 flags, u32 object_size);
void slab_debug_new(struct kmem_cache *c, void *obj);
void slab_debug_alloc(struct kmem_cache *c, void *obj, void *caller);
/* False: it must not be freed (again). */
bool slab_debug_free(struct kmem_cache *c, void *obj, void *caller);
void slab_error(struct kmem_cache *c, const void *obj, const char *what);

#endif
