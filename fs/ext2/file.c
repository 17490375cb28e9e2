/* SPDX-License-Identifier: MIT */
/*
 * file.c -- regular files: what is not the page cache's; fsync; attributes
 *
 * fsync() of a new file also writes the directories that name it, so that what
 * was synced is found after a power cut: [EXT2_STATE_NEW_ENTRY] is set until
 * that has been done once.
 */

#include "ext2.h"

#include <arch/uaccess.h>
#include <drivers/blkdev.h>
#include <fs/fiemap.h>
#include <fs/fileattr.h>
#include <fs/splice.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/writeback.h>

static int ext2_release_file(struct inode *inode, struct file *file)
{
	struct ext2_inode_info *ei = EXT2_I(inode);

	if (file->f_mode & FMODE_WRITE && ext2_window_exists(&ei->window)) {
		down_write(&ei->i_tree);
		ext2_drop_window(inode);
		up_write(&ei->i_tree);
	}
	return 0;
}

/* ---- fsync ---- */

/* Write the directories above a new name, up to one that is not new. */
static int sync_names(struct dentry *dentry)
{
	struct dentry *d = dget(dentry), *parent;
	int err = 0, e;

	while (!IS_ROOT(d) && test_and_clear_bit(EXT2_STATE_NEW_ENTRY,
						 &EXT2_I(d_inode(d))->state)) {
		parent = dget_parent(d);
		dput(d);
		d = parent;
		err = sync_mapping_buffers(d_inode(d)->i_mapping);
		e = sync_inode_metadata(d_inode(d), 1);
		err = err ? err : e;
		if (err)
			break;
	}
	dput(d);
	return err;
}

int ext2_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct dentry *dentry = file_dentry(file);
	int err = 0, names = 0;

	if (test_and_clear_bit(EXT2_STATE_REUSED,
			       &EXT2_I(file_inode(file))->state))
		names = sync_blockdev(file_inode(file)->i_sb->s_bdev);
	if (!names && !d_unlinked(dentry))
		names = sync_names(dentry);
	err = generic_buffers_fsync(file, start, end, datasync);
	if (err == -EIO || names == -EIO)
		ext2_error(file_inode(file)->i_sb, __func__,
			   "inode %lu: metadata or data were not written",
			   (unsigned long)file_inode(file)->i_ino);
	return err ? err : names;
}

/* ---- holes ---- */

/*
 * SEEK_DATA, SEEK_HOLE: step over what the tree says.  Pages that are dirty
 * over a hole are written first, and then are blocks.
 */
static loff_t seek_hole_data(struct inode *inode, loff_t offset, int whence)
{
	loff_t size = i_size_read(inode);
	u32 bits = inode->i_blkbits;
	struct ext2_mapping map;
	loff_t at;
	int err;

	if (offset < 0 || offset >= size)
		return -ENXIO;
	err = filemap_write_and_wait_range(inode->i_mapping, offset, S64_MAX);
	if (err)
		return err;
	for (at = offset; at < size;
	     at = (loff_t)((at >> bits) + map.count) << bits) {
		err = ext2_map_blocks(inode, at >> bits, U32_MAX, false, &map);
		if (err)
			return err == -EFBIG ? size : err;
		if (!map.block == (whence == SEEK_HOLE))
			return at;
	}
	return whence == SEEK_HOLE ? size : -ENXIO;
}

static loff_t ext2_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file_inode(file);

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_file_llseek(file, offset, whence);
	inode_lock_shared(inode);
	offset = seek_hole_data(inode, offset, whence);
	inode_unlock_shared(inode);
	if (offset >= 0)
		file->f_pos = offset;
	return offset;
}

/* The next run of blocks at or behind *at: 1, 0: none before `end`. */
static int next_extent(struct inode *inode, u64 *at, u64 end,
		       struct ext2_mapping *map)
{
	int err;

	while (*at < end) {
		err = ext2_map_blocks(inode, *at, U32_MAX, false, map);
		if (err)
			return err == -EFBIG ? 0 : err;
		if (map->block)
			return 1;
		*at += map->count;
	}
	return 0;
}

