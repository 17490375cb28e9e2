/* SPDX-License-Identifier: MIT */
/*
 * memory.c -- meminfo, buddyinfo, zoneinfo, slabinfo, vmallocinfo, vmstat
 *
 * SEE proc(5); free(1) adds MemFree, Buffers, Cached and SReclaimable.
 */

#include "internal.h"

#include <fs/buffer_head.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/mm.h>
#include <mm/mmzone.h>
#include <mm/slab.h>
#include <mm/swap.h>
#include <mm/vmalloc.h>
#include <mm/vmstat.h>

#define KB(pages) ((pages) << (PAGE_SHIFT - 10))

static void show_kb(struct seq_file *m, const char *name, unsigned long pages)
{
	seq_printf(m, "%-15s %8lu kB\n", name, KB(pages));
}

static unsigned long count_page_tables(void)
{
	unsigned long bytes = 0;
	struct task_struct *p;

	rcu_read_lock();
	for_each_process(p) {
		task_lock(p);
		if (p->mm)
			bytes += mm_pgtables_bytes(p->mm);
		task_unlock(p);
	}
	rcu_read_unlock();
	return bytes >> PAGE_SHIFT;
}

#define state(item) global_node_page_state(item)

static int show_meminfo(struct seq_file *m, void *v)
{
	unsigned long anon = nr_anon_pages(), shmem = nr_shmem_pages();
	unsigned long buffers = nr_blockdev_pages();
	unsigned long files = nr_file_pages();
	unsigned long reclaimable = slab_nr_reclaimable_pages();
	unsigned long slab = slab_nr_pages();

	lru_add_drain_all();
	show_kb(m, "MemTotal:", totalram_pages());
	show_kb(m, "MemFree:", nr_free_pages());
	show_kb(m, "MemAvailable:", nr_free_pages() + reclaimable +
		files - shmem);
	show_kb(m, "Buffers:", buffers);
	show_kb(m, "Cached:", files > buffers + state(NR_SWAPCACHE) ?
		files - buffers - state(NR_SWAPCACHE) : 0);
	show_kb(m, "SwapCached:", state(NR_SWAPCACHE));
	show_kb(m, "Active:", state(NR_ACTIVE_ANON) + state(NR_ACTIVE_FILE));
	show_kb(m, "Inactive:", state(NR_INACTIVE_ANON) +
		state(NR_INACTIVE_FILE));
	show_kb(m, "Active(anon):", state(NR_ACTIVE_ANON));
	show_kb(m, "Inactive(anon):", state(NR_INACTIVE_ANON));
	show_kb(m, "Active(file):", state(NR_ACTIVE_FILE));
	show_kb(m, "Inactive(file):", state(NR_INACTIVE_FILE));
	show_kb(m, "Unevictable:", state(NR_UNEVICTABLE));
	show_kb(m, "SwapTotal:", total_swap_pages);
	show_kb(m, "SwapFree:", get_nr_swap_pages());
	show_kb(m, "Dirty:", state(NR_FILE_DIRTY));
	show_kb(m, "Writeback:", state(NR_WRITEBACK));
	show_kb(m, "AnonPages:", anon);
	show_kb(m, "Mapped:", nr_mapped_pages());
	show_kb(m, "Shmem:", shmem);
	show_kb(m, "Slab:", slab);
	show_kb(m, "SReclaimable:", reclaimable);
	show_kb(m, "SUnreclaim:", slab - reclaimable);
	show_kb(m, "KernelStack:", nr_threads * (THREAD_SIZE / PAGE_SIZE));
	show_kb(m, "PageTables:", count_page_tables());
	show_kb(m, "CommitLimit:", vm_commit_limit());
	show_kb(m, "Committed_AS:", vm_memory_committed());
	seq_printf(m, "VmallocTotal:   %8lu kB\n",
		   (VMALLOC_END - VMALLOC_START) >> 10);
	show_kb(m, "VmallocUsed:", vmalloc_nr_pages());
	return 0;
}

static int show_buddyinfo(struct seq_file *m, void *v)
{
	struct zone *zone;
	unsigned long flags;

	for_each_populated_zone(zone) {
		seq_printf(m, "Node %d, zone %8s ", zone->node, zone->name);
		spin_lock_irqsave(&zone->lock, flags);
		for (int order = 0; order <= MAX_ORDER; order++)
			seq_printf(m, "%6lu ", zone->free_area[order].nr_free);
		spin_unlock_irqrestore(&zone->lock, flags);
		seq_putc(m, '\n');
	}
	return 0;
}

/*
 * Linux sorts blocks by whether their pages can be moved.  Nothing here moves
 * pages to make blocks, so all of them are of the one kind that stays.
 */
