/* SPDX-License-Identifier: MIT */
/*
 * uprobe_set.c -- a breakpoint in every mapping of a file's byte
 *
 * IDEA.  A probe belongs to a file's byte: (inode, offset).  The byte in the
 * page cache stays what it is; each address space that maps it gets a copy of
 * the page, as a debugger's breakpoint would, with int3 in it.  Who maps it now
 * is in the file's i_mmap; who maps it later tells uprobe_mmap(); a child
 * inherits the copy with all else.
 *
 *	file      55 48 89 e5 ..        one, untouched
 *	process A cc 48 89 e5 ..        its own page
 *	process B cc 48 89 e5 ..        its own page
 *
 * INVARIANTS:
 *   I1  A probe that has consumers stands in every private mapping that may be
 *       executed and not written to; one that has none stands nowhere.
 *   I2  A page that lost its last breakpoint is the file's again.
 *
 * LOCKING.  trace_mutex (the callers') for making and removing; probes_lock for
 * the table; mmap_lock outside of all but trace_mutex.
 *
 * RACES.  fork copies an area while probes are set:
 *
 *	uprobe_register                 fork, parent's mmap_lock held
 *	look: parent's areas      [a]
 *	                                child's area enters i_mmap   [b]
 *	                                copy entries, without int3
 *	set int3 in the parent    [c]
 *
 * [c] waits for fork's lock, and [b] came before it.  Whenever int3 was set
 * somewhere, look again: then the child is found.
 *
 * NOT DONE.  madvise(MADV_DONTNEED) on text drops the copy, and the breakpoint
 * with it, as on Linux; mprotect sets none.
 *
 * SEE docs/100-uprobes.md
 */

#include "uprobe.h"

#include "trace.h"

#include <fs/file.h>
#include <kernel/err.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include <mm/pagemap.h>
#include <mm/slab.h>

#define SLOTS (PAGE_SIZE / UPROBE_SLOT)

u8 uprobe_slot_page[PAGE_SIZE] __aligned(PAGE_SIZE);

static DEFINE_SPINLOCK(probes_lock);
static struct uprobe *probes[SLOTS];            /* [P] by slot */
static unsigned int nr_probes;                  /* [P] */
static bool slot_used[SLOTS] = { true };        /* [P] */

/* ---- probes ------------------------------------------------------------- */

struct uprobe *find_uprobe(const struct inode *inode, loff_t offset)
{
	struct uprobe *found = NULL;

	spin_lock(&probes_lock);
	for (unsigned int i = 1; i < SLOTS && !found; i++)
		if (probes[i] && probes[i]->inode == inode &&
		    probes[i]->offset == offset)
			found = probes[i];
	if (found)
		refcount_inc(&found->ref);
	spin_unlock(&probes_lock);
	return found;
}

void put_uprobe(struct uprobe *u)
{
	if (!refcount_dec_and_test(&u->ref))
		return;
	spin_lock(&probes_lock);
	slot_used[u->slot] = false;                                /* uprobe.c: I1 */
	spin_unlock(&probes_lock);
	kfree(u);
}

static int take_slot(struct uprobe *u)
{
	int err = -ENOSPC;

	spin_lock(&probes_lock);
	for (unsigned int i = 1; i < SLOTS && err; i++)
		if (!slot_used[i]) {
			slot_used[i] = true;
			u->slot = i;
			err = 0;
		}
	spin_unlock(&probes_lock);
	return err;
}

/* What stands in the file there; -EINVAL if nothing does. */
static int read_insn(struct file *file, loff_t offset, struct uprobe *u)
{
	loff_t pos = offset;
	ssize_t n;

	if (offset < 0 || offset >= i_size_read(file_inode(file)))
		return -EINVAL;
	n = kernel_read(file, u->arch.insn, sizeof(u->arch.insn), &pos);
	if (n <= 0)
		return n ? n : -EINVAL;
	if (u->arch.insn[0] == UPROBE_BREAKPOINT)
		return -EOPNOTSUPP;
	return arch_uprobe_analyze(&u->arch);
}

static struct uprobe *make_uprobe(struct file *file, loff_t offset)
{
	struct uprobe *u = kzalloc(sizeof(*u), GFP_KERNEL);
	int err;

