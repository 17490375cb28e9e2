/* SPDX-License-Identifier: MIT */
/*
 * dir.c -- directories: finding, adding and removing names
 *
 * IDEA.  A directory's blocks are metadata like any other: buffers of the
 * block device, found by way of the directory's tree.  A small directory is
 * searched from the block where the last name was found, since names are asked
 * for in the order in which they stand; a larger one by its index in memory
 * (nameindex.c).  A new name goes into the first block that has room, and
 * room_hint says which need not be asked.
 *
 * INVARIANTS
 *   I1  The size is a multiple of the block size, and there are no holes.
 *   I2  An index, if there is one, holds every name.
 *
 * A hash tree that another kernel has made (EXT2_INDEX_FL) is a list, too, for
 * who does not know it.  We clear the flag with the first change; e2fsck and
 * ext4 then take the directory for the list that it is.
 *
 * LOCKING.  The directory's i_rwsem: shared to look, exclusive to change.
 */

#include "ext2.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/writeback.h>
#include <uapi/dirent.h>

#define INDEX_MIN_BLOCKS 3            /* smaller ones are searched at once */
#define DIR_READAHEAD 8

static u32 dir_blocks(const struct inode *dir)
{
	return dir->i_size >> dir->i_sb->s_blocksize_bits;
}

static void bad_dir(struct inode *dir, u32 block, const char *what)
{
	ext2_error(dir->i_sb, "ext2_readdir", "directory %lu, block %u: %s",
		   (unsigned long)dir->i_ino, block, what);
}

/* Have the blocks behind this one read, too. */
static void read_ahead(struct inode *dir, u32 block)
{
	u32 left = dir_blocks(dir) - block - 1;
	struct ext2_mapping map;

	if (!left || ext2_map_blocks(dir, block + 1, min(left, DIR_READAHEAD),
				     false, &map) || !map.block)
		return;
	for (u32 i = 0; i < map.count; i++)
		sb_breadahead(dir->i_sb, map.block + i);
}

/* A block of the directory, read.  ERR_PTR(-EIO, -EFSCORRUPTED). */
static struct buffer_head *dir_block(struct inode *dir, u32 block)
{
	struct ext2_mapping map;
	struct buffer_head *bh;
	int err = ext2_map_blocks(dir, block, 1, false, &map);

	if (!err && !map.block) {
		bad_dir(dir, block, "hole");
		err = -EFSCORRUPTED;
	}
	if (err)
		return ERR_PTR(err);
	bh = sb_getblk(dir->i_sb, map.block);
	if (!bh)
		return ERR_PTR(-ENOMEM);
	if (buffer_uptodate(bh))
		return bh;
	read_ahead(dir, block);
	if (bh_read(bh, 0) >= 0)
		return bh;
	brelse(bh);
	bad_dir(dir, block, "cannot be read");
	return ERR_PTR(-EIO);
}

/* A changed block; the caller marks the inode. */
static int dirty_block(struct inode *dir, struct buffer_head *bh)
{
	inode_inc_iversion(dir);
	mark_buffer_dirty_inode(bh, dir);
	return IS_DIRSYNC(dir) ? sync_dirty_buffer(bh) : 0;
}

static int touch_dir(struct inode *dir, bool times)
{
	if (times)
		dir->i_mtime = dir->i_ctime = current_time(dir);
	EXT2_I(dir)->flags &= ~EXT2_INDEX_FL;
	mark_inode_dirty(dir);
	return IS_DIRSYNC(dir) ? sync_inode_metadata(dir, 1) : 0;
}

/* ---- the index ---- */

static void drop_index(struct ext2_inode_info *ei)
{
	ext2_nameindex_free(ei->index);
	WRITE_ONCE(ei->index, NULL);
}