static int show_pagetypeinfo(struct seq_file *m, void *v)
{
	struct zone *zone;
	unsigned long flags;

	seq_printf(m, "Page block order: %d\nPages per block:  %lu\n\n",
		   MAX_ORDER, 1UL << MAX_ORDER);
	seq_printf(m, "%-43s ", "Free pages count per migrate type at order");
	for (int order = 0; order <= MAX_ORDER; order++)
		seq_printf(m, "%6d ", order);
	seq_putc(m, '\n');
	for_each_populated_zone(zone) {
		seq_printf(m, "Node %4d, zone %8s, type %12s ", zone->node,
			   zone->name, "Unmovable");
		spin_lock_irqsave(&zone->lock, flags);
		for (int order = 0; order <= MAX_ORDER; order++)
			seq_printf(m, "%6lu ", zone->free_area[order].nr_free);
		spin_unlock_irqrestore(&zone->lock, flags);
		seq_putc(m, '\n');
	}
	seq_printf(m, "\n%-23s %12s \n", "Number of blocks type", "Unmovable");
	for_each_populated_zone(zone)
		seq_printf(m, "Node %d, zone %8s %12lu \n", zone->node,
			   zone->name, DIV_ROUND_UP(zone->spanned_pages,
						    1UL << MAX_ORDER));
	return 0;
}

/* The node's counts, under its first zone as on Linux. */
static void show_node_states(struct seq_file *m)
{
	unsigned int n;

	seq_puts(m, "  per-node stats");
	for (n = 0; n < NR_VM_NODE_STAT_ITEMS; n++)
		seq_printf(m, "\n      %-12s %lu", vmstat_name(n),
			   vmstat_value(n));
	seq_putc(m, '\n');
}

static int show_zoneinfo(struct seq_file *m, void *v)
{
	struct zone *zone;
	bool first = true;

	for_each_populated_zone(zone) {
		seq_printf(m, "Node %d, zone %8s\n", zone->node, zone->name);
		if (first)
			show_node_states(m);
		first = false;
		seq_printf(m, "  pages free     %lu\n", zone->nr_free_pages);
		seq_printf(m, "        min      %lu\n", min_wmark_pages(zone));
		seq_printf(m, "        low      %lu\n", low_wmark_pages(zone));
		seq_printf(m, "        high     %lu\n", high_wmark_pages(zone));
		seq_printf(m, "        spanned  %lu\n", zone->spanned_pages);
		seq_printf(m, "        present  %lu\n", zone->present_pages);
		seq_printf(m, "        managed  %lu\n", zone->managed_pages);
		seq_puts(m, "        protection: (");
		for (int i = 0; i < MAX_NR_ZONES; i++)
			seq_printf(m, "%s%lu", i ? ", " : "",
				   zone->lowmem_reserve[i]);
		seq_printf(m, ")\n  start_pfn:           %lu\n",
			   zone->zone_start_pfn);
	}
	return 0;
}

static int show_one_cache(const struct slabinfo *s, void *arg)
{
	seq_printf(arg, "%-17s %6lu %6lu %6u %4u %4d : tunables %4u %4u %4u"
		   " : slabdata %6lu %6lu %6lu\n", s->name, s->active_objs,
		   s->num_objs, s->objsize, s->objperslab,
		   (int)s->pagesperslab, s->limit, s->batchcount, s->shared,
		   s->active_slabs, s->num_slabs, s->shared_avail);
	return 0;
}

static int show_slabinfo(struct seq_file *m, void *v)
{
	seq_puts(m, "slabinfo - version: 2.1\n# name            <active_objs> "
		 "<num_objs> <objsize> <objperslab> <pagesperslab> : tunables "
		 "<limit> <batchcount> <sharedfactor> : slabdata "
		 "<active_slabs> <num_slabs> <sharedavail>\n");
	return slabinfo_for_each(show_one_cache, m);
}

static void show_area(const struct vm_struct *area, void *arg)
{
	struct seq_file *m = arg;

	seq_printf(m, "0x%016lx-0x%016lx %7lu %pS", (unsigned long)area->addr,
		   (unsigned long)area->addr + area->size, area->size,
		   area->caller);
	if (area->nr_pages)
		seq_printf(m, " pages=%u", area->nr_pages);
	if (area->phys_addr)
		seq_printf(m, " phys=0x%lx ioremap", area->phys_addr);
	seq_putc(m, '\n');
}

static int show_vmallocinfo(struct seq_file *m, void *v)
{
	vmalloc_for_each(show_area, m);
	return 0;
}

static int show_vmstat(struct seq_file *m, void *v)
{
	const char *name;
	unsigned int n;

	seq_printf(m, "nr_free_pages %lu\n", nr_free_pages());
	seq_printf(m, "nr_slab_reclaimable %lu\n", slab_nr_reclaimable_pages());
	seq_printf(m, "nr_slab_unreclaimable %lu\n",
		   slab_nr_pages() - slab_nr_reclaimable_pages());
	for (n = 0; (name = vmstat_name(n)); n++)
		seq_printf(m, "%s %lu\n", name, vmstat_value(n));
	return 0;
}

static int memory_files_init(void)
{
	proc_create_single("meminfo", 0, NULL, show_meminfo);
	proc_create_single("buddyinfo", 0, NULL, show_buddyinfo);
	proc_create_single("pagetypeinfo", 0400, NULL, show_pagetypeinfo);
	proc_create_single("zoneinfo", 0, NULL, show_zoneinfo);
	proc_create_single("slabinfo", 0400, NULL, show_slabinfo);
	proc_create_single("vmallocinfo", 0400, NULL, show_vmallocinfo);
	proc_create_single("vmstat", 0, NULL, show_vmstat);
	return 0;
}
fs_initcall(memory_files_init);
