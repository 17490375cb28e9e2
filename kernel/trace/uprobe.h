/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TRACE_UPROBE_H
#define KERNEL_TRACE_UPROBE_H
/* uprobe.h -- what uprobe.c (hits) and uprobe_set.c (where it stands) share */

#include <kernel/uprobes.h>

#include <arch/page.h>
#include <arch/uprobe.h>
#include <kernel/refcount.h>
#include <kernel/rwsem.h>

/*
 * Field keys:  [c] constant   [P] probes_lock   [S] consumers_sem   [a] atomic
 */
struct uprobe {
	refcount_t ref;               /* [a] the table, steps, awaited returns */
	struct inode *inode;          /* [c] a consumer's file holds it */
	loff_t offset;                /* [c] */
	struct rw_semaphore consumers_sem;
	struct list_head consumers;   /* [S] */
	bool leaving;                 /* [P] set no more breakpoints */
	unsigned int slot;            /* [c] */
	struct arch_uprobe arch;      /* [c] */
};

/* Copies of the probed instructions, UPROBE_SLOT bytes each; 0: returns. */
extern u8 uprobe_slot_page[PAGE_SIZE];

/* Counted, or NULL; any context that may sleep. */
struct uprobe *find_uprobe(const struct inode *inode, loff_t offset);
void put_uprobe(struct uprobe *u);
/* Are probes set in this area?  mmap_lock held. */
bool uprobe_takes(const struct vm_area_struct *vma);
/* The byte that a program has there, or an error; mmap_lock held. */
int uprobe_read_byte(struct mm_struct *mm, unsigned long addr);

#endif