static int index_block(struct inode *dir, struct ext2_nameindex *x, u32 block)
{
	struct buffer_head *bh = dir_block(dir, block);
	struct ext2_dir_slot slot;
	u32 at = 0;
	int found;

	if (IS_ERR(bh))
		return PTR_ERR(bh);
	while ((found = ext2_dir_entry_at(bh->b_data, bh->b_size, at,
					  &slot)) > 0) {
		at += slot.rec_len;
		if (slot.ino &&
		    !ext2_nameindex_add(x, ext2_name_hash(slot.name,
							  slot.name_len),
					block)) {
			found = -ENOMEM;
			break;
		}
	}
	brelse(bh);
	return found;
}

/* The directory's index, made if need be; NULL: it has none. */
static struct ext2_nameindex *get_index(struct inode *dir)
{
	struct ext2_inode_info *ei = EXT2_I(dir);
	struct ext2_nameindex *x = smp_load_acquire(&ei->index);
	u32 blocks = dir_blocks(dir), i;
	int err = 0;

	if (x || blocks < INDEX_MIN_BLOCKS)
		return x;
	mutex_lock(&ei->index_mutex);
	x = ei->index;
	if (!x) {
		x = ext2_nameindex_new(blocks * (dir->i_sb->s_blocksize / 24));
		for (i = 0; x && !err && i < blocks; i++)
			err = index_block(dir, x, i);
		if (err) {
			ext2_nameindex_free(x);
			x = NULL;
		}
		smp_store_release(&ei->index, x);                /* I2 */
	}
	mutex_unlock(&ei->index_mutex);
	return x;
}

/* ---- find ---- */

/* 0 with the entry, -ENOENT, or -errno. */
static int find_in_block(struct inode *dir, u32 block, const struct qstr *name,
			 struct ext2_found *found)
{
	struct buffer_head *bh = dir_block(dir, block);
	struct ext2_dir_slot slot;
	int at;

	if (IS_ERR(bh))
		return PTR_ERR(bh);
	at = ext2_dir_find(bh->b_data, bh->b_size, (const char *)name->name,
			   name->len);
	if (at == -EFSCORRUPTED)
		bad_dir(dir, block, "bad entry");
	if (at < 0) {
		brelse(bh);
		return at;
	}
	ext2_dir_entry_at(bh->b_data, bh->b_size, at, &slot);
	*found = (struct ext2_found){ bh, block, at, slot.ino };
	return 0;
}

static int find_by_index(struct inode *dir, const struct ext2_nameindex *x,
			 const struct qstr *name, struct ext2_found *found)
{
	u32 hash = ext2_name_hash((const char *)name->name, name->len);
	u32 cursor = 0;
	s64 block;
	int err;

	while ((block = ext2_nameindex_next(x, hash, &cursor)) >= 0) {
		err = find_in_block(dir, block, name, found);
		if (err != -ENOENT)
			return err;
	}
	return -ENOENT;
}

/* The caller releases found->bh.  0, -ENOENT, -EIO, -EFSCORRUPTED. */
int ext2_find_entry(struct inode *dir, const struct qstr *name,
		    struct ext2_found *found)
{
	struct ext2_inode_info *ei = EXT2_I(dir);
	struct ext2_nameindex *x = get_index(dir);
	u32 blocks = dir_blocks(dir), start, n;
	int err;

	if (x)
		return find_by_index(dir, x, name, found);
	start = READ_ONCE(ei->find_hint);
	for (n = 0; n < blocks; n++) {
		u32 block = (start + n) % blocks;

		err = find_in_block(dir, block, name, found);
		if (!err)
			WRITE_ONCE(ei->find_hint, block);
		if (err != -ENOENT)
			return err;
	}
	return -ENOENT;
}

/* ---- change ---- */

static u8 entry_type(const struct inode *inode)
{
	if (!(EXT2_GEO(inode->i_sb)->incompat & EXT2_INCOMPAT_FILETYPE))
		return EXT2_FT_UNKNOWN;
	return ext2_mode_to_type(inode->i_mode);
}

/* A new, empty last block; the size grows when it is filled. */
static struct buffer_head *append_block(struct inode *dir)
{
	struct ext2_mapping map;
	struct buffer_head *bh;
	int err;

