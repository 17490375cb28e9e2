/* SPDX-License-Identifier: MIT */
/*
 * inode.c -- inodes between the disk and the VFS
 *
 * IDEA.  ext2_iget() reads the block of the inode table that an inode is in,
 * and has its neighbours read ahead: who stats one file of a directory stats
 * the next one, too.  write_inode() puts the bytes back into that block, which
 * the flusher writes once for all the inodes in it.  An inode without links is
 * freed when the last user lets go: evict_inode().  If the power fails before,
 * it is an inode that is in use and has no name, which e2fsck frees.
 */

#include "ext2.h"

#include <drivers/blkdev.h>
#include <fs/direct_io.h>
#include <fs/fileattr.h>
#include <fs/posix_acl.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>
#include <mm/filemap.h>
#include <mm/slab.h>
#include <mm/writeback.h>

#define TABLE_READAHEAD 16            /* blocks of an inode table */

/* Read the neighbours of a table's block that must be read itself. */
static void read_neighbours(struct super_block *sb, u32 table, u32 block)
{
	u32 blocks = EXT2_GEO(sb)->itable_blocks;
	u32 first = (block - table) / TABLE_READAHEAD * TABLE_READAHEAD;
	u32 end = min(first + TABLE_READAHEAD, blocks);

	for (; first < end; first++)
		if (table + first != block)
			sb_breadahead(sb, table + first);
}

/* The buffer with the inode's bytes, *raw in it.  ERR_PTR(-EIO, -EINVAL). */
struct buffer_head *ext2_read_raw_inode(struct super_block *sb, u32 ino,
					void **raw)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_group_desc *d;
	struct ext2_inode_place place;
	struct buffer_head *bh;

	d = &sbi->groups[(ino - 1) / sbi->geo.inodes_per_group].place;
	ext2_locate_inode(&sbi->geo, d, ino, &place);
	bh = sb_getblk(sb, place.block);
	if (!bh)
		return ERR_PTR(-ENOMEM);
	if (!buffer_uptodate(bh)) {
		read_neighbours(sb, le32_to_cpu(d->bg_inode_table),
				place.block);
		if (bh_read(bh, 0) < 0) {
			brelse(bh);
			ext2_error(sb, __func__, "inode %u: cannot read block %u",
				   ino, place.block);
			return ERR_PTR(-EIO);
		}
	}
	*raw = bh->b_data + place.offset;
	return bh;
}

/* What the VFS asks for by flag; i_rwsem, or nobody knows the inode yet. */
void ext2_set_inode_flags(struct inode *inode)
{
	u32 flags = EXT2_I(inode)->flags;

	inode->i_flags &= ~(S_SYNC | S_APPEND | S_IMMUTABLE | S_NOATIME |
			    S_DIRSYNC);
	if (flags & EXT2_SYNC_FL)
		inode->i_flags |= S_SYNC;
	if (flags & EXT2_APPEND_FL)
		inode->i_flags |= S_APPEND;
	if (flags & EXT2_IMMUTABLE_FL)
		inode->i_flags |= S_IMMUTABLE;
	if (flags & EXT2_NOATIME_FL)
		inode->i_flags |= S_NOATIME;
	if (flags & EXT2_DIRSYNC_FL)
		inode->i_flags |= S_DIRSYNC;
}

static dev_t read_device(const struct ext2_inode_info *ei)
{
	u32 old = le32_to_cpu(ei->i_data[0]);

	if (old)
		return MKDEV(old >> 8 & 0xff, old & 0xff);
	return new_decode_dev(le32_to_cpu(ei->i_data[1]));
}

/* A symlink whose text stands where the block pointers would. */
static bool is_fast_symlink(const struct inode *inode)
{
	u32 acl = EXT2_I(inode)->file_acl ?
		  inode->i_sb->s_blocksize >> 9 : 0;

	return S_ISLNK(inode->i_mode) && inode->i_blocks == acl &&
	       inode->i_size < (loff_t)sizeof(EXT2_I(inode)->i_data);
}

