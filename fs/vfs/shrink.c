/* SPDX-License-Identifier: MIT */
/*
 * shrink.c -- what reclaim asks of the file systems
 *
 * Unused dentries and inodes are kept for the next walk, until memory is short:
 * then reclaim asks for a share of them (mm/phys/shrinker.c).  The share is
 * divided among the volumes by what each has; dentries go first, for each holds
 * its inode, and an inode takes its pages with it.
 *
 * Reclaim runs in whoever allocates, and he may hold a file system's locks:
 * unless his allocation says __GFP_FS, nothing is done here.  A volume that is
 * being mounted or taken down (s_umount held) is passed over for the same
 * reason.
 *
 * Negative dentries (names that do not exist) are unused from the start and
 * stand on the same lists: a search path's misses cannot fill the memory.
 */

#include "internal.h"

#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/shrinker.h>
#include <mm/swap.h>
#include <mm/vmstat.h>

/* What one volume could give; READ_ONCE: the lists' locks are not held. */
static unsigned long unused_of(const struct super_block *sb)
{
	long n = READ_ONCE(sb->s_nr_dentry_unused) +
		 READ_ONCE(sb->s_nr_inode_unused);

	return n > 0 ? n : 0;
}

static void add_unused(struct super_block *sb, void *sum)
{
	*(unsigned long *)sum += unused_of(sb);
}

static unsigned long count_unused(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long n = 0;

	if (!(sc->gfp_mask & __GFP_FS))
		return 0;
	iterate_supers_trylock(add_unused, &n);
	return vfs_pressure_ratio(n);
}

/* A scan in progress: nr of `total` are asked for. */
struct volume_scan {
	unsigned long nr, total, freed;
};

static void scan_volume(struct super_block *sb, void *arg)
{
	unsigned long dentries = max(READ_ONCE(sb->s_nr_dentry_unused), 0L);
	unsigned long inodes = max(READ_ONCE(sb->s_nr_inode_unused), 0L);
	struct volume_scan *v = arg;
	unsigned long pruned;

	if (dentries)
		v->freed += prune_dcache_sb(sb, DIV_ROUND_UP(v->nr * dentries,
							     v->total));
	if (!inodes)
		return;
	pruned = prune_icache_sb(sb, DIV_ROUND_UP(v->nr * inodes, v->total));
	v->freed += pruned;
	count_vm_events(PGINODESTEAL, pruned);
}

static unsigned long scan_unused(struct shrinker *s, struct shrink_control *sc)
{
	struct volume_scan v = { .nr = sc->nr_to_scan };

	if (!(sc->gfp_mask & __GFP_FS))
		return SHRINK_STOP;
	iterate_supers_trylock(add_unused, &v.total);
	if (v.total)
		iterate_supers_trylock(scan_volume, &v);
	return v.freed;
}

static struct shrinker vfs_shrinker = {
	.count_objects = count_unused,
	.scan_objects = scan_unused,
	.seeks = DEFAULT_SEEKS,
	.batch = 1024,
};

static int __init vfs_shrink_init(void)
{
	return register_shrinker(&vfs_shrinker, "sb");
}
fs_initcall(vfs_shrink_init);