	if (dir->i_size + dir->i_sb->s_blocksize > U32_MAX)
		return ERR_PTR(-ENOSPC);
	err = ext2_map_blocks(dir, dir_blocks(dir), 1, true, &map);
	if (err)
		return ERR_PTR(err);
	bh = sb_getblk(dir->i_sb, map.block);
	if (!bh)
		return ERR_PTR(-ENOMEM);
	lock_buffer(bh);
	ext2_dir_init_empty(bh->b_data, bh->b_size);
	set_buffer_uptodate(bh);
	unlock_buffer(bh);
	return bh;
}

static void index_add(struct inode *dir, const struct qstr *name, u32 block)
{
	struct ext2_inode_info *ei = EXT2_I(dir);
	u32 hash = ext2_name_hash((const char *)name->name, name->len);

	if (ei->index && !ext2_nameindex_add(ei->index, hash, block))
		drop_index(ei);
}

/* 0, -ENOSPC: no room in that block, or -errno. */
static int insert_into(struct inode *dir, struct buffer_head *bh, u32 block,
		       const struct qstr *name, struct inode *inode)
{
	int at = ext2_dir_insert(bh->b_data, bh->b_size,
				 (const char *)name->name, name->len,
				 inode->i_ino, entry_type(inode));

	if (at == -EFSCORRUPTED)
		bad_dir(dir, block, "bad entry");
	if (at < 0)
		return at;
	index_add(dir, name, block);
	EXT2_I(dir)->room_hint = block;
	EXT2_I(inode)->name_block = bh->b_blocknr;
	return dirty_block(dir, bh);
}

static int insert_new_block(struct inode *dir, const struct qstr *name,
			    struct inode *inode)
{
	struct buffer_head *bh = append_block(dir);
	u32 block = dir_blocks(dir);
	int err;

	if (IS_ERR(bh)) {
		ext2_truncate_blocks(dir, dir->i_size);
		return PTR_ERR(bh);
	}
	i_size_write(dir, dir->i_size + dir->i_sb->s_blocksize);
	err = insert_into(dir, bh, block, name, inode);
	brelse(bh);
	return err;
}

/* The name is not there; i_rwsem held for writing.  0 or -errno. */
int ext2_add_entry(struct inode *dir, const struct qstr *name,
		   struct inode *inode)
{
	u32 blocks = dir_blocks(dir), block;
	int err = -ENOSPC;

	for (block = min(EXT2_I(dir)->room_hint, blocks);
	     err == -ENOSPC && block < blocks; block++) {
		struct buffer_head *bh = dir_block(dir, block);

		if (IS_ERR(bh))
			return PTR_ERR(bh);
		err = insert_into(dir, bh, block, name, inode);
		brelse(bh);
	}
	if (err == -ENOSPC)
		err = insert_new_block(dir, name, inode);
	if (err)
		return err;
	return touch_dir(dir, true);
}

/* found is what ext2_find_entry() said, under the same lock. */
int ext2_remove_entry(struct inode *dir, const struct qstr *name,
		      struct ext2_found *found)
{
	struct ext2_inode_info *ei = EXT2_I(dir);
	int err = ext2_dir_remove(found->bh->b_data, found->bh->b_size,
				  found->offset);

	if (err) {
		bad_dir(dir, found->block, "bad entry");
		return -EFSCORRUPTED;
	}
	if (ei->index)
		ext2_nameindex_del(ei->index,
				   ext2_name_hash((const char *)name->name,
						  name->len),
				   found->block);
	ei->room_hint = min(ei->room_hint, found->block);
	err = dirty_block(dir, found->bh);
	return err ? err : touch_dir(dir, true);
}

/* Let the entry name another inode. */
int ext2_set_entry(struct inode *dir, struct ext2_found *found,
		   struct inode *inode, bool update_times)
{
	int err = ext2_dir_set_inode(found->bh->b_data, found->bh->b_size,
				     found->offset, inode->i_ino,
				     entry_type(inode));