/* Operations by type; i_mode is one that is known. */
void ext2_set_inode_ops(struct inode *inode)
{
	struct ext2_inode_info *ei = EXT2_I(inode);

	switch (inode->i_mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &ext2_file_inode_operations;
		inode->i_fop = &ext2_file_operations;
		inode->i_mapping->a_ops = &ext2_aops;
		break;
	case S_IFDIR:
		inode->i_op = &ext2_dir_inode_operations;
		inode->i_fop = &ext2_dir_operations;
		break;
	case S_IFLNK:
		inode->i_op = &ext2_symlink_inode_operations;
		if (is_fast_symlink(inode)) {
			((char *)ei->i_data)[inode->i_size] = 0;
			inode->i_link = (char *)ei->i_data;
		}
		break;
	default:
		inode->i_op = &ext2_special_inode_operations;
		init_special_inode(inode, inode->i_mode, inode->i_rdev ?
				   inode->i_rdev : read_device(ei));
		break;
	}
}

static struct timespec64 to_timespec(struct ext2_time t)
{
	return (struct timespec64){ .tv_sec = t.sec, .tv_nsec = t.nsec };
}

static struct ext2_time from_timespec(struct timespec64 t)
{
	return (struct ext2_time){ .sec = t.tv_sec, .nsec = t.tv_nsec };
}

static void take_image(struct inode *inode, const struct ext2_inode_image *i)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	const struct ext2_geometry *g = EXT2_GEO(inode->i_sb);

	inode->i_mode = i->mode;
	inode->i_uid = i->uid;
	inode->i_gid = i->gid;
	if (EXT2_SB(inode->i_sb)->opts.nouid32) {
		inode->i_uid &= 0xffff;
		inode->i_gid &= 0xffff;
	}
	set_nlink(inode, i->links);
	inode->i_size = i->size;
	inode->i_blocks = i->blocks;
	inode->i_atime = to_timespec(i->atime);
	inode->i_mtime = to_timespec(i->mtime);
	inode->i_ctime = to_timespec(i->ctime);
	inode->i_generation = i->generation;
	ei->crtime = i->crtime;
	ei->dtime = i->dtime;
	ei->flags = i->flags;
	ei->file_acl = i->file_acl;
	ei->extra_isize = i->extra_isize;
	ei->group = (inode->i_ino - 1) / g->inodes_per_group;
	memcpy(ei->i_data, i->block, sizeof(ei->i_data));
	ext2_set_inode_flags(inode);
}

static bool type_is_known(umode_t mode)
{
	return ext2_mode_to_type(mode) != EXT2_FT_UNKNOWN;
}

/* Fill an inode from the disk: 0, -EIO, -ESTALE, -EFSCORRUPTED. */
static int fill_inode(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	struct ext2_xattr_list list;
	struct ext2_inode_image image;
	struct buffer_head *bh;
	const char *wrong;
	void *raw, *tail;
	u32 tail_size;

	bh = ext2_read_raw_inode(sb, inode->i_ino, &raw);
	if (IS_ERR(bh))
		return PTR_ERR(bh);
	wrong = ext2_decode_inode(EXT2_GEO(sb), raw, &image);
	if (!wrong) {
		tail = ext2_inode_tail(EXT2_GEO(sb), raw, &tail_size);
		if (ext2_xattr_open_tail(tail, tail_size, &list))
			set_bit(EXT2_STATE_TAIL_XATTR, &EXT2_I(inode)->state);
	}
	brelse(bh);
	if (!image.links && (!image.mode || image.dtime))
		return -ESTALE;
	if (!wrong && !type_is_known(image.mode))
		wrong = "unknown type";
	if (wrong) {
		ext2_error(sb, __func__, "inode %lu: %s",
			   (unsigned long)inode->i_ino, wrong);
		return -EFSCORRUPTED;
	}
	take_image(inode, &image);
	return 0;
}

/* The inode of that number with a reference; ERR_PTR. */
struct inode *ext2_iget(struct super_block *sb, unsigned long ino)
{
	struct inode *inode;
	int err;

	if (!ext2_ino_valid(EXT2_GEO(sb), ino)) {
		ext2_error(sb, __func__, "bad inode number %lu", ino);
		return ERR_PTR(-EFSCORRUPTED);
	}
	inode = iget_locked(sb, ino);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (!(inode->i_state & I_NEW))
		return inode;
	err = fill_inode(inode);
	if (err) {
		make_bad_inode(inode);
		iget_failed(inode);
		return ERR_PTR(err);
	}
	ext2_set_inode_ops(inode);
	unlock_new_inode(inode);
	return inode;
}