/* Runs that a leaf's edge cuts are one to the reader. */
static int whole_extent(struct inode *inode, u64 *at, u64 end,
			struct ext2_mapping *map)
{
	struct ext2_mapping more;
	int found = next_extent(inode, at, end, map);

	while (found > 0 && *at + map->count < end) {
		int err = ext2_map_blocks(inode, *at + map->count, U32_MAX,
					  false, &more);

		if (err || more.block != map->block + map->count)
			break;
		map->count += more.count;
	}
	return found;
}

int ext2_fiemap(struct inode *inode, struct fiemap_extent_info *info,
		u64 start, u64 len)
{
	u32 bits = inode->i_blkbits;
	struct ext2_mapping map, next;
	u64 at, end, after, file_end;
	int found, err;

	err = fiemap_prep(inode, info, start, &len, 0);
	if (err)
		return err;
	inode_lock_shared(inode);
	at = start >> bits;
	file_end = ((u64)i_size_read(inode) + (1u << bits) - 1) >> bits;
	end = min((start + len + (1u << bits) - 1) >> bits, file_end);
	err = found = whole_extent(inode, &at, end, &map);
	while (found > 0) {
		after = at + map.count;
		found = whole_extent(inode, &after, file_end, &next);
		err = fiemap_fill_next_extent(info, at << bits,
			(u64)map.block << bits, map.count << bits,
			FIEMAP_EXTENT_MERGED |
			(found ? 0 : FIEMAP_EXTENT_LAST));
		if (err || after >= end)
			break;
		at = after;
		map = next;
		cond_resched();
	}
	inode_unlock_shared(inode);
	return found < 0 ? found : err < 0 ? err : 0;
}

/* ---- lsattr and chattr ---- */

int ext2_fileattr_get(struct dentry *dentry, struct fileattr *fa)
{
	fileattr_fill_flags(fa, EXT2_I(d_inode(dentry))->flags &
				EXT2_FL_USER_VISIBLE);
	return 0;
}

/* The VFS has checked who may change S_IMMUTABLE and S_APPEND. */
int ext2_fileattr_set(struct dentry *dentry, struct fileattr *fa)
{
	struct inode *inode = d_inode(dentry);
	struct ext2_inode_info *ei = EXT2_I(inode);

	if (fileattr_has_fsx(fa))
		return -EOPNOTSUPP;
	ei->flags = (ei->flags & ~EXT2_FL_USER_MODIFIABLE) |
		    (fa->flags & EXT2_FL_USER_MODIFIABLE);
	ext2_set_inode_flags(inode);
	inode->i_ctime = current_time(inode);
	mark_inode_dirty(inode);
	return 0;
}

static long set_version(struct file *file, int __user *arg)
{
	struct inode *inode = file_inode(file);
	int generation, err;

	if (!inode_owner_or_capable(inode))
		return -EPERM;
	err = mnt_want_write_file(file);
	if (err)
		return err;
	err = get_user(generation, arg);
	if (!err) {
		inode_lock(inode);
		inode->i_ctime = current_time(inode);
		inode->i_generation = generation;
		mark_inode_dirty(inode);
		inode_unlock(inode);
	}
	mnt_drop_write_file(file);
	return err;
}

long ext2_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case FS_IOC_GETVERSION:
		return put_user(file_inode(file)->i_generation,
				(int __user *)arg);
	case FS_IOC_SETVERSION:
		return set_version(file, (int __user *)arg);
	default:
		return -ENOTTY;
	}
}

const struct file_operations ext2_file_operations = {
	.llseek = ext2_llseek,
	.read_iter = generic_file_read_iter,
	.splice_read = generic_file_splice_read,
	.write_iter = generic_file_write_iter,
	.unlocked_ioctl = ext2_ioctl,
	.mmap = generic_file_mmap,
	.open = generic_file_open,
	.release = ext2_release_file,
	.fsync = ext2_fsync,
};

const struct inode_operations ext2_file_inode_operations = {
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
	.listxattr = ext2_listxattr,
	.get_acl = ext2_get_acl,
	.set_acl = ext2_set_acl,
	.fiemap = ext2_fiemap,
	.fileattr_get = ext2_fileattr_get,
	.fileattr_set = ext2_fileattr_set,
};
