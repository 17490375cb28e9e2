/* SPDX-License-Identifier: MIT */
/*
 * symlink.c -- symbolic links
 *
 * IDEA.  A text of up to 59 bytes stands in the inode, where the block pointers
 * would be, and i_link points at it.  A longer one has a block of its own; it
 * is copied on first use, and i_link then points at the copy, so that the next
 * walk need not sleep.  The copy is freed with the inode, after a grace period.
 */

#include "ext2.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

/* The text of a new, slow link. */
int ext2_write_symlink(struct inode *inode, const char *text, u32 len)
{
	struct ext2_mapping map;
	struct buffer_head *bh;
	int err = ext2_map_blocks(inode, 0, 1, true, &map);

	if (err)
		return err;
	bh = sb_getblk(inode->i_sb, map.block);
	if (!bh)
		return -ENOMEM;
	lock_buffer(bh);
	memset(bh->b_data, 0, bh->b_size);
	memcpy(bh->b_data, text, len);
	set_buffer_uptodate(bh);
	unlock_buffer(bh);
	mark_buffer_dirty_inode(bh, inode);
	brelse(bh);
	i_size_write(inode, len);
	return 0;
}

static char *read_text(struct inode *inode)
{
	struct ext2_mapping map;
	struct buffer_head *bh;
	char *text;
	int err = ext2_map_blocks(inode, 0, 1, false, &map);

	if (!err && !map.block) {
		ext2_error(inode->i_sb, "ext2_get_link", "inode %lu: no text",
			   (unsigned long)inode->i_ino);
		err = -EFSCORRUPTED;
	}
	if (err)
		return ERR_PTR(err);
	bh = sb_bread(inode->i_sb, map.block);
	if (!bh)
		return ERR_PTR(-EIO);
	text = kstrndup(bh->b_data, min((size_t)inode->i_size, bh->b_size - 1),
			GFP_KERNEL);
	brelse(bh);
	return text ? text : ERR_PTR(-ENOMEM);
}

static const char *ext2_get_link(struct dentry *dentry, struct inode *inode,
				 struct delayed_call *done)
{
	char *text = READ_ONCE(inode->i_link);

	if (text)
		return text;
	if (!dentry)
		return ERR_PTR(-ECHILD);
	text = read_text(inode);
	if (IS_ERR(text))
		return text;
	spin_lock(&inode->i_lock);
	if (inode->i_link) {          /* somebody was quicker */
		kfree(text);
		text = inode->i_link;
	} else {
		smp_store_release(&inode->i_link, text);
	}
	spin_unlock(&inode->i_lock);
	return text;
}

const struct inode_operations ext2_symlink_inode_operations = {
	.get_link = ext2_get_link,
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
	.listxattr = ext2_listxattr,
};