/* ---- back to the disk ---- */

static void make_image(struct inode *inode, struct ext2_inode_image *i)
{
	struct ext2_inode_info *ei = EXT2_I(inode);

	memset(i, 0, sizeof(*i));
	i->mode = inode->i_mode;
	i->uid = inode->i_uid;
	i->gid = inode->i_gid;
	if (EXT2_SB(inode->i_sb)->opts.nouid32) {
		i->uid = min(i->uid, 0xffffu);
		i->gid = min(i->gid, 0xffffu);
	}
	i->links = inode->i_nlink;
	i->size = i_size_read(inode);
	i->blocks = inode->i_blocks;
	i->atime = from_timespec(inode->i_atime);
	i->mtime = from_timespec(inode->i_mtime);
	i->ctime = from_timespec(inode->i_ctime);
	i->crtime = ei->crtime;
	i->dtime = ei->dtime;
	i->flags = ei->flags;
	i->generation = inode->i_generation;
	i->file_acl = ei->file_acl;
	i->extra_isize = ei->extra_isize;
	memcpy(i->block, ei->i_data, sizeof(i->block));
}

/* A file of 2 GiB or more: old kernels must not write to the volume. */
static void note_large_file(struct inode *inode)
{
	if (S_ISREG(inode->i_mode) && i_size_read(inode) > 0x7fffffff)
		ext2_set_feature(inode->i_sb, 0, EXT2_RO_COMPAT_LARGE_FILE);
}

/*
 * What must not be later on the disk than the inode: the blocks that it points
 * to, lest they hold what another file left there; and a new inode's name, for
 * e2fsck takes a name without an inode away by itself, but asks what to do with
 * an inode that has no name.
 */
static void write_before(struct inode *inode)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	struct buffer_head *bh;

	if (inode_has_buffers(inode))
		sync_mapping_buffers(inode->i_mapping);
	if (!test_bit(EXT2_STATE_NEW, &ei->state) || !ei->name_block)
		return;
	bh = sb_find_get_block(inode->i_sb, ei->name_block);
	if (bh)
		sync_dirty_buffer(bh);
	brelse(bh);
}

static int write_bytes(struct inode *inode, bool wait)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	const struct ext2_geometry *g = EXT2_GEO(inode->i_sb);
	struct ext2_inode_image image;
	struct buffer_head *bh;
	void *raw;
	int err = 0;

	bh = ext2_read_raw_inode(inode->i_sb, inode->i_ino, &raw);
	if (IS_ERR(bh))
		return PTR_ERR(bh);
	note_large_file(inode);
	if (inode->i_nlink)
		write_before(inode);
	make_image(inode, &image);
	lock_buffer(bh);
	if (test_and_clear_bit(EXT2_STATE_NEW, &ei->state))
		memset(raw, 0, g->inode_size);
	ext2_encode_inode(g, &image, raw);
	unlock_buffer(bh);
	mark_buffer_dirty(bh);
	if (wait) {
		err = sync_dirty_buffer(bh);
		if (err)
			ext2_error(inode->i_sb, __func__,
				   "cannot write inode %lu",
				   (unsigned long)inode->i_ino);
	}
	brelse(bh);
	return err;
}

int ext2_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	if (is_bad_inode(inode))
		return 0;
	return write_bytes(inode, wbc->sync_mode == WB_SYNC_ALL);
}

/* The last user is gone; without links the file goes, too. */
void ext2_evict_inode(struct inode *inode)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	bool last = !inode->i_nlink && !is_bad_inode(inode);

	truncate_inode_pages_final(&inode->i_data);
	if (last) {
		ei->dtime = ktime_get_real_seconds();
		i_size_write(inode, 0);
		ext2_truncate_blocks(inode, 0);
		ext2_xattr_delete_inode(inode);
		write_bytes(inode, false);
	}
	invalidate_inode_buffers(inode);
	ext2_drop_window(inode);
	ext2_nameindex_free(ei->index);
	ei->index = NULL;
	clear_inode(inode);
	if (last)
		ext2_free_inode(inode);
}

