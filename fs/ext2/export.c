/* SPDX-License-Identifier: MIT */
/*
 * export.c -- inodes by number and generation, for handles (fs/vfs/fhandle.c)
 *
 * A handle comes from outside and may hold any number: what is not an inode
 * that can have a name is -ESTALE, and no fault of the volume's.
 */

#include "ext2.h"

#include <fs/exportfs.h>
#include <kernel/err.h>

static struct inode *ext2_export_inode(struct super_block *sb, u64 ino,
				       u32 generation)
{
	const struct ext2_geometry *g = EXT2_GEO(sb);
	struct inode *inode;

	if ((ino < g->first_ino && ino != EXT2_ROOT_INO) ||
	    ino > g->inodes_count)
		return ERR_PTR(-ESTALE);
	inode = ext2_iget(sb, ino);
	if (IS_ERR(inode))
		return inode;
	if (generation && inode->i_generation != generation) {
		iput(inode);
		return ERR_PTR(-ESTALE);
	}
	return inode;
}

static struct inode *ext2_export_parent(struct inode *dir)
{
	static const struct qstr dot_dot = QSTR_INIT("..", 2);
	struct ext2_found found;
	int err;

	inode_lock_shared(dir);
	err = ext2_find_entry(dir, &dot_dot, &found);
	inode_unlock_shared(dir);
	if (err)
		return ERR_PTR(err == -ENOENT ? -ESTALE : err);
	brelse(found.bh);
	return ext2_iget(dir->i_sb, found.ino);
}

const struct export_operations ext2_export_ops = {
	.get_inode = ext2_export_inode,
	.get_parent = ext2_export_parent,
};
