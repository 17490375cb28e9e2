/* SPDX-License-Identifier: MIT */
#ifndef MM_VMSTAT_H
#define MM_VMSTAT_H
/*
 * vmstat.h -- how many pages are in which state, and what has happened
 *
 * Each CPU counts for itself, in one instruction; a reader adds the CPUs up.
 * So a change costs nothing and may be made in any context, a single CPU's
 * number means nothing (a page may come on one and go on another), and the sum
 * is off by no more than the changes that happen while it is being made.
 *
 * Theory: mm/phys/vmstat.c.  Any context.
 */

#include <kernel/percpu.h>
#include <mm/mmzone.h>

/* Pages by state.  The first ones in the order of enum lru_list. */
enum node_stat_item {
	NR_LRU_BASE,
	NR_INACTIVE_ANON = NR_LRU_BASE,
	NR_ACTIVE_ANON,
	NR_INACTIVE_FILE,
	NR_ACTIVE_FILE,
	NR_UNEVICTABLE,
	NR_ISOLATED_ANON,       /* taken off a list by reclaim, for now */
	NR_ISOLATED_FILE,
	NR_ANON_MAPPED,         /* anonymous pages in some page table */
	NR_FILE_MAPPED,         /* page-cache pages in some page table */
	NR_FILE_PAGES,          /* in the page cache, tmpfs included */
	NR_FILE_DIRTY,
	NR_WRITEBACK,
	NR_SHMEM,               /* of NR_FILE_PAGES: tmpfs and its like */
	NR_SWAPCACHE,
	NR_VMSCAN_WRITE,        /* since boot: written by reclaim itself */
	NR_VMSCAN_IMMEDIATE,
	NR_DIRTIED,             /* since boot */
	NR_WRITTEN,             /* since boot */
	NR_VM_NODE_STAT_ITEMS
};

/* What has happened since boot. */
enum vm_event_item {
	PGPGIN, PGPGOUT,        /* KiB from and to disks */
	PSWPIN, PSWPOUT,        /* pages from and to swap */
	SWAP_RA, SWAP_RA_HIT,   /* read ahead, and wanted then */
	PGALLOC, PGFREE,
	PGACTIVATE, PGDEACTIVATE,
	PGFAULT, PGMAJFAULT,
	PGCOW_COPY, PGCOW_REUSE,
	PGREFILL,               /* active pages looked at */
	PGSTEAL_KSWAPD, PGSTEAL_DIRECT,
	PGSCAN_KSWAPD, PGSCAN_DIRECT,
	PGSCAN_ANON, PGSCAN_FILE,
	PGSTEAL_ANON, PGSTEAL_FILE,
	PGINODESTEAL, SLABS_SCANNED, KSWAPD_INODESTEAL,
	KSWAPD_LOW_WMARK_HIT_QUICKLY, KSWAPD_HIGH_WMARK_HIT_QUICKLY,
	PAGEOUTRUN,             /* times that kswapd went to work */
	ALLOCSTALL,             /* times that an allocation had to reclaim */
	PGROTATED,
	DROP_PAGECACHE, DROP_SLAB,
	OOM_KILL,
	BYTES_COPIED,           /* between callers' memory and files, pipes, ... */
	NR_VM_EVENT_ITEMS
};

DECLARE_PER_CPU(long [NR_VM_NODE_STAT_ITEMS], vm_node_stat);
DECLARE_PER_CPU(unsigned long [NR_VM_EVENT_ITEMS], vm_event_states);

/* ---- changing ------------------------------------------------------------ */

static inline void mod_node_page_state(struct pglist_data *pgdat,
				       enum node_stat_item item, long delta)
{
	(void)pgdat;
	this_cpu_add(vm_node_stat[item], delta);
}

#define __mod_node_page_state mod_node_page_state

static inline void inc_node_page_state(struct page *page,
				       enum node_stat_item item)
{
	(void)page;
	this_cpu_inc(vm_node_stat[item]);
}

static inline void dec_node_page_state(struct page *page,
				       enum node_stat_item item)
{
	(void)page;
	this_cpu_dec(vm_node_stat[item]);
}

#define __inc_node_page_state inc_node_page_state
#define __dec_node_page_state dec_node_page_state

static inline void count_vm_event(enum vm_event_item item)
{
	this_cpu_inc(vm_event_states[item]);
}

static inline void count_vm_events(enum vm_event_item item, long n)
{
	this_cpu_add(vm_event_states[item], n);
}

#define __count_vm_event count_vm_event
#define __count_vm_events count_vm_events

/* ---- reading ------------------------------------------------------------- */

/* Never below 0, though a sum made during changes may be. */
unsigned long global_node_page_state(enum node_stat_item item);
#define node_page_state(pgdat, item) \
	((void)(pgdat), global_node_page_state(item))
u64 vm_event_count(enum vm_event_item item);
/* Names as in /proc/vmstat: of states, then of events; NULL behind them. */
const char *vmstat_name(unsigned int n);
/* The value that goes with it. */
unsigned long vmstat_value(unsigned int n);

#endif