/* ---- attributes ---- */

int ext2_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err = setattr_prepare(dentry, attr);

	if (err)
		return err;
	if (attr->ia_valid & ATTR_SIZE && attr->ia_size != inode->i_size) {
		if (!S_ISREG(inode->i_mode))
			return -EINVAL;
		err = ext2_setsize(inode, attr->ia_size);
		if (err)
			return err;
	}
	setattr_copy(inode, attr);
	if (attr->ia_valid & ATTR_MODE)
		err = posix_acl_chmod(inode, inode->i_mode);
	mark_inode_dirty(inode);
	return err;
}

int ext2_getattr(const struct path *path, struct kstat *stat, u32 mask,
		 unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	struct ext2_inode_info *ei = EXT2_I(inode);

	stat->attributes_mask |= STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE |
				 STATX_ATTR_NODUMP;
	if (ei->flags & EXT2_APPEND_FL)
		stat->attributes |= STATX_ATTR_APPEND;
	if (ei->flags & EXT2_IMMUTABLE_FL)
		stat->attributes |= STATX_ATTR_IMMUTABLE;
	generic_fillattr(inode, stat);
	if (ei->extra_isize >= 24) {  /* i_crtime and its extra bits */
		stat->btime = to_timespec(ei->crtime);
		stat->result_mask |= STATX_BTIME;
	}
	return 0;
}

/* ---- pages ---- */

static int ext2_read_folio(struct file *file, struct page *page)
{
	return mpage_read_folio(page, ext2_get_block);
}

static void ext2_readahead(struct readahead_control *rac)
{
	mpage_readahead(rac, ext2_get_block);
}

static int ext2_writepage(struct page *page, struct writeback_control *wbc)
{
	return block_write_full_page(page, ext2_get_block, wbc);
}

static int ext2_writepages(struct address_space *mapping,
			   struct writeback_control *wbc)
{
	return mpage_writepages(mapping, wbc, ext2_get_block);
}

/* A write that failed may have blocks behind the end: give them back. */
static void write_failed(struct address_space *mapping, loff_t to)
{
	struct inode *inode = mapping->host;

	if (to > inode->i_size) {
		truncate_pagecache(inode, inode->i_size);
		ext2_truncate_blocks(inode, inode->i_size);
	}
}

static int ext2_write_begin(struct file *file, struct address_space *mapping,
			    loff_t pos, unsigned len, struct page **pagep,
			    void **fsdata)
{
	int err = block_write_begin(mapping, pos, len, pagep, ext2_get_block);

	if (err < 0)
		write_failed(mapping, pos + len);
	return err;
}

static int ext2_write_end(struct file *file, struct address_space *mapping,
			  loff_t pos, unsigned len, unsigned copied,
			  struct page *page, void *fsdata)
{
	int n = generic_write_end(file, mapping, pos, len, copied, page,
				  fsdata);

	if (n < (int)len)
		write_failed(mapping, pos + len);
	return n;
}

static ssize_t ext2_direct_IO(struct kiocb *iocb, struct iov_iter *iter)
{
	struct address_space *mapping = iocb->ki_filp->f_mapping;
	loff_t end = iocb->ki_pos + iov_iter_count(iter);
	bool write = iov_iter_rw(iter) == WRITE;
	ssize_t n = blockdev_direct_IO(iocb, mapping->host, iter,
				       ext2_get_block);

	if (n < 0 && n != -EIOCBQUEUED && write)
		write_failed(mapping, end);
	return n;
}

static sector_t ext2_bmap(struct address_space *mapping, sector_t block)
{
	return generic_block_bmap(mapping, block, ext2_get_block);
}

const struct address_space_operations ext2_aops = {
	.dirty_folio = block_dirty_folio,
	.invalidate_folio = block_invalidate_folio,
	.read_folio = ext2_read_folio,
	.readahead = ext2_readahead,
	.writepage = ext2_writepage,
	.writepages = ext2_writepages,
	.write_begin = ext2_write_begin,
	.write_end = ext2_write_end,
	.bmap = ext2_bmap,
	.direct_IO = ext2_direct_IO,
};