	if (!u)
		return ERR_PTR(-ENOMEM);
	err = read_insn(file, offset, u);
	if (!err)
		err = take_slot(u);
	if (err) {
		kfree(u);
		return ERR_PTR(err);
	}
	memset(uprobe_slot_page, UPROBE_BREAKPOINT, UPROBE_SLOT);
	arch_uprobe_fill_slot(&u->arch, uprobe_slot_page +
			      u->slot * UPROBE_SLOT);
	refcount_set(&u->ref, 1);
	init_rwsem(&u->consumers_sem);
	INIT_LIST_HEAD(&u->consumers);
	u->inode = file_inode(file);
	u->offset = offset;
	spin_lock(&probes_lock);
	probes[u->slot] = u;
	nr_probes++;
	spin_unlock(&probes_lock);
	return u;
}

/* ---- the byte in an address space --------------------------------------- */

/* Are probes set in this area?  I1 */
bool uprobe_takes(const struct vm_area_struct *vma)
{
	return vma->vm_file && (vma->vm_flags & (VM_WRITE | VM_MAYEXEC |
						 VM_MAYSHARE)) == VM_MAYEXEC;
}

/* The byte's page, pinned; mmap_lock held. */
static struct page *pin(struct mm_struct *mm, unsigned long addr,
			unsigned int flags)
{
	struct page *page;
	long n = get_user_pages_remote(mm, addr, 1, flags | FOLL_FORCE, &page);

	return n == 1 ? page : ERR_PTR(n < 0 ? n : -EFAULT);
}

int uprobe_read_byte(struct mm_struct *mm, unsigned long addr)
{
	struct page *page = pin(mm, addr, 0);
	int byte;

	if (IS_ERR(page))
		return PTR_ERR(page);
	byte = *((u8 *)page_address(page) + offset_in_page(addr));
	put_page(page);
	return byte;
}

/* One store: other threads see the old byte or the new one. */
static int write_byte(struct mm_struct *mm, unsigned long addr, u8 byte)
{
	struct page *page = pin(mm, addr, FOLL_WRITE);

	if (IS_ERR(page))
		return PTR_ERR(page);
	WRITE_ONCE(*((u8 *)page_address(page) + offset_in_page(addr)), byte);
	put_page(page);
	return 0;
}

/* The copy says what the file says: it is not needed.  I2 */
static void drop_equal_page(struct vm_area_struct *vma, unsigned long addr)
{
	unsigned long start = addr & PAGE_MASK;
	struct page *copy, *cached;
	bool equal;

	cached = find_get_page(vma->vm_file->f_mapping, vma->vm_pgoff +
			       ((start - vma->vm_start) >> PAGE_SHIFT));
	if (!cached)
		return;
	copy = pin(vma->vm_mm, addr, 0);
	if (!IS_ERR(copy)) {
		equal = PageUptodate(cached) && copy != cached &&
			!memcmp(page_address(copy), page_address(cached),
				PAGE_SIZE);
		put_page(copy);
		if (equal)
			zap_page_range(vma, start, PAGE_SIZE);
	}
	put_page(cached);
}

/* mmap_lock for writing.  1: changed; 0: nothing to do; or why not. */
static int set_or_clear(struct vm_area_struct *vma, unsigned long addr,
			const struct uprobe *u, bool set)
{
	struct mm_struct *mm = vma->vm_mm;
	int byte = uprobe_read_byte(mm, addr), err;

	if (set)
		mm->has_uprobes = true;
	if (byte < 0 || (byte == UPROBE_BREAKPOINT) == set)
		return byte < 0 ? byte : 0;
	err = write_byte(mm, addr, set ? UPROBE_BREAKPOINT : u->arch.insn[0]);
	if (err)
		return err;
	if (!set)
		drop_equal_page(vma, addr);
	return 1;
}

static unsigned long address_in(const struct vm_area_struct *vma, loff_t offset)
{
	return vma->vm_start + offset - ((loff_t)vma->vm_pgoff << PAGE_SHIFT);
}

/* The probe of that slot, counted, if it stands in this area; else NULL. */
static struct uprobe *probe_in(unsigned int slot,
			       const struct vm_area_struct *vma)
{
	struct uprobe *u;

	spin_lock(&probes_lock);
	u = probes[slot];
	if (u && (u->leaving || u->inode != file_inode(vma->vm_file) ||
		  address_in(vma, u->offset) - vma->vm_start >=
		  vma->vm_end - vma->vm_start))
		u = NULL;
	if (u)
		refcount_inc(&u->ref);
	spin_unlock(&probes_lock);
	return u;
}

