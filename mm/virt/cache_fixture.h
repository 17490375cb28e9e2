/* SPDX-License-Identifier: MIT */
#ifndef MM_VIRT_CACHE_FIXTURE_H
#define MM_VIRT_CACHE_FIXTURE_H
/* cache_fixture.h -- a file without a file system, for self-tests */

#include <fs/fs.h>
#include <mm/backing-dev.h>
#include <mm/filemap.h>
#include <mm/slab.h>

struct fake_file {
	struct super_block sb;
	struct inode inode;
	struct backing_dev_info *bdi;
};

/* NULL: no memory.  Its pages count as dirty; nothing ever flushes them. */
static inline struct fake_file *
fake_file(const struct address_space_operations *aops, unsigned long pages)
{
	static const struct super_operations no_ops;
	struct fake_file *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return NULL;
	f->bdi = bdi_alloc(0);
	if (!f->bdi) {
		kfree(f);
		return NULL;
	}
	f->sb.s_op = &no_ops;
	f->sb.s_bdi = f->bdi;
	f->inode.i_sb = &f->sb;
	f->inode.i_mode = S_IFREG;
	f->inode.i_blkbits = PAGE_SHIFT;
	spin_lock_init(&f->inode.i_lock);
	INIT_LIST_HEAD(&f->inode.i_io_list);
	address_space_init_once(&f->inode.i_data);
	f->inode.i_mapping = &f->inode.i_data;
	f->inode.i_data.host = &f->inode;
	f->inode.i_data.a_ops = aops;
	f->inode.i_data.gfp_mask = GFP_KERNEL;
	f->inode.i_size = (loff_t)pages << PAGE_SHIFT;
	return f;
}

static inline void fake_file_free(struct fake_file *f)
{
	truncate_inode_pages_final(&f->inode.i_data);
	bdi_put(f->bdi);
	kfree(f);
}

#endif