	if (err)
		return -EFSCORRUPTED;
	err = dirty_block(dir, found->bh);
	return err ? err : touch_dir(dir, update_times);
}

/* The first block of a new directory. */
int ext2_make_empty(struct inode *dir, struct inode *parent)
{
	bool types = EXT2_GEO(dir->i_sb)->incompat & EXT2_INCOMPAT_FILETYPE;
	struct buffer_head *bh = append_block(dir);
	int err;

	if (IS_ERR(bh))
		return PTR_ERR(bh);
	ext2_dir_init(bh->b_data, bh->b_size, dir->i_ino, parent->i_ino, types);
	i_size_write(dir, dir->i_sb->s_blocksize);
	err = dirty_block(dir, bh);
	brelse(bh);
	return err;
}

/* 1: nothing but . and ..; 0; -errno.  What cannot be read is not empty. */
int ext2_dir_empty(struct inode *dir)
{
	u32 blocks = dir_blocks(dir), block;
	int empty = 1;

	for (block = 0; empty > 0 && block < blocks; block++) {
		struct buffer_head *bh = dir_block(dir, block);

		if (IS_ERR(bh))
			return PTR_ERR(bh);
		empty = ext2_dir_is_empty(bh->b_data, bh->b_size, dir->i_ino);
		if (empty < 0)
			bad_dir(dir, block, "bad entry");
		brelse(bh);
	}
	return empty;
}

/* ---- read ---- */

static unsigned char dirent_type(struct inode *dir, u8 type)
{
	static const unsigned char types[EXT2_FT_MAX] = {
		DT_UNKNOWN, DT_REG, DT_DIR, DT_CHR, DT_BLK, DT_FIFO, DT_SOCK,
		DT_LNK,
	};

	if (!(EXT2_GEO(dir->i_sb)->incompat & EXT2_INCOMPAT_FILETYPE) ||
	    type >= EXT2_FT_MAX)
		return DT_UNKNOWN;
	return types[type];
}

/*
 * Emit a block's entries from offset `from` on; names may have come and gone
 * since, so we walk to the first entry at or behind it.  1: go on, 0: enough.
 */
static int emit_block(struct inode *dir, struct buffer_head *bh,
		      struct dir_context *ctx, u32 from)
{
	loff_t start = ctx->pos & ~(loff_t)(bh->b_size - 1);
	struct ext2_dir_slot slot;
	u32 at = 0;
	int found;

	while ((found = ext2_dir_entry_at(bh->b_data, bh->b_size, at,
					  &slot)) > 0) {
		at += slot.rec_len;
		if (slot.offset < from)
			continue;
		ctx->pos = start + slot.offset;
		if (slot.ino && slot.name_len &&
		    !dir_emit(ctx, slot.name, slot.name_len, slot.ino,
			      dirent_type(dir, slot.type)))
			return 0;
		ctx->pos = start + at;
	}
	ctx->pos = start + bh->b_size;
	return found < 0 ? found : 1;
}

static int ext2_readdir(struct file *file, struct dir_context *ctx)
{
	struct inode *dir = file_inode(file);
	u32 bits = dir->i_sb->s_blocksize_bits;
	struct buffer_head *bh;
	int more = 1;

	while (more > 0 && ctx->pos >= 0 && ctx->pos < dir->i_size) {
		u32 block = ctx->pos >> bits;

		bh = dir_block(dir, block);
		if (IS_ERR(bh)) {     /* skip it: the others may be good */
			ctx->pos = ((loff_t)block + 1) << bits;
			return PTR_ERR(bh);
		}
		more = emit_block(dir, bh, ctx, ctx->pos & (bh->b_size - 1));
		if (more < 0)
			bad_dir(dir, block, "bad entry");
		brelse(bh);
		cond_resched();
	}
	return more < 0 ? more : 0;
}

const struct file_operations ext2_dir_operations = {
	.llseek = generic_file_llseek,
	.read = generic_read_dir,
	.iterate_shared = ext2_readdir,
	.unlocked_ioctl = ext2_ioctl,
	.fsync = ext2_fsync,
};
