/* SPDX-License-Identifier: MIT */
/*
 * shmem_anon.c -- memory that parent and child share: MAP_SHARED|MAP_ANONYMOUS
 *
 * Such an area is backed by an object with no name: an address_space without an
 * inode, whose pages come into being zeroed when they are touched.  The areas
 * that show it (the first one, and those that fork, split or mremap made of it)
 * hold a reference each; with the last of them the pages go.
 *
 * The object keeps the size that it was made with: an area that mremap() made
 * longer gets SIGBUS beyond it, as on Linux.
 */

#include <kernel/export.h>
#include <kernel/refcount.h>
#include <mm/filemap.h>
#include <mm/slab.h>

#include "internal.h"

struct shared_object {
	refcount_t count;             /* areas that show it */
	unsigned long pages;          /* constant: its size */
	bool accounted;               /* constant: promised (no NORESERVE) */
	struct address_space mapping;
	struct rcu_head rcu;          /* a futex looks for its sequence so */
};

static void object_put(struct shared_object *obj)
{
	if (!refcount_dec_and_test(&obj->count))
		return;
	truncate_inode_pages_final(&obj->mapping);
	if (obj->accounted)
		vm_unacct_memory(obj->pages);
	kfree_rcu(obj, rcu);
}

static void shmem_anon_open(struct vm_area_struct *vma)
{
	struct shared_object *obj = vma->vm_private_data;

	refcount_inc(&obj->count);
}

static void shmem_anon_close(struct vm_area_struct *vma)
{
	object_put(vma->vm_private_data);
}

static vm_fault_t shmem_anon_fault(struct vm_fault *vmf)
{
	struct shared_object *obj = vmf->vma->vm_private_data;
	struct page *page;

	if (vmf->pgoff >= obj->pages)
		return VM_FAULT_SIGBUS;
	page = find_or_create_page(&obj->mapping, vmf->pgoff,
				   GFP_HIGHUSER_MOVABLE);
	if (!page)
		return VM_FAULT_OOM;
	if (!PageUptodate(page)) {
		clear_highpage(page);
		SetPageUptodate(page);
	}
	vmf->page = page;
	return VM_FAULT_LOCKED;
}

static const char *shmem_anon_name(struct vm_area_struct *vma)
{
	(void)vma;
	return "/dev/zero (deleted)";
}

static const struct vm_operations_struct shmem_anon_ops = {
	.open = shmem_anon_open,
	.close = shmem_anon_close,
	.fault = shmem_anon_fault,
	.name = shmem_anon_name,
};

static const struct address_space_operations shmem_anon_aops = {
	.dirty_folio = noop_dirty_folio,
};

static void init_mapping(struct address_space *mapping)
{
	mapping->sequence = mapping_new_sequence();
	xa_init(&mapping->i_pages);
	init_rwsem(&mapping->invalidate_lock);
	init_rwsem(&mapping->i_mmap_rwsem);
	mapping->i_mmap = RB_ROOT;
	INIT_LIST_HEAD(&mapping->private_list);
	mapping->a_ops = &shmem_anon_aops;
	mapping->gfp_mask = GFP_HIGHUSER_MOVABLE;
	set_bit(AS_SWAPBACKED, &mapping->flags);
}

/* Give a new shared anonymous area its object: 0 or -ENOMEM. */
int shmem_zero_setup(struct vm_area_struct *vma)
{
	struct shared_object *obj = kzalloc(sizeof(*obj), GFP_KERNEL);

	if (!obj)
		return -ENOMEM;
	refcount_set(&obj->count, 1);
	obj->pages = vma_pages(vma);
	obj->accounted = !(vma->vm_flags & VM_NORESERVE);
	if (obj->accounted && vm_enough_memory(obj->pages)) {
		kfree(obj);
		return -ENOMEM;
	}
	init_mapping(&obj->mapping);
	vma->vm_private_data = obj;
	vma->vm_ops = &shmem_anon_ops;
	return 0;
}

struct address_space *shmem_anon_mapping(struct vm_area_struct *vma)
{
	struct shared_object *obj = vma->vm_private_data;

	return &obj->mapping;
}

bool vma_is_shmem_anon(const struct vm_area_struct *vma)
{
	return vma->vm_ops == &shmem_anon_ops;
}
