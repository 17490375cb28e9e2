/* SPDX-License-Identifier: MIT */
#ifndef MM_SHRINKER_H
#define MM_SHRINKER_H
/*
 * shrinker.h -- caches of objects that give memory back when it is short
 *
 *	count_objects	how many could go; 0 or SHRINK_EMPTY: none.  Quick.
 *	scan_objects	try sc->nr_to_scan of them; how many went, or SHRINK_STOP:
 *			not now (a lock is taken, gfp_mask forbids it)
 *
 * Both may sleep, and run in whoever reclaims: without __GFP_FS in sc->gfp_mask
 * the caller may hold locks of a file system.  Theory: mm/phys/shrinker.c.
 */

#include <kernel/list.h>
#include <mm/gfp.h>

struct shrink_control {
	gfp_t gfp_mask;
	int nid;
	unsigned long nr_to_scan;
	unsigned long nr_scanned;     /* scan_objects may lower it */
};

#define SHRINK_STOP (~0UL)
#define SHRINK_EMPTY (~0UL - 1)
#define DEFAULT_SEEKS 2               /* what an object costs to make again */

/* Field keys:  [c] constant   [S] shrinker_lock   [a] atomic */
struct shrinker {
	unsigned long (*count_objects)(struct shrinker *s,
				       struct shrink_control *sc); /* [c] */
	unsigned long (*scan_objects)(struct shrinker *s,
				      struct shrink_control *sc);  /* [c] */
	long batch;                   /* [c] at once; 0: 128 */
	int seeks;                    /* [c] 0: free at once */
	unsigned int flags;           /* [c] */
	const char *name;             /* [c] */
	struct list_head list;        /* [S] */
	int busy;                     /* [S] reclaimers in it now */
	long nr_deferred;             /* [a] owed from earlier rounds */
};

/* 0; may sleep.  The format is the name. */
int register_shrinker(struct shrinker *s, const char *fmt, ...)
	__printf(2, 3);
void unregister_shrinker(struct shrinker *s);
/*
 * Ask each for about 1/2^priority of what it has (priority 12 .. 0: all);
 * objects freed.  May sleep.
 */
unsigned long shrink_slab(gfp_t gfp, int nid, int priority);

#endif
