/* SPDX-License-Identifier: MIT */
/*
 * fsync_buffers.c -- f_op->fsync of file systems whose metadata is in buffers
 *
 * fdatasync() may leave out what a reader of the data does not need: an inode
 * of which only the times changed (I_DIRTY_SYNC) is not written.  A new size,
 * or a new block, is I_DIRTY_DATASYNC, and is.  The blocks that lead to the
 * data (indirect blocks) are on the mapping's private_list: see buffer_dev.c.
 */

#include <fs/buffer_head.h>

#include <drivers/blkdev.h>
#include <kernel/export.h>
#include <mm/filemap.h>
#include <mm/writeback.h>

/* Is the inode itself to be written? */
static bool inode_matters(const struct inode *inode, int datasync)
{
	unsigned state = READ_ONCE(inode->i_state);

	return state & (datasync ? I_DIRTY_DATASYNC : I_DIRTY_INODE);
}

int __generic_file_fsync(struct file *file, loff_t start, loff_t end,
			 int datasync)
{
	struct inode *inode = file->f_mapping->host;
	int ret, err;

	ret = file_write_and_wait_range(file, start, end);
	inode_lock(inode);
	err = sync_mapping_buffers(inode->i_mapping);
	if (!err && inode_matters(inode, datasync))
		err = sync_inode_metadata(inode, 1);
	inode_unlock(inode);
	if (!ret)
		ret = err;
	/* What the metadata's writes met counts as this file's too. */
	err = file_check_and_advance_wb_err(file);
	return ret ? ret : err;
}
EXPORT_SYMBOL(__generic_file_fsync);

int generic_buffers_fsync(struct file *file, loff_t start, loff_t end,
			  bool datasync)
{
	struct inode *inode = file->f_mapping->host;
	int err = __generic_file_fsync(file, start, end, datasync), err2;

	/* Even after an error: what did get out shall be safe. */
	err2 = blkdev_issue_flush(inode->i_sb->s_bdev);
	return err ? err : err2;
}
EXPORT_SYMBOL(generic_buffers_fsync);
