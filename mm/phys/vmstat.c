/* SPDX-License-Identifier: MIT */
/*
 * vmstat.c -- adding up what the CPUs have counted
 *
 * The counters lie in per-CPU memory and are changed by one add instruction
 * with the CPU's segment as its base: it cannot be torn by an interrupt, and
 * no other CPU writes there.  A page that was counted in on CPU 0 and out on
 * CPU 1 leaves +1 and -1: only the sum says something.
 *
 * A counter that reclaim decides by must not be stale for long: the sum is made
 * anew at each question, over the few CPUs that there are.  Linux keeps a
 * global number, to which each CPU adds when its own has drifted far enough:
 * cheaper to read with hundreds of CPUs, and off by a known amount.
 */

#include <mm/vmstat.h>

#include <kernel/cpumask.h>
#include <kernel/export.h>
#include <kernel/kernel.h>

DEFINE_PER_CPU(long [NR_VM_NODE_STAT_ITEMS], vm_node_stat);
DEFINE_PER_CPU(unsigned long [NR_VM_EVENT_ITEMS], vm_event_states);

static const char *const state_names[NR_VM_NODE_STAT_ITEMS] = {
	[NR_INACTIVE_ANON] = "nr_inactive_anon",
	[NR_ACTIVE_ANON] = "nr_active_anon",
	[NR_INACTIVE_FILE] = "nr_inactive_file",
	[NR_ACTIVE_FILE] = "nr_active_file",
	[NR_UNEVICTABLE] = "nr_unevictable",
	[NR_ISOLATED_ANON] = "nr_isolated_anon",
	[NR_ISOLATED_FILE] = "nr_isolated_file",
	[NR_ANON_MAPPED] = "nr_anon_pages",
	[NR_FILE_MAPPED] = "nr_mapped",
	[NR_FILE_PAGES] = "nr_file_pages",
	[NR_FILE_DIRTY] = "nr_dirty",
	[NR_WRITEBACK] = "nr_writeback",
	[NR_SHMEM] = "nr_shmem",
	[NR_SWAPCACHE] = "nr_swapcached",
	[NR_VMSCAN_WRITE] = "nr_vmscan_write",
	[NR_VMSCAN_IMMEDIATE] = "nr_vmscan_immediate_reclaim",
	[NR_DIRTIED] = "nr_dirtied",
	[NR_WRITTEN] = "nr_written",
};

static const char *const event_names[NR_VM_EVENT_ITEMS] = {
	[PGPGIN] = "pgpgin", [PGPGOUT] = "pgpgout",
	[PSWPIN] = "pswpin", [PSWPOUT] = "pswpout",
	[SWAP_RA] = "swap_ra", [SWAP_RA_HIT] = "swap_ra_hit",
	[PGALLOC] = "pgalloc", [PGFREE] = "pgfree",
	[PGACTIVATE] = "pgactivate", [PGDEACTIVATE] = "pgdeactivate",
	[PGFAULT] = "pgfault", [PGMAJFAULT] = "pgmajfault",
	[PGCOW_COPY] = "pgcow_copy", [PGCOW_REUSE] = "pgcow_reuse",
	[PGREFILL] = "pgrefill",
	[PGSTEAL_KSWAPD] = "pgsteal_kswapd",
	[PGSTEAL_DIRECT] = "pgsteal_direct",
	[PGSCAN_KSWAPD] = "pgscan_kswapd",
	[PGSCAN_DIRECT] = "pgscan_direct",
	[PGSCAN_ANON] = "pgscan_anon", [PGSCAN_FILE] = "pgscan_file",
	[PGSTEAL_ANON] = "pgsteal_anon", [PGSTEAL_FILE] = "pgsteal_file",
	[PGINODESTEAL] = "pginodesteal", [SLABS_SCANNED] = "slabs_scanned",
	[KSWAPD_INODESTEAL] = "kswapd_inodesteal",
	[KSWAPD_LOW_WMARK_HIT_QUICKLY] = "kswapd_low_wmark_hit_quickly",
	[KSWAPD_HIGH_WMARK_HIT_QUICKLY] = "kswapd_high_wmark_hit_quickly",
	[PAGEOUTRUN] = "pageoutrun", [ALLOCSTALL] = "allocstall",
	[PGROTATED] = "pgrotated",
	[DROP_PAGECACHE] = "drop_pagecache", [DROP_SLAB] = "drop_slab",
	[OOM_KILL] = "oom_kill",
	[BYTES_COPIED] = "bytes_copied",
};

unsigned long global_node_page_state(enum node_stat_item item)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(vm_node_stat, cpu)[item]);
	return sum < 0 ? 0 : sum;
}
EXPORT_SYMBOL(global_node_page_state);

u64 vm_event_count(enum vm_event_item item)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(vm_event_states, cpu)[item]);
	return sum;
}
EXPORT_SYMBOL(vm_event_count);

const char *vmstat_name(unsigned int n)
{
	if (n < NR_VM_NODE_STAT_ITEMS)
		return state_names[n];
	n -= NR_VM_NODE_STAT_ITEMS;
	return n < NR_VM_EVENT_ITEMS ? event_names[n] : NULL;
}

unsigned long vmstat_value(unsigned int n)
{
	if (n < NR_VM_NODE_STAT_ITEMS)
		return global_node_page_state(n);
	return vm_event_count(n - NR_VM_NODE_STAT_ITEMS);
}
