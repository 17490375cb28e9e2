/* SPDX-License-Identifier: MIT */
/*
 * shrinker.c -- asking the owners of objects to let some go
 *
 * IDEA.  Pages stand on lists by age, and reclaim takes the oldest.  Slab
 * objects (dentries, inodes) are known only to their owners: so those register
 * two functions, and reclaim asks each to free the same share of its objects as
 * it takes from the pages: of n objects, n >> priority, weighted by what an
 * object costs to make again.  A share of less than a batch is not worth the
 * locks; it is owed, and added to the next one (nr_deferred).
 *
 * LOCKING.  shrinker_lock for the list; the functions run outside it, and
 * .busy keeps the shrinker registered meanwhile.  May sleep.
 */

#include <mm/shrinker.h>

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/spinlock.h>
#include <arch/processor.h>
#include <mm/vmstat.h>

#define DEFAULT_BATCH 128

static LIST_HEAD(shrinkers);
static DEFINE_SPINLOCK(shrinker_lock);

int register_shrinker(struct shrinker *s, const char *fmt, ...)
{
	s->busy = 0;
	s->nr_deferred = 0;
	s->name = fmt;
	spin_lock(&shrinker_lock);
	list_add_tail(&s->list, &shrinkers);
	spin_unlock(&shrinker_lock);
	return 0;
}
EXPORT_SYMBOL(register_shrinker);

void unregister_shrinker(struct shrinker *s)
{
	spin_lock(&shrinker_lock);
	while (s->busy) {
		spin_unlock(&shrinker_lock);
		cpu_relax();
		spin_lock(&shrinker_lock);
	}
	list_del(&s->list);
	spin_unlock(&shrinker_lock);
}
EXPORT_SYMBOL(unregister_shrinker);

/* How many of n objects to try at this priority, with what is owed. */
static unsigned long share_of(struct shrinker *s, unsigned long n, int priority)
{
	unsigned long owed = __atomic_exchange_n(&s->nr_deferred, 0,
						 __ATOMIC_RELAXED);
	unsigned long share = s->seeks ? (n >> priority) * 4 / s->seeks : n / 2;

	return min(share + owed, 2 * n);
}

static unsigned long run_shrinker(struct shrinker *s, gfp_t gfp, int nid,
				  int priority)
{
	struct shrink_control sc = { .gfp_mask = gfp, .nid = nid };
	unsigned long batch = s->batch ? s->batch : DEFAULT_BATCH;
	unsigned long n = s->count_objects(s, &sc), left, freed = 0;

	if (n == 0 || n == SHRINK_EMPTY)
		return 0;
	left = share_of(s, n, priority);
	while (left >= batch || left >= n) {
		unsigned long ret;

		sc.nr_to_scan = sc.nr_scanned = min(left, batch);
		ret = s->scan_objects(s, &sc);
		if (ret == SHRINK_STOP)
			break;
		freed += ret;
		count_vm_events(SLABS_SCANNED, sc.nr_scanned);
		left -= min(sc.nr_scanned, left);
		if (!left || !sc.nr_scanned)
			break;
	}
	__atomic_fetch_add(&s->nr_deferred, left, __ATOMIC_RELAXED);
	return freed;
}

unsigned long shrink_slab(gfp_t gfp, int nid, int priority)
{
	unsigned long freed = 0;
	struct shrinker *s;

	spin_lock(&shrinker_lock);
	list_for_each_entry(s, &shrinkers, list) {
		s->busy++;
		spin_unlock(&shrinker_lock);
		freed += run_shrinker(s, gfp, nid, priority);
		spin_lock(&shrinker_lock);
		s->busy--;
	}
	spin_unlock(&shrinker_lock);
	return freed;
}
EXPORT_SYMBOL(shrink_slab);
