/* SPDX-License-Identifier: MIT */
/*
 * export.c -- inodes by number, for handles (fs/vfs/fhandle.c)
 *
 * The inodes of a tmpfs are in no hash, for nobody looks for their numbers but
 * this: it walks the volume's list, which is as long as the volume has files.
 * All of them have dentries, or (O_TMPFILE) are open.
 */

#include "tmpfs.h"

#include <fs/exportfs.h>
#include <kernel/err.h>

static struct inode *tmpfs_export_inode(struct super_block *sb, u64 ino,
					u32 generation)
{
	struct inode *inode, *found = ERR_PTR(-ESTALE);

	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry(inode, &sb->s_inodes, i_sb_list) {
		if (inode->i_ino != ino || inode->i_generation != generation)
			continue;
		spin_lock(&inode->i_lock);
		if (!(inode->i_state & (I_FREEING | I_WILL_FREE))) {
			atomic_inc(&inode->i_count);
			found = inode;
		}
		spin_unlock(&inode->i_lock);
		break;
	}
	spin_unlock(&sb->s_inode_list_lock);
	return found;
}

const struct export_operations tmpfs_export_ops = {
	.get_inode = tmpfs_export_inode,
	.wide = true,
};