void uprobe_mmap(struct vm_area_struct *vma)
{
	struct uprobe *u;

	if (!READ_ONCE(nr_probes) || !uprobe_takes(vma))
		return;
	for (unsigned int i = 1; i < SLOTS; i++) {
		u = probe_in(i, vma);
		if (!u)
			continue;
		set_or_clear(vma, address_in(vma, u->offset), u, true);
		put_uprobe(u);
	}
}

/* ---- all address spaces that map it ------------------------------------- */

struct place {
	struct mm_struct *mm;         /* counted */
	unsigned long addr;
};

/* Up to `room` of them, and how many there are. */
static unsigned int collect(const struct uprobe *u, struct place *to,
			    unsigned int room)
{
	struct address_space *mapping = u->inode->i_mapping;
	unsigned long index = u->offset >> PAGE_SHIFT;
	struct interval_tree_node *n;
	unsigned int count = 0;

	down_read(&mapping->i_mmap_rwsem);
	interval_tree_for_each(n, &mapping->i_mmap, index, index) {
		struct vm_area_struct *vma = container_of(n,
					struct vm_area_struct, i_mmap_node);

		if (!uprobe_takes(vma))
			continue;
		if (count < room && mmget_not_zero(vma->vm_mm)) {
			to[count].mm = vma->vm_mm;
			to[count].addr = address_in(vma, u->offset);
			count++;
		} else if (count >= room) {
			count++;
		}
	}
	up_read(&mapping->i_mmap_rwsem);
	return count;
}

/* As set_or_clear(), if the area is still there. */
static int change_place(const struct place *p, const struct uprobe *u, bool set)
{
	struct vm_area_struct *vma;
	int done = 0;

	mmap_write_lock(p->mm);
	vma = vma_lookup(p->mm, p->addr);
	if (vma && uprobe_takes(vma) && file_inode(vma->vm_file) == u->inode &&
	    address_in(vma, u->offset) == p->addr)
		done = set_or_clear(vma, p->addr, u, set);
	mmap_write_unlock(p->mm);
	return done;
}

/* One look at all: 1 if something was changed, 0, or an error. */
static int change_all(const struct uprobe *u, bool set)
{
	unsigned int room = 16, count;
	struct place *places;
	int done = 0;

	for (;;) {
		places = kmalloc_array(room, sizeof(*places), GFP_KERNEL);
		if (!places)
			return -ENOMEM;
		count = collect(u, places, room);
		if (count <= room)
			break;
		for (unsigned int i = 0; i < room; i++)
			mmput(places[i].mm);
		kfree(places);
		room = count + 16;
	}
	for (unsigned int i = 0; i < count; i++) {
		int err = change_place(&places[i], u, set);

		/* A space that has no room for a copy goes without. */
		if (err > 0)
			done = 1;
		mmput(places[i].mm);
	}
	kfree(places);
	return done;
}

/* Look again until nothing changes: see RACES. */
static int change_until_still(const struct uprobe *u, bool set)
{
	int err;

	do {
		err = change_all(u, set);
		cond_resched();
	} while (err > 0);
	return err;
}

static void remove_uprobe(struct uprobe *u)
{
	spin_lock(&probes_lock);
	u->leaving = true;
	spin_unlock(&probes_lock);
	while (change_until_still(u, false) == -ENOMEM)
		schedule_timeout_uninterruptible(1);
	spin_lock(&probes_lock);
	probes[u->slot] = NULL;
	nr_probes--;
	spin_unlock(&probes_lock);
	put_uprobe(u);
}

int uprobe_register(struct file *file, loff_t offset,
		    struct uprobe_consumer *uc)
{
	struct uprobe *u = find_uprobe(file_inode(file), offset);
	int err = 0;

	if (!u) {
		u = make_uprobe(file, offset);
		if (IS_ERR(u))
			return PTR_ERR(u);
		refcount_inc(&u->ref);
	}
	down_write(&u->consumers_sem);
	list_add_tail(&uc->list, &u->consumers);
	up_write(&u->consumers_sem);
	err = change_until_still(u, true);
	put_uprobe(u);
	if (err)
		uprobe_unregister(file, offset, uc);
	return err;
}

void uprobe_unregister(struct file *file, loff_t offset,
		       struct uprobe_consumer *uc)
{
	struct uprobe *u = find_uprobe(file_inode(file), offset);
	bool last;

	if (!u)
		return;
	down_write(&u->consumers_sem);
	list_del(&uc->list);
	last = list_empty(&u->consumers);
	up_write(&u->consumers_sem);
	if (last)
		remove_uprobe(u);
	put_uprobe(u);
}
